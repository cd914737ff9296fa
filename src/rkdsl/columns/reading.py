"""The columns of a table as the slots of a program: whole numbers, days, truths and words, as Narwhals expressions.

A float means the decimal that it is written as. Null and NaN are *not reported*.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw

from rkdsl.columns.expressions import Parts, literal
from rkdsl.columns.narrowing import ALWAYS, NEVER, VARIES, Column
from rkdsl.columns.program import TRUTH, WHOLE, WORD, Program, Slot
from rkdsl.columns.tables import DAY, EPOCH, STATE, STATES, UnreadableError

_EXACT: Final = 2**53
_OF_DAY: Final = 86_400_000_000
_DAY_TEXT: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_NEVER: Final = datetime.datetime(1970, 1, 1)


class Reader(NamedTuple):
    """How a column is read: whether a figure is `told`, whether it is `lawful` where it is told, and the `figure`.

    The figure is right where it is told and lawful, and anything but an error elsewhere.
    """

    told: nw.Expr
    lawful: nw.Expr
    figure: nw.Expr


def _reader(slot: Slot, schema: Mapping[str, Any], implementation: nw.Implementation) -> Reader:
    column, dtype = nw.col(slot.name), schema[slot.name]
    told = ~column.is_null()
    if dtype == nw.Unknown or str(dtype) == "Null":
        return Reader(literal(False), literal(True), literal(_empty(slot)))
    if slot.type == TRUTH and dtype == nw.Boolean:
        return Reader(told, literal(True), column)
    if slot.type == WORD and dtype in (nw.String, nw.Categorical, nw.Enum):
        word = column.cast(nw.String)
        return Reader(told, word.is_in(list(slot.words)) if slot.words else literal(True), word)
    if slot.type == DAY:
        return _day(slot, column, dtype, implementation)
    if slot.type == WHOLE and dtype.is_integer():
        return _whole(slot, column, told)
    if slot.type == WHOLE and dtype.is_float():
        return _real(slot, column, dtype)
    if slot.type == WHOLE and dtype.is_decimal():
        return _decimal(slot, column, dtype, told)
    raise UnreadableError(slot, str(dtype).lower())


def reader(slot: Slot, schema: Mapping[str, Any], implementation: nw.Implementation) -> Reader:
    """How the column of a slot is read. Raises `UnreadableError` for a column of another type."""
    found = _reader(slot, schema, implementation)
    if not slot.choices:
        return found
    return found._replace(lawful=found.lawful & found.figure.is_in(list(slot.choices)))


def _empty(slot: Slot) -> int | bool | str:
    return False if slot.type == TRUTH else "" if slot.type == WORD else 0


def _whole(slot: Slot, column: nw.Expr, told: nw.Expr) -> Reader:
    low, high = -(-slot.low // slot.scale), slot.high // slot.scale
    return Reader(told, column.is_between(low, high), _times(column.cast(nw.Int64), slot.scale))


def _real(slot: Slot, column: nw.Expr, dtype: Any) -> Reader:
    """The nearest whole number over the scale, where that is the same float again."""
    told = ~(column.is_null() | column.is_nan())
    low, high = max(slot.low, 1 - _EXACT), min(slot.high, _EXACT - 1)
    wide = column.cast(nw.Float64) * float(slot.scale)
    inside = (wide >= low - 0.5) & (wide <= high + 0.5)
    near = nw.when(told & inside).then(wide).otherwise(nw.lit(0.0)).round().cast(nw.Int64)
    back = near.cast(nw.Float64)
    below = back * 0.0 + float(slot.scale)  # as a column: by a constant, Polars multiplies by its inverse
    same = (back / below).cast(dtype) == column
    return Reader(told, inside & same & near.is_between(low, high), near)


def _decimal(slot: Slot, column: nw.Expr, dtype: Any, told: nw.Expr) -> Reader:
    """A decimal of the engine: as whole as it is written, then over the scale."""
    written = 10**dtype.scale
    common = math.gcd(slot.scale, written)
    low, high = math.ceil(Fraction(slot.low, slot.scale)), math.floor(Fraction(slot.high, slot.scale))
    inside = column.is_between(nw.lit(low - 1), nw.lit(high + 1))
    safe = nw.when(told & inside).then(column).otherwise(nw.lit(0).cast(dtype))
    digits = (safe * nw.lit(written)).cast(nw.Int64)
    figure = digits
    lawful = inside
    if written > common:
        figure = digits // (written // common)
        lawful = lawful & (figure * (written // common) == digits)
    figure = _times(figure, slot.scale // common)
    return Reader(told, lawful & figure.is_between(slot.low, slot.high), figure)


def _times(figure: nw.Expr, scale: int) -> nw.Expr:
    return figure if scale == 1 else figure * scale


def _day(slot: Slot, column: nw.Expr, dtype: Any, implementation: nw.Implementation) -> Reader:
    told = ~column.is_null()
    if dtype == nw.Date:
        if implementation in (nw.Implementation.POLARS, nw.Implementation.PYARROW):
            ordinal = column.cast(nw.Int32).cast(nw.Int64) + EPOCH
        else:
            ordinal = column.dt.timestamp("ms") // (_OF_DAY // 1000) + EPOCH
        return Reader(told, ordinal.is_between(slot.low, slot.high), ordinal)
    if dtype == nw.Datetime and dtype.time_zone is None:
        instant = nw.when(told).then(column).otherwise(nw.lit(_NEVER).cast(dtype)).dt.timestamp("us")
        ordinal = (instant // _OF_DAY).cast(nw.Int64) + EPOCH
        return Reader(told, (instant % _OF_DAY == 0) & ordinal.is_between(slot.low, slot.high), ordinal)
    if dtype == nw.String:
        return _day_of_text(slot, column, told)
    raise UnreadableError(slot, str(dtype).lower())


def _day_of_text(slot: Slot, column: nw.Expr, told: nw.Expr) -> Reader:
    """The ordinal of `2009-12-31` by the rules of the calendar, the same in every engine."""
    shaped = column.str.contains(_DAY_TEXT)
    text = nw.when(told & shaped).then(column).otherwise(nw.lit("1970-01-01"))
    year, month, day = (
        text.str.slice(start, length).cast(nw.Int64) for start, length in ((0, 4), (5, 2), (8, 2))
    )
    late = (month <= 2).cast(nw.Int64)
    counted, shifted = year - late, month + late * 12 - 3
    ordinal = (
        counted * 365 + counted // 4 - counted // 100 + counted // 400 + (shifted * 153 + 2) // 5 + day - 306
    )
    leap = ((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))).cast(nw.Int64)
    short = (month == 4) | (month == 6) | (month == 9) | (month == 11)
    last = nw.when(month == 2).then(leap + 28).otherwise(nw.lit(31) - short.cast(nw.Int64))
    real = month.is_between(1, 12) & (day >= 1) & (day <= last) & (year >= 1)
    return Reader(told, shaped & real & ordinal.is_between(slot.low, slot.high), ordinal)


# ---- a table

Facts = Mapping[str, tuple[bool, bool]]
"""Of each slot with a column: whether it is told in every row, and lawful in every row in which it is told."""


class Table(NamedTuple):
    """How the slots of a program are read from a table: the readers of those that have a column, and of states."""

    readers: Mapping[str, Reader]
    states: frozenset[str]

    def columns(self, program: Program, facts: Facts) -> dict[str, Column]:
        """What is known of each slot."""
        found = {}
        for slot in program.slots:
            has_states = slot.name in self.states
            if slot.name not in self.readers:
                found[slot.name] = Column(NEVER, has_states)
            else:
                always = not has_states and facts.get(slot.name, (False, False)) == (True, True)
                found[slot.name] = Column(ALWAYS if always else VARIES, has_states)
        return found

    def parts(self, program: Program, facts: Facts) -> Parts:
        """What the program reads, never null: a figure that is not told or not lawful is 0, no or ""."""
        found: dict[tuple[int, str], nw.Expr] = {}
        for index, slot in enumerate(program.slots):
            for part, expression in self._of(slot, facts.get(slot.name, (False, False))):
                found[index, part] = expression
        return found

    def _of(self, slot: Slot, known: tuple[bool, bool]) -> Iterator[tuple[str, nw.Expr]]:
        read = self.readers.get(slot.name)
        told = literal(False) if read is None else read.told
        if read is not None:
            always, lawful = known
            condition = None if always else read.told
            if not lawful:
                lawful_here = read.lawful
                condition = lawful_here if condition is None else condition & lawful_here
            figure = read.figure
            if condition is not None:
                figure = nw.when(condition).then(figure).otherwise(literal(_empty(slot)))
                told = condition
            yield "value", figure
        yield "reported", told
        if slot.name in self.states:
            state = nw.col(slot.name + STATE)
            for each in STATES:
                yield each, _is_word(state, each)
                told = told | _is_word(state, each)
        yield "told", told

    def unlawful(self) -> dict[str, nw.Expr]:
        """Of each slot with a column, in which rows what it tells is not lawful."""
        found = {}
        for name, read in self.readers.items():
            found[name] = read.told & ~read.lawful
        for name in self.states:
            state = nw.col(name + STATE)
            wrong = ~(state.is_null() | state.is_in(list(STATES)).fill_null(False))
            if name in self.readers:
                wrong = wrong | (~state.is_null() & self.readers[name].told)
            found[name + STATE] = wrong
        return found


def _is_word(state: nw.Expr, word: str) -> nw.Expr:
    return nw.when(~state.is_null()).then(state == word).otherwise(literal(False))


def table(program: Program, schema: Mapping[str, Any], implementation: nw.Implementation) -> Table:
    """How a table of those columns is read. Raises `UnreadableError`."""
    readers = {}
    states = set()
    for slot in program.slots:
        if slot.name in schema:
            readers[slot.name] = reader(slot, schema, implementation)
        if slot.name + STATE in schema:
            states.add(slot.name)
    return Table(readers, frozenset(states))
