"""Files that the command writes: whole, over nothing that it reads, and over nothing else without `--force`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rkdsl.tools import output
from rkdsl.tools.command import main

CONTRACT = """
contract works "Works" {
  period 2026
  use "shared.rk"
  use "part.rk"
  goal road "The road" { weight 10  milestone open "It is open" by 2026-09-30 }
}
"""
PART = 'contract part "Part" { period 2026 goal g "G" { weight 1 milestone m "M" by 2026-05-31 } }'
LATER = """
amendment later "Later" of works {
  signed undecided
  from 2026-04-01
  use "more.rk"
  goal quiet "Quiet" { weight 10  target din in 2026 at most 3 }
}
"""
MORE = 'measure din "Din" { unit cases  lower is better  each year }'
"""Used by an amendment that is not signed, so not in force: read all the same."""
FILES = {
    "works.rk": CONTRACT,
    "part.rk": PART,
    "shared.rk": 'measure noise "Noise" { unit cases  lower is better  each year }',
    "later.rk": LATER,
    "more.rk": MORE,
    "actuals.json": '{"contract": "works", "as_of": "2026-10-01"}',
    "part.json": '{"contract": "part"}',
    "other.txt": "kept",
}
READ = ("works.rk", "part.rk", "shared.rk", "actuals.json", "part.json", "later.rk", "more.rk")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A contract with all that it uses."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(verb: str, *more: str) -> int:
    """The verb with everything that it can be given."""
    return main([verb, "works.rk", "later.rk", "actuals.json", "part.json", *more])


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


@pytest.mark.parametrize("verb", ["calendar", "roll"])
@pytest.mark.parametrize("name", READ)
def test_what_is_read_is_never_written_over(
    folder: Path, capsys: pytest.CaptureFixture[str], verb: str, name: str
) -> None:
    """Under no name of it, and not with `--force`."""
    before = contents(folder)
    (folder / "sub").mkdir()
    (folder / "linked").symlink_to(folder / name)
    os.link(folder / name, folder / "sub" / "hard")
    for way in (name, f"./{name}", str(folder / name), f"sub/../{name}", "linked", "sub/hard"):
        for more in ((), ("--force",)):
            assert 2 == call(verb, "-o", way, *more)
            said = f"rkdsl: {way} is read by this command, and is never written over: give another name\n"
            assert capsys.readouterr().err == said
    assert {**before, "linked": before[name]} == contents(folder)


def test_without_actuals_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is evaluated then, and the contract is that of the day; data and calendar files are no others."""
    before = contents(folder)
    for form in ("text", "json", "ics"):
        for name in ("works.rk", "later.rk", "more.rk", "shared.rk", "part.rk"):
            asked = ["calendar", "works.rk", "later.rk", "--as-of", "2026-02-01", "--format", form]
            assert 2 == main([*asked, "-o", name, "--force"])
    assert "never written over" in capsys.readouterr().err
    assert before == contents(folder)


@pytest.mark.parametrize("verb", ["calendar", "roll"])
def test_other_files_only_with_force(folder: Path, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    """Nothing but them changes."""
    before = contents(folder)
    assert 2 == call(verb, "-o", "other.txt")
    assert "rkdsl: other.txt is there already: give another name, or --force\n" == capsys.readouterr().err
    assert before == contents(folder)
    assert 0 == call(verb, "-o", "other.txt", "--force")
    assert b"kept" != (folder / "other.txt").read_bytes()
    assert 0 == call(verb, "-o", "new.txt")
    after = contents(folder)
    assert after.pop("new.txt") == after.pop("other.txt")
    assert {**after, "other.txt": b"kept"} == before


def test_a_folder_is_no_file(folder: Path) -> None:
    """Nor a device; with `--force` neither."""
    (folder / "sub").mkdir()
    for name in ("sub", os.devnull):
        assert "is not a file" in output.write(name, b"x", (), force=True)
    assert not os.listdir("sub")
    assert "is not the name of a file" in output.write("a\0b", b"x", (), force=False)


def test_a_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    """Those that the mask of the process leaves."""
    for mask, rights in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        before = os.umask(mask)
        try:
            assert "" == output.write(str(tmp_path / f"{mask}"), b"x", (), force=False)
        finally:
            os.umask(before)
        assert rights == (tmp_path / f"{mask}").stat().st_mode & 0o777


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there stays, and nothing is left beside it."""
    there = tmp_path / "c.ics"
    there.write_bytes(b"before")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "replace", refuse)
    assert "no space left" in output.write(str(there), b"after", (), force=True)
    assert "no space left" in output.write(str(tmp_path / "new"), b"after", (), force=False)
    assert b"before" == there.read_bytes()
    assert [there] == list(tmp_path.iterdir())
