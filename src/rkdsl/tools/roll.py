"""The verb `roll`: the draft of next year's contract, printed or written to a file."""

from __future__ import annotations

import argparse
import datetime
import os
import tempfile
from pathlib import Path

from rkdsl.pipeline import folder_of
from rkdsl.reports import data
from rkdsl.rolling import NextYear, next_year
from rkdsl.tools.inputs import load, parted, read


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb, but for those that all verbs have."""
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument(
        "others", nargs="*", metavar="actuals.json", help="amendments (.rk), and what was reported"
    )
    parser.add_argument("-o", "--output", metavar="next.rk", help="write the draft to a file")
    parser.add_argument("--force", action="store_true", help="write it also where there is a file already")


def rolled(options: argparse.Namespace, as_of: datetime.date | None) -> NextYear:
    """The draft. Raises `Refused`."""
    amendments, told = parted(options.others, options.stdin_filename)
    contract = load(read(options.contract, options.stdin_filename), amendments)
    folder = folder_of("" if options.contract == "-" else options.contract)
    return next_year(contract, [each.content for each in told], as_of, folder)


def told(draft: NextYear, form: str) -> str:
    """What is printed of a draft."""
    if form == "text":
        return draft.text.rstrip("\n")
    notes = [{"id": each.id, "text": each.text} for each in draft.notes]
    return data.json_text({"format": "rkdsl-roll/1", "contract": draft.contract, "to_decide": notes})


def write(path: str, text: str, *, force: bool) -> str:
    """Put a text into a file, whole or not at all; why it cannot be, or nothing."""
    target = Path(path)
    if target.exists() and not force:
        return f"{path} is there already: give another name, or --force"
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o666 & ~_mask())
        os.replace(name, target)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        return f"cannot write {path}: {(error.strerror or 'unknown reason').lower()}"
    return ""


def _mask() -> int:
    """The rights that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
