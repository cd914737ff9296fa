"""Libraries looked at by themselves: as a contract would be that has all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rkdsl.files import NOWHERE, Found, standard_names
from rkdsl.pipeline import folder_of, look
from rkdsl.tools.command import main
from tests.uses import GOALS, NORTH, record, written

_BOARD = 'role board "The board"\n'
_PLACED = 'measure placed "P" { unit persons higher is better each year }\n'


def _found(text: str) -> list[str]:
    """The codes of what is found in a library that is accepted."""
    looked = look(text.encode(), "goals.rk")
    assert "library" == looked.kind
    assert looked.contract is None
    return [each.code for each in looked.findings]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (GOALS, []),
        (_BOARD, []),
        ('goal g(w | d) "G" { weight w  milestone done "Done" by d }', []),
        ('goal g() "G" { weight 0..10  assessed by board }\n' + _BOARD, []),
        (_PLACED + 'goal g(p | x) "G" { weight 5  target placed in p rises by x from year before }', []),
        (_PLACED + 'goal g(x | y) "G" { weight 5  target placed in 2009 at least x }', ["RK517"]),
        (_PLACED + "value half = placed / 2\nscale f(x) = x * 2", []),
        ('goal g(w) "G" { weight w elsewhere 3 see "p. 2"  milestone done "D" by 2009 }', ["RK501"]),
        ('fact f "F" { unit yes or no }\ngoal plain "P" { target f is yes }', []),
    ],
)
def test_what_is_accepted(text: str, codes: list[str]) -> None:
    """Open arguments make no findings, nor does what nobody uses; a column that nothing uses does."""
    assert codes == _found(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (_PLACED + 'goal g(x) "G" { weight 5  target plcd in 2009 at least x }', "RK202"),
        (_PLACED + 'goal g(x) "G" { weight 5  target placed in 2009 at least 5 DKK }', "RK301"),
        (_BOARD + _BOARD, "RK201"),
        ("value half = other / 2", "RK202"),
        ('goal g(x) "G" { weight 5  assessed by nobody }', "RK202"),
        ('use "missing.rk"', "RK801"),
    ],
)
def test_what_is_refused(text: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the codes that a contract would have."""
    assert 1 == main(["check", str(written(tmp_path, {}, goals=text) / "goals.rk")])
    said = capsys.readouterr().out
    assert f"goals.rk:{text.count(chr(10), 0, len(text.rstrip())) + 1}:" in said
    assert f"error {code}" in said


def test_a_library_is_looked_at_with_those_it_uses(tmp_path: Path) -> None:
    """Names of another library are known to it."""
    written(tmp_path, more='use "goals.rk"\ngoal h(x) "H" { target placed in 2009 at least x }')
    path = tmp_path / "more.rk"
    assert () == look(path.read_bytes(), str(path), folder_of(str(path))).findings


def test_standard_libraries_are_without_findings() -> None:
    """Each by itself."""
    for name in standard_names():
        found = NOWHERE.find(name)
        assert isinstance(found, Found)
        assert [] == _found(found.content.decode())


def test_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says that it is a library, and is no contract."""
    written(tmp_path)
    assert 0 == main(["check", str(tmp_path / "goals.rk"), str(tmp_path / "north.rk"), "--format", "json"])
    library, contract = json.loads(capsys.readouterr().out)["contracts"]
    assert ("library", None, True) == (library["kind"], library["contract"], library["accepted"])
    assert ("contract", "north", True) == (contract["kind"], contract["contract"], contract["accepted"])


def test_a_library_has_no_outcome(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what to do with it."""
    written(tmp_path, north=NORTH)
    (tmp_path / "a.json").write_text(json.dumps(record("north")), encoding="utf-8")
    assert 1 == main(["eval", str(tmp_path / "goals.rk"), str(tmp_path / "a.json")])
    said = capsys.readouterr().err
    assert "RK804" in said
    assert "a contract uses it" in said
