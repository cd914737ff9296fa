"""Programs over columns and tables for them, drawn by hypothesis; and what each row of a table comes to."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

from rkdsl.columns import program as p
from rkdsl.columns.builder import Builder, TooWideError

STATES = ("not applicable", "not defined", "not done")
NAMES = (
    "readings.visits.2026",
    'facts.od"d',
    "milestones.app.live",
    "assessed.æøå",
    "facts.x y",
    "plain",
    "Plain2",
)
FIRST, LAST = datetime.date(1900, 1, 1).toordinal(), datetime.date(2100, 12, 31).toordinal()
Row = dict[str, Any]
"""What a row tells: figures by slot (whole numbers over the scale), and states by slot and `:state`."""


class Drawn(NamedTuple):
    """A program, a table for it, and which slots have a column, and one of states."""

    program: p.Program
    rows: list[Row]
    columns: tuple[str, ...]
    states: tuple[str, ...]


@st.composite
def programs(draw: st.DrawFn, most: int = 14) -> p.Program:
    """A program of a few slots, with steps of every kind."""
    builder = Builder()
    count = draw(st.integers(1, 5))
    names = draw(st.permutations(NAMES))
    builder.slots = [draw(slots(name)) for name in names[:count]]
    for index, slot in enumerate(builder.slots):
        builder.read(index)
        for part in ("reported", "told", *STATES):
            if draw(st.booleans()):
                builder.read(index, part)
        if slot.words:
            builder.constant(draw(st.sampled_from(slot.words)))
    for _ in range(draw(st.integers(0, most))):
        try:
            _add(draw, builder)
        except (TooWideError, ValueError):
            continue
    wanted = draw(st.lists(st.integers(0, len(builder.steps) - 1), min_size=1, max_size=5))
    figures = [p.Figure(f"out{n}", builder.types[step], step) for n, step in enumerate(wanted)]
    return builder.program(figures)


@st.composite
def slots(draw: st.DrawFn, name: str) -> p.Slot:
    """A slot of any type."""
    kind = draw(st.sampled_from((p.WHOLE, p.WHOLE, p.WHOLE, p.TRUTH, p.WORD, "day")))
    if kind == p.WHOLE:
        far = draw(st.sampled_from((9, 1000, 10**9, 2**53 - 1, 10**17, 2**63 - 1)))
        low = draw(st.integers(-far, far))
        high = draw(st.integers(low, far))
        return p.Slot(name, p.WHOLE, draw(st.sampled_from((1, 1, 10, 100, 10**6))), low, high)
    if kind == "day":
        return p.Slot(name, "day", 1, FIRST, LAST)
    words = ("high", "low", "it's", 'a "b"', "æ") if kind == p.WORD and draw(st.booleans()) else ()
    return p.Slot(name, kind, words=words)


def _add(draw: st.DrawFn, builder: Builder) -> None:
    def pick(kind: str) -> int:
        found = [at for at, each in enumerate(builder.types) if each == kind]
        if not found or draw(st.integers(0, 5)) == 0:
            if kind == p.WHOLE:
                return builder.constant(draw(st.integers(-1000, 1000) | st.sampled_from((10**12, 2**62))))
            return builder.constant(
                draw(st.booleans()) if kind == p.TRUTH else draw(st.sampled_from(("low", "it's")))
            )
        return draw(st.sampled_from(found))

    def several(kind: str) -> list[int]:
        return [pick(kind) for _ in range(draw(st.integers(1, 5)))]

    match draw(st.integers(0, 13)):
        case 0:
            builder.add(*several(p.WHOLE))
        case 1:
            builder.subtract(pick(p.WHOLE), pick(p.WHOLE))
        case 2:
            builder.multiply(pick(p.WHOLE), pick(p.WHOLE))
        case 3 | 4:
            below = draw(st.integers(1, 20)) if draw(st.booleans()) else None
            right = builder.constant(below) if below else builder.greatest(pick(p.WHOLE), builder.constant(1))
            builder.divide(pick(p.WHOLE), right)
        case 5:
            builder.least(*several(p.WHOLE))
        case 6:
            builder.greatest(*several(p.WHOLE))
        case 7 | 8:
            op = draw(st.sampled_from(("<", "<=", ">", ">=", "==")))
            builder.compare(op, pick(p.WHOLE), pick(p.WHOLE))
        case 9:
            kind = draw(st.sampled_from((p.WORD, p.TRUTH)))
            builder.compare("==", pick(kind), pick(kind))
        case 10:
            builder.all(*several(p.TRUTH))
        case 11:
            builder.any(*several(p.TRUTH))
        case 12:
            builder.negate(pick(p.TRUTH))
        case _:
            kind = draw(st.sampled_from((p.WHOLE, p.WHOLE, p.TRUTH, p.WORD)))
            rows = [(pick(p.TRUTH), pick(kind)) for _ in range(draw(st.integers(1, 3)))]
            builder.case(rows, pick(kind))


@st.composite
def cells(draw: st.DrawFn, slot: p.Slot) -> Any:  # a whole number, a truth or a word
    if slot.type == p.TRUTH:
        return draw(st.booleans())
    if slot.type == p.WORD:
        return draw(st.sampled_from(slot.words or ("low", "x", "", "it's")))
    near = [each for each in (0, 1, -1, slot.low, slot.high, slot.low + 1) if slot.low <= each <= slot.high]
    return draw(st.sampled_from(near) | st.integers(slot.low, slot.high))


@st.composite
def drawn(draw: st.DrawFn, most: int = 14, *, whole_tables: bool = False) -> Drawn:
    """A program with a table; some columns are not there, and some cells are empty."""
    program = draw(programs(most))
    names = [slot.name for slot in program.slots]
    columns = names if whole_tables else [name for name in names if draw(st.integers(0, 6))]
    states = [name for name in names if not draw(st.integers(0, 3))]
    full = draw(st.booleans())
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        row: Row = {}
        for slot in program.slots:
            at = 0 if full and slot.name in columns else draw(st.integers(0, 5))
            if at < 4 and slot.name in columns:
                row[slot.name] = draw(cells(slot))
            elif at == 4 and slot.name in states:
                row[f"{slot.name}:state"] = draw(st.sampled_from(STATES))
        rows.append(row)
    return Drawn(program, rows, tuple(columns), tuple(states))


def read(row: Mapping[str, Any]) -> Any:  # a reader, as `run` takes it
    """What a row tells of a slot."""

    def inner(slot: p.Slot, part: str) -> p.Cell:
        state = row.get(f"{slot.name}:state")
        told = row.get(slot.name)
        if part == "value":
            empty: p.Cell = {p.TRUTH: False, p.WORD: ""}.get(slot.type, 0)
            return empty if told is None else told
        if part == "reported":
            return told is not None
        return told is not None or state is not None if part == "told" else state == part

    return inner


def expected(program: p.Program, rows: Sequence[Row]) -> list[tuple[p.Cell, ...]]:
    """What each row comes to: the cells of the figures."""
    found = []
    for row in rows:
        cells = p.run(program, read(row))
        found.append(tuple(cells[figure.above] for figure in program.figures))
    return found


# ---- tables


def written(slot: p.Slot, figure: Any, how: str) -> Any:
    """A figure as a table has it."""
    if figure is None or slot.type in (p.TRUTH, p.WORD):
        return figure
    if slot.type == "day":
        day = datetime.date.fromordinal(figure)
        if how == "text":
            return day.isoformat()
        return datetime.datetime.combine(day, datetime.time()) if how == "datetime" else day
    if how == "whole" and slot.scale == 1:
        return figure
    if how == "float":
        return figure / slot.scale
    return Decimal(figure).scaleb(-(len(str(slot.scale)) - 1))


HOWS = ("whole", "float", "decimal", "date", "text", "datetime")


def how_of(slot: p.Slot, wanted: str) -> str:
    if slot.type == "day":
        return wanted if wanted in ("text", "datetime") else "date"
    if slot.type != p.WHOLE:
        return ""
    far = max(abs(slot.low), abs(slot.high))
    if wanted == "float" and far < 2**53:
        return "float"
    return "whole" if slot.scale == 1 and wanted != "decimal" else "decimal"


def polars_type(slot: p.Slot, how: str) -> Any:
    import polars as pl

    if how == "decimal":
        return pl.Decimal(38, len(str(slot.scale)) - 1)
    return {
        **{
            "whole": pl.Int64,
            "float": pl.Float64,
            "date": pl.Date,
            "datetime": pl.Datetime("us"),
            "text": pl.String,
        },
        "": pl.Boolean if slot.type == p.TRUTH else pl.String,
    }[how]


def frame_of(drawn: Drawn, wanted: str) -> Any:
    """The table as a Polars frame, with a column `unit` that counts the rows."""
    import polars as pl

    columns, schema = {}, {}
    for slot in drawn.program.slots:
        if slot.name in drawn.columns:
            how = how_of(slot, wanted)
            columns[slot.name] = [written(slot, row.get(slot.name), how) for row in drawn.rows]
            schema[slot.name] = polars_type(slot, how)
    for name in drawn.states:
        columns[f"{name}:state"] = [row.get(f"{name}:state") for row in drawn.rows]
        schema[f"{name}:state"] = pl.String
    columns["unit"] = list(range(len(drawn.rows)))
    return pl.DataFrame(columns, schema={**schema, "unit": pl.Int64})
