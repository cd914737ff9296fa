"""Lowers the rule tree of a contract to a program over columns, as of a day.

Each figure that a record may tell is a column, named by its path. For every item the program gives `<item>.state` (a
word, as an outcome says it), `<item>.secured` and `<item>.possible`; for sections and for `total` the same, with a
state that is "" where there is a number; for a named value `<value>.state`, and `.secured` and `.possible` where it is
a number or a day, `.word` where it is a word, `yes` or `no`. A figure that is not told is none: the state says why, and
where that is no state the number has no end. The truth `exact needed` says of which rows all this does not hold: they
are left to the exact evaluator.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from fractions import Fraction
from typing import Final, NamedTuple

from rkdsl.columns.builder import Builder, TooWideError
from rkdsl.columns.cells import Cell, Cells, NotWrittenError
from rkdsl.columns.columns import Column, column_of
from rkdsl.columns.figures import Figures
from rkdsl.columns.program import TRUTH, Figure, Program
from rkdsl.columns.settled import SettledRows
from rkdsl.rules.plan import Plan
from rkdsl.rules.slots import slots_of
from rkdsl.rules.transfer import source_of
from rkdsl.rules.tree import Clause, Input, Is, Name, Ref, Row, Tree

EXACT_NEEDED: Final = "exact needed"
"""The truth figure of a row that is left to the exact evaluator."""


class Lowered(NamedTuple):
    """A program, and what each slot of it asks of the table: `paths` are the columns in the program's order."""

    program: Program


class NotLowered(NamedTuple):
    """Why a contract has no program: the row, what it is called, its clause where it has one, and the reason."""

    ref: Ref
    name: str
    clause: Clause | None
    reason: str


def lower(
    tree: Tree,
    plan: Plan,
    as_of: datetime.date,
    *,
    gaps: bool = False,
    told: Collection[str] | None = None,
    states: Collection[str] = (),
) -> Lowered | NotLowered:
    """The program of a tree as of a day, or why there is none.

    `told` are the columns that the table has (None: one for each slot), `states` those of them beside which another
    column says states. With `gaps` the program reckons with what is missing; without, rows in which anything is are
    left to the exact evaluator.
    """
    rungs: dict[str, int] = {}
    while True:
        attempt = _Attempt(tree, plan, as_of, rungs)
        found = attempt.lowered()
        if isinstance(found, Lowered) or not attempt.narrower():
            return found


class _Attempt:
    """One try, with the widths of columns that `rungs` says."""

    def __init__(self, tree: Tree, plan: Plan, as_of: datetime.date, rungs: dict[str, int]) -> None:
        self.tree, self.plan, self.as_of, self.rungs = tree, plan, as_of, rungs
        self.build = Builder()
        self.cells = Cells(self.build)
        self.settled = SettledRows(self.cells, tree.calendars)
        self.columns: dict[Ref, Column] = {}
        for slot in slots_of(tree, as_of):
            column = column_of(slot, len(self.build.slots), rungs.get(slot.path, 0), as_of)
            self.build.slots.append(column.slot)
            self.columns.update((ref, column) for ref in slot.refs)
        self.found: dict[Ref, Cell] = {}
        self.too_wide: list[Ref] = []

    def lowered(self) -> Lowered | NotLowered:
        """The program, or the first row for which there is none."""
        figures = Figures(self.tree, self.cells, self.found, self.as_of)
        failed: NotLowered | None = None
        for ref in self._needed(figures.roots()):
            if any(each not in self.found for each in self._operands(ref)):
                continue
            try:
                self.found[ref] = self._cell(ref, self.plan.rows[ref])
            except TooWideError as error:
                self.too_wide.append(ref)
                failed = failed or self._not_lowered(ref, f"whole numbers {error} do not fit into 64 bits")
            except NotWrittenError as error:
                return self._not_lowered(ref, str(error))
        if failed is not None:
            return failed
        reported = [
            self.build.read(each, "reported")
            for each in sorted({column.at for ref, column in self.columns.items() if ref in self.found})
        ]
        exact = self.build.negate(self.build.all(*reported))
        return Lowered(self.build.program([*figures.all(), Figure(EXACT_NEEDED, TRUTH, exact)]))

    def narrower(self) -> bool:
        """Makes columns narrower that are no narrower than they need be; False where there is none."""
        below = set(self.too_wide)
        for ref in range(max(below, default=-1), -1, -1):
            if ref in below:
                below.update(self._operands(ref))
        changed = False
        for path in dict.fromkeys(
            column.slot.name
            for ref, column in self.columns.items()
            if ref in below and column.may_be_narrower
        ):
            self.rungs[path] = self.rungs.get(path, 0) + 1
            changed = True
        return changed

    def _needed(self, roots: Collection[Ref]) -> list[Ref]:
        needed = set(roots)
        for ref in range(max(needed, default=-1), -1, -1):
            if ref in needed:
                needed.update(self._operands(ref))
        return sorted(needed)

    def _operands(self, ref: Ref) -> tuple[Ref, ...]:
        row = self.plan.rows[ref]
        if isinstance(row, Is) and row.test in ("reported", "told"):
            return ()
        return self.plan.operands_of(ref)

    def _not_lowered(self, ref: Ref, reason: str) -> NotLowered:
        at = self._told_at(ref)
        row = self.plan.rows[at]
        clause = getattr(row, "clause", None)
        name = row.id if isinstance(row, Name) else row.key if isinstance(row, Input) else ""
        return NotLowered(ref, name, None if clause is None else self.tree.clauses[clause], reason)

    def _told_at(self, ref: Ref) -> Ref:
        """The row, or the first that is made of it and that has a clause of the contract."""
        users = [ref, *self.plan.users((ref,), range(ref + 1, len(self.plan.rows)))]
        return next(
            (each for each in users if getattr(self.plan.rows[each], "clause", None) is not None), ref
        )

    # ---- cells

    def _cell(self, ref: Ref, row: Row) -> Cell:
        if isinstance(row, Input):
            if row.kind == "as_of":
                return self.cells.constant(Fraction(self.as_of.toordinal()))
            column = self.columns.get(ref)
            if column is None:
                raise NotWrittenError(f"{row.key} is never told")
            return column.cell(self.cells)
        if isinstance(row, Is) and row.test in ("reported", "told"):
            source = source_of(self.plan.rows, row.operand)
            return self.cells.constant(source in self.columns)
        return self.settled.row(row, self.found.__getitem__)
