"""Text to tokens, one regular expression at a time, bounded; knows the keyword table and what fits next.

The lexer asks the parser which tokens fit in the present state: a keyword is one only where the grammar
takes it, and is a name elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from typing import Final, NamedTuple

from rkdsl import messages
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.language.keywords import KEYWORDS, SPELLING, UNIT_NAMES
from rkdsl.source import Source, Span, is_mixed_script
from rkdsl.values import MAX_DEPTH, MAX_PARTS, exact, parse_period


class Lexeme(NamedTuple):
    """A token type with its text and place. `value` is a number, the text of a string, or the text itself."""

    type: str
    text: str
    span: Span
    value: object


_MOST_MISTAKES: Final = 100
_BLANK: Final = "[ \t\n\u00a0\u202f]"  # with the two blanks that word processors put inside numbers
_SPACE: Final = re.compile(rf"(?:{_BLANK}++|#[^\n]*)++")
_STRING: Final = re.compile(r'"((?:[^"\\\n]++|\\[^\n])*+)"')
_ESCAPE: Final = re.compile(r"\\(.)")
# A run that begins with a digit: everything up to a blank or a mark that cannot be part of a number.
_DIGITS: Final = re.compile(r"[0-9](?:\w++|[.,-](?=\w))*+")
_NUMBER: Final = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:_[0-9]{3})+)(?:\.([0-9]+))?", re.ASCII)
_COMMA: Final = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-(?:[QH][0-9]|[0-9]{2}(?:-[0-9]{2})?)", re.ASCII)
_FIGURES: Final = re.compile(r"[0-9][0-9_.,]*", re.ASCII)
_YEAR: Final = re.compile(r"[0-9]{4}", re.ASCII)
_MORE_PIECES: Final = re.compile(rf"(?:{_BLANK}[0-9]{{3}}(?![\w.,:]))*", re.ASCII)
_WORD: Final = re.compile(r"[^\W\d](?:[^\W\d]++|[0-9]++)*+")
_DOTTED: Final = re.compile(rf"{_WORD.pattern}(?:\.{_WORD.pattern})++")
_COLON: Final = re.compile(rf"(?:{_SPACE.pattern})?+:")
_ROW: Final = re.compile(rf"(?:{_SPACE.pattern})?+(?:{_STRING.pattern}(?:{_SPACE.pattern})?+)?+:")
"""After the name of a row: its title, where it has one, and the colon."""
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

_JOINTS: Final = frozenset(("PLUS", "MINUS", "STAR", "SLASH", "COLON", "BAR"))
"""What stands between terms and factors, or in each row."""


def _spellings() -> dict[str, tuple[tuple[re.Pattern[str], str, str], ...]]:
    """First word -> the keywords and unit names that begin with it, most words first."""
    table: dict[str, list[tuple[str, str]]] = {}
    rows = [(each.english, each.token) for each in KEYWORDS]
    rows += [(each.english, "UNIT_NAME") for each in UNIT_NAMES if each.english not in _MARKS]
    for spelling, token in rows:
        first = _WORD.match(spelling)
        assert first is not None
        table.setdefault(first.group(), []).append((spelling, token))
    return {
        word: tuple(
            (re.compile(f"{_BLANK}+".join(map(re.escape, spelling.split(" "))) + r"(?!\w)"), spelling, token)
            for spelling, token in sorted(found, key=lambda row: (-row[0].count(" "), -len(row[0]), row[0]))
        )
        for word, found in table.items()
    }


_SPELLINGS: Final = _spellings()


class Lexer:
    """The tokens of one text.

    Mistakes that leave the shape of the text whole are kept in `diagnostics`. Where the reading stops,
    `last` is the token before, `fits` what could have stood there, and `open` the places of the braces and
    parentheses not closed.
    """

    def __init__(self, source: Source, start: int = 0) -> None:
        self.source = source
        self.start = start
        self.diagnostics: list[Diagnostic] = []
        self.last: Lexeme | None = None
        self.fits: Container[str] = ()
        self.open: list[Span] = []

    def lexemes(self, fits: Callable[[], Container[str]]) -> Iterator[Lexeme]:
        """The tokens in order; `fits()` gives the token types the parser takes at that moment."""
        text, position, parts = self.source.text, self.start, 0
        while True:
            space = _SPACE.match(text, position)
            if space is not None:
                position = space.end()
            self.fits = fits()
            if position >= len(text):
                return
            lexeme = self._lexeme(position, self.fits)
            if lexeme.type in ("LBRACE", "LPAR"):
                self.open.append(lexeme.span)
                if len(self.open) > MAX_DEPTH:
                    lexeme = lexeme._replace(type="TOO_DEEP")
            elif lexeme.type in ("RBRACE", "RPAR") and self.open:
                self.open.pop()
            parts = 0 if lexeme.type in SPELLING else parts + (lexeme.type in _JOINTS)
            if parts > MAX_PARTS:
                lexeme = lexeme._replace(type="TOO_LONG")
            yield lexeme
            self.last = lexeme
            position = lexeme.span.end

    def _lexeme(self, start: int, fits: Container[str]) -> Lexeme:
        text = self.source.text
        char = text[start]
        if char == '"':
            return self._string(start)
        if "0" <= char <= "9":
            return self._digits(start, fits)
        mark = ".." if text.startswith("..", start) else char
        if mark in _MARKS:
            return _plain(_MARKS[mark], text, start, start + len(mark))
        word = _WORD.match(text, start)
        if word is not None:
            return self._word(word, fits)
        return _plain("BAD_CHARACTER", text, start, start + 1)

    def _string(self, start: int) -> Lexeme:
        match = _STRING.match(self.source.text, start)
        if match is None:
            return _plain("BAD_STRING", self.source.text, start, start + 1)
        for escape in _ESCAPE.finditer(match.group(1)):
            if escape.group(1) not in '"\\':
                place = self._place(Span(start + 1 + escape.start(), start + 1 + escape.end()))
                self._report(messages.bad_escape(place, escape.group()))
        return Lexeme("STRING", match.group(), Span(start, match.end()), _ESCAPE.sub(r"\1", match.group(1)))

    def _digits(self, start: int, fits: Container[str]) -> Lexeme:
        """A date, a number, or something that is neither: reported here, and read on as a number unknown."""
        match = _DIGITS.match(self.source.text, start)
        assert match is not None
        run, span = match.group(), Span(start, match.end())
        if self._is_piece(run, match.end(), fits):
            return self._number_in_pieces(span)
        if _DATE.fullmatch(run):
            period = parse_period(run)
            if period is None:
                self._report(messages.no_such_date(self._place(span), run))
            return Lexeme("DATE", run, span, period)
        number = _NUMBER.fullmatch(run)
        if number is None:
            self._report(self._not_a_number(span, run))
            return Lexeme("NUMBER", run, span, None)
        fraction = number.group(1) or ""
        if len(fraction) >= 3 and fraction.endswith("0"):
            self._report(messages.misprint(self._place(span), run))
            return Lexeme("NUMBER", run, span, None)
        value = exact(run.replace("_", ""))
        if value is None:
            self._report(messages.number_too_long(self._place(span), run))
        return Lexeme("NUMBER", run, span, value)

    def _is_piece(self, run: str, end: int, fits: Container[str]) -> bool:
        """Whether this is a number right after a number, and not the beginning of the next row."""
        if self.last is None or self.last.type != "NUMBER" or not _FIGURES.fullmatch(run):
            return False
        if "NUMBER" in fits:
            return not _YEAR.fullmatch(run)
        return "COLON" in fits or not _COLON.match(self.source.text, end)

    def _number_in_pieces(self, span: Span) -> Lexeme:
        assert self.last is not None
        more = _MORE_PIECES.match(self.source.text, span.end)
        assert more is not None
        return _plain("NUMBER_IN_PIECES", self.source.text, self.last.span.start, more.end())

    def _not_a_number(self, span: Span, run: str) -> Diagnostic:
        is_member = self.is_in_parentheses
        if _COMMA.fullmatch(run):
            return messages.comma_of_two_readings(self._place(span), run, is_member=is_member)
        return messages.malformed_number(self._place(span), run, is_member=is_member)

    @property
    def is_in_parentheses(self) -> bool:
        """Whether the last mark that is not closed is a parenthesis."""
        return bool(self.open) and self.source.text[self.open[-1].start] == "("

    def _word(self, match: re.Match[str], fits: Container[str]) -> Lexeme:
        """The longest keyword or unit name that fits here, else a name."""
        text, start = self.source.text, match.start()
        dotted = _DOTTED.match(text, start) if text.startswith(".", match.end()) else None
        if dotted is not None:
            return self._named("DOTTED", start, dotted.end())
        longest: Lexeme | None = None
        for pattern, spelling, token in _SPELLINGS.get(match.group(), ()):
            found = pattern.match(text, start)
            if found is not None:
                lexeme = Lexeme(token, found.group(), Span(start, found.end()), spelling)
                if token in fits and not (token in _AFTER_VALUE and self._names_row(match.end(), fits)):
                    return lexeme
                longest = longest or lexeme
        if longest is not None and "NAME" not in fits:
            return longest
        return self._named("NAME", start, match.end())

    def _names_row(self, end: int, fits: Container[str]) -> bool:
        """Whether a word that might belong to the value before it is the name of the next row of a goal."""
        return _ROW.match(self.source.text, end) is not None and "NAME" in fits

    def _named(self, token: str, start: int, end: int) -> Lexeme:
        """A name, or names with dots between: of letters, digits and `_`."""
        name = _plain(token, self.source.text, start, end)
        letters = name.text.replace(".", "_")
        if not letters.isidentifier():  # `²`, which is no letter
            at = next(i for i, char in enumerate(letters) if not f"{'_' if i else ''}{char}".isidentifier())
            return _plain("BAD_CHARACTER", self.source.text, start + at, start + at + 1)
        if is_mixed_script(name.text):
            self._report(messages.mixed_script(self._place(name.span), name.text))
        return name

    def _report(self, diagnostic: Diagnostic) -> None:
        if len(self.diagnostics) < _MOST_MISTAKES:
            self.diagnostics.append(diagnostic)

    def _place(self, span: Span) -> Place:
        return Place(self.source.name, span)


def _plain(token: str, text: str, start: int, end: int) -> Lexeme:
    piece = text[start:end]
    return Lexeme(token, piece, Span(start, end), piece)
