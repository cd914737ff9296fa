"""What is asked of a sum over other contracts, against what those ask of its parts."""

from __future__ import annotations

from collections.abc import Sequence

from rkdsl.contract import contradictions
from rkdsl.contract.equations import Base, Level, Subject, difference, does_not_follow, levels_of
from rkdsl.contract.printed import Interval, hull, point
from rkdsl.contract.scope import Scope
from rkdsl.contract.symbols import UsedContract
from rkdsl.language import nodes
from rkdsl.plain import evolve


def check_rolled_up(subject: Subject, level: Level, used: Sequence[UsedContract], scope: Scope) -> None:
    """A level of a sum that need not be reached when each of its parts reaches what is asked of it."""
    parts = _parts(subject.expression, scope)
    found = [_asked_of(part, level, subject, used, scope) for part in parts]
    asked = [each for each in found if each is not None]
    if not asked or len(asked) < len(parts):
        return
    together = _together(asked, subject)
    apart = difference(together, level, scope) if together is not None else None
    if together is not None and apart is not None and does_not_follow(together, level, apart):
        scope.report.add(contradictions.more_than_parts(level.place, [each.place for each in asked]))


def _parts(expression: nodes.Expression, scope: Scope) -> list[str]:
    """The measures of other contracts that something is the sum of."""
    if isinstance(expression, nodes.Reference) and expression.name.text in scope.values:
        body = scope.values[expression.name.text].node.body
        if not isinstance(body, nodes.Stated) or len(body.statements) > 1:
            return []
        expression = body.first
    if not isinstance(expression, nodes.Call) or expression.name.text != "sum":
        return []
    names = [each.name.text for each in expression.arguments if isinstance(each, nodes.Reference)]
    return names if len(names) == len(expression.arguments) else []


def _asked_of(
    part: str, level: Level, subject: Subject, used: Sequence[UsedContract], scope: Scope
) -> Level | None:
    """What a contract asks of its part in the same way: once, in the same period, with the same relation."""
    found: list[Level] = []
    for asked in (each for one in used for each in one.asked if each.measure == part):
        when = asked.condition.when
        periods = [each.value.period for each in when.statements] if when is not None else []
        literals = [each.period for each in periods if isinstance(each, nodes.PeriodLiteral)]
        if literals != [subject.period]:
            continue
        of = Subject(
            nodes.Reference(nodes.Identifier(part)), subject.period, scope.measures[part].unit, asked.file
        )
        levels = (each for each in levels_of(asked.condition.test, of) if isinstance(each, Level))
        found += [each for each in levels if each.relation == level.relation]
    return found[0] if len(found) == 1 else None


def _together(asked: list[Level], subject: Subject) -> Level | None:
    """What the parts come to: their sum, or the same share of the sum of their bases."""
    if all(each.base is None for each in asked):
        amount = point(0)
        for each in asked:
            amount = amount.plus(each.amount)
        return evolve(asked[0], amount=amount)
    periods = {each.base.period for each in asked if each.base is not None}
    if len(periods) > 1 or any(each.base is None or not each.amount.is_zero for each in asked):
        return None
    factor: Interval = hull(each.factor for each in asked)
    return evolve(asked[0], factor=factor, base=Base(subject.expression, periods.pop(), subject.unit))
