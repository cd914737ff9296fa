"""A program as one SQL query: what the table tells, then the steps layer by layer, then what comes out.

Three dialects are written here and run by the tests; others are translated from them.
"""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from rkdsl.columns.builder import FEW
from rkdsl.columns.layers import balanced, layers, write
from rkdsl.columns.narrowing import MISSING, VARIES, Column, narrowed
from rkdsl.columns.program import TRUTH, WHOLE, WORD, Cell, Figure, Program, Read, Slot, Step
from rkdsl.columns.tables import (
    DAY,
    EPOCH,
    ERROR,
    EXACT_NEEDED,
    NOT_DONE,
    STATE,
    STATES,
    UnreadableError,
    decimals,
    expected,
)
from rkdsl.plain import Final, NamedTuple

INTEGER, DECIMAL, REAL, SINGLE, DATE, TIMESTAMP, TEXT, BOOLEAN, NULL = (
    *("integer", "decimal", "real", "single", "date", "timestamp", "text", "boolean", "null"),
)
"""The types that a column of a table may have, as far as reading it differs."""
_EXACT: Final = 2**53
_DIGITS: Final = 20
WIDE: Final = 400
"""Columns that a layer may have; where there are more they stand in arrays: engines slow down, or have no room."""
PACK: Final = 64
"""How many columns stand in one array."""


def type_of(name: str) -> str:
    """The type of a column, by the name that an engine gives it; a name of no type that is read is left as it is.

    A decimal keeps how many digits it has, and how many of them behind the point: `decimal(38,10)`.
    """
    word, bracket, digits = name.lower().partition("(")
    found = _TYPES.get(word.strip(), word.strip())
    return f"{found}({digits}" if bracket and found == DECIMAL else found


_TYPES: Final = {
    **dict.fromkeys(
        (
            *("tinyint", "smallint", "integer", "int", "bigint", "hugeint", "int2", "int4", "int8"),
            *("utinyint", "usmallint", "uinteger", "ubigint"),
        ),
        INTEGER,
    ),
    **dict.fromkeys(("decimal", "numeric"), DECIMAL),
    **dict.fromkeys(("double", "double precision", "float8"), REAL),
    **dict.fromkeys(("float", "real", "float4"), SINGLE),
    "date": DATE,
    **dict.fromkeys(("timestamp", "timestamp_ntz", "timestamp without time zone"), TIMESTAMP),
    **dict.fromkeys(("timestamp_s", "timestamp_ms", "timestamp_ns"), TIMESTAMP),
    **dict.fromkeys(('"null"', "null", "void"), NULL),
    **dict.fromkeys(("varchar", "text", "string", "character varying", "enum"), TEXT),
    **dict.fromkeys(("boolean", "bool"), BOOLEAN),
}


class Dialect:
    """How one engine writes what engines write differently. This one is DuckDB's."""

    name = "duckdb"
    double = "DOUBLE"
    text = "VARCHAR"
    most = 256
    """How many columns are made at a time where they are put into arrays."""
    fence = ""
    """What keeps an engine from writing a layer into the next, once for each time that it is read."""

    def name_of(self, name: str) -> str:
        """A name in quotes."""
        return '"' + name.replace('"', '""') + '"'

    def word(self, text: str) -> str:
        """A text in quotes."""
        return "'" + text.replace("'", "''") + "'"

    def quotient(self, left: str, right: str) -> str:
        """Of whole numbers not below zero."""
        return f"({left} // {right})"

    def ordinal(self, day: str) -> str:
        """The ordinal of a date."""
        return f"({day} - DATE '1970-01-01' + {EPOCH})"

    def is_nan(self, number: str) -> str:
        """Whether a float is no number."""
        return f"isnan({number})"

    def day_of_text(self, text: str) -> str:
        """The ordinal of a day as text; null for anything else."""
        shaped = f"regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
        return f"CASE WHEN {shaped} THEN {self.ordinal(f'TRY_CAST({text} AS DATE)')} END"

    def rounded(self, number: str) -> str:
        """The nearest whole number to a double."""
        return self.cast(f"round({number})", "BIGINT")

    def cast(self, cell: str, type: str) -> str:
        """A cell in another type, null where it does not fit: engines look at more rows than a condition lets by."""
        return f"TRY_CAST({cell} AS {type})"

    def array(self, cells: Sequence[str], type: str) -> str:
        """An array of whole numbers, truths or words."""
        return f"CAST([{', '.join(cells)}] AS {self._kind(type)}[])"

    def _kind(self, type: str) -> str:
        return {TRUTH: "BOOLEAN", WORD: self.text}.get(type, "BIGINT")

    def element(self, array: str, index: int) -> str:
        """One of an array, the first at 0."""
        return f"{array}[{index + 1}]"

    def sum(self, operands: Sequence[str]) -> str:
        """A sum, however many there are, without much that stands inside each other."""
        return self.joined("+", operands)

    def joined(self, word: str, operands: Sequence[str]) -> str:
        """Operands with an operator between each two."""
        return balanced(lambda left, right: f"({left} {word} {right})", operands)


