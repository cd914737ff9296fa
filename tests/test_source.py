"""The source: lines, columns, and what a raw text must not hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rkdsl.source import Span, cover, from_bytes, from_text, is_mixed_script, shown


def test_places_are_counted_from_one() -> None:
    """Lines and columns as an editor shows them."""
    source = from_text("t", "ab\ncd\n\ne")
    assert [(1, 1), (1, 3), (2, 1), (2, 2), (3, 1), (4, 1), (4, 2)] == [
        source.place(offset) for offset in (0, 2, 3, 4, 6, 7, 8)
    ]
    assert ["ab", "cd", "", "e"] == [source.line_at(offset) for offset in (2, 3, 6, 7)]
    assert "" == from_text("t", "a\n").line_at(2)


def test_a_text_goes_on_with_those_of_other_files() -> None:
    """Each offset has the line, the column and the name of its own file."""
    source = from_text("one", "ab\ncd").joined(from_text("two", "e\n\ufefff")).joined(from_text("three", ""))
    found = [(source.file(offset), *source.place(offset)) for offset in range(len(source.text) + 1)]
    assert [
        ("one", 1, 1),
        ("one", 1, 2),
        ("one", 1, 3),
        ("one", 2, 1),
        ("one", 2, 2),
        ("one", 2, 3),
    ] == found[:6]
    assert [("two", 1, 1), ("two", 1, 2), ("two", 2, 1), ("two", 2, 2)] == found[6:10]
    assert ("two", 2, 3) == found[10]
    assert ("three", 1, 1) == found[11]
    assert "cd" == source.line_at(4)
    assert "e" == source.line_at(7)


@given(st.text(st.sampled_from("ab\n\r"), max_size=20))
def test_every_offset_has_its_place(text: str) -> None:
    """The character at line and column is the character at the offset."""
    source = from_text("t", text)
    for offset in range(len(source.text) + 1):
        line, column = source.place(offset)
        assert 1 <= line
        assert (source.line_at(offset) + "\n")[column - 1] == (source.text + "\n")[offset]


def test_texts_are_normalised() -> None:
    """No byte order mark, one kind of line end, composed letters."""
    assert "a\nb\nc\né" == from_text("t", "\ufeffa\r\nb\rc\ne\u0301").text
    assert "å" == from_bytes("t", b"\xef\xbb\xbf\xc3\xa5").text


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ("æble".encode("latin-1"), "line 1, byte 1 of the file|Windows-1252 or Latin-1"),
        ("a\n“b”".encode("cp1252"), "line 2, byte 3 of the file|Windows-1252 or Latin-1"),
        ("æble".encode("utf-16"), "line 1, byte 1 of the file|UTF-16"),
        ("able".encode("utf-16-le"), "byte 2 of the file|UTF-16"),
        (b"\xed\xa0\x80", "line 1, byte 1 of the file|Windows-1252 or Latin-1"),
    ],
)
def test_other_encodings_are_refused(data: bytes, detail: str) -> None:
    """With the first wrong place and a guess at what it is."""
    source = from_bytes("t", data)
    assert ("", [("encoding", detail)]) == (source.text, [(each.kind, each.detail) for each in source.flaws])


@pytest.mark.parametrize("char", [*"\x07\x1f\x7f\x85\u00ad\u200b\u200f\u2028\u202e\u2066\ud800", "a\ufeff"])
def test_hidden_characters_are_flaws(char: str) -> None:
    """Also inside texts and comments: what is signed is what is seen."""
    (flaw,) = from_text("t", f'x "{char}"').flaws
    assert "unseen" == flaw.kind
    assert f"U+{ord(char[-1]):04X}" == flaw.detail.split()[0]


def test_hidden_characters_have_their_names() -> None:
    """As far as they have one."""
    assert ["U+202E (right-to-left override)", "U+0007"] == [
        each.detail for each in from_text("t", "\u202e\x07").flaws
    ]


def test_a_text_full_of_flaws_is_soon_refused() -> None:
    """The first hundred are kept."""
    assert 100 == len(from_text("t", "\u200b" * 1_000_000).flaws)


def test_blanks_and_tabs_are_no_flaws() -> None:
    """Tabs, line ends and the blanks of word processors."""
    assert () == from_text("t", "a\tb\n\u00a0\u202fc “d”").flaws


@pytest.mark.parametrize(
    ("word", "mixed"), [("abc_9", False), ("åøæ", False), ("план", False), ("p\u0430y", True)]
)
def test_mixed_scripts(word: str, mixed: bool) -> None:
    """Letters of two scripts in one word."""
    assert mixed is is_mixed_script(word)


def test_shown_texts_are_short_and_safe() -> None:
    """Cut with a mark, hidden characters written out."""
    assert "a" * 59 + "…" == shown("a" * 61)
    assert "a" * 60 == shown("a" * 60)
    assert "\\u202ea\\u000ab" == shown("\u202ea\nb")
    assert "åé“" == shown("åé“")


def test_spans_cover() -> None:
    """From the start of the first to the end of the last."""
    assert Span(1, 9) == cover(Span(1, 3), Span(7, 9))
