"""What the author wrote: frozen nodes with typed fields. They hold data and do nothing.

Each node has the `span` of its text, left out of equality, so that nodes compare by meaning.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Generic, TypeVar

from attrs import field, frozen

from rkdsl.source import Span
from rkdsl.values import Period

NO_SPAN = Span(0, 0)


@frozen(eq=False, repr=False)
class Node:
    """What every node has: the place of its text, by keyword only, not compared, not shown.

    How nodes are compared and shown is said here once, and not made for each class when the program starts.
    """

    span: Span = field(default=NO_SPAN, kw_only=True, eq=False, repr=False)
    __match_args__: ClassVar[tuple[str, ...]]  # the fields of a class, but for the place

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self.__match_args__)))

    def __repr__(self) -> str:
        fields = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({', '.join(fields)})"


# ---- words and values


@frozen(eq=False, repr=False)
class Identifier(Node):
    """A name, where it is declared or used."""

    text: str


@frozen(eq=False, repr=False)
class Text(Node):
    """A string of the author's, without its quotes."""

    text: str


@frozen(eq=False, repr=False)
class Quantity(Node):
    """A number with its unit, as written: `decimals` places after the mark; None when it cannot be read."""

    number: Fraction | None
    decimals: int = 0
    magnitude: str = ""
    unit: str = ""


@frozen(eq=False, repr=False)
class PeriodLiteral(Node):
    """A day, month, quarter, half-year, year or run of them; None when there is no such period.

    In a goal with rows `name` may be the parameter that gives the period, which is None until then.
    """

    period: Period | None
    name: Identifier | None = None


@frozen(eq=False, repr=False)
class Undecided(Node):
    """A value still to be decided: in what unit, until when, and by whom or by what rule."""

    unit: str = ""
    until: PeriodLiteral | None = None
    remark: Text | None = None


@frozen(eq=False, repr=False)
class Unclear(Node):
    """A value that stands in the document but cannot be read with certainty."""

    text: Text


V_co = TypeVar("V_co", bound=Node, covariant=True)


@frozen(eq=False, repr=False)
class Statement(Node, Generic[V_co]):
    """One of the values a document states in one place; the first has no `see`."""

    value: V_co
    see: Text | None = None
    governs: bool = False


@frozen(eq=False, repr=False)
class Stated(Node, Generic[V_co]):
    """A value as stated, once or several times. Until one `governs`, none of several does."""

    statements: tuple[Statement[V_co], ...]

    @property
    def first(self) -> V_co:
        """The value as stated first."""
        return self.statements[0].value


@frozen(eq=False, repr=False)
class When(Node):
    """A word of time before a period: `at`, `in`, `by` or `before`."""

    word: str
    period: PeriodLiteral | Undecided
    reads: Text | None = None


# ---- expressions


@frozen(eq=False, repr=False)
class Reference(Node):
    """A measure, fact, parameter, value or parameter of a scale, by name; dotted, a part of something."""

    name: Identifier


@frozen(eq=False, repr=False)
class Call(Node):
    """A scale, or one of the functions of the language, applied to arguments."""

    name: Identifier
    arguments: tuple[Expression | Condition, ...]


@frozen(eq=False, repr=False)
class Word(Node):
    """A word, as a value."""

    text: str


@frozen(eq=False, repr=False)
class NoValue(Node):
    """`not defined` or `not applicable`, with the reason, where a value might stand."""

    state: str
    reason: Text


@frozen(eq=False, repr=False)
class YearBefore(Node):
    """The subject of the condition, one year before its own period."""


@frozen(eq=False, repr=False)
class Timed(Node):
    """An expression with the period in which its measures are read."""

    expression: Expression
    when: When


@frozen(eq=False, repr=False)
class Sum(Node):
    """Terms added and subtracted in order; each `+` or `-`, the first always `+`."""

    terms: tuple[tuple[str, Expression], ...]


@frozen(eq=False, repr=False)
class Product(Node):
    """Factors multiplied and divided in order; each `*` or `/`, the first always `*`."""

    factors: tuple[tuple[str, Expression], ...]


Expression = (
    Quantity
    | PeriodLiteral
    | Reference
    | Call
    | Word
    | NoValue
    | YearBefore
    | Timed
    | Sum
    | Product
    | Undecided
    | Unclear
)
Cell = Quantity | PeriodLiteral | Reference | Word | Undecided | Unclear | NoValue


# ---- conditions


@frozen(eq=False, repr=False)
class Limit(Node):
    """`at most`, `at least`, `above`, `below` or `exactly` a value."""

    comparison: str
    value: Stated[Expression]


