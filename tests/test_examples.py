"""Examples inside a contract: what they suppose is given, what they expect is found, what they touch is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl.reports import data, examples
from rkdsl.tools.command import main
from rkdsl.trials import Trials

_SCHEMES = sorted((Path(__file__).parents[1] / "examples" / "schemes").glob("*/*.rk"))
CONTRACT = """
contract k "K" {
  period 2026
  total 100 points
  reporting closes 2027-02-01
  not reported counts as zero
  role board "Board"
  parameter price "Price" { unit DKK }
  parameter rates(low | high) "Rates" { unit % }
  measure visits "Visits" { unit visits  range at least 0  higher is better  each year  2025: 40 }
  measure share "Share" { unit %  range 0..100 %  higher is better  each month }
  fact kind "Kind" { unit word  range ("low" | "high") }
  fact ready "Ready" { unit yes or no  may not apply }
  value cost "Cost" = price * 2 + (visits in 2026) * (1 DKK / 1 visits)
  value grade "Grade" = {
    when share in 2026-01 at least 50 %: "good"
    otherwise: "bad"
  }
  value spread "Spread" = rates.high - rates.low
  value before "Before" range 0..100 = previous(more.points)
  scale f(x) "F" = curve of x { below: flat  at 0 %: 0 %  at 50 %: 80 %  at 100 %: 100 %  above: flat }
  goal more "More" { weight 50  target visits in 2026 at least 50 }
  goal app "App" { weight 20  milestone live "Live" by 2026-09-30 }
  goal plan "Plan" { weight 20  assessed by board }
  goal right "Right" { weight 10  target ready is yes }
  requirement high "High" { target kind is "high" }
  EXAMPLES
}
"""


def _trials(*written: str) -> Trials:
    return rkdsl.loads(CONTRACT.replace("EXAMPLES", "\n".join(written))).test()


def _verdicts(trials: Trials) -> list[list[str]]:
    return [[tried.verdict for tried in each.tried] for each in trials.examples]


def _expecting(expected: str, given: str = "", day: str = "") -> str:
    at = f" at {day}" if day else ""
    return f'example "E"{at} {{ given {{ {given} }} {expected} }}'


# ---- what is given, and what is found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("visits 2026: 50", "more is met and more exactly 50"),
        ("visits 2026: 49", "more is missed"),
        ("visits 2025: 41", "visits in 2025 exactly 41"),
        ("", "visits in 2025 exactly 40"),
        ("app.live: 2026-09-30", "app is met and app.live exactly 2026-09-30"),
        ("app.live: 2026-10-01", "app is missed"),
        ('app.live: "not done"', "app is missed"),
        ("plan: 5", "plan is partly met and plan.share exactly 25 %"),
        ("ready: yes", "ready is yes and right is met"),
        ("ready: no", "ready is no and right is missed"),
        ('ready: not applicable "closed"', "ready is not applicable"),
        ('kind: "high"', 'kind is "high" and high is met'),
        ("price: 3 DKK visits 2026: 4", "cost exactly 10 DKK"),
        ("rates.low: 10 % rates.high: 12.5 %", "spread exactly 2.5 pp"),
        ("share 2026-01: 50 %", 'grade is "good"'),
        ("share 2026-01: 49.9 %", 'grade is "bad"'),
        ("more.points: 30", "before exactly 30"),
        ("visits 2026: 50 app.live: 2026-09-30 plan: 20 ready: yes", "total exactly 100"),
        ("", "f(25 %) exactly 40 % and f(75 %) exactly 90 % and f(200 %) exactly 100 %"),
        ("plan: 20", "total.points exactly 20 and total.share exactly 20 %"),
    ],
)
def test_what_is_given_comes_to_what_is_expected(given: str, expected: str) -> None:
    """Figures worked out by hand, with reporting closed."""
    assert [["holds"]] == _verdicts(_trials(_expecting(f"expect {expected}", given)))


@pytest.mark.parametrize(
    ("expected", "verdict"),
    [
        ("more is pending", "holds"),
        ("more is not pending", "fails"),
        ("app is pending and app.secured exactly 0 and app.possible exactly 20", "holds"),
        ("total.secured exactly 0 and total.possible exactly 100", "holds"),
        ("total is not known and cost is not known", "holds"),
        ("more is not known", "fails"),
        ("more is met", "not known"),
        ("more is met or more.possible exactly 50", "holds"),
        ("cost.secured above 0 DKK", "not defined (cost has no secured end)"),
    ],
)
def test_what_is_open_can_be_expected(expected: str, verdict: str) -> None:
    """Before the year is over; what is not known is not as expected, unless that is what is expected."""
    trials = _trials(_expecting(f"expect {expected}", day="2026-06-30"))
    assert [[verdict]] == _verdicts(trials)
    assert (verdict == "holds") == trials.holds


def test_what_fails_says_what_was_found() -> None:
    """Each condition with its figure or state, what is missing, and how it came about."""
    (trial,) = _trials(
        _expecting("expect more exactly 40 and app is met", "visits 2026: 50", "2027-01-01")
    ).examples
    (tried,) = trial.tried
    assert [("more exactly 40", "fails", "50"), ("app is met", "not known", "not known")] == [
        (each.text, each.verdict, each.found) for each in tried.conditions
    ]
    assert "fails" == tried.verdict
    assert any("50 visits at least 50 visits" in line.formula for line in tried.lines)
    assert any(line.source.endswith("given") for line in tried.lines)


def test_what_is_missing_is_said() -> None:
    """An expectation that is not known names what it waits for."""
    ((tried,),) = (
        each.tried for each in _trials(_expecting("expect more is met", day="2027-01-01")).examples
    )
    assert ("not known", ("visits is not reported for 2026",)) == (tried.verdict, tried.missing)


def test_the_day_is_said_or_follows() -> None:
    """The day it names; else that on which reporting closes; else the first after the period."""
    named, closing = _trials(
        _expecting("expect total is not known", day="2026-03-01"), _expecting("")
    ).examples
    assert ("2026-03-01", "2027-02-01") == (str(named.as_of), str(closing.as_of))
    text = CONTRACT.replace("reporting closes 2027-02-01\n  not reported counts as zero", "")
    (after,) = rkdsl.loads(text.replace("EXAMPLES", _expecting(""))).test().examples
    assert "2027-01-01" == str(after.as_of)


def test_examples_change_nothing() -> None:
    """The tree is that of the contract without them."""
    bare = rkdsl.loads(CONTRACT.replace("EXAMPLES", ""))
    tried = rkdsl.loads(
        CONTRACT.replace("EXAMPLES", _expecting("expect f(1 %) exactly 1 % and more.secured exactly 3"))
    )
    assert bare.tree == tried.tree
    assert [each.code for each in bare.findings] == [each.code for each in tried.findings]


def test_ends_are_no_words_of_the_language_elsewhere() -> None:
    """`secured`, `pending` and a bare goal stand in examples alone."""
    for expected, code in (
        ("more.secured exactly 0", "RK214"),
        ("more is pending", "RK213"),
        ("more exactly 0", "RK214"),
    ):
        with pytest.raises(rkdsl.Refused) as refused:
            rkdsl.loads(CONTRACT.replace("EXAMPLES", f"expect {expected}"))
        assert [code] == [each.code for each in refused.value.diagnostics if each.is_error], expected


# ---- what is touched


def _touched(trials: Trials, kind: str) -> dict[tuple[str, str], bool]:
    return {(each.text, each.what): each.is_touched for each in trials.coverage if each.kind == kind}


def _of(contract: str) -> Trials:
    return rkdsl.loads(contract).test()


def _small(form: str, given: str) -> Trials:
    body = f'example "E" at 2027-01-31 {{ given {{ {given} }} expect v exactly v }}'
    return _of(
        f"""contract k "K" {{ period 2026
        measure x "X" {{ unit number  range 0..100  higher is better  each year }}
        measure y "Y" {{ unit number  range 0..100  higher is better  each year }}
        value v "V" = {form}
        goal g "G" {{ weight 10  score {{ when v at least 1: 10 otherwise: 0 }} }}
        {body} }}"""
    )


@pytest.mark.parametrize(
    ("x", "row", "edge"), [(3, 2, None), (5, 1, "exactly 5"), (6, 1, None), (10, 0, "exactly 10")]
)
def test_the_step_that_was_taken_is_touched(x: int, row: int, edge: str | None) -> None:
    """One of three stretches, and the edge only where the figure is exactly there."""
    trials = _small(
        "steps of x in 2026 { at least 10: 3  at least 5 below 10: 2  below 5: 1 }", f"x 2026: {x}"
    )
    rows = ("at least 10: 3", "at least 5 below 10: 2", "below 5: 1")
    assert [(text, "") for text in rows][row : row + 1] == [
        key for key, hit in _touched(trials, "row").items() if hit and key[0] in rows
    ]
    edges = {
        what: hit
        for (text, what), hit in _touched(trials, "boundary").items()
        if text in ("at least 10", "at least 5 below 10")
    }
    assert {"exactly 10": edge == "exactly 10", "exactly 5": edge == "exactly 5"} == edges


@pytest.mark.parametrize(
    ("x", "pieces", "corners"),
    [
        (1, ["below: flat"], []),
        (2, [], ["at 2: 0"]),
        (3, ["between 2 and 4"], []),
        (4, [], ["at 4: 5"]),
        (5, ["above: flat"], []),
    ],
)
def test_the_piece_of_a_curve_is_touched(x: int, pieces: list[str], corners: list[str]) -> None:
    """Strictly between its corners; at a corner, the corner alone."""
    trials = _small("curve of x in 2026 { below: flat  at 2: 0  at 4: 5  above: flat }", f"x 2026: {x}")
    assert pieces == [
        text
        for (text, _), hit in _touched(trials, "row").items()
        if hit and "when" not in text and "otherwise" not in text
    ]
    assert corners == [
        text for (text, _), hit in _touched(trials, "boundary").items() if hit and text.startswith("at ")
    ]


def test_one_cell_of_a_table_is_touched() -> None:
    """Also where two rows of it are the same."""
    table = (
        "steps of x in 2026 across y in 2026 { below 5 | at least 5 } { below 3: 1 | 2  at least 3: 1 | 2 }"
    )
    trials = _small(table, "x 2026: 3 y 2026: 4")
    cells = {key[0]: hit for key, hit in _touched(trials, "row").items() if "|" in key[0]}
    assert {
        "below 3 | below 5: 1": False,
        "below 3 | at least 5: 2": False,
        "at least 3 | below 5: 1": True,
        "at least 3 | at least 5: 2": False,
    } == cells


def test_rows_have_one_that_was_taken() -> None:
    """Conditions before it were looked at; those after it were not."""
    form = "{ when x in 2026 at least 9: 3  when x in 2026 at least 7 and y in 2026 at least 5: 2  otherwise: 1 }"
    trials = _small(form, "x 2026: 9 y 2026: 5")
    rows = _touched(trials, "row")
    assert rows["when x in 2026 at least 9: 3", ""]
    assert not rows["otherwise: 1", ""]
    branches = _touched(trials, "branch")
    assert not branches["y in 2026 at least 5", "yes"], "it was not looked at"
    assert _touched(trials, "boundary")["x in 2026 at least 9", "exactly 9"]
    assert not _touched(trials, "boundary")["y in 2026 at least 5", "exactly 5"]


def test_items_conditions_and_rules_are_branches() -> None:
    """What came out, and what a rule decided: a rule is no branch of the condition."""
    trials = _trials(
        _expecting("expect more is met", "visits 2026: 50"),
        _expecting("expect more is missed"),
    )
    branches = _touched(trials, "branch")
    assert branches["visits in 2026 at least 50", "yes"]
    assert not branches["visits in 2026 at least 50", "no"]
    assert branches["goal more", "not reported counts as zero"]
    assert branches["goal more", "met"]
    assert branches["goal more", "missed"]
    assert ("goal more", "partly met") not in branches
    assert not branches["goal plan", "partly met"]
    assert _touched(trials, "boundary")["visits in 2026 at least 50", "exactly 50 visits"]


def test_a_limit_acts_or_does_not() -> None:
    """Both are rows; the condition alone has no branches beside them."""
    text = CONTRACT.replace(
        "EXAMPLES",
        'limit "Gate" to at most 10 when ready is no '
        + _expecting("expect total exactly 10", "ready: no plan: 20"),
    )
    trials = _of(text)
    rows = {what: hit for (words, what), hit in _touched(trials, "row").items() if words.startswith("limit")}
    assert {"acts": True, "does not act": False} == rows
    assert trials.holds


def test_without_examples_nothing_is_touched() -> None:
    """A contract with none says so, and holds."""
    trials = _trials()
    assert ((), True) == (trials.examples, trials.holds)
    assert trials.coverage == trials.untouched != ()
    assert "no examples; touched: 0 of " in examples.text(trials)


@pytest.mark.parametrize("path", _SCHEMES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_examples_of_the_schemes_hold(path: Path) -> None:
    """Each scheme has some, and every one comes to what it says."""
    trials = rkdsl.load(path).test()
    assert len(trials.examples) >= 2
    assert trials.holds, examples.text(trials)


def test_examples_speak_of_contracts_that_are_used(tmp_path: Path) -> None:
    """Their readings are given, and their points and states expected, under their names."""
    (tmp_path / "north.rk").write_text(
        """contract north "North" { period 2026
        measure placed "Placed" { unit persons  higher is better  each year }
        goal places "Places" { weight 10  target placed in 2026 at least 5 }
        expect "the most" places.points at most 5 }""",
        encoding="utf-8",
    )
    (tmp_path / "region.rk").write_text(
        """contract region "Region" { use "north.rk"  period 2026
        goal sum_up "All" { weight 10  target sum(units.placed in 2026) at least 6 }
        example "Five" at 2027-01-31 { given { north.placed 2026: 5 }
          expect north.places is met and north.places.secured exactly 10 and sum_up is missed
          expect total exactly 0 and north.places.possible exactly 10 } }""",
        encoding="utf-8",
    )
    contract = rkdsl.load(tmp_path / "region.rk")
    assert [["holds", "holds"]] == _verdicts(contract.test())
    told = {"contract": "north", "as_of": "2027-01-31", "readings": {"placed": {"2026": 5}}}
    (found,) = _found(contract.evaluate([told, {"contract": "region"}]))
    assert "RK535 not as the contract expects: the most: found 10 for `places.points at most 5`" == found


# ---- cross-checks


def _outcome(expected: str, **facts: Any) -> rkdsl.Outcome:
    contract = rkdsl.loads(CONTRACT.replace("EXAMPLES", expected))
    return contract.evaluate({"contract": "k", "facts": facts}, "2027-01-31")


def _found(outcome: rkdsl.Outcome) -> list[str]:
    return [text for _, text in outcome.findings if text.startswith("RK535")]


def test_a_cross_check_that_fails_is_a_finding_and_no_score() -> None:
    """Points are what they are without it; one that holds or is not known says nothing."""
    bare = _outcome("", ready=True)
    failed = _outcome('expect "why" ready is no', ready=True)
    assert ["RK535 not as the contract expects: why: found yes for `ready is no`"] == _found(failed)
    assert (bare.points, bare.items) == (failed.points, failed.items)
    assert [] == _found(_outcome("expect ready is yes", ready=True))
    unknown = _outcome("expect ready is yes")
    assert [] == _found(unknown)
    assert ["not known"] == [each["verdict"] for each in unknown.to_dict()["expected"]]


def test_what_is_certain_is_told_by_check() -> None:
    """Only what fails whatever is reported, and on whatever day."""

    def codes(expected: str) -> list[str]:
        return [each.code for each in rkdsl.loads(CONTRACT.replace("EXAMPLES", expected)).findings]

    assert "RK535" in codes("expect total.maximum exactly 90")
    assert "RK535" in codes("expect (visits in 2025) * 2 exactly 82 visits")
    told_once = codes("expect visits in 2025 exactly 41")
    assert ("RK545" in told_once, "RK535" in told_once) == (True, False)
    assert "RK535" not in codes("expect total.maximum exactly 100")
    assert "RK535" not in codes("expect more.points exactly 50")
    assert "RK535" not in codes("expect ready is reported")


def test_cross_checks_stand_in_sections_and_items() -> None:
    """Each is told at its own place."""
    contract = rkdsl.loads(
        """contract k "K" { period 2026
  section s "S" {
    expect s.maximum exactly 11
    goal g "G" { weight 10  milestone m "M" by 2026-06-30
      expect g.maximum exactly 12 }
  }
}"""
    )
    places = [
        contract.sources["contract.rk"].place(each.place.span.start)[0]
        for each in contract.findings
        if each.place.span
    ]
    assert [3, 5] == places


# ---- the command


@pytest.fixture
def contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A contract with one example that holds and one that fails."""
    monkeypatch.chdir(tmp_path)
    found = tmp_path / "contract.rk"
    written = _expecting("expect more is met", "visits 2026: 50") + _expecting(
        "expect more is met", "visits 2026: 49"
    )
    found.write_text(CONTRACT.replace("EXAMPLES", written), encoding="utf-8")
    return found


