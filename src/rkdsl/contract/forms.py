"""Checks the forms of a function: steps without gap or overlap, curves with their ends, ranges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from rkdsl import messages
from rkdsl.contract import conditions, texts, units
from rkdsl.contract.expressions import Body, unit_of, written
from rkdsl.contract.report import Report, inside, value_of
from rkdsl.contract.scope import Scope, direction_of, values_of, words_of
from rkdsl.language import nodes
from rkdsl.values import PLAIN, WORD, Unit

ENDS: Final = ("flat", "continued")
MODES: Final = (
    "up",
    "down",
    "toward zero",
    "away from zero",
    "half up",
    "half away from zero",
    "half to even",
)


class Stretch(NamedTuple):
    """The numbers of one step; None where there is no end, and whether an end belongs to it."""

    low: Fraction | None
    has_low: bool
    high: Fraction | None
    has_high: bool
    place: nodes.Key


def check_body(body: Body, scope: Scope, better: str = "") -> None:
    """What a body is made of; `better` says which way of its result is better, where that is declared."""
    if isinstance(body, nodes.Stated):
        scope.report.one_governs(body)
        conditions.check_periods(body, scope)
    for each in inside(body):
        if isinstance(each, nodes.Call):
            for argument in each.arguments:
                if isinstance(argument, nodes.Condition):
                    conditions.check_conditions(nodes.Conditions((argument,), span=argument.span), scope)
    match body:
        case nodes.Conditions():
            conditions.check_conditions(body, scope)
        case nodes.Rows(rows=rows):
            for row in rows:
                conditions.check_conditions(row.conditions, scope)
        case nodes.Steps():
            _check_steps(body, scope)
        case nodes.Curve():
            _check_curve(body, scope, better)
    if not isinstance(body, nodes.Stated | nodes.Conditions):
        for value in values_of(body):
            conditions.check_periods(value, scope)


# ---- ranges and rounding


def check_range(bounds: nodes.Range, unit: Unit, report: Report) -> tuple[Fraction | None, Fraction | None]:
    """The ends of a range in a unit, reported where they do not fit it."""
    place = report.place(bounds.span)
    if bounds.choices:
        return _check_choices(bounds, unit, report)
    if unit.shown in ("truth", "day", "word"):
        report.add(texts.range_out_of_place(place, str(unit)))
        return None, None
    shared = next((each.unit for each in (bounds.low, bounds.high) if each is not None and each.unit), "")
    ends = [_end(each, shared, unit, report) for each in (bounds.low, bounds.high)]
    if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
        report.add(messages.range_turned_round(place))
    return ends[0], ends[1]


def _end(end: nodes.Quantity | None, shared: str, unit: Unit, report: Report) -> Fraction | None:
    """One end: `0..100 %` has one unit for both."""
    if end is None:
        return None
    whole = nodes.Quantity(end.number, end.decimals, end.magnitude, end.unit or shared, span=end.span)
    return value_of(whole, unit, report, lenient=True)


def _check_choices(
    bounds: nodes.Range, unit: Unit, report: Report
) -> tuple[Fraction | None, Fraction | None]:
    """A list of words for a word, of numbers for a number."""
    numbers = []
    for each in bounds.choices:
        if isinstance(each, nodes.Word) != (unit == WORD) or not isinstance(
            each, nodes.Word | nodes.Quantity
        ):
            report.add(texts.range_out_of_place(report.place(each.span), str(unit)))
        elif isinstance(each, nodes.Quantity):
            numbers.append(value_of(each, unit, report, lenient=True))
    known = [each for each in numbers if each is not None]
    return (min(known), max(known)) if known else (None, None)


def check_rounding(rounding: nodes.Rounding, unit: Unit | None, report: Report) -> None:
    """A mode of the language, and a step above zero in the unit of what is rounded."""
    if rounding.mode.text not in MODES:
        report.add(
            texts.unknown_word(report.place(rounding.mode.span), rounding.mode.text, "way to round", MODES)
        )
    if unit is None:
        return
    if unit.shown in ("truth", "word", "day"):
        report.add(messages.units_differ(report.place(rounding.span), str(unit), "a number"))
        return
    step = value_of(rounding.step, unit, report)
    if step is not None and step <= 0:
        report.add(messages.weight_below_zero(report.place(rounding.step.span)))


def check_literals(body: Body, bounds: nodes.Range, unit: Unit, report: Report) -> None:
    """What is written in a body lies in its range."""
    low, high = check_range(bounds, unit, report)
    words = [each.text for each in bounds.choices if isinstance(each, nodes.Word)]
    for value in values_of(body):
        number = written(value, unit)
        if number is not None and (
            (low is not None and number < low) or (high is not None and number > high)
        ):
            report.add(texts.outside_range(report.place(value.span), number, low, high, unit))
        if isinstance(value, nodes.Word) and words and value.text not in words:
            report.add(texts.unknown_word(report.place(value.span), value.text, "word of the range", words))


# ---- steps


def _check_steps(steps: nodes.Steps, scope: Scope) -> None:
    keys = [each.key for each in steps.steps]
    _check_keys(steps.subject, keys, scope, steps)
    width = 1
    if steps.across is not None:
        _check_keys(steps.across.subject, steps.across.keys, scope, steps.across)
        width = len(steps.across.keys)
    for step in steps.steps:
        if len(step.values) != width:
            scope.report.add(texts.other_row(scope.report.place(step.span), len(step.values), width))


def _check_keys(
    subject: nodes.Expression, keys: Sequence[nodes.Key], scope: Scope, whole: nodes.Steps | nodes.Across
) -> None:
    """One side: every value of the subject falls on exactly one stretch."""
    conditions.check_periods(subject, scope)
    unit = unit_of(subject, scope, None, None)
    if unit is None:
        return
    if unit == WORD:
        _check_words(subject, keys, scope, whole)
        return
    if unit.shown == "truth":
        scope.report.add(messages.truths_and_numbers(scope.report.place(subject.span), str(unit), "a number"))
        return
    for key in keys:
        for edge in key.edges:
            _check_edge(edge, unit, scope)
    stretches = [stretch(key, unit) for key in keys]
    known = [each for each in stretches if each is not None]
    if len(known) == len(keys) and not scope.report.has_mistake_in(whole.span):
        _check_partition(known, ends_of(subject, scope), unit, scope.report)


def _check_edge(edge: nodes.Edge, unit: Unit, scope: Scope) -> None:
    scope.report.one_governs(edge.value)
    conditions.check_periods(edge.value, scope)
    for statement in edge.value.statements:
        if isinstance(statement.value, nodes.Word):
            scope.report.add(texts.words_and_numbers(scope.report.place(edge.span)))
            continue
        found = unit_of(statement.value, scope, unit, None)
        if found is not None and not units.comparable(found, unit):
            place = scope.report.place(statement.value.span)
            scope.report.add(messages.units_differ(place, str(found), str(unit)))


def _check_words(
    subject: nodes.Expression, keys: Sequence[nodes.Key], scope: Scope, whole: nodes.Steps | nodes.Across
) -> None:
    known, seen = words_of(subject, scope), dict[str, nodes.Key]()
    for key in keys:
        word = word_of(key)
        if word is None:
            scope.report.add(texts.words_and_numbers(scope.report.place(key.span)))
        elif seen.setdefault(word, key) is not key:
            scope.report.add(texts.overlap(scope.report.place(key.span), scope.report.place(seen[word].span)))
        elif known and word not in known:
            scope.report.add(texts.unknown_word(scope.report.place(key.span), word, "word of this", known))
    missing = [each for each in known if each not in seen]
    if missing:
        scope.report.add(texts.gap(scope.report.place(whole.span), texts.unused_words(missing)))


def word_of(key: nodes.Key) -> str | None:
    """The word that a key is exactly; None where it is another key."""
    if len(key.edges) != 1 or key.edges[0].comparison != "exactly" or len(key.edges[0].value.statements) != 1:
        return None
    value = key.edges[0].value.first
    return value.text if isinstance(value, nodes.Word) else None


def stretch(key: nodes.Key, unit: Unit) -> Stretch | None:
    """The numbers of a step whose edges are written; None where one is to be worked out."""
    low: tuple[Fraction | None, bool] = (None, False)
    high: tuple[Fraction | None, bool] = (None, False)
    for edge in key.edges:
        if len(edge.value.statements) != 1:
            return None
        number = written(edge.value.first, unit)
        if number is None:
            return None
        if edge.comparison in ("at least", "above", "exactly"):
            low = max(low, (number, edge.comparison == "above"), key=_as_low)
        if edge.comparison in ("at most", "below", "exactly"):
            high = min(high, (number, edge.comparison == "below"), key=_as_high)
    return Stretch(low[0], not low[1], high[0], not high[1], key)


def _as_low(end: tuple[Fraction | None, bool]) -> tuple[bool, Fraction, bool]:
    return end[0] is not None, end[0] or Fraction(0), end[1]


def _as_high(end: tuple[Fraction | None, bool]) -> tuple[bool, Fraction, bool]:
    return end[0] is None, end[0] or Fraction(0), not end[1]


def ends_of(subject: nodes.Expression, scope: Scope) -> tuple[Fraction | None, Fraction | None]:
    """Between which numbers a subject lies, where it is a measure or fact with a range."""
    if isinstance(subject, nodes.Timed):
        return ends_of(subject.expression, scope)
    if isinstance(subject, nodes.Reference) and subject.name.text in scope.measures:
        measure = scope.measures[subject.name.text]
        return measure.low, measure.high
    return None, None


def in_order(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches from the lowest up."""
    return sorted(
        stretches, key=lambda each: (each.low is not None, each.low or Fraction(0), not each.has_low)
    )


