"""A program over columns: pure data, operands before their users, on whole numbers of 64 bits, truths and words.

No step is ever null, and no step can leave 64 bits: each has its proven range. Engines translate the steps; `run` is
their meaning.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from rkdsl.plain import Final, NamedTuple

Step = int
"""The index of a step that stands earlier in the same program."""
Cell = int | bool | str
"""What a step is in one row of the table."""

WHOLE, TRUTH, WORD = "whole", "truth", "word"
LIMIT: Final = 2**63 - 1
"""The greatest whole number of a step, and minus it the least."""

# ---- the steps


class Constant(NamedTuple):
    """The same in every row."""

    value: Cell


class Read(NamedTuple):
    """A part of what a row of the table tells of a slot.

    `value` is its figure: over the slot's scale, a day by its ordinal, a truth or a word; where none is told
    0, no or "".
    The truths: `reported` (a figure is told), `told` (anything is), `not applicable`, `not defined`, `not done`
    (told to be that).
    """

    slot: int
    part: str


class Add(NamedTuple):
    """A sum of whole numbers."""

    operands: tuple[Step, ...]


class Subtract(NamedTuple):
    """A difference of whole numbers."""

    left: Step
    right: Step


class Multiply(NamedTuple):
    """A product of whole numbers."""

    left: Step
    right: Step


class Divide(NamedTuple):
    """A whole number by one that is above zero in every row, rounded down."""

    left: Step
    right: Step


class Least(NamedTuple):
    """The least of whole numbers."""

    operands: tuple[Step, ...]


class Greatest(NamedTuple):
    """The greatest of whole numbers."""

    operands: tuple[Step, ...]


class Is(NamedTuple):
    """A comparison of whole numbers, or the equality of two words or truths: `<`, `<=`, `>`, `>=`, `==`."""

    op: str
    left: Step
    right: Step


class All(NamedTuple):
    """Whether all truths hold."""

    operands: tuple[Step, ...]


class Any(NamedTuple):
    """Whether any truth holds."""

    operands: tuple[Step, ...]


class Not(NamedTuple):
    """Whether a truth does not hold."""

    operand: Step


class Case(NamedTuple):
    """The value of the first row whose condition holds, else of `otherwise`; all of one type."""

    rows: tuple[tuple[Step, Step], ...]
    otherwise: Step


Operation = (
    Constant | Read | Add | Subtract | Multiply | Divide | Least | Greatest | Is | All | Any | Not | Case
)


class Slot(NamedTuple):
    """A column of the table: what it is called, and which figures the program reckons with.

    `type` is `whole`, `truth`, `word` or `day`. A figure, as it is written (80 for 80 %), is a whole number over
    `scale`, from `low` to `high` (both over `scale` too; none where `low` is above `high`); a day is its ordinal.
    `words` are the words that it can be, empty for any; `choices`, where there are any, the only figures, over `scale`.
    A row that holds anything else in the column, also a figure that is no whole number over `scale`, is none for the
    program. It asks for the exact engine where the slot `is_partial`, as others are lawful too, and the figure is
    neither below `least` nor above `most` (as written; None: no end); else it is unlawful. Beside days as text a
    partial slot may hold `not done`.
    """

    name: str
    type: str
    scale: int = 1
    low: int = 0
    high: int = 0
    words: tuple[str, ...] = ()
    choices: tuple[int, ...] = ()
    has_finer: bool = False
    least: Fraction | None = None
    most: Fraction | None = None
    is_partial: bool = False


class Figure(NamedTuple):
    """What comes out of one column.

    A number is `above / (scale x below)`, where `below` is above zero in every row, and 1 where it is None. `told`
    is a truth: in rows where it does not hold there is no figure; None: there is one in all. A day is its ordinal.
    """

    name: str
    type: str
    above: Step
    below: Step | None = None
    scale: int = 1
    told: Step | None = None


class Program(NamedTuple):
    """The steps, the slots they read, and what comes out.

    `ranges` are the least and the greatest whole number that each step can be; of truths and words they say nothing.
    """

    slots: tuple[Slot, ...]
    steps: tuple[Operation, ...]
    types: tuple[str, ...]
    figures: tuple[Figure, ...]
    ranges: tuple[tuple[int, int], ...]


def operands_of(step: Operation) -> tuple[Step, ...]:
    """The steps that a step looks at."""
    match step:
        case Add() | Least() | Greatest() | All() | Any():
            return step.operands
        case Subtract() | Multiply() | Divide() | Is():
            return step.left, step.right
        case Not():
            return (step.operand,)
        case Case():
            return (*(each for row in step.rows for each in row), step.otherwise)
    return ()


# ---- their meaning, one row at a time

OPERATORS: Final[Mapping[str, Callable[[object, object], bool]]] = {
    "<": operator.lt,  # type: ignore[dict-item]  # of whole numbers
    "<=": operator.le,  # type: ignore[dict-item]  # of whole numbers
    ">": operator.gt,  # type: ignore[dict-item]  # of whole numbers
    ">=": operator.ge,  # type: ignore[dict-item]  # of whole numbers
    "==": operator.eq,
}


def run(program: Program, read: Callable[[Slot, str], Cell]) -> list[Cell]:
    """What every step is in one row of the table."""
    found: list[Cell] = []
    for step in program.steps:
        found.append(_run(step, found, program.slots, read))
    return found


def _run(
    step: Operation, known: Sequence[Cell], slots: Sequence[Slot], read: Callable[[Slot, str], Cell]
) -> Cell:
    match step:
        case Constant(value):
            return value
        case Read(slot, part):
            return read(slots[slot], part)
        case Add(operands):
            return sum(int(known[each]) for each in operands)
        case Subtract(left, right):
            return int(known[left]) - int(known[right])
        case Multiply(left, right):
            return int(known[left]) * int(known[right])
        case Divide(left, right):
            return int(known[left]) // int(known[right])
        case Least(operands):
            return min(int(known[each]) for each in operands)
        case Greatest(operands):
            return max(int(known[each]) for each in operands)
        case Is(op, left, right):
            return OPERATORS[op](known[left], known[right])
        case All(operands):
            return all(known[each] for each in operands)
        case Any(operands):
            return any(known[each] for each in operands)
        case Not(operand):
            return not known[operand]
        case Case(rows, otherwise):
            return next((known[value] for condition, value in rows if known[condition]), known[otherwise])
