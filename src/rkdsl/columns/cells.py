"""What stands for a row of a rule tree in a program over columns: its value, its states, and what it can still be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rkdsl.columns.builder import Builder
from rkdsl.columns.numbers import Number, Numbers
from rkdsl.columns.program import Step
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.possible import Possible, Settled
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, State

NUMBER, TRUTH_VALUE, WORD_VALUE, NONE = "number", "truth", "word", "none"


class NotWrittenError(Exception):
    """A row that has no form over columns; the text says why."""


class Cell(NamedTuple):
    """What a row comes to in each row of the table.

    `type` is `number` (days too), `truth`, `word`, or `none` for what is only ever a state. A number lies from `low`
    to `high`, one and the same where it is settled; `no_low` and `no_high` say that there is no such end, `low_open`
    and `high_open` that it is not reached. `yes` and `no` are what a truth can be, `word` is the word of one that is
    settled. `value` says that there can be a value at all, `na` and `nd` that it can be *not applicable* and *not
    defined*. `open` says that it is not settled, `later` that it moves with something missing that falls due after the
    day, `split` that a gap may move it in more than one place and both ways, and `rough` that what is said here is not
    sure to hold. Where there is no value, numbers and words are any.
    """

    type: str
    low: Number
    high: Number
    yes: Step
    no: Step
    word: Step
    na: Step
    nd: Step
    value: Step
    no_low: Step
    no_high: Step
    low_open: Step
    high_open: Step
    open: Step
    later: Step
    split: Step
    rough: Step


class Cells:
    """Makes cells."""

    def __init__(self, build: Builder) -> None:
        self.build: Final = build
        self.numbers: Final = Numbers(build)
        self.never: Final = build.constant(False)
        self.always: Final = build.constant(True)
        zero, no = self.numbers.constant(0), self.never
        self._none: Final = Cell(NONE, zero, zero, no, no, build.constant(""), no, no, *(no,) * 9)

    # ---- settled ones

    def number(self, value: Number, na: Step | None = None, nd: Step | None = None) -> Cell:
        """A number, or a state."""
        return self._settled(self._none._replace(type=NUMBER, low=value, high=value), na, nd)

    def truth(self, yes: Step, na: Step | None = None, nd: Step | None = None) -> Cell:
        """A truth, or a state."""
        found = self._settled(self._none._replace(type=TRUTH_VALUE), na, nd)
        all_, negate = self.build.all, self.build.negate
        return found._replace(yes=all_(yes, found.value), no=all_(negate(yes), found.value))

    def word(self, word: Step, na: Step | None = None, nd: Step | None = None) -> Cell:
        """A word, or a state."""
        return self._settled(self._none._replace(type=WORD_VALUE, word=word), na, nd)

    def state(self, kind: str) -> Cell:
        """Nothing but a state."""
        is_na = kind == NOT_APPLICABLE
        return self._settled(
            self._none, self.always if is_na else self.never, self.never if is_na else self.always
        )

    def possible(self, this: Possible, *, is_later: bool = False) -> Cell:
        """What is possible, the same in every row; whether it moves with something that falls due after the day."""
        settled = this.settled
        if settled is not None:
            return self.constant(settled)
        build = self.build
        found = self._none._replace(
            type=TRUTH_VALUE if this.truths else WORD_VALUE if this.words else NONE,
            yes=build.constant(True in this.truths),
            no=build.constant(False in this.truths),
            na=build.constant(this.state(NOT_APPLICABLE) is not None),
            nd=build.constant(this.state(NOT_DEFINED) is not None),
            value=build.constant(this.has_value),
            open=self.always,
            later=build.constant(is_later),
        )
        if this.numbers is None:
            return found
        low, high = this.numbers.low, this.numbers.high
        return found._replace(
            type=NUMBER,
            low=self.numbers.constant(next((each for each in (low, high) if each is not None), 0)),
            high=self.numbers.constant(next((each for each in (high, low) if each is not None), 0)),
            no_low=build.constant(low is None),
            no_high=build.constant(high is None),
            low_open=build.constant(low is not None and this.numbers.low_open),
            high_open=build.constant(high is not None and this.numbers.high_open),
        )

    def constant(self, value: Settled) -> Cell:
        """The same in every row."""
        if isinstance(value, State):
            return self.state(value.kind)
        if isinstance(value, bool):
            return self.truth(self.build.constant(value))
        if isinstance(value, str):
            return self.word(self.build.constant(value))
        return self.number(self.numbers.constant(value))

    def _settled(self, this: Cell, na: Step | None, nd: Step | None) -> Cell:
        na, nd = (self.never if each is None else each for each in (na, nd))
        return this._replace(na=na, nd=nd, value=self.build.negate(self.build.any(na, nd)))

    # ---- what is asked of them

    def is_settled(self, cell: Cell) -> bool:
        """Whether it is settled in every row."""
        return self.build.value(cell.open) is False

    def is_never_a_state(self, cell: Cell) -> bool:
        """Whether it is a value in every row."""
        return self.build.value(cell.na) is False and self.build.value(cell.nd) is False

    def fixed(self, cell: Cell) -> Settled | None:
        """What it is in every row; None where it varies."""
        value = self.build.value
        if value(cell.open) is not False:
            return None
        if value(cell.nd) is True or value(cell.na) is True:
            return State(NOT_DEFINED if value(cell.nd) else NOT_APPLICABLE, "")
        if not self.is_never_a_state(cell):
            return None
        if cell.type == NUMBER:
            return cell.low.constant
        found = value(cell.yes if cell.type == TRUTH_VALUE else cell.word)
        return found if isinstance(found, bool | str) else None

    def as_number(self, cell: Cell) -> Cell:
        """A truth counts as 0 or 1; what is only a state has no number."""
        if cell.type == WORD_VALUE:
            raise NotWrittenError("a word is reckoned with")
        if cell.type != TRUTH_VALUE:
            return cell._replace(type=NUMBER)
        high = self.numbers.of_truth(cell.yes)
        low = high
        if not self.is_settled(cell):
            low = self.numbers.of_truth(self.build.all(cell.yes, self.build.negate(cell.no)))
        return cell._replace(type=NUMBER, low=low, high=high)

    def strict(self, cells: Iterable[Cell]) -> tuple[Step, Step]:
        """The states of what needs all of some settled cells: *not defined* beats *not applicable*."""
        cells = list(cells)
        nd = self.build.any(*(each.nd for each in cells))
        na = self.build.any(*(each.na for each in cells))
        return self.build.all(na, self.build.negate(nd)), nd

    def first(self, rows: Rows, otherwise: Cell) -> Cell:
        """The cell after the first condition that holds. Conditions are truths of every row of the table."""
        rows = [(condition, each) for condition, each in rows if self.build.value(condition) is not False]
        type_ = self.type_of([*(each for _, each in rows), otherwise])
        if type_ == NUMBER:
            rows = [(condition, self.as_number(each)) for condition, each in rows]
            otherwise = self.as_number(otherwise)
        made = {part: self._case(rows, otherwise, part) for part in _TRUTHS}
        valued = [row for row in rows if self.build.value(row[1].value) is not False]
        if self.build.value(otherwise.value) is False and valued:
            otherwise = valued.pop()[1]  # where nothing is a value, any will do
        low, high = self._end(valued, otherwise, "low"), self._end(valued, otherwise, "high")
        word = self._case(valued, otherwise, "word")
        return Cell(type_, low, high, word=word, **made)

    def _end(self, rows: Rows, otherwise: Cell, part: str) -> Number:
        """The chosen of their ends; where there is none, any will do."""
        found = [(condition, getattr(each, part)) for condition, each in rows if not self._is_far(each, part)]
        last: Number = getattr(otherwise, part)
        if self._is_far(otherwise, part) and found:
            last = found.pop()[1]
        return self.numbers.choose(found, last)

    def _is_far(self, cell: Cell, part: str) -> bool:
        return self.build.value(cell.no_low if part == "low" else cell.no_high) is True

    def _case(self, rows: Rows, otherwise: Cell, part: str) -> Step:
        steps = [(condition, getattr(each, part)) for condition, each in rows]
        return self.build.case(steps, getattr(otherwise, part))

    def type_of(self, cells: Iterable[Cell]) -> str:
        """The one type of several values; a truth beside a number is one."""
        kinds = {each.type for each in cells} - {NONE}
        if kinds == {NUMBER, TRUTH_VALUE}:
            return NUMBER
        if len(kinds) > 1:
            raise NotWrittenError("values of different types stand beside each other")
        return kinds.pop() if kinds else NONE


_TRUTHS: Final = (
    *("yes", "no", "na", "nd", "value", "no_low", "no_high", "low_open", "high_open", "open"),
    *("later", "split", "rough"),
)
Rows = Sequence[tuple[Step, Cell]]
"""Conditions, each with what holds then."""
