"""The rule trees of a contract and of those it uses, as one tree: what it asks of them becomes a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar

from rkdsl.rules import tree
from rkdsl.rules.layout import Layout
from rkdsl.rules.moving import SHARED, moved
from rkdsl.rules.tree import USED, Ref

T = TypeVar("T")


def linked(outer: tree.Tree, used: Mapping[str, tree.Tree]) -> tree.Tree:
    """The tree of a contract with those it uses, by name, in it; their names begin with that of their contract."""
    return linked_in_places(outer, used)[0]


def linked_in_places(outer: tree.Tree, used: Mapping[str, tree.Tree]) -> tuple[tree.Tree, Sequence[Ref]]:
    """The same, and where each row of the contract itself stands in it."""
    if not used:
        return outer, range(len(outer.rows))
    linker = _Linker()
    for name, inner in used.items():
        linker.take(inner, f"{name}.", name)
    return linker.whole(outer)


def exported(inner: tree.Tree) -> dict[str, Ref | None]:
    """What others may refer to: points of the whole, of sections and items with what their states need, values."""
    earned = inner.total if inner.earned is None else inner.earned
    found: dict[str, Ref | None] = {"points": inner.total, "maximum": inner.maximum}
    found |= {"earned": earned, "lowest": inner.lowest}
    for section in inner.sections:
        earned = section.points if section.earned is None else section.earned
        found |= _parts(section.id, points=section.points, maximum=section.highest, earned=earned)
        found[f"{section.id}.lowest"] = section.lowest
    for item in inner.items:
        earned = item.points if item.earned is None else item.earned
        found |= _parts(item.id, points=item.points, maximum=item.highest, earned=earned)
        found |= _parts(item.id, lowest=item.lowest, condition=item.condition)
    return found | {each.id: each.of for each in inner.values}


def _parts(id: str, **parts: Ref | None) -> dict[str, Ref | None]:
    return {f"{id}.{part}": ref for part, ref in parts.items()}


class _Linker:
    def __init__(self) -> None:
        self.lay = Layout()
        self.clauses: list[tree.Clause] = []
        self.calendars: list[tree.Calendar] = []
        self.sections: list[tree.Section] = []
        self.items: list[tree.Item] = []
        self.fields: dict[tuple[str, str], tree.Field] = {}
        self.values: list[tree.Value] = []
        self.expected: list[tree.Expected] = []
        self.known: dict[str, Ref] = {}

    def take(self, inner: tree.Tree, prefix: str, contract: str) -> None:
        """A tree whole; what belongs to a contract has its name before its own."""
        refs = self._rows(inner, prefix)
        first = len(self.clauses)
        self.clauses += inner.clauses
        self.calendars += (each._replace(name=prefix + each.name) for each in inner.calendars)

        at = partial(_placed, refs)

        def clause(index: int | None) -> int | None:
            return None if index is None else index + first

        if contract:
            total, most, least, earned = map(at, (inner.total, inner.maximum, inner.lowest, inner.earned))
            whole = tree.Section(contract, inner.title, "", total, most, None, least, earned)
            self.sections.append(whole)
            self.known |= {prefix + key: refs[ref] for key, ref in exported(inner).items() if ref is not None}
        for section in inner.sections:
            self.sections.append(
                section._replace(
                    id=prefix + section.id,
                    parent=prefix + section.parent if section.parent else contract,
                    points=at(section.points),
                    highest=at(section.highest),
                    clause=clause(section.clause),
                    lowest=at(section.lowest),
                    earned=at(section.earned),
                )
            )
        for item in inner.items:
            self.items.append(
                item._replace(
                    id=prefix + item.id,
                    section=prefix + item.section if item.section else contract,
                    points=at(item.points),
                    lowest=at(item.lowest),
                    highest=at(item.highest),
                    condition=at(item.condition),
                    clause=clause(item.clause),
                    shown=tuple(each._replace(of=refs[each.of]) for each in item.shown),
                    earned=at(item.earned),
                )
            )
        for field in inner.fields:
            if field.kind in SHARED:
                self.fields.setdefault((field.kind, field.id), field)
                continue
            id, title = (
                prefix + field.id,
                f"{contract}: {field.title}" if contract and field.title else field.title,
            )
            self.fields.setdefault((field.kind, id), field._replace(id=id, title=title))
        self.values += (each._replace(id=prefix + each.id, of=refs[each.of]) for each in inner.values)
        for expected in inner.expected:
            asked = (
                each._replace(
                    of=refs[each.of],
                    subject=at(each.subject),
                    thing=prefix + each.thing if each.thing else "",
                    clause=each.clause + first,
                )
                for each in expected.asked
            )
            of, clause_at = refs[expected.of], expected.clause + first
            self.expected.append(expected._replace(of=of, asked=tuple(asked), clause=clause_at))

    def whole(self, outer: tree.Tree) -> tuple[tree.Tree, Sequence[Ref]]:
        """The outer tree with all that was taken before it, what is told of it first; and where its rows stand."""
        before = len(self.sections), len(self.items), len(self.values)
        self.take(outer, "", "")
        refs = self._rows(outer, "", len(self.clauses) - len(outer.clauses))
        whole = outer._replace(
            rows=tuple(self.lay.rows),
            clauses=tuple(self.clauses),
            calendars=tuple(self.calendars),
            sections=_turned(self.sections, before[0]),
            items=_turned(self.items, before[1]),
            fields=tuple(self.fields.values()),
            values=_turned(self.values, before[2]),
            total=_placed(refs, outer.total),
            maximum=_placed(refs, outer.maximum),
            lowest=_placed(refs, outer.lowest),
            earned=_placed(refs, outer.earned),
            as_of=refs[outer.as_of],
            expected=tuple(self.expected),
        )
        return whole, refs

    def _rows(self, inner: tree.Tree, prefix: str, first: int | None = None) -> list[Ref]:
        """Where each row of a tree stands from now on."""
        begin = len(self.clauses) if first is None else first
        titles = {each.title for each in inner.items} | {each.title for each in inner.sections}
        titles |= {each.title for each in inner.values}
        refs: list[Ref] = []
        for row in inner.rows:
            if isinstance(row, tree.Input) and row.kind == USED:
                refs.append(self.known[row.key])
            else:
                placed = moved(row, refs.__getitem__, prefix, begin)
                if prefix and isinstance(placed, tree.Name) and _says_of_what(placed, titles):
                    placed = placed._replace(title=f"{prefix[:-1]}: {placed.title}")
                refs.append(self.lay.add(placed))
        return refs


def _placed(refs: Sequence[Ref], ref: Ref | None) -> Ref | None:
    """Where a row stands from now on, if there is one."""
    return None if ref is None else refs[ref]


def _turned(found: list[T], count: int) -> tuple[T, ...]:
    """What comes after the first `count`, and then those."""
    return (*found[count:], *found[:count])


def _says_of_what(name: tree.Name, titles: set[str]) -> bool:
    """Whether a line of the explanation has the title of something that a contract has."""
    return bool(name.title) and (name.title in titles or name.role == "reading")
