"""The grammar, and the tables that lark makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rkdsl.language import grammar
from rkdsl.language.grammar import grammar_text, make_lark, tables_text
from rkdsl.language.tables import tables_file


def test_the_grammar_has_no_conflicts() -> None:
    """Built strictly: a shift-reduce conflict, which lark else resolves in silence, would raise."""
    assert make_lark(strict=True) is not None


def test_the_grammar_is_found_in_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There it lies inside the package; in the repository, beside it."""
    (tmp_path / "rkdsl" / "grammar").mkdir(parents=True)
    (tmp_path / "rkdsl" / "grammar" / "rkdsl.lark").write_text("installed", encoding="utf-8")
    assert "contract:" in grammar_text()
    monkeypatch.setattr(grammar, "__file__", str(tmp_path / "rkdsl" / "language" / "grammar.py"))
    assert "installed" == grammar_text()


def test_the_tables_are_what_the_grammar_gives(pytestconfig: pytest.Config) -> None:
    """They are made anew with `--update-goldens`."""
    made = tables_text()
    if pytestconfig.getoption("--update-goldens"):
        Path(tables_file()).write_text(made, encoding="utf-8")
    assert Path(tables_file()).read_text(encoding="utf-8") == made, "run this test with --update-goldens"
