"""Generated code comes to what the exact evaluator comes to, or says that it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rkdsl.rules import codegen
from rkdsl.rules import tree as t
from rkdsl.rules.codegen import Cell, Given, Source
from rkdsl.rules.evaluator import evaluate
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Given as Known
from rkdsl.rules.possible import Settled, known
from rkdsl.values import POINTS, State, Unit
from tests.trees import cases, completions, inputs_of

MISSING = None


def came_to(
    tree: t.Tree, given: Mapping[int, Settled | None], *, sure: bool, bails: bool = False
) -> tuple[str, dict[int, Settled] | None]:
    """The source, and what generated code makes of each row; `sure` says that inputs are no states.

    With `bails` it makes nothing where some row comes to a state.
    """
    plan, source = Plan(tree), Source()
    inputs, arguments = {}, []
    for ref, row in inputs_of(tree).items():
        value = given[ref]
        cell = _cell(ref, row, value, sure=sure)
        reported = Cell(f"r{ref}", codegen.TRUTH)
        inputs[ref] = Given(cell, reported, reported)
        here = codegen.UNKNOWN if value is None else value
        arguments += [here * cell.scale if isinstance(here, Fraction) else here, value is not None]
        if isinstance(arguments[-2], Fraction):
            arguments[-2] = int(arguments[-2])
    names = ", ".join(f"i{ref}, r{ref}" for ref in inputs)
    refs = range(len(tree.rows))
    cells = codegen.write(plan, inputs, refs, source, bails=bails)
    text, run = source.function(names, [cells[ref].text for ref in refs])
    found = run(*arguments)
    if found is None:
        assert bails
        return text, None
    return text, {ref: _value(cells[ref], found[ref]) for ref in refs}


def _cell(ref: int, row: t.Input, value: Settled | None, *, sure: bool) -> Cell:
    stuck = not sure or value is None or isinstance(value, State)
    match row.unit.shown:
        case "truth":
            return Cell(f"i{ref}", codegen.TRUTH, stuck=stuck, open=stuck)
        case "word":
            return Cell(f"i{ref}", codegen.WORD, stuck=stuck, open=stuck)
    scale = value.denominator * 6 if isinstance(value, Fraction) else 10
    return Cell(f"i{ref}", codegen.NUMBER, scale, stuck=stuck, open=stuck)


def _value(cell: Cell, found: object) -> Settled:
    if cell.type == codegen.NUMBER and not isinstance(found, State):
        return found if cell.scale == 0 else Fraction(found, cell.scale)  # type: ignore[return-value, call-overload]
    return found  # type: ignore[return-value]


def agree(tree: t.Tree, given: Mapping[int, Settled | None], *, sure: bool) -> bool:
    rows = inputs_of(tree)
    told = {
        (rows[ref].kind, rows[ref].key): Known(known(value))
        for ref, value in given.items()
        if value is not None
    }
    values = evaluate(tree, told)
    try:
        _, found = came_to(tree, given, sure=sure)
    except codegen.NotWrittenError:
        return False
    assert found is not None
    for ref, value in found.items():
        if value is codegen.UNKNOWN:
            assert None in given.values() or _asks_open(tree), (ref, tree.rows[ref])
        else:
            expected = values.settled(ref)
            assert expected == value and type(expected) is type(value), (ref, tree.rows[ref], expected, value)
    return True


def _asks_open(tree: t.Tree) -> bool:
    return any(row.kind == "open" for row in inputs_of(tree).values())


@pytest.mark.parametrize("op", ["min", "max", "add", "sub", "mul", "div"])
@pytest.mark.parametrize("left", [Fraction(1, 3), Fraction(1), Fraction(5, 3)])
@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_truth_beside_a_fraction_counts_as_a_number(
    op: str, left: Fraction, truth: bool, is_known: bool
) -> None:
    """Also where it is what comes of it."""
    plain, yes = Unit(), Unit(shown="truth")
    rows = (
        t.Input("fact", "a", plain, None, None),
        t.Input("fact", "b", plain, None, None),
        t.Arithmetic("div", (0, 1)),  # a fraction that has no one denominator
        t.Literal(truth, yes) if is_known else t.Input("fact", "c", yes, None, None),
        t.Arithmetic(op, (2, 3)),
        t.Name("total", 4, plain, "total", "", None),
    )
    whole = t.Tree("c", "", rows, (), (), (), (), (), 5, None, 0, POINTS)
    told: dict[int, Settled | None] = {0: Fraction(left.numerator), 1: Fraction(left.denominator)}
    assert agree(whole, told if is_known else {**told, 3: truth}, sure=True)


@st.composite
def settled(draw):  # type: ignore[no-untyped-def]  # hypothesis' own draw
    case = draw(cases(20))
    case = case._replace(given={})
    found = dict(draw(completions(case)))
    return case.tree, found


@settings(max_examples=300, deadline=None)
@given(settled())
def test_code_that_ends_at_a_state(case) -> None:  # type: ignore[no-untyped-def]
    """What it gives is exact; it gives nothing only where some row comes to a state."""
    tree, given = case
    if any(isinstance(value, State) for value in given.values()) or _asks_open(tree):
        return
    values = evaluate(
        tree,
        {
            (inputs_of(tree)[ref].kind, inputs_of(tree)[ref].key): Known(known(value))
            for ref, value in given.items()
        },
    )
    try:
        _, found = came_to(tree, given, sure=True, bails=True)
    except codegen.NotWrittenError:
        return
    if found is None:
        assert any(isinstance(values.settled(ref), State) for ref in range(len(tree.rows)))
        return
    assert {ref: values.settled(ref) for ref in found} == found


def test_a_choice_without_a_row_that_can_be_taken() -> None:
    rows = (
        t.Literal(False, Unit(shown="truth")),
        t.Input("fact", "a", Unit(), None, None),
        t.Choose(((0, 1),)),
        t.Name("total", 2, Unit(), "total", "", None),
    )
    whole = t.Tree("c", "", rows, (), (), (), (), (), 3, None, 0, POINTS)
    assert agree(whole, {1: Fraction(5)}, sure=True)
    assert came_to(whole, {1: Fraction(5)}, sure=True, bails=True)[1] is None


@settings(max_examples=150, deadline=None)
@given(settled(), st.booleans(), st.data())
def test_every_row_of_any_tree(case, sure: bool, data) -> None:  # type: ignore[no-untyped-def]
    """With all inputs known every row is exact; with some missing it is exact or not known."""
    tree, found = case
    agree(tree, found, sure=sure)
    gone = data.draw(st.sets(st.sampled_from(sorted(found)))) if found else set()
    agree(tree, {ref: None if ref in gone else value for ref, value in found.items()}, sure=sure)
