"""What registers expect, row by row and once: whether it holds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from rkdsl.language import nodes as n
from tests.secondopinion.basics import State, Unknown
from tests.secondopinion.ground import Context, Table
from tests.secondopinion.scoring import Scoring


def checks_of(scoring: Scoring) -> dict[tuple[str, str, str], str]:
    """By register, reason and row (of counts of rows: who is counted), whether what is expected holds."""
    found: dict[tuple[str, str, str], str] = {}
    for name, table in scoring.tables.items():
        for each in table.expected:
            why = "" if each.why is None else each.why.text
            if isinstance(each, n.ExpectationOfEach):
                found |= {(name, why, of): in_words(value) for of, value in of_each(scoring, table, each)}
                continue
            rows: list[int | None] = [None]
            if table.names_columns(each.conditions):
                rows = list(range(len(table.rows)))
            for row in rows:
                value = scoring.value(each.conditions, scoring.row_context(name, row))
                found[name, why, "" if row is None else table.rows[row][0]] = in_words(value)
    return found


def in_words(value: Any) -> str:
    if isinstance(value, State):
        return value.kind
    if isinstance(value, Unknown):
        return "not known"
    return "holds" if value else "fails"


def of_each(scoring: Scoring, table: Table, expected: n.ExpectationOfEach) -> Iterator[tuple[str, Any]]:
    """Of each member of a kind, whether so many rows of the register name it."""
    for name in members(scoring, expected.kind.text):
        named = [names(table, row, name, expected.kind.text) for _, row in table.rows]
        least, most = named.count(True), len(named) - named.count(False)
        held = {holds(scoring, expected.test, count) for count in range(least, most + 1)}
        yield name, held.pop() if len(held) == 1 else Unknown()


def holds(scoring: Scoring, test: Any, count: int) -> Any:
    condition = n.Condition(n.Quantity(Fraction(count)), None, test)
    return scoring.condition(condition, Context())


def members(scoring: Scoring, kind: str) -> list[str]:
    """The goals, requirements or sections of the contract, or the rows of a register."""
    if kind in ("goal", "requirement"):
        return [each.name for each in scoring.items if each.kind == kind]
    if kind == "section":
        goals = {each.name for each in scoring.items}
        return [each for each in scoring.found if each not in goals and each != "total"]
    return list(dict.fromkeys(row.name.text for _, row in scoring.tables[kind].rows))


def names(table: Table, row: n.Row, name: str, kind: str) -> bool | None:
    """Whether a row begins with a name, or names it in a column; None while that is not decided."""
    is_item = kind in ("goal", "requirement", "section")
    if is_item and row.name.text == name:
        return True
    found: bool | None = False
    for column, cell in zip(table.columns, row.cells, strict=True):
        fact = table.facts.get(column)
        unit = next((each.unit for each in fact.statements if isinstance(each, n.UnitOf)), "") if fact else ""
        if not (unit == "item" if is_item else unit == "row" and column == kind):
            continue
        if isinstance(cell, n.Reference) and cell.name.text == name:
            return True
        if isinstance(cell, (n.Undecided, n.Unclear)):
            found = None
    return found
