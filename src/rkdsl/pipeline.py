"""The order of the stages: text to contract, contract and actuals to outcome. The public objects live here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import attrs

from rkdsl import messages, source
from rkdsl.actuals.joint import Asked, bind_all, bind_forecasts, day_of, sha256_of
from rkdsl.actuals.json_reader import read_several
from rkdsl.actuals.previous import Previous, read_previous
from rkdsl.actuals.record import FORECASTS, PARAMETER, Name, Record, without_names
from rkdsl.assembly import NOTHING, Assembled, Patches, Used, assemble, kind_of
from rkdsl.contract import contradictions, register_remarks, remarks, texts
from rkdsl.contract.alone import as_contract, told_of
from rkdsl.contract.checker import check
from rkdsl.contract.dated import Dated, Heads, findings, heads, signing
from rkdsl.contract.examples import check_examples, suppositions
from rkdsl.contract.library import merged
from rkdsl.contract.parts import cross_checks
from rkdsl.contract.silencing import silence
from rkdsl.contract.symbols import TOTAL, Checked, CheckedRegister, ProofLine, RuleInForce
from rkdsl.contract.used import UNITS, exports
from rkdsl.diagnostics import Diagnostic, Place, Refused, Silenced, in_order, located
from rkdsl.files import NOWHERE, Folder, Found, sha256_of_all, sha256_of_bytes
from rkdsl.language import nodes
from rkdsl.language.parser import parse, reserved_names
from rkdsl.language.printer import print_node
from rkdsl.outcome import (
    FAILS,
    AmendmentOutcome,
    Danger,
    Deadline,
    ItemOutcome,
    Line,
    RegisterOutcome,
    Result,
    Tried,
    ValueOutcome,
)
from rkdsl.reports import data, text
from rkdsl.rules import deadlines as days
from rkdsl.rules import explanation, forecasts, registers, summary, trial, wording
from rkdsl.rules import tree as rule_tree
from rkdsl.rules.compiler import compile_contract, compile_examples
from rkdsl.rules.coverage import moved
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.ground import TooOftenError
from rkdsl.rules.linking import linked, linked_in_places
from rkdsl.rules.outlook import EFFORT, outlook
from rkdsl.rules.plan import Plan
from rkdsl.rules.tree import Tree
from rkdsl.scorer import Scorer
from rkdsl.trials import Trials
from rkdsl.values import MAX_BYTES, MAX_ITEMS, MAX_USED
from rkdsl.versions import Versions

Sources = Mapping[str, source.Source]
Told = Mapping[str, Any] | str | Path
"""A JSON file, or what stands in it."""


def names_of(contract: Contract) -> frozenset[tuple[str, Name]]:
    """What may be told of a contract and of those it uses: the contract, and the kind and name of each."""
    return frozenset(
        (one.id, (each.kind, each.id)) for one in contract.all_used for each in (one.own or one.tree).fields
    )


@attrs.frozen
class Explanation:
    """How a figure came about: `lines` in order, each after those it needs. `str()` shows it."""

    id: str
    title: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return text.explanation(self.id, self.title, self.lines)


@attrs.frozen
class Outcome(Result):
    """What a contract comes to with given actuals on a given day, with the way it came about."""

    tree: Tree = attrs.field(repr=False, kw_only=True)
    trace: Values = attrs.field(repr=False, eq=False, kw_only=True)
    checked: Checked | None = attrs.field(default=None, repr=False, eq=False, kw_only=True)

    def item(self, name: str) -> ItemOutcome:
        """The goal or requirement of that name. Raises KeyError when there is none."""
        return {each.id: each for each in self.items}[name]

    def value(self, name: str) -> ValueOutcome:
        """The named value of that name. Raises KeyError when there is none."""
        return {each.id: each for each in self.values}[name]

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Every day that the contract names, in order, with what is done, reported or overdue."""
        if self.checked is None:
            return ()
        return days.deadlines(self.checked, self.tree, self.registers, self.trace, self.as_of)

    def explain(self, name: str = "total") -> Explanation:
        """How the points of an item or section, the `total` or a named value came about.

        Raises KeyError when the contract has nothing of that name, or it has neither points nor condition.
        """
        ref, title = self._roots[name]
        lines = explanation.explain(self.tree, self.trace, ref)
        found = [item for item in self.tree.items if item.id == name]
        standings = {standing for item in found for standing, _ in self.item(item.id).shown}
        for each in (shown for item in found for shown in item.shown if shown.standing in standings):
            lines += explanation.aside(self.tree, self.trace, each, lines)
        return Explanation(name, title, lines)

    @property
    def explainable(self) -> tuple[str, ...]:
        """The names `explain` takes, in the contract's order."""
        return tuple(self._roots)

    def to_dict(self) -> dict[str, Any]:
        """The outcome as plain data (`rkdsl-outcome/1`); numbers are int or Decimal."""
        return data.outcome_data(self)

    @property
    def _roots(self) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        for item in self.tree.items:
            ref = item.points if item.points is not None else item.condition
            if ref is not None:
                found[item.id] = (ref, item.title)
        for section in self.tree.sections:
            if section.points is not None:
                found[section.id] = (section.points, section.title)
        for value in self.tree.values:
            found.setdefault(value.id, (value.of, value.title or value.id))
        for ref, row in enumerate(self.tree.rows):  # values read in the period of their user
            if isinstance(row, rule_tree.Name) and row.role == "value" and "@" in row.id:
                found.setdefault(row.id, (ref, row.title))
        if self.tree.total is not None:
            found["total"] = (self.tree.total, self.title)
        return found


