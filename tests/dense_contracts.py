"""Small contracts with few inputs that are used in many ways: what their bounds hang on is near at hand.

A contract of every form mostly asks for each reading once. Here five facts meet in products, quotients, corners,
heights, edges and conditions, each in several, so that few gaps reach all that the evaluator makes of intervals.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from decimal import Decimal
from random import Random
from typing import Any, Final

HEAD: Final = """contract c "C" {
  period 2026
  role board "The board"
  calendar work "Working days" {
    each (monday | tuesday | wednesday | thursday | friday)  except (2026-06-05 | 2026-06-19 | 2026-06-28)
  }
  fact x "The x" { unit number  range -4..6 }
  fact y "The y" { unit number  range 1..5  may not apply }
  fact z "The z" { unit number  higher is better }
  fact n "The n" { unit cases  range 0..6  higher is better }
  fact p "The p" { unit %  range 0..120 %  higher is better }
  fact d "The d" { unit day }
  fact sure "Sure" { unit yes or no }
  fact grade "The grade" { unit word  range ("low" | "middle" | "high") }
"""
ROUNDINGS: Final = (
    *("up", "down", "toward zero", "away from zero", "half up", "half away from zero", "half to even"),
)
SPANS: Final = ("days(d | 2026-06-30 | work) / 5 days",)
TESTS: Final = ("at least", "at most", "above", "below", "exactly")
COMBINED: Final = (
    *("", "", "combined by mean", "combined by best 2", "combined by worst 2", "combined by mean best 2"),
    *("combined by mean worst 1", "combined by mean of share  weight 12", "combined by weighted mean ({})"),
    *("combined by weighted mean ({})", "combined by weighted mean ({})"),
    *("combined by best 2 of share  weight 30", "combined by count", "weight 24"),
)


class _Dense:
    def __init__(self, seed: int) -> None:
        self.r = Random(seed)
        self.names: list[str] = []

    def pick(self, *found: Any) -> Any:
        return self.r.choice(found)

    def literal(self) -> str:
        return str(self.pick("0", "1", "2", "3", "5", "0.5", "2.5", "-1", "-2"))

    def atom(self) -> str:
        name = self.pick(
            "x", "x", "y", "z", "p / 50 %", "n / 2 cases", "(d - 2026-06-01) / 10 days", *self.names
        )
        return f"({name})" if " " in name else str(name)

    def number(self, depth: int = 2) -> str:
        """A calculation of plain numbers."""
        if depth == 0 or self.r.random() < 0.2:
            return self.atom() if self.r.random() < 0.75 else f"({self.literal()})"
        inner = [self.number(depth - 1) for _ in range(3)]
        form = self.pick(
            *("({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} * {0})", "({0} / {1})", "min({0} | {1})"),
            *("max({0} | {1})", "sum({0} | {1} | {2})", "mean({0} | {1})", "best(1 | {0} | {1} | {2})"),
            *("worst(2 | {0} | {1} | {2})", f"power({{0}} | {self.pick(-2, -1, 0, 1, 2, 3)})"),
            f"count({self.condition(0)} | {self.condition(0)})",
        )
        return str(form.format(*inner))

    def condition(self, depth: int = 1) -> str:
        simple = self.pick(
            f"{self.number(depth)} {self.pick(*TESTS)} {self.number(depth)}",
            f"{self.atom()} between {self.literal()} and {self.number(depth)}",
            f"n {self.pick('at least', 'below', 'exactly')} {self.pick(1, 3, 6)}",
            f"p {self.pick('at least', 'below')} {self.pick(0, 50, 80, 120)} %",
            f"d {self.pick('at most', 'above', 'exactly')} 2026-0{self.pick(3, 6)}-01",
            f"days(d | 2026-06-30 | work) {self.pick('above', 'at most')} {self.pick(0, 5, 20)} days",
            f"sure is {self.pick('yes', 'no', 'not yes')}",
            f"grade is {self.pick('', 'not ')}{self.pick(chr(34) + 'low' + chr(34), chr(34) + 'high' + chr(34))}",
            f"y is {self.pick('', 'not ')}applicable",
        )
        if depth and self.r.random() < 0.3:
            return f"{simple} {self.pick('and', 'or')} {self.condition(0)}"
        return str(simple)

    def body(self) -> str:
        """Of a value of plain numbers."""
        a, b, c = (self.pick(self.number(1), self.literal(), self.literal()) for _ in range(3))
        low, high = self.pick(("0", "2"), ("1", "5"), ("-2", "2.5"), ("0", self.atom()), (self.atom(), "4"))
        ends = (
            self.pick("flat", "flat", "continued", 'not defined "no"'),
            self.pick("flat", "continued", "flat"),
        )
        jump = self.pick("", "", f"  below {high}: {a}", f"  above {low}: {c}")
        corners = f"below: {ends[0]}  at {low}: {a}  at {high}: {b}"
        stretch = f"below {low}: {a}  at least {low} below {high}: {b}  at least {high}: {c}"
        word = f'exactly "low": {a}  exactly "middle": {b}  exactly "high": {c}'
        return str(
            self.pick(
                f"curve of {self.number(1)} {{ {corners}{jump}  above: {ends[1]} }}",
                f"curve of {self.atom()} {{ {corners}  above: {ends[1]} }}",
                self.number(3),
                self.number(3),
                f"{{ when {self.condition()}: {a}  when {self.condition()}: {b}  otherwise: {c} }}",
                f'{{ when {self.condition()}: {a}  otherwise: not applicable "none" }}',
                f"steps of {self.number(1)} {{ {stretch} }}",
                f"steps of grade {{ {word} }}",
                f"steps of {self.atom()} across n {{ below 3 | at least 3 }} "
                f"{{ below {low}: {a} | {b}  at least {low}: {c} | {a} }}",
            )
        )

    def value(self, name: str) -> str:
        bounds = self.pick("", "", "", "range -9..9", "range at least -2", "range -2..5")
        rounded = self.pick("", "", f"rounded {self.pick(*ROUNDINGS)} to {self.pick('1', '0.5', '2')}")
        return f"  value {name} {bounds} = {self.body()} {rounded}\n"

    def word(self) -> str:
        return (
            f'  value w = {{ when {self.condition()}: "a"  when {self.condition()}: "b"  otherwise: "c" }}\n'
        )

    def goal(self, name: str) -> str:
        weight = self.pick(5, 10, 20)
        line = f"target p linear from 20 % to {self.pick(80, 100)} %"
        parts = [f"target {self.condition(1)}" if self.r.random() < 0.5 else line]
        kind = self.r.randrange(7)
        if kind == 0:
            parts = [f'milestone m "M" by 2026-06-30 late costs 2 per started week down to {self.pick(0, 1)}']
        elif kind == 1:
            parts = [f"score {{ when {self.condition()}: {weight} points  otherwise: x * 1 points }}"]
        elif kind == 2:
            parts = ["score curve of p { below: flat  at 20 %: 0 points  at 90 %: 5 points  above: flat }"]
        elif kind == 3:
            group = self.pick("any of", "all of", "at least 2 of")
            parts = [f"{group} {{ {'  '.join(self.member() for _ in range(3))} }}"]
        elif kind == 4:
            parts.append("assessed by board")
        limit = self.pick("", "", "to at most 3", "to 0")
        if limit:
            limit = f'limit "L" {limit} when {self.condition()}'
        scored = f"0..{weight}" if kind in (1, 2) else str(weight)
        left_out = self.pick("", "", "not applicable is left out", "not applicable counts as zero")
        return f'    goal {name} "G" {{ weight {scored}  {left_out}  {"  ".join(parts)}  {limit} }}\n'

    def member(self) -> str:
        return f"target {self.condition(0)}"

    def text(self) -> str:
        lines = [HEAD]
        for at in range(self.pick(2, 3, 4)):
            lines.append(self.value(f"v{at}"))
            self.names.append(f"v{at}")
        if self.r.random() < 0.5:
            lines.append(self.word())
        goals = [f"g{at}" for at in range(self.pick(1, 3, 3))]
        if len(goals) > 2:
            weights = " | ".join(f"{each}: {self.pick(1, 1, 2, 3)}" for each in goals)
            rules = self.pick("", "not applicable is left out", "not applicable is left out")
            needs = self.pick("", "", "needs at least 2 otherwise 4")
            lines.append(f'  section s "S" {{ {self.pick(*COMBINED).format(weights)}  {rules}  {needs}\n')
            lines += [self.goal(each) for each in goals]
            lines += ["  }\n", "  value share = s.share\n"]
        else:
            lines += [self.goal(each) for each in goals]
        lines.append(
            f"  value reached = {self.pick('total.points / 10 points', 'total.share', 'g0.share')}\n"
        )
        return "".join(lines) + "}\n"


RARE: Final = (
    """  value a1 = curve of x { below: flat  at -1: y  at 5: 3  above: flat }
  value a2 = curve of x { below: continued  at 1: 2  at 3: y  above: continued }
  value a3 = curve of x { below: continued  at -2: y  at 1: 2  above: continued }
  value r1 = x rounded half up to 2
  value r2 = r1 - x
  value r3 = x rounded down to 0.5
  value r4 = x - r3
  value r5 = (x + 1) rounded half to even to 2
  value r6 = r5 * 2 - x
  value near = count(x between y - z and y + z)
""",
    """  value p0 = power(z | 0)
  value p1 = power(z | 2) - z
  value p2 = power(x | 3) - x
  value p3 = power(y | -1) + y
  value q1 = x * x - 2 * x
  value q2 = (x + 1) * (x - 1)
  value q3 = 1 / x
  value m1 = min(x | 20) - x
  value m2 = max(min(z | 20 | x) | -20) - x
  value c6 = curve of 0 - z { below: flat  at 0: 0  at 2: 5  above: continued }
  value c7 = c6 + z
  value c8 = curve of 0 - z { below: flat  at 0: 0  at 1: 9  at 1.5: 10  above: continued }
  value c9 = c8 + z
  value t1 = { when q3 is defined: 1  otherwise: 2 }
  value t2 = { when q3 is applicable: 1  otherwise: 2 }
  value t3 = { when y is defined: 1  otherwise: 2 }
""",
    """  value days_left = days(d | 2026-06-30 | work)
  value c1 = days_left / 1 days
  value c2 = { when days_left between 2.2 days and 2.8 days: "half"  otherwise: "whole" }
  value c3 = { when days_left - (d - 2026-06-01) above 3 days: 1  otherwise: 2 }
  value c4 = { when (g0.m - 2026-06-01) / 1 days between 100.2 and 100.8: "half"  otherwise: "whole" }
  value c5 = curve of min(z | 2) { below: continued  at 0: 0  below 2: 5  at 2: 9  above: flat }
  goal g0 "G" { weight 10  milestone m "M" by 2026-06-30 late costs 2 per started week down to 1 }
  goal g1 "G" { weight 5  milestone m "M" by 2026-07-07 }
""",
    """  fact u "The u" { unit number  range 0..9  may not apply }
  section s "S" { combined by weighted mean (g0: 3 | g1: 1 | g2: 2)  not applicable is left out
    goal g0 "G" { weight 0..10  score curve of p { below: flat  at 20 %: 0 points  at 90 %: 10 points  above: flat } }
    goal g1 "G" { weight 0..10  score y * 2 points }
    goal g2 "G" { weight 0..10  score u * 1 points }
  }
  value share = s.share
  value zero = count(s.points exactly 0 points)
""",
    """  fact u "The u" { unit number  range 0..9  may not apply }
  fact k "The k" { unit cases }
  fact l "The l" { unit cases }
  value least = min(k + l | k + 2 cases)
  value nd = { when sure is yes: not defined "a"  otherwise: not applicable "b" }
  section s "S" { combined by mean best 2  not applicable is left out  needs at least 2 otherwise 4
    goal g0 "G" { weight 10  target nd at least 1  target x at least 2 }
    goal g1 "G" { weight 10  target 1 / x at least 1 }
    goal g2 "G" { weight 10  target u at least 3 }
    goal g3 "G" { weight 10  any of { target nd at least 1  target x at least 2  target y at most 2 } }
  }
  value reached = s.share
  value rating = steps of s.points { below 5: "low"  at least 5 below 8: "middle"  at least 8: "high" }
""",
)
"""What is seldom drawn: corners that are missing, rounding beside the number itself, weights of zero, counted days."""


def dense(seed: int) -> str:
    """The contract of a seed; one in some is refused, as it is not looked whether its numbers make sense."""
    if seed < 0:
        return f"{HEAD}{RARE[-1 - seed]}}}\n"
    return _Dense(seed).text()


def told(seed: int, known: Collection[str]) -> dict[str, Any]:
    """Complete actuals of it, with those milestones and assessments that it has."""
    r = Random(seed)
    numbers: list[Any] = [-4, -2, -1, 0, 1, 2, Decimal("2.5"), 3, 5, 6]
    day = datetime.date(2026, 5, 1) + datetime.timedelta(r.choice((0, 30, 31, 60, 61, 68, 90)))
    facts = {
        "x": r.choice(numbers),
        "y": {"not_applicable": "no"} if r.random() < 0.1 else r.choice([1, 2, Decimal("2.5"), 3, 5]),
        "z": r.choice(numbers),
        "n": r.randrange(7),
        "p": r.choice((0, 20, 50, Decimal("79.99"), 80, 100, 120)),
        "d": day.isoformat(),
        "sure": r.random() < 0.5,
        "grade": r.choice(("low", "middle", "high")),
    }
    as_of = r.choice(("2026-06-30", "2026-07-07", "2027-02-01", "2027-02-01"))
    done: Any = r.choice(("not done", "2026-06-30", "2026-07-01", "2026-07-08", "2026-08-30"))
    done = done if done <= as_of else "not done"
    if "u" in known:
        facts["u"] = {"not_applicable": "no"} if r.random() < 0.2 else r.randrange(10)
    facts.update({name: r.randrange(9) for name in ("k", "l") if name in known})
    found: dict[str, Any] = {"contract": "c", "as_of": as_of, "facts": facts}
    found["milestones"] = {f"g{at}.m": done for at in range(3) if f"g{at}.m" in known}
    marks = {"points": r.randrange(5), "by": "board", "reason": "seen"}
    found["assessed"] = {f"g{at}": marks for at in range(3) if f"g{at}" in known}
    return found
