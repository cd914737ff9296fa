"""A record of actuals from JSON. Knows the format, not the contract."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from rkdsl import messages
from rkdsl.actuals.json_text import FLAWED, Json, read_json
from rkdsl.actuals.mistakes import Mistakes
from rkdsl.actuals.record import (
    ASSESSMENT,
    CONTRACT,
    FACT,
    MILESTONE,
    NOT_DONE,
    READING,
    SECTIONS,
    Record,
    Report,
    Value,
)
from rkdsl.diagnostics import Diagnostic
from rkdsl.values import NOT_APPLICABLE, State, decimal_text, parse_period, period_text


def read(source_name: str, data: bytes) -> tuple[Record | None, tuple[Diagnostic, ...]]:
    """The record in the bytes; None, with every mistake found, when there is any. Never raises."""
    mistakes = Mistakes(source_name)
    record = _record(source_name, data, read_json(data, mistakes), mistakes)
    return None if mistakes else record, mistakes.diagnostics()


_TOP_KEYS: Final = ("contract", "as_of", "note", *SECTIONS.values())


def _record(file: str, data: bytes, found: Json, mistakes: Mistakes) -> Record | None:
    if not isinstance(found, dict):
        _wrong_kind(found, "", "an object with `contract` and `readings`", mistakes)
        return None
    _refuse_unknown(found, _TOP_KEYS, "", mistakes)
    reports = [report for form in _FORMS for report in _section(form, found.get(form.section), mistakes)]
    return Record(
        file=file,
        contract=_required_text(found, "contract", "", mistakes),
        as_of=_day(found.get("as_of"), "as_of", mistakes),
        note=_text(found.get("note"), "note", mistakes),
        reports=tuple(reports),
        sha256=hashlib.sha256(data).hexdigest(),
    )


# ---- the four sections


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


def _section(form: _Form, found: Json, mistakes: Mistakes) -> Iterator[Report]:
    for id, entries in _object(found, form.section, mistakes).items():
        path = f"{form.section}.{id}"
        if form.kind == READING:
            yield from _readings(form, id, _object(entries, path, mistakes), path, mistakes)
        else:
            yield from _entries(form, _Where(id, "", path), entries, mistakes)


_LONGEST_PERIOD: Final = len("2009-01-01..2009-12-31")


def _readings(
    form: _Form, id: str, periods: dict[str, Json], path: str, mistakes: Mistakes
) -> Iterator[Report]:
    seen: dict[str, str] = {}
    for written, entries in periods.items():
        below = f"{path}.{written}"
        period = parse_period(written) if len(written) <= _LONGEST_PERIOD else None
        if period is None:
            mistakes.add(messages.json_no_period, below, written)
            continue
        canonical = period_text(period)
        if canonical in seen:
            mistakes.add(messages.json_period_twice, below, written, mistakes.at(f"{path}.{seen[canonical]}"))
            continue
        seen[canonical] = written
        yield from _entries(form, _Where(id, canonical, below), entries, mistakes)


def _entries(form: _Form, where: _Where, found: Json, mistakes: Mistakes) -> Iterator[Report]:
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
    _refuse_unknown(found, (form.value_key, *form.keys, *_EVERY_KEY), path, mistakes)
    corrects = _corrects(found.get("corrects"), f"{path}.corrects", mistakes)
    value = _value(form, found, corrects is not None, path, mistakes)
    if value is None:
        return None
    by, reason = _judged(found, path, mistakes, value) if form.kind == ASSESSMENT else ("", "")
    return Report(
        kind=form.kind,
        id=where.id,
        period=where.period,
        value=value,
        key=path,
        reported=_day(found.get("reported"), f"{path}.reported", mistakes),
        source=_text(found.get("source"), f"{path}.source", mistakes),
        corrects=corrects,
        by=by,
        reason=reason,
    )


def _judged(found: dict[str, Json], path: str, mistakes: Mistakes, value: Value) -> tuple[str, str]:
    """Who assessed, and why; that something does not apply is a reason in itself."""
    by = _required_text(found, "by", path, mistakes)
    if isinstance(value, State):
        return by, _text(found.get("reason"), f"{path}.reason", mistakes)
    return by, _required_text(found, "reason", path, mistakes)


def _plain_entry(form: _Form, where: _Where, found: Json, mistakes: Mistakes) -> Report | None:
    if form.kind == ASSESSMENT or isinstance(found, list):
        _wrong_kind(found, where.path, form.expected if form.kind != ASSESSMENT else _ASSESSED, mistakes)
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
        text = _required_text(found, "not_applicable", path, mistakes)
        return State(NOT_APPLICABLE, text)
    if value is not None:
        return form.read_value(value, f"{path}.{form.value_key}", form.expected, mistakes)
    # An object whose value is null says "not reported", as null alone does; a correction to nothing does not.
    if form.value_key not in found or is_correction:
        mistakes.add(messages.json_missing, f"{path}.{form.value_key}", form.expected)
    return None


# ---- values


def _reading(found: Json, path: str, expected: str, mistakes: Mistakes) -> Value | None:
    if isinstance(found, Fraction | bool):
        return found
    return _day_value(found, path, expected, mistakes)


def _milestone(found: Json, path: str, expected: str, mistakes: Mistakes) -> Value | None:
    return NOT_DONE if found == NOT_DONE else _day_value(found, path, expected, mistakes)


def _fact(found: Json, path: str, expected: str, mistakes: Mistakes) -> Value | None:
    if isinstance(found, Fraction | bool):
        return found
    if isinstance(found, str) and found.strip() and not _NUMBER_LIKE.fullmatch(found):
        return found if not _DAY.fullmatch(found) else _day_value(found, path, expected, mistakes)
    _wrong_kind(found, path, expected, mistakes)
    return None


def _points(found: Json, path: str, expected: str, mistakes: Mistakes) -> Value | None:
    if isinstance(found, Fraction):
        return found
    _wrong_kind(found, path, expected, mistakes)
    return None


_ASSESSED: Final = "an object with `points`, `by` and `reason`"
_FORMS: Final = (
    _Form(READING, "value", (), "a number, or a day such as `2009-11-12`", _reading),
    _Form(MILESTONE, "value", (), "a day such as `2009-11-12`, or `not done`", _milestone),
    _Form(FACT, "value", (), "a number, true or false, a day or a word", _fact),
    _Form(ASSESSMENT, "points", ("by", "reason"), "a number", _points),
)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER_LIKE = re.compile(r"\s*[-+]?[0-9][0-9_., ]*%?\s*", re.ASCII)


def _day_value(found: Json, path: str, expected: str, mistakes: Mistakes) -> datetime.date | None:
    """The day a text names; None, and a mistake noted, when it names none."""
    if not isinstance(found, str) or not _DAY.fullmatch(found):
        _wrong_kind(found, path, expected, mistakes)
        return None
    period = parse_period(found)
    if period is None:
        mistakes.add(messages.json_no_day, path, found)
        return None
    return period.first


def _day(found: Json, path: str, mistakes: Mistakes) -> datetime.date | None:
    return None if found is None else _day_value(found, path, "a day such as `2010-01-15`", mistakes)


def _corrects(found: Json, path: str, mistakes: Mistakes) -> datetime.date | str | None:
    if found is None or found == CONTRACT:
        return CONTRACT if found else None
    expected = "the `reported` day of the entry it corrects, or `contract`"
    return _day_value(found, path, expected, mistakes)


# ---- shapes


def _object(found: Json, path: str, mistakes: Mistakes) -> dict[str, Json]:
    """The object found; an empty one for none."""
    if isinstance(found, dict):
        return found
    if found is not None:
        expected = f"an object with a key for each {'period' if '.' in path else 'name'}"
        _wrong_kind(found, path, expected, mistakes)
    return {}


def _text(found: Json, path: str, mistakes: Mistakes) -> str:
    if found is None or isinstance(found, str):
        return found or ""
    _wrong_kind(found, path, "a text", mistakes)
    return ""


def _required_text(found: dict[str, Json], key: str, path: str, mistakes: Mistakes) -> str:
    below = _below(path, key)
    text = _text(found.get(key), below, mistakes)
    if not text.strip() and (found.get(key) is None or isinstance(found.get(key), str)):
        mistakes.add(messages.json_missing, below, "a text that says something")
    return text


def _refuse_unknown(found: dict[str, Json], known: tuple[str, ...], path: str, mistakes: Mistakes) -> None:
    for key in found:
        if key not in known:
            mistakes.add(messages.json_unknown_key, _below(path, key), key, known)


def _wrong_kind(found: Json, path: str, expected: str, mistakes: Mistakes) -> None:
    """Notes that something else was expected; nothing when what was found has been refused before."""
    if found is FLAWED:
        return
    text = found if isinstance(found, str) else ""
    quoted_number = bool(_NUMBER_LIKE.fullmatch(text)) and "number" in expected
    mistakes.add(messages.json_wrong_kind, path, _called(found), expected, text, quoted_number)


def _called(found: Json) -> str:
    match found:
        case None:
            return "null"
        case bool():
            return "true" if found else "false"
        case Fraction():
            return f"the number {messages.quoted(decimal_text(found, ''))}"
        case str():
            return f"the text {messages.quoted(found)}"
        case list():
            return "a list"
    return "an object"


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
