"""The JSON reader takes what the format allows, exactly, and refuses all else with a place and a hint."""

import datetime
import hashlib
import json
import random
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rkdsl.actuals import json_reader
from rkdsl.actuals.json_reader import read
from rkdsl.actuals.json_text import MAX_MARKS
from rkdsl.actuals.mistakes import MAX_MISTAKES
from rkdsl.actuals.record import Blank, Record, Report, Value
from rkdsl.diagnostics import Diagnostic, render
from rkdsl.source import from_bytes
from rkdsl.values import MAX_BYTES, State

GOOD = """{
  "contract": "ams",
  "as_of": "2010-01-31",
  "note": "Årsopgørelse",
  "readings": {
    "long_sick_leave": {
      "2009-12": [
        {"value": 26400, "reported": "2010-01-15", "source": "jobindsats.dk"},
        {"value": 26450.0, "reported": "2010-02-15", "corrects": "2010-01-15"}
      ],
      "2009-11": 27_000,
      "2009-10": null,
      "2006-12": {"value": 26239, "corrects": "contract", "reported": "2009-02-01"}
    },
    "service_score": {"2009-Q4": 80.5, "2009-07-01..2009-09-30": {"not_applicable": "no survey was made"}},
    "delivered": {"2009": "2009-11-12"}
  },
  "milestones": {
    "pk1.started": "2009-11-12",
    "pk2.orders": "not done",
    "pk2.bills": {"value": "2009-05-30", "reported": "2009-06-02"}
  },
  "assessed": {"pk2.rest": {"points": 4e1, "by": "ministry", "reason": "on time", "reported": "2010-01-20"}},
  "facts": {"days_served": 365, "trial_approved": true, "grade": "good", "signed": "2009-01-02"},
  "parameters": {
    "price": {"2008": 201.16, "2009": {"value": 203, "reported": "2009-02-01", "source": "circular 7"}},
    "rate": 0.5,
    "cut": {"low": 45, "high": [{"value": 70, "reported": "2009-01-05"}]},
    "step": {"low": {"2009-Q4": 1}, "high": {"2009-10..2009-12": {"not_applicable": "no such step"}}},
    "grade_of.value": "good"
  },
  "carried": {"m1": {"state": "missed", "points": {"value": 0, "source": "report"}}, "total.points": 870}
}
""".replace("27_000", "27000")


def refused(text: str | bytes) -> tuple[Diagnostic, ...]:
    data = text.encode() if isinstance(text, str) else text
    record, diagnostics = read("actuals.json", data)
    assert record is None
    assert diagnostics
    return diagnostics


def accepted(text: str) -> Record:
    record, diagnostics = read("actuals.json", text.encode())
    assert record is not None, [render(each, {}) for each in diagnostics]
    assert diagnostics == ()
    return record


def shown(diagnostics: tuple[Diagnostic, ...]) -> str:
    return "\n".join(render(each, {}) for each in diagnostics)


# ---- what is read


