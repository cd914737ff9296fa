"""Strategies for contracts that are accepted, as texts, and for actuals that fit them.

Faults found once have tests of their own at the end of `test_laws.py`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from rkdsl.actuals.record import SECTIONS
from rkdsl.rules.tree import Field, Input, Literal, Tree
from rkdsl.values import DAY, Period, Unit, parse_period

# ---- written numbers and periods

STEPS: Final = {
    "cases": Fraction(1),
    "persons": Fraction(1),
    "number": Fraction(1, 2),
    "%": Fraction(1, 2),
    "‰": Fraction(1),
    "pp": Fraction(1, 2),
    "DKK": Fraction(1, 4),
    "fte": Fraction(1, 10),
    "days": Fraction(1, 2),
    "points": Fraction(1),
    "day": Fraction(1),
}
"""The units of generated measures, each with the distance between two generated numbers."""

FIRST_DAY: Final = datetime.date(2009, 1, 1)
PERIODS: Final = {
    "year": ("2008", "2009", "2010"),
    "half-year": ("2008-H2", "2009-H1", "2009-H2"),
    "quarter": ("2008-Q4", "2009-Q1", "2009-Q4"),
    "month": ("2008-12", "2009-02", "2009-12"),
    "day": ("2008-12-31", "2009-06-30", "2009-12-31"),
}
DEADLINES: Final = ("2009-06-30", "2009-02", "2009-Q2", "2009-H1", "2009", "2009-03..2009-05", "2010-01")
AS_OF: Final = tuple(
    map(datetime.date.fromisoformat, ("2009-06-30", "2009-07-14", "2009-12-31", "2010-02-01", "2010-06-30"))
)


def written(number: Fraction) -> str:
    """A number as a contract writes it."""
    places = next(each for each in range(13) if (number * 10**each).denominator == 1)
    return format(Decimal((number * 10**places).numerator).scaleb(-places), "f")


class Meter(NamedTuple):
    """A measure or fact that generated conditions speak of."""

    name: str
    kind: str
    unit: str
    better: str
    rhythm: str = ""

    @property
    def is_truth(self) -> bool:
        return self.unit == "yes or no"


class _Writer:
    """Draws the text of one contract, part by part."""

    def __init__(self, draw: st.DrawFn, size: int) -> None:
        self.draw = draw
        self.size = size
        self.meters: list[Meter] = []
        self.count = 0
        self.closes = False

    # -- small things

    def pick(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def once_in(self, times: int) -> bool:
        return self.draw(st.integers(1, times)) == times

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def number(self, unit: str, most: int = 24) -> str:
        """A number or day in the unit of a measure."""
        if unit == "day":
            return str(FIRST_DAY + datetime.timedelta(days=self.draw(st.integers(0, 40))))
        text = written(STEPS[unit] * self.draw(st.integers(0, most)))
        bare = unit not in ("%", "‰", "pp") and (unit == "number" or self.once_in(2))
        return text if bare else f"{text} {unit}"

    def stated(self, *texts: str, often: int = 6) -> str:
        """The first, or several of the texts as said in more than one place."""
        found = [texts[0]]
        if len(texts) > 1 and self.once_in(often):
            found += [f'elsewhere {each} see "page {at}"' for at, each in enumerate(texts[1:], 2)]
            governing = self.draw(st.integers(0, 2 * len(found)))
            if governing < len(found):
                found[governing] += " governs"
        return " ".join(found)

    def undecided(self) -> str:
        return "undecided" + self.pick("", "", " until 2009-03", ' "by the board"', ' until 2009-03 "later"')

    # -- measures and facts

    def meter(self, unit: str = "", kind: str = "", rhythm: str = "") -> Meter:
        """Any that fits, else a new one."""
        fitting = [
            each
            for each in self.meters
            if each.unit == unit and (not kind or each.kind == kind) and (not rhythm or each.rhythm == rhythm)
        ]
        if fitting and self.once_in(2):
            return self.draw(st.sampled_from(fitting))
        kind = kind or self.pick("measure", "measure", "fact")
        made = Meter(self.name(kind[0]), kind, unit, self.pick("lower", "higher", "no"))
        if kind == "measure":
            made = made._replace(rhythm=rhythm or self.pick(*PERIODS))
        self.meters.append(made)
        return made

    def declaration(self, meter: Meter) -> str:
        lines = [f"unit {meter.unit}"]
        ranged = meter.unit not in ("day", "yes or no") and self.once_in(2)
        if meter.kind == "measure":
            lines.append("no direction" if meter.better == "no" else f"{meter.better} is better")
            lines.append(f"each {meter.rhythm}")
        if ranged:
            top = written(STEPS[meter.unit] * self.draw(st.sampled_from((24, 30, 60))))
            lines.append(f"range 0..{top} {meter.unit}")
        if self.once_in(5):
            lines.append("may not apply")
        if meter.kind == "measure" and not meter.is_truth:
            stated = [period for period in PERIODS[meter.rhythm][:2] if self.once_in(4)]
            lines += [f"{period}: {self.history(meter)}" for period in stated]
        return f'{meter.kind} {meter.name} "{meter.name.upper()}" {{ {" ".join(lines)} }}'

    def history(self, meter: Meter) -> str:
        if self.once_in(6):
            return self.pick("undecided", 'unclear "3.4.5"')
        return self.stated(self.number(meter.unit), self.number(meter.unit))

    # -- values

    def value(self, unit: str, has_year_before: bool = False) -> str:
        """A limit in a unit: a number, an open place, or an expression."""
        kinds = ["number"] * 6 + ["undecided", "unclear", "twice"]
        if unit not in ("day", "pp"):
            kinds += ["fact", "sum", "product", "timed"]
        if has_year_before:
            kinds += ["year before"] * 2
        match self.pick(*kinds):
            case "undecided":
                return self.undecided()
            case "unclear":
                return 'unclear "3.4.5"'
            case "twice":
                texts = (self.number(unit), self.number(unit), self.pick("undecided", self.number(unit)))
                return self.stated(*texts, often=1)
            case "year before":
                return (
                    "year before" if unit in ("day", "pp") else self.pick("year before", "90 % * year before")
                )
            case "fact":
                return self.meter(unit, "fact").name
            case "sum":
                other = f"{self.number('pp')}" if unit == "%" else f"{self.number(unit)}"
                return f"{self.meter(unit, 'fact').name} + {other}"
            case "product":
                meter = self.meter(unit, "measure")
                return f"50 % * ({meter.name} in {self.pick(*PERIODS[meter.rhythm])})"
            case "timed":
                meter = self.meter(unit, "measure")
                return f"{meter.name} in {self.pick(*PERIODS[meter.rhythm])}"
        return self.number(unit)

    def when(self, rhythm: str, *, rare: int = 8) -> str:
        """A time at which measures of a rhythm are read."""
        first, second = (self.pick(*PERIODS[rhythm][1:]), PERIODS[rhythm][-1])
        if self.once_in(rare):
            second = self.pick("undecided", "2009", PERIODS[rhythm][0])
        word = self.pick("at", "in")
        return self.stated(f"{word} {first}", f"{word} {second}", often=rare)

    # -- conditions

    def condition(self, *, with_linear: bool = False) -> str:
        if not with_linear and self.once_in(6):
            meter = self.meter("yes or no")
            return (
                f"{meter.name} {self.when(meter.rhythm)} is yes" if meter.rhythm else f"{meter.name} is yes"
            )
        unit = self.pick(*STEPS)
        meter = self.meter(unit)
        if meter.kind == "fact":
            return f"{meter.name} {self.fact_test(meter)}"
        subject, unit, better = meter.name, unit, meter.better
        if unit != "day" and self.once_in(6):
            other = self.meter(unit, "measure", meter.rhythm)
            sign, better = self.pick("/", "+", "*"), "no"
            subject = f"{meter.name} * 2" if sign == "*" else f"{meter.name} {sign} {other.name}"
            if sign == "/" or (sign == "*" and unit in ("%", "‰")):
                unit = "number"
        test = self.linear(unit, better) if with_linear else self.test(unit, better)
        return f"{subject} {self.when(meter.rhythm)} {test}"

    def plain(self) -> str:
        """One limit of one reading, or one line."""
        unit = self.pick(*STEPS)
        meter = self.meter(unit, "measure")
        start, end = sorted(self.draw(st.lists(st.integers(0, 24), min_size=2, max_size=2, unique=True)))
        low, high = self.exact(unit, start), self.exact(unit, end)
        if meter.better != "higher":
            low, high = high, low
        downward, upward = (f"at most {low}", f"below {low}"), (f"at least {high}", f"above {high}")
        tests = {"lower": downward, "higher": upward}.get(meter.better, (*downward, *upward))
        return (
            f"{meter.name} at {PERIODS[meter.rhythm][1]} {self.pick(*tests, f'linear from {low} to {high}')}"
        )

    def fact_test(self, meter: Meter) -> str:
        return self.limit(meter.unit, "no", has_year_before=False)

    def limit(self, unit: str, better: str, *, has_year_before: bool = True) -> str:
        words = {"lower": ("at most", "below"), "higher": ("at least", "above")}
        allowed = words.get(better, ("at most", "below", "at least", "above", "exactly"))
        return f"{self.pick(*allowed)} {self.value(unit, has_year_before)}"

    def linear(self, unit: str, better: str) -> str:
        start, end = self.draw(st.lists(st.integers(0, 24), min_size=2, max_size=2, unique=True).map(sorted))
        low, high = (self.exact(unit, each) for each in (start, end))
        if better == "lower" or (better == "no" and self.once_in(2)):
            low, high = high, low
        if better != "no" and self.once_in(4):
            low = (
                self.undecided()
                if unit in ("day", "pp") or self.once_in(2)
                else self.meter(unit, "fact").name
            )
        return f"linear from {low} to {high}"

    def exact(self, unit: str, steps: int) -> str:
        if unit == "day":
            return str(FIRST_DAY + datetime.timedelta(days=steps))
        return f"{written(STEPS[unit] * steps)} {unit}"

    def test(self, unit: str, better: str) -> str:
        match self.pick("limit", "limit", "limit", "between", "change", "change", "bare", "unchanged"):
            case "between":
                low, high = sorted(self.draw(st.tuples(st.integers(0, 24), st.integers(0, 24))))
                return f"between {self.exact(unit, low)} and {self.exact(unit, high)}"
            case "change":
                return f"{self.change(better)} {self.amount(unit)} from {self.base()}"
            case "bare":
                word = {"lower": "falls", "higher": "rises"}.get(better, self.pick("falls", "rises"))
                return f"{word} from {self.base()}"
            case "unchanged":
                return f"unchanged within {self.amount(unit)} from {self.base()}"
        return self.limit(unit, better)

    def change(self, better: str) -> str:
        downward = ("falls by at least", "falls by", "rises by at most")
        upward = ("rises by at least", "rises by", "falls by at most")
        either = (*downward, *upward, "falls by exactly", "rises by exactly")
        return self.pick(*{"lower": downward, "higher": upward}.get(better, either))

    def amount(self, unit: str) -> str:
        absolute = {"%": "pp", "day": "days"}.get(unit, unit)
        texts = [
            self.pick("5", "10", "50", "12.5", "0") + " %",
            self.exact(absolute, self.draw(st.integers(0, 12))),
        ]
        texts.append(self.pick("undecided", "undecided %"))
        if unit in ("day", "‰"):
            texts = [self.exact("days", 4) if unit == "day" else "5 ‰"] * 2 + ["undecided"]
        return self.stated(*self.draw(st.permutations(texts)), often=6)

    def base(self) -> str:
        return self.pick("year before", "year before", "2008", "2008-12", "2008-Q4", "undecided")

    # -- parts of an item

    def target(self, *, worth: str = "", standing: str = "") -> str:
        conditions = self.condition()
        joint = self.pick("", "", "or", "and")
        if joint:
            conditions += f" {joint} {self.condition()}"
            if self.once_in(3):
                conditions += f" {joint} {self.condition()}"
        return " ".join(each for each in (standing, "target", conditions, worth) if each)

    def deadline(self) -> str:
        texts = [f"{self.pick('by', 'before', 'in')} {self.pick(*DEADLINES)}" for _ in range(2)]
        if self.once_in(8):
            texts[self.draw(st.integers(0, 1))] = "by undecided"
        return self.stated(*texts, often=3)

    def milestone(self, *, worth: str = "", late: str = "", standing: str = "") -> str:
        name = self.name("d")
        return " ".join(
            each
            for each in (standing, "milestone", f'{name} "{name.upper()}"', self.deadline(), worth, late)
            if each
        )

    def late(self, most: int) -> str:
        floor = self.draw(st.integers(0, most))
        return f"late costs {self.pick('1', '2.5', '10')} per started week down to {floor}"

    def group(self, depth: int = 1, worth: str = "") -> str:
        members = [self.member(depth) for _ in range(self.draw(st.integers(1, 3)))]
        head = self.pick("all of", "any of", f"at least {self.draw(st.integers(1, len(members)))} of")
        return f"{head} {{ {'  '.join(members)} }} {worth}".strip()

    def member(self, depth: int) -> str:
        match self.pick("target", "milestone", "group" if depth else "target"):
            case "target":
                return self.target()
            case "milestone":
                return self.milestone()
        return self.group(depth - 1)

    # -- items

    def weighted(self, weight: int) -> list[str]:
        """The parts of an item that can give so many points at most."""
        kinds = ("conditions", "single", "plain", "linear", "late", "worths", "assessed", "beside")
        match self.pick("conditions", "plain", *kinds):
            case "single":
                return [f"target {self.condition()}"]
            case "plain":
                return [f"target {self.plain()}"]
            case "linear":
                return [f"target {self.condition(with_linear=True)}"]
            case "late":
                return [self.milestone(late=self.late(weight))]
            case "worths":
                return self.worths(weight)
            case "assessed":
                return [f"assessed by {self.role()}"]
            case "beside":
                return [self.target(), f"assessed by {self.role()}"]
        return [self.pick_part() for _ in range(self.draw(st.integers(1, 3)))]

    def pick_part(self, worth: str = "") -> str:
        match self.pick("target", "milestone", "group"):
            case "target":
                return self.target(worth=worth)
            case "milestone":
                return self.milestone(worth=worth)
        return self.group(worth=worth)

    def worths(self, weight: int) -> list[str]:
        first = self.draw(st.integers(0, weight))
        second = self.draw(st.integers(0, weight - first))
        return [self.worthy(each) for each in (first, second, weight - first - second)]

    def worthy(self, points: int) -> str:
        match self.pick("plain", "plain", "late", "linear", "assessed" if points else "plain"):
            case "late":
                return self.milestone(worth=f"worth {points}", late=self.late(points))
            case "linear":
                return f"target {self.condition(with_linear=True)} worth {points}"
            case "assessed":
                name = self.name("a")
                return f'assessed by {self.role()} {name} "{name.upper()}" worth 0..{points}'
        return self.pick_part(f"worth {points}")

    def role(self) -> str:
        return self.stated("board", self.pick("chair", "undecided"), often=8)

    def rules(self) -> list[str]:
        texts = []
        if self.once_in(5):
            texts.append(f"not reported {self.pick('stays open', 'counts as zero')}")
        if self.once_in(5):
            texts.append(f"not applicable {self.pick('stays open', 'counts as zero')}")
        return texts

    def item(self) -> tuple[str, int | None]:
        """The text of an item, and the most it gives: 0 without weight, None while it is open."""
        name, lines = self.name("g"), self.rules()
        weight = self.draw(st.integers(1, 60))
        kind = self.pick("fixed", "fixed", "fixed", "range", "undecided", "governs", "none")
        most: int | None = weight
        match kind:
            case "fixed":
                lines += [f"weight {weight}", *self.weighted(weight)]
            case "range":
                low = self.draw(st.integers(0, weight - 1))
                most = None if self.once_in(5) else weight
                lines += [f"weight {low}..{'undecided' if most is None else weight}", *self.pick_ranged()]
            case "undecided":
                most = None
                other = f"{weight}" + self.pick("", ' elsewhere 12 see "page 2"')
                lines += [f"weight {self.undecided() if other == str(weight) else other}", self.pick_part()]
            case "governs":
                lines += [f'weight 12 elsewhere {weight} see "page 3" governs', *self.weighted(weight)]
            case _:
                most = 0
                lines += [self.pick_part() for _ in range(self.draw(st.integers(1, 2)))]
        lines += self.beside()
        head = f'{self.pick("goal", "requirement")} {name} "{name.upper()}"'
        return f"{head} {{\n    " + "\n    ".join(lines) + "\n  }", most

    def pick_ranged(self) -> list[str]:
        linear = f"target {self.condition(with_linear=True)}"
        return self.draw(
            st.sampled_from(
                [
                    [linear],
                    [self.target()],
                    [f"assessed by {self.role()}"],
                    [linear, f"assessed by {self.role()}"],
                ]
            )
        )

    def beside(self) -> list[str]:
        """What an item says that is not scored."""
        texts = []
        if self.once_in(4):
            texts.append(self.target(standing=self.pick("guideline", "followed", "evidence")))
        if self.once_in(4):
            texts.append(self.milestone(standing=self.pick("guideline", "followed", "evidence")))
        if self.once_in(6):
            texts.append('from 2010 reads "as little as possible"')
        return texts

    # -- the whole

    def section(self, depth: int) -> tuple[list[str], int | None]:
        texts, most = self.blocks(depth)
        name = self.name("s")
        stated = f" total {most}" if most and self.once_in(2) else ""
        return [f'section {name} "{name.upper()}"{stated} {{', *self.rules(), *texts, "}"], most

    def blocks(self, depth: int) -> tuple[list[str], int | None]:
        """Items and sections, with the most they give together."""
        texts: list[str] = []
        total: int | None = 0
        for _ in range(self.draw(st.integers(1, self.size))):
            if depth and self.once_in(3):
                found, most = self.section(depth - 1)
            else:
                text, most = self.item()
                found = [text]
            texts += found
            total = None if total is None or most is None else total + most
        return texts, total

    def contract(self) -> str:
        heads = ["period 2009..2010", 'role board "Board"', 'role chair "Chair"']
        if self.once_in(2):
            heads.append("targets bind in 2009")
        if self.once_in(3):
            heads.append("reporting closes 2010-02-01")
        texts, total = self.blocks(2)
        if total and self.once_in(2):
            heads.append(f"total {total}{self.pick('', '', ' points', ' %')}")
        heads += self.rules()
        declared: list[str] = []
        while len(declared) < len(self.meters):
            declared.append(self.declaration(self.meters[len(declared)]))
        return "\n  ".join(['contract c "C" {', *heads, *declared, *texts]) + "\n}\n"


@st.composite
def contract_texts(draw: st.DrawFn, size: int = 3) -> str:
    """A contract that is accepted, with up to so many items and sections beside each other."""
    return _Writer(draw, size).contract()


# ---- what numbers a contract hangs on


def thresholds(tree: Tree, unit: Unit) -> list[Fraction]:
    """The held numbers a contract compares values of a unit with, and what its percentages make of them."""
    rows = [each for each in tree.rows if isinstance(each, Literal) and isinstance(each.value, Fraction)]
    own = [
        row.value for row in rows if row.unit == unit or (unit.shown == "" and row.unit.above == unit.above)
    ]
    if unit == DAY:
        return list(dict.fromkeys(each for each in own if isinstance(each, Fraction) and each > 1))
    shares = [row.value for row in rows if row.unit.shown == "%" and 0 < row.value < 1]
    moved = [limit * (1 + sign * share) for limit in own for share in shares for sign in (-1, 1)]
    return [each for each in dict.fromkeys((*own, *moved)) if isinstance(each, Fraction)]


def step_of(unit: Unit) -> Fraction:
    """The least distance between two written values that makes a difference."""
    if unit.is_count or unit == DAY:
        return Fraction(1)
    return Fraction(1, 100) * unit.scale


def candidates(
    tree: Tree,
    unit: Unit,
    low: Fraction | None,
    high: Fraction | None,
    whole: bool,
    more: Iterable[Fraction] = (),
) -> list[Fraction]:
    """Held numbers of a range that lie on, just below and just above every threshold, at its ends and far out."""
    step = step_of(unit)
    found = [*thresholds(tree, unit), *more, *(end for end in (low, high) if end is not None)]
    if not found:
        found = [Fraction(FIRST_DAY.toordinal() if unit == DAY else 0)]
    found += [each + sign * step for each in list(found) for sign in (-1, 1)]
    if unit != DAY:
        found += [min(found) - 1000, max(found) + 1000]
    else:
        found += [max(found) + 500, min(found) - 500]
    within = [
        each
        for each in dict.fromkeys(found)
        if (low is None or each >= low)
        and (high is None or each <= high)
        and not (whole and each.denominator != 1)
        and not (unit.is_money and (each * 100).denominator != 1)
    ]
    return sorted(each for each in within if (each / unit.scale * 10**12).denominator == 1)


# ---- actuals


class Entry(NamedTuple):
    """One thing that can be told: a field, and the period for a reading."""

    field: Field
    period: str = ""


def entries(tree: Tree) -> list[Entry]:
    """Everything that actuals can tell of a tree, as far as it is asked for."""
    fields = {(each.kind, each.id): each for each in tree.fields}
    found = []
    for row in tree.rows:
        if isinstance(row, Input) and row.kind in ("reading", "milestone", "fact", "assessment"):
            name, _, period = row.key.partition("@")
            found.append(Entry(fields[row.kind, name], period))
    return list(dict.fromkeys(found))


def field_candidates(tree: Tree, field: Field) -> list[Fraction]:
    return candidates(tree, field.unit, field.low, field.high, field.unit.is_count or field.unit == DAY)


def _json(value: Fraction | bool, unit: Unit) -> Any:  # a number, a truth or a day, as JSON has them
    if isinstance(value, bool):
        return value
    if unit == DAY:
        return datetime.date.fromordinal(int(value)).isoformat()
    number = value if unit.shown not in ("%", "‰", "pp") else value / unit.scale
    return number.numerator if number.denominator == 1 else Decimal(written(number))


@st.composite
def values_of(draw: st.DrawFn, tree: Tree, field: Field) -> Any:  # as JSON has it
    """A lawful value of a field, often on a threshold or one unit beside it."""
    if field.unit.shown == "truth":
        return draw(st.booleans())
    return _json(draw(st.sampled_from(field_candidates(tree, field))), field.unit)


@st.composite
def actuals(
    draw: st.DrawFn, tree: Tree, telling: int = 7, as_of: datetime.date | None = None
) -> dict[str, Any]:
    """Actuals of a tree; of ten things about `telling` are told. Some are corrected, not done or not applicable."""
    day = as_of or draw(st.sampled_from(AS_OF))
    found: dict[str, Any] = {"contract": tree.id, "as_of": day.isoformat()}
    for field, period in entries(tree):
        if draw(st.integers(1, 10)) > telling:
            continue
        told = draw(_entry(tree, field, period, day))
        if told is None:
            continue
        section = found.setdefault(SECTIONS[field.kind], {})
        if period:
            section.setdefault(field.id, {})[period] = told
        else:
            section[field.id] = told
    return found


@st.composite
def _entry(draw: st.DrawFn, tree: Tree, field: Field, period: str, day: datetime.date) -> Any:  # JSON
    """What is said of one thing; None where there is nothing that could be known on the day."""
    assessed = {"by": draw(st.sampled_from(field.roles or ("board",))), "reason": "seen"}
    extra = assessed if field.kind == "assessment" else {}
    key = "points" if field.kind == "assessment" else "value"
    if draw(st.integers(1, 2 if field.may_not_apply else 15)) == 1 and not _ends_after(period, day):
        return {"not_applicable": "the office closed", **extra}
    if field.kind == "milestone":
        if draw(st.integers(1, 4)) == 1:
            return "not done"
        days = [each for each in field_candidates(tree, field) if each <= day.toordinal()]
        return _json(draw(st.sampled_from(days)), DAY) if days else None
    if _ends_after(period, day):
        return None
    value = draw(values_of(tree, field))
    if not period or draw(st.integers(1, 4)) > 1:
        return {key: value, **extra} if extra else value
    first = max(_period(period).last, day - datetime.timedelta(days=20))
    corrected = {
        "value": draw(values_of(tree, field)),
        "reported": day.isoformat(),
        "corrects": first.isoformat(),
    }
    if first == day:
        return {"value": value, "reported": first.isoformat()}
    return [{"value": value, "reported": first.isoformat()}, corrected]


def _period(text: str) -> Period:
    found = parse_period(text)
    assert found is not None
    return found


def _ends_after(period: str, day: datetime.date) -> bool:
    return bool(period) and _period(period).last > day
