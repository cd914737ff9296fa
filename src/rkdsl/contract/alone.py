"""A library by itself: a contract that has all of it, with whatever its shared goals are given left open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from rkdsl.contract.report import inside
from rkdsl.diagnostics import Diagnostic
from rkdsl.language import nodes
from rkdsl.source import Span

_OF_OPEN: Final = frozenset(("RK502", "RK510", "RK518", "RK519"))
"""The findings that an argument left open makes by itself."""
_NOT_USED: Final = "RK517"


def as_contract(library: nodes.Library) -> nodes.Contract:
    """A contract of all statements of a library, in which each shared goal is used once."""
    start = Span(library.span.start, library.span.start)
    name = nodes.Identifier("", span=start)
    title = nodes.Stated((nodes.Statement(nodes.Text("", span=start), span=start),), span=start)
    result = nodes.ResultOf(nodes.Identifier("states", span=start), span=start)
    has_points = any(isinstance(each, nodes.Weight) for each in inside(library))
    whole = _used(library.statements)
    return nodes.Contract(name, title, whole if has_points else (*whole, result), span=library.span)


def _used(statements: tuple[Any, ...]) -> tuple[Any, ...]:
    """Statements, each shared goal among them followed by a use of it. The nesting is bounded when it is read."""
    return tuple(each for statement in statements for each in _with_use(statement))


def _with_use(statement: Any) -> Iterator[Any]:  # statements of a library or section
    if isinstance(statement, nodes.Section):
        yield attrs.evolve(statement, statements=_used(statement.statements))
        return
    yield statement
    if isinstance(statement, nodes.Item) and statement.shared:
        cells = tuple(nodes.Undecided(span=each.span) for each in statement.parameters)
        yield nodes.UsedItem(statement.name, cells, span=statement.span)


def told_of(library: nodes.Library, diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """What is told of a library: not what comes of open arguments, nor that nobody uses a declaration of it."""
    columns = {each.span for each in _columns(library)}
    return tuple(each for each in diagnostics if _is_told(each, columns))


def _columns(library: nodes.Library) -> Iterator[nodes.Identifier]:
    for each in inside(library):
        if isinstance(each, nodes.Item | nodes.Scale):
            yield from each.parameters


def _is_told(diagnostic: Diagnostic, columns: set[Span]) -> bool:
    span = diagnostic.place.span
    if span is None or span.start == span.end:
        return False
    is_column = span in columns
    if diagnostic.code == _NOT_USED:
        return is_column
    return diagnostic.is_error or not (is_column and diagnostic.code in _OF_OPEN)
