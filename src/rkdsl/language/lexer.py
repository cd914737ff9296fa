"""Text to tokens, one regular expression at a time, bounded; knows the keyword table and what fits next.

The lexer asks the parser which tokens fit in the present state: a keyword is one only where the grammar
takes it, and is a name elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from rkdsl import messages
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.language.keywords import KEYWORDS, SPELLING, UNIT_NAMES
from rkdsl.plain import Final, NamedTuple, pattern
from rkdsl.source import Source, Span, is_mixed_script
from rkdsl.values import MAX_DEPTH, MAX_PARTS, Period, exact, parse_period


class Figure(NamedTuple):
    """A number as written, and the number, where it can be read."""

    text: str
    number: Fraction | None


class Placed(NamedTuple):
    """A word whose own place some node keeps."""

    text: str
    span: Span


Token = tuple[str, Any, int, int]
"""The type of a token, its value, and its place.

The value of a number is a `Figure`, of a date its period, of a string what stands between the quotes, of a keyword
or unit its spelling, and of some words a `Placed`.
"""


class Lexeme(NamedTuple):
    """A token type with its text and place. `value` is a number, the text of a string, or the text itself."""

    type: str
    text: str
    span: Span
    value: object


_MOST_MISTAKES: Final = 100
_BLANK: Final = "[ \t\n\u00a0\u202f]"  # with the two blanks that word processors put inside numbers
_SPACE: Final = rf"(?:{_BLANK}++|#[^\n]*)++"
_A_DATE_TEXT: Final = r"[0-9]{4}-(?:[QH][0-9]|[0-9]{2}(?:-[0-9]{2})?)"
_WORD: Final = r"[^\W\d](?:[^\W\d]++|[0-9]++)*+"
_TEXT: Final = r'"((?:[^"\\\n]++|\\[^\n])*+)"'
_STRING: Final = pattern(_TEXT)
_ESCAPE: Final = pattern(r"\\(.)")
# A run that begins with a digit: everything up to a blank or a mark that cannot be part of a number.
_DIGITS: Final = pattern(r"[0-9](?:\w++|[.,-](?=\w))*+")
_NUMBER: Final = pattern(r"(?:[0-9]+|[0-9]{1,3}(?:_[0-9]{3})+)(?:\.([0-9]+))?", re.ASCII)
_COMMA: Final = pattern(r"[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_DATE: Final = pattern(_A_DATE_TEXT, re.ASCII)
_FIGURES: Final = pattern(r"[0-9][0-9_.,]*", re.ASCII)
_YEAR: Final = pattern(r"[0-9]{4}", re.ASCII)
_MORE_PIECES: Final = pattern(rf"(?:{_BLANK}[0-9]{{3}}(?![\w.,:]))*", re.ASCII)
_DOTTED: Final = pattern(rf"{_WORD}(?:\.{_WORD})++")
_COLON: Final = pattern(rf"(?:{_SPACE})?+:")
_ROW: Final = pattern(rf"(?:{_SPACE})?+(?:{_TEXT}(?:{_SPACE})?+)?+:")
"""After the name of a row: its title, where it has one, and the colon."""
_BLANKS: Final = pattern(rf"{_BLANK}+")
_ENDS: Final = r"(?!\w|[.,-]\w)"
_ORDINARY: Final = re.compile(
    rf"(?:{_BLANK}++|#[^\n]*)*+(?:"
    rf"({_WORD})(?!\.[^\W\d])"
    r"|(\.\.|[{}():+\-*/=|%‰])"
    r'|"([^"\\\n]*+)"'
    rf"|([0-9]{{1,15}}(?:\.[0-9]{{1,2}})?){_ENDS}"
    rf"|({_A_DATE_TEXT}){_ENDS}"
    r")?"
)
"""Blanks, then a word, a mark, a string, a number or a date in which nothing is to be looked at closely."""
_A_WORD, _A_MARK, _A_STRING, _A_NUMBER, _A_DATE = range(1, 6)
_MARKS: Final = {
    "{": "LBRACE",
    "}": "RBRACE",
    "(": "LPAR",
    ")": "RPAR",
    ":": "COLON",
    "..": "DOTS",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "=": "EQUAL",
    "|": "BAR",
    "%": "UNIT_NAME",
    "‰": "UNIT_NAME",
}


_AFTER_VALUE: Final = frozenset(("UNIT_NAME", "MILLION", "UNTIL"))
"""What belongs to a number, or to `undecided`, before it."""

_JOINTS: Final = frozenset("+-*/:|")
"""What stands between terms and factors, or in each row."""

_PLACED: Final = frozenset(("GOVERNS", "GOAL", "REQUIREMENT", "SECTION"))
"""Keywords whose own place some node keeps."""

_Spelled = tuple[tuple[str, ...], str, str]
"""The words of a keyword or unit after its first, of `half-year` also `-year`; its spelling; its type."""


def _spellings() -> dict[str, tuple[_Spelled, ...]]:
    """First word -> the keywords and unit names that begin with it, most words first."""
    table: dict[str, list[_Spelled]] = {}
    rows = [(each.english, each.token) for each in KEYWORDS]
    rows += [(each.english, "UNIT_NAME") for each in UNIT_NAMES if each.english not in _MARKS]
    for spelling, token in rows:
        first, *rest = spelling.replace("-", " -").split(" ")
        table.setdefault(first, []).append((tuple(rest), spelling, token))
    for found in table.values():
        found.sort(key=lambda row: (-row[1].count(" "), -len(row[1]), row[1]))
    return {word: tuple(found) for word, found in table.items()}


def _end_of(words: Sequence[str], text: str, end: int) -> int | None:
    """Where words end that follow each other in a text, each after blanks or a `-`; None where others do."""
    for word in words:
        if word[0] != "-":
            blanks = _BLANKS.match(text, end)
            if blanks is None:
                return None
            end = blanks.end()
        if not text.startswith(word, end):
            return None
        end += len(word)
    after = text[end : end + 1]
    return None if after.isalnum() or after == "_" else end


_SPELLINGS: Final = _spellings()


class Lexer:
    """The tokens of one text.

    Mistakes that leave the shape of the text whole are kept in `diagnostics`. Where the reading stops, `last` is
    the token before, and `open` where the braces and parentheses begin that are not closed.
    """

    def __init__(self, source: Source, start: int = 0) -> None:
        self.source = source
        self.start = start
        self.diagnostics: list[Diagnostic] = []
        self.last: Lexeme | None = None
        self.open: list[int] = []

    def lexemes(self, fits: Callable[[str], bool]) -> Iterator[Lexeme]:
        """The tokens in order, each with its text; `fits` says whether the parser takes a token at that moment."""
        for token in self.tokens(fits):
            if token[0] != "$END":
                yield self.lexeme(token)

    def lexeme(self, token: Token) -> Lexeme:
        """A token with its text."""
        kind, value, start, end = token
        match value:
            case Figure():
                value = value.number
            case Placed():
                value = value.text
        return Lexeme(kind, self.source.text[start:end], Span(start, end), value)

    def tokens(self, fits: Callable[[str], bool]) -> Iterator[Token]:
        """The tokens in order, and the end of the text as `$END`.

        `fits` says whether the parser takes a type of token at that moment. This is one long loop, as it is gone
        through for every word: what is ordinary is done here, what is to be looked at closely by `_unusual`.
        """
        text, scan, opened = self.source.text, _ORDINARY.match, self.open
        words, figures, periods = dict(_SPELLINGS), dict[str, Figure](), dict[str, Period | None]()
        end, parts, before = self.start, 0, ("", 0)
        while True:
            found = scan(text, end)
            assert found is not None
            kind, end = found.lastindex, found.end()
            if kind == _A_WORD:
                value: Any = found[_A_WORD]
                start, token = end - len(value), "NAME"
                spellings = words.get(value)
                if spellings is None:
                    token, value, start, end = self._named("NAME", start, end)
                    if token == "NAME" and (value.isascii() or not is_mixed_script(value)):
                        words[value] = ()
                elif spellings:
                    token, value, end = self._keyword(spellings, start, end, fits)
                    if token in SPELLING:
                        parts = 0
            elif kind == _A_MARK:
                value = found[_A_MARK]
                start, token = end - len(value), _MARKS[value]
                if value in "{(":
                    opened.append(start)
                    if len(opened) > MAX_DEPTH:
                        token = "TOO_DEEP"
                elif value in "})" and opened:
                    opened.pop()
                elif value in _JOINTS:
                    parts += 1
                    if parts > MAX_PARTS:
                        token = "TOO_LONG"
            elif kind == _A_STRING:
                value = found[_A_STRING]
                start, token = end - len(value) - 2, "STRING"
            elif kind == _A_NUMBER and before[0] != "NUMBER":
                number = found[_A_NUMBER]
                start, token = end - len(number), "NUMBER"
                value = figures.get(number)
                if value is None:
                    value = figures[number] = Figure(number, exact(number))
            elif kind == _A_DATE and found[_A_DATE] in periods:
                date = found[_A_DATE]
                start, token, value = end - len(date), "DATE", periods[date]
            else:
                start = found.start(kind) if kind is not None else end
                if start == len(text):
                    yield "$END", "", start, start
                    return
                token, value, start, end = self._unusual(start, fits, before)
                if token == "DATE" and value is not None:
                    periods[text[start:end]] = value
            yield token, value, start, end
            before = (token, start)

    def _unusual(self, start: int, fits: Callable[[str], bool], before: tuple[str, int]) -> Token:
        """A token that is looked at closely; `before` are the type and the start of the last one."""
        text = self.source.text
        char = text[start]
        if char == '"':
            return self._string(start)
        if "0" <= char <= "9":
            return self._digits(start, fits, before)
        dotted = _DOTTED.match(text, start)
        if dotted is not None:
            return self._named("DOTTED", start, dotted.end())
        return self._plain("BAD_CHARACTER", start, start + 1)

    def _string(self, start: int) -> Token:
        match = _STRING.match(self.source.text, start)
        if match is None:
            return self._plain("BAD_STRING", start, start + 1)
        for escape in _ESCAPE.finditer(match.group(1)):
            if escape.group(1) not in '"\\':
                place = self._place(start + 1 + escape.start(), start + 1 + escape.end())
                self._report(messages.bad_escape(place, escape.group()))
        return "STRING", _ESCAPE.sub(r"\1", match.group(1)), start, match.end()

    def _digits(self, start: int, fits: Callable[[str], bool], before: tuple[str, int]) -> Token:
        """A date, a number, or something that is neither: reported here, and read on as a number unknown."""
        match = _DIGITS.match(self.source.text, start)
        assert match is not None
        run, end = match.group(), match.end()
        if before[0] == "NUMBER" and self._is_piece(run, end, fits):
            more = _MORE_PIECES.match(self.source.text, end)
            assert more is not None
            return self._plain("NUMBER_IN_PIECES", before[1], more.end())
        place = self._place(start, end)
        if _DATE.fullmatch(run):
            period = parse_period(run)
            if period is None:
                self._report(messages.no_such_date(place, run))
            return "DATE", period, start, end
        return "NUMBER", Figure(run, self._number(run, place)), start, end

    def _number(self, run: str, place: Place) -> Fraction | None:
        number = _NUMBER.fullmatch(run)
        if number is None:
            self._report(self._not_a_number(place, run))
            return None
        fraction = number.group(1) or ""
        if len(fraction) >= 3 and fraction.endswith("0"):
            self._report(messages.misprint(place, run))
            return None
        value = exact(run.replace("_", ""))
        if value is None:
            self._report(messages.number_too_long(place, run))
        return value

    def _is_piece(self, run: str, end: int, fits: Callable[[str], bool]) -> bool:
        """Whether this is the rest of the number before it, and not the beginning of the next row."""
        if not _FIGURES.fullmatch(run):
            return False
        if fits("NUMBER"):
            return not _YEAR.fullmatch(run)
        return fits("COLON") or not _COLON.match(self.source.text, end)

    def _not_a_number(self, place: Place, run: str) -> Diagnostic:
        is_member = self.is_in_parentheses
        if _COMMA.fullmatch(run):
            return messages.comma_of_two_readings(place, run, is_member=is_member)
        return messages.malformed_number(place, run, is_member=is_member)

    @property
    def is_in_parentheses(self) -> bool:
        """Whether the last mark that is not closed is a parenthesis."""
        return bool(self.open) and self.source.text[self.open[-1]] == "("

    def _keyword(
        self, spellings: tuple[_Spelled, ...], start: int, end: int, fits: Callable[[str], bool]
    ) -> tuple[str, Any, int]:
        """The longest keyword or unit name that fits here, else a name: its type, its value and its end."""
        text = self.source.text
        longest: tuple[str, Any, int] | None = None
        for more, spelling, token in spellings:
            stop = end
            if more:
                found = _end_of(more, text, end)
                if found is None:
                    continue
                stop = found
            if fits(token) and not (token in _AFTER_VALUE and self._names_row(end, fits)):
                value = Placed(spelling, Span(start, stop)) if token in _PLACED else spelling
                return token, value, stop
            longest = longest or (token, spelling, stop)
        if longest is not None and not fits("NAME"):
            return longest
        return "NAME", text[start:end], end

    def _names_row(self, end: int, fits: Callable[[str], bool]) -> bool:
        """Whether a word that might belong to the value before it is the name of the next row of a goal."""
        return _ROW.match(self.source.text, end) is not None and fits("NAME")

    def _named(self, token: str, start: int, end: int) -> Token:
        """A name, or names with dots between: of letters, digits and `_`."""
        text = self.source.text[start:end]
        letters = text.replace(".", "_")
        if not letters.isidentifier():  # `²`, which is no letter
            at = next(i for i, char in enumerate(letters) if not f"{'_' if i else ''}{char}".isidentifier())
            return self._plain("BAD_CHARACTER", start + at, start + at + 1)
        if is_mixed_script(text):
            self._report(messages.mixed_script(self._place(start, end), text))
        return token, Placed(text, Span(start, end)) if token == "DOTTED" else text, start, end

    def _report(self, diagnostic: Diagnostic) -> None:
        if len(self.diagnostics) < _MOST_MISTAKES:
            self.diagnostics.append(diagnostic)

    def _place(self, start: int, end: int) -> Place:
        return Place(self.source.name, Span(start, end))

    def _plain(self, token: str, start: int, end: int) -> Token:
        return token, self.source.text[start:end], start, end
