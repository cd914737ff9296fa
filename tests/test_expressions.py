"""Every engine that Narwhals knows gives what a program means, in every row."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rkdsl.columns import expressions
from rkdsl.columns import program as p
from rkdsl.columns.narrowing import narrowed
from rkdsl.columns.reading import looked, sound_of, table
from tests import programs

pl = pytest.importorskip("polars")


def polars_eager(frame: Any) -> Any:
    return frame


def polars_lazy(frame: Any) -> Any:
    return frame.lazy()


ENGINES = [polars_eager, polars_lazy]


def came(native: Any, program: p.Program, *, by_polars: bool) -> list[tuple[p.Cell, ...]]:
    frame: Any = nw.from_native(native)
    in_memory = not isinstance(frame, nw.LazyFrame)
    writer = expressions.Writer(pl, gathers=in_memory) if by_polars else expressions.IN_NARWHALS
    read = table(program, frame.collect_schema(), frame.implementation, writer)
    frame, known = frame.to_native() if by_polars else frame, {}
    if read.readers and not isinstance(frame, nw.LazyFrame | pl.LazyFrame):
        known = looked(read, sound_of(read), lambda each: frame.select(*each).rows(named=True)[0])
    smaller = narrowed(program, read.columns(program, known))
    found = expressions.written(smaller, read.parts(smaller, known), "_rk", writer)
    named = [found.steps[figure.above].alias(figure.name) for figure in smaller.figures]
    shown = found.beside(frame).with_columns(*named).select("unit", *(each.name for each in smaller.figures))
    shown = shown.collect() if isinstance(shown, nw.LazyFrame | pl.LazyFrame) else shown
    return [tuple(row[1:]) for row in sorted(shown.rows())]


@pytest.mark.parametrize("engine", ENGINES)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drawn=programs.drawn(), how=st.sampled_from(programs.HOWS))
def test_every_row_comes_to_what_the_program_means(engine: Any, drawn: programs.Drawn, how: str) -> None:
    expected = programs.expected(drawn.program, drawn.rows)
    assert expected == came(engine(programs.frame_of(drawn, how)), drawn.program, by_polars=False)


@pytest.mark.parametrize("engine", [polars_eager, polars_lazy])
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drawn=programs.drawn(), how=st.sampled_from(programs.HOWS))
def test_polars_by_itself_gives_the_same(engine: Any, drawn: programs.Drawn, how: str) -> None:
    frame = engine(programs.frame_of(drawn, how))
    assert programs.expected(drawn.program, drawn.rows) == came(frame, drawn.program, by_polars=True)
