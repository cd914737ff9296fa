"""What a record says to a contract as of a day: each report matched with the input it answers.

Knows nothing of files or formats.
"""

from __future__ import annotations

import bisect
import datetime
import functools
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from rkdsl.actuals.mistakes import Mistakes
from rkdsl.actuals.record import (
    ASSESSMENT,
    CARRIED,
    CARRIED_PARTS,
    CONTRACT,
    FACT,
    FORECASTS,
    MILESTONE,
    NOT_DONE,
    PARAMETER,
    READING,
    REGISTERS,
    SECTIONS,
    Blank,
    Record,
    Report,
    Value,
)
from rkdsl.actuals.shapes import NUMBER_LIKE
from rkdsl.diagnostics import Diagnostic, Place, in_order
from rkdsl.outcome import MET, MISSED, PARTLY_MET
from rkdsl.plain import TYPE_CHECKING, Final, Late, NamedTuple
from rkdsl.rules.possible import Given, Possible, Settled, interval, known, union
from rkdsl.rules.tree import Field, Tree
from rkdsl.values import (
    NOT_APPLICABLE,
    NOT_DEFINED,
    PLAIN,
    WORD,
    Period,
    State,
    Unit,
    decimal_text,
    months,
    parse_period,
    period_text,
)

if TYPE_CHECKING:
    from rkdsl import messages
    from rkdsl.actuals import previous as outcomes
    from rkdsl.actuals.previous import Previous
    from rkdsl.contract import remarks
    from rkdsl.rules import wording
else:
    messages = Late("rkdsl.messages")
    remarks = Late("rkdsl.contract.remarks")
    outcomes = Late("rkdsl.actuals.previous")
    wording = Late("rkdsl.rules.wording")


Key = tuple[str, str]
"""The kind of an input and its key: the id it has in the actuals, with `@period` for what has one."""


class Binding(NamedTuple):
    """What is known on the day: the value of each input, and the reports left out as not known by then.

    With errors among the diagnostics nothing is given: a record is taken whole or refused.
    """

    given: Mapping[Key, Given]
    diagnostics: tuple[Diagnostic, ...]
    late: tuple[Report, ...] = ()


def bind(record: Record, tree: Tree, as_of: datetime.date, previous: Previous | None = None) -> Binding:
    """The record as it was known on `as_of`. Nothing reported later has any influence on what is given.

    `previous` is the outcome of the period before: it says what is carried over.
    """
    mistakes = Mistakes(record.file)
    if record.contract != tree.id:
        mistakes.add(messages.other_contract, "contract", record.contract, tree.id)
        return Binding({}, mistakes.diagnostics())
    names = _Names(tree)
    chains = [chain_of(reports, record.as_of) for reports in _by_input(record.reports)]
    _refuse_unknown(chains, record, names, mistakes)
    matched = [(field, chain) for chain in chains if (field := names.field(chain.key)) is not None]
    for field, chain in matched:
        _check(field, chain, record, mistakes)
    for blank in record.blanks:
        _check_blank(blank, names, mistakes)
    if mistakes:
        return Binding({}, mistakes.diagnostics())
    found = _bound(matched, record, as_of)
    return found if previous is None else _with_previous(found, record, previous, tree, as_of)


def input_key(report: Report) -> str:
    """The key of the input that a report answers."""
    return f"{report.id}@{report.period}" if report.period else report.id


class _Names:
    """What a contract can be told, and by which names."""

    def __init__(self, tree: Tree) -> None:
        self.fields: Final = {(field.kind, field.id): field for field in tree.fields}
        self._unit = tree.unit
        self._bearers = {"total", *(each.id for each in tree.items), *(each.id for each in tree.sections)}
        self._rows: dict[Key, list[str]] = {}
        self.of_kind: Final[dict[str, list[str]]] = {kind: [] for kind in SECTIONS}
        for kind, id in self.fields:
            self.of_kind[kind].append(id)
            name, _, column = id.rpartition(".")
            if kind == PARAMETER and name:
                self._rows.setdefault((kind, name), []).append(column)

    def field(self, key: Key) -> Field | None:
        """What is told under a name. A carried value that nothing asks for is one all the same."""
        kind, id = key
        name, _, part = id.rpartition(".")
        if key in self.fields or kind != CARRIED or name not in self._bearers or part not in CARRIED_PARTS:
            return self.fields.get(key)
        if part == "state":
            return Field(kind, id, WORD, words=(MET, PARTLY_MET, MISSED))
        return Field(kind, id, PLAIN if part == "share" else self._unit)

    def columns(self, key: Key) -> list[str]:
        """The columns of a parameter that is a row of numbers."""
        return self._rows.get(key, [])

    def belongs(self, id: str) -> list[str]:
        """The sections of the file in which there is something of that name."""
        kinds = [kind for kind in SECTIONS if (kind, id) in self.fields or self.columns((kind, id))]
        return [SECTIONS[kind] for kind in kinds]

    def has(self, blank: Blank) -> bool:
        """Whether there is something of the name, or of which the name is the beginning."""
        key = (blank.kind, blank.id)
        is_bearer = blank.kind == CARRIED and blank.id in self._bearers
        return is_bearer or self.field(key) is not None or bool(self.columns(key))


