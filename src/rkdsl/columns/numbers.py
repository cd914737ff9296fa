"""Exact numbers over columns: a step times a constant, plus a constant, over another step where it must be.

Constants are put off as long as may be: what scales or shifts a number takes no step of its own.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from rkdsl.columns.builder import Builder
from rkdsl.columns.program import Step
from rkdsl.plain import Final, NamedTuple

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)
_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


class Number(NamedTuple):
    """`ratio x above / below + offset`. `below` is above zero in every row; 1 where it is None."""

    above: Step
    ratio: Fraction
    offset: Fraction = ZERO
    below: Step | None = None

    @property
    def constant(self) -> Fraction | None:
        """What it is in every row; None where it varies."""
        return self.offset if self.ratio == 0 else None

    @property
    def base(self) -> tuple[Step, Step | None]:
        """What it is made of, whatever the constants."""
        return self.above, self.below

    def times(self, by: Fraction) -> Number:
        """The number times a constant."""
        return self._replace(ratio=self.ratio * by, offset=self.offset * by)

    def plus(self, more: Fraction) -> Number:
        """The number plus a constant."""
        return self._replace(offset=self.offset + more)


class Whole(NamedTuple):
    """`above / (scale x below)`, as whole numbers all three."""

    above: Step
    scale: int
    below: Step | None = None


Rows = Sequence[tuple[Step, Number]]


class Numbers:
    """Makes the steps of numbers."""

    def __init__(self, builder: Builder) -> None:
        self.build: Final = builder

    # ---- from and to steps

    def constant(self, value: Fraction | int) -> Number:
        """The same in every row."""
        return Number(self.build.constant(0), ZERO, Fraction(value))

    def of(
        self, above: Step, ratio: Fraction = ONE, offset: Fraction = ZERO, below: Step | None = None
    ) -> Number:
        """A number of steps, a constant where it never varies."""
        divisor = None if below is None else self.build.value(below)
        if divisor is not None:
            ratio, below = ratio / int(divisor), None
        known = self.build.value(above)
        if ratio == 0 or known == 0 or (known is not None and below is None):
            return self.constant(offset if known is None else ratio * int(known) + offset)
        return Number(above, ratio, offset, below)

    def of_truth(self, truth: Step) -> Number:
        """1 where a truth holds, else 0."""
        build = self.build
        return self.of(build.case([(truth, build.constant(1))], build.constant(0)))

    def whole(self, this: Number, scale: int = 0) -> Whole:
        """A number as whole numbers, over a scale that fits; over the least one where none is given."""
        scale = scale or math.lcm(this.ratio.denominator, this.offset.denominator)
        above = self._times(this.above, this.ratio * scale)
        offset = self.build.constant(int(this.offset * scale))
        if this.below is not None and this.offset:
            offset = self.build.multiply(this.below, offset)
        return Whole(self.build.add(above, offset), scale, this.below)

    def _times(self, step: Step, by: Fraction) -> Step:
        assert by.denominator == 1
        return self.build.multiply(step, self.build.constant(int(by)))

    def _times_step(self, step: Step, by: Step | None) -> Step:
        return step if by is None else self.build.multiply(step, by)

    def range(self, this: Number) -> tuple[Fraction, Fraction] | None:
        """The ends that it lies between; None for a ratio of steps."""
        if this.below is not None:
            return None
        ends = [this.ratio * end + this.offset for end in self.build.ranges[this.above]]
        return min(ends), max(ends)

    # ---- arithmetic

    def add(self, numbers: Iterable[Number]) -> Number:
        """A sum."""
        offset = ZERO
        ratios: dict[tuple[Step, Step | None], Fraction] = {}
        for number in numbers:
            offset += number.offset
            if number.ratio:
                ratios[number.base] = ratios.get(number.base, ZERO) + number.ratio
        terms = {base: ratio for base, ratio in ratios.items() if ratio}
        if not terms:
            return self.constant(offset)
        if len(terms) == 1:
            ((above, below), by) = terms.popitem()
            return self.of(above, by, offset, below)
        by = _shared(terms.values())
        belows = dict.fromkeys(under for _, under in terms if under is not None)
        steps = [
            self._over(self._times(step, ratio / by), under, belows) for (step, under), ratio in terms.items()
        ]
        divisor: Step | None = None
        for each in belows:
            divisor = self._times_step(each, divisor)
        return self.of(self.build.add(*steps), by, offset, divisor)

    def _over(self, step: Step, below: Step | None, belows: Iterable[Step]) -> Step:
        """What stands above when all of some divisors stand below instead of one."""
        for each in belows:
            if each != below:
                step = self.build.multiply(step, each)
        return step

    def subtract(self, left: Number, right: Number) -> Number:
        """A difference."""
        return self.add((left, right.times(Fraction(-1))))

    def multiply(self, left: Number, right: Number) -> Number:
        """A product."""
        if left.constant is not None:
            left, right = right, left
        if right.constant is not None:
            found = left.times(right.constant)
            return found if found.ratio else self.constant(found.offset)
        first, second = (self._without_offset(each) for each in (left, right))
        below = first.below if second.below is None else self._times_step(second.below, first.below)
        return self.of(
            self.build.multiply(first.above, second.above), first.ratio * second.ratio, ZERO, below
        )

    def _without_offset(self, this: Number) -> Number:
        if this.offset == 0:
            return this
        whole = self.whole(this)
        return Number(whole.above, Fraction(1, whole.scale), ZERO, whole.below)

    def divide(self, left: Number, right: Number) -> tuple[Number, Step]:
        """A quotient, and whether it is by zero: then it is any number."""
        build = self.build
        if right.constant is not None:
            zero = right.constant == 0
            return (left if zero else left.times(1 / right.constant)), build.constant(zero)
        over = self._without_offset(right)
        divisor, sign = self._above_zero(over.above)
        if left.constant is not None:
            above, ratio, below = build.constant(1), left.constant, divisor
        else:
            first = self._without_offset(left)
            above, ratio = first.above, first.ratio
            below = self._times_step(divisor, first.below)
        above = self._times_step(above, over.below)
        if sign is not None:
            above = build.case([(sign, build.subtract(build.constant(0), above))], above)
        zero_step = build.compare("==", over.above, build.constant(0))
        return self.of(above, ratio / over.ratio, ZERO, below), zero_step

    def _above_zero(self, step: Step) -> tuple[Step, Step | None]:
        """A step without its sign and at least 1, and whether it was below zero."""
        build = self.build
        low, _ = build.ranges[step]
        one, zero = build.constant(1), build.constant(0)
        if low >= 1:
            return step, None
        if low >= 0:
            return build.greatest(step, one), None
        negative = build.compare("<", step, zero)
        return build.greatest(step, build.subtract(zero, step), one), negative

    def power(self, base: Number, exponent: int) -> tuple[Number, Step]:
        """A number to a whole power, and whether that is one of zero below zero."""
        found = self.constant(1)
        for _ in range(abs(exponent)):
            found = self.multiply(found, base)
        if exponent >= 0:
            return found, self.build.constant(False)
        return self.divide(self.constant(1), found)

    # ---- the least and the greatest

    def least(self, numbers: Sequence[Number]) -> Number:
        """The least of numbers."""
        return self._extreme(list(dict.fromkeys(numbers)), least=True)

    def greatest(self, numbers: Sequence[Number]) -> Number:
        """The greatest of numbers."""
        return self._extreme(list(dict.fromkeys(numbers)), least=False)

    def _extreme(self, numbers: list[Number], *, least: bool) -> Number:
        pick = min if least else max
        fixed = [each.constant for each in numbers if each.constant is not None]
        varying = [each for each in numbers if each.constant is None]
        if not varying:
            return self.constant(pick(fixed))
        found = varying[0]
        if len(varying) > 1 and all(each.below is None for each in varying):
            found = self._extreme_of_wholes(varying, least)
        else:
            for each in varying[1:]:
                is_first = self.compare("<=" if least else ">=", found, each)
                found = self.choose([(is_first, found)], each)
        return self._limited(found, pick(fixed), least) if fixed else found

    def _extreme_of_wholes(self, numbers: list[Number], least: bool) -> Number:
        scale = math.lcm(*map(self.whole_scale, numbers))
        steps = [self.whole(each, scale).above for each in numbers]
        found = self.build.least(*steps) if least else self.build.greatest(*steps)
        return self.of(found, Fraction(1, scale))

    def whole_scale(self, this: Number) -> int:
        """The least scale over which it is whole."""
        return math.lcm(this.ratio.denominator, this.offset.denominator)

    def _limited(self, this: Number, end: Fraction, least: bool) -> Number:
        """A number limited by a constant, before it is scaled and shifted."""
        at = (end - this.offset) / this.ratio
        limit = self.build.least if least == (this.ratio > 0) else self.build.greatest
        if this.below is not None:
            above = self._times(this.above, Fraction(at.denominator))
            edge = self._times(this.below, Fraction(at.numerator))
            return self.of(limit(above, edge), this.ratio / at.denominator, this.offset, this.below)
        if at.denominator == 1:
            return self.of(limit(this.above, self.build.constant(int(at))), this.ratio, this.offset)
        scale = math.lcm(self.whole_scale(this), end.denominator)
        whole = self.whole(this, scale)
        limit = self.build.least if least else self.build.greatest
        return self.of(limit(whole.above, self.build.constant(int(end * scale))), Fraction(1, scale))

    def between(self, this: Number, low: Fraction, high: Fraction) -> Number:
        """A number kept between two constants."""
        return self.greatest([self.least([this, self.constant(high)]), self.constant(low)])

    # ---- choices and comparisons

    def choose(self, rows: Rows, otherwise: Number) -> Number:
        """The number after the first condition that holds."""
        build = self.build
        rows = [(condition, each) for condition, each in rows if build.value(condition) is not False]
        always = next((at for at, (condition, _) in enumerate(rows) if build.value(condition) is True), None)
        if always is not None:
            rows, otherwise = rows[:always], rows[always][1]
        numbers = [*(each for _, each in rows), otherwise]
        if len({(each.ratio, each.offset, each.below) for each in numbers}) == 1:
            above = build.case([(condition, each.above) for condition, each in rows], otherwise.above)
            return self.of(above, otherwise.ratio, otherwise.offset, otherwise.below)
        scale = math.lcm(*map(self.whole_scale, numbers))
        wholes = [self.whole(each, scale) for each in numbers]
        conditions = [condition for condition, _ in rows]
        above = build.case(
            list(zip(conditions, (each.above for each in wholes), strict=False)), wholes[-1].above
        )
        belows = [build.constant(1) if each.below is None else each.below for each in wholes]
        below = build.case(list(zip(conditions, belows, strict=False)), belows[-1])
        return self.of(above, Fraction(1, scale), ZERO, below)

    def compare(self, op: str, left: Number, right: Number) -> Step:
        """A comparison, by cross-multiplication where there are divisors."""
        build = self.build
        if left.constant is not None and right.constant is None:
            return self.compare(_FLIPPED[op], right, left)
        if left.base == right.base and left.constant is None:
            left = left._replace(ratio=left.ratio - right.ratio, offset=left.offset - right.offset)
            left, right = (left if left.ratio else self.constant(left.offset)), self.constant(0)
        if left.constant is not None:
            assert right.constant is not None
            return build.constant(_OPERATORS[op](left.constant, right.constant))
        if right.constant is not None:
            return self._compare_constant(op, left, right.constant)
        more = right.offset - left.offset
        by = Fraction(math.lcm(left.ratio.denominator, right.ratio.denominator, more.denominator))
        by /= math.gcd(*(int(each * by) for each in (left.ratio, right.ratio, more)))
        first = self._times(left.above, left.ratio * by)
        second = self._times(right.above, right.ratio * by)
        if left.below != right.below:
            first, second = self._times_step(first, right.below), self._times_step(second, left.below)
        if more:
            shift = build.constant(int(more * by))
            for each in dict.fromkeys((left.below, right.below)):
                shift = self._times_step(shift, each)
            second = build.add(second, shift)
        return build.compare(op, first, second)

    def _compare_constant(self, op: str, this: Number, value: Fraction) -> Step:
        build = self.build
        at = (value - this.offset) / this.ratio
        op = op if this.ratio > 0 else _FLIPPED[op]
        if this.below is not None:
            above = self._times(this.above, Fraction(at.denominator))
            return build.compare(op, above, self._times(this.below, Fraction(at.numerator)))
        if op == "==" and at.denominator != 1:
            return build.constant(False)
        edge = math.ceil(at) if op in (">=", "<") else math.floor(at)
        low, high = build.ranges[this.above]
        edge = min(max(edge, low - 1), high + 1)
        return build.compare(op, this.above, build.constant(edge))

    # ---- rounding

    def round(self, mode: str, step: Fraction, this: Number) -> Number:
        """The multiple of a step that a number is rounded to."""
        if this.below is None and self.whole_scale(this.times(1 / step)) == 1:
            return this
        whole = self.whole(this.times(1 / step))
        below = self._times(
            self.build.constant(1) if whole.below is None else whole.below, Fraction(whole.scale)
        )
        return self.of(self._count(mode, whole.above, below), step)

    def _count(self, mode: str, above: Step, below: Step) -> Step:
        """How many steps a number above / below is rounded to."""
        build = self.build
        zero = build.constant(0)
        is_negative = build.compare("<", above, zero)
        match mode:
            case "down":
                return build.divide(above, below)
            case "up":
                return self._up(above, below)
            case "toward zero":
                return self._either(is_negative, self._up, build.divide, above, below)
            case "away from zero":
                return self._either(is_negative, build.divide, self._up, above, below)
            case "half up":
                return self._half(above, below)
            case "half away from zero":
                away = self._half(build.greatest(above, build.subtract(zero, above)), below)
                return build.case([(is_negative, build.subtract(zero, away))], away)
        count, twice = self._half(above, below), build.constant(2)
        is_tie = build.compare(
            "==",
            build.add(build.multiply(above, twice), below),
            build.multiply(count, build.multiply(below, twice)),
        )
        is_odd = build.compare(">", count, build.multiply(build.divide(count, twice), twice))
        return build.case([(build.all(is_tie, is_odd), build.add(count, build.constant(-1)))], count)

    def _up(self, above: Step, below: Step) -> Step:
        by, zero = self.build.value(below), self.build.constant(0)
        if by is not None:
            return self.build.divide(self.build.add(above, self.build.constant(int(by) - 1)), below)
        return self.build.subtract(zero, self.build.divide(self.build.subtract(zero, above), below))

    def _half(self, above: Step, below: Step) -> Step:
        twice = self.build.constant(2)
        above = self.build.add(self.build.multiply(above, twice), below)
        return self.build.divide(above, self.build.multiply(below, twice))

    def _either(self, negative: Step, below_zero: _Count, else_: _Count, above: Step, below: Step) -> Step:
        if self.build.value(negative) is False:
            return else_(above, below)
        return self.build.case([(negative, below_zero(above, below))], else_(above, below))


_Count = Callable[[Step, Step], Step]
_OPERATORS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


def _shared(ratios: Iterable[Fraction]) -> Fraction:
    """The greatest number that all of some are whole multiples of."""
    found = list(ratios)
    by = Fraction(
        math.gcd(*(each.numerator for each in found)), math.lcm(*(each.denominator for each in found))
    )
    return -by if all(each < 0 for each in found) else by
