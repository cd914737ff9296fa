"""The verb `sql`: the whole evaluation of a contract as one query."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from rkdsl import messages, programs
from rkdsl.diagnostics import Place, Refused
from rkdsl.pipeline import Contract
from rkdsl.tools import output
from rkdsl.tools.common import usage

RUN: Final = ("duckdb", "postgres", "spark")
"""The dialects whose queries the tests run; others are translated."""


def add_options(parser: argparse.ArgumentParser, load: Callable[[argparse.Namespace], Contract]) -> None:
    """What the verb is asked; `load` gives the contract that options name."""
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument(
        "--dialect",
        default=RUN[0],
        help=f"{', '.join(RUN)}; or one that sqlglot knows, translated and not run",
    )
    parser.add_argument("--table", default="data", metavar="NAME", help="the table, written as it is")
    parser.add_argument(
        "--keep", metavar="COLUMN", action="append", default=[], help="another column that is kept"
    )
    parser.add_argument(
        "--without",
        metavar="COLUMN",
        action="append",
        default=[],
        help="a figure that the table has no column for",
    )
    parser.add_argument(
        "--state",
        metavar="COLUMN",
        action="append",
        default=[],
        help="a figure beside which `COLUMN:state` stands",
    )
    parser.add_argument(
        "--type",
        metavar="KIND=TYPE",
        action="append",
        default=[],
        help="the type of columns: number=double (decimal), whole=double (integer), day=text (date)",
    )
    parser.add_argument("--figure", metavar="NAME", action="append", help="a figure that comes out (all)")
    parser.add_argument(
        "--numbers", choices=("decimal", "fraction"), default="decimal", help="how numbers are written"
    )
    output.add_options(parser, "query.sql")
    parser.set_defaults(verb=lambda options: _sql(options, load))


def _sql(options: argparse.Namespace, load: Callable[[argparse.Namespace], Contract]) -> int:
    contract = load(options)
    day = options.as_of or contract.closes
    if day is None:
        raise Refused((messages.no_as_of(Place(options.contract)),), {})
    try:
        text = programs.query(
            contract,
            day,
            table=options.table,
            dialect=options.dialect,
            keep=options.keep,
            without=options.without,
            states=options.state,
            types=dict(_pair(each) for each in options.type),
            figures=options.figure,
            numbers=options.numbers,
        )
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        return usage(f"{package} is not installed: pip install 'rkdsl[sql]'")
    except KeyError as error:
        return usage(programs.no_figure(programs.rules_of(contract, day), str(error.args[0])))
    except ValueError as error:
        return usage(str(error.args[0]))
    if options.output is None:
        print(text)
        return 0
    wrong = output.write(
        options.output, f"{text}\n".encode(), (options.contract, *contract.files), force=options.force
    )
    return usage(wrong) if wrong else 0


def _pair(word: str) -> tuple[str, str]:
    kind, equals, type = word.partition("=")
    if not equals:
        raise ValueError(f"`{word}` is not such as number=double")
    return kind, type
