"""What changed between two versions: easier or harder and by how much, in points, and never for equal ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import rkdsl
from rkdsl.comparing import compare
from rkdsl.contract.differences import Difference
from tests.every_form import contract as any_contract
from tests.valid_contracts import contract_texts

FRAME = """
contract k "K" {
  period 2026
  measure n "N" { unit cases  no direction  each year  2025: 10 }
  measure share "Share" { unit %  no direction  each year  2025: 50 }
  measure cost "Cost" { unit DKK  no direction  each year }
  fact opened "Opened" { unit day }
  goal g "G" { BODY }
}
"""


def _goal(body: str) -> rkdsl.Contract:
    weight = "" if body.startswith("weight") else "weight 10  "
    return rkdsl.loads(FRAME.replace("BODY", weight + body))


def _found(before: str, after: str) -> list[Difference]:
    return list(compare(_goal(before), _goal(after)).differences)


@pytest.mark.parametrize(
    ("before", "after", "effect", "by"),
    [
        ("target n in 2026 at most 5", "target n in 2026 at most 7", "easier", "2 cases"),
        ("target n in 2026 at most 5", "target n in 2026 below 5", "harder", ""),
        ("target n in 2026 below 5", "target n in 2026 below 3", "harder", "2 cases"),
        ("target n in 2026 at least 5", "target n in 2026 at least 7", "harder", "2 cases"),
        ("target n in 2026 above 5", "target n in 2026 at least 5", "easier", ""),
        ("target n in 2026 exactly 5", "target n in 2026 exactly 6", "", ""),
        ("target n in 2026 at most 5", "target n in 2026 at least 5", "", ""),
        ("target share in 2026 at least 60 %", "target share in 2026 at least 57.5 %", "easier", "2.5 pp"),
        ("target opened at most 2026-03-01", "target opened at most 2026-03-31", "easier", "30 days"),
        (
            "target n in 2026 falls by 10 % from 2025",
            "target n in 2026 falls by 5 % from 2025",
            "easier",
            "5 pp",
        ),
        (
            "target n in 2026 rises by 2 cases from 2025",
            "target n in 2026 rises by 3 cases from 2025",
            "harder",
            "1 cases",
        ),
        (
            "target n in 2026 rises by at most 2 % from 2025",
            "target n in 2026 rises by at most 3 % from 2025",
            "easier",
            "1 pp",
        ),
        ("target n in 2026 falls by 10 % from 2025", "target n in 2026 falls by 2 cases from 2025", "", ""),
        (
            "target n in 2026 between 2 and 5",
            "target n in 2026 between 1 and 6",
            "easier",
            "low end by 1 cases, high end by 1 cases",
        ),
        (
            "target n in 2026 between 2 and 5",
            "target n in 2026 between 3 and 6",
            "partly easier, partly harder",
            "low end by 1 cases, high end by 1 cases",
        ),
        (
            "target n in 2026 unchanged within 2 cases from 2025",
            "target n in 2026 unchanged within 1 cases from 2025",
            "harder",
            "1 cases",
        ),
        (
            "target n in 2026 linear from 5 to 10",
            "target n in 2026 linear from 5 to 12",
            "harder",
            "end by 2 cases",
        ),
        (
            "target n in 2026 linear from 10 to 5",
            "target n in 2026 linear from 12 to 5",
            "easier",
            "start by 2 cases",
        ),
        ("target n / 2 in 2026 at most 5", "target n / 2 in 2026 at most 6", "easier", "1"),
        ("target n in 2026 at most undecided", "target n in 2026 at most 5", "decided", ""),
        ("target n in 2026 at most 5", "target n in 2026 at most undecided", "left open", ""),
        (
            'target n in 2026 at most 5 governs elsewhere 6 see "a"',
            "target n in 2026 at most 4",
            "harder",
            "1 cases",
        ),
        ("target n in 2026 at most 5", "target n in 2027 at most 6", "", ""),
        (
            "target n in 2026 at most 5 or at least 20",
            "target n in 2026 at most 6 or at least 19",
            "easier",
            "1 cases, 1 cases",
        ),
        (
            "target n in 2026 at most 5 or at least 20",
            "target n in 2026 at most 6 or at least 21",
            "partly easier, partly harder",
            "",
        ),
        ('milestone m "M" by 2026-06-30', 'milestone m "M" by 2026-07-01', "easier", "1 day"),
        ('milestone m "M" before 2026-07', 'milestone m "M" by 2026-06-30', "", ""),
        ('milestone m "M" before 2026-07', 'milestone m "M" by 2026-06-01', "harder", "29 days"),
        (
            'weight 10 milestone m "M" by 2026-07',
            'weight 12.5 milestone m "M" by 2026-07',
            "counts for more",
            "2.5 points",
        ),
        (
            'weight 10 milestone m "M" by 2026-07',
            'weight 4 milestone m "M" by 2026-07',
            "counts for less",
            "6 points",
        ),
    ],
)
def test_easier_or_harder_and_by_how_much(before: str, after: str, effect: str, by: str) -> None:
    """From the direction of the comparison, in the unit of the measure."""
    (found,) = _found(before, after)
    assert (effect, by) == found.effect
    (back,) = _found(after, before)
    turned = {
        "easier": "harder",
        "harder": "easier",
        "counts for more": "counts for less",
        "counts for less": "counts for more",
        "decided": "left open",
        "left open": "decided",
    }
    assert (turned.get(effect, effect), by) == back.effect


def _contract(title: str, inside: str, beside: str) -> rkdsl.Contract:
    goal = 'goal NAME "A goal" { weight 1  milestone m "M" by 2026 }'
    text = (
        f'contract k "{title}" {{ period 2026  section s "S" {{ {goal} }} {goal.replace("NAME", beside)} }}'
    )
    return rkdsl.loads(text.replace("NAME", inside))


def test_what_is_added_removed_and_moved() -> None:
    """Things of the second first, then what is gone; a goal in another section is a change of its section."""
    first, second = _contract("K", "a", "b"), _contract("L", "c", "a")
    found = [(each.change, each.kind, each.id, each.what) for each in compare(first, second).differences]
    assert [
        ("changed", "contract", "k", "title"),
        ("added", "goal", "c", ""),
        ("removed", "goal", "a", "section"),
        ("removed", "goal", "b", ""),
    ] == found


def test_points_and_pay_of_both_versions() -> None:
    """Secured and possible, before and after; the value the contract is about; what only one version asks for."""
    pay = ' value pay "Pay" = total.points * 100 DKK / 1 points  result pay'
    first = rkdsl.loads(
        FRAME.replace("BODY", "weight 10 target n in 2026 at most 5").rstrip().removesuffix("}") + pay + "}"
    )
    second = rkdsl.loads(
        FRAME.replace("BODY", "weight 10 target n in 2026 at most 7").rstrip().removesuffix("}")
        + pay
        + ' goal h "H" { weight 5 milestone m "M" by 2026-05 } }'
    )
    told = json.dumps(
        {
            "contract": "k",
            "as_of": "2027-01-31",
            "readings": {"n": {"2026": 6}},
            "milestones": {"h.m": "2026-05-01"},
        }
    ).encode()
    found = {each.id: each for each in compare(first, second, [("a.json", told)]).points}
    assert (10, 10) == found["g"].difference
    assert found["h"].before is None
    assert (15, 15) == found["total"].difference
    assert (1500, 1500) == found["pay"].difference


@settings(max_examples=60, deadline=None)
@given(contract_texts())
def test_equal_contracts_have_no_difference(text: str) -> None:
    """Not even where they are laid out differently."""
    first, second = rkdsl.loads(text), rkdsl.loads("# a remark\n\n" + text.replace("\n", "\n\n"))
    assert () == compare(first, second).differences
    assert compare(first, second).amendment()[1] == ()


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_two_contracts_and_their_amendment(seed: int) -> None:
    """Loaded with the amendment, the first has no difference from the second but what cannot be said."""
    first, second = (rkdsl.loads(any_contract(each).text) for each in (seed, seed + 500))
    made, mistakes = compare(first, second).amendment()
    if not mistakes:
        amended = rkdsl.loads(any_contract(seed).text, amendments=[made]).amended()
        assert () == compare(amended, second).differences


# ---- the verb


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    from rkdsl.tools.command import main

    try:
        code = main(arguments)
    except SystemExit as left:
        code = int(left.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A contract, an amendment of it and actuals."""
    monkeypatch.chdir(tmp_path)
    Path("k.rk").write_text(FRAME.replace("BODY", "weight 10 target n in 2026 at most 5"), encoding="utf-8")
    amendment = (
        'amendment a "A" of k { signed 2026-05-01 from 2026-06-01 goal g { target n in 2026 at most 7 } }'
    )
    Path("a.rk").write_text(amendment, encoding="utf-8")
    told: dict[str, Any] = {"contract": "k", "as_of": "2027-01-31", "readings": {"n": {"2026": 6}}}
    Path("actuals.json").write_text(json.dumps(told), encoding="utf-8")
    return tmp_path


