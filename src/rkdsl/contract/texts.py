"""The sentences about values, functions, scales, limits and sections: one function a mistake or finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from rkdsl.diagnostics import Diagnostic, Label, Place
from rkdsl.messages import did_you_mean, error, finding, listed, nearest, number_text, quoted, range_text
from rkdsl.values import MAX_APPLIED, MAX_CHAIN, MAX_SERIES, PLAIN, Unit

# ---- names


def circle(place: Place, path: Sequence[str]) -> Diagnostic:
    """References that come back to where they began."""
    text = f"{quoted(path[0])} is made from itself"
    return error("RK210", place, text, note=" -> ".join(path), hint="leave one of these references out")


def unknown_function(place: Place, name: str, known: Sequence[str]) -> Diagnostic:
    """A call of something that is neither a scale nor a function of the language."""
    near = nearest(name, known)
    note = "" if near else f"known: {listed(known, 'and', 14)}"
    hint = did_you_mean(near) or f"declare it: `scale {name}(x) = …`"
    return error("RK211", place, f"no scale and no function is called {quoted(name)}", note=note, hint=hint)


def other_columns(place: Place, count: int, columns: Sequence[str]) -> Diagnostic:
    """A row of a goal with more or fewer cells than the goal has columns."""
    cells = "1 cell" if count == 1 else f"{count} cells"
    text = f"{cells}, and the columns are {listed(columns, 'and', 12)}"
    return error("RK212", place, text, hint="write a cell for each column, with `|` between")


def unknown_word(place: Place, word: str, what: str, known: Sequence[str]) -> Diagnostic:
    """A word that a closed table does not have."""
    near = nearest(word, known)
    hint = did_you_mean(near) if near else f"write one of {listed(known, 'or', 12)}"
    return error("RK213", place, f"{quoted(word)} is no {what}", hint=hint)


def not_a_value(place: Place, name: str, *, is_scale: bool) -> Diagnostic:
    """A goal, section or scale where a value is asked for."""
    if is_scale:
        return error("RK214", place, f"{quoted(name)} is a scale, not a value", hint=f"apply it: `{name}(x)`")
    hint = f"write `{name}.points`, `{name}.maximum` or `{name}.share`"
    return error("RK214", place, f"{quoted(name)} is not a value, but has values", hint=hint)


def no_such_part(place: Place, name: str, part: str, known: Sequence[str]) -> Diagnostic:
    """A name with a dot whose last part is none of what the first has."""
    near = nearest(part, known)
    note = f"it has {listed(known, 'and')}" if known and not near else ""
    note = note or ("" if known else "it has no points")
    return error("RK214", place, f"{quoted(name)} has no {quoted(part)}", note=note, hint=did_you_mean(near))


def previous_of_what(place: Place) -> Diagnostic:
    """`previous` of something that an outcome does not hold."""
    hint = "write `previous(NAME.points)`, `previous(NAME.state)`, or `previous(VALUE)` of a named value"
    return error(
        "RK214", place, "carried over are points, maximum, share and state, and named values", hint=hint
    )


def range_wanted(place: Place, name: str) -> Diagnostic:
    """A value that carries itself over, whose unit nothing says."""
    hint = f"give {quoted(name)} a range with its unit, such as `range at least 0 DKK`"
    return error("RK302", place, f"the unit of {quoted(name)} is not known here", hint=hint)


def only_of_things(place: Place, word: str) -> Diagnostic:
    """`is met` of something that is no goal, requirement or section."""
    return error("RK214", place, f"only a goal, requirement or section is {word}", hint="name one")


def only_of_inputs(place: Place) -> Diagnostic:
    """`is reported` of something that is worked out."""
    hint = "name one measure, fact, parameter or milestone"
    return error("RK214", place, "only what actuals give is reported", hint=hint)


def not_used(place: Place, name: str, what: str) -> Diagnostic:
    """Something declared that nothing refers to."""
    hint = "leave it out, or use it"
    return finding("RK517", place, f"nothing refers to the {what} {quoted(name)}", hint=hint)


def in_two_places(place: Place, name: str, what: str, other: str, first: Place) -> Diagnostic:
    """A parameter of a scale that hides a value."""
    text = f"the {what} {quoted(name)} hides the {other} of that name"
    return finding("RK518", place, text, Label(first, f"the {other}"), hint="another name for one of them")


def like_a_goal(place: Place, name: str, what: str) -> Diagnostic:
    """One name for a value and for a goal or section."""
    text = f"the {what} {quoted(name)} is called like a goal or section"
    hint = (
        f"{quoted(name)} alone is the {what}, `{name}.points` of the goal or section: another name is clearer"
    )
    return finding("RK518", place, text, hint=hint)


# ---- functions


def other_arguments(place: Place, name: str, count: int, least: int, most: int) -> Diagnostic:
    """More or fewer arguments than a function takes."""
    wanted = str(least) if least == most else f"{least} to {most}"
    text = f"{quoted(name)} takes {wanted} argument{'s' if most > 1 else ''}, found {count}"
    return error("RK323", place, text, hint="write `|` between arguments")


def whole_wanted(place: Place, least: int, most: int) -> Diagnostic:
    """Something else where a whole number is written."""
    return error("RK323", place, f"a whole number from {least} to {most} is expected, without a unit")


def series_wanted(place: Place, name: str) -> Diagnostic:
    """`first(x)` of a single value."""
    hint = f"write `{name}(NAME in 2026-01..2026-06)`"
    return error("RK323", place, f"{quoted(name)} takes one measure over a run of periods", hint=hint)


def bare_argument(place: Place, name: str, unit: str) -> Diagnostic:
    """A number without a unit as argument, where the scale needs per cent."""
    text = f"{quoted(name)} stands for a number without a unit, and {unit} is asked for here"
    return error("RK302", place, text, hint=f"write the unit in the argument: `80 {unit}`")


def no_whole_periods(place: Place, period: str, rhythms: Sequence[str], count: int) -> Diagnostic:
    """A run of periods that the readings do not fill."""
    if count > MAX_SERIES:
        return error("RK324", place, f"{count} readings; at most {MAX_SERIES} can be combined")
    if len(rhythms) > 1:
        return error(
            "RK324", place, f"these are read each {listed(rhythms, 'and')}: no readings lie side by side"
        )
    rhythm = rhythms[0]
    hint = f"begin and end with whole periods: read each {rhythm}"
    return error("RK324", place, f"{quoted(period)} is not made of whole periods of one {rhythm}", hint=hint)


def numbers_wanted(place: Place, unit: str) -> Diagnostic:
    """A curve of words or days."""
    return error("RK431", place, f"a curve is made of numbers, found {unit}", hint="write `steps of …`")


def nested_too_deep(place: Place, name: str, depth: int) -> Diagnostic:
    """Scales in scales in scales."""
    text = f"{quoted(name)} is made of {depth} scales or values, each in the next; at most {MAX_CHAIN} are allowed"
    return error("RK011", place, text)


def applied_too_often(place: Place, name: str) -> Diagnostic:
    """A scale in a scale in a scale, each with other arguments: their number doubles with each."""
    text = f"{quoted(name)} would be worked out for more than {MAX_APPLIED} different arguments"
    hint = "a scale that applies another to two different arguments doubles the work: name the value instead"
    return error("RK215", place, text, hint=hint)


# ---- forms of a function


def gap(place: Place, where: str) -> Diagnostic:
    """Steps with something between them."""
    hint = "a value at the edge belongs to one of its two steps" if where.startswith("exactly") else ""
    return error("RK423", place, f"no step for {where}", hint=hint)


def overlap(place: Place, other: Place) -> Diagnostic:
    """Two steps for the same value."""
    hint = "`below` and `above` leave the edge out, `at most` and `at least` take it in"
    return error(
        "RK424", place, "some values fall on two steps", Label(other, "this step as well"), hint=hint
    )


def impossible_step(place: Place) -> Diagnostic:
    """A step that no value falls on."""
    return error("RK424", place, "no value falls on this step", hint="write the lower edge first")


def corners_out_of_order(place: Place, other: Place) -> Diagnostic:
    """A corner that does not lie above the one before it."""
    text = "corners stand in rising order, each once"
    return error("RK425", place, text, Label(other, "the corner before"))


def jump_without_corner(place: Place, side: str) -> Diagnostic:
    """`below 80 %: …` without `at 80 %: …` beside it."""
    return error(
        "RK425", place, f"`{side}` stands beside an `at` for the same corner", hint="write `at …: …` too"
    )


def few_corners(place: Place, count: int) -> Diagnostic:
    """A curve of no corner, or one that goes on from one corner."""
    return error("RK425", place, f"a curve needs {count} corners at least here")


def end_missing(place: Place, side: str) -> Diagnostic:
    """A curve that does not say what holds outside its corners."""
    hint = f'write `{side}: flat`, `{side}: continued` or `{side}: not defined "why"`'
    where = "first" if side == "below" else "last"
    return error("RK426", place, f"nothing is said {side} the {where} corner", hint=hint)


def other_row(place: Place, count: int, keys: int) -> Diagnostic:
    """A row of a table with more or fewer values than the table has stretches across."""
    return error("RK212", place, f"found {count} values, expected {keys}", hint="write `|` between values")


def words_and_numbers(place: Place) -> Diagnostic:
    """Steps of a word with an edge that is a number, or the other way round."""
    return error("RK431", place, "a word is only `exactly` a word", hint='write `exactly "…"`')


def range_out_of_place(place: Place, unit: str) -> Diagnostic:
    """A range that does not fit the unit."""
    return error("RK422", place, f"no such range for {unit}")


def outside_range(
    place: Place, number: Fraction, low: Fraction | None, high: Fraction | None, unit: Unit
) -> Diagnostic:
    """A written value outside the range of its own scale or value."""
    text = f"{number_text(number, unit)} is outside the range {range_text(low, high, unit)}"
    return error("RK427", place, text)


def range_can_be_left(place: Place, low: str, bounds: str) -> Diagnostic:
    """A value that can come to lie outside its range."""
    text = f"it can be {low}; the range is {bounds}"
    return finding("RK515", place, text, hint="outside its range a value is not defined")


def weight_out_of_reach(place: Place, most: Fraction, weight: Fraction) -> Diagnostic:
    """A weight that its score cannot come to."""
    text = f"the score gives {number_text(most)} at most, the weight is {number_text(weight)}"
    return finding("RK516", place, text)


def limit_never(place: Place, *, holds: bool) -> Diagnostic:
    """A limit whose condition cannot hold, or cannot fail."""
    text = "this always holds" if holds else "this can never hold"
    return finding("RK519", place, text, hint="look at the ranges of what it reads")


def curve_against(place: Place, direction: str) -> Diagnostic:
    """A curve that gives more for what is declared to be worse."""
    text = f"this gives more for what is worse: {direction} is better"
    return finding("RK520", place, text)


# ---- scores, limits and sections


def two_scores(place: Place, first: Place) -> Diagnostic:
    """A score beside other things that give points."""
    hint = "a score alone gives the points; what else counts is `followed`, or a value in the score"
    return error(
        "RK421", place, "this item makes its points by a score", Label(first, "the score"), hint=hint
    )


def score_unit(place: Place, unit: str) -> Diagnostic:
    """A score in another unit than points or a share."""
    hint = "give points, a share such as `85 %`, or a plain number as share"
    return error("RK301", place, f"a score is in points or a share of the weight, found {unit}", hint=hint)


def choices_unassessed(place: Place) -> Diagnostic:
    """`weight (0 | 25 | 50)` of an item that nobody assesses."""
    return error(
        "RK422", place, "only an assessment gives one of several numbers", hint="write `assessed by …`"
    )


def nothing_to_limit(place: Place, name: str) -> Diagnostic:
    """A limit of something without points."""
    return error("RK428", place, f"{quoted(name)} has no points to limit")


def no_state(place: Place, name: str) -> Diagnostic:
    """The state of something without points, which has none."""
    return error("RK428", place, f"{quoted(name)} has no points, and so no state")


def combination(place: Place, text: str, hint: str = "") -> Diagnostic:
    """A combination of members that cannot be meant."""
    return error("RK429", place, text, hint=hint)


def points_unwanted(place: Place, result: Place) -> Diagnostic:
    """A weight where the contract has no points."""
    return error("RK430", place, "the result is states: nothing has points", Label(result, "said here"))


def unused_words(words: Iterable[str]) -> str:
    """The words of a subject that no step has."""
    return listed([f'"{word}"' for word in words], "or")


def ends(low: Fraction | None, high: Fraction | None, unit: Unit = PLAIN) -> str:
    """A range in words."""
    return range_text(low, high, unit)
