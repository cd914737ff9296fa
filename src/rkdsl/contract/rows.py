"""Goals with rows to one goal for each row: parameters give way to the cells, which keep their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from rkdsl.contract import texts
from rkdsl.contract.parts import milestones_of
from rkdsl.contract.report import Report, fields_of, inside, statements_in
from rkdsl.language import nodes
from rkdsl.values import parse_period

B = TypeVar("B", nodes.Contract, nodes.Section)


def expanded(contract: nodes.Contract, report: Report) -> nodes.Contract:
    """The contract with an item for each row and each use, and with a period wherever one is asked for."""
    if not any(_is_unexpanded(each) for each in inside(contract)):
        return contract
    return _block(contract, shared_in(contract, report), report)


def shared_in(contract: nodes.Contract, report: Report) -> Mapping[str, nodes.Item]:
    """The goals and requirements that are shared, by name."""
    found: dict[str, nodes.Item] = {}
    for each in statements_in(contract):
        if isinstance(each, nodes.Item) and each.shared:
            first = found.setdefault(each.name.text, each)
            if first is not each:
                earlier, later = sorted((first, each), key=lambda item: item.span)
                report.twice(later.name.span, later.name.text, earlier.name.span)
    return found


def _is_unexpanded(node: nodes.Node) -> bool:
    is_period = isinstance(node, nodes.PeriodLiteral) and node.name is not None
    is_table = isinstance(node, nodes.Item) and (bool(node.rows) or node.shared)
    return is_period or is_table or isinstance(node, nodes.UsedItem)


def _block(block: B, shared: Mapping[str, nodes.Item], report: Report) -> B:
    """A contract or section, its goals with rows replaced. The nesting is bounded when the text is read."""
    found: list[Any] = []  # statements of the block's kind
    for statement in block.statements:
        if isinstance(statement, nodes.Section):
            found.append(_block(statement, shared, report))
        elif isinstance(statement, nodes.UsedItem):
            found += used(statement, shared, report)
        elif isinstance(statement, nodes.Item) and (statement.rows or statement.shared):
            found += _items(statement, report)
        else:
            found.append(Filler({}, report).filled(statement))
    return attrs.evolve(block, statements=tuple(found))


def used(use: nodes.UsedItem, shared: Mapping[str, nodes.Item], report: Report) -> list[nodes.Item]:
    """A shared goal in its place: one row of its own."""
    if use.name.text not in shared:
        report.unknown(use.name, shared, "shared goal or requirement")
        return []
    row = nodes.Row(use.name, use.title, use.cells, use.statements, span=use.span)
    return _items(attrs.evolve(shared[use.name.text], rows=(row,), shared=False), report)


def _items(goal: nodes.Item, report: Report) -> list[nodes.Item]:
    """One item for each row that has exactly the columns of the goal."""
    seen: dict[str, nodes.Identifier] = {}
    used = {each.text for each in _names_in(goal)}
    for parameter in goal.parameters:
        if seen.setdefault(parameter.text, parameter) is not parameter:
            report.twice(parameter.span, parameter.text, seen[parameter.text].span)
        elif parameter.text not in used:
            report.add(texts.not_used(report.place(parameter.span), parameter.text, "column"))
    found = []
    for row in goal.rows:
        if len(row.cells) != len(goal.parameters):
            columns = [each.text for each in goal.parameters]
            report.add(texts.other_columns(report.place(row.name.span), len(row.cells), columns))
        open_cell = nodes.Undecided(span=row.name.span)  # what is told already
        cells: dict[str, nodes.Cell] = dict.fromkeys(seen, open_cell)
        cells.update(zip(seen, row.cells, strict=False))
        names = (each.name.text for each in milestones_of(goal))
        cells.update((name, _own(row, name)) for name in names if name not in seen)
        filler = Filler(cells, report)
        statements = tuple(filler.filled(each) for each in _overridden(goal, row))
        title = row.title or goal.title
        found.append(
            attrs.evolve(goal, name=row.name, title=title, statements=statements, parameters=(), rows=())
        )
    return found


def _own(row: nodes.Row, milestone: str) -> nodes.Reference:
    """The row's own milestone, which the goal calls by its bare name."""
    return nodes.Reference(
        nodes.Identifier(f"{row.name.text}.{milestone}", span=row.name.span), span=row.name.span
    )


def _names_in(goal: nodes.Item) -> list[nodes.Identifier]:
    within = [each for statement in goal.statements for each in inside(statement)]
    names = [each.name for each in within if isinstance(each, nodes.Reference | nodes.PeriodLiteral)]
    return [each for each in names if each is not None]


def _overridden(goal: nodes.Item, row: nodes.Row) -> list[nodes.ItemStatement]:
    """The statements of the goal, those of a kind that the row has of its own replaced."""
    own = {_kind(each) for each in row.statements}
    return [*(each for each in goal.statements if _kind(each) not in own), *row.statements]


def _kind(statement: nodes.ItemStatement) -> tuple[type, str]:
    """What a row's statement takes the place of: a rule for one state leaves that for the other."""
    match statement:
        case nodes.MissingRule(state=which) | nodes.Silence(code=nodes.Identifier(text=which)):
            return type(statement), which
    return type(statement), ""


class Filler:
    """Puts cells in the place of parameters."""

    def __init__(self, cells: Mapping[str, nodes.Cell], report: Report) -> None:
        self.cells, self.report = cells, report

    def filled(self, node: Any) -> Any:  # a node of any kind, a tuple of them, or a plain value
        """The same node with the cells in it; itself where nothing in it changes."""
        if isinstance(node, tuple):
            parts = tuple(self.filled(each) for each in node)
            return parts if any(a is not b for a, b in zip(parts, node, strict=True)) else node
        if not isinstance(node, nodes.Node):
            return node
        if isinstance(node, nodes.Reference) and node.name.text in self.cells:
            return self.cells[node.name.text]
        if isinstance(node, nodes.PeriodLiteral) and node.name is not None:
            return self._period(node.name)
        changed = {}
        for name in fields_of(type(node).__name__):
            before = getattr(node, name)
            after = self.filled(before)
            if after is not before:
                changed[name] = after
        return attrs.evolve(node, **changed) if changed else node

    def _period(self, name: nodes.Identifier) -> nodes.PeriodLiteral | nodes.Undecided:
        """The period in a cell: a bare year is a number there."""
        if name.text not in self.cells:
            self.report.unknown(name, self.cells, "period, or column with a period")
            return nodes.PeriodLiteral(None, span=name.span)
        cell = self.cells[name.text]
        if isinstance(cell, nodes.PeriodLiteral | nodes.Undecided):
            return cell
        if (
            isinstance(cell, nodes.Quantity)
            and not cell.unit
            and not cell.magnitude
            and cell.number is not None
        ):
            period = parse_period(f"{cell.number}")
            if period is not None:
                return nodes.PeriodLiteral(period, span=cell.span)
        return nodes.PeriodLiteral(None, span=cell.span)
