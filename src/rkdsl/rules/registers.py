"""What registers come to: cells, reckoned columns, totals and checks, read from the values of a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

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
from rkdsl.outcome import (
    NOT_KNOWN,
    CheckOutcome,
    ColumnOutcome,
    RegisterOutcome,
    RowOutcome,
    ValueOutcome,
)
from rkdsl.rules import explanation
from rkdsl.rules.evaluator import Values
from rkdsl.rules.summary import state_of
from rkdsl.rules.tree import Logic, Name, Ref, Tree, Value
from rkdsl.values import REGISTERED, WORD

HOLDS: Final = "holds"
FAILS: Final = "fails"


def generated(registers: Iterable[CheckedRegister]) -> frozenset[str]:
    """The names of the values that registers are made of: told with their registers, and not among the values."""
    return frozenset(name for each in registers for name in each.names)


def told(
    checked: Checked | None, tree: Tree, values: Values, known: Iterable[ValueOutcome]
) -> tuple[RegisterOutcome, ...]:
    """Each register in its order; `known` are the values of the tree as they are told."""
    if checked is None or not checked.registers:
        return ()
    teller = _Teller(checked, tree, values, {each.id: each for each in known})
    return tuple(teller.register(each) for each in checked.registers)


def contradictions(checked: Checked, tree: Tree, values: Values) -> tuple[Diagnostic, ...]:
    """A finding for each check that fails whatever is reported."""
    found: list[Diagnostic] = []
    for register in checked.registers:
        found += _failed(register, checked.file, tree, values, reported=False)
        for count in register.counts:
            if count.holds is False:
                place, there = Place(checked.file, count.place.span), Place(checked.file, count.node.span)
                found.append(register_remarks.count_fails(place, register.id, count.member, count.low, there))
    return tuple(found)


def contradicted(
    checked: Checked, tree: Tree, values: Values, known: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """A finding for each check that fails for what is reported, and did not before."""
    before = {(each.place, each.labels[0].text) for each in known}
    found: list[Diagnostic] = []
    for register in checked.registers:
        failed = _failed(register, checked.file, tree, values, reported=True)
        found += (each for each in failed if (each.place, each.labels[0].text) not in before)
    return found


def _failed(
    register: CheckedRegister, file: str, tree: Tree, values: Values, *, reported: bool
) -> Iterator[Diagnostic]:
    rows = {each.key: each for each in register.rows}
    refs = {each.id: each for each in tree.values}
    for check in register.checks:
        if _state(refs[check.value], values) != FAILS:
            continue
        row = rows.get(check.row)
        text = _figures(refs[check.value], tree, values)
        place, there = Place(file, check.node.span), None
        if row is not None:
            there = Place(file, row.node.name.span)
        yield register_remarks.check_fails(
            place, there, _why(check), f"`{text}` does not hold", told=reported
        )


def _why(check: RegisterCheck) -> str:
    return check.node.why.text if check.node.why else ""


def _state(value: Value, values: Values) -> str:
    """Whether a check holds, else the state it is in."""
    this = values.row(value.of)
    if this.is_settled and this.truths:
        return HOLDS if True in this.truths else FAILS
    return state_of(this)


def _figures(value: Value, tree: Tree, values: Values) -> str:
    """The condition that decides a check, in figures: of several, the last that decides."""
    line = explanation.formula_of(tree, values, _deciding(value.of, tree, values))
    return line.formula or line.what


def _deciding(ref: Ref, tree: Tree, values: Values) -> Ref:
    """The innermost condition that a check comes down to."""
    named = ref
    while True:
        row = tree.rows[ref]
        if isinstance(row, Name):
            named, ref = ref, row.of
        elif isinstance(row, Logic) and len(row.operands) > 1:
            whole = values.settled(ref)
            deciding = [each for each in row.operands if values.settled(each) == whole]
            ref = (deciding or row.operands)[-1]
            named = ref
        else:
            return named


class _Teller:
    def __init__(
        self, checked: Checked, tree: Tree, values: Values, known: Mapping[str, ValueOutcome]
    ) -> None:
        self.tree, self.values, self.known = tree, values, known
        self.roles = {name: role.title.first.text for name, role in checked.roles.items()}
        self.refs: Mapping[str, Value] = {each.id: each for each in tree.values}

    def register(self, register: CheckedRegister) -> RegisterOutcome:
        checks = (*map(self._check, register.checks), *(_count(register, each) for each in register.counts))
        return RegisterOutcome(
            register.id,
            register.title,
            tuple(self._column(register, each) for each in register.columns),
            tuple(self._row(register, each) for each in register.rows),
            tuple(attrs.evolve(self.known[f"{register.id}.{name}"], id=name) for name in register.totals),
            checks,
        )

    def _column(self, register: CheckedRegister, column: Column) -> ColumnOutcome:
        unit = unit_text(column)
        if column.kind == RECKONED and register.rows:
            reckoned = self.refs[f"{register.id}.{register.rows[0].key}.{column.id}"].unit
            unit = "" if reckoned == WORD else str(reckoned)
        return ColumnOutcome(column.id, column.title, unit, column.kind)

    def _row(self, register: CheckedRegister, row: RegisterRow) -> RowOutcome:
        cells = {}
        for column in register.columns:
            name = f"{register.id}.{row.key}.{column.id}"
            told = self.known[f"{name}.{TOLD}" if column.kind == REPORTED else name]
            told = _as_written(attrs.evolve(told, id=name), row.cells.get(column.id))
            if column.unit == REGISTERED["name"] and told.word in self.roles:
                told = attrs.evolve(told, text=self.roles[told.word])
            cells[column.id] = told
        return RowOutcome(row.key, row.name, row.title, cells)

    def _check(self, check: RegisterCheck) -> CheckOutcome:
        value = self.refs[check.value]
        state = _state(value, self.values)
        return CheckOutcome(_why(check), check.row, state, _figures(value, self.tree, self.values))


def _as_written(told: ValueOutcome, cell: nodes.Node | None) -> ValueOutcome:
    """A cell that is open is shown as it is written."""
    if isinstance(cell, nodes.Undecided | nodes.Unclear):
        return attrs.evolve(told, state=NOT_KNOWN, text=print_node(cell))
    if isinstance(cell, nodes.NoValue):
        return attrs.evolve(told, text=print_node(cell))
    return told


def _count(register: CheckedRegister, count: CountCheck) -> CheckOutcome:
    rows = str(count.low) if count.low == count.high else f"{count.low} to {count.high}"
    state = NOT_KNOWN if count.holds is None else HOLDS if count.holds else FAILS
    why = count.node.why.text if count.node.why else ""
    return CheckOutcome(why, "", state, f"rows of {register.id} for {count.member}: {rows}")
