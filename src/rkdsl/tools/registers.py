"""The verb `registers`: the tables beside the score, as stated or with what is reported."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from rkdsl.contract import register_remarks
from rkdsl.diagnostics import Place, Refused
from rkdsl.outcome import RegisterOutcome
from rkdsl.pipeline import Contract, Outcome
from rkdsl.reports import data, registers
from rkdsl.source import shown

Evaluated = Callable[[argparse.Namespace], tuple[Contract, Outcome | None]]
"""The contract that options name, and its outcome where they name actuals."""


def add_options(parser: argparse.ArgumentParser, evaluated: Evaluated) -> None:
    """What the verb is asked."""
    parser.add_argument("--register", metavar="NAME", action="append", default=[], help="only this one")
    parser.add_argument(
        "--sort", metavar="COLUMN", default="", help="sort the rows by a column, highest first"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(verb=lambda options: _registers(options, evaluated))


def _registers(options: argparse.Namespace, evaluated: Evaluated) -> int:
    contract, outcome = evaluated(options)
    found = contract.registers if outcome is None else outcome.registers
    known = [each.id for each in found]
    for name in options.register:
        _refuse_unknown(options.contract, name, known, "register")
    asked = [each for each in found if not options.register or each.id in options.register]
    if options.sort:
        columns = dict.fromkeys(column.id for each in asked for column in each.columns)
        _refuse_unknown(options.contract, options.sort, list(columns), "column")
    ordered = [registers.sorted_by(each, options.sort) for each in asked]
    if options.format == "json":
        told = data.registers_data(ordered)
        print(data.json_text({"format": "rkdsl-registers/1", "contract": contract.id, "registers": told}))
    else:
        print(registers.registers(ordered) or f"{contract.id} has no registers")
    unsorted = [each.id for each in asked if options.sort and not _has(each, options.sort)]
    if unsorted:
        print(
            f"rkdsl: not sorted, without a column {shown(options.sort)}: {', '.join(unsorted)}",
            file=sys.stderr,
        )
    return 0


def _has(register: RegisterOutcome, column: str) -> bool:
    return any(each.id == column for each in register.columns)


def _refuse_unknown(file: str, name: str, known: list[str], what: str) -> None:
    if name not in known:
        raise Refused((register_remarks.nothing_called(Place(file), name, known, what),), {})
