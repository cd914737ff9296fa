"""What is found in a contract by itself: each finding planted in a clean contract, and gone with its cause."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rkdsl import messages
from rkdsl.contract.printed import Interval, counted, figure, is_empty
from rkdsl.diagnostics import Refused
from rkdsl.language import nodes
from rkdsl.pipeline import Contract, load, loads
from rkdsl.reports import lists
from rkdsl.values import PERCENT, Unit

PERSONS = Unit(("persons",))
_FRAME = """
contract c "Contract" {{
  period 2025..2028
  measure visits "Visits" {{ unit visits   range 0..1000   higher is better   each year   2024: 420   2025: 400 }}
  measure young "Visitors" {{ unit persons   range 0..9_000   lower is better   each year   2025: 2_085 }}
  measure old "Others" {{ unit persons   range 0..9_000   lower is better   each year }}
  measure renewed "Renewed" {{ unit %   range 0..100 %   higher is better   each year   2025: 80 }}
  measure waiting "Waiting" {{ unit days   range 0..365   lower is better   each month   2024-12: 20   2025-10: 30 }}
{}
}}
"""

# code: (the cause, the same without it); both stand in the frame, or are whole contracts
PLANTED = {
    "RK504": ("goal g {target waiting in 2026 at most 9}", "goal g {target waiting at 2026-12 at most 9}"),
    "RK505": (
        "targets bind in 2026 goal g {target visits in 2027 at least 500}",
        "targets bind in 2026 goal g {guideline target visits in 2027 at least 500 milestone m by 2026}",
    ),
    "RK506": ("goal g {target visits in 2026 at least 399}", "goal g {target visits in 2026 at least 400}"),
    "RK507": (
        "goal g {target renewed in 2026 rises by 3 % from 2025}",
        "goal g {target renewed in 2026 at least 83 %}",
    ),
    "RK508": ("goal g {milestone m in 2026-Q2}", "goal g {milestone m by 2026-Q2}"),
    "RK509": (
        "not reported counts as zero goal g {milestone m by 2026}",
        "not reported counts as zero reporting closes 2029-02-01 goal g {milestone m by 2026}",
    ),
    "RK510": (
        "total 9 points goal g {weight undecided milestone m by 2026}",
        "total 9 points goal g {weight 9 milestone m by 2026}",
    ),
    "RK511": (
        "goal g {target visits in 2026 rises by 15 % from 2026}",
        "goal g {target visits in 2026 rises by 15 % from 2025}",
    ),
    "RK512": ("goal g {target visits in 2025 at least 500}", "goal g {target visits in 2026 at least 500}"),
    "RK513": (
        "reporting closes 2026-06-30 goal g {milestone m by 2026}",
        "reporting closes 2029-01-31 goal g {milestone m by 2026}",
    ),
    "RK515": (
        "value v range 0..500 visits = visits in 2026 result v",
        "value v range 0..1000 visits = visits in 2026 result v",
    ),
    "RK516": (
        "goal g {weight 9 score steps of visits in 2026 {below 9: 2 points at least 9: 8 points}}",
        "goal g {weight 9 score steps of visits in 2026 {below 9: 2 points at least 9: 9 points}}",
    ),
    "RK517": ('parameter price "Price" {unit DKK}', ""),
    "RK518": (
        "value g = 1 value v = g result v goal g {milestone m by 2026}",
        "value g = 1 value v = g result v goal h {milestone m by 2026}",
    ),
    "RK519": (
        'goal g {weight 9 milestone m by 2026 limit "why" to 0 when renewed in 2026 above 120 %}',
        'goal g {weight 9 milestone m by 2026 limit "why" to 0 when renewed in 2026 above 20 %}',
    ),
    "RK520": (
        "goal g {weight 9 score curve of visits in 2026 {below: flat at 1: 100 % at 9: 0 % above: flat}}",
        "goal g {weight 9 score curve of visits in 2026 {below: flat at 1: 0 % at 9: 100 % above: flat}}",
    ),
    "RK540": (
        "goal g {target waiting at 2025-12 at most 25}",
        "goal g {target waiting at 2025-12 at most 19}",
    ),
    "RK541": (
        "goal g {target visits in 2026 at least 500 guideline 2027: 550 2028: 549}",
        "goal g {target visits in 2026 at least 500 guideline 2027: 550 2028: 550}",
    ),
    "RK542": (
        "goal g {target young in 2026 falls by 9.4 % from 2025 equals 210 persons}",
        "goal g {target young in 2026 falls by 9.4 % from 2025 equals 196 persons}",
    ),
    "RK543": (
        "goal g {target old in 2026 falls by 9.4 % from 2025 equals 196 persons}",
        "goal g {target young in 2026 falls by 9.4 % from 2025 equals 196 persons}",
    ),
    "RK544": (
        "goal g {target young in 2026 at most undecided equals falls by 20 % from 2025}",
        "goal g {target old in 2026 at most undecided equals falls by 20 % from 2025}",
    ),
    "RK545": (
        "goal g {target old in 2026 falls by 15 % from 2025} expect old in 2026 falls by at most 9 % from 2025",
        "goal g {target old in 2026 falls by 15 % from 2025} expect old in 2026 falls by at most 19 % from 2025",
    ),
    "RK546": (
        "goal g {target old in 2026 falls by 15 % from 2025} expect old in 2026 falls by 17 % from 2025",
        "goal g {target old in 2026 falls by 17 % from 2025} expect old in 2026 falls by 17 % from 2025",
    ),
    "RK550": (
        'goal g {milestone m in 2026-Q2 except RK508 "why" except RK506 "why"}',
        'goal g {milestone m in 2026-Q2 except RK508 "why"}',
    ),
}


def _contract(statements: str) -> Contract:
    """A contract of the frame; names stand for titles where none is written."""
    statements = re.sub(r"\b(goal \w+) \{", r'\1 "G" {', statements)
    statements = re.sub(r"\b(milestone \w+) (in|by)", r'\1 "M" \2', statements)
    return loads(_FRAME.format(statements))


def _codes(contract: Contract) -> list[str]:
    return [each.code for each in contract.findings if each.code not in messages.STATED]


@pytest.mark.parametrize("code", PLANTED)
def test_a_finding_is_found_and_vanishes_with_its_cause(code: str) -> None:
    """Planted it is the only one; without its cause there is none."""
    planted, clean = PLANTED[code]
    assert code in _codes(_contract(planted))
    assert [] == _codes(_contract(clean))


def test_every_computed_finding_is_planted() -> None:
    """Those over several files, and those of registers and amendments, have tests of their own."""
    apart = {"RK514", "RK521", "RK547"}
    computed = {
        code for code in messages.TITLES if code.startswith(messages.COMPUTED) and code not in messages.STATED
    }
    assert set(PLANTED) == {code for code in computed if not code.startswith(("RK53", "RK56"))} - apart


# ---- figures as they are printed


def _said(contract: Contract, code: str) -> list[str]:
    return [each.labels[0].text for each in contract.findings if each.code == code]


def test_9_4_per_cent_is_196_persons_from_2069_to_2101() -> None:
    """195.5 / 0.0945 = 2068.8 and 196.5 / 0.0935 = 2101.6, the ends left out."""
    contract = _contract("goal g {target old in 2026 falls by 9.4 % from 2025 equals 196 persons}")
    assert ["both hold for a baseline of 2069 to 2101 persons only"] == _said(contract, "RK543")


@pytest.mark.parametrize(("base", "code"), [(2068, "RK542"), (2069, ""), (2101, ""), (2102, "RK542")])
@pytest.mark.parametrize("form", ["196 persons", "falls by 196 persons from 2025"])
def test_the_stated_baseline_decides(base: int, code: str, form: str) -> None:
    """Within the range nothing is said."""
    measure = f'measure w "W" {{unit persons lower is better each year 2025: {base}}}'
    contract = _contract(f"{measure} goal g {{target w in 2026 falls by 9.4 % from 2025 equals {form}}}")
    assert ([code] if code else []) == _codes(contract)


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        # 2_085 less 9.35 to 9.45 %: 1_887.97 to 1_890.05
        ("young in 2026 at most 1_889 equals falls by 9.4 % from 2025", []),
        ("young in 2026 at most 1_887 equals falls by 9.4 % from 2025", ["RK542"]),
        ("young in 2026 at most 1_889 equals at most 1_889", []),
        ("young in 2026 at most 1_889 equals at most 1_890", ["RK542"]),
        ("young in 2026 at most 1_889 equals at least 1_889", ["RK542"]),
        ("old in 2026 falls by 9.4 % from 2025 equals falls by 10 % from 2025", ["RK542"]),
        ("old in 2026 falls by 9.4 % from 2025 equals falls by 9.40 % from 2025", []),
        ("old in 2026 at most 1_400 equals 14 % * young in 2025", ["RK542"]),
        ("old in 2026 at most 292 equals 14 % * young in 2025", []),
        ("old in 2026 at most 292 equals 14 % * old in 2025", ["RK543"]),
        # a change that equals a rise from another year: 2_085 less 9.4 % is not 400 more than 2_000
        ("visits in 2026 rises by 20 % from 2025 equals rises by 60 visits from 2024", []),
        ("visits in 2026 rises by 20 % from 2025 equals rises by 70 visits from 2024", ["RK542"]),
        ("visits in 2026 rises by 20 % from year before equals rises by 80 visits from 2025", []),
        ("visits in 2026 between 410 and 500 equals 300 visits", []),  # no single level
        ("visits in 2026 at least 500 equals between 1 and 2", []),
    ],
)
def test_equations(target: str, codes: list[str]) -> None:
    """Levels, changes and shares of something else."""
    assert codes == _codes(_contract(f"goal g {{target {target}}}"))


def test_what_an_undecided_figure_would_be() -> None:
    """19.5 to 20.5 % of 2_085 are 406.6 to 427.4; what is left are 1_658 to 1_678 persons."""
    contract = _contract(
        "goal g {target young in 2026 at most undecided equals falls by 20 % from 2025"
        " equals falls by undecided persons from 2025}"
    )
    assert [
        "if the other figure holds, this is 1658 to 1678 persons",
        "if the other figure holds, this is 407 to 427 persons",
    ] == _said(contract, "RK544")
    contract = _contract("goal g {target young in 2026 at most 1_668 equals falls by undecided % from 2025}")
    assert ["if the other figure holds, this is 19.98 % to 20.02 %"] == _said(contract, "RK544")


def test_a_baseline_that_is_stated_twice_may_fit_once() -> None:
    """2_085 fits, 2_200 does not."""
    measure = 'measure w "W" {unit persons lower is better each year 2025: 2_085 elsewhere 2_200 see "b"}'
    contract = _contract(f"{measure} goal g {{target w in 2026 falls by 9.4 % from 2025 equals 196 persons}}")
    assert ["RK543"] == _codes(contract)
    governing = measure.replace("2_085", "2_085 governs")
    contract = _contract(
        f"{governing} goal g {{target w in 2026 falls by 9.4 % from 2025 equals 196 persons}}"
    )
    assert [] == _codes(contract)


@pytest.mark.parametrize(
    ("expected", "codes"),
    [
        ("old in 2026 falls by 15 % from 2025", []),
        ("old in 2026 falls by 12 % from 2025", []),
        ("old in 2026 falls by 15.4 % from 2025", []),  # 15 % may be 15.4 %
        ("old in 2026 falls by 15.6 % from 2025", ["RK546"]),
        ("old in 2026 falls by exactly 15 % from 2025", []),
        ("old in 2026 falls by exactly 17 % from 2025", ["RK546"]),
        ("old in 2026 falls by exactly 12 % from 2025", ["RK545"]),
        ("old in 2026 rises by 1 % from 2025", ["RK545"]),
        ("old in 2026 falls by 17 % from 2026", ["RK511"]),
        ("old in 2026 at most 800", []),  # from an unknown baseline
        ("young in 2025 exactly 2_085", []),
        ("young in 2025 at least 2_086", ["RK545"]),
        ("young in 2026 falls by 9 % from 2025 and at most 1_910", []),
        ("young in 2026 exactly 1_800 and falls by exactly 9 % from 2025", ["RK542"]),
        (
            "old in 2027 falls by exactly 9.4 % from 2025 and falls by exactly 196 persons from 2025",
            ["RK543"],
        ),
        ("old in 2026 falls by 17 % from 2025 or at most 9", []),  # one of them may fail
    ],
)
def test_expectations(expected: str, codes: list[str]) -> None:
    """Against a target of 15 per cent, and against the readings that are stated."""
    target = "goal g {target old in 2026 falls by at least 15 % from 2025}"
    assert codes == _codes(_contract(f"{target} expect {expected}"))


def test_a_value_that_is_only_expected_is_used() -> None:
    """Expectations may ask for anything that conditions ask for."""
    contract = _contract(
        "value both = young + old in 2026 goal g {milestone m by 2026} expect both at most 9_000 and g is met"
    )
    assert [] == _codes(contract)
    with pytest.raises(Refused) as refused:
        _contract("expect nothing in 2026 at most 3 goal g {milestone m by 2026}")
    assert ["RK202"] == [each.code for each in refused.value.diagnostics]


def test_expectations_stand_in_goals_and_sections_too() -> None:
    """Wherever they stand they are compared with every target."""
    target = "goal g {target old in 2026 falls by at least 15 % from 2025"
    expected = "expect old in 2026 falls by 17 % from 2025"
    assert ["RK546"] == _codes(_contract(f"{target} {expected}}}"))
    assert ["RK546"] == _codes(_contract(f'section s "S" {{{expected} {target}}}}}'))


_PART = """
contract {name} "Part" {{
  period 2026
  measure calls "Calls" {{ unit calls  lower is better  each year }}
  goal g "G" {{ target calls in 2026 falls by {cut} % from 2025 }}
}}
"""
_WHOLE = """
contract whole "Whole" {
  period 2026
  use "a.rk"
  use "b.rk"
  value all_calls lower is better = sum(units.calls)
  goal g "G" { target all_calls in 2026 falls by 17 % from 2025 }
}
"""


@pytest.mark.parametrize(("cuts", "codes"), [((15, 15), ["RK547"]), ((15, 20), []), ((17, 18), [])])
def test_a_sum_against_what_its_parts_are_asked_for(
    cuts: tuple[int, int], codes: list[str], tmp_path: Path
) -> None:
    """17 per cent of the sum does not follow from 15 of each; with 15 and 20 it depends on their size."""
    for name, cut in zip("ab", cuts, strict=True):
        (tmp_path / f"{name}.rk").write_text(_PART.format(name=name, cut=cut))
    (tmp_path / "whole.rk").write_text(_WHOLE)
    assert codes == _codes(load(tmp_path / "whole.rk"))


# ---- strength


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        ("visits in 2026 rises from 2025", []),
        ("visits in 2026 rises by 5 % from 2024", []),
        ("waiting at 2026-12 falls by 1 days from 2025-12", []),
        ("waiting at 2026-10 falls from year before", []),  # the same part of the year: December says nothing
        ("waiting at 2026-10 falls by 10 % from 2024-12", []),  # 18
        ("waiting at 2026-12 falls from 2024-12", []),  # October was 30, December 20
        ("waiting at 2026-12 falls by 0 days from 2025-10", []),
        ("weight visits in 2026 linear from 300 to 390", ["RK506"]),
        ("weight visits in 2026 linear from 300 to 500", []),
        ("waiting at 2025-12 at most 35", ["RK506", "RK540"]),
        ("waiting at 2025-12 falls by 10 % from 2025-10", ["RK540"]),  # 27, and the year before 20
        ('visits in 2026 at least 390 elsewhere 410 see "b"', ["RK506"]),
    ],
)
def test_strength(target: str, codes: list[str]) -> None:
    """Limits, changes and lines against what is known."""
    weight, target = ("weight 9", target[7:]) if target.startswith("weight") else ("", target)
    assert codes == _codes(_contract(f"goal g {{{weight} target {target}}}"))


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ("guideline 2027: 550 2028: undecided", []),
        ("guideline 2027: 499", ["RK541"]),
        ('guideline 2027: 550 2028: 540 governs elsewhere 560 see "b"', ["RK541"]),
        ('guideline 2027: 550 2028: 540 elsewhere 560 see "b"', []),
        ("guideline target visits in 2027 at least 450", ["RK541"]),
    ],
)
def test_guidelines_in_their_order(rows: str, codes: list[str]) -> None:
    """Each against the one before it, the first against the target."""
    assert codes == _codes(_contract(f"goal g {{target visits in 2026 at least 500 {rows}}}"))


# ---- silencing

_LOUD = (
    'goal g {{milestone m in 2026-Q2 {0}}} section s "S" {{goal h {{milestone m in 2026-Q2 {1}}} {2}}} {3}'
)
_QUIET = 'except RK508 "the board decided so on 2026-01-20"'


@pytest.mark.parametrize(
    ("places", "codes"),
    [
        (("", "", "", ""), ["RK508", "RK508"]),
        ((_QUIET, "", "", ""), ["RK508"]),
        ((_QUIET, _QUIET, "", ""), []),
        (("", "", _QUIET, ""), ["RK508", "RK508", "RK550"]),  # a section speaks for itself alone
        (("", "", "", _QUIET), ["RK508", "RK508", "RK550"]),
    ],
)
def test_a_finding_is_silenced_only_where_it_stands(places: tuple[str, ...], codes: list[str]) -> None:
    """In its own block, not in one around it."""
    contract = _contract(_LOUD.format(*places))
    assert codes == sorted(_codes(contract))
    assert 2 - codes.count("RK508") == len(contract.silenced)
    for each in contract.silenced:
        assert ("RK508", "the board decided so on 2026-01-20") == (each.finding.code, each.reason)


def test_a_row_silences_what_stands_in_it() -> None:
    """A number in a cell belongs to the row; what all rows share, to the goal."""
    goal = "goal g(n) {{target visits in 2026 at least n {0}}} each {{ a: 300 {{ {1} }}  b: 310 }}"
    quiet = 'except RK506 "why"'
    assert ["RK506", "RK506"] == _codes(_contract(goal.format("", "weight 9")))
    assert ["RK506"] == _codes(_contract(goal.format("", quiet)))
    assert ["RK506", "RK506", "RK550"] == sorted(_codes(_contract(goal.format(quiet, "weight 9"))))


_LIBRARY = """
measure calls "Calls" { unit calls  lower is better  each year  2025: 100 }
goal few(n) "Few" { target calls in 2026 at most n  milestone m "M" in 2026-Q2  except RK508 "why" }
goal none(n) "None" { target calls in 2026 at most n  except RK508 "why" }
"""


@pytest.mark.parametrize(
    ("own", "codes"),
    [("", ["RK506"]), ('except RK506 "why"', []), ('except RK508 "why"', ["RK506", "RK550"])],
)
def test_a_shared_goal_is_silenced_where_it_is_written(own: str, codes: list[str], tmp_path: Path) -> None:
    """What it says itself in the library, its arguments where it is used; one that is not used silences nothing."""
    (tmp_path / "library.rk").write_text(_LIBRARY)
    text = f'contract c "C" {{ period 2026 use "library.rk" use few(120) {{ {own} }} }}'
    (tmp_path / "c.rk").write_text(text)
    contract = load(tmp_path / "c.rk")
    assert codes == sorted(_codes(contract))
    assert "RK508" in [each.finding.code for each in contract.silenced]


def test_what_stands_in_no_block_is_silenced_in_the_contract(tmp_path: Path) -> None:
    """A scale of a library has no braces of its own."""
    (tmp_path / "library.rk").write_text("scale once(x) range 0..1 = x")
    text = 'contract c "C" {{ period 2026 use "library.rk" value v = once(7) result v {} }}'
    for silence, codes in (("", ["RK515"]), ('except RK515 "why"', [])):
        (tmp_path / "c.rk").write_text(text.format(silence))
        assert codes == _codes(load(tmp_path / "c.rk"))


def test_a_measure_silences_what_stands_in_it() -> None:
    """What is stated as open may be silenced as well; nothing is closed by it."""
    measure = 'measure w "W" {{unit persons lower is better each year 2024: unclear "2O" {}}}'
    assert ["RK503"] == [each.code for each in _contract(measure.format("")).findings]
    quiet = _contract(measure.format('except RK503 "the ministry looks for it"'))
    assert () == quiet.findings
    assert ["RK503"] == [each.finding.code for each in quiet.silenced]


@pytest.mark.parametrize(
    ("silence", "code"),
    [
        ('except RK416 "why"', "RK880"),
        ('except RK999 "why"', "RK880"),
        ('except RK550 "why"', "RK880"),
        ('except visits "why"', "RK880"),
        ('except RK508 " "', "RK881"),
        ('except RK508 "why" except RK508 "why"', "RK201"),
    ],
)
def test_what_cannot_be_silenced(silence: str, code: str) -> None:
    """Mistakes, other words, without a reason, twice."""
    with pytest.raises(Refused) as refused:
        _contract(f"goal g {{milestone m in 2026-Q2 {silence}}}")
    assert [code] == [each.code for each in refused.value.diagnostics if each.is_error]


def test_silenced_findings_are_no_findings_of_the_outcome() -> None:
    """`eval` tells only what is left."""
    contract = _contract(f"goal g {{milestone m in 2026-Q2 {_QUIET}}}")
    assert () == contract.evaluate({"contract": "c"}, "2026-12-31").findings


# ---- the lists


def test_the_stated_list_begins_with_what_is_to_be_decided_first() -> None:
    """By kind; then the day of the decision; then the place."""
    contract = _contract(
        "goal a {target old in 2026 at most undecided}"
        ' goal b {target old in 2026 at most undecided until 2026-06 "the board"}'
        ' goal c {target old in 2026 at most undecided until 2026-03 "the head"}'
        ' goal d {target old in 2026 at most 7 elsewhere 8 see "annex"}'
    )
    stated = lists.in_list(contract.findings, "stated")
    assert ["RK501", "RK502", "RK502", "RK502"] == [each.code for each in stated]
    assert ["", "the head", "the board", ""] == [each.remark for each in stated]
    assert "4 findings: 4 stated" == lists.summary(contract.findings, ())
    data = lists.data(contract.findings, (), contract.sources)
    assert {"mistakes": 0, "stated": 4, "computed": 0, "silenced": 0} == data["counts"]
    assert [None, "2026-03", "2026-06", None] == [each["until"] for each in data["stated"]]


# ---- laws of printed figures

_numbers = st.fractions(0, 1000, max_denominator=50)
_intervals = st.tuples(_numbers, _numbers, st.booleans(), st.booleans()).map(
    lambda each: Interval(min(each[:2]), max(each[:2]), each[2], each[3])
)


@given(_intervals, _intervals, st.data())
def test_ranges_hold_every_result(first: Interval, second: Interval, data: st.DataObject) -> None:
    """Whatever two numbers are taken, what they come to is in the range of the results."""
    assume(not is_empty(first) and not is_empty(second))
    a, b = (
        data.draw(st.fractions(each.low, each.high).filter(each.__contains__)) for each in (first, second)
    )
    assert a + b in first.plus(second)
    assert a - b in first.minus(second)
    assert a * b in first.times(second)
    quotients = first.over(second)
    if b != 0 and quotients is not None:
        assert a / b in quotients
        assert -a / b in first.negated().over(second)  # type: ignore[operator]  # there is one, as before
    assert (a in second) <= first.meets(second)
    assert first.meets(second) == second.meets(first)


@given(st.integers(0, 10**6), st.integers(0, 3))
def test_a_printed_figure_is_what_rounds_to_it(digits: int, decimals: int) -> None:
    """Half a step down to it, and up to half a step above without it."""
    number = Fraction(digits, 10**decimals)
    found = figure(nodes.Quantity(number, decimals, unit="%"), PERCENT)
    assert found is not None
    half = Fraction(1, 2 * 10**decimals)
    assert (number - half) / 100 in found
    assert (number + half) / 100 not in found
    assert counted(Interval(number - half, number + half), PERSONS).low is not None
