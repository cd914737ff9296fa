"""Weights, worths and totals: what an item can give, and the proof that it all adds up."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from rkdsl import messages
from rkdsl.contract import texts
from rkdsl.contract.parts import (
    Combination,
    Part,
    assessment_of,
    combination_of,
    has_worth,
    is_linear,
    score_of,
    scored_parts,
    weight_of,
)
from rkdsl.contract.report import Report, inside, value_of
from rkdsl.contract.symbols import CheckedItem, CheckedSection, ProofLine
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.values import PERCENT, PERCENT_OF_TOTAL, POINTS, Unit

# ---- weights


def unit_of(contract: nodes.Contract) -> Unit:
    """Points, or % where the contract's total says so."""
    for node in contract.statements:
        if isinstance(node, nodes.Total) and node.amount.unit:
            return PERCENT_OF_TOTAL if UNITS[node.amount.unit] == PERCENT else POINTS
    return POINTS


def amount(quantity: nodes.Quantity, report: Report) -> Fraction | None:
    """A number of points as it is written: 25 points and 25 % are both held as 25."""
    unit = UNITS[quantity.unit] if quantity.unit else POINTS
    if unit not in (POINTS, PERCENT) or quantity.magnitude:
        report.add(messages.points_wanted(report.place(quantity.span), quantity.magnitude or quantity.unit))
        return None
    if unit == PERCENT:
        return quantity.number
    return value_of(quantity, POINTS, report)


def weight(node: nodes.Weight, report: Report) -> tuple[Fraction, Fraction | None]:
    """The least and the most an item gives; the most is None while it is not decided."""
    report.one_governs(node.high)
    if node.choices:
        numbers = [amount(each, report) for each in node.choices if isinstance(each, nodes.Quantity)]
        known = [each for each in numbers if each is not None]
        if len(known) < len(node.choices):
            report.add(messages.points_wanted(report.place(node.span), ""))
            return Fraction(0), None
        return min(known), max(known)
    low = amount(node.low, report) if node.low is not None else Fraction(0)
    high = _governing(node.high, report)
    if high is not None and high < 0:
        report.add(messages.weight_below_zero(report.place(node.span)))
    elif low is not None and high is not None and (low > high or (node.low is not None and low == high)):
        report.add(messages.range_turned_round(report.place(node.span)))
    return low or Fraction(0), high


def _governing(stated: nodes.Stated[nodes.Expression], report: Report) -> Fraction | None:
    """The points that are stated once, or govern; None while they are open."""
    found = []
    for statement in stated.statements:
        value = statement.value
        if isinstance(value, nodes.Quantity):
            found.append((statement, amount(value, report)))
        elif not isinstance(value, nodes.Undecided | nodes.Unclear):
            report.add(messages.points_wanted(report.place(value.span), ""))
    governing = [number for statement, number in found if statement.governs]
    if governing:
        return governing[0]
    return found[0][1] if len(found) == 1 == len(stated.statements) else None


# ---- how an item makes its points


def check_scoring(item: CheckedItem, report: Report) -> None:
    """All parts must hold, or each has its worth and the worths make the weight."""
    parts = scored_parts(item.node)
    name = report.place(item.node.name.span)
    _one_assessment(item.node, report)
    _check_unscored(item.node, report)
    if score_of(item.node) is not None:
        return
    if item.weight is not None and item.weight.choices and (parts or assessment_of(item.node) is None):
        report.add(texts.choices_unassessed(report.place(item.weight.span)))
    if not parts and assessment_of(item.node) is None:
        report.add(messages.nothing_scored(name, item.id))
    if item.weight is None:
        _check_without_weight(item, parts, report)
        return
    for part in parts:
        _check_part(part, item, alone=len(parts) == 1, report=report)
    with_worth = [part for part in parts if has_worth(part)]
    if not with_worth:
        return
    for part in parts:
        if part not in with_worth:
            report.add(messages.worth_missing(report.place(part.span), item.id))
    if len(with_worth) == len(parts):
        _check_worths(item, parts, report)


