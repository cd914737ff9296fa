"""JSON bytes as plain exact values: nothing lost, nothing guessed, each flaw with the path of its key.

Knows nothing of what the values mean.
"""

from __future__ import annotations

import json
import re
import unicodedata
from fractions import Fraction

from rkdsl.actuals.mistakes import Mistakes
from rkdsl.diagnostics import Place
from rkdsl.plain import TYPE_CHECKING, Final, Late, NamedTuple, pattern
from rkdsl.source import BOM, Span, from_bytes
from rkdsl.values import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, exact

if TYPE_CHECKING:
    from rkdsl import messages
else:
    messages = Late("rkdsl.messages")


class Flaw:
    """Stands where a value could not be read and a mistake has been noted."""


FLAWED: Final = Flaw()

Json = None | bool | Fraction | str | Flaw | list["Json"] | dict[str, "Json"]
"""What a file holds: numbers exact, texts and keys in NFC without hidden characters, no key twice."""


MAX_MARKS: Final = 500_000
"""Commas and opening brackets in a file: no more values than these, so that a refusal comes soon."""


def read_json(data: bytes, mistakes: Mistakes) -> Json:
    """The values in the bytes, or `FLAWED` where there are none; never raises."""
    if len(data) > MAX_BYTES:
        mistakes.add(messages.text_too_large, Place(mistakes.file))
        return FLAWED
    text = _decoded(data, mistakes)
    if text is None:
        return FLAWED
    if sum(map(text.count, ",[{")) > MAX_MARKS:
        mistakes.add(messages.json_too_many, "", MAX_MARKS)
        return FLAWED
    deep = _too_deep_at(text)
    if deep is not None:
        line, column = _line_and_column(text, deep)
        mistakes.add(messages.json_too_deep, _place(mistakes, text, deep), line, column)
        return FLAWED
    try:
        parsed = json.loads(
            text, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_NoNumber
        )
    except json.JSONDecodeError as error:
        _note_syntax(error, text, mistakes)
        return FLAWED
    return _plain(parsed, "", mistakes)


# ---- bytes to text


def _decoded(data: bytes, mistakes: Mistakes) -> str | None:
    try:
        text = data.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return text
    found = from_bytes(mistakes.file, data).flaws[0]
    mistakes.add(lambda _: messages.flaw(mistakes.file, found), "")
    return None


_BRACKET = pattern(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


def _too_deep_at(text: str) -> int | None:
    """Where the nesting first goes over the limit. Found beforehand: the JSON decoder recurses."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return None
    depth = 0
    for match in _BRACKET.finditer(text):
        mark = text[match.start()]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return match.start()
        elif mark != '"':
            depth -= 1
    return None


def _note_syntax(error: json.JSONDecodeError, text: str, mistakes: Mistakes) -> None:
    at, problem = error.pos, error.msg
    if problem in _AFTER_COMMA:  # as Python tells it before 3.13: by what comes after the comma
        at, problem = len(text) - len(text[at + 1 :].lstrip(" \t\r\n")), _AFTER_COMMA[problem]
    found = _FOUND.match(text, at)
    run = found.group() if found else ""
    line, column = _line_and_column(text, at)
    mistakes.add(messages.not_json, _place(mistakes, text, at), line, column, run, problem)


_AFTER_COMMA: Final = {
    "Illegal trailing comma before end of object": "Expecting property name enclosed in double quotes",
    "Illegal trailing comma before end of array": "Expecting value",
}
_FOUND = pattern(r"[\w.+-]+|.", re.DOTALL)


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _place(mistakes: Mistakes, text: str, offset: int) -> Place:
    """The place of an offset, counted in the text as a `Source` normalises it."""
    before = unicodedata.normalize("NFC", text[:offset].replace("\r\n", "\n"))
    return Place(mistakes.file, Span(len(before), len(before) + 1))


# ---- what the JSON decoder hands over


class _Pairs(NamedTuple):
    """An object with all its keys, those written twice too."""

    pairs: list[tuple[str, object]]


class _Number(NamedTuple):
    """A number as written: its digits are counted before a number is made of it."""

    text: str


class _NoNumber(NamedTuple):
    """`NaN`, `Infinity` or `-Infinity`, which are not JSON, though Python reads them."""

    text: str


def _plain(value: object, path: str, mistakes: Mistakes) -> Json:
    """Recursion is bounded: the nesting has been measured."""
    match value:
        case _Pairs(pairs):
            return _object(pairs, path, mistakes)
        case list():
            return [_plain(each, f"{path}[{index}]", mistakes) for index, each in enumerate(value)]
        case _Number(text):
            return _number(text, path, mistakes)
        case _NoNumber(text):
            mistakes.add(messages.json_no_number, path, text)
            return FLAWED
        case str():
            return FLAWED if _hides(value, path, mistakes) else unicodedata.normalize("NFC", value)
    assert value is None or isinstance(value, bool)
    return value


def _object(pairs: list[tuple[str, object]], path: str, mistakes: Mistakes) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for raw, value in pairs:
        key = unicodedata.normalize("NFC", _without_surrogates(raw))
        below = f"{path}.{key}" if path else key
        plain = _plain(value, below, mistakes)
        if _hides(raw, below, mistakes):
            continue
        if key in found:
            mistakes.add(messages.json_key_twice, below, key)
        else:
            found[key] = plain
    return found


def _number(text: str, path: str, mistakes: Mistakes) -> Json:
    if text.isdigit() and len(text) <= MAX_DIGITS:
        return Fraction(int(text))  # what `exact` gives, several times faster
    number = exact(text)
    if number is None:
        mistakes.add(messages.json_number_too_long, path, text)
        return FLAWED
    return number


_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def _hides(text: str, path: str, mistakes: Mistakes) -> bool:
    """Whether a text holds a character that cannot be seen, or half of one; notes it."""
    if text.isprintable():
        return False
    hidden = next((char for char in text if unicodedata.category(char) in _HIDDEN), None)
    if hidden is None:
        return False
    mistakes.add(messages.json_hidden_character, path, f"U+{ord(hidden):04X}")
    return True


def _without_surrogates(text: str) -> str:
    """The text with halves of characters written out, so that it can be printed."""
    return text if text.isprintable() else text.encode("utf-8", "backslashreplace").decode()
