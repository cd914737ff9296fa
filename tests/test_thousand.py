"""A contract of a thousand goals plans and runs on the engines that take SQL, and comes to the same exactly."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import rkdsl
from rkdsl.frames import evaluate, figures_of
from rkdsl.pipeline import Contract
from rkdsl.programs import query
from tests import databases
from tests.test_frames import numbers

pl = pytest.importorskip("polars")

GOALS = 1000
DAY = "2027-03-31"
FIGURES = ["total.state", "total.secured", "total.possible", "g0.state", "g500.secured", "g999.possible"]
VISITS = [f"readings.m{each}.2026" for each in range(GOALS)]
LIVE = [f"milestones.g{each}.live" for each in range(GOALS)]


def goal(at: int) -> str:
    return (
        f'measure m{at} "M {at}" {{ unit visits  range 0..1_000  higher is better  each year }}\n'
        f'goal g{at} "G {at}" {{ weight 10  target m{at} in 2026 linear from 40 to {44 + at % 3 * 4} worth 6'
        f'  milestone live "Live" by 2026-09-30 worth 4  late costs 1 per started week down to 0 }}\n'
    )


@pytest.fixture(scope="module")
def contract() -> Contract:
    goals = "".join(map(goal, range(GOALS)))
    return rkdsl.loads(
        f'contract k "K" {{ period 2026  total {10 * GOALS} points\nreporting closes 2027-03-01\n{goals}}}\n'
    )


def drawn(count: int = 8) -> list[dict[str, Any]]:
    """Rows at and beside what turns a figure; in the last of them something is missing."""
    choose = random.Random(2026).choice
    last = datetime.date(2026, 9, 30)
    rows: list[dict[str, Any]] = []
    for _ in range(count):
        row: dict[str, Any] = {each: choose((0, 39, 40, 41, 43, 44, 48, 51, 52, 1000)) for each in VISITS}
        row |= {each: last + datetime.timedelta(days=choose((-9, 0, 1, 7, 8, 40))) for each in LIVE}
        rows.append(row)
    rows[-2][VISITS[500]] = rows[-1][VISITS[0]] = rows[-1][LIVE[999]] = None
    return rows


ROWS = drawn()


@pytest.fixture(scope="module")
def wanted(contract: Contract) -> list[dict[str, Any]]:
    """What the exact evaluator gives."""
    scorer = contract.scorer(DAY)
    return [
        {name: each for name, each in figures_of(scorer(row).outcome).items() if name in FIGURES}
        for row in ROWS
    ]


def same(wanted: list[dict[str, Any]], found: list[Mapping[str, Any]]) -> None:
    """The figures that were asked for are those of the exact evaluator, in every row."""
    told = [numbers(row) for row in found]
    assert [None] * len(ROWS) == [row["error"] for row in told]
    assert [False] * len(ROWS) == [row["exact needed"] for row in told]
    assert wanted == [{name: row[name] for name in FIGURES} for row in told]


def table() -> Any:
    return pl.DataFrame([{"unit": index, **row} for index, row in enumerate(ROWS)]).to_arrow()


def test_duckdb(contract: Contract, wanted: list[dict[str, Any]]) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        given = connection.from_arrow(table())
        found = evaluate(contract, given, DAY, figures=FIGURES)
        same(wanted, pl.from_arrow(found.to_arrow_table()).sort("unit").rows(named=True))


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with databases.postgres() as connection:
        yield connection


def test_postgres(contract: Contract, wanted: list[dict[str, Any]], server: Any) -> None:
    """A table of this engine has at most 1600 columns: there are two, and the query is over both."""
    for name, columns, type in (("visits", VISITS, "bigint"), ("live", LIVE, "date")):
        quoted = ", ".join(f'"{each}" {type}' for each in columns)
        server.execute(f"CREATE TEMPORARY TABLE {name} (unit bigint, {quoted})")
        places = ", ".join(["%s"] * (len(columns) + 1))
        for index, row in enumerate(ROWS):
            told = [index, *(row[each] for each in columns)]
            server.execute(f"INSERT INTO {name} VALUES ({places})", told)
    text = query(
        contract,
        DAY,
        dialect="postgres",
        table="visits JOIN live USING (unit)",
        keep=["unit"],
        figures=FIGURES,
    )
    cursor = server.execute(text)
    names = [each.name for each in cursor.description]
    rows = sorted(cursor.fetchall())
    same(wanted, [dict(zip(names, row, strict=True)) for row in rows])


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with databases.spark() as found:
        yield found


def test_spark(contract: Contract, wanted: list[dict[str, Any]], session: Any) -> None:
    found = evaluate(contract, session.createDataFrame(table()), DAY, figures=FIGURES)
    rows = [row.asDict() for row in found.collect()]
    same(wanted, sorted(rows, key=lambda row: row["unit"]))
