"""Checks named values, scales and calendars: what they are made from, their units, and that nothing goes in circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, TypeVar

from rkdsl import messages
from rkdsl.contract import conditions, forms, texts, units
from rkdsl.contract.expressions import Body, body_unit, inside_scale, range_unit, unit_of
from rkdsl.contract.graph import Order, depths, order
from rkdsl.contract.report import Report, children, inside
from rkdsl.contract.scope import (
    FUNCTIONS,
    PREVIOUS,
    WEEKDAYS,
    Local,
    Scope,
    names_thing,
    references,
    words_of_body,
)
from rkdsl.contract.symbols import TOTAL, Valued
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.plain import evolve
from rkdsl.values import MAX_CHAIN, PLAIN, REGISTERED, WORD, Unit

D = TypeVar("D", nodes.Value, nodes.Scale)
Graph = Mapping[str, tuple[str, ...]]


def declared(contract: nodes.Contract, kind: type[D], report: Report) -> dict[str, D]:
    """Every declaration of a kind by its name, wherever it stands."""
    found: dict[str, D] = {}
    for node in blocks(contract):
        for each in node.statements:
            if isinstance(each, kind) and found.setdefault(each.name.text, each) is not each:
                report.twice(each.name.span, each.name.text, found[each.name.text].name.span)
    return found


def blocks(contract: nodes.Contract) -> Iterator[nodes.Contract | nodes.Section]:
    """The contract and every section in it, in the order of the text."""
    pending: list[nodes.Contract | nodes.Section] = [contract]
    while pending:
        block = pending.pop()
        yield block
        pending += reversed([each for each in block.statements if isinstance(each, nodes.Section)])


def calendars(contract: nodes.Contract, report: Report) -> dict[str, nodes.Calendar]:
    """The calendars, each with days of the week that there are."""
    found: dict[str, nodes.Calendar] = {}
    for node in contract.statements:
        if not isinstance(node, nodes.Calendar):
            continue
        if found.setdefault(node.name.text, node) is not node:
            report.twice(node.name.span, node.name.text, found[node.name.text].name.span)
        seen: dict[str, nodes.Identifier] = {}
        for day in node.weekdays:
            if day.text not in WEEKDAYS:
                report.add(texts.unknown_word(report.place(day.span), day.text, "day of the week", WEEKDAYS))
            elif seen.setdefault(day.text, day) is not day:
                report.twice(day.span, day.text, seen[day.text].span)
        for each in node.holidays:
            report.period(each)
    return found


# ---- what is made from what


def value_key(name: str) -> str:
    """What a value is called in the graph."""
    return f"value {name}"


def scale_key(name: str) -> str:
    """What a scale is called in the graph."""
    return f"scale {name}"


def state_key(name: str) -> str:
    """What the state of an item, a section or the whole is called in the graph: it is read before any limit."""
    return f"state {name}"


def thing_key(name: str) -> str:
    """What an item, a section or the whole is called in the graph."""
    return f"thing {name}"


def needed(node: nodes.Node, scope: Scope, hidden: Iterable[str] = ()) -> Iterator[str]:
    """What a node is made from: values, scales, items and sections; `hidden` are names that mean something else."""
    masked = frozenset(hidden)
    pending: list[nodes.Node] = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, nodes.Conditions | nodes.Target):
            subject = None
            for condition in each.conditions:
                subject = condition.subject or subject
                if names_thing(condition.test, subject, scope):
                    assert isinstance(subject, nodes.Reference)
                    yield state_key(subject.name.text)
                else:
                    pending.append(condition)
            pending += [part for part in children(each) if not isinstance(part, nodes.Condition)]
            continue
        if isinstance(each, nodes.Condition) and names_thing(each.test, each.subject, scope):
            assert isinstance(each.subject, nodes.Reference)
            yield state_key(each.subject.name.text)
            continue
        if isinstance(each, nodes.Call):
            if each.name.text == PREVIOUS:
                continue
            if each.name.text in scope.scales:
                yield scale_key(each.name.text)
        elif isinstance(each, nodes.Reference) and each.name.text not in masked:
            yield from _named(each.name.text, scope)
        pending += children(each)


def _named(name: str, scope: Scope) -> Iterator[str]:
    if name in scope.measures:
        return
    if name in _values(scope):
        yield value_key(name)
    elif name in scope.things or name == TOTAL:
        yield thing_key(name)
    else:
        found = scope.part(name)
        if found is not None and found[1] not in found[0].milestones:
            yield thing_key(found[0].id)


def _values(scope: Scope) -> Mapping[str, object]:
    return scope.values


def ordered(graph: Graph, places: Mapping[str, nodes.Identifier], report: Report) -> Order:
    """The order in which everything can be worked out; a circle is a mistake that shows its path."""
    found = order(graph)
    if found.circle:
        names = [each.partition(" ")[2] for each in found.circle]
        path = [name for at, name in enumerate(names) if at == 0 or name != names[at - 1]]
        path += path if len(path) == 1 else []
        start = next((each for each in found.circle if each in places), None)
        if start is not None:
            report.add(texts.circle(report.place(places[start].span), path))
    return found


def check_depth(graph: Graph, found: Order, scope: Scope, report: Report) -> None:
    """Scales and open values are worked out one inside the other: so many and no more."""
    nested = {
        name: tuple(each for each in made_from if each.startswith("scale ") or _is_open(each, scope))
        for name, made_from in graph.items()
    }
    for name, depth in depths(nested, found.names).items():
        if depth > MAX_CHAIN and not name.startswith("thing "):
            kind, _, text = name.partition(" ")
            node = scope.scales.get(text) if kind == "scale" else scope.values[text].node
            assert node is not None
            report.add(texts.nested_too_deep(report.place(node.name.span), text, depth))
            return


def _is_open(key: str, scope: Scope) -> bool:
    kind, _, name = key.partition(" ")
    return kind == "value" and name in scope.values and scope.values[name].is_open


# ---- values


def check_value(node: nodes.Value, scope: Scope) -> Valued:
    """One value, when everything it is made from is known."""
    is_open = next(references(node.body, scope), None) is not None
    inner = evolve(scope, is_open=is_open)
    direction = node.direction.better if node.direction else ""
    expected = range_unit(node.range, inner) if node.column is None else column_unit(node.column)
    unit = body_unit(node.body, inner, expected)
    if unit is None and not _may_be_anything(node.body):
        forms.check_body(node.body, inner, direction)
        return Valued(node.name.text, node, None, direction, is_open)
    unit = unit or PLAIN
    if node.column is None:  # a cell is looked at with its register
        forms.check_body(node.body, inner, direction)
    low, high = _check_frame(node, unit, scope.report)
    words = words_of_body(node.range, node.body, inner) if unit == WORD else ()
    if node.column is not None:
        words = column_words(node.column)
    return Valued(node.name.text, node, unit, direction, is_open, words, low, high)


def column_unit(column: nodes.Fact) -> Unit:
    """The unit of what stands in a column, as it is reckoned with: texts and names are words."""
    stated = next((each for each in column.statements if isinstance(each, nodes.UnitOf)), None)
    if stated is None or stated.unit in REGISTERED:
        return WORD
    unit = UNITS[stated.unit]
    return (units.divided(unit, UNITS[stated.per]) or unit) if stated.per in UNITS else unit


def column_words(column: nodes.Fact) -> tuple[str, ...]:
    """The words that a column may hold, where they are listed."""
    listed = [each.choices for each in column.statements if isinstance(each, nodes.Range)]
    return tuple(each.text for choices in listed for each in choices if isinstance(each, nodes.Word))


def _may_be_anything(body: Body) -> bool:
    """Whether a body says nothing that has a unit: undecided, unclear, or no value."""
    kinds = (nodes.Undecided, nodes.Unclear, nodes.NoValue)
    return isinstance(body, nodes.Stated) and all(isinstance(each.value, kinds) for each in body.statements)


def _check_frame(
    node: nodes.Value | nodes.Scale, unit: Unit, report: Report
) -> tuple[Fraction | None, Fraction | None]:
    """The range and the rounding; the ends of the range are given back."""
    ends: tuple[Fraction | None, Fraction | None] = (None, None)
    if node.range is not None:
        ends = forms.check_literals(node.body, node.range, unit, report)
    for rounding in (node.rounded, node.shown if isinstance(node, nodes.Value) else None):
        if isinstance(rounding, nodes.Rounding):
            forms.check_rounding(rounding, unit, report)
        elif rounding is not None:
            report.undecided_period(rounding)
    return ends


# ---- scales


def check_scales(scope: Scope) -> None:
    """Each scale by itself, and its body for each set of arguments it is applied to."""
    for scale in scope.scales.values():
        _check_scale(scale, scope)
    done: set[tuple[str, tuple[Local, ...]]] = set()
    while pending := [each for each in scope.applied if each not in done]:
        for name, arguments in pending:
            done.add((name, arguments))
            scale, unit = scope.scales[name], scope.applied[name, arguments]
            forms.check_body(scale.body, inside_scale(scale, arguments, scope))
            if unit is not None:
                _check_frame(scale, unit, scope.report)


def _check_scale(scale: nodes.Scale, scope: Scope) -> None:
    """Names that stand once, and are used."""
    report, name = scope.report, scale.name
    if name.text in FUNCTIONS:
        report.add(messages.reserved_name(report.place(name.span), name.text))
    used = {each.name.text for each in inside(scale.body) if isinstance(each, nodes.Reference)}
    seen: dict[str, nodes.Identifier] = {}
    for parameter in scale.parameters:
        if seen.setdefault(parameter.text, parameter) is not parameter:
            report.twice(parameter.span, parameter.text, seen[parameter.text].span)
        elif parameter.text not in used:
            report.add(texts.not_used(report.place(parameter.span), parameter.text, "parameter"))
        known: Mapping[str, Any] = {**scope.measures, **scope.values}  # each has its node
        if parameter.text in known:
            there = report.place(known[parameter.text].node.name.span)
            text = texts.in_two_places(
                report.place(parameter.span), parameter.text, "parameter", "value", there
            )
            report.add(text)


# ---- what is not used, and names for two things


def check_names(contract: nodes.Contract, scope: Scope, result: str) -> None:
    """A finding for a value, scale, parameter or fact that nothing refers to, and for a name of two things."""
    report = scope.report
    used = {result}
    own = (each for each in contract.statements if not isinstance(each, nodes.Example))
    for each in (part for statement in own for part in inside(statement)):
        if isinstance(each, nodes.Reference | nodes.Call):
            used.add(each.name.text)
    for name, value in scope.values.items():
        if name in scope.things:
            _two(value.node.name, "value", report)
        if value.is_open and name not in used:
            report.add(texts.not_used(report.place(value.node.name.span), name, "value"))
    for name, measure in scope.measures.items():
        if measure.contract:
            continue
        if name in scope.things:
            _two(measure.node.name, measure.kind, report)
        if measure.kind == "parameter" and name not in used:
            report.add(texts.not_used(report.place(measure.node.name.span), name, "parameter"))
    for names, what in ((scope.scales, "scale"), (scope.calendars, "calendar")):
        for name, node in names.items():
            if name not in used:
                report.add(texts.not_used(report.place(node.name.span), name, what))


def _two(name: nodes.Identifier, what: str, report: Report) -> None:
    """A bare name is the value; with a dot after it, the goal or section."""
    report.add(texts.like_a_goal(report.place(name.span), name.text, what))


def check_limits(name: str, limits: Iterable[nodes.Cap], scope: Scope) -> None:
    """The conditions and values of the limits of an item, a section or the whole, which has points."""
    for cap in limits:
        if not scope.things[name].has_points:
            place = cap.name.span if cap.name is not None else cap.span
            scope.report.add(texts.nothing_to_limit(scope.report.place(place), name))
        conditions.check_conditions(cap.when, scope)
        check_points(cap.value, scope)


def check_points(stated: nodes.Stated[nodes.Expression], scope: Scope) -> None:
    """A number of points, or any calculation of points."""
    conditions.check_periods(stated, scope)
    scope.report.one_governs(stated)
    for statement in stated.statements:
        unit = unit_of(statement.value, scope, scope.points, None)
        if unit is not None and unit != scope.points:
            scope.report.add(messages.points_wanted(scope.report.place(statement.value.span), str(unit)))
