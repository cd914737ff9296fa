"""What a row makes of operands that are all settled: the plain meaning, which those of what is open extend.

Of gathering, in this order: unless `applying`, a member not defined or not applicable is the result; with too few
taking part the result is that of `otherwise`, whatever they come to; a member not defined is the result; a weight
that is a state is the result; weights that add up to zero are a division by zero. A member left out takes its weight
with it. Among equal members `highest` and `lowest` pick the first.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from rkdsl.plain import Final
from rkdsl.rules.possible import DIVISION_BY_ZERO, ONE, ZERO
from rkdsl.rules.tree import Gather, Piecewise, Ref
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, State

# Arithmetic, comparison and rounding


def calculate(op: str, numbers: Sequence[Fraction]) -> Fraction | State:
    """What arithmetic makes of its operands."""
    found, *others = numbers
    match op:
        case "add":
            return sum(others, found)
        case "sub":
            return found - sum(others, ZERO)
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
        case "mul":
            for number in others:
                found *= number
            return found
        case "div":
            for number in others:
                if number == 0:
                    return DIVISION_BY_ZERO
                found /= number
            return found
    if found == 0 and others[0] < 0:
        return DIVISION_BY_ZERO
    return Fraction(found ** int(others[0]))


def holds(op: str, left: Fraction, right: Fraction) -> bool:
    """Whether `left op right`."""
    match op:
        case "at most":
            return left <= right
        case "at least":
            return left >= right
        case "above":
            return left > right
        case "below":
            return left < right
    return left == right


def round_number(mode: str, step: Fraction, number: Fraction) -> Fraction:
    """The multiple of `step` that the number is rounded to."""
    count = number / step
    match mode:
        case "up":
            return math.ceil(count) * step
        case "down":
            return math.floor(count) * step
        case "toward zero":
            return math.trunc(count) * step
        case "away from zero":
            return (math.ceil(count) if count > 0 else math.floor(count)) * step
        case "half up":
            return math.floor(count + Fraction(1, 2)) * step
        case "half away from zero":
            away = math.floor(abs(count) + Fraction(1, 2))
            return (away if count > 0 else -away) * step
    return round(count) * step


# Piecewise-linear functions

OUT_OF_ORDER: Final = State(NOT_DEFINED, "knots out of order")
BELOW: Final = State(NOT_DEFINED, "below the first knot")
ABOVE: Final = State(NOT_DEFINED, "above the last knot")


def piecewise_at(
    row: Piecewise, number: Fraction, places: Sequence[Fraction]
) -> tuple[Ref, Ref, Fraction] | State:
    """Where a settled operand falls among settled knots: from which value to which, and how far along."""
    if any(left >= right for left, right in pairwise(places)):
        return OUT_OF_ORDER
    index = bisect_left(places, number)
    if index < len(places) and places[index] == number:
        knot = row.knots[index]
        held = knot.before if knot.holds == "before" else knot.after
        return held, held, ZERO
    if 0 < index < len(places):
        return _on_line(row, index, number, places)
    rule, flat, state = (
        (row.below, row.knots[0].before, BELOW) if index == 0 else (row.above, row.knots[-1].after, ABOVE)
    )
    if rule == "flat":
        return flat, flat, ZERO
    if rule == "not defined":
        return state
    return _on_line(row, 1 if index == 0 else index - 1, number, places)


def _on_line(
    row: Piecewise, index: int, number: Fraction, places: Sequence[Fraction]
) -> tuple[Ref, Ref, Fraction]:
    left, right = places[index - 1], places[index]
    return row.knots[index - 1].after, row.knots[index].before, (number - left) / (right - left)


# Sums and means over members that may or may not take part

TOO_FEW: Final = State(NOT_APPLICABLE, "too few take part")


def gather_settled(
    row: Gather, members: Sequence[Fraction | State], weights: Sequence[Fraction | State]
) -> Fraction | State | None:
    """The result for settled members and weights; None when it is that of `otherwise`."""
    there = [each for each in members if not (isinstance(each, State) and each.kind == NOT_APPLICABLE)]
    if row.applying and len(there) < max(row.needs, 1):
        return TOO_FEW if row.otherwise is None else None
    stopping = _deciding(members, (NOT_DEFINED,) if row.applying else (NOT_DEFINED, NOT_APPLICABLE))
    if stopping is not None:
        return stopping
    taking_part = [at for at, member in enumerate(members) if isinstance(member, Fraction)]
    if len(taking_part) < max(row.needs, 1):
        return TOO_FEW if row.otherwise is None else None
    if weights:
        stopping = _deciding([weights[at] for at in taking_part], (NOT_DEFINED, NOT_APPLICABLE))
        if stopping is not None:
            return stopping
    numbers = {at: member for at, member in enumerate(members) if isinstance(member, Fraction)}
    picked = _picked(row, numbers)
    if row.op == "sum":
        return sum((numbers[at] for at in picked), ZERO)
    shares = {at: weight for at in picked if isinstance(weight := weights[at] if weights else ONE, Fraction)}
    total = sum(shares.values(), ZERO)
    if total == 0:
        return DIVISION_BY_ZERO
    return sum((numbers[at] * share for at, share in shares.items()), ZERO) / total


def _deciding(outcomes: Sequence[Fraction | State], kinds: Iterable[str]) -> State | None:
    """The first state of the strongest kind among the outcomes."""
    for kind in kinds:
        for outcome in outcomes:
            if isinstance(outcome, State) and outcome.kind == kind:
                return outcome
    return None


def _picked(row: Gather, numbers: dict[int, Fraction]) -> list[int]:
    """Which members count, by their place."""
    if row.pick == "all":
        return list(numbers)
    return sorted(numbers, key=lambda at: numbers[at], reverse=row.pick == "highest")[: row.count]
