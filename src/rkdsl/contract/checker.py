"""Nodes to the checked contract, with every mistake found in one run. Never raises for an author's mistake."""

from __future__ import annotations

import datetime
import gc
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Final, NamedTuple, assert_never

import attrs

from rkdsl import messages
from rkdsl.contract import conditions, totals
from rkdsl.contract.expressions import Scope, day_literal
from rkdsl.contract.report import Report, numeral, value_of
from rkdsl.contract.statements import statement_findings
from rkdsl.contract.symbols import (
    COUNTS_AS_ZERO,
    NOT_REPORTED,
    Checked,
    CheckedItem,
    CheckedSection,
    Quantified,
)
from rkdsl.diagnostics import Diagnostic
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.source import Span
from rkdsl.values import MAX_ITEMS, MAX_MEMBERS, PLAIN, RHYTHMS, Period, Unit

NAMES_OF_THE_WHOLE: Final = frozenset(("total", "all"))
"""What the command calls the whole contract: no goal, requirement or section has these names."""


class CheckResult(NamedTuple):
    """The checked contract, None when it has mistakes, with all mistakes and findings in their order."""

    checked: Checked | None
    diagnostics: tuple[Diagnostic, ...]


def check(
    contract: nodes.Contract,
    file: str,
    reserved: frozenset[str] = frozenset(),
    mistaken: Iterable[Span] = (),
) -> CheckResult:
    """Look at everything a contract says.

    `reserved` are names that no measure, fact or role may have, `mistaken` the places of mistakes found when
    the text was read: one mistake is told once.
    """
    collecting = gc.isenabled()
    gc.disable()  # as when the text is read: what is made here is all kept
    try:
        return _checked(contract, reserved, Report(file, mistaken))
    finally:
        if collecting:
            gc.enable()


def _checked(contract: nodes.Contract, reserved: frozenset[str], report: Report) -> CheckResult:
    measures = _measures(contract, report, reserved)
    roles = _roles(contract, report, reserved)
    sections, items = _structure(contract, report)
    period, binding, closes = _time(contract, report)
    scope = Scope(measures, roles, binding or period, report)
    for item in items:
        _check_item(item, scope)
    _check_rules(contract, closes, report)
    proof = totals.prove(contract, sections, items, report)
    statement_findings(contract, report)
    diagnostics = report.diagnostics
    if any(each.is_error for each in diagnostics):
        return CheckResult(None, diagnostics)
    unit = totals.unit_of(contract)
    checked = Checked(
        contract, report.file, measures, roles, sections, items, period, binding, closes, proof, unit
    )
    return CheckResult(checked, diagnostics)


# ---- declarations


def _measures(contract: nodes.Contract, report: Report, reserved: frozenset[str]) -> Mapping[str, Quantified]:
    found: dict[str, Quantified] = {}
    for node in declarations(contract):
        name = node.name
        if name.text in found:
            report.twice(name.span, name.text, found[name.text].node.name.span)
            continue
        if name.text in reserved:
            report.add(messages.reserved_name(report.place(name.span), name.text))
        found[name.text] = _quantified(node, report)
    return found


def declarations(contract: nodes.Contract) -> Iterator[nodes.Measure | nodes.Fact]:
    """Every measure and fact, wherever it is declared: names are shared by the whole contract."""
    pending: list[nodes.Contract | nodes.Section] = [contract]
    while pending:
        block = pending.pop(0)
        for statement in block.statements:
            if isinstance(statement, nodes.Measure | nodes.Fact):
                yield statement
            elif isinstance(statement, nodes.Section):
                pending.append(statement)


def _quantified(node: nodes.Measure | nodes.Fact, report: Report) -> Quantified:
    """One measure or fact, with what is missing or said twice reported."""
    kind = "measure" if isinstance(node, nodes.Measure) else "fact"
    kinds = (nodes.UnitOf, nodes.Direction, nodes.Rhythm, nodes.SourceOf, nodes.Range, nodes.MayNotApply)
    report.once(node.statements, kinds)
    units = [each for each in node.statements if isinstance(each, nodes.UnitOf)]
    unit = UNITS[units[0].unit] if units else PLAIN
    if not units:
        report.add(messages.missing_statement(report.place(node.name.span), kind, node.name.text, "unit"))
    direction = next((each.better for each in node.statements if isinstance(each, nodes.Direction)), "")
    rhythm = _rhythm(node, kind, report)
    if kind == "measure" and not direction and units:
        report.add(
            messages.missing_statement(report.place(node.name.span), kind, node.name.text, "direction")
        )
    low, high = _range(node, unit, report)
    return Quantified(
        node.name.text,
        kind,
        node.title.first.text,
        unit,
        direction,
        rhythm,
        next((each.text.text for each in node.statements if isinstance(each, nodes.SourceOf)), ""),
        low,
        high,
        any(isinstance(each, nodes.MayNotApply) for each in node.statements),
        _history(node, kind, unit, rhythm, (low, high), report),
        node,
    )