# ---- when a report is known

_ALWAYS: Final = datetime.date.min


def known_from(report: Report, record_as_of: datetime.date | None) -> datetime.date:
    """The first day on which a report is known.

    The day it was reported; without one the last day of a reading's period, the day a milestone was
    done, and for everything else the day the record itself is as of (always, when it names none).
    """
    if report.reported is not None:
        return report.reported
    period = _read_period(report)
    if period is not None:
        return period.last
    if report.kind == MILESTONE and isinstance(report.value, datetime.date):
        return report.value
    return record_as_of or _ALWAYS


def _read_period(report: Report) -> Period | None:
    """The period that a reading is of. A parameter of a period may be published before it ends."""
    return _period(report.period) if report.kind == READING else None


# A file names few periods, each many times.
_period: Final = functools.lru_cache(maxsize=1024)(parse_period)


@functools.lru_cache(maxsize=1024)
def _kind(period: Period) -> str:
    return period.kind


class Chain(NamedTuple):
    """The reports of one input in the order in which they became known, with the days on which they did."""

    reports: tuple[Report, ...]
    days: tuple[datetime.date, ...]

    @property
    def key(self) -> Key:
        """The kind and the name of what it tells."""
        return self.reports[0].kind, self.reports[0].id

    def known_on(self, day: datetime.date) -> int:
        """How many of the reports are known on a day."""
        return bisect.bisect_right(self.days, day)


def _by_input(reports: Iterable[Report]) -> Iterable[list[Report]]:
    found: dict[tuple[str, str, str], list[Report]] = {}
    for report in reports:
        found.setdefault((report.kind, report.id, report.period), []).append(report)
    return found.values()


def chain_of(reports: Sequence[Report], record_as_of: datetime.date | None) -> Chain:
    """Reports of one input, sorted by day; those of one day stay in the order of the file."""
    dated = sorted(((known_from(each, record_as_of), index) for index, each in enumerate(reports)))
    return Chain(tuple(reports[index] for _, index in dated), tuple(day for day, _ in dated))


# ---- what may be wrong


def _refuse_unknown(chains: Iterable[Chain], record: Record, names: _Names, mistakes: Mistakes) -> None:
    """Notes each name the contract does not have, once."""
    unknown = [(chain.key, chain.reports[0].key) for chain in chains if names.field(chain.key) is None]
    unknown += [((blank.kind, blank.id), blank.key) for blank in record.blanks if not names.has(blank)]
    for key, section in dict.fromkeys((key, _heading(key[0], path, record)) for key, path in unknown):
        kind, id = key
        name, _, column = id.rpartition(".")
        place = f"{record.path}{section}.{id}"
        if names.columns(key):
            mistakes.add(messages.column_missing, place, id, names.columns(key))
        elif kind == PARAMETER and (kind, name) in names.fields:
            mistakes.add(messages.no_columns, place, name, column)
        else:
            within = section.removesuffix(SECTIONS[kind]) if section.startswith(f"{FORECASTS}.") else ""
            known, belongs = names.of_kind[kind], [within + each for each in names.belongs(id)]
            mistakes.add(messages.unknown_report, place, id, section, known, belongs)


def _heading(kind: str, path: str, record: Record) -> str:
    """The section of the file in which something stands: facts of registers and what is expected have their own."""
    head = path.removeprefix(record.path).partition(".")[0]
    if head == REGISTERS:
        return REGISTERS
    return f"{FORECASTS}.{SECTIONS[kind]}" if head == FORECASTS else SECTIONS[kind]


def _check_blank(blank: Blank, names: _Names, mistakes: Mistakes) -> None:
    """Also what is not reported yet stands under a period of the right length."""
    field = names.field((blank.kind, blank.id))
    if field is not None and blank.period:
        _check_rhythm(field, blank, mistakes)


