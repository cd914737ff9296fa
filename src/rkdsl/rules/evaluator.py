"""Evaluates a tree exactly: what each row is, or can still be while something is missing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from rkdsl.plain import TYPE_CHECKING, Final, Late
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Given, Outcome, Possible, Settled, known, possible
from rkdsl.rules.transfer import Transfer
from rkdsl.rules.tree import Ref, Tree

if TYPE_CHECKING:
    from rkdsl.rules import bounds, slopes
else:
    bounds, slopes = Late("rkdsl.rules.bounds"), Late("rkdsl.rules.slopes")


class Values:
    """What every row of a tree came to: the trace of one evaluation. Never changed once made."""

    def __init__(self, transfer: Transfer, effort: int | None = None) -> None:
        """Made by `evaluate`."""
        self._transfer: Final = transfer
        self.reported: Final[Mapping[Ref, Given]] = transfer.given
        self._outcomes: list[Outcome] = []
        self._bounds: bounds.Bounds | None = None
        """None while nothing is open: then there is nothing to bound."""
        for ref in range(len(transfer.rows)):
            outcome = transfer.outcome(ref, self._outcomes)
            if isinstance(outcome, Possible):
                self._bounds = bounds.Bounds(transfer, effort, self._outcomes)
                self._outcomes = self._bounds.outcomes
                return
            self._outcomes.append(outcome)

    @cached_property
    def rows(self) -> tuple[Possible, ...]:
        """What each row can be, aligned with the rows of the tree."""
        return tuple(map(possible, self._outcomes))

    def row(self, ref: Ref) -> Possible:
        """What one row can be; quicker than to have them all."""
        return possible(self._outcomes[ref])

    @property
    def loose(self) -> tuple[bounds.Loose, ...]:
        """The roots whose bounds may not be tight, in row order, and the inputs that make them so."""
        return () if self._bounds is None else self._bounds.loose

    def settled(self, ref: Ref) -> Settled | None:
        """The one value or state of a row; None while several are possible."""
        outcome = self._outcomes[ref]
        return None if isinstance(outcome, Possible) else outcome

    def _effects(self, ref: Ref) -> Mapping[Ref, slopes.Effect]:
        return {} if self._bounds is None else self._bounds.effects(ref)

    def missing(self, ref: Ref) -> tuple[Ref, ...]:
        """The inputs that are not settled and that the value at `ref` still depends on, in row order."""
        return tuple(sorted(self._effects(ref)))

    def directions(self, ref: Ref) -> dict[Ref, str]:
        """For each of the `missing` inputs whether the value moves `up`, `down` or `both` ways with it."""
        effects = self._effects(ref)
        words = {slopes.UP: "up", slopes.DOWN: "down", slopes.BOTH: "both"} if effects else {}
        return {source: words[effects[source] & slopes.BOTH] for source in sorted(effects)}

    def alternative(self, source: Ref, value: Settled, ref: Ref) -> Possible:
        """What the row at `ref` would be were the missing input at `source` given this value."""
        given = {**self._transfer.given, source: Given(known(value))}
        other = Transfer(self._transfer.plan, given)
        if self._bounds is None:
            return Values(other).row(ref)
        return possible(self._bounds.otherwise(other, source, ref))


def evaluate(tree: Tree | Plan, given: Mapping[tuple[str, str], Given], effort: int | None = None) -> Values:
    """What each row of the tree is, given its inputs by their kind and key.

    Inputs that are not given are gaps: they can be anything in the range of their row. Inputs that the tree
    does not have are passed over. `effort` is how many rows may be looked at again to make bounds tight (None: as
    many as the limits allow). For many evaluations of one tree its plan is made once and given instead.
    """
    plan = tree if isinstance(tree, Plan) else Plan(tree)
    transfer = Transfer(plan, {ref: given[key] for ref, key in plan.inputs.items() if key in given})
    return Values(transfer, effort)


def directions(tree: Tree, given: Mapping[tuple[str, str], Given], ref: Ref) -> dict[Ref, str]:
    """How the value at `ref` moves with each input that is not settled: `up`, `down` or `both`."""
    return evaluate(tree, given).directions(ref)
