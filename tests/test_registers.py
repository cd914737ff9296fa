"""Registers: cells, what is reckoned and expected of them, what is reported, and their tables."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rkdsl import Refused, load, loads
from rkdsl.outcome import CheckOutcome, RegisterOutcome
from rkdsl.pipeline import Contract, Outcome
from rkdsl.reports import registers as tables
from rkdsl.tools.command import main

ITEMS = """
  role director "The director"
  role ministry "The ministry"
  requirement plan "A plan" { milestone done "It is adopted" by 2026-09 }
  requirement hall "The hall" { milestone built "It is built" by 2026-11 }
"""


def contract(text: str, items: str = ITEMS) -> Contract:
    return loads(f'contract c "C" {{ period 2026 {items} {text} }}')


def register(text: str, name: str = "r", items: str = ITEMS) -> RegisterOutcome:
    return {each.id: each for each in contract(text, items).registers}[name]


def evaluated(text: str, actuals: dict[str, Any]) -> Outcome:
    return contract(text).evaluate({"contract": "c", **actuals}, "2026-12-31")


def texts(found: RegisterOutcome, column: str) -> list[str]:
    return [row.cells[column].text for row in found.rows]


def check(found: RegisterOutcome, why: str, row: str = "") -> CheckOutcome:
    (only,) = (each for each in found.checks if each.why == why and each.row == row)
    return only


def codes(text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        contract(text)
    return [each.code for each in refused.value.diagnostics]


# ---- cells

CELLS = """
register r(n | p | d | y | w | t | i | who) "R" {
  fact n "N" { unit DKK }  fact p "P" { unit % }  fact d "D" { unit day }  fact y "Y" { unit yes or no }
  fact w "W" { unit word range ("a" | "b") }  fact i "I" { unit item }  fact who "Who" { unit name }
} each {
  plan: 1.5 million | 80 | 2026-Q1 | yes | "a" | "text" | hall | director
  own "Own title": 3 | 12.5 % | 2026 | no | "b" | "more" | c | ministry
  plan: undecided | unclear "8x" | not applicable "none" | undecided
    | undecided | undecided "by whom" | undecided | undecided
}
"""


def test_cells_are_held_in_the_unit_of_their_column() -> None:
    """A day is the last of its period, a bare year one too; per cents say their unit once, in the heading."""
    found = register(CELLS)
    assert ["1_500_000 DKK", "3 DKK", "undecided"] == texts(found, "n")
    assert ["80 %", "12.5 %", 'unclear "8x"'] == texts(found, "p")
    assert ["2026-03-31", "2026-12-31", 'not applicable "none"'] == texts(found, "d")
    assert ["yes", "no", "undecided"] == texts(found, "y")
    assert ["a", "b", "undecided"] == texts(found, "w")
    assert ["text", "more", 'undecided "by whom"'] == texts(found, "t")
    assert ["hall", "c", "undecided"] == texts(found, "i")
    assert ["The director", "The ministry", "undecided"] == texts(found, "who")


def test_what_is_open_is_not_known_and_what_does_not_apply_is_that() -> None:
    """Whatever the kind of the column."""
    row = register(CELLS).rows[2]
    assert {"n", "p", "y", "w", "t", "i", "who"} == {
        name for name, cell in row.cells.items() if cell.state == "not known"
    }
    assert "not applicable" == row.cells["d"].state


def test_rows_of_one_name_have_keys_of_their_own() -> None:
    """The second row of a requirement has a number after its name."""
    found = register(CELLS)
    assert [("plan", "plan"), ("own", "own"), ("plan.2", "plan")] == [
        (row.key, row.name) for row in found.rows
    ]


def test_rows_may_be_added_in_several_places() -> None:
    """To what the declaration has."""
    text = (
        'register r(a) "R" { } each { plan: "1" } register r each { hall: "2" } register r each { plan: "3" }'
    )
    assert [("plan", "1"), ("hall", "2"), ("plan.2", "3")] == [
        (row.key, row.cells["a"].text) for row in register(text).rows
    ]


def test_a_register_may_have_no_rows() -> None:
    """Sums of nothing are nothing, a mean of nothing is not defined."""
    found = register(
        'register r(a) "R" { fact a "A" { unit DKK } value s = sum(a) value n = count(a at least 1) value m = mean(a)'
        ' expect "enough" s at least 1 DKK }'
    )
    assert ["0 DKK", "0", "not defined (no rows)"] == [each.text for each in found.totals]
    assert "fails" == check(found, "enough").state


@pytest.mark.parametrize(
    ("cell", "unit"),
    [
        ("5 DKK", "fte"),
        ("0.5", "cases"),
        ("5", "day"),
        ('"x"', "number"),
        ("yes", "number"),
        ('"c"', 'word range ("a" | "b")'),
        ("nobody", "name"),
        ("director", "item"),
    ],
)
def test_a_cell_of_another_kind_is_refused(cell: str, unit: str) -> None:
    """Each with a message of its own, told once."""
    found = codes(f'register r(a) "R" {{ fact a "A" {{ unit {unit} }} }} each {{ plan: {cell} }}')
    assert 1 == len(found)


# ---- what is reckoned

RECKONED = """
register r(kind | amount) "R" {
  fact kind "Kind" { unit word range ("staff" | "rooms") }
  fact amount "Amount" { unit fte }
  fact used "Used" { unit fte range at least 0 }
  value left "Left" = amount - used
  value staff = { when kind is "staff": amount otherwise: 0 fte }
  value share = amount / in_all
  value in_all "In all" = sum(amount)
  value of_staff = sum(staff)
  value most = max(amount)
  value least = min(amount)
  value average = mean(amount)
  value large = count(amount at least 2)
  expect "no more is used" used at most amount
  expect "four at most" in_all at most 4 fte
} each {
  plan: "staff" | 1.5
  hall: "rooms" | 2
  plan: "staff" | 0.5
}
value twice = r.in_all * 2
"""


def test_values_of_a_row_and_of_all_rows() -> None:
    """Worked out by hand: 1.5 + 2 + 0.5 = 4, of which 2 of staff."""
    found = register(RECKONED)
    assert ["1.5 fte", "0 fte", "0.5 fte"] == texts(found, "staff")
    assert [Fraction(3, 8), Fraction(1, 2), Fraction(1, 8)] == [
        row.cells["share"].secured for row in found.rows
    ]
    told = {each.id: each.text for each in found.totals}
    assert {
        "in_all": "4 fte",
        "of_staff": "2 fte",
        "most": "2 fte",
        "least": "0.5 fte",
        "average": "4/3 (1.333333…) fte",
        "large": "1",
    } == told


def test_values_of_registers_are_not_among_those_of_the_contract() -> None:
    """But for those that the contract makes of them."""
    outcome = evaluated(RECKONED, {})
    assert [("twice", "8 fte")] == [(each.id, each.text) for each in outcome.values]


def test_what_is_reported_of_a_row() -> None:
    """What is not reported is not known, and a check that needs it waits."""
    outcome = evaluated(
        RECKONED, {"registers": {"r": {"plan": {"used": 2}, "plan.2": {"used": {"value": 1}}}}}
    )
    (found,) = outcome.registers
    assert ["2 fte", "0 fte or more", "1 fte"] == texts(found, "used")
    assert ["-0.5 fte", "2 fte or less", "-0.5 fte"] == texts(found, "left")
    states = [each.state for each in found.checks if each.why == "no more is used"]
    assert ["fails", "not known", "fails"] == states
    told = [text for _, text in outcome.findings if text.startswith("RK531")]
    assert 2 == len(told)
    assert "`2 fte at most 1.5 fte`" in told[0]


def test_a_figure_of_a_register_can_be_explained() -> None:
    """By its register, row and column."""
    outcome = evaluated(RECKONED, {"registers": {"r": {"plan": {"used": 2}}}})
    said = str(outcome.explain("r.plan.left"))
    assert "1.5 fte - 2 fte = -0.5 fte" in said
    assert "registers.r.plan.used" in said


def test_what_nothing_knows_is_refused() -> None:
    """A register, row or column that the contract has not."""
    for names in (("s", "plan", "used"), ("r", "nobody", "used"), ("r", "plan", "amount")):
        register, row, column = names
        with pytest.raises(Refused) as refused:
            evaluated(RECKONED, {"registers": {register: {row: {column: 1}}}})
        assert ["RK622"] == [each.code for each in refused.value.diagnostics]


def test_a_measure_in_a_register_says_its_period() -> None:
    """Nobody else could."""
    items = ITEMS + 'measure x "X" { unit fte  lower is better  each year  2025: 3 }'
    text = 'register r(a) "R" { fact a "A" { unit fte } value v = a - x%s } each { plan: 5 }'
    assert ["2 fte"] == texts(register(text % " in 2025", items=items), "v")
    with pytest.raises(Refused) as refused:
        contract(text % "", items)
    assert "RK311" in [each.code for each in refused.value.diagnostics]


def test_what_each_row_asks_of_all_rows_is_reckoned_once() -> None:
    """So that a register of a thousand rows grows a thousandfold, and not a millionfold."""
    text = (
        'register r(a) "R" { fact a "A" { unit fte } value part = a / sum(a) expect a at most 2 * mean(a) }'
    )
    small, large = (
        len(contract(f"{text} each {{ {' '.join(f'r{n}: {n + 1}' for n in range(count))} }}").tree.rows)
        for count in (50, 100)
    )
    assert large < 2.2 * small
    (found,) = contract(f"{text} each {{ one: 1 two: 3 three: 4 }}").registers
    assert [Fraction(1, 8), Fraction(3, 8), Fraction(1, 2)] == [
        row.cells["part"].secured for row in found.rows
    ]
    assert {"holds"} == {each.state for each in found.checks}


def test_circles_are_told() -> None:
    """A column that is made of itself."""
    assert "RK210" in codes(
        'register r(a) "R" { fact a "A" { unit fte } value x = a + y value y = x } each { plan: 1 }'
    )


# ---- counts of rows

COUNTED = """
register goals_of(weight_of) "G" { fact weight_of "W" { unit number } } each { one: 1  two: 2 }
register r(goals_of | item) "R" {
  fact goals_of "Of" { unit row }
  fact item "Item" { unit item }
  expect "each requirement once" each requirement exactly 1
  expect "each named" each goals_of at least 1
  expect "a third" each goals_of between 1 and 2
} each {
  a: one | plan
  b: one | %s
}
"""


@pytest.mark.parametrize(
    ("cell", "plan", "hall"),
    [
        ("hall", "holds", "holds"),
        ("plan", "fails", "fails"),
        ("undecided", "not known", "not known"),
        ('not applicable "none"', "holds", "fails"),
    ],
)
def test_each_requirement_has_so_many_rows(cell: str, plan: str, hall: str) -> None:
    """By the row's name or by a column of items; an open cell may name either."""
    found = register(COUNTED % cell)
    states = [each.state for each in found.checks if each.why == "each requirement once"]
    assert [plan, hall] == states
    assert ["holds", "fails"] == [each.state for each in found.checks if each.why == "each named"]


