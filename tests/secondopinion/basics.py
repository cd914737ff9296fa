"""The ground of the second opinion: states, what wins when values meet, days and periods, units.

Written from docs/language.md alone. Numbers and days are Fractions (a day is its ordinal), yes and no are bools,
words are texts. A value that is none of these is a `State` or an `Unknown`.
"""

from __future__ import annotations

import calendar
import datetime
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

# ---- what is worked out once


def by_identity(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one thing that nothing changes, remembered for the last such things."""
    known: dict[int, tuple[Any, Any]] = {}

    def remembered(thing: Any) -> Any:
        found = known.get(id(thing))
        if found is None:
            if len(known) >= MOST_REMEMBERED:
                known.clear()
            found = known[id(thing)] = thing, function(thing)  # the thing is kept: no other has its identity
        return found[1]

    return remembered


MOST_REMEMBERED = 20_000

# ---- states


@dataclass(frozen=True)
class State:
    """Settled, and yet no value. `left_out`: not applicable by the rule for what is not reported."""

    kind: str
    left_out: bool = False


@dataclass(frozen=True)
class Unknown:
    """Not settled. `nd` and `na`: it may still turn out not defined, not applicable (`out`: left out)."""

    nd: bool = False
    na: bool = False
    out: bool = False


NOT_DEFINED = State("not defined")
NOT_APPLICABLE = State("not applicable")
LEFT_OUT = State("not applicable", left_out=True)
UNKNOWN = Unknown()


def is_plain(value: Any) -> bool:
    """Whether it is a number, a day, a word, yes or no."""
    return not isinstance(value, (State, Unknown))


def is_nd(value: Any) -> bool:
    return isinstance(value, State) and value.kind == "not defined"


def is_na(value: Any) -> bool:
    return isinstance(value, State) and value.kind == "not applicable"


def open_of(values: Iterable[Any], *, nd: bool = False, na: bool = False) -> Unknown:
    """Not settled, and may become whatever any of the values is or may become."""
    values = list(values)
    nd = nd or any(is_nd(each) or (isinstance(each, Unknown) and each.nd) for each in values)
    na = na or any(is_na(each) or (isinstance(each, Unknown) and each.na) for each in values)
    out = any(each == LEFT_OUT or (isinstance(each, Unknown) and each.out) for each in values)
    return Unknown(nd, na, out)


def by_itself(value: Any) -> Any:
    """What something came to, without why: it is left out of what it stands in, not of what asks for it."""
    if isinstance(value, State):
        return State(value.kind)
    return Unknown(value.nd, value.na) if isinstance(value, Unknown) else value


def blocked(values: Iterable[Any]) -> State | Unknown | None:
    """What wins in a calculation: not defined, else not applicable, else not known. None: all are plain.

    With something not applicable and something open that may become not defined, both are still possible.
    """
    values = list(values)
    unknown = [each for each in values if isinstance(each, Unknown)]
    if any(is_nd(each) for each in values):
        return NOT_DEFINED
    if any(is_na(each) for each in values):
        if any(each.nd for each in unknown):
            return Unknown(nd=True, na=True, out=open_of(values).out)
        if any(is_na(each) and each.left_out for each in values):
            return LEFT_OUT
        # what is open may be what leaves it out
        return Unknown(na=True, out=True) if any(each.out for each in unknown) else NOT_APPLICABLE
    return open_of(unknown) if unknown else None


def calculate(function: Callable[..., Any], *values: Any) -> Any:
    """A function of plain values, or what wins among the others."""
    stopped = blocked(values)
    return function(*values) if stopped is None else stopped


def at_least_of(count: int, values: Iterable[Any]) -> Any:
    """Whether at least so many hold: settled as soon as they do, or so many do not that it can no longer be."""
    values = list(values)
    if sum(each is True for each in values) >= count:
        return True
    if sum(each is False for each in values) > len(values) - count:
        return False
    if any(isinstance(each, Unknown) for each in values):
        return open_of(values)
    return blocked(values)


def all_of(values: Iterable[Any]) -> Any:
    values = list(values)
    return at_least_of(len(values), values)


def any_of(values: Iterable[Any]) -> Any:
    return at_least_of(1, values)


def negated(value: Any) -> Any:
    return (not value) if is_plain(value) else value


def same(values: Iterable[Any]) -> Any:
    """The one value that all of them are; not known where they differ or one is open."""
    values = list(values)
    first = values[0]
    if isinstance(first, Unknown) or any(type(each) is not type(first) or each != first for each in values):
        return open_of(values)
    return first


# ---- days and periods

LENGTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


class Days(NamedTuple):
    """A run of days, first and last included."""

    first: datetime.date
    last: datetime.date


UNDECIDED_PERIOD = Days(datetime.date.max, datetime.date.min)
"""A time that is still to be decided."""


def end_of_month(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def whole_months(year: int, month: int, count: int) -> Days:
    return Days(datetime.date(year, month, 1), end_of_month(year, month + count - 1))


def period_of(text: str) -> Days:
    """`2026`, `2026-H1`, `2026-Q1`, `2026-07`, `2026-07-01`, or two of them with `..` between."""
    if ".." in text:
        first, last = text.split("..")
        return Days(period_of(first).first, period_of(last).last)
    year, *rest = text.split("-")
    if not rest:
        return whole_months(int(year), 1, 12)
    if rest[0].startswith("Q"):
        return whole_months(int(year), 3 * int(rest[0][1:]) - 2, 3)
    if rest[0].startswith("H"):
        return whole_months(int(year), 6 * int(rest[0][1:]) - 5, 6)
    if len(rest) == 1:
        return whole_months(int(year), int(rest[0]), 1)
    day = datetime.date(int(year), int(rest[0]), int(rest[1]))
    return Days(day, day)


def parts_of(period: Days, rhythm: str) -> list[Days]:
    """The periods of a rhythm that a period is made of; none when it is not made of whole ones."""
    if rhythm == "day":
        count = (period.last - period.first).days + 1
        days = [period.first + datetime.timedelta(days=each) for each in range(count)]
        return [Days(day, day) for day in days]
    length, found, at = LENGTHS[rhythm], [], period.first
    while at <= period.last:
        if at.day != 1 or (at.month - 1) % length:
            return []
        part = whole_months(at.year, at.month, length)
        if part.last > period.last:
            return []
        found.append(part)
        at = part.last + datetime.timedelta(days=1)
    return found


def one_year_earlier(period: Days) -> Days:
    """The same month, quarter, day of the year before; a whole month stays a whole month."""

    def earlier(day: datetime.date) -> datetime.date:
        return day.replace(
            year=day.year - 1, day=min(day.day, calendar.monthrange(day.year - 1, day.month)[1])
        )

    first, last = earlier(period.first), earlier(period.last)
    if period.first != period.last and period.last == end_of_month(period.last.year, period.last.month):
        last = end_of_month(last.year, last.month)
    return Days(first, last)


def ordinal(day: datetime.date) -> Fraction:
    return Fraction(day.toordinal())


# ---- units


class Unit(NamedTuple):
    """What is counted above and below the line, and as what plain numbers are written (`%`, `‰`, `pp`)."""

    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    shown: str = ""


PLAIN = Unit()
PERCENT = Unit(shown="%")
PP = Unit(shown="pp")
DAY = Unit(shown="day")
DAYS = Unit(above=("days",))
POINTS = Unit(above=("points",))
PERCENT_POINTS = Unit(shown="% of the total")
"""Points of a contract whose total is in %: a share here, 60 for 60 % outside."""
TRUTH = Unit(shown="yes or no")
WORD = Unit(shown="word")

SCALES = {"%": Fraction(1, 100), "pp": Fraction(1, 100), "‰": Fraction(1, 1000)}


def unit_called(name: str, per: str = "") -> Unit:
    """The unit of the closed table with that name."""
    if name in ("%", "‰", "pp", "day", "yes or no", "word"):
        return Unit(shown=name)
    below = (per,) if per and per != "number" else ()
    return Unit((), below) if name == "number" else Unit((name,), below)


def times(left: Unit, right: Unit, sign: str = "*") -> Unit:
    """The unit of a product or of a quotient."""
    if sign == "/":
        if left == right:
            return PLAIN
        right = Unit(right.below, right.above, right.shown)
    above, below = [*left.above, *right.above], [*left.below, *right.below]
    for name in list(above):
        if name in below:
            above.remove(name)
            below.remove(name)
    if above or below:
        return Unit(tuple(sorted(above)), tuple(sorted(below)))
    if left.above or left.below or right.above or right.below:
        return PLAIN
    if left.shown == PERCENT_POINTS.shown or (right.shown == PERCENT_POINTS.shown and sign == "*"):
        return PERCENT_POINTS
    if "pp" in (left.shown, right.shown):
        return PP if left == PP or sign == "*" else PLAIN
    if sign == "/":
        return left if not right.shown else PLAIN
    return Unit(shown=left.shown or right.shown)


# ---- rounding

ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "up": math.ceil,
    "down": math.floor,
    "toward zero": math.trunc,
    "away from zero": lambda x: math.ceil(x) if x > 0 else math.floor(x),
    "half up": lambda x: math.floor(x + Fraction(1, 2)),
    "half away from zero": lambda x: math.floor(abs(x) + Fraction(1, 2)) * (1 if x >= 0 else -1),
    "half to even": round,
}
