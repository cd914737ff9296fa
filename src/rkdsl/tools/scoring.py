"""`rkdsl eval`: scores a contract from actuals. What was compiled before is not compiled again."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence

from rkdsl import evaluation
from rkdsl.diagnostics import Diagnostic, Place, Refused
from rkdsl.outcome import MISSED, NOT_KNOWN
from rkdsl.plain import TYPE_CHECKING, Final, Late, NamedTuple, Protocol
from rkdsl.reports import text
from rkdsl.source import Source
from rkdsl.tools import inputs
from rkdsl.tools.common import ACCEPTED, REFUSED, day, say, usage, with_the_usual
from rkdsl.tools.inputs import Input, parted, read

if TYPE_CHECKING:
    import argparse

    from rkdsl import messages
    from rkdsl.evaluation import Outcome
    from rkdsl.reports import data
else:
    messages, data = Late("rkdsl.messages"), Late("rkdsl.reports.data")
    argparse = Late("argparse")


class Options(Protocol):
    """What the command was asked for."""

    contract: str
    actuals: list[str]
    as_signed: bool
    previous: str | None
    final: bool
    fail_on: list[str]
    explain: list[str]
    format: str
    as_of: datetime.date | None
    stdin_filename: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """What it is asked for with."""
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
        choices=_FAILURES,
        action="append",
        default=[],
        help="exit with 1 when there is one; may be repeated",
    )
    parser.add_argument(
        "--explain", metavar="ITEM|all", action="append", default=[], help="show how a figure came about"
    )
    with_the_usual(parser, score)


_FAILURES: Final = ("missed", "unknown", "finding")
_FORMATS: Final = ("text", "json")


class _Quick:
    """Options as `argparse` gives them."""

    def __init__(self) -> None:
        self.contract = ""
        self.actuals: list[str] = []
        self.as_signed = self.final = False
        self.previous: str | None = None
        self.fail_on: list[str] = []
        self.explain: list[str] = []
        self.format = "text"
        self.as_of: datetime.date | None = None
        self.stdin_filename = "<stdin>"


def quick_options(words: Sequence[str]) -> Options | None:
    """The options of a plain call, read without `argparse`; None where that has to be asked."""
    found, names, ended = _Quick(), [], False
    rest = iter(words)
    for word in rest:
        if word == "-" or not word.startswith("-"):
            if ended:
                return None
            names.append(word)
            continue
        ended = bool(names)
        if word in ("--as-signed", "--final"):
            setattr(found, word[2:].replace("-", "_"), True)
        elif not _take(found, word, next(rest, "--")):
            return None
    if len(names) < 2:
        return None
    found.contract, found.actuals = names[0], names[1:]
    return found


def _take(found: _Quick, option: str, value: str) -> bool:
    """Whether an option and its value are plain ones."""
    if value.startswith("-") and value != "-":
        return False
    if option == "--format" and value in _FORMATS:
        found.format = value
    elif option == "--fail-on" and value in _FAILURES:
        found.fail_on.append(value)
    elif option == "--explain":
        found.explain.append(value)
    elif option == "--previous":
        found.previous = value
    elif option == "--stdin-filename":
        found.stdin_filename = value
    elif option == "--as-of":
        try:
            found.as_of = day(value)
        except argparse.ArgumentTypeError:
            return False
    else:
        return False
    return True


class _Scored(NamedTuple):
    """An outcome, and the texts of its contract."""

    outcome: Outcome
    sources: Mapping[str, Source]


def score(options: Options) -> int:
    """The verb; the exit code."""
    if (options.contract, *options.actuals, options.previous).count("-") > 1:
        return usage("only one of contract, actuals and previous outcome can be standard input")
    amendments, told = parted(options.actuals, options.stdin_filename)
    scorer = _scorer(read(options.contract, options.stdin_filename), amendments)
    if not told:
        return usage("no actuals are given after the contract")
    outcome, sources = scorer(options, told)
    if options.final and not outcome.is_final:
        raise Refused((_not_final(told[0].called, outcome),), sources)
    explained = _explained(options, outcome)
    if options.format == "json":
        say(data.json_text({**outcome.to_dict(), **({"explanations": explained} if explained else {})}))
    elif explained:
        say("\n\n".join(str(outcome.explain(each)) for each in explained))
    else:
        say(text.outcome(outcome).rstrip("\n"))
    return REFUSED if _fails(options.fail_on, outcome) else ACCEPTED


def _scorer(contract: Input, amendments: Sequence[Input]) -> Callable[[Options, Sequence[Input]], _Scored]:
    """What scores actuals: the contract as it was kept, else as it is loaded now. Raises `Refused`."""
    if amendments:
        whole = inputs.load(contract, amendments)

        def amended(options: Options, told: Sequence[Input]) -> _Scored:
            actuals, previous = _told(options, told)
            outcome = whole.evaluate_bytes(actuals, options.as_of, previous, as_signed=options.as_signed)
            return _Scored(outcome, whole.sources)

        return amended
    ready = inputs.ready(contract)

    def plain(options: Options, told: Sequence[Input]) -> _Scored:
        read = evaluation.read(*_told(options, told))
        day = options.as_of if options.as_of is not None else evaluation.asked_day(read, told[0].called)
        return _Scored(evaluation.outcome_of(ready, read, day), ready.sources)

    return plain


def _told(
    options: Options, told: Sequence[Input]
) -> tuple[list[tuple[str, bytes]], tuple[str, bytes] | None]:
    """The bytes of actuals, and of the outcome of the period before."""
    actuals = [each.content for each in told]
    if options.previous is None:
        return actuals, None
    return actuals, read(options.previous, options.stdin_filename).content


def _explained(options: Options, outcome: Outcome) -> dict[str, object]:
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
