"""Contracts that are accepted and reach every form of the language, with actuals, from a seed.

`contract(seed)` writes a contract with no help of the checker: it follows the reference alone, so that one
that is refused is a fault of the one or the other. From the command line,

    python -m tests.every_form --contracts 10000 --actuals 100 --processes 2

evaluates them, asks a second opinion where there is one, and counts which forms and states were met. A long run can be
made in pieces: with `--record FILE --resume` what is in the file is not done again, and the table is that of all of it.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import functools
import hashlib
import importlib
import inspect
import json
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import rkdsl
from rkdsl.contract.scope import FUNCTIONS
from rkdsl.diagnostics import Refused
from rkdsl.language import nodes
from rkdsl.language.parser import parse
from rkdsl.pipeline import Outcome
from rkdsl.rules import tree as tree_rows
from rkdsl.source import from_bytes
from rkdsl.values import Period, parse_period
from tests.valid_contracts import written

# ---- the world: units, periods, words


class Grid(NamedTuple):
    """Which numbers of a unit are written: whole steps, up to so many."""

    step: Fraction
    most: int
    whole: bool = False


GRIDS: Final = {
    "cases": Grid(Fraction(1), 12, True),
    "visits": Grid(Fraction(1), 12, True),
    "hours": Grid(Fraction(1, 2), 12),
    "fte": Grid(Fraction(1, 10), 20),
    "number": Grid(Fraction(1, 2), 12),
    "%": Grid(Fraction(5), 20),
    "‰": Grid(Fraction(5), 12),
    "pp": Grid(Fraction(5, 2), 12),
    "DKK": Grid(Fraction(5, 2), 20),
    "days": Grid(Fraction(1), 14),
    "points": Grid(Fraction(1), 20),
    "DKK/points": Grid(Fraction(1, 2), 12),
    "hours/cases": Grid(Fraction(1, 2), 12),
    "DKK/fte": Grid(Fraction(5, 2), 12),
    "% of total": Grid(Fraction(1), 20),
}
"""The units of numbers, each with the numbers that are written in it."""

NUMERIC: Final = tuple(GRIDS)[:-1]
RATES: Final = {"DKK/points": ("DKK", "points"), "hours/cases": ("hours", "cases"), "DKK/fte": ("DKK", "fte")}
WRITTEN_UNIT: Final = ("%", "‰", "pp", "% of total")
NAMED: Final = (*RATES, "% of total")
"""Units in which a calculation has no written numbers."""
SIGNED: Final = ("number", "%", "pp", "DKK", "days", "points", "hours")
COMMON: Final = (
    *("cases", "visits", "hours", "number", "%", "%", "%", "DKK", "DKK", "points", "days", "fte"),
    *("‰", "pp", "DKK/points", "hours/cases", "DKK/fte"),
)

WORDS: Final = ("low", "middle", "high")
RHYTHMS: Final = ("year", "year", "half-year", "quarter", "month", "day")
POOL: Final = {
    "year": ("2025", "2026", "2027"),
    "half-year": ("2025-H2", "2026-H1", "2026-H2"),
    "quarter": ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q4"),
    "month": ("2025-12", "2026-10", "2026-11", "2026-12"),
    "day": ("2025-12-31", "2026-12-30", "2026-12-31"),
}
RUNS: Final = {
    "year": {"2025..2026": ("2025", "2026"), "2026": ("2026",)},
    "half-year": {"2026": ("2026-H1", "2026-H2"), "2026-H1": ("2026-H1",)},
    "quarter": {
        "2026": ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"),
        "2026-H1": ("2026-Q1", "2026-Q2"),
        "2026-Q1..2026-Q3": ("2026-Q1", "2026-Q2", "2026-Q3"),
    },
    "month": {"2026-Q4": ("2026-10", "2026-11", "2026-12"), "2026-11..2026-12": ("2026-11", "2026-12")},
    "day": {"2026-12-29..2026-12-31": ("2026-12-29", "2026-12-30", "2026-12-31")},
}
"""Runs of whole periods of each rhythm, with the periods in them."""

DEADLINES: Final = (
    *("2026-06-30", "2026-09", "2026-Q2", "2026-H1", "2026", "2026-03..2026-05", "2026-12-15"),
    *("2027-01", "2026-12-31"),
)
AS_OF: Final = (
    *("2026-06-30", "2026-09-30", "2026-12-30", "2026-12-31", "2027-01-31", "2027-02-01", "2027-02-01"),
    *("2027-03-15", "2027-06-30", "2028-01-31", "2028-01-31"),
)
FIRST_DAY: Final = datetime.date(2026, 1, 1)
STEP_MODES: Final = (
    *("up", "down", "toward zero", "away from zero", "half up", "half away from zero", "half to even"),
)
STATE_WORDS: Final = ("met", "partly met", "missed")


def a_year_before(period: str) -> str:
    """The same period, one year earlier."""
    return period.replace("2025", "2024").replace("2026", "2025").replace("2027", "2026")


# ---- what is known of the things written


@dataclasses.dataclass
class Meter:
    """A measure, fact, parameter, or a column of a parameter: something that can be told."""

    name: str
    kind: str
    unit: str
    better: str = ""
    rhythm: str = ""
    low: Fraction | None = None
    high: Fraction | None = None
    choices: tuple[Fraction, ...] = ()
    words: tuple[str, ...] = ()
    may_not_apply: bool = False
    joined: str = ""
    stated: dict[str, Fraction] = dataclasses.field(default_factory=dict)
    used: set[str] = dataclasses.field(default_factory=set)


class Named(NamedTuple):
    """A value, as others see it: open ones are read in a period of a rhythm."""

    name: str
    unit: str
    rhythm: str
    free: frozenset[str]
    better: str = ""
    words: tuple[str, ...] = ()


class Scale(NamedTuple):
    """A scale: the unit of each parameter ("x": that of the first argument), and of the result."""

    name: str
    parameters: tuple[str, ...]
    unit: str
    directed: bool = False
    words: tuple[str, ...] = ()


class Thing(NamedTuple):
    """An item or section: the most it gives (None: not decided), whether it has points, its milestones."""

    name: str
    kind: str
    has_points: bool
    most: Fraction | None = None
    milestones: tuple[str, ...] = ()
    on_top: bool = False


class Expr(NamedTuple):
    """A calculation: `level` 0 binds closest; `free` are the measures in it that still need a period."""

    text: str
    level: int = 0
    free: frozenset[str] = frozenset()
    better: str = ""
    words: tuple[str, ...] = ()

    def within(self, level: int) -> str:
        """Its text, in parentheses where it would fall apart."""
        return self.text if self.level <= level else f"({self.text})"


class Body(NamedTuple):
    """The body of a value or scale."""

    text: str
    free: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


class Told(NamedTuple):
    """Something that actuals may tell."""

    kind: str
    id: str
    unit: str
    periods: tuple[str, ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None
    choices: tuple[Fraction, ...] = ()
    words: tuple[str, ...] = ()
    may_not_apply: bool = False
    roles: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()


NOTHING: Final[frozenset[str]] = frozenset()


class Condition(NamedTuple):
    """A condition while it is written, or the subject of a form: what a test needs to know of its subject."""

    text: str
    level: int = 0
    free: frozenset[str] = NOTHING
    better: str = ""
    words: tuple[str, ...] = ()
    unit: str = ""
    rhythm: str = ""
    asked: frozenset[str] = NOTHING
    meter: Meter | None = None


class _Again(Exception):  # noqa: N818  # no error: the draw cannot be written down
    """What was drawn has no text: a total that is no decimal."""


# ---- the writer


class _Writer:
    """Draws the text of one contract, part by part."""

    def __init__(self, seed: int) -> None:
        self.r = Random(seed)
        self.meters: dict[str, Meter] = {}
        self.values: list[Named] = []
        self.scales: list[Scale] = []
        self.calendars: list[str] = []
        self.rhythms = [self.r.choice(RHYTHMS), *self.r.sample(RHYTHMS, 2)]
        self.units = [*self.r.sample(COMMON, 4), "%", "number"]
        self.calendar_lines: list[str] = []
        self.things: list[Thing] = []
        self.own: str = ""
        self.locals: list[tuple[str, str]] = []
        self.told: list[Told] = []
        self.carried: dict[str, Told] = {}
        self.numbers: dict[str, dict[Fraction, None]] = {}
        self.pending: list[str] = []
        self.loose: list[str] = []
        self.count = 0
        self.depth = 0
        self.nested = 0
        self.milestones: list[str] = []
        self.budget = self.pick(1, 2, 3, 3, 4, 4, 5, 6, 8)
        self.roles = self.pick(("board",), ("board", "chair"), ("board", "chair"))
        self.is_percent = self.once(6)
        self.no_points = self.once(14)
        self.has_total = False
        self.points = "% of total" if self.is_percent else "points"

    # -- small things

    def pick(self, *choices: Any) -> Any:
        return self.r.choice(choices)

    def once(self, times: float) -> bool:
        return self.r.random() * times < 1

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}" if not self.once(60) else f"{letter}_ø{self.count}"

    def title(self, name: str, *, often: float = 25) -> str:
        text = f'"The {name}"'
        if self.once(often):
            text += self.pick(f' elsewhere "{name}" see "p. 2"', f' governs elsewhere "{name}" see "p. 2"')
        return text

    def number(self, unit: str, low: Fraction | None = None, high: Fraction | None = None) -> Fraction:
        """A number to be written, kept as a threshold."""
        grid = GRIDS[unit]
        value = grid.step * self.r.randint(0, grid.most)
        if not grid.whole and self.once(12):
            value += grid.step / 2
        if low is not None and value < low:
            value = low
        if high is not None and value > high:
            value = high
        self.keep(unit, value)
        return value

    def keep(self, unit: str, value: Fraction) -> None:
        self.numbers.setdefault(unit, {})[value] = None

    def show(self, value: Fraction, unit: str, *, bare: bool = False) -> str:
        text = written(value)
        unit = "%" if unit == "% of total" else unit
        return text if bare or unit in RATES or unit == "number" else f"{text} {unit}"

    def literal(
        self,
        unit: str,
        *,
        bare: bool = False,
        low: Fraction | None = None,
        high: Fraction | None = None,
        signed: bool = False,
    ) -> str:
        """A written number or day; without its unit where the place gives it one, and it may be left out."""
        if unit == "day":
            return self.date()
        if unit == "DKK" and high is None and self.once(60):
            self.keep("DKK", Fraction(1_500_000))
            return "1.5 million DKK"
        value = self.number(unit, low, high)
        if signed and unit in SIGNED and self.once(5):
            value = -value
        return self.show(value, unit, bare=bare and unit not in WRITTEN_UNIT and self.once(2))

    def date(self) -> str:
        day = FIRST_DAY + datetime.timedelta(days=7 * self.r.randint(0, 52))
        self.keep("day", Fraction(day.toordinal()))
        return str(day)

    def undecided(self, unit: str = "") -> str:
        text = "undecided" + (f" {unit}" if unit and unit in GRIDS and unit not in RATES else "")
        return text + self.pick("", "", " until 2026-09", ' "by the board"', ' until 2026-09 "later"')

    def stated(self, *texts: str, often: float = 12) -> str:
        """The first, or several of the texts as said in more than one place."""
        if len(texts) == 1 or not self.once(often):
            return texts[0]
        found = [texts[0], *(f'elsewhere {each} see "page {at}"' for at, each in enumerate(texts[1:], 2))]
        governing = self.r.randrange(2 * len(found))
        if governing < len(found):
            found[governing] += " governs"
        return " ".join(found)

    def open_place(self, unit: str = "") -> str:
        return self.undecided(unit) if self.once(1.6) else f'unclear "{self.pick("34.7100", "8O", "3/4")}"'

    def state(self) -> str:
        return self.pick('not defined "the text is silent"', 'not applicable "there is none"')

    # -- periods

    def period(self, rhythm: str, free: frozenset[str] = NOTHING, *, rare: float = 20) -> str:
        """A period for measures of a rhythm; also a longer one, where they say how it is made."""
        if free and all(self.meters[each].joined for each in free) and self.once(1.6):
            return self.r.choice(tuple(RUNS[rhythm]))
        if self.once(rare):
            return self.pick("2026", "2026-Q1", "2026-07-15")
        return self.r.choice(POOL[rhythm])

    def read(self, free: Iterable[str], period: str) -> None:
        """Notes which readings are asked for, and those of the year before."""
        for each in free:
            meter = self.meters[each]
            for asked in (period, a_year_before(period)):
                runs = RUNS[meter.rhythm]
                now = a_year_before(asked) if asked not in runs else asked
                if asked in runs:
                    meter.used.update(runs[asked])
                elif period in runs and now != asked:
                    meter.used.update(map(a_year_before, runs[period]))
                elif _fits(asked, meter.rhythm):
                    meter.used.add(asked)

    # -- measures, facts, parameters

    def meter(self, unit: str, rhythm: str, *, directed: bool = False) -> Meter:
        """Any that fits, else a new one: of a rhythm, or ("") known once."""
        fitting = [
            each
            for each in self.meters.values()
            if each.unit == unit
            and each.rhythm == rhythm
            and (not directed or each.better in ("lower", "higher"))
        ]
        if fitting and self.once(1.2):
            return self.r.choice(fitting)
        return self.new_meter(unit, rhythm, directed=directed)

    def new_meter(self, unit: str, rhythm: str, *, directed: bool = False) -> Meter:
        if unit in NUMERIC and self.once(6):
            return self.columns(unit, rhythm, directed=directed)
        kind = self.pick("measure", "measure", "measure", "parameter") if rhythm else "fact"
        if not rhythm:
            kind = self.pick("fact", "fact", "parameter")
        made = Meter(self.name(kind[0]), kind, unit, rhythm=rhythm)
        self.meters[made.name] = made
        lines = self.meter_lines(made, directed=directed)
        if rhythm and unit in NUMERIC:
            lines += self.history(made)
        if kind == "measure" and rhythm != "day" and unit in NUMERIC and self.once(2):
            made.joined = self.pick("sum", "mean", "first", "last")
            lines.append(f"combined by {made.joined}")
        self.r.shuffle(lines)
        self.pending.append(f"{kind} {made.name} {self.title(made.name)} {{ {'  '.join(lines)} }}")
        return made

    def columns(self, unit: str, rhythm: str, *, directed: bool) -> Meter:
        """A parameter that is a row of numbers; one of them."""
        name = self.name("p")
        shared = Meter(name, "parameter", unit, rhythm=rhythm)
        lines = self.meter_lines(shared, directed=directed)
        columns = ["low", "high", "value"][: self.r.randint(2, 3)]
        self.pending.append(
            f"parameter {name}({' | '.join(columns)}) {self.title(name)} {{ {'  '.join(lines)} }}"
        )
        for each in columns:
            made = dataclasses.replace(shared, name=f"{name}.{each}", used=set())
            self.meters[made.name] = made
        return self.meters[f"{name}.{self.pick('low', 'high')}"]

    def meter_lines(self, made: Meter, *, directed: bool) -> list[str]:
        lines = [f"unit {made.unit}"]
        if made.rhythm:
            lines.append(f"each {made.rhythm}")
        if made.unit in NUMERIC or made.unit == "day":
            if directed or self.once(1.5):
                made.better = self.pick("lower", "higher", "higher") if directed or self.once(1.5) else "no"
            elif made.kind == "measure":
                made.better = "no"
            if made.better:
                lines.append("no direction" if made.better == "no" else f"{made.better} is better")
        if made.unit == "word":
            made.words = self.pick(WORDS, WORDS, WORDS[:2], WORDS[1:])
            lines.append(f"range ({' | '.join(json.dumps(each) for each in made.words)})")
        elif made.unit in NUMERIC and self.once(1.6):
            lines.append(self.meter_range(made))
        if self.once(3):
            made.may_not_apply = True
            lines.append("may not apply")
        if self.once(12):
            lines.append('source "the register"')
        return lines

    def meter_range(self, made: Meter) -> str:
        grid, bare = GRIDS[made.unit], self.once(2)
        top = grid.step * self.pick(grid.most, grid.most, 2 * grid.most)
        match self.pick("both", "both", "both", "below zero", "low", "high", "choices"):
            case "both":
                made.low, made.high = Fraction(0), top
            case "below zero":
                made.low, made.high = -top, top
            case "low":
                made.low = self.pick(Fraction(0), -top, grid.step)
                return f"range at least {self.show(made.low, made.unit, bare=bare)}"
            case "high":
                made.high = top
                made.low = Fraction(0) if grid.whole else None
                return f"range at most {self.show(top, made.unit, bare=bare)}"
            case _:
                count = self.r.randint(2, 4)
                numbers = sorted(self.r.sample(range(grid.most + 1), count))
                made.choices = tuple(grid.step * each for each in numbers)
                for each in made.choices:
                    self.keep(made.unit, each)
                return f"range ({' | '.join(self.show(each, made.unit, bare=bare) for each in made.choices)})"
        for each in (made.low, made.high):
            self.keep(made.unit, each)
        return f"range {written(made.low)}..{self.show(made.high, made.unit, bare=bare)}"

    def lawful(self, made: Meter) -> Fraction:
        """A number a meter can have."""
        if made.choices:
            return self.r.choice(made.choices)
        return self.number(made.unit, made.low, made.high)

    def history(self, made: Meter) -> list[str]:
        lines = []
        for period in POOL[made.rhythm][:2]:
            if self.once(5):
                number = self.lawful(made)
                text = written(number)
                if self.once(8):
                    text = self.pick("undecided", 'unclear "3.4.5"')
                else:
                    made.stated[period] = number
                    text = self.stated(text, written(self.lawful(made)), often=8)
                remark = ' "as counted then"' if self.once(10) else ""
                lines.append(f"{period}{remark}: {text}")
        return lines

    # -- things referred to

    def reference(self, unit: str, rhythm: str) -> Expr:
        """Something that a name stands for: read in a period of a rhythm, or ("") complete by itself."""
        if rhythm:
            fitting = [each for each in self.values if each.unit == unit and each.rhythm == rhythm]
            if fitting and self.once(2):
                value = self.r.choice(fitting)
                return Expr(value.name, 0, value.free, value.better, value.words)
            if self.may_grow() and self.once(5):
                value = self.value(unit, rhythm)
                return Expr(value.name, 0, value.free, value.better, value.words)
            meter = self.meter(unit, rhythm)
            return Expr(meter.name, 0, frozenset((meter.name,)), meter.better, meter.words)
        return self.settled(unit)

    def settled(self, unit: str) -> Expr:
        """Something that needs no period."""
        if unit == "% of total" and not self.parts(unit):
            return Expr(self.literal(unit))
        kinds = ["fact", "fact", "timed", "timed"]
        local = [each for each, other in self.locals if other == unit]
        kinds += ["local"] * (6 * len(local))
        if any(each.unit == unit and not each.rhythm for each in self.values) and not self.once(3):
            kinds += ["value", "value"]
        if any(each.unit == unit and each.rhythm for each in self.values):
            kinds.append("opened")
        if self.may_grow():
            kinds.append("new")
        if any(each.unit == unit for each in self.scales) or self.may_grow():
            kinds.append("scaled")
        if unit == "% of total":
            kinds = []
        kinds += self.parts(unit)
        match self.r.choice(kinds):
            case "fact":
                meter = self.meter(unit, "")
                return Expr(meter.name, 0, NOTHING, meter.better, meter.words)
            case "timed":
                return self.timed(
                    self.reference_of_meter(unit, rhythm := self.r.choice(self.rhythms)), rhythm
                )
            case "local":
                return Expr(self.r.choice(local))
            case "value":
                value = self.r.choice([each for each in self.values if each.unit == unit and not each.rhythm])
                return Expr(value.name, 0, NOTHING, value.better, value.words)
            case "opened":
                value = self.r.choice([each for each in self.values if each.unit == unit and each.rhythm])
                opened = Expr(value.name, 0, value.free, value.better, value.words)
                return self.timed(opened, value.rhythm)
            case "new":
                value = self.value(unit, "")
                return Expr(value.name, 0, NOTHING, value.better, value.words)
            case "scaled":
                return self.scaled(unit, "")
            case "points":
                thing = self.r.choice([each for each in self.things if each.has_points])
                name = "total" if self.has_total and self.once(2) else thing.name
                return Expr(f"{name}.{self.pick('points', 'points', 'maximum')}")
            case "share":
                thing = self.r.choice([each for each in self.things if each.has_points])
                name = "total" if self.has_total and self.once(2) else thing.name
                return Expr(f"{name}.share")
            case "done":
                thing = self.r.choice([each for each in self.things if each.milestones])
                return Expr(f"{thing.name}.{self.r.choice(thing.milestones)}")
            case part:
                return self.previous(part)

    def reference_of_meter(self, unit: str, rhythm: str) -> Expr:
        meter = self.meter(unit, rhythm)
        return Expr(meter.name, 0, frozenset((meter.name,)), meter.better, meter.words)

    def timed(self, expr: Expr, rhythm: str) -> Expr:
        """A calculation with its period, in parentheses; an aggregate over a run of periods now and then."""
        period = self.period(rhythm, expr.free)
        self.read(expr.free, period)
        reads = ' reads "the latest year"' if self.once(25) else ""
        return Expr(
            f"({expr.text} {self.pick('in', 'in', 'at')} {period}{reads})",
            0,
            NOTHING,
            expr.better if expr.level == 0 else "",
            expr.words,
        )

    def parts(self, unit: str) -> list[str]:
        """Which parts of items, sections and the whole have a unit."""
        found = []
        scored = any(each.has_points for each in self.things)
        if unit == self.points and scored:
            found += ["points", "points", "previous points"]
        if unit == "%" and scored:
            found += ["share", "previous share"]
        if unit == "day" and any(each.milestones for each in self.things):
            found += ["done", "done", "done"]
        if unit == "word" and self.things:
            found += ["previous state"] * 2
        return found

    def previous(self, kind: str) -> Expr:
        part = kind.removeprefix("previous ")
        part = self.pick("points", "maximum") if part == "points" else part
        named = [each for each in self.things if each.has_points or part == "state"]
        name = self.r.choice(named).name
        if part != "state" and self.once(4):
            name = "total"
        unit = {"share": "%", "state": "word"}.get(part, self.points)
        words = STATE_WORDS if part == "state" else ()
        self.carried[f"{name}.{part}"] = Told("carried", f"{name}.{part}", unit, words=words)
        return Expr(f"previous({name}.{part})", words=words)

    # -- calculations

    def expression(self, unit: str, rhythm: str = "", depth: int = 2, *, names: bool = True) -> Expr:
        """A calculation with a unit; with a rhythm, one that is read in a period of it.

        `names` says that something must be referred to; else it may be a number alone.
        """
        if unit == "% of total" and (not self.parts(unit) or self.once(2)):
            return self.settled(unit)
        if depth <= 0 or self.nested > 3 or unit in ("word", "yes or no") or self.once(2.2):
            if unit not in ("word", "yes or no", *NAMED) and not rhythm and not names and self.once(1.5):
                return Expr(self.literal(unit, signed=True))
            return self.reference(unit, rhythm)
        kinds = ["series", "call"] if unit != "% of total" else ["call"]
        if unit != "day":
            kinds += ["sum", "sum", "sum"]
        if unit not in ("day", "%", "‰", "pp"):
            kinds += ["product", "product"]
        if unit == "number":
            kinds += ["ratio", "ratio", "ratio", "count", "power"]
        if unit in ("days", "day", "pp"):
            kinds += ["days", "days"]
        if self.scales or self.may_grow():
            kinds.append("scale")
        kind = self.r.choice(kinds)
        self.nested += 1
        try:
            if kind == "scale":
                return self.scaled(unit, rhythm)
            if kind == "series":
                return self.series(unit) if not rhythm else self.reference(unit, rhythm)
            return getattr(self, f"as_{kind}")(unit, rhythm, depth - 1)
        finally:
            self.nested -= 1

    def operands(self, units: Sequence[str], rhythm: str, depth: int, *, literals: bool = True) -> list[Expr]:
        """One calculation for each unit; with a rhythm, at least one of them is read in a period."""
        at = self.r.randrange(len(units))
        found = []
        for index, unit in enumerate(units):
            inner = rhythm if index == at or (rhythm and self.once(2)) else ""
            found.append(self.expression(unit, inner, depth, names=index == at or not literals))
        return found

    def as_sum(self, unit: str, rhythm: str, depth: int) -> Expr:
        count = self.pick(2, 2, 2, 3)
        units, signs = [unit] * count, [self.pick("+", "-") for _ in range(count - 1)]
        if unit == "%":
            units, signs = ["%", "pp"], [self.pick("+", "-")]
        elif unit == "pp" and self.once(2):
            units, signs = ["%", "%"], ["-"]
        terms = self.operands(units, rhythm, depth, literals=unit not in NAMED)
        text = terms[0].within(2)
        for sign, term in zip(signs, terms[1:], strict=True):
            text += f" {sign} {term.within(1)}"
        return Expr(text, 2, _joined(terms))

    def as_product(self, unit: str, rhythm: str, depth: int) -> Expr:
        if unit in RATES:
            above, below = RATES[unit]
            sign, units = "/", [above, below]
        elif any(above == unit for above, _ in RATES.values()) and self.once(2):
            rate = self.r.choice([each for each, (above, _) in RATES.items() if above == unit])
            sign, units = "*", [rate, RATES[rate][1]]
        else:
            sign = self.pick("*", "*", "/")
            units = [unit, self.pick("%", "number") if sign == "*" else "number"]
        if sign == "*" and self.once(2):
            units.reverse()
        first, second = self.operands(units, rhythm, depth)
        return Expr(f"{first.within(1)} {sign} {second.within(0)}", 1, _joined((first, second)))

    def as_ratio(self, unit: str, rhythm: str, depth: int) -> Expr:
        of = self.r.choice(self.units)
        first, second = self.operands([of, of], rhythm, depth, literals=of not in RATES)
        return Expr(f"{first.within(1)} / {second.within(0)}", 1, _joined((first, second)))

    def as_call(self, unit: str, rhythm: str, depth: int) -> Expr:
        names = ("min", "max") if unit == "day" else ("min", "max", "sum", "mean", "best", "worst")
        name, count = self.r.choice(names), self.r.randint(2, 3)
        found = self.operands([unit] * count, rhythm, depth, literals=unit not in NAMED)
        texts = [self.argument(each, rhythm) for each in found]
        if name in ("best", "worst"):
            texts.insert(0, str(self.r.randint(1, count)))
        return Expr(f"{name}({' | '.join(texts)})", 0, _joined(found))

    def argument(self, expr: Expr, rhythm: str) -> str:
        """An argument; one with its period may leave its parentheses."""
        text = expr.text
        if not expr.free and text.startswith("(") and text.find(")") == len(text) - 1 and self.once(2):
            return text[1:-1]
        return text

    def as_count(self, unit: str, rhythm: str, depth: int) -> Expr:
        self.nested += 1
        found = [self.condition("open" if rhythm else "plain", rhythm) for _ in range(self.r.randint(1, 3))]
        self.nested -= 1
        return Expr(f"count({' | '.join(each.text for each in found)})", 0, _joined(found))

    def as_power(self, unit: str, rhythm: str, depth: int) -> Expr:
        found = self.expression(self.pick("number", "%"), rhythm, depth)
        return Expr(f"power({self.argument(found, rhythm)} | {self.pick(-2, -1, 0, 1, 2, 3)})", 0, found.free)

    def as_days(self, unit: str, rhythm: str, depth: int) -> Expr:
        if unit == "day":
            day, days = self.operands(["day", "days"], rhythm, depth)
            return Expr(f"{day.within(2)} {self.pick('+', '-')} {days.within(1)}", 2, _joined((day, days)))
        if unit == "pp":
            first, second = self.operands(["%", "%"], rhythm, depth)
            return Expr(f"{first.within(2)} - {second.within(1)}", 2, _joined((first, second)))
        start, end = found = self.operands(["day", "day"], rhythm, depth)
        if self.once(3):
            return Expr(f"{start.within(2)} - {end.within(1)}", 2, _joined(found))
        texts = [self.argument(each, rhythm) for each in found]
        if self.once(1.5):
            texts.append(self.calendar())
        return Expr(f"days({' | '.join(texts)})", 0, _joined(found))

    def calendar(self) -> str:
        if not self.calendars or self.once(4):
            name = self.name("c")
            days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            days = self.pick(days[:5], days[:5], self.r.sample(days, self.r.randint(1, 6)))
            text = f"each ({' | '.join(days)})"
            if self.once(1.5):
                but = self.r.sample(["2026-12-24..2026-12-26", "2026-12-31", "2026-07", "2026"], 2)
                text += f" except ({' | '.join(but[: self.r.randint(1, 2)])})"
            self.calendar_lines.append(f"calendar {name} {self.title(name)} {{ {text} }}")
            self.calendars.append(name)
        return self.r.choice(self.calendars)

    def series(self, unit: str) -> Expr:
        """A function of the readings of a run of periods."""
        rhythm = self.r.choice(self.rhythms)
        name = self.pick("min", "max") if unit == "day" else self.pick(*("sum", "mean", "min", "max"))
        name = self.pick("first", "last") if self.once(3) else name
        if unit != "day" and self.once(4):
            inner = self.expression(unit, rhythm, 1)
        else:
            inner = self.reference(unit, rhythm)
        if not inner.free:
            inner = self.reference_of_meter(unit, rhythm)
        run = self.r.choice(tuple(RUNS[rhythm]))
        self.read(inner.free, run)
        for each in RUNS[rhythm][run]:
            self.read(inner.free, each)
        return Expr(f"{name}({inner.text} {self.pick('in', 'at')} {run})")

    # -- conditions

    def conditions(self, where: str, rhythm: str = "") -> Expr:
        """Conditions joined by `or` or `and`."""
        joint = self.pick("", "", "", "", "or", "and")
        found = [self.condition(where, rhythm)]
        if joint:
            for _ in range(self.pick(1, 1, 2)):
                found.append(self.condition(where, self.pick(rhythm, ""), after=found[-1]))
        text = f" {joint} ".join(each.text for each in found)
        return Expr(text, 0, _joined(found))

    def condition(self, where: str, rhythm: str = "", *, after: Expr | None = None) -> Condition:
        """A condition in a `target`, `plain` with its periods, or `open` to the period of its user."""
        if isinstance(after, Condition) and after.unit and self.once(2.5):
            return after._replace(text=self.test(after, where))
        kinds = (
            ["number"] * 8
            + ["count"] * (self.nested < 2)
            + ["day", "yes or no", "yes or no", "word", "word", "state", "better", "better"]
        )
        if not (where == "open" and rhythm):
            kinds += ["thing"] * 3 * bool(self.things)
            if where == "plain" and self.own:
                kinds += ["own"] * 4
            if where == "plain" and self.own == "total":
                kinds += ["total"] * 3
        kind = self.r.choice(kinds)
        if kind in ("thing", "own", "total"):
            return self.thing_condition(kind, where)
        if where != "open":
            rhythm = self.r.choice(self.rhythms) if self.once(1.6) else ""
        if kind == "better":
            return self.better_condition(where, rhythm)
        unit = self.r.choice(self.units) if kind in ("number", "count") else kind
        if kind == "state":
            return self.state_condition(where, rhythm)
        if unit == "yes or no" and self.once(6):
            subject = self.scaled("yes or no", rhythm)
        elif kind == "count":
            subject, unit = self.as_count("number", rhythm, 1), "number"
        else:
            subject = self.expression(unit, rhythm, self.pick(0, 0, 1, 2) if unit != "day" else 1)
        rhythm = rhythm if subject.free else ""
        made = Condition("", 0, subject.free, subject.better, subject.words, unit, rhythm)
        text = subject.text
        if rhythm and where != "open":
            when, made = self.when(made, where)
            text += when
        return made._replace(text=f"{text} {self.test(made, where)}")

    def when(self, made: Condition, where: str) -> tuple[str, Condition]:
        """The time of a subject, with all its measures noted as read then."""
        times = []
        for _ in range(2):
            period = self.period(made.rhythm, made.free)
            self.read(made.free, period)
            times.append(period)
        texts = [f"{self.pick('in', 'in', 'at')} {each}" for each in times]
        if self.once(20):
            texts[0] += f' reads "{self.pick("spring", "the last year")}"'
        if where != "target":
            return f" {texts[0]}", made._replace(free=NOTHING, asked=made.free)
        if self.once(30):
            texts[self.r.randrange(2)] = "in undecided"
        return f" {self.stated(*texts)}", made._replace(free=NOTHING, asked=made.free)

    def test(self, made: Condition, where: str) -> str:
        """A test of a subject."""
        if made.unit == "yes or no":
            return self.pick("is yes", "is yes", "is no", "is not yes", "is not no")
        if made.unit == "word":
            return f'{self.pick("is", "is", "is not")} "{self.r.choice(made.words)}"'
        changes = ["change", "change", "bare", "unchanged"] if made.rhythm and where != "open" else []
        match self.pick("limit", "limit", "limit", "limit", "between", *changes):
            case "between":
                if made.unit == "day" or made.unit not in GRIDS:
                    low, high = sorted((self.date(), self.date()))
                else:
                    numbers = sorted((self.number(made.unit), self.number(made.unit)))
                    low, high = (self.show(each, made.unit) for each in numbers)
                if self.once(8):
                    low = self.stated(low, self.limit_value(made, where), often=1)
                if self.once(8):
                    high = self.open_place()
                return f"between {low} and {high}"
            case "change":
                return f"{self.change(made, where)} {self.amount(made.unit)} from {self.base(made)}"
            case "bare":
                word = {"lower": "falls", "higher": "rises"}.get(made.better if where == "target" else "")
                return f"{word or self.pick('falls', 'rises')} from {self.base(made)}"
            case "unchanged":
                return f"unchanged within {self.amount(made.unit)} from {self.base(made)}"
        words = {"lower": ("at most", "below"), "higher": ("at least", "above")}
        allowed = words.get(made.better if where == "target" else "")
        if allowed is None or self.once(10):
            allowed = ("exactly",) if allowed else ("at most", "below", "at least", "above", "exactly")
        values = [self.limit_value(made, where) for _ in range(2)]
        return f"{self.r.choice(allowed)} {self.stated(*values)}"

    def limit_value(self, made: Condition, where: str) -> str:
        """What a subject is compared with."""
        unit = made.unit
        kinds = ["literal"] * 8 + ["open", "reference", "reference", "timed"]
        if unit not in RATES and unit not in ("pp", "‰"):
            kinds += ["expression"]
        if made.rhythm and where != "open":
            kinds += ["year before"] * 2
        match self.r.choice(kinds):
            case "open":
                return self.open_place()
            case "reference":
                return self.settled(unit).text
            case "expression":
                return self.expression(unit, "", 1).text
            case "timed" if unit != "% of total":
                return self.argument(
                    self.timed(self.reference_of_meter(unit, rhythm := self.r.choice(self.rhythms)), rhythm),
                    "",
                )
            case "year before":
                if unit in ("day", "pp", *RATES) or self.once(2):
                    return "year before"
                if unit == "%":
                    return f"year before + {self.literal('pp')}"
                return self.pick(
                    f"{self.literal('%')} * year before", f"year before + {self.literal(unit, bare=True)}"
                )
        return self.literal(unit, bare=True, signed=True)

    def change(self, made: Condition, where: str) -> str:
        downward = ("falls by at least", "falls by", "rises by at most")
        upward = ("rises by at least", "rises by", "falls by at most")
        either = (*downward, *upward, "falls by exactly", "rises by exactly")
        better = made.better if where == "target" else ""
        return self.r.choice({"lower": downward, "higher": upward}.get(better, either))

    def amount(self, unit: str) -> str:
        """A change: a share of the baseline, or an amount."""
        if unit == "day":
            texts = [self.literal("days"), self.undecided()]
        else:
            absolute = {"%": "pp"}.get(unit, unit)
            share = self.show(self.number("%"), "%")
            texts = [share, self.literal(absolute, bare=absolute not in WRITTEN_UNIT), self.undecided()]
            if unit == "‰":
                texts[1] = self.literal("‰")
            elif unit not in RATES and self.once(8):
                texts[1] = self.settled(absolute).text
        self.r.shuffle(texts)
        if texts[0].startswith("undecided") and not self.once(4):
            texts.append(texts.pop(0))
        return self.stated(*texts)

    def base(self, made: Condition) -> str:
        text = self.pick("year before", "period", "period")
        if text == "period":
            text = self.r.choice(POOL[made.rhythm]) if not self.once(20) else "undecided"
            if text != "undecided":
                self.read(made.asked, text)
        return text

    def better_condition(self, where: str, rhythm: str) -> Condition:
        """Better than, or as good as: of something with a direction."""
        unit = self.r.choice(self.units)
        meter = self.meter(unit, rhythm, directed=True)
        free = frozenset((meter.name,)) if rhythm else NOTHING
        made = Condition("", 0, free, meter.better, (), unit, rhythm)
        text = meter.name
        if rhythm and where != "open":
            when, made = self.when(made, where)
            text += when
        test = f"{self.pick('is', 'is', 'is not')} {self.pick('as good as', 'better than')}"
        return made._replace(text=f"{text} {test} {self.limit_value(made, where)}")

    def state_condition(self, where: str, rhythm: str) -> Condition:
        """A test of a state: is reported, applicable, defined."""
        word, unit = self.pick("reported", "applicable", "defined"), self.r.choice((*self.units, "yes or no"))
        if word == "reported":
            done = [each for each in self.things if each.milestones]
            if not rhythm and done and self.once(2):
                thing = self.r.choice(done)
                subject = Expr(f"{thing.name}.{self.r.choice(thing.milestones)}")
            else:
                meter = self.meter(unit, rhythm)
                subject = Expr(meter.name, 0, frozenset((meter.name,)) if rhythm else NOTHING)
        else:
            subject = self.expression(unit, rhythm, self.pick(0, 0, 1))
        rhythm = rhythm if subject.free else ""
        made = Condition("", 0, subject.free, "", (), "", rhythm)
        text = subject.text
        if rhythm and where != "open":
            when, made = self.when(made, where)
            text += when
        return made._replace(text=f"{text} {self.pick('is', 'is not')} {word}")

    def thing_condition(self, kind: str, where: str = "plain") -> Condition:
        """A test of the state of an item, a section, or the whole."""
        if kind == "total":
            return Condition(f"total {self.pick('is', 'is not')} {self.pick('applicable', 'defined')}")
        words = (*STATE_WORDS, *STATE_WORDS, "applicable", "defined")
        name = self.own
        if kind == "thing" or name == "total":
            thing = self.r.choice(self.things)
            name = thing.name
            if thing.kind == "section" and not thing.has_points:
                return self.condition(where)
        return Condition(f"{name} {self.pick('is', 'is', 'is not')} {self.r.choice(words)}")

    # -- bodies of values and scales

    def may_grow(self) -> bool:
        """Whether another value or scale may be made inside of what is written now."""
        return self.budget > 0 and self.depth < 3

    def value(self, unit: str, rhythm: str) -> Named:
        """A new value."""
        self.budget -= 1
        self.depth += 1
        kept, self.locals = self.locals, []
        name = self.name("v")
        body, bounds = self.framed(unit, rhythm)
        self.locals = kept
        self.depth -= 1
        if rhythm and not body.free:
            meter, bounds = self.meter(unit, rhythm), ""
            body = Body(meter.name, frozenset((meter.name,)), meter.words)
        better = ""
        if unit in NUMERIC and self.once(2.5):
            better = self.pick("lower", "higher", "no")
        way = {"": "", "no": " no direction"}.get(better, f" {better} is better")
        title = f" {self.title(name)}" if self.once(3) else ""
        end = ""
        if unit in NUMERIC and self.once(3):
            end = f" {self.pick('rounded', 'rounded', 'shown')} {self.rounding(unit)}"
        self.pending.append(f"value {name}{title}{bounds}{way} = {body.text}{end}")
        free = body.free if rhythm else NOTHING
        self.values.append(Named(name, unit, rhythm, free, better, body.words))
        return self.values[-1]

    def rounding(self, unit: str) -> str:
        in_per_cent = unit == "number" and self.once(2)
        if unit in WRITTEN_UNIT or in_per_cent:
            step = self.pick("1 %", "10 %", "0.5 %") if unit != "pp" else self.pick("1 pp", "0.1 pp")
            step = self.pick("1 ‰", "2 ‰") if unit == "‰" else step
        else:
            step = self.pick("1", "5", "2") if GRIDS[unit].whole else self.pick("1", "0.5", "5", "2", "0.01")
            step += "" if unit == "number" or unit in NAMED or self.once(2) else f" {unit}"
        return f"{self.r.choice(STEP_MODES)} to {step}"

    def framed(self, unit: str, rhythm: str) -> tuple[Body, str]:
        """A body, and the range before it."""
        if unit == "word":
            body = self.body(unit, rhythm)
            if body.words and self.once(3):
                words = tuple(dict.fromkeys((*body.words, *WORDS)))
                return body._replace(words=words), f" range ({' | '.join(map(json.dumps, words))})"
            return body, ""
        if unit not in NUMERIC or not self.once(3):
            return self.body(unit, rhythm), ""
        grid = GRIDS[unit]
        top = grid.step * grid.most
        bare = unit == "number" or unit in NAMED
        if unit not in NAMED and self.once(5):
            count = self.r.randint(2, 4)
            numbers = [grid.step * each for each in sorted(self.r.sample(range(grid.most + 1), count))]
            body = self.rows(unit, rhythm, values=[self.show(each, unit) for each in numbers])
            return body, f" range ({' | '.join(self.show(each, unit, bare=bare) for each in numbers)})"
        if self.once(2):
            expr = self.expression(unit, rhythm, 2)
            low, high, body = Fraction(0), top / self.pick(1, 2), Body(expr.text, expr.free, expr.words)
        else:
            low, high, body = -2 * top, 2 * top, self.body(unit, rhythm)
        if "million" in body.text:
            high = Fraction(2_000_000)
        ends = [self.show(each, unit, bare=bare) for each in (low, high)]
        self.keep(unit, high)
        return body, self.pick(
            f" range {ends[0]}..{ends[1]}", f" range at least {ends[0]}", f" range at most {ends[1]}"
        )

    def body(
        self,
        unit: str,
        rhythm: str = "",
        low: Fraction | None = None,
        high: Fraction | None = None,
        *,
        forms: Sequence[str] = (),
    ) -> Body:
        """What a value, scale or score is made of."""
        if unit == "yes or no":
            found = self.conditions("open" if rhythm else "plain", rhythm)
            return Body(found.text, found.free)
        kinds = list(forms) or ["expression", "rows", "steps", "table", "stated"]
        if unit in NUMERIC and unit not in NAMED and not forms:
            kinds += ["curve", "curve"]
        kind = self.r.choice(kinds)
        if kind == "expression" or (kind == "stated" and rhythm):
            expr = self.expression(unit, rhythm, 2)
            text = self.argument(expr, "") if not rhythm else expr.text
            return Body(text, expr.free, expr.words)
        if kind == "stated":
            return self.stated_body(unit, low, high)
        return getattr(self, kind)(unit, rhythm, low, high)

    def stated_body(self, unit: str, low: Fraction | None, high: Fraction | None) -> Body:
        if unit == "word":
            words = self.r.sample(WORDS, 2)
            text = self.stated(*(json.dumps(each) for each in words), often=2)
            return Body(text, NOTHING, tuple(words) if "elsewhere" in text else (words[0],))
        if self.once(6) and unit in NUMERIC and unit not in NAMED:
            return Body(self.state() if unit == "number" and self.once(2) else self.undecided(unit))
        if unit in NAMED:
            return Body(self.expression(unit, "", 1).text)
        return Body(
            self.stated(
                self.literal(unit, low=low, high=high), self.literal(unit, low=low, high=high), often=2
            )
        )

    def row_value(
        self,
        unit: str,
        rhythm: str,
        low: Fraction | None,
        high: Fraction | None,
        words: list[str],
        *,
        bare: bool = False,
    ) -> Expr:
        """The value of a row, stretch or corner."""
        if unit == "word":
            if self.once(20):
                return Expr(self.state())
            if self.once(10):
                found = self.reference("word", "") if not rhythm else self.reference("word", rhythm)
                words += found.words
                return found
            word = self.r.choice(WORDS)
            words.append(word)
            return Expr(json.dumps(word))
        if self.once(14):
            return Expr(self.state())
        if self.once(25):
            return Expr(self.open_place())
        bounded = low is not None or high is not None
        if unit in NAMED or self.once(7 if bounded else 3.5):
            return self.expression(unit, rhythm if self.once(2) else "", self.pick(0, 1, 1))
        texts = [self.literal(unit, low=low, high=high, bare=bare, signed=not bounded) for _ in range(2)]
        return Expr(self.stated(*texts, often=25))

    def rows(
        self,
        unit: str,
        rhythm: str,
        low: Fraction | None = None,
        high: Fraction | None = None,
        *,
        values: Sequence[str] = (),
    ) -> Body:
        words: list[str] = []
        found: list[Expr] = []
        lines = []
        count = self.pick(1, 1, 2, 3)
        plain = self.r.randrange(count + 1) if unit != "word" else -1
        for at in range(count + 1):
            head = "otherwise"
            if at < count:
                when = self.conditions("open" if rhythm else "plain", rhythm if at == 0 else "")
                found.append(when)
                head = f"when {when.text}"
            if values:
                value = Expr(self.r.choice(values))
            elif at == plain and unit not in NAMED:
                value = Expr(self.literal(unit, low=low, high=high))
            elif at == plain:
                value = self.expression(unit, "", 1)
            else:
                value = self.row_value(unit, rhythm, low, high, words, bare=True)
            found.append(value)
            lines.append(f"{head}: {value.text}")
        if unit == "word" and not words:
            words.append("low")
            lines[-1] = 'otherwise: "low"'
        return Body(f"{{ {'  '.join(lines)} }}", _joined(found), tuple(dict.fromkeys(words)))

    def subject(self, rhythm: str, *, curve: bool = False) -> Condition:
        """What steps and curves go by, with its period unless it is that of the user."""
        unit = self.pick("word", "day", *self.units, *self.units)
        if curve and unit == "word":
            unit = "%"
        own = rhythm
        if not rhythm and self.once(1.6):
            own = self.r.choice(self.rhythms)
        found = self.expression(unit, own, self.pick(0, 0, 0, 1))
        meter = self.meters.get(found.text)
        meter = meter if meter is None or not meter.joined or not rhythm else None
        own = own if found.free else ""
        made = Condition(found.text, 0, found.free, found.better, found.words, unit, own)
        if own and not rhythm:
            period = self.period(own, found.free)
            self.read(found.free, period)
            meter = meter if _fits(period, own) else None  # a sum of readings leaves their range
            made = made._replace(text=f"{found.text} {self.pick('in', 'at')} {period}", free=NOTHING)
        return made._replace(meter=meter)

    def keys(self, subject: Condition, count: int) -> list[str]:
        """Stretches that cover what a subject can be, once."""
        unit = subject.unit
        if unit == "word":
            return [f"exactly {json.dumps(each)}" for each in dict.fromkeys(subject.words)]
        if self.once(5) and unit not in NAMED:
            return self.asked_keys(unit, count)
        if unit == "day":
            cuts = sorted({self.date() for _ in range(count - 1)})
            shown = cuts
        else:
            grid, numbers = GRIDS[unit], set[Fraction]()
            while len(numbers) < count - 1:
                numbers.add(grid.step * self.r.randint(1, grid.most - 1))
            for each in numbers:
                self.keep(unit, each)
            bare = unit not in WRITTEN_UNIT and self.once(2)
            shown = [self.show(each, unit, bare=bare) for each in sorted(numbers)]
        meter = subject.meter
        whole = (
            meter is not None and meter.kind in ("measure", "fact") and unit in GRIDS and GRIDS[unit].whole
        )
        if whole and not meter.choices and self.once(2):
            return self.whole_keys(meter, sorted(numbers), unit)
        keys, low = [], ""
        for cut in shown:
            up, down = self.pick(("below", "at least"), ("below", "at least"), ("at most", "above"))
            if unit in GRIDS and GRIDS[unit].whole:
                up, down = "below", "at least"
            elif self.once(8) and not (low.startswith("above") and cut == shown[0]):
                keys += [_edges(low, f"below {cut}"), f"exactly {cut}"]
                low = f"above {cut}"
                continue
            keys.append(_edges(low, f"{up} {cut}", turned=self.once(4)))
            low = f"{down} {cut}"
        keys.append(low or "at least 0")
        if meter is not None and meter.low is not None and meter.high is not None and unit in GRIDS:
            self.close(keys, meter, unit)
        self.r.shuffle(keys)
        return keys

    def close(self, keys: list[str], meter: Meter, unit: str) -> None:
        """The outer stretches end where the range does, now and then."""
        assert meter.low is not None and meter.high is not None
        if len(keys) < 2 or not self.once(2):
            return
        if meter.high >= GRIDS[unit].step * GRIDS[unit].most and " below" not in keys[-1]:
            keys[-1] += f" at most {self.show(meter.high, unit)}"
        if meter.low <= 0 and keys[0].startswith("below"):
            keys[0] = f"at least {self.show(meter.low, unit)} {keys[0]}"

    def whole_keys(self, meter: Meter, cuts: list[Fraction], unit: str) -> list[str]:
        """Stretches of whole numbers: from 0 to 4, from 5 to 8."""
        low, keys = meter.low if meter.low is not None else Fraction(0), []
        start = low
        for cut in cuts:
            if cut < start or (meter.high is not None and cut >= meter.high):
                continue
            keys.append(f"between {written(start)} and {written(cut)}")
            start = cut + 1
            self.keep(unit, start)
        if meter.high is not None and meter.high >= start:
            keys.append(f"between {written(start)} and {written(meter.high)}")
        elif meter.high is None:
            keys.append(f"at least {written(start)}")
        return keys

    def asked_keys(self, unit: str, count: int) -> list[str]:
        """Stretches with edges that are worked out: whether they cover all is seen then."""
        edges = []
        for _ in range(count - 1):
            if self.once(3):
                edges.append(self.literal(unit))
            elif self.once(12):
                edges.append(self.open_place())
            else:
                edges.append(self.settled(unit).text)
        if not any(each[0].isalpha() or each[0] == "(" for each in edges):
            edges[0] = self.meter(unit, "").name
        keys, low = [], ""
        for each in edges:
            keys.append(_edges(low, f"below {each}"))
            low = f"at least {each}"
        if self.once(6):
            keys.append(f"exactly {edges[0]}")
        return [*keys, low]

    def steps(
        self, unit: str, rhythm: str, low: Fraction | None = None, high: Fraction | None = None
    ) -> Body:
        subject = self.subject(rhythm)
        return self.stepped(subject, self.keys(subject, self.r.randint(2, 4)), [], unit, rhythm, low, high)

    def table(
        self, unit: str, rhythm: str, low: Fraction | None = None, high: Fraction | None = None
    ) -> Body:
        subject, other = self.subject(rhythm), self.subject("")
        if rhythm and self.once(2):
            subject, other = other, subject
        across = self.keys(other, self.r.randint(2, 3))
        keys = self.keys(subject, self.r.randint(2, 3))
        return self.stepped(subject, keys, [other.text, *across], unit, rhythm, low, high, other.free)

    def stepped(
        self,
        subject: Condition,
        keys: list[str],
        across: list[str],
        unit: str,
        rhythm: str,
        low: Fraction | None,
        high: Fraction | None,
        free: frozenset[str] = NOTHING,
    ) -> Body:
        """Steps, or with the text and the keys of another subject a table."""
        width, words, lines, found = max(1, len(across) - 1), list[str](), [], list[Expr]()
        for at, key in enumerate(keys):
            values = [
                self.row_value(unit, rhythm, low, high, words, bare=at > 0)
                if at or index
                else self.first_value(unit, low, high, words)
                for index in range(width)
            ]
            found += values
            lines.append(f"{key}: {' | '.join(each.text for each in values)}")
        side = f" across {across[0]} {{ {' | '.join(across[1:])} }}" if across else ""
        text = f"steps of {subject.text}{side} {{ {'  '.join(lines)} }}"
        return Body(text, _joined(found) | subject.free | free, tuple(dict.fromkeys(words)))

    def first_value(self, unit: str, low: Fraction | None, high: Fraction | None, words: list[str]) -> Expr:
        """A value that says the unit of all."""
        if unit == "word":
            words.append(word := self.r.choice(WORDS))
            return Expr(json.dumps(word))
        if unit in NAMED:
            return self.settled(unit)
        return Expr(self.literal(unit, low=low, high=high))

    def curve(
        self, unit: str, rhythm: str, low: Fraction | None = None, high: Fraction | None = None
    ) -> Body:
        subject = self.subject(rhythm, curve=True)
        count = self.pick(1, 2, 2, 3, 3, 4)
        places = self.places(subject.unit, count)
        lines, found, words = [], list[Expr](), list[str]()
        for at, place in enumerate(places):
            value = self.row_value(unit, rhythm, low, high, words, bare=at > 0)
            value = value if at else self.first_value(unit, low, high, words)
            found.append(value)
            rows = [f"at {place}: {value.text}"]
            if self.once(4):
                jump = self.row_value(unit, rhythm, low, high, words)
                found.append(jump)
                side = self.pick("below", "above")
                rows.insert(0 if side == "below" else 1, f"{side} {place}: {jump.text}")
            lines += rows
        ends = ["flat", "flat", self.state()] + ["continued"] * (count > 1)
        below, above = self.r.choice(ends), self.r.choice(ends)
        if len(places) == 1:  # two days may have been the same
            below, above = ("flat" if each == "continued" else each for each in (below, above))
        if len(places) == 1 and below.startswith("not") and above.startswith("not"):
            below = "flat"
        first, last = f"below: {below}", f"above: {above}"
        if self.once(5):
            lines = [first, last, *lines]
        else:
            lines = [first, *lines, last]
        return Body(f"curve of {subject.text} {{ {'  '.join(lines)} }}", _joined(found) | subject.free)

    def places(self, unit: str, count: int) -> list[str]:
        """Where the corners of a curve are: written, or worked out and then in any order."""
        if unit == "day":
            written_places = sorted({self.date() for _ in range(count)})
        else:
            grid = GRIDS[unit]
            numbers = sorted(self.r.sample(range(grid.most + 1), count))
            for each in numbers:
                self.keep(unit, grid.step * each)
            written_places = [self.show(grid.step * each, unit) for each in numbers]
        if not self.once(3):
            return written_places
        found = []
        for each in written_places:
            kind = self.r.random()
            if kind < 0.3 or (unit == "‰" and kind < 0.6):
                found.append(each)
            elif kind < 0.36:
                found.append(self.open_place())
            else:
                found.append(self.settled(unit).text)
        return list(dict.fromkeys(found)) if len(set(found)) == count else written_places

    # -- scales

    def scaled(self, unit: str, rhythm: str) -> Expr:
        """A scale applied; a reference where there is none of the unit and no more may be made."""
        fitting = [each for each in self.scales if each.unit == unit]
        if self.may_grow() and (not fitting or self.once(3)) and not (self.locals and self.depth > 1):
            fitting = [self.scale(unit)]
        if not fitting or self.depth > 4:
            return self.reference(unit, rhythm) if rhythm else self.bare_reference(unit)
        scale = self.r.choice(fitting)
        general = self.r.choice(self.units)
        arguments = []
        self.depth += 1
        at = self.r.randrange(len(scale.parameters)) if rhythm else -1
        for index, each in enumerate(scale.parameters):
            wanted = general if each == "x" else each
            inner = rhythm if index == at else ""
            if scale.directed and index == 0:
                meter = self.meter(wanted, "" if not (rhythm or inner) else rhythm, directed=True)
                free = frozenset((meter.name,)) if meter.rhythm else NOTHING
                arguments.append(Expr(meter.name, 0, free))
                continue
            literal = wanted not in RATES and wanted not in ("word", "yes or no") and not inner
            if literal and self.once(2):
                arguments.append(Expr(self.literal(wanted)))
            else:
                arguments.append(self.expression(wanted, inner, self.pick(0, 0, 1)))
        self.depth -= 1
        texts = [self.argument(each, rhythm) for each in arguments]
        free = _joined(arguments)
        if rhythm and not free:
            return self.reference(unit, rhythm)
        return Expr(f"{scale.name}({' | '.join(texts)})", 0, free, "", scale.words)

    def bare_reference(self, unit: str) -> Expr:
        if unit == "% of total":
            return self.settled(unit)
        meter = self.meter(unit, "")
        return Expr(meter.name, 0, NOTHING, meter.better, meter.words)

    def scale(self, unit: str) -> Scale:
        """A new scale whose result has a unit: for arguments of any unit, or of certain ones."""
        self.budget -= 1
        self.depth += 1
        name, kept, self.locals = self.name("f"), self.locals, []
        made, text = self.general(name, unit) if unit in NUMERIC and self.once(2) else self.typed(name, unit)
        self.locals = kept
        self.depth -= 1
        end = f" rounded {self.rounding(unit)}" if unit in NUMERIC and self.once(6) else ""
        self.pending.append(text + end)
        self.scales.append(made)
        return made

    def general(self, name: str, unit: str) -> tuple[Scale, str]:
        """A scale for arguments of any unit."""
        kinds = ["curve", "steps", "stars", "stars"] if unit not in NAMED else ["stars"]
        if unit == "number":
            kinds.append("line")
        low, high, top = (self.first_value(unit, None, None, []).text for _ in range(3))
        title = f" {self.title(name)}" if self.once(4) else ""
        head = f"scale {name}(x | a | b){title}"
        match self.r.choice(kinds):
            case "curve":
                ends = self.pick(("flat", "flat"), ("continued", "flat"), ("flat", self.state()))
                jump = f"  above a: {top}" if self.once(4) else ""
                return Scale(name, ("x", "x", "x"), unit), (
                    f"{head} = curve of x {{ below: {ends[0]}  at a: {low}{jump}  at b: {high}"
                    f"  above: {ends[1]} }}"
                )
            case "steps":
                return Scale(name, ("x", "x", "x"), unit), (
                    f"{head} = steps of x {{ below a: {low}  at least a below b: {high}  at least b: {top} }}"
                )
            case "line":
                return Scale(name, ("x", "x", "x"), unit), f"{head} = (x - a) / (b - a)"
        return Scale(name, ("x", "x", "x"), unit, directed=True), (
            f"{head} = {{ when x is {self.pick('as good as', 'better than')} b: {top}"
            f"  when x is {self.pick('as good as', 'not better than')} a: {high}  otherwise: {low} }}"
        )

    def typed(self, name: str, unit: str) -> tuple[Scale, str]:
        """A scale for arguments of certain units."""
        parameters = [self.r.choice(self.units) for _ in range(self.r.randint(1, 3))]
        if unit in NUMERIC and self.once(2):
            parameters[0] = unit
        self.locals = [(f"x{at}", each) for at, each in enumerate(parameters)]
        body, bounds = self.framed(unit, "")
        head = f"scale {name}({' | '.join(each for each, _ in self.locals)})"
        return Scale(name, tuple(parameters), unit, words=body.words), f"{head}{bounds} = {body.text}"

    # -- parts of an item

    def pts(self, value: Fraction | int) -> str:
        """A number of points, as the contract counts them."""
        text = written(Fraction(value))
        self.keep(self.points, Fraction(value))
        return f"{text} %" if self.is_percent else text + self.pick("", "", " points")

    def target(self, *, worth: str = "", standing: str = "") -> str:
        text = f"target {self.conditions('target').text}"
        return " ".join(each for each in (standing, text, worth) if each)

    def single(self, *, worth: str = "", equals: bool = False) -> str:
        """A target of one limit of one measure, which guidelines and `equals` can follow."""
        unit = self.r.choice([each for each in (*self.units, "visits") if each not in RATES])
        rhythm = self.r.choice(self.rhythms)
        meter = self.meter(unit, rhythm)
        period = self.period(rhythm, rare=1000)
        self.read((meter.name,), period)
        words = {"lower": ("at most", "below"), "higher": ("at least", "above")}
        word = self.r.choice(words.get(meter.better, ("at most", "at least", "below", "above")))
        text = f"target {meter.name} in {period} {word} {self.literal(unit, bare=True)}"
        if worth:
            text += f" {worth}"
        if equals:
            share = self.show(self.number("%"), "%")
            text += " equals " + self.pick(
                f"{word} {self.literal(unit)}", f"falls by {share} from 2025", self.literal(unit)
            )
        return text

    def linear(self, *, worth: str = "") -> str:
        """A line between two values."""
        unit, rhythm = self.pick(*self.units, "day"), self.r.choice(self.rhythms) if self.once(1.4) else ""
        meter = self.meter(unit, rhythm, directed=self.once(2))
        made = Condition("", 0, frozenset((meter.name,)) if rhythm else NOTHING, "", (), unit, rhythm)
        text = meter.name
        if rhythm:
            when, made = self.when(made, "target")
            text += when
        low, high = self.ends(unit)
        if meter.better == "lower" or (meter.better != "higher" and self.once(2)):
            low, high = high, low
        if meter.better in ("lower", "higher") and self.once(4):
            low = self.settled(unit).text if unit not in ("pp",) and self.once(2) else self.open_place()
        elif meter.better in ("lower", "higher") and self.once(8):
            high = self.open_place()
        return f"target {text} linear from {low} to {high} {worth}".rstrip()

    def ends(self, unit: str) -> tuple[str, str]:
        """Two numbers or days, the lower first."""
        if unit == "day":
            days = sorted(self.r.sample(range(0, 52), 2))
            found = [FIRST_DAY + datetime.timedelta(days=7 * each) for each in days]
            for each in found:
                self.keep("day", Fraction(each.toordinal()))
            return str(found[0]), str(found[1])
        grid = GRIDS[unit]
        numbers = [grid.step * each for each in sorted(self.r.sample(range(grid.most + 1), 2))]
        for each in numbers:
            self.keep(unit, each)
        return self.show(numbers[0], unit), self.show(numbers[1], unit)

    def deadline(self) -> str:
        found = []
        for _ in range(2):
            period = self.r.choice(DEADLINES)
            span = _period(period)
            for each in (span.first, span.last):
                self.keep("day", Fraction(each.toordinal()))
            reads = ' reads "by summer"' if self.once(25) else ""
            found.append(f"{self.pick('by', 'by', 'before', 'in')} {period}{reads}")
        if self.once(20):
            found[self.r.randrange(2)] = f"by {self.pick('undecided', 'undecided until 2026-03')}"
        return self.stated(*found, often=8)

    def milestone(self, item: str, *, worth: str = "", late: str = "", standing: str = "") -> str:
        name = self.name("d")
        self.milestones.append(name)
        self.told.append(Told("milestone", f"{item}.{name}", "day"))
        parts = [worth, late] if self.once(2) else [late, worth]
        text = f"milestone {name} {self.title(name)} {self.deadline()}"
        return " ".join(each for each in (standing, text, *parts) if each)

    def late(self, most: Fraction, least: Fraction) -> str:
        floor = least + (most - least) * self.r.randint(0, 4) / 4
        cost = self.pick("1", "2.5", "0.5", "10") + (" %" if self.is_percent else "")
        return f"late costs {cost} per started week down to {self.pts(floor)}"

    def group(self, item: str, depth: int = 1, worth: str = "") -> str:
        members = [self.member(item, depth) for _ in range(self.r.randint(1, 3))]
        head = self.pick("all of", "any of", f"at least {self.r.randint(1, len(members))} of")
        return f"{head} {{ {'  '.join(members)} }} {worth}".rstrip()

    def member(self, item: str, depth: int) -> str:
        match self.pick("target", "target", "milestone", "group" if depth else "target"):
            case "milestone":
                return self.milestone(item)
            case "group":
                return self.group(item, depth - 1)
        return self.target()

    def part(self, item: str, worth: str = "") -> str:
        match self.pick("target", "target", "milestone", "group"):
            case "milestone":
                return self.milestone(item, worth=worth)
            case "group":
                return self.group(item, worth=worth)
        return self.target(worth=worth)

    def parts_of(self, item: str) -> list[str]:
        return [self.part(item) for _ in range(self.pick(1, 1, 2))]

    def worths(self, item: str, weight: Fraction) -> list[str]:
        """Parts with a worth each, which make the weight."""
        shares = [Fraction(self.r.randint(0, 4)) for _ in range(self.pick(1, 2, 3))]
        whole = sum(shares) + 1
        amounts = [weight * each / whole for each in shares]
        amounts = [each if (each * 100).denominator == 1 else Fraction(0) for each in amounts]
        amounts.append(weight - sum(amounts))
        self.r.shuffle(amounts)
        return [self.worthy(item, each) for each in amounts]

    def worthy(self, item: str, points: Fraction) -> str:
        worth = f"worth {self.pts(points)}"
        if self.once(20):
            worth += f' governs elsewhere {self.pts(points + 1)} see "page 9"'
        match self.pick("plain", "plain", "late", "linear", "assessed" if points > 0 else "plain"):
            case "late":
                return self.milestone(item, worth=worth, late=self.late(points, Fraction(0)))
            case "linear":
                return self.linear(worth=worth)
            case "assessed":
                name = self.name("a")
                role, roles = self.role()
                self.told.append(
                    Told("assessment", f"{item}.{name}", self.points, (), Fraction(0), points, roles=roles)
                )
                range_text = f"{self.pts(0)}..{self.pts(points)}"
                return f"assessed by {role} {name} {self.title(name)} worth {range_text}"
        return self.part(item, worth)

    def role(self) -> tuple[str, tuple[str, ...]]:
        """Who assesses, and who may."""
        if self.once(8):
            return self.pick(
                "undecided", 'undecided "whoever is asked"', "undecided until 2026-05"
            ), self.roles
        role = self.r.choice(self.roles)
        other = self.r.choice(self.roles)
        text = self.stated(role, other, often=15)
        is_first = "governs" not in text or text.startswith(f"{role} governs")
        return text, (role if is_first else other,)

    def rules(self, often: float = 4) -> list[str]:
        texts = []
        for state in ("not reported", "not applicable"):
            if self.once(often):
                rule = self.pick(
                    "stays open", "counts as zero", "counts as zero", "is left out", "is left out"
                )
                texts.append(f"{state} {rule}")
        return texts

    def beside(self, item: str) -> list[str]:
        """What an item says that is not scored."""
        texts = []
        if self.once(6):
            texts.append(self.target(standing=self.pick("guideline", "followed", "evidence")))
        if self.once(7):
            texts.append(self.milestone(item, standing=self.pick("guideline", "followed", "evidence")))
        if self.once(8):
            texts.append('from 2027 reads "as many as possible"')
        return texts

    def limit(self, name: str) -> str:
        """A limit of points; the conditions ask for what is there already."""
        to = self.pick("to", "to at most", "to at most", "to at least")
        match self.pick("literal", "literal", "literal", "literal", "state", "expression", "open"):
            case "state":
                value = self.state()
            case "expression":
                value = self.expression(self.points, "", 1).text
            case "open":
                value = self.open_place()
            case _:
                numbers = [self.pts(self.pick(0, 0, 1, 2, 5, 10, Fraction(5, 2))) for _ in range(2)]
                value = self.stated(*numbers)
        conditions = self.conditions("plain").text
        if self.own not in ("", "total") and self.once(3):
            conditions = self.thing_condition("own").text
            if self.once(4):
                conditions += f" {self.pick('or', 'and')} is {self.pick('', 'not ')}{self.pick(*STATE_WORDS)}"
        return f"limit {name} ".rstrip() + f" {self.title('limit')} {to} {value} when {conditions}"

    def limits(self, name: str) -> list[str]:
        """Limits of something: some beside it, some by its name elsewhere."""
        found = []
        self.own = name
        while self.once(2.6):
            if self.once(2):
                found.append(self.limit(""))
            elif self.once(2):
                found.append(self.limit(name))
            else:
                self.loose.append(self.limit(name))
        self.own = ""
        return found

    # -- items

    def item(self, *, on_top: bool) -> tuple[str, list[Thing]]:
        """The text of an item, or of a goal with rows, and what it makes."""
        if self.once(9):
            return self.goal_with_rows()
        name, lines = self.name("g"), self.rules(7)
        self.milestones = []
        weight = Fraction(self.pick(*range(1, 21), 30, 40, 50, Fraction(5, 2)))
        low, high, has_points, is_on_top = Fraction(0), weight, True, False
        kinds = (
            ["fixed"] * 5 + ["range"] * 3 + ["score"] * 6 + ["open", "governs", "none", "assessed", "none"]
        )
        kind = self.r.choice(kinds) if not self.no_points else "none"
        text = f"weight {self.pts(weight)}"
        most: Fraction | None = weight
        match kind:
            case "fixed":
                lines += self.fixed_parts(name, weight)
            case "range":
                low = self.pick(Fraction(0), -weight, Fraction(-5), weight / 2)
                low = low if low < weight and (low * 100).denominator == 1 else Fraction(0)
                lows = written(low) + (" %" if self.is_percent and self.once(2) else "")
                text = f"weight {lows}..{self.pts(weight)}"
                if self.once(10):
                    text, most = f"weight {lows}..undecided", None
                lines += self.ranged_parts(name, low, most)
            case "score":
                if self.once(3):
                    low = self.pick(Fraction(0), Fraction(-5), weight / 2)
                    low = low if (low * 100).denominator == 1 else Fraction(0)
                    text = f"weight {written(low)}..{self.pts(weight)}"
                lines += self.scored(name, low, weight)
            case "open":
                most = None
                if self.once(2):
                    text = f"weight {self.open_place()}"
                else:
                    text = f'weight {self.pts(weight)} elsewhere {self.pts(12)} see "page 2"'
                lines += self.parts_of(name)
            case "governs":
                text = f'weight {self.pts(12)} elsewhere {self.pts(weight)} see "page 3" governs'
                lines += self.fixed_parts(name, weight)
            case "assessed":
                numbers = sorted(self.r.sample(range(-2, 21), self.r.randint(2, 4)))
                choices = tuple(Fraction(5 * each) for each in numbers)
                high = most = choices[-1]
                if high < 0:
                    choices = tuple(-each for each in reversed(choices))
                    high = most = choices[-1]
                text = f"weight ({' | '.join(self.pts(each) for each in choices)})"
                role, roles = self.role()
                lines.append(f"assessed by {role}")
                self.told.append(
                    Told("assessment", name, self.points, (), choices[0], high, choices, roles=roles)
                )
            case _:
                has_points, most, text = False, None, ""
                lines += self.parts_of(name)
        if text and on_top and self.once(7):
            is_on_top = True
            text += " on top"
        if text:
            lines.append(text)
        lines += self.beside(name)
        self.r.shuffle(lines)
        if has_points:
            lines += self.limits(name)
        if self.loose and self.once(4):
            lines.append(self.loose.pop())
        thing = Thing(name, "item", has_points, most, tuple(self.milestones), is_on_top)
        head = f"{self.pick('goal', 'requirement')} {name} {self.title(name)}"
        return f"{head} {{\n    " + "\n    ".join(lines) + "\n  }", [thing]

    def fixed_parts(self, name: str, weight: Fraction) -> list[str]:
        """The parts of an item that gives so many points at most and none at least."""
        kinds = (
            "parts",
            "parts",
            "single",
            "linear",
            "late",
            "worths",
            "worths",
            "assessed",
            "beside",
            "own",
        )
        match self.r.choice(kinds):
            case "single":
                lines = [self.single(equals=self.once(3))]
                if self.once(2):
                    lines.append(f"guideline 2027: {self.pick('9 8 7', '2', '3')[:1]} 2028: undecided")
                    unit_written = any(each in lines[0] for each in ("%", "‰", "pp"))
                    lines = lines[:1] if unit_written else lines
                return lines
            case "linear":
                return [self.linear()]
            case "late":
                return [self.milestone(name, late=self.late(weight, Fraction(0)))]
            case "worths":
                return self.worths(name, weight)
            case "assessed":
                return [self.assessed(name, Fraction(0), weight)]
            case "beside":
                return [*self.parts_of(name), self.assessed(name, Fraction(0), weight)]
            case "own":
                lines = [self.milestone(name), self.milestone(name)]
                first, second = (f"{name}.{each}" for each in self.milestones[-2:])
                asked = self.pick(
                    f"days({first} | {second}) at most {self.literal('days')}",
                    f"{first} at most {self.date()}",
                    f"{first} is reported",
                    f"days({first} | {second} | {self.calendar()}) below {self.literal('days', bare=True)}",
                )
                return [*lines, f"target {asked}"]
        return self.parts_of(name)

    def ranged_parts(self, name: str, low: Fraction, high: Fraction | None) -> list[str]:
        """The parts of an item that gives something in any case."""
        kinds = ["linear", "parts", "assessed", "both"] + ["late"] * (high is not None and low >= 0)
        match self.r.choice(kinds):
            case "linear":
                return [self.linear()]
            case "assessed":
                return [self.assessed(name, low, high)]
            case "both":
                return [self.linear(), self.assessed(name, low, high)]
            case "late":
                assert high is not None
                return [self.milestone(name, late=self.late(high, low))]
        return self.parts_of(name)

    def assessed(self, name: str, low: Fraction, high: Fraction | None) -> str:
        role, roles = self.role()
        self.told.append(Told("assessment", name, self.points, (), low, high, roles=roles))
        return f"assessed by {role}"

    def scored(self, name: str, low: Fraction, high: Fraction) -> list[str]:
        """An item whose points, or share of its weight, are calculated."""
        lines = [self.milestone(name) for _ in range(self.pick(0, 0, 1))]
        self.own_days = tuple(f"{name}.{each}" for each in self.milestones)
        as_points = not self.is_percent and self.once(2.5)
        unit = "points" if as_points else self.pick("%", "%", "number")
        floor, top = (low, high) if as_points else (Fraction(0), Fraction(100 if unit == "%" else 1))
        bounds, limits = "", (floor, top)
        if self.once(3):
            floor, top = (low - 5, high + 10) if as_points else (-top / 2, top * Fraction(3, 2))
            limits = (floor, top)
            shared = "%" if not as_points else "points"
            numbers = [each if unit != "number" else each * 100 for each in limits]
            ends = [self.show(each, shared) for each in numbers]
            bounds = " range " + self.pick(
                f"{ends[0]}..{ends[1]}", f"at least {ends[0]}", f"at most {ends[1]}"
            )
        forms = ["expression", "rows", "rows", "steps", "table", "curve", "curve"]
        if lines and self.once(1.5):
            done = self.own_days[0]
            cuts = self.ends("day")
            ends = [self.literal(unit, low=limits[0], high=limits[1]) for _ in range(2)]
            text = f"curve of {done} {{ below: flat  at {cuts[0]}: {ends[0]}  at {cuts[1]}: {ends[1]}  above: flat }}"
        else:
            text = self.body(unit, "", *limits, forms=forms).text
        lines.append(f"score {text}{bounds}")
        if self.once(4):
            lines.append(self.assessed(name, low, high))
        return lines

    # -- goals with rows

    def goal_with_rows(self) -> tuple[str, list[Thing]]:
        """One goal for several rows."""
        goal, kind = self.name("g"), self.pick("score", "score", "target", "milestone", "assessed", "plain")
        if self.no_points:
            kind = "plain"
        count = self.r.randint(1, 3)
        names = [self.name("r") for _ in range(count)]
        weights = [Fraction(self.r.randint(1, 20)) for _ in names]
        columns: dict[str, list[str]] = {}
        lines: list[str] = self.rules(8)
        rhythm = self.r.choice(self.rhythms)
        milestones: tuple[str, ...] = ()
        if kind != "plain":
            shown = [self.pts(each) + ("" if self.is_percent else " points") for each in weights]
            columns["w"] = [each.replace(" points points", " points") for each in shown]
            low = self.pick("", "", "0..")
            lines.append(f"weight {low}w")
        periods = [self.r.choice(POOL[rhythm][1:]) for _ in names]
        if kind in ("score", "target", "plain"):
            meters = [self.pick_directed(rhythm) for _ in names]
            columns["x"] = [each.name for each in meters]
            ends = [self.ends(each.unit) for each in meters]
            columns["a"], columns["b"] = ([each[at] for each in ends] for at in (0, 1))
            period = "p"
            if self.once(2):
                columns["p"] = periods
            else:
                periods = [periods[0]] * count
                period = periods[0]
            for meter, each in zip(meters, periods, strict=True):
                self.read((meter.name,), each)
            if self.once(6):
                at = self.r.randrange(count)
                columns["a"][at] = self.pick("undecided", 'unclear "8O"', self.settled_name(meters[at].unit))
            lines += self.row_statements(kind, period, columns)
        elif kind == "milestone":
            columns["d"] = [self.pick("2026-09", "2026-12-15", "2026-Q2", "2026", "undecided") for _ in names]
            lines.append('milestone done "It is done" by d')
            if self.once(2) and not lines[-2].endswith("0..w"):
                cost = "1 %" if self.is_percent else "1"
                zero = "0 %" if self.is_percent else "0"
                lines[-1] += f" late costs {cost} per started week down to {zero}"
            milestones = ("done",)
            self.told += [Told("milestone", f"{each}.done", "day") for each in names]
            for each in columns["d"]:
                if each != "undecided":
                    self.keep("day", Fraction(_period(each).last.toordinal()))
        else:
            lines.append(f"assessed by {self.roles[0]}")
        if kind != "plain" and self.once(3):
            conditions = self.conditions("plain").text
            lines.append(f'limit "one for all" to at most {self.pts(1)} when {conditions}')
        rows = []
        for at, name in enumerate(names):
            cells = " | ".join(each[at] for each in columns.values())
            braces = ""
            if self.once(3):
                braces, weights[at] = self.row_braces(kind, weights[at])
            if kind == "assessed":
                self.told.append(
                    Told("assessment", name, self.points, (), Fraction(0), weights[at], roles=self.roles[:1])
                )
            title = f" {self.title(name)}" if self.once(1.5) else ""
            rows.append(f"{name}{title}: {cells}{braces}")
        parameters = " | ".join(columns)
        if not columns:
            raise _Again
        text = (
            f"{self.pick('goal', 'requirement')} {goal}({parameters}) {self.title(goal)} {{\n    "
            + "\n    ".join(lines)
            + "\n  } each {\n    "
            + "\n    ".join(rows)
            + "\n  }"
        )
        things = [
            Thing(each, "item", kind != "plain", weight if kind != "plain" else None, milestones)
            for each, weight in zip(names, weights, strict=True)
        ]
        return text, things

    def pick_directed(self, rhythm: str) -> Meter:
        """A measure that is better when higher."""
        unit = self.r.choice([each for each in (*self.units, "visits") if each not in RATES])
        found = [each for each in self.meters.values() if each.rhythm == rhythm and each.better == "higher"]
        found = [each for each in found if each.unit in GRIDS and each.unit not in NAMED]
        if found and self.once(2):
            return self.r.choice(found)
        made = Meter(self.name("m"), "measure", unit, "higher", rhythm)
        self.meters[made.name] = made
        self.pending.append(
            f'measure {made.name} "The {made.name}" {{ unit {unit}  higher is better  each {rhythm} }}'
        )
        return made

    def settled_name(self, unit: str) -> str:
        """A name without anything around it."""
        return self.meter(unit, "").name

    def row_statements(self, kind: str, period: str, columns: Mapping[str, list[str]]) -> list[str]:
        match kind:
            case "score":
                body = self.pick(
                    f"curve of x in {period} {{ below: flat  at a: 0 %  at b: 100 %  above: flat }}",
                    f"steps of x in {period} {{ below a: 0 %  at least a below b: 50 %  at least b: 100 % }}",
                    f"{{ when x in {period} at least b: 100 %  when x in {period} is as good as a: 40 %"
                    "  otherwise: 0 % }",
                )
                lines = [f"score {body}"]
                if self.once(4):
                    lines.append(f'limit "too few" to at most {self.pts(1)} when x in {period} below a')
                return lines
        return [
            self.pick(
                f"target x in {period} at least a and at most b",
                f"target x in {period} between a and b",
                *((f"target x in {period} linear from a to b",) * (kind == "target")),
                f"any of {{ target x in {period} exactly a  target x in {period} is better than b }}",
            ).replace("at least a and at most b", "at least a and exactly b")
        ]

    def row_braces(self, kind: str, weight: Fraction) -> tuple[str, Fraction]:
        """Statements of one row in the place of those of the goal."""
        kinds = ["rule", "rule", "reads", "guideline"] + ["weight", "limit"] * (kind != "plain")
        match self.r.choice(kinds):
            case "weight":
                weight = Fraction(self.r.randint(1, 20))
                text = f"weight {self.pts(weight)}"
            case "limit":
                text = f'limit "of this row" to {self.pts(0)} when {self.conditions("plain").text}'
            case "reads":
                text = 'from 2027 reads "more"'
            case "guideline":
                text = 'not applicable counts as zero  not reported counts as zero  from 2028 reads "less"'
            case _:
                text = self.pick("not applicable", "not reported") + self.pick(
                    " stays open", " counts as zero", " is left out"
                )
        return f" {{ {text} }}", weight

    # -- sections

    def section(self, depth: int) -> tuple[str, Thing]:
        adds = self.once(2.5) or self.no_points
        texts, members = self.block(depth, on_top=adds, few=True)
        name, head = self.name("s"), []
        scored = [each for each in members if each.has_points and not each.on_top]
        with_points = bool([each for each in members if each.has_points])
        maxima = [each.most for each in scored]
        most = _sum(maxima)
        combined, is_share = "", False
        if not adds and scored:
            combined, most, is_share = self.combination(members, scored, maxima)
            head.append(f"combined by {combined}")
        elif adds and with_points and self.once(4):
            head.append("combined by sum" if self.once(2) else "combined by sum of points")
        if scored and self.once(5):
            least = self.r.randint(1, len(scored))
            otherwise = self.pick(self.pts(0), self.pts(3), self.state(), self.expression(self.points).text)
            otherwise = self.pick(self.pts(0), self.state()) if is_share else otherwise
            head.append(f"needs at least {least} otherwise {otherwise}")
        if (is_share or self.once(5)) and (with_points or combined == "count"):
            most = Fraction(self.r.randint(1, 50))
            head.append(f"weight {self.pts(most)}")
        total = ""
        if most is not None and with_points and self.once(4) and _is_short(most):
            total = f" total {self.stated_total(most)}"
        has_points = with_points or combined == "count"
        head += self.rules(4)
        if has_points:
            head += self.limits(name)
        for _ in range(self.r.randint(0, 2)):
            if self.pending:
                head.append(self.pending.pop(self.r.randrange(len(self.pending))))
        if self.loose and self.once(3):
            head.append(self.loose.pop())
        at = self.r.randint(0, len(texts))
        lines = [*texts[:at], *head, *texts[at:]] if self.once(2) else [*head, *texts]
        text = "\n  ".join([f"section {name} {self.title(name)}{total} {{", *lines, "}"])
        return text, Thing(name, "section", has_points, most if has_points else None)

    def stated_total(self, most: Fraction) -> str:
        return written(most) + (" %" if self.is_percent else self.pick("", " points"))

    def combination(
        self, members: Sequence[Thing], scored: Sequence[Thing], maxima: Sequence[Fraction | None]
    ) -> tuple[str, Fraction | None, bool]:
        """How a section combines, what it gives at most, and whether that is a share."""
        kind = self.pick("sum", "mean", "best", "worst", "mean best", "mean worst", "weighted mean", "count")
        if kind == "count" and all(each.kind == "item" or each.has_points for each in members):
            return "count", Fraction(len(members)), False
        kind = "mean" if kind == "count" else kind
        is_share = self.once(2)
        known = [Fraction(1)] * len(maxima) if is_share else list(maxima)
        exact = [each for each in known if each is not None]
        is_known = len(exact) == len(known)
        text, most = kind, None
        if kind in ("best", "worst", "mean best", "mean worst"):
            count = self.r.randint(1, len(scored))
            text = f"{kind} {count}"
            most = sum(sorted(exact)[-count:]) / (count if "mean" in kind else 1) if is_known else None
        elif kind == "weighted mean":
            weights = [self.pick(1, 2, 3, Fraction(5, 2)) for _ in scored]
            pairs = zip(scored, weights, strict=True)
            text += f" ({' | '.join(f'{each.name}: {written(Fraction(one))}' for each, one in pairs)})"
            if is_known:
                most = sum(a * b for a, b in zip(exact, weights, strict=True)) / Fraction(sum(weights))
        elif is_known:
            most = sum(exact) / (len(exact) if kind == "mean" else 1)
        if is_share:
            text += " of share"
        elif self.once(6):
            text += " of points"
        return text, Fraction(most) if most is not None else None, is_share

    def block(self, depth: int, *, on_top: bool, few: bool = False) -> tuple[list[str], list[Thing]]:
        """Items and sections beside each other."""
        texts: list[str] = []
        members: list[Thing] = []
        for _ in range(self.pick(1, 2, 2, 3) if few else self.pick(1, 1, 2, 2, 3)):
            if depth and self.once(3):
                text, thing = self.section(depth - 1)
                found = [thing]
            else:
                text, found = self.item(on_top=on_top)
            texts.append(text)
            members += found
            self.things += found
        return texts, members

    # -- the whole

    def contract(self) -> Made:
        heads = [self.pick("period 2026", "period 2026..2027", "period 2026..2028")]
        if self.once(25):
            heads = [self.pick("period undecided", 'period 2026 elsewhere 2026..2027 see "p. 1"')]
        elif self.once(3):
            heads.append("targets bind in 2026")
        heads += [f"role {each} {self.title(each)}" for each in self.roles]
        if self.once(8):
            heads.append('parties "The municipality" and "The school"')
        if self.once(1.5):
            heads.append(f"reporting closes {self.pick('2027-02-01', '2027-02-01', '2027-03-01')}")
        heads += self.rules(3)
        for _ in range(self.pick(0, 1, 1, 2)):
            if self.budget > 0:
                rhythm = self.pick("", "", "", *self.rhythms)
                self.value(self.pick(*self.units, "word", "word", "yes or no", "day"), rhythm)
        texts, members = self.block(self.pick(1, 1, 2), on_top=True)
        scored = any(each.has_points for each in self.things)
        most = _sum([each.most for each in members if each.has_points and not each.on_top])
        if scored:
            found = []
            self.own = "total"
            while self.once(2.6):
                found.append(self.limit(self.pick("", "total", "total")))
            self.own = ""
            self.loose += found
            self.has_total = True
        self.budget = max(self.budget, 2)
        for _ in range(self.pick(0, 1, 2)):
            self.value(self.pick("%", self.points, "word", "number", "yes or no", *self.units), "")
        heads += self.headings(scored, most)
        lines = [*heads, *self.pending, *self.calendar_lines]
        self.r.shuffle(lines)
        lines = [*lines, *texts]
        for each in self.loose:
            lines.insert(self.r.randint(0, len(lines)) if not each.startswith('limit "') else 0, each)
        text = "\n  ".join(['contract c "C" {', *lines]) + "\n}\n"
        return Made(
            text, "c", tuple(self.fields()), {unit: tuple(each) for unit, each in self.numbers.items()}
        )

    def headings(self, scored: bool, most: Fraction | None) -> list[str]:
        found = []
        if self.is_percent and not self.no_points:
            if most is not None and not _is_short(most):
                raise _Again
            found.append(f"total {written(most if most is not None else Fraction(100))} %")
        elif scored and most is not None and _is_short(most) and self.once(2):
            found.append(f"total {self.stated_total(most)}")
        closed = [each.name for each in self.values if not each.rhythm]
        if self.no_points:
            found.append("result states")
        elif closed and self.once(3):
            found.append(f"result {self.r.choice(closed)}")
        return found

    def fields(self) -> Iterator[Told]:
        """Everything that actuals may tell."""
        for meter in self.meters.values():
            kind = {"measure": "reading", "fact": "fact", "parameter": "parameter"}[meter.kind]
            yield Told(
                kind,
                meter.name,
                meter.unit,
                tuple(sorted(meter.used or POOL[meter.rhythm][:1])) if meter.rhythm else (),
                meter.low,
                meter.high,
                meter.choices,
                meter.words,
                meter.may_not_apply,
                stated=tuple(meter.stated),
            )
        yield from self.told
        yield from self.carried.values()


def _joined(found: Iterable[Expr | Condition]) -> frozenset[str]:
    free: frozenset[str] = NOTHING
    for each in found:
        free |= each.free
    return free


def _edges(low: str, high: str, *, turned: bool = False) -> str:
    texts = [each for each in (low, high) if each]
    return " ".join(reversed(texts) if turned else texts)


def _sum(maxima: Sequence[Fraction | None]) -> Fraction | None:
    known = [each for each in maxima if each is not None]
    return sum(known, Fraction(0)) if len(known) == len(maxima) else None


def _is_short(number: Fraction) -> bool:
    return (number * 10**6).denominator == 1


@functools.cache
def _period(text: str) -> Period:
    found = parse_period(text)
    assert found is not None, text
    return found


@functools.cache
def _fits(text: str, rhythm: str) -> bool:
    found = parse_period(text)
    return found is not None and found.kind == rhythm


# ---- what comes out


class Made(NamedTuple):
    """A contract: its text, and what actuals may tell of it."""

    text: str
    name: str
    fields: tuple[Told, ...]
    numbers: Mapping[str, tuple[Fraction, ...]]

    def actuals(self, seed: int, completeness: float = 0.8) -> dict[str, Any]:
        """Actuals that fit it: of all that may be told about so much is told."""
        return _Teller(self, Random(seed), completeness).told()


def contract(seed: int) -> Made:
    """The contract of a seed."""
    for again in range(100):
        try:
            return _Writer(seed + again * 1_000_000_007).contract()
        except _Again:
            continue
    raise AssertionError("no contract can be written")


# ---- actuals


class _Teller:
    """Draws what is told of a contract."""

    def __init__(self, made: Made, r: Random, completeness: float) -> None:
        self.made = made
        self.r = r
        self.completeness = completeness
        self.day = datetime.date.fromisoformat(r.choice(AS_OF))
        self.drawn: dict[str, list[Fraction]] = {}
        shares = [each / 100 for each in made.numbers.get("%", ()) if 0 < each <= 150]
        self.shares = shares or [Fraction(1, 2)]

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = {"contract": self.made.name, "as_of": self.day.isoformat()}
        for field in self.made.fields:
            if field.kind == "carried":
                self.carry(field, found)
                continue
            section = found.setdefault(_SECTIONS[field.kind], {})
            name, dot, column = field.id.partition(".")
            if field.kind == "parameter" and dot and column != "value":
                section, name = section.setdefault(name, {}), column
            elif field.kind == "parameter" and dot:
                name = field.id  # a column that is called like a key of an entry
            for period in field.periods or ("",):
                if self.r.random() >= self.completeness:
                    continue
                entry = self.entry(field, period)
                if entry is None:
                    continue
                if period:
                    section.setdefault(name if field.kind == "parameter" else field.id, {})[period] = entry
                else:
                    section[name if field.kind == "parameter" else field.id] = entry
        return {key: each for key, each in found.items() if each != {}}

    def carry(self, field: Told, found: dict[str, Any]) -> None:
        name, _, part = field.id.partition(".")
        if self.r.random() >= self.completeness:
            return
        section = found.setdefault("carried", {}).setdefault(name, {})
        if part == "state":
            section[part] = self.r.choice((*STATE_WORDS, *STATE_WORDS, "not applicable", "not defined"))
        else:
            section[part] = _plain(self.number(field))

    # -- one entry

    def entry(self, field: Told, period: str) -> Any:  # JSON
        """What is said of one thing; None for nothing."""
        r, last = self.r, _period(period).last if period else None
        if field.kind == "reading" and last is not None and last > self.day:
            if r.random() < 0.8:
                return None
            return {"value": self.value(field), "reported": last.isoformat()}
        extra: dict[str, Any] = {}
        key = "value"
        if field.kind == "assessment":
            extra = {"by": r.choice(field.roles), "reason": "seen"}
            key = "points"
        reported = self.reported(field, last)
        if field.may_not_apply and r.random() < 0.3:
            return {"not_applicable": "the office closed", **extra, **reported}
        if field.kind in ("milestone", "assessment") and r.random() < 0.06:
            return {"not_applicable": "it is not needed", **extra, **reported}
        if field.kind in ("reading", "fact", "parameter") and r.random() < 0.01:
            return {"not_applicable": "the office closed", **reported}
        if field.kind == "milestone":
            return self.milestone(field)
        value = self.value(field)
        if not extra and not reported and r.random() < 0.8:
            return value
        if period in field.stated and r.random() < 0.5:
            return {key: value, **reported, "corrects": "contract"}
        if reported and r.random() < 0.2:
            first = datetime.date.fromisoformat(reported["reported"])
            second = first + datetime.timedelta(days=r.choice((1, 30)))
            return [
                {key: value, **extra, **reported},
                {
                    key: self.value(field),
                    **extra,
                    "reported": second.isoformat(),
                    "corrects": reported["reported"],
                },
            ]
        if r.random() < 0.1:
            extra["source"] = "the register"
        return {key: value, **extra, **reported}

    def reported(self, field: Told, last: datetime.date | None) -> dict[str, str]:
        """When it was reported: mostly it is not said; else around the day asked for."""
        if self.r.random() < 0.7:
            return {}
        day = self.day + datetime.timedelta(days=self.r.choice((-30, -1, 0, 0, 1, 20)))
        if last is not None and field.kind == "reading":
            day = max(day, last)
        return {"reported": day.isoformat()}

    def milestone(self, field: Told) -> Any:  # JSON
        roll = self.r.random()
        if roll < 0.15:
            return "not done"
        if roll < 0.22:
            day = self.day - datetime.timedelta(days=self.r.choice((0, 1, 14)))
            return {"value": "not done", "reported": day.isoformat()}
        done = datetime.date.fromordinal(int(self.number(field)))
        if done > self.day or self.r.random() < 0.2:
            later = done + datetime.timedelta(days=self.r.choice((0, 0, 5)))
            return {"value": done.isoformat(), "reported": later.isoformat()}
        return done.isoformat()

    # -- one value

    def value(self, field: Told) -> Any:  # JSON
        if field.unit == "yes or no":
            return self.r.random() < 0.6
        if field.unit == "word":
            return self.r.choice(field.words)
        if field.unit == "day":
            return datetime.date.fromordinal(int(self.number(field))).isoformat()
        return _plain(self.number(field))

    def number(self, field: Told) -> Fraction:
        """A number on a threshold, one step beside it, or made of a number told before."""
        r, unit = self.r, field.unit
        if field.choices:
            return r.choice(field.choices)
        for _ in range(4):
            value = self.candidate(field)
            if self.is_lawful(value, field):
                break
        else:
            value = field.low if field.low is not None else field.high if field.high is not None else None
            value = value if value is not None else Fraction(FIRST_DAY.toordinal() if unit == "day" else 1)
        self.drawn.setdefault(unit, []).append(value)
        return value

    def candidate(self, field: Told) -> Fraction:
        r, unit = self.r, field.unit
        written_numbers = self.made.numbers.get(unit)
        drawn = self.drawn.get(unit)
        roll = r.random()
        if unit == "day":
            base = r.choice(written_numbers) if written_numbers else Fraction(FIRST_DAY.toordinal())
            return base + r.choice((0, 0, 0, 1, -1, 7, 8, -30, 100))
        step = Fraction(1) if unit in GRIDS and GRIDS[unit].whole else Fraction(1, 100)
        if drawn and roll < 0.25:
            base = r.choice(drawn)
            share = r.choice(self.shares)
            base *= r.choice((Fraction(1), share, 1 - share, 1 + share))
        elif roll < 0.3 and (field.low is not None or field.high is not None):
            base = r.choice([each for each in (field.low, field.high) if each is not None])
        elif written_numbers and roll < 0.9:
            base = r.choice(written_numbers)
        else:
            grid = GRIDS[unit]
            base = grid.step * r.randint(0, 2 * grid.most)
        return base + step * r.choice((0, 0, 0, 0, 1, -1))

    def is_lawful(self, value: Fraction, field: Told) -> bool:
        unit = field.unit
        if field.low is not None and value < field.low:
            return False
        if field.high is not None and value > field.high:
            return False
        if unit in GRIDS and GRIDS[unit].whole:
            return value.denominator == 1 and (value >= 0 or field.low is not None)
        places = 100 if unit == "DKK" else 10**6
        return (value * places).denominator == 1


_SECTIONS: Final = {
    "reading": "readings",
    "milestone": "milestones",
    "fact": "facts",
    "assessment": "assessed",
    "parameter": "parameters",
}


def _plain(number: Fraction) -> int | Decimal:
    return number.numerator if number.denominator == 1 else Decimal(written(number))


# ---- what was met


ELSEWHERE: Final = frozenset(
    (
        *("Amendment", "ChangedItem", "ChangedMeasure", "ChangedSection", "DecidedBy", "Expectation"),
        *("ExpectationOfEach", "Library", "Register", "Removal", "Signed", "TakesEffect", "Use", "UsedItem"),
        *("Example", "Given", "GivenRow", "Silence"),
    )
)
EVERY_NODE: Final = tuple(
    sorted(
        name
        for name, each in vars(nodes).items()
        if inspect.isclass(each) and issubclass(each, nodes.Node) and each is not nodes.Node
        if name not in ELSEWHERE
    )
)
"""Every kind of node that one file alone has and that is of the score.