def _rhythm(node: nodes.Measure | nodes.Fact, kind: str, report: Report) -> str:
    stated = [each for each in node.statements if isinstance(each, nodes.Rhythm)]
    if kind == "fact":
        for each in stated:
            report.add(messages.not_of_a_fact(report.place(each.span), node.name.text, "a rhythm"))
        return ""
    if not stated:
        report.add(messages.missing_statement(report.place(node.name.span), kind, node.name.text, "rhythm"))
        return ""
    if stated[0].unit not in RHYTHMS:
        report.add(messages.not_a_rhythm(report.place(stated[0].span), stated[0].unit))
        return ""
    return stated[0].unit


def _range(
    node: nodes.Measure | nodes.Fact, unit: Unit, report: Report
) -> tuple[Fraction | None, Fraction | None]:
    """The range said; without one, counts begin at zero and all else is open at both ends."""
    stated = [each for each in node.statements if isinstance(each, nodes.Range)]
    if not stated:
        return (Fraction(0) if unit.is_count else None), None
    ends = stated[0]
    if unit.shown in ("truth", "day"):
        report.add(messages.no_range_of_this(report.place(ends.span), str(unit)))
        return None, None
    shared = ends.high.unit if not ends.low.unit else ends.low.unit
    start = attrs.evolve(ends.low, unit=shared)  # `0..100 %`: one unit for both ends
    low = value_of(start, unit, report, lenient=True)
    high = value_of(ends.high, unit, report, lenient=True)
    if low is not None and high is not None and low > high:
        report.add(messages.range_turned_round(report.place(ends.span)))
    return low, high


def _history(
    node: nodes.Measure | nodes.Fact,
    kind: str,
    unit: Unit,
    rhythm: str,
    ends: tuple[Fraction | None, Fraction | None],
    report: Report,
) -> Mapping[Period, nodes.Entry]:
    """The readings a contract states, by period."""
    found: dict[Period, nodes.Entry] = {}
    for entry in node.statements:
        if not isinstance(entry, nodes.Entry):
            continue
        if kind == "fact":
            report.add(messages.not_of_a_fact(report.place(entry.span), node.name.text, "readings"))
            continue
        period = report.period(entry.period)
        if period is None:
            continue
        if rhythm and period.kind != rhythm:
            report.add(messages.reading_off_rhythm(report.place(entry.period.span), str(period), rhythm))
        elif period in found:
            report.twice(entry.period.span, str(period), found[period].period.span)
        else:
            found[period] = entry
        for statement in entry.value.statements:
            if isinstance(statement.value, nodes.Quantity):
                number = value_of(statement.value, unit, report, lenient=True)
                if number is not None and not _within(number, ends):
                    report.add(messages.reading_out_of_range(report.place(statement.value.span), ends, unit))
            elif isinstance(statement.value, nodes.PeriodLiteral):
                day_literal(statement.value, unit, report)
        report.one_governs(entry.value)
    return found


def _within(number: Fraction, ends: tuple[Fraction | None, Fraction | None]) -> bool:
    low, high = ends
    return (low is None or number >= low) and (high is None or number <= high)


def _roles(contract: nodes.Contract, report: Report, reserved: frozenset[str]) -> Mapping[str, nodes.Role]:
    found: dict[str, nodes.Role] = {}
    for node in contract.statements:
        if not isinstance(node, nodes.Role):
            continue
        if found.setdefault(node.name.text, node) is not node:
            report.twice(node.name.span, node.name.text, found[node.name.text].name.span)
        if node.name.text in reserved:
            report.add(messages.reserved_name(report.place(node.name.span), node.name.text))
    return found


# ---- structure


def _structure(
    contract: nodes.Contract, report: Report
) -> tuple[tuple[CheckedSection, ...], tuple[CheckedItem, ...]]:
    """Sections and items in the order of the text, each with its rules for what is missing."""
    _contract_once(contract, report)
    walk = _Walk(report)
    walk.block(contract, "", {})
    if len(walk.items) > MAX_ITEMS:
        report.add(messages.too_many_items(report.place(contract.name.span), len(walk.items)))
    return tuple(walk.sections), tuple(walk.items)


def _contract_once(contract: nodes.Contract, report: Report) -> None:
    kinds = (nodes.Parties, nodes.ContractPeriod, nodes.Binding, nodes.Total, nodes.ReportingCloses)
    report.once(contract.statements, kinds)


