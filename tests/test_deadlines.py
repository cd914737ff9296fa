"""The calendar: every day that a contract names, and the file that calendar programs read."""

from __future__ import annotations

import builtins
import datetime
import json
import sys
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rkdsl import loads
from rkdsl.outcome import Deadline
from rkdsl.reports.calendar_file import calendar_file
from rkdsl.rules.deadlines import MAX_REPEATS
from rkdsl.tools.command import main

TEXT = """
contract c "Contract; with, marks" {
  period 2026  reporting closes 2027-02-15  signed 2026-01-05
  role office "The office"
  role board "The board"
  use "standard:registers"
  measure x "Complaints" { unit complaints  lower is better  each year  2025: 9 }
  goal g "Few complaints" {
    target x in 2026 at most undecided until 2026-03 "the board decides"
    target x in 2026 falls from 2025
  }
  requirement r "The hall" {
    milestone plan "The plan" before 2026-04-01
    milestone built "It is built" by 2026-09  elsewhere by 2026-Q4 see "annex 2"
    followed milestone opened "It is opened" in 2026-11
    guideline milestone later "It is full" by 2027
  }
  register duties each {
    monthly "Monthly figures": office | board | 2026-03-12 | "each month" | "a letter" | "figures"
    warn: office | board | not applicable "at once" | "at once" | "in writing" | "cause"
    half "Half-year status": office | board | 2026-06-30 | "each half-year" | "a report" | "status"
  }
  register plans each { g "Partners": office | 2026-01-31 | 2026-04-30 | "each month" | "2 fte" }
}
"""
CONTRACT = loads(TEXT)


def days(found: tuple[Deadline, ...], start: str) -> list[str]:
    return [each.day.isoformat() for each in found if each.id.startswith(start)]


def named(found: tuple[Deadline, ...], id: str) -> Deadline:
    return {each.id: each for each in found}[id]


def test_every_day_of_a_contract_is_listed() -> None:
    """Milestones of every standing, each deadline stated, readings due, decisions, the contract's own days."""
    found = CONTRACT.deadlines
    assert sorted(each.day for each in found) == [each.day for each in found]
    assert ["2026-03-31"] == days(found, "r.plan")
    assert ["2026-09-30", "2026-12-31"] == days(found, "r.built")
    assert ["2026-11-30"] == days(found, "r.opened")
    assert ["2027-12-31"] == days(found, "r.later")
    assert ["2026-12-31"] == days(found, "x.")
    assert ["2026-03-31"] == days(found, "decision.")
    assert "the board decides" == named(found, "decision.1").title
    assert ["2026-01-05"] == days(found, "signed")
    assert ["2027-02-15"] == days(found, "reporting")
    assert ["2026-12-31"] == days(found, "period")
    assert "as stated in annex 2" in named(found, "r.built.2").detail
    assert "followed" in named(found, "r.opened").detail


def test_a_rhythm_is_repeated() -> None:
    """From the first day to the end of the row, else of the contract; the last day of a month stays the last."""
    found = CONTRACT.deadlines
    assert [f"2026-{month:02}-12" for month in range(3, 13)] == days(found, "duties.monthly")
    assert ["2026-06-30", "2026-12-31"] == days(found, "duties.half")
    assert ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"] == days(found, "plans.g.from")
    assert ["2026-04-30"] == days(found, "plans.g.by")
    assert [] == days(found, "duties.warn")
    assert "Owed by: The office; To: The board" in named(found, "duties.monthly.first").detail


def test_repetitions_are_bounded() -> None:
    """A monthly duty of a contract of three hundred years."""
    text = TEXT.replace("period 2026 ", "period 2026..2330 ").replace("  reporting closes 2027-02-15", "")
    found = loads(text).deadlines
    assert MAX_REPEATS == len(days(found, "duties.monthly"))


def test_what_is_known_is_said() -> None:
    """Done, done late, reported, overdue."""
    actuals = {
        "contract": "c",
        "readings": {"x": {"2026": 4}},
        "milestones": {"r.plan": "2026-03-01", "r.built": "2026-10-15", "r.opened": "not done"},
    }
    found = CONTRACT.evaluate(actuals, "2027-01-31").deadlines
    told = {each.id: each.status for each in found if each.status}
    assert {
        "r.plan": "done 2026-03-01",
        "r.built": "done 2026-10-15, late",
        "r.built.2": "done 2026-10-15",
        "r.opened": "overdue",
        "x.2026": "reported",
    } == told
    early = CONTRACT.evaluate({"contract": "c"}, "2026-04-01").deadlines
    assert ["r.plan"] == [each.id for each in early if each.status]


