"""In which direction one row moves with each operand, wherever the others are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rkdsl.plain import Final, assert_never
from rkdsl.rules.operations import as_numbers
from rkdsl.rules.piecewise import Piece, can_fall, pieces
from rkdsl.rules.possible import ZERO, Interval, Outcome, Possible, is_even, possible
from rkdsl.rules.tree import (
    Arithmetic,
    Choose,
    Compare,
    Gather,
    Input,
    Is,
    Literal,
    Logic,
    Name,
    Piecewise,
    Ref,
    Round,
    Row,
    Span,
)
from rkdsl.values import NOT_APPLICABLE

Effect = int
"""How one value moves with another: the flags below."""
UP: Final = 1
"""It may rise when the other rises."""
DOWN: Final = 2
"""It may fall when the other rises, or change with it in no direction at all."""
BOTH: Final = UP | DOWN
MANY: Final = 4
"""The other is used more than once."""
ROUGH: Final = 8
"""The bounds may be too wide even if the other is used once: it may have gaps where they matter."""
GIVEN_UP: Final = 16
"""The bounds may be too wide, and splitting has not helped."""

_FLIPPED: Final = (0, DOWN, UP, BOTH)


def _through(outer: Effect, inner: Effect) -> Effect:
    direction = (inner & BOTH if outer & UP else 0) | (_FLIPPED[inner & BOTH] if outer & DOWN else 0)
    return direction | ((outer | inner) & ~BOTH)


# There are 32 effects: what two make together is looked up.
_EFFECTS: Final = range(2 * GIVEN_UP)
THROUGH: Final = [[_through(outer, inner) for inner in _EFFECTS] for outer in _EFFECTS]


def through(outer: Effect, inner: Effect) -> Effect:
    """The effect on a value of something two steps away."""
    return THROUGH[outer][inner]


def both_ways(first: Effect, second: Effect) -> Effect:
    """The effect of something that acts in two places."""
    return first | second | MANY if first and second else first | second


Slope = tuple[Ref, Effect]


def slopes(row: Row, outcomes: Sequence[Outcome]) -> list[Slope]:
    """The operands that are not settled and that the row, itself not settled, moves with; each place once."""
    return [slope for slope in _slopes(row, outcomes) if isinstance(outcomes[slope[0]], Possible)]


def _slopes(row: Row, outcomes: Sequence[Outcome]) -> Iterator[Slope]:
    match row:
        case Literal() | Input():
            pass
        case Name():
            yield row.of, UP
        case Arithmetic():
            yield from _arithmetic(row, [possible(outcomes[operand]) for operand in row.operands])
        case Compare():
            yield from _compare(row, possible(outcomes[row.left]), possible(outcomes[row.right]))
        case Logic():
            yield from _logic(row, outcomes)
        case Is():
            if row.test not in ("reported", "told"):
                yield row.operand, BOTH
        case Piecewise():
            yield from _piecewise(row, lambda ref: possible(outcomes[ref]))
        case Choose():
            conditions, values = reachable(row, outcomes)
            yield from ((ref, BOTH) for ref in conditions)
            yield from ((ref, UP) for ref in dict.fromkeys(values))
        case Gather():
            yield from _gather(row, outcomes)
        case Round():
            yield row.operand, UP
        case Span():
            yield row.end, UP
            yield row.start, DOWN
        case _:
            assert_never(row)


def reachable(row: Choose, outcomes: Sequence[Outcome]) -> tuple[list[Ref], list[Ref]]:
    """The conditions that decide, and the values that may be chosen."""
    conditions: list[Ref] = []
    values: list[Ref] = []
    for condition, value in row.rows:
        can_be = possible(outcomes[condition])
        conditions.append(condition)
        if True in can_be.truths:
            values.append(value)
        if False not in can_be.truths:
            break
    return conditions, values


def _sign(this: Possible) -> int:
    """1 when nothing is below zero, -1 when nothing is above, 0 when both are possible."""
    numbers = as_numbers(this)
    if numbers is None or (numbers.low is not None and numbers.low >= 0):
        return 1
    return -1 if numbers.high is not None and numbers.high <= 0 else 0


def _by_sign(sign: int) -> Effect:
    return (BOTH, UP, DOWN)[sign]


def _arithmetic(row: Arithmetic, operands: list[Possible]) -> Iterator[Slope]:
    match row.op:
        case "add":
            yield from ((ref, UP) for ref in row.operands)
        case "sub":
            yield row.operands[0], UP
            yield from ((ref, DOWN) for ref in row.operands[1:])
        case "mul" | "div":
            yield from _product(row, operands)
        case "min" | "max":
            yield from _extreme(row, operands)
        case _:
            yield row.operands[0], _power(operands[0], operands[1])


def _product(row: Arithmetic, operands: list[Possible]) -> Iterator[Slope]:
    """A factor acts by the sign of all the others, a divisor the other way."""
    signs = [_sign(operand) for operand in operands]
    before = [1]
    for sign in signs:
        before.append(before[-1] * sign)
    after = 1
    for at in reversed(range(len(signs))):
        sign, ref = before[at] * after, row.operands[at]
        after *= signs[at]
        if row.op == "mul" or at == 0:
            yield ref, _by_sign(sign)
        else:
            yield ref, _divisor(operands[at], -sign)


def _divisor(this: Possible, sign: int) -> Effect:
    numbers = as_numbers(this)
    if numbers is None or ZERO not in numbers:
        return _by_sign(sign)
    return BOTH | _roughness(numbers, ends_are_exact=_sign(this) != 0)


def _roughness(numbers: Interval, ends_are_exact: bool = False) -> Effect:
    return 0 if numbers.full or ends_are_exact else ROUGH


def _extreme(row: Arithmetic, operands: list[Possible]) -> Iterator[Slope]:
    """An operand that another always beats has no effect, unless it may be a state."""
    intervals = [as_numbers(operand) for operand in operands]
    numbers = [each for each in intervals if each is not None]
    lowest = min((each.high_key for each in numbers), default=None)
    highest = max((each.low_key for each in numbers), default=None)
    for ref, operand, each in zip(row.operands, operands, intervals, strict=True):
        if each is not None and not operand.states and lowest is not None and highest is not None:
            if row.op == "min" and not lowest[0] and each.low is not None and each.low >= lowest[1]:
                continue
            if row.op == "max" and highest[0] and each.high is not None and each.high <= highest[1]:
                continue
        yield ref, UP


def _power(base: Possible, exponent: Possible) -> Effect:
    numbers, times = as_numbers(base), as_numbers(exponent)
    if numbers is None or times is None or times.low is None:
        return BOTH
    odd = times.low % 2 == 1
    if times.low < 0:
        if ZERO in numbers:
            return BOTH | _roughness(numbers, ends_are_exact=_sign(base) != 0)
        return DOWN if odd else _by_sign(-_sign(base))
    if odd:
        return UP
    sign = _sign(base)
    return _by_sign(sign) | (0 if sign else _roughness(numbers))


def _compare(row: Compare, left: Possible, right: Possible) -> Iterator[Slope]:
    match row.op:
        case "at most" | "below":
            yield row.left, DOWN
            yield row.right, UP
        case "at least" | "above":
            yield row.left, UP
            yield row.right, DOWN
        case _:
            gaps = any(side.numbers is not None and not side.numbers.full for side in (left, right))
            yield row.left, BOTH | (ROUGH if gaps else 0)
            yield row.right, BOTH | (ROUGH if gaps else 0)


def _logic(row: Logic, outcomes: Sequence[Outcome]) -> Iterator[Slope]:
    has_states = any(possible(outcomes[operand]).states for operand in row.operands)
    effect = BOTH if has_states else DOWN if row.op == "not" else UP
    yield from ((operand, effect) for operand in row.operands)


def _gather(row: Gather, outcomes: Sequence[Outcome]) -> Iterator[Slope]:
    weights = [as_numbers(possible(outcomes[weight])) for weight in row.weights]
    is_exact = all(w is not None and w.is_point and w.low is not None and w.low >= 0 for w in weights)
    rough = 0 if is_exact and (not weights or row.pick == "all") else ROUGH | BOTH
    certain = 0
    for member in row.members:
        can_be = possible(outcomes[member])
        unsure = row.applying and can_be.state(NOT_APPLICABLE) is not None
        certain += can_be.has_value and not unsure
        yield member, (BOTH if unsure else UP) | rough
    yield from ((weight, BOTH | ROUGH) for weight in row.weights)
    if row.otherwise is not None and certain < max(row.needs, 1):
        yield row.otherwise, UP


def _piecewise(row: Piecewise, value_of: Callable[[Ref], Possible]) -> Iterator[Slope]:
    operand = value_of(row.operand)
    numbers = as_numbers(operand)
    intervals = [as_numbers(value_of(knot.at)) for knot in row.knots]
    places = [each for each in intervals if each is not None]
    if numbers is None or len(places) < len(intervals):
        yield row.operand, BOTH
        yield from ((knot.at, BOTH) for knot in row.knots)
        return
    parts = list(pieces(row, numbers, places))
    direction = _direction(parts, value_of)
    is_fixed = all(place.is_point for place in places)
    unordered = not is_fixed and can_fall(places)
    uneven = not all(map(is_even, (*places, numbers)))
    rough = ROUGH | BOTH if unordered or (not is_fixed and uneven) else 0
    if direction == BOTH and not numbers.full:
        rough |= ROUGH
    yield row.operand, direction | rough
    continued = any(part.is_continued for part in parts)
    against = BOTH if continued or unordered else through(DOWN, direction)
    yield from ((ref, against | rough) for ref in dict.fromkeys(knot.at for knot in row.knots))
    leans = {ref: BOTH for part in parts if part.is_continued for ref in (part.start, part.end)}
    used = dict.fromkeys(ref for part in parts if part.state is None for ref in (part.start, part.end))
    yield from ((ref, leans.get(ref, UP)) for ref in used)


def _direction(parts: Sequence[Piece], value_of: Callable[[Ref], Possible]) -> Effect:
    """Whether the function only rises, or only falls, over the parts that are reached."""
    if any(part.state is not None for part in parts):
        return BOTH
    if any(value_of(ref).states for part in parts for ref in (part.start, part.end)):
        return BOTH
    steps = [
        (as_numbers(value_of(left)), as_numbers(value_of(right)))
        for left, right in _visited(parts)
        if left != right
    ]
    if all(_is_rise(left, right) for left, right in steps):
        return UP
    return DOWN if all(_is_rise(right, left) for left, right in steps) else BOTH


def _visited(parts: Sequence[Piece]) -> Iterator[tuple[Ref, Ref]]:
    """The values the function moves between as its operand rises; a continued line is met at its knot."""
    at: Ref | None = None
    for part in parts:
        share = part.share
        from_below = part.is_continued and share is not None and share.high is not None and share.high <= 0
        arrives = part.end if part.is_continued else part.start
        if at is not None:
            yield at, arrives
        yield part.start, part.end
        at = part.start if from_below else part.end


def _is_rise(left: Interval | None, right: Interval | None) -> bool:
    if left is None or right is None or left.high is None or right.low is None:
        return False
    return left.high <= right.low
