"""Tests and conditions of a checked contract to rows, with the rules for what is missing in targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import assert_never

from rkdsl.contract import units
from rkdsl.contract.expressions import asked_direction, is_relative
from rkdsl.contract.scope import answers, asks_what_is_known, direction_of, names_thing
from rkdsl.language import nodes
from rkdsl.outcome import NOT_KNOWN, PENDING, STATES
from rkdsl.rules import tree
from rkdsl.rules.expressions import Expressions, Subject
from rkdsl.rules.ground import ZERO, Thing
from rkdsl.rules.tree import USED, Ref, operands_of
from rkdsl.rules.ways import BOUNDARY, BRANCH, Touch
from rkdsl.values import NOT_DEFINED, PERCENT, TRUTH, WORD, Unit


class Lowering(Expressions):
    """The rows of conditions, and of everything they speak of."""

    @cached_property
    def decided_by(self) -> nodes.DecidedBy | None:
        """Which role may decide about any item, if one may."""
        statements = self.checked.node.statements
        return next((each for each in statements if isinstance(each, nodes.DecidedBy)), None)

    def limit(self, subject: Subject, stated: nodes.Stated[nodes.Expression], which: str) -> Ref:
        """A limit of the subject, in its unit."""

        def lower(value: nodes.Expression, place: str) -> Ref:
            return self.expression(value, self.read_at, place, subject.unit, subject)

        return self.stated(stated, f"{subject.place}.{which}", lower)

    # ---- tests

    def compared(self, op: str, left: Ref, right: Ref, words: str = "") -> Ref:
        """A comparison, whose limit is an edge."""
        holds = self.lay.compare(op, left, right)
        words = "" if op == "exactly" else words or self.edge_words(right)
        self.edges.append((words, Touch("limit", holds)))
        return holds

    def told(
        self,
        node: nodes.Node,
        holds: Ref,
        edges: Iterable[tuple[str, Touch]],
        *,
        is_row: bool = False,
    ) -> None:
        """Notes the branches and edges of a condition; a rule for what is missing is no branch of it."""
        found = list(edges)
        looked_at: list[tuple[Touch, ...]] = [(Touch("reached", each.ref),) for _, each in found] or [()]
        for each in () if is_row else looked_at:
            self.way(BRANCH, node, "yes", Touch("holds", holds, 1), *each)
            self.way(BRANCH, node, "no", Touch("holds", holds, 0), *each)
        for what, touch in found:
            if what:
                self.way(BOUNDARY, node, what, touch)

    def test(self, test: nodes.Test, subject: Subject) -> Ref:
        """Whether the subject passes the test."""
        lay = self.lay
        match test:
            case nodes.Limit(comparison=comparison, value=value):
                return self.compared(comparison, subject.value, self.limit(subject, value, "limit"))
            case nodes.Between(low=low, high=high):
                return lay.every(
                    self.compared("at least", subject.value, self.limit(subject, low, "low")),
                    self.compared("at most", subject.value, self.limit(subject, high, "high")),
                )
            case nodes.Change():
                return self._from(test.base, subject, partial(self._change, test, subject))
            case nodes.Unchanged():
                return self._from(test.base, subject, partial(self._within, test, subject))
            case nodes.Is():
                return self._is(test, subject)
            case nodes.Better(negated=negated, comparison=comparison, value=value):
                compared = self.compared(
                    self._better(comparison, subject), subject.value, self.limit(subject, value, "limit")
                )
                return lay.negated(compared) if negated else compared
            case nodes.Linear():
                return lay.compare("at least", self.line(test, subject), lay.number(1))
            case _:
                assert_never(test)

    def _better(self, comparison: str, subject: Subject) -> str:
        """`as good as` and `better than` as a comparison, by the direction of the subject."""
        lower = direction_of(subject.expression, self.scope) == "lower"
        if comparison == "as good as":
            return "at most" if lower else "at least"
        return "below" if lower else "above"

    def _is(self, test: nodes.Is, subject: Subject) -> Ref:
        """A word, yes or no, or a state of the subject."""
        lay, word = self.lay, test.what.text
        if isinstance(test.what, nodes.Word):
            holds = lay.compare("exactly", subject.value, lay.word(word))
        elif word in ("yes", "no"):
            holds = subject.value if word == "yes" else lay.negated(subject.value)
        elif word == "reported":
            holds = lay.every(*map(self._is_given, self._inputs(subject)))
        else:
            tested = "applies" if word == "applicable" else "defined"
            holds = lay.add(tree.Is(tested, subject.value))
        return lay.negated(holds) if test.negated else holds

    def _is_given(self, given: Ref) -> Ref:
        """Whether a figure is there: given by actuals, or stated by the contract."""
        return self.lay.truth(True) if given in self.stated_inputs else self.lay.reported(given)

    def _inputs(self, subject: Subject) -> tuple[Ref, ...]:
        """The inputs by which actuals give a subject."""
        whole, when = subject.expression, subject.when
        expression = whole.expression if isinstance(whole, nodes.Timed) else whole
        when = whole.when if isinstance(whole, nodes.Timed) else when
        assert isinstance(expression, nodes.Reference)
        if expression.name.text not in self.checked.measures:
            return (self.done(expression.name.text),)
        measure = self.checked.measures[expression.name.text]
        literal = when.period if when is not None and measure.rhythm else None
        if isinstance(literal, nodes.Undecided):
            return (subject.value,)
        period = literal.period if literal is not None else None
        if period is not None and not answers(measure, period):
            return (subject.value,)
        return self.given(measure, period)

    def _is_of_thing(self, test: nodes.Is, name: str) -> Ref:
        """The state of an item, a section or the whole."""
        thing, word, lay = self.thing(name), test.what.text, self.lay
        if word in ("applicable", "defined"):
            ref = thing.earned if thing.earned is not None else thing.condition
            assert ref is not None
            holds = lay.add(tree.Is("applies" if word == "applicable" else "defined", ref))
        else:
            holds = self.grade(thing, word)
        holds = lay.negated(holds) if test.negated else holds
        return self.name(
            f"{name} {self.words(test)}", holds, TRUTH, "condition", f"{name} {self.words(test)}"
        )

    def grade(self, thing: Thing, word: str) -> Ref:
        """Whether points before limits are all there are, the least, or between; always yes or no when settled."""
        lay = self.lay
        decides = thing.earned if thing.earned is not None else thing.condition
        assert decides is not None
        defined, applies = lay.add(tree.Is("defined", decides)), lay.add(tree.Is("applies", decides))
        no = lay.truth(False)
        graded = self.graded(thing, word)
        return lay.choose((lay.negated(defined), no), (lay.negated(applies), no), otherwise=graded)

    def graded(self, thing: Thing, word: str) -> Ref:
        """The same, but for something not applicable or not defined, which it passes on."""
        lay, condition = self.lay, thing.condition
        if thing.earned is None or thing.maximum is None:
            assert condition is not None
            return {"met": condition, "missed": lay.negated(condition)}.get(word, lay.truth(False))
        lowest = thing.lowest if thing.lowest is not None else lay.number(0, self.checked.unit)
        missed = self._reaches("at most", thing.earned, lowest)
        met = lay.every(self._reaches("at least", thing.earned, thing.maximum), lay.negated(missed))
        if condition is not None:  # where the least and the most are one, the condition decides
            flat = lay.compare("exactly", lowest, thing.maximum)
            met = lay.choose((flat, condition), otherwise=met)
            missed = lay.choose((flat, lay.negated(condition)), otherwise=missed)
        if word == "partly met":
            return lay.every(lay.negated(met), lay.negated(missed))
        return met if word == "met" else missed

    def _reaches(self, comparison: str, points: Ref, end: Ref) -> Ref:
        """Whether points reach their least or their most; never, where that is in a state."""
        compared = self.lay.compare(comparison, points, end)
        return self.lay.every(self._is_plain(end), compared) if self._may_be_a_state(end) else compared

    def _may_be_a_state(self, end: Ref) -> bool:
        """Whether what a section comes to at least or at most may be in a state: a share of a maximum of 0."""
        if end not in self._stateful:
            row, rows = self.lay.rows[end], self.lay.rows
            found = isinstance(row, tree.Gather) and row.applying
            if isinstance(row, tree.Input) and row.kind == USED:
                found = self.checked.things[row.key.rpartition(".")[0]].kind in ("section", "contract")
            if isinstance(row, tree.Arithmetic) and row.op == "div":
                by = rows[row.operands[-1]]
                found = not (isinstance(by, tree.Literal) and by.value)
            self._stateful[end] = found or any(map(self._may_be_a_state, operands_of(row)))
        return self._stateful[end]

    def counted_met(self, thing: Thing) -> Ref:
        """Whether the state that is told of something is *met*; not applicable or not defined where that is told.

        What had no points before its limits is told by those after them.
        """
        lay, points, earned = self.lay, thing.points, thing.earned
        if points is None or earned is None or points == earned:
            return self.graded(thing, "met")
        told = lay.choose((self._is_plain(earned), earned), otherwise=points)
        condition = thing.condition
        if condition is not None and thing.maximum is not None:
            above = lay.compare("above", points, thing.maximum)
            condition = lay.choose((self._is_plain(condition), condition), otherwise=above)
        met = self.graded(thing._replace(earned=told, condition=condition), "met")
        state = lay.compare("at least", points, points)
        return lay.choose((self._is_plain(points), met), otherwise=state)

    def _is_plain(self, ref: Ref) -> Ref:
        """Whether a value is in no state."""
        return self.lay.every(self.lay.add(tree.Is("applies", ref)), self.lay.add(tree.Is("defined", ref)))

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
            return self.compared("below" if falls else "above", subject.value, base)
        step = (base, subject.value) if falls else (subject.value, base)
        amount = self.lay.arithmetic("sub", *step)

        def by(value: nodes.Expression, there: str) -> Ref:
            unit = self._difference(subject.unit)
            change = amount
            if is_relative(value):
                change, unit = self._share_of(amount, base), PERCENT
            change = self.name(f"{there}.change", change, unit, "change", test.direction)
            least = self._amount(value, there, unit)
            return self.compared(test.comparison, change, least)

        return self.stated(test.amount, f"{place}.amount", by)

    def _difference(self, unit: Unit) -> Unit:
        return units.added(unit, "-", unit) or unit

    def _amount(self, value: nodes.Expression, place: str, unit: Unit) -> Ref:
        """A change or tolerance: below zero it would be another word."""
        if isinstance(value, nodes.Undecided | nodes.Unclear):
            return self.open(value, place, unit, ZERO)
        return self.expression(value, self.read_at, place, unit, None)

    def _share_of(self, amount: Ref, base: Ref) -> Ref:
        """An amount as a share of a baseline, which must be above zero to have shares."""
        return self._above_zero(base, amount, self.lay.arithmetic("div", amount, base))

    def _above_zero(self, base: Ref, beside: Ref, value: Ref) -> Ref:
        """A value where a baseline is above zero; what is `beside` it and not defined goes before its state."""
        lay = self.lay
        undefined = lay.negated(lay.add(tree.Is("defined", beside)))
        positive = lay.compare("above", base, lay.number(0))
        nothing = lay.state(NOT_DEFINED, "the baseline is not above zero")
        return self.missed.take_whole(lay.choose((undefined, beside), (positive, value), otherwise=nothing))

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
                self.compared("at least", subject.value, low, "exactly at its lower limit"),
                self.compared("at most", subject.value, high, "exactly at its upper limit"),
            )

        return self.stated(test.tolerance, f"{place}.tolerance", within)

    def _of_base(self, share: Ref, base: Ref) -> Ref:
        """A share of a baseline, as an amount; the baseline must be above zero."""
        return self._above_zero(base, share, self.lay.arithmetic("mul", share, base))

    def line(self, test: nodes.Linear, subject: Subject) -> Ref:
        """Nothing at the start, all at the end, a straight line between them, flat outside."""
        start = self.limit(subject, test.start, "start")
        end = self.limit(subject, test.end, "end")
        nothing, full = self.lay.number(0, PERCENT), self.lay.number(1, PERCENT)
        first = tree.Knot(start, nothing, nothing, "after")
        last = tree.Knot(end, full, full, "before")
        knots = (first, last) if self._rises(test, subject) else (last, first)
        line = self.lay.add(tree.Piecewise(subject.value, knots, "flat", "flat"))
        self.edges += ((self.edge_words(each.at), Touch("knot", line, at)) for at, each in enumerate(knots))
        return line

    def _rises(self, test: nodes.Linear, subject: Subject) -> bool:
        """Whether more gives more: by the ends where both are written, else as the measure declares."""
        declared = direction_of(subject.expression, self.scope)
        return (asked_direction(test, subject.unit) or declared) != "lower"

    # ---- conditions

    def conditions(
        self, node: nodes.Conditions, when: nodes.When | None, place: str, *, is_row: bool = False
    ) -> Ref:
        """Whether conditions hold that are no target; what has no period of its own is read at `when`."""
        found = []
        subject: nodes.Expression | None = None
        at = when
        for number, condition in enumerate(node.conditions, 1):
            if condition.subject is not None:
                subject = condition.subject
                at = condition.when.first if condition.when is not None else when
            assert subject is not None
            here = place if len(node.conditions) == 1 else f"{place}.{number}"
            with self.edging() as edges:
                found.append(self.single(condition, subject, at, here))
            self.told(condition, found[-1], edges, is_row=is_row and len(node.conditions) == 1)
        if len(found) == 1:
            return found[0]
        holds = self.lay.some(*found) if node.joined == "or" else self.lay.every(*found)
        return self.name(f"{place}.conditions", holds, TRUTH, "condition", "", self.clause(node))

    def single(
        self, condition: nodes.Condition, subject: nodes.Expression, when: nodes.When | None, place: str
    ) -> Ref:
        """One condition, without rules for what is missing."""
        if asks_what_is_known(condition.test, self.scope):
            return self._is_known(condition, subject, place)
        if names_thing(condition.test, subject, self.scope):
            assert isinstance(condition.test, nodes.Is)
            assert isinstance(subject, nodes.Reference)
            return self._is_of_thing(condition.test, subject.name.text)
        if _asks_for_report(condition.test):
            with self.unused():
                holds = self.test(condition.test, self.subject(subject, when, place))
        else:
            holds = self.test(condition.test, self.subject(subject, when, place))
        return self.name(f"{place}.condition", holds, TRUTH, "condition", "", self.clause(condition))

    def _is_known(self, condition: nodes.Condition, subject: nodes.Expression, place: str) -> Ref:
        """Whether the outcome of an example tells that state: the word `known` stands only after `is not`."""
        test = condition.test
        assert isinstance(test, nodes.Is)
        assert isinstance(subject, nodes.Reference)
        state = self.found(f"{subject.name.text}.state", WORD, STATES)
        is_pending = test.what.text == "pending"
        holds = self.lay.compare("exactly", state, self.lay.word(PENDING if is_pending else NOT_KNOWN))
        holds = self.lay.negated(holds) if is_pending and test.negated else holds
        return self.name(f"{place}.condition", holds, TRUTH, "condition", "", self.clause(condition))

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
            if _asks_for_report(condition.test):
                with self.unused():
                    return lower(self.subject(subject, stated, here))
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
        with self.edging() as edges:
            if names_thing(test, subject, self.scope):
                holds = self.single(condition, subject, None, place)
            else:
                no = self.lay.truth(False)
                clause = self.clause(condition)
                holds = self.at_times(
                    condition, subject, when, place, lambda found: self.test(test, found), no
                )
                holds = self.name(f"{place}.condition", holds, TRUTH, "condition", "", clause)
        self.told(condition, holds, edges)
        return holds


def _asks_for_report(test: nodes.Test) -> bool:
    """Whether a test asks if something is reported: then it need not be."""
    return (
        isinstance(test, nodes.Is)
        and isinstance(test.what, nodes.Identifier)
        and test.what.text == "reported"
    )
