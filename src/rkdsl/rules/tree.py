"""The rule tree: twelve kinds of row, pure data, children before parents, references by index.

Knows nothing of texts or of how a contract is written; holds no behaviour but its own reading and writing.
"""

from __future__ import annotations

from fractions import Fraction

from rkdsl.plain import Final, NamedTuple
from rkdsl.values import State, Unit

Ref = int
"""The index of a row that stands earlier in the same tree."""

# ---- the twelve kinds of row


class Literal(NamedTuple):
    """A number, a day (its ordinal, with unit `day`), a word, yes/no, or a state with its reason."""

    value: Fraction | bool | str | State
    unit: Unit


USED: Final = "used"
"""The kind of an input that stands for something of another contract, until the trees are linked."""


class Input(NamedTuple):
    """Something that comes from outside: a reading, fact, milestone, assessment, or an open place of the text.

    `kind` is `as_of`, `reading`, `milestone`, `fact`, `assessment`, `parameter` (a published number),
    `carried` (from the outcome of the period before), `governs` (which of several stated values holds: a
    word of `words`) or `open` (undecided, unclear or unanswerable: never given). `key` is `visits@2026` for
    a reading, `price`, `price@2026`, `cut.low` or `cut.low@2026` for a parameter (`cut.low`: a column of a
    row of numbers), `m1.state` or `total.points` for a carried value, else the id of its field.
    `low` and `high` bound what a missing number may still be (None: no end); `whole` says that only whole
    numbers are possible; `may_not_apply` that a missing value may turn out not to apply; `note` says why
    an `open` input has no reading; `due` is the day (ordinal) on which it must be reported, where it has one.
    `choices`, where there are any, are the only numbers it can be.
    """

    kind: str
    key: str
    unit: Unit
    low: Fraction | None = None
    high: Fraction | None = None
    whole: bool = False
    words: tuple[str, ...] = ()
    may_not_apply: bool = False
    note: str = ""
    clause: int | None = None
    due: int | None = None
    choices: tuple[Fraction, ...] = ()


class Name(NamedTuple):
    """A shared value: evaluated once, referred to by index. A line of the explanation.

    `role` says what the value is to its contract (`reading`, `limit`, `change`, `condition`, `score`,
    `points`, `section`, `total` ...), `title` is for people, `clause` an index into the tree's clauses.
    """

    id: str
    of: Ref
    unit: Unit
    role: str
    title: str = ""
    clause: int | None = None


class Arithmetic(NamedTuple):
    """`add`, `sub`, `mul`, `div`, `min`, `max` of two or more operands (folded from the left), or `power`.

    `power` has two operands, the second a literal whole number of at most 100 either way. Truths count as 0 or 1.
    """

    op: str
    operands: tuple[Ref, ...]


class Compare(NamedTuple):
    """A condition: `at most`, `at least`, `above`, `below` or `exactly`, exact and in this order of operands."""

    op: str
    left: Ref
    right: Ref


class Logic(NamedTuple):
    """`all`, `any` or `not` of conditions. `all` of none is yes, `any` of none is no."""

    op: str
    operands: tuple[Ref, ...]


class Is(NamedTuple):
    """A test on a state, always yes or no when its operand is settled.

    `reported` (of an input: whether it was given as reported), `told` (of an input: whether anything is said of it,
    also that a milestone is not done), `applies` (not *not applicable*), `defined` (not
    *not defined*).
    """

    test: str
    operand: Ref


class Knot(NamedTuple):
    """A corner of a piecewise function at `at`: its value coming from the left, and going on to the right.

    `holds` says which of them is the value at the knot itself: `before` or `after`.
    """

    at: Ref
    before: Ref
    after: Ref
    holds: str


class Piecewise(NamedTuple):
    """A piecewise-linear function of one number. Knots must rise strictly, else the value is not defined.

    Between two knots the line goes from `after` of the left to `before` of the right; a state at either end
    makes the open stretch between them that state. `below` and `above` say what holds outside: `flat`,
    `continued` (the neighbouring line goes on; needs two knots), or `not defined`.
    """

    operand: Ref
    knots: tuple[Knot, ...]
    below: str
    above: str


class Choose(NamedTuple):
    """The value of the first row whose condition holds; `not defined` when none does.

    On a condition that is not known: every row still reachable. On another state: that state.
    """

    rows: tuple[tuple[Ref, Ref], ...]


class Gather(NamedTuple):
    """`sum`, `mean` or `weighted mean` over members.

    `weights` stand beside `members` for the weighted mean, else empty. `applying` leaves out members that are
    not applicable. `pick` is `all`, `highest` or `lowest`, the latter two with `count` members (all of them
    when fewer take part). With fewer than `needs` taking part the value is that of `otherwise`, or, when that
    is None, *not applicable*; with none at all taking part likewise.
    """

    op: str
    members: tuple[Ref, ...]
    weights: tuple[Ref, ...] = ()
    applying: bool = False
    pick: str = "all"
    count: int = 0  # type: ignore[assignment]  # shadows `tuple.count`, which nothing asks for
    needs: int = 0
    otherwise: Ref | None = None


class Round(NamedTuple):
    """The only row that changes a number: to a multiple of `step`.

    Modes: `up`, `down`, `toward zero`, `away from zero`, `half up`, `half away from zero`, `half to even`.
    """

    mode: str
    step: Fraction
    operand: Ref


