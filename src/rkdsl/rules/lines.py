"""Rows as lines of one input: where they bend, and what they are between two bends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise

from rkdsl.plain import Final
from rkdsl.rules.possible import ONE, ZERO, Interval, Outcome, Possible
from rkdsl.rules.recall import Line, Recall
from rkdsl.rules.settled import holds, piecewise_at
from rkdsl.rules.tree import (
    Arithmetic,
    Choose,
    Compare,
    Gather,
    Name,
    Piecewise,
    Ref,
    Round,
    Row,
    Span,
)
from rkdsl.values import State

ROUND_BREAKS: Final = 256
"""Multiples of a step that one `round` may be split at."""


class LineReader:
    """Evaluates rows again, knowing which are lines of one input over an interval; collects their bends."""

    def __init__(
        self, recall: Recall, rows: Sequence[Row], source: Ref, domain: Interval, outcomes: list[Outcome]
    ) -> None:
        """Of the input at `source`, which can be all of `domain`; `outcomes` are changed row by row."""
        self._recall = recall
        self._rows = rows
        self._source = source
        self._domain = domain
        self._inside = _inside(domain)
        self._outcomes = outcomes
        self._lines: dict[Ref, Line] = {source: (ONE, ZERO)}
        self.breaks: set[Fraction] = set()

    def read(self, ref: Ref) -> Line | None:
        """Evaluates the row at `ref`; the line that it is, or None."""
        self._outcomes[ref] = self._recall.outcome(ref, self._outcomes)
        line = self._line(ref)
        if line is not None:
            self._lines[ref] = line
            if line[0] != 0:
                self._outcomes[ref] = self._recall.image(line, self._outcomes[self._source])
            elif isinstance(self._outcomes[ref], Possible):
                self._outcomes[ref] = line[1]
        return line

    def _line(self, ref: Ref) -> Line | None:
        row = self._rows[ref]
        match row:
            case Name():
                return self._of(row.of)
            case Arithmetic():
                return self._arithmetic(row)
            case Compare():
                self._compare(ref, row)
            case Piecewise():
                return self._piecewise(row)
            case Choose():
                return self._choose(row)
            case Gather():
                return self._gather(row)
            case Round():
                return self._round(row)
            case Span() if row.calendar == "":
                return self._difference(row.end, row.start)
        return None

    def _of(self, ref: Ref) -> Line | None:
        """The line of a row; one that does not move is flat."""
        if ref in self._lines:
            return self._lines[ref]
        settled = self._outcomes[ref]
        if isinstance(settled, bool):
            return ZERO, ONE if settled else ZERO
        return (ZERO, settled) if isinstance(settled, Fraction) else None

    def _difference(self, left: Ref, right: Ref) -> Line | None:
        first, second = self._of(left), self._of(right)
        return None if first is None or second is None else _less(first, second)

    def _bends(self, line: Line) -> bool:
        """Whether the line is zero somewhere in the domain (not everywhere); that is then a breakpoint."""
        rise, start = line
        if rise == 0:
            return False
        root = -start / rise
        if not _is_within(self._domain, root):
            return False
        self.breaks.add(root)
        return True

    def _at_inside(self, line: Line) -> Fraction:
        return line[0] * self._inside[0] + line[1]

    def _arithmetic(self, row: Arithmetic) -> Line | None:
        lines = [self._of(operand) for operand in row.operands]
        found = [line for line in lines if line is not None]
        if row.op in ("mul", "div", "power"):
            return self._product(row, lines)
        if row.op in ("min", "max"):
            bends = [self._bends(_less(first, second)) for first, second in combinations(found[:8], 2)]
            if len(found) < len(lines) or len(found) > 8 or any(bends):
                return None
            return (min if row.op == "min" else max)(found, key=self._at_inside)
        if len(found) < len(lines):
            return None
        total = found[0]
        for line in found[1:]:
            total = _less(total, line) if row.op == "sub" else (total[0] + line[0], total[1] + line[1])
        return total

    def _product(self, row: Arithmetic, lines: list[Line | None]) -> Line | None:
        """A line when at most one factor, and no divisor, moves; else it bends where one of them is zero."""
        total = lines[0]
        for line in lines[1:] if row.op != "power" else []:
            total = _times(total, line, row.op == "div")
        if row.op == "power" and lines[1] != (ZERO, ONE):
            total = None
        if total is None:
            for line in lines:
                if line is not None:
                    self._bends(line)
        return total

    def _compare(self, ref: Ref, row: Compare) -> None:
        """Between two bends the sign of a difference is settled."""
        line = self._difference(row.left, row.right)
        if line is None or self._bends(line):
            return
        self._outcomes[ref] = holds(row.op, self._at_inside(line), ZERO)

    def _piecewise(self, row: Piecewise) -> Line | None:
        operand = self._of(row.operand)
        places = [self._of(knot.at) for knot in row.knots]
        found = [place for place in places if place is not None]
        if operand is None:
            return None
        bends = [self._bends(_less(operand, place)) for place in found]
        bends += [self._bends(_less(left, right)) for left, right in pairwise(found)]
        if any(bends) or len(found) < len(places):
            return None
        at = piecewise_at(row, self._at_inside(operand), [self._at_inside(place) for place in found])
        if isinstance(at, State):
            return None
        start, end, _ = at
        if start == end:
            return self._of(start)
        return self._along(row, operand, found, (start, end))

    def _along(self, row: Piecewise, operand: Line, places: list[Line], ends: tuple[Ref, Ref]) -> Line | None:
        first, last = self._of(ends[0]), self._of(ends[1])
        if first is None or last is None or any(place[0] != 0 for place in places):
            return None
        climb = _times(_less(last, first), self._share(row, operand, places), False)
        return None if climb is None else (first[0] + climb[0], first[1] + climb[1])

    def _share(self, row: Piecewise, operand: Line, places: list[Line]) -> Line:
        """How far along its stretch the operand is, as a line."""
        numbers = [place[1] for place in places]
        near, far = self._inside
        shares: list[Fraction] = []
        for inside in self._inside:
            at = piecewise_at(row, operand[0] * inside + operand[1], numbers)
            assert not isinstance(at, State)
            shares.append(at[2])
        rise = (shares[1] - shares[0]) / (far - near)
        return rise, shares[0] - rise * near

    def _choose(self, row: Choose) -> Line | None:
        for condition, value in row.rows:
            holds = self._outcomes[condition]
            if holds is True:
                return self._of(value)
            if holds is not False:
                return None
        return None

    def _gather(self, row: Gather) -> Line | None:
        lines = [self._of(member) for member in row.members]
        weights = [self._of(weight) for weight in row.weights] or [(ZERO, ONE)] * len(lines)
        if row.pick != "all" or len(lines) < max(row.needs, 1):
            return None
        rise = start = total = ZERO
        for line, weight in zip(lines, weights, strict=True):
            if line is None or weight is None or weight[0] != 0:
                return None
            rise, start, total = rise + weight[1] * line[0], start + weight[1] * line[1], total + weight[1]
        if row.op == "sum":
            return rise, start
        return None if total == 0 else (rise / total, start / total)

    def _round(self, row: Round) -> Line | None:
        line = self._of(row.operand)
        low, high = self._domain.low, self._domain.high
        if line is None or line[0] == 0 or low is None or high is None:
            return None
        offset = Fraction(1, 2) if row.mode.startswith("half") else ZERO
        ends = sorted((line[0] * end + line[1]) / row.step - offset for end in (low, high))
        first, last = math.ceil(ends[0]), math.floor(ends[1])
        if last - first < ROUND_BREAKS:
            for count in range(first, last + 1):
                self._bends((line[0], line[1] - (count + offset) * row.step))
        return None


def _less(first: Line, second: Line) -> Line:
    return first[0] - second[0], first[1] - second[1]


def _times(first: Line | None, second: Line | None, divided: bool) -> Line | None:
    """The product or quotient of two lines, where it is a line."""
    if first is None or second is None:
        return None
    if divided:
        return None if second[0] != 0 or second[1] == 0 else (first[0] / second[1], first[1] / second[1])
    if first[0] != 0 and second[0] != 0:
        return None
    return first[0] * second[1] + second[0] * first[1], first[1] * second[1]


def _is_within(domain: Interval, number: Fraction) -> bool:
    """Whether a breakpoint divides the domain: between its ends, or at one that is reached."""
    if domain.low is not None and (number < domain.low or (number == domain.low and domain.low_open)):
        return False
    return domain.high is None or number < domain.high or (number == domain.high and not domain.high_open)


def _inside(domain: Interval) -> tuple[Fraction, Fraction]:
    """Two numbers strictly between the ends."""
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        return low + (high - low) / 3, low + (high - low) / 2
    if low is not None:
        return low + 1, low + 2
    return (ZERO, ONE) if high is None else (high - 2, high - 1)
