"""The tool against the second opinion: every difference, with no tolerance."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import rkdsl
from tests.secondopinion import Opinion, State, Unknown, evaluate, evaluate_whole

OPEN = ("pending", "not known")


def compare(text: str, actuals: Mapping[str, Any], as_of: datetime.date) -> list[str]:
    """Every place where the second opinion is settled and the tool says something else."""
    outcome = rkdsl.loads(text, "c.rk").evaluate(dict(actuals), as_of.isoformat())
    return list(differences(evaluate(text, actuals, as_of), outcome))


def compare_whole(
    folder: Path,
    main: str,
    records: Sequence[Mapping[str, Any]],
    as_of: datetime.date | None = None,
    *,
    amendments: Sequence[str] = (),
    as_signed: bool = False,
) -> list[str]:
    """Every difference of a contract in a folder, with the files it uses and with amendments."""
    contract = rkdsl.load(folder / main, [folder / each for each in amendments])
    day = None if as_of is None else as_of.isoformat()
    outcome = contract.evaluate([dict(each) for each in records], day, as_signed=as_signed)
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.rk")
    }
    texts = [files[each] for each in amendments]
    opinion = evaluate_whole(files, main, records, as_of, amendments=texts, as_signed=as_signed)
    return list(differences(opinion, outcome))


def differences(opinion: Opinion, outcome: rkdsl.Outcome) -> Iterator[str]:
    """The differences of an opinion from an outcome, each in one line."""
    told = {each.id: each for each in outcome.items}
    yield from _names("items", opinion.items, told)
    for name in opinion.items.keys() & told.keys():
        state, points = opinion.items[name]
        item = told[name]
        if state not in OPEN and state != item.state:
            yield f"item {name}: second opinion {state}, tool {item.state}"
        yield from _points(f"item {name}", points, item.points, item.state)
    sections = {each.id: each for each in outcome.sections if each.points is not None}
    yield from _names("sections", opinion.sections, sections)
    for name in opinion.sections.keys() & sections.keys():
        found = sections[name]
        yield from _points(f"section {name}", opinion.sections[name], found.points, found.state)
        yield from _maximum(f"section {name}", opinion.maxima[name], found.points)
    if opinion.total is not None or outcome.points is not None:
        yield from _points("total", opinion.total, outcome.points, outcome.state)
        yield from _maximum("total", opinion.maximum, outcome.points)
    values = {each.id: each for each in outcome.values}
    yield from _names("values", opinion.values, values)
    for name in opinion.values.keys() & values.keys():
        yield from _value(f"value {name}", opinion.values[name], values[name])
    if opinion.result not in (None, "states"):
        yield from _value("result", opinion.result, outcome.result)
    yield from _registers(opinion, outcome)


def _registers(opinion: Opinion, outcome: rkdsl.Outcome) -> Iterator[str]:
    """Cells and values, and whether what is expected holds: here the tool may not know less."""
    cells = {
        cell.id: cell for table in outcome.registers for row in table.rows for cell in row.cells.values()
    }
    cells |= {f"{table.id}.{each.id}": each for table in outcome.registers for each in table.totals}
    yield from _names("registers", opinion.registers, cells)
    for name in opinion.registers.keys() & cells.keys():
        yield from _value(f"register {name}", opinion.registers[name], cells[name])
    checks = {
        (table.id, each.why, each.row or _counted(each.text)): each.state
        for table in outcome.registers
        for each in table.checks
    }
    yield from _names("checks", opinion.checks, checks)
    for key in opinion.checks.keys() & checks.keys():
        if opinion.checks[key] not in ("not known", checks[key]):
            yield f"check {key}: second opinion {opinion.checks[key]}, tool {checks[key]}"


def _counted(text: str) -> str:
    """Of `rows of aims for lights: 0`, whose rows are counted."""
    found = re.match(r"rows of \w+ for (\w+):", text)
    return found.group(1) if found else ""


def _names(what: str, own: Mapping[Any, Any], told: Mapping[Any, Any]) -> Iterator[str]:
    if own.keys() != told.keys():
        alone, theirs = sorted(own.keys() - told.keys()), sorted(told.keys() - own.keys())
        yield f"{what}: second opinion alone has {alone}, tool alone {theirs}"


def _points(what: str, own: Any, told: Any, state: str) -> Iterator[str]:
    """Points are a number on both sides, or the same state."""
    if isinstance(own, Unknown):
        return
    if own is None or told is None:
        if own is not None or told is not None:
            yield f"{what}: second opinion {_words(own)}, tool {told}"
    elif isinstance(own, State):
        if state != own.kind or told.secured is not None:
            yield f"{what}: second opinion {own.kind}, tool {state} {told}"
    elif (own, own) != (told.secured, told.possible):
        yield f"{what}: second opinion {_words(own)}, tool {told.secured} to {told.possible} {state}".rstrip()


def _maximum(what: str, own: Any, told: Any) -> Iterator[str]:
    """The maximum of what counts; what the column shows beside a state is nowhere said."""
    if own is None or isinstance(own, (Unknown, State)) or told is None:
        return
    if own != told.maximum:
        yield f"{what}: maximum of the second opinion {_words(own)}, tool {told.maximum}"


def _value(what: str, own: Any, told: Any) -> Iterator[str]:
    if isinstance(own, Unknown):
        return
    if isinstance(own, State):
        is_same = told.state == own.kind
    elif isinstance(own, bool):
        is_same = not told.state and told.word == ("yes" if own else "no")
    elif isinstance(own, str):
        is_same = not told.state and told.word == own
    else:
        is_same = not told.state and told.secured == told.possible == own
    if not is_same:
        yield f"{what}: second opinion {_words(own)}, tool {told.text} {told.state}".rstrip()


def _words(value: Any) -> str:
    return value.kind if isinstance(value, State) else str(value)
