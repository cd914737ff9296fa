"""The checked contract to the rule tree: names and friendly forms end here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Final, assert_never

from rkdsl.contract.expressions import body_unit, shown_unit
from rkdsl.contract.parts import (
    Combination,
    Part,
    assessment_of,
    combination_of,
    has_worth,
    is_linear,
    milestones_of,
    needs_of,
    score_of,
    scored_parts,
    states_of,
    weight_of,
)
from rkdsl.contract.report import held
from rkdsl.contract.scope import WEEKDAYS
from rkdsl.contract.symbols import (
    LEFT_OUT,
    NOT_APPLICABLE_RULE,
    NOT_REPORTED,
    STAYS_OPEN,
    TOTAL,
    Checked,
    CheckedItem,
    CheckedSection,
    Quantified,
    Valued,
)
from rkdsl.language import nodes
from rkdsl.plain import Plain
from rkdsl.rules import expecting, tree
from rkdsl.rules.combining import Combined, Combiner, Member
from rkdsl.rules.ground import EARLIEST, Thing, Words
from rkdsl.rules.lowering import Lowering
from rkdsl.rules.moving import replaced
from rkdsl.rules.tree import Ref
from rkdsl.rules.ways import ROW, Touch, Way
from rkdsl.source import Source
from rkdsl.values import DAY, DAYS, NOT_DEFINED, PERCENT, PLAIN, TRUTH, Unit

DAYS_IN_WEEK: Final = 7


def compile_contract(checked: Checked, source: Source, words: Words) -> tree.Tree:
    """The rule tree of a checked contract; `words` prints a node on one line, for the explanation."""
    return _Compiler(Lowering(checked, source, words)).run()


def compile_examples(checked: Checked, source: Source, words: Words) -> tuple[tree.Tree, tuple[Way, ...]]:
    """The same tree with what examples expect, after what the contract does, and what there is to be touched."""
    low = Lowering(checked, source, words)
    low.ways = []
    laid = _Compiler(low).run()
    expected = expecting.of_examples(low)
    rows, clauses = tuple(low.lay.rows), tuple(low.clauses)
    whole = laid._replace(rows=rows, clauses=clauses, expected=laid.expected + expected)
    return whole, tuple(low.ways)


class _Scored(Plain):
    """A scored part: whether it holds, and its points (or share) where it does more than hold or not."""

    condition: Ref
    score: Ref | None = None


class _Compiler:
    def __init__(self, low: Lowering) -> None:
        self.low, self.lay, self.checked = low, low.lay, low.checked
        self.unit: Unit = self.checked.unit
        self.fields: dict[tuple[str, str], tree.Field] = {}
        self.item: CheckedItem
        self.shown: list[tree.Shown] = []
        self.combiner = Combiner(low)
        self._members: dict[str, Member] = {}
        self._laid: dict[str, tree.Item | tree.Section] = {}
        self._marked: dict[str, Ref] = {}  # what decides an item, not defined where it is left out
        self._gone: dict[str, Ref] = {}  # whether anything of it is left out
        self._rules = {each.id: each.rules for each in self.checked.items}
        self._rules.update({each.id: each.rules for each in self.checked.sections})

    # ---- the whole

    def run(self) -> tree.Tree:
        self._know_milestones()
        items = {each.id: each for each in self.checked.items}
        blocks = {each.id: each for each in self.checked.sections}
        for key in self.checked.order:
            kind, _, name = key.partition(" ")
            if kind == "value" and not self.checked.values[name].is_open:
                self.low.value(name, None)
            elif kind == "state" and name in items:
                self._laid[name] = self._item(items[name])
            elif kind == "state" and name in blocks:
                self._laid[name] = self._section(blocks[name])
            elif kind == "state":
                self._total()
            elif kind == "thing":
                limits = self.checked.limits
                limits = items[name].limits if name in items else limits
                self._limit(name, blocks[name].limits if name in blocks else limits)
        whole = self.low.things[TOTAL]
        known = [self._field(each) for each in self.checked.measures.values() if not each.contract]
        names = [*(each.id for each in self.checked.sections), *(each.id for each in self.checked.items)]
        laid = [self._laid[each] for each in names]
        told = tuple(map(self._told, (each for each in self.checked.values.values() if not each.is_open)))
        expected = expecting.cross_checks(self.low)
        return tree.Tree(
            self.checked.id,
            self.checked.node.title.first.text,
            tuple(self.lay.rows),
            tuple(self.low.clauses),
            tuple(map(_calendar, self.checked.calendars.values())),
            tuple(each for each in laid if isinstance(each, tree.Section)),
            tuple(each for each in laid if isinstance(each, tree.Item)),
            (*known, *self.fields.values(), *self.low.carried.values()),
            whole.points,
            whole.maximum,
            self.low.as_of,
            self.unit,
            told,
            self.checked.result,
            expected,
            whole.lowest,
            whole.earned if self.checked.limits else None,
        )

    def _field(self, measure: Quantified) -> tree.Field:
        """What actuals may tell of a measure or fact, and who says it where a role decides."""
        kind = "reading" if measure.kind == "measure" else measure.kind
        decided = (n for n in measure.node.statements if isinstance(n, nodes.DecidedBy))
        role = next((each.role for each in decided), None)
        return tree.Field(
            kind,
            measure.id,
            measure.unit,
            measure.title,
            measure.rhythm,
            measure.low,
            measure.high,
            measure.may_not_apply,
            () if role is None else self._roles(role),
            history=tuple(_history(measure)),
            words=measure.words,
            choices=measure.choices,
        )

    def _know_milestones(self) -> None:
        """The milestones, whose days values and other items may ask for."""
        for item in self.checked.items:
            for node in milestones_of(item.node):
                key = f"{item.id}.{node.name.text}"
                if key in self.low.milestones:
                    continue
                field = tree.Field("milestone", key, DAY, node.title.first.text)
                self.fields["milestone", key] = field
                self.low.milestones[key] = (node, _last_deadline(node))

    def _told(self, value: Valued) -> tree.Value:
        unit, shown = value.unit or PLAIN, value.node.shown
        step = held(shown.step, unit) if shown is not None else None
        mode = shown.mode.text if shown is not None else ""
        of = self.low.value(value.id, None)
        unit = shown_unit(value.node, unit)
        return tree.Value(value.id, value.title, of, unit, mode, step if step is not None else Fraction(1))

    def _total(self) -> None:
        """The points of the whole before its limits: what stands in no section, added up."""
        names = [each.id for each in self.checked.sections if not each.parent]
        names += [each.id for each in self.checked.items if not each.section]
        made = self.combiner.combine([self._members[each] for each in names], Combination(), None, TOTAL)
        if made is None:
            self.low.know(TOTAL, Thing(None, None))
            return
        self.low.know(TOTAL, _before_limits(made, self.checked.limits))

    def _section(self, section: CheckedSection) -> tree.Section:
        """A section before its limits."""
        node, name = section.node, section.id
        named = (each for each in node.statements if isinstance(each, nodes.Section | nodes.Item))
        members = [self._members[each.name.text] for each in named]
        clause, title = self.low.clause(node.total or node.name), node.title.first.text
        made = self.combiner.combine(members, combination_of(node), needs_of(node), name)
        self._members[name] = Member(name)
        if made is None:
            self.low.know(name, Thing(None, None))
            return tree.Section(name, title, section.parent, None, None, clause)
        weight = weight_of(node)
        if weight is not None:
            full = self.low.stated(weight.high, f"{name}.weight", self.low.number_of_points)
            made = self.combiner.weighted(made, full, name, self.low.clause(weight))
        self.low.know(name, _before_limits(made, section.limits))
        return tree.Section(name, title, section.parent, made.points, made.maximum, clause, made.lowest)

    def _limit(self, name: str, limits: tuple[nodes.Cap, ...]) -> None:
        """The points of an item, a section or the whole after its limits, as they count around it."""
        thing = self.low.things[name]
        if thing.points is None:
            if thing.condition is not None:
                self._members[name] = self._members[name]._replace(left=self._left_out(name, thing.condition))
            return
        points = self.limited(thing.points, limits, name)
        laid = self._laid.get(name)
        if isinstance(laid, tree.Item):
            points = self.low.name(f"{name}.points", points, self.unit, "points", laid.title, laid.clause)
            earned = laid.points if limits else None
            self._laid[name] = laid._replace(points=points, earned=earned)
            member = self._members[name]
            self._members[name] = member._replace(points=points, left=self._left_out(name, points))
        elif laid is not None:
            points = self.low.name(f"{name}.points", points, self.unit, "section", laid.title, laid.clause)
            self._laid[name] = laid._replace(points=points, earned=laid.points if limits else None)
            left = self.combiner.left_out(points, self._rules[name])
            covers, bounded = left is not None, thing.is_bounded
            self._members[name] = Member(
                *(name, points, thing.maximum, thing.lowest, left, covers),
                is_bounded=bounded,
                may_lack_maximum=thing.may_lack_maximum,
            )
        else:
            stated = (each for each in self.checked.node.statements if isinstance(each, nodes.Total))
            clause = self.low.clause(next(stated, self.checked.node.name))
            points = self.low.name(TOTAL, points, self.unit, "total", "", clause)
        self.low.know(name, thing._replace(points=points))

    def _is_bounded(self, item: CheckedItem) -> bool:
        """Whether an item's points lie between zero and its weight, whatever is reported."""
        score = score_of(item.node)
        if item.weight is None or item.high is None or item.low < 0 or item.weight.on_top:
            return False
        return (score is None or score.range is None) and not item.limits

    def _left_out(self, name: str, points: Ref) -> Ref | None:
        """Whether an item leaves the sum around it; None where no rule lets it."""
        rules, lay = self._rules[name], self.lay
        out = self.combiner.left_out(points, rules)
        if out is not None or rules.get(NOT_REPORTED) != LEFT_OUT:
            return out
        thing, marked = self.low.things[name], self._marked[name]
        decides = thing.points if thing.points is not None else points
        if marked == decides:
            return None
        inapplicable = [
            lay.negated(lay.add(tree.Is("applies", each))) for each in dict.fromkeys((decides, points))
        ]
        return lay.every(self._gone[name], lay.negated(lay.add(tree.Is("defined", marked))), *inapplicable)

    def limited(self, points: Ref, limits: tuple[nodes.Cap, ...], name: str) -> Ref:
        """Points within each limit whose conditions hold, in the order of the text."""
        for number, cap in enumerate(limits, 1):
            place = f"{name}.limit.{number}"
            holds = self.low.conditions(cap.when, None, f"{place}.when", is_row=True)
            value = self.low.plain(cap.value, None, place, self.unit)
            if cap.comparison:
                value = self.lay.arithmetic("min" if cap.comparison == "at most" else "max", points, value)
            points = self.lay.choose((holds, value), otherwise=points)
            self.low.way(ROW, cap, "acts", Touch("row", points, 0))
            self.low.way(ROW, cap, "does not act", Touch("row", points, 1))
            points = self.low.name(
                place, points, self.unit, "limit", cap.why.first.text, self.low.clause(cap)
            )
        return points

    # ---- items

    def _item(self, item: CheckedItem) -> tree.Item:
        self.item, self.low.rules, self.low.used, self.shown = item, item.rules, {}, []
        self.low.left = {}
        parts = scored_parts(item.node)
        scored = [self._scored(part, f"{item.id}.{number}") for number, part in enumerate(parts, 1)]
        clause = self.low.clause(item.weight or item.node.name)
        points = lowest = highest = condition = None
        if item.weight is not None:
            lowest = self.lay.number(item.low, self.unit)
            highest = self._highest(f"{item.id}.weight")
            points = self._decided(self._unlimited(parts, scored, lowest, highest), self.unit, highest)
            if item.limits:
                points = self.low.name(f"{item.id}.earned", points, self.unit, "score", item.title, clause)
        conditions = [each.condition for each in scored] or self._full_marks(points, highest)
        if conditions:
            whole = self.lay.every(*conditions)
            whole = whole if points is not None else self._decided(whole, TRUTH)
            condition = self.low.name(f"{item.id}.condition", whole, TRUTH, "condition", item.title)
        due = self._due()
        decides = points if points is not None else condition
        assert decides is not None
        self._marked[item.id] = replaced(self.lay, decides, self.low.left) if self.low.left else decides
        if self.low.left:
            self._gone[item.id] = self.lay.some(*(row.rows[0][0] for row in self.low.left.values()))
        shown = (*self.shown, *self._unscored())
        kind, title = item.node.kind, item.title
        bounded = self._is_bounded(item)
        self.low.know(item.id, Thing(points, highest, lowest, condition, points, bounded))
        on_top = item.weight is not None and item.weight.on_top
        covers = item.rules.get(NOT_APPLICABLE_RULE) == LEFT_OUT
        self._members[item.id] = Member(item.id, points, highest, lowest, None, covers, on_top, bounded)
        for state in states_of(item):
            self.low.way_of_item(item.id, state, state=state)
        return tree.Item(
            item.id, kind, item.section, title, points, lowest, highest, condition, due, clause, shown
        )

    def _highest(self, place: str) -> Ref:
        assert self.item.weight is not None
        least = partial(self.low.number_of_points, least=self.item.low)
        return self.low.stated(self.item.weight.high, place, least)

    def _unlimited(self, parts: tuple[Part, ...], scored: list[_Scored], lowest: Ref, highest: Ref) -> Ref:
        """The calculated points; where the whole item is assessed, the assessment in their place."""
        value = self._calculated(parts, scored, lowest, highest) if scored else None
        score = score_of(self.item.node)
        if score is not None:
            value = self._score(score, lowest, highest)
        assessment = assessment_of(self.item.node)
        if assessment is not None:
            value = self._bounded(self._assessed(assessment, value, lowest), parts, highest)
        assert value is not None
        return value

    def _score(self, node: nodes.Score, lowest: Ref, highest: Ref) -> Ref:
        """Points, or a share of the weight, by a calculation; outside its range it is not defined."""
        item, lay, place = self.item, self.lay, f"{self.item.id}.share"
        unit = body_unit(node.body, self.low.scope, None) or self.unit
        clause = self.low.clause(node)
        with self.low.using() as used, self.low.ranging(*self._ends_of(node, unit)):
            value = self.low.body(node.body, None, f"{item.id}.score", unit)
        if unit == self.unit:
            value = self.low.name(f"{item.id}.score", value, unit, "score", item.title, clause)
            points = self._in_range(node, value, unit, lowest, highest)
        else:
            value = self.low.name(place, value, PERCENT, "share", "", clause)
            share = self._in_range(node, value, PERCENT, lay.number(0, PERCENT), lay.number(1, PERCENT))
            points = self._share_of_weight(share, lowest, highest)
        return self.low.missing(points, used, lowest, item.id)

    def _ends_of(self, node: nodes.Score, unit: Unit) -> tuple[Fraction | None, Fraction | None]:
        """Between which ends a score lies that says no range of its own."""
        if node.range is not None:
            return None, None
        return (self.item.low, self.item.high) if unit == self.unit else (Fraction(0), Fraction(1))

    def _share_of_weight(self, share: Ref, lowest: Ref, highest: Ref) -> Ref:
        if self.item.low == 0:
            return self.lay.arithmetic("mul", highest, share)
        spread = self.lay.arithmetic("sub", highest, lowest)
        return self.lay.arithmetic("add", lowest, self.lay.arithmetic("mul", spread, share))

    def _in_range(self, node: nodes.Score, value: Ref, unit: Unit, low: Ref, high: Ref) -> Ref:
        """A score within the range it says, else within the weight."""
        if node.range is not None:
            return self.low.ranged(node.range, value, unit, f"{self.item.id}.score")
        outside = self.lay.state(NOT_DEFINED, "a score outside the weight")
        return self.low.kept(value, low, high, outside)

    def _calculated(self, parts: tuple[Part, ...], scored: list[_Scored], lowest: Ref, highest: Ref) -> Ref:
        scores = [each.score for each in scored if each.score is not None]
        if any(has_worth(part) for part in parts) or (scores and isinstance(parts[0], nodes.Milestone)):
            return self._bounded(self.lay.arithmetic("add", *scores), parts, highest)
        share = scores[0] if scores else self.lay.every(*(each.condition for each in scored))
        return self._share_of_weight(share, lowest, highest)

    def _bounded(self, points: Ref, parts: tuple[Part, ...], highest: Ref) -> Ref:
        """Points of an item whose weight or worths are open: never more than the weight turns out to be."""
        return points if self._adds_up(parts) else self.lay.arithmetic("min", points, highest)

    def _adds_up(self, parts: tuple[Part, ...]) -> bool:
        """Whether weight and worths are all settled, so that the checker has proved their sum."""
        weight = self.item.weight
        worths = [
            part.worth.amount for part in parts if not isinstance(part, nodes.Assessment) and part.worth
        ]
        stated = [*worths, *([weight.high] if weight is not None else [])]
        return all(len(each.statements) == 1 and isinstance(each.first, nodes.Quantity) for each in stated)

    def _due(self) -> Ref | None:
        """The last day on which something of the item, not yet reported, falls due."""
        days = [
            self.lay.choose(
                (self.lay.reported(given), self.lay.day(EARLIEST)), otherwise=self.lay.number(due, DAY)
            )
            for given in self.low.used
            if (due := self._due_of(given)) is not None
        ]
        return self.lay.arithmetic("max", *days) if days else None

    def _full_marks(self, points: Ref | None, highest: Ref | None) -> list[Ref]:
        """An item that is only assessed, or has a score, is met with its highest points."""
        if highest is None or points is None:
            return []
        if score_of(self.item.node) is not None:
            return [self.lay.compare("at least", points, highest)]
        given = [each for each in self.low.used if self._is_assessment(each)]
        return [self.lay.compare("at least", each, highest) for each in given]

    def _is_assessment(self, given: Ref) -> bool:
        row = self.lay.rows[given]
        return isinstance(row, tree.Input) and row.kind == "assessment"

    def _due_of(self, given: Ref) -> int | None:
        row = self.lay.rows[given]
        assert isinstance(row, tree.Input)
        return row.due

    def _unscored(self) -> Iterator[tree.Shown]:
        """Conditions that are shown, never scored."""
        number = 0
        for node in self.item.node.statements:
            if isinstance(node, nodes.Target | nodes.Milestone) and node.standing:
                number += 1
                place = f"{self.item.id}.{node.standing}.{number}"
                yield tree.Shown(node.standing, self._condition(node, place))

    # ---- parts

    def _scored(self, part: Part, place: str) -> _Scored:
        if isinstance(part, nodes.Assessment):
            return self._assessed_part(part)
        if isinstance(part, nodes.Target) and is_linear(part):
            return self._linear(part, place)
        if isinstance(part, nodes.Milestone) and part.late is not None:
            return self._late(part, part.late, place)
        condition = self._condition(part, place)
        if part.worth is None:
            return _Scored(condition)
        return _Scored(condition, self._worth_times(part.worth, condition, place))

    def _worth_times(self, worth: nodes.Worth, share: Ref, place: str) -> Ref:
        amount = self.low.stated(worth.amount, f"{place}.worth", self.low.number_of_points)
        value = self.lay.arithmetic("mul", amount, share)
        return self.low.name(f"{place}.score", value, self.unit, "score", "", self.low.clause(worth))

    def _condition(self, part: nodes.Target | nodes.Milestone | nodes.Group, place: str) -> Ref:
        match part:
            case nodes.Target():
                return self._target(part, place)
            case nodes.Milestone():
                return self._milestone(part, place)
            case nodes.Group():
                return self._group(part, place)
            case _:
                assert_never(part)

    def _group(self, group: nodes.Group, place: str) -> Ref:
        members = [
            self._condition(member, f"{place}.{number}") for number, member in enumerate(group.members, 1)
        ]
        if group.count is not None:
            assert group.count.number is not None
            holds = self._at_least(int(group.count.number), members)
        else:
            holds = self.lay.every(*members) if group.kind == "all" else self.lay.some(*members)
        words = f"at least {group.count.number} of" if group.count is not None else f"{group.kind} of"
        return self.low.name(f"{place}.group", holds, TRUTH, "group", words, self.low.clause(group))

    def _at_least(self, count: int, members: list[Ref]) -> Ref:
        """Whether so many hold: enough that do, and too few that still can, decide whatever the others are.

        Made of `all` and `any` alone: of the members so far, at least `n` hold when that many did before, or one
        less did and this one does.
        """
        reached: list[Ref | None] = [None] * count
        for member in members:
            for index in range(count - 1, -1, -1):
                before = member if index == 0 else self._both(reached[index - 1], member)
                reached[index] = self._either(reached[index], before)
        last = reached[-1]
        assert last is not None
        return last

    def _both(self, first: Ref | None, second: Ref) -> Ref | None:
        return None if first is None else self.lay.every(first, second)

    def _either(self, first: Ref | None, second: Ref | None) -> Ref | None:
        return second if first is None else first if second is None else self.lay.some(first, second)

    def _target(self, target: nodes.Target, place: str) -> Ref:
        found = []
        subject = when = None
        for number, condition in enumerate(target.conditions, 1):
            subject = condition.subject or subject
            when = condition.when if condition.subject else when
            assert subject is not None
            here = place if len(target.conditions) == 1 else f"{place}.{number}"
            found.append(self.low.condition(condition, subject, when, here))
        if len(found) == 1:
            return found[0]
        holds = self.lay.some(*found) if target.joined == "or" else self.lay.every(*found)
        return self.low.name(f"{place}.target", holds, TRUTH, "condition", "", self.low.clause(target))

    def _linear(self, target: nodes.Target, place: str) -> _Scored:
        """A share of the weight, or of the part's own worth; all of it is met."""
        (condition,) = target.conditions
        test, subject = condition.test, condition.subject
        assert subject is not None
        assert isinstance(test, nodes.Linear)
        nothing = self.lay.number(0, PERCENT)
        with self.low.edging() as edges:
            share = self.low.at_times(
                condition, subject, condition.when, place, lambda found: self.low.line(test, found), nothing
            )
        self.low.told(condition, share, edges, is_row=True)
        share = self.low.name(f"{place}.share", share, PERCENT, "share", "", self.low.clause(condition))
        full = self.lay.compare("at least", share, self.lay.number(1, PERCENT))
        return _Scored(full, self._worth_times(target.worth, share, place) if target.worth else share)

    # ---- milestones

    def _done(self, node: nodes.Milestone) -> Ref:
        """The day a milestone was done."""
        return self.low.done(f"{self.item.id}.{node.name.text}")

    def _milestone(self, node: nodes.Milestone, place: str) -> Ref:
        done, lay = self._done(node), self.lay

        def by(when: nodes.When, here: str) -> Ref:
            first, last = self._deadline(when, here)
            in_time = self.low.compared("at most", done, last)
            if first is None:
                return in_time
            return lay.every(self.low.compared("at least", done, first), in_time)

        with self.low.edging() as edges:
            holds = self.low.stated(node.deadline, f"{place}.deadline", by)
        holds = self.low.missing(holds, (done,), lay.truth(False), place)
        title, clause = node.title.first.text, self.low.clause(node)
        holds = self.low.name(f"{place}.condition", holds, TRUTH, "condition", title, clause)
        self.low.told(node, holds, edges)
        return holds

    def _deadline(self, when: nodes.When, place: str) -> tuple[Ref | None, Ref]:
        """The first day that counts, where there is one, and the last."""
        if isinstance(when.period, nodes.Undecided):
            return None, self.low.open(when.period, place, DAY)
        period, last = when.period.period, last_day(when)
        assert period is not None
        assert last is not None
        clause, first = self.low.clause(when), None
        if when.word == "in":
            day = self.lay.day(period.first)
            first = self.low.name(f"{place}.first", day, DAY, "deadline", "first day", clause)
        return first, self.low.name(f"{place}.last", self.lay.day(last), DAY, "deadline", "last day", clause)

    def _late(self, node: nodes.Milestone, late: nodes.LateCosts, place: str) -> _Scored:
        """The worth less so much per started week after the deadline, down to the floor."""
        done, lay = self._done(node), self.lay
        worth = self._worth_of(node, place)
        cost, floor = self._literal(late.amount), self._literal(late.floor)
        clause = self.low.clause(late)

        def score(when: nodes.When, here: str) -> Ref:
            first, last = self._deadline(when, here)
            days = self.low.name(f"{here}.late", lay.add(tree.Span(last, done)), DAYS, "days late", "")
            weeks = lay.arithmetic("div", days, lay.number(DAYS_IN_WEEK, DAYS))
            started = lay.add(tree.Round("up", Fraction(1), weeks))
            started = lay.arithmetic("max", started, lay.number(0))
            started = self.low.name(f"{here}.weeks", started, PLAIN, "started weeks", "")
            points = lay.arithmetic("sub", worth, lay.arithmetic("mul", cost, started))
            points = lay.arithmetic("max", points, floor)
            if first is None:
                return points
            return lay.choose((lay.compare("below", done, first), floor), otherwise=points)

        points = self.low.stated(node.deadline, f"{place}.deadline", score)
        nothing = lay.number(0 if node.worth else self.item.low, self.unit)
        points = self.low.missing(points, (done,), nothing, f"{place}.score")
        points = self.low.name(f"{place}.score", points, self.unit, "score", node.title.first.text, clause)
        return _Scored(self._milestone(node, place), points)

    def _worth_of(self, node: nodes.Milestone, place: str) -> Ref:
        if node.worth is None:
            return self._highest(f"{self.item.id}.weight")
        return self.low.stated(node.worth.amount, f"{place}.worth", self.low.number_of_points)

    def _literal(self, quantity: nodes.Quantity) -> Ref:
        assert quantity.number is not None
        return self.lay.number(quantity.number, self.unit)

    # ---- assessments

    def _assessed_part(self, node: nodes.Assessment) -> _Scored:
        assert node.name is not None
        assert node.low is not None
        assert node.low.number is not None
        assert node.high is not None
        key = f"{self.item.id}.{node.name.text}"
        given = self._assessment(node, key, node.low.number, node.high.number)
        points = self.low.missing(given, (given,), self._literal(node.low), key)
        clause = self.low.clause(node)
        points = self.low.name(f"{key}.score", points, self.unit, "score", _title(node), clause)
        return _Scored(self.lay.compare("at least", points, self._literal(node.high)), points)

    def _assessed(self, node: nodes.Assessment, calculated: Ref | None, lowest: Ref) -> Ref:
        """An assessment of the whole item.

        Beside a calculated value it replaces it; without one, the calculated value stands once reporting
        has closed.
        """
        item, closes = self.item, self.checked.closes
        given = self._assessment(node, item.id, item.low, item.high, replaces=calculated is not None)
        if calculated is None:
            return self.low.missing(given, (given,), lowest, item.id)
        calculated = self.low.name(f"{item.id}.calculated", calculated, self.unit, "calculated", "calculated")
        self.shown.append(tree.Shown("calculated", calculated))
        if closes is None:
            return self.low.unapplied(given, lowest, item.id)
        gone = self.lay.every(self.low.closed(closes), self.low.overdue(given))
        assessed = self.low.unapplied(given, lowest, item.id)
        return self.lay.choose((gone, calculated), otherwise=assessed)

    def _roles(self, stated: nodes.Stated[nodes.Identifier | nodes.Undecided]) -> tuple[str, ...]:
        """Who may assess: the role named, or any while none is decided."""
        stating = [each for each in stated.statements if each.governs] or stated.statements
        named = [each.value.text for each in stating if isinstance(each.value, nodes.Identifier)]
        return tuple(named) if len(named) == len(stating) else tuple(self.checked.roles)

    def _decided(self, calculated: Ref, unit: Unit, highest: Ref | None = None) -> Ref:
        """What was calculated, unless a role that may decide about any item has decided otherwise."""
        item = self.item
        decided = self.low.decided_by
        if decided is None or assessment_of(item.node) is not None:
            return calculated
        low, high = (item.low, item.high) if unit != TRUTH else (None, None)
        roles, clause = self._roles(decided.role), self.low.clause(decided)
        self.fields["assessment", item.id] = tree.Field(
            "assessment", item.id, unit, item.title, "", low, high, False, roles, replaces=True
        )
        given = self.lay.add(tree.Input("assessment", item.id, unit, low, high, clause=clause))
        calculated = self.low.name(f"{item.id}.calculated", calculated, unit, "calculated", "calculated")
        self.shown.append(tree.Shown("overruled", calculated))
        decision = given if highest is None else self._bounded(given, (), highest)
        nothing = self.lay.truth(False) if unit == TRUTH else self.lay.number(item.low, unit)
        decision = self.low.unapplied(decision, nothing, item.id)
        return self.lay.choose((self.lay.reported(given), decision), otherwise=calculated)

    def _assessment(
        self,
        node: nodes.Assessment,
        key: str,
        low: Fraction,
        high: Fraction | None,
        *,
        replaces: bool = False,
    ) -> Ref:
        """An assessment within its range; by the role named, or by any role while none is decided."""
        roles = self._roles(node.role)
        title = _title(node) or self.item.title
        weight = self.item.weight if key == self.item.id else None
        choices = tuple(
            each.number
            for each in (weight.choices if weight is not None else ())
            if isinstance(each, nodes.Quantity) and each.number is not None
        )
        ruled = self.item.rules.get(NOT_APPLICABLE_RULE, STAYS_OPEN) != STAYS_OPEN
        field = tree.Field(
            "assessment",
            key,
            self.unit,
            title,
            "",
            low,
            high,
            ruled,
            roles,
            replaces,
            choices=choices,
        )
        self.fields["assessment", key] = field
        clause = self.low.clause(node)
        due = self.low.end_of_time()
        row = tree.Input("assessment", key, self.unit, low, high, may_not_apply=ruled, clause=clause, due=due)
        is_closed = weight is not None and len(choices) == len(weight.choices)
        given = self.lay.add(row._replace(choices=choices if is_closed else ()))
        return self.low.use(given)


