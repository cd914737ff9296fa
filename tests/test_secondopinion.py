"""The second opinion by itself: hand-computed cases, the cases of the documentation, and the six schemes."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import rkdsl
from tests import test_docs
from tests.secondopinion import UNKNOWN, Opinion, State, Unknown, evaluate
from tests.secondopinion.compare import compare

ROOT = Path(__file__).parent.parent
PAGES = ("language.md", "actuals.md", "tutorial.md")

# ---- the cases of the documentation


class Case(NamedTuple):
    """A line of a `cases` block: the contract above it, what is reported, and what it comes to."""

    text: str
    reported: str
    said: str


def cases_of(page: str) -> Iterator[Case]:
    """The cases of a page, in order."""
    runner, text = test_docs._Page(Path()), ""
    for block in test_docs._blocks((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if block.kind == "rk":
            text = runner._framed(block)
            if block.options.get("file") == "frame.rk":
                runner.frame = text
        if block.kind == "cases":
            for line in block.text.splitlines():
                reported, said = line.split("->")
                yield Case(text, reported.strip(), said.strip())


CASES = [each for page in PAGES for each in cases_of(page)]


def asked(reported: str, contract: rkdsl.Contract) -> tuple[str, str, dict[str, Any]]:
    """What a case asks for, and its actuals."""
    actuals: dict[str, Any] = {"contract": contract.id, "as_of": test_docs._AS_OF}
    kind, name = "item", ""
    for each in filter(None, map(str.strip, reported.split(","))):
        found = test_docs._ASKED.fullmatch(each)
        if each == "total":
            kind = each
        elif found is not None:
            kind, name = found.groups()
        elif each.startswith("as of "):
            actuals["as_of"] = each.removeprefix("as of ")
        elif each != "nothing":
            test_docs._report(contract, actuals, *map(str.strip, each.split("=")))
    return kind, name, actuals


def answer(opinion: Opinion, kind: str, name: str) -> tuple[str, Any]:
    """The state and the figure that a case asks for; the state is empty for a value."""
    if kind == "value":
        return "", opinion.values[name]
    if kind == "item":
        return opinion.items[name or next(iter(opinion.items))]
    points = opinion.total if kind == "total" else opinion.sections[name]
    return "settled", points


def in_words(value: Any) -> str:
    """A figure as the cases write it, but for its unit."""
    if isinstance(value, State):
        return value.kind
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        return str(float(value)).removesuffix(".0")
    return str(value)


def is_said(state: str, figure: Any, said: str) -> bool:
    """Whether a settled state and figure are what a case says."""
    if isinstance(figure, State):
        return said == figure.kind
    if figure is None:
        return said == state
    word, _, rest = said.partition(" ") if not said.startswith("partly") else ("partly met", "", said[11:])
    if state:
        return word == state and Fraction(rest.split()[0].replace("_", "")) == figure
    if isinstance(figure, (bool, str)):
        return said == in_words(figure)
    scale = Fraction(1, 100) if rest == "%" else 1
    return bool(Fraction(word.replace("_", "")) * scale == figure)


BY_RANGE = {
    "loans 2026-Q1 = 4_000",
    "renewed 2026 = 100",
    "waiting 2026-Q3 = 29",
    "visits 2026 = 50_000, approved = yes",
    "value rating, visits 2026 = 40_000",
    "moved = not done",
    "visits 2025 = 49_000, visits 2026 = 51_000",
}
"""Cases that are settled only because of what a missing or doubtful figure can be at most or at least."""
ROUNDED = {"value used, spent 2026 = 845, budget 2026 = 1000": Fraction(845, 1000)}
"""Values that are `shown` rounded: what they are."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.reported} -> {case.said}")
def test_cases_of_the_documentation(case: Case) -> None:
    contract = rkdsl.loads(case.text, "c.rk")
    kind, name, actuals = asked(case.reported, contract)
    day = datetime.date.fromisoformat(actuals["as_of"])
    state, figure = answer(evaluate(case.text, actuals, day), kind, name)
    if isinstance(figure, Unknown) or (state in ("pending", "not known") and figure is None):
        assert re.match("not known|pending", case.said) or case.reported in BY_RANGE
    elif figure != ROUNDED.get(case.reported):
        assert is_said(state, figure, case.said), (state, in_words(figure))
    assert compare(case.text, actuals, day) == []


