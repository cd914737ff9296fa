"""Outcomes, proofs and explanations as plain text that can be pasted into a report."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from fractions import Fraction

from rkdsl.collecting import paused
from rkdsl.diagnostics import NOT_AS_EXPECTED
from rkdsl.outcome import AmendmentOutcome, ItemOutcome, Line, Points, Result, SectionOutcome
from rkdsl.plain import TYPE_CHECKING, Final, pattern
from rkdsl.rules import wording
from rkdsl.source import shown
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED

if TYPE_CHECKING:
    from rkdsl.contract.symbols import ProofLine, RuleInForce

TITLE_WIDTH: Final = 52
WITHOUT_POINTS: Final = (NOT_APPLICABLE, NOT_DEFINED)
CONTRACT_FINDINGS: Final = "RK5"
"""How the codes of what is found in a contract's text begin."""
REPORTED_FINDINGS: Final = ("RK531", "RK533", NOT_AS_EXPECTED)
"""The codes of what is found there, but for what happened or is forecast."""

Row = tuple[str, str, str, str, str, str]
"""Id, title, state, secured, possible, maximum."""


@paused()
def outcome(result: Result) -> str:
    """The whole outcome: the table, what is open and why, the count of states, what was found."""
    parts = [_heading(result)]
    parts += [_table(result)] if result.items or result.sections or not result.values else []
    tellers = (_amendments, _values, _open, _ended, _ruled, _wide, _dangers, _counts, _findings)
    parts += [part for part in (tell(result) for tell in tellers) if part]
    return "\n\n".join(parts) + "\n"


def _heading(result: Result) -> str:
    measured = "" if result.unit == "points" else f", points in {result.unit}"
    lines = [f"{shown(result.title, 200)} ({result.contract})", f"as of {result.as_of.isoformat()}{measured}"]
    return "\n".join(lines + ([shown(result.note, 400)] if result.note else []))


# ---- the table


def _table(result: Result) -> str:
    rows = list(_rows(result))
    head: Row = ("", "", "state", "secured", "possible", "maximum")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(6)]
    lines = [_aligned(head, widths), "-" * (sum(widths) + 10)]
    lines += [_aligned(row, widths) for row in rows]
    lines += [f"the total may become {shown(each, 200)}" for each in result.may_become]
    return "\n".join(lines)


def _amendments(result: Result) -> str:
    return amendments(result.amendments)


def amendments(found: Iterable[AmendmentOutcome]) -> str:
    """The amendments given with a contract, and why those left out were."""
    rows = [(each.id, shown(each.title, TITLE_WIDTH), _in_force(each)) for each in found]
    if not rows:
        return ""
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [f"  {name.ljust(first)}  {title.ljust(second)}  {state}" for name, title, state in rows]
    return "\n".join(["amendments", *lines])


def _in_force(each: AmendmentOutcome) -> str:
    if not each.is_applied:
        return f"left out: {each.why}"
    return f"in force: signed {each.signed}, from {each.effect}"


def _values(result: Result) -> str:
    """The named values; the one that the contract is about last and by its title."""
    if not result.values:
        return ""
    rows = [(each.id, shown(each.title, TITLE_WIDTH), shown(each.text, 200)) for each in result.values]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [
        "values",
        *(f"  {name.ljust(first)}  {title.ljust(second)}  {text}" for name, title, text in rows),
    ]
    if result.result is not None:
        lines.append(f"\nresult: {shown(result.result.title, TITLE_WIDTH)}: {shown(result.result.text, 200)}")
    return "\n".join(lines)


def _aligned(row: Row, widths: list[int]) -> str:
    left = [row[column].ljust(widths[column]) for column in range(3)]
    right = [row[column].rjust(widths[column]) for column in range(3, 6)]
    return "  ".join(left + right).rstrip()


def _rows(result: Result) -> Iterator[Row]:
    """Sections and items in the contract's order, the total last."""
    inside: dict[str, list[ItemOutcome]] = {}
    for item in result.items:
        inside.setdefault(item.section, []).append(item)
    for item in inside.get("", []):
        yield _item_row(item, 0)
    for section in result.sections:
        yield _section_row(section)
        for item in inside.get(section.id, []):
            yield _item_row(item, section.depth + 1)
    if result.points is not None:
        yield ("total", "", result.state, *_figures(result.points))


