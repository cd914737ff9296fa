"""What is worked out once and found again is what working it out anew would give."""

from __future__ import annotations

from fractions import Fraction
from unittest import mock

from hypothesis import HealthCheck, given, settings

from rkdsl.rules import bounds, recall
from rkdsl.rules import tree as t
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import YES_OR_NO, Outcome, Possible, interval
from rkdsl.rules.recall import Recall
from rkdsl.rules.transfer import Transfer
from tests.test_evaluator import Rows
from tests.trees import Case, cases


def _told(values: Values) -> object:
    directions = [values.directions(ref) for ref in range(len(values.rows))]
    return values.rows, values.loose, directions


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(cases(most_rows=20))
def test_forgetting_changes_nothing(case: Case) -> None:
    """With no room to remember anything the outcomes, the bounds and what moves them are the same."""
    remembering = _told(evaluate(case.tree, case.given))
    with mock.patch.object(recall, "ROOM", 0), mock.patch.object(bounds, "ROOM", 0):
        assert remembering == _told(evaluate(case.tree, case.given))


def test_yes_is_not_one() -> None:
    """Equal outcomes are made one; a truth and the number that is equal to it stay two."""
    found = Recall(Transfer(Plan(Rows().tree()), {}))
    one, other = Fraction(1), Fraction(1)
    assert found.same(one) is found.same(other)
    assert found.same(True) is True
    assert found.same(YES_OR_NO) is YES_OR_NO


def test_an_outcome_is_found_by_the_operands() -> None:
    """A row is worked out again where an operand is something else, and only there."""
    rows = Rows()
    x = rows.number("x", 0, 10)
    total = rows.add(t.Arithmetic("add", (x, x)))
    transfer = Transfer(Plan(rows.tree()), {})
    found = Recall(transfer)
    first: list[Outcome] = [Fraction(0), Fraction(2), Fraction(0)]
    with mock.patch.object(Transfer, "outcome", autospec=True, side_effect=Transfer.outcome) as worked_out:
        assert found.outcome(total, first) == 4
        assert found.outcome(total, list(first)) == 4
        assert worked_out.call_count == 1
        assert found.outcome(total, [first[0], Possible(interval(Fraction(0), Fraction(1)))]) == Possible(
            interval(Fraction(0), Fraction(2))
        )
        assert worked_out.call_count == 2
