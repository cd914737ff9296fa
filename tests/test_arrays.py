"""A program on arrays of numpy gives what the program means, in every row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from rkdsl.columns import program as p
from tests import programs

np = pytest.importorskip("numpy")
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
PARTS = ("value", "reported", "told", *programs.STATES)


def arrays(drawn: programs.Drawn) -> list[tuple[p.Cell, ...]]:
    """What each row comes to: the cells of the figures."""
    from rkdsl.columns.arrays import Arrays

    words = [each for row in drawn.rows for each in row.values() if isinstance(each, str)]
    machine = Arrays(drawn.program, words)
    parts: dict[tuple[int, str], Any] = {}
    for index, slot in enumerate(drawn.program.slots):
        for part in PARTS:
            cells = [programs.read(row)(slot, part) for row in drawn.rows]
            coded = [machine.codes[each] if isinstance(each, str) else each for each in cells]
            kind = np.bool_ if part != "value" or slot.type == p.TRUTH else np.int64
            parts[index, part] = np.array(coded, dtype=kind)
    steps = machine.run(parts, len(drawn.rows))
    found = []
    for row in range(len(drawn.rows)):
        cells = []
        for figure in drawn.program.figures:
            cell = steps[figure.above][row].item()
            cells.append(machine.words[cell] if figure.type == p.WORD else cell)
        found.append(tuple(cells))
    return found


@settings(deadline=None, suppress_health_check=SLOW)
@given(drawn=programs.drawn())
def test_arrays(drawn: programs.Drawn) -> None:
    """The same as `run`, of the same types."""
    expected = programs.expected(drawn.program, drawn.rows)
    found = arrays(drawn)
    assert expected == found
    assert [[type(cell) for cell in row] for row in expected] == [
        [type(cell) for cell in row] for row in found
    ]
