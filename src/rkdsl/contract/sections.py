"""Checks how a section is made of its members."""

from __future__ import annotations

from collections.abc import Sequence

from rkdsl import messages
from rkdsl.contract import texts, values
from rkdsl.contract.parts import COMBINATIONS, combination_of, needs_of, weight_of
from rkdsl.contract.report import numeral
from rkdsl.contract.scope import Scope
from rkdsl.contract.symbols import CheckedSection
from rkdsl.language import nodes


def counts(section: nodes.Section) -> bool:
    """Whether a section counts its members, and so has points though they have none."""
    return combination_of(section).op == "count"


def check_section(section: CheckedSection, members: Sequence[str], scope: Scope) -> None:
    """The combination, the weight and the number of members needed."""
    node, report = section.node, scope.report
    report.once(node.statements, (nodes.CombinedBy, nodes.Weight, nodes.Needs))
    said = next((each for each in node.statements if isinstance(each, nodes.CombinedBy)), None)
    scored = [each for each in members if scope.things[each].has_points]
    if said is not None:
        _check_combination(said, scored, members, scope)
    _check_on_top(node, scope)
    weight = weight_of(node)
    if weight is not None and (weight.low is not None or weight.choices or weight.on_top):
        report.add(
            texts.combination(report.place(weight.span), "the weight of a section is one number of points")
        )
    elif weight is not None and not scope.things[section.id].has_points:
        report.add(texts.nothing_to_limit(report.place(weight.span), section.id))
    if combination_of(node).of == "share" and weight is None:
        assert said is not None
        hint = "give the section a weight: its points are then the weight times the share"
        report.add(texts.combination(report.place(said.span), "shares are no points", hint))
    needs = needs_of(node)
    if needs is not None:
        on_top = _on_top(node)
        _check_needs(needs, [each for each in scored if each not in on_top], scope)
        if combination_of(node).of == "share":
            _check_no_points(needs, scope)


def _check_combination(
    said: nodes.CombinedBy, scored: Sequence[str], members: Sequence[str], scope: Scope
) -> None:
    report, function = scope.report, said.function.text
    if function not in COMBINATIONS:
        place = report.place(said.function.span)
        report.add(texts.unknown_word(place, function, "way to combine", tuple(COMBINATIONS)))
        return
    if said.of is not None and said.of.text not in ("points", "share"):
        report.add(texts.unknown_word(report.place(said.of.span), said.of.text, "part", ("points", "share")))
    op, pick = COMBINATIONS[function]
    counted = [each for each in members if scope.things[each].kind == "item" or each in scored]
    if op == "count" and not counted:
        report.add(texts.combination(report.place(said.span), "nothing in this section can be counted"))
        return
    if op != "count" and not scored:
        report.add(texts.combination(report.place(said.span), "nothing in this section has points"))
        return
    if (pick == "all") != (said.count is None):
        text = "how many?" if said.count is None else "this takes all members"
        hint = f"write `combined by {function} 3`" if said.count is None else f"write `combined by best {1}`"
        report.add(texts.combination(report.place(said.span), text, hint))
    elif said.count is not None:
        _check_count(said.count, len(scored), scope)
    if (op == "weighted mean") != bool(said.weights):
        text = "what does each weigh?" if op == "weighted mean" else "these weights are not used"
        hint = "write `combined by weighted mean (a: 3 | b: 2)`"
        report.add(texts.combination(report.place(said.span), text, hint))
    elif said.weights:
        _check_weights(said, scored, scope)
    if op == "count" and said.of is not None:
        report.add(texts.combination(report.place(said.span), "what is counted has no part"))


def _check_count(count: nodes.Quantity, most: int, scope: Scope) -> None:
    number = numeral(count, scope.report)
    if number is not None and (number.denominator != 1 or not 1 <= number <= most):
        text = f"a whole number from 1 to {most} is expected: so many members have points"
        scope.report.add(texts.combination(scope.report.place(count.span), text))


def _check_weights(said: nodes.CombinedBy, scored: Sequence[str], scope: Scope) -> None:
    report = scope.report
    seen: dict[str, nodes.MemberWeight] = {}
    for each in said.weights:
        if each.name.text not in scored:
            report.unknown(each.name, scored, "member with points")
        elif seen.setdefault(each.name.text, each) is not each:
            report.twice(each.name.span, each.name.text, seen[each.name.text].name.span)
        number = numeral(each.weight, report)
        if number is not None and number <= 0:
            text = "a number above zero is expected"
            report.add(texts.combination(report.place(each.weight.span), text))
    missing = [each for each in scored if each not in seen]
    if missing:
        text = f"no weight for {messages.listed(missing, 'and')}"
        report.add(texts.combination(report.place(said.span), text))


def _check_on_top(node: nodes.Section, scope: Scope) -> None:
    """What comes on top is added: it has no place in a mean, or among the best."""
    if combination_of(node).op == "sum" and combination_of(node).pick == "all":
        return
    for each in node.statements:
        if isinstance(each, nodes.Item):
            for weight in each.statements:
                if isinstance(weight, nodes.Weight) and weight.on_top:
                    text = "points on top are added, and this section does not add up"
                    scope.report.add(texts.combination(scope.report.place(weight.span), text))


def _on_top(node: nodes.Section) -> set[str]:
    """The items in a section that stand on top of its members."""
    items = [each for each in node.statements if isinstance(each, nodes.Item)]
    weights = [(item.name.text, each) for item in items for each in item.statements]
    return {name for name, each in weights if isinstance(each, nodes.Weight) and each.on_top}


def _check_no_points(needs: nodes.Needs, scope: Scope) -> None:
    """Points in the place of shares would be multiplied by the weight of the section."""
    for each in needs.otherwise.statements:
        value = each.value
        if isinstance(value, nodes.NoValue) or (isinstance(value, nodes.Quantity) and value.number == 0):
            continue
        hint = "write 0, or `not applicable` with the reason"
        text = "points in a section of shares, which its weight would multiply"
        scope.report.add(texts.combination(scope.report.place(value.span), text, hint))


def _check_needs(needs: nodes.Needs, scored: Sequence[str], scope: Scope) -> None:
    _check_count(needs.count, max(1, len(scored)), scope)
    values.check_points(needs.otherwise, scope)
