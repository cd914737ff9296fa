"""Texts to contract: a text with all it uses, read, checked and compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rkdsl import messages, source
from rkdsl.assembly import NOTHING, Assembled, Patches, Used, assemble, kind_of
from rkdsl.contract import remarks, texts
from rkdsl.contract.checker import check
from rkdsl.contract.library import merged
from rkdsl.contract.parts import examples_of
from rkdsl.contract.silencing import silence
from rkdsl.contract.symbols import TOTAL, Checked
from rkdsl.contract.used import UNITS, exports
from rkdsl.contracts import Contract, Sources, places_of
from rkdsl.diagnostics import Diagnostic, Place, Refused, Silenced, in_order, located
from rkdsl.evaluation import not_as_expected
from rkdsl.files import Folder, Found, sha256_of_all
from rkdsl.language import nodes
from rkdsl.language.parser import reserved_names
from rkdsl.language.printer import print_node
from rkdsl.plain import TYPE_CHECKING, Final, Late
from rkdsl.rules.compiler import compile_contract
from rkdsl.rules.evaluator import evaluate
from rkdsl.rules.ground import TooOftenError
from rkdsl.rules.outlook import EFFORT, outlook
from rkdsl.rules.tree import Tree
from rkdsl.values import MAX_BYTES, MAX_ITEMS, MAX_USED

if TYPE_CHECKING:
    from rkdsl.contract import examples
    from rkdsl.rules import linking, tabling, trial
else:
    examples, linking = Late("rkdsl.contract.examples"), Late("rkdsl.rules.linking")
    tabling, trial = Late("rkdsl.rules.tabling"), Late("rkdsl.rules.trial")

_Read = dict[str, "Contract | Refused"]
"""The contracts read so far, by the key of their file."""


def contract_of(
    found: Found, folder: Folder, path: tuple[str, ...], read: _Read, amendments: Patches = NOTHING
) -> Contract:
    """A contract with its amendments in their order, after those it uses, each with its own."""
    if len(found.content) > MAX_BYTES:
        raise Refused((messages.text_too_large(Place(found.name)),), {})
    assembled = assemble(found, folder, amendments, path)
    used, mistakes, sources = used_by(assembled, folder, read, amendments)
    document = assembled.document
    if document is not None and not isinstance(document, nodes.Contract):
        mistakes.append(remarks.another_document(Place(found.name), kind_of(document), "a contract"))
    if not isinstance(document, nodes.Contract) or mistakes or not assembled.is_complete:
        raise Refused(told_once((*assembled.diagnostics, *mistakes), sources), sources)
    return _checked(document, assembled, used, sources)


_NAMES_OF_ALL: Final = (UNITS, TOTAL, "all")


def used_by(
    assembled: Assembled, folder: Folder, read: _Read, amendments: Patches = NOTHING
) -> tuple[tuple[Contract, ...], list[Diagnostic], Sources]:
    """The contracts that one uses, what is wrong in them and with their names, and all sources."""
    found: list[Contract] = []
    mistakes: list[Diagnostic] = []
    sources: dict[str, source.Source] = {}
    for each in assembled.contracts:
        contract = _read_once(each, folder, read, amendments)
        sources.update(contract.sources)
        if isinstance(contract, Refused):
            mistakes += contract.diagnostics
        else:
            found.append(contract)
    sources[assembled.source.name] = assembled.source
    return tuple(found), [*mistakes, *_misnamed(assembled, found)], sources


def _read_once(used: Used, folder: Folder, read: _Read, amendments: Patches) -> Contract | Refused:
    """A contract that is used; one that many use is read once."""
    if used.found.key not in read:
        try:
            read[used.found.key] = contract_of(used.found, folder, used.path, read, amendments)
        except Refused as refused:
            read[used.found.key] = refused
    return read[used.found.key]


def _misnamed(assembled: Assembled, used: Sequence[Contract]) -> Iterator[Diagnostic]:
    """Contracts that cannot stand in one together: for their names, or for their number."""
    own = assembled.document
    known = {own.name.text: ""} if isinstance(own, nodes.Contract) else {}
    uses = {each.found.name: each.use for each in assembled.contracts}
    places: dict[str, Place] = {}
    count = 0
    for each in used:
        place = Place(assembled.source.name, uses[each.file].file.span)
        count += each.size
        if count > MAX_USED:
            yield remarks.too_many_used(place, MAX_USED)
            return
        if each.id in places:
            yield remarks.used_twice(place, each.id, places[each.id])
        elif each.id in _NAMES_OF_ALL:
            yield remarks.not_as_a_part(place, each.id)
        else:
            found = {one.id: one.sha256 for one in each.all_used}
            other = (id for id, sha256 in found.items() if known.setdefault(id, sha256) != sha256)
            yield from (remarks.another_of_that_name(place, id) for id in other)
        places.setdefault(each.id, place)


def told_once(diagnostics: Iterable[Diagnostic], sources: Sources) -> tuple[Diagnostic, ...]:
    """What is wrong in a file that several contracts use is told once."""
    found = {
        (each.code, located(each.place, sources), each.labels[0].text): each
        for each in reversed(in_order(diagnostics))
    }
    return tuple(reversed(found.values()))


def _silenced_once(silenced: Iterable[Silenced], sources: Sources) -> tuple[Silenced, ...]:
    """What a file that several contracts use silences, once."""
    found = {
        (each.finding.code, located(each.finding.place, sources), located(each.place, sources)): each
        for each in silenced
    }
    return tuple(found.values())


def _checked(
    document: nodes.Contract,
    assembled: Assembled,
    used: tuple[Contract, ...],
    sources: Mapping[str, source.Source],
) -> Contract:
    """A contract whose texts are all read."""
    name = assembled.source.name
    places = (each.place.span for each in assembled.diagnostics)
    mistaken = [span for span in places if span is not None]
    offered = [exports(each.checked, each.tree) for each in used if each.checked is not None]
    found = check(
        document, name, reserved_names(), mistaken, assembled.libraries, offered, assembled.amendments
    )
    diagnostics = in_order((*assembled.diagnostics, *found.diagnostics))
    if found.checked is None or any(each.is_error for each in diagnostics):
        raise Refused(diagnostics, sources)
    checked = found.checked
    try:
        own = compile_contract(checked, assembled.source, print_node)
    except TooOftenError as error:
        place = Place(name, error.name.span)
        raise Refused((texts.applied_too_often(place, error.name.text),), sources) from None
    tree = linking.linked(own, {each.id: each.tree for each in used}) if used else own
    if len(tree.items) > MAX_ITEMS:
        raise Refused((messages.too_many_items(Place(name, document.name.span), len(tree.items)),), sources)
    mistakes = examples.check_examples(checked, tree) if any(examples_of(checked.node)) else ()
    if any(each.is_error for each in mistakes):
        raise Refused(in_order((*diagnostics, *mistakes)), sources)
    failed = not_as_expected(places_of(checked), trial.decided(own), diagnostics) if own.expected else ()
    diagnostics = (*diagnostics, *mistakes, *failed)
    found_here = in_order((*diagnostics, *outlook(checked, tree), *_contradictions(checked, tree)))
    whole = merged(document, assembled.libraries, assembled.amendments)
    kept, silenced = silence((whole, *assembled.amendments), name, found_here)
    diagnostics = told_once((*kept, *(finding for each in used for finding in each.findings)), sources)
    silenced = _silenced_once((*silenced, *(quiet for each in used for quiet in each.silenced)), sources)
    closes = checked.closes.first if checked.closes is not None else None
    sha256 = sha256_of_all([assembled.sha256, *(each.sha256 for each in used)])
    return Contract(
        checked.id,
        tree.title,
        diagnostics,
        checked.proof,
        checked.rules,
        closes,
        tree,
        sources,
        sha256,
        own,
        used,
        name,
        checked,
        contract_files=frozenset(each.use.file.text for each in assembled.contracts),
        silenced=silenced,
        files=frozenset(_names_of_files(sources)),
    )


def _names_of_files(sources: Sources) -> Iterator[str]:
    for each in sources.values():
        yield each.name
        yield from (name for _, name in each.files)


def _contradictions(checked: Checked, tree: Tree) -> tuple[Diagnostic, ...]:
    """What registers expect, and their own figures contradict whatever is reported."""
    return tabling.contradictions(checked, tree, evaluate(tree, {}, EFFORT)) if checked.registers else ()
