"""Which steps of a program stand as columns of their own, and in which order: what several others read, once.

Engines write the rest inside the steps that read it. No text nests deeper than `DEPTH`, whatever the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from rkdsl.columns.builder import asked
from rkdsl.columns.program import (
    Add,
    All,
    Any,
    Case,
    Cell,
    Constant,
    Divide,
    Greatest,
    Is,
    Least,
    Multiply,
    Not,
    Operation,
    Program,
    Read,
    Step,
    Subtract,
    operands_of,
)
from rkdsl.plain import Final, NamedTuple

DEPTH: Final = 24
"""How many steps may stand inside each other in one column."""


class Layer(NamedTuple):
    """Steps that read nothing but earlier layers, and what of those is still wanted after them."""

    made: tuple[Step, ...]
    kept: tuple[Step, ...]


def layers(program: Program) -> tuple[Layer, ...]:
    """The layers in order; the first reads the table itself. The last keeps all that figures are made of."""
    reached = range(len(program.steps))
    columns = _columns(program, reached)
    level: dict[Step, int] = {}
    below: dict[Step, set[Step]] = {}
    for step in reached:
        operation = program.steps[step]
        reads = below[step] = set()
        for each in operands_of(operation):
            reads |= {each} if each in columns else below[each]
        if step in columns:
            level[step] = (
                0 if isinstance(operation, Read) else 1 + max((level[each] for each in reads), default=0)
            )
    made: list[list[Step]] = [[] for _ in range(1 + max(level.values(), default=0))]
    for step, at in level.items():
        made[at].append(step)
    wanted = {each for each in _roots(program) if each in columns}
    found: list[Layer] = []
    for steps in reversed(made):
        kept = wanted.difference(steps)
        found.append(Layer(tuple(sorted(set(steps) & wanted)), tuple(sorted(kept))))
        wanted = kept.union(*(below[each] for each in steps if each in wanted))
    return tuple(reversed(found))


def _roots(program: Program) -> list[Step]:
    return list(dict.fromkeys(each for figure in program.figures for each in asked(figure)))


def _columns(program: Program, reached: Iterable[Step]) -> set[Step]:
    """The steps that stand as columns: what is read, what is read more than once, what would nest too deep."""
    users: dict[Step, int] = dict.fromkeys(_roots(program), 2)
    steps = list(reached)
    for step in steps:
        for each in operands_of(program.steps[step]):
            users[each] = users.get(each, 0) + 1
    depth: dict[Step, int] = {}
    found = set()
    for step in steps:
        operation = program.steps[step]
        operands = operands_of(operation)
        if isinstance(operation, Constant):
            depth[step] = 0
            continue
        deepest = 1 + max((depth[each] for each in operands), default=0)
        if isinstance(operation, Read) or users[step] > 1 or deepest >= DEPTH:
            found.add(step)
            deepest = 0
        depth[step] = deepest
    return found


# ---- steps as what an engine reckons with

Expression = TypeVar("Expression")


class Engine(Protocol[Expression]):
    """What an engine knows to write: the steps of a program, of expressions of its own."""

    def constant(self, value: Cell) -> Expression:
        """The same in every row."""

    def add(self, operands: Sequence[Expression]) -> Expression:
        """A sum."""

    def subtract(self, left: Expression, right: Expression) -> Expression:
        """A difference."""

    def multiply(self, left: Expression, right: Expression) -> Expression:
        """A product."""

    def divide(self, left: Expression, right: Expression, *, is_natural: bool) -> Expression:
        """A quotient rounded down; `is_natural` where the left is never below zero."""

    def least(self, operands: Sequence[Expression]) -> Expression:
        """The least of two or more."""

    def greatest(self, operands: Sequence[Expression]) -> Expression:
        """The greatest of two or more."""

    def compare(self, op: str, left: Expression, right: Expression) -> Expression:
        """A comparison."""

    def all(self, operands: Sequence[Expression]) -> Expression:
        """Whether all hold."""

    def any(self, operands: Sequence[Expression]) -> Expression:
        """Whether one of them holds."""

    def negate(self, operand: Expression) -> Expression:
        """Whether it does not hold."""

    def case(self, rows: Sequence[tuple[Expression, Expression]], otherwise: Expression) -> Expression:
        """The value after the first condition that holds."""


def write(
    program: Program, step: Step, column: Callable[[Step], Expression | None], engine: Engine[Expression]
) -> Expression:
    """A step as an expression; `column` gives what stands for a step that is a column by then."""

    def inner(each: Step) -> Expression:
        found = column(each)
        return write(program, each, column, engine) if found is None else found

    operation: Operation = program.steps[step]
    match operation:
        case Constant(value):
            return engine.constant(value)
        case Add(operands):
            return engine.add([inner(each) for each in operands])
        case Subtract(left, right):
            return engine.subtract(inner(left), inner(right))
        case Multiply(left, right):
            return engine.multiply(inner(left), inner(right))
        case Divide(left, right):
            return engine.divide(inner(left), inner(right), is_natural=program.ranges[left][0] >= 0)
        case Least(operands):
            return engine.least([inner(each) for each in operands])
        case Greatest(operands):
            return engine.greatest([inner(each) for each in operands])
        case Is(op, left, right):
            return engine.compare(op, inner(left), inner(right))
        case All(operands):
            return engine.all([inner(each) for each in operands])
        case Any(operands):
            return engine.any([inner(each) for each in operands])
        case Not(operand):
            return engine.negate(inner(operand))
        case Case(rows, otherwise):
            return engine.case(
                [(inner(condition), inner(value)) for condition, value in rows], inner(otherwise)
            )
        case Read():
            raise AssertionError("what is read stands as a column")


def balanced(
    join: Callable[[Expression, Expression], Expression], operands: Sequence[Expression]
) -> Expression:
    """All operands joined two by two: the tree is as flat as can be."""
    found = list(operands)
    while len(found) > 1:
        pairs = [join(*found[at : at + 2]) for at in range(0, len(found) - 1, 2)]
        found = pairs + found[len(pairs) * 2 :]
    return found[0]