def _check_unscored(item: nodes.Item, report: Report) -> None:
    """What is not scored gives and costs no points."""
    for part in item.statements:
        if not isinstance(part, nodes.Target | nodes.Milestone) or not part.standing:
            continue
        if part.worth is not None or _late(part) is not None or is_linear(part):
            report.add(messages.points_unscored(report.place(part.span), part.standing))


def _one_assessment(item: nodes.Item, report: Report) -> None:
    whole = [each for each in item.statements if isinstance(each, nodes.Assessment) and each.name is None]
    for each in whole[1:]:
        report.twice(each.span, "", whole[0].span)


def _check_without_weight(item: CheckedItem, parts: tuple[Part, ...], report: Report) -> None:
    """Without weight there are no points: only conditions."""
    for part in parts:
        if has_worth(part) or is_linear(part) or isinstance(part, nodes.Assessment) or _late(part):
            report.add(messages.points_without_weight(report.place(part.span), item.id))
    assessment = assessment_of(item.node)
    if assessment is not None:
        report.add(messages.points_without_weight(report.place(assessment.span), item.id))


def _late(part: Part) -> nodes.LateCosts | None:
    return part.late if isinstance(part, nodes.Milestone) else None


def _check_part(part: Part, item: CheckedItem, *, alone: bool, report: Report) -> None:
    late = _late(part)
    if late is not None:
        _check_late(late, report)
        if not alone and not has_worth(part):
            report.add(messages.late_without_worth(report.place(late.span)))
        else:
            _check_floor(late, part, item, report)
    if is_linear(part):
        assert isinstance(part, nodes.Target)
        if len(part.conditions) > 1 or not (alone or has_worth(part)):
            report.add(messages.linear_alone(report.place(part.span)))
    if isinstance(part, nodes.Group):
        for member in part.members:
            _check_member(member, report)


def _check_late(late: nodes.LateCosts, report: Report) -> None:
    cost, floor = amount(late.amount, report), amount(late.floor, report)
    if cost is not None and cost < 0:
        report.add(messages.weight_below_zero(report.place(late.amount.span)))
    if floor is not None and floor < 0:
        report.add(messages.weight_below_zero(report.place(late.floor.span)))


def _check_floor(late: nodes.LateCosts, part: Part, item: CheckedItem, report: Report) -> None:
    """A late milestone gives no more than one in time, and no less than the item's least."""
    assert isinstance(part, nodes.Milestone)
    low, stated = (Fraction(0), part.worth.amount) if part.worth else (item.low, _weight(item).high)
    highs = [amount(each, report) for each in _relevant(stated) if isinstance(each, nodes.Quantity)]
    most = min((each for each in highs if each is not None), default=None)
    floor = amount(late.floor, report)
    if floor is not None and floor >= 0 and most is not None and not low <= floor <= most:
        report.add(messages.floor_out_of_place(report.place(late.floor.span), floor, low, most))


def _weight(item: CheckedItem) -> nodes.Weight:
    assert item.weight is not None
    return item.weight


def _relevant(stated: nodes.Stated[nodes.Expression]) -> list[nodes.Expression]:
    """The values that may come to hold: the one that governs, if one does, else all."""
    governing = [each.value for each in stated.statements if each.governs]
    return governing or [each.value for each in stated.statements]


def _ends(stated: nodes.Stated[nodes.Expression], report: Report) -> tuple[Fraction, Fraction | None]:
    """The least and the most that a stated number of points may come to be; None where it is open."""
    values = _relevant(stated)
    numbers = [amount(each, report) for each in values if isinstance(each, nodes.Quantity)]
    known = [each for each in numbers if each is not None]
    return (min(known), max(known)) if len(known) == len(values) else (Fraction(0), None)


def _check_member(member: nodes.Target | nodes.Milestone | nodes.Group, report: Report) -> None:
    """Members of a group only hold or do not hold; points belong to the group."""
    late = _late(member)
    if has_worth(member) or is_linear(member) or late is not None:
        report.add(messages.points_in_group(report.place(member.span)))
    if isinstance(member, nodes.Target | nodes.Milestone) and member.standing:
        report.add(messages.standing_in_group(report.place(member.span), member.standing))
    if isinstance(member, nodes.Group):
        for each in member.members:
            _check_member(each, report)


