"""Counts of what many draws come to, a chunk at a time: exact, and no larger however many draws there are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from rkdsl.chance.results import PERCENTILES, Bar, Reached, Spread

Array = Any
"""An array of numpy of one dimension. `Any`: of whole numbers, floats or truths."""

DISTINCT: Final = 1_000_000
"""Different figures that are counted one by one; where there are more they are counted in steps."""
BARS: Final = 10
"""Bars of a histogram, about."""
BINS: Final = 32
"""Groups of draws with about the same figure, for what the figure explains."""
SHIFT: Final = 10**9
"""A ratio of two figures that vary is counted, and summed up, in steps of 1 over this."""
_SAFE: Final = 2**62
_HALF: Final = 32


class Numbers(NamedTuple):
    """A number in each row: `above / (scale x below)`; `told` says in which rows there is one (None: in all)."""

    above: Array
    scale: int
    below: Array | None = None
    told: Array | None = None

    @property
    def floats(self) -> Array:
        """About what they are."""
        found = self.above / float(self.scale)
        return found if self.below is None else found / self.below

    @property
    def filled(self) -> Array:
        """The same, 0 where there is none."""
        return self.floats if self.told is None else np.where(self.told, self.floats, 0.0)

    def is_same(self, other: Numbers) -> bool:
        """Whether the other numbers are these in every row."""
        if self is other or (
            self.above is other.above and self.below is other.below and self.told is other.told
        ):
            return True
        mine, its = (
            each.told if each.told is not None else np.ones(len(each.above), dtype=np.bool_)
            for each in (self, other)
        )
        if self.scale != other.scale or not np.array_equal(mine, its):
            return False
        above = np.array_equal(self.above[mine], other.above[mine])
        if self.below is None or other.below is None:
            return above and self.below is other.below
        return above and np.array_equal(self.below[mine], other.below[mine])


def of_fractions(found: Sequence[Fraction | None]) -> Numbers:
    """Exact numbers as an array: over one scale where it is small, else as ratios, at worst rounded."""
    told = np.array([each is not None for each in found], dtype=np.bool_)
    plain = [each if each is not None else Fraction(0) for each in found]
    scale = 1
    for each in plain:
        scale = math.lcm(scale, each.denominator)
        if scale > SHIFT:
            break
    everywhere = None if told.all() else told
    if scale <= SHIFT and all(abs(each) * scale < _SAFE for each in plain):
        return Numbers(
            np.array([int(each * scale) for each in plain], dtype=np.int64), scale, None, everywhere
        )
    plain = [each if _is_narrow(each) else Fraction(round(each * SHIFT), SHIFT) for each in plain]
    above = np.array([each.numerator for each in plain], dtype=np.int64)
    return Numbers(above, 1, np.array([each.denominator for each in plain], dtype=np.int64), everywhere)


def _is_narrow(number: Fraction) -> bool:
    return abs(number.numerator) < _SAFE and number.denominator < _SAFE


def _regridded(above: Array, old: int, new: int) -> Array:
    """Whole numbers over one scale as the nearest over another, half up."""
    if new % old == 0 and (not len(above) or int(np.abs(above).max()) * (new // old) < _SAFE):
        return above * (new // old)
    whole, rest = np.divmod(above, old)
    if old * new < _SAFE // 2:
        return whole * new + (2 * rest * new + old) // (2 * old)
    parts = [(2 * int(each) * new + old) // (2 * old) for each in rest]
    return whole * new + np.array(parts, dtype=np.int64)


def _in_steps(above: Array, scale: int, below: Array) -> Array:
    """Ratios as the nearest whole numbers over `SHIFT`, half up."""
    found = [
        (2 * int(number) * SHIFT + scale * int(under)) // (2 * scale * int(under))
        for number, under in zip(above, below, strict=True)
    ]
    return np.array(found, dtype=np.int64)


def exact_sum(found: Array) -> int:
    """The sum of whole numbers of 64 bits, however large it is."""
    high = found >> _HALF
    return (int(high.sum()) << _HALF) + int((found - (high << _HALF)).sum())


class Counts:
    """How often each number came, with their exact sum."""

    def __init__(self, thresholds: Iterable[Fraction] = ()) -> None:
        self.count = 0
        self._scale = 1
        self._values: Array = np.zeros(0, dtype=np.int64)
        self._times: Array = np.zeros(0, dtype=np.int64)
        self._waiting: list[tuple[Array, Array]] = []
        self._wait = 0
        self._sum = Fraction(0)
        self._most = 0
        self._is_rounded = False
        self._width = 1
        self._step: Fraction | None = None
        self._moments = Moments()
        self._reached: dict[Fraction, int] = dict.fromkeys(thresholds, 0)

    def copy(self) -> Counts:
        """Another one that begins with the same."""
        other = Counts()
        other.__dict__.update(self.__dict__)
        other._waiting = list(self._waiting)
        other._moments = self._moments.copy()
        other._reached = dict(self._reached)
        return other

    def add(self, numbers: Numbers) -> None:
        """The numbers of some rows more."""
        above, below = numbers.above, numbers.below
        if numbers.told is not None:
            above = above[numbers.told]
            below = None if below is None else below[numbers.told]
        if not len(above):
            return
        floats = Numbers(above, numbers.scale, below).floats
        self._moments.add(floats)
        for threshold in self._reached:
            self._reached[threshold] += _at_least(above, numbers.scale, below, threshold)
        scale = numbers.scale
        if below is not None:
            above, scale, self._is_rounded = _in_steps(above, scale, below), SHIFT, True
        self.count += len(above)
        self._sum += Fraction(exact_sum(above), scale)
        values, times = np.unique(above, return_counts=True)
        self._put(values, scale, times)

    def _put(self, values: Array, scale: int, times: Array) -> None:
        common = math.lcm(self._scale, scale)
        most = max(abs(int(values[0])), abs(int(values[-1])))
        if self._step is not None:
            values = self._stepped(values, scale)
            self._most = max(self._most, abs(int(values[0])), abs(int(values[-1])))
        elif max(most * (common // scale), self._most * (common // self._scale)) >= _SAFE:
            self._to_steps(Fraction(most, scale))
            values = self._stepped(values, scale)
            self._most = max(self._most, abs(int(values[0])), abs(int(values[-1])))
        else:
            if common != self._scale:
                self._merge()
                self._values, self._most = (
                    each * (common // self._scale) for each in (self._values, self._most)
                )
                self._scale = common
            values, self._most = values * (common // scale), max(self._most, most * (common // scale))
        self._waiting.append((values, times))
        self._wait += len(values)
        if self._wait > max(len(self._values), 1 << 16):
            self._merge()
            if len(self._values) > DISTINCT:
                self._to_steps(Fraction(0))

    def _merge(self) -> None:
        if not self._waiting:
            return
        values = np.concatenate([self._values, *(each for each, _ in self._waiting)])
        times = np.concatenate([self._times, *(each for _, each in self._waiting)])
        order = np.argsort(values, kind="stable")
        values, times = values[order], times[order]
        starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
        self._values, self._times = values[starts], np.add.reduceat(times, starts)
        self._waiting, self._wait = [], 0

    def _to_steps(self, most: Fraction) -> None:
        """From now on numbers are counted in steps, so that there are fewer of them; `most` is as far as they lie."""
        self._merge()
        most = max(most, Fraction(self._most * self._width, self._scale))
        step = self._step or Fraction(1)
        while self._step is None and most / step * 10 < DISTINCT // 4 and step > Fraction(1, SHIFT):
            step /= 10
        while most / step > max(DISTINCT // 4, 1):
            step *= 10
        values, times = self._values * self._width, self._times
        old, self._step = self._scale, step
        self._width, self._scale = step.numerator, step.denominator
        self._values = self._times = np.zeros(0, dtype=np.int64)
        self._most = 0
        if len(values):
            values = self._stepped(values, old)
            self._most = max(abs(int(values[0])), abs(int(values[-1])))
            self._waiting = [(values, times)]
            self._merge()

    def _stepped(self, values: Array, scale: int) -> Array:
        """Whole numbers over a scale in steps, to the nearest or the one beside it."""
        values = _regridded(values, scale, self._scale)
        return values if self._width == 1 else (values + self._width // 2) // self._width

    # ---- what they tell

    def spread(self, unit: Fraction) -> Spread | None:
        """How the numbers lie, in a unit; None where there are none."""
        self._merge()
        if not self.count:
            return None
        passed = np.cumsum(self._times)

        def figure(at: int) -> Fraction:
            return Fraction(int(self._values[at]) * self._width, self._scale) / unit

        percentiles = []
        for each in PERCENTILES:
            needed = -(-each * self.count // 100)
            percentiles.append((each, figure(int(np.searchsorted(passed, needed)))))
        step = self._step
        if step is None and self._is_rounded:
            step = Fraction(1, SHIFT)
        return Spread(
            self.count,
            self._sum / self.count / unit,
            self._moments.sd / float(unit),
            figure(0),
            figure(-1),
            tuple(percentiles),
            self._bars(unit),
            tuple(Reached(threshold / unit, count) for threshold, count in self._reached.items()),
            None if step is None else step / unit,
            not self._is_rounded,
        )

    def _bars(self, unit: Fraction) -> tuple[Bar, ...]:
        first, last = (Fraction(int(self._values[at]) * self._width, self._scale) / unit for at in (0, -1))
        if first == last:
            return (Bar(first, last, self.count),)
        width = _round_width((last - first) / BARS)
        start = math.floor(first / width)
        count = math.ceil(last / width) - start
        edges = [width * (start + each) for each in range(count + 1)]
        at = np.searchsorted(
            self._values, [math.ceil(each * unit * self._scale / self._width) for each in edges[1:-1]]
        )
        parts = np.split(self._times, at)
        return tuple(
            Bar(low, high, int(each.sum())) for low, high, each in zip(edges, edges[1:], parts, strict=False)
        )


def _round_width(least: Fraction) -> Fraction:
    """The next of 1, 2, 2.5 and 5 times a power of ten."""
    power = Fraction(10) ** math.floor(math.log10(float(least)))
    return next(power * each for each in (1, 2, Fraction(5, 2), 5, 10, 20) if power * each >= least)


def _at_least(above: Array, scale: int, below: Array | None, threshold: Fraction) -> int:
    if below is None:
        least = math.ceil(threshold * scale)
        return int((above >= least).sum()) if abs(least) < _SAFE else len(above) * (least < 0)
    top, bottom = threshold.numerator * scale, threshold.denominator
    return sum(int(one) * bottom >= top * int(under) for one, under in zip(above, below, strict=True))


class Moments:
    """The variance of numbers, and their covariance with others: floats, each sum taken in one fixed order."""

    def __init__(self) -> None:
        self.count, self._sum, self._squares = 0, 0.0, 0.0
        self._about: float | None = None

    def copy(self) -> Moments:
        """Another one that begins with the same."""
        other = Moments()
        other.__dict__.update(self.__dict__)
        return other

    def add(self, floats: Array) -> None:
        """Some numbers more."""
        if not len(floats):
            return
        if self._about is None:
            self._about = float(floats[0])
        away = floats - self._about
        self.count += len(away)
        self._sum += float(away.sum())
        self._squares += float((away * away).sum())

    @property
    def variance(self) -> float:
        """About how far they lie apart, squared."""
        if self.count < 2:
            return 0.0
        return max(self._squares - self._sum * self._sum / self.count, 0.0) / (self.count - 1)

    @property
    def sd(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.variance)


class Means:
    """The mean of numbers: exact, but for ratios, which are taken to the nearest billionth."""

    def __init__(self) -> None:
        self._count, self._sum = 0, Fraction(0)

    def add(self, numbers: Numbers) -> None:
        """Some numbers more."""
        above, scale, below = numbers.above, numbers.scale, numbers.below
        if numbers.told is not None:
            above, below = above[numbers.told], None if below is None else below[numbers.told]
        if below is not None:
            above, scale = _in_steps(above, scale, below), SHIFT
        self._count += len(above)
        self._sum += Fraction(exact_sum(above), scale)

    @property
    def mean(self) -> Fraction | None:
        """The mean, None of nothing."""
        return self._sum / self._count if self._count else None


class Covariance:
    """How numbers go together with others, row by row."""

    def __init__(self) -> None:
        self._count, self._sums, self._products = 0, [0.0, 0.0], 0.0
        self._about: tuple[float, float] | None = None

    def add(self, first: Array, second: Array, told: Array | None) -> None:
        """Some pairs more, those that are told."""
        if told is not None:
            first, second = first[told], second[told]
        if not len(first):
            return
        if self._about is None:
            self._about = float(first[0]), float(second[0])
        one, other = first - self._about[0], second - self._about[1]
        self._count += len(one)
        self._sums = [self._sums[0] + float(one.sum()), self._sums[1] + float(other.sum())]
        self._products += float((one * other).sum())

    @property
    def value(self) -> float:
        """The covariance."""
        if self._count < 2:
            return 0.0
        return (self._products - self._sums[0] * self._sums[1] / self._count) / (self._count - 1)


class Groups:
    """Draws in groups of about the same figure: what part of the variance of a number lies between the groups."""

    def __init__(self, figures: Array, states: Array | None) -> None:
        """The ends of the groups are those of the first figures."""
        told = figures if states is None else figures[states == 0]
        values = np.unique(told)
        if len(values) > BINS:
            ordered = np.sort(told)
            values = np.unique(ordered[[len(ordered) * each // BINS for each in range(1, BINS)]])
            self._ends = values
        else:
            self._ends = values[1:]
        self._size = len(self._ends) + 1
        self._all = self._size + 8
        self._counts = np.zeros(self._all, dtype=np.int64)
        self._sums = np.zeros(self._all)
        self._about: float | None = None

    def add(self, figures: Array, states: Array | None, numbers: Array, told: Array | None) -> None:
        """Some draws more, those in which the number is told."""
        if told is not None:
            figures, numbers = figures[told], numbers[told]
            states = None if states is None else states[told]
        if not len(numbers):
            return
        at: Array = np.searchsorted(self._ends, figures, side="right")
        if states is not None:
            at = np.where(states == 0, at, self._size + states.astype(np.int64) - 1)
        if self._about is None:
            self._about = float(numbers[0])
        self._counts += np.bincount(at, minlength=self._all)
        self._sums += np.bincount(at, weights=numbers - self._about, minlength=self._all)

    def explained(self, variance: float) -> float:
        """The part of the variance, less what groups of so few draws have by chance; not below zero."""
        held = self._counts > 0
        count, groups = int(self._counts.sum()), int(held.sum())
        if count <= groups or variance <= 0.0:
            return 0.0
        mean = float(self._sums.sum()) / count
        means = self._sums[held] / self._counts[held]
        between = float((self._counts[held] * (means - mean) ** 2).sum()) / ((count - 1) * variance)
        return min(max(1.0 - (1.0 - between) * (count - 1) / (count - groups), 0.0), 1.0)


def count_codes(codes: Array, words: Sequence[str], told: Array | None, into: Counter[str]) -> None:
    """Adds how often each word came, by its index."""
    found = codes if told is None else codes[told]
    for code, times in enumerate(np.bincount(found, minlength=len(words))):
        if times:
            into[words[code]] += int(times)