@frozen(eq=False, repr=False)
class Between(Node):
    """From one value to another, both included."""

    low: Stated[Expression]
    high: Stated[Expression]


@frozen(eq=False, repr=False)
class Change(Node):
    """`falls` or `rises` from a baseline, by an amount or (without one) at all.

    `comparison` is `at least` (also when unwritten), `at most` or `exactly`. `base` None is the year before.
    """

    direction: str
    comparison: str
    amount: Stated[Expression] | None
    base: Stated[PeriodLiteral | Undecided] | YearBefore


@frozen(eq=False, repr=False)
class Unchanged(Node):
    """No further from the baseline than a tolerance."""

    tolerance: Stated[Expression]
    base: Stated[PeriodLiteral | Undecided] | YearBefore


@frozen(eq=False, repr=False)
class Linear(Node):
    """A share that grows from nothing at one value to all at another, and no further on either side."""

    start: Stated[Expression]
    end: Stated[Expression]


@frozen(eq=False, repr=False)
class Is(Node):
    """Whether the subject is a word in quotes, `yes` or `no`, `reported`, `applicable` or `defined`.

    Of a goal, requirement or section also `met`, `partly met` or `missed`.
    """

    negated: bool
    what: Word | Identifier


@frozen(eq=False, repr=False)
class Better(Node):
    """Whether the subject is `as good as`, or `better than`, a value, by the subject's direction."""

    negated: bool
    comparison: str
    value: Stated[Expression]


Test = Limit | Between | Change | Unchanged | Linear | Is | Better


@frozen(eq=False, repr=False)
class Condition(Node):
    """A subject, its time and a test; after `or` and `and` the subject may be left out (None)."""

    subject: Expression | None
    when: Stated[When] | None
    test: Test


# ---- forms of a function


@frozen(eq=False, repr=False)
class Conditions(Node):
    """Conditions joined by `or` or `and`, where they are not a target: yes or no."""

    conditions: tuple[Condition, ...]
    joined: str = ""


@frozen(eq=False, repr=False)
class WhenRow(Node):
    """A condition, and the value if it is the first that holds."""

    conditions: Conditions
    value: Stated[Expression]


@frozen(eq=False, repr=False)
class Rows(Node):
    """The value of the first row whose condition holds, else `otherwise`."""

    rows: tuple[WhenRow, ...]
    otherwise: Stated[Expression]


@frozen(eq=False, repr=False)
class Edge(Node):
    """One side of a step: `at most`, `at least`, `above`, `below` or `exactly` a value."""

    comparison: str
    value: Stated[Expression]


@frozen(eq=False, repr=False)
class Key(Node):
    """The stretch of a step: one or two edges, of which all hold."""

    edges: tuple[Edge, ...]


@frozen(eq=False, repr=False)
class Step(Node):
    """A stretch and its values: one, or one for each stretch of the second subject."""

    key: Key
    values: tuple[Stated[Expression], ...]


@frozen(eq=False, repr=False)
class Across(Node):
    """The second side of a table: its subject and its stretches."""

    subject: Expression
    keys: tuple[Key, ...]


@frozen(eq=False, repr=False)
class Steps(Node):
    """A value for each stretch of a subject; with `across`, for each pair of stretches of two subjects."""

    subject: Expression
    across: Across | None
    steps: tuple[Step, ...]


@frozen(eq=False, repr=False)
class CurveKnot(Node):
    """A corner of a curve.

    `at` gives the value there, `below` and `above` the value come to from that side, where it jumps.
    """

    side: str
    at: Stated[Expression]
    value: Stated[Expression]


@frozen(eq=False, repr=False)
class CurveEnd(Node):
    """What holds `below` the first or `above` the last corner: `flat`, `continued`, or no value."""

    side: str
    end: Identifier | NoValue


@frozen(eq=False, repr=False)
class Curve(Node):
    """Straight lines between the corners."""

    subject: Expression
    rows: tuple[CurveKnot | CurveEnd, ...]


Function = Rows | Steps | Curve


@frozen(eq=False, repr=False)
class Rounding(Node):
    """How a number is rounded: the mode in the words of the language, and to a multiple of which step."""

    mode: Identifier
    step: Quantity


# ---- statements of an item


@frozen(eq=False, repr=False)
class Worth(Node):
    """Points of one part of an item."""

    amount: Stated[Expression]


@frozen(eq=False, repr=False)
class Target(Node):
    """Conditions joined by `or` or `and`. `standing` is "" when scored, else the word before it."""

    standing: str
    conditions: tuple[Condition, ...]
    joined: str = ""
    worth: Worth | None = None
    equals: tuple[Equals, ...] = ()


