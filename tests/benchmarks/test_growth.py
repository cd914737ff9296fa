"""Growth: the time per line of a contract for each stage, and the memory; how the parser stands against lark's.

All sizes are taken in turn, several times. `RKDSL_LINES="1000 3000"` measures smaller contracts, and
`RKDSL_UNITS="100 1000"` smaller portfolios.
"""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rkdsl
from rkdsl.contract.checker import check
from rkdsl.diagnostics import Refused
from rkdsl.language.parser import parse, reserved_names
from rkdsl.language.printer import print_node
from rkdsl.rules.compiler import compile_contract
from rkdsl.source import from_bytes
from tests.benchmarks.plain_lark import plain
from tests.benchmarks.shapes import REFUSED, SHAPES, goals, sections

SIZES = tuple(int(each) for each in os.environ.get("RKDSL_LINES", "1000 10000 100000").split())
UNITS = tuple(int(each) for each in os.environ.get("RKDSL_UNITS", "100 1000 10000").split())
ROUNDS = int(os.environ.get("RKDSL_ROUNDS", "3"))
"""How often all sizes are taken in turn: of each the least counts, whatever else the machine does."""
FEW = 10_000
"""Lines of small contracts that are taken in one turn."""
AMS = Path(__file__).parents[2] / "examples" / "ams-2009" / "contract.rk"
AS_OF = "2027-01-31"


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


def test_text_to_nodes_against_lark(tell: Callable[[str], None]) -> None:
    """Interleaved, each the best of several runs."""
    tell("Text to nodes, against lark's plain LALR tree with positions (microseconds per line)")
    theirs = plain()
    for name, content in (
        ("ams-2009", AMS.read_text(encoding="utf-8")),
        ("goals", goals(10_000)),
        ("sections", sections(10_000)),
    ):
        encoded, lines = content.encode(), content.count("\n")
        best = [float("inf"), float("inf")]
        for _ in range(20 if lines < 1000 else 3):
            for place, call in enumerate(
                (lambda: parse(from_bytes("k.rk", encoded)), lambda: theirs.parse(content))  # noqa: B023
            ):
                best[place] = min(best[place], took(call)[0])
        ours, plains = (each / lines * 1e6 for each in best)
        tell(f"  {name:<9} {lines:>6} lines  {ours:6.1f}  lark {plains:6.1f}  ratio {ours / plains:.2f}")


def _row(tell: Callable[[str], None], name: str, times: list[float], least: list[float]) -> None:
    cells = (f"{each:8.1f} ({each / first:4.2f})" for each, first in zip(times, least, strict=True))
    tell(f"  {name:>17}  " + "  ".join(cells))


