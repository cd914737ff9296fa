"""What a contract says of those it uses: figures worked out by hand, and names that cannot be read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from tests.secondopinion.compare import compare_whole
from tests.uses import BOTH, FILES, codes, record, written

_TOLD = [record("north", placed=31, answered=96), record("south", placed=18)]


def _value(folder: Path, expression: str, told: Any = _TOLD) -> Any:
    body = f"value v = {expression}  result v"
    text = f'contract all_units "All" {{ period 2009 use "north.rk" use "south.rk" {body} }}'
    return rkdsl.load(written(folder, all=text) / "all.rk").evaluate(told).value("v")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("north.points + south.points", 100),  # 60 + 40, and 18 persons are fewer than 20
        ("north.maximum", 100),
        ("north.share", 1),
        ("north.phone.points", 40),
        ("north.jobs.points / north.points", Fraction(60, 100)),
        ("sum(units.points)", 100),
        ("mean(units.points)", 50),
        ("sum(units.placed in 2009)", 49),
        ("(north.placed in 2009) - (south.placed in 2009)", 13),
        ("count(units.places is met)", 1),
        ("count(units.placed in 2009 at least 18)", 2),
        ("sum(units.points * 2) / sum(units.maximum)", Fraction(200, 150)),
        ("max(units.placed in 2009)", 31),
        ("sum(units.points | 5 points)", 105),
    ],
)
def test_figures_of_parts(expression: str, expected: Any, tmp_path: Path) -> None:
    """Points, measures, shares and tests of the states of parts."""
    value = _value(tmp_path, expression)
    assert (expected, expected) == (value.secured, value.possible)


def test_a_gap_of_a_part_is_a_gap_of_the_whole(tmp_path: Path) -> None:
    """Without the figure of the telephone the north has 60 to 100 points."""
    told = [record("north", placed=31), record("south", placed=18)]
    value = _value(tmp_path, "sum(units.points)", told)
    assert (60, 100) == (value.secured, value.possible)
    assert "north.answered is not reported for 2009" in value.open[0].text


def test_states_of_parts_stand_in_conditions(tmp_path: Path) -> None:
    """As those of goals do."""
    text = BOTH.replace("target placed_in_all in 2009 at least 50", "target north.places is met")
    outcome = rkdsl.load(written(tmp_path, both=text) / "both.rk").evaluate(_TOLD)
    assert "met" == outcome.item("together").state


def test_who_lacks_what_is_rolled_up_is_said(tmp_path: Path) -> None:
    """South has no telephone; the sum is that of the north."""
    text = BOTH.replace("sum(units.points)", "sum(units.phone.points)")
    contract = rkdsl.load(written(tmp_path, both=text) / "both.rk")
    assert [("RK521", "south has no `phone.points`")] == [
        (each.code, each.labels[0].text) for each in contract.findings
    ]
    assert 40 == contract.evaluate(_TOLD).value("points_in_all").secured


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("sum(units.points)", "sum(units.visits)", "RK806"),
        ("sum(units.points)", "nowhere.points", "RK202"),
        ("sum(units.points)", "north.visits", "RK214"),
        ("goal together", "goal north", "RK807"),
        ("goal together", "goal units", "RK807"),
        ("value points_in_all", "value south", "RK807"),
        ("period 2009", 'period 2009 fact north "N" { unit yes or no }', "RK807"),
    ],
)
def test_names(old: str, new: str, code: str, tmp_path: Path) -> None:
    """Names that no contract has, and those that a contract that is used has taken."""
    assert old in BOTH
    assert code in codes(written(tmp_path, both=BOTH.replace(old, new)) / "both.rk")


def test_without_contracts_a_goal_may_be_called_units() -> None:
    """Then its points are its own."""
    text = """contract c "C" { period 2009 value v = sum(units.points | 1 points)
      goal units "Units" { weight 5 milestone done "Done" by 2009-06 } }"""
    told = {"contract": "c", "as_of": "2010-01-31", "milestones": {"units.done": "2009-05-01"}}
    assert 6 == rkdsl.loads(text).evaluate(told).value("v").secured


@pytest.mark.parametrize("name", ["units", "total", "all"])
def test_names_of_the_whole_are_no_names_of_parts(name: str, tmp_path: Path) -> None:
    """They could not be told apart."""
    files = {**FILES, "north.rk": FILES["north.rk"].replace("contract north", f"contract {name}")}
    assert ["RK808"] == codes(written(tmp_path, files) / "both.rk")


def test_contracts_of_one_name_do_not_stand_in_one(tmp_path: Path) -> None:
    """Directly, over another contract, or as the one that uses it; one contract by two ways does."""
    north = FILES["north.rk"]
    region = 'contract region{} "R" {{ period 2009 use "{}" result states }}'
    all_of = 'contract {} "All" {{ period 2009 {} result states }}'
    written(tmp_path, other=north.replace("30", "40"), r1=region.format(1, "north.rk"))
    written(tmp_path, {}, r2=region.format(2, "other.rk"), r3=region.format(3, "north.rk"))
    for name, uses, expected in (
        ("x", 'use "north.rk" use "other.rk"', ["RK805"]),
        ("x", 'use "r1.rk" use "r2.rk"', ["RK805"]),
        ("north", 'use "r1.rk"', ["RK805"]),
        ("x", 'use "r1.rk" use "r3.rk"', []),
        ("x", 'use "r1.rk" use "north.rk"', []),
    ):
        written(tmp_path, {}, x=all_of.format(name, uses))
        assert expected == codes(tmp_path / "x.rk"), uses


def test_a_contract_by_two_ways_has_one_record(tmp_path: Path) -> None:
    """It comes to the same in both places."""
    region = 'contract region{} "R" {{ period 2009 use "north.rk" result states }}'
    text = 'contract x "All" { period 2009 use "r1.rk" use "r2.rk" result states }'
    written(tmp_path, r1=region.format(1), r2=region.format(2), x=text)
    outcome = rkdsl.load(tmp_path / "x.rk").evaluate(record("north", placed=31))
    assert "met" == outcome.item("region1.north.places").state == outcome.item("region2.north.places").state


LIMITED = """
contract inner "Inner" {
  period 2026
  reporting closes 2027-02-01
  role board "Board"
  section s "S" {
    limit "Nothing is done" to 5 when g is missed
    goal g "G" { weight -5..10  assessed by board }
  }
  limit total "At most two" to at most 2 when s is met
}
"""


@pytest.mark.parametrize(
    ("test", "points", "holds"),
    [
        ("inner.s is missed", -3, False),  # the least is -5, not 0
        ("inner.s is partly met", -3, True),
        ("inner.s is missed", -5, True),  # before its limit, which gives 5
        ("inner is missed", -3, False),
        ("inner is met", 10, True),  # before its limit, which leaves 2
        ("inner.s is met", 10, True),
        ("units is partly met", 3, True),
        ("inner.g is missed", -5, True),
    ],
)
def test_states_of_parts_are_those_before_their_limits(
    test: str, points: int, holds: bool, tmp_path: Path
) -> None:
    """Of a section and of the whole, and the least that these come to; the second opinion agrees."""
    text = f'contract outer "Outer" {{ period 2026  use "inner.rk"  result v  value v = count({test}) }}'
    folder = written(tmp_path, inner=LIMITED, outer=text)
    given = {"inner": {"g": {"points": points, "by": "board", "reason": "Seen."}}}
    told = [{"contract": name, "as_of": "2027-01-31", "assessed": each} for name, each in given.items()]
    value = rkdsl.load(folder / "outer.rk").evaluate(told).value("v")
    assert (holds, holds) == (value.secured, value.possible)
    assert compare_whole(folder, "outer.rk", told) == []


def test_a_part_without_points_has_no_state(tmp_path: Path) -> None:
    inner = 'contract inner "Inner" { period 2026  result v  value v = 3 }'
    outer = 'contract outer "Outer" { period 2026  use "inner.rk"  result v  value v = count(inner is met) }'
    assert ["RK428"] == codes(written(tmp_path, inner=inner, outer=outer) / "outer.rk")
