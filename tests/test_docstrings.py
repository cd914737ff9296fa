"""The examples in docstrings run, and say what they show."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import rkdsl

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(rkdsl.__path__, "rkdsl.")
    if not found.name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["rkdsl", *MODULES])
def test_examples_run(name: str) -> None:
    """Each module's examples, as written."""
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert 0 == failed


def test_the_face_has_examples() -> None:
    """What people call first is shown at work."""
    finder = doctest.DocTestFinder()
    shown = {
        test.name
        for module in (rkdsl, rkdsl.contracts, rkdsl.pipeline)
        for test in finder.find(module)
        if test.examples
    }
    assert {"rkdsl", "rkdsl.pipeline.loads", "rkdsl.contracts.Contract.evaluate"} <= shown
