"""What the examples of a contract expect of it."""

from __future__ import annotations

from rkdsl.contract import conditions, remarks
from rkdsl.contract.parts import examples_of, expectations_of
from rkdsl.contract.scope import Scope
from rkdsl.language import nodes
from rkdsl.plain import evolve


def check_expectations_of_examples(contract: nodes.Contract, scope: Scope) -> None:
    """The conditions that examples expect, which may also speak of what is known."""
    inner = evolve(scope, is_example=True)
    for example in examples_of(contract):
        found = list(expectations_of(example))
        for node in found:
            conditions.check_conditions(node.conditions, inner)
        if not found:
            scope.report.add(remarks.nothing_expected(scope.report.place(example.title.span)))
