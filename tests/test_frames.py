"""Frames of many rows come to what evaluations come to, row by row: eager, lazy and as SQL."""

from __future__ import annotations

import contextlib
import datetime
import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.columns.tables import EXACT_NEEDED
from rkdsl.frames import evaluate, figures_of
from rkdsl.pipeline import Contract
from tests import every_form, uses
from tests.test_scorer import flat

pl = pytest.importorskip("polars")
dask_frames = pytest.importorskip("dask.dataframe")

TEXT = """
contract k "K" {
  period 2026   total 40 points
  reporting closes 2027-03-01
  measure visits "Visits" { unit visits  range 0..1_000  higher is better  each year }
  measure renewed "Renewed" { unit %  range 0..100 %  higher is better  each year  may not apply }
  fact grade "Grade" { unit word  range ("low" | "high") }
  goal more "More" { weight 10  target visits in 2026 linear from 40 to 50 }
  goal app "App" { weight 10  milestone live "Live" by 2026-09-30  worth 10  late costs 3 per started week down to 0 }
  goal good "Good" { weight 10  target grade is "high" }
  goal again "Again" { weight 10  target renewed in 2026 at least 62.5 % }
}
"""
DAY = "2027-03-31"
VISITS, RENEWED, LIVE, GRADE = (
    "readings.visits.2026",
    "readings.renewed.2026",
    "milestones.app.live",
    "facts.grade",
)


@pytest.fixture(scope="module")
def contract() -> Contract:
    return rkdsl.loads(TEXT)


def table() -> Any:
    """Rows of every kind that a table may have."""
    return pl.DataFrame(
        {
            "unit": ["a", "b", "c", "d", "e", "f"],
            VISITS: [40, 43, 50, None, 1000, 0],
            RENEWED: [62.5, 62.4999, None, None, 100.0, float("nan")],
            f"{RENEWED}:state": [None, None, "not applicable", None, None, None],
            LIVE: ["2026-09-30", "2026-10-01", "2026-10-14", None, "2025-01-01", None],
            f"{LIVE}:state": [None, None, None, "not done", None, None],
            GRADE: ["high", "low", "high", None, "low", "high"],
        }
    )


def numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of what comes out, its numbers as fractions."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        base, colon, part = name.rpartition(":")
        if colon and part == "numerator":
            found[base] = None if value is None else Fraction(value) / Fraction(row[f"{base}:denominator"])
        elif not colon:
            number = not isinstance(value, str | bool | None)
            found[name] = Fraction(value) if number and not isinstance(value, datetime.date) else value
    return found


