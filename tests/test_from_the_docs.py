"""Four schemes written from the documentation alone: every result that was worked out by hand before any run."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.pipeline import Contract, Outcome

HOME = Path(__file__).parent.parent / "examples" / "from-the-docs"
HOSPITAL, SALES, WASTE, CLUB = (
    "hospital-purchasing",
    "sales-commission",
    "waste-collection",
    "youth-club-grant",
)
Ends = tuple[Fraction | int | None, Fraction | int | None]
"""Secured and possible."""


@cache
def _contract(scheme: str) -> Contract:
    return rkdsl.load(HOME / scheme / "contract.rk")


@cache
def _outcome(scheme: str, actuals: str, as_of: str | None = None) -> Outcome:
    return _contract(scheme).evaluate(HOME / scheme / f"{actuals}.json", as_of)


def _is_word_for(state: str, ends: Ends) -> bool:
    """Settled figures have no state of their own, open ones are not known."""
    return state == ("" if ends[0] == ends[1] and None not in ends else "not known")


def _value(outcome: Outcome, name: str) -> Ends:
    value = outcome.value(name)
    assert _is_word_for(value.state, (value.secured, value.possible)), value.state
    return value.secured, value.possible


def _points(outcome: Outcome, name: str) -> Ends:
    points = outcome.item(name).points
    assert points is not None
    return points.secured, points.possible


def _section(outcome: Outcome, name: str) -> Ends:
    section = next(each for each in outcome.sections if each.id == name)
    assert section.points is not None
    return section.points.secured, section.points.possible


def _total(outcome: Outcome) -> Ends:
    assert outcome.points is not None
    return outcome.points.secured, outcome.points.possible


def _settled(number: Fraction | int | str) -> Ends:
    exact = Fraction(number)
    return exact, exact


@pytest.mark.parametrize("scheme", [HOSPITAL, SALES, WASTE, CLUB])
def test_no_findings(scheme: str) -> None:
    """Each contract is accepted, and nothing in it is asked about."""
    assert () == tuple(_contract(scheme).findings)


@pytest.mark.parametrize(
    "path", sorted(HOME.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_nothing_is_said_of_the_actuals(path: Path) -> None:
    assert [] == list(_outcome(path.parent.name, path.stem).findings)


# ---- value-based purchasing for hospitals
#
# Below, a is for achievement: 9 (x - t) / (b - t) + 0.5, at most 9, 10 at the benchmark b, 0 short of the
# threshold t; i for improvement: 10 (x - base) / (b - base) - 0.5, at most 9, 0 where x is not better than
# base. Both are rounded half up, and the better one counts.

MEASURES = (
    "surv_ami",
    "surv_hf",
    "surv_pn",
    "comp_hk",
    "clabsi",
    "cauti",
    "cdi",
    "nurses",
    "doctors",
    "mspb",
    "readm",
)


def _measures(outcome: Outcome) -> dict[str, Ends]:
    return {name: _points(outcome, f"g_{name}") for name in MEASURES}


def test_hospital_measures() -> None:
    assert _measures(_outcome(HOSPITAL, "full")) == {
        "surv_ami": _settled(6),  # base .86, .88; .87 to .89: a 9 x .5 + .5 = 5; i 10 x 2/3 - .5 = 6.17
        "surv_hf": _settled(7),  # .90, .91; .88 to .92: a 7.25; i 4.5, which rounds to 5
        "surv_pn": _settled(10),  # .88 is the benchmark, and 25 cases are enough
        "comp_hk": _settled(1),  # .028, .030, less is better: at the threshold a .5, which rounds to 1; i 0
        "clabsi": _settled(4),  # 1, .6; .8 to 0: a 2.75; i 3.5
        "cauti": _settled(0),  # .5, .76: short of .75, and worse than before
        "cdi": _settled(7),  # .3, .2; .5 to .1: a 7.25; i 4.5
        "nurses": _settled(3),  # 78, 81.5; 79.5 to 87.5: a 2.75; i 10 x 3.5/9.5 - .5 = 3.18
        "doctors": _settled(6),  # 84, 85; 80 to 88: a 6.125; i 2
        "mspb": _settled(3),  # 1.02, .96; 1 to .84: a 2.75; i 10 x .06/.18 - .5 = 2.83
        "readm": _settled(7),  # .9, .85; 1 to .8: a 7.25; i 4.5
    }


def test_hospital() -> None:
    """24/40, 11/30, 9/20 and 10/20 of 25 each: 575/12 of 100."""
    outcome = _outcome(HOSPITAL, "full")
    domains = [_section(outcome, each) for each in ("clinical", "safety", "person", "efficiency")]
    assert [_settled(each) for each in (15, Fraction(55, 6), "11.25", "12.5")] == domains
    shares = [_value(outcome, f"{each}_score") for each in ("clinical", "safety", "person", "efficiency")]
    assert [_settled(each) for each in ("3/5", "11/30", "9/20", "1/2")] == shares
    assert _settled(Fraction(575, 12)) == _total(outcome)


def test_hospital_with_few_cases() -> None:
    """24 cases do not count; a domain with one measure leaves the total: (21.25 + 11.25 + 12.5) / 75 x 100."""
    outcome = _outcome(HOSPITAL, "small")
    left = [each.id for each in outcome.items if each.state == "not applicable"]
    assert ["g_surv_ami", "g_comp_hk", "g_clabsi", "g_cauti"] == left
    # 17 of 20, of 25
    assert _settled("21.25") == _section(outcome, "clinical")
    assert "not applicable" == outcome.value("safety_score").state
    assert _settled(60) == _total(outcome)


def test_hospital_with_two_domains() -> None:
    """Three cases leave efficiency with one measure; two domains make no total."""
    outcome = _outcome(HOSPITAL, "two")
    assert "not applicable" == outcome.value("safety_score").state
    assert "not applicable" == outcome.value("efficiency_score").state
    assert ("not applicable", "fewer than three domains") == (outcome.state, outcome.why)


def test_hospital_edges() -> None:
    outcome = _outcome(HOSPITAL, "edges")
    assert _measures(outcome) == {
        "surv_ami": _settled(3),  # base .90 beats the benchmark; .875: a 2.75; i 0
        "surv_hf": _settled(5),  # base .92 is the benchmark; .90: a 5; i 0
        "surv_pn": _settled(0),  # no baseline, .83999: just short of the threshold
        "comp_hk": _settled(9),  # .04, .0204999: a 9.05; i 9.25
        "clabsi": _settled(10),  # 0 is the benchmark
        "cauti": _settled(1),  # .76, .75: at the threshold a .5; i -.37
        "cdi": _settled(4),  # .9, .52: a 0; i 4.25
        "nurses": _settled(5),  # 70, 79.4: a 0; i 10 x 9.4/17.5 - .5 = 4.87
        "doctors": _settled(9),  # 70, 87.9: a 9.3875; i 9.44
        "mspb": _settled(0),  # 1.2 as before
        "readm": _settled(1),  # 1.0, .999: a .545; i -.45
    }
    # 17/40, 15/30, 14/20, 1/20 of 25 each
    domains = [_section(outcome, each) for each in ("clinical", "safety", "person", "efficiency")]
    assert [_settled(each) for each in ("10.625", "12.5", "17.5", "1.25")] == domains
    assert _settled("41.875") == _total(outcome)


def test_hospital_not_reported() -> None:
    """Without one rate, and without the cases of another measure: that one counts with 7, or not at all."""
    outcome = _outcome(HOSPITAL, "missing")
    assert (0, 10) == _points(outcome, "g_surv_hf")
    # 17 to 27 of 40
    assert (Fraction("10.625"), Fraction("16.875")) == _section(outcome, "clinical")
    # 4 of 20 or 11 of 30
    assert (5, Fraction(55, 6)) == _section(outcome, "safety")
    # 10.625 + 5 + 11.25 + 12.5; 16.875 + 55/6 + 23.75
    assert (Fraction("39.375"), Fraction(1195, 24)) == _total(outcome)


def test_hospital_benchmark_not_published() -> None:
    """.96 may be the benchmark: 10; with a benchmark of 0 it is a 9 x .04 + .5 = .86, i .09."""
    outcome = _outcome(HOSPITAL, "benchmark")
    assert (1, 10) == _points(outcome, "g_mspb")
    # 8 to 17 of 20
    assert (10, Fraction("21.25")) == _section(outcome, "efficiency")
    assert (Fraction(545, 12), Fraction(170, 3)) == _total(outcome)


def test_hospital_baseline_not_reported() -> None:
    outcome = _outcome(HOSPITAL, "nobase")
    # a 5; with a base near 0 i 10 x .88/.89 - .5 = 9.39
    assert (5, 9) == _points(outcome, "g_surv_ami")
    # a 0; with a large base i comes close to 9.5, and is 9 at most
    assert (0, 9) == _points(outcome, "g_cauti")
    # 23 to 27 of 40; 11 to 20 of 30
    assert (Fraction("14.375"), Fraction("16.875")) == _section(outcome, "clinical")
    assert (Fraction(55, 6), Fraction(50, 3)) == _section(outcome, "safety")
    assert (Fraction(1135, 24), Fraction(1375, 24)) == _total(outcome)


def test_hospital_half_year() -> None:
    """In the middle of the year all is open, and no more than all."""
    outcome = _outcome(HOSPITAL, "full", "2026-06-30")
    assert {"pending"} == {each.state for each in outcome.items}
    assert {(0, 10)} == set(_measures(outcome).values())
    assert [(0, 25)] * 4 == [
        _section(outcome, each) for each in ("clinical", "safety", "person", "efficiency")
    ]
    assert (0, 100) == _total(outcome)


# ---- sales commission: a quota of 200,000 has a target commission of 12,000 and a cap of 18,000

QUARTERS = ("q1", "q2", "q3", "q4", "year_pay")


def _quarters(outcome: Outcome) -> list[Ends]:
    return [_value(outcome, each) for each in QUARTERS]


def test_sales() -> None:
    outcome = _outcome(SALES, "year")
    assert _quarters(outcome) == [
        _settled(15_200),  # 230,000: 12,000 + 9 % of 30,000; two bonuses of 250
        _settled(18_000),  # 260,000: 12,000 + 3,600 + 12 % of 20,000, at 80 % not halved; no bonus for three
        _settled("3250.02"),  # 100,000.55 at 79.9 %: 6,000.033 / 2 = 3,000.0165; one bonus, not halved
        _settled(0),  # the certification has lapsed
        _settled("36450.02"),
    ]
    assert outcome.result == outcome.value("year_pay")


def test_sales_edges() -> None:
    assert _quarters(_outcome(SALES, "edges")) == [
        _settled(14_500),  # the quota itself; 13 new customers: ten bonuses
        _settled(18_000),  # 120 % of it: 15,600 + 2,500 is above the cap, and the eleventh bonus is none
        _settled(2_500),  # nothing sold
        _settled("7407.41"),  # 123,456.75: 7,407.405, half up
        _settled("42407.41"),
    ]


def test_sales_not_reported() -> None:
    assert _quarters(_outcome(SALES, "missing")) == [
        (7_850, 15_200),  # satisfaction: 14,700 / 2 + 500, or all of it
        _settled(18_000),  # satisfaction of no matter: 19,900 and 37,300 are both above the cap
        _settled(0),  # lapsed, whatever the satisfaction
        (0, 12_000),  # the certification
        (25_850, 45_200),
    ]


def test_sales_without_revenue() -> None:
    """The bonuses alone, or the cap; the other quarters come to 21,250.02."""
    outcome = _outcome(SALES, "norevenue")
    assert (500, 18_000) == _value(outcome, "q1")
    assert (Fraction("21750.02"), Fraction("39250.02")) == _value(outcome, "year_pay")


def test_sales_leave() -> None:
    """No survey halves nothing; a quarter without quota leaves the sum."""
    outcome = _outcome(SALES, "leave")
    assert _settled(15_200) == _value(outcome, "q1")
    assert "not applicable" == outcome.value("q2").state
    assert _settled("18450.02") == _value(outcome, "year_pay")


def test_sales_without_quota() -> None:
    """230,000 sold: the most is where the cap meets the commission.

    A quota q of less than 230,000 / 1.2 gives 6 % of q, 9 % of q / 5, 12 % of 230,000 - 1.2 q, and 500:
    28,100 - 6.6 % of q.
    Its cap is 9 % of q: both are 28,100 x 9 / 15.6 = 16,211.538…. A quota of 0 gives 0.
    """
    outcome = _outcome(SALES, "quotamissing")
    assert (0, Fraction("16211.54")) == _value(outcome, "q1")
    assert (Fraction("21250.02"), Fraction("37461.56")) == _value(outcome, "year_pay")


def test_sales_in_april() -> None:
    """The first quarter stands; each of the others is from nothing to its cap."""
    outcome = _outcome(SALES, "year", "2026-04-15")
    assert _settled(15_200) == _value(outcome, "q1")
    assert [(0, 18_000)] * 3 == [_value(outcome, each) for each in ("q2", "q3", "q4")]
    assert (15_200, 69_200) == _value(outcome, "year_pay")


# ---- waste collection: the fee is 412,325.00 to June, 420,571.50 from July; 4,997,379.00 in the year


def _months(outcome: Outcome) -> dict[int, Ends]:
    """The months with a deduction, or with one that is possible."""
    found = {month: _value(outcome, f"d{month:02}") for month in range(1, 13)}
    return {month: each for month, each in found.items() if each != (0, 0)}


def test_waste() -> None:
    """Nothing is deducted: 1 % of the fees is 49,973.79."""
    outcome = _outcome(WASTE, "A1")
    assert {} == _months(outcome)
    assert _settled("49973.79") == _value(outcome, "bonus")
    assert _settled(49_974) == _value(outcome, "settlement")
    assert outcome.result == outcome.value("settlement")


def test_waste_one_month() -> None:
    """97.99 % on time: 2 % of 412,325 is 8,246.50, rounded away from zero; and no bonus."""
    outcome = _outcome(WASTE, "A2")
    assert {1: _settled("-8246.5")} == _months(outcome)
    assert _settled(0) == _value(outcome, "bonus")
    assert _settled(-8_247) == _value(outcome, "settlement")


def test_waste_edges() -> None:
    outcome = _outcome(WASTE, "A3")
    # 98, 97.9, 96, 95.99, 97, 98 % on time, and 95 in September
    on_time = [_points(outcome, f"t{month:02}") for month in (1, 2, 3, 4, 5, 6, 9)]
    assert [_settled(each) for each in (0, -2, -2, -5, -2, 0, -5)] == on_time
    # 11, 16, 17 and 10 complaints of 20,000 households: 5.5, 8, 8.5 and 5 of 10,000
    complaints = [_points(outcome, f"k{month:02}") for month in (4, 8, 9, 10)]
    assert [_settled(each) for each in (-1, -1, -3, 0)] == complaints
    # 1 to 8 April over Easter: the 7th and the 8th; 11 September, a Friday, to the 16th: three;
    # 23 December to 5 January: 28, 29 and 30 December, 4 and 5 January
    bins = [_points(outcome, f"b{month:02}") for month in (4, 9, 12)]
    assert [_settled(each) for each in (0, -1, -3)] == bins
    assert _settled(-4) == _points(outcome, "e09")


def test_waste_edges_by_month() -> None:
    """The third month in a row counts twice, and no month more than 10 %."""
    outcome = _outcome(WASTE, "A3")
    assert _months(outcome) == {
        2: _settled("-8246.5"),  # 2 %
        3: _settled("-8246.5"),  # 2 %
        4: _settled("-41232.5"),  # 5 % twice and 1 % are 11: 10 %
        5: _settled(-16_493),  # 2 % twice
        8: _settled("-4205.715"),  # 1 %
        9: _settled("-42057.15"),  # 5 + 3 + 1 + 4 are 13: 10 %
        12: _settled("-12617.145"),  # 3 %
    }
    # 18 % of 412,325 and 14 % of 420,571.50: 74,218.50 + 58,880.01
    assert _settled("-133098.51") == _value(outcome, "deductions")
    assert _settled(-133_099) == _value(outcome, "settlement")


def test_waste_not_reported_after_two_months() -> None:
    """97 % in April and May, 16,493; June not reported, and may cost 5 % twice: 57,725.50 in all."""
    outcome = _outcome(WASTE, "A4")
    assert (Fraction("-41232.5"), 0) == _months(outcome)[6]
    assert (-57_726, -16_493) == _value(outcome, "settlement")


def test_waste_not_reported() -> None:
    """June alone not reported: the bonus, or 5 % of 412,325, 20,616.25."""
    outcome = _outcome(WASTE, "A6")
    assert (Fraction("-20616.25"), 0) == _months(outcome)[6]
    assert (-20_616, 49_974) == _value(outcome, "settlement")


@pytest.mark.parametrize(("name", "settlement"), [("A5", -57_726), ("A6b", -20_616)])
def test_waste_after_closing(name: str, settlement: int) -> None:
    """What is missing when reporting has closed counts as the worst step."""
    assert _settled(settlement) == _value(_outcome(WASTE, name), "settlement")


def test_waste_month_that_does_not_apply() -> None:
    """97 % in May, June and August, and July stopped by order: August is not the third month in a row."""
    outcome = _outcome(WASTE, "A7")
    month = _settled("-8246.5")
    # 2 + 2 % of 412,325, 2 % of 420,571.50: 24,904.43
    assert {5: month, 6: month, 8: _settled("-8411.43")} == _months(outcome)
    assert _settled(-24_904) == _value(outcome, "settlement")


def test_waste_bins_not_emptied() -> None:
    """Missed on 11 September: until reporting closes 0 to 3 % of 420,571.50, 12,617.145, and then 3 %."""
    outcome = _outcome(WASTE, "A8")
    assert {9: (Fraction("-12617.145"), 0)} == _months(outcome)
    assert (-12_617, 49_974) == _value(outcome, "settlement")
    closed = _outcome(WASTE, "A8b")
    assert {9: _settled("-12617.145")} == _months(closed)
    assert _settled(-12_617) == _value(closed, "settlement")


# ---- grant to a youth club


@pytest.mark.parametrize(
    ("actuals", "calculated", "grant", "quality", "payment"),
    [
        # 560 pupils: 10,460,000 + 12,345,150 + 1,999,999.80 = 24,805,149.80; index 100: 1; 12.5 km: 60,000;
        # within 24,132,500 to 25,725,000; grades 4 3 5 2 4: 16 of 20
        ("B1", "24865149.8", 24_865_150, 400_000, 25_265_150),
        # 200 pupils, index 60: 10,460,000 x 0.8 + 150,000 at 5 km; the floor is 98.5 % of 9,000,001, 8,865,000.985;
        # 5 5 0 1 and one that does not apply: 11 of 20
        ("B2", "8518000", 8_865_001, 275_000, 9_140_001),
        # 500 pupils, index 150: 22,805,150 x 1.4 + 120,000 at 15 km; the ceiling is 105 % of 29,999,999,
        # 31,499,998.95; 3 4 5 and two that do not apply: 12 of 15
        ("B3", "32047210", 31_499_999, 400_000, 31_899_999),
        # 99 pupils, index 170, 40 km: 5,177,700 x 1.4 + 480,000; a new club; two indicators are too few
        ("B4", "7728780", 7_728_780, 0, 7_728_780),
        # 5 and 4, and three that do not apply: too few
        ("B9b", "24865149.8", 24_865_150, 0, 24_865_150),
    ],
)
def test_club(actuals: str, calculated: str, grant: int, quality: int, payment: int) -> None:
    outcome = _outcome(CLUB, actuals)
    assert _settled(calculated) == _value(outcome, "calculated")
    assert _settled(grant) == _value(outcome, "grant")
    assert _settled(quality) == _value(outcome, "quality_pay")
    assert _settled(payment) == _value(outcome, "payment")
    assert outcome.result == outcome.value("payment")


def test_club_not_graded() -> None:
    """201 pupils, index 70: 10,501,150.50 x 13/15; grades 4 4 4 1 and one open: 13 to 17 of 20."""
    outcome = _outcome(CLUB, "B5")
    assert _settled("9100997.1") == _value(outcome, "calculated")
    assert _settled(9_100_997) == _value(outcome, "grant")
    assert (13, 17) == _section(outcome, "quality")
    assert (325_000, 425_000) == _value(outcome, "quality_pay")
    assert (9_425_997, 9_525_997) == _value(outcome, "payment")


def test_club_grades_that_may_not_apply() -> None:
    """5, two open, and two that do not apply: up to 15 of 15; nothing, if one of the open ones does not apply."""
    outcome = _outcome(CLUB, "B9")
    assert (0, 500_000) == _value(outcome, "quality_pay")
    assert (24_865_150, 25_365_150) == _value(outcome, "payment")


def test_club_rates_not_published() -> None:
    """The floor and the ceiling of last year's 24,500,000 bound the grant."""
    outcome = _outcome(CLUB, "B6")
    assert (24_132_500, 25_725_000) == _value(outcome, "grant")
    assert (24_532_500, 26_125_000) == _value(outcome, "payment")


