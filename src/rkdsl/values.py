"""Exact numbers, days, periods, units and states: the ground everything else stands on.

Knows nothing of texts, contracts or trees.
"""

from __future__ import annotations

import datetime
import functools
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from rkdsl.plain import Final, NamedTuple, pattern

# ---- limits (documented in docs/limits.md)

MAX_DIGITS: Final = 40
"""Digits a written number may have."""
MAX_EXPONENT: Final = 30
"""Largest absolute power of ten a number in actuals may be written with."""
MAX_DEPTH: Final = 100
"""Levels of braces, brackets and parentheses."""
MAX_ITEMS: Final = 100_000
"""Goals and requirements in one contract."""
MAX_LEVELS: Final = 10
"""How many files may lie between a contract and one that is used."""
MAX_USED: Final = 20_000
"""How many files one contract may use, each as often as it stands in it."""
MAX_PARTS: Final = 200_000
"""Terms, factors or rows of one statement."""
MAX_CHAIN: Final = 100
"""Scales and values without a period of their own, each made from the next."""
MAX_APPLIED: Final = 50_000
"""Applications of scales, each to other arguments, in one contract."""
MAX_SERIES: Final = 4_000
"""Readings that one function combines."""
MAX_MEMBERS: Final = 100
"""Members of a group of which at least so many must hold."""
LAST_DAY: Final = datetime.date.max.toordinal()
"""The ordinal of the last day of the calendar; the first is 1."""
MAX_BYTES: Final = 32 * 1024 * 1024
"""Size of a contract text or an actuals file."""


# ---- states


class State(NamedTuple):
    """Why a value is not a number: `not applicable` or `not defined`, with the reason.

    *Not known* is not a `State`: it is what a value is called while more than one outcome is possible.
    """

    kind: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.reason})" if self.reason else self.kind


NOT_APPLICABLE: Final = "not applicable"
NOT_DEFINED: Final = "not defined"


# ---- numbers

_DECIMAL = pattern(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,6}))?", re.ASCII)


def is_digits(text: str) -> bool:
    """Whether a text is made of the digits 0 to 9, of one at least."""
    return text.isascii() and text.isdigit()


def exact(text: str) -> Fraction | None:
    """The number a plain decimal text says, exactly; None when it has too many digits or is no number.

    The digits are counted on the text, before any number is made of it.
    """
    sign, rest = ("-", text[1:]) if text[:1] == "-" else ("", text)
    whole, dot, fraction = rest.partition(".")
    exponent = ""
    if not (is_digits(whole) and (is_digits(fraction) or not dot)):
        match = _DECIMAL.fullmatch(text)
        if match is None:
            return None
        sign, whole, fraction, exponent = match.groups(default="")
    if len(whole) + len(fraction) > MAX_DIGITS:
        return None
    power = int(exponent or "0")
    if abs(power) > MAX_EXPONENT:
        return None
    digits, shift = int(sign + whole + fraction), power - len(fraction)
    return Fraction(digits * 10**shift) if shift >= 0 else Fraction(digits, 10**-shift)


