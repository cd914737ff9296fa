"""The verb `roll`: the draft of next year's contract, printed or written to a file."""

from __future__ import annotations

import argparse
import datetime

from rkdsl.files import folder_of
from rkdsl.reports import data
from rkdsl.rolling import NextYear, next_year
from rkdsl.tools import output
from rkdsl.tools.inputs import load, parted, read


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb, but for those that all verbs have."""
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument(
        "others", nargs="*", metavar="actuals.json", help="amendments (.rk), and what was reported"
    )
    output.add_options(parser, "next.rk")


def rolled(options: argparse.Namespace, as_of: datetime.date | None) -> tuple[NextYear, list[str]]:
    """The draft, and the files that were read for it. Raises `Refused`."""
    amendments, told = parted(options.others, options.stdin_filename)
    contract = load(read(options.contract, options.stdin_filename), amendments)
    folder = folder_of("" if options.contract == "-" else options.contract)
    draft = next_year(contract, [each.content for each in told], as_of, folder)
    return draft, [options.contract, *options.others, *contract.files]


def told(draft: NextYear, form: str) -> str:
    """What is printed of a draft."""
    if form == "text":
        return draft.text.rstrip("\n")
    notes = [{"id": each.id, "text": each.text} for each in draft.notes]
    return data.json_text({"format": "rkdsl-roll/1", "contract": draft.contract, "to_decide": notes})
