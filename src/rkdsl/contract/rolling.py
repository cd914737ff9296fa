"""The draft of next year's contract: what is dated moves by a year, guidelines become targets, readings history."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from rkdsl.contract import slots
from rkdsl.contract.parts import first_limit, milestones_of
from rkdsl.contract.report import fields_of, inside
from rkdsl.contract.symbols import Checked
from rkdsl.language import nodes
from rkdsl.language.printer import print_node
from rkdsl.values import Period, months, year_after

_KEPT: Final = (
    nodes.Measure,
    nodes.Fact,
    nodes.Parameter,
    nodes.Calendar,
    nodes.Guidelines,
    nodes.Wording,
)
"""What says its days for good: history, guidelines of later years, holidays."""


@attrs.frozen
class Note:
    """Something to decide before the draft is signed: of what, and why."""

    id: str
    text: str


@attrs.frozen
class Draft:
    """Next year's contract, and what is to be decided in it."""

    contract: nodes.Contract
    notes: tuple[Note, ...]


@attrs.frozen
class Read:
    """A reading that became history: the value as a contract writes it, with where it comes from.

    `corrects` says that it takes the place of what the contract states.
    """

    period: Period
    value: nodes.Expression | None
    source: str
    corrects: bool = False


@attrs.frozen
class Files:
    """The files of contracts that a contract uses, and the standard libraries that its draft goes on using.

    `library` tells from which of these a node comes; empty where it comes from none.
    """

    contracts: frozenset[str]
    standard: frozenset[str]
    library: Callable[[nodes.Node], str]


def rolled(checked: Checked, binds: Period, readings: Mapping[str, Sequence[Read]], files: Files) -> Draft:
    """The contract of the year after `binds`."""
    assert checked.written is not None
    rolling = _Rolling(checked, binds, readings, files)
    contract = rolling.contract(checked.written)
    return Draft(contract, (*rolling.notes, *_left_open(contract)))


