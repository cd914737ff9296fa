"""The verb `calendar`: every day that a contract names, as text, JSON or a calendar file."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable

from rkdsl.pipeline import Contract, Outcome
from rkdsl.reports import data, deadlines
from rkdsl.reports.calendar_file import NoCalendarPackage, calendar_file
from rkdsl.tools import output

Evaluated = Callable[[argparse.Namespace], tuple[Contract, Outcome | None]]
"""The contract that options name, and its outcome where they name actuals."""
BEFORE_ALL = datetime.date(1970, 1, 1)
"""When events are said to be made for a contract without a period, of which nothing is told."""


def add_options(parser: argparse.ArgumentParser, evaluated: Evaluated) -> None:
    """What the verb is asked."""
    parser.add_argument("--format", choices=("text", "json", "ics"), default="text")
    output.add_options(parser, "FILE")
    parser.set_defaults(verb=lambda options: _calendar(options, evaluated))


def _calendar(options: argparse.Namespace, evaluated: Evaluated) -> int:
    contract, outcome = evaluated(options)
    try:
        content = _content(options.format, contract, outcome)
    except NoCalendarPackage:
        print("rkdsl: calendar files need the extra: pip install 'rkdsl[calendar]'", file=sys.stderr)
        return 2
    if options.output is None:
        sys.stdout.write(content.decode("utf-8", "surrogateescape"))
        return 0
    read = (options.contract, *options.actuals, *contract.files)
    wrong = output.write(options.output, content, read, force=options.force)
    if wrong:
        print(f"rkdsl: {wrong}", file=sys.stderr)
        return 2
    return 0


def _content(form: str, contract: Contract, outcome: Outcome | None) -> bytes:
    found = contract.deadlines if outcome is None else outcome.deadlines
    as_of = outcome.as_of if outcome is not None else None
    if form == "ics":
        period = contract.checked.period if contract.checked is not None else None
        stamp = as_of or (period.first if period is not None else BEFORE_ALL)
        return calendar_file(contract.id, contract.title, stamp, found)
    if form == "json":
        told = deadlines.to_dict(contract.id, as_of.isoformat() if as_of else "", found)
        return f"{data.json_text(told)}\n".encode("utf-8", "surrogateescape")
    return f"{deadlines.text(found)}\n".encode("utf-8", "surrogateescape")
