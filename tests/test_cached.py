"""Contracts that are kept: the same bytes warm and cold, little imported, and nothing believed that is not whole."""

from __future__ import annotations

import copy
import io
import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl import cabinet, cached, evaluation, pipeline
from rkdsl.diagnostics import Refused
from rkdsl.files import AMENDMENT, sha256_of_bytes
from rkdsl.language.keywords import SPELLING
from rkdsl.tools import scoring
from rkdsl.tools.command import main
from tests import goldens
from tests.test_storage import JUNK, damaged, places

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"

CONTRACT = """contract k "An example" { period 2026  total 10 points
  use "shared.rk"
  goal g "Few complaints" { weight 10  target x in 2026 at most 5 }
}
"""
SHARED = """measure x "Complaints" { unit complaints  lower is better  each year }
"""
DONE = '{"contract": "k", "as_of": "2027-01-31", "readings": {"x": {"2026": 4}}}'


class Said(NamedTuple):
    """What a run of the command gave."""

    code: int
    out: str
    err: str


def run(*words: str) -> Said:
    """The command, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where contracts are kept; the files of an example lie in the working folder."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "c.rk").write_text(CONTRACT)
    (work / "shared.rk").write_text(SHARED)
    (work / "a.json").write_text(DONE)
    monkeypatch.chdir(work)
    monkeypatch.setenv("RKDSL_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def entries(home: Path) -> list[Path]:
    """What is kept."""
    return sorted(home.glob("*.rkc")) if home.is_dir() else []


class Loads:
    """Counts how often a contract is loaded from its text."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        load = pipeline.loads_bytes

        def counted(*found: Any, **named: Any) -> Any:
            self.count += 1
            return load(*found, **named)

        monkeypatch.setattr(pipeline, "loads_bytes", counted)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    """How often contracts were loaded."""
    return Loads(monkeypatch)


# ---- the same bytes


_EVALS = [
    path for path in goldens.paths() if any(run.command[0] == "eval" for run in goldens.load(path).runs)
]


