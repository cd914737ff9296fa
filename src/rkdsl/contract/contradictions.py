"""The sentences about what does not fit together in a contract, and about silencing it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from rkdsl.diagnostics import Diagnostic, Label, Place
from rkdsl.messages import TITLES, error, finding, number_text, quoted
from rkdsl.plain import Final
from rkdsl.values import Period, Unit

CANNOT_HOLD: Final = ("RK511", "RK542", "RK545")
"""Findings by which an expectation cannot hold, whatever is reported."""

# ---- silencing


def not_silenceable(place: Place, code: str) -> Diagnostic:
    """`except RK416 "…"`: a mistake, or no code at all."""
    what = "a mistake" if code in TITLES and not code.startswith("RK5") else "not a finding of a contract"
    return error(
        "RK880", place, f"{quoted(code)} is {what}", hint="write the code of a finding, as in `RK506`"
    )


def no_reason(place: Place) -> Diagnostic:
    """`except RK506 ""`."""
    return error("RK881", place, "a finding is silenced for a reason", hint="write who decided so, and when")


def silences_nothing(place: Place, code: str) -> Diagnostic:
    """A silence in a block without such a finding."""
    text = f"nothing in this block itself is {code}"
    return finding("RK550", place, text, hint="leave it out, or put it into the braces the finding stands in")


# ---- strength


def weaker_than_last_year(
    place: Place, asked: Fraction, reading: Fraction, period: Period, unit: Unit, entry: Place
) -> Diagnostic:
    """A target that was met in the same part of the year before."""
    text = f"{number_text(asked, unit)} is weaker than the reading of the year before"
    return finding("RK540", place, text, Label(entry, f"{period}: {number_text(reading, unit)}"))


def weaker_than_before(
    place: Place,
    asked: Fraction,
    before: Fraction,
    period: Period,
    unit: Unit,
    there: Place,
    *,
    is_guideline: bool,
) -> Diagnostic:
    """A guideline that lets go again what an earlier year has asked for."""
    what = "guideline" if is_guideline else "target"
    text = f"{number_text(asked, unit)} asks for less than the {what} before it"
    return finding("RK541", place, text, Label(there, f"{period}: {number_text(before, unit)}"))


# ---- figures that are said to be the same


def other_way(place: Place, there: Place) -> Diagnostic:
    """`at most 5 equals at least 5`."""
    text = "this asks for the opposite of the target"
    return finding("RK542", place, text, Label(there, "the target"))


def never_the_same(place: Place, there: Place) -> Diagnostic:
    """`falls by 9.4 %` that equals `falls by 10 %`."""
    text = "however they are rounded, these figures are not the same"
    return finding("RK542", place, text, Label(there, "said here"))


def other_figures(place: Place, there: Place, here: str, other: str) -> Diagnostic:
    """Two levels, each from a baseline of its own."""
    return finding("RK542", place, f"this comes to {here}", Label(there, f"this to {other}"))


def not_the_same(place: Place, there: Place, bases: str, entry: Place, stated: str) -> Diagnostic:
    """9.4 %, 196 persons and a baseline of 2200 persons."""
    text = f"both hold for a baseline of {bases} only"
    return finding("RK542", place, text, Label(there, "said here"), Label(entry, stated))


def same_for_some(
    place: Place, there: Place, bases: str, period: str, entry: Place | None = None, stated: str = ""
) -> Diagnostic:
    """9.4 % and 196 persons of a baseline that is not stated, or stated twice."""
    text = f"both hold for a baseline of {bases} only"
    labels = [Label(there, "said here"), *([Label(entry, stated)] if entry is not None else [])]
    hint = f"state the reading of {period}, and they are compared" if entry is None else ""
    return finding("RK543", place, text, *labels, hint=hint)


def would_be(place: Place, there: Place, words: str) -> Diagnostic:
    """`at most undecided` that equals `falls by 20 %`."""
    text = f"if the other figure holds, this is {words}"
    return finding("RK544", place, text, Label(there, "the other"), hint="write it, or decide otherwise")


# ---- what is expected


def expected_otherwise(place: Place, there: Place, what: str) -> Diagnostic:
    """`expect … exactly 17 %` beside `target … at most 10 %`."""
    text = "however the figures are rounded, both cannot hold"
    return finding("RK545", place, text, Label(there, what))


def more_than_asked(place: Place, there: Place) -> Diagnostic:
    """`expect … falls by 17 %` beside `target … falls by 15 %`."""
    text = "this does not follow from the target, which is met with less"
    return finding("RK546", place, text, Label(there, "the target"))


def more_than_parts(place: Place, parts: Sequence[Place]) -> Diagnostic:
    """17 % of a sum whose parts are asked for 15 % each."""
    text = "this does not follow from the targets of its parts, which are met with less"
    return finding("RK547", place, text, *(Label(each, "asked of a part") for each in parts))