def _section_row(section: SectionOutcome) -> Row:
    pad = "  " * section.depth
    figures = _figures(section.points) if section.points is not None else ("", "", "")
    return (pad + section.id, shown(section.title, TITLE_WIDTH), "", *figures)


def _item_row(item: ItemOutcome, depth: int) -> Row:
    figures = _figures(item.points) if item.points is not None else ("", "", "")
    return ("  " * depth + item.id, shown(item.title, TITLE_WIDTH), item.state, *figures)


def _figures(points: Points) -> tuple[str, str, str]:
    secured = "-" if points.secured is None else wording.figure(points.secured)
    no_maximum = None if points.secured is None else Fraction(0)
    return secured, _end(points.possible, points.secured), _end(points.maximum, no_maximum)


def _end(value: Fraction | None, other: Fraction | None) -> str:
    if value is not None:
        return wording.figure(value)
    return "-" if other is None else "no upper end"


# ---- what is open


def _open(result: Result) -> str:
    waiting = [item for item in result.items if item.open]
    told = {reason.text for item in waiting for reason in item.open}
    values = [each for each in result.values if any(reason.text not in told for reason in each.open)]
    if not waiting and not values:
        return ""
    lines = ["open"]
    for item in waiting:
        lines.append(f"  {item.id}  {item.state}{_until(item.due, result.as_of)}")
        for reason in item.open:
            lines.append(f"      {shown(reason.text, 300)}{_until(reason.due, result.as_of)}")
            if len({points for _, points in reason.alternatives}) > 1:
                for text, points in reason.alternatives:
                    lines.append(f"        if {shown(text, 200)}: {in_words(points)} {result.unit}")
            if reason.place:
                lines.append(f"        {shown(reason.place, 300)}")
        lines += [f"      may become {shown(each, 200)}" for each in item.may_become]
    for value in values:
        lines.append(f"  {value.id}")
        for reason in value.open:
            if reason.text not in told:
                lines.append(f"      {shown(reason.text, 300)}{_until(reason.due, result.as_of)}")
    return "\n".join(lines)


def _ended(result: Result) -> str:
    """Items without points, and why: their total has none either."""
    lines = []
    for item in result.items:
        if item.state in WITHOUT_POINTS:
            lines.append(f"  {item.id}  {item.state}")
            lines += [f"      {shown(each, 300)}" for each in item.because]
    for section in result.sections:
        if section.state in WITHOUT_POINTS:
            lines.append(f"  {section.id}  {section.state}: {shown(section.why, 200)}")
    if result.state in WITHOUT_POINTS:
        lines.append(f"  total  {result.state}: {shown(result.why, 200)}")
    return "\n".join(["without points", *lines]) if lines else ""


def _ruled(result: Result) -> str:
    """What the contract's rules for something missing decided."""
    lines = [f"  {item.id}  {shown(each, 300)}" for item in result.items for each in item.ruled]
    return "\n".join(["counted by rule", *lines]) if lines else ""


def _wide(result: Result) -> str:
    """Figures whose ends may lie further apart than needed, and what they wait for."""
    lines = [f"  {name}  {shown('; '.join(keys), 300)}" for name, keys in result.wide]
    head = "ends that may lie further apart than needed, for what is missing here acts both ways"
    return "\n".join([head, *lines]) if lines else ""


def _dangers(result: Result) -> str:
    """What forecasts put in danger, and what a notice of it must contain. None of it counts."""
    lines = []
    for each in result.dangers:
        points = "" if each.points is None else f", {in_words(each.points)} {result.unit}"
        lines.append(f"  {each.item}  {shown(each.title, TITLE_WIDTH)}: would be {each.state}{points}")
        lines += [
            f"      {shown(name, 200)} is expected to be {shown(text, 200)}" for name, text in each.forecasts
        ]
    notices = dict.fromkeys(notice for each in result.dangers for notice in each.notices)
    for notice in notices:
        by = " ".join(
            part
            for part in (
                f"by {notice.owed_by}" if notice.owed_by else "",
                f"to {notice.to}" if notice.to else "",
                f"({notice.form})" if notice.form else "",
            )
            if part
        )
        lines.append(f"  a notice is owed {by}: {notice.content}")
    return "\n".join(["in danger, by forecasts that count for nothing", *lines]) if lines else ""


def _until(due: datetime.date | None, as_of: datetime.date) -> str:
    if due is None:
        return ""
    return f", {'due' if due > as_of else 'was due'} {due.isoformat()}"


