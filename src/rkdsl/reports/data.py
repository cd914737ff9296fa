"""An outcome as plain data and as JSON, exact numbers kept exact."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from rkdsl.collecting import paused
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.outcome import (
    FORMAT,
    LANGUAGE,
    AmendmentOutcome,
    Danger,
    ItemOutcome,
    Line,
    Points,
    Reason,
    RegisterOutcome,
    Result,
    SectionOutcome,
    Tried,
    ValueOutcome,
)
from rkdsl.plain import TYPE_CHECKING, Any, as_dict
from rkdsl.source import Source
from rkdsl.values import is_finite_decimal, rounded_decimal

if TYPE_CHECKING:
    from rkdsl.contract.symbols import ProofLine, RuleInForce

Data = dict[str, Any]  # JSON values: text, int, Decimal, bool, None, lists and mappings of them


@paused()
def outcome_data(result: Result) -> Data:
    """The outcome in the shape `docs/outcome.schema.json` describes."""
    return {
        "format": FORMAT,
        "language": LANGUAGE,
        "contract": result.contract,
        "title": result.title,
        "as_of": result.as_of.isoformat(),
        "note": result.note,
        "state": "no points" if result.points is None else result.state or "settled",
        "unit": result.unit,
        "points": points_data(result.points),
        "may_become": list(result.may_become),
        "why": result.why,
        "wide": [{"id": name, "waits_for": list(keys)} for name, keys in result.wide],
        "counts": dict(result.counts),
        "result": _value(result.result) if result.result is not None else None,
        "values": [_value(each) for each in result.values],
        "items": [_item(each) for each in result.items],
        "sections": [_section(each) for each in result.sections],
        "registers": registers_data(result.registers),
        "dangers": [_danger(each) for each in result.dangers],
        "findings": [{"place": place, "text": text} for place, text in result.findings],
        "amendments": amendments_data(result.amendments),
        "sha256": dict(result.hashes),
        **({"expected": list(map(expected_data, result.expected))} if result.expected else {}),
    }


def amendments_data(amendments: Iterable[AmendmentOutcome]) -> list[Data]:
    """The amendments given with a contract, and why those left out were."""
    return [
        {
            "id": each.id,
            "title": each.title,
            "file": each.file,
            "signed": each.signed.isoformat() if each.signed else None,
            "from": each.effect.isoformat(),
            "applied": each.is_applied,
            "why_not": each.why,
            "sha256": each.sha256,
        }
        for each in amendments
    ]


def points_data(points: Points | None) -> Data | None:
    """Points as numbers; beside each that no short decimal says, the fraction it is."""
    if points is None:
        return None
    found: Data = {}
    for name in ("secured", "possible", "maximum"):
        value: Fraction | None = getattr(points, name)
        found[name] = None if value is None else number(value)
        if value is not None and not _is_shown_exactly(value):
            found[f"{name}_exact"] = f"{value.numerator}/{value.denominator}"
    return found


def _value(value: ValueOutcome) -> Data:
    """A named value; ends of a number that no short decimal says exactly also as a fraction."""
    found: Data = {
        "id": value.id,
        "title": value.title,
        "unit": value.unit,
        "state": value.state or "settled",
        "text": value.text,
        "word": value.word,
    }
    for name, end in (("secured", value.secured), ("possible", value.possible)):
        found[name] = None if end is None else number(end)
        if end is not None and not _is_shown_exactly(end):
            found[f"{name}_exact"] = f"{end.numerator}/{end.denominator}"
    found["open"] = [_reason(each) for each in value.open]
    found["may_become"] = list(value.may_become)
    return found


def number(value: Fraction) -> int | Decimal:
    """A JSON number: exact when it has at most twelve decimals, else half-even there."""
    return int(value) if value.denominator == 1 else rounded_decimal(value)


def _is_shown_exactly(value: Fraction) -> bool:
    return is_finite_decimal(value) and (value * 10**12).denominator == 1


def _item(item: ItemOutcome) -> Data:
    return {
        "id": item.id,
        "kind": item.kind,
        "section": item.section,
        "title": item.title,
        "state": item.state,
        "points": points_data(item.points),
        "may_become": list(item.may_become),
        "because": list(item.because),
        "open": [_reason(each) for each in item.open],
        "ruled": list(item.ruled),
        "shown": [{"standing": standing, "text": text} for standing, text in item.shown],
        "due": item.due.isoformat() if item.due else None,
    }


def _reason(reason: Reason) -> Data:
    found: Data = {"kind": reason.kind, "text": reason.text, "place": reason.place}
    found["due"] = reason.due.isoformat() if reason.due else None
    if reason.alternatives:
        found["alternatives"] = [
            {"text": text, "points": points_data(points)} for text, points in reason.alternatives
        ]
    return found


def _section(section: SectionOutcome) -> Data:
    return {
        "id": section.id,
        "section": section.parent,
        "title": section.title,
        "state": "no points" if section.points is None else section.state or "settled",
        "why": section.why,
        "points": points_data(section.points),
    }


def registers_data(found: Iterable[RegisterOutcome]) -> list[Data]:
    """The registers, each with its columns, rows, totals and checks."""
    return [
        {
            "id": each.id,
            "title": each.title,
            "columns": [as_dict(column) for column in each.columns],
            "rows": [
                {
                    "key": row.key,
                    "name": row.name,
                    "title": row.title,
                    "cells": {column: _value(cell) for column, cell in row.cells.items()},
                }
                for row in each.rows
            ],
            "totals": [_value(total) for total in each.totals],
            "checks": [as_dict(check) for check in each.checks],
        }
        for each in found
    ]


def _danger(danger: Danger) -> Data:
    """A goal that forecasts say will be missed or lose points, with what a notice of it must contain."""
    return {
        "item": danger.item,
        "title": danger.title,
        "state": danger.state,
        "points": points_data(danger.points),
        "before": points_data(danger.before),
        "forecasts": [{"of": name, "text": text} for name, text in danger.forecasts],
        "notices": [as_dict(each) for each in danger.notices],
    }


def diagnostic_data(diagnostic: Diagnostic, sources: Mapping[str, Source]) -> Data:
    """A mistake or finding with its places."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "title": diagnostic.title,
        "places": [{**place_data(each.place, sources), "text": each.text} for each in diagnostic.labels],
        "note": diagnostic.note,
        "hint": diagnostic.hint,
        "until": str(diagnostic.until) if diagnostic.until is not None else None,
        "remark": diagnostic.remark,
    }


