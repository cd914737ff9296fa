"""What a named role decides: facts with a reason, and items in a dispute."""

from __future__ import annotations

from typing import Any

import pytest

import rkdsl
from rkdsl.diagnostics import Refused

CONTRACT = """
contract c "C" { period 2026  total 100 points
  role board "The board"  role chair "The chair"
  assessed by board reads "disagreement"
  fact cut "Reduction" { unit %  range 0 %..100 %  assessed by chair }
  goal a "A" { weight 60  milestone done "Done" by 2026-06-30 }
  goal b "B" { weight 0..40  assessed by chair }
  value kept "Kept" = { when cut is reported: 1000 DKK * (100 % - cut)  otherwise: 1000 DKK }
}
"""
PLAIN = """
contract c "C" { period 2026
  role board "The board"
  assessed by board
  goal a "A" { milestone done "Done" by 2026-06-30 }
  result states
}
"""


def _told(**sections: Any) -> dict[str, Any]:
    return {"contract": "c", "as_of": "2027-01-31", **sections}


LATE = {"a.done": "2026-07-01"}
DECIDED = {"a": {"points": 30, "by": "board", "reason": "the delay was not theirs"}}


def test_a_decision_takes_the_place_of_what_was_calculated() -> None:
    """And the calculated points stay beside it; without a decision they stand."""
    contract = rkdsl.loads(CONTRACT)
    missed = contract.evaluate(_told(milestones=LATE)).item("a")
    assert ("missed", 0) == (missed.state, missed.points and missed.points.possible)
    decided = contract.evaluate(_told(milestones=LATE, assessed=DECIDED))
    item = decided.item("a")
    assert ("partly met", 30) == (item.state, item.points and item.points.secured)
    assert ("overruled",) == tuple(standing for standing, _ in item.shown)
    assert "overruled" in str(decided.explain("a"))
    assert () == contract.evaluate(_told(milestones=LATE)).item("a").shown


def test_a_decision_decides_before_anything_is_reported() -> None:
    """Nothing else of the item is needed then."""
    item = rkdsl.loads(CONTRACT).evaluate(_told(assessed=DECIDED)).item("a")
    assert item.points is not None
    assert (30, 30) == (item.points.secured, item.points.possible)


def test_what_has_its_own_assessor_is_not_decided_by_another() -> None:
    """`b` is assessed by the chair."""
    with pytest.raises(Refused, match="RK632"):
        rkdsl.loads(CONTRACT).evaluate(_told(assessed={"b": {"points": 1, "by": "board", "reason": "r"}}))


def test_an_item_without_points_is_decided_with_yes_or_no() -> None:
    """`true` is met."""
    contract = rkdsl.loads(PLAIN)
    assert "missed" == contract.evaluate(_told(milestones=LATE)).item("a").state
    decided = {"a": {"points": True, "by": "board", "reason": "r"}}
    assert "met" == contract.evaluate(_told(milestones=LATE, assessed=decided)).item("a").state


def test_a_decided_fact_has_its_role_and_reason() -> None:
    """As a value with both; without either, or by another role, it is refused."""
    contract = rkdsl.loads(CONTRACT)
    assert 1000 == contract.evaluate(_told()).value("kept").secured
    cut = {"value": 25, "by": "chair", "reason": "special circumstances"}
    assert 750 == contract.evaluate(_told(facts={"cut": cut})).value("kept").secured
    for wrong, code in (
        (25, "RK644"),
        ({"value": 25}, "RK644"),
        ({"value": 25, "by": "chair"}, "RK644"),
        ({"value": 25, "by": "board", "reason": "r"}, "RK632"),
    ):
        with pytest.raises(Refused, match=code):
            contract.evaluate(_told(facts={"cut": wrong}))


def test_what_nobody_decides_names_no_role() -> None:
    """`by` of a fact that is reported."""
    text = CONTRACT.replace("  assessed by chair }\n  goal a", " }\n  goal a")
    with pytest.raises(Refused, match="RK645"):
        rkdsl.loads(text).evaluate(_told(facts={"cut": {"value": 25, "by": "chair", "reason": "r"}}))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("assessed by board reads", "assessed by bord reads", "RK202"),
        ("range 0 %..100 %  assessed by chair", "range 0 %..100 %  assessed by cair", "RK202"),
        ("  goal a", "  assessed by chair\n  goal a", "RK201"),
        ("assessed by chair }\n  goal a", "assessed by chair  assessed by board }\n  goal a", "RK201"),
    ],
)
def test_mistakes(old: str, new: str, code: str) -> None:
    """Roles that nobody declares, and two that decide."""
    assert old in CONTRACT
    with pytest.raises(Refused) as refused:
        rkdsl.loads(CONTRACT.replace(old, new))
    assert code in {each.code for each in refused.value.diagnostics}
