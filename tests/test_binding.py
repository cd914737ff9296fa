"""Binding gives each input what was known of it on a day, and nothing that was reported later."""

import datetime
import json
from fractions import Fraction
from typing import Any  # JSON values written in tests

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rkdsl.actuals.binding import Binding, bind, known_from
from rkdsl.actuals.json_reader import read
from rkdsl.actuals.previous import read_previous
from rkdsl.actuals.record import Record
from rkdsl.diagnostics import FINDING, render
from rkdsl.rules.possible import Possible, interval, known
from rkdsl.rules.tree import Field, Input, Item, Section, Tree
from rkdsl.values import DAY, DAYS, PERCENT, PLAIN, POINTS, TRUTH, WORD, State, Unit

CASES = Unit(above=("cases",))
DKK = Unit(above=("DKK",))
PRICE = Unit(above=("DKK",), below=("points",))
STATES = ("met", "partly met", "missed")

FIELDS = (
    Field("reading", "long_sick_leave", CASES, rhythm="month", low=Fraction(0), history=(
        ("2006-12", (Fraction(26239),)),
        ("2007-12", (Fraction(33282), Fraction(33346))),
    )),
    Field("reading", "service_score", PERCENT, rhythm="quarter", low=Fraction(0), high=Fraction(1),
          history=(("2008-Q4", (Fraction(4, 5),)),)),
    Field("reading", "half", PLAIN, rhythm="half-year"),
    Field("reading", "year", PLAIN, rhythm="year", low=Fraction(1)),
    Field("reading", "daily", PLAIN, rhythm="day", high=Fraction(1)),
    Field("reading", "spent", DKK, rhythm="year"),
    Field("reading", "delivered", DAY, rhythm="year", history=(("2008", (Fraction(733000),)),)),
    Field("milestone", "pk1.started", DAY),
    Field("milestone", "pk1.ended", DAY, low=Fraction(datetime.date(2009, 1, 1).toordinal()),
          high=Fraction(datetime.date(2009, 12, 31).toordinal())),
    Field("fact", "days_served", DAYS),
    Field("fact", "approved", TRUTH),
    Field("fact", "grade", WORD),
    Field("fact", "signed", DAY),
    Field("fact", "rate", Unit(above=("DKK",), below=("points",))),
    Field("fact", "start", DAY, low=Fraction(datetime.date(2009, 1, 1).toordinal())),
    Field("assessment", "pk2.rest", POINTS, low=Fraction(0), high=Fraction(50), roles=("ministry", "board")),
    Field("assessment", "pk3", POINTS),
    Field("fact", "mark", WORD, words=("low", "high", "1")),
    Field("fact", "step", PERCENT, choices=(Fraction(0), Fraction(1, 4), Fraction(1, 2))),
    Field("reading", "stars", PLAIN, rhythm="year", choices=(Fraction(1), Fraction(2))),
    Field("assessment", "rooms", POINTS, low=Fraction(0), high=Fraction(50),
          choices=(Fraction(0), Fraction(25), Fraction(50))),
    Field("parameter", "price", PRICE, rhythm="year", low=Fraction(0), history=(("2008", (Fraction(200),)),)),
    Field("parameter", "levy", PERCENT, may_not_apply=True),
    Field("parameter", "cut.low", PERCENT),
    Field("parameter", "cut.high", PERCENT),
    Field("parameter", "tariff.day", PLAIN, rhythm="quarter"),
    Field("carried", "m1.state", WORD, words=STATES),
    Field("carried", "m1.points", POINTS),
    Field("carried", "m1.share", PERCENT),
    Field("carried", "total.points", POINTS),
    Field("carried", "total.maximum", POINTS),
)  # fmt: skip
ITEMS = tuple(Item(id, "goal", "s", "", None, None, None, None, None, None) for id in ("m1", "m2"))
SECTIONS = (Section("s", "", "", None, None, None),)
TREE = Tree("ams", "", (Input("as_of", "", DAY),), (), (), SECTIONS, ITEMS, FIELDS, None, None, 0, POINTS)
END = datetime.date(2010, 3, 31)
Json = dict[str, Any]  # JSON values written in tests


def record_of(**sections: Any) -> Record:  # JSON values written in tests
    content = {"contract": "ams", **sections}
    record, diagnostics = read("actuals.json", json.dumps(content).encode())
    assert record is not None, [render(each, {}) for each in diagnostics]
    return record


def bound(today: datetime.date = END, /, **sections: Any) -> Binding:  # JSON values written in tests
    binding = bind(record_of(**sections), TREE, today)
    assert not any(each.is_error for each in binding.diagnostics), shown(binding)
    return binding


def value(binding: Binding, kind: str, key: str) -> Possible | None:
    given = binding.given.get((kind, key))
    return given.value if given else None


def shown(binding: Binding) -> str:
    return "\n".join(render(each, {}) for each in binding.diagnostics)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def ordinal(text: str) -> Fraction:
    return Fraction(day(text).toordinal())


def reading(entry: object, period: str = "2009-12", measure: str = "long_sick_leave") -> Json:
    return {"readings": {measure: {period: entry}}}


def parameter(entry: object, name: str = "price") -> Json:
    return {"parameters": {name: entry}}


# ---- values


