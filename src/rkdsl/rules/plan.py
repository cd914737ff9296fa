"""What an evaluation needs of a tree that no report changes: worked out once for all evaluations of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from rkdsl.plain import Final
from rkdsl.rules.calendars import DayCount
from rkdsl.rules.possible import Outcome
from rkdsl.rules.tree import Input, Name, Ref, Tree, operands_of

ROOT_ROLES: Final = frozenset(("points", "section", "total", "condition", "group", "result"))

Operands = tuple[Outcome, ...]
"""The outcomes that a row looks at."""
Getter = Callable[[Sequence[Outcome]], Operands]


class Plan:
    """The inputs of a tree, its roots, its calendars, and which rows look at which."""

    def __init__(self, tree: Tree) -> None:
        self.rows: Final = tree.rows
        self.roots: Final = _roots(tree)
        self.inputs: Final = {
            ref: (row.kind, row.key) for ref, row in enumerate(tree.rows) if isinstance(row, Input)
        }
        self.counts: Final = {"": DayCount(None), **{each.name: DayCount(each) for each in tree.calendars}}
        self.ranges: Final[dict[Ref, Outcome]] = {}
        """What inputs can be when nothing is given; filled as asked for."""
        # Filled as asked for: only splitting asks. Two threads that ask at once find the same.
        self._operands_of: dict[Ref, tuple[Ref, ...]] = {}
        self._getters: list[Getter | None] = [None] * len(tree.rows)

    def operands_of(self, ref: Ref) -> tuple[Ref, ...]:
        """The rows that the row at `ref` looks at."""
        found = self._operands_of.get(ref)
        if found is None:
            found = self._operands_of[ref] = operands_of(self.rows[ref])
        return found

    def operands(self, ref: Ref, outcomes: Sequence[Outcome]) -> Operands:
        """Their outcomes."""
        getter = self._getters[ref]
        if getter is None:
            getter = self._getters[ref] = _getter(self.operands_of(ref))
        return getter(outcomes)

    def users(self, sources: Iterable[Ref], among: Iterable[Ref]) -> list[Ref]:
        """Those rows, of some in row order, that look at the sources, or at others that do."""
        reached = set(sources)
        found: list[Ref] = []
        for ref in among:
            if not reached.isdisjoint(self.operands_of(ref)):
                reached.add(ref)
                found.append(ref)
        return found


def _getter(refs: Sequence[Ref]) -> Getter:
    if len(refs) > 1:
        return itemgetter(*refs)
    if not refs:
        return lambda outcomes: ()
    only = refs[0]
    return lambda outcomes: (outcomes[only],)


def _roots(tree: Tree) -> set[Ref]:
    roots = {ref for ref, row in enumerate(tree.rows) if isinstance(row, Name) and row.role in ROOT_ROLES}
    found: list[Ref | None] = [tree.total, tree.maximum]
    for item in tree.items:
        found += [
            item.points,
            item.lowest,
            item.highest,
            item.condition,
            item.due,
            item.earned,
            *(each.of for each in item.shown),
        ]
    found += [each.of for each in tree.values]
    for section in tree.sections:
        found += [section.points, section.highest]
    return roots | {ref for ref in found if ref is not None}