@pytest.mark.parametrize("path", _EVALS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_goldens_are_the_same_warm_and_cold(path: Path, home: Path, loads: Loads) -> None:
    """What the command says is what the golden says, the first time and the second; as data likewise."""
    case = goldens.load(path)
    case.write_files(Path())
    for each in case.runs:
        if each.command[0] != "eval":
            continue
        cold, warm = run(*each.command), run(*each.command)
        assert each == each.found(*cold) == each.found(*warm)
        first = run(*each.command, "--format", "json")
        assert first == run(*each.command, "--format", "json")


def _pairs() -> Iterator[tuple[Path, list[Path]]]:
    """Contracts of the examples, each with the actuals that lie with it."""
    for contract in sorted(EXAMPLES.rglob("*.rk")):
        head = contract.read_text(encoding="utf-8")
        if f"\ncontract {contract.parent.name}" in head or "\ncontract " in f"\n{head}":
            folders = (contract.parent, contract.parent / "actuals", contract.parent.parent / "actuals")
            actuals = sorted(each for folder in folders for each in folder.glob("*.json"))
            named = [each for each in actuals if f'"{_id(head)}"' in each.read_text(encoding="utf-8")]
            others = [each for each in actuals if each not in named]
            if actuals:
                yield contract, [*named[:4], *others[:1]]


def _id(head: str) -> str:
    line = next(line for line in head.splitlines() if line.startswith("contract "))
    return line.split()[1]


_PAIRS = list(_pairs())


@pytest.mark.parametrize(
    ("contract", "actuals"), _PAIRS, ids=lambda each: each.stem if isinstance(each, Path) else ""
)
def test_examples_are_the_same_warm_and_cold(
    contract: Path, actuals: list[Path], home: Path, loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything explained, too; the contract is loaded once."""
    monkeypatch.chdir(ROOT)
    assert actuals
    for each in actuals:
        words = ["eval", str(contract.relative_to(ROOT)), str(each.relative_to(ROOT))]
        ways = ([], ["--format", "json"], ["--explain", "all"], ["--final"])
        kept = [run(*words, *way) for way in ways]
        assert 1 == loads.count
        if each is actuals[0]:
            monkeypatch.setenv("RKDSL_CACHE", "off")
            assert kept == [run(*words, *way) for way in ways]
            monkeypatch.setenv("RKDSL_CACHE", str(home))
        else:
            assert kept[0] == _without_the_command(contract.relative_to(ROOT), each.relative_to(ROOT))
        loads.count = 1


_LOADED: dict[Path, rkdsl.Contract] = {}


def _without_the_command(contract: Path, actuals: Path) -> Said:
    """What the library says."""
    if contract not in _LOADED:
        _LOADED[contract] = rkdsl.load(contract)
    try:
        outcome = _LOADED[contract].evaluate(actuals)
    except Refused as refused:
        return Said(1, "", f"{refused}\n")
    return Said(0, evaluation.text.outcome(outcome), "")


def test_examples_are_many() -> None:
    """Those of several folders, and of contracts that use others."""
    assert len(_PAIRS) > 20
    assert {"ams-2009", "bif-2009", "rector"} <= {contract.parent.name for contract, _ in _PAIRS}


# ---- what is imported


_NOT_AT_START = ("lark", "attr", "attrs", "hypothesis", "icalendar", "polars", "narwhals", "duckdb", "numpy")
_OURS = {
    "rkdsl": "plain collecting values source diagnostics outcome files cabinet cached evaluation packing tools "
    "actuals reports rules",
    "rkdsl.tools": "command common inputs scoring",
    "rkdsl.actuals": "binding joint json_reader json_text mistakes record shapes",
    "rkdsl.reports": "text",
    "rkdsl.rules": "calendars evaluator lawful plan possible settled storage summary tables transfer tree wording",
}
_OTHERS = (
    "bisect collections collections.abc copyreg datetime decimal enum fractions functools gc itertools json "
    "json.decoder json.encoder json.scanner keyword math numbers operator re re._casefix re._compiler "
    "re._constants re._parser reprlib types unicodedata"
)
_ALLOWED = {
    "rkdsl",
    *(f"{home}.{name}" for home, names in _OURS.items() for name in names.split()),
    *_OTHERS.split(),
}
"""Every module that a second `eval` may import where nothing is open. A longer list is a slower start."""
_OPEN = "bounds effort explanation gathering lines operations piecewise recall slopes"
_WHERE_OPEN = {
    "heapq",
    *(f"rkdsl.rules.{each}" for each in _OPEN.split()),
}
"""What it imports besides where something is open."""


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def _imported(*words: str) -> set[str]:
    """What a command imports that the interpreter alone does not; private modules are those of C."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "from rkdsl.tools.command import main; main(sys.argv[1:])\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env=_environment(),
    )
    return {name for name in done.stderr.split() if not name.startswith("_")}


def test_a_second_eval_imports_little(home: Path) -> None:
    """Neither lark nor attrs, and nothing that is not on the list."""
    (Path() / "c.rk").write_text(CONTRACT.replace('  use "shared.rk"\n', SHARED))
    first = _imported("eval", "c.rk", "a.json")
    assert "attrs" in first
    second = _imported("eval", "c.rk", "a.json")
    assert not second & set(_NOT_AT_START)
    assert set() == second - _ALLOWED
    assert set() == _ALLOWED - second, "take it off the list"
    (Path() / "open.json").write_text('{"contract": "k", "as_of": "2026-06-30"}')
    assert _WHERE_OPEN == _imported("eval", "c.rk", "open.json") - second


def test_the_package_imports_nothing() -> None:
    """`import rkdsl` is nearly free: what it offers is read when it is asked for."""
    code = "import sys, rkdsl; print(*(name for name in sys.modules if name.startswith('rkdsl')))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment()
    )
    assert {"rkdsl", "rkdsl.plain"} == set(done.stdout.split())
    assert set(rkdsl.__all__) <= set(dir(rkdsl))
    for name in rkdsl.__all__:
        assert getattr(rkdsl, name) is getattr(rkdsl, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        rkdsl.nothing  # noqa: B018


# ---- when an entry counts


def test_what_is_used_is_looked_at_again(home: Path, loads: Loads) -> None:
    """Another content of the contract, of a file that it uses, or another name: loaded anew."""
    first = run("eval", "c.rk", "a.json")
    assert (0, 1) == (first.code, loads.count)
    assert run("eval", "c.rk", "a.json") == first
    assert 1 == loads.count
    Path("shared.rk").write_text(SHARED.replace("lower", "higher"))
    assert run("eval", "c.rk", "a.json") != first
    assert 2 == loads.count
    Path("shared.rk").write_text(SHARED)
    assert run("eval", "c.rk", "a.json") == first
    Path("shared.rk").unlink()
    assert "RK801" in run("eval", "c.rk", "a.json").err
    Path("shared.rk").write_text(SHARED)
    count = loads.count
    assert first == run("eval", "c.rk", "a.json")
    assert "./c.rk" not in first.out
    run("eval", "./c.rk", "a.json")
    assert count + 1 == loads.count


def test_another_program_has_other_entries(home: Path) -> None:
    """A new version finds nothing of the old one."""
    run("eval", "c.rk", "a.json")
    content = Path("c.rk").read_bytes()
    assert cached.find(rkdsl.__version__, "c.rk", content, "c.rk") is not None
    assert cached.find("0.0.0", "c.rk", content, "c.rk") is None
    assert cached.find(rkdsl.__version__, "d.rk", content, "d.rk") is None


def test_refused_contracts_are_not_kept(home: Path) -> None:
    """A mistake is told each time."""
    Path("c.rk").write_text(CONTRACT.replace("weight 10", "weight 9"))
    assert run("eval", "c.rk", "a.json") == run("eval", "c.rk", "a.json")
    assert [] == entries(home)


def test_it_can_be_switched_off_and_moved(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the environment; without a word it lies where the system keeps such things."""
    monkeypatch.setenv("RKDSL_CACHE", "off")
    run("eval", "c.rk", "a.json")
    assert not home.exists()
    monkeypatch.delenv("RKDSL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert str(tmp_path / "xdg" / "rkdsl") == cabinet.folder()
    run("eval", "c.rk", "a.json")
    assert 1 == len(entries(tmp_path / "xdg" / "rkdsl"))
    monkeypatch.setenv("XDG_CACHE_HOME", "not absolute")
    monkeypatch.setenv("HOME", "/home/someone")
    assert "/home/someone/.cache/rkdsl" == cabinet.folder()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "/home/someone/Library/Caches/rkdsl" == cabinet.folder()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert "/local/rkdsl" == cabinet.folder()
    monkeypatch.delenv("LOCALAPPDATA")
    assert "" == cabinet.folder()


# ---- what is not believed


def test_private_to_the_user(home: Path) -> None:
    """The folder and its files are for nobody else."""
    run("eval", "c.rk", "a.json")
    (entry,) = entries(home)
    assert (0o700, 0o600) == (home.stat().st_mode & 0o777, entry.stat().st_mode & 0o777)
    assert [entry] == list(home.iterdir())


_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "head": lambda content: content[:60],
    "one letter": lambda content: content[:-20] + b"x" + content[-19:],
    "longer": lambda content: content + b" ",
    "foreign": lambda content: b"\x80\x04\x95a pickle of somebody",
    "not JSON": lambda content: whole(b"["),
    "deep": lambda content: whole(b"[" * 100_000),
    "not text": lambda content: whole(b"\xff\xfe"),
    "other data": lambda content: whole(b'{"a": 1}'),
    "nothing": lambda content: whole(b"null"),
    "long number": lambda content: whole(b"[1" + b"0" * 5000 + b"]"),
}


def whole(body: bytes) -> bytes:
    """An entry whose hash is right, whatever it holds."""
    return b"rkdsl kept 1 " + sha256_of_bytes(body).encode() + b"\n" + body


@pytest.mark.parametrize("how", _DAMAGE)
def test_damaged_files_are_written_anew(how: str, home: Path, loads: Loads) -> None:
    """They are passed over in silence, and the next time all is well."""
    first = run("eval", "c.rk", "a.json")
    (entry,) = entries(home)
    good = entry.read_bytes()
    entry.write_bytes(_DAMAGE[how](good))
    assert run("eval", "c.rk", "a.json") == first
    assert 2 == loads.count
    assert good == entry.read_bytes()
    assert run("eval", "c.rk", "a.json") == first
    assert 2 == loads.count


def test_an_entry_of_another_contract_is_not_taken(home: Path, loads: Loads) -> None:
    """Whoever moves files about does not make one contract another."""
    run("eval", "c.rk", "a.json")
    (entry,) = entries(home)
    Path("d.rk").write_text(CONTRACT.replace("weight 10", "weight 20").replace("total 10", "total 20"))
    good = run("eval", "d.rk", "a.json")
    other = next(each for each in entries(home) if each != entry)
    other.write_bytes(entry.read_bytes())
    assert run("eval", "d.rk", "a.json") == good
    assert 3 == loads.count


def test_open_folders_and_files_are_not_trusted(
    home: Path, loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read from where others may have written, or keep."""
    run("eval", "c.rk", "a.json")
    (entry,) = entries(home)
    home.chmod(0o770)
    run("eval", "c.rk", "a.json")
    assert 2 == loads.count
    home.chmod(0o700)
    entry.chmod(0o644)
    run("eval", "c.rk", "a.json")
    assert 3 == loads.count
    run("eval", "c.rk", "a.json")
    assert 3 == loads.count
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    run("eval", "c.rk", "a.json")
    assert 4 == loads.count


def test_links_are_not_followed(home: Path, tmp_path: Path, loads: Loads) -> None:
    """Neither a folder nor an entry that is somewhere else."""
    run("eval", "c.rk", "a.json")
    (entry,) = entries(home)
    entry.rename(tmp_path / "elsewhere")
    entry.symlink_to(tmp_path / "elsewhere")
    run("eval", "c.rk", "a.json")
    assert 2 == loads.count
    home.rename(tmp_path / "moved")
    home.symlink_to(tmp_path / "moved")
    run("eval", "c.rk", "a.json")
    assert 3 == loads.count


def test_a_folder_that_cannot_be_written_is_no_error(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands in its way; or the disk is full; or the name is none."""
    home.write_text("no folder")
    assert 0 == run("eval", "c.rk", "a.json").code
    for odd in (str(home / "below"), "a\0b", "/dev/null/x", str(tmp_path / ("x" * 300))):
        monkeypatch.setattr(cabinet, "folder", lambda odd=odd: odd)
        assert (0, "") == run("eval", "c.rk", "a.json")[::2]
    monkeypatch.setattr(cabinet, "folder", lambda: str(tmp_path / "full"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert 0 == run("eval", "c.rk", "a.json").code
    assert [] == list((tmp_path / "full").iterdir())


def test_what_is_kept_is_bounded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go; what is too large is not kept, nor read."""
    monkeypatch.setattr(cabinet, "MAX_FILES", 3)
    for count in range(5):
        cabinet.keep(f"n{count}", b"x")
        os.utime(home / f"n{count}.rkc", (1000 + count, 1000 + count))
    assert ["n2", "n3", "n4"] == [each.stem for each in entries(home)]
    assert b"x" == cabinet.read("n2")  # in use: now the youngest
    cabinet.keep("n5", b"x")
    assert ["n2", "n4", "n5"] == [each.stem for each in entries(home)]
    monkeypatch.setattr(cabinet, "MAX_ALL", 200)
    cabinet.keep("n6", b"y" * 100)
    assert ["n6"] == [each.stem for each in entries(home)]
    monkeypatch.setattr(cabinet, "MAX_ENTRY", 100)
    assert None is cabinet.read("n6")
    cabinet.keep("n7", b"z" * 100)
    assert ["n6"] == [each.stem for each in entries(home)]
    old = home / ".n.4711"
    old.write_text("half")
    os.utime(old, (1, 1))
    cabinet.keep("n8", b"")
    assert not old.exists()


_RICH = """contract k "Everything" { period 2026  total 20 points
  role ministry "The ministry"
  measure x "Complaints" { unit complaints  lower is better  each year }
  value twice "Twice" = 2 * x in 2026
  goal g "Few complaints" { weight 10  target x in 2026 at most 5 }
  section s "More" {
    goal h "Done" { weight 10  milestone m "Done" by 2026-09-30 worth 10 late costs 1 per started week down to 0 }
  }
}
"""


def _rich() -> tuple[bytes, object]:
    content = _RICH.encode()
    folder = cached.watched(evaluation_folder())
    contract = pipeline.loads_bytes(content, "k.rk", folder)
    found: list[bytes] = []
    keep = cabinet.keep
    try:
        cabinet.keep = lambda name, body: found.append(body)
        cached.keep("1", "k.rk", content, contract, folder)
    finally:
        cabinet.keep = keep
    return content, json.loads(found[0])


def evaluation_folder() -> Any:
    """No folder: nothing is used."""
    return cached.NOWHERE


_KEPT = _rich()


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_poison_does_no_harm(data: st.DataObject) -> None:
    """Whatever stands in an entry whose hash is right: it is passed over, or is a contract that can be evaluated."""
    content, good = _KEPT
    path = data.draw(st.sampled_from(places(good)))
    how = data.draw(st.sampled_from(("junk", "junk", "drop", "twice")))
    poison = damaged(copy.deepcopy(good), path, how, data.draw(st.sampled_from(JUNK)))
    body = json.dumps(poison).encode()
    read = cabinet.read
    try:
        cabinet.read = lambda name: body
        ready = cached.find("1", "k.rk", content, "k.rk")
    finally:
        cabinet.read = read
    if ready is None:
        return
    told = evaluation.read([("a.json", DONE.encode())], None)
    with suppress(Refused):
        outcome = evaluation.outcome_of(ready, told, evaluation.asked_day(told, "a.json"))
        assert evaluation.text.outcome(outcome)
        assert outcome.to_dict()


# ---- arguments without argparse


_WORDS = (
    *(
        "c.rk",
        "a.json",
        "-",
        "--",
        "--as-signed",
        "--final",
        "--previous",
        "--previous=x",
        "--fail-on",
        "missed",
    ),
    *(
        "unknown",
        "--explain",
        "all",
        "--format",
        "json",
        "text",
        "xml",
        "--as-of",
        "2026-01-31",
        "2026-02-30",
    ),
    *("--stdin-filename", "--prev", "-h", "-1", "", "check", "eval"),
)


@given(st.lists(st.sampled_from(_WORDS), max_size=8))
def test_quick_options_are_those_of_argparse(words: list[str]) -> None:
    """Where they are read at all."""
    quick = scoring.quick_options(words)
    if quick is None:
        return
    parser = ArgumentParser()
    scoring.add_options(parser)
    asked = vars(parser.parse_args(words))
    asked.pop("verb")
    assert asked == vars(quick)


def test_plain_calls_are_quick() -> None:
    """The usual ones need no `argparse`."""
    for words in (
        "c.rk a.json",
        "c.rk a.json b.json --format json",
        "--as-of 2026-01-31 c.rk -",
        "c.rk a.json --explain all",
    ):
        assert scoring.quick_options(words.split()) is not None
    for words in ("c.rk", "", "c.rk a.json -h", "c.rk --final a.json", "c.rk a.json --as-of never"):
        assert scoring.quick_options(words.split()) is None


def test_an_amendment_begins_as_the_language_says() -> None:
    """The word is known without the keywords."""
    assert AMENDMENT == SPELLING["AMENDMENT"]
