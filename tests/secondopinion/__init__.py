"""A second evaluator, written from the documentation alone, as plainly as possible.

It shares nothing with the first but the parser and its nodes. It is exact when everything is known; while something
is missing it says `UNKNOWN` wherever plain three-valued logic does not settle it.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from rkdsl.language import nodes as n
from tests.secondopinion import basics as b
from tests.secondopinion.actuals import Actuals, day_of
from tests.secondopinion.amending import amended
from tests.secondopinion.basics import UNKNOWN, State, Unknown
from tests.secondopinion.checks import checks_of
from tests.secondopinion.ground import Column, Context
from tests.secondopinion.scoring import Goal, Part, Scoring
from tests.secondopinion.whole import Whole, document, gathered

__all__ = ["UNKNOWN", "Opinion", "State", "Unknown", "evaluate", "evaluate_whole"]

MOST_CHOICES = 256
"""Ways to choose among values stated more than once that are tried one by one."""


BESIDE = (n.Equals, n.Guidelines, n.Register, n.Example, n.Expectation, n.ExpectationOfEach)
"""What is only kept, or stands beside the score."""


@dataclass(frozen=True)
class Opinion:
    """What everything comes to. A figure is a Fraction, a State or UNKNOWN; `None` where there are no points.

    `items` holds state and points of each, `sections` the points, `maxima` the maximum of each section, `values`
    those that need no period: a number or day, a word, yes or no, a State or UNKNOWN. `result` is the value the
    contract is about (None: its total), or `states`. What is of a used contract has its name before it.

    `registers` holds the cells (`tickets.stalls.full`) and values (`tickets.in_all`) of the registers, `checks` what
    is expected: by register, reason and row (of the whole register: empty) whether it holds.
    """

    items: dict[str, tuple[str, Any]]
    sections: dict[str, Any]
    maxima: dict[str, Any]
    total: Any
    maximum: Any
    values: dict[str, Any]
    result: Any
    registers: dict[str, Any] = field(default_factory=dict)
    checks: dict[tuple[str, str, str], str] = field(default_factory=dict)


def evaluate(text: str, actuals: Mapping[str, Any], as_of: datetime.date) -> Opinion:
    """The opinion of a valid contract by itself, with actuals in the shape of docs/actuals.md."""
    return opinion(_gathered(text), [actuals], as_of)


@functools.lru_cache(16)
def _gathered(text: str) -> Whole:
    """A contract by itself; nothing changes it."""
    return gathered({"c.rk": text}, "c.rk")


def evaluate_whole(
    files: Mapping[str, str],
    main: str,
    records: Sequence[Mapping[str, Any]],
    as_of: datetime.date | None = None,
    *,
    amendments: Sequence[str] = (),
    as_signed: bool = False,
) -> Opinion:
    """The opinion of a contract with the files that it uses, the texts of its amendments, and several records.

    As amended by the day that the records state, as known on the day `as_of`, or as signed.
    """
    told = next((day_of(each["as_of"]) for each in records if each.get("as_of") is not None), as_of)
    assert told is not None
    given = [] if as_signed else [document(each) for each in amendments]
    return opinion(amended(files, main, given, told, as_of), records, as_of or told)


def opinion(whole: Whole, records: Sequence[Mapping[str, Any]], as_of: datetime.date) -> Opinion:
    """The opinion of a whole. Where the document states a value more than once and none governs, each is tried."""
    doubtful = list(all_doubtful(whole))
    if math.prod(len(each.statements) for each in doubtful) > MOST_CHOICES:
        return opinion_of(scored(whole, records, as_of, {}))
    ways = itertools.product(*(range(len(each.statements)) for each in doubtful))
    tried = [dict(zip(map(id, doubtful), each, strict=True)) for each in ways]
    return agreed([opinion_of(scored(whole, records, as_of, each)) for each in tried])


def scored(
    whole: Whole, records: Sequence[Mapping[str, Any]], as_of: datetime.date, choices: dict[int, int]
) -> Scoring:
    """A contract with the record that names it, and its parts with theirs."""
    name = whole.contract.name.text
    own = next((each for each in records if each.get("contract", name) == name), {})
    known = Actuals(own, as_of, [each for each in records if each is not own])
    parts = {each: scored(part, records, as_of, choices) for each, part in whole.parts.items()}
    return Scoring(whole.contract, known, choices, parts)


@b.by_identity
def all_doubtful(whole: Whole) -> tuple[n.Stated[Any], ...]:
    """Each of them once."""
    return tuple({id(each): each for each in doubtful_in(whole)}.values())


def doubtful_in(whole: Whole) -> Iterator[n.Stated[Any]]:
    yield from (each for each in stated_in(whole.contract) if is_doubtful(each))
    for part in whole.parts.values():
        yield from doubtful_in(part)


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
    if not isinstance(written, n.Node) or isinstance(written, BESIDE) or unscored:
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
    registers = {
        ".".join(filter(None, (each.register, key, each.column))): told(scoring.of_column(each), None)
        for key, each in columns_of(scoring)
    }
    about = [each.name.text for each in scoring.contract.statements if isinstance(each, n.ResultOf)]
    has_total = any(isinstance(each, Goal) and each.weight for each in scoring.found.values()) or bool(scored)
    own = Opinion(
        items,
        {name: told(scoring.points_of(name)) for name in scored},
        {name: told(scoring.maximum_of(name)) for name in scored},
        told(scoring.points_of("total")) if has_total else None,
        told(scoring.maximum_of("total")) if has_total else None,
        values,
        values.get(about[0], "states") if about else None,
        registers,
        checks_of(scoring),
    )
    for name, part in scoring.parts.items():
        join(own, name, opinion_of(part))
    return own


def columns_of(scoring: Scoring) -> Iterator[tuple[str, Column]]:
    """The cells of all registers, each with the key of its row, and their values (without one)."""
    for name, table in scoring.tables.items():
        for at, (key, _) in enumerate(table.rows):
            yield from ((key, Column(name, each, at)) for each in table.in_rows)
        yield from (("", Column(name, each)) for each in table.totals)


def join(own: Opinion, name: str, part: Opinion) -> None:
    """Adds the opinion of a used contract, under its name; its registers are shown where it stands alone."""
    for mine, other in (
        (own.items, part.items),
        (own.sections, part.sections),
        (own.maxima, part.maxima),
        (own.values, part.values),
    ):
        mine.update({f"{name}.{each}": value for each, value in other.items()})  # type: ignore[attr-defined]
    if part.total is not None:
        own.sections[name], own.maxima[name] = part.total, part.maximum


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
        each_of("registers"),
        {
            key: one([each.checks[key] for each in opinions])
            if len({each.checks[key] for each in opinions}) == 1
            else "not known"
            for key in first.checks
        },
    )
