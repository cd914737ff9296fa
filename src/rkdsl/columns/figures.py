"""What comes out of a program: states and points of items, sections and the whole, and the values that are told."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from typing import Final

from rkdsl.columns.builder import TooWideError
from rkdsl.columns.cells import NUMBER, TRUTH_VALUE, WORD_VALUE, Cell, Cells
from rkdsl.columns.numbers import Number
from rkdsl.columns.program import WHOLE, WORD, Figure, Step
from rkdsl.outcome import MET, MISSED, NOT_KNOWN, PARTLY_MET
from rkdsl.rules.tree import Item, Literal, Ref, Tree
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED


class Figures:
    """Makes the figures of a tree."""

    def __init__(self, tree: Tree, cells: Cells, found: Mapping[Ref, Cell], as_of: datetime.date) -> None:
        self.tree, self.cells, self.found, self.as_of = tree, cells, found, as_of
        self.build: Final = cells.build
        self._scale = 1

    def roots(self) -> list[Ref]:
        """The rows that figures are made of."""
        tree = self.tree
        found: list[Ref | None] = [tree.total]
        for item in tree.items:
            found += [item.points, item.lowest, item.highest, item.earned]
            if self._asks_condition(item):
                found.append(item.condition)
        found += [each.points for each in tree.sections]
        found += [each.of for each in tree.values]
        return list(dict.fromkeys(ref for ref in found if ref is not None))

    def _asks_condition(self, item: Item) -> bool:
        """Whether a condition may say the state: there are no points, or perhaps but one number of them."""
        if item.points is None or item.lowest is None or item.highest is None:
            return True
        lowest, highest = self.tree.rows[item.lowest], self.tree.rows[item.highest]
        return not (
            isinstance(lowest, Literal) and isinstance(highest, Literal) and lowest.value != highest.value
        )

    def all(self) -> list[Figure]:
        """Every figure, in the order of the contract: items, sections, values, the total."""
        tree = self.tree
        if tree.total is not None:
            self._scale = self._scale_of(self.found[tree.total].low)
        made: list[Figure] = []
        for item in tree.items:
            made.append(self._word(item.id, "state", self._state(item)))
            if item.points is not None:
                made += self._points(item.id, self.found[item.points])
        for section in tree.sections:
            if section.points is not None:
                made += self._told(section.id, self.found[section.points])
        for value in tree.values:
            made += self._told(value.id, self.found[value.of])
        if tree.total is not None:
            made += self._told("total", self.found[tree.total])
        return made

    # ---- numbers and words

    def _scale_of(self, this: Number) -> int:
        return math.lcm(this.ratio.denominator, this.offset.denominator)

    def _points(self, name: str, cell: Cell) -> list[Figure]:
        return [
            self._number(f"{name}.secured", cell.low, cell),
            self._number(f"{name}.possible", cell.high, cell),
        ]

    def _number(self, name: str, number: Number, cell: Cell) -> Figure:
        """A number over the scale of the total where it can be: then the same step is added up there."""
        told = None if self.build.value(cell.value) is True else cell.value
        least = self._scale_of(number)
        scale = self._scale if self._scale % least == 0 else least
        try:
            whole = self.cells.numbers.whole(number, scale)
        except TooWideError:
            whole = self.cells.numbers.whole(number, least)
        return Figure(name, WHOLE, whole.above, whole.below, whole.scale, told)

    def _word(self, name: str, part: str, word: Step, told: Step | None = None) -> Figure:
        return Figure(f"{name}.{part}", WORD, word, told=told)

    def _told(self, name: str, cell: Cell) -> list[Figure]:
        """A value, a section or the total: its state, and its numbers or its word."""
        word = self.build.constant
        state = self._cases([(cell.nd, NOT_DEFINED), (cell.na, NOT_APPLICABLE)], "")
        made = [self._word(name, "state", state)]
        if cell.type == NUMBER:
            return made + self._points(name, cell)
        told = None if self.build.value(cell.value) is True else cell.value
        if cell.type == TRUTH_VALUE:
            found = self.build.case([(cell.yes, word("yes"))], word("no"))
            made.append(self._word(name, "word", found, told))
        if cell.type == WORD_VALUE:
            made.append(self._word(name, "word", cell.word, told))
        return made

    def _cases(self, rows: Iterable[tuple[Step, str]], otherwise: str) -> Step:
        constant = self.build.constant
        return self.build.case([(step, constant(word)) for step, word in rows], constant(otherwise))

    # ---- states of items

    def _state(self, item: Item) -> Step:
        """As `rkdsl.rules.summary` tells it, where all is settled."""
        build = self.build
        by_condition = None
        if item.condition is not None and item.condition in self.found:
            by_condition = self._by_truth(self.found[item.condition])
        if item.points is None:
            assert by_condition is not None
            return by_condition
        by_points = self._by_points(item)
        if by_condition is None or item.lowest is None or item.highest is None:
            return by_points
        lowest, highest = self.found[item.lowest], self.found[item.highest]
        equal = self.cells.numbers.compare("==", lowest.low, highest.low)
        flat = build.any(
            build.all(equal, lowest.value, highest.value),
            build.all(lowest.na, highest.na),
            build.all(lowest.nd, highest.nd),
        )
        return build.case([(flat, by_condition)], by_points)

    def _by_truth(self, cell: Cell) -> Step:
        return self._cases([(cell.nd, NOT_DEFINED), (cell.na, NOT_APPLICABLE), (cell.yes, MET)], MISSED)

    def _by_points(self, item: Item) -> Step:
        assert item.points is not None
        assert item.lowest is not None
        assert item.highest is not None
        points, lowest, highest = (self.found[ref] for ref in (item.points, item.lowest, item.highest))
        earned = points if item.earned is None else self.found[item.earned]
        counted = self.cells.first([(self.build.negate(earned.value), points)], earned)
        numbers = self.cells.numbers
        return self._cases(
            [
                (points.nd, NOT_DEFINED),
                (points.na, NOT_APPLICABLE),
                (numbers.compare("<=", counted.low, lowest.low), MISSED),
                (self.build.negate(highest.value), NOT_KNOWN),
                (numbers.compare(">=", counted.low, highest.low), MET),
            ],
            PARTLY_MET,
        )
