"""The verb `series`: what is said and reported of measures, period by period."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from rkdsl.reports import data, series
from rkdsl.reports.series import Series
from rkdsl.series import series_of
from rkdsl.tools.inputs import STANDARD_INPUT, load, parted, read


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb, but for those that all verbs have."""
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument(
        "others",
        nargs="*",
        metavar="actuals.json|MEASURE",
        help="amendments (.rk), what was reported, and the measures to show; all of them without a name",
    )


def found(options: argparse.Namespace, as_of: datetime.date | None) -> tuple[Series, ...]:
    """The series that are asked for. Raises `Refused`."""
    names = [each for each in options.others if _is_name(each)]
    files = [each for each in options.others if each not in names]
    amendments, told_by = parted(files, options.stdin_filename)
    contract = load(read(options.contract, options.stdin_filename), amendments)
    return series_of(contract, [each.content for each in told_by], as_of, names)


def _is_name(word: str) -> bool:
    return word != STANDARD_INPUT and word.isidentifier() and not Path(word).exists()


def told(shown: tuple[Series, ...], form: str) -> str:
    """What is printed of them."""
    return series.text(shown) if form == "text" else data.json_text(series.data(shown))
