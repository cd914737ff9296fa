"""Numbers of any width and scale come to what they are: no engine and no table of text takes a digit from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl.columns.tables import ERROR, EXACT_NEEDED
from rkdsl.frames import evaluate, figures_of
from rkdsl.pipeline import Contract
from rkdsl.programs import query
from rkdsl.tools.command import main
from tests import databases

pl = pytest.importorskip("polars")
pytest.importorskip("pyarrow")

DAY = "2027-03-31"
TEXT = """
contract k "K" {
  period 2026   total 40 points
  reporting closes 2027-03-01
  measure far "Far" { unit number  higher is better  each year }
  measure near "Near" { unit number  range -7..12.5  higher is better  each year }
  measure all "All" { unit visits  range 0..100_000_000_000_000_000  higher is better  each year }
  measure rate "Rate" { unit %  range 0..100 %  higher is better  each year }
  goal a "A" { weight 10  target far in 2026 above 50 }
  goal b "B" { weight 10  target near in 2026 linear from 0 to 12.5 }
  goal c "C" { weight 10  target all in 2026 at least 9_007_199_254_740_993 }
  goal d "D" { weight 10  target rate in 2026 above 62.5 % }
}
"""
PATHS = tuple(f"readings.{name}.2026" for name in ("far", "near", "all", "rate"))
ENDS = (
    *("50", "0", "12.5", "-7", "9007199254740993", "62.5", "100"),
    *("1000000000", "99999999999999999", "0.000001"),
)
FIGURES = ("a.state", "b.state", "c.state", "d.state", "a.secured", "c.possible", "total.state")


@pytest.fixture(scope="module")
def contract() -> Contract:
    return rkdsl.loads(TEXT)


@st.composite
def columns(draw: st.DrawFn) -> tuple[int, list[Decimal | None]]:
    """How many decimals a column has, and numbers of it: at the ends that the contract writes, and beside them."""
    places = draw(st.integers(0, 37))

    def placed(digits: int) -> Decimal:
        return Decimal(f"{digits}E-{places}")

    near = [int(Decimal(each).scaleb(places)) for each in ENDS if len(each.split(".")[0]) + places <= 37]
    beside = st.sampled_from([0, *near]).flatmap(lambda each: st.integers(each - 1, each + 1))
    numbers = beside | st.integers(1 - 10**38, 10**38 - 1) | st.integers(-(10**12), 10**12)
    return places, draw(st.lists(st.none() | numbers.map(placed), min_size=1, max_size=4))


def wanted(contract: Contract, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """What each row comes to by itself; None where it is refused."""
    scorer, found = contract.scorer(DAY), []
    for row in rows:
        told = {path: str(value) if isinstance(value, Decimal) else value for path, value in row.items()}
        told = {path: Decimal(value) for path, value in told.items() if value is not None}
        try:
            found.append(figures_of(scorer(told).outcome))
        except rkdsl.Refused:
            found.append(None)
    return found


def agree(found: Sequence[dict[str, Any]], expected: Sequence[dict[str, Any] | None]) -> None:
    """Rows with an error are those that are refused, others are the same, unless they are left to the exact engine."""
    for row, figures in zip(found, expected, strict=True):
        if row.get(EXACT_NEEDED):
            assert row["a.state"] is None
            continue
        assert (row[ERROR] is not None) == (figures is None), (row, figures)
        for name in FIGURES:
            assert row[name] == (None if figures is None else figures[name]), name


@pytest.fixture(scope="module")
def duck() -> Iterator[Any]:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        yield connection


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), column=columns())
@example(path=PATHS[0], column=(30, [Decimal("50." + "0" * 29 + "1"), Decimal("99.5"), None]))
@example(path=PATHS[3], column=(37, [Decimal("1E-37"), Decimal("-1E-37")]))
@example(path=PATHS[2], column=(0, [Decimal(9007199254740993), Decimal(9007199254740992)]))
def test_decimals(contract: Contract, duck: Any, path: str, column: tuple[int, list[Decimal | None]]) -> None:
    """Of any scale, in memory, in a lazy frame, in an Arrow table and in a relation of DuckDB."""
    places, numbers = column
    frame = pl.DataFrame({path: pl.Series(numbers, dtype=pl.Decimal(38, places))})
    expected = wanted(contract, [{path: each} for each in numbers])
    agree(evaluate(contract, frame, DAY, figures=FIGURES, errors="column").rows(named=True), expected)
    agree(evaluate(contract, frame.lazy(), DAY, figures=FIGURES).collect().rows(named=True), expected)
    agree(evaluate(contract, frame.to_arrow(), DAY, figures=FIGURES, errors="column").to_pylist(), expected)
    duck.register("given_rows", frame.to_arrow())
    found = evaluate(contract, duck.table("given_rows"), DAY, figures=FIGURES)
    agree([dict(zip(found.columns, row, strict=True)) for row in found.fetchall()], expected)


@pytest.mark.parametrize("type", [pl.Int64, pl.UInt64, pl.Int128, pl.Int8, pl.UInt8])
def test_whole_numbers_of_any_width(contract: Contract, type: Any) -> None:
    """Also where they do not fit into 64 bits with a sign."""
    several = [0, 1, 12, 13, 51, 100, 127, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 10**17, 10**17 + 1]
    numbers = [each for each in several if _fits(each, type)]
    assert len(numbers) > 4
    for path in PATHS:
        frame = pl.DataFrame({path: pl.Series(numbers, dtype=type)})
        expected = wanted(contract, [{path: each} for each in numbers])
        agree(evaluate(contract, frame, DAY, figures=FIGURES, errors="column").rows(named=True), expected)
        agree(evaluate(contract, frame.lazy(), DAY, figures=FIGURES).collect().rows(named=True), expected)


def _fits(number: int, type: Any) -> bool:
    try:
        return [number] == pl.Series([number], dtype=type).to_list()
    except (OverflowError, TypeError, pl.exceptions.PolarsError):
        return False


NASTY = (
    *(
        "50.000000000001",
        "49.999999999999",
        "50",
        "62.5",
        "62.500000000001",
        "100.000000000001",
        "-0.000000000001",
    ),
    *("12.5", "12.500000000001", "-7", "99999999999999999999999999", None),
)
WIDE = ("50.0000000000000000000000000001", "62.5000000000000000000000000001", "12.5", "-7", None)


@pytest.mark.parametrize("engine", ["postgres", "spark"])
def test_decimals_in_databases(contract: Contract, engine: str) -> None:
    with {"postgres": databases.postgres, "spark": databases.spark}[engine]() as connected:
        for places, numbers in ((12, NASTY), (28, WIDE)):
            cells = [None if each is None else Decimal(each) for each in numbers]
            for path in (PATHS[0], PATHS[1], PATHS[3]):
                expected = wanted(contract, [{path: each} for each in cells])
                rows = _in_spark if engine == "spark" else _in_postgres
                agree(rows(connected, contract, path, places, cells), expected)


def _in_spark(
    session: Any, contract: Contract, path: str, places: int, cells: Sequence[Decimal | None]
) -> list[dict[str, Any]]:
    numbers = pl.Series(cells, dtype=pl.Decimal(38, places))
    given = session.createDataFrame(pl.DataFrame({"unit": range(len(cells)), path: numbers}).to_arrow())
    found = evaluate(contract, given, DAY, figures=FIGURES).orderBy("unit").collect()
    return [row.asDict() for row in found]


def _in_postgres(
    connection: Any, contract: Contract, path: str, places: int, cells: Sequence[Decimal | None]
) -> list[dict[str, Any]]:
    type = f"numeric(38,{places})"
    connection.execute("DROP TABLE IF EXISTS data")
    connection.execute(f'CREATE TEMPORARY TABLE data (unit bigint, "{path}" {type})')
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO data VALUES (%s, %s)", list(enumerate(cells)))
    without = [each for each in PATHS if each != path]
    types = {"number": type}
    text = query(
        contract, DAY, dialect="postgres", keep=["unit"], without=without, types=types, figures=FIGURES
    )
    found = connection.execute(text)
    names = [each.name for each in found.description]
    return sorted((dict(zip(names, row, strict=True)) for row in found), key=lambda row: row["unit"])


def test_a_range_of_many_decimals_has_a_query() -> None:
    """Its ends stand in the query with every digit."""
    measure = "range -0.00000000000000000000012..0.5 unit number higher is better each year"
    goal = 'goal g "G" { weight 10  target a in 2026 at least 0.25 }'
    told = rkdsl.loads(f'contract k "K" {{ period 2026  measure a "A" {{ {measure} }}  {goal} }}')
    assert "< (-0.00000000000000000000012)" in query(told, DAY)


# ---- tables of text

WRITTEN = (
    *(
        "50",
        "50.000000000000001",
        " 50.0 ",
        "+50.5",
        "1e3",
        "5.00000000000000001e1",
        "49.99999999999999999",
        "-0",
    ),
    *("", "nan", "62.5", "62.50000000000000000000001", ".5", "12.", "0.30000000000000004", "12.5", "1E-9"),
)


@pytest.mark.parametrize("engine", ["polars", "duckdb", "spark"])
def test_numbers_of_text_are_read_as_they_are_written(
    contract: Contract, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no float is that number, with an exponent, and beside cells that are empty."""
    pytest.importorskip({"spark": "pyspark"}.get(engine, engine))
    monkeypatch.chdir(tmp_path)
    Path("k.rk").write_text(TEXT, encoding="utf-8")
    names = ",".join(PATHS[each] for each in (0, 1, 3))
    cells = "".join(f"{at},{each},{each},{each}\n" for at, each in enumerate(WRITTEN))
    Path("units.csv").write_text(f"unit,{names}\n{cells}", encoding="utf-8")
    words = ["batch", "k.rk", "units.csv", "-o", "out.parquet", "--engine", engine, "--errors", "column"]
    words += [word for each in FIGURES for word in ("--figure", each)]
    assert 0 == main([*words, "--as-of", DAY])
    told = [None if each.strip() in ("", "nan") else Decimal(each) for each in WRITTEN]
    expected = wanted(contract, [{PATHS[at]: each for at in (0, 1, 3)} for each in told])
    found = pl.read_parquet("out.parquet" if engine != "spark" else "out.parquet/*.parquet")
    agree(found.sort(pl.col("unit").cast(pl.Int64)).rows(named=True), expected)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("abc", "found `abc`, expected a number"),
        ("1,5", ""),
        ("1_000", "found `1_000`, expected a number"),
        ("1e400", "more than 38 digits"),
        ("1" * 39, "more than 38 digits"),
        ("1." + "0" * 40 + "1", "more than 38 digits"),
        ("inf", ""),
    ],
)
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_text_that_is_no_number_is_refused(
    engine: str,
    cell: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the column, and by Polars the row; nothing is written."""
    pytest.importorskip(engine)
    monkeypatch.chdir(tmp_path)
    Path("k.rk").write_text(TEXT, encoding="utf-8")
    quoted = f'"{cell}"' if "," in cell else cell
    Path("units.csv").write_text(f"unit,{PATHS[0]}\na,5\nb,{quoted}\n", encoding="utf-8")
    assert 1 == main(["batch", "k.rk", "units.csv", "-o", "out.csv", "--engine", engine, "--as-of", DAY])
    error = capsys.readouterr().err
    assert said in error
    assert PATHS[0] in error
    assert "row 2" in error or engine != "polars" or "digits" in error
    assert {"k.rk", "units.csv"} == {each.name for each in tmp_path.iterdir()}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_truths_of_text(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`true` and `yes`, in any case; what is neither is refused."""
    pytest.importorskip(engine)
    monkeypatch.chdir(tmp_path)
    text = 'contract k "K" { period 2026  fact kept "Kept" { unit yes or no }  goal g "G" { target kept is yes } }'
    Path("k.rk").write_text(text, encoding="utf-8")
    words = ["batch", "k.rk", "units.csv", "-o", "out.csv", "--engine", engine, "--as-of", DAY, "--force"]
    words += ["--figure", "g.state"]
    Path("units.csv").write_text('facts.kept\nyes\nTRUE\nno\nFalse\n""\n', encoding="utf-8")
    assert 0 == main(words)
    assert ["met", "met", "missed", "missed", "not known"] == pl.read_csv("out.csv")["g.state"].to_list()
    Path("units.csv").write_text("facts.kept\nyes\nja\n", encoding="utf-8")
    capsys.readouterr()
    assert 1 == main(words)
    assert "found `ja`, expected true or false" in capsys.readouterr().err
