"""Diagnostics: sorted, each said once, and shown with the guilty text."""

from __future__ import annotations

import pytest

from rkdsl.diagnostics import ERROR, FINDING, Diagnostic, Label, Place, Refused, in_order, located, render
from rkdsl.plain import evolve
from rkdsl.source import Source, Span, from_text


def _diagnostic(start: int, end: int, text: str = "here", **more: str) -> Diagnostic:
    return Diagnostic("RK999", ERROR, "a title", (Label(Place("t", Span(start, end)), text),), **more)


def _shown(text: str, diagnostic: Diagnostic) -> str:
    return render(diagnostic, {"t": from_text("t", text)})


def test_carets_stand_under_the_guilty_text() -> None:
    """Place and title, the line, the carets with their words, note and hint."""
    shown = _shown("one\ntwo three\n", _diagnostic(8, 13, note="a note\nof two lines", hint="a hint"))
    assert (
        "t:2:5: error RK999: a title\n"
        "    2 | two three\n"
        "      |     ^^^^^ here\n"
        "  a note\n"
        "  of two lines\n"
        "  hint: a hint"
    ) == shown


@pytest.mark.parametrize(
    ("text", "span", "excerpt"),
    [
        ("", (0, 0), "    1 | \n      | ^ here"),
        ("ab", (2, 2), "    1 | ab\n      |   ^ here"),
        ("a\tb", (2, 3), "    1 | a b\n      |   ^ here"),
        ("ab\ncd", (1, 4), "    1 | ab\n      |  ^ here"),
        ("a\u202eb", (1, 2), "    1 | a\\u202eb\n      |  ^^^^^^ here"),
        ("\u202ea", (1, 2), "    1 | \\u202ea\n      |       ^ here"),
        ("x" * 300, (200, 202), f"    1 | {'x' * 100}\n      | {' ' * 50}^^ here"),
        ("x" * 300, (0, 300), f"    1 | {'x' * 100}\n      | {'^' * 100} here"),
    ],
)
def test_excerpts(text: str, span: tuple[int, int], excerpt: str) -> None:
    """One line of it, at most a hundred columns, hidden characters written out, carets where they belong."""
    assert excerpt == _shown(text, _diagnostic(*span)).split("\n", 1)[1]


def test_other_places_are_shown_below() -> None:
    """Another place of the text, a key of a data file, a file alone."""
    labels = (
        Label(Place("t", Span(0, 1)), "first"),
        Label(Place("t", Span(2, 3))),
        Label(Place("data.json", key="readings.x"), "as reported"),
        Label(Place("data.json")),
    )
    shown = _shown("a b", evolve(_diagnostic(0, 1), labels=labels))
    assert (
        "t:1:1: error RK999: a title\n"
        "    1 | a b\n"
        "      | ^ first\n"
        "  see t:1:3\n"
        "    1 | a b\n"
        "      |   ^\n"
        "  see data.json: readings.x\n"
        "  as reported\n"
        "  see data.json"
    ) == shown


def test_places_without_their_source() -> None:
    """A span cannot be counted without its text: the file is named."""
    sources: dict[str, Source] = {}
    assert "t" == located(Place("t", Span(0, 1)), sources)
    assert "t: a.\\u202eb" == located(Place("t", key="a.\u202eb"), sources)


def test_diagnostics_are_sorted_and_said_once() -> None:
    """By place, then code; a place without a span before those with one."""
    late, early, whole = (
        _diagnostic(5, 6),
        _diagnostic(1, 2),
        Diagnostic("RK1", FINDING, "x", (Label(Place("t")),)),
    )
    assert (whole, early, late) == in_order([late, early, late, whole])


def test_errors_refuse_and_findings_do_not() -> None:
    """`is_error` says which it is; `place` is the first label's."""
    error = _diagnostic(1, 2)
    assert (True, False) == (error.is_error, evolve(error, severity=FINDING).is_error)
    assert Place("t", Span(1, 2)) == error.place


def test_refusals_show_everything() -> None:
    """`str()` of the exception is all that is wrong."""
    source = from_text("t", "a b")
    refused = Refused((_diagnostic(0, 1), _diagnostic(2, 3)), {"t": source})
    assert 2 == str(refused).count("RK999")
    assert {"t": source} == refused.sources
