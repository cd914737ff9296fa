"""A scorer comes to what an evaluation comes to: figures, states, explanations and refusals."""

from __future__ import annotations

import datetime
import functools
import keyword
import math
import tempfile
import types
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl.actuals.record import SECTIONS
from rkdsl.pipeline import Contract, Outcome
from rkdsl.rules import codegen
from rkdsl.scorer import Scores
from tests import every_form, uses, valid_contracts

QUICK = """
contract k "K" {
  period 2026   total 30 points
  reporting closes 2027-03-01
  role board "The board"
  measure visits "Visits" { unit visits  higher is better  each year  2025: 40 }
  measure renewed "Renewed" { unit %  range 0..100 %  higher is better  each quarter  may not apply }
  fact opened "Opened" { unit day }
  fact grade "Grade" { unit word  range ("low" | "high") }
  goal more "More" { weight 10  target visits in 2026 linear from 40 to 47 }
  goal app "App" { weight 10  milestone live "Live" by 2026-09-30  worth 10  late costs 3 per started week down to 0 }
  goal rooms "Rooms" { weight 0..10  assessed by board }
  value ratio = 100 * (visits in 2026) / (visits in 2025)
  value fine = grade is "high" and opened at most 2026-05-01 and renewed in 2026-Q4 at least 85 %
}
"""
RECORD = {
    "readings.visits.2026": 43,
    "readings.visits.2025": 40,
    "readings.renewed.2026-Q4": 86.5,
    "milestones.app.live": "2026-10-09",
    "facts.opened": datetime.date(2026, 4, 30),
    "facts.grade": "high",
    "assessed.rooms": {"points": 7.5, "by": "board", "reason": "Mended."},
}


def flat(actuals: Mapping[str, Any]) -> dict[str, Any]:
    """Actuals as a record has them."""
    found = {}
    for section in SECTIONS.values():
        for id, entries in actuals.get(section, {}).items():
            if section == "readings":
                found.update({f"{section}.{id}.{period}": told for period, told in entries.items()})
            elif section == "parameters" and isinstance(entries, dict):
                found.update(_below(f"{section}.{id}", entries))
            elif section == "carried" and isinstance(entries, dict):
                found.update({f"{section}.{id}.{part}": told for part, told in entries.items()})
            else:
                found[f"{section}.{id}"] = entries
    return found


def _below(path: str, entries: Mapping[str, Any]) -> dict[str, Any]:
    if not entries.keys().isdisjoint({"value", "reported", "not_applicable", "corrects", "source"}):
        return {path: entries}
    found = {}
    for key, told in entries.items():
        is_more = isinstance(told, dict) and not key[:1].isdigit()
        found.update(_below(f"{path}.{key}", told) if is_more else {f"{path}.{key}": told})
    return found


def agree(contract: Contract, scores: Scores, outcome: Outcome) -> None:
    assert outcome.points == scores.points
    assert outcome.state == scores.state
    for item in outcome.items:
        assert item.points == scores.points_of(item.id), item.id
        assert item.state == scores.state_of(item.id), item.id
    for section in outcome.sections:
        assert section.points == scores.points_of(section.id), section.id
    for value in outcome.values:
        number = value.secured if value.secured == value.possible else None
        assert (value.word or number) == scores.value_of(value.id), value.id


def both(
    contract: Contract, scorer: Any, record: Mapping[str, Any], actuals: Mapping[str, Any]
) -> Scores | None:
    """Scores as the outcome, or both refused for the same."""
    try:
        outcome = contract.evaluate(actuals)
    except rkdsl.Refused as expected:
        refused = expected
    else:
        scores: Scores = scorer(record)
        agree(contract, scores, outcome)
        assert told_by(outcome).items() <= scorer.figures(record).items()
        return scores
    for score in (scorer, scorer.figures):
        with pytest.raises(rkdsl.Refused) as found:
            score(record)
        assert [each.code for each in refused.diagnostics] == [each.code for each in found.value.diagnostics]
    return None


def told_by(outcome: Outcome) -> dict[str, Any]:
    """The figures of an outcome by their names, as its objects have them."""
    found: dict[str, Any] = {}
    several = [(each.id, each.state, each.points) for each in (*outcome.items, *outcome.sections)]
    for name, state, points in (*several, ("total", outcome.state, outcome.points)):
        if points is not None:
            found |= {f"{name}.secured": points.secured, f"{name}.possible": points.possible}
        if points is not None or name != "total":
            found[f"{name}.state"] = state
    for value in outcome.values:
        found |= {f"{value.id}.secured": value.secured, f"{value.id}.possible": value.possible}
        found |= {f"{value.id}.state": value.state, f"{value.id}.word": value.word}
    return found


