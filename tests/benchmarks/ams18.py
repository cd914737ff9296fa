"""The job AMS-18: its records, and the same rules by hand and as an expression for other engines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

CONTRACT = Path(__file__).parent / "ams18.rk"
AS_OF = "2010-03-31"
Record = Mapping[str, Any]

LINEAR = (("reserve", 125, 42_000, 26_500), ("sick", 150, 33_000, 26_675), ("young", 125, 37_800, 27_500))
STEPS = ((68_000, 75), (70_500, 50), (72_790, 25))
LATE = (
    *(("bills", "2009-03-31"), ("orders", "2009-07-01"), ("moved", "2009-08-01"), ("accounts", "2009-10-15")),
    ("relocated", "2009-12-01"),
)
WITHIN = (
    *(
        ("p2", "", "2009-11-30"),
        ("p3", "", "2009-12-31"),
        ("p4", "", "2009-06-30"),
        ("p5", "2009-01-01", "2009-03-31"),
    ),
    *(("p6", "", "2009-09-30"), ("p7", "2009-04-01", "2009-06-30"), ("p8", "", "2009-04-30")),
    *(("p9", "", "2009-11-30"), ("p10", "", "2009-06-30"), ("p11", "2009-07-01", "2009-09-30")),
)


def records(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Records that reach every branch."""
    random = Random(seed)

    def day(text: str, spread: int = 40) -> str:
        return (date.fromisoformat(text) + timedelta(days=random.randint(-spread, spread))).isoformat()

    found = []
    for _ in range(count):
        base = random.randint(900, 1100)
        record: dict[str, Any] = {
            f"readings.{name}.2009": random.randint(end - 2_000, start + 2_000)
            for name, _, start, end in LINEAR
        }
        record |= {
            "readings.edge.2009": random.randint(66_000, 75_000),
            "readings.foreign.2008": base,
            "readings.foreign.2009": base + random.randint(-30, 30),
            "readings.score.2009": random.randint(37, 41) / 10,
            "readings.place.2009": random.randint(1020, 1030) / 10,
            "readings.use.2009-Q1": random.randint(190, 240) / 10,
            "readings.use.2009-Q2": random.randint(440, 500) / 10,
            "readings.use.2009-Q4": random.randint(970, 990) / 10,
            "facts.plan": random.random() < 0.9,
            "facts.audit": random.random() < 0.9,
            "facts.launched": day("2009-08-25"),
            "facts.individual": random.randint(0, 5_000_000) / 100,
        }
        record |= {f"milestones.p1.{name}": day(last, 60) for name, last in LATE}
        record |= {f"milestones.{name}.done": day(last) for name, _, last in WITHIN}
        found.append(record)
    return found


