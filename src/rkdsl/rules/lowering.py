"""Values, readings and conditions of a checked contract to rows.

What is stated twice, undecided or unclear becomes an input that nothing gives until the text is amended;
what the contract says of missing figures becomes choices over *is reported* and the day reporting closes.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from typing import Final, TypeVar, assert_never

import attrs

from rkdsl.contract import units
from rkdsl.contract.expressions import Scope, answers, asked_direction, is_relative, unit_of
from rkdsl.contract.report import Report, held
from rkdsl.contract.symbols import (
    COUNTS_AS_ZERO,
    NOT_APPLICABLE_RULE,
    NOT_REPORTED,
    Checked,
    Quantified,
)
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.rules import tree
from rkdsl.rules.layout import Layout
from rkdsl.rules.tree import Ref
from rkdsl.source import Source
from rkdsl.values import DAY, NOT_DEFINED, PERCENT, PLAIN, TRUTH, WORD, Period, Unit, year_before

Words = Callable[[nodes.Node], str]
"""The words of a node on one line."""
Base = nodes.PeriodLiteral | nodes.Undecided | nodes.YearBefore
V = TypeVar("V", bound=nodes.Node)
EARLIEST: Final = datetime.date.min
ZERO: Final = Fraction(0)
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
}
"""What an open value is to its item, by the last word of its place."""


@attrs.frozen
class Subject:
    """What a condition speaks of: its expression and time, its value and unit, and the measure if it is one."""

    expression: nodes.Expression
    when: nodes.When | None
    place: str
    value: Ref
    unit: Unit
    measure: Quantified | None


class Lowering:
    """The rows and clauses so far, and what the part at hand has used: each input with its day due."""

    def __init__(self, checked: Checked, source: Source, words: Words) -> None:
        self.checked, self.source, self.words = checked, source, words
        self.scope = Scope(checked.measures, checked.roles, checked.binding, Report(checked.file))
        self.lay = Layout()
        self.clauses: list[tree.Clause] = []
        self._clause_of: dict[tree.Clause, int] = {}
        self.as_of = self.lay.add(tree.Input("as_of", "", DAY, whole=True))
        self.rules: Mapping[str, str] = {}
        self.used: dict[Ref, None] = {}
        self._readings: dict[tuple[str, Period], Ref] = {}
        self._waiting: dict[Ref, Ref] = {}

    # ---- clauses and names

    def clause(self, node: nodes.Node) -> int:
        """The index of the clause a node makes: its line and its words."""
        line, _ = self.source.place(node.span.start)
        clause = tree.Clause(self.source.name, line, self.words(node))
        if clause not in self._clause_of:
            self._clause_of[clause] = len(self.clauses)
            self.clauses.append(clause)
        return self._clause_of[clause]

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
        inner = self.used
        try:
            yield inner
        finally:
            self.used = {**outer, **inner}

    def missing(self, value: Ref, used: Iterable[Ref], nothing: Ref, place: str) -> Ref:
        """The value with the contract's rules for something not reported, or not applicable."""
        closes, used = self.checked.closes, tuple(used)
        value = self.unapplied(value, nothing, place)
        if self.rules.get(NOT_REPORTED) == COUNTS_AS_ZERO and closes is not None and used:
            gone = self.lay.every(self.closed(closes), self.lay.some(*map(self.overdue, used)))
            keys = " or ".join(row.key for row in map(self._input_row, used))
            why = f"{keys} not reported when reporting closed on {closes.first}: counts as zero"
            value = self.lay.choose((gone, self._ruled(nothing, f"{place}.unreported", why)), otherwise=value)
        return value

    def _input_row(self, given: Ref) -> tree.Input:
        row = self.lay.rows[given]
        assert isinstance(row, tree.Input)
        return row

    def overdue(self, given: Ref) -> Ref:
        """Whether an input is not reported although its day has come."""
        unreported, due = self.lay.negated(self.lay.reported(given)), self._input_row(given).due
        if due is None:
            return unreported
        return self.lay.every(unreported, self.lay.compare("at least", self.as_of, self.lay.number(due, DAY)))

    def unapplied(self, value: Ref, nothing: Ref, place: str) -> Ref:
        """The value with the contract's rule for something not applicable."""
        if self.rules.get(NOT_APPLICABLE_RULE) != COUNTS_AS_ZERO:
            return value
        applies = self.lay.add(tree.Is("applies", value))
        gone = self._ruled(nothing, f"{place}.unapplied", "not applicable: counts as zero")
        return self.lay.choose((applies, value), otherwise=gone)

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
        row = tree.Input("governs", place, WORD, words=wordings, note=note, clause=self.clause(stated))
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
    ) -> Ref:
        """An input that nothing gives: it is open until the text is amended."""
        whole = unit == DAY or unit.is_count
        note = note or f"{_place_words(place)} is {self.words(node)}"
        row = tree.Input("open", place, unit, low, high, whole, note=note, clause=self.clause(node))
        return self.lay.add(row)

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
            return self.open(place, f"{key}.{measure.id}", measure.unit, measure.low, measure.high, note)
        known = (measure.id, period)
        if known not in self._readings:
            self._readings[known] = self._reading(measure, period)
        ref = self._readings[known]
        if ref in self._waiting:
            self.used[self._waiting[ref]] = None
        return ref

    def _reading(self, measure: Quantified, period: Period) -> Ref:
        key = f"{measure.id}@{period}"
        given = self.lay.add(self._input("reading", key, measure, period.last.toordinal()))
        value = given
        entry = measure.history.get(period)
        if entry is not None:
            stated = self.stated(entry.value, key, self._stated_reading(measure))
            stated = self.name(f"{key}.stated", stated, measure.unit, "stated", "", self.clause(entry))
            value = self.lay.choose((self.lay.reported(given), given), otherwise=stated)
        ref = self.name(key, value, measure.unit, "reading", measure.title)
        if entry is None:
            self._waiting[ref] = given
        return ref

    def _stated_reading(self, measure: Quantified) -> Callable[[nodes.Expression, str], Ref]:
        def lower(value: nodes.Expression, place: str) -> Ref:
            if isinstance(value, nodes.Undecided | nodes.Unclear):
                return self.open(value, place, measure.unit, measure.low, measure.high)
            return self.literal(value, measure.unit)

        return lower

    def _input(self, kind: str, key: str, of: Quantified, due: int | None) -> tree.Input:
        whole = of.unit.is_count or of.unit == DAY
        clause = self.clause(of.node.name)
        ends = (of.low, of.high, whole)
        return tree.Input(kind, key, of.unit, *ends, (), of.may_not_apply, clause=clause, due=due)

    def _fact(self, fact: Quantified) -> Ref:
        given = self.lay.add(self._input("fact", fact.id, fact, self.end_of_time()))
        self.used[given] = None
        return given

    # ---- expressions

    def literal(self, value: nodes.Expression, unit: Unit) -> Ref:
        """A written number or day; a number without a unit is in that of its place."""
        if isinstance(value, nodes.PeriodLiteral):
            assert value.period is not None
            return self.lay.day(value.period.first)
        assert isinstance(value, nodes.Quantity)
        number = held(value, unit)
        assert number is not None
        return self.lay.number(number, UNITS[value.unit] if value.unit else unit)

    def expression(
        self,
        value: nodes.Expression,
        when: nodes.When | None,
        place: str,
        unit: Unit,
        subject: Subject | None,
    ) -> Ref:
        """The value of an expression, its measures read at `when`; `unit` is what its place asks for."""
        match value:
            case nodes.Quantity() | nodes.PeriodLiteral():
                return self.literal(value, unit)
            case nodes.Reference(name=name):
                measure = self.checked.measures[name.text]
                return self._fact(measure) if measure.kind == "fact" else self._read(measure, when, place)
            case nodes.YearBefore():
                assert subject is not None
                return self.at_base(subject, value, place)
            case nodes.Timed():
                return self.expression(value.expression, value.when, place, unit, subject)
            case nodes.Sum(terms=terms):
                found = [(sign, self.expression(each, when, place, unit, subject)) for sign, each in terms]
                return self._folded(found, {"+": "add", "-": "sub"})
            case nodes.Product(factors=factors):
                found = [(sign, self.expression(each, when, place, PLAIN, subject)) for sign, each in factors]
                return self._folded(found, {"*": "mul", "/": "div"})
            case nodes.Undecided() | nodes.Unclear():
                return self._open_value(value, place, unit, subject)
            case _:
                assert_never(value)

    def _read(self, measure: Quantified, when: nodes.When | None, place: str) -> Ref:
        assert when is not None
        if isinstance(when.period, nodes.Undecided):
            note = f"the period is {self.words(when.period)}"
            return self.open(when, f"{place}.{measure.id}", measure.unit, measure.low, measure.high, note)
        assert when.period.period is not None
        return self.reading(measure, when.period.period, when, place)

    def _open_value(
        self, value: nodes.Undecided | nodes.Unclear, place: str, unit: Unit, subject: Subject | None
    ) -> Ref:
        """An open limit lies where the readings it limits lie."""
        low = high = None
        if subject is not None and subject.measure is not None and unit == subject.unit:
            low, high = subject.measure.low, subject.measure.high
        return self.open(value, place, unit, low, high)

    def _folded(self, found: list[tuple[str, Ref]], ops: Mapping[str, str]) -> Ref:
        """Operands in order, a run of one sign in one row."""
        (_, value), *rest = found
        while rest:
            sign = rest[0][0]
            run = [ref for each, ref in rest if each == sign]
            count = next((n for n, (each, _) in enumerate(rest) if each != sign), len(rest))
            value = self.lay.arithmetic(ops[sign], value, *run[:count])
            rest = rest[count:]
        return value

    # ---- subjects

    def subject(self, expression: nodes.Expression, when: nodes.When | None, place: str) -> Subject:
        """What a condition speaks of, at one of its stated times."""
        unit = unit_of(expression, self.scope, None, None) or PLAIN
        value = self.expression(expression, when, place, unit, None)
        measure = None
        if isinstance(expression, nodes.Reference):
            measure = self.checked.measures[expression.name.text]
        else:
            value = self.name(f"{place}.subject", value, unit, "subject", self.words(expression))
        return Subject(expression, when, place, value, unit, measure)

    def limit(self, subject: Subject, stated: nodes.Stated[nodes.Expression], which: str) -> Ref:
        """A limit of the subject, in its unit."""

        def lower(value: nodes.Expression, place: str) -> Ref:
            return self.expression(value, None, place, subject.unit, subject)

        return self.stated(stated, f"{subject.place}.{which}", lower)

    def at_base(self, subject: Subject, base: Base, place: str) -> Ref:
        """The subject at its baseline."""
        if isinstance(base, nodes.YearBefore):
            when = self._year_before(subject)
        else:
            when = nodes.When("in", base, span=base.span)
        return self.expression(subject.expression, when, f"{place}.base", subject.unit, None)

    def _year_before(self, subject: Subject) -> nodes.When:
        assert subject.when is not None
        literal = subject.when.period
        if isinstance(literal, nodes.Undecided) or literal.period is None:
            return subject.when
        earlier = year_before(literal.period)
        return attrs.evolve(subject.when, period=attrs.evolve(literal, period=earlier))

    # ---- tests

    def test(self, test: nodes.Test, subject: Subject) -> Ref:
        """Whether the subject passes the test."""
        lay = self.lay
        match test:
            case nodes.Limit(comparison=comparison, value=value):
                return lay.compare(comparison, subject.value, self.limit(subject, value, "limit"))
            case nodes.Between(low=low, high=high):
                return lay.every(
                    lay.compare("at least", subject.value, self.limit(subject, low, "low")),
                    lay.compare("at most", subject.value, self.limit(subject, high, "high")),
                )
            case nodes.Change():
                return self._from(test.base, subject, partial(self._change, test, subject))
            case nodes.Unchanged():
                return self._from(test.base, subject, partial(self._within, test, subject))
            case nodes.Holds():
                return subject.value
            case nodes.Linear():
                return lay.compare("at least", self.share(test, subject), lay.number(1))
            case _:
                assert_never(test)

    def _from(
        self,
        base: nodes.Stated[nodes.PeriodLiteral | nodes.Undecided] | nodes.YearBefore,
        subject: Subject,
        then: Callable[[Ref, str], Ref],
    ) -> Ref:
        """A test against the baseline, for each baseline stated."""
        if isinstance(base, nodes.YearBefore):
            return then(self.at_base(subject, base, subject.place), subject.place)

        def lower(each: nodes.PeriodLiteral | nodes.Undecided, place: str) -> Ref:
            return then(self.at_base(subject, each, place), place)

        return self.stated(base, f"{subject.place}.baseline", lower)

    def _change(self, test: nodes.Change, subject: Subject, base: Ref, place: str) -> Ref:
        """A change from a baseline, as a share of it or as an amount; without one, any change at all."""
        falls = test.direction == "falls"
        if test.amount is None:
            return self.lay.compare("below" if falls else "above", subject.value, base)
        step = (base, subject.value) if falls else (subject.value, base)
        amount = self.lay.arithmetic("sub", *step)

        def by(value: nodes.Expression, there: str) -> Ref:
            unit = self._difference(subject.unit)
            change = amount
            if is_relative(value):
                change, unit = self._share_of(amount, base), PERCENT
            change = self.name(f"{there}.change", change, unit, "change", test.direction)
            least = self._amount(value, there, unit)
            return self.lay.compare(test.comparison, change, least)

        return self.stated(test.amount, f"{place}.amount", by)

    def _difference(self, unit: Unit) -> Unit:
        return units.added(unit, "-", unit) or unit

    def _amount(self, value: nodes.Expression, place: str, unit: Unit) -> Ref:
        """A change or tolerance: below zero it would be another word."""
        if isinstance(value, nodes.Undecided | nodes.Unclear):
            return self.open(value, place, unit, ZERO)
        return self.expression(value, None, place, unit, None)

    def _share_of(self, amount: Ref, base: Ref) -> Ref:
        """An amount as a share of a baseline, which must be above zero to have shares."""
        positive = self.lay.compare("above", base, self.lay.number(0))
        share = self.lay.arithmetic("div", amount, base)
        nothing = self.lay.state(NOT_DEFINED, "the baseline is not above zero")
        return self.lay.choose((positive, share), otherwise=nothing)

    def _within(self, test: nodes.Unchanged, subject: Subject, base: Ref, place: str) -> Ref:
        """From the baseline less the tolerance to the baseline plus it."""
        lay = self.lay

        def within(value: nodes.Expression, there: str) -> Ref:
            relative = is_relative(value)
            unit = PERCENT if relative else self._difference(subject.unit)
            width = self._amount(value, there, unit)
            if relative:
                width = self._of_base(width, base)
            low = lay.arithmetic("sub", base, width)
            high = lay.arithmetic("add", base, width)
            low = self.name(f"{there}.lowest", low, subject.unit, "limit", "lowest")
            high = self.name(f"{there}.highest", high, subject.unit, "limit", "highest")
            return lay.every(
                lay.compare("at least", subject.value, low), lay.compare("at most", subject.value, high)
            )

        return self.stated(test.tolerance, f"{place}.tolerance", within)

    def _of_base(self, share: Ref, base: Ref) -> Ref:
        """A share of a baseline, as an amount; the baseline must be above zero."""
        positive = self.lay.compare("above", base, self.lay.number(0))
        nothing = self.lay.state(NOT_DEFINED, "the baseline is not above zero")
        return self.lay.choose((positive, self.lay.arithmetic("mul", share, base)), otherwise=nothing)

    def share(self, test: nodes.Linear, subject: Subject) -> Ref:
        """Nothing at the start, all at the end, a straight line between them, flat outside."""
        start = self.limit(subject, test.start, "start")
        end = self.limit(subject, test.end, "end")
        nothing, full = self.lay.number(0, PERCENT), self.lay.number(1, PERCENT)
        first = tree.Knot(start, nothing, nothing, "after")
        last = tree.Knot(end, full, full, "before")
        knots = (first, last) if self._rises(test, subject) else (last, first)
        return self.lay.add(tree.Piecewise(subject.value, knots, "flat", "flat"))

    def _rises(self, test: nodes.Linear, subject: Subject) -> bool:
        """Whether more gives more: by the ends where both are written, else as the measure declares."""
        declared = subject.measure.direction if subject.measure is not None else ""
        return (asked_direction(test, subject.unit) or declared) != "lower"

    # ---- conditions

    def at_times(
        self,
        condition: nodes.Condition,
        subject: nodes.Expression,
        when: nodes.Stated[nodes.When] | None,
        place: str,
        lower: Callable[[Subject], Ref],
        nothing: Ref,
    ) -> Ref:
        """A condition or share at each time it is stated for, with the rules for what is missing."""

        def at(stated: nodes.When | None, here: str) -> Ref:
            with self.using() as used:
                value = lower(self.subject(subject, stated, here))
            return self.missing(value, used, nothing, here)

        return at(None, place) if when is None else self.stated(when, f"{place}.time", at)

    def condition(
        self,
        condition: nodes.Condition,
        subject: nodes.Expression,
        when: nodes.Stated[nodes.When] | None,
        place: str,
    ) -> Ref:
        """Whether one condition holds, with a line of its own."""
        test = condition.test
        clause = self.clause(condition)
        no = self.lay.truth(False)
        holds = self.at_times(condition, subject, when, place, lambda found: self.test(test, found), no)
        return self.name(f"{place}.condition", holds, TRUTH, "condition", "", clause)


def _place_words(place: str) -> str:
    """`the limit` for `m1.1.limit.2`; what is stated for a period is a reading."""
    last = place.rstrip("0123456789.").rpartition(".")[2]
    return _PLACES.get(last, f"the reading {place}")
