"""`rkdsl batch` and `rkdsl sql`: tables in and out, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

import rkdsl
from rkdsl.tools.batch import ROWS
from rkdsl.tools.command import main
from tests import databases
from tests.benchmarks import ams18
from tests.peaks import measured
from tests.test_frames import DAY, GRADE, LIVE, RECORDS, TEXT, VISITS, agree, expected, table

pl = pytest.importorskip("polars")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a contract and a table, as Parquet and as CSV."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k.rk").write_text(TEXT, encoding="utf-8")
    table().write_parquet("units.parquet")
    table().with_columns(pl.col(pl.Float64).fill_nan(None)).write_csv("units.csv")
    return tmp_path


def batch(*words: str) -> int:
    return main(["batch", "k.rk", *words, "--as-of", DAY])


def wanted() -> list[dict[str, Any]]:
    return expected(rkdsl.loads(TEXT), DAY, RECORDS)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("source", ["units.parquet", "units.csv"])
def test_a_table_comes_out(folder: Path, engine: str, source: str) -> None:
    pytest.importorskip(engine)
    assert 0 == batch(source, "-o", "out.parquet", "--engine", engine)
    found = pl.read_parquet("out.parquet")
    assert ["a", "b", "c", "d", "e", "f"] == found["unit"].to_list()
    settled = agree(found.rows(named=True), wanted())
    assert settled == len(RECORDS) if engine == "polars" else settled >= 2
    assert {"k.rk", "units.parquet", "units.csv", "out.parquet"} == {each.name for each in folder.iterdir()}


def test_csv_comes_out_as_parquet_does(folder: Path) -> None:
    assert 0 == batch("units.csv", "-o", "out.csv", "--figure", "total.secured", "--figure", "more.state")
    assert 0 == batch(
        "units.parquet", "-o", "out.parquet", "--figure", "total.secured", "--figure", "more.state"
    )
    assert pl.read_parquet("out.parquet").write_csv() == Path("out.csv").read_text(encoding="utf-8")


HEAD = f"unit,note,{VISITS},{LIVE},{GRADE}\n"
TABLES = {
    "apostrophes": (HEAD + "a,'x,43,,\nb,y',50,,\nc,fine,40,,\n", [("a", 3), ("b", 10), ("c", 0)]),
    "comments": (HEAD + "# 1,,43,,\n#2,,50,,\n", [("# 1", 3), ("#2", 10)]),
    "short": (HEAD + "a,,43\nb\nc,,50,,\n", [("a", 3), ("b", 0), ("c", 10)]),
    "empty lines": (HEAD + "a,,43,,\n\nb,,50,,\n\n", [("a", 3), ("b", 10)]),
    "quotes": (HEAD + 'a,"x ""y"", z",43,"",""\n"b","",50,"2026-09-30","high"\n', [("a", 3), ("b", 30)]),
    "blanks": (HEAD + "a,, 43 , 2026-09-30 , high \n", [("a", 23)]),
    "late quotes": (
        HEAD + "a,,43,,\n" * 30_000 + '"b, c","d\ne",50,,\n',
        [("a", 3)] * 30_000 + [("b, c", 10)],
    ),
    "carriage returns": (
        "\ufeff" + (HEAD + "a,,43,,\nb,,50,,\n").replace("\n", "\r\n"),
        [("a", 3), ("b", 10)],
    ),
}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("name", TABLES)
def test_csv_is_read_as_it_is_written(folder: Path, engine: str, name: str) -> None:
    """No engine guesses what separates cells, what quotes them, or what is a comment."""
    text, wanted = TABLES[name]
    (folder / "given.csv").write_bytes(text.encode())
    assert 0 == batch("given.csv", "-o", "o.parquet", "--engine", engine, "--figure", "total.secured")
    found = pl.read_parquet("o.parquet").select("unit", pl.col("total.secured").cast(pl.Int64))
    assert wanted == found.rows()


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace(",", ";") + "a;;43;;\n", "separate columns by commas"),
        ("unit,visits\na,43\n", f"figures are called as `{VISITS}`"),
        (HEAD.replace("readings", "reading") + "a,,43,,\n", f"did you mean `{VISITS}`?"),
        (HEAD.replace("\n", ",\n") + "a,,43,,,\n", "column 6 has no name"),
        (HEAD.replace("note", "unit") + "a,,43,,\n", "two columns are called so"),
        (HEAD + "a,,43,,,,x\n", "RK702"),
        (HEAD + 'a,"x,43,,\nb,,50,,\n', "RK702"),
        ("", "has no line of names"),
    ],
)
def test_csv_that_says_nothing_sure_is_refused(
    folder: Path, engine: str, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "given.csv").write_text(text, encoding="utf-8")
    assert 1 == batch("given.csv", "-o", "o.parquet", "--engine", engine, "--figure", "total.secured")
    assert said in capsys.readouterr().err
    (folder / "given.csv").write_bytes("unit,blå\n".encode("latin-1"))
    assert 1 == batch("given.csv", "-o", "o.parquet", "--engine", engine)
    assert "is not UTF-8" in capsys.readouterr().err


def test_types_that_engines_have(folder: Path) -> None:
    """Days as categories and with their nanoseconds, and a column of no type, in which nothing stands."""
    days = pl.Series(["2026-09-30", "2026-10-01", None])
    given = {
        "categories": days.cast(pl.Categorical),
        "nanoseconds": days.str.to_datetime("%Y-%m-%d", time_unit="ns"),
    }
    for name, column in given.items():
        nothing = pl.Series([None] * 3, dtype=pl.Null)
        pl.DataFrame({"unit": [1, 2, 3], LIVE: column, VISITS: nothing}).write_parquet(f"{name}.parquet")
        for engine in ("polars", "duckdb"):
            words = ("-o", f"{engine}.parquet", "--force", "--engine", engine, "--figure", "app.secured")
            assert 0 == batch(f"{name}.parquet", *words, "--figure", "more.state")
            found = pl.read_parquet(f"{engine}.parquet").select("unit", "app.secured", "more.state").rows()
            assert [(1, 10, "not known"), (2, 7, "not known"), (3, 0, "not known")] == found


def test_a_mistake_in_a_table_says_its_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table().with_columns(pl.lit("maybe").alias(f"{VISITS}:state")).write_parquet("wrong.parquet")
    assert 1 == batch("wrong.parquet", "-o", "o.parquet")
    said = capsys.readouterr().err
    assert said.startswith(
        f"wrong.parquet: row 1: {VISITS}:state: error RK651: a column that cannot be read\n"
    )
    assert "found `maybe`, expected not applicable, not defined or not done, or nothing" in said


@pytest.mark.parametrize("verb", [["batch", "k.rk", "units.csv", "-o", "o.csv"], ["sql", "k.rk"]])
def test_a_misspelt_figure_gets_a_hint(
    folder: Path, verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == main([*verb, "--as-of", DAY, "--figure", "total.secrued"])
    assert "there is no figure `total.secrued`; did you mean `total.secured`?" in capsys.readouterr().err


def test_many_pieces_come_out_in_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = pl.concat([table()] * 50).with_columns(unit=pl.int_range(300))
    many.write_parquet("many.parquet")
    monkeypatch.setattr("rkdsl.tools.batch.ROWS", 7)
    assert 0 == batch("many.parquet", "-o", "out.parquet")
    found = pl.read_parquet("out.parquet")
    assert list(range(300)) == found["unit"].to_list()
    assert 300 == agree(found.rows(named=True), wanted() * 50)


def test_an_unlawful_row_refuses_the_table_or_is_told_in_a_column(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table().with_columns(pl.Series(VISITS, [40, -1, 50, 1001, 1, 1])).write_parquet("units.parquet")
    assert 1 == batch("units.parquet", "-o", "out.parquet")
    assert "row 4: readings.visits.2026: error RK626" in capsys.readouterr().err
    assert not Path("out.parquet").exists()
    assert 0 == batch("units.parquet", "-o", "out.parquet", "--errors", "column")
    assert 2 == pl.read_parquet("out.parquet")["error"].is_not_null().sum()
    assert "6 rows, 2 of them with an error" in capsys.readouterr().err


def test_no_input_is_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("units.parquet").read_bytes()
    assert 2 == batch("units.parquet", "-o", "units.parquet", "--force")
    assert "never written over" in capsys.readouterr().err
    assert before == Path("units.parquet").read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ("units.parquet",),
        ("units.parquet", "-o", "o.parquet", "--figure", "no.secured"),
        ("units.parquet", "-o", "o.xlsx"),
        ("units.parquet", "-o", "o.csv.gz"),
    ],
)
def test_wrong_usage_is_told(folder: Path, words: tuple[str, ...]) -> None:
    assert 2 == batch(*words)


@pytest.mark.parametrize("name", ["none.parquet", "k.rk"])
def test_what_is_no_table_is_refused(folder: Path, name: str) -> None:
    assert 1 == batch(name, "-o", "out.parquet")
    assert not Path("out.parquet").exists()


NOISE = 200
"""Characters of a column that nothing makes smaller."""


def large(folder: Path, pieces: int, name: str) -> Path:
    """A table of so many pieces, of which one takes some 13 MB."""
    path, random = folder / name, Random(1)
    frame = table().select(VISITS)
    rows = pl.concat([frame] * (ROWS // len(frame) + 1)).head(ROWS)
    with pq.ParquetWriter(path, rows.with_columns(note=pl.lit("")).to_arrow().schema) as writer:
        for _ in range(pieces):
            digits = random.randbytes(ROWS * NOISE // 2).hex()
            notes = [digits[at : at + NOISE] for at in range(0, len(digits), NOISE)]
            writer.write_table(rows.with_columns(note=pl.Series(notes)).to_arrow())
    return path


def test_memory_does_not_grow_with_the_table(folder: Path) -> None:
    """Twenty pieces are 260 MB, six of them 78 MB."""
    few, many = large(folder, 6, "few.parquet"), large(folder, 20, "many.parquet")
    assert many.stat().st_size - few.stat().st_size > 150 << 20
    least, most = (
        measured("batch", "k.rk", each, "-o", f"{each.stem}.out.parquet", "--as-of", DAY).megabytes
        for each in (few, many)
    )
    assert most - least < 75
    assert pl.scan_parquet(f"{many.stem}.out.parquet").select(pl.len()).collect().item() == 20 * ROWS


def test_an_interruption_leaves_nothing(tmp_path: Path) -> None:
    """Control-C in the middle: no output, and nothing half-written beside it."""
    rows = pl.DataFrame([ams18.records(1)[0]])
    pl.concat([rows] * 400_000, rechunk=True).write_parquet(tmp_path / "many.parquet")
    command = [
        sys.executable,
        "-m",
        "rkdsl",
        "batch",
        str(ams18.CONTRACT),
        "many.parquet",
        "-o",
        "out.parquet",
    ]
    running = subprocess.Popen(
        [*command, "--as-of", ams18.AS_OF],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(rkdsl.__file__).parents[1])},
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".out.parquet.*/out.parquet")) and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert 2 == running.returncode, said
    assert ["many.parquet"] == [each.name for each in tmp_path.iterdir()]


def test_spark_writes_a_folder(folder: Path) -> None:
    with databases.spark():
        assert 0 == batch("units.parquet", "-o", "out.parquet", "--engine", "spark", "--master", "local[2]")
    found = pl.read_parquet("out.parquet/*.parquet").sort("unit")
    assert agree(found.rows(named=True), wanted()) >= 2


def test_spark_reads_csv_as_it_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = 'a,\'x,43,,\nb,y\',50,,\n# c,"x ""y"", \nz",47,"",\n'
    (folder / "given.csv").write_text(HEAD + rows, encoding="utf-8")
    (folder / "long.csv").write_text(HEAD + "a,,43,,,,x\n", encoding="utf-8")
    words = ("--engine", "spark", "--master", "local[2]", "--figure", "total.secured")
    with databases.spark():
        assert 0 == batch("given.csv", "-o", "o.parquet", *words)
    with databases.spark():
        assert 1 == batch("long.csv", "-o", "long.parquet", *words)
    assert "RK702" in capsys.readouterr().err
    found = pl.read_parquet("o.parquet/*.parquet").sort("unit")
    assert [("# c", 7), ("a", 3), ("b", 10)] == found.select(
        "unit", pl.col("total.secured").cast(pl.Int64)
    ).rows()
    assert 'x "y", \nz' == found["note"][0]


# ---- queries


def sql(*words: str) -> int:
    return main(["sql", "k.rk", "--as-of", DAY, *words])


def test_a_query_runs(folder: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    words = ("--keep", "unit", "--table", "units", "--type", "number=double", "--type", "day=text")
    assert 0 == sql(
        *words, "--state", "readings.renewed.2026", "--state", "milestones.app.live", "-o", "q.sql"
    )
    with duckdb.connect() as connection:
        connection.register("units", table().to_arrow())
        found = connection.sql(Path("q.sql").read_text(encoding="utf-8")).to_arrow_table().to_pylist()
    assert agree(sorted(found, key=lambda row: row["unit"]), wanted()) >= 2


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "tsql", "mysql", "oracle", "clickhouse"])
def test_other_dialects_are_translated_and_marked(
    folder: Path, dialect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sqlglot")
    assert 0 == sql("--dialect", dialect)
    assert capsys.readouterr().out.startswith(
        f"-- translated to {dialect} by sqlglot and parsed again; not run\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--dialect", "klingon"),
        ("--type", "number"),
        ("--type", "colour=red"),
        ("--without", "readings.none.2026"),
        ("--figure", "none.secured"),
    ],
)
def test_wrong_queries_are_told(folder: Path, words: tuple[str, ...]) -> None:
    assert 2 == sql(*words)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_terminal_is_told_how_far_it_has_come(folder: Path) -> None:
    """On a terminal of its own; where nobody looks on, only the last line is told."""
    import pty

    pl.concat([table()] * 60_000).write_parquet("many.parquet")
    words = [
        sys.executable,
        "-m",
        "rkdsl",
        "batch",
        "k.rk",
        "many.parquet",
        "-o",
        "out.parquet",
        "--as-of",
        DAY,
    ]
    source = {**os.environ, "PYTHONPATH": str(Path(rkdsl.__file__).parents[1])}
    leader, follower = pty.openpty()
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=follower, cwd=folder, env=source
    ) as process:
        os.close(follower)
        told = b""
        with contextlib.suppress(OSError):  # Linux says so when nobody writes to it any more
            while piece := os.read(leader, 1 << 16):
                told += piece
    os.close(leader)
    assert 0 == process.returncode
    text = told.decode()
    assert re.search(r"\r[\d_]+ of 360_000 \(\d+%\) rows, [\d_]+ a second ", text)
    assert text.rstrip().endswith("\x1b[Kout.parquet: 360_000 rows")
    silent = subprocess.run(
        [*words, "--force"], capture_output=True, text=True, check=True, cwd=folder, env=source
    )
    assert "out.parquet: 360_000 rows\n" == silent.stderr
