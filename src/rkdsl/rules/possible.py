"""Everything a value can still be: numbers between two ends, truths, words and states.

Knows nothing of rows: only sets and their hulls.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from rkdsl.plain import Final, NamedTuple
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, State

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)
DIVISION_BY_ZERO: Final = State(NOT_DEFINED, "division by zero")

# A low end orders by (is finite, number, is open) and a high end by (is infinite, number, is closed),
# so that the lesser low end and the greater high end are always the further ones.
Key = tuple[bool, Fraction, bool]
"""An end as something to be ordered."""


class Interval(NamedTuple):
    """The numbers between two ends; an end that is None lies infinitely far away, and is open.

    `whole` says that only whole numbers are possible. `full` says that every one of them between the
    ends is: an interval that is not full is the hull of a set which may have gaps, and only its ends
    are exact. Make intervals with `interval`, which keeps them in their one normal form.
    """

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False
    whole: bool = False
    full: bool = True

    @property
    def is_point(self) -> bool:
        """Whether one number is left."""
        return self.low is not None and (self.low is self.high or self.low == self.high)

    @property
    def low_key(self) -> Key:
        """The low end as something to be ordered among low ends."""
        return (False, ZERO, False) if self.low is None else (True, self.low, self.low_open)

    @property
    def high_key(self) -> Key:
        """The high end as something to be ordered among high ends."""
        return (True, ZERO, False) if self.high is None else (False, self.high, not self.high_open)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, Fraction) and meet(self, point(number)) is not None


def interval(
    low: Fraction | None,
    high: Fraction | None,
    low_open: bool = False,
    high_open: bool = False,
    whole: bool = False,
    full: bool = True,
) -> Interval | None:
    """The interval in its normal form (whole numbers have closed ends), or None when it is empty."""
    if low is None:
        low_open = True
    elif whole:
        low, low_open = Fraction(math.floor(low) + 1 if low_open else math.ceil(low)), False
    if high is None:
        high_open = True
    elif whole:
        high, high_open = Fraction(math.ceil(high) - 1 if high_open else math.floor(high)), False
    if low is not None and high is not None:
        side = _compared(low, high)
        if side > 0 or (side == 0 and (low_open or high_open)):
            return None
        if side == 0:
            return point(low)
    return Interval(low, high, low_open, high_open, whole, full)


def _compared(first: Fraction, second: Fraction) -> int:
    """Below, at or above zero as the first is less, the same or more. Quicker than to ask twice."""
    if first is second:
        return 0
    return first.numerator * second.denominator - second.numerator * first.denominator


def point(number: Fraction) -> Interval:
    """The interval of one number."""
    return Interval(number, number, False, False, number.denominator == 1, True)


EVERY_NUMBER: Final = Interval(None, None, True, True)


# Sets of numbers


def hull(first: Interval | None, second: Interval | None) -> Interval | None:
    """The least interval with everything of both."""
    if first is None or second is None:
        return first or second
    if first == second:
        return first
    low, high = min(first.low_key, second.low_key), max(first.high_key, second.high_key)
    return between(low, high, first.whole and second.whole, _is_connected(first, second))


def meet(first: Interval, second: Interval) -> Interval | None:
    """What is in both, by their ends; full only where it is all of a full `first`."""
    low, low_open, low_side = _later(first.low, first.low_open, second.low, second.low_open)
    high, high_open, high_side = _earlier(first.high, first.high_open, second.high, second.high_open)
    full = first.full and (second.full or (low_side <= 0 and high_side <= 0))
    return interval(low, high, low_open, high_open, first.whole or second.whole, full)


_Further = tuple[
    Fraction | None, bool, int
]  # an end, whether it is open, above zero if it is not the first's


def _later(first: Fraction | None, first_open: bool, second: Fraction | None, second_open: bool) -> _Further:
    """The low end further up, an open one where both are at one number."""
    if second is None:
        return first, first_open, 0
    side = 1 if first is None else _compared(second, first) or second_open - first_open
    return (second, second_open, 1) if side > 0 else (first, first_open, 0)


def _earlier(
    first: Fraction | None, first_open: bool, second: Fraction | None, second_open: bool
) -> _Further:
    """The high end further down, an open one where both are at one number."""
    if second is None:
        return first, first_open, 0
    side = 1 if first is None else _compared(first, second) or second_open - first_open
    return (second, second_open, 1) if side > 0 else (first, first_open, 0)


def lies_below(first: Interval, second: Interval) -> bool:
    """Whether every number of the first is below every one of the second."""
    if first.high is None or second.low is None:
        return False
    side = _compared(first.high, second.low)
    return side < 0 or (side == 0 and (first.high_open or second.low_open))


def between(low: Key, high: Key, whole: bool, full: bool) -> Interval | None:
    """The interval from a low end to a high one, or None when it is empty."""
    return interval(
        low[1] if low[0] else None, None if high[0] else high[1], low[2], not high[2], whole, full
    )


def _is_connected(first: Interval, second: Interval) -> bool:
    """Whether two intervals leave no gap between them, nor inside either."""
    if not (first.full and second.full):
        return False
    lower, upper = (first, second) if first.low_key <= second.low_key else (second, first)
    if not mixes(first, second):
        return not lower.whole and upper.high_key <= lower.high_key
    if lower.high is None or upper.low is None or upper.low < lower.high:
        return True
    if first.whole and second.whole:
        return upper.low - lower.high <= 1
    return upper.low == lower.high and not (upper.low_open and lower.high_open)


def is_even(this: Interval) -> bool:
    """Whether it is a run of any numbers without a gap, or a point."""
    return this.full and (not this.whole or this.is_point)


def mixes(first: Interval, second: Interval) -> bool:
    """Whether both are runs of whole numbers, or both runs of any numbers (a point is a run of either)."""
    if first.whole and second.whole:
        return True
    return (not first.whole or first.is_point) and (not second.whole or second.is_point)


# What a value can still be

TRUE: Final = frozenset((True,))
FALSE: Final = frozenset((False,))
EITHER: Final = frozenset((True, False))
_NO_TRUTH: Final[frozenset[bool]] = frozenset()


class Possible(NamedTuple):
    """What a value can still be: numbers (days are their ordinals), truths, words, and states.

    Of each kind of state at most one stands in `states`, with the first reason there is for it, *not
    applicable* before *not defined*. Values of different types never stand together.
    """

    numbers: Interval | None = None
    truths: frozenset[bool] = _NO_TRUTH
    words: frozenset[str] = frozenset()
    states: tuple[State, ...] = ()

    @property
    def has_value(self) -> bool:
        """Whether something other than a state is possible."""
        return self.numbers is not None or bool(self.truths) or bool(self.words)

    @property
    def is_settled(self) -> bool:
        """Whether exactly one value, or one kind of state, is left."""
        return self.settled is not None

    @property
    def settled(self) -> Settled | None:
        """The one value or state that is left; None while there are several."""
        if self.states:
            return self.states[0] if len(self.states) == 1 and not self.has_value else None
        if self.numbers is not None:
            return self.numbers.low if self.numbers.is_point else None
        if len(self.truths) == 1:
            return True in self.truths
        return next(iter(self.words)) if len(self.words) == 1 else None

    def state(self, kind: str) -> State | None:
        """The state of that kind, when it is possible."""
        return next((state for state in self.states if state.kind == kind), None)


Settled = Fraction | bool | str | State
"""One value, or one state."""
Outcome = Settled | Possible
"""What a row comes to: settled, or (never settled) everything it can still be."""


class Given(NamedTuple):
    """What is known of one input: normally one value or one state, else everything it can still be.

    `source` is for the explanation, and is not looked into. `reported` is what the test *is reported* says: a
    milestone known only as not done by some day has not been reported.
    """

    value: Possible
    source: str = ""
    reported: bool = True


NOTHING: Final = Possible()
YES: Final = Possible(truths=TRUE)
NO: Final = Possible(truths=FALSE)
YES_OR_NO: Final = Possible(truths=EITHER)


def known(value: Settled) -> Possible:
    """Nothing but this value or state."""
    if isinstance(value, Fraction):
        return Possible(point(value))
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str):
        return Possible(words=frozenset((value,)))
    return Possible(states=(value,))


def possible(outcome: Outcome) -> Possible:
    """An outcome as everything it can be."""
    return outcome if isinstance(outcome, Possible) else known(outcome)


def outcome(this: Possible) -> Outcome:
    """A possibility as an outcome: its one value where it is settled."""
    settled = this.settled
    return this if settled is None else settled


def merge_states(states: Iterable[State]) -> tuple[State, ...]:
    """The first state of each kind, *not applicable* before *not defined*."""
    found: dict[str, State] = {}
    for state in states:
        found.setdefault(state.kind, state)
    return tuple(found[kind] for kind in (NOT_APPLICABLE, NOT_DEFINED) if kind in found)


def union(first: Possible, second: Possible) -> Possible:
    """What either can be; of two reasons the first is kept."""
    return Possible(
        hull(first.numbers, second.numbers),
        first.truths | second.truths,
        first.words | second.words,
        first.states if first.states == second.states else merge_states(first.states + second.states),
    )