def is_partition(stretches: Sequence[Stretch], ends: tuple[Fraction | None, Fraction | None]) -> bool:
    """Whether every number between the ends falls on exactly one stretch."""
    silent = Report("")
    _check_partition(stretches, ends, PLAIN, silent)
    return not silent.diagnostics


def _check_partition(
    stretches: Sequence[Stretch], ends: tuple[Fraction | None, Fraction | None], unit: Unit, report: Report
) -> None:
    """Stretches that lie side by side from end to end."""
    ordered = in_order(stretches)
    for each in ordered:
        if _is_empty(each):
            report.add(texts.impossible_step(report.place(each.place.span)))
            return
    first, last = ordered[0], ordered[-1]
    if not _reaches_down(first, ends[0]):
        assert first.low is not None
        where = f"{'less than' if first.has_low else 'at most'} {messages.number_text(first.low, unit)}"
        report.add(texts.gap(report.place(first.place.span), where))
    for left, right in pairwise(ordered):
        _check_neighbours(left, right, unit, report)
    if not _reaches_up(last, ends[1]):
        assert last.high is not None
        where = f"{'more than' if last.has_high else 'at least'} {messages.number_text(last.high, unit)}"
        report.add(texts.gap(report.place(last.place.span), where))


def _is_empty(this: Stretch) -> bool:
    if this.low is None or this.high is None:
        return False
    return this.low > this.high or (this.low == this.high and not (this.has_low and this.has_high))


