"""The amendment that makes one version of a contract into another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from rkdsl.contract import slots
from rkdsl.contract.differences import called, parts, things_in
from rkdsl.contract.slots import NAMED, PART, REGISTER, Named
from rkdsl.language import nodes

_REMOVABLE: Final = ("milestone", "assessed by", "row")
"""Parts of a thing that are taken out by their names."""


@attrs.frozen
class Patch:
    """What an amendment says, and what no amendment can say: each with the node it stands in."""

    statements: tuple[nodes.AmendmentStatement, ...]
    unsayable: tuple[tuple[str, nodes.Node], ...]


def patch(first: nodes.Contract, second: nodes.Contract) -> Patch:
    """What changes the first contract into the second; both with their goals one by one."""
    patching = _Patching(first, second)
    removals = patching.removals()
    changes = patching.block(second, first, ())
    return Patch((*removals, *changes), (*patching.unsayable, *_of_the_whole(first, second)))


def _of_the_whole(first: nodes.Contract, second: nodes.Contract) -> Iterator[tuple[str, nodes.Node]]:
    """What the contract says of itself, and cannot be changed or taken back."""
    old, new = parts([Named(first, ())]), parts([Named(second, ())])
    for fixed in (("name",), ("title",), ("signed",)):
        if old.get(fixed) != new.get(fixed):
            yield f"an amendment does not change the {fixed[0]} of a contract", second.name
    for part in old.keys() - new.keys() - {("signed",)}:
        yield f"an amendment does not take back `{slots.in_words(part)}`", old[part][0]


class _Patching:
    """Two contracts, and the things of the first that can be changed where they stand."""

    def __init__(self, first: nodes.Contract, second: nodes.Contract) -> None:
        self.unsayable: list[tuple[str, nodes.Node]] = []
        self.old, self.new = things_in(first), things_in(second)
        self.names: dict[str, int] = {}
        for _, name in self.old:
            self.names[name] = self.names.get(name, 0) + 1
        self.kept: set[tuple[str, str]] = set()
        for key in self.old:  # sections before what stands in them
            if key in self.new and self._is_kept(key):
                self.kept.add(key)

    def _is_kept(self, key: tuple[str, str]) -> bool:
        before, after = self.old[key], self.new[key]
        if type(before[0].node) is not type(after[0].node) or before[0].path != after[0].path:
            return False
        if called(before[0].node) != called(after[0].node) or not self._is_open(before[0].path):
            return False
        if getattr(before[0].node, "columns", ()) and not getattr(after[0].node, "columns", ()):
            return False
        gone = parts(before).keys() - parts(after).keys()
        return all(len(part) > 1 and part[0] in _REMOVABLE for part in gone)

    def _is_open(self, path: Sequence[str]) -> bool:
        """Whether the sections around it stay."""
        return all((PART, section) in self.kept for section in path)

    # -- what goes

    def removals(self) -> list[nodes.Removal]:
        """What is taken out whole: also what is put in again elsewhere, or says less than it did."""
        found = []
        for (space, name), there in self.old.items():
            if (space, name) in self.kept or not self._is_open(there[0].path):
                continue
            node = there[0].node
            if space == slots.EXAMPLE:
                self.unsayable.append(("an amendment does not take out an example", node))
            elif self.names[name] > 1:
                self.unsayable.append((f"`{name}` is the name of several things: none is taken out", node))
            else:
                found.append(nodes.Removal(nodes.Identifier(name)))
        for key in self.kept:
            if key[0] == REGISTER:
                rows = parts(self.old[key]).keys() - parts(self.new[key]).keys()
                found += [nodes.Removal(nodes.Identifier(f"{key[1]}.{row}")) for _, row in sorted(rows)]
        return found

    # -- what is changed or added

    def block(
        self, after: nodes.Contract | nodes.Section, before: Any, path: tuple[str, ...]
    ) -> tuple[Any, ...]:
        """Changes of what stands in a block. The nesting is bounded when the text is read."""
        said: list[Any] = []
        registers: set[str] = set()
        for node in after.statements:
            if type(node) not in NAMED:
                continue
            if isinstance(node, nodes.Register):
                if node.name.text not in registers:
                    said += self._register(node.name.text)
                registers.add(node.name.text)
                continue
            change = self._thing(node, path)
            said += [change] if change is not None else []
        return (*said, *self._unnamed(after, before))

    def _unnamed(self, after: Any, before: Any) -> Iterator[Any]:
        """Statements without a name of their own that are not said already."""
        old = slots.by_slot(each for each in before.statements if type(each) not in NAMED) if before else {}
        new = slots.by_slot(each for each in after.statements if type(each) not in NAMED)
        for part, group in new.items():
            if group == old.get(part):
                continue
            if isinstance(after, nodes.Contract) and part == ("signed",):
                continue
            yield from group

    def _before(self, node: Any) -> Any:
        key = (NAMED[type(node)], slots.name_of(node))
        return self.old[key][0].node if key in self.kept else None

    def _thing(self, node: Any, path: tuple[str, ...]) -> Any:
        """What is said of a thing; None where nothing changes."""
        before = self._before(node)
        if before == node:
            return None
        title = None if before is not None and before.title == node.title else node.title
        match node:
            case nodes.Section():
                total = None if before is not None and before.total == node.total else node.total
                inner = self.block(node, before, (*path, node.name.text))
                is_said = before is None or title is not None or total is not None or inner
                return nodes.ChangedSection(node.name, title, total, inner) if is_said else None
            case nodes.Item():
                own = (*self._parts_removed(before, node), *self._unnamed(node, before))
                is_said = before is None or title is not None or own
                return nodes.ChangedItem(node.kind, node.name, title, own) if is_said else None
            case nodes.Measure() | nodes.Fact() | nodes.Parameter():
                columns = node.columns if isinstance(node, nodes.Parameter) else ()
                own = tuple(self._unnamed(node, before))
                return nodes.ChangedMeasure(called(node), node.name, columns, title, own)
        return node

    def _parts_removed(self, before: nodes.Item | None, after: nodes.Item) -> Iterator[nodes.Removal]:
        if before is None:
            return
        new = slots.by_slot(after.statements)
        for part in slots.by_slot(before.statements):
            if len(part) > 1 and part[0] in _REMOVABLE and part not in new:
                yield nodes.Removal(nodes.Identifier(part[1]))

    def _register(self, name: str) -> Iterator[nodes.Register]:
        key = (REGISTER, name)
        new, pieces = parts(self.new[key]), [each.node for each in self.new[key]]
        old = parts(self.old[key]) if key in self.kept else {}
        head = next((each for each in pieces if each.title is not None), None)
        rows = tuple(
            each for part, (each, *_) in new.items() if part[0] == "row" and old.get(part) != (each,)
        )
        other = any(part[0] != "row" and old.get(part) != said for part, said in new.items())
        if head is not None and (other or not old):
            yield attrs.evolve(head, rows=rows)
        elif rows:
            yield nodes.Register(nodes.Identifier(name), (), None, (), rows)
