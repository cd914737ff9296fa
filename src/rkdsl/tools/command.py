"""The command `rkdsl`: arguments in, text or JSON out, and the exit code.

Exit codes: 0 accepted (findings and missed goals included), 1 contract or actuals refused, or what `--final`
or `--fail-on` asks for, 2 wrong usage, output that cannot be written, or a mistake of the program itself.
"""

from __future__ import annotations

import argparse
import datetime
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Final

import rkdsl
from rkdsl import messages
from rkdsl.diagnostics import Diagnostic, Place, Refused
from rkdsl.outcome import MISSED, NOT_KNOWN
from rkdsl.pipeline import Contract, Looked, Outcome
from rkdsl.reports import data, lists, text
from rkdsl.source import shown
from rkdsl.tools import (
    batch,
    deadlines,
    diff,
    measures,
    output,
    queries,
    registers,
    roll,
    simulate,
    table,
    testing,
)
from rkdsl.tools.inputs import Input, grouped, load, look, parted, read
from rkdsl.values import parse_period

ACCEPTED: Final = 0
REFUSED: Final = 1
USAGE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code. Prints to standard output, mistakes to standard error."""
    _write_utf_8()
    try:
        code = _run(_parser().parse_args(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        _discard_output()
        return REFUSED
    except OSError as error:
        _discard_output()
        return _usage(f"cannot write: {(error.strerror or 'unknown reason').lower()}")
    except KeyboardInterrupt:
        return USAGE


def _run(options: argparse.Namespace) -> int:
    verb: Callable[[argparse.Namespace], int] = options.verb
    try:
        return verb(options)
    except Refused as refused:
        return _refuse(refused, options.format)


def _discard_output() -> None:
    """What is left of the output goes nowhere: the interpreter would try to write it at its end."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (kept open: the interpreter flushes it at exit)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rkdsl", description="Performance contracts: read, check, score and explain."
    )
    parser.add_argument("--version", action="version", version=f"rkdsl {rkdsl.__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _check_options(
        verbs.add_parser("check", help="look at contracts: mistakes, findings, the proof of the total")
    )
    _eval_options(verbs.add_parser("eval", help="score a contract from actuals"))
    _table_options(verbs.add_parser("table", help="score the contracts that one uses, beside each other"))
    _diff_options(verbs.add_parser("diff", help="what changed between two versions of a contract"))
    _roll_options(verbs.add_parser("roll", help="draft the contract of the next year"))
    _series_options(verbs.add_parser("series", help="what is said and reported of measures"))
    draws = verbs.add_parser("simulate", help="draw what is missing: the chances of points and pay")
    draws.add_argument("--format", choices=("text", "json"), default="text")
    _day_and_name(draws)
    simulate.add_options(draws, _day)
    tables = verbs.add_parser(
        "registers", help="the tables beside the score: risks, resources, plans, duties"
    )
    _told_options(tables)
    registers.add_options(tables, _evaluated)
    days = verbs.add_parser("calendar", help="every day that a contract names, also as a calendar file")
    _told_options(days)
    deadlines.add_options(days, _evaluated)
    _test_options(
        verbs.add_parser("test", help="try the examples of contracts, and see what they do not touch")
    )
    many = verbs.add_parser("batch", help="score every row of a table into another")
    batch.add_options(many, _loaded)
    _for_many(many)
    query = verbs.add_parser("sql", help="the whole evaluation as one SQL query")
    queries.add_options(query, _loaded)
    _for_many(query)
    return parser


def _for_many(parser: argparse.ArgumentParser) -> None:
    """The options of verbs for many rows."""
    parser.set_defaults(format="text")
    parser.add_argument(
        "--amendment",
        metavar="amendment.rk",
        action="append",
        default=[],
        help="an amendment; may be repeated",
    )
    _day_and_name(parser)