def in_words(points: Points) -> str:
    """`0`, `0 to 150`, `0 or more`, or `no` where there are none."""
    if points.secured is None:
        return "no"
    if points.is_settled:
        return wording.figure(points.secured)
    if points.possible is None:
        return f"{wording.figure(points.secured)} or more"
    return f"{wording.figure(points.secured)} to {wording.figure(points.possible)}"


def _counts(result: Result) -> str:
    counted = ", ".join(f"{count} {state}" for state, count in result.counts.items())
    items = "item" if len(result.items) == 1 else "items"
    return f"{len(result.items)} {items}: {counted}" if result.items else ""


def _findings(result: Result) -> str:
    """Those of the actuals; of those of the contract only how many there are."""
    own = [
        (place, text)
        for place, text in result.findings
        if not text.startswith(CONTRACT_FINDINGS) or text.startswith(REPORTED_FINDINGS)
    ]
    lines = [f"  {place}  {shown(text, 200)}" for place, text in own]
    count = len(result.findings) - len(own)
    if count:
        places = "place" if count == 1 else "places"
        lines.append(f"  {count} {places} of the contract: see `rkdsl check`")
    return "\n".join(["findings", *lines]) if lines else ""


# ---- proof, rules and explanation


_RULES: Final = {
    (
        "not applicable",
        "stays open",
    ): "not applicable leaves the item, its section and the total without points"
}


def rules(found: Iterable[RuleInForce], closes: datetime.date | None) -> str:
    """Which rule for what is missing is in force, and from when."""
    told = list(found)
    lines = []
    for each in told:
        alone = sum(other.state == each.state for other in told) == 1
        names = "" if alone else f": {', '.join(each.items[:20])}{' …' if len(each.items) > 20 else ''}"
        lines.append(f"  {_RULES.get((each.state, each.rule), f'{each.state} {each.rule}')}{names}")
    day = f"reporting closes {closes.isoformat()}" if closes else "no day is set on which reporting closes"
    return "\n".join([*lines, f"  {day}"])


def proof(lines: Iterable[ProofLine]) -> str:
    """The proof of the total: each section with the sum of its highest points, and what is stated."""
    found = [(_proof_name(line), _number(line.highest), _stated(line)) for line in lines]
    if not found:
        return ""
    first, second = (max(len(row[column]) for row in found) for column in (0, 1))
    return "\n".join(f"  {name.ljust(first)}  {high.rjust(second)}{stated}" for name, high, stated in found)


def _proof_name(line: ProofLine) -> str:
    name = line.id or "total"
    return f"{'  ' * line.depth}{name}  {shown(line.title, TITLE_WIDTH)}"


def _number(value: Fraction | None) -> str:
    return "open" if value is None else wording.number(value)


def _stated(line: ProofLine) -> str:
    if line.on_top:
        return "  on top"
    if line.stated is None:
        return ""
    agrees = "as stated" if line.stated == line.highest else f"stated {wording.number(line.stated)}"
    return f"  {agrees}"


def explanation(name: str, title: str, lines: Iterable[Line]) -> str:
    """Every step on a line of its own, and below it where it comes from."""
    found = list(lines)
    width = max((len(line.role) for line in found), default=0)
    text = [f"{name}  {shown(title, 200)}"]
    for line in found:
        text.append(f"  {line.role.ljust(width)}  {step(line)}")
        if line.source:
            text.append(f"  {' ' * width}    {shown(line.source, 400)}")
    return "\n".join(text)


NAMED: Final = frozenset(("points", "section", "score", "calculated", "share", "value", "limit"))
"""Steps that say whose they are, also beside a formula."""


_DOTTED: Final = pattern(r"\w\.\w")
"""A name of the tool's own making, such as `m1.1.limit`, where there is no title."""


def step(line: Line) -> str:
    """`what: formula = value`, without what is empty."""
    if not line.formula:
        return f"{shown(line.what, 200)}: {line.value}"
    joint = ": " if line.value in ("yes", "no", "yes or no") else " = "
    is_title = line.role in NAMED and not _DOTTED.search(line.what)
    what = f"{shown(line.what, 200)}: " if is_title else ""
    if line.formula.startswith(f"{line.value}, as "):
        return f"{what}{line.formula}"
    return f"{what}{line.formula}{joint}{line.value}"
