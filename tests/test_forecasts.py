"""Forecasts: what is expected puts goals in danger, and changes nothing that counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rkdsl import Refused, loads
from rkdsl.outcome import Notice
from rkdsl.pipeline import Contract, Outcome

TEXT = """
contract c "C" {
  period 2026  total 40 points  reporting closes 2027-03-01
  not reported counts as zero
  role office "The office"
  role board "The board"
  use "standard:registers"
  measure x "Complaints" { unit complaints  lower is better  each year }
  measure y "Visits" { unit visits  higher is better  each quarter }
  fact f "Approved" { unit yes or no }
  goal g "Few complaints" { weight 10  target x in 2026 at most 5 }
  goal h "Visits" { weight 20  target y in 2026-Q4 linear from 100 to 200 }
  requirement r "The hall" { weight 10  milestone built "It is built" by 2026-11  target f is yes }
  goal s "No points" { target x in 2026 below 3 }
  register duties each {
    warn: office | board | not applicable "at once" | "at once" | "in writing" | "cause; measures"
    other: office | board | 2026-06-30 | "once" | not applicable "any" | "figures"
  }
}
"""
CONTRACT: Contract = loads(TEXT)


def evaluated(forecasts: dict[str, Any], as_of: str = "2026-08-31", **more: Any) -> Outcome:
    return CONTRACT.evaluate({"contract": "c", "forecasts": forecasts, **more}, as_of)


def readings(value: Any) -> dict[str, Any]:
    return {"readings": {"x": {"2026": value}}}


def test_a_forecast_says_what_will_be_missed() -> None:
    """Which goal, the figure, how many points, and what the notice must contain."""
    outcome = evaluated(readings(8))
    g, s = outcome.dangers
    assert ("g", "missed", 0, 10) == (
        g.item,
        g.state,
        g.points and g.points.possible,
        g.before and g.before.possible,
    )
    assert ("s", "missed", None) == (s.item, s.state, s.points)
    assert (("x in 2026", "8 complaints"),) == g.forecasts
    assert (Notice("The office", "The board", "in writing", "cause; measures"),) == g.notices
    found = [each for each in outcome.findings if "RK533" in each[1]]
    assert {"actuals: forecasts.readings.x.2026"} == {place for place, _ in found}
    assert [
        "`g` would be missed, 10 points fewer: x in 2026: 8 complaints",
        "`s` would be missed: x in 2026: 8 complaints",
    ] == [text.removeprefix("RK533 a goal in danger: ") for _, text in found]


def test_a_forecast_of_a_goal_that_is_reached_says_nothing() -> None:
    """Five complaints are few enough; of a line the points that would be lost are told."""
    assert [] == [each.item for each in evaluated(readings(2)).dangers]
    (danger,) = evaluated({"readings": {"y": {"2026-Q4": 150}}}).dangers
    assert ("h", "partly met", 10) == (danger.item, danger.state, danger.points and danger.points.possible)


def test_milestones_and_facts_are_forecast_too() -> None:
    """A day after the deadline, `not done`, and a fact that will not be so."""
    for forecast in (
        {"milestones": {"r.built": "2026-12-01"}},
        {"milestones": {"r.built": "not done"}},
        {"facts": {"f": False}},
    ):
        assert ["r"] == [each.item for each in evaluated(forecast).dangers]
    assert [] == [each.item for each in evaluated({"milestones": {"r.built": "2026-11-30"}}).dangers]


def test_what_is_reported_needs_no_forecast() -> None:
    """A forecast stands for what is not reported, and for nothing else."""
    actual = {"readings": {"x": {"2026": {"value": 2, "reported": "2027-01-10"}}}}
    assert () == evaluated(readings(8), "2027-01-31", **actual).dangers
    assert 2 == len(evaluated(readings(8), "2027-01-01", **actual).dangers)


def test_of_several_forecasts_the_last_one_said_by_the_day_holds() -> None:
    """One that is said later is not known yet."""
    said = readings([{"value": 8, "reported": "2026-03-01"}, {"value": 4, "reported": "2026-07-01"}])
    assert ["s"] == [each.item for each in evaluated(said).dangers]
    assert ["g", "s"] == [each.item for each in evaluated(said, "2026-05-01").dangers]
    assert [] == [each.item for each in evaluated(said, "2026-02-01").dangers]


def test_mistakes_in_forecasts_are_told() -> None:
    """As those of what is reported; what cannot be forecast has no place there."""
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"readings": {"z": {"2026": 1}}}, "RK622"),
        ({"readings": {"x": {"2026-01": 1}}}, "RK623"),
        ({"readings": {"x": {"2026": "many"}}}, "RK624"),
        ({"assessed": {}}, "RK607"),
    ]
    for forecasts, code in wrong:
        with pytest.raises(Refused) as refused:
            evaluated(forecasts)
        assert [code] == [each.code for each in refused.value.diagnostics]


MAYBE = st.none() | st.integers(0, 300)


@settings(deadline=None, max_examples=40)
@given(
    st.fixed_dictionaries({"x": MAYBE, "y": MAYBE}),
    st.fixed_dictionaries({"x": MAYBE, "y": MAYBE}),
    st.none() | st.dates(),
    st.sampled_from(["2026-08-31", "2027-01-31", "2027-06-30"]),
)
def test_points_do_not_depend_on_forecasts(
    known: dict[str, int | None], expected: dict[str, int | None], built: Any, as_of: str
) -> None:
    """Nothing that is expected is in anything that counts."""
    periods = {"x": "2026", "y": "2026-Q4"}
    told = {name: {periods[name]: value} for name, value in known.items()}
    foreseen = {name: {periods[name]: value} for name, value in expected.items()}
    forecasts = {"readings": foreseen, "milestones": {"r.built": None if built is None else str(built)}}
    before = CONTRACT.evaluate({"contract": "c", "readings": told}, as_of)
    after = CONTRACT.evaluate({"contract": "c", "readings": told, "forecasts": forecasts}, as_of)
    assert before.points == after.points
    assert before.items == after.items
    assert before.sections == after.sections
    assert before.values == after.values
    for danger in after.dangers:
        item = after.item(danger.item)
        assert item.points == danger.before
