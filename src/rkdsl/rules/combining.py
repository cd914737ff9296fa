"""How the points of a section are made of those of its members, and the maximum of what counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from rkdsl.contract.parts import Combination
from rkdsl.contract.symbols import LEFT_OUT, NOT_APPLICABLE_RULE
from rkdsl.language import nodes
from rkdsl.plain import NamedTuple
from rkdsl.rules import tree
from rkdsl.rules.lowering import Lowering
from rkdsl.rules.tree import Ref
from rkdsl.values import NOT_APPLICABLE, PERCENT


class Member(NamedTuple):
    """An item or section as its section sees it; without points, None.

    `left` says whether it is left out (None: never), `covers` that this is so whenever it is not applicable.
    What is `on_top` adds to the points and not to the maximum. One that `is_bounded` never has points below zero or
    above its maximum. One that `may_lack_maximum` may have points although nothing in it takes part.
    """

    id: str
    points: Ref | None = None
    maximum: Ref | None = None
    lowest: Ref | None = None
    left: Ref | None = None
    covers: bool = False
    on_top: bool = False
    is_bounded: bool = False
    may_lack_maximum: bool = False


class Combined(NamedTuple):
    """The points of a section, the maximum of what counts in it, and the least it can come to."""

    points: Ref
    maximum: Ref
    lowest: Ref
    is_bounded: bool = False
    may_be_empty: bool = False
    may_lack_maximum: bool = False


class Combiner:
    """Combines members in rows of the tree."""

    def __init__(self, low: Lowering) -> None:
        self.low, self.lay, self.unit = low, low.lay, low.checked.unit

    def left_out(self, points: Ref, rules: Mapping[str, str]) -> Ref | None:
        """Whether points are left out for not being applicable; None where no rule says so."""
        if rules.get(NOT_APPLICABLE_RULE) != LEFT_OUT:
            return None
        return self.lay.negated(self.lay.add(tree.Is("applies", points)))

    def combine(
        self, members: Sequence[Member], how: Combination, needs: nodes.Needs | None, name: str
    ) -> Combined | None:
        """The points and the maximum of members; None where nothing has points."""
        if how.op == "count":
            return self._counted(members, needs, name)
        scored = [each for each in members if each.points is not None and each.maximum is not None]
        if not scored:
            return None
        if how.of == "share":
            points = [self._share(each) for each in scored]
            maxima = [self.lay.number(1, PERCENT) for _ in scored]
            least = [
                self.lay.arithmetic("div", self._least(each), each.maximum)
                for each in scored
                if each.maximum is not None
            ]
        else:
            points = [each.points for each in scored if each.points is not None]
            maxima = [self._maximum(each) for each in scored]
            least = [self._least(each) for each in scored]
        taken = [
            each._replace(covers=each.covers and not (how.of == "share" and each.may_lack_maximum))
            for each in scored
        ]
        value = self._gathered(taken, points, how, needs, name)
        maximum = self._gathered(scored, maxima, how, None, name, is_maximum=True)
        if how.of != "share" and any(each.left is not None for each in scored):
            lacking = [each._replace(covers=not each.may_lack_maximum) for each in scored]
            maximum = self._unless_stuck(lacking, maxima, maximum)
        lowest = self._lowest(scored, least, how, needs, name)
        bounded = needs is None or isinstance(needs.otherwise.first, nodes.NoValue)
        is_empty = all(each.left is not None for each in scored)
        lacks = how.of != "share" and any(each.may_lack_maximum for each in scored)
        lacks = lacks or (not bounded and is_empty)
        bounded = bounded and all(each.is_bounded for each in scored)
        return Combined(value, maximum, lowest, bounded, is_empty, lacks)

    def weighted(self, made: Combined, weight: Ref, name: str, clause: int) -> Combined:
        """The weight of a section times its share: its points by the maximum of what counts."""
        share = self.low.share(made.points, made.maximum, is_bounded=made.is_bounded)
        share = self.low.name(f"{name}.weighed", share, PERCENT, "share", f"share of {name}", clause)
        least = self.lay.arithmetic("mul", weight, self.lay.arithmetic("div", made.lowest, made.maximum))
        return Combined(self.lay.arithmetic("mul", weight, share), weight, least, made.is_bounded)

    def _lowest(
        self,
        members: Sequence[Member],
        least: Sequence[Ref],
        how: Combination,
        needs: nodes.Needs | None,
        name: str,
    ) -> Ref:
        """What it comes to with each member at its least; zero where nothing takes part."""
        zero = self.lay.number(0, self.unit)
        if all(each == zero for each in least):
            return zero
        gathered = self._gathered(members, least, how, None, name, is_bare=True)
        row = self.lay.rows[gathered]
        if needs is None or not isinstance(row, tree.Gather) or not row.applying:
            return gathered
        return self.lay.add(row._replace(needs=1, otherwise=zero))

    def _least(self, member: Member) -> Ref:
        return self.lay.number(0, self.unit) if member.lowest is None else member.lowest

    def _maximum(self, member: Member) -> Ref:
        assert member.maximum is not None
        return self.lay.number(0, self.unit) if member.on_top else member.maximum

    def _share(self, member: Member) -> Ref:
        assert member.points is not None
        assert member.maximum is not None
        share = self.low.share(member.points, member.maximum, is_bounded=member.is_bounded)
        return self.low.name(f"{member.id}.share", share, PERCENT, "value", f"share of {member.id}")

    def _counted(self, members: Sequence[Member], needs: nodes.Needs | None, name: str) -> Combined:
        """How many of the members are met; one that is not applicable or not defined is not counted as missed."""
        things = self.low.things
        items = [
            each
            for each in members
            if things[each.id].points is not None or things[each.id].condition is not None
        ]
        zero, one = self.lay.number(0, self.unit), self.lay.number(1, self.unit)
        met = [self.low.counted_met(things[each.id]) for each in items]
        how = Combination()
        points = self._gathered(items, met, how, needs, name)
        maximum = self._gathered(items, [one for _ in items], how, None, name, is_maximum=True)
        bounded = needs is None or isinstance(needs.otherwise.first, nodes.NoValue)
        is_empty = all(each.left is not None for each in items)
        return Combined(points, maximum, zero, bounded, is_empty, is_empty and not bounded)

    # ---- what takes part

    def _gathered(
        self,
        members: Sequence[Member],
        values: Sequence[Ref],
        how: Combination,
        needs: nodes.Needs | None,
        name: str,
        *,
        is_maximum: bool = False,
        is_bare: bool = False,
    ) -> Ref:
        """The members combined; where it is bare, without what the state of one makes of it, or too few of them."""
        if all(each.left is None for each in members):
            return self._gather(members, values, how, None, name, applying=False, is_maximum=is_maximum)
        taking = [self._taking(each, value) for each, value in zip(members, values, strict=True)]
        counted = needs is not None and any(each.on_top or not each.covers for each in members)
        inner = None if counted else needs
        gathered = self._gather(members, taking, how, inner, name, applying=True, is_maximum=is_maximum)
        if is_maximum or is_bare:
            return gathered
        gathered = self._unless_stuck(members, values, gathered)
        if needs is None or not counted:
            return gathered
        return self._needing(members, needs, name, gathered)

    def _needing(self, members: Sequence[Member], needs: nodes.Needs, name: str, value: Ref) -> Ref:
        """A value where enough members take part; what is on top of them is none."""
        lay = self.lay
        assert needs.count.number is not None
        there = [
            lay.truth(True) if each.left is None else lay.negated(each.left)
            for each in members
            if not each.on_top
        ]
        count = lay.add(tree.Arithmetic("add", (lay.number(0), *there)))
        few = lay.compare("below", count, lay.number(needs.count.number))
        otherwise = self.low.plain(needs.otherwise, None, f"{name}.needs", self.unit)
        return lay.choose((few, otherwise), otherwise=value)

    def _unless_stuck(self, members: Sequence[Member], values: Sequence[Ref], gathered: Ref) -> Ref:
        """What is gathered; the state of a member that is not applicable and that nothing leaves out."""
        bare = [(each, value) for each, value in zip(members, values, strict=True) if not each.covers]
        if not bare:
            return gathered
        stuck = [self._stuck(each, value) for each, value in bare]
        nothing = self.lay.number(0, self.unit)
        rest = [
            value if each.left is None else self.lay.choose((each.left, nothing), otherwise=value)
            for each, value in zip(members, values, strict=True)
        ]
        return self.lay.choose((self.lay.some(*stuck), self.lay.total(rest, self.unit)), otherwise=gathered)

    def _taking(self, member: Member, value: Ref) -> Ref:
        """A member's value; not applicable where it is left out."""
        if member.left is None:
            return value
        return self.lay.choose((member.left, self.lay.state(NOT_APPLICABLE, "left out")), otherwise=value)

    def _stuck(self, member: Member, value: Ref) -> Ref:
        """Whether a member is not applicable and nothing leaves it out: then the section is not either."""
        inapplicable = self.lay.negated(self.lay.add(tree.Is("applies", value)))
        if member.left is None:
            return inapplicable
        return self.lay.every(inapplicable, self.lay.negated(member.left))

    def _gather(
        self,
        members: Sequence[Member],
        values: Sequence[Ref],
        how: Combination,
        needs: nodes.Needs | None,
        name: str,
        *,
        applying: bool,
        is_maximum: bool,
    ) -> Ref:
        weights: tuple[Ref, ...] = ()
        if how.op == "weighted mean":
            said = dict(how.weights)
            weights = tuple(self.lay.number(said.get(each.id, Fraction(0))) for each in members)
        pick = {"best": "highest", "worst": "highest" if is_maximum else "lowest"}.get(how.pick, "all")
        least, otherwise = 0, None
        if needs is not None and needs.count.number is not None:
            least = int(needs.count.number)
            otherwise = self.low.plain(needs.otherwise, None, f"{name}.needs", self.unit)
        row = tree.Gather(how.op, tuple(values), weights, applying, pick, how.count, least, otherwise)
        return self.lay.add(row)