class Postgres(Dialect):
    """PostgreSQL."""

    name = "postgres"
    double = "DOUBLE PRECISION"
    text = "TEXT"
    fence = " OFFSET 0"

    def array(self, cells: Sequence[str], type: str) -> str:
        """An array of whole numbers, truths or words."""
        return f"CAST(ARRAY[{', '.join(cells)}] AS {self._kind(type)}[])"

    def cast(self, cell: str, type: str) -> str:
        """A cell in another type: conditions hold here, and there is no cast that gives null."""
        return f"CAST({cell} AS {type})"

    def quotient(self, left: str, right: str) -> str:
        """Of whole numbers not below zero."""
        return f"({left} / {right})"

    def is_nan(self, number: str) -> str:
        """Whether a float is no number."""
        return f"({number} = 'NaN')"

    def day_of_text(self, text: str) -> str:
        """By the rules of the calendar: no cast of this engine gives null for what is no day."""
        year, month, day = (
            f"CAST(substr({text}, {start}, {length}) AS BIGINT)" for start, length in ((1, 4), (6, 2), (9, 2))
        )
        late = f"(CASE WHEN {month} <= 2 THEN 1 ELSE 0 END)"
        counted, shifted = f"({year} - {late})", f"({month} + 12 * {late} - 3)"
        ordinal = (
            f"{counted} * 365 + {counted} / 4 - {counted} / 100 + {counted} / 400"
            f" + ({shifted} * 153 + 2) / 5 + {day} - 306"
        )
        leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
        last = (
            f"CASE WHEN {month} = 2 THEN CASE WHEN {leap} THEN 29 ELSE 28 END "
            f"WHEN {month} IN (4, 6, 9, 11) THEN 30 ELSE 31 END"
        )
        real = f"{year} >= 1 AND {month} BETWEEN 1 AND 12 AND {day} >= 1 AND {day} <= {last}"
        shaped = f"{text} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'"
        return f"CASE WHEN {shaped} THEN CASE WHEN {real} THEN {ordinal} END END"


