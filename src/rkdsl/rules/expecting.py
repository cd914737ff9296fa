"""What a contract expects of itself to rows, after everything else: nothing of its score comes from them."""

from __future__ import annotations

from rkdsl.contract.parts import cross_checks as checks_of
from rkdsl.contract.parts import examples_of, expectations_of
from rkdsl.contract.scope import asks_what_is_known, names_thing
from rkdsl.language import nodes
from rkdsl.plain import evolve
from rkdsl.rules.lowering import Lowering
from rkdsl.rules.tree import Asked, Expected
from rkdsl.values import PLAIN, TRUTH


def cross_checks(low: Lowering) -> tuple[Expected, ...]:
    """What is expected of the contract, of its sections and of its items."""
    checked = low.checked
    low.rules = {}
    found = checks_of(checked.node, checked.sections, checked.items)
    return tuple(_expected(low, node, f"expect.{number}") for number, node in enumerate(found, 1))


def of_examples(low: Lowering) -> tuple[Expected, ...]:
    """What the examples expect, one after the other."""
    scope, low.scope = low.scope, evolve(low.scope, is_example=True)
    found = []
    for number, example in enumerate(examples_of(low.checked.node), 1):
        for n, node in enumerate(expectations_of(example), 1):
            found.append(_expected(low, node, f"example.{number}.{n}"))
    low.scope = scope
    return tuple(found)


def _expected(low: Lowering, node: nodes.Expectation, place: str) -> Expected:
    """Conditions with what each of them speaks of. What they are made of is known already, or tried here alone."""
    asked: list[Asked] = []
    subject: nodes.Expression | None = None
    when: nodes.When | None = None
    for number, condition in enumerate(node.conditions.conditions, 1):
        if condition.subject is not None:
            subject = condition.subject
            when = condition.when.first if condition.when is not None else None
        assert subject is not None
        asked.append(_asked(low, condition, subject, when, f"{place}.{number}"))
    refs = [each.of for each in asked]
    whole = low.lay.some(*refs) if node.conditions.joined == "or" else low.lay.every(*refs)
    if len(refs) > 1:
        whole = low.name(place, whole, TRUTH, "condition", "", low.clause(node.conditions))
    return Expected(node.why.text if node.why else "", whole, tuple(asked), low.clause(node))


def _asked(
    low: Lowering,
    condition: nodes.Condition,
    subject: nodes.Expression,
    when: nodes.When | None,
    place: str,
) -> Asked:
    with low.edging():
        holds = low.single(condition, subject, when, place)
    clause = low.clause(condition)
    is_state = names_thing(condition.test, subject, low.scope)
    if is_state or asks_what_is_known(condition.test, low.scope):
        assert isinstance(subject, nodes.Reference)
        return Asked(holds, None, PLAIN, subject.name.text, clause)
    spoken = low.subject(subject, when, place)
    return Asked(holds, spoken.value, spoken.unit, "", clause)
