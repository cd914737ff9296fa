"""Options of the test run."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-goldens` writes what the command says into the golden files, to be read as a difference."""
    parser.addoption("--update-goldens", action="store_true", help="write the expected parts of the goldens")


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests neither use nor fill the cache of whoever runs them; those of the cache say where it is."""
    monkeypatch.setenv("RKDSL_CACHE", "off")
