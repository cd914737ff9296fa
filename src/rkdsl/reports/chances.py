"""What many draws came to, as text and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from rkdsl.chance.results import FORMAT, Chances, FigureDrawn, ItemChances, Simulation, Spread
from rkdsl.reports import data
from rkdsl.rules import wording
from rkdsl.source import shown
from rkdsl.values import DAY, PLAIN, POINTS, Unit, decimal_text, rounded_decimal

BAR: Final = 40
"""Letters of the longest bar."""
PLACES: Final = 3
"""Decimals of figures that are means of many."""


def text(found: Simulation) -> str:
    """What a controller reads: the total and the values, then items, then what was drawn."""
    parts = [_heading(found)]
    if found.total is not None:
        parts.append(_chances(found.total, found.draws, TOTAL))
    varying = [each for each in found.values if not _is_fixed(each)]
    parts += [_chances(each, found.draws, each.id) for each in varying]
    parts += (
        [_fixed([each for each in found.values if _is_fixed(each)])]
        if len(varying) < len(found.values)
        else []
    )
    parts += [_items(found)] if found.items else []
    parts.append(_figures(found))
    if found.not_drawn:
        names = ", ".join(shown(each) for each in found.not_drawn)
        parts.append(f"stated, but told already or without effect: {names}")
    return "\n\n".join(parts)


def _is_fixed(each: Chances) -> bool:
    """Whether every draw gives the same."""
    if len(each.states) > 1 or each.possible is not None:
        return False
    return each.spread is None or each.spread.least == each.spread.most


def _fixed(values: Sequence[Chances]) -> str:
    rows = []
    for each in values:
        state = "".join(each.states)
        rows.append(
            [
                each.id,
                shown(each.title, 44),
                state if each.spread is None else _number(each.spread.mean, each.unit),
            ]
        )
    return "\n".join(["values that are the same in every draw", *(f"  {line}" for line in _aligned(rows, 3))])


TOTAL: Final = "total"


def _heading(found: Simulation) -> str:
    return "\n".join(
        [
            f"{shown(found.title, 200)} ({found.contract})",
            f"{_count(found.draws)} draws, seed {found.seed}; "
            f"known as of {found.as_of}, scored as of {found.at}",
        ]
    )


def _count(number: int) -> str:
    return f"{number:_}"


def _percent(part: float) -> str:
    """A share in per cent; what is not quite none or all does not look so."""
    shown_ = f"{part * 100:.1f} %"
    if part > 0 and shown_ == "0.0 %":
        return "<0.1 %"
    return ">99.9 %" if part < 1 and shown_ == "100.0 %" else shown_


# ---- the total and values


def _chances(each: Chances, draws: int, name: str) -> str:
    title = "" if name == TOTAL else f"  {shown(each.title, 60)}"
    lines = [f"{name}{title}"]
    if set(each.states) != {"settled"}:
        lines += [f"  {state}: {_percent(count / draws)}" for state, count in each.states.items()]
    if each.spread is None:
        return "\n".join(lines)
    most = f" of {_number(each.maximum, each.unit)}" if each.maximum is not None else ""
    if each.possible is not None:
        lines.append("  what is secured, whatever becomes of what the contract leaves open:")
    lines += _spread(each.spread, each.unit, most)
    if each.possible is not None:
        lines.append("  what is possible:")
        lines += _spread(each.possible, each.unit, most)
    return "\n".join(lines)


def _spread(found: Spread, unit: Unit, most: str) -> list[str]:
    if found.least == found.most:
        return [f"  always {_number(found.least, unit)}{most}"]
    lines = [f"  expected {_number(found.mean, unit)}{most}"]
    bare = unit if unit == DAY else PLAIN
    if unit != DAY:
        error = found.sd / found.count**0.5
        lines[0] += f" (standard deviation {_float(found.sd)}, of the mean {_float(error)})"
    head = ["least", *(f"{each} %" for each, _ in found.percentiles), "most"]
    row = [
        _number(each, bare) for each in (found.least, *(value for _, value in found.percentiles), found.most)
    ]
    lines += [f"  {line}" for line in _aligned([head, row])]
    lines += [
        f"  at least {_number(each.threshold, unit)}: {_percent(each.draws / found.count)}"
        for each in found.reached
    ]
    if unit != DAY:
        lines += _bars(found)
    if found.step is not None and found.step > Fraction(1, 10**9):
        lines.append(f"  figures but the mean are counted in steps of {decimal_text(found.step)}")
    return lines


def _bars(found: Spread) -> list[str]:
    highest = max(each.draws for each in found.bars)
    rows = [
        (
            _number(each.low, PLAIN),
            _number(each.high, PLAIN),
            _percent(each.draws / found.count),
            "#" * round(each.draws * BAR / highest),
        )
        for each in found.bars
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        f"  {low.rjust(widths[0])} to {high.rjust(widths[1])}  {share.rjust(widths[2])}  {bar}".rstrip()
        for low, high, share, bar in rows
    ]


def _number(number: Fraction | None, unit: Unit) -> str:
    """A figure in its unit as it is written, to a few decimals."""
    if number is None:
        return ""
    if unit == DAY:
        return wording.day(Fraction(round(number)))
    figure = Fraction(rounded_decimal(number, PLACES))
    return f"{decimal_text(figure)}{_sign(unit)}"


def _sign(unit: Unit) -> str:
    return "" if unit in (PLAIN, POINTS) else f" {unit}"


def _float(number: float) -> str:
    """A statistic, to three digits."""
    return decimal_text(Fraction(rounded_decimal(Fraction(f"{number:.3g}"))))


def _aligned(rows: Sequence[Sequence[str]], left: int = 0) -> list[str]:
    """Columns, the first so many to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