def _loaded(options: argparse.Namespace) -> Contract:
    """The contract that options name, with its amendments."""
    amendments = [read(each, options.stdin_filename) for each in options.amendment]
    return load(read(options.contract, options.stdin_filename), amendments)


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "contracts",
        nargs="+",
        metavar="contract.rk",
        help="contracts, each with the amendments after it; - is standard input",
    )
    parser.add_argument("--fail-on", choices=("finding",), action="append", default=[])
    parser.add_argument("--format", choices=("text", "json"), default="text")
    _stdin_name(parser)
    parser.set_defaults(verb=_check)


def _eval_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument(
        "actuals",
        nargs="+",
        metavar="actuals.json",
        help="amendments (.rk), and what happened, each file for the contract it names; - is standard input",
    )
    parser.add_argument("--as-signed", action="store_true", help="apply no amendment")
    parser.add_argument(
        "--previous",
        metavar="outcome.json",
        help="the outcome of the period before, as JSON; - is standard input",
    )
    parser.add_argument("--final", action="store_true", help="refuse while anything is open")
    parser.add_argument(
        "--fail-on",
        choices=("missed", "unknown", "finding"),
        action="append",
        default=[],
        help="exit with 1 when there is one; may be repeated",
    )
    parser.add_argument(
        "--explain", metavar="ITEM|all", action="append", default=[], help="show how a figure came about"
    )
    _with_the_usual(parser, _eval)


def _test_options(parser: argparse.ArgumentParser) -> None:
    testing.add_options(parser)
    _stdin_name(parser)
    parser.set_defaults(verb=_test)


def _table_options(parser: argparse.ArgumentParser) -> None:
    table.add_options(parser)
    _day_and_name(parser)
    parser.set_defaults(verb=_table)


def _with_the_usual(parser: argparse.ArgumentParser, verb: Callable[[argparse.Namespace], int]) -> None:
    """The options that most verbs have, and the verb itself."""
    parser.add_argument("--format", choices=("text", "json"), default="text")
    _day_and_name(parser)
    parser.set_defaults(verb=verb)


def _diff_options(parser: argparse.ArgumentParser) -> None:
    diff.add_options(parser)
    _with_the_usual(parser, _diff)


def _roll_options(parser: argparse.ArgumentParser) -> None:
    roll.add_options(parser)
    _with_the_usual(parser, _roll)


def _series_options(parser: argparse.ArgumentParser) -> None:
    measures.add_options(parser)
    _with_the_usual(parser, _series)


def _day_and_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as-of", type=_day, metavar="DAY", help="the day whose knowledge counts")
    _stdin_name(parser)


def _told_options(parser: argparse.ArgumentParser) -> None:
    """A contract, and actuals where there are some."""
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument(
        "actuals",
        nargs="*",
        metavar="actuals.json",
        help="amendments (.rk), and what happened, if it is told",
    )
    _day_and_name(parser)


def _evaluated(options: argparse.Namespace) -> tuple[Contract, Outcome | None]:
    """The contract as its amendments leave it, and its outcome where there are actuals."""
    amendments, told = parted(options.actuals, options.stdin_filename)
    contract = load(read(options.contract, options.stdin_filename), amendments)
    if not told:
        return contract.amended(options.as_of), None
    return contract, contract.evaluate_bytes([each.content for each in told], options.as_of)


def _stdin_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdin-filename", default="<stdin>", help="what messages call standard input")


def _day(word: str) -> datetime.date:
    period = parse_period(word)
    if period is None or period.kind != "day":
        raise argparse.ArgumentTypeError(f"`{shown(word)}` is not a day such as 2009-12-31")
    return period.first


# ---- verbs


