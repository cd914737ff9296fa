"""Draws: the shapes that are asked for, on their grid and in their range."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rkdsl

np = pytest.importorskip("numpy")

from rkdsl import simulation  # noqa: E402  (needs numpy)
from rkdsl.chance import drawing  # noqa: E402

COUNT = 16_000


def _contract(unit: str) -> rkdsl.Contract:
    return rkdsl.loads(f"""
contract k "One figure" {{ period 2026  total 10 points
  measure x "X" {{ unit {unit}  higher is better  each year }}
  goal g "G" {{ weight 10  target x in 2026 at least 5{" %" if unit.startswith("%") else ""} }}
}}
""")


def draws(unit: str, how: dict[str, Any]) -> tuple[list[Fraction], int]:
    """The figures of a measure in a unit, and how many were set to an end."""
    content = simulation._content({"format": "rkdsl-distributions/1", "draws": {"x": how}}, "chances.json")
    known = [simulation._content({"contract": "k", "as_of": "2026-06-30"}, "actuals.json")]
    (column,) = simulation._situation(_contract(unit), known, simulation._stated(content), None, None).columns
    drawn = drawing.draw([column], 3, 0, COUNT)[column.path]
    return [Fraction(int(each), column.grid) for each in drawn.figures], drawn.limited


def close(found: list[Fraction], mean: float, sd: float) -> bool:
    """Within five standard errors."""
    floats = [float(each) for each in found]
    far = abs(statistics.fmean(floats) - mean) / (sd / math.sqrt(COUNT))
    return far < 5 and abs(statistics.stdev(floats) / sd - 1) < 0.06


def test_normal() -> None:
    found, _ = draws("number", {"normal": {"mean": 50, "sd": 4}, "decimals": 1})
    assert close(found, 50, 4)
    assert all((each * 10).denominator == 1 for each in found)
    assert abs(sum(each <= 46 for each in found) / COUNT - 0.1635) < 0.02


def test_lognormal() -> None:
    found, _ = draws("number", {"lognormal": {"mean": 50, "sd": 20}, "decimals": 2})
    assert close(found, 50, 20)
    assert min(found) > 0


def test_uniform_whole_numbers() -> None:
    """Each of them as often, the ends too."""
    found, _ = draws("cases", {"uniform": {"from": 1, "to": 6}})
    assert {1, 2, 3, 4, 5, 6} == set(found)
    assert all(abs(found.count(Fraction(each)) / COUNT - 1 / 6) < 0.02 for each in range(1, 7))


def test_triangular() -> None:
    found, _ = draws("number", {"triangular": {"from": 10, "most likely": 12, "to": 20}, "decimals": 3})
    assert close(found, 14, math.sqrt((100 + 144 + 400 - 120 - 200 - 240) / 18))
    assert 10 <= min(found)
    assert max(found) <= 20


def test_out_of_range_is_drawn_again() -> None:
    """What is left is the distribution within the range: its mean is that of a normal one cut at its own mean."""
    found, limited = draws("% range 0..100 %", {"normal": {"mean": 100, "sd": 5}, "decimals": 4})
    assert 0 == limited
    assert max(found) <= 100
    assert close(found, 100 - 5 * math.sqrt(2 / math.pi), 5 * math.sqrt(1 - 2 / math.pi))


def test_the_nearest_end_where_hardly_anything_is_lawful() -> None:
    """After two hundred times; and it is counted."""
    found, limited = draws("number range 4..5", {"normal": {"mean": 4, "sd": 1_000_000}, "decimals": 0})
    assert limited > COUNT / 2
    assert {4, 5} == set(found)


def test_days_after_what_is_known() -> None:
    """A milestone that is not done by now is done later, or not at all."""
    contract = rkdsl.loads("""
contract m "A milestone" { period 2026  total 10 points
  goal app "App" { weight 10  milestone live "In use" by 2026-09-30 }
}
""")
    content = simulation._content(
        {
            "format": "rkdsl-distributions/1",
            "draws": {"app": {"yes": 1}}
            | {"app.live": {"days late": {"from": -120, "to": 10}, "not done": 0.25}},
        },
        "chances.json",
    )
    known = [
        simulation._content(
            {"contract": "m", "as_of": "2026-06-30", "milestones": {"app.live": "not done"}}, "actuals.json"
        )
    ]
    with pytest.raises(rkdsl.Refused):
        simulation._situation(contract, known, simulation._stated(content), None, None)
    stated = simulation._stated(content)
    stated.draws.pop("app")
    (column,) = simulation._situation(contract, known, stated, None, None).columns
    drawn = drawing.draw([column], 3, 0, COUNT)[column.path]
    first = min(drawn.figures.tolist())
    assert "2026-07-01" == drawing_day(first)
    assert "2026-10-10" == drawing_day(max(drawn.figures.tolist()))
    assert abs(float((drawn.states == 1).mean()) - 0.25) < 0.02


def drawing_day(ordinal: int) -> str:
    import datetime

    return datetime.date.fromordinal(ordinal).isoformat()


@settings(deadline=None)
@given(share=st.floats(2.0**-54, 1 - 2.0**-53))
def test_normal_quantiles(share: float) -> None:
    """Those of the standard library."""
    found = float(drawing.normal(np.array([share]))[0])
    assert math.isclose(found, statistics.NormalDist().inv_cdf(share), rel_tol=1e-12, abs_tol=1e-14)


@settings(deadline=None)
@given(value=st.floats(1e-300, 1e300))
def test_logarithm_and_exponential(value: float) -> None:
    found = float(drawing.logarithm(np.array([value]))[0])
    assert math.isclose(found, math.log(value), rel_tol=1e-14, abs_tol=1e-15)
    assert math.isclose(float(drawing.exponential(np.array([found]))[0]), math.exp(found), rel_tol=1e-13)
