"""Units beside each other: what each goal came to, the totals, and what is missing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.reports import table
from rkdsl.tools.command import main
from rkdsl.tools.table import told, units
from tests.uses import FILES, record, written

_NORTH, _SOUTH = record("north", placed=31), record("south", placed=18)


def _said(folder: Path, form: str, records: Any = (_NORTH, _SOUTH), name: str = "both") -> str:
    contract = rkdsl.load(folder / f"{name}.rk")
    return told(contract, contract.evaluate(list(records)), form)


def _cells(folder: Path, **more: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(_said(folder, "csv", **more))))


def test_the_table_of_two_units(tmp_path: Path) -> None:
    """31 of 30 persons are met, 18 of 20 are not; nobody has said how many calls the north answered."""
    assert [
        ["goal", "title", "north", "south"],
        ["places", "Places", "met 60", "missed 0"],
        ["phone", "Telephone", "not known 0..40", ""],
        ["total", "", "60..100 of 100", "0 of 50"],
        ["met", "", "1", "0"],
        ["missed", "", "0", "1"],
        ["not known", "", "1", "0"],
        ["what is missing", "", "phone: north.answered is not reported for 2009", ""],
    ] == _cells(written(tmp_path))


def test_every_format_says_the_same(tmp_path: Path) -> None:
    """Each cell of the CSV stands in the text; states and points in the data."""
    written(tmp_path)
    text, data = _said(tmp_path, "text"), json.loads(_said(tmp_path, "json"))
    assert all(cell in text for row in _cells(tmp_path)[1:-1] for cell in row)
    assert ["north", "south"] == [each["id"] for each in data["units"]]
    assert [["met", "missed"], ["not known", None]] == [
        [each and each["state"] for each in goal["units"]] for goal in data["goals"]
    ]
    assert (60, 100) == tuple(data["units"][0]["points"][end] for end in ("secured", "possible"))
    assert "phone" == data["units"][0]["missing"][0]["goal"]


def test_without_points_states_are_counted(tmp_path: Path) -> None:
    """There is no line of totals."""
    files = {name: text.replace("weight 60", "").replace("weight 40", "") for name, text in FILES.items()}
    files["south.rk"] = files["south.rk"].replace("weight 50", "")
    files = {
        name: text.replace("use places(30)", "use places(30) result states") for name, text in files.items()
    }
    files["south.rk"] = files["south.rk"].replace("period 2009", "period 2009 result states")
    files["both.rk"] = 'contract both "B" { period 2009 use "north.rk" use "south.rk" result states }'
    cells = _cells(written(tmp_path, files))
    assert ["places", "Places", "met", "missed"] == cells[1]
    assert ["goal", "places", "phone", "met", "missed", "not known", "what is missing"] == [
        row[0] for row in cells
    ]


def test_parts_of_parts_are_units(tmp_path: Path) -> None:
    """A contract with goals of its own beside those it uses; one with none is no column."""
    written(tmp_path, top='contract top "Top" { period 2009 use "both.rk" result states }')
    assert ["both", "both.north", "both.south"] == _cells(tmp_path, name="top")[0][2:]
    assert ["north", "south"] == [each.id for each in units(rkdsl.load(tmp_path / "both.rk"))]


def test_a_contract_that_uses_none_is_its_own_unit(tmp_path: Path) -> None:
    """With its total."""
    cells = _cells(written(tmp_path), records=[_NORTH], name="north")
    assert [["goal", "title", "north"], ["total", "", "60..100 of 100"]] == [cells[0], cells[3]]


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """Titles that begin as one are written as text; a comma, a quote and a line stay in their cell."""
    starts = ("=1+1", "+1", "-1", "@x", 'a "b", c')
    goals = "".join(
        f'  goal g{n} {json.dumps(start, ensure_ascii=False)} {{ weight 1  milestone d{n} "D" by 2009 }}\n'
        for n, start in enumerate(starts)
    )
    text = f'contract c "C" {{ period 2009\n{goals}}}'
    cells = _cells(
        written(tmp_path, {}, c=text), records=[{"contract": "c", "as_of": "2010-01-31"}], name="c"
    )
    assert ["'=1+1", "'+1", "'-1", "'@x", 'a "b", c'] == [row[1] for row in cells[1:6]]
    assert "'\tx" == table._plain("\tx")


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_the_command(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prints the table; refuses as `eval` does, in the same words."""
    monkeypatch.chdir(written(tmp_path))
    (tmp_path / "a.json").write_text(json.dumps([_NORTH, {"contract": "south"}]), encoding="utf-8")
    assert 0 == main(["table", "both.rk", "a.json", "--format", form])
    assert "Telephone" in capsys.readouterr().out
    assert 0 == main(["table", "both.rk", "a.json", "--format", form, "--as-of", "2009-06-30"])
    assert "pending" in capsys.readouterr().out
    assert 1 == main(["table", "both.rk", "missing.json", "--format", form])
    said = capsys.readouterr()
    assert "RK702" in (said.out if form == "json" else said.err)
    assert 2 == main(["table", "-", "-"])
