"""The table that a program reads: its columns by what they tell of the contract, and where they tell nothing."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from rkdsl.columns.builder import Builder
from rkdsl.columns.cells import Cell, Cells
from rkdsl.columns.columns import Column, column_of
from rkdsl.columns.program import Step
from rkdsl.columns.sources import Sources
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.slots import Slot
from rkdsl.rules.tree import Input, Ref
from rkdsl.values import NOT_APPLICABLE

Key = tuple[str, str]


class Gaps(NamedTuple):
    """Where a column tells nothing, and where it tells that a milestone is not done."""

    missing: Step
    not_done: Step


class Asked(Protocol):
    """What is asked of a table: `states` are the columns beside which another one says states."""

    as_of: datetime.date
    gaps: bool
    states: frozenset[str]


class Table:
    """The columns of a table."""

    def __init__(self, build: Builder, slots: Sequence[Slot], rungs: dict[str, int], asked: Asked) -> None:
        self.build: Final = build
        self._asked = asked
        self._columns: dict[Key, Column] = {}
        self._refs: dict[Key, tuple[Ref, ...]] = {}
        for slot in slots:
            column = column_of(slot, len(build.slots), rungs.get(slot.path, 0), asked.as_of)
            build.slots.append(column.slot)
            key = slot.rows[0].kind, slot.rows[0].key
            self._columns[key], self._refs[key] = column, slot.refs

    def is_never_told(self, keys: Iterable[Key]) -> bool:
        """Whether no column tells any of these."""
        return all(key not in self._columns for key in keys)

    def cell(self, row: Input, cells: Cells) -> Cell:
        """What an input is where something is told of it."""
        column = self._columns[row.kind, row.key]
        return column.cell(cells, is_stated=self._has_states(column))

    def _has_states(self, column: Column) -> bool:
        return self._asked.gaps and column.slot.name in self._asked.states

    def gaps(self, key: Key) -> Gaps:
        """Where something is not told, or told not to be done."""
        never, column = self.build.constant(False), self._columns.get(key)
        if column is None:
            return Gaps(self.build.constant(True), never)
        if not self._asked.gaps:
            return Gaps(never, never)
        if not self._has_states(column):
            return Gaps(self.build.negate(self.build.read(column.at, "reported")), never)
        not_done = self.build.read(column.at, "not done") if column.is_milestone else never
        return Gaps(self.build.negate(self.build.read(column.at, "told")), not_done)

    def any_gap(self, keys: Iterable[Key]) -> Step:
        """Whether any of these is a gap."""
        return self.build.any(*(step for key in keys for step in self.gaps(key)))

    def all_missing(self, keys: Iterable[Key]) -> Step:
        """Whether nothing is told of any of these."""
        return self.build.all(*(self.gaps(key).missing for key in keys))

    def unread(self, sources: Sources) -> Step:
        """Whether a row tells what the program does not reckon with: without gaps any, with them an unlawful state."""
        columns = [self._columns[key] for key in sources.of_bit if key in self._columns]
        read, build = self.build.read, self.build
        if not self._asked.gaps:
            return build.negate(build.all(*(read(each.at, "reported") for each in columns)))
        found = []
        for each in columns:
            if self._has_states(each):
                parts = ["reported", NOT_APPLICABLE, *["not done"] * each.is_milestone]
                told = build.any(*(read(each.at, part) for part in parts))
                found.append(build.all(read(each.at, "told"), build.negate(told)))
        return build.any(*found)

    def narrower(self, refs: Collection[Ref], rungs: dict[str, int]) -> bool:
        """Makes the columns narrower that tell some inputs and need not be so wide; False where there is none."""
        changed = False
        for key, column in self._columns.items():
            if column.may_be_narrower and not set(self._refs[key]).isdisjoint(refs):
                rungs[column.slot.name] = rungs.get(column.slot.name, 0) + 1
                changed = True
        return changed
