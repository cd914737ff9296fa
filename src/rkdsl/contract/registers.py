"""Registers to plain values: each cell, each reckoned column and each check of a row becomes a named value.

What is expected of the number of rows is counted here: it depends on the text alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs

from rkdsl import messages
from rkdsl.contract import forms, register_remarks, texts
from rkdsl.contract.declarations import unit_said
from rkdsl.contract.report import Report, children, fields_of, inside
from rkdsl.contract.symbols import (
    CheckedRegister,
    Column,
    CountCheck,
    RegisterCheck,
    RegisterRow,
)
from rkdsl.contract.values import column_unit, column_words
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.plain import Final, NamedTuple
from rkdsl.values import REGISTERED, Period, Unit, parse_period

STATED: Final = "stated"
REPORTED: Final = "reported"
RECKONED: Final = "reckoned"
OVER_ROWS: Final = ("sum", "mean", "min", "max", "count")
"""The functions that, with one argument, take it of every row."""
TOLD: Final = "told"
"""The last part of the name of the value that a reported column has."""
_ITEM_KINDS: Final = ("goal", "requirement", "section")
_OPEN: Final = (nodes.Undecided, nodes.Unclear, nodes.NoValue)
_Body = nodes.Stated[nodes.Expression] | nodes.Conditions
_REFUSED: Final = {
    nodes.Rhythm: "a column has no rhythm",
    nodes.JoinedBy: "a column is not combined",
    nodes.Entry: "a column has no readings",
}


def tabled(contract: nodes.Contract, report: Report) -> tuple[nodes.Contract, tuple[CheckedRegister, ...]]:
    """The contract with the values of its registers among its own, and the registers."""
    tables = _Tables(contract, report)
    found = tuple(tables.registers())
    kept = [each for each in contract.statements if not isinstance(each, nodes.Register)]
    return attrs.evolve(contract, statements=(*kept, *tables.registered, *tables.made)), found


class _Member(NamedTuple):
    """Something that rows may belong to: its kind, and where its name stands."""

    kind: str
    name: nodes.Identifier


@attrs.define
class _Table:
    """A register with its declaration and all its rows."""

    node: nodes.Register
    rows: list[nodes.Row]
    facts: dict[str, nodes.Fact] = attrs.field(factory=dict)
    values: dict[str, nodes.Value] = attrs.field(factory=dict)

    @property
    def id(self) -> str:
        return self.node.name.text

    @property
    def columns(self) -> list[str]:
        return [each.text for each in self.node.columns]

    @property
    def names(self) -> list[str]:
        """The names of the rows, each once."""
        return list(dict.fromkeys(each.name.text for each in self.rows))


class _Tables:
    def __init__(self, contract: nodes.Contract, report: Report) -> None:
        self.contract, self.report = contract, report
        self.made: list[nodes.Value | nodes.Fact] = []
        self.members: dict[str, _Member] = {}
        self.roles = [each.name.text for each in contract.statements if isinstance(each, nodes.Role)]
        for each in inside(contract):
            if isinstance(each, nodes.Item | nodes.Section):
                kind = each.kind if isinstance(each, nodes.Item) else "section"
                self.members[each.name.text] = _Member(kind, each.name)
        self.tables = self._tables()
        self.registered = [each.node for each in self.tables.values()]

    # ---- what there is

    def _tables(self) -> dict[str, _Table]:
        """The registers that are declared, with rows wherever they stand; one of a library has rows or is left out."""
        written = [each for each in self.contract.statements if isinstance(each, nodes.Register)]
        found: dict[str, _Table] = {}
        for node in (each for each in written if each.title is not None):
            name = node.name
            if name.text in found:
                self._taken(name, "a register", found[name.text].node.name)
                continue
            if name.text in self.members and self._is_own(node):
                member = self.members[name.text]
                self._taken(name, f"a {member.kind}", member.name)
            found[name.text] = _Table(node, list(node.rows))
        for node in (each for each in written if each.title is None):
            if node.name.text in found:
                found[node.name.text].rows += node.rows
            else:
                place = self.report.place(node.name.span)
                self.report.add(register_remarks.no_such_register(place, node.name.text, list(found)))
        return {name: each for name, each in found.items() if each.rows or self._is_own(each.node)}

    def _is_own(self, node: nodes.Node) -> bool:
        """Whether something stands in the contract's own text, and not in a library."""
        return self.contract.span.start <= node.span.start < self.contract.span.end

    def _taken(self, name: nodes.Identifier, what: str, first: nodes.Identifier) -> None:
        place, there = self.report.place(name.span), self.report.place(first.span)
        self.report.add(register_remarks.two_registers(place, name.text, what, there))

    def registers(self) -> Iterator[CheckedRegister]:
        """Each register, its values made."""
        for table in self.tables.values():
            self._declare(table)
        for table in self.tables.values():
            yield self._register(table)

    # ---- columns

    def _declare(self, table: _Table) -> None:
        """What the columns hold."""
        report = self.report
        seen: dict[str, nodes.Identifier] = {}
        for column in table.node.columns:
            if seen.setdefault(column.text, column) is not column:
                report.twice(column.span, column.text, seen[column.text].span)
        for each in table.node.statements:
            if isinstance(each, nodes.Fact):
                self._fact(table, each)
            elif isinstance(each, nodes.Value):
                known = table.facts.get(each.name.text) or table.values.get(each.name.text)
                if known is not None:
                    report.twice(each.name.span, each.name.text, known.name.span)
                elif each.name.text in table.columns:
                    place = report.place(each.name.span)
                    report.add(register_remarks.column_in_a_circle(place, each.name.text))
                table.values[each.name.text] = each

    def _fact(self, table: _Table, node: nodes.Fact) -> None:
        report, name = self.report, node.name
        known = table.facts.get(name.text) or table.values.get(name.text)
        if known is not None:
            report.twice(name.span, name.text, known.name.span)
            return
        table.facts[name.text] = node
        for each in node.statements:
            if type(each) in _REFUSED:
                report.add(register_remarks.not_in_a_register(report.place(each.span), _REFUSED[type(each)]))
        if name.text not in table.columns:
            return  # a fact of each row, looked at with the other facts
        report.once(node.statements, (nodes.UnitOf, nodes.Range, nodes.Direction))
        said = next((each for each in node.statements if isinstance(each, nodes.UnitOf)), None)
        if said is None:
            report.add(messages.missing_statement(report.place(name.span), "fact", name.text, "unit"))
        elif said.unit not in REGISTERED or said.per:
            unit_said(said, report)
        if said is not None and said.unit == "row" and name.text not in self.tables:
            place = report.place(name.span)
            report.add(register_remarks.no_such_register(place, name.text, list(self.tables)))

    # ---- one register

    def _register(self, table: _Table) -> CheckedRegister:
        first = len(self.made)
        rows = self._rows(table)
        by_row = self._by_row(table)
        columns = self._columns(table, by_row)
        totals = [name for name in table.values if name not in by_row]
        whole = {name: f"{table.id}.{name}" for name in totals}
        scopes = [_Scope(f"{table.id}.{row.key}", columns, whole) for row in rows]
        filler = _Filler(table.id, scopes, {each.id: each for each in columns})
        for row, scope in zip(rows, scopes, strict=True):
            self._cells(table, row)
            for name in by_row:
                value = table.values[name]
                self._make(value, f"{scope.prefix}.{name}", value, filler.filled(value.body, scope), row)
        for name in totals:
            value = table.values[name]
            body = filler.filled(value.body, _Scope("", (), whole))
            made = attrs.evolve(value, name=attrs.evolve(value.name, text=f"{table.id}.{name}"), body=body)
            self.made.append(made)
        checks, counts = self._checks(table, rows, filler, by_row, whole, scopes)
        self.made += filler.made.values()
        names = frozenset(each.name.text for each in self.made[first:])
        title = table.node.title
        assert title is not None
        return CheckedRegister(
            table.id,
            title.first.text,
            tuple(columns),
            tuple(rows),
            tuple(totals),
            tuple(checks),
            tuple(counts),
            names,
            table.node,
        )

    def _rows(self, table: _Table) -> list[RegisterRow]:
        """The rows, each with a key of its own and a cell for each column."""
        columns, seen = table.columns, dict[str, int]()
        found = []
        for node in table.rows:
            name, place = node.name.text, self.report.place(node.name.span)
            if len(node.cells) != len(columns):
                self.report.add(texts.other_columns(place, len(node.cells), columns))
            if node.statements:
                there = self.report.place(node.statements[0].span)
                self.report.add(register_remarks.not_in_a_register(there, "a row has cells alone"))
            seen[name] = seen.get(name, 0) + 1
            key = name if seen[name] == 1 else f"{name}.{seen[name]}"
            cells = dict(zip(columns, node.cells, strict=False))
            title = node.title.first.text if node.title else ""
            found.append(RegisterRow(key, name, title, cells, node))
        return found

    def _columns(self, table: _Table, by_row: Iterable[str]) -> list[Column]:
        """The columns in the order of the declaration, those reported and those reckoned after them."""
        found = []
        for column in table.node.columns:
            fact = table.facts.get(column.text)
            title = fact.title.first.text if fact is not None else column.text
            said = _said(fact)
            unit = (
                REGISTERED[said] if said in REGISTERED else column_unit(fact) if fact else REGISTERED["text"]
            )
            found.append(Column(column.text, title, unit, STATED))
        for name, fact in table.facts.items():
            if name not in table.columns:
                found.append(Column(name, fact.title.first.text, column_unit(fact), REPORTED))
        for name in by_row:
            value = table.values[name]
            found.append(Column(name, value.title.first.text if value.title else name, None, RECKONED))
        return found

    def _by_row(self, table: _Table) -> list[str]:
        """The values that differ from row to row: those made of columns outside a function over all rows."""
        of_rows = {*table.columns, *table.facts}
        found: list[str] = []
        while True:
            more = [
                name
                for name, value in table.values.items()
                if name not in found and _names_outside(value.body, of_rows) & of_rows
            ]
            if not more:
                return [name for name in table.values if name in found]
            found += more
            of_rows |= set(more)

    # ---- cells

    def _cells(self, table: _Table, row: RegisterRow) -> None:
        for column, cell in row.cells.items():
            fact = table.facts.get(column)
            body = self._cell(table, column, fact, cell)
            name = f"{table.id}.{row.key}.{column}"
            stated = fact if fact is not None else _text_column(table.node, column)
            stated = self._with_words(column, stated)
            self._made(name, stated.title.first.text, body, row, cell.span, stated)
        for name, fact in table.facts.items():
            if name in table.columns:
                continue
            key = nodes.Identifier(f"{table.id}.{row.key}.{name}", span=fact.name.span)
            title = _titled(fact.title.first.text, row, fact.span)
            self.made.append(nodes.Fact(key, title, fact.statements, span=fact.span))
            told = nodes.Reference(key, span=row.node.name.span)
            body = _stated(told)
            self._made(f"{key.text}.{TOLD}", fact.title.first.text, body, row, fact.span, None)

    def _with_words(self, column: str, fact: nodes.Fact) -> nodes.Fact:
        """A column of names with the names that there are: an open cell is one of them."""
        known = self._known(column, _said(fact))
        if not known:
            return fact
        choices = tuple(nodes.Word(each, span=fact.span) for each in known)
        listed = nodes.Range(None, None, choices, span=fact.span)
        return attrs.evolve(fact, statements=(*fact.statements, listed))

    def _known(self, column: str, said: str) -> list[str]:
        """The names that a column of names may hold."""
        match said:
            case "name":
                return self.roles
            case "item":
                return [*self.members, self.contract.name.text]
            case "row" if column in self.tables:
                return self.tables[column].names
        return []

    def _made(
        self,
        name: str,
        title: str,
        body: _Body,
        row: RegisterRow,
        span: Any,  # of the cell
        column: nodes.Fact | None,
    ) -> None:
        called = nodes.Identifier(name, span=span)
        titled = _titled(title, row, span)
        self.made.append(nodes.Value(called, titled, None, None, body, column=column, span=span))

    def _make(self, node: nodes.Value, name: str, value: nodes.Value, body: Any, row: RegisterRow) -> None:
        title = _titled(value.title.first.text if value.title else value.name.text, row, value.span)
        called = attrs.evolve(node.name, text=name)
        self.made.append(attrs.evolve(node, name=called, title=title, body=body))

    def _cell(self, table: _Table, column: str, fact: nodes.Fact | None, cell: nodes.Cell) -> _Body:
        """What a cell holds, as an expression; a cell of another kind is a mistake, and then not known."""
        if isinstance(cell, _OPEN):
            return _stated(cell)
        said = _said(fact)
        match said:
            case "" | "text":
                return self._word(column, cell, "a text", 'write it in quotes: `"text"`')
            case "word":
                return self._listed_word(column, fact, cell)
            case "item" | "row" | "name":
                return self._named(column, said, cell)
            case "yes or no":
                return self._truth(column, cell)
            case "day":
                return self._day(column, cell)
        return self._number(column, fact, cell)

    def _refused(self, column: str, cell: nodes.Cell, expected: str, hint: str = "") -> _Body:
        self.report.add(register_remarks.another_cell(self.report.place(cell.span), expected, column, hint))
        return _stated(nodes.Undecided(span=cell.span))

    def _word(self, column: str, cell: nodes.Cell, expected: str, hint: str) -> _Body:
        return _stated(cell) if isinstance(cell, nodes.Word) else self._refused(column, cell, expected, hint)

    def _listed_word(self, column: str, fact: nodes.Fact | None, cell: nodes.Cell) -> _Body:
        assert fact is not None
        words = column_words(fact)
        if isinstance(cell, nodes.Word) and words and cell.text not in words:
            place = self.report.place(cell.span)
            self.report.add(texts.unknown_word(place, cell.text, "word of the range", words))
        return self._word(column, cell, "a word", 'write it in quotes: `"word"`')

    def _named(self, column: str, said: str, cell: nodes.Cell) -> _Body:
        kinds = {"item": "goal, requirement or section", "row": f"row of {column}", "name": "role"}
        if not isinstance(cell, nodes.Reference):
            return self._refused(
                column, cell, f"the name of a {kinds[said]}", "write the name without quotes"
            )
        known = self._known(column, said)
        if cell.name.text not in known and (said != "row" or column in self.tables):
            self.report.unknown(cell.name, known, kinds[said])
        return _stated(nodes.Word(cell.name.text, span=cell.span))

    def _truth(self, column: str, cell: nodes.Cell) -> _Body:
        if not isinstance(cell, nodes.Reference) or cell.name.text not in ("yes", "no"):
            return self._refused(column, cell, "`yes` or `no`")
        one, other = (nodes.Quantity(Fraction(n), span=cell.span) for n in (1, cell.name.text == "yes"))
        test = nodes.Limit("exactly", _stated(other), span=cell.span)
        return nodes.Conditions((nodes.Condition(one, None, test, span=cell.span),), span=cell.span)

    def _day(self, column: str, cell: nodes.Cell) -> _Body:
        period = period_in(cell)
        if period is None:
            if isinstance(cell, nodes.PeriodLiteral):  # told where it was read
                self.report.period(cell)
                return _stated(nodes.Undecided(span=cell.span))
            return self._refused(column, cell, "a day, or a period whose last day counts")
        return _stated(nodes.PeriodLiteral(Period(period.last, period.last), span=cell.span))

    def _number(self, column: str, fact: nodes.Fact | None, cell: nodes.Cell) -> _Body:
        if not isinstance(cell, nodes.Quantity):
            return self._refused(column, cell, "a number")
        assert fact is not None
        unit = column_unit(fact)
        if not cell.unit and unit.shown:  # a table of per cents says so once, in its heading
            cell = attrs.evolve(cell, unit=unit.shown)
        for each in fact.statements:
            if isinstance(each, nodes.Range):
                forms.check_literals(_stated(cell), each, unit, self.report)
        return _stated(cell)

    # ---- what is expected

    def _checks(
        self,
        table: _Table,
        rows: Sequence[RegisterRow],
        filler: _Filler,
        by_row: Sequence[str],
        whole: Mapping[str, str],
        scopes: Sequence[_Scope],
    ) -> tuple[list[RegisterCheck], list[CountCheck]]:
        checks: list[RegisterCheck] = []
        counts: list[CountCheck] = []
        of_rows = {*table.columns, *table.facts, *by_row}
        expected = [each for each in table.node.statements if not isinstance(each, nodes.Fact | nodes.Value)]
        for number, node in enumerate(expected, 1):
            if isinstance(node, nodes.ExpectationOfEach):
                counts += self._counts(table, node)
                continue
            if _names_outside(node.conditions, of_rows) & of_rows:
                for row, scope in zip(rows, scopes, strict=True):
                    checks.append(self._check(node, f"{scope.prefix}.expect.{number}", row, filler, scope))
            else:
                none = _Scope("", (), whole)
                checks.append(self._check(node, f"{table.id}.expect.{number}", None, filler, none))
        return checks, counts

    def _check(
        self,
        node: nodes.Expectation,
        name: str,
        row: RegisterRow | None,
        filler: _Filler,
        scope: _Scope,
    ) -> RegisterCheck:
        body = filler.filled(node.conditions, scope)
        called = nodes.Identifier(name, span=node.span)
        why = nodes.Text(node.why.text if node.why else "", span=node.span)
        self.made.append(nodes.Value(called, _stated(why), None, None, body, span=node.span))
        return RegisterCheck(name, row.key if row is not None else "", node)

    def _counts(self, table: _Table, node: nodes.ExpectationOfEach) -> Iterator[CountCheck]:
        """How many rows each member of a kind has, counted."""
        kind = node.kind.text
        if kind in _ITEM_KINDS:
            members = {name: each.name for name, each in self.members.items() if each.kind == kind}
            naming = [column for column in table.columns if _said(table.facts.get(column)) == "item"]
        elif kind in self.tables:
            members = {each.name.text: each.name for each in reversed(self.tables[kind].rows)}
            naming = [kind] if kind in table.columns else []
        else:
            known = [*_ITEM_KINDS, *self.tables]
            self.report.unknown(node.kind, known, "kind or register")
            return
        test = _ends_of(node.test)
        if test is None:
            self.report.add(register_remarks.count_expected(self.report.place(node.test.span)))
            return
        named, beside, count = _counted(table, naming, by_name=kind in _ITEM_KINDS)
        for member, name in sorted(members.items(), key=lambda each: each[1].span):
            low = named[member]
            high = low + count - beside[member]
            yield CountCheck(member, low, high, _holds(low, high, test), node, name)