class _Walk:
    """Sections and items as they are met. The nesting is bounded when the text is read."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.sections: list[CheckedSection] = []
        self.items: list[CheckedItem] = []
        self.names: dict[str, nodes.Section | nodes.Item] = {}

    def block(
        self, block: nodes.Contract | nodes.Section, section: str, inherited: Mapping[str, str]
    ) -> None:
        rules = {**inherited, **_rules(block.statements, self.report)}
        for node in block.statements:
            if isinstance(node, nodes.Section | nodes.Item):
                self._named(node)
            if isinstance(node, nodes.Section):
                self.sections.append(CheckedSection(node.name.text, section, node))
                self.block(node, node.name.text, rules)
            elif isinstance(node, nodes.Item):
                own = {**rules, **_rules(node.statements, self.report)}
                self.items.append(_item(node, section, own, self.report))

    def _named(self, node: nodes.Section | nodes.Item) -> None:
        first = self.names.setdefault(node.name.text, node)
        if first is not node:
            self.report.twice(node.name.span, node.name.text, first.name.span)
        if node.name.text in NAMES_OF_THE_WHOLE:
            self.report.add(messages.reserved_name(self.report.place(node.name.span), node.name.text))


def _rules(statements: tuple[object, ...], report: Report) -> dict[str, str]:
    found: dict[str, nodes.MissingRule] = {}
    for node in statements:
        if not isinstance(node, nodes.MissingRule):
            continue
        if node.state in found:
            report.twice(node.span, node.state, found[node.state].span)
        found.setdefault(node.state, node)
    return {state: node.rule for state, node in found.items()}


def _item(node: nodes.Item, section: str, rules: Mapping[str, str], report: Report) -> CheckedItem:
    report.once(node.statements, (nodes.Weight,))
    weights = [each for each in node.statements if isinstance(each, nodes.Weight)]
    if not weights:
        return CheckedItem(node.name.text, section, rules, Fraction(0), None, None, node)
    low, high = totals.weight(weights[0], report)
    return CheckedItem(node.name.text, section, rules, low, high, weights[0], node)


def _contract_period(node: nodes.ContractPeriod, report: Report) -> Period | None:
    """The period that governs, else the one stated first."""
    report.one_governs(node.period)
    literals = [each for each in node.period.statements if isinstance(each.value, nodes.PeriodLiteral)]
    found = [(each.governs, report.period(each.value)) for each in literals]  # type: ignore[arg-type]  # narrowed above
    governing = [period for governs, period in found if governs]
    return next((period for period in governing or [period for _, period in found]), None)


def _time(contract: nodes.Contract, report: Report) -> tuple[Period | None, Period | None, Period | None]:
    """The contract's period, the part whose targets bind, and the day reporting closes."""
    period = binding = closes = None
    for node in contract.statements:
        match node:
            case nodes.ContractPeriod():
                period = _contract_period(node, report)
            case nodes.Binding():
                binding = report.period(node.period)
            case nodes.ReportingCloses():
                closes = _closing_day(node, report)
    _check_closing(contract, closes, binding or period, report)
    return period, binding, closes


def _closing_day(node: nodes.ReportingCloses, report: Report) -> Period | None:
    found = report.period(node.period)
    if found is not None and found.kind != "day":
        report.add(messages.one_day_wanted(report.place(node.period.span), str(found)))
    return found


def _check_closing(
    contract: nodes.Contract, closes: Period | None, whole: Period | None, report: Report
) -> None:
    """Reporting closes after what is reported has happened."""
    for node in contract.statements:
        if closes is None or whole is None or closes.first > whole.last:
            return
        if isinstance(node, nodes.ReportingCloses):
            report.add(messages.closes_too_early(report.place(node.span), str(closes), str(whole)))


# ---- items


def _check_item(item: CheckedItem, scope: Scope) -> None:
    """Conditions, milestones and assessments of one item, and how they make its points."""
    report = scope.report
    names: dict[str, nodes.Milestone | nodes.Assessment] = {}
    guided: dict[Period, nodes.PeriodLiteral] = {}
    worded: dict[Period, nodes.PeriodLiteral] = {}
    for node in item.node.statements:
        match node:
            case nodes.Target() | nodes.Milestone() | nodes.Group():
                _check_part(node, scope, names)
            case nodes.Assessment():
                _check_assessment(node, scope, names)
            case nodes.Guidelines():
                _check_guidelines(node, item, guided, scope)
            case nodes.Wording():
                _once_a_period(node.start, worded, report)
            case nodes.Weight() | nodes.MissingRule():
                pass
            case _:
                assert_never(node)
    totals.check_scoring(item, report)