def test_diff_of_what(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two contracts, or one and its amendments; on a day those in force."""
    assert "easier by 2 cases" in _run(capsys, "diff", "k.rk", "a.rk")[1]
    assert "no difference\n" == _run(capsys, "diff", "k.rk", "a.rk", "--as-of", "2026-05-31")[1]
    assert "no difference\n" == _run(capsys, "diff", "k.rk", "k.rk")[1]
    assert "harder by 2 cases" in _run(capsys, "diff", "k.rk", "a.rk", "k.rk")[1]
    for wrong in (["k.rk"], ["k.rk", "k.rk", "k.rk"]):
        code, _, said = _run(capsys, "diff", *wrong)
        assert (2, "rkdsl: diff takes two contracts, or one contract and its amendments\n") == (code, said)
    assert 1 == _run(capsys, "diff", "k.rk", "none.rk")[0]
    assert 1 == _run(capsys, "diff", "a.rk", "k.rk")[0]


def test_diff_as_json_fits_its_schema(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So do series and roll."""
    from tests.test_docs import _validator

    for arguments in (
        ["diff", "k.rk", "a.rk", "--actuals", "actuals.json"],
        ["diff", "k.rk", "k.rk"],
        ["series", "k.rk", "a.rk", "actuals.json"],
        ["roll", "k.rk", "a.rk", "actuals.json"],
    ):
        code, said, _ = _run(capsys, *arguments, "--format", "json")
        assert 0 == code
        _validator("versions").validate(json.loads(said))


def test_points_text(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each item that changes, and for the total."""
    said = _run(capsys, "diff", "k.rk", "a.rk", "--actuals", "actuals.json")[1]
    assert "g      0 (missed)  10 (met)         +10" in said
    assert "total           0        10         +10" in said


# ---- contracts that use others

_PART = """contract NAME "The part NAME" {
  period 2026
  section s "S" {
    goal a "A" { weight 60  milestone m "M" by 2026-05-31 }
    goal b "B" { weight 40  milestone m "M" by 2026-05-31 }
  }
}
"""


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A contract that uses two, with an amendment of each of these and one of its own."""
    monkeypatch.chdir(tmp_path)
    outer = """contract outer "Outer" { period 2026  use "north.rk"  use "south.rk"
      goal g "G" { weight 1 milestone m "M" by 2026-05-31 }  value all = sum(units.points) }"""
    Path("outer.rk").write_text(outer, encoding="utf-8")
    for name in ("north", "south"):
        Path(f"{name}.rk").write_text(_PART.replace("NAME", name), encoding="utf-8")
    changes = {
        "north": 'goal a { weight 50 milestone m "M" by 2026-06-30 } remove b '
        'section s { goal c "C" { weight 30 milestone m "M" by 2026-05-31 } }',
        "south": "goal a { weight 50 }",
        "outer": "goal g { weight 2 }",
    }
    for name, said in changes.items():
        text = f'amendment of_{name} "A" of {name} {{ signed 2026-02-01 from 2026-02-01 {said} }}'
        Path(f"of_{name}.rk").write_text(text, encoding="utf-8")
    return tmp_path


def test_what_changed_in_contracts_that_are_used(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under the name of each, with its own places; the contract itself first."""
    said = _run(capsys, "diff", "outer.rk", "of_north.rk", "of_outer.rk")[1]
    assert said == (
        "goal g  G\n"
        "  weight: counts for more by 1 points\n"
        "    - weight 1    outer.rk:2:20\n"
        "    + weight 2    of_outer.rk:1:78\n"
        "\n"
        "contract north  The part north\n"
        "  goal a  A\n"
        "    weight: counts for less by 10 points\n"
        "      - weight 60    north.rk:4:18\n"
        "      + weight 50    of_north.rk:1:78\n"
        "    milestone m: easier by 30 days\n"
        '      - milestone m "M" by 2026-05-31    north.rk:4:29\n'
        '      + milestone m "M" by 2026-06-30    of_north.rk:1:88\n'
        "\n"
        "  goal c  C, added\n"
        '      + goal c "C" { weight 30 milestone m "M" by 2026-05-31 }    of_north.rk:1:141\n'
        "\n"
        "  goal b  B, removed\n"
        '      - goal b "B" { weight 40 milestone m "M" by 2026-05-31 }    north.rk:5:5\n'
    )
    found = json.loads(_run(capsys, "diff", "outer.rk", "of_south.rk", "--format", "json")[1])
    assert [("south", "a", "weight")] == [(e["contract"], e["id"], e["what"]) for e in found["differences"]]


def test_the_amendment_of_a_contract_that_is_used(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the one that changed; it makes the second version. Where several did, there is no single one."""
    made = _run(capsys, "diff", "outer.rk", "of_north.rk", "--as-amendment")[1]
    assert made.startswith('amendment amendment_1 "Amendment" of north {')
    Path("made.rk").write_text(made, encoding="utf-8")
    both = ["diff", "outer.rk", "of_north.rk", "outer.rk", "made.rk"]
    assert "no difference\n" == _run(capsys, *both)[1]
    code, _, said = _run(capsys, "diff", "outer.rk", "of_north.rk", "of_south.rk", "--as-amendment")
    assert 1 == code
    assert "RK827" in said
    assert "`north` and `south` changed: an amendment changes one contract" in said


def test_contracts_that_only_one_version_uses(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Are named; so are those that are called otherwise."""
    text = Path("outer.rk").read_text(encoding="utf-8").replace('use "south.rk"', "")
    Path("fewer.rk").write_text(text, encoding="utf-8")
    said = _run(capsys, "diff", "fewer.rk", "outer.rk")[1]
    assert "contract south  The part south, added" in said
    assert 'use "south.rk"' in _run(capsys, "diff", "fewer.rk", "outer.rk", "--as-amendment")[1]
    assert "contract south  The part south, removed" in _run(capsys, "diff", "outer.rk", "fewer.rk")[1]


def test_points_of_what_comes_and_goes(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A goal that is added or removed counts with its points; another maximum is shown."""
    told = {
        "contract": "north",
        "as_of": "2027-01-31",
        "milestones": {"a.m": "2026-06-15", "b.m": "2026-05-01"},
    }
    other = [{"contract": each, "as_of": "2027-01-31"} for each in ("south", "outer")]
    Path("actuals.json").write_text(json.dumps([told, *other]), encoding="utf-8")
    said = _run(capsys, "diff", "outer.rk", "of_north.rk", "--actuals", "actuals.json")[1]
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert "north.a 0 of 60 (missed) 50 of 50 (met) +50" in lines
    assert "north.b 40 (met) - -40" in lines
    assert "north.c - 0 to 30 (not known) 0 to +30" in lines
    assert "north.s 40 of 100 50 to 80 of 80 +10 to +40" in lines