# ---- parts


class _Scope(NamedTuple):
    """What names mean in one row: columns begin with its `prefix`; `whole` are the values without row."""

    prefix: str
    columns: Sequence[Column]
    whole: Mapping[str, str]

    def name(self, text: str) -> str:
        """What a name stands for here."""
        if self.prefix and any(each.id == text for each in self.columns):
            return f"{self.prefix}.{text}"
        return self.whole.get(text, text)


@attrs.frozen
class _Filler:
    """Puts the names of a row's own values in the place of columns, and all rows in that of a function over them.

    What a function over all rows comes to is `made` once for the rows that ask for it.
    """

    register: str
    rows: Sequence[_Scope]
    columns: Mapping[str, Column]
    made: dict[nodes.Call, nodes.Value] = attrs.field(factory=dict)

    def filled(
        self, node: Any, scope: _Scope
    ) -> Any:  # a node of any kind, a tuple of them, or a plain value
        """The same node for one row, or for the whole register."""
        if type(node) is tuple:  # and no period, which is a tuple too
            return tuple(self.filled(each, scope) for each in node)
        if not isinstance(node, nodes.Node):
            return node
        if isinstance(node, nodes.Reference):
            name = scope.name(node.name.text)
            return attrs.evolve(node, name=attrs.evolve(node.name, text=name))
        if isinstance(node, nodes.Call) and self._is_over_rows(node):
            return self._shared(node) if scope.prefix else self._over_rows(node)
        changed = {name: self.filled(getattr(node, name), scope) for name in fields_of(type(node).__name__)}
        return attrs.evolve(node, **changed)

    def _is_over_rows(self, call: nodes.Call) -> bool:
        return is_over_rows(call) and bool(_names_in(call) & self.columns.keys())

    def _shared(self, call: nodes.Call) -> nodes.Reference:
        """A function over all rows that each row asks for."""
        if call not in self.made:
            body = _stated(self._over_rows(call))
            name = nodes.Identifier(f"{self.register}.over.{len(self.made) + 1}", span=call.span)
            title = _stated(nodes.Text(f"{call.name.text} over all rows", span=call.span))
            self.made[call] = nodes.Value(name, title, None, None, body, span=call.span)
        return nodes.Reference(self.made[call].name, span=call.span)

    def _over_rows(self, call: nodes.Call) -> nodes.Call | nodes.Quantity | nodes.NoValue:
        (argument,) = call.arguments
        if self.rows:
            found = tuple(self.filled(argument, scope) for scope in self.rows)
            return attrs.evolve(call, arguments=found)
        if call.name.text in ("sum", "count"):
            return nodes.Quantity(Fraction(0), unit=self._unit(argument), span=call.span)
        return nodes.NoValue("not defined", nodes.Text("no rows", span=call.span), span=call.span)

    def _unit(self, argument: nodes.Node) -> str:
        """The unit of a column by itself."""
        name = argument.name.text if isinstance(argument, nodes.Reference) else ""
        unit = self.columns[name].unit if name in self.columns else None
        return next((each for each, known in UNITS.items() if known == unit and each != "number"), "")


