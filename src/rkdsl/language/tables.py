"""The LALR tables that lark made of the grammar, as plain data. A row or rule is unpacked when it is first needed."""

from __future__ import annotations

import functools
import json
import os

from rkdsl.plain import Final, NamedTuple

REFUSED: Final = 1 << 30
"""What a row has for a token that does not fit. Any other action is a state to go to, or a rule below zero."""


class Rule(NamedTuple):
    """What a rule makes, of which symbols, and which of all these stand for any number of children."""

    makes: str
    symbols: tuple[str, ...]
    several: frozenset[str]


class Rows(dict[int, dict[str, int]]):
    """The row of each state: a token to an action, and what a rule makes to the state after it."""

    def __init__(self, states: list[str], sets: list[str], symbols: list[str], end: int) -> None:
        super().__init__()
        self._states, self._sets, self._symbols, self._end = states, sets, symbols, end
        self._known: dict[int, list[str]] = {}

    def __missing__(self, state: int) -> dict[str, int]:
        after, _, applied = self._states[state].partition(";")
        row = {self._symbols[symbol]: state for symbol, state in _pairs(after)}
        for rule, tokens in _pairs(applied):
            row.update(dict.fromkeys(self._tokens(tokens), ~rule))
        if state == self._end:
            row["$END"] = state
        self[state] = row
        return row

    def _tokens(self, place: int) -> list[str]:
        """The tokens of a set, which many states share."""
        if place not in self._known:
            self._known[place] = [self._symbols[int(each)] for each in self._sets[place].split()]
        return self._known[place]


class Tables:
    """The rows, and the rules by their actions."""

    def __init__(self, text: str) -> None:
        data = json.loads(text)
        self._symbols: list[str] = data["symbols"]
        self._several = frozenset(data["several"])
        self._rules: list[str] = data["rules"]
        self.reserved: Final[frozenset[str]] = frozenset(data["reserved"])
        self.rows: Final = Rows(data["states"], data["sets"], self._symbols, data["end"])

    def rule(self, action: int) -> Rule:
        """The rule that an action below zero applies."""
        makes, *symbols = [self._symbols[int(each)] for each in self._rules[~action].split()]
        return Rule(makes, tuple(symbols), self._several.intersection((makes, *symbols)))


def _pairs(numbers: str) -> zip[tuple[int, int]]:
    each = map(int, numbers.split())
    return zip(each, each, strict=True)


def tables_file() -> str:
    """The path of the tables."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables.json")


@functools.cache
def tables() -> Tables:
    """The tables of the grammar."""
    with open(tables_file(), encoding="utf-8") as file:
        return Tables(file.read())


def reserved_names() -> frozenset[str]:
    """The keywords that win over a name where an expression may begin: nothing used there is called so."""
    return tables().reserved
