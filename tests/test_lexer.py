"""The lexer: numbers and dates are read in one way or refused, keywords stand only where they fit."""

from __future__ import annotations

from collections.abc import Container
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rkdsl.language.lexer import Lexeme, Lexer
from rkdsl.source import Span, from_text
from rkdsl.values import parse_period


def _anything(token: str) -> bool:
    """A state of the parser that takes every token."""
    return True


def _read(text: str, fits: Container[str] | None = None) -> tuple[list[Lexeme], list[str]]:
    lexer = Lexer(from_text("t", text))
    lexemes = list(lexer.lexemes(_anything if fits is None else fits.__contains__))
    return lexemes, [each.code for each in lexer.diagnostics]


def _types(text: str, fits: Container[str] | None = None) -> list[str]:
    return [lexeme.type for lexeme in _read(text, fits)[0]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Fraction(0)),
        ("007", Fraction(7)),
        ("9.4", Fraction(47, 5)),
        ("26_675", Fraction(26675)),
        ("1_234_567.50", Fraction("1234567.5")),
        ("0.125", Fraction(1, 8)),
        ("1" * 40, Fraction(int("1" * 40))),
    ],
)
def test_numbers_are_exact(text: str, value: Fraction) -> None:
    """A number is the fraction its digits say."""
    (lexeme,), codes = _read(text)
    assert ("NUMBER", value, []) == (lexeme.type, lexeme.value, codes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((text, "RK005") for text in ("9,4", "26_67", "2_6675", "1_50", "5-3", "2009-1", "25cases", "1٣")),
        *((text, "RK005") for text in ("1e5", "0x10", "26_", "1.2.3", "12.5cases", "2009-2012", "0026_675")),
        *((text, "RK004") for text in ("2009-02-30", "2009-13", "2009-00", "2009-Q5", "2009-H0", "0000-01")),
        *((text, "RK006") for text in ("34.7100", "26,675", "0.120", "1_000.500")),
        *((text, "RK007") for text in ("1" * 41, "1." + "1" * 40)),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused_whole(text: str, code: str) -> None:
    """One token, no value, one message over all of it."""
    lexer = Lexer(from_text("t", text))
    (lexeme,) = lexer.lexemes(_anything)
    assert None is lexeme.value
    assert [(code, Span(0, len(text)))] == [(each.code, each.place.span) for each in lexer.diagnostics]


@pytest.mark.parametrize("text", ["2009-07-01", "2009-07", "2009-Q2", "2009-H1"])
def test_dates_are_tokens(text: str) -> None:
    """A date is never a subtraction."""
    (lexeme,), codes = _read(text)
    assert ("DATE", parse_period(text), []) == (lexeme.type, lexeme.value, codes)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("0..150", ["NUMBER", "DOTS", "NUMBER"]),
        ("2009-03..2009-05", ["DATE", "DOTS", "DATE"]),
        ("-5..-3", ["MINUS", "NUMBER", "DOTS", "MINUS", "NUMBER"]),
        ("80%..100%", ["NUMBER", "UNIT_NAME", "DOTS", "NUMBER", "UNIT_NAME"]),
        ("5 - 3", ["NUMBER", "MINUS", "NUMBER"]),
        ("a-3", ["NAME", "MINUS", "NUMBER"]),
        ("2009:3", ["NUMBER", "COLON", "NUMBER"]),
        ("v=f(a|b)", ["NAME", "EQUAL", "NAME", "LPAR", "NAME", "BAR", "NAME", "RPAR"]),
        ("g.points", ["DOTTED"]),
        ("goal.value.total", ["DOTTED"]),
        ("g . x", ["NAME", "BAD_CHARACTER", "NAME"]),
        ("g.", ["NAME", "BAD_CHARACTER"]),
        ("g.5", ["NAME", "BAD_CHARACTER", "NUMBER"]),
        ("a..b", ["NAME", "DOTS", "NAME"]),
        ("g.x²", ["BAD_CHARACTER"]),
        ("a, b", ["NAME", "BAD_CHARACTER", "NAME"]),
        (".5", ["BAD_CHARACTER", "NUMBER"]),
        ("25.", ["NUMBER", "BAD_CHARACTER"]),
        ("²", ["BAD_CHARACTER"]),
        ("x²", ["BAD_CHARACTER"]),
        ("“", ["BAD_CHARACTER"]),
        ('"a', ["BAD_STRING", "NAME"]),
        ("26 2009", ["NUMBER", "NUMBER"]),
        ("26 675", ["NUMBER", "NUMBER_IN_PIECES"]),
        ("26\u00a0675 340", ["NUMBER", "NUMBER_IN_PIECES"]),
        ("26 2008-12", ["NUMBER", "DATE"]),
        ('a # b } "\n c', ["NAME", "NAME"]),
        ("a\tb\u202fc", ["NAME", "NAME", "NAME"]),
    ],
)
def test_what_stands_side_by_side(text: str, types: list[str]) -> None:
    """Marks end numbers, names and dates."""
    words = {"NAME", "NUMBER", "UNIT_NAME"}
    assert types == _types(text, words)


