"""Scores of draws, many at a time: by the contract's program over columns, else one by one by the exact evaluator."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from rkdsl.actuals.record import NOT_DONE
from rkdsl.chance.drawing import Drawn
from rkdsl.chance.fitting import Column, Walk, reach
from rkdsl.chance.tally import Numbers, of_fractions
from rkdsl.columns.arrays import Arrays
from rkdsl.columns.lowering import Lowered, lower
from rkdsl.columns.program import WORD, Slot
from rkdsl.columns.tables import EXACT_NEEDED
from rkdsl.rules import summary
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Given, Possible, Settled, interval, known
from rkdsl.rules.transfer import range_of
from rkdsl.rules.tree import Input, Literal, Name, Row, Tree
from rkdsl.values import NOT_APPLICABLE, PLAIN, State

Array = Any
"""An array of numpy of one dimension. `Any`: of whole numbers, words by their index, or truths."""
Key = tuple[str, str]
OFTEN: Final = 200
"""Rows in the same states that have come before they get a program of their own."""
MOST_PATTERNS: Final = 256
"""Programs for rows in certain states."""
WIDE: Final = 2**62
REMEMBERED: Final = 50_000
"""Draws that were evaluated one by one, and whose figures are kept for the next one that is the same."""
_SAID: Final = State(NOT_APPLICABLE, "drawn")


Pattern = tuple[int, ...]
"""In which state each figure is that may be in some, 0 for in none."""


class Words(NamedTuple):
    """A word in each row, by its index in `words`; `told` says in which rows there is one (None: in all)."""

    codes: Array
    words: tuple[str, ...]
    told: Array | None = None


Figures = dict[str, Numbers | Words]
"""What comes out, as a program over columns calls it: `g.state`, `g.secured`, `total.possible`, `v.word`."""


class Scoring:
    """The rules of a contract as of a day, with all that is known put in its place.

    Rows that the program is not for go to programs of their own, one for those in which the same figures are in the
    same states, once there are enough of them; the rest is evaluated one by one.
    """

    def __init__(
        self, tree: Tree, as_of: datetime.date, given: Mapping[Key, Given], columns: Sequence[Column]
    ) -> None:
        self.as_of, self.given, self.columns = as_of, given, columns
        self._original: Final = tree
        self._inputs: Final = {each.path: _key_of(tree, each) for each in columns}
        self.whole: Final = _abstract(tree, given, columns, self._inputs)
        self.tree: Final = _settled(tree, self.whole, columns, self._inputs)
        self._plan: Final = Plan(self.tree)
        self._program = self._lowered()
        self._remembered: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._came: Counter[Pattern] = Counter()
        self._patterns: dict[Pattern, Scoring] = {}
        self.exact = 0

    def _lowered(self) -> Arrays | None:
        states = [each.path for each in self.columns if not each.is_always_a_figure]
        told = [each.path for each in self.columns]
        found = lower(self.tree, self._plan, self.as_of, gaps=bool(states), told=told, states=states)
        words = [word for each in self.columns for word in each.words]
        return Arrays(found.program, words) if isinstance(found, Lowered) else None

    @property
    def is_lowered(self) -> bool:
        """Whether there is a program over columns."""
        return self._program is not None

    def score(self, drawn: Mapping[str, Drawn], count: int) -> Figures:
        """What the rows of some draws come to."""
        if self._program is None:
            return arranged(self._otherwise(drawn, np.arange(count)))
        parts, left = self._parts(self._program, drawn, count)
        steps = self._program.run(parts, count)
        found: Figures = {}
        for figure in self._program.program.figures:
            above, told = steps[figure.above], None if figure.told is None else steps[figure.told]
            if figure.name == EXACT_NEEDED:
                left = left | above
            elif figure.type == WORD:
                found[figure.name] = Words(above, self._program.words, told)
            else:
                below = None if figure.below is None else steps[figure.below]
                found[figure.name] = Numbers(above, figure.scale, below, told)
        if not left.any():
            return found
        others = np.flatnonzero(~left)
        own = [(others, _rows_of(found, others))] if len(others) else []
        return arranged([*own, *self._otherwise(drawn, np.flatnonzero(left))])

    def _otherwise(self, drawn: Mapping[str, Drawn], rows: Array) -> list[tuple[Array, Figures]]:
        """Rows that the program is not for, by what they have in common."""
        found: list[tuple[Array, Figures]] = []
        for pattern, some in self._by_pattern(drawn, rows):
            self._came[pattern] += len(some)
            scoring = self._of_pattern(pattern)
            if scoring is None:
                found.append((some, _as_figures(self._one_by_one(drawn, some))))
            else:
                part = {each.path: Drawn(drawn[each.path].figures[some], None, 0) for each in scoring.columns}
                found.append((some, scoring.score(part, len(some))))
        return found

    def _by_pattern(self, drawn: Mapping[str, Drawn], rows: Array) -> list[tuple[Pattern, Array]]:
        """The rows in which the same figures are in the same states."""
        states = [each.states for column in self.columns if (each := drawn[column.path]).states is not None]
        if not states:
            return [((), rows)]
        patterns, at = np.unique(np.stack([each[rows] for each in states]), axis=1, return_inverse=True)
        at = at.reshape(-1)
        return [
            (tuple(int(each) for each in patterns[:, index]), rows[at == index])
            for index in range(patterns.shape[1])
        ]

    def _of_pattern(self, pattern: Pattern) -> Scoring | None:
        """The scoring of rows in certain states; None for too few, and where there is no program for them."""
        if pattern not in self._patterns:
            if not pattern or self._came[pattern] < OFTEN or len(self._patterns) >= MOST_PATTERNS:
                return None
            given, columns = dict(self.given), []
            states = iter(pattern)
            for column in self.columns:
                state = 0 if column.is_always_a_figure else next(states)
                if state:
                    _put_state(given, self._inputs[column.path], column.states[state - 1][0], self.as_of)
                else:
                    columns.append(column._replace(states=()))
            self._patterns[pattern] = Scoring(self._original, self.as_of, given, columns)
        found = self._patterns[pattern]
        return found if found.is_lowered else None

    def _parts(
        self, program: Arrays, drawn: Mapping[str, Drawn], count: int
    ) -> tuple[dict[tuple[int, str], Array], Array]:
        """What the program reads, and the rows that it is not for."""
        columns = {each.path: each for each in self.columns}
        parts: dict[tuple[int, str], Array] = {}
        unlawful = np.zeros(count, dtype=np.bool_)
        for index, slot in enumerate(program.program.slots):
            column = columns.get(slot.name)
            states = None if column is None else drawn[slot.name].states
            has_figure: Array = np.bool_(column is not None) if states is None else states == 0
            value: Array = _empty(slot)
            lawful: Array = np.True_
            if column is not None:
                value, lawful = _value(program, slot, column, drawn[slot.name].figures)
                unlawful = unlawful | (has_figure & np.logical_not(lawful))
                value = np.where(has_figure, value, _empty(slot))
            told = has_figure
            for state in (NOT_APPLICABLE, NOT_DONE, "not defined"):
                is_it: Array = np.False_
                if column is not None and states is not None:
                    at = (
                        [each for each, _ in column.states].index(state) + 1
                        if state in dict(column.states)
                        else -1
                    )
                    is_it = states == at
                parts[index, state] = is_it
                told = told | is_it
            parts[index, "value"], parts[index, "reported"], parts[index, "told"] = value, has_figure, told
        return parts, unlawful

    # ---- one by one

    def _one_by_one(self, drawn: Mapping[str, Drawn], rows: Array) -> list[dict[str, Any]]:
        self.exact += len(rows)
        return [self._one(drawn, int(row)) for row in rows]

    def _one(self, drawn: Mapping[str, Drawn], row: int) -> dict[str, Any]:
        key = []
        for column in self.columns:
            each = drawn[column.path]
            state = 0 if each.states is None else int(each.states[row])
            key.append((state, 0 if state else int(each.figures[row])))
        found = self._remembered.get(tuple(key))
        if found is None:
            given = dict(self.given)
            for column, (state, figure) in zip(self.columns, key, strict=True):
                if state:
                    _put_state(given, self._inputs[column.path], column.states[state - 1][0], self.as_of)
                else:
                    given[self._inputs[column.path]] = Given(known(held(column, figure)), "drawn")
            found = summary.figures(self.tree, evaluate(self._plan, given), self.as_of)
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[tuple(key)] = found
        return found


def _put_state(given: dict[Key, Given], key: Key, state: str, as_of: datetime.date) -> None:
    """Says that something is in a state."""
    if state == NOT_APPLICABLE:
        given[key] = Given(known(_SAID), "drawn")
    elif state == NOT_DONE:
        later = interval(Fraction(as_of.toordinal() + 1), None, whole=True)
        given[key] = Given(Possible(later), "drawn", False)
    else:
        given.pop(key, None)


def held(column: Column, figure: int) -> Settled:
    """A drawn figure as the rules hold it."""
    match column.slot.field.unit.shown:
        case "truth":
            return figure == 1
        case "word":
            return column.words[figure]
        case "day":
            return Fraction(figure)
    return Fraction(figure, column.grid) * column.slot.field.unit.scale


def _key_of(tree: Tree, column: Column) -> Key:
    row = tree.rows[column.slot.refs[0]]
    assert isinstance(row, Input)
    return row.kind, row.key


# ---- what is known


def _abstract(
    tree: Tree, given: Mapping[Key, Given], columns: Sequence[Column], inputs: Mapping[str, Key]
) -> Values:
    """What rows come to where what is drawn can be all that is drawn."""
    found = dict(given)
    for column in columns:
        rows = [row for ref in column.slot.refs if isinstance(row := tree.rows[ref], Input)]
        can_be = range_of(rows[0])._replace(states=())
        if column.slot.kind == "number" and not isinstance(column.shape, Walk):
            first, last = (
                max(column.low, min(column.high, each)) for each in reach(column.shape, column.grid)
            )
            unit = column.slot.field.unit
            scale = Fraction(1) if unit.shown == "day" else unit.scale / column.grid
            can_be = Possible(interval(first * scale, last * scale, full=False))
        if dict(column.states).get(NOT_APPLICABLE):
            can_be = can_be._replace(states=(_SAID,))
        found[inputs[column.path]] = Given(can_be, "drawn")
    return evaluate(Plan(tree), found, 0)


def _settled(tree: Tree, values: Values, columns: Sequence[Column], inputs: Mapping[str, Key]) -> Tree:
    """The tree with literals in the place of what is known whatever is drawn."""
    unsure = {inputs[each.path] for each in columns if set(dict(each.states)) - {NOT_APPLICABLE}}
    plan = Plan(tree)
    sources = [ref for ref, key in plan.inputs.items() if key in unsure]
    varies = {*sources, *plan.users(sources, range(len(tree.rows)))}
    rows = list(tree.rows)
    drawn = {ref for each in columns for ref in each.slot.refs}
    for ref, row in enumerate(rows):
        value = values.settled(ref)
        if (
            value is not None
            and ref not in varies
            and ref not in drawn
            and not isinstance(row, Literal | Name)
        ):
            unit = row.unit if isinstance(row, Input) else PLAIN
            rows[ref] = Literal(value, unit)
    for column in columns:
        if inputs[column.path] not in unsure and column.slot.kind == "number":
            for ref in column.slot.refs:
                rows[ref] = _narrow(rows[ref], column)
    return tree._replace(rows=tuple(rows))


def _narrow(row: Row, column: Column) -> Row:
    """An input that is a figure in every draw, or does not apply, with the range that figures are drawn from."""
    assert isinstance(row, Input)
    unit = column.slot.field.unit
    first, last = (max(column.low, min(column.high, each)) for each in reach(column.shape, column.grid))
    scale = Fraction(1) if unit.shown == "day" else unit.scale / column.grid
    whole = row.whole or (column.grid == 1 and unit.scale == 1 and not unit.is_money)
    return row._replace(low=first * scale, high=last * scale, whole=whole)


# ---- figures


def _empty(slot: Slot) -> int | bool:
    return False if slot.type == "truth" else 0


def _value(program: Arrays, slot: Slot, column: Column, figures: Array) -> tuple[Array, Array]:
    """What the program reads of a figure that was drawn, and where it may."""
    if slot.type == "truth":
        return figures == 1, np.True_
    if slot.type == WORD:
        codes = np.array([program.codes[each] for each in column.words], dtype=np.int64)
        return (codes[figures] if len(codes) else figures), np.True_
    times, rest = divmod(slot.scale, column.grid)
    value, lawful = figures * times, np.True_
    if rest or not times:
        value, left = np.divmod(figures * slot.scale, column.grid)
        lawful = left == 0
    lawful = lawful & (value >= slot.low) & (value <= slot.high)
    if slot.choices:
        lawful = lawful & np.isin(value, slot.choices)
    return value, lawful


def _is_text(name: str) -> bool:
    return name.rpartition(".")[2] in ("state", "word")


def _as_figures(rows: Sequence[Mapping[str, Any]]) -> Figures:
    """Rows that were evaluated one by one, as columns."""
    found: Figures = {}
    for name in rows[0]:
        column = [each[name] for each in rows]
        found[name] = _texts(column) if _is_text(name) else of_fractions(column)
    return found


def _texts(found: Sequence[str | None]) -> Words:
    words = tuple(dict.fromkeys(each or "" for each in found))
    codes = {word: code for code, word in enumerate(words)}
    told = np.array([each is not None for each in found], dtype=np.bool_)
    return Words(np.array([codes[each or ""] for each in found], dtype=np.int64), words, told)


def _rows_of(figures: Figures, rows: Array) -> Figures:
    """Some rows of figures."""
    found: Figures = {}
    for name, each in figures.items():
        told = None if each.told is None else each.told[rows]
        if isinstance(each, Numbers):
            below = None if each.below is None else each.below[rows]
            found[name] = Numbers(each.above[rows], each.scale, below, told)
        else:
            found[name] = Words(each.codes[rows], each.words, told)
    return found


def arranged(parts: Sequence[tuple[Array, Figures]]) -> Figures:
    """The figures of rows that were scored in parts, in the order of the rows."""
    found = joined([each for _, each in parts])
    if len(parts) == 1:
        return found
    return _rows_of(found, np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable"))


def joined(parts: Sequence[Figures]) -> Figures:
    """The figures of several runs of rows, one after the other."""
    if len(parts) == 1:
        return parts[0]
    found: Figures = {}
    for name in min(parts, key=len):  # what is evaluated one by one has all that there may be
        columns = [each[name] for each in parts]
        numbers = [each for each in columns if isinstance(each, Numbers)]
        words = [each for each in columns if isinstance(each, Words)]
        found[name] = _joined_numbers(numbers) if numbers else _joined_words(words)
    return found


def _joined_numbers(parts: Sequence[Numbers]) -> Numbers:
    scale = math.lcm(*(each.scale for each in parts))
    above, below = [each.above for each in parts], None
    factors = [scale // each.scale for each in parts]
    if any(int(np.abs(each).max()) * factor >= WIDE for each, factor in zip(above, factors, strict=True)):
        factors, scale = [1] * len(parts), 1
        below = [np.full(len(each.above), each.scale, dtype=np.int64) for each in parts]
    if any(each.below is not None for each in parts):
        below = below or [np.ones(len(each), dtype=np.int64) for each in above]
        below = [
            one if each.below is None else one * each.below for one, each in zip(below, parts, strict=True)
        ]
    whole = np.concatenate([each * factor for each, factor in zip(above, factors, strict=True)])
    return Numbers(whole, scale, None if below is None else np.concatenate(below), _joined_told(parts))


def _joined_words(parts: Sequence[Words]) -> Words:
    words = tuple(dict.fromkeys(word for each in parts for word in each.words))
    index = {word: code for code, word in enumerate(words)}
    codes = [np.array([index[word] for word in each.words], dtype=np.int64)[each.codes] for each in parts]
    return Words(np.concatenate(codes), words, _joined_told(parts))


def _joined_told(parts: Sequence[Numbers | Words]) -> Array | None:
    if all(each.told is None for each in parts):
        return None
    counts = [len(each.above if isinstance(each, Numbers) else each.codes) for each in parts]
    told = [
        np.ones(count, dtype=np.bool_) if each.told is None else each.told
        for each, count in zip(parts, counts, strict=True)
    ]
    return np.concatenate(told)


__all__ = ["Figures", "Scoring", "Words", "held", "joined"]
