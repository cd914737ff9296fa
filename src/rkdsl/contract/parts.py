"""The parts of an item: which of them are scored, and how each makes points."""

from __future__ import annotations

from rkdsl.language import nodes

Part = nodes.Target | nodes.Milestone | nodes.Group | nodes.Assessment


def scored_parts(item: nodes.Item) -> tuple[Part, ...]:
    """What makes the item's points, in order; an assessment of the whole item is not among them."""
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