@pytest.mark.parametrize(
    ("kind", "key", "section", "expected"),
    [
        ("reading", "long_sick_leave@2009-12", reading(26400), Fraction(26400)),
        ("reading", "service_score@2009-Q4", reading(80, "2009-Q4", "service_score"), Fraction(4, 5)),
        ("reading", "service_score@2009-Q4", reading(100, "2009-10..2009-12", "service_score"), Fraction(1)),
        ("reading", "delivered@2009", reading("2009-05-06", "2009", "delivered"), ordinal("2009-05-06")),
        ("reading", "spent@2009", reading(84.55, "2009", "spent"), Fraction(1691, 20)),
        ("reading", "daily@2009-12-01", reading(1, "2009-12-01", "daily"), Fraction(1)),
        ("milestone", "pk1.started", {"milestones": {"pk1.started": "2009-11-12"}}, ordinal("2009-11-12")),
        ("milestone", "pk1.ended", {"milestones": {"pk1.ended": "2009-12-31"}}, ordinal("2009-12-31")),
        ("fact", "days_served", {"facts": {"days_served": 364.5}}, Fraction(729, 2)),
        ("fact", "approved", {"facts": {"approved": False}}, False),
        ("fact", "grade", {"facts": {"grade": "good"}}, "good"),
        ("fact", "signed", {"facts": {"signed": "2009-01-02"}}, ordinal("2009-01-02")),
        (
            *("reading", "long_sick_leave@2009-12", reading({"not_applicable": "closed"})),
            State("not applicable", "closed"),
        ),
        (
            *("milestone", "pk1.started", {"milestones": {"pk1.started": {"not_applicable": "dropped"}}}),
            State("not applicable", "dropped"),
        ),
        ("fact", "mark", {"facts": {"mark": "low"}}, "low"),
        ("fact", "mark", {"facts": {"mark": "1"}}, "1"),
        ("fact", "step", {"facts": {"step": 25}}, Fraction(1, 4)),
        ("reading", "stars@2009", reading(2, "2009", "stars"), Fraction(2)),
        (
            *("assessment", "rooms"),
            {"assessed": {"rooms": {"points": 25, "by": "board", "reason": "r"}}},
            Fraction(25),
        ),
        ("parameter", "price@2009", parameter({"2009": 201.16}), Fraction(20116, 100)),
        ("parameter", "price@2009", parameter({"2009-01..2009-12": {"value": 203.125}}), Fraction(1625, 8)),
        ("parameter", "levy", parameter(3, "levy"), Fraction(3, 100)),
        (
            *("parameter", "levy", parameter({"not_applicable": "no rate"}, "levy")),
            State("not applicable", "no rate"),
        ),
        ("parameter", "cut.low", parameter({"low": 45, "high": 70}, "cut"), Fraction(45, 100)),
        ("parameter", "cut.high", parameter(70, "cut.high"), Fraction(70, 100)),
        ("parameter", "tariff.day@2009-Q4", parameter({"day": {"2009-Q4": 5}}, "tariff"), Fraction(5)),
        ("carried", "m1.state", {"carried": {"m1": {"state": "missed"}}}, "missed"),
        ("carried", "m1.points", {"carried": {"m1": {"points": 0}}}, Fraction(0)),
        ("carried", "m1.share", {"carried": {"m1.share": 80}}, Fraction(4, 5)),
        (
            *("carried", "m1.state", {"carried": {"m1": {"state": "not applicable"}}}),
            State("not applicable", "in the previous period"),
        ),
        (
            *("carried", "total.points", {"carried": {"total": {"points": {"not_applicable": "new"}}}}),
            State("not applicable", "new"),
        ),
        (
            "carried",
            "m2.state",
            {"carried": {"m2": {"state": "not applicable"}}},
            State("not applicable", "in the previous period"),
        ),
        ("carried", "s.maximum", {"carried": {"s": {"maximum": 7}}}, Fraction(7)),
    ],
)
def test_a_report_is_given_as_the_tree_holds_it(
    kind: str, key: str, section: Json, expected: Fraction | bool | str | State
) -> None:
    """Scaled by its unit, days as ordinals, states with their reason."""
    assert value(bound(**section), kind, key) == known(expected)


def test_the_day_itself_is_given() -> None:
    """As the input `as_of`."""
    assert value(bound(), "as_of", "") == known(Fraction(END.toordinal()))


@pytest.mark.parametrize(
    ("entry", "record_as_of", "as_of", "first"),
    [
        ("not done", None, "2010-03-31", "2010-04-01"),
        ("not done", "2010-01-31", "2010-03-31", "2010-02-01"),
        ({"value": "not done", "reported": "2009-12-15"}, "2010-01-31", "2010-03-31", "2009-12-16"),
    ],
)
def test_not_done_leaves_every_later_day(
    entry: object, record_as_of: str | None, as_of: str, first: str
) -> None:
    """From the day after it was said, without end."""
    binding = bound(day(as_of), as_of=record_as_of, milestones={"pk1.started": entry})
    expected = Possible(interval(ordinal(first), None, whole=True))
    assert value(binding, "milestone", "pk1.started") == expected


def test_the_source_of_a_value_is_said() -> None:
    """File, key, day, source, who and why, and what it corrects."""
    chain = [
        {"value": 26400, "reported": "2010-01-15", "source": "jobindsats.dk"},
        {"value": 26450, "reported": "2010-02-15", "corrects": "2010-01-15"},
    ]
    early, later = (bound(day(when), **reading(chain)).given for when in ("2010-01-31", "2010-02-15"))
    key = ("reading", "long_sick_leave@2009-12")
    path = "actuals.json readings.long_sick_leave.2009-12"
    assert early[key].source == f"{path}[0], reported 2010-01-15, jobindsats.dk"
    assert later[key].source == f"{path}[1], reported 2010-02-15, corrects 2010-01-15"
    assessed = {"pk2.rest": {"points": 40, "by": "ministry", "reason": "on time"}}
    source = bound(assessed=assessed).given["assessment", "pk2.rest"].source
    assert source == "actuals.json assessed.pk2.rest, by ministry, on time"
    against = bound(**reading({"value": 1, "corrects": "contract"}, "2006-12")).given
    assert against["reading", "long_sick_leave@2006-12"].source.endswith("2006-12, corrects the contract")


# ---- what is known when


@pytest.mark.parametrize(
    ("section", "first"),
    [
        (reading(1), "2009-12-31"),
        (reading({"value": 1, "reported": "2010-01-15"}), "2010-01-15"),
        (reading({"not_applicable": "closed"}), "2009-12-31"),
        (reading({"not_applicable": "closed", "reported": "2009-03-01"}), "2009-03-01"),
        ({"milestones": {"pk1.started": "2009-11-12"}}, "2009-11-12"),
        ({"milestones": {"pk1.started": {"value": "2009-11-12", "reported": "2009-12-01"}}}, "2009-12-01"),
        ({"milestones": {"pk1.started": "not done"}, "as_of": "2010-01-31"}, "2010-01-31"),
        ({"facts": {"days_served": 1}, "as_of": "2010-01-31"}, "2010-01-31"),
        (
            {"facts": {"days_served": {"value": 1, "reported": "2010-02-01"}}, "as_of": "2010-01-31"},
            "2010-02-01",
        ),
        ({"assessed": {"pk3": {"points": 1, "by": "b", "reason": "r"}}, "as_of": "2010-01-31"}, "2010-01-31"),
        ({**parameter({"2010": 1}), "as_of": "2010-01-31"}, "2010-01-31"),
        (parameter({"2010": {"value": 1, "reported": "2009-11-20"}}), "2009-11-20"),
        ({"carried": {"m1": {"state": "met"}}, "as_of": "2010-01-31"}, "2010-01-31"),
    ],
)
def test_a_report_is_known_from_its_day(section: Json, first: str) -> None:
    """A day earlier it is a gap, and is told as late."""
    before = bound(day(first) - datetime.timedelta(1), **section)
    assert set(before.given) == {("as_of", "")}
    assert len(before.late) == 1
    after = bound(day(first), **section)
    assert len(after.given) == 2
    assert after.late == ()


