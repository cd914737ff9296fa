"""How a contract is built: its sections and items, with the rules and limits that hold for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from rkdsl import messages
from rkdsl.contract import totals
from rkdsl.contract.report import Report
from rkdsl.contract.symbols import TOTAL, CheckedItem, CheckedSection
from rkdsl.language import nodes
from rkdsl.plain import evolve
from rkdsl.values import MAX_ITEMS

NAMES_OF_THE_WHOLE: Final = frozenset(("total", "all"))
"""What the command calls the whole contract: no goal, requirement or section has these names."""


def structure(contract: nodes.Contract, report: Report) -> Walk:
    """Sections and items in the order of the text, each with its rules for what is missing and its limits."""
    _contract_once(contract, report)
    walk = Walk(report)
    walk.block(contract, "", {})
    walk.place_limits()
    if len(walk.items) > MAX_ITEMS:
        report.add(messages.too_many_items(report.place(contract.name.span), len(walk.items)))
    return walk


def _contract_once(contract: nodes.Contract, report: Report) -> None:
    kinds = (
        nodes.Parties,
        nodes.ContractPeriod,
        nodes.Binding,
        nodes.Total,
        nodes.ReportingCloses,
        nodes.ResultOf,
    )
    report.once(contract.statements, kinds)


class Walk:
    """Sections and items as they are met. The nesting is bounded when the text is read."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.sections: list[CheckedSection] = []
        self.items: list[CheckedItem] = []
        self.names: dict[str, nodes.Section | nodes.Item] = {}
        self.limits: dict[str, list[nodes.Cap]] = {}
        self._members: dict[str, list[str]] = {}
        self._caps: list[tuple[str, nodes.Cap]] = []

    def members(self, section: str) -> tuple[str, ...]:
        """What stands directly in a section, in the order of the text; "" for the contract."""
        return tuple(self._members.get(section, ()))

    def block(
        self, block: nodes.Contract | nodes.Section, section: str, inherited: Mapping[str, str]
    ) -> None:
        """Everything in the contract or in a section, with the rules of what stands around it."""
        rules = {**inherited, **_rules(block.statements, self.report)}
        for node in block.statements:
            if isinstance(node, nodes.Section | nodes.Item):
                self._named(node)
                self._members.setdefault(section, []).append(node.name.text)
            match node:
                case nodes.Section():
                    self.sections.append(CheckedSection(node.name.text, section, node, rules))
                    self.block(node, node.name.text, rules)
                case nodes.Item():
                    own = {**rules, **_rules(node.statements, self.report)}
                    self.items.append(_item(node, section, own, self.report))
                    self._keep_limits(node.statements, node.name.text)
        self._keep_limits(block.statements, section or TOTAL)

    def _keep_limits(self, statements: Iterable[nodes.Node], block: str) -> None:
        """Each limit with the name of what it limits: without one, that of its block."""
        for node in statements:
            if isinstance(node, nodes.Cap):
                self._caps.append((node.name.text if node.name else block, node))

    def place_limits(self) -> None:
        """The limits of each item, section and of the whole, in the order of the text."""
        named = {*self.names, TOTAL}
        for name, cap in sorted(self._caps, key=lambda each: each[1].span.start):
            if name in named:
                self.limits.setdefault(name, []).append(cap)
            elif cap.name is not None:
                self.report.unknown(cap.name, named, "goal, requirement or section")
        self.items = [evolve(each, limits=tuple(self.limits.get(each.id, ()))) for each in self.items]
        self.sections = [evolve(each, limits=tuple(self.limits.get(each.id, ()))) for each in self.sections]

    def _named(self, node: nodes.Section | nodes.Item) -> None:
        first = self.names.setdefault(node.name.text, node)
        if first is not node:  # a use stands where its library says: the order of the text counts
            earlier, later = sorted((first.name.span, node.name.span))
            self.report.twice(later, node.name.text, earlier)
        if node.name.text in NAMES_OF_THE_WHOLE:
            self.report.add(messages.reserved_name(self.report.place(node.name.span), node.name.text))


def _rules(statements: tuple[object, ...], report: Report) -> dict[str, str]:
    found: dict[str, nodes.MissingRule] = {}
    for node in statements:
        if not isinstance(node, nodes.MissingRule):
            continue
        if node.state in found:
            report.twice(node.span, node.state, found[node.state].span)
        found.setdefault(node.state, node)
    return {state: node.rule for state, node in found.items()}


def _item(node: nodes.Item, section: str, rules: Mapping[str, str], report: Report) -> CheckedItem:
    report.once(node.statements, (nodes.Weight,))
    weights = [each for each in node.statements if isinstance(each, nodes.Weight)]
    if not weights:
        return CheckedItem(node.name.text, section, rules, Fraction(0), None, None, node)
    low, high = totals.weight(weights[0], report)
    return CheckedItem(node.name.text, section, rules, low, high, weights[0], node)
