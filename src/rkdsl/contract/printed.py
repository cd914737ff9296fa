"""Printed figures: which exact numbers each may stand for, and how such ranges are reckoned with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from itertools import product
from typing import Any

from rkdsl.contract.report import held
from rkdsl.contract.symbols import Quantified
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.messages import number_text
from rkdsl.plain import Plain
from rkdsl.values import MAGNITUDES, Period, Unit


class Interval(Plain):
    """The numbers from `low` to `high`, each end in it unless it is open; None for no end."""

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, number: Fraction) -> bool:
        above = self.low is None or number > self.low or (number == self.low and not self.low_open)
        below = self.high is None or number < self.high or (number == self.high and not self.high_open)
        return above and below

    @property
    def is_zero(self) -> bool:
        """Whether it is nothing but 0."""
        return self.low == self.high == 0

    @property
    def may_be_negative(self) -> bool:
        """Whether 0 or less is in it."""
        return self.low is None or self.low < 0 or Fraction(0) in self

    @property
    def may_be_positive(self) -> bool:
        """Whether 0 or more is in it."""
        return self.high is None or self.high > 0 or Fraction(0) in self

    def meets(self, other: Interval) -> bool:
        """Whether some number is in both."""
        return not (_ends_before(self, other) or _ends_before(other, self))

    def negated(self) -> Interval:
        """Each number with the other sign."""
        low, high = _negative(self.high), _negative(self.low)
        return Interval(low, high, self.high_open, self.low_open)

    def plus(self, other: Interval) -> Interval:
        """Each sum of a number of either. Both have ends."""
        low_open, high_open = self.low_open or other.low_open, self.high_open or other.high_open
        return Interval(
            _end(self.low) + _end(other.low), _end(self.high) + _end(other.high), low_open, high_open
        )

    def minus(self, other: Interval) -> Interval:
        """Each difference. Both have ends."""
        return self.plus(other.negated())

    def times(self, other: Interval) -> Interval:
        """Each product. Both have ends."""
        corners = [_corner(a, b) for a, b in product(_ends(self), _ends(other))]
        low, high = min(each for each, _ in corners), max(each for each, _ in corners)
        return Interval(
            low,
            high,
            all(is_open for each, is_open in corners if each == low),
            all(is_open for each, is_open in corners if each == high),
        )

    def over(self, other: Interval) -> Interval | None:
        """Each quotient, where the divisors lie on one side of 0; None where they lie on both, or are 0."""
        if other.is_zero or (_end(other.low) < 0 < _end(other.high)):
            return None
        if _end(other.low) < 0:
            return self.negated().over(other.negated())
        low, low_open = _quotient((_end(self.low), self.low_open), other, is_low=True)
        high, high_open = _quotient((_end(self.high), self.high_open), other, is_low=False)
        return Interval(low, high, low_open, high_open)


def point(number: Fraction | int) -> Interval:
    """One number alone."""
    return Interval(Fraction(number), Fraction(number))


def _end(number: Fraction | None) -> Fraction:
    assert number is not None
    return number


_End = tuple[Fraction, bool]
"""An end of a range, and whether it is open."""


def _ends(interval: Interval) -> tuple[_End, _End]:
    return (_end(interval.low), interval.low_open), (_end(interval.high), interval.high_open)


def _negative(number: Fraction | None) -> Fraction | None:
    return None if number is None else -number


def _ends_before(first: Interval, second: Interval) -> bool:
    if first.high is None or second.low is None:
        return False
    return first.high < second.low or (first.high == second.low and (first.high_open or second.low_open))


def _corner(first: _End, second: _End) -> _End:
    """The product of two ends: it is reached where both are, or where one of them is 0."""
    (a, a_open), (b, b_open) = first, second
    is_zero = (a == 0 and not a_open) or (b == 0 and not b_open)
    return a * b, (a_open or b_open) and not is_zero


def _quotient(end: _End, by: Interval, *, is_low: bool) -> tuple[Fraction | None, bool]:
    """An end of a quotient by numbers of 0 or more; None where there is none."""
    number, is_open = end
    if number == 0:
        return number, is_open
    divisor, divisor_open = _ends(by)[(number > 0) == is_low]
    return (None, False) if divisor == 0 else (number / divisor, is_open or divisor_open)


# ---- figures


def figure(quantity: nodes.Quantity, unit: Unit) -> Interval | None:
    """What a printed number may be rounded from: 9.4 % from 9.35 %, and up to 9.45 % without it.

    `unit` is that of a number without one.
    """
    number = held(quantity, unit)
    if number is None:
        return None
    own = UNITS[quantity.unit] if quantity.unit else unit
    step = Fraction(1, 10**quantity.decimals) * MAGNITUDES.get(quantity.magnitude, 1) * own.scale
    return Interval(number - step / 2, number + step / 2, high_open=True)


def relevant(stated: nodes.Stated[Any]) -> list[Any]:  # of whatever kind is stated
    """The values that may come to hold: the one that governs, if one does, else all."""
    governing = [each.value for each in stated.statements if each.governs]
    return governing or [each.value for each in stated.statements]


def numbers_of(measure: Quantified, period: Period) -> tuple[Fraction, ...]:
    """The numbers that a contract states for a period; none where one of them cannot be read or is open."""
    entry = measure.history.get(period)
    values = relevant(entry.value) if entry is not None else []
    found = [held(each, measure.unit) for each in values if isinstance(each, nodes.Quantity)]
    known = tuple(each for each in found if each is not None)
    return known if len(known) == len(values) else ()


def readings_of(measure: Quantified, period: Period) -> tuple[Interval, ...]:
    """What each figure that a contract states for a period may be: counts are exact, others are rounded."""
    numbers = numbers_of(measure, period)
    if not numbers or measure.unit.is_count:
        return tuple(map(point, numbers))
    found = (figure(each, measure.unit) for each in relevant(measure.history[period].value))
    return tuple(each for each in found if each is not None)


def hull(intervals: Iterable[Interval]) -> Interval:
    """From the lowest to the highest of several that have ends."""
    known = list(intervals)
    low, high = min(known, key=_by_low), max(known, key=_by_high)
    return Interval(low.low, high.high, low.low_open, high.high_open)


def _by_low(interval: Interval) -> tuple[Fraction, bool]:
    return _end(interval.low), interval.low_open


def _by_high(interval: Interval) -> tuple[Fraction, bool]:
    return _end(interval.high), not interval.high_open


# ---- as text


def counted(interval: Interval, unit: Unit) -> Interval:
    """The whole numbers in a range of counts, else the range itself."""
    if not unit.is_count:
        return interval
    low, high = interval.low, interval.high
    if low is not None:
        low = Fraction(math.floor(low) + 1 if interval.low_open else math.ceil(low))
    if high is not None:
        high = Fraction(math.ceil(high) - 1 if interval.high_open else math.floor(high))
    return Interval(low, high)


def is_empty(interval: Interval) -> bool:
    """Whether no number is in it."""
    if interval.low is None or interval.high is None or interval.low < interval.high:
        return False
    return interval.low > interval.high or interval.low_open or interval.high_open


def range_words(interval: Interval, unit: Unit) -> str:
    """`2_069 to 2_101 persons`, `about` to two decimals where it has more; one number where it is one."""
    shown = counted(interval, unit)
    low, high = _short(shown.low, unit, math.ceil), _short(shown.high, unit, math.floor)
    if low is not None and high is not None and low > high:
        low, high = _short(shown.low, unit, math.floor), _short(shown.high, unit, math.ceil)
    if low is None and high is None:
        return "any number"
    if low is None or high is None:
        return (
            f"{number_text(_end(high), unit)} or less" if low is None else f"{number_text(low, unit)} or more"
        )
    if low == high:
        return number_text(low, unit)
    return f"{number_text(low, unit if unit.shown else Unit())} to {number_text(high, unit)}"


def _short(number: Fraction | None, unit: Unit, whole: Any) -> Fraction | None:  # math.floor or math.ceil
    return None if number is None else Fraction(whole(number / unit.scale * 100), 100) * unit.scale
