"""The messages about the text itself: exact, one a mistake, with carets on the smallest guilty text.

Each file of `golden/bad/text` holds a contract and, below a line of dashes, what is said about it. Run with
`RKDSL_UPDATE_GOLDENS=1` to write the messages anew, then read the difference as an author would.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rkdsl import messages
from rkdsl.diagnostics import ERROR, Place, render
from rkdsl.language.parser import parse
from rkdsl.messages import TITLES, did_you_mean, folded, listed, nearest, quoted
from rkdsl.source import Source, Span, from_bytes, from_text

_GOLDENS = sorted((Path(__file__).parent / "golden" / "bad" / "text").glob("*.txt"))
_LINE = "\n----\n"


def _said(source: Source) -> str:
    """Everything said about a text, as it is shown."""
    found = parse(source).diagnostics
    assert all(each.severity == ERROR and each.title == TITLES[each.code] for each in found)
    return "\n\n".join(render(each, {source.name: source}) for each in found)


@pytest.mark.parametrize("path", _GOLDENS, ids=lambda path: path.stem)
def test_messages_are_these(path: Path) -> None:
    """The message of each mistake, word for word."""
    text, _, expected = path.read_text(encoding="utf-8").partition(_LINE)
    said = _said(from_text("contract.rk", text))
    if os.environ.get("RKDSL_UPDATE_GOLDENS"):
        path.write_text(f"{text}{_LINE}{said}\n", encoding="utf-8")
    else:
        assert expected == f"{said}\n"


def test_every_code_of_the_text_has_a_case() -> None:
    """RK001 to RK003 are below, RK014 among the cases of the command: such texts do not stand in a golden file."""
    codes = {code for path in _GOLDENS for code in re.findall(r"RK\d{3}", path.read_text(encoding="utf-8"))}
    assert {code for code in TITLES if code < "RK100"} - {"RK001", "RK002", "RK003", "RK014"} == codes


def test_a_golden_has_one_mistake_and_a_place() -> None:
    """Each case shows one message, but for those that show that more than one is found."""
    for path in _GOLDENS:
        _, _, said = path.read_text(encoding="utf-8").partition(_LINE)
        assert path.stem.startswith("several") or 1 == len(re.findall(r"^\S+ error RK", said, re.MULTILINE))
        assert re.match(r"contract\.rk:\d+:\d+: error RK\d{3}: ", said)


# ---- texts that cannot stand in a file of their own


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            'contract c "Mål" { }'.encode("latin-1"),
            "t: error RK001: the text is not UTF-8\n"
            "  first seen at line 1, byte 14 of the file\n"
            "  hint: it looks like Windows-1252 or Latin-1: save the file as UTF-8",
        ),
        (
            'contract c "C" { }'.encode("utf-16"),
            "t: error RK001: the text is not UTF-8\n"
            "  first seen at line 1, byte 1 of the file\n"
            "  hint: it looks like UTF-16: save the file as UTF-8",
        ),
        (
            'contract c "a\u202eb" { }'.encode(),
            "t:1:14: error RK002: a character that cannot be seen\n"
            '    1 | contract c "a\\u202eb" { }\n'
            "      |              ^^^^^^ U+202E (right-to-left override) stands here\n"
            "  hint: take it out: what is signed must be what is seen",
        ),
        (
            b'contract c\n# a\x07b\n"C" { }',
            "t:2:4: error RK002: a character that cannot be seen\n"
            "    2 | # a\\u0007b\n"
            "      |    ^^^^^^ U+0007 stands here\n"
            "  hint: take it out: what is signed must be what is seen",
        ),
    ],
)
def test_texts_that_are_no_text(data: bytes, said: str) -> None:
    """Another encoding, hidden characters."""
    assert said == _said(from_bytes("t", data))


def test_texts_too_large() -> None:
    """The limit is said."""
    assert ("t: error RK003: the text is too large\n  a file may have 32 MiB") == render(
        messages.text_too_large(Place("t")), {}
    )


def test_no_text_of_hidden_characters_reaches_the_screen() -> None:
    """What is shown of the author's text holds no control or direction marks."""
    said = _said(from_text("t", 'contract \u202e "\x1b[31m" { }'))
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", said)


# ---- numbers: the hint says the one way to write what was meant


@pytest.mark.parametrize(
    ("run", "hint"),
    [
        ("9,4", "the decimal mark is `.` and thousands are joined by `_`: write `9.4`"),
        ("1,234,567.50", "the decimal mark is `.` and thousands are joined by `_`: write `1_234_567.50`"),
        ("1.234.567,50", "the decimal mark is `.` and thousands are joined by `_`: write `1_234_567.50`"),
        ("1.234.567", "the decimal mark is `.` and thousands are joined by `_`: write `1_234_567`"),
        ("26_67", "`_` joins groups of exactly three digits, as in 26_675"),
        ("5-3", "a minus has blanks around it: `5 - 3`; from one to another is `5..3`"),
        ("2009-2012", "from one year to another is written `2009..2012`"),
        ("2009-1", "write `2009-01`"),
        ("2009-7-1", "write `2009-07-01`"),
        ("2009-q3", "write `2009-Q3`"),
        ("2009-2-30", "dates are 2009-07-01, 2009-07, 2009-Q3, 2009-H2 or 2009"),
        ("31.12.2009", "dates begin with the year, as in 2009-12-31"),
        ("31-12-09", "dates begin with the year, as in 2009-12-31"),
        ("25cases", "write a blank between number and word: `25 cases`"),
        ("26_675kr", "write a blank between number and word: `26_675 kr`"),
        ("1e5", "numbers are written out, as in 100_000"),
        ("1٣", "digits are 0 to 9"),
        ("1.2.3", "a number is written as in 9.4 or 26_675"),
        ("1-2-3", "a number is written as in 9.4 or 26_675"),
        ("1x" * 50, ""),
    ],
)
def test_hints_for_numbers(run: str, hint: str) -> None:
    """A hint that is a number says the same number; where there are two, neither is proposed alone."""
    assert hint == messages.malformed_number(Place("t", Span(0, len(run))), run).hint


# ---- words about words


def test_lists_of_words() -> None:
    """Joined as a sentence, cut when long."""
    assert ["", "a", "a or b", "a, b and c"] == [
        listed([]),
        listed(["a"]),
        listed(["a", "b"]),
        listed(["a", "b", "c"], "and"),
    ]
    assert "a, b … (3 in all)" == listed(["a", "b", "c"], limit=2)


def test_near_names() -> None:
    """Found over case, accents and the two spellings of Danish letters; nothing is better than far."""
    names = ["milestone", "målgruppe", "at most"]
    assert "milestone" == nearest("mileston", names)
    assert "målgruppe" == nearest("Maalgruppe", names)
    assert "at most" == nearest(("mots", "at mots"), names)
    assert "" == nearest("weight", names) == nearest("x" * 101, ["x" * 101]) == nearest("milestone", names)
    assert "aeble" == folded("Æble")
    assert ["", "did you mean `a`?"] == [did_you_mean(""), did_you_mean("a")]


def test_the_words_of_the_author_are_cut_and_escaped() -> None:
    """Long words and control characters do not fill the screen."""
    assert "`" + "x" * 59 + "…`" == quoted("x" * 100)
    assert "`\\u001b`" == quoted("\x1b")


def test_codes_are_used_once() -> None:
    """A code has one title, and a title one code."""
    assert len(TITLES) == len({title for code, title in TITLES.items() if code < "RK100"}) + len(
        [code for code in TITLES if code >= "RK100"]
    )
