"""The command: exit codes, options, formats and what it does when files, streams or locales are odd."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import attrs
import pytest

import rkdsl
from rkdsl import messages
from rkdsl.pipeline import loads_bytes
from rkdsl.rules.tree import Field, Input, Name, Tree
from rkdsl.tools import command, inputs
from rkdsl.tools.command import main
from rkdsl.values import DAY, POINTS

ROOT = Path(__file__).parent.parent

CONTRACT = """contract library "Bibliotekets mål" {
  period 2026
  total 100 points
  measure visits "Besøg" { unit visits   higher is better   each year   2025: 48_300 }
  goal more "Flere besøg" { weight 60   target visits in 2026 rises by 5 % from 2025 }
  goal app "Selvbetjening" { weight 40   milestone live "I brug" by 2026-09-30 }
}
"""
FOUND = CONTRACT.replace("by 2026-09-30", "in 2026-Q3")  # done in June is a miss: a finding
WRONG = CONTRACT.replace("total 100", "total 90")


def _actuals(**more: object) -> str:
    # 50 715 visits are exactly 5 % more than 48 300
    return json.dumps({"contract": "library", **more}, ensure_ascii=False)


DONE = _actuals(
    as_of="2027-01-31",
    readings={"visits": {"2026": {"value": 50715, "reported": "2027-01-15"}}},
    milestones={"app.live": "2026-09-30"},
)
MISSED = DONE.replace("50715", "50714")
OPEN = _actuals(as_of="2026-06-30")


class Said(NamedTuple):
    """What a run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:  # JSON of any shape
        found: dict[str, Any] = json.loads(self.out)
        return found


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in a folder with contracts and actuals; usage errors give their code like the rest."""
    files = {
        "c.rk": CONTRACT,
        "found.rk": FOUND,
        "wrong.rk": WRONG,
        "empty.rk": "",
        "done.json": DONE,
        "missed.json": MISSED,
        "open.json": OPEN,
        "undated.json": _actuals(),
        "broken.json": "{",
        "empty.json": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)

    def runner(line: str, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        try:
            code = main(line.split())
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return runner


# ---- exit codes


@pytest.mark.parametrize(
    ("code", "line"),
    [
        # accepted, with findings, with missed and with open goals
        (0, "check c.rk"),
        (0, "check found.rk"),
        (0, "check c.rk found.rk"),
        (0, "eval c.rk done.json"),
        (0, "eval c.rk missed.json"),
        (0, "eval c.rk open.json"),
        (0, "eval c.rk done.json --final"),
        (0, "eval c.rk missed.json --final"),
        (0, "eval c.rk done.json --explain more"),
        (0, "eval c.rk undated.json --as-of 2026-12-31"),
        (0, "--version"),
        (0, "eval --help"),
        # refused: the contract, the actuals, the day, what is asked for
        (1, "check wrong.rk"),
        (1, "check c.rk wrong.rk"),
        (1, "check wrong.rk c.rk"),
        (1, "check empty.rk"),
        (1, "check none.rk"),
        (1, "check folder"),
        (1, "eval wrong.rk done.json"),
        (1, "eval c.rk broken.json"),
        (1, "eval c.rk empty.json"),
        (1, "eval c.rk none.json"),
        (1, "eval c.rk folder"),
        (1, "eval c.rk c.rk"),
        (1, "eval c.rk undated.json"),
        (1, "eval c.rk done.json --explain les"),
        (1, "eval c.rk open.json --final"),
        (1, "eval c.rk done.json --previous none.json"),
        (1, "eval c.rk done.json --previous done.json"),
        (1, "eval c.rk done.json --previous broken.json"),
        # what --fail-on asks for, and only that
        (1, "check found.rk --fail-on finding"),
        (0, "check c.rk --fail-on finding"),
        (1, "eval found.rk done.json --fail-on finding"),
        (0, "eval c.rk done.json --fail-on finding"),
        (1, "eval c.rk missed.json --fail-on missed"),
        (0, "eval c.rk done.json --fail-on missed"),
        (0, "eval c.rk open.json --fail-on missed"),
        (1, "eval c.rk open.json --as-of 2027-01-31 --fail-on unknown"),
        (0, "eval c.rk open.json --fail-on unknown"),  # pending: their day has not come
        (0, "eval c.rk missed.json --fail-on unknown"),
        (1, "eval c.rk missed.json --fail-on unknown --fail-on missed"),
        # wrong usage
        (2, ""),
        (2, "score c.rk done.json"),
        (2, "check"),
        (2, "eval c.rk"),
        (2, "eval c.rk done.json --as-of 2026"),
        (2, "eval c.rk done.json --as-of 2026-02-30"),
        (2, "eval c.rk done.json --as-of today"),
        (2, "eval c.rk done.json --fail-on met"),
        (2, "check c.rk --fail-on missed"),
        (2, "check c.rk --format xml"),
        (2, "eval c.rk done.json --format"),
        (2, "eval - -"),
        (2, "eval c.rk - --previous -"),
        (2, "eval - done.json --previous -"),
        (2, "eval c.rk done.json --previous"),
        (2, "check - -"),
    ],
)
def test_exit_codes(run: Run, code: int, line: str) -> None:
    """0 accepted, 1 refused or asked for, 2 wrong usage: and wrong usage says so on standard error."""
    said = run(line)
    assert code == said.code
    assert "Traceback" not in said.out + said.err
    if code == 2:
        assert not said.out
        assert said.err.startswith(("usage: rkdsl", "rkdsl: "))
    elif code == 0:
        assert said.out
        assert not said.err


def test_a_refusal_is_told_once(run: Run) -> None:
    """`check` tells it as its result; `eval` has no result then, and tells it on standard error."""
    checked, evaluated = run("check wrong.rk"), run("eval wrong.rk done.json")
    assert "wrong.rk:3:3: error RK416" in checked.out
    assert "" == checked.err
    assert "" == evaluated.out
    assert "wrong.rk:3:3: error RK416" in evaluated.err


# ---- as of


def test_the_day_of_the_command_comes_first(run: Run) -> None:
    """On 14 January the year's visits were not reported yet; the milestone was known since September."""
    said = run("eval c.rk done.json --as-of 2027-01-14")
    assert "as of 2027-01-14" in said.out
    assert "total" in said.out
    assert ["total", "not", "known", "40", "100", "100"] == _row(said.out, "total")
    assert ["total", "100", "100", "100"] == _row(run("eval c.rk done.json").out, "total")