def _check(options: argparse.Namespace) -> int:
    """Check each contract by itself; one that is refused does not keep the others from being looked at."""
    code, reports = ACCEPTED, []
    if options.contracts.count("-") > 1:
        return _usage("only one contract can be standard input")
    for first, amendments in grouped(options.contracts, options.stdin_filename):
        name = first.called
        looked = _looked_at(first, amendments)
        if not looked.kind or (looked.findings and "finding" in options.fail_on):
            code = REFUSED
        if options.format == "json":
            reports.append(_check_data(name, looked))
        else:
            _print(_check_text(name, looked))
    if options.format == "json":
        _print(data.json_text({"format": "rkdsl-check/1", "contracts": reports}))
    return code


def _test(options: argparse.Namespace) -> int:
    if options.contracts.count("-") > 1:
        return _usage("only one contract can be standard input")
    tested = testing.test(options)
    _print(tested.text)
    return ACCEPTED if tested.holds else REFUSED


def _looked_at(first: Input, amendments: Sequence[Input]) -> Looked:
    """What is found in a file; of no kind where it is refused."""
    try:
        return look(first, amendments)
    except Refused as refused:
        return Looked("", None, refused.diagnostics, refused.sources)


def _check_text(name: str, looked: Looked) -> str:
    if not looked.kind:
        mistakes = sum(each.is_error for each in looked.findings)
        refused = Refused(looked.findings, looked.sources)
        return f"{refused}\n\n{name}: refused, {mistakes or 'no'} mistake{'' if mistakes == 1 else 's'}"
    parts = lists.text(looked.findings, looked.silenced, looked.sources)
    contract = looked.contract
    parts += [text.amendments(contract.amendments)] if contract is not None and contract.amendments else []
    if contract is not None and contract.tree.total is not None:
        parts.append("highest points\n" + text.proof(contract.proof))
    if contract is not None:
        parts.append("what is missing\n" + text.rules(contract.rules, contract.closes))
    kind = "" if contract is not None else f" as a {looked.kind}"
    parts.append(f"{name}: accepted{kind}, {lists.summary(looked.findings, looked.silenced)}")
    return "\n\n".join(parts)


def _check_data(name: str, looked: Looked) -> data.Data:
    contract = looked.contract
    return {
        "file": name,
        "kind": looked.kind or None,
        "contract": contract.id if contract else None,
        "accepted": bool(looked.kind),
        **lists.data(looked.findings, looked.silenced, looked.sources),
        "amendments": data.amendments_data(contract.amendments) if contract else [],
        "proof": data.proof_data(contract.proof) if contract else [],
        "rules": data.rules_data(contract.rules) if contract else [],
        "reporting_closes": contract.closes.isoformat() if contract and contract.closes else None,
    }


def _eval(options: argparse.Namespace) -> int:
    if (options.contract, *options.actuals, options.previous).count("-") > 1:
        return _usage("only one of contract, actuals and previous outcome can be standard input")
    stdin_name = options.stdin_filename
    amendments, told = parted(options.actuals, stdin_name)
    contract = load(read(options.contract, stdin_name), amendments)
    if not told:
        return _usage("no actuals are given after the contract")
    actuals = [each.content for each in told]
    previous = read(options.previous, stdin_name).content if options.previous is not None else None
    outcome = contract.evaluate_bytes(actuals, options.as_of, previous, as_signed=options.as_signed)
    if options.final and not outcome.is_final:
        raise Refused((_not_final(actuals[0][0], outcome),), contract.sources)
    explained = _explained(options, outcome)
    if options.format == "json":
        _print(data.json_text({**outcome.to_dict(), **({"explanations": explained} if explained else {})}))
    elif explained:
        _print("\n\n".join(str(outcome.explain(each)) for each in explained))
    else:
        _print(text.outcome(outcome).rstrip("\n"))
    return REFUSED if _fails(options.fail_on, outcome) else ACCEPTED


def _table(options: argparse.Namespace) -> int:
    if (options.contract, *options.actuals).count("-") > 1:
        return _usage("only one of contract and actuals can be standard input")
    amendments, found = parted(options.actuals, options.stdin_filename)
    contract = load(read(options.contract, options.stdin_filename), amendments)
    actuals = [each.content for each in found]
    _print(table.told(contract, contract.evaluate_bytes(actuals, options.as_of), options.format))
    return ACCEPTED