def last_day(when: nodes.When) -> datetime.date | None:
    """The last day of a deadline; None while it is undecided."""
    if isinstance(when.period, nodes.Undecided) or when.period.period is None:
        return None
    first, last = when.period.period
    return first - datetime.timedelta(days=1) if when.word == "before" else last


def _before_limits(made: Combined, limits: tuple[nodes.Cap, ...]) -> Thing:
    """A section or the whole as its limits find it."""
    return Thing(
        *(made.points, made.maximum, made.lowest, None, made.points),
        is_bounded=made.is_bounded and not limits,
        may_be_empty=made.may_be_empty,
        may_lack_maximum=made.may_lack_maximum
        or (made.may_be_empty and any(not each.comparison for each in limits)),
    )


def _last_deadline(node: nodes.Milestone) -> int | None:
    """The latest of the deadlines stated (ordinal), those that govern if one does; None while one is undecided."""
    stated = node.deadline.statements
    governing = [each for each in stated if each.governs] or stated
    days = [day.toordinal() for each in governing if (day := last_day(each.value)) is not None]
    return max(days) if len(days) == len(governing) else None


def _title(node: nodes.Assessment) -> str:
    return node.title.first.text if node.title else ""


def _calendar(node: nodes.Calendar) -> tree.Calendar:
    """The days of the week that count, and the days that do not."""
    weekdays = tuple(sorted(WEEKDAYS.index(each.text) for each in node.weekdays))
    days: set[int] = set()
    for each in node.holidays:
        assert each.period is not None
        days.update(range(each.period.first.toordinal(), each.period.last.toordinal() + 1))
    return tree.Calendar(node.name.text, weekdays, tuple(sorted(days)))


def _history(measure: Quantified) -> Iterable[tuple[str, tuple[Fraction, ...]]]:
    """What the contract states for each period; of several the one that governs, and nothing that is open."""
    for period, entry in measure.history.items():
        statements = [each for each in entry.value.statements if each.governs] or entry.value.statements
        numbers: Mapping[Fraction, None] = dict.fromkeys(_numbers(statements, measure))
        if numbers:
            yield str(period), tuple(numbers)


def _numbers(
    statements: Iterable[nodes.Statement[nodes.Expression]], measure: Quantified
) -> Iterator[Fraction]:
    for statement in statements:
        value = statement.value
        if isinstance(value, nodes.Quantity):
            number = held(value, measure.unit)
            if number is not None:
                yield number
        elif isinstance(value, nodes.PeriodLiteral) and value.period is not None:
            yield Fraction(value.period.first.toordinal())
