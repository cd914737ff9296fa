"""Sums and means over members that may or may not take part, over columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rkdsl.columns.cells import Cell, Cells, NotWrittenError
from rkdsl.columns.numbers import Number
from rkdsl.columns.program import Step
from rkdsl.rules.tree import Gather, Ref
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED

MAX_PICKED: Final = 2_000
"""Comparisons that picking the highest or lowest may take."""


class Gathers:
    """Makes the cells of sums and means."""

    def __init__(self, cells: Cells) -> None:
        self.cells: Final = cells
        self.numbers: Final = cells.numbers
        self.build: Final = cells.build

    def gather(self, row: Gather, of: Callable[[Ref], Cell]) -> Cell:
        """The gathering of settled members, in the order of `rkdsl.rules.settled`."""
        build = self.build
        members = [self.cells.as_number(of(each)) for each in row.members]
        weights = [self.cells.as_number(of(each)) for each in row.weights]
        few = self.cells.state(NOT_APPLICABLE)
        if row.otherwise is not None:
            few = self.cells.as_number(of(row.otherwise))
        least = max(row.needs, 1)
        nd = build.any(*(each.nd for each in members))
        na = build.any(*(each.na for each in members))
        there = (
            [build.negate(each.na) for each in members]
            if row.applying
            else [build.constant(True)] * len(members)
        )
        rows: list[tuple[Step, Cell]] = []
        if row.applying:
            rows.append((self._too_few(there, least), few))
            rows.append((nd, self.cells.state(NOT_DEFINED)))
        else:
            rows.append((nd, self.cells.state(NOT_DEFINED)))
            rows.append((na, self.cells.state(NOT_APPLICABLE)))
            rows.append((build.constant(len(members) < least), few))
        for kind, part in ((NOT_DEFINED, "nd"), (NOT_APPLICABLE, "na")):
            stopped = [
                build.all(each, getattr(weight, part)) for each, weight in zip(there, weights, strict=False)
            ]
            rows.append((build.any(*stopped), self.cells.state(kind)))
        if not members:
            return few
        return self.cells.first(rows, self._value(row, [each.low for each in members], weights, there))

    def _too_few(self, there: Sequence[Step], least: int) -> Step:
        if least == 1:
            return self.build.negate(self.build.any(*there))
        return self.numbers.compare("<", self._count(there), self.numbers.constant(least))

    def _count(self, there: Sequence[Step]) -> Number:
        return self.numbers.add(map(self.numbers.of_truth, there))

    def _value(
        self, row: Gather, members: list[Number], weights: Sequence[Cell], there: Sequence[Step]
    ) -> Cell:
        count = self._count(there)
        if row.pick != "all":
            if weights and row.count < len(members):
                raise NotWrittenError("a weighted mean of some members")
            if row.count < len(members):
                members = self._picked(row, members, there)
                count = self.numbers.least([count, self.numbers.constant(row.count)])
                there = [self.build.constant(True)] * len(members)
        if weights:
            parts = [
                self.numbers.multiply(each, weight.low) for each, weight in zip(members, weights, strict=True)
            ]
            total = self.numbers.add(self._where(there, [each.low for each in weights]))
            return self._mean(self.numbers.add(self._where(there, parts)), total)
        found = self.numbers.add(self._where(there, members))
        return self.cells.number(found) if row.op == "sum" else self._mean(found, count)

    def _where(self, there: Sequence[Step], numbers: Sequence[Number]) -> list[Number]:
        none = self.numbers.constant(0)
        return [
            self.numbers.choose([(condition, each)], none)
            for condition, each in zip(there, numbers, strict=True)
        ]

    def _mean(self, total: Number, count: Number) -> Cell:
        found, is_zero = self.numbers.divide(total, count)
        return self.cells.number(found, None, is_zero)

    def _picked(self, row: Gather, members: list[Number], there: Sequence[Step]) -> list[Number]:
        """The highest or lowest so many; 0 for what does not take part."""
        if row.count * len(members) > MAX_PICKED:
            raise NotWrittenError("too many members to pick from")
        highest = row.pick == "highest"
        ends = [self.numbers.range(each) for each in members]
        if any(each is None for each in ends):
            raise NotWrittenError("the highest or lowest of ratios")
        out = min(low for low, _ in ends) - 1 if highest else max(high for _, high in ends) + 1  # type: ignore[misc]
        none = self.numbers.constant(out)
        rest = [
            self.numbers.choose([(condition, each)], none)
            for condition, each in zip(there, members, strict=True)
        ]
        found = []
        for _ in range(row.count):
            best = rest[0]
            others = []
            for each in rest[1:]:
                pair = [best, each]
                first, last = self.numbers.greatest(pair), self.numbers.least(pair)
                best, other = (first, last) if highest else (last, first)
                others.append(other)
            found.append(best)
            rest = others
        if all(self.build.value(each) is True for each in there):
            return found
        zero = self.numbers.constant(0)
        return [self.numbers.choose([(self.numbers.compare("==", each, none), zero)], each) for each in found]
