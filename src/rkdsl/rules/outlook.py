"""What a contract can come to before anything is known: ranges that can be left, weights out of reach, idle limits."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from rkdsl.contract import texts
from rkdsl.contract.forms import check_range
from rkdsl.contract.parts import score_of
from rkdsl.contract.report import Report
from rkdsl.contract.symbols import TOTAL, Checked, CheckedItem
from rkdsl.diagnostics import Diagnostic, Place
from rkdsl.language import nodes
from rkdsl.rules import wording
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.possible import Interval, Possible
from rkdsl.rules.tree import Name, Ref, Tree
from rkdsl.values import PERCENT, Unit

EFFORT: Final = 10_000
"""Rows that may be looked at again, so that a contract is read without delay."""


def outlook(checked: Checked, tree: Tree) -> tuple[Diagnostic, ...]:
    """Findings about everything the inputs could be within their ranges."""
    scored = any(score_of(each.node) is not None for each in checked.items)
    ranged = any(each.node.range is not None for each in checked.values.values())
    ranged = ranged or any(each.range is not None for each in checked.scales.values())
    if not (scored or ranged or _limits(checked)):
        return ()
    return tuple(_Outlook(checked, tree, evaluate(tree, {}, EFFORT)).findings())


def _limits(checked: Checked) -> list[tuple[str, nodes.Cap]]:
    """Every limit with the name of what it limits and its number."""
    found = [(TOTAL, checked.limits), *((each.id, each.limits) for each in checked.items)]
    found += [(each.id, each.limits) for each in checked.sections]
    return [(f"{name}.limit.{n}", cap) for name, limits in found for n, cap in enumerate(limits, 1)]


class _Outlook:
    def __init__(self, checked: Checked, tree: Tree, values: Values) -> None:
        self.checked, self.tree, self.values = checked, tree, values
        self.rows: dict[str, list[Ref]] = {}
        for ref, row in enumerate(tree.rows):
            if isinstance(row, Name):
                self.rows.setdefault(row.id, []).append(ref)

    def findings(self) -> Iterator[Diagnostic]:
        """All of them, in no order."""
        for name, value in self.checked.values.items():
            if value.node.range is not None:
                yield from self._left(f"{name}.unbounded", value.node.range)
        yield from self._left_by_scales()
        for item in self.checked.items:
            score = score_of(item.node)
            if score is not None:
                yield from self._score(item, score)
        for place, cap in _limits(self.checked):
            yield from self._idle(place, cap)

    def _place(self, node: nodes.Node) -> Place:
        return Place(self.checked.file, node.span)

    def _left_by_scales(self) -> Iterator[Diagnostic]:
        """A scale is looked at in each of its applications, and told once."""
        told: set[str] = set()
        for key in self.rows:
            name, _, rest = key.partition(".")
            scale = self.checked.scales.get(name)
            if scale is None or scale.range is None or not rest.endswith(".unbounded") or name in told:
                continue
            found = list(self._left(key, scale.range))
            told.update([name] if found else [])
            yield from found

    def _left(self, key: str, bounds: nodes.Range) -> Iterator[Diagnostic]:
        for ref in self.rows.get(key, ()):
            row = self.tree.rows[ref]
            assert isinstance(row, Name)
            this = self.values.rows[ref]
            low, high = check_range(bounds, row.unit, Report(self.checked.file))
            words = {each.text for each in bounds.choices if isinstance(each, nodes.Word)}
            if _leaves(this, low, high) or (words and not this.words <= words):
                said = texts.ends(low, high, row.unit) if not words else ", ".join(sorted(words))
                yield texts.range_can_be_left(
                    self._place(bounds), wording.value(_plain(this), row.unit), said
                )
                return

    def _score(self, item: CheckedItem, score: nodes.Score) -> Iterator[Diagnostic]:
        if score.range is not None:
            yield from self._left(f"{item.id}.score.unbounded", score.range)
        else:
            yield from self._beyond_weight(item, score)
        reached = self._most(f"{item.id}.earned") or self._most(f"{item.id}.points")
        if reached is not None and item.high is not None and reached < item.high and item.weight is not None:
            yield texts.weight_out_of_reach(self._place(item.weight), reached, item.high)

    def _beyond_weight(self, item: CheckedItem, score: nodes.Score) -> Iterator[Diagnostic]:
        """Without a range, a share lies between nothing and all, and points within the weight."""
        share, points = self.rows.get(f"{item.id}.share", ()), self.rows.get(f"{item.id}.score", ())
        for ref in (*share, *points):
            row = self.tree.rows[ref]
            assert isinstance(row, Name)
            ends: tuple[Fraction | None, Fraction | None] = (item.low, item.high)
            unit: Unit = row.unit
            if unit == PERCENT and ref in share:
                ends = (Fraction(0), Fraction(1))
            if _leaves(self.values.rows[ref], *ends):
                low = wording.value(_plain(self.values.rows[ref]), unit)
                yield texts.range_can_be_left(self._place(score), low, texts.ends(*ends, unit))
                return

    def _most(self, key: str) -> Fraction | None:
        numbers = [self.values.rows[ref].numbers for ref in self.rows.get(key, ())]
        return next((each.high for each in numbers if each is not None), None)

    def _idle(self, place: str, cap: nodes.Cap) -> Iterator[Diagnostic]:
        """A limit whose conditions come out one way whatever is reported."""
        found = [
            ref for end in (".when.condition", ".when.conditions") for ref in self.rows.get(place + end, ())
        ]
        for ref in found:
            this = self.values.rows[ref]
            if this.is_settled and this.truths:
                yield texts.limit_never(self._place(cap.when), holds=True in this.truths)


def _plain(this: Possible) -> Possible:
    """The numbers or words of a value, without its states."""
    return Possible(numbers=this.numbers, words=this.words)


def _leaves(this: Possible, low: Fraction | None, high: Fraction | None) -> bool:
    numbers: Interval | None = this.numbers
    if numbers is None:
        return False
    below = low is not None and (numbers.low is None or numbers.low < low)
    return below or (high is not None and (numbers.high is None or numbers.high > high))
