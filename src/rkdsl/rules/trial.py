"""Examples tried out: what a contract comes to with what they suppose, against what they expect."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rkdsl.contract.examples import Supposed
from rkdsl.contract.parts import expectations_of
from rkdsl.contract.symbols import NOT_APPLICABLE_RULE
from rkdsl.outcome import FAILS, NOT_KNOWN, ItemOutcome, Line, Tried
from rkdsl.plain import Final, evolve
from rkdsl.rules import coverage, explanation, summary
from rkdsl.rules.crosschecks import Told, of_points, told_of_points, tried
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.ground import FOUND
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Given, known
from rkdsl.rules.tree import Expected, Input, Ref, Tree
from rkdsl.rules.ways import Way
from rkdsl.source import Source
from rkdsl.trials import Covered, Trial
from rkdsl.values import NOT_DEFINED, State

EFFORT: Final = 10_000
"""Rows that may be looked at again, to see what an item could be before anything is known."""

Givens = Mapping[tuple[str, str], Given]


def try_out(
    tree: Tree, ways: Sequence[Way], supposed: Sequence[Supposed], source: Source
) -> tuple[tuple[Trial, ...], tuple[Covered, ...]]:
    """Each example with what came of it, and what all of them touch.

    `tree` is that of the contract with what its examples expect, last and in their order.
    """
    plan = Plan(tree)
    ways = _possible(tree, plan, ways)
    count = sum(len(list(expectations_of(each.node))) for each in supposed)
    expected = iter(tree.expected[len(tree.expected) - count :])
    hit: set[int] = set()
    trials = []
    for each in supposed:
        own = [next(expected) for _ in expectations_of(each.node)]
        example = _Example(tree, plan, each.given, each.day)
        title, span = each.node.title.text, each.node.span
        place = f"{source.file(span.start)}:{source.place(span.start)[0]}"
        trials.append(Trial(title, place, each.day, tuple(map(example.tried, own))))
        refs = [one.of for one in own]
        hit.update(coverage.touched(tree, example.values, refs, ways, example.states))
    return tuple(trials), coverage.report(ways, hit)


def _possible(tree: Tree, plan: Plan, ways: Sequence[Way]) -> Sequence[Way]:
    """The ways without the states that nothing reported could lead to."""
    if not any(way.state == NOT_APPLICABLE_RULE for way in ways):
        return ways
    values = evaluate(plan, {}, EFFORT)
    decides = {each.id: each.points if each.points is not None else each.condition for each in tree.items}

    def may_be(way: Way) -> bool:
        ref = decides[way.item]
        return ref is not None and values.row(ref).state(NOT_APPLICABLE_RULE) is not None

    return [way for way in ways if way.state != NOT_APPLICABLE_RULE or may_be(way)]


def decided(tree: Tree) -> tuple[Tried, ...]:
    """The same before anything is known: what can never hold, whatever is reported and on whatever day, fails."""
    nothing = evaluate(tree, {}, EFFORT)
    stated = {(each.kind, f"{each.id}@{period}") for each in tree.fields for period, _ in each.history}
    given = {
        (row.kind, row.key): Given(nothing.rows[ref])
        for ref, row in enumerate(tree.rows)
        if isinstance(row, Input) and (row.kind, row.key) not in stated and row.kind not in _NEVER_GIVEN
    }
    both = nothing, evaluate(tree, given, EFFORT)
    found = []
    for each in tree.expected:
        first = tried(tree, nothing, each, {})
        conditions = tuple(
            evolve(one, verdict=_before_anything(asked.of, both))
            for one, asked in zip(first.conditions, each.asked, strict=True)
        )
        found.append(evolve(first, verdict=_before_anything(each.of, both), conditions=conditions))
    return tuple(found)


def _before_anything(ref: Ref, both: Iterable[Values]) -> str:
    """Whether a condition can only fail: with nothing reported, and with anything."""
    truths = [values.rows[ref].truths for values in both]
    return FAILS if all(each == {False} for each in truths) else NOT_KNOWN


_NEVER_GIVEN: Final = ("as_of", "open", "governs")


class _Example:
    """One evaluation, and where expectations ask for what its outcome says, a second one that is told it."""

    def __init__(self, tree: Tree, plan: Plan, given: Givens, day: datetime.date) -> None:
        self.tree, self.day = tree, day
        self.first = self.values = evaluate(plan, given)
        items = summary.items(tree, self.first, day)
        self.states = {each.id: each.state for each in items}
        self.told = _told(tree, self.first, items, day)
        asked = [row.key for row in tree.rows if isinstance(row, Input) and row.kind == FOUND]
        if asked:
            found = {(FOUND, key): self._found(key) for key in asked}
            self.values = evaluate(plan, {**given, **found})

    def _found(self, key: str) -> Given:
        """An end or the state of something, as the outcome says it."""
        name, _, part = key.rpartition(".")
        told = self.told[name]
        if part == "state":
            return Given(known(told.state or "settled"), "what the outcome says")
        end = told.secured if part == "secured" else told.possible
        if end is None:
            return Given(known(State(NOT_DEFINED, f"{name} has no {part} end")), "what the outcome says")
        return Given(known(end), "what the outcome says")

    def tried(self, expected: Expected) -> Tried:
        """Whether an expectation holds, and if not, what it waits for and how it came about."""
        states = {name: each.state for name, each in self.told.items()}
        found = tried(self.tree, self.values, expected, states)
        if found.holds:
            return found
        waits_for = self.values.missing(expected.of)
        missing = summary.reasons(self.tree, self.values, self.day, waits_for)
        return evolve(found, missing=missing, lines=tuple(self._lines(expected)))

    def _lines(self, expected: Expected) -> Iterator[Line]:
        """How the figures came about: first those whose ends were asked for, then what was expected."""
        told: dict[Line, None] = {}
        for ref in sorted(explanation.reached(self.tree, self.values, [expected.of])):
            row = self.tree.rows[ref]
            if isinstance(row, Input) and row.kind == FOUND:
                root = self.told[row.key.rpartition(".")[0]].root
                if root is not None:
                    told.update(dict.fromkeys(explanation.explain(self.tree, self.first, root)))
        told.update(dict.fromkeys(explanation.explain(self.tree, self.values, expected.of)))
        return iter(told)


def _told(tree: Tree, values: Values, items: Iterable[ItemOutcome], day: datetime.date) -> dict[str, Told]:
    """What the outcome says, by name. A value comes before a goal of its name."""
    told = told_of_points(tree, values)
    for item, outcome in zip(tree.items, items, strict=True):
        root = item.points if item.points is not None else item.condition
        told[item.id] = evolve(of_points(item.points, values), state=outcome.state, root=root)
    for value, its in zip(tree.values, summary.values(tree, values, day), strict=True):
        told[value.id] = Told(its.state, its.secured, its.possible, value.of)
    return told