`tests.every_whole` has the others; examples, and findings that are silenced, are of no score.
"""
EVERY_ROW: Final = tuple(sorted(each.__name__ for each in tree_rows.Row.__args__))
"""Every kind of row of a rule tree."""
EVERY_COMBINATION: Final = (
    *("sum", "mean", "best", "worst", "mean best", "mean worst", "weighted mean", "count"),
)
EVERY_STATE: Final = ("met", "partly met", "missed", "pending", "not known", "not applicable", "not defined")


def expected_counts() -> tuple[str, ...]:
    """The names of everything that a long run should meet."""
    rules = ("stays open", "counts as zero", "is left out")
    states = ("not reported", "not applicable")
    levels = ("contract", "section", "item")
    return (
        *(f"node {each}" for each in EVERY_NODE),
        *(f"row {each}" for each in EVERY_ROW),
        *(f"function {each}" for each in FUNCTIONS),
        *(f"rounding {each}" for each in STEP_MODES),
        *(f"combined by {each}" for each in EVERY_COMBINATION),
        *(f"combined by {each} of share" for each in EVERY_COMBINATION if each != "count"),
        *(f"{state} {rule}, {level}" for state in states for rule in rules for level in levels),
        *(f"item {each}" for each in EVERY_STATE),
        *(f"value {each}" for each in ("settled", "not known", "not applicable", "not defined")),
        *(f"total {each}" for each in ("settled", "not known", "not applicable", "not defined")),
    )


def walk(node: Any) -> Iterator[nodes.Node]:
    """All nodes in something."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, tuple):
            pending += each
        elif isinstance(each, nodes.Node):
            yield each
            pending += [getattr(each, name) for name in _slots(type(each))]