def test_rows_that_are_missing_are_findings_of_the_text() -> None:
    """With the place of what lacks them."""
    found = [each for each in contract(COUNTED % "hall").findings if each.code == "RK532"]
    assert ["`two` has no row of `r`"] == [each.labels[0].text for each in found]


# ---- libraries


def test_an_office_writes_registers_of_its_own(tmp_path: Path) -> None:
    """In a file that contracts use, as the standard library is one."""
    (tmp_path / "office.rk").write_text('register rooms(size) "Rooms" { fact size "Size" { unit number } }\n')
    (tmp_path / "c.rk").write_text('contract c "C" { use "office.rk" register rooms each { hall: 5 } }')
    (found,) = load(tmp_path / "c.rk").registers
    assert ("rooms", "Rooms", ["5"]) == (found.id, found.title, texts(found, "size"))


def test_of_a_library_only_registers_with_rows_are_used() -> None:
    """A goal called like a register of the library calls none of it."""
    found = loads('contract c "C" { use "standard:registers" goal risks "R" { milestone m "M" by 2026 } }')
    assert () == found.registers


AMS = """
contract ams "Arbejdsmarkedsstyrelsen" {
  period 2009
  role director "Direktør"
  role secretary "Departementschef"
  use "standard:registers"
  requirement pk1 "Førtidspensionister" { milestone a "A" by 2009-11 }
  requirement pk2 "Det enstrengede system" { milestone a "A" by 2009-07-01 }
  requirement pk3 "Rammeudbud" { milestone a "A" by 2009 }
  register risks each {
    pk1: 3 | 3 | 9 | "Forsøget skal gennemføres; senest marts 2010"
    pk2: 3 | 2 | 6 | "Tæt styring af processen"
    pk2 "Personale": 3 | 2 | 6 | "Aftale med KL"
    pk2 "Økonomi": 3 | 2 | 6 | "Modelpapir"
    pk3: 3 | 2 | 6 | "Tæt dialog"
  }
  register purposes each {
    support  "Understøtning af beskæftigelsesindsatsen": 84.5 million
    foothold "En særlig indsats":                        8.2 million
    centres  "Understøtning af jobcentre":               8.1 million
  }
  register aims each {
    tender  "Rammeudbud":   support  | pk3
    trial   "Forsøg":       foothold | pk1
    samspil "Samspil.info": support  | not applicable "no requirement"
    site    "ams.dk":       support  | not applicable "no requirement"
  }
  register staff each { pk1: "at most" | 1   pk2: "at least" | 26.5   pk3: "planned" | 1 }
}
"""


