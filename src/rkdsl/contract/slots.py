"""What takes the place of what: two statements of one block that fill the same slot are the same thing said twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import attrs

from rkdsl.language import nodes
from rkdsl.plain import Final, NamedTuple

Slot = tuple[str, ...]
"""The kind of a statement, and its name where it has one: `("weight",)`, `("milestone", "live")`."""

PART: Final = "part"
MEASURE: Final = "measure"
REGISTER: Final = "register"
EXAMPLE: Final = "example"
NAMED: Final[dict[type[nodes.Node], str]] = {
    nodes.Section: PART,
    nodes.Item: PART,
    nodes.Measure: MEASURE,
    nodes.Fact: MEASURE,
    nodes.Parameter: MEASURE,
    nodes.Value: "value",
    nodes.Scale: "scale",
    nodes.Role: "role",
    nodes.Calendar: "calendar",
    nodes.Register: REGISTER,
    nodes.Example: EXAMPLE,
}
"""What has a name of its own wherever it stands in a contract, and among which things its name is looked for."""

_UNNAMED: Final[dict[type[nodes.Node], str]] = {
    nodes.Weight: "weight",
    nodes.Group: "group",
    nodes.Guidelines: "guideline",
    nodes.Score: "score",
    nodes.UnitOf: "unit",
    nodes.Direction: "direction",
    nodes.Rhythm: "rhythm",
    nodes.SourceOf: "source",
    nodes.Range: "range",
    nodes.MayNotApply: "may not apply",
    nodes.JoinedBy: "combined by",
    nodes.CombinedBy: "combined by",
    nodes.DecidedBy: "assessed by",
    nodes.Needs: "needs",
    nodes.Parties: "parties",
    nodes.ContractPeriod: "period",
    nodes.Binding: "targets bind in",
    nodes.Total: "total",
    nodes.ReportingCloses: "reporting closes",
    nodes.ResultOf: "result",
    nodes.Signed: "signed",
    nodes.TakesEffect: "from",
}


def slot(node: nodes.Node) -> Slot:
    """The slot of a statement among those of its block."""
    match node:
        case nodes.Target(standing=standing):
            return ("target", standing) if standing else ("target",)
        case nodes.Milestone(name=name):
            return ("milestone", name.text)
        case nodes.Assessment(name=name):
            return ("assessed by", name.text) if name else ("assessed by",)
        case nodes.Wording(start=start):
            return ("from", str(start.period))
        case nodes.Silence(code=code):
            return ("except", code.text)
        case nodes.MissingRule(state=state):
            return (state,)
        case nodes.Cap(name=name):
            return ("limit", name.text) if name else ("limit",)
        case nodes.Expectation(why=why) | nodes.ExpectationOfEach(why=why):
            return ("expect", why.text) if why else ("expect",)
        case nodes.Entry(period=period):
            return ("entry", str(period.period))
        case nodes.Use(file=file):
            return ("use", file.text)
        case nodes.UsedItem(name=name):
            return ("use of", name.text)
        case nodes.Example(title=title):
            return (EXAMPLE, title.text)
    space = NAMED.get(type(node))
    return (space, name_of(node)) if space else (_UNNAMED[type(node)],)


def name_of(node: Any) -> str:  # of a kind that has a name
    """The name of a thing; of an example its title."""
    text: str = node.title.text if isinstance(node, nodes.Example) else node.name.text
    return text


def in_words(found: Slot) -> str:
    """A slot as an author says it."""
    return " ".join(found[1:] if found[0] == "entry" else found)


S = TypeVar("S", bound=nodes.Node)


def by_slot(statements: Iterable[S]) -> dict[Slot, list[S]]:
    """Statements by what they fill, in order."""
    found: dict[Slot, list[S]] = {}
    for each in statements:
        found.setdefault(slot(each), []).append(each)
    return found


def placed(statements: Iterable[Any], changes: Iterable[Any]) -> tuple[Any, ...]:
    """Statements of a block, those that fill a slot of the changes giving way to them, where the first one stood.

    What is new comes last. A milestone in a group gives way there.
    """
    new = by_slot(changes)
    waiting = dict(new)
    found: list[Any] = []
    for each in statements:
        if slot(each) in new:
            found += waiting.pop(slot(each), ())
        elif isinstance(each, nodes.Group):
            found.append(_in_group(each, waiting))
        else:
            found.append(each)
    return (*found, *(each for group in waiting.values() for each in group))


def _in_group(group: nodes.Group, waiting: dict[Slot, list[Any]]) -> nodes.Group:
    """The nesting is bounded when the text is read."""
    members: list[Any] = []
    for each in group.members:
        is_milestone = isinstance(each, nodes.Milestone) and slot(each) in waiting
        inner = _in_group(each, waiting) if isinstance(each, nodes.Group) else each
        members += waiting.pop(slot(each)) if is_milestone else [inner]
    return attrs.evolve(group, members=tuple(members))


def without(statements: Iterable[Any], name: str) -> tuple[tuple[Any, ...], bool]:
    """Statements without the milestone or assessment of a name, and whether there was one. Empty groups go too."""
    found: list[Any] = []
    is_there = False
    for each in statements:
        if isinstance(each, nodes.Milestone | nodes.Assessment) and each.name and each.name.text == name:
            is_there = True
            continue
        if isinstance(each, nodes.Group):
            members, was_in = without(each.members, name)
            is_there |= was_in
            if not members:
                continue
            found.append(attrs.evolve(each, members=members) if was_in else each)
        else:
            found.append(each)
    return tuple(found), is_there


class Named(NamedTuple):
    """A thing that has a name of its own, and the sections it stands in, the outermost first."""

    node: Any
    path: tuple[str, ...]


def named_in(block: nodes.Contract | nodes.Section, path: tuple[str, ...] = ()) -> Iterator[Named]:
    """Everything with a name of its own, in the order of the text. The nesting is bounded when the text is read."""
    for each in block.statements:
        if type(each) in NAMED:
            yield Named(each, path)
        if isinstance(each, nodes.Section):
            yield from named_in(each, (*path, each.name.text))