class Spark(Dialect):
    """Spark SQL."""

    name = "spark"
    text = "STRING"
    most = 8192

    def array(self, cells: Sequence[str], type: str) -> str:
        """An array of whole numbers, truths or words."""
        return f"CAST(array({', '.join(cells)}) AS ARRAY<{self._kind(type)}>)"

    def element(self, array: str, index: int) -> str:
        """One of an array, the first at 0."""
        return f"{array}[{index}]"

    def sum(self, operands: Sequence[str]) -> str:
        """A sum: its parser needs very long for parentheses in each other, and its planner for long chains."""
        if len(operands) <= FEW:
            return self.joined("+", operands)
        return f"aggregate({self.array(operands, WHOLE)}, CAST(0 AS BIGINT), (sum, each) -> sum + each)"

    def joined(self, word: str, operands: Sequence[str]) -> str:
        """Operands with an operator between each two; its parser balances truths by itself."""
        return f"({f' {word} '.join(operands)})"

    def name_of(self, name: str) -> str:
        """A name in quotes."""
        return "`" + name.replace("`", "``") + "`"

    def word(self, text: str) -> str:
        """A text in quotes."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def quotient(self, left: str, right: str) -> str:
        """Of whole numbers not below zero."""
        return f"({left} div {right})"

    def ordinal(self, day: str) -> str:
        """The ordinal of a date."""
        return f"(CAST(unix_date({day}) AS BIGINT) + {EPOCH})"

    def day_of_text(self, text: str) -> str:
        """The ordinal of a day as text; null for anything else."""
        shaped = f"{text} RLIKE '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'"  # also with the end of a line after it
        shaped = f"length({text}) = 10 AND {shaped}"
        return f"CASE WHEN {shaped} THEN {self.ordinal(f'TRY_CAST({text} AS DATE)')} END"


DIALECTS: Final[Mapping[str, Dialect]] = {each.name: each for each in (Dialect(), Postgres(), Spark())}
"""Those that are written here."""


class _Text:
    """Steps as text."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def constant(self, value: Cell) -> str:
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, str):
            return self.dialect.word(value)
        return _digits(value)

    def add(self, operands: Sequence[str]) -> str:
        return self.dialect.sum(operands)

    def subtract(self, left: str, right: str) -> str:
        return f"({left} - {right})"

    def multiply(self, left: str, right: str) -> str:
        return f"({left} * {right})"

    def divide(self, left: str, right: str, *, is_natural: bool) -> str:
        quotient = self.dialect.quotient
        if is_natural:
            return quotient(left, right)
        below = quotient(f"(-1 - {left})", right)
        return f"CASE WHEN {left} >= 0 THEN {quotient(left, right)} ELSE -1 - {below} END"

    def least(self, operands: Sequence[str]) -> str:
        return f"least({', '.join(operands)})"

    def greatest(self, operands: Sequence[str]) -> str:
        return f"greatest({', '.join(operands)})"

    def compare(self, op: str, left: str, right: str) -> str:
        return f"({left} {'=' if op == '==' else op} {right})"

    def all(self, operands: Sequence[str]) -> str:
        return self.dialect.joined("AND", operands)

    def any(self, operands: Sequence[str]) -> str:
        return self.dialect.joined("OR", operands)

    def negate(self, operand: str) -> str:
        return f"(NOT {operand})"

    def case(self, rows: Sequence[tuple[str, str]], otherwise: str) -> str:
        whens = " ".join(f"WHEN {condition} THEN {_wide(value)}" for condition, value in rows)
        return f"(CASE {whens} ELSE {_wide(otherwise)} END)"


def _digits(number: int) -> str:
    return str(number) if number >= 0 else f"({number})"


def _wide(value: str) -> str:
    """A constant with its 64 bits, where nothing beside it says so."""
    return f"CAST({value} AS BIGINT)" if value.strip("(-)").isdigit() else value


# ---- what a table tells


class Cells(NamedTuple):
    """How the column of a slot is read: whether a figure is told, and the figure, null where it is not lawful."""

    told: str
    figure: str


def _cells(slot: Slot, type: str, dialect: Dialect) -> Cells:
    """How a column of a type is read."""
    column = dialect.name_of(slot.name)
    told = f"{column} IS NOT NULL"
    kind, _, digits = type.partition("(")
    if type == NULL:
        types = {TRUTH: "BOOLEAN", WORD: dialect.text}
        return Cells("FALSE", f"CAST(NULL AS {types.get(slot.type, 'BIGINT')})")
    match slot.type, kind:
        case ("truth", "boolean"):
            return Cells(told, column)
        case ("word", "text"):
            if not slot.words:
                return Cells(told, column)
            words = ", ".join(dialect.word(each) for each in slot.words)
            return Cells(told, f"CASE WHEN {column} IN ({words}) THEN {column} END")
        case ("day", "date"):
            return Cells(told, _of_date(slot, column, dialect))
        case ("day", "timestamp"):
            day = f"CAST({column} AS DATE)"
            figure = _within(slot, dialect.ordinal(day))
            return Cells(told, f"CASE WHEN {column} = CAST({day} AS TIMESTAMP) THEN {figure} END")
        case ("day", "text"):
            return Cells(told, _within(slot, f"({dialect.day_of_text(column)})"))
        case ("whole", "integer"):
            return Cells(told, _of_integer(slot, column, dialect))
        case ("whole", "decimal"):
            return Cells(told, _of_decimal(slot, column, digits, dialect))
        case ("whole", "real" | "single"):
            return Cells(f"({told} AND NOT {dialect.is_nan(column)})", _of_real(slot, column, type, dialect))
    raise UnreadableError(slot, type)


