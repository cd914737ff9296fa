"""A contract and what was reported, made into the draft of its next year and looked at."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from rkdsl.actuals.json_reader import read_several
from rkdsl.actuals.record import CONTRACT, PARAMETER, READING, Record, Report
from rkdsl.contract import remarks
from rkdsl.contract.report import inside
from rkdsl.contract.rolling import Files, Note, Read, rolled
from rkdsl.diagnostics import Place, Refused
from rkdsl.files import NOWHERE, STANDARD, Folder, Found
from rkdsl.language import nodes
from rkdsl.language.parser import parse
from rkdsl.language.printer import print_contract
from rkdsl.pipeline import Contract, loads_bytes
from rkdsl.source import from_bytes, shown
from rkdsl.values import Period, parse_period, year_after


@frozen
class NextYear:
    """The text of the draft, without remarks, and what is to be decided in it."""

    contract: str
    notes: tuple[Note, ...]

    @property
    def text(self) -> str:
        """The draft with what is to be decided in remarks below it."""
        lines = [
            f"# to decide: {f'{each.id}: ' if each.id else ''}{shown(each.text, 300)}" for each in self.notes
        ]
        return "\n".join([self.contract, *lines, *([""] if lines else [])])


def next_year(
    contract: Contract,
    actuals: Sequence[tuple[str, bytes]] = (),
    as_of: datetime.date | None = None,
    folder: Folder = NOWHERE,
) -> NextYear:
    """The draft of the year after the one that binds, with the readings known by a day as history.

    Raises `Refused` where contract, actuals or draft have mistakes.
    """
    version = contract if as_of is None else contract.amended(as_of)
    checked = version.checked
    assert checked is not None
    place = Place(checked.file, checked.node.name.span)
    binds = checked.binding or checked.period
    if binds is None:
        hint = "write it: `period 2026`"
        raise Refused((remarks.cannot_roll(place, "the contract has no period", hint),), version.sources)
    if year_after(Period(binds.first, max([binds.last, *_last_days(checked.written)]))) is None:
        raise Refused((remarks.cannot_roll(place, "there is no year after this one"),), version.sources)
    readings = _readings(version, actuals, as_of) if actuals else {}
    draft = rolled(checked, binds, readings, _files(version))
    text = print_contract(draft.contract)
    name = "draft.rk"
    try:
        loads_bytes(text.encode(), name, folder)
    except Refused as refused:
        why = remarks.cannot_roll(
            place, "its draft has mistakes", "what is mistaken stands below, in the draft"
        )
        sources = {**version.sources, **{f"{each}": found for each, found in refused.sources.items()}}
        raise Refused((why, *refused.diagnostics), sources) from None
    return NextYear(text, (*draft.notes, *_of_parts(contract, as_of)))


def _of_parts(contract: Contract, as_of: datetime.date | None) -> Iterator[Note]:
    """The amendments that hold and change a contract that is used: the draft has nothing of them."""
    if contract.versions is None:
        return
    told = contract.versions.told(as_of, exact=as_of is not None)
    for each, outcome in zip(contract.versions.dated, told, strict=True):
        of, name = each.node.of.text, each.node.name.text
        if outcome.is_applied and of != contract.id:
            text = f"the amendment `{name}` of `{of}` is not in this draft: roll `{of}` with {each.file}"
            yield Note("", text)


def _files(version: Contract) -> Files:
    """The files of contracts that are used, and the standard libraries that the draft can go on using.

    It cannot use one of which an amendment declares something otherwise: all of that is written out.
    """
    assert version.checked is not None
    assert version.checked.written is not None
    text = version.sources[version.checked.file]

    def library(node: nodes.Node) -> str:
        file = text.file(node.span.start)
        return file if file.startswith(STANDARD) else ""

    declared: dict[str, set[str]] = {}
    for each in version.checked.written.statements:
        if isinstance(each, nodes.Register) and each.title is not None:
            declared.setdefault(library(each), set()).add(each.name.text)
    used = {name for _, name in text.files if name.startswith(STANDARD)}
    kept = frozenset(each for each in used if not _offered(each) & declared.get("", set()))
    return Files(version.contract_files, kept, lambda node: name if (name := library(node)) in kept else "")


def _offered(library: str) -> set[str]:
    """The names of the registers of a standard library."""
    found = NOWHERE.find(library, "")
    assert isinstance(found, Found)
    document = parse(from_bytes(library, found.content)).document
    assert document is not None
    return {each.name.text for each in document.statements if isinstance(each, nodes.Register)}


def _last_days(contract: nodes.Contract | None) -> Iterator[datetime.date]:
    found = inside(contract) if contract is not None else ()
    periods = (each.period for each in found if isinstance(each, nodes.PeriodLiteral))
    return (each.last for each in periods if each is not None)


def _readings(
    version: Contract, actuals: Sequence[tuple[str, bytes]], as_of: datetime.date | None
) -> Mapping[str, Sequence[Read]]:
    """For each measure and parameter what is known of it by the day: of corrections the last."""
    day = version.evaluate_bytes(actuals, as_of).as_of  # refuses what does not fit the contract
    found: dict[str, list[Read]] = {}
    for name, content in actuals:
        for record in read_several(name, content)[0]:
            for id, each in _last_known(record, day) if record.contract == version.id else ():
                found.setdefault(id, []).append(each)
    return found


def _last_known(record: Record, day: datetime.date) -> Iterator[tuple[str, Read]]:
    chains: dict[tuple[str, str], list[Report]] = {}
    for each in record.reports:
        if each.kind in (READING, PARAMETER) and each.period and "." not in each.id:
            chains.setdefault((each.id, each.period), []).append(each)
    for (id, text), reports in chains.items():
        period = parse_period(text)
        assert period is not None
        known = [each for each in reports if (each.reported or period.last) <= day]
        if known:
            last = max(known, key=lambda each: each.reported or datetime.date.min)
            corrects = any(each.corrects == CONTRACT for each in known)
            yield id, Read(period, _written(last), _source(last, record.file), corrects)


def _source(report: Report, file: str) -> str:
    parts = [report.source or file]
    if report.reported is not None:
        parts.append(f"reported {report.reported}")
    return ", ".join(parts)


def _written(report: Report) -> nodes.Expression | None:
    """A reported value as a contract writes it: a number or a day."""
    value = report.value
    if isinstance(value, bool):
        return None
    if isinstance(value, Fraction):
        places = next(each for each in range(80) if (value * 10**each).denominator == 1)
        return nodes.Quantity(value, places)
    if isinstance(value, datetime.date):
        return nodes.PeriodLiteral(Period(value, value))
    return None
