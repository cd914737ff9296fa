"""What single forms come to where several states, gaps or open places meet: figures worked out by hand."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import pytest

import rkdsl
from rkdsl.diagnostics import Refused
from rkdsl.pipeline import Outcome
from tests.secondopinion.compare import compare

WORLD = """contract c "C" {
  period 2026
  role board "The board"
  measure x "X" { unit number  higher is better  each year  may not apply }
  measure y "Y" { unit number  higher is better  each year  may not apply }
  measure mood "Mood" { unit word  range ("low" | "middle" | "high")  each quarter }
  fact grade "Grade" { unit word  range ("low" | "high") }
  fact sure "Sure" { unit yes or no }
  parameter p "P" { unit number  may not apply }
"""
CLOSED = "reporting closes 2027-02-01  not reported counts as zero\n"
LEFT = "reporting closes 2027-02-01  not reported is left out\n"


def reckon(inner: str, as_of: str = "2027-02-01", **told: Any) -> Outcome:  # JSON values written in tests
    """The outcome of a contract with these parts, on which the second opinion agrees."""
    text = WORLD + inner + "\n}\n"
    actuals = {"contract": "c", "as_of": as_of, **told}
    assert compare(text, actuals, datetime.date.fromisoformat(as_of)) == []
    return rkdsl.loads(text, "c.rk").evaluate(actuals)


def item(outcome: Outcome, name: str = "g") -> tuple[str, Any, Any]:
    """State, secured and possible points of an item."""
    found = outcome.item(name)
    points = found.points
    return (found.state, None, None) if points is None else (found.state, points.secured, points.possible)


def section(outcome: Outcome, name: str = "s") -> tuple[str, Any, Any]:
    found = next(each for each in outcome.sections if each.id == name)
    assert found.points is not None
    return found.state, found.points.secured, found.points.possible


def year(**figures: Any) -> dict[str, Any]:  # JSON values written in tests
    return {name: {"2026": figure} for name, figure in figures.items()}


# ---- what is missed

OF_V = '  goal g "G" { weight 10  target v at least 5 }'
SUM = "value v = x + 1 / (y - y) in 2026" + OF_V
ROWS = "value v = { when y in 2026 at least 1: 7  otherwise: (x in 2026) }" + OF_V
STUCK_ROWS = ROWS.replace("y in 2026 at", "1 / (y - y) in 2026 at")
ONE_OF = 'value v = y in 2026 at least 1 or x in 2026 at least 1  goal g "G" { weight 10  target v is yes }'
CURVE = """goal g "G" { weight 10
  score curve of y in 2026 { below: flat  at 0: 0 %  at 4: 100 %  at 8: (x in 2026)  above: flat } }"""
TWO = """goal h "H" { weight 5  target x in 2026 at least 1 }
  goal g "G" { weight 10  target h.points at least 0 points }"""
ND = "not defined"


@pytest.mark.parametrize(
    ("inner", "readings", "state", "points"),
    [
        # beside a division by zero x is missed all the same: in a value as in a target
        (SUM, {"y": 1}, "missed", 0),
        ('goal g "G" { weight 10  target x + 1 / (y - y) in 2026 at least 5 }', {"y": 1}, "missed", 0),
        (SUM, {"x": 1, "y": 1}, ND, None),
        # in a row that is not taken it is not; nor behind a condition that is not defined
        (ROWS, {"y": 1}, "met", 10),
        (ROWS, {"y": 0}, "missed", 0),
        (STUCK_ROWS, {"y": 0}, ND, None),
        # one side of `or` in a value; of a target each side is a condition of its own
        (ONE_OF, {"y": 1}, "missed", 0),
        (
            'goal g "G" { weight 10  target y in 2026 at least 1 or x in 2026 at least 1 }',
            {"y": 1},
            "met",
            10,
        ),
        # a corner is missed on the stretches that it ends: halfway from 0 to 4 is half of 10 points
        (CURVE, {"y": 2}, "partly met", 5),
        (CURVE, {"y": 5}, "missed", 0),
        (CURVE, {"y": 9}, "missed", 0),
        # a baseline that has no shares does not excuse what is measured against it
        (
            'goal g "G" { weight 10  target x in 2026 rises by (y in 2026) * 5 % from 2025 }',
            {"y": 1},
            "missed",
            0,
        ),
        # what belongs to another item is missed there: h has 0 points
        (TWO, {}, "met", 10),
    ],
)
def test_missed(inner: str, readings: dict[str, Any], state: str, points: int | None) -> None:
    """With reporting closed, and what is not reported counting as zero."""
    outcome = reckon(CLOSED + inner, readings=year(**readings))
    assert item(outcome) == (state, points, points)


def test_left_out_beside_what_does_not_apply() -> None:
    """Not applicable by itself is not left out, whatever else is not reported; without a report it is."""
    inner = (
        'goal g "G" { weight 10  target y in 2026 at least 1 }  goal h "H" { weight 5  target sure is yes }'
    )
    told: dict[str, Any] = {"facts": {"sure": True}}
    out = reckon(LEFT + inner, **told)
    assert (item(out)[0], out.points.secured, out.points.maximum) == ("not applicable", 5, 5)
    stuck = reckon(LEFT + inner, readings=year(y={"not_applicable": "no"}), **told)
    assert (item(stuck)[0], stuck.state) == ("not applicable", "not applicable")
    rows = "value v = { when sure is yes: (y in 2026)  otherwise: (x in 2026) }"
    inner = inner.replace("y in 2026", "v")
    stuck = reckon(LEFT + rows + inner, readings=year(y={"not_applicable": "no"}), **told)
    assert (item(stuck)[0], stuck.state) == ("not applicable", "not applicable")


def test_milestone_of_which_the_deadline_is_undecided() -> None:
    """It falls due on no day, so no rule acts on it."""
    goal = 'goal g "G" { weight 10  milestone done "Done" by '
    assert item(reckon(CLOSED + goal + "undecided }")) == ("not known", 0, 10)
    assert item(reckon(CLOSED + goal + '2026-06 elsewhere by undecided see "p. 2" }')) == ("not known", 0, 10)
    assert item(reckon(CLOSED + goal + '2026-06 elsewhere by 2026-09 see "p. 2" }')) == ("missed", 0, 0)
    assert item(reckon(CLOSED + goal + "2026-06 }")) == ("missed", 0, 0)


# ---- sections

MEMBERS = """
  not applicable is left out
  goal a "A" { weight 0..10  assessed by board }
  goal b "B" { weight 10  target 1 / y in 2026 at least 0 }
  goal more "More" { weight 2..5 on top  assessed by board }
}"""
A, NO_A, MORE = (
    {"points": 4, "by": "board", "reason": "seen"},
    {"not_applicable": "no", "by": "board"},
    {"points": 5, "by": "board", "reason": "seen"},
)


@pytest.mark.parametrize(
    ("a", "y", "found"),
    [
        (A, 1, ("", 19, 19)),
        (A, 0, ("not defined", None, None)),
        # one of two takes part: V, whatever that one came to, and without what is on top
        (NO_A, 1, ("", 3, 3)),
        (NO_A, 0, ("", 3, 3)),
        # 3 when a is not applicable; else 0 to 10, and 10 and 5
        (None, 1, ("not known", 3, 25)),
    ],
)
def test_needs(a: Any, y: int, found: tuple[str, Any, Any]) -> None:
    told = {"more": MORE} if a is None else {"a": a, "more": MORE}
    outcome = reckon(
        'section s "S" { needs at least 2 otherwise 3' + MEMBERS, assessed=told, readings=year(y=y)
    )
    assert section(outcome) == found


def test_needs_beside_what_nothing_leaves_out() -> None:
    """b stays in the section: it is not applicable, and one of the two that are needed."""
    inner = """section s "S" { needs at least 2 otherwise 3
      goal a "A" { not applicable is left out  weight 0..10  assessed by board }
      goal b "B" { weight 10  target y in 2026 at least 0 } }"""
    gone = year(y={"not_applicable": "no"})
    assert section(reckon(inner, assessed={"a": A}, readings=gone))[0] == "not applicable"
    assert section(reckon(inner, assessed={"a": NO_A}, readings=gone)) == ("", 3, 3)


def test_lowest_of_a_section_with_something_on_top() -> None:
    """0 and 0 of its members and 2 of what is on top are its lowest."""
    inner = 'section s "S" {' + MEMBERS + " value v = s is missed"
    worst = {"points": 0, "by": "board", "reason": "seen"}
    on_top = {"points": 2, "by": "board", "reason": "seen"}
    inner = inner.replace("1 / y", "y").replace("at least 0", "at least 9")
    outcome = reckon(inner, assessed={"a": worst, "more": on_top}, readings=year(y=1))
    assert (section(outcome), outcome.value("v").word) == (("", 2, 2), "yes")


def test_a_member_not_defined_beside_one_that_nothing_leaves_out() -> None:
    """Not defined goes before not applicable, also where a rule would leave out what is not applicable."""
    inner = """goal a "A" { weight 10  target x in 2026 at least 1 }
      goal b "B" { not applicable is left out  weight 10  target 1 / y in 2026 at least 0 }"""
    outcome = reckon(inner, readings=year(x={"not_applicable": "no"}, y=0))
    assert (item(outcome, "a")[0], item(outcome, "b")[0], outcome.state) == (
        "not applicable",
        "not defined",
        "not defined",
    )


# ---- steps and curves


GONE = {"not_applicable": "no"}
NONE = 'above: not defined "no"'


@pytest.mark.parametrize(
    ("body", "x", "p", "state"),
    [
        (
            "steps of x in 2026 { below p: 1  at least p below 9: 2  at least 9: 3 }",
            20,
            GONE,
            "not applicable",
        ),
        (
            "steps of x in 2026 { at most 5: 1  at least 0 below p: 2  at least 3: 3 }",
            4,
            GONE,
            "not applicable",
        ),
        (
            f"curve of x in 2026 {{ below: flat  at 0: 1  at p: 2  below 9: 3  at 9: 4  {NONE} }}",
            20,
            GONE,
            "not applicable",
        ),
        (f"curve of x in 2026 {{ below: flat  at 0: 1  at 9: 4  above 9: 1  {NONE} }}", 20, 1, ND),
        # the end decides beyond the last corner, whatever is said beside it
        (
            'curve of x in 2026 { below: flat  at 0: 1  at 9: 4  above 9: not defined ""  above: not applicable "" }',
            20,
            1,
            "not applicable",
        ),
    ],
)
def test_forms_with_states(body: str, x: int, p: Any, state: str) -> None:
    outcome = reckon(f"value v = {body}", readings=year(x=x), parameters={"p": p})
    assert outcome.value("v").state == state


def test_a_change_not_defined_beside_a_baseline_that_does_not_apply() -> None:
    """What is measured is a division by zero, and goes before the baseline: also in shares."""
    inner = """value v = x / y
      value fall = v in 2026 falls by 5 % from 2025
      value same = v in 2026 unchanged within 1 / (y in 2026) * 5 % from 2025"""
    outcome = reckon(inner, readings={"x": {"2026": 1, "2025": GONE}, "y": {"2026": 0, "2025": 1}})
    assert (outcome.value("fall").state, outcome.value("same").state) == (ND, ND)


# ---- states


def test_state_of_an_item_with_an_open_weight_and_a_limit() -> None:
    """All holds: met, of 10 points or of 20; the limit makes them 4."""
    inner = """goal g "G" { weight 10 elsewhere 20 see "annex"  target x in 2026 at least 1
      limit "low" to at most 4 when grade is "low" }"""
    told: dict[str, Any] = {"facts": {"grade": "low"}}
    assert item(reckon(inner, readings=year(x=1), **told)) == ("met", 4, 4)
    assert item(reckon(inner, readings=year(x=0), **told)) == ("missed", 0, 0)


CUT = 'limit "low" to LIMIT when grade is "low" }'
LOW: dict[str, Any] = {"facts": {"grade": "low"}}
SURE: dict[str, Any] = {"facts": {"grade": "low", "sure": True}}
TWICE = 'weight 19 elsewhere 12 see "annex"'


def decided(points: int) -> dict[str, Any]:
    return {"assessed": {"g": {"points": points, "by": "board", "reason": "as seen"}}}


@pytest.mark.parametrize(
    ("inner", "limit", "told", "state", "points"),
    [
        # nothing is missing of the points, and all of the state: 5 points or none before the limit
        ("weight 5  target sure is yes", "0", LOW, "not known", 0),
        ("weight 5  target sure is yes", "0", SURE, "met", 0),
        ("weight 5  target sure is yes", "0", {"facts": {"grade": "low", "sure": False}}, "missed", 0),
        ("weight 0..80  assessed by board", "5", LOW, "not known", 5),
        ("weight 0..80  assessed by board", "5", LOW | decided(80), "met", 5),
        # one of its parts holds, the other is open: 4 or 9 of 10 are partly met either way
        (
            "weight 10  target sure is yes worth 4  milestone m by 2026 worth 1  assessed by board a worth 0..5",
            "3",
            SURE | {"milestones": {"g.m": "not done"}},
            "partly met",
            3,
        ),
        # an assessment takes the place of what was calculated: that it holds is not enough
        ("weight 10  target sure is yes  assessed by board", "3", SURE, "not known", 3),
        ("weight 10  target sure is yes  assessed by board", "3", SURE | decided(4), "partly met", 3),
        ("weight undecided  target sure is yes  assessed by board", "3", SURE | decided(4), "not known", 3),
        # a weight stated twice: the same state whichever governs
        (f"{TWICE}  target sure is yes", "at most 2", SURE, "met", 2),
        (f"{TWICE}  assessed by board", "2", LOW | decided(3), "partly met", 2),
        (f"{TWICE}  assessed by board", "2", LOW | decided(12), "not known", 2),
        (f"{TWICE}  assessed by board", "2", LOW | decided(19), "met", 2),
        (f"{TWICE}  target sure is yes  assessed by board", "2", SURE | decided(19), "met", 2),
    ],
)
def test_state_of_an_item_whose_points_a_limit_settles(
    inner: str, limit: str, told: dict[str, Any], state: str, points: int
) -> None:
    """The state is that of the points before the limit, where all that they can be give the same."""
    inner = inner.replace("milestone m", 'milestone m "M"').replace("board a", 'board a "A"')
    goal = f'goal g "G" {{ {inner}  {CUT.replace("LIMIT", limit)}'
    assert item(reckon(goal, **told)) == (state, points, points)


def test_what_the_state_of_a_limited_item_waits_for() -> None:
    """It is pending until the last day on which the fact falls due."""
    goal = 'goal g "G" { weight 5  target sure is yes  ' + CUT.replace("LIMIT", "0")
    before = reckon(goal, as_of="2026-06-30", **LOW)
    assert item(before) == ("pending", 0, 0)
    assert [each.text for each in before.item("g").open] == ["sure is not reported"]
    assert [each.text for each in reckon(goal, **SURE).item("g").open] == []


def test_an_assessment_beside_a_weight_stated_twice() -> None:
    """3 of 19 or of 12 is partly met either way; 12 is all of the one and not of the other."""
    goal = f'goal g "G" {{ {TWICE}  assessed by board }}'
    assert item(reckon(goal, **decided(3))) == ("partly met", 3, 3)
    assert item(reckon(goal, **decided(12))) == ("not known", 12, 12)


def test_a_decision_counts_no_higher_than_an_open_weight() -> None:
    """Where the parties disagree the board decides 15: of 12 points it is 12."""
    goal = f'assessed by board reads "disputes"  goal g "G" {{ {TWICE}  target sure is yes }}'
    assert item(reckon(goal, **SURE, **decided(15))) == ("not known", 12, 15)
    assert item(reckon(goal, **SURE, **decided(3))) == ("partly met", 3, 3)


def test_an_undecided_weight_is_no_lower_than_the_lowest() -> None:
    """It may turn out to be -5 and then the assessment counts so much; 3 and more leave the 3."""
    goal = 'goal g "G" { weight -5..undecided  assessed by board }'
    assert item(reckon(goal, **decided(3))) == ("not known", -5, 3)
    assert item(reckon(goal, **decided(-5))) == ("missed", -5, -5)


def test_state_of_a_section_whose_lowest_is_its_maximum() -> None:
    """Nothing takes part but what is on top: 0 of 0 points, of which the first state that fits is missed."""
    inner = """section s "S" { not applicable is left out  needs at least 1 otherwise 0
        goal a "A" { weight 5  target x in 2026 at least 1 }
        goal b "B" { weight 5 on top  target sure is yes } }
      goal g "G" { target s is met }  goal h "H" { target s is missed }"""
    outcome = reckon(inner, readings=year(x=GONE), facts={"sure": True})
    assert section(outcome) == ("", 0, 0)
    assert (item(outcome)[0], item(outcome, "h")[0]) == ("missed", "met")


# ---- words


@pytest.mark.parametrize("kind", ["measure", "parameter"])
@pytest.mark.parametrize(
    "statements", ['range ("low" | "middle")  unit word', 'unit word  range ("low" | "middle")']
)
def test_a_word_of_a_period_without_reading(kind: str, statements: str) -> None:
    """It is any word of the range, in whatever order the two are written."""
    inner = f"""{kind} q "Q" {{ {statements}  each month }}
      value v = {{ when q at 2026-07-15 is "low": 1  otherwise: 2 }}"""
    v = reckon(inner).value("v")
    assert (v.state, v.secured, v.possible, v.may_become) == ("not known", 1, 2, ())


def test_words_in_readings() -> None:
    """A measure of words is read each quarter."""
    inner = """value last_one = (mood in 2026-Q3)
      goal g "G" { weight 10  target mood in 2026-Q1 is "high"  target mood in 2026-Q2 is not "low" }"""
    inner = inner.replace(
        "value last_one = last(mood in 2026-Q1..2026-Q3)", "value last_one = (mood in 2026-Q3)"
    )
    told = {"mood": {"2026-Q1": "high", "2026-Q2": {"value": "middle"}, "2026-Q3": "low"}}
    outcome = reckon(inner, readings=told)
    assert (item(outcome), outcome.value("last_one").word) == (("met", 10, 10), "low")
    assert item(reckon(inner, readings={"mood": {"2026-Q1": "high"}})) == ("not known", 0, 10)
    assert item(reckon(inner, readings={"mood": {"2026-Q1": "middle"}})) == ("missed", 0, 0)


def test_a_word_in_a_reading_is_one_of_its_range() -> None:
    with pytest.raises(Refused) as refused:
        reckon("", readings={"mood": {"2026-Q1": "good"}})
    assert [each.code for each in refused.value.diagnostics if each.is_error] == ["RK635"]


def test_open_words() -> None:
    """An undecided word is any word; a reading that does not exist is any word of the range."""
    inner = """value v = { when sure is yes: "high"  otherwise: undecided }
      value w = (mood in 2026)
      goal g "G" { weight 10  target v is "high" }
      goal h "H" { weight 10  target w is not "low" }"""
    outcome = reckon(inner, facts={"sure": False})
    assert (item(outcome), item(outcome, "h")) == (("not known", 0, 10), ("not known", 0, 10))
    assert outcome.value("w").text == "`high` or `low` or `middle`"
    assert item(reckon(inner, facts={"sure": True})) == ("met", 10, 10)


# ---- lists of numbers


def test_a_number_of_a_list_is_none_between_them() -> None:
    """Of 15, 35 and 40 the curve makes 10, 40 and 35, of 20 and 25 it would make 25 and 50; none is 20."""
    inner = """parameter q "Q" { unit number  range (15 | 35 | 40)  each year }
      value v = curve of q in 2026 { below: flat  at 20: 10  above 20: 55  at 60: 15  above: flat }
      value w = { when q in 2026 exactly 20: 1  otherwise: 2 }
      value u = { when q in 2026 between 16 and 34: 1  otherwise: 2 }
      goal g "G" { weight 10  target q - 35 in 2026 between -10 and 3 }
      goal h "H" { weight (0 | 25 | 50)  assessed by board }
      value some = { when h.points between 1 points and 24 points: 1  otherwise: 2 }"""
    outcome = reckon(inner)
    found = [outcome.value(each) for each in ("v", "w", "u", "some")]
    assert [(each.secured, each.possible) for each in found] == [(10, 40), (2, 2), (2, 2), (2, 2)]
    assert item(outcome) == ("not known", 0, 10)


# ---- assessments


def test_an_assessment_that_may_turn_out_not_to_apply() -> None:
    """Where a rule says what becomes of one, its maximum is not settled before it is made."""
    inner = 'goal g "G" { RULE weight 10  assessed by board }  value most = g.maximum'
    assert reckon(inner.replace("RULE", "")).value("most").text == "10"
    ruled = reckon(inner.replace("RULE", "not applicable is left out "))
    assert (ruled.value("most").state, ruled.value("most").may_become) == ("not known", ("not applicable",))


# ---- units


@pytest.mark.parametrize(
    ("expression", "unit"),
    [
        ("q * 2", "pp"),
        ("50 % * q", "pp"),
        ("q / 2", "pp"),
        ("q / q", "plain number"),
        ("50 % * 50 %", "plain number"),
    ],
)
def test_units_of_products_with_percentage_points(expression: str, unit: str) -> None:
    """Twice 5 pp is 10 pp; pp by pp is a plain number."""
    outcome = reckon(f'parameter q "Q" {{ unit pp }}  value v = {expression}', parameters={"q": 5})
    assert outcome.value("v").unit == unit


def test_percentage_points_do_not_multiply() -> None:
    with pytest.raises(Refused) as refused:
        rkdsl.loads(WORLD + 'parameter q "Q" { unit pp }  value v = q * q }')
    assert [each.code for each in refused.value.diagnostics if each.is_error] == ["RK310"]


def test_points_in_percent_take_a_number_without_unit() -> None:
    """40 % of the total and 5 more; a share does not add to them."""
    world = WORLD.replace("period 2026", "period 2026  total 40 %")
    goal = 'goal g "G" { weight 40 %  target sure is yes }  value v = g.points + '
    outcome = rkdsl.loads(world + goal + "5 }").evaluate(
        {"contract": "c", "as_of": "2027-02-01", "facts": {"sure": True}}
    )
    assert outcome.value("v").secured == Fraction(45)
    with pytest.raises(Refused) as refused:
        rkdsl.loads(world + goal + "5 % }")
    assert [each.code for each in refused.value.diagnostics if each.is_error] == ["RK309"]