def _within(slot: Slot, figure: str) -> str:
    inside = f"{figure} BETWEEN {slot.low} AND {slot.high}"
    return f"CASE WHEN {_chosen(slot, figure, inside)} THEN {figure} END"


def _of_date(slot: Slot, column: str, dialect: Dialect) -> str:
    if slot.low > slot.high:
        return _within(slot, dialect.ordinal(column))
    low, high, *choices = (
        f"DATE '{datetime.date.fromordinal(each)}'" for each in (slot.low, slot.high, *slot.choices)
    )
    inside = f"{column} IN ({', '.join(choices)})" if choices else f"{column} BETWEEN {low} AND {high}"
    return f"CASE WHEN {inside} THEN {dialect.ordinal(column)} END"


def _chosen(slot: Slot, figure: str, inside: str) -> str:
    return f"{figure} IN ({', '.join(map(str, slot.choices))})" if slot.choices else inside


def _of_integer(slot: Slot, column: str, dialect: Dialect) -> str:
    low, high = -(-slot.low // slot.scale), slot.high // slot.scale
    figure = dialect.cast(column, "BIGINT") + ("" if slot.scale == 1 else f" * {slot.scale}")
    figure = f"CASE WHEN {column} BETWEEN {low} AND {high} THEN {figure} END"
    return _of_choices(slot, figure)


def _of_choices(slot: Slot, figure: str) -> str:
    """The figure, where it is one of the choices."""
    if not slot.choices:
        return figure
    return f"CASE WHEN {figure} IN ({', '.join(map(str, slot.choices))}) THEN {figure} END"


def _of_decimal(slot: Slot, column: str, digits: str, dialect: Dialect) -> str:
    """As many decimals as a lawful figure can have, and none lost.

    No number stands beside the column that its own `digits` (`38,10)`, "" where nobody knows) could not hold, so that
    no engine takes digits from it to compare them.
    """
    places = decimals(slot.scale)
    if places is None or 10**places != slot.scale:  # no figure as it is written has such a scale
        raise UnreadableError(slot, "decimal")
    low, high = math.ceil(Fraction(slot.low, slot.scale)) - 1, math.floor(Fraction(slot.high, slot.scale)) + 1
    before = _DIGITS
    guards = [f"{column} >= {low}", f"{column} <= {high}"]
    if digits:
        before = min(_DIGITS, _before_point(digits))
        guards = [each for each, end in zip(guards, (low, high), strict=True) if abs(end) < 10**before]
    short = dialect.cast(column, f"DECIMAL({before + places}, {places})") if before + places else "0"
    figure = dialect.cast(f"{short} * {slot.scale}", "BIGINT")
    inside = f"{short} = {column}"
    within = f"CASE WHEN {figure} BETWEEN {slot.low} AND {slot.high} THEN {figure} END"
    kept = f"CASE WHEN {inside} THEN {within} END"
    guarded = f"CASE WHEN {' AND '.join(guards)} THEN {kept} END" if guards else kept
    return _of_choices(slot, guarded)


def _outside(slot: Slot, type: str, dialect: Dialect) -> str:
    """Whether what is told of a partial slot is unlawful in the contract too."""
    column = dialect.name_of(slot.name)
    if slot.type == DAY:
        return f"({column} <> {dialect.word(NOT_DONE)})" if type == "text" else "TRUE"
    _, _, digits = type.partition("(")
    found = []
    for sign, end in (("<", slot.least), (">", slot.most)):
        if end is None or (digits and abs(end) >= 10 ** _before_point(digits)):
            continue
        found.append(f"{column} {sign} {_exactly(end)}")
    return f"({' OR '.join(found)})" if found else "FALSE"


def _exactly(end: Fraction) -> str:
    """A decimal as it is written, without a digit less; ends of ranges have a last one."""
    places = next(each for each in itertools.count() if 10**each % end.denominator == 0)
    digits = f"{abs(end.numerator) * 10**places // end.denominator:0{places + 1}d}"
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"(-{text})" if end < 0 else text


def _before_point(digits: str) -> int:
    """How many digits before the point a decimal has, of `38,10)`."""
    precision, _, scale = digits.rstrip(") ").partition(",")
    return int(precision) - int(scale or 0)


def _of_real(slot: Slot, column: str, type: str, dialect: Dialect) -> str:
    """The nearest whole number over the scale, where that is the same float again."""
    low, high = max(slot.low, 1 - _EXACT), min(slot.high, _EXACT - 1)
    if type == SINGLE:  # 91.2 as it is written, and not what lies nearest to it
        column = f"CAST(CAST({column} AS {dialect.text}) AS {dialect.double})"
    wide = f"CAST({column} AS {dialect.double}) * {slot.scale}"
    near = dialect.rounded(wide)
    again = f"CAST({near} AS {dialect.double}) / {slot.scale}"
    same = f"CASE WHEN {again} = {column} AND {near} BETWEEN {low} AND {high} THEN {near} END"
    inside = f"{wide} BETWEEN {low} - 0.5 AND {high} + 0.5"
    return _of_choices(slot, f"CASE WHEN {inside} THEN {same} END")


# ---- the query


class Made(NamedTuple):
    """A column of a layer: its name, what it holds, and how it is reckoned."""

    name: str
    type: str
    text: str


class Output(NamedTuple):
    """A column that comes out: its name and what it is."""

    name: str
    text: str


def query(
    program: Program,
    table: str,
    types: Mapping[str, str],
    dialect: Dialect,
    *,
    keep: Iterable[str] = (),
    fractions: bool = False,
    wide: int = WIDE,
) -> str:
    """The query: from a table, whose columns of slots have those types, the columns to keep and the figures.

    `table` is written as it is. With `fractions` all numbers come out as numerator and denominator. Where a layer has
    more than `wide` columns they are put into arrays. Raises `UnreadableError` for a column that a slot cannot be
    read from.
    """
    return _Query(program, types, dialect, tuple(keep), wide).text(table, fractions=fractions)


class _Query:
    """One query while it is written."""

    def __init__(
        self, program: Program, types: Mapping[str, str], dialect: Dialect, keep: tuple[str, ...], wide: int
    ) -> None:
        self.types, self.dialect = types, dialect
        self.figures = {each.name: each for each in program.figures}
        columns = {
            slot.name: Column(VARIES, True) if slot.name in types else MISSING._replace(has_states=True)
            for slot in program.slots
        }
        for name, column in columns.items():
            columns[name] = column._replace(has_states=f"{name}{STATE}" in types)
        self.program = narrowed(program, columns)
        self.keep = keep
        self.kept = [f"k{index}" for index in range(len(keep))]
        self.present = [(index, slot) for index, slot in enumerate(self.program.slots) if slot.name in types]
        self.states = [
            (index, slot) for index, slot in enumerate(self.program.slots) if slot.name + STATE in types
        ]
        self.layers = layers(self.program)
        self.named = {step for layer in self.layers for step in layer.made}
        self.at: dict[str, str] = {}
        """Where a column stands that is one of an array."""
        widths = [len(layer.made) + len(layer.kept) for layer in self.layers]
        self.is_wide = max(widths, default=0) > wide

    def text(self, table: str, *, fractions: bool) -> str:
        """All of it."""
        selects = [("cells", self._table(table))]
        selects += self._in_arrays() if self.is_wide else [("told", self._told()), *self._layers()]
        selects.append(("", self._figures(selects[-1][0], fractions=fractions)))
        parts = [f"{name} AS (\n{select}{self.dialect.fence}\n)" for name, select in selects[:-1]]
        return "WITH " + ",\n".join(parts) + f"\n{selects[-1][1]}"

    def _table(self, table: str) -> str:
        """What stands in the table, each column read once."""
        kept = [
            f"{self.dialect.name_of(name)} AS {short}"
            for name, short in zip(self.keep, self.kept, strict=True)
        ]
        made = []
        for index, slot in self.present:
            cells = _cells(slot, self.types[slot.name], self.dialect)
            made += [
                Made(f"t{index}", TRUTH, cells.told),
                Made(f"c{index}", slot.type, cells.figure),
            ]
            if slot.is_partial:
                made.append(Made(f"o{index}", TRUTH, _outside(slot, self.types[slot.name], self.dialect)))
        made += [
            Made(f"s{index}", WORD, self.dialect.name_of(slot.name + STATE)) for index, slot in self.states
        ]
        return _select([*kept, *self._placed(made, "cells")] or ["1 AS nothing"], table)

    def _told(self) -> str:
        """The same without nulls, and what is wrong with a row."""
        whens = list(self._unlawful())
        parts = [f"{each.text} AS {each.name}" for each in self._parts()]
        return _select([*self.kept, f"{self._error(whens)} AS {ERROR}", *parts], "cells")

    def _parts(self) -> list[Made]:
        return [
            Made(f"x{step}", self.program.types[step], self._part(read.slot, read.part))
            for step, read in self._reads()
        ]

    def _in_arrays(self) -> Iterator[tuple[str, str]]:
        """What is told, and the layers: some columns at a time, which stay with those before them."""
        before, errors, most = "cells", [], self.dialect.most
        made = [*self._unlawful()]
        for at, first in enumerate(range(0, len(made), most)):
            name = f"wrong{at}"
            yield name, _select(["*", f"{self._error(made[first : first + most])} AS {name}"], before)
            before = name
            errors.append(name)
        found = [*errors, f"CAST(NULL AS {self.dialect.text})"]
        yield "told", _select(["*", f"coalesce({', '.join(found)}) AS {ERROR}"], before)
        before = "told"
        for at, layer in enumerate(self.layers):
            columns = [self._column(step) for step in layer.made] if at else self._parts()
            for first in range(0, len(columns), most):
                name = f"layer{at}_{first}"
                yield name, _select(["*", *self._placed(columns[first : first + most], name)], before)
                before = name

    def _column(self, step: Step) -> Made:
        return Made(f"x{step}", self.program.types[step], _wide(self._written(step, made=False)))

    def _placed(self, made: Sequence[Made], prefix: str) -> list[str]:
        """Columns, each by itself or in arrays whose names begin with a prefix; noted is where they stand then."""
        if not self.is_wide:
            return [f"{each.text} AS {each.name}" for each in made]
        found: list[str] = []
        for type in dict.fromkeys(each.type for each in made):
            alike = [each for each in made if each.type == type]
            for first in range(0, len(alike), PACK):
                name, packed = f"{prefix}_{len(found)}", alike[first : first + PACK]
                found.append(f"{self.dialect.array([each.text for each in packed], type)} AS {name}")
                self.at |= {each.name: self.dialect.element(name, index) for index, each in enumerate(packed)}
        return found

    def _place(self, name: str) -> str:
        return self.at.get(name, name)

    def _reads(self) -> Iterator[tuple[Step, Read]]:
        for step, operation in enumerate(self.program.steps):
            if isinstance(operation, Read):
                yield step, operation

    def _part(self, index: int, part: str) -> str:
        slot = self.program.slots[index]
        cell, state_told = self._place(f"c{index}"), self._place(f"s{index}")
        has_column, has_states = slot.name in self.types, slot.name + STATE in self.types
        if part == "value":
            empty = {TRUTH: "FALSE", WORD: "''"}.get(slot.type, "CAST(0 AS BIGINT)")
            return f"coalesce({cell}, {empty})" if has_column else empty
        reported = f"{cell} IS NOT NULL" if has_column else "FALSE"
        if part == "reported":
            return f"({reported})"
        if part == "told":
            words = ", ".join(self.dialect.word(each) for each in STATES)
            state = f"coalesce({state_told} IN ({words}), FALSE)" if has_states else "FALSE"
            return f"({reported} OR {state})"
        return f"coalesce({state_told} = {self.dialect.word(part)}, FALSE)"

    def _error(self, whens: Sequence[str]) -> str:
        return f"CASE {' '.join(whens)} END" if whens else f"CAST(NULL AS {self.dialect.text})"

    def _unlawful(self) -> Iterator[str]:
        """The conditions under which a column is not lawful, and what is expected of it, in order."""
        words = ", ".join(self.dialect.word(each) for each in STATES)
        for index, slot in self.present:
            text = self.dialect.word(f"{slot.name}: expected {expected(slot)}")
            told, cell = self._place(f"t{index}"), self._place(f"c{index}")
            if slot.is_partial:
                text = f"CASE WHEN {self._place(f'o{index}')} THEN {text} ELSE '' END"
            yield f"WHEN {told} AND {cell} IS NULL THEN {text}"
        for index, slot in self.states:
            text = self.dialect.word(f"{slot.name}{STATE}: expected {', '.join(STATES)}, or nothing")
            state, told = self._place(f"s{index}"), self._place(f"t{index}")
            wrong = f"{state} NOT IN ({words})"
            if slot.name in self.types:
                wrong = f"({wrong} OR ({state} IS NOT NULL AND {told}))"
            yield f"WHEN {wrong} THEN {text}"

    def _layers(self) -> Iterator[tuple[str, str]]:
        """The steps; the first layer is what is told."""
        before = "told"
        for at, layer in enumerate(self.layers):
            if at == 0:
                continue
            columns = [*self.kept, ERROR, *(f"x{step}" for step in layer.kept)]
            columns += [f"{each.text} AS {each.name}" for each in map(self._column, layer.made)]
            yield f"layer{at}", _select(columns, before)
            before = f"layer{at}"

    def _written(self, step: Step, *, made: bool) -> str:
        """A step: by its name where it is a column, else as it is reckoned."""

        def name(each: Step) -> str | None:
            return self._place(f"x{each}") if each in self.named and (made or each != step) else None

        found = name(step)
        return write(self.program, step, name, _Text(self.dialect)) if found is None else found

    def _figures(self, before: str, *, fractions: bool) -> str:
        name_of = self.dialect.name_of
        columns = [f"{short} AS {name_of(name)}" for name, short in zip(self.keep, self.kept, strict=True)]
        needed = [figure for figure in self.program.figures if figure.name == EXACT_NEEDED]
        settled = [f"{ERROR} IS NULL"]
        settled += [f"NOT {self._written(figure.above, made=True)}" for figure in needed]
        for figure in self.program.figures:
            if figure.name == EXACT_NEEDED:
                continue
            conditions = list(settled)
            if figure.told is not None:
                conditions.append(self._written(figure.told, made=True))
            condition = " AND ".join(conditions)
            columns += [
                f"CASE WHEN {condition} THEN {each.text} END AS {name_of(each.name)}"
                for each in self._figure(figure, fractions=fractions)
            ]
        columns += [
            f"coalesce({ERROR} = '', {self._written(each.above, made=True)}) AS {name_of(EXACT_NEEDED)}"
            for each in needed
        ]
        return _select([*columns, f"nullif({ERROR}, '') AS {ERROR}"], before)

    def _figure(self, figure: Figure, *, fractions: bool) -> Iterator[Output]:
        above = self._written(figure.above, made=True)
        if figure.type == DAY:
            epoch = f"CAST({above} - {EPOCH} AS INTEGER)"
            yield Output(figure.name, self._day(epoch))
            return
        if figure.type in (TRUTH, WORD):
            yield Output(figure.name, above)
            return
        above = _wide(above)
        first = self.figures[figure.name]  # what comes out is the same whatever is known of the table
        places = decimals(first.scale)
        if first.below is None and places is not None and not fractions:
            yield Output(figure.name, _decimal(above, figure.scale, places))
            return
        yield Output(f"{figure.name}:numerator", above)
        below = _wide(str(figure.scale))
        if figure.below is not None:
            below = f"{_wide(self._written(figure.below, made=True))} * {below}"
        yield Output(f"{figure.name}:denominator", below)

    def _day(self, days: str) -> str:
        if self.dialect.name == "spark":
            return f"date_from_unix_date({days})"
        return f"(DATE '1970-01-01' + {days})"


def _decimal(above: str, scale: int, places: int) -> str:
    """A whole number over a scale, as a decimal."""
    if places == 0:
        return above
    one = 10**places // scale
    unit = f"{one // 10**places}.{one % 10**places:0{places}d}"
    wide = f"CAST({above} AS DECIMAL(20, 0)) * CAST({unit} AS DECIMAL({places + 1}, {places}))"
    return f"CAST({wide} AS DECIMAL({min(38, 20 + places)}, {places}))"


def _select(columns: Sequence[str], table: str) -> str:
    return "SELECT\n  " + ",\n  ".join(columns) + f"\nFROM {table}"