def test_the_registers_of_a_real_contract() -> None:
    """Annexes 3 and 4 of the AMS contract: priorities as printed, 100.8 million, two aims without requirement,
    one requirement under no purpose, one purpose without aim here.
    """
    found = loads(AMS)
    told = {each.id: each for each in found.registers}
    assert ["9", "6", "6", "6", "6"] == texts(told["risks"], "priority")
    assert {"holds"} == {each.state for each in told["risks"].checks}
    assert [Fraction(100_800_000)] == [each.secured for each in told["purposes"].totals]
    assert [
        ("RK532", "`pk2` has no row of `aims`"),
        ("RK532", "`centres` has no row of `aims`"),
        (
            "RK530",
            "a goal or requirement serves the aim: `Goal or requirement, Samspil.info is applicable` does not hold",
        ),
        (
            "RK530",
            "a goal or requirement serves the aim: `Goal or requirement, ams.dk is applicable` does not hold",
        ),
    ] == [(each.code, each.labels[0].text) for each in found.findings]
    outcome = found.evaluate({"contract": "ams", "registers": {"staff": {"pk2": {"used": 20}}}}, "2009-12-31")
    assert ["no less is used than agreed: `20 fte at least 26.5 fte` does not hold"] == [
        text.partition("contradicts: ")[2] for _, text in outcome.findings if text.startswith("RK531")
    ]


