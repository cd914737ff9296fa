"""Whether a change of wording makes something easier or harder to reach, and by how much."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction

from rkdsl import messages
from rkdsl.contract.report import held
from rkdsl.contract.symbols import Quantified
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.plain import Final, NamedTuple
from rkdsl.values import DAY, PERCENT, PERCENTAGE_POINTS, PLAIN, Period, Unit

EASIER: Final = "easier"
HARDER: Final = "harder"
MORE: Final = "counts for more"
LESS: Final = "counts for less"
DECIDED: Final = "decided"
LEFT_OPEN: Final = "left open"
MIXED: Final = "partly easier, partly harder"

_WAY: Final = {"at most": 1, "below": 1, "at least": -1, "above": -1}
"""Whether a higher limit is easier (1) or harder."""
_STRICT: Final = ("below", "above")


class Effect(NamedTuple):
    """What a change does, and by how much: `easier` by `500 cases`. Both empty where nothing can be said."""

    word: str = ""
    by: str = ""


class _Move(NamedTuple):
    """How far an end moved: up is positive; `easier` says whether that is easier (1), harder (-1) or neither."""

    ease: int
    by: str


Ends = Sequence[tuple[nodes.Stated[nodes.Expression], nodes.Stated[nodes.Expression], int, str]]
"""Pairs of values before and after, whether a higher one is easier (1) or harder (-1), and what they are called."""


def effect(
    before: Sequence[nodes.Node], after: Sequence[nodes.Node], measures: Mapping[str, Quantified], points: str
) -> Effect:
    """What it does that statements of one kind gave way to others. `points` is what weights are counted in."""
    if len(before) != len(after):
        return Effect()
    found = [_one(*pair, measures, points) for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    return _together(found)


def _one(before: nodes.Node, after: nodes.Node, measures: Mapping[str, Quantified], points: str) -> Effect:
    match before, after:
        case nodes.Weight(), nodes.Weight():
            return _weight(before, after, points)
        case nodes.Milestone(), nodes.Milestone():
            return _milestone(before, after)
        case nodes.Target(), nodes.Target():
            return _target(before, after, measures)
    return Effect()


def _target(before: nodes.Target, after: nodes.Target, measures: Mapping[str, Quantified]) -> Effect:
    if len(before.conditions) != len(after.conditions) or before.joined != after.joined:
        return Effect()
    found: list[Effect] = []
    unit: Unit | None = None
    for one, other in zip(before.conditions, after.conditions, strict=True):
        if one.subject is not None:  # after `or` and `and` it stands for those that follow
            unit = _unit(one.subject, measures)
        if one != other:
            found.append(_condition(one, other, unit))
    return _together(found)


def _together(effects: Sequence[Effect]) -> Effect:
    words = {each.word for each in effects}
    if len(words) == 1:
        return Effect(words.pop(), ", ".join(each.by for each in effects if each.by))
    return Effect(MIXED) if words == {EASIER, HARDER} else Effect()


def _weight(before: nodes.Weight, after: nodes.Weight, points: str) -> Effect:
    first, second = _governing(before.high), _governing(after.high)
    if before.choices or after.choices or before.low != after.low or before.on_top != after.on_top:
        return Effect()
    one, other = _number(first, PLAIN), _number(second, PLAIN)
    if one is None or other is None or one == other:
        return _settled(first, second)
    return Effect(MORE if other > one else LESS, f"{messages.number_text(abs(other - one))} {points}")


def _milestone(before: nodes.Milestone, after: nodes.Milestone) -> Effect:
    first, second = _governing(before.deadline), _governing(after.deadline)
    if not isinstance(first, nodes.When) or not isinstance(second, nodes.When):
        return Effect()
    one, other = _last_day(first), _last_day(second)
    if one is None or other is None or one == other:
        return _settled(first.period, second.period)
    days = (other - one).days
    return Effect(EASIER if days > 0 else HARDER, _counted_days(days))


def _counted_days(days: int) -> str:
    return f"{abs(days)} day{'' if abs(days) == 1 else 's'}"


def _last_day(when: nodes.When) -> datetime.date | None:
    period = when.period.period if isinstance(when.period, nodes.PeriodLiteral) else None
    if period is None:
        return None
    if when.word != "before":
        return period.last
    return period.first - datetime.timedelta(days=1) if period.first > datetime.date.min else None


# ---- conditions


def _condition(before: nodes.Condition, after: nodes.Condition, unit: Unit | None) -> Effect:
    """The same subject in the same period, held against another value."""
    if before.subject != after.subject or before.when != after.when:
        return Effect()
    match before.test, after.test:
        case nodes.Limit() as one, nodes.Limit() as other:
            return _limit(one, other, unit)
        case nodes.Between() as one, nodes.Between() as other:
            return _moved(((one.low, other.low, -1, "low end"), (one.high, other.high, 1, "high end")), unit)
        case nodes.Change() as one, nodes.Change() as other:
            return _change(one, other)
        case nodes.Unchanged() as one, nodes.Unchanged() as other if one.base == other.base:
            return _moved(((one.tolerance, other.tolerance, 1, ""),), unit)
        case nodes.Linear() as one, nodes.Linear() as other:
            return _linear(one, other, unit)
    return Effect()


def _limit(one: nodes.Limit, other: nodes.Limit, unit: Unit | None) -> Effect:
    way, new = _WAY.get(one.comparison, 0), _WAY.get(other.comparison, 0)
    if not way or way != new:
        return Effect()
    if one.value == other.value:
        return Effect(HARDER if other.comparison in _STRICT else EASIER)
    found = _moved(((one.value, other.value, way, ""),), unit)
    is_same = one.comparison == other.comparison
    return found if is_same else found._replace(by="")


def _change(one: nodes.Change, other: nodes.Change) -> Effect:
    """A fall by at least so much is harder the larger it is; one by at most so much is easier."""
    same = (one.direction, one.comparison, one.base) == (other.direction, other.comparison, other.base)
    way = {"at least": -1, "at most": 1}.get(one.comparison, 0)
    if not same or not way or one.amount is None or other.amount is None:
        return Effect()
    return _moved(((one.amount, other.amount, way, ""),), None)


def _linear(one: nodes.Linear, other: nodes.Linear, unit: Unit | None) -> Effect:
    ends = [_number(_governing(each), unit or PLAIN) for each in (one.start, one.end, other.start, other.end)]
    start, end, new_start, new_end = ends
    if start is None or end is None or new_start is None or new_end is None:
        return Effect()
    way = 1 if end < start else -1
    if way != (1 if new_end < new_start else -1):
        return Effect()
    return _moved(((one.start, other.start, way, "start"), (one.end, other.end, way, "end")), unit)


def _moved(ends: Ends, unit: Unit | None) -> Effect:
    """What it does that ends moved: easier where all that moved did so to the easier side."""
    moves = [_move(*each, unit) for each in ends if each[0] != each[1]]
    if not moves or None in moves:
        return _settled(*map(_governing, ends[0][:2])) if len(ends) == 1 else Effect()
    eases = {each.ease for each in moves if each is not None}
    by = ", ".join(each.by for each in moves if each is not None)
    if len(eases) == 1:
        return Effect(EASIER if eases.pop() > 0 else HARDER, by)
    return Effect(MIXED, by)


def _move(
    before: nodes.Stated[nodes.Expression],
    after: nodes.Stated[nodes.Expression],
    way: int,
    name: str,
    unit: Unit | None,
) -> _Move | None:
    first, second = _governing(before), _governing(after)
    if unit is None:
        unit = _written_unit(first)
        if unit != _written_unit(second):
            return None
    one, other = _number(first, unit), _number(second, unit)
    if one is None or other is None or one == other:
        return None
    by = _far(abs(other - one), unit)
    return _Move(way if other > one else -way, f"{name} by {by}" if name else by)


def _far(distance: Fraction, unit: Unit) -> str:
    """A distance in a unit: of two percentages in percentage points, of two days in days."""
    if unit == DAY:
        return _counted_days(int(distance))
    return messages.number_text(distance, {PERCENT: PERCENTAGE_POINTS}.get(unit, unit))


def _settled(first: nodes.Node | None, second: nodes.Node | None) -> Effect:
    """Something that was open is decided, or the other way round."""
    was_open, is_open = (isinstance(each, nodes.Undecided | nodes.Unclear) for each in (first, second))
    if was_open == is_open:
        return Effect()
    return Effect(DECIDED if was_open else LEFT_OPEN)


def _governing(stated: nodes.Stated[nodes.V_co]) -> nodes.V_co | None:
    """The value that holds, where one does."""
    if len(stated.statements) == 1:
        return stated.first
    return next((each.value for each in stated.statements if each.governs), None)


def _number(value: nodes.Node | None, unit: Unit) -> Fraction | None:
    match value:
        case nodes.Quantity():
            return held(value, unit)
        case nodes.PeriodLiteral(period=Period(first=first)):
            return Fraction(first.toordinal())
    return None


def _written_unit(value: nodes.Node | None) -> Unit:
    return UNITS[value.unit] if isinstance(value, nodes.Quantity) and value.unit else PLAIN


def _unit(subject: nodes.Expression | None, measures: Mapping[str, Quantified]) -> Unit | None:
    """The unit of a measure; None for anything to be worked out: it is that of the number beside it."""
    if isinstance(subject, nodes.Reference) and subject.name.text in measures:
        return measures[subject.name.text].unit
    return None
