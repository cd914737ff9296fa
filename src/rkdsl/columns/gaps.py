"""What each kind of row of a rule tree is over columns where some of what it needs may be open.

Bounds are those of operands taken as independent, as in `rkdsl.rules.operations`. What has no quick form is marked
rough: what is said of it does not hold in rows of the table in which an operand is open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from rkdsl.columns.builder import TooWideError
from rkdsl.columns.cells import NUMBER, TRUTH_VALUE, WORD_VALUE, Cell, Cells
from rkdsl.columns.numbers import Number
from rkdsl.columns.program import Step
from rkdsl.columns.settled import OPERATORS, SettledRows
from rkdsl.rules.tree import (
    Arithmetic,
    Calendar,
    Choose,
    Compare,
    Gather,
    Is,
    Logic,
    Name,
    Piecewise,
    Ref,
    Round,
    Row,
    Span,
)

Of = Callable[[Ref], Cell]


class OpenRows:
    """The rows of a tree, given cells of their operands that may be open."""

    def __init__(self, cells: Cells, calendars: Sequence[Calendar]) -> None:
        self.cells: Final = cells
        self.numbers: Final = cells.numbers
        self.build: Final = cells.build
        self.settled: Final = SettledRows(cells, calendars)

    def row(self, row: Row, operands: Sequence[Ref], of: Of) -> Cell:
        """The cell of a row that is no input."""
        if isinstance(row, Choose):
            conditions = [of(condition) for condition, _ in row.rows]
            if all(map(self.cells.is_settled, conditions)):
                found = self.settled.row(row, of)
                return self._marked(found, conditions)
        cells = [of(each) for each in operands]
        if all(map(self.cells.is_settled, cells)):
            return self._marked(self.settled.row(row, of), cells)
        try:
            made = self._open(row, of)
        except TooWideError:
            made = None
        if made is None:
            made = self.settled.row(row, of)
            return self._marked(made._replace(rough=self.build.any(*(each.open for each in cells))), cells)
        return self._marked(made, cells)

    def _marked(self, cell: Cell, operands: Sequence[Cell]) -> Cell:
        """A cell with what it has of its operands: it moves with what they move with, and is no more sure."""
        build = self.build
        later = cell.later
        if build.value(later) is False:
            later = build.all(cell.open, build.any(*(each.later for each in operands)))
        return cell._replace(
            later=later,
            split=build.any(cell.split, *(each.split for each in operands)),
            rough=build.any(cell.rough, *(each.rough for each in operands)),
        )

    def _open(self, row: Row, of: Of) -> Cell | None:
        """A row some of whose operands may be open; None where it has no form of its own."""
        match row:
            case Name():
                return of(row.of)
            case Arithmetic():
                return self._arithmetic(row, [of(each) for each in row.operands])
            case Compare():
                return self._compare(row.op, of(row.left), of(row.right))
            case Logic():
                return self._logic(row.op, [of(each) for each in row.operands])
            case Is():
                return self._is(row.test, of(row.operand))
            case Piecewise():
                return self._piecewise(row, of)
            case Choose():
                return self._choose([(of(condition), of(value)) for condition, value in row.rows])
            case Gather():
                return self._gather(row, of)
            case Round() | Span():
                return self._by_ends(row, of)
        return None

    # ---- states

    def _strict(self, cells: Sequence[Cell]) -> tuple[Step, Step]:
        """The states that something can be that needs all of some: where one is not defined it is nothing else."""
        build = self.build
        sure = build.any(
            *(build.all(each.nd, build.negate(build.any(each.value, each.na))) for each in cells)
        )
        na = build.any(*(each.na for each in cells))
        return build.all(na, build.negate(sure)), build.any(*(each.nd for each in cells))

    def _made(self, this: Cell, states: tuple[Step, Step], value: Step) -> Cell:
        """A cell with its states, and whether it is open: more than one value, or a state beside something else."""
        build = self.build
        na, nd = states
        several = [build.all(value, build.any(na, nd)), build.all(na, nd)]
        if this.type == TRUTH_VALUE:
            this = this._replace(yes=build.all(this.yes, value), no=build.all(this.no, value))
            several.append(build.all(this.yes, this.no))
        elif this.type == NUMBER and (this.low != this.high or not self._is_never_far(this)):
            apart = build.negate(self.numbers.compare("==", this.low, this.high))
            several.append(build.all(value, build.any(apart, this.no_low, this.no_high)))
        return this._replace(na=na, nd=nd, value=value, open=build.any(*several))

    def _is_never_far(self, cell: Cell) -> bool:
        return self.build.value(cell.no_low) is False and self.build.value(cell.no_high) is False

    def _number(
        self,
        ends: tuple[Number, Number],
        far: tuple[Step, Step],
        states: tuple[Step, Step],
        value: Step,
        rough: Step | None = None,
        reached: tuple[Step, Step] | None = None,
    ) -> Cell:
        plain = self.cells.number(ends[0])
        low_open, high_open = (self.cells.never, self.cells.never) if reached is None else reached
        this = plain._replace(
            high=ends[1],
            no_low=far[0],
            no_high=far[1],
            low_open=low_open,
            high_open=high_open,
            rough=self.cells.never if rough is None else rough,
        )
        return self._made(this, states, value)

    def _value(self, cells: Sequence[Cell]) -> Step:
        return self.build.all(*(each.value for each in cells))

    def _unreached(self, cells: Sequence[Cell]) -> Step:
        """Whether an end of some is not reached."""
        build = self.build
        return build.any(
            *(build.all(each.low_open, build.negate(each.no_low)) for each in cells),
            *(build.all(each.high_open, build.negate(each.no_high)) for each in cells),
        )

    def _far(self, cells: Sequence[Cell]) -> Step:
        return self.build.any(*(each.no_low for each in cells), *(each.no_high for each in cells))

    # ---- numbers

    def _arithmetic(self, row: Arithmetic, operands: Sequence[Cell]) -> Cell | None:
        cells = [self.cells.as_number(each) for each in operands]
        match row.op:
            case "add":
                return self._sum(cells)
            case "sub":
                return self._sum([cells[0], *map(self._turned, cells[1:])])
            case "min" | "max":
                return self._extremes(cells, least=row.op == "min")
            case "mul" | "div":
                found: Cell | None = cells[0]
                for each in cells[1:]:
                    found = None if found is None else self._product(row.op, found, each)
                return found
        return None

    def _turned(self, this: Cell) -> Cell:
        """A number with its sign turned."""
        return this._replace(
            low=this.high.times(Fraction(-1)),
            high=this.low.times(Fraction(-1)),
            no_low=this.no_high,
            no_high=this.no_low,
            low_open=this.high_open,
            high_open=this.low_open,
        )

    def _sum(self, cells: Sequence[Cell]) -> Cell:
        build, add = self.build, self.numbers.add
        return self._number(
            (add(each.low for each in cells), add(each.high for each in cells)),
            (build.any(*(each.no_low for each in cells)), build.any(*(each.no_high for each in cells))),
            self._strict(cells),
            self._value(cells),
            None,
            (build.any(*(each.low_open for each in cells)), build.any(*(each.high_open for each in cells))),
        )

    def _extremes(self, cells: Sequence[Cell], *, least: bool) -> Cell:
        """The least of the low ends, and of the high ends; the other way round the greatest."""
        build = self.build
        lows, no_low = self._extreme([(each.low, each.no_low) for each in cells], least=least, far_wins=least)
        highs, no_high = self._extreme(
            [(each.high, each.no_high) for each in cells], least=least, far_wins=not least
        )
        value = self._value(cells)
        rough = build.all(value, self._unreached(cells))
        found = self._number((lows, highs), (no_low, no_high), self._strict(cells), value, rough)
        moves = [build.all(each.later, self._counts(each, found, least=least)) for each in cells]
        return found._replace(later=build.all(found.open, build.any(*moves)))

    def _counts(self, this: Cell, found: Cell, *, least: bool) -> Step:
        """Whether one of some moves the least or the greatest of them: whether not another always beats it."""
        build = self.build
        if build.value(this.later) is False:
            return self.cells.never
        if least:
            far, beats = (
                build.any(this.no_low, found.no_high),
                self.numbers.compare("<", this.low, found.high),
            )
        else:
            far, beats = (
                build.any(this.no_high, found.no_low),
                self.numbers.compare(">", this.high, found.low),
            )
        return build.any(this.na, this.nd, far, beats)

    def _extreme(
        self, ends: Sequence[tuple[Number, Step]], *, least: bool, far_wins: bool
    ) -> tuple[Number, Step]:
        build = self.build
        fars = [far for _, far in ends]
        pick = self.numbers.least if least else self.numbers.greatest
        if all(build.value(each) is False for each in fars) or far_wins:
            near = [end for end, far in ends if build.value(far) is not True]
            return pick(near or [ends[0][0]]), build.any(*fars) if far_wins else self.cells.never
        found, is_far = ends[0]
        for end, far in ends[1:]:
            found = self.numbers.choose([(is_far, end), (far, found)], pick([found, end]))
            is_far = build.all(is_far, far)
        return found, is_far

    def _product(self, op: str, left: Cell, right: Cell) -> Cell | None:
        fixed = self.cells.fixed(right)
        if isinstance(fixed, Fraction) and fixed != 0:
            return self._times(left, fixed if op == "mul" else 1 / fixed)
        fixed = self.cells.fixed(left)
        if isinstance(fixed, Fraction) and fixed != 0 and op == "mul":
            return self._times(right, fixed)
        if op == "div" and not self.cells.is_settled(right):
            return None
        build, both = self.build, (left, right)
        zero = self.cells.never
        if op == "div":
            quotients = [self.numbers.divide(each, right.low) for each in (left.low, left.high)]
            products, zero = [found for found, _ in quotients], quotients[0][1]
        else:
            pairs = [(x, y) for x in (left.low, left.high) for y in (right.low, right.high)]
            products = [self.numbers.multiply(x, y) for x, y in dict.fromkeys(pairs)]
        na, nd = self._strict(both)
        value = self._value(both)
        by_zero = build.all(zero, value)
        rough = build.all(value, build.any(self._far(both), self._unreached(both)))
        return self._number(
            (self.numbers.least(products), self.numbers.greatest(products)),
            (self.cells.never, self.cells.never),
            (na, build.any(nd, by_zero)),
            build.all(value, build.negate(zero)),
            rough,
        )

    def _times(self, this: Cell, by: Fraction) -> Cell:
        """A number times a constant that is not zero."""
        this = this if by > 0 else self._turned(this)
        by = abs(by)
        return this._replace(low=this.low.times(by), high=this.high.times(by))

    def _by_ends(self, row: Round | Span, of: Of) -> Cell:
        """What rises or falls with each operand: its low end is that of low ends."""
        if isinstance(row, Span) and row.calendar == "":
            return self._sum([of(row.end), self._turned(of(row.start))])
        cells = [of(row.operand)] if isinstance(row, Round) else [of(row.start), of(row.end)]
        cells = [self.cells.as_number(each) for each in cells]
        value = self._value(cells)
        if isinstance(row, Round):
            operand = cells[0]
            lows, highs = (self.numbers.round(row.mode, row.step, end) for end in (operand.low, operand.high))
            far = operand.no_low, operand.no_high
        else:
            start, end = cells
            ends = {
                row.start: (start.high, start.low),
                row.end: (end.low, end.high),
            }
            lows, highs = (
                self.settled.row(
                    row,
                    lambda ref, at=at: self.cells.number(ends[ref][at]),  # type: ignore[misc]  # a default is bound
                ).low
                for at in (0, 1)
            )
            far = self.build.any(start.no_high, end.no_low), self.build.any(start.no_low, end.no_high)
        rough = self.build.all(value, self._unreached(cells))
        return self._number((lows, highs), far, self._strict(cells), value, rough)

    # ---- conditions

    def _compare(self, op: str, left: Cell, right: Cell) -> Cell | None:
        if WORD_VALUE in (left.type, right.type) or op == "exactly":
            return None
        left, right = self.cells.as_number(left), self.cells.as_number(right)
        if op in ("at least", "above"):
            op, left, right = {"at least": "at most", "above": "below"}[op], right, left
        if op == "at most":
            yes, no = self._reaches(left, right), self._exceeds(left, right)
        else:
            yes, no = self._exceeds(right, left), self._reaches(right, left)
        this = self.cells.truth(yes)._replace(yes=yes, no=no)
        return self._made(this, self._strict((left, right)), self._value((left, right)))

    def _reaches(self, less: Cell, more: Cell) -> Step:
        """Whether some number of one is at most some number of the other."""
        build = self.build
        below = self.numbers.compare("<=", less.low, more.high)
        unreached = build.any(less.low_open, more.high_open)
        if build.value(unreached) is not False:
            strictly = self.numbers.compare("<", less.low, more.high)
            below = build.case([(unreached, strictly)], below)
        return build.any(less.no_low, more.no_high, below)

    def _exceeds(self, more: Cell, less: Cell) -> Step:
        """Whether some number of one is above some number of the other."""
        above = self.numbers.compare(OPERATORS["above"], more.high, less.low)
        return self.build.any(more.no_high, less.no_low, above)

    def _logic(self, op: str, operands: Sequence[Cell]) -> Cell:
        build = self.build
        if op == "not":
            only = operands[0]
            return only._replace(yes=only.no, no=only.yes)
        losing, winning = ("no", "yes") if op == "all" else ("yes", "no")

        def part(cell: Cell, name: str) -> Step:
            found: Step = getattr(cell, name)
            return found

        def decides(cell: Cell) -> Step:
            others = build.any(part(cell, winning), cell.na, cell.nd)
            return build.all(part(cell, losing), build.negate(others))

        decided = build.any(*map(decides, operands))
        undecided = build.negate(decided)
        loses = build.any(*(part(each, losing) for each in operands))
        wins = build.all(undecided, *(part(each, winning) for each in operands))
        na, nd = self._strict(
            [each._replace(value=part(each, winning)) for each in operands]
        )  # where one decides, no state is left
        yes, no = (wins, loses) if op == "all" else (loses, wins)
        this = self.cells.truth(yes)._replace(yes=yes, no=no)
        states = build.all(na, undecided), build.all(nd, undecided)
        return self._made(this, states, build.any(yes, no))

    def _is(self, test: str, operand: Cell) -> Cell:
        """Whether something is no such state."""
        state, other = (operand.na, operand.nd) if test == "applies" else (operand.nd, operand.na)
        yes = self.build.any(operand.value, other)
        this = self.cells.truth(yes)._replace(yes=yes, no=state)
        return self._made(this, (self.cells.never, self.cells.never), self.cells.always)

    def _choose(self, rows: Sequence[tuple[Cell, Cell]]) -> Cell | None:
        build = self.build
        live, found = self.cells.always, None
        na = nd = later = self.cells.never
        reached: list[tuple[Step, Cell]] = []
        for condition, value in rows:
            later = build.any(later, build.all(live, condition.later))
            na = build.any(na, build.all(live, condition.na))
            nd = build.any(nd, build.all(live, condition.nd))
            reached.append((build.all(live, condition.yes), value))
            live = build.all(live, condition.no)
        nd = build.any(nd, live)
        type_ = self.cells.type_of(value for _, value in rows)
        for taken, value in reached:
            later = build.any(later, build.all(taken, value.later))
            na = build.any(na, build.all(taken, value.na))
            nd = build.any(nd, build.all(taken, value.nd))
            value = self.cells.as_number(value) if type_ == NUMBER else value
            value = value._replace(value=build.all(taken, value.value))
            found = value if found is None else self._united(type_, found, value)
        if found is None:
            return None
        found = self._made(found, (na, nd), found.value)
        return found._replace(later=build.all(found.open, later))

    def _united(self, type_: str, first: Cell, second: Cell) -> Cell:
        """What either of two can be, each where it has a value."""
        build = self.build
        both = build.all(first.value, second.value)
        value = build.any(first.value, second.value)
        alone = build.negate(second.value)
        if type_ == TRUTH_VALUE:
            yes = build.any(build.all(first.value, first.yes), build.all(second.value, second.yes))
            no = build.any(build.all(first.value, first.no), build.all(second.value, second.no))
            return first._replace(type=type_, yes=yes, no=no, value=value)
        if type_ == NUMBER:
            hull = self._hull(first, second, value, both)
            rough = build.any(first.rough, second.rough, hull.rough)
            return self.cells.first([(alone, first), (both, hull)], second)._replace(value=value, rough=rough)
        word = build.case([(alone, first.word)], second.word)
        return first._replace(
            type=type_, word=word, value=value, rough=build.any(first.rough, second.rough, both)
        )

    def _hull(self, first: Cell, second: Cell, value: Step, both: Step) -> Cell:
        build, numbers = self.build, self.numbers
        lows, highs = (first.low, second.low), (first.high, second.high)
        low = numbers.choose([(first.no_low, second.low), (second.no_low, first.low)], numbers.least(lows))
        high = numbers.choose(
            [(first.no_high, second.high), (second.no_high, first.high)], numbers.greatest(highs)
        )
        return self._number(
            (low, high),
            (build.any(first.no_low, second.no_low), build.any(first.no_high, second.no_high)),
            (self.cells.never, self.cells.never),
            value,
            build.all(both, self._unreached((first, second))),
        )

    # ---- functions and gatherings

    def _piecewise(self, row: Piecewise, of: Of) -> Cell | None:
        """A function that only rises or only falls, and never is a state: its ends are those at the ends."""
        operand = self.cells.as_number(of(row.operand))
        places = [self.cells.fixed(self.cells.as_number(of(knot.at))) for knot in row.knots]
        numbers = [each for each in places if isinstance(each, Fraction)]
        if len(numbers) < len(places) or any(left >= right for left, right in pairwise(numbers)):
            return None
        curves = self.settled.curves
        lines = curves.lines(row, numbers, of)
        if lines is None:
            return None
        ends = self._widest(operand)
        lines = curves.reached(ends, lines)
        if any(each.cell is not None for each in lines):
            return None
        direction = curves.direction(lines)
        if direction == 0:
            return None
        lows, highs = (curves.along(end, lines).low for end in (operand.low, operand.high))
        no_low, no_high = operand.no_low, operand.no_high
        build = self.build
        first, last = lines[0], lines[-1]
        if first.slope == 0:
            lows = self.numbers.choose([(no_low, self.numbers.constant(first.base))], lows)
            no_low = self.cells.never
        if last.slope == 0:
            highs = self.numbers.choose([(no_high, self.numbers.constant(last.base))], highs)
            no_high = self.cells.never
        if direction < 0:
            lows, highs, no_low, no_high = highs, lows, no_high, no_low
        rough = build.all(operand.value, self._unreached((operand,)))
        return self._number((lows, highs), (no_low, no_high), self._strict((operand,)), operand.value, rough)

    def _widest(self, operand: Cell) -> tuple[Fraction, Fraction] | None:
        """The ends between which an operand lies in all rows of the table; None where there are none."""
        if not self._is_never_far(operand):
            return None
        low, high = self.numbers.range(operand.low), self.numbers.range(operand.high)
        return None if low is None or high is None else (low[0], high[1])

    def _gather(self, row: Gather, of: Of) -> Cell | None:
        """Where it is sure who takes part, what is gathered rises with each member."""
        build = self.build
        members = [self.cells.as_number(of(each)) for each in row.members]
        weights = [self.cells.fixed(self.cells.as_number(of(each))) for each in row.weights]
        if any(not isinstance(each, Fraction) or each < 0 for each in weights):
            return None
        if row.otherwise is not None and not self.cells.is_settled(of(row.otherwise)):
            return None
        if row.otherwise is not None and any(self._may_be_more(each) for each in members):
            return None
        lows, highs = {}, {}
        for ref, each in zip(row.members, members, strict=True):
            na = each.na if row.applying else build.all(each.na, build.negate(each.value))
            sure = each._replace(na=na, nd=build.all(each.nd, build.negate(each.value)))
            lows[ref] = sure._replace(high=each.low)
            highs[ref] = sure._replace(low=each.high)
        made = [
            self.settled.row(row, lambda ref, ends=ends: ends.get(ref) or of(ref))  # type: ignore[misc]  # a default is bound
            for ends in (lows, highs)
        ]
        na, nd = made[0].na, made[0].nd
        if row.applying:
            rough = build.any(*(build.all(each.na, build.any(each.value, each.nd)) for each in members))
            nd = build.any(nd, build.all(build.negate(na), build.any(*(each.nd for each in members))))
        elif len(members) >= max(row.needs, 1):
            rough = self.cells.never
            strict = self._strict(members)
            nd = build.any(strict[1], build.all(nd, self._value(members)))
            na = build.any(strict[0], build.all(na, self._value(members)))
        else:
            return None
        far = self._any_end(members, "no_low"), self._any_end(members, "no_high")
        unreached = self._any_end(members, "low_open"), self._any_end(members, "high_open")
        if row.pick != "all" or row.op != "sum" or row.otherwise is not None:
            rough = build.any(rough, *far, *unreached)
        ends = made[0].low, made[1].low
        return self._number(ends, far, (na, nd), made[0].value, rough, unreached)

    def _may_be_more(self, cell: Cell) -> bool:
        """Whether it may be a state beside something else."""
        return not (self.cells.is_never_a_state(cell) or self.cells.is_settled(cell))

    def _any_end(self, members: Sequence[Cell], part: str) -> Step:
        return self.build.any(*(self.build.all(each.value, getattr(each, part)) for each in members))
