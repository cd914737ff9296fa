"""The parts of an item: which of them are scored, and how each makes points."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from rkdsl.language import nodes

Part = nodes.Target | nodes.Milestone | nodes.Group | nodes.Assessment


class Combination(NamedTuple):
    """How a section is made of its members.

    `op` is `sum`, `mean`, `weighted mean` or `count`; `pick` is `all`, `best` or `worst`, the latter two with
    `count` members. `weights` go with the members of the weighted mean, `of` is `points` or `share`.
    """

    op: str = "sum"
    pick: str = "all"
    count: int = 0  # type: ignore[assignment]  # shadows `tuple.count`, which nothing asks for
    weights: tuple[tuple[str, Fraction], ...] = ()
    of: str = "points"


COMBINATIONS: Final[dict[str, tuple[str, str]]] = {
    "sum": ("sum", "all"),
    "mean": ("mean", "all"),
    "weighted mean": ("weighted mean", "all"),
    "count": ("count", "all"),
    "best": ("sum", "best"),
    "worst": ("sum", "worst"),
    "mean best": ("mean", "best"),
    "mean worst": ("mean", "worst"),
}
"""The ways to combine, by their words: what is done, and with which of the members."""


def combination_of(section: nodes.Section) -> Combination:
    """How a section combines; the sum of the points of its members where it says nothing."""
    said = next((each for each in section.statements if isinstance(each, nodes.CombinedBy)), None)
    if said is None:
        return Combination()
    op, pick = COMBINATIONS.get(said.function.text, ("sum", "all"))
    count = int(said.count.number) if said.count is not None and said.count.number is not None else 0
    weights = tuple((each.name.text, each.weight.number or Fraction(0)) for each in said.weights)
    return Combination(op, pick, count, weights, said.of.text if said.of else "points")


def weight_of(section: nodes.Section) -> nodes.Weight | None:
    """What a section weighs in the block around it, where that is said."""
    return next((each for each in section.statements if isinstance(each, nodes.Weight)), None)


def needs_of(section: nodes.Section) -> nodes.Needs | None:
    """How many members must take part, where that is said."""
    return next((each for each in section.statements if isinstance(each, nodes.Needs)), None)


def score_of(item: nodes.Item) -> nodes.Score | None:
    """The score of an item, if it makes its points by one."""
    return next((each for each in item.statements if isinstance(each, nodes.Score)), None)


def scored_parts(item: nodes.Item) -> tuple[Part, ...]:
    """What makes the item's points, in order; an assessment of the whole item is not among them.

    Beside a score, milestones only say when something was done.
    """
    if score_of(item) is not None:
        return ()
    kinds = (nodes.Target, nodes.Milestone, nodes.Group, nodes.Assessment)
    parts = (each for each in item.statements if isinstance(each, kinds))
    return tuple(each for each in parts if _is_scored(each))


def _is_scored(part: Part) -> bool:
    match part:
        case nodes.Target() | nodes.Milestone():
            return not part.standing
        case nodes.Assessment():
            return part.name is not None
        case _:
            return True


def assessment_of(item: nodes.Item) -> nodes.Assessment | None:
    """The assessment of the whole item, if there is one."""
    found = (each for each in item.statements if isinstance(each, nodes.Assessment))
    return next((each for each in found if each.name is None), None)


def has_worth(part: Part) -> bool:
    """Whether a part has points of its own."""
    return part.low is not None if isinstance(part, nodes.Assessment) else part.worth is not None


def is_linear(part: Part) -> bool:
    """Whether a part gives a share instead of a yes or no."""
    return isinstance(part, nodes.Target) and any(
        isinstance(each.test, nodes.Linear) for each in part.conditions
    )


def milestones_of(item: nodes.Item) -> Iterator[nodes.Milestone]:
    """Every milestone of an item, also those in groups."""
    pending: list[nodes.Node] = list(reversed(item.statements))
    while pending:
        each = pending.pop()
        if isinstance(each, nodes.Milestone):
            yield each
        elif isinstance(each, nodes.Group):
            pending += reversed(each.members)


def first_limit(item: nodes.Item) -> nodes.Condition | None:
    """The target a table of guidelines takes its measure and comparison from."""
    for node in item.statements:
        if isinstance(node, nodes.Target) and not node.standing:
            for condition in node.conditions:
                if isinstance(condition.test, nodes.Limit) and condition.subject is not None:
                    return condition
    return None
