"""From points to kroner: the director's pay of the example, as signed, as amended, at half year, on departure."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.pipeline import Contract, Outcome

_FOLDER = Path(__file__).parents[1] / "examples" / "ams-2009"
SALARY, RATE = 1_034_500, Fraction(12, 100)
ALLONGES = ("allonge-1.rk", "agreement-allonge-1.rk")


@pytest.fixture(scope="module")
def amended() -> Contract:
    """The agreement with both allonges."""
    return rkdsl.load(_FOLDER / "agreement.rk", [_FOLDER / each for each in ALLONGES])


def _told(**facts: Any) -> list[dict[str, Any]]:
    """The actuals of both contracts, with other facts of the agreement."""
    contract, pay = (
        json.loads((_FOLDER / name).read_text(encoding="utf-8")) for name in ("actuals.json", "pay.json")
    )
    pay["facts"].update(facts)
    return [contract, pay]


def _pay(outcome: Outcome) -> Fraction:
    value = outcome.value("pay")
    assert value.secured is not None
    assert value.secured == value.possible
    return value.secured


def _half_up(amount: Fraction) -> int:
    return (amount + Fraction(1, 2)).__floor__()


def test_pay_at_the_end_of_the_year(amended: Contract) -> None:
    """870 of 1,000 points of the contract are 609 of 700; with 245 of 300 they are 854 of 1,000."""
    outcome = amended.evaluate(_told())
    assert outcome.points is not None
    assert (854, 854) == (outcome.points.secured, outcome.points.possible)
    assert 609 == 700 * Fraction(870, 1000)
    assert _half_up(RATE * SALARY * Fraction(854, 1000)) == _pay(outcome) == 106_016


def test_every_step_is_explained_with_its_clause(amended: Contract) -> None:
    """From the readings of the contract to kroner, in one explanation."""
    said = str(amended.evaluate(_told()).explain("pay"))
    for step in (
        "ams-2009/actuals.json readings.labour_reserve.2009-12",
        "ams-2009/allonge-1.rk",
        "ams-2009/agreement-allonge-1.rk",
        "(12 % x 1_034_500 DKK x 854) / (700 + 300) = 106_015.56 DKK",
        "365 days",
        "106_015.56 DKK rounded half up to 1 DKK = 106_016 DKK",
    ):
        assert step.removeprefix("ams-2009/actuals.json ") in said


def test_a_departure_is_prorated(amended: Contract) -> None:
    """181 of 365 days, the last one counted."""
    outcome = amended.evaluate(_told(left="2009-06-30"))
    assert 181 == outcome.value("days_served").secured
    assert _half_up(RATE * SALARY * Fraction(854, 1000) * Fraction(181, 365)) == _pay(outcome)


@pytest.mark.parametrize(("percent", "points"), [(25, Fraction(3, 4)), (100, Fraction(0)), (0, Fraction(1))])
def test_a_reduction(amended: Contract, percent: int, points: Fraction) -> None:
    """By the permanent secretary, with a reason; after proration."""
    cut = {"value": percent, "by": "secretary", "reason": "special circumstances"}
    outcome = amended.evaluate(_told(left="2009-06-30", reduction=cut))
    assert _half_up(RATE * SALARY * Fraction(854, 1000) * Fraction(181, 365) * points) == _pay(outcome)


def test_forfeiture(amended: Contract) -> None:
    """On material breach nothing is paid."""
    breach = {"value": True, "by": "secretary", "reason": "material breach"}
    assert 0 == _pay(amended.evaluate(_told(forfeited=breach)))


def test_a_reduction_without_a_reason_is_refused(amended: Contract) -> None:
    """And one that somebody else decides."""
    for cut in (25, {"value": 25, "by": "secretary"}, {"value": 25, "by": "ministry", "reason": "r"}):
        with pytest.raises(rkdsl.Refused, match=r"RK644|RK632"):
            amended.evaluate(_told(reduction=cut))


def test_pay_at_half_year_is_an_interval(amended: Contract) -> None:
    """What is secured of both contracts is paid at least; all that is still open at most."""
    half = json.loads((_FOLDER / "halfyear.json").read_text(encoding="utf-8"))
    facts = {"salary": SALARY, "left": {"not_applicable": "in office"}}
    outcome = amended.evaluate([half, {"contract": "director_pay", "facts": facts}], half["as_of"])
    used = {each.id: each for each in outcome.sections}["ams"].points
    assert used is not None
    assert used.secured is not None
    assert used.possible is not None
    assert used.secured < used.possible
    pay = outcome.value("pay")
    low = RATE * SALARY * (700 * used.secured / 1000) / 1000
    high = RATE * SALARY * (700 * used.possible / 1000 + 300) / 1000
    assert (_half_up(low), _half_up(high)) == (pay.secured, pay.possible)


def test_as_signed_nothing_can_be_paid() -> None:
    """Neither the rate nor the rounding stands in the agreement, nor what part of the contract is worth."""
    outcome = rkdsl.load(_FOLDER / "agreement.rk").evaluate(_told())
    assert "not known" == outcome.value("pay").state
    texts = " ".join(each.text for each in outcome.value("pay").open)
    for undecided in ("ingen sats", "ingen afrunding", "kun fuld opfyldelse"):
        assert undecided in texts


def test_the_contract_is_closed_by_its_allonge() -> None:
    """Secured equals possible, and nothing is open."""
    contract = rkdsl.load(_FOLDER / "contract.rk", [_FOLDER / "allonge-1.rk"])
    outcome = contract.evaluate(_FOLDER / "actuals.json")
    assert outcome.is_final
    assert outcome.points is not None
    assert (870, 870) == (outcome.points.secured, outcome.points.possible)


def test_before_the_allonge_was_signed_the_contract_is_open() -> None:
    """As of a day before the signing, and as signed."""
    contract = rkdsl.load(_FOLDER / "contract.rk", [_FOLDER / "allonge-1.rk"])
    early = contract.evaluate(_FOLDER / "halfyear.json", "2009-03-19")
    signed = contract.evaluate(_FOLDER / "actuals.json", as_signed=True)
    assert not early.is_final
    assert not signed.is_final
