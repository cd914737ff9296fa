"""Contracts of any length, each long in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final


def _contract(total: str, lines: Iterator[str]) -> str:
    return "\n".join(
        ('contract k "K" {', "  period 2026", *([f"  total {total} points"] if total else []), *lines, "}")
    )


def goals(lines: int) -> str:
    """A measure and a goal with a target or a milestone in every five lines."""
    count = lines // 5

    def body() -> Iterator[str]:
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

    return _contract(f"{count}", body())


def sections(lines: int) -> str:
    """Sections of ten goals, each in one of its own with a weight."""
    count = lines // 14

    def body() -> Iterator[str]:
        yield '  fact done "Done" { unit yes or no }'
        for index in range(count):
            yield f'  section o{index} "Outer {index}" {{'
            yield f'  section s{index} "Section {index}" total 10 points {{'
            for goal in range(10):
                yield f'    goal g{index}_{goal} "Goal" {{ weight 1  target done is yes }}'
            yield "  } }"
            yield ""

    return _contract(f"{count * 10}", body())


def values(lines: int) -> str:
    """Measures with two readings, and values made of those before."""
    count = lines // 6

    def body() -> Iterator[str]:
        for index in range(count):
            yield f'  measure x{index} "Measure {index}" {{'
            yield "    unit cases  no direction  each year"
            yield f"    2025: {index}"
            yield "  }"
            yield f"  value v{index} = (x{index} in 2026) - (x{index} in 2025)"
            before = f" + v{index - 1}" if index % 20 else ""
            yield f"  value w{index} = v{index} * 2{before} rounded half up to 1"

    return _contract("", body())


def rows(lines: int) -> str:
    """One goal with a row in each line."""

    def body() -> Iterator[str]:
        yield '  fact done "Done" { unit number }'
        yield "  goal g(most) { weight 1  target done at most most } each {"
        for index in range(lines):
            yield f'    r{index} "Row {index}": {index}'
        yield "  }"

    return _contract(f"{lines}", body())


def terms(lines: int) -> str:
    """One sum with a term in each line."""

    def body() -> Iterator[str]:
        yield '  fact a "A" { unit number }'
        yield "  value v = 1"
        for index in range(lines):
            yield f"    + a * {index}"

    return _contract("", body())


def steps(lines: int) -> str:
    """One table of steps with a row in each line."""

    def body() -> Iterator[str]:
        yield '  fact a "A" { unit number }'
        yield "  value v = steps of a { below 0: 0"
        for index in range(lines):
            yield f"    at least {index} below {index + 1}: {index}"
        yield f"    at least {lines}: 0 }}"

    return _contract("", body())


def readings(lines: int) -> str:
    """Measures of a hundred months each, with their history."""
    count = lines // 100

    def body() -> Iterator[str]:
        for index in range(count):
            yield f'  measure x{index} "Measure {index}" {{ unit cases  no direction  each month'
            for month in range(98):
                yield f"    {2010 + month // 12}-{month % 12 + 1:02d}: {month}"
            yield "  }"

    return _contract("", body())


def milestones(lines: int) -> str:
    """Goals of all of a hundred milestones."""
    count = lines // 100

    def body() -> Iterator[str]:
        for index in range(count):
            yield f'  goal g{index} "Goal" {{ weight 1 all of {{'
            for each in range(98):
                yield f'    milestone m{each} "M" by 2026-{each % 12 + 1:02d}'
            yield "  } }"

    return _contract(f"{count}", body())


def register(lines: int) -> str:
    """One register with a row in each line."""

    def body() -> Iterator[str]:
        yield '  register r(budget) "Costs" {'
        yield '    fact budget "Budget" { unit DKK }  fact spent "Spent" { unit DKK }'
        yield '    value left "Left" = budget - spent'
        yield "  } each {"
        for index in range(lines):
            yield f'    r{index} "Row {index}": {index} DKK'
        yield "  }"

    return _contract("", body())


def findings(lines: int) -> str:
    """Something undecided in every other line."""
    count = lines // 2

    def body() -> Iterator[str]:
        yield '  fact done "Done" { unit number }'
        for index in range(count):
            yield f'  goal g{index} "Goal {index}" {{ weight 1'
            yield "    target done at most undecided }"

    return _contract(f"{count}", body())


def names(lines: int) -> str:
    """A goal with a name misspelt in every other line."""
    count = lines // 2

    def body() -> Iterator[str]:
        for index in range(count):
            yield f'  fact done{index} "Done" {{ unit number }}'
            yield f'  goal g{index} "Goal {index}" {{ weight 1 target dona{index} at most 3 }}'

    return _contract(f"{count}", body())


def wrong_total(lines: int) -> str:
    """Goals whose weights do not add up to the total."""
    return goals(lines).replace("  total ", "  total 1", 1)


def nested(lines: int) -> str:
    """Sums in ninety parentheses, one for every ten lines counted: each is as long as these."""

    def body() -> Iterator[str]:
        yield '  fact a "A" { unit number }'
        for index in range(lines // 10):
            yield f"  value v{index} = {'(a - ' * 90}1{')' * 90}"

    return _contract("", body())


SHAPES: Final[dict[str, Callable[[int], str]]] = {
    each.__name__: each
    for each in (
        goals,
        sections,
        values,
        rows,
        terms,
        steps,
        readings,
        milestones,
        register,
        findings,
        nested,
    )
}
REFUSED: Final[dict[str, Callable[[int], str]]] = {each.__name__: each for each in (names, wrong_total)}
