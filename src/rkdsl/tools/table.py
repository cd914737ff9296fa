"""The verb `table`: all units that a contract uses beside each other."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Final

from rkdsl.pipeline import Contract, Outcome
from rkdsl.reports import data, table

FORMATS: Final[dict[str, Callable[[table.Table], str]]] = {
    "text": table.in_text,
    "json": lambda found: data.json_text(table.as_data(found)),
    "csv": table.in_csv,
}
"""How a table is printed."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb that no other has."""
    parser.add_argument("contract", metavar="portfolio.rk", help="a contract that uses those of the units")
    parser.add_argument(
        "actuals", nargs="+", metavar="actuals.json", help="what happened, for the contracts they name"
    )
    parser.add_argument("--format", choices=tuple(FORMATS), default="text")


def told(contract: Contract, outcome: Outcome, form: str) -> str:
    """The table of a contract's units in a format."""
    return FORMATS[form](table.table(outcome, units(contract)))


def units(contract: Contract) -> tuple[table.Unit, ...]:
    """The contracts with goals that one uses, at any depth; the contract itself, where it uses none."""
    return tuple(_units(contract, "")) if contract.used else (_unit(contract, ""),)


def _units(contract: Contract, prefix: str) -> Iterator[table.Unit]:
    """Each contract used, before those that it uses. Uses are nested a few levels."""
    for each in contract.used:
        inner = f"{prefix}{each.id}."
        unit = _unit(each, inner)
        if unit.items:
            yield unit
        yield from _units(each, inner)


def _unit(contract: Contract, prefix: str) -> table.Unit:
    own = contract.own or contract.tree
    return table.Unit(prefix, contract.title, tuple(each.id for each in own.items))
