"""Bounds are tight, or say which input they are loose for; directions are those the values move in."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rkdsl.rules import bounds
from rkdsl.rules import tree as t
from rkdsl.rules.evaluator import Values, directions, evaluate
from rkdsl.rules.possible import Given, Interval, Possible, known
from rkdsl.values import DAY, WORD, State
from tests.naive import naive
from tests.test_evaluator import FLAT, Rows, span_of
from tests.trees import Case, Value, as_naive, candidates, cases, completions, gaps, inputs_of

slow = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class Items(Rows):
    """Rows with the forms that scoring is made of."""

    def apply(self, op: str, *operands: int) -> int:
        return self.add(t.Arithmetic(op, operands))

    def holds(self, op: str, left: int, right: int | str) -> int:
        return self.add(t.Compare(op, left, self.value(right)))

    def band(self, x: int, low: int, high: int) -> int:
        """Whether x lies between two numbers: it acts both ways."""
        conditions = (self.holds("at least", x, low), self.holds("at most", x, high))
        return self.add(t.Logic("all", conditions))

    def if_else(self, condition: int, yes: int, no: int) -> int:
        return self.add(t.Choose(((condition, yes), (self.value(True), no))))

    def curve(self, x: int, *corners: tuple[int | str, int | str]) -> int:
        knots = []
        for at, height in corners:
            place, y = self.value(at), self.value(height)
            knots.append(t.Knot(place, y, y, "after"))
        return self.add(t.Piecewise(x, tuple(knots), *FLAT))

    def evaluate(self, **given: Possible) -> Values:
        return evaluate(self.tree(), {("reading", key): Given(value) for key, value in given.items()})

    def ends(self, **given: Possible) -> tuple[Fraction | None, Fraction | None]:
        """The ends of the last row, which must be tight."""
        values = self.evaluate(**given)
        assert values.loose == ()
        numbers = values.rows[-1].numbers
        assert numbers is not None
        return numbers.low, numbers.high

    def words(self) -> list[str]:
        """The words that the last row can be, which must be tight."""
        values = self.evaluate()
        assert values.loose == ()
        return sorted(values.rows[-1].words)


def test_one_use_or_one_direction_needs_no_splitting() -> None:
    """A value used three times in the same direction keeps its ends."""
    rows = Items()
    x = rows.number("x", 0, 10)
    twice = rows.apply("add", x, x, rows.curve(x, (0, 0), (5, 10)))
    rows.name(twice)
    assert rows.ends() == (0, 30)


def test_a_band_is_split_at_its_breakpoints() -> None:
    """Yes needs x inside the band, no needs it outside; a band that cannot be hit is settled."""
    rows = Items()
    x = rows.number("x", 0, 10)
    rows.name(rows.band(x, 3, 7), "condition")
    assert len(rows.evaluate().rows[-1].truths) == 2
    rows.name(rows.band(x, 7, 3), "condition")
    values = rows.evaluate()
    assert values.rows[-1].settled is False
    assert values.loose == ()


def test_what_an_input_takes_back_from_itself() -> None:
    """Lines of one input lose nothing: x - x is 0, and 3 x - 2 x is x."""
    rows = Items()
    x = rows.number("x", 0, 10)
    rows.name(rows.apply("sub", x, x))
    assert rows.ends() == (0, 0)
    rows.name(rows.apply("sub", rows.apply("mul", x, rows.value(3)), rows.apply("mul", rows.value(2), x)))
    assert rows.ends() == (0, 10)
    shares = rows.apply("div", rows.apply("sub", rows.value(10), x), rows.value(10))
    rows.name(rows.apply("add", x, shares))
    assert rows.ends() == (1, 10)


def test_lines_bend_where_rows_do() -> None:
    """Minima, maxima, curves, rounding, products and powers are split where they bend."""
    rows = Items()
    x, three = rows.number("x", 0, 10), rows.value(3)
    rows.name(rows.apply("sub", rows.apply("max", x, three), rows.apply("min", x, three)))
    assert rows.ends() == (0, 7)
    rows.name(rows.apply("sub", rows.curve(x, (0, 0), (5, 20), (10, 0)), x))
    assert rows.ends() == (-10, 15)
    rows.name(rows.apply("sub", rows.add(t.Round("down", Fraction(1), x)), x))
    numbers = rows.evaluate().rows[-1].numbers
    assert numbers == Interval(Fraction(-1), Fraction(0), True, False, False, numbers and numbers.full)
    from_three = rows.apply("sub", x, three)
    rows.name(rows.apply("add", rows.apply("mul", from_three, from_three), rows.value(1)))
    assert rows.ends() == (1, 50)
    rows.name(rows.apply("power", from_three, rows.value(2)))
    assert rows.ends() == (0, 49)
    rows.name(rows.apply("power", from_three, rows.value(1)))
    assert rows.ends() == (-3, 7)
    members = (x, rows.apply("sub", three, x))
    rows.name(rows.add(t.Gather("mean", members)))
    assert rows.ends() == (Fraction(3, 2), Fraction(3, 2))
    weights = (rows.value(1), rows.value(3))
    rows.name(rows.add(t.Gather("weighted mean", members, weights)))
    assert rows.ends() == (Fraction(-11, 4), Fraction(9, 4))


def test_nested_bends_are_found_inside_the_cells() -> None:
    """A curve of a curve bends where the inner one passes the knots of the outer."""
    rows = Items()
    x = rows.number("x", 0, 10)
    inner = rows.curve(x, (0, 0), (5, 10), (10, 0))
    outer = rows.curve(inner, (0, 0), (9, 0), (10, 100))
    rows.name(rows.apply("sub", outer, x))
    assert rows.ends() == (-10, 95)


def test_a_line_along_a_missing_day() -> None:
    """Days late, counted from a day that is not known, against the same day."""
    rows = Items()
    done = rows.add(t.Input("reading", "done", DAY, Fraction(100), Fraction(110)))
    due = rows.add(t.Literal(Fraction(105), DAY))
    late = rows.apply("max", rows.add(t.Span(due, done)), rows.value(0))
    early = rows.apply("max", rows.add(t.Span(done, due)), rows.value(0))
    rows.name(rows.apply("add", late, early))
    assert rows.ends() == (0, 5)


def test_a_knot_that_moves_with_the_operand() -> None:
    """A curve whose knots and operand are one missing number."""
    rows = Items()
    x, low, high, zero = rows.number("x", 1, 10), rows.value(0), rows.value(10), rows.value(0)
    knots = (t.Knot(zero, low, low, "after"), t.Knot(x, high, high, "after"))
    rows.name(rows.add(t.Piecewise(x, knots, *FLAT)))
    assert rows.ends() == (10, 10)


def test_truths_words_and_states_are_cells() -> None:
    """A word that governs two items the opposite way; an input that may not apply, used twice."""
    rows = Items()
    word = rows.add(t.Input("governs", "w", WORD, words=("a", "b")))
    is_a = rows.add(t.Compare("exactly", word, rows.value("a")))
    ten, zero = rows.value(10), rows.value(0)
    first, second = rows.name(rows.if_else(is_a, ten, zero)), rows.name(rows.if_else(is_a, zero, ten))
    rows.name(rows.apply("add", first, second), "section")
    assert rows.ends() == (10, 10)
    rows = Items()
    x = rows.number("x", 1, 2, may_not_apply=True)
    rows.name(rows.add(t.Gather("sum", (x, x, rows.value(5)), applying=True)))
    assert rows.ends() == (5, 9)
    rows = Items()
    done = rows.truth("done")
    rows.name(rows.add(t.Logic("all", (done, rows.add(t.Logic("not", (done,)))))), "condition")
    assert rows.evaluate().rows[-1].settled is False


def test_only_one_row_of_a_choice_has_its_effect() -> None:
    """Rising in one row and falling in another is no use in two directions."""
    rows = Items()
    which, x = rows.truth("which"), rows.number("x", 0, 10)
    y = rows.number("y", 0, 10)
    down = rows.apply("sub", rows.value(20), rows.apply("mul", x, y))
    up = rows.apply("mul", x, y)
    rows.name(rows.if_else(which, up, down))
    assert rows.ends() == (-80, 100)


def test_a_rating_is_split_on_the_total() -> None:
    """Thirty missing readings, one total: its ladder of conditions is split on the total alone."""
    rows = Items()
    scores = [rows.name(rows.number(f"x{at}", 0, 10)) for at in range(30)]
    total = rows.name(rows.apply("add", *scores), "total")
    steps = [rows.holds("at least", total, 250), rows.holds("at least", total, 100)]
    names = [rows.value(name) for name in ("high", "middle", "low")]
    ladder = ((steps[0], names[0]), (steps[1], names[1]), (rows.value(True), names[2]))
    rows.name(rows.add(t.Choose(ladder)), "result")
    values = rows.evaluate()
    assert values.loose == ()
    assert values.rows[-1].words == {"low", "middle", "high"}
    assert len(values.missing(len(values.rows) - 1)) == 30


def test_a_rating_of_a_total_with_gaps() -> None:
    """All or nothing twice gives 0, 50 or 100: a band from 60 to 80 is never reached."""
    rows = Items()
    fifty, zero = rows.value(50), rows.value(0)
    met = [rows.holds("at least", rows.number(key, 0, 10), 5) for key in ("x", "y")]
    total = rows.name(rows.apply("add", *(rows.if_else(each, fifty, zero) for each in met)), "total")
    names = [rows.value(name) for name in ("high", "never", "low")]
    steps = [rows.holds("at least", total, 80), rows.holds("at least", total, 60)]
    ladder = ((steps[0], names[0]), (steps[1], names[1]), (rows.value(True), names[2]))
    rows.name(rows.add(t.Choose(ladder)), "result")
    assert rows.words() == ["high", "low"]


def test_items_stay_separable_under_a_shared_input() -> None:
    """Each item is split on its own missing reading, again in each cell of what the items share."""
    rows = Items()
    shared = rows.add(t.Input("governs", "w", WORD, words=("a", "b")))
    is_a = rows.add(t.Compare("exactly", shared, rows.value("a")))
    ten, zero = rows.value(10), rows.value(0)
    items = []
    for at in range(12):
        x = rows.number(f"x{at}", 0, 10)
        band = rows.if_else(rows.band(x, 3, 7), ten, zero)
        other = rows.apply("sub", ten, band) if at % 2 else zero
        items.append(rows.name(rows.if_else(is_a, other, band)))
    rows.name(rows.apply("add", *items), "section")
    assert rows.ends() == (0, 120)


def test_products_of_two_gaps_are_noted() -> None:
    """What no splitting settles is said: the root, the inputs, and the rows that use them."""
    rows = Items()
    x, y = rows.number("x", 0, 10), rows.number("y", 0, 10)
    alias = rows.name(x, "reading")
    left, right = rows.apply("mul", alias, y), rows.apply("mul", x, y)
    root = rows.name(rows.apply("sub", left, right))
    above = rows.name(rows.apply("add", root, rows.value(1)), "total")
    values = rows.evaluate()
    places = (bounds.Place(x, (left, right)), bounds.Place(y, (left, right)))
    assert values.loose == (bounds.Loose(root, places), bounds.Loose(above, places))
    numbers = values.rows[root].numbers
    assert numbers is not None
    assert (numbers.low, numbers.high) == (-100, 100)


def test_what_a_few_tries_reach_is_not_called_loose() -> None:
    """Unchanged within a tolerance, reading and baseline and tolerance all missing: both answers are found."""
    rows = Items()
    now, before, tolerance = (rows.number(key, 0) for key in ("now", "before", "tolerance"))
    least, most = rows.apply("sub", before, tolerance), rows.apply("add", before, tolerance)
    conditions = (rows.add(t.Compare("at least", now, least)), rows.add(t.Compare("at most", now, most)))
    rows.name(rows.add(t.Logic("all", conditions)), "condition")
    values = rows.evaluate()
    assert values.loose == ()
    assert len(values.rows[-1].truths) == 2


def test_whole_numbers_are_tried_one_by_one_at_last() -> None:
    """A quotient of a count by itself is no line, but a count has few values."""
    rows = Items()
    x = rows.number("x", 1, 9, whole=True)
    rows.name(rows.apply("div", x, rows.apply("add", x, x)))
    assert rows.ends() == (Fraction(1, 2), Fraction(1, 2))


@pytest.mark.parametrize("limit", ["SPLIT_CELLS", "SPLIT_WORK", "SPLIT_DEPTH"])
def test_past_the_limits_bounds_are_loose_and_say_so(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room to split the unsplit bounds stand, with a note."""
    monkeypatch.setattr(bounds, limit, 2 if limit == "SPLIT_CELLS" else 0)
    rows = Items()
    x = rows.number("x", 0, 10)
    rows.name(rows.apply("sub", rows.apply("max", x, rows.value(3)), rows.apply("min", x, rows.value(3))))
    values = rows.evaluate()
    assert len(values.loose) == 1
    assert values.rows[-1] == span_of(0, 10)


