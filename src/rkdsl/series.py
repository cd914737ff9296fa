"""The series of a measure: history, target, guideline and what was reported, period by period."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from rkdsl.actuals.json_reader import read_several
from rkdsl.actuals.record import PARAMETER, READING, Report
from rkdsl.contract import remarks
from rkdsl.contract.parts import first_limit
from rkdsl.contract.symbols import Checked, Quantified
from rkdsl.diagnostics import Place, Refused, located
from rkdsl.language import nodes
from rkdsl.language.printer import print_node
from rkdsl.pipeline import Contract
from rkdsl.reports.series import Point, Reported, Said, Series
from rkdsl.values import Period, State, decimal_text, months, parse_period, year_after


def series_of(
    contract: Contract,
    actuals: Sequence[tuple[str, bytes]] = (),
    as_of: datetime.date | None = None,
    names: Sequence[str] = (),
) -> tuple[Series, ...]:
    """The series of the measures and parameters of these names, of all without names.

    Of the actuals counts what was known on the day, here or as they state it. Raises `Refused` for actuals that do
    not fit, and for names that the contract does not have.
    """
    version = contract if as_of is None else contract.amended(as_of)
    checked = version.checked
    assert checked is not None
    measures = {each.id: each for each in checked.measures.values() if each.rhythm and not each.contract}
    for name in names:
        if name not in measures:
            raise Refused((remarks.no_series(Place(checked.file), name, list(measures)),), {})
    day = version.evaluate_bytes(actuals, as_of).as_of if actuals else as_of
    wanted = names or tuple(measures)
    reports = list(_reports(version, actuals))
    return tuple(_series(measures[each], version, checked, reports, day) for each in dict.fromkeys(wanted))


def _reports(version: Contract, actuals: Sequence[tuple[str, bytes]]) -> Iterator[Report]:
    for name, content in actuals:
        for record in read_several(name, content)[0]:
            if record.contract == version.id:
                yield from (
                    each for each in record.reports if each.kind in (READING, PARAMETER) and each.period
                )


def _series(
    measure: Quantified,
    version: Contract,
    checked: Checked,
    reports: Sequence[Report],
    day: datetime.date | None,
) -> Series:
    found: dict[Period, Point] = {}

    def at(period: Period) -> Point:
        return found.setdefault(period, Point(period))

    for period, entry in measure.history.items():
        at(period).history.append(Said("", print_node(entry.value), _place(entry, version)))
    for item in checked.items:
        for period, test in _targets(item.node, measure.id, ""):
            at(period).targets.append(Said(item.id, print_node(test), _place(test, version)))
        for period, test in _targets(item.node, measure.id, "guideline"):
            at(period).guidelines.append(Said(item.id, print_node(test), _place(test, version)))
        for period, row, comparison in _guidelines(item.node, measure.id):
            text = f"{comparison} {print_node(row.value)}"
            at(period).guidelines.append(Said(item.id, text, _place(row, version)))
    for report in reports:
        said = parse_period(report.period)
        if report.id == measure.id and said is not None:
            known = report.reported or said.last
            if day is None or known <= day:
                at(said).reports.append(Reported(_figure(report), report.reported, report.source, report.key))
    for point in found.values():
        point.reports.sort(key=lambda each: each.reported or datetime.date.min)
    points = tuple(found[period] for period in sorted(found))
    return Series(measure.id, measure.title, str(measure.unit), measure.direction, points)


def _targets(item: nodes.Item, name: str, standing: str) -> Iterator[tuple[Period, nodes.Test]]:
    """The tests of a measure in scored targets, or in those under another word; also in groups."""
    pending: list[nodes.Node] = list(reversed(item.statements))
    while pending:
        each = pending.pop()
        if isinstance(each, nodes.Group):
            pending += reversed(each.members)
        if not isinstance(each, nodes.Target) or each.standing != standing:
            continue
        subject: tuple[str, Period | None] = ("", None)
        for condition in each.conditions:
            if condition.subject is not None:  # after `or` and `and` it stands for those that follow
                subject = _subject(condition)
            if subject[0] == name and subject[1] is not None:
                yield subject[1], condition.test


def _subject(condition: nodes.Condition) -> tuple[str, Period | None]:
    """The measure that a condition is of, and in which period, where it is of one as it is read."""
    when = condition.when.first.period if condition.when is not None else None
    period = when.period if isinstance(when, nodes.PeriodLiteral) else None
    name = condition.subject.name.text if isinstance(condition.subject, nodes.Reference) else ""
    return name, period


def _guidelines(item: nodes.Item, name: str) -> Iterator[tuple[Period, nodes.Entry, str]]:
    """The guidelines of a measure, each in the part of its year that the target is of."""
    condition = first_limit(item)
    if condition is None or not isinstance(condition.test, nodes.Limit):
        return
    found, period = _subject(condition)
    for each in item.statements:
        if isinstance(each, nodes.Guidelines) and found == name:
            for row in each.rows:
                if row.period.period is not None:
                    yield _part_of(row.period.period, period), row, condition.test.comparison


def _part_of(year: Period, target: Period | None) -> Period:
    """The part of a year that a target of an earlier one is of."""
    if target is None or year.kind != "year" or target.kind == "year":
        return year
    found: Period | None = target
    while found is not None and found.last.year < year.last.year:
        found = year_after(found)
    same = months(year.first.year, 1, 12)
    return found if found is not None and same.first <= found.first and found.last <= same.last else year


def _place(node: nodes.Node, version: Contract) -> str:
    assert version.checked is not None
    return located(Place(version.checked.file, node.span), version.sources)


def _figure(report: Report) -> str:
    if isinstance(report.value, State | datetime.date | str):
        return str(report.value)
    return ("yes" if report.value else "no") if isinstance(report.value, bool) else decimal_text(report.value)
