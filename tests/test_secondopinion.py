"""The second opinion by itself: hand-computed cases, the cases of the documentation, and the six schemes."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import rkdsl
from tests import test_docs
from tests.secondopinion import UNKNOWN, Opinion, State, Unknown, evaluate
from tests.secondopinion.compare import compare

ROOT = Path(__file__).parent.parent
PAGES = ("language.md", "actuals.md", "tutorial.md")

# ---- the cases of the documentation


class Case(NamedTuple):
    """A line of a `cases` block: the contract above it, what is reported, and what it comes to."""

    text: str
    reported: str
    said: str


def cases_of(page: str) -> Iterator[Case]:
    """The cases of a page, in order."""
    runner, text = test_docs._Page(Path()), ""
    for block in test_docs._blocks((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if block.kind == "rk":
            text = runner._framed(block)
            if block.options.get("file") == "frame.rk":
                runner.frame = text
        if block.kind == "cases":
            for line in block.text.splitlines():
                reported, said = line.split("->")
                yield Case(text, reported.strip(), said.strip())


CASES = [each for page in PAGES for each in cases_of(page)]


def asked(reported: str, contract: rkdsl.Contract) -> tuple[str, str, dict[str, Any]]:
    """What a case asks for, and its actuals."""
    actuals: dict[str, Any] = {"contract": contract.id, "as_of": test_docs._AS_OF}
    kind, name = "item", ""
    for each in filter(None, map(str.strip, reported.split(","))):
        found = test_docs._ASKED.fullmatch(each)
        if each == "total":
            kind = each
        elif found is not None:
            kind, name = found.groups()
        elif each.startswith("as of "):
            actuals["as_of"] = each.removeprefix("as of ")
        elif each != "nothing":
            test_docs._report(contract, actuals, *map(str.strip, each.split("=")))
    return kind, name, actuals


def answer(opinion: Opinion, kind: str, name: str) -> tuple[str, Any]:
    """The state and the figure that a case asks for; the state is empty for a value."""
    if kind == "value":
        return "", opinion.values[name]
    if kind == "item":
        return opinion.items[name or next(iter(opinion.items))]
    points = opinion.total if kind == "total" else opinion.sections[name]
    return "settled", points


def in_words(value: Any) -> str:
    """A figure as the cases write it, but for its unit."""
    if isinstance(value, State):
        return value.kind
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        return str(float(value)).removesuffix(".0")
    return str(value)


def is_said(state: str, figure: Any, said: str) -> bool:
    """Whether a settled state and figure are what a case says."""
    if isinstance(figure, State):
        return said == figure.kind
    if figure is None:
        return said == state
    word, _, rest = said.partition(" ") if not said.startswith("partly") else ("partly met", "", said[11:])
    if state:
        return word == state and Fraction(rest.split()[0].replace("_", "")) == figure
    if isinstance(figure, (bool, str)):
        return said == in_words(figure)
    scale = Fraction(1, 100) if rest == "%" else 1
    return bool(Fraction(word.replace("_", "")) * scale == figure)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.reported} -> {case.said}")
def test_cases_of_the_documentation(case: Case) -> None:
    contract = rkdsl.loads(case.text, "c.rk")
    kind, name, actuals = asked(case.reported, contract)
    day = datetime.date.fromisoformat(actuals["as_of"])
    state, figure = answer(evaluate(case.text, actuals, day), kind, name)
    if isinstance(figure, Unknown) or (state in ("pending", "not known") and figure is None):
        assert re.match("not known|pending", case.said)
    else:
        assert is_said(state, figure, case.said), (state, in_words(figure))
    assert compare(case.text, actuals, day) == []


# ---- the six schemes


SCHEMES = sorted((ROOT / "examples" / "schemes").glob("*/*.rk"))