@pytest.mark.parametrize("seed", range(12))
def test_contracts_of_every_form(seed: int) -> None:
    """Of contracts that reach every form, with all told, and with some missing."""
    made = every_form.contract(seed)
    contract = rkdsl.loads(made.text)
    settled = 0
    for told in range(6):
        actuals = made.actuals(told, (0.5, 0.9, 1.0)[told % 3])
        scorer = contract.scorer(actuals["as_of"])
        for _ in range(2):
            scores = both(contract, scorer, flat(actuals), actuals)
            settled += scores is not None and scores.is_settled


@settings(max_examples=15, deadline=None)
@given(valid_contracts.contract_texts(), st.data())
def test_any_contract_at_its_thresholds(text: str, data: st.DataObject) -> None:
    """What is told lies on the figures at which something changes."""
    contract = rkdsl.loads(text)
    day = data.draw(st.sampled_from(valid_contracts.AS_OF))
    scorer = contract.scorer(day)
    for _ in range(3):
        actuals = data.draw(valid_contracts.actuals(contract.tree, 9, as_of=day))
        both(contract, scorer, flat(actuals), actuals)


WRONG = (
    *(True, "x", "12", -1, 1.5, 10**50, math.nan, math.inf, -0.0, 43.0, Decimal("43.0"), Decimal("NaN")),
    *(Fraction(1, 3), Fraction(43), [], {}, (), "2026-10-09", "2026-13-01", "not done", b"x", object(), ""),
    *(datetime.date(2026, 10, 9), datetime.datetime(2026, 10, 9), {"value": 3}, {"not_applicable": "closed"}),
    *({"not_applicable": " "}, {"points": 1, "by": "x", "reason": "y"}, 0.1 + 0.2, 86.50000001, 1e300, None),
    *({"points": 11, "by": "board", "reason": "y"}, "not applicable", 2**60, 100, 0, {"not_applicable": 3}),
)


@pytest.mark.parametrize("key", RECORD)
@pytest.mark.parametrize("value", WRONG, ids=lambda each: "an object" if type(each) is object else repr(each))
def test_any_value_is_taken_or_refused_as_by_an_evaluation(key: str, value: object) -> None:
    contract = rkdsl.loads(QUICK)
    scorer = contract.scorer("2027-04-01")
    scorer(RECORD)
    record = {**RECORD, key: value}
    told = scorer.nested(record)
    try:
        outcome = contract.evaluate(told)
    except Exception as expected:  # whatever an evaluation says to it
        with pytest.raises(type(expected)):
            scorer(record)
        return
    agree(contract, scorer(record), outcome)


def test_one_record() -> None:
    """Worked out by hand: 3 of 7 of the way, nine days late are two weeks, and what was assessed."""
    contract = rkdsl.loads(QUICK)
    scores = contract.scorer("2027-04-01")(RECORD)
    assert scores.is_settled
    assert rkdsl.Points(Fraction(30, 7), Fraction(30, 7), Fraction(10)) == scores.points_of("more")
    assert ["partly met"] * 3 == [scores.state_of(name) for name in contract.item_ids]
    assert scores.points is not None
    assert Fraction(30, 7) + 4 + Fraction(15, 2) == scores.points.secured
    assert Fraction(215, 2) == scores.value_of("ratio")
    assert "yes" == scores.value_of("fine")
    assert str(contract.evaluate(contract.scorer("2027-04-01").nested(RECORD)).explain("more")) == str(
        scores.explain("more")
    )


@pytest.mark.parametrize("key", RECORD)
def test_what_is_missing_is_open(key: str) -> None:
    """Without a figure the scores are those of the outcome; where a rule says what then, they are settled."""
    contract = rkdsl.loads(QUICK)
    scorer = contract.scorer("2027-04-01")
    record = {other: value for other, value in RECORD.items() if other != key}
    outcome = contract.evaluate(scorer.nested(record))
    agree(contract, scorer(record), outcome)
    agree(contract, scorer({**record, key: None}), outcome)


