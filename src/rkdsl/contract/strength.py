"""Whether a target or guideline asks for less than what is known already, or than what comes before it."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from fractions import Fraction

from rkdsl.contract import contradictions
from rkdsl.contract.expressions import asked_direction, is_relative, written
from rkdsl.contract.printed import numbers_of, relevant
from rkdsl.contract.report import held
from rkdsl.contract.scope import Scope
from rkdsl.contract.symbols import Quantified
from rkdsl.language import nodes
from rkdsl.messages import weaker_than_reading
from rkdsl.plain import Final, NamedTuple
from rkdsl.source import Span
from rkdsl.values import MONTHS_IN, Period, months, year_before

LOWER: Final = "lower"


class Asked(NamedTuple):
    """A number that a target or guideline asks for at least or at most, and where it stands."""

    direction: str
    number: Fraction
    span: Span


def is_weaker(direction: str, number: Fraction, than: Fraction) -> bool:
    """Whether one number asks for less than another."""
    return number > than if direction == LOWER else number < than


def asked_by(test: nodes.Test, measure: Quantified, period: Period) -> Iterator[Asked]:
    """What a test asks for, as far as the contract says it in numbers."""
    direction = asked_direction(test, measure.unit)
    if not direction:
        return
    match test:
        case nodes.Limit(value=stated) | nodes.Linear(end=stated):
            for value in relevant(stated):
                number = written(value, measure.unit)
                if number is not None:
                    yield Asked(direction, number, value.span)
        case nodes.Change(comparison="at least"):  # `at most` allows for a change by its own words
            for number in _changed(test, measure, period):
                yield Asked(direction, number, test.span)


def _changed(test: nodes.Change, measure: Quantified, period: Period) -> list[Fraction]:
    """The level that a change leads to, from each figure stated for its baseline.

    One from the same part of the year before has its measure there: the seasons between say nothing of it.
    """
    levels: list[Fraction] = []
    sign = -1 if test.direction == "falls" else 1
    for base in bases_of(test.base, period):
        if base == year_before(period):
            continue
        for number in numbers_of(measure, base):
            for amount in relevant(test.amount) if test.amount is not None else [None]:
                if amount is None:
                    levels.append(number)
                elif isinstance(amount, nodes.Quantity) and (size := _size(amount, measure)) is not None:
                    levels.append(number + sign * (number * size if is_relative(amount) else size))
    return levels


def _size(amount: nodes.Quantity, measure: Quantified) -> Fraction | None:
    """How much a change is; one below zero is a mistake that is told elsewhere."""
    size = held(amount, measure.unit)
    return size if size is not None and size >= 0 else None


def bases_of(
    base: nodes.Stated[nodes.PeriodLiteral | nodes.Undecided] | nodes.YearBefore, period: Period
) -> list[Period]:
    """The periods that a change is counted from."""
    if isinstance(base, nodes.YearBefore):
        before = year_before(period)
        return [before] if before is not None else []
    found = (each.period for each in relevant(base) if isinstance(each, nodes.PeriodLiteral))
    return [each for each in found if each is not None]


# ---- against readings


def check_strength(test: nodes.Test, measure: Quantified, period: Period, scope: Scope) -> None:
    """A target that the latest reading, or that of the year before, already beats asks for nothing."""
    for asked in asked_by(test, measure, period):
        _compare(asked, measure, period, period, scope)


def _compare(asked: Asked, measure: Quantified, period: Period, part: Period, scope: Scope) -> None:
    """`period` is what it is asked for; `part` the part of its year that is read."""
    report, place = scope.report, scope.report.place(asked.span)
    latest = _latest(measure, period.first)
    if latest is not None and (reading := _beaten(asked, measure, latest)) is not None:
        entry = report.place(measure.history[latest].span)
        report.add(weaker_than_reading(place, asked.number, reading, latest, measure.unit, entry))
    before = year_before(part)
    if before is None or before == latest or before.last >= period.first:
        return
    if (reading := _beaten(asked, measure, before)) is not None:
        entry = report.place(measure.history[before].span)
        report.add(
            contradictions.weaker_than_last_year(place, asked.number, reading, before, measure.unit, entry)
        )


def _beaten(asked: Asked, measure: Quantified, period: Period) -> Fraction | None:
    """The reading nearest to what is asked for, where every figure stated for a period is better."""
    numbers = numbers_of(measure, period)
    if not numbers:
        return None
    worst = max(numbers) if asked.direction == LOWER else min(numbers)
    return worst if is_weaker(asked.direction, asked.number, worst) else None


def _latest(measure: Quantified, before: datetime.date) -> Period | None:
    """The last period that ends before a day and has a stated reading."""
    known = [each for each in measure.history if each.last < before and numbers_of(measure, each)]
    return max(known, key=lambda each: each.last, default=None)


# ---- guidelines


def check_guideline_strength(
    node: nodes.Guidelines, target: nodes.Condition, measure: Quantified, scope: Scope
) -> None:
    """Each guideline of a table against the readings, as the target would be in its year."""
    assert isinstance(target.test, nodes.Limit)
    direction = asked_direction(target.test, measure.unit)
    if not direction:
        return
    own = _period_of(target)
    for row in node.rows:
        period = row.period.period
        for value in relevant(row.value):
            number = written(value, measure.unit)
            if period is not None and number is not None:
                part = same_part(own, period) if own is not None else period
                _compare(Asked(direction, number, value.span), measure, period, part, scope)


def same_part(of: Period, year: Period) -> Period:
    """The part of a year that corresponds to a period of another one: December of 2010 for December of 2009."""
    if year.kind != "year":
        return year
    count = MONTHS_IN.get(of.kind)
    if count is not None:
        return months(year.first.year, of.first.month, count)
    try:
        day = of.first.replace(year=year.first.year)
    except ValueError:  # 29 February
        return year
    return Period(day, day) if of.kind == "day" else year


def _period_of(condition: nodes.Condition) -> Period | None:
    """The one period a condition is read in."""
    if isinstance(condition.subject, nodes.Timed):
        when: list[nodes.When] = [condition.subject.when]
    else:
        when = relevant(condition.when) if condition.when is not None else []
    found = [each.period.period for each in when if isinstance(each.period, nodes.PeriodLiteral)]
    return found[0] if found else None


class _Step(NamedTuple):
    """What an item asks for in a period: one or several numbers, as a guideline or not."""

    period: Period
    numbers: tuple[Fraction, ...]
    span: Span
    is_guideline: bool


def check_order(item: nodes.Item, scope: Scope) -> None:
    """A guideline that asks for less than the target, or than the guideline, that comes before it."""
    courses: dict[tuple[str, str], list[_Step]] = {}
    table = _table_of(item, scope)
    for node in item.statements:
        if isinstance(node, nodes.Target) and node.standing in ("", "guideline"):
            for measure, direction, step in _steps(node, scope):
                courses.setdefault((measure.id, direction), []).append(step)
        elif isinstance(node, nodes.Guidelines) and table is not None:
            measure, direction = table
            courses.setdefault((measure.id, direction), []).extend(_rows(node, measure))
    for (name, direction), steps in courses.items():
        _check_course(direction, steps, scope.measures[name], scope)


def _table_of(item: nodes.Item, scope: Scope) -> tuple[Quantified, str] | None:
    """Measure and direction of the target that a table of guidelines goes with, decided or not."""
    for node in item.statements:
        if not isinstance(node, nodes.Target) or node.standing:
            continue
        for condition in node.conditions:
            measure = _measure_of(condition, scope)
            if isinstance(condition.test, nodes.Limit) and measure is not None:
                return measure, asked_direction(condition.test, measure.unit)
    return None


def _measure_of(condition: nodes.Condition, scope: Scope) -> Quantified | None:
    subject = condition.subject
    if isinstance(subject, nodes.Timed):
        subject = subject.expression
    return scope.measures.get(subject.name.text) if isinstance(subject, nodes.Reference) else None


def _steps(node: nodes.Target, scope: Scope) -> Iterator[tuple[Quantified, str, _Step]]:
    for condition in node.conditions:
        measure, period = _measure_of(condition, scope), _period_of(condition)
        if measure is None or period is None or not isinstance(condition.test, nodes.Limit):
            continue
        asked = list(asked_by(condition.test, measure, period))
        if asked:
            numbers = tuple(each.number for each in asked)
            yield measure, asked[0].direction, _Step(period, numbers, asked[0].span, bool(node.standing))


def _rows(node: nodes.Guidelines, measure: Quantified) -> Iterator[_Step]:
    for row in node.rows:
        found = [written(each, measure.unit) for each in relevant(row.value)]
        numbers = tuple(each for each in found if each is not None)
        if row.period.period is not None and numbers:
            yield _Step(row.period.period, numbers, row.value.span, is_guideline=True)


def _check_course(direction: str, steps: list[_Step], measure: Quantified, scope: Scope) -> None:
    steps = sorted(steps, key=lambda each: each.period.last)
    for before, step in itertools.pairwise(steps):
        best, worst = (min, max) if direction == LOWER else (max, min)
        if not step.is_guideline or step.period.last == before.period.last:
            continue
        if is_weaker(direction, best(step.numbers), worst(before.numbers)):
            place, there = scope.report.place(step.span), scope.report.place(before.span)
            scope.report.add(
                contradictions.weaker_than_before(
                    place,
                    best(step.numbers),
                    worst(before.numbers),
                    before.period,
                    measure.unit,
                    there,
                    is_guideline=before.is_guideline,
                )
            )
