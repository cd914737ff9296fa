"""The grammar as lark reads it, and the tables lark makes of it. The only file that imports lark.

Needed by those who change the grammar, and by the tests: what reads contracts has the tables as data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import lark
import lark.common
from lark.parsers.lalr_analysis import Shift

from rkdsl.language.keywords import SPELLING

_Row = dict[str, tuple[Any, Any]]
"""A row of lark's table: a symbol to an action and its argument, a state or a rule."""


def grammar_text() -> str:
    """The text of `grammar/rkdsl.lark`, from the installed package or from the repository beside it."""
    here = Path(__file__)
    installed = here.parents[1] / "grammar" / "rkdsl.lark"
    found = installed if installed.is_file() else here.parents[3] / "grammar" / "rkdsl.lark"
    return found.read_text(encoding="utf-8")


def make_lark(**options: Any) -> lark.Lark:  # lark's own
    """lark's own parser of the grammar, for lists of its tokens; `options` are its own."""
    declared = [*SPELLING, "NAME", "DOTTED", "STRING", "NUMBER", "DATE", "UNIT_NAME"]
    return lark.Lark(
        f"{grammar_text()}\n%declare {' '.join(declared)}\n",
        parser="lalr",
        lexer=_Listed,
        start="document",
        maybe_placeholders=False,
        keep_all_tokens=True,
        **options,
    )


class _Listed(lark.lexer.Lexer):
    """Hands over tokens that were read before."""

    __future_interface__ = 1

    def __init__(self, lexer_conf: lark.common.LexerConf) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[lark.Token]:  # lark leaves both untyped
        return iter(lexer_state.text)


def tables_text() -> str:
    """What stands in `tables.json`: lark's LALR tables, states and rules in an order of their own.

    Symbols, rules, sets and states are numbered. A rule is what it makes, and of which symbols. A set is tokens.
    A state is its symbols, each with the state after it, and its rules, each with the set of tokens before which
    it is applied. The first state is the start. `several` are the symbols that stand for any number of children,
    `reserved` the keywords that win over a name where an expression may begin.
    """
    table = make_lark().parser.parser._parse_table
    (start,), (end,) = table.start_states.values(), table.end_states.values()
    order = _order(table.states, start)
    rules = sorted({_parts(rule) for row in table.states.values() for _, rule in _reductions(row)})
    sets = sorted({each for row in table.states.values() for each in _lookaheads(row).values()})
    symbols = sorted({*(symbol for rule in rules for symbol in rule), "$END"})
    numbers = {symbol: place for place, symbol in enumerate(symbols)}
    places = {state: place for place, state in enumerate(order)}
    states = []
    for state in order:
        row = table.states[state]
        after = [number for symbol, arg in _shifts(row) for number in (numbers[symbol], places[arg])]
        applied = _lookaheads(row)
        before = [
            number for rule in sorted(applied) for number in (rules.index(rule), sets.index(applied[rule]))
        ]
        states.append(f"{_numbers(after)};{_numbers(before)}")
    tables = {
        "end": places[end],
        "reserved": _reserved([{symbol for symbol, _ in _shifts(row)} for row in table.states.values()]),
        "several": _several(rules),
        "symbols": symbols,
        "rules": [_numbers(numbers[symbol] for symbol in rule) for rule in rules],
        "sets": [_numbers(numbers[symbol] for symbol in each) for each in sets],
        "states": states,
    }
    return json.dumps(tables, indent=0) + "\n"


def _numbers(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


def _several(rules: list[tuple[str, ...]]) -> list[str]:
    """The symbols whose children stand in their place, where these are not always just one."""
    spliced = {origin for origin, *_ in rules if origin.startswith("_")}
    found: set[str] = set()
    while more := {
        origin
        for origin, *symbols in rules
        if origin in spliced - found and (len(symbols) > 1 or found.intersection(symbols))
    }:
        found |= more
    return sorted(found)


def _reserved(shifted: list[set[str]]) -> list[str]:
    words = {token: spelling for token, spelling in SPELLING.items() if " " not in spelling}
    beginnings = [tokens for tokens in shifted if tokens >= {"LPAR", "YEAR_BEFORE"}]
    return sorted({words[token] for tokens in beginnings for token in tokens if token in words})


def _order(states: dict[int, _Row], start: int) -> list[int]:
    """The states as they are reached from the first, symbols by the alphabet: lark's own order changes."""
    found = {start: None}
    for state in (queue := [start]):
        for _, after in _shifts(states[state]):
            if after not in found:
                found[after] = None
                queue.append(after)
    return list(found)


def _shifts(row: _Row) -> list[tuple[str, int]]:
    return sorted((str(symbol), arg) for symbol, (action, arg) in row.items() if action is Shift)


def _reductions(row: _Row) -> Iterator[tuple[str, Any]]:  # lark's rules
    return ((str(symbol), arg) for symbol, (action, arg) in row.items() if action is not Shift)


def _lookaheads(row: _Row) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Each rule that a state applies, and before which tokens."""
    found: dict[tuple[str, ...], list[str]] = {}
    for token, rule in _reductions(row):
        found.setdefault(_parts(rule), []).append(token)
    return {rule: tuple(sorted(tokens)) for rule, tokens in found.items()}


def _parts(rule: Any) -> tuple[str, ...]:  # lark's rule
    """What a rule makes, and of which symbols."""
    assert rule.expansion, "no rule of the grammar is empty"
    return (str(rule.origin.name), *(str(each.name) for each in rule.expansion))
