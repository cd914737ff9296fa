"""Series of measures as text and as plain data."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import Factory, define, frozen

from rkdsl.source import shown
from rkdsl.values import Period

FORMAT: Final = "rkdsl-series/1"
_HEAD: Final = ("period", "history", "target", "guideline", "reported", "on", "source")


@frozen
class Said:
    """What a contract says of a period: of which goal (empty for history), its words, and where they stand."""

    item: str
    text: str
    place: str


@frozen
class Reported:
    """A report: the figure, the day it was reported if that is said, its source, and its path in the actuals."""

    value: str
    reported: datetime.date | None
    source: str
    key: str


@define
class Point:
    """One period of a series. Of several reports the last holds; the others are corrected."""

    period: Period
    history: list[Said] = Factory(list)
    targets: list[Said] = Factory(list)
    guidelines: list[Said] = Factory(list)
    reports: list[Reported] = Factory(list)


@frozen
class Series:
    """A measure with what is said and reported of it, in the order of the periods."""

    id: str
    title: str
    unit: str
    direction: str
    points: tuple[Point, ...]


def text(found: Iterable[Series]) -> str:
    """A table for each measure."""
    return "\n\n".join(_table(each) for each in found)


def _table(series: Series) -> str:
    rows = [_HEAD, *(row for point in series.points for row in _rows(point))]
    used = [column for column in range(len(_HEAD)) if column == 0 or any(row[column] for row in rows[1:])]
    widths = {column: max(len(row[column]) for row in rows) for column in used}
    lines = ["  ".join(row[column].ljust(widths[column]) for column in used).rstrip() for row in rows]
    better = f", {series.direction} is better" if series.direction in ("lower", "higher") else ""
    head = f"{series.id}  {shown(series.title, 200)}: {series.unit}{better}"
    return "\n".join(
        [head, *(f"  {line}" for line in lines)] if series.points else [head, "  nothing is said of it"]
    )


def _rows(point: Point) -> Iterable[Sequence[str]]:
    """What holds on a line; what was corrected on lines below it, the last first."""
    last = point.reports[-1] if point.reports else None
    yield (
        str(point.period),
        _joined(point.history),
        _joined(point.targets),
        _joined(point.guidelines),
        last.value if last else "",
        _on(last),
        shown(last.source, 60) if last else "",
    )
    for each in point.reports[-2::-1]:
        yield (
            "",
            "",
            "",
            "",
            f"({each.value})",
            _on(each),
            f"corrected{f', {each.source}' if each.source else ''}",
        )


def _on(report: Reported | None) -> str:
    return str(report.reported) if report is not None and report.reported is not None else ""


def _joined(found: Sequence[Said]) -> str:
    return "; ".join(shown(f"{each.item}: {each.text}" if each.item else each.text, 80) for each in found)


def data(found: Iterable[Series]) -> dict[str, Any]:  # JSON values
    """The same in the shape `docs/versions.schema.json` describes."""
    return {
        "format": FORMAT,
        "series": [
            {
                "id": each.id,
                "title": each.title,
                "unit": each.unit,
                "direction": each.direction,
                "periods": [_point(point) for point in each.points],
            }
            for each in found
        ],
    }


def _point(point: Point) -> dict[str, Any]:
    said = {"history": point.history, "targets": point.targets, "guidelines": point.guidelines}
    return {
        "period": str(point.period),
        **{
            name: [{"item": each.item, "text": each.text, "place": each.place} for each in found]
            for name, found in said.items()
        },
        "reports": [
            {
                "value": each.value,
                "reported": each.reported.isoformat() if each.reported else None,
                "source": each.source,
                "key": each.key,
                "corrected": each is not point.reports[-1],
            }
            for each in point.reports
        ],
    }
