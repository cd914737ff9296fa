"""Counts of many numbers are those of the numbers themselves, however they come in."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")

from rkdsl.chance import tally  # noqa: E402  (needs numpy)
from rkdsl.chance.results import PERCENTILES  # noqa: E402
from rkdsl.chance.scoring import arranged, joined  # noqa: E402

NUMBERS = st.builds(Fraction, st.integers(-(10**6), 10**6), st.sampled_from((1, 7, 60, 360)))
CHUNKS = st.lists(st.lists(NUMBERS | st.none(), min_size=1, max_size=30), min_size=1, max_size=6)


@settings(deadline=None)
@given(chunks=CHUNKS, threshold=NUMBERS, scale=st.sampled_from((1, 100)))
def test_counts(chunks: list[list[Fraction | None]], threshold: Fraction, scale: int) -> None:
    """Mean, percentiles, ends and chances are exact; the bars hold every number once."""
    unit = Fraction(1, scale)
    counts = tally.Counts([threshold])
    for each in chunks:
        counts.add(tally.of_fractions(each))
    told = sorted(each for chunk in chunks for each in chunk if each is not None)
    spread = counts.spread(unit)
    if not told:
        assert spread is None
        return
    assert spread is not None
    count = len(told)
    assert (count, told[0] / unit, told[-1] / unit) == (spread.count, spread.least, spread.most)
    assert sum(told) / count / unit == spread.mean
    assert (
        tuple((each, told[-(-each * count // 100) - 1] / unit) for each in PERCENTILES) == spread.percentiles
    )
    assert [sum(each >= threshold for each in told)] == [each.draws for each in spread.reached]
    assert count == sum(each.draws for each in spread.bars)
    for bar in spread.bars[:-1]:
        assert bar.draws == sum(bar.low <= each / unit < bar.high for each in told)
    assert all(one.high == other.low for one, other in pairwise(spread.bars))
    mean = sum(told) / count
    variance = sum((each - mean) ** 2 for each in told) / max(count - 1, 1)
    assert math.isclose(spread.sd, math.sqrt(variance) * scale, rel_tol=1e-6, abs_tol=1e-6)
    means = tally.Means()
    for each in chunks:
        means.add(tally.of_fractions(each))
    assert mean == means.mean


@settings(deadline=None)
@given(
    chunks=st.lists(st.lists(NUMBERS, min_size=1, max_size=40), min_size=1, max_size=6),
    limit=st.integers(4, 10**6),
)
def test_counting_in_steps(chunks: list[list[Fraction]], limit: int) -> None:
    """The mean stays exact, and all else is right to within a step."""
    before, tally.DISTINCT = tally.DISTINCT, limit
    try:
        counts = tally.Counts()
        for each in chunks:
            counts.add(tally.of_fractions(each))
            counts._to_steps(Fraction(0))
        found = counts.spread(Fraction(1))
    finally:
        tally.DISTINCT = before
    whole = sorted(number for each in chunks for number in each)
    assert found is not None
    assert found.step is not None
    assert sum(whole) / len(whole) == found.mean
    assert len(whole) == sum(each.draws for each in found.bars)
    for percent, value in found.percentiles:
        assert abs(whole[-(-percent * len(whole) // 100) - 1] - value) <= 2 * found.step


def test_a_limit_of_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million different ones and more are counted in steps."""
    monkeypatch.setattr(tally, "DISTINCT", 100_000)
    counts = tally.Counts()
    numbers = np.arange(300_000, dtype=np.int64)
    for part in np.split(numbers, 6):
        counts.add(tally.Numbers(part, 1000))
    spread = counts.spread(Fraction(1))
    assert spread is not None
    assert (Fraction(1, 100), Fraction(299_999, 2000)) == (spread.step, spread.mean)
    assert 300_000 == sum(each.draws for each in spread.bars)


@settings(deadline=None)
@given(values=st.lists(st.integers(-(2**62), 2**62), max_size=50))
def test_sums_of_large_numbers(values: list[int]) -> None:
    assert sum(values) == tally.exact_sum(np.array(values, dtype=np.int64))


@settings(deadline=None)
@given(parts=CHUNKS, random=st.randoms())
def test_rows_in_parts_are_put_in_order(parts: list[list[Fraction | None]], random: object) -> None:
    """Whatever the scales of the parts."""
    whole = [each for part in parts for each in part]
    rows = list(range(len(whole)))
    random.shuffle(rows)  # type: ignore[attr-defined]
    cut, start = [], 0
    for part in parts:
        some = sorted(rows[start : start + len(part)])
        cut.append((np.array(some), {"x.secured": tally.of_fractions([whole[row] for row in some])}))
        start += len(part)
    found = arranged(cut)["x.secured"]
    assert isinstance(found, tally.Numbers)
    again = [
        None
        if found.told is not None and not found.told[row]
        else Fraction(
            int(found.above[row]), found.scale * (1 if found.below is None else int(found.below[row]))
        )
        for row in range(len(whole))
    ]
    assert whole == again
    assert 1 == len(joined([each for _, each in cut]))


def test_what_a_figure_explains() -> None:
    """All of a number that is made of it, none of one that is not; a state is a group of its own."""
    random = np.random.Generator(np.random.PCG64(1))
    figures = random.integers(0, 1000, 50_000)
    states = (random.random(50_000) < 0.2).astype(np.int8)
    for numbers, expected in (
        (figures.astype(float), 1),
        (random.random(50_000), 0),
        ((figures - 500.0) ** 2, 1),
        (states * 3.0, 1),
    ):
        numbers = np.where(states == 1, 900.0, numbers) if expected and numbers.max() > 3 else numbers
        groups, moments = tally.Groups(figures[:1000], states[:1000]), tally.Moments()
        groups.add(figures, states, numbers, None)
        moments.add(numbers)
        assert abs(groups.explained(moments.variance) - expected) < 0.01
