"""Bounds hold for every way of filling a few gaps, and their ends are reached; contracts of every form."""

from __future__ import annotations

import datetime
from collections import Counter
from fractions import Fraction
from random import Random

import pytest

import rkdsl
from rkdsl.rules.possible import Possible, interval
from rkdsl.values import State
from tests.by_force import Case, Gaps, Seen, answers, as_said, gaps, in_the_actuals, in_the_tree, share, tried
from tests.every_form import Made
from tests.secondopinion import UNKNOWN, Opinion

SEEDS = (0, 1, 2, 4, 5, 6, 9, 10, 11, 12, 13, 14, 17, 20, 21)
"""Contracts that are evaluated with little effort: the long run takes all."""


def test_bounds_by_force() -> None:
    """Nearly complete actuals of contracts of every form."""
    counted: Counter[str] = Counter()
    for seed in SEEDS:
        found = share((seed, 2, False))
        assert [each.what for each in found.faults] == []
        counted += found.counted
    assert counted["tree: tight figures, each gap used once"] >= 30
    assert counted["tree: tight figures, gaps used more than once"] >= 20
    assert counted["actuals: tight figures, each gap used once"] >= 5


# ---- the force itself: what it must find

CONTRACT = """contract c "C" {
  period 2026
  measure x "The x" { unit number  range 0..10  higher is better  each year }
  measure y "The y" { unit number  range 0..4  higher is better  each year  may not apply }
  fact sure "Sure" { unit yes or no }
  goal g "G" { weight 10  target x in 2026 linear from 2 to 7 }
  goal h "H" { weight 5  milestone m "M" by 2026-06-30 }
  value twice = (x + y) in 2026
  value said = { when sure is yes: "a"  otherwise: "b" }
}"""


def case_of(text: str = CONTRACT) -> Case:
    """Nothing told, in the year after."""
    contract = rkdsl.loads(text)
    actuals = {"contract": "c", "as_of": "2027-01-31"}
    made = Made(text, "c", (), {})
    return Case(made, contract, actuals, contract.evaluate(actuals))


def test_a_case_that_is_right() -> None:
    found = tried(case_of(), 1)
    assert found.faults == []
    assert found.counted["tree: tight figures, each gap used once"] >= 4
    assert found.counted["actuals: tight figures, each gap used once"] >= 3


NUMBER = Possible(interval(Fraction(0), Fraction(9)))


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("item g", NUMBER, "10 is not in"),
        ("item g", Possible(interval(Fraction(0), Fraction(11))), "high of"),
        ("item g", Possible(interval(Fraction(-1), Fraction(10))), "low of"),
        ("item g", Possible(interval(Fraction(0), None)), "high of"),
        ("value twice", Possible(interval(Fraction(0), Fraction(14))), "is not in"),
        ("value said", Possible(words=frozenset("a")), "b is not in"),
        ("value said", Possible(words=frozenset("abc")), "word c"),
        (
            "value said",
            Possible(words=frozenset("ab"), states=(State("not defined", ""),)),
            "state not defined",
        ),
    ],
)
def test_wrong_bounds_are_found(name: str, said: Possible, expected: str) -> None:
    """Too narrow or too wide: in the tree, by the second opinion, and in what the outcome tells."""
    case = case_of()
    found = gaps(case)
    wrong = Gaps(found.inputs, {**found.said, name: said}, found.waits, found.tight)
    for part in (in_the_tree, in_the_actuals):
        faults = part(case, wrong, Random(1)).faults
        assert any(expected in each for each in faults)
        assert all(name in each for each in faults)
    assert name.startswith("value") or any(name in each for each in as_said(case, wrong))


def test_ends_that_are_reached() -> None:
    """A number that comes near is good enough; without end it must come far."""
    seen = Seen()
    can_be = Possible(interval(Fraction(0), None), frozenset((True,)))
    assert seen.unreached(can_be) == ["truth True", "low", "high"]
    seen.note(Fraction(1, 10**9), {})
    seen.note(Fraction(10**5), {})
    assert seen.unreached(can_be) == ["truth True"]
    seen.note(True, {})
    assert seen.unreached(can_be) == []


def test_figures_of_an_opinion() -> None:
    """What is open is left out; an item without points is its condition."""
    items = {"a": ("met", None), "b": ("pending", None), "c": ("missed", Fraction(0))}
    opinion = Opinion(items, {"s": UNKNOWN}, {"s": Fraction(3)}, UNKNOWN, None, {"v": "word"}, None)
    expected = {"condition a": True, "item c": Fraction(0), "maximum of s": Fraction(3), "value v": "word"}
    assert expected == answers(opinion)


def test_gaps_are_of_the_day() -> None:
    """Of a year that has not ended nothing is told: such gaps are filled in the tree alone."""
    contract = rkdsl.loads(CONTRACT)
    outcome = contract.evaluate({"contract": "c"}, datetime.date(2026, 5, 1))
    actuals = {"contract": "c", "as_of": "2026-05-01"}
    case = Case(Made(CONTRACT, "c", (), {}), contract, actuals, outcome)
    found = tried(case, 1)
    assert found.faults == []
    assert found.counted["tree: open figures"] > found.counted["actuals: open figures"] > 0


def test_a_contract_that_is_too_large_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.by_force.MOST_ROWS", 1)
    assert share((1, 2, False)).counted == {"contracts": 1}
