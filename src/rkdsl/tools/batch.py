"""The verb `batch`: every row of a table scored, a piece at a time, into another table."""

from __future__ import annotations

import argparse
import datetime
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rkdsl import messages
from rkdsl.actuals.record import SECTIONS
from rkdsl.columns import remarks, sql
from rkdsl.columns.tables import ERROR
from rkdsl.columns.text_tables import TextTable, columns_of, is_figure, typed, typed_by_sql
from rkdsl.diagnostics import Diagnostic, Place, Refused
from rkdsl.pipeline import Contract
from rkdsl.plain import evolve
from rkdsl.programs import TABLE, Asked, no_figure, rules_of
from rkdsl.tools import output
from rkdsl.tools.common import usage

ROWS: Final = 1 << 16
"""Rows of one piece."""
READ: Final = 1 << 20
"""Bytes of a column of Parquet that are read at a time: else all of them would be, of every piece at once."""
EXTRAS: Final = {"polars": "frames", "duckdb": "sql", "spark": "spark"}
"""The extra that an engine needs."""
WRITTEN: Final = ("", ".parquet", ".pq", ".csv")
"""How the name of a table that is written may end; Parquet, but for the last."""
OFTEN: Final = 0.2
"""Seconds between two lines of progress."""


def add_options(parser: argparse.ArgumentParser, load: Callable[[argparse.Namespace], Contract]) -> None:
    """What the verb is asked; `load` gives the contract that options name."""
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument("data", metavar="data.parquet", help="a table, a row for each unit: Parquet or CSV")
    output.add_options(parser, "out.parquet")
    parser.add_argument("--engine", choices=tuple(EXTRAS), default="polars", help="what reckons")
    parser.add_argument("--master", metavar="URL", default="local[*]", help="the cluster of --engine spark")
    parser.add_argument(
        "--numbers", choices=("decimal", "fraction"), default="decimal", help="how numbers are written"
    )
    parser.add_argument(
        "--errors",
        choices=("refuse", "column"),
        default="refuse",
        help="what becomes of unlawful rows: nothing is written, or a column says why",
    )
    parser.add_argument(
        "--figure",
        metavar="NAME",
        action="append",
        help="a figure that comes out, such as total.secured; may be repeated (all)",
    )
    parser.add_argument(
        "--inputs", action="store_true", help="write also the columns that figures are read from"
    )
    parser.set_defaults(verb=lambda options: _batch(options, load))


def _batch(options: argparse.Namespace, load: Callable[[argparse.Namespace], Contract]) -> int:
    if options.output is None:
        return usage("give the table to write: -o out.parquet")
    if options.engine != "spark" and Path(options.output).suffix.lower() not in WRITTEN:
        return usage(f"{options.output}: tables are written as .parquet or .csv")
    contract = load(options)
    day = options.as_of or contract.closes
    if day is None:
        raise Refused((messages.no_as_of(Place(options.contract)),), {})
    if not Path(options.data).is_file():
        raise Refused((messages.unreadable(Place(options.data), "no such file"),), {})
    read = (options.contract, options.data, *contract.files)
    is_folder = options.engine == "spark"
    try:
        with output.placed(options.output, read, force=options.force, is_folder=is_folder) as target:
            count = _ENGINES[options.engine](contract, day, options, target)
    except Refused as error:
        raise Refused(
            tuple(_in_file(each, options.data) for each in error.diagnostics), error.sources
        ) from None
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "rkdsl":
            raise
        return usage(f"{package} is not installed: pip install 'rkdsl[{EXTRAS[options.engine]}]'")
    except KeyError as error:
        return usage(no_figure(rules_of(contract, day), str(error.args[0])))
    except output.NotWrittenError as error:
        return usage(str(error))
    print(f"{options.output}: {count}", file=sys.stderr)
    return 0


def _in_file(diagnostic: Diagnostic, name: str) -> Diagnostic:
    """A mistake of a table, placed in its file."""
    labels = (
        evolve(each, place=each.place._replace(file=name)) if each.place.file == TABLE else each
        for each in diagnostic.labels
    )
    return evolve(diagnostic, labels=tuple(labels))


def _asked(options: argparse.Namespace) -> Asked:
    figures = tuple(dict.fromkeys(options.figure)) if options.figure else None
    return Asked(figures, options.numbers == "fraction", options.errors, options.inputs)


def speaks() -> bool:
    """Whether somebody looks on, who is told how far it has come."""
    return sys.stderr is not None and sys.stderr.isatty()