class _Rolling:
    """One contract on its way into the next year."""

    def __init__(
        self,
        checked: Checked,
        binds: Period,
        readings: Mapping[str, Sequence[Read]],
        files: Files,
    ) -> None:
        self.readings, self.files = readings, files
        self.notes: list[Note] = []
        self.binds, self.next = binds, year_after(binds) or binds
        self.is_longer = checked.period is not None and checked.period != binds
        years = range(binds.first.year, binds.last.year + 1)
        self.years = re.compile(rf"(?<!\d)({'|'.join(map(str, years))})(?!\d)")

    def note(self, id: str, text: str) -> None:
        """One thing more to decide."""
        self.notes.append(Note(id, text))

    def contract(self, contract: nodes.Contract) -> nodes.Contract:
        """The contract a year later."""
        name = attrs.evolve(contract.name, text=self._later_years(contract.name.text))
        text = attrs.evolve(contract.title.first, text=self._later_years(contract.title.first.text))
        title: nodes.Stated[nodes.Text] = nodes.Stated((nodes.Statement(text),))
        said = {each.file.text for each in inside(contract) if isinstance(each, nodes.Use)}
        uses = (nodes.Use(nodes.Text(each)) for each in sorted(self.files.standard - said))
        statements = (*uses, *self._block(contract.statements))
        return attrs.evolve(contract, name=name, title=title, statements=statements)

    def _later_years(self, text: str) -> str:
        return self.years.sub(lambda found: str(int(found.group()) + 1), text)

    def _block(self, statements: Iterable[Any]) -> Iterator[Any]:
        """The statements of a contract or section. The nesting is bounded when the text is read."""
        for each in statements:
            if self.files.library(each):
                yield from self._rows(each)
                continue
            match each:
                case nodes.Section():
                    self._title(each)
                    yield attrs.evolve(each, statements=tuple(self._block(each.statements)))
                case nodes.Item():
                    self._title(each)
                    yield self._item(each)
                case nodes.Measure() | nodes.Parameter():
                    yield self._measure(each)
                case nodes.ContractPeriod():
                    later = self._later(each)
                    if self.is_longer:
                        self.note("", f"the contract is now for the {print_node(later)}: to be confirmed")
                    yield later
                case nodes.Signed():
                    yield nodes.Signed(nodes.Undecided())
                case nodes.Example():
                    self.note(
                        "", f"the example {print_node(each.title)} is left out: it has the figures of before"
                    )
                case nodes.Use() if each.file.text in self.files.standard:
                    yield each
                case nodes.Use() if each.file.text not in self.files.contracts:
                    continue  # what was used of a library stands in the contract itself
                case _:
                    yield self._other(each)

    def _rows(self, declared: Any) -> Iterator[Any]:
        """Of what a standard library declares, the rows that an amendment put there."""
        if isinstance(declared, nodes.Register) and declared.rows:
            yield self._other(attrs.evolve(declared, columns=(), title=None, statements=()))

    def _other(self, node: Any) -> Any:
        if isinstance(node, nodes.Use):
            self.note("", f"{print_node(node)}: that contract is to be rolled too")
        if isinstance(node, nodes.Calendar):
            self.note(node.name.text, f"the holidays of {self.next} are to be listed")
        if isinstance(node, nodes.Register) and any(
            isinstance(each, nodes.PeriodLiteral) for each in inside(node)
        ):
            self.note(node.name.text, "the days in it moved by a year: to be confirmed")
        return self._later(node)

    def _title(self, node: nodes.Section | nodes.Item) -> None:
        if self.years.search(node.title.first.text):
            self.note(node.name.text, f"the title names {self.binds}: {print_node(node.title)}")

    # -- goals

    def _item(self, item: nodes.Item) -> nodes.Item:
        found = attrs.evolve(item, statements=tuple(self._later(each) for each in item.statements))
        found = self._guided(found)
        for each in milestones_of(found):
            if isinstance(each.deadline.first.period, nodes.PeriodLiteral):
                text = f"the deadline is now {print_node(each.deadline)}: to be confirmed"
                self.note(f"{item.name.text}.{each.name.text}", text)
        for target in found.statements:
            if isinstance(target, nodes.Wording) and _begins_in(target.start, self.next):
                reads = f"from {target.start.period} it reads {print_node(target.text)}"
                self.note(item.name.text, f"{reads}: the title and the target with it")
        return found

    def _guided(self, item: nodes.Item) -> nodes.Item:
        """The item with the guideline of the year as its target; a note for each target without one."""
        condition = first_limit(item)
        entry = self._guideline(item, condition) if condition is not None else None
        for target in item.statements:
            if not isinstance(target, nodes.Target) or target.standing:
                continue
            if entry is None or condition not in target.conditions:
                self.note(
                    item.name.text, f"no guideline: the limit of before is kept in `{print_node(target)}`"
                )
        if condition is None or entry is None:
            return item
        assert isinstance(condition.test, nodes.Limit)
        new = attrs.evolve(condition, test=attrs.evolve(condition.test, value=entry.value))
        statements: list[nodes.ItemStatement] = []
        for each in item.statements:
            if isinstance(each, nodes.Target):
                conditions = tuple(new if one is condition else one for one in each.conditions)
                if conditions != each.conditions and each.equals:
                    self.note(
                        item.name.text,
                        "what its target equals is left out: it belonged to the target of before",
                    )
                    each = attrs.evolve(each, equals=())
                statements.append(attrs.evolve(each, conditions=conditions))
            elif isinstance(each, nodes.Guidelines):
                rows = tuple(row for row in each.rows if row is not entry)
                statements += [attrs.evolve(each, rows=rows)] if rows else []
            else:
                statements.append(each)
        return attrs.evolve(item, statements=tuple(statements))

    def _guideline(self, item: nodes.Item, condition: nodes.Condition) -> nodes.Entry | None:
        """The guideline of the part of the year that the target is of."""
        when = condition.when.first.period if condition.when is not None else None
        period = when.period if isinstance(when, nodes.PeriodLiteral) else self.next
        rows = [row for each in item.statements if isinstance(each, nodes.Guidelines) for row in each.rows]
        exact = [row for row in rows if row.period.period == period]
        year = months(period.first.year, 1, 12) if period is not None else None
        return next(iter(exact or [row for row in rows if row.period.period == year]), None)

    # -- what is moved

    def _later(self, node: Any) -> Any:
        """A node with its days a year later. The nesting is bounded when the text is read."""
        if isinstance(node, tuple):
            return tuple(self._later(each) for each in node)
        if not isinstance(node, nodes.Node) or isinstance(node, _KEPT):
            return node
        if isinstance(node, nodes.PeriodLiteral):
            return node if node.period is None else attrs.evolve(node, period=year_after(node.period))
        changed = {name: self._later(getattr(node, name)) for name in fields_of(type(node).__name__)}
        return attrs.evolve(node, **changed)

    # -- history

    def _measure(self, node: Any) -> Any:
        """A measure or parameter with the readings that are known by now."""
        new = {str(each.period): each for each in self.readings.get(node.name.text, ())}
        statements: list[Any] = []
        for each in node.statements:
            read = new.pop(str(each.period.period), None) if isinstance(each, nodes.Entry) else None
            statements.append(each if read is None or read.value is None else _agreed(each, read))
        for read in new.values():
            if read.value is None:
                self.note(node.name.text, f"what was reported for {read.period} is no figure: {read.source}")
            else:
                remark = nodes.Text(read.source) if read.source else None
                statements.append(nodes.Entry(nodes.PeriodLiteral(read.period), remark, _stated(read.value)))
        return attrs.evolve(node, statements=tuple(statements))