def test_a_deep_chain_of_shared_scales_is_split() -> None:
    """Thirty scales, each used twice by the next: 31 rows deep, not two to the thirtieth."""
    rows = Items()
    value = rows.number("x", 0, 8)
    for _ in range(30):
        folded = rows.curve(value, (0, 8), (4, 4), (8, 0))
        value = rows.name(rows.apply("max", folded, rows.apply("sub", rows.value(8), value)), "value")
    rows.name(value)
    assert rows.ends() == (0, 8)


def test_directions() -> None:
    """Up, down or both, by the signs of what each input meets."""
    rows = Items()
    x, y, z = rows.number("x", 0, 10), rows.number("y", 1, 10), rows.number("z", -1, 1)
    fact = rows.truth("fact")
    word = rows.add(t.Input("fact", "word", WORD, words=("a", "b")))
    moving = {
        rows.apply("sub", x, y): {x: "up", y: "down"},
        rows.apply("mul", x, z): {x: "both", z: "up"},
        rows.apply("mul", x, rows.value(-2)): {x: "down"},
        rows.apply("div", x, y): {x: "up", y: "down"},
        rows.apply("div", z, x): {x: "both", z: "up"},
        rows.apply("div", rows.value(-1), y): {y: "up"},
        rows.apply("max", y, rows.value(-1), rows.value(0)): {y: "up"},
        rows.apply("max", x, rows.value(12), y): {},
        rows.apply("min", x, rows.value(12), rows.number("far")): {x: "up"} | {len(rows.rows) - 2: "up"},
        rows.apply("power", z, rows.value(2)): {z: "both"},
        rows.apply("power", z, rows.value(3)): {z: "up"},
        rows.apply("power", y, rows.value(2)): {y: "up"},
        rows.apply("power", y, rows.value(-1)): {y: "down"},
        rows.apply("power", y, rows.value(-2)): {y: "down"},
        rows.apply("power", z, rows.value(-2)): {z: "both"},
        rows.add(t.Compare("above", x, z)): {x: "up", z: "down"},
        rows.add(t.Compare("exactly", x, z)): {x: "both", z: "both"},
        rows.add(t.Compare("exactly", word, rows.value("a"))): {word: "both"},
        rows.add(t.Logic("not", (fact,))): {fact: "down"},
        rows.if_else(fact, x, y): {x: "up", y: "up", fact: "both"},
        rows.add(t.Round("half up", Fraction(5), x)): {x: "up"},
        rows.add(t.Gather("weighted mean", (x, z), (y, rows.value(1)))): {x: "both", y: "both", z: "both"},
        rows.curve(x, (0, 10), (5, 5), (6, 0)): {x: "down"},
        rows.curve(x, (0, 0), (5, 5), (6, 0)): {x: "both"},
        rows.curve(rows.apply("add", x, rows.value(6)), (0, 0), (5, 5), (6, 0)): {},
        rows.value(3): {},
    }
    tree = rows.tree()
    for ref, expected in moving.items():
        assert expected == directions(tree, {}, ref), tree.rows[ref]


