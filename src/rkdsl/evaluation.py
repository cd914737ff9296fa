"""Actuals to outcome: what a compiled contract comes to on a day, with the way it came about.

All of it is data and can be kept: nothing here knows how a contract is written.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from rkdsl.actuals.binding import Binding
from rkdsl.actuals.joint import Asked, bind_all, bind_forecasts, day_of, sha256_of
from rkdsl.actuals.json_reader import read_several
from rkdsl.actuals.record import FORECASTS, Record
from rkdsl.diagnostics import NOT_AS_EXPECTED, Diagnostic, Place, Refused, in_order, located
from rkdsl.outcome import FAILS, Danger, Deadline, ItemOutcome, Line, Result, Tried, ValueOutcome
from rkdsl.plain import TYPE_CHECKING, Any, Late, NamedTuple, Plain, field
from rkdsl.rules import summary
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.plan import Plan
from rkdsl.rules.tables import Table
from rkdsl.rules.tree import Name, Tree
from rkdsl.source import Source

if TYPE_CHECKING:
    from rkdsl import messages
    from rkdsl.actuals import previous as earlier
    from rkdsl.contract import contradictions, register_remarks, remarks
    from rkdsl.contract.symbols import Checked
    from rkdsl.reports import data, text
    from rkdsl.rules import crosschecks, explanation, forecasts, registers, wording
    from rkdsl.rules import deadlines as days
else:
    messages, contradictions = Late("rkdsl.messages"), Late("rkdsl.contract.contradictions")
    register_remarks, remarks = Late("rkdsl.contract.register_remarks"), Late("rkdsl.contract.remarks")
    data, text, days = Late("rkdsl.reports.data"), Late("rkdsl.reports.text"), Late("rkdsl.rules.deadlines")
    crosschecks, forecasts = Late("rkdsl.rules.crosschecks"), Late("rkdsl.rules.forecasts")
    explanation, registers = Late("rkdsl.rules.explanation"), Late("rkdsl.rules.registers")
    wording, earlier = Late("rkdsl.rules.wording"), Late("rkdsl.actuals.previous")


class Explanation(Plain):
    """How a figure came about: `lines` in order, each after those it needs. `str()` shows it."""

    id: str
    title: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return text.explanation(self.id, self.title, self.lines)


class Outcome(Result):
    """What a contract comes to with given actuals on a given day, with the way it came about."""

    tree: Tree = field(repr=False, kw_only=True)
    trace: Values = field(repr=False, eq=False, kw_only=True)
    checked: Checked | None = field(default=None, repr=False, eq=False, kw_only=True)

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
            if isinstance(row, Name) and row.role == "value" and "@" in row.id:
                found.setdefault(row.id, (ref, row.title))
        if self.tree.total is not None:
            found["total"] = (self.tree.total, self.title)
        return found


class Ready(Plain):
    """A contract as an evaluation needs it. `findings` are those that stand in its outcomes.

    `sources` are its texts by name; `tables` its registers, `generated` the values these are made of; `places`
    say where each expectation of the tree stands.
    """

    id: str
    title: str
    sha256: str
    tree: Tree
    asked: Asked
    findings: tuple[Diagnostic, ...]
    tables: tuple[Table, ...]
    generated: frozenset[str]
    places: tuple[Place, ...]
    sources: Mapping[str, Source] = field(repr=False, eq=False)
    plan: Plan = field(init=False, made=lambda ready: Plan(ready.tree), repr=False, eq=False)


class Told(NamedTuple):
    """What files of actuals tell: records, the outcome of the period before, and what there is to say of them."""

    records: tuple[Record, ...]
    findings: tuple[Diagnostic, ...]
    previous: earlier.Previous | None


def read(actuals: Sequence[tuple[str, bytes]], previous: tuple[str, bytes] | None) -> Told:
    """What the bytes of files tell, each with the name that messages call it. Raises `Refused`."""
    read_all = [read_several(name, content) for name, content in actuals]
    mistakes = tuple(each for _, found in read_all for each in found)
    before, more = (None, ()) if previous is None else earlier.read_previous(*previous)
    if any(each.is_error for each in (*mistakes, *more)):
        raise Refused((*mistakes, *more), {})
    return Told(tuple(each for found, _ in read_all for each in found), mistakes, before)


def asked_day(told: Told, name: str) -> datetime.date:
    """The day that the records state. Raises `Refused` where there is none; `name` is that of the first file."""
    day, different = day_of(told.records)
    if day is None:
        raise Refused(different or (messages.no_as_of(Place(name)),), {})
    return day


def _bound(ready: Ready, told: Told, as_of: datetime.date) -> Binding:
    """What the rules are given. Raises `Refused` where records are not as the contract asks."""
    binding = bind_all(told.records, ready.asked, as_of, told.previous)
    if any(each.is_error for each in binding.diagnostics):
        raise Refused(binding.diagnostics, {})
    return binding


def figures_of(ready: Ready, told: Told, as_of: datetime.date) -> dict[str, Fraction | str | None]:
    """Every figure that a contract comes to, by its name, without reasons. Raises `Refused` as `outcome_of` does."""
    values = evaluate(ready.plan, _bound(ready, told, as_of).given)
    return summary.figures(ready.tree, values, as_of)


def outcome_of(ready: Ready, told: Told, as_of: datetime.date) -> Outcome:
    """What a contract comes to. Raises `Refused` where records are not as it asks."""
    tree, records = ready.tree, told.records
    binding = _bound(ready, told, as_of)
    expected = bind_forecasts(records, ready.asked, as_of)
    if expected.diagnostics:
        raise Refused(expected.diagnostics, {})
    values = evaluate(ready.plan, binding.given)
    points, state, why = None, "", ""
    may_become: tuple[str, ...] = ()
    if tree.total is not None and tree.maximum is not None:
        total = values.row(tree.total)
        points = summary.points_of(total, values.row(tree.maximum))
        state, why, may_become = summary.state_of(total), summary.why_of(total), summary.may_become_of(total)
    everything = summary.values(tree, values, as_of)
    known = tuple(each for each in everything if each.id not in ready.generated)
    tables = registers.told(ready.tables, tree, values, everything) if ready.tables else ()
    items = summary.items(tree, values, as_of)
    dangers: tuple[Danger, ...] = ()
    if expected.given:
        notices = forecasts.notices(tables)
        dangers = forecasts.dangers(
            ready.plan, tree, values, items, binding.given, expected.given, notices, as_of
        )
    checks = crosschecks.cross_checked(tree, values, items) if tree.expected else ()
    own = tuple(each for each in ready.findings if each.code != NOT_AS_EXPECTED)
    found = (
        *own,
        *not_as_expected(ready.places, checks, own),
        *told.findings,
        *binding.diagnostics,
        *(registers.contradicted(ready.tables, tree, values, ready.findings) if ready.tables else ()),
        *(_danger(each, records) for each in dangers),
    )
    hashes = {"contract": ready.sha256, "actuals": sha256_of(records)}
    if told.previous is not None:
        hashes["previous"] = told.previous.sha256
    return Outcome(
        ready.id,
        ready.title,
        as_of,
        state,
        points,
        str(tree.unit),
        items,
        summary.sections(tree, values),
        _sentences(found, ready.sources),
        hashes,
        "; ".join(dict.fromkeys(each.note for each in records if each.note)),
        may_become,
        known,
        next((each for each in known if each.id == tree.result), None),
        why,
        tuple(each for each in summary.wide(tree, values) if each[0] not in ready.generated),
        registers=tables,
        dangers=dangers,
        expected=checks,
        tree=tree,
        trace=values,
    )


def _sentences(findings: Iterable[Diagnostic], sources: Mapping[str, Source]) -> tuple[tuple[str, str], ...]:
    """Each finding as its place and one sentence."""
    return tuple(
        (located(each.place, sources), f"{each.code} {each.title}: {each.labels[0].text}")
        for each in in_order(findings)
    )


def _danger(danger: Danger, records: Sequence[Record]) -> Diagnostic:
    """The finding that forecasts put an item in danger, at the first of them."""
    names = [name.partition(" in ")[0] for name, _ in danger.forecasts]
    said = [(each, report.key) for each in records for report in each.forecasts if report.id in names]
    record, key = said[-1] if said else (records[0], FORECASTS)
    figures = "; ".join(f"{name}: {text}" for name, text in danger.forecasts)
    lost = forecasts.loss(danger.before, danger.points)
    points = f", {wording.number(lost)} points fewer" if lost else ""
    return register_remarks.in_danger(Place(record.file, key=key), danger.item, danger.state, points, figures)


def not_as_expected(
    places: Sequence[Place], expected: Sequence[Tried], told: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """A finding for each expectation that fails, but where it was told that it cannot hold."""
    if all(each.verdict != FAILS for each in expected):
        return ()
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
