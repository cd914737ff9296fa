"""The tables of a checked contract, and what they contradict whatever is reported."""

from __future__ import annotations

from collections.abc import Iterator

from rkdsl.contract import register_remarks
from rkdsl.contract.registers import RECKONED, REPORTED, TOLD, unit_text
from rkdsl.contract.symbols import (
    Checked,
    CheckedRegister,
    Column,
    CountCheck,
    RegisterCheck,
    RegisterRow,
)
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.language import nodes
from rkdsl.language.printer import print_node
from rkdsl.outcome import FAILS, HOLDS, NOT_KNOWN, CheckOutcome, ColumnOutcome
from rkdsl.rules import registers, tables
from rkdsl.rules.evaluator import Values
from rkdsl.rules.tree import Tree
from rkdsl.values import REGISTERED, WORD


def tables_of(checked: Checked, tree: Tree) -> tuple[tables.Table, ...]:
    """Each register in its order."""
    units = {each.id: each.unit for each in tree.values}
    roles = tuple((name, role.title.first.text) for name, role in checked.roles.items())

    def column(register: CheckedRegister, column: Column) -> tables.TableColumn:
        unit = unit_text(column)
        if column.kind == RECKONED and register.rows:
            reckoned = units[f"{register.id}.{register.rows[0].key}.{column.id}"]
            unit = "" if reckoned == WORD else str(reckoned)
        told = ColumnOutcome(column.id, column.title, unit, column.kind)
        return tables.TableColumn(told, column.unit == REGISTERED["name"])

    return tuple(
        tables.Table(
            each.id,
            each.title,
            tuple(column(each, one) for one in each.columns),
            tuple(_row(each, row) for row in each.rows),
            each.totals,
            tuple(_check(checked.file, each, check) for check in each.checks),
            tuple(_count(each, count) for count in each.counts),
            tuple(sorted(each.names)),
            roles,
        )
        for each in checked.registers
    )


def contradictions(checked: Checked, tree: Tree, values: Values) -> tuple[Diagnostic, ...]:
    """A finding for each check that fails whatever is reported."""
    found: list[Diagnostic] = []
    for register, table in zip(checked.registers, tables_of(checked, tree), strict=True):
        found += registers.failed(table, tree, values, reported=False)
        found += _miscounted(register, checked.file)
    return tuple(found)


def _miscounted(register: CheckedRegister, file: str) -> Iterator[Diagnostic]:
    for count in register.counts:
        if count.holds is False:
            place, there = Place(file, count.place.span), Place(file, count.node.span)
            yield register_remarks.count_fails(place, register.id, count.member, count.low, there)


def _row(register: CheckedRegister, row: RegisterRow) -> tables.TableRow:
    cells = []
    for column in register.columns:
        name = f"{register.id}.{row.key}.{column.id}"
        value = f"{name}.{TOLD}" if column.kind == REPORTED else name
        cells.append(tables.TableCell(value, *_as_written(row.cells.get(column.id))))
    return tables.TableRow(row.key, row.name, row.title, tuple(cells))


def _as_written(cell: nodes.Node | None) -> tuple[str, str]:
    """A cell that is open is shown as it is written."""
    if isinstance(cell, nodes.Undecided | nodes.Unclear):
        return NOT_KNOWN, print_node(cell)
    return "", print_node(cell) if isinstance(cell, nodes.NoValue) else ""


def _check(file: str, register: CheckedRegister, check: RegisterCheck) -> tables.TableCheck:
    row = next((each for each in register.rows if each.key == check.row), None)
    place, there = Place(file, check.node.span), None
    if row is not None:
        there = Place(file, row.node.name.span)
    return tables.TableCheck(
        check.value, check.row, check.node.why.text if check.node.why else "", place, there
    )


def _count(register: CheckedRegister, count: CountCheck) -> CheckOutcome:
    rows = str(count.low) if count.low == count.high else f"{count.low} to {count.high}"
    state = NOT_KNOWN if count.holds is None else HOLDS if count.holds else FAILS
    why = count.node.why.text if count.node.why else ""
    return CheckOutcome(why, "", state, f"rows of {register.id} for {count.member}: {rows}")