def test_nothing_is_known_before_it_happened(run: Run) -> None:
    """On 29 September the milestone of the 30th is still to come."""
    said = run("eval c.rk done.json --as-of 2026-09-29")
    assert ["total", "not", "known", "0", "100", "100"] == _row(said.out, "total")


def _row(text: str, name: str) -> list[str]:
    (row,) = (line.split() for line in text.splitlines() if line.split()[:1] == [name])
    return row


# ---- final


def test_final_names_what_is_open(run: Run) -> None:
    """Each open goal with its state, and no outcome beside it."""
    said = run("eval c.rk open.json --final")
    assert "" == said.out
    assert "open.json: error RK703: not final" in said.err
    assert "more (pending)" in said.err
    assert "app (pending)" in said.err


# ---- the outcome of the period before


def _carrying(content: bytes, name: str, *others: object) -> rkdsl.Contract:
    """A contract whose total is what the period before came to."""
    fields = (Field("carried", "total.points", POINTS),)
    rows = (
        Input("as_of", "", DAY),
        Input("carried", "total.points", POINTS),
        Name("total", 1, POINTS, "total"),
    )
    tree = Tree("library", "", rows, (), (), (), (), fields, 2, 2, 0, POINTS)
    return attrs.evolve(loads_bytes(content, name), tree=tree, own=tree)