def is_over_rows(call: nodes.Call) -> bool:
    """Whether a function with one argument takes it of every row."""
    if call.name.text not in OVER_ROWS or len(call.arguments) != 1:
        return False
    return not isinstance(call.arguments[0], nodes.Timed)


def _names_in(node: nodes.Node) -> set[str]:
    return {each.name.text for each in inside(node) if isinstance(each, nodes.Reference)}


def _names_outside(node: nodes.Node, of_rows: set[str]) -> set[str]:
    """The names in a node, but for those inside a function over all rows."""
    found: set[str] = set()
    pending: list[nodes.Node] = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, nodes.Call) and is_over_rows(each) and _names_in(each) & of_rows:
            continue
        if isinstance(each, nodes.Reference):
            found.add(each.name.text)
        pending += children(each)
    return found


def _said(fact: nodes.Fact | None) -> str:
    """The unit that a column says, nothing where it says none."""
    if fact is None:
        return ""
    return next((each.unit for each in fact.statements if isinstance(each, nodes.UnitOf)), "")


def _stated(value: Any) -> nodes.Stated[Any]:
    return nodes.Stated((nodes.Statement(value, span=value.span),), span=value.span)


def _titled(title: str, row: RegisterRow, span: Any) -> nodes.Stated[nodes.Text]:  # span: of the title
    return _stated(nodes.Text(f"{title}, {row.title or row.name}", span=span))