def test_a_good_file_is_read_exactly() -> None:
    """Every form of entry comes out as written, in the order of the sections."""
    record = accepted(GOOD)
    path = "readings.long_sick_leave"
    assert record.file == "actuals.json"
    assert record.contract == "ams"
    assert record.as_of == datetime.date(2010, 1, 31)
    assert record.note == "Årsopgørelse"
    assert record.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    first, second = record.reports[:2]
    assert first == Report(
        *("reading", "long_sick_leave", "2009-12", Fraction(26400), f"{path}.2009-12[0]"),
        reported=datetime.date(2010, 1, 15),
        source="jobindsats.dk",
    )
    assert second.value == 26450
    assert second.corrects == datetime.date(2010, 1, 15)
    values = {f"{report.id}@{report.period}": report.value for report in record.reports[2:]}
    expected: dict[str, Value] = {
        "long_sick_leave@2009-11": Fraction(27000),
        "long_sick_leave@2006-12": Fraction(26239),
        "service_score@2009-Q4": Fraction(161, 2),
        "service_score@2009-Q3": State("not applicable", "no survey was made"),
        "delivered@2009": datetime.date(2009, 11, 12),
        "pk1.started@": datetime.date(2009, 11, 12),
        "pk2.orders@": "not done",
        "pk2.bills@": datetime.date(2009, 5, 30),
        "days_served@": Fraction(365),
        "trial_approved@": True,
        "grade@": "good",
        "signed@": datetime.date(2009, 1, 2),
        "pk2.rest@": Fraction(40),
        "price@2008": Fraction(20116, 100),
        "price@2009": Fraction(203),
        "rate@": Fraction(1, 2),
        "cut.low@": Fraction(45),
        "cut.high@": Fraction(70),
        "step.low@2009-Q4": Fraction(1),
        "step.high@2009-Q4": State("not applicable", "no such step"),
        "grade_of.value@": "good",
        "m1.state@": "missed",
        "m1.points@": Fraction(0),
        "total.points@": Fraction(870),
    }
    assert values == expected
    assert record.reports[3].corrects == "contract"
    judged = next(report for report in record.reports if report.kind == "assessment")
    assert (judged.by, judged.reason) == ("ministry", "on time")
    price = next(report for report in record.reports if report.id == "price" and report.period == "2009")
    assert price == Report(
        *("parameter", "price", "2009", Fraction(203), "parameters.price.2009"),
        reported=datetime.date(2009, 2, 1),
        source="circular 7",
    )


def test_a_good_file_fits_the_schema() -> None:
    """What the reader takes, the schema takes."""
    schema = Path(__file__).parents[1] / "docs" / "actuals.schema.json"
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(json.loads(GOOD))


def test_only_the_contract_is_required() -> None:
    """A file that says nothing is a record without reports."""
    assert accepted('{"contract": "ams"}').reports == ()
    assert accepted('{"contract": "ams", "as_of": null, "note": null, "readings": null}').as_of is None


@pytest.mark.parametrize(
    "entry",
    ["null", "[]", "[null]", '{"value": null}', '{"value": null, "reported": null, "source": null}'],
)
def test_null_is_not_reported(entry: str) -> None:
    """Not reported is an entry that is not there."""
    assert accepted(f'{{"contract": "a", "readings": {{"m": {{"2009": {entry}}}}}}}').reports == ()


BLANKS = {
    '"readings": {"m": null}': ("reading", "m", "", "readings.m"),
    '"readings": {"m": {}}': ("reading", "m", "", "readings.m"),
    '"readings": {"m": {"2009-01..2009-12": null}}': (
        *("reading", "m", "2009"),
        "readings.m.2009-01..2009-12",
    ),
    '"readings": {"m": {"2009": []}}': ("reading", "m", "2009", "readings.m.2009"),
    '"readings": {"m": {"2009": [null, {"value": null}]}}': ("reading", "m", "2009", "readings.m.2009"),
    '"milestones": {"a.b": null}': ("milestone", "a.b", "", "milestones.a.b"),
    '"facts": {"f": []}': ("fact", "f", "", "facts.f"),
    '"assessed": {"a": {"points": null}}': ("assessment", "a", "", "assessed.a"),
    '"parameters": {"p": {}}': ("parameter", "p", "", "parameters.p"),
    '"parameters": {"p": {"2009": null}}': ("parameter", "p", "2009", "parameters.p.2009"),
    '"parameters": {"p": {"low": null}}': ("parameter", "p.low", "", "parameters.p.low"),
    '"parameters": {"p": {"low": {"2009": []}}}': ("parameter", "p.low", "2009", "parameters.p.low.2009"),
    '"carried": {"m": null}': ("carried", "m", "", "carried.m"),
    '"carried": {"m": {"state": null}}': ("carried", "m.state", "", "carried.m.state"),
}


@pytest.mark.parametrize("section", BLANKS)
def test_a_name_without_a_report_is_kept(section: str) -> None:
    """It is no report, and may still be a name that the contract does not have."""
    record = accepted(f'{{"contract": "a", {section}}}')
    assert record.reports == ()
    assert record.blanks == (Blank(*BLANKS[section]),)