@frozen(eq=False, repr=False)
class Equals(Node):
    """The same target said in another way, to be checked against it, never scored."""

    test: Test | Stated[Expression]


@frozen(eq=False, repr=False)
class LateCosts(Node):
    """Points lost per started week after the deadline, down to a floor."""

    amount: Quantity
    floor: Quantity


@frozen(eq=False, repr=False)
class Milestone(Node):
    """Something to be done by a day."""

    standing: str
    name: Identifier
    title: Stated[Text]
    deadline: Stated[When]
    worth: Worth | None = None
    late: LateCosts | None = None


@frozen(eq=False, repr=False)
class Group(Node):
    """`all of`, `any of`, or `at least` a count of the members."""

    kind: str
    count: Quantity | None
    members: tuple[Target | Milestone | Group, ...]
    worth: Worth | None = None


@frozen(eq=False, repr=False)
class Assessment(Node):
    """Points given by a role within a range: for the whole item, or for a named part with its own worth."""

    role: Stated[Identifier | Undecided]
    name: Identifier | None = None
    title: Stated[Text] | None = None
    low: Quantity | None = None
    high: Quantity | None = None


@frozen(eq=False, repr=False)
class Weight(Node):
    """The most an item or section can give; with `low` the least as well.

    With `choices` it gives one of them, and `high` is the most of them. With `on_top` it adds to the points and
    not to the maximum.
    """

    low: Quantity | None
    high: Stated[Expression]
    choices: tuple[Cell, ...] = ()
    on_top: bool = False


@frozen(eq=False, repr=False)
class Score(Node):
    """Points, or a share of the weight, by a calculation; `range` says how far it may go."""

    body: Stated[Expression] | Function
    range: Range | None = None


@frozen(eq=False, repr=False)
class Cap(Node):
    """`limit`: what points are, or are at most or at least, when conditions hold, and why.

    `name` None is the item or section it stands in, in the contract the total.
    """

    name: Identifier | None
    why: Stated[Text]
    comparison: str
    value: Stated[Expression]
    when: Conditions


@frozen(eq=False, repr=False)
class Entry(Node):
    """A period and what is stated for it, with a remark: a row of readings or of guidelines."""

    period: PeriodLiteral
    remark: Text | None
    value: Stated[Expression]


@frozen(eq=False, repr=False)
class Guidelines(Node):
    """Pointers for later years, in the terms of the item's target."""

    rows: tuple[Entry, ...]


@frozen(eq=False, repr=False)
class Wording(Node):
    """How the item reads from a period on."""

    start: PeriodLiteral
    text: Text


@frozen(eq=False, repr=False)
class MissingRule(Node):
    """What `not reported` or `not applicable` does to points: `stays open`, `counts as zero` or `is left out`."""

    state: str
    rule: str


@frozen(eq=False, repr=False)
class Row(Node):
    """One item of a goal with parameters: the arguments, and statements in the place of the goal's own."""

    name: Identifier
    title: Stated[Text] | None
    cells: tuple[Cell, ...]
    statements: tuple[ItemStatement, ...] = ()


@frozen(eq=False, repr=False)
class Item(Node):
    """A goal or requirement; with `parameters`, one for each of its `rows`.

    One that is `shared` has no rows: it stands wherever it is used, with the arguments given there.
    """

    kind: str
    name: Identifier
    title: Stated[Text]
    statements: tuple[ItemStatement, ...]
    parameters: tuple[Identifier, ...] = ()
    rows: tuple[Row, ...] = ()
    shared: bool = False


@frozen(eq=False, repr=False)
class UsedItem(Node):
    """A shared goal or requirement in its place, with its arguments and what it has of its own."""

    name: Identifier
    cells: tuple[Cell, ...] = ()
    title: Stated[Text] | None = None
    statements: tuple[ItemStatement, ...] = ()


# ---- what is expected


@frozen(eq=False, repr=False)
class Expectation(Node):
    """Conditions that should hold, and why: a check, never a score."""

    why: Text | None
    conditions: Conditions


@frozen(eq=False, repr=False)
class ExpectationOfEach(Node):
    """How many rows of a register each member of a kind should have: `goal`, `section` or a register's name."""

    why: Text | None
    kind: Identifier
    test: Test


# ---- what is known


@frozen(eq=False, repr=False)
class Silence(Node):
    """A finding that stays as it is, by its code, and why. It holds for the block it stands in."""

    code: Identifier
    reason: Text


# ---- statements of a measure


@frozen(eq=False, repr=False)
class UnitOf(Node):
    """The unit a measure or fact is counted in; with `per`, so many of one for each of the other."""

    unit: str
    per: str = ""


