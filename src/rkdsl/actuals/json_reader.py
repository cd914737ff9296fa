"""A record of actuals from JSON. Knows the format, not the contract."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from fractions import Fraction

from rkdsl.actuals.json_text import FLAWED, Json, read_json
from rkdsl.actuals.mistakes import Mistakes
from rkdsl.actuals.record import (
    ASSESSMENT,
    CARRIED,
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
from rkdsl.actuals.shapes import (
    day_at,
    object_at,
    optional_day,
    refuse_unknown,
    required_text,
    text_at,
    wrong_kind,
)
from rkdsl.diagnostics import Diagnostic
from rkdsl.files import sha256_of_bytes
from rkdsl.plain import TYPE_CHECKING, Final, Late, NamedTuple, pattern
from rkdsl.values import NOT_APPLICABLE, State, is_day_text, parse_period, period_text

if TYPE_CHECKING:
    from rkdsl import messages
else:
    messages = Late("rkdsl.messages")


def read(source_name: str, data: bytes) -> tuple[Record | None, tuple[Diagnostic, ...]]:
    """The only record in the bytes; None, with every mistake found, when there is any. Never raises."""
    mistakes = Mistakes(source_name)
    record = _record(source_name, data, read_json(data, mistakes), "", mistakes)
    return None if mistakes else record, mistakes.diagnostics()


def read_several(source_name: str, data: bytes) -> tuple[tuple[Record, ...], tuple[Diagnostic, ...]]:
    """The record in the bytes, or those of a list; none, with every mistake found, when there is any."""
    mistakes = Mistakes(source_name)
    found = read_json(data, mistakes)
    if isinstance(found, list):
        if not found:
            mistakes.add(messages.json_missing, "[0]", _WHOLE)
        paths = (f"[{index}]." for index in range(len(found)))
        records = [_record(source_name, data, *each, mistakes) for each in zip(found, paths, strict=False)]
    else:
        records = [_record(source_name, data, found, "", mistakes)]
    told = () if mistakes else tuple(each for each in records if each is not None)
    return told, mistakes.diagnostics()


_WHOLE: Final = "an object with `contract`"
_TOP_KEYS: Final = ("contract", "as_of", "note", *SECTIONS.values(), REGISTERS, FORECASTS)


def _record(file: str, data: bytes, found: Json, path: str, mistakes: Mistakes) -> Record | None:
    """The record of an object; its keys begin with `path`."""
    at = path.removesuffix(".")
    if not isinstance(found, dict):
        wrong_kind(found, at, _WHOLE, mistakes)
        return None
    refuse_unknown(found, _TOP_KEYS, at, mistakes)
    told = [each for form in _FORMS for each in _section(form, found.get(form.section), path, mistakes)]
    told += _registers(found.get(REGISTERS), path, mistakes)
    return Record(
        file=file,
        contract=required_text(found, "contract", at, mistakes),
        as_of=optional_day(found.get("as_of"), f"{path}as_of", mistakes),
        note=text_at(found.get("note"), f"{path}note", mistakes),
        reports=tuple(each for each in told if isinstance(each, Report)),
        sha256=sha256_of_bytes(data),
        blanks=tuple(each for each in told if isinstance(each, Blank)),
        path=path,
        forecasts=tuple(_forecasts(found.get(FORECASTS), path, mistakes)),
    )


# ---- the sections


class _Form(NamedTuple):
    """How the entries of one kind are written: the key of the value, the other keys, how a value is read."""

    kind: str
    value_key: str
    keys: tuple[str, ...]
    expected: str
    read_value: Callable[[Json, str, str, Mistakes], Value | None]

    @property
    def section(self) -> str:
        return SECTIONS[self.kind]


class _Where(NamedTuple):
    """What an entry is about."""

    id: str
    period: str
    path: str

    def below(self, key: str) -> _Where:
        """A column or part of it."""
        return _Where(f"{self.id}.{key}", "", f"{self.path}.{key}")


_Told = Iterator[Report | Blank]


def _section(form: _Form, found: Json, path: str, mistakes: Mistakes) -> _Told:
    for id, entries in object_at(found, f"{path}{form.section}", "name", mistakes).items():
        where = _Where(id, "", f"{path}{form.section}.{id}")
        if form.kind == READING:
            told = _periods(form, where, object_at(entries, where.path, "period", mistakes), mistakes)
        elif form.kind == PARAMETER:
            told = _parameter(form, where, entries, mistakes)
        elif form.kind == CARRIED and isinstance(entries, dict) and not _is_entry(form, entries):
            told = _parts(form, where, entries, mistakes)
        else:
            told = _entries(form, where, entries, mistakes)
        yield from _or_blank(form, where, told)


def _registers(found: Json, path: str, mistakes: Mistakes) -> _Told:
    """What is reported of the rows of registers: facts, each of one column of one row."""
    form = next(each for each in _FORMS if each.kind == FACT)
    section = f"{path}{REGISTERS}"
    for register, rows in object_at(found, section, "register", mistakes).items():
        at = f"{section}.{register}"
        for row, columns in object_at(rows, at, "row", mistakes).items():
            for column, entries in object_at(columns, f"{at}.{row}", "column", mistakes).items():
                where = _Where(f"{register}.{row}.{column}", "", f"{at}.{row}.{column}")
                yield from _or_blank(form, where, _entries(form, where, entries, mistakes))


def _forecasts(found: Json, path: str, mistakes: Mistakes) -> Iterator[Report]:
    """What is expected of readings, milestones and facts, in the shape in which they are reported."""
    at = f"{path}{FORECASTS}"
    sections = object_at(found, at, "section", mistakes)
    forms = [each for each in _FORMS if each.kind in (READING, MILESTONE, FACT)]
    refuse_unknown(sections, tuple(each.section for each in forms), at, mistakes)
    for form in forms:
        for each in _section(form, sections.get(form.section), f"{at}.", mistakes):
            if isinstance(each, Report):
                yield each


def _is_entry(form: _Form, found: dict[str, Json]) -> bool:
    """Whether an object says one value, and not one for each part."""
    return not found.keys().isdisjoint((form.value_key, *_EVERY_KEY))


def _or_blank(form: _Form, where: _Where, told: _Told) -> _Told:
    """What is told; that it is named and nothing told, where that is all."""
    first = next(told, None)
    yield Blank(form.kind, where.id, where.period, where.path) if first is None else first
    yield from told


_LONGEST_PERIOD: Final = len("2009-01-01..2009-12-31")


def _periods(form: _Form, where: _Where, periods: dict[str, Json], mistakes: Mistakes) -> _Told:
    seen: dict[str, str] = {}
    for written, entries in periods.items():
        path = f"{where.path}.{written}"
        period = parse_period(written) if len(written) <= _LONGEST_PERIOD else None
        if period is None:
            mistakes.add(messages.json_no_period, path, written)
            continue
        canonical = period_text(period)
        if canonical in seen:
            other = mistakes.at(f"{where.path}.{seen[canonical]}")
            mistakes.add(messages.json_period_twice, path, written, other)
            continue
        seen[canonical] = written
        inner = _Where(where.id, canonical, path)
        yield from _or_blank(form, inner, _entries(form, inner, entries, mistakes))


_NAME: Final = pattern(r"[^\W\d][\w.]*")


def _parameter(form: _Form, where: _Where, found: Json, mistakes: Mistakes) -> _Told:
    """Entries of one value; else an object of periods, or of columns with entries or periods below them."""
    if not isinstance(found, dict) or _is_entry(form, found):
        yield from _entries(form, where, found, mistakes)
        return
    columns = {key: entries for key, entries in found.items() if _NAME.fullmatch(key)}
    periods = {key: entries for key, entries in found.items() if key not in columns}
    yield from _periods(form, where, periods, mistakes)
    for key, entries in columns.items():
        inner = where.below(key)
        yield from _or_blank(form, inner, _parameter(form, inner, entries, mistakes))


def _parts(form: _Form, where: _Where, parts: dict[str, Json], mistakes: Mistakes) -> _Told:
    for key, entries in parts.items():
        inner = where.below(key)
        yield from _or_blank(form, inner, _entries(form, inner, entries, mistakes))


def _entries(form: _Form, where: _Where, found: Json, mistakes: Mistakes) -> _Told:
    """The reports of one key: one entry, or a list of them where a later one corrects an earlier."""
    if not isinstance(found, list):
        report = _entry(form, where, found, mistakes)
        if report is not None:
            yield report
        return
    for index, each in enumerate(found):
        report = _entry(form, where._replace(path=f"{where.path}[{index}]"), each, mistakes)
        if report is not None:
            yield report


# ---- one entry

_EVERY_KEY: Final = ("not_applicable", "reported", "source", "corrects")


def _entry(form: _Form, where: _Where, found: Json, mistakes: Mistakes) -> Report | None:
    """The report of one entry; None when there is none (`null`) or it is flawed."""
    if found is None or found is FLAWED:
        return None
    if not isinstance(found, dict):
        return _plain_entry(form, where, found, mistakes)
    path = where.path
    refuse_unknown(found, (form.value_key, *form.keys, *_EVERY_KEY), path, mistakes)
    corrects = _corrects(found.get("corrects"), f"{path}.corrects", mistakes)
    value = _value(form, found, corrects is not None, path, mistakes)
    if value is None:
        return None
    by, reason = _judged(form, found, path, mistakes, value)
    return Report(
        kind=form.kind,
        id=where.id,
        period=where.period,
        value=value,
        key=path,
        reported=optional_day(found.get("reported"), f"{path}.reported", mistakes),
        source=text_at(found.get("source"), f"{path}.source", mistakes),
        corrects=corrects,
        by=by,
        reason=reason,
    )


def _judged(
    form: _Form, found: dict[str, Json], path: str, mistakes: Mistakes, value: Value
) -> tuple[str, str]:
    """Who assessed or decided, and why; that something does not apply is a reason in itself."""
    if form.kind != ASSESSMENT:
        return tuple(text_at(found.get(key), f"{path}.{key}", mistakes) for key in ("by", "reason"))  # type: ignore[return-value]  # of two
    by = required_text(found, "by", path, mistakes)
    if isinstance(value, State):
        return by, text_at(found.get("reason"), f"{path}.reason", mistakes)
    return by, required_text(found, "reason", path, mistakes)


def _plain_entry(form: _Form, where: _Where, found: Json, mistakes: Mistakes) -> Report | None:
    if form.kind == ASSESSMENT or isinstance(found, list):
        wrong_kind(found, where.path, form.expected if form.kind != ASSESSMENT else _ASSESSED, mistakes)
        return None
    value = form.read_value(found, where.path, form.expected, mistakes)
    return None if value is None else Report(form.kind, where.id, where.period, value, where.path)


def _value(
    form: _Form, found: dict[str, Json], is_correction: bool, path: str, mistakes: Mistakes
) -> Value | None:
    value, reason = found.get(form.value_key), found.get("not_applicable")
    if value is not None and reason is not None:
        mistakes.add(messages.json_two_answers, path, form.value_key)
        return None
    if reason is not None:
        text = required_text(found, "not_applicable", path, mistakes)
        return State(NOT_APPLICABLE, text)
    if value is not None:
        return form.read_value(value, f"{path}.{form.value_key}", form.expected, mistakes)
    # An object whose value is null says "not reported", as null alone does; a correction to nothing does not.
    if form.value_key not in found or is_correction:
        mistakes.add(messages.json_missing, f"{path}.{form.value_key}", form.expected)
    return None


# ---- values


def _milestone(found: Json, path: str, expected: str, mistakes: Mistakes) -> Value | None:
    return NOT_DONE if found == NOT_DONE else day_at(found, path, expected, mistakes)


def _figure(found: Json, path: str, expected: str, mistakes: Mistakes) -> Value | None:
    if isinstance(found, Fraction | bool):
        return found
    if isinstance(found, str) and found.strip():
        return found if not is_day_text(found) else day_at(found, path, expected, mistakes)
    wrong_kind(found, path, expected, mistakes)
    return None


def _points(found: Json, path: str, expected: str, mistakes: Mistakes) -> Value | None:
    if isinstance(found, Fraction | bool):
        return found
    wrong_kind(found, path, expected, mistakes)
    return None


_FIGURE: Final = "a number, true or false, a day or a word"
_ASSESSED: Final = "an object with `points`, `by` and `reason`"
_FORMS: Final = (
    _Form(READING, "value", ("by", "reason"), _FIGURE, _figure),
    _Form(MILESTONE, "value", (), "a day such as `2009-11-12`, or `not done`", _milestone),
    _Form(FACT, "value", ("by", "reason"), _FIGURE, _figure),
    _Form(
        ASSESSMENT,
        "points",
        ("by", "reason"),
        "a number, or true or false where there are no points",
        _points,
    ),
    _Form(PARAMETER, "value", (), _FIGURE, _figure),
    _Form(CARRIED, "value", (), "a number or a word", _figure),
)


def _corrects(found: Json, path: str, mistakes: Mistakes) -> datetime.date | str | None:
    if found is None or found == CONTRACT:
        return CONTRACT if found else None
    expected = "the `reported` day of the entry it corrects, or `contract`"
    return day_at(found, path, expected, mistakes)
