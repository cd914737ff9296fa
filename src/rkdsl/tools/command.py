"""The command `rkdsl`: arguments in, text or JSON out, and the exit code.

Exit codes: 0 accepted (findings and missed goals included), 1 contract or actuals refused, or what `--final`
or `--fail-on` asks for, 2 wrong usage, output that cannot be written, or a mistake of the program itself.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable, Sequence

import rkdsl
from rkdsl.plain import TYPE_CHECKING, Any, Final, Late

if TYPE_CHECKING:
    import argparse
    import traceback

    from rkdsl import diagnostics
    from rkdsl.reports import data
    from rkdsl.tools import common, scoring, verbs
else:
    argparse, traceback = Late("argparse"), Late("traceback")
    diagnostics, data = Late("rkdsl.diagnostics"), Late("rkdsl.reports.data")
    common, scoring, verbs = (Late(f"rkdsl.tools.{each}") for each in ("common", "scoring", "verbs"))

EVAL: Final = "eval"
VERBS: Final = {
    "check": "look at contracts: mistakes, findings, the proof of the total",
    EVAL: "score a contract from actuals",
    "table": "score the contracts that one uses, beside each other",
    "diff": "what changed between two versions of a contract",
    "roll": "draft the contract of the next year",
    "series": "what is said and reported of measures",
    "simulate": "draw what is missing: the chances of points and pay",
    "registers": "the tables beside the score: risks, resources, plans, duties",
    "calendar": "every day that a contract names, also as a calendar file",
    "test": "try the examples of contracts, and see what they do not touch",
    "batch": "score every row of a table into another",
    "sql": "the whole evaluation as one SQL query",
}
"""The verbs, and what each is for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code. Prints to standard output, mistakes to standard error."""
    _write_utf_8()
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        _discard_output()
        return common.REFUSED
    except OSError as error:
        _discard_output()
        return common.usage(f"cannot write: {(error.strerror or 'unknown reason').lower()}")
    except KeyboardInterrupt:
        return common.USAGE


def _run(arguments: Sequence[str]) -> int:
    options: Any = scoring.quick_options(arguments[1:]) if list(arguments[:1]) == [EVAL] else None
    verb: Callable[[Any], int] = scoring.score
    if options is None:
        options = _parser(arguments).parse_args(arguments)
        verb = options.verb
    try:
        return verb(options)
    except diagnostics.Refused as refused:
        return _refuse(refused, options.format)


def _discard_output() -> None:
    """What is left of the output goes nowhere: the interpreter would try to write it at its end."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (kept open: the interpreter flushes it at exit)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """What reads the arguments; of the verbs only those that stand in them are known more closely."""
    parser = argparse.ArgumentParser(
        prog="rkdsl", description="Performance contracts: read, check, score and explain."
    )
    parser.add_argument("--version", action="version", version=f"rkdsl {rkdsl.__version__}")
    found = parser.add_subparsers(required=True, metavar="VERB")
    for name, purpose in VERBS.items():
        verb = found.add_parser(name, help=purpose)
        if name in arguments:
            (scoring.add_options if name == EVAL else verbs.OPTIONS[name])(verb)
    return parser


def _refuse(refused: diagnostics.Refused, form: str) -> int:
    if form == "json":
        found = [data.diagnostic_data(each, refused.sources) for each in refused.diagnostics]
        common.say(data.json_text({"format": "rkdsl-refused/1", "diagnostics": found}))
    else:
        print(refused, file=sys.stderr)
    return common.REFUSED


def _write_utf_8() -> None:
    """Whatever the locale: the same input gives the same bytes, and the name of a file those it was given in."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")


_MANY: Final = 100_000
"""New objects before the collector looks for what nobody needs: most commands end before. Said before much is
imported, so that this file imports next to nothing."""


def run() -> None:
    """The entry of the installed command. A mistake of the program is no verdict on a contract: exit code 2."""
    gc.set_threshold(_MANY)
    try:
        code = main()
    except Exception:
        traceback.print_exc()
        code = common.usage(
            "this is a mistake of the program: please report it, with the contract if you may"
        )
    if "_duckdb" not in sys.modules:  # it looks for what was not given back, and tells it
        gc.freeze()  # the interpreter is about to end: nothing is to be looked through once more
    sys.exit(code)
