"""What the author wrote: frozen nodes with typed fields. They hold data and do nothing.

Each node has the `span` of its text, left out of equality, so that nodes compare by meaning.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Generic, TypeVar

from attrs import field, frozen

from rkdsl.source import Span
from rkdsl.values import Period

NO_SPAN = Span(0, 0)


@frozen
class Node:
    """What every node has: the place of its text, by keyword only, not compared, not shown."""

    span: Span = field(default=NO_SPAN, kw_only=True, eq=False, repr=False)


# ---- words and values


@frozen
class Identifier(Node):
    """A name, where it is declared or used."""

    text: str


@frozen
class Text(Node):
    """A string of the author's, without its quotes."""

    text: str


@frozen
class Quantity(Node):
    """A number with its unit, as written: `decimals` places after the mark; None when it cannot be read."""

    number: Fraction | None
    decimals: int = 0
    magnitude: str = ""
    unit: str = ""


@frozen
class PeriodLiteral(Node):
    """A day, month, quarter, half-year, year or run of them; None when there is no such period."""

    period: Period | None


@frozen
class Undecided(Node):
    """A value still to be decided: in what unit, until when, and by whom or by what rule."""

    unit: str = ""
    until: PeriodLiteral | None = None
    remark: Text | None = None


@frozen
class Unclear(Node):
    """A value that stands in the document but cannot be read with certainty."""

    text: Text


V_co = TypeVar("V_co", bound=Node, covariant=True)


@frozen
class Statement(Node, Generic[V_co]):
    """One of the values a document states in one place; the first has no `see`."""

    value: V_co
    see: Text | None = None
    governs: bool = False


@frozen
class Stated(Node, Generic[V_co]):
    """A value as stated, once or several times. Until one `governs`, none of several does."""

    statements: tuple[Statement[V_co], ...]

    @property
    def first(self) -> V_co:
        """The value as stated first."""
        return self.statements[0].value


@frozen
class When(Node):
    """A word of time before a period: `at`, `in`, `by` or `before`."""

    word: str
    period: PeriodLiteral | Undecided
    reads: Text | None = None


# ---- expressions


@frozen
class Reference(Node):
    """A measure or fact, by name."""

    name: Identifier


@frozen
class YearBefore(Node):
    """The subject of the condition, one year before its own period."""


@frozen
class Timed(Node):
    """An expression with the period in which its measures are read."""

    expression: Expression
    when: When


@frozen
class Sum(Node):
    """Terms added and subtracted in order; each `+` or `-`, the first always `+`."""

    terms: tuple[tuple[str, Expression], ...]


@frozen
class Product(Node):
    """Factors multiplied and divided in order; each `*` or `/`, the first always `*`."""

    factors: tuple[tuple[str, Expression], ...]


Expression = Quantity | PeriodLiteral | Reference | YearBefore | Timed | Sum | Product | Undecided | Unclear


# ---- conditions


@frozen
class Limit(Node):
    """`at most`, `at least`, `above`, `below` or `exactly` a value."""

    comparison: str
    value: Stated[Expression]


@frozen
class Between(Node):
    """From one value to another, both included."""

    low: Stated[Expression]
    high: Stated[Expression]


@frozen
class Change(Node):
    """`falls` or `rises` from a baseline, by an amount or (without one) at all.

    `comparison` is `at least` (also when unwritten), `at most` or `exactly`. `base` None is the year before.
    """

    direction: str
    comparison: str
    amount: Stated[Expression] | None
    base: Stated[PeriodLiteral | Undecided] | YearBefore


@frozen
class Unchanged(Node):
    """No further from the baseline than a tolerance."""

    tolerance: Stated[Expression]
    base: Stated[PeriodLiteral | Undecided] | YearBefore


@frozen
class Linear(Node):
    """A share that grows from nothing at one value to all at another, and no further on either side."""

    start: Stated[Expression]
    end: Stated[Expression]


@frozen
class Holds(Node):
    """The subject is a yes-or-no fact, and is yes."""


Test = Limit | Between | Change | Unchanged | Linear | Holds


@frozen
class Condition(Node):
    """A subject, its time and a test; after `or` and `and` the subject may be left out (None)."""

    subject: Expression | None
    when: Stated[When] | None
    test: Test


# ---- statements of an item


@frozen
class Worth(Node):
    """Points of one part of an item."""

    amount: Stated[Expression]


