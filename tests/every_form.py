"""Contracts that are accepted and reach every form of the language, with actuals, from a seed.

`contract(seed)` writes a contract with no help of the checker: it follows the reference alone, so that one
that is refused is a fault of the one or the other. From the command line,

    python -m tests.every_form --contracts 10000 --actuals 100 --processes 2

evaluates them, asks a second opinion where there is one, and counts which forms and states were met.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import functools
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
from random import Random
from typing import Any, Final, NamedTuple

import rkdsl
from rkdsl.contract.scope import FUNCTIONS
from rkdsl.diagnostics import Refused
from rkdsl.language import nodes
from rkdsl.language.parser import parse
from rkdsl.pipeline import Contract, Outcome
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
}
"""The units of numbers, each with the numbers that are written in it."""

NUMERIC: Final = tuple(GRIDS)
RATES: Final = {"DKK/points": ("DKK", "points"), "hours/cases": ("hours", "cases"), "DKK/fte": ("DKK", "fte")}
WRITTEN_UNIT: Final = ("%", "‰", "pp")
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
        self.budget = self.r.randint(4, 14)
        self.roles = self.pick(("board",), ("board", "chair"), ("board", "chair"))
        self.is_percent = self.once(6)
        self.no_points = self.once(14)
        self.has_total = False
        self.points = "%" if self.is_percent else "points"

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
        if fitting and self.once(1.5):
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
                made.stated[period] = number
                text = written(number)
                if self.once(8):
                    text = self.pick("undecided", 'unclear "3.4.5"')
                else:
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
        kinds += self.parts(unit)
        match self.r.choice(kinds):
            case "fact":
                meter = self.meter(unit, "")
                return Expr(meter.name, 0, NOTHING, meter.better, meter.words)
            case "timed":
                return self.timed(self.reference_of_meter(unit, rhythm := self.r.choice(RHYTHMS)), rhythm)
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
        if depth <= 0 or unit in ("word", "yes or no") or self.once(2.2):
            if unit not in ("word", "yes or no", *RATES) and not rhythm and not names and self.once(1.5):
                return Expr(self.literal(unit, signed=True))
            return self.reference(unit, rhythm)
        kinds = ["series", "call"]
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
        if kind == "scale":
            return self.scaled(unit, rhythm)
        if kind == "series":
            return self.series(unit) if not rhythm else self.reference(unit, rhythm)
        return getattr(self, f"as_{kind}")(unit, rhythm, depth - 1)

    def operands(
        self, units: Sequence[str], rhythm: str, depth: int, *, literals: bool = True
    ) -> list[Expr]:
        """One calculation for each unit; with a rhythm, at least one of them is read in a period."""
        at = self.r.randrange(len(units)) if rhythm else -1
        found = []
        for index, unit in enumerate(units):
            inner = rhythm if index == at or (rhythm and self.once(2)) else ""
            found.append(self.expression(unit, inner, depth, names=not literals))
        return found

    def as_sum(self, unit: str, rhythm: str, depth: int) -> Expr:
        count = self.pick(2, 2, 2, 3)
        units, signs = [unit] * count, [self.pick("+", "-") for _ in range(count - 1)]
        if unit == "%":
            units, signs = ["%", "pp"], [self.pick("+", "-")]
        elif unit == "pp" and self.once(2):
            units, signs = ["%", "%"], ["-"]
        terms = self.operands(units, rhythm, depth, literals=unit not in RATES)
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
        of = self.r.choice(COMMON)
        first, second = self.operands([of, of], rhythm, depth, literals=of not in RATES)
        return Expr(f"{first.within(1)} / {second.within(0)}", 1, _joined((first, second)))

    def as_call(self, unit: str, rhythm: str, depth: int) -> Expr:
        names = ("min", "max") if unit == "day" else ("min", "max", "sum", "mean", "best", "worst")
        name, count = self.r.choice(names), self.r.randint(2, 3)
        found = self.operands([unit] * count, rhythm, depth, literals=unit not in RATES)
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
        found = [self.condition("open" if rhythm else "plain", rhythm) for _ in range(self.r.randint(1, 3))]
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
                but = self.r.sample(["2026-12-24..2026-12-26", "2026-12-31", "2026-07", "2026-W"[:4]], 2)
                text += f" except ({' | '.join(but[: self.r.randint(1, 2)])})"
            self.pending.append(f"calendar {name} {self.title(name)} {{ {text} }}")
            self.calendars.append(name)
        return self.r.choice(self.calendars)

    def series(self, unit: str) -> Expr:
        """A function of the readings of a run of periods."""
        rhythm = self.r.choice(RHYTHMS)
        name = self.pick("min", "max") if unit == "day" else self.pick(*("sum", "mean", "min", "max"))
        name = self.pick("first", "last") if self.once(3) else name
        if unit != "day" and self.once(4):
            inner = self.expression(unit, rhythm, 1)
        else:
            inner = self.reference(unit, rhythm)
        run = self.r.choice(tuple(RUNS[rhythm]))
        self.read(inner.free, run)
        for each in RUNS[rhythm][run]:
            self.read(inner.free, each)
        return Expr(f"{name}({inner.text} {self.pick('in', 'at')} {run})")

    # -- conditions

    def conditions(self, where: str, rhythm: str = "") -> Expr:
        """Conditions joined by `or` or `and`."""
        joint = self.pick("", "", "", "or", "and")
        found = [self.condition(where, rhythm)]
        if joint:
            found += [
                self.condition(where, self.pick(rhythm, ""), after=found[-1])
                for _ in range(self.pick(1, 1, 2))
            ]
        text = f" {joint} ".join(each.text for each in found)
        return Expr(text, 0, _joined(found))

    def condition(self, where: str, rhythm: str = "", *, after: Expr | None = None) -> Condition:
        """A condition in a `target`, `plain` with its periods, or `open` to the period of its user."""
        if isinstance(after, Condition) and after.unit and self.once(2.5):
            return after._replace(text=self.test(after, where))
        kinds = ["number"] * 8 + ["day", "yes or no", "yes or no", "word", "word", "state", "better", "better"]
        if not (where == "open" and rhythm):
            kinds += ["thing"] * 3 * bool(self.things) + ["own"] * (4 * bool(self.own and where == "plain"))
            kinds += ["total"] * (3 * (self.own == "total" and where == "plain"))
        kind = self.r.choice(kinds)
        if kind in ("thing", "own", "total"):
            return self.thing_condition(kind)
        if where != "open":
            rhythm = self.r.choice(RHYTHMS) if self.once(1.6) else ""
        if kind == "better":
            return self.better_condition(where, rhythm)
        unit = self.r.choice(COMMON) if kind == "number" else kind
        if kind == "state":
            return self.state_condition(where, rhythm)
        if unit == "yes or no" and self.once(6):
            subject = self.scaled("yes or no", rhythm)
        else:
            subject = self.expression(unit, rhythm, self.pick(0, 0, 1, 2) if unit != "day" else 1)
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
            case "timed":
                return self.argument(
                    self.timed(self.reference_of_meter(unit, rhythm := self.r.choice(RHYTHMS)), rhythm), ""
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
        unit = self.r.choice(COMMON)
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
        word, unit = self.pick("reported", "applicable", "defined"), self.r.choice((*COMMON, "yes or no"))
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
        made = Condition("", 0, subject.free, "", (), "", rhythm)
        text = subject.text
        if rhythm and where != "open":
            when, made = self.when(made, where)
            text += when
        return made._replace(text=f"{text} {self.pick('is', 'is not')} {word}")

    def thing_condition(self, kind: str) -> Condition:
        """A test of the state of an item, a section, or the whole."""
        if kind == "total":
            return Condition(f"total {self.pick('is', 'is not')} {self.pick('applicable', 'defined')}")
        words = (*STATE_WORDS, *STATE_WORDS, "applicable", "defined")
        name = self.own
        if kind == "thing" or name == "total":
            thing = self.r.choice(self.things)
            name = thing.name
            if thing.kind == "section" and not thing.has_points:
                words = ("applicable", "defined")
                return self.condition("plain")
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
        if unit in WRITTEN_UNIT or (unit == "number" and self.once(2)):
            step = self.pick("1 %", "10 %", "0.5 %") if unit != "pp" else self.pick("1 pp", "0.1 pp")
            step = self.pick("1 ‰", "2 ‰") if unit == "‰" else step
        else:
            step = self.pick("1", "0.5", "5", "2", "0.01")
            step += "" if unit == "number" or unit in RATES or self.once(2) else f" {unit}"
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
        bare = unit == "number" or unit in RATES
        if unit not in RATES and self.once(5):
            count = self.r.randint(2, 4)
            numbers = [grid.step * each for each in sorted(self.r.sample(range(grid.most + 1), count))]
            body = self.rows(unit, rhythm, values=[self.show(each, unit) for each in numbers])
            return body, f" range ({' | '.join(self.show(each, unit, bare=bare) for each in numbers)})"
        if self.once(2):
            expr = self.expression(unit, rhythm, 2)
            low, high, body = Fraction(0), top / self.pick(1, 2), Body(expr.text, expr.free, expr.words)
        else:
            low, high, body = -top, 2 * top, self.body(unit, rhythm)
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
            if not rhythm and self.once(20):
                return Body(self.pick("undecided", self.state()))
            found = self.conditions("open" if rhythm else "plain", rhythm)
            return Body(found.text, found.free)
        kinds = list(forms) or ["expression", "rows", "steps", "table", "stated"]
        if unit in NUMERIC and unit not in RATES and not forms:
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
        if self.once(6) and unit in NUMERIC and unit not in RATES:
            return Body(self.pick(self.undecided(unit), self.state()))
        if unit in RATES:
            return Body(self.expression(unit, "", 1).text)
        return Body(
            self.stated(self.literal(unit, low=low, high=high), self.literal(unit, low=low, high=high), often=2)
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
        if unit in RATES or self.once(7 if bounded else 3.5):
            return self.expression(unit, rhythm if self.once(2) else "", self.pick(0, 1, 1))
        texts = [
            self.literal(unit, low=low, high=high, bare=bare, signed=not bounded) for _ in range(2)
        ]
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
            elif at == plain and unit not in RATES:
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
        unit = self.pick("word", "day", *COMMON, *COMMON)
        if curve and unit == "word":
            unit = "%"
        own = rhythm
        if not rhythm and self.once(1.6):
            own = self.r.choice(RHYTHMS)
        found = self.expression(unit, own, self.pick(0, 0, 0, 1))
        meter = self.meters.get(found.text)
        made = Condition(found.text, 0, found.free, found.better, found.words, unit, own)
        if own and not rhythm:
            period = self.period(own, found.free)
            self.read(found.free, period)
            made = made._replace(text=f"{found.text} {self.pick('in', 'at')} {period}", free=NOTHING)
        return made._replace(meter=meter)

    def keys(self, subject: Condition, count: int) -> list[str]:
        """Stretches that cover what a subject can be, once."""
        unit = subject.unit
        if unit == "word":
            return [f"exactly {json.dumps(each)}" for each in dict.fromkeys(subject.words)]
        if self.once(5) and unit not in RATES:
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
        whole = meter is not None and meter.kind in ("measure", "fact") and unit in GRIDS and GRIDS[unit].whole
        if whole and not meter.choices and self.once(2):
            return self.whole_keys(meter, sorted(numbers), unit)
        keys, low = [], ""
        for cut in shown:
            up, down = self.pick(("below", "at least"), ("below", "at least"), ("at most", "above"))
            if self.once(8) and not (low.startswith("above") and cut == shown[0]):
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

    def steps(self, unit: str, rhythm: str, low: Fraction | None = None, high: Fraction | None = None) -> Body:
        subject = self.subject(rhythm)
        return self.stepped(subject, self.keys(subject, self.r.randint(2, 4)), [], unit, rhythm, low, high)

    def table(self, unit: str, rhythm: str, low: Fraction | None = None, high: Fraction | None = None) -> Body:
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
            values = [self.row_value(unit, rhythm, low, high, words, bare=at > 0) for _ in range(width)]
            if at == 0:
                values[0] = self.first_value(unit, low, high, words)
            found += values
            lines.append(f"{key}: {' | '.join(each.text for each in values)}")
        side = f" across {across[0]} {{ {' | '.join(across[1:])} }}" if across else ""
        text = f"steps of {subject.text}{side} {{ {'  '.join(lines)} }}"
        return Body(text, _joined(found) | subject.free | free, tuple(dict.fromkeys(words)))

    def first_value(
        self, unit: str, low: Fraction | None, high: Fraction | None, words: list[str]
    ) -> Expr:
        """A value that says the unit of all."""
        if unit == "word":
            words.append(word := self.r.choice(WORDS))
            return Expr(json.dumps(word))
        if unit in RATES:
            return self.settled(unit)
        return Expr(self.literal(unit, low=low, high=high))

    def curve(self, unit: str, rhythm: str, low: Fraction | None = None, high: Fraction | None = None) -> Body:
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
        if count == 1 and below.startswith("not") and above.startswith("not"):
            below = "flat"
        first, last = f"below: {below}", f"above: {above}"
        if self.once(5):
            lines = [first, last, *lines]
        else:
            lines = [first, *lines, last]
        return Body(
            f"curve of {subject.text} {{ {'  '.join(lines)} }}", _joined(found) | subject.free
        )

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
        general = self.r.choice(COMMON)
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
        meter = self.meter(unit, "")
        return Expr(meter.name, 0, NOTHING, meter.better, meter.words)

    def scale(self, unit: str) -> Scale:
        """A new scale whose result has a unit: for arguments of any unit, or of certain ones."""
        self.budget -= 1
        self.depth += 1
        name, kept = self.name("f"), self.locals
        made, text = self.general(name, unit) if unit in NUMERIC and self.once(2) else self.typed(name, unit)
        self.locals = kept
        self.depth -= 1
        end = f" rounded {self.rounding(unit)}" if unit in NUMERIC and self.once(6) else ""
        self.pending.append(text + end)
        self.scales.append(made)
        return made

    def general(self, name: str, unit: str) -> tuple[Scale, str]:
        """A scale for arguments of any unit."""
        kinds = ["curve", "steps", "stars", "stars"] if unit not in RATES else ["stars"]
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
                    f"{head} = steps of x {{ below a: {low}  at least a below b: {high}"
                    f"  at least b: {top} }}"
                )
            case "line":
                return Scale(name, ("x", "x", "x"), unit), f"{head} = (x - a) / (b - a)"
        return Scale(name, ("x", "x", "x"), unit, directed=True), (
            f"{head} = {{ when x is {self.pick('as good as', 'better than')} b: {top}"
            f"  when x is {self.pick('as good as', 'not better than')} a: {high}  otherwise: {low} }}"
        )

    def typed(self, name: str, unit: str) -> tuple[Scale, str]:
        """A scale for arguments of certain units."""
        parameters = [self.r.choice(COMMON) for _ in range(self.r.randint(1, 3))]
        if unit in NUMERIC and self.once(2):
            parameters[0] = unit
        self.locals = [(f"x{at}", each) for at, each in enumerate(parameters)]
        body, bounds = self.framed(unit, "")
        head = f"scale {name}({' | '.join(each for each, _ in self.locals)})"
        return Scale(name, tuple(parameters), unit, words=body.words), f"{head}{bounds} = {body.text}"
