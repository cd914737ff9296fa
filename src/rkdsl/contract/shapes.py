"""The stretches of steps and the corners of curves, where they are written as numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from rkdsl import messages
from rkdsl.contract import texts
from rkdsl.contract.expressions import written
from rkdsl.contract.report import Report
from rkdsl.contract.scope import Scope
from rkdsl.contract.symbols import Quantified
from rkdsl.language import nodes
from rkdsl.plain import NamedTuple
from rkdsl.values import DAY, PLAIN, Unit, parts_of_period


class Stretch(NamedTuple):
    """The numbers of one step; None where there is no end, and whether an end belongs to it."""

    low: Fraction | None
    has_low: bool
    high: Fraction | None
    has_high: bool
    place: nodes.Key


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
        times = _times(subject, scope)
        measure = _measure_of(subject.expression, scope)
        low, high = ends_of(subject.expression, scope) if measure is None else (measure.low, measure.high)
        if times is None:
            return None, None
        return (low if low is None else low * times), (high if high is None else high * times)
    measure = _measure_of(subject, scope)
    if measure is not None:
        if measure.joined == "sum" and scope.is_open:  # how many are added up is said by whoever uses it
            return (measure.low if measure.low == 0 else None), None
        return measure.low, measure.high
    if isinstance(subject, nodes.Reference) and subject.name.text in scope.values:
        value = scope.values[subject.name.text]
        return value.low, value.high
    return None, None


def _measure_of(subject: nodes.Expression, scope: Scope) -> Quantified | None:
    return scope.measures.get(subject.name.text) if isinstance(subject, nodes.Reference) else None


def _times(subject: nodes.Timed, scope: Scope) -> int | None:
    """How many readings are added up in the period of a subject: one, where none are; None where it is not known."""
    measure = _measure_of(subject.expression, scope)
    return 1 if measure is None or measure.joined != "sum" else _read(subject, measure)


def _read(subject: nodes.Timed, measure: Quantified) -> int | None:
    """Of how many readings the figure of a period is made; None where it is not known."""
    literal = subject.when.period
    if isinstance(literal, nodes.Undecided) or literal.period is None or not measure.rhythm:
        return None
    return len(parts_of_period(literal.period, measure.rhythm)) or None


def is_whole(subject: nodes.Expression, scope: Scope) -> bool:
    """Whether a subject is a count or a day as it is reported: then nothing lies between 4 and 5."""
    if isinstance(subject, nodes.Timed):
        read = _measure_of(subject.expression, scope)
        is_one = read is not None and read.unit.is_count and _read(subject, read) == 1
        return is_one or is_whole(subject.expression, scope)
    if not isinstance(subject, nodes.Reference) or subject.name.text in scope.values:
        return False
    measure = scope.measures.get(subject.name.text)
    if measure is not None:
        return (measure.unit.is_count and measure.joined != "mean") or measure.unit == DAY
    return scope.part(subject.name.text) is not None and "." in subject.name.text and _is_day(subject, scope)


def _is_day(subject: nodes.Reference, scope: Scope) -> bool:
    found = scope.part(subject.name.text)
    return found is not None and found[1] in found[0].milestones


def closed(this: Stretch) -> Stretch:
    """The same whole numbers, with both ends in it."""
    low = this.low if this.low is None or this.has_low else Fraction(math.floor(this.low) + 1)
    high = this.high if this.high is None or this.has_high else Fraction(math.ceil(this.high) - 1)
    low = low if low is None else Fraction(math.ceil(low))
    high = high if high is None else Fraction(math.floor(high))
    return Stretch(low, True, high, True, this.place)


def sides(stretches: Iterable[Stretch], *, whole: bool) -> list[Stretch]:
    """Stretches as they are looked at: of whole numbers, each from its first to just below the next."""
    if not whole:
        return list(stretches)
    found = []
    for each in map(closed, stretches):
        high = each.high if each.high is None else each.high + 1
        found.append(Stretch(each.low, True, high, False, each.place))
    return found


def in_order(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches from the lowest up."""
    return sorted(
        stretches, key=lambda each: (each.low is not None, each.low or Fraction(0), not each.has_low)
    )


def is_partition(stretches: Sequence[Stretch], ends: tuple[Fraction | None, Fraction | None]) -> bool:
    """Whether every number between the ends falls on exactly one stretch."""
    silent = Report("")
    check_partition(stretches, ends, PLAIN, silent)
    return not silent.diagnostics


def check_partition(
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
