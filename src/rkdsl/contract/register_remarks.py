"""The sentences about registers, and about goals that forecasts put in danger."""

from __future__ import annotations

from collections.abc import Sequence

from rkdsl.diagnostics import Diagnostic, Label, Place
from rkdsl.messages import did_you_mean, error, finding, listed, nearest, quoted


def of_registers(place: Place, unit: str) -> Diagnostic:
    """A unit of texts and names outside a register."""
    text = f"{quoted(unit)} stands in registers alone"
    return error(
        "RK840", place, text, hint="a measure or fact counts something: `unit number`, or `unit word`"
    )


def another_cell(place: Place, expected: str, column: str, hint: str = "") -> Diagnostic:
    """A cell that its column cannot hold."""
    return error("RK841", place, f"the column {quoted(column)} holds {expected}", hint=hint)


def two_registers(place: Place, name: str, what: str, first: Place) -> Diagnostic:
    """A register named like another one, or like a goal, requirement or section."""
    text = f"{quoted(name)} is {what} already"
    return error("RK842", place, text, Label(first, "declared here"), hint="give one of them another name")


def no_such_register(place: Place, name: str, known: Sequence[str]) -> Diagnostic:
    """Rows, or a column, of a register whose columns nobody declares."""
    hint = did_you_mean(nearest(name, known)) or (
        'declare it, `register NAME(COLUMN | COLUMN) "Title" { .. }`, or `use "standard:registers"`'
    )
    note = f"there is {listed(known, 'and')}" if known else ""
    return error("RK843", place, f"no register is called {quoted(name)}", note=note, hint=hint)


def not_in_a_register(place: Place, what: str) -> Diagnostic:
    """A statement that a column or a row of a register does not have."""
    return error("RK844", place, what, hint="leave it out")


def count_expected(place: Place) -> Diagnostic:
    """`expect each goal` with a test that is not one of a number of rows."""
    hint = "write `exactly 1`, `at least 1`, `at most 2` or `between 1 and 2`"
    return error("RK845", place, "what is expected here is a number of rows", hint=hint)


def column_in_a_circle(place: Place, name: str) -> Diagnostic:
    """A column that is declared, and reckoned as well."""
    return error("RK846", place, f"{quoted(name)} is a column with cells, and reckoned as well")


def check_fails(place: Place, row: Place | None, title: str, text: str, *, told: bool) -> Diagnostic:
    """What a register expects does not hold; `told` where actuals have decided that."""
    labels = (Label(place, "expected here"),) if row is not None else ()
    code = "RK531" if told else "RK530"
    return finding(code, row or place, f"{title}: {text}" if title else text, *labels)


def count_fails(place: Place, register: str, member: str, count: int, expectation: Place) -> Diagnostic:
    """A goal, requirement, section or row with more or fewer rows of a register than expected."""
    rows = "no row" if not count else "1 row" if count == 1 else f"{count} rows"
    text = f"{quoted(member)} has {rows} of {quoted(register)}"
    return finding("RK532", place, text, Label(expectation, "expected here"))


def in_danger(place: Place, item: str, state: str, points: str, figures: str) -> Diagnostic:
    """A goal that a forecast says will be missed, or lose points."""
    return finding("RK533", place, f"{quoted(item)} would be {state}{points}: {figures}")


def nothing_called(place: Place, name: str, known: Sequence[str], what: str) -> Diagnostic:
    """A register or column that the command is asked for, and that there is not."""
    note = f"there is {listed(known, 'and', 20)}" if known else ""
    return error(
        "RK847",
        place,
        f"no {what} is called {quoted(name)}",
        note=note,
        hint=did_you_mean(nearest(name, known)),
    )
