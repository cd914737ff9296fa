"""A contract with the files it uses, as docs/uses.md says: everything in its place, one item for each row or use."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import attrs

from rkdsl.language import nodes as n
from rkdsl.language.parser import parse
from rkdsl.source import from_text
from tests.secondopinion.ground import walked
from tests.secondopinion.scoring import kind_of

STANDARD = Path(__file__).parents[2] / "src" / "rkdsl" / "standard" / "registers.rk"
DECLARATIONS = (n.Measure, n.Fact, n.Parameter, n.Value, n.Scale, n.Calendar, n.Role)


@dataclass
class Whole:
    """A contract, all that it takes from libraries in it, and the contracts that are its parts."""

    contract: n.Contract
    parts: dict[str, Whole] = field(default_factory=dict)


@functools.lru_cache(512)
def document(text: str) -> Any:
    """The nodes of a text; the same ones each time."""
    found = parse(from_text("c.rk", text)).document
    assert found is not None, text
    return found


def text_of(files: Mapping[str, str], name: str) -> str:
    return STANDARD.read_text(encoding="utf-8") if name == "standard:registers" else files[name]


def beside(user: str, name: str) -> str:
    """The file of that name beside the one that uses it."""
    return name if name.startswith("standard:") else posixpath.join(posixpath.dirname(user), name)


def used_files(files: Mapping[str, str], name: str, statements: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The files that statements use, with those that libraries use, each with its nodes."""
    for each in walked(statements):
        if isinstance(each, n.Use):
            file = beside(name, each.file.text)
            found = document(text_of(files, file))
            yield file, found
            if isinstance(found, n.Library):
                yield from used_files(files, file, found.statements)


# ---- what a library offers


class Library:
    """All that the libraries of a contract declare, by name; shared goals with the sections they stand in."""

    def __init__(self, libraries: Sequence[n.Library]) -> None:
        self.declared: dict[str, Any] = {}
        self.registers: dict[str, n.Register] = {}
        self.items: dict[str, tuple[n.Item, tuple[n.Section, ...]]] = {}
        for each in libraries:
            self._add(each.statements, ())

    def _add(self, statements: Sequence[Any], around: tuple[n.Section, ...]) -> None:
        for each in statements:
            match each:
                case n.Section():
                    self._add(each.statements, (*around, each))
                case n.Item():
                    self.items[each.name.text] = each, around
                case n.Register() if each.title is not None:
                    self.registers[each.name.text] = each
            if isinstance(each, DECLARATIONS):
                self.declared[each.name.text] = each


def emptied(section: n.Section) -> n.Section:
    """A section as it is brought along: without what is taken only when it is asked for."""
    kept = [
        each
        for each in section.statements
        if not isinstance(each, (n.Section, n.Item, n.UsedItem, n.Use, *DECLARATIONS))
    ]
    return attrs.evolve(section, statements=tuple(kept))


# ---- everything in its place


def complete(contract: n.Contract, libraries: Sequence[n.Library]) -> n.Contract:
    """The contract with its uses and rows in place, and with what it asks for of the libraries."""
    offered = Library(libraries)
    for each in walked(contract.statements):
        if isinstance(each, n.Item) and each.shared:
            offered.items[each.name.text] = each, ()
    statements = placed(contract.statements, offered, is_whole=True)
    while True:
        asked = set(names_asked(tuple(statements), frozenset()))
        own = {each.name.text for each in walked(tuple(statements)) if isinstance(each, DECLARATIONS)}
        more: list[Any] = [offered.declared[each] for each in offered.declared if each in asked - own]
        items = {
            each.name.text
            for each in walked(tuple(statements))
            if isinstance(each, n.Item) and not each.shared
        }
        tables = [each for each in statements if isinstance(each, n.Register)]
        headed = {each.name.text for each in tables if each.title is not None}
        rows = {each.name.text for each in tables} - headed
        more += [offered.registers[each] for each in offered.registers if each in rows]
        brought = [
            each for each in offered.items if each in asked - items and not offered.items[each][0].shared
        ]
        for name in brought:
            bring(statements, *offered.items[name])
        if not more and not brought:
            return attrs.evolve(contract, statements=tuple(statements))
        statements += more


