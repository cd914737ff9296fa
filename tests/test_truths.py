"""Laws of truths that come to the same: each is what it was in every row, and what never varies is a constant."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from rkdsl.columns.builder import Builder
from rkdsl.columns.narrowing import narrowed
from rkdsl.columns.program import Cell, Figure, Program, Slot, run
from rkdsl.columns.truths import MOST, Truths

SLOTS = (
    *(Slot(name, "truth") for name in "pqrs"),
    Slot("a", "whole", 1, -1, 1),
    Slot("b", "whole", 1, -1, 1),
)
ROWS = [
    dict(zip("pqrsab", row, strict=True)) for row in product(*[(False, True)] * 4, (-1, 0, 1), (-1, 0, 1))
]


def values(program: Program) -> list[tuple[Cell, ...]]:
    """What the figures are in each of all rows."""
    found = []
    for row in ROWS:
        steps = run(program, lambda slot, part, row=row: row[slot.name])  # type: ignore[misc]  # of this row
        found.append(tuple(steps[each.above] for each in program.figures))
    return found


@st.composite
def builders(draw: st.DrawFn) -> tuple[Builder, list[int]]:
    """Truths made of truths and of comparisons, in the order in which they were made."""
    build = Builder()
    build.slots = list(SLOTS)
    truths = [build.read(at) for at in range(4)]
    sides = [build.read(4), build.read(5), build.constant(0)]
    for _ in range(draw(st.integers(1, 14))):
        x, y, z = (draw(st.sampled_from(truths)) for _ in range(3))
        match draw(st.integers(0, 5)):
            case 0:
                op = draw(st.sampled_from(("<", "<=", ">", ">=", "==")))
                truths.append(build.compare(op, draw(st.sampled_from(sides)), draw(st.sampled_from(sides))))
            case 1:
                truths.append(build.all(x, y, z))
            case 2:
                truths.append(build.any(x, y, z))
            case 3:
                truths.append(build.compare("==", x, y))
            case 4:
                truths.append(build.case([(x, y)], z))
            case _:
                truths.append(build.negate(x))
    return build, truths


@settings(max_examples=200, deadline=None)
@given(drawn=builders())
def test_each_truth_is_what_it_was(drawn: tuple[Builder, list[int]]) -> None:
    build, truths = drawn
    program = build.program([Figure(f"f{at}", "truth", step) for at, step in enumerate(truths)])
    assert values(narrowed(program, {})) == values(program)


@settings(max_examples=200, deadline=None)
@given(drawn=builders())
def test_what_is_settled_is_what_it_was(drawn: tuple[Builder, list[int]]) -> None:
    build, truths = drawn
    settled = Truths(build)
    pairs = [(each, settled.settled(each)) for each in truths]
    for one, other in pairs:
        assert settled.settled(other) == settled.settled(one)
    both = [Figure("f", "truth", step) for pair in pairs for step in pair]
    for row in values(build.program(both)):
        assert row[0::2] == row[1::2]


def test_what_never_varies_is_a_constant() -> None:
    """A share of what is reported, as it is lowered: told where it is met or not, which is in all rows."""
    build = Builder()
    build.slots = list(SLOTS)
    below, above = (
        build.compare("<", build.read(4), build.read(5)),
        build.compare(">=", build.read(4), build.read(5)),
    )
    either = build.any(below, above)
    never = build.all(
        build.any(build.negate(below), build.read(0)), build.negate(build.any(above, build.read(0)))
    )
    program = build.program([Figure("either", "truth", either), Figure("never", "truth", never)])
    smaller = narrowed(program, {})
    assert [smaller.steps[each.above] for each in smaller.figures] == [(True,), (False,)]


def test_truths_of_many_others_stand_for_themselves() -> None:
    build = Builder()
    build.slots = [Slot(f"s{at}", "truth") for at in range(MOST + 1)]
    wide = build.all(*(build.read(at) for at in range(MOST + 1)))
    either = build.any(wide, build.negate(wide))
    settled = Truths(build)
    assert settled.settled(wide) == wide
    assert build.value(settled.settled(either)) is True