@functools.cache
def _slots(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in kind.__attrs_attrs__ if each.name != "span")


@functools.lru_cache(64)
def forms(text: str) -> Counter[str]:
    """The forms of the language in a text."""
    found: Counter[str] = Counter()
    parsed = parse(from_bytes("contract.rk", text.encode())).contract
    assert parsed is not None
    for node in walk(parsed):
        found[f"node {type(node).__name__}"] += 1
        for name in _details(node):
            found[name] += 1
    return found


def _details(node: nodes.Node) -> Iterator[str]:
    """What of a node is counted by itself."""
    match node:
        case nodes.Call(name=name):
            yield f"function {name.text}" if name.text in FUNCTIONS else "function of a scale"
        case nodes.Rounding(mode=mode):
            yield f"rounding {mode.text}"
        case nodes.CombinedBy(function=function, of=of):
            yield f"combined by {function.text}" + (f" of {of.text}" if of is not None else "")
        case (
            nodes.Contract(statements=inner) | nodes.Section(statements=inner) | nodes.Item(statements=inner)
        ):
            level = type(node).__name__.lower()
            for each in inner:
                if isinstance(each, nodes.MissingRule):
                    yield f"{each.state} {each.rule}, {level}"
                if isinstance(each, nodes.Cap):
                    at = "its own" if each.name is None else "total" if each.name.text == "total" else "named"
                    yield f"limit of {at}, in {level}, to {each.comparison}".rstrip()
                if isinstance(each, nodes.ReportingCloses):
                    yield "reporting closes"
        case nodes.Is(negated=negated, what=nodes.Identifier(text=text)):
            yield f"is {'not ' if negated else ''}{text}"
        case nodes.Better(negated=negated, comparison=comparison):
            yield f"is {'not ' if negated else ''}{comparison}"
        case nodes.Limit(comparison=comparison):
            yield f"test {comparison}"
        case nodes.Change(direction=direction, comparison=comparison, amount=amount):
            yield f"test {direction} " + (f"by {comparison}" if amount is not None else "")
        case nodes.Curve():
            yield "curve"
        case nodes.CurveEnd(side=side, end=end):
            yield f"curve {side}: {end.text if isinstance(end, nodes.Identifier) else end.state}"
        case nodes.CurveKnot(side=side):
            yield f"corner {side}"
        case nodes.Steps(across=across):
            yield "table" if across is not None else "steps"
        case nodes.Key(edges=edges):
            yield "key " + " ".join(each.comparison for each in edges)
        case nodes.Weight(low=low, choices=choices, on_top=on_top):
            if low is not None:
                yield "weight range" + (" below zero" if low.number is not None and low.number < 0 else "")
            if choices:
                yield "weight choices"
            if on_top:
                yield "weight on top"
        case nodes.Score(body=body, range=bounds):
            yield f"score of {type(body).__name__}" + (", range" if bounds is not None else "")
        case nodes.Group(kind=kind):
            yield f"group {kind}"
        case nodes.Milestone(deadline=deadline):
            yield f"milestone {deadline.first.word}"
        case nodes.Target(standing=standing) if standing:
            yield f"standing {standing}"
        case nodes.UnitOf(unit=unit, per=per):
            yield f"unit {unit}" + (f"/{per}" if per else "")
        case nodes.Value(shown=shown, rounded=rounded):
            if shown is not None:
                yield "value shown"
            if rounded is not None:
                yield "value rounded"
        case nodes.JoinedBy(function=function):
            yield f"measure combined by {function.text}"


