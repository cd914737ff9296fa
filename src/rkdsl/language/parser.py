"""A text to its nodes: the parser goes through the tables that lark made of the grammar."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from rkdsl import messages
from rkdsl.collecting import paused
from rkdsl.diagnostics import Diagnostic, Place, in_order
from rkdsl.language import nodes
from rkdsl.language.builder import BUILDER
from rkdsl.language.lexer import Lexer, Token
from rkdsl.language.tables import REFUSED, Tables, reserved_names, tables
from rkdsl.language.unexpected import unexpected
from rkdsl.plain import Final, NamedTuple
from rkdsl.source import Flaw, Source, Span
from rkdsl.values import MAX_BYTES, MAX_ITEMS

__all__ = ["Parsed", "Reader", "Unread", "parse", "reserved_names"]


class Parsed(NamedTuple):
    """The nodes of a text, None when its shape could not be made out, with all mistakes found on the way."""

    document: nodes.Document | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def contract(self) -> nodes.Contract | None:
        """The document, where it is a contract."""
        return self.document if isinstance(self.document, nodes.Contract) else None


def parse(source: Source, start: int = 0) -> Parsed:
    """The nodes of a text, or of what of it begins at `start`.

    Never raises for an author's mistake; the first wrong token ends the reading.
    """
    raw = [_flaw(source, flaw) for flaw in source.flaws if flaw.span.start >= start]
    if raw or len(source.text) > MAX_BYTES:
        return Parsed(None, tuple(raw or [messages.text_too_large(Place(source.name))]))
    crowd = _too_many_items(source)
    if crowd is not None:
        return Parsed(None, (crowd,))
    lexer = Lexer(source, start)
    with paused():
        found = _reader().read(lexer)
    if not isinstance(found, Unread):
        return Parsed(found, in_order(lexer.diagnostics))
    lexer.last = None if found.last is None else lexer.lexeme(found.last)
    mistake = unexpected(lexer, lexer.lexeme(found.token), found.expected)
    if mistake.place not in [each.place for each in lexer.diagnostics]:  # one mistake, one message
        lexer.diagnostics.append(mistake)
    return Parsed(None, in_order(lexer.diagnostics))


def _flaw(source: Source, flaw: Flaw) -> Diagnostic:
    """What keeps a text from being read; one that cannot be decoded has no place but its file."""
    is_whole = flaw.span.start == flaw.span.end
    return messages.flaw(source.file(flaw.span.start) if is_whole else source.name, flaw)


_ITEM: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\b(goal|requirement)\s+\w+\s*["(]')


def _too_many_items(source: Source) -> Diagnostic | None:
    """Goals past the limit are seen before they are read: that alone would take long."""
    if source.text.count("goal") + source.text.count("requirement") <= MAX_ITEMS:
        return None
    starts = [found.start() for found in _ITEM.finditer(source.text) if found.group(1)]
    if len(starts) <= MAX_ITEMS:
        return None
    place = Place(source.name, Span(starts[MAX_ITEMS], starts[MAX_ITEMS] + len("goal")))
    return messages.too_many_items(place, len(starts))


class Unread(NamedTuple):
    """The first token that does not fit, the one before it, and those that would."""

    token: Token
    last: Token | None
    expected: list[str]


class Reader:
    """Goes through lark's tables with the tokens of a text; a builder makes what each rule reads.

    The builder has something to call for each rule, with its children and their place; None where the rule passes on
    its only child.
    """

    def __init__(self, found: Tables, builder: object) -> None:
        self._rows = found.rows
        self._steps = _Steps(found, builder)
        self._jumps = _Jumps(found, self._steps)

    def read(self, lexer: Lexer) -> Any:  # what the builder makes of the whole
        """What the builder made of the whole text; an `Unread` where it could not be read.

        This is one long loop, as it is gone through for every token.
        """
        rows, steps, jumps = self._rows, self._steps, self._jumps
        states, values, starts = [0], list[Any](), list[int]()
        last: Token | None = None
        ended = 0

        def fits(token: str) -> bool:
            """Whether a token is shifted in the end, after all that is reduced before it.

            That a row has it is not enough: it has what may follow a number anywhere, and the parser reduces
            by that before it sees that a token does not fit.
            """
            depth = len(states) - 1
            action = rows[states[depth]].get(token, REFUSED)
            while action < 0:
                size, makes, _, _ = steps[action]
                depth -= size - 1
                _, action = jumps[states[depth - 1], makes, token]
            return action != REFUSED

        def expected() -> list[str]:
            return sorted(token for token in rows[states[-1]] if token.isupper() and fits(token))

        for found in lexer.tokens(fits):
            token, value, start, end = found
            action = rows[states[-1]].get(token, REFUSED)
            wanted = (
                expected() if token == "NAME" and action < 0 and not fits(token) else None
            )  # maybe a unit
            while action < 0:
                size, makes, make, join = steps[action]
                if size == 1:
                    if make is not None:
                        values[-1] = make(
                            values[-1:] if join is None else values[-1], _new(Span, (starts[-1], ended))
                        )
                    elif join is not None:
                        values[-1] = values[-1:]
                    del states[-1]
                else:
                    children = values[-size:]
                    del values[-size:], states[-size:], starts[1 - size :]
                    if join is not None:
                        children = join(children)
                    values.append(
                        children if make is None else make(children, _new(Span, (starts[-1], ended)))
                    )
                state, action = jumps[states[-1], makes, token]
                states.append(state)
            if action == REFUSED:
                return Unread(found, last, expected() if wanted is None else wanted)
            states.append(action)
            values.append(value)
            starts.append(start)
            ended, last = end, found
        return values[0]


_new: Final = tuple.__new__  # quicker than the class itself

_Make = Callable[[list[Any], Span], Any]
_Join = Callable[[list[Any]], list[Any]]


class _Steps(dict[int, tuple[int, str, _Make | None, _Join | None]]):
    """What to do for each action below zero, worked out when it is first needed.

    How many values the rule takes and what it makes; how it is made, where it is not one value passed on or a list;
    how the values become one list, where some of them are lists.
    """

    def __init__(self, found: Tables, builder: object) -> None:
        super().__init__()
        self._tables, self._builder = found, builder

    def __missing__(self, action: int) -> tuple[int, str, _Make | None, _Join | None]:
        rule = self._tables.rule(action)
        lists = [symbol in rule.several for symbol in rule.symbols]
        make = None if rule.makes.startswith("_") else getattr(self._builder, rule.makes)
        joins = any(lists) or rule.makes in rule.several
        if make is None and lists == [True]:
            joins = False
        self[action] = found = (len(lists), rule.makes, make, _joining(lists) if joins else None)
        return found


def _joining(lists: list[bool]) -> _Join:
    """Makes one list of children of which some are lists themselves. One that comes first is made longer."""
    first, later = lists[0], [(place, lists[place]) for place in range(1 if lists[0] else 0, len(lists))]

    def append(children: list[Any]) -> list[Any]:
        children[0].append(children[1])
        return children[0]  # type: ignore[no-any-return]  # a list of the builder's

    def join(children: list[Any]) -> list[Any]:
        found: list[Any] = children[0] if first else []
        for place, is_list in later:
            if is_list:
                found += children[place]
            else:
                found.append(children[place])
        return found

    return append if lists == [True, False] else join


class _Jumps(dict[tuple[int, str, str], tuple[int, int]]):
    """The state after something was made in a state before a token, and the action there.

    Rules that only pass a value on are gone through once here, and not for each value.
    """

    def __init__(self, found: Tables, steps: _Steps) -> None:
        super().__init__()
        self._rows, self._steps = found.rows, steps

    def __missing__(self, key: tuple[int, str, str]) -> tuple[int, int]:
        before, makes, token = key
        while True:
            state = self._rows[before][makes]
            action = self._rows[state].get(token, REFUSED)
            if action >= 0:
                break
            size, makes, make, join = self._steps[action]
            if size > 1 or make is not None or join is not None:
                break
        self[key] = state, action
        return state, action


@functools.cache
def _reader() -> Reader:
    return Reader(tables(), BUILDER)
