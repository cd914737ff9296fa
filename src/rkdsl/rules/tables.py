"""Registers as an evaluation needs them: which values stand where, and what is known before. Data only."""

from __future__ import annotations

from rkdsl.diagnostics import Place
from rkdsl.outcome import CheckOutcome, ColumnOutcome
from rkdsl.plain import NamedTuple


class TableCell(NamedTuple):
    """A cell: the value it shows, and its state and text where they are not those of the value."""

    value: str
    state: str = ""
    text: str = ""


class TableColumn(NamedTuple):
    """A column as it is told, and whether its words are the names of roles."""

    told: ColumnOutcome
    has_roles: bool


class TableRow(NamedTuple):
    """A row with a cell for each column."""

    key: str
    name: str
    title: str
    cells: tuple[TableCell, ...]


class TableCheck(NamedTuple):
    """What is expected of a row, or of the whole (`row` is empty): a value that should be yes.

    `place` is that of the expectation, `there` that of the row.
    """

    value: str
    row: str
    why: str
    place: Place
    there: Place | None


class Table(NamedTuple):
    """A register. `totals` are its values without row, `counts` what is known of numbers of rows, `names` everything
    generated for it, `roles` the titles of roles by their names.
    """

    id: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    totals: tuple[str, ...]
    checks: tuple[TableCheck, ...]
    counts: tuple[CheckOutcome, ...]
    names: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]
