"""What the rows of a tree come to: each kind by example, and the laws of all of them together."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rkdsl.rules import tree as t
from rkdsl.rules.evaluator import evaluate
from rkdsl.rules.possible import EITHER, Given, Possible, interval, known
from rkdsl.values import DAY, PLAIN, TRUTH, WORD, State
from tests.naive import naive
from tests.trees import Case, admits, as_naive, cases, completions, contract, inputs_of

slow = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
NA = State("not applicable", "closed")
ND = State("not defined", "a hole")
AS_OF = t.Input("as_of", "", DAY)


class Rows:
    """Lays rows one after the other; literals by their value."""

    def __init__(self) -> None:
        self.rows: list[t.Row] = [AS_OF]

    def add(self, row: t.Row) -> int:
        self.rows.append(row)
        return len(self.rows) - 1

    def value(self, value: int | str | bool | State | Fraction) -> int:
        if isinstance(value, (bool, State)):
            return self.add(t.Literal(value, TRUTH))
        if isinstance(value, str) and "/" not in value:
            return self.add(t.Literal(value, WORD))
        return self.add(t.Literal(Fraction(value), PLAIN))

    def number(self, key: str, low: int | None = None, high: int | None = None, **rest: bool) -> int:
        ends = [None if end is None else Fraction(end) for end in (low, high)]
        return self.add(t.Input("reading", key, PLAIN, *ends, **rest))

    def truth(self, key: str, may_not_apply: bool = False) -> int:
        return self.add(t.Input("fact", key, TRUTH, may_not_apply=may_not_apply))

    def name(self, ref: int, role: str = "points") -> int:
        return self.add(t.Name(f"row {ref}", ref, PLAIN, role))

    def tree(self) -> t.Tree:
        return contract(tuple(self.rows), len(self.rows) - 1)

    def result(self, **given: object) -> Possible:
        """What the last row is; `given` by the keys of readings and facts."""
        found = {}
        for row in inputs_of(self.tree()).values():
            if row.key in given:
                value = given[row.key]
                can_be = value if isinstance(value, Possible) else known(value)
                found[row.kind, row.key] = Given(can_be)
        return evaluate(self.tree(), found).rows[-1]


def span_of(low: object, high: object, marks: str = "[]", whole: bool = False) -> Possible:
    """The numbers between two ends."""
    ends = [None if end is None else Fraction(end) for end in (low, high)]
    return Possible(interval(ends[0], ends[1], marks[0] == "(", marks[1] == ")", whole))


def settled(row: t.Row, *operands: object) -> object:
    """What a row comes to whose operands are rows 1, 2 ... of these values."""
    rows = Rows()
    for operand in operands:
        rows.value(operand)
    rows.add(row)
    return rows.result().settled


# Each kind of row


def test_literals_and_inputs() -> None:
    """A literal is itself; an input is what is given, else its whole range."""
    rows = Rows()
    rows.number("x", 0, 10)
    assert rows.result() == span_of(0, 10)
    assert rows.result(x=Fraction(3)).settled == 3
    assert rows.result(x=NA).settled == NA
    assert rows.result(x=span_of(2, 5)) == span_of(2, 5)
    rows.truth("y", may_not_apply=True)
    assert rows.result() == Possible(truths=EITHER, states=(State("not applicable", ""),))
    rows.add(t.Input("governs", "z", WORD, words=("a", "b")))
    assert rows.result() == Possible(words=frozenset(("a", "b")))
    rows.value(ND)
    assert rows.result().settled == ND


def test_ranges_of_whole_numbers_and_days() -> None:
    """A missing count is a whole number, and a milestone not yet done falls on a later day."""
    rows = Rows()
    rows.number("x", 0, 3, whole=True)
    assert rows.result() == span_of(0, 3, whole=True)
    rows.add(t.Input("milestone", "done", DAY))
    open_ended = span_of(733590, None, "[)")
    assert rows.result(done=open_ended) == span_of(733590, None, "[)", whole=True)
    between_days = span_of("1/3", "2/3")
    assert rows.result(done=between_days) == between_days
    rows.add(t.Input("reading", "empty", PLAIN, Fraction(1, 3), Fraction(2, 3), True))
    assert rows.result().settled == State("not defined", "no value is possible")


@pytest.mark.parametrize(
    ("op", "operands", "result"),
    [
        ("add", (1, 2, 3), 6),
        ("sub", (10, 2, 3), 5),
        ("mul", (2, 3, 4), 24),
        ("div", (12, 2, 4), Fraction(3, 2)),
        ("min", (3, 1, 2), 1),
        ("max", (3, 1, 2), 3),
        ("add", (True, True, False), 2),
        ("div", (1, 0), State("not defined", "division by zero")),
        ("div", (NA, 0), NA),
        ("div", (1, 0, NA), State("not defined", "division by zero")),
        ("add", (1, NA, ND), ND),
        ("power", (2, 10), 1024),
        ("power", (2, -1), Fraction(1, 2)),
        ("power", (0, 0), 1),
        ("power", (0, -1), State("not defined", "division by zero")),
    ],
)
def test_arithmetic(op: str, operands: tuple[object, ...], result: object) -> None:
    """Exact, folded from the left; states by their precedence."""
    refs = tuple(range(1, len(operands) + 1))
    assert result == settled(t.Arithmetic(op, refs), *operands)


@pytest.mark.parametrize(
    ("op", "truths"),
    [
        ("at most", (True, True, False)),
        ("at least", (False, True, True)),
        ("above", (False, False, True)),
        ("below", (True, False, False)),
        ("exactly", (False, True, False)),
    ],
)
def test_compare(op: str, truths: tuple[bool, ...]) -> None:
    """`at most` and `at least` include the boundary, `above` and `below` do not."""
    for number, truth in zip((1, 2, 3), truths, strict=True):
        assert settled(t.Compare(op, 1, 2), number, 2) is truth
    assert settled(t.Compare(op, 1, 2), NA, 2) == NA


def test_compare_at_open_ends_and_between_whole_numbers() -> None:
    """An open end is not reached; a whole number is never 5/2."""
    rows = Rows()
    limit, x = rows.value(5), rows.number("x", 0, 10)
    rows.add(t.Compare("at least", x, limit))
    assert rows.result(x=span_of(0, 5)) == Possible(truths=EITHER)
    assert rows.result(x=span_of(0, 5, "[)")).settled is False
    rows = Rows()
    half, x = rows.value("5/2"), rows.number("x", 0, 10, whole=True)
    rows.add(t.Compare("exactly", x, half))
    assert rows.result().settled is False


def test_logic() -> None:
    """A no wins in `all`, a yes in `any`; `not` passes states."""
    assert settled(t.Logic("all", (1, 2)), False, ND) is False
    assert settled(t.Logic("any", (1, 2)), True, ND) is True
    assert settled(t.Logic("all", (1, 2)), True, NA) == NA
    assert settled(t.Logic("not", (1,)), True) is False
    assert settled(t.Logic("not", (1,)), NA) == NA
    assert settled(t.Logic("all", ())) is True
    assert settled(t.Logic("any", ())) is False


def test_is() -> None:
    """Whether an input was given is settled; the other tests look at what is possible."""
    rows = Rows()
    x = rows.number("x", 0, 10, may_not_apply=True)
    named = rows.name(x, "reading")
    rows.add(t.Is("reported", named))
    assert rows.result().settled is False
    assert rows.result(x=span_of(1, 2)).settled is True
    rows.add(t.Is("applies", x))
    assert rows.result() == Possible(truths=EITHER)
    assert rows.result(x=NA).settled is False
    assert rows.result(x=ND).settled is True
    assert rows.result(x=span_of(1, 2)).settled is True
    rows.add(t.Is("defined", x))
    assert rows.result(x=ND).settled is False
    assert rows.result().settled is True


def jump(rows: Rows, x: int, holds: str, ends: str = "flat") -> int:
    """0 up to 2, then a jump to 10, rising to 20 at 4, then 30."""
    heights = [rows.value(number) for number in (0, 10, 20, 30)]
    knots = (
        t.Knot(rows.value(2), heights[0], heights[1], holds),
        t.Knot(rows.value(4), heights[2], heights[3], holds),
    )
    return rows.add(t.Piecewise(x, knots, ends, ends))


@pytest.mark.parametrize(
    ("x", "before", "after"), [(1, 0, 0), (2, 0, 10), (3, 15, 15), (4, 20, 30), (5, 30, 30)]
)
def test_piecewise(x: int, before: int, after: int) -> None:
    """Flat ends, a jump on either side, and a line between."""
    for holds, result in (("before", before), ("after", after)):
        rows = Rows()
        jump(rows, rows.value(x), holds)
        assert rows.result().settled == result


@pytest.mark.parametrize(
    ("can_be", "result"),
    [
        (span_of(0, 1), span_of(0, 0)),
        (span_of(0, 2, "[]"), span_of(0, 10)),
        (span_of(0, 2, "[)"), span_of(0, 0)),
        (span_of(2, 3, "(]"), span_of(10, 15, "(]")),
        (span_of(3, 4, "[)"), span_of(15, 20, "[)")),
        (span_of(3, None, "[)"), span_of(15, 30)),
        (span_of(3, 3, whole=True), span_of(15, 15)),
    ],
)
def test_piecewise_of_an_interval(can_be: Possible, result: Possible) -> None:
    """Sides, jumps and holes of the operand decide which ends are reached."""
    rows = Rows()
    jump(rows, rows.number("x"), "after")
    found = rows.result(x=can_be)
    numbers, expected = found.numbers, result.numbers
    assert numbers is not None
    assert expected is not None
    assert numbers._replace(full=True, whole=False) == expected._replace(whole=False)


def test_piecewise_of_whole_numbers_has_its_extremes_beside_the_knots() -> None:
    """A whole number never lands between: the peak at 5/2 is not reached."""
    rows = Rows()
    x, zero, peak = rows.number("x", 0, 5, whole=True), rows.value(0), rows.value(10)
    places = [rows.value(place) for place in ("0/1", "5/2", "5/1")]
    heights = (zero, peak, zero)
    knots = tuple(t.Knot(at, y, y, "after") for at, y in zip(places, heights, strict=True))
    rows.add(t.Piecewise(x, knots, "flat", "flat"))
    numbers = rows.result().numbers
    assert numbers is not None
    assert (numbers.low, numbers.high) == (0, 8)


def test_piecewise_outside_its_knots() -> None:
    """Flat, continued, or not defined."""
    for x, ends, result in (
        (0, "continued", 0),
        (6, "continued", 30),
        (0, "not defined", State("not defined", "below the first knot")),
        (6, "not defined", State("not defined", "above the last knot")),
    ):
        rows = Rows()
        jump(rows, rows.value(x), "after", ends)
        assert rows.result().settled == result
    rows = Rows()
    jump(rows, rows.number("x", 0, 1), "after", "continued")
    assert rows.result() == span_of(0, 5)
    rows = Rows()
    jump(rows, rows.number("x", 3, None), "after", "continued")
    numbers = rows.result().numbers
    assert numbers is not None
    assert (numbers.low, numbers.low_open, numbers.high) == (15, False, None)


def test_piecewise_with_states_and_bad_knots() -> None:
    """A state at either end makes the open stretch that state; knots that do not rise are not defined."""
    rows = Rows()
    x, hole, five, two = rows.number("x"), rows.value(NA), rows.value(5), rows.value(2)
    rows.add(t.Piecewise(x, (t.Knot(two, five, hole, "before"), t.Knot(five, five, five, "after")), *FLAT))
    assert rows.result(x=Fraction(2)).settled == 5
    assert rows.result(x=Fraction(3)).settled == NA
    assert rows.result(x=Fraction(5)).settled == 5
    assert rows.result(x=ND).settled == ND
    assert rows.result(x=span_of(2, 5)) == Possible(span_of(5, 5).numbers, states=(NA,))
    rows.add(t.Piecewise(x, (t.Knot(five, five, five, "after"), t.Knot(two, two, two, "after")), *FLAT))
    disordered = State("not defined", "knots out of order")
    assert rows.result(x=Fraction(1)).settled == disordered
    assert rows.result().settled == disordered
    rows.add(t.Piecewise(x, (t.Knot(hole, five, five, "after"),), *FLAT))
    assert rows.result().settled == NA


FLAT = ("flat", "flat")


def test_piecewise_with_missing_knots() -> None:
    """Tight for the places that a missing knot may have; not defined only where the order is not certain."""
    rows = Rows()
    top, zero, full = rows.number("top", 4, 10), rows.value(0), rows.value(100)
    x, low = rows.number("x"), rows.value(2)
    knots = (t.Knot(low, zero, zero, "after"), t.Knot(top, full, full, "after"))
    rows.add(t.Piecewise(x, knots, *FLAT))
    assert rows.result(x=Fraction(3)) == span_of("25/2", 50)
    assert rows.result(x=Fraction(5)) == span_of("75/2", 100)
    assert rows.result(x=Fraction(1)).settled == 0
    assert rows.result(x=Fraction(12)).settled == 100
    assert rows.result(x=Fraction(3), top=span_of(1, 4)).states == (
        State("not defined", "knots out of order"),
    )


def test_choose() -> None:
    """The first row that holds; rows not taken have no effect; a state is the state; none is not defined."""
    rows = Rows()
    a, b = rows.truth("a", may_not_apply=True), rows.truth("b")
    one, hole, three = rows.value(1), rows.value(ND), rows.value(3)
    always = rows.value(True)
    rows.add(t.Choose(((a, one), (b, hole), (always, three))))
    assert rows.result(a=True).settled == 1
    assert rows.result(a=False, b=False).settled == 3
    assert rows.result(a=False, b=True).settled == ND
    assert rows.result(a=NA, b=False).settled == NA
    assert rows.result(b=False).states == (State("not applicable", ""),)
    assert rows.result(a=False) == Possible(span_of(3, 3).numbers, states=(ND,))
    rows.add(t.Choose(((a, one), (b, three))))
    assert rows.result(a=False, b=False).settled == State("not defined", "no row holds")
    assert rows.result(a=Possible(truths=frozenset((True,)), states=(NA,))) == Possible(
        span_of(1, 1).numbers, states=(NA,)
    )


@pytest.mark.parametrize(
    ("fields", "members", "result"),
    [
        ({"op": "sum"}, (1, 2, 3), 6),
        ({"op": "sum"}, (True, False, True), 2),
        ({"op": "mean"}, (1, 2, 3), 2),
        ({"op": "mean"}, (1, NA, 3), NA),
        ({"op": "mean", "applying": True}, (1, NA, 3), 2),
        ({"op": "mean", "applying": True}, (1, NA, ND), ND),
        ({"op": "sum", "pick": "highest", "count": 2}, (1, 2, 3), 5),
        ({"op": "mean", "pick": "lowest", "count": 2}, (1, 2, 3), Fraction(3, 2)),
        ({"op": "sum", "pick": "lowest", "count": 5}, (1, 2, 3), 6),
        ({"op": "sum", "applying": True, "needs": 2}, (1, NA), State("not applicable", "too few take part")),
        ({"op": "sum", "applying": True}, (NA, NA), State("not applicable", "too few take part")),
        ({"op": "sum", "applying": True, "needs": 2, "otherwise": 1}, (7, NA), 7),
        ({"op": "sum", "applying": True, "needs": 3, "otherwise": 1}, (7, ND, NA), 7),
        ({"op": "sum", "applying": True, "needs": 2, "otherwise": 1}, (7, ND, NA), ND),
    ],
)
def test_gather(fields: dict[str, object], members: tuple[object, ...], result: object) -> None:
    """Who takes part, best or worst so many, and what is yes with too few."""
    refs = tuple(range(1, len(members) + 1))
    assert result == settled(t.Gather(members=refs, **fields), *members)


@pytest.mark.parametrize(
    ("values", "applying", "result"),
    [
        ((1, 5, 1, 3), False, 4),
        ((1, NA, 1, 3), False, NA),
        ((NA, 5, 1, 3), True, 5),
        ((1, 5, 0, 0), False, State("not defined", "division by zero")),
        ((1, 5, NA, 3), True, NA),
        ((NA, 5, ND, 3), True, 5),
        ((NA, NA, 1, 3), True, State("not applicable", "too few take part")),
    ],
)
def test_weighted_mean(values: tuple[object, ...], applying: bool, result: object) -> None:
    """Two members and their two weights; who is left out takes the weight along."""
    assert result == settled(t.Gather("weighted mean", (1, 2), (3, 4), applying), *values)


def test_gather_of_members_that_may_not_apply() -> None:
    """The bounds are those of the best and the worst choice of who takes part."""
    rows = Rows()
    members = [rows.number(key, low, high, may_not_apply=True) for key, low, high in MAYBE]
    members.append(rows.number("sure", 4, 6))
    refs = tuple(members)
    weights = tuple(rows.value(weight) for weight in (1, 2, 0, 1))
    for row, low, high in (
        (t.Gather("sum", refs, applying=True), 2, 22),
        (t.Gather("sum", refs, applying=True, needs=3), 3, 22),
        (t.Gather("mean", refs, applying=True), 1, 7),
        (t.Gather("mean", refs, applying=True, needs=4), Fraction(11, 4), Fraction(11, 2)),
        (t.Gather("sum", refs, applying=True, pick="highest", count=2), 2, 15),
        (t.Gather("mean", refs, applying=True, pick="lowest", count=1), -2, 6),
        (t.Gather("weighted mean", refs, weights, applying=True), 1, Fraction(22, 3)),
        (t.Gather("weighted mean", refs, weights, applying=True, needs=4), Fraction(9, 2), Fraction(23, 4)),
    ):
        rows.add(row)
        numbers = rows.result().numbers
        assert numbers is not None
        assert (low, high) == (numbers.low, numbers.high), row
        rows.rows.pop()


MAYBE = (("a", -2, 1), ("b", 8, 8), ("c", 1, 7))


def test_rounding_of_an_interval() -> None:
    """One-sided at open ends."""
    rows = Rows()
    rows.add(t.Round("up", Fraction(1), rows.number("x")))
    assert rows.result(x=span_of(0, 2, "()")) == span_of(1, 2, whole=True)
    assert rows.result(x=span_of(0, 2)) == span_of(0, 2, whole=True)
    assert rows.result(x=NA).settled == NA
    assert rows.result(x=Fraction(3, 2)).settled == 2
    assert rows.result(x=Possible(states=(NA, ND))) == Possible(states=(NA, ND))


WORK = (  # from, to, working days; Thursday 1, Sunday 4, Friday 9 and Saturday 10 January 2009 are holidays
    (733408, 733408, 0),
    (733407, 733408, 0),
    (733408, 733409, 1),
    (733408, 733415, 5),
    (733415, 733408, -5),
    (733408, 733416, 5),
)


@pytest.mark.parametrize(("start", "end", "days"), WORK)
def test_span(start: int, end: int, days: int) -> None:
    """The days after the start up to the end; negative when turned round."""
    assert days == settled(t.Span(1, 2, "work"), start, end)
    assert end - start == settled(t.Span(1, 2), start, end)


def test_span_of_days_not_known() -> None:
    """Ends may lie infinitely far away; states pass."""
    rows = Rows()
    start = rows.add(t.Literal(Fraction(733408), DAY))
    rows.add(t.Span(start, rows.add(t.Input("milestone", "done", DAY)), "work"))
    assert rows.result(done=span_of(733415, None, "[)")) == span_of(5, None, "[)", whole=True)
    assert rows.result(done=NA).settled == NA
    tree = rows.tree()._replace(calendars=(t.Calendar("work", (), ()),))
    assert evaluate(tree, {}).rows[-1].settled == 0


# What is asked of the result


def test_what_is_missing_and_what_was_reported() -> None:
    """Only inputs that are not settled and still matter; sources are kept for the explanation."""
    rows = Rows()
    x, y, always = rows.number("x", 0, 10), rows.number("y", 0, 10), rows.value(True)
    chosen = rows.add(t.Choose(((always, x), (always, y))))
    least = rows.add(t.Arithmetic("min", (chosen, rows.value(-1))))
    values = evaluate(rows.tree(), {("reading", "y"): Given(span_of(1, 2), "a letter")})
    assert values.missing(chosen) == (x,)
    assert values.missing(least) == ()
    assert values.settled(least) == -1
    assert values.settled(chosen) is None
    assert values.missing(x) == (x,)
    assert values.reported == {y: Given(span_of(1, 2), "a letter")}
    assert values.rows[y] == span_of(1, 2)
    assert values.loose == ()


def test_ten_thousand_items_and_a_deep_chain() -> None:
    """A flat sum keeps one merged map, and sharing costs nothing: no recursion, no copies."""
    rows = Rows()
    points = [rows.name(rows.number(f"x{item}", 0, 1)) for item in range(10_000)]
    total = rows.name(rows.add(t.Arithmetic("add", tuple(points))), "total")
    values = evaluate(rows.tree(), {})
    assert values.rows[total] == span_of(0, 10_000)
    assert len(values.missing(total)) == 10_000
    rows = Rows()
    shared = rows.number("x", 0, 1)
    for _ in range(3_000):
        shared = rows.name(rows.add(t.Arithmetic("max", (shared, shared))), "value")
    values = evaluate(rows.tree(), {})
    assert values.rows[shared] == span_of(0, 1)
    assert len(values.missing(shared)) == 1


# Laws


def test_every_completion_lies_inside() -> None:
    """However the gaps are filled, the result is one of those possible; many cases have real gaps."""
    seen: Counter[str] = Counter()

    @slow
    @given(st.data())
    def law(data: st.DataObject) -> None:
        case: Case = data.draw(cases())
        values = evaluate(case.tree, case.given)
        seen["all"] += 1
        seen["open"] += any(not values.rows[ref].is_settled for ref in (-1, -2))
        for _ in range(3):
            filled = as_naive(case, data.draw(completions(case)))
            for ref, can_be in enumerate(values.rows):
                assert admits(can_be, naive(case.tree, ref, filled)), ref

    law()
    assert seen["open"] >= seen["all"] / 3


@slow
@given(st.data())
def test_everything_given_is_what_the_docstrings_say(data: st.DataObject) -> None:
    """With every input given, each row is settled and equal to what the naive evaluator finds."""
    case: Case = data.draw(cases())
    filled = data.draw(completions(case))
    given_all = {(row.kind, row.key): Given(known(filled[ref])) for ref, row in inputs_of(case.tree).items()}
    values = evaluate(case.tree, given_all)
    for ref in range(len(case.tree.rows)):
        expected = naive(case.tree, ref, filled)
        assert expected == values.settled(ref)
        assert type(expected) is type(values.settled(ref))
    assert values.loose == ()


@slow
@given(st.data())
def test_an_alternative_is_what_giving_it_would_be(data: st.DataObject) -> None:
    """A missing input given otherwise: each row is what an evaluation of its own finds."""
    case: Case = data.draw(cases(most_rows=20))
    values = evaluate(case.tree, case.given)
    source, row = data.draw(st.sampled_from(sorted(inputs_of(case.tree).items())))
    value = data.draw(completions(case))[source]
    chosen = evaluate(case.tree, {**case.given, (row.kind, row.key): Given(known(value))})
    for ref in range(len(case.tree.rows)):
        assert chosen.rows[ref] == values.alternative(source, value, ref)
