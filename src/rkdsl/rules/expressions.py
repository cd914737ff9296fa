"""Expressions, named values, scales and the forms of a function to rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from typing import assert_never

import attrs

from rkdsl.contract.expressions import (
    Body,
    alike,
    body_unit,
    inside_scale,
    is_series,
    range_unit,
    series_of,
    shown_unit,
    unit_of,
    whole_number,
)
from rkdsl.contract.report import held
from rkdsl.contract.scope import STATE_WORDS, local_of
from rkdsl.contract.shapes import (
    Stretch,
    corners,
    end_of,
    ends_of,
    in_order,
    is_partition,
    is_whole,
    sides,
    stretch,
    word_of,
)
from rkdsl.contract.symbols import Quantified
from rkdsl.language import nodes
from rkdsl.plain import Plain, evolve
from rkdsl.rules import tree, wording
from rkdsl.rules.ground import Bound, Ground, Memo, TooOftenError
from rkdsl.rules.tree import Ref
from rkdsl.rules.ways import BOUNDARY, ROW, Touch
from rkdsl.values import (
    DAY,
    MAX_APPLIED,
    NOT_DEFINED,
    PERCENT,
    PLAIN,
    TRUTH,
    WORD,
    Period,
    Unit,
    year_before,
)

Base = nodes.PeriodLiteral | nodes.Undecided | nodes.YearBefore
Stated = nodes.Stated[nodes.Expression]
_SUMS: Mapping[str, str] = {"+": "add", "-": "sub"}
_PRODUCTS: Mapping[str, str] = {"*": "mul", "/": "div"}


class Subject(Plain):
    """What a condition speaks of: its expression and time, its value and unit, and the measure if it is one."""

    expression: nodes.Expression
    when: nodes.When | None
    place: str
    value: Ref
    unit: Unit
    measure: Quantified | None


class Expressions(Ground):
    """Lowers expressions; conditions inside them are lowered by the class that knows of tests."""

    def conditions(
        self, node: nodes.Conditions, when: nodes.When | None, place: str, *, is_row: bool = False
    ) -> Ref:
        """Whether conditions hold that are no target; what has no period of its own is read at `when`.

        One that alone decides a row needs no branches of its own: the rows tell them.
        """
        raise NotImplementedError

    # ---- expressions

    def expression(
        self,
        value: nodes.Expression | nodes.Condition,
        when: nodes.When | None,
        place: str,
        unit: Unit,
        subject: Subject | None,
    ) -> Ref:
        """The value of an expression, its measures read at `when`; `unit` is what its place asks for."""
        match value:
            case nodes.Quantity() | nodes.PeriodLiteral():
                return self.literal(value, unit)
            case nodes.Reference():
                return self._reference(value, when, place)
            case nodes.Call():
                return self._call(value, when, place, subject)
            case nodes.Condition():
                return self.conditions(nodes.Conditions((value,), span=value.span), when, place)
            case nodes.Word(text=text):
                return self.lay.word(text)
            case nodes.NoValue(state=state, reason=reason):
                return self.lay.state(state, reason.text)
            case nodes.YearBefore():
                assert subject is not None
                return self.at_base(subject, value, place)
            case nodes.Timed():
                return self.expression(value.expression, value.when, place, unit, subject)
            case nodes.Sum(terms=terms):
                found = [(sign, self.expression(each, when, place, unit, subject)) for sign, each in terms]
                return self._folded(found, _SUMS)
            case nodes.Product(factors=factors):
                found = [(sign, self.expression(each, when, place, PLAIN, subject)) for sign, each in factors]
                return self._folded(found, _PRODUCTS)
            case nodes.Undecided() | nodes.Unclear():
                return self._open_value(value, place, unit, subject)
            case _:
                assert_never(value)

    def _reference(self, reference: nodes.Reference, when: nodes.When | None, place: str) -> Ref:
        """What a name stands for: a parameter of the scale around, something read, a value, or part of a thing."""
        name = reference.name.text
        if name in self.bound:
            return self.bound[name].value
        if name in self.checked.measures:
            measure = self.checked.measures[name]
            return self._read(measure, when, place) if measure.rhythm else self.fact(measure)
        if name in self.checked.values:
            return self.value(name, when)
        if name in self.checked.exported:
            return self.of_used(name, self.checked.exported[name].unit or PLAIN)
        end = self.scope.end(name)
        if end is not None:
            return self.found(name, end)
        if self.scope.points_of(name) is not None:
            return self._part(name, "points")
        found = self.scope.part(name)
        assert found is not None
        return self._part(found[0].id, found[1])

    def _part(self, thing: str, part: str) -> Ref:
        """The points, maximum or share of an item, a section or the whole; the day of a milestone."""
        if part in self.checked.things[thing].milestones:
            return self.done(f"{thing}.{part}")
        found = self.thing(thing)
        points, maximum = found.points, found.maximum
        assert points is not None
        assert maximum is not None
        if part == "share":
            share = self.share(points, maximum, is_bounded=found.is_bounded)
            return self.name(f"{thing}.share", share, PERCENT, "value", f"share of {thing}")
        if part == "points":
            return points
        lay = self.lay
        counts = lay.every(lay.add(tree.Is("defined", points)), lay.add(tree.Is("applies", points)))
        return lay.choose((counts, maximum), otherwise=points)

    def share(self, points: Ref, maximum: Ref, *, is_bounded: bool) -> Ref:
        """Points as a share of their maximum; of what is left out both know, so that it stays within 0 and 1."""
        share = self.lay.arithmetic("div", points, maximum)
        if not is_bounded:
            return share
        nothing, full = self.lay.number(0, PERCENT), self.lay.number(1, PERCENT)
        knots = tree.Knot(nothing, nothing, nothing, "after"), tree.Knot(full, full, full, "before")
        return self.lay.add(tree.Piecewise(share, knots, "flat", "flat"))

    def _read(self, measure: Quantified, when: nodes.When | None, place: str) -> Ref:
        assert when is not None
        if isinstance(when.period, nodes.Undecided):
            note = f"the period is {self.words(when.period)}"
            ends = (measure.low, measure.high)
            return self.open(when, f"{place}.{measure.id}", measure.unit, *ends, note, measure.words)
        assert when.period.period is not None
        return self.reading(measure, when.period.period, when, place)

    def _open_value(
        self, value: nodes.Undecided | nodes.Unclear, place: str, unit: Unit, subject: Subject | None
    ) -> Ref:
        """An open limit lies where the readings it limits lie; an open word is one of those of its value."""
        low = high = None
        if unit == WORD:
            known = self.checked.values.get(place)
            words = known.words if known is not None and len(known.words) > 1 else ()
            return self.open(value, place, unit, words=words)
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
            measure = self.checked.measures.get(expression.name.text)
        else:
            value = self.name(f"{place}.subject", value, unit, "subject", self.words(expression))
        return Subject(expression, when, place, value, unit, measure)

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

    # ---- named values

    def value(self, name: str, when: nodes.When | None) -> Ref:
        """A named value, laid once; one that reads measures without a period, once for each period."""
        valued = self.checked.values[name]
        when = when if valued.is_open else None
        key = (name, when.period if when is not None else None)
        if key not in self._values:
            with self.using() as used, self._inside({}, when):
                value = self._value(valued.node, valued.unit or PLAIN, when)
            self._values[key] = Memo(value, tuple(used))
        memo = self._values[key]
        self.used.update(dict.fromkeys(memo.used))
        return memo.value

    def _value(self, node: nodes.Value, unit: Unit, when: nodes.When | None) -> Ref:
        name, title = node.name.text, node.title.first.text if node.title else node.name.text
        if when is not None:
            period = self.words(when.period)
            name, title = f"{name}@{period}", f"{title}, {period}"
        with self.ranging(*self._range_ends(node.range, unit)):
            value = self.body(node.body, when, name, unit)
        value = self.framed(node, value, unit, name)
        return self.name(name, value, shown_unit(node, unit), "value", title, self.clause(node))

    def framed(self, node: nodes.Value | nodes.Scale, value: Ref, unit: Unit, place: str) -> Ref:
        """A value rounded, and in its range, as its declaration says."""
        if node.rounded is not None:
            value = self.rounded(node.rounded, value, unit, place)
        return value if node.range is None else self.ranged(node.range, value, unit, place)

    def rounded(self, rounding: nodes.Rounding | nodes.Undecided, value: Ref, unit: Unit, place: str) -> Ref:
        """A value rounded to a multiple of a step; what is rounded has its own line.

        While the rounding is undecided nobody knows by how much it changes the value.
        """
        value = self.name(f"{place}.exact", value, unit, "value", "before it is rounded")
        if isinstance(rounding, nodes.Undecided):
            return self.lay.arithmetic("add", value, self.open(rounding, f"{place}.rounding", unit))
        step = held(rounding.step, unit)
        assert step is not None
        return self.lay.add(tree.Round(rounding.mode.text, step, value))

    def ranged(self, bounds: nodes.Range, value: Ref, unit: Unit, place: str) -> Ref:
        """A value inside its range; outside it is not defined."""
        if unit == WORD:
            return self._worded(bounds, value, place)
        shared = next((each.unit for each in (bounds.low, bounds.high) if each is not None and each.unit), "")
        low, high = (self._bound_end(each, shared, unit) for each in (bounds.low, bounds.high))
        choices = [self.literal(each, unit) for each in bounds.choices]
        value = self.name(f"{place}.unbounded", value, unit, "value", "before its range")
        outside = self.lay.state(NOT_DEFINED, f"outside the {self.words(bounds)}")
        if choices:
            inside = self.lay.some(*(self.lay.compare("exactly", value, each) for each in choices))
            return self.lay.choose((inside, value), otherwise=outside)
        return self.kept(value, low, high, outside)

    def kept(self, value: Ref, low: Ref | None, high: Ref | None, outside: Ref) -> Ref:
        """A value between two ends, and a state outside them: a line on which every number is itself."""
        first = None if low is None else tree.Knot(low, outside, low, "after")
        last = None if high is None else tree.Knot(high, high, outside, "before")
        if first is None and last is None:
            return value
        if first is None:  # a line needs two corners: the other is one further
            assert high is not None
            further = self.lay.arithmetic("add", high, self.lay.number(-1))
            first = tree.Knot(further, further, further, "before")
        if last is None:
            assert low is not None
            further = self.lay.arithmetic("add", low, self.lay.number(1))
            last = tree.Knot(further, further, further, "before")
        below = "flat" if low is not None else "continued"
        above = "flat" if high is not None else "continued"
        return self.lay.add(tree.Piecewise(value, (first, last), below, above))

    def _worded(self, bounds: nodes.Range, value: Ref, place: str) -> Ref:
        """A word that is one of the range."""
        value = self.name(f"{place}.unbounded", value, WORD, "value", "before its range")
        words = [self.lay.word(each.text) for each in bounds.choices if isinstance(each, nodes.Word)]
        inside = self.lay.some(*(self.lay.compare("exactly", value, each) for each in words))
        outside = self.lay.state(NOT_DEFINED, f"outside the {self.words(bounds)}")
        return self.lay.choose((inside, value), otherwise=outside)

    def _bound_end(self, end: nodes.Quantity | None, shared: str, unit: Unit) -> Ref | None:
        if end is None:
            return None
        return self.literal(attrs.evolve(end, unit=end.unit or shared), unit)

    # ---- scales and functions

    @contextmanager
    def _inside(self, bound: Mapping[str, Bound], read_at: nodes.When | None) -> Iterator[None]:
        """Inside a scale its parameters are known; inside a value, none of the scale around."""
        outer, scope, outer_when = self.bound, self.scope, self.read_at
        self.bound, self.read_at = dict(bound), read_at
        known = {name: each.local for name, each in bound.items()}
        self.scope = evolve(scope, locals=known, is_open=read_at is not None)
        try:
            yield
        finally:
            self.bound, self.scope, self.read_at = outer, scope, outer_when

    def _call(self, call: nodes.Call, when: nodes.When | None, place: str, subject: Subject | None) -> Ref:
        if call.name.text in self.checked.scales:
            return self._applied(call, when, place, subject)
        if is_series(call):
            return self._series(call, place)
        match call.name.text:
            case "previous":
                return self._previous(call)
            case "days":
                return self._days(call, when, place, subject)
            case "power":
                base = self.expression(call.arguments[0], when, place, PLAIN, subject)
                exponent = whole_number(call.arguments[1])
                assert exponent is not None
                return self.lay.arithmetic("power", base, self.lay.number(exponent))
            case "count":
                counted = [self.expression(each, when, place, TRUTH, subject) for each in call.arguments]
                return self.lay.add(tree.Arithmetic("add", (self.lay.number(0), *counted)))
            case "best" | "worst":
                count, *members = call.arguments
                pick = "highest" if call.name.text == "best" else "lowest"
                found = self._alike(members, when, place, subject)
                return self.lay.gathered("sum", found, pick, whole_number(count) or 1)
            case "mean":
                return self.lay.gathered("mean", self._alike(call.arguments, when, place, subject))
            case "sum":
                return self.lay.arithmetic("add", *self._alike(call.arguments, when, place, subject))
            case name:
                return self.lay.arithmetic(name, *self._alike(call.arguments, when, place, subject))

    def _alike(
        self,
        arguments: Sequence[nodes.Expression | nodes.Condition],
        when: nodes.When | None,
        place: str,
        subject: Subject | None,
    ) -> list[Ref]:
        """Arguments of one unit: a number without a unit is in that of the others."""
        unit = alike(arguments, self.scope, None, subject.unit if subject else None) or PLAIN
        return [self.expression(each, when, place, unit, subject) for each in arguments]

    def _applied(self, call: nodes.Call, when: nodes.When | None, place: str, subject: Subject | None) -> Ref:
        """A scale for these arguments, laid once for the same ones."""
        scale = self.checked.scales[call.name.text]
        given = [self.expression(each, when, place, PLAIN, subject) for each in call.arguments]
        key = (call.name.text, tuple(given))
        if key not in self._scaled:
            if len(self._scaled) >= MAX_APPLIED:
                raise TooOftenError(scale.name)
            bound = self._bound(scale, call, given, subject)
            with self.using() as used:
                value = self._scale(scale, bound, len(self._scaled) + 1)
            self._scaled[key] = Memo(value, tuple(used))
        memo = self._scaled[key]
        self.used.update(dict.fromkeys(memo.used))
        return memo.value

    def _bound(
        self, scale: nodes.Scale, call: nodes.Call, given: Sequence[Ref], subject: Subject | None
    ) -> dict[str, Bound]:
        """The parameters of a scale with what they stand for; a calculation among them has its own line."""
        found: dict[str, Bound] = {}
        for parameter, argument, value in zip(scale.parameters, call.arguments, given, strict=True):
            unit = unit_of(argument, self.scope, None, subject.unit if subject else None) or PLAIN
            local = local_of(argument, unit, self.scope)
            if not isinstance(self.lay.rows[value], tree.Literal | tree.Input | tree.Name):
                value = self.name(
                    f"{scale.name.text}.{parameter.text}", value, unit, "value", self.words(argument)
                )
            found[parameter.text] = Bound(value, local)
        return found

    def _scale(self, scale: nodes.Scale, bound: dict[str, Bound], number: int) -> Ref:
        arguments = [each.local for each in bound.values()]
        inner = inside_scale(scale, arguments, self.scope)
        unit = body_unit(scale.body, inner, range_unit(scale.range, inner)) or PLAIN
        place = f"{scale.name.text}.{number}"
        with self._inside(bound, None), self.ranging(*self._range_ends(scale.range, unit)):
            value = self.framed(scale, self.body(scale.body, None, scale.name.text, unit), unit, place)
        title = scale.title.first.text if scale.title else scale.name.text
        return self.name(place, value, unit, "value", title, self.clause(scale))

    def _series(self, call: nodes.Call, place: str) -> Ref:
        """One measure over a run of periods, each a reading that may be missing."""
        (timed,) = call.arguments
        assert isinstance(timed, nodes.Timed)
        unit = unit_of(timed.expression, self.scope, None, None) or PLAIN
        periods = series_of(call, self.scope)
        if not periods:  # the period is undecided
            return self.expression(timed.expression, timed.when, place, unit, None)
        if call.name.text in ("first", "last"):
            periods = periods[:1] if call.name.text == "first" else periods[-1:]
        found = [self._at(timed, each, place, unit) for each in periods]
        match call.name.text:
            case "sum" | "mean" as name:
                return self.lay.gathered(name, found)
            case "min" | "max" as name:
                return self.lay.arithmetic(name, *found)
            case _:
                return found[0]

    def _at(self, timed: nodes.Timed, period: Period, place: str, unit: Unit) -> Ref:
        when = nodes.When("in", nodes.PeriodLiteral(period, span=timed.when.span), span=timed.when.span)
        return self.expression(timed.expression, when, place, unit, None)

    def _days(self, call: nodes.Call, when: nodes.When | None, place: str, subject: Subject | None) -> Ref:
        start, end = (self.expression(each, when, place, DAY, subject) for each in call.arguments[:2])
        calendar = call.arguments[2] if len(call.arguments) > 2 else None
        name = calendar.name.text if isinstance(calendar, nodes.Reference) else ""
        return self.lay.add(tree.Span(start, end, name))

    def _previous(self, call: nodes.Call) -> Ref:
        """A value of the previous period's outcome: not known when that is not given."""
        (of,) = call.arguments
        assert isinstance(of, nodes.Reference)
        key = of.name.text
        unit = unit_of(call, self.scope, None, None) or PLAIN
        words: tuple[str, ...] = STATE_WORDS if key.endswith(".state") else ()
        low = high = None
        if key in self.checked.values:
            value = self.checked.values[key]
            words, low, high = value.words or (self.any_word if unit == WORD else ()), value.low, value.high
        title = f"the previous {key}"
        self.carried.setdefault(key, tree.Field("carried", key, unit, title, "", low, high, words=words))
        row = tree.Input("carried", key, unit, low, high, words=words, clause=self.clause(call))
        return self.lay.add(row)

    # ---- forms of a function

    def body(self, body: Body, when: nodes.When | None, place: str, unit: Unit) -> Ref:
        """What a value or scale comes to."""
        match body:
            case nodes.Stated():
                return self._final(body, when, place, unit)
            case nodes.Conditions():
                return self.conditions(body, when, place)
            case nodes.Rows():
                return self._rows(body, when, place, unit)
            case nodes.Steps():
                return self._table(body, when, place, unit)
            case nodes.Curve():
                return self._curve(body, when, place, unit)

    def plain(self, stated: Stated, when: nodes.When | None, place: str, unit: Unit) -> Ref:
        """A value as stated."""
        return self.stated(stated, place, lambda value, here: self.expression(value, when, here, unit, None))

    def _final(self, stated: Stated, when: nodes.When | None, place: str, unit: Unit) -> Ref:
        """What a body ends in; what is open there lies in the range of what is worked out."""

        def end(value: nodes.Expression, here: str) -> Ref:
            if isinstance(value, nodes.Undecided | nodes.Unclear):
                return self.open(value, here, unit, *self.within)
            return self.expression(value, when, here, unit, None)

        return self.stated(stated, place, end)

    @contextmanager
    def ranging(self, low: Fraction | None, high: Fraction | None) -> Iterator[None]:
        """While something is worked out that lies in a range."""
        outer, self.within = self.within, (low, high)
        try:
            yield
        finally:
            self.within = outer

    def _range_ends(self, bounds: nodes.Range | None, unit: Unit) -> tuple[Fraction | None, Fraction | None]:
        """The ends of a range as numbers; none where it has none, or is one of words."""
        if bounds is None or bounds.choices or unit == WORD:
            return None, None
        shared = next((each.unit for each in (bounds.low, bounds.high) if each is not None and each.unit), "")
        low, high = (
            None if each is None else held(attrs.evolve(each, unit=each.unit or shared), unit)
            for each in (bounds.low, bounds.high)
        )
        return low, high

    def _rows(self, rows: nodes.Rows, when: nodes.When | None, place: str, unit: Unit) -> Ref:
        found = []
        for number, row in enumerate(rows.rows, 1):
            here = f"{place}.{number}"
            holds = self.conditions(row.conditions, when, f"{here}.when", is_row=True)
            found.append((holds, self._final(row.value, when, here, unit)))
        last = self._final(rows.otherwise, when, f"{place}.otherwise", unit)
        chosen = self.lay.choose(*found, otherwise=last)
        for at, row in enumerate(rows.rows):
            self.way(ROW, row, "", Touch("row", chosen, at))
        words = f"otherwise: {self.words(rows.otherwise)}"
        self.way(ROW, rows.otherwise, "", Touch("row", chosen, len(rows.rows)), words=words)
        return chosen

    def _table(self, steps: nodes.Steps, when: nodes.When | None, place: str, unit: Unit) -> Ref:
        """A value for each stretch, or for each stretch a row of values along the second side."""
        across, keys = steps.across, [each.key for each in steps.steps]
        values = []
        cells: list[tuple[Touch, ...]] = []
        for number, step in enumerate(steps.steps, 1):
            here = f"{place}.{number}"
            row = [self._final(each, when, f"{here}.{n}", unit) for n, each in enumerate(step.values, 1)]
            value, along = (
                (row[0], ()) if across is None else self._steps(across.subject, across.keys, row, when, here)
            )
            values.append(value)
            cells.append(along)
        value, down = self._steps(steps.subject, keys, values, when, place)
        for at, step in enumerate(steps.steps):
            if across is None:
                self.way(ROW, step, "", *down[at : at + 1])
                continue
            for n, (key, cell) in enumerate(zip(across.keys, step.values, strict=True)):
                words = f"{self.words(step.key)} | {self.words(key)}: {self.words(cell)}"
                self.way(ROW, cell, "", *down[at : at + 1], *cells[at][n : n + 1], words=words)
        return value

    def _steps(
        self,
        expression: nodes.Expression,
        keys: Sequence[nodes.Key],
        values: Sequence[Ref],
        when: nodes.When | None,
        place: str,
    ) -> tuple[Ref, tuple[Touch, ...]]:
        """The value of the one stretch that the subject falls on, with what touches each stretch (if it can miss)."""
        subject = self.subject(expression, when, place)
        words = [word_of(key) for key in keys] if subject.unit == WORD else []
        if words:
            tests = [self.lay.compare("exactly", subject.value, self.lay.word(word or "")) for word in words]
            nothing = self.lay.state(NOT_DEFINED, "no step has this word")
            value = self.lay.choose(*zip(tests, values, strict=True), otherwise=nothing)
            return value, tuple(Touch("row", value, at) for at in range(len(keys)))
        written = [stretch(key, subject.unit) for key in keys]
        known = sides((each for each in written if each is not None), whole=is_whole(expression, self.scope))
        if len(known) == len(keys) and is_partition(known, ends_of(expression, self.scope)):
            flat = self._flat(subject, known, dict(zip(map(id, keys), values, strict=True)))
            if flat is not None:
                at = {id(each.place): number for number, each in enumerate(in_order(known))}
                touches = (Touch("stretch", flat, at[id(key)]) for key in keys)
                return flat, tuple(touches) if len(keys) > 1 else ()
        value = self._fitting(subject, keys, values, place)
        return value, tuple(Touch("row", value, at + 2) for at in range(len(keys)))

    def _flat(self, subject: Subject, stretches: Sequence[Stretch], values: Mapping[int, Ref]) -> Ref | None:
        """Stretches side by side as one function with a jump at each edge; None where one is a single number."""
        ordered = in_order(stretches)
        if len(ordered) == 1:
            return values[id(ordered[0].place)]
        if any(each.low is not None and each.low == each.high for each in ordered):
            return None
        knots = []
        for left, right in pairwise(ordered):
            assert left.high is not None
            at = self.lay.number(left.high, subject.unit)
            before, after = values[id(left.place)], values[id(right.place)]
            knots.append(tree.Knot(at, before, after, "before" if left.has_high else "after"))
        value = self.lay.add(tree.Piecewise(subject.value, tuple(knots), "flat", "flat"))
        for number, (left, right) in enumerate(pairwise(ordered)):
            assert left.high is not None
            edge = left.place if left.has_high else right.place
            what = f"exactly {wording.number(left.high, subject.unit)}"
            self.way(BOUNDARY, edge, what, Touch("knot", value, number))
        return value

    def _fitting(self, subject: Subject, keys: Sequence[nodes.Key], values: Sequence[Ref], place: str) -> Ref:
        """The value of the one stretch that fits: with none, or several, it is not defined."""
        edges = [self._edges(subject, key, f"{place}.{number}") for number, key in enumerate(keys, 1)]
        tests = [self.lay.every(*each) for each in edges]
        # an edge that is a state makes the value that, also on a stretch that another edge excludes
        held = [self.lay.arithmetic("min", *each) for each in edges]
        count = self.lay.add(tree.Arithmetic("add", (self.lay.number(0), *held)))
        none = self.lay.compare("below", count, self.lay.number(1))
        several = self.lay.compare("above", count, self.lay.number(1))
        gap = self.lay.state(NOT_DEFINED, "no step fits")
        overlap = self.lay.state(NOT_DEFINED, "several steps fit")
        rows = list(zip(tests, values, strict=True))
        return self.lay.choose((none, gap), (several, overlap), *rows[:-1], otherwise=rows[-1][1])

    def _edges(self, subject: Subject, key: nodes.Key, place: str) -> list[Ref]:
        """Whether the subject lies on the right side of each edge of a stretch."""
        edges = []
        for number, edge in enumerate(key.edges, 1):
            limit = self.plain(edge.value, subject.when, f"{place}.edge.{number}", subject.unit)
            edges.append(self.lay.compare(edge.comparison, subject.value, limit))
            if edge.comparison != "exactly":
                self.way(BOUNDARY, edge, self.edge_words(limit), Touch("limit", edges[-1]))
        return edges

    def edge_words(self, limit: Ref) -> str:
        """What a boundary is called: by its number where it is written."""
        row = self.lay.rows[limit]
        while isinstance(row, tree.Name):
            row = self.lay.rows[row.of]
        if isinstance(row, tree.Literal) and isinstance(row.value, Fraction):
            return f"exactly {wording.number(row.value, row.unit)}"
        return "exactly at its limit"

    def _curve(self, curve: nodes.Curve, when: nodes.When | None, place: str, unit: Unit) -> Ref:
        """Straight lines between the corners."""
        subject = self.subject(curve.subject, when, place)
        knots = []
        for number, corner in enumerate(corners(curve), 1):
            here = f"{place}.{number}"
            at = self.plain(corner.at.at, when, f"{here}.at", subject.unit)
            value = self.plain(corner.at.value, when, here, unit)
            before = after = value
            if corner.below is not None:
                before = self.plain(corner.below.value, when, f"{here}.below", unit)
            if corner.above is not None:
                after = self.plain(corner.above.value, when, f"{here}.above", unit)
            knots.append(tree.Knot(at, before, after, "after" if corner.below is not None else "before"))
        jumps = {at for at in (0, len(knots) - 1) if knots[at].before != knots[at].after}
        below, first = self._end(curve, "below", knots[0])
        knots[0] = knots[0] if 0 in jumps else first
        above, last = self._end(curve, "above", knots[-1])
        knots[-1] = knots[-1] if len(knots) - 1 in jumps else last
        value = self.lay.add(tree.Piecewise(subject.value, tuple(knots), below, above))
        self._pieces(curve, value)
        return self._beside_jumps(curve, subject, knots, value)

    def _pieces(self, curve: nodes.Curve, value: Ref) -> None:
        """The corners of a curve, and what lies below, between and above them."""
        found = corners(curve)
        for number, corner in enumerate(found):
            self.way(BOUNDARY, corner.at, "exactly at the corner", Touch("knot", value, number))
        for number, (left, right) in enumerate(pairwise(found), 1):
            words = f"between {self.words(left.at.at)} and {self.words(right.at.at)}"
            self.way(ROW, left.at, "", Touch("piece", value, number), words=words)
        for side, number in (("below", 0), ("above", len(found))):
            end = end_of(curve, side)
            if end is not None:
                self.way(ROW, end, "", Touch("piece", value, number))

    def _beside_jumps(self, curve: nodes.Curve, subject: Subject, knots: list[tree.Knot], value: Ref) -> Ref:
        """A curve without a value beyond a corner at which it jumps: the state holds where the corners rise."""
        lay = self.lay
        for side, knot in (("below", knots[0]), ("above", knots[-1])):
            said = _end_said(curve, side)
            if not isinstance(said, nodes.NoValue) or knot.before == knot.after:
                continue
            if self._is_state(knot, side, said):
                continue
            zero = lay.number(0)
            flat = tuple(tree.Knot(each.at, zero, zero, "before") for each in knots)
            level = lay.add(tree.Piecewise(subject.value, flat, "flat", "flat"))
            ordered = (lay.add(tree.Is(test, level)) for test in ("applies", "defined"))
            beyond = lay.every(*ordered, lay.compare(side, subject.value, knot.at))
            value = lay.choose((beyond, lay.state(said.state, said.reason.text)), otherwise=value)
            end = end_of(curve, side)
            assert end is not None
            self.way(ROW, end, "", Touch("row", value, 0))
        return value

    def _is_state(self, knot: tree.Knot, side: str, said: nodes.NoValue) -> bool:
        """Whether what goes on from the jump is the state that is said beyond it."""
        beside = knot.before if side == "below" else knot.after
        return beside == self.lay.state(said.state, said.reason.text)

    def _end(self, curve: nodes.Curve, side: str, knot: tree.Knot) -> tuple[str, tree.Knot]:
        """What holds outside the corners; a state holds right up to the corner."""
        said = end_of(curve, side)
        assert said is not None
        if isinstance(said.end, nodes.Identifier):
            return said.end.text, knot
        state = self.lay.state(said.end.state, said.end.reason.text)
        if side == "below":
            return "flat", knot._replace(before=state, holds="after")
        return "flat", knot._replace(after=state, holds="before")


def _end_said(curve: nodes.Curve, side: str) -> nodes.Identifier | nodes.NoValue:
    said = end_of(curve, side)
    assert said is not None
    return said.end
