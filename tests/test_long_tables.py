"""A table with a row for each figure tells of a unit what its actuals would tell on that day."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl.frames import evaluate, figures_of, from_long
from rkdsl.pipeline import Contract
from tests.test_frames import DAY, GRADE, LIVE, RENEWED, TEXT, VISITS, agree

pl = pytest.importorskip("polars")
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return rkdsl.loads(TEXT)


def long(*rows: dict[str, Any]) -> Any:
    """A table of those rows, with the columns that any of them has."""
    return pl.DataFrame([{"unit": "a", "period": None, **each} for each in rows], infer_schema_length=None)


def mistakes(contract: Contract, *rows: dict[str, Any], day: str = DAY) -> list[tuple[str, str, str]]:
    """The code, the place and the sentence of each."""
    with pytest.raises(rkdsl.Refused) as refused:
        from_long(contract, long(*rows), day)
    return [(each.code, each.place.key, each.labels[0].text) for each in refused.value.diagnostics]


def test_a_row_for_each_unit(contract: Contract) -> None:
    several = long(
        {"measure": "visits", "period": "2026", "value": 43.5},
        {"unit": "b", "measure": RENEWED, "value": 62.5},
        {"unit": "c", "measure": "visits", "period": "2026", "value": None},
    )
    wide = from_long(contract, several, DAY)
    assert ["unit", VISITS, RENEWED] == wide.columns
    assert [("a", 43.5, None), ("b", None, 62.5), ("c", None, None)] == wide.rows()


def test_texts_are_read_as_in_csv(contract: Contract) -> None:
    several = long(
        {"measure": "visits", "period": "2026", "value": " 43 "},
        {"measure": "grade", "value": "high"},
        {"measure": "app.live", "value": "2026-10-01"},
        {"unit": "b", "measure": "renewed", "period": "2026", "value": "62.5"},
    )
    wide = from_long(contract, several, DAY)
    assert [Decimal(43), None] == wide[VISITS].to_list()
    assert [None, Decimal("62.5")] == wide[RENEWED].to_list()
    assert ["2026-10-01", None] == wide[LIVE].to_list()
    found = evaluate(
        contract, wide, DAY, figures=["more.secured", "app.secured", "good.secured", "again.secured"]
    )
    assert [("a", 3, 7, 10, 0), ("b", 0, 0, 0, 10)] == found.rows()
    assert [("RK651", "row 1: visits 2026", "found `forty`, expected a number")] == mistakes(
        contract, {"measure": "visits", "period": "2026", "value": "forty"}
    )


def test_states_stand_beside_values(contract: Contract) -> None:
    several = long(
        {"measure": "renewed", "period": "2026", "value": None, "state": "not applicable"},
        {"measure": "app.live", "value": None, "state": "not done"},
    )
    wide = from_long(contract, several, DAY)
    assert {f"{RENEWED}:state": "not applicable", f"{LIVE}:state": "not done", "unit": "a"} == wide.row(
        0, named=True
    )
    expected = "expected one of not applicable, not defined, not done, and no value beside it"
    wrong = {"measure": "visits", "period": "2026", "value": 43, "state": "not done"}
    assert [("RK651", "row 1: visits 2026: state", f"found `not done`, {expected}")] == mistakes(
        contract, wrong
    )


def test_what_is_reported_later_is_not_known_yet(contract: Contract) -> None:
    several = long(
        {"measure": "visits", "period": "2026", "value": 43, "reported": "2027-01-10", "corrects": None},
        {
            "measure": "visits",
            "period": "2026",
            "value": 45,
            "reported": "2027-02-01",
            "corrects": "2027-01-10",
        },
        {"measure": "grade", "value": 1, "reported": "2027-02-20", "corrects": None},
    )
    for day, wanted in (("2027-01-09", None), ("2027-01-31", 43), ("2027-02-01", 45), ("2027-03-31", 45)):
        wide = from_long(contract, several.filter(pl.col("measure") == "visits"), day)
        assert [wanted] == (wide[VISITS].to_list() if VISITS in wide.columns else [None])
    assert GRADE not in from_long(contract, several, "2027-02-19").columns
    to_come = from_long(contract, several, "2026-06-30")
    assert ["unit"] == to_come.columns


def test_a_milestone_is_known_from_its_day(contract: Contract) -> None:
    told = long(
        {"measure": "app.live", "value": "2026-09-08"}, {"unit": "b", "measure": "grade", "value": "high"}
    )
    assert LIVE not in from_long(contract, told, "2026-06-30").columns
    assert [("a", "2026-09-08", None), ("b", None, "high")] == from_long(
        contract, told.lazy(), "2026-09-08"
    ).rows()


def test_a_long_table_of_pandas(contract: Contract) -> None:
    """Years beside nothing are floats there, and nothing is NaN or NaT."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "unit": ["a", "a", "b"],
            "measure": ["visits", "renewed", "visits"],
            "period": [2026, 2026, 2026],
            "value": [43.5, None, 45.0],
            "reported": pandas.to_datetime(["2027-01-10", None, None]),
            "corrects": pandas.to_datetime([None, None, None]),
            "state": [None, "not applicable", None],
        }
    )
    wide = from_long(contract, frame, DAY)
    assert ["unit", VISITS, f"{RENEWED}:state"] == list(wide.columns)
    assert [43.5, 45.0] == wide[VISITS].to_list()
    frame = pandas.concat([frame, pandas.DataFrame({"unit": ["b"], "measure": ["grade"], "value": [1.0]})])
    assert from_long(contract, frame, "2027-01-09")[VISITS].to_list()[1] == 45.0


