"""Every sentence about tables of many rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from rkdsl.columns.program import Slot
from rkdsl.columns.tables import STATE, STATES, expected
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.messages import did_you_mean, error, listed, nearest, number_text, quoted
from rkdsl.plain import Final

MORE_ROWS: Final = "RK656"


def of_another_type(table: str, slot: Slot, found: str) -> Diagnostic:
    """A column of a type that says nothing to its slot."""
    return error(
        "RK651",
        Place(table, key=slot.name),
        f"found {found}, expected {expected(slot)}",
        hint="cast the column, or read the file anew with its type",
    )


def of_unknown_type(table: str, name: str, found: str) -> Diagnostic:
    """A column that holds things of several types, or of one that no engine here has."""
    return error(
        "RK651",
        Place(table, key=name),
        f"found {found}, which is no column of numbers, days, truths or words",
        hint="cast the column to one type; decimals have up to 38 digits",
    )


def of_another_text(table: str, key: str, found: str, wanted: str) -> Diagnostic:
    """A cell of text that says nothing to its slot."""
    return error(
        "RK651",
        Place(table, key=key),
        f"found {quoted(found)}, expected {wanted}",
        hint="leave the cell empty for what is not reported",
    )


def of_not_done_before(table: str, key: str, said: str, as_of: str) -> Diagnostic:
    """`not done` that was said some time before the day of a table with a row for each unit."""
    text = f"`not done` was said on {said} and says nothing of the days after it, up to {as_of}"
    return error(
        "RK651", Place(table, key=key), text, hint="evaluate this unit by itself, or say it as of the day"
    )


def of_corrected_contract(table: str, key: str) -> Diagnostic:
    """A row that corrects a figure which the contract states."""
    text = "it corrects what the contract states, which a table with a row for each unit cannot say"
    return error("RK651", Place(table, key=key), text, hint="evaluate this unit by itself, with its actuals")


def of_too_many_digits(table: str, column: str, found: str, most: int) -> Diagnostic:
    """Numbers of a column of text that no decimal holds beside each other."""
    text = f"found {quoted(found)}: " if found else ""
    return error(
        "RK655",
        Place(table, key=column),
        f"{text}together these need more than {most} digits before the point and after it",
        hint="write them without digits that say nothing",
    )


def of_names(table: str, at: int, name: str) -> Diagnostic:
    """A column of a table of text that has no name, or one that another has."""
    if name:
        return error(
            "RK653", Place(table, key=name), "two columns are called so", hint="rename or remove one"
        )
    text = f"column {at} has no name"
    return error("RK653", Place(table), text, hint="name it, or take the comma away that begins it")


def of_no_figures(table: str, names: Sequence[str], slots: Iterable[str]) -> Diagnostic:
    """A table none of whose columns is a figure of the contract."""
    text = "no column is called as a figure that the contract reads"
    known = list(slots)
    if len(names) == 1 and any(each in names[0] for each in ";\t|"):
        return error("RK652", Place(table, key=names[0]), text, hint="separate columns by commas")
    near = [found for each in names if (found := nearest(each, known))]
    hint = did_you_mean(near[0]) if near else f"figures are called as `{known[0]}`" if known else ""
    return error("RK652", Place(table), text, hint=hint)


def of_no_figure(table: str, name: str, slots: Iterable[str]) -> Diagnostic:
    """A column that is called as figures are, and is none of the contract's on that day."""
    base = name.removesuffix(STATE)
    near = nearest(base, [each for each in slots if each != base])
    hint = did_you_mean(near + name[len(base) :]) if near else "rename it, if it is another thing"
    return error("RK652", Place(table, key=name), f"the contract reads no {quoted(base)}", hint=hint)


def of_two_meanings(table: str, name: str) -> Diagnostic:
    """A column that would stand beside a figure of the same name."""
    return error(
        "RK653",
        Place(table, key=name),
        f"{quoted(name)} is also the name of something that comes out",
        hint="rename the column, or leave it out",
    )


def of_no_form(place: Place, name: str, reason: str) -> Diagnostic:
    """A row of the rules that whole numbers of 64 bits cannot hold, or that has no form over columns."""
    return error(
        "RK654",
        place,
        f"{quoted(name)}: {reason}",
        hint="ask for other figures; `rkdsl batch`, and a frame that is not lazy, score such rows one by one",
    )


def of_no_decimals(table: str, row: str, name: str, found: Fraction) -> Diagnostic:
    """A figure that has no place in a column of decimals."""
    return error(
        "RK655",
        Place(table, key=f"{row}: {name}"),
        f"found {number_text(found)}",
        hint="ask for numbers as fractions: numerators and denominators",
    )


def of_wide_fractions(table: str, row: str, name: str, found: int) -> Diagnostic:
    """A numerator or denominator that has no place in a column of whole numbers."""
    place = Place(table, key=f"{row}: {name}")
    return error(
        "RK655", place, f"found {found}, which the column does not hold", hint="score the row by itself"
    )


def of_more_rows(table: str, row: str) -> Diagnostic:
    """A row that is refused after as many as are told one by one: what follows is not looked at."""
    text = f"{row} is refused too, and those after it are not looked at"
    return error(
        MORE_ROWS, Place(table), text, hint="mend these first; with errors in a column, every row is told"
    )


def of_unlawful_states(slot: str) -> str:
    """What is expected beside a slot."""
    return f"{slot}{STATE}: expected {listed(STATES)}, or nothing, and no figure beside it"


def of_no_state(table: str, key: str, found: str) -> Diagnostic:
    """A cell beside a slot that says no state, or says one beside a figure."""
    text = f"found {quoted(found)}, expected {listed(STATES)}, or nothing, and no figure beside it"
    return error("RK651", Place(table, key=key), text, hint="leave one of the two cells empty")


def of_no_place(table: str, key: str, taken: str, names: Iterable[str]) -> Diagnostic:
    """A row of a long table that tells nothing of the contract, or what is told already."""
    place = Place(table, key=key)
    if taken:
        return error(
            "RK652", place, f"{quoted(taken)} is told twice of the unit", hint="keep the one that holds"
        )
    name = key.partition(": ")[2].partition(" ")[0]
    hint = did_you_mean(nearest(name, names))
    return error("RK652", place, "the contract reads no such figure on that day", hint=hint)