def _check(field: Field, chain: Chain, record: Record, mistakes: Mistakes) -> None:
    if not _check_rhythm(field, chain.reports[0], mistakes):
        return
    for report in chain.reports:
        _check_value(field, report, mistakes)
        check_day(report, record.as_of, mistakes)
        _check_role(field, report, mistakes)
        if report.corrects == CONTRACT and not _stated(field, report.period):
            mistakes.add(messages.corrects_no_figure, f"{report.key}.corrects", field.id, report.period)
    check_corrections(chain, mistakes)


def _check_role(field: Field, report: Report, mistakes: Mistakes) -> None:
    """What a role assesses or decides names the role, and says why; nothing else does."""
    if field.roles and report.by not in field.roles:
        told = messages.wrong_role if report.by else remarks.decided_by_none
        mistakes.add(told, f"{report.key}.by" if report.by else report.key, report.by, field.id, field.roles)
    elif field.roles and not report.reason and not isinstance(report.value, State):
        mistakes.add(remarks.without_reason, report.key, field.id, report.by)
    elif report.by and not field.roles and field.kind != ASSESSMENT:
        mistakes.add(remarks.nobody_decides, f"{report.key}.by", field.id)


def _check_rhythm(field: Field, report: Report | Blank, mistakes: Mistakes) -> bool:
    """Whether a report has the period that its field asks for, if it asks for one."""
    period, rhythm = _period(report.period), field.rhythm
    if period is None and rhythm and field.kind == PARAMETER:
        example = _EXAMPLES[rhythm]
        mistakes.add(messages.period_missing_in_report, report.key, field.id, rhythm, example)
    elif period is not None and not rhythm and field.kind == PARAMETER:
        mistakes.add(messages.no_periods, report.key, field.id, report.period)
    elif period is not None and rhythm and _kind(period) != rhythm:
        example = period_text(_last_of(rhythm, period))
        mistakes.add(
            messages.wrong_rhythm, report.key, field.id, report.period, _kind(period), rhythm, example
        )
    else:
        return True
    return False


_EXAMPLES: Final = {
    "day": "2009-07-01",
    "month": "2009-07",
    "quarter": "2009-Q3",
    "half-year": "2009-H2",
    "year": "2009",
}
_MONTHS: Final = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


def _last_of(rhythm: str, period: Period) -> Period:
    """The period of that rhythm in which another one ends."""
    last = period.last
    if rhythm == "day":
        return Period(last, last)
    count = _MONTHS[rhythm]
    return months(last.year, last.month - (last.month - 1) % count, count)


def _check_value(field: Field, report: Report, mistakes: Mistakes) -> None:
    value = report.value
    if isinstance(value, State) or _is_not_done(report):
        return
    held = _held(value, field)
    if held is None:
        _refuse_value(field, report, value, mistakes)
    elif isinstance(held, Fraction):
        _check_number(field, report, held, mistakes)
    elif isinstance(held, str) and field.words and held not in field.words:
        mistakes.add(messages.unlawful_word, report.key, held, field.id, field.words)


def _refuse_value(field: Field, report: Report, value: Value, mistakes: Mistakes) -> None:
    expected = _expected(field)
    if isinstance(value, str) and NUMBER_LIKE.fullmatch(value) and field.unit.shown not in ("day", "truth"):
        found = f"the text {messages.quoted(value)}"
        mistakes.add(messages.json_wrong_kind, report.key, found, expected, value, True)
    else:
        mistakes.add(messages.wrong_measure, report.key, _called(value), field.id, expected)


def _check_number(field: Field, report: Report, held: Fraction, mistakes: Mistakes) -> None:
    unit = field.unit
    if field.choices:
        if held not in field.choices:
            lawful = [_figure(each, unit) for each in field.choices]
            mistakes.add(messages.unlawful_number, report.key, _figure(held, unit), field.id, lawful)
        return
    if (unit.is_count and held.denominator != 1) or (unit.is_money and (held * 100).denominator != 1):
        mistakes.add(messages.finer_than_unit, report.key, held, unit)
    if (field.low is not None and held < field.low) or (field.high is not None and held > field.high):
        mistakes.add(
            messages.outside_range,
            report.key,
            _figure(held, unit),
            field.id,
            _range(field.low, field.high, unit),
        )


