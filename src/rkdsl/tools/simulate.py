"""The verb `simulate`: what a contract comes to over many draws of what is missing."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable
from fractions import Fraction

from rkdsl.pipeline import Contract
from rkdsl.reports import data
from rkdsl.source import shown
from rkdsl.tools import output
from rkdsl.tools.common import usage
from rkdsl.tools.inputs import load, parted, read
from rkdsl.values import exact

DRAWS = 100_000
SEED = 1
MOST = 1_000_000_000
"""Draws of one run."""


def add_options(parser: argparse.ArgumentParser, day: Callable[[str], datetime.date]) -> None:
    """What the verb is asked."""
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument(
        "actuals", nargs="+", metavar="actuals.json", help="amendments (.rk), and what is known so far"
    )
    parser.add_argument(
        "--distributions", metavar="FILE.json", help="how missing figures are drawn; else from their history"
    )
    parser.add_argument("--draws", type=_draws, default=DRAWS, metavar="N", help=f"without it {DRAWS:_}")
    parser.add_argument("--seed", type=_seed, default=SEED, metavar="N", help=f"without it {SEED}")
    parser.add_argument("--at", type=day, metavar="DAY", help="the day that draws are scored as of")
    parser.add_argument(
        "--at-least",
        type=_threshold,
        action="append",
        default=[],
        metavar="N|VALUE=N",
        help="tell the chance of so much, of the total or a value; may be repeated",
    )
    output.add_options(parser, "FILE")
    parser.set_defaults(verb=_simulate)


def _whole(word: str, least: int, most: int) -> int:
    digits = word.replace("_", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 40 and least <= int(digits) <= most):
        raise argparse.ArgumentTypeError(f"`{shown(word)}` is not a whole number from {least} to {most}")
    return int(digits)


def _draws(word: str) -> int:
    return _whole(word, 1, MOST)


def _seed(word: str) -> int:
    return _whole(word, 0, 2**63 - 1)


def _threshold(word: str) -> tuple[str, Fraction]:
    name, is_named, number = word.rpartition("=")
    found = exact(number.replace("_", ""))
    if found is None or (is_named and not name):
        raise argparse.ArgumentTypeError(f"`{shown(word)}` is not a number, nor as in pay=50000")
    return name, found


def _simulate(options: argparse.Namespace) -> int:
    try:
        from rkdsl import simulation
        from rkdsl.reports import chances
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != "numpy":
            raise
        return usage("simulations need the extra: pip install 'rkdsl[simulate]'")
    if (options.contract, *options.actuals, options.distributions).count("-") > 1:
        return usage("only one of contract, actuals and distributions can be standard input")
    amendments, told = parted(options.actuals, options.stdin_filename)
    contract = load(read(options.contract, options.stdin_filename), amendments)
    if not told:
        return usage("no actuals are given after the contract")
    stated = None
    if options.distributions is not None:
        stated = read(options.distributions, options.stdin_filename).content
    found = simulation.simulate_bytes(
        contract,
        [each.content for each in told],
        stated,
        draws=options.draws,
        seed=options.seed,
        as_of=options.as_of,
        at=options.at,
        at_least=_thresholds(contract, options.at_least),
    )
    said = data.json_text(chances.as_data(found)) if options.format == "json" else chances.text(found)
    if options.output is None:
        print(said)
        return 0
    files = [options.contract, *options.actuals, *contract.files, *filter(None, [options.distributions])]
    content = f"{said}\n".encode("utf-8", "surrogateescape")
    wrong = output.write(options.output, content, files, force=options.force)
    return usage(wrong) if wrong else 0


def _thresholds(contract: Contract, asked: list[tuple[str, Fraction]]) -> dict[str, list[Fraction]]:
    """By the name; a number without one is for the total, or the result of a contract without points."""
    found: dict[str, list[Fraction]] = {}
    for name, number in asked:
        usual = "total" if contract.tree.total is not None else contract.tree.result
        found.setdefault(name or usual, []).append(number)
    return found