def test_without_a_day_of_the_record_facts_are_always_known() -> None:
    """There is nothing to date them by."""
    assert value(bound(datetime.date.min, facts={"approved": True}), "fact", "approved") == known(True)


# ---- corrections


def chain(*entries: tuple[int, str, str | None]) -> Json:
    return reading([{"value": v, "reported": r, "corrects": c} for v, r, c in entries])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)], ids=["in order", "backwards", "mixed"])
def test_the_last_known_of_a_chain_holds(order: tuple[int, ...]) -> None:
    """In whatever order its entries stand."""
    entries = [(10, "2010-01-15", None), (20, "2010-02-15", "2010-01-15"), (30, "2010-03-15", "2010-02-15")]
    section = chain(*(entries[index] for index in order))
    found = [
        value(bound(day(when), **section), "reading", "long_sick_leave@2009-12")
        for when in ("2010-01-14", "2010-01-15", "2010-02-20", "2010-03-15")
    ]
    assert found == [None, known(Fraction(10)), known(Fraction(20)), known(Fraction(30))]


def test_a_correction_of_the_same_day_follows_what_it_corrects() -> None:
    """The order of the file decides between reports of one day."""
    section = chain(
        (10, "2010-01-15", None), (20, "2010-01-15", "2010-01-15"), (30, "2010-02-15", "2010-01-15")
    )
    found = [
        value(bound(day(when), **section), "reading", "long_sick_leave@2009-12")
        for when in ("2010-01-15", "2010-03-01")
    ]
    assert found == [known(Fraction(20)), known(Fraction(30))]


def test_a_report_without_a_day_is_corrected_by_the_day_it_is_known_from() -> None:
    """The last day of its period."""
    section = reading([10, {"value": 20, "reported": "2010-02-15", "corrects": "2009-12-31"}])
    assert value(bound(**section), "reading", "long_sick_leave@2009-12") == known(Fraction(20))


# ---- the contract's own history


def test_history_that_agrees_is_no_finding() -> None:
    """Also when it is scaled."""
    assert bound(**reading(26239, "2006-12")).diagnostics == ()
    assert bound(**reading(80, "2008-Q4", "service_score")).diagnostics == ()


def test_history_that_differs_leaves_both() -> None:
    """The hull of everything stated, and a finding."""
    binding = bound(**reading(33300, "2007-12"))
    found = value(binding, "reading", "long_sick_leave@2007-12")
    assert found is not None
    assert found.numbers is not None
    assert (found.numbers.low, found.numbers.high) == (Fraction(33282), Fraction(33346))
    assert [each.severity for each in binding.diagnostics] == [FINDING]
    source = binding.given["reading", "long_sick_leave@2007-12"].source
    assert source.endswith(", beside the contract's 33_282 cases and 33_346 cases")


def test_one_of_several_stated_figures_does_not_govern_by_being_reported() -> None:
    """Nothing says which one holds."""
    found = value(bound(**reading(33346, "2007-12")), "reading", "long_sick_leave@2007-12")
    assert found is not None
    assert not found.is_settled


def test_a_correction_of_the_contract_holds() -> None:
    """And so does what corrects it in its turn."""
    one = {"value": 26000, "reported": "2009-02-01", "corrects": "contract"}
    two = {"value": 26001, "reported": "2009-03-01", "corrects": "2009-02-01"}
    binding = bound(**reading([one, two], "2006-12"))
    assert value(binding, "reading", "long_sick_leave@2006-12") == known(Fraction(26001))
    assert binding.diagnostics == ()


def test_what_does_not_apply_is_that_state_beside_any_history() -> None:
    """A state is no other figure."""
    binding = bound(**reading({"not_applicable": "closed"}, "2006-12"))
    assert ["RK634"] == [each.code for each in binding.diagnostics]
    assert value(binding, "reading", "long_sick_leave@2006-12") == known(State("not applicable", "closed"))


def test_a_published_parameter_beside_what_the_contract_states() -> None:
    """As for readings: a finding and anything between, unless it corrects the contract."""
    binding = bound(**parameter({"2008": 201}))
    assert ["RK633"] == [each.code for each in binding.diagnostics]
    found = value(binding, "parameter", "price@2008")
    assert found is not None
    assert not found.is_settled
    holds = bound(**parameter({"2008": {"value": 201, "corrects": "contract"}}))
    assert value(holds, "parameter", "price@2008") == known(Fraction(201))
    assert holds.diagnostics == ()


def test_only_what_may_not_apply_does_so_without_a_finding() -> None:
    """A parameter like a measure or fact."""
    assert bound(**parameter({"not_applicable": "n"}, "levy")).diagnostics == ()
    assert ["RK634"] == [
        each.code for each in bound(**parameter({"2009": {"not_applicable": "n"}})).diagnostics
    ]


def test_a_difference_reported_later_is_not_found_yet() -> None:
    """Findings too are as of the day."""
    section = reading({"value": 1, "reported": "2010-02-01"}, "2006-12")
    assert bound(day("2010-01-31"), **section).diagnostics == ()


# ---- the message of every code

