"""The columns of a table as the slots of a program: whole numbers, days, truths and words, as Narwhals expressions.

A float means the decimal that it is written as. Null and NaN are *not reported*.
"""

from __future__ import annotations

import datetime
import functools
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import narwhals.stable.v2 as nw

from rkdsl.columns.builder import asked
from rkdsl.columns.expressions import IN_NARWHALS, Parts, Value, Writer
from rkdsl.columns.narrowing import ALWAYS, NEVER, VARIES, Column
from rkdsl.columns.program import (
    TRUTH,
    WHOLE,
    WORD,
    Constant,
    Is,
    Operation,
    Program,
    Read,
    Slot,
    operands_of,
)
from rkdsl.columns.tables import DAY, EPOCH, NOT_DONE, STATE, STATES, WIDEST, UnreadableError
from rkdsl.plain import Final, NamedTuple

_EXACT: Final = 2**53
_OF_DAY: Final = 86_400_000_000
_DAY_TEXT: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_NEVER: Final = datetime.datetime(1970, 1, 1)


class Reader(NamedTuple):
    """How a column is read: whether a figure is `told`, whether it is `lawful` where it is told, and the `figure`.

    `lawful` is None where all are.
    The figure is right where it is told and lawful, and anything but an error elsewhere. It is given `less` a
    constant; `is_wide` says that it has 64 bits, `is_column` that it is the column as it stands. A `real` one is not
    yet a whole number over that scale. `sound` is what a look at the whole column asks, as quick as it can be, and
    false or null where a figure is not told or not lawful; None for `lawful` itself. `sure` is the figure of a column
    that is sound in all rows, where it is simpler so. `outside`, of a partial slot, says that what is told is unlawful
    in the contract too: null or anything where nothing is told.
    """

    told: nw.Expr
    lawful: nw.Expr | None
    figure: nw.Expr
    less: int = 0
    is_wide: bool = True
    is_column: bool = False
    real: int = 0
    may_be_no_number: bool = False
    sound: nw.Expr | None = None
    sure: nw.Expr | None = None
    outside: nw.Expr | None = None


def reader(
    writer: Writer,
    slot: Slot,
    schema: Mapping[str, Any],
    implementation: nw.Implementation,
    *,
    is_compared: bool = False,
) -> Reader:
    """How the column of a slot is read. Raises `UnreadableError` for a column of another type.

    `is_compared` says that its figure is compared with constants and nothing else.
    """
    if is_compared and slot.has_finer and schema[slot.name] == nw.Float64:
        found = _compared(writer, slot, writer.api.col(slot.name))
        if found is not None:
            return found
    found = _reader(writer, slot, schema, implementation)
    if not slot.choices or found.lawful is None:
        return found
    chosen = found.lawful & (found.figure + found.less).is_in(list(slot.choices))
    return found._replace(lawful=chosen, sound=None)


def _compared(writer: Writer, slot: Slot, column: nw.Expr) -> Reader | None:
    """A float, as it is: floats stand in the order of the decimals that they are written as."""
    low, high = slot.low / slot.scale, slot.high / slot.scale
    if not (is_written_so(slot.low, slot.scale) and is_written_so(slot.high, slot.scale)):
        return None
    told = ~(column.is_null() | column.is_nan())
    return Reader(
        *(told, column.is_between(low, high), column),
        is_column=True,
        real=slot.scale,
        may_be_no_number=True,
        outside=_outside(writer, slot, column, float),
    )


def is_written_so(figure: int, scale: int) -> bool:
    """Whether the float next to a decimal is written as that decimal."""
    return Fraction(repr(figure / scale)) == Fraction(figure, scale)


def compared(program: Program) -> frozenset[int]:
    """The slots whose figures are compared with constants, each of them written as its float is, and nothing else."""
    found = {
        each.slot
        for each in program.steps
        if isinstance(each, Read) and each.part == "value" and program.slots[each.slot].type == WHOLE
    }
    for step in program.steps:
        reads = [program.steps[each] for each in operands_of(step)]
        for each in reads:
            is_value = isinstance(each, Read) and each.part == "value" and each.slot in found
            if isinstance(each, Read) and is_value and not _is_with_constant(step, each, program):
                found.discard(each.slot)
    for figure in program.figures:
        for at in asked(figure):
            root = program.steps[at]
            if isinstance(root, Read):
                found.discard(root.slot)
    return frozenset(found)


