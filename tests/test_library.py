"""What is taken of libraries: what a contract asks for, in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

import rkdsl
from tests.uses import GOALS, NORTH, SOUTH, codes, record, written


def test_only_what_is_asked_for_is_taken(tmp_path: Path) -> None:
    """The goal that is not used, its section and its measure are not there, and nothing is told of them."""
    contract = rkdsl.load(written(tmp_path) / "south.rk")
    assert ("places",) == contract.item_ids
    assert ["jobs"] == [each.id for each in contract.tree.sections]
    assert ["placed"] == [each.id for each in contract.tree.fields if each.kind == "reading"]
    assert () == contract.findings


def test_what_a_use_has_of_its_own_takes_the_place_of_the_goals(tmp_path: Path) -> None:
    """20 persons are enough in the south, for 50 points; 19 are not."""
    contract = rkdsl.load(written(tmp_path) / "south.rk")
    for placed, points in ((20, 50), (19, 0)):
        outcome = contract.evaluate(record("south", placed=placed))
        assert outcome.points is not None
        assert (points, 50) == (outcome.points.secured, outcome.points.maximum)
    assert "Places in the south" == outcome.item("places").title


def test_sections_come_along_in_the_place_of_the_first_use(tmp_path: Path) -> None:
    """Between what stands before and after it; a goal used inside a section of the contract stays there."""
    text = """contract c "C" { period 2009  use "goals.rk"
      goal first "First" { weight 1 milestone done "Done" by 2009-06 }
      use phone(90 %)  use places(10)
      goal last "Last" { weight 1 milestone done "Done" by 2009-06 } }"""
    contract = rkdsl.load(written(tmp_path, c=text) / "c.rk")
    assert ("first", "places", "phone", "last") == contract.item_ids
    text = 'contract c "C" { period 2009 use "goals.rk" section own "Own" { use places(10) } }'
    contract = rkdsl.load(written(tmp_path, c=text) / "c.rk")
    assert ["own"] == [each.section for each in contract.tree.items]


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("places(30)", "plases(30)", "RK202", "plases"),
        ("places(30)", "places(30 | 40)", "RK212", "places"),
        ("places(30)", "places", "RK212", "places"),
        ("phone(95 %)", "phone(95 DKK)", "RK301", "95 DKK"),
        ("use phone(95 %)", "use phone(95 %) use phone(96 %)", "RK201", "phone"),
        (
            "period 2009",
            'period 2009 measure placed "P" { unit persons higher is better each year }',
            "RK201",
            "placed",
        ),
        (
            "period 2009",
            'period 2009 goal places(x) "P" { weight x milestone d "D" by 2009 }',
            "RK201",
            "places",
        ),
        ("period 2009", 'period 2009 goal phone "P" { weight 1 milestone d "D" by 2009 }', "RK201", "phone"),
    ],
)
def test_mistakes_in_a_use_are_told_there(old: str, new: str, code: str, place: str, tmp_path: Path) -> None:
    """The caret stands in the contract, on what is wrong; the other place is named with its own file."""
    assert old in NORTH
    written(tmp_path, north=NORTH.replace(old, new))
    with pytest.raises(rkdsl.Refused) as refused:
        rkdsl.load(tmp_path / "north.rk")
    assert [code] == [each.code for each in refused.value.diagnostics], str(refused.value)
    (label, *_), source = refused.value.diagnostics[0].labels, next(iter(refused.value.sources.values()))
    assert label.place.span is not None
    assert place == source.text[label.place.span.start : label.place.span.end]


def test_a_library_may_use_declarations_of_the_contract(tmp_path: Path) -> None:
    """They are looked for in all that is read together."""
    goals = 'goal places(least) "Places" { weight 60  target placed in 2009 at least least }'
    own = 'measure placed "P" { unit persons higher is better each year }'
    written(tmp_path, goals=goals, south=SOUTH.replace("period 2009", f"period 2009 {own}"))
    assert [] == codes(tmp_path / "south.rk")


def test_names_of_two_libraries_clash_where_they_are_asked_for(tmp_path: Path) -> None:
    """Told once; what nobody asks for may be called as it likes."""
    written(tmp_path, more=GOALS.replace("persons", "cases"))
    text = SOUTH.replace('use "goals.rk"', 'use "goals.rk" use "more.rk"')
    written(tmp_path, {}, south=text)
    assert {"RK201"} == set(codes(tmp_path / "south.rk"))
    written(tmp_path, {}, more='measure answered "A" { unit cases lower is better each year }')
    assert [] == codes(tmp_path / "south.rk")
