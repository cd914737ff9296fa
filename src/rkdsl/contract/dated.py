"""The days of amendments: in which order they hold, from when, and which of them hold on a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from rkdsl import messages
from rkdsl.contract import remarks
from rkdsl.contract.amending import common, touched
from rkdsl.contract.report import Report
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.language import nodes
from rkdsl.values import Period


@frozen
class Dated:
    """An amendment of a file, the day it was signed (None: not yet), and the first day of its effect.

    `index` is its place among those given.
    """

    index: int
    file: str
    node: nodes.Amendment
    signed: datetime.date | None
    effect: datetime.date

    @property
    def place(self) -> Place:
        """Where its name stands."""
        return Place(self.file, self.node.name.span)


@frozen
class Signing:
    """When a contract was signed, as it says, and where it says so."""

    period: Period
    place: Place


def signing(file: str, contract: nodes.Contract) -> Signing | None:
    """When a contract of a file was signed; None where it was not, or does not say."""
    days = (each.day for each in contract.statements if isinstance(each, nodes.Signed))
    day = next(days, None)
    if not isinstance(day, nodes.PeriodLiteral) or day.period is None:
        return None
    return Signing(day.period, Place(file, day.span))


@frozen
class Heads:
    """The amendments in the order in which they are applied, and what is wrong with their days and names."""

    dated: tuple[Dated, ...]
    diagnostics: tuple[Diagnostic, ...]


def heads(
    found: Sequence[tuple[str, nodes.Amendment]], name: str, contracts: Mapping[str, nodes.Contract]
) -> Heads:
    """What amendments, each with the name of its file, say of themselves. Those not signed yet come last.

    They change the contract called `name`, or another one of `contracts`, which it uses.
    """
    diagnostics: list[Diagnostic] = []
    dated: list[Dated] = []
    names: dict[str, Place] = {}
    for index, (file, node) in enumerate(found):
        report = Report(file)
        place = report.place(node.name.span)
        if node.of.text not in contracts:
            report.add(remarks.of_another_contract(report.place(node.of.span), node.of.text, name))
        if node.name.text in names:
            report.add(remarks.amended_twice(place, node.name.text, names[node.name.text]))
        names.setdefault(node.name.text, place)
        each = _dated(index, file, node, report)
        dated += [each] if each is not None else []
        diagnostics += report.diagnostics
    dated.sort(key=lambda each: (each.signed or datetime.date.max, each.signed is None, each.node.name.text))
    if not diagnostics:
        diagnostics += _overlaps(dated, contracts)
    return Heads(tuple(dated), tuple(diagnostics))


def _dated(index: int, file: str, node: nodes.Amendment, report: Report) -> Dated | None:
    report.once(node.statements, (nodes.Signed, nodes.TakesEffect))
    signed = next((each for each in node.statements if isinstance(each, nodes.Signed)), None)
    effect = next((each for each in node.statements if isinstance(each, nodes.TakesEffect)), None)
    lacking = [word for word, each in (("signed", signed), ("from", effect)) if each is None]
    if signed is None or effect is None:
        report.add(remarks.without_days(report.place(node.name.span), node.name.text, lacking))
        return None
    begins = report.period(effect.period)
    day = None
    if isinstance(signed.day, nodes.Undecided):
        report.undecided_period(signed.day)
    else:
        period = report.period(signed.day)
        if period is None:
            return None
        if period.kind != "day":
            report.add(messages.one_day_wanted(report.place(signed.day.span), str(period)))
        day = period.first
    return Dated(index, file, node, day, begins.first) if begins is not None else None


def _overlaps(dated: Sequence[Dated], contracts: Mapping[str, nodes.Contract]) -> Iterator[Diagnostic]:
    """Amendments signed on one day that change the same thing: neither comes after the other."""
    for index, each in enumerate(dated):
        same_day = [one for one in dated[:index] if one.signed == each.signed and each.signed is not None]
        for first in (one for one in same_day if one.node.of.text == each.node.of.text):
            contract = contracts[each.node.of.text]
            changed, other = touched(first.node, contract), touched(each.node, contract)
            both = common(changed, other)
            if both is not None:
                there, here = Place(first.file, changed[both[0]]), Place(each.file, other[both[1]])
                yield remarks.overlapping(
                    here, in_words(both[1]), f"{each.signed}", there, first.node.name.text
                )


def in_words(key: Sequence[str]) -> str:
    """What is changed, as an author says it."""
    kind, *others = key
    return " ".join(others) or kind


def why_not(each: Dated, day: datetime.date | None, end: datetime.date | None, *, exact: bool) -> str:
    """Why an amendment does not hold: for what is known on a day, and in force at an end; nothing where it does.

    `exact` says that the end is the day itself, and not the end of the time that binds.
    """
    if each.signed is None:
        return "not signed"
    if day is not None and each.signed > day:
        return f"signed {each.signed}, after {day}"
    if end is not None and each.effect > end:
        until = f"{end}" if exact else f"the time that binds ends ({end})"
        return f"takes effect {each.effect}, after {until}"
    return ""


def findings(
    dated: Iterable[Dated], end: datetime.date | None, signings: Mapping[str, Signing]
) -> Iterator[Diagnostic]:
    """Amendments that are not in force, come too late for what is scored, or before what they change.

    `signings` are those of the contracts, by their names.
    """
    for each in dated:
        of = each.node.of.text
        signing = signings.get(of)
        if each.signed is not None and signing is not None and each.signed < signing.period.first:
            days = (f"{each.signed}", of, f"{signing.period}")
            yield remarks.before_the_contract(each.place, each.node.name.text, *days, signing.place)
        name = each.node.name.text
        if each.signed is None:
            yield remarks.not_signed(each.place, name)
        elif end is not None and each.effect > end:
            yield remarks.after_the_time(each.place, name, f"{each.effect}", f"{end}")
