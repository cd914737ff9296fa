"""Checks a score: what it gives, how far it may go, and that nothing else makes points beside it."""

from __future__ import annotations

from rkdsl import messages
from rkdsl.contract import forms, texts, units
from rkdsl.contract.expressions import Body, body_unit, inside_scale
from rkdsl.contract.report import Report
from rkdsl.contract.scope import Local, Scope, direction_of
from rkdsl.contract.symbols import CheckedItem
from rkdsl.language import nodes
from rkdsl.values import PERCENT, Unit


def check_score(node: nodes.Score, item: CheckedItem, scope: Scope) -> None:
    """Points, or a share of the weight."""
    report = scope.report
    if item.weight is None:
        report.add(messages.points_without_weight(report.place(node.span), item.id))
    elif item.weight.choices:
        report.add(texts.choices_unassessed(report.place(item.weight.span)))
    _check_alone(node, item.node, report)
    unit = body_unit(node.body, scope, None)
    forms.check_body(node.body, scope, "higher")
    _check_course(node.body, scope)
    if unit is None:
        return
    if not is_points(unit, scope) and not units.is_ratio(unit):
        report.add(texts.score_unit(report.place(node.body.span), str(unit)))
    elif node.range is not None:
        forms.check_literals(node.body, node.range, unit if is_points(unit, scope) else PERCENT, report)


def is_points(unit: Unit, scope: Scope) -> bool:
    """Whether a score is in points, and not a share."""
    return unit == scope.points


def _check_alone(node: nodes.Score, item: nodes.Item, report: Report) -> None:
    """Beside a score stand only milestones that say when something was done, and what is not scored."""
    first = report.place(node.span)
    for each in item.statements:
        match each:
            case nodes.Score():
                is_alone = each is node or each.span == node.span
            case nodes.Target():
                is_alone = bool(each.standing)
            case nodes.Group():
                is_alone = False
            case nodes.Milestone():
                is_alone = bool(each.standing) or (each.worth is None and each.late is None)
            case nodes.Assessment():
                is_alone = each.name is None
            case _:
                is_alone = True
        if not is_alone:
            report.add(texts.two_scores(report.place(each.span), first))


def _check_course(body: Body, scope: Scope) -> None:
    """A score by a scale: the scale's curve must give more for what is better."""
    call = body.first if isinstance(body, nodes.Stated) else None
    if not isinstance(call, nodes.Call) or call.name.text not in scope.scales:
        return
    scale = scope.scales[call.name.text]
    directions = (
        direction_of(each, scope) for each in call.arguments if not isinstance(each, nodes.Condition)
    )
    arguments = [Local(None, each) for each in directions]
    if isinstance(scale.body, nodes.Curve) and len(arguments) == len(scale.parameters):
        inner = inside_scale(scale, arguments, scope)
        subject = direction_of(scale.body.subject, inner)
        forms.check_course(scale.body, subject, "higher", scope.report)