def test_the_command_says_what_failed(contract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 for what fails or is refused, 0 where all holds, 2 for wrong usage."""
    assert 1 == main(["test", "contract.rk"])
    assert "more is met: fails, found missed" in capsys.readouterr().out
    contract.write_text(
        contract.read_text(encoding="utf-8").replace("visits 2026: 49", "visits 2026: 51"), encoding="utf-8"
    )
    assert 0 == main(["test", "contract.rk"])
    assert 1 == main(["test", "contract.rk", "--fail-under", "99"])
    assert 0 == main(["test", "contract.rk", "--fail-under", "1"])
    assert 1 == main(["test", "contract.rk", "missing.rk"])
    with pytest.raises(SystemExit) as left:
        main(["test", "contract.rk", "--fail-under", "101"])
    assert 2 == left.value.code


def test_the_command_says_it_in_json(contract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One entry a file, also for one that is refused."""
    contract.with_name("bad.rk").write_text("contract", encoding="utf-8")
    assert 1 == main(["test", "contract.rk", "bad.rk", "--format", "json"])
    first, second = json.loads(capsys.readouterr().out)["contracts"]
    assert [True, False] == [each["holds"] for each in first["examples"]]
    assert first["coverage"]["counts"]["rows"]["all"] > 0
    assert (None, False, "RK021") == (second["contract"], second["holds"], second["diagnostics"][0]["code"])
    assert data.json_text({"examples": first["examples"]})


# ---- whatever is written

_NAMES = (
    "visits",
    "share",
    "kind",
    "ready",
    "price",
    "rates",
    "rates.low",
    "app.live",
    "plan",
    "more.points",
    "nothing",
)
_WHEN = ("", " 2026", " 2026-01", " 2026..2027", " 0")
_CELLS = (
    "3",
    "-1",
    "50 %",
    "3 DKK",
    "yes",
    '"high"',
    '"not done"',
    "2026-09-30",
    'not applicable "a"',
    "undecided",
    "visits",
)
_SUBJECTS = (
    "total",
    "more",
    "more.secured",
    "cost.possible",
    "grade",
    "visits in 2026",
    "f(50 %)",
    "right",
    "nothing.secured",
)
_TESTS = (
    "exactly 3",
    "at most 50 %",
    "is met",
    "is not known",
    "is pending",
    'is "good"',
    "is not applicable",
    "above 1 DKK",
)


@given(
    st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(_WHEN), st.sampled_from(_CELLS)), max_size=3),
    st.lists(st.tuples(st.sampled_from(_SUBJECTS), st.sampled_from(_TESTS)), min_size=1, max_size=3),
    st.sampled_from(("", "2026-06-30", "2027-03-01", "2026")),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_is_tried_or_refused(
    rows: list[tuple[str, str, str]], asked: list[tuple[str, str]], day: str
) -> None:
    """No example makes the program fail; and what is accepted says the same each time."""
    supposed = " ".join(f"{name}{when}: {cell}" for name, when, cell in rows)
    written = _expecting(
        "expect " + " and ".join(f"{subject} {test}" for subject, test in asked), supposed, day
    )
    try:
        contract = rkdsl.loads(CONTRACT.replace("EXAMPLES", written))
    except rkdsl.Refused:
        return
    trials = contract.test()
    assert trials == contract.test()
    assert examples.text(trials)
