"""What the parts of the checker share: the mistakes found so far, and the reading of written numbers."""

from __future__ import annotations

import bisect
import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import attrs

from rkdsl import messages
from rkdsl.contract import units
from rkdsl.diagnostics import Diagnostic, Place, in_order
from rkdsl.language import nodes
from rkdsl.language.keywords import UNITS
from rkdsl.source import Span
from rkdsl.values import MAGNITUDES, PERCENT_OF_TOTAL, PLAIN, REGISTERED, Period, Unit

MAX_MISTAKES: Final = 200
MAX_FINDINGS: Final = 1_000
"""How many of one contract are told; the others are counted."""
MAX_COMPARED: Final = 100_000
"""With how many names unknown ones are compared, to find what was meant."""


class Report:
    """The diagnostics of one contract, as they are found."""

    def __init__(self, file: str, mistaken: Iterable[Span] = ()) -> None:
        """`mistaken` are places where the reading of the text has found a mistake already."""
        self.file = file
        self._mistakes: list[Diagnostic] = []
        self._findings: list[Diagnostic] = []
        self._left_out: dict[bool, tuple[Place, int]] = {}
        self._mistaken = set(mistaken)
        self._starts = sorted(span.start for span in self._mistaken)
        self._compared = 0
        self._found: set[tuple[str, Place, str]] = set()
        self._unread = {span.start for span in self._mistaken}  # `2009-02-30..2009-03` begins with one

    def place(self, span: Span) -> Place:
        """A place in the contract's text."""
        return Place(self.file, span)

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep one mistake or finding; at a place with a mistake, nothing more is said."""
        span = diagnostic.place.span
        kept = (diagnostic.code, diagnostic.place, diagnostic.labels[0].text)  # what a row or a scale repeats
        if span is None or (span not in self._mistaken and span.start not in self._unread):
            if kept not in self._found:
                self._keep(diagnostic)
            self._found.add(kept)
        if diagnostic.is_error and span is not None and span not in self._mistaken:
            self._mistaken.add(span)
            bisect.insort(self._starts, span.start)

    def _keep(self, diagnostic: Diagnostic) -> None:
        told, limit = (
            (self._mistakes, MAX_MISTAKES) if diagnostic.is_error else (self._findings, MAX_FINDINGS)
        )
        if len(told) < limit:
            told.append(diagnostic)
            return
        first, count = self._left_out.get(diagnostic.is_error, (diagnostic.place, 0))
        self._left_out[diagnostic.is_error] = (first, count + 1)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, in order of place; of very many only the first, and how many more there are."""
        more = (
            messages.more_than_shown(first, count, is_error=is_error)
            for is_error, (first, count) in self._left_out.items()
        )
        return in_order((*self._mistakes, *self._findings, *more))

    def has_mistake_in(self, span: Span) -> bool:
        """Whether anything inside a place is mistaken."""
        after = bisect.bisect_left(self._starts, span.start)
        return after < len(self._starts) and self._starts[after] < span.end

    def twice(self, span: Span, name: str, first: Span) -> None:
        """Something that may stand once stands again."""
        self.add(messages.said_again(self.place(span), name, self.place(first)))

    def once(self, statements: Iterable[nodes.Node], kinds: tuple[type, ...]) -> None:
        """Statements of each kind may stand once in their block."""
        first: dict[type, nodes.Node] = {}
        for node in statements:
            if isinstance(node, kinds) and first.setdefault(type(node), node) is not node:
                self.twice(node.span, "", first[type(node)].span)

    def unknown(self, name: nodes.Identifier, known: Iterable[str], kind: str) -> None:
        """A name that nothing declares. Where very many names are unknown, those that are not told are not compared."""
        names = sorted(known) if len(self._mistakes) < MAX_MISTAKES else []
        is_compared = self._compared <= MAX_COMPARED
        self._compared += len(names)
        self.add(
            messages.unknown_name(self.place(name.span), name.text, kind, names, is_compared=is_compared)
        )

    def period(self, literal: nodes.PeriodLiteral) -> Period | None:
        """The period written, reported when it is none."""
        if literal.period is None:
            self.add(messages.not_a_period(self.place(literal.span)))
        return literal.period

    def undecided_period(self, node: nodes.Undecided) -> None:
        """An undecided period or role counts nothing, so it has no unit."""
        if node.unit:
            self.add(messages.no_unit_here(self.place(node.span), node.unit))

    def one_governs(self, stated: nodes.Stated[Any]) -> None:  # of whatever kind is stated
        """Of several stated values at most one governs."""
        governing = [each for each in stated.statements if each.governs]
        for each in governing[1:]:
            self.add(messages.two_govern(self.place(each.span), self.place(governing[0].span)))


