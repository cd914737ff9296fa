"""Sums and means over members that may or may not take part, of which some are open.

What settled members come to, and in which order it is decided, says `rkdsl.rules.settled`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from fractions import Fraction

from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.operations import add, as_number, multiply, negate, strict_states
from rkdsl.rules.possible import (
    DIVISION_BY_ZERO,
    NOTHING,
    ONE,
    ZERO,
    Interval,
    Possible,
    hull,
    interval,
    is_even,
    known,
    merge_states,
    point,
    union,
)
from rkdsl.rules.settled import TOO_FEW
from rkdsl.rules.tree import Gather, Ref
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED


class _Member(NamedTuple):
    """A member that can take part, with its weight."""

    numbers: Interval
    weight: Possible


_UNWEIGHTED: Final = known(ONE)


def gather(row: Gather, value_of: Callable[[Ref], Possible]) -> Possible:
    """What the gathering can be."""
    members = [as_number(value_of(member)) for member in row.members]
    weights = [as_number(value_of(weight)) for weight in row.weights] or [_UNWEIGHTED] * len(members)
    found, goes_on = _stopped_by_members(row, members)
    least = max(row.needs, 1)
    if row.applying:
        at_most = sum(each.has_value or each.state(NOT_DEFINED) is not None for each in members)
        at_least = sum(each.state(NOT_APPLICABLE) is None for each in members)
        found = found if at_most >= least else NOTHING
        if at_least < least:
            few = known(TOO_FEW) if row.otherwise is None else as_number(value_of(row.otherwise))
            found = union(found, few)
    if not goes_on:
        return found
    certain, uncertain = _taking_part(row, members, weights)
    if not row.applying and len(certain) < least:
        found = union(found, known(TOO_FEW) if row.otherwise is None else as_number(value_of(row.otherwise)))
    if len(certain) + len(uncertain) < least:
        return found
    stopped = merge_states(state for member in certain + uncertain for state in member.weight.states)
    if stopped:
        forced = strict_states([member.weight for member in certain])
        if any(not member.weight.has_value for member in certain):
            stopped = merge_states((*forced, *(state for state in stopped if state.kind == NOT_DEFINED)))
        found = union(found, Possible(states=stopped))
        uncertain = [member for member in uncertain if member.weight.has_value]
    if any(not member.weight.has_value for member in certain) or len(certain) + len(uncertain) < least:
        return found
    return union(found, _values(row, certain, uncertain, least))


def _stopped_by_members(row: Gather, members: Sequence[Possible]) -> tuple[Possible, bool]:
    """The states that members force on the whole, and whether anything else is possible."""
    if not row.applying:
        return Possible(states=strict_states(members)), all(member.has_value for member in members)
    undefined = merge_states(
        state for member in members for state in member.states if state.kind == NOT_DEFINED
    )
    goes_on = all(member.has_value or member.state(NOT_APPLICABLE) is not None for member in members)
    return Possible(states=undefined), goes_on


def _taking_part(
    row: Gather, members: Sequence[Possible], weights: Sequence[Possible]
) -> tuple[list[_Member], list[_Member]]:
    """The members that take part whatever happens, and those that may turn out not to apply."""
    certain: list[_Member] = []
    uncertain: list[_Member] = []
    for member, weight in zip(members, weights, strict=True):
        if member.numbers is None:
            continue
        unsure = row.applying and member.state(NOT_APPLICABLE) is not None
        (uncertain if unsure else certain).append(_Member(member.numbers, weight))
    return certain, uncertain


def _values(row: Gather, certain: list[_Member], uncertain: list[_Member], least: int) -> Possible:
    if row.op == "weighted mean":
        return _weighted_mean(row, certain, uncertain, least)
    if row.pick == "all" and not uncertain:
        return Possible(_plain(row.op, [member.numbers for member in certain]))
    here, there = ([member.numbers for member in side] for side in (certain, uncertain))
    low = _least(row.op, row.pick, row.count, here, there, least)
    here, there = ([negate(numbers) for numbers in side] for side in (here, there))
    high = _least(row.op, _MIRRORED[row.pick], row.count, here, there, least)
    whole = row.op == "sum" and all(numbers.whole for numbers in here + there)
    return Possible(_from_ends(low, high, whole, not there and all(map(is_even, here))))


def _plain(op: str, numbers: Sequence[Interval]) -> Interval:
    """The sum or mean of members that all take part."""
    total = point(ZERO)
    for each in numbers:
        total = add(total, each)
    return total if op == "sum" else multiply(total, point(Fraction(1, len(numbers))))


# The least a gathering can be; the greatest is the least of everything turned round.
_End = tuple[bool, Fraction, bool]  # as `Interval.low_key`: whether finite, the number, whether not reached
_FAR: Final[_End] = (False, ZERO, False)
_MIRRORED: Final = {"all": "all", "highest": "lowest", "lowest": "highest"}


def _from_ends(low: _End, negated_high: _End, whole: bool, full: bool) -> Interval | None:
    return interval(
        low[1] if low[0] else None,
        -negated_high[1] if negated_high[0] else None,
        low[2],
        negated_high[2],
        whole,
        full,
    )


def _least(
    op: str, pick: str, count: int, certain: list[Interval], uncertain: list[Interval], least: int
) -> _End:
    """The lowest end: of as many uncertain members as may be, those with the lowest ends take part."""
    picked = _Picked(pick, count)
    for numbers in certain:
        picked.add(numbers.low_key)
    ends = sorted(numbers.low_key for numbers in uncertain)
    found = [picked.result(op)] if len(certain) >= least else []
    for taken, end in enumerate(ends, len(certain) + 1):
        picked.add(end)
        if taken >= least:
            found.append(picked.result(op))
    return min(found)


class _Picked:
    """A running sum of the ends that count: all of them, or the highest or lowest so many."""

    def __init__(self, pick: str, count: int) -> None:
        self._pick, self._count = pick, count
        self._heap: list[tuple[_End, _End]] = []  # the end to be dropped first on top
        self._size = self._far = self._open = 0
        self._total = ZERO

    def add(self, end: _End) -> None:
        self._enter(end, 1)
        if self._pick == "all":
            return
        order = end if self._pick == "highest" else (not end[0], -end[1], not end[2])
        heapq.heappush(self._heap, (order, end))
        if len(self._heap) > self._count:
            self._enter(heapq.heappop(self._heap)[1], -1)

    def _enter(self, end: _End, times: int) -> None:
        self._size += times
        self._far += times * (not end[0])
        self._open += times * end[2]
        self._total += times * end[1]

    def result(self, op: str) -> _End:
        if self._far:
            return _FAR
        return True, self._total if op == "sum" else self._total / self._size, self._open > 0


def _is_weight(weight: Interval | None) -> bool:
    """Whether a weight is one number, and not below zero."""
    return weight is not None and weight.is_point and weight.low is not None and weight.low >= 0


def _weighted_mean(row: Gather, certain: list[_Member], uncertain: list[_Member], least: int) -> Possible:
    everyone = certain + uncertain
    weights = [member.weight.numbers for member in everyone]
    if row.pick != "all" or not all(map(_is_weight, weights)):
        return _roughly_weighted(row, certain, uncertain)
    weightless = len(certain) + sum(_weight(member) == 0 for member in uncertain)
    by_zero = weightless >= least and all(_weight(member) == 0 for member in certain)
    found = Possible(states=(DIVISION_BY_ZERO,)) if by_zero else NOTHING
    if all(_weight(member) == 0 for member in everyone):
        return found
    here, there = ([(m.numbers.low_key, _weight(m)) for m in side] for side in (certain, uncertain))
    low = _least_mean(here, there, least)
    here, there = ([(negate(m.numbers).low_key, _weight(m)) for m in side] for side in (certain, uncertain))
    high = _least_mean(here, there, least)
    full = not uncertain and all(is_even(member.numbers) for member in certain)
    return union(found, Possible(_from_ends(low, high, False, full)))


def _weight(member: _Member) -> Fraction:
    assert member.weight.numbers is not None
    assert member.weight.numbers.low is not None
    return member.weight.numbers.low


_Weighted = tuple[_End, Fraction]


def _least_mean(certain: list[_Weighted], uncertain: list[_Weighted], least: int) -> _End:
    """The lowest weighted mean, by Dinkelbach's method: a guess is lowered while some choice beats it."""
    everyone = [(end, weight) for end, weight in certain + uncertain if weight > 0]
    if any(not end[0] for end, _ in everyone):
        return _FAR
    total = sum((weight for _, weight in everyone), ZERO)
    guess = sum((end[1] * weight for end, weight in everyone), ZERO) / total
    while True:
        chosen, rest = _best_choice(guess, certain, uncertain, least)
        gain = sum((cost for cost, _, _ in chosen), ZERO)
        if gain == 0:
            break
        guess += gain / sum((weight for _, _, weight in chosen), ZERO)
    if all(weight == 0 for _, _, weight in chosen):  # then one at the guess itself must join them
        chosen.append(min(each for each in rest if each[0] == 0 and each[2] > 0))
    return True, guess, any(is_open for _, is_open, _ in chosen)


