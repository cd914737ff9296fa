"""Registers as tables of plain text: rows with what is stated, reported and reckoned, totals, checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rkdsl.outcome import NOT_KNOWN, CheckOutcome, RegisterOutcome, ValueOutcome
from rkdsl.plain import Final, evolve
from rkdsl.source import shown

WIDTH: Final = 60


def registers(found: Iterable[RegisterOutcome]) -> str:
    """All of them, one after the other."""
    return "\n\n\n".join(map(register, found))


def register(found: RegisterOutcome) -> str:
    """One register: its rows, its totals, and its checks, of those that hold only how many."""
    parts = [f"{found.id}  {shown(found.title, 200)}", _table(found)]
    totals = [f"  {shown(each.title, WIDTH)}: {shown(each.text, 200)}" for each in found.totals]
    parts += ["\n".join(totals)] if totals else []
    checks = [_check(each) for each in found.checks if each.state != "holds"]
    held = len(found.checks) - len(checks)
    checks += [f"  {f'{held} more' if checks else f'all {held}'} hold"] if held else []
    parts += ["\n".join(["  checks", *(f"  {each}" for each in checks)])] if checks else []
    return "\n\n".join(parts)


def sorted_by(found: RegisterOutcome, column: str) -> RegisterOutcome:
    """Its rows by a column, as written where there is no such column: numbers from the highest, days from the
    first, words from a to z, and what is open last.
    """
    asked = [each for each in found.columns if each.id == column]
    if not asked:
        return found
    known = [each for each in found.rows if _is_settled(each.cells[column])]
    others = [each for each in found.rows if not _is_settled(each.cells[column])]
    words = sorted(
        (each for each in known if each.cells[column].word is not None),
        key=lambda row: row.cells[column].word or "",
    )
    numbers = sorted(
        (each for each in known if each.cells[column].word is None),
        key=lambda row: row.cells[column].secured or 0,
        reverse=asked[0].unit != "a day",
    )
    return evolve(found, rows=(*numbers, *words, *others))


def _is_settled(cell: ValueOutcome) -> bool:
    return cell.state == ""


def _table(found: RegisterOutcome) -> str:
    """The rows under the headings; figures to the right."""
    rows = found.rows
    if not rows:
        return "  no rows"
    titled = any(each.title for each in rows)
    head = ["", *([""] if titled else []), *(each.title for each in found.columns)]
    body = []
    for row in rows:
        title = [shown(row.title, WIDTH)] if titled else []
        body.append([row.name, *title, *(_cell(row.cells[each.id]) for each in found.columns)])
    first = 2 if titled else 1
    right = [False] * first + [
        all(row.cells[each.id].word is None for row in rows) and each.unit != "a day"
        for each in found.columns
    ]
    widths = [max(len(line[at]) for line in (head, *body)) for at in range(len(head))]
    lines = [_line(line, widths, right) for line in (head, *body)]
    return "\n".join([lines[0], "  " + "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]])


def _cell(cell: ValueOutcome) -> str:
    return shown(cell.text, WIDTH)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        text.rjust(width) if is_right else text.ljust(width)
        for text, width, is_right in zip(cells, widths, right, strict=True)
    )
    return f"  {'  '.join(padded)}".rstrip()


def _check(check: CheckOutcome) -> str:
    what = ": ".join(each for each in (check.row, shown(check.why, 200), shown(check.text, 200)) if each)
    return f"  {check.state if check.state != NOT_KNOWN else 'not known yet'}  {what}"
