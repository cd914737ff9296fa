"""Which rows look at which."""

from __future__ import annotations

from fractions import Fraction

from rkdsl.rules import tree as t
from rkdsl.rules.plan import Plan
from tests.test_evaluator import FLAT, Rows


def test_every_kind_of_row_has_its_operands() -> None:
    """All that a row may look at, in the order in which it stands in the row."""
    rows = Rows()
    x, y, z = rows.number("x"), rows.number("y"), rows.truth("z")
    expected = {
        x: (),
        rows.value(3): (),
        rows.name(x): (x,),
        rows.add(t.Arithmetic("add", (x, y))): (x, y),
        rows.add(t.Compare("at most", x, y)): (x, y),
        rows.add(t.Logic("not", (z,))): (z,),
        rows.add(t.Is("applies", x)): (x,),
        rows.add(t.Piecewise(x, (t.Knot(y, x, y, "after"),), *FLAT)): (x, y, x, y),
        rows.add(t.Choose(((z, x), (z, y)))): (z, x, z, y),
        rows.add(t.Gather("weighted mean", (x, y), (y, x), otherwise=y)): (x, y, y, x, y),
        rows.add(t.Gather("sum", (x, y))): (x, y),
        rows.add(t.Round("up", Fraction(1), y)): (y,),
        rows.add(t.Span(x, y)): (x, y),
    }
    plan = Plan(rows.tree())
    assert expected == {ref: plan.operands_of(ref) for ref in expected}
    outcomes = [Fraction(ref) for ref in range(len(rows.rows))]
    for ref, operands in expected.items():
        assert operands == plan.operands(ref, outcomes)


def test_users_are_all_that_look_at_something() -> None:
    """Near and far, among the rows asked for."""
    rows = Rows()
    x, y = rows.number("x"), rows.number("y")
    both = rows.add(t.Arithmetic("add", (x, y)))
    above = rows.name(both)
    beside = rows.name(y)
    plan = Plan(rows.tree())
    assert plan.users([x], range(len(rows.rows))) == [both, above]
    assert plan.users([y], (both, beside)) == [both, beside]
