"""A program as one SQL query gives what the program means, on engines that are run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rkdsl.columns import program as p
from rkdsl.columns import sql
from tests import databases, programs

pytest.importorskip("polars")
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
WIDTHS = st.sampled_from([0, sql.WIDE])
"""Columns that are put into arrays, and columns that are not."""


def types_of(drawn: programs.Drawn, wanted: str) -> dict[str, str]:
    """The types of the columns of slots, as a query is told them."""
    found = {}
    for slot in drawn.program.slots:
        if slot.name in drawn.columns:
            how = programs.how_of(slot, wanted)
            named = {"whole": "integer", "float": "real", "datetime": "timestamp", "": "boolean"}.get(
                how, how
            )
            found[slot.name] = "text" if slot.type == p.WORD else named
    return found | {f"{name}:state": "text" for name in drawn.states}


@pytest.fixture(scope="module")
def duck() -> Iterator[Any]:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        yield connection


@settings(deadline=None, suppress_health_check=SLOW)
@given(drawn=programs.drawn(), how=st.sampled_from(programs.HOWS), wide=WIDTHS)
def test_duckdb(duck: Any, drawn: programs.Drawn, how: str, wide: int) -> None:
    frame = programs.frame_of(drawn, how).to_arrow()
    duck.register("given_rows", frame)
    types = types_of(drawn, how)
    text = sql.query(drawn.program, "given_rows", types, sql.DIALECTS["duckdb"], keep=["unit"], wide=wide)
    rows = sorted(duck.sql(text).fetchall())
    assert [None] * len(rows) == [row[-1] for row in rows]
    assert programs.expected(drawn.program, drawn.rows) == [row[1:-1] for row in rows]


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with databases.postgres() as connection:
        yield connection


POSTGRES = {"integer": "bigint", "decimal": "numeric", "real": "double precision", "timestamp": "timestamp"}


def in_postgres(connection: Any, drawn: programs.Drawn, how: str) -> None:
    """The table as a temporary one called `given_rows`."""
    types, quote = types_of(drawn, how), sql.DIALECTS["postgres"].name_of
    columns = {"unit": "bigint", **{name: POSTGRES.get(each, each) for name, each in types.items()}}
    slots = {slot.name: slot for slot in drawn.program.slots}
    rows = []
    for index, row in enumerate(drawn.rows):
        cells = [index]
        for name in types:
            slot = slots.get(name)
            cells.append(
                row.get(name)
                if slot is None
                else programs.written(slot, row.get(name), programs.how_of(slot, how))
            )
        rows.append(cells)
    connection.execute("DROP TABLE IF EXISTS given_rows")
    connection.execute(
        f"CREATE TEMPORARY TABLE given_rows ({', '.join(f'{quote(name)} {each}' for name, each in columns.items())})"
    )
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO given_rows VALUES ({', '.join(['%s'] * len(columns))})", rows)


@settings(deadline=None, suppress_health_check=SLOW)
@given(drawn=programs.drawn(), how=st.sampled_from(programs.HOWS), wide=WIDTHS)
def test_postgres(server: Any, drawn: programs.Drawn, how: str, wide: int) -> None:
    in_postgres(server, drawn, how)
    types = types_of(drawn, how)
    text = sql.query(drawn.program, "given_rows", types, sql.DIALECTS["postgres"], keep=["unit"], wide=wide)
    rows = sorted(server.execute(text).fetchall())
    assert [None] * len(rows) == [row[-1] for row in rows]
    assert programs.expected(drawn.program, drawn.rows) == [row[1:-1] for row in rows]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with databases.spark() as found:
        yield found


def test_spark(session: Any) -> None:
    """The programs of one run are put together into a few queries: each takes a second."""
    found: list[tuple[programs.Drawn, str]] = []

    @settings(
        database=None, max_examples=60, phases=[Phase.generate], deadline=None, suppress_health_check=SLOW
    )
    @given(drawn=programs.drawn(), how=st.sampled_from(programs.HOWS))
    def collect(drawn: programs.Drawn, how: str) -> None:
        found.append((drawn, how))

    collect()
    for at, (drawn, how) in enumerate(found):
        frame = session.createDataFrame(programs.frame_of(drawn, how).to_arrow())
        frame.createOrReplaceTempView("given_rows")
        types, wide = types_of(drawn, how), sql.WIDE if at % 2 else 0
        text = sql.query(drawn.program, "given_rows", types, sql.DIALECTS["spark"], keep=["unit"], wide=wide)
        query = session.sql(text)
        rows = sorted(tuple(row) for row in query.collect())
        assert [None] * len(rows) == [row[-1] for row in rows], (drawn, how)
        assert programs.expected(drawn.program, drawn.rows) == [row[1:-1] for row in rows], (drawn, how)
        assert "Python" not in query._jdf.queryExecution().toString()
