"""From cold: the command in a new process, against the interpreter alone and against importing lark.

python -m pytest tests/benchmarks/test_cold.py -n 0 --no-cov
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from pathlib import Path

import rkdsl
from rkdsl.reports.data import encode
from tests.benchmarks.ams18 import AS_OF, CONTRACT, records

RUNS = int(os.environ.get("RKDSL_RUNS", "15"))
ROOT = Path(__file__).parents[2]
EVAL = "from rkdsl.tools.command import run; run()"
FLOOR = "import datetime, fractions, json, unicodedata"


def took(code: str, words: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """The seconds of a process: by the clock, and of the processor."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stderr is not None
    with process.stderr as said:
        assert 0 == process.returncode, said.read()
    return seconds, used.ru_utime + used.ru_stime


_IMPORT = re.compile(r"import time: +([0-9]+) \| +[0-9]+ \| +(\S+)")


def imports(code: str, words: list[str], environment: dict[str, str]) -> dict[str, float]:
    """The least milliseconds that each module takes by itself, of some runs."""
    found: dict[str, float] = {}
    for _ in range(RUNS):
        command = [sys.executable, "-X", "importtime", "-c", code, *words]
        said = subprocess.run(command, env=environment, capture_output=True, check=True, encoding="utf-8")
        for microseconds, name in _IMPORT.findall(said.stderr):
            found[name] = min(found.get(name, float("inf")), int(microseconds) / 1000)
    return found


def _group(name: str, floor: Collection[str]) -> str:
    if name == "rkdsl.language.nodes":
        return "the nodes"
    if name.partition(".")[0] == "rkdsl":
        return "other modules of ours"
    return FLOOR.removeprefix("import ") if name in floor else "others"


def test_the_command_from_cold(tmp_path: Path, tell: Callable[[str], None]) -> None:
    """A contract that was never seen, and one that was: interleaved, each as often."""
    contract, actuals = tmp_path / "ams18.rk", tmp_path / "actuals.json"
    contract.write_bytes(CONTRACT.read_bytes())
    scorer = rkdsl.load(contract).scorer(AS_OF)
    actuals.write_bytes(encode(scorer.nested(records(1)[0])))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "RKDSL_CACHE": str(tmp_path / "kept")}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path / "compiled")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    never = {**environment, "RKDSL_CACHE": "off"}
    open_half = [str(ROOT / "examples" / "ams-2009" / name) for name in ("contract.rk", "halfyear.json")]
    ways: dict[str, tuple[str, list[str], dict[str, str]]] = {
        "python -c pass": ("pass", [], environment),
        "python -c 'import lark'": ("import lark", [], environment),
        f"python -c '{FLOOR}'": (FLOOR, [], environment),
        "eval of AMS-18, never seen": (EVAL, ["eval", str(contract), str(actuals)], never),
        "eval of AMS-18, seen before": (EVAL, ["eval", str(contract), str(actuals)], environment),
        "eval of the AMS contract at half-year, seen before": (EVAL, ["eval", *open_half], environment),
    }
    for way in ways.values():
        took(*way)  # what Python compiles is compiled, and the contracts are kept
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            found[name].append(took(*way))
    first = found["python -c pass"]
    wall, used = min(each for each, _ in first), statistics.median(each for _, each in first)
    tell(f"\n| From cold, {RUNS} runs | x by the clock, the least | x of the processor, the median |")
    tell("|---|---|---|")
    for name, seconds in found.items():
        least, median = min(each for each, _ in seconds), statistics.median(each for _, each in seconds)
        tell(f"| {name} | {least / wall:.1f} | {median / used:.1f} |")
    bare = imports("pass", [], environment)
    floor = imports(FLOOR, [], environment)
    tell(
        f"\nMilliseconds of importing, the least of {RUNS} runs; `python -c pass` takes {wall * 1000:.1f} in all"
    )
    for name in ("eval of AMS-18, seen before", "eval of AMS-18, never seen"):
        groups: defaultdict[str, float] = defaultdict(float)
        for module, milliseconds in imports(*ways[name]).items():
            if module not in bare:
                groups[_group(module, floor)] += milliseconds
        tell(f"  {name}: " + ", ".join(f"{each} {spent:.1f}" for each, spent in groups.items()))
