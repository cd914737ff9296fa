"""Piecewise-linear functions of what a number can still be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from rkdsl.plain import NamedTuple
from rkdsl.rules.operations import add, as_number, negate, strict_states
from rkdsl.rules.possible import (
    ONE,
    ZERO,
    Interval,
    Possible,
    interval,
    is_even,
    meet,
    merge_states,
    point,
    union,
)
from rkdsl.rules.settled import ABOVE, BELOW, OUT_OF_ORDER
from rkdsl.rules.tree import Knot, Piecewise, Ref
from rkdsl.values import State


class Piece(NamedTuple):
    """A part of the function that the operand can reach: the line from `start` to `end`, or a state.

    `share` is how far along that line: below 0, between 0 and 1, or above 1. It is None where the whole
    piece has the value of `start`.
    """

    start: Ref
    end: Ref
    share: Interval | None = None
    state: State | None = None

    @property
    def is_continued(self) -> bool:
        """Whether it lies outside the knots, on a line that goes on."""
        return self.share is not None and not _is_inside(self.share)


def piecewise(row: Piecewise, value_of: Callable[[Ref], Possible]) -> Possible:
    """What the function can be."""
    operand = as_number(value_of(row.operand))
    places = [as_number(value_of(knot.at)) for knot in row.knots]
    states = strict_states([operand, *places])
    numbers = [place.numbers for place in places if place.numbers is not None]
    if operand.numbers is None or len(numbers) < len(places):
        return Possible(states=states)
    if can_fall(numbers):
        states = merge_states((*states, OUT_OF_ORDER))
    found = Possible(states=states)
    if can_rise(numbers):
        for piece in pieces(row, operand.numbers, numbers):
            found = union(found, piece_value(piece, value_of))
    return found


def piece_value(piece: Piece, value_of: Callable[[Ref], Possible]) -> Possible:
    """What the function can be on one piece."""
    if piece.state is not None:
        return Possible(states=(piece.state,))
    start = as_number(value_of(piece.start))
    if piece.share is None:
        return start
    end = as_number(value_of(piece.end))
    states = strict_states((start, end))
    if start.numbers is None or end.numbers is None:
        return Possible(states=states)
    return Possible(along(piece.share, start.numbers, end.numbers), states=states)


def can_rise(places: Sequence[Interval]) -> bool:
    """Whether the knots can rise strictly."""
    reached = places[0]
    for place in places[1:]:
        room = meet(place, Interval(reached.low, None, True, True))
        if room is None:
            return False
        reached = room
    return True


def can_fall(places: Sequence[Interval]) -> bool:
    """Whether some knot can lie at or before the one to its left."""
    return any(_is_reached(right, left) for left, right in pairwise(places))


def _is_reached(lower: Interval, upper: Interval) -> bool:
    return meet(Interval(None, upper.high, True, upper.high_open), lower) is not None


def pieces(row: Piecewise, operand: Interval, places: Sequence[Interval]) -> Iterator[Piece]:
    """The parts of the function that the operand can reach, from the left to the right."""
    first, last = row.knots[0], row.knots[-1]
    before = meet(operand, Interval(None, places[0].high, True, True))
    if before is not None:
        yield _outside(row.below, before, row.knots[:2], places[:2], first.before, BELOW)
    for index, (knot, place) in enumerate(zip(row.knots, places, strict=True)):
        if meet(operand, place) is not None:
            held = knot.before if knot.holds == "before" else knot.after
            yield Piece(held, held)
        if index + 1 < len(places):
            yield from _stretch(operand, row.knots[index : index + 2], places[index : index + 2])
    after = meet(operand, Interval(places[-1].low, None, True, True))
    if after is not None:
        yield _outside(row.above, after, row.knots[-2:], places[-2:], last.after, ABOVE)


def _stretch(operand: Interval, knots: Sequence[Knot], places: Sequence[Interval]) -> Iterator[Piece]:
    """The open stretch between two knots."""
    left, right = places
    within = meet(operand, Interval(left.low, right.high, True, True))
    if within is None:
        return
    start, end = knots[0].after, knots[1].before
    yield Piece(start, end, None if start == end else _share_between(within, left, right))


def _outside(
    rule: str,
    within: Interval,
    knots: Sequence[Knot],
    places: Sequence[Interval],
    flat: Ref,
    state: State,
) -> Piece:
    if rule == "flat":
        return Piece(flat, flat)
    if rule == "not defined":
        return Piece(flat, flat, None, state)
    left, right = places
    start, end = knots[0].after, knots[1].before
    if start == end:
        return Piece(start, end)
    if state is BELOW:
        return Piece(start, end, _share_before(within, left, right))
    mirrored = _share_before(negate(within), negate(right), negate(left))
    return Piece(start, end, add(point(ONE), negate(mirrored)))


# How far along a line: (x - left) / (right - left) for every x, left and right with left < right

_End = tuple[Fraction, bool]  # a number, and whether it is not reached


def _share_between(within: Interval, left: Interval, right: Interval) -> Interval:
    """For the x between the knots: it rises with x and falls with either knot."""
    low = _least_between(within, left, right)
    high = _least_between(negate(within), negate(right), negate(left))
    return _share(low, (1 - high[0], high[1]), all(map(is_even, (within, left, right))))


def _least_between(within: Interval, left: Interval, right: Interval) -> _End:
    """The least share: x low, both knots high; none at all where x can come down to the left knot."""
    if within.low is None or left.high is None or right.high is None or within.low <= left.high:
        return ZERO, True
    share = (within.low - left.high) / (right.high - left.high)
    return share, within.low_open or left.high_open or right.high_open


def _share_before(within: Interval, left: Interval, right: Interval) -> Interval:
    """For the x before the left knot: it rises with x, falls with the left knot, rises with the right."""
    low: _End | None = None
    bottom, corner, far = within.low, left.high, right.low
    if bottom is not None and corner is not None and far is not None and corner < far:
        low = (bottom - corner) / (far - corner), within.low_open or left.high_open or right.low_open
    high: _End = ZERO, True
    top, corner, far = within.high, left.low, right.high
    if top is not None and corner is not None and far is not None and top < corner < far:
        high = (top - corner) / (far - corner), within.high_open or left.low_open or right.high_open
    return _share(low, high, all(map(is_even, (within, left, right))))


def _share(low: _End | None, high: _End, full: bool) -> Interval:
    found = interval(low and low[0], high[0], low is None or low[1], high[1], False, full)
    assert found is not None
    return found


def _is_inside(share: Interval) -> bool:
    return share.low is not None and share.high is not None and share.low >= 0 and share.high <= 1


def along(share: Interval, start: Interval, end: Interval) -> Interval:
    """What start + share x (end - start) can be, for shares on one side of 0 and of 1."""
    low, low_open = _least_along(share, start, end)
    high, high_open = _least_along(share, negate(start), negate(end))
    full = share.full and is_even(start) and is_even(end)
    found = interval(low, None if high is None else -high, low_open, high_open, False, full)
    assert found is not None
    return found


def _least_along(share: Interval, start: Interval, end: Interval) -> tuple[Fraction | None, bool]:
    """The low end: outside the knots one of the two ends of the line weighs against the value."""
    first, first_open = start.low, start.low_open
    last, last_open = end.low, end.low_open
    if not _is_inside(share):
        if share.high is not None and share.high <= 0:
            last, last_open = end.high, end.high_open
        else:
            first, first_open = start.high, start.high_open
    if first is None or last is None:
        return None, True
    reached_open = first_open or last_open
    if first == last:
        return first, reached_open
    at, at_open = (share.low, share.low_open) if last > first else (share.high, share.high_open)
    return (None, True) if at is None else (first + at * (last - first), at_open or reached_open)
