"""The checked contract: every declaration found, resolved and in its place. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import attrs

from rkdsl.language import nodes
from rkdsl.values import POINTS, Period, Unit

NOT_REPORTED: Final = "not reported"
NOT_APPLICABLE_RULE: Final = "not applicable"
STAYS_OPEN: Final = "stays open"
COUNTS_AS_ZERO: Final = "counts as zero"


@attrs.frozen
class Quantified:
    """A measure or a fact: what can be reported as a number, a day, or yes or no.

    `rhythm` is empty for a fact. `low` and `high` are held numbers (80 % is 4/5), None where there is no end.
    `history` holds what the contract states per period.
    """

    id: str
    kind: str
    title: str
    unit: Unit
    direction: str
    rhythm: str
    source: str
    low: Fraction | None
    high: Fraction | None
    may_not_apply: bool
    history: Mapping[Period, nodes.Entry]
    node: nodes.Measure | nodes.Fact


@attrs.frozen
class CheckedItem:
    """A goal or requirement in its section, with the rules in force for what is missing."""

    id: str
    section: str
    rules: Mapping[str, str]
    low: Fraction
    high: Fraction | None
    weight: nodes.Weight | None
    node: nodes.Item

    @property
    def title(self) -> str:
        """The title as stated first."""
        return self.node.title.first.text


@attrs.frozen
class CheckedSection:
    """A section with the section it stands in; "" at the top."""

    id: str
    parent: str
    node: nodes.Section


@attrs.frozen
class ProofLine:
    """One line of the proof of a total: what adds up, the sum that follows, and what is stated (if anything)."""

    id: str
    title: str
    depth: int
    highest: Fraction | None
    stated: Fraction | None


@attrs.frozen
class RuleInForce:
    """What something missing does to the points of some items."""

    state: str
    rule: str
    items: tuple[str, ...]


@attrs.frozen
class Checked:
    """A contract without mistakes, ready to be compiled."""

    node: nodes.Contract
    file: str
    measures: Mapping[str, Quantified]
    roles: Mapping[str, nodes.Role]
    sections: tuple[CheckedSection, ...]
    items: tuple[CheckedItem, ...]
    period: Period | None
    binding: Period | None
    closes: Period | None
    proof: tuple[ProofLine, ...]
    unit: Unit = POINTS

    @property
    def id(self) -> str:
        """The name the actuals file must give."""
        return self.node.name.text

    @property
    def rules(self) -> tuple[RuleInForce, ...]:
        """Which rule for what is missing is in force for which items; without one everything stays open."""
        found: dict[tuple[str, str], list[str]] = {}
        for item in self.items:
            for state in (NOT_REPORTED, NOT_APPLICABLE_RULE):
                found.setdefault((state, item.rules.get(state, STAYS_OPEN)), []).append(item.id)
        return tuple(RuleInForce(state, rule, tuple(names)) for (state, rule), names in sorted(found.items()))
