"""Scores of draws, many at a time: by the contract's program over columns, else one by one by the exact evaluator."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from rkdsl.actuals.record import NOT_DONE
from rkdsl.chance.drawing import Drawn
from rkdsl.chance.fitting import Column, Walk, reach
from rkdsl.chance.tally import Numbers, of_fractions, patched
from rkdsl.columns.arrays import Arrays
from rkdsl.columns.lowering import Lowered, lower
from rkdsl.columns.program import WORD, Slot
from rkdsl.columns.tables import EXACT_NEEDED
from rkdsl.rules import summary
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Given, Possible, Settled, interval, known
from rkdsl.rules.transfer import range_of
from rkdsl.rules.tree import Input, Literal, Name, Tree
from rkdsl.values import NOT_APPLICABLE, PLAIN, State

Array = Any
"""An array of numpy of one dimension. `Any`: of whole numbers, words by their index, or truths."""
Key = tuple[str, str]
REMEMBERED: Final = 50_000
"""Draws that were evaluated one by one, and whose figures are kept for the next one that is the same."""
_SAID: Final = State(NOT_APPLICABLE, "drawn")


class Words(NamedTuple):
    """A word in each row, by its index in `words`; `told` says in which rows there is one (None: in all)."""

    codes: Array
    words: tuple[str, ...]
    told: Array | None = None


Figures = dict[str, Numbers | Words]
"""What comes out, as a program over columns calls it: `g.state`, `g.secured`, `total.possible`, `v.word`."""


class Scoring:
    """The rules of a contract as of a day, with all that is known put in its place."""

    def __init__(
        self, tree: Tree, as_of: datetime.date, given: Mapping[Key, Given], columns: Sequence[Column]
    ) -> None:
        self.as_of, self.given, self.columns = as_of, given, columns
        self._inputs: Final = {each.path: _key_of(tree, each) for each in columns}
        self.whole: Final = _abstract(tree, given, columns, self._inputs)
        self.tree: Final = _settled(tree, self.whole, columns, self._inputs)
        self._plan: Final = Plan(self.tree)
        self._program = self._lowered()
        self._remembered: dict[tuple[Any, ...], dict[str, Any]] = {}
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
            return _as_figures(self._one_by_one(drawn, range(count)))
        parts, unlawful = self._parts(self._program, drawn, count)
        steps = self._program.run(parts, count)
        found: Figures = {}
        for figure in self._program.program.figures:
            above, told = steps[figure.above], None if figure.told is None else steps[figure.told]
            if figure.name == EXACT_NEEDED:
                unlawful = unlawful | above
            elif figure.type == WORD:
                found[figure.name] = Words(above, self._program.words, told)
            else:
                below = None if figure.below is None else steps[figure.below]
                found[figure.name] = Numbers(above, figure.scale, below, told)
        rows = [int(each) for each in np.flatnonzero(unlawful)]
        return _with_exact(found, rows, self._one_by_one(drawn, rows)) if rows else found

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

    def _one_by_one(self, drawn: Mapping[str, Drawn], rows: Sequence[int]) -> list[dict[str, Any]]:
        self.exact += len(rows)
        found = []
        for row in rows:
            key = tuple(
                (-int(each.states[row]), 0)
                if each.states is not None and each.states[row]
                else (1, int(each.figures[row]))
                for each in (drawn[column.path] for column in self.columns)
            )
            if key not in self._remembered:
                if len(self._remembered) >= REMEMBERED:
                    self._remembered.clear()
                self._remembered[key] = figures_of(self.tree, self._evaluated(drawn, row), self.as_of)
            found.append(self._remembered[key])
        return found

    def _evaluated(self, drawn: Mapping[str, Drawn], row: int) -> Values:
        given = dict(self.given)
        for column in self.columns:
            each, key = drawn[column.path], self._inputs[column.path]
            state = 0 if each.states is None else int(each.states[row])
            if state == 0:
                given[key] = Given(known(held(column, int(each.figures[row]))), "drawn")
                continue
            word = column.states[state - 1][0]
            if word == NOT_APPLICABLE:
                given[key] = Given(known(_SAID), "drawn")
            elif word == NOT_DONE:
                later = interval(Fraction(self.as_of.toordinal() + 1), None, whole=True)
                given[key] = Given(Possible(later), "drawn", False)
            else:
                given.pop(key, None)
        return evaluate(self._plan, given)


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
    return tree._replace(rows=tuple(rows))


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


def figures_of(tree: Tree, values: Values, as_of: datetime.date) -> dict[str, Any]:
    """The figures of one evaluation: fractions and words, None where there is none."""
    found: dict[str, Any] = {}
    for item in summary.items(tree, values, as_of):
        found[f"{item.id}.state"] = item.state
        if item.points is not None:
            found[f"{item.id}.secured"], found[f"{item.id}.possible"] = (
                item.points.secured,
                item.points.possible,
            )
    for value in summary.values(tree, values, as_of):
        found[f"{value.id}.state"] = value.state
        found[f"{value.id}.secured"], found[f"{value.id}.possible"] = value.secured, value.possible
        found[f"{value.id}.word"] = value.word
    if tree.total is not None:
        total = values.row(tree.total)
        points = summary.points_of(total, None)
        found["total.state"] = summary.state_of(total)
        found["total.secured"], found["total.possible"] = points.secured, points.possible
    return found


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


def _with_exact(figures: Figures, rows: Sequence[int], came: Sequence[Mapping[str, Any]]) -> Figures:
    """Figures with some rows as the exact evaluator has them."""
    found: Figures = {}
    for name, column in figures.items():
        told = [each[name] for each in came]
        if isinstance(column, Numbers):
            found[name] = patched(column, rows, told)
            continue
        words = tuple(dict.fromkeys((*column.words, *(each or "" for each in told))))
        codes, has = (
            np.array(column.codes),
            np.array(np.broadcast_to(True if column.told is None else column.told, len(column.codes))),
        )
        index = {word: code for code, word in enumerate(words)}
        for row, each in zip(rows, told, strict=True):
            codes[row], has[row] = index[each or ""], each is not None
        found[name] = Words(codes, words, has)
    return found


def joined(parts: Sequence[Figures]) -> Figures:
    """The figures of several runs of rows, one after the other."""
    if len(parts) == 1:
        return parts[0]
    found: Figures = {}
    for name in parts[0]:
        columns = [each[name] for each in parts]
        numbers = [each for each in columns if isinstance(each, Numbers)]
        words = [each for each in columns if isinstance(each, Words)]
        found[name] = _joined_numbers(numbers) if numbers else _joined_words(words)
    return found


def _joined_numbers(parts: Sequence[Numbers]) -> Numbers:
    scale, above, below = parts[0].scale, [each.above for each in parts], None
    if any(each.below is not None or each.scale != scale for each in parts):
        ones = [np.ones(len(each.above), dtype=np.int64) for each in parts]
        below = np.concatenate(
            [
                (one if each.below is None else each.below) * each.scale
                for each, one in zip(parts, ones, strict=True)
            ]
        )
        scale = 1
    return Numbers(np.concatenate(above), scale, below, _joined_told(parts))


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


__all__ = ["Figures", "Scoring", "Words", "figures_of", "held", "joined"]
