"""The draft of next year's contract: guidelines become targets, readings history; series show all of them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import rkdsl
from rkdsl.contract.slots import slot
from rkdsl.language import nodes
from rkdsl.pipeline import folder_of
from rkdsl.rolling import NextYear, next_year
from rkdsl.series import series_of
from rkdsl.tools.command import main
from rkdsl.values import Period, parse_period, year_after, year_before
from tests.every_form import contract as any_contract
from tests.valid_contracts import contract_texts

CONTRACT = """
contract k2026 "Contract for 2026" {
  period 2026..2028
  targets bind in 2026
  reporting closes 2027-03-01
  signed 2026-01-15
  measure visits "Visits" { unit visits  higher is better  each quarter  2025-Q4: 100 "x" }
  measure rate "Rate" { unit %  range 0..100 %  higher is better  each year  2025: 80  2026: 81 }
  fact days "Days" { unit number }
  goal more "More visits" {
    weight 10
    target visits in 2026-Q4 at least 110
    guideline 2027: 120   2028: undecided "by the board"
    from 2027 reads "Many more visits"
  }
  goal other "A rate of 2026" { weight 10  target rate in 2026 rises by 1 pp from 2025 }
  goal done "Done" { weight 10  milestone m "M" by 2026-02-28  milestone u "U" by undecided }
  example "e" at 2027-01-31 { expect other is missed }
}
""".replace(' "x"', "")


def _actuals(**readings: Any) -> list[tuple[str, bytes]]:
    told = {"contract": "k2026", "as_of": "2027-01-31", "readings": readings}
    return [("a.json", json.dumps(told).encode())]


def _draft(actuals: list[tuple[str, bytes]] | None = None, day: str | None = None) -> NextYear:
    as_of = datetime.date.fromisoformat(day) if day else None
    return next_year(rkdsl.loads(CONTRACT), actuals or [], as_of)


def test_what_is_dated_moves_by_a_year() -> None:
    """The name, the time that binds, targets, baselines and deadlines; the period that goes on stays."""
    text = _draft().contract
    assert 'contract k2027 "Contract for 2027"' in text
    assert (
        "period 2027..2029\n  targets bind in 2027\n  reporting closes 2028-03-01\n  signed undecided" in text
    )
    assert "target rate in 2027 rises by at least 1 pp from 2026" in text
    assert 'milestone m "M" by 2027-02-28' in text
    assert "example" not in text


def test_the_guideline_of_the_year_becomes_the_target() -> None:
    """In the same part of the year and with the same comparison; the others stay."""
    text = _draft().contract
    assert "target visits in 2027-Q4 at least 120" in text
    assert 'guideline 2028: undecided "by the board"\n' in text


def test_readings_become_history() -> None:
    """Of corrections the last; what the contract states otherwise stands beside it, or gives way to a correction."""
    corrected = [
        {"value": 120, "reported": "2027-01-10"},
        {"value": 121, "reported": "2027-01-20", "source": "corrected", "corrects": "2027-01-10"},
    ]
    text = _draft(_actuals(visits={"2026-Q4": corrected}, rate={"2026": 82.5})).contract
    assert "2025-Q4: 100" in text
    assert '2026-Q4 "corrected, reported 2027-01-20": 121' in text
    assert '2026: 81 elsewhere 82.5 see "a.json"' in text
    text = _draft(_actuals(visits={"2026-Q4": corrected}), "2027-01-15").contract
    assert '2026-Q4 "a.json, reported 2027-01-10": 120' in text
    text = _draft(_actuals(rate={"2026": {"value": 82.5, "corrects": "contract"}})).contract
    assert "2025: 80   2026: 82.5" in text
    text = _draft(_actuals(rate={"2026": 81})).contract
    assert "2025: 80   2026: 81\n" in text


def test_what_is_to_be_decided_is_listed() -> None:
    """With the thing it belongs to; in remarks that the draft still reads with."""
    draft = _draft(_actuals(rate={"2026": 82.5}))
    told = [f"{each.id}: {each.text}" for each in draft.notes]
    for wanted in (
        ": the contract is now for the period 2027..2029: to be confirmed",
        'more: from 2027 it reads "Many more visits": the title and the target with it',
        'more: undecided: guideline 2028: undecided "by the board"',
        "other: no guideline: the limit of before is kept in `target rate in 2027 rises by at least 1 pp from 2026`",
        'other: the title names 2026: "A rate of 2026"',
        "done.m: the deadline is now by 2027-02-28: to be confirmed",
        'done: undecided: milestone u "U" by undecided',
        'rate: stated more than once, and none governs: 2026: 81 elsewhere 82.5 see "a.json"',
        ': the example "e" is left out: it has the figures of before',
    ):
        assert wanted in told
    assert rkdsl.loads(draft.text).id == "k2027"
    assert draft.text.count("# to decide: ") == len(draft.notes)


def test_a_draft_without_a_longer_period_moves_it() -> None:
    """And the contract keeps a name without a year."""
    text = CONTRACT.replace("period 2026..2028\n  targets bind in 2026", "period 2026").replace("k2026", "k")
    draft = next_year(rkdsl.loads(text))
    assert "contract k " in draft.contract
    assert "period 2027\n" in draft.contract


def _history(contract: rkdsl.Contract) -> dict[str, dict[Period, nodes.Entry]]:
    assert contract.checked is not None
    return {name: dict(each.history) for name, each in contract.checked.measures.items()}


def _check_roll(text: str) -> None:
    contract = rkdsl.loads(text)
    draft = next_year(contract)
    rolled = rkdsl.loads(draft.text)
    assert draft.text == next_year(contract).text
    assert set(contract.item_ids) == set(rolled.item_ids)
    after = _history(rolled)
    for name, entries in _history(contract).items():
        assert entries.items() <= after[name].items()


@settings(max_examples=60, deadline=None)
@given(contract_texts())
def test_rolling_keeps_items_and_history(text: str) -> None:
    """Whatever the contract; the draft is accepted."""
    _check_roll(text)


@pytest.mark.parametrize("seed", range(25))
def test_so_it_is_for_contracts_of_every_form(seed: int) -> None:
    """Sections, values, scales, groups, calendars."""
    _check_roll(any_contract(seed).text)


def test_rolling_several_years() -> None:
    """Year after year, until there is no period left."""
    contract = rkdsl.loads(CONTRACT)
    for year in (2027, 2028, 2029):
        contract = rkdsl.loads(next_year(contract).text)
        assert contract.id == f"k{year}"


@given(...)
def test_a_year_later_and_a_year_before(day: datetime.date) -> None:
    """Back again, but for 29 February; whole months stay whole."""
    later = year_after(Period(day, day))
    if later is None:
        assert day.year == 9999
    elif (day.month, day.day) != (2, 29):
        assert year_before(later) == Period(day, day)
    for text in ("2023-02", "2024-02", "2026-Q1", "2026", "2023-02..2023-03"):
        period = parse_period(text)
        assert period is not None
        moved = year_after(period)
        assert moved is not None
        assert moved.kind == period.kind


def test_a_contract_that_cannot_be_rolled() -> None:
    """Without a period, or at the end of the calendar."""
    bare = 'contract k "K" { PERIOD goal g "G" { weight 1 milestone m "M" by 2026-05 } }'
    for period in ("", "period 9999"):
        with pytest.raises(rkdsl.Refused) as refused:
            next_year(rkdsl.loads(bare.replace("PERIOD", period)))
        assert ["RK828"] == [each.code for each in refused.value.diagnostics]


# ---- files


def test_a_draft_is_written_whole_and_over_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is there stays, unless it may be written over; a folder that is not there is told."""
    monkeypatch.chdir(tmp_path)
    Path("k.rk").write_text(CONTRACT, encoding="utf-8")
    assert 0 == main(["roll", "k.rk", "-o", "next.rk"])
    assert Path("next.rk").read_text(encoding="utf-8") == _draft().text
    assert 2 == main(["roll", "k.rk", "-o", "k.rk"])
    assert "k.rk is read by this command, and is never written over" in capsys.readouterr().err
    assert 2 == main(["roll", "k.rk", "-o", "next.rk"])
    assert "next.rk is there already: give another name, or --force" in capsys.readouterr().err
    assert Path("k.rk").read_text(encoding="utf-8") == CONTRACT
    assert 0 == main(["roll", "k.rk", "-o", "next.rk", "--force"])
    assert 2 == main(["roll", "k.rk", "-o", "none/next.rk"])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["k.rk", "next.rk"]
    assert 0 == main(["check", "next.rk"])