def is_finite_decimal(number: Fraction) -> bool:
    """Whether the number has a finite decimal expansion."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def decimal_text(number: Fraction, grouping: str = "_") -> str:
    """The number as a finite decimal when it has one of at most twelve places, else as `p/q`.

    Groups of three in the whole part are joined by `grouping`.
    """
    for places in range(13):
        times, rest = divmod(10**places, number.denominator)
        if rest == 0:
            return _grouped(number.numerator * times, places, grouping)
    whole = f"{abs(number.numerator)}/{number.denominator}"
    return ("-" if number < 0 else "") + whole


def _grouped(scaled: int, places: int, grouping: str) -> str:
    digits = f"{abs(scaled):0{places + 1}d}"
    whole, fraction = (digits[:-places], digits[-places:]) if places else (digits, "")
    text = f"{int(whole):,}".replace(",", grouping) if len(whole) > 4 or grouping != "_" else whole
    return ("-" if scaled < 0 else "") + text + (f".{fraction}" if fraction else "")


def rounded_decimal(number: Fraction, places: int = 12) -> Decimal:
    """The number as a decimal, half-even at `places` where it is not exact there. For display only."""
    digits = len(str(abs(number.numerator))) + places + 2
    context = Context(prec=max(digits + len(str(number.denominator)), 28), rounding=ROUND_HALF_EVEN)
    scaled = round(number * 10**places)  # exact: Fraction's own half-even
    return context.scaleb(Decimal(scaled), -places).normalize(context)


ROUNDINGS: Final = (
    "up",
    "down",
    "toward zero",
    "away from zero",
    "half up",
    "half away from zero",
    "half to even",
)
"""The ways to round, in the words of the language."""


# ---- days and periods


def is_day_text(text: str) -> bool:
    """Whether a text is written as a day is: `2009-12-31`."""
    return len(text) == 10 and text[4] == text[7] == "-" and is_digits(text[:4] + text[5:7] + text[8:])


class Period(NamedTuple):
    """The days from `first` to `last`, both included."""

    first: datetime.date
    last: datetime.date

    def __str__(self) -> str:
        return period_text(self)

    @property
    def kind(self) -> str:
        """`day`, `month`, `quarter`, `half-year`, `year`, or `days` for any other run of days."""
        return _kind_of(self)


MONTHS_IN: Final = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
RHYTHMS: Final = ("day", "month", "quarter", "half-year", "year")


@functools.lru_cache(maxsize=4096)
def parse_period(text: str) -> Period | None:
    """The period a text such as `2009`, `2009-H1`, `2009-Q2`, `2009-07`, `2009-07-01` or `A..B` names.

    None when it is not such a text, or names a day that does not exist.
    """
    start, dots, end = text.partition("..")
    if dots:
        first, last = (None, None) if ".." in end else (parse_period(start), parse_period(end))
        if first is None or last is None or last.last < first.first:
            return None
        return Period(first.first, last.last)
    year_text, dash, rest = text.partition("-")
    if len(year_text) != 4 or not is_digits(year_text) or year_text == "0000":
        return None
    year = int(year_text)
    if not dash:
        return months(year, 1, 12)
    part, dash, day = rest.partition("-")
    if len(part) != 2 or not is_digits(part[1]):
        return None
    number = int(part[1])
    if not dash and part[0] == "Q":
        return months(year, 3 * number - 2, 3) if 1 <= number <= 4 else None
    if not dash and part[0] == "H":
        return months(year, 6 * number - 5, 6) if 1 <= number <= 2 else None
    if not is_digits(part):
        return None
    if not dash:
        return months(year, int(part), 1) if 1 <= int(part) <= 12 else None
    if len(day) != 2 or not is_digits(day):
        return None
    try:
        date = datetime.date(year, int(part), int(day))
    except ValueError:
        return None
    return Period(date, date)


@functools.lru_cache(maxsize=4096)
def months(year: int, month: int, count: int) -> Period:
    """The period of `count` whole months that begins with `month` of `year`, within that year."""
    end = month + count - 1
    return Period(
        datetime.date(year, month, 1),
        datetime.date(year, end, _days_in(year, end)),
    )


def _kind_of(period: Period) -> str:
    first, last = period
    if first == last:
        return "day"
    for kind, count in MONTHS_IN.items():
        aligned = (first.month - 1) % count == 0 and first.month + count - 1 <= 12
        if aligned and period == months(first.year, first.month, count):
            return kind
    return "days"


def period_text(period: Period) -> str:
    """The shortest text of the period, which `parse_period` reads back."""
    first, last = period
    year = f"{first.year:04d}"
    match period.kind:
        case "day":
            return first.isoformat()
        case "month":
            return f"{year}-{first.month:02d}"
        case "quarter":
            return f"{year}-Q{(first.month + 2) // 3}"
        case "half-year":
            return f"{year}-H{(first.month + 5) // 6}"
        case "year":
            return year
    return f"{_end_text(first, last, at_start=True)}..{_end_text(first, last, at_start=False)}"


def _end_text(first: datetime.date, last: datetime.date, *, at_start: bool) -> str:
    """One end of a run: years where both ends fit whole years, else months, else days."""
    end = first if at_start else last
    whole_months = first.day == 1 and last.day == _days_in(last.year, last.month)
    if whole_months and first.month == 1 and last.month == 12:
        return f"{end.year:04d}"
    return f"{end.year:04d}-{end.month:02d}" if whole_months else end.isoformat()


def year_before(period: Period) -> Period | None:
    """The same part of the year before; a month stays a whole month. None before year 1."""
    return _moved(period, -1)


def year_after(period: Period) -> Period | None:
    """The same part of the year after; a month stays a whole month. None after year 9999."""
    return _moved(period, 1)


def _moved(period: Period, years: int) -> Period | None:
    first, last = period
    if first.year + years < datetime.MINYEAR or last.year + years > datetime.MAXYEAR:
        return None
    start = _same_day_of(first, first.year + years)
    if first == last:
        return Period(start, start)
    end = _same_day_of(last, last.year + years)
    if last.day == _days_in(last.year, last.month):
        end = end.replace(day=_days_in(end.year, end.month))
    return Period(start, end)


def parts_of_period(period: Period, rhythm: str) -> tuple[Period, ...]:
    """The periods of a rhythm that make up a period exactly, in order; none when they do not."""
    if rhythm == "day":
        count = (period.last - period.first).days + 1
        days = (period.first + datetime.timedelta(days=each) for each in range(count))
        return tuple(Period(day, day) for day in days)
    length = MONTHS_IN.get(rhythm)
    found: list[Period] = []
    first = period.first
    while length is not None and first <= period.last:
        if first.day != 1 or (first.month - 1) % length:
            return ()
        found.append(months(first.year, first.month, length))
        if found[-1].last >= datetime.date.max or found[-1].last > period.last:
            break
        first = found[-1].last + datetime.timedelta(days=1)
    return tuple(found) if found and found[-1].last == period.last else ()


def _same_day_of(date: datetime.date, year: int) -> datetime.date:
    """The day with the same month and day in another year; 28 February for 29 where there is none."""
    return date.replace(year=year, day=min(date.day, _days_in(year, date.month)))


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


# ---- units


class Unit(NamedTuple):
    """What a number counts: base units above and below the line, and how a plain number is shown.

    `shown` is `%`, `‰` or `pp` for plain numbers that are written that way (values are held as plain
    numbers: 80 % is 4/5), `day` for a calendar day, `truth` for yes or no, `word` for a word.
    """

    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    shown: str = ""

    def __str__(self) -> str:
        if self.shown:
            return _CALLED.get(self.shown, self.shown)
        if not self.above and not self.below:
            return "plain number"
        return " x ".join(self.above or ("1",)) + "".join(f" per {name}" for name in self.below)

    @property
    def is_count(self) -> bool:
        """Whether values are whole numbers of named things."""
        return self.shown == "" and self.below == () and len(self.above) == 1 and self.above[0] in COUNTS

    @property
    def is_money(self) -> bool:
        """Whether values are amounts of one currency."""
        return self.below == () and len(self.above) == 1 and self.above[0] in CURRENCIES

    @property
    def scale(self) -> Fraction:
        """What one written unit is worth as a held number: 1/100 for `%` and `pp`, 1/1000 for `‰`."""
        return _SCALES.get(self.shown, Fraction(1))


_CALLED: Final = {
    "truth": "yes or no",
    "day": "a day",
    "word": "a word",
    "text": "a text",
    "item": "a goal, requirement or section",
    "row": "a row of a register",
    "name": "a role",
}
_SCALES: Final = {"%": Fraction(1, 100), "pp": Fraction(1, 100), "‰": Fraction(1, 1000)}
COUNTS: Final = frozenset(
    (
        *("cases", "persons", "employees", "citizens", "residents", "households", "companies", "customers"),
        *(
            "users",
            "patients",
            "pupils",
            "students",
            "children",
            "visits",
            "calls",
            "requests",
            "applications",
        ),
        *("complaints", "incidents", "errors", "accidents", "inspections", "meetings", "tickets", "places"),
        *("beds", "items", "units"),
    )
)
CURRENCIES: Final = frozenset(
    (
        *("AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HUF", "INR", "ISK"),
        *("JPY", "KRW", "MXN", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "TRY", "USD", "ZAR"),
    )
)
PLAIN: Final = Unit()
PERCENT: Final = Unit(shown="%")
PERMILLE: Final = Unit(shown="‰")
PERCENTAGE_POINTS: Final = Unit(shown="pp")
DAY: Final = Unit(shown="day")
TRUTH: Final = Unit(shown="truth")
WORD: Final = Unit(shown="word")
REGISTERED: Final = {name: Unit(shown=name) for name in ("text", "item", "row", "name")}
"""What stands in registers alone: texts, and the names of items, of rows of another register and of roles."""
DAYS: Final = Unit(above=("days",))
POINTS: Final = Unit(above=("points",))
PERCENT_OF_TOTAL: Final = Unit(above=("%",))
"""What points are counted in where a contract's total is 100 %: held as written, 60 for 60 %."""

MAGNITUDES: Final = {"million": 1_000_000}
