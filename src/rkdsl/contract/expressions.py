"""What expressions and tests mean: their units, and the direction they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, assert_never

from rkdsl import messages
from rkdsl.contract import register_remarks, texts, units
from rkdsl.contract.report import Report, held, value_of
from rkdsl.contract.scope import (
    FUNCTIONS,
    SERIES,
    Local,
    Scope,
    answers,
    is_bare,
    local_of,
    measures_in,
    names_are_known,
    references,
    values_of,
)
from rkdsl.contract.symbols import PARTS, TOTAL
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.plain import evolve
from rkdsl.values import (
    DAY,
    DAYS,
    MAX_SERIES,
    PERCENT,
    PLAIN,
    REGISTERED,
    TRUTH,
    WORD,
    Period,
    Unit,
    parts_of_period,
)

Body = nodes.Stated[nodes.Expression] | nodes.Conditions | nodes.Function
MAX_POWER: Final = 100


def check_rhythm(
    read: list[nodes.Reference], period: Period, place: nodes.When | nodes.PeriodLiteral, scope: Scope
) -> None:
    """A finding for each measure that has no reading of exactly this period."""
    told = set()
    for reference in read:
        for measure in measures_in(reference, scope):
            if measure.rhythm and not answers(measure, period) and measure.id not in told:
                told.add(measure.id)
                known = [str(each) for each in measure.history]
                there = scope.report.place(place.span)
                scope.report.add(
                    messages.no_such_reading(there, str(period), measure.id, measure.rhythm, known)
                )


def asked_direction(test: nodes.Test, unit: Unit) -> str:
    """`lower` or `higher` where a test asks for one of them, else nothing."""
    match test:
        case nodes.Limit(comparison=comparison):
            return {"at most": "lower", "below": "lower", "at least": "higher", "above": "higher"}.get(
                comparison, ""
            )
        case nodes.Change(direction=direction, comparison=comparison):
            asked = "lower" if direction == "falls" else "higher"
            other = "higher" if direction == "falls" else "lower"
            return {"at least": asked, "at most": other}.get(comparison, "")
        case nodes.Linear():
            low, high = written(test.start.first, unit), written(test.end.first, unit)
            if low is not None and high is not None and low != high:
                return "higher" if high > low else "lower"
    return ""


def written(value: nodes.Expression, unit: Unit) -> Fraction | None:
    """The number that is written there, a day as its ordinal; None for anything to be worked out."""
    match value:
        case nodes.Quantity():
            return held(value, unit)
        case nodes.PeriodLiteral(period=Period(first=first)):
            return Fraction(first.toordinal())
        case _:
            return None


def is_relative(amount: nodes.Expression) -> bool:
    """Whether a change is counted as a percentage of its base."""
    return isinstance(amount, nodes.Quantity | nodes.Undecided) and amount.unit in ("%", "‰")


# ---- units of expressions


def unit_of(
    expression: nodes.Expression | nodes.Condition, scope: Scope, expected: Unit | None, subject: Unit | None
) -> Unit | None:
    """The unit of an expression; None when it is unknown, with the reason reported if it is a mistake.

    `expected` is what the place asks for: a number without a unit takes it. `subject` is the unit of the
    condition's subject, which `year before` stands for.
    """
    report = scope.report
    match expression:
        case nodes.Quantity():
            return _quantity_unit(expression, expected, report)
        case nodes.PeriodLiteral():
            return DAY if day_literal(expression, expected or DAY, report) else None
        case nodes.Reference(name=name):
            if is_bare(expression, scope):
                return _bare_unit(name, scope, expected)
            return _reference_unit(name, scope)
        case nodes.Call():
            return _call_unit(expression, scope, subject)
        case nodes.Condition():
            return TRUTH
        case nodes.Word():
            return WORD
        case nodes.NoValue():
            return expected
        case nodes.YearBefore():
            if subject is None:
                report.add(messages.year_before_what(report.place(expression.span)))
            return subject
        case nodes.Timed():
            return _timed_unit(expression, scope, expected, subject)
        case nodes.Sum():
            return _sum_unit(expression, scope, expected, subject)
        case nodes.Product():
            return _product_unit(expression, scope, subject)
        case nodes.Undecided():
            if expression.unit in REGISTERED:
                report.add(register_remarks.of_registers(report.place(expression.span), expression.unit))
                return None
            return UNITS[expression.unit] if expression.unit else expected
        case nodes.Unclear():
            return expected
        case _:
            assert_never(expression)


def _bare_unit(name: nodes.Identifier, scope: Scope, expected: Unit | None) -> Unit | None:
    """The unit of a parameter that stands for a number without one: what its place asks for."""
    if expected is not None and expected.shown:
        scope.report.add(texts.bare_argument(scope.report.place(name.span), name.text, str(expected)))
        return None
    return expected or PLAIN


def _reference_unit(name: nodes.Identifier, scope: Scope) -> Unit | None:
    """The unit of what is called so, reported where it is no value."""
    named = scope.named(name.text)
    if named is not None:
        return named.unit
    place = scope.report.place(name.span)
    end, whole = scope.end(name.text), scope.points_of(name.text)
    if end is not None:
        return end
    if whole is not None:
        return whole.unit or scope.points
    found = scope.part(name.text)
    if found is not None:
        thing, part = found
        if part in thing.milestones:
            return DAY
        if part in PARTS and thing.has_points:
            return PERCENT if part == "share" else thing.unit or scope.points
        known = [*(PARTS if thing.has_points else ()), *thing.milestones]
        scope.report.add(texts.no_such_part(place, thing.id, part, known))
        return None
    if name.text in scope.things or name.text == TOTAL or name.text in scope.scales:
        scope.report.add(texts.not_a_value(place, name.text, is_scale=name.text in scope.scales))
    else:
        scope.report.unknown(name, scope.readable, "measure, fact or value")
    return None


# ---- functions and scales


def is_series(call: nodes.Call) -> bool:
    """Whether a function takes one measure over a run of periods."""
    return (
        call.name.text in SERIES and len(call.arguments) == 1 and isinstance(call.arguments[0], nodes.Timed)
    )


def series_of(call: nodes.Call, scope: Scope) -> tuple[Period, ...]:
    """The periods whose readings a function combines; none when they cannot be made out."""
    (timed,) = call.arguments
    assert isinstance(timed, nodes.Timed)
    literal = timed.when.period
    rhythms = _rhythms(timed.expression, scope)
    if not isinstance(literal, nodes.PeriodLiteral) or literal.period is None or len(rhythms) != 1:
        return ()
    (rhythm,) = rhythms
    return parts_of_period(literal.period, rhythm)


def _rhythms(expression: nodes.Expression, scope: Scope) -> set[str]:
    found = (measure for each in references(expression, scope) for measure in measures_in(each, scope))
    return {each.rhythm for each in found if each.rhythm}


def _call_unit(call: nodes.Call, scope: Scope, subject: Unit | None) -> Unit | None:
    name = call.name.text
    if name in scope.scales:
        return _applied_unit(call, scope, subject)
    if name not in FUNCTIONS:
        known = [*scope.scales, *FUNCTIONS]
        scope.report.add(texts.unknown_function(scope.report.place(call.name.span), name, known))
        return None
    if is_series(call):
        return _series_unit(call, scope)
    match name:
        case "first" | "last":
            scope.report.add(texts.series_wanted(scope.report.place(call.span), name))
            return None
        case "previous":
            return _previous_unit(call, scope)
        case "days":
            return _days_unit(call, scope, subject)
        case "power":
            return _power_unit(call, scope, subject)
        case "count":
            return _count_unit(call, scope, subject)
        case "best" | "worst":
            return _best_unit(call, scope, subject)
        case _:
            return alike(call.arguments, scope, None, subject)


def _applied_unit(call: nodes.Call, scope: Scope, subject: Unit | None) -> Unit | None:
    """The unit a scale gives for these arguments; looked at once for arguments of the same units."""
    scale = scope.scales[call.name.text]
    units_found = [unit_of(each, scope, None, subject) for each in call.arguments]
    if not _has_arguments(call, scope, len(scale.parameters)):
        return None
    pairs = zip(call.arguments, units_found, strict=True)
    arguments = tuple(local_of(each, unit, scope) for each, unit in pairs)
    if None in units_found:
        return None
    key = (call.name.text, arguments)
    if key not in scope.applied:
        scope.applied[key] = None  # while it is looked at; circles are told elsewhere
        inner = inside_scale(scale, arguments, scope)
        expected = range_unit(scale.range, inner)
        scope.applied[key] = body_unit(scale.body, inner, expected)
    return scope.applied[key]


def inside_scale(scale: nodes.Scale, arguments: Sequence[Local], scope: Scope) -> Scope:
    """What can be referred to inside a scale that is applied to these arguments."""
    names = (each.text for each in scale.parameters)
    return evolve(scope, locals=dict(zip(names, arguments, strict=False)), is_open=False)


def _has_arguments(call: nodes.Call, scope: Scope, least: int, most: int | None = None) -> bool:
    count, most = len(call.arguments), least if most is None else most
    if least <= count <= most:
        return True
    place = scope.report.place(call.name.span)
    scope.report.add(texts.other_arguments(place, call.name.text, count, least, most))
    return False


def _series_unit(call: nodes.Call, scope: Scope) -> Unit | None:
    (timed,) = call.arguments
    assert isinstance(timed, nodes.Timed)
    unit = unit_of(timed.expression, scope, None, None)
    literal = timed.when.period
    if unit is None or not isinstance(literal, nodes.PeriodLiteral):
        return unit
    period = scope.report.period(literal)
    rhythms = sorted(_rhythms(timed.expression, scope))
    place = scope.report.place(timed.when.span)
    if period is None:
        return None
    if not rhythms:
        scope.report.add(messages.nothing_to_read(place))
        return None
    parts = series_of(call, scope)
    if not parts or len(parts) > MAX_SERIES:
        scope.report.add(texts.no_whole_periods(place, str(period), rhythms, len(parts)))
        return None
    if not _is_amount(unit) and call.name.text in ("sum", "mean"):
        scope.report.add(messages.units_do_not_add(place, str(unit), "+", str(unit)))
        return None
    return unit


def _previous_unit(call: nodes.Call, scope: Scope) -> Unit | None:
    """`previous(m1.points)`, `previous(m1.state)`, `previous(total.share)`, and `previous(v)` of a value."""
    if not _has_arguments(call, scope, 1):
        return None
    (of,) = call.arguments
    if isinstance(of, nodes.Reference):
        found = scope.part(of.name.text)
        if found is not None and found[1] == "state":
            return WORD
        if of.name.text in scope.ahead and of.name.text not in scope.values:
            return _unit_ahead(of.name, scope)
        is_value = of.name.text in scope.values and not scope.values[of.name.text].is_open
        if is_value or (found is not None and found[1] in PARTS):
            return _reference_unit(of.name, scope)
    scope.report.add(texts.previous_of_what(scope.report.place(of.span)))
    return None


def _unit_ahead(name: nodes.Identifier, scope: Scope) -> Unit | None:
    """The unit of a value that is carried over before it has been looked at, as in its own body."""
    unit = scope.ahead[name.text]
    if unit is None:
        scope.report.add(texts.range_wanted(scope.report.place(name.span), name.text))
    return unit


def unit_ahead(node: nodes.Value, scope: Scope) -> Unit | None:
    """The unit of a value as far as its range, or a word or condition in it, says."""
    if isinstance(node.body, nodes.Conditions):
        return TRUTH
    if any(isinstance(each, nodes.Word) for each in values_of(node.body)):
        return WORD
    return range_unit(node.range, scope)


def _days_unit(call: nodes.Call, scope: Scope, subject: Unit | None) -> Unit | None:
    if not _has_arguments(call, scope, 2, 3):
        return None
    for each in call.arguments[:2]:
        unit = unit_of(each, scope, DAY, subject)
        if unit is not None and unit != DAY:
            scope.report.add(messages.units_differ(scope.report.place(each.span), str(unit), str(DAY)))
    for each in call.arguments[2:]:
        if not isinstance(each, nodes.Reference) or each.name.text not in scope.calendars:
            name = each.name if isinstance(each, nodes.Reference) else nodes.Identifier("", span=each.span)
            scope.report.unknown(name, scope.calendars, "calendar")
    return DAYS


def _power_unit(call: nodes.Call, scope: Scope, subject: Unit | None) -> Unit | None:
    if not _has_arguments(call, scope, 2):
        return None
    base, exponent = call.arguments
    unit = unit_of(base, scope, None, subject)
    if whole_number(exponent) is None or abs(whole_number(exponent) or 0) > MAX_POWER:
        scope.report.add(texts.whole_wanted(scope.report.place(exponent.span), -MAX_POWER, MAX_POWER))
    if unit is not None and not units.is_ratio(unit):
        scope.report.add(messages.units_differ(scope.report.place(base.span), str(unit), str(PLAIN)))
        return None
    return PLAIN


def whole_number(argument: nodes.Expression | nodes.Condition) -> int | None:
    """A whole number, written as a number without a unit."""
    if not isinstance(argument, nodes.Quantity) or argument.unit or argument.magnitude:
        return None
    number = argument.number
    return int(number) if number is not None and number.denominator == 1 else None


def _count_unit(call: nodes.Call, scope: Scope, subject: Unit | None) -> Unit | None:
    for each in call.arguments:
        unit = unit_of(each, scope, TRUTH, subject)
        if unit is not None and unit != TRUTH:
            scope.report.add(messages.units_differ(scope.report.place(each.span), str(unit), str(TRUTH)))
    return PLAIN


def _best_unit(call: nodes.Call, scope: Scope, subject: Unit | None) -> Unit | None:
    first, *others = call.arguments
    if not others or not 1 <= (whole_number(first) or 0) <= len(others):
        scope.report.add(texts.whole_wanted(scope.report.place(first.span), 1, max(1, len(others))))
        return None
    return alike(others, scope, None, subject)


def _is_amount(unit: Unit) -> bool:
    return unit.shown not in ("truth", "word", "day")


def alike(
    values: Sequence[nodes.Expression | nodes.Condition],
    scope: Scope,
    expected: Unit | None,
    subject: Unit | None,
) -> Unit | None:
    """The unit that several values share; a number without a unit takes that of the others."""
    plain = [each for each in values if is_bare(each, scope)]
    found: Unit | None = expected
    is_known = True
    for each in values:
        if isinstance(each, nodes.NoValue) or is_bare(each, scope):
            continue
        unit = unit_of(each, scope, found, subject)
        if unit is None:
            is_known = is_known and isinstance(each, nodes.Undecided | nodes.Unclear)
        elif found is None:
            found = unit
        elif not units.comparable(unit, found):
            scope.report.add(messages.units_differ(scope.report.place(each.span), str(unit), str(found)))
            is_known = False
    for number in plain:
        unit = unit_of(number, scope, found or PLAIN, subject)
        is_known = is_known and unit is not None
    return (found or (PLAIN if plain else None)) if is_known else None


# ---- forms of a function


def body_unit(body: Body, scope: Scope, expected: Unit | None) -> Unit | None:
    """The unit of what a body comes to."""
    if isinstance(body, nodes.Conditions):
        return TRUTH
    values = values_of(body)
    unit = alike(values, scope, expected, None)
    if isinstance(body, nodes.Curve) and unit is not None and not _is_amount(unit):
        scope.report.add(texts.numbers_wanted(scope.report.place(body.span), str(unit)))
        return None
    return unit


def shown_unit(node: nodes.Value, unit: Unit) -> Unit:
    """What a value is printed in: a plain number in per cent, where its range, rounding or `shown` is."""
    steps = [each.step.unit for each in (node.rounded, node.shown) if isinstance(each, nodes.Rounding)]
    bounds = node.range
    ends = [each.unit for each in (bounds.low, bounds.high) if each is not None] if bounds is not None else []
    found = [each for each in (*steps, *ends) if each in ("%", "‰")]
    return UNITS[found[0]] if unit == PLAIN and found else unit


def range_unit(bounds: nodes.Range | None, scope: Scope) -> Unit | None:
    """The unit that a range is written in; None where it says none."""
    if bounds is None:
        return None
    ends = [each for each in (bounds.low, bounds.high, *bounds.choices) if each is not None]
    if any(isinstance(each, nodes.Word) for each in ends):
        return WORD
    written_units = [each.unit for each in ends if isinstance(each, nodes.Quantity) and each.unit]
    if not written_units:
        return None
    return scope.points if UNITS[written_units[0]] == scope.points else UNITS[written_units[0]]


# ---- the parts of expressions


def _quantity_unit(quantity: nodes.Quantity, expected: Unit | None, report: Report) -> Unit | None:
    if expected is not None:
        return expected if value_of(quantity, expected, report) is not None else None
    own = UNITS[quantity.unit] if quantity.unit else PLAIN
    return own if value_of(quantity, own, report) is not None else None


def day_literal(literal: nodes.PeriodLiteral, expected: Unit, report: Report) -> bool:
    """A date stands as a value only where a day is asked for, and then it is one day."""
    if literal.period is None:
        return False
    if expected != DAY:
        report.add(messages.date_for_a_number(report.place(literal.span), str(literal.period), str(expected)))
        return False
    if literal.period.kind != "day":
        report.add(messages.one_day_wanted(report.place(literal.span), str(literal.period)))
        return False
    return True


def _timed_unit(
    expression: nodes.Timed, scope: Scope, expected: Unit | None, subject: Unit | None
) -> Unit | None:
    read = list(references(expression.expression, scope))
    when = expression.when
    if not read and names_are_known(expression.expression, scope):
        scope.report.add(messages.nothing_to_read(scope.report.place(when.span)))
    if isinstance(when.period, nodes.PeriodLiteral):
        period = scope.report.period(when.period)
        if period is not None:
            check_rhythm(read, period, when, scope)
    else:
        scope.report.undecided_period(when.period)
    return unit_of(expression.expression, scope, expected, subject)


def _sum_unit(
    expression: nodes.Sum, scope: Scope, expected: Unit | None, subject: Unit | None
) -> Unit | None:
    """Terms in order; a number without a unit takes that of the first term that has one."""
    others = [term for _, term in expression.terms if not is_bare(term, scope)]
    known = [unit_of(term, scope, None, subject) for term in others]
    if None in known:
        return None
    leading = known[0] if known else (expected or PLAIN)
    given = iter(known)
    total: Unit | None = None
    for sign, term in expression.terms:
        unit = unit_of(term, scope, leading, subject) if is_bare(term, scope) else next(given)
        if unit is None:
            return None
        if total is not None:
            together = units.added(total, sign, unit)
            if together is None:
                place = scope.report.place(term.span)
                scope.report.add(messages.units_do_not_add(place, str(total), sign, str(unit)))
            total = together
        else:
            total = unit
        if total is None:
            return None
    return total


def _product_unit(expression: nodes.Product, scope: Scope, subject: Unit | None) -> Unit | None:
    total: Unit | None = None
    for sign, factor in expression.factors:
        unit = unit_of(factor, scope, None, subject)
        if unit is None:
            return None
        if total is None:
            total = unit
            continue
        together = units.multiplied(total, unit) if sign == "*" else units.divided(total, unit)
        if together is None:
            place = scope.report.place(factor.span)
            scope.report.add(messages.units_do_not_multiply(place, str(total), sign, str(unit)))
            return None
        total = together
    return total
