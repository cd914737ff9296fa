"""What many draws came to: data only, for people and programs to read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import Final, NamedTuple

import attrs

from rkdsl.values import PLAIN, Unit

FORMAT: Final = "rkdsl-simulation/1"
PERCENTILES: Final = (5, 25, 50, 75, 95)


class Bar(NamedTuple):
    """How many draws lie from `low` up to `high`: the last bar has its upper end, the others have not."""

    low: Fraction
    high: Fraction
    draws: int


class Reached(NamedTuple):
    """How many draws are at a threshold or above it."""

    threshold: Fraction
    draws: int


@attrs.frozen
class Spread:
    """What a number comes to: in how many draws it is one, and how these lie.

    `mean`, `least`, `most` and the percentiles are exact where `step` is None; else figures were counted in steps of
    that size, and are right to within one. `sd` is a float: a statistic, not a score.
    """

    count: int
    mean: Fraction
    sd: float
    least: Fraction
    most: Fraction
    percentiles: tuple[tuple[int, Fraction], ...]
    bars: tuple[Bar, ...]
    reached: tuple[Reached, ...] = ()
    step: Fraction | None = None
    is_mean_exact: bool = True


@attrs.frozen
class Chances:
    """The total or a named value over all draws: its states or words and how often, and how its numbers spread.

    `spread` is None where it is never a number. `possible` is that of the upper end, where in some draw something that
    the contract leaves open keeps it from being one number; `spread` is then that of what is secured.
    """

    id: str
    title: str
    unit: Unit
    states: Mapping[str, int]
    spread: Spread | None
    possible: Spread | None = None
    maximum: Fraction | None = None


@attrs.frozen
class ItemChances:
    """An item over all draws: how often it is in each state, its mean points, and its share of the total's variance.

    `mean` is None for an item without points, `share` where the total does not vary or is none.
    """

    id: str
    title: str
    states: Mapping[str, int]
    mean: Fraction | None = None
    maximum: Fraction | None = None
    share: float | None = None


@attrs.frozen
class FigureDrawn:
    """A figure that was drawn: how, in which unit, in which states how often, and how much of the total it explains.

    `explains` is the share of the variance of the total that goes with this figure alone (its correlation ratio), None
    where the total does not vary. `limited` counts the draws that were set to the end of the figure's range.
    """

    path: str
    title: str
    how: str
    states: Mapping[str, int]
    mean: Fraction | None = None
    unit: Unit = PLAIN
    explains: float | None = None
    limited: int = 0


@attrs.frozen
class Simulation:
    """What a contract comes to over many draws of what is missing.

    `as_of` is the day whose knowledge counts, `at` the day that draws are scored as of. `shares_of` is what items and
    figures have shares of: `total`, or the result; empty where it does not vary. `not_drawn` are those stated that are
    told, or change nothing.
    """

    contract: str
    title: str
    as_of: datetime.date
    at: datetime.date
    draws: int
    seed: int
    unit: str
    total: Chances | None
    values: tuple[Chances, ...]
    items: tuple[ItemChances, ...]
    figures: tuple[FigureDrawn, ...]
    result: str = ""
    shares_of: str = ""
    not_drawn: tuple[str, ...] = ()
    hashes: Mapping[str, str] = attrs.Factory(dict)

    def value(self, name: str) -> Chances:
        """The chances of a named value. Raises KeyError when there is none of that name."""
        return {each.id: each for each in self.values}[name]

    def item(self, name: str) -> ItemChances:
        """The chances of an item. Raises KeyError when there is none of that name."""
        return {each.id: each for each in self.items}[name]
