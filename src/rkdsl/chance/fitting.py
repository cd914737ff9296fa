"""Distributions fitted to the figures that they are of: what is drawn as whole numbers on the grid of each figure.

A grid is a power of ten: figures are whole numbers over it, as they are written (80 for 80 %), days are ordinals.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from rkdsl.actuals.record import ASSESSMENT, FACT, MILESTONE, NOT_DONE, PARAMETER, READING, SECTIONS
from rkdsl.chance import remarks
from rkdsl.chance.distributions import (
    NAMES,
    NOT_REPORTED,
    Choice,
    Days,
    Draw,
    History,
    How,
    Late,
    Lognormal,
    Normal,
    Stated,
    Triangular,
    Uniform,
    Value,
)
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.messages import listed, quoted
from rkdsl.rules.slots import Slot
from rkdsl.values import (
    LAST_DAY,
    MONTHS_IN,
    NOT_APPLICABLE,
    NOT_DEFINED,
    Period,
    decimal_text,
    parse_period,
)

FAR: Final = 10**15
"""Drawn figures, on their grid, lie no further from zero than this."""
MAX_DECIMALS: Final = 6
FEWEST: Final = 3
"""Figures that a series must have, for more of it to be drawn from them."""
MOST_AHEAD: Final = 1_000
"""Periods that a series is drawn ahead at most."""
SPREAD: Final = 9
"""No draw of a normal distribution lies further from its mean than so many standard deviations."""

Numbers = Mapping[str, Fraction]
"""Figures of a series, as they are written, by their periods."""


class Pick(NamedTuple):
    """One of several whole numbers, each as likely as its weight."""

    values: tuple[int, ...]
    weights: tuple[Fraction, ...]


class Walk(NamedTuple):
    """From a figure so many periods on, by stretches of the past: each so many periods long, with its change.

    The figure is `start`, or what was drawn for the path `base`, times `factor` from its grid to this one.
    """

    start: int
    base: str
    factor: int
    ahead: int
    stretches: tuple[tuple[int, int], ...]


Shape = Normal | Lognormal | Uniform | Triangular | Pick | Walk


class Column(NamedTuple):
    """A figure to draw: whole numbers over `grid`, none below `low` or above `high`, and the states it may be in.

    What is drawn is the number of a day, a whole number over the grid, 0 or 1 for no or yes, or the index of a word.
    `entry` is the key of what is stated of it, `text` says so in words.
    """

    path: str
    slot: Slot
    shape: Shape
    grid: int
    low: int
    high: int
    states: tuple[tuple[str, Fraction], ...]
    words: tuple[str, ...]
    text: str
    entry: str = ""

    @property
    def is_always_a_figure(self) -> bool:
        """Whether it is a figure in every draw."""
        return all(share == 0 for _, share in self.states)


class Missing(NamedTuple):
    """A figure that is missing: what is known of its series, and the first day that it may be of (milestones)."""

    slot: Slot
    known: Numbers
    first: datetime.date | None = None


class Fitted(NamedTuple):
    """What is drawn, in an order in which each stands after those that it goes on from, and what is wrong."""

    columns: tuple[Column, ...]
    mistakes: tuple[Diagnostic, ...]


def fit(missing: Sequence[Missing], stated: Stated, known: Iterable[str], contract: str) -> Fitted:
    """How each missing figure is drawn; `known` are the paths of all that the contract asks for."""
    paths = tuple(known)
    found = _Fitting(stated)
    entries = found.resolved(paths, [each.slot.path for each in missing])
    columns = [found.column(each, entries.get(each.slot.path)) for each in _in_time(missing)]
    if found.undrawn:
        order = [each.slot.path for each in missing]
        undrawn = sorted(found.undrawn, key=lambda each: order.index(each[0]))
        found.mistakes.append(remarks.nothing_to_draw_from(stated.file or contract, undrawn))
    if found.mistakes:
        return Fitted((), tuple(found.mistakes))
    return Fitted(tuple(each for each in columns if each is not None), ())


def _in_time(missing: Sequence[Missing]) -> list[Missing]:
    """Figures of a series in the order of their periods."""
    return sorted(missing, key=lambda each: _first_day(each.slot))


def _first_day(slot: Slot) -> datetime.date:
    period = parse_period(slot.period) if slot.period else None
    return period.last if period is not None else datetime.date.min


class _Fitting:
    """Fits one file, and notes what is wrong."""

    def __init__(self, stated: Stated) -> None:
        self.stated: Final = stated
        self.mistakes: Final[list[Diagnostic]] = []
        self.undrawn: Final[list[tuple[str, str]]] = []
        self._drawn: dict[str, Column] = {}

    def _add(self, message: Callable[..., Diagnostic], key: str, *words: object) -> None:
        self.mistakes.append(message(Place(self.stated.file, key=key), *words))

    # ---- names

    def resolved(self, paths: Sequence[str], wanted: Sequence[str]) -> dict[str, Draw]:
        """The entry of each path: that of the path itself before that of its name with the section, or its name."""
        everything, full = set(paths), dict[str, list[str]]()
        bare: dict[str, dict[str, list[str]]] = {}
        for path in paths:
            section, _, rest = path.partition(".")
            name = _without_period(rest, section)
            full.setdefault(f"{section}.{name}", []).append(path)
            bare.setdefault(name, {}).setdefault(section, []).append(path)
        found: dict[str, tuple[int, Draw]] = {}
        for name, draw in self.stated.draws.items():
            sections = bare.get(name, {})
            if name in everything:
                rank, matched = 2, [name]
            elif name in full:
                rank, matched = 1, full[name]
            elif len(sections) == 1:
                rank, matched = 0, next(iter(sections.values()))
            elif sections:
                self._add(remarks.of_several, draw.key, name, [quoted(f"{each}.{name}") for each in sections])
                continue
            else:
                self._add(remarks.of_nothing, draw.key, name, list(dict.fromkeys((*wanted, *bare, *paths))))
                continue
            for path in matched:
                if path not in found or found[path][0] < rank:
                    found[path] = (rank, draw)
        return {path: draw for path, (_, draw) in found.items()}

    # ---- one figure

    def column(self, missing: Missing, draw: Draw | None) -> Column | None:
        """How a missing figure is drawn; None, and a mistake noted, where it cannot be."""
        column = self._default(missing) if draw is None else self._of(missing, draw)
        if column is not None:
            self._drawn[column.path] = column
        return column

    def _default(self, missing: Missing) -> Column | None:
        slot = missing.slot
        found = None
        if slot.field.kind == READING and slot.kind == "number" and not _choices(slot):
            found = self._walk(missing, History(), None)
        if found is None:
            self.undrawn.append((slot.path, _example(slot)))
            return None
        shape, grid = found
        return self._made(missing, shape, grid, None, (), _text(History()))

    def _of(self, missing: Missing, draw: Draw) -> Column | None:
        slot = missing.slot
        if not self._states_fit(slot, draw):
            return None
        how = draw.how
        match slot.field.unit.shown:
            case "truth":
                return self._truth(missing, draw)
            case "word":
                return self._word(missing, draw)
            case "day":
                shape = self._of_days(missing, draw)
                return None if shape is None else self._made(missing, shape, 1, draw, (), _text(how))
        if isinstance(how, Days | Late) or _has_others(how, Fraction):
            self._add(remarks.of_another_kind, draw.key, _called(how), slot.path, "a number")
            return None
        if isinstance(how, History):
            walk = self._walk(missing, how, draw.decimals)
            if walk is None or slot.field.kind != READING or _choices(slot):
                self.undrawn.append((slot.path, _example(slot)))
                return None
            return self._made(missing, *walk, draw, (), _text(how))
        if _choices(slot) and not isinstance(how, Choice):
            self._add(remarks.of_another_kind, draw.key, _called(how), slot.path, _lawful(slot))
            return None
        grid = _grid(slot, draw.decimals, (*_parameters(how), *missing.known.values()))
        if isinstance(how, Choice):
            shape = self._pick(slot, draw, how, grid)
            return None if shape is None else self._made(missing, shape, grid, draw, (), _text(how))
        return self._made(missing, how, grid, draw, (), _text(how))

    def _states_fit(self, slot: Slot, draw: Draw) -> bool:
        """Whether the states are some that the figure may be in."""
        kind, wrong = slot.field.kind, []
        for state, share in draw.states:
            says_so = kind in (READING, FACT, PARAMETER) and not slot.field.may_not_apply
            why = ""
            if share and state == NOT_DONE and kind != MILESTONE:
                why = "is no milestone"
            elif share and state == NOT_APPLICABLE and says_so:
                why = "applies: the contract does not say that it may not"
            if why:
                wrong.append(state)
                self._add(remarks.of_another_state, f"{draw.key}.{state}", state, slot.path, why)
        return not wrong

    def _truth(self, missing: Missing, draw: Draw) -> Column | None:
        how, path = draw.how, missing.slot.path
        if not isinstance(how, Choice) or _has_others(how, bool):
            self._add(remarks.of_another_kind, draw.key, _called(how), path, 'yes or no: `{"yes": 0.9}`')
            return None
        shape = Pick(tuple(int(each is True) for each in how.values), how.weights)
        return self._made(missing, shape, 1, draw, (), _text(how))

    def _word(self, missing: Missing, draw: Draw) -> Column | None:
        how, slot = draw.how, missing.slot
        words = _words(slot)
        if not isinstance(how, Choice) or _has_others(how, str):
            expected = listed(map(quoted, words), limit=20) or "a word"
            self._add(remarks.of_another_kind, draw.key, _called(how), slot.path, expected)
            return None
        chosen = tuple(str(each) for each in how.values)
        unlawful = [each for each in chosen if words and each not in words]
        for each in unlawful:
            self._add(
                remarks.out_of_reach, draw.key, quoted(each), slot.path, listed(map(quoted, words), limit=20)
            )
        if unlawful:
            return None
        shape = Pick(tuple(range(len(chosen))), how.weights)
        return self._made(missing, shape, 1, draw, chosen, _text(how))

    def _of_days(self, missing: Missing, draw: Draw) -> Shape | None:
        how, slot = draw.how, missing.slot
        due = max((each.due for each in slot.rows if each.due is not None), default=None)
        if isinstance(how, Late) and due is None:
            expected = "a day without a deadline: draw `days` from one to another"
            self._add(remarks.of_another_kind, draw.key, "days late", slot.path, expected)
            return None
        if isinstance(how, Late):
            assert due is not None
            low, high = Fraction(due + how.low), Fraction(due + how.high)
            likely = None if how.likely is None else Fraction(due + how.likely)
            return Uniform(low, high) if likely is None else Triangular(low, likely, high)
        if isinstance(how, Days):
            low, high = (Fraction(each.toordinal()) for each in (how.low, how.high))
            return (
                Uniform(low, high)
                if how.likely is None
                else Triangular(low, Fraction(how.likely.toordinal()), high)
            )
        days = [_day(each) for each in how.values] if isinstance(how, Choice) else [None]
        if not isinstance(how, Choice) or None in days:
            expected = 'a day: `{"days late": {"from": …, "to": …}}`, or `days`'
            self._add(remarks.of_another_kind, draw.key, _called(how), slot.path, expected)
            return None
        return Pick(tuple(each for each in days if each is not None), how.weights)

    def _pick(self, slot: Slot, draw: Draw, how: Choice, grid: int) -> Pick | None:
        values = [Fraction(each) * grid for each in how.values if isinstance(each, Fraction)]
        choices = _choices(slot)
        for value in values:
            if value.denominator != 1 or (choices and value / grid * slot.field.unit.scale not in choices):
                found = quoted(decimal_text(value / grid))
                self._add(remarks.out_of_reach, draw.key, found, slot.path, _lawful(slot))
                return None
        return Pick(tuple(int(each) for each in values), how.weights)

    def _made(
        self,
        missing: Missing,
        shape: Shape,
        grid: int,
        draw: Draw | None,
        words: tuple[str, ...],
        text: str,
    ) -> Column | None:
        """The column, where it can give something lawful."""
        slot = missing.slot
        low, high = _ends(slot, grid)
        if slot.field.unit.shown == "day":
            first = missing.first.toordinal() if missing.first is not None else 1
            low, high = max(low, first), min(high, LAST_DAY - 1)
        if not isinstance(shape, Walk) and not _reaches(shape, grid, low, high):
            key = slot.path if draw is None else draw.key
            self._add(remarks.out_of_reach, key, text, slot.path, _lawful(slot, missing.first))
            return None
        if isinstance(shape, Uniform):
            shape = Uniform(
                max(Fraction(math.ceil(shape.low * grid), grid), Fraction(low, grid)),
                min(Fraction(math.floor(shape.high * grid), grid), Fraction(high, grid)),
            )
        states = () if draw is None else draw.states
        entry = "" if draw is None else draw.key
        return Column(slot.path, slot, shape, grid, low, high, states, words, text, entry)

    # ---- series

    def _walk(self, missing: Missing, how: History, decimals: int | None) -> tuple[Walk, int] | None:
        """The way on from the last figure before; None where the past says too little."""
        slot = missing.slot
        period, rhythm = parse_period(slot.period) if slot.period else None, slot.field.rhythm
        if period is None:
            return None
        here = _index(period, rhythm)
        past: dict[int, Fraction] = {}
        for text, figure in missing.known.items():
            each = parse_period(text)
            if each is not None and each.kind == rhythm:
                past[_index(each, rhythm)] = figure
        counted = sorted(each for each in past if _is_within(each, how, rhythm))
        before = [each for each in past if each < here]
        if len(counted) < FEWEST or not before:
            return None
        start, base = max(before), ""
        for path, column in self._drawn.items():
            if column.slot.field is slot.field and column.is_always_a_figure and column.slot.period:
                other = parse_period(column.slot.period)
                at = None if other is None else _index(other, rhythm)
                if at is not None and start < at < here:
                    start, base = at, path
        if here - start > MOST_AHEAD:
            return None
        grid = _grid(slot, decimals, past.values())
        if base:
            grid = max(grid, self._drawn[base].grid)
        stretches = tuple(
            (later - earlier, round((past[later] - past[earlier]) * grid))
            for earlier, later in pairwise(counted)
        )
        at_start = 0 if base else round(past[start] * grid)
        factor = grid // self._drawn[base].grid if base else 1
        return Walk(at_start, base, factor, here - start, stretches), grid


# ---- what is lawful


def _without_period(rest: str, section: str) -> str:
    """The name that a path is of."""
    name, _, period = rest.rpartition(".")
    has_periods = section in (SECTIONS[READING], SECTIONS[PARAMETER])
    return name if has_periods and name and parse_period(period) is not None else rest


def _is_within(index: int, how: History, rhythm: str) -> bool:
    low = _first_index(how.since, rhythm) if how.since is not None else None
    high = _index(how.until, rhythm) if how.until is not None else None
    return (low is None or index >= low) and (high is None or index <= high)


def _first_index(period: Period, rhythm: str) -> int:
    return _index(Period(period.first, period.first), rhythm)


def _index(period: Period, rhythm: str) -> int:
    """Which one in the row of all periods of the rhythm it is, or ends in."""
    last = period.last
    if rhythm == "day" or rhythm not in MONTHS_IN:
        return last.toordinal()
    return (last.year * 12 + last.month - 1) // MONTHS_IN[rhythm]


def _choices(slot: Slot) -> frozenset[Fraction]:
    """The only lawful figures, as the rules hold them; none where any is."""
    lists = [each for each in (slot.field.choices, *(row.choices for row in slot.rows)) if each]
    return frozenset(lists[0]).intersection(*lists[1:]) if lists else frozenset()


def _words(slot: Slot) -> tuple[str, ...]:
    words = [each for each in slot.field.words if each not in (NOT_APPLICABLE, NOT_DEFINED)]
    return tuple(each for each in words if all(not row.words or each in row.words for row in slot.rows))


def _ends(slot: Slot, grid: int) -> tuple[int, int]:
    """The least and the greatest lawful figure on the grid."""
    scale = grid / slot.field.unit.scale
    low = [each * scale for each in (slot.field.low, *(row.low for row in slot.rows)) if each is not None]
    high = [each * scale for each in (slot.field.high, *(row.high for row in slot.rows)) if each is not None]
    return max([-FAR, *map(math.ceil, low)]), min([FAR, *map(math.floor, high)])


def _grid(slot: Slot, decimals: int | None, figures: Iterable[Fraction]) -> int:
    """What figures are whole numbers over: 1, 10, 100 ..; no finer than the unit."""
    unit = slot.field.unit
    most = 0 if unit.is_count or any(row.whole for row in slot.rows) else 2 if unit.is_money else MAX_DECIMALS
    if decimals is None:
        decimals = max((_decimals(each) for each in figures), default=0)
    return int(10 ** min(decimals, most))


def _decimals(number: Fraction) -> int:
    return next((each for each in range(MAX_DECIMALS) if (number * 10**each).denominator == 1), MAX_DECIMALS)


def _parameters(how: How) -> tuple[Fraction, ...]:
    match how:
        case Normal() | Lognormal() | Uniform() | Triangular():
            return tuple(how)
        case Choice():
            return tuple(each for each in how.values if isinstance(each, Fraction))
    return ()


def reach(shape: Shape, grid: int) -> tuple[int, int]:
    """The least and the most that a shape can give on its grid, before its ends are looked at."""
    match shape:
        case Pick(values, _):
            return (min(values), max(values)) if values else (0, 0)
        case Uniform(low, high):
            return math.ceil(low * grid), math.floor(high * grid)
        case Triangular(low, _, high):
            return math.floor(low * grid), math.ceil(high * grid)
        case Normal(mean, sd):
            return math.floor((mean - SPREAD * sd) * grid), math.ceil((mean + SPREAD * sd) * grid)
        case Lognormal():
            return 0, FAR
    return -FAR, FAR


def _reaches(shape: Shape, grid: int, low: int, high: int) -> bool:
    """Whether it gives something lawful, the one thing that is most to be expected of it, or all that is listed."""
    match shape:
        case Pick(values, _):
            return all(low <= each <= high for each in values)
        case Normal(mean, _) | Lognormal(mean, _):
            return low <= mean * grid <= high
    first, last = reach(shape, grid)
    return max(first, low) <= min(last, high)


# ---- words


def _day(value: Value) -> int | None:
    period = parse_period(value) if isinstance(value, str) else None
    return period.first.toordinal() if period is not None and period.kind == "day" else None


def _has_others(how: How, kind: type) -> bool:
    """Whether it is a choice among values of another kind."""
    return isinstance(how, Choice) and any(type(each) is not kind for each in how.values)


def _called(how: How) -> str:
    if isinstance(how, Choice) and how.values:
        return f"a choice such as {quoted(_shown(how.values[0]))}"
    return quoted(NAMES[type(how)])


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return decimal_text(value) if isinstance(value, Fraction) else value


def _lawful(slot: Slot, first: datetime.date | None = None) -> str:
    """What a lawful figure is, in words."""
    if slot.field.unit.shown == "day":
        return f"a day from {first}" if first is not None else "a day"
    scale = slot.field.unit.scale
    choices = _choices(slot)
    if choices:
        return listed([quoted(decimal_text(each / scale)) for each in sorted(choices)], limit=20)
    low, high = _ends(slot, 1)
    unit = slot.field.unit
    kind = "a whole number" if unit.is_count or any(row.whole for row in slot.rows) else "a number"
    if low == -FAR and high == FAR:
        return kind
    if high == FAR:
        return f"{kind}, {decimal_text(Fraction(low))} or more"
    if low == -FAR:
        return f"{kind}, {decimal_text(Fraction(high))} or less"
    return f"{kind} from {decimal_text(Fraction(low))} to {decimal_text(Fraction(high))}"


def _example(slot: Slot) -> str:
    """What may be written for a figure."""
    unit = slot.field.unit
    if unit.shown == "truth":
        return '{"yes": 0.9}'
    if unit.shown == "word":
        words = _words(slot)[:2] or ("some", "other")
        return '{"choice": [' + ", ".join(f'{{"value": "{each}", "weight": 1}}' for each in words) + "]}"
    if unit.shown == "day":
        if any(row.due is not None for row in slot.rows):
            return '{"days late": {"from": -14, "most likely": 0, "to": 30}}'
        return '{"days": {"from": "2009-01-01", "to": "2009-12-31"}}'
    choices = sorted(_choices(slot))[:2]
    if choices:
        values = [decimal_text(each / unit.scale, "") for each in choices]
        return '{"choice": [' + ", ".join(f'{{"value": {each}, "weight": 1}}' for each in values) + "]}"
    low, high = _ends(slot, 1)
    if slot.field.kind == ASSESSMENT or (low > -FAR and high < FAR):
        return f'{{"triangular": {{"from": {low}, "most likely": {(low + high) // 2}, "to": {high}}}}}'
    return '{"normal": {"mean": …, "sd": …}}'


def _text(how: How) -> str:
    """How a figure is drawn, in words."""
    match how:
        case Normal(mean, sd) | Lognormal(mean, sd):
            return f"{NAMES[type(how)]}, mean {decimal_text(mean)}, sd {decimal_text(sd)}"
        case Uniform(low, high):
            return f"uniform, {decimal_text(low)} to {decimal_text(high)}"
        case Triangular(low, likely, high):
            return (
                f"triangular, {decimal_text(low)} to {decimal_text(high)}, most likely {decimal_text(likely)}"
            )
        case Choice(values, weights):
            whole = sum(weights, Fraction(0))
            parts = [
                f"{_shown(each)} {_percent(weight / whole)}"
                for each, weight in zip(values, weights, strict=True)
            ]
            return f"always {_shown(values[0])}" if len(values) == 1 else ", ".join(parts) or "never a figure"
        case Days(low, high, likely):
            return f"days, {low} to {high}" + (f", most likely {likely}" if likely is not None else "")
        case Late(low, high, likely):
            return f"days late, {low} to {high}" + (f", most likely {likely}" if likely is not None else "")
    ends = [f"{word} {each}" for word, each in (("from", how.since), ("to", how.until)) if each is not None]
    return " ".join(["history", *ends])


def _percent(share: Fraction) -> str:
    return f"{decimal_text(Fraction(round(share * 1000), 10))} %"


__all__ = ["NOT_REPORTED", "Column", "Fitted", "Missing", "Pick", "Shape", "Walk", "fit", "reach"]
