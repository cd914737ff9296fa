"""A text is a day to every engine or to none of them, and to the exact evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl.columns.tables import ERROR, EXACT_NEEDED
from rkdsl.frames import evaluate, figures_of
from rkdsl.pipeline import Contract
from rkdsl.programs import query
from tests import databases
from tests.test_frames import agree

pl = pytest.importorskip("polars")
pytest.importorskip("pyarrow")

DAY = "2027-03-31"
TEXT = """
contract k "K" {
  period 2026   total 20 points
  reporting closes 2027-03-01
  fact opened "Opened" { unit day }
  goal app "App" { weight 10  milestone live "Live" by 2026-09-30  worth 10  late costs 3 per started week down to 0 }
  goal open "Open" { weight 10  target opened at most 2026-09-30 }
}
"""
LIVE, OPENED = "milestones.app.live", "facts.opened"
TEXTS = (
    *("2026-09-30", "2026-10-01", "2024-02-29", "2000-02-29", "0001-01-01", "2027-03-31"),
    *("2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-09-00", "0000-01-01"),
    *("2026-9-30", "2026-09-3", "2026-09-30 ", " 2026-09-30", "2026-09-30\n", "2026/09/30", "20260930"),
    *("26-09-30", "2026-09-30T00:00:00", "+2026-09-30", "-2026-09-30", "2026-9-030", "12026-09-30"),
    *(
        "2026-273",
        "2026-W40-3",
        "\uff12\uff10\uff12\uff16-09-30",
        "2026\u201109\u201130",
        "2026-09-\u0663\u0660",
    ),
    *("not done", "Not done", "not done ", "today", "", "2027-04-01", "9999-12-31"),
)
"""Days, what is none, and days that have not come."""
ROWS = [{LIVE: each, OPENED: None} for each in TEXTS] + [{LIVE: None, OPENED: each} for each in TEXTS]
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return rkdsl.loads(TEXT)


def figures(contract: Contract, row: dict[str, str | None]) -> dict[str, Any] | None:
    """What a record comes to, or None where it is refused."""
    try:
        return figures_of(
            contract.scorer(DAY)({key: text for key, text in row.items() if text is not None}).outcome
        )
    except rkdsl.Refused:
        return None


def table(rows: Sequence[dict[str, str | None]]) -> Any:
    types = {"unit": pl.Int64, LIVE: pl.String, OPENED: pl.String}
    return pl.DataFrame([{"unit": index, **each} for index, each in enumerate(rows)], schema=types)


def same(contract: Contract, rows: Sequence[dict[str, str | None]], found: Any) -> int:
    """The rows that are lawful come to what they should, the others are told to be wrong; how many were left."""
    wanted = [figures(contract, each) for each in rows]
    told = found.sort("unit").rows(named=True)
    assert [row for row, each in zip(rows, wanted, strict=True) if each is None] == [
        row for row, each in zip(rows, told, strict=True) if each[ERROR] is not None
    ]
    taken = [(row, each) for row, each in zip(told, wanted, strict=True) if each is not None]
    left = sum(bool(row.get(EXACT_NEEDED)) for row, _ in taken)
    assert len(taken) - left == agree([row for row, _ in taken], [each for _, each in taken])
    return left


def test_what_is_a_day(contract: Contract) -> None:
    lawful = [
        next(filter(None, row.values())) for row in ROWS if any(row.values()) and figures(contract, row)
    ]
    assert [*TEXTS[:6], "not done", *TEXTS[:6], "2027-04-01", "9999-12-31"] == lawful


def test_in_memory(contract: Contract) -> None:
    several = table(ROWS)
    assert same(contract, ROWS, evaluate(contract, several, DAY, errors="column")) == 0
    of_pandas = evaluate(contract, several.to_pandas(), DAY, errors="column")
    assert same(contract, ROWS, pl.from_pandas(of_pandas)) == 0
    of_arrow = evaluate(contract, several.to_arrow(), DAY, errors="column")
    assert same(contract, ROWS, pl.from_arrow(of_arrow)) == 0


def test_lazy(contract: Contract) -> None:
    assert same(contract, ROWS, evaluate(contract, table(ROWS).lazy(), DAY).collect()) == 1


@settings(deadline=None, suppress_health_check=SLOW)
@given(
    st.lists(
        st.dates().map(str)
        | st.from_regex(r"\A[0-9]{3,5}-[0-9]{1,2}-[0-9]{1,2}\Z")
        | st.from_regex(r"\A[ +-]?[0-9]{4}[-/][0-9 ]{1,2}[-/][ 0-9]{1,3}\s?\Z")
        | st.text("0123456789-T: +", max_size=12),
        max_size=20,
    )
)
def test_texts_of_any_kind(contract: Contract, texts: list[str]) -> None:
    rows: list[dict[str, str | None]] = [{LIVE: each, OPENED: None} for each in texts]
    assert same(contract, rows, evaluate(contract, table(rows).lazy(), DAY).collect()) == 0
    assert same(contract, rows, evaluate(contract, table(rows), DAY, errors="column")) == 0


def test_duckdb(contract: Contract) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        found = evaluate(contract, connection.from_arrow(table(ROWS).to_arrow()), DAY)
        assert same(contract, ROWS, pl.from_arrow(found.to_arrow_table())) == 1


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with databases.postgres() as connection:
        yield connection


def test_postgres(contract: Contract, server: Any) -> None:
    server.execute(f'CREATE TEMPORARY TABLE given_rows (unit bigint, "{LIVE}" text, "{OPENED}" text)')
    for row in table(ROWS).rows():
        server.execute("INSERT INTO given_rows VALUES (%s, %s, %s)", row)
    text = query(contract, DAY, dialect="postgres", table="given_rows", types={"day": "text"}, keep=["unit"])
    cursor = server.execute(text)
    names = [each.name for each in cursor.description]
    assert (
        same(
            contract,
            ROWS,
            pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None),
        )
        == 1
    )


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with databases.spark() as found:
        yield found


def test_spark(contract: Contract, session: Any) -> None:
    found = evaluate(contract, session.createDataFrame(table(ROWS).to_arrow()), DAY)
    assert same(contract, ROWS, pl.from_arrow(found.toArrow())) == 1
