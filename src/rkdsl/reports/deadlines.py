"""The days of a contract as plain text and as data."""

from __future__ import annotations

from collections.abc import Sequence

from rkdsl.outcome import Deadline
from rkdsl.plain import Any, Final, as_dict
from rkdsl.source import shown

FORMAT: Final = "rkdsl-calendar/1"
WIDTH: Final = 60


def text(found: Sequence[Deadline]) -> str:
    """A line for each day, with what it is about below it."""
    if not found:
        return "no days are named"
    kinds = max(len(each.kind) for each in found)
    lines = []
    for each in found:
        status = f"  [{each.status}]" if each.status else ""
        title = f"{each.day.isoformat()}  {each.kind.ljust(kinds)}  {shown(each.title, 200)}{status}"
        lines += [title, f"{' ' * (kinds + 14)}{each.id}: {shown(each.detail, 300)}"]
    return "\n".join(lines)


def to_dict(contract: str, as_of: str, found: Sequence[Deadline]) -> dict[str, Any]:  # JSON values
    """The shape that `docs/calendar.schema.json` describes."""
    entries = [{**as_dict(each), "day": each.day.isoformat()} for each in found]
    return {"format": FORMAT, "contract": contract, "as_of": as_of or None, "deadlines": entries}
