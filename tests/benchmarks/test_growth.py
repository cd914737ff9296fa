"""Growth: the time per line of a contract to read it, check and compile it, evaluate it and score records."""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import rkdsl
from rkdsl.language.parser import parse
from rkdsl.source import from_bytes

SIZES = tuple(int(each) for each in os.environ.get("RKDSL_LINES", "1000 3000 10000 30000").split())
AS_OF = "2027-01-31"


def text(lines: int) -> str:
    """A contract of about so many lines: a measure and a goal with a target or a milestone in every five."""
    count = lines // 5
    return "\n".join(('contract k "K" {', "  period 2026", f"  total {count} points", *_body(count), "}"))


def _body(count: int) -> Iterator[str]:
    for index in range(count):
        yield f'  measure x{index} "Measure {index}" {{ unit cases  lower is better  each year }}'
        yield f'  goal g{index} "Goal {index}" {{'
        yield "    weight 1"
        yield (
            f"    target x{index} in 2026 linear from {index + 9} to {index}"
            if index % 2
            else f'    milestone m "Done" by 2026-0{index % 9 + 1}'
        )
        yield "  }"


def record(count: int) -> dict[str, Any]:
    """Everything told."""
    return {
        f"readings.x{index}.2026" if index % 2 else f"milestones.g{index}.m": index + 3
        if index % 2
        else "2026-05-31"
        for index in range(count)
    }


def took(call: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """The least processor time of a call, and what it gave."""
    best, found = float("inf"), None
    for _ in range(times):
        found = None
        gc.collect()
        start = time.process_time()
        found = call()
        best = min(best, time.process_time() - start)
    return best, found


def test_growth(tell: Callable[[str], None]) -> None:
    tell("Growth: microseconds per line of the contract (in brackets: against the smallest)")
    tell(
        f"  {'lines':>7}  {'parse':>16}  {'load':>16}  {'evaluate':>16}  {'first scores':>16}  {'scores':>16}"
    )
    smallest: list[float] = []
    rkdsl.loads(text(100))  # reads the grammar
    for lines in SIZES:
        content = text(lines)
        parsing, _ = took(lambda content=content: parse(from_bytes("k.rk", content.encode())))
        loading, contract = took(lambda content=content: rkdsl.loads(content))
        told = record(lines // 5)
        nested = contract.scorer(AS_OF).nested(told)
        evaluating, outcome = took(lambda contract=contract, nested=nested: contract.evaluate(nested))
        first, scorer = took(lambda contract=contract, told=told: _scored(contract, told))
        scoring, scores = took(lambda scorer=scorer, told=told: scorer(told), 5)
        assert outcome.points == scores.points
        assert scores.is_settled
        times = [each / lines * 1e6 for each in (parsing, loading, evaluating, first, scoring)]
        smallest = smallest or times
        cells = (f"{each:8.2f} ({each / least:4.2f})" for each, least in zip(times, smallest, strict=True))
        tell(f"  {lines:>7}  " + "  ".join(f"{cell:>16}" for cell in cells))


def _scored(contract: Any, told: dict[str, Any]) -> Any:
    scorer = contract.scorer(AS_OF)
    scorer(told)
    return scorer


def test_memory(tell: Callable[[str], None]) -> None:
    """What is kept of a line, and the most while it is read."""
    for lines in SIZES[:2]:
        content = text(lines)
        gc.collect()
        tracemalloc.start()
        contract = rkdsl.loads(content)
        kept, most = tracemalloc.get_traced_memory()
        outcome = contract.evaluate({"contract": "k", "as_of": AS_OF})
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert outcome.points is not None
        tell(
            f"Memory of {lines} lines: {kept / lines:,.0f} bytes a line for the contract "
            f"({most / lines:,.0f} at most while loading), {(after - kept) / lines:,.0f} for an outcome"
        )