def test_a_name_with_a_report_leaves_no_blank() -> None:
    """Only what has nothing at all is blank."""
    record = accepted('{"contract": "a", "readings": {"m": {"2008": 1, "2009": null}}, "facts": {"f": [1]}}')
    assert record.blanks == (Blank("reading", "m", "2009", "readings.m.2009"),)


def test_words_are_texts() -> None:
    """Also those that look like numbers: whether a number is meant, the contract says."""
    facts = accepted('{"contract": "a", "facts": {"x": "1", "y": "26,5 %", "z": "not done"}}').reports
    assert [each.value for each in facts] == ["1", "26,5 %", "not done"]


def test_an_assessment_may_be_that_something_does_not_apply() -> None:
    """The reason is then the one given for that."""
    text = '{"contract": "a", "assessed": {"x": {"not_applicable": "no vote", "by": "board"}}}'
    assert accepted(text).reports[0].value == State("not applicable", "no vote")


def test_a_byte_order_mark_and_other_line_ends_change_nothing() -> None:
    """The reports are the same; the hash is that of the bytes."""
    assert accepted("\ufeff" + GOOD.replace("\n", "\r\n")).reports == accepted(GOOD).reports


def test_names_are_composed() -> None:
    """A decomposed letter is the letter."""
    assert accepted('{"contract": "a\u030arhus"}').contract == "århus"
    assert accepted('{"contract": "a", "facts": {"a\\u030a": 1}}').reports[0].id == "å"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("-0", Fraction(0)),
        ("1e30", Fraction(10) ** 30),
        ("1E-2", Fraction(1, 100)),
        ("0." + "1" * 39, Fraction(int("1" * 39), 10**39)),
        ("9" * 40, Fraction(10**40 - 1)),
        ("0.1", Fraction(1, 10)),
    ],
)
def test_numbers_are_exact(written: str, expected: Fraction) -> None:
    """No float stands between the text and the number."""
    assert accepted(f'{{"contract": "a", "facts": {{"x": {written}}}}}').reports[0].value == expected


# ---- what is refused: the message of every code


def inside(entry: str, section: str = "readings") -> str:
    entries = f'{{"m": {{"2009": {entry}}}}}' if section == "readings" else f'{{"m": {entry}}}'
    return f'{{"contract": "a", "{section}": {entries}}}'