@frozen(eq=False, repr=False)
class Direction(Node):
    """Which way is better: `lower`, `higher` or `none`."""

    better: str


@frozen(eq=False, repr=False)
class Rhythm(Node):
    """How often a measure is read: a unit of time."""

    unit: str


@frozen(eq=False, repr=False)
class SourceOf(Node):
    """Where readings come from."""

    text: Text


@frozen(eq=False, repr=False)
class Range(Node):
    """Between which numbers values lie (None: no end), or, with `choices`, which values there are."""

    low: Quantity | None
    high: Quantity | None
    choices: tuple[Cell, ...] = ()


@frozen(eq=False, repr=False)
class MayNotApply(Node):
    """A reading that is missing may turn out not to apply."""


@frozen(eq=False, repr=False)
class JoinedBy(Node):
    """How a longer period is made of its readings: `sum`, `mean`, `first` or `last`."""

    function: Identifier


@frozen(eq=False, repr=False)
class DecidedBy(Node):
    """Who says what a fact or measure is, or may decide about items, with reasons; `reads` says when."""

    role: Stated[Identifier | Undecided]
    reads: Text | None = None


@frozen(eq=False, repr=False)
class Measure(Node):
    """A figure read in a rhythm, with its history."""

    name: Identifier
    title: Stated[Text]
    statements: tuple[MeasureStatement, ...]


@frozen(eq=False, repr=False)
class Fact(Node):
    """Something known once: a number, or yes or no."""

    name: Identifier
    title: Stated[Text]
    statements: tuple[MeasureStatement, ...]


@frozen(eq=False, repr=False)
class Parameter(Node):
    """Something published for all alike, once or per period; with `columns`, a row of numbers with names."""

    name: Identifier
    columns: tuple[Identifier, ...]
    title: Stated[Text]
    statements: tuple[MeasureStatement, ...]


# ---- named values and scales


@frozen(eq=False, repr=False)
class Value(Node):
    """A named value: an expression, conditions, or a form of a function.

    One that is the cell of a register has the declaration of its `column`.
    """

    name: Identifier
    title: Stated[Text] | None
    range: Range | None
    direction: Direction | None
    body: Stated[Expression] | Conditions | Function
    rounded: Rounding | Undecided | None = None
    shown: Rounding | None = None
    column: Fact | None = None


@frozen(eq=False, repr=False)
class Scale(Node):
    """A named function of its parameters."""

    name: Identifier
    parameters: tuple[Identifier, ...]
    title: Stated[Text] | None
    range: Range | None
    body: Stated[Expression] | Conditions | Function
    rounded: Rounding | Undecided | None = None


# ---- statements of a contract


@frozen(eq=False, repr=False)
class Use(Node):
    """A file whose declarations are used: a library, or a contract as a part of this one."""

    file: Text


@frozen(eq=False, repr=False)
class Signed(Node):
    """The day of signing."""

    day: PeriodLiteral | Undecided


@frozen(eq=False, repr=False)
class Register(Node):
    """A table beside the score: its columns with what is reckoned and expected of them, and its rows.

    `title` None where the columns are declared elsewhere and only rows are added.
    """

    name: Identifier
    columns: tuple[Identifier, ...]
    title: Stated[Text] | None
    statements: tuple[RegisterStatement, ...]
    rows: tuple[Row, ...] = ()


@frozen(eq=False, repr=False)
class GivenRow(Node):
    """What an example supposes of one thing: a reading, a fact, a milestone's day, an assessment."""

    name: Identifier
    period: PeriodLiteral | None
    value: Cell


@frozen(eq=False, repr=False)
class Given(Node):
    """What an example supposes."""

    rows: tuple[GivenRow, ...]


@frozen(eq=False, repr=False)
class Example(Node):
    """A test of the contract: what is given, as known on a day, and what is expected of it."""

    title: Text
    day: PeriodLiteral | None
    statements: tuple[Given | Expectation | ExpectationOfEach, ...]


@frozen(eq=False, repr=False)
class Calendar(Node):
    """Which days count: days of the week, less the days of the periods listed."""

    name: Identifier
    title: Stated[Text]
    weekdays: tuple[Identifier, ...]
    holidays: tuple[PeriodLiteral, ...] = ()


@frozen(eq=False, repr=False)
class ResultOf(Node):
    """The value that the contract is about, in place of its total; `states` for none."""

    name: Identifier


@frozen(eq=False, repr=False)
class Parties(Node):
    """Between whom."""

    names: tuple[Text, ...]


@frozen(eq=False, repr=False)
class ContractPeriod(Node):
    """The time a contract runs."""

    period: Stated[PeriodLiteral | Undecided]


