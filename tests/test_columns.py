"""Laws of programs over columns: each step lies in its range, what is folded is what it was, none leaves 64 bits."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rkdsl.columns.builder import Builder, TooWideError
from rkdsl.columns.numbers import Number, Numbers
from rkdsl.columns.program import Cell, Figure, Slot, run
from rkdsl.rules.settled import round_number
from rkdsl.values import ROUNDINGS

SLOTS = (Slot("a", "whole", 1, -7, 9), Slot("b", "whole", 1, 0, 5), Slot("c", "whole", 1, 1, 10**6))
TRUTHS = (Slot("p", "truth"), Slot("q", "truth"))
OPS = ("<", "<=", ">", ">=", "==")


class Plain:
    """Steps worked out for one row of the table beside the builder that makes them: nothing is folded here."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw, self.build = draw, Builder()
        self.build.slots += [*SLOTS, *TRUTHS]
        self.row = {slot.name: draw(st.integers(slot.low, slot.high)) for slot in SLOTS}
        self.row |= {slot.name: draw(st.booleans()) for slot in TRUTHS}
        self.wholes = [(self.build.read(at), self.row[slot.name]) for at, slot in enumerate(SLOTS)]
        self.truths = [(self.build.read(at + 3), self.row[slot.name]) for at, slot in enumerate(TRUTHS)]
        for value in (0, 1, draw(st.integers(-3, 40))):
            self.wholes.append((self.build.constant(value), value))

    def whole(self) -> tuple[int, int]:
        found: tuple[int, int] = self.draw(st.sampled_from(self.wholes))
        return found

    def truth(self) -> tuple[int, bool]:
        found: tuple[int, bool] = self.draw(st.sampled_from(self.truths))
        return found

    def step(self) -> None:
        """One more step of any kind."""
        build, kind = self.build, self.draw(st.integers(0, 10))
        (x, a), (y, b), (z, c) = (self.whole() for _ in range(3))
        (p, is_p), (q, is_q) = self.truth(), self.truth()
        match kind:
            case 0:
                self.wholes.append((build.add(x, y, z), a + b + c))
            case 1:
                self.wholes.append((build.subtract(x, y), a - b))
            case 2:
                self.wholes.append((build.multiply(x, y), a * b))
            case 3:
                low, _ = build.ranges[y]
                if low > 0:
                    self.wholes.append((build.divide(x, y), a // b))
            case 4:
                self.wholes.append((build.least(x, y, z), min(a, b, c)))
            case 5:
                self.wholes.append((build.greatest(x, y), max(a, b)))
            case 6:
                op = self.draw(st.sampled_from(OPS))
                held = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b}[op]
                self.truths.append((build.compare(op, x, y), held))
            case 7:
                self.truths.append((build.all(p, q), is_p and is_q))
            case 8:
                self.truths.append((build.any(p, q), is_p or is_q))
            case 9:
                self.truths.append((build.negate(p), not is_p))
            case _:
                self.wholes.append((build.case([(p, x), (q, y)], z), a if is_p else b if is_q else c))
                (r, is_r), (s, is_s) = self.truth(), self.truth()
                self.truths.append((build.case([(p, r)], s), is_r if is_p else is_s))

    def read(self, slot: Slot, part: str) -> Cell:
        assert part == "value"
        return self.row[slot.name]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_steps(data: st.DataObject) -> None:
    """Whatever is folded or shared, a step is what it says, and within its range."""
    plain = Plain(data.draw)
    for _ in range(data.draw(st.integers(1, 30))):
        with contextlib.suppress(TooWideError):
            plain.step()
    made = [*plain.wholes, *plain.truths]
    build = plain.build
    told = [Figure(str(at), build.types[step], step) for at, (step, _) in enumerate(made)]
    program = build.program(told)
    steps = run(program, plain.read)
    assert [value for _, value in made] == [steps[each.above] for each in program.figures]
    for step, value in plain.wholes:
        low, high = build.ranges[step]
        assert low <= value <= high


fractions = st.builds(Fraction, st.integers(-9, 9), st.integers(1, 6))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_numbers(data: st.DataObject) -> None:
    """Numbers of steps are those of fractions: sums, products, quotients, ends, comparisons, roundings."""
    draw = data.draw
    build = Builder()
    build.slots += SLOTS
    row = {slot.name: draw(st.integers(slot.low, slot.high)) for slot in SLOTS}
    numbers = Numbers(build)
    known: list[tuple[Number, Fraction]] = []
    for at, slot in enumerate(SLOTS):
        ratio, offset = draw(fractions), draw(fractions)
        known.append((numbers.of(build.read(at), ratio, offset), ratio * row[slot.name] + offset))
    known.append((numbers.constant(value := draw(fractions)), value))
    conditions: list[tuple[int, bool]] = []
    for _ in range(draw(st.integers(1, 6))):
        (x, a), (y, b) = draw(st.sampled_from(known)), draw(st.sampled_from(known))
        with contextlib.suppress(TooWideError):
            known += _more(numbers, draw, (x, a), (y, b))
            for op, held in (("<=", a <= b), ("<", a < b), ("==", a == b), (">", a > b), (">=", a >= b)):
                conditions.append((numbers.compare(op, x, y), held))
    made = []
    for number, value in known:
        with contextlib.suppress(TooWideError):
            whole = numbers.whole(number)
            made.append((Figure("", "whole", whole.above, whole.below, whole.scale), value))
    truths = [(Figure("", "truth", step), held) for step, held in conditions]
    program = build.program([figure for figure, _ in [*made, *truths]])
    steps = run(program, lambda slot, part: row[slot.name])
    for figure, (_, value) in zip(program.figures, [*made, *truths], strict=True):
        above, below = steps[figure.above], 1 if figure.below is None else steps[figure.below]
        assert isinstance(above, int)
        assert isinstance(below, int)
        assert below > 0
        assert value == (above if figure.type == "truth" else Fraction(above, below * figure.scale))


def _more(
    numbers: Numbers,
    draw: Callable[..., Any],
    first: tuple[Number, Fraction],
    second: tuple[Number, Fraction],
) -> list[tuple[Number, Fraction]]:
    (x, a), (y, b) = first, second
    match draw(st.integers(0, 6)):
        case 0:
            return [(numbers.add((x, y, x)), a + b + a)]
        case 1:
            return [(numbers.subtract(x, y), a - b)]
        case 2:
            return [(numbers.multiply(x, y), a * b)]
        case 3:
            found, _ = numbers.divide(x, y)
            return [(found, a / b)] if b else []
        case 4:
            return [(numbers.least((x, y)), min(a, b)), (numbers.greatest((x, y)), max(a, b))]
        case 5:
            mode, step = (
                draw(st.sampled_from(ROUNDINGS)),
                draw(st.sampled_from((Fraction(1), Fraction(1, 10)))),
            )
            return [(numbers.round(mode, step, x), round_number(mode, step, a))]
    condition = numbers.compare("<", x, y)
    return [(numbers.choose([(condition, x)], y), a if a < b else b)]


def test_nothing_leaves_64_bits() -> None:
    """A step that could is refused while it is made, with the whole numbers that it could be."""
    build = Builder()
    build.slots.append(Slot("x", "whole", 1, 0, 2**40))
    x = build.read(0)
    with pytest.raises(TooWideError) as found:
        build.multiply(x, x)
    assert (0, 2**80) == (found.value.low, found.value.high)
