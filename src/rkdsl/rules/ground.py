"""The ground of lowering: clauses and names, values as stated, readings, and the rules for what is missing.

What is stated twice, undecided or unclear becomes an input that nothing gives until the text is amended;
what the contract says of missing figures becomes choices over *is reported* and the day reporting closes.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from rkdsl.contract import symbols
from rkdsl.contract.report import Report, held, inside
from rkdsl.contract.scope import Local, Scope, answers
from rkdsl.contract.symbols import (
    COUNTS_AS_ZERO,
    LEFT_OUT,
    NOT_APPLICABLE_RULE,
    NOT_REPORTED,
    Checked,
    Quantified,
)
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules import tree
from rkdsl.rules.layout import Layout
from rkdsl.rules.missed import Missed
from rkdsl.rules.tree import USED, Ref
from rkdsl.rules.ways import BRANCH, Touch, Way
from rkdsl.source import Source, Span
from rkdsl.values import (
    DAY,
    NOT_APPLICABLE,
    NOT_DEFINED,
    PERCENT_OF_TOTAL,
    PLAIN,
    TRUTH,
    WORD,
    Period,
    Unit,
    parts_of_period,
)

Words = Callable[[nodes.Node], str]
"""The words of a node on one line."""
V = TypeVar("V", bound=nodes.Node)
MEASURE: Final = "measure"
PARAMETER: Final = "parameter"
FOUND: Final = "found"
"""The kind of an input that stands for what the outcome of an example says."""
EARLIEST: Final = datetime.date.min
ZERO: Final = Fraction(0)
ANOTHER_WORD: Final = "another word"
_PLACES: Final = {
    "limit": "the limit",
    "low": "the lower limit",
    "high": "the upper limit",
    "start": "the start of the line",
    "end": "the end of the line",
    "amount": "the change",
    "tolerance": "the tolerance",
    "deadline": "the deadline",
    "weight": "the weight",
    "worth": "the worth",
    "otherwise": "what holds otherwise",
    "rounding": "the rounding",
}
"""What an open value is to its item, by the last word of its place."""


class Thing(NamedTuple):
    """What an item, a section or the whole came to: its rows, None where it has no points.

    `earned` are the points before any limit, by which its state is told. What `is_bounded` never has points below
    zero or above its maximum. What `may_be_empty` may have nothing in it that takes part, and so no maximum; what
    `may_lack_maximum` may have points all the same.
    """

    points: Ref | None
    maximum: Ref | None
    lowest: Ref | None = None
    condition: Ref | None = None
    earned: Ref | None = None
    is_bounded: bool = False
    may_be_empty: bool = False
    may_lack_maximum: bool = False


class Memo(NamedTuple):
    """A value laid once, with the inputs it uses."""

    value: Ref
    used: tuple[Ref, ...]


class Bound(NamedTuple):
    """What a parameter of a scale stands for: its row, and what is known of it."""

    value: Ref
    local: Local


class TooOftenError(Exception):
    """A scale that would be worked out for more arguments than a contract may have."""

    def __init__(self, name: nodes.Identifier) -> None:
        super().__init__(name.text)
        self.name = name


class Ground:
    """The rows and clauses so far, and what the part at hand has used: each input with its day due."""

    def __init__(self, checked: Checked, source: Source, words: Words) -> None:
        self.checked, self.source, self.words = checked, source, words
        self.scope = Scope(
            checked.measures,
            checked.roles,
            checked.binding,
            Report(checked.file),
            checked.values,
            checked.scales,
            checked.calendars,
            checked.things,
            checked.unit,
            exported=checked.exported,
        )
        self.lay = Layout()
        self.clauses: list[tree.Clause] = []
        self._clause_of: dict[tree.Clause, int] = {}
        self.as_of = self.lay.add(tree.Input("as_of", "", DAY, whole=True))
        self.rules: Mapping[str, str] = {}
        self.used: dict[Ref, None] = {}
        # which of several statements: where first
        self._questions: dict[tuple[Span, tuple[str, ...]], str] = {}
        # what is left out of the item at hand, and the same as not defined
        self.left: dict[Ref, tree.Choose] = {}
        self.missed = Missed(self.lay)
        self.missable: set[Ref] = set()
        self.stated_inputs: set[Ref] = set()
        self.within: tuple[Fraction | None, Fraction | None] = (None, None)
        self.read_at: nodes.When | None = None  # the period of whoever uses the value that is lowered
        self.things: dict[str, Thing] = {}
        self.bound: dict[str, Bound] = {}
        self.milestones: dict[str, tuple[nodes.Milestone, int | None]] = {}
        self.carried: dict[str, tree.Field] = {}
        self._values: dict[tuple[str, nodes.Node | None], Memo] = {}
        self._scaled: dict[tuple[str, tuple[Ref, ...]], Memo] = {}
        self._given: dict[tuple[str, Period], tuple[Ref, ...]] = {}
        self._readings: dict[tuple[str, Period], Ref] = {}
        self._waiting: dict[Ref, Ref] = {}
        self._stateful: dict[Ref, bool] = {}
        self.ways: list[Way] | None = None  # kept only where examples are run
        self.edges: list[tuple[str, Touch]] = []  # of the condition that is lowered

    def thing(self, name: str) -> Thing:
        """What an item, section or the whole came to; of a contract that is used, what its tree will say."""
        if name not in self.things:
            self.know(name, self._used_thing(self.checked.things[name]))
        return self.things[name]

    def _used_thing(self, thing: symbols.Thing) -> Thing:
        unit = thing.unit or PLAIN
        condition = self.of_used(f"{thing.id}.condition", TRUTH) if thing.kind == "item" else None
        if not thing.has_points:
            return Thing(None, None, condition=condition)
        points, maximum, lowest, earned = (
            self.of_used(f"{thing.id}.{part}", unit) for part in ("points", "maximum", "lowest", "earned")
        )
        return Thing(points, maximum, lowest, condition, earned)

    def of_used(self, key: str, unit: Unit) -> Ref:
        """Something of a contract that is used, which the linked tree holds."""
        return self.lay.add(tree.Input(USED, key, unit))

    def know(self, name: str, thing: Thing) -> None:
        """Keeps what an item, a section or the whole came to; what is missing in it is its own to miss."""
        self.things[name] = thing
        self.missed.stop_at(ref for ref in thing[:5] if ref is not None)

    def found(self, key: str, unit: Unit, words: tuple[str, ...] = ()) -> Ref:
        """Something that the outcome of an example says: an end, or a state."""
        return self.lay.add(tree.Input(FOUND, key, unit, words=words))

    def done(self, key: str) -> Ref:
        """The day a milestone was done, which is the same for all that ask for it."""
        node, due = self.milestones[key]
        clause = self.clause(node)
        given = self.lay.add(tree.Input("milestone", key, DAY, whole=True, clause=clause, due=due))
        return self.use(given)

    # ---- clauses and names

    def clause(self, node: nodes.Node) -> int:
        """The index of the clause a node makes: its line and its words."""
        clause = self._clause_at(node, self.words(node))
        if clause not in self._clause_of:
            self._clause_of[clause] = len(self.clauses)
            self.clauses.append(clause)
        return self._clause_of[clause]

    def _clause_at(self, node: nodes.Node, words: str) -> tree.Clause:
        line, _ = self.source.place(node.span.start)
        return tree.Clause(self.source.file(node.span.start), line, words)

    def way(self, kind: str, node: nodes.Node, what: str, *touches: Touch, words: str = "") -> None:
        """Notes something of the contract that examples should touch, where they are run."""
        if self.ways is not None and touches:
            self.ways.append(Way(kind, self._clause_at(node, words or self.words(node)), what, touches))

    def way_of_item(self, name: str, what: str, *touches: Touch, state: str = "") -> None:
        """Notes a branch of an item: a state of it, or a rule for what is missing that acts."""
        if self.ways is not None:
            node = next(each.node for each in self.checked.items if each.id == name)
            clause = self._clause_at(node.name, f"{node.kind} {name}")
            self.ways.append(Way(BRANCH, clause, what, touches, name if state else "", state))

    @contextmanager
    def edging(self) -> Iterator[list[tuple[str, Touch]]]:
        """The edges of the tests inside: what each is called, and when it is touched."""
        outer, self.edges = self.edges, []
        try:
            yield self.edges
        finally:
            self.edges = outer

    def name(
        self, name: str, of: Ref, unit: Unit, role: str, title: str = "", clause: int | None = None
    ) -> Ref:
        """A shared value with a line of its own in the explanation."""
        return self.lay.add(tree.Name(name, of, unit, role, title, clause))

    # ---- what a part uses, and the rules for what of it is missing

    @contextmanager
    def using(self) -> Iterator[dict[Ref, None]]:
        """The inputs used inside, by themselves; they count for the part around as well."""
        outer, self.used = self.used, {}
        try:
            yield self.used
        finally:
            outer.update(self.used)
            self.used = outer

    @contextmanager
    def unused(self) -> Iterator[None]:
        """What is looked at inside need not be reported: it is asked whether it is."""
        outer, self.used = self.used, {}
        try:
            yield
        finally:
            self.used = outer

    def missing(
        self,
        value: Ref,
        used: Iterable[Ref],
        nothing: Ref,
        place: str,
    ) -> Ref:
        """The value with the contract's rules for something not reported, or not applicable."""
        closes, rule = self.checked.closes, self.rules.get(NOT_REPORTED)
        ruled = self.unapplied(value, nothing, place)
        known = [row for row in map(self._input_row, used) if row.due is not None]
        if rule not in (COUNTS_AS_ZERO, LEFT_OUT) or closes is None or not known:
            return ruled
        missed = self.missed.within(value, self.missable, self.overdue, rule)
        if not missed:
            return ruled
        gone = self.lay.every(self.closed(closes), self.lay.some(*missed))
        keys = " or ".join(row.key for row in known)
        if rule == COUNTS_AS_ZERO:
            why = f"{keys} not reported when reporting closed on {closes.first}: counts as zero"
            instead = self._ruled(nothing, f"{place}.unreported", why)
        else:
            why = f"{keys} not reported when reporting closed on {closes.first}: left out"
            state = self.lay.state(NOT_APPLICABLE, why)
            instead = self.name(f"{place}.unreported", state, PLAIN, "rule", why)
        missing = self.lay.choose((gone, instead), otherwise=ruled)
        if rule == LEFT_OUT:
            out = self.lay.state(NOT_DEFINED, "left out")
            self.left[missing] = tree.Choose(((gone, out), (self.lay.truth(True), ruled)))
        self.way_of_item(place.partition(".")[0], f"{NOT_REPORTED} {rule}", Touch("row", missing, 0))
        return missing

    def use(self, given: Ref) -> Ref:
        """An input that the part at hand uses, and that is missed while it is not reported."""
        self.used[given] = None
        if self._input_row(given).due is not None:
            self.missable.add(given)
        return given

    def _input_row(self, given: Ref) -> tree.Input:
        row = self.lay.rows[given]
        assert isinstance(row, tree.Input)
        return row

    def overdue(self, given: Ref) -> Ref:
        """Whether an input is not reported although its day has come; what is said not to be done is not left out."""
        row = self._input_row(given)
        leaves = row.kind == "milestone" and self.rules.get(NOT_REPORTED) == LEFT_OUT
        said = self.lay.add(tree.Is("told", given)) if leaves else self.lay.reported(given)
        unreported, due = self.lay.negated(said), row.due
        if due is None:  # it falls due on no day
            return self.lay.truth(False)
        return self.lay.every(unreported, self.lay.compare("at least", self.as_of, self.lay.number(due, DAY)))

    def unapplied(self, value: Ref, nothing: Ref, place: str) -> Ref:
        """The value with the contract's rule for something not applicable."""
        if self.rules.get(NOT_APPLICABLE_RULE) != COUNTS_AS_ZERO:
            return value
        applies = self.lay.add(tree.Is("applies", value))
        gone = self._ruled(nothing, f"{place}.unapplied", "not applicable: counts as zero")
        ruled = self.lay.choose((applies, value), otherwise=gone)
        what = f"{NOT_APPLICABLE_RULE} {COUNTS_AS_ZERO}"
        self.way_of_item(place.partition(".")[0], what, Touch("row", ruled, 1))
        return ruled

    def _ruled(self, nothing: Ref, name: str, why: str) -> Ref:
        """What a rule for something missing gives, with a line that says so."""
        row = self.lay.rows[nothing]
        unit = row.unit if isinstance(row, tree.Literal) else self.checked.unit
        return self.name(name, nothing, unit, "rule", why)

    def closed(self, closes: Period) -> Ref:
        """Whether reporting has closed."""
        return self.lay.compare("at least", self.as_of, self.lay.day(closes.first))

    def end_of_time(self) -> int | None:
        """What has no period of its own falls due on the last day of the time that binds (ordinal)."""
        period = self.checked.binding or self.checked.period
        return period.last.toordinal() if period else None

    # ---- values as stated

    def stated(self, stated: nodes.Stated[V], place: str, lower: Callable[[V, str], Ref]) -> Ref:
        """The value that governs, else a choice over the open question which of them does."""
        governing = [each for each in stated.statements if each.governs]
        if governing or len(stated.statements) == 1:
            return lower((governing or stated.statements)[0].value, place)
        wordings = tuple(self._wording(each) for each in stated.statements)
        note = " or ".join(f"`{each}`" for each in wordings)
        asked = self._questions.setdefault((stated.span, wordings), place)
        row = tree.Input("governs", asked, WORD, words=wordings, note=note, clause=self.clause(stated))
        which = self.lay.add(row)
        rows = []
        for number, (statement, wording) in enumerate(zip(stated.statements, wordings, strict=True), 1):
            value = lower(statement.value, f"{place}.{number}")
            rows.append((self.lay.compare("exactly", which, self.lay.word(wording)), value))
        return self.lay.choose(*rows[:-1], otherwise=rows[-1][1])

    def _wording(self, statement: nodes.Statement[V]) -> str:
        words = self.words(statement.value)
        return f"{words} ({statement.see.text})" if statement.see else words

    def open(
        self,
        node: nodes.Node,
        place: str,
        unit: Unit,
        low: Fraction | None = None,
        high: Fraction | None = None,
        note: str = "",
        words: tuple[str, ...] = (),
        choices: tuple[Fraction, ...] = (),
    ) -> Ref:
        """An input that nothing gives: it is open until the text is amended."""
        whole = unit == DAY or unit.is_count
        note = note or f"{self._place_words(place)} is {self.words(node)}"
        words = (words or self.any_word) if unit == WORD else ()
        ends, clause = (low, high, whole), self.clause(node)
        row = tree.Input("open", place, unit, *ends, words, note=note, clause=clause, choices=choices)
        return self.lay.add(row)

    @cached_property
    def any_word(self) -> tuple[str, ...]:
        """What an open word can be where nothing bounds it: each that the contract writes, and one that it does not."""
        found = {each.text for each in inside(self.checked.node) if isinstance(each, nodes.Word)}
        return (*sorted(found), ANOTHER_WORD)

    def number_of_points(self, value: nodes.Expression, place: str, least: Fraction = ZERO) -> Ref:
        """A stated weight or worth; while it is open, no less than `least`."""
        unit = self.checked.unit
        if isinstance(value, nodes.Quantity):
            assert value.number is not None
            return self.lay.number(value.number, unit)
        return self.open(value, place, unit, least)

    # ---- readings and facts

    def reading(self, measure: Quantified, period: Period, place: nodes.Node, key: str) -> Ref:
        """The reading of a measure for a period: as reported, else as the contract itself states it."""
        if not answers(measure, period):
            note = f"{measure.id} is read each {measure.rhythm}: there is no reading of {period}"
            ends = (measure.low, measure.high)
            key, lists = f"{key}.{measure.id}", (measure.words, measure.choices)
            return self.open(place, key, measure.unit, *ends, note, *lists)
        if period.kind != measure.rhythm:
            return self._longer(measure, period, place, key)
        known = (measure.id, period)
        if known not in self._readings:
            self._readings[known] = self._reading(measure, period)
        ref = self._readings[known]
        if ref not in self._waiting or measure.kind == PARAMETER:
            return ref
        self.use(self._waiting[ref])
        return ref

    def _longer(self, measure: Quantified, period: Period, place: nodes.Node, key: str) -> Ref:
        """A longer period made of the readings in it, as the measure says."""
        parts = parts_of_period(period, measure.rhythm)
        if measure.joined in ("first", "last"):
            parts = parts[:1] if measure.joined == "first" else parts[-1:]
        readings = [self.reading(measure, each, place, key) for each in parts]
        self._given[measure.id, period] = tuple(
            given for each in parts for given in self._given[measure.id, each]
        )
        value = self.lay.gathered("mean" if measure.joined == "mean" else "sum", readings)
        return self.name(f"{measure.id}@{period}", value, measure.unit, "value", f"{measure.title}, {period}")

    def given(self, measure: Quantified, period: Period | None) -> tuple[Ref, ...]:
        """The inputs that actuals give a measure, fact or parameter by."""
        return (self.fact_input(measure),) if period is None else self._given[measure.id, period]

    def _reading(self, measure: Quantified, period: Period) -> Ref:
        key = f"{measure.id}@{period}"
        kind = "reading" if measure.kind == MEASURE else measure.kind
        entry = measure.history.get(period)
        given = self.lay.add(self._input(kind, key, measure, period.last.toordinal()))
        self._given[measure.id, period] = (given,)
        if entry is not None and self._is_stated(entry):
            self.stated_inputs.add(given)
        value = given
        if entry is not None:
            stated = self.stated(entry.value, key, self._stated_reading(measure))
            stated = self.name(f"{key}.stated", stated, measure.unit, "stated", "", self.clause(entry))
            value = self.lay.choose((self.lay.reported(given), given), otherwise=stated)
        ref = self.name(key, value, measure.unit, "reading", measure.title)
        if entry is None:
            self._waiting[ref] = given
        return ref

    def _is_stated(self, entry: nodes.Entry) -> bool:
        """Whether a row of the contract says a figure, and not that it is open."""
        statements = [each for each in entry.value.statements if each.governs] or entry.value.statements
        return not any(isinstance(each.value, nodes.Undecided | nodes.Unclear) for each in statements)

    def _stated_reading(self, measure: Quantified) -> Callable[[nodes.Expression, str], Ref]:
        def lower(value: nodes.Expression, place: str) -> Ref:
            if isinstance(value, nodes.Undecided | nodes.Unclear):
                ends = (measure.low, measure.high)
                return self.open(
                    value, place, measure.unit, *ends, words=measure.words, choices=measure.choices
                )
            return self.literal(value, measure.unit)

        return lower

    def _input(self, kind: str, key: str, of: Quantified, due: int | None) -> tree.Input:
        whole = of.unit.is_count or of.unit == DAY
        clause = self.clause(of.node.name)
        ends = (of.low, of.high, whole)
        due = None if of.kind == PARAMETER else due
        row = tree.Input(kind, key, of.unit, *ends, of.words, of.may_not_apply, clause=clause, due=due)
        return row._replace(choices=of.choices)

    def fact_input(self, fact: Quantified) -> Ref:
        """The input of something known once."""
        return self.lay.add(self._input(fact.kind, fact.id, fact, self.end_of_time()))

    def fact(self, fact: Quantified) -> Ref:
        """Something known once; what is published for all is not the unit's to report."""
        given = self.fact_input(fact)
        if fact.kind == PARAMETER:
            return given
        return self.use(given)

    def literal(self, value: nodes.Expression, unit: Unit) -> Ref:
        """A written number or day; a number without a unit is in that of its place."""
        if isinstance(value, nodes.PeriodLiteral):
            assert value.period is not None
            return self.lay.day(value.period.first)
        assert isinstance(value, nodes.Quantity)
        number = held(value, unit)
        assert number is not None
        return self.lay.number(number, UNITS[value.unit] if value.unit and unit != PERCENT_OF_TOTAL else unit)

    def _place_words(self, place: str) -> str:
        """`the limit` for `m1.1.limit.2`; what is stated of a measure for a period is a reading."""
        last = place.rstrip("0123456789.").rpartition(".")[2]
        name, at, _ = place.partition("@")
        what = "the reading" if at and name in self.checked.measures else "the value of"
        return _PLACES.get(last, f"{what} {place}")
