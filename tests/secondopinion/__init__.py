"""A second evaluator, written from docs/language.md alone, as plainly as possible.

It shares nothing with the first but the parser and its nodes. It is exact when everything is known; while something
is missing it says `UNKNOWN` wherever plain three-valued logic does not settle it.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rkdsl.language import nodes as n
from rkdsl.language.parser import parse
from rkdsl.source import from_text
from tests.secondopinion import basics as b
from tests.secondopinion.actuals import Actuals
from tests.secondopinion.basics import UNKNOWN, State, Unknown
from tests.secondopinion.ground import Context
from tests.secondopinion.scoring import Goal, Part, Scoring

__all__ = ["UNKNOWN", "Opinion", "State", "Unknown", "evaluate"]

MOST_CHOICES = 256
"""Ways to choose among values stated more than once that are tried one by one."""


@dataclass(frozen=True)
class Opinion:
    """What everything comes to. A figure is a Fraction, a State or UNKNOWN; `None` where there are no points.

    `items` holds state and points of each, `sections` the points, `maxima` the maximum of each section, `values`
    those that need no period: a number or day, a word, yes or no, a State or UNKNOWN. `result` is the value the
    contract is about (None: its total), or `states`.
    """

    items: dict[str, tuple[str, Any]]
    sections: dict[str, Any]
    maxima: dict[str, Any]
    total: Any
    maximum: Any
    values: dict[str, Any]
    result: Any


def evaluate(text: str, actuals: Mapping[str, Any], as_of: datetime.date) -> Opinion:
    """The opinion of a valid contract with actuals in the shape of docs/actuals.md.

    Where the document states a value more than once and none governs, each is tried.
    """
    contract = read(text)
    known = Actuals(actuals, as_of)
    doubtful = [each for each in stated_in(contract) if is_doubtful(each)]
    if math.prod(len(each.statements) for each in doubtful) > MOST_CHOICES:
        return opinion_of(Scoring(contract, known, {}))
    ways = itertools.product(*(range(len(each.statements)) for each in doubtful))
    tried = [dict(zip(map(id, doubtful), each, strict=True)) for each in ways]
    return agreed([opinion_of(Scoring(contract, known, each)) for each in tried])


@functools.lru_cache(64)
def read(text: str) -> n.Contract:
    """The contract of a text; the same nodes each time."""
    contract = parse(from_text("c.rk", text)).contract
    assert contract is not None
    return contract


def is_doubtful(stated: n.Stated[Any]) -> bool:
    """Whether several values are stated and none governs."""
    is_value = not isinstance(stated.first, (n.Text, n.Identifier))
    return is_value and len(stated.statements) > 1 and not any(each.governs for each in stated.statements)


def stated_in(written: Any) -> Iterator[n.Stated[Any]]:
    """Every place where a value is stated that can matter: not what is only kept or not scored."""
    if isinstance(written, tuple):
        for each in written:
            yield from stated_in(each)
        return
    unscored = isinstance(written, n.Target) and written.standing
    if not isinstance(written, n.Node) or isinstance(written, (n.Equals, n.Guidelines)) or unscored:
        return
    if isinstance(written, n.Stated):
        yield written
    for each in type(written).__attrs_attrs__:  # type: ignore[attr-defined]
        if each.name != "span":
            yield from stated_in(getattr(written, each.name))


def opinion_of(scoring: Scoring) -> Opinion:
    """Everything that a contract comes to, as it is told outside."""
    points_unit = scoring.unit_of_points

    def told(value: Any, unit: Any = points_unit) -> Any:
        if isinstance(value, Unknown):
            return UNKNOWN
        if isinstance(value, State):
            return State(value.kind)
        return value * 100 if unit == b.PERCENT_POINTS and isinstance(value, Fraction) else value

    items = {
        each.name: (
            scoring.final_state(each),
            None if each.weight is None else told(scoring.points_of(each.name)),
        )
        for each in scoring.items
    }
    parts = [each for each in scoring.found.values() if isinstance(each, Part)]
    scored = [each.name for each in parts if scoring.has_points(each) and each.name != "total"]
    values, units = {}, {}
    for name, each in scoring.declared.items():
        if isinstance(each, n.Value) and not scoring.rhythms(each.body, Context()):
            units[name] = scoring.unit_of_value(each)
            values[name] = told(scoring.of_value(name, None), units[name])
    about = [each.name.text for each in scoring.contract.statements if isinstance(each, n.ResultOf)]
    has_total = any(isinstance(each, Goal) and each.weight for each in scoring.found.values()) or bool(scored)
    return Opinion(
        items,
        {name: told(scoring.points_of(name)) for name in scored},
        {name: told(scoring.maximum_of(name)) for name in scored},
        told(scoring.points_of("total")) if has_total else None,
        told(scoring.maximum_of("total")) if has_total else None,
        values,
        values.get(about[0], "states") if about else None,
    )


def agreed(opinions: list[Opinion]) -> Opinion:
    """What all of the opinions say; not known where they differ."""
    first = opinions[0]

    def one(values: list[Any]) -> Any:
        if all(each is None for each in values):
            return None
        found = b.same(values)
        return UNKNOWN if isinstance(found, Unknown) else found

    def item(name: str) -> tuple[str, Any]:
        told = [each.items[name] for each in opinions]
        points = one([each for _, each in told])
        states = {state for state, _ in told}
        if len(states) == 1 and not isinstance(points, Unknown):
            return told[0]
        state = states.pop() if len(states) == 1 and states <= {"pending", "not known"} else "not known"
        return state, points

    def each_of(part: str) -> dict[str, Any]:
        return {name: one([getattr(each, part)[name] for each in opinions]) for name in getattr(first, part)}

    return Opinion(
        {name: item(name) for name in first.items},
        each_of("sections"),
        each_of("maxima"),
        one([each.total for each in opinions]),
        one([each.maximum for each in opinions]),
        each_of("values"),
        one([each.result for each in opinions]),
    )
