"""What a contract declares: readings, milestones and units, and what of them is missing."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from attrs import evolve, frozen

from rkdsl.language import nodes as n
from tests.secondopinion import basics as b
from tests.secondopinion.actuals import Actuals, Report
from tests.secondopinion.basics import UNKNOWN, Days, Unit, Unknown, calculate


class Bound(NamedTuple):
    """What a parameter of a scale or of a goal with rows stands for, and where that was written."""

    expression: Any
    context: Context


@frozen
class Column(n.Node):
    """A column of a register, in one of its rows (None: in each, or a value of the whole register)."""

    register: str
    column: str
    row: int | None = None


class Table:
    """A register: what its columns hold, what is reckoned and expected, and its rows with their keys."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.columns: list[str] = []
        self.facts: dict[str, n.Fact] = {}
        self.values: dict[str, n.Value] = {}
        self.totals: dict[str, n.Value] = {}
        self.expected: list[n.Expectation | n.ExpectationOfEach] = []
        self.rows: list[tuple[str, n.Row]] = []

    def take(self, register: n.Register) -> None:
        if register.title is not None:
            self.columns = [each.text for each in register.columns]
            self.facts = {each.name.text: each for each in register.statements if isinstance(each, n.Fact)}
            self.expected = [
                each for each in register.statements if isinstance(each, (n.Expectation, n.ExpectationOfEach))
            ]
            self._sort([each for each in register.statements if isinstance(each, n.Value)])
        for row in register.rows:
            count = sum(each.name == row.name for _, each in self.rows)
            self.rows.append((f"{row.name.text}.{count + 1}" if count else row.name.text, row))

    def _sort(self, values: list[n.Value]) -> None:
        """Values that name columns are reckoned in each row, the others once."""
        while found := [each for each in values if self.names_columns(each.body)]:
            self.values |= {each.name.text: each for each in found}
            values = [each for each in values if each not in found]
        self.totals = {each.name.text: each for each in values}

    @property
    def in_rows(self) -> set[str]:
        """The names of the columns: stated, reported and reckoned."""
        return {*self.columns, *self.facts, *self.values}

    def names_columns(self, written: Any) -> bool:
        """Whether something names a column, outside of what goes over every row."""
        match written:
            case n.Reference(name=name):
                return name.text in self.in_rows
            case n.Call(name=name, arguments=arguments) if name.text in OVER_ROWS and len(arguments) == 1:
                return False
            case tuple():
                return any(map(self.names_columns, written))
            case n.Node():
                names = [each.name for each in type(written).__attrs_attrs__ if each.name != "span"]  # type: ignore[attr-defined]
                return any(self.names_columns(getattr(written, each)) for each in names)
        return False


OVER_ROWS = ("sum", "mean", "min", "max", "count")
"""The functions that, with one argument, go over the columns of every row."""


@dataclass(frozen=True)
class Context:
    """Where an expression stands: the parameters, the period for what has none, and the subject of the test."""

    bound: dict[str, Bound] = field(default_factory=dict)
    period: Days | None = None
    subject: tuple[Any, Context] | None = None


class Missing(NamedTuple):
    """Something not reported: when it falls due, and whether it is needed for certain.

    `is_denied`: a milestone that was said not to be done.
    """

    due: datetime.date | None
    is_certain: bool = True
    is_denied: bool = False


