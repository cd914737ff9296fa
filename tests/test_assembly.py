"""Texts that use each other are read as one, each once, and what is wrong in one is told there once."""

from __future__ import annotations

from pathlib import Path

import pytest

import rkdsl
from rkdsl.tools.command import main
from rkdsl.values import MAX_LEVELS
from tests.uses import BOTH, FILES, GOALS, NORTH, codes, written


def test_a_library_is_read_once_however_it_is_reached(tmp_path: Path) -> None:
    """Directly, twice, and by way of another library."""
    more = 'use "goals.rk"\nuse "./goals.rk"\nuse "more.rk"\n'
    text = NORTH.replace('use "goals.rk"\n', more)
    written(tmp_path, more='use "goals.rk"\nrole chair "The chair"\n', north=text)
    assert ("places", "phone") == rkdsl.load(tmp_path / "north.rk").item_ids


@pytest.mark.parametrize("name", ["goals", "north", "both"])
def test_what_uses_itself_is_refused(name: str, tmp_path: Path) -> None:
    """A library, a contract, and a contract over another."""
    files = {"goals": f'use "goals.rk"\n{GOALS}', "north": NORTH.replace("goals.rk", "north.rk")}
    files["both"] = BOTH
    written(tmp_path, **{name: files[name]})
    if name == "both":
        written(tmp_path, {}, south='contract south "S" { period 2009 use "both.rk" result states }')
    with pytest.raises(rkdsl.Refused) as refused:
        rkdsl.load(tmp_path / f"{'north' if name == 'goals' else name}.rk")
    (mistake,) = (each for each in refused.value.diagnostics if each.code == "RK803")
    assert mistake.note.endswith(f"-> {name}.rk")


def test_a_mistake_in_a_library_is_told_once_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though two contracts use it, and one of them five times, with line, column and text of the library."""
    monkeypatch.chdir(tmp_path)
    units = "".join(f"  use places{number}({number})\n" for number in range(5))
    shared = "".join(
        f'goal places{number}(least) "Places" {{ weight 60  target placed in 2009 at least least }}\n'
        for number in range(5)
    )
    goals = GOALS.replace("unit persons ", "unit person ") + shared
    written(tmp_path, goals=goals, south=f'contract south "S" {{ period 2009 use "goals.rk"\n{units}}}')
    assert 1 == main(["check", "both.rk"])
    said = capsys.readouterr().out
    assert 1 == said.count("error RK")
    assert said.startswith("goals.rk:1:")
    assert "both.rk: refused, 1 mistake" in said


def test_a_mistake_in_a_shared_goal_used_five_times_is_told_once(tmp_path: Path) -> None:
    """At the shared goal."""
    text = """contract c "C" { period 2009
      measure placed "P" { unit persons higher is better each year }
      goal places(least) "Places" { weight 60  target plced in 2009 at least least }
      section s "S" { use places(1) } }"""
    assert ["RK202"] == codes(written(tmp_path, {}, c=text) / "c.rk")
    rows = "".join(f'contract c{n} "C" {{ period 2009 use "goals.rk" use places({n}) }}' for n in range(1))
    goals = GOALS.replace("target placed", "target plced")
    files = {
        f"c{n}.rk": f'contract c{n} "C" {{ period 2009 use "goals.rk" use places({n}) }}' for n in range(5)
    }
    uses = "".join(f'use "{name}" ' for name in files)
    written(tmp_path, files, goals=goals, all=f'contract c "C" {{ period 2009 {uses} result states }}')
    assert rows
    assert ["RK202"] == codes(tmp_path / "all.rk")


def test_mistakes_of_several_contracts_are_told_together(tmp_path: Path) -> None:
    """Each with its own file."""
    south = 'contract south "S" { period 2009 goal g "G" { target other in 2009 at least 1 } }'
    written(tmp_path, north=NORTH.replace("phone(95 %)", "fone(95 %)"), south=south)
    with pytest.raises(rkdsl.Refused) as refused:
        rkdsl.load(tmp_path / "both.rk")
    assert ["RK202", "RK202"] == [each.code for each in refused.value.diagnostics]
    said = str(refused.value)
    assert "north.rk:5:7" in said
    assert "south.rk:1:" in said


def test_findings_of_contracts_that_are_used_are_told_with_their_file(tmp_path: Path) -> None:
    """And counted with those of the contract itself."""
    north = NORTH.replace("period 2009", 'period 2009 elsewhere 2009..2010 see "p. 2"')
    contract = rkdsl.load(written(tmp_path, north=north) / "both.rk")
    (found,) = rkdsl.load(tmp_path / "north.rk").findings
    assert (found.code,) == tuple(each.code for each in contract.findings)
    assert contract.findings[0].place.file.endswith("north.rk")


def test_chains_of_files_have_a_limit(tmp_path: Path) -> None:
    """At it they are read, one file more is refused; of libraries and of contracts."""
    for count, expected in ((MAX_LEVELS, []), (MAX_LEVELS + 1, ["RK809"])):
        files = {f"l{n}.rk": f'use "l{n + 1}.rk"' for n in range(count - 1)}
        files[f"l{count - 1}.rk"] = 'role board "The board"'
        files["c.rk"] = 'contract c "C" { period 2009 use "l0.rk" result states }'
        assert expected == codes(written(tmp_path / f"l{count}", files) / "c.rk")
        text = 'contract c{} "C" {{ period 2009 {} result states }}'
        files = {f"c{n}.rk": text.format(n, f'use "c{n + 1}.rk"') for n in range(count)}
        files[f"c{count}.rk"] = text.format(count, "")
        assert expected == codes(written(tmp_path / f"c{count}", files) / "c0.rk")


def test_many_ways_to_one_contract_are_refused_in_good_time(tmp_path: Path) -> None:
    """Each contract uses the same three: over ten levels that are many thousand parts, of thirty files."""
    text = 'contract {0}{1} "C" {{ period 2009 {2} result states }}'
    files = {}
    for level in range(10):
        uses = " ".join(f'use "{each}{level + 1}.rk"' for each in "abc") if level < 9 else ""
        files |= {f"{name}{level}.rk": text.format(name, level, uses) for name in "abc"}
    uses = 'use "a0.rk" use "b0.rk" use "c0.rk"'
    written(tmp_path, {**files, "d.rk": text.format("d", "", uses)})
    assert {"RK809"} == set(codes(tmp_path / "d.rk"))
    assert [] == codes(tmp_path / "a4.rk")


def test_the_hash_tells_of_every_file(tmp_path: Path) -> None:
    """Of a library, and of a contract that is used."""
    hashes = {rkdsl.load(written(tmp_path) / "both.rk").sha256}
    for name, text in FILES.items():
        hashes.add(rkdsl.load(written(tmp_path, {**FILES, name: f"{text}# more\n"}) / "both.rk").sha256)
    assert 5 == len(hashes)
