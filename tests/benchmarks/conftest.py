"""Collects the benchmarks only when they are asked for, and prints their tables at the end.

python -m pytest tests/benchmarks -n 0 --no-cov
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

LINES = pytest.StashKey[list[str]]()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Everything here, unless an argument names it."""
    return None if any("benchmarks" in str(each) for each in config.args) else True


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keeps a line for the end of the run."""
    return request.config.stash.setdefault(LINES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in terminalreporter.config.stash.get(LINES, []):
        terminalreporter.write_line(line)