_Cost = tuple[Fraction, bool, Fraction]  # what it adds above the guess, whether not reached, its weight


def _best_choice(
    guess: Fraction, certain: list[_Weighted], uncertain: list[_Weighted], least: int
) -> tuple[list[_Cost], list[_Cost]]:
    """Who should take part to get furthest below the guess, and who should not."""

    def cost(member: _Weighted) -> _Cost:
        end, weight = member
        return weight * (end[1] - guess), end[2] and weight > 0, weight

    costs = sorted(map(cost, uncertain))
    forced = max(least - len(certain), 0)
    taken = max(forced, sum(each[0] < 0 for each in costs))
    return [*map(cost, certain), *costs[:taken]], costs[taken:]


def _roughly_weighted(row: Gather, certain: list[_Member], uncertain: list[_Member]) -> Possible:
    """A sound hull where weights are not settled, may be negative, or only some members are picked."""
    everyone = certain + uncertain
    weights = [member.weight.numbers for member in everyone]
    positive = [w for w in weights if w is not None and w.low is not None and w.low >= 0]
    numbers: Interval | None = None
    if len(positive) < len(weights):
        numbers = Interval(None, None, True, True, False, False)
    else:
        for member in everyone:
            numbers = hull(numbers, member.numbers)
        assert numbers is not None
        numbers = numbers._replace(full=numbers.is_point, whole=numbers.is_point and numbers.whole)
    safe = len(positive) == len(weights) and row.pick == "all"
    safe = safe and any(ZERO not in weight for weight in positive[: len(certain)])
    return Possible(numbers, states=() if safe else (DIVISION_BY_ZERO,))
