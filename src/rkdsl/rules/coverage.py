"""Which rows, branches and boundaries an evaluation touched, read from its trace. Computes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from itertools import pairwise

from rkdsl.rules import explanation
from rkdsl.rules.evaluator import Values
from rkdsl.rules.tree import Choose, Compare, Knot, Piecewise, Ref, Tree
from rkdsl.rules.ways import Touch, Way
from rkdsl.trials import Covered


def moved(ways: Iterable[Way], refs: Sequence[Ref]) -> tuple[Way, ...]:
    """Ways with their rows where they stand in a tree that was linked."""
    return tuple(
        way._replace(touches=tuple(each._replace(ref=refs[each.ref]) for each in way.touches)) for way in ways
    )


def touched(
    tree: Tree, values: Values, expected: Iterable[Ref], ways: Sequence[Way], states: Mapping[str, str]
) -> Iterator[int]:
    """The ways that one evaluation touched, by their place; only what had a say counts.

    `expected` are conditions that were asked for besides, `states` those of the items.
    """
    reached = explanation.reached(tree, values, (*_roots(tree), *expected))
    for at, way in enumerate(ways):
        if way.item:
            if states[way.item] == way.state:
                yield at
        elif all(_is_so(each, tree, values, reached) for each in way.touches):
            yield at


def _roots(tree: Tree) -> Iterator[Ref]:
    """What is told: the total, items with what they show, sections and values."""
    found: list[Ref | None] = [tree.total, *(each.points for each in tree.sections)]
    for item in tree.items:
        found += [item.points, item.condition, *(each.of for each in item.shown)]
    found += [each.of for each in tree.values]
    return (each for each in found if each is not None)


def _is_so(touch: Touch, tree: Tree, values: Values, reached: Set[Ref]) -> bool:
    if touch.ref not in reached:
        return False
    row = tree.rows[touch.ref]
    match touch.how, row:
        case "reached", _:
            return True
        case "holds", _:
            return values.settled(touch.ref) is bool(touch.at)
        case "limit", Compare(left=left, right=right):
            number = values.settled(left)
            return isinstance(number, Fraction) and number == values.settled(right)
        case "row", Choose(rows=rows):
            before = (values.settled(condition) for condition, _ in rows[: touch.at])
            taken = values.settled(rows[touch.at][0])
            return taken is True and all(each is False for each in before)
        case how, Piecewise(operand=operand, knots=knots):
            return _lies(how, touch.at, values.settled(operand), knots, values)
    raise AssertionError(f"{touch.how} of a {type(row).__name__}")


def _lies(how: str, index: int, operand: object, knots: Sequence[Knot], values: Values) -> bool:
    """Whether a number is a corner, strictly between two of them, or on a stretch with its ends."""
    places = [each for knot in knots if isinstance(each := values.settled(knot.at), Fraction)]
    is_rising = len(places) == len(knots) and all(low < high for low, high in pairwise(places))
    if not isinstance(operand, Fraction) or not is_rising:
        return False
    if how == "knot":
        return operand == places[index]
    below = sum(each < operand for each in places)
    if operand not in places:
        return below == index
    return how == "stretch" and below + (knots[below].holds == "after") == index


def report(ways: Sequence[Way], hit: Set[int]) -> tuple[Covered, ...]:
    """Everything there is to be touched, in the order of the text: a clause laid down several times stands once."""
    found: dict[tuple[str, str, int, str, str], bool] = {}
    for at, way in enumerate(ways):
        key = (way.kind, way.clause.file, way.clause.line, way.clause.text, way.what)
        found[key] = found.get(key, False) or at in hit
    order = sorted(found, key=lambda key: key[1:3])
    return tuple(Covered(*key, is_touched=found[key]) for key in order)
