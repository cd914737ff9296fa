"""Draws of figures, the same on every machine: bits from a counter, and of floats but what IEEE 754 fixes to the bit.

The bits of a draw depend on the seed, the path of the figure and the number of the draw alone: not on what else is
drawn, nor on how many rows are reckoned at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from rkdsl.chance.distributions import Lognormal, Normal, Triangular, Uniform
from rkdsl.chance.fitting import Column, Pick, Walk

CHUNK: Final = 16_384
"""Draws whose bits come from one stream."""
TRIES: Final = 200
"""How often a figure is drawn anew that is out of range, before it is set to the nearest end."""
_BITS: Final = 53
_STATES: Final = 1
"""Of each figure two families of streams: 0 for its figures, 1 for its states."""

Array = Any
"""An array of numpy of one dimension. `Any`: of whole numbers, floats or truths."""


class Drawn(NamedTuple):
    """The figures of a column in each draw of a chunk, and in which of its states it is instead: 0 for in none."""

    figures: Array
    states: Array | None
    limited: int


def draw(columns: Sequence[Column], seed: int, chunk: int, count: int) -> dict[str, Drawn]:
    """The first `count` draws of a chunk, by the path of the figure."""
    found: dict[str, Drawn] = {}
    for column in columns:
        figures, limited = _figures(column, seed, chunk, count, found)
        found[column.path] = Drawn(figures, _in_states(column, seed, chunk, count), limited)
    return found


def _in_states(column: Column, seed: int, chunk: int, count: int) -> Array | None:
    if column.is_always_a_figure:
        return None
    shares = [share for _, share in column.states]
    rest = 1 - sum(shares, Fraction(0))
    at = _pick(bits(seed, column.path, chunk, _STATES, 0)[:count], [*shares, rest])
    return np.where(at == len(shares), 0, at + 1).astype(np.int8)


def _figures(
    column: Column, seed: int, chunk: int, count: int, found: Mapping[str, Drawn]
) -> tuple[Array, int]:
    """The figures of a column, and how many of them were set to an end."""
    if isinstance(column.shape, Pick):
        if not column.shape.values:
            return np.zeros(count, dtype=np.int64), 0
        at = _pick(bits(seed, column.path, chunk, 0, 0)[:count], column.shape.weights)
        return np.array(column.shape.values, dtype=np.int64)[at], 0
    if isinstance(column.shape, Uniform):
        low, high = int(column.shape.low * column.grid), int(column.shape.high * column.grid)
        steps = np.floor(_shares(bits(seed, column.path, chunk, 0, 0)[:count]) * float(high - low + 1))
        return np.minimum(low + steps.astype(np.int64), high), 0
    attempt = _attempts(column, seed, chunk, found)
    rows = np.arange(count)
    figures = attempt(0, rows)
    for number in range(1, TRIES):
        rows = rows[(figures[rows] < column.low) | (figures[rows] > column.high)]
        if not len(rows):
            return figures, 0
        figures[rows] = attempt(number, rows)
    limited = np.clip(figures, column.low, column.high)
    return limited, int((limited != figures).sum())


def _attempts(
    column: Column, seed: int, chunk: int, found: Mapping[str, Drawn]
) -> Callable[[int, Array], Array]:
    """What gives the figures of some rows of the chunk, in their n-th try."""
    shape = column.shape
    if isinstance(shape, Walk):
        return lambda number, rows: _walked(column, shape, seed, chunk, number, rows, found)
    transform = _transform(column)

    def attempt(number: int, rows: Array) -> Array:
        return _on_grid(transform(_shares(bits(seed, column.path, chunk, 0, number)[rows])), column)

    return attempt


def _on_grid(figures: Array, column: Column) -> Array:
    """The nearest whole numbers; what is out of range stays so."""
    low, high = float(column.low) - 1.0, float(column.high) + 1.0
    whole: Array = np.clip(np.rint(figures), low, high).astype(np.int64)
    return whole


def _transform(column: Column) -> Callable[[Array], Array]:
    """From shares between 0 and 1 to figures times the grid."""
    grid = float(column.grid)
    match column.shape:
        case Normal(mean, sd):
            return lambda share: (float(mean) + float(sd) * normal(share)) * grid
        case Lognormal(mean, sd):
            spread = logarithm(np.array([1.0 + float((sd / mean) ** 2)]))
            middle = logarithm(np.array([float(mean)])) - spread / 2.0
            return lambda share: exponential(middle + np.sqrt(spread) * normal(share)) * grid
        case Triangular(low, likely, high):
            width, left = float(high - low), float((likely - low) / (high - low))
            first, last = float(low), float(high)

            def triangular(share: Array) -> Array:
                rising = first + width * np.sqrt(share * left)
                falling = last - width * np.sqrt((1.0 - share) * (1.0 - left))
                return np.where(share < left, rising, falling) * grid

            return triangular
    raise AssertionError(column.shape)


def _walked(
    column: Column, walk: Walk, seed: int, chunk: int, number: int, rows: Array, found: Mapping[str, Drawn]
) -> Array:
    """Stretches of the past one after the other, of the last one as much as is needed; exact, half up."""
    figures = np.full(len(rows), walk.start, dtype=np.int64)
    if walk.base:
        figures = found[walk.base].figures[rows] * walk.factor
    lengths = np.array([length for length, _ in walk.stretches], dtype=np.int64)
    changes = np.array([change for _, change in walk.stretches], dtype=np.int64)
    left = np.full(len(rows), walk.ahead, dtype=np.int64)
    step = 0
    while left.any():
        found_bits = bits(seed, column.path, chunk, 0, number * walk.ahead + step)[rows]
        at = (_shares(found_bits) * float(len(lengths))).astype(np.int64)
        used = np.minimum(lengths[at], left)
        figures += (2 * changes[at] * used + lengths[at]) // (2 * lengths[at])
        left -= used
        step += 1
    return np.clip(figures, column.low - 1, column.high + 1)


# ---- bits


def bits(seed: int, path: str, chunk: int, family: int, number: int) -> Array:
    """The bits of a chunk of draws of a figure, 53 in each."""
    digest = hashlib.sha256(path.encode()).digest()
    words = [int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4)]
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(*words, chunk, family, number))
    raw: Array = np.random.Philox(sequence).random_raw(CHUNK)
    return (raw >> np.uint64(64 - _BITS)).astype(np.int64)


def _shares(found: Array) -> Array:
    """Between 0 and 1, and neither."""
    return (found.astype(np.float64) + 0.5) * 2.0**-_BITS


def _pick(found: Array, weights: Sequence[Fraction]) -> Array:
    """The index of one of some weights; each as likely as its share, to within 2**-53."""
    whole, passed, ends = sum(weights, Fraction(0)), Fraction(0), []
    for each in weights[:-1]:
        passed += each
        ends.append(round(passed / whole * 2**_BITS))
    at: Array = np.searchsorted(np.array(ends, dtype=np.int64), found, side="right")
    return at


# ---- functions that are the same on every machine: sums, products, quotients and square roots alone

_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_CENTRE: Final = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457),
    (13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080),
    (5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867),
    (5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0),
)
_SIDES: Final = (
    (7.7454501427834140764e-4, 2.27238449892691845833e-2, 0.241780725177450611770, 1.27045825245236838258),
    (3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.4759380849953449460e-4, 1.51986665636164571966e-2, 0.148103976427480074590),
    (0.689767334985100004550, 1.67638483018380384940, 2.05319162663775882187, 1.0),
)
_ENDS: Final = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
    ),
    (0.296560571828504891230, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
    ),
    (1.48753612908506148525e-2, 0.136929880922735805310, 0.599832206555887937690, 1.0),
)
Table = tuple[tuple[float, ...], ...]


def _ratio(table: Table, at: Array) -> Array:
    above, below = (*table[0], *table[1]), (*table[2], *table[3])
    return _polynomial(above, at) / _polynomial(below, at)


def _polynomial(factors: Sequence[float], at: Array) -> Array:
    found = np.full_like(at, factors[0])
    for each in factors[1:]:
        found = found * at + each
    return found


def normal(share: Array) -> Array:
    """The quantile of the standard normal distribution, by Wichura's algorithm AS 241 (1988)."""
    centred = share - 0.5
    found = centred * _ratio(_CENTRE, 0.180625 - centred * centred)
    outer = np.abs(centred) > 0.425
    if outer.any():
        tail: Array = np.minimum(share[outer], 1.0 - share[outer])
        root = np.sqrt(-logarithm(tail))
        away: Array = np.where(root <= 5.0, _ratio(_SIDES, root - 1.6), _ratio(_ENDS, root - 5.0))
        found[outer] = np.where(centred[outer] < 0.0, -away, away)
    return found


def logarithm(value: Array) -> Array:
    """The natural logarithm of numbers above zero."""
    mantissa, exponent = np.frexp(value)
    is_low = mantissa < 0.70710678118654752
    part: Array = np.where(is_low, mantissa * 2.0, mantissa)
    power: Array = np.where(is_low, exponent - 1, exponent).astype(np.float64)
    ratio = (part - 1.0) / (part + 1.0)
    series = _polynomial([1.0 / each for each in range(23, 0, -2)], ratio * ratio)
    return power * _LN2_HIGH + (power * _LN2_LOW + 2.0 * ratio * series)


def exponential(value: Array) -> Array:
    """The exponential of numbers that are not far from zero; of others the ends of what a float can be."""
    value = np.clip(value, -700.0, 700.0)
    power = np.rint(value / (_LN2_HIGH + _LN2_LOW))
    rest = (value - power * _LN2_HIGH) - power * _LN2_LOW
    factors, factorial = [1.0], 1.0
    for each in range(1, 15):
        factorial *= each
        factors.append(1.0 / factorial)
    return np.ldexp(_polynomial(factors[::-1], rest), power.astype(np.int32))
