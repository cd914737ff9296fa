"""Counting the days of a calendar by formula, never by looking at each day."""

from __future__ import annotations

import math
from bisect import bisect_right
from fractions import Fraction

from rkdsl.plain import TYPE_CHECKING, Late
from rkdsl.rules.possible import Interval, interval, point
from rkdsl.rules.tree import Calendar

if TYPE_CHECKING:
    from rkdsl.rules import operations
else:
    operations = Late("rkdsl.rules.operations")


class DayCount:
    """Counts the days of one calendar up to a day, from a fixed beginning."""

    def __init__(self, calendar: Calendar | None) -> None:
        """Of `calendar`, or of every day when it is None."""
        weekdays = frozenset(range(7)) if calendar is None else frozenset(calendar.weekdays)
        self._in_week = len(weekdays)
        self._in_part = tuple(sum(day in weekdays for day in range(part)) for part in range(7))
        holidays = () if calendar is None else calendar.holidays
        self._holidays = tuple(day for day in holidays if (day - 1) % 7 in weekdays)

    def up_to(self, day: Fraction) -> Fraction:
        """How many days count up to and including the day; ordinal 1 was a Monday."""
        last = math.floor(day)
        weeks, part = divmod(last, 7)
        return Fraction(weeks * self._in_week + self._in_part[part] - bisect_right(self._holidays, last))

    def between(self, start: Fraction, end: Fraction) -> Fraction:
        """The days d that count with start < d <= end; negative when turned round."""
        return self.up_to(end) - self.up_to(start)

    def span(self, start: Interval, end: Interval) -> Interval:
        """What `between` can be."""
        return operations.subtract(self._up_to_any(end), self._up_to_any(start))

    def _up_to_any(self, days: Interval) -> Interval:
        if self._in_week == 0:
            return point(Fraction(0))
        days = operations.round_interval("down", Fraction(1), days)
        low = None if days.low is None else self.up_to(days.low)
        high = None if days.high is None else self.up_to(days.high)
        found = interval(low, high, whole=True, full=days.full)
        assert found is not None
        return found
