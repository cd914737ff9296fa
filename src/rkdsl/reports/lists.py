"""The two lists of what is found in a contract: what its author stated as open, and what was computed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rkdsl.diagnostics import Diagnostic, Silenced, located, render
from rkdsl.messages import STATED
from rkdsl.reports.data import Data, diagnostic_data, place_data
from rkdsl.source import Source, shown

MISTAKE: Final = "mistake"
STATED_LIST: Final = "stated"
COMPUTED_LIST: Final = "computed"
_HEADINGS: Final = {
    STATED_LIST: "stated: what the text leaves open itself",
    COMPUTED_LIST: "computed: what does not fit together",
}
_REASON_WIDTH: Final = 400


def list_of(diagnostic: Diagnostic) -> str:
    """Which list something belongs to."""
    if diagnostic.is_error:
        return MISTAKE
    return STATED_LIST if diagnostic.code in STATED else COMPUTED_LIST


def in_list(diagnostics: Iterable[Diagnostic], name: str) -> list[Diagnostic]:
    """One list in the order to work through it: kind by kind, what is to be decided first, then by place."""
    return sorted((each for each in diagnostics if list_of(each) == name), key=_order)


def _order(diagnostic: Diagnostic) -> tuple[str, bool, datetime.date]:
    until = diagnostic.until
    return diagnostic.code, until is None, until.last if until is not None else datetime.date.max


def text(
    findings: Sequence[Diagnostic], silenced: Sequence[Silenced], sources: Mapping[str, Source]
) -> list[str]:
    """Both lists, what is silenced, and how many there are of each kind: parts of a page, none of them empty."""
    parts = []
    for name, heading in _HEADINGS.items():
        found = in_list(findings, name)
        parts += [heading, *(render(each, sources) for each in found)] if found else []
    if silenced:
        parts += ["silenced, with reasons\n" + "\n".join(_silenced(each, sources) for each in silenced)]
    if findings:
        parts.append("findings\n" + "\n".join(_counts(findings)))
    return parts


def _silenced(each: Silenced, sources: Mapping[str, Source]) -> str:
    found = each.finding
    lines = [
        f"  {located(found.place, sources)}: {found.code} {found.title}: {found.labels[0].text}",
        *(f"    see {located(label.place, sources)}" for label in found.labels[1:]),
        f"    {located(each.place, sources)}: {shown(each.reason, _REASON_WIDTH)}",
    ]
    return "\n".join(lines)


def _counts(findings: Sequence[Diagnostic]) -> list[str]:
    """A line for each kind, with its list before the first."""
    rows = []
    for name in _HEADINGS:
        found = in_list(findings, name)
        kinds = dict.fromkeys((each.code, each.title) for each in found)
        for index, (code, title) in enumerate(kinds):
            number = sum(each.code == code and each.title == title for each in found)
            rows.append(("" if index else name, f"{code} {title}", str(number)))
    first, second, third = (max(len(row[column]) for row in rows) for column in range(3))
    return [f"  {a.ljust(first)}  {b.ljust(second)}  {c.rjust(third)}" for a, b, c in rows]


def summary(findings: Sequence[Diagnostic], silenced: Sequence[Silenced]) -> str:
    """`no findings`, or `5 findings: 3 stated, 2 computed; 1 silenced`."""
    numbers = [(len(in_list(findings, name)), name) for name in _HEADINGS]
    parts = ", ".join(f"{number} {name}" for number, name in numbers if number)
    count = len(findings)
    said = f"{count} finding{'' if count == 1 else 's'}: {parts}" if count else "no findings"
    return f"{said}; {len(silenced)} silenced" if silenced else said


def data(
    diagnostics: Iterable[Diagnostic], silenced: Iterable[Silenced], sources: Mapping[str, Source]
) -> Data:
    """The same as plain data."""
    known = list(diagnostics)
    found: Data = {
        "mistakes": [diagnostic_data(each, sources) for each in known if list_of(each) == MISTAKE],
    }
    for name in _HEADINGS:
        found[name] = [diagnostic_data(each, sources) for each in in_list(known, name)]
    found["silenced"] = [
        {
            "finding": diagnostic_data(each.finding, sources),
            "place": place_data(each.place, sources),
            "reason": each.reason,
        }
        for each in silenced
    ]
    found["counts"] = {name: len(each) for name, each in found.items()}
    return found
