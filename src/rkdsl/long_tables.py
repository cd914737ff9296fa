"""Tables with a row for each figure, made into tables with a row for each unit: what was known of it on a day."""

from __future__ import annotations

import datetime
from collections.abc import Container, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import narwhals as nw

from rkdsl.actuals.binding import chain_of, check_corrections, check_day
from rkdsl.actuals.mistakes import Mistakes
from rkdsl.actuals.record import CONTRACT, MILESTONE, NOT_DONE, READING, Report
from rkdsl.columns import remarks
from rkdsl.columns.tables import STATE, STATES
from rkdsl.columns.text_tables import NUMBERS, TRUTH, TRUTHS
from rkdsl.diagnostics import Diagnostic, Refused
from rkdsl.pipeline import Contract
from rkdsl.plain import Final, NamedTuple
from rkdsl.programs import MOST_MISTAKES, TABLE, Rules, rules_of
from rkdsl.rules.slots import Slot
from rkdsl.values import is_day_text, parse_period


class Row(NamedTuple):
    """What one row tells of a place: the number of the row, a figure or a state, and its days."""

    number: int
    figure: Any  # any cell of an engine
    state: str | None
    reported: datetime.date | None
    corrects: datetime.date | str | None


def from_long(
    contract: Contract,
    frame: Any,  # of any engine that Narwhals knows, in memory
    as_of: datetime.date | str,
    *,
    unit: str = "unit",
    measure: str = "measure",
    period: str = "period",
    value: str = "value",
    reported: str = "reported",
    corrects: str = "corrects",
    state: str = "state",
) -> Any:
    """A frame with a row for each figure as one with a row for each unit, in the order in which units come.

    `measure` holds the name of what the figure is of (or all of its path), `period` its period, null where it has
    none. The last three columns may be missing. `reported` is the day on which a figure was reported: one that was
    reported after `as_of` is not known yet, and left out. `corrects` is the day of the earlier report that this one
    takes the place of, as in actuals; `state` may say `not applicable`, `not defined` or `not done` where there is no
    value. Values that are texts are read as in CSV: numbers with a point, `yes` and `no`, days.

    A milestone is written as the contract calls it, `app.live`. A lazy frame is collected; other columns are left out.

    Raises KeyError for one of the first four columns that is not there, and `Refused` for rows that say nothing of the
    contract, for two figures of one place of which none corrects the other, and for days that cannot be.
    """
    rules = rules_of(contract, as_of)
    table: Any = nw.from_native(frame)
    if isinstance(table, nw.LazyFrame):
        table = table.collect()
    for name in (unit, measure, period, value):
        if name not in table.columns:
            raise KeyError(name)
    told, wrong = _told(rules, table, (unit, measure, period, value, reported, corrects, state))
    rows: dict[Any, dict[str, Any]] = {}
    for (who, path), several in told.items():
        row = rows.setdefault(who, {})
        if path:
            known = _known(rules, path, several, wrong)
            if known is not None and known.state is not None:
                row[path + STATE] = known.state
            elif known is not None:
                row[path] = _figure(rules, path, known, wrong)
    if wrong:
        raise Refused(tuple(wrong[:MOST_MISTAKES]), {})
    slots = (name for path in rules.slots for name in (path, path + STATE))
    found = [name for name in slots if any(name in row for row in rows.values())]
    columns = {unit: list(rows), **{name: _alike([row.get(name) for row in rows.values()]) for name in found}}
    return nw.from_dict(columns, backend=table.implementation).to_native()


def _told(
    rules: Rules, table: Any, names: Sequence[str]
) -> tuple[dict[tuple[Any, str], list[Row]], list[Diagnostic]]:
    """The rows of each unit and place, and what is wrong with rows; a unit of which nothing is told has no place."""
    paths, fields = _paths(rules), {each.id for each in rules.version.tree.fields if each.kind == READING}
    told: dict[tuple[Any, str], list[Row]] = {}
    wrong: list[Diagnostic] = []
    nothing = [None] * len(table)
    cells = [table[name].to_list() if name in table.columns else nothing for name in names]
    for number, (who, what, *others) in enumerate(zip(*cells, strict=True), 1):
        when, figure, reported, corrects, state = (None if _is_nothing(each) else each for each in others)
        if who is None or who != who:
            wrong.append(
                remarks.of_another_text(TABLE, f"row {number}: {names[0]}", "nothing", "the name of a unit")
            )
            continue
        told.setdefault((who, ""), [])
        if figure is None and state is None and corrects is None:
            continue  # not reported
        name, in_period = str(what), _period(when)
        path = paths.get((name, in_period), "")
        key = _key(number, name, in_period)
        if not path:
            if not _is_to_come(rules, name, in_period, fields):
                wrong.append(remarks.of_no_place(TABLE, key, "", [each for each, _ in paths]))
            continue
        if state is None and figure is None:
            wrong.append(
                remarks.of_another_text(TABLE, key, "nothing", "the figure that takes the place of another")
            )
            continue
        if corrects == CONTRACT:
            wrong.append(remarks.of_corrected_contract(TABLE, key))
            continue
        if state is not None and (state not in STATES or figure is not None):
            wrong.append(remarks.of_another_text(TABLE, f"{key}: {names[6]}", str(state), _ONE_STATE))
            continue
        days = [
            _day(cell, f"{key}: {column}", wrong)
            for column, cell in zip(names[4:6], (reported, corrects), strict=True)
        ]
        told.setdefault((who, path), []).append(Row(number, figure, state, days[0], days[1]))
    return told, wrong


