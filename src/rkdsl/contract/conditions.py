"""Checks what a condition says: names, units, periods and direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final, assert_never

from rkdsl import messages
from rkdsl.contract import remarks, texts, units
from rkdsl.contract.expressions import asked_direction, check_rhythm, unit_of, written
from rkdsl.contract.report import Report, children, held, inside
from rkdsl.contract.scope import (
    STATE_WORDS,
    Scope,
    asks_what_is_known,
    direction_of,
    names_are_known,
    references,
    words_of,
)
from rkdsl.contract.strength import check_guideline_strength, check_strength
from rkdsl.contract.symbols import TOTAL, Quantified, Valued
from rkdsl.language import nodes
from rkdsl.plain import TYPE_CHECKING, Late
from rkdsl.values import PERCENT, TRUTH, WORD, Period, Unit, year_before

if TYPE_CHECKING:
    from rkdsl.contract import equations
else:
    equations = Late("rkdsl.contract.equations")

PLAIN_WORDS: Final = ("yes", "no", "reported", "applicable", "defined")
"""What anything may be said to be, beside a word in quotes."""

# ---- targets


def check_target(node: nodes.Target, scope: Scope) -> None:
    """A target, scored or not, and what it is said to equal."""
    subject = when = None
    for condition in node.conditions:
        subject = condition.subject or subject
        when = condition.when if condition.subject else when
        assert subject is not None
        unit = _check_condition(condition, subject, when, node.standing, scope)
        for equal in node.equals:
            _check_equals(equal, unit, scope)
    if node.equals:
        _compare_equals(node, scope)


def check_conditions(node: nodes.Conditions, scope: Scope) -> None:
    """Conditions that are no target: in a value, a row, a limit or an argument."""
    subject = when = None
    for condition in node.conditions:
        subject = condition.subject or subject
        when = condition.when if condition.subject else when
        assert subject is not None
        _check_condition(condition, subject, when, None, scope)


def _check_condition(
    condition: nodes.Condition,
    subject: nodes.Expression,
    when: nodes.Stated[nodes.When] | None,
    standing: str | None,
    scope: Scope,
) -> Unit | None:
    """The unit of the subject, None when it has none that is known; `standing` None where it is no target."""
    report = scope.report
    if asks_what_is_known(condition.test, scope):
        _check_known(condition.test, subject, when, scope)
        return None
    if _is_of_thing(condition.test, subject, scope):
        if when is not None:
            report.add(messages.nothing_to_read(report.place(when.span)))
        return None
    core, times = core_of(subject, when)
    if condition.subject is not None:
        _check_time(subject, when, scope)
        if standing == "":
            _check_binding(times, scope)
            _check_advance(core, times, scope)
    unit = unit_of(subject, scope, None, None)
    if isinstance(condition.test, nodes.Is):
        _check_is(condition.test, core, unit, scope)
        return unit
    if unit in (TRUTH, WORD):
        report.add(messages.truths_and_numbers(report.place(condition.span), str(unit), "a number"))
        return unit
    _check_test(condition.test, unit, scope)
    _check_baseline(condition.test, subject, when, scope)
    measure = _measure_of(core, scope)
    if isinstance(condition.test, nodes.Linear) and unit is not None:
        _check_line(condition.test, unit, direction_of(core, scope), report)
    if isinstance(condition.test, nodes.Better) and not _has_direction(core, scope):
        report.add(messages.line_without_direction(report.place(condition.test.span)))
    if standing in ("", "guideline"):
        _check_direction(condition, core, unit, scope)
    if measure is not None:
        if isinstance(condition.test, nodes.Change):
            _check_relative_change(condition.test, measure, report)
        if standing is not None:
            for _, period in periods(times):
                check_strength(condition.test, measure, period, scope)
    return unit


def _check_known(
    test: nodes.Test, subject: nodes.Expression, when: nodes.Stated[nodes.When] | None, scope: Scope
) -> None:
    """`is pending` of a goal or requirement, `is not known` of anything that the outcome tells."""
    assert isinstance(test, nodes.Is)
    report, word = scope.report, test.what.text
    name = subject.name.text if isinstance(subject, nodes.Reference) else ""
    thing, value = scope.things.get(name), scope.values.get(name) or scope.exported.get(name)
    is_told = thing is not None and (thing.has_points or thing.kind == "item")
    is_told = is_told or (value is not None and not (isinstance(value, Valued) and value.is_open))
    if when is not None:
        report.add(messages.nothing_to_read(report.place(when.span)))
    elif word == "known" and not test.negated:
        report.add(remarks.only_not_known(report.place(test.span)))
    elif word == "pending" and (thing is None or thing.kind not in ("item", "assessed")):
        report.add(remarks.only_items_pend(report.place(subject.span)))
    elif not is_told:
        report.add(remarks.not_told(report.place(subject.span)))


def _has_direction(subject: nodes.Expression, scope: Scope) -> bool:
    """Whether better and worse are declared; what is not known has been told already."""
    return direction_of(subject, scope) in ("lower", "higher") or not names_are_known(subject, scope)


def _is_of_thing(test: nodes.Test, subject: nodes.Expression, scope: Scope) -> bool:
    """Whether a test is one of a goal, requirement or section by its name; looked at here if so."""
    name = subject.name.text if isinstance(subject, nodes.Reference) else ""
    is_thing = (name in scope.things or name == TOTAL) and not scope.is_readable(name)
    if not isinstance(test, nodes.Is) or not isinstance(test.what, nodes.Identifier):
        return False
    word, place = test.what.text, scope.report.place(test.what.span)
    if not is_thing:
        if word in STATE_WORDS:
            scope.report.add(texts.only_of_things(place, word))
            return True
        return False
    known = (*STATE_WORDS, "applicable", "defined")
    if word not in known:
        scope.report.add(texts.unknown_word(place, word, "state", known))
    elif scope.things[name].kind != "item" and not scope.things[name].has_points:
        scope.report.add(texts.no_state(scope.report.place(subject.span), name))
    return True


def _check_is(test: nodes.Is, subject: nodes.Expression, unit: Unit | None, scope: Scope) -> None:
    """A word, yes or no, or a state, of something that can be it."""
    report, place = scope.report, scope.report.place(test.span)
    if isinstance(test.what, nodes.Word):
        known = words_of(subject, scope)
        if unit is not None and unit != WORD:
            report.add(messages.truths_and_numbers(place, str(unit), "a word"))
        elif known and test.what.text not in known:
            report.add(
                texts.unknown_word(report.place(test.what.span), test.what.text, "word of this", known)
            )
        return
    word = test.what.text
    if word not in PLAIN_WORDS:
        report.add(texts.unknown_word(report.place(test.what.span), word, "state", PLAIN_WORDS))
    elif word in ("yes", "no") and unit is not None and unit != TRUTH:
        report.add(messages.truths_and_numbers(place, str(unit), "yes or no"))
    elif word == "reported" and unit is not None and not _is_reported(subject, scope):
        report.add(texts.only_of_inputs(report.place(subject.span)))


def _is_reported(subject: nodes.Expression, scope: Scope) -> bool:
    """Whether actuals give what a subject names."""
    if not isinstance(subject, nodes.Reference):
        return False
    found = scope.part(subject.name.text)
    return subject.name.text in scope.measures or (found is not None and found[1] in found[0].milestones)


def core_of(
    subject: nodes.Expression, when: nodes.Stated[nodes.When] | None
) -> tuple[nodes.Expression, tuple[nodes.When, ...]]:
    """What is compared, and at which times: `(visits in 2026)` says no more than `visits in 2026`."""
    if isinstance(subject, nodes.Timed):
        return subject.expression, (subject.when,)
    return subject, tuple(each.value for each in when.statements) if when is not None else ()


def _measure_of(subject: nodes.Expression, scope: Scope) -> Quantified | None:
    return scope.measures.get(subject.name.text) if isinstance(subject, nodes.Reference) else None


def _check_time(subject: nodes.Expression, when: nodes.Stated[nodes.When] | None, scope: Scope) -> None:
    report = scope.report
    read = list(references(subject, scope))
    if not any(isinstance(each, nodes.Reference | nodes.Call) for each in inside(subject)):
        report.add(messages.nothing_measured(report.place(subject.span)))
        return
    if when is None:
        check_periods(subject, scope)
        return
    report.one_governs(when)
    if not read and names_are_known(subject, scope):
        report.add(messages.nothing_to_read(report.place(when.span)))
    for statement in when.statements:
        if isinstance(statement.value.period, nodes.Undecided):
            report.undecided_period(statement.value.period)
            continue
        period = report.period(statement.value.period)
        if period is not None:
            check_rhythm(read, period, statement.value, scope)


def check_periods(node: nodes.Node, scope: Scope) -> None:
    """What is read has a period, except in a value that is read in that of its user."""
    if not scope.is_open:
        for reference in references(node, scope):
            scope.report.add(messages.period_wanted(scope.report.place(reference.span), reference.name.text))


def _check_binding(times: Iterable[nodes.When], scope: Scope) -> None:
    binding = scope.binding
    for literal, period in periods(times):
        if binding is not None and (period.first < binding.first or period.last > binding.last):
            place = scope.report.place(literal.span)
            scope.report.add(messages.target_outside_binding(place, str(period), str(binding)))


def _check_advance(subject: nodes.Expression, times: Iterable[nodes.When], scope: Scope) -> None:
    """A reading that the contract states itself decides its target before anything is reported."""
    if not isinstance(subject, nodes.Reference) or subject.name.text not in scope.measures:
        return
    measure = scope.measures[subject.name.text]
    for literal, period in periods(times):
        if period in measure.history:
            place = scope.report.place(literal.span)
            entry = scope.report.place(measure.history[period].span)
            scope.report.add(messages.stated_in_advance(place, measure.id, str(period), entry))


def periods(times: Iterable[nodes.When]) -> Iterator[tuple[nodes.PeriodLiteral, Period]]:
    """The periods that are written and known, each with its place."""
    for each in times:
        if isinstance(each.period, nodes.PeriodLiteral) and each.period.period is not None:
            yield each.period, each.period.period


# ---- tests


def _check_test(test: nodes.Test, subject: Unit | None, scope: Scope) -> None:
    match test:
        case nodes.Limit(value=value) | nodes.Better(value=value):
            _check_stated(value, subject, subject, scope)
        case nodes.Between(low=low, high=high) | nodes.Linear(start=low, end=high):
            _check_stated(low, subject, subject, scope)
            _check_stated(high, subject, subject, scope)
            _check_ends(test, subject, scope.report)
        case nodes.Change():
            if test.amount is not None:
                _check_amount(test.amount, subject, test.direction, scope)
            _check_base(test.base, scope)
        case nodes.Unchanged():
            _check_amount(test.tolerance, subject, "", scope)
            _check_base(test.base, scope)
        case nodes.Is():
            pass
        case _:
            assert_never(test)


def _check_stated(
    stated: nodes.Stated[nodes.Expression], expected: Unit | None, subject: Unit | None, scope: Scope
) -> None:
    """Every stated value of a limit has the unit of what it limits."""
    scope.report.one_governs(stated)
    check_periods(stated, scope)
    for statement in stated.statements:
        unit = unit_of(statement.value, scope, expected, subject)
        if unit is None or expected is None or isinstance(statement.value, nodes.Quantity):
            continue
        if not units.comparable(unit, expected):
            place = scope.report.place(statement.value.span)
            scope.report.add(messages.units_differ(place, str(unit), str(expected)))


def _check_ends(test: nodes.Between | nodes.Linear, unit: Unit | None, report: Report) -> None:
    low = test.low.first if isinstance(test, nodes.Between) else test.start.first
    high = test.high.first if isinstance(test, nodes.Between) else test.end.first
    if unit is None:
        return
    start, end = written(low, unit), written(high, unit)
    if start is None or end is None:
        return
    if isinstance(test, nodes.Between) and start > end:
        report.add(messages.range_turned_round(report.place(test.span)))
    if isinstance(test, nodes.Linear) and start == end:
        report.add(messages.linear_without_slope(report.place(test.span)))


def _check_amount(
    amount: nodes.Stated[nodes.Expression], subject: Unit | None, direction: str, scope: Scope
) -> None:
    """A change is a percentage of its base, or an amount in the unit of the measure (pp for one in %)."""
    scope.report.one_governs(amount)
    check_periods(amount, scope)
    if subject is None:
        return
    absolute = units.added(subject, "-", subject)
    for statement in amount.statements:
        value = statement.value
        if isinstance(value, nodes.Quantity) and value.number is not None and value.number < 0:
            scope.report.add(messages.change_below_zero(scope.report.place(value.span), direction))
            continue
        if isinstance(value, nodes.Quantity) and value.unit in ("%", "‰"):
            continue
        if isinstance(value, nodes.Undecided) and value.unit in ("%", "‰", ""):
            continue
        if isinstance(value, nodes.Quantity) and not value.unit and subject.shown in ("%", "‰"):
            scope.report.add(messages.per_cent_or_points(scope.report.place(value.span), value.number))
            continue
        unit = unit_of(value, scope, absolute, subject)
        if unit is None or absolute is None or isinstance(value, nodes.Quantity):
            continue
        if not units.comparable(unit, absolute):
            place = scope.report.place(value.span)
            scope.report.add(messages.units_differ(place, str(unit), f"{absolute} or %"))


def _check_base(
    base: nodes.Stated[nodes.PeriodLiteral | nodes.Undecided] | nodes.YearBefore, scope: Scope
) -> None:
    if isinstance(base, nodes.YearBefore):
        return
    scope.report.one_governs(base)
    for statement in base.statements:
        if isinstance(statement.value, nodes.PeriodLiteral):
            scope.report.period(statement.value)
        else:
            scope.report.undecided_period(statement.value)


def _check_baseline(
    test: nodes.Test, subject: nodes.Expression, when: nodes.Stated[nodes.When] | None, scope: Scope
) -> None:
    """What a test compares with is read in another period than its subject, and in an earlier one."""
    read = list(references(subject, scope))
    base = test.base if isinstance(test, nodes.Change | nodes.Unchanged) else None
    asked = _years_before(test)
    if not read and names_are_known(subject, scope):
        for each in [*asked, *([base] if isinstance(base, nodes.Stated) else [])]:
            scope.report.add(messages.no_baseline(scope.report.place(each.span)))
        return
    _, times = core_of(subject, when)
    if any(year_before(period) is None for _, period in periods(times)):
        for each in asked:
            scope.report.add(messages.not_a_period(scope.report.place(each.span)))
    for statement in base.statements if isinstance(base, nodes.Stated) else ():
        literal = statement.value
        if isinstance(literal, nodes.Undecided) or literal.period is None:
            continue
        check_rhythm(read, literal.period, literal, scope)
        for _, period in periods(times):
            if literal.period.last >= period.last:
                place = scope.report.place(literal.span)
                scope.report.add(messages.baseline_not_earlier(place, str(literal.period), str(period)))


def _years_before(test: nodes.Test) -> list[nodes.YearBefore]:
    """Each `year before` that stands for the subject of a test; one in a condition inside it has its own."""
    pending: list[nodes.Node] = [test]
    found = []
    while pending:
        each = pending.pop()
        if isinstance(each, nodes.YearBefore):
            found.append(each)
        elif not isinstance(each, nodes.Condition):
            pending += children(each)
    return found


def _check_equals(node: nodes.Equals, unit: Unit | None, scope: Scope) -> None:
    if isinstance(node.test, nodes.Stated):
        scope.report.one_governs(node.test)
        for statement in node.test.statements:
            unit_of(statement.value, scope, None, unit)
    else:
        _check_test(node.test, unit, scope)


def _compare_equals(node: nodes.Target, scope: Scope) -> None:
    """A target of one condition in one period, and what it is said to equal."""
    if len(node.conditions) > 1 or scope.report.has_mistake_in(node.span):
        return
    (condition,) = node.conditions
    assert condition.subject is not None
    subject, times = core_of(condition.subject, condition.when)
    unit = unit_of(subject, scope, None, None)
    found = {period for _, period in periods(times)}
    if len(found) == 1 and unit is not None:
        equations.check_equals(node, equations.Subject(subject, found.pop(), unit, scope.report.file), scope)


# ---- direction and strength


def _check_direction(
    condition: nodes.Condition, subject: nodes.Expression, unit: Unit | None, scope: Scope
) -> None:
    """What a test asks for must be what the measure or value declares to be better."""
    if unit is None or not isinstance(subject, nodes.Reference):
        return
    asked, declared = asked_direction(condition.test, unit), direction_of(subject, scope)
    if asked and declared in ("lower", "higher") and asked != declared:
        name = subject.name.text
        known = scope.measures.get(name) or scope.values.get(name)
        place = at = scope.report.place(condition.test.span)
        if isinstance(known, Valued) or (known is not None and not known.contract):
            at = scope.report.place(known.node.name.span)
        scope.report.add(messages.against_direction(place, asked, name, declared, at))


def _check_line(test: nodes.Linear, unit: Unit, declared: str, report: Report) -> None:
    """Which end is better is written, or declared by the measure."""
    ends = written(test.start.first, unit), written(test.end.first, unit)
    if None in ends and declared not in ("lower", "higher"):
        report.add(messages.line_without_direction(report.place(test.span)))


def _check_relative_change(test: nodes.Change, measure: Quantified, report: Report) -> None:
    """`falls by 10 %` of a measure that is itself in %: the level each reading would give is shown."""
    if measure.unit != PERCENT or test.amount is None:
        return
    amount = test.amount.first
    base = test.base.first if isinstance(test.base, nodes.Stated) else None
    if not isinstance(amount, nodes.Quantity) or amount.unit not in ("%", "pp") or amount.number is None:
        return
    share = amount.number / 100
    sign = -1 if test.direction == "falls" else 1
    level = None
    if isinstance(base, nodes.PeriodLiteral) and base.period is not None:
        level = stated_reading(measure, base.period)
    levels = (level * (1 + sign * share), level + sign * share) if level is not None else None
    report.add(messages.of_or_points(report.place(amount.span), amount.number, amount.unit, levels))


def stated_reading(measure: Quantified, period: Period) -> Fraction | None:
    """The one number a contract states for a period, None when it states none or several."""
    entry = measure.history.get(period)
    if entry is None or len(entry.value.statements) != 1:
        return None
    value = entry.value.first
    return held(value, measure.unit) if isinstance(value, nodes.Quantity) else None


def check_guideline_rows(node: nodes.Guidelines, target: nodes.Condition, scope: Scope) -> None:
    """Guidelines have the unit of the target, and are compared with the latest reading like it."""
    assert target.subject is not None
    assert isinstance(target.test, nodes.Limit)
    unit = unit_of(target.subject, scope, None, None)
    for row in node.rows:
        _check_stated(row.value, unit, unit, scope)
    subject, _ = core_of(target.subject, target.when)
    measure = _measure_of(subject, scope)
    if measure is not None:
        check_guideline_strength(node, target, measure, scope)