def inside(node: nodes.Node) -> Iterator[nodes.Node]:
    """A node and every node in it, in no order. Walks without recursion: texts may be long."""
    pending: list[Any] = [node]  # nodes, tuples of them and plain values
    take, parts_of = pending.pop, _PARTS
    while pending:
        each = take()
        parts = parts_of.get(each.__class__)
        if parts is not None:
            yield each
            pending += parts(each)
        elif each.__class__ is tuple:
            pending += each


def statements_in(node: nodes.Node) -> Iterator[nodes.Node]:
    """A node with its statements and rows, theirs and so on, in no order; not what is in other fields."""
    pending = [node]
    while pending:
        each = pending.pop()
        yield each
        if not isinstance(each, nodes.Stated):
            pending += getattr(each, "statements", ())
            pending += getattr(each, "rows", ())


def children(node: nodes.Node) -> list[nodes.Node]:
    """The nodes directly in a node, in the order of its fields."""
    found: list[nodes.Node] = []
    pending: list[Any] = [*_PARTS[type(node)](node)]
    pending.reverse()
    while pending:
        each = pending.pop()
        if each.__class__ in _PARTS:
            found.append(each)
        elif each.__class__ is tuple:
            pending += reversed(each)
    return found


@functools.cache
def fields_of(kind: str) -> tuple[str, ...]:
    """The fields of a kind of node, but for its place."""
    return tuple(field.name for field in attrs.fields(getattr(nodes, kind)) if field.name != "span")


_PLAIN: Final = frozenset(("bool", "int", "str", "Fraction | None", "Period | None"))
"""What fields are declared as that have no node in them."""


def _parts(kind: type[nodes.Node]) -> Callable[[nodes.Node], Sequence[Any]]:
    """What gives the fields of a kind of node that may have nodes in them."""
    names = [each.name for each in attrs.fields(kind) if each.type not in _PLAIN and each.name != "span"]
    if not names:
        return lambda node: ()
    return operator.attrgetter(
        *names, *(["span"] if len(names) == 1 else [])
    )  # of two or more it gives a tuple


_PARTS: Final = {
    each: _parts(each)
    for each in vars(nodes).values()
    if isinstance(each, type) and issubclass(each, nodes.Node) and each is not nodes.Node
}


def numeral(quantity: nodes.Quantity, report: Report) -> Fraction | None:
    """A number that counts places or members: without a unit."""
    if quantity.unit or quantity.magnitude:
        report.add(messages.no_unit_here(report.place(quantity.span), quantity.unit or quantity.magnitude))
        return None
    return quantity.number


def held(quantity: nodes.Quantity, unit: Unit = PLAIN) -> Fraction | None:
    """The number as it is held: 80 % is 4/5, 84.5 million is 84500000; `unit` is that of a number without one."""
    if quantity.number is None:
        return None
    own = UNITS[quantity.unit] if quantity.unit and unit != PERCENT_OF_TOTAL else unit
    scale = own.scale * MAGNITUDES.get(quantity.magnitude, 1)
    return quantity.number if scale == 1 else quantity.number * scale


def value_of(
    quantity: nodes.Quantity, unit: Unit, report: Report, *, lenient: bool = False
) -> Fraction | None:
    """The number as held, checked against the unit it must have.

    A number without a unit takes the unit expected; one of per cent says so, except (`lenient`) beside the
    declaration of the unit itself.
    """
    if quantity.number is None:
        return None
    if unit.shown in ("truth", "day", "word") or unit.shown in REGISTERED:
        report.add(messages.not_a_number_here(report.place(quantity.span), str(unit)))
        return None
    if not quantity.unit:
        if unit.shown and not lenient:
            report.add(messages.unit_wanted(report.place(quantity.span), quantity.number, str(unit)))
            return None
    elif unit == PERCENT_OF_TOTAL and quantity.unit == "%":
        return quantity.number
    elif not units.comparable(UNITS[quantity.unit], unit):
        report.add(messages.units_differ(report.place(quantity.span), str(UNITS[quantity.unit]), str(unit)))
        return None
    number = held(quantity, unit)
    assert number is not None
    if unit.is_count and number.denominator != 1:
        report.add(messages.whole_number_wanted(report.place(quantity.span), number, quantity.decimals, unit))
        return None
    if unit.is_money and not quantity.magnitude and quantity.decimals > 2:
        report.add(messages.money_decimals(report.place(quantity.span), number, quantity.decimals))
        return None
    return number
