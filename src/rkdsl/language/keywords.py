"""The one table of keywords and unit names: each token and its spelling, one column a language."""

from __future__ import annotations

from rkdsl.plain import Final, NamedTuple
from rkdsl.values import (
    COUNTS,
    CURRENCIES,
    DAY,
    DAYS,
    PERCENT,
    PERCENTAGE_POINTS,
    PERMILLE,
    PLAIN,
    POINTS,
    REGISTERED,
    RHYTHMS,
    TRUTH,
    WORD,
    Unit,
)


class Keyword(NamedTuple):
    """A token of the grammar and how it is spelled."""

    token: str
    english: str


def _keyword(english: str) -> Keyword:
    """Most tokens are called as they are spelled."""
    return Keyword(english.upper().replace(" ", "_"), english)


KEYWORDS: Final = tuple(
    map(
        _keyword,
        (
            # a contract
            *("contract", "parties", "and", "period", "targets bind in", "total", "reporting closes", "role"),
            *("not reported", "not applicable", "stays open", "counts as zero", "is left out"),
            *("calendar", "except", "result", "signed"),
            # beside a contract
            *("use", "amendment", "remove", "register", "example", "given", "expect"),
            # measures and facts
            *("measure", "fact", "unit", "lower is better", "higher is better", "no direction", "each"),
            *("source", "range", "may not apply", "parameter"),
            # sections and items
            *("section", "goal", "requirement", "weight", "target", "milestone", "worth", "late costs"),
            *("per started week", "down to", "assessed by", "all of", "any of", "of"),
            *("guideline", "followed", "evidence", "reads", "equals"),
            *("score", "on top", "combined by", "needs", "limit"),
            # named values, scales and their forms
            *("value", "scale", "steps of", "across", "curve of", "when", "otherwise", "rounded", "shown"),
            # conditions
            *("at most", "at least", "above", "below", "exactly", "between", "or"),
            *("is", "is not", "as good as", "better than"),
            *("falls by", "rises by", "falls", "rises", "unchanged within", "linear from", "to"),
            # time
            *("at", "in", "by", "before", "from", "year before"),
            # values as stated
            *("undecided", "until", "unclear", "elsewhere", "see", "governs", "million"),
            "not defined",
        ),
    )
)
"""Every keyword of the language. A test counts them."""


class UnitName(NamedTuple):
    """The spelling of a unit, and the unit."""

    english: str
    unit: Unit


UNIT_NAMES: Final = (
    UnitName("%", PERCENT),
    UnitName("‰", PERMILLE),
    UnitName("pp", PERCENTAGE_POINTS),
    UnitName("number", PLAIN),
    UnitName("points", POINTS),
    UnitName("days", DAYS),
    *(
        UnitName(name, Unit(above=(name,)))
        for name in ("weeks", "hours", "minutes", "fte", "km", "kwh", "tonnes")
    ),
    UnitName("yes or no", TRUTH),
    UnitName("word", WORD),
    *(UnitName(name, unit) for name, unit in REGISTERED.items()),
    *(UnitName(name, DAY if name == "day" else Unit(above=(name,))) for name in RHYTHMS),
    *(UnitName(name, Unit(above=(name,))) for name in sorted(COUNTS | CURRENCIES)),
)
"""The closed table of units: what is counted, money by ISO 4217 code, and the rhythms of measures."""

UNITS: Final = {name.english: name.unit for name in UNIT_NAMES}
SPELLING: Final = {keyword.token: keyword.english for keyword in KEYWORDS}
