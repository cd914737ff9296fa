"""The checked contract: every declaration found, resolved and in its place. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from rkdsl.language import nodes
from rkdsl.outcome import TOTAL as TOTAL
from rkdsl.plain import Plain, field
from rkdsl.values import POINTS, Period, Unit

NOT_REPORTED: Final = "not reported"
NOT_APPLICABLE_RULE: Final = "not applicable"
STAYS_OPEN: Final = "stays open"
COUNTS_AS_ZERO: Final = "counts as zero"
LEFT_OUT: Final = "is left out"
PARTS: Final = ("points", "maximum", "share")
"""What an item or section with points has, after a dot."""


class Quantified(Plain):
    """A measure, fact or parameter: what can be reported as a number, a day, a word, or yes or no.

    `rhythm` is empty for what is known once. `low` and `high` are held numbers (80 % is 4/5), None where there
    is no end; `words` and `choices` are the only values where there are any. `joined` says how a longer period
    is made of its readings. `history` holds what the contract states per period. `contract` is the used one that
    it belongs to.
    """

    id: str
    kind: str
    title: str
    unit: Unit
    direction: str
    rhythm: str
    source: str
    low: Fraction | None
    high: Fraction | None
    may_not_apply: bool
    history: Mapping[Period, nodes.Entry]
    node: nodes.Measure | nodes.Fact | nodes.Parameter
    words: tuple[str, ...] = ()
    choices: tuple[Fraction, ...] = ()
    joined: str = ""
    contract: str = ""


class Valued(Plain):
    """A named value. `unit` is None where it has none that is known.

    `is_open` says that it reads measures without a period of its own, and so is read in that of its user.
    `words` are those it can be, where it is a word. `depth` counts the open values and scales it is made of.
    """

    id: str
    node: nodes.Value
    unit: Unit | None
    direction: str
    is_open: bool
    words: tuple[str, ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def title(self) -> str:
        """The title as stated first, else nothing."""
        return self.node.title.first.text if self.node.title else ""


class Exported(Plain):
    """A value of a contract that this one uses."""

    id: str
    unit: Unit | None
    direction: str
    words: tuple[str, ...] = ()


class Thing(Plain):
    """Something with points or a state: an item, a section, or a contract that this one uses.

    `milestones` are the names of its milestones, `unit` that of its points where it belongs to a contract used.
    """

    id: str
    kind: str
    has_points: bool
    milestones: tuple[str, ...] = ()
    unit: Unit | None = None

    @property
    def is_used(self) -> bool:
        """Whether it belongs to a contract that this one uses, and so is settled before anything of this one."""
        return self.unit is not None


class AskedOfMeasure(Plain):
    """A condition that a scored target puts to a measure, called as other contracts call it, and in which text."""

    measure: str
    condition: nodes.Condition
    file: str


class UsedContract(Plain):
    """What another contract offers to the one that uses it, each under a name that begins with its own."""

    name: str
    measures: Mapping[str, Quantified]
    things: Mapping[str, Thing]
    exported: Mapping[str, Exported]
    asked: tuple[AskedOfMeasure, ...] = ()

    def has(self, name: str) -> bool:
        """Whether anything that a calculation or a test may ask for is called so."""
        thing, _, part = name.rpartition(".")
        known = (self.measures, self.things, self.exported)
        is_part = part in PARTS and thing in self.things and self.things[thing].has_points
        return is_part or any(name in each for each in known)


class CheckedItem(Plain):
    """A goal or requirement in its section, with the rules in force for what is missing.

    `limits` are those on its points, in the order of the text.
    """

    id: str
    section: str
    rules: Mapping[str, str]
    low: Fraction
    high: Fraction | None
    weight: nodes.Weight | None
    node: nodes.Item
    limits: tuple[nodes.Cap, ...] = ()

    @property
    def title(self) -> str:
        """The title as stated first."""
        return self.node.title.first.text


class CheckedSection(Plain):
    """A section with the section it stands in ("" at the top), and the rules in force around it."""

    id: str
    parent: str
    node: nodes.Section
    rules: Mapping[str, str] = field(factory=dict)
    limits: tuple[nodes.Cap, ...] = ()


class ProofLine(Plain):
    """One line of the proof of a total: what adds up, the sum that follows, and what is stated (if anything).

    What is `on_top` is not in the sum.
    """

    id: str
    title: str
    depth: int
    highest: Fraction | None
    stated: Fraction | None
    on_top: bool = False


class RuleInForce(Plain):
    """What something missing does to the points of some items."""

    state: str
    rule: str
    items: tuple[str, ...]


class Column(Plain):
    """A column of a register. `kind` is `stated` (a cell in each row), `reported` (told by actuals) or `reckoned`."""

    id: str
    title: str
    unit: Unit | None
    kind: str


class RegisterRow(Plain):
    """A row of a register. Rows that belong to one thing have one `name`; the `key` is that of one row alone."""

    key: str
    name: str
    title: str
    cells: Mapping[str, nodes.Cell]
    node: nodes.Row


class RegisterCheck(Plain):
    """What is expected of a row, or of a whole register (`row` is empty): a value that should be yes."""

    value: str
    row: str
    node: nodes.Expectation


class CountCheck(Plain):
    """How many rows of a register a member of a kind has, at least and at most, and whether so many are expected.

    `holds` is None while a cell that might name the member is open.
    """

    member: str
    low: int
    high: int
    holds: bool | None
    node: nodes.ExpectationOfEach
    place: nodes.Identifier


class CheckedRegister(Plain):
    """A table beside the score. `totals` are its values without row; `names` everything generated for it."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[RegisterRow, ...]
    totals: tuple[str, ...]
    checks: tuple[RegisterCheck, ...]
    counts: tuple[CountCheck, ...]
    names: frozenset[str]
    node: nodes.Register


class Checked(Plain):
    """A contract without mistakes, ready to be compiled.

    `written` is the contract as its text and its amendments say it, before it speaks of each contract it uses.
    """

    node: nodes.Contract
    file: str
    measures: Mapping[str, Quantified]
    roles: Mapping[str, nodes.Role]
    sections: tuple[CheckedSection, ...]
    items: tuple[CheckedItem, ...]
    period: Period | None
    binding: Period | None
    closes: Period | None
    proof: tuple[ProofLine, ...]
    unit: Unit = POINTS
    values: Mapping[str, Valued] = field(factory=dict)
    scales: Mapping[str, nodes.Scale] = field(factory=dict)
    calendars: Mapping[str, nodes.Calendar] = field(factory=dict)
    things: Mapping[str, Thing] = field(factory=dict)
    limits: tuple[nodes.Cap, ...] = ()
    order: tuple[str, ...] = ()
    result: str = ""
    exported: Mapping[str, Exported] = field(factory=dict)
    written: nodes.Contract | None = None
    registers: tuple[CheckedRegister, ...] = ()

    @property
    def id(self) -> str:
        """The name the actuals file must give."""
        return self.node.name.text

    @property
    def rules(self) -> tuple[RuleInForce, ...]:
        """Which rule for what is missing is in force for which items; without one everything stays open."""
        found: dict[tuple[str, str], list[str]] = {}
        for item in self.items:
            for state in (NOT_REPORTED, NOT_APPLICABLE_RULE):
                found.setdefault((state, item.rules.get(state, STAYS_OPEN)), []).append(item.id)
        return tuple(RuleInForce(state, rule, tuple(names)) for (state, rule), names in sorted(found.items()))