def expected(contract: Contract, day: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What evaluations give, by the same names."""
    scorer = contract.scorer(day)
    return [figures_of(scorer(row).outcome) for row in rows]


def agree(found: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> int:
    """Every figure of every row is the same; how many rows were not left to the exact engine."""
    settled = 0
    for row, figures in zip(found, wanted, strict=True):
        if row.get(EXACT_NEEDED):
            continue
        settled += 1
        told = numbers(row)
        for name in told.keys() & figures.keys():
            assert figures[name] == told[name], name
    return settled


RECORDS = [
    {VISITS: 40, RENEWED: 62.5, LIVE: "2026-09-30", GRADE: "high"},
    {VISITS: 43, RENEWED: 62.4999, LIVE: "2026-10-01", GRADE: "low"},
    {VISITS: 50, RENEWED: {"not_applicable": "so"}, LIVE: "2026-10-14", GRADE: "high"},
    {LIVE: "not done"},
    {VISITS: 1000, RENEWED: 100, LIVE: "2025-01-01", GRADE: "low"},
    {VISITS: 0, GRADE: "high"},
]


def test_a_frame_comes_to_what_its_records_come_to(contract: Contract) -> None:
    found = evaluate(contract, table(), DAY)
    assert ["a", "b", "c", "d", "e", "f"] == found["unit"].to_list()
    assert len(RECORDS) == agree(found.rows(named=True), expected(contract, DAY, RECORDS))
    assert EXACT_NEEDED not in found.columns


def test_a_lazy_frame_stays_lazy(contract: Contract) -> None:
    found = evaluate(contract, table().lazy(), DAY)
    assert isinstance(found, pl.LazyFrame)
    rows = found.collect().rows(named=True)
    assert [None] * len(rows) == [row["error"] for row in rows]
    assert agree(rows, expected(contract, DAY, RECORDS)) >= 2


def test_pandas_and_pyarrow_come_back_as_they_are(contract: Contract) -> None:
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    wanted = expected(contract, DAY, RECORDS)
    arrow = evaluate(contract, table().to_arrow(), DAY)
    assert isinstance(arrow, pyarrow.Table)
    assert len(RECORDS) == agree(arrow.to_pylist(), wanted)
    found = evaluate(contract, table().to_pandas(), DAY)
    assert isinstance(found, pandas.DataFrame)
    assert len(RECORDS) == agree(pl.from_pandas(found).rows(named=True), wanted)


def test_what_is_kept_may_hold_anything(contract: Contract) -> None:
    """Things that no engine has a type for, and in pandas columns whose names are no words."""
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    things = [object(), {1}, "x", 4, None, 2**90]
    frame = table().to_pandas().assign(things=things, **{"wide": range(6)})
    frame[5] = things
    found = evaluate(contract, frame, DAY)
    assert things == found["things"].to_list() == found[5].to_list()
    assert len(RECORDS) == agree(
        pl.from_pandas(found.drop(columns=["things", 5])).rows(named=True), expected(contract, DAY, RECORDS)
    )
    alone = evaluate(contract, pandas.DataFrame({5: things}), DAY, figures=["total.state"])
    assert ["not known"] * 6 == alone["total.state"].to_list()
    wide = pyarrow.array([Decimal(10) ** 50] * 6, pyarrow.decimal256(60, 2))
    arrow = evaluate(contract, table().to_arrow().append_column("wide", wide), DAY)
    assert pyarrow.decimal256(60, 2) == arrow.schema.field("wide").type
    assert len(RECORDS) == agree(arrow.to_pylist(), expected(contract, DAY, RECORDS))


def test_a_column_that_is_of_no_type_is_refused(contract: Contract) -> None:
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    wide = pyarrow.array([Decimal("50.1")], pyarrow.decimal256(60, 40))
    columns = ([2**70, None], [1, "a"], [Fraction(1, 3)], [[1]])
    frames = [pandas.DataFrame({VISITS: each}) for each in columns]
    for frame in [*frames, pyarrow.table({VISITS: wide})]:
        with pytest.raises(rkdsl.Refused, match="RK651: a column that cannot be read"):
            evaluate(contract, frame, DAY)


def strange() -> dict[str, tuple[str, Any]]:
    """Columns of pandas and PyArrow that have a type which says nothing to their figure."""
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    period = pandas.PeriodIndex(["2026-10-20"], freq="D")
    return {
        "period": (LIVE, pandas.DataFrame({LIVE: period})),
        "month": (LIVE, pandas.DataFrame({LIVE: period.asfreq("M")})),
        "period as number": (VISITS, pandas.DataFrame({VISITS: period})),
        "period as word": (GRADE, pandas.DataFrame({GRADE: period})),
        "interval": (VISITS, pandas.DataFrame({VISITS: [pandas.Interval(43, 50)]})),
        "complex": (VISITS, pandas.DataFrame({VISITS: [43 + 0j]})),
        "json": (LIVE, pyarrow.table({LIVE: pyarrow.array(['"2026-10-20"'], pyarrow.json_())})),
    }


@pytest.mark.parametrize(
    "name", ["period", "month", "period as number", "period as word", "interval", "complex", "json"]
)
def test_a_column_of_a_type_that_nobody_knows_is_refused(contract: Contract, name: str) -> None:
    column, frame = strange()[name]
    with pytest.raises(rkdsl.Refused) as refused:
        evaluate(contract, frame, DAY)
    (found,) = refused.value.diagnostics
    assert ("RK651", column) == (found.code, found.place.key)


@pytest.mark.parametrize("engine", ["polars", "lazy", "pandas", "pyarrow", "duckdb"])
def test_a_short_float_is_the_decimal_that_it_is_written_as(engine: str) -> None:
    """62.5 and 43.1 in 32 bits, not what lies nearest to them: that is above one limit, and below another."""
    contract = rkdsl.loads(TEXT.replace("unit visits ", "unit number ").replace("62.5 %", "62.6 %"))
    told = [62.6, 62.59999, 43.1, 0.1, 99.9, None]
    short = pl.DataFrame(
        {"unit": range(len(told)), RENEWED: told, VISITS: [43.1, 43.3, 47.7, 40.01, 50, None]},
        schema_overrides={RENEWED: pl.Float32, VISITS: pl.Float32},
    )
    names = ["again.state", "more.secured", "more.possible"]
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        made = {
            "polars": lambda: evaluate(contract, short, DAY, figures=names),
            "lazy": lambda: evaluate(contract, short.lazy(), DAY, figures=names).collect(),
            "pandas": lambda: pl.from_pandas(evaluate(contract, short.to_pandas(), DAY, figures=names)),
            "pyarrow": lambda: pl.from_arrow(evaluate(contract, short.to_arrow(), DAY, figures=names)),
            "duckdb": lambda: pl.from_arrow(
                evaluate(
                    contract, connection.from_arrow(short.to_arrow()), DAY, figures=names
                ).to_arrow_table()
            ),
        }
        rows = made[engine]().sort("unit").rows(named=True)
    assert [None] * len(rows) == [row.get("error") for row in rows]
    records = [
        {key: value for key, value in zip((RENEWED, VISITS), each, strict=True) if value is not None}
        for each in zip(told, [43.1, 43.3, 47.7, 40.01, 50, None], strict=True)
    ]
    assert len(rows) - sum(bool(row.get(EXACT_NEEDED)) for row in rows) == agree(
        rows, expected(contract, DAY, records)
    )


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_dask_reckons_each_partition_where_it_lies(contract: Contract, scheduler: str) -> None:
    pandas = table().to_pandas()
    found = evaluate(contract, dask_frames.from_pandas(pandas, npartitions=3), DAY)
    assert isinstance(found, dask_frames.DataFrame)
    assert 3 == found.npartitions
    came = found.compute(scheduler=scheduler)
    assert came.index.equals(pandas.index)
    assert dict(found.dtypes) == dict(came.dtypes)
    assert len(RECORDS) == agree(pl.from_pandas(came).rows(named=True), expected(contract, DAY, RECORDS))
    assert EXACT_NEEDED not in came.columns


def test_dask_keeps_its_columns_when_a_partition_is_empty_or_unlawful(contract: Contract) -> None:
    """Unlawful rows are told in their column, without a number that nobody knows; unknown columns at once."""
    pandas = table().with_columns(pl.Series(VISITS, [40, 43, 50, None, -1, 0])).to_pandas()
    whole = dask_frames.concat(
        [dask_frames.from_pandas(each, npartitions=1) for each in (pandas[:0], pandas)]
    )
    came = evaluate(
        contract, whole, DAY, figures=["more.secured", "total.secured"], errors="refuse"
    ).compute()
    assert [0, 3, 10, 0, None, 0] == pl.from_pandas(came)["more.secured"].to_list()
    (error,) = (each for each in pl.from_pandas(came)["error"].to_list() if each is not None)
    assert f"table: row: {VISITS}: error RK626" in error
    with pytest.raises(rkdsl.Refused, match="RK652"):
        evaluate(contract, whole.rename(columns={VISITS: "readings.vists.2026"}), DAY)


def test_duckdb_takes_it_as_a_query(contract: Contract) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        found = evaluate(contract, connection.from_arrow(table().to_arrow()), DAY)
        assert isinstance(found, duckdb.DuckDBPyRelation)
        rows = sorted(found.to_arrow_table().to_pylist(), key=lambda row: row["unit"])
    assert agree(rows, expected(contract, DAY, RECORDS)) >= 2


def test_numbers_are_decimals_or_fractions_as_asked(contract: Contract) -> None:
    whole = evaluate(contract, table(), DAY, figures=["more.secured", "total.possible"])
    assert ["unit", "more.secured", "total.possible"] == whole.columns
    assert not any(each.is_float() for each in whole.dtypes)
    parts = evaluate(contract, table(), DAY, figures=["more.secured"], numbers="fraction")
    assert ["unit", "more.secured:numerator", "more.secured:denominator"] == parts.columns


def test_columns_of_figures_are_kept_when_asked(contract: Contract) -> None:
    assert table().columns == evaluate(contract, table(), DAY, inputs=True).columns[: len(table().columns)]


GROWN = """
contract k "K" {
  period 2026   total 20 points
  reporting closes 2027-03-01
  measure readers "Readers" { unit visits  range 0..100_000  higher is better  each year }
  fact kept "Kept" { unit yes or no }
  goal more "More" { weight 10  target readers in 2026 rises by 4 % from 2025 }
  goal plan "Plan" { weight 10  target kept is yes }
}
"""


@pytest.mark.parametrize("engine", ["polars", "lazy", "duckdb"])
def test_a_column_that_is_not_there_is_as_one_in_which_nothing_stands(engine: str) -> None:
    """What comes out has the same columns, also where every row is left to the exact engine."""
    contract = rkdsl.loads(GROWN)
    both = pl.DataFrame(
        {
            "unit": [0, 1, 2],
            "readings.readers.2025": pl.Series([None] * 3, dtype=pl.Int64),
            "readings.readers.2026": [1300, 0, None],
            "facts.kept": [True, None, False],
        }
    )
    duckdb = pytest.importorskip("duckdb")
    for absent in (
        [],
        ["readings.readers.2025"],
        ["readings.readers.2025", "readings.readers.2026"],
        ["facts.kept"],
    ):
        some = both.drop(absent)
        with duckdb.connect() as connection:
            made = {
                "polars": lambda some=some: evaluate(contract, some, DAY),
                "lazy": lambda some=some: evaluate(contract, some.lazy(), DAY).collect(),
                "duckdb": lambda some=some, connection=connection: pl.from_arrow(
                    evaluate(contract, connection.from_arrow(some.to_arrow()), DAY).to_arrow_table()
                ),
            }
            found = made[engine]().sort("unit")
        if not absent:
            columns = found.columns
        assert columns == found.columns
        records = [
            {key: value for key, value in row.items() if key != "unit" and value is not None}
            for row in some.rows(named=True)
        ]
        settled = agree(found.rows(named=True), expected(contract, DAY, records))
        assert engine != "polars" or settled == 3


def test_a_row_that_is_unlawful_is_told_with_its_place(contract: Contract) -> None:
    wrong = table().with_columns(pl.Series(VISITS, [40, -1, 50, 1001, 1, 1]))
    with pytest.raises(rkdsl.Refused) as refused:
        evaluate(contract, wrong, DAY)
    assert ["row 2: readings.visits.2026", "row 4: readings.visits.2026"] == [
        each.place.key for each in refused.value.diagnostics
    ]
    told = evaluate(contract, wrong, DAY, errors="column")
    assert [False, True, False, True, False, False] == [each is not None for each in told["error"]]
    assert told["more.secured"][1] is None
    lazy = evaluate(contract, wrong.lazy(), DAY).collect()
    assert told["error"].is_null().to_list() == lazy["error"].is_null().to_list()
    assert lazy["error"][1] == "readings.visits.2026: expected a whole number from 0 to 1_000"


def test_of_many_rows_that_are_unlawful_the_first_are_told(contract: Contract) -> None:
    wrong = pl.DataFrame({VISITS: [40] * 3 + [-1] * 100_000})
    with pytest.raises(rkdsl.Refused) as refused:
        evaluate(contract, wrong, DAY)
    *told, last = refused.value.diagnostics
    assert [f"row {row}: {VISITS}" for row in range(4, 24)] == [each.place.key for each in told]
    assert ("RK656", "row 24 is refused too, and those after it are not looked at") == (
        last.code,
        last.labels[0].text,
    )
    few = wrong.head(23)
    with pytest.raises(rkdsl.Refused) as refused:
        evaluate(contract, few, DAY)
    assert {"RK626"} == {each.code for each in refused.value.diagnostics}


def test_a_misspelt_column_gets_a_hint(contract: Contract) -> None:
    with pytest.raises(rkdsl.Refused, match=r"did you mean `readings.visits.2026`"):
        evaluate(contract, table().rename({VISITS: "readings.visit.2026"}), DAY)


def test_a_column_of_another_type_is_refused(contract: Contract) -> None:
    with pytest.raises(rkdsl.Refused, match="RK651"):
        evaluate(contract, table().with_columns(pl.col(VISITS).cast(pl.String)), DAY)


def test_a_column_called_as_what_comes_out_is_refused(contract: Contract) -> None:
    with pytest.raises(rkdsl.Refused, match="RK653"):
        evaluate(contract, table().with_columns(pl.lit(1).alias("total.state")), DAY)


def test_a_frame_without_rows_and_one_without_columns_of_figures(contract: Contract) -> None:
    assert 0 == len(evaluate(contract, table().clear(), DAY))
    found = evaluate(contract, table().select("unit"), DAY)
    assert 6 == agree(found.rows(named=True), expected(contract, DAY, [{}] * 6))


def test_a_figure_that_there_is_not_is_a_key_error(contract: Contract) -> None:
    with pytest.raises(KeyError):
        evaluate(contract, table(), DAY, figures=["nothing.secured"])
    with pytest.raises(ValueError, match="several names"):
        evaluate(contract, table(), DAY, figures="total.secured")


def test_figures_beside_the_decimals_of_columns_are_scored_all_the_same(contract: Contract) -> None:
    fine = table().with_columns(pl.Series(RENEWED, [62.50000001, 62.49999999, None, None, None, None]))
    found = evaluate(contract, fine, DAY)
    assert ["met", "missed"] == found["again.state"].to_list()[:2]


@pytest.mark.parametrize("seed", range(8))
def test_contracts_of_every_form(seed: int) -> None:
    """Of contracts that reach every form, with all told, and with some missing."""
    made = every_form.contract(seed)
    contract = rkdsl.loads(made.text)
    for told in range(3):
        actuals = made.actuals(told, (0.5, 0.9, 1.0)[told % 3])
        record, day = flat(actuals), actuals["as_of"]
        if not all(is_plain(each) for each in record.values()):
            continue
        frame = frame_of(record)
        try:
            wanted = expected(contract, day, [record])
        except rkdsl.Refused:
            with pytest.raises(rkdsl.Refused):
                evaluate(contract, frame, day)
            continue
        assert 1 == agree(evaluate(contract, frame, day).rows(named=True), wanted)
        partitions = dask_frames.from_pandas(frame.to_pandas(), npartitions=1)
        came = pl.from_pandas(evaluate(contract, partitions, day).compute())
        assert 1 == agree(came.rows(named=True), wanted)
        with contextlib.suppress(rkdsl.Refused):  # it has no form over columns
            rows = evaluate(contract, frame.lazy(), day).collect().rows(named=True)
            if rows[0]["error"] is None:
                agree(rows, wanted)


def is_plain(told: Any) -> bool:
    """Whether a table can say as much."""
    if not isinstance(told, dict):
        return not isinstance(told, list)
    return told.keys() <= {"points", "value", "by", "reason"} or told.keys() == {"not_applicable"}


def frame_of(record: Mapping[str, Any]) -> Any:
    """A frame of one row; states stand in columns of their own."""
    row: dict[str, Any] = {}
    for path, told in record.items():
        if isinstance(told, dict) and "not_applicable" in told:
            row[f"{path}:state"] = "not applicable"
        elif isinstance(told, dict):
            row[path] = told.get("points", told.get("value"))
        elif told == "not done":
            row[f"{path}:state"] = "not done"
        else:
            row[path] = told
    return pl.DataFrame([row]) if row else pl.DataFrame({"unit": ["a"]})


def test_a_day_that_the_contract_states_itself_is_the_only_lawful_one() -> None:
    stated = rkdsl.loads(
        'contract k "K" { period 2026  total 10 points  measure d "D" { unit day  lower is better  each year'
        '  2026: 2026-03-01 } goal g "G" { weight 10  target d in 2026 at most 2026-06-01 } }'
    )
    days = pl.DataFrame({"readings.d.2026": [datetime.date(2026, 3, 1), datetime.date(2026, 3, 2)]})
    lazy = evaluate(stated, days.lazy(), DAY).collect()
    assert [False, True] == [each is not None for each in lazy["error"]]
    assert "one of 2026-03-01" in lazy["error"][1]


MANY = 60


@pytest.fixture(scope="module")
def uneven() -> Contract:
    """Goals whose ranges have so many different widths that no 64 bits hold the total."""
    goals = "".join(
        f'measure m{at} "M {at}" {{ unit visits  range 0..1_000  higher is better  each year }}\n'
        f'goal g{at} "G {at}" {{ weight 10  target m{at} in 2026 linear from 40 to {50 + at} }}\n'
        for at in range(MANY)
    )
    return rkdsl.loads(f'contract k "K" {{ period 2026  total {10 * MANY} points\n{goals}}}\n')


UNEVEN = [{f"readings.m{at}.2026": 40 + (7 * at + row) % 70 for at in range(MANY)} for row in range(3)]


@pytest.mark.parametrize("numbers", ["decimal", "fraction"])
def test_totals_that_64_bits_do_not_hold_are_exact(uneven: Contract, numbers: str) -> None:
    found = evaluate(uneven, pl.DataFrame(UNEVEN), DAY, numbers=numbers)
    assert len(UNEVEN) == agree(found.rows(named=True), expected(uneven, DAY, UNEVEN))
    assert pl.Decimal(38, 0) == found.schema["total.secured:numerator"]
    assert pl.Int64 == found.schema["g1.secured:numerator"]
    assert max(found["total.secured:denominator"]) > 2**63


def test_totals_that_64_bits_do_not_hold_in_pandas_and_arrow(uneven: Contract) -> None:
    frame = pl.DataFrame(UNEVEN)
    wanted = evaluate(uneven, frame, DAY, figures=["total.secured"])
    arrow = evaluate(uneven, frame.to_arrow(), DAY, figures=["total.secured"])
    assert wanted.equals(pl.from_arrow(arrow))
    pandas = evaluate(uneven, frame.to_pandas(), DAY, figures=["total.secured"])
    assert wanted["total.secured:numerator"].to_list() == pandas["total.secured:numerator"].to_list()


def test_totals_that_64_bits_do_not_hold_in_dask(uneven: Contract) -> None:
    """Where a lazy frame of Polars refuses them."""
    frame = pl.DataFrame(UNEVEN)
    found = evaluate(
        uneven, dask_frames.from_pandas(frame.to_pandas(), npartitions=2), DAY, figures=["total.secured"]
    )
    wanted = evaluate(uneven, frame, DAY, figures=["total.secured"])
    came = found.compute()
    assert dict(found.dtypes) == dict(came.dtypes)
    assert wanted.equals(pl.from_pandas(came).select(wanted.columns))


def test_what_64_bits_hold_beside_such_a_total_stays_lazy(uneven: Contract) -> None:
    names = [f"g{at}.secured" for at in range(MANY)]
    found = evaluate(uneven, pl.DataFrame(UNEVEN).lazy(), DAY, figures=names)
    assert len(UNEVEN) == agree(found.collect().rows(named=True), expected(uneven, DAY, UNEVEN))
    with pytest.raises(rkdsl.Refused, match=r"`total`: whole numbers do not fit into 64 bits") as refused:
        evaluate(uneven, pl.DataFrame(UNEVEN).lazy(), DAY)
    assert "ask for other figures" in str(refused.value)


# ---- contracts that use others

EXAMPLES = Path(__file__).parent.parent / "examples"


def of_portfolio(contract: Contract, count: int) -> list[dict[str, Any]]:
    """Records with a figure for each slot that takes a plain number or a day, drawn in its range."""
    draw = random.Random(2009)
    rows = []
    for _ in range(count):
        row: dict[str, Any] = {}
        for slot in contract.scorer("2010-03-31").slots:
            if draw.random() < 0.03:
                continue
            shown = slot.field.unit.shown
            if shown in ("truth", "word"):
                row[slot.path] = draw.choice(slot.field.words) if shown == "word" else draw.random() < 0.5
            elif shown == "day":
                row[slot.path] = datetime.date(2009, 1, 1) + datetime.timedelta(days=draw.randrange(365))
            else:
                row[slot.path] = draw.randrange(101)
        rows.append(row)
    return rows


def judged(contract: Contract, row: Mapping[str, Any]) -> dict[str, Any]:
    """The same as a record that says who assessed, or decided, what only some may."""
    found = dict(row)
    for slot in contract.scorer("2010-03-31").slots:
        field = slot.field
        if slot.path in found and (field.kind == "assessment" or field.roles):
            key = "points" if field.kind == "assessment" else "value"
            found[slot.path] = {key: found[slot.path], "by": [*field.roles, "x"][0], "reason": "seen"}
    return found


@pytest.mark.parametrize("name", ["bif-2009/portfolio.rk", "ams-2009/agreement.rk"])
def test_contracts_that_use_others(name: str) -> None:
    contract = rkdsl.load(EXAMPLES / name)
    rows = of_portfolio(contract, 6)
    frame = pl.DataFrame(rows, infer_schema_length=None)
    assert any(each.count(".") > 2 for each in frame.columns)
    found = evaluate(contract, frame, "2010-03-31", errors="column")
    lawful = [index for index, wrong in enumerate(found["error"].to_list()) if wrong is None]
    assert lawful
    records = [judged(contract, rows[each]) for each in lawful]
    told = found.drop("error")[lawful].rows(named=True)
    assert len(lawful) == agree(told, expected(contract, "2010-03-31", records))


def test_figures_of_contracts_that_are_used(tmp_path: Path) -> None:
    contract = rkdsl.load(uses.written(tmp_path) / "both.rk")
    frame = pl.DataFrame(
        {
            "readings.north.placed.2009": [31, 29],
            "readings.north.answered.2009": [95.5, 95.0],
            "readings.south.placed.2009": [10, 20],
        }
    )
    names = ["north.places.state", "north.secured", "south.secured", "points_in_all.secured"]
    for found in (
        evaluate(contract, frame, "2010-03-31", figures=names),
        evaluate(contract, frame.lazy(), "2010-03-31", figures=names).select(names).collect(),
    ):
        assert [("met", 100, 0, 100), ("missed", 40, 50, 90)] == found.rows()


REGISTERED = """
contract k "K" {
  period 2026   total 10 points
  reporting closes 2027-03-01
  goal app "App" { weight 10  milestone live "Live" by 2026-09-30 }
  register hours(planned) "Hours" {
    fact planned "Planned" { unit hours }
    fact used "Used" { unit hours }
    value left "Left" = planned - used
    value all_left "Left in all" = sum(left)
  } each {
    app "App": 100
  }
}
"""


def test_what_registers_reckon_comes_out_where_it_is_asked_for() -> None:
    """By columns and by the exact engine, to which a milestone as a text that is no day is left."""
    contract = rkdsl.loads(REGISTERED)
    used = "facts.hours.app.used"
    rows: list[dict[str, Any]] = [
        {LIVE: "2026-09-30", used: 40},
        {LIVE: "not done", used: 110.5},
        {LIVE: "not done"},
        {used: 0},
    ]
    several = pl.DataFrame(rows, schema={LIVE: pl.String, used: pl.Decimal(6, 1)})
    assert [name for name in evaluate(contract, several, DAY).columns if "hours" in name] == []
    names = [
        "hours.app.left.state",
        "hours.app.left.secured",
        "hours.all_left.secured",
        "hours.all_left.possible",
    ]
    found = evaluate(contract, several, DAY, figures=names).rows()
    left = [
        ("", 60, 60, 60),
        ("", Decimal("-10.5"), *[Decimal("-10.5")] * 2),
        ("not known", None, None, None),
    ]
    assert [*left, ("", 100, 100, 100)] == found
    lazy = evaluate(contract, several.lazy(), DAY, figures=names).collect()
    assert [row["exact needed"] for row in lazy.rows(named=True)] == [False, True, True, False]
