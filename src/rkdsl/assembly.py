"""A text with all the texts it uses, read as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, field

from rkdsl import messages, source
from rkdsl.contract import remarks
from rkdsl.contract.report import statements_in
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.files import (
    STANDARD,
    Folder,
    Found,
    Missing,
    begins_as_amendment,
    begins_as_contract,
    sha256_of_all,
    sha256_of_bytes,
    standard_names,
)
from rkdsl.language import nodes
from rkdsl.language.parser import parse
from rkdsl.plain import Plain
from rkdsl.values import MAX_BYTES, MAX_LEVELS, MAX_USED

Patches = Mapping[str, Sequence[Found]]
"""The files of amendments, by the name of the contract that they change."""
NOTHING: Final[Patches] = {}


class Used(Plain):
    """A contract that another one uses, where it says so, and the files on the way to it."""

    use: nodes.Use
    found: Found
    path: tuple[str, ...]


class Assembled(Plain):
    """The nodes of a text and of the libraries it uses, with their places in one source.

    `document` is None where its shape could not be made out. `contracts` are used, and read on their own. `sha256`
    is the hash of the text, and where it uses others, of the hashes of all of them. It `is_complete` where all
    that it uses could be read: else names may be missing that the text is right to say.
    """

    document: nodes.Document | None
    libraries: tuple[nodes.Library, ...]
    amendments: tuple[nodes.Amendment, ...]
    contracts: tuple[Used, ...]
    source: source.Source
    diagnostics: tuple[Diagnostic, ...]
    sha256: str
    is_complete: bool = True


def assemble(
    found: Found, folder: Folder, amendments: Patches = NOTHING, path: tuple[str, ...] = ()
) -> Assembled:
    """A text with the libraries that it and its amendments use. `path` are the files that lead to it.

    `amendments` are those of each contract, by its name.
    """
    assembly = _Assembly(folder, source.from_bytes(found.name, found.content))
    document = assembly.document(found, 0, (*path, found.key))
    patches = []
    name = document.name.text if isinstance(document, nodes.Contract) else ""
    for each in amendments.get(name, ()):
        patch = assembly.further(each, (each.key,))
        if isinstance(patch, nodes.Amendment):
            patches.append(patch)
        elif patch is not None:
            assembly.add(remarks.another_document(Place(each.name), kind_of(patch), "an amendment"))
    return Assembled(
        document,
        tuple(assembly.libraries),
        tuple(patches),
        tuple(assembly.contracts),
        assembly.source,
        tuple(assembly.diagnostics),
        assembly.sha256,
        assembly.is_complete,
    )


def kind_of(document: nodes.Document) -> str:
    """What a text is, in words."""
    return {"Contract": "a contract", "Library": "a library"}.get(type(document).__name__, "an amendment")


@define
class _Assembly:
    """The texts so far, one after the other."""

    folder: Folder
    source: source.Source
    libraries: list[nodes.Library] = field(factory=list)
    contracts: list[Used] = field(factory=list)
    diagnostics: list[Diagnostic] = field(factory=list)
    is_complete: bool = True
    _hashes: list[str] = field(factory=list)
    _read: set[str] = field(factory=set)

    @property
    def sha256(self) -> str:
        """The hash of the only text, or of the hashes of all."""
        return sha256_of_all(self._hashes)

    def add(self, diagnostic: Diagnostic) -> None:
        """One mistake more."""
        self.diagnostics.append(diagnostic)

    def further(self, found: Found, path: tuple[str, ...]) -> nodes.Document | None:
        """The nodes of a further text."""
        start = len(self.source.text) + 1
        self.source = self.source.joined(source.from_bytes(found.name, found.content))
        return self.document(found, start, path)

    def document(self, found: Found, start: int, path: tuple[str, ...]) -> nodes.Document | None:
        """The nodes of the text that begins at `start`, after those of the libraries it uses."""
        self._hashes.append(sha256_of_bytes(found.content))
        if len(found.content) > MAX_BYTES:
            self.add(messages.text_too_large(Place(found.name)))
            return None
        parsed = parse(self.source, start)
        self.diagnostics += parsed.diagnostics
        if parsed.document is not None:
            for use in _uses(parsed.document):
                self._use(use, found.key, path)
        return parsed.document

    def _lacking(self, diagnostic: Diagnostic) -> None:
        """A file that is used and cannot be read."""
        self.is_complete = False
        self.add(diagnostic)

    def _use(self, use: nodes.Use, beside: str, path: tuple[str, ...]) -> None:
        place, name = Place(self.source.name, use.file.span), use.file.text
        found = self.folder.find(name, "" if beside.startswith(STANDARD) else beside)
        if isinstance(found, Missing):
            self._lacking(_missing(place, name, found))
        elif found.key in path:
            self._lacking(remarks.uses_itself(place, (*path, found.key)))
        elif found.key in self._read:
            return
        elif len(path) > MAX_LEVELS:
            self._lacking(remarks.too_many_levels(place, MAX_LEVELS))
        elif len(self._read) >= MAX_USED:
            self._lacking(remarks.too_many_used(place, MAX_USED))
        else:
            self._read.add(found.key)
            self._take(use, found, place, path)

    def _take(self, use: nodes.Use, found: Found, place: Place, path: tuple[str, ...]) -> None:
        """A library becomes part of the text; a contract is read on its own."""
        if begins_as_contract(found.content):
            self.contracts.append(Used(use, found, path))
            return
        if begins_as_amendment(found.content):
            self._lacking(remarks.not_to_be_used(place, found.name))
            return
        library = self.further(found, (*path, found.key))
        if isinstance(library, nodes.Library):
            self.libraries.append(library)
        else:
            self.is_complete = False


def _uses(document: nodes.Document) -> Iterator[nodes.Use]:
    """The files a text uses, in the order of the text."""
    found = (each for each in statements_in(document) if isinstance(each, nodes.Use))
    return iter(sorted(found, key=lambda each: each.span))


def _missing(place: Place, name: str, missing: Missing) -> Diagnostic:
    if missing.outside:
        return remarks.outside_folder(place, name)
    if name.startswith(STANDARD):
        return remarks.unknown_standard(place, name, standard_names())
    return remarks.unusable(place, name, missing.reason.lower())
