"""What tables have beside figures: the names of their columns, their states, and what is expected of a slot."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Final

from rkdsl.columns.program import TRUTH, WORD, Slot
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED

DAY: Final = "day"
NOT_DONE: Final = "not done"
STATE: Final = ":state"
"""What the name of a column ends with that tells the state of the slot before it."""
STATES: Final = (NOT_APPLICABLE, NOT_DEFINED, NOT_DONE)
ERROR: Final = "error"
"""The column that says what is wrong with a row."""
EXACT_NEEDED: Final = "exact needed"
"""The truth that says of which rows the other figures do not hold: they are left to the exact evaluator."""
EPOCH: Final = datetime.date(1970, 1, 1).toordinal()
_MOST: Final = 18
WIDEST: Final = 38
"""Digits of the widest decimals that engines have."""


class UnreadableError(Exception):
    """A column of a type, `found`, that says nothing to its slot."""

    def __init__(self, slot: Slot, found: str) -> None:
        super().__init__(f"{slot.name}: expected {expected(slot)}, found {found}")
        self.slot, self.found = slot, found


def expected(slot: Slot) -> str:
    """What a column of a slot holds, in words."""
    if slot.type == TRUTH:
        return "true or false"
    if slot.type != WORD and slot.low > slot.high:
        return "nothing: the contract states several figures itself"
    if slot.type == DAY and slot.choices:
        return "one of " + ", ".join(datetime.date.fromordinal(each).isoformat() for each in slot.choices)
    if slot.type == DAY:
        low, high = (datetime.date.fromordinal(each).isoformat() for each in (slot.low, slot.high))
        return f"a day from {low} to {high}, as a date or as text such as 2009-12-31"
    if slot.type == WORD:
        return "a word" + (f": {', '.join(slot.words)}" if slot.words else "")
    if slot.choices:
        return "one of " + ", ".join(_plain(Fraction(each, slot.scale)) for each in slot.choices)
    if slot.is_partial:
        ends = (("from", slot.least), ("to", slot.most))
        return " ".join(["a number", *(f"{word} {_plain(end)}" for word, end in ends if end is not None)])
    low, high = (_plain(Fraction(each, slot.scale)) for each in (slot.low, slot.high))
    places = decimals(slot.scale)
    if slot.scale == 1:
        return f"a whole number from {low} to {high}"
    kind = f"in steps of 1/{slot.scale}" if places is None else f"of at most {places} decimals"
    return f"a number {kind} from {low} to {high}"


def _plain(number: Fraction) -> str:
    if number.denominator == 1:
        return f"{number.numerator:_}"
    places = decimals(number.denominator)
    if places is None:
        return str(number)
    digits = f"{abs(number.numerator) * 10**places // number.denominator:0{places + 1}d}"
    return f"{'-' if number < 0 else ''}{int(digits[:-places]):_}.{digits[-places:]}"


def decimals(scale: int) -> int | None:
    """How many decimals a whole number over a scale may need; None where no number of them is enough."""
    rest, places = scale, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        places = max(places, count)
    return places if rest == 1 and places <= _MOST else None