def _diff(options: argparse.Namespace) -> int:
    comparison = diff.compared(options, options.as_of)
    if isinstance(comparison, str):
        return _usage(comparison)
    _print(diff.told(comparison, options))
    return ACCEPTED


def _roll(options: argparse.Namespace) -> int:
    draft, read_for_it = roll.rolled(options, options.as_of)
    if options.output is None:
        _print(roll.told(draft, options.format))
        return ACCEPTED
    content = draft.text.encode("utf-8")
    wrong = output.write(options.output, content, read_for_it, force=options.force)
    return _usage(wrong) if wrong else ACCEPTED


def _series(options: argparse.Namespace) -> int:
    _print(measures.told(measures.found(options, options.as_of), options.format))
    return ACCEPTED


def _explained(options: argparse.Namespace, outcome: Outcome) -> dict[str, object]:
    """What is to be explained, by name; `all` is everything in the contract's order."""
    names = list(dict.fromkeys(options.explain))
    if "all" in names:
        names = list(outcome.explainable)
    for each in names:
        if each not in outcome.explainable:
            raise Refused((_nothing_to_explain(options.contract, each, outcome),), {})
    return {each: data.explanation_data(outcome.explain(each).lines) for each in names}


def _nothing_to_explain(file: str, name: str, outcome: Outcome) -> Diagnostic:
    """What can be explained: items, sections, the total and named values; of registers their cells."""
    bearers = [*(each.id for each in outcome.items), *(each.id for each in outcome.sections)]
    values = [each.id for each in outcome.values if "@" not in each.id]
    names = [each for each in (*bearers, "total", *values) if each in outcome.explainable]
    cells = [
        f"{register.id}.{row.key}.{column}"
        for register in outcome.registers
        for row in register.rows
        for column in row.cells
    ]
    return messages.nothing_to_explain(
        Place(file), name, names, [each for each in cells if each in outcome.explainable]
    )


def _not_final(name: str, outcome: Outcome) -> Diagnostic:
    waiting = [f"{each.id} ({each.state})" for each in outcome.items if each.open or each.may_become]
    if outcome.result is not None and outcome.result.state == NOT_KNOWN:
        waiting.append(f"{outcome.result.id} ({outcome.result.state})")
    stated = sum(text.startswith(("RK501", "RK502", "RK503")) for _, text in outcome.findings)
    return messages.not_final(Place(name), waiting, stated)


def _fails(asked: Sequence[str], outcome: Outcome) -> bool:
    states = {each.state for each in outcome.items}
    states.update([outcome.result.state] if outcome.result is not None else [])
    found = {
        "missed": MISSED in states,
        "unknown": NOT_KNOWN in states,
        "finding": bool(outcome.findings),
    }
    return any(found[each] for each in asked)


# ---- printing


def _refuse(refused: Refused, form: str) -> int:
    if form == "json":
        found = [data.diagnostic_data(each, refused.sources) for each in refused.diagnostics]
        _print(data.json_text({"format": "rkdsl-refused/1", "diagnostics": found}))
    else:
        print(refused, file=sys.stderr)
    return REFUSED


def _usage(sentence: str) -> int:
    print(f"rkdsl: {sentence}", file=sys.stderr)
    return USAGE


def _write_utf_8() -> None:
    """Whatever the locale: the same input gives the same bytes, and the name of a file those it was given in."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")


def _print(content: str) -> None:
    print(content)


def run() -> None:
    """The entry of the installed command. A mistake of the program is no verdict on a contract: exit code 2."""
    try:
        code = main()
    except Exception:
        traceback.print_exc()
        code = _usage("this is a mistake of the program: please report it, with the contract if you may")
    sys.exit(code)
