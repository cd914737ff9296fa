"""Six real schemes from elsewhere: every figure they are known by, exactly, and their edges worked out by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.pipeline import Contract, Outcome
from rkdsl.reports import data

HOME = Path(__file__).parent.parent / "examples" / "schemes"
PERCENT = Fraction(1, 100)
"""Values in % are held as plain numbers: 80 % is 4/5. Points of a contract of 100 % are held as written."""


@cache
def _contract(path: str) -> Contract:
    return rkdsl.load(HOME / path)


def _evaluate(scheme: str, actuals: str = "actuals.json", contract: str = "contract.rk") -> Outcome:
    return _contract(f"{scheme}/{contract}").evaluate(HOME / scheme / actuals)


def _changed(
    scheme: str,
    change: Callable[[Any], object],
    *,
    actuals: str = "actuals.json",
    contract: str = "contract.rk",
    as_of: str | None = None,
) -> Outcome:
    """The outcome of the actuals of a file, changed in place by `change`."""
    content = json.loads((HOME / scheme / actuals).read_text(encoding="utf-8"))
    change(content)
    return _contract(f"{scheme}/{contract}").evaluate(content, as_of)


def _number(outcome: Outcome, name: str) -> Fraction:
    """The settled number of a value."""
    value = outcome.value(name)
    assert ("", value.secured) == (value.state, value.possible)
    assert value.secured is not None
    return value.secured


def _between(outcome: Outcome, name: str) -> tuple[Fraction | None, Fraction | None]:
    """The two ends of a value that is not settled."""
    value = outcome.value(name)
    assert "not known" == value.state
    return value.secured, value.possible


def _points(outcome: Outcome, name: str) -> Fraction:
    """The settled points of an item."""
    points = outcome.item(name).points
    assert points is not None and points.is_settled and points.secured is not None
    return points.secured


def _open(outcome: Outcome, name: str) -> tuple[str, Fraction | None, Fraction | None]:
    """The state and the two ends of the points of an item that is not settled."""
    item = outcome.item(name)
    assert item.points is not None
    return item.state, item.points.secured, item.points.possible


def _total(outcome: Outcome) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    assert outcome.points is not None
    return outcome.points.secured, outcome.points.possible, outcome.points.maximum


@pytest.mark.parametrize(
    "path", sorted(HOME.glob("*/*.rk")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_no_findings(path: Path) -> None:
    """Each contract is accepted, and nothing in it is asked about."""
    assert () == tuple(rkdsl.load(path).findings)


# ---- general practice


def _pressure(counted: int | None, eligible: int | None) -> Outcome:
    """Blood pressure: an indicator of 20 points, from 45 to 70 %."""

    def change(content: Any) -> None:
        content["readings"]["pressure_good"]["2025"] = counted
        content["readings"]["pressure_known"]["2025"] = eligible

    return _changed("general-practice", change)


def test_practice() -> None:
    """123 of 220 is 96/11 points, 70 of 100 is 20, 45 of 100 is 0; nobody eligible: not scored."""
    outcome = _evaluate("general-practice")
    assert Fraction(96, 11) == _points(outcome, "pressure")
    assert 20 == _points(outcome, "diabetes")
    assert 0 == _points(outcome, "smokers")
    assert "not applicable" == outcome.item("dementia").state
    # 96/11 + 20 + 0; the 14 points of dementia are out of the 74
    assert (Fraction(316, 11), Fraction(316, 11), 60) == _total(outcome)
    # 316/11 points at 201.16
    assert Fraction(1589164, 275) == _number(outcome, "payment")
    assert outcome.result == outcome.value("payment")


@pytest.mark.parametrize(
    ("counted", "eligible", "points"),
    [(123, 220, Fraction(96, 11)), (70, 100, Fraction(20)), (45, 100, Fraction(0))],
)
def test_practice_one_indicator(counted: int, eligible: int, points: Fraction) -> None:
    assert points == _points(_pressure(counted, eligible), "pressure")


def test_practice_nobody_eligible() -> None:
    outcome = _pressure(0, 0)
    assert "not applicable" == outcome.item("pressure").state
    # diabetes 20, smokers 0, of 40
    assert (20, 20, 40) == _total(outcome)


def test_practice_payment() -> None:
    """74 points at 201.16: with the average list 14,885.84, with 4,550 patients 67730572/9103."""
    average = _evaluate("general-practice", "average-list.json")
    assert (74, 74, 74) == _total(average)
    assert Fraction("14885.84") == _number(average, "payment")
    small = _evaluate("general-practice", "small-list.json")
    assert (74, 74, 74) == _total(small)
    assert Fraction(67730572, 9103) == _number(small, "payment")


def test_practice_edges() -> None:
    # 139 / 200 = 69.5 %; (69.5 - 45) / 25 x 20 = 19.6
    assert Fraction("19.6") == _points(_pressure(139, 200), "pressure")
    # 44.9 % is below the lower threshold, 100 % far above the upper one
    assert 0 == _points(_pressure(449, 1000), "pressure")
    assert 20 == _points(_pressure(220, 220), "pressure")
    # just above the lower one: 45.1 %; 0.1 / 25 x 20 = 0.08
    assert Fraction("0.08") == _points(_pressure(451, 1000), "pressure")


def test_practice_not_reported() -> None:
    """Without the count, all 20 points are open: 20 to 40 points of 60, at 201.16."""
    outcome = _pressure(None, 220)
    assert ("not known", 0, 20) == _open(outcome, "pressure")
    assert (20, 40, 60) == _total(outcome)
    assert (Fraction("4023.2"), Fraction("8046.4")) == _between(outcome, "payment")


def test_practice_nothing_applies() -> None:
    """Nobody eligible for anything: no points and no payment to speak of."""

    def change(content: Any) -> None:
        for name in ("pressure_good", "pressure_known", "diabetes_good", "diabetes_known"):
            content["readings"][name]["2025"] = 0
        for name in ("smokers_offered", "smokers_known"):
            content["readings"][name]["2025"] = 0

    outcome = _changed("general-practice", change)
    assert "not applicable" == outcome.state
    assert "not applicable" == outcome.value("payment").state


# ---- results framework


def _works(roads: float | None, centres: int | None, training: int | None) -> Outcome:
    def change(content: Any) -> None:
        content["readings"]["road_length"]["2026"] = roads
        content["readings"]["centre_count"]["2026"] = centres
        content["readings"]["trained"]["2026"] = training

    return _changed("results-framework", change)


def _claims(waiting: float, paid: float) -> Outcome:
    def change(content: Any) -> None:
        content["readings"]["waiting"]["2026"] = waiting
        content["readings"]["paid"]["2026"] = paid

    return _changed("results-framework", change, actuals="claims.json", contract="claims.rk")


def _policy(day: str | None, as_of: str) -> Outcome:
    def change(content: Any) -> None:
        content["as_of"] = as_of
        content["milestones"]["paper.submitted"] = day

    return _changed("results-framework", change, actuals="policy.json", contract="policy.rk", as_of=as_of)


def test_framework() -> None:
    """Raw scores 75, 90 and 100 make 84.5: Good."""
    outcome = _evaluate("results-framework")
    assert 75 * PERCENT == _number(outcome, "roads_raw")
    assert 90 * PERCENT == _number(outcome, "centres_raw")
    assert 100 * PERCENT == _number(outcome, "training_raw")
    # 37.5 + 27 + 20
    assert [Fraction("37.5"), 27, 20] == [_points(outcome, each) for each in ("roads", "centres", "training")]
    assert Fraction("84.5") == _number(outcome, "composite")
    assert "Good" == outcome.value("rating").word
    assert outcome.result == outcome.value("composite")


def test_framework_where_less_is_better() -> None:
    """13 days and 97 %: raw 260/3 and 94; 1366/15: Very Good."""
    outcome = _evaluate("results-framework", "claims.json", "claims.rk")
    assert Fraction(260, 3) * PERCENT == _number(outcome, "speed_raw")
    assert 94 * PERCENT == _number(outcome, "quality_raw")
    assert Fraction(1366, 15) == _number(outcome, "composite")
    assert "Very Good" == outcome.value("rating").word


def test_framework_of_dates() -> None:
    """19 February: raw 605/7."""
    outcome = _evaluate("results-framework", "policy.json", "policy.rk")
    assert Fraction(605, 7) == _points(outcome, "paper")
    assert Fraction(605, 7) == _number(outcome, "composite")
    # 86.43: at least 86
    assert "Very Good" == outcome.value("rating").word


@pytest.mark.parametrize(
    ("roads", "centres", "training", "composite", "rating"),
    [
        (30, 20, 400, 96, "Excellent"),  # 50 + 30 + 0.8 x 20
        (30, 20, 399, Fraction("95.98"), "Very Good"),  # raw 79.9: 0.1 % of 20 less
        (30, 16, 250, 86, "Very Good"),  # 50 + 0.8 x 30 + 0.6 x 20
        (20, 16, 250, 76, "Good"),  # 0.8 x 50 + 24 + 12
        (5, 16, 250, 66, "Fair"),  # 0.6 x 50 + 24 + 12
        (5, 14, 250, 63, "Poor"),  # 30 + 0.7 x 30 + 12
        (4.99, 11, 249, 0, "Poor"),  # each worse than its last criterion
    ],
)
def test_framework_ratings(
    roads: float, centres: int, training: int, composite: Fraction, rating: str
) -> None:
    """Each band begins at its figure."""
    outcome = _works(roads, centres, training)
    assert composite == _number(outcome, "composite")
    assert rating == outcome.value("rating").word


def test_framework_not_reported() -> None:
    """Without the roads: 27 + 20 and up to 50 more; anything from Poor to Excellent."""
    outcome = _works(None, 18, 600)
    assert ("not known", 0, 50) == _open(outcome, "roads")
    assert (47, 97) == _between(outcome, "composite")
    assert ("not known", None) == (outcome.value("rating").state, outcome.value("rating").word)


def test_framework_not_reported_and_rated_all_the_same() -> None:
    """Where all that is still possible lies in one band the rating is known."""
    outcome = _works(5, 12, None)
    # 0.6 x 50 + 0.6 x 30 = 48, and at most 20 more: 68
    assert (48, 68) == _between(outcome, "composite")
    assert None is outcome.value("rating").word  # Poor, or Fair from 66
    outcome = _works(5, 11, None)
    # 30 + 0, and at most 20 more: 50 is Poor whatever comes
    assert (30, 50) == _between(outcome, "composite")
    assert ("", "Poor") == (outcome.value("rating").state, outcome.value("rating").word)


def test_framework_edges_where_less_is_better() -> None:
    # the last criteria still give 60, anything worse gives 0; better than the first gives no more than 100
    assert 60 == _number(_claims(30, 80), "composite")
    assert 0 == _number(_claims(30.5, 79.9), "composite")
    assert 100 == _number(_claims(2, 100), "composite")
    # 25 days: 60 + 10 x 5 / 10 = 65; 0.4 x 65 + 0.6 x 100 = 86
    assert 86 == _number(_claims(25, 100), "composite")
    assert "Very Good" == _claims(25, 100).value("rating").word


@pytest.mark.parametrize(
    ("day", "points"),
    [
        ("2026-01-30", Fraction(100)),
        ("2026-01-31", Fraction(100)),
        ("2026-02-14", Fraction(90)),
        ("2026-03-24", Fraction(194, 3)),  # 8 of the 15 days from 16 to 31 March: 70 - 10 x 8 / 15
        ("2026-03-31", Fraction(60)),
        ("2026-04-01", Fraction(0)),
    ],
)
def test_framework_of_dates_edges(day: str, points: Fraction) -> None:
    assert points == _points(_policy(day, "2026-04-30"), "paper")


def test_framework_of_dates_not_done() -> None:
    # not done by 15 April: whenever it comes, it is later than 31 March
    late = _policy("not done", "2026-04-15")
    assert ("missed", 0) == (late.item("paper").state, _points(late, "paper"))
    # not done by 20 February: at best the 21st, 7 of 14 days from the 14th to the 28th: 85
    assert ("pending", 0, 85) == _open(_policy("not done", "2026-02-20"), "paper")
    # nothing said: all is open, also after the last day
    assert ("pending", 0, 100) == _open(_policy(None, "2026-02-20"), "paper")
    assert ("not known", 0, 100) == _open(_policy(None, "2026-04-15"), "paper")


# ---- service credits


def _cloud(change: Callable[[Any], object]) -> Outcome:
    return _changed("service-credits", lambda content: change(content["readings"]))


def _april(minutes: float | None) -> Outcome:
    """April has 43,200 minutes and its bill is 12,000."""
    return _cloud(lambda readings: readings["up"].update({"2026-04": minutes}))


def test_credits() -> None:
    """99.99 gives nothing, 99.9899 gives 10 % and so does 99.0."""
    outcome = _evaluate("service-credits")
    assert 0 == _number(outcome, "april_rate")
    assert 10 * PERCENT == _number(outcome, "may_rate")
    assert 10 * PERCENT == _number(outcome, "june_rate")
    # 10 % of 12,500 and of 13,000
    assert 2550 == _number(outcome, "quarter_credit")
    assert outcome.result == outcome.value("quarter_credit")


def test_credits_of_outages() -> None:
    """95.0 gives 30 %, 94.9 gives all of the bill, 100 nothing."""
    outcome = _evaluate("service-credits", "outages.json")
    assert 30 * PERCENT == _number(outcome, "april_rate")
    assert 100 * PERCENT == _number(outcome, "may_rate")
    assert 0 == _number(outcome, "june_rate")
    # 30 % of 12,000, and 12,500
    assert 16_100 == _number(outcome, "quarter_credit")


def test_error_budget() -> None:
    """1,000 of 1,000,000; 250 failures leave 75 %, 1,500 leave minus 50 %."""
    outcome = _evaluate("service-credits")
    assert 1000 == _number(outcome, "error_budget")
    assert 75 * PERCENT == _number(outcome, "budget_left")
    assert -50 * PERCENT == _number(_evaluate("service-credits", "outages.json"), "budget_left")


@pytest.mark.parametrize(
    ("minutes", "rate"),
    [
        (43195.67, 10),  # a hundredth of a minute below 99.99 %
        (42767.99, 30),  # below 99.0 %, which is 42,768 minutes
        (41039.99, 100),  # below 95.0 %, which is 41,040 minutes
        (0, 100),
    ],
)
def test_credits_are_never_rounded(minutes: float, rate: int) -> None:
    outcome = _april(minutes)
    assert rate * PERCENT == _number(outcome, "april_rate")
    # rate of 12,000; 1,250 and 1,300 for the other months
    assert 120 * rate + 2550 == _number(outcome, "quarter_credit")


def test_credits_not_reported() -> None:
    """April not measured: from nothing to the whole bill of 12,000."""
    outcome = _april(None)
    assert (0, 1) == _between(outcome, "april_rate")
    assert (2550, 14_550) == _between(outcome, "quarter_credit")


def test_error_budget_edges() -> None:
    # 60 + 70 + 870 = 1,000 failures: nothing is left
    spent = _cloud(lambda readings: readings["failed"].update({"2026-06": 870}))
    assert 0 == _number(spent, "budget_left")
    # one month of requests is missing: 650,000 and more, and the budget at least 650
    missing = _cloud(lambda readings: readings["handled"].update({"2026-06": None}))
    assert (650, None) == _between(missing, "error_budget")
    # no requests at all: no budget to have a share of
    idle = _cloud(lambda readings: readings["handled"].update(dict.fromkeys(readings["handled"], 0)))
    assert 0 == _number(idle, "error_budget")
    assert "not defined" == idle.value("budget_left").state


# ---- chief executive


def _bonus(profit: float | None, modifier: float | None = 100, goal: float | None = 50_000_000) -> Outcome:
    def change(content: Any) -> None:
        content["readings"]["profit"]["2026"] = profit
        content["facts"]["chief_modifier"] = modifier
        content["parameters"]["profit_goal"]["2026"] = goal

    return _changed("chief-executive", change)


@pytest.mark.parametrize(
    ("actuals", "attainment", "share"),
    [
        ("actuals.json", 100, Fraction(50)),
        ("capped.json", 120, Fraction(80)),
        ("missed.json", Fraction("79.9"), Fraction(0)),
        ("with-modifier.json", 120, Fraction(100)),
        ("threshold.json", 80, Fraction(40)),
        ("above.json", 113, Fraction("69.5")),
    ],
)
def test_chief(actuals: str, attainment: Fraction, share: Fraction) -> None:
    """Share of salary by attainment; a salary of 400,000."""
    outcome = _evaluate("chief-executive", actuals)
    assert attainment * PERCENT == _number(outcome, "attainment")
    assert share * PERCENT == _number(outcome, "chief_share")
    assert share * 4000 == _number(outcome, "chief_bonus")
    assert outcome.result == outcome.value("chief_bonus")


def test_deputy() -> None:
    """From 40 to 64 %: 120 with a modifier of 125 gives 80; a salary of 300,000."""
    outcome = _evaluate("chief-executive", "with-modifier.json")
    assert 80 * PERCENT == _number(outcome, "deputy_share")
    assert 240_000 == _number(outcome, "deputy_bonus")
    # on target: 40 %
    assert 40 * PERCENT == _number(_evaluate("chief-executive"), "deputy_share")


def test_chief_edges() -> None:
    # 79.9999 %: nothing
    assert 0 == _number(_bonus(39_999_950), "chief_share")
    # 90 %: 90 x 0.5
    assert 45 * PERCENT == _number(_bonus(45_000_000), "chief_share")
    # 200 %: no more than at 120
    assert 80 * PERCENT == _number(_bonus(100_000_000), "chief_share")
    # a loss
    assert 0 == _number(_bonus(-1_000_000), "chief_share")
    # a modifier of nothing
    assert 0 == _number(_bonus(50_000_000, modifier=0), "chief_bonus")


def test_chief_not_reported() -> None:
    # 50 % with a modifier from 0 to 125 %: 0 to 62.5
    assert (0, Fraction("0.625")) == _between(_bonus(50_000_000, modifier=None), "chief_share")
    # any profit, with 100 %: 0 to 80
    assert (0, Fraction("0.8")) == _between(_bonus(None), "chief_share")
    # nothing is paid below 80 % of the goal, whatever the modifier
    assert 0 == _number(_bonus(39_000_000, modifier=None), "chief_share")


def test_chief_without_goal() -> None:
    """A goal of nothing has no attainment."""
    outcome = _bonus(50_000_000, goal=0)
    assert "not defined" == outcome.value("attainment").state
    assert "not defined" == outcome.value("chief_bonus").state


# ---- rector

RECTOR_GOALS = ("teaching", "completion", "wellbeing", "finance", "staff", "business", "campus", "strategy")


def _grades(**grades: int | None) -> Outcome:
    def change(content: Any) -> None:
        for goal, grade in grades.items():
            if grade is None:
                del content["assessed"][goal]
            else:
                content["assessed"][goal]["points"] = grade

    return _changed("rector", change)


def test_rector() -> None:
    """100 75 75 100 50 100 25 100 is 78.125 %: 93,750 of at most 120,000."""
    outcome = _evaluate("rector")
    assert (Fraction("78.125"), Fraction("78.125"), 100) == _total(outcome)
    assert Fraction("78.125") * PERCENT == _number(outcome, "payout")
    assert 93_750 == _number(outcome, "amount")
    assert outcome.result == outcome.value("payout")


def test_rector_another_grade_is_refused() -> None:
    with pytest.raises(rkdsl.Refused) as refused:
        _evaluate("rector", "another-grade.json")
    assert ["RK636"] == [each.code for each in refused.value.diagnostics]


@pytest.mark.parametrize("grade", [1, 24, 26, 60, 99, 101])
def test_rector_nothing_between(grade: int) -> None:
    with pytest.raises(rkdsl.Refused):
        _grades(campus=grade)


def test_rector_edges() -> None:
    all_met = _grades(**dict.fromkeys(RECTOR_GOALS, 100))
    assert 100 * PERCENT == _number(all_met, "payout")
    assert {"met"} == {item.state for item in all_met.items}
    all_missed = _grades(**dict.fromkeys(RECTOR_GOALS, 0))
    assert 0 == _number(all_missed, "payout")
    assert {"missed"} == {item.state for item in all_missed.items}


def test_rector_not_graded() -> None:
    """The other seven make 600: 600 / 8 = 75 to 700 / 8 = 87.5."""
    outcome = _grades(campus=None)
    assert ("not known", 0, 100) == _open(outcome, "campus")
    assert (Fraction("0.75"), Fraction("0.875")) == _between(outcome, "payout")
    assert (90_000, 105_000) == _between(outcome, "amount")


def test_rector_goal_that_does_not_apply() -> None:
    """The contract has no rule for it: no payout percentage until the two parties agree on one."""

    def change(content: Any) -> None:
        content["assessed"]["campus"] = {"not_applicable": "the campus was sold", "by": "board"}

    outcome = _changed("rector", change)
    assert "not applicable" == outcome.item("campus").state
    assert "not applicable" == outcome.value("payout").state


# ---- housing agency

HOUSING = {
    "waiting_list": 15,
    "rent": 15,
    "income": 20,
    "utilities": 5,
    "quality_control": 5,
    "enforcement": 0,
    "payment_standard": 5,
    "reexamination": 5,
    "rent_calculation": 5,
    "pre_contract": 5,
    "periodic_inspection": 10,
    "lease_up": 20,
    "self_sufficiency": 8,
    "bonus": 5,
}

ALL_FULL: Mapping[str, object] = {
    "rent_followed": 98,
    "defects_in_time": 98,
    "choice_widened": True,
    "reexams_overdue": 4.9,
    "slots_filled": 80,
}
"""What of the case must change for every indicator to give its maximum."""


def _housing(as_of: str | None = None, **facts: object) -> Outcome:
    return _changed("housing-agency", lambda content: content["facts"].update(facts), as_of=as_of)


def _certified(day: str | None, as_of: str) -> Outcome:
    def change(content: Any) -> None:
        content["as_of"] = as_of
        content["milestones"]["certification.sent"] = day

    return _changed("housing-agency", change)


def test_housing() -> None:
    """123 of 140 is 88: standard."""
    outcome = _evaluate("housing-agency")
    assert HOUSING == {each: _points(outcome, each) for each in HOUSING}
    assert "not applicable" == outcome.item("housing_choice").state
    assert (123, 123, 140) == _total(outcome)
    assert 88 * PERCENT == _number(outcome, "score")
    assert "standard" == outcome.value("rating").word
    assert outcome.result == outcome.value("rating")


def test_housing_late_certification() -> None:
    """Troubled, whatever the score."""
    outcome = _evaluate("housing-agency", "late-certification.json")
    assert 88 * PERCENT == _number(outcome, "score")
    assert "troubled" == outcome.value("rating").word


@pytest.mark.parametrize(
    ("households", "files"),
    [
        (50, 5),
        (51, 6),
        (600, 16),
        (601, 17),
        (2000, 30),
        (2201, 32),
        # at the edges of a part, and the ends
        (0, 5),
        (100, 6),
        (101, 7),
        (700, 17),
        (701, 18),
        (2001, 31),
        (2200, 31),
    ],
)
def test_housing_sample_size(households: int, files: int) -> None:
    assert files == _number(_housing(assisted=households), "sample")


def test_housing_is_rounded_before_it_is_rated() -> None:
    # everything but the waiting list, no bonus: 130 of 145 is 89.66, rounded 90
    outcome = _housing(**ALL_FULL, list_policy=False, spread_out=False)
    assert (130, 130, 145) == _total(outcome)
    assert 90 * PERCENT == _number(outcome, "score")
    assert "high" == outcome.value("rating").word
    # with wrong rents 5 less and the bonus 5 more: the same
    assert "high" == _housing(**ALL_FULL, list_policy=False, rent_wrong=2.1).value("rating").word
    # 125 of 145 is 86.2
    lower = _housing(**ALL_FULL, list_policy=False, spread_out=False, rent_wrong=2.1)
    assert 86 * PERCENT == _number(lower, "score")
    assert "standard" == lower.value("rating").word


def test_housing_half_is_rounded_up() -> None:
    """Rent and utilities do not apply: of 120. Income lost (20) and the bonus won (5): 105 of 120 is 87.5."""
    away = {"not_applicable": "illustrative"}
    outcome = _housing(**{**ALL_FULL, "rent_followed": away, "utilities_current": away, "income_right": 79.9})
    assert (105, 105, 120) == _total(outcome)
    assert 88 * PERCENT == _number(outcome, "score")


def test_housing_bonus_adds_to_the_score_only() -> None:
    """150 of 145 is 103.4."""
    outcome = _housing(**ALL_FULL)
    assert (150, 150, 145) == _total(outcome)
    assert 103 * PERCENT == _number(outcome, "score")


def test_housing_sixty() -> None:
    """Rent does not apply: of 125. Without income, lease-up and inspections (50) and bonus 75 are left: 60."""
    lost: dict[str, object] = {
        **ALL_FULL,
        "rent_followed": {"not_applicable": "illustrative"},
        "income_right": 79.9,
        "budget_spent": 94.9,
        "inspections_overdue": 10.1,
        "spread_out": False,
    }
    exact = _housing(**lost)
    assert (75, 75, 125) == _total(exact)
    assert 60 * PERCENT == _number(exact, "score")
    assert "standard" == exact.value("rating").word
    # families 8 of 10: 73 of 125 is 58.4
    below = _housing(**{**lost, "slots_filled": 79.9})
    assert 58 * PERCENT == _number(below, "score")
    assert "troubled" == below.value("rating").word


@pytest.mark.parametrize(
    ("item", "facts", "points"),
    [
        ("waiting_list", {"list_reached": 97.9}, 0),
        ("rent", {"rent_followed": 98}, 20),
        ("rent", {"rent_followed": 97.9}, 15),
        ("rent", {"rent_followed": 80}, 15),
        ("rent", {"rent_followed": 79.9}, 0),
        ("rent", {"rent_followed": 98, "rent_method": False}, 0),
        ("income", {"income_right": 89.9}, 15),
        ("income", {"income_right": 80}, 15),
        ("income", {"income_right": 79.9}, 0),
        ("enforcement", {"defects_in_time": 98}, 10),
        ("enforcement", {"defects_in_time": 98, "defects_handled": False}, 0),
        ("reexamination", {"reexams_overdue": 4.99}, 10),
        ("reexamination", {"reexams_overdue": 10}, 5),
        ("reexamination", {"reexams_overdue": 10.1}, 0),
        ("rent_calculation", {"rent_wrong": 2.1}, 0),
        ("pre_contract", {"inspected_first": 97.9}, 0),
        ("lease_up", {"budget_spent": 97.9}, 15),
        ("lease_up", {"budget_spent": 95}, 15),
        ("lease_up", {"budget_spent": 94.9}, 0),
        ("lease_up", {"budget_spent": 90, "units_leased": 99}, 20),
        ("self_sufficiency", {"slots_filled": 80}, 10),
        ("self_sufficiency", {"slots_filled": 60}, 8),
        ("self_sufficiency", {"slots_filled": 59.9}, 5),
        ("self_sufficiency", {"slots_filled": 80, "with_escrow": 29.9}, 5),
        ("self_sufficiency", {"with_escrow": 29.9}, 3),
        ("self_sufficiency", {"slots_filled": 59.9, "with_escrow": 29.9}, 0),
        ("bonus", {"spread_out": False}, 0),
    ],
)
def test_housing_thresholds(item: str, facts: dict[str, object], points: int) -> None:
    assert points == _points(_housing(**facts), item)


def test_housing_without_data() -> None:
    """Open while reporting is open, zero from the day it has closed."""
    early = _housing(as_of="2026-03-02", income_right={"value": 90, "reported": "2026-03-03"})
    assert ("missed", 0) == (early.item("income").state, _points(early, "income"))
    # 103 of 140 is 73.6
    assert (103, 103, 140) == _total(early)
    assert 74 * PERCENT == _number(early, "score")

    def change(content: Any) -> None:
        content["as_of"] = "2026-03-01"
        content["facts"]["income_right"] = None

    before = _changed("housing-agency", change)
    assert ("not known", 0, 20) == _open(before, "income")


def test_housing_not_certified() -> None:
    # nothing sent when reporting has closed: late
    assert "troubled" == _certified(None, "2026-03-02").value("rating").word
    # while it can still be sent in time, the rating is open: troubled or standard
    before = _certified(None, "2026-02-28").value("rating")
    assert ("not known", None) == (before.state, before.word)
    # on the last day it is in time
    assert "standard" == _certified("2026-03-01", "2026-03-01").value("rating").word


# ---- the outcomes kept beside the contracts

_KEPT = sorted(
    path
    for path in HOME.glob("*/*.json")
    if path.parent.name != "outcomes" and path.stem not in ("another-grade",)
)


@pytest.mark.parametrize("path", _KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_outcomes_are_as_kept(path: Path) -> None:
    """Each actuals file has its outcome in `outcomes`; run with `RKDSL_UPDATE_GOLDENS=1` to write them anew."""
    own = path.with_suffix(".rk")
    contract = rkdsl.load(own if own.exists() else path.with_name("contract.rk"))
    outcome = contract.evaluate_bytes([(path.name, path.read_bytes())])
    text = data.json_text(outcome.to_dict()).replace(f"{HOME}/", "") + "\n"
    kept = path.parent / "outcomes" / path.name
    if os.environ.get("RKDSL_UPDATE_GOLDENS"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")
