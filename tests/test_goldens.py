"""What the command says, to the byte: a case for every message, and small contracts worked out by hand.

`pytest tests/test_goldens.py --update-goldens` writes what the command says now into the cases. Read the
difference as a contract manager would.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rkdsl.messages import TITLES
from rkdsl.tools.command import main
from tests import goldens
from tests.goldens import Run

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
        found.append(Run(run.command, code, said.out.decode(), said.err.decode()))
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
