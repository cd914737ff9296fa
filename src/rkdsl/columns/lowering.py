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
from collections.abc import Collection, Mapping
from fractions import Fraction

from rkdsl.columns.builder import Builder, TooWideError
from rkdsl.columns.cells import Cell, Cells, NotWrittenError
from rkdsl.columns.figures import Figures, roots_of
from rkdsl.columns.gaps import OpenRows
from rkdsl.columns.program import TRUTH, Figure, Program, Step
from rkdsl.columns.settled import SettledRows
from rkdsl.columns.sources import Sources, Untold
from rkdsl.columns.table import Table
from rkdsl.columns.tables import EXACT_NEEDED
from rkdsl.columns.witnesses import Witnesses
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import NOTHING, Possible
from rkdsl.rules.slots import slots_of
from rkdsl.rules.tree import Clause, Input, Is, Name, Ref, Row, Tree

WIDE: Final = "whole numbers do not fit into 64 bits"
ALWAYS_OPEN: Final = (
    "it is never settled by columns alone: something that is never told is used more than once"
)


class NotLowered(NamedTuple):
    """Why something has no program: the row, what it is called, its clause where it has one, and the reason.

    `things` are the items, sections and values, and the total, that cannot be told for it.
    """

    ref: Ref
    name: str
    clause: Clause | None
    reason: str
    things: tuple[str, ...]


class Lowered(NamedTuple):
    """A program, whose slots say what they ask of the columns of a table; and what it does not tell, and why."""

    program: Program
    without: tuple[NotLowered, ...] = ()


def lower(
    tree: Tree,
    plan: Plan,
    as_of: datetime.date,
    *,
    gaps: bool = False,
    told: Collection[str] | None = None,
    states: Collection[str] = (),
    things: Collection[str] | None = None,
    partial: bool = False,
    untold: Untold | None = None,
) -> Lowered | NotLowered:
    """The program of a tree as of a day, or why there is none.

    `told` are the columns that the table has (None: one for each slot), `states` those of them beside which another
    column says states. With `gaps` the program reckons with what is missing; without, rows in which anything is are
    left to the exact evaluator. `things` are the items, sections and values that are to be told, and `total` (None:
    all). With `partial` those that cannot be lowered are left out; else one of them is enough that there is none.
    Several programs of one tree and day are made quicker with one `untold` for all of them.
    """
    roots = roots_of(tree)
    names = [each for each in roots if things is None or each in things]
    without: list[NotLowered] = []
    untold = Untold(tree, plan, as_of) if untold is None else untold
    while True:
        asked = _Asked(untold, {name: roots[name] for name in names}, gaps, told, states)
        found = _fitted(asked)
        if isinstance(found, Lowered):
            return found._replace(without=tuple(without))
        without += found
        left_out = {name for each in found for name in each.things}
        names = [name for name in names if name not in left_out]
        if not partial or not names:
            return without[0]


def _fitted(asked: _Asked) -> Lowered | list[NotLowered]:
    """The program with columns as wide as they can be, or all that stands in its way."""
    rungs: dict[str, int] = {}
    while True:
        attempt = _Attempt(asked, rungs)
        found = attempt.lowered()
        if isinstance(found, Lowered) or not attempt.narrower():
            return found


class _Asked:
    """What is asked of all attempts, worked out once."""

    def __init__(
        self,
        untold: Untold,
        roots: Mapping[str, tuple[Ref, ...]],
        gaps: bool,
        told: Collection[str] | None,
        states: Collection[str],
    ) -> None:
        self.tree, self.plan, self.as_of = untold.tree, untold.plan, untold.as_of
        self.gaps, self.roots = gaps, roots
        slots = slots_of(self.tree, self.as_of)
        self.slots = [each for each in slots if told is None or each.path in told]
        self.states = frozenset(states)
        self.needed = self._needed()
        stated = [ref for slot in self.slots if slot.path in self.states for ref in slot.refs]
        self.sources = Sources(untold, stated, self.needed)

    def _needed(self) -> list[Ref]:
        needed = {ref for refs in self.roots.values() for ref in refs}
        for ref in range(max(needed, default=-1), -1, -1):
            if ref in needed:
                needed.update(operands_of(self.plan, ref))
        return sorted(needed)