MESSAGES = {
    '{"contract": "a",}': """\
actuals.json: error RK601: not JSON
  line 1, column 18: found `}`, expected a key in double quotes
  hint: keys stand in double quotes, and no comma stands after the last""",
    '{"contract": "a", "facts": {"x": [1,\r\n ] } }': """\
actuals.json: error RK601: not JSON
  line 2, column 2: found `]`, expected a value
  hint: a value is a number, a text in double quotes, true, false, null, `[` or `{`""",
    '{"contract"\n 5}': """\
actuals.json: error RK601: not JSON
  line 2, column 2: found `5`, expected `:`
  hint: a key and its value are joined by `:`""",
    '{"contract": "a" "note": "b"}': """\
actuals.json: error RK601: not JSON
  line 1, column 18: found `"`, expected a comma or a closing bracket
  hint: put a comma between two values; numbers are written as 26400 or 26.5""",
    '{"contract": yes}': """\
actuals.json: error RK601: not JSON
  line 1, column 14: found `yes`, expected a value
  hint: a value is a number, a text in double quotes, true, false, null, `[` or `{`""",
    "": """\
actuals.json: error RK601: not JSON
  line 1, column 1: found the end of the file, expected a value
  hint: a value is a number, a text in double quotes, true, false, null, `[` or `{`""",
    '{"contract": "a"} {}': """\
actuals.json: error RK601: not JSON
  line 1, column 19: found `{`, expected the end of the file
  hint: a file holds one object: remove what follows it""",
    '{"contract": "a': """\
actuals.json: error RK601: not JSON
  line 1, column 14: found `"`, expected a closing quote
  hint: close the text that begins here with a quote""",
    '{"contract": "a\n"}': """\
actuals.json: error RK601: not JSON
  line 1, column 16: found `\\u000a`, expected the text to end on its line
  hint: close the text with a quote on its own line; a tab in it is written `\\t`""",
    '{"contract": "\\x"}': """\
actuals.json: error RK601: not JSON
  line 1, column 15: found `\\`, expected an escape such as `\\n` or `\\u00e5`
  hint: write `\\\\` for the sign itself""",
    "[" * 101: """\
actuals.json: error RK602: actuals nested too deeply
  line 1, column 101: at most 100 levels of brackets
  hint: actuals need no more than five: close the brackets before this one""",
    '{"contract": "a", "facts": {"b": 1, "\\u0062": 1}}': """\
actuals.json: facts.b: error RK603: a key written twice
  `b` stands here already
  hint: keep one; several reports of one thing stand in a list, each correction with `corrects`""",
    '{"contract": "a", "facts": {"\u00e5": 1, "a\u030a": 1}}': """\
actuals.json: facts.å: error RK603: a key written twice
  `å` stands here already
  hint: keep one; several reports of one thing stand in a list, each correction with `corrects`""",
    '{"contract": "a", "readings": {"m": {"2009": 1, "2009-01..2009-12": 1}}}': """\
actuals.json: readings.m.2009-01..2009-12: error RK603: a key written twice
  `2009-01..2009-12` is a period that stands here already
  see actuals.json: readings.m.2009
  the same days
  hint: keep one; several reports of one thing stand in a list, each correction with `corrects`""",
    inside("[1, -Infinity]"): """\
actuals.json: readings.m.2009[1]: error RK604: not a figure
  found `-Infinity`, expected a number
  hint: where there is no figure write null, or leave the entry out""",
    inside("1e999999999"): """\
actuals.json: readings.m.2009: error RK605: a figure with too many digits
  `1e999999999`: a number may have 40 digits, and a power of ten up to 30
  hint: write the figure as it was published""",
    inside('{"value": 1, "source": "a\\u202eb"}'): """\
actuals.json: readings.m.2009.source: error RK606: a hidden character in actuals
  found U+202E
  hint: remove it: names and texts stand on one line, all of it visible""",
    '{"contract": "a", "facts": {"b\\ud800": 1}}': """\
actuals.json: facts.b\\ud800: error RK606: a hidden character in actuals
  found U+D800
  hint: remove it: names and texts stand on one line, all of it visible""",
    inside('{"value": 1, "repoted": "2010-01-15"}'): """\
actuals.json: readings.m.2009.repoted: error RK607: a key that actuals do not have
  `repoted` is no key here, expected `value`, `by`, `reason`, `not_applicable`, `reported`, `source` \
or `corrects`
  hint: did you mean `reported`?""",
    '{"contract": "a", "xyz": 1}': """\
actuals.json: xyz: error RK607: a key that actuals do not have
  `xyz` is no key here, expected `contract`, `as_of`, `note`, `readings`, `milestones`, `facts`, `assessed`, \
`parameters`, `carried`, `registers` or `forecasts`
  hint: remove it, or put it into `note`""",
    "{}": """\
actuals.json: contract: error RK608: something is missing
  nothing found, expected a text that says something
  hint: add it""",
    inside('{"points": 40, "by": " "}', "assessed"): """\
actuals.json: assessed.m.by: error RK608: something is missing
  nothing found, expected a text that says something
  hint: add it
actuals.json: assessed.m.reason: error RK608: something is missing
  nothing found, expected a text that says something
  hint: add it""",
    inside('{"reported": "2010-01-15"}'): """\
actuals.json: readings.m.2009.value: error RK608: something is missing
  nothing found, expected a number, true or false, a day or a word
  hint: add it""",
    inside('{"value": null, "corrects": "2010-01-15"}'): """\
actuals.json: readings.m.2009.value: error RK608: something is missing
  nothing found, expected a number, true or false, a day or a word
  hint: add it""",
    inside('{"not_applicable": ""}'): """\
actuals.json: readings.m.2009.not_applicable: error RK608: something is missing
  nothing found, expected a text that says something
  hint: add it""",
    "[]": """\
actuals.json: the whole file: error RK609: another kind of value is expected
  found a list, expected an object with `contract`
  hint: write an object with `contract`""",
    inside('" "', "facts"): """\
actuals.json: facts.m: error RK609: another kind of value is expected
  found the text ` `, expected a number, true or false, a day or a word
  hint: write a number, true or false, a day or a word""",
    inside('"2009-02-30"', "parameters"): """\
actuals.json: parameters.m: error RK610: a day that does not exist
  `2009-02-30` is on no calendar
  hint: write year, month and day, as in 2009-11-12""",
    inside('{"2009-13": 1}', "parameters"): """\
actuals.json: parameters.m.2009-13: error RK611: a period that does not exist
  `2009-13` is no period
  hint: periods are 2009, 2009-H1, 2009-Q2, 2009-07, 2009-07-01 or 2009-03..2009-05""",
    inside('{"low": {"2009": 1, "2009-01..2009-12": 1}}', "parameters"): """\
actuals.json: parameters.m.low.2009-01..2009-12: error RK603: a key written twice
  `2009-01..2009-12` is a period that stands here already
  see actuals.json: parameters.m.low.2009
  the same days
  hint: keep one; several reports of one thing stand in a list, each correction with `corrects`""",
    inside('{"low": 1, "source": "a"}', "parameters"): """\
actuals.json: parameters.m.low: error RK607: a key that actuals do not have
  `low` is no key here, expected `value`, `not_applicable`, `reported`, `source` or `corrects`
  hint: remove it, or put it into `note`
actuals.json: parameters.m.value: error RK608: something is missing
  nothing found, expected a number, true or false, a day or a word
  hint: add it""",
    inside('{"points": [[1]]}', "carried"): """\
actuals.json: carried.m.points[0]: error RK609: another kind of value is expected
  found a list, expected a number or a word
  hint: write a number or a word""",
    inside('"notdone"', "milestones"): """\
actuals.json: milestones.m: error RK609: another kind of value is expected
  found the text `notdone`, expected a day such as `2009-11-12`, or `not done`
  hint: did you mean `not done`?""",
    inside("true", "milestones"): """\
actuals.json: milestones.m: error RK609: another kind of value is expected
  found true, expected a day such as `2009-11-12`, or `not done`
  hint: write a day such as `2009-11-12`, or `not done`""",
    inside('{"points": [], "by": "x", "reason": "y"}', "assessed"): """\
actuals.json: assessed.m.points: error RK609: another kind of value is expected
  found a list, expected a number, or true or false where there are no points
  hint: write a number, or true or false where there are no points""",
    inside("40", "assessed"): """\
actuals.json: assessed.m: error RK609: another kind of value is expected
  found the number `40`, expected an object with `points`, `by` and `reason`
  hint: write an object with `points`, `by` and `reason`""",
    '{"contract": "a", "readings": {"m": 5}, "facts": []}': """\
actuals.json: facts: error RK609: another kind of value is expected
  found a list, expected an object with a key for each name
  hint: write an object with a key for each name
actuals.json: readings.m: error RK609: another kind of value is expected
  found the number `5`, expected an object with a key for each period
  hint: write an object with a key for each period""",
    inside("[[1]]"): """\
actuals.json: readings.m.2009[0]: error RK609: another kind of value is expected
  found a list, expected a number, true or false, a day or a word
  hint: write a number, true or false, a day or a word""",
    inside('{"value": {}}', "facts"): """\
actuals.json: facts.m.value: error RK609: another kind of value is expected
  found an object, expected a number, true or false, a day or a word
  hint: write a number, true or false, a day or a word""",
    '{"contract": 5, "as_of": "2010-01"}': """\
actuals.json: as_of: error RK609: another kind of value is expected
  found the text `2010-01`, expected a day such as `2010-01-15`
  hint: write a day such as `2010-01-15`
actuals.json: contract: error RK609: another kind of value is expected
  found the number `5`, expected a text
  hint: write a text""",
    inside('{"value": 1, "corrects": "the contract"}'): """\
actuals.json: readings.m.2009.corrects: error RK609: another kind of value is expected
  found the text `the contract`, expected the `reported` day of the entry it corrects, or `contract`
  hint: write the `reported` day of the entry it corrects, or `contract`""",
    inside('"2009-02-30"', "milestones"): """\
actuals.json: milestones.m: error RK610: a day that does not exist
  `2009-02-30` is on no calendar
  hint: write year, month and day, as in 2009-11-12""",
    '{"contract": "a", "readings": {"m": {"2009-13": 1}}}': """\
actuals.json: readings.m.2009-13: error RK611: a period that does not exist
  `2009-13` is no period
  hint: periods are 2009, 2009-H1, 2009-Q2, 2009-07, 2009-07-01 or 2009-03..2009-05""",
    inside('{"value": 1, "not_applicable": "closed"}'): """\
actuals.json: readings.m.2009: error RK612: two answers in one entry
  `value` and `not_applicable` both say something
  hint: keep the one that holds""",
}


