"""Piecewise-linear functions over columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from rkdsl.columns.cells import TRUTH_VALUE, Cell, Cells
from rkdsl.columns.numbers import Number
from rkdsl.columns.program import Step
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.tree import Piecewise, Ref
from rkdsl.values import NOT_DEFINED, State


class Line(NamedTuple):
    """A stretch of the function up to `end`: `slope` x operand + `base`, or what a cell is."""

    slope: Fraction
    base: Fraction
    cell: Cell | None = None
    end: Fraction | None = None
    included: bool = False

    @property
    def function(self) -> tuple[Fraction, Fraction, Cell | None]:
        """What it is, wherever it is."""
        return self.slope, self.base, self.cell

    def at(self, place: Fraction) -> Fraction | None:
        """Its value at a place; None where that varies."""
        return None if self.cell is not None else self.slope * place + self.base


class Curves:
    """Makes the cells of piecewise functions."""

    def __init__(self, cells: Cells) -> None:
        self.cells: Final = cells
        self.numbers: Final = cells.numbers
        self.build: Final = cells.build

    def curve(self, row: Piecewise, of: Callable[[Ref], Cell]) -> Cell:
        """The function of a settled operand."""
        operand = self.cells.as_number(of(row.operand))
        knots = [self.cells.as_number(of(knot.at)) for knot in row.knots]
        places = [self.cells.fixed(each) for each in knots]
        fixed = [each for each in places if isinstance(each, Fraction)]
        if len(fixed) < len(knots) or any(left >= right for left, right in pairwise(fixed)):
            return self._varying(row, of, operand, knots)
        lines = self.lines(row, fixed, of)
        if lines is None:
            return self._varying(row, of, operand, knots)
        lines = self.reached(self.numbers.range(operand.low), lines)
        return self._strict([operand], self.along(operand.low, lines))

    def _strict(self, operands: Sequence[Cell], found: Cell) -> Cell:
        """A cell that needs all of some."""
        if all(map(self.cells.is_never_a_state, operands)):
            return found
        na, nd = self.cells.strict(operands)
        rows = [(nd, self.cells.state(NOT_DEFINED)), (na, self.cells.state("not applicable"))]
        return self.cells.first(rows, found)

    # ---- corners that never vary

    def lines(
        self, row: Piecewise, places: Sequence[Fraction], of: Callable[[Ref], Cell]
    ) -> list[Line] | None:
        """The stretches and corners from the left to the right, neighbours that go on alike joined."""
        knots = row.knots
        found: list[Line | None] = [self._outside(row.below, row, places, of, is_left=True)]
        for index, (knot, place) in enumerate(zip(knots, places, strict=True)):
            if found[-1] is not None:
                found[-1] = found[-1]._replace(end=place)
            held = self._value(of(knot.before if knot.holds == "before" else knot.after))
            found.append(held._replace(end=place, included=True))
            if index + 1 < len(knots):
                found.append(self._between(row, index, places, of))
        found.append(self._outside(row.above, row, places, of, is_left=False))
        lines = [each for each in found if each is not None]
        return _joined(lines) if len(lines) == len(found) else None

    def _value(self, cell: Cell) -> Line:
        fixed = self.cells.fixed(cell)
        if isinstance(fixed, Fraction | bool):
            return Line(Fraction(0), Fraction(fixed))
        cell = self.cells.as_number(cell) if cell.type == TRUTH_VALUE else cell
        return Line(Fraction(0), Fraction(0), cell)

    def _between(
        self, row: Piecewise, index: int, places: Sequence[Fraction], of: Callable[[Ref], Cell]
    ) -> Line | None:
        start, end = row.knots[index].after, row.knots[index + 1].before
        first, last = self._value(of(start)), self._value(of(end))
        if first.function == last.function:
            return first
        if first.cell is not None or last.cell is not None:
            kinds = [self._fixed_state(each.cell) for each in (first, last) if each.cell is not None]
            if all(kind is not None for kind in kinds):
                kind = NOT_DEFINED if NOT_DEFINED in kinds else "not applicable"
                return Line(Fraction(0), Fraction(0), self.cells.state(kind))
            return None
        slope = (last.base - first.base) / (places[index + 1] - places[index])
        return Line(slope, first.base - slope * places[index])

    def _fixed_state(self, cell: Cell) -> str | None:
        fixed = self.cells.fixed(cell)
        return fixed.kind if isinstance(fixed, State) else None

    def _outside(
        self,
        rule: str,
        row: Piecewise,
        places: Sequence[Fraction],
        of: Callable[[Ref], Cell],
        *,
        is_left: bool,
    ) -> Line | None:
        if rule == "flat":
            return self._value(of(row.knots[0].before if is_left else row.knots[-1].after))
        if rule == "not defined":
            return Line(Fraction(0), Fraction(0), self.cells.state(NOT_DEFINED))
        return self._between(row, 0 if is_left else len(places) - 2, places, of)

    def reached(self, ends: tuple[Fraction, Fraction] | None, lines: Sequence[Line]) -> list[Line]:
        """The stretches that lie between two ends."""
        if ends is None:
            return list(lines)
        low, high = ends
        found = []
        for each in lines:
            if each.end is not None and (each.end < low or (each.end == low and not each.included)):
                continue
            found.append(each)
            if each.end is not None and (each.end > high or (each.end == high and each.included)):
                break
        found[-1] = found[-1]._replace(end=None)
        return found

    def direction(self, lines: Sequence[Line]) -> int:
        """1 where a function only rises, -1 where it only falls, 0 for any other."""
        moves = {(line.slope > 0) - (line.slope < 0) for line in lines}
        for line, after in pairwise(lines):
            assert line.end is not None
            before, then = line.at(line.end), after.at(line.end)
            if before is None or then is None:
                return 0
            moves.add((then > before) - (then < before))
        return 0 if {1, -1} <= moves else -1 if -1 in moves else 1

    def along(self, operand: Number, lines: Sequence[Line]) -> Cell:
        """The function at a number."""
        bent = self._bent(operand, lines)
        if bent is not None:
            return self.cells.number(bent)
        rows: list[tuple[Step, Cell]] = []
        start: Fraction | None = None
        for each in lines:
            cell = each.cell or self.cells.number(self._on(operand, each, start))
            if each.end is None:
                return self.cells.first(rows, cell)
            op = "<=" if each.included else "<"
            rows.append((self.numbers.compare(op, operand, self.numbers.constant(each.end)), cell))
            start = each.end
        raise AssertionError

    def _on(self, operand: Number, line: Line, start: Fraction | None) -> Number:
        """A line over the stretch that it is for: elsewhere it is not asked, and need not be far."""
        if line.slope == 0:
            return self.numbers.constant(line.base)
        ends = self.numbers.range(operand)
        if start is not None and (ends is None or ends[0] < start):
            operand = self.numbers.greatest([operand, self.numbers.constant(start)])
        if line.end is not None and (ends is None or ends[1] > line.end):
            operand = self.numbers.least([operand, self.numbers.constant(line.end)])
        return operand.times(line.slope).plus(line.base)

    def _bent(self, operand: Number, lines: Sequence[Line]) -> Number | None:
        """A function without jumps as a sum of its lines, each kept between its ends; None for any other."""
        if sum(line.slope != 0 for line in lines) > 1:
            return None
        for line, after in pairwise(lines):
            assert line.end is not None
            value = line.at(line.end)
            if value is None or value != after.at(line.end):
                return None
        at = next((index for index, line in enumerate(lines) if line.slope), None)
        if at is None or any(line.cell is not None for line in lines):
            return None
        return self._on(operand, lines[at], lines[at - 1].end if at else None)

    # ---- corners that vary

    def _varying(self, row: Piecewise, of: Callable[[Ref], Cell], operand: Cell, knots: list[Cell]) -> Cell:
        """Each stretch by itself, by a division where its corners vary."""
        at = operand.low
        places = [each.low for each in knots]
        rows: list[tuple[Step, Cell]] = []
        out_of_order = [self.numbers.compare(">=", left, right) for left, right in pairwise(places)]
        rows.append((self.build.any(*out_of_order), self.cells.state(NOT_DEFINED)))
        rows.append((self.numbers.compare("<", at, places[0]), self._beyond(row, of, at, places, True)))
        for index, knot in enumerate(row.knots):
            held = self.cells.as_number(of(knot.before if knot.holds == "before" else knot.after))
            rows.append((self.numbers.compare("==", at, places[index]), held))
            if index + 1 < len(places):
                inside = self.numbers.compare("<", at, places[index + 1])
                rows.append((inside, self._line(row, of, at, places, index)))
        return self._strict(
            [operand, *knots], self.cells.first(rows, self._beyond(row, of, at, places, False))
        )

    def _beyond(
        self,
        row: Piecewise,
        of: Callable[[Ref], Cell],
        at: Number,
        places: Sequence[Number],
        is_left: bool,
    ) -> Cell:
        rule = row.below if is_left else row.above
        if rule == "flat":
            return self.cells.as_number(of(row.knots[0].before if is_left else row.knots[-1].after))
        if rule == "not defined":
            return self.cells.state(NOT_DEFINED)
        return self._line(row, of, at, places, 0 if is_left else len(places) - 2)

    def _line(
        self, row: Piecewise, of: Callable[[Ref], Cell], at: Number, places: Sequence[Number], index: int
    ) -> Cell:
        start, end = (
            self.cells.as_number(of(each)) for each in (row.knots[index].after, row.knots[index + 1].before)
        )
        if row.knots[index].after == row.knots[index + 1].before or start == end:
            return start
        left, right = places[index], places[index + 1]
        run, way = self.numbers.subtract(right, left), self.numbers.subtract(at, left)
        rise = self.numbers.subtract(end.low, start.low)
        climb, _ = self.numbers.divide(self.numbers.multiply(way, rise), run)
        na, nd = self.cells.strict((start, end))
        return self.cells.number(self.numbers.add((start.low, climb)), na, nd)


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Stretches that go on alike are one; a corner belongs to a neighbour that meets it."""
    found = [lines[0]]
    for each in lines[1:]:
        last = found[-1]
        assert last.end is not None
        is_corner = each.included and each.end == last.end
        was_corner = len(found) > 1 and last.included and found[-2].end == last.end
        if last.function == each.function:
            found[-1] = each
        elif is_corner and last.at(last.end) is not None and last.at(last.end) == each.at(last.end):
            found[-1] = last._replace(included=True)
        elif was_corner and each.at(last.end) is not None and each.at(last.end) == last.at(last.end):
            found[-1] = each
        else:
            found.append(each)
    return found
