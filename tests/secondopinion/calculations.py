"""Expressions, conditions, forms, scales and values: one class that reckons any of them by recursion.

`Calculations` is completed by `Scoring`, which knows what items, sections and the total come to.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NamedTuple

from rkdsl.language import nodes as n
from tests.secondopinion import basics as b
from tests.secondopinion.actuals import Actuals, Report
from tests.secondopinion.basics import NOT_DEFINED, UNKNOWN, Days, Unit, Unknown, calculate, is_plain

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Bound(NamedTuple):
    """What a parameter of a scale or of a goal with rows stands for, and where that was written."""

    expression: Any
    context: Context


@dataclass(frozen=True)
class Context:
    """Where an expression stands: the parameters, the period for what has none, and the subject of the test."""

    bound: dict[str, Bound] = field(default_factory=dict)
    period: Days | None = None
    subject: tuple[Any, Context] | None = None


class Missing(NamedTuple):
    """Something not reported: when it falls due, and whether it is needed for certain."""

    due: datetime.date | None
    is_certain: bool


class Calculations:
    """Everything that a contract declares, and what it comes to with some actuals."""

    def __init__(self, contract: n.Contract, actuals: Actuals, choices: dict[int, int]) -> None:
        self.contract = contract
        self.actuals = actuals
        self.as_of = actuals.as_of
        self.choices = choices
        self.declared: dict[str, n.Measure | n.Fact | n.Parameter | n.Value] = {}
        self.scales: dict[str, n.Scale] = {}
        self.calendars: dict[str, n.Calendar] = {}
        self.milestones: dict[str, tuple[n.Milestone, Context]] = {}
        self._asking: set[str] = set()
        self._cache: dict[Any, tuple[Any, set[Missing]]] = {}
        # what is not reported, of what is being reckoned just now
        self.missing: set[Missing] = set()

    # ---- to be said by Scoring

    def part_of(self, name: str, part: str) -> Any:
        """Points, maximum or share of an item, a section or the total."""
        raise NotImplementedError

    def state_of(self, name: str) -> Any:
        """The state of an item or section before its limits: a text, a state or not known."""
        raise NotImplementedError

    def is_scored_name(self, name: str) -> bool:
        raise NotImplementedError

    @property
    def unit_of_points(self) -> Unit:
        raise NotImplementedError

    @property
    def binding_end(self) -> datetime.date | None:
        """The last day of the time that binds; None while that is not decided."""
        raise NotImplementedError

    # ---- what is stated

    def stated(self, stated: n.Stated[Any]) -> Any:
        """The statement that governs, the only one, or the one that is being tried; None: none of several."""
        statements = stated.statements
        governing = [each.value for each in statements if each.governs]
        if governing or len(statements) == 1:
            return governing[0] if governing else statements[0].value
        chosen = self.choices.get(id(stated))
        return None if chosen is None else statements[chosen].value

    def of_stated(self, stated: n.Stated[Any], context: Context) -> Any:
        value = self.stated(stated)
        return UNKNOWN if value is None else self.value(value, context)

    def period(self, written: Any, context: Context) -> Days:
        """The days of a written period, which a parameter may stand for."""
        if isinstance(written, n.Stated):
            written = self.stated(written)
        if isinstance(written, n.PeriodLiteral) and written.name is not None:
            cell = context.bound[written.name.text].expression
            if isinstance(cell, n.Quantity):
                assert cell.number is not None
                return b.whole_months(int(cell.number), 1, 12)
            written = cell
        if not isinstance(written, n.PeriodLiteral) or written.period is None:
            return b.UNDECIDED_PERIOD
        return Days(written.period.first, written.period.last)

    def time(self, when: n.Stated[n.When] | None, context: Context) -> Days | None:
        """The time of a subject: its own, or that of what it stands in."""
        if when is None:
            return context.period
        chosen = self.stated(when)
        return b.UNDECIDED_PERIOD if chosen is None else self.period(chosen.period, context)

    # ---- what is missing

    @contextlib.contextmanager
    def noting(self) -> Iterator[set[Missing]]:
        """Collects what is not reported of all that is reckoned inside, for that alone."""
        before, self.missing = self.missing, set()
        try:
            yield self.missing
        finally:
            self.missing = before

    @contextlib.contextmanager
    def perhaps(self) -> Iterator[None]:
        """What is missing inside is perhaps not needed."""
        before, self.missing = self.missing, set()
        try:
            yield
        finally:
            self.missing = before | {Missing(each.due, False) for each in self.missing}

    def is_due(self, missing: Missing) -> bool:
        return missing.due is not None and missing.due <= self.as_of

    def of_reports(self, reports: Sequence[Report], declared: Any, due: datetime.date | None) -> Any:
        """The last report that counts; else not known, and due on a day (None: on no day)."""
        if reports:
            return reports[-1].value
        if due is not None:
            self.missing.add(Missing(due, True))
        return Unknown(na=may_not_apply(declared))

    # ---- expressions

    def value(self, written: Any, context: Context) -> Any:
        """What anything that may stand as a value comes to."""
        match written:
            case n.Stated():
                return self.of_stated(written, context)
            case n.Quantity():
                return self.number(written)
            case n.PeriodLiteral():
                return b.ordinal(self.period(written, context).first)
            case n.Word(text=text):
                return text
            case n.NoValue(state=state):
                return b.State(state)
            case n.Undecided() | n.Unclear():
                return UNKNOWN
            case n.Reference(name=name):
                return self.named(name.text, context)
            case n.Timed(expression=expression, when=when):
                return self.value(expression, replace(context, period=self.period(when.period, context)))
            case n.YearBefore():
                return self.year_before(context)
            case n.Sum(terms=terms):
                signs = [1 if sign == "+" else -1 for sign, _ in terms]
                values = [self.value(each, context) for _, each in terms]
                return calculate(lambda *of: sum(map(lambda s, x: s * x, signs, of)), *values)
            case n.Product(factors=factors):
                return self.product(factors, context)
            case n.Call():
                return self.call(written, context)
            case n.Conditions():
                return self.conditions(written.conditions, written.joined, context)
            case n.Rows():
                return self.rows(written, context)
            case n.Steps():
                return self.steps(written, context)
            case n.Curve():
                return self.curve(written, context)
        raise AssertionError(f"not a value: {written}")

    def number(self, written: n.Quantity) -> Any:
        if written.number is None:
            return UNKNOWN
        million = 1_000_000 if written.magnitude == "million" else 1
        return written.number * million * b.SCALES.get(written.unit, 1)

    def points(self, written: Any, context: Context) -> Any:
        """A value where points stand: there a number without a unit is points."""
        if isinstance(written, n.Stated):
            written = self.stated(written)
        if isinstance(written, n.Reference) and written.name.text in context.bound:
            bound = context.bound[written.name.text]
            return self.points(bound.expression, bound.context)
        if isinstance(written, n.Quantity) and not written.unit and self.unit_of_points == b.PERCENT_POINTS:
            return self.number(replace_unit(written, "%"))
        return UNKNOWN if written is None else self.value(written, context)

    def product(self, factors: Sequence[tuple[str, Any]], context: Context) -> Any:
        result = Fraction(1)
        for sign, factor in factors:
            value = self.value(factor, context)
            if sign == "*":
                result = calculate(lambda x, y: x * y, result, value)
            elif isinstance(value, Unknown):
                result = calculate(lambda x, y: x / y, result, Unknown(True, value.na))
            else:
                result = calculate(lambda x, y: NOT_DEFINED if y == 0 else x / y, result, value)
        return result

    def year_before(self, context: Context) -> Any:
        assert context.subject is not None
        subject, of = context.subject
        assert of.period is not None
        if of.period == b.UNDECIDED_PERIOD:
            return UNKNOWN
        return self.value(subject, replace(of, period=b.one_year_earlier(of.period)))

    # ---- names

    def bound_to(self, name: str, context: Context) -> Bound | None:
        """What a parameter stands for, to be read in the period of its place, else in that of its own."""
        found = context.bound.get(name)
        if found is None or context.period is None:
            return found
        return Bound(found.expression, replace(found.context, period=context.period))

    def named(self, name: str, context: Context) -> Any:
        bound = self.bound_to(name, context)
        if bound is not None:
            return self.value(bound.expression, bound.context)
        if "." in name:
            return self.dotted(name, context)
        return self.of_declared(name, context.period)

    def of_declared(self, name: str, period: Days | None) -> Any:
        declared = self.declared[name]
        match declared:
            case n.Value():
                return self.of_value(name, period)
            case n.Fact():
                return self.of_reports(
                    self.actuals.fact(name, unit_declared(declared)), declared, self.binding_end
                )
            case n.Parameter() if rhythm_of(declared) == "":
                reports = self.actuals.parameter(name, "", None, unit_declared(declared))
                return self.of_reports(reports, declared, None)
        assert period is not None, f"{name} needs a period"
        return self.read(declared, "", period)

    def dotted(self, name: str, context: Context) -> Any:
        head, _, part = name.rpartition(".")
        found = self.declared.get(head)
        if isinstance(found, n.Parameter) and part in {each.text for each in found.columns}:
            if rhythm_of(found):
                assert context.period is not None
                return self.read(found, part, context.period)
            return self.of_reports(self.column_reports(found, part, None), found, None)
        if part in ("points", "maximum", "share"):
            return self.part_of(self.item_called(head, context), part)
        return self.day_done(name)

    def item_called(self, name: str, context: Context) -> str:
        """The item or section of a name, which a parameter may stand for."""
        bound = context.bound.get(name)
        return bound.expression.name.text if bound is not None else name

    def column_reports(self, declared: n.Parameter, column: str, period: Days | None) -> list[Report]:
        return self.actuals.parameter(declared.name.text, column, period, unit_declared(declared))

    # ---- readings

    def parts_read(self, declared: Any, period: Days) -> list[Days]:
        """The periods of the rhythm that a period is read from: itself, or those that are combined."""
        parts = [] if period == b.UNDECIDED_PERIOD else b.parts_of(period, rhythm_of(declared))
        return parts if len(parts) == 1 or joined_by(declared) else []

    def read(self, declared: Any, column: str, period: Days) -> Any:
        if period == b.UNDECIDED_PERIOD:
            return UNKNOWN
        parts = self.parts_read(declared, period)
        if not parts:  # no such reading: it is not known, and never falls due
            return Unknown(na=may_not_apply(declared))
        joined = joined_by(declared) or "first"
        if joined in ("first", "last"):
            return self.one_reading(declared, column, parts[0 if joined == "first" else -1])
        values = [self.one_reading(declared, column, each) for each in parts]
        return calculate(FUNCTIONS[joined], *values)

    def reports_of(self, declared: Any, column: str, period: Days) -> list[Report]:
        if isinstance(declared, n.Parameter):
            return self.column_reports(declared, column, period)
        return self.actuals.reading(declared.name.text, period, unit_declared(declared))

    def stated_reading(self, declared: Any, column: str, period: Days) -> Any:
        """The figure that the contract states, None where it states none. Open places are not known."""
        rows = [] if column else [each for each in declared.statements if isinstance(each, n.Entry)]
        for row in rows:
            if self.period(row.period, Context()) == period:
                value = self.stated(row.value)
                if isinstance(value, n.Quantity) and not value.unit:
                    value = replace_unit(value, unit_declared(declared).shown)
                return UNKNOWN if value is None else self.value(value, Context())
        return None

    def one_reading(self, declared: Any, column: str, period: Days) -> Any:
        """As reported, else as the contract states it; where these differ it is between the two."""
        reports = self.reports_of(declared, column, period)
        stated = self.stated_reading(declared, column, period)
        if stated is None:
            due = period.last if isinstance(declared, n.Measure) else None
            return self.of_reports(reports, declared, due)
        if not reports:
            return stated
        is_settled = isinstance(stated, Unknown) or any(each.corrects == "contract" for each in reports)
        if is_settled or reports[-1].value == stated:
            return reports[-1].value
        return b.open_of([reports[-1].value])

    # ---- milestones

    def deadline(
        self, milestone: n.Milestone, context: Context
    ) -> tuple[datetime.date, datetime.date] | None:
        """The first and the last day on which it holds; None while that is not decided."""
        chosen = self.stated(milestone.deadline)
        period = b.UNDECIDED_PERIOD if chosen is None else self.period(chosen.period, context)
        if period == b.UNDECIDED_PERIOD:
            return None
        if chosen.word == "before":
            return datetime.date.min, period.first - datetime.timedelta(days=1)
        return (period.first if chosen.word == "in" else datetime.date.min), period.last

    def report_done(self, name: str) -> Report | None:
        """What is said of a milestone, as `item.milestone`; what is not its day is noted as missing."""
        item, _, own = name.rpartition(".")
        reports = self.actuals.milestone(item, own)
        found = reports[-1] if reports else None
        if found is None or found.value is None:
            days = self.deadline(*self.milestones[name])
            self.missing.add(Missing(days[1] if days else None, True))
        return found

    def day_done(self, name: str) -> Any:
        found = self.report_done(name)
        return UNKNOWN if found is None or found.value is None else found.value

    # ---- named values and scales

    def of_value(self, name: str, period: Days | None) -> Any:
        """A value, reckoned once for each period; what is missing in it is noted each time."""
        key = (name, period)
        if key not in self._cache:
            declared = self.declared[name]
            assert isinstance(declared, n.Value)
            with self.noting() as missing:
                value = self.body(declared, Context(period=period))
            self._cache[key] = value, missing
        value, missing = self._cache[key]
        self.missing |= missing
        return value

    def body(self, declared: n.Value | n.Scale, context: Context) -> Any:
        """Body, rounding, range."""
        value = self.value(declared.body, context)
        if declared.rounded is not None:
            step = self.number(declared.rounded.step)
            mode = b.ROUNDINGS[declared.rounded.mode.text]
            value = calculate(lambda x: mode(x / step) * step, value)
        return self.within(value, declared.range)

    def within(self, value: Any, bounds: n.Range | None, *, is_points: bool = False) -> Any:
        """A value outside its range is not defined."""
        if bounds is None:
            return value
        if isinstance(value, Unknown):
            return Unknown(True, value.na)
        number = self.points if is_points else self.value
        if bounds.choices:
            choices = [number(each, Context()) for each in bounds.choices]
            return calculate(lambda x: x if x in choices else NOT_DEFINED, value)
        unit = first_unit(each.unit or None for each in (bounds.low, bounds.high) if each is not None) or ""
        low, high = (
            None if each is None else number(replace_unit(each, each.unit or unit), Context())
            for each in (bounds.low, bounds.high)
        )
        return calculate(
            lambda x: NOT_DEFINED if (low is not None and x < low) or (high is not None and x > high) else x,
            value,
        )

    # ---- functions

    def call(self, call: n.Call, context: Context) -> Any:
        name, arguments = call.name.text, call.arguments
        if name in self.scales:
            scale = self.scales[name]
            bound = {
                each.text: Bound(of, context) for each, of in zip(scale.parameters, arguments, strict=True)
            }
            return self.body(scale, Context(bound))
        if name == "count":
            values = [self.condition(each, context) for each in arguments if isinstance(each, n.Condition)]
            assert len(values) == len(arguments)
            return calculate(lambda *of: Fraction(sum(of)), *values)
        if name == "previous":
            return self.previous(arguments[0])
        if name == "days":
            return self.days(arguments, context)
        values = self.run(arguments, context, name)
        if name == "power":
            result = calculate(power, *values)
            return Unknown(True, result.na) if isinstance(result, Unknown) else result
        if name in ("best", "worst"):
            return calculate(
                lambda count, *of: sum(sorted(of, reverse=name == "best")[: int(count)], Fraction(0)), *values
            )
        return calculate(FUNCTIONS[name], *values)

    def run(self, arguments: Sequence[Any], context: Context, name: str) -> list[Any]:
        """The arguments; a single one with a period is read in each part of it."""
        only = arguments[0]
        if len(arguments) > 1 or name not in FUNCTIONS or not isinstance(only, n.Timed):
            return [self.value(each, context) for each in arguments]
        period = self.period(only.when.period, context)
        if period == b.UNDECIDED_PERIOD:
            return [UNKNOWN]
        rhythms = self.rhythms(only.expression, context)
        parts = b.parts_of(period, rhythms.pop()) if len(rhythms) == 1 else []
        if name == "first":
            parts = parts[:1]
        if name == "last":
            parts = parts[-1:]
        return [self.value(only.expression, replace(context, period=each)) for each in parts or [period]]

    def rhythms(self, written: Any, context: Context) -> set[str]:
        """The rhythms of what is read in the period of its place: none where nothing needs a period."""
        match written:
            case n.Reference(name=name):
                bound = context.bound.get(name.text)
                if bound is not None:
                    return self.rhythms(bound.expression, bound.context)
                found = self.declared.get(name.text) or self.declared.get(name.text.rpartition(".")[0])
                if "." in name.text and not isinstance(found, n.Parameter):
                    return set()
                if isinstance(found, n.Value):
                    return self.rhythms(found.body, Context())
                return set() if found is None else {rhythm_of(found)} - {""}
            case n.Timed():
                return set()
            case n.Condition(subject=subject, when=when, test=test):
                own = set() if subject is None or when is not None else self.rhythms(subject, context)
                return own | self.rhythms(test, context)
            case n.Call(name=name) if name.text == "previous":
                return set()
            case n.Node():
                names = [each.name for each in type(written).__attrs_attrs__ if each.name != "span"]  # type: ignore[attr-defined]
                return set().union(*(self.rhythms(getattr(written, each), context) for each in names))
            case tuple():
                return set().union(*(self.rhythms(each, context) for each in written))
        return set()

    def days(self, arguments: Sequence[Any], context: Context) -> Any:
        start, end = (self.value(each, context) for each in arguments[:2])
        if len(arguments) == 2:
            return calculate(lambda x, y: y - x, start, end)
        calendar = self.calendars[arguments[2].name.text]
        weekdays = {WEEKDAYS.index(each.text) for each in calendar.weekdays}
        holidays = [self.period(each, Context()) for each in calendar.holidays]

        def between(x: Fraction, y: Fraction) -> Fraction:
            if y < x:
                return -between(y, x)
            days = map(datetime.date.fromordinal, range(math.floor(x) + 1, math.floor(y) + 1))
            counted = [each for each in days if each.weekday() in weekdays]
            return Fraction(
                sum(not any(away.first <= each <= away.last for away in holidays) for each in counted)
            )

        return calculate(between, start, end)

    def previous(self, argument: Any) -> Any:
        """What a part of an item, a section or the total, or a named value came to in the outcome before."""
        name, _, part = argument.name.text.rpartition(".")
        if not name:
            reports = self.actuals.carried_value(part, self.unit_named(part, Context()) or b.PLAIN)
        elif part == "state":
            reports = self.actuals.carried(name, part, b.WORD)
        else:
            is_percent = part == "share" or self.unit_of_points == b.PERCENT_POINTS
            reports = self.actuals.carried(name, part, b.PERCENT if is_percent else b.PLAIN)
        if not reports:
            return Unknown(nd=True, na=True)
        said = reports[-1].value
        return b.State(said) if said in ("not applicable", "not defined") else said

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
                low, high = self.of_stated(low, there), self.of_stated(high, there)
                return calculate(lambda x, start, end: start <= x <= end, value, low, high)
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
        return Unknown(not is_written, result.na) if isinstance(result, Unknown) else result

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
            share_of = Unknown(True, base.na) if isinstance(base, Unknown) else base
            share_of = calculate(lambda x: NOT_DEFINED if x <= 0 else x, share_of)
            amount = calculate(lambda x, y: x * y, amount, share_of)
        elif unit is None and isinstance(amount, Unknown):  # it may turn out to be a share
            amount = Unknown(True, amount.na)

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
        assert isinstance(subject, n.Reference)
        name = subject.name.text
        bound = self.bound_to(name, context)
        if bound is not None:
            return self.is_reported(bound.expression, bound.context)
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
        parts = self.parts_read(declared, context.period)
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
        keys = [each.key for each in steps.steps]
        subject, edges = self.value(steps.subject, context), self.edges(keys, context)
        across, other_edges, other = (), [], Fraction(0)
        if steps.across is not None:
            across = steps.across.keys
            other, other_edges = self.value(steps.across.subject, context), self.edges(across, context)
        stopped = b.blocked([subject, other, *(edge for each in (*edges, *other_edges) for _, edge in each)])
        cells = [value for step in steps.steps for value in step.values]
        if isinstance(stopped, Unknown):
            with self.perhaps():
                reachable = [self.of_stated(each, context) for each in cells]
            return b.open_of([stopped, *reachable], nd=True)
        if stopped is not None:
            return stopped
        row = [at for at, each in enumerate(edges) if is_within(subject, each)]
        column = [at for at, each in enumerate(other_edges) if is_within(other, each)] if across else [0]
        if len(row) != 1 or len(column) != 1:
            return NOT_DEFINED
        return self.of_stated(steps.steps[row[0]].values[column[0]], context)

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

    # ---- units

    def unit(self, written: Any, context: Context) -> Unit | None:
        """The unit of a value; None of a number without one, and of what is open."""
        match written:
            case None | n.NoValue() | n.Unclear():
                return None
            case n.Stated():
                return first_unit(self.unit(each.value, context) for each in written.statements)
            case n.Quantity(unit=unit) | n.Undecided(unit=unit):
                return self.unit_written(unit)
            case n.PeriodLiteral():
                return b.DAY
            case n.Word():
                return b.WORD
            case n.Conditions():
                return b.TRUTH
            case n.Timed(expression=expression):
                return self.unit(expression, context)
            case n.YearBefore():
                assert context.subject is not None
                return self.unit(*context.subject)
            case n.Reference(name=name):
                return self.unit_named(name.text, context)
            case n.Sum(terms=terms):
                return self.unit_of_sum([(sign, self.unit(each, context)) for sign, each in terms])
            case n.Product(factors=factors):
                units = [(sign, self.unit(each, context)) for sign, each in factors]
                if len(units) == 1:
                    return units[0][1]
                result = b.PLAIN
                for sign, unit in units:
                    result = b.times(result, unit or b.PLAIN, sign)
                return result
            case n.Call():
                return self.unit_of_call(written, context)
            case n.Rows():
                values = [*(each.value for each in written.rows), written.otherwise]
                return first_unit(self.unit(each, context) for each in values)
            case n.Steps():
                return first_unit(self.unit(each, context) for row in written.steps for each in row.values)
            case n.Curve():
                knots = [each.value for each in written.rows if isinstance(each, n.CurveKnot)]
                return first_unit(self.unit(each, context) for each in knots)
        raise AssertionError(f"no unit: {written}")

    def unit_written(self, name: str) -> Unit | None:
        return b.unit_called(name) if name else None

    def unit_named(self, name: str, context: Context) -> Unit | None:
        bound = context.bound.get(name)
        if bound is not None:
            return self.unit(bound.expression, bound.context)
        head, _, part = name.rpartition(".")
        declared = self.declared.get(name)
        if head:
            declared = self.declared.get(head)
            if not isinstance(declared, n.Parameter) or part not in {each.text for each in declared.columns}:
                own = {"points": self.unit_of_points, "maximum": self.unit_of_points, "share": b.PERCENT}
                return own.get(part, b.DAY)
        if isinstance(declared, n.Value):
            return self.unit_of_value(declared)
        return unit_declared(declared)

    def unit_of_value(self, declared: n.Value) -> Unit:
        """The unit of its body; one that carries itself over has that of its range."""
        name = declared.name.text
        if name in self._asking:
            bounds = declared.range
            ends = [] if bounds is None else [bounds.low, bounds.high, *bounds.choices]
            return first_unit(self.unit(each, Context()) for each in ends if each is not None) or b.PLAIN
        self._asking.add(name)
        try:
            return self.unit(declared.body, Context()) or b.PLAIN
        finally:
            self._asking.discard(name)

    def unit_of_sum(self, terms: list[tuple[str, Unit | None]]) -> Unit | None:
        result = terms[0][1]
        for sign, unit in terms[1:]:
            if sign == "-" and result == unit and result in (b.PERCENT, b.DAY):
                result = b.PP if result == b.PERCENT else b.DAYS
            else:
                result = result or unit
        return result

    def unit_of_call(self, call: n.Call, context: Context) -> Unit | None:
        name, arguments = call.name.text, call.arguments
        if name in self.scales:
            scale = self.scales[name]
            bound = {
                each.text: Bound(of, context) for each, of in zip(scale.parameters, arguments, strict=True)
            }
            return self.unit(scale.body, Context(bound))
        if name == "days":
            return b.DAYS
        if name in ("count", "power"):
            return b.PLAIN
        if name == "previous":
            of, _, part = arguments[0].name.text.rpartition(".")  # type: ignore[union-attr]
            if not of:
                return self.unit_named(part, Context())
            return {"state": b.WORD, "share": b.PERCENT}.get(part, self.unit_of_points)
        units = arguments[1:] if name in ("best", "worst") else arguments
        return first_unit(self.unit(each, context) for each in units)


# ---- small helpers

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "at most": lambda x, y: x <= y,
    "at least": lambda x, y: x >= y,
    "above": lambda x, y: x > y,
    "below": lambda x, y: x < y,
    "exactly": lambda x, y: x == y,
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda *of: sum(of, Fraction(0)),
    "mean": lambda *of: sum(of, Fraction(0)) / len(of),
    "min": lambda *of: min(of),
    "max": lambda *of: max(of),
    "first": lambda *of: of[0],
    "last": lambda *of: of[-1],
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


def power(base: Fraction, exponent: Fraction) -> Any:
    return NOT_DEFINED if base == 0 and exponent < 0 else base ** int(exponent)


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


def first_unit(units: Any) -> Unit | None:
    return next((each for each in units if each is not None), None)


def replace_unit(quantity: n.Quantity, unit: str) -> n.Quantity:
    return n.Quantity(quantity.number, quantity.decimals, quantity.magnitude, unit)


def unit_declared(declared: Any) -> Unit:
    said = next(each for each in declared.statements if isinstance(each, n.UnitOf))
    return b.unit_called(said.unit, said.per)


def rhythm_of(declared: Any) -> str:
    return next((each.unit for each in declared.statements if isinstance(each, n.Rhythm)), "")


def joined_by(declared: Any) -> str:
    return next((each.function.text for each in declared.statements if isinstance(each, n.JoinedBy)), "")


def may_not_apply(declared: Any) -> bool:
    """Whether a missing reading, fact or parameter may turn out not to apply; an assessment (None) may not."""
    return declared is not None and any(isinstance(each, n.MayNotApply) for each in declared.statements)
