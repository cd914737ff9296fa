"""What actuals say: reports of readings, milestones, facts and all else that is told of a contract, as written.

Knows nothing of the format they were read from, nor of the contract they belong to.
"""

from __future__ import annotations

import datetime
from fractions import Fraction

from rkdsl.plain import Final, Plain, evolve
from rkdsl.values import State

READING: Final = "reading"
MILESTONE: Final = "milestone"
FACT: Final = "fact"
ASSESSMENT: Final = "assessment"
PARAMETER: Final = "parameter"
CARRIED: Final = "carried"

SECTIONS: Final = {
    READING: "readings",
    MILESTONE: "milestones",
    FACT: "facts",
    ASSESSMENT: "assessed",
    PARAMETER: "parameters",
    CARRIED: "carried",
}
"""Under which heading the reports of a kind stand."""

REGISTERS: Final = "registers"
"""The heading of what is reported of the rows of registers: facts, by register, row and column."""
FORECASTS: Final = "forecasts"
"""The heading of what is expected: readings, milestones and facts that have not happened."""

CARRIED_PARTS: Final = ("state", "points", "maximum", "share")
"""What may be carried over of an item, a section or the total: its `share` is points / maximum."""

NOT_DONE: Final = "not done"
"""What is said of a milestone that has not been reached."""
CONTRACT: Final = "contract"
"""What a report corrects when it corrects a figure that the contract itself states."""

Name = tuple[str, str]
"""The kind of something that may be reported, and its name."""

Value = Fraction | datetime.date | bool | str | State
"""A number as written (80 for 80 %), a day, yes or no, a word, or the state *not applicable*."""


class Report(Plain):
    """One entry: what was said of one thing, when, by whom.

    `period` is the canonical text of the period of a reading, or of a parameter that has periods, else "".
    `reported` is the day it was reported; None when that is not said. `corrects` is the day of the earlier
    report it takes the place of, or `CONTRACT`. `by` and `reason` belong to assessments. `key` is its path in
    the file.
    """

    kind: str
    id: str
    period: str
    value: Value
    key: str
    reported: datetime.date | None = None
    source: str = ""
    corrects: datetime.date | str | None = None
    by: str = ""
    reason: str = ""


class Blank(Plain):
    """Something that is named without a report: its value is `null`, or an empty object or list.

    `id` may be less than the name of a field: a parameter without its column, or an item without the part.
    """

    kind: str
    id: str
    period: str
    key: str


class Record(Plain):
    """Actuals of one contract: for which, as of which day if they say so, and their reports in order.

    `sha256` is the hexadecimal hash of the bytes it was read from; `blanks` what is named in it without a report.
    `path` is what keys of the record begin with where its file holds several: `[1].`.
    `forecasts` are kept apart from reports: what is expected is nothing that happened.
    """

    file: str
    contract: str
    as_of: datetime.date | None
    note: str
    reports: tuple[Report, ...]
    sha256: str
    blanks: tuple[Blank, ...] = ()
    path: str = ""
    forecasts: tuple[Report, ...] = ()


def without_names(record: Record, names: frozenset[Name]) -> Record:
    """The record without what it tells of these names."""
    reports = tuple(each for each in record.reports if (each.kind, each.id) not in names)
    forecasts = tuple(each for each in record.forecasts if (each.kind, each.id) not in names)
    longer = {(kind, id.rpartition(".")[0]) for kind, id in names} | names
    blanks = tuple(each for each in record.blanks if (each.kind, each.id) not in longer)
    return evolve(record, reports=reports, blanks=blanks, forecasts=forecasts)