# ---- tables


def test_rows_are_sorted_by_a_column() -> None:
    """Numbers from the highest, days from the first, words from a to z, what is open last; else as written."""
    found = register(CELLS)
    order = {
        column: [row.key for row in tables.sorted_by(found, column).rows] for column in ("n", "d", "w", "x")
    }
    assert {
        "n": ["plan", "own", "plan.2"],
        "d": ["plan", "own", "plan.2"],
        "w": ["plan", "own", "plan.2"],
        "x": ["plan", "own", "plan.2"],
    } == order
    assert ["hall", "plan", "plan.2"] == [
        row.key for row in tables.sorted_by(register(RECKONED), "amount").rows
    ]


def test_the_command_shows_tables_and_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same registers as text and as JSON, as stated or with what is reported."""
    monkeypatch.chdir(tmp_path)
    Path("c.rk").write_text(f'contract c "C" {{ {ITEMS} {RECKONED} }}')
    Path("a.json").write_text(
        '{"contract": "c", "as_of": "2026-12-31", "registers": {"r": {"hall": {"used": 1}}}}'
    )
    Path("none.rk").write_text(f'contract none "C" {{ {ITEMS} }}')
    assert 0 == main(["registers", "c.rk", "a.json", "--sort", "amount"])
    assert "  hall  rooms    2 fte          1 fte" in capsys.readouterr().out
    assert 0 == main(["registers", "c.rk", "--register", "r", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert "rkdsl-registers/1" == found["format"]
    assert ["plan", "hall", "plan.2"] == [row["key"] for row in found["registers"][0]["rows"]]
    assert "" == capsys.readouterr().err
    assert 0 == main(["registers", "none.rk"])
    assert "none has no registers\n" == capsys.readouterr().out
    assert 1 == main(["registers", "c.rk", "--register", "s"])
    assert "RK847" in capsys.readouterr().err


def test_a_register_without_the_column_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stays as written; a column that none has is refused."""
    monkeypatch.chdir(tmp_path)
    other = 'register other(size) "O" { fact size "S" { unit number } } each { plan: 1  hall: 2 }'
    Path("c.rk").write_text(f'contract c "C" {{ {ITEMS} {RECKONED} {other} }}')
    assert 0 == main(["registers", "c.rk", "--sort", "size"])
    assert "rkdsl: not sorted, without a column size: r\n" == capsys.readouterr().err
    assert 0 == main(["registers", "c.rk", "--sort", "size", "--register", "other"])
    assert "" == capsys.readouterr().err
    assert 1 == main(["registers", "c.rk", "--sort", "size", "--register", "r"])
    assert "RK847" in capsys.readouterr().err


# ---- laws


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 9)), min_size=1, max_size=8))
def test_what_is_reckoned_is_what_python_reckons(rows: list[tuple[int, int, int]]) -> None:
    """Products by row, sums over rows, and a check that holds exactly where the printed figure is right."""
    written = " ".join(f'plan: {s} | {v} | {p} | "x"' for s, v, p in rows)
    found = register(f'use "standard:registers" register risks each {{ {written} }}', "risks")
    assert ["holds" if s * v == p else "fails" for s, v, p in rows] == [each.state for each in found.checks]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.fractions(0, 100, max_denominator=1).map(int), min_size=1, max_size=8), st.data())
def test_a_sum_over_rows_bounds_what_is_not_reported(amounts: list[int], data: st.DataObject) -> None:
    """The sum of what is reported, and no upper end while anything is missing."""
    known = {index for index in range(len(amounts)) if data.draw(st.booleans())}
    rows = " ".join(f"r{index}: 1" for index in range(len(amounts)))
    text = (
        'register r(a) "R" { fact a "A" { unit fte } fact used "U" { unit fte range at least 0 }'
        f" value all_used = sum(used) }} each {{ {rows} }}"
    )
    told = {f"r{index}": {"used": amounts[index]} for index in known}
    (found,) = evaluated(text, {"registers": {"r": told}}).registers
    (total,) = found.totals
    assert sum(amounts[index] for index in known) == total.secured
    assert (total.secured if len(known) == len(amounts) else None) == total.possible
