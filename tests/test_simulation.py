"""Simulations: reproducible, lawful in every draw, and scored exactly as the draws would be evaluated."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl.actuals.record import SECTIONS
from rkdsl.chance.fitting import Column
from rkdsl.outcome import Points
from rkdsl.pipeline import Contract
from rkdsl.rules.slots import Slot, slots_of

np = pytest.importorskip("numpy")

from rkdsl import simulation  # noqa: E402  (needs numpy)
from rkdsl.chance import drawing  # noqa: E402
from rkdsl.chance.scoring import Scoring, Words  # noqa: E402
from rkdsl.reports import chances, data  # noqa: E402
from rkdsl.simulation import simulate  # noqa: E402

EXAMPLES = Path(__file__).parents[1] / "examples"
Data = dict[str, Any]


def stated(**draws: Any) -> Data:
    return {"format": "rkdsl-distributions/1", "draws": draws}


TWO = rkdsl.loads("""
contract two "Two goals" { period 2026  total 100 points
  fact audit "The audit is done" { unit yes or no }
  fact plan "The plan is made" { unit yes or no }
  goal a "Audit" { weight 60  target audit is yes }
  goal b "Plan" { weight 40  target plan is yes }
}
""")
KNOWN = {"contract": "two", "as_of": "2026-06-30"}


# ---- by hand


def test_two_independent_goals() -> None:
    """0.7 of 60 and 0.25 of 40 points: 52 expected; 0, 40, 60 and 100 points with the products of the chances."""
    draws = 200_000
    chances_of_each = stated(audit={"yes": 0.7}, plan={"yes": 0.25})
    found = simulate(TWO, KNOWN, chances_of_each, draws=draws, at_least={"total": [60, 61]})
    assert found.total is not None
    spread = found.total.spread
    assert spread is not None
    assert abs(spread.mean - 52) < Fraction(3, 10)
    assert (Fraction(0), Fraction(100)) == (spread.least, spread.most)
    counts = {bar.low: bar.draws for bar in spread.bars if bar.draws}
    chances_of = {
        0: 0.3 * 0.75,
        40: 0.3 * 0.25,
        60: 0.7 * 0.75,
        90: 0.7 * 0.25,
    }  # 100 lies in the bar from 90
    assert set(chances_of) == set(counts)
    for points, chance in chances_of.items():
        assert abs(counts[points] / draws - chance) < 0.006
    audit = found.item("a").states["met"]
    assert [audit, draws - counts[0] - counts[40]] == [audit, audit]
    assert [each.draws for each in spread.reached] == [audit, counts[90]]
    # the variance of each goal is p (1 - p) w^2: 756 and 300
    shares = [found.item(name).share for name in "ab"]
    assert shares[0] is not None
    assert shares[1] is not None
    assert abs(shares[0] - 756 / 1056) < 0.01
    assert abs(sum(filter(None, shares)) - 1) < 1e-9
    explained = [each.explains for each in found.figures]
    assert all(abs((one or 0) - (other or 0)) < 0.01 for one, other in zip(shares, explained, strict=True))


def test_fixed_figures_give_the_evaluated_points() -> None:
    """Nothing varies: what is drawn is what would be reported."""
    found = simulate(TWO, KNOWN, stated(audit={"fixed": True}, plan={"fixed": False}), draws=1000)
    assert found.total is not None
    assert found.total.spread is not None
    assert (60, 60, 60, 0.0) == (
        found.total.spread.least,
        found.total.spread.most,
        found.total.spread.mean,
        found.total.spread.sd,
    )
    assert {"met": 1000} == found.item("a").states
    assert {"missed": 1000} == found.item("b").states
    assert "" == found.shares_of


def test_nothing_is_missing() -> None:
    """What is told is not drawn, whatever is stated of it."""
    told = {**KNOWN, "facts": {"audit": True, "plan": True}}
    found = simulate(TWO, told, stated(audit={"yes": 0.5}), draws=10)
    assert ((), ("audit",)) == (found.figures, found.not_drawn)
    assert found.total is not None
    assert found.total.spread is not None
    assert 100 == found.total.spread.mean


SERIES = """
contract s "A series" { period 2026  total 10 points
  measure x "Cases" { unit cases  lower is better  each quarter
    2025-Q1: 100  2025-Q2: 110  2025-Q3: 105  2025-Q4: 105 }
  goal g "Few" { weight 10  target x in %s at most 105 }
}
"""


def test_history_by_hand() -> None:
    """The changes were +10, -5 and 0: one quarter on is 115, 100 or 105, two are the sums of any two of them."""
    one = _drawn(rkdsl.loads(SERIES % "2026-Q1"), {"contract": "s", "as_of": "2026-01-01"})
    assert {100, 105, 115} == set(one)
    assert all(abs(one.count(each) / len(one) - 1 / 3) < 0.02 for each in (100, 105, 115))
    two = _drawn(rkdsl.loads(SERIES % "2026-Q2"), {"contract": "s", "as_of": "2026-01-01"})
    assert {95, 100, 105, 110, 115, 125} == set(two)
    told = {"contract": "s", "as_of": "2026-04-01", "readings": {"x": {"2026-Q1": 50}}}
    after = _drawn(rkdsl.loads(SERIES % "2026-Q2"), told)  # and -55 is one of the changes from now on
    assert {-5, 45, 50, 60} == {*after, -5}
    assert -5 not in after, "a count is not below zero"


def test_stretches_of_several_periods() -> None:
    """Of a stretch of four months as much as is needed: -5 a month in the one, 0 in the other."""
    contract = rkdsl.loads("""