# ---- series


def test_a_series_has_history_target_guideline_and_reports() -> None:
    """Each in its period; a guideline in the part of the year that the target is of."""
    corrected = [
        {"value": 120, "reported": "2027-01-10"},
        {"value": 121, "reported": "2027-01-20", "source": "corrected", "corrects": "2027-01-10"},
    ]
    (found,) = series_of(rkdsl.loads(CONTRACT), _actuals(visits={"2026-Q4": corrected}), None, ["visits"])
    points = {str(each.period): each for each in found.points}
    assert ["2025-Q4", "2026-Q4", "2027-Q4", "2028-Q4"] == list(points)
    assert ["100"] == [each.text for each in points["2025-Q4"].history]
    assert [("more", "at least 110")] == [(each.item, each.text) for each in points["2026-Q4"].targets]
    assert [("more", "at least 120")] == [(each.item, each.text) for each in points["2027-Q4"].guidelines]
    assert ["120", "121"] == [each.value for each in points["2026-Q4"].reports]
    day = datetime.date(2027, 1, 15)
    (known,) = series_of(rkdsl.loads(CONTRACT), _actuals(visits={"2026-Q4": corrected}), day, ["visits"])
    assert ["120"] == [each.value for each in known.points[1].reports]


def test_series_of_all_measures() -> None:
    """Facts have none; what is not a measure is told."""
    assert ["visits", "rate"] == [each.id for each in series_of(rkdsl.loads(CONTRACT))]
    with pytest.raises(rkdsl.Refused):
        series_of(rkdsl.loads(CONTRACT), names=["days"])


