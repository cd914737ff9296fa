"""Checks the forms of a function: steps without gap or overlap, curves with their ends, ranges."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from rkdsl import messages
from rkdsl.contract import conditions, texts, units
from rkdsl.contract.expressions import Body, unit_of, written
from rkdsl.contract.report import Report, children, value_of
from rkdsl.contract.scope import Scope, direction_of, values_of, words_of
from rkdsl.contract.shapes import check_partition, corners, ends_of, is_whole, sides, stretch, word_of
from rkdsl.language import nodes
from rkdsl.plain import evolve
from rkdsl.values import PLAIN, ROUNDINGS, WORD, Unit

ENDS: Final = ("flat", "continued")


def check_body(body: Body, scope: Scope, better: str = "") -> None:
    """What a body is made of; `better` says which way of its result is better, where that is declared."""
    if isinstance(body, nodes.Stated):
        scope.report.one_governs(body)
        conditions.check_periods(body, scope)
    _check_arguments(body, scope)
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


def _check_arguments(body: Body, scope: Scope) -> None:
    """The conditions among arguments; inside a calculation with a period, its measures are read in that."""
    covered = evolve(scope, is_open=True)
    pending: list[tuple[nodes.Node, bool]] = [(body, False)]
    while pending:
        each, is_covered = pending.pop()
        is_covered = is_covered or isinstance(each, nodes.Timed)
        if isinstance(each, nodes.Call):
            for argument in each.arguments:
                if isinstance(argument, nodes.Condition):
                    found = nodes.Conditions((argument,), span=argument.span)
                    conditions.check_conditions(found, covered if is_covered else scope)
        timed = each.subject if isinstance(each, nodes.Condition) and each.when is not None else None
        pending += [(part, is_covered or part is timed) for part in children(each)]


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
    if rounding.mode.text not in ROUNDINGS:
        report.add(
            texts.unknown_word(
                report.place(rounding.mode.span), rounding.mode.text, "way to round", ROUNDINGS
            )
        )
    if unit is None:
        return
    if unit.shown in ("truth", "word", "day"):
        report.add(messages.units_differ(report.place(rounding.span), str(unit), "a number"))
        return
    step = value_of(rounding.step, unit, report)
    if step is not None and step <= 0:
        report.add(messages.weight_below_zero(report.place(rounding.step.span)))


def check_literals(
    body: Body, bounds: nodes.Range, unit: Unit, report: Report
) -> tuple[Fraction | None, Fraction | None]:
    """What is written in a body lies in its range, whose ends are given back."""
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
    return low, high


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
        known = sides(known, whole=is_whole(subject, scope))
        check_partition(known, ends_of(subject, scope), unit, scope.report)


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
    if missing and all(word_of(key) is not None for key in keys):
        scope.report.add(texts.gap(scope.report.place(whole.span), texts.unused_words(missing)))


# ---- curves


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