class Span(NamedTuple):
    """Days from `start` to `end`: the days d of the calendar with start < d <= end; negative when turned round.

    `calendar` is "" for every day, else a name in the tree's calendars.
    """

    start: Ref
    end: Ref
    calendar: str = ""


Row = Literal | Input | Name | Arithmetic | Compare | Logic | Is | Piecewise | Choose | Gather | Round | Span


def operands_of(row: Row) -> tuple[Ref, ...]:
    """The rows that a row looks at."""
    match row:
        case Literal() | Input():
            return ()
        case Name():
            return (row.of,)
        case Arithmetic() | Logic():
            return row.operands
        case Compare():
            return row.left, row.right
        case Is() | Round():
            return (row.operand,)
        case Piecewise():
            return row.operand, *(ref for knot in row.knots for ref in (knot.at, knot.before, knot.after))
        case Choose():
            return tuple(ref for each in row.rows for ref in each)
        case Gather():
            otherwise = () if row.otherwise is None else (row.otherwise,)
            return (*row.members, *row.weights, *otherwise)
        case Span():
            return row.start, row.end


# ---- what stands beside the rows


class Clause(NamedTuple):
    """A place of the contract's text that a row comes from: file, line and the words that stand there."""

    file: str
    line: int
    text: str


class Calendar(NamedTuple):
    """Which days count: weekdays (Monday is 0) less the holidays (day ordinals, rising)."""

    name: str
    weekdays: tuple[int, ...]
    holidays: tuple[int, ...]


class Shown(NamedTuple):
    """Something an item shows and does not score: a `guideline`, `followed` or `evidence` condition, the
    `calculated` points that an assessment takes the place of, or those that a decision has `overruled`."""

    standing: str
    of: Ref


class Item(NamedTuple):
    """A goal or requirement: its own data and its roots.

    `points`, `lowest` and `highest` are None for an item without weight; `due` is the last day (ordinal) on
    which something that is not yet reported falls due, None when nothing of it has a day. `earned` are the
    points before limits, by which its state is told, None where no limit stands on it.
    """

    id: str
    kind: str
    section: str
    title: str
    points: Ref | None
    lowest: Ref | None
    highest: Ref | None
    condition: Ref | None
    due: Ref | None
    clause: int | None
    shown: tuple[Shown, ...] = ()
    earned: Ref | None = None


class Section(NamedTuple):
    """A part of the contract; `parent` is "" at the top. `points`, `highest` and `lowest` are None without points.

    `earned` are the points before its limits, where it has any: by these and the two others its state is told.
    """

    id: str
    title: str
    parent: str
    points: Ref | None
    highest: Ref | None
    clause: int | None
    lowest: Ref | None = None
    earned: Ref | None = None


class Field(NamedTuple):
    """Something that actuals may tell: what it is called there, and what a lawful value is.

    `kind` is `reading`, `milestone`, `fact`, `assessment`, `parameter` or `carried`; `id` the key of the
    actuals file: a measure, an `item.milestone`, a fact, an item or `item.part`, a parameter or
    `parameter.column`, and for a carried value `name.part` (`m1.points`, `m1.share`, `m1.state`,
    `total.points`). `rhythm` is that of the readings of a measure or parameter, "" for one without periods.
    `roles` are those who may assess (empty: any). `replaces` says that the assessment stands beside a
    calculated value. `history` holds what the contract itself states per period (under "" where there are no
    periods): one number, or several that disagree. `words` are the lawful words where the unit is `word`
    (empty: nothing in the contract asks for it, and any word is lawful). `choices`, where there are any, are
    the only lawful numbers.
    """

    kind: str
    id: str
    unit: Unit
    title: str = ""
    rhythm: str = ""
    low: Fraction | None = None
    high: Fraction | None = None
    may_not_apply: bool = False
    roles: tuple[str, ...] = ()
    replaces: bool = False
    history: tuple[tuple[str, tuple[Fraction, ...]], ...] = ()
    words: tuple[str, ...] = ()
    choices: tuple[Fraction, ...] = ()


class Value(NamedTuple):
    """A named value, as it is told: `mode` and `step` say how its printed figure is rounded (`mode` "": not)."""

    id: str
    title: str
    of: Ref
    unit: Unit
    mode: str = ""
    step: Fraction = Fraction(1)


class Asked(NamedTuple):
    """One condition of what is expected: whether it holds, and what it speaks of.

    That is a value, `subject`, in its `unit`; or the state of a `thing` by its name, and then there is no subject.
    """

    of: Ref
    subject: Ref | None
    unit: Unit
    thing: str
    clause: int


class Expected(NamedTuple):
    """Conditions that should hold, and why: a check, never a score. `of` is whether they do."""

    why: str
    of: Ref
    asked: tuple[Asked, ...]
    clause: int


class Tree(NamedTuple):
    """A whole contract, ready to run. `unit` is that of the points.

    `values` are those that are told, `result` the name of the one that the contract is about (`states`: none,
    and no points either; "": its total). `lowest` is the least that the total comes to, `earned` the total before its
    limits, where it has any.
    """

    id: str
    title: str
    rows: tuple[Row, ...]
    clauses: tuple[Clause, ...]
    calendars: tuple[Calendar, ...]
    sections: tuple[Section, ...]
    items: tuple[Item, ...]
    fields: tuple[Field, ...]
    total: Ref | None
    maximum: Ref | None
    as_of: Ref
    unit: Unit
    values: tuple[Value, ...] = ()
    result: str = ""
    expected: tuple[Expected, ...] = ()
    lowest: Ref | None = None
    earned: Ref | None = None
