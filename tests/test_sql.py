"""A program as one SQL query gives what the program means, on engines that are run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rkdsl.columns import program as p
from rkdsl.columns import sql
from tests import programs

pytest.importorskip("polars")
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def types_of(drawn: programs.Drawn, wanted: str) -> dict[str, str]:
    """The types of the columns of slots, as a query is told them."""
    found = {}
    for slot in drawn.program.slots:
        if slot.name in drawn.columns:
            how = programs.how_of(slot, wanted)
            named = {"whole": "integer", "float": "real", "datetime": "timestamp", "": "boolean"}.get(how, how)
            found[slot.name] = "text" if slot.type == p.WORD else named
    return found | {f"{name}:state": "text" for name in drawn.states}


@pytest.fixture(scope="module")
def duck() -> Iterator[Any]:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        yield connection


@settings(deadline=None, suppress_health_check=SLOW)
@given(drawn=programs.drawn(), how=st.sampled_from(programs.HOWS))
def test_duckdb(duck: Any, drawn: programs.Drawn, how: str) -> None:
    frame = programs.frame_of(drawn, how).to_arrow()
    duck.register("given_rows", frame)
    text = sql.query(drawn.program, "given_rows", types_of(drawn, how), sql.DIALECTS["duckdb"], keep=["unit"])
    rows = sorted(duck.sql(text).fetchall())
    assert [None] * len(rows) == [row[-1] for row in rows]
    assert programs.expected(drawn.program, drawn.rows) == [row[1:-1] for row in rows]