@frozen(eq=False, repr=False)
class Binding(Node):
    """The part of the period whose targets bind."""

    period: PeriodLiteral


@frozen(eq=False, repr=False)
class Total(Node):
    """What the highest points add up to."""

    amount: Quantity


@frozen(eq=False, repr=False)
class ReportingCloses(Node):
    """The day from which the rules for what is missing act."""

    period: PeriodLiteral


@frozen(eq=False, repr=False)
class Role(Node):
    """Someone who assesses or decides."""

    name: Identifier
    title: Stated[Text]


@frozen(eq=False, repr=False)
class MemberWeight(Node):
    """How much one member of a section weighs in its mean."""

    name: Identifier
    weight: Quantity


@frozen(eq=False, repr=False)
class CombinedBy(Node):
    """How a section is made of its members.

    `function` in the words of the language, with `count` where it takes the best or worst of them; `of` the
    part of each member (None: its points).
    """

    function: Identifier
    count: Quantity | None
    weights: tuple[MemberWeight, ...] = ()
    of: Identifier | None = None


@frozen(eq=False, repr=False)
class Needs(Node):
    """At least how many members must take part, and what the section is with fewer."""

    count: Quantity
    otherwise: Stated[Expression]


@frozen(eq=False, repr=False)
class Section(Node):
    """A part of the contract with its own total."""

    name: Identifier
    title: Stated[Text]
    total: Total | None
    statements: tuple[SectionStatement, ...]


@frozen(eq=False, repr=False)
class Contract(Node):
    """The whole text."""

    name: Identifier
    title: Stated[Text]
    statements: tuple[ContractStatement, ...]


@frozen(eq=False, repr=False)
class Library(Node):
    """A text of declarations that contracts use."""

    statements: tuple[LibraryStatement, ...]


# ---- amendments


@frozen(eq=False, repr=False)
class TakesEffect(Node):
    """The first day of effect."""

    period: PeriodLiteral


@frozen(eq=False, repr=False)
class Removal(Node):
    """Something that is taken out of the contract."""

    name: Identifier


@frozen(eq=False, repr=False)
class ChangedItem(Node):
    """What a goal or requirement says from now on; with a title, one that may be new."""

    kind: str
    name: Identifier
    title: Stated[Text] | None
    statements: tuple[ItemStatement | Removal, ...]


@frozen(eq=False, repr=False)
class ChangedSection(Node):
    """What a section says from now on; with a title, one that may be new."""

    name: Identifier
    title: Stated[Text] | None
    total: Total | None
    statements: tuple[ChangeStatement, ...]


@frozen(eq=False, repr=False)
class ChangedMeasure(Node):
    """What a measure, fact or parameter says from now on; with a title, one that may be new."""

    kind: str
    name: Identifier
    columns: tuple[Identifier, ...]
    title: Stated[Text] | None
    statements: tuple[MeasureStatement, ...]


@frozen(eq=False, repr=False)
class Amendment(Node):
    """A dated patch of the contract `of`: what it names is changed, what is new is added."""

    name: Identifier
    title: Stated[Text]
    of: Identifier
    statements: tuple[AmendmentStatement, ...]


Document = Contract | Library | Amendment
Declaration = Measure | Fact | Parameter | Value | Scale
Expected = Expectation | ExpectationOfEach
ItemStatement = (
    Weight
    | Target
    | Milestone
    | Group
    | Assessment
    | Guidelines
    | Wording
    | MissingRule
    | Score
    | Cap
    | Expected
    | Silence
)
MeasureStatement = (
    UnitOf | Direction | Rhythm | SourceOf | Range | MayNotApply | JoinedBy | DecidedBy | Silence | Entry
)
RegisterStatement = Fact | Value | Expected
SectionPart = (
    UsedItem | Use | Value | Scale | MissingRule | Weight | CombinedBy | Needs | Cap | Expected | Silence
)
"""What stands in a section as it is signed, and in one that is changed."""
SectionStatement = Section | Item | Declaration | SectionPart
LibraryStatement = Use | UsedItem | Role | Calendar | Register | Section | Item | Declaration
Clause = Parties | ContractPeriod | Signed | Binding | Total | ReportingCloses | ResultOf | DecidedBy
"""What a contract says of itself, and an amendment says anew."""
ContractStatement = LibraryStatement | Clause | MissingRule | Cap | Example | Expected | Silence
ChangeStatement = Removal | ChangedItem | ChangedSection | ChangedMeasure | Item | SectionPart
AmendmentStatement = ChangeStatement | Clause | TakesEffect | Role | Calendar | Register | Example
