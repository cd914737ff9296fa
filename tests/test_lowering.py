"""A lowered contract comes to what an evaluation comes to, with tolerance zero: points, states and values."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

import pytest

import rkdsl
from rkdsl.columns.lowering import Lowered, lower
from rkdsl.columns.program import Cell, Program, Slot, run
from rkdsl.columns.tables import EXACT_NEEDED
from rkdsl.pipeline import Contract, Outcome
from tests.benchmarks import ams18


def plain(record: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """What a table can say of a record: the last of what is told of each thing, as of whenever."""
    found = {}
    for key, entry in record.items():
        told = entry[-1] if isinstance(entry, list) and entry else entry
        if isinstance(told, dict):
            held = {name: told[name] for name in ("points", "value") if name in told}
            said = {name: told[name] for name in ("by", "reason") if name in told}
            if "not_applicable" in told:
                told = {"not_applicable": told["not_applicable"]}
            else:
                told = {**held, **said} if said else next(iter(held.values()), None)
        if key in keys and told is not None and not isinstance(told, list):
            found[key] = told
    return found


def program_of(contract: Contract, day: str, **more: Any) -> Program:
    found = lower(contract.tree, contract._plan, datetime.date.fromisoformat(day), **more)
    assert isinstance(found, Lowered), found
    return found.program


class Row:
    """One row of a table, as a program reads it. `unlawful` is set by what the program does not reckon with."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record

    def is_lawful(self, program: Program) -> bool:
        """Whether the program is for this row."""
        return all(self._figure(slot) is not None for slot in program.slots if self.told(slot) == "figure")

    def told(self, slot: Slot) -> str:
        """What is told of a slot: `figure`, a state, or nothing."""
        found = self.record.get(slot.name)
        if isinstance(found, dict) and "not_applicable" in found:
            return "not applicable"
        found = found.get("points", found.get("value")) if isinstance(found, dict) else found
        if slot.name.startswith("milestones.") and found == "not done":
            return "not done"
        if slot.type == "word" and found in ("not applicable", "not defined") and found not in slot.words:
            return str(found)
        return "" if found is None else "figure"

    def _figure(self, slot: Slot) -> Cell | None:
        """The figure over the slot's scale, None where it is not one of those the program reckons with."""
        found = self.record[slot.name]
        if isinstance(found, dict):
            found = found.get("points", found.get("value"))
        if slot.type == "truth":
            return found if isinstance(found, bool) else None
        if slot.type == "word":
            return found if isinstance(found, str) and (not slot.words or found in slot.words) else None
        if slot.type == "day":
            try:
                day = datetime.date.fromisoformat(found) if isinstance(found, str) else found
                number = Fraction(day.toordinal())
            except (AttributeError, ValueError):
                return None
        elif isinstance(found, bool | str):
            return None
        else:
            number = Fraction(str(found)) * slot.scale
        inside = slot.low <= number <= slot.high and (not slot.choices or number in slot.choices)
        return int(number) if inside and number.denominator == 1 else None

    def read(self, slot: Slot, part: str) -> Cell:
        told = self.told(slot)
        match part:
            case "value":
                figure = self._figure(slot) if told == "figure" else None
                return {"truth": False, "word": ""}.get(slot.type, 0) if figure is None else figure
            case "reported":
                return told == "figure"
            case "told":
                return told != ""
        return told == part


def figures(program: Program, table: Row) -> dict[str, Any]:
    """What comes out, numbers as fractions; None where nothing is told."""
    steps = run(program, table.read)
    found: dict[str, Any] = {}
    for each in program.figures:
        value: Any = steps[each.above]
        if each.told is not None and not steps[each.told]:
            value = None
        elif each.type == "whole":
            below = 1 if each.below is None else steps[each.below]
            assert isinstance(below, int)
            assert below > 0
            value = Fraction(value, each.scale * below)
        found[each.name] = value
    return found


def expected(outcome: Outcome) -> dict[str, Any]:
    """The same, read from an outcome."""
    found: dict[str, Any] = {}
    for item in outcome.items:
        found[f"{item.id}.state"] = item.state
        if item.points is not None:
            found[f"{item.id}.secured"] = item.points.secured
            found[f"{item.id}.possible"] = item.points.possible
    for section in outcome.sections:
        if section.points is not None:
            found[f"{section.id}.state"] = section.state
            found[f"{section.id}.secured"] = section.points.secured
            found[f"{section.id}.possible"] = section.points.possible
    for value in outcome.values:
        found[f"{value.id}.state"] = value.state
        found[f"{value.id}.secured"] = value.secured
        found[f"{value.id}.possible"] = value.possible
        found[f"{value.id}.word"] = value.word
    if outcome.points is not None:
        found["total.state"] = outcome.state
        found["total.secured"] = outcome.points.secured
        found["total.possible"] = outcome.points.possible
    return found


def agree(
    program: Program, record: Mapping[str, Any], outcome: Outcome | None, partial: bool = False
) -> bool:
    """Whether the program told all that the outcome says; False where it leaves the row to the exact engine."""
    table = Row(record)
    if not table.is_lawful(program):
        return False
    assert outcome is not None, "a row that is refused has something unlawful"
    found = figures(program, table)
    if found.pop(EXACT_NEEDED):
        return False
    said = expected(outcome)
    assert {name: said[name] for name in found} == found
    beside = [name for name, value in said.items() if name not in found and value is not None]
    assert partial or not beside
    return True


def test_eighteen_items() -> None:
    """Of records that reach every branch all is told; where a figure is missing the row is left to others."""
    contract = rkdsl.load(ams18.CONTRACT)
    scorer = contract.scorer(ams18.AS_OF)
    program = program_of(contract, ams18.AS_OF)
    for record in ams18.records(60):
        assert agree(program, record, contract.evaluate(scorer.nested(record), ams18.AS_OF))
    for key in record:
        assert figures(program, Row({**record, key: None}))[EXACT_NEEDED]


@pytest.mark.parametrize("seed", range(3))
def test_zero_baseline(seed: int) -> None:
    """A baseline of nothing gives no tolerance: the item, the total and what is made of it are not defined."""
    contract = rkdsl.load(ams18.CONTRACT)
    scorer = contract.scorer(ams18.AS_OF)
    record = {**ams18.records(1, seed)[0], "readings.foreign.2008": 0}
    assert agree(
        program_of(contract, ams18.AS_OF), record, contract.evaluate(scorer.nested(record), ams18.AS_OF)
    )
