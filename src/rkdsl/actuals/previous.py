"""The outcome of the period before, read from JSON, as reports of the values that are carried over from it.

Knows the format `rkdsl-outcome/1`, and of it only what can be carried over.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from rkdsl import messages
from rkdsl.actuals.json_text import Json, read_json
from rkdsl.actuals.mistakes import Mistakes
from rkdsl.actuals.record import CARRIED, Report, Value
from rkdsl.actuals.shapes import below, day_at, of_format, required_text, text_at, wrong_kind
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.files import sha256_of_bytes
from rkdsl.outcome import FORMAT, NOT_KNOWN, PENDING
from rkdsl.plain import Final, NamedTuple, Plain, pattern
from rkdsl.rules.possible import DIVISION_BY_ZERO
from rkdsl.rules.tree import Field
from rkdsl.values import DAY, NOT_APPLICABLE, NOT_DEFINED, State


class Told(NamedTuple):
    """What the outcome says of an item, a section, the total or a named value.

    `points` and `maximum` are None while they are open, or where there are none; `key` is the path in the file. A
    named value has its number in `points`, or its `word` (`yes` and `no` for a truth).
    """

    key: str
    state: str
    points: Fraction | None
    maximum: Fraction | None
    is_open: bool
    word: str = ""


class Previous(Plain):
    """An outcome: of which contract, as of which day, in which unit its points are, and what it says by name.

    `unit` is empty where there are no points.
    `sha256` is the hexadecimal hash of the bytes it was read from.
    """

    file: str
    contract: str
    as_of: datetime.date
    unit: str
    told: Mapping[str, Told]
    values: Mapping[str, Told]
    sha256: str


def read_previous(file: str, data: bytes) -> tuple[Previous | None, tuple[Diagnostic, ...]]:
    """The outcome in the bytes; None, with every mistake found, when there is any. Never raises."""
    mistakes = Mistakes(file)
    previous = _previous(file, data, read_json(data, mistakes), mistakes)
    return None if mistakes else previous, mistakes.diagnostics()


def _previous(file: str, data: bytes, read: Json, mistakes: Mistakes) -> Previous | None:
    found = of_format(read, FORMAT, mistakes, messages.not_an_outcome)
    if found is None:
        return None
    contract = required_text(found, "contract", "", mistakes)
    as_of = day_at(found.get("as_of"), "as_of", "a day such as `2010-01-15`", mistakes)
    unit = text_at(found.get("unit"), "unit", mistakes)
    told = {"total": _told(found, "", mistakes)}
    for heading in ("items", "sections"):
        for path, each in _objects(found, heading, mistakes):
            told.setdefault(required_text(each, "id", path, mistakes), _told(each, path, mistakes))
    values = {
        required_text(each, "id", path, mistakes): _value_told(each, path, mistakes)
        for path, each in (_objects(found, "values", mistakes) if "values" in found else ())
    }
    if as_of is None:
        return None
    return Previous(file, contract, as_of, unit, told, values, sha256_of_bytes(data))


def _value_told(found: dict[str, Json], path: str, mistakes: Mistakes) -> Told:
    state = required_text(found, "state", path, mistakes)
    secured, possible = (_figure(found, name, path, mistakes) for name in ("secured", "possible"))
    word = found.get("word")
    if word is not None and not isinstance(word, str):
        wrong_kind(word, below(path, "word"), "a text, or null", mistakes)
    is_open = state in _OPEN or bool(_list(found, "may_become", path, mistakes)) or secured != possible
    return Told(
        path, state, None if is_open else secured, None, is_open, word if isinstance(word, str) else ""
    )


def _objects(found: dict[str, Json], key: str, mistakes: Mistakes) -> Iterator[tuple[str, dict[str, Json]]]:
    """The objects in a list, each with its path."""
    for index, each in enumerate(_list(found, key, "", mistakes)):
        path = f"{key}[{index}]"
        if isinstance(each, dict):
            yield path, each
        else:
            wrong_kind(each, path, "an object with `id`, `state` and `points`", mistakes)


def _list(found: dict[str, Json], key: str, path: str, mistakes: Mistakes) -> list[Json]:
    each = found.get(key)
    if isinstance(each, list):
        return each
    wrong_kind(each, below(path, key), "a list", mistakes)
    return []


def _told(found: dict[str, Json], path: str, mistakes: Mistakes) -> Told:
    state = required_text(found, "state", path, mistakes)
    points, place = found.get("points"), below(path, "points")
    if points is not None and not isinstance(points, dict):
        wrong_kind(points, place, "an object with `secured`, `possible` and `maximum`, or null", mistakes)
    figures = points if isinstance(points, dict) else {}
    secured, possible, maximum = (
        _figure(figures, name, place, mistakes) for name in ("secured", "possible", "maximum")
    )
    may_become = _list(found, "may_become", path, mistakes) if "may_become" in found else []
    is_open = state in _OPEN or bool(may_become) or secured != possible
    return Told(path, state, None if is_open else secured, None if is_open else maximum, is_open)


_FRACTION: Final = pattern(r"(-?[0-9]+)/([0-9]+)", re.ASCII)
_LONGEST_FRACTION: Final = 1000


def _figure(found: dict[str, Json], name: str, path: str, mistakes: Mistakes) -> Fraction | None:
    """A figure, the exact one where it stands beside the rounded one."""
    exact, rounded = found.get(f"{name}_exact"), found.get(name)
    if rounded is not None and not isinstance(rounded, Fraction):
        wrong_kind(rounded, f"{path}.{name}", "a number, or null", mistakes)
        return None
    if exact is None:
        return rounded
    text = exact if isinstance(exact, str) and len(exact) <= _LONGEST_FRACTION else ""
    match = _FRACTION.fullmatch(text)
    if match is not None and int(match[2]):
        return Fraction(int(match[1]), int(match[2]))
    wrong_kind(exact, f"{path}.{name}_exact", "a fraction such as `30/7`", mistakes)
    return None


# ---- what is carried over


def carried(previous: Previous, field: Field, unit: str) -> Report | Diagnostic:
    """The report of a carried value, else why the outcome does not say it; `unit` is that of the points now."""
    name, _, part = field.id.rpartition(".")
    if not name:
        return _carried_value(previous, field)
    told = previous.told.get(name)
    if told is None:
        why = f"the outcome has nothing called {messages.quoted(name)}"
        near = messages.nearest(name, previous.told)
        return messages.not_carried(Place(previous.file, key="items"), field.id, why, near)
    if part in ("points", "maximum") and previous.unit not in ("", unit):
        return messages.other_unit(Place(previous.file, key="unit"), previous.unit, field.id, unit)
    key = below(told.key, "state" if part == "state" else "points")
    value = _value(told, part, field)
    if value is None:
        return messages.not_carried(Place(previous.file, key=key), field.id, _why(told, part, name))
    return Report(CARRIED, field.id, "", value, key, source=f"{previous.contract} as of {previous.as_of}")


def _carried_value(previous: Previous, field: Field) -> Report | Diagnostic:
    """The report of a named value."""
    told = previous.values.get(field.id)
    if told is None:
        why = f"the outcome has no value called {messages.quoted(field.id)}"
        near = messages.nearest(field.id, previous.values)
        return messages.not_carried(Place(previous.file, key="values"), field.id, why, near)
    value: Value | None = None
    if told.state in (NOT_APPLICABLE, NOT_DEFINED):
        value = State(told.state, "in the previous outcome")
    elif field.unit.shown == "word":
        value = told.word if told.word in field.words or (told.word and not field.words) else None
    elif field.unit.shown == "truth":
        value = {"yes": True, "no": False}.get(told.word)
    elif field.unit == DAY:
        value = datetime.date.fromordinal(int(told.points)) if told.points is not None else None
    elif told.points is not None:
        value = told.points / field.unit.scale
    if value is None:
        return messages.not_carried(
            Place(previous.file, key=told.key), field.id, _why(told, "value", field.id)
        )
    source = f"{previous.contract} as of {previous.as_of}"
    return Report(CARRIED, field.id, "", value, told.key, source=source)


def _value(told: Told, part: str, field: Field) -> Value | None:
    """The value as a report has it: 80 for 80 %."""
    if told.state in (NOT_APPLICABLE, NOT_DEFINED) and told.state not in field.words:
        return State(told.state, "in the previous outcome")
    match part:
        case "state":
            return told.state if told.state in field.words and not told.is_open else None
        case "points":
            return told.points
        case "maximum":
            return told.maximum
        case "share" if told.points is not None and told.maximum is not None:
            return told.points / told.maximum / field.unit.scale if told.maximum else DIVISION_BY_ZERO
    return None


def _why(told: Told, part: str, name: str) -> str:
    """Why there is no value."""
    if part == "state" or told.state in _OPEN:
        return f"the outcome says {messages.quoted(told.state)} of {messages.quoted(name)}"
    what = "leaves open" if told.is_open else "does not say"
    return f"the outcome {what} the {part} of {messages.quoted(name)}"


_OPEN: Final = (PENDING, NOT_KNOWN)