def test_entries_keep_their_slot() -> None:
    """One entry a period: what was read is no second one."""
    draft = rkdsl.loads(_draft(_actuals(rate={"2026": 82.5})).text)
    assert draft.checked is not None
    measure = draft.checked.measures["rate"].node
    entries = [slot(each) for each in measure.statements if isinstance(each, nodes.Entry)]
    assert len(entries) == len(set(entries))


# ---- registers of standard libraries, and amendments of parts

_REGISTERS = """contract k "K" {
  parties "A" and "B"
  use "standard:registers"
  period 2026
  goal g "G" { weight 10 milestone m "M" by 2026-05-31 }
  register risks each {
    g "Risk": 3 | 2 | 6 | undecided "the board decides"
    own "Own": 2 | 2 | 4 | "Talks"
  }
  register staff each { g: "at most" | 4.5 }
}
"""


def _codes(contract: rkdsl.Contract) -> list[str]:
    return sorted(each.code for each in contract.findings)


def test_registers_of_a_standard_library_stay_there() -> None:
    """The draft uses it, has the rows alone, and the same findings; of an open cell the row is listed."""
    contract = rkdsl.loads(_REGISTERS)
    draft = next_year(contract)
    assert 'parties "A" and "B"\n  use "standard:registers"' in draft.contract
    assert "fact significance" not in draft.contract
    assert "register risks each {" in draft.contract
    assert 'register staff each {\n    g: "at most" | 4.5\n' in draft.contract
    assert _codes(contract) == _codes(rkdsl.loads(draft.contract))
    (note,) = [each for each in draft.notes if each.id == "risks"]
    assert 'undecided: g "Risk": 3 | 2 | 6 | undecided "the board decides"' == note.text


@pytest.mark.parametrize(
    ("change", "uses", "declares"),
    [
        ('register renewal each { a "A": 2026-02-01 | "once" | "by letter" }', True, False),
        ('use "standard:registers" register money each { g: "grant" | "at most" | 100 }', True, False),
        (
            'register staff(bound | allowed) "Staff" { fact bound "B" { unit text } fact allowed "A" { unit fte } }',
            False,
            True,
        ),
    ],
)
def test_registers_that_an_amendment_changes(change: str, uses: bool, declares: bool) -> None:
    """Rows of an amendment are rows of the draft; what it declares otherwise is written out with all others."""
    amendment = f'amendment a "A" of k {{ signed 2026-02-01 from 2026-02-01 {change} }}'
    contract = rkdsl.loads(_REGISTERS, amendments=[amendment])
    draft = next_year(contract)
    assert uses == ('use "standard:registers"' in draft.contract)
    assert declares == ("fact allowed" in draft.contract)
    assert _codes(contract) == _codes(rkdsl.loads(draft.contract))


def test_registers_used_by_a_library(tmp_path: Path) -> None:
    """The library is written out, and what it uses of the standard is used by the draft itself."""
    (tmp_path / "own.rk").write_text('use "standard:registers"\nrole board "The board"\n', encoding="utf-8")
    text = _REGISTERS.replace("standard:registers", "own.rk")
    (tmp_path / "k.rk").write_text(text, encoding="utf-8")
    contract = rkdsl.load(tmp_path / "k.rk")
    draft = next_year(contract)
    assert 'contract k "K" {\n  use "standard:registers"\n' in draft.contract
    assert "own.rk" not in draft.contract
    assert _codes(contract) == _codes(rkdsl.loads(draft.contract))


def test_amendments_of_parts_are_not_in_the_draft(tmp_path: Path) -> None:
    """Each that holds is named, with what to do; one that is not in force is not."""
    part = 'contract north "North" { period 2026 goal a "A" { weight 60 milestone m "M" by 2026-05-31 } }'
    outer = 'contract outer "Outer" { period 2026 use "north.rk" value all = sum(units.points) }'
    change = 'amendment one "One" of north { signed 2026-02-01 from 2026-02-01 goal a { weight 50 } }'
    draft_of = 'amendment two "Two" of north { signed undecided from 2026-02-01 goal a { weight 40 } }'
    texts = {"north.rk": part, "outer.rk": outer, "one.rk": change, "two.rk": draft_of}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    contract = rkdsl.load(tmp_path / "outer.rk", [tmp_path / "one.rk", tmp_path / "two.rk"])
    notes = [each.text for each in next_year(contract, folder=folder_of(tmp_path / "outer.rk")).notes]
    assert 'use "north.rk": that contract is to be rolled too' in notes
    (found,) = [each for each in notes if "not in this draft" in each]
    assert found.startswith("the amendment `one` of `north` is not in this draft: roll `north` with ")
    assert found.endswith("one.rk")
    early = next_year(contract, as_of=datetime.date(2026, 1, 15), folder=folder_of(tmp_path / "outer.rk"))
    assert not [each for each in early.notes if "not in this draft" in each.text]