@attrs.frozen
class Contract:
    """A contract that was read, checked and compiled. Immutable, and safe to share between threads.

    With amendments it is the contract as they leave it at the end of the time that binds; `evaluate` takes those
    that hold for the day it is asked for. `known` is what any version asks for: actuals may tell all of it;
    `files` are those that any version was read from.

    `findings` are those that the contract does not silence itself; the others are in `silenced`, with the reason.
    """

    id: str
    title: str
    findings: tuple[Diagnostic, ...]
    proof: tuple[ProofLine, ...]
    rules: tuple[RuleInForce, ...]
    closes: datetime.date | None
    tree: Tree = attrs.field(repr=False)
    sources: Mapping[str, source.Source] = attrs.field(repr=False)
    sha256: str = ""
    own: Tree | None = attrs.field(default=None, repr=False, eq=False)
    used: tuple[Contract, ...] = attrs.field(default=(), repr=False)
    file: str = attrs.field(default="", repr=False, eq=False)
    checked: Checked | None = attrs.field(default=None, repr=False, eq=False)
    silenced: tuple[Silenced, ...] = attrs.field(default=(), repr=False)
    versions: Versions[Contract] | None = attrs.field(default=None, repr=False, eq=False)
    contract_files: frozenset[str] = attrs.field(default=frozenset(), repr=False, eq=False)
    known: frozenset[tuple[str, Name]] = attrs.field(default=frozenset(), repr=False, eq=False)
    files: frozenset[str] = attrs.field(default=frozenset(), repr=False, eq=False)

    @property
    def as_signed(self) -> Contract:
        """The contract without its amendments."""
        return self if self.versions is None else self.versions.of(())

    def amended(self, day: datetime.date | str | None = None) -> Contract:
        """The contract as known and in force on a day; without one, with all amendments, also those not signed.

        Raises `Refused` where the amendments of the day do not fit together.
        """
        if self.versions is None:
            return self
        if day is None:
            return self.versions.of(self.versions.dated)
        return self.versions.holding(self.versions.told(_day(day), exact=True))

    @property
    def amendments(self) -> tuple[AmendmentOutcome, ...]:
        """The amendments in their order, and of each whether it holds at the end of the time that binds."""
        return self.versions.told(None) if self.versions is not None else ()

    def evaluate(
        self,
        actuals: Told | Sequence[Told],
        as_of: datetime.date | str | None = None,
        *,
        previous: Told | None = None,
        as_signed: bool = False,
    ) -> Outcome:
        """The outcome for actuals: a path, or the data of such a file as a mapping; several, where the contract
        uses others, each for the contract that it names.

        `as_of` is the day whose knowledge counts; without it the day that the actuals state. Of the amendments
        those are applied that were signed by that day and are in force on it, if it is given here, else at the
        end of the time that binds; with `as_signed` none. `previous` is the
        outcome of the period before, a path or what `to_dict` gave: what the contract carries over is read from
        it. Raises `Refused` with every mistake found, OSError when a file cannot be read, and ValueError for an
        `as_of` that is no day or a figure in a mapping that is no decimal.

        >>> contract = loads(EXAMPLE)
        >>> outcome = contract.evaluate({"contract": "k", "readings": {"x": {"2026": 4}}}, "2027-01-31")
        >>> outcome.points
        Points(secured=Fraction(10, 1), possible=Fraction(10, 1), maximum=Fraction(10, 1))
        >>> open_still = contract.evaluate({"contract": "k"}, "2026-06-30")
        >>> open_still.item("g").state, open_still.points.secured, open_still.points.possible
        ('pending', Fraction(0, 1), Fraction(10, 1))
        """
        before = None if previous is None else _content(previous, "previous")
        several = [actuals] if isinstance(actuals, Mapping | str | Path) else list(actuals)
        contents = [_content(each, "actuals") for each in several]
        return self.evaluate_bytes(contents, _day(as_of), before, as_signed=as_signed)

    def scorer(self, as_of: datetime.date | str) -> Scorer:
        """What scores many records of this contract as of one day, each a flat mapping, quicker than `evaluate`.

        Raises ValueError for a contract that uses others, and for an `as_of` that is no day.

        >>> scorer = loads(EXAMPLE).scorer("2027-01-31")
        >>> scorer.keys
        ('readings.x.2026',)
        >>> scores = scorer({"readings.x.2026": 4})
        >>> scores.points, scores.state_of("g")
        (Points(secured=Fraction(10, 1), possible=Fraction(10, 1), maximum=Fraction(10, 1)), 'met')
        """
        day = _day(as_of)
        assert day is not None
        version = self
        if self.versions is not None:
            version = self.versions.holding(self.versions.told(day, exact=True, as_signed=False))
        if version.used:
            raise ValueError(f"{self.id} uses other contracts: it is evaluated with their actuals")
        return Scorer(version.tree, version._plan, day, lambda actuals: self.evaluate(actuals, day))

    def evaluate_bytes(
        self,
        actuals: Sequence[tuple[str, bytes]],
        as_of: datetime.date | None = None,
        previous: tuple[str, bytes] | None = None,
        *,
        as_signed: bool = False,
    ) -> Outcome:
        """The outcome for the bytes of files of actuals, each with the name that messages call it.

        `previous` is the name and the bytes of the outcome of the period before.
        """
        read_all = [read_several(name, content) for name, content in actuals]
        mistakes = tuple(each for _, found in read_all for each in found)
        records = [each for found, _ in read_all for each in found]
        before, more = (None, ()) if previous is None else read_previous(*previous)
        if any(each.is_error for each in (*mistakes, *more)):
            raise Refused((*mistakes, *more), {})
        day, different = (as_of, ()) if as_of is not None else day_of(records)
        if day is None:
            raise Refused(different or (messages.no_as_of(Place(actuals[0][0])),), {})
        if self.versions is None:
            return self._evaluate(self._asked_of(records), day, mistakes, before)
        told = self.versions.told(day, exact=as_of is not None, as_signed=as_signed)
        version = self.versions.holding(told)
        outcome = version._evaluate(version._asked_of(records), day, mistakes, before)
        return attrs.evolve(outcome, amendments=told)

    def _asked_of(self, records: Sequence[Record]) -> list[Record]:
        """The records without what only other versions of the contract ask for."""
        elsewhere = self.known - names_of(self)
        if not elsewhere:
            return list(records)
        return [
            without_names(each, frozenset(name for contract, name in elsewhere if contract == each.contract))
            for each in records
        ]

    @cached_property
    def registers(self) -> tuple[RegisterOutcome, ...]:
        """The tables beside the score as the text states them, with nothing reported."""
        if not self._registers:
            return ()
        values = evaluate(self._plan, {})
        known = summary.values(self.tree, values, datetime.date.min)
        return registers.told(self.checked, self.tree, values, known)

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Every day that the contract names, in order."""
        return () if self.checked is None else days.deadlines(self.checked, self.tree, self.registers)

    @property
    def _asked(self) -> Asked:
        """What records may tell of: this contract, and those it uses."""
        published = tuple(each for each in self.tree.fields if each.kind == PARAMETER)
        return Asked(self.id, self.own or self.tree, tuple(each._asked for each in self.used), published)

    def _evaluate(
        self,
        records: Sequence[Record],
        as_of: datetime.date,
        findings: tuple[Diagnostic, ...],
        previous: Previous | None,
    ) -> Outcome:
        binding = bind_all(records, self._asked, as_of, previous)
        if any(each.is_error for each in binding.diagnostics):
            raise Refused(binding.diagnostics, {})
        expected = bind_forecasts(records, self._asked, as_of)
        if expected.diagnostics:
            raise Refused(expected.diagnostics, {})
        values = evaluate(self._plan, binding.given)
        total, maximum = self.tree.total, self.tree.maximum
        points, state, why = None, "", ""
        may_become: tuple[str, ...] = ()
        if total is not None and maximum is not None:
            points = summary.points_of(values.row(total), values.row(maximum))
            state, why = summary.state_of(values.row(total)), summary.why_of(values.row(total))
            may_become = summary.may_become_of(values.row(total))
        everything = summary.values(self.tree, values, as_of)
        told = tuple(each for each in everything if each.id not in self._generated)
        tables = registers.told(self.checked, self.tree, values, everything)
        items = summary.items(self.tree, values, as_of)
        notices = forecasts.notices(tables)
        dangers = forecasts.dangers(
            self._plan, self.tree, values, items, binding.given, expected.given, notices, as_of
        )
        endangered = [_danger(each, records) for each in dangers]
        checks = trial.cross_checked(self.tree, values, items)
        own = tuple(each for each in self.findings if each.code != remarks.NOT_AS_EXPECTED)
        failed = _failed(self._places, checks, own)
        found = (*own, *failed, *findings, *binding.diagnostics, *self._contradicted(values), *endangered)
        return Outcome(
            self.id,
            self.title,
            as_of,
            state,
            points,
            str(self.tree.unit),
            items,
            summary.sections(self.tree, values),
            self._sentences(found),
            {
                "contract": self.sha256,
                "actuals": sha256_of(records),
                **({"previous": previous.sha256} if previous is not None else {}),
            },
            "; ".join(dict.fromkeys(each.note for each in records if each.note)),
            may_become,
            told,
            next((each for each in told if each.id == self.tree.result), None),
            why,
            tuple(each for each in summary.wide(self.tree, values) if each[0] not in self._generated),
            registers=tables,
            dangers=dangers,
            expected=checks,
            tree=self.tree,
            trace=values,
            checked=self.checked,
        )

    @property
    def _registers(self) -> tuple[CheckedRegister, ...]:
        return () if self.checked is None else self.checked.registers

    @cached_property
    def _generated(self) -> frozenset[str]:
        """The values that registers are made of, those of the contracts used among them."""
        inner = (f"{each.id}.{name}" for each in self.used for name in each._generated)
        return frozenset((*registers.generated(self._registers), *inner))

    def _contradicted(self, values: Values) -> list[Diagnostic]:
        """What registers expect, and what is reported contradicts."""
        if self.checked is None:
            return []
        return registers.contradicted(self.checked, self.tree, values, self.findings)

    @property
    def _places(self) -> tuple[Place, ...]:
        """Where each expectation of the tree stands: those of contracts that are used come first."""
        found = tuple(place for each in self.used for place in each._places)
        return (*found, *(_places_of(self.checked) if self.checked is not None else ()))

    def test(self) -> Trials:
        """The contract's examples with what came of them, and what of the contract no example touches.

        >>> tried = loads(EXAMPLE).test()
        >>> tried.holds, len(tried.untouched)
        (True, 5)
        """
        assert self.checked is not None
        text = self.sources[self.checked.file]
        own, ways = compile_examples(self.checked, text, print_node)
        tree, refs = linked_in_places(own, {each.id: each.tree for each in self.used})
        supposed = suppositions(self.checked, tree, text)
        tried, covered = trial.try_out(tree, moved(ways, refs), supposed, text)
        return Trials(self.id, self.title, tried, covered)

    def _sentences(self, findings: tuple[Diagnostic, ...]) -> tuple[tuple[str, str], ...]:
        """Each finding as its place and one sentence."""
        return tuple(
            (located(each.place, self.sources), f"{each.code} {each.title}: {each.labels[0].text}")
            for each in in_order(findings)
        )

    @property
    def all_used(self) -> Iterator[Contract]:
        """This contract and all that it uses, those used by others among them. Uses are nested a few levels."""
        yield self
        for each in self.used:
            yield from each.all_used

    @property
    def size(self) -> int:
        """How many contracts this is with all that it uses, each as often as it is a part."""
        return 1 + sum(each.size for each in self.used)

    @cached_property
    def _plan(self) -> Plan:
        """What all evaluations share."""
        return Plan(self.tree)

    @cached_property
    def kept(self) -> dict[object, object]:
        """What others work out of the contract once, by what they know it by."""
        return {}

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """The goals and requirements, in order."""
        return tuple(each.id for each in self.tree.items)


EXAMPLE: Final = """
contract k "An example" { period 2026  total 10 points
  measure x "Complaints" { unit complaints  lower is better  each year }
  goal g "Few complaints" { weight 10  target x in 2026 at most 5 }
}
"""
"""The contract of the examples in these docstrings."""


def load(path: str | Path, amendments: Sequence[str | Path] = ()) -> Contract:
    """The contract in a `.rk` file, with its amendments, and what it uses below its folder.

    Raises `Refused` with every mistake found, OSError when a file cannot be read.
    """
    patches = [(str(each), read_limited(Path(each))) for each in amendments]
    return loads_bytes(read_limited(Path(path)), str(path), folder_of(str(path)), patches)


def loads(text: str, name: str = "contract.rk", amendments: Sequence[str] = ()) -> Contract:
    """The contract in a text; `name` is what messages call it. Raises `Refused` with every mistake found.

    `amendments` are texts too, called `amendment-1.rk` and so on. They may use standard libraries and no files:
    those are looked for beside a contract that comes from a file.

    >>> loads(EXAMPLE).item_ids
    ('g',)
    >>> try:
    ...     loads(EXAMPLE.replace("weight 10", "weight 15"))
    ... except Refused as refused:
    ...     refused.diagnostics[0].code, refused.diagnostics[0].title
    ('RK416', 'a total that does not add up')
    """
    patches = [(f"amendment-{place}.rk", _encoded(each)) for place, each in enumerate(amendments, 1)]
    return loads_bytes(_encoded(text), name, amendments=patches)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def folder_of(path: str) -> Folder:
    """Where what a contract uses is looked for: below the folder it lies in."""
    parent = Path(path).parent
    return Folder(parent, "" if str(parent) == "." else str(parent))


class Looked(NamedTuple):
    """What there is to say of a text by itself: what it is (`contract`, `library`), and what was found in it.

    `contract` is None where it is none, or refused.
    """

    kind: str
    contract: Contract | None
    findings: tuple[Diagnostic, ...]
    sources: Sources
    silenced: tuple[Silenced, ...] = ()


def look(
    content: bytes, name: str, folder: Folder = NOWHERE, amendments: Sequence[tuple[str, bytes]] = ()
) -> Looked:
    """What there is to say of the bytes of a file: a contract or a library. Raises `Refused` with every mistake."""
    assembled = assemble(_found(name, content), folder)
    if isinstance(assembled.document, nodes.Library) and not amendments:
        return _library(assembled.document, assembled, folder)
    contract = loads_bytes(content, name, folder, amendments)
    return Looked("contract", contract, contract.findings, contract.sources, contract.silenced)


def _library(library: nodes.Library, assembled: Assembled, folder: Folder) -> Looked:
    """A library, looked at as a contract that has all of it."""
    used, mistakes, sources = _used(assembled, folder, {})
    offered = [exports(each.checked, each.tree) for each in used if each.checked is not None]
    if mistakes or not assembled.is_complete:
        raise Refused(_told_once((*assembled.diagnostics, *mistakes), sources), sources)
    name, places = assembled.source.name, [each.place.span for each in assembled.diagnostics]
    mistaken = [span for span in places if span is not None]
    found = check(as_contract(library), name, reserved_names(), mistaken, assembled.libraries, offered)
    diagnostics = (*assembled.diagnostics, *told_of(library, found.diagnostics))
    told = _told_once(diagnostics, sources)
    if any(each.is_error for each in told):
        raise Refused(told, sources)
    kept, silenced = silence((merged(as_contract(library), assembled.libraries),), name, told)
    return Looked("library", None, kept, sources, silenced)


def loads_bytes(
    content: bytes, name: str, folder: Folder = NOWHERE, amendments: Sequence[tuple[str, bytes]] = ()
) -> Contract:
    """The contract in the bytes of a file, with its amendments, each with what messages call it."""
    found = _found(name, content)
    contract = _contract(found, folder, (), {})
    if not amendments:
        return contract
    return _with_amendments(contract, found, folder, [_found(*each) for each in amendments])


def _found(name: str, content: bytes) -> Found:
    return Found(Path(name).name, name, content)


def _with_amendments(signed: Contract, found: Found, folder: Folder, amendments: Sequence[Found]) -> Contract:
    """The contract with amendments, after each of them was looked at in its order."""
    assert signed.checked is not None
    read_all, sources = _patches(amendments)
    written = {each.id: each.checked.written for each in signed.all_used if each.checked is not None}
    contracts = {name: each for name, each in written.items() if each is not None}
    file_of = {each.id: each.file for each in signed.all_used}
    known = heads(read_all, signed.id, contracts)
    changes = {each.index: each.node.of.text for each in known.dated}
    sources.update(signed.sources)
    if len(read_all) < len(amendments) or known.diagnostics:
        raise _refused(signed.id, found, folder, amendments, known, sources)
    binding = signed.checked.binding or signed.checked.period
    end = binding.last if binding is not None else None
    signings = {
        name: day for name, each in contracts.items() if (day := signing(file_of[name], each)) is not None
    }
    told = tuple(findings(known.dated, end, signings))

    names = set(names_of(signed))
    files = set(signed.files)

    def build(places: tuple[int, ...]) -> Contract:
        patches: dict[str, list[Found]] = {}
        for each in places:
            patches.setdefault(changes[each], []).append(amendments[each])
        version = _contract(found, folder, (), {}, patches)
        shown = in_order((*version.findings, *told))
        names.update(names_of(version))
        files.update(version.files)
        return attrs.evolve(version, findings=shown, sources={**sources, **version.sources})

    hashes = {each.node.name.text: sha256_of_bytes(amendments[each.index].content) for each in known.dated}
    versions = Versions(known.dated, end, build, hashes)
    for count in range(1, len(known.dated) + 1):
        try:
            versions.of(known.dated[:count])
        except Refused as refused:
            raise _after(known.dated[count - 1], refused) from None
    known_to_all, of_all = frozenset(names), frozenset(files)
    versions = attrs.evolve(
        versions, build=lambda places: attrs.evolve(build(places), known=known_to_all, files=of_all)
    )
    return attrs.evolve(versions.holding(versions.told(None)), versions=versions)


def _after(amendment: Dated, refused: Refused) -> Refused:
    """What is wrong with a version; mistakes elsewhere say by which amendment they came about."""
    told = []
    for each in refused.diagnostics:
        is_elsewhere = each.is_error and not located(each.place, refused.sources).startswith(amendment.file)
        note = f"so it is after the amendment {messages.quoted(amendment.node.name.text)} ({amendment.file})"
        told.append(
            attrs.evolve(each, note="\n".join(filter(None, (each.note, note)))) if is_elsewhere else each
        )
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


_Read = dict[str, "Contract | Refused"]
"""The contracts read so far, by the key of their file."""


def _contract(
    found: Found, folder: Folder, path: tuple[str, ...], read: _Read, amendments: Patches = NOTHING
) -> Contract:
    """A contract with its amendments in their order, after those it uses, each with its own."""
    if len(found.content) > MAX_BYTES:
        raise Refused((messages.text_too_large(Place(found.name)),), {})
    assembled = assemble(found, folder, amendments, path)
    used, mistakes, sources = _used(assembled, folder, read, amendments)
    document = assembled.document
    if document is not None and not isinstance(document, nodes.Contract):
        mistakes.append(remarks.another_document(Place(found.name), kind_of(document), "a contract"))
    if not isinstance(document, nodes.Contract) or mistakes or not assembled.is_complete:
        raise Refused(_told_once((*assembled.diagnostics, *mistakes), sources), sources)
    return _checked(document, assembled, used, sources)


_NAMES_OF_ALL: Final = (UNITS, TOTAL, "all")


def _used(
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
            read[used.found.key] = _contract(used.found, folder, used.path, read, amendments)
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


def _told_once(diagnostics: Iterable[Diagnostic], sources: Sources) -> tuple[Diagnostic, ...]:
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
    tree = linked(own, {each.id: each.tree for each in used})
    if len(tree.items) > MAX_ITEMS:
        raise Refused((messages.too_many_items(Place(name, document.name.span), len(tree.items)),), sources)
    mistakes = check_examples(checked, tree)
    if any(each.is_error for each in mistakes):
        raise Refused(in_order((*diagnostics, *mistakes)), sources)
    failed = _failed(_places_of(checked), trial.decided(own), diagnostics) if own.expected else ()
    diagnostics = (*diagnostics, *mistakes, *failed)
    found_here = in_order((*diagnostics, *outlook(checked, tree), *_contradictions(checked, tree)))
    whole = merged(document, assembled.libraries, assembled.amendments)
    kept, silenced = silence((whole, *assembled.amendments), name, found_here)
    diagnostics = _told_once((*kept, *(finding for each in used for finding in each.findings)), sources)
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


def _danger(danger: Danger, records: Sequence[Record]) -> Diagnostic:
    """The finding that forecasts put an item in danger, at the first of them."""
    names = [name.partition(" in ")[0] for name, _ in danger.forecasts]
    said = [(each, report.key) for each in records for report in each.forecasts if report.id in names]
    record, key = said[-1] if said else (records[0], FORECASTS)
    figures = "; ".join(f"{name}: {text}" for name, text in danger.forecasts)
    lost = forecasts.loss(danger.before, danger.points)
    points = f", {wording.number(lost)} points fewer" if lost else ""
    return register_remarks.in_danger(Place(record.file, key=key), danger.item, danger.state, points, figures)


def _contradictions(checked: Checked, tree: Tree) -> tuple[Diagnostic, ...]:
    """What registers expect, and their own figures contradict whatever is reported."""
    return registers.contradictions(checked, tree, evaluate(tree, {}, EFFORT)) if checked.registers else ()


def _places_of(checked: Checked) -> tuple[Place, ...]:
    """Where a contract says what it expects beside its score."""
    found = cross_checks(checked.node, checked.sections, checked.items)
    return tuple(Place(checked.file, each.span) for each in found)


def _failed(
    places: Sequence[Place], expected: Sequence[Tried], told: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """A finding for each expectation that fails, but where it was told that it cannot hold."""
    impossible = [each.place for each in told if each.code in contradictions.CANNOT_HOLD]
    return tuple(
        remarks.not_as_expected(
            place, each.why, [(one.text, one.found) for one in each.conditions if one.verdict == FAILS]
        )
        for place, each in zip(places, expected, strict=True)
        if each.verdict == FAILS and not any(_is_within(one, place) for one in impossible)
    )


def _is_within(inner: Place, outer: Place) -> bool:
    if inner.span is None or outer.span is None or inner.file != outer.file:
        return False
    return outer.span.start <= inner.span.start and inner.span.end <= outer.span.end


def read_limited(path: Path) -> bytes:
    """The bytes of a file, no more than one over the limit, so that the reader can refuse it."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _content(found: Told, called: str) -> tuple[str, bytes]:
    """The bytes of a file or a mapping; a mapping has the name that it is called by."""
    if isinstance(found, str | Path):
        return str(found), read_limited(Path(found))
    return called, data.encode(found)


def _day(as_of: datetime.date | str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
