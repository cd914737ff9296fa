"""The verb `diff`: what changed between two versions of a contract, and what that comes to."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence

from rkdsl.comparing import Comparison, compare
from rkdsl.diagnostics import Refused
from rkdsl.pipeline import Contract
from rkdsl.reports import changes, data
from rkdsl.tools.inputs import Input, grouped, load, read

Version = tuple[Contract, str]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb, but for those that all verbs have."""
    parser.add_argument(
        "contracts",
        nargs="+",
        metavar="contract.rk",
        help="two contracts, each with the amendments after it; or one, as signed and with its amendments",
    )
    parser.add_argument(
        "--actuals", action="append", default=[], metavar="actuals.json", help="tell what it comes to"
    )
    parser.add_argument(
        "--as-amendment", action="store_true", help="print the amendment that makes the second of the first"
    )


def compared(options: argparse.Namespace, as_of: datetime.date | None) -> Comparison | str:
    """The two versions held against each other, or how the command should have been called."""
    groups = grouped(options.contracts, options.stdin_filename)
    if len(groups) > 2 or (len(groups) == 1 and not groups[0][1]):
        return "diff takes two contracts, or one contract and its amendments"
    first = _version(*groups[0], as_of) if len(groups) == 2 else load(groups[0][0])
    second = _version(*groups[-1], as_of)
    actuals = [read(each, options.stdin_filename).content for each in options.actuals]
    return compare(first, second, actuals, as_of)


def _version(contract: Input, amendments: Sequence[Input], as_of: datetime.date | None) -> Contract:
    """A contract with the amendments in force on a day; without one, with all that are given."""
    return load(contract, amendments).amended(as_of)


def told(comparison: Comparison, options: argparse.Namespace) -> str:
    """What is printed. Raises `Refused` where no amendment makes the second version of the first."""
    if options.as_amendment:
        made, mistakes = comparison.amendment()
        if mistakes:
            raise Refused(mistakes, comparison.sources)
        return made.rstrip("\n")
    found = (comparison.differences, comparison.before, comparison.after, comparison.points, comparison.unit)
    if options.format == "text":
        return changes.text(*found, comparison.titles)
    return data.json_text(changes.data(*found))
