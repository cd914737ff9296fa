"""What the command says, to the byte: a case for every message, and small contracts worked out by hand.

`pytest tests/test_goldens.py --update-goldens` writes what the command says now into the cases. Read the
difference as a contract manager would.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from rkdsl.messages import TITLES
from rkdsl.outcome import Points
from rkdsl.pipeline import loads_bytes
from rkdsl.tools.command import main
from tests import goldens

_PATHS = goldens.paths()


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_command_says_this(
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    request: pytest.FixtureRequest,
) -> None:
    """Exit code and both outputs, byte for byte."""
    case = goldens.load(path)
    case.write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = []
    for run in case.runs:
        code = main(run.command)
        said = capfdbinary.readouterr()
        found.append(run.found(code, said.out.decode(), said.err.decode()))
    assert found
    if request.config.getoption("--update-goldens"):
        path.write_text(case.with_runs(tuple(found)), encoding="utf-8")
    else:
        assert case.runs == tuple(found)


def test_every_code_has_a_case_that_shows_it() -> None:
    """A bad case is called after the code it shows, and says it."""
    shown = set()
    for path in _PATHS:
        if path.parent.name != "bad":
            continue
        code = path.stem[:5]
        outputs = "".join(each.stdout + each.stderr for each in goldens.load(path).runs)
        assert re.search(rf"\b{code}\b", outputs), f"{path.name} does not show {code}"
        shown.add(code)
    assert set(TITLES) == shown


def test_a_case_is_written_as_it_is_read() -> None:
    """Updating changes the expected parts only: with the same runs the file stays the same."""
    for path in _PATHS:
        case = goldens.load(path)
        assert path.read_text(encoding="utf-8") == case.with_runs(case.runs)


def test_no_message_names_this_machine() -> None:
    """Cases run in a folder of their own: what they say holds anywhere."""
    for path in _PATHS:
        assert "/tmp" not in path.read_text(encoding="utf-8")


# ---- figures worked out by hand

_WORKED_OUT = re.compile(
    r"^ *# (\w+) = ([a-z][a-z ]*[a-z])?(?: ?([\d./]+)(?: to ([\d./]+))?)?(?=:|$)", re.MULTILINE
)


@pytest.mark.parametrize(
    "path", [path for path in _PATHS if path.parent.name == "good"], ids=lambda path: path.stem
)
def test_the_outcome_is_as_worked_out_by_hand(path: Path) -> None:
    """`# more = not known 0 to 10: why` in a contract is what its first command must come to."""
    contract, actuals = goldens.load(path).files
    outcome = loads_bytes(contract.data, "contract.rk").evaluate_bytes([("actuals.json", actuals.data)])
    found: dict[str, tuple[str, Points | None]] = {
        each.id: (each.state, each.points) for each in outcome.items
    }
    if outcome.points is not None:
        found["total"] = (outcome.state, outcome.points)
    worked_out = _WORKED_OUT.findall(contract.content)
    assert list(found) == [name for name, *_ in worked_out]
    for name, state, low, high in worked_out:
        assert state in (found[name][0], "")
        points = found[name][1]
        if low or (points is not None and points.secured is not None):
            assert points is not None
            assert (Fraction(low), Fraction(high or low)) == (points.secured, points.possible), name
