"""More rows than memory should hold: the AMS contract by `rkdsl batch`, as a process of its own, with its peak.

`RKDSL_ROWS=1000000` takes fewer rows than ten million. Before the times count, some rows are compared with the exact
evaluator.
"""

from __future__ import annotations

import datetime
import importlib.util
import os
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.columns.tables import ERROR, EXACT_NEEDED
from rkdsl.frames import Rows
from rkdsl.programs import rules_of
from rkdsl.rules.slots import Slot
from tests.peaks import measured

np = pytest.importorskip("numpy")
pl = pytest.importorskip("polars")
pq = pytest.importorskip("pyarrow.parquet")

ROWS = int(os.environ.get("RKDSL_ROWS", "10_000_000"))
PIECE = 250_000
"""Rows that are made, and written, at a time."""
FOLDER = Path(__file__).parents[2] / "examples" / "ams-2009"
CONTRACT, AMENDMENT = FOLDER / "contract.rk", FOLDER / "allonge-1.rk"
AS_OF = "2012-03-31"
FIGURES = ("total.secured", "total.possible", "total.state")
LAST = datetime.date.fromisoformat(AS_OF).toordinal()
DAY_ONE = datetime.date(1970, 1, 1).toordinal()
SEED = 2009


def test_ten_million_rows(tmp_path: Path, tell: Callable[[str], None]) -> None:
    units, out = tmp_path / "units.parquet", tmp_path / "out.parquet"
    signed = rkdsl.load(CONTRACT)
    write(units, signed.scorer(AS_OF).slots)
    size = units.stat().st_size >> 20
    tell(f"The AMS contract by `rkdsl batch`, {ROWS:_} rows of {size} MB, {datetime.date.today()}")
    amended, amendment = rkdsl.load(CONTRACT, [AMENDMENT]), ("--amendment", AMENDMENT)
    three = [word for each in FIGURES for word in ("--figure", each)]
    jobs = [
        ("as signed, three figures", signed, three),
        ("as amended, three figures", amended, [*amendment, *three]),
        ("as amended, every figure", amended, amendment),
    ]
    if importlib.util.find_spec("duckdb"):
        jobs.append(
            ("as amended, three figures, by DuckDB", amended, [*amendment, *three, "--engine", "duckdb"])
        )
    for name, contract, words in jobs:
        spent, peak = measured("batch", CONTRACT, units, "-o", out, "--as-of", AS_OF, *words)
        compare(contract, units, out)
        found = pl.scan_parquet(out).select(pl.len(), (pl.col("total.state") == "").mean()).collect()
        assert found[0, 0] == ROWS
        tell(f"  {spent:7.0f} s  {peak:6} MB at most  {name}, {found[0, 1]:.0%} of the totals known")
        out.unlink()


def compare(contract: rkdsl.Contract, units: Path, out: Path) -> None:
    """Two hundred rows, and what the exact evaluator says of each."""
    one_by_one = Rows(rules_of(contract, AS_OF))
    places = sorted(random.Random(SEED).sample(range(ROWS), min(200, ROWS)))
    rows, found = (
        pl.scan_parquet(each).with_row_index().filter(pl.col("index").is_in(places)).drop("index").collect()
        for each in (units, out)
    )
    for row, told in zip(rows.iter_rows(named=True), found.iter_rows(named=True), strict=True):
        figures = one_by_one.figures(row)
        assert not told.pop(EXACT_NEEDED, False)
        assert told.pop(ERROR, None) is None
        for name, value in told.items():
            assert figures[name] == (Fraction(value) if isinstance(value, int | Decimal) else value), name


# ---- the rows


MEASURED = {
    "labour_reserve": (24_500, 44_000),
    "long_sick_leave": (24_675, 35_000),
    "young_recipients": (25_500, 39_800),
    "on_the_edge": (66_000, 75_000),
    "foreign_workers": (69_000, 73_000),
}
"""Where the readings of whole numbers lie: around the targets."""
SCORES = {"survey_score": (36, 42), "survey_place": (1_020, 1_030)}
"""Tenths."""
AMOUNTS = {"staff": 30, "money": 300_000}


def write(path: Path, slots: Sequence[Slot]) -> None:
    """Rows around the targets and last days of the contract, illustrative, with a tenth missing in every other row."""
    writer = None
    for start in range(0, ROWS, PIECE):
        count = min(PIECE, ROWS - start)
        table = rows(slots, count, np.random.default_rng((SEED, start))).to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def rows(slots: Sequence[Slot], count: int, chance: Any) -> Any:
    """So many, from a source of chance."""
    columns = {}
    whole = pl.Series(chance.random(count) < 0.5)
    for slot in slots:
        due = slot.rows[0].due
        if slot.field.kind == "milestone" and due and due > LAST:
            continue  # nobody can tell it yet
        if slot.period in dict(slot.field.history):
            continue  # the contract states it
        told = whole | pl.Series(chance.random(count) < 0.9)
        columns[slot.path] = pl.select(
            pl.when(told).then(column(slot, due or LAST, count, chance))
        ).to_series()
    return pl.DataFrame(columns)


def column(slot: Slot, due: int, count: int, chance: Any) -> Any:
    """What is told of one figure."""
    kind, name = slot.field.kind, slot.field.id.partition(".")[0]
    if kind == "milestone":
        days = np.minimum(due + chance.integers(-45, 15, count), LAST) - DAY_ONE
        return pl.Series(days).cast(pl.Int32).cast(pl.Date)
    if kind == "fact" and slot.field.unit.shown == "truth":
        return pl.Series(chance.random(count) < 0.9)
    if kind == "assessment":
        return pl.Series(chance.integers(0, int(slot.field.high or 0), count, endpoint=True))
    if name in MEASURED:
        return pl.Series(chance.integers(*MEASURED[name], count))
    if name in SCORES:
        return pl.Series(chance.integers(*SCORES[name], count)).cast(pl.Decimal(9, 0)) / 10
    return pl.Series(chance.integers(0, AMOUNTS[name], count))
