"""What registers come to: cells, reckoned columns, totals and checks, read from the values of a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rkdsl.diagnostics import Diagnostic
from rkdsl.outcome import FAILS, HOLDS, CheckOutcome, RegisterOutcome, RowOutcome, ValueOutcome
from rkdsl.plain import TYPE_CHECKING, Late, evolve
from rkdsl.rules.evaluator import Values
from rkdsl.rules.summary import state_of
from rkdsl.rules.tables import Table, TableCell, TableCheck, TableColumn, TableRow
from rkdsl.rules.tree import Logic, Name, Ref, Tree, Value

if TYPE_CHECKING:
    from rkdsl.contract import register_remarks
    from rkdsl.rules import explanation
else:
    register_remarks = Late("rkdsl.contract.register_remarks")
    explanation = Late("rkdsl.rules.explanation")


def told(
    tables: Sequence[Table], tree: Tree, values: Values, known: Iterable[ValueOutcome]
) -> tuple[RegisterOutcome, ...]:
    """Each register in its order; `known` are the values of the tree as they are told."""
    teller = _Teller(tree, values, {each.id: each for each in known})
    return tuple(teller.register(each) for each in tables)


def contradicted(
    tables: Sequence[Table], tree: Tree, values: Values, known: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """A finding for each check that fails for what is reported, and did not before."""
    before = {(each.place, each.labels[0].text) for each in known} if tables else set()
    failing = (each for table in tables for each in failed(table, tree, values, reported=True))
    return [each for each in failing if (each.place, each.labels[0].text) not in before]


def failed(table: Table, tree: Tree, values: Values, *, reported: bool) -> Iterator[Diagnostic]:
    """A finding for each check of a register that fails."""
    refs = {each.id: each for each in tree.values}
    for check in table.checks:
        if _state(refs[check.value], values) == FAILS:
            text = f"`{_figures(refs[check.value], tree, values)}` does not hold"
            yield register_remarks.check_fails(check.place, check.there, check.why, text, told=reported)


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
    def __init__(self, tree: Tree, values: Values, known: Mapping[str, ValueOutcome]) -> None:
        self.tree, self.values, self.known = tree, values, known
        self.refs: Mapping[str, Value] = {each.id: each for each in tree.values}

    def register(self, table: Table) -> RegisterOutcome:
        roles = dict(table.roles)
        return RegisterOutcome(
            table.id,
            table.title,
            tuple(each.told for each in table.columns),
            tuple(self._row(table.id, table.columns, each, roles) for each in table.rows),
            tuple(evolve(self.known[f"{table.id}.{name}"], id=name) for name in table.totals),
            (*map(self._check, table.checks), *table.counts),
        )

    def _row(
        self, register: str, columns: Iterable[TableColumn], row: TableRow, roles: Mapping[str, str]
    ) -> RowOutcome:
        cells = {}
        for column, cell in zip(columns, row.cells, strict=True):
            told = self._cell(f"{register}.{row.key}.{column.told.id}", cell)
            if column.has_roles and told.word is not None:
                told = evolve(told, text=roles.get(told.word, told.text))
            cells[column.told.id] = told
        return RowOutcome(row.key, row.name, row.title, cells)

    def _cell(self, name: str, cell: TableCell) -> ValueOutcome:
        """Its value under its own name; what is open as it is written."""
        value = self.known[cell.value]
        return evolve(value, id=name, state=cell.state or value.state, text=cell.text or value.text)

    def _check(self, check: TableCheck) -> CheckOutcome:
        value = self.refs[check.value]
        state = _state(value, self.values)
        return CheckOutcome(check.why, check.row, state, _figures(value, self.tree, self.values))
