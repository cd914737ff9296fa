"""A stretch of work is repeated only where doing it again would not be refused, and counts the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rkdsl.rules.effort import Effort

DEPTH = 5
steps = st.lists(
    st.tuples(
        st.sampled_from(("spend", "take", "ask", "ask for", "deeper")), st.integers(0, 6), st.integers(0, 6)
    )
)
amounts = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, DEPTH))


def _begun(cells: int, work: int, depth: int) -> Effort:
    effort = Effort(1000, DEPTH)
    effort.begin(cells, work)
    effort.step(depth)
    return effort


def _do(effort: Effort, work: list[tuple[str, int, int]]) -> bool:
    """Whether nothing was refused; ends as deep as it began."""
    deeper, refused = 0, False
    for what, one, other in work:
        match what:
            case "spend":
                effort.spend(one)
            case "take":
                effort.take(one)
            case "ask":
                refused |= effort.is_spent
            case "ask for":
                refused |= not effort.allows(one, other)
            case _:
                effort.step(1)
                deeper += 1
    effort.step(-deeper)
    return not refused


def _left(effort: Effort) -> tuple[int, int, int]:
    """What is left, as can be asked."""
    cells = max((n for n in range(-300, 30) if effort.allows(n, -1000)), default=-1000)
    work = max((n for n in range(-300, 30) if effort.allows(-1000, n)), default=-1000)
    return cells, work, effort.all_work


@given(steps, amounts, amounts)
def test_repeating_is_doing_again(
    work: list[tuple[str, int, int]], first: tuple[int, int, int], second: tuple[int, int, int]
) -> None:
    """Work that was never refused, repeated with other amounts left: allowed only if none would be refused.

    Where it is not allowed nothing is counted.
    """
    before = _begun(*first)
    mark = before.mark()
    passed = _do(before, work)
    stretch = before.since(mark)
    if stretch is None:
        assert not passed or first[2] >= DEPTH
        return
    assert passed
    again, repeated = _begun(*second), _begun(*second)
    if repeated.repeat(stretch):
        assert _do(again, work)
    assert _left(again) == _left(repeated)


@given(steps, steps, steps, amounts, amounts)
def test_a_stretch_within_a_stretch(
    before: list[tuple[str, int, int]],
    within: list[tuple[str, int, int]],
    after: list[tuple[str, int, int]],
    first: tuple[int, int, int],
    second: tuple[int, int, int],
) -> None:
    """What the whole needs is the same whether its part was done or repeated."""
    done = _begun(*first)
    whole = done.mark()
    _do(done, before)
    part = done.mark()
    _do(done, within)
    stretch = done.since(part)
    _do(done, after)
    expected = done.since(whole)
    other = _begun(*first)
    whole = other.mark()
    _do(other, before)
    if stretch is None or not other.repeat(stretch):
        return
    _do(other, after)
    assert expected == other.since(whole)