def _check_part(
    node: nodes.Target | nodes.Milestone | nodes.Group,
    scope: Scope,
    names: dict[str, nodes.Milestone | nodes.Assessment],
) -> None:
    match node:
        case nodes.Target():
            conditions.check_target(node, scope)
        case nodes.Milestone():
            _name_part(node, names, scope.report)
            _check_milestone(node, scope)
        case nodes.Group():
            _check_count(node, scope.report)
            for member in node.members:
                _check_part(member, scope, names)
        case _:
            assert_never(node)


def _name_part(
    node: nodes.Milestone | nodes.Assessment,
    names: dict[str, nodes.Milestone | nodes.Assessment],
    report: Report,
) -> None:
    assert node.name is not None
    first = names.setdefault(node.name.text, node)
    if first is not node and first.name is not None:
        report.twice(node.name.span, node.name.text, first.name.span)


def _check_milestone(node: nodes.Milestone, scope: Scope) -> None:
    report = scope.report
    report.one_governs(node.deadline)
    for statement in node.deadline.statements:
        when = statement.value
        if isinstance(when.period, nodes.Undecided):
            report.undecided_period(when.period)
            continue
        period = report.period(when.period)
        if when.word == "before" and period is not None and period.first == datetime.date.min:
            report.add(messages.not_a_period(report.place(when.span)))
        if period is None or node.standing:
            continue
        if _may_be_early(when, period, scope):
            report.add(messages.early_is_a_miss(report.place(when.span), node.name.text, period))
        binding = scope.binding
        if binding is not None and not binding.first <= period.last <= binding.last:
            report.add(messages.target_outside_binding(report.place(when.span), str(period), str(binding)))


def _may_be_early(when: nodes.When, period: Period, scope: Scope) -> bool:
    """Whether something done in the contract's time can come too early for a deadline."""
    begins = scope.binding.first if scope.binding is not None else None
    return when.word == "in" and period.kind != "day" and (begins is None or period.first > begins)


def _check_count(node: nodes.Group, report: Report) -> None:
    if node.count is None:
        return
    number = numeral(node.count, report)
    if number is None:
        return
    if len(node.members) > MAX_MEMBERS:
        report.add(messages.too_many_members(report.place(node.count.span), len(node.members)))
    if number.denominator != 1 or not 1 <= number <= len(node.members):
        report.add(messages.count_of_group(report.place(node.count.span), len(node.members)))


def _check_assessment(
    node: nodes.Assessment,
    scope: Scope,
    names: dict[str, nodes.Milestone | nodes.Assessment],
) -> None:
    report = scope.report
    report.one_governs(node.role)
    for statement in node.role.statements:
        role = statement.value
        if isinstance(role, nodes.Undecided):
            report.undecided_period(role)
        elif role.text not in scope.roles:
            report.unknown(role, scope.roles, "role")
    if node.name is None:
        if node.low is not None:
            report.add(messages.assessment_needs_name(report.place(node.span)))
        return
    _name_part(node, names, report)
    if node.low is None or node.high is None:
        report.add(messages.assessment_needs_worth(report.place(node.name.span), node.name.text))


def _once_a_period(
    literal: nodes.PeriodLiteral, seen: dict[Period, nodes.PeriodLiteral], report: Report
) -> None:
    """Of one item a period has one guideline, and one wording."""
    period = report.period(literal)
    if period is not None and seen.setdefault(period, literal) is not literal:
        report.twice(literal.span, str(period), seen[period].span)


def _check_guidelines(
    node: nodes.Guidelines, item: CheckedItem, guided: dict[Period, nodes.PeriodLiteral], scope: Scope
) -> None:
    report = scope.report
    for row in node.rows:
        _once_a_period(row.period, guided, report)
        report.one_governs(row.value)
    target = _first_limit(item.node)
    if target is None:
        report.add(messages.guideline_without_target(report.place(node.span), item.id))
        return
    conditions.check_guideline_rows(node, target, scope)


def _first_limit(item: nodes.Item) -> nodes.Condition | None:
    """The target a table of guidelines takes its measure and comparison from."""
    for node in item.statements:
        if isinstance(node, nodes.Target) and not node.standing:
            for condition in node.conditions:
                if isinstance(condition.test, nodes.Limit) and condition.subject is not None:
                    return condition
    return None


def _check_rules(contract: nodes.Contract, closes: Period | None, report: Report) -> None:
    """`counts as zero` acts only from the day reporting closes."""
    if closes is not None:
        return
    pending: list[nodes.Contract | nodes.Section | nodes.Item] = [contract]
    while pending:
        for node in pending.pop().statements:
            if isinstance(node, nodes.MissingRule) and node.state == NOT_REPORTED:
                if node.rule == COUNTS_AS_ZERO:
                    report.add(messages.rule_without_closing(report.place(node.span)))
            elif isinstance(node, nodes.Section | nodes.Item):
                pending.append(node)
