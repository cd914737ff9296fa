"""The verb `test`: the examples of contracts, what came of them and what they do not touch."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NamedTuple

from rkdsl.diagnostics import Refused
from rkdsl.reports import data, examples
from rkdsl.tools.inputs import Input, grouped, load
from rkdsl.trials import FORMAT, Trials


class Tested(NamedTuple):
    """What there is to say, and whether every example holds and touches as much as is asked for."""

    text: str
    holds: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the verb is told."""
    parser.add_argument(
        "contracts",
        nargs="+",
        metavar="contract.rk",
        help="contracts, each with the amendments after it; - is standard input",
    )
    parser.add_argument(
        "--fail-under",
        type=_percent,
        default=0,
        metavar="N",
        help="exit with 1 when the examples of a contract touch less than N per cent of it",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _percent(word: str) -> int:
    if not word.isdecimal() or not word.isascii() or len(word) > 3 or int(word) > 100:
        raise argparse.ArgumentTypeError("is a whole number from 0 to 100")
    return int(word)


def test(options: argparse.Namespace) -> Tested:
    """Try the examples of each contract; one that is refused does not keep the others from being tried."""
    found = [_tried(*each) for each in grouped(options.contracts, options.stdin_filename)]
    holds = all(
        isinstance(each, Trials) and each.holds and not _is_under(options.fail_under, each)
        for _, each in found
    )
    if options.format == "json":
        reports = [_data(name, each) for name, each in found]
        return Tested(data.json_text({"format": FORMAT, "contracts": reports}), holds)
    return Tested("\n\n".join(_text(name, each) for name, each in found), holds)


def _tried(first: Input, amendments: Sequence[Input]) -> tuple[str, Trials | Refused]:
    try:
        return first.called, load(first, amendments).test()
    except Refused as refused:
        return first.called, refused


def _is_under(percent: int, trials: Trials) -> bool:
    """Whether less is touched than asked for."""
    return 100 * (len(trials.coverage) - len(trials.untouched)) < percent * len(trials.coverage)


def _text(name: str, found: Trials | Refused) -> str:
    if isinstance(found, Refused):
        return f"{found}\n\n{name}: refused"
    return f"{examples.text(found)}\n{name}: {'holds' if found.holds else 'fails'}"


def _data(name: str, found: Trials | Refused) -> dict[str, Any]:  # plain data
    if isinstance(found, Trials):
        return examples.data(name, found)
    told = [data.diagnostic_data(each, found.sources) for each in found.diagnostics]
    return {
        "file": name,
        "contract": None,
        "holds": False,
        "diagnostics": told,
        "examples": [],
        "coverage": None,
    }
