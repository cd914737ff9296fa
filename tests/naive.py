"""The meaning of a rule tree once more: dumb, recursive, of settled inputs, written from the docstrings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from rkdsl.rules import tree as t
from rkdsl.values import State

Value = Fraction | bool | str | State


def undefined(reason: str) -> State:
    return State("not defined", reason)


def naive(tree: t.Tree, ref: int, given: Mapping[int, Value]) -> Value:
    """The value of a row; `given` by the row of the input."""

    def value(ref: int) -> Value:
        return naive(tree, ref, given)

    def number(ref: int) -> Fraction | State:
        found = value(ref)
        return Fraction(found) if isinstance(found, bool) else found  # type: ignore[return-value]

    row = tree.rows[ref]
    match row:
        case t.Literal():
            return row.value
        case t.Input():
            return given[ref]
        case t.Name():
            return value(row.of)
        case t.Arithmetic():
            found = number(row.operands[0])
            for operand in row.operands[1:]:
                found = calculate(row.op, found, number(operand))
            return found
        case t.Compare():
            left, right = value(row.left), value(row.right)
            state = strongest([left, right])
            if state is not None:
                return state
            return {
                "at most": lambda: left <= right,
                "at least": lambda: left >= right,
                "above": lambda: left > right,
                "below": lambda: left < right,
                "exactly": lambda: left == right,
            }[row.op]()
        case t.Logic("not", (operand,)):
            found = value(operand)
            return found if isinstance(found, State) else not found
        case t.Logic():
            values = [value(operand) for operand in row.operands]
            deciding = row.op == "any"
            if deciding in [each for each in values if not isinstance(each, State)]:
                return deciding
            return strongest(values) or (not deciding)
        case t.Is("reported" | "told", operand):
            while isinstance(tree.rows[operand], t.Name):
                operand = tree.rows[operand].of
            return operand in given and ("reported", operand) not in given
        case t.Is("applies", operand):
            found = value(operand)
            return not (isinstance(found, State) and found.kind == "not applicable")
        case t.Is(_, operand):
            found = value(operand)
            return not (isinstance(found, State) and found.kind == "not defined")
        case t.Piecewise():
            return piecewise(row, number)
        case t.Choose():
            for condition, result in row.rows:
                holds = value(condition)
                if isinstance(holds, State):
                    return holds
                if holds:
                    return value(result)
            return undefined("no row holds")
        case t.Gather():
            return gather(row, number)
        case t.Round():
            found = number(row.operand)
            return found if isinstance(found, State) else round_to(row.mode, found / row.step) * row.step
        case t.Span():
            start, end = number(row.start), number(row.end)
            state = strongest([start, end])
            return state if state is not None else span(tree, row.calendar, int(start), int(end))
    raise AssertionError(row)


def strongest(values: list[Value]) -> State | None:
    states = [value for value in values if isinstance(value, State)]
    undefined = [state for state in states if state.kind == "not defined"]
    return (undefined or states or [None])[0]


def calculate(op: str, left: Fraction | State, right: Fraction | State) -> Fraction | State:
    state = strongest([left, right])
    if state is not None:
        return state
    match op:
        case "add":
            return left + right
        case "sub":
            return left - right
        case "mul":
            return left * right
        case "div":
            return undefined("division by zero") if right == 0 else left / right
        case "min":
            return min(left, right)
        case "max":
            return max(left, right)
    if left == 0 and right < 0:
        return undefined("division by zero")
    product = Fraction(1)
    for _ in range(abs(int(right))):
        product *= left
    return product if right >= 0 else 1 / product


def piecewise(row: t.Piecewise, number) -> Value:  # type: ignore[no-untyped-def]  # a function of a row
    x = number(row.operand)
    places = [number(knot.at) for knot in row.knots]
    state = strongest([x, *places])
    if state is not None:
        return state
    if sorted(set(places)) != places:
        return undefined("knots out of order")

    def line(left: int, right: int) -> Value:
        start, end = number(row.knots[left].after), number(row.knots[right].before)
        state = strongest([start, end])
        if state is not None:
            return state
        return start + (end - start) * (x - places[left]) / (places[right] - places[left])

    if x < places[0]:
        if row.below == "not defined":
            return undefined("below the first knot")
        return number(row.knots[0].before) if row.below == "flat" else line(0, 1)
    if x > places[-1]:
        if row.above == "not defined":
            return undefined("above the last knot")
        last = len(places) - 1
        return number(row.knots[-1].after) if row.above == "flat" else line(last - 1, last)
    for at, knot in enumerate(row.knots):
        if x == places[at]:
            return number(knot.before if knot.holds == "before" else knot.after)
    at = max(at for at, place in enumerate(places) if place < x)
    return line(at, at + 1)


def gather(row: t.Gather, number) -> Value:  # type: ignore[no-untyped-def]  # a function of a row
    members = [(number(member), at) for at, member in enumerate(row.members)]
    there = [each for each, _ in members if not isinstance(each, State) or each.kind != "not applicable"]
    if row.applying and len(there) < max(row.needs, 1):
        none = State("not applicable", "too few take part")
        return none if row.otherwise is None else number(row.otherwise)
    for member, _ in members:
        if isinstance(member, State) and member.kind == "not defined":
            return member
    if row.applying:
        members = [(member, at) for member, at in members if not isinstance(member, State)]
    for member, _ in members:
        if isinstance(member, State):
            return member
    if len(members) < max(row.needs, 1):
        none = State("not applicable", "too few take part")
        return none if row.otherwise is None else number(row.otherwise)
    if row.weights:
        weights = {at: number(row.weights[at]) for _, at in members}
    else:
        weights = {at: Fraction(1) for _, at in members}
    state = strongest(list(weights.values()))
    if state is not None:
        return state
    if row.pick == "highest":
        members = sorted(members, key=lambda pair: (-pair[0], pair[1]))[: row.count]
    if row.pick == "lowest":
        members = sorted(members)[: row.count]
    total = sum((weights[at] * member for member, at in members), Fraction(0))
    if row.op == "sum":
        return total
    weight = sum((weights[at] for _, at in members), Fraction(0))
    return undefined("division by zero") if weight == 0 else total / weight


def round_to(mode: str, count: Fraction) -> int:
    down, up = math.floor(count), math.ceil(count)
    if down == up:
        return down
    toward, away = (down, up) if count > 0 else (up, down)
    match mode:
        case "up":
            return up
        case "down":
            return down
        case "toward zero":
            return toward
        case "away from zero":
            return away
    if count - down != up - count:
        return down if count - down < up - count else up
    return {"half up": up, "half away from zero": away}.get(mode, down if down % 2 == 0 else up)


def span(tree: t.Tree, name: str, start: int, end: int) -> Fraction:
    if end < start:
        return -span(tree, name, end, start)
    days = range(start + 1, end + 1)
    if not name:
        return Fraction(len(days))
    (calendar,) = (each for each in tree.calendars if each.name == name)
    counted = [day for day in days if (day - 1) % 7 in calendar.weekdays and day not in calendar.holidays]
    return Fraction(len(counted))
