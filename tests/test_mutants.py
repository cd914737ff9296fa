"""The exam of the mutants: what it asks, what it notices, and which changes are made."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from tests import mutants
from tests.by_force import dense_cases
from tests.mutants import Question, answered, is_asked, of_case, sit_here, write_exam


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    """Questions about one small contract."""
    found = [each for case in dense_cases(4, 3) for each in of_case(4, case)]
    assert found
    return found


def test_the_evaluator_passes(asked: list[Question]) -> None:
    assert [] == [each for question in asked for each in answered(question)]


def test_what_leads_out_of_the_bounds_is_noticed(asked: list[Question]) -> None:
    question = next(each for each in asked if each.values)
    name = next(iter(question.values))
    wrong = question._replace(values={name: (Fraction(10**9),)})
    assert any(f"{name}: 1000000000 is not in" in each for each in answered(wrong))


def test_what_a_figure_waits_for_is_noticed(asked: list[Question]) -> None:
    question = next(each for each in asked if each.values)
    name = next(iter(question.values))
    wrong = question._replace(waits={name: frozenset((("fact", "another"),))})
    assert any("moves with [('fact', 'another')]" in each for each in answered(wrong))


def test_bounds_that_are_too_wide_are_noticed(asked: list[Question]) -> None:
    question = next(each for each in asked if each.tight)
    name = next(iter(question.tight))
    wrong = question._replace(seen={**question.seen, name: mutants.Seen()})
    assert any(each.startswith(f"{name}: ") and "does not happen" in each for each in answered(wrong))


def test_an_exam_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written and read again."""
    monkeypatch.setattr(mutants, "RARE_SETS", 0)
    path = tmp_path / "exam"
    assert write_exam(path, 0, 2, 4, 1)["contracts"] >= 1
    assert sit_here(path) == 0
    assert capsys.readouterr().out == ""


def test_changes_that_are_made() -> None:
    """Operators are replaced by such as take the same operands; names and decorators are left alone."""
    assert is_asked("core/ReplaceBinaryOperator_Add_Sub")
    assert not is_asked("core/ReplaceBinaryOperator_Add_RShift")
    assert is_asked("core/ReplaceComparisonOperator_Lt_LtE")
    assert not is_asked("core/ReplaceComparisonOperator_Lt_Is")
    assert is_asked("core/NumberReplacer")
    assert not is_asked("core/RemoveDecorator")


def test_types_have_no_meaning() -> None:
    old = "def f(x: int | str) -> int | None:\n    y: int | str = 1\n    return x\nA = int | str\ndef g():\n    pass\n"
    new = old.replace("|", "&").replace("pass", "return 2")
    assert mutants._meaning(old, ("g",)) == mutants._meaning(new, ("g",))
    assert mutants._meaning(old, ()) != mutants._meaning(new, ())


def test_mutants_of_a_module() -> None:
    """Each is one change, and the draw is that of its seed."""
    pytest.importorskip("cosmic_ray")
    first, second = (next(mutants.mutants("rules/calendars.py", Random(3))) for _ in range(2))
    assert first == second
    assert first.before != first.after
    assert first.diff.count("\n-") == 1
