"""What arithmetic, comparison, rounding and logic make of everything that values can still be.

Knows nothing of rows: only sets, and their hulls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from rkdsl.plain import Final
from rkdsl.rules.possible import (
    DIVISION_BY_ZERO,
    EITHER,
    FALSE,
    NO,
    ONE,
    TRUE,
    YES,
    ZERO,
    Interval,
    Key,
    Possible,
    between,
    hull,
    is_even,
    meet,
    merge_states,
    mixes,
    point,
)
from rkdsl.rules.settled import round_number
from rkdsl.values import NOT_DEFINED, State

_ZERO_OR_ONE: Final = Interval(ZERO, ONE, whole=True)


# Arithmetic: the hull of what it makes of every pair, its ends open exactly where they are not reached


def add(first: Interval, second: Interval) -> Interval:
    """Every sum."""
    low = None if first.low is None or second.low is None else first.low + second.low
    high = None if first.high is None or second.high is None else first.high + second.high
    return _image(
        low,
        high,
        first.low_open or second.low_open,
        first.high_open or second.high_open,
        first.whole and second.whole,
        first.full and second.full and mixes(first, second),
    )


def negate(this: Interval) -> Interval:
    """Every number with its sign turned."""
    low = None if this.high is None else -this.high
    high = None if this.low is None else -this.low
    return Interval(low, high, this.high_open, this.low_open, this.whole, this.full)


def subtract(first: Interval, second: Interval) -> Interval:
    """Every difference."""
    return add(first, negate(second))


def multiply(first: Interval, second: Interval) -> Interval:
    """Every product; zero times an end that lies infinitely far away is zero."""
    ends = [_product(x, y) for x in _ends(first) for y in _ends(second)]
    low = min(ends)
    high = max((side, number, not is_open) for side, number, is_open in ends)
    return _image(
        low[1] if low[0] == 0 else None,
        high[1] if high[0] == 0 else None,
        low[2],
        not high[2],
        first.whole and second.whole,
        _keeps_full(first, second),
    )


def _keeps_full(first: Interval, second: Interval) -> bool:
    for one, other in ((first, second), (second, first)):
        if one.is_point and one.low in (ONE, -ONE):
            return other.full
    return is_even(first) and is_even(second)


_End = tuple[int, Fraction, bool]  # (-1, 0 or 1: how infinite), the number, whether it is not reached


def _ends(this: Interval) -> tuple[_End, _End]:
    low = (-1, ZERO, True) if this.low is None else (0, this.low, this.low_open)
    high = (1, ZERO, True) if this.high is None else (0, this.high, this.high_open)
    return low, high


def _product(first: _End, second: _End) -> _End:
    zeros = [end for end in (first, second) if end[0] == 0 and end[1] == 0]
    if zeros:
        return 0, ZERO, all(is_open for _, _, is_open in zeros)
    if first[0] == 0 == second[0]:
        return 0, first[1] * second[1], first[2] or second[2]
    return _sign(first) * _sign(second), ZERO, True


def _sign(end: _End) -> int:
    return end[0] or (1 if end[1] > 0 else -1)


def reciprocals(this: Interval) -> list[Interval]:
    """One over every number that is not zero: one interval for each side of zero."""
    sides = (meet(this, Interval(None, ZERO, True, True)), meet(this, Interval(ZERO, None, True, True)))
    return [_reciprocal(side) for side in sides if side is not None]


def _reciprocal(side: Interval) -> Interval:
    positive = side.low is not None and side.low >= 0
    low, low_open = _over(side.high, side.high_open, None if not positive else ZERO)
    high, high_open = _over(side.low, side.low_open, ZERO if not positive else None)
    full = side.full and not side.whole
    return _image(low, high, low_open, high_open, False, full)


def _over(
    end: Fraction | None, is_open: bool, at_zero_or_far: Fraction | None
) -> tuple[Fraction | None, bool]:
    """One over an end: infinitely far away for zero, zero for one that lies infinitely far away."""
    if end is None:
        return ZERO, True
    return (at_zero_or_far, True) if end == 0 else (1 / end, is_open)


def divide(first: Interval, second: Interval) -> Interval | None:
    """Every quotient by a number that is not zero; None when there is none."""
    found: Interval | None = None
    for side in reciprocals(second):
        found = hull(found, multiply(first, side))
    return found


def lesser(first: Interval, second: Interval) -> Interval:
    """Every minimum."""
    low, high = min(first.low_key, second.low_key), min(first.high_key, second.high_key)
    return _folded(first, second, low, high)


def greater(first: Interval, second: Interval) -> Interval:
    """Every maximum."""
    low, high = max(first.low_key, second.low_key), max(first.high_key, second.high_key)
    return _folded(first, second, low, high)


def _folded(first: Interval, second: Interval, low: Key, high: Key) -> Interval:
    full = first.full and second.full and mixes(first, second)
    found = between(low, high, first.whole and second.whole, full)
    assert found is not None
    return found


def power(this: Interval, exponent: int) -> Interval | None:
    """Every number to a whole power, zero to the zeroth being one; None when none has one."""
    if exponent < 0:
        found: Interval | None = None
        for side in reciprocals(this):
            found = hull(found, power(side, -exponent))
        return found
    if exponent == 0:
        return point(ONE)
    if exponent % 2 == 0:
        this = _magnitude(this)
    low = None if this.low is None else this.low**exponent
    high = None if this.high is None else this.high**exponent
    full = this.full and (exponent == 1 or not this.whole)
    return _image(low, high, this.low_open, this.high_open, this.whole, full)


def _magnitude(this: Interval) -> Interval:
    """Every number without its sign."""
    if this.low is not None and this.low >= 0:
        return this
    if this.high is not None and this.high <= 0:
        return negate(this)
    far = max(this.high_key, negate(this).high_key)
    found = between((True, ZERO, False), far, this.whole, this.full)
    assert found is not None
    return found


def _image(
    low: Fraction | None, high: Fraction | None, low_open: bool, high_open: bool, whole: bool, full: bool
) -> Interval:
    """An interval known not to be empty, whose ends are whole already where they should be."""
    if low is not None and low == high:
        return point(low)
    return Interval(low, high, low_open or low is None, high_open or high is None, whole, full)


# Comparison


def compare(op: str, left: Interval, right: Interval) -> frozenset[bool]:
    """What `left op right` can be."""
    match op:
        case "at most":
            return _truths(_can_reach(left, right), _can_exceed(left, right))
        case "at least":
            return _truths(_can_reach(right, left), _can_exceed(right, left))
        case "above":
            return _truths(_can_exceed(left, right), _can_reach(left, right))
        case "below":
            return _truths(_can_exceed(right, left), _can_reach(right, left))
    different = not (left.is_point and right.is_point and left.low == right.low)
    return _truths(meet(left, right) is not None, different)


def _truths(yes: bool, no: bool) -> frozenset[bool]:
    if yes and no:
        return EITHER
    return TRUE if yes else FALSE


def _can_reach(less: Interval, more: Interval) -> bool:
    """Whether some number of `less` is at most some number of `more`."""
    if less.low is None or more.high is None or less.low < more.high:
        return True
    return less.low == more.high and not less.low_open and not more.high_open


def _can_exceed(more: Interval, less: Interval) -> bool:
    """Whether some number of `more` is above some number of `less`."""
    return more.high is None or less.low is None or more.high > less.low


# Rounding


_MIRRORED: Final = {"up": "down", "down": "up"}


def _round_above(mode: str, step: Fraction, number: Fraction) -> Fraction:
    """What numbers just above this one are rounded to."""
    count = number / step
    if mode.startswith("half"):
        return math.floor(count + Fraction(1, 2)) * step
    above = math.floor(count) * step
    if mode == "down" or mode == ("toward zero" if count >= 0 else "away from zero"):
        return above
    return above + step


def round_interval(mode: str, step: Fraction, this: Interval) -> Interval:
    """Every number rounded: the ends are reached even where those of `this` are not."""
    if this.whole and (1 / step).denominator == 1:
        return this
    low = high = None
    if this.low is not None:
        low = (_round_above if this.low_open else round_number)(mode, step, this.low)
    if this.high is not None and this.high_open:
        high = -_round_above(_MIRRORED.get(mode, mode), step, -this.high)
    elif this.high is not None:
        high = round_number(mode, step, this.high)
    whole = step.denominator == 1
    return _image(low, high, False, False, whole, whole and step == 1 and this.full)


# Everything a value can still be


def intersection(first: Possible, second: Possible) -> Possible:
    """What both can be, with the reasons of the first."""
    numbers = None
    if first.numbers is not None and second.numbers is not None:
        numbers = meet(first.numbers, second.numbers)
    kinds = {state.kind for state in second.states}
    states = tuple(state for state in first.states if state.kind in kinds)
    return Possible(numbers, first.truths & second.truths, first.words & second.words, states)


def as_numbers(this: Possible) -> Interval | None:
    """The numbers it can be, a truth counting as 0 or 1."""
    if not this.truths:
        return this.numbers
    if len(this.truths) == 2:
        return _ZERO_OR_ONE
    return point(ONE if True in this.truths else ZERO)


def as_number(this: Possible) -> Possible:
    """The same with truths counted as 0 or 1."""
    return Possible(as_numbers(this), states=this.states) if this.truths else this


def strict_states(operands: Sequence[Possible]) -> tuple[State, ...]:
    """The states of an operation that needs all its operands: *not defined* beats *not applicable*."""
    if not any(operand.states for operand in operands):
        return ()
    states = merge_states(state for operand in operands for state in operand.states)
    if any(_is_not_defined(operand) for operand in operands):
        return states[-1:]
    return states


def _is_not_defined(this: Possible) -> bool:
    return not this.has_value and len(this.states) == 1 and this.states[0].kind == NOT_DEFINED


def all_of(operands: Sequence[Possible]) -> Possible:
    """What `all` of conditions can be: a no wins over everything, else the state precedence."""
    return _logic(operands, losing=False)


def any_of(operands: Sequence[Possible]) -> Possible:
    """What `any` of conditions can be: a yes wins over everything, else the state precedence."""
    return _logic(operands, losing=True)


def _logic(operands: Sequence[Possible], losing: bool) -> Possible:
    """`all` (`losing` is no) or `any` (`losing` is yes): one operand at `losing` decides."""
    decided = any(operand.truths == {losing} and not operand.states for operand in operands)
    if decided:
        return YES if losing else NO
    # Every operand can be something else than `losing`: a state needs only the others not to decide.
    truths = frozenset(truth for operand in operands for truth in operand.truths if truth is losing)
    if all((not losing) in operand.truths for operand in operands):
        truths |= {not losing}
    open_operands = [operand._replace(truths=operand.truths - {losing}) for operand in operands]
    return Possible(truths=truths, states=strict_states(open_operands))


def negation(this: Possible) -> Possible:
    """What `not` of a condition can be; states pass."""
    return Possible(truths=frozenset(not truth for truth in this.truths), states=this.states)


def comparison(op: str, left: Possible, right: Possible) -> Possible:
    """What `left op right` can be."""
    states = strict_states((left, right))
    if not (left.has_value and right.has_value):
        return Possible(states=states)
    if left.words or right.words:
        same = len(left.words) == 1 and left.words == right.words
        return Possible(truths=_truths(bool(left.words & right.words), not same), states=states)
    first, second = as_numbers(left), as_numbers(right)
    assert first is not None
    assert second is not None
    return Possible(truths=compare(op, first, second), states=states)


def arithmetic(op: str, first: Possible, second: Possible) -> Possible:
    """What one operation of two operands can be; the exponent of `power` is a settled whole number."""
    states = strict_states((first, second))
    left, right = as_numbers(first), as_numbers(second)
    if left is None or right is None:
        return Possible(states=states)
    match op:
        case "add":
            return Possible(add(left, right), states=states)
        case "sub":
            return Possible(subtract(left, right), states=states)
        case "mul":
            return Possible(multiply(left, right), states=states)
        case "min":
            return Possible(lesser(left, right), states=states)
        case "max":
            return Possible(greater(left, right), states=states)
        case "div":
            found, by_zero = divide(left, right), ZERO in right
        case _:
            assert right.low is not None
            exponent = int(right.low)
            found, by_zero = power(left, exponent), exponent < 0 and ZERO in left
    if by_zero:
        states = merge_states((*states, DIVISION_BY_ZERO))
    return Possible(found, states=states)
