"""What rows come to and move with, worked out once for the same outcomes of their operands.

Splitting asks the same of a row many times over, for few different outcomes of its operands. Knows nothing of
why it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from rkdsl.plain import Final
from rkdsl.rules.operations import add, intersection, multiply
from rkdsl.rules.plan import Operands
from rkdsl.rules.possible import Outcome, Possible, outcome, point, possible
from rkdsl.rules.slopes import UP, Slope, slopes
from rkdsl.rules.transfer import Transfer
from rkdsl.rules.tree import Name, Ref

ROOM: Final = 1_000_000
"""Operands of all that is remembered; beyond it everything is forgotten, and worked out again when asked."""

Line = tuple[Fraction, Fraction]
"""How much it rises with the input, and what it is where the input is zero."""
Placed = tuple[Ref, Line]
"""A line with the input that it is a line of."""

_Key = tuple[int, ...]


class Recall:
    """Outcomes and slopes of the rows of one evaluation.

    They are found by the identity of the operands' outcomes, which is quick to ask for. What is remembered holds
    on to those outcomes, so that no other object can take their identity. Equal outcomes are made one object, so
    that they are found again; that some are not costs time alone.
    """

    def __init__(self, transfer: Transfer) -> None:
        self._transfer: Final = transfer
        self._plan: Final = transfer.plan
        self._rows: Final = transfer.plan.rows
        self._outcomes: dict[_Key, tuple[Operands, Outcome]] = {}
        self._slopes: dict[_Key, tuple[Operands, list[Slope]]] = {}
        self._images: dict[tuple[Fraction, Fraction, int], tuple[Outcome, Outcome]] = {}
        self._narrowed: dict[tuple[int, int], tuple[Outcome, Outcome, Outcome]] = {}
        self._same: dict[tuple[type, Outcome], Outcome] = {}
        self._placed: dict[Placed, Placed] = {}
        self._kept = 0

    def same(self, this: Outcome) -> Outcome:
        """The one object for all outcomes that are equal to this one. (Yes is no 1, though they are equal.)"""
        return self._same.setdefault((this.__class__, this), this)

    def placed(self, source: Ref, line: Line) -> Placed:
        """A line of an input, one object for all that are equal."""
        this = source, line
        return self._placed.setdefault(this, this)

    def outcome(self, ref: Ref, outcomes: Sequence[Outcome]) -> Outcome:
        """What the row at `ref` comes to."""
        row = self._rows[ref]
        if row.__class__ is Name:
            return outcomes[row.of]
        operands = self._plan.operands(ref, outcomes)
        key = (ref, *map(id, operands))
        known = self._outcomes.get(key)
        if known is not None:
            return known[1]
        self._keep(len(operands))
        found = self.same(self._transfer.outcome(ref, outcomes))
        self._outcomes[key] = operands, found
        return found

    def work_out(self, refs: Iterable[Ref], outcomes: list[Outcome]) -> None:
        """Puts in place what some rows come to, in row order."""
        for ref in refs:
            row = self._rows[ref]
            outcomes[ref] = outcomes[row.of] if row.__class__ is Name else self.outcome(ref, outcomes)

    def slopes(self, ref: Ref, outcomes: Sequence[Outcome]) -> Sequence[Slope]:
        """The operands that the row at `ref` moves with."""
        row = self._rows[ref]
        if row.__class__ is Name:
            return ((row.of, UP),) if isinstance(outcomes[row.of], Possible) else ()
        operands = self._plan.operands(ref, outcomes)
        key = (ref, *map(id, operands))
        known = self._slopes.get(key)
        if known is not None:
            return known[1]
        self._keep(len(operands))
        found = slopes(row, outcomes)
        self._slopes[key] = operands, found
        return found

    def image(self, line: Line, domain: Outcome) -> Outcome:
        """What a line is over everything its input can be."""
        key = *line, id(domain)
        known = self._images.get(key)
        if known is not None:
            return known[1]
        self._keep(4)
        found = self.same(image(line, domain))
        self._images[key] = domain, found
        return found

    def narrowed(self, this: Outcome, before: Outcome) -> Outcome:
        """What an outcome can be that is also what it was before."""
        key = id(this), id(before)
        if key not in self._narrowed:
            self._keep(2)
            found = outcome(intersection(possible(this), possible(before)))
            self._narrowed[key] = this, before, self.same(found)
        return self._narrowed[key][2]

    def _keep(self, count: int) -> None:
        self._kept += count
        if self._kept > ROOM:
            self._kept = 0
            self._outcomes.clear()
            self._slopes.clear()
            self._images.clear()
            self._narrowed.clear()
            self._same.clear()
            self._placed.clear()


def image(line: Line, domain: Outcome) -> Outcome:
    """What a line is over everything its input can be."""
    rise, start = line
    if isinstance(domain, Fraction):
        return rise * domain + start
    assert isinstance(domain, Possible)
    assert domain.numbers is not None
    return outcome(Possible(add(multiply(domain.numbers, point(rise)), point(start))))
