"""What comes out of a program: states and points of items, sections and the whole, and the values that are told."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from rkdsl.columns.builder import TooWideError
from rkdsl.columns.cells import NONE, NUMBER, TRUTH_VALUE, WORD_VALUE, Cell, Cells
from rkdsl.columns.numbers import Number
from rkdsl.columns.program import WHOLE, WORD, Figure, Step
from rkdsl.columns.sources import Mask, Sources
from rkdsl.columns.table import Table
from rkdsl.outcome import MET, MISSED, NOT_KNOWN, PARTLY_MET, PENDING
from rkdsl.rules import summary
from rkdsl.rules.tree import Item, Ref, Tree, Value
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED

TOTAL: Final = "total"


def roots_of(tree: Tree) -> dict[str, tuple[Ref, ...]]:
    """The rows that the figures of each thing are made of: items, sections, values and the total, by their names."""
    found: dict[str, Sequence[Ref | None]] = {}
    for item in tree.items:
        condition = item.condition if summary.may_be_flat(tree, item) else None
        found[item.id] = item.points, item.lowest, item.highest, item.earned, condition
    found.update({each.id: (each.points,) for each in tree.sections if each.points is not None})
    found.update({each.id: (each.of,) for each in tree.values})
    if tree.total is not None:
        found[TOTAL] = (tree.total,)
    return {
        name: tuple(dict.fromkeys(ref for ref in refs if ref is not None)) for name, refs in found.items()
    }


def is_word(value: Value) -> bool:
    """Whether a named value is told as a word, and not in numbers."""
    return value.unit.shown in ("truth", "word")


class Figures:
    """Makes the figures of a tree, of the cells of its rows."""

    def __init__(
        self,
        tree: Tree,
        cells: Cells,
        of: Callable[[Ref], Cell],
        table: Table,
        sources: Sources,
        as_of: datetime.date,
    ) -> None:
        self.tree, self.cells, self.of, self.as_of = tree, cells, of, as_of
        self.table, self.sources = table, sources
        self.build: Final = cells.build
        self._scale = 1
        self.rough: Final[dict[str, Step]] = {}
        """Of each thing whether what is told of it may not hold."""

    def all(self, names: Collection[str]) -> list[Figure]:
        """The figures of some things, in the order of the contract: items, sections, values, the total."""
        tree = self.tree
        if tree.total is not None and TOTAL in names:
            self._scale = self._scale_of(self.of(tree.total).low)
        made: list[Figure] = []
        for item in tree.items:
            if item.id in names:
                made += self._item(item)
        for section in tree.sections:
            if section.points is not None and section.id in names:
                made += self._told(section.id, self.of(section.points))
        for value in tree.values:
            if value.id in names:
                made += self._told(value.id, self.of(value.of), is_word=is_word(value))
        if tree.total is not None and TOTAL in names:
            made += self._told(TOTAL, self.of(tree.total))
        return made

    def _item(self, item: Item) -> list[Figure]:
        state, rough = self._state(item)
        self.rough[item.id] = rough
        made = [self._word(item.id, "state", state)]
        if item.points is not None:
            cell = self.of(item.points)
            self.rough[item.id] = self.build.any(rough, cell.rough)
            made += self._points(item.id, cell)
        return made

    # ---- numbers and words

    def _scale_of(self, this: Number) -> int:
        return math.lcm(this.ratio.denominator, this.offset.denominator)

    def _points(self, name: str, cell: Cell) -> list[Figure]:
        return [
            self._number(f"{name}.secured", cell.low, cell.value, cell.no_low),
            self._number(f"{name}.possible", cell.high, cell.value, cell.no_high),
        ]

    def _number(self, name: str, number: Number, value: Step, far: Step) -> Figure:
        """A number over the scale of the total where it can be: then the same step is added up there."""
        told = self.build.all(value, self.build.negate(far))
        least = self._scale_of(number)
        scale = self._scale if self._scale % least == 0 else least
        try:
            whole = self.cells.numbers.whole(number, scale)
        except TooWideError:
            whole = self.cells.numbers.whole(number, least)
        return Figure(name, WHOLE, whole.above, whole.below, whole.scale, self._unless_always(told))

    def _unless_always(self, told: Step) -> Step | None:
        return None if self.build.value(told) is True else told

    def _word(self, name: str, part: str, word: Step, told: Step | None = None) -> Figure:
        return Figure(f"{name}.{part}", WORD, word, told=told)

    def _told(self, name: str, cell: Cell, *, is_word: bool = False) -> list[Figure]:
        """A value, a section or the total: its state, and its numbers or its word, also where it never has any."""
        build = self.build
        self.rough[name] = cell.rough
        state = self._cases([(cell.open, NOT_KNOWN), (cell.nd, NOT_DEFINED), (cell.na, NOT_APPLICABLE)], "")
        made = [self._word(name, "state", state)]
        if cell.type == NUMBER or (cell.type == NONE and not is_word):
            return made + self._points(name, cell)
        told = self._unless_always(build.all(cell.value, build.negate(cell.open)))
        if cell.type == TRUTH_VALUE:
            word = build.case([(cell.yes, build.constant("yes"))], build.constant("no"))
        else:
            word = cell.word if cell.type == WORD_VALUE else build.constant("")
        return [*made, self._word(name, "word", word, told)]

    def _cases(self, rows: Iterable[tuple[Step, str]], otherwise: str) -> Step:
        constant = self.build.constant
        return self.build.case([(step, constant(word)) for step, word in rows], constant(otherwise))

    # ---- states of items

    def _state(self, item: Item) -> tuple[Step, Step]:
        """As `rkdsl.rules.summary` tells it; known from there where nothing of it is told."""
        rough: list[Step] = []
        state = self._of_condition_or_points(item, rough)
        build, found = self.build, self.build.any(*rough)
        if build.value(found) is not False:
            keys = self.sources.keys(self._mask(item))
            untold = self.table.all_missing(keys)
            if build.value(untold) is not False and self._is_known(item):
                known = summary.state_of_item(self.tree, self.sources.untold.values, self.as_of, item)
                state = build.case([(untold, build.constant(known))], state)
                found = build.all(found, build.negate(untold))
        return state, found

    def _refs(self, item: Item) -> list[Ref]:
        refs = (item.points, item.lowest, item.highest, item.earned, item.condition)
        return [ref for ref in refs if ref is not None and ref in self.sources.masks]

    def _is_known(self, item: Item) -> bool:
        """Whether the exact evaluator is sure of it while nothing is told."""
        return all(self.sources.untold.row(ref) is not None for ref in self._refs(item))

    def _mask(self, item: Item) -> Mask:
        mask = 0
        for ref in self._refs(item):
            mask |= self.sources.masks[ref]
        return mask

    def _of_condition_or_points(self, item: Item, rough: list[Step]) -> Step:
        build = self.build
        by_condition = None
        if item.condition is not None and summary.may_be_flat(self.tree, item):
            by_condition = self._by_truth(item.condition, rough)
        if item.points is None:
            assert by_condition is not None
            return by_condition
        by_points = self._by_points(item, rough)
        if by_condition is None or item.lowest is None or item.highest is None:
            return by_points
        lowest, highest = self.of(item.lowest), self.of(item.highest)
        equal = self.cells.numbers.compare("==", lowest.low, highest.low)
        flat = build.all(
            build.negate(build.any(lowest.open, highest.open)),
            build.any(
                build.all(equal, lowest.value, highest.value),
                build.all(lowest.na, highest.na),
                build.all(lowest.nd, highest.nd),
            ),
        )
        rough += [lowest.rough, highest.rough]
        return build.case([(flat, by_condition)], by_points)

    def _open(self, ref: Ref, cell: Cell, rough: list[Step]) -> Step:
        """*Pending* while something that falls due later still moves it, else *not known*."""
        build = self.build
        keys = self.sources.keys(self.sources.masks[ref])
        later = self.table.any_gap(key for key in keys if self.sources.is_due_later(key))
        earlier = self.table.any_gap(key for key in keys if not self.sources.is_due_later(key))
        unsure = build.all(later, earlier)
        rough.append(build.all(cell.open, unsure, cell.split))
        pending = build.case([(unsure, cell.later)], later)
        return self._cases([(pending, PENDING)], NOT_KNOWN)

    def _by_truth(self, ref: Ref, rough: list[Step]) -> Step:
        cell, constant = self.of(ref), self.build.constant
        rough.append(cell.rough)
        return self.build.case(
            [
                (cell.open, self._open(ref, cell, rough)),
                (cell.nd, constant(NOT_DEFINED)),
                (cell.na, constant(NOT_APPLICABLE)),
                (cell.yes, constant(MET)),
            ],
            constant(MISSED),
        )

    def _by_points(self, item: Item, rough: list[Step]) -> Step:
        assert item.points is not None
        assert item.lowest is not None
        assert item.highest is not None
        points, lowest, highest = (self.of(ref) for ref in (item.points, item.lowest, item.highest))
        earned = points if item.earned is None else self.of(item.earned)
        counted = self.cells.first([(self.build.negate(earned.value), points)], earned)
        numbers, build, constant = self.cells.numbers, self.build, self.build.constant
        settled = build.negate(points.open)
        limits = build.any(earned.open, lowest.open, highest.open)
        rough += [each.rough for each in (points, lowest, highest, earned)]
        rough.append(build.all(settled, points.value, limits))
        return build.case(
            [
                (points.open, self._open(item.points, points, rough)),
                (points.nd, constant(NOT_DEFINED)),
                (points.na, constant(NOT_APPLICABLE)),
                (numbers.compare("<=", counted.low, lowest.low), constant(MISSED)),
                (build.negate(highest.value), constant(NOT_KNOWN)),
                (numbers.compare(">=", counted.low, highest.low), constant(MET)),
            ],
            constant(PARTLY_MET),
        )