MESSAGES: dict[str, tuple[Json, str]] = {
    "contract": (
        {"contract": "amss"},
        """\
actuals.json: contract: error RK621: actuals of another contract
  the file is for `amss`, the contract is `ams`
  hint: choose the other file, or write `ams` here""",
    ),
    "near name": (
        {"readings": {"long_sik_leave": {"2009-12": 1, "2009-11": 2}}},
        """\
actuals.json: readings.long_sik_leave: error RK622: a name the contract does not have
  the contract has nothing called `long_sik_leave` under `readings`
  hint: did you mean `long_sick_leave`?""",
    ),
    "other section": (
        {"facts": {"pk1.started": "2009-11-12"}},
        """\
actuals.json: facts.pk1.started: error RK622: a name the contract does not have
  the contract has nothing called `pk1.started` under `facts`
  hint: `pk1.started` belongs under `milestones`: move it there""",
    ),
    "no name": (
        {"facts": {"x": 1}},
        """\
actuals.json: facts.x: error RK622: a name the contract does not have
  the contract has nothing called `x` under `facts`
  hint: remove it, or let the contract name it first""",
    ),
    "year for month": (
        reading(1, "2009"),
        """\
actuals.json: readings.long_sick_leave.2009: error RK623: a period of another length
  `2009` is a year, and `long_sick_leave` is read each month
  hint: report it for each month, as in `2009-12`""",
    ),
    "month for quarter": (
        reading(1, "2009-08", "service_score"),
        """\
actuals.json: readings.service_score.2009-08: error RK623: a period of another length
  `2009-08` is a month, and `service_score` is read each quarter
  hint: report it for each quarter, as in `2009-Q3`""",
    ),
    "run of days": (
        reading(1, "2009-03..2009-05", "half"),
        """\
actuals.json: readings.half.2009-03..2009-05: error RK623: a period of another length
  `2009-03..2009-05` is a run of days, and `half` is read each half-year
  hint: report it for each half-year, as in `2009-H1`""",
    ),
    "year for day": (
        reading(1, "2009", "daily"),
        """\
actuals.json: readings.daily.2009: error RK623: a period of another length
  `2009` is a year, and `daily` is read each day
  hint: report it for each day, as in `2009-12-31`""",
    ),
    "truth for count": (
        reading(True),
        """\
actuals.json: readings.long_sick_leave.2009-12: error RK624: not what the contract measures
  found true; `long_sick_leave` is a whole number of cases
  hint: write a whole number of cases""",
    ),
    "number for truth": (
        {"facts": {"approved": 1}},
        """\
actuals.json: facts.approved: error RK624: not what the contract measures
  found the number `1`; `approved` is true or false
  hint: write true or false""",
    ),
    "word for day": (
        {"facts": {"signed": "yes"}},
        """\
actuals.json: facts.signed: error RK624: not what the contract measures
  found the word `yes`; `signed` is a day, as in 2009-11-12
  hint: write a day, as in 2009-11-12""",
    ),
    "day for money": (
        reading("2009-11-12", "2009", "spent"),
        """\
actuals.json: readings.spent.2009: error RK624: not what the contract measures
  found the day `2009-11-12`; `spent` is an amount in DKK
  hint: write an amount in DKK""",
    ),
    "truth for a rate and a number": (
        {"facts": {"rate": False}, **reading(False, "2009", "year")},
        """\
actuals.json: facts.rate: error RK624: not what the contract measures
  found false; `rate` is a number in DKK per points
  hint: write a number in DKK per points
actuals.json: readings.year.2009: error RK624: not what the contract measures
  found false; `year` is a number
  hint: write a number""",
    ),
    "number for word": (
        {"facts": {"grade": 4}},
        """\
actuals.json: facts.grade: error RK624: not what the contract measures
  found the number `4`; `grade` is a word
  hint: write a word""",
    ),
    "word for number": (
        {"facts": {"days_served": "26,5 %"}},
        """\
actuals.json: facts.days_served: error RK609: another kind of value is expected
  found the text `26,5 %`, expected a number in days
  hint: write the number without quotes, as in 26450 or 26.5""",
    ),
    "quoted count": (
        {"carried": {"total": {"points": "870"}}},
        """\
actuals.json: carried.total.points: error RK609: another kind of value is expected
  found the text `870`, expected a number in points
  hint: write the number without quotes: 870""",
    ),
    "number for one of the words": (
        {"facts": {"mark": 4}},
        """\
actuals.json: facts.mark: error RK624: not what the contract measures
  found the number `4`; `mark` is `low`, `high` or `1`
  hint: write `low`, `high` or `1`""",
    ),
    "misspelt word": (
        {"facts": {"mark": "hihg"}},
        """\
actuals.json: facts.mark: error RK635: not one of its words
  found `hihg`; `mark` is `low`, `high` or `1`
  hint: did you mean `high`?""",
    ),
    "another word": (
        {"facts": {"mark": "fair"}},
        """\
actuals.json: facts.mark: error RK635: not one of its words
  found `fair`; `mark` is `low`, `high` or `1`
  hint: another word is refused: write one of these""",
    ),
    "state that is none": (
        {"carried": {"m1": {"state": "mised"}, "m2": {"state": "done"}}},
        """\
actuals.json: carried.m1.state: error RK635: not one of its words
  found `mised`; `m1.state` is `met`, `partly met` or `missed`
  hint: did you mean `missed`?
actuals.json: carried.m2.state: error RK635: not one of its words
  found `done`; `m2.state` is `met`, `partly met` or `missed`
  hint: another word is refused: write one of these""",
    ),
    "another grade": (
        {"assessed": {"rooms": {"points": 30.5, "by": "board", "reason": "r"}}, "facts": {"step": 100}},
        """\
actuals.json: assessed.rooms: error RK636: not one of its numbers
  found `30.5 points`; `rooms` is `0 points`, `25 points` or `50 points`
  hint: another grade is refused: give one of these
actuals.json: facts.step: error RK636: not one of its numbers
  found `100 %`; `step` is `0 %`, `25 %` or `50 %`
  hint: another grade is refused: give one of these""",
    ),
    "parameter under facts": (
        {"facts": {"levy": 3, "cut": 45}, **reading(201.16, "2009", "price")},
        """\
actuals.json: facts.cut: error RK622: a name the contract does not have
  the contract has nothing called `cut` under `facts`
  hint: `cut` belongs under `parameters`: move it there
actuals.json: facts.levy: error RK622: a name the contract does not have
  the contract has nothing called `levy` under `facts`
  hint: `levy` belongs under `parameters`: move it there
actuals.json: readings.price: error RK622: a name the contract does not have
  the contract has nothing called `price` under `readings`
  hint: `price` belongs under `parameters`: move it there""",
    ),
    "fact under parameters": (
        {"parameters": {"days_served": 3, "long_sick_leave": {"2009-12": 1}}},
        """\
actuals.json: parameters.days_served: error RK622: a name the contract does not have
  the contract has nothing called `days_served` under `parameters`
  hint: `days_served` belongs under `facts`: move it there
actuals.json: parameters.long_sick_leave: error RK622: a name the contract does not have
  the contract has nothing called `long_sick_leave` under `parameters`
  hint: `long_sick_leave` belongs under `readings`: move it there""",
    ),
    "columns": (
        {"parameters": {"cut": {"lo": 1, "high": 70}, "tariff": 5, "levy": {"valeu": 3}}},
        """\
actuals.json: parameters.cut.lo: error RK622: a name the contract does not have
  the contract has nothing called `cut.lo` under `parameters`
  hint: did you mean `cut.low`?
actuals.json: parameters.levy.valeu: error RK637: another shape than the parameter has
  `levy` is one value, and has no `valeu`
  hint: write its value alone, or an object with `value`
actuals.json: parameters.tariff: error RK637: another shape than the parameter has
  `tariff` is a row of numbers, `day`
  hint: write `"tariff": {"day": …}`""",
    ),
    "row of numbers": (
        parameter(45, "cut"),
        """\
actuals.json: parameters.cut: error RK637: another shape than the parameter has
  `cut` is a row of numbers, `low` and `high`
  hint: write `"cut": {"low": …, "high": …}`""",
    ),
    "period missing": (
        {"parameters": {"price": 201.16, "tariff": {"day": 5}}},
        """\
actuals.json: parameters.price: error RK637: another shape than the parameter has
  `price` has a value for each year, and no year is named
  hint: report it for each year, as in `{"2009": …}`
actuals.json: parameters.tariff.day: error RK637: another shape than the parameter has
  `tariff.day` has a value for each quarter, and no quarter is named
  hint: report it for each quarter, as in `{"2009-Q3": …}`""",
    ),
    "period too many": (
        {"parameters": {"levy": {"2009": 3}, "cut": {"low": {"2009": 45}}}},
        """\
actuals.json: parameters.cut.low.2009: error RK637: another shape than the parameter has
  `cut.low` has no periods, found `2009`
  hint: write its value without a period
actuals.json: parameters.levy.2009: error RK637: another shape than the parameter has
  `levy` has no periods, found `2009`
  hint: write its value without a period""",
    ),
    "period of another length": (
        parameter({"2009-12": 5}),
        """\
actuals.json: parameters.price.2009-12: error RK623: a period of another length
  `2009-12` is a month, and `price` is read each year
  hint: report it for each year, as in `2009`""",
    ),
    "parameter out of range": (
        parameter({"2009": -5}),
        """\
actuals.json: parameters.price.2009: error RK626: outside its range
  found `-5 DKK per points`; the range of `price` is 0 DKK per points or more
  hint: check the figure, or the range of `price` in the contract""",
    ),
    "carried": (
        {"carried": {"m1": {"sate": "met"}, "m9": {"state": "met"}}},
        """\
actuals.json: carried.m1.sate: error RK622: a name the contract does not have
  the contract has nothing called `m1.sate` under `carried`
  hint: did you mean `m1.state`?
actuals.json: carried.m9.state: error RK622: a name the contract does not have
  the contract has nothing called `m9.state` under `carried`
  hint: did you mean `m1.state`?""",
    ),
    "names without a report": (
        {
            "readings": {"long_sik_leave": {}, "visits": {"2009": None}, "spent": {"2009-12": None}},
            "milestones": {"pk1.start": None},
            "facts": {"levy": None, "grad": []},
            "assessed": {"pk4": None},
            "parameters": {"prise": None, "cut": {"lo": None}, "grade": {}},
            "carried": {"m9": None, "m1": {"sate": None}},
        },
        """\
actuals.json: assessed.pk4: error RK622: a name the contract does not have
  the contract has nothing called `pk4` under `assessed`
  hint: remove it, or let the contract name it first
actuals.json: carried.m1.sate: error RK622: a name the contract does not have
  the contract has nothing called `m1.sate` under `carried`
  hint: did you mean `m1.state`?
actuals.json: carried.m9: error RK622: a name the contract does not have
  the contract has nothing called `m9` under `carried`
  hint: remove it, or let the contract name it first
actuals.json: facts.grad: error RK622: a name the contract does not have
  the contract has nothing called `grad` under `facts`
  hint: did you mean `grade`?
actuals.json: facts.levy: error RK622: a name the contract does not have
  the contract has nothing called `levy` under `facts`
  hint: `levy` belongs under `parameters`: move it there
actuals.json: milestones.pk1.start: error RK622: a name the contract does not have
  the contract has nothing called `pk1.start` under `milestones`
  hint: did you mean `pk1.started`?
actuals.json: parameters.cut.lo: error RK622: a name the contract does not have
  the contract has nothing called `cut.lo` under `parameters`
  hint: did you mean `cut.low`?
actuals.json: parameters.grade: error RK622: a name the contract does not have
  the contract has nothing called `grade` under `parameters`
  hint: `grade` belongs under `facts`: move it there
actuals.json: parameters.prise: error RK622: a name the contract does not have
  the contract has nothing called `prise` under `parameters`
  hint: did you mean `price`?
actuals.json: readings.long_sik_leave: error RK622: a name the contract does not have
  the contract has nothing called `long_sik_leave` under `readings`
  hint: did you mean `long_sick_leave`?
actuals.json: readings.spent.2009-12: error RK623: a period of another length
  `2009-12` is a month, and `spent` is read each year
  hint: report it for each year, as in `2009`
actuals.json: readings.visits: error RK622: a name the contract does not have
  the contract has nothing called `visits` under `readings`
  hint: remove it, or let the contract name it first""",
    ),
    "half a case": (
        reading(26400.5),
        """\
actuals.json: readings.long_sick_leave.2009-12: error RK625: finer than its unit
  found `26400.5`; cases are whole numbers
  hint: write the figure as it was counted""",
    ),
    "thousands": (
        reading(26.675),
        """\
actuals.json: readings.long_sick_leave.2009-12: error RK625: finer than its unit
  found `26.675`; cases are whole numbers
  hint: in actuals `.` is the decimal mark: write 26675 if thousands are meant""",
    ),
    "money": (
        reading(10.0051, "2009", "spent"),
        """\
actuals.json: readings.spent.2009: error RK625: finer than its unit
  found `10.0051`; amounts in DKK have at most two decimals
  hint: write the figure as it was counted""",
    ),
    "range": (
        reading(105, "2009-Q4", "service_score"),
        """\
actuals.json: readings.service_score.2009-Q4: error RK626: outside its range
  found `105 %`; the range of `service_score` is 0 % to 100 %
  hint: check the figure, or the range of `service_score` in the contract""",
    ),
    "low end": (
        reading(-1),
        """\
actuals.json: readings.long_sick_leave.2009-12: error RK626: outside its range
  found `-1 cases`; the range of `long_sick_leave` is 0 cases or more
  hint: check the figure, or the range of `long_sick_leave` in the contract""",
    ),
    "days": (
        {"milestones": {"pk1.ended": "2010-01-01"}, "facts": {"start": "2008-12-31"}},
        """\
actuals.json: facts.start: error RK626: outside its range
  found `2008-12-31`; the range of `start` is from 2009-01-01
  hint: check the figure, or the range of `start` in the contract
actuals.json: milestones.pk1.ended: error RK626: outside its range
  found `2010-01-01`; the range of `pk1.ended` is from 2009-01-01 to 2009-12-31
  hint: check the figure, or the range of `pk1.ended` in the contract""",
    ),
    "forecast": (
        reading({"value": 1, "reported": "2009-12-15"}),
        """\
actuals.json: readings.long_sick_leave.2009-12.reported: error RK627: reported before it happened
  reported 2009-12-15, but 2009-12 ends 2009-12-31
  hint: a forecast is not a report: give the day on which it was known""",
    ),
    "planned": (
        {"milestones": {"pk1.started": {"value": "2009-11-12", "reported": "2009-11-11"}}},
        """\
actuals.json: milestones.pk1.started.reported: error RK627: reported before it happened
  reported 2009-11-11, but it was done 2009-11-12
  hint: a forecast is not a report: give the day on which it was known""",
    ),
    "future": (
        {"as_of": "2009-11-11", "milestones": {"pk1.started": "2009-11-12"}},
        """\
actuals.json: milestones.pk1.started: error RK628: a day that has not come
  done 2009-11-12, but the file is as of 2009-11-11
  hint: a plan or forecast is not a report: write `null` or `not done`, or say when it was `reported`""",
    ),
    "twice": (
        reading([{"value": 1, "reported": "2010-01-15"}, {"value": 1, "reported": "2010-02-15"}]),
        """\
actuals.json: readings.long_sick_leave.2009-12[1]: error RK629: reported twice
  another report of the same, and it does not say which one it corrects
  see actuals.json: readings.long_sick_leave.2009-12[0]
  reported here before
  hint: add `"corrects": "2010-01-15"` if it takes the place of the earlier one""",
    ),
    "twice without days": (
        {"facts": {"approved": [True, False]}},
        """\
actuals.json: facts.approved[1]: error RK629: reported twice
  another report of the same, and it does not say which one it corrects
  see actuals.json: facts.approved[0]
  reported here before
  hint: keep one, or give the first a `reported` day that the other `corrects`""",
    ),
    "corrects nothing": (
        reading({"value": 1, "reported": "2010-02-15", "corrects": "2010-01-15"}),
        """\
actuals.json: readings.long_sick_leave.2009-12.corrects: error RK630: a correction of nothing
  it corrects a report of 2010-01-15, and there is none before it
  hint: remove `corrects`: there is no earlier report of it""",
    ),
    "corrects another day": (
        chain((1, "2010-01-15", None), (2, "2010-02-15", "2010-01-14")),
        """\
actuals.json: readings.long_sick_leave.2009-12[1].corrects: error RK630: a correction of nothing
  it corrects a report of 2010-01-14, and there is none before it
  hint: earlier reports of it: `2010-01-15`""",
    ),
    "corrects what comes later": (
        chain((1, "2010-01-15", "2010-02-15"), (2, "2010-02-15", "2010-01-15")),
        """\
actuals.json: readings.long_sick_leave.2009-12[0].corrects: error RK630: a correction of nothing
  it corrects a report of 2010-02-15, and there is none before it
  hint: remove `corrects`: there is no earlier report of it""",
    ),
    "corrects no figure": (
        reading({"value": 1, "corrects": "contract"}),
        """\
actuals.json: readings.long_sick_leave.2009-12.corrects: error RK630: a correction of nothing
  it corrects the contract, which states no figure of `long_sick_leave` for 2009-12
  hint: remove `corrects`""",
    ),
    "corrects no fact": (
        {"facts": {"approved": {"value": True, "corrects": "contract"}}},
        """\
actuals.json: facts.approved.corrects: error RK630: a correction of nothing
  it corrects the contract, which states no figure of `approved`
  hint: remove `corrects`""",
    ),
    "corrected twice": (
        chain((1, "2010-01-15", None), (2, "2010-02-15", "2010-01-15"), (3, "2010-03-15", "2010-01-15")),
        """\
actuals.json: readings.long_sick_leave.2009-12[2].corrects: error RK631: corrected twice
  the report of 2010-01-15 has been corrected
  see actuals.json: readings.long_sick_leave.2009-12[1]
  here
  hint: write `"corrects": "2010-02-15"` if it takes the place of the latest""",
    ),
    "role": (
        {"assessed": {"pk2.rest": {"points": 4, "by": "minstry", "reason": "r"}}},
        """\
actuals.json: assessed.pk2.rest.by: error RK632: assessed by another role
  found `minstry`; `pk2.rest` is assessed by `ministry` or `board`
  hint: did you mean `ministry`?""",
    ),
    "no role": (
        {"assessed": {"pk2.rest": {"points": 4, "by": "auditor", "reason": "r"}}},
        """\
actuals.json: assessed.pk2.rest.by: error RK632: assessed by another role
  found `auditor`; `pk2.rest` is assessed by `ministry` or `board`
  hint: only `ministry` or `board` may assess it""",
    ),
    "history": (
        reading(33300, "2007-12"),
        """\
actuals.json: readings.long_sick_leave.2007-12: finding RK633: the contract states another figure
  found `33_300 cases`; the contract states `33_282 cases` and `33_346 cases` for `long_sick_leave` in 2007-12
  nothing says which one holds: the value is taken as anything between them
  hint: add `"corrects": "contract"` if the new figure holds""",
    ),
    "history of days": (
        reading("2008-03-01", "2008", "delivered"),
        """\
actuals.json: readings.delivered.2008: finding RK633: the contract states another figure
  found `2008-03-01`; the contract states `2007-11-20` for `delivered` in 2008
  nothing says which one holds: the value is taken as anything between them
  hint: add `"corrects": "contract"` if the new figure holds""",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    """What an author reads about each mistake; with an error nothing is given."""
    sections, message = MESSAGES[name]
    binding = bind(record_of(**sections), TREE, END)
    assert message == shown(binding)
    assert bool(binding.given) == ("finding" in message)


def test_a_reading_of_a_measure_without_rhythm_may_have_any_period() -> None:
    """There is nothing it could contradict."""
    tree = TREE._replace(fields=(Field("reading", "m", PLAIN),))
    binding = bind(record_of(readings={"m": {"2009": 1, "2009-12": 2}}), tree, END)
    assert set(binding.given) == {("as_of", ""), ("reading", "m@2009"), ("reading", "m@2009-12")}


def test_a_milestone_reported_after_the_day_of_the_file_is_late() -> None:
    """Like a reading reported later, it is kept for later days."""
    entry = {"value": "2010-02-10", "reported": "2010-02-15"}
    section: Json = {"as_of": "2010-01-31", "milestones": {"pk1.started": entry}}
    assert [report.key for report in bound(day("2010-01-31"), **section).late] == ["milestones.pk1.started"]
    assert value(bound(**section), "milestone", "pk1.started") == known(ordinal("2010-02-10"))


def test_names_without_a_report_are_names() -> None:
    """All that a file may name before there is anything to report."""
    binding = bound(
        readings={"long_sick_leave": None, "spent": {"2009": None}},
        milestones={"pk1.started": None},
        facts={"mark": []},
        assessed={"pk3": {"points": None}},
        parameters={"price": {"2009": None}, "cut": {}, "levy": None, "tariff": {"day": None}},
        carried={"m1": None, "m2": {"state": None}, "total": {}, "s": {"share": None}},
    )
    assert set(binding.given) == {("as_of", "")}


# ---- the outcome of the period before

OUTCOME: Json = {
    "format": "rkdsl-outcome/1",
    "contract": "ams",
    "as_of": "2010-01-31",
    "unit": "points",
    "state": "settled",
    "points": {"secured": 4.285714285714, "secured_exact": "30/7", "possible": 4.285714285714,
               "possible_exact": "30/7", "maximum": 10},
    "items": [
        {"id": "m1", "state": "partly met", "may_become": [],
         "points": {"secured": 4, "possible": 4, "maximum": 5}},
    ],
    "sections": [],
}  # fmt: skip


def with_outcome(changes: Json, today: datetime.date = END, /, **sections: Any) -> Binding:  # JSON values
    """The binding beside an outcome in which something is changed; `m1` changes the item."""
    m1 = {**OUTCOME["items"][0], **changes.get("m1", {})}
    data = {**OUTCOME, "items": [m1], **{key: each for key, each in changes.items() if key != "m1"}}
    previous, mistakes = read_previous("before.json", json.dumps(data).encode())
    assert previous is not None, mistakes
    return bind(record_of(**sections), TREE, today, previous)


def test_what_is_carried_over_is_read_from_the_outcome() -> None:
    """The exact figures, with where they come from; the share is reckoned."""
    binding = with_outcome({})
    assert binding.diagnostics == ()
    found = {key: each.value.settled for (kind, key), each in binding.given.items() if kind == "carried"}
    assert found == {
        "m1.state": "partly met",
        "m1.points": Fraction(4),
        "m1.share": Fraction(4, 5),
        "total.points": Fraction(30, 7),
        "total.maximum": Fraction(10),
    }
    source = binding.given["carried", "m1.state"].source
    assert source == "before.json items[0].state, ams as of 2010-01-31"
    assert binding.given["carried", "total.points"].source.startswith("before.json points, ")


@pytest.mark.parametrize(
    ("m1", "state", "points"),
    [
        ({"state": "not applicable", "points": None}, "not applicable", "not applicable"),
        ({"state": "not defined", "points": None}, "not defined", "not defined"),
        ({"state": "missed", "points": None}, "missed", None),
        ({"state": "pending"}, None, None),
        ({"state": "not known", "points": {"secured": 0, "possible": 5, "maximum": 5}}, None, None),
        ({"state": "met", "may_become": ["not applicable (x)"]}, None, None),
        ({"state": "met", "points": {"secured": 0, "possible": None, "maximum": None}}, None, None),
        ({"state": "met", "points": {"secured": 0, "possible": 0, "maximum": None}}, "met", 0),
        ({"state": "met", "points": {"secured": 0, "possible": 0, "maximum": 0}}, "met", 0),
    ],
)
def test_what_was_open_then_stays_not_known(m1: Json, state: str | None, points: object) -> None:
    """With a finding that says why; what did not apply is that state."""
    binding = with_outcome({"m1": m1})
    values = [value(binding, "carried", key) for key in ("m1.state", "m1.points")]
    settled = [each and each.settled for each in values]
    assert [each.kind if isinstance(each, State) else each for each in settled] == [state, points]
    assert {each.code for each in binding.diagnostics} <= {"RK641"}
    missing = [key for kind, key in ((f.kind, f.id) for f in FIELDS) if kind == "carried"
               and (kind, key) not in binding.given]  # fmt: skip
    assert len(missing) == len(binding.diagnostics)


def test_a_share_of_nothing_is_not_defined() -> None:
    """As in the evaluator."""
    found = value(
        with_outcome({"m1": {"points": {"secured": 0, "possible": 0, "maximum": 0}}}), "carried", "m1.share"
    )
    assert found == known(State("not defined", "division by zero"))


OUTCOMES: dict[str, tuple[Json, Json, str]] = {
    "other contract": (
        {"contract": "ams2009"},
        {},
        """\
before.json: contract: finding RK640: an outcome of another contract
  the outcome is of `ams2009`, the contract is `ams`
  hint: it is taken: make sure that it is the contract of the period before""",
    ),
    "later day": (
        {"as_of": "2010-04-01"},
        {},
        """\
before.json: as_of: finding RK641: not known from the previous outcome
  the outcome is as of 2010-04-01: nothing of it is known on 2010-03-31
  hint: reckon it as of 2010-03-31 or earlier""",
    ),
    "no such item": (
        {"items": []},
        {"carried": {"m1": {"points": 3, "share": 60}}},
        """\
before.json: items: finding RK641: not known from the previous outcome
  the outcome has nothing called `m1`: `m1.state` stays not known
  hint: give it in the actuals, under `carried`, once it is known""",
    ),
    "near name": (
        {"items": [{**OUTCOME["items"][0], "id": "M1"}]},
        {"carried": {"m1": {"points": 3, "share": 60}}},
        """\
before.json: items: finding RK641: not known from the previous outcome
  the outcome has nothing called `m1`: `m1.state` stays not known
  hint: did you mean `M1`?""",
    ),
    "open": (
        {"m1": {"state": "pending", "points": {"secured": 0, "possible": 5, "maximum": 5}}},
        {"carried": {"m1": {"points": 3}}},
        """\
before.json: items[0].points: finding RK641: not known from the previous outcome
  the outcome says `pending` of `m1`: `m1.share` stays not known
  hint: give it in the actuals, under `carried`, once it is known
before.json: items[0].state: finding RK641: not known from the previous outcome
  the outcome says `pending` of `m1`: `m1.state` stays not known
  hint: give it in the actuals, under `carried`, once it is known""",
    ),
    "no points": (
        {"m1": {"points": None}},
        {"carried": {"m1": {"share": 80}}},
        """\
before.json: items[0].points: finding RK641: not known from the previous outcome
  the outcome does not say the points of `m1`: `m1.points` stays not known
  hint: give it in the actuals, under `carried`, once it is known""",
    ),
    "open points": (
        {"state": "not defined soon", "points": {"secured": 0, "possible": 1, "maximum": 2}},
        {"carried": {"total": {"maximum": 2}}},
        """\
before.json: points: finding RK641: not known from the previous outcome
  the outcome leaves open the points of `total`: `total.points` stays not known
  hint: give it in the actuals, under `carried`, once it is known""",
    ),
    "other unit": (
        {"unit": "%"},
        {},
        "\n".join(
            f"""\
before.json: unit: error RK624: not what the contract measures
  the points of the outcome are in `%`; `{id}` is in `points`
  hint: leave the outcome out, and give the value under `carried`"""
            for id in ("m1.points", "total.points", "total.maximum")
        ),
    ),
    "contradiction": (
        {},
        {"carried": {"m1": {"state": "missed", "points": 4, "share": {"not_applicable": "n"}}}},
        """\
actuals.json: carried.m1.share: error RK639: the previous outcome says otherwise
  found not applicable (n) for `m1.share`; the previous outcome says 80 %
  see before.json: items[0].points
  said here
  hint: leave it out here: the outcome holds it
actuals.json: carried.m1.state: error RK639: the previous outcome says otherwise
  found `missed` for `m1.state`; the previous outcome says `partly met`
  see before.json: items[0].state
  said here
  hint: leave it out here: the outcome holds it""",
    ),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_message_about_the_outcome(name: str) -> None:
    """What an author reads about each mistake and finding; with an error nothing is given."""
    changes, sections, message = OUTCOMES[name]
    binding = with_outcome(changes, **sections)
    assert message == shown(binding)
    assert bool(binding.given) == (": error" not in message)


def test_an_outcome_and_actuals_may_say_the_same() -> None:
    """For whatever reason something did not apply."""
    states = {"m1": {"state": "not applicable", "points": None}}
    binding = with_outcome(states, carried={"m1": {"state": "not applicable"}, "total": {"maximum": 10}})
    assert binding.diagnostics == ()
    assert binding.given["carried", "m1.state"].source.startswith("before.json")


def test_an_outcome_is_not_asked_by_a_contract_that_carries_nothing_over() -> None:
    """Nor is anything said of it."""
    previous, _ = read_previous("before.json", json.dumps({**OUTCOME, "contract": "x"}).encode())
    fields = tuple(field for field in FIELDS if field.kind != "carried")
    binding = bind(record_of(), TREE._replace(fields=fields), END, previous)
    assert set(binding.given) == {("as_of", "")}
    assert binding.diagnostics == ()


# ---- laws

_DAYS = st.dates(day("2009-12-25"), day("2010-01-10"))
_FIGURES = st.integers(26237, 26241) | st.none()


@st.composite
def chains(draw: st.DrawFn, values: st.SearchStrategy[Any], corrects_contract: bool = False) -> list[Json]:
    """Entries of one key, each correcting the one before: the first on any day, the others not before it."""
    days = sorted(draw(st.lists(_DAYS.filter(lambda each: each >= day("2009-12-31")), max_size=4)))
    entries: list[Json] = []
    for index, reported in enumerate(days):
        found = draw(values)
        entry: Json = {"not_applicable": "n"} if found is None else {"value": found}
        entry["reported"] = str(reported)
        if index:
            entry["corrects"] = str(days[index - 1])
        elif corrects_contract and draw(st.booleans()):
            entry["corrects"] = "contract"
        entries.append(entry)
    return entries


_MILESTONES = st.sampled_from(["2009-12-26", "2009-12-30", "not done", None])
_SECTIONS = st.fixed_dictionaries(
    {
        "as_of": _DAYS.map(str) | st.none(),
        "readings": st.fixed_dictionaries(
            {
                "long_sick_leave": st.fixed_dictionaries(
                    {"2009-12": chains(_FIGURES), "2009-11": _FIGURES, "2006-12": chains(_FIGURES, True)}
                )
            }
        ),
        "milestones": st.fixed_dictionaries({"pk1.started": chains(_MILESTONES)}),
        "parameters": st.fixed_dictionaries(
            {"price": st.fixed_dictionaries({"2008": chains(_FIGURES, True), "2009": _FIGURES})}
        ),
        "carried": st.fixed_dictionaries({"m1": st.fixed_dictionaries({"points": chains(_FIGURES)})}),
        "facts": st.fixed_dictionaries({"approved": chains(st.booleans()), "days_served": _FIGURES}),
    }
)


@settings(max_examples=300, deadline=None)
@given(_SECTIONS, _SECTIONS, _DAYS)
def test_nothing_reported_later_has_any_influence(now: Json, other: Json, as_of: datetime.date) -> None:
    """A record, without what is reported later, or with another future, binds the same."""
    record = record_of(**now)
    past = tuple(each for each in record.reports if known_from(each, record.as_of) <= as_of)
    binding = bind(record, TREE, as_of)
    assert not any(each.is_error for each in binding.diagnostics), shown(binding)
    without = bind(Record("actuals.json", "ams", record.as_of, "", past, ""), TREE, as_of)
    assert binding[:2] == without[:2]
    assert set(binding.late) == set(record.reports) - set(past)
    last = {(each.id, each.period): each for each in past}
    future = tuple(
        each
        for each in record_of(**other).reports
        if each.reported is not None and each.reported > as_of and (each.id, each.period) not in last
    )
    changed = bind(Record("actuals.json", "ams", record.as_of, "", past + future, ""), TREE, as_of)
    assert changed.given in ({}, binding.given)  # {}: the other future contradicts itself


@settings(max_examples=200, deadline=None)
@given(chains(_FIGURES), st.permutations(range(4)), _DAYS)
def test_the_last_known_entry_of_any_chain_holds(
    entries: list[Json], order: list[int], as_of: datetime.date
) -> None:
    """When no two are of one day, the order of the file means nothing."""
    days = [entry["reported"] for entry in entries]
    if len(set(days)) == len(days):
        mixed = [entries[index] for index in order if index < len(entries)]
    else:
        mixed = entries
    found = value(bound(as_of, **reading(mixed)), "reading", "long_sick_leave@2009-12")
    known_entries = [entry for entry in entries if day(entry["reported"]) <= as_of]
    if not known_entries:
        assert found is None
        return
    last = known_entries[-1]
    expected = Fraction(last["value"]) if "value" in last else State("not applicable", "n")
    assert found == known(expected)