def _text_column(register: nodes.Register, column: str) -> nodes.Fact:
    name = next(each for each in register.columns if each.text == column)
    unit = nodes.UnitOf("text", span=name.span)
    return nodes.Fact(name, _stated(nodes.Text(column, span=name.span)), (unit,), span=name.span)


def period_in(cell: nodes.Node) -> Period | None:
    """The period that a cell says: a bare year is a number there."""
    if isinstance(cell, nodes.PeriodLiteral):
        return cell.period
    if isinstance(cell, nodes.Quantity) and not cell.unit and not cell.magnitude and cell.number is not None:
        return parse_period(f"{cell.number}")
    return None


# ---- counting rows

_Ends = tuple[Fraction | None, Fraction | None]


def _ends_of(test: nodes.Test) -> _Ends | None:
    """The least and the most that a test of a number of rows allows; None for another test."""
    match test:
        case nodes.Limit(comparison=comparison, value=value):
            number = _whole(value)
            if number is None:
                return None
            below, above = (number, number - 1), (number, number + 1)
            ends: dict[str, _Ends] = {
                "at most": (None, number),
                "at least": (number, None),
                "exactly": (number, number),
                "below": (None, below[1]),
                "above": (above[1], None),
            }
            return ends[comparison]
        case nodes.Between(low=low, high=high):
            first, last = _whole(low), _whole(high)
            return None if first is None or last is None else (first, last)
    return None


