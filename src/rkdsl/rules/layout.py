"""Rows of a rule tree as they are laid down: equal rows are laid once, so that everything is shared."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction

from rkdsl.rules import tree
from rkdsl.rules.tree import Ref
from rkdsl.values import DAY, PLAIN, TRUTH, WORD, State, Unit


class Layout:
    """The rows so far, with a method for each kind that gives the index of such a row."""

    def __init__(self) -> None:
        self.rows: list[tree.Row] = []
        self._known: dict[tuple[str, tree.Row], Ref] = {}

    def add(self, row: tree.Row) -> Ref:
        """The index of a row, an equal one if there is one."""
        key = (type(row).__name__, row)
        if key not in self._known:
            self._known[key] = len(self.rows)
            self.rows.append(row)
        return self._known[key]

    def number(self, value: Fraction | int, unit: Unit = PLAIN) -> Ref:
        """A number, held: 80 % is 4/5."""
        return self.add(tree.Literal(Fraction(value), unit))

    def day(self, day: datetime.date) -> Ref:
        """A day."""
        return self.number(day.toordinal(), DAY)

    def truth(self, value: bool) -> Ref:
        """Yes or no."""
        return self.add(tree.Literal(value, TRUTH))

    def word(self, value: str) -> Ref:
        """A word."""
        return self.add(tree.Literal(value, WORD))

    def state(self, kind: str, reason: str) -> Ref:
        """A state with its reason."""
        return self.add(tree.Literal(State(kind, reason), PLAIN))

    def arithmetic(self, op: str, *operands: Ref) -> Ref:
        """A sum, product and so on; of one operand, the operand."""
        return operands[0] if len(operands) == 1 else self.add(tree.Arithmetic(op, operands))

    def compare(self, op: str, left: Ref, right: Ref) -> Ref:
        """A comparison."""
        return self.add(tree.Compare(op, left, right))

    def every(self, *operands: Ref) -> Ref:
        """All of the conditions; of one, that one."""
        return operands[0] if len(operands) == 1 else self.add(tree.Logic("all", operands))

    def some(self, *operands: Ref) -> Ref:
        """Any of the conditions; of one, that one."""
        return operands[0] if len(operands) == 1 else self.add(tree.Logic("any", operands))

    def negated(self, operand: Ref) -> Ref:
        """Not the condition."""
        return self.add(tree.Logic("not", (operand,)))

    def reported(self, given: Ref) -> Ref:
        """Whether an input was given."""
        return self.add(tree.Is("reported", given))

    def choose(self, *rows: tuple[Ref, Ref], otherwise: Ref) -> Ref:
        """The value of the first row that holds, else the last value."""
        return self.add(tree.Choose((*rows, (self.truth(True), otherwise))))

    def total(self, members: Iterable[Ref], unit: Unit) -> Ref:
        """The sum of any number of members; of none, zero."""
        found = tuple(members)
        return self.add(tree.Gather("sum", found)) if found else self.number(0, unit)

    def gathered(self, op: str, members: Iterable[Ref], pick: str = "all", count: int = 0) -> Ref:
        """A sum or mean of members, of all or of the `highest` or `lowest` so many; of one member, that one."""
        found = tuple(members)
        return found[0] if len(found) == 1 else self.add(tree.Gather(op, found, pick=pick, count=count))
