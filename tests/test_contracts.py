"""The strategies: between them they reach the whole language."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rkdsl.language import nodes
from tests import contracts

_CLASSES = frozenset(
    each
    for _, each in inspect.getmembers(nodes, inspect.isclass)
    if issubclass(each, nodes.Node) and each is not nodes.Node
)


def walk(value: Any) -> Iterator[nodes.Node]:  # a node, or what a field of one may hold
    """The nodes in a value, parents first."""
    if isinstance(value, nodes.Node):
        yield value
        for field in attrs.fields(type(value)):
            yield from walk(getattr(value, field.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from walk(each)


def _optional_fields() -> set[tuple[str, str, bool]]:
    """(class, field, whether given) of every field that may be left out or be empty."""
    return {
        (kind.__name__, field.name, is_given)
        for kind in _CLASSES
        for field in attrs.fields(kind)
        if "None" in str(field.type) or str(field.type).startswith(("bool", "tuple")) or field.default == ""
        for is_given in (True, False)
    }


# The column of a value is what the checker writes for a register. A number of None is what the parser makes of one
# it refused; the others are never empty.
_NEVER_LEFT_OUT = {
    ("Value", "column", True),
    ("Quantity", "number", False),
    *(("Stated", "statements", False), ("Sum", "terms", False), ("Product", "factors", False)),
    *(("Target", "conditions", False), ("Group", "members", False), ("Guidelines", "rows", False)),
    *(("Conditions", "conditions", False), ("Rows", "rows", False), ("Curve", "rows", False)),
    *(("Steps", "steps", False), ("Step", "values", False), ("Across", "keys", False)),
    *(("Key", "edges", False), ("Call", "arguments", False), ("Row", "cells", False)),
    *(("Library", "statements", False),),
    *(("Scale", "parameters", False), ("Calendar", "weekdays", False), ("Parties", "names", False)),
}


def _is_given(value: object) -> bool:
    return value is not None and value is not False and value not in ("", ())


_STRATEGIES: tuple[st.SearchStrategy[nodes.Node], ...] = (
    contracts.contracts,
    contracts.libraries,
    contracts.amendments,
    contracts.changes,
    contracts.registers,
    contracts.examples,
    contracts.sections,
    contracts.section_statements,
    contracts.combinations,
    contracts.item_statements,
    contracts.assessments,
    contracts.measures,
    contracts.named_values,
    contracts.functions,
    contracts.items,
    contracts.contract_statements,
)


def test_every_class_and_every_optional_field_is_reached() -> None:
    """Each class of node is made, and each field that may be left out is seen given and left out."""
    found: set[tuple[str, str, bool]] = set()
    for strategy in _STRATEGIES:

        @settings(
            max_examples=150,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def collect(tree: nodes.Node) -> None:
            for node in walk(tree):
                for field in attrs.fields(type(node)):
                    found.add((type(node).__name__, field.name, _is_given(getattr(node, field.name))))

        collect()
    classes, ways = {name for name, _, _ in found}, _optional_fields() & found
    print(f"{len(classes)} classes of node, {len(ways)} ways to give or leave out a field")  # noqa: T201  (the count is asked for)
    assert {each.__name__ for each in _CLASSES} == classes
    assert _NEVER_LEFT_OUT == _optional_fields() - found