def _check_worths(item: CheckedItem, parts: tuple[Part, ...], report: Report) -> None:
    ranges = [worth(part, report) for part in parts]
    for part, (low, high) in zip(parts, ranges, strict=True):
        if (high is not None and high < 0) or low < 0:
            report.add(messages.weight_below_zero(report.place(part.span)))
        elif high is not None and (low > high or (isinstance(part, nodes.Assessment) and low == high)):
            report.add(messages.range_turned_round(report.place(part.span)))
    assert item.weight is not None
    highs = [high for _, high in ranges]
    if item.high is None or None in highs:
        _check_open_worths(item, parts, report)
        return
    total = sum((high for high in highs if high is not None), Fraction(0))
    lowest = sum((low for low, _ in ranges), Fraction(0))
    if total != item.high or lowest < item.low:
        place = report.place(item.weight.span)
        report.add(messages.worths_do_not_add_up(place, item.id, highs, total, item.high, lowest, item.low))


def _check_open_worths(item: CheckedItem, parts: tuple[Part, ...], report: Report) -> None:
    """Whatever is decided, the worths must still be able to make the weight."""
    ends = [_worth_ends(part, report) for part in parts]
    least = sum((low for low, _ in ends), Fraction(0))
    highs = [high for _, high in ends if high is not None]
    most = sum(highs, Fraction(0)) if len(highs) == len(ends) else None
    place = report.place(_weight(item).span)
    low, high = _ends(_weight(item).high, report)
    if high is not None and (least > high or (most is not None and most < low)):
        report.add(messages.worths_cannot_make(place, item.id, least, most, high if least > high else low))
    else:
        report.add(messages.worths_not_proved(place))


def _worth_ends(part: Part, report: Report) -> tuple[Fraction, Fraction | None]:
    if isinstance(part, nodes.Assessment):
        _, high = worth(part, report)
        return high or Fraction(0), high
    assert part.worth is not None
    return _ends(part.worth.amount, report)


def worth(part: Part, report: Report) -> tuple[Fraction, Fraction | None]:
    """The least and the most a part with its own worth gives."""
    if isinstance(part, nodes.Assessment):
        assert part.low is not None
        assert part.high is not None
        return amount(part.low, report) or Fraction(0), amount(part.high, report)
    assert part.worth is not None
    report.one_governs(part.worth.amount)
    high = _governing(part.worth.amount, report)
    return Fraction(0), high


# ---- totals


def prove(
    contract: nodes.Contract,
    sections: tuple[CheckedSection, ...],
    items: tuple[CheckedItem, ...],
    report: Report,
) -> tuple[ProofLine, ...]:
    """Every total stated equals, exactly, the highest points of what counts in it, combined as it says."""
    unit = unit_of(contract)
    _one_unit(contract, unit, report)
    members: dict[str, list[tuple[str, Fraction | None]]] = {"": [], **{each.id: [] for each in sections}}
    highest: dict[str, Fraction | None] = {}
    counted: dict[str, int] = {}
    scored: set[str] = set()
    for item in items:
        counted[item.section] = counted.get(item.section, 0) + 1  # also items without points
        if item.weight is not None:
            scored.add(item.section)
        if item.weight is not None and not item.weight.on_top:
            members[item.section].append((item.id, item.high))
    for section in reversed(sections):
        if combination_of(section.node).op == "count" and weight_of(section.node) is None:
            highest[section.id] = Fraction(counted.get(section.id, 0))
        else:
            highest[section.id] = highest_of(section.node, members[section.id], report)
        if section.id in scored or combination_of(section.node).op == "count":  # others have no points
            scored.add(section.parent)
            members[section.parent].append((section.id, highest[section.id]))
            counted[section.parent] = counted.get(section.parent, 0) + 1
    highest[""] = combined(Combination(), members[""])
    lines = tuple(_lines(contract, sections, items, highest, report))
    for line, node in lines:
        if line.stated is None or node is None:
            continue
        if line.highest is None:
            report.add(messages.total_not_proved(report.place(node.span)))
        elif line.highest != line.stated:
            parts = [(name, number) for name, number in members[line.id] if number is not None]
            report.add(messages.total_differs(report.place(node.span), line.stated, line.highest, parts))
    return tuple(line for line, _ in lines)