def test_what_a_row_for_each_unit_cannot_say(contract: Contract) -> None:
    row = {"measure": "visits", "period": "2026", "value": 43, "reported": "2027-01-10"}
    first, nothing = (
        {**row, "corrects": None},
        {**row, "value": None, "reported": "2027-02-01", "corrects": "2027-01-10"},
    )
    assert ["RK651"] == [code for code, _, _ in mistakes(contract, {**row, "corrects": "contract"})]
    assert [("RK651", "row 2: visits 2026")] == [
        (code, key) for code, key, _ in mistakes(contract, first, nothing)
    ]
    assert ["RK651"] == [code for code, _, _ in mistakes(contract, {**row, "unit": None})]
    noon = {**row, "reported": datetime.datetime(2027, 1, 10, 12)}
    assert [("RK651", "row 1: visits 2026: reported")] == [
        (code, key) for code, key, _ in mistakes(contract, noon)
    ]
    for blank in ("", " nan "):
        assert ["unit"] == from_long(contract, long({**row, "value": blank}), DAY).columns
    with pytest.raises(KeyError, match="period"):
        from_long(contract, long(row).drop("period"), DAY)


def test_days_that_cannot_be(contract: Contract) -> None:
    early = {"measure": "visits", "period": "2026", "value": 43, "reported": "2026-12-01"}
    assert [
        ("RK627", "row 1: visits 2026.reported", "reported 2026-12-01, but 2026 ends 2026-12-31")
    ] == mistakes(contract, early)
    row = {"measure": "visits", "period": "2026", "value": 43}
    first, second = {**row, "reported": "2027-01-10"}, {**row, "value": 45, "reported": "2027-02-01"}
    assert ["RK629"] == [code for code, _, _ in mistakes(contract, first, second)]
    nothing = {**second, "corrects": "2027-01-11"}
    assert ["RK630"] == [code for code, _, _ in mistakes(contract, {**first, "corrects": None}, nothing)]
    assert ["RK651"] == [code for code, _, _ in mistakes(contract, {**row, "reported": "10.1.2027"})]
    said = {"measure": "app.live", "value": "not done", "reported": "2026-10-15"}
    text = "`not done` was said on 2026-10-15 and says nothing of the days after it, up to 2027-03-31"
    assert [("RK651", "row 1: app.live", text)] == mistakes(contract, said)
    assert from_long(contract, long(said), "2026-10-15")[LIVE].to_list() == ["not done"]


@pytest.mark.parametrize(
    ("measures", "text"),
    [
        (["visits", "visits"], "`readings.visits.2026` is told twice of the unit"),
        (["visit", "grade"], "the contract reads no such figure on that day"),
    ],
)
def test_each_figure_of_the_contract_once(contract: Contract, measures: list[str], text: str) -> None:
    rows = [{"measure": each, "period": "2026", "value": 1} for each in measures]
    assert text in [said for _, _, said in mistakes(contract, *rows)]


DAYS = st.dates(datetime.date(2026, 12, 31), datetime.date(2027, 3, 1))


@st.composite
def chains(
    draw: st.DrawFn, figures: st.SearchStrategy[Any], days: st.SearchStrategy[datetime.date]
) -> list[Any]:
    """Reports of one thing, each but the first correcting the one before."""
    told = sorted(draw(st.lists(days, max_size=3, unique=True)))
    return [
        {"value": draw(figures), "reported": str(day), **({"corrects": str(told[at - 1])} if at else {})}
        for at, day in enumerate(told)
    ]


@st.composite
def units(draw: st.DrawFn) -> dict[str, list[Any]]:
    """What is reported of one unit, by path."""
    number = st.integers(0, 60)
    done = draw(st.dates(datetime.date(2026, 9, 1), datetime.date(2026, 11, 30)))
    late = st.dates(done, datetime.date(2027, 3, 1))
    return {
        VISITS: draw(chains(number, DAYS)),
        RENEWED: draw(chains(st.sampled_from([0, 62, 62.5, 63]), DAYS)),
        LIVE: draw(chains(st.just(str(done)), late)),
        GRADE: draw(chains(st.sampled_from(["low", "high"]), DAYS)),
    }


@settings(deadline=None, suppress_health_check=SLOW)
@given(
    st.lists(units(), min_size=1, max_size=4),
    st.dates(datetime.date(2026, 8, 1), datetime.date(2027, 4, 1)),
    st.randoms(),
)
def test_as_actuals_would_tell_it(
    contract: Contract, told: list[dict[str, list[Any]]], day: datetime.date, random: Any
) -> None:
    rows = [
        {
            "unit": at,
            "measure": path,
            "value": str(each["value"]),
            "reported": each["reported"],
            "corrects": each.get("corrects"),
        }
        for at, unit in enumerate(told)
        for path, entries in unit.items()
        for each in entries
    ]
    random.shuffle(rows)
    names = ("unit", "measure", "period", "value", "reported", "corrects")
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"unit": pl.Int64})
    wide = from_long(contract, table, day)
    known = {row["unit"]: row for row in evaluate(contract, wide, day).rows(named=True)}
    for at, unit in enumerate(told):
        if any(unit.values()):
            actuals = {"contract": "k", "readings": {}, "milestones": {}, "facts": {}}
            for path, entries in unit.items():
                section, name, *period = path.split(".")
                if section == "readings":
                    actuals[section][name] = {period[0]: entries}
                else:
                    actuals[section][".".join([name, *period])] = entries
            assert 1 == agree([known[at]], [figures_of(contract.evaluate(actuals, day))])
