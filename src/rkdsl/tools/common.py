"""What the verbs of the command share: exit codes, what is said where, and options of several verbs."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable

from rkdsl.plain import TYPE_CHECKING, Final, Late
from rkdsl.source import shown
from rkdsl.values import parse_period

if TYPE_CHECKING:
    import argparse
else:
    argparse = Late("argparse")

ACCEPTED: Final = 0
REFUSED: Final = 1
USAGE: Final = 2


def say(content: str) -> None:
    """What a verb has to say."""
    print(content)


def usage(sentence: str) -> int:
    """What is wrong with how the command was called; the exit code."""
    print(f"rkdsl: {sentence}", file=sys.stderr)
    return USAGE


def day_and_name(parser: argparse.ArgumentParser) -> None:
    """The day, and the name of standard input."""
    parser.add_argument("--as-of", type=day, metavar="DAY", help="the day whose knowledge counts")
    stdin_name(parser)


def stdin_name(parser: argparse.ArgumentParser) -> None:
    """What standard input is called."""
    parser.add_argument("--stdin-filename", default="<stdin>", help="what messages call standard input")


def day(word: str) -> datetime.date:
    """The day that a word of the command names."""
    period = parse_period(word)
    if period is None or period.kind != "day":
        raise argparse.ArgumentTypeError(f"`{shown(word)}` is not a day such as 2009-12-31")
    return period.first


def with_the_usual(parser: argparse.ArgumentParser, verb: Callable[[argparse.Namespace], int]) -> None:
    """The options that most verbs have, and the verb itself."""
    parser.add_argument("--format", choices=("text", "json"), default="text")
    day_and_name(parser)
    parser.set_defaults(verb=verb)
