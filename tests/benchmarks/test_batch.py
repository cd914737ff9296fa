"""Many rows: the job AMS-18 on a frame, against the same rules by hand in float64 Polars. Equal first, then in turn."""

from __future__ import annotations

import datetime
import importlib.util
import time
from collections.abc import Callable
from importlib import metadata
from typing import Any

import pytest

import rkdsl
from tests.benchmarks import ams18

pl = pytest.importorskip("polars")
pytest.importorskip("narwhals")

ROWS = (100_000, 1_000_000)
ROUNDS = 9
DAY_ONE = datetime.date(1970, 1, 1)


def frame(rows: int) -> Any:
    """Records as a frame, days as dates."""
    records = [
        {
            key: datetime.date.fromisoformat(told) if isinstance(told, str) else told
            for key, told in each.items()
        }
        for each in ams18.records(20_000)
    ]
    some = pl.DataFrame(records)
    return pl.concat([some] * -(-rows // len(some))).head(rows).rechunk()


def by_hand(table: Any) -> Any:
    """The rules in float64, as quick as Polars has been found to take them: days in 32 bits, nothing checked."""
    col, when = pl.col, pl.when
    points: dict[str, Any] = {}
    for index, (name, weight, start, end) in enumerate(ams18.LINEAR, 1):
        share = (start - col(f"readings.{name}.2009")) * (weight / (start - end))
        points[f"m{index}"] = share.clip(0.0, float(weight))
    edge = col("readings.edge.2009")
    steps = when(edge <= 68_000).then(75.0).when(edge <= 70_500).then(50.0)
    points["m4"] = steps.when(edge <= 72_790).then(25.0).otherwise(0.0)
    before, now = col("readings.foreign.2008"), col("readings.foreign.2009")
    points["m5"] = when((now >= 0.98 * before) & (now <= 1.02 * before)).then(50.0).otherwise(0.0)
    late = []
    for name, last in ams18.LATE:
        days = (
            col(f"milestones.p1.{name}").cast(pl.Int32) - (datetime.date.fromisoformat(last) - DAY_ONE).days
        )
        late.append(30.0 - ((days + 6) // 7).clip(0, 15) * 2.0)
    points["p1"] = late[0] + late[1] + late[2] + late[3] + late[4]
    for name, first, last in ams18.WITHIN:
        done = col(f"milestones.{name}.done")
        holds = done <= datetime.date.fromisoformat(last)
        if first:
            holds &= done >= datetime.date.fromisoformat(first)
        points[name] = when(holds).then(25.0).otherwise(0.0)
    survey = (col("readings.score.2009") >= 3.9) & (col("readings.place.2009") > 102.5)
    points["p12"] = when(survey).then(25.0).otherwise(0.0)
    running = col("facts.plan") & col("facts.audit") & (col("facts.launched") <= datetime.date(2009, 9, 15))
    for part, least in (("Q1", 20), ("Q2", 45), ("Q4", 97.5)):
        running &= col(f"readings.use.2009-{part}") >= least
    points["p13"] = when(running).then(50.0).otherwise(0.0)
    found = table.lazy().with_columns(**points).with_columns(total=pl.sum_horizontal(*points))
    return found.select(*points, "total", bonus=col("total") * 70 + col("facts.individual")).collect()


@pytest.mark.parametrize("rows", ROWS)
def test_many_rows(rows: int, tell: Callable[[str], None]) -> None:
    from rkdsl.frames import evaluate

    contract = rkdsl.load(ams18.CONTRACT)
    table = frame(rows)
    figures = [f"{item}.secured" for item in contract.item_ids] + ["total.secured", "bonus.secured"]
    _check(contract, evaluate(contract, table, ams18.AS_OF, figures=figures), by_hand(table))
    jobs: dict[str, Callable[[], Any]] = {
        "by hand, float64 Polars, nothing checked": lambda: by_hand(table),
        "evaluate: exact and checked, the same figures": lambda: evaluate(
            contract, table, ams18.AS_OF, figures=figures
        ),
        "evaluate: every figure, with states and both ends": lambda: evaluate(contract, table, ams18.AS_OF),
    }
    versions = f"polars {metadata.version('polars')}, narwhals {metadata.version('narwhals')}"
    if importlib.util.find_spec("openfisca_core"):
        from tests.benchmarks import openfisca18

        jobs["OpenFisca, in float32"] = run_batch = openfisca18.batch(table)
        _near(run_batch(), by_hand(table))
        versions += f", OpenFisca-Core {metadata.version('openfisca-core')}"
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(ROUNDS):
        for name, run in jobs.items():
            began = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - began)
    base = next(iter(best.values()))
    tell(
        f"Many rows, AMS-18, {rows:_} rows, {datetime.date.today()}: {versions}; by hand {base * 1e3:.0f} ms"
    )
    for name, spent in best.items():
        tell(f"  {spent / base:9.2f} x  {name}")


def _near(found: Any, hand: Any) -> None:
    """What OpenFisca gives is as near as its float32 allows: seven digits."""
    for name, vector in found.items():
        expected = hand[name].to_numpy()
        assert (abs(vector - expected) <= 1e-6 * abs(expected) + 1e-2).all(), name


def _check(contract: rkdsl.Contract, found: Any, hand: Any) -> None:
    """The floats by hand are near; a few hundred rows are those of the exact scorer."""
    total = found["total.secured:numerator"] / found["total.secured:denominator"]
    assert (total - hand["total"]).abs().max() < 1e-6
    records = ams18.records(300)
    scorer = contract.scorer(ams18.AS_OF)
    for record, row in zip(records, found.head(300).rows(named=True), strict=True):
        expected = scorer(record).points.secured
        assert expected * row["total.secured:denominator"] == row["total.secured:numerator"]
