"""A program over columns as arrays of numpy: what each step is in many rows at once, exactly as `program.run` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Final

import numpy as np

from rkdsl.columns.builder import asked
from rkdsl.columns.program import (
    TRUTH,
    WHOLE,
    WORD,
    Add,
    All,
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
from rkdsl.columns.program import Any as AnyOf

Array = Any
"""An array of numpy of one dimension, or one value for all rows. `Any`: of whole numbers, truths or words."""
Parts = Mapping[tuple[int, str], Array]
"""What a part of a slot is in each row, by the slot's index and the part; words by their `codes`."""

_COMPARE: Final = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
}
_TYPES: Final = {WHOLE: np.int64, TRUTH: np.bool_, WORD: np.int64}


class Arrays:
    """A program, ready to run on many rows. Words are whole numbers there: the index of each in `words`."""

    def __init__(self, program: Program, words: Iterable[str] = ()) -> None:
        """`words` are those that a row may have beside those of the program."""
        self.program: Final = program
        known = [each for slot in program.slots for each in slot.words]
        for step, kind in zip(program.steps, program.types, strict=True):
            if isinstance(step, Constant) and kind == WORD:
                known.append(str(step.value))
        self.words: Final = tuple(dict.fromkeys(("", *known, *words)))
        self.codes: Final = {word: code for code, word in enumerate(self.words)}
        self._wanted: Final = {each for figure in program.figures for each in asked(figure)}
        self._last: Final = _last_uses(program.steps)

    def run(self, parts: Parts, count: int) -> dict[Step, Array]:
        """What the steps are that figures are made of, in each of `count` rows."""
        known: dict[Step, Array] = {}
        for at, step in enumerate(self.program.steps):
            known[at] = self._step(step, at, known, parts)
            for each in self._last[at]:
                if each not in self._wanted:
                    del known[each]
        found = {}
        for each in self._wanted:
            array: Array = np.asarray(known[each], dtype=_TYPES[self.program.types[each]])
            found[each] = np.broadcast_to(array, (count,))
        return found

    def _step(self, step: Operation, at: Step, known: Mapping[Step, Array], parts: Parts) -> Array:
        match step:
            case Constant(value):
                return self._constant(value)
            case Read(slot, part):
                return parts[slot, part]
            case Add(operands):
                return reduce(np.add, [known[each] for each in operands])
            case Subtract(left, right):
                return np.subtract(known[left], known[right])
            case Multiply(left, right):
                return np.multiply(known[left], known[right])
            case Divide(left, right):
                return np.floor_divide(known[left], known[right])
            case Least(operands):
                return reduce(np.minimum, [known[each] for each in operands])
            case Greatest(operands):
                return reduce(np.maximum, [known[each] for each in operands])
            case Is(op, left, right):
                return _COMPARE[op](known[left], known[right])
            case All(operands):
                return reduce(np.logical_and, [known[each] for each in operands], np.True_)
            case AnyOf(operands):
                return reduce(np.logical_or, [known[each] for each in operands], np.False_)
            case Not(operand):
                return np.logical_not(known[operand])
            case Case(rows, otherwise):
                found = known[otherwise]
                for condition, value in reversed(rows):
                    found = np.where(known[condition], known[value], found)
                return found

    def _constant(self, value: Cell) -> Array:
        if isinstance(value, bool):
            return np.bool_(value)
        return np.int64(self.codes[value] if isinstance(value, str) else value)


def _last_uses(steps: Sequence[Operation]) -> list[list[Step]]:
    """Of each step those that nobody looks at after it."""
    last = {each: each for each in range(len(steps))}
    for at, step in enumerate(steps):
        for each in operands_of(step):
            last[each] = at
    found: list[list[Step]] = [[] for _ in steps]
    for each, at in last.items():
        found[at].append(each)
    return found