class Progress:
    """Rows done, told on a terminal; silent elsewhere."""

    def __init__(self, total: int | None) -> None:
        self.total, self.done = total, 0
        self._speaks = speaks()
        self._began = self._last = time.monotonic()

    def add(self, rows: int) -> None:
        """So many more."""
        self.done += rows
        now = time.monotonic()
        if self._speaks and now - self._last >= OFTEN:
            self._last = now
            of = f" of {self.total:_} ({self.done / self.total:.0%})" if self.total else ""
            print(
                f"\r{self.done:_}{of} rows, {self.done / (now - self._began):_.0f} a second ",
                end="",
                file=sys.stderr,
            )

    def end(self) -> None:
        """Leaves the line free."""
        if self._speaks:
            print("\r\x1b[K", end="", file=sys.stderr)


# ---- Polars


def _by_polars(contract: Contract, day: datetime.date, options: argparse.Namespace, target: Path) -> str:
    from rkdsl.frames import Chunks

    chunks = Chunks(contract, day, _asked(options))
    total, columns, pieces = _pieces(options.data, chunks.types)
    _check_names(options.data, columns, chunks.types)
    progress = Progress(total)
    wrong = 0
    try:
        with _Writer(target, options.output) as writer:
            for piece in pieces:
                found = chunks.evaluate(piece)
                progress.add(len(piece))
                if chunks.is_over:
                    break
                if chunks.refused:
                    continue
                if options.errors == "column":
                    wrong += len(found) - found[ERROR].null_count()
                writer.write(found)
    finally:
        progress.end()
    if chunks.refused:
        raise Refused(tuple(chunks.refused), {})
    return f"{chunks.rows:_} rows" + (f", {wrong:_} of them with an error" if wrong else "")


def _check_names(name: str, columns: list[str], types: Mapping[str, str]) -> None:
    """Refuses a table that tells nothing of the contract: all of it would be open, and nobody meant that."""
    if not any(is_figure(each, types) or each.partition(".")[0] in SECTIONS.values() for each in columns):
        raise Refused((remarks.of_no_figures(name, columns, types),), {})


def _pieces(name: str, types: dict[str, str]) -> tuple[int | None, list[str], Iterator[Any]]:
    """How many rows a table has, where it says so, its columns, and the table as frames of Polars."""
    if not _is_csv(name):
        import pyarrow.parquet

        try:
            file = pyarrow.parquet.ParquetFile(name, pre_buffer=False, buffer_size=READ)
        except (pyarrow.ArrowInvalid, OSError):
            raise Refused((messages.unreadable(Place(name), "is not Parquet"),), {}) from None
        return file.metadata.num_rows, file.schema_arrow.names, _of_parquet(file)
    columns = columns_of(name)
    return None, columns, _of_csv(name, types)


def _of_parquet(file: Any) -> Iterator[Any]:
    import polars as pl

    schema = file.schema_arrow
    empty = True
    for each in file.iter_batches(ROWS):
        empty = False
        yield pl.DataFrame(pl.from_arrow(each))
    if empty:
        yield pl.DataFrame(pl.from_arrow(schema.empty_table()))


def _of_csv(name: str, types: dict[str, str]) -> Iterator[Any]:
    """Pieces of a table of text; a cell that is no number refuses it."""
    import polars as pl

    table = pl.scan_csv(name, infer_schema=False)
    rows = 0
    try:
        for each in table.collect_batches(chunk_size=ROWS):
            if each.width > 1:  # a line in which nothing stands is no row
                each = each.filter(~pl.all_horizontal(pl.all().is_null()))
            yield typed(each, types, name, rows)
            rows += len(each)
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        if "more fields" in reason:
            reason = "a row has more cells than the first line has names"
        raise Refused((messages.unreadable(Place(name), reason),), {}) from None
    if not rows:
        yield typed(pl.DataFrame(schema=table.collect_schema()), types, name, 0)


def _is_csv(name: str) -> bool:
    return name.lower().endswith((".csv", ".csv.gz"))


class _Writer:
    """A table that is written piece by piece."""

    def __init__(self, target: Path, name: str) -> None:
        self._target, self._is_csv = target, _is_csv(name)
        self._file: Any = None  # a writer of PyArrow, or a file

    def __enter__(self) -> _Writer:
        return self

    def write(self, frame: Any) -> None:
        """The next rows, a frame of Polars."""
        if self._is_csv:
            first = self._file is None
            self._file = self._file or self._target.open("wb")
            frame.write_csv(self._file, include_header=first)
            return
        import pyarrow.parquet

        table = frame.to_arrow(compat_level=None)
        if self._file is None:
            self._file = pyarrow.parquet.ParquetWriter(self._target, table.schema, compression="zstd")
        self._file.write_table(table)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


# ---- engines that take SQL


def _by_duckdb(contract: Contract, day: datetime.date, options: argparse.Namespace, target: Path) -> str:
    import duckdb

    try:
        return _in_duckdb(contract, day, options, target, padded=True)
    except duckdb.Error as error:
        if "null_padding" not in str(error):
            raise Refused((messages.unreadable(Place(options.data), _first_line(error)),), {}) from None
    try:  # cells over several lines: then no row may be short
        return _in_duckdb(contract, day, options, target, padded=False)
    except duckdb.Error as error:
        raise Refused((messages.unreadable(Place(options.data), _first_line(error)),), {}) from None


