"""What a contract declares: measures, facts, parameters and roles, with what is missing or said twice reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from rkdsl import messages
from rkdsl.contract import forms, register_remarks, texts, units
from rkdsl.contract.expressions import day_literal
from rkdsl.contract.report import Report, held, value_of
from rkdsl.contract.scope import JOINED
from rkdsl.contract.symbols import Quantified
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.values import PLAIN, REGISTERED, RHYTHMS, TRUTH, WORD, Period, Unit


def measures_of(
    contract: nodes.Contract, report: Report, reserved: frozenset[str]
) -> Mapping[str, Quantified]:
    """Measures, facts and parameters by name; each column of a row of numbers has its own."""
    found: dict[str, Quantified] = {}
    for node in declarations(contract):
        name = node.name
        if name.text in reserved:
            report.add(messages.reserved_name(report.place(name.span), name.text))
        columns = node.columns if isinstance(node, nodes.Parameter) else ()
        names = [f"{name.text}.{each.text}" for each in columns] or [name.text]
        for each in names:
            if each in found:
                report.twice(name.span, each, found[each].node.name.span)
                continue
            found[each] = _quantified(each, node, report)
    return found


def declarations(contract: nodes.Contract) -> Iterator[nodes.Measure | nodes.Fact | nodes.Parameter]:
    """Every measure, fact and parameter, wherever it is declared: names are shared by the whole contract."""
    pending: list[nodes.Contract | nodes.Section] = [contract]
    while pending:
        block = pending.pop(0)
        for statement in block.statements:
            if isinstance(statement, nodes.Measure | nodes.Fact | nodes.Parameter):
                yield statement
            elif isinstance(statement, nodes.Section):
                pending.append(statement)


_KINDS: Final = {nodes.Measure: "measure", nodes.Fact: "fact", nodes.Parameter: "parameter"}


def _quantified(name: str, node: nodes.Measure | nodes.Fact | nodes.Parameter, report: Report) -> Quantified:
    """One measure, fact or parameter, with what is missing or said twice reported."""
    kind = _KINDS[type(node)]
    kinds = (
        nodes.UnitOf,
        nodes.Direction,
        nodes.Rhythm,
        nodes.SourceOf,
        nodes.Range,
        nodes.MayNotApply,
        nodes.JoinedBy,
    )
    report.once(node.statements, kinds)
    stated = [each for each in node.statements if isinstance(each, nodes.UnitOf)]
    unit = unit_said(stated[0], report) if stated else PLAIN
    if not stated:
        report.add(messages.missing_statement(report.place(node.name.span), kind, node.name.text, "unit"))
    direction = next((each.better for each in node.statements if isinstance(each, nodes.Direction)), "")
    rhythm = _rhythm(node, kind, report)
    if kind == "measure" and not direction and stated and unit not in (TRUTH, WORD):
        report.add(
            messages.missing_statement(report.place(node.name.span), kind, node.name.text, "direction")
        )
    bounds = next((each for each in node.statements if isinstance(each, nodes.Range)), None)
    low, high = _range(bounds, unit, report)
    choices = bounds.choices if bounds is not None else ()
    words = tuple(each.text for each in choices if isinstance(each, nodes.Word))
    if unit == WORD and not words:
        report.add(messages.missing_statement(report.place(node.name.span), kind, node.name.text, "words"))
    numbers = (held(each, unit) for each in choices if isinstance(each, nodes.Quantity))
    return Quantified(
        name,
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
        words,
        tuple(each for each in numbers if each is not None),
        _joined_by(node, rhythm, unit, report),
    )


def unit_said(stated: nodes.UnitOf, report: Report) -> Unit:
    """The unit said; `DKK/points` is so many of one for each of the other."""
    for each in (stated.unit, stated.per):
        if each in REGISTERED:
            report.add(register_remarks.of_registers(report.place(stated.span), each))
            return PLAIN
    unit = UNITS[stated.unit]
    if not stated.per:
        return unit
    together = units.divided(unit, UNITS[stated.per])
    if together is None:
        report.add(messages.units_do_not_multiply(report.place(stated.span), stated.unit, "/", stated.per))
    return together or PLAIN


def _joined_by(
    node: nodes.Measure | nodes.Fact | nodes.Parameter, rhythm: str, unit: Unit, report: Report
) -> str:
    for each in node.statements:
        if isinstance(each, nodes.JoinedBy):
            word = each.function
            if not rhythm:
                report.add(messages.not_of_a_fact(report.place(each.span), node.name.text, "longer periods"))
            elif word.text not in JOINED:
                report.add(texts.unknown_word(report.place(word.span), word.text, "way to combine", JOINED))
            elif word.text in ("sum", "mean") and unit.shown in ("truth", "word", "day"):
                report.add(messages.units_do_not_add(report.place(each.span), str(unit), "+", str(unit)))
            return word.text
    return ""


def _rhythm(node: nodes.Measure | nodes.Fact | nodes.Parameter, kind: str, report: Report) -> str:
    stated = [each for each in node.statements if isinstance(each, nodes.Rhythm)]
    if kind == "fact":
        for each in stated:
            report.add(messages.not_of_a_fact(report.place(each.span), node.name.text, "a rhythm"))
        return ""
    if not stated:
        if kind == "measure":
            report.add(
                messages.missing_statement(report.place(node.name.span), kind, node.name.text, "rhythm")
            )
        return ""
    if stated[0].unit not in RHYTHMS:
        report.add(messages.not_a_rhythm(report.place(stated[0].span), stated[0].unit))
        return ""
    return stated[0].unit


def _range(bounds: nodes.Range | None, unit: Unit, report: Report) -> tuple[Fraction | None, Fraction | None]:
    """The range said; without one, counts begin at zero and all else is open at both ends."""
    natural = Fraction(0) if unit.is_count else None
    if bounds is None:
        return natural, None
    if unit.shown in ("truth", "day"):
        report.add(messages.no_range_of_this(report.place(bounds.span), str(unit)))
        return None, None
    low, high = forms.check_range(bounds, unit, report)
    return (natural if low is None else low), high


def _history(
    node: nodes.Measure | nodes.Fact | nodes.Parameter,
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
        has_columns = isinstance(node, nodes.Parameter) and bool(node.columns)
        if has_columns or (not rhythm and kind != "measure"):
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


def roles_of(contract: nodes.Contract, report: Report, reserved: frozenset[str]) -> Mapping[str, nodes.Role]:
    """Those who assess, by name."""
    found: dict[str, nodes.Role] = {}
    for node in contract.statements:
        if not isinstance(node, nodes.Role):
            continue
        if found.setdefault(node.name.text, node) is not node:
            report.twice(node.name.span, node.name.text, found[node.name.text].name.span)
        if node.name.text in reserved:
            report.add(messages.reserved_name(report.place(node.name.span), node.name.text))
    return found
