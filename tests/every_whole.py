"""Contracts in several files, with amendments and registers: from seeds, compared with the second opinion.

    python -m tests.every_whole --cases 3000 --processes 2

What `every_form` cannot write, as it writes one file by itself: libraries and contracts that are used, amendments,
registers with what they expect, decisions by a role. Each kind of case is drawn as often as is said.
"""

from __future__ import annotations

import argparse
import datetime
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import rkdsl
from tests import every_form
from tests.secondopinion import drawn, evaluate_whole
from tests.secondopinion.compare import differences
from tests.secondopinion.whole import document
from tests.uses import written

DRAWS: Final[Mapping[str, Callable[[int], drawn.Case]]] = {
    "units": drawn.units,
    "amendments": drawn.amendments,
    "registers": drawn.registers,
}
BESIDE: Final = sorted(every_form.ELSEWHERE - {"Example", "Given", "GivenRow", "Silence"})
"""Kinds of nodes that only such contracts have."""
DAYS: Final = ("2026-06-30", "2027-02-01")
SHARE: Final = 50


class Run(NamedTuple):
    """What some seeds came to: how often each kind of node and state was met, and each difference."""

    counted: Counter[str]
    differences: list[str]


def run(kind: str, seeds: Iterable[int]) -> Run:
    """Draws, loads, evaluates and compares."""
    counted: Counter[str] = Counter()
    found: list[str] = []
    for seed in seeds:
        case = DRAWS[kind](seed)
        with tempfile.TemporaryDirectory() as folder:
            root = written(Path(folder), case.files)
            try:
                contract = rkdsl.load(root / case.main, [root / each for each in case.amendments])
            except rkdsl.Refused as refused:
                counted[f"{kind} refused: {_code(refused)}"] += 1
                continue
        for day, as_signed in _ways(case):
            try:
                outcome = contract.evaluate(
                    [dict(each) for each in case.records], day and day.isoformat(), as_signed=as_signed
                )
            except rkdsl.Refused as refused:
                counted[f"{kind} refused: {_code(refused)}"] += 1
                continue
            counted[kind] += 1
            for text in case.files.values():
                counted.update(_nodes(text))
            counted.update(every_form.states(outcome))
            given = [case.files[each] for each in case.amendments]
            opinion = evaluate_whole(
                case.files, case.main, case.records, day, amendments=given, as_signed=as_signed
            )
            told = [f"{kind} {seed} {day} {as_signed}: {each}" for each in differences(opinion, outcome)]
            found += told[:1]
    return Run(counted, found)


def _ways(case: drawn.Case) -> Iterator[tuple[datetime.date | None, bool]]:
    """As it was drawn; with amendments also as amended, as known on some days, and as signed."""
    ways = [(case.as_of, case.as_signed)]
    if case.amendments:
        ways += [(None, False), (None, True), *((datetime.date.fromisoformat(each), False) for each in DAYS)]
    yield from dict.fromkeys(ways)


def _code(refused: rkdsl.Refused) -> str:
    return next(each.code for each in refused.diagnostics if each.is_error)


def _nodes(text: str) -> Iterator[str]:
    return (f"node {type(node).__name__}" for node in every_form.walk(document(text)))


def _share(job: tuple[str, range]) -> Run:
    return run(*job)


def table(counted: Counter[str]) -> str:
    """What was met, for people."""
    names = [*DRAWS, *(f"node {each}" for each in BESIDE)]
    rest = sorted(each for each in counted if each not in names and not each.startswith("node "))
    lines = [f"{counted[name]:>10}  {name}" for name in (*names, *rest)]
    missing = [name for name in names if not counted[name]]
    return "\n".join([*lines, "", f"never met: {', '.join(missing) or 'nothing'}"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.every_whole")
    parser.add_argument("--cases", type=int, default=300, help="of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args(arguments)
    last = asked.first + asked.cases
    jobs = [
        (kind, range(start, min(start + SHARE, last)))
        for start in range(asked.first, last, SHARE)
        for kind in DRAWS
    ]
    start = time.perf_counter()
    with multiprocessing.Pool(asked.processes) as pool:
        runs = list(pool.imap_unordered(_share, jobs))
    counted: Counter[str] = Counter()
    for each in runs:
        counted.update(each.counted)
    found = [one for each in runs for one in each.differences]
    lines = [table(counted), f"{time.perf_counter() - start:.0f} seconds, {len(found)} differences", *found]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
