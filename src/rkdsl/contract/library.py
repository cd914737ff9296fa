"""What a contract uses of libraries: their declarations, and shared goals in the sections they stand in.

Of a library only that is taken which the contract asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

import attrs

from rkdsl.contract.report import inside
from rkdsl.language import nodes

_DECLARED = (*get_args(nodes.Declaration), nodes.Role, nodes.Calendar, nodes.Register)


def merged(
    contract: nodes.Contract,
    libraries: Sequence[nodes.Library],
    amendments: Sequence[nodes.Amendment] = (),
) -> nodes.Contract:
    """The contract with what it and its amendments use of the libraries among its own statements."""
    if not libraries:
        return contract
    inner = (each for text in (contract, *amendments) for each in inside(text))
    named = frozenset(each.name.text for each in inner if isinstance(each, nodes.UsedItem))
    known = [_by_name(statement, named) for library in libraries for statement in library.statements]
    sections = [each for each in known if isinstance(each, nodes.Section)]
    sectioned = {item.name.text for section in sections for item in _shared_in(section)}
    used = {each.name.text: each for each in _used_at_the_top(contract) if each.name.text in sectioned}
    filled = [each for section in sections if (each := _filled(section, used)) is not None]
    own = _in_place(contract.statements, frozenset(id(each) for each in used.values()), filled)
    loose = [each for each in known if isinstance(each, nodes.Item)]
    apart = [each for each in _apart(known) if isinstance(each, _DECLARED)]
    shared = [each for each in (*loose, *_templates(sections)) if each.shared]
    whole = attrs.evolve(contract, statements=tuple(own))
    apart += [each for each in loose if not each.shared]
    asked = _asked_for((whole, *amendments), apart, shared)
    return attrs.evolve(whole, statements=(*asked, *shared, *whole.statements))


def _by_name(statement: Any, used: frozenset[str]) -> Any:
    """A goal without parameters that is used is shared as well."""
    if isinstance(statement, nodes.Section):
        return attrs.evolve(
            statement, statements=tuple(_by_name(each, used) for each in statement.statements)
        )
    if isinstance(statement, nodes.Item) and not statement.rows and statement.name.text in used:
        return attrs.evolve(statement, shared=True)
    return statement


def homes(libraries: Iterable[nodes.Library]) -> dict[str, str]:
    """The section that each goal of the libraries stands in, by the name of the goal; of none nothing."""
    pending = [
        each for library in libraries for each in library.statements if isinstance(each, nodes.Section)
    ]
    found: dict[str, str] = {}
    while pending:
        section = pending.pop()
        for each in section.statements:
            if isinstance(each, nodes.Item) and not each.rows:
                found[each.name.text] = section.name.text
            elif isinstance(each, nodes.Section):
                pending.append(each)
    return found


def _used_at_the_top(contract: nodes.Contract) -> Iterator[nodes.UsedItem]:
    return (each for each in contract.statements if isinstance(each, nodes.UsedItem))


def _shared_in(section: nodes.Section) -> Iterator[nodes.Item]:
    """The shared goals of a section and of those in it. The nesting is bounded when the text is read."""
    for each in section.statements:
        if isinstance(each, nodes.Item) and each.shared:
            yield each
        elif isinstance(each, nodes.Section):
            yield from _shared_in(each)


def _templates(sections: Iterable[nodes.Section]) -> list[nodes.Item]:
    return [item for section in sections for item in _shared_in(section)]


def _filled(section: nodes.Section, used: dict[str, nodes.UsedItem]) -> nodes.Section | None:
    """The section with what the contract uses in the place of what is shared; None where nothing of it is used."""
    found: list[Any] = []  # statements of a section
    has_members = False
    for each in section.statements:
        kept: nodes.SectionStatement | None = each
        if isinstance(each, nodes.Section):
            kept = _filled(each, used)
        elif isinstance(each, nodes.Item):
            kept = used.get(each.name.text)
        elif isinstance(each, _DECLARED):
            continue
        if kept is not None:
            found.append(kept)
        has_members |= isinstance(kept, nodes.Section | nodes.Item | nodes.UsedItem)
    return attrs.evolve(section, statements=tuple(found)) if has_members else None


def _in_place(
    own: tuple[nodes.ContractStatement, ...], moved: frozenset[int], sections: list[nodes.Section]
) -> list[nodes.ContractStatement]:
    """The contract's statements, with the sections of the libraries where the first goal of theirs is used."""
    found: list[nodes.ContractStatement] = []
    waiting = sections
    for each in own:
        if id(each) in moved:
            found += waiting
            waiting = []
        else:
            found.append(each)
    return [*found, *waiting]


def _apart(statements: Iterable[Any]) -> Iterator[Any]:
    """Statements of libraries, those of their sections among them."""
    for each in statements:
        if isinstance(each, nodes.Section):
            yield from _apart(each.statements)
        else:
            yield each


def _asked_for(asking: Iterable[nodes.Node], known: list[Any], shared: list[nodes.Item]) -> list[Any]:
    """The declarations whose names the contract says, its amendments, or what it uses of the libraries."""
    pending: list[nodes.Node] = list(asking)
    templates = {each.name.text: each for each in shared}
    by_name: dict[str, list[Any]] = {}
    for each in known:
        by_name.setdefault(each.name.text, []).append(each)
    taken: set[str] = set()
    while pending:
        for node in inside(pending.pop()):
            if not isinstance(node, nodes.Identifier):
                continue
            name = node.text.partition(".")[0]
            if name in taken:
                continue
            taken.add(name)
            pending += by_name.get(name, ())
            pending += [templates[name]] if name in templates else []
    return [each for each in known if each.name.text in taken]
