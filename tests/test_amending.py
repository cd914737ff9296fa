"""Amendments: what they change, in which order, and the laws that hold for all of them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rkdsl
import rkdsl.diagnostics
from rkdsl.contract import slots
from rkdsl.contract.amending import amended
from rkdsl.contract.patching import patch
from rkdsl.contract.report import Report, inside
from rkdsl.contract.rows import expanded
from rkdsl.language import nodes
from rkdsl.language.parser import parse
from rkdsl.language.printer import print_contract
from rkdsl.source import from_text
from tests.every_form import contract as any_contract
from tests.valid_contracts import contract_texts

CONTRACT = """
contract k "Library" {
  period 2026
  total 100 points
  not reported counts as zero
  reporting closes 2027-03-01
  role board "The board"
  measure visits "Visits" { unit visits  higher is better  each year  2025: 48_000 }
  value half = 50_000 / 2
  section service "Service" total 60 points {
    goal more "More visits" {
      weight 60
      target visits in 2026 at least 50_000
      any of { target visits in 2026 at least 60_000  milestone open "Open on Sundays" by 2026-05-31 }
      guideline 2027: 52_000   2028: undecided
      followed target visits in 2026 above 0
    }
  }
  goal app "Renewals by telephone" { weight 40  milestone live "In use" by 2026-09-30 }
}
"""
ACTUALS: dict[str, Any] = {
    "contract": "k",
    "readings": {"visits": {"2026": 49_500}},
    "milestones": {"app.live": "2026-10-02", "more.open": "2026-05-01"},
}


def _amendment(body: str, name: str = "first", signed: str = "2026-06-15", begins: str = "2026-07-01") -> str:
    return f'amendment {name} "An amendment" of k {{ signed {signed}  from {begins}\n{body}\n}}\n'


def _nodes(text: str) -> Any:  # a contract or an amendment
    parsed = parse(from_text("contract.rk", text))
    assert parsed.diagnostics == ()
    return parsed.document


def _written(text: str) -> nodes.Contract:
    """A contract with its goals one by one."""
    return expanded(_nodes(text), Report("contract.rk"))


def _applied(contract: nodes.Contract, *amendments: nodes.Amendment, taken: str = "") -> nodes.Contract:
    """The contract with amendments, without any mistake but those that are `taken`."""
    report = Report("contract.rk")
    found = amended(contract, amendments, {}, report)
    assert [] == [each for each in report.diagnostics if each.code != taken]
    return found


def _text(body: str) -> str:
    """The contract with an amendment, printed."""
    return print_contract(_applied(_written(CONTRACT), _nodes(_amendment(body))))


# ---- what takes the place of what


def test_an_unnamed_statement_takes_the_place_of_all_of_its_kind() -> None:
    """A weight and guidelines; targets that are followed are of another kind than those that are scored."""
    text = _text("goal more { weight 50  guideline 2027: 51_000 }  goal app { weight 50 }")
    assert "weight 50" in text
    assert "weight 60" not in text
    assert "guideline 2027: 51_000\n" in text
    assert "followed target visits in 2026 above 0" in text


def test_a_milestone_takes_the_place_of_that_of_its_name_also_in_a_group() -> None:
    """The other members of the group stay."""
    text = _text('goal more { milestone open "Open on Sundays" by 2026-08-31 }')
    assert (
        'target visits in 2026 at least 60_000\n        milestone open "Open on Sundays" by 2026-08-31'
        in text
    )


def test_a_reading_takes_the_place_of_that_of_its_period() -> None:
    """Others are added."""
    assert "2024: 47_000   2025: 48_100" in _text("measure visits { 2025: 48_100 }").replace(
        "2025: 48_100", "2024: 47_000   2025: 48_100"
    )
    assert "2025: 48_100   2024: 47_000" in _text("measure visits { 2024: 47_000  2025: 48_100 }")


def test_what_is_new_and_has_a_title_is_added() -> None:
    """A goal to the section it stands in, a section with what is in it, a measure, a value."""
    text = _text(
        """
        section service { goal late "Late openings" { weight 10  milestone done "Done" by 2026-11 } }
        section extra "Extra" { goal small "Small" { weight 5  milestone done "Done" by 2026-11 } }
        measure loans "Loans" { unit cases  higher is better  each year }
        value quarter = 50_000 / 4
        """
    )
    section = text.partition("section service")[2].partition("goal app")[0]
    assert 'goal late "Late openings"' in section
    assert 'section extra "Extra" {\n    goal small "Small"' in text
    assert 'measure loans "Loans"' in text
    assert "value quarter = 50_000 / 4" in text


def test_values_and_roles_take_the_place_of_those_of_their_name() -> None:
    """Wherever they stand."""
    text = _text('value half = 50_000 * 0.5  role board "The new board"')
    assert "value half = 50_000 * 0.5" in text
    assert 'role board "The new board"' in text
    assert "The board" not in text


def test_what_the_contract_says_of_itself_is_replaced() -> None:
    """A rule for one state leaves that for the other."""
    text = _text("not reported stays open  reporting closes 2027-04-01  not applicable is left out")
    assert "not reported stays open" in text
    assert "counts as zero" not in text
    assert "reporting closes 2027-04-01" in text
    assert "not applicable is left out" in text


def test_removed_is_what_is_named() -> None:
    """A section with all in it, a milestone in a group with the group when it was the last, a measure, a value."""
    assert "more" not in _text("remove service  remove visits").partition("role board")[2]
    assert "any of {\n        target visits in 2026 at least 60_000\n      }" in _text(
        "goal more { remove open }"
    )
    assert "milestone live" not in _text("remove app.live  goal app { target half at least 1 }")
    assert "value half" not in _text("remove half")


def test_a_title_is_changed_where_one_is_given() -> None:
    """And stays otherwise."""
    text = _text('goal app "Renewals by any means" { }  section service { }')
    assert 'goal app "Renewals by any means"' in text
    assert 'section service "Service" total 60 points' in text


def test_rows_of_goals_are_added_one_by_one() -> None:
    """A goal with rows gives one goal a row; of a name that is there, in its place."""
    text = _text(
        'goal each_of(limit) "A goal" { weight 5  target visits in 2026 at least limit } each { a: 1  app: 2 }'
    )
    assert 'goal a "A goal" {\n    weight 5\n    target visits in 2026 at least 1\n  }' in text
    assert 'goal app "A goal" {\n    weight 5\n    target visits in 2026 at least 2\n  }' in text


REGISTER = """
contract k "Library" {
  period 2026
  register risks(what) "Risks" {
    fact what "What" { unit word  range ("small" | "large") }
  } each { fire: "small"  flood: "large" }
}
"""


def test_a_shared_goal_is_used_in_the_section_it_is_written_in(tmp_path: Path) -> None:
    """At the top in the section it stands in in the library, where the contract has that, else in the contract."""
    library = """measure n "N" { unit cases  higher is better  each year }
      section service "Service" {
        goal plain "Plain" { weight 4 milestone m "M" by 2026 }
        goal phone(least) "Phone" { weight 5 target n in 2026 at least least } }
      section jobs "Jobs" { goal places(least) "Places" { weight 6 target n in 2026 at least least } }
      goal loose(least) "Loose" { weight 7 target n in 2026 at least least }"""
    contract = """contract k "K" { period 2026 use "goals.rk"
      section service "Service" { goal a "A" { weight 60 milestone m "M" by 2026-05-31 } }
      section other "Other" { goal b "B" { weight 40 milestone m "M" by 2026-05-31 } } }"""
    (tmp_path / "goals.rk").write_text(library, encoding="utf-8")
    (tmp_path / "k.rk").write_text(contract, encoding="utf-8")

    def with_(*bodies: str) -> rkdsl.Contract:
        paths = []
        for index, body in enumerate(bodies):
            paths.append(tmp_path / f"a{index}.rk")
            paths[-1].write_text(_amendment(body, f"a{index}", f"2026-06-{15 + index}"), encoding="utf-8")
        return rkdsl.load(tmp_path / "k.rk", paths)

    def places(*bodies: str) -> dict[str, str]:
        checked = with_(*bodies).checked
        assert checked is not None
        assert checked.written is not None
        return {each.node.name.text: "/".join(each.path) for each in slots.named_in(checked.written)}

    assert "other" == places("section other { use loose(3) }")["loose"]
    assert "service" == places("use plain")["plain"]
    assert "other" == places("section other { use plain }")["plain"]
    assert "other" == places("section other { use phone(3) }")["phone"]
    assert "new" == places('section new "New" { use phone(3) weight 5 }')["phone"]
    found = places("use phone(3) use places(4) use loose(5)")
    assert ("service", "", "") == (found["phone"], found["places"], found["loose"])
    assert "other" == places("section other { use phone(3) }", "use phone(4) { weight 9 }")["phone"]
    outcome = with_("section other { use phone(3) }", "use phone(4) { weight 9 }").evaluate(
        {"contract": "k"}, "2027-01-31"
    )
    assert outcome.points is not None
    assert 109 == outcome.points.maximum
    with pytest.raises(rkdsl.Refused) as refused:
        with_("section other { use phone(3) }", "section service { use phone(4) }")
    assert ["RK825"] == [each.code for each in refused.value.diagnostics if each.is_error]


def test_a_section_that_uses_a_file(tmp_path: Path) -> None:
    """An amendment says so as a contract does."""
    (tmp_path / "goals.rk").write_text(
        'goal loose() "L" { weight 1 milestone m "M" by 2026 }', encoding="utf-8"
    )
    (tmp_path / "k.rk").write_text(CONTRACT.replace("total 100 points", "", 1), encoding="utf-8")
    body = 'section new "New" { use "goals.rk" use loose }'
    (tmp_path / "a.rk").write_text(_amendment(body), encoding="utf-8")
    assert "loose" in rkdsl.load(tmp_path / "k.rk", [tmp_path / "a.rk"]).item_ids


def test_rows_of_registers_and_examples_are_added() -> None:
    """A row of a name that is there takes its place; `remove register.row` takes one out."""
    contract = _written(REGISTER)
    body = """
        register risks each { fire: "large"  theft: "small" }
        remove risks.flood
        example "e" { expect 1 at least 1 }
    """
    text = print_contract(_applied(contract, _nodes(_amendment(body))))
    assert 'fire: "large"' in text
    assert 'theft: "small"' in text
    assert "flood" not in text
    assert 'example "e"' in text


# ---- which of them hold


def _loaded(*amendments: str) -> rkdsl.Contract:
    return rkdsl.loads(CONTRACT, amendments=amendments)


EASIER = "section service { goal more { target visits in 2026 at least 49_000 } }"
LONGER = 'goal app { milestone live "In use" by 2026-12-31 }'


def _states(contract: rkdsl.Contract, as_of: str | None = None, **more: Any) -> tuple[str, str]:
    told = {**ACTUALS, "as_of": "2027-01-31"} if as_of is None else ACTUALS
    outcome = contract.evaluate(told, as_of, **more)
    return outcome.item("more").state, outcome.item("app").state


def _mistakes(refused: rkdsl.Refused) -> list[str]:
    return [each.code for each in refused.diagnostics if each.is_error]


def test_as_amended_as_signed_and_as_known_on_a_day() -> None:
    """Without a day in the call those count that are in force at the end of the time that binds."""
    contract = _loaded(_amendment(EASIER), _amendment(LONGER, "second", "2026-11-01", "2026-11-15"))
    assert _states(contract) == ("met", "met")
    assert _states(contract, as_signed=True) == ("missed", "missed")
    assert _states(contract.as_signed) == ("missed", "missed")
    assert [each.is_applied for each in contract.evaluate(ACTUALS, "2026-10-31").amendments] == [True, False]
    assert [each.is_applied for each in contract.evaluate(ACTUALS, "2026-11-10").amendments] == [True, False]
    assert [each.is_applied for each in contract.evaluate(ACTUALS, "2026-06-20").amendments] == [False, False]
    told = {**ACTUALS, "as_of": "2026-11-10", "readings": {}, "milestones": {}}
    outcome = contract.evaluate(told)  # signed by then, and in force at the end of the year
    assert [each.is_applied for each in outcome.amendments] == [True, True]


def test_an_outcome_says_which_amendments_hold_and_why_others_do_not() -> None:
    """With the hashes of their files; a draft never holds, and is a finding."""
    contract = _loaded(
        _amendment(EASIER),
        _amendment(LONGER, "second", "undecided"),
        _amendment("", "late", begins="2027-07-01"),
    )
    outcome = contract.evaluate(ACTUALS, "2027-01-31")
    why = {each.id: each.why for each in outcome.amendments}
    assert why == {"first": "", "late": "takes effect 2027-07-01, after 2027-01-31", "second": "not signed"}
    assert {"RK560", "RK561"} <= {text[:5] for _, text in outcome.findings}
    assert all(len(each.sha256) == 64 for each in outcome.amendments)
    told = contract.evaluate({**ACTUALS, "as_of": "2027-01-31"}).amendments
    assert "takes effect 2027-07-01, after the time that binds ends (2026-12-31)" in [
        each.why for each in told
    ]


def test_what_only_another_version_asks_for_is_passed_over() -> None:
    """Reports of what an amendment adds or takes out do not keep other versions from being evaluated."""
    body = 'remove app  goal new "New" { weight 40  milestone done "Done" by 2026-11 }'
    contract = _loaded(_amendment(body))
    told = {**ACTUALS, "milestones": {**ACTUALS["milestones"], "new.done": "2026-11-01"}}
    assert contract.evaluate(told, "2027-01-31").item("new").state == "met"
    assert contract.evaluate(told, "2027-01-31", as_signed=True).item("app").state == "missed"
    assert contract.as_signed.evaluate(told, "2027-01-31").item("app").state == "missed"
    with pytest.raises(rkdsl.Refused):
        contract.evaluate({**told, "facts": {"unheard": 1}}, "2027-01-31")


def test_a_clause_is_cited_from_the_amendment() -> None:
    """With the file and line it stands in."""
    outcome = _loaded(_amendment(EASIER)).evaluate(ACTUALS, "2027-01-31")
    assert "amendment-1.rk:2" in str(outcome.explain("more"))
    assert "contract.rk:12" in str(outcome.explain("more"))


def test_all_of_them_are_looked_at_whatever_the_day() -> None:
    """Also one that is not in force is refused when it is mistaken, and says where."""
    for signed, begins in (("2026-06-15", "2027-07-01"), ("undecided", "2026-07-01")):
        with pytest.raises(rkdsl.Refused) as refused:
            _loaded(_amendment("goal app { weight 30 }", signed=signed, begins=begins))
        assert _mistakes(refused.value) == ["RK416"]
        assert "so it is after the amendment `first`" in str(refused.value)


def test_versions_that_do_not_fit_together_are_refused_when_asked_for() -> None:
    """The second changes what the first adds, and is in force before it."""
    added = 'section service { goal new "New" { weight 1 on top  milestone done "Done" by 2026-11 } }'
    contract = _loaded(
        _amendment(added, begins="2026-12-01"),
        _amendment("goal new { weight 2 on top }", "second", "2026-06-16", "2026-06-16"),
    )
    assert contract.evaluate(ACTUALS, "2027-01-31").item("new").points is not None
    with pytest.raises(rkdsl.Refused) as refused:
        contract.evaluate(ACTUALS, "2026-07-01")
    assert _mistakes(refused.value) == ["RK820"]


# ---- laws


def _canonical(node: Any) -> Any:
    """A contract in which the order of unlike statements makes no difference."""
    if not isinstance(
        node, nodes.Contract | nodes.Section | nodes.Item | nodes.Measure | nodes.Fact | nodes.Parameter
    ):
        return node
    statements = sorted((_canonical(each) for each in node.statements), key=slots.slot)
    return attrs.evolve(node, statements=tuple(statements))


def _made_to_fit(first: nodes.Contract, second: nodes.Contract) -> nodes.Contract:
    """The second as far as an amendment can make it: with the name, and with what cannot be taken back."""
    fitted = attrs.evolve(second, name=first.name, title=first.title)
    own = set(slots.by_slot(each for each in second.statements if type(each) not in slots.NAMED))
    missing = [
        each for each in first.statements if type(each) not in slots.NAMED and slots.slot(each) not in own
    ]
    return attrs.evolve(fitted, statements=(*fitted.statements, *missing))


_TAKEN = "RK826"
"""What cannot be taken back may ask for something that is gone: that is told, and changes nothing else."""


def _check_patch(first: nodes.Contract, second: nodes.Contract) -> None:
    found = patch(first, second)
    if found.unsayable:
        return
    head = _nodes(_amendment(""))
    made = attrs.evolve(head, statements=(*head.statements, *found.statements))
    again = _nodes(print_contract(made))
    assert again == made
    assert _canonical(_applied(first, again, taken=_TAKEN)) == _canonical(second)


@settings(max_examples=150, deadline=None)
@given(contract_texts(), contract_texts())
def test_the_difference_of_two_contracts_applied_to_the_first_gives_the_second(one: str, other: str) -> None:
    """Printed as an amendment and read back."""
    first = _written(one)
    _check_patch(first, _made_to_fit(first, _written(other)))


@pytest.mark.parametrize("seed", range(40))
def test_so_it_is_for_contracts_of_every_form(seed: int) -> None:
    """Sections, registers, values, scales, groups: whatever the language has."""
    first, second = (_written(any_contract(each).text) for each in (seed, seed + 1000))
    _check_patch(first, _made_to_fit(first, second))
    assert patch(first, first).statements == ()


@settings(max_examples=60, deadline=None)
@given(contract_texts(), contract_texts(), contract_texts())
def test_amendments_one_by_one_or_at_once_give_the_same_contract(one: str, two: str, three: str) -> None:
    """Also where the contract is written out in between."""
    first = _written(one)
    second = _made_to_fit(first, _written(two))
    third = _made_to_fit(second, _written(three))
    head = _nodes(_amendment(""))
    patches = [patch(first, second), patch(second, third)]
    if any(each.unsayable for each in patches):
        return
    one_by_one = [attrs.evolve(head, statements=each.statements) for each in patches]
    at_once = _applied(first, *one_by_one, taken=_TAKEN)
    between = _nodes(print_contract(_applied(first, one_by_one[0], taken=_TAKEN)))
    assert _applied(between, one_by_one[1], taken=_TAKEN) == at_once
    assert _canonical(at_once) == _canonical(third)


_DAYS = st.dates(datetime.date(2026, 1, 1), datetime.date(2027, 6, 30))


@settings(max_examples=60, deadline=None)
@given(
    _DAYS,
    st.lists(
        st.tuples(_DAYS, _DAYS, st.integers(40_000, 60_000)), max_size=3, unique_by=lambda each: each[0]
    ),
)
def test_as_of_a_day_nothing_signed_or_reported_later_counts(
    day: datetime.date, signings: list[tuple[datetime.date, datetime.date, int]]
) -> None:
    """The same outcome whether later amendments and reports are given or not."""
    written = [
        (
            signed,
            _amendment(
                f"goal more {{ target visits in 2026 at least {limit} }}",
                f"a{place}",
                f"{signed}",
                f"{begins}",
            ),
        )
        for place, (signed, begins, limit) in enumerate(signings)
    ]
    readings = [
        {"value": 49_500, "reported": "2027-01-10"},
        {"value": 47_000, "reported": "2027-03-10", "corrects": "2027-01-10"},
    ]
    known = [each for each in readings if str(each["reported"]) <= f"{day}"]
    for exact in (True, False):
        outcomes = []
        for texts, entries in (
            ([text for _, text in written], readings),
            ([text for signed, text in written if signed <= day], known),
        ):
            told = {"contract": "k", "readings": {"visits": {"2026": entries}}}
            contract = _loaded(*texts)
            more = {} if exact else {"as_of": f"{day}"}
            outcome = contract.evaluate({**told, **more}, day if exact else None)
            outcomes.append(
                (outcome.items, outcome.points, [each for each in outcome.amendments if each.is_applied][:0])
            )
        assert outcomes[0] == outcomes[1]


def test_every_statement_has_a_slot() -> None:
    """Whatever may stand in a contract, section, goal or measure."""
    for seed in range(30):
        for node in inside(_nodes(any_contract(seed).text)):
            if isinstance(node, nodes.Contract | nodes.Section | nodes.Item | nodes.Measure):
                assert all(slots.slot(each) for each in node.statements)


@pytest.mark.parametrize(
    ("signed", "finding"),
    [("2026-06-16", True), ("2026-06-15", False), ("2026", False), ("undecided", False), ("", False)],
)
def test_an_amendment_signed_before_the_contract_it_changes(
    signed: str, finding: bool, tmp_path: Path
) -> None:
    """Also where that is a contract that is used; on the same day there is nothing to say."""
    said = f"signed {signed}" if signed else ""
    text = CONTRACT.replace("period 2026", f"period 2026 {said}", 1)
    (tmp_path / "k.rk").write_text(text, encoding="utf-8")
    outer = 'contract outer "O" { period 2026 signed 2026-12-01 use "k.rk" value all = k.points }'
    (tmp_path / "outer.rk").write_text(outer, encoding="utf-8")
    (tmp_path / "a.rk").write_text(_amendment("goal app { assessed by board }"), encoding="utf-8")
    for name in ("k.rk", "outer.rk"):
        contract = rkdsl.load(tmp_path / name, [tmp_path / "a.rk"])
        found = [each for each in contract.findings if each.code == "RK562"]
        assert finding == bool(found)
        for each in found:
            assert "`first` was signed 2026-06-15, `k` only on 2026-06-16" == each.labels[0].text
            assert "k.rk:3:22" in str(rkdsl.diagnostics.located(each.labels[1].place, contract.sources))
