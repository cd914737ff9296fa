"""What an evaluation comes to, for people and programs to read. Data only."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction

from rkdsl.plain import Final, NamedTuple, Plain, field

FORMAT: Final = "rkdsl-outcome/1"
LANGUAGE: Final = "1"
"""The version of the language an outcome was reckoned by."""

TOTAL: Final = "total"
"""What the points of the whole contract are called."""

MET: Final = "met"
PARTLY_MET: Final = "partly met"
MISSED: Final = "missed"
PENDING: Final = "pending"
NOT_KNOWN: Final = "not known"

HOLDS: Final = "holds"
FAILS: Final = "fails"

STATES: Final = (MET, PARTLY_MET, MISSED, PENDING, NOT_KNOWN, "not applicable", "not defined")
"""Everything an item can be."""


class Line(NamedTuple):
    """One step of an explanation. `formula` is empty where the value comes from outside or stands in the contract.

    `role` is what the value is (`reading`, `condition`, `points` ...), `what` says of what, `source` where it
    comes from: the report it was given by or the line of the contract with its words.
    """

    role: str
    what: str
    formula: str
    value: str
    source: str


class Condition(Plain):
    """One condition of an expectation: its words, whether it `holds`, `fails` or is open, and what was found."""

    text: str
    verdict: str
    found: str


class Tried(Plain):
    """What came of one expectation; `missing` says what it waits for, `lines` how the figures came about."""

    place: str
    text: str
    why: str
    verdict: str
    conditions: tuple[Condition, ...]
    missing: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it is as expected: what is not known is not."""
        return self.verdict == HOLDS


