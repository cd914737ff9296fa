"""The second opinion beside the score: files that are used, amendments, decisions, registers; and drawn cases."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from tests import test_docs
from tests.secondopinion import Opinion, State, Unknown, drawn, evaluate_whole
from tests.secondopinion.compare import compare_whole
from tests.uses import written

ROOT = Path(__file__).parent.parent
AMS, BIF = ROOT / "examples" / "ams-2009", ROOT / "examples" / "bif-2009"
ALLONGE, BOTH = ("allonge-1.rk",), ("agreement-allonge-1.rk", "allonge-1.rk")


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Fraction)


def texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.rk")
    }


def told(*names: str, left: str = "") -> list[dict[str, Any]]:
    records = [read(AMS / each) for each in names]
    if left:
        records[-1]["facts"]["left"] = left
    return records


# ---- the examples


@pytest.mark.parametrize(
    ("main", "amendments", "records"),
    [
        ("contract.rk", (), told("actuals.json")),
        ("contract.rk", (), told("halfyear.json")),
        ("contract.rk", ALLONGE, told("actuals.json")),
        ("contract.rk", ALLONGE, told("halfyear.json")),
        ("agreement.rk", (), told("actuals.json", "pay.json")),
        ("agreement.rk", BOTH, told("actuals.json", "pay.json")),
        ("agreement.rk", BOTH, told("actuals.json", "pay.json", left="2009-09-30")),
    ],
)
def test_the_authority_and_its_director(main: str, amendments: Sequence[str], records: Any) -> None:
    """As amended, as signed, and as known on two days."""
    assert compare_whole(AMS, main, records, amendments=amendments) == []
    if amendments:
        assert compare_whole(AMS, main, records, amendments=amendments, as_signed=True) == []
        for day in (datetime.date(2009, 3, 22), datetime.date(2009, 12, 31)):
            assert compare_whole(AMS, main, records, day, amendments=amendments) == []


def of_director(**more: Any) -> Opinion:
    files = texts(AMS)
    given = [files[each] for each in BOTH]
    return evaluate_whole(files, "agreement.rk", told("actuals.json", "pay.json", **more), amendments=given)


def test_what_the_director_is_paid() -> None:
    """870 of 1000 in the contract: 609 of 700, and 245 of 300; 12 % of the salary, whole or until September."""
    opinion = of_director()
    assert opinion.sections["ams"] == 870
    assert opinion.items["fulfilment"] == ("partly met", Fraction(609))
    assert opinion.total == 854
    earned = Fraction(12, 100) * 1_034_500 * Fraction(854, 1000)
    assert (opinion.values["earned"], opinion.result) == (earned, 106_016)
    assert of_director(left="2009-09-30").values["prorated"] == earned * Fraction(273, 365)


def test_each_unit_and_the_portfolio() -> None:
    records = [read(each) for each in sorted((BIF / "actuals").glob("*.json"))]
    assert compare_whole(BIF, "portfolio.rk", records) == []
    for each in records:
        if each["contract"] != "bif":
            assert compare_whole(BIF, f"{each['contract']}.rk", [each]) == []
    opinion = evaluate_whole(texts(BIF), "portfolio.rk", records)
    states = Counter(state for state, _ in opinion.items.values())
    assert states.total() == len(opinion.items) > 80
    assert {"met", "missed"} <= states.keys()


# ---- the examples of the documentation


def blocks(page: str) -> dict[str, str]:
    """The files of a page of the documentation."""
    found = test_docs._blocks((ROOT / "docs" / page).read_text(encoding="utf-8"))
    return {each.options["file"]: each.text for each in found if "file" in each.options}


def test_contracts_that_use_other_files(tmp_path: Path) -> None:
    """North 31 of 30 placed, south 18 of 20; the plan of the south assessed at 35."""
    files = blocks("uses.md")
    written(tmp_path, files)
    records = json.loads(files["actuals.json"])
    assert compare_whole(tmp_path, "region.rk", records) == []
    told = [{**each, "as_of": "2027-01-31"} for each in records]
    for record in told:
        assert compare_whole(tmp_path, f"{record['contract']}.rk", [record]) == []
    told[0]["readings"]["answered"] = {"2026": 96}
    opinion = evaluate_whole(files, "region.rk", told)
    assert opinion.items["together"] == ("missed", 0)
    share = (2 + Fraction(35, 100)) / 3
    assert opinion.values == {
        "calls": Fraction(96, 100),
        "reached": 1,
        "by_size": share,
        "points_in_all": 135,
    }
    assert opinion.sections["south.service"] == 35


@pytest.mark.parametrize("day", ["", "2026-06-14", "2026-06-15", "2026-07-01", "2027-01-15"])
def test_amendments_of_the_documentation(day: str, tmp_path: Path) -> None:
    files = blocks("amendments.md")
    written(tmp_path, files)
    as_of = datetime.date.fromisoformat(day) if day else None
    records = [json.loads(files["actuals.json"])]
    given = ("allonge-2.rk", "allonge-1.rk")
    assert compare_whole(tmp_path, "library.rk", records, as_of, amendments=given) == []
    opinion = evaluate_whole(files, "library.rk", records, as_of, amendments=[files[each] for each in given])
    is_in_force = not day or day >= "2026-07-01"
    assert ("late" in opinion.items) is is_in_force
    assert (opinion.total == 100) is (day in ("", "2027-01-15"))


def test_registers_of_the_documentation(tmp_path: Path) -> None:
    files = blocks("registers.md")
    written(tmp_path, files)
    records = [json.loads(files["actuals.json"])]
    assert compare_whole(tmp_path, "theatre.rk", records) == []
    opinion = evaluate_whole(files, "theatre.rk", records)
    assert opinion.registers["tickets.stalls.full"] == Fraction(103, 100)
    assert (opinion.registers["tickets.in_all"], opinion.values["income"]) == (118_500, 118_500)
    why = "the priority is significance times vulnerability"
    kept = [opinion.checks["risks", why, each] for each in ("more", "hall", "hall.2")]
    assert kept == ["holds", "fails", "holds"]
    assert opinion.checks["tickets", "no more are sold than there are", "balcony"] == "not known"


GRANTS = """contract c "Grants" {
  period 2026
  use "standard:registers"
  requirement courts "New courts" { milestone built "Built" by 2026-10 }
  requirement lights "Lights" { milestone lit "Lit" by 2026-11 }
  register purposes each { sport "Sport for all": 1.2 million DKK }
  register aims each {
    outdoors   "Outdoors": sport | %s
    newsletter "A newsletter": sport | %s
  }
}"""


@pytest.mark.parametrize(
    ("first", "second", "courts", "lights"),
    [
        ("courts", 'not applicable "none"', "holds", "fails"),
        ("courts", "lights", "holds", "holds"),
        ("courts", "courts", "fails", "fails"),
        ("courts", "undecided", "not known", "not known"),
    ],
)
def test_counts_of_rows(first: str, second: str, courts: str, lights: str, tmp_path: Path) -> None:
    """Each requirement serves one aim."""
    written(tmp_path, c=GRANTS % (first, second))
    record = {"contract": "c", "as_of": "2026-05-31"}
    assert compare_whole(tmp_path, "c.rk", [record]) == []
    opinion = evaluate_whole({"c.rk": GRANTS % (first, second)}, "c.rk", [record])
    why = "each requirement serves one aim"
    assert opinion.checks["aims", why, "courts"] == courts
    assert opinion.checks["aims", why, "lights"] == lights


# ---- amendments, reckoned by hand

SIGNED = """contract c "C" {
  period 2026
  reporting closes 2027-02-01
  measure visits "Visits" { unit visits  higher is better  each year  2025: 5 }
  section s "S" {
    goal a "A" {
      weight 10
      any of { milestone x "X" by 2026-03  target visits in 2026 at least 9 }
      limit "cap" to at most 4 when visits in 2025 at least 5
    }
    goal b "B" { weight 20  target visits in 2026 at least 8  target visits in 2026 at most_one }
  }
  goal many(w) "Many" { weight w  milestone done "Done" by 2026-06 } each { one: 1  two: 2 }
}""".replace("target visits in 2026 at most_one", "target visits in 2026 above year before")


@pytest.mark.parametrize(
    ("change", "item", "came"),
    [
        ("", "a", ("met", 4)),
        ("measure visits { 2025: 4 }", "a", ("met", 10)),
        ("goal a { milestone x 'X' by 2026-01 }", "a", ("missed", 0)),
        ("goal a { limit 'cap' to at most 3 when visits in 2025 at least 5 }", "a", ("met", 3)),
        ("goal a { limit 'another' to at most 7 when visits in 2025 at least 5 }", "a", ("met", 7)),
        ("limit a 'another' to at most 3 when visits in 2025 at least 5", "a", ("met", 3)),
        ("goal a { any of { target visits in 2026 at least 7 } }", "a", ("met", 4)),
        ("remove a.x", "a", ("missed", 0)),
        ("goal a { remove x }", "a", ("missed", 0)),
        ("goal b { target visits in 2026 at least 7 }", "b", ("met", 20)),
        ("", "b", ("missed", 0)),
        ("goal two { weight 7 }", "two", ("met", 7)),
        (
            "goal many(w) 'M' { weight w  milestone done 'D' by 2026-05 } each { two: 5 }",
            "two",
            ("missed", 0),
        ),
        (
            "goal many(d) 'M' { weight 5  milestone done 'D' by d } each { two: 2026-05 }",
            "two",
            ("missed", 0),
        ),
        ("section s { goal d 'D' { weight 3  target visits in 2026 at least 7 } }", "d", ("met", 3)),
    ],
)
def test_what_an_amendment_does(change: str, item: str, came: Any, tmp_path: Path) -> None:
    """7 visits; x in March, two in June."""
    amendment = f'amendment k "K" of c {{ signed 2026-02-01  from 2026-02  {change} }}'.replace("'", '"')
    files = {"c.rk": SIGNED, "k.rk": amendment}
    written(tmp_path, files)
    record = {
        "contract": "c",
        "as_of": "2027-01-31",
        "readings": {"visits": {"2026": 7}},
        "milestones": {"a.x": "2026-03-15", "two.done": "2026-06-30"},
    }
    assert compare_whole(tmp_path, "c.rk", [record], amendments=["k.rk"]) == []
    opinion = evaluate_whole(files, "c.rk", [record], amendments=[amendment])
    assert opinion.items[item] == came


# ---- decisions, and where the tool says otherwise

DISPUTED = """contract c "C" {
  period 2026
  %s
  role board "The board"
  fact f "F" { unit yes or no  may not apply }
  assessed by board reads "in a dispute"
  goal g "G" { weight 5..60  target f is yes }
  goal h "H" { target f is yes }
  goal z "Z" { weight 0  target f is yes }
  goal u "U" { weight -5..undecided  target f is yes }
  value lost = g is missed
  value rate range 0 %%..100 %% = undecided %%
  value some = f is yes or rate at most 100 %%
  value open = g.points rounded undecided
}"""


@pytest.mark.parametrize(
    ("rule", "points", "g", "h"),
    [
        ("", 20, ("partly met", 20), ("met", None)),
        ("", 5, ("missed", 5), ("met", None)),
        ("", None, ("not applicable", State("not applicable")), ("not applicable", None)),
        ("not applicable counts as zero", None, ("missed", 5), ("missed", None)),
    ],
)
def test_decisions(rule: str, points: int | None, g: Any, h: Any, tmp_path: Path) -> None:
    """A decision takes the place of what was calculated; rules act on it as on an assessment."""
    by = {"by": "board", "reason": "Seen."}
    assessed = {
        "g": {"not_applicable": "sold", **by} if points is None else {"points": points, **by},
        "h": {"not_applicable": "sold", **by} if points is None else {"points": True, **by},
        "z": {"points": 0, **by},
        "u": {"points": 3, **by},
    }
    record = {"contract": "c", "as_of": "2027-01-31", "facts": {"f": False}, "assessed": assessed}
    opinion = evaluate_whole({"c.rk": DISPUTED % rule}, "c.rk", [record])
    assert (opinion.items["g"], opinion.items["h"], opinion.items["z"]) == (g, h, ("missed", 0))
    assert isinstance(opinion.values["open"], (Unknown, State))
    assert compare_whole(written(tmp_path, c=DISPUTED % rule), "c.rk", [record]) == []


LIBRARY = """measure visits "Visits" { unit visits  higher is better  each year }
goal plain "Plain" { weight 3  target visits in 2026 at least 2 }
goal shared(least) "Shared" { weight 10  target visits in 2026 at least least }
"""


@pytest.mark.parametrize(
    ("asked", "items"),
    [
        ("value v = plain is met", {"shared", "plain"}),
        ("", {"shared"}),
    ],
)
def test_goals_of_a_library_that_are_not_shared(asked: str, items: set[str], tmp_path: Path) -> None:
    """Of a library only that is taken which the contract asks for by name."""
    main = f'contract c "C" {{ period 2026  use "goals.rk"  use shared(3)  {asked} }}'
    files = {"goals.rk": LIBRARY, "c.rk": main}
    record = {"contract": "c", "as_of": "2027-01-31", "readings": {"visits": {"2026": 2}}}
    assert evaluate_whole(files, "c.rk", [record]).items.keys() == items
    assert compare_whole(written(tmp_path, files), "c.rk", [record]) == []


# ---- drawn cases


def settled(opinion: Opinion) -> Counter[str]:
    """How much of an opinion is settled."""
    figures = [*(points for _, points in opinion.items.values()), *opinion.sections.values()]
    figures += [*opinion.values.values(), *opinion.registers.values()]
    return Counter(
        "open" if isinstance(each, Unknown) else "state" if isinstance(each, State) else "settled"
        for each in figures
        if each is not None
    )


def opinion_of(case: drawn.Case) -> Opinion:
    given = [case.files[each] for each in case.amendments]
    return evaluate_whole(
        case.files, case.main, case.records, case.as_of, amendments=given, as_signed=case.as_signed
    )


@pytest.mark.parametrize(
    ("draw", "seeds", "most_refused"),
    [(drawn.units, range(15), 0), (drawn.registers, range(160), 0), (drawn.amendments, range(50), 30)],
    ids=["units", "registers", "amendments"],
)
def test_drawn_cases(
    draw: Callable[[int], drawn.Case], seeds: Sequence[int], most_refused: int, tmp_path: Path
) -> None:
    """Exactly what the tool says, wherever plain logic settles it; and much is settled."""
    found: Counter[str] = Counter()
    for seed in seeds:
        case = draw(seed)
        folder = written(tmp_path / str(seed), case.files)
        try:
            told = compare_whole(
                folder,
                case.main,
                case.records,
                case.as_of,
                amendments=case.amendments,
                as_signed=case.as_signed,
            )
        except rkdsl.Refused:
            found["refused"] += 1
            continue
        assert told == [], f"seed {seed}"
        found += settled(opinion_of(case))
    assert found["refused"] <= most_refused
    assert found["settled"] > 60
    assert found["open"] and found["state"]