def placed(statements: Sequence[Any], offered: Library, *, is_whole: bool) -> list[Any]:
    """Statements with one item for each row and use; a goal of a library brings its sections to the whole."""
    found: list[Any] = []
    for each in statements:
        match each:
            case n.Section():
                inner = tuple(placed(each.statements, offered, is_whole=False))
                found.append(attrs.evolve(each, statements=inner))
            case n.Item(shared=True):
                found.append(each)
            case n.Item():
                found += rows_of(each)
            case n.UsedItem():
                shared, around = offered.items[each.name.text]
                row = n.Row(shared.name, each.title, each.cells, each.statements)
                bring(found, one_of(shared, row), around if is_whole else ())
            case _:
                found.append(each)
    return found


def bring(statements: list[Any], item: n.Item, around: Sequence[n.Section]) -> None:
    """Puts an item into the sections that it brings along, which may have been brought before."""
    if not around:
        statements += rows_of(item)
        return
    name = around[0].name.text
    places = [
        at for at, each in enumerate(statements) if isinstance(each, n.Section) and each.name.text == name
    ]
    if not places:
        places = [len(statements)]
        statements.append(emptied(around[0]))
    inner = list(statements[places[0]].statements)
    bring(inner, item, around[1:])
    statements[places[0]] = attrs.evolve(statements[places[0]], statements=tuple(inner))


def rows_of(item: n.Item) -> list[n.Item]:
    """The item, or one for each of its rows."""
    if len(item.rows) == 1 and item.rows[0].name == item.name:
        return [item]
    return [one_of(item, each) for each in item.rows] if item.rows else [item]


def one_of(item: n.Item, row: n.Row) -> n.Item:
    """One item of a goal with parameters; what the row or use has of its own takes the place of its kind."""
    own = {kind_of(each) for each in row.statements}
    kept = [each for each in item.statements if kind_of(each) not in own]
    return n.Item(
        item.kind,
        row.name,
        row.title or item.title,
        (*kept, *row.statements),
        item.parameters,
        (n.Row(row.name, None, row.cells),) if item.parameters else (),
        span=item.span,
    )


def names_asked(written: Any, hidden: frozenset[str]) -> Iterator[str]:
    """The names that something asks for, but for the parameters and columns that stand in it."""
    match written:
        case tuple():
            for each in written:
                yield from names_asked(each, hidden)
        case n.Example() | n.UsedItem() | n.Item(shared=True):
            return
        case n.Reference(name=name):
            if name.text.partition(".")[0] not in hidden:
                yield from (name.text.rsplit(".", cut)[0] for cut in range(name.text.count(".") + 1))
        case n.Call(name=name, arguments=arguments):
            yield name.text
            yield from names_asked(arguments, hidden)
        case n.ResultOf(name=name):
            yield name.text
        case n.Cap(name=name):
            if name is not None and name.text not in hidden:
                yield name.text
            yield from names_asked((written.value, written.when), hidden)
        case n.Item():
            yield from names_asked(tuple(each.cells for each in written.rows), hidden)
            inner = hidden | {each.text for each in written.parameters}
            yield from names_asked(
                (written.statements, tuple(each.statements for each in written.rows)), inner
            )
        case n.Scale(parameters=parameters):
            yield from names_asked((written.range, written.body), hidden | {each.text for each in parameters})
        case n.Register(statements=statements, columns=columns):
            named = {each.name.text for each in statements if isinstance(each, (n.Fact, n.Value))}
            yield from names_asked(statements, hidden | named | {each.text for each in columns})
        case n.Node():
            for each in type(written).__attrs_attrs__:  # type: ignore[attr-defined]
                if each.name != "span":
                    yield from names_asked(getattr(written, each.name), hidden)


def gathered(files: Mapping[str, str], main: str, more: Sequence[Any] = ()) -> Whole:
    """The whole that a file begins; `more` are statements that amendments add."""
    contract = document(files[main])
    assert isinstance(contract, n.Contract)
    used = list(used_files(files, main, (*contract.statements, *more)))
    libraries = [each for _, each in used if isinstance(each, n.Library)]
    parts = {each.name.text: gathered(files, file) for file, each in used if isinstance(each, n.Contract)}
    return Whole(complete(contract, libraries), parts)