@pytest.mark.parametrize("text", MESSAGES)
def test_message(text: str) -> None:
    """What an author reads about each mistake."""
    assert MESSAGES[text] == shown(refused(text))


def test_not_utf8_says_where() -> None:
    """The line and the byte, and what the file looks like."""
    diagnostics = refused('{"contract":\n "å"}'.encode("latin-1"))
    assert [each.code for each in diagnostics] == ["RK001"]
    assert "line 2" in shown(diagnostics)
    assert "UTF-16" in shown(refused(GOOD.encode("utf-16")))
    assert "UTF-16" in shown(refused(GOOD.encode("utf-16-le").replace("Å".encode("utf-16-le"), b"A\0")))


def test_a_file_over_the_limit_is_not_read() -> None:
    """Its size is looked at first."""
    assert [each.code for each in refused(b" " * (MAX_BYTES + 1))] == ["RK003"]


def test_a_file_of_too_many_values_is_not_read() -> None:
    """Counted before anything is made of them."""
    assert shown(refused("[" + "1," * MAX_MARKS + "1]")) == (
        "actuals.json: the whole file: error RK614: more values than a file may hold\n"
        "  a file may have 500_000 commas and opening brackets\n"
        "  hint: split the file, or give the figures as a table"
    )


def test_a_mistake_in_the_text_has_a_caret() -> None:
    """Its span counts as the normalised source does."""
    data = '\ufeff{\r\n "a\u030a": 1,\r\n}'.encode()
    source = from_bytes("actuals.json", data)
    assert render(refused(data)[0], {"actuals.json": source}).splitlines()[:3] == [
        "actuals.json:3:1: error RK601: not JSON",
        "    3 | }",
        "      | ^ line 3, column 1: found `}`, expected a key in double quotes",
    ]


