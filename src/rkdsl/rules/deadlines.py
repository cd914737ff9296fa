"""Every day that a contract names: milestones, what is due to be reported, decisions still open, days of registers."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from rkdsl.contract.parts import milestones_of
from rkdsl.contract.report import inside
from rkdsl.contract.symbols import Checked
from rkdsl.language import nodes
from rkdsl.language.printer import print_node
from rkdsl.outcome import Deadline, RegisterOutcome, RowOutcome
from rkdsl.rules import wording
from rkdsl.rules.compiler import last_day
from rkdsl.rules.evaluator import Values
from rkdsl.rules.tree import Input, Tree
from rkdsl.values import LAST_DAY

MAX_REPEATS: Final = 1_000
"""How often one row of a register may repeat: a month for more than eighty years."""
RHYTHM: Final = "rhythm"
FIRST: Final = ("first", "from")
LAST: Final = "by"
"""The columns of a register that say how often something is due, from when, and until when."""
_MONTHS: Final = {"each month": 1, "each quarter": 3, "each half-year": 6, "each year": 12}
_DAYS: Final = {"each week": 7}
_REPORTED: Final = ("reading", "assessment", "fact", "parameter")


def deadlines(
    checked: Checked,
    tree: Tree,
    registers: Iterable[RegisterOutcome],
    values: Values | None = None,
    as_of: datetime.date | None = None,
) -> tuple[Deadline, ...]:
    """All of them, by day; with values and a day also what is done, reported or overdue by then."""
    found = _Deadlines(checked, tree, values, as_of)
    every = [*found.milestones(), *found.reports(), *found.clauses(), *found.decisions()]
    for register in registers:
        every += found.of_register(register)
    return tuple(sorted(every, key=lambda each: (each.day, each.kind, each.id)))


class _Deadlines:
    def __init__(
        self, checked: Checked, tree: Tree, values: Values | None, as_of: datetime.date | None
    ) -> None:
        self.checked, self.tree, self.values, self.as_of = checked, tree, values, as_of
        self.inputs = {
            (row.kind, row.key): ref for ref, row in enumerate(tree.rows) if isinstance(row, Input)
        }

    # ---- items

    def milestones(self) -> Iterator[Deadline]:
        """Every milestone, scored or not; one for each of the deadlines that are stated."""
        for item in self.checked.items:
            for node in milestones_of(item.node):
                id = f"{item.id}.{node.name.text}"
                stated = node.deadline.statements
                for number, each in enumerate([one for one in stated if one.governs] or stated, 1):
                    day = last_day(each.value)
                    if day is None:
                        continue
                    where = f"{id}.{number}" if number > 1 else id
                    words = [item.title, print_node(each.value)]
                    words += [node.standing] if node.standing else []
                    words += [f"as stated in {each.see.text}"] if each.see is not None else []
                    title = node.title.first.text
                    yield Deadline(day, "milestone", where, title, "; ".join(words), self._done(id, day))

    def _done(self, id: str, day: datetime.date) -> str:
        """What is known of a milestone on the day."""
        if self.values is None or self.as_of is None:
            return ""
        ref = self.inputs.get(("milestone", id))
        given = None if ref is None else self.values.reported.get(ref)
        if given is None or not given.reported:
            return "overdue" if day < self.as_of else ""
        done = self.values.settled(ref) if ref is not None else None
        if not isinstance(done, Fraction):
            return wording.value(given.value)
        late = datetime.date.fromordinal(int(done)) > day
        return f"done {wording.day(done)}{', late' if late else ''}"

    def reports(self) -> Iterator[Deadline]:
        """Readings, assessments and facts that are waited for, on the days they fall due; none that the text states."""
        titles = {(each.kind, each.id): each.title for each in self.tree.fields}
        stated = {("reading", f"{each.id}@{when}") for each in self.tree.fields for when, _ in each.history}
        seen: set[tuple[str, str]] = set()
        for ref, row in enumerate(self.tree.rows):
            if not isinstance(row, Input) or row.kind not in _REPORTED or row.due is None:
                continue
            if (row.kind, row.key) in seen or (row.kind, row.key) in stated:
                continue
            seen.add((row.kind, row.key))
            name, _, period = row.key.partition("@")
            title = titles.get((row.kind, name), "") or name
            detail = f"{row.kind} of {period}" if period else row.kind
            day = datetime.date.fromordinal(row.due)
            yield Deadline(day, row.kind, row.key.replace("@", "."), title, detail, self._told(ref, day))

    def _told(self, ref: int, day: datetime.date) -> str:
        if self.values is None or self.as_of is None:
            return ""
        if ref in self.values.reported:
            return "reported"
        return "overdue" if day < self.as_of else ""

    # ---- the contract

    def clauses(self) -> Iterator[Deadline]:
        """When it is signed, ends, and reporting closes."""
        checked = self.checked
        title = checked.node.title.first.text
        for node in checked.node.statements:
            day = node.day if isinstance(node, nodes.Signed) else None
            if isinstance(day, nodes.PeriodLiteral) and day.period is not None:
                yield Deadline(day.period.last, "contract", "signed", "Signed", title)
        if checked.period is not None:
            yield Deadline(checked.period.last, "contract", "period", "The contract's period ends", title)
        if checked.binding is not None:
            yield Deadline(checked.binding.last, "contract", "binding", "The targets that bind end", title)
        if checked.closes is not None:
            yield Deadline(checked.closes.first, "contract", "reporting", "Reporting closes", title)

    def decisions(self) -> Iterator[Deadline]:
        """What is to be decided by a day: once for each place of the text."""
        seen: set[object] = set()
        found = [each for each in inside(self.checked.node) if isinstance(each, nodes.Undecided)]
        number = 0
        for node in sorted(found, key=lambda each: each.span):
            if node.until is None or node.until.period is None or node.span in seen:
                continue
            seen.add(node.span)
            number += 1
            title = node.remark.text if node.remark is not None else "Something is to be decided"
            yield Deadline(node.until.period.last, "decision", f"decision.{number}", title, print_node(node))

    # ---- registers

    def of_register(self, register: RegisterOutcome) -> Iterator[Deadline]:
        """Each day in it, and each repetition of what has a rhythm."""
        days = [each for each in register.columns if each.unit == "a day"]
        for row in register.rows:
            for column in days:
                cell = row.cells[column.id]
                if cell.state or cell.secured is None or cell.secured.denominator != 1:
                    continue
                if not 1 <= cell.secured <= LAST_DAY:
                    continue
                first = datetime.date.fromordinal(int(cell.secured))
                title = row.title or self._title_of(row.name)
                detail = f"{register.title}: {column.title}{_others(register, row)}"
                id = f"{register.id}.{row.key}.{column.id}"
                found = [first]
                if column.id == next((each for each in FIRST if each in row.cells), ""):
                    found = list(self._repeated(first, row))
                for number, day in enumerate(found):
                    where = f"{id}.{number + 1}" if number else id
                    yield Deadline(day, register.id, where, title, detail)

    def _title_of(self, name: str) -> str:
        """The title of what a row belongs to, else its name."""
        titles = {each.id: each.title for each in self.checked.items}
        return titles.get(name, name)

    def _repeated(self, first: datetime.date, row: RowOutcome) -> Iterator[datetime.date]:
        """The first day, and those that follow in the row's rhythm until its own end or that of the contract."""
        yield first
        rhythm = row.cells[RHYTHM].word if RHYTHM in row.cells else None
        last = self.checked.period.last if self.checked.period is not None else first
        until = row.cells.get(LAST)
        if until is not None and not until.state and until.secured is not None:
            last = datetime.date.fromordinal(int(until.secured))
        for number in range(1, MAX_REPEATS):
            day = _later(first, rhythm or "", number)
            if day is None or day > last:
                return
            yield day


def _later(first: datetime.date, rhythm: str, number: int) -> datetime.date | None:
    """The day so many periods later; the last day of a month stays the last."""
    if rhythm in _DAYS:
        ordinal = first.toordinal() + _DAYS[rhythm] * number
        return datetime.date.fromordinal(ordinal) if ordinal <= LAST_DAY else None
    if rhythm not in _MONTHS:
        return None
    months = first.year * 12 + first.month - 1 + _MONTHS[rhythm] * number
    year, month = divmod(months, 12)
    if year > datetime.MAXYEAR:
        return None
    length = calendar.monthrange(year, month + 1)[1]
    is_last = first.day == calendar.monthrange(first.year, first.month)[1]
    return datetime.date(year, month + 1, length if is_last else min(first.day, length))


def _others(register: RegisterOutcome, row: RowOutcome) -> str:
    """The words of a row, each after the title of its column."""
    texts = [
        f"{column.title}: {row.cells[column.id].text}"
        for column in register.columns
        if row.cells[column.id].word and column.unit != "a day"
    ]
    return "".join(f"; {each}" for each in texts)
