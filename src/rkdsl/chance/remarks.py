"""Every sentence about distributions of figures that are missing."""

from __future__ import annotations

from collections.abc import Sequence

from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.messages import did_you_mean, error, listed, nearest, quoted

MOST_LISTED = 40


def nothing_to_draw_from(file: str, paths: Sequence[tuple[str, str]]) -> Diagnostic:
    """Figures that are missing, each with what may be written for it."""
    shown = paths[:MOST_LISTED]
    lines = [f'"{path}": {example}' for path, example in shown]
    more = [f"and {len(paths) - len(shown)} more"] if len(paths) > len(shown) else []
    text = "a figure" if len(paths) == 1 else f"{len(paths)} figures"
    return error(
        "RK661",
        Place(file),
        f"{text} cannot be drawn: nothing is stated, nor are there three figures before it",
        note="\n".join([*lines, *more]),
        hint="state them under `draws` of a file, with numbers of your own, and give it with `--distributions`",
    )


def not_distributions(place: Place, found: str, form: str) -> Diagnostic:
    """A file of another kind."""
    return error("RK662", place, f"found {found}, expected `{form}`", hint="give a file of distributions")


def of_nothing(place: Place, name: str, known: Sequence[str]) -> Diagnostic:
    """A name or path that the contract does not have."""
    near = nearest(name, known)
    hint = did_you_mean(near) or f"what may be drawn: {listed(known, 'and', 20)}"
    return error("RK663", place, f"the contract asks for no {quoted(name)}", hint=hint)


def of_several(place: Place, name: str, paths: Sequence[str]) -> Diagnostic:
    """A name that is one of different kinds of things."""
    return error(
        "RK663", place, f"{quoted(name)} is {listed(paths, 'and')}", hint="write the one that is meant"
    )


def of_another_kind(place: Place, found: str, path: str, expected: str) -> Diagnostic:
    """A normal distribution of days."""
    return error("RK664", place, f"found {found}; {quoted(path)} is {expected}", hint=f"write {expected}")


def of_another_state(place: Place, state: str, path: str, why: str) -> Diagnostic:
    """A share of draws in a state that the figure is never in."""
    text = f"found {quoted(state)}; {quoted(path)} {why}"
    return error("RK664", place, text, hint="leave it out")


def no_distribution(place: Place, text: str, hint: str) -> Diagnostic:
    """Numbers that make no distribution."""
    return error("RK665", place, text, hint=hint)


def out_of_reach(place: Place, found: str, path: str, lawful: str) -> Diagnostic:
    """Nothing that it gives is lawful, or one of its values is not."""
    return error("RK666", place, f"found {found}; {quoted(path)} is {lawful}", hint="draw lawful figures")


def too_early(place: Place, at: str, last: str, path: str) -> Diagnostic:
    """The day that draws are scored as of, before all of them can be known."""
    text = f"draws are scored as of {at}, but {quoted(path)} may be as late as {last}"
    return error("RK667", place, text, hint="give a later day with `--at`, or leave it out")


def no_such_threshold(file: str, name: str, known: Sequence[str]) -> Diagnostic:
    """A threshold for something that is no number."""
    near = did_you_mean(nearest(name, known))
    return error(
        "RK668",
        Place(file),
        f"no number is called {quoted(name)}",
        hint=near or f"there is {listed(known, 'and', 20)}",
    )


def unknown_key(place: Place, key: str, known: Sequence[str]) -> Diagnostic:
    """`std` where the file has `sd`."""
    hint = (
        did_you_mean(nearest(key, known)) or f"there is {listed([quoted(each) for each in known], 'and', 20)}"
    )
    return error("RK669", place, f"found {quoted(key)}", hint=hint)
