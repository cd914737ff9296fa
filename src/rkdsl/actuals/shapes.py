"""What stands where a value is expected: the object, text or day it is, else the mistake that it is none."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from fractions import Fraction

from rkdsl.actuals.json_text import FLAWED, Json
from rkdsl.actuals.mistakes import Mistakes
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.plain import TYPE_CHECKING, Final, Late, pattern
from rkdsl.values import decimal_text, is_day_text, parse_period

if TYPE_CHECKING:
    from rkdsl import messages
else:
    messages = Late("rkdsl.messages")


NUMBER_LIKE: Final = pattern(r"\s*[-+]?[0-9][0-9_., ]*%?\s*", re.ASCII)
"""A text that was probably meant as a number."""


def object_at(found: Json, path: str, each: str, mistakes: Mistakes) -> dict[str, Json]:
    """The object found, with a key for each period, name or part; an empty one for none."""
    if isinstance(found, dict):
        return found
    if found is not None:
        wrong_kind(found, path, f"an object with a key for each {each}", mistakes)
    return {}


def of_format(
    found: Json, form: str, mistakes: Mistakes, refuse: Callable[[Place, str, str], Diagnostic]
) -> dict[str, Json] | None:
    """A document that says its own format; None, with `refuse` noted, where it is another or none."""
    if found is FLAWED:
        return None
    said = found.get("format") if isinstance(found, dict) else None
    if isinstance(found, dict) and said == form:
        return found
    mistakes.add(
        refuse, "format" if said else "", called(found if said is None else said), f'"format": "{form}"'
    )
    return None


def text_at(found: Json, path: str, mistakes: Mistakes) -> str:
    """The text found, empty for none."""
    if found is None or isinstance(found, str):
        return found or ""
    wrong_kind(found, path, "a text", mistakes)
    return ""


def required_text(found: dict[str, Json], key: str, path: str, mistakes: Mistakes) -> str:
    """The text of a key that must say something."""
    inner = below(path, key)
    text = text_at(found.get(key), inner, mistakes)
    if not text.strip() and (found.get(key) is None or isinstance(found.get(key), str)):
        mistakes.add(messages.json_missing, inner, "a text that says something")
    return text


def day_at(found: Json, path: str, expected: str, mistakes: Mistakes) -> datetime.date | None:
    """The day a text names; None, and a mistake noted, when it names none."""
    if not isinstance(found, str) or not is_day_text(found):
        wrong_kind(found, path, expected, mistakes)
        return None
    period = parse_period(found)
    if period is None:
        mistakes.add(messages.json_no_day, path, found)
        return None
    return period.first


def optional_day(found: Json, path: str, mistakes: Mistakes) -> datetime.date | None:
    """The day a text names; None for none."""
    return None if found is None else day_at(found, path, "a day such as `2010-01-15`", mistakes)


def refuse_unknown(found: Iterable[str], known: tuple[str, ...], path: str, mistakes: Mistakes) -> None:
    """Notes each key that is not a known one."""
    for key in found:
        if key not in known:
            mistakes.add(messages.json_unknown_key, below(path, key), key, known)


def wrong_kind(found: Json, path: str, expected: str, mistakes: Mistakes) -> None:
    """Notes that something else was expected; nothing when what was found has been refused before."""
    if found is FLAWED:
        return
    text = found if isinstance(found, str) else ""
    quoted_number = bool(NUMBER_LIKE.fullmatch(text)) and "number" in expected
    mistakes.add(messages.json_wrong_kind, path, called(found), expected, text, quoted_number)


def called(found: Json) -> str:
    """What was found, for people."""
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


def below(path: str, key: str) -> str:
    """The path of a key inside another."""
    return f"{path}.{key}" if path else key
