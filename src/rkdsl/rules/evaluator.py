"""Evaluates a tree exactly: what each row is, or can still be while something is missing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from rkdsl.plain import Final
from rkdsl.rules.bounds import Bounds, Loose
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Given, Outcome, Possible, Settled, known, possible
from rkdsl.rules.slopes import BOTH, DOWN, UP
from rkdsl.rules.transfer import Transfer
from rkdsl.rules.tree import Ref, Tree

_DIRECTIONS: Final = {UP: "up", DOWN: "down", BOTH: "both"}


class Values:
    """What every row of a tree came to: the trace of one evaluation. Never changed once made."""

    def __init__(self, transfer: Transfer, bounds: Bounds) -> None:
        """Made by `evaluate`."""
        self._transfer: Final = transfer
        self._bounds: Final = bounds
        self.reported: Final[Mapping[Ref, Given]] = transfer.given

    @cached_property
    def rows(self) -> tuple[Possible, ...]:
        """What each row can be, aligned with the rows of the tree."""
        return tuple(map(possible, self._bounds.outcomes))

    def row(self, ref: Ref) -> Possible:
        """What one row can be; quicker than to have them all."""
        return possible(self._bounds.outcomes[ref])

    @property
    def loose(self) -> tuple[Loose, ...]:
        """The roots whose bounds may not be tight, in row order, and the inputs that make them so."""
        return self._bounds.loose

    def settled(self, ref: Ref) -> Settled | None:
        """The one value or state of a row; None while several are possible."""
        outcome: Outcome = self._bounds.outcomes[ref]
        return None if isinstance(outcome, Possible) else outcome

    def missing(self, ref: Ref) -> tuple[Ref, ...]:
        """The inputs that are not settled and that the value at `ref` still depends on, in row order."""
        return tuple(sorted(self._bounds.effects(ref)))

    def directions(self, ref: Ref) -> dict[Ref, str]:
        """For each of the `missing` inputs whether the value moves `up`, `down` or `both` ways with it."""
        effects = self._bounds.effects(ref)
        return {source: _DIRECTIONS[effects[source] & BOTH] for source in sorted(effects)}

    def alternative(self, source: Ref, value: Settled, ref: Ref) -> Possible:
        """What the row at `ref` would be were the missing input at `source` given this value."""
        given = {**self._transfer.given, source: Given(known(value))}
        other = Transfer(self._transfer.plan, given)
        return possible(self._bounds.otherwise(other, source, ref))


def evaluate(tree: Tree | Plan, given: Mapping[tuple[str, str], Given], effort: int | None = None) -> Values:
    """What each row of the tree is, given its inputs by their kind and key.

    Inputs that are not given are gaps: they can be anything in the range of their row. Inputs that the tree
    does not have are passed over. `effort` is how many rows may be looked at again to make bounds tight (None: as
    many as the limits allow). For many evaluations of one tree its plan is made once and given instead.
    """
    plan = tree if isinstance(tree, Plan) else Plan(tree)
    transfer = Transfer(plan, {ref: given[key] for ref, key in plan.inputs.items() if key in given})
    return Values(transfer, Bounds(transfer, effort))


def directions(tree: Tree, given: Mapping[tuple[str, str], Given], ref: Ref) -> dict[Ref, str]:
    """How the value at `ref` moves with each input that is not settled: `up`, `down` or `both`."""
    return evaluate(tree, given).directions(ref)
