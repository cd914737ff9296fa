"""What a value can still be: sets, their hulls, and what arithmetic, comparison and rounding make of them."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rkdsl.rules import operations as o
from rkdsl.rules import possible as p
from rkdsl.rules import settled as s
from rkdsl.values import State

NA = State("not applicable", "closed")
ND = State("not defined", "a hole")
numbers = st.builds(Fraction, st.integers(-9, 9), st.sampled_from((1, 1, 2, 3)))


@st.composite
def intervals(draw):  # type: ignore[no-untyped-def]  # hypothesis' own draw
    """Intervals of every shape."""
    low, high = sorted((draw(numbers), draw(numbers)))
    found = p.interval(
        draw(st.sampled_from((low, low, None))),
        draw(st.sampled_from((high, high, None))),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    return p.point(low) if found is None else found


def members(this: p.Interval) -> list[Fraction]:
    """Some numbers of an interval, its ends and their neighbours first."""
    near = [Fraction(0), *(end for end in (this.low, this.high) if end is not None)]
    shifts = [Fraction(0), Fraction(1, 2000), Fraction(1, 1000), Fraction(1), Fraction(50)]
    places = {end + sign * shift for end in near for shift in shifts for sign in (1, -1)}
    return sorted(place for place in places if place in this)


def of(low: int | None, high: int | None, marks: str = "[]", whole: bool = False) -> p.Interval:
    """An interval as it is drawn in a textbook."""
    ends = [None if end is None else Fraction(end) for end in (low, high)]
    found = p.interval(ends[0], ends[1], marks[0] == "(", marks[1] == ")", whole)
    assert found is not None
    return found


OPERATIONS = {
    "add": (o.add, lambda x, y: x + y),
    "sub": (o.subtract, lambda x, y: x - y),
    "mul": (o.multiply, lambda x, y: x * y),
    "min": (o.lesser, min),
    "max": (o.greater, max),
    "div": (o.divide, lambda x, y: x / y if y else None),
}


@pytest.mark.parametrize("name", OPERATIONS)
@given(first=intervals(), second=intervals())
def test_arithmetic_holds_every_result_and_reaches_its_ends(
    name: str, first: p.Interval, second: p.Interval
) -> None:
    """Every result lies inside; a closed end is one of them; an open end is not."""
    operation, plain = OPERATIONS[name]
    found = operation(first, second)
    results = [plain(x, y) for x, y in product(members(first), members(second))]
    results = [result for result in results if result is not None]
    assert found is not None or results == []
    for result in results:
        assert result in found
    for end, is_open in ((found.low, found.low_open), (found.high, found.high_open)) if found else ():
        if end is not None and not is_open:
            assert end in results


@given(this=intervals(), exponent=st.integers(-4, 4))
def test_powers(this: p.Interval, exponent: int) -> None:
    """A power holds every result and reaches its closed ends."""
    found = o.power(this, exponent)
    results = [x**exponent for x in members(this) if x or exponent >= 0]
    assert all(found is not None and result in found for result in results)
    if found is not None:
        assert found.low is None or found.low_open or found.low in results
        assert found.high is None or found.high_open or found.high in results


@given(first=intervals(), second=intervals())
def test_hull_and_meet(first: p.Interval, second: p.Interval) -> None:
    """The hull has everything of both, the meet what is in both."""
    joined, common = p.hull(first, second), p.meet(first, second)
    for number in {*members(first), *members(second)}:
        assert joined is not None
        assert number in joined
        assert (number in first and number in second) == (common is not None and number in common)


@given(first=intervals(), second=intervals())
def test_a_full_hull_leaves_no_gap(first: p.Interval, second: p.Interval) -> None:
    """Where the hull says that it is full, every number of it is in one of the two."""
    joined = p.hull(first, second)
    assert joined is not None
    if joined.full:
        assert all(number in first or number in second for number in members(joined))


@pytest.mark.parametrize(
    ("op", "plain"),
    [
        ("at most", lambda x, y: x <= y),
        ("at least", lambda x, y: x >= y),
        ("above", lambda x, y: x > y),
        ("below", lambda x, y: x < y),
        ("exactly", lambda x, y: x == y),
    ],
)
@given(first=intervals(), second=intervals())
def test_comparison_is_what_some_pair_gives(op, plain, first, second) -> None:  # type: ignore[no-untyped-def]
    """A truth is possible exactly when some pair of numbers gives it."""
    common = p.meet(first, second)
    shared = [] if common is None else members(common)
    pairs = product([*members(first), *shared], [*members(second), *shared])
    assert {plain(x, y) for x, y in pairs} == o.compare(op, first, second)


@given(first=intervals(), second=intervals())
def test_lying_below_is_never_reaching(first: p.Interval, second: p.Interval) -> None:
    """An interval lies below another exactly when no number of it is at least one of the other."""
    assert p.lies_below(first, second) == (o.compare("at least", first, second) == {False})


MODES = ("up", "down", "toward zero", "away from zero", "half up", "half away from zero", "half to even")


@pytest.mark.parametrize("mode", MODES)
@given(this=intervals(), step=st.sampled_from((Fraction(1), Fraction(1, 2), Fraction(3), Fraction(2, 3))))
def test_rounding_holds_and_reaches(mode: str, this: p.Interval, step: Fraction) -> None:
    """A rounded interval holds every rounded number; both its ends are some of them."""
    found = o.round_interval(mode, step, this)
    near = members(this)
    results = [s.round_number(mode, step, number) for number in near]
    assert all(result in found for result in results)
    assert found.low is None or found.low == min(results)
    assert found.high is None or found.high == max(results)


@pytest.mark.parametrize(
    ("mode", "rounded"),
    [
        ("up", (-1, 0, 1, 2, 3)),
        ("down", (-2, -1, 0, 1, 2)),
        ("toward zero", (-1, 0, 0, 1, 2)),
        ("away from zero", (-2, -1, 1, 2, 3)),
        ("half up", (-1, 0, 1, 2, 3)),
        ("half away from zero", (-2, -1, 1, 2, 3)),
        ("half to even", (-2, 0, 0, 2, 2)),
    ],
)
def test_modes_at_halves(mode: str, rounded: tuple[int, ...]) -> None:
    """What each mode makes of -3/2, -1/2, 1/2, 3/2 and 5/2."""
    halves = [Fraction(n, 2) for n in (-3, -1, 1, 3, 5)]
    assert rounded == tuple(s.round_number(mode, Fraction(1), half) for half in halves)


def test_normal_form() -> None:
    """Whole numbers have closed whole ends, an end without a number is open, nothing in it is None."""
    assert of(1, 3, "()", whole=True) == p.point(Fraction(2))
    assert p.interval(Fraction(5, 2), Fraction(7, 2), whole=True) == p.point(Fraction(3))
    assert p.interval(None, None) == p.EVERY_NUMBER
    assert p.interval(Fraction(1), Fraction(1), True) is None
    assert p.interval(Fraction(2), Fraction(1)) is None
    assert p.interval(Fraction(1, 3), Fraction(2, 3), whole=True) is None
    assert "one" not in of(0, 1)


def test_zero_times_no_end_is_zero() -> None:
    """Zero times an interval without an end is zero; next to zero it is open there."""
    assert o.multiply(p.point(Fraction(0)), of(1, None)) == p.point(Fraction(0))
    assert o.multiply(of(0, 1, "(]"), of(1, None)) == of(0, None, "()")
    assert o.multiply(of(0, 1), of(1, None)) == of(0, None, "[)")


def test_division_takes_each_side_of_zero() -> None:
    """A divisor on both sides of zero gives everything but what lies between."""
    assert o.divide(p.point(Fraction(1)), of(-2, 4)) == p.Interval(None, None, True, True, False, False)
    assert o.divide(p.point(Fraction(6)), of(0, 3, whole=True)) == p.interval(
        Fraction(2), Fraction(6), full=False
    )
    assert o.divide(p.point(Fraction(1)), p.point(Fraction(0))) is None


def test_whole_numbers_stay_whole() -> None:
    """Sums, products and whole powers of whole numbers are whole; and 5/2 is none of them."""
    some = of(1, 4, whole=True)
    assert o.add(some, some).whole
    assert o.multiply(some, some).whole
    assert o.power(some, 2) == p.Interval(Fraction(1), Fraction(16), whole=True, full=False)
    assert o.compare("exactly", some, p.point(Fraction(5, 2))) == p.FALSE


def test_gaps_are_known() -> None:
    """What may leave a gap does not call itself full."""
    some, run = of(1, 4, whole=True), of(0, 1)
    assert o.add(some, some).full
    assert o.add(run, run).full
    assert not o.add(some, run).full
    assert not o.multiply(some, p.point(Fraction(3))).full
    assert o.multiply(some, p.point(Fraction(-1))).full
    joined = p.hull(of(0, 1), of(2, 3))
    assert joined is not None
    assert not joined.full
    assert p.hull(of(0, 1, "[)"), p.point(Fraction(1))) == of(0, 1)
    assert p.hull(of(0, 1, whole=True), of(2, 3, whole=True)) == of(0, 3, whole=True)
    assert p.hull(of(0, 5), of(1, 2, whole=True)) == of(0, 5)
    assert p.meet(p.Interval(Fraction(0), Fraction(5), full=False), of(1, 2)) == p.Interval(
        Fraction(1), Fraction(2), full=False
    )


# States


VALUE = p.known(Fraction(1))
YES, NO = p.YES, p.NO
SETTLED = {"1": VALUE, "na": p.known(NA), "nd": p.known(ND), "yes": YES, "no": NO}


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ("1", "na", NA),
        ("na", "1", NA),
        ("1", "nd", ND),
        ("na", "nd", ND),
        ("nd", "na", ND),
        ("na", "na", NA),
        ("nd", "nd", ND),
    ],
)
def test_states_in_arithmetic_and_comparison(left: str, right: str, result: State) -> None:
    """*Not defined* beats *not applicable* beats values."""
    first, second = SETTLED[left], SETTLED[right]
    assert p.known(result) == o.arithmetic("add", first, second)
    assert p.known(result) == o.comparison("exactly", first, second)


@pytest.mark.parametrize(
    ("operands", "every", "some"),
    [
        ("yes no", "no", "yes"),
        ("yes na", "na", "yes"),
        ("no na", "no", "na"),
        ("yes nd", "nd", "yes"),
        ("no nd", "no", "nd"),
        ("na nd", "nd", "nd"),
        ("no na nd", "no", "nd"),
        ("yes na nd", "nd", "yes"),
        ("na", "na", "na"),
        ("", "yes", "no"),
    ],
)
def test_states_in_conditions(operands: str, every: str, some: str) -> None:
    """In `all` a no wins over everything, in `any` a yes; then the states."""
    found = [SETTLED[name] for name in operands.split()]
    assert SETTLED[every] == o.all_of(found)
    assert SETTLED[some] == o.any_of(found)


def test_logic_of_what_is_not_known() -> None:
    """Every combination counts: all of (yes or no, not defined) is no or not defined."""
    hole = p.known(ND)
    assert p.Possible(truths=p.FALSE, states=(ND,)) == o.all_of([p.YES_OR_NO, hole])
    assert p.Possible(truths=p.TRUE, states=(ND,)) == o.any_of([hole, p.YES_OR_NO])
    assert p.Possible(truths=p.EITHER, states=(NA,)) == o.negation(p.Possible(truths=p.EITHER, states=(NA,)))
    unsure = p.Possible(truths=p.TRUE, states=(NA, ND))
    assert p.Possible(truths=p.TRUE, states=(NA, ND)) == o.all_of([unsure, unsure])


OUTCOMES = st.lists(st.sampled_from(("yes", "no", "na", "nd")), min_size=1, max_size=4, unique=True)


@pytest.mark.parametrize("operation", [o.all_of, o.any_of])
@given(operands=st.lists(OUTCOMES, max_size=3))
def test_logic_is_that_of_all_combinations(operation, operands) -> None:  # type: ignore[no-untyped-def]
    """What can happen is what happens for some combination of what the operands can be."""

    def joined(names: list[str]) -> p.Possible:
        found = p.NOTHING
        for name in names:
            found = p.union(found, SETTLED[name])
        return found

    combinations = product(*operands)
    expected = p.NOTHING
    for combination in combinations:
        expected = p.union(expected, operation([SETTLED[name] for name in combination]))
    assert expected == operation([joined(names) for names in operands])


def test_division_by_zero_is_a_state() -> None:
    """Dividing by what may be zero may be *not defined*; so may a negative power of it."""
    by_zero = (p.DIVISION_BY_ZERO,)
    some = p.Possible(of(0, 2))
    assert o.arithmetic("div", VALUE, some).states == by_zero
    assert o.arithmetic("div", VALUE, p.known(Fraction(0))) == p.Possible(states=by_zero)
    assert o.arithmetic("power", some, p.known(Fraction(-1))).states == by_zero
    assert o.arithmetic("power", some, p.known(Fraction(2))) == p.Possible(of(0, 4))
    assert o.arithmetic("power", p.known(Fraction(0)), p.known(Fraction(0))) == VALUE


def test_words_and_truths_are_compared() -> None:
    """Words only exactly; truths as 0 and 1."""
    red, either = p.known("red"), p.Possible(words=frozenset(("red", "blue")))
    assert o.comparison("exactly", red, red) == YES
    assert o.comparison("exactly", red, p.known("blue")) == NO
    assert o.comparison("exactly", red, either) == p.YES_OR_NO
    assert o.comparison("exactly", either, either) == p.YES_OR_NO
    assert o.comparison("at most", YES, VALUE) == YES
    assert o.comparison("at least", p.YES_OR_NO, VALUE) == p.YES_OR_NO
    assert o.arithmetic("add", YES, NO) == VALUE


def test_settled() -> None:
    """One value or one kind of state is settled, anything else is not."""
    for value in (Fraction(3, 2), True, False, "red", NA):
        assert value == p.known(value).settled
        assert value == p.outcome(p.possible(value))
        assert p.known(value).is_settled
    for several in (p.YES_OR_NO, p.Possible(of(0, 1)), p.Possible(states=(NA, ND)), p.NOTHING):
        assert several.settled is None
        assert several == p.outcome(several)
    assert not p.Possible(p.point(Fraction(1)), states=(NA,)).is_settled


def test_union_and_intersection() -> None:
    """Reasons are those of the first; of a kind of state one is kept."""
    other = State("not applicable", "another reason")
    both = p.union(p.known(ND), p.union(p.known(NA), p.known(other)))
    assert both.states == (NA, ND)
    assert o.intersection(both, p.Possible(of(0, 1), states=(other,))) == p.known(NA)
    assert o.intersection(p.Possible(of(0, 2)), p.Possible(of(1, 3))) == p.Possible(of(1, 2))
    assert str(o.as_number(YES).settled) == "1"
    assert o.as_number(VALUE) is VALUE