def test_directions_of_curves_with_missing_parts() -> None:
    """Heights push up; knots of a rising curve push down; outside on a continued line both."""
    rows = Items()
    x, low, top = rows.number("x", 0, 10), rows.number("low", 0, 1), rows.number("top", 12, 20)
    full, base = rows.number("full", 90, 100), rows.number("base", 0, 10)
    knots = (t.Knot(low, base, base, "after"), t.Knot(top, full, full, "after"))
    rising = rows.add(t.Piecewise(x, knots, *FLAT))
    onward = rows.add(t.Piecewise(x, knots, "continued", "continued"))
    holed = rows.add(t.Piecewise(x, knots, "not defined", "flat"))
    fixed = (t.Knot(rows.value(2), base, base, "after"), t.Knot(rows.value(4), full, full, "after"))
    line = rows.add(t.Piecewise(x, fixed, "continued", "continued"))
    values = rows.evaluate()
    ups = {x: "up", base: "up", full: "up", low: "down", top: "down"}
    assert values.directions(rising) == ups
    assert values.directions(onward) == ups | {base: "both", full: "both", low: "both", top: "both"}
    assert values.directions(holed) == dict.fromkeys((x, low, top), "both") | {base: "up", full: "up"}
    assert values.directions(line) == {x: "up", base: "both", full: "both"}


