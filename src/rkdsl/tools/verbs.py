"""All verbs of the command but `eval`: their options, and what they do."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Final

from rkdsl.diagnostics import Refused
from rkdsl.pipeline import Contract, Looked, Outcome
from rkdsl.reports import data, lists, text
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
from rkdsl.tools.common import ACCEPTED, REFUSED, day, day_and_name, say, stdin_name, usage, with_the_usual
from rkdsl.tools.inputs import Input, grouped, load, look, parted, read


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "contracts",
        nargs="+",
        metavar="contract.rk",
        help="contracts, each with the amendments after it; - is standard input",
    )
    parser.add_argument("--fail-on", choices=("finding",), action="append", default=[])
    parser.add_argument("--format", choices=("text", "json"), default="text")
    stdin_name(parser)
    parser.set_defaults(verb=_check)


def _test_options(parser: argparse.ArgumentParser) -> None:
    testing.add_options(parser)
    stdin_name(parser)
    parser.set_defaults(verb=_test)


def _table_options(parser: argparse.ArgumentParser) -> None:
    table.add_options(parser)
    day_and_name(parser)
    parser.set_defaults(verb=_table)


def _diff_options(parser: argparse.ArgumentParser) -> None:
    diff.add_options(parser)
    with_the_usual(parser, _diff)


def _roll_options(parser: argparse.ArgumentParser) -> None:
    roll.add_options(parser)
    with_the_usual(parser, _roll)


def _series_options(parser: argparse.ArgumentParser) -> None:
    measures.add_options(parser)
    with_the_usual(parser, _series)


def _simulate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")
    day_and_name(parser)
    simulate.add_options(parser, day)


def _batch_options(parser: argparse.ArgumentParser) -> None:
    batch.add_options(parser, _loaded)
    _for_many(parser)


def _query_options(parser: argparse.ArgumentParser) -> None:
    queries.add_options(parser, _loaded)
    _for_many(parser)


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
    day_and_name(parser)


def _loaded(options: argparse.Namespace) -> Contract:
    """The contract that options name, with its amendments."""
    amendments = [read(each, options.stdin_filename) for each in options.amendment]
    return load(read(options.contract, options.stdin_filename), amendments)


def _told_options(parser: argparse.ArgumentParser) -> None:
    """A contract, and actuals where there are some."""
    parser.add_argument("contract", metavar="contract.rk", help="the contract; - is standard input")
    parser.add_argument(
        "actuals",
        nargs="*",
        metavar="actuals.json",
        help="amendments (.rk), and what happened, if it is told",
    )
    day_and_name(parser)


def _evaluated(options: argparse.Namespace) -> tuple[Contract, Outcome | None]:
    """The contract as its amendments leave it, and its outcome where there are actuals."""
    amendments, told = parted(options.actuals, options.stdin_filename)
    contract = load(read(options.contract, options.stdin_filename), amendments)
    if not told:
        return contract.amended(options.as_of), None
    return contract, contract.evaluate_bytes([each.content for each in told], options.as_of)


def _check(options: argparse.Namespace) -> int:
    """Check each contract by itself; one that is refused does not keep the others from being looked at."""
    code, reports = ACCEPTED, []
    if options.contracts.count("-") > 1:
        return usage("only one contract can be standard input")
    for first, amendments in grouped(options.contracts, options.stdin_filename):
        name = first.called
        looked = _looked_at(first, amendments)
        if not looked.kind or (looked.findings and "finding" in options.fail_on):
            code = REFUSED
        if options.format == "json":
            reports.append(_check_data(name, looked))
        else:
            say(_check_text(name, looked))
    if options.format == "json":
        say(data.json_text({"format": "rkdsl-check/1", "contracts": reports}))
    return code


def _test(options: argparse.Namespace) -> int:
    if options.contracts.count("-") > 1:
        return usage("only one contract can be standard input")
    tested = testing.test(options)
    say(tested.text)
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


def _table(options: argparse.Namespace) -> int:
    if (options.contract, *options.actuals).count("-") > 1:
        return usage("only one of contract and actuals can be standard input")
    amendments, found = parted(options.actuals, options.stdin_filename)
    contract = load(read(options.contract, options.stdin_filename), amendments)
    actuals = [each.content for each in found]
    say(table.told(contract, contract.evaluate_bytes(actuals, options.as_of), options.format))
    return ACCEPTED


def _diff(options: argparse.Namespace) -> int:
    comparison = diff.compared(options, options.as_of)
    if isinstance(comparison, str):
        return usage(comparison)
    say(diff.told(comparison, options))
    return ACCEPTED


def _roll(options: argparse.Namespace) -> int:
    draft, read_for_it = roll.rolled(options, options.as_of)
    if options.output is None:
        say(roll.told(draft, options.format))
        return ACCEPTED
    content = draft.text.encode("utf-8")
    wrong = output.write(options.output, content, read_for_it, force=options.force)
    return usage(wrong) if wrong else ACCEPTED


def _series(options: argparse.Namespace) -> int:
    say(measures.told(measures.found(options, options.as_of), options.format))
    return ACCEPTED


def _registers_options(parser: argparse.ArgumentParser) -> None:
    _told_options(parser)
    registers.add_options(parser, _evaluated)


def _calendar_options(parser: argparse.ArgumentParser) -> None:
    _told_options(parser)
    deadlines.add_options(parser, _evaluated)


OPTIONS: Final[dict[str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": _check_options,
    "table": _table_options,
    "diff": _diff_options,
    "roll": _roll_options,
    "series": _series_options,
    "simulate": _simulate_options,
    "registers": _registers_options,
    "calendar": _calendar_options,
    "test": _test_options,
    "batch": _batch_options,
    "sql": _query_options,
}
"""What adds the options of each verb to its parser."""