@frozen
class Target(Node):
    """Conditions joined by `or` or `and`. `standing` is "" when scored, else the word before it."""

    standing: str
    conditions: tuple[Condition, ...]
    joined: str = ""
    worth: Worth | None = None
    equals: tuple[Equals, ...] = ()


@frozen
class Equals(Node):
    """The same target said in another way, to be checked against it, never scored."""

    test: Test | Stated[Expression]


@frozen
class LateCosts(Node):
    """Points lost per started week after the deadline, down to a floor."""

    amount: Quantity
    floor: Quantity


@frozen
class Milestone(Node):
    """Something to be done by a day."""

    standing: str
    name: Identifier
    title: Stated[Text]
    deadline: Stated[When]
    worth: Worth | None = None
    late: LateCosts | None = None


@frozen
class Group(Node):
    """`all of`, `any of`, or `at least` a count of the members."""

    kind: str
    count: Quantity | None
    members: tuple[Target | Milestone | Group, ...]
    worth: Worth | None = None


@frozen
class Assessment(Node):
    """Points given by a role within a range: for the whole item, or for a named part with its own worth."""

    role: Stated[Identifier | Undecided]
    name: Identifier | None = None
    title: Stated[Text] | None = None
    low: Quantity | None = None
    high: Quantity | None = None


@frozen
class Weight(Node):
    """The most an item can give; with `low` the least as well."""

    low: Quantity | None
    high: Stated[Expression]


@frozen
class Entry(Node):
    """A period and what is stated for it, with a remark: a row of readings or of guidelines."""

    period: PeriodLiteral
    remark: Text | None
    value: Stated[Expression]


@frozen
class Guidelines(Node):
    """Pointers for later years, in the terms of the item's target."""

    rows: tuple[Entry, ...]


@frozen
class Wording(Node):
    """How the item reads from a period on."""

    start: PeriodLiteral
    text: Text


@frozen
class MissingRule(Node):
    """What `not reported` or `not applicable` does to points: `stays open` or `counts as zero`."""

    state: str
    rule: str


@frozen
class Item(Node):
    """A goal or requirement."""

    kind: str
    name: Identifier
    title: Stated[Text]
    statements: tuple[ItemStatement, ...]


# ---- statements of a measure


@frozen
class UnitOf(Node):
    """The unit a measure or fact is counted in."""

    unit: str


@frozen
class Direction(Node):
    """Which way is better: `lower`, `higher` or `none`."""

    better: str


@frozen
class Rhythm(Node):
    """How often a measure is read: a unit of time."""

    unit: str


@frozen
class SourceOf(Node):
    """Where readings come from."""

    text: Text


@frozen
class Range(Node):
    """Between which numbers readings lie."""

    low: Quantity
    high: Quantity


@frozen
class MayNotApply(Node):
    """A reading that is missing may turn out not to apply."""


@frozen
class Measure(Node):
    """A figure read in a rhythm, with its history."""

    name: Identifier
    title: Stated[Text]
    statements: tuple[MeasureStatement, ...]


@frozen
class Fact(Node):
    """Something known once: a number, or yes or no."""

    name: Identifier
    title: Stated[Text]
    statements: tuple[MeasureStatement, ...]


# ---- statements of a contract


@frozen
class Parties(Node):
    """Between whom."""

    names: tuple[Text, ...]


@frozen
class ContractPeriod(Node):
    """The time a contract runs."""

    period: Stated[PeriodLiteral | Undecided]


@frozen
class Binding(Node):
    """The part of the period whose targets bind."""

    period: PeriodLiteral


@frozen
class Total(Node):
    """What the highest points add up to."""

    amount: Quantity


@frozen
class ReportingCloses(Node):
    """The day from which the rules for what is missing act."""

    period: PeriodLiteral


@frozen
class Role(Node):
    """Someone who assesses or decides."""

    name: Identifier
    title: Stated[Text]


@frozen
class Section(Node):
    """A part of the contract with its own total."""

    name: Identifier
    title: Stated[Text]
    total: Total | None
    statements: tuple[SectionStatement, ...]


@frozen
class Contract(Node):
    """The whole text."""

    name: Identifier
    title: Stated[Text]
    statements: tuple[ContractStatement, ...]


ItemStatement = Weight | Target | Milestone | Group | Assessment | Guidelines | Wording | MissingRule
MeasureStatement = UnitOf | Direction | Rhythm | SourceOf | Range | MayNotApply | Entry
SectionStatement = Section | Item | Measure | Fact | MissingRule
ContractStatement = SectionStatement | Parties | ContractPeriod | Binding | Total | ReportingCloses | Role
