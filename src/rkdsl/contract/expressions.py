"""What expressions and tests mean: their units, the measures they read, the direction they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import assert_never

import attrs

from rkdsl import messages
from rkdsl.contract import units
from rkdsl.contract.report import Report, held, inside, value_of
from rkdsl.contract.symbols import Quantified
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.values import DAY, PLAIN, Period, Unit


@attrs.frozen
class Scope:
    """What a condition can refer to."""

    measures: Mapping[str, Quantified]
    roles: Mapping[str, nodes.Role]
    binding: Period | None
    report: Report


def answers(measure: Quantified, period: Period) -> bool:
    """Whether a measure has a reading of exactly this period."""
    return period.kind == measure.rhythm


def references(expression: nodes.Expression, scope: Scope) -> Iterator[nodes.Reference]:
    """The measures of an expression that still need a period, in the order of the text."""
    match expression:
        case nodes.Reference(name=name):
            if name.text in scope.measures and scope.measures[name.text].kind == "measure":
                yield expression
        case nodes.Sum(terms=parts) | nodes.Product(factors=parts):
            for _, part in parts:
                yield from references(part, scope)
        case _:
            return


def names_are_known(expression: nodes.Expression, scope: Scope) -> bool:
    """Whether everything an expression refers to is declared."""
    referred = (each for each in inside(expression) if isinstance(each, nodes.Reference))
    return all(each.name.text in scope.measures for each in referred)


def check_rhythm(
    read: list[nodes.Reference], period: Period, place: nodes.When | nodes.PeriodLiteral, scope: Scope
) -> None:
    """A finding for each measure that has no reading of exactly this period."""
    for reference in read:
        measure = scope.measures[reference.name.text]
        if measure.rhythm and not answers(measure, period):
            known = [str(each) for each in measure.history]
            scope.report.add(
                messages.no_such_reading(
                    scope.report.place(place.span), str(period), measure.id, measure.rhythm, known
                )
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
    expression: nodes.Expression, scope: Scope, expected: Unit | None, subject: Unit | None
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
            if name.text not in scope.measures:
                report.unknown(name, scope.measures, "measure or fact")
                return None
            return scope.measures[name.text].unit
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
            return UNITS[expression.unit] if expression.unit else expected
        case nodes.Unclear():
            return expected
        case _:
            assert_never(expression)


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
    plain = [term for _, term in expression.terms if isinstance(term, nodes.Quantity) and not term.unit]
    others = [term for _, term in expression.terms if term not in plain]
    known = [unit_of(term, scope, None, subject) for term in others]
    if None in known:
        return None
    leading = known[0] if known else (expected or PLAIN)
    given = iter(known)
    total: Unit | None = None
    for sign, term in expression.terms:
        unit = _quantity_unit(term, leading, scope.report) if term in plain else next(given)
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
