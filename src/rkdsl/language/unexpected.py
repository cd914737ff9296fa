"""What is said of the first token that does not fit, and of a text that ends too early."""

from __future__ import annotations

from typing import Final

from rkdsl import messages
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.language.keywords import KEYWORDS, SPELLING, UNIT_NAMES
from rkdsl.language.lexer import Lexeme, Lexer
from rkdsl.source import Span


def unexpected(lexer: Lexer, lexeme: Lexeme, expected: list[str]) -> Diagnostic:
    """The mistake of a token, or of the end of the text, where other tokens are expected."""
    if lexeme.type == "$END":
        return _unexpected_end(lexer, expected)
    place = Place(lexer.source.name, lexeme.span)
    is_member = "BAR" in expected and (lexer.is_in_parentheses or "NAME" in expected)
    match lexeme.type:
        case "BAD_CHARACTER":
            return messages.bad_character(place, lexeme.text, is_member=is_member)
        case "BAD_STRING":
            return messages.bad_string(place, lexer.source.line_at(lexeme.span.start))
        case "TOO_DEEP":
            return messages.too_deep(place)
        case "TOO_LONG":
            return messages.too_long(place)
        case "NUMBER_IN_PIECES":
            return messages.number_in_pieces(place, lexeme.text, _mark_between(lexer, expected))
    return messages.unexpected(place, lexeme.text, _described(expected), _hint(lexer, lexeme, expected))


def _mark_between(lexer: Lexer, expected: list[str]) -> str:
    """The mark that might have been meant between two numbers."""
    if "BAR" in expected and lexer.is_in_parentheses:
        return "|"
    return ":" if "COLON" in expected else ""


def _unexpected_end(lexer: Lexer, expected: list[str]) -> Diagnostic:
    """The end has no place of its own: it is shown after the last token, or at the start of an empty text."""
    end = lexer.last.span.end if lexer.last is not None else lexer.start
    place = Place(lexer.source.name, Span(max(lexer.start, end - 1), end))
    if not lexer.open:
        return messages.unexpected_end(place, _described(expected), None)
    start = lexer.open[-1]
    opened = Place(lexer.source.name, Span(start, start + 1))
    return messages.unexpected_end(place, _described(expected), opened, lexer.source.text[start])


_OPENING: Final = frozenset(
    (
        *("SECTION", "GOAL", "REQUIREMENT", "MEASURE", "FACT", "PARAMETER", "VALUE", "SCALE"),
        *("CALENDAR", "RESULT", "ROLE", "PARTIES", "TOTAL"),
    )
)


def _hint(lexer: Lexer, lexeme: Lexeme, expected: list[str]) -> str:
    """What the author probably meant by a token that does not fit."""
    if expected == ["$END"] and lexeme.type == "RBRACE":
        return messages.brace_too_many()
    if lexeme.type in _OPENING and "RBRACE" in expected:
        return messages.brace_too_few()
    if lexeme.text == "holds" and "IS" in expected:
        return messages.did_you_mean(f"{SPELLING['IS']} yes")
    if lexeme.text == "if" or (lexer.last is not None and lexer.last.text == "if"):
        return messages.other_place("if")
    if lexeme.type == "NEEDS" and "RBRACE" in expected:
        return messages.other_place(lexeme.text)
    if lexeme.text in ("in", "at") and "IS" not in expected and "STAR" in expected:
        return messages.period_in_parentheses()
    if (
        lexeme.type in ("PLUS", "MINUS", "STAR", "SLASH")
        and lexer.last
        and lexer.last.type in ("NUMBER", "DATE")
    ):
        return messages.period_at_the_end()
    if "UNIT_NAME" in expected and (meant := messages.unit_meant(lexeme.text)):
        return meant
    if marked := _hint_at_mark(lexer, lexeme, expected):
        return marked
    if lexeme.type in ("LBRACE", "RBRACE", "LPAR", "RPAR"):
        return ""
    near = messages.nearest(_words_around(lexer, lexeme), _spellings(expected))
    return messages.did_you_mean(near) or _hint_at_row(lexer, lexeme, set(expected))


