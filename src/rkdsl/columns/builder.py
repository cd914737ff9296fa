"""Builds a program over columns: each step once, with its proven range; what never varies is worked out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rkdsl.columns.program import (
    LIMIT,
    OPERATORS,
    TRUTH,
    WHOLE,
    WORD,
    Add,
    All,
    Any,
    Case,
    Cell,
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
    operands_of,
)

FEW: Final = 8
"""Operands of a sum, or of truths that all or any hold, that are taken into the step that looks at it."""


class TooWideError(Exception):
    """A step that could leave 64 bits: `low` and `high` are the whole numbers that it could be."""

    def __init__(self, low: int, high: int) -> None:
        super().__init__(f"from {low} to {high}")
        self.low, self.high = low, high


class Builder:
    """Steps, each written once, with their types and ranges; what never varies is worked out here."""

    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self.steps: list[Operation] = []
        self.types: list[str] = []
        self.ranges: list[tuple[int, int]] = []
        self._known: dict[tuple[type, Operation], Step] = {}

    def program(self, figures: Sequence[Figure]) -> Program:
        """What the figures need of it, as data."""
        needed = {each for figure in figures for each in asked(figure)}
        for at in range(len(self.steps) - 1, -1, -1):
            if at in needed:
                needed.update(operands_of(self.steps[at]))
        kept = sorted(needed)
        moved = {old: new for new, old in enumerate(kept)}
        return Program(
            tuple(self.slots),
            tuple(_moved(self.steps[at], moved) for at in kept),
            tuple(self.types[at] for at in kept),
            tuple(_figure_moved(each, moved) for each in figures),
            tuple(self.ranges[at] for at in kept),
        )

    def value(self, step: Step) -> Cell | None:
        """What a step is in every row; None where it varies."""
        found = self.steps[step]
        return found.value if isinstance(found, Constant) else None

    # ---- steps

    def constant(self, value: Cell) -> Step:
        """The same in every row."""
        if isinstance(value, bool):
            return self._step(Constant(value), TRUTH)
        if isinstance(value, str):
            return self._step(Constant(value), WORD)
        return self._step(Constant(value), WHOLE, value, value)

    def read(self, slot: int, part: str = "value") -> Step:
        """A part of a slot; a figure that is not told is 0."""
        found = self.slots[slot]
        if part != "value" or found.type == TRUTH:
            return self._step(Read(slot, part), TRUTH)
        if found.type == WORD:
            return self._step(Read(slot, part), WORD)
        return self._step(Read(slot, part), WHOLE, min(found.low, 0), max(found.high, 0))

    def add(self, *operands: Step) -> Step:
        """A sum; what never varies is added up here."""
        operands = self._flat(Add, operands) if len(operands) == 2 else operands
        varying = [each for each in operands if self.value(each) is None]
        fixed = sum(int(self._is(each)) for each in operands if self.value(each) is not None)
        if fixed or not varying:
            varying.append(self.constant(fixed))
        if len(varying) == 1:
            return varying[0]
        if fixed and len(varying) == 2:
            folded = self._into_case(varying[0], lambda value: self.add(value, varying[1]))
            if folded is not None:
                return folded
        low, high = (sum(self.ranges[each][end] for each in varying) for end in (0, 1))
        farthest = sum(max(map(abs, self.ranges[each])) for each in varying)
        if farthest > LIMIT:  # whatever is added first
            raise TooWideError(-farthest, farthest)
        return self._step(Add(tuple(varying)), WHOLE, low, high)

    def subtract(self, left: Step, right: Step) -> Step:
        """A difference."""
        if self.value(right) == 0:
            return left
        (low, high), (least, most) = self.ranges[left], self.ranges[right]
        return self._step(Subtract(left, right), WHOLE, low - most, high - least)

    def multiply(self, left: Step, right: Step) -> Step:
        """A product."""
        if self.value(left) is not None:
            left, right = right, left
        if self.value(right) == 1:
            return left
        if self.value(right) is not None:
            folded = self._into_case(left, lambda value: self.multiply(value, right))
            if folded is not None:
                return folded
        corners = [x * y for x in self.ranges[left] for y in self.ranges[right]]
        return self._step(Multiply(left, right), WHOLE, min(corners), max(corners))

    def divide(self, left: Step, right: Step) -> Step:
        """Rounded down; ValueError where `right` could be zero or less."""
        least, most = self.ranges[right]
        if least <= 0:
            raise ValueError("only what is above zero divides")
        if (least, most) == (1, 1):
            return left
        corners = [x // y for x in self.ranges[left] for y in (least, most)]
        return self._step(Divide(left, right), WHOLE, min(corners), max(corners))

    def least(self, *operands: Step) -> Step:
        """The least of whole numbers."""
        return self._extreme(Least, min, operands)

    def greatest(self, *operands: Step) -> Step:
        """The greatest of whole numbers."""
        return self._extreme(Greatest, max, operands)

    def _extreme(
        self,
        kind: type[Least] | type[Greatest],
        pick: Callable[[Sequence[int]], int],
        operands: tuple[Step, ...],
    ) -> Step:
        different = tuple(dict.fromkeys(operands))
        if len(different) == 1:
            return different[0]
        low, high = (pick([self.ranges[each][end] for each in different]) for end in (0, 1))
        return self._step(kind(different), WHOLE, low, high)

    def compare(self, op: str, left: Step, right: Step) -> Step:
        """A comparison; one that the ranges settle never varies."""
        if self.types[left] == WHOLE:
            (low, high), (least, most) = self.ranges[left], self.ranges[right]
            sides = {OPERATORS[op](x, y) for x in (low, high) for y in (least, most)}
            overlap = low <= most and least <= high
            if len(sides) == 1 and (op != "==" or not overlap or low == high == least == most):
                return self.constant(sides.pop())
            if isinstance(found := self.steps[left], Case) and len(found.rows) == 1 and least == most:
                folded = self._into_case(left, lambda value: self.compare(op, value, right))
                if folded is not None:
                    return folded
        elif left == right or (self.value(left) is not None and self.value(right) is not None):
            return self.constant(self.value(left) == self.value(right))
        return self._step(Is(op, left, right), TRUTH)

    def all(self, *operands: Step) -> Step:
        """Whether all truths hold."""
        operands = self._flat(All, operands)
        varying = tuple(dict.fromkeys(each for each in operands if self.value(each) is not True))
        if any(self.value(each) is False for each in varying):
            return self.constant(False)
        if not varying:
            return self.constant(True)
        return varying[0] if len(varying) == 1 else self._step(All(varying), TRUTH)

    def any(self, *operands: Step) -> Step:
        """Whether any truth holds."""
        operands = self._flat(Any, operands)
        varying = tuple(dict.fromkeys(each for each in operands if self.value(each) is not False))
        if any(self.value(each) is True for each in varying):
            return self.constant(True)
        if not varying:
            return self.constant(False)
        return varying[0] if len(varying) == 1 else self._step(Any(varying), TRUTH)

    def negate(self, operand: Step) -> Step:
        """Whether a truth does not hold."""
        found = self.steps[operand]
        if isinstance(found, Constant):
            return self.constant(not found.value)
        return found.operand if isinstance(found, Not) else self._step(Not(operand), TRUTH)

    def case(self, rows: Sequence[tuple[Step, Step]], otherwise: Step) -> Step:
        """The value after the first condition that holds."""
        taken: list[tuple[Step, Step]] = []
        passed: set[Step] = set()
        for condition, value in rows:
            if self.value(condition) is True or self.negate(condition) in passed:
                otherwise = value
                break
            if self.value(condition) is None and condition not in passed:
                taken.append((condition, value))
                passed.add(condition)
        while taken and taken[-1][1] == otherwise:
            taken.pop()
        if not taken:
            return otherwise
        if len(taken) == 1 and isinstance(found := self.steps[taken[0][0]], Not):
            taken, otherwise = [(found.operand, otherwise)], taken[0][1]
        values = [*(value for _, value in taken), otherwise]
        if self.types[otherwise] == TRUTH and all(self.value(each) is not None for each in values):
            for condition, value in reversed(taken):
                if self.value(value):
                    otherwise = self.any(condition, otherwise)
                else:
                    otherwise = self.all(self.negate(condition), otherwise)
            return otherwise
        if self.types[otherwise] != WHOLE:
            return self._step(Case(tuple(taken), otherwise), self.types[otherwise])
        low = min(self.ranges[each][0] for each in values)
        high = max(self.ranges[each][1] for each in values)
        return self._step(Case(tuple(taken), otherwise), WHOLE, low, high)

    def _flat(self, kind: type[Add] | type[All] | type[Any], operands: tuple[Step, ...]) -> tuple[Step, ...]:
        """The operands of steps of a kind in the place of the steps, where that makes few of them."""
        found: list[Step] = []
        for each in operands:
            step = self.steps[each]
            few = isinstance(step, kind) and len(step.operands) <= FEW
            found += step.operands if few and isinstance(step, kind) else (each,)
        return tuple(found)

    def _into_case(self, step: Step, change: Callable[[Step], Step]) -> Step | None:
        """A choice among constants with each of them changed; None for any other step."""
        found = self.steps[step]
        if not isinstance(found, Case):
            return None
        values = [*(value for _, value in found.rows), found.otherwise]
        if any(self.value(each) is None for each in values):
            return None
        rows = [(condition, change(value)) for condition, value in found.rows]
        return self.case(rows, change(found.otherwise))

    def _is(self, step: Step) -> Cell:
        found = self.value(step)
        assert found is not None
        return found

    def _step(self, operation: Operation, type: str, low: int = 0, high: int = 0) -> Step:
        """The step of an operation, the same for the same one; a constant where all it reads are constants."""
        if type == WHOLE and not -LIMIT <= low <= high <= LIMIT:
            raise TooWideError(low, high)
        if type == WHOLE and low == high and not isinstance(operation, Constant):
            return self.constant(low)
        key = (_kind(operation), operation)
        if key not in self._known:
            self._known[key] = len(self.steps)
            self.steps.append(operation)
            self.types.append(type)
            self.ranges.append((low, high))
        return self._known[key]


def asked(figure: Figure) -> list[Step]:
    """The steps that a figure is made of."""
    return [each for each in (figure.above, figure.below, figure.told) if each is not None]


def _figure_moved(figure: Figure, moved: Mapping[Step, Step]) -> Figure:
    below, told = (None if each is None else moved[each] for each in (figure.below, figure.told))
    return figure._replace(above=moved[figure.above], below=below, told=told)


def _moved(operation: Operation, moved: Mapping[Step, Step]) -> Operation:
    """The same with its operands where they are now."""
    match operation:
        case Add() | Least() | Greatest() | All() | Any():
            return operation._replace(operands=tuple(moved[each] for each in operation.operands))
        case Subtract() | Multiply() | Divide() | Is():
            return operation._replace(left=moved[operation.left], right=moved[operation.right])
        case Not():
            return Not(moved[operation.operand])
        case Case():
            rows = tuple((moved[condition], moved[value]) for condition, value in operation.rows)
            return Case(rows, moved[operation.otherwise])
    return operation


def _kind(operation: Operation) -> type:
    """What tells apart what is equal as tuples: another kind of step, or of constant."""
    if isinstance(operation, Constant):
        return type(operation.value)
    return type(operation)
