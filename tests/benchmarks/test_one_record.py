"""One record: the job AMS-18 on this engine, by hand and on other engines. Equal first, then timed in turn."""

from __future__ import annotations

import platform
import timeit
from collections.abc import Callable
from datetime import date
from importlib import metadata
from typing import Any

import pytest

import rkdsl
from tests.benchmarks import ams18

ROUNDS = 150
RECORDS = ams18.records(100)
SHORT = [ams18.short(each) for each in RECORDS]
Job = tuple[str, Callable[[Any], Any], list[dict[str, Any]], int]
"""A name, what is timed, its records, and how many of them a round takes."""


def _datalogic() -> Callable[[Any], Any]:
    from datalogic_py import Engine

    engine = Engine()
    return engine.compile([ams18.as_logic(each) for each in ams18.expressions()]).evaluate  # type: ignore[no-any-return]


def _zen() -> Callable[[Any], Any]:
    import zen

    words = {"real": "{}", "weeks": "floor({} / 7)", "day": "date({})"}  # texts cannot be put in order
    return zen.compile_expression(ams18.as_list(words)).evaluate  # type: ignore[no-any-return]


def _cel() -> Callable[[Any], Any]:
    import cel

    words = {"real": "double({})", "weeks": "double({} / 7)", "and": "&&"}
    return cel.compile(ams18.as_list(words)).execute  # type: ignore[no-any-return]


def _rule_engine() -> Callable[[Any], Any]:
    import rule_engine

    words = {"real": "{}", "weeks": "({0} - {0} % 7) / 7"}
    rule = rule_engine.Rule(ams18.as_list(words))
    return rule.evaluate  # type: ignore[no-any-return]


PEERS = {
    "datalogic-py": _datalogic,
    "zen-engine": _zen,
    "common-expression-language": _cel,
    "rule-engine": _rule_engine,
}


def test_one_record(tell: Callable[[str], None]) -> None:
    contract = rkdsl.load(ams18.CONTRACT)
    scorer = contract.scorer(ams18.AS_OF)
    plain_path = lambda record: contract.evaluate(scorer.nested(record), ams18.AS_OF)  # noqa: E731
    _check(contract, scorer)
    quick = scorer._quick
    assert quick is not None
    jobs: list[Job] = [
        ("by hand, tight float", ams18.tight, RECORDS, 100),
        ("by hand, plain float", ams18.plain, RECORDS, 100),
        ("by hand, fractions", ams18.fractions, RECORDS, 40),
        ("generated code, nothing kept", quick.run, RECORDS, 100),
        ("scorer (explained on demand)", scorer, RECORDS, 100),
        ("scorer, total read", lambda record: scorer(record).points, RECORDS, 100),
        ("evaluate (outcome in full)", plain_path, RECORDS, 2),
    ]
    versions = [f"Python {platform.python_version()}", f"rkdsl {rkdsl.__version__}"]
    for name, made in PEERS.items():
        try:
            run = ams18.by(made())
        except ImportError:
            tell(f"{name} is not installed: passed over")
            continue
        _check_peer(name, run)
        versions.append(f"{name} {metadata.version(name)}")
        jobs.append((f"{name}", run, SHORT, 20))
    times = timed(jobs)
    base = times[jobs[0][0]]
    tell(f"One record, AMS-18, {date.today()}: {', '.join(versions)}; tight float takes {base * 1e6:.1f} us")
    for name, spent in times.items():
        tell(f"  {spent / base:9.2f} x  {name}")
    kept = times["scorer (explained on demand)"] / times["generated code, nothing kept"] - 1
    tell(f"  explanation on demand costs {kept:.0%}")
    peers = [times[name] for name, *_ in jobs[7:]]
    if peers:
        tell(f"  {times['scorer (explained on demand)'] / min(peers):.2f} x the fastest other engine")


def timed(jobs: list[Job]) -> dict[str, float]:
    """The least time of one record of each job, all taken in turn, each in a loop of its own code."""
    best = {name: float("inf") for name, *_ in jobs}
    timers = [
        timeit.Timer("for record in found: run(record)", globals={"found": found[:count], "run": run})
        for _, run, found, count in jobs
    ]
    for _ in range(ROUNDS):
        for (name, _, _, count), timer in zip(jobs, timers, strict=True):
            timer.timeit(1)  # what the job before has pushed out of the caches is fetched again
            best[name] = min(best[name], timer.timeit(1) / count)
    return best


def _check(contract: rkdsl.Contract, scorer: Any) -> None:
    for record in RECORDS:
        points, total, bonus = ams18.fractions(record)
        scores = scorer(record)
        assert scores.is_settled
        assert list(points) == [scores.points_of(name).secured for name in contract.item_ids]
        assert (total, bonus) == (scores.points.secured, scores.value_of("bonus"))
        for hand in (ams18.tight, ams18.plain):
            assert pytest.approx(float(total)) == hand(record)[1]
            assert pytest.approx(float(bonus)) == hand(record)[2]
    for record in RECORDS[:5]:
        outcome = contract.evaluate(scorer.nested(record))
        assert outcome.points == scorer(record).points


def _check_peer(name: str, run: Callable[[Any], Any]) -> None:
    for record, told in zip(RECORDS, SHORT, strict=True):
        points, total, bonus = ams18.tight(record)
        found = run(told)
        assert pytest.approx(list(points)) == [float(each) for each in found[0]], name
        assert (pytest.approx(total), pytest.approx(bonus)) == found[1:], name