def test_club_with_last_years_outcome() -> None:
    """Read from the outcome of last year, 24,500,000 bounds the grant as when it is told."""
    outcome = _contract(CLUB).evaluate(HOME / CLUB / "B7.json", previous=_last_year(24_500_000))
    assert _settled(24_865_150) == _value(outcome, "grant")
    assert _settled(25_265_150) == _value(outcome, "payment")


def test_club_in_its_second_year() -> None:
    """The new club had 7,728,780: it now has a ceiling of 105 % of it."""
    first = _outcome(CLUB, "B4").to_dict()
    outcome = _contract(CLUB).evaluate(HOME / CLUB / "B7.json", previous=first)
    assert _settled(8_115_219) == _value(outcome, "grant")


def _last_year(grant: int) -> dict[str, Any]:
    """An outcome of last year, as far as the grant is carried over from it."""
    told = {"id": "grant", "state": "settled", "secured": grant, "possible": grant, "may_become": []}
    head = {"format": "rkdsl-outcome/1", "contract": "club", "as_of": "2026-02-01", "unit": "points"}
    return {**head, "state": "settled", "points": None, "items": [], "sections": [], "values": [told]}


def test_club_last_year_not_told() -> None:
    """Without last year's grant there is neither floor nor ceiling that is known: anything from 0 up."""
    outcome = _outcome(CLUB, "B8")
    assert _settled("24865149.8") == _value(outcome, "calculated")
    assert (0, None) == _value(outcome, "grant")
    # and 400,000 for quality
    assert (400_000, None) == _value(outcome, "payment")
