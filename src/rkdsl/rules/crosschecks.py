"""What a contract expects beside its score, against what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from rkdsl.outcome import FAILS, HOLDS, NOT_KNOWN, TOTAL, Condition, ItemOutcome, Tried
from rkdsl.plain import Plain
from rkdsl.rules import summary, wording
from rkdsl.rules.evaluator import Values
from rkdsl.rules.tree import Asked, Expected, Ref, Tree
from rkdsl.values import State


def cross_checked(tree: Tree, values: Values, items: Iterable[ItemOutcome]) -> tuple[Tried, ...]:
    """What the contract expects beside its score, with what came of it."""
    if not tree.expected:
        return ()
    states = {name: each.state for name, each in told_of_points(tree, values).items()}
    states.update({each.id: each.state for each in items})
    return tuple(tried(tree, values, each, states) for each in tree.expected)


def tried(tree: Tree, values: Values, expected: Expected, states: Mapping[str, str]) -> Tried:
    """Whether an expectation holds, with each of its conditions; `states` are those that the outcome tells, by name."""
    clause = tree.clauses[expected.clause]
    conditions = (
        Condition(tree.clauses[each.clause].text, _verdict(values, each.of), _found(each, values, states))
        for each in expected.asked
    )
    place = f"{clause.file}:{clause.line}"
    return Tried(place, clause.text, expected.why, _verdict(values, expected.of), tuple(conditions))


def _verdict(values: Values, ref: Ref) -> str:
    settled = values.settled(ref)
    if settled is None:
        return NOT_KNOWN
    return str(settled) if isinstance(settled, State) else HOLDS if settled else FAILS


def _found(asked: Asked, values: Values, states: Mapping[str, str]) -> str:
    """What there is where something is expected: a figure, or a state."""
    if asked.subject is None:
        return states.get(asked.thing, "")
    return wording.value(values.row(asked.subject), asked.unit)


class Told(Plain):
    """What the outcome says of something: its state, its ends, and the row it comes from."""

    state: str
    secured: Fraction | None = None
    possible: Fraction | None = None
    root: Ref | None = None


def told_of_points(tree: Tree, values: Values) -> dict[str, Told]:
    """What the outcome says of sections and of the total."""
    told = {TOTAL: of_points(tree.total, values)}
    told.update({each.id: of_points(each.points, values) for each in tree.sections})
    return told


def of_points(ref: Ref | None, values: Values) -> Told:
    """What it says of points."""
    if ref is None:
        return Told("")
    points = summary.points_of(values.row(ref), None)
    return Told(summary.state_of(values.row(ref)), points.secured, points.possible, ref)