def test_keywords_stand_only_where_they_fit() -> None:
    """A keyword is a name where a name fits and the keyword does not."""
    assert ["AT_MOST"] == _types("at most", {"AT", "AT_MOST", "NAME"})
    assert ["AT_MOST"] == _types("at \n\t most", {"AT_MOST"})
    assert ["AT", "NAME"] == _types("at mostly", {"AT", "NAME"})
    assert ["NAME", "NAME"] == _types("at most", {"NAME"})
    assert ["NAME"] == _types("goals", {"GOAL", "NAME"})
    assert ["UNIT_NAME"] == _types("yes or no", {"UNIT_NAME", "OR"})
    assert ["AT_MOST"] == _types("at most", set())
    assert ["NAME"] == _types("mots", set())


def test_a_name_with_dots_is_one_token() -> None:
    """Also where none fits, and of keywords: `total.points` is never the statement `total`."""
    assert ["DOTTED"] == _types("total.points", {"TOTAL", "NAME"})
    assert ["RK008"] == _read("g.p\u0430y")[1]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("3 units: 4", ["NUMBER", "NAME", "COLON", "NUMBER"]),
        ('3 units "U" # title\n : 4', ["NUMBER", "NAME", "STRING", "COLON", "NUMBER"]),
        ("3 million\n:", ["NUMBER", "NAME", "COLON"]),
        ("3 yes or no: 4", ["NUMBER", "UNIT_NAME", "COLON", "NUMBER"]),
        ('3 units "U" |', ["NUMBER", "UNIT_NAME", "STRING", "BAR"]),
        ("3 units units: 4", ["NUMBER", "UNIT_NAME", "NAME", "COLON", "NUMBER"]),
        ("until: 4", ["NAME", "COLON", "NUMBER"]),
        ("undecided: 4", ["UNDECIDED", "COLON", "NUMBER"]),
        ("otherwise: 4", ["OTHERWISE", "COLON", "NUMBER"]),
    ],
)
def test_a_unit_before_a_colon_is_the_name_of_a_row(text: str, types: list[str]) -> None:
    """Where a name fits as well, what might belong to the value before it begins the next row."""
    fits = {"NAME", "UNIT_NAME", "MILLION", "UNTIL", "UNDECIDED", "OTHERWISE", "NUMBER"}
    assert types == _types(text, fits)
    assert "NAME" not in _types(text, fits - {"NAME"})


def test_a_number_before_a_colon_is_no_piece() -> None:
    """Where no number fits it is a row without its first word; right before a colon it still is a piece."""
    assert ["NUMBER", "NUMBER", "COLON"] == _types("5 100 :", set())
    assert ["NUMBER", "NUMBER_IN_PIECES", "COLON"] == _types("5 100:", {"COLON"})
    assert ["NUMBER", "NUMBER_IN_PIECES"] == _types("5 100", set())


def test_strings_keep_everything_between_their_quotes() -> None:
    """A quote and a backslash are written with a backslash before them; nothing else is."""
    (lexeme,), codes = _read(r'"say \"no\" # \\ 5,3"')
    assert ("STRING", r'say "no" # \ 5,3', []) == (lexeme.type, lexeme.value, codes)
    assert (["STRING"], ["RK013"]) == (_types(r'"a\n"'), _read(r'"a\n"')[1])


def test_scripts_are_not_mixed_in_a_name() -> None:
    """A Cyrillic letter in a Latin name is refused; a name all in one script is not."""
    assert ["RK008"] == _read("p\u0430y")[1]
    assert [] == _read("\u043f\u043b\u0430\u043d å_ø2")[1]


def test_long_texts_of_mistakes_end() -> None:
    """The first hundred mistakes are kept."""
    assert 100 == len(_read("5-3 x " * 1000)[1])


def test_quotes_and_backslashes_are_read_in_linear_time() -> None:
    """Texts that hurt other patterns end: were they read in quadratic time, this would take days."""
    for text in (
        '"' + "\\" * 1_000_001,
        '"' + '\\"' * 1_000_000,
        "1_" * 1_000_000,
        "1-" * 1_000_000,
        " #\n" * 1_000_000,
        "x" * 1_000_000 + "²",
        "x9" * 1_000_000,
        "1 " + "000 " * 1_000_000,
        "a" + ".b" * 100_000 + ".",
        'units "' + "\\" * 100_001,
        "units" + " # x\n" * 100_000,
    ):
        next(Lexer(from_text("t", text)).lexemes(_anything), None)


@given(st.text())
def test_any_text_has_tokens_in_order(text: str) -> None:
    """Tokens never overlap, never go back, and hold what stands at their place."""
    source = from_text("t", text)
    end = 0
    for lexeme in Lexer(source).lexemes(_anything):
        if lexeme.type != "NUMBER_IN_PIECES":
            assert end <= lexeme.span.start < lexeme.span.end
        assert source.text[lexeme.span.start : lexeme.span.end] == lexeme.text
        end = lexeme.span.end