def test_all_mistakes_are_told_at_once() -> None:
    """One run, one list, in the order of the keys."""
    text = '{"as_of": "2010-02-30", "readings": {"m": {"x": 1, "2009": NaN}}, "milestones": {"a": 1, "a": 2}}'
    codes = [each.code for each in refused(text)]
    assert sorted(codes) == ["RK603", "RK604", "RK608", "RK609", "RK610", "RK611"]


def test_a_value_refused_once_is_not_refused_again() -> None:
    """A hidden character or a number too long is one mistake, wherever it stands."""
    for entry in ("1e99", '"a\\u0000"', '{"value": NaN}', '{"points": 1e99, "by": "b", "reason": "c"}'):
        section = "assessed" if "points" in entry else "facts"
        assert len(refused(inside(entry, section))) == 1
    assert len(refused('{"contract": "\\u0000", "note": NaN, "as_of": 1e99, "facts": NaN}')) == 4
    assert len(refused("NaN")) == 1


def test_a_long_list_of_mistakes_ends_with_their_number() -> None:
    """Time and memory of a refusal are bounded."""
    entries = ", ".join(f'"m{index}": []' for index in range(MAX_MISTAKES + 7))
    diagnostics = refused(f'{{"contract": "a", "readings": {{{entries}}}}}')
    assert len(diagnostics) == MAX_MISTAKES + 1
    assert shown(diagnostics[-1:]) == (
        "actuals.json: error RK613: more mistakes than are shown\n"
        "  7 more in this file\n"
        "  hint: mend these first"
    )