# Laws


def _grid(can_be: Possible, row: t.Input, tree: t.Tree) -> list[Value]:
    """What an input can be, finely: ends, breakpoints, their neighbours, and sixths between."""
    found = candidates(can_be, row, tree)
    numbers = None if row.choices else can_be.numbers
    if numbers is not None and row.unit != DAY and numbers.low is not None and numbers.high is not None:
        sixths = range(int(6 * (numbers.high - numbers.low)) + 1)
        found += [place for part in sixths if (place := numbers.low + Fraction(part, 6)) in numbers]
    return list(dict.fromkeys(found))


def _is_finite(can_be: Possible) -> bool:
    return can_be.numbers is None or None not in (can_be.numbers.low, can_be.numbers.high)


def _unreached(can_be: Possible, seen: list[Value]) -> list[object]:
    """What is said to be possible and was not seen: open ends and rounded ones must only be come near to."""
    numbers = [value for value in seen if isinstance(value, Fraction)]
    kinds = {value.kind for value in seen if isinstance(value, State)}
    missed: list[object] = [state for state in can_be.states if state.kind not in kinds]
    missed += [truth for truth in can_be.truths if not any(value is truth for value in seen)]
    missed += [word for word in can_be.words if word not in seen]
    if can_be.numbers is None:
        return missed
    low, high = can_be.numbers.low, can_be.numbers.high
    for end, reached in ((low, min(numbers, default=None)), (high, max(numbers, default=None))):
        if end is not None and (reached is None or abs(end - reached) * 20 > 1 + abs(end)):
            missed.append(end)
    return missed


