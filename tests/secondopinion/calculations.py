"""Expressions, names, values, scales and functions.

`Calculations` is completed by `Scoring`, which knows what items, sections and the total come to.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from rkdsl.language import nodes as n
from tests.secondopinion import basics as b
from tests.secondopinion.basics import NOT_DEFINED, UNKNOWN, Days, Unknown, calculate, is_plain
from tests.secondopinion.forms import Forms
from tests.secondopinion.ground import (
    FUNCTIONS,
    OVER_ROWS,
    Bound,
    Column,
    Context,
    first_unit,
    looked_at,
    replace_unit,
    rhythm_of,
    unit_declared,
    walked,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@b.by_identity
def rhythms_of(contract: n.Contract) -> dict[int, tuple[Any, set[str]]]:
    """What is known of the rhythms of a contract's expressions, by the identity of each, which is kept."""
    return {}


class Calculations(Forms):
    """What anything that may stand as a value comes to, by recursion."""

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
            case Column():
                return self.of_column(written)
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
            elif is_plain(value) and value == 0 and isinstance(result, Unknown):  # by zero, whatever it is
                result = Unknown(True, True) if result.na else NOT_DEFINED
            elif isinstance(value, Unknown):
                result = calculate(lambda x, y: x / y, result, Unknown(True, value.na, value.out))
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
        part, rest = self.in_part(name)
        if part is not None:
            with part.noting() as missing:
                value = part.from_outside(rest, context.period)
            self.missing |= missing
            return value
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

    def from_outside(self, name: str, period: Days | None) -> Any:
        """What a contract that uses this one asks for."""
        if name in ("points", "maximum", "share"):
            return self.part_of("total", name)
        return self.named(name, Context(period=period))

    def dotted(self, name: str, context: Context) -> Any:
        head, _, part = name.rpartition(".")
        if head in self.tables:
            return self.of_column(Column(head, part))
        found = self.declared.get(head)
        if isinstance(found, n.Parameter) and part in {each.text for each in found.columns}:
            if rhythm_of(found):
                assert context.period is not None
                return self.read(found, part, context.period)
            return self.of_reports(self.column_reports(found, part, None), found, None)
        if part in ("points", "maximum", "share"):
            return self.part_of(self.item_called(head, context), part)
        return self.day_done(name)

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
        is_open = isinstance(declared.body, n.Stated) and isinstance(
            self.stated(declared.body), (n.Undecided, n.Unclear, type(None))
        )
        if isinstance(declared.rounded, n.Undecided):
            value = calculate(lambda _: UNKNOWN, value)
        elif declared.rounded is not None:
            step = self.number(declared.rounded.step)
            mode = b.ROUNDINGS[declared.rounded.mode.text]
            value = calculate(lambda x: mode(x / step) * step, value)
        return value if is_open else self.within(value, declared.range)

    # ---- registers

    def of_column(self, column: Column) -> Any:
        """A cell of a register, or a value of the whole register; what is missing is noted each time."""
        if column not in self._cache:
            with self.noting() as missing:
                value = self.cell(column)
            self._cache[column] = value, missing
        value, missing = self._cache[column]
        self.missing |= missing
        return value

    def cell(self, column: Column) -> Any:
        table, name = self.tables[column.register], column.column
        context = self.row_context(column.register, column.row)
        if name in table.totals:
            return self.body(table.totals[name], self.row_context(column.register, None))
        assert column.row is not None, f"{name} stands in each row"
        if name in table.values:
            return self.body(table.values[name], context)
        key, row = table.rows[column.row]
        fact = table.facts.get(name)
        if name in table.columns:
            return self.written_cell(row.cells[table.columns.index(name)], fact)
        assert fact is not None
        reports = self.actuals.register(table.name, key, name, unit_declared(fact))
        return self.of_reports(reports, fact, self.binding_end)

    def written_cell(self, cell: Any, fact: n.Fact | None) -> Any:
        """What a cell says: of a period its last day, of a name the name."""
        unit = b.WORD if fact is None else unit_declared(fact)
        if isinstance(cell, n.PeriodLiteral) or (isinstance(cell, n.Quantity) and unit == b.DAY):
            is_year = isinstance(cell, n.Quantity) and cell.number is not None
            days = b.whole_months(int(cell.number), 1, 12) if is_year else self.period(cell, Context())
            return b.ordinal(days.last)
        if isinstance(cell, n.Reference):
            return cell.name.text == "yes" if unit == b.TRUTH else cell.name.text
        if isinstance(cell, n.Quantity) and not cell.unit:
            cell = replace_unit(cell, unit.shown)
        return self.value(cell, Context())

    def over_rows(self, argument: Any, context: Context) -> str:
        """The register whose columns an argument names, in every row of which it is reckoned."""
        for each in walked(argument):
            bound = context.bound.get(each.name.text) if isinstance(each, n.Reference) else None
            if bound is not None and isinstance(bound.expression, Column):
                table = self.tables[bound.expression.register]
                if bound.expression.column in table.in_rows:
                    return table.name
        return ""

    def within(self, value: Any, bounds: n.Range | None, *, is_points: bool = False) -> Any:
        """A value outside its range is not defined."""
        if bounds is None:
            return value
        if isinstance(value, Unknown):
            return Unknown(True, value.na, value.out)
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
        name, arguments = call.name.text, self.of_units(call.arguments)
        if name in self.scales:
            scale = self.scales[name]
            bound = {
                each.text: Bound(of, context) for each, of in zip(scale.parameters, arguments, strict=True)
            }
            return self.body(scale, Context(bound))
        register = self.over_rows(arguments[0], context) if len(arguments) == 1 and name in OVER_ROWS else ""
        if register:
            return self.in_every_row(register, name, arguments[0], context)
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
            return Unknown(True, result.na, result.out) if isinstance(result, Unknown) else result
        if name in ("best", "worst"):
            return calculate(
                lambda count, *of: sum(sorted(of, reverse=name == "best")[: int(count)], Fraction(0)), *values
            )
        return calculate(FUNCTIONS[name], *values)

    def in_every_row(self, register: str, name: str, argument: Any, context: Context) -> Any:
        """One of the functions over all rows of a register."""
        rows = [
            replace(context, bound={**context.bound, **self.row_context(register, at).bound})
            for at in range(len(self.tables[register].rows))
        ]
        if name == "count":
            held = [self.condition(argument, each) for each in rows]
            return calculate(lambda *of: Fraction(sum(of)), *held)
        if not rows and name != "sum":
            return UNKNOWN
        return calculate(FUNCTIONS[name], *(self.value(argument, each) for each in rows))

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
        parts = looked_at(parts, name) or [period]
        return [self.value(only.expression, replace(context, period=each)) for each in parts]

    def rhythms(self, written: Any, context: Context) -> set[str]:
        """The rhythms of what is read in the period of its place: none where nothing needs a period."""
        if context.bound or not isinstance(written, n.Node):
            return self._rhythms(written, context)
        known = rhythms_of(self.contract)
        if id(written) not in known:
            known[id(written)] = written, self._rhythms(written, context)
        return set(known[id(written)][1])

    def _rhythms(self, written: Any, context: Context) -> set[str]:
        match written:
            case n.Reference(name=name):
                bound = context.bound.get(name.text)
                if bound is not None:
                    return self.rhythms(bound.expression, bound.context)
                if name.text.startswith("units."):
                    return set().union(*(self.rhythms(each, context) for each in self.of_units([written])))
                part, rest = self.in_part(name.text)
                if part is not None:
                    return part.rhythms(n.Reference(n.Identifier(rest)), Context())  # type: ignore[no-any-return]
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


def power(base: Fraction, exponent: Fraction) -> Any:
    return NOT_DEFINED if base == 0 and exponent < 0 else base ** int(exponent)