class Ground:
    """Everything that a contract declares, and what is told of it."""

    def __init__(self, contract: n.Contract, actuals: Actuals, choices: dict[int, int]) -> None:
        self.contract = contract
        self.actuals = actuals
        self.as_of = actuals.as_of
        self.choices = choices
        self.declared: dict[str, n.Measure | n.Fact | n.Parameter | n.Value] = {}
        self.scales: dict[str, n.Scale] = {}
        self.calendars: dict[str, n.Calendar] = {}
        self.milestones: dict[str, tuple[n.Milestone, Context]] = {}
        self.tables: dict[str, Table] = {}
        # the contracts that this one uses
        self.parts: dict[str, Any] = {}
        self._asking: set[str] = set()
        self._cache: dict[Any, tuple[Any, set[Missing]]] = {}
        # what is not reported, of what is being reckoned just now
        self.missing: set[Missing] = set()

    def table(self, name: str) -> Table:
        return self.tables.setdefault(name, Table(name))

    def in_part(self, name: str) -> tuple[Any, str]:
        """The used contract that a name begins with (None: none), and its name there, `total` for the whole."""
        head, _, rest = name.partition(".")
        return (self.parts[head], rest or "total") if head in self.parts else (None, name)

    # ---- to be said by those that build on it

    def part_of(self, name: str, part: str) -> Any:
        """Points, maximum or share of an item, a section or the total."""
        raise NotImplementedError

    def state_of(self, name: str) -> Any:
        """The state of an item or section before its limits: a text, a state or not known."""
        raise NotImplementedError

    def is_scored_name(self, name: str) -> bool:
        raise NotImplementedError

    def value(self, written: Any, context: Context) -> Any:
        """What anything that may stand as a value comes to."""
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
            inside, self.missing = self.missing, before
            self.missing |= {each._replace(is_certain=False) for each in inside}

    def is_due(self, missing: Missing) -> bool:
        return missing.due is not None and missing.due <= self.as_of

    def of_reports(self, reports: Sequence[Report], declared: Any, due: datetime.date | None) -> Any:
        """The last report that counts; else not known, and due on a day (None: on no day)."""
        if reports:
            return reports[-1].value
        if due is not None:
            self.missing.add(Missing(due))
        return Unknown(na=may_not_apply(declared))

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
        values = [self.one_reading(declared, column, each) for each in looked_at(parts, joined)]
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
            self.missing.add(Missing(days[1] if days else None, is_denied=found is not None))
        return found

    def day_done(self, name: str) -> Any:
        found = self.report_done(name)
        return UNKNOWN if found is None or found.value is None else found.value

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
            case Column():
                return self.unit_of_column(written)
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

    def unit_of_column(self, column: Column) -> Unit | None:
        """The unit of a column of a register, or of a value of it."""
        table = self.tables[column.register]
        reckoned = table.values.get(column.column) or table.totals.get(column.column)
        if reckoned is not None:
            return self.unit(reckoned.body, self.row_context(column.register, None)) or b.PLAIN
        fact = table.facts.get(column.column)
        return b.WORD if fact is None else unit_declared(fact)

    def row_context(self, register: str, row: int | None) -> Context:
        """Where the statements of a register stand, in one of its rows."""
        table = self.tables[register]
        names = [*table.in_rows, *table.totals]
        return Context({each: Bound(Column(register, each, row), Context()) for each in names})

    def unit_named(self, name: str, context: Context) -> Unit | None:
        bound = context.bound.get(name)
        if bound is not None:
            return self.unit(bound.expression, bound.context)
        inner, rest = self.in_part(name)
        if inner is not None:
            if rest in ("points", "maximum", "share"):
                return b.PERCENT if rest == "share" else inner.unit_of_points  # type: ignore[no-any-return]
            return inner.unit_named(rest, Context())  # type: ignore[no-any-return]
        head, _, part = name.rpartition(".")
        if head in self.tables:
            return self.unit_of_column(Column(head, part))
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
        name, arguments = call.name.text, self.of_units(call.arguments)
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

    def of_units(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments, with those of `units` once for each contract used that has all that they name."""
        found: list[Any] = []
        for each in arguments:
            asked = asked_of_units(each)
            if not asked:
                found.append(each)
                continue
            having = [name for name, part in self.parts.items() if all(map(part.has, asked))]
            found += [renamed(each, name) for name in having]
        return found


# ---- small helpers


@b.by_identity
def asked_of_units(written: Any) -> list[str]:
    """What something asks of every unit."""
    named = [of.name.text for of in walked(written) if isinstance(of, n.Reference)]
    return [(name.removeprefix("units").removeprefix(".") or "total") for name in named if is_of_units(name)]


def is_of_units(name: str) -> bool:
    return name == "units" or name.startswith("units.")


def renamed(written: Any, unit: str) -> Any:
    """Something said of `units`, said of one of them."""
    if type(written) is tuple:
        return tuple(renamed(each, unit) for each in written)
    if isinstance(written, n.Reference) and is_of_units(written.name.text):
        return n.Reference(n.Identifier(unit + written.name.text.removeprefix("units")))
    if isinstance(written, n.Node):
        names = [each.name for each in type(written).__attrs_attrs__ if each.name != "span"]  # type: ignore[attr-defined]
        new = {each: renamed(getattr(written, each), unit) for each in names}
        changed = {each: value for each, value in new.items() if value is not getattr(written, each)}
        return evolve(written, **changed) if changed else written
    return written


def walked(written: Any) -> Iterator[Any]:
    """All nodes in something, itself included, in the order of the text."""
    if isinstance(written, tuple):
        for each in written:
            yield from walked(each)
    elif isinstance(written, n.Node):
        yield written
        for each in type(written).__attrs_attrs__:  # type: ignore[attr-defined]
            if each.name != "span":
                yield from walked(getattr(written, each.name))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda *of: sum(of, Fraction(0)),
    "mean": lambda *of: sum(of, Fraction(0)) / len(of),
    "min": lambda *of: min(of),
    "max": lambda *of: max(of),
    "first": lambda *of: of[0],
    "last": lambda *of: of[-1],
}


def first_unit(units: Any) -> Unit | None:
    return next((each for each in units if each is not None), None)


def replace_unit(quantity: n.Quantity, unit: str) -> n.Quantity:
    return n.Quantity(quantity.number, quantity.decimals, quantity.magnitude, unit)


def unit_declared(declared: Any) -> Unit:
    said = next(each for each in declared.statements if isinstance(each, n.UnitOf))
    if said.unit in ("text", "item", "name", "row"):
        return b.WORD
    return b.unit_called(said.unit, said.per)


def looked_at(parts: list[Days], joined: str) -> list[Days]:
    """Of the parts of a period, those that are looked at: the first and the last stand alone."""
    return {"first": parts[:1], "last": parts[-1:]}.get(joined, parts)


def rhythm_of(declared: Any) -> str:
    return next((each.unit for each in declared.statements if isinstance(each, n.Rhythm)), "")


def joined_by(declared: Any) -> str:
    return next((each.function.text for each in declared.statements if isinstance(each, n.JoinedBy)), "")


def may_not_apply(declared: Any) -> bool:
    """Whether a missing reading, fact or parameter may turn out not to apply; an assessment (None) may not."""
    return declared is not None and any(isinstance(each, n.MayNotApply) for each in declared.statements)