def rows(tree: tree_rows.Tree) -> Counter[str]:
    """The rows of a rule tree."""
    return Counter(f"row {type(each).__name__}" for each in tree.rows)


def states(outcome: Outcome) -> Counter[str]:
    """What items, values, sections and the total came to."""
    found = Counter(f"item {each.state}" for each in outcome.items)
    found.update(f"value {each.state or 'settled'}" for each in outcome.values)
    found.update(f"section {each.state or 'settled'}" for each in outcome.sections if each.points is not None)
    found[f"total {outcome.state or 'settled'}"] += 1
    found["item ruled"] += sum(bool(each.ruled) for each in outcome.items)
    found["item that may become a state"] += sum(bool(each.may_become) for each in outcome.items)
    return found


def counts(made: Made, outcome: Outcome) -> Counter[str]:
    """Which forms, rows and states a contract and its outcome have."""
    return forms(made.text) + rows(outcome.tree) + states(outcome)


# ---- a long run


Compare = Callable[[Made, Mapping[str, Any], Outcome], Iterable[str]]
"""Tells each difference between an outcome and what somebody else makes of the same contract and actuals."""


def second_opinion(made: Made, actuals: Mapping[str, Any], outcome: Outcome) -> list[str]:
    """What the second opinion has to say, without evaluating once more."""
    from tests import secondopinion
    from tests.secondopinion.compare import differences

    return list(differences(secondopinion.evaluate(made.text, actuals, outcome.as_of), outcome))