@pytest.fixture
def before(run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An outcome in a file, which the contracts read after it carry over."""
    path = Path("before.json")
    path.write_text(run("eval c.rk missed.json --format json").out, encoding="utf-8")
    monkeypatch.setattr(inputs, "pipeline", SimpleNamespace(loads_bytes=_carrying))
    return path


def test_values_are_carried_over_from_an_outcome(run: Run, before: Path) -> None:
    """The points of last year, and the hash of the file they come from; without it they are not known."""
    data = run("eval c.rk open.json --as-of 2027-06-30 --previous before.json --format json").data
    assert {"secured": 40, "possible": 40, "maximum": 40} == data["points"]
    assert {"contract", "actuals", "previous"} == set(data["sha256"])
    assert [] == data["findings"]
    without = run("eval c.rk open.json --as-of 2027-06-30 --format json").data
    assert None is without["points"]["possible"]
    assert {"contract", "actuals"} == set(without["sha256"])


def test_an_outcome_from_standard_input(run: Run, before: Path) -> None:
    """Under the name that messages give it."""
    said = run("eval c.rk open.json --as-of 2027-06-30 --previous - --format json", before.read_text())
    assert 40 == said.data["points"]["secured"]
    refused = run("eval c.rk open.json --previous - --stdin-filename o.json", "{}")
    assert "o.json: the whole file: error RK638: not an outcome" in refused.err


def test_an_outcome_of_another_contract_is_a_finding(run: Run, before: Path) -> None:
    """Names change with the year."""
    before.write_text(before.read_text().replace('"library"', '"library2026"'))
    line = "eval c.rk open.json --as-of 2027-06-30 --previous before.json"
    assert "before.json: contract  RK640 an outcome of another contract" in run(line).out
    assert 1 == run(f"{line} --fail-on finding").code


def test_actuals_and_outcome_that_differ_are_refused(run: Run, before: Path) -> None:
    """Both are named; the same value twice is none too many."""
    for points, code in ((40, 0), (41, 1)):
        told = {"total": {"points": points}}
        Path("told.json").write_text(_actuals(as_of="2027-06-30", carried=told), encoding="utf-8")
        said = run("eval c.rk told.json --previous before.json")
        assert code == said.code
    assert "told.json: carried.total.points: error RK639" in said.err
    assert "see before.json: points" in said.err


def test_mistakes_in_both_files_are_told_at_once(run: Run, before: Path) -> None:
    """The actuals and the outcome."""
    said = run("eval c.rk broken.json --previous done.json")
    assert "broken.json: error RK601" in said.err
    assert "done.json: the whole file: error RK638" in said.err


def test_a_program_gives_the_outcome_as_a_path_or_as_data(run: Run, before: Path) -> None:
    """What `to_dict` gave is taken as it is."""
    contract = _carrying(CONTRACT.encode(), "c.rk")
    last = rkdsl.loads(CONTRACT).evaluate("missed.json").to_dict()
    for previous in (before, str(before), last):
        points = contract.evaluate("open.json", "2027-06-30", previous=previous).points
        assert points is not None
        assert 40 == points.secured
    with pytest.raises(rkdsl.Refused, match="previous: the whole file: error RK638"):
        contract.evaluate("open.json", previous={})


# ---- explain


def test_explain_shows_what_is_asked_for(run: Run) -> None:
    """One goal, several, all: in the contract's order, each once."""
    assert run("eval c.rk done.json --explain app").out.startswith("app  Selvbetjening\n")
    several = run("eval c.rk done.json --explain app --explain more --explain app").out
    assert ["app", "more"] == [line.split()[0] for line in several.splitlines() if line[:1].strip()]
    whole = run("eval c.rk done.json --explain all").out
    assert ["more", "app", "total"] == [line.split()[0] for line in whole.splitlines() if line[:1].strip()]
    assert run("eval c.rk done.json --explain total").out.startswith("total  Bibliotekets mål\n")


def test_explaining_something_unknown_suggests_a_name(run: Run) -> None:
    """The names there are, and the near one."""
    said = run("eval c.rk done.json --explain mor")
    assert "c.rk: error RK704" in said.err
    assert "more, app, total and all" in said.err
    assert "did you mean `more`?" in said.err


# ---- JSON


def test_check_as_json(run: Run) -> None:
    """One report a contract, refused or not, with every place."""
    data = run("check found.rk wrong.rk none.rk --format json").data
    assert "rkdsl-check/1" == data["format"]
    found, wrong, none = data["contracts"]
    lists = {"mistakes", "stated", "computed", "silenced"}
    wanted = {
        "file",
        "kind",
        "contract",
        "accepted",
        *lists,
        "counts",
        "amendments",
        "proof",
        "rules",
        "reporting_closes",
    }
    assert wanted == set(found)
    assert ("found.rk", "library", True) == (found["file"], found["contract"], found["accepted"])
    assert [60, 40, 100] == [line["highest"] for line in found["proof"]]
    (early,) = found["computed"]
    assert {"code", "severity", "title", "places", "note", "hint", "until", "remark"} == set(early)
    assert ("RK508", "finding") == (early["code"], early["severity"])
    assert {"file": "found.rk", "line": 6, "column": 66} == {
        key: early["places"][0][key] for key in ("file", "line", "column")
    }
    assert (None, False, []) == (wrong["contract"], wrong["accepted"], wrong["proof"])
    assert ["RK702"] == [each["code"] for each in none["mistakes"]]


def test_eval_as_json(run: Run) -> None:
    """The outcome, and explanations only where they are asked for."""
    data = run("eval c.rk missed.json --format json").data
    assert "rkdsl-outcome/1" == data["format"]
    assert ("library", "2027-01-31", "settled") == (data["contract"], data["as_of"], data["state"])
    assert {"secured": 40, "possible": 40, "maximum": 100} == data["points"]
    assert {"more": "missed", "app": "met"} == {each["id"]: each["state"] for each in data["items"]}
    assert "explanations" not in data
    asked = run("eval c.rk missed.json --format json --explain app").data
    assert ["app"] == list(asked["explanations"])
    assert {"role", "what", "formula", "value", "source"} == set(asked["explanations"]["app"][0])


def test_refused_as_json(run: Run) -> None:
    """On standard output: a program reads it there."""
    for line in ("eval wrong.rk done.json", "eval c.rk broken.json", "eval c.rk open.json --final"):
        said = run(f"{line} --format json")
        assert 1 == said.code
        assert "" == said.err
        assert "rkdsl-refused/1" == said.data["format"]
        assert ["error"] == list({each["severity"] for each in said.data["diagnostics"]})
        assert all(each["places"][0]["file"] for each in said.data["diagnostics"])


def test_figures_in_json_are_exact(run: Run) -> None:
    """A third of the way is no decimal: the exact figure stands beside the rounded one."""
    text = CONTRACT.replace("rises by 5 % from 2025", "linear from 48_000 to 51_000")
    actuals = DONE.replace("50715", "49000")
    Path("line.rk").write_text(text, encoding="utf-8")
    Path("line.json").write_text(actuals, encoding="utf-8")
    (more, _) = run("eval line.rk line.json --format json").data["items"]
    assert 20 == more["points"]["secured"]
    Path("line.json").write_text(actuals.replace("49000", "48050"), encoding="utf-8")
    Path("line.rk").write_text(text.replace("51_000", "48_300"), encoding="utf-8")
    (more, _) = run("eval line.rk line.json --format json").data["items"]
    assert 10 == more["points"]["secured"]  # 50 of 300, of 60 points
    Path("line.rk").write_text(text.replace("51_000", "48_700"), encoding="utf-8")
    (more, _) = run("eval line.rk line.json --format json").data["items"]
    assert 4.285714285714 == more["points"]["secured"]  # 50 of 700, of 60 points: 30/7
    assert "30/7" == more["points"]["secured_exact"]


# ---- standard input


def test_standard_input_is_a_contract_or_actuals(run: Run) -> None:
    """Under the name that messages give it."""
    assert run("check c.rk").out.replace("c.rk", "<stdin>") == run("check -", CONTRACT).out
    assert "x.rk:3:3: error RK416" in run("check - --stdin-filename x.rk", WRONG).out
    assert run("check - --stdin-filename x.rk", WRONG).out.endswith("x.rk: refused, 1 mistake\n")
    assert "x.rk" == run("check - --stdin-filename x.rk --format json", WRONG).data["contracts"][0]["file"]
    assert 0 == run("eval - done.json", CONTRACT).code
    assert run("eval c.rk done.json").out == run("eval c.rk -", DONE).out
    assert "x.json: error RK601" in run("eval c.rk - --stdin-filename x.json", "{").err
    assert "RK021" in run("check -").out


def test_standard_input_that_is_closed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has no stream then."""
    monkeypatch.setattr(sys, "stdin", None)
    assert 1 == main(["check", "-"])


# ---- files


def test_a_file_that_may_not_be_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system says about it is told, with the name."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(inputs, "read_limited", refuse)
    assert "c.rk: error RK702: a file that cannot be read\n  permission denied" in run("check c.rk").out


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "folder", "none.rk"])
def test_names_that_are_no_file(run: Run, name: str) -> None:
    """Too long, with a NUL in it, a folder, nothing."""
    assert 1 == main(["check", name])


def test_unusual_names_are_told_as_they_are(run: Run) -> None:
    """Blanks and letters of all kinds."""
    Path("årets kontrakt.rk").write_text(CONTRACT, encoding="utf-8")
    assert 0 == main(["check", "årets kontrakt.rk"])


# ---- mistakes of the program


def test_a_mistake_of_the_program_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 would say that the contract is refused."""

    def broken(arguments: object = None) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr(command, "main", broken)
    with pytest.raises(SystemExit) as stop:
        command.run()
    assert 2 == stop.value.code
    assert "this is a mistake of the program" in capsys.readouterr().err


def test_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no verdict either."""

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(inputs.pipeline, "look", interrupted)
    assert 2 == run("check c.rk").code


# ---- in a process of its own


def _process(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **more}
    return subprocess.run(
        [sys.executable, "-m", "rkdsl", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_as_a_module(run: Run, tmp_path: Path) -> None:
    """`python -m rkdsl` is the command."""
    assert f"rkdsl {rkdsl.__version__}\n".encode() == _process(tmp_path, "--version").stdout
    assert 0 == _process(tmp_path, "eval", "c.rk", "done.json").returncode
    assert 1 == _process(tmp_path, "eval", "c.rk", "open.json", "--final").returncode
    assert 2 == _process(tmp_path).returncode


_ODD = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati"},
    {
        "PYTHONHASHSEED": "2",
        "TZ": "Pacific/Pago_Pago",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    },
)


@pytest.mark.parametrize(
    "arguments",
    [
        ("eval", "examples/ams-2009/contract.rk", "examples/ams-2009/halfyear.json", "--explain", "all"),
        ("eval", "examples/ams-2009/contract.rk", "examples/ams-2009/actuals.json", "--format", "json"),
        ("eval", "examples/ams-2009/contract.rk", "examples/ams-2009/contract.rk"),
    ],
)
def test_the_same_input_gives_the_same_bytes(arguments: tuple[str, ...]) -> None:
    """Whatever the hash seed, the time zone and the locale: both outputs, the refusal too."""
    found = [_process(ROOT, *arguments, **more) for more in _ODD]
    assert 1 == len({(each.returncode, each.stdout, each.stderr) for each in found})
    (found[0].stdout + found[0].stderr).decode("utf-8")


def test_names_keep_their_bytes_in_any_locale(tmp_path: Path) -> None:
    """The name of a file is told as it was given, also where the locale has no such letters."""
    found = _process(tmp_path, "check", "mål.rk", **_ODD[1])
    assert 1 == found.returncode
    assert "mål.rk: refused, 1 mistake" in found.stdout.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="pipes of a POSIX system")
def test_a_reader_that_goes_away() -> None:
    """`rkdsl check … | head -1`: no traceback, and no noise when the interpreter ends."""
    read, write = os.pipe()
    os.close(read)
    try:
        found = subprocess.run(
            [sys.executable, "-m", "rkdsl", "check", "examples/ams-2009/contract.rk"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "src"},
            stdout=write,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert (1, b"") == (found.returncode, found.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_disk_that_is_full() -> None:
    """What could not be written is not accepted."""
    with Path("/dev/full").open("wb") as full:
        found = subprocess.run(
            [sys.executable, "-m", "rkdsl", "check", "examples/ams-2009/contract.rk"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "src"},
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert 2 == found.returncode
    assert b"rkdsl: cannot write: no space left on device\n" == found.stderr


def test_every_option_is_told(run: Run) -> None:
    """The help names each option, and what it takes."""
    for verb, options in (
        ("check", ("--fail-on", "--format", "--stdin-filename")),
        (
            "eval",
            ("--as-of", "--previous", "--final", "--fail-on", "--explain", "--format", "--stdin-filename"),
        ),
    ):
        said = run(f"{verb} --help").out
        assert all(option in said for option in options)
    assert all(title for title in messages.TITLES.values())