# ---- items and figures


def _items(found: Simulation) -> str:
    states = list(dict.fromkeys(state for each in found.items for state in each.states))
    states = sorted(states, key=_STATES.index)
    has_share = any(each.share is not None for each in found.items)
    rows = [["", "", "expected", "of", *states, *(["drives"] if has_share else [])]]
    for each in found.items:
        shares = [
            _percent(each.states[state] / found.draws) if state in each.states else "-" for state in states
        ]
        drives = ["" if each.share is None else _percent_signed(each.share)] if has_share else []
        points = [_number(each.mean, PLAIN), _number(each.maximum, PLAIN)]
        rows.append([each.id, shown(each.title, 44), *points, *shares, *drives])
    lines = ["goals and requirements", *(f"  {line}" for line in _aligned(rows, 2))]
    drivers = sorted((each for each in found.items if each.share), key=lambda each: -(each.share or 0))
    if drivers:
        most = ", ".join(f"{each.id} {_percent_signed(each.share or 0)}" for each in drivers[:3])
        lines.append(f"  what drives the total, by the share of its variance: {most}")
    return "\n".join(lines)


_STATES: Final = ("met", "partly met", "missed", "pending", "not known", "not applicable", "not defined")


def _percent_signed(share: float) -> str:
    return f"{share * 100 + 0.0:.1f} %".replace("-0.0 %", "0.0 %")


def _figures(found: Simulation) -> str:
    if not found.figures:
        return "nothing is missing: every draw is the same"
    rows = [["", "how", "mean", "explains"]]
    for each in found.figures:
        explains = "" if each.explains is None else _percent_signed(each.explains)
        rows.append([each.path, shown(each.how, 60), _number(each.mean, each.unit), explains])
        rows += [["", f"  {_states_of(each, found.draws)}", "", ""]] if each.states else []
        if each.limited:
            rows.append(["", f"  {_count(each.limited)} set to an end of its range", "", ""])
    return "\n".join(["what was drawn", *(f"  {line}" for line in _aligned(rows, 2))])


def _states_of(figure: FigureDrawn, draws: int) -> str:
    return ", ".join(f"{state} {_percent(count / draws)}" for state, count in figure.states.items())


# ---- data


def as_data(found: Simulation) -> dict[str, Any]:  # JSON values
    """The same in the shape `docs/simulation.schema.json` describes."""
    return {
        "format": FORMAT,
        "contract": found.contract,
        "title": found.title,
        "as_of": found.as_of.isoformat(),
        "at": found.at.isoformat(),
        "draws": found.draws,
        "seed": found.seed,
        "unit": found.unit,
        "total": None if found.total is None else _chances_data(found.total),
        "result": found.result,
        "values": [_chances_data(each) for each in found.values],
        "items": [_item_data(each) for each in found.items],
        "shares_of": found.shares_of,
        "figures": [_figure_data(each) for each in found.figures],
        "not_drawn": list(found.not_drawn),
        "sha256": dict(found.hashes),
    }


def _chances_data(each: Chances) -> dict[str, Any]:
    return {
        "id": each.id,
        "title": each.title,
        "unit": str(each.unit),
        "states": dict(each.states),
        "maximum": _figure_number(each.maximum, each.unit),
        "secured": _spread_data(each.spread, each.unit),
        "possible": _spread_data(each.possible, each.unit),
    }


def _spread_data(found: Spread | None, unit: Unit) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "draws": found.count,
        "mean": _figure_number(found.mean, unit),
        "mean_exact": _fraction(found.mean) if found.is_mean_exact else None,
        "sd": _statistic(found.sd),
        "least": _figure_number(found.least, unit),
        "most": _figure_number(found.most, unit),
        "percentiles": [
            {"percent": each, "value": _figure_number(value, unit), "exact": _fraction(value)}
            for each, value in found.percentiles
        ],
        "at_least": [
            {"value": _figure_number(each.threshold, unit), "draws": each.draws} for each in found.reached
        ],
        "histogram": [
            {
                "from": _figure_number(each.low, unit),
                "to": _figure_number(each.high, unit),
                "draws": each.draws,
            }
            for each in found.bars
        ],
        "steps": None if found.step is None else data.number(found.step),
    }


def _figure_number(value: Fraction | None, unit: Unit) -> object:
    if value is None:
        return None
    return wording.day(Fraction(round(value))) if unit == DAY else data.number(value)


def _fraction(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _statistic(value: float | None) -> object:
    """A statistic, to six digits: no more of it is known."""
    return None if value is None else data.number(Fraction(f"{value:.6g}"))


def _item_data(each: ItemChances) -> dict[str, Any]:
    return {
        "id": each.id,
        "title": each.title,
        "states": dict(each.states),
        "mean": None if each.mean is None else data.number(each.mean),
        "maximum": None if each.maximum is None else data.number(each.maximum),
        "share": _statistic(None if each.share is None else round(each.share, 6)),
    }


def _figure_data(each: FigureDrawn) -> dict[str, Any]:
    return {
        "path": each.path,
        "title": each.title,
        "how": each.how,
        "unit": str(each.unit),
        "states": dict(each.states),
        "mean": _figure_number(each.mean, each.unit),
        "explains": _statistic(None if each.explains is None else round(each.explains, 6)),
        "limited": each.limited,
    }