class Difference(NamedTuple):
    """Something that went wrong, with all that is needed to see it again."""

    what: str
    seed: int
    told: int | None
    text: str
    actuals: str


class Run(NamedTuple):
    """What a run over some seeds came to."""

    counted: Counter[str]
    differences: list[Difference]
    contracts: int
    evaluations: int
    making: float
    loading: float
    telling: float
    evaluating: float
    comparing: float


MOST_DIFFERENCES: Final = 20


def run(seeds: Iterable[int], actuals: int, compare: Compare | None = None, *, each_kind: int = 1) -> Run:
    """Makes, loads, tells, evaluates and compares; keeps the first difference of each kind."""
    counted: Counter[str] = Counter()
    differences: list[Difference] = []
    seen: Counter[str] = Counter()
    spent = dict.fromkeys(("making", "loading", "telling", "evaluating", "comparing"), 0.0)
    number = evaluations = 0

    def note(what: str, seed: int, told: int | None, text: str, data: Any) -> None:
        kind = " ".join(each for each in what.split() if not any(one.isdigit() for one in each))[:120]
        seen[kind] += 1
        counted["differences"] += 1
        if seen[kind] <= each_kind:
            differences.append(Difference(what, seed, told, text, repr(data) if data is not None else ""))

    def timed(part: str, call: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        try:
            return call()
        finally:
            spent[part] += time.perf_counter() - start

    for seed in seeds:
        number += 1
        made = timed("making", functools.partial(contract, seed))
        try:
            loaded = timed("loading", functools.partial(rkdsl.loads, made.text))
        except Refused as refused:
            first = refused.diagnostics[0]
            errors = [each for each in refused.diagnostics if each.is_error] or [first]
            note(f"refused: {errors[0].code} {errors[0].labels[0].text}", seed, None, made.text, None)
            counted["refused"] += 1
            continue
        except Exception:  # whatever a fault raises
            note(f"traceback: {_last_lines()}", seed, None, made.text, None)
            continue
        counted.update(forms(made.text))
        counted.update(rows(loaded.tree))
        sets: dict[str, Any] = {}
        for told in range(actuals):
            data = timed("telling", functools.partial(_another, made, told, actuals, sets))
            if data is None:
                counted["sets of actuals that would be the same again"] += 1
                continue
            try:
                outcome = timed("evaluating", functools.partial(loaded.evaluate, data))
            except Refused as refused:
                text = refused.diagnostics[0]
                note(f"actuals refused: {text.code} {text.labels[0].text}", seed, told, made.text, data)
                continue
            except Exception:  # whatever a fault raises
                note(f"traceback: {_last_lines()}", seed, told, made.text, data)
                continue
            evaluations += 1
            counted.update(states(outcome))
            if compare is None:
                continue
            try:
                found = list(timed("comparing", functools.partial(compare, made, data, outcome)))
            except Exception:  # whatever a fault raises
                found = [f"traceback of the comparison: {_last_lines()}"]
            for each in found[:1]:
                note(f"difference: {each}", seed, told, made.text, data)
    return Run(counted, differences, number, evaluations, *spent.values())


COMPLETENESS: Final = ((0.0, 1), (0.5, 2), (0.8, 12), (0.95, 25), (1.0, 60))
"""How much is told in how many of a hundred sets of actuals: most are nearly complete."""


def completeness_of(told: int) -> float:
    """How much is told in one of the sets; a few of them are of the frequent kinds."""
    place = (told * 37 + 60) % 100
    for completeness, number in COMPLETENESS:
        if place < number:
            return completeness
        place -= number
    raise AssertionError("they are a hundred")


def _another(made: Made, told: int, actuals: int, sets: dict[str, Any]) -> dict[str, Any] | None:
    """Actuals that are not among the sets yet; None where a few draws find no other."""
    for again in range(5):
        data = made.actuals(told + again * actuals, completeness_of(told))
        if sets.setdefault(repr(data), data) is data:
            return data
    return None


def _last_lines() -> str:
    return " / ".join(traceback.format_exc().strip().splitlines()[-3:])


def joined(runs: Sequence[Run]) -> Run:
    """Several runs as one."""
    counted: Counter[str] = Counter()
    for each in runs:
        counted.update(each.counted)
    differences = [one for each in runs for one in each.differences]
    sums = [sum(column) for column in zip(*(each[2:] for each in runs), strict=True)] or [0] * 7
    return Run(counted, differences, *sums)


# ---- a run in pieces

FORMAT: Final = "every-form/1"


class NotARecordError(ValueError):
    """A file that is no record of such a run, or of another one."""


class Recorded(NamedTuple):
    """What a share of the seeds came to, as a line of a file: and by which sources, with how many sets of actuals."""

    first: int
    last: int
    actuals: int
    compare: str
    sources: str
    found: Run


def sources() -> str:
    """A short name for the state of everything that a run depends on."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for each in sorted([*root.glob("src/**/*.py"), *root.glob("grammar/*"), *root.glob("tests/**/*.py")]):
        digest.update(each.read_bytes())
    return digest.hexdigest()[:12]


def as_line(share: Recorded) -> str:
    """A share as one line of JSON."""
    found = share.found._asdict() | {"differences": [each._asdict() for each in share.found.differences]}
    return json.dumps({"format": FORMAT, **share._asdict(), "found": found}) + "\n"


def from_line(line: str, place: str) -> Recorded:
    """The share of a line. Raises NotARecordError, which says what is wrong with it."""
    try:
        told = json.loads(line)
    except json.JSONDecodeError:
        raise NotARecordError(
            f"{place} is cut off or damaged: take the line out to have it done again"
        ) from None
    if not isinstance(told, dict) or told.pop("format", None) != FORMAT:
        raise NotARecordError(f"{place} is no record of this command ({FORMAT})")
    try:
        share = Recorded(**told)
        found = Run(**share.found)  # type: ignore[arg-type]  # as it was read
        differences = [Difference(**each) for each in found.differences]  # type: ignore[arg-type]  # as above
    except TypeError:
        raise NotARecordError(f"{place} has other parts than a record of this command") from None
    share = share._replace(found=found._replace(counted=Counter(found.counted), differences=differences))
    if not _is_whole(share):
        raise NotARecordError(f"{place} has numbers that no run has")
    return share


def _is_whole(share: Recorded) -> bool:
    """Whether the numbers are numbers, and are those of its seeds."""
    found = share.found
    numbers = (share.first, share.last, share.actuals, found.contracts, found.evaluations)
    counted = (*numbers, *found.counted.values())
    if not all(type(each) is int and each >= 0 for each in counted):
        return False
    if not all(isinstance(each, (int, float)) for each in found[4:]):
        return False
    seeds = share.last - share.first
    return found.contracts == seeds and found.evaluations <= seeds * share.actuals


def recorded(path: Path, actuals: int, compare: str) -> list[Recorded]:
    """The shares in a file. Raises NotARecordError where it is no such file, or of a run of another kind."""
    found: list[Recorded] = []
    done: set[int] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = f"{path}, line {number},"
        share = from_line(line, place)
        if (share.actuals, share.compare) != (actuals, compare):
            asked = f"{share.actuals} sets of actuals of each contract, compared by {share.compare}"
            raise NotARecordError(f"{place} is of another run: {asked}")
        seeds = set(range(share.first, share.last))
        if seeds & done:
            raise NotARecordError(f"{place} counts seed {min(seeds & done)} once more")
        done |= seeds
        found.append(share)
    return found


def shares_of(seeds: Iterable[int], size: int) -> list[range]:
    """Seeds in runs of no more than so many."""
    found: list[range] = []
    for seed in seeds:
        if found and found[-1].stop == seed and len(found[-1]) < size:
            found[-1] = range(found[-1].start, seed + 1)
        else:
            found.append(range(seed, seed + 1))
    return found


def having(seeds: Iterable[int]) -> Counter[str]:
    """How many of the contracts have each form and kind of node; each is evaluated with every set of actuals."""
    counted: Counter[str] = Counter()
    for seed in seeds:
        counted.update(set(forms(contract(seed).text)))
    return counted


def find_compare(name: str) -> Compare | None:
    """The comparison `module:function`, None where the module does not exist."""
    module, _, function = name.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except ModuleNotFoundError:
        return None


def _share(job: tuple[range, int, str, str]) -> Recorded:
    seeds, actuals, compare, state = job
    found = run(seeds, actuals, find_compare(compare))
    return Recorded(seeds.start, seeds.stop, actuals, compare, state, found)


def table(found: Run) -> str:
    """What a run came to, for people."""
    names = [*expected_counts(), *sorted(set(found.counted) - set(expected_counts()))]
    lines = [f"{found.counted[name]:>10}  {name}" for name in names if found.counted[name]]
    missing = [name for name in expected_counts() if not found.counted[name]]
    per_second = {
        "contracts made": found.contracts / max(found.making, 1e-9),
        "contracts loaded": found.contracts / max(found.loading, 1e-9),
        "actuals made": found.evaluations / max(found.telling, 1e-9),
        "evaluations": found.evaluations / max(found.evaluating, 1e-9),
        "comparisons": found.evaluations / found.comparing if found.comparing else 0,
    }
    lines += ["", *(f"{each:>10.0f}  {name} a second and core" for name, each in per_second.items())]
    lines += ["", f"never met: {', '.join(missing) or 'nothing'}"]
    lines.append(f"{found.contracts} contracts, {found.evaluations} evaluations")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.every_form")
    parser.add_argument("--contracts", type=int, default=1000)
    parser.add_argument("--actuals", type=int, default=10)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--compare", default="tests.every_form:second_opinion", help="module:function")
    parser.add_argument("--seconds", type=float, help="after so long what is there is told")
    parser.add_argument("--text", type=int, help="print the contract of this seed, and no more")
    parser.add_argument(
        "--having", action="store_true", help="tell how many contracts have each form, and evaluate none"
    )
    parser.add_argument("--record", type=Path, help="each share is written to this file, one line of JSON")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the record: leave out what is in it"
    )
    asked = parser.parse_args(arguments)
    if asked.text is not None:
        sys.stdout.write(contract(asked.text).text)
        return 0
    if asked.having:
        return _tell_having(asked)
    try:
        before = _before(asked)
    except NotARecordError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return _main(asked, before)


def _tell_having(asked: argparse.Namespace) -> int:
    shares = shares_of(range(asked.first, asked.first + asked.contracts), 20)
    with multiprocessing.Pool(asked.processes) as pool:
        found = sum(pool.imap_unordered(having, shares), Counter[str]())
    for name, number in sorted(found.items(), key=lambda each: (each[1], each[0])):
        sys.stdout.write(f"{number:>10}  {name}\n")
    return 0


def _before(asked: argparse.Namespace) -> list[Recorded]:
    """What is in the record already."""
    if asked.record is None or not asked.record.exists():
        return []
    if not asked.resume:
        raise NotARecordError(
            f"{asked.record} is there already: go on with it by --resume, or name another file"
        )
    return recorded(asked.record, asked.actuals, asked.compare)


def _main(asked: argparse.Namespace, before: list[Recorded]) -> int:
    size = max(1, min(20, asked.contracts // max(1, asked.processes)))
    done = {seed for each in before for seed in range(each.first, each.last)}
    seeds = (seed for seed in range(asked.first, asked.first + asked.contracts) if seed not in done)
    state = sources()
    jobs = [(each, asked.actuals, asked.compare, state) for each in shares_of(seeds, size)]
    start = time.perf_counter()
    shares = list(before)
    with multiprocessing.Pool(asked.processes) as pool:
        for each in pool.imap_unordered(_share, jobs):
            shares.append(each)
            if asked.record is not None:
                with asked.record.open("a", encoding="utf-8") as file:
                    file.write(as_line(each))
            if asked.seconds and time.perf_counter() - start > asked.seconds:
                pool.terminate()
                break
    found = joined([each.found for each in shares])
    lines = [table(found), f"{time.perf_counter() - start:.0f} seconds"]
    if before:
        lines.append(f"{sum(each.found.contracts for each in before)} of the contracts from the record")
    states = Counter(each.sources for each in shares)
    if len(states) > 1:
        lines.append(
            f"by {len(states)} states of the sources: the seeds of one may be other contracts in another"
        )
    if find_compare(asked.compare) is None:
        lines.append(f"no second opinion: there is no {asked.compare}")
    kinds: dict[str, Difference] = {}
    for difference in found.differences:
        kinds.setdefault(difference.what[:90], difference)
    for one in list(kinds.values())[:MOST_DIFFERENCES]:
        lines += ["", f"---- seed {one.seed}, actuals {one.told}: {one.what}", one.text, one.actuals]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found.differences else 0


if __name__ == "__main__":
    sys.exit(main())