@pytest.mark.parametrize("shape", SHAPES)
def test_growth(shape: str, tell: Callable[[str], None]) -> None:
    """Each stage by itself, the least of several rounds."""
    if shape == next(iter(SHAPES)):
        tell("Growth: microseconds per line (in brackets: against the smallest)")
        tell(
            f"  {'':>17}  "
            + "  ".join(f"{each:>15}" for each in ("parse", "check", "compile", "load", "evaluate"))
        )
    rkdsl.loads(goals(100))
    best: dict[int, list[float]] = {}
    for _ in range(ROUNDS):
        for lines in SIZES:
            several = [_stages(SHAPES[shape](lines)) for _ in range(max(1, FEW // lines))]
            times = [min(each) / lines * 1e6 for each in zip(*several, strict=True)]
            best[lines] = list(map(min, best.get(lines, times), times))
    for lines, times in best.items():
        _row(tell, f"{shape} {lines}", times, best[SIZES[0]])


def _stages(content: str) -> tuple[float, ...]:
    """The seconds of each stage of one contract."""
    source = from_bytes("k.rk", content.encode())
    gc.disable()  # as `loads` does: the stages are called one by one here
    parsing, parsed = took(lambda: parse(source))
    checking, found = took(lambda parsed=parsed: check(parsed.contract, "k.rk", reserved_names()))
    compiling, _ = took(lambda found=found: compile_contract(found.checked, source, print_node))
    del parsed, found
    gc.enable()
    loading, contract = took(lambda: rkdsl.loads(content))
    evaluating, _ = took(lambda: contract.evaluate({"contract": "k", "as_of": AS_OF}))
    return parsing, checking, compiling, loading, evaluating


@pytest.mark.parametrize("shape", REFUSED)
def test_growth_of_what_is_refused(shape: str, tell: Callable[[str], None]) -> None:
    smallest: list[float] = []
    for lines in SIZES:
        content = REFUSED[shape](lines)
        loading, _ = took(lambda content=content: _refused(content))
        smallest = smallest or [loading / lines * 1e6]
        _row(tell, f"{shape} {lines}", [loading / lines * 1e6], smallest)


def _refused(content: str) -> None:
    with pytest.raises(Refused):
        rkdsl.loads(content)


def test_growth_of_scoring(tell: Callable[[str], None]) -> None:
    """With everything told: an outcome, generated code with a first record, and each further one."""
    tell("Everything told: evaluate, first scores, scores")
    smallest: list[float] = []
    for lines in SIZES:
        contract = rkdsl.loads(goals(lines))
        told = record(lines // 5)
        nested = contract.scorer(AS_OF).nested(told)
        evaluating, outcome = took(lambda contract=contract, nested=nested: contract.evaluate(nested))
        first, scorer = took(lambda contract=contract, told=told: _scored(contract, told))
        scoring, scores = took(lambda scorer=scorer, told=told: scorer(told), 5)
        assert outcome.points == scores.points
        assert scores.is_settled
        times = [each / lines * 1e6 for each in (evaluating, first, scoring)]
        smallest = smallest or times
        _row(tell, f"goals {lines}", times, smallest)


def _scored(contract: Any, told: dict[str, Any]) -> Any:
    scorer = contract.scorer(AS_OF)
    scorer(told)
    return scorer


_UNIT = """contract u{0} "Unit {0}" {{
  period 2026  total 100 points
{1}
  value score = total.points
}}
"""


def test_portfolio(tell: Callable[[str], None], tmp_path: Path) -> None:
    """Contracts of ten goals that one contract uses: milliseconds for each of them."""
    tell("Portfolio: milliseconds for each unit of ten goals: load, evaluate")
    smallest: list[float] = []
    goal = '  measure x{0} "M" {{ unit cases  lower is better  each year }}\n' + (
        '  goal g{0} "G" {{ weight 10  target x{0} in 2026 at most {0} }}'
    )
    body = "\n".join(goal.format(each) for each in range(10))
    for count in UNITS:
        folder = tmp_path / str(count)
        folder.mkdir()
        for each in range(count):
            (folder / f"u{each}.rk").write_text(_UNIT.format(each, body), encoding="utf-8")
        uses = "\n".join(f'  use "u{each}.rk"' for each in range(count))
        whole = f'contract p "P" {{ period 2026\n{uses}\n  value mean_score "Mean" = mean(units.score) }}'
        (folder / "all.rk").write_text(whole, encoding="utf-8")
        loading, contract = took(lambda folder=folder: rkdsl.load(folder / "all.rk"))
        evaluating, outcome = took(
            lambda contract=contract: contract.evaluate({"contract": "p", "as_of": AS_OF}), 2
        )
        assert len(outcome.items) == 10 * count
        times = [each / count * 1e3 for each in (loading, evaluating)]
        smallest = smallest or times
        _row(tell, f"{count} units", times, smallest)
        del contract, outcome


def test_memory(tell: Callable[[str], None]) -> None:
    """What is kept of a line, and the most while it is read."""
    for shape in ("goals", "sections", "rows"):
        for lines in (1_000, 10_000):
            content = SHAPES[shape](lines)
            gc.collect()
            tracemalloc.start()
            contract = rkdsl.loads(content)
            kept, most = tracemalloc.get_traced_memory()
            outcome = contract.evaluate({"contract": "k", "as_of": AS_OF})
            after, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert outcome.points is not None
            tell(
                f"Memory of {lines} lines of {shape}: {kept / lines:,.0f} bytes a line for the contract "
                f"({most / lines:,.0f} at most while loading), {(after - kept) / lines:,.0f} for an outcome"
            )
