"""A program as Narwhals expressions, layer by layer: on Polars and whatever else it knows, eager or lazy."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import narwhals.stable.v2 as nw

from rkdsl.columns.builder import asked
from rkdsl.columns.layers import balanced, layers, write
from rkdsl.columns.program import Cell, Program, Read, Step
from rkdsl.plain import Final, NamedTuple

Frame = TypeVar("Frame", nw.DataFrame[Any], nw.LazyFrame[Any])
"""A table. `Any`: of whichever engine."""


class Value(NamedTuple):
    """A step as an expression: of a whole number, the least and the greatest that it can be, and its width here.

    `constant` is the number itself where it never varies. What is read as a decimal over `real` is not yet a whole
    number: it is only compared with constants.
    """

    expression: nw.Expr
    is_whole: bool = False
    low: int = 0
    high: int = 0
    is_wide: bool = False
    constant: int | None = None
    real: int = 0
    is_column: bool = False
    """Whether it stands in the table as it is."""
    word: str | None = None
    """The word itself where it never varies."""

    @property
    def farthest(self) -> int:
        """The farthest that it can be from zero."""
        return max(abs(self.low), abs(self.high))

    def at(self, *, wide: bool) -> nw.Expr:
        """The expression in 64 bits, or in 32."""
        if self.constant is not None:
            return nw.lit(self.constant, dtype=nw.Int64 if wide else nw.Int32)
        return (
            self.expression.cast(nw.Int64) if wide and self.is_whole and not self.is_wide else self.expression
        )


class Writer:
    """Writes steps, in 32 bits where these are proven to be enough: that takes half of the time.

    `api` is Narwhals; or Polars itself, which is called the same, and whose expressions are made once for many frames.
    `gathers` says that a choice among words is one among their numbers, and the words are fetched once at its end:
    for frames of Polars in memory that takes a fifth of the time, and in lazy ones it would keep from streaming.
    """

    def __init__(self, api: Any, *, gathers: bool = False) -> None:  # a module
        self.api, self._gathers = api, gathers

    def dtype(self, dtype: Any) -> Any:  # a type of Narwhals, and the same of the engine
        """A type of a column."""
        found = getattr(self.api, type(dtype).__name__)
        if dtype.is_decimal():
            return found(dtype.precision, dtype.scale)
        return found(dtype.time_unit) if dtype == nw.Datetime else found

    def at(self, this: Value, *, wide: bool) -> nw.Expr:
        """The expression in 64 bits, or in 32."""
        api = self.api
        if this.constant is not None:
            found: nw.Expr = api.lit(this.constant, dtype=api.Int64 if wide else api.Int32)
            return found
        return (
            this.expression.cast(api.Int64)
            if wide and this.is_whole and not this.is_wide
            else this.expression
        )

    def literal(self, value: Cell) -> nw.Expr:
        """The same in every row."""
        api = self.api
        dtype = (
            api.Boolean if isinstance(value, bool) else api.String if isinstance(value, str) else api.Int64
        )
        found: nw.Expr = api.lit(value, dtype=dtype)
        return found

    def constant(self, value: Cell) -> Value:
        """The same in every row."""
        if isinstance(value, bool | str):
            return Value(self.literal(value), word=value if isinstance(value, str) else None)
        return Value(self.literal(value), True, value, value, abs(value) > NARROW, value)

    def add(self, operands: Sequence[Value]) -> Value:
        """A sum."""
        return balanced(self._sum, operands)

    def _sum(self, left: Value, right: Value) -> Value:
        wide = left.farthest + right.farthest > NARROW
        return self._of(operator.add, left, right, left.low + right.low, left.high + right.high, wide=wide)

    def subtract(self, left: Value, right: Value) -> Value:
        """A difference."""
        wide = left.farthest + right.farthest > NARROW
        return self._of(operator.sub, left, right, left.low - right.high, left.high - right.low, wide=wide)

    def multiply(self, left: Value, right: Value) -> Value:
        """A product."""
        corners = [x * y for x in (left.low, left.high) for y in (right.low, right.high)]
        wide = left.farthest * right.farthest > NARROW
        return self._of(operator.mul, left, right, min(corners), max(corners), wide=wide)

    def divide(self, left: Value, right: Value, *, is_natural: bool) -> Value:
        """A quotient rounded down."""
        corners = [x // y for x in (left.low, left.high) for y in (max(right.low, 1), max(right.high, 1))]
        return self._of(operator.floordiv, left, right, min(corners), max(corners), wide=False)

    def least(self, operands: Sequence[Value]) -> Value:
        """The least of several."""
        low, high = min(each.low for each in operands), min(each.high for each in operands)
        return self._joined(self.api.min_horizontal, operands, low, high)

    def greatest(self, operands: Sequence[Value]) -> Value:
        """The greatest of several."""
        low, high = max(each.low for each in operands), max(each.high for each in operands)
        return self._joined(self.api.max_horizontal, operands, low, high)

    def compare(self, op: str, left: Value, right: Value) -> Value:
        """A comparison."""
        if right.real:
            left, right, op = right, left, FLIPPED[op]
        if left.real:
            return Value(OPERATORS[op](left.expression, self.api.lit(right.low / left.real)))
        wide = left.is_wide or right.is_wide
        return Value(OPERATORS[op](self.at(left, wide=wide), self.at(right, wide=wide)))

    def all(self, operands: Sequence[Value]) -> Value:
        """Whether all hold."""
        return Value(balanced(operator.and_, [each.expression for each in operands]))

    def any(self, operands: Sequence[Value]) -> Value:
        """Whether one of them holds."""
        return Value(balanced(operator.or_, [each.expression for each in operands]))

    def negate(self, operand: Value) -> Value:
        """Whether it does not hold."""
        return Value(~operand.expression)

    def case(self, rows: Sequence[tuple[Value, Value]], otherwise: Value) -> Value:
        """The value after the first condition that holds."""
        values = [*(value for _, value in rows), otherwise]
        words = [each.word for each in values if each.word is not None]
        if self._gathers and len(words) == len(values):
            return Value(self._gathered([condition for condition, _ in rows], words))
        wide = any(each.is_wide for each in values) or all(each.constant is not None for each in values)
        if not otherwise.is_whole:
            wide = False
        found: Any = self.api  # `Any`: there is a class for each stage of it
        for condition, value in rows:
            found = found.when(condition.expression).then(self.at(value, wide=wide))
        made = found.otherwise(self.at(otherwise, wide=wide))
        low, high = min(each.low for each in values), max(each.high for each in values)
        return Value(made, otherwise.is_whole, low, high, wide)

    def _gathered(self, conditions: Sequence[Value], words: Sequence[str]) -> nw.Expr:
        """The word of the first condition that holds, or else the last."""
        api, different = self.api, list(dict.fromkeys(words))
        numbers = [api.lit(different.index(each), dtype=api.UInt32) for each in words]
        found: Any = api  # `Any`: there is a class for each stage of it
        for condition, number in zip(conditions, numbers, strict=False):
            found = found.when(condition.expression).then(number)
        made: nw.Expr = api.lit(api.Series(different, dtype=api.String)).gather(found.otherwise(numbers[-1]))
        return made

    def _of(
        self,
        operation: Callable[[nw.Expr, nw.Expr], nw.Expr],
        left: Value,
        right: Value,
        low: int,
        high: int,
        *,
        wide: bool,
    ) -> Value:
        """An operation on two, in 64 bits where 32 are not enough for all of it."""
        wide = wide or left.is_wide or right.is_wide
        made = operation(self.at(left, wide=wide), self.at(right, wide=wide))
        return Value(made, True, low, high, wide)

    def _joined(self, join: Callable[..., nw.Expr], operands: Sequence[Value], low: int, high: int) -> Value:
        wide = any(each.is_wide for each in operands)
        return Value(join(*(self.at(each, wide=wide) for each in operands)), True, low, high, wide)


NARROW: Final = 2**31 - 1
"""The greatest whole number of 32 bits."""
FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}
OPERATORS: Final[Mapping[str, Callable[[nw.Expr, nw.Expr], nw.Expr]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
IN_NARWHALS: Final = Writer(nw)


Parts = Mapping[tuple[int, str], Value]
"""What a part of a slot is, never null: by the slot's index and the part."""