def highest_of(
    section: nodes.Section, members: list[tuple[str, Fraction | None]], report: Report
) -> Fraction | None:
    """The most a section gives: its weight, else what the highest points of its members combine to."""
    own = weight_of(section)
    if own is not None:
        return weight(own, report)[1]
    return combined(combination_of(section), members)


def combined(how: Combination, members: list[tuple[str, Fraction | None]]) -> Fraction | None:
    """The highest points of members, combined; None while one of them is not decided."""
    known = [number for _, number in members if number is not None]
    if len(known) < len(members):
        return None
    if how.of == "share":
        return Fraction(1)
    if how.op == "weighted mean":
        weights = dict(how.weights)
        total = sum(weights.values(), Fraction(0))
        found = sum((weights.get(name, Fraction(0)) * (number or 0) for name, number in members), Fraction(0))
        return found / total if total else None
    if how.pick != "all":
        known = sorted(known, reverse=True)[: how.count]
    most = sum(known, Fraction(0))
    return most / len(known) if how.op == "mean" and known else most


def _one_unit(contract: nodes.Contract, unit: Unit, report: Report) -> None:
    """Whatever is given or lost is points, or % where the total is; never both in one contract."""
    for node in inside(contract):
        for value in _amounts(node):
            if isinstance(value, nodes.Quantity | nodes.Undecided) and value.unit:
                written = PERCENT_OF_TOTAL if value.unit == "%" else UNITS[value.unit]
                if written != unit and (
                    written in (POINTS, PERCENT_OF_TOTAL) or isinstance(value, nodes.Undecided)
                ):
                    report.add(messages.units_differ(report.place(value.span), value.unit, str(unit)))


def _amounts(node: nodes.Node) -> list[nodes.Expression | None]:
    """What a node writes as points."""
    match node:
        case nodes.Weight(low=low, high=high):
            return [low, *(each.value for each in high.statements)]
        case nodes.Worth(amount=amount):
            return [each.value for each in amount.statements]
        case nodes.LateCosts(amount=cost, floor=floor):
            return [cost, floor]
        case nodes.Assessment(low=low, high=high):
            return [low, high]
        case nodes.Section(total=nodes.Total(amount=stated)):
            return [stated]
    return []


def _lines(
    contract: nodes.Contract,
    sections: tuple[CheckedSection, ...],
    items: tuple[CheckedItem, ...],
    highest: dict[str, Fraction | None],
    report: Report,
) -> Iterator[tuple[ProofLine, nodes.Total | None]]:
    """The proof in the order of the text: each section before what it holds, the contract last."""
    by_id = {each.id: each for each in sections}
    own = {each.id: each for each in items}
    pending: list[tuple[nodes.Section | nodes.Item, int]] = [
        (each, 0) for each in reversed(contract.statements) if isinstance(each, nodes.Section | nodes.Item)
    ]
    while pending:
        node, depth = pending.pop()
        name, title = node.name.text, node.title.first.text
        if isinstance(node, nodes.Item):
            if name in own and own[name].weight is not None:
                weight_said = own[name].weight
                on_top = weight_said is not None and weight_said.on_top
                yield ProofLine(name, title, depth, own[name].high, None, on_top), None
            continue
        stated = amount(node.total.amount, report) if node.total else None
        if name in by_id:
            yield ProofLine(name, title, depth, highest[name], stated), node.total
        pending += [
            (each, depth + 1)
            for each in reversed(node.statements)
            if isinstance(each, nodes.Section | nodes.Item)
        ]
    total = next((each for each in contract.statements if isinstance(each, nodes.Total)), None)
    stated = amount(total.amount, report) if total else None
    yield ProofLine("", contract.title.first.text, 0, highest[""], stated), total
