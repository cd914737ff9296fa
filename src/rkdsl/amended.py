"""Contracts with amendments, and a look at texts of any kind."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rkdsl import messages, source
from rkdsl.assembly import Assembled, assemble
from rkdsl.collecting import paused
from rkdsl.contract.checker import check
from rkdsl.contract.library import merged
from rkdsl.contract.silencing import silence
from rkdsl.contract.used import exports
from rkdsl.contracts import Contract, Sources, names_of
from rkdsl.diagnostics import Diagnostic, Refused, Silenced, in_order, located
from rkdsl.files import NOWHERE, Folder, Found, sha256_of_bytes
from rkdsl.language import nodes
from rkdsl.language.parser import parse, reserved_names
from rkdsl.loading import contract_of, told_once, used_by
from rkdsl.plain import TYPE_CHECKING, Late, NamedTuple, evolve
from rkdsl.values import MAX_BYTES

if TYPE_CHECKING:
    import attrs

    from rkdsl import versions
    from rkdsl.contract import alone, dated
    from rkdsl.contract.dated import Dated, Heads
else:
    attrs, versions = Late("attrs"), Late("rkdsl.versions")
    alone, dated = Late("rkdsl.contract.alone"), Late("rkdsl.contract.dated")


class Looked(NamedTuple):
    """What there is to say of a text by itself: what it is (`contract`, `library`), and what was found in it.

    `contract` is None where it is none, or refused.
    """

    kind: str
    contract: Contract | None
    findings: tuple[Diagnostic, ...]
    sources: Sources
    silenced: tuple[Silenced, ...] = ()


@paused()
def look(
    content: bytes, name: str, folder: Folder = NOWHERE, amendments: Sequence[tuple[str, bytes]] = ()
) -> Looked:
    """What there is to say of the bytes of a file: a contract or a library. Raises `Refused` with every mistake."""
    assembled = assemble(found_as(name, content), folder)
    if isinstance(assembled.document, nodes.Library) and not amendments:
        return _library(assembled.document, assembled, folder)
    contract = loads_bytes(content, name, folder, amendments)
    return Looked("contract", contract, contract.findings, contract.sources, contract.silenced)


def _library(library: nodes.Library, assembled: Assembled, folder: Folder) -> Looked:
    """A library, looked at as a contract that has all of it."""
    used, mistakes, sources = used_by(assembled, folder, {})
    offered = [exports(each.checked, each.tree) for each in used if each.checked is not None]
    if mistakes or not assembled.is_complete:
        raise Refused(told_once((*assembled.diagnostics, *mistakes), sources), sources)
    name, places = assembled.source.name, [each.place.span for each in assembled.diagnostics]
    mistaken = [span for span in places if span is not None]
    whole = alone.as_contract(library)
    found = check(whole, name, reserved_names(), mistaken, assembled.libraries, offered)
    diagnostics = (*assembled.diagnostics, *alone.told_of(library, found.diagnostics))
    told = told_once(diagnostics, sources)
    if any(each.is_error for each in told):
        raise Refused(told, sources)
    kept, silenced = silence((merged(whole, assembled.libraries),), name, told)
    return Looked("library", None, kept, sources, silenced)


def found_as(name: str, content: bytes) -> Found:
    """A file with what messages call it."""
    return Found(os.path.basename(name), name, content)


@paused()
def loads_bytes(
    content: bytes, name: str, folder: Folder = NOWHERE, amendments: Sequence[tuple[str, bytes]] = ()
) -> Contract:
    """The contract in the bytes of a file, with its amendments, each with what messages call it."""
    found = found_as(name, content)
    contract = contract_of(found, folder, (), {})
    if not amendments:
        return contract
    return _with_amendments(contract, found, folder, [found_as(*each) for each in amendments])


def _with_amendments(signed: Contract, found: Found, folder: Folder, amendments: Sequence[Found]) -> Contract:
    """The contract with amendments, after each of them was looked at in its order."""
    assert signed.checked is not None
    read_all, sources = _patches(amendments)
    written = {each.id: each.checked.written for each in signed.all_used if each.checked is not None}
    contracts = {name: each for name, each in written.items() if each is not None}
    file_of = {each.id: each.file for each in signed.all_used}
    known = dated.heads(read_all, signed.id, contracts)
    changes = {each.index: each.node.of.text for each in known.dated}
    sources.update(signed.sources)
    if len(read_all) < len(amendments) or known.diagnostics:
        raise _refused(signed.id, found, folder, amendments, known, sources)
    binding = signed.checked.binding or signed.checked.period
    end = binding.last if binding is not None else None
    signings = {
        name: day
        for name, each in contracts.items()
        if (day := dated.signing(file_of[name], each)) is not None
    }
    told = tuple(dated.findings(known.dated, end, signings))

    names = set(names_of(signed))
    files = set(signed.files)

    def build(places: tuple[int, ...]) -> Contract:
        patches: dict[str, list[Found]] = {}
        for each in places:
            patches.setdefault(changes[each], []).append(amendments[each])
        version = contract_of(found, folder, (), {}, patches)
        shown = in_order((*version.findings, *told))
        names.update(names_of(version))
        files.update(version.files)
        return evolve(version, findings=shown, sources={**sources, **version.sources})

    hashes = {each.node.name.text: sha256_of_bytes(amendments[each.index].content) for each in known.dated}
    made = versions.Versions(known.dated, end, build, hashes)
    for count in range(1, len(known.dated) + 1):
        try:
            made.of(known.dated[:count])
        except Refused as refused:
            raise _after(known.dated[count - 1], refused) from None
    known_to_all, of_all = frozenset(names), frozenset(files)
    made = attrs.evolve(made, build=lambda places: evolve(build(places), known=known_to_all, files=of_all))
    return evolve(made.holding(made.told(None)), versions=made)


def _after(amendment: Dated, refused: Refused) -> Refused:
    """What is wrong with a version; mistakes elsewhere say by which amendment they came about."""
    told = []
    for each in refused.diagnostics:
        is_elsewhere = each.is_error and not located(each.place, refused.sources).startswith(amendment.file)
        note = f"so it is after the amendment {messages.quoted(amendment.node.name.text)} ({amendment.file})"
        told.append(evolve(each, note="\n".join(filter(None, (each.note, note)))) if is_elsewhere else each)
    return Refused(tuple(told), refused.sources)


def _patches(
    amendments: Sequence[Found],
) -> tuple[list[tuple[str, nodes.Amendment]], dict[str, source.Source]]:
    """Those of the files that are amendments, and the texts of all."""
    texts_read = {each.name: source.from_bytes(each.name, each.content) for each in amendments}
    found = []
    for each in amendments:
        document = parse(texts_read[each.name]).document if len(each.content) <= MAX_BYTES else None
        if isinstance(document, nodes.Amendment):
            found.append((each.name, document))
    return found, texts_read


def _refused(
    name: str,
    found: Found,
    folder: Folder,
    amendments: Sequence[Found],
    known: Heads,
    sources: Sources,
) -> Refused:
    """All that is wrong with the texts of amendments, or with what they say of themselves."""
    assembled = assemble(found, folder, {name: amendments})
    mistakes = [each for each in assembled.diagnostics if each.is_error]
    if mistakes:
        return Refused(in_order(assembled.diagnostics), {**sources, assembled.source.name: assembled.source})
    return Refused(in_order(known.diagnostics), sources)
