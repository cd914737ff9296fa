"""Whether two statements of one figure can both hold within the precision they are printed with."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import attrs

from rkdsl.contract import contradictions
from rkdsl.contract.expressions import is_relative
from rkdsl.contract.printed import (
    Interval,
    counted,
    figure,
    hull,
    is_empty,
    point,
    range_words,
    readings_of,
    relevant,
)
from rkdsl.contract.scope import Scope
from rkdsl.contract.strength import bases_of
from rkdsl.contract.symbols import Quantified
from rkdsl.diagnostics import Place
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.plain import Final, NamedTuple, Plain
from rkdsl.values import PERCENT, Period, Unit

AT_MOST: Final = "<="
AT_LEAST: Final = ">="
EQUAL: Final = "="
_OF_LIMIT: Final = {"at most": AT_MOST, "below": AT_MOST, "at least": AT_LEAST, "above": AT_LEAST}
_OF_CHANGE: Final = {
    ("falls", "at least"): AT_MOST,
    ("falls", "at most"): AT_LEAST,
    ("rises", "at least"): AT_LEAST,
    ("rises", "at most"): AT_MOST,
}


_COMPARED: Final = (nodes.Limit, nodes.Change)
"""The tests of one level, which `equals` compares."""


class Base(NamedTuple):
    """What a level is counted from: a measure, or something that is worked out, in a period."""

    subject: nodes.Expression
    period: Period
    unit: Unit | None = None


class Level(Plain):
    """What a test says of its subject: how it compares with `factor` times a base, and `amount`."""

    relation: str
    factor: Interval
    amount: Interval
    base: Base | None
    place: Place


class Open(NamedTuple):
    """A test with an undecided number in it: what is missing, in which unit, and from what it counts."""

    undecided: nodes.Undecided
    sign: int
    is_share: bool
    base: Base | None


class Subject(Plain):
    """What is compared, when, and in which unit; `file` is the text that its tests stand in."""

    expression: nodes.Expression
    period: Period
    unit: Unit
    file: str


# ---- tests as levels


def levels_of(test: nodes.Test, subject: Subject) -> Iterator[Level | Open]:
    """What a test says in printed numbers, once for each that may come to hold; nothing for other tests."""
    match test:
        case nodes.Limit(comparison=comparison, value=value):
            yield from _limits(_OF_LIMIT.get(comparison, EQUAL), value, subject)
        case nodes.Between(low=low, high=high):
            yield from _limits(AT_LEAST, low, subject)
            yield from _limits(AT_MOST, high, subject)
        case nodes.Change():
            for period in bases_of(test.base, subject.period):
                yield from _changes(test, Base(subject.expression, period, subject.unit), subject)


def _limits(
    relation: str, stated: nodes.Stated[nodes.Expression], subject: Subject
) -> Iterator[Level | Open]:
    for value in relevant(stated):
        if isinstance(value, nodes.Undecided):
            yield Open(value, 1, is_share=False, base=None)
        elif isinstance(value, nodes.Quantity) and (amount := figure(value, subject.unit)) is not None:
            yield Level(relation, point(0), amount, None, Place(subject.file, value.span))
        elif (share := _share_of(value)) is not None:
            factor, base = share
            yield Level(relation, factor, point(0), base, Place(subject.file, value.span))


def _share_of(value: nodes.Expression) -> tuple[Interval, Base] | None:
    """`14 % * recipients in 2009`, or `recipients in 2009`: a printed factor, and what it is a share of."""
    if not isinstance(value, nodes.Timed) or not isinstance(value.when.period, nodes.PeriodLiteral):
        return None
    period, inner = value.when.period.period, value.expression
    if isinstance(inner, nodes.Reference) and period is not None:
        return point(1), Base(inner, period)
    if not isinstance(inner, nodes.Product) or period is None:
        return None
    match inner.factors:
        case ((_, nodes.Quantity() as number), ("*", nodes.Reference() as of)):
            pass
        case ((_, nodes.Reference() as of), ("*", nodes.Quantity() as number)):
            pass
        case _:
            return None
    factor = figure(number, UNITS["number"])
    return (factor, Base(of, period)) if factor is not None else None


def _changes(test: nodes.Change, base: Base, subject: Subject) -> Iterator[Level | Open]:
    place = Place(subject.file, test.span)
    relation = _OF_CHANGE.get((test.direction, test.comparison), EQUAL)
    sign = -1 if test.direction == "falls" else 1
    if test.amount is None:
        yield Level(relation, point(1), point(0), base, place)
        return
    for value in relevant(test.amount):
        if isinstance(value, nodes.Undecided) and value.unit:
            yield Open(value, sign, is_relative(value), base)
        if not isinstance(value, nodes.Quantity) or (size := figure(value, subject.unit)) is None:
            continue
        size = size if sign > 0 else size.negated()
        if is_relative(value):
            yield Level(relation, point(1).plus(size), point(0), base, place)
        else:
            yield Level(relation, point(1), size, base, place)


def known(base: Base, scope: Scope) -> tuple[Interval, ...]:
    """The figures that the contract states for a base."""
    measure = _measure(base, scope)
    return readings_of(measure, base.period) if measure is not None else ()


def _measure(base: Base, scope: Scope) -> Quantified | None:
    subject = base.subject
    return scope.measures.get(subject.name.text) if isinstance(subject, nodes.Reference) else None


def height(level: Level, scope: Scope) -> Interval | None:
    """The numbers a level may be; None while its base is not known."""
    if level.base is None:
        return level.amount
    readings = known(level.base, scope)
    return level.factor.times(hull(readings)).plus(level.amount) if readings else None


# ---- `equals` after a target


def check_equals(node: nodes.Target, subject: Subject, scope: Scope) -> None:
    """What a target equals must come to the same figure, for the baseline that is stated or for some baseline."""
    (condition,) = node.conditions
    target = condition.test
    if not isinstance(target, _COMPARED):
        return
    others = [
        each for each in (_as_test(each, target) for each in node.equals) if isinstance(each, _COMPARED)
    ]
    forms = [list(levels_of(each, subject)) for each in (target, *others)]
    decided = [[each for each in form if isinstance(each, Level)] for form in forms]
    if not decided[0]:
        pairs = list(combinations(decided[1:], 2))
    else:
        pairs = [(decided[0], each) for each in decided[1:]]
    for firsts, seconds in pairs:
        for first in firsts:
            for second in seconds:
                check_pair(first, second, subject, scope)
    for levels in decided[:1] if decided[0] else decided[1:]:
        for each in forms:
            for one in each:
                if isinstance(one, Open) and levels:
                    _tell_what_follows(one, levels[0], subject, scope)


def _as_test(node: nodes.Equals, target: nodes.Test) -> nodes.Test:
    """A value alone is the limit of a limit, and the amount of a change, as the target has it."""
    if not isinstance(node.test, nodes.Stated):
        return node.test
    if isinstance(target, nodes.Change):
        return attrs.evolve(target, amount=node.test, span=node.test.span)
    comparison = target.comparison if isinstance(target, nodes.Limit) else "exactly"
    return nodes.Limit(comparison, node.test, span=node.test.span)


def check_pair(first: Level, second: Level, subject: Subject, scope: Scope) -> None:
    """Two levels that are said to be the same."""
    place, there = second.place, first.place
    if EQUAL not in (first.relation, second.relation) and first.relation != second.relation:
        scope.report.add(contradictions.other_way(place, there))
        return
    if not _has_one_base(first, second):
        _check_heights(first, second, subject, scope)
        return
    base = first.base or second.base
    assert base is not None
    slope, rest = first.factor.minus(second.factor), second.amount.minus(first.amount)
    if Fraction(0) in slope and not slope.is_zero and Fraction(0) in rest:
        return  # the same for any base
    if slope.is_zero:
        if Fraction(0) not in rest:
            scope.report.add(contradictions.never_the_same(place, there))
        return
    found = rest.over(slope)
    if found is not None:
        _tell_bases(found, base, place_of=(second, first), scope=scope)


def _has_one_base(first: Level, second: Level) -> bool:
    """Whether at most one base stands in both, and one does."""
    return (first.base is not None and second.base in (None, first.base)) or (
        first.base is None and second.base is not None
    )


def _check_heights(first: Level, second: Level, subject: Subject, scope: Scope) -> None:
    a, b = height(first, scope), height(second, scope)
    if a is not None and b is not None and not a.meets(b):
        place, there = second.place, first.place
        words = (range_words(b, subject.unit), range_words(a, subject.unit))
        scope.report.add(contradictions.other_figures(place, there, *words))


def _tell_bases(found: Interval, base: Base, place_of: tuple[Level, Level], scope: Scope) -> None:
    """The baselines for which two levels are the same, against the one that is stated."""
    measure = _measure(base, scope)
    unit = base.unit or (measure.unit if measure is not None else None)
    bases = counted(_above_zero(found), unit) if unit is not None else _above_zero(found)
    place, there = (each.place for each in place_of)
    if is_empty(bases):
        scope.report.add(contradictions.never_the_same(place, there))
        return
    readings = known(base, scope)
    words = range_words(bases, unit or Unit())
    if measure is None or not readings:
        scope.report.add(contradictions.same_for_some(place, there, words, str(base.period)))
        return
    entry = scope.report.place(measure.history[base.period].span)
    fitting = [each for each in readings if each.meets(bases)]
    stated = f"{base.period}: {range_words(hull(readings), unit or Unit())}"
    if not fitting:
        scope.report.add(contradictions.not_the_same(place, there, words, entry, stated))
    elif len(fitting) < len(readings):
        scope.report.add(contradictions.same_for_some(place, there, words, str(base.period), entry, stated))


def _above_zero(found: Interval) -> Interval:
    """A baseline is above 0."""
    if found.low is not None and found.low > 0:
        return found
    return Interval(Fraction(0), found.high, low_open=True, high_open=found.high_open)


def _tell_what_follows(one: Open, level: Level, subject: Subject, scope: Scope) -> None:
    """What an undecided number comes to, if the other statement holds."""
    found = height(level, scope)
    if found is None:
        return
    unit = subject.unit
    if one.base is not None:
        readings = known(one.base, scope)
        if not readings:
            return
        base = hull(readings)
        found = found.minus(base)
        found = found if one.sign > 0 else found.negated()
        if one.is_share:
            share = found.over(base)
            if share is None:
                return
            found, unit = share, PERCENT
    if not is_empty(counted(found, unit)):
        place, there = scope.report.place(one.undecided.span), level.place
        scope.report.add(contradictions.would_be(place, there, range_words(found, unit)))


# ---- two statements of one figure


def difference(first: Level, second: Level, scope: Scope) -> Interval | None:
    """How much higher the first level is than the second, up to a positive factor; None while that is open."""
    if first.base is None or first.base != second.base:
        a, b = height(first, scope), height(second, scope)
        return a.minus(b) if a is not None and b is not None else None
    slope, rest = first.factor.minus(second.factor), first.amount.minus(second.amount)
    if slope.is_zero:
        return rest
    if rest.is_zero:
        return slope
    readings = known(first.base, scope)
    return slope.times(hull(readings)).plus(rest) if readings else None


def cannot_both_hold(first: Level, second: Level, apart: Interval) -> bool:
    """Whether no figure is as both say; `apart` is how much higher the first level is."""
    if first.relation == second.relation != EQUAL:
        return False
    if first.relation == second.relation:
        return Fraction(0) not in apart
    first_is_upper = first.relation == AT_MOST or second.relation == AT_LEAST
    return not (apart.may_be_positive if first_is_upper else apart.may_be_negative)


def does_not_follow(asked: Level, expected: Level, apart: Interval) -> bool:
    """Whether what is asked for leaves room that what is expected does not; `apart` as above."""
    if asked.relation == EQUAL:
        return False
    if expected.relation == EQUAL:
        return Fraction(0) not in apart
    if asked.relation != expected.relation:
        return False
    return not (apart.may_be_negative if asked.relation == AT_MOST else apart.may_be_positive)
