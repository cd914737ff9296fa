"""Rows of a rule tree moved to another place, or with other rows in the place of some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, assert_never

from rkdsl.rules import tree
from rkdsl.rules.layout import Layout
from rkdsl.rules.tree import Ref

SHARED: Final = ("as_of", "parameter")
"""The kinds of input that all contracts have in common: the day, and what is published for all alike."""


def replaced(lay: Layout, root: Ref, instead: Mapping[Ref, tree.Row]) -> Ref:
    """The value at `root` with other rows in the place of some; what does not depend on these stays.

    A row that takes the place of another may look at what that one looks at, as it stands then.
    """
    places: dict[Ref, Ref] = {}

    def at(ref: Ref) -> Ref:
        return places.get(ref, ref)

    for ref in _between(lay, min(instead, default=root + 1), root):
        row = instead.get(ref, lay.rows[ref])
        new = moved(row, at)
        if new != lay.rows[ref]:
            places[ref] = at(row.of) if isinstance(row, tree.Name) else lay.add(new)
    return at(root)


def _between(lay: Layout, first: Ref, root: Ref) -> list[Ref]:
    """The rows that the one at `root` is made of, with it, from one row on; in their order."""
    found: set[Ref] = set()
    pending = [root]
    while pending:
        ref = pending.pop()
        if ref < first or ref in found:
            continue
        found.add(ref)
        moved(lay.rows[ref], _into(pending))
    return sorted(found)


def _into(pending: list[Ref]) -> Callable[[Ref], Ref]:
    def at(ref: Ref) -> Ref:
        pending.append(ref)
        return ref

    return at


def moved(row: tree.Row, at: Callable[[Ref], Ref], prefix: str = "", first: int = 0) -> tree.Row:
    """A row with its references, names and clauses where they stand in the whole."""

    def all_at(refs: tuple[Ref, ...]) -> tuple[Ref, ...]:
        return tuple(map(at, refs))

    match row:
        case tree.Literal():
            return row
        case tree.Input():
            key = row.key if row.kind in SHARED else prefix + row.key
            return row._replace(key=key, clause=None if row.clause is None else row.clause + first)
        case tree.Name():
            clause = None if row.clause is None else row.clause + first
            return row._replace(id=prefix + row.id, of=at(row.of), clause=clause)
        case tree.Arithmetic() | tree.Logic():
            return row._replace(operands=all_at(row.operands))
        case tree.Compare():
            return row._replace(left=at(row.left), right=at(row.right))
        case tree.Is() | tree.Round():
            return row._replace(operand=at(row.operand))
        case tree.Piecewise():
            knots = (
                each._replace(at=at(each.at), before=at(each.before), after=at(each.after))
                for each in row.knots
            )
            return row._replace(operand=at(row.operand), knots=tuple(knots))
        case tree.Choose():
            return tree.Choose(tuple((at(condition), at(value)) for condition, value in row.rows))
        case tree.Gather():
            otherwise = None if row.otherwise is None else at(row.otherwise)
            return row._replace(members=all_at(row.members), weights=all_at(row.weights), otherwise=otherwise)
        case tree.Span():
            calendar = prefix + row.calendar if row.calendar else ""
            return row._replace(start=at(row.start), end=at(row.end), calendar=calendar)
        case _:
            assert_never(row)