def _is_with_constant(step: Operation, read: Read, program: Program) -> bool:
    if not isinstance(step, Is):
        return False
    sides = [program.steps[step.left], program.steps[step.right]]
    constants = [each.value for each in sides if isinstance(each, Constant)]
    return len(constants) == 1 and is_written_so(int(constants[0]), program.slots[read.slot].scale)


def _reader(
    writer: Writer, slot: Slot, schema: Mapping[str, Any], implementation: nw.Implementation
) -> Reader:
    column, dtype = writer.api.col(slot.name), schema[slot.name]
    told = ~column.is_null()
    if dtype == nw.Unknown or str(dtype) == "Null":
        return Reader(told, None, writer.literal(_empty(slot)))
    if slot.type == TRUTH and dtype == nw.Boolean:
        return Reader(told, None, column, is_column=True)
    if slot.type == WORD and dtype in (nw.String, nw.Categorical, nw.Enum):
        word = column if dtype == nw.String else column.cast(writer.api.String)
        lawful = word.is_in(list(slot.words)) if slot.words else None
        return Reader(told, lawful, word, is_column=dtype == nw.String)
    if slot.type == DAY:
        return _day(writer, slot, column, dtype, implementation)
    if slot.type == WHOLE and dtype.is_integer():
        return _whole(writer, slot, column, dtype, told)
    if slot.type == WHOLE and dtype == nw.Float64:
        return _real(writer, slot, column)
    if slot.type == WHOLE and dtype.is_float() and writer is not IN_NARWHALS:
        return _real(writer, slot, as_written(column, writer.api))
    if slot.type == WHOLE and dtype.is_decimal():
        if writer is not IN_NARWHALS:
            return _decimal_of_polars(writer, slot, column, dtype, told)
        if len(str(slot.high // slot.scale)) + 3 * dtype.scale > WIDEST:
            raise UnreadableError(slot, str(dtype).lower())
        return _decimal(writer, slot, column, dtype, told)
    raise UnreadableError(slot, str(dtype).lower())


def _empty(slot: Slot) -> int | bool | str:
    return False if slot.type == TRUTH else "" if slot.type == WORD else 0


def _nothing(writer: Writer, slot: Slot, read: Reader) -> nw.Expr:
    """What stands for a figure that is not told, in the form of the figure."""
    api = writer.api
    found: nw.Expr = api.lit(0.0)
    if slot.type in (TRUTH, WORD):
        found = writer.literal(_empty(slot))
    elif not read.real:
        found = api.lit(-read.less, dtype=api.Int64 if read.is_wide else api.Int32)
    return found


def _whole(writer: Writer, slot: Slot, column: nw.Expr, dtype: Any, told: nw.Expr) -> Reader:
    low, high = -(-slot.low // slot.scale), slot.high // slot.scale
    is_column = dtype == nw.Int64 and slot.scale == 1
    wide = column if is_column else _times(column.cast(writer.api.Int64), slot.scale)
    outside = _outside(writer, slot, column, math.ceil, math.floor)
    return Reader(told, column.is_between(low, high), wide, is_column=is_column, outside=outside)


def as_written(column: nw.Expr, api: Any) -> nw.Expr:  # an interface like that of Narwhals
    """A float of fewer than 64 bits as the decimal that it is written as: 91.2, and not what lies nearest to it."""
    found: nw.Expr = column.cast(api.String).cast(api.Float64)
    return found


def _real(writer: Writer, slot: Slot, column: nw.Expr) -> Reader:
    """The nearest whole number over the scale, where that is the same float again."""
    told = ~(column.is_null() | column.is_nan())
    low, high = max(slot.low, 1 - _EXACT), min(slot.high, _EXACT - 1)
    wide = column * float(slot.scale)
    inside = (wide >= low - 0.5) & (wide <= high + 0.5)
    near = (
        writer.api.when(told & inside)
        .then(wide)
        .otherwise(writer.api.lit(0.0))
        .round()
        .cast(writer.api.Int64)
    )
    back = near.cast(writer.api.Float64)
    below = back * 0.0 + float(slot.scale)  # as a column: by a constant, Polars multiplies by its inverse
    same = back / below == column
    lawful = inside & same & near.is_between(low, high)
    whole = wide.round()
    again = whole / (whole * 0.0 + float(slot.scale))
    sound = (again == column) & whole.is_between(float(low), float(high))
    sure = whole.cast(writer.api.Int64)
    outside = _outside(writer, slot, column, float)
    return Reader(told, lawful, near, may_be_no_number=True, sound=sound, sure=sure, outside=outside)


def _decimal(writer: Writer, slot: Slot, column: nw.Expr, dtype: Any, told: nw.Expr) -> Reader:
    """A decimal of the engine: as whole as it is written, then over the scale."""
    written = 10**dtype.scale
    common = math.gcd(slot.scale, written)
    low, high = math.ceil(Fraction(slot.low, slot.scale)), math.floor(Fraction(slot.high, slot.scale))
    inside = column.is_between(writer.api.lit(low - 1), writer.api.lit(high + 1))
    safe = writer.api.when(told & inside).then(column).otherwise(writer.api.lit(0).cast(writer.dtype(dtype)))
    digits = (safe * writer.api.lit(written)).cast(writer.api.Int64)
    figure = digits
    lawful = inside
    if written > common:
        figure = digits // (written // common)
        lawful = lawful & (figure * (written // common) == digits)
    figure = _times(figure, slot.scale // common)
    outside = _outside(writer, slot, column, math.ceil, math.floor)
    return Reader(told, lawful & figure.is_between(slot.low, slot.high), figure, outside=outside)


def _outside(
    writer: Writer,
    slot: Slot,
    column: nw.Expr,
    least: Callable[[Fraction], Any],
    most: Callable[[Fraction], Any] | None = None,
) -> nw.Expr | None:
    """Whether figures are beyond the ends that the contract has, as the column writes them; None where none is left."""
    if not slot.is_partial:
        return None
    found = []
    if slot.least is not None:
        found.append(column < least(slot.least))
    if slot.most is not None:
        found.append(column > (most or least)(slot.most))
    return functools.reduce(operator.or_, found) if found else writer.literal(False)


def _decimal_of_polars(writer: Writer, slot: Slot, column: nw.Expr, dtype: Any, told: nw.Expr) -> Reader:
    """A decimal of Polars: a whole number of 128 bits, over a power of ten."""
    physical: Any = column
    whole, most = physical.to_physical(), 10**WIDEST
    written = Fraction(10**dtype.scale, slot.scale)

    def number(value: int) -> nw.Expr:
        made: nw.Expr = writer.api.lit(value, dtype=writer.api.Int128)
        return made

    low, high = max(math.ceil(slot.low * written), -most), min(math.floor(slot.high * written), most)
    lawful = whole.is_between(number(low), number(high)) & (whole % number(written.numerator) == 0)
    figure = writer.api.when(told & lawful).then(whole).otherwise(number(0)) // number(written.numerator)

    def end(value: Fraction, rounded: Callable[[Fraction], int]) -> nw.Expr:
        return number(max(-most, min(most, rounded(value * 10**dtype.scale))))

    ends = functools.partial(end, rounded=math.ceil), functools.partial(end, rounded=math.floor)
    outside = _outside(writer, slot, whole, *ends)
    return Reader(told, lawful, _times(figure.cast(writer.api.Int64), written.denominator), outside=outside)


def _times(figure: nw.Expr, scale: int) -> nw.Expr:
    return figure if scale == 1 else figure * scale


def _day(
    writer: Writer, slot: Slot, column: nw.Expr, dtype: Any, implementation: nw.Implementation
) -> Reader:
    told = ~column.is_null()
    if dtype in (nw.Categorical, nw.Enum):
        column, dtype = column.cast(writer.api.String), nw.String()
    if dtype == nw.Date:
        low, high = _ends(writer, slot)
        lawful = column.is_between(low, high)
        if writer is not IN_NARWHALS:  # of Polars: days are such numbers already
            physical: Any = column
            sound = (column.min() >= low) & (column.max() <= high)  # null where there is no day at all
            figure = physical.to_physical()
            return Reader(told, lawful, figure, EPOCH, is_wide=False, is_column=True, sound=sound)
        if implementation in (nw.Implementation.POLARS, nw.Implementation.PYARROW):
            return Reader(told, lawful, column.cast(writer.api.Int32), EPOCH, is_wide=False)
        return Reader(told, lawful, column.dt.timestamp("ms") // (_OF_DAY // 1000), EPOCH)
    if dtype == nw.Datetime and dtype.time_zone is None:
        instant = (
            writer.api.when(told)
            .then(column)
            .otherwise(writer.api.lit(_NEVER).cast(writer.dtype(dtype)))
            .dt.timestamp("us")
        )
        ordinal = (instant // _OF_DAY).cast(writer.api.Int64) + EPOCH
        return Reader(told, (instant % _OF_DAY == 0) & ordinal.is_between(slot.low, slot.high), ordinal)
    if dtype == nw.String:
        of_text = _day_of_text if writer is IN_NARWHALS else _day_of_text_of_polars
        outside = column != NOT_DONE if slot.is_partial else None
        return of_text(writer, slot, column, told)._replace(outside=outside)
    raise UnreadableError(slot, str(dtype).lower())


def _ends(writer: Writer, slot: Slot) -> tuple[nw.Expr, nw.Expr]:
    """The first and last day that are lawful."""
    first, last = (slot.low, slot.high) if slot.low <= slot.high else (2, 1)  # none is lawful
    low, high = datetime.date.fromordinal(first), datetime.date.fromordinal(last)
    return writer.api.lit(low), writer.api.lit(high)


def _day_of_text_of_polars(writer: Writer, slot: Slot, column: nw.Expr, told: nw.Expr) -> Reader:
    """The ordinal of `2009-12-31`, as Polars reads it, which takes what is written otherwise too."""
    text: Any = column.str
    day = text.to_date("%Y-%m-%d", strict=False, cache=False)
    lawful = column.str.contains(_DAY_TEXT) & day.is_between(*_ends(writer, slot)).fill_null(False)
    return Reader(told, lawful, day.to_physical(), EPOCH, is_wide=False)


def _day_of_text(writer: Writer, slot: Slot, column: nw.Expr, told: nw.Expr) -> Reader:
    """The ordinal of `2009-12-31` by the rules of the calendar, the same in every engine."""
    is_short = column.str.len_chars() == 10  # some engines let the end of a line stand after it
    shaped = column.str.contains(_DAY_TEXT) & is_short
    text = writer.api.when(told & shaped).then(column).otherwise(writer.api.lit("1970-01-01"))
    year, month, day = (
        text.str.slice(start, length).cast(writer.api.Int64) for start, length in ((0, 4), (5, 2), (8, 2))
    )
    late = (month <= 2).cast(writer.api.Int64)
    counted, shifted = year - late, month + late * 12 - 3
    ordinal = (
        counted * 365 + counted // 4 - counted // 100 + counted // 400 + (shifted * 153 + 2) // 5 + day - 306
    )
    leap = ((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))).cast(writer.api.Int64)
    short = (month == 4) | (month == 6) | (month == 9) | (month == 11)
    last = (
        writer.api.when(month == 2)
        .then(leap + 28)
        .otherwise(writer.api.lit(31) - short.cast(writer.api.Int64))
    )
    real = month.is_between(1, 12) & (day >= 1) & (day <= last) & (year >= 1)
    return Reader(told, shaped & real & ordinal.is_between(slot.low, slot.high), ordinal)


# ---- a table

Facts = Mapping[str, tuple[bool, bool]]
"""Of each slot with a column: whether it is told in every row, and lawful in every row in which it is told."""


class Table(NamedTuple):
    """How the slots of a program are read from a table: the readers of those that have a column, and of states."""

    readers: Mapping[str, Reader]
    states: frozenset[str]
    writer: Writer

    def columns(self, program: Program, facts: Facts) -> dict[str, Column]:
        """What is known of each slot."""
        found = {}
        for slot in program.slots:
            has_states = slot.name in self.states
            if slot.name not in self.readers:
                found[slot.name] = Column(NEVER, has_states)
            else:
                always = not has_states and facts.get(slot.name, (False, False)) == (True, True)
                less = self.readers[slot.name].less
                found[slot.name] = Column(ALWAYS if always else VARIES, has_states, less)
        return found

    def parts(self, program: Program, facts: Facts) -> Parts:
        """What the program reads, never null: a figure that is not told or not lawful is 0, no or ""."""
        found: dict[tuple[int, str], Value] = {}
        for index, slot in enumerate(program.slots):
            for part, expression in self._of(slot, facts.get(slot.name, (False, False))):
                found[index, part] = expression
        return found

    def _of(self, slot: Slot, known: tuple[bool, bool]) -> Iterator[tuple[str, Value]]:
        read = self.readers.get(slot.name)
        told = self.writer.literal(False) if read is None else read.told
        if read is not None:
            always, lawful = known
            condition = None if always else read.told
            if not lawful and read.lawful is not None:
                condition = read.lawful if condition is None else condition & read.lawful
            figure = read.sure if always and lawful and read.sure is not None else read.figure
            if condition is not None:
                figure = (
                    self.writer.api.when(condition).then(figure).otherwise(_nothing(self.writer, slot, read))
                )
                told = condition
            is_whole = slot.type not in (TRUTH, WORD)
            is_column = condition is None and read.is_column
            yield "value", Value(figure, is_whole, 0, 0, read.is_wide, None, read.real, is_column)
        else:
            yield "value", Value(self.writer.literal(_empty(slot)), slot.type not in (TRUTH, WORD), 0, 0)
        yield "reported", Value(told)
        if slot.name in self.states:
            state = self.writer.api.col(slot.name + STATE)
            for each in STATES:
                yield each, Value(_is_word(self.writer, state, each))
                told = told | _is_word(self.writer, state, each)
        yield "told", Value(told)

    def unlawful(self) -> dict[str, nw.Expr]:
        """Of each slot with a column, in which rows what it tells is not lawful."""
        found = {}
        for name, read in self.readers.items():
            if read.lawful is not None:
                found[name] = read.told & ~read.lawful
        for name in self.states:
            state = self.writer.api.col(name + STATE)
            wrong = ~(state.is_null() | state.is_in(list(STATES)).fill_null(False))
            if name in self.readers:
                wrong = wrong | (~state.is_null() & self.readers[name].told)
            found[name + STATE] = wrong
        return found


def _is_word(writer: Writer, state: nw.Expr, word: str) -> nw.Expr:
    found: nw.Expr = writer.api.when(~state.is_null()).then(state == word).otherwise(writer.literal(False))
    return found


def table(
    program: Program,
    schema: Mapping[str, Any],
    implementation: nw.Implementation,
    writer: Writer = IN_NARWHALS,
) -> Table:
    """How a table of those columns is read. Raises `UnreadableError`."""
    readers = {}
    states = set()
    alone = compared(program)
    for index, slot in enumerate(program.slots):
        if slot.name in schema:
            is_compared = index in alone
            readers[slot.name] = reader(writer, slot, schema, implementation, is_compared=is_compared)
        if slot.name + STATE in schema:
            states.add(slot.name)
    return Table(readers, frozenset(states), writer)


def looked(
    table: Table, sound: Sequence[nw.Expr], select: Callable[[Sequence[nw.Expr]], Mapping[str, object]]
) -> Facts:
    """What is known of the columns of a table: `sound` is asked first, of which `select` gives the one row."""
    if not table.readers:
        return {}
    found = dict(select(sound))
    others = [name for index, name in enumerate(table.readers) if not found[f"sound{index}"]]
    if others:
        found |= select(asked_of(table, frozenset(others)))
    return facts(table, found)


def sound_of(table: Table) -> list[nw.Expr]:
    """Of each column at once: whether it is told and lawful in all rows."""
    found = []
    for index, (name, read) in enumerate(table.readers.items()):
        sound: nw.Expr = table.writer.api.col(name).null_count() == 0
        checked = read.lawful if read.sound is None else read.sound
        if checked is not None:
            sound = sound & checked.all()
        found.append(sound.alias(f"sound{index}"))
    return found


def asked_of(table: Table, names: frozenset[str]) -> list[nw.Expr]:
    """What makes the facts of some columns: one row of truths."""
    found = []
    for index, (name, read) in enumerate(table.readers.items()):
        if name in names:
            told, lawful = read.told, read.lawful
            found.append(told.all().alias(f"told{index}"))
            found += [] if lawful is None else [(lawful | ~told).all().alias(f"lawful{index}")]
    return found


def facts(table: Table, row: Mapping[str, object]) -> Facts:
    """What that row says."""
    return {
        name: (True, True)
        if row.get(f"sound{index}")
        else (bool(row[f"told{index}"]), bool(row.get(f"lawful{index}", True)))
        for index, name in enumerate(table.readers)
    }