def test_without_a_note_every_end_is_reached() -> None:
    """A grid over the missing inputs finds every end, word, truth and state that is said to be possible.

    The examples are the same in each run: a curve may have a peak at a single number that no grid has.
    """
    seen: Counter[str] = Counter()

    @settings(slow, derandomize=True, max_examples=400)
    @given(cases(8, finite=True))
    def law(case: Case) -> None:
        parts = gaps(case)
        assume(all(map(_is_finite, parts.values())))
        values = evaluate(case.tree, case.given)
        rows = inputs_of(case.tree)
        grids = {ref: _grid(can_be, rows[ref], case.tree) for ref, can_be in parts.items()}
        noted = {note.root for note in values.loose}
        for root in (len(values.rows) - 2, len(values.rows) - 1):
            missing = values.missing(root)
            size = 1
            for ref in missing:
                size *= len(grids[ref])
            if root in noted or size > 3000:
                seen["passed over"] += 1
                continue
            first = {ref: grid[0] for ref, grid in grids.items()}
            fills = (
                {**first, **dict(zip(missing, values_there, strict=True))}
                for values_there in product(*(grids[ref] for ref in missing))
            )
            found = [naive(case.tree, root, as_naive(case, filled)) for filled in fills]
            assert _unreached(values.rows[root], found) == []
            seen["open"] += bool(missing)

    law()
    assert seen["open"] >= 100
    assert seen["passed over"] <= seen["open"]


