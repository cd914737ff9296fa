"""The results contract of 2009, as it was signed, on illustrative figures: worked out by hand."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

import rkdsl
from rkdsl.pipeline import Contract
from rkdsl.reports import lists

HOME = Path(__file__).parent.parent / "examples" / "ams-2009"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return rkdsl.load(HOME / "contract.rk")


# id: (state, secured, possible, maximum) at year end, and why
YEAR_END = {
    "m1": ("not known", 0, 125, 125),  # the limit is undecided, and December or another month
    "m2": ("not known", 0, 150, 150),  # 26450 is at most 26675 in December; of the year there is no reading
    "m3": ("not known", 0, 125, 125),  # the limit is undecided
    "m4": ("not known", 0, 75, 75),  # 70120 is a fall from 72790; the other target is undecided
    "m5": ("not known", 0, 50, 50),  # 70950 against 71400, with no tolerance given
    "pk1": ("met", 25, 25, 25),  # 12 November: by 30 November, and in 2009
    "pk2": ("partly met", 120, 120, 150),  # assessed
    "pk3": ("met", 25, 25, 25),  # 2 October and 18 December
    "pk4": ("met", 25, 25, 25),  # 27 March is by June and by March; 15 December is before the 31st
    "pk5": ("met", 25, 25, 25),  # 31 March is in the first quarter
    "pk6": ("met", 25, 25, 25),  # 20 March is by September and by March
    "pk7": ("missed", 0, 0, 50),  # 3 July is not in the second quarter
    "pk8": ("missed", 0, 0, 25),  # 4.1 is above 3.9, but 102.5 is not above 102.5
    "pk9": ("met", 25, 25, 25),  # all six in their half-years and months
    "pk10": ("met", 25, 25, 25),  # 30 November
    "pk11": ("met", 25, 25, 25),  # 17 June is by June, and in the second quarter
    "pk12": ("met", 25, 25, 25),  # 22 December, and as agreed
    "pk13": ("missed", 0, 0, 25),  # 5 October is neither in the third quarter nor in the first half-year
}

# 30 June: what is reported by then, and what can still come
HALF_YEAR = {
    **{
        f"m{number}": ("pending", 0, YEAR_END[f"m{number}"][3], YEAR_END[f"m{number}"][3])
        for number in range(1, 6)
    },
    "pk1": ("pending", 0, 25, 25),
    "pk2": ("pending", 0, 150, 150),
    "pk3": ("pending", 0, 25, 25),
    "pk4": ("pending", 0, 25, 25),  # the concept is done, the tool is to come
    "pk5": ("met", 25, 25, 25),
    "pk6": ("met", 25, 25, 25),
    "pk7": ("missed", 0, 0, 50),  # not done on 30 June, the last day
    "pk8": ("pending", 0, 25, 25),
    "pk9": ("pending", 0, 25, 25),
    "pk10": ("pending", 0, 25, 25),
    "pk11": ("met", 25, 25, 25),
    "pk12": ("pending", 0, 25, 25),
    "pk13": ("pending", 0, 25, 25),
}


def _table(outcome: rkdsl.Outcome) -> dict[str, tuple[str, object, object, object]]:
    found = {}
    for item in outcome.items:
        assert item.points is not None
        found[item.id] = (item.state, item.points.secured, item.points.possible, item.points.maximum)
    return found


def test_year_end(contract: Contract) -> None:
    """As signed, the five goals are open and nothing else."""
    outcome = contract.evaluate(HOME / "actuals.json")
    assert YEAR_END == _table(outcome)
    assert {"m1", "m2", "m3", "m4", "m5"} == {item.id for item in outcome.items if item.open}
    assert outcome.points is not None
    # 25 x 9 met + 120 = 345; the goals may add 525
    assert (345, 870, 1000) == (outcome.points.secured, outcome.points.possible, outcome.points.maximum)
    assert not outcome.is_final


def test_year_end_says_why_the_goals_are_open(contract: Contract) -> None:
    """Targets undecided, December or the year, no tolerance."""
    outcome = contract.evaluate(HOME / "actuals.json")
    why = {item.id: " / ".join(reason.text for reason in item.open) for item in outcome.items}
    assert "the limit is undecided" in why["m1"]
    assert "`at 2009-12` or `in 2009" in why["m2"]
    assert "no reading of 2009" in why["m2"]
    assert "the limit is undecided" in why["m3"]
    assert "the period is undecided" in why["m4"]
    assert "the tolerance is undecided" in why["m5"]


def test_each_reading_of_a_doubled_period_is_shown(contract: Contract) -> None:
    """If December governs, goal 2 gives 150."""
    (reason,) = [
        each for each in contract.evaluate(HOME / "actuals.json").item("m2").open if each.alternatives
    ]
    december, year = (points for _, points in reason.alternatives)
    assert (150, 150) == (december.secured, december.possible)
    assert (0, 150) == (year.secured, year.possible)


def test_half_year(contract: Contract) -> None:
    """A status at 30 June is an honest interval."""
    outcome = contract.evaluate(HOME / "halfyear.json")
    assert datetime.date(2009, 6, 30) == outcome.as_of
    assert HALF_YEAR == _table(outcome)
    assert outcome.points is not None
    # met 3 x 25 = 75; lost 50; 1000 - 50 = 950
    assert (75, 950, 1000) == (outcome.points.secured, outcome.points.possible, outcome.points.maximum)


def test_the_year_end_file_as_of_half_year(contract: Contract) -> None:
    """What is dated later, or was reported later, is not known on 30 June."""
    later = contract.evaluate(HOME / "actuals.json", as_of="2009-06-30")
    assert later.points is not None
    # pk7 is not reported as not done in this file, so it is open: 50 more are possible than in the half-year file
    assert (75, 1000) == (later.points.secured, later.points.possible)


def test_a_correction_supersedes_openly(contract: Contract) -> None:
    """Before 15 February the first figure stands."""
    before = str(contract.evaluate(HOME / "actuals.json", as_of="2010-02-01").explain("m2"))
    after = str(contract.evaluate(HOME / "actuals.json").explain("m2"))
    assert "26_400" in before
    assert "26_450" not in before
    assert "corrects 2010-01-20" in after


def test_the_total_is_proved(contract: Contract) -> None:
    """850 fixed and 0 to 150 make 1000, per section and in all."""
    stated = {line.id or "total": line.stated for line in contract.proof if line.stated is not None}
    assert {
        "goals": 525,
        "products": 475,
        "running": 225,
        "policy": 125,
        "knowledge": 125,
        "total": 1000,
    } == stated
    assert all(line.stated in (None, line.highest) for line in contract.proof)


# what the document states twice: the words of the line, and the other place it stands in
SAID_TWICE = {
    ("period 2009..2012", "in afsnit 4, Grundlag"),
    ("2007-12: 43_353", "in bilag 2, tabel 6"),
    ("2007-12: 33_282", "in bilag 2, tabel 7"),
    ("2008-09: 36_646", "in tabel 8, overskriften"),
    ("target labour_reserve", "in tabel 2, kolonnen RK 2009"),
    ("target long_sick_leave", "in tabel 2, kolonnen RK 2009"),
    ("target young_recipients", "in tabel 2, kolonnen RK 2009"),
    ("milestone started", "in tabel 3, kolonnen PK 2009"),
    ("milestone concept", "in bilag 3"),
    ("milestone live", "in tabel 1 og bilag 3"),
    ("milestone strategy", "in bilag 3 og 4"),
    ("milestone evaluation", "in tabel 5, kolonnen PK 2009"),
    ("milestone started", "in bilag 3"),
}


def _lines(contract: Contract, code: str) -> list[tuple[str, tuple[str, ...]]]:
    """The line and the other places of each finding of a code."""
    (source,) = contract.sources.values()
    found = []
    for finding in contract.findings:
        if finding.code == code:
            span = finding.place.span
            assert span is not None
            line = source.line_at(span.start)
            found.append((line.strip(), tuple(label.text for label in finding.labels[1:])))
    return found


def test_check_names_what_is_said_twice(contract: Contract) -> None:
    """Each with the place of both statements."""
    found = {(line, others[0]) for line, others in _lines(contract, "RK501")}
    assert len(SAID_TWICE) == len(found)
    for words, other in SAID_TWICE:
        assert [line for line, place in found if line.startswith(words) and place == other], (words, other)


def test_check_names_what_is_unclear_undecided_and_weak(contract: Contract) -> None:
    """34.7100; table 8; the xx and yy; the year of a monthly figure; the guideline of goal 1 for 2010."""
    assert ['2008-04: unclear "34.7100"', "2008-09: 36_646 elsewhere"] == [
        line[:26].strip() for line, _ in _lines(contract, "RK503")
    ]
    assert 18 == len(_lines(contract, "RK502"))
    assert ["target long_sick_leave"] == [line[:22] for line, _ in _lines(contract, "RK504")]
    assert ["guideline 2010: 26_850"] == [line[:22] for line, _ in _lines(contract, "RK506")]


def test_the_stated_list(contract: Contract) -> None:
    """Thirteen said twice or three times, eighteen undecided, two unclear; what is due in March 2009 stands first."""
    stated = lists.in_list(contract.findings, "stated")
    codes = [each.code for each in stated]
    assert {"RK501": 13, "RK502": 18, "RK503": 2} == {code: codes.count(code) for code in codes}
    assert 3 == len(stated[0].labels)  # the period, and that of the strategy map
    first = next(each for each in stated if each.code == "RK502")
    assert ("2009-03", "summen af ministerens mål med regionerne; allonge") == (
        str(first.until),
        first.remark,
    )
    assert 7 == sum(bool(each.remark) for each in stated)


def test_the_computed_list(contract: Contract) -> None:
    """What the document does not say of itself: a year of months, a rise as a goal, early work that misses."""
    computed = lists.in_list(contract.findings, "computed")
    # two aims without a requirement, and requirement 2 under no purpose
    registers = ["RK530", "RK530", "RK532"]
    assert ["RK504", "RK506", *["RK508"] * 7, *registers] == [each.code for each in computed]
    (weak,) = [each for each in computed if each.code == "RK506"]
    assert "2008-09: 26_445 persons" == weak.labels[1].text
    assert () == contract.silenced


def test_the_outcome_as_data(contract: Contract) -> None:
    """The shape that programs read."""
    outcome = contract.evaluate(HOME / "actuals.json").to_dict()
    assert "rkdsl-outcome/1" == outcome["format"]
    assert {"secured": 345, "possible": 870, "maximum": 1000} == outcome["points"]
    first = outcome["items"][0]
    assert ("m1", "goals", "not known") == (first["id"], first["section"], first["state"])
    assert first["because"]


def test_a_mapping_gives_the_same_as_the_file(contract: Contract) -> None:
    """Actuals can be handed over as data."""
    content = json.loads((HOME / "actuals.json").read_text(encoding="utf-8"))
    file, data = contract.evaluate(HOME / "actuals.json"), contract.evaluate(content)
    assert _table(file) == _table(data)
