"""What each row of a tree depends on, how it moves with it, and what it is while nothing is told.

The exact evaluator is asked once for what is not told at all, and once for milestones that are told not to be done:
what depends on one thing alone is then known for good.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Final

from rkdsl.actuals.record import MILESTONE
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import YES_OR_NO, Given, Outcome, Possible, interval, known, outcome, union
from rkdsl.rules.slopes import BOTH, MANY, THROUGH, UP, Effect, both_ways, slopes
from rkdsl.rules.transfer import Transfer, range_of, source_of
from rkdsl.rules.tree import Input, Is, Ref, Tree
from rkdsl.values import NOT_APPLICABLE, State

_MAY_NOT_APPLY: Final = Possible(states=(State(NOT_APPLICABLE, ""),))
Mask = int
"""A set of sources, a bit for each."""


class Sources:
    """The sources of a tree: inputs that may be told under one key, or that are never told."""

    def __init__(
        self, tree: Tree, plan: Plan, as_of: datetime.date, stated: Iterable[Ref], needed: Iterable[Ref]
    ) -> None:
        """`stated` are the inputs of which states may be told, `needed` the rows that are asked for, in order."""
        self.tree, self.plan, self.as_of = tree, plan, as_of
        self._needed = list(needed)
        self._stated = frozenset(stated)
        self.of_bit: Final[list[tuple[str, str]]] = []
        self.inputs: Final[dict[tuple[str, str], list[Ref]]] = {}
        self.masks: Final[dict[Ref, Mask]] = {}
        self._bits: dict[tuple[str, str], Mask] = {}
        for ref in self._needed:
            self.masks[ref] = self._mask(ref)
        self._effects: dict[Ref, dict[Ref, Effect]] = {}

    def _mask(self, ref: Ref) -> Mask:
        row = self.plan.rows[ref]
        if isinstance(row, Input):
            return self._bit(ref, row) if row.kind != "as_of" else 0
        if isinstance(row, Is) and row.test in ("reported", "told"):
            source = source_of(self.plan.rows, row.operand)
            found = self.plan.rows[source]
            return self._bit(source, found) if isinstance(found, Input) else 0
        mask = 0
        for each in self.plan.operands_of(ref):
            mask |= self.masks[each]
        return mask

    def _bit(self, ref: Ref, row: Input) -> Mask:
        key = (row.kind, row.key)
        if key not in self.inputs:
            self.inputs[key] = []
            self._bits[key] = 1 << len(self.of_bit)
            self.of_bit.append(key)
        if ref not in self.inputs[key]:
            self.inputs[key].append(ref)
        return self._bits[key]

    def keys(self, mask: Mask) -> list[tuple[str, str]]:
        """The keys of a set of sources."""
        found = []
        while mask:
            low = mask & -mask
            found.append(self.of_bit[low.bit_length() - 1])
            mask ^= low
        return found

    def is_single(self, ref: Ref) -> bool:
        """Whether it depends on one source alone."""
        mask = self.masks[ref]
        return mask != 0 and mask & (mask - 1) == 0

    # ---- what it is while nothing is told

    @cached_property
    def untold(self) -> Values:
        """What rows are while nothing is told; the bounds of roots are tight."""
        return evaluate(self.plan, self._today)

    @cached_property
    def not_done(self) -> Values:
        """The same where of milestones it is told that they are not done."""
        return evaluate(self.plan, self._nothing_done)

    def alone(self, ref: Ref, *, not_done: bool = False) -> Possible:
        """What a row that depends on one source is while that is not told, or told not to be done."""
        if ref in self.plan.roots:
            return (self.not_done if not_done else self.untold).row(ref)
        return (self._watched_not_done if not_done else self._watched_untold).row(ref)

    @cached_property
    def _watched(self) -> Plan:
        """The plan with all rows that depend on one source and are used beside others among its roots."""
        watched = Plan(self.tree)
        for ref in self._needed:
            if not self.is_single(ref):
                watched.roots.update(each for each in self.plan.operands_of(ref) if self._is_asked(each))
        return watched

    def _is_asked(self, ref: Ref) -> bool:
        return ref in self.masks and self.is_single(ref) and not isinstance(self.plan.rows[ref], Input)

    @cached_property
    def _watched_untold(self) -> Values:
        return evaluate(self._watched, self._today)

    @cached_property
    def _watched_not_done(self) -> Values:
        return evaluate(self._watched, self._nothing_done)

    @property
    def _nothing_done(self) -> Mapping[tuple[str, str], Given]:
        after = Possible(interval(Fraction(self.as_of.toordinal() + 1), None, whole=True))
        keys = (key for key in self.plan.inputs.values() if key[0] == MILESTONE)
        return {**{key: Given(after, reported=False) for key in keys}, **self._today}

    @property
    def _today(self) -> Mapping[tuple[str, str], Given]:
        return {("as_of", ""): Given(known(Fraction(self.as_of.toordinal())))}

    # ---- how it moves

    @cached_property
    def _widest(self) -> dict[Ref, Outcome]:
        """What rows can be, whatever is told."""
        transfer = Transfer(self.plan, {})
        found: dict[Ref, Outcome] = {}
        today = Fraction(self.as_of.toordinal())
        for ref in self._needed:
            row = self.plan.rows[ref]
            if isinstance(row, Input):
                whole = range_of(row) if row.kind != "as_of" else known(today)
                found[ref] = outcome(union(whole, _MAY_NOT_APPLY) if ref in self._stated else whole)
            elif isinstance(row, Is) and row.test in ("reported", "told"):
                found[ref] = YES_OR_NO
            else:
                found[ref] = transfer.outcome(ref, found)
        return found

    def loose(self, root: Ref) -> Mask:
        """The sources that act on a row in more than one place and both ways: its bounds may then be too wide."""
        mask = 0
        for ref, effect in self.effects(root).items():
            if effect & (BOTH | MANY) == BOTH | MANY:
                mask |= self.masks[ref]
        return mask

    def effects(self, root: Ref) -> dict[Ref, Effect]:
        """How a row moves with its sources, at most: what it is made of and is tight by itself acts as one."""
        if root not in self._effects:
            self._effects[root] = self._trace(root)
        return self._effects[root]

    def _trace(self, root: Ref) -> dict[Ref, Effect]:
        found: dict[Ref, Effect] = {root: UP}
        acting: dict[Ref, Effect] = {}
        pending = [-root]
        while pending:
            ref = -heapq.heappop(pending)
            effect = found[ref]
            if isinstance(self.plan.rows[ref], Input):
                source = self.inputs_first(ref)
                acting[source] = both_ways(acting.get(source, 0), effect)
            elif ref != root and self._is_tight(ref):
                for source, inner in self.effects(ref).items():
                    acting[source] = both_ways(acting.get(source, 0), THROUGH[effect][inner & BOTH])
            else:
                for operand, slope in slopes(self.plan.rows[ref], self._widest):  # type: ignore[arg-type]  # by index
                    moved = THROUGH[effect][slope & BOTH]
                    if operand not in found:
                        heapq.heappush(pending, -operand)
                    found[operand] = both_ways(found[operand], moved) if operand in found else moved
        return acting

    def inputs_first(self, ref: Ref) -> Ref:
        """The first of the inputs that are told under one key."""
        row = self.plan.rows[ref]
        assert isinstance(row, Input)
        return self.inputs[row.kind, row.key][0]

    def _is_tight(self, ref: Ref) -> bool:
        return self.is_single(ref) or ref in self.plan.roots

    def is_due_later(self, key: tuple[str, str]) -> bool:
        """Whether something falls due after the day."""
        rows = (self.plan.rows[ref] for ref in self.inputs[key])
        days = [row.due for row in rows if isinstance(row, Input) and row.due is not None]
        return bool(days) and max(days) > self.as_of.toordinal()
