"""A long comparison is made in pieces that add up; a damaged or foreign record is refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

import rkdsl
from tests import every_form, every_whole
from tests.every_form import COMPLETENESS, NotARecordError, completeness_of, main, recorded, shares_of

SILENT = "tests.test_long_runs:silent"


def silent(*_: object) -> list[str]:
    """A comparison that finds nothing."""
    return []


def go(path: Path, contracts: int, *more: str, first: int = 0, actuals: int = 1) -> int:
    asked = [
        "--contracts",
        str(contracts),
        "--first",
        str(first),
        "--actuals",
        str(actuals),
        "--compare",
        SILENT,
    ]
    return main([*asked, "--record", str(path), *more])


def counted_lines(told: str) -> list[str]:
    """The table without what is measured in seconds."""
    return [line for line in told.splitlines() if "second" not in line and "from the record" not in line]


def test_pieces_add_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two pieces, and then all of it, of which nothing is done again."""
    whole, pieces = tmp_path / "whole.jsonl", tmp_path / "pieces.jsonl"
    assert go(whole, 4) == 0
    expected = counted_lines(capsys.readouterr().out)
    assert go(pieces, 2, first=1) == 0
    assert go(pieces, 4, "--resume") == 0
    first = pieces.read_text(encoding="utf-8")
    capsys.readouterr()
    assert go(pieces, 4, "--resume") == 0
    assert first == pieces.read_text(encoding="utf-8")
    out = capsys.readouterr().out
    assert expected == counted_lines(out)
    assert "4 of the contracts from the record" in out
    shares = recorded(pieces, 1, SILENT)
    assert sorted((each.first, each.last) for each in shares)[0] == (0, 1)
    assert sum(each.found.contracts for each in shares) == 4


def test_a_record_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("", encoding="utf-8")
    assert go(path, 1) == 2
    assert "go on with it by --resume" in capsys.readouterr().err


def test_a_record_of_something_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Damaged, foreign, of other sets of actuals, counted twice, or with numbers that cannot be."""
    path = tmp_path / "run.jsonl"
    assert go(path, 1) == 0
    line = path.read_text(encoding="utf-8")
    other = json.loads(line)
    other["found"]["evaluations"] = 99
    wrong = {
        line[:-40]: "line 1, is cut off or damaged",
        "[]\n": "line 1, is no record of this command",
        '{"format": "every-form/1"}\n': "line 1, has other parts",
        line + line: "line 2, counts seed 0 once more",
        json.dumps(other) + "\n": "line 1, has numbers that no run has",
    }
    for text, expected in wrong.items():
        path.write_text(text, encoding="utf-8")
        assert go(path, 2, "--resume") == 2
        assert expected in capsys.readouterr().err
        assert text == path.read_text(encoding="utf-8")
    path.write_text(line, encoding="utf-8")
    assert go(path, 2, "--resume", actuals=3) == 2
    assert "is of another run: 1 sets of actuals" in capsys.readouterr().err
    with pytest.raises(NotARecordError, match="compared by"):
        recorded(path, 1, "another:one")


def test_most_sets_are_nearly_complete() -> None:
    assert Counter(dict(COMPLETENESS)) == Counter(completeness_of(told) for told in range(100))
    assert {0.8, 0.95, 1.0} <= {completeness_of(told) for told in range(5)}


def test_sets_of_actuals_are_distinct() -> None:
    """Where there is nothing more to tell the set is left out, and said to be."""
    made = every_form.contract(0)._replace(fields=())
    sets: dict[str, object] = {}
    found = [every_form._another(made, told, 20, sets) for told in range(20)]
    assert len(set(every_form.AS_OF)) >= len(sets) == sum(each is not None for each in found)


def test_how_many_contracts_have_each_form(capsys: pytest.CaptureFixture[str]) -> None:
    """Told rarest first; nothing is evaluated for it."""
    assert 0 == every_form.main(["--having", "--contracts", "3", "--first", "700000", "--processes", "1"])
    told = dict(line.split(None, 1)[::-1] for line in capsys.readouterr().out.splitlines())
    assert "3" == told["node Contract"]
    assert sorted(map(int, told.values())) == list(map(int, told.values()))


def test_shares_are_runs_of_seeds() -> None:
    assert [range(2), range(2, 3), range(5, 7)] == shares_of((0, 1, 2, 5, 6), 2)


DIFFERED: Final = {
    500047: (18, 72),
    500059: (44,),
    500181: (58,),
    500251: (64,),
    500273: (27, 80),
    500505: (96,),
    500575: (12, 20, 25, 35),
    500818: (88,),
    500865: (96,),
    300024: (14, 40),
    80077: (2, 12),
    600087: (97,),
    600158: (95,),
    700362: (0,),
    700759: (20,),
    700937: (9,),
    701155: (74,),
    702637: (51,),
    702979: (3,),
    704416: (5,),
    705046: (0,),
    708822: (0, 41),
}
"""Seeds with the sets of actuals in which the two evaluators differed once, before one of them was mended."""


@pytest.mark.parametrize("seed", DIFFERED)
def test_what_differed_once(seed: int) -> None:
    """The limits of points in a state, what is left out and why, the worst of what is lowest."""
    made = every_form.contract(seed)
    contract = rkdsl.loads(made.text)
    for told in DIFFERED[seed]:
        data = made.actuals(told, every_form.completeness_of(told))
        assert every_form.second_opinion(made, data, contract.evaluate(data)) == []


@pytest.mark.parametrize("first", range(701_000, 701_080, 20))
def test_the_second_opinion_agrees(first: int) -> None:
    """A short run; the long one stands in decision 8."""
    found = every_form.run(range(first, first + 20), 10, every_form.second_opinion)
    assert found.differences == []
    assert found.contracts == 20
    assert found.evaluations > 190


@pytest.mark.parametrize("kind", every_whole.DRAWS)
def test_contracts_in_several_files(kind: str) -> None:
    """A short run; the long one stands in decision 8."""
    found = every_whole.run(kind, range(90_000, 90_004))
    assert found.differences == []
    assert found.counted[kind]
