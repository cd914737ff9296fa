"""Numbers, periods and units: exact, and read back as they are shown."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rkdsl.values import (
    CURRENCIES,
    DAY,
    PERCENT,
    PERMILLE,
    PLAIN,
    POINTS,
    TRUTH,
    WORD,
    Period,
    State,
    Unit,
    decimal_text,
    exact,
    is_finite_decimal,
    months,
    parse_period,
    period_text,
    rounded_decimal,
    year_before,
)

_days = st.dates()
_periods = st.builds(lambda a, b: Period(min(a, b), max(a, b)), _days, _days)
_months = st.builds(lambda year, month: months(year, month, 1), st.integers(1, 9999), st.integers(1, 12))
_all_periods = st.one_of(
    _periods,
    _months,
    st.builds(lambda a, b: Period(min(a.first, b.first), max(a.last, b.last)), _months, _months),
    st.builds(lambda year, part: months(year, 3 * part + 1, 3), st.integers(1, 9999), st.integers(0, 3)),
    st.builds(lambda year, part: months(year, 6 * part + 1, 6), st.integers(1, 9999), st.integers(0, 1)),
    st.builds(lambda year: months(year, 1, 12), st.integers(1, 9999)),
    st.builds(lambda day: Period(day, day), _days),
)

# ---- numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", Fraction(0)),
        ("-0.50", Fraction(-1, 2)),
        ("26675", Fraction(26675)),
        ("1e3", Fraction(1000)),
        ("1.5E-2", Fraction(3, 200)),
        ("1e30", Fraction(10**30)),
        ("1" * 40, Fraction(int("1" * 40))),
        *(
            (text, None)
            for text in ("", "-", "1.", ".5", "1e31", "1e-31", "1e999999999", "1" * 41, "0." + "1" * 40)
        ),
        *(
            (text, None)
            for text in ("nan", "NaN", "inf", "Infinity", "+1", "1_000", "1,5", " 1", "1\n", "٣", "0x1")
        ),
    ],
)
def test_numbers_are_exact_or_none(text: str, number: Fraction | None) -> None:
    """A plain decimal text within the limits, counted before a number is made."""
    assert number == exact(text)


@given(st.integers(-(10**20), 10**20), st.integers(0, 12))
def test_decimals_read_back(scaled: int, places: int) -> None:
    """What is shown as a decimal is that number."""
    number = Fraction(scaled, 10**places)
    assert number == exact(decimal_text(number, ""))
    assert is_finite_decimal(number)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(1000), "1000"),
        (Fraction(26675), "26_675"),
        (Fraction(-1234567, 100), "-12_345.67"),
        (Fraction(1, 3), "1/3"),
        (Fraction(-2, 3), "-2/3"),
        (Fraction(1, 10**13), "1/10000000000000"),
    ],
)
def test_numbers_are_shown_exactly(number: Fraction, text: str) -> None:
    """A finite decimal, or else a fraction."""
    assert text == decimal_text(number)


def test_groups_are_joined_as_asked() -> None:
    """With a mark of one's own also from four digits on."""
    assert "1 000" == decimal_text(Fraction(1000), " ")
    assert not is_finite_decimal(Fraction(1, 7))


@given(st.fractions(), st.integers(0, 15))
def test_rounding_for_display_is_near(number: Fraction, places: int) -> None:
    """Half a unit of the last place at most."""
    assert abs(Fraction(rounded_decimal(number, places)) - number) <= Fraction(1, 2 * 10**places)


def test_rounding_for_display_is_half_even() -> None:
    """As `Fraction` rounds."""
    assert [Decimal("0.2"), Decimal("0.4")] == [rounded_decimal(Fraction(n, 100), 1) for n in (25, 35)]


# ---- periods


