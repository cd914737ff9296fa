"""What each kind of row of a rule tree is over columns where nothing that it needs is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

from rkdsl.columns.cells import WORD_VALUE, Cell, Cells, NotWrittenError
from rkdsl.columns.curves import Curves
from rkdsl.columns.gathers import Gathers
from rkdsl.columns.numbers import Number
from rkdsl.rules.calendars import DayCount
from rkdsl.rules.tree import (
    Arithmetic,
    Calendar,
    Choose,
    Compare,
    Gather,
    Is,
    Literal,
    Logic,
    Name,
    Piecewise,
    Ref,
    Round,
    Row,
    Span,
)
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED

OPERATORS: Final = {"at most": "<=", "at least": ">=", "above": ">", "below": "<", "exactly": "=="}
MAX_HOLIDAYS: Final = 200
"""Holidays of a calendar that are counted one by one."""


class SettledRows:
    """The rows of a tree, given cells of their operands that are settled, or are taken for it."""

    def __init__(self, cells: Cells, calendars: Sequence[Calendar]) -> None:
        self.cells: Final = cells
        self.numbers: Final = cells.numbers
        self.build: Final = cells.build
        self._calendars: Final = {each.name: each for each in calendars}
        self.curves: Final = Curves(cells)
        self._gathers: Final = Gathers(cells)

    def row(self, row: Row, of: Callable[[Ref], Cell]) -> Cell:
        """The cell of a row; inputs, and tests of how they came, are not asked for."""
        match row:
            case Literal():
                return self.cells.constant(row.value)
            case Name():
                return of(row.of)
            case Arithmetic():
                return self._arithmetic(row, [of(each) for each in row.operands])
            case Compare():
                return self._compare(row.op, of(row.left), of(row.right))
            case Logic():
                return self._logic(row.op, [of(each) for each in row.operands])
            case Is():
                state = of(row.operand).na if row.test == "applies" else of(row.operand).nd
                return self.cells.truth(self.build.negate(state))
            case Piecewise():
                return self.curves.curve(row, of)
            case Choose():
                return self.choose([(of(condition), of(value)) for condition, value in row.rows])
            case Gather():
                return self._gathers.gather(row, of)
            case Round():
                operand = self.cells.as_number(of(row.operand))
                return self.cells.number(
                    self.numbers.round(row.mode, row.step, operand.low), operand.na, operand.nd
                )
            case Span():
                return self._span(row, of(row.start), of(row.end))
        raise NotWrittenError("an input is asked for")

    # ---- numbers

    def _arithmetic(self, row: Arithmetic, operands: Sequence[Cell]) -> Cell:
        cells = [self.cells.as_number(each) for each in operands]
        lows = [each.low for each in cells]
        match row.op:
            case "add":
                return self.cells.number(self.numbers.add(lows), *self.cells.strict(cells))
            case "min":
                return self.cells.number(self.numbers.least(lows), *self.cells.strict(cells))
            case "max":
                return self.cells.number(self.numbers.greatest(lows), *self.cells.strict(cells))
            case "power":
                return self._power(cells[0], cells[1])
        found = cells[0]
        for each in cells[1:]:
            found = self._two(row.op, found, each)
        return found

    def _two(self, op: str, left: Cell, right: Cell) -> Cell:
        na, nd = self.cells.strict((left, right))
        match op:
            case "sub":
                return self.cells.number(self.numbers.subtract(left.low, right.low), na, nd)
            case "mul":
                return self.cells.number(self.numbers.multiply(left.low, right.low), na, nd)
        found, is_zero = self.numbers.divide(left.low, right.low)
        by_zero = self.build.all(is_zero, left.value, right.value)
        return self.cells.number(found, na, self.build.any(nd, by_zero))

    def _power(self, base: Cell, exponent: Cell) -> Cell:
        times = exponent.low.constant
        if times is None:
            raise NotWrittenError("the exponent varies")
        found, is_zero = self.numbers.power(base.low, int(times))
        return self.cells.number(found, base.na, self.build.any(base.nd, self.build.all(is_zero, base.value)))

    # ---- conditions

    def _compare(self, op: str, left: Cell, right: Cell) -> Cell:
        na, nd = self.cells.strict((left, right))
        if left.type == right.type == WORD_VALUE:
            return self.cells.truth(self.build.compare("==", left.word, right.word), na, nd)
        first, second = self.cells.as_number(left).low, self.cells.as_number(right).low
        return self.cells.truth(self.numbers.compare(OPERATORS[op], first, second), na, nd)

    def _logic(self, op: str, operands: Sequence[Cell]) -> Cell:
        build = self.build
        na, nd = self.cells.strict(operands)
        if op == "not":
            return self.cells.truth(operands[0].no, na, nd)
        same = len({(each.na, each.nd) for each in operands}) == 1
        if op == "all":
            decided = build.constant(False) if same else build.any(*(each.no for each in operands))
            yes = build.all(*(each.yes for each in operands))
        else:
            decided = yes = build.any(*(each.yes for each in operands))
        if same:
            return self.cells.truth(yes, na, nd)
        undecided = build.negate(decided)
        return self.cells.truth(yes, build.all(na, undecided), build.all(nd, undecided))

    def choose(self, rows: Sequence[tuple[Cell, Cell]]) -> Cell:
        """The value of the first row whose condition holds. Conditions are settled; values may be open."""
        found: list[tuple[int, Cell]] = []
        for condition, value in rows:
            found.append((condition.nd, self.cells.state(NOT_DEFINED)))
            found.append((condition.na, self.cells.state(NOT_APPLICABLE)))
            found.append((condition.yes, value))
            if self.build.value(condition.yes) is True:
                return self.cells.first(found[:-1], value)
        return self.cells.first(found, self.cells.state(NOT_DEFINED))

    # ---- days

    def _span(self, row: Span, start: Cell, end: Cell) -> Cell:
        na, nd = self.cells.strict((start, end))
        if row.calendar == "":
            return self.cells.number(self.numbers.subtract(end.low, start.low), na, nd)
        calendar = self._calendars[row.calendar]
        first, last = (self._up_to(calendar, each.low) for each in (start, end))
        return self.cells.number(self.numbers.subtract(last, first), na, nd)

    def _up_to(self, calendar: Calendar, day: Number) -> Number:
        """How many days of a calendar there are up to a day: whole weeks, a part of one, less the holidays."""
        build = self.build
        if day.constant is not None:
            return self.numbers.constant(DayCount(calendar).up_to(day.constant))
        last = self.numbers.whole(self.numbers.round("down", Fraction(1), day)).above
        week = build.divide(last, build.constant(7))
        part = build.subtract(last, build.multiply(week, build.constant(7)))
        weekdays = frozenset(calendar.weekdays)
        in_part = [sum(each in weekdays for each in range(count)) for count in range(7)]
        days = build.case(
            [
                (build.compare("==", part, build.constant(count)), build.constant(in_part[count]))
                for count in range(6)
            ],
            build.constant(in_part[6]),
        )
        holidays = [each for each in calendar.holidays if (each - 1) % 7 in weekdays]
        low, high = build.ranges[last]
        near = [each for each in holidays if low < each <= high]
        if len(near) > MAX_HOLIDAYS:
            raise NotWrittenError(f"a calendar of more than {MAX_HOLIDAYS} holidays")
        one, none = build.constant(1), build.constant(0)
        passed = [build.case([(build.compare(">=", last, build.constant(each)), one)], none) for each in near]
        before = build.constant(sum(each <= low for each in holidays))
        whole_weeks = build.multiply(week, build.constant(len(weekdays)))
        return self.numbers.of(build.subtract(build.add(whole_weeks, days), build.add(before, *passed)))