def _agreed(entry: nodes.Entry, read: Read) -> nodes.Entry:
    """What the contract states, beside what was reported: once where both are the same."""
    assert read.value is not None
    if read.corrects:
        return attrs.evolve(entry, value=_stated(read.value))
    if any(_same(each.value, read.value) for each in entry.value.statements):
        return entry
    said = nodes.Statement(read.value, nodes.Text(read.source or "actuals"))
    return attrs.evolve(entry, value=nodes.Stated((*entry.value.statements, said)))


def _same(one: nodes.Expression, other: nodes.Expression) -> bool:
    if isinstance(one, nodes.Quantity) and isinstance(other, nodes.Quantity):
        return one.number == other.number and one.magnitude == other.magnitude
    return one == other


def _stated(value: nodes.Expression) -> nodes.Stated[nodes.Expression]:
    return nodes.Stated((nodes.Statement(value),))


def _begins_in(literal: nodes.PeriodLiteral, period: Period) -> bool:
    return literal.period is not None and period.first <= literal.period.first <= period.last


def _left_open(contract: nodes.Contract) -> Iterator[Note]:
    """What a draft leaves undecided or unclear, or states twice, by the thing it stands in."""
    for each in slots.named_in(contract):
        if isinstance(each.node, nodes.Register):
            yield from _open_in_register(each.node)
        elif not isinstance(each.node, nodes.Section):
            own = getattr(each.node, "statements", None) or (each.node,)
            for statement in own:
                yield from _open_in(statement, slots.name_of(each.node))
    for node in _unnamed(contract):
        yield from _open_in(node, "")


def _open_in_register(register: nodes.Register) -> Iterator[Note]:
    """What is open in the columns of a register, and in each of its rows."""
    for each in (*register.statements, *register.rows):
        yield from _open_in(each, register.name.text)


def _unnamed(block: nodes.Contract | nodes.Section) -> Iterator[nodes.Node]:
    """The statements of the contract and its sections that have no name of their own."""
    for each in block.statements:
        if isinstance(each, nodes.Section):
            yield from _unnamed(each)
        elif type(each) not in slots.NAMED:
            yield each


def _open_in(statement: nodes.Node, id: str) -> Iterator[Note]:
    """What is open in a statement, once of each kind."""
    kinds = {_open_kind(each) for each in inside(statement)} - {""}
    for kind in sorted(kinds):
        yield Note(id, f"{kind}: {print_node(statement)}")


def _open_kind(node: nodes.Node) -> str:
    match node:
        case nodes.Undecided():
            return "undecided"
        case nodes.Unclear():
            return "unclear"
        case nodes.Stated(statements=(_, _, *_) as statements) if not any(one.governs for one in statements):
            return "stated more than once, and none governs"
    return ""