class _Attempt:
    """One try, with the widths of columns that `rungs` says."""

    def __init__(self, asked: _Asked, rungs: dict[str, int]) -> None:
        self.tree, self.plan, self.rungs = asked.tree, asked.plan, rungs
        self.asked = asked
        self.build = Builder()
        self.cells = Cells(self.build)
        self.settled = SettledRows(self.cells, self.tree.calendars)
        self.open = OpenRows(self.cells, self.tree.calendars)
        self.table = Table(self.build, asked.slots, rungs, asked)
        self.witnesses = Witnesses(
            self.plan, self.cells, self.settled, asked.sources, self.table, asked.as_of.toordinal()
        )
        self.alone: dict[Ref, Cell] = {}
        self.found: dict[Ref, Cell] = {}
        self.too_wide: set[Ref] = set()
        self.failed: dict[Ref, str] = {}
        self.rough: list[Ref] = []

    def lowered(self) -> Lowered | list[NotLowered]:
        """The program, or the rows for which there is none."""
        asked = self.asked
        for ref in asked.needed:
            if any(self._is_failed(each) for each in self._operands(ref)):
                continue
            try:
                self._lower(ref)
            except TooWideError as error:
                self.too_wide.add(ref)
                self.failed[ref] = f"{WIDE}: {error}"
            except NotWrittenError as error:
                self.failed[ref] = str(error)
        if self.failed:
            return [self._not_lowered(ref, reason) for ref, reason in self.failed.items()]
        figures = Figures(self.tree, self.cells, self._of, self.table, asked.sources, asked.as_of)
        try:
            told = figures.all(asked.roots)
        except TooWideError as error:
            self.too_wide = set(asked.needed)
            return [NotLowered(asked.needed[-1], "", None, f"{WIDE}: {error}", tuple(asked.roots))]
        never = [name for name, rough in figures.rough.items() if self.build.value(rough) is True]
        if never:
            return [self._never(name) for name in never]
        exact = self.build.any(*figures.rough.values(), self.table.unread(asked.sources))
        return Lowered(self.build.program([*told, Figure(EXACT_NEEDED, TRUTH, exact)]))

    def narrower(self) -> bool:
        """Makes columns narrower that need not be so wide; False where there is none."""
        below = set(self.too_wide)
        for ref in range(max(below, default=-1), -1, -1):
            if ref in below:
                below.update(self._operands(ref))
        return self.table.narrower(below, self.rungs)

    def _is_failed(self, ref: Ref) -> bool:
        return ref not in self.alone and ref not in self.found

    def _operands(self, ref: Ref) -> tuple[Ref, ...]:
        return operands_of(self.plan, ref)

    def _never(self, name: str) -> NotLowered:
        """A thing of which nothing can be told by columns in any row."""
        roots = set(self.asked.roots[name])
        ref = next((each for each in self.rough if self._users(each) & roots), max(roots))
        return self._not_lowered(ref, ALWAYS_OPEN)._replace(things=(name,))

    def _not_lowered(self, ref: Ref, reason: str) -> NotLowered:
        row = self.plan.rows[self._told_at(ref)]
        clause = getattr(row, "clause", None)
        name = row.id if isinstance(row, Name) else row.key if isinstance(row, Input) else ""
        users = self._users(ref)
        things = tuple(name for name, roots in self.asked.roots.items() if not users.isdisjoint(roots))
        return NotLowered(ref, name, None if clause is None else self.tree.clauses[clause], reason, things)

    def _users(self, ref: Ref) -> set[Ref]:
        """A row and those that are made of it."""
        return {ref, *self.plan.users((ref,), range(ref + 1, len(self.plan.rows)))}

    def _told_at(self, ref: Ref) -> Ref:
        """The row, or the first that is made of it and that has a clause of the contract."""
        users = sorted(self._users(ref))
        return next(
            (each for each in users if getattr(self.plan.rows[each], "clause", None) is not None), ref
        )

    # ---- cells

    def _lower(self, ref: Ref) -> None:
        """A row that one column alone decides is first made for what that tells; all others as they are used."""
        row, sources = self.plan.rows[ref], self.asked.sources
        mask = sources.masks[ref]
        if mask and self.table.is_never_told(sources.keys(mask)):
            self.found[ref] = self._never_told(ref)
            self._note(ref)
        elif mask == 0 or sources.is_single(ref):
            self.alone[ref] = self._told(row)
        else:
            self.found[ref] = self._tight(ref, self.open.row(row, self._operands(ref), self._of))
            self._note(ref)

    def _never_told(self, ref: Ref) -> Cell:
        """What no column tells anything of."""
        sources = self.asked.sources
        if sources.is_single(ref):
            return self._known(sources.alone(ref), is_later=self._is_due_later(ref))
        found = sources.untold.row(ref)
        cell = self._known(found, is_later=sources.is_later(ref))
        return (
            cell
            if found is not None
            else self._known(sources.untold.values.row(ref))._replace(rough=cell.rough)
        )

    def _is_due_later(self, ref: Ref) -> bool:
        sources = self.asked.sources
        return any(map(sources.is_due_later, sources.keys(sources.masks[ref])))

    def _told(self, row: Row) -> Cell:
        if isinstance(row, Input):
            if row.kind == "as_of":
                return self.cells.constant(Fraction(self.asked.as_of.toordinal()))
            return self.table.cell(row, self.cells)
        if isinstance(row, Is) and row.test in ("reported", "told"):
            return self.cells.constant(True)
        return self.settled.row(row, self.alone.__getitem__)

    def _of(self, ref: Ref) -> Cell:
        """The cell of a row, whatever is told."""
        if ref not in self.found:
            self.found[ref] = self._with_gaps(ref)
        return self.found[ref]

    def _with_gaps(self, ref: Ref) -> Cell:
        """What one column alone decides, also where it tells nothing, or that something is not done."""
        sources = self.asked.sources
        (key,) = sources.keys(sources.masks[ref]) or (None,)
        rows: list[tuple[Step, Cell]] = []
        if key is not None:
            gaps, is_later = self.table.gaps(key), sources.is_due_later(key)
            if self.build.value(gaps.missing) is not False:
                rows.append((gaps.missing, self._known(sources.alone(ref), is_later=is_later)))
            if self.build.value(gaps.not_done) is not False:
                known = sources.alone(ref, not_done=True)
                rows.append((gaps.not_done, self._known(known, is_later=is_later)))
        return self.cells.first(rows, self.alone[ref])

    def _known(self, this: Possible | None, *, is_later: bool = False) -> Cell:
        """What the exact evaluator found for all rows of the table; rough where it was not sure."""
        if this is not None:
            return self.cells.possible(this, is_later=is_later)
        return self.cells.possible(NOTHING)._replace(rough=self.cells.always)

    def _tight(self, ref: Ref, cell: Cell) -> Cell:
        """A root: rough where a gap acts on it both ways, and known where nothing of it is told."""
        if ref not in self.plan.roots or self.cells.is_settled(cell):
            return cell
        sources, build = self.asked.sources, self.build
        loose = self.table.any_gap(sources.keys(sources.loose(ref)))
        cell = cell._replace(split=build.any(cell.split, loose))
        wide = build.all(loose, cell.open)
        if build.value(build.any(cell.rough, wide)) is False:
            return cell
        if build.value(wide) is not False:
            wide = build.all(wide, build.negate(self.witnesses.reach(ref, cell, self._of)))
        rough = build.any(cell.rough, wide)
        untold = self.table.all_missing(sources.keys(sources.masks[ref]))
        known = None if build.value(untold) is False else sources.untold.row(ref)
        if known is None:
            return cell._replace(rough=rough)
        found = self.cells.first([(untold, self.cells.possible(known, is_later=sources.is_later(ref)))], cell)
        return found._replace(rough=build.all(rough, build.negate(untold)))

    def _note(self, ref: Ref) -> None:
        if self.build.value(self.found[ref].rough) is True:
            self.rough.append(ref)


def operands_of(plan: Plan, ref: Ref) -> tuple[Ref, ...]:
    """The rows whose cells a row is made of."""
    row = plan.rows[ref]
    if isinstance(row, Is) and row.test in ("reported", "told"):
        return ()
    return plan.operands_of(ref)
