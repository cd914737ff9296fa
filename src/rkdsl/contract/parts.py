"""The parts of an item: which of them are scored, and how each makes points. Where expectations stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from rkdsl.contract.report import held
from rkdsl.contract.scope import STATE_WORDS, values_of
from rkdsl.contract.symbols import LEFT_OUT, NOT_APPLICABLE_RULE, CheckedItem, CheckedSection
from rkdsl.language import nodes
from rkdsl.plain import Final, NamedTuple

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


def states_of(item: CheckedItem) -> tuple[str, ...]:
    """The states that an item can end in, so far as its form tells."""
    met, partly, missed = STATE_WORDS
    found = [met, *([partly] if _may_be_partly_met(item) else []), missed]
    return (*found, *([NOT_APPLICABLE_RULE] if item.rules.get(NOT_APPLICABLE_RULE) == LEFT_OUT else []))


def _may_be_partly_met(item: CheckedItem) -> bool:
    """Whether points between the least and the most can be come to, as far as they are written."""
    if item.weight is None or item.low == item.high:
        return False
    if assessment_of(item.node) is not None:
        choices = item.weight.choices
        return not choices or any(_lies_between(each, item) for each in choices)
    score = score_of(item.node)
    if score is not None:
        return any(_lies_between(each, item) for each in values_of(score.body))
    parts = scored_parts(item.node)
    alone = parts[0] if len(parts) == 1 else None
    if any(is_linear(each) or (isinstance(each, nodes.Milestone) and each.late) for each in parts):
        return True
    return isinstance(alone, nodes.Assessment) or (alone is None and any(map(has_worth, parts)))


def _lies_between(value: nodes.Node, item: CheckedItem) -> bool:
    """Whether points or a share may be neither the least nor the most; what is to be worked out may."""
    if isinstance(value, nodes.NoValue):
        return False
    number = held(value) if isinstance(value, nodes.Quantity) else None
    if number is None or item.high is None or not isinstance(value, nodes.Quantity):
        return True
    low, high = (Fraction(0), Fraction(1)) if value.unit in ("%", "‰") else (item.low, item.high)
    return low < number < high


# ---- what is expected


def cross_checks(
    contract: nodes.Contract, blocks: Iterable[CheckedSection], items: Iterable[CheckedItem]
) -> Iterator[nodes.Expectation]:
    """What is expected of the contract, of its sections and of its items."""
    yield from _expected_in(contract.statements)
    for block in blocks:
        yield from _expected_in(block.node.statements)
    for item in items:
        yield from _expected_in(item.node.statements)


def _expected_in(statements: Iterable[nodes.Node]) -> Iterator[nodes.Expectation]:
    return (each for each in statements if isinstance(each, nodes.Expectation))


def examples_of(contract: nodes.Contract) -> Iterator[nodes.Example]:
    """The examples in the order of the text."""
    return (each for each in contract.statements if isinstance(each, nodes.Example))


def expectations_of(example: nodes.Example) -> Iterator[nodes.Expectation]:
    """What an example expects, in the order of the text."""
    return _expected_in(example.statements)
