"""A lowered contract comes to what an evaluation comes to, with tolerance zero: points, states and values."""

from __future__ import annotations

import contextlib
import datetime
import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl.columns.figures import roots_of
from rkdsl.columns.lowering import Lowered, NotLowered, lower
from rkdsl.columns.program import Cell, Program, Slot, run
from rkdsl.columns.sources import Untold
from rkdsl.columns.tables import EXACT_NEEDED
from rkdsl.pipeline import Contract, Outcome
from rkdsl.rules.tree import Input
from tests import every_form, valid_contracts
from tests.benchmarks import ams18
from tests.test_scorer import flat


def plain(record: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """What a table can say of a record: the last of what is told of each thing, as of whenever."""
    found = {}
    for key, entry in record.items():
        told = entry[-1] if isinstance(entry, list) and entry else entry
        if isinstance(told, dict):
            held = {name: told[name] for name in ("points", "value") if name in told}
            said = {name: told[name] for name in ("by", "reason") if name in told}
            if "not_applicable" in told:
                told = {"not_applicable": told["not_applicable"], **said}
            elif key.startswith("assessed.") and len(said) < 2:
                told = None
            else:
                told = {**held, **said} if said else next(iter(held.values()), None)
        if key in keys and told is not None and not isinstance(told, list):
            found[key] = told
    return found


def program_of(contract: Contract, day: str, **more: Any) -> Program:
    found = lower(contract.tree, contract.ready.plan, datetime.date.fromisoformat(day), **more)
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


def with_gaps(record: Mapping[str, Any], random: Random, share: float, day: str) -> dict[str, Any]:
    """A record in which a share of the figures is missing, not done or not applicable; and what is to come."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        if random.random() < share:
            done = key.startswith("milestones.") and random.random() < 0.4
            said = {"not_applicable": "closed"} if random.random() < 0.2 else None
            found[key] = "not done" if done else said
        elif not key.startswith("milestones.") or value <= day:
            found[key] = value
    return found


@pytest.mark.parametrize("day", ["2009-08-01", "2010-01-15", "2010-03-31"])
@pytest.mark.parametrize("share", [0, 0.05, 0.3, 1])
def test_gaps(day: str, share: float) -> None:
    """States and bounds of eighteen items, in the middle of the year and after it: few rows are left to others."""
    contract = rkdsl.load(ams18.CONTRACT)
    scorer = contract.scorer(day)
    program = program_of(contract, day, gaps=True, states=scorer.keys)
    random, told = Random(share), 0
    for each in ams18.records(15):
        record = with_gaps({key: each[key] for key in scorer.keys}, random, share, day)
        told += agree(program, record, contract.evaluate(scorer.nested(record), day))
    assert told >= 12


def test_few_steps() -> None:
    """As few as one would write by hand: most items are a condition and a choice, a share is kept between two ends."""
    program = program_of(rkdsl.load(ams18.CONTRACT), ams18.AS_OF)
    counts = Counter(type(step).__name__ for step in program.steps)
    assert sum(counts.values()) - counts["Read"] - counts["Constant"] <= 125


# ---- contracts of every form, and of the examples


def each_thing(contract: Contract, day: str, gaps: bool, untold: Untold) -> dict[str, Program]:
    """A program for each thing by itself: what cannot be lowered takes nothing else down."""
    found = {}
    states = contract.scorer(day).keys if gaps else ()
    for name in roots_of(contract.tree):
        lowered = lower(
            contract.tree,
            contract.ready.plan,
            untold.as_of,
            gaps=gaps,
            states=states,
            things=[name],
            untold=untold,
        )
        if isinstance(lowered, Lowered):
            found[name] = lowered.program
    return found


def check(contract: Contract, all_actuals: Sequence[Mapping[str, Any]]) -> int:
    """How often something was told, and the same as an evaluation tells."""
    told = 0
    untold: dict[str, Untold] = {}
    programs: dict[tuple[str, bool], dict[str, Program]] = {}
    for actuals in all_actuals:
        day = str(actuals["as_of"])
        scorer = contract.scorer(day)
        date = datetime.date.fromisoformat(day)
        record = plain(flat(actuals), scorer.keys)
        try:
            outcome = contract.evaluate(scorer.nested(record), day)
        except rkdsl.Refused:
            outcome = None
        for gaps in (False, True):
            if (day, gaps) not in programs:
                known = untold.setdefault(day, Untold(contract.tree, contract.ready.plan, date))
                programs[day, gaps] = each_thing(contract, day, gaps, known)
            for program in programs[day, gaps].values():
                told += agree(program, record, outcome, partial=True)
    return told


@pytest.mark.parametrize("seed", [1, 2, 4, 5, 8])
def test_contracts_of_every_form(seed: int) -> None:
    """Of contracts that reach every form, with all told, and with some missing."""
    made = every_form.contract(seed)
    assert check(rkdsl.loads(made.text), [made.actuals(told, (0.5, 0.9, 1.0)[told % 3]) for told in range(6)])


@settings(max_examples=8, deadline=None)
@given(valid_contracts.contract_texts(), st.data())
def test_any_contract_at_its_thresholds(text: str, data: st.DataObject) -> None:
    """What is told lies on the figures at which something changes."""
    contract = rkdsl.loads(text)
    day = data.draw(st.sampled_from(valid_contracts.AS_OF))
    check(contract, [data.draw(valid_contracts.actuals(contract.tree, 8, as_of=day)) for _ in range(4)])


HOME = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden" / "lowered.txt"


def lowered_text(path: Path) -> str:
    """What of a contract can be lowered the spring after, and why not the rest."""
    contract = rkdsl.load(path)
    periods = (row.key.partition("@")[2][:4] for row in contract.tree.rows if isinstance(row, Input))
    day = datetime.date(max([int(each) for each in periods if each] or [2026]) + 1, 4, 1)
    lines = [f"{path.relative_to(HOME).as_posix()} as of {day}"]
    untold = Untold(contract.tree, contract.ready.plan, day)
    for gaps in (False, True):
        found = lower(contract.tree, contract.ready.plan, day, gaps=gaps, partial=True, untold=untold)
        assert isinstance(found, Lowered)
        things = len(roots_of(contract.tree)) - sum(len(each.things) for each in found.without)
        what = "with gaps" if gaps else "complete"
        lines.append(
            f"  {what}: {things} of {len(roots_of(contract.tree))} in {len(found.program.steps)} steps"
        )
        for each in found.without:
            place = "" if each.clause is None else f"line {each.clause.line}: "
            lines.append(
                f"    {place}{each.name}: {each.reason.partition(': from')[0]}: {', '.join(each.things)}"
            )
    return "\n".join(lines)


def test_what_of_the_examples_is_lowered() -> None:
    """Run with `RKDSL_UPDATE_GOLDENS=1` to write it anew, then read the difference."""
    found = []
    for path in [ams18.CONTRACT, *sorted((HOME / "examples").rglob("*.rk"))]:
        with contextlib.suppress(rkdsl.Refused):  # a part of a contract
            found.append(lowered_text(path))
    text = "\n".join(found) + "\n"
    if os.environ.get("RKDSL_UPDATE_GOLDENS"):
        GOLDEN.write_text(text, encoding="utf-8")
    else:
        assert GOLDEN.read_text(encoding="utf-8") == text


# ---- what is refused

WIDE_TEXT = """
contract k "K" {
  period 2026
  total 10 points
  measure a "A" { unit number  higher is better  each year }
  measure b "B" { unit number  higher is better  each year }
  measure c "C" { unit number  higher is better  each year }
  goal g "G" { weight 10  target a in 2026 at least 4 }
  value wide "Wide" = (a in 2026) * (b in 2026) * (c in 2026)
}
"""


def test_what_is_too_wide_is_told() -> None:
    """With the clause, the row and the reason; without it all else is lowered."""
    contract = rkdsl.loads(WIDE_TEXT)
    day = datetime.date(2027, 4, 1)
    found = lower(contract.tree, contract.ready.plan, day)
    assert isinstance(found, NotLowered)
    assert ("wide", ("wide",)) == (found.name, found.things)
    assert found.clause is not None
    assert (9, "whole numbers do not fit into 64 bits") == (found.clause.line, found.reason.partition(":")[0])
    part = lower(contract.tree, contract.ready.plan, day, partial=True)
    assert isinstance(part, Lowered)
    assert (found,) == part.without
    names = {each.name.partition(".")[0] for each in part.program.figures}
    assert {"g", "total", EXACT_NEEDED} == names


def test_columns_are_as_wide_as_they_can_be() -> None:
    """What two columns make would not fit with 15 digits each: both are narrower, and others are not."""
    text = WIDE_TEXT.replace(" * (c in 2026)", '  value other "Other" = c in 2026')
    contract = rkdsl.loads(text)
    program = program_of(contract, "2027-04-01")
    wide = {slot.name: (slot.scale, slot.high) for slot in program.slots}
    assert wide["readings.a.2026"] == wide["readings.b.2026"]
    assert wide["readings.a.2026"][1] ** 2 < 2**63
    assert (10**6, 10**15) == wide["readings.c.2026"]


@pytest.mark.parametrize("stated", ["2025: 3", '2025: at 3 elsewhere at 4 see "page 2"'])
def test_a_figure_that_the_contract_states_otherwise_is_left_to_others(stated: str) -> None:
    """The contract's own figure is one that a program reckons with, where it states but one."""
    text = WIDE_TEXT.replace(" * (c in 2026)", " + (a in 2025)").replace(
        "each year }", f"each year  {stated} }}", 1
    )
    contract = rkdsl.loads(text.replace("at 3 elsewhere at 4", "3 elsewhere 4"))
    scorer = contract.scorer("2027-04-01")
    program = program_of(contract, "2027-04-01", things=["g", "total"])
    for figure in (3, 4, 5):
        record = {"readings.a.2026": 4, "readings.a.2025": figure}
        outcome = contract.evaluate(scorer.nested(record), "2027-04-01")
        assert agree(program, record, outcome, partial=True) is (stated == "2025: 3" and figure == 3)