@given(_all_periods)
def test_periods_read_back(period: Period) -> None:
    """The shortest text of a period is that period."""
    assert period == parse_period(period_text(period))
    assert str(period) == period_text(period)


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2009", "year", "2009-01-01", "2009-12-31"),
        ("2009-H2", "half-year", "2009-07-01", "2009-12-31"),
        ("2009-Q1", "quarter", "2009-01-01", "2009-03-31"),
        ("2008-02", "month", "2008-02-01", "2008-02-29"),
        ("2009-07-01", "day", "2009-07-01", "2009-07-01"),
        ("2009-03..2009-05", "days", "2009-03-01", "2009-05-31"),
        ("2009..2012", "days", "2009-01-01", "2012-12-31"),
        ("2009-02..2009-04", "days", "2009-02-01", "2009-04-30"),
        ("2009-01-02..2009-Q1", "days", "2009-01-02", "2009-03-31"),
    ],
)
def test_periods(text: str, kind: str, first: str, last: str) -> None:
    """From the first to the last day, both included."""
    period = parse_period(text)
    assert period is not None
    assert (kind, first, last) == (period.kind, period.first.isoformat(), period.last.isoformat())


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "209",
            "20090",
            "0000",
            "2009-00",
            "2009-13",
            "2009-1",
            "2009-Q0",
            "2009-Q5",
            "2009-H3",
            "2009-02-29",
        ),
        *(
            "2009-7-01",
            "2009-07-01T00",
            "2012..2009",
            "2009..",
            "..2009",
            "2009..2010..2011",
            "٢٠٠٩",
            "2009\n",
        ),
    ],
)
def test_texts_that_are_no_period(text: str) -> None:
    """A day that does not exist, a run that ends before it begins, anything else."""
    assert None is parse_period(text)


def test_names_of_periods_are_kept_by_other_spellings() -> None:
    """A run that is a quarter is that quarter."""
    assert parse_period("2009-Q1") == parse_period("2009-01..2009-03")


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2009", "2008"),
        ("2009-Q1", "2008-Q1"),
        ("2009-02", "2008-02"),
        ("2008-02", "2007-02"),
        ("2009-02-28", "2008-02-28"),
        ("2008-02-29", "2007-02-28"),
        ("2009-12-31", "2008-12-31"),
        ("2009-03..2009-05", "2008-03..2008-05"),
        ("2008-01-15..2008-02-28", "2007-01-15..2007-02-28"),
        ("2008-02-29..2008-03-05", "2007-02-28..2007-03-05"),
    ],
)
def test_the_year_before(text: str, before: str) -> None:
    """The same part of the year before; the end of February stays the end of February."""
    period = parse_period(text)
    assert period is not None
    assert before == str(year_before(period))


@given(_all_periods)
def test_the_year_before_is_a_year_earlier(period: Period) -> None:
    """Of the same kind, as far as there is a year before."""
    before = year_before(period)
    if before is None:
        assert 1 == period.first.year
    else:
        assert (period.first.year - 1, period.last.year - 1) == (before.first.year, before.last.year)
        if period.kind != "days":
            assert period.kind == before.kind


def test_dates_end_with_the_calendar() -> None:
    """The last month there is."""
    assert datetime.date(9999, 12, 31) == months(9999, 12, 1).last


# ---- units and states


def test_units_say_what_they_are() -> None:
    """Counts, money, rates and the kinds of value that are no number."""
    assert ["%", "‰", "points", "plain number"] == list(map(str, (PERCENT, PERMILLE, POINTS, PLAIN)))
    assert ["yes or no", "a day", "a word"] == list(map(str, (TRUTH, DAY, WORD)))
    assert "DKK per points" == str(Unit(("DKK",), ("points",)))
    assert "1 per days" == str(Unit((), ("days",)))
    assert Unit(("cases",)).is_count and not Unit(("DKK",)).is_count and not PERCENT.is_count
    assert all(Unit((code,)).is_money for code in CURRENCIES) and not Unit(("DKK",), ("days",)).is_money
    assert [Fraction(1, 100), Fraction(1, 1000), Fraction(1)] == [
        u.scale for u in (PERCENT, PERMILLE, POINTS)
    ]


def test_states_say_their_reason() -> None:
    """Where they have one."""
    assert ["not defined (division by zero)", "not applicable"] == [
        str(State("not defined", "division by zero")),
        str(State("not applicable", "")),
    ]
