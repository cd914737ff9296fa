"""The outcomes of many units beside each other, a goal a row, as data, text and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import frozen

from rkdsl.outcome import STATES, ItemOutcome, Points, Result
from rkdsl.reports import data
from rkdsl.rules import wording
from rkdsl.source import shown

FORMAT: Final = "rkdsl-table/1"
_TITLE_WIDTH: Final = 44
_IS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""


@frozen
class Unit:
    """One contract of several: what its names begin with in the outcome of the whole, and its own goals."""

    prefix: str
    title: str
    items: tuple[str, ...]

    @property
    def id(self) -> str:
        """What it is called in the whole."""
        return self.prefix.removesuffix(".")


@frozen
class Column:
    """A unit with what its goals came to, by their own ids; `points` is its total, None where it has none."""

    unit: Unit
    items: dict[str, ItemOutcome]
    points: Points | None
    state: str

    @property
    def counts(self) -> dict[str, int]:
        """How many of its goals are in each state, those that occur."""
        states = [each.state for each in self.items.values()]
        return {state: states.count(state) for state in STATES if state in states}

    @property
    def missing(self) -> Iterator[tuple[str, ItemOutcome]]:
        """Its goals that wait for something."""
        return ((name, each) for name, each in self.items.items() if each.open)


@frozen
class Table:
    """Units beside each other; `goals` has the title of each goal, in the order in which they first appear."""

    result: Result
    columns: tuple[Column, ...]
    goals: dict[str, str]


def table(result: Result, units: Iterable[Unit]) -> Table:
    """The outcome of a whole, unit by unit."""
    items = {each.id: each for each in result.items}
    sections = {each.id: each for each in result.sections}
    columns = []
    goals: dict[str, str] = {}
    for unit in units:
        own = {name: items[unit.prefix + name] for name in unit.items}
        for name, item in own.items():
            goals.setdefault(name, item.title)
        if unit.prefix:
            columns.append(Column(unit, own, sections[unit.id].points, sections[unit.id].state))
        else:
            columns.append(Column(unit, own, result.points, result.state))
    return Table(result, tuple(columns), goals)


# ---- cells


def _rows(found: Table) -> Iterator[list[str]]:
    """Goals, then the totals where there are points, then how many goals are in each state."""
    for name, title in found.goals.items():
        yield [name, title, *(_cell(column.items.get(name)) for column in found.columns)]
    if any(each.points is not None for each in found.columns):
        yield ["total", "", *map(_total, found.columns)]
    for state in STATES:
        counts = [column.counts.get(state, 0) for column in found.columns]
        if any(counts):
            yield [state, "", *map(str, counts)]


def _cell(item: ItemOutcome | None) -> str:
    if item is None:
        return ""
    return item.state if item.points is None else f"{item.state} {_figures(item.points)}".rstrip()


def _total(column: Column) -> str:
    if column.points is None:
        return ""
    if column.points.secured is None:
        return column.state
    of = "" if column.points.maximum is None else f" of {wording.figure(column.points.maximum)}"
    return f"{_figures(column.points)}{of}"


def _figures(points: Points) -> str:
    """`10`, `0..10` while it is open, `0..` without an upper end; nothing where there are none."""
    if points.secured is None:
        return ""
    low = wording.figure(points.secured)
    if points.is_settled:
        return low
    return f"{low}..{wording.figure(points.possible) if points.possible is not None else ''}"


def _head(found: Table) -> list[str]:
    return ["", "", *(each.unit.id or found.result.contract for each in found.columns)]


# ---- text


def in_text(found: Table) -> str:
    """A table that can be pasted into a report, and below it what is missing, unit by unit."""
    result = found.result
    rows = [_head(found), *_rows(found)]
    rows = [[row[0], shown(row[1], _TITLE_WIDTH), *(shown(each, 60) for each in row[2:])] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_aligned(row, widths) for row in rows]
    rule = "-" * (sum(widths) + 2 * len(widths) - 2)
    goals = 1 + len(found.goals)
    lines = [lines[0], rule, *lines[1:goals], rule, *lines[goals:]]
    head = f"{shown(result.title, 200)} ({result.contract})\nas of {result.as_of.isoformat()}"
    return "\n\n".join([head, "\n".join(lines), *_missing(found)])


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _missing(found: Table) -> Iterator[str]:
    lines = []
    for column in found.columns:
        missing = list(column.missing)
        lines += [f"  {column.unit.id or found.result.contract}"] if missing else []
        for name, item in missing:
            lines.append(f"    {name}  {item.state}")
            lines += [f"      {shown(each.text, 300)}" for each in item.open]
    if lines:
        yield "\n".join(["what is missing", *lines])


# ---- CSV and data


def in_csv(found: Table) -> str:
    """The table as CSV, and a last row of what is missing; no cell is a formula."""
    rows = [_head(found), *_rows(found)]
    rows[0][:2] = ["goal", "title"]
    if any(each for column in found.columns for each in column.missing):
        rows.append(["what is missing", "", *(_missing_in(each) for each in found.columns)])
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([_plain(each) for each in row] for row in rows)
    return written.getvalue().removesuffix("\n")


def _missing_in(column: Column) -> str:
    return "; ".join(f"{name}: {each.text}" for name, item in column.missing for each in item.open)


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_IS_FORMULA) else cell


def as_data(found: Table) -> data.Data:
    """The table in the shape `docs/table.schema.json` describes."""
    return {
        "format": FORMAT,
        "contract": found.result.contract,
        "title": found.result.title,
        "as_of": found.result.as_of.isoformat(),
        "units": [_unit_data(each, found.result) for each in found.columns],
        "goals": [
            {
                "id": name,
                "title": title,
                "units": [_item_data(column.items.get(name)) for column in found.columns],
            }
            for name, title in found.goals.items()
        ],
        "sha256": dict(found.result.hashes),
    }


def _unit_data(column: Column, result: Result) -> data.Data:
    return {
        "id": column.unit.id or result.contract,
        "title": column.unit.title,
        "state": "no points" if column.points is None else column.state or "settled",
        "points": data.points_data(column.points),
        "counts": column.counts,
        "missing": [
            {"goal": name, "state": item.state, "text": [each.text for each in item.open]}
            for name, item in column.missing
        ],
    }


def _item_data(item: ItemOutcome | None) -> data.Data | None:
    return None if item is None else {"state": item.state, "points": data.points_data(item.points)}
