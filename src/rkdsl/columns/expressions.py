"""A program as Narwhals expressions, layer by layer: on Polars, pandas, PyArrow and Dask, eager or lazy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import narwhals.stable.v2 as nw

from rkdsl.columns.builder import asked
from rkdsl.columns.layers import layers, write
from rkdsl.columns.program import Cell, Program, Read, Step

Frame = TypeVar("Frame", nw.DataFrame[Any], nw.LazyFrame[Any])
"""A table. `Any`: of whichever engine."""
Parts = Mapping[tuple[int, str], nw.Expr]
"""What a part of a slot is, never null: by the slot's index and the part."""


class _Narwhals:
    """Expressions of Narwhals."""

    def constant(self, value: Cell) -> nw.Expr:
        return literal(value)

    def add(self, left: nw.Expr, right: nw.Expr) -> nw.Expr:
        return left + right

    def subtract(self, left: nw.Expr, right: nw.Expr) -> nw.Expr:
        return left - right

    def multiply(self, left: nw.Expr, right: nw.Expr) -> nw.Expr:
        return left * right

    def divide(self, left: nw.Expr, right: nw.Expr, *, is_natural: bool) -> nw.Expr:
        return left // right

    def least(self, operands: Sequence[nw.Expr]) -> nw.Expr:
        return nw.min_horizontal(*operands)

    def greatest(self, operands: Sequence[nw.Expr]) -> nw.Expr:
        return nw.max_horizontal(*operands)

    def compare(self, op: str, left: nw.Expr, right: nw.Expr) -> nw.Expr:
        match op:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right
        return left == right

    def both(self, left: nw.Expr, right: nw.Expr) -> nw.Expr:
        return left & right

    def either(self, left: nw.Expr, right: nw.Expr) -> nw.Expr:
        return left | right

    def negate(self, operand: nw.Expr) -> nw.Expr:
        return ~operand

    def case(self, rows: Sequence[tuple[nw.Expr, nw.Expr]], otherwise: nw.Expr) -> nw.Expr:
        (condition, value), *others = rows
        found: Any = nw.when(condition).then(value)  # `Any`: Narwhals has a class for each stage of it
        for condition, value in others:
            found = found.when(condition).then(value)
        made: nw.Expr = found.otherwise(otherwise)
        return made


ENGINE: Final = _Narwhals()


def literal(value: Cell) -> nw.Expr:
    """The same in every row."""
    if isinstance(value, bool):
        return nw.lit(value, dtype=nw.Boolean)
    if isinstance(value, str):
        return nw.lit(value, dtype=nw.String)
    return nw.lit(value, dtype=nw.Int64)


class Written(NamedTuple):
    """A program as expressions: columns to put beside those of the table, layer by layer, then what a step is."""

    layers: tuple[tuple[nw.Expr, ...], ...]
    steps: Mapping[Step, nw.Expr]

    def beside(self, frame: Frame) -> Frame:
        """The frame with the layers beside its columns."""
        for layer in self.layers:
            frame = frame.with_columns(*layer)
        return frame


def written(program: Program, parts: Parts, prefix: str) -> Written:
    """A program; `steps` are those that figures are made of. `prefix` begins no name of the table."""
    known: dict[Step, nw.Expr] = {}
    made_layers = []
    for layer in layers(program):
        made = {step: _made(program, step, parts, known) for step in layer.made}
        if made:
            made_layers.append(tuple(each.alias(f"{prefix}{step}") for step, each in made.items()))
        known.update((step, nw.col(f"{prefix}{step}")) for step in made)
    wanted = [each for figure in program.figures for each in asked(figure)]
    return Written(tuple(made_layers), {step: _made(program, step, parts, known) for step in wanted})


def _made(program: Program, step: Step, parts: Parts, known: Mapping[Step, nw.Expr]) -> nw.Expr:
    found = known.get(step)
    if found is not None:
        return found
    operation = program.steps[step]
    if isinstance(operation, Read):
        return parts[operation.slot, operation.part]
    return write(program, step, known.get, ENGINE)