def _is_nothing(cell: Any) -> bool:
    """Whether a cell tells nothing: null, no number, no time, or a text without anything in it."""
    if isinstance(cell, str):
        return cell.strip().lower() in ("", "nan")
    return cell is None or bool(cell != cell)


def _period(cell: Any) -> str:
    """A period as it is written; a year beside which others are missing is a float in pandas."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


_ONE_STATE: Final = f"one of {', '.join(STATES)}, and no value beside it"


def _key(number: int, name: str, period: str) -> str:
    return f"row {number}: {name}" + (f" {period}" if period else "")


def _paths(rules: Rules) -> Mapping[tuple[str, str], str]:
    """The path of each figure, by its name and period."""
    found = {}
    for path, slot in rules.slots.items():
        found[slot.field.id, slot.period] = found[path, ""] = path
    return found


def _is_to_come(rules: Rules, name: str, period: str, measures: Container[str]) -> bool:
    """Whether a row tells a reading of the contract for a period that has not ended on the day."""
    if not period:
        name, _, period = name.removeprefix("readings.").rpartition(".")
    found = parse_period(period)
    return name in measures and found is not None and found.last > rules.as_of


def _day(cell: Any, key: str, wrong: list[Diagnostic]) -> Any:  # any cell; a day, CONTRACT or None
    """The day in a cell of days."""
    if isinstance(cell, datetime.datetime) and cell.tzinfo is None and cell.time() == datetime.time():
        cell = cell.date()
    if isinstance(cell, str) and is_day_text(cell):
        try:
            return datetime.date.fromisoformat(cell)
        except ValueError:
            pass
    elif cell is None or type(cell) is datetime.date or cell == CONTRACT:
        return cell
    wrong.append(remarks.of_another_text(TABLE, key, str(cell), "a day such as 2009-12-31"))
    return None


def _known(rules: Rules, path: str, rows: list[Row], wrong: list[Diagnostic]) -> Row | None:
    """Of the rows of one place the last that was known on the day. The rules are those of actuals."""
    slot = rules.slots[path]
    if len(rows) == 1 and rows[0].reported is None and rows[0].corrects is None:
        done = _day(rows[0].figure, "", []) if slot.field.kind == MILESTONE else None
        is_known = done is None or done <= rules.as_of  # it is known from the day it was done
        return rows[0] if is_known else None
    keys = [_key(each.number, slot.field.id, slot.period) for each in rows]
    if all(each.reported is None and each.corrects is None for each in rows):
        wrong.append(remarks.of_no_place(TABLE, keys[1], path, ()))
        return None
    reports = [_report(slot, row, key) for row, key in zip(rows, keys, strict=True)]
    chain, mistakes = chain_of(reports, None), Mistakes(TABLE)
    for each in reports:
        check_day(each, None, mistakes)
    check_corrections(chain, mistakes)
    wrong += mistakes.diagnostics()
    count = chain.known_on(rules.as_of)
    if mistakes or not count:
        return None
    last, day = chain.reports[count - 1], chain.days[count - 1]
    known = rows[keys.index(last.key)]
    if NOT_DONE in (known.state, known.figure) and known.reported is not None and day < rules.as_of:
        wrong.append(remarks.of_not_done_before(TABLE, last.key, str(day), str(rules.as_of)))
    return known


def _report(slot: Slot, row: Row, key: str) -> Report:
    """What a row tells, as an entry of actuals, as far as its days ask for it."""
    value = row.figure if row.state is None else row.state
    if slot.field.kind == MILESTONE:
        value = _day(value, "", []) or NOT_DONE
    return Report(slot.field.kind, slot.field.id, slot.period, value, key, row.reported, "", row.corrects)


def _figure(rules: Rules, path: str, row: Row, wrong: list[Diagnostic]) -> Any:  # any cell
    """A figure with its type, where it is told as a text."""
    kind = rules.kind(path)
    if not isinstance(row.figure, str) or kind not in (*NUMBERS, TRUTH):
        return row.figure
    text = row.figure.strip()
    slot = rules.slots[path]
    key = _key(row.number, slot.field.id, slot.period)
    if kind == TRUTH:
        if text.lower() not in TRUTHS:
            wrong.append(remarks.of_another_text(TABLE, key, text, "true or false, yes or no"))
        return TRUTHS.get(text.lower())
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or "_" in text:
        wrong.append(remarks.of_another_text(TABLE, key, text, "a number"))
        return None
    return found


def _alike(cells: list[Any]) -> list[Any]:
    """The cells of one column, all numbers as decimals where one of them is."""
    if not any(isinstance(each, Decimal) for each in cells):
        return cells
    return [each if each is None else Decimal(each) for each in cells]
