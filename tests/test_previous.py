"""An outcome is read back exactly, or refused with the place of what is wrong in it."""

import copy
import json
from fractions import Fraction
from typing import Any  # JSON values written in tests

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl.actuals.previous import Previous, Told, read_previous
from rkdsl.diagnostics import render
from rkdsl.reports.data import json_text

CONTRACT = """contract c "C" {
  period 2026
  measure x "X" { unit number  higher is better  each year }
  section s "S" {
    goal a "A" { weight 60  target x in 2026 linear from 0 to 7 }
    goal b "B" { weight 40  milestone m "M" by 2026 }
  }
}
"""
Json = dict[str, Any]  # JSON values written in tests


def outcome(**sections: Any) -> Json:  # JSON values written in tests
    contract = rkdsl.loads(CONTRACT)
    found = contract.evaluate({"contract": "c", **sections}, "2027-01-31").to_dict()
    read_back: Json = json.loads(json_text(found))
    return read_back


def accepted(data: object) -> Previous:
    previous, mistakes = read_previous("o.json", json.dumps(data).encode())
    assert previous is not None, [render(each, {}) for each in mistakes]
    assert mistakes == ()
    return previous


def refused(data: object) -> str:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    previous, mistakes = read_previous("o.json", content)
    assert previous is None
    return "\n".join(render(each, {}) for each in mistakes)


def test_an_outcome_of_ours_is_read_exactly() -> None:
    """What was settled, with fractions that no decimal holds; what was open is not guessed."""
    previous = accepted(outcome(readings={"x": {"2026": 5}}))
    assert (previous.contract, previous.unit, str(previous.as_of)) == ("c", "points", "2027-01-31")
    assert previous.told["a"] == Told("items[0]", "partly met", Fraction(300, 7), Fraction(60), False)
    assert previous.told["b"] == Told("items[1]", "not known", None, None, True)
    assert previous.told["s"] == Told("sections[0]", "not known", None, None, True)
    assert previous.told["total"] == Told("", "not known", None, None, True)
    whole = accepted(outcome(readings={"x": {"2026": 7}}, milestones={"b.m": "2026-05-01"}))
    assert whole.told["total"] == Told("", "settled", Fraction(100), Fraction(100), False)


def test_keys_of_later_versions_are_passed_over() -> None:
    """Only what can be carried over is looked at."""
    data = outcome()
    assert accepted(data).told == accepted({**data, "more": {"x": [1]}, "counts": None}).told


MESSAGES: dict[str, tuple[object, str]] = {
    "no JSON": (
        b"{",
        """\
o.json: error RK601: not JSON
  line 1, column 2: found the end of the file, expected a key in double quotes
  hint: keys stand in double quotes, and no comma stands after the last""",
    ),
    "a list": (
        [],
        """\
o.json: the whole file: error RK638: not an outcome
  found a list, expected an outcome, which begins with `"format": "rkdsl-outcome/1"`
  hint: write it with `rkdsl eval … --format json` from the contract of that period""",
    ),
    "actuals": (
        {"contract": "c"},
        """\
o.json: the whole file: error RK638: not an outcome
  found an object, expected an outcome, which begins with `"format": "rkdsl-outcome/1"`
  hint: write it with `rkdsl eval … --format json` from the contract of that period""",
    ),
    "refused": (
        {"format": "rkdsl-refused/1"},
        """\
o.json: format: error RK638: not an outcome
  found the text `rkdsl-refused/1`, expected an outcome, which begins with `"format": "rkdsl-outcome/1"`
  hint: write it with `rkdsl eval … --format json` from the contract of that period""",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    """What is said of a file that is no outcome."""
    data, message = MESSAGES[name]
    assert message == refused(data)


@pytest.mark.parametrize(
    ("path", "value", "key", "code"),
    [
        (("contract",), 5, "contract", "RK609"),
        (("contract",), None, "contract", "RK608"),
        (("as_of",), "2026-02-30", "as_of", "RK610"),
        (("as_of",), None, "as_of", "RK609"),
        (("unit",), 5, "unit", "RK609"),
        (("state",), [], "state", "RK609"),
        (("items",), {}, "items", "RK609"),
        (("sections",), None, "sections", "RK609"),
        (("items", 0), "a", "items[0]", "RK609"),
        (("items", 0, "id"), 1, "items[0].id", "RK609"),
        (("items", 0, "state"), None, "items[0].state", "RK608"),
        (("items", 0, "may_become"), "x", "items[0].may_become", "RK609"),
        (("items", 0, "points"), 40, "items[0].points", "RK609"),
        (("items", 0, "points", "secured_exact"), "1/0", "items[0].points.secured_exact", "RK609"),
        (("items", 0, "points", "secured_exact"), 5, "items[0].points.secured_exact", "RK609"),
        (
            ("items", 0, "points", "secured_exact"),
            "1/" + "9" * 5000,
            "items[0].points.secured_exact",
            "RK609",
        ),
        (("points", "maximum"), "100", "points.maximum", "RK609"),
        (("points", "possible"), True, "points.possible", "RK609"),
    ],
)
def test_damage_is_told_with_its_place(path: tuple[Any, ...], value: object, key: str, code: str) -> None:
    """Never guessed, never passed over."""
    data = outcome(readings={"x": {"2026": 5}})
    holder: Any = data  # JSON of any shape
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert refused(data).startswith(f"o.json: {key}: error {code}: ")


_JUNK = st.sampled_from((None, True, -1, 0, 10**30, "", "x", "1/2", "pending", "met", [], [1], {}, [{}]))


def _places(data: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [path] if path else []
    for key, value in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        found += _places(value, (*path, key))
    return found


_WHOLE = outcome(readings={"x": {"2026": 5}})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(_places(_WHOLE)), _JUNK)
def test_anything_is_read_or_refused(path: tuple[Any, ...], junk: object) -> None:
    """Whatever stands where something else should: a mistake with a place, or an outcome after all."""
    data = copy.deepcopy(_WHOLE)
    holder: Any = data  # JSON of any shape
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = junk
    previous, mistakes = read_previous("o.json", json.dumps(data).encode())
    assert (previous is None) == bool(mistakes)
    assert all(each.place.key and each.hint for each in mistakes)