@slow
@given(st.data())
def test_values_move_in_the_direction_that_is_said(data: st.DataObject) -> None:
    """When an input goes up and nothing else changes, a value that moves up with it does not fall."""
    case: Case = data.draw(cases())
    values = evaluate(case.tree, case.given)
    filled = data.draw(completions(case))
    other = data.draw(completions(case))
    for ref in range(len(case.tree.rows)):
        moves = values.directions(ref)
        before = naive(case.tree, ref, as_naive(case, filled))
        for source in filled:
            pair = sorted((filled[source], other[source]), key=lambda value: (str(type(value)), value))
            if type(pair[0]) is not type(pair[1]) or isinstance(pair[0], (State, str)):
                continue
            low, high = (naive(case.tree, ref, as_naive(case, {**filled, source: end})) for end in pair)
            if isinstance(low, (State, str)) or type(low) is not type(high):
                continue
            if source not in moves:
                assert low == high
            elif moves[source] == "up":
                assert low <= high
            elif moves[source] == "down":
                assert low >= high
        if not moves:
            assert isinstance(before, State) or before == values.settled(ref)


def test_given_inputs_do_not_move_anything() -> None:
    """A settled value moves with nothing."""
    rows = Items()
    x = rows.number("x", 0, 10)
    tree = rows.tree()
    assert directions(tree, {("reading", "x"): Given(known(Fraction(2)))}, x) == {}
    assert directions(tree, {}, x) == {x: "up"}


def test_roots_are_those_of_items_and_sections_too() -> None:
    """A row that an item or section points at is tightened whatever its role is."""
    rows = Items()
    x = rows.number("x", 0, 10)
    root = rows.apply("sub", x, x)
    tree = rows.tree()._replace(total=None)
    item = t.Item("i", "goal", "", "", root, None, None, None, None, None)
    section = t.Section("s", "", "", root, None, None)
    assert evaluate(tree, {}).rows[root] == span_of(-10, 10)
    for changed in (
        tree._replace(items=(item,)),
        tree._replace(sections=(section,)),
        tree._replace(maximum=root),
    ):
        assert evaluate(changed, {}).rows[root].settled == 0


def test_a_very_long_chain_does_not_recurse() -> None:
    """Five hundred shared values one upon the other, each of which acts both ways in the next."""
    rows = Items()
    value, one = rows.number("x", 0, 8), rows.value(1)
    for _ in range(500):
        folded = rows.curve(value, (0, 8), (4, 4), (8, 0))
        down = rows.apply("sub", rows.value(9), value)
        value = rows.apply("min", rows.apply("max", folded, value, one), down)
    rows.name(value)
    numbers = rows.evaluate().rows[-1].numbers
    assert numbers is not None
