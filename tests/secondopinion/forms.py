"""Conditions, rows, steps, tables and curves."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from rkdsl.language import nodes as n
from tests.secondopinion import basics as b
from tests.secondopinion.basics import NOT_DEFINED, UNKNOWN, Unknown, calculate, is_plain
from tests.secondopinion.ground import (
    Bound,
    Column,
    Context,
    Ground,
    joined_by,
    looked_at,
    rhythm_of,
    unit_declared,
)


class Forms(Ground):
    """Whether conditions hold, and what the forms of a value give."""

    def year_before(self, context: Context) -> Any:
        """The subject of a condition, one year before its own period."""
        raise NotImplementedError

    def bound_to(self, name: str, context: Context) -> Bound | None:
        """What a parameter of a scale or of a goal with rows stands for."""
        raise NotImplementedError

    # ---- conditions

    def conditions(self, conditions: Sequence[n.Condition], joined: str, context: Context) -> Any:
        values = [self.condition(each, context) for each in whole(conditions)]
        return b.any_of(values) if joined == "or" else b.all_of(values)

    def condition(self, condition: n.Condition, context: Context) -> Any:
        """Whether a condition holds."""
        here = replace(context, period=self.time(condition.when, context), subject=None)
        subject, test = condition.subject, condition.test
        if isinstance(test, n.Is):
            return self.is_so(test, subject, here)
        value = self.value(subject, here)
        there = replace(context, subject=(subject, here))
        match test:
            case n.Limit(comparison=comparison, value=limit):
                return calculate(COMPARISONS[comparison], value, self.of_stated(limit, there))
            case n.Between(low=low, high=high):
                above = calculate(COMPARISONS["at least"], value, self.of_stated(low, there))
                return b.all_of(
                    [above, calculate(COMPARISONS["at most"], value, self.of_stated(high, there))]
                )
            case n.Better(negated=negated, comparison=comparison, value=limit):
                is_higher = self.direction(subject, here) == "higher"
                words = ("at least", "above") if is_higher else ("at most", "below")
                holds = COMPARISONS[words[comparison == "better than"]]
                result = calculate(holds, value, self.of_stated(limit, there))
                return b.negated(result) if negated else result
            case n.Linear():
                return calculate(lambda share: share >= 1, self.line(condition, context))
            case n.Change() | n.Unchanged():
                return self.change(test, value, subject, here, there)
        raise AssertionError(f"not a test: {test}")

    def line(self, condition: n.Condition, context: Context) -> Any:
        """The share that a linear condition gives."""
        assert isinstance(condition.test, n.Linear)
        here = replace(context, period=self.time(condition.when, context), subject=None)
        there = replace(context, subject=(condition.subject, here))
        value = self.value(condition.subject, here)
        start, end = (self.of_stated(each, there) for each in (condition.test.start, condition.test.end))

        ends = (condition.test.start, condition.test.end)
        is_written = all(isinstance(self.stated(each), (n.Quantity, n.PeriodLiteral)) for each in ends)
        better = "" if is_written else self.direction(condition.subject, here)

        def share(x: Fraction, a: Fraction, z: Fraction) -> Any:
            # ends that are not written and turn out the wrong way round, or the same, are no line
            if a == z or (better == "higher" and a > z) or (better == "lower" and a < z):
                return NOT_DEFINED
            return min(max((x - a) / (z - a), Fraction(0)), Fraction(1))

        result = calculate(share, value, start, end)
        return Unknown(not is_written, result.na, result.out) if isinstance(result, Unknown) else result

    def change(
        self, test: n.Change | n.Unchanged, value: Any, subject: Any, here: Context, there: Context
    ) -> Any:
        """A change from a baseline, by an amount of its own or by a share of the baseline."""
        if isinstance(test.base, n.YearBefore):
            base = self.year_before(there)
        else:
            base = self.value(subject, replace(here, period=self.period(test.base, here)))
        stated = test.tolerance if isinstance(test, n.Unchanged) else test.amount
        if isinstance(test, n.Change) and stated is None:
            comparison = "below" if test.direction == "falls" else "above"
            return calculate(COMPARISONS[comparison], value, base)
        assert stated is not None
        amount = self.of_stated(stated, there)
        chosen = self.stated(stated)
        unit = None if chosen is None else self.unit(chosen, there)
        if unit is not None and unit.shown in ("%", "‰"):
            # a share of the baseline: zero or below makes it not defined, whatever the others are
            share_of = Unknown(True, base.na, base.out) if isinstance(base, Unknown) else base
            share_of = calculate(lambda x: NOT_DEFINED if x <= 0 else x, share_of)
            amount = calculate(lambda x, y: x * y, amount, share_of)
        elif unit is None and isinstance(amount, Unknown):  # it may turn out to be a share
            amount = Unknown(True, amount.na, amount.out)

        def holds(x: Fraction, start: Fraction, by: Fraction) -> bool:
            if isinstance(test, n.Unchanged):
                return start - by <= x <= start + by
            moved = start - x if test.direction == "falls" else x - start
            return bool(COMPARISONS[test.comparison](moved, by))

        return calculate(holds, value, base, amount)

    def is_so(self, test: n.Is, subject: Any, context: Context) -> Any:
        """The tests with `is`: of words, of yes and no, of states."""
        if isinstance(test.what, n.Word):
            said = test.what.text
            result: Any = calculate(lambda x: x == said, self.value(subject, context))
        else:
            result = self.is_in_state(test.what.text, subject, context)
        return b.negated(result) if test.negated else result

    def is_in_state(self, what: str, subject: Any, context: Context) -> Any:
        if what in ("yes", "no"):
            return calculate(lambda x: x is (what == "yes"), self.value(subject, context))
        if what == "reported":
            return self.is_reported(subject, context)
        name = self.scored_name(subject, context)
        if what in ("met", "partly met", "missed"):
            assert name is not None
            state = self.state_of(name)
            return state if isinstance(state, Unknown) else state == what
        asked = b.is_na if what == "applicable" else b.is_nd
        if name is not None and name not in self.declared:
            value = self.state_of(name)
        else:
            value = self.value(subject, context)
        return value if isinstance(value, Unknown) else not asked(value)

    def scored_name(self, subject: Any, context: Context) -> str | None:
        """The item, section or total that a subject names, if it does."""
        if not isinstance(subject, n.Reference):
            return None
        bound = context.bound.get(subject.name.text)
        if bound is not None:
            return self.scored_name(bound.expression, bound.context)
        return subject.name.text if self.is_scored_name(subject.name.text) else None

    def is_reported(self, subject: Any, context: Context) -> Any:
        """Whether it stands in the actuals as of the day, or the contract states it."""
        if isinstance(subject, n.Timed):
            return self.is_reported(
                subject.expression, replace(context, period=self.period(subject.when.period, context))
            )
        if isinstance(subject, Column):
            table = self.tables[subject.register]
            assert subject.row is not None
            unit = unit_declared(table.facts[subject.column])
            return bool(self.actuals.register(table.name, table.rows[subject.row][0], subject.column, unit))
        assert isinstance(subject, n.Reference)
        name = subject.name.text
        bound = self.bound_to(name, context)
        if bound is not None:
            return self.is_reported(bound.expression, bound.context)
        inner, rest = self.in_part(name)
        if inner is not None:
            return inner.is_reported(n.Reference(n.Identifier(rest)), Context(period=context.period))
        head, _, part = name.rpartition(".")
        declared = self.declared.get(name) or self.declared.get(head)
        if "." in name and not isinstance(declared, n.Parameter):
            with self.noting():
                found = self.report_done(name)
            return found is not None and found.value is not None
        if isinstance(declared, n.Fact):
            return bool(self.actuals.fact(name, unit_declared(declared)))
        assert isinstance(declared, (n.Measure, n.Parameter))
        column = part if "." in name else ""
        if not rhythm_of(declared):
            return bool(self.column_reports(declared, column, None))
        assert context.period is not None
        if context.period == b.UNDECIDED_PERIOD:
            return UNKNOWN
        parts = looked_at(self.parts_read(declared, context.period), joined_by(declared))
        stated = [self.stated_reading(declared, column, each) for each in parts]
        return bool(parts) and all(
            bool(self.reports_of(declared, column, each)) or (said is not None and is_plain(said))
            for each, said in zip(parts, stated, strict=True)
        )

    def direction(self, subject: Any, context: Context) -> str:
        """`higher` or `lower`: what is better for a measure, fact or value; else nothing."""
        match subject:
            case n.Timed(expression=expression):
                return self.direction(expression, context)
            case n.Reference(name=name) if name.text in context.bound:
                bound = context.bound[name.text]
                return self.direction(bound.expression, bound.context)
            case Column(register=register, column=column):
                table = self.tables[register]
                reckoned = table.values.get(column) or table.totals.get(column)
                if reckoned is not None:
                    return reckoned.direction.better if reckoned.direction else ""
                fact = table.facts.get(column)
                stated = [each for each in fact.statements if isinstance(each, n.Direction)] if fact else []
                return stated[0].better if stated else ""
            case n.Reference(name=name) if self.in_part(name.text)[0] is not None:
                part, rest = self.in_part(name.text)
                return part.direction(n.Reference(n.Identifier(rest)), Context())  # type: ignore[no-any-return]
            case n.Reference(name=name):
                declared = self.declared.get(name.text) or self.declared.get(name.text.rpartition(".")[0])
                if isinstance(declared, n.Value):
                    return declared.direction.better if declared.direction else ""
                if declared is not None:
                    said = [each for each in declared.statements if isinstance(each, n.Direction)]
                    return said[0].better if said else ""
        return ""

    # ---- rows

    def rows(self, rows: n.Rows, context: Context) -> Any:
        """The value of the first row that holds; while a condition is open, of any row still reachable."""
        reachable: list[Any] = []
        doubts: list[Unknown] = []

        def unless_open() -> contextlib.AbstractContextManager[None]:
            return self.perhaps() if doubts else contextlib.nullcontext()

        for row in rows.rows:
            with unless_open():
                holds = self.value(row.conditions, context)
            if isinstance(holds, Unknown):
                doubts.append(holds)
            if isinstance(holds, b.State):
                reachable.append(holds)
            elif holds is not False:
                with unless_open():
                    reachable.append(self.of_stated(row.value, context))
            if holds is True or isinstance(holds, b.State):
                break
        else:
            with unless_open():
                reachable.append(self.of_stated(rows.otherwise, context))
        if any(each.nd or each.na for each in doubts):
            return b.open_of([*reachable, *doubts])
        return b.same(reachable)

    # ---- steps and tables

    def steps(self, steps: n.Steps, context: Context) -> Any:
        """The value of the one stretch that holds the subject; of a table the stretch of x is looked up first."""
        row = self.stretch(steps.subject, [each.key for each in steps.steps], context)
        if isinstance(row, b.State):
            return row
        column: Any = 0
        if steps.across is not None:
            with self.perhaps() if isinstance(row, Unknown) else contextlib.nullcontext():
                column = self.stretch(steps.across.subject, steps.across.keys, context)
        if is_plain(row) and is_plain(column):
            return self.of_stated(steps.steps[row].values[column], context)
        if is_plain(row) and isinstance(column, b.State):
            return column
        with self.perhaps():
            cells = [value for step in steps.steps for value in step.values]
            return b.open_of([row, column, *(self.of_stated(each, context) for each in cells)], nd=True)

    def stretch(self, subject: Any, keys: Sequence[n.Key], context: Context) -> Any:
        """Which of the stretches holds a subject; where none does, or several do, it is not defined."""
        value, edges = self.value(subject, context), self.edges(keys, context)
        stopped = b.blocked([value, *(edge for each in edges for _, edge in each)])
        if stopped is not None:
            return stopped
        found = [at for at, each in enumerate(edges) if is_within(value, each)]
        return found[0] if len(found) == 1 else NOT_DEFINED

    def edges(self, keys: Sequence[n.Key], context: Context) -> list[list[tuple[str, Any]]]:
        return [
            [(each.comparison, self.of_stated(each.value, context)) for each in key.edges] for key in keys
        ]

    # ---- curves

    def curve(self, curve: n.Curve, context: Context) -> Any:
        """Straight lines between the corners, flat or continued or without a value beyond them."""
        knots = [each for each in curve.rows if isinstance(each, n.CurveKnot)]
        ends = {each.side: each.end for each in curve.rows if isinstance(each, n.CurveEnd)}
        subject = self.value(curve.subject, context)
        places = [self.of_stated(each.at, context) for each in knots]
        stopped = b.blocked([subject, *places])
        if isinstance(stopped, Unknown):
            with self.perhaps():
                reachable = [self.of_stated(each.value, context) for each in knots]
            states = [b.State(each.state) for each in ends.values() if isinstance(each, n.NoValue)]
            return b.open_of([stopped, *reachable, *states], nd=True)
        if stopped is not None:
            return stopped
        corners = corners_of(knots, places)
        at = [each.place for each in corners]
        if any(later <= earlier for earlier, later in itertools.pairwise(at)):
            return NOT_DEFINED
        return self.on_curve(subject, corners, ends, context)

    def on_curve(self, x: Fraction, corners: list[Corner], ends: dict[str, Any], context: Context) -> Any:
        first, last = corners[0], corners[-1]
        for corner in corners:
            if x == corner.place:
                return self.of_stated(corner.at.value, context)
        if x < first.place or x > last.place:
            end = ends["below" if x < first.place else "above"]
            if isinstance(end, n.NoValue):
                return b.State(end.state)
            if end.text == "flat":
                return self.of_stated((first.left if x < first.place else last.right).value, context)
            pair = corners[:2] if x < first.place else corners[-2:]
        else:
            after = next(at for at, each in enumerate(corners) if x < each.place)
            pair = corners[after - 1 : after + 1]
        start, end = pair
        low = self.of_stated(start.right.value, context)
        high = self.of_stated(end.left.value, context)
        share = (x - start.place) / (end.place - start.place)
        return calculate(lambda y, z: y + (z - y) * share, low, high)


# ---- small helpers

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "at most": lambda x, y: x <= y,
    "at least": lambda x, y: x >= y,
    "above": lambda x, y: x > y,
    "below": lambda x, y: x < y,
    "exactly": lambda x, y: x == y,
}


class Corner(NamedTuple):
    """A corner of a curve: its place, its own value, and what the lines on its two sides come to."""

    place: Fraction
    at: n.CurveKnot
    left: n.CurveKnot
    right: n.CurveKnot


def corners_of(knots: Sequence[n.CurveKnot], places: Sequence[Any]) -> list[Corner]:
    """The corners, each with the jump that is written beside it."""
    corners = []
    for at, knot in enumerate(knots):
        if knot.side == "at":
            beside = [
                each for each in (at - 1, at + 1) if 0 <= each < len(knots) and places[each] == places[at]
            ]
            sides = {knots[each].side: knots[each] for each in beside}
            corners.append(Corner(places[at], knot, sides.get("below", knot), sides.get("above", knot)))
    return corners


def is_within(subject: Any, edges: Sequence[tuple[str, Any]]) -> bool:
    return all(COMPARISONS[comparison](subject, edge) for comparison, edge in edges)


def whole(conditions: Sequence[n.Condition]) -> list[n.Condition]:
    """The conditions, each with the subject and the time that it leaves out."""
    found: list[n.Condition] = []
    for each in conditions:
        if each.subject is None:
            each = n.Condition(subject=found[-1].subject, when=found[-1].when, test=each.test)
        found.append(each)
    return found
