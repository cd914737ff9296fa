"""The ten contracts of the second document: each unit alone, and all of them rolled up."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.pipeline import Outcome

_FOLDER = Path(__file__).parents[1] / "examples" / "bif-2009"
_UNITS = ("skelbaekgade", *(f"enhed{number}" for number in range(2, 11)))


def _told(unit: str) -> dict[str, dict[str, Fraction]]:
    """The readings of a unit."""
    text = (_FOLDER / "actuals" / f"{unit}.json").read_text(encoding="utf-8")
    data = json.loads(text, parse_float=Fraction, parse_int=Fraction)
    found: dict[str, dict[str, Fraction]] = data["readings"]
    return found


def _goals(unit: str) -> dict[str, tuple[Fraction, ...]]:
    """The goals of a unit with their arguments: 36 % is 36."""
    text = (_FOLDER / f"{unit}.rk").read_text(encoding="utf-8")
    uses = re.findall(r"use (\w+)\(([^)]*)\)", text)
    numbers = {name: re.findall(r"[\d_.]+", cells) for name, cells in uses}
    return {name: tuple(Fraction(each.replace("_", "")) for each in found) for name, found in numbers.items()}


def _is_met(goal: str, wanted: tuple[Fraction, ...], read: dict[str, dict[str, Fraction]]) -> bool | None:
    """What the memo says of each kind of goal, worked out from the readings; None where one is missing."""
    shares = {
        "effect": ("in_job", "begun"),
        "flex": ("flex_in_6", "flex_waiting"),
        "buying": ("purchases", "purchase_budget"),
        "running": ("administration", "administration_budget"),
    }
    levels = {"places": "placed", "contact": "timely", "phone": "answered", "workplace": "attractive"}
    falls = {"upheld": "complaints", "power": "electricity"}
    try:
        if goal in shares:
            above, below = (read[name]["2009"] for name in shares[goal])
            share = 100 * above / below
            if goal == "buying":
                return wanted[0] <= share <= wanted[1]
            return share <= wanted[0] if goal == "running" else share >= wanted[0]
        if goal in levels:
            return read[levels[goal]]["2009"] >= wanted[0]
        if goal in falls:
            before, after = read[falls[goal]]["2008"], read[falls[goal]]["2009"]
            return after <= before * (1 - wanted[0] / 100)
        if goal == "estates":
            before, after = read["area_recipients"]["2008-12-31"], read["area_recipients"]["2009-12-31"]
            return after <= before * (1 - wanted[0] / 100)
        if goal == "sick52":
            return read["sick_52"]["2009-12-31"] <= wanted[0]
        assert goal == "sick_leave"
        return read["sick_days"]["2009"] / read["employees"]["2009"] <= wanted[0]
    except KeyError:
        return None


_STATES = {True: "met", False: "missed", None: "not known"}


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """All units in one command."""
    contract = rkdsl.load(_FOLDER / "portfolio.rk")
    return contract.evaluate(sorted((_FOLDER / "actuals").glob("*.json")))


@pytest.mark.parametrize("unit", _UNITS)
def test_each_unit_alone(unit: str) -> None:
    """Every goal of the unit is what its readings make it."""
    found = rkdsl.load(_FOLDER / f"{unit}.rk").evaluate(_FOLDER / "actuals" / f"{unit}.json")
    wanted = {goal: _STATES[_is_met(goal, cells, _told(unit))] for goal, cells in _goals(unit).items()}
    assert wanted == {each.id: each.state for each in found.items}


def test_all_units_in_one(outcome: Outcome) -> None:
    """The same states under the names of the units."""
    wanted = {
        f"{unit}.{goal}": _STATES[_is_met(goal, cells, _told(unit))]
        for unit in _UNITS
        for goal, cells in _goals(unit).items()
    }
    assert wanted == {each.id: each.state for each in outcome.items if "." in each.id}


def test_what_is_rolled_up(outcome: Outcome) -> None:
    """Sums of those that have the figure, and sick leave weighted by staff."""
    told = {unit: _told(unit) for unit in _UNITS}

    def total(name: str, period: str = "2009") -> Fraction:
        return sum((read[name][period] for read in told.values() if name in read), Fraction(0))

    recipients = Fraction(28_450)
    placed = total("placed")
    assert (placed >= 4000 and placed / recipients >= Fraction(14, 100)) == _is(outcome, "placed_in_all")
    before, after = total("area_recipients", "2008-12-31"), total("area_recipients", "2009-12-31")
    assert (after <= before * (1 - Fraction(94, 1000))) == _is(outcome, "estates_in_all")
    assert 2085 == before
    absence = total("sick_days") / total("employees")
    assert (absence <= Fraction(152, 10)) == _is(outcome, "sick_leave_in_all")
    said = str(outcome.explain("sick_leave_in_all"))
    assert f"{int(total('sick_days'))}" in said.replace("_", "")


def _is(outcome: Outcome, goal: str) -> bool:
    return {"met": True, "missed": False}[outcome.item(goal).state]


def test_a_figure_measured_against_its_own_year_stays_open(outcome: Outcome) -> None:
    """Until it is said which year counts, the upheld complaints are neither met nor missed."""
    item = outcome.item("upheld_in_all")
    assert "not known" == item.state
    assert any("none governs" in each.text for each in item.open)


def test_weights_change_no_state() -> None:
    """The unit with illustrative weights has the states of the one without, and points besides."""
    actuals: Any = _FOLDER / "actuals" / "skelbaekgade.json"
    plain = rkdsl.load(_FOLDER / "skelbaekgade.rk").evaluate(actuals)
    weighted = rkdsl.load(_FOLDER / "skelbaekgade-weighted.rk").evaluate(actuals)
    assert {each.id: each.state for each in plain.items} == {each.id: each.state for each in weighted.items}
    assert plain.points is None
    assert weighted.points is not None
    assert (90, 90) == (weighted.points.secured, weighted.points.possible)


def test_the_order_of_the_units_changes_nothing(outcome: Outcome, tmp_path: Path) -> None:
    """The portfolio with its uses turned round."""
    for path in _FOLDER.glob("*.rk"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / "portfolio.rk").read_text(encoding="utf-8")
    uses = re.findall(r'  use "(?:skelbaekgade|enhed\d+)\.rk"\n', text)
    assert 10 == len(uses)
    begin, end = text.index(uses[0]), text.index(uses[-1]) + len(uses[-1])
    (tmp_path / "portfolio.rk").write_text(
        text[:begin] + "".join(reversed(uses)) + text[end:], encoding="utf-8"
    )
    turned = rkdsl.load(tmp_path / "portfolio.rk").evaluate(sorted((_FOLDER / "actuals").glob("*.json")))
    assert {each.id: each.state for each in outcome.items} == {each.id: each.state for each in turned.items}


def test_what_check_computes() -> None:
    """Each contradiction of the memo is found by itself, and only those."""
    contract = rkdsl.load(_FOLDER / "portfolio.rk")
    found = {
        each.code: each.labels[0].text for each in contract.findings if each.code not in ("RK501", "RK502")
    }
    assert {"RK511", "RK521", "RK532", "RK543", "RK545"} == set(found)
    assert "both hold for a baseline of 2069 to 2101 persons only" == found["RK543"]
    assert "however the figures are rounded, both cannot hold" == found["RK545"]
    assert "2009 is compared with itself" == found["RK511"]