class Written(NamedTuple):
    """A program as expressions: columns to put beside those of the table, layer by layer, then what a step is."""

    layers: tuple[tuple[nw.Expr, ...], ...]
    steps: Mapping[Step, nw.Expr]

    def beside(self, frame: Frame) -> Frame:
        """The frame with the layers beside its columns."""
        for layer in self.layers:
            frame = frame.with_columns(*layer)
        return frame


def written(program: Program, parts: Parts, prefix: str, writer: Writer = IN_NARWHALS) -> Written:
    """A program; `steps` are those that figures are made of, in 64 bits. `prefix` begins no name of the table."""
    known: dict[Step, Value] = {}
    made_layers = []
    for layer in layers(program):
        columns = []
        for step in layer.made:
            made = _made(program, step, parts, known, writer)
            low, high = program.ranges[step]
            column = made._replace(expression=writer.api.col(f"{prefix}{step}"), low=low, high=high)
            if not (isinstance(program.steps[step], Read) and made.is_column):
                columns.append(made.expression.alias(f"{prefix}{step}"))
            else:
                column = made
            known[step] = column
        if columns:
            made_layers.append(tuple(columns))
    wanted = [each for figure in program.figures for each in asked(figure)]
    steps = {step: writer.at(_made(program, step, parts, known, writer), wide=True) for step in wanted}
    return Written(tuple(made_layers), steps)


def _made(program: Program, step: Step, parts: Parts, known: Mapping[Step, Value], writer: Writer) -> Value:
    found = known.get(step)
    if found is not None:
        return found
    operation = program.steps[step]
    if isinstance(operation, Read):
        low, high = program.ranges[step]
        return parts[operation.slot, operation.part]._replace(low=low, high=high)
    return write(program, step, known.get, writer)
