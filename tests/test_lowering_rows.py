"""Every kind of row, lowered, comes to what the exact evaluator makes of it: complete and with gaps, tolerance zero."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rkdsl.actuals.record import SECTIONS
from rkdsl.columns.lowering import Lowered, lower
from rkdsl.columns.program import Cell, Program, Slot, run
from rkdsl.columns.sources import Untold
from rkdsl.columns.tables import EXACT_NEEDED
from rkdsl.rules import tree as t
from rkdsl.rules.evaluator import evaluate
from rkdsl.rules.plan import ROOT_ROLES, Plan
from rkdsl.rules.possible import Given, Possible, known
from rkdsl.rules.summary import state_of
from rkdsl.rules.transfer import range_of
from rkdsl.values import State, Unit
from tests import trees

DAY = datetime.date.fromordinal(trees.FIRST_DAY + 4)
Told = Mapping[tuple[str, str], trees.Value]


def told_of(tree: t.Tree) -> t.Tree:
    """A tree whose inputs may be told, and that tells what its roots come to."""
    inputs = [row for row in trees.inputs_of(tree).values() if row.kind != "as_of"]
    fields = (
        t.Field(
            row.kind,
            row.key,
            row.unit,
            low=row.low,
            high=row.high,
            may_not_apply=row.may_not_apply,
            words=row.words,
            choices=row.choices,
        )
        for row in inputs
    )
    roots = [ref for ref, row in enumerate(tree.rows) if isinstance(row, t.Name) and row.role in ROOT_ROLES]
    values = (t.Value(f"v{ref}", "", ref, tree.rows[ref].unit) for ref in roots)
    return tree._replace(fields=tuple(fields), values=tuple(values), total=None)


@st.composite
def records(draw: st.DrawFn, tree: t.Tree) -> Told:
    """What is told of some inputs: values on ends and breakpoints, and states."""
    found = {}
    for row in trees.inputs_of(tree).values():
        if row.kind != "as_of" and draw(st.integers(0, 2)):
            found[row.kind, row.key] = draw(trees.values_of(range_of(row), row, tree))
    return found


class Row:
    """A row of a table that tells a record."""

    def __init__(self, told: Told, units: Mapping[str, Unit]) -> None:
        self.told = {f"{SECTIONS[kind]}.{key}": value for (kind, key), value in told.items()}
        self.units = units

    def figure(self, slot: Slot) -> Cell | None:
        """A figure over the scale of its slot; None where it is none that a program reckons with."""
        value = self.told[slot.name]
        if isinstance(value, bool | str):
            return value
        assert isinstance(value, Fraction)
        number = value if slot.type == "day" else value / self.units[slot.name].scale * slot.scale
        inside = slot.low <= number <= slot.high and (not slot.choices or number in slot.choices)
        return int(number) if inside and number.denominator == 1 else None

    def _is_figure(self, slot: Slot) -> bool:
        return slot.name in self.told and not isinstance(self.told[slot.name], State)

    def is_lawful(self, slots: Sequence[Slot]) -> bool:
        return all(self.figure(slot) is not None for slot in slots if self._is_figure(slot))

    def read(self, slot: Slot, part: str) -> Cell:
        told = self.told.get(slot.name)
        match part:
            case "value":
                figure = self.figure(slot) if self._is_figure(slot) else None
                return {"truth": False, "word": ""}.get(slot.type, 0) if figure is None else figure
            case "reported":
                return self._is_figure(slot)
            case "told":
                return told is not None
        return isinstance(told, State) and told.kind == part


def figures(program: Program, row: Row) -> dict[str, Any]:
    steps = run(program, row.read)
    found: dict[str, Any] = {}
    for each in program.figures:
        value: Any = steps[each.above]
        below = 1 if each.below is None else steps[each.below]
        assert isinstance(below, int)
        assert below > 0
        if each.type == "whole":
            value = Fraction(value, each.scale * below)
        found[each.name.rpartition(".")[2]] = value if each.told is None or steps[each.told] else None
    return found


def expected(found: Possible) -> dict[str, Any]:
    numbers, word = found.numbers, None
    if found.is_settled and (found.words or found.truths):
        word = next(iter(found.words), "") or ("yes" if True in found.truths else "no")
    ends = (numbers.low, numbers.high) if numbers else (None, None)
    return {"state": state_of(found), "secured": ends[0], "possible": ends[1], "word": word}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_rows(data: st.DataObject) -> None:
    """Each root by itself, of trees of every kind of row; complete rows are never left to others."""
    tree = told_of(data.draw(trees.trees(12)))
    plan = Plan(tree)
    untold = Untold(tree, plan, DAY)
    units = {f"{SECTIONS[each.kind]}.{each.id}": each.unit for each in tree.fields}
    told = [data.draw(records(tree)) for _ in range(4)]
    today = {("as_of", ""): Given(known(Fraction(DAY.toordinal())))}
    exact = [
        evaluate(plan, {**today, **{key: Given(known(value)) for key, value in each.items()}})
        for each in told
    ]
    for gaps in (False, True):
        for value in tree.values:
            states = list(units) if gaps else []
            lowered = lower(tree, plan, DAY, gaps=gaps, states=states, things=[value.id], untold=untold)
            if not isinstance(lowered, Lowered):
                continue
            for each, values in zip(told, exact, strict=True):
                row = Row(each, units)
                if not row.is_lawful(lowered.program.slots):
                    continue
                found = figures(lowered.program, row)
                if found.pop(EXACT_NEEDED):
                    inputs = {each for each in plan.inputs.values() if each[0] != "as_of"}
                    assert len(each) < len(inputs) or any(isinstance(one, State) for one in each.values())
                    continue
                said = expected(values.row(value.of))
                assert {name: said[name] for name in found} == found
