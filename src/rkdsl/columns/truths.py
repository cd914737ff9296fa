"""Truths that come to the same: what always holds, what never does, and what another step says already.

Each truth is known by its table over the few others that it is made of; `a > b` is what `a <= b` is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from rkdsl.columns.builder import Builder
from rkdsl.columns.program import OPERATORS, TRUTH, WHOLE, All, Any, Case, Constant, Is, Not, Step
from rkdsl.plain import Final, NamedTuple

MOST: Final = 8
"""Of how many others a truth is looked at; one that is made of more stands for itself."""
_OPPOSITE: Final = {">": "<=", ">=": "<"}
Atom = tuple[str, int, int]
"""What is not made of other truths: a comparison and its sides, or a step."""


class Table(NamedTuple):
    """A bit for each way in which the atoms can hold; the first atom changes with each bit."""

    atoms: tuple[Atom, ...]
    bits: int

    @property
    def opposite(self) -> Table:
        """The table of what holds where this does not."""
        return Table(self.atoms, self.bits ^ _full(len(self.atoms)))


class Truths:
    """The truths of a builder, each by the first step that says it."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._tables: dict[Step, Table] = {}
        self._seen = 0
        self._known: dict[Table, Step] = {}

    def settled(self, step: Step) -> Step:
        """A step that holds in the same rows: a constant, or the first of those that do; the step itself if new."""
        if self._builder.types[step] != TRUTH:
            return step
        table = self._table(step)
        if not table.atoms:
            return self._builder.constant(bool(table.bits))
        if table in self._known:
            return self._known[table]
        found = self._flipped(step)
        if table.opposite in self._known:
            found = self._builder.negate(self._known[table.opposite])
        self._known[table] = found
        return found

    def _flipped(self, step: Step) -> Step:
        """That all hold, for: not that any of them does not."""
        steps = self._builder.steps
        negated = steps[step]
        inner = steps[negated.operand] if isinstance(negated, Not) else negated
        if not isinstance(negated, Not) or not isinstance(inner, Any):
            return step
        turned = [each.operand for at in inner.operands if isinstance(each := steps[at], Not)]
        return self._builder.all(*turned) if len(turned) == len(inner.operands) else step

    def _table(self, step: Step) -> Table:
        """Its table; those of all steps before it are made first, so that nothing nests."""
        for at in range(self._seen, step + 1):
            if self._builder.types[at] == TRUTH:
                found = self._worked_out(at)
                self._tables[at] = Table((("", at, 0),), 0b10) if found is None else _least(found)
        self._seen = max(self._seen, step + 1)
        return self._tables[step]

    def _worked_out(self, step: Step) -> Table | None:
        """Its table; None where it stands for itself."""
        match self._builder.steps[step]:
            case Constant(value):
                return Table((), int(bool(value)))
            case Not(operand):
                return self._tables[operand].opposite
            case Is(op, left, right) if left == right:
                return Table((), int(OPERATORS[op](0, 0)))
            case Is(op, left, right) if self._builder.types[left] == WHOLE:
                if op in _OPPOSITE:
                    return Table(((_OPPOSITE[op], left, right),), 0b01)
                return Table(((op, left, right),), 0b10)
            case All(operands):
                found = _over([self._tables[each] for each in operands])
                return None if found is None else Table(found[0], _all(found[1], _full(len(found[0]))))
            case Any(operands):
                found = _over([self._tables[each] for each in operands])
                return None if found is None else Table(found[0], _any(found[1]))
            case Case(rows, otherwise):
                parts = [self._tables[each] for row in rows for each in row]
                found = _over([*parts, self._tables[otherwise]])
                return None if found is None else _of_case(*found)
        return None


def _full(count: int) -> int:
    """The bits of what always holds."""
    return (1 << (1 << count)) - 1


def _all(several: Sequence[int], full: int) -> int:
    for bits in several:
        full &= bits
    return full


def _any(several: Sequence[int]) -> int:
    found = 0
    for bits in several:
        found |= bits
    return found


def _of_case(atoms: tuple[Atom, ...], several: Sequence[int]) -> Table:
    """The table of a choice: conditions and values in turn, and what else holds."""
    found, full = several[-1], _full(len(atoms))
    for at in range(len(several) - 3, -1, -2):
        condition, value = several[at], several[at + 1]
        found = (condition & value) | ((condition ^ full) & found)
    return Table(atoms, found)


def _over(tables: Sequence[Table]) -> tuple[tuple[Atom, ...], list[int]] | None:
    """Tables over the atoms of all of them; None where these are too many."""
    atoms = tuple(dict.fromkeys(each for table in tables for each in table.atoms))
    if len(atoms) > MOST:
        return None
    atoms = tuple(sorted(atoms))
    return atoms, [_spread(table, atoms) for table in tables]


def _spread(table: Table, atoms: tuple[Atom, ...]) -> int:
    """The bits of a table over more atoms, which stand in the same order."""
    bits, own = table.bits, set(table.atoms)
    for at, each in enumerate(atoms):
        if each not in own:
            bits = _twice(bits, at, len(own))
            own.add(each)
    return bits


def _twice(bits: int, at: int, count: int) -> int:
    """The bits with another atom at a place, on which nothing depends."""
    block = 1 << at
    mask = (1 << block) - 1
    found = 0
    for index in range(1 << (count - at)):
        part = bits >> (index * block) & mask
        found |= (part | part << block) << (2 * index * block)
    return found


def _once(bits: int, at: int, count: int) -> int:
    """The bits without the atom at a place, as where it does not hold."""
    block = 1 << at
    mask = (1 << block) - 1
    found = 0
    for index in range(1 << (count - 1 - at)):
        found |= (bits >> (2 * index * block) & mask) << (index * block)
    return found


def _least(table: Table) -> Table:
    """The same without the atoms on which nothing depends."""
    atoms, bits = table
    for at in reversed(range(len(atoms))):
        fewer = _once(bits, at, len(atoms))
        if _twice(fewer, at, len(atoms) - 1) == bits:
            atoms, bits = atoms[:at] + atoms[at + 1 :], fewer
    return Table(atoms, bits)