def test_rules_for_what_is_missing_are_generated_too() -> None:
    text = QUICK.replace("role board", "not reported counts as zero\n  role board")
    contract = rkdsl.loads(text)
    scorer = contract.scorer("2027-04-01")
    record = {key: value for key, value in RECORD.items() if key != "milestones.app.live"}
    scores = scorer(record)
    assert scores.is_settled
    assert "missed" == scores.state_of("app")
    agree(contract, scores, contract.evaluate(scorer.nested(record)))
    agree(
        contract,
        scorer({**record, "milestones.app.live": "not done"}),
        contract.evaluate(scorer.nested({**record, "milestones.app.live": "not done"})),
    )


def test_what_is_scored_is_kept() -> None:
    """A record that is changed later changes nothing of what is read."""
    record = dict(RECORD)
    scorer = rkdsl.loads(QUICK).scorer("2027-04-01")
    scorer(record)
    scores = scorer(record)
    record["readings.visits.2026"] = 40
    assert Fraction(30, 7) == scores.outcome.item("more").points.secured
    assert RECORD == scores.record


def test_records_of_other_kinds() -> None:
    """Whatever has keys is a record; what another kind of dict makes up for a missing key was not reported."""
    scorer = rkdsl.loads(QUICK).scorer("2027-04-01")
    scorer(RECORD)
    scores = scorer(types.MappingProxyType(RECORD))
    assert scores.is_settled
    assert RECORD == scores.record
    misspelt = defaultdict(int, RECORD)
    misspelt["readings.visit.2026"] = misspelt.pop("readings.visits.2026")
    with pytest.raises(rkdsl.Refused, match=r"readings\.visit"):
        scorer(misspelt)
    left_out = defaultdict(int, RECORD)
    del left_out["readings.visits.2026"]
    assert not scorer(left_out).is_settled


ONE_KEY = """
contract k "K" {
  period 2026   total 10 points
  reporting closes 2027-03-01
  not reported counts as zero
  measure visits "Visits" { unit visits  higher is better  each year }
  goal more "More" { weight 10  target visits in 2026 at least 40 }
}
"""


@pytest.mark.parametrize("given", [{}, {"readings.visits.2026": 43}])
def test_records_of_one_key_and_of_none(given: dict[str, Any]) -> None:
    contract = rkdsl.loads(ONE_KEY)
    scorer = contract.scorer("2027-04-01")
    for _ in range(3):
        scores = scorer(given)
        assert (scores.is_settled, scores.record) == (True, given)
        agree(contract, scores, contract.evaluate(scorer.nested(given)))


@pytest.mark.parametrize(
    "figure", [0, 1, -1, 10**9, 2**30 - 1, 2**30, 10**15, 10**15 + 1, 10**39, 10**40, -(10**15)]
)
def test_numbers_of_every_length(figure: int) -> None:
    """Those of one digit of Python's, of more, and those that generated code leaves to an evaluation."""
    contract = rkdsl.loads(QUICK)
    scorer = contract.scorer("2027-04-01")
    scorer(RECORD)
    record = {**RECORD, "readings.visits.2026": figure}
    if not 0 <= figure < 10**40:
        with pytest.raises(rkdsl.Refused):
            scorer(record)
    else:
        agree(contract, scorer(record), contract.evaluate(scorer.nested(record)))


def test_unknown_keys_are_refused() -> None:
    scorer = rkdsl.loads(QUICK).scorer("2027-04-01")
    scorer(RECORD)
    for key in (
        "readings.visit.2026",
        "readings.visits",
        "facts",
        "x",
        "",
        "facts.x",
        "milestones.app.live.x",
        3,
    ):
        for record in ({**RECORD, key: 1}, {key: 1, **dict(list(RECORD.items())[1:])}):
            with pytest.raises(rkdsl.Refused):
                scorer(record)


WORDS = st.sampled_from((None, 0, 19, 20, 29, 30, 31, 94.9, 95, 50, -1, "x", {"not_applicable": "closed"}))


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(dict.fromkeys(("north.placed", "north.answered", "south.placed"), WORDS)),
    st.booleans(),
)
def test_contracts_that_use_others(told: dict[str, Any], all_told: bool) -> None:
    """A record has the figures of the parts under their names; it comes to what their actuals come to."""
    contract, scorer = _both()
    readings = {key: value for key, value in told.items() if all_told or value is not None}
    record = {f"readings.{key}.2009": value for key, value in readings.items()}
    actuals: list[Any] = [{"contract": "both"}]
    for name in ("north", "south"):
        own = {
            key.partition(".")[2]: {"2009": value} for key, value in readings.items() if key.startswith(name)
        }
        actuals.append({"contract": name, "readings": own})
    try:
        outcome = contract.evaluate(actuals, "2010-02-01")
    except rkdsl.Refused as expected:
        with pytest.raises(rkdsl.Refused) as found:
            scorer(record)
        codes = [[each.code for each in one.diagnostics] for one in (expected, found.value)]
        assert codes[0] == codes[1]
    else:
        agree(contract, scorer(record), outcome)