def tight(r: Record) -> tuple[tuple[float, ...], float, float]:
    """By hand, for speed alone: floats, days compared as texts, nothing checked."""
    x = r["readings.reserve.2009"]
    m1 = 125.0 if x <= 26500 else 0.0 if x >= 42000 else (42000 - x) * 125 / 15500
    x = r["readings.sick.2009"]
    m2 = 150.0 if x <= 26675 else 0.0 if x >= 33000 else (33000 - x) * 150 / 6325
    x = r["readings.young.2009"]
    m3 = 125.0 if x <= 27500 else 0.0 if x >= 37800 else (37800 - x) * 125 / 10300
    x = r["readings.edge.2009"]
    m4 = 75.0 if x <= 68000 else 50.0 if x <= 70500 else 25.0 if x <= 72790 else 0.0
    x = r["readings.foreign.2008"]
    y = r["readings.foreign.2009"]
    m5 = 50.0 if 0.98 * x <= y <= 1.02 * x else 0.0
    p1 = 150.0
    s = r["milestones.p1.bills"]
    if s > "2009-03-31":
        p1 -= min((date.fromisoformat(s).toordinal() - 733491) // 7 * 2, 30)
    s = r["milestones.p1.orders"]
    if s > "2009-07-01":
        p1 -= min((date.fromisoformat(s).toordinal() - 733583) // 7 * 2, 30)
    s = r["milestones.p1.moved"]
    if s > "2009-08-01":
        p1 -= min((date.fromisoformat(s).toordinal() - 733614) // 7 * 2, 30)
    s = r["milestones.p1.accounts"]
    if s > "2009-10-15":
        p1 -= min((date.fromisoformat(s).toordinal() - 733689) // 7 * 2, 30)
    s = r["milestones.p1.relocated"]
    if s > "2009-12-01":
        p1 -= min((date.fromisoformat(s).toordinal() - 733736) // 7 * 2, 30)
    p2 = 25.0 if r["milestones.p2.done"] <= "2009-11-30" else 0.0
    p3 = 25.0 if r["milestones.p3.done"] <= "2009-12-31" else 0.0
    p4 = 25.0 if r["milestones.p4.done"] <= "2009-06-30" else 0.0
    p5 = 25.0 if "2009-01-01" <= r["milestones.p5.done"] <= "2009-03-31" else 0.0
    p6 = 25.0 if r["milestones.p6.done"] <= "2009-09-30" else 0.0
    p7 = 25.0 if "2009-04-01" <= r["milestones.p7.done"] <= "2009-06-30" else 0.0
    p8 = 25.0 if r["milestones.p8.done"] <= "2009-04-30" else 0.0
    p9 = 25.0 if r["milestones.p9.done"] <= "2009-11-30" else 0.0
    p10 = 25.0 if r["milestones.p10.done"] <= "2009-06-30" else 0.0
    p11 = 25.0 if "2009-07-01" <= r["milestones.p11.done"] <= "2009-09-30" else 0.0
    p12 = 25.0 if r["readings.score.2009"] >= 3.9 and r["readings.place.2009"] > 102.5 else 0.0
    p13 = (
        50.0
        if r["facts.plan"]
        and r["facts.audit"]
        and r["facts.launched"] <= "2009-09-15"
        and r["readings.use.2009-Q1"] >= 20
        and r["readings.use.2009-Q2"] >= 45
        and r["readings.use.2009-Q4"] >= 97.5
        else 0.0
    )
    total = m1 + m2 + m3 + m4 + m5 + p1 + p2 + p3 + p4 + p5 + p6 + p7 + p8 + p9 + p10 + p11 + p12 + p13
    points = (m1, m2, m3, m4, m5, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13)
    return points, total, total * 70 + r["facts.individual"]


def plain(r: Record, number: Any = float) -> tuple[tuple[Any, ...], Any, Any]:
    """By hand, as it would be kept: tables, functions, days as days; in floats or in fractions."""

    def figure(name: str) -> Any:
        value = r[f"readings.{name}"]
        return number(str(value)) if isinstance(value, float) else number(value)

    def day(name: str) -> date:
        return date.fromisoformat(r[f"milestones.{name}"])

    def linear(value: Any, weight: int, start: int, end: int) -> Any:
        return number(weight) * min(max((start - value) / number(start - end), number(0)), number(1))

    def late(done: date, last: date) -> Any:
        return number(max(30 - 2 * math.ceil(max((done - last).days, 0) / 7), 0))

    points = {name: linear(figure(f"{name}.2009"), weight, start, end) for name, weight, start, end in LINEAR}
    edge = figure("edge.2009")
    points["edge"] = number(next((gives for most, gives in STEPS if edge <= most), 0))
    before, now = figure("foreign.2008"), figure("foreign.2009")
    tolerance = before / 50
    points["foreign"] = number(50 if before - tolerance <= now <= before + tolerance else 0)
    points["p1"] = sum((late(day(f"p1.{name}"), date.fromisoformat(last)) for name, last in LATE), number(0))
    for name, first, last in WITHIN:
        done = day(f"{name}.done")
        within = done <= date.fromisoformat(last) and (not first or done >= date.fromisoformat(first))
        points[name] = number(25 if within else 0)
    survey = figure("score.2009") >= number("3.9") and figure("place.2009") > number("102.5")
    points["p12"] = number(25 if survey else 0)
    running = [
        r["facts.plan"],
        r["facts.audit"],
        date.fromisoformat(r["facts.launched"]) <= date(2009, 9, 15),
    ]
    running += [
        figure(f"use.2009-{part}") >= number(least)
        for part, least in (("Q1", 20), ("Q2", 45), ("Q4", "97.5"))
    ]
    points["p13"] = number(50 if all(running) else 0)
    total = sum(points.values(), number(0))
    return tuple(points.values()), total, total / 1000 * 70_000 + number(str(r["facts.individual"]))


def fractions(r: Record) -> tuple[tuple[Any, ...], Any, Any]:
    """The same in fractions."""
    return plain(r, Fraction)


# ---- for other engines: the points of the items, over short names; the five late days are made numbers before

NAMES = {key: f"x{index}" for index, key in enumerate(records(1)[0])}


_LATE = tuple(NAMES[f"milestones.p1.{name}"] for name, _ in LATE)


def short(r: Record) -> dict[str, Any]:
    """A record as other engines get it: their names have no dots."""
    return {NAMES[key]: value for key, value in r.items()}


def by(engine: Callable[[Any], Any]) -> Callable[[Record], tuple[Sequence[Any], float, float]]:
    """The whole job by an engine that gives the points: Python counts days for it, adds up and works out the bonus."""
    ordinal, individual = date.fromisoformat, NAMES["facts.individual"]
    bills, orders, moved, accounts, relocated = _LATE

    def run(r: Record) -> tuple[Sequence[Any], float, float]:
        days = {
            **r,
            bills: ordinal(r[bills]).toordinal(),
            orders: ordinal(r[orders]).toordinal(),
            moved: ordinal(r[moved]).toordinal(),
            accounts: ordinal(r[accounts]).toordinal(),
            relocated: ordinal(r[relocated]).toordinal(),
        }
        points = engine(days)
        total = float(sum(points))
        return points, total, total * 70 + r[individual]

    return run


Expr = Any
"""A number, a text, or a tuple of an operator and its operands."""


def expressions() -> list[Expr]:
    """The points of each item."""

    def at(key: str) -> Expr:
        return ("var", NAMES[key])

    def within(key: str, first: str, last: str) -> Expr:
        upper = ("<=", at(key), last)
        return ("if", ("and", (">=", at(key), first), upper) if first else upper, 25.0, 0.0)

    def late(name: str, last: str) -> Expr:
        days = ("-", at(f"milestones.p1.{name}"), date.fromisoformat(last).toordinal() - 6)
        points = ("-", 30.0, ("*", 2.0, ("weeks", days)))
        return ("if", ("<=", days, 6), 30.0, ("if", (">=", days, 112), 0.0, points))

    parts: list[Expr] = []
    for name, weight, start, end in LINEAR:
        x = at(f"readings.{name}.2009")
        line = ("*", ("-", float(start), ("real", x)), weight / (start - end))
        parts.append(("if", ("<=", x, end), float(weight), ("if", (">=", x, start), 0.0, line)))
    edge = at("readings.edge.2009")
    steps: Expr = 0.0
    for most, gives in reversed(STEPS):
        steps = ("if", ("<=", edge, most), float(gives), steps)
    before, now = ("real", at("readings.foreign.2008")), ("real", at("readings.foreign.2009"))
    near = ("and", ("<=", ("*", before, 0.98), now), ("<=", now, ("*", before, 1.02)))
    parts += [steps, ("if", near, 50.0, 0.0)]
    parts.append(("+", *(late(name, last) for name, last in LATE)))
    parts += [within(f"milestones.{name}.done", first, last) for name, first, last in WITHIN]
    survey = ("and", (">=", at("readings.score.2009"), 3.9), (">", at("readings.place.2009"), 102.5))
    running = ("and", at("facts.plan"), at("facts.audit"), ("<=", at("facts.launched"), "2009-09-15"))
    for part, least in (("Q1", 20.0), ("Q2", 45.0), ("Q4", 97.5)):
        running += ((">=", at(f"readings.use.2009-{part}"), least),)
    return [*parts, ("if", survey, 25.0, 0.0), ("if", running, 50.0, 0.0)]


def as_logic(this: Expr) -> Any:
    """As JSON Logic."""
    if not isinstance(this, tuple):
        return this
    match this:
        case ("var", name):
            return {"var": name}
        case ("real", inner):
            return as_logic(inner)
        case ("weeks", days):
            inner = as_logic(days)
            return {"/": [{"-": [inner, {"%": [inner, 7]}]}, 7]}
    return {this[0]: [as_logic(each) for each in this[1:]]}


def as_list(words: Mapping[str, str]) -> str:
    """All of them as text."""
    return f"[{', '.join(as_text(each, words) for each in expressions())}]"


def as_text(this: Expr, words: Mapping[str, str]) -> str:
    """As text with `? :`, in the words of an engine."""
    if not isinstance(this, tuple):
        return f'"{this}"' if isinstance(this, str) else str(this)
    parts = [as_text(each, words) for each in this[1:]]
    if any(isinstance(each, str) for each in this[1:]) and this[0] != "var":
        parts = [words.get("day", "{}").format(each) for each in parts]
    match this[0]:
        case "var":
            return str(this[1])
        case "if":
            return f"({parts[0]} ? {parts[1]} : {parts[2]})"
        case "real" | "weeks" as what:
            return words[what].format(parts[0])
    return "(" + f" {words.get(this[0], this[0])} ".join(parts) + ")"