def check_day(report: Report, record_as_of: datetime.date | None, mistakes: Mistakes) -> None:
    """A figure or a milestone is reported once it happened; that it does not apply may be said before."""
    value, reported = report.value, report.reported
    done = value if report.kind == MILESTONE and isinstance(value, datetime.date) else None
    period = None if isinstance(value, State) else _read_period(report)
    happened = period.last if period is not None else done
    if reported is not None and happened is not None and reported < happened:
        what = f"{report.period} ends" if period is not None else "it was done"
        mistakes.add(
            messages.reported_too_early, f"{report.key}.reported", str(reported), what, str(happened)
        )
    elif reported is None and happened is not None and record_as_of is not None and happened > record_as_of:
        what = f"{report.period} ends" if period is not None else "done"
        mistakes.add(messages.in_the_future, report.key, what, str(happened), str(record_as_of))


def check_corrections(chain: Chain, mistakes: Mistakes) -> None:
    """Each report but the first corrects the one before it: so the last known one holds, on any day."""
    for index, report in enumerate(chain.reports):
        earlier = chain.days[:index]
        if isinstance(report.corrects, datetime.date):
            _check_correction(chain, index, report.corrects, mistakes)
        elif earlier:
            other = mistakes.at(chain.reports[index - 1].key)
            mistakes.add(messages.reported_twice, report.key, other, _day_text(earlier[-1]))


def _check_correction(chain: Chain, index: int, corrects: datetime.date, mistakes: Mistakes) -> None:
    earlier = chain.days[:index]
    key = f"{chain.reports[index].key}.corrects"
    if corrects not in earlier:
        days = [_day_text(day) for day in earlier if day != _ALWAYS]
        mistakes.add(messages.corrects_nothing, key, str(corrects), days)
    elif corrects != earlier[-1]:
        first = len(earlier) - earlier[::-1].index(corrects)  # the report after the last one of that day
        other = mistakes.at(chain.reports[first].key)
        mistakes.add(messages.corrected_twice, key, other, str(corrects), str(earlier[-1]))


def _day_text(day: datetime.date) -> str:
    return "" if day == _ALWAYS else str(day)


# ---- what is given


def _bound(matched: Iterable[tuple[Field, Chain]], record: Record, as_of: datetime.date) -> Binding:
    today = known(Fraction(as_of.toordinal()))
    given = {("as_of", ""): Given(today, f"as of {as_of}")}
    findings: list[Diagnostic] = []
    late: list[Report] = []
    for field, chain in matched:
        count = chain.known_on(as_of)
        late += chain.reports[count:]
        if count == 0:
            continue
        report, day = chain.reports[count - 1], chain.days[count - 1]
        value = _possible(report, field, as_of if day == _ALWAYS else day)
        source = _source(report, record.file)
        stated = () if chain.reports[0].corrects == CONTRACT else _stated(field, report.period)
        if _differs(value, stated):
            findings.append(_difference(Place(record.file, key=report.key), report, field, stated))
            value = functools.reduce(union, map(known, stated), value)
            figures = messages.listed((_figure(each, field.unit) for each in stated), "and")
            source += f", beside the contract's {figures}"
        if isinstance(report.value, State) and field.kind in _SAY_SO and not field.may_not_apply:
            findings.append(messages.may_it_not_apply(Place(record.file, key=report.key), field.id))
        given[field.kind, input_key(report)] = Given(value, source, not _is_not_done(report))
    return Binding(given, in_order(findings), tuple(late))


_SAY_SO: Final = (READING, FACT, PARAMETER)
"""Of these the contract says whether they may not apply."""


def _possible(report: Report, field: Field, said: datetime.date) -> Possible:
    """The value of a report. Of a milestone not done: any day after the one on which that was said."""
    if isinstance(report.value, State):
        return known(report.value)
    if _is_not_done(report):
        return Possible(interval(Fraction(said.toordinal() + 1), None, whole=True))
    held = _held(report.value, field)
    assert held is not None
    return known(held)


def _stated(field: Field, period: str) -> tuple[Fraction, ...]:
    """The figures that the contract itself states for a period."""
    return next((figures for when, figures in field.history if when == period), ())


def _differs(value: Possible, stated: tuple[Fraction, ...]) -> bool:
    """Whether a figure is not what the contract states, in all the places where it does."""
    return value.numbers is not None and any(value != known(figure) for figure in stated)


def _difference(place: Place, report: Report, field: Field, stated: tuple[Fraction, ...]) -> Diagnostic:
    held = _held(report.value, field)
    assert isinstance(held, Fraction)
    figures = messages.listed((f"`{_figure(each, field.unit)}`" for each in stated), "and")
    return messages.differs_from_contract(place, _figure(held, field.unit), field.id, report.period, figures)