@functools.cache
def _both() -> tuple[Contract, Any]:
    with tempfile.TemporaryDirectory() as folder:
        contract = rkdsl.load(uses.written(Path(folder)) / "both.rk")
    return contract, contract.scorer("2010-02-01")


def test_records_of_parts_are_quick_and_explained() -> None:
    """Where all is told nothing is evaluated; a figure of a part is explained like any other."""
    _, scorer = _both()
    keys = ("readings.north.placed.2009", "readings.north.answered.2009", "readings.south.placed.2009")
    assert keys == scorer.keys
    scores = scorer(dict(zip(keys, (31, 95, 18), strict=True)))
    assert scores.points is not None  # 31 + 18 are fewer than 50; north has 60 + 40, south nothing
    assert (0, 100, "missed") == (
        scores.points.secured,
        scores.value_of("points_in_all"),
        scores.state_of("south.places"),
    )
    assert scores.explain("south.places").lines
    with pytest.raises(rkdsl.Refused, match="RK6"):
        scorer({"readings.west.placed.2009": 1})


def test_a_contract_in_several_places_has_no_scorer(tmp_path: Path) -> None:
    """Its figures would stand in a record twice."""
    outer = 'contract {} "C" {{ period 2009  use "north.rk"  value v = north.points }}\n'
    top = 'contract top "Top" { period 2009  use "one.rk"  use "two.rk"  value v = one.v + two.v  result v }'
    folder = uses.written(tmp_path, one=outer.format("one"), two=outer.format("two"), top=top)
    with pytest.raises(ValueError, match="in several places"):
        rkdsl.load(folder / "top.rk").scorer("2010-02-01")


INJECTED = "'''\"\"\"); __import__('os').system('x') #\\N{BULLET}\\n"


def test_no_text_of_the_author_is_in_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are Python's own, titles and words that close a string: none of it is written."""
    written: list[str] = []
    function = codegen.Source.function

    def noted(self: codegen.Source, parameters: str, results: list[str]) -> Any:
        text, run = function(self, parameters, results)
        written.append(text)
        return text, run

    monkeypatch.setattr(codegen.Source, "function", noted)
    reserved = ("lambda", "class", "import_os", "exec", "zebra", "None_")
    title = INJECTED.replace('"', "”").replace("\\", "/")
    facts = "".join(
        f'fact {name} "{title}" {{ unit word  range ("{title}" | "zebrafish") }}\n' for name in reserved
    )
    goals = "".join(
        f'goal g_{name} "{title}" {{ weight 1  target {name} is "{title}" }}\n' for name in reserved
    )
    text = f'contract zebras "{title}" {{ period 2026  total {len(reserved)} points\n{facts}{goals}}}'
    contract = rkdsl.loads(text)
    scorer = contract.scorer("2027-01-31")
    record: dict[str, Any] = {f"facts.{name}": title for name in reserved}
    assert scorer(record).points == rkdsl.Points(Fraction(6), Fraction(6), Fraction(6))
    scorer({**record, "facts.zebra": None})
    assert written
    allowed = {
        "if",
        "else",
        "elif",
        "return",
        "def",
        "run",
        "and",
        "or",
        "not",
        "is",
        "in",
        "None",
        "True",
        "False",
        "strict",
    }
    for each in written:
        assert "zebra" not in each
        assert title not in each
        names = {
            "".join(letter for letter in word if letter.isidentifier())
            for word in each.replace("(", " ").split()
        }
        assert not {name for name in names if keyword.iskeyword(name)} - allowed


def test_amendments_hold_from_their_day() -> None:
    """A scorer is of the contract as it holds on its day."""
    body = "goal more { target visits in 2026 at least 43 }"
    amendment = f'amendment a "A" of k {{ signed 2026-06-15  from 2026-07-01\n{body}\n}}\n'
    contract = rkdsl.loads(QUICK, amendments=[amendment])
    for day, state in (("2027-04-01", "met"), ("2026-06-01", "pending")):
        scorer = contract.scorer(day)
        record = {key: value for key, value in RECORD.items() if day > "2027" or key == "facts.grade"}
        scores = scorer(record)
        assert state == scores.state_of("more")
        agree(contract, scores, contract.evaluate(scorer.nested(record), day))