class Points(Plain):
    """Points secured and still possible, with the maximum, exact. None for `possible` or `maximum`: no upper end.

    All three are None while the points are not applicable or not defined.
    """

    secured: Fraction | None
    possible: Fraction | None
    maximum: Fraction | None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is open any more."""
        return self.secured is not None and self.secured == self.possible


class Reason(Plain):
    """Why something is open: what is missing, when it is due, and what each stated value would give."""

    kind: str
    text: str
    place: str = ""
    due: datetime.date | None = None
    alternatives: tuple[tuple[str, Points], ...] = ()


class ItemOutcome(Plain):
    """A goal or requirement: its state, its points (None without weight), and why.

    `because` holds what decided it, one sentence each; `open` what is missing; `shown` what is not scored,
    with the word it stands under (`guideline`, `followed`, `evidence`, `calculated`); `ruled` what the contract's
    rules for something missing decided. `may_become` holds the
    states that its points may still end in, `due` the day on which the last of what is missing falls due.
    """

    id: str
    kind: str
    section: str
    title: str
    state: str
    points: Points | None
    because: tuple[str, ...] = field(late=True)
    open: tuple[Reason, ...]
    shown: tuple[tuple[str, str], ...] = ()
    ruled: tuple[str, ...] = ()
    may_become: tuple[str, ...] = ()
    due: datetime.date | None = None


class SectionOutcome(Plain):
    """A section with its points, None when nothing in it has any; `why` is the reason of a settled state."""

    id: str
    parent: str
    title: str
    points: Points | None
    state: str
    depth: int = 0
    why: str = ""


class ValueOutcome(Plain):
    """A named value. `secured` and `possible` are the ends of a number, equal when it is settled (None: no end).

    `word` is the word, `yes` or `no` it is settled at; `state` is "" when settled at a number, word or yes or no,
    else `not known`, `not applicable` or `not defined`. `text` is the value as it is printed, in its `unit`; `open`
    says what is missing, `may_become` which states it may still end in.
    """

    id: str
    title: str
    unit: str
    secured: Fraction | None
    possible: Fraction | None
    word: str | None
    state: str
    text: str
    open: tuple[Reason, ...] = ()
    may_become: tuple[str, ...] = ()


class AmendmentOutcome(Plain):
    """An amendment that was given with the contract; `why` says why it was left out, and is empty where it holds.

    `signed` is None while it is not. `sha256` is the hash of its file.
    """

    id: str
    title: str
    file: str
    signed: datetime.date | None
    effect: datetime.date
    why: str
    sha256: str

    @property
    def is_applied(self) -> bool:
        """Whether the outcome was reckoned with it."""
        return not self.why


class ColumnOutcome(Plain):
    """A column of a register. `kind` is `stated`, `reported` or `reckoned`; `unit` is empty for words and texts."""

    id: str
    title: str
    unit: str
    kind: str


class RowOutcome(Plain):
    """A row of a register: the name of what it belongs to, its own key, and a value for each column."""

    key: str
    name: str
    title: str
    cells: Mapping[str, ValueOutcome]


class CheckOutcome(Plain):
    """What a register expects of a row (`row` is empty: of the whole), and whether it holds.

    `state` is `holds`, `fails` or `not known`, or `not applicable` or `not defined`; `text` says the figures.
    """

    why: str
    row: str
    state: str
    text: str


class RegisterOutcome(Plain):
    """A register with what it reckons and checks. `totals` are its values that belong to no row."""

    id: str
    title: str
    columns: tuple[ColumnOutcome, ...]
    rows: tuple[RowOutcome, ...]
    totals: tuple[ValueOutcome, ...]
    checks: tuple[CheckOutcome, ...]


class Notice(Plain):
    """What a duty to warn says of the notice: owed by whom to whom, in which form, with which content."""

    owed_by: str
    to: str
    form: str
    content: str


class Danger(Plain):
    """A goal or requirement that forecasts say will be missed or lose points.

    `state` and `points` are what it comes to with the forecasts, `before` what it can come to without them;
    `forecasts` are the figures, each with its input. Nothing of it counts.
    """

    item: str
    title: str
    state: str
    points: Points | None
    before: Points | None
    forecasts: tuple[tuple[str, str], ...]
    notices: tuple[Notice, ...] = ()


class Deadline(Plain):
    """A day that a contract names. `kind` is `milestone`, `reading`, `assessment`, `fact`, `parameter`, `contract`,
    `decision` or the name of a register; `id` is the same whenever the calendar is made. `status` says what is known:
    `done …`, `reported`, `overdue`, or nothing.
    """

    day: datetime.date
    kind: str
    id: str
    title: str
    detail: str
    status: str = ""


class Result(Plain):
    """What a contract comes to with given actuals on a given day. Points are exact fractions.

    `values` are the named values, `result` the one that the contract is about, if it names one. `why` is the reason
    for a total that is not applicable or not defined. `wide` names the figures whose ends may lie further apart than
    what can happen, each with what it waits for. `expected` is what the contract expects beside its score.

    `points` is None where the contract has none; `state` is "" where they are settled, and `may_become` holds
    the states they may still end in. `unit` is that of the points. `findings` are those of contract and actuals,
    as one sentence each with their place. `hashes` are the SHA-256 of the contract's text and of the actuals.
    `amendments` are those given with the contract, in their order, also those that do not hold.

    `registers` are the tables beside the score, `dangers` the goals that forecasts say will be missed: neither has
    any part in points.
    """

    contract: str
    title: str
    as_of: datetime.date
    state: str
    points: Points | None
    unit: str
    items: tuple[ItemOutcome, ...]
    sections: tuple[SectionOutcome, ...]
    findings: tuple[tuple[str, str], ...]
    hashes: Mapping[str, str]
    note: str = ""
    may_become: tuple[str, ...] = ()
    values: tuple[ValueOutcome, ...] = ()
    result: ValueOutcome | None = None
    why: str = ""
    wide: tuple[tuple[str, tuple[str, ...]], ...] = ()
    amendments: tuple[AmendmentOutcome, ...] = ()
    registers: tuple[RegisterOutcome, ...] = ()
    dangers: tuple[Danger, ...] = ()
    expected: tuple[Tried, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many items are in each state, in the order of `STATES`, those that occur."""
        found = {state: sum(each.state == state for each in self.items) for state in STATES}
        return {state: count for state, count in found.items() if count}

    @property
    def is_final(self) -> bool:
        """Whether nothing in it is open: every item and the result settled, and no state can change."""
        settled = all(each.state not in (PENDING, NOT_KNOWN) and not each.may_become for each in self.items)
        return settled and (self.result is None or self.result.state != NOT_KNOWN)
