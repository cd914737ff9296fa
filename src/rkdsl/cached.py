"""Contracts kept from one command to the next, as plain data: what was compiled once is evaluated without compiling.

An entry is found by the text of the contract, its name and the program that made it. It lists the files that were read
with the contract: it counts while each of them is found again, where it was, with the same content.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from rkdsl import cabinet
from rkdsl.actuals.joint import Asked
from rkdsl.actuals.record import PARAMETER
from rkdsl.diagnostics import Diagnostic, Label, Place
from rkdsl.evaluation import Ready
from rkdsl.files import NOWHERE, STANDARD, Folder, Found, Missing, folder_of, sha256_of_bytes
from rkdsl.outcome import LANGUAGE, CheckOutcome, ColumnOutcome
from rkdsl.packing import Packing
from rkdsl.plain import TYPE_CHECKING, Final, NamedTuple, field
from rkdsl.rules import lawful, storage, tables
from rkdsl.rules.tables import Table
from rkdsl.rules.tree import Field, Tree
from rkdsl.source import Source, Span, from_bytes
from rkdsl.values import Period

if TYPE_CHECKING:
    from rkdsl.contracts import Contract

FORMAT: Final = "2"
"""The layout of an entry; another number is another layout."""
_HOME: Final = os.path.dirname(os.path.abspath(__file__))


class Watched(Folder):
    """A folder that notes what was found in it: the name that was asked for, and in which file."""

    noted: list[tuple[str, str, Found]] = field(default=None, repr=False, eq=False)

    def find(self, name: str, beside: str = "") -> Found | Missing:
        """The file of a path, as a folder finds it."""
        found = super().find(name, beside)
        if isinstance(found, Found):
            self.noted.append((name, beside, found))
        return found


def watched(folder: Folder) -> Watched:
    """A folder that notes what is found in it."""
    return Watched(folder.root, folder.called, [])


class Part(NamedTuple):
    """A contract with what actuals may tell of it; `depth` says how many contracts use it, one within the other."""

    depth: int
    id: str
    tree: Tree


class File(NamedTuple):
    """A file that was found: as which name of which other file, what it is called, and the hash of its content."""

    name: str
    beside: str
    key: str
    called: str
    sha256: str


class Text(NamedTuple):
    """A text that places point into: its name, and the files that it is made of."""

    name: str
    files: tuple[str, ...]


class Entry(NamedTuple):
    """What is kept of a contract. `key` is the name it is kept under."""

    key: str
    id: str
    title: str
    sha256: str
    files: tuple[File, ...]
    texts: tuple[Text, ...]
    tree: Tree
    parts: tuple[Part, ...]
    findings: tuple[Diagnostic, ...]
    tables: tuple[Table, ...]
    generated: tuple[str, ...]
    places: tuple[Place, ...]


_KINDS: Final = (
    *(Part, File, Text, Entry, Diagnostic, Label, Place, Span, Period, ColumnOutcome, CheckOutcome),
    *(tables.TableCell, tables.TableColumn, tables.TableRow, tables.TableCheck, tables.Table),
)


def _packing() -> Packing:
    return Packing((*storage.KINDS, *_KINDS), {"Row": storage.ROWS}, storage.WORDS, storage.SAME)


# ---- the name of an entry


def _name(version: str, name: str, content: bytes) -> str:
    """What tells an entry from all others: the program, the name of the contract, and its text."""
    parts = (FORMAT, version, LANGUAGE, *_program(), name, sha256_of_bytes(content))
    return sha256_of_bytes("\n".join(parts).encode("utf-8", "surrogateescape"))


@functools.cache
def _program() -> tuple[str, ...]:
    """The files of the program, by when they were written and how long they are: a version may be worked on."""
    told: list[str] = []
    for below in ("", "actuals", "contract", "language", "rules", "standard", "grammar"):
        try:
            with os.scandir(os.path.join(_HOME, below)) as entries:
                found = [
                    (each.name, each.stat())
                    for each in entries
                    if each.name.endswith((".py", ".rk", ".lark"))
                ]
        except OSError:
            continue
        told += sorted(f"{below}/{name} {about.st_mtime_ns} {about.st_size}" for name, about in found)
    return tuple(told)


# ---- keeping


def keep(version: str, name: str, content: bytes, contract: Contract, folder: Watched) -> None:
    """Keeps a contract loaded from the bytes of a file, with what was found for it, by a version of the program."""
    ready, key = contract.ready, _name(version, name, content)
    entry = Entry(
        key,
        ready.id,
        ready.title,
        ready.sha256,
        tuple(
            File(asked, beside, found.key, found.name, sha256_of_bytes(found.content))
            for asked, beside, found in folder.noted
        ),
        tuple(
            Text(key, (each.name, *(called for _, called in each.files)))
            for key, each in ready.sources.items()
        ),
        ready.tree,
        tuple(_parts(ready.asked, 0)) if ready.asked.used else (),
        ready.findings,
        ready.tables,
        tuple(sorted(ready.generated)),
        ready.places,
    )
    try:
        data = json.dumps(_packing().write("Entry", entry), separators=(",", ":"))
    except ValueError:  # a number of thousands of digits, which Python does not write
        return
    cabinet.keep(key, data.encode("utf-8", "surrogatepass"))


def _parts(asked: Asked, depth: int) -> Iterator[Part]:
    """A contract and those it uses, without what only an evaluation needs."""
    tree = asked.tree._replace(rows=(), clauses=(), calendars=(), values=(), expected=(), result="")
    yield Part(depth, asked.id, tree)
    for each in asked.used:
        yield from _parts(each, depth + 1)


# ---- finding


def find(version: str, name: str, content: bytes, beside: str) -> Ready | None:
    """The contract in the bytes of a file, if it was kept and all that it was read from is as it was.

    What it uses lies in the folder of the file `beside`.
    """
    key = _name(version, name, content)
    body = cabinet.read(key)
    if body is None:
        return None
    try:
        entry: Entry = _packing().read("Entry", json.loads(body))
        _validate(entry, key)
    except (ValueError, RecursionError):
        return None
    contents = _contents(name, content, beside, entry)
    if contents is None:
        return None
    published = tuple(each for each in entry.tree.fields if each.kind == PARAMETER)
    return Ready(
        entry.id,
        entry.title,
        entry.sha256,
        entry.tree,
        _asked(entry, published),
        entry.findings,
        entry.tables,
        frozenset(entry.generated),
        entry.places,
        _Texts(entry.texts, contents),
    )


def _validate(entry: Entry, key: str) -> None:
    """Raises ValueError where an entry says what no contract is."""
    lawful.validate(entry.tree, linked=bool(entry.parts))
    for part in entry.parts:
        for each in part.tree.fields:
            lawful.validate_field(each, part.id)
    depths = [each.depth for each in entry.parts]
    known = {each.id for each in entry.tree.values}
    wanted = {check.value for table in entry.tables for check in table.checks}
    wanted |= {cell.value for table in entry.tables for row in table.rows for cell in row.cells}
    wanted |= {f"{table.id}.{name}" for table in entry.tables for name in table.totals}
    fits = (
        entry.key == key
        and all(finding.labels for finding in entry.findings)
        and len(entry.places) == len(entry.tree.expected)
        and wanted <= known
        and all(len(row.cells) == len(table.columns) for table in entry.tables for row in table.rows)
        and all(0 < after <= before + 1 for before, after in pairwise(depths))
        and depths[:1] in ([], [0])
        and all(text.files for text in entry.texts)
    )
    if not fits:
        raise ValueError("entry: its parts do not fit together")


def _contents(name: str, content: bytes, beside: str, entry: Entry) -> dict[str, bytes] | None:
    """The files that an entry was read from, by what they are called; None where one is not what it was."""
    found = {name: content}
    are_standard = all(each.name.startswith(STANDARD) for each in entry.files)
    folder = NOWHERE if are_standard else folder_of(beside)
    for each in entry.files:
        again = folder.find(each.name, each.beside)
        if not isinstance(again, Found) or (again.key, again.name) != (each.key, each.called):
            return None
        if sha256_of_bytes(again.content) != each.sha256:
            return None
        found[again.name] = again.content
    return found if all(called in found for each in entry.texts for called in each.files) else None


def _asked(entry: Entry, published: tuple[Field, ...]) -> Asked:
    """What records may tell of: the contract, and those it uses."""
    if not entry.parts:
        return Asked(entry.id, entry.tree, (), published)
    found: list[tuple[int, Asked]] = []
    for part in reversed(entry.parts):
        used = []
        while found and found[-1][0] > part.depth:
            used.append(found.pop()[1])
        found.append((part.depth, Asked(part.id, part.tree, tuple(used), published)))
    return found[0][1]


class _Texts(Mapping[str, Source]):
    """The texts that places point into, made when they are asked for."""

    def __init__(self, texts: Sequence[Text], contents: Mapping[str, bytes]) -> None:
        self._texts, self._contents = {each.name: each for each in texts}, contents
        self._made: dict[str, Source] = {}

    def __getitem__(self, name: str) -> Source:
        found = self._made.get(name)
        if found is None:
            first, *others = self._texts[name].files
            found = from_bytes(first, self._contents[first])
            for each in others:
                found = found.joined(from_bytes(each, self._contents[each]))
            self._made[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