def _reaches_down(first: Stretch, end: Fraction | None) -> bool:
    return first.low is None or (
        end is not None and (first.low < end or (first.low == end and first.has_low))
    )


def _reaches_up(last: Stretch, end: Fraction | None) -> bool:
    return last.high is None or (
        end is not None and (last.high > end or (last.high == end and last.has_high))
    )


def _check_neighbours(left: Stretch, right: Stretch, unit: Unit, report: Report) -> None:
    if left.high is None or right.low is None or left.high > right.low:
        report.add(texts.overlap(report.place(right.place.span), report.place(left.place.span)))
    elif left.high == right.low:
        if left.has_high and right.has_low:
            report.add(texts.overlap(report.place(right.place.span), report.place(left.place.span)))
        elif not left.has_high and not right.has_low:
            where = f"exactly {messages.number_text(left.high, unit)}"
            report.add(texts.gap(report.place(right.place.span), where))
    else:
        low, high = messages.number_text(left.high, unit), messages.number_text(right.low, unit)
        report.add(texts.gap(report.place(right.place.span), f"what lies between {low} and {high}"))


# ---- curves


class Corner(NamedTuple):
    """A corner of a curve: its `at`, and what it comes to from `below` and goes on with `above`, if it jumps."""

    at: nodes.CurveKnot
    below: nodes.CurveKnot | None = None
    above: nodes.CurveKnot | None = None


