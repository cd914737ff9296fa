"""Amendments on a contract's nodes: what is named is changed, what is new is added, what is removed goes.

Works on a contract whose goals with rows stand as one goal for each row. Knows nothing of days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from rkdsl.contract import remarks, slots
from rkdsl.contract.report import Report, inside
from rkdsl.contract.rows import Filler, shared_in, used
from rkdsl.contract.slots import MEASURE, NAMED, PART, REGISTER, Named, named_in, placed, without
from rkdsl.language import nodes
from rkdsl.source import Span

_ITS_OWN: Final = (nodes.Signed, nodes.TakesEffect)
"""What an amendment says of itself."""
NOWHERE: Final[Mapping[str, str]] = {}
Key = tuple[str, ...]
Change = nodes.AmendmentStatement


def amended(
    contract: nodes.Contract,
    amendments: Sequence[nodes.Amendment],
    shared: Mapping[str, nodes.Item],
    report: Report,
    homes: Mapping[str, str] = NOWHERE,
) -> nodes.Contract:
    """The contract with the amendments applied in their order. `shared` are the goals that rows may be made of.

    `homes` are the sections that some of these stand in, each by the name of its goal.
    """
    for each in amendments:
        draft = _Draft(contract, shared, report, homes)
        draft.apply(each)
        contract, shared = draft.contract(), draft.shared
    return contract


# ---- what is being amended


@attrs.define(eq=False)
class _Block:
    """A contract or section whose statements are being changed: each under a number, in order."""

    node: Any  # nodes.Contract | nodes.Section
    parent: _Block | None = None
    members: dict[int, Any] = attrs.field(factory=dict)  # nodes, and blocks of sections
    count: int = 0

    def add(self, member: Any) -> int:
        """A member more, and its number."""
        self.count += 1
        self.members[self.count] = member
        return self.count

    def whole(self) -> Any:
        """The node with its statements as they are now. The nesting is bounded when the text is read."""
        members = (each.whole() if isinstance(each, _Block) else each for each in self.members.values())
        return attrs.evolve(self.node, statements=tuple(members))

    def put(self, changes: list[Any]) -> None:
        """Statements without a name of their own, in the place of those of their kind."""
        new = slots.by_slot(changes)
        members = self.members
        self.members = {}
        waiting = dict(new)
        for key, each in members.items():
            if isinstance(each, _Block) or type(each) in NAMED or slots.slot(each) not in new:
                self.members[key] = each
                continue
            for change in waiting.pop(slots.slot(each), ()):
                self.add(change)
        for group in waiting.values():
            for change in group:
                self.add(change)

    def is_in(self, section: str) -> bool:
        """Whether it is a section of that name, or stands in it."""
        block: _Block | None = self
        while block is not None and block.parent is not None:
            if block.node.name.text == section:
                return True
            block = block.parent
        return False


@attrs.frozen
class _Found:
    """Where something stands: its block, and its number there."""

    block: _Block
    key: int

    @property
    def node(self) -> Any:
        """The node itself; of a section as it was at first."""
        member = self.block.members[self.key]
        return member.node if isinstance(member, _Block) else member

    def put(self, node: nodes.Node) -> None:
        """Another node in its place; of a section never."""
        self.block.members[self.key] = node


class _Draft:
    """A contract while one amendment is applied to it."""

    def __init__(
        self,
        contract: nodes.Contract,
        shared: Mapping[str, nodes.Item],
        report: Report,
        homes: Mapping[str, str],
    ) -> None:
        self.report, self.homes = report, homes
        self.shared = dict(shared)
        self.found: dict[tuple[str, str], list[_Found]] = {}
        self.changed: dict[Key, Span] = {}
        self.removed: dict[str, Span] = {}
        self.top = self._block(contract, None)

    def _block(self, node: nodes.Contract | nodes.Section, parent: _Block | None) -> _Block:
        """The nesting is bounded when the text is read."""
        block = _Block(node, parent)
        for each in node.statements:
            self._add(block, each)
        return block

    def contract(self) -> nodes.Contract:
        """The contract as it is now."""
        whole: nodes.Contract = self.top.whole()
        return whole

    # -- one amendment

    def apply(self, amendment: nodes.Amendment) -> None:
        """Everything it says, in the order of its text."""
        own = [each for each in amendment.statements if not isinstance(each, _ITS_OWN)]
        self.shared.update(shared_in(attrs.evolve(self.top.node, statements=tuple(own)), self.report))
        self._changes([self._filled(each) for each in own], self.top, "contract")
        self._look_for_removed()

    def _filled(self, statement: Any) -> Any:
        """A statement with a period wherever one is asked for; of a goal with rows, each row says its own."""
        if isinstance(statement, nodes.ChangedSection):
            return attrs.evolve(statement, statements=tuple(map(self._filled, statement.statements)))
        if isinstance(statement, nodes.Item) and (statement.rows or statement.shared):
            return statement
        return Filler({}, self.report).filled(statement)

    def _changes(self, statements: Iterable[Change], block: _Block, called: str) -> None:
        """Changes of what stands in a block; what is new is added to it."""
        unnamed: list[Any] = []
        for each in statements:
            match each:
                case nodes.Removal():
                    self._remove(each, block)
                case nodes.ChangedItem():
                    self._item(each, block)
                case nodes.ChangedSection():
                    self._section(each, block)
                case nodes.ChangedMeasure():
                    self._measure(each, block)
                case nodes.Item():
                    self._rows(each, block)
                case nodes.UsedItem():
                    self._use(each, block)
                case nodes.Register():
                    self._register(each, block)
                case nodes.Value() | nodes.Scale() | nodes.Role() | nodes.Calendar() | nodes.Example():
                    self._put(each, block)
                case _:
                    unnamed.append(each)
        for at, group in slots.by_slot(unnamed).items():
            self._once((called, *at), group[0].span)
        block.put(unnamed)

    def _put(self, node: Any, block: _Block) -> None:
        """Something whole, in the place of that of its name, or added."""
        space, name = NAMED[type(node)], slots.name_of(node)
        place = node.span if space == slots.EXAMPLE else node.name.span
        self._once((space, name), place)
        there = self._there(space, name)
        if there is None:
            self._add(block, node)
        elif type(there.node) is not type(node):
            self._other_kind(node.name, there)
        else:
            there.put(node)

    def _rows(self, goal: nodes.Item, block: _Block) -> None:
        """A goal with rows: one for each of them. A shared one is there to be used."""
        for row in goal.rows:
            use = nodes.UsedItem(row.name, row.cells, row.title, row.statements, span=row.span)
            template = attrs.evolve(goal, rows=(), shared=True)
            for item in used(use, {row.name.text: template}, self.report):
                self._put(item, block)

    def _use(self, use: nodes.UsedItem, block: _Block) -> None:
        """A shared goal where that of its name stands; else in the section it is used in, or is at home in."""
        there = self._there(PART, use.name.text)
        if there is not None and not self._is_inside(use.name, there, block):
            return
        for item in used(use, self.shared, self.report):
            self._put(item, block if block.parent is not None else self._home(use.name.text))

    def _home(self, name: str) -> _Block:
        """The section of the contract that a shared goal of a library stands in there; else the contract."""
        there = self._there(PART, self.homes.get(name, ""))
        member = there.block.members[there.key] if there is not None else None
        return member if isinstance(member, _Block) else self.top

    # -- what is changed

    def _item(self, change: nodes.ChangedItem, block: _Block) -> None:
        there = self._changing(change, change.kind, PART, block)
        item = there.node if there is not None else None
        if there is None or not isinstance(item, nodes.Item):
            return
        statements = item.statements
        for each in change.statements:
            if isinstance(each, nodes.Removal):
                statements, was_there = without(statements, each.name.text)
                self.removed[f"{change.name.text}.{each.name.text}"] = each.span
                if not was_there:
                    self._no_part(each.name, item)
        changes = (each for each in change.statements if not isinstance(each, nodes.Removal))
        title = change.title or item.title
        there.put(attrs.evolve(item, title=title, statements=placed(statements, changes)))

    def _measure(self, change: nodes.ChangedMeasure, block: _Block) -> None:
        there = self._changing(change, change.kind, MEASURE, block)
        node = there.node if there is not None else None
        if there is None or not isinstance(node, nodes.Measure | nodes.Fact | nodes.Parameter):
            return
        if isinstance(node, nodes.Parameter) and change.columns:
            node = attrs.evolve(node, columns=change.columns)
        title = change.title or node.title
        there.put(attrs.evolve(node, title=title, statements=placed(node.statements, change.statements)))

    def _section(self, change: nodes.ChangedSection, block: _Block) -> None:
        there = self._changing(change, "section", PART, block)
        member = there.block.members[there.key] if there is not None else None
        if isinstance(member, _Block):
            title, total = change.title or member.node.title, change.total or member.node.total
            member.node = attrs.evolve(member.node, title=title, total=total)
            self._changes(change.statements, member, f"{PART} {change.name.text}")

    def _changing(
        self,
        change: nodes.ChangedItem | nodes.ChangedSection | nodes.ChangedMeasure,
        kind: str,
        space: str,
        block: _Block,
    ) -> _Found | None:
        """Where something that is changed stands; what is new and has a title is added, still empty."""
        name = change.name
        self._once((space, name.text), name.span)
        there = self._there(space, name.text)
        if there is None and change.title is not None:
            there = self._add(block, _empty(change, change.title))
        if there is None:
            self._unknown(name, kind, space)
        elif _called(there.node) != kind:
            self._other_kind(name, there)
        elif self._is_inside(name, there, block):
            return there
        return None

    def _register(self, change: nodes.Register, block: _Block) -> None:
        """Its columns in the place of those there are; each row in the place of that of its name, or added."""
        there = self.found.get((REGISTER, change.name.text), [])
        for row in change.rows:
            self._once((REGISTER, change.name.text, row.name.text), row.name.span)
        if not there:
            self._add(block, change)
            return
        if change.title is not None:
            self._once((REGISTER, change.name.text), change.name.span)
            at = next((each for each in there if each.node.title is not None), there[0])
            at.put(attrs.evolve(change, rows=at.node.rows))
        new = {row.name.text: row for row in change.rows}
        for each in there:
            rows = tuple(new.pop(row.name.text, row) for row in each.node.rows)
            each.put(attrs.evolve(each.node, rows=rows))
        last = there[-1]
        last.put(attrs.evolve(last.node, rows=(*last.node.rows, *new.values())))

    # -- what is removed

    def _remove(self, removal: nodes.Removal, block: _Block) -> None:
        name, _, part = removal.name.text.partition(".")
        if part:
            self._remove_part(removal, name, part, block)
            return
        spaces = [space for space in dict.fromkeys(NAMED.values()) if self._there(space, name)]
        if not spaces:
            known = [known for _, known in self.found]
            place = self.report.place(removal.name.span)
            self.report.add(remarks.not_there_to_change(place, name, "", known, ""))
        elif len(spaces) > 1:
            place = self.report.place(removal.name.span)
            kinds = [_called(there.node) for space in spaces if (there := self._there(space, name))]
            self.report.add(remarks.not_one_thing(place, name, kinds))
        else:
            there = self.found[spaces[0], name][0]
            if self._is_inside(removal.name, there, block):
                self._once((spaces[0], name), removal.name.span)
                self.changed.pop((spaces[0], name), None)  # it may be added again, otherwise
                self._take_out(spaces[0], name, removal.span)

    def _take_out(self, space: str, name: str, place: Span) -> None:
        """A thing with all that stands in it."""
        for there in self.found.pop((space, name)):
            member = there.block.members.pop(there.key)
            if isinstance(member, _Block):
                for inner in list(named_in(member.whole())):
                    self.found.pop((NAMED[type(inner.node)], slots.name_of(inner.node)), None)
                    self.removed[slots.name_of(inner.node)] = place
        self.removed[name] = place

    def _remove_part(self, removal: nodes.Removal, name: str, part: str, block: _Block) -> None:
        """A milestone or an assessment of a goal, or a row of a register."""
        there, table = self._there(PART, name), self.found.get((REGISTER, name), [])
        place = removal.name
        if there is not None and isinstance(there.node, nodes.Item) and self._is_inside(place, there, block):
            item = there.node
            statements, was_there = without(item.statements, part)
            there.put(attrs.evolve(item, statements=statements))
            self.removed[removal.name.text] = removal.span
            if not was_there:
                self._no_part(attrs.evolve(place, text=part), item)
            return
        is_row = False
        for each in table:
            rows = tuple(row for row in each.node.rows if row.name.text != part)
            is_row |= len(rows) < len(each.node.rows)
            each.put(attrs.evolve(each.node, rows=rows))
        if not is_row:
            known = [f"{name}.{row.name.text}" for each in table for row in each.node.rows]
            known = known or [known for space, known in self.found if space in (PART, REGISTER)]
            at = self.report.place(place.span)
            self.report.add(remarks.not_there_to_change(at, place.text, "", known, ""))

    def _look_for_removed(self) -> None:
        """A use of what is gone, unless it is there again."""
        gone = {name: span for name, span in self.removed.items() if not self._is_there(name)}
        if not gone:
            return
        for node in inside(self.contract()):
            name = _asked(node)
            if name is None:
                continue
            for known in (name.text, name.text.partition(".")[0], ".".join(name.text.split(".")[:2])):
                if known in gone:
                    place, removed = self.report.place(name.span), self.report.place(gone[known])
                    self.report.add(remarks.still_asked_for(place, known, removed))
                    break

    def _is_there(self, name: str) -> bool:
        thing, _, part = name.partition(".")
        if part:
            there = self._there(PART, thing)
            return there is not None and without(there.node.statements, part)[1]
        return any((space, name) in self.found for space in NAMED.values())

    # -- looking things up

    def _there(self, space: str, name: str) -> _Found | None:
        found = self.found.get((space, name))
        return found[0] if found else None

    def _add(self, block: _Block, node: Any) -> _Found:
        member = self._block(node, block) if isinstance(node, nodes.Section) else node
        there = _Found(block, block.add(member))
        if type(node) in NAMED:
            self.found.setdefault((NAMED[type(node)], slots.name_of(node)), []).append(there)
        return there

    def _is_inside(self, name: nodes.Identifier, there: _Found, block: _Block) -> bool:
        """Whether something stands in the section that the amendment names it in."""
        section = block.node.name.text if block.parent is not None else ""
        if not section or there.block.is_in(section):
            return True
        found = there.block.node.name.text
        where = f"in section `{found}`" if there.block.parent is not None else "in no section"
        self._wrong(name, f"not in section `{section}`, but {where}", there)
        return False

    # -- mistakes

    def _once(self, key: Key, place: Span) -> None:
        """One amendment says one thing of each."""
        first = self.changed.setdefault(key, place)
        if first is not place:
            self.report.twice(place, key[-1], first)

    def _unknown(self, name: nodes.Identifier, kind: str, space: str) -> None:
        known = [
            known
            for (found, known), there in self.found.items()
            if found == space and _called(there[0].node) == kind
        ]
        place, hint = self.report.place(name.span), f'a new {kind} has a title: `{kind} {name.text} "…"`'
        self.report.add(remarks.not_there_to_change(place, name.text, kind, known, hint))

    def _no_part(self, name: nodes.Identifier, item: nodes.Item) -> None:
        parts = (each for each in inside(item) if isinstance(each, nodes.Milestone | nodes.Assessment))
        known = sorted(each.name.text for each in parts if each.name)
        place = self.report.place(name.span)
        self.report.add(remarks.not_there_to_change(place, name.text, "milestone", known, ""))

    def _other_kind(self, name: nodes.Identifier, there: _Found | None) -> None:
        if there is not None:
            self._wrong(name, f"a {_called(there.node)}", there)

    def _wrong(self, name: nodes.Identifier, found: str, there: _Found) -> None:
        place, other = self.report.place(name.span), self.report.place(there.node.name.span)
        self.report.add(remarks.of_another_kind(place, name.text, found, other))


def _empty(
    change: nodes.ChangedItem | nodes.ChangedSection | nodes.ChangedMeasure, title: nodes.Stated[nodes.Text]
) -> nodes.Node:
    """Something new before anything is said of it."""
    name, span = change.name, change.span
    match change:
        case nodes.ChangedItem(kind=kind):
            return nodes.Item(kind, name, title, (), span=span)
        case nodes.ChangedMeasure(kind="parameter", columns=columns):
            return nodes.Parameter(name, columns, title, (), span=span)
        case nodes.ChangedMeasure(kind="fact"):
            return nodes.Fact(name, title, (), span=span)
        case nodes.ChangedMeasure():
            return nodes.Measure(name, title, (), span=span)
    return nodes.Section(name, title, None, (), span=span)


def _called(node: nodes.Node) -> str:
    return node.kind if isinstance(node, nodes.Item) else type(node).__name__.lower()


def _asked(node: nodes.Node) -> nodes.Identifier | None:
    """The name by which a node asks for something else of the contract."""
    match node:
        case nodes.Reference() | nodes.Cap() | nodes.MemberWeight() | nodes.ResultOf() | nodes.Call():
            return node.name
    return None


# ---- what amendments change


def touched(amendment: nodes.Amendment, contract: nodes.Contract) -> dict[Key, Span]:
    """Everything that an amendment changes, by what it is: a thing, or a part of one, which begins with its key."""
    there: dict[tuple[str, str], list[Named]] = {}
    for each in named_in(contract):
        there.setdefault((NAMED[type(each.node)], slots.name_of(each.node)), []).append(each)
    found: dict[Key, Span] = {}
    pending: list[tuple[Any, Key]] = [(each, ("contract",)) for each in amendment.statements]
    while pending:
        each, block = pending.pop()
        if isinstance(each, (*_ITS_OWN, nodes.Use)):
            continue
        match each:
            case nodes.Removal():
                found.update(_removed(each, there))
            case nodes.ChangedItem() | nodes.ChangedSection() | nodes.ChangedMeasure():
                key = (MEASURE if isinstance(each, nodes.ChangedMeasure) else PART, each.name.text)
                if key not in there:
                    found[key] = each.name.span
                if each.title is not None:
                    found[*key, "title"] = each.title.span
                if isinstance(each, nodes.ChangedSection) and each.total is not None:
                    found[*key, "total"] = each.total.span
                own = isinstance(each, nodes.ChangedItem)
                removals = [inner for inner in each.statements if own and isinstance(inner, nodes.Removal)]
                found.update({(*key, "milestone", inner.name.text): inner.span for inner in removals})
                pending += [(inner, key) for inner in each.statements if inner not in removals]
            case nodes.Register():
                key = (REGISTER, each.name.text)
                if each.title is not None:
                    found[key] = each.span
                found.update({(*key, row.name.text): row.span for row in each.rows})
            case nodes.Item():
                found.update({(PART, row.name.text): row.span for row in each.rows})
            case nodes.UsedItem():
                found[PART, each.name.text] = each.span
            case _ if type(each) in NAMED:
                found[NAMED[type(each)], slots.name_of(each)] = each.span
            case _:
                found[*block, *slots.slot(each)] = each.span
    return found


def _removed(removal: nodes.Removal, there: Mapping[tuple[str, str], list[Named]]) -> dict[Key, Span]:
    name, _, part = removal.name.text.partition(".")
    if part:
        space = PART if (PART, name) in there else REGISTER
        return {(space, name, *(("milestone",) if space == PART else ()), part): removal.span}
    found: dict[Key, Span] = {}
    for space in dict.fromkeys(NAMED.values()):
        for each in there.get((space, name), ()):
            found[space, name] = removal.span
            if isinstance(each.node, nodes.Section):
                inner = (each.node for each in named_in(each.node))
                found.update({(NAMED[type(one)], slots.name_of(one)): removal.span for one in inner})
    return found


def common(first: Mapping[Key, Span], second: Mapping[Key, Span]) -> tuple[Key, Key] | None:
    """Something that two amendments both change, or of which one changes a part: its key in each."""
    parts = {key[:length]: key for key in first for length in range(1, len(key))}
    for key in second:
        for length in range(1, len(key) + 1):
            if key[:length] in first:
                return key[:length], key
        if key in parts:
            return parts[key], key
    return None
