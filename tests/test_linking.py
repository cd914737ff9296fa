"""Contracts as parts of another: each comes to what it comes to alone, and bounds hold for the whole."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

import rkdsl
from rkdsl.pipeline import Contract, Outcome
from rkdsl.rules.evaluator import evaluate
from tests.test_laws import (
    SEEDS,
    _as_given,
    completions,
    examples,
    lies_in,
    roots,
    with_reports_frozen,
)
from tests.uses import record, written
from tests.valid_contracts import actuals, contract_texts


class Parts(NamedTuple):
    """Contracts, alone and as parts of one, with actuals of each."""

    alone: tuple[Contract, ...]
    whole: Contract
    told: tuple[dict[str, Any], ...]

    @property
    def outcome(self) -> Outcome:
        """What the whole comes to."""
        return self.whole.evaluate(self.told)


@st.composite
def parts(draw: st.DrawFn, count: int = 2) -> Parts:
    """Contracts called `c0`, `c1` ..., and one that uses them all: it has their points, where all have some."""
    texts = [draw(contract_texts(2)) for _ in range(count)]
    files = {f"c{n}.rk": text.replace("contract c ", f"contract c{n} ", 1) for n, text in enumerate(texts)}
    alone = tuple(rkdsl.loads(text, name) for name, text in files.items())
    uses = "".join(f'use "{name}" ' for name in files)
    scored = [each for each in alone if each.tree.total is not None]
    same = len({str(each.tree.unit) for each in scored}) == 1
    value = "value all_points = sum(units.points)" if scored and same else ""
    text = f'contract whole "Whole" {{ period 2009 {uses} {value} result states }}'
    with tempfile.TemporaryDirectory() as folder:
        whole = rkdsl.load(written(Path(folder), files, whole=text) / "whole.rk")
    day = draw(actuals(alone[0].tree, 0))["as_of"]
    told = [
        draw(actuals(each.tree, draw(st.sampled_from((4, 7, 10))), datetime.date.fromisoformat(day)))
        for each in alone
    ]
    return Parts(alone, whole, tuple(told))


@examples(60)
@given(parts())
def test_a_part_comes_to_what_it_comes_to_alone(case: Parts) -> None:
    """Points, states, bounds and what they may become, of items, sections and the total, whatever is told."""
    whole = case.outcome
    sections = {each.id: each for each in whole.sections}
    for contract, told in zip(case.alone, case.told, strict=True):
        alone = contract.evaluate(told)
        for item in alone.items:
            there = whole.item(f"{contract.id}.{item.id}")
            assert (item.state, item.points, item.may_become, item.due) == (
                there.state,
                there.points,
                there.may_become,
                there.due,
            )
        for section in alone.sections:
            within = sections[f"{contract.id}.{section.id}"]
            assert (section.points, section.state, section.title) == (
                within.points,
                within.state,
                within.title,
            )
        assert alone.points == sections[contract.id].points


@examples(40)
@given(parts(), SEEDS)
def test_bounds_hold_for_the_whole(case: Parts, seed: int) -> None:
    """However gaps of any part are filled, what comes out lies within what was possible."""
    tree, values = case.whole.tree, case.outcome.trace
    frozen = with_reports_frozen(tree, values)
    named = roots(tree) | {each.id: each.of for each in tree.values}
    assert values.rows == evaluate(frozen, _as_given(tree, values)).rows
    for filled in completions(frozen, values, seed, 4):
        full = evaluate(frozen, filled)
        for name, ref in named.items():
            settled = full.settled(ref)
            assert settled is not None, name
            assert lies_in(settled, values.rows[ref]), name


_UNIT = """contract {0} "Unit" {{ period 2009
  measure x "X" {{ unit cases  higher is better  each year }}
  goal g "G" {{ weight {1}  target x in 2009 at least 5 }} }}"""
_ROLLED = ("sum(units.points)", "mean(units.points)", "min(units.points)", "best(2 | units.share)")


@examples(25)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.one_of(st.none(), st.integers(0, 9))), min_size=2, max_size=5),
    st.randoms(use_true_random=False),
)
def test_the_order_of_uses_changes_no_figure(units: list[tuple[int, int | None]], random: Any) -> None:
    """Of a sum, mean, least and best of what all contracts used have."""
    files = {f"u{n}.rk": _UNIT.format(f"u{n}", weight) for n, (weight, _) in enumerate(units)}
    told = [record(f"u{n}", **({} if x is None else {"x": x})) for n, (_, x) in enumerate(units)]
    names = list(files)
    found = []
    for _ in range(2):
        uses = "".join(f'use "{each}" ' for each in names)
        values = " ".join(f"value v{n} = {each}" for n, each in enumerate(_ROLLED))
        text = f'contract all_units "All" {{ period 2009 {uses} {values} result states }}'
        with tempfile.TemporaryDirectory() as folder:
            outcome = rkdsl.load(written(Path(folder), files, all=text) / "all.rk").evaluate(told)
        found.append([(each.secured, each.possible) for each in outcome.values if each.id.startswith("v")])
        random.shuffle(names)
    assert found[0] == found[1]
    secured = sum(weight for weight, x in units if x is not None and x >= 5)
    possible = sum(weight for weight, x in units if x is None or x >= 5)
    assert (secured, possible) == found[0][0]


def test_what_is_told_of_a_contract_comes_before_what_it_uses(tmp_path: Path) -> None:
    """Items, sections and values; those of a part have its name before theirs."""
    contract = rkdsl.load(written(tmp_path) / "both.rk")
    assert ("together", "north.places", "north.phone", "south.places") == contract.item_ids
    outcome = contract.evaluate([record("north", placed=31, answered=96), record("south", placed=18)])
    assert ["north", "north.jobs", "north.service", "south", "south.jobs"] == [
        each.id for each in outcome.sections
    ]
    # 31 + 18 = 49 persons are fewer than 50; 60 + 40 in the north, nothing in the south
    assert "missed" == outcome.item("together").state
    assert 100 == outcome.value("points_in_all").secured
    assert any(
        "= 49 persons" in f"{each.formula} = {each.value}" for each in outcome.explain("together").lines
    )


def test_every_part_can_be_explained(tmp_path: Path) -> None:
    """Items, sections, values and the total of each, with the files they stand in."""
    written(tmp_path)
    outcome = rkdsl.load(tmp_path / "both.rk").evaluate(
        [record("north", placed=31), record("south", placed=18)]
    )
    assert {"north", "north.jobs", "north.places", "south.places", "together", "total"} <= set(
        outcome.explainable
    )
    sources = {each.source for each in outcome.explain("north.places").lines}
    assert any("goals.rk:5" in each for each in sources)
    assert 0 < len(outcome.explain("north").lines)