contract s "A series" { period 2026  total 10 points
  measure x "Cases" { unit number  lower is better  each month  2025-01: 40  2025-05: 20  2025-09: 20.0 }
  goal g "Few" { weight 10  target x in 2025-11 at most 15 }
}
""")
    found = _drawn(contract, {"contract": "s", "as_of": "2025-10-01"})
    assert {10, 20} == set(found)


def test_a_series_goes_on_from_what_was_drawn() -> None:
    """The second quarter stands at most one change from the first one, in every draw."""
    contract = rkdsl.loads(SERIES % "2026-Q1 at most 105 and x in 2026-Q2")
    prepared = _prepared(contract, {"contract": "s", "as_of": "2026-01-01"}, None)
    drawn = drawing.draw(prepared.columns, 1, 0, 500)
    first, second = (drawn[f"readings.x.2026-Q{each}"].figures for each in (1, 2))
    assert {10, -5, 0} == set((second - first).tolist())


def _prepared(contract: Contract, actuals: Data, distributions: Data | None) -> simulation._Situation:
    content = [simulation._content(actuals, "actuals")]
    told = simulation._stated(
        None if distributions is None else simulation._content(distributions, "distributions")
    )
    return simulation._situation(contract, content, told, None, None)


def _drawn(contract: Contract, actuals: Data, distributions: Data | None = None) -> list[int]:
    """All draws of the only figure."""
    (column,) = _prepared(contract, actuals, distributions).columns
    drawn = drawing.draw([column], 1, 0, 10_000)[column.path]
    assert 0 == drawn.limited
    return [int(each) for each in drawn.figures]


# ---- the same again


def _json(contract: Contract, actuals: Data, distributions: Data, **more: Any) -> str:
    found = simulation.simulate_bytes(
        contract,
        [simulation._content(actuals, "actuals")],
        simulation._content(distributions, "distributions"),
        **more,
    )
    return data.json_text(chances.as_data(found))


MIXED = stated(
    audit={"yes": 0.7, "not reported": 0.2},
    plan={"choice": [{"value": True, "weight": 3}, {"value": False, "weight": 1}]},
)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 2**63 - 1), draws=st.integers(1, 40_000), rows=st.integers(1000, 40_000))
def test_the_same_seed_gives_the_same(seed: int, draws: int, rows: int) -> None:
    """To the byte, however many rows are scored at once."""
    first = _json(TWO, KNOWN, MIXED, seed=seed, draws=draws)
    assert first == _json(TWO, KNOWN, MIXED, seed=seed, draws=draws, rows=rows)


def test_another_seed_gives_something_else() -> None:
    assert _json(TWO, KNOWN, MIXED, seed=1) != _json(TWO, KNOWN, MIXED, seed=2)


def test_a_figure_does_not_depend_on_what_else_is_drawn() -> None:
    """Nor on how many draws there are: the first are those of any longer run."""
    columns = _prepared(TWO, KNOWN, MIXED).columns
    alone = [drawing.draw([each], 5, 3, 100)[each.path] for each in columns]
    together = drawing.draw(columns, 5, 3, 7000)
    for column, each in zip(columns, alone, strict=True):
        assert each.figures.tolist() == together[column.path].figures[:100].tolist()


def test_draws_are_these() -> None:
    """On every machine, and with every version of numpy."""
    found = drawing.bits(1, "readings.x.2026", 0, 0, 0)[:3].tolist()
    assert [7585089377311122, 5745021036218187, 2193331813410619] == found


# ---- lawful, and scored as they would be evaluated


def _distribution(slot: Slot, number: int) -> Data:
    """Something that fits a figure, different for each."""
    unit = slot.field.unit
    states: Data = {}
    if slot.field.kind == "milestone" and number % 3 == 0:
        states = {"not done": Decimal("0.2")}
    elif slot.field.may_not_apply and number % 2:
        states = {"not applicable": Decimal("0.3")}
    elif number % 5 == 0:
        states = {"not reported": Decimal("0.25")}
    if unit.shown == "truth":
        return {"yes": Decimal("0.6"), **states}
    if unit.shown == "word":
        return {"choice": [{"value": each, "weight": 1} for each in slot.field.words or ("any",)], **states}
    if unit.shown == "day":
        due = [row.due for row in slot.rows if row.due is not None]
        middle = datetime.date.fromordinal(max(due)) if due else datetime.date(2026, 6, 30)
        ends = [middle + datetime.timedelta(each) for each in (-60, 5, 40)]
        return {"days": dict(zip(("from", "most likely", "to"), map(str, ends), strict=True)), **states}
    lawful = [each for each in (slot.field.choices, *(row.choices for row in slot.rows)) if each]
    lawful += [figures for when, figures in slot.field.history if when == slot.period]
    if lawful:
        values = lawful[0]
        return {"choice": [{"value": _decimal(each / unit.scale), "weight": 1} for each in values], **states}
    low = [each for each in (slot.field.low, *(row.low for row in slot.rows)) if each is not None]
    high = [each for each in (slot.field.high, *(row.high for row in slot.rows)) if each is not None]
    least = max(low, default=Fraction(0)) / unit.scale
    most = min([*high, *([] if high else [least * unit.scale + 150 * unit.scale])]) / unit.scale
    if number % 2:
        return {"uniform": {"from": _decimal(least), "to": _decimal(most)}, **states}
    middle = (least + most) / 2
    return {"normal": {"mean": _decimal(middle), "sd": _decimal((most - least) / 4)}, "decimals": 2, **states}


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _merged(actuals: Data, columns: tuple[Column, ...], drawn: Mapping[str, drawing.Drawn], row: int) -> Data:
    """Actuals with the figures of one draw."""
    found = json.loads(json.dumps(actuals, default=str), parse_float=Decimal)
    found.pop("as_of", None)
    for column in columns:
        each, field = drawn[column.path], column.slot.field
        state = (
            column.states[int(each.states[row]) - 1][0]
            if each.states is not None and each.states[row]
            else ""
        )
        value: Any = int(each.figures[row])
        if state == "not reported":
            continue
        if state:
            value = state if state == "not done" else {"not_applicable": "drawn"}
        elif field.unit.shown == "truth":
            value = value == 1
        elif field.unit.shown == "word":
            value = column.words[value]
        elif field.unit.shown == "day":
            value = datetime.date.fromordinal(value).isoformat()
        else:
            value = _decimal(Fraction(value, column.grid))
        if field.roles or field.kind == "assessment":
            key = "points" if field.kind == "assessment" else "value"
            said = value if state == "not applicable" else {key: value, "reason": "drawn"}
            value = {**said, "by": field.roles[0] if field.roles else "someone"}
        entries = found.setdefault(SECTIONS[field.kind], {})
        if column.slot.period:
            entries.setdefault(field.id, {})[column.slot.period] = value
        else:
            entries[field.id] = value
    return found


def _agrees(
    contract: Contract, actuals: Data, distributions: Data, count: int = 12, at: str | None = None
) -> int:
    """How many figures are drawn; each draw is scored as its actuals are evaluated."""
    prepared = _prepared(contract, actuals, distributions)
    scoring = Scoring(prepared.tree, prepared.at, prepared.given, prepared.columns)
    drawn = drawing.draw(prepared.columns, 7, 0, count)
    figures = scoring.score(drawn, count)
    for row in range(count):
        outcome = contract.evaluate(_merged(actuals, prepared.columns, drawn, row), prepared.at)

        def found(name: str, row: int = row) -> Any:
            column = figures[name]
            if column.told is not None and not column.told[row]:
                return None
            if isinstance(column, Words):
                return column.words[int(column.codes[row])]
            below = 1 if column.below is None else int(column.below[row])
            return Fraction(int(column.above[row]), column.scale * below)

        if outcome.points is not None:
            ends = (found("total.secured"), found("total.possible"))
            assert (outcome.points.secured, outcome.points.possible) == ends
            assert outcome.state == found("total.state")
        told = {each.id for each in prepared.tree.items}
        for item in outcome.items:
            if item.id in told:
                assert item.state == found(f"{item.id}.state"), item.id
                points = item.points or Points(None, None, None)
                assert item.points is None or (points.secured, points.possible) == (
                    found(f"{item.id}.secured"),
                    found(f"{item.id}.possible"),
                )
        for value in outcome.values:
            assert value.state == found(f"{value.id}.state"), value.id
            if f"{value.id}.secured" in figures:
                assert (value.secured, value.possible) == (
                    found(f"{value.id}.secured"),
                    found(f"{value.id}.possible"),
                )
            if f"{value.id}.word" in figures:
                assert value.word == found(f"{value.id}.word")
    return len(prepared.columns)


CONTRACTS = sorted(
    path
    for path in EXAMPLES.rglob("*.rk")
    if path.read_text(encoding="utf-8").lstrip().startswith(("contract", "#")) and "allonge" not in path.name
)


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_draws_are_scored_as_they_would_be_evaluated(path: Path) -> None:
    """Of every example, with nothing told before its time: points, states and values, with tolerance zero."""
    try:
        contract = rkdsl.load(path)
    except rkdsl.Refused:
        pytest.skip("no contract")
    if contract.used:
        pytest.skip("its figures stand in several files")
    first = (
        contract.checked.period.first if contract.checked is not None and contract.checked.period else None
    )
    actuals = {"contract": contract.id, "as_of": str(first or datetime.date(2009, 1, 1))}
    slots = slots_of(contract.tree, datetime.date.max)
    draws = {each.path: _distribution(each, number) for number, each in enumerate(slots)}
    assert _agrees(contract, actuals, stated(**draws)) or not draws


def test_ams() -> None:
    """The contract as amended, in the middle of its year."""
    folder = EXAMPLES / "ams-2009"
    contract = rkdsl.load(folder / "contract.rk", [folder / "allonge-1.rk"])
    actuals = json.loads((folder / "halfyear.json").read_text(encoding="utf-8"))
    slots = slots_of(contract.tree, datetime.date.max)
    draws = {each.path: _distribution(each, number) for number, each in enumerate(slots)}
    assert 21 == _agrees(contract, actuals, stated(**draws), 30)


# ---- the command


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Data that fit their schema, also into a file; a word where numpy is not installed."""
    from jsonschema import Draft202012Validator

    from rkdsl.tools.command import main

    folder = EXAMPLES / "ams-2009"
    (tmp_path / "two.rk").write_text(TWO.sources["contract.rk"].text, encoding="utf-8")
    (tmp_path / "known.json").write_text(json.dumps(KNOWN), encoding="utf-8")
    (tmp_path / "chances.json").write_text(
        json.dumps(stated(audit={"yes": 0.5}, plan={"yes": 1})), encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    command = ["simulate", "two.rk", "known.json", "--distributions", "chances.json", "--draws", "1_000"]
    assert 0 == main([*command, "--format", "json", "--at-least", "total=40", "-o", "out.json"])
    schema = json.loads((folder.parents[1] / "docs" / "simulation.schema.json").read_text(encoding="utf-8"))
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(found)
    assert [{"value": 40, "draws": 1000}] == found["total"]["secured"]["at_least"]
    assert 2 == main([*command, "-o", "out.json"])
    assert "is there already" in capfd.readouterr().err
    monkeypatch.setitem(sys.modules, "numpy", None)
    numeric = ("rkdsl.simulation", "rkdsl.chance.", "rkdsl.columns.arrays")
    for name in [each for each in sys.modules if each.startswith(numeric)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(rkdsl, "simulation", raising=False)
    assert 2 == main(command)
    assert "pip install 'rkdsl[simulate]'" in capfd.readouterr().err