def _whole(stated: nodes.Stated[nodes.Expression]) -> Fraction | None:
    value = stated.first
    if not isinstance(value, nodes.Quantity) or value.unit or value.magnitude or value.number is None:
        return None
    return value.number if len(stated.statements) == 1 and value.number.denominator == 1 else None


def _holds(low: int, high: int, ends: _Ends) -> bool | None:
    """Whether a number of rows that is no less than one and no more than another is within its ends."""
    least, most = ends
    if (least is None or low >= least) and (most is None or high <= most):
        return True
    if (least is not None and high < least) or (most is not None and low > most):
        return False
    return None


def _counted(
    table: _Table, naming: Sequence[str], *, by_name: bool
) -> tuple[Counter[str], Counter[str], int]:
    """How many rows name each member, how many of them have an open cell as well, and how many rows are open."""
    named: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    count = 0
    at = [table.columns.index(each) for each in naming]
    for row in table.rows:
        cells = [row.cells[each] for each in at if each < len(row.cells)]
        names = {each.name.text for each in cells if isinstance(each, nodes.Reference)}
        names |= {row.name.text} if by_name else set()
        named.update(names)
        if any(isinstance(each, nodes.Undecided | nodes.Unclear) for each in cells):
            beside.update(names)
            count += 1
    return named, beside, count


def unit_text(column: Column) -> str:
    """The unit of a column for people; nothing for words and texts."""
    unit: Unit | None = column.unit
    return "" if unit is None or unit.shown in (*REGISTERED, "word") else str(unit)
