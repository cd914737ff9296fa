"""What a contract expects, against its own targets and the readings it states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from rkdsl.contract import contradictions
from rkdsl.contract.conditions import check_conditions, core_of, periods
from rkdsl.contract.equations import (
    EQUAL,
    Level,
    Subject,
    cannot_both_hold,
    check_pair,
    difference,
    does_not_follow,
    levels_of,
)
from rkdsl.contract.expressions import unit_of
from rkdsl.contract.printed import point, readings_of
from rkdsl.contract.rollup import check_rolled_up
from rkdsl.contract.scope import Scope
from rkdsl.contract.symbols import CheckedItem, UsedContract
from rkdsl.language import nodes
from rkdsl.plain import Final, NamedTuple
from rkdsl.values import Period

MOST_COMPARED: Final = 50
"""How many statements of one figure are compared with each other."""


class _Said(NamedTuple):
    """What one condition says of a figure."""

    subject: Subject
    levels: tuple[Level, ...]


Figures = dict[tuple[nodes.Expression, Period], list[_Said]]
"""Statements by what they are about."""


def check_expected(
    expected: Sequence[nodes.Expectation],
    items: Iterable[CheckedItem],
    used: Sequence[UsedContract],
    scope: Scope,
) -> None:
    """Each expectation of the contract, its sections and items; and what is asked of sums over other contracts."""
    for node in expected:
        check_conditions(node.conditions, scope)
    sound = [each for each in expected if not scope.report.has_mistake_in(each.span)]
    if not sound and not used:
        return
    expecting = _figures(_sides(sound), scope)
    asking = _figures(_targets(items, scope), scope)
    for one in (each for said in (*expecting.values(), *asking.values()) for each in said):
        for level in one.levels if used else ():
            check_rolled_up(one.subject, level, used, scope)
    for key, said in expecting.items():
        _check_figure(said[:MOST_COMPARED], asking.get(key, [])[:MOST_COMPARED], scope)


def _sides(expected: Iterable[nodes.Expectation]) -> Iterator[tuple[nodes.Condition, ...]]:
    """Conditions that all are expected: one of several need not hold."""
    return (each.conditions.conditions for each in expected if each.conditions.joined != "or")


def _targets(items: Iterable[CheckedItem], scope: Scope) -> Iterator[tuple[nodes.Condition, ...]]:
    """The conditions of scored targets that all must hold."""
    for item in items:
        for node in item.node.statements:
            if not isinstance(node, nodes.Target) or node.standing or node.joined == "or":
                continue
            if not scope.report.has_mistake_in(node.span):
                yield node.conditions


def _figures(groups: Iterable[tuple[nodes.Condition, ...]], scope: Scope) -> Figures:
    """What is said of each figure; a condition without subject has that of the one before it."""
    found: Figures = {}
    for conditions in groups:
        subject: nodes.Expression | None = None
        when: nodes.Stated[nodes.When] | None = None
        for condition in conditions:
            if condition.subject is not None:
                subject, when = condition.subject, condition.when
            assert subject is not None
            said = _said(condition.test, subject, when, scope)
            if said is not None:
                found.setdefault((said.subject.expression, said.subject.period), []).append(said)
    return found


def _said(
    test: nodes.Test,
    subject: nodes.Expression,
    when: nodes.Stated[nodes.When] | None,
    scope: Scope,
) -> _Said | None:
    expression, times = core_of(subject, when)
    read = [period for _, period in periods(times)]
    if len(read) != 1 or len(times) != 1:
        return None
    unit = unit_of(expression, scope, None, None)
    if unit is None:
        return None
    of = Subject(expression, read[0], unit, scope.report.file)
    levels = tuple(each for each in levels_of(test, of) if isinstance(each, Level))
    return _Said(of, levels) if levels else None


def _check_figure(expected: list[_Said], asked: list[_Said], scope: Scope) -> None:
    for one in expected:
        for level in one.levels:
            _check_reading(one.subject, level, scope)
    for first, second in combinations(expected, 2):
        for a, b in ((a, b) for a in first.levels for b in second.levels):
            _check_two(a, b, first.subject, scope)
    for one in expected:
        for target in asked:
            for a, b in ((a, b) for a in target.levels for b in one.levels):
                _check_against(a, b, scope)


def _check_reading(subject: Subject, level: Level, scope: Scope) -> None:
    """A figure that the contract states for the same period."""
    name = subject.expression.name.text if isinstance(subject.expression, nodes.Reference) else ""
    measure = scope.measures.get(name)
    if measure is None:
        return
    for reading in readings_of(measure, subject.period):
        entry = measure.history[subject.period].span
        stated = Level(EQUAL, point(0), reading, None, scope.report.place(entry))
        apart = difference(stated, level, scope)
        if apart is not None and cannot_both_hold(stated, level, apart):
            scope.report.add(
                contradictions.expected_otherwise(level.place, stated.place, "the reading stated")
            )


def _check_two(first: Level, second: Level, subject: Subject, scope: Scope) -> None:
    """Two expectations of one figure."""
    if first.relation == second.relation == EQUAL:
        check_pair(first, second, subject, scope)
        return
    apart = difference(first, second, scope)
    if apart is not None and cannot_both_hold(first, second, apart):
        scope.report.add(contradictions.expected_otherwise(second.place, first.place, "expected as well"))


def _check_against(target: Level, expected: Level, scope: Scope) -> None:
    """An expectation of what a target asks for."""
    apart = difference(target, expected, scope)
    if apart is None:
        return
    place, there = expected.place, target.place
    if cannot_both_hold(target, expected, apart):
        scope.report.add(contradictions.expected_otherwise(place, there, "the target"))
    elif does_not_follow(target, expected, apart):
        scope.report.add(contradictions.more_than_asked(place, there))
