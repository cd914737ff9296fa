"""Strategies for whole rule trees: every kind of row, shared names, inputs given, missing or half known."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from rkdsl.rules import tree as t
from rkdsl.rules.possible import Given, Possible, interval, known
from rkdsl.rules.transfer import range_of
from rkdsl.values import DAY, PLAIN, POINTS, ROUNDINGS, TRUTH, WORD, State

Value = Fraction | bool | str | State
NOT_APPLICABLE = State("not applicable", "closed")
NOT_DEFINED = State("not defined", "the text leaves it open")
FIRST_DAY = datetime.date(2009, 1, 1).toordinal()
WORDS = ("red", "green", "blue")
CALENDAR = t.Calendar("work", (0, 1, 2, 3, 4), tuple(FIRST_DAY + day for day in (0, 3, 8, 9)))

numbers = st.builds(Fraction, st.integers(-12, 12), st.sampled_from((1, 1, 1, 2, 3)))
days = st.integers(FIRST_DAY, FIRST_DAY + 20).map(Fraction)
OPS = ("add", "sub", "mul", "div", "min", "max")
ORDERS = ("at most", "at least", "above", "below", "exactly")
Draw = Callable[[st.SearchStrategy], object]


def contract(rows: tuple[t.Row, ...], total: int | None = None, **fields: object) -> t.Tree:
    """A tree of these rows with nothing else in it but one calendar."""
    plain = t.Tree("c", "", rows, (), (CALENDAR,), (), (), (), total, None, 0, POINTS)
    return plain._replace(**fields)


class Case(NamedTuple):
    """A tree with what is given of its inputs."""

    tree: t.Tree
    given: dict[tuple[str, str], Given]


class _Builder:
    """Draws rows, each of operands of the type that it asks for."""

    def __init__(self, draw, finite: bool) -> None:  # type: ignore[no-untyped-def]  # hypothesis' own draw
        self.draw = draw
        self.finite = finite
        self.rows: list[t.Row] = []
        self.of_type: dict[str, list[int]] = {"number": [], "day": [], "truth": [], "word": []}

    def add(self, kind: str, row: t.Row) -> int:
        self.rows.append(row)
        self.of_type[kind].append(len(self.rows) - 1)
        return len(self.rows) - 1

    def pick(self, *kinds: str) -> int:
        """A row of one of the types: the later ones and the inputs are liked best."""
        refs = sorted(ref for kind in kinds for ref in self.of_type[kind])
        return self.draw(st.sampled_from(refs[-4:] + 3 * refs[:3] + refs))

    def number(self) -> int:
        return (
            self.pick("number", "number", "truth")
            if self.draw(st.integers(0, 5)) == 0
            else self.pick("number")
        )

    def literal(self, value: Value, unit=PLAIN) -> int:  # type: ignore[no-untyped-def]  # a Unit
        kind = {"truth": "truth", "day": "day", "word": "word"}.get(unit.shown, "number")
        return self.add(kind, t.Literal(value, unit))

    def input(self, key: int) -> None:
        draw = self.draw
        shown = draw(st.sampled_from(("number", "number", "number", "day", "truth", "word")))
        states = draw(st.integers(0, 3)) == 0
        low = high = None
        if shown == "number":
            low = draw(st.none() | numbers)
            high = draw(st.none() | numbers)
            if self.finite or draw(st.integers(0, 2)):
                low, high = low or Fraction(-3), high or Fraction(7)
        elif shown == "day":
            low = draw(st.none() | days)
            high = draw(st.none() | days)
            if self.finite:
                low, high = low or Fraction(FIRST_DAY), high or Fraction(FIRST_DAY + 9)
        if low is not None and high is not None:
            low, high = sorted((low, high))
        whole = shown == "number" and draw(st.booleans())
        if whole and low is not None and high is not None and high - low < 1:
            whole = False
        unit = {"number": PLAIN, "day": DAY, "truth": TRUTH, "word": WORD}[shown]
        words = WORDS if shown == "word" else ()
        kind = draw(st.sampled_from(("reading", "reading", "fact", "parameter", "carried")))
        row = t.Input(kind, f"x{key}", unit, low, high, whole, words, states)
        if shown == "number" and draw(st.integers(0, 3)) == 0:
            row = row._replace(choices=self.choices(row))
        self.add(shown, row)

    def choices(self, row: t.Input) -> tuple[Fraction, ...]:
        """Numbers that a number is one of, two or more; none where too few are drawn."""
        inside = interval(row.low, row.high, whole=row.whole)
        drawn = self.draw(st.sets(numbers, min_size=2, max_size=5))
        fits = sorted(each for each in drawn if inside is not None and each in inside)
        return tuple(fits) if len(fits) > 1 else ()

    def row(self) -> None:
        """One more row of any kind."""
        getattr(self, "_" + self.draw(st.sampled_from(KINDS)))()

    def _literal(self) -> None:
        kind = self.draw(st.sampled_from(("number", "number", "day", "truth", "word", "state")))
        if kind == "number":
            self.literal(self.draw(numbers))
        elif kind == "day":
            self.literal(self.draw(days), DAY)
        elif kind == "truth":
            self.literal(self.draw(st.booleans()), TRUTH)
        elif kind == "word":
            self.literal(self.draw(st.sampled_from(WORDS)), WORD)
        else:
            unit = self.draw(st.sampled_from((PLAIN, TRUTH)))
            self.literal(self.draw(st.sampled_from((NOT_APPLICABLE, NOT_DEFINED))), unit)

    def _name(self) -> None:
        kind = self.draw(st.sampled_from(("number", "number", "truth", "day", "word")))
        unit = {"number": PLAIN, "day": DAY, "truth": TRUTH, "word": WORD}[kind]
        role = self.draw(st.sampled_from(("points", "points", "total", "reading", "value")))
        self.add(kind, t.Name(f"n{len(self.rows)}", self.pick(kind), unit, role))

    def _arithmetic(self) -> None:
        if self.draw(st.integers(0, 6)) == 0:
            power = self.literal(Fraction(self.draw(st.integers(-3, 4))))
            self.add("number", t.Arithmetic("power", (self.number(), power)))
            return
        op = self.draw(st.sampled_from(OPS))
        operands = tuple(self.number() for _ in range(self.draw(st.sampled_from((2, 2, 2, 3)))))
        self.add("number", t.Arithmetic(op, operands))

    def _compare(self) -> None:
        kind = self.draw(st.sampled_from(("number", "number", "number", "day", "word")))
        op = "exactly" if kind == "word" else self.draw(st.sampled_from(ORDERS))
        self.add("truth", t.Compare(op, self.pick(kind), self.pick(kind)))

    def _logic(self) -> None:
        op = self.draw(st.sampled_from(("all", "any", "not")))
        count = 1 if op == "not" else self.draw(st.integers(0, 3))
        self.add("truth", t.Logic(op, tuple(self.pick("truth") for _ in range(count))))

    def _is(self) -> None:
        test = self.draw(st.sampled_from(("reported", "told", "applies", "defined")))
        operand = self.pick("number", "truth", "day", "word")
        if test in ("reported", "told"):
            inputs = [ref for ref, row in enumerate(self.rows) if isinstance(row, t.Input)]
            operand = self.draw(st.sampled_from(inputs))
            inner = self.rows[operand]
            assert isinstance(inner, t.Input)
            if self.draw(st.booleans()):
                shown = inner.unit.shown or "number"
                operand = self.add(shown, t.Name(f"n{len(self.rows)}", operand, inner.unit, "reading"))
        self.add("truth", t.Is(test, operand))

    def _piecewise(self) -> None:
        count = self.draw(st.integers(1, 4))
        loose = self.draw(st.integers(0, 3)) == 0
        places = sorted(self.draw(st.lists(numbers, min_size=count, max_size=count, unique=True)))
        heights = [self.number() for _ in range(self.draw(st.integers(1, 3)))]
        heights += [self.literal(self.draw(numbers)) for _ in range(2)]
        knots = []
        for place in places:
            at = self.number() if loose and self.draw(st.booleans()) else self.literal(place)
            before, after = self.draw(st.sampled_from(heights)), self.draw(st.sampled_from(heights))
            knots.append(t.Knot(at, before, after, self.draw(st.sampled_from(("before", "after")))))
        ends = ("flat", "flat", "not defined") if count == 1 else ("flat", "continued", "not defined")
        below, above = self.draw(st.sampled_from(ends)), self.draw(st.sampled_from(ends))
        self.add("number", t.Piecewise(self.number(), tuple(knots), below, above))

    def _choose(self) -> None:
        kind = self.draw(st.sampled_from(("number", "number", "truth", "word", "day")))
        count = self.draw(st.integers(1, 3))
        rows = [(self.pick("truth"), self.pick(kind)) for _ in range(count)]
        if self.draw(st.integers(0, 3)):
            rows.append((self.literal(True, TRUTH), self.pick(kind)))
        self.add(kind, t.Choose(tuple(rows)))

    def _gather(self) -> None:
        draw = self.draw
        op = draw(st.sampled_from(("sum", "mean", "weighted mean")))
        members = tuple(self.number() for _ in range(draw(st.integers(1, 4))))
        weights: tuple[int, ...] = ()
        if op == "weighted mean":
            plain = st.integers(0, 3).map(lambda number: self.literal(Fraction(number)))
            any_number = st.just(0).map(lambda _: self.number())
            weights = tuple(draw(plain) if draw(st.integers(0, 4)) else draw(any_number) for _ in members)
        pick = draw(st.sampled_from(("all", "all", "highest", "lowest")))
        count = 0 if pick == "all" else draw(st.integers(1, 3))
        otherwise = self.number() if draw(st.booleans()) else None
        needs, applying = draw(st.integers(0, 3)), draw(st.integers(0, 2)) > 0
        self.add("number", t.Gather(op, members, weights, applying, pick, count, needs, otherwise))

    def _round(self) -> None:
        step = self.draw(st.sampled_from((Fraction(1), Fraction(1, 2), Fraction(5), Fraction(3, 2))))
        self.add("number", t.Round(self.draw(st.sampled_from(ROUNDINGS)), step, self.number()))

    def _span(self) -> None:
        calendar = self.draw(st.sampled_from(("", "work")))
        self.add("number", t.Span(self.pick("day"), self.pick("day"), calendar))


KINDS = (
    "literal",
    "name",
    "arithmetic",
    "arithmetic",
    "compare",
    "compare",
    "logic",
    "is",
    "piecewise",
    "piecewise",
    "choose",
    "choose",
    "gather",
    "gather",
    "round",
    "span",
)


@st.composite
def trees(draw, most_rows: int = 14, finite: bool = False):  # type: ignore[no-untyped-def]  # as above
    """A tree of all kinds of row; every type has a row, and the last rows are named roots.

    With `finite` no input is without ends.
    """
    build = _Builder(draw, finite)
    build.add("day", t.Input("as_of", "", DAY, Fraction(FIRST_DAY), Fraction(FIRST_DAY + 9)))
    for key in range(draw(st.integers(1, 4))):
        build.input(key)
    build.literal(draw(numbers))
    build.literal(draw(days), DAY)
    build.literal(draw(st.booleans()), TRUTH)
    build.literal(draw(st.sampled_from(WORDS)), WORD)
    for _ in range(draw(st.integers(2, most_rows))):
        build.row()
    for kind in ("truth", "number"):
        unit = TRUTH if kind == "truth" else PLAIN
        moving = [ref for ref in build.of_type[kind] if not isinstance(build.rows[ref], t.Literal)]
        build.add(kind, t.Name(f"root {kind}", (moving or build.of_type[kind])[-1], unit, "total"))
    return contract(tuple(build.rows), len(build.rows) - 1)


@st.composite
def fields(draw, key: int = 0):  # type: ignore[no-untyped-def]  # hypothesis' own draw
    """Something that actuals may tell, of any kind and type, with its lawful words or numbers."""
    kind = draw(st.sampled_from(("reading", "milestone", "fact", "assessment", "parameter", "carried")))
    unit = draw(st.sampled_from((PLAIN, DAY, TRUTH, WORD)))
    found = t.Field(kind, f"f{key}.points", unit, draw(st.sampled_from(("", "A title"))))
    if kind in ("reading", "parameter"):
        found = found._replace(rhythm="year", history=(("2009", (draw(numbers),)),))
    if unit == WORD:
        return found._replace(words=draw(st.sampled_from(((), WORDS))))
    if unit == PLAIN:
        choices = tuple(sorted(draw(st.sets(numbers, max_size=3))))
        found = found._replace(choices=choices, low=choices[0] if choices else draw(st.none() | numbers))
    return found._replace(may_not_apply=draw(st.booleans()))


def inputs_of(tree: t.Tree) -> dict[int, t.Input]:
    """The input rows by their index."""
    return {ref: row for ref, row in enumerate(tree.rows) if isinstance(row, t.Input)}


@st.composite
def cases(draw, most_rows: int = 14, finite: bool = False):  # type: ignore[no-untyped-def]  # as above
    """A tree with some inputs given, some half known, most missing."""
    tree = draw(trees(most_rows, finite))
    given = {}
    for row in inputs_of(tree).values():
        how = draw(st.sampled_from(("missing", "missing", "missing", "missing", "half", "half", "given")))
        if how == "given":
            given[row.kind, row.key] = Given(known(draw(values_of(range_of(row), row, tree))))
        elif how == "half" and not row.choices:
            given[row.kind, row.key] = Given(draw(_halves(range_of(row), row)), "half known")
    return Case(tree, given)


@st.composite
def _halves(draw, whole: Possible, row: t.Input):  # type: ignore[no-untyped-def]  # hypothesis' own draw
    """A part of what an input can be."""
    if whole.numbers is None:
        return whole
    ends = days if row.unit == DAY else numbers
    low, high = sorted((draw(ends), draw(ends)))
    if whole.numbers.whole:
        low, high = Fraction(round(low)), Fraction(round(high))
    is_open = [draw(st.booleans()) and low < high for _ in range(2)]
    far = whole.numbers.high is None and draw(st.booleans())
    found = interval(low, None if far else high, *is_open, whole.numbers.whole)
    return whole if found is None else Possible(found)


def edges(tree: t.Tree) -> list[Fraction]:
    """Numbers of the tree at which something may change."""
    found = {Fraction(0), Fraction(1)}
    for row in tree.rows:
        if isinstance(row, t.Literal) and isinstance(row.value, Fraction):
            found.add(row.value)
        if isinstance(row, t.Round):
            found |= {row.step, row.step / 2}
    return sorted(found)


def candidates(can_be: Possible, row: t.Input, tree: t.Tree) -> list[Value]:
    """Values that an input can have, the ends and breakpoints and their neighbours among them."""
    found: list[Value] = [*sorted(can_be.truths), *sorted(can_be.words), *can_be.states]
    if can_be.numbers is None:
        return found
    if row.choices:
        return found + [each for each in row.choices if each in can_be.numbers]
    if row.unit == DAY:
        places = {Fraction(FIRST_DAY + day) for day in (*range(-3, 24), -30, 60)}
        return found + sorted(place for place in places if place in can_be.numbers)
    near = {Fraction(0)} | {end for end in (can_be.numbers.low, can_be.numbers.high) if end is not None}
    places = near | set(edges(tree))
    places |= {place + shift for place in places for shift in (Fraction(1, 1000), Fraction(-1, 1000))}
    places |= {place + shift for place in near for shift in (1, -1, 2, -2, 40, -40, Fraction(1, 2))}
    found += sorted(place for place in places if place in can_be.numbers)
    return found


def values_of(can_be: Possible, row: t.Input, tree: t.Tree) -> st.SearchStrategy[Value]:
    """One value that an input can have."""
    found = candidates(can_be, row, tree)
    inside = can_be.numbers
    is_listed = inside is not None and bool(row.choices)
    if inside is None or inside.low is None or inside.high is None or inside.is_point or is_listed:
        return st.sampled_from(found)
    low, high = inside.low, inside.high
    between = st.integers(1, 11).map(lambda part: low + (high - low) * Fraction(part, 12))
    return st.sampled_from(found) | between.filter(lambda number: number in inside)


def gaps(case: Case) -> dict[int, Possible]:
    """What each input can be."""
    found = {}
    for ref, row in inputs_of(case.tree).items():
        given = case.given.get((row.kind, row.key))
        found[ref] = range_of(row) if given is None else given.value
    return found


@st.composite
def completions(draw, case: Case) -> Mapping[int, Value]:  # type: ignore[no-untyped-def]  # as above
    """A value for every input, within what it can be."""
    rows = inputs_of(case.tree)
    return {ref: draw(values_of(can_be, rows[ref], case.tree)) for ref, can_be in gaps(case).items()}


def as_naive(case: Case, completion: Mapping[int, Value]) -> dict[object, Value]:
    """A completion as the naive evaluator wants it: it is told which inputs were not reported."""
    found: dict[object, Value] = dict(completion)
    for ref, row in inputs_of(case.tree).items():
        if (row.kind, row.key) not in case.given:
            found["reported", ref] = False
    return found


def admits(can_be: Possible, value: Value) -> bool:
    """Whether a settled value is one of those possible."""
    if isinstance(value, State):
        return can_be.state(value.kind) is not None
    if isinstance(value, bool):
        return value in can_be.truths
    if isinstance(value, str):
        return value in can_be.words
    return can_be.numbers is not None and value in can_be.numbers