def corners(curve: nodes.Curve) -> list[Corner]:
    """The corners in the order of the text; rows for one corner say the same `at`."""
    found: dict[nodes.Stated[nodes.Expression], dict[str, nodes.CurveKnot]] = {}
    for row in curve.rows:
        if isinstance(row, nodes.CurveKnot):
            found.setdefault(row.at, {}).setdefault(row.side, row)
    return [
        Corner(each["at"], each.get("below"), each.get("above")) for each in found.values() if "at" in each
    ]


def end_of(curve: nodes.Curve, side: str) -> nodes.CurveEnd | None:
    """What a curve says holds outside its corners on one side."""
    ends = (each for each in curve.rows if isinstance(each, nodes.CurveEnd) and each.side == side)
    return next(ends, None)


def _check_curve(curve: nodes.Curve, scope: Scope, better: str) -> None:
    report = scope.report
    conditions.check_periods(curve.subject, scope)
    unit = unit_of(curve.subject, scope, None, None)
    if unit is not None and unit.shown in ("truth", "word"):
        report.add(messages.truths_and_numbers(report.place(curve.subject.span), str(unit), "a number"))
        return
    known = corners(curve)
    _check_jumps(curve, report)
    _check_curve_ends(curve, len(known), report)
    if unit is None:
        return
    for row in curve.rows:
        if isinstance(row, nodes.CurveKnot):
            _check_edge(nodes.Edge("at", row.at, span=row.span), unit, scope)
            report.one_governs(row.value)
    for before, after in pairwise(known):
        low, high = (written(each.at.at.first, unit) for each in (before, after))
        if low is not None and high is not None and low >= high:
            report.add(texts.corners_out_of_order(report.place(after.at.span), report.place(before.at.span)))
    check_course(curve, direction_of(curve.subject, scope), better, report)


def _check_jumps(curve: nodes.Curve, report: Report) -> None:
    """Each row once for its corner; a jump stands beside its corner, and on one side."""
    rows = [each for each in curve.rows if isinstance(each, nodes.CurveKnot)]
    first: dict[tuple[str, nodes.Stated[nodes.Expression]], nodes.CurveKnot] = {}
    settled = {each.at for each in rows if each.side == "at"}
    for row in rows:
        if first.setdefault((row.side, row.at), row) is not row:
            place = report.place(first[row.side, row.at].span)
            report.add(texts.corners_out_of_order(report.place(row.span), place))
        elif row.side != "at" and row.at not in settled:
            report.add(texts.jump_without_corner(report.place(row.span), row.side))
        elif row.side == "above" and ("below", row.at) in first:
            place = report.place(first["below", row.at].span)
            report.add(texts.corners_out_of_order(report.place(row.span), place))


def _check_curve_ends(curve: nodes.Curve, count: int, report: Report) -> None:
    for side in ("below", "above"):
        ends = [each for each in curve.rows if isinstance(each, nodes.CurveEnd) and each.side == side]
        for each in ends[1:]:
            report.twice(each.span, side, ends[0].span)
        if not ends:
            report.add(texts.end_missing(report.place(curve.span), side))
            continue
        end = ends[0].end
        needed = 2 if all(isinstance(each.end, nodes.NoValue) for each in _ends_of(curve)) else 1
        if isinstance(end, nodes.Identifier):
            needed = 2 if end.text == "continued" else 1
            if end.text not in ENDS:
                report.add(texts.unknown_word(report.place(end.span), end.text, "end of a curve", ENDS))
        if count < needed:
            report.add(texts.few_corners(report.place(ends[0].span), needed))


def _ends_of(curve: nodes.Curve) -> list[nodes.CurveEnd]:
    return [each for each in curve.rows if isinstance(each, nodes.CurveEnd)]


def check_course(curve: nodes.Curve, subject: str, better: str, report: Report) -> None:
    """A curve for something that is better when lower does not rise, and the other way round."""
    if subject not in ("lower", "higher") or better not in ("lower", "higher"):
        return
    for before, after in pairwise(corners(curve)):
        first, last = written(before.at.value.first, PLAIN), written(after.at.value.first, PLAIN)
        if first is None or last is None or first == last:
            continue
        if (last > first) != (subject == better):
            report.add(texts.curve_against(report.place(after.at.span), subject))
            return