# ---- the calendar file


def events(content: bytes) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(content)
    assert [] == calendar.errors
    assert all(not each.errors for each in calendar.walk("VEVENT"))
    return {str(each["uid"]): each for each in calendar.walk("VEVENT")}


def run(folder: Path, *arguments: str) -> int:
    (folder / "c.rk").write_text(TEXT)
    (folder / "a.json").write_text('{"contract": "c", "as_of": "2026-10-01"}')
    return main(["calendar", *arguments])


def test_the_file_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a well-kept library: an all-day event for each day, with the title, marks and all."""
    monkeypatch.chdir(tmp_path)
    assert 0 == run(tmp_path, "c.rk", "--format", "ics", "-o", "c.ics")
    found = events((tmp_path / "c.ics").read_bytes())
    deadlines = CONTRACT.deadlines
    assert len(deadlines) == len(found)
    for each in deadlines:
        event = found[f"{each.kind}.{each.id}@c.rkdsl"]
        assert (each.day, each.title, each.detail) == (
            event["dtstart"].dt,
            str(event["summary"]),
            str(event["description"]),
        )
        assert "DATE" == event["dtstart"].params["VALUE"]
        assert datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) == event["dtstamp"].dt


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the clock or the machine is in it; what is overdue is said, as of the day of the actuals."""
    monkeypatch.chdir(tmp_path)
    for name in ("one.ics", "two.ics"):
        assert 0 == run(tmp_path, "c.rk", "a.json", "--format", "ics", "-o", name)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.ics", "two.ics"))
    assert one == two
    event = events(one)["milestone.r.built@c.rkdsl"]
    assert "It is built [overdue]" == str(event["summary"])
    assert datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC) == event["dtstamp"].dt
    assert {"a.json", "c.rk", "one.ics", "two.ics"} == {each.name for each in tmp_path.iterdir()}


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=100))
def test_any_title_is_read_back(title: str) -> None:
    """Marks that the format gives a meaning are escaped, long lines folded."""
    deadline = Deadline(datetime.date(2026, 3, 1), "milestone", "a.b", title, title)
    found = events(calendar_file("c", title, datetime.date(2026, 1, 1), [deadline]))
    event = found["milestone.a.b@c.rkdsl"]
    assert [title, title] == [str(event["summary"]), str(event["description"])]


def test_without_the_package_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage, with what to install; text and JSON need nothing."""
    monkeypatch.chdir(tmp_path)
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "icalendar":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "icalendar")
    assert 2 == run(tmp_path, "c.rk", "--format", "ics", "-o", "c.ics")
    assert "rkdsl: calendar files need the extra: pip install 'rkdsl[calendar]'\n" == capsys.readouterr().err
    assert not (tmp_path / "c.ics").exists()
    assert 0 == run(tmp_path, "c.rk")


def test_the_command_prints_text_and_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same days, in order."""
    monkeypatch.chdir(tmp_path)
    assert 0 == run(tmp_path, "c.rk", "a.json", "--format", "json")
    found = json.loads(capsys.readouterr().out)
    assert ("rkdsl-calendar/1", "c", "2026-10-01") == (found["format"], found["contract"], found["as_of"])
    outcome = CONTRACT.evaluate({"contract": "c"}, "2026-10-01")
    assert [each.id for each in outcome.deadlines] == [each["id"] for each in found["deadlines"]]
    assert 0 == run(tmp_path, "c.rk", "a.json")
    assert "2026-09-30  milestone  It is built  [overdue]" in capsys.readouterr().out
    assert 0 == run(tmp_path, "c.rk", "--format", "ics")
    assert "BEGIN:VCALENDAR" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its name, and no traceback."""
    monkeypatch.chdir(tmp_path)
    assert 2 == run(tmp_path, "c.rk", "-o", "nowhere/c.txt")
    assert "rkdsl: cannot write nowhere/c.txt: no such file or directory\n" == capsys.readouterr().err