# ---- bombs


@pytest.mark.parametrize(
    "bomb",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b"[" * 100 + b"]" * 100,
        b'{"contract": "a", "facts": {"x": 1e999999999}}',
        b'{"contract": "a", "facts": {"x": -1E-999999999999999999999}}',
        b'{"contract": "a", "facts": {"x": ' + b"9" * 5_000_000 + b"}}",
        b'{"contract": "a", "facts": {"x": 0.' + b"9" * 5_000_000 + b"}}",
        b'"' + b"\\" * 3_000_001,
        b'"' + b"a" * 5_000_000,
        b"]" * 1_000_000,
        b'{"contract": "a", "readings": {"m": {"' + b"2009.." * 100_000 + b'": 1}}}',
        b'{"contract": "' + b"a" * 1_000_000 + b'", "' + b"b" * 1_000_000 + b'": 1}',
    ],
)
def test_a_bomb_is_refused(bomb: bytes) -> None:
    """At once, and without an exception."""
    refused(bomb)


def test_brackets_in_texts_are_no_nesting() -> None:
    """Only those outside of quotes count, and 100 levels are allowed."""
    assert accepted('{"contract": "a", "note": "' + '[{\\"' * 500 + '"}').note == '[{"' * 500
    assert [each.code for each in refused("[" * 100 + "]" * 100)] == ["RK609"]


# ---- laws

_KEYS = st.sampled_from(
    [
        "contract",
        "as_of",
        "note",
        "readings",
        "milestones",
        "assessed",
        "facts",
        "parameters",
        "carried",
        "m",
        "2009",
        "value",
        "points",
    ]
) | st.text(max_size=4)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2009-11-12", "not done", "2009-02-30", "contract"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


def assert_placed(data: bytes) -> None:
    """Read without an exception; what is refused has a place and a code."""
    record, diagnostics = read("actuals.json", data)
    assert (record is None) == bool(diagnostics)
    for each in diagnostics:
        text = render(each, {})
        assert text.encode()
        assert each.code.startswith("RK")
        assert each.place.key or "line " in text or each.code in ("RK001", "RK613"), text
        assert each.hint


@settings(max_examples=300, deadline=None)
@given(_VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Whatever the values are."""
    assert_placed(json.dumps(value).encode())


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {"contract": st.just("a")}, optional=dict.fromkeys(json_reader._TOP_KEYS[1:], _VALUES)
    )
)
def test_any_entries_are_read_or_refused(value: object) -> None:
    """Whatever stands in the sections."""
    assert_placed(json.dumps(value).encode())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Whatever the bytes are."""
    assert_placed(data)


_PIECES = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "NaN",
    "null",
    "true",
    "1e99",
    "\\u0000",
    "\u202e",
    "å",
    "\0",
]


def mutant(chance: random.Random) -> bytes:
    """The good file with a few pieces cut, doubled, swapped or put in."""
    text = GOOD
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice((1, 1, 2, 5, 30)))
        new = chance.choice(["", text[start:end] * 2, chance.choice(_PIECES), text[start:end][::-1]])
        text = text[:start] + new + text[end:]
    data = bytearray(text.encode())
    if chance.random() < 0.1:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("seed", range(20))
def test_mutants_are_read_or_refused(seed: int) -> None:
    """A hundred damaged files each."""
    chance = random.Random(seed)
    for _ in range(100):
        assert_placed(mutant(chance))