def place_data(place: Place, sources: Mapping[str, Source]) -> Data:
    """A place in a text by line and column, in a data file by its key."""
    source = sources.get(place.file)
    if place.span is None or source is None:
        return {"file": place.file, "key": place.key}
    line, column = source.place(place.span.start)
    return {"file": source.file(place.span.start), "line": line, "column": column}


def explanation_data(lines: Iterable[Line]) -> list[Data]:
    """The lines of an explanation."""
    return [dict(line._asdict()) for line in lines]


def expected_data(tried: Tried) -> Data:
    """An expectation with what came of it."""
    return {
        "place": tried.place,
        "text": tried.text,
        "why": tried.why,
        "verdict": tried.verdict,
        "conditions": [
            {"text": each.text, "verdict": each.verdict, "found": each.found} for each in tried.conditions
        ],
        "missing": list(tried.missing),
        "lines": explanation_data(tried.lines),
    }


def proof_data(lines: Iterable[ProofLine]) -> list[Data]:
    """The proof of the total, a line each; the total itself has no id."""
    return [
        {
            "id": line.id or "total",
            "depth": line.depth,
            "highest": None if line.highest is None else number(line.highest),
            "stated": None if line.stated is None else number(line.stated),
            "on_top": line.on_top,
        }
        for line in lines
    ]


def rules_data(rules: Iterable[RuleInForce]) -> list[Data]:
    """Which rule for what is missing is in force for which items."""
    return [{"state": each.state, "rule": each.rule, "items": list(each.items)} for each in rules]


# ---- JSON text


def json_text(value: object, indent: int = 0) -> str:
    """JSON of plain data, two spaces a level; decimals are written digit for digit."""
    pad, inner = " " * indent, " " * (indent + 2)
    if isinstance(value, Mapping) and value:
        rows = (
            f"{inner}{json.dumps(str(key), ensure_ascii=False)}: {json_text(each, indent + 2)}"
            for key, each in value.items()
        )
        return "{\n" + ",\n".join(rows) + f"\n{pad}}}"
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(f"{inner}{json_text(each, indent + 2)}" for each in value) + f"\n{pad}]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)


def encode(value: Mapping[str, Any]) -> bytes:  # as a caller hands it over: checked when it is read back
    """The bytes of an actuals mapping, so that one reader checks files and mappings alike.

    Raises ValueError for a fraction that no decimal of twelve places is: nothing is rounded in silence.
    """
    return json_text(_plain(value)).encode("utf-8", "surrogatepass")


def _plain(value: object) -> object:
    """Days as their text; fractions that are decimals as decimals. Keys stay apart until they are written."""
    if isinstance(value, Mapping):
        return _Pairs((key, _plain(each)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Fraction):
        if not _is_shown_exactly(value):
            raise ValueError(f"{value} is no decimal of at most twelve places: an actual figure is one")
        return number(value)
    return value


class _Pairs(dict[object, object]):
    """A mapping as it was handed over: keys that become one text are both written, and refused when read."""
