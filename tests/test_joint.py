"""Records of several contracts: in files of their own or in one, each for the contract it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.actuals.json_reader import read_several
from tests.uses import record, written

_NORTH, _SOUTH = record("north", placed=31, answered=96), record("south", placed=18)


def _refused(folder: Path, told: Any) -> tuple[list[str], str]:
    contract = rkdsl.load(written(folder) / "both.rk")
    (folder / "actuals.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(rkdsl.Refused) as refused:
        contract.evaluate(folder / "actuals.json")
    return [each.code for each in refused.value.diagnostics], str(refused.value)


def test_files_and_a_list_say_the_same(tmp_path: Path) -> None:
    """In any order; only the hashes tell them apart, and not the order of files."""
    contract = rkdsl.load(written(tmp_path) / "both.rk")
    (tmp_path / "a.json").write_text(json.dumps(_NORTH), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps(_SOUTH), encoding="utf-8")
    (tmp_path / "list.json").write_text(json.dumps([_NORTH, _SOUTH]), encoding="utf-8")
    a, b, both = (tmp_path / name for name in ("a.json", "b.json", "list.json"))
    outcomes = [contract.evaluate(each) for each in ([a, b], [b, a], both, [_SOUTH, _NORTH])]
    found = [(each.points, each.items[1:], each.values) for each in outcomes]
    assert [found[0][0]] * 4 == [each[0] for each in found]
    assert [[item.state for item in found[0][1]]] * 4 == [[item.state for item in each[1]] for each in found]
    assert outcomes[0].hashes == outcomes[1].hashes != outcomes[2].hashes


def test_places_in_a_list_say_which_record(tmp_path: Path) -> None:
    """Of mistakes in the file, of names, and in explanations."""
    wrong = {**_SOUTH, "readings": {"plased": {"2009": 1}}}
    codes, said = _refused(tmp_path, [_NORTH, wrong])
    assert ["RK622"] == codes
    assert "actuals.json: [1].readings.plased" in said
    codes, said = _refused(tmp_path, [_NORTH, {**_SOUTH, "raedings": {}}])
    assert "actuals.json: [1].raedings: error RK607" in said
    codes, said = _refused(tmp_path, [_NORTH, 5])
    assert "actuals.json: [1]: error RK609" in said
    codes, said = _refused(tmp_path, [_NORTH, {"as_of": "2010-01-31"}])
    assert "actuals.json: [1].contract: error RK608" in said
    codes, said = _refused(tmp_path, [])
    assert ["RK608"] == codes
    contract = rkdsl.load(tmp_path / "both.rk")
    (tmp_path / "actuals.json").write_text(json.dumps([_NORTH, _SOUTH]), encoding="utf-8")
    outcome = contract.evaluate(tmp_path / "actuals.json")
    assert "[1].readings.placed.2009" in str(outcome.explain("south.places"))


@pytest.mark.parametrize(
    ("told", "code", "place"),
    [
        ([_NORTH, {**_SOUTH, "as_of": "2010-02-28"}], "RK642", "[1].as_of"),
        ([_NORTH, _SOUTH, _NORTH], "RK643", "[2].contract"),
        ([_NORTH, {**_SOUTH, "contract": "soth"}], "RK621", "[1].contract"),
    ],
)
def test_records_that_do_not_go_together(told: Any, code: str, place: str, tmp_path: Path) -> None:
    """Of different days, of one contract, and of one that is not there."""
    codes, said = _refused(tmp_path, told)
    assert [code] == codes
    assert f"actuals.json: {place}: error" in said


def test_one_record_may_be_given_alone(tmp_path: Path) -> None:
    """Then the other contract is not known; the day of one is that of all."""
    contract = rkdsl.load(written(tmp_path) / "both.rk")
    outcome = contract.evaluate([_NORTH, {"contract": "south"}])
    assert ("met", "not known") == (outcome.item("north.places").state, outcome.item("south.places").state)
    assert outcome.item("south.places").state == contract.evaluate(_NORTH).item("south.places").state


def test_a_record_stands_for_a_contract_at_any_depth(tmp_path: Path) -> None:
    """Of a part of a part."""
    written(tmp_path, top='contract top "Top" { period 2009 use "both.rk" result states }')
    outcome = rkdsl.load(tmp_path / "top.rk").evaluate([_NORTH, _SOUTH])
    assert "met" == outcome.item("both.north.phone").state
    assert "missed" == outcome.item("both.together").state


_PRICED = """contract {0} "Unit" {{ period 2009  parameter price "Price" {{ unit DKK }}
  fact pieces "Pieces" {{ unit number }}  value cost = pieces * price  result cost }}"""


def test_parameters_are_published_for_all_alike(tmp_path: Path) -> None:
    """In one record, or in several that agree."""
    files = {f"{name}.rk": _PRICED.format(name) for name in ("north", "south")}
    text = 'contract x "X" { period 2009 use "north.rk" use "south.rk" value v = sum(units.cost) result v }'
    contract = rkdsl.load(written(tmp_path, files, x=text) / "x.rk")
    north: dict[str, Any] = {"contract": "north", "as_of": "2010-01-31", "facts": {"pieces": 2}}
    south: dict[str, Any] = {"contract": "south", "facts": {"pieces": 3}}
    price = {"parameters": {"price": 7}}
    for told in (
        [{**north, **price}, south],
        [north, {**south, **price}],
        [{**north, **price}, {**south, **price}],
        [north, south, {"contract": "x", **price}],
    ):
        assert 35 == contract.evaluate(told).value("v").secured
    with pytest.raises(rkdsl.Refused, match="RK643"):
        contract.evaluate([{**north, **price}, {**south, "parameters": {"price": 8}}])


def test_a_list_is_read_record_by_record() -> None:
    """Each with where its keys begin."""
    found, mistakes = read_several("x.json", json.dumps([_NORTH, _SOUTH]).encode())
    assert () == mistakes
    assert [("north", "[0]."), ("south", "[1].")] == [(each.contract, each.path) for each in found]
