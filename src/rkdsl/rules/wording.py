"""Values in words: numbers with their unit, days, yes and no, and everything a value can still be."""

from __future__ import annotations

import datetime
import math
from fractions import Fraction

from rkdsl.plain import Final
from rkdsl.rules.possible import Interval, Possible
from rkdsl.values import DAY, LAST_DAY, PLAIN, POINTS, Unit, decimal_text, is_finite_decimal, rounded_decimal

ABOUT_PLACES: Final = 6


def number(value: Fraction, unit: Unit = PLAIN) -> str:
    """An exact number in its unit, 4/5 in % as `80 %`; one without a finite decimal also says about how much it is."""
    if unit == DAY:
        return day(value)
    shown = value / unit.scale
    text = decimal_text(shown)
    if "/" in text:
        about = rounded_decimal(shown, ABOUT_PLACES)
        sign = "" if is_finite_decimal(shown) else "…"
        text = f"{text} ({format(about, 'f')}{sign})"
    return text if unit in (PLAIN, POINTS) else f"{text} {unit}"


def figure(value: Fraction, places: int = 4) -> str:
    """A number for a table: exact with at most so many decimals, else cut there with an ellipsis."""
    if (value * 10**places).denominator == 1:
        return decimal_text(value)
    cut = Fraction(math.floor(abs(value) * 10**places), 10**places)
    return f"{'-' if value < 0 else ''}{decimal_text(cut)}…"


def day(value: Fraction) -> str:
    """The day of an ordinal; one off the calendar as a number of days."""
    if value.denominator == 1 and 1 <= value <= LAST_DAY:
        return datetime.date.fromordinal(int(value)).isoformat()
    return f"day {decimal_text(value)}"


def value(this: Possible, unit: Unit = PLAIN) -> str:
    """What a value is, or everything it can still be."""
    parts = []
    if this.numbers is not None:
        parts.append(_interval(this.numbers, unit))
    parts += [{True: "yes", False: "no"}[truth] for truth in sorted(this.truths, reverse=True)]
    parts += [f"`{word}`" for word in sorted(this.words)]
    parts += [str(state) for state in this.states]
    return " or ".join(parts) if parts else "nothing"


def _interval(numbers: Interval, unit: Unit) -> str:
    low, high = numbers.low, numbers.high
    if low is None and high is None:
        return "any day" if unit == DAY else "any number"
    if low is None:
        assert high is not None
        if unit == DAY:
            return f"{day(high)} or before"
        return f"less than {number(high, unit)}" if numbers.high_open else f"{number(high, unit)} or less"
    if high is None:
        if unit == DAY:
            return f"{day(low)} or later"
        return f"more than {number(low, unit)}" if numbers.low_open else f"{number(low, unit)} or more"
    if low == high:
        return number(low, unit)
    start = f"more than {number(low, unit)}" if numbers.low_open else number(low, unit)
    end = f"less than {number(high, unit)}" if numbers.high_open else number(high, unit)
    return f"{start} to {end}"