def _source(report: Report, file: str) -> str:
    """Where a value comes from, for people."""
    parts = [f"{file} {report.key}"]
    if report.reported is not None:
        parts.append(f"reported {report.reported}")
    if report.source:
        parts.append(report.source)
    if report.by:
        parts.append(f"by {report.by}")
    if report.reason:
        parts.append(report.reason)
    if report.corrects is not None:
        parts.append(f"corrects {'the contract' if report.corrects == CONTRACT else report.corrects}")
    return ", ".join(parts)


# ---- what is carried over


def _with_previous(
    binding: Binding, record: Record, previous: Previous, tree: Tree, as_of: datetime.date
) -> Binding:
    """The binding with the values that the outcome of the period before says, beside those of the record."""
    fields = [field for field in tree.fields if field.kind == CARRIED]
    found, given = list(binding.diagnostics), dict(binding.given)
    if fields and previous.as_of > as_of:
        place = Place(previous.file, key="as_of")
        found.append(messages.outcome_too_late(place, str(previous.as_of), str(as_of)))
        fields = []
    if fields and previous.contract != tree.id:
        place = Place(previous.file, key="contract")
        found.append(messages.other_outcome(place, previous.contract, tree.id))
    for field in fields:
        report = outcomes.carried(previous, field, str(tree.unit))
        key, earlier = (CARRIED, field.id), binding.given.get((CARRIED, field.id))
        if not isinstance(report, Report):
            found += [report] if report.is_error or earlier is None else []
            continue
        said = _possible(report, field, as_of)
        if earlier is not None and not _agree(earlier.value, said):
            found.append(_contradiction(field, record, earlier.value, previous, report, said))
        given[key] = Given(said, _source(report, previous.file))
    return Binding({} if any(each.is_error for each in found) else given, in_order(found), binding.late)


def _agree(first: Possible, second: Possible) -> bool:
    """Whether two say the same, for whatever reason."""
    kinds = [[state.kind for state in each.states] for each in (first, second)]
    return kinds[0] == kinds[1] and first._replace(states=()) == second._replace(states=())


def _contradiction(
    field: Field, record: Record, told: Possible, previous: Previous, report: Report, said: Possible
) -> Diagnostic:
    """What the record and the outcome say of one value."""
    return messages.carried_otherwise(
        Place(record.file, key=f"{record.path}{SECTIONS[CARRIED]}.{field.id}"),
        wording.value(told, field.unit),
        field.id,
        Place(previous.file, key=report.key),
        wording.value(said, field.unit),
    )


# ---- values


def _is_not_done(report: Report) -> bool:
    return report.kind == MILESTONE and report.value == NOT_DONE


def _held(value: Value, field: Field) -> Settled | None:
    """A written value as the tree holds it: 80 in % is 4/5, a day its ordinal; None for another unit."""
    match field.unit.shown:
        case "day":
            return Fraction(value.toordinal()) if isinstance(value, datetime.date) else None
        case "truth":
            return value if isinstance(value, bool) else None
        case "word":
            return _held_word(value, field) if isinstance(value, str) else None
    return value * field.unit.scale if isinstance(value, Fraction) else None


def _held_word(word: str, field: Field) -> str | State:
    """A word; of a carried state *not applicable* and *not defined* are no words, but states."""
    is_state = field.kind == CARRIED and word in (NOT_APPLICABLE, NOT_DEFINED) and word not in field.words
    return State(word, "in the previous period") if is_state else word


def _called(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return f"the number `{decimal_text(value, '')}`"
    if isinstance(value, datetime.date):
        return f"the day `{value}`"
    return f"the word {messages.quoted(str(value))}"


def _expected(field: Field) -> str:
    unit = field.unit
    if field.words:
        return messages.listed(map(messages.quoted, field.words), limit=20)
    words = {"day": "a day, as in 2009-11-12", "truth": "true or false", "word": "a word"}
    if unit.shown in words:
        return words[unit.shown]
    if unit.is_count:
        return f"a whole number of {unit}"
    if unit.is_money:
        return f"an amount in {unit}"
    return "a number" if unit == Unit() else f"a number in {unit}"


def _figure(held: Fraction, unit: Unit) -> str:
    if unit.shown == "day":
        return str(datetime.date.fromordinal(int(held)))
    return messages.number_text(held, unit)


def _range(low: Fraction | None, high: Fraction | None, unit: Unit) -> str:
    if unit.shown != "day":
        return messages.range_text(low, high, unit)
    ends = [("from", low), ("to", high)]
    return " ".join(f"{word} {_figure(end, unit)}" for word, end in ends if end is not None)
