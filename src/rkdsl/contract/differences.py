"""What changed from one version of a contract to another: each thing, what was said and what is said of it.

The order in which things stand in their block makes no difference; the order of targets, limits and rows does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from rkdsl.contract import slots
from rkdsl.contract.effects import Effect, effect
from rkdsl.contract.slots import NAMED, Named, named_in
from rkdsl.contract.symbols import Checked
from rkdsl.diagnostics import Place
from rkdsl.language import nodes
from rkdsl.language.printer import print_node
from rkdsl.values import POINTS

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"
NOTHING: Final = Effect()
Things = dict[tuple[str, str], list[Named]]


@frozen
class Wording:
    """What a version says, and where."""

    text: str
    place: Place


@frozen
class Difference:
    """One thing that is `added`, `removed` or `changed`.

    `kind`, `id` and `title` are those of the thing (`goal`, `m2`); of what is said of the contract itself `kind` is
    `contract`. `what` is the part that changed, such as `weight`, empty for the thing as a whole. `effect` says
    whether it became `easier` or `harder`, and `by` how much, where that can be said. It is said in `contract`.
    """

    change: str
    kind: str
    id: str
    title: str
    what: str
    before: tuple[Wording, ...]
    after: tuple[Wording, ...]
    effect: Effect = NOTHING
    contract: str = ""


def differences(first: Checked, second: Checked) -> tuple[Difference, ...]:
    """What changed: of the contract itself, then of each thing of the second, then what is gone."""
    assert first.written is not None
    assert second.written is not None
    return tuple(_Comparison(first, second).all(first.written, second.written))


class _Comparison:
    """Two versions that are held against each other."""

    def __init__(self, first: Checked, second: Checked) -> None:
        self.first, self.second, self.name = first, second, second.id
        self.measures = {**first.measures, **second.measures}
        self.points = "points" if second.unit == POINTS else str(second.unit)

    def all(self, before: nodes.Contract, after: nodes.Contract) -> Iterator[Difference]:
        """Every difference."""
        old, new = things_in(before), things_in(after)
        yield from self._of_thing("contract", [Named(before, ())], [Named(after, ())])
        for key, found in new.items():
            if key in old:
                yield from self._of_thing(called(found[0].node), old[key], found)
            else:
                yield self._whole(ADDED, found)
        for key, found in old.items():
            if key not in new:
                yield self._whole(REMOVED, found)

    def _whole(self, change: str, found: Sequence[Named]) -> Difference:
        node = found[0].node
        said = tuple(Wording(print_node(each.node), self._place(change, each.node)) for each in found)
        before, after = (said, ()) if change == REMOVED else ((), said)
        name = slots.name_of(node)
        return Difference(change, called(node), name, title_of(node), "", before, after, contract=self.name)

    def _of_thing(self, kind: str, before: Sequence[Named], after: Sequence[Named]) -> Iterator[Difference]:
        """Each part that is said otherwise, or is said in one version alone."""
        old, new = parts(before), parts(after)
        node = after[0].node
        for part in dict.fromkeys((*new, *old)):
            one, other = old.get(part, ()), new.get(part, ())
            if one == other:
                continue
            change = CHANGED if one and other else ADDED if other else REMOVED
            was = tuple(Wording(_text(each), self._place(REMOVED, each)) for each in one)
            is_now = tuple(Wording(_text(each), self._place(ADDED, each)) for each in other)
            does = effect(_nodes(one), _nodes(other), self.measures, self.points)
            what = slots.in_words(part)
            name = slots.name_of(node)
            yield Difference(change, kind, name, title_of(node), what, was, is_now, does, self.name)

    def _place(self, change: str, node: Any) -> Place:
        version = self.first if change == REMOVED else self.second
        return Place(version.file, node.span if isinstance(node, nodes.Node) else None)


def things_in(contract: nodes.Contract) -> Things:
    """Everything with a name of its own; of a register all its pieces."""
    found: Things = {}
    for each in named_in(contract):
        found.setdefault((NAMED[type(each.node)], slots.name_of(each.node)), []).append(each)
    return found


def parts(found: Sequence[Named]) -> dict[slots.Slot, tuple[Any, ...]]:
    """What is said of a thing, by the slot it fills: nodes, and of its head also words."""
    node, path = found[0]
    said: dict[slots.Slot, tuple[Any, ...]] = {}
    match node:
        case nodes.Contract() | nodes.Section() | nodes.Item() | nodes.Measure() | nodes.Fact():
            said = {("title",): (node.title,)}
        case nodes.Parameter():
            said = {("title",): (node.title,), ("columns",): node.columns}
        case nodes.Register():
            return _register_parts(found)
        case _:
            return {("wording",): (node,), ("section",): path[-1:]}
    said["kind",] = (called(node),)
    said["section",] = path[-1:]
    if isinstance(node, nodes.Contract):
        said["name",] = (node.name.text,)
    if isinstance(node, nodes.Section) and node.total is not None:
        said["total",] = (node.total,)
    own = (each for each in node.statements if type(each) not in NAMED)
    said.update({part: tuple(group) for part, group in slots.by_slot(own).items()})
    return said


def _register_parts(found: Sequence[Named]) -> dict[slots.Slot, tuple[Any, ...]]:
    """The head of a register, and each of its rows."""
    head = next((each.node for each in found if each.node.title is not None), None)
    rows = [row for each in found for row in each.node.rows]
    said: dict[slots.Slot, tuple[Any, ...]] = {("row", row.name.text): (row,) for row in rows}
    if head is not None:
        said.update({("title",): (head.title,), ("columns",): head.columns, ("section",): found[0].path[-1:]})
        said.update({part: tuple(group) for part, group in slots.by_slot(head.statements).items()})
    return said


def called(node: Any) -> str:
    """What kind of thing it is, as an author says it."""
    return str(node.kind) if isinstance(node, nodes.Item) else type(node).__name__.lower()


def title_of(node: Any) -> str:
    """Its title as stated first, empty where it has none."""
    title = getattr(node, "title", None)
    if isinstance(title, nodes.Text):
        return title.text
    return str(title.first.text) if title is not None else ""


def _nodes(found: Sequence[Any]) -> list[nodes.Node]:
    return [each for each in found if isinstance(each, nodes.Node)]


def _text(said: Any) -> str:
    return said if isinstance(said, str) else print_node(said)
