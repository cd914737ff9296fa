"""A program made smaller by what is known of the columns of one table: those that are not there, or always told."""

from __future__ import annotations

from collections.abc import Mapping

from rkdsl.columns.builder import Builder
from rkdsl.columns.program import (
    WHOLE,
    Add,
    All,
    Any,
    Case,
    Constant,
    Divide,
    Figure,
    Greatest,
    Is,
    Least,
    Multiply,
    Not,
    Operation,
    Program,
    Read,
    Slot,
    Step,
    Subtract,
)
from rkdsl.columns.truths import Truths
from rkdsl.plain import Final, NamedTuple

ALWAYS, NEVER, VARIES = "always", "never", "varies"


class Column(NamedTuple):
    """What is known of a slot in all rows: whether its figure is told, and whether it has another state.

    The table holds its figures `less` a constant: days from another day on.
    """

    told: str = VARIES
    has_states: bool = True
    less: int = 0


MISSING: Final = Column(NEVER, False)
"""A slot that has no column: not reported in any row."""


def narrowed(program: Program, columns: Mapping[str, Column]) -> Program:
    """The same program for tables of which that is known, by the names of slots; a slot not named may be anything."""
    builder = Builder()
    builder.slots = list(program.slots)
    made: list[Step] = []
    truths = Truths(builder)
    for operation in program.steps:
        made.append(truths.settled(_again(operation, made, program.slots, columns, builder)))
    figures = [
        each._replace(
            above=made[each.above],
            below=None if each.below is None else made[each.below],
            told=None if each.told is None else made[each.told],
        )
        for each in program.figures
    ]
    return builder.program([_settled(each, builder) for each in figures])


def _settled(figure: Figure, builder: Builder) -> Figure:
    """A denominator that is the same in all rows is a scale; a figure that is always there needs no telling."""
    below = None if figure.below is None else builder.value(figure.below)
    if below is not None:
        figure = figure._replace(below=None, scale=figure.scale * int(below))
    always = figure.told is not None and builder.value(figure.told) is True
    return figure._replace(told=None) if always else figure


def _again(
    operation: Operation,
    made: list[Step],
    slots: tuple[Slot, ...],
    columns: Mapping[str, Column],
    builder: Builder,
) -> Step:
    def of(steps: tuple[Step, ...]) -> list[Step]:
        return [made[each] for each in steps]

    match operation:
        case Constant(value):
            return builder.constant(value)
        case Read(slot, part):
            return _read(slot, part, columns.get(slots[slot].name, Column()), builder)
        case Add(operands):
            return builder.add(*of(operands))
        case Subtract(left, right):
            return builder.subtract(made[left], made[right])
        case Multiply(left, right):
            return builder.multiply(made[left], made[right])
        case Divide(left, right):
            return builder.divide(made[left], made[right])
        case Least(operands):
            return builder.least(*of(operands))
        case Greatest(operands):
            return builder.greatest(*of(operands))
        case Is(op, left, right):
            return builder.compare(op, made[left], made[right])
        case All(operands):
            return builder.all(*of(operands))
        case Any(operands):
            return builder.any(*of(operands))
        case Not(operand):
            return builder.negate(made[operand])
        case Case(rows, otherwise):
            return builder.case(
                [(made[condition], made[value]) for condition, value in rows], made[otherwise]
            )


def _read(slot: int, part: str, column: Column, builder: Builder) -> Step:
    if part == "value" and column.told != NEVER and column.less:
        return builder.add(builder.read(slot, part, column.less), builder.constant(column.less))
    step = builder.read(slot, part)
    if part == "value":
        if column.told != NEVER:
            return step
        empty = 0 if builder.types[step] == WHOLE else False if builder.types[step] == "truth" else ""
        return builder.constant(empty)
    if part in ("not applicable", "not defined", "not done"):
        return step if column.has_states else builder.constant(False)
    if column.told == ALWAYS:
        return builder.constant(True)
    if part == "told" and column.has_states:
        return step
    return builder.constant(False) if column.told == NEVER else builder.read(slot, "reported")
