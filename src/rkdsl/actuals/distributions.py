"""Files of distributions, read from JSON: what is stated of figures that are missing, each mistake with its key.

Knows nothing of the contract they belong to.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Final

from rkdsl import messages
from rkdsl.actuals.json_text import Json, read_json
from rkdsl.actuals.mistakes import Mistakes
from rkdsl.actuals.record import NOT_DONE
from rkdsl.actuals.shapes import (
    below,
    called,
    day_at,
    object_at,
    of_format,
    required_text,
    text_at,
    wrong_kind,
)
from rkdsl.chance import remarks
from rkdsl.chance.distributions import (
    FORMAT,
    NAMES,
    NOT_REPORTED,
    Choice,
    Days,
    Draw,
    History,
    How,
    Late,
    Lognormal,
    Normal,
    Stated,
    Triangular,
    Uniform,
)
from rkdsl.diagnostics import Diagnostic
from rkdsl.files import sha256_of_bytes
from rkdsl.values import NOT_APPLICABLE, Period, decimal_text, parse_period

MAX_DECIMALS: Final = 6
"""Decimals that a drawn figure may have."""
_TOP_KEYS: Final = ("format", "contract", "note", "draws")
_STATES: Final = (NOT_APPLICABLE, NOT_DONE, NOT_REPORTED)
_FIXED, _YES, _DECIMALS = "fixed", "yes", "decimals"
_ENDS: Final = ("from", "most likely", "to")
_MOST_DAYS: Final = 100_000


def read_distributions(file: str, data: bytes) -> tuple[Stated | None, tuple[Diagnostic, ...]]:
    """The distributions in the bytes; None, with every mistake found, when there is any. Never raises."""
    mistakes = Mistakes(file)
    stated = _stated(file, data, read_json(data, mistakes), mistakes)
    return None if mistakes else stated, mistakes.diagnostics()


def _stated(file: str, data: bytes, read: Json, mistakes: Mistakes) -> Stated | None:
    found = of_format(read, FORMAT, mistakes, remarks.not_distributions)
    if found is None:
        return None
    _refuse_unknown(found, _TOP_KEYS, "", mistakes)
    text_at(found.get("note"), "note", mistakes)
    contract = text_at(found.get("contract"), "contract", mistakes)
    draws = {}
    for name, each in object_at(found.get("draws"), "draws", "figure", mistakes).items():
        draw = _draw(each, f"draws.{name}", mistakes)
        if draw is not None:
            draws[name] = draw
    return Stated(file, contract, draws, sha256_of_bytes(data))


def _draw(found: Json, path: str, mistakes: Mistakes) -> Draw | None:
    if not isinstance(found, dict):
        wrong_kind(found, path, f"an object with {_LAWFUL}", mistakes)
        return None
    _refuse_unknown(found, (*_READERS, *_STATES, _DECIMALS), path, mistakes)
    kinds = [each for each in found if each in _READERS]
    states = tuple(
        (each, _share(found[each], below(path, each), mistakes)) for each in _STATES if each in found
    )
    said = sum((share for _, share in states), Fraction(0))
    if said > 1:
        hint = "the rest of 1 is the share of draws that have a figure"
        mistakes.add(
            remarks.no_distribution, path, f"the shares of states are {decimal_text(said)} together", hint
        )
    if len(kinds) > 1:
        text = f"`{kinds[0]}` and `{kinds[1]}` both say how it is drawn"
        mistakes.add(remarks.no_distribution, below(path, kinds[1]), text, "keep the one that holds")
    if not kinds:
        if said == 1:  # no figure is drawn
            return Draw(path, Choice((), ()), states)
        mistakes.add(messages.json_missing, path, _LAWFUL)
        return None
    decimals = _decimals(found.get(_DECIMALS), below(path, _DECIMALS), mistakes)
    how = _READERS[kinds[0]](found[kinds[0]], below(path, kinds[0]), mistakes)
    return None if how is None else Draw(path, how, states, decimals)


def _share(found: Json, path: str, mistakes: Mistakes) -> Fraction:
    if isinstance(found, Fraction) and 0 <= found <= 1:
        return found
    wrong_kind(found, path, "a number from 0 to 1: the share of draws", mistakes)
    return Fraction(0)


def _decimals(found: Json, path: str, mistakes: Mistakes) -> int | None:
    if found is None:
        return None
    if isinstance(found, Fraction) and found in range(MAX_DECIMALS + 1):
        return int(found)
    wrong_kind(found, path, f"a whole number from 0 to {MAX_DECIMALS}", mistakes)
    return None


def _refuse_unknown(found: Iterable[str], known: tuple[str, ...], path: str, mistakes: Mistakes) -> None:
    for key in found:
        if key not in known:
            mistakes.add(remarks.unknown_key, below(path, key), key, known)


# ---- distributions


def _numbers(found: Json, path: str, keys: tuple[str, ...], mistakes: Mistakes) -> list[Fraction] | None:
    """The numbers under the keys, all of which must be there."""
    if not isinstance(found, dict):
        wrong_kind(
            found, path, f"an object with {messages.listed([f'`{each}`' for each in keys], 'and')}", mistakes
        )
        return None
    _refuse_unknown(found, keys, path, mistakes)
    numbers = []
    for key in keys:
        each = found.get(key)
        if isinstance(each, Fraction):
            numbers.append(each)
        elif each is None:
            mistakes.add(messages.json_missing, below(path, key), "a number")
        else:
            wrong_kind(each, below(path, key), "a number", mistakes)
    return numbers if len(numbers) == len(keys) else None


def _normal(found: Json, path: str, mistakes: Mistakes) -> How | None:
    numbers = _numbers(found, path, ("mean", "sd"), mistakes)
    if numbers is None:
        return None
    if numbers[1] <= 0:
        hint = 'the standard deviation is above zero; one value is `{"fixed": …}`'
        mistakes.add(remarks.no_distribution, below(path, "sd"), f"found {numbers[1]}", hint)
    return Normal(*numbers)


def _lognormal(found: Json, path: str, mistakes: Mistakes) -> How | None:
    made = _normal(found, path, mistakes)
    if not isinstance(made, Normal):
        return None
    if made.mean <= 0:
        hint = "figures of this distribution are above zero, and so is their mean"
        mistakes.add(remarks.no_distribution, below(path, "mean"), f"found {made.mean}", hint)
    return Lognormal(*made)


def _uniform(found: Json, path: str, mistakes: Mistakes) -> How | None:
    numbers = _numbers(found, path, ("from", "to"), mistakes)
    if numbers is None:
        return None
    _in_order(numbers, path, mistakes)
    return Uniform(*numbers)


def _triangular(found: Json, path: str, mistakes: Mistakes) -> How | None:
    numbers = _numbers(found, path, _ENDS, mistakes)
    if numbers is None:
        return None
    _in_order(numbers, path, mistakes)
    return Triangular(*numbers)


def _in_order(ends: list[Fraction], path: str, mistakes: Mistakes) -> None:
    if ends != sorted(ends) or ends[0] == ends[-1]:
        hint = "`from` is below `to`, and what is most likely lies between them"
        mistakes.add(remarks.no_distribution, path, "the ends are not in order", hint)


def _choice(found: Json, path: str, mistakes: Mistakes) -> How | None:
    if not isinstance(found, list) or not found:
        wrong_kind(
            found, path, 'a list such as `[{"value": 4, "weight": 3}, {"value": 5, "weight": 1}]`', mistakes
        )
        return None
    values: list[Fraction | bool | str] = []
    weights: list[Fraction] = []
    for index, each in enumerate(found):
        at = f"{path}[{index}]"
        if not isinstance(each, dict):
            wrong_kind(each, at, "an object with `value` and `weight`", mistakes)
            continue
        _refuse_unknown(each, ("value", "weight"), at, mistakes)
        value = _value(each.get("value"), below(at, "value"), mistakes)
        weight = each.get("weight")
        if not isinstance(weight, Fraction) or weight < 0:
            wrong_kind(weight, below(at, "weight"), "a number that is not below zero", mistakes)
        elif value is not None:
            if value in values and any(type(one) is type(value) and one == value for one in values):
                mistakes.add(
                    remarks.no_distribution, at, f"found {called(value)} again", "add the weights up"
                )
            values.append(value)
            weights.append(weight)
    if len(weights) == len(found) and not sum(weights):
        mistakes.add(remarks.no_distribution, path, "no value has a weight", "give weights above zero")
    return Choice(tuple(values), tuple(weights))


def _value(found: Json, path: str, mistakes: Mistakes) -> Fraction | bool | str | None:
    if isinstance(found, Fraction | bool | str):
        return found
    wrong_kind(found, path, "a number, a word, a day, or true or false", mistakes)
    return None


def _fixed(found: Json, path: str, mistakes: Mistakes) -> How | None:
    value = _value(found, path, mistakes)
    return None if value is None else Choice((value,), (Fraction(1),))


def _yes(found: Json, path: str, mistakes: Mistakes) -> How | None:
    share = _share(found, path, mistakes)
    return Choice((True, False), (share, 1 - share))


def _days(found: Json, path: str, mistakes: Mistakes) -> How | None:
    if not isinstance(found, dict):
        wrong_kind(found, path, "an object with `from`, `to` and perhaps `most likely`", mistakes)
        return None
    _refuse_unknown(found, _ENDS, path, mistakes)
    days: dict[str, datetime.date] = {}
    for key in _ENDS:
        if key in found or key != "most likely":
            day = day_at(found.get(key), below(path, key), "a day such as `2010-01-15`", mistakes)
            if day is not None:
                days[key] = day
    if not {"from", "to"} <= days.keys():
        return None
    _days_in_order([days[key] for key in _ENDS if key in days], path, mistakes)
    return Days(days["from"], days["to"], days.get("most likely"))


def _late(found: Json, path: str, mistakes: Mistakes) -> How | None:
    keys = _ENDS if isinstance(found, dict) and "most likely" in found else ("from", "to")
    numbers = _numbers(found, path, keys, mistakes)
    if numbers is None:
        return None
    if any(each.denominator != 1 or abs(each) > _MOST_DAYS for each in numbers):
        hint = "days late are whole numbers; below zero they are early"
        mistakes.add(remarks.no_distribution, path, "not a number of days", hint)
        return None
    _days_in_order([int(each) for each in numbers], path, mistakes)
    first, *between, last = (int(each) for each in numbers)
    return Late(first, last, between[0] if between else None)


def _days_in_order(ends: list[int] | list[datetime.date], path: str, mistakes: Mistakes) -> None:
    if list(ends) != sorted(ends):
        hint = "`from` is not after `to`, and what is most likely lies between them"
        mistakes.add(remarks.no_distribution, path, "the days are not in order", hint)


def _history(found: Json, path: str, mistakes: Mistakes) -> How | None:
    if not isinstance(found, dict):
        wrong_kind(found, path, "an object: `{}`, or with `from` and `to`, the periods that count", mistakes)
        return None
    _refuse_unknown(found, ("from", "to"), path, mistakes)
    ends: dict[str, Period] = {}
    for key in ("from", "to"):
        if key in found:
            text = required_text(found, key, path, mistakes)
            period = parse_period(text)
            if period is not None:
                ends[key] = period
            elif text:
                mistakes.add(messages.json_no_period, below(path, key), text)
    return History(ends.get("from"), ends.get("to"))


_READERS: Final[dict[str, Callable[[Json, str, Mistakes], How | None]]] = {
    NAMES[Normal]: _normal,
    NAMES[Lognormal]: _lognormal,
    NAMES[Uniform]: _uniform,
    NAMES[Triangular]: _triangular,
    NAMES[Choice]: _choice,
    NAMES[Days]: _days,
    NAMES[Late]: _late,
    NAMES[History]: _history,
    _FIXED: _fixed,
    _YES: _yes,
}
_LAWFUL: Final = messages.listed([f"`{each}`" for each in _READERS], limit=20)