# ---- the six schemes

SCHEMES = ROOT / "examples" / "schemes"
LOADED = {str(path.relative_to(SCHEMES)): rkdsl.load(path) for path in sorted(SCHEMES.glob("*/*.rk"))}
REPORTED = sorted(SCHEMES.glob("*/*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Fraction)


def contract_of(path: Path) -> Path:
    """The contract that a file of actuals is of."""
    name = read(path)["contract"]
    found = [each for each, contract in LOADED.items() if contract.id == name]
    return SCHEMES / found[0]


@pytest.mark.parametrize("path", REPORTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_schemes_agree(path: Path) -> None:
    """Item by item, section by section, value by value: exactly what the tool says."""
    text, actuals = contract_of(path).read_text(encoding="utf-8"), read(path)
    day = datetime.date.fromisoformat(actuals["as_of"])
    if path.stem == "another-grade":
        with pytest.raises(rkdsl.Refused):
            compare(text, actuals, day)
        return
    assert compare(text, actuals, day) == []
    assert UNKNOWN not in evaluate(text, actuals, day).values.values()


def opinion_of(scheme: str, actuals: str = "actuals.json") -> Opinion:
    path = SCHEMES / scheme / actuals
    told = read(path)
    text = contract_of(path).read_text(encoding="utf-8")
    return evaluate(text, told, datetime.date.fromisoformat(told["as_of"]))


@pytest.mark.parametrize(
    ("scheme", "actuals", "name", "figure"),
    [
        ("general-practice", "average-list.json", "payment", Fraction("14885.84")),
        ("general-practice", "small-list.json", "payment", Fraction(67730572, 9103)),
        ("results-framework", "actuals.json", "composite", Fraction("84.5")),
        ("results-framework", "actuals.json", "rating", "Good"),
        ("results-framework", "claims.json", "composite", Fraction(1366, 15)),
        ("results-framework", "policy.json", "composite", Fraction(605, 7)),
        ("service-credits", "actuals.json", "budget_left", Fraction("0.75")),
        ("service-credits", "outages.json", "budget_left", Fraction("-0.5")),
        ("service-credits", "outages.json", "may_rate", Fraction(1)),
        ("chief-executive", "capped.json", "chief_share", Fraction("0.8")),
        ("chief-executive", "missed.json", "chief_share", Fraction(0)),
        ("chief-executive", "above.json", "chief_share", Fraction("0.695")),
        ("chief-executive", "with-modifier.json", "deputy_share", Fraction("0.8")),
        ("rector", "actuals.json", "payout", Fraction("0.78125")),
        ("housing-agency", "actuals.json", "score", Fraction("0.88")),
        ("housing-agency", "late-certification.json", "rating", "troubled"),
    ],
)
def test_figures_of_the_schemes(scheme: str, actuals: str, name: str, figure: Any) -> None:
    """The figures that the schemes are known by, without the tool."""
    assert opinion_of(scheme, actuals).values[name] == figure


def test_points_of_the_general_practice() -> None:
    """123 of 220 patients, from 45 to 70 %, of 20 points: 96/11; nobody eligible is not scored."""
    opinion = opinion_of("general-practice")
    assert opinion.items["pressure"] == ("partly met", Fraction(96, 11))
    assert opinion.items["dementia"] == ("not applicable", State("not applicable"))
    assert opinion.maximum == 60


# ---- cases reckoned by hand

WORLD = """
contract c "Sample" {
  period 2026
  role board "The board"
  measure visits "Visits" { unit visits  higher is better  each year  may not apply  2025: 100 }
  measure share "Share" { unit %  higher is better  each year  2025: 80 }
  measure wait "Wait" { unit days  lower is better  each month  combined by mean }
  measure spent "Spent" { unit DKK  no direction  each year }
  measure budget "Budget" { unit DKK  no direction  each year }
  fact sure "Sure" { unit yes or no  may not apply }
  fact grade "Grade" { unit word  range ("low" | "middle" | "high") }
  fact start "Start" { unit day }
  fact x "A number" { unit number }
  parameter cut(low | high) "Cut" { unit % }
  parameter price "Price" { unit DKK/points  each year }
  calendar work "Working days" { each (monday | tuesday | wednesday | thursday | friday)  except (2026-12-25) }
"""


def reckon(inner: str, as_of: str = "2027-01-31", **told: Any) -> Opinion:
    """The opinion of statements in the sample contract."""
    actuals = {"contract": "c", "as_of": as_of, **told}
    return evaluate(WORLD + inner + "}\n", actuals, datetime.date.fromisoformat(as_of))


def item(inner: str, as_of: str = "2027-01-31", **told: Any) -> tuple[str, Any]:
    return reckon(f'goal g "G" {{ {inner} }}', as_of, **told).items["g"]


def value(body: str, as_of: str = "2027-01-31", **told: Any) -> Any:
    return reckon(f"value v = {body}", as_of, **told).values["v"]


def year(**figures: Any) -> dict[str, Any]:
    """Readings of 2026."""
    return {name: {"2026": figure} for name, figure in figures.items()}


NA = {"not_applicable": "why"}
ND, NOT = State("not defined"), State("not applicable")


@pytest.mark.parametrize(
    ("test", "figure", "holds"),
    [
        ("at most 100", 100, True),
        ("below 100", 100, False),
        ("above 100", 101, True),
        ("exactly 100", 100, True),
        ("between 99 and 101", 101, True),
        ("rises from 2025", 100, False),
        ("falls from 2025", 99, True),
        ("rises by 5 % from year before", 105, True),
        ("rises by 5 % from year before", 104, False),
        ("falls by at most 10 from 2025", 90, True),
        ("falls by at most 10 from 2025", 89, False),
        ("rises by exactly 3 from 2025", 103, True),
        ("unchanged within 2 % from 2025", 98, True),
        ("unchanged within 2 from 2025", 97, False),
        ("above year before", 100, False),
        ("is better than 100", 101, True),
        ("is not as good as 100", 101, False),
    ],
)
def test_tests(test: str, figure: int, holds: bool) -> None:
    assert value(f"visits in 2026 {test}", readings=year(visits=figure)) is holds


def test_change_of_a_share_of_nothing() -> None:
    body = "wait in 2026-02 falls by 10 % from 2026-01"
    assert value(body, readings={"wait": {"2026-01": 0, "2026-02": 0}}) == ND
    assert value("share in 2026 rises by 5 pp from 2025", readings=year(share=85)) is True
    assert value("share in 2026 rises by 5 % from 2025", readings=year(share=84)) is True


@pytest.mark.parametrize(
    ("body", "figure"),
    [
        ("2 + 3 * 4 - 6 / 2", Fraction(11)),
        ("min(3 | 1 | 2)", Fraction(1)),
        ("best(2 | 3 | 1 | 2)", Fraction(5)),
        ("worst(2 | 3 | 1 | 2)", Fraction(3)),
        ("mean(1 | 2)", Fraction(3, 2)),
        ("power(1.5 | -2)", Fraction(4, 9)),
        ("power(0 | -1)", ND),
        ("1 / (2 - 2)", ND),
        ("x rounded half to even to 1", Fraction(2)),
        ("x rounded half away from zero to 1", Fraction(3)),
        ("0 - x rounded half up to 1", Fraction(-2)),
        ("0 - x rounded down to 1", Fraction(-3)),
        ("0 - x rounded toward zero to 1", Fraction(-2)),
        ("0 - x rounded up to 1", Fraction(-2)),
        ("0 - x rounded away from zero to 1", Fraction(-3)),
        ("count(x at least 2 | x at least 3 | x above 1)", Fraction(2)),
        ("84.5 million DKK", Fraction(84_500_000)),
        ('{ when x above 3: "much"  when x above 2: "some"  otherwise: "little" }', "some"),
        ("steps of x { at most 2: 1  above 2 below 3: 5  at least 3: 9 }", Fraction(5)),
        ("steps of x { at most x: 1  at least x: 2 }", ND),
        (
            "steps of x across x * 2 { below 5 | at least 5 } { at most 2: 1 | 2  above 2: 3 | 4 }",
            Fraction(4),
        ),
        ("curve of x { below: flat  at 2: 10  at 3: 20  above: flat }", Fraction(15)),
        ("curve of x { below: flat  at 1: 10  at 2: 20  above: continued }", Fraction(25)),
        ('curve of x { below: flat  at 1: 10  at 2: 20  above: not applicable "why" }', NOT),
        ("curve of x { below: flat  below 3: 8  at 2: 4  at 3: 20  above: flat }", None),
        ("days(2026-12-24 | 2026-12-29 | work)", Fraction(2)),
        ("days(2026-12-29 | 2026-12-24 | work)", Fraction(-2)),
        ("days(2026-12-24 | 2026-12-29)", Fraction(5)),
    ],
)
def test_calculations(body: str, figure: Any) -> None:
    """With x = 2.5."""
    if figure is None:
        body, figure = "curve of x { below: flat  at 2: 4  below 3: 8  at 3: 20  above: flat }", Fraction(6)
    assert value(body, facts={"x": Fraction("2.5")}) == figure


def test_readings_of_longer_periods() -> None:
    """A mean of three months, the last of them, and each by itself."""
    told = {"readings": {"wait": {"2026-01": 1, "2026-02": 2, "2026-03": 6}}}
    assert value("wait in 2026-Q1", **told) == 3
    assert value("max(wait in 2026-Q1)", **told) == 6
    assert value("last(wait in 2026-02..2026-03)", **told) == 6
    assert value("wait in 2026-Q2", **told) == UNKNOWN
    assert value("wait in 2026-Q1 is reported", **told) is True


def test_values_and_scales() -> None:
    inner = """
    value use higher is better = spent / budget
    scale reached(of | a | b) range 0 %..100 % = curve of of { below: flat  at a: 0 %  at b: 100 %  above: flat }
    value now = use in 2026
    value grown = use in 2026 rises from 2025
    value half = reached(use in 2026 | cut.low | cut.high)
    """
    told: dict[str, Any] = {
        "readings": {"spent": {"2025": 40, "2026": 50}, "budget": {"2025": 100, "2026": 100}},
        "parameters": {"cut": {"low": 40, "high": 80}},
    }
    assert reckon(inner, **told).values == {"now": Fraction(1, 2), "grown": True, "half": Fraction(1, 4)}
    told["parameters"]["cut"] = {"low": 80, "high": 40}
    assert reckon(inner, **told).values["half"] == ND


def test_items() -> None:
    """The worths, a line, late costs, an assessment beside them."""
    inner = """weight 20  target visits in 2026 at least 100 worth 5
      milestone m "M" by 2026-03-31 worth 10 late costs 2 per started week down to 1
      target share in 2026 linear from 80 % to 90 % worth 5"""
    told = {"readings": year(visits=100, share=84), "milestones": {"g.m": "2026-04-08"}}
    # 5, 10 less two weeks, 4 of 10 percent of 5
    assert item(inner, **told) == ("partly met", Fraction(5 + 6 + 2))
    assert item(inner + " assessed by board", **told)[1] == UNKNOWN
    seen = {"g": {"points": 20, "by": "board", "reason": "seen"}}
    assert item(inner + " assessed by board", assessed=seen, **told) == ("met", Fraction(20))


def test_states_of_groups() -> None:
    """What is settled wins only where nothing open can decide."""
    nd, na = "target spent / budget in 2026 at least 1", "target visits in 2026 at least 1"
    readings = {**year(spent=1, budget=0), "visits": {"2026": NA}}
    assert item(f"weight 5  {nd}  {na}", readings=readings) == ("not defined", ND)
    assert item(f"weight 5  {na}", readings=readings) == ("not applicable", NOT)
    assert item(f"weight 5  {nd}  target sure is yes", readings=readings)[0] == "not known"
    told: dict[str, Any] = {"readings": readings, "facts": {"sure": False}}
    assert item(f"weight 5  {nd}  target sure is yes", **told) == ("missed", Fraction(0))
    two = f"weight 5  at least 2 of {{ {nd}  {na}  target sure is yes }}"
    assert item(two, **told) == ("not defined", ND)


CLOSED = "reporting closes 2027-01-01"


def test_not_reported() -> None:
    """A condition counts as zero, or is left out; what already failed stays failed."""
    goal = 'goal g "G" { weight 10  target visits in 2026 at least 5  target sure is yes }'
    other = 'goal h "H" { weight 30  target share in 2026 at least 50 % }'
    zero, out = (f"{CLOSED} not reported {each} " for each in ("counts as zero", "is left out"))
    told: dict[str, Any] = {"readings": year(share=60)}
    assert reckon(zero + goal + other, **told).items["g"] == ("missed", Fraction(0))
    left = reckon(out + goal + other, **told)
    assert (left.items["g"], left.total, left.maximum) == (("not applicable", NOT), 30, 30)
    failed = reckon(out + goal + other, facts={"sure": False}, **told)
    assert (failed.items["g"], failed.total, failed.maximum) == (("missed", Fraction(0)), 30, 40)
    before = reckon(out + goal + other, as_of="2026-12-30")
    assert before.items["g"][0] == "pending"


def test_not_reported_in_a_score() -> None:
    """Rows that are not taken need nothing; what `is reported` asks for need not be."""
    rows = "when start is reported: 9 points  when sure is yes: 8 points  when x above 1: 6 points"
    score = f'goal g "G" {{ weight 4..10  score {{ {rows}  otherwise: 4 points }} }}'
    zero = f"{CLOSED} not reported counts as zero "
    assert reckon(score, facts={"sure": True}).items["g"] == ("partly met", Fraction(8))
    assert reckon(zero + score, facts={"sure": True}).items["g"] == ("partly met", Fraction(8))
    assert reckon(score, facts={"sure": False}).items["g"] == ("not known", UNKNOWN)
    assert reckon(zero + score, facts={"sure": False}).items["g"] == ("missed", Fraction(4))
    target = 'value v = { when sure is yes: 8  otherwise: x } goal g "G" { weight 1  target v at least 5 }'
    assert reckon(zero + target, facts={"sure": True}).items["g"] == ("met", Fraction(1))
    assert reckon(zero + target, facts={"sure": False}).items["g"] == ("missed", Fraction(0))


def test_not_applicable() -> None:
    goal = 'goal g "G" { weight -2..10  %s target visits in 2026 at least 5 }'
    goal += 'goal h "H" { weight 1  target sure is yes }'
    told: dict[str, Any] = {"readings": {"visits": {"2026": NA}}, "facts": {"sure": True}}
    assert reckon(goal % "", **told).total == NOT
    assert reckon(goal % "not applicable counts as zero", **told).total == -1
    left = reckon(goal % "not applicable is left out", **told)
    assert (left.total, left.maximum) == (1, 1)


def test_limits() -> None:
    """Each on what the one before left; the state is that before them."""
    inner = """weight 10  target visits in 2026 at least 5
      limit "first" to at most 4 when grade is "low"
      limit "second" to at least 6 when sure is yes
      limit "third" to not defined "why" when x above 1"""
    told: dict[str, Any] = {"readings": year(visits=5)}
    facts = {"grade": "low", "sure": False, "x": 1}
    assert item(inner, facts=facts, **told) == ("met", Fraction(4))
    assert item(inner, facts={**facts, "sure": True}, **told) == ("met", Fraction(6))
    assert item(inner, facts={**facts, "x": 2}, **told) == ("not defined", ND)
    assert item(inner, facts={"grade": "low", "x": 1}, **told)[1] == UNKNOWN
    assert item(inner, facts={"grade": "high", "sure": True, "x": 1}, **told) == ("met", Fraction(10))


@pytest.mark.parametrize(
    ("combined", "points", "maximum"),
    [
        ("", 15, 40),
        ("combined by mean", 5, Fraction(40, 3)),
        ("combined by best 2", 13, 30),
        ("combined by worst 2", 7, 30),
        ("combined by mean best 2", Fraction(13, 2), 15),
        ("combined by mean worst 2", Fraction(7, 2), 15),
        (
            "combined by weighted mean (a: 3 | b: 2 | d: 1)",
            Fraction(6 + 10 + 8, 6),
            Fraction(30 + 20 + 20, 6),
        ),
        ("combined by mean of share  weight 30", 11, 30),
        ("combined by best 1 of share  weight 30", 15, 30),
        ("weight 80", 30, 80),
        ("combined by count", 0, 3),
        ("needs at least 4 otherwise 7", 7, 40),
    ],
)
def test_sections(combined: str, points: Any, maximum: Any) -> None:
    """2 of 10, 5 of 10 and 8 of 20."""
    inner = "  ".join(f'goal {name} "G" {{ weight 0..{most}  assessed by board }}' for name, most in MEMBERS)
    told = {name: {"points": got, "by": "board"} for (name, _), got in zip(MEMBERS, (2, 5, 8), strict=True)}
    opinion = reckon(f'section s "S" {{ {combined}  {inner} }}', assessed=told)
    assert (opinion.sections["s"], opinion.maxima["s"]) == (points, maximum)


MEMBERS = (("a", 10), ("b", 10), ("d", 20))


def test_sections_with_what_is_left_out() -> None:
    inner = "  ".join(f'goal {name} "G" {{ weight 0..{most}  assessed by board }}' for name, most in MEMBERS)
    section = f'section s "S" {{ not applicable is left out  combined by mean best 2  weight 20  {inner} }}'
    told: dict[str, Any] = {
        "a": {**NA, "by": "board"},
        "b": {**NA, "by": "board"},
        "d": {"points": 8, "by": "board"},
    }
    opinion = reckon(section, assessed=told)
    assert (opinion.sections["s"], opinion.total, opinion.maximum) == (8, 8, 20)
    opinion = reckon(section, assessed={**told, "d": {**NA, "by": "board"}})
    assert (opinion.sections["s"], opinion.total) == (NOT, NOT)


def test_sections_in_a_count() -> None:
    """Items and sections in it are counted, also those without weight."""
    inner = """section s "S" { combined by count
      goal a "A" { target sure is yes }
      section t "T" { goal b "B" { weight 10  target visits in 2026 at least 5 } } }"""
    opinion = reckon(inner, facts={"sure": False}, readings=year(visits=5))
    assert (opinion.sections["s"], opinion.maxima["s"]) == (1, 2)


def test_state_of_a_section() -> None:
    """Its lowest is what it comes to when everything in it is at its lowest."""
    inner = """section s "S" { combined by mean of share  weight 30
      goal a "A" { weight 5..10  target sure is yes } }
      value v = s is missed"""
    assert reckon(inner, facts={"sure": False}).values["v"] is True


def test_rows_of_a_goal() -> None:
    inner = """goal many(w | figure | p) "Many" {
        weight w  target figure in p at least 50 %
        milestone m "M" by p
      } each {
        one: 10 | share | 2026
        two: 5 | used | 2026 { weight 7 }
      }
      value used = spent / budget"""
    told: dict[str, Any] = {
        "readings": year(share=50, spent=49, budget=100),
        "milestones": {"one.m": "2026-12-31", "two.m": "2026-01-01"},
    }
    opinion = reckon(inner, **told)
    assert opinion.items == {"one": ("met", Fraction(10)), "two": ("missed", Fraction(0))}
    assert opinion.maximum == 17


def test_points_in_percent() -> None:
    """Outside they are as written, inside a share."""
    text = WORLD.replace("period 2026", "period 2026  total 100 %", 1)
    inner = 'goal g "G" { weight 60 %  target sure is yes } goal h "H" { weight 40 %  target sure is no }'
    inner += "value v = g.points at least 60 %  value w = total.points"
    opinion = evaluate(text + inner + "}", {"facts": {"sure": True}}, datetime.date(2027, 1, 31))
    assert (opinion.total, opinion.maximum, opinion.values) == (60, 100, {"v": True, "w": Fraction(60)})


def test_carried() -> None:
    inner = 'goal g "G" { weight 9  target sure is yes }  value v = previous(g.state) is "missed"'
    assert reckon(inner, carried={"g": {"state": "missed"}}).values["v"] is True
    assert reckon(inner, carried={"g": {"state": "not defined"}}).values["v"] == ND
    assert reckon(inner).values["v"] == UNKNOWN
    grant = "value grant range at least 0 DKK = max(budget in 2026 | 50 % * previous(grant))"
    assert reckon(grant, carried={"grant": 30}, readings=year(budget=10)).values["grant"] == 15


def test_values_stated_more_than_once() -> None:
    """Each of them is tried."""
    inner = 'weight 10  target visits in 2026 at least 50 elsewhere 60 see "annex"'
    assert item(inner, readings=year(visits=60)) == ("met", Fraction(10))
    assert item(inner, readings=year(visits=55)) == ("not known", UNKNOWN)
    assert item(inner + " governs", readings=year(visits=55)) == ("missed", Fraction(0))


def test_reports_of_a_day() -> None:
    """Corrections count from their day; the contract's figure holds until it is corrected."""
    told: dict[str, Any] = {
        "visits": {
            "2025": {"value": 120, "corrects": "contract", "reported": "2026-06-01"},
            "2026": [
                {"value": 110, "reported": "2027-01-05"},
                {"value": 130, "reported": "2027-01-20", "corrects": "2027-01-05"},
            ],
        }
    }
    body = "visits - (visits in 2025) in 2026"
    assert value(body, readings=told) == 10
    assert value(body, as_of="2027-01-19", readings=told) == -10
    assert value("visits in 2025", as_of="2026-05-31", readings=told) == 100
    told["visits"]["2025"] = 120
    assert value("visits in 2025", readings=told) == UNKNOWN


def test_result() -> None:
    assert reckon("result v  value v = sure is yes", facts={"sure": True}).result is True
    states = reckon('result states  goal g "G" { target sure is yes }', facts={"sure": True})
    assert (states.result, states.total, states.items) == ("states", None, {"g": ("met", None)})


def test_compare_tells_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong opinion is told, line by line."""
    from tests.secondopinion import compare as module

    text = WORLD + 'goal g "G" { weight 10  target sure is yes } value v = x }'
    actuals = {"contract": "c", "as_of": "2027-01-31", "facts": {"sure": True, "x": 1}}
    day = datetime.date(2027, 1, 31)
    assert compare(text, actuals, day) == []
    wrong = evaluate(text, {"facts": {"sure": False, "x": 2}}, day)
    monkeypatch.setattr(module, "evaluate", lambda *_: wrong)
    assert compare(text, actuals, day) == [
        "item g: second opinion missed, tool met",
        "item g: second opinion 0, tool 10 to 10 met",
        "total: second opinion 0, tool 10 to 10",
        "value v: second opinion 2, tool 1",
    ]
