"""Distributions as they are stated: how a figure may be drawn, in the numbers and words of the file. Data only."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Final, NamedTuple

from rkdsl.values import Period

FORMAT: Final = "rkdsl-distributions/1"
NOT_REPORTED: Final = "not reported"

Value = Fraction | bool | str
"""A figure as it is written: a number, true or false, a word, or the text of a day."""


class Normal(NamedTuple):
    """The normal distribution."""

    mean: Fraction
    sd: Fraction


class Lognormal(NamedTuple):
    """A distribution above zero whose logarithm is normal; `mean` and `sd` are those of the figure itself."""

    mean: Fraction
    sd: Fraction


class Uniform(NamedTuple):
    """Every figure from one to another, each as likely."""

    low: Fraction
    high: Fraction


class Triangular(NamedTuple):
    """From one figure to another, most likely a third, and less on a straight line to both sides."""

    low: Fraction
    likely: Fraction
    high: Fraction


class Choice(NamedTuple):
    """One of several values, each as likely as its share of the weights."""

    values: tuple[Value, ...]
    weights: tuple[Fraction, ...]


class Days(NamedTuple):
    """A day from one to another; without a most likely one each is as likely."""

    low: datetime.date
    high: datetime.date
    likely: datetime.date | None = None


class Late(NamedTuple):
    """A day so many days after the deadline, or before it where the number is below zero."""

    low: int
    high: int
    likely: int | None = None


class History(NamedTuple):
    """What the series did before goes on: from the last figure, stretches of the past in any order."""

    since: Period | None = None
    until: Period | None = None


How = Normal | Lognormal | Uniform | Triangular | Choice | Days | Late | History

NAMES: Final = {
    Normal: "normal",
    Lognormal: "lognormal",
    Uniform: "uniform",
    Triangular: "triangular",
    Choice: "choice",
    Days: "days",
    Late: "days late",
    History: "history",
}
"""The key that a distribution stands under."""


class Draw(NamedTuple):
    """One entry: its path in the file, how the figure is drawn, and the states that it may be in instead.

    `decimals` are those that figures are rounded to, None where that is not said.
    """

    key: str
    how: How
    states: tuple[tuple[str, Fraction], ...] = ()
    decimals: int | None = None


class Stated(NamedTuple):
    """A file of distributions: what is drawn how, by the path or the name of what is drawn."""

    file: str
    contract: str
    draws: dict[str, Draw]
    sha256: str = ""


NOTHING: Final = Stated("", "", {})
"""No file: all is drawn from the history of its series."""
