"""Whether bounds are reached: what is missing is tried at a few values, and all else is as the table tells it.

What a row is for such values lies within its bounds. Where together they come to all that the bounds say, these are
tight, in however many places a gap acts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from rkdsl.columns.builder import TooWideError
from rkdsl.columns.cells import NUMBER, TRUTH_VALUE, Cell, Cells, NotWrittenError
from rkdsl.columns.program import Step
from rkdsl.columns.settled import SettledRows
from rkdsl.columns.sources import Sources
from rkdsl.columns.table import Table
from rkdsl.rules.plan import Plan
from rkdsl.rules.slopes import BOTH, DOWN, UP
from rkdsl.rules.tree import Compare, Input, Is, Ref
from rkdsl.values import LAST_DAY

MAX_ROWS: Final = 50
"""Rows that one trial may work out; where that is too few, it is left to the exact evaluator."""
MAX_TRIALS: Final = 12
FAR: Final = 10**6
"""How far beyond the knots of a contract something is tried that has no end."""

LOW, HIGH = "low", "high"
Trial = Mapping[Ref, "Place"]
Place = str | tuple[Ref, int]
"""Where an input is tried: at an end, or beside what it is compared with, and on which side of it."""


class Witnesses:
    """Tries what is missing."""

    def __init__(
        self,
        plan: Plan,
        cells: Cells,
        settled: SettledRows,
        sources: Sources,
        table: Table,
        as_of: int,
    ) -> None:
        self.plan, self.cells, self.settled, self.sources, self.table = plan, cells, settled, sources, table
        self.build: Final = cells.build
        self._as_of = as_of

    def reach(self, root: Ref, bounds: Cell, of: Callable[[Ref], Cell]) -> Step:
        """Whether the trials come to all that the bounds of a root say."""
        cone = self._cone(root)
        if len(cone) > MAX_ROWS:
            return self.cells.never
        found = []
        for trial in self._trials(root, cone):
            try:
                found.append(self._tried(root, cone, trial, of))
            except (TooWideError, NotWrittenError):
                continue
        return self._come_to(bounds, found) if found else self.cells.never

    def _cone(self, root: Ref) -> list[Ref]:
        """The rows that a root is made of and that some source moves."""
        reached = {root}
        pending = [root]
        while pending and len(reached) <= MAX_ROWS:
            ref = pending.pop()
            row = self.plan.rows[ref]
            if isinstance(row, Is) and row.test in ("reported", "told"):
                continue
            for each in self.plan.operands_of(ref):
                if each not in reached and self.sources.masks[each]:
                    reached.add(each)
                    pending.append(each)
        return sorted(reached)

    # ---- trials

    def _trials(self, root: Ref, cone: Sequence[Ref]) -> list[Trial]:
        """Every input at an end, by what that does to the root; and those that act both ways beside others."""
        effects = self.sources.effects(root)
        inputs = [ref for ref in cone if isinstance(self.plan.rows[ref], Input)]
        loose = self.sources.loose(root)
        both = [ref for ref in inputs if self.sources.masks[ref] & loose]
        partners = [(ref, place) for ref in both for place in self._partners(ref, cone)]
        found: list[Trial] = []
        for lowest in (True, False):
            base: dict[Ref, Place] = {}
            for ref in inputs:
                effect = effects.get(self.sources.inputs_first(ref), UP) & BOTH
                base[ref] = LOW if (effect == DOWN) != lowest else HIGH
            found.append(base)
            found.append({ref: self._turned(place) if ref in both else place for ref, place in base.items()})
            found += [{**base, ref: place} for ref, place in partners]
        return found[:MAX_TRIALS]

    def _turned(self, place: Place) -> Place:
        return HIGH if place == LOW else LOW

    def _partners(self, ref: Ref, cone: Sequence[Ref]) -> list[Place]:
        """What something is compared with that it does not move itself: there a condition turns."""
        mask = self.sources.masks[ref]
        found: list[Place] = []
        for each in cone:
            row = self.plan.rows[each]
            if isinstance(row, Compare):
                for side, other in ((row.left, row.right), (row.right, row.left)):
                    moves, still = self.sources.masks[side] & mask, not self.sources.masks[other] & mask
                    if moves and still:
                        found += [(other, 0), (other, 1), (other, -1)]
        return list(dict.fromkeys(found))

    def _tried(self, root: Ref, cone: Sequence[Ref], trial: Trial, of: Callable[[Ref], Cell]) -> Cell:
        """What the root is in one trial."""
        made: dict[Ref, Cell] = {}

        def value(ref: Ref) -> Cell:
            return made[ref] if ref in made else of(ref)

        beside = [ref for ref in cone if ref in trial and not isinstance(trial[ref], str)]
        for ref in cone:
            if ref in trial and ref not in beside:
                made[ref] = self._input(ref, self._end(ref, trial[ref]), of)
        for ref in beside:
            place = trial[ref]
            assert not isinstance(place, str)
            other, side = place
            for each in self._below(other, cone):
                if each not in made:
                    made[each] = self._row(each, value, of)
            made[ref] = self._input(ref, self._near(ref, value(other), side), of)
        for ref in cone:
            if ref not in made:
                made[ref] = self._row(ref, value, of)
        return made[root]

    def _below(self, ref: Ref, cone: Sequence[Ref]) -> list[Ref]:
        """The rows of the cone that one of them is made of, itself among them."""
        needed = {ref}
        for each in reversed(cone):
            if each in needed:
                needed.update(self.plan.operands_of(each))
        return [each for each in cone if each in needed]

    def _row(self, ref: Ref, value: Callable[[Ref], Cell], of: Callable[[Ref], Cell]) -> Cell:
        row = self.plan.rows[ref]
        if isinstance(row, Is) and row.test in ("reported", "told"):
            return of(ref)
        return self.settled.row(row, value)

    # ---- inputs

    def _input(self, ref: Ref, tried: Cell, of: Callable[[Ref], Cell]) -> Cell:
        """An input as it is told; where it is missing, what is tried."""
        row = self.plan.rows[ref]
        assert isinstance(row, Input)
        gaps = self.table.gaps((row.kind, row.key))
        gap = self.build.any(gaps.missing, gaps.not_done)
        if self.build.value(gap) is True:
            return tried
        if self.build.value(gap) is False:
            return of(ref)
        if tried.type == NUMBER and self.build.value(gaps.not_done) is not False:
            after = self.cells.numbers.constant(self._as_of + 1)
            later = self.cells.number(self.cells.numbers.greatest([tried.low, after]))
            tried = self.cells.first([(gaps.not_done, later)], tried)
        return self.cells.first([(gap, tried)], self.table.cell(row, self.cells))

    def _end(self, ref: Ref, place: Place) -> Cell:
        """An input at one of its ends; somewhere far away where there is none."""
        row = self.plan.rows[ref]
        assert isinstance(row, Input)
        match row.unit.shown:
            case "truth":
                return self.cells.constant(place == HIGH)
            case "word":
                return self.cells.constant(row.words[0 if place == LOW else -1])
        low, high = self._range(row)
        return self.cells.constant(low if place == LOW else high)

    def _range(self, row: Input) -> tuple[Fraction, Fraction]:
        if row.choices:
            return min(row.choices), max(row.choices)
        is_day = row.unit.shown == "day"
        low = Fraction(1 if is_day else -FAR) if row.low is None else row.low
        far = Fraction(LAST_DAY) if is_day else max(Fraction(FAR), 2 * low)
        high = far if row.high is None else row.high
        if row.low is None and not is_day:
            low = min(low, 2 * high)
        return (Fraction(math.ceil(low)), Fraction(math.floor(high))) if row.whole else (low, high)

    def _near(self, ref: Ref, other: Cell, side: int) -> Cell:
        """An input beside what it is compared with: at it, or a step to one side, within its own range."""
        row = self.plan.rows[ref]
        assert isinstance(row, Input)
        if row.choices or row.unit.shown in ("truth", "word"):
            raise NotWrittenError("no number beside another")
        numbers = self.cells.numbers
        at = self.cells.as_number(other).low
        if row.whole or row.unit.shown == "day":
            at = numbers.round("down" if side <= 0 else "up", Fraction(1), at)
        low, high = self._range(row)
        return self.cells.number(numbers.between(at.plus(Fraction(side)), low, high))

    # ---- what they come to

    def _come_to(self, bounds: Cell, found: Sequence[Cell]) -> Step:
        build = self.build

        def comes(part: str) -> Step:
            return build.any(build.negate(getattr(bounds, part)), *(getattr(each, part) for each in found))

        needed = [comes("na"), comes("nd")]
        if bounds.type == TRUTH_VALUE:
            return build.all(*needed, comes("yes"), comes("no"))
        if bounds.type != NUMBER:
            return self.cells.never
        unreached = (bounds.no_low, bounds.no_high, bounds.low_open, bounds.high_open)
        compare = self.cells.numbers.compare
        for end, op in ((bounds.low, "<="), (bounds.high, ">=")):
            reached = [build.all(each.value, compare(op, each.low, end)) for each in found]
            needed.append(build.any(build.negate(bounds.value), *reached))
        return build.all(*needed, *map(build.negate, unreached))