def _hint_at_mark(lexer: Lexer, lexeme: Lexeme, expected: list[str]) -> str:
    """What was meant by `=`, `:`, `|` or a name with dots that does not fit."""
    match lexeme.type:
        case "EQUAL" if "EXACTLY" in expected:
            return messages.equal_sign()
        case "EQUAL" if "COLON" in expected:
            return messages.other_mark(":")
        case "COLON" if "EQUAL" in expected:
            return messages.other_mark("=")
        case "BAR" if not lexer.is_in_parentheses:
            return messages.list_in_parentheses()
        case "DOTTED" if "NAME" in expected:
            return messages.dotted_name()
    return ""


def _hint_at_row(lexer: Lexer, lexeme: Lexeme, expected: set[str]) -> str:
    """What belongs between the members of a list or after them, or before a row; how a month is written."""
    if lexeme.type == "NUMBER" and len(lexeme.text) == 4 and lexer.last and lexer.last.type == "NAME":
        return messages.period_in_words()
    if "BAR" in expected and lexer.is_in_parentheses:
        return messages.parenthesis_too_few() if lexeme.type in _OPENING else messages.list_mark()
    if "IS" in expected:
        return ""
    if expected >= {"AT", "BELOW", "ABOVE"}:
        return messages.row_of_curve()
    return messages.row_of_steps() if expected >= {"BETWEEN", "EXACTLY"} else ""


def _words_around(lexer: Lexer, lexeme: Lexeme) -> tuple[str, ...]:
    """The word found, then with its neighbours: `at mots` is near `at most`, `least` before 10 `at least`.

    After a name, the mistake may be that name, alone or with the word before it.
    """
    text, span = lexer.source.text, lexeme.span
    before = text[max(0, span.start - 60) : span.start].split()[-2:]
    pair = " ".join(text[span.start : span.end + 60].split()[:2])
    words = [lexeme.text, pair, *(f"{word} {lexeme.text}" for word in before[-1:])]
    if words[-1] in SPELLING.values():  # spelled rightly, and read as something else
        return ()
    if lexer.last is not None and lexer.last.type == "NAME":
        words += [lexer.last.text, " ".join(before)]
    return tuple(words)


def _spellings(expected: list[str]) -> list[str]:
    """What could have been written: the keywords and units that fit, and all keywords of several words."""
    found = [SPELLING[token] for token in expected if token in SPELLING]
    if "UNIT_NAME" in expected:
        found += [each.english for each in UNIT_NAMES]
    return found + [each.english for each in KEYWORDS if " " in each.english and each.english not in found]


_DESCRIPTIONS: Final = {
    "NAME": "a name",
    "STRING": "a text in quotes",
    "NUMBER": "a number",
    "DATE": "a date",
    "UNIT_NAME": "a unit",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COLON": "`:`",
    "EQUAL": "`=`",
    "BAR": "`|`",
    "DOTS": "`..`",
    "$END": "the end of the text",
}
_OF_A_LIBRARY: Final = "a declaration of a library, such as `measure` or `goal`"
_SIGNS: Final = {"PLUS": "`+`", "MINUS": "`-`", "STAR": "`*`", "SLASH": "`/`"}
_VALUE: Final = {"NAME", "DOTTED", "NUMBER", "DATE", "LPAR", "MINUS", "YEAR_BEFORE"}
_PERIOD: Final = {"NUMBER", "DATE"}


def _described(expected: list[str]) -> list[str]:
    """What could have stood there, in words: what an author thinks of first, and keywords by the alphabet."""
    tokens, words = set(expected), []
    if "CONTRACT" in tokens:  # the beginning of a text
        return [f"`{SPELLING[each]}`" for each in ("CONTRACT", "AMENDMENT")] + [_OF_A_LIBRARY]
    if tokens >= _VALUE:
        words, tokens = ["a value"], tokens - _VALUE
    elif tokens >= _PERIOD and "MINUS" not in tokens:
        words, tokens = ["a period such as 2009-12"], tokens - _PERIOD
    if tokens >= _SIGNS.keys():  # after a complete value: what makes it longer is left out
        tokens -= {"LPAR"}
    words += [text for token, text in _DESCRIPTIONS.items() if token in tokens]
    words += [f"`{SPELLING[token]}`" for token in expected if token in tokens and token in SPELLING]
    return words or [text for token, text in _SIGNS.items() if token in tokens]