def _first_line(error: Exception) -> str:
    """What an engine says is wrong with a file."""
    lines = [each for each in str(error).splitlines() if each.strip()]
    told = [each for each in lines if each.startswith(("Expected Number", "Value with"))]
    return "; ".join([*lines[:1], *told]) or type(error).__name__


def _of_text(name: str, columns: Sequence[str], *, padded: bool) -> str:
    """A CSV file as it is, every cell a text: nothing of it is guessed. Short rows are `padded`, or refused."""
    quoted = sql.DIALECTS["duckdb"].word
    types = ", ".join(f"{quoted(each)}: 'VARCHAR'" for each in columns)
    how = "auto_detect=false, header=true, delim=',', quote='\"', escape='\"', comment='', max_line_size=16777216"
    return f"SELECT * FROM read_csv({quoted(name)}, {how}, null_padding={padded}, columns={{{types}}})"


def _in_duckdb(
    contract: Contract, day: datetime.date, options: argparse.Namespace, target: Path, *, padded: bool
) -> str:
    import duckdb

    from rkdsl import frames

    with duckdb.connect() as opened:
        connection: Any = opened  # its own stubs know less than it does
        connection.execute(f"SET temp_directory = '{str(target.parent).replace(chr(39), chr(39) * 2)}'")
        if speaks():
            connection.execute("SET enable_progress_bar = true")
        kinds = frames.Chunks(contract, day, _asked(options)).types
        if _is_csv(options.data):
            names = columns_of(options.data)
            _check_names(options.data, names, kinds)
            text = connection.sql(_of_text(options.data, names, padded=padded))
            read = TextTable(
                *(text.columns, options.engine),
                lambda asked: text.aggregate(", ".join(asked)).fetchall()[0],
                lambda asked: text.project(", ".join(asked)),
            )
            table = typed_by_sql(read, kinds, options.data)
        else:
            table = connection.read_parquet(options.data)
            _check_names(options.data, table.columns, kinds)
        found = frames.evaluate_asked(contract, table, day, _asked(options))
        if _is_csv(options.output):
            found.write_csv(str(target))
            out = connection.sql(_of_text(str(target), found.columns, padded=False))
        else:
            found.write_parquet(str(target))
            out = connection.read_parquet(str(target))
        return _counted(out.aggregate(_COUNTS).fetchall()[0])


_COUNTS: Final = f'count(*), count("{ERROR}"), count(*) FILTER (WHERE "exact needed" = TRUE)'


def _counted(found: Any) -> str:  # a row of three counts
    rows, wrong, exact = found
    text = f"{rows:_} rows"
    text += f", {wrong:_} of them with an error" if wrong else ""
    return text + (f", {exact:_} left to the exact engine (`exact needed`)" if exact else "")


def _by_spark(contract: Contract, day: datetime.date, options: argparse.Namespace, target: Path) -> str:
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    from rkdsl import frames

    session = (
        SparkSession.builder.master(options.master)
        .appName("rkdsl")
        .config("spark.sql.codegen.hugeMethodLimit", "8000")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", str(speaks()).lower())
        .getOrCreate()
    )
    try:
        source = str(Path(options.data).resolve())
        kinds = frames.Chunks(contract, day, _asked(options)).types
        if _is_csv(options.data):
            _check_names(options.data, columns_of(options.data), kinds)
            text = session.read.csv(source, header=True, escape='"', multiLine=True, mode="FAILFAST")
            read = TextTable(
                *(text.columns, options.engine),
                lambda asked: text.selectExpr(*asked).collect()[0],
                lambda asked: text.selectExpr(*asked),
            )
            table = typed_by_sql(read, kinds, options.data)
        else:
            table = session.read.parquet(source)
            _check_names(options.data, table.columns, kinds)
        found = frames.evaluate_asked(contract, table, day, _asked(options))
        where = str(target.resolve())
        if _is_csv(options.output):
            found.write.csv(where, header=True)
            return "written by Spark, a file for each part"
        found.write.parquet(where)
        counts = session.read.parquet(where).selectExpr(
            "count(*)", f"count({ERROR})", "count_if(`exact needed`)"
        )
        return _counted(tuple(counts.collect()[0]))
    except (PySparkException, Py4JError) as error:
        found = _MALFORMED.search(str(error))
        if found is None:
            raise
        raise Refused((messages.unreadable(Place(options.data), found[1]),), {}) from None
    finally:
        session.stop()


_MALFORMED: Final = re.compile(r"\[MALFORMED_[A-Z_.]+\] ([^\n]*?)(?: SQLSTATE|\n|$)")
"""What Spark says of a row with another number of cells than the first line has names."""


_ENGINES: Final = {"polars": _by_polars, "duckdb": _by_duckdb, "spark": _by_spark}
