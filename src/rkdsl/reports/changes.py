"""What changed between two versions of a contract, as text and as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import frozen

from rkdsl.contract.differences import Difference, Wording
from rkdsl.outcome import Points, Result
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules import wording
from rkdsl.source import shown
from rkdsl.values import decimal_text, is_finite_decimal, rounded_decimal

FORMAT: Final = "rkdsl-diff/1"
NONE: Final[Mapping[str, str]] = {}
Locate = Callable[[Wording], str]
Data = dict[str, Any]  # JSON values


class Ends(NamedTuple):
    """What something comes to: secured, possible and most points, and its state; of a value its text."""

    secured: Fraction | None
    possible: Fraction | None
    state: str
    maximum: Fraction | None = None


@frozen
class Compared:
    """What an item, a section, the total or a value comes to before and after; None where it is not there."""

    id: str
    title: str
    kind: str
    before: Ends | None
    after: Ends | None

    @property
    def is_changed(self) -> bool:
        """Whether it comes to something else."""
        return self.before != self.after

    @property
    def difference(self) -> tuple[Fraction | None, Fraction | None]:
        """By how much secured and possible points grow; None where one of them has no number.

        An item or section that is not there has no points.
        """
        absent = _NO_POINTS if self.kind in ("item", "section") else _NO_NUMBER
        before, after = self.before or absent, self.after or absent
        return _minus(after.secured, before.secured), _minus(after.possible, before.possible)

    @property
    def has_moved_maximum(self) -> bool:
        """Whether it is there in both versions, with another maximum."""
        if self.before is None or self.after is None:
            return False
        return self.before.maximum != self.after.maximum


_NO_POINTS: Final = Ends(Fraction(0), Fraction(0), "")
_NO_NUMBER: Final = Ends(None, None, "")


def _minus(after: Any, before: Any) -> Fraction | None:
    return after - before if isinstance(after, Fraction) and isinstance(before, Fraction) else None


def compared(before: Result, after: Result) -> tuple[Compared, ...]:
    """The items, the sections, the total and the result of two outcomes, those of the second first."""
    found: dict[tuple[str, str], Compared] = {}
    for place, outcome in enumerate((after, before)):
        for kind, id, title, ends in _ends(outcome):
            one = found.setdefault((kind, id), Compared(id, title, kind, None, None))
            both = (one.before, ends) if place == 0 else (ends, one.after)
            found[kind, id] = Compared(id, one.title, kind, *both)
    order = {"item": 0, "section": 1, "total": 2, "value": 3}
    return tuple(sorted(found.values(), key=lambda each: order[each.kind]))


def _ends(outcome: Result) -> Iterable[tuple[str, str, str, Ends]]:
    for item in outcome.items:
        yield "item", item.id, item.title, _of(item.points, item.state)
    for section in outcome.sections:
        if section.points is not None:
            yield "section", section.id, section.title, _of(section.points, section.state)
    if outcome.points is not None:
        yield "total", "total", outcome.title, _of(outcome.points, outcome.state)
    if outcome.result is not None:
        value = outcome.result
        yield "value", value.id, value.title, Ends(value.secured, value.possible, value.text)


def _of(points: Points | None, state: str) -> Ends:
    if points is None:
        return Ends(None, None, state)
    return Ends(points.secured, points.possible, state, points.maximum)


# ---- text


def text(
    found: Sequence[Difference],
    before: Locate,
    after: Locate,
    points: Sequence[Compared] = (),
    unit: str = "",
    used: Mapping[str, str] = NONE,
) -> str:
    """Each thing with what changed of it, both wordings and their places; then what it comes to.

    `used` are the titles of contracts that are used: what is said in one of them stands below its name.
    """
    parts = ["no difference"] if not found else []
    contracts: dict[str, list[Difference]] = {}
    for each in found:
        contracts.setdefault(each.contract, []).append(each)
    for name, those in contracts.items():
        things = _things(those, before, after)
        if name in used and those[0].id == name and not those[0].what:
            parts += things  # all of it is added or removed
        elif name in used:
            head = _title(f"contract {name}", used[name])
            parts += [f"{head}\n{textwrap.indent(things[0], '  ')}"]
            parts += [textwrap.indent(each, "  ") for each in things[1:]]
        else:
            parts += things
    if points:
        parts.append(_table(points, unit))
    return "\n\n".join(parts)


def _things(found: Iterable[Difference], before: Locate, after: Locate) -> list[str]:
    """Each thing of a contract with what changed of it."""
    heads: dict[str, list[str]] = {}
    for each in found:
        heads.setdefault(_head(each), []).extend(_lines(each, before, after))
    return ["\n".join((head, *lines)) for head, lines in heads.items()]


def _head(each: Difference) -> str:
    gone = f", {each.change}" if not each.what else ""
    return f"{_title(f'{each.kind} {each.id}', each.title)}{gone}"


def _title(name: str, title: str) -> str:
    return f"{name}  {shown(title, 200)}" if title else name


def _lines(each: Difference, before: Locate, after: Locate) -> Iterable[str]:
    if each.what:
        how = f": {in_words(each)}" if each.effect.word else ""
        change = "" if each.change == "changed" else f" {each.change}"
        yield f"  {each.what}{change}{how}"
    for mark, said, locate in (("-", each.before, before), ("+", each.after, after)):
        for one in said:
            place = locate(one)
            yield f"    {mark} {shown(one.text, 160)}{f'    {place}' if place else ''}"


def in_words(each: Difference) -> str:
    """`easier by 500 cases`."""
    return f"{each.effect.word} by {each.effect.by}" if each.effect.by else each.effect.word


def _table(points: Sequence[Compared], unit: str) -> str:
    rows = [("", "before", "after", "difference")]
    rows += [
        (each.id, _side(each, 0), _side(each, 1), _grown(each))
        for each in points
        if each.is_changed or each.kind in ("total", "value")
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(row[column].rjust(widths[column]) for column in (1, 2, 3))])
        for row in rows
    ]
    same = sum(not each.is_changed for each in points if each.kind == "item")
    measured = f" in {unit}" if unit not in ("", "points") else ""
    head = f"points{measured} with these actuals"
    told = [f"  {line.rstrip()}" for line in lines]
    return "\n".join([head, *told, *([f"  {same} unchanged"] if same else [])])


def _side(each: Compared, side: int) -> str:
    ends = (each.before, each.after)[side]
    if ends is None:
        return "-"
    low, high, state, maximum = ends
    if each.kind == "value":
        return state
    if low is None:
        return state or "-"
    figure = wording.figure(low)
    reach = (
        figure
        if low == high
        else f"{figure} to {wording.figure(high)}"
        if high is not None
        else f"{figure} or more"
    )
    if each.has_moved_maximum and maximum is not None:
        reach = f"{reach} of {wording.figure(maximum)}"
    return f"{reach} ({state})" if state and each.kind == "item" else reach


def _grown(each: Compared) -> str:
    low, high = each.difference
    if low is None and high is None:
        return ""
    if low == high and low is not None:
        return _signed(low)
    ends = [_signed(end) if end is not None else "open" for end in (low, high)]
    return " to ".join(ends)


def _signed(number: Fraction) -> str:
    return f"{'+' if number > 0 else ''}{wording.figure(number)}"


# ---- data


def data(
    found: Sequence[Difference],
    before: Locate,
    after: Locate,
    points: Sequence[Compared] = (),
    unit: str = "",
) -> Data:
    """The same in the shape `docs/versions.schema.json` describes."""
    return {
        "format": FORMAT,
        "differences": [
            {
                "contract": each.contract,
                "change": each.change,
                "kind": each.kind,
                "id": each.id,
                "title": each.title,
                "what": each.what,
                "effect": each.effect.word,
                "by": each.effect.by,
                "before": [{"text": one.text, "place": before(one)} for one in each.before],
                "after": [{"text": one.text, "place": after(one)} for one in each.after],
            }
            for each in found
        ],
        "unit": unit,
        "points": [
            {
                "id": each.id,
                "kind": each.kind,
                "title": each.title,
                "before": _ends_data(each.before),
                "after": _ends_data(each.after),
                "difference": {
                    "secured": _number(each.difference[0]),
                    "possible": _number(each.difference[1]),
                },
            }
            for each in points
        ],
    }


def _ends_data(ends: Ends | None) -> Data | None:
    if ends is None:
        return None
    found = {"secured": ends.secured, "possible": ends.possible, "maximum": ends.maximum}
    return {**{name: _number(value) for name, value in found.items()}, "state": ends.state}


def _number(value: Fraction | None) -> Any:  # int, Decimal, None; text where no short decimal says it exactly
    if value is None:
        return None
    if value.denominator == 1:
        return int(value)
    return rounded_decimal(value) if is_finite_decimal(value) else decimal_text(value, "")
