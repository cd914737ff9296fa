"""What examples came to and what they touched, as plain text and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rkdsl.outcome import Tried
from rkdsl.reports.data import expected_data
from rkdsl.reports.text import step
from rkdsl.source import shown
from rkdsl.trials import Covered, Trial, Trials

MOST_LINES: Final = 30
"""Lines of an explanation that are shown below an expectation: the last, which stand on those before."""
KINDS: Final = {"row": "rows", "branch": "branches", "boundary": "boundaries"}


def text(trials: Trials) -> str:
    """Every example, what failed and why, then what no example touches."""
    parts = [*map(_trial, trials.examples)]
    parts += [part for part in (_untouched(trials), _counts(trials)) if part]
    return "\n\n".join(parts)


def _trial(trial: Trial) -> str:
    verdict = "holds" if trial.holds else "fails"
    lines = [f"{trial.place}: {verdict}: {shown(trial.title, 200)}, as of {trial.as_of}"]
    lines += [line for each in trial.tried if not each.holds for line in _tried(each)]
    return "\n".join(lines)


def _tried(tried: Tried) -> Iterator[str]:
    """An expectation that does not hold: what was found for each condition, and how it came about."""
    yield f"  {tried.place}: {shown(tried.text, 300)}"
    for each in tried.conditions:
        found = f", found {shown(each.found, 200)}" if each.found else ""
        yield f"      {shown(each.text, 200)}: {each.verdict}{found}"
    yield from (f"      missing: {shown(each, 300)}" for each in tried.missing)
    left_out = max(0, len(tried.lines) - MOST_LINES)
    yield f"      how it came about{f', the last of {len(tried.lines)} steps' if left_out else ''}"
    width = max((len(line.role) for line in tried.lines), default=0)
    for line in tried.lines[left_out:]:
        yield f"        {line.role.ljust(width)}  {step(line)}"
        if line.source:
            yield f"        {' ' * width}    {shown(line.source, 300)}"


def _untouched(trials: Trials) -> str:
    lines = []
    for kind, words in KINDS.items():
        found = [each for each in trials.untouched if each.kind == kind]
        lines += [f"  {words}"] if found else []
        lines += [f"    {each.place}  {_words(each)}" for each in found]
    return "\n".join(["no example touches", *lines]) if lines else ""


def _words(covered: Covered) -> str:
    what = f": {covered.what}" if covered.what else ""
    return f"{shown(covered.text, 160)}{what}"


def _counts(trials: Trials) -> str:
    count = len(trials.examples)
    failed = sum(not each.holds for each in trials.examples)
    verdict = f", {failed} of them {'fails' if failed == 1 else 'fail'}" if failed else ""
    counts = (f"{touched} of {all} {KINDS[kind]}" for kind, (touched, all) in trials.counts.items())
    examples = f"{count or 'no'} {'example' if count == 1 else 'examples'}{verdict}"
    return f"{examples}; touched: {', '.join(counts)}"


def data(file: str, trials: Trials) -> dict[str, Any]:  # plain data: texts, numbers, lists of them
    """The same as plain data, with everything that there is to be touched."""
    return {
        "file": file,
        "contract": trials.contract,
        "holds": trials.holds,
        "diagnostics": [],
        "examples": [
            {
                "title": each.title,
                "place": each.place,
                "as_of": each.as_of.isoformat(),
                "holds": each.holds,
                "expected": list(map(expected_data, each.tried)),
            }
            for each in trials.examples
        ],
        "coverage": {
            "counts": {
                KINDS[kind]: {"touched": touched, "all": all}
                for kind, (touched, all) in trials.counts.items()
            },
            "ways": [
                {
                    "kind": each.kind,
                    "file": each.file,
                    "line": each.line,
                    "text": each.text,
                    "what": each.what,
                    "touched": each.is_touched,
                }
                for each in trials.coverage
            ],
        },
    }
