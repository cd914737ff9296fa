"""What the examples of a contract suppose: each row as the input it gives, with the mistakes in them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

import attrs

from rkdsl import messages
from rkdsl.contract import remarks
from rkdsl.contract.parts import examples_of
from rkdsl.contract.report import Report, value_of
from rkdsl.contract.symbols import Checked
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.language import nodes
from rkdsl.rules.possible import Given, Possible, Settled, interval, known
from rkdsl.rules.tree import Field, Tree
from rkdsl.source import Source
from rkdsl.values import NOT_APPLICABLE, Period, State, Unit

Key = tuple[str, str]
NOT_DONE: Final = "not done"
_KINDS: Final = ("reading", "fact", "parameter", "milestone", "assessment", "carried")
"""What a name in an example stands for, first that fits."""
_SAY_SO: Final = ("reading", "fact", "parameter")
"""Of these the contract says whether they may not apply."""
_PERIODS: Final = {
    "day": "2009-07-01",
    "month": "2009-07",
    "quarter": "2009-Q3",
    "half-year": "2009-H2",
    "year": "2009",
}


@attrs.frozen
class Supposed:
    """An example with the day whose knowledge counts, and what is given on it."""

    node: nodes.Example
    day: datetime.date
    given: Mapping[Key, Given]


def check_examples(checked: Checked, tree: Tree) -> tuple[Diagnostic, ...]:
    """The mistakes in what examples suppose; what they expect is checked with the contract."""
    report = Report(checked.file)
    for _ in _supposed(checked, tree, report):
        pass
    return report.diagnostics


def suppositions(checked: Checked, tree: Tree, source: Source) -> tuple[Supposed, ...]:
    """What each example supposes, in the order of the text."""
    return tuple(_supposed(checked, tree, Report(checked.file), source))


def _supposed(
    checked: Checked, tree: Tree, report: Report, source: Source | None = None
) -> Iterator[Supposed]:
    fields = _by_name(tree.fields)
    for example in examples_of(checked.node):
        day = _day_of(example, checked, report)
        reader = _Reader(fields, day, report, source)
        rows = [row for each in example.statements if isinstance(each, nodes.Given) for row in each.rows]
        given = dict(each for row in rows if (each := reader.row(row)) is not None)
        if day is not None:
            today = Given(known(Fraction(day.toordinal())), f"as of {day}")
            yield Supposed(example, day, {("as_of", ""): today, **given})


def _by_name(fields: Sequence[Field]) -> Mapping[str, Field]:
    """What can be told under each name; of two, the first in the order of the kinds."""
    ordered = sorted(fields, key=lambda each: _KINDS.index(each.kind), reverse=True)
    return {each.id: each for each in ordered}


def _day_of(example: nodes.Example, checked: Checked, report: Report) -> datetime.date | None:
    """The day that it names, else the one on which reporting closes, else the first after the time that binds."""
    if example.day is not None:
        period = report.period(example.day)
        if period is not None and period.kind != "day":
            report.add(messages.one_day_wanted(report.place(example.day.span), str(period)))
            return None
        return period.first if period is not None else None
    if checked.closes is not None:
        return checked.closes.first
    whole = checked.binding or checked.period
    if whole is None or whole.last == datetime.date.max:
        report.add(remarks.no_day(report.place(example.title.span)))
        return None
    return whole.last + datetime.timedelta(days=1)


class _Reader:
    """Reads the rows of one example."""

    def __init__(
        self, fields: Mapping[str, Field], day: datetime.date | None, report: Report, source: Source | None
    ) -> None:
        self.fields, self.day, self.report, self.source = fields, day, report, source
        self.seen: dict[tuple[str, Period | None], nodes.GivenRow] = {}

    def row(self, row: nodes.GivenRow) -> tuple[Key, Given] | None:
        """The input that a row gives; None for a mistake, which is reported."""
        name = row.name.text
        if name not in self.fields:
            self.report.unknown(row.name, self.fields, "measure, fact, milestone or assessment")
            return None
        field = self.fields[name]
        period = self.report.period(row.period) if row.period is not None else None
        if (row.period is not None and period is None) or not self._fits(field, row, period):
            return None
        first = self.seen.setdefault((name, period), row)
        if first is not row:
            self.report.twice(row.span, name, first.span)
            return None
        value = self._value(field, row.value)
        if value is None or not self._has_come(field, row, period, value):
            return None
        key = f"{name}@{period}" if period is not None else name
        reported = not (field.kind == "milestone" and isinstance(value, Possible))
        can_be = value if isinstance(value, Possible) else known(value)
        return (field.kind, key), Given(can_be, self._told(row), reported)

    def _told(self, row: nodes.GivenRow) -> str:
        """Where a value comes from, for people."""
        if self.source is None:
            return ""
        line, _ = self.source.place(row.span.start)
        return f"{self.source.file(row.span.start)}:{line}  given"

    def _place(self, node: nodes.Node) -> Place:
        return self.report.place(node.span)

    # ---- periods

    def _fits(self, field: Field, row: nodes.GivenRow, period: Period | None) -> bool:
        """Whether a row has the period that is asked for, if one is."""
        rhythm = field.rhythm
        if period is None and rhythm:
            message = remarks.no_period_given(self._place(row.name), field.id, rhythm, _PERIODS[rhythm])
        elif period is not None and not rhythm:
            message = remarks.period_unwanted(self._place(row), field.id, str(period))
        elif period is not None and period.kind != rhythm:
            place, example = self._place(row), _PERIODS[rhythm]
            message = remarks.other_period(place, field.id, str(period), rhythm, example)
        else:
            return True
        self.report.add(message)
        return False

    def _has_come(
        self, field: Field, row: nodes.GivenRow, period: Period | None, value: Settled | Possible
    ) -> bool:
        """What is reported has happened by the day; that it does not apply may be said before."""
        last = period.last if period is not None and field.kind == "reading" else None
        what = f"{period} ends"
        if field.kind == "milestone" and isinstance(value, Fraction):
            last, what = datetime.date.fromordinal(int(value)), "it was done"
        if isinstance(value, State) or last is None or self.day is None or last <= self.day:
            return True
        self.report.add(remarks.not_yet(self._place(row), what, str(last), str(self.day)))
        return False

    # ---- values

    def _value(self, field: Field, cell: nodes.Cell) -> Settled | Possible | None:
        """The value as the tree holds it; None for one that cannot be given."""
        if isinstance(cell, nodes.NoValue):
            return self._state(field, cell)
        if field.kind == "milestone" and isinstance(cell, nodes.Word) and cell.text == NOT_DONE:
            after = self.day.toordinal() + 1 if self.day is not None else 1
            return Possible(interval(Fraction(after), None, whole=True))
        value = self._held(field, cell)
        if value is None or not self._is_lawful(field, cell, value):
            return None
        return value

    def _state(self, field: Field, cell: nodes.NoValue) -> State | None:
        if field.kind != "carried" and cell.state != NOT_APPLICABLE:
            self.report.add(remarks.other_value(self._place(cell), field.id, _expected(field)))
            return None
        if field.kind in _SAY_SO and not field.may_not_apply:
            self.report.add(remarks.may_it_not_apply_here(self._place(cell), field.id))
        return State(cell.state, cell.reason.text)

    def _held(self, field: Field, cell: nodes.Cell) -> Settled | None:
        match field.unit.shown, cell:
            case "truth", nodes.Reference(name=nodes.Identifier(text="yes" | "no" as word)):
                return word == "yes"
            case "day", nodes.PeriodLiteral():
                period = self.report.period(cell)
                if period is None or period.kind == "day":
                    return Fraction(period.first.toordinal()) if period is not None else None
            case "word", nodes.Word(text=text):
                return text
            case shown, nodes.Quantity() if shown not in ("truth", "day", "word"):
                return value_of(cell, field.unit, self.report, lenient=True)
        self.report.add(remarks.other_value(self._place(cell), field.id, _expected(field)))
        return None

    def _is_lawful(self, field: Field, cell: nodes.Cell, value: Settled) -> bool:
        """Whether actuals could say it: one of the numbers or words, or inside the range."""
        lawful = ""
        if isinstance(value, str) and field.words and value not in field.words:
            lawful = messages.listed((f'"{each}"' for each in field.words), limit=20)
        if isinstance(value, Fraction):
            beyond = (field.low is not None and value < field.low) or (
                field.high is not None and value > field.high
            )
            if field.choices and value not in field.choices:
                lawful = messages.listed([_figure(each, field.unit) for each in field.choices], limit=20)
            elif not field.choices and beyond:
                lawful = _range(field)
        if lawful:
            found = _figure(value, field.unit) if isinstance(value, Fraction) else f'"{value}"'
            self.report.add(remarks.never_reported(self._place(cell), found, field.id, lawful))
        return not lawful


def _expected(field: Field) -> str:
    if field.words:
        return messages.listed((f'"{each}"' for each in field.words), limit=20)
    if field.kind == "milestone":
        return 'a day such as 2009-11-12, or `"not done"`'
    words = {"day": "a day such as 2009-11-12", "truth": "yes or no", "word": "a word in quotes"}
    unit = str(field.unit)
    return words.get(field.unit.shown) or (f"a number of {unit}" if unit else "a number")


def _figure(value: Fraction, unit: Unit) -> str:
    if unit.shown == "day":
        return str(datetime.date.fromordinal(int(value)))
    return messages.number_text(value, unit)


def _range(field: Field) -> str:
    if field.unit.shown != "day":
        return messages.range_text(field.low, field.high, field.unit)
    ends = (("from", field.low), ("to", field.high))
    return " ".join(f"{word} {_figure(end, field.unit)}" for word, end in ends if end is not None)
