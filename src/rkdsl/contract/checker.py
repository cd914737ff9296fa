"""Nodes to the checked contract, with every mistake found in one run. Never raises for an author's mistake."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never, get_args

from rkdsl import messages
from rkdsl.collecting import paused
from rkdsl.contract import conditions, sections, texts, totals, values
from rkdsl.contract.declarations import measures_of, roles_of
from rkdsl.contract.expectations import check_expectations_of_examples
from rkdsl.contract.expressions import unit_ahead
from rkdsl.contract.library import homes, merged
from rkdsl.contract.parts import cross_checks, first_limit, milestones_of
from rkdsl.contract.report import Report, numeral
from rkdsl.contract.rows import expanded, shared_in
from rkdsl.contract.scope import Scope, references
from rkdsl.contract.scores import check_score
from rkdsl.contract.silencing import check_silences
from rkdsl.contract.statements import statement_findings
from rkdsl.contract.strength import check_order
from rkdsl.contract.structure import Walk, structure
from rkdsl.contract.symbols import (
    NOT_REPORTED,
    PARTS,
    STAYS_OPEN,
    TOTAL,
    Checked,
    CheckedItem,
    CheckedRegister,
    CheckedSection,
    Thing,
    UsedContract,
    Valued,
)
from rkdsl.contract.used import check_own_names, measures_of_used, spread
from rkdsl.diagnostics import Diagnostic
from rkdsl.language import nodes
from rkdsl.plain import TYPE_CHECKING, Final, Late, NamedTuple, evolve
from rkdsl.source import Span
from rkdsl.values import MAX_MEMBERS, Period

if TYPE_CHECKING:
    from rkdsl.contract import amending, expected
    from rkdsl.contract import registers as tables
else:
    amending, tables = Late("rkdsl.contract.amending"), Late("rkdsl.contract.registers")
    expected = Late("rkdsl.contract.expected")

_NOT_RECKONED: Final = (nodes.Cap, nodes.Expectation, nodes.ExpectationOfEach, nodes.Silence)
"""The statements of an item or section that its points do not come from, before its limits."""
RESULT_STATES: Final = "states"
"""The result of a contract without points."""


class CheckResult(NamedTuple):
    """The checked contract, None when it has mistakes, with all mistakes and findings in their order."""

    checked: Checked | None
    diagnostics: tuple[Diagnostic, ...]


@paused()  # as when the text is read: what is made here is all kept
def check(
    contract: nodes.Contract,
    file: str,
    reserved: frozenset[str] = frozenset(),
    mistaken: Iterable[Span] = (),
    libraries: Sequence[nodes.Library] = (),
    used: Sequence[UsedContract] = (),
    amendments: Sequence[nodes.Amendment] = (),
) -> CheckResult:
    """Look at everything a contract says, with what it uses of libraries and of other contracts.

    `amendments` are applied in their order. `reserved` are names that no measure, fact or role may have,
    `mistaken` the places of mistakes found when the text was read: one mistake is told once.
    """
    report = Report(file, mistaken)
    return _checked(_written(contract, libraries, amendments, report), reserved, report, used)


def _written(
    contract: nodes.Contract,
    libraries: Sequence[nodes.Library],
    amendments: Sequence[nodes.Amendment],
    report: Report,
) -> nodes.Contract:
    """The contract with what it uses of libraries, an item for each row, and its amendments applied."""
    whole = merged(contract, libraries, amendments)
    check_silences((whole, *amendments), report)
    shared = shared_in(whole, report)
    found = expanded(whole, report)
    return amending.amended(found, amendments, shared, report, homes(libraries)) if amendments else found


def _checked(
    written: nodes.Contract, reserved: frozenset[str], report: Report, used: Sequence[UsedContract]
) -> CheckResult:
    contract = spread(written, used, report)
    registers: tuple[CheckedRegister, ...] = ()
    if any(isinstance(each, nodes.Register) for each in contract.statements):
        contract, registers = tables.tabled(contract, report)
    check_own_names(contract, used, report)
    measures = {**measures_of(contract, report, reserved), **measures_of_used(used)}
    roles = roles_of(contract, report, reserved)
    walk = structure(contract, report)
    blocks, items = tuple(walk.sections), tuple(walk.items)
    period, binding, closes = _time(contract, report)
    scope = Scope(
        measures,
        roles,
        binding or period,
        report,
        scales=values.declared(contract, nodes.Scale, report),
        calendars=values.calendars(contract, report),
        things={**_things(blocks, items), **{id: each for one in used for id, each in one.things.items()}},
        exported={id: each for one in used for id, each in one.exported.items()},
        points=totals.unit_of(contract),
    )
    scope, order = _values(contract, walk, scope, reserved)
    for item in items:
        _check_item(item, scope)
    stated = list(cross_checks(contract, blocks, items))
    if stated or used:
        expected.check_expected(stated, items, used, scope)
    for block in blocks:
        sections.check_section(block, walk.members(block.id), scope)
    for name, limits in walk.limits.items():
        values.check_limits(name, limits, scope)
    check_expectations_of_examples(contract, scope)
    values.check_scales(scope)
    _check_registers(registers, scope)
    result = _result(contract, items, scope)
    values.check_names(contract, scope, result)
    _check_rules(contract, closes, report)
    proof = totals.prove(contract, blocks, items, report)
    _check_deciders(contract, scope)
    statement_findings(contract, report)
    diagnostics = report.diagnostics
    if any(each.is_error for each in diagnostics):
        return CheckResult(None, diagnostics)
    checked = Checked(
        contract,
        report.file,
        measures,
        roles,
        blocks,
        items,
        period,
        binding,
        closes,
        proof,
        scope.points,
        {each.id: each for each in sorted(scope.values.values(), key=lambda each: each.node.span.start)},
        scope.scales,
        scope.calendars,
        scope.things,
        tuple(walk.limits.get(TOTAL, ())),
        order,
        result,
        scope.exported,
        written,
        registers,
    )
    return CheckResult(checked, diagnostics)


def _things(blocks: Iterable[CheckedSection], items: Iterable[CheckedItem]) -> dict[str, Thing]:
    """Items and sections by name, and the whole; points are those of something with a weight in it."""
    found: dict[str, Thing] = {}
    scored = set[str]()
    parents = {each.id: each.parent for each in blocks}
    for item in items:
        names = (each.name.text for each in milestones_of(item.node))
        found[item.id] = Thing(item.id, "item", item.weight is not None, tuple(names))
        section = item.section
        while item.weight is not None and section and section not in scored:
            scored.add(section)
            section = parents[section]
    for block in blocks:
        found[block.id] = Thing(block.id, "section", block.id in scored or sections.counts(block.node))
    found[TOTAL] = Thing(TOTAL, TOTAL, any(each.has_points for each in found.values()))
    return found


def _values(
    contract: nodes.Contract, walk: Walk, scope: Scope, reserved: frozenset[str]
) -> tuple[Scope, tuple[str, ...]]:
    """Named values, each after those it is made from, and the order in which all can be worked out."""
    report = scope.report
    named = values.declared(contract, nodes.Value, report)
    for name, node in named.items():
        if name in scope.measures:
            report.twice(node.name.span, name, scope.measures[name].node.name.span)
        if name in reserved or name == RESULT_STATES:
            report.add(messages.reserved_name(report.place(node.name.span), name))
    names: dict[str, Any] = dict.fromkeys(named)  # only the names, while the order is found
    known = evolve(scope, values=names)
    graph, places = _graph(named, walk, known)
    found = values.ordered(graph, places, report)
    ready: dict[str, Any] = {}  # filled while it is read: of Valued
    ahead = {name: unit_ahead(node, scope) for name, node in named.items()}
    scope = evolve(scope, values=ready, ahead=ahead)
    if found.circle:  # nothing can be said of their units
        ready.update({name: Valued(name, node, None, "", is_open=False) for name, node in named.items()})
        return scope, ()
    for key in found.names:
        kind, _, name = key.partition(" ")
        if kind == "value" and name not in scope.measures:
            ready[name] = values.check_value(named[name], scope)
    values.check_depth(graph, found, scope, report)
    return scope, found.names


def _graph(
    named: Mapping[str, nodes.Value], walk: Walk, scope: Scope
) -> tuple[values.Graph, dict[str, nodes.Identifier]]:
    """What each value, scale, item and section is made from, and where its name stands."""
    graph: dict[str, tuple[str, ...]] = {}
    places: dict[str, nodes.Identifier] = {}
    for name, value in named.items():
        graph[values.value_key(name)] = tuple(values.needed(value, scope))
        places[values.value_key(name)] = value.name
    for name, scale in scope.scales.items():
        hidden = (each.text for each in scale.parameters)
        graph[values.scale_key(name)] = tuple(values.needed(scale.body, scope, hidden))
        places[values.scale_key(name)] = scale.name
    for item in walk.items:
        own = (each for each in item.node.statements if not isinstance(each, _NOT_RECKONED))
        graph[values.state_key(item.id)] = _needed_by(own, scope)
        places[values.state_key(item.id)] = places[values.thing_key(item.id)] = item.node.name
    for block in walk.sections:
        inner = (each for each in block.node.statements if not _has_key(each))
        made_from = (values.thing_key(each) for each in walk.members(block.id))
        graph[values.state_key(block.id)] = (*made_from, *_needed_by(inner, scope))
        places[values.state_key(block.id)] = places[values.thing_key(block.id)] = block.node.name
    graph[values.state_key(TOTAL)] = tuple(values.thing_key(each) for each in walk.members(""))
    things: dict[str, tuple[str, ...]] = {}
    for name in (TOTAL, *(each.id for each in walk.items), *(each.id for each in walk.sections)):
        limits = (part for cap in walk.limits.get(name, ()) for part in (cap.when, cap.value))
        things[values.thing_key(name)] = (values.state_key(name), *_needed_by(limits, scope))
    return _without_used({**things, **graph}, scope), places


def _without_used(graph: values.Graph, scope: Scope) -> values.Graph:
    """What belongs to a contract that is used is there before anything of this one."""
    found = [each.id for each in scope.things.values() if each.is_used]
    if not found:
        return graph
    used = {key(each) for each in found for key in (values.state_key, values.thing_key)}
    return {name: tuple(each for each in needed if each not in used) for name, needed in graph.items()}


def _needed_by(found: Iterable[nodes.Node], scope: Scope) -> tuple[str, ...]:
    return tuple(each for node in found for each in values.needed(node, scope))


def _has_key(statement: nodes.SectionStatement) -> bool:
    """Whether a statement of a section is worked out for itself."""
    return isinstance(statement, (*get_args(nodes.Declaration), *_NOT_RECKONED, nodes.Section, nodes.Item))


def _check_registers(registers: Iterable[CheckedRegister], scope: Scope) -> None:
    """What a register reckons is read in a period that it says: nobody else could."""
    for name in (each for register in registers for each in sorted(register.names)):
        if name in scope.values and scope.values[name].is_open:
            for reference in references(scope.values[name].node.body, scope):
                place = scope.report.place(reference.span)
                scope.report.add(messages.period_wanted(place, reference.name.text))


def _result(contract: nodes.Contract, items: Iterable[CheckedItem], scope: Scope) -> str:
    """The value that the contract is about; `states` where it has no points."""
    report = scope.report
    for node in contract.statements:
        if not isinstance(node, nodes.ResultOf):
            continue
        name = node.name.text
        if name == RESULT_STATES:
            for item in items:
                if item.weight is not None:
                    report.add(texts.points_unwanted(report.place(item.weight.span), report.place(node.span)))
        elif name not in scope.values:
            report.unknown(node.name, (*scope.values, RESULT_STATES), "value")
        elif scope.values[name].is_open:
            report.add(messages.period_wanted(report.place(node.name.span), name))
        return name
    return ""


# ---- time


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
            case nodes.Weight() | nodes.MissingRule() | nodes.Cap():
                pass
            case nodes.Expectation() | nodes.ExpectationOfEach() | nodes.Silence():
                pass
            case nodes.Score():
                check_score(node, item, scope)
            case _:
                assert_never(node)
    check_order(item.node, scope)
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
    if node.name.text in (*PARTS, "state") and isinstance(node, nodes.Milestone):
        report.add(messages.reserved_name(report.place(node.name.span), node.name.text))
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


def _check_deciders(contract: nodes.Contract, scope: Scope) -> None:
    """Who decides about facts, measures and items has a role; a contract says so once."""
    scope.report.once(contract.statements, (nodes.DecidedBy,))
    pending: list[nodes.Contract | nodes.Section] = [contract]
    while pending:
        for node in pending.pop().statements:
            if isinstance(node, nodes.Section):
                pending.append(node)
            elif isinstance(node, nodes.DecidedBy):
                _check_roles(node.role, scope)
            elif isinstance(node, nodes.Measure | nodes.Fact | nodes.Parameter):
                scope.report.once(node.statements, (nodes.DecidedBy,))
                for each in node.statements:
                    if isinstance(each, nodes.DecidedBy):
                        _check_roles(each.role, scope)


def _check_roles(stated: nodes.Stated[nodes.Identifier | nodes.Undecided], scope: Scope) -> None:
    """A role that is declared, or one still to be decided."""
    report = scope.report
    report.one_governs(stated)
    for statement in stated.statements:
        role = statement.value
        if isinstance(role, nodes.Undecided):
            report.undecided_period(role)
        elif role.text not in scope.roles:
            report.unknown(role, scope.roles, "role")


def _check_assessment(
    node: nodes.Assessment,
    scope: Scope,
    names: dict[str, nodes.Milestone | nodes.Assessment],
) -> None:
    report = scope.report
    _check_roles(node.role, scope)
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
    target = first_limit(item.node)
    if target is None:
        report.add(messages.guideline_without_target(report.place(node.span), item.id))
        return
    conditions.check_guideline_rows(node, target, scope)


def _check_rules(contract: nodes.Contract, closes: Period | None, report: Report) -> None:
    """`counts as zero` and `is left out` act only from the day reporting closes."""
    if closes is not None:
        return
    pending: list[nodes.Contract | nodes.Section | nodes.Item] = [contract]
    while pending:
        for node in pending.pop().statements:
            if isinstance(node, nodes.MissingRule) and node.state == NOT_REPORTED:
                if node.rule != STAYS_OPEN:
                    report.add(messages.rule_without_closing(report.place(node.span)))
            elif isinstance(node, nodes.Section | nodes.Item):
                pending.append(node)
