"""Three more schemes written from the documentation alone: every figure that their writer worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import rkdsl
from rkdsl.pipeline import Outcome

_FOLDER = Path(__file__).parents[1] / "examples" / "from-the-docs"
_CARE = _FOLDER / "home-care"
_PARTS = ("north", "south", "east", "west")


def _care(*, as_signed: bool = False, as_of: str | None = None) -> Outcome:
    contract = rkdsl.load(_CARE / "contract.rk", [_CARE / "allonge-north.rk"])
    actuals = sorted((_CARE / "actuals").glob("*.json"))
    return contract.evaluate(actuals, as_of, as_signed=as_signed)


def _settled(outcome: Outcome, name: str) -> Fraction:
    value = outcome.value(name)
    assert value.secured is not None
    assert value.secured == value.possible
    return value.secured


@pytest.mark.parametrize(
    ("as_signed", "points", "bonuses", "kept", "mean"),
    [
        (False, ("79", "94", "35.5", "55"), (385_500, 458_700, 87_300, 268_400), 100, "65.875"),
        (True, ("47.6", "94", "35.5", "55"), (266_200, 525_800, 100_100, 307_600), 300, "58.025"),
    ],
)
def test_home_care(
    as_signed: bool, points: tuple[str, ...], bonuses: tuple[int, ...], kept: int, mean: str
) -> None:
    """Four suppliers, one of them for 184 of 365 days, and a pool shared by points and time."""
    outcome = _care(as_signed=as_signed)
    sections = {each.id: each.points for each in outcome.sections}
    found = [sections[name] for name in _PARTS]
    assert [Fraction(each) for each in points] == [each.secured if each else None for each in found]
    assert list(bonuses) == [_settled(outcome, f"{name}_bonus") for name in _PARTS]
    assert kept == _settled(outcome, "kept") == 1_200_000 - sum(bonuses)
    assert Fraction(mean) == _settled(outcome, "mean_points")


def test_home_care_rolled_up() -> None:
    """Hours added up, and the visits in time weighed by them."""
    outcome = _care()
    assert Fraction("410851.5") == _settled(outcome, "hours_2026")
    assert Fraction(798237751, 897406000) == _settled(outcome, "in_time_h2")
    assert outcome.points is not None
    assert 60 + Fraction(70885302, 2243515) == outcome.points.secured == outcome.points.possible


def test_home_care_before_the_amendment_was_signed() -> None:
    """On the day before it is not known."""
    outcome = _care(as_of="2026-03-15")
    assert [False] == [each.is_applied for each in outcome.amendments]


def test_the_head_of_a_school() -> None:
    """70 x 84 % and 24 of 30 are 82.8 points: 8 % of 684,000 less 12.5 %, to the nearest 50."""
    contract = rkdsl.load(_FOLDER / "school-head" / "contract.rk")
    actuals = [_FOLDER / "school-head" / name for name in ("head.json", "school.json")]
    outcome = contract.evaluate(actuals)
    assert outcome.points is not None
    assert Fraction("82.8") == outcome.points.secured == outcome.points.possible
    assert [54_720, 47_880, 47_900] == [_settled(outcome, name) for name in ("full", "reduced", "pay")]
    early = contract.evaluate(actuals, "2026-06-30")
    assert early.points is not None
    assert (7, 100) == (early.points.secured, early.points.possible)
    assert (0, 60_000) == (early.value("pay").secured, early.value("pay").possible)


def test_roads_and_parks() -> None:
    """Forecasts that count for nothing, and a register whose own part is reckoned to the quarter of an øre."""
    contract = rkdsl.load(_FOLDER / "municipal-works" / "contract.rk")
    outcome = contract.evaluate(_FOLDER / "municipal-works" / "actuals" / "august.json")
    assert outcome.points is not None
    assert (0, 100) == (outcome.points.secured, outcome.points.possible)
    dangers = {each.item: each.points.secured for each in outcome.dangers if each.points is not None}
    assert {"mending": 28, "light": 0, "playground": 12} == dangers
    assert Fraction("6225000.4375") == _settled(outcome, "own_part")
    tables = {each.id: each for each in outcome.registers}
    failed = [check for table in tables.values() for check in table.checks if check.state == "fails"]
    assert 4 == len(failed)
