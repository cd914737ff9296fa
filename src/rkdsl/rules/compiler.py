"""The checked contract to the rule tree: names and friendly forms end here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Final, assert_never

import attrs

from rkdsl.contract.parts import Part, assessment_of, has_worth, is_linear, scored_parts
from rkdsl.contract.report import held
from rkdsl.contract.symbols import Checked, CheckedItem, Quantified
from rkdsl.language import nodes
from rkdsl.rules import tree
from rkdsl.rules.lowering import EARLIEST, Lowering, Words
from rkdsl.rules.tree import Ref
from rkdsl.source import Source
from rkdsl.values import DAY, DAYS, PERCENT, PLAIN, TRUTH, Unit

DAYS_IN_WEEK: Final = 7


def compile_contract(checked: Checked, source: Source, words: Words) -> tree.Tree:
    """The rule tree of a checked contract; `words` prints a node on one line, for the explanation."""
    return _Compiler(Lowering(checked, source, words)).run()


@attrs.frozen
class _Scored:
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

    # ---- the whole

    def run(self) -> tree.Tree:
        items = tuple(self._item(item) for item in self.checked.items)
        sections = self._sections(items)
        total, maximum = self._total(sections, items)
        known = [_field(each) for each in self.checked.measures.values()]
        return tree.Tree(
            self.checked.id,
            self.checked.node.title.first.text,
            tuple(self.lay.rows),
            tuple(self.low.clauses),
            (),
            sections,
            items,
            (*known, *self.fields.values()),
            total,
            maximum,
            self.low.as_of,
            self.unit,
        )

    def _total(
        self, sections: tuple[tree.Section, ...], items: tuple[tree.Item, ...]
    ) -> tuple[Ref | None, Ref | None]:
        top: list[tree.Section | tree.Item] = [each for each in sections if not each.parent]
        top += [each for each in items if not each.section]
        points = [each.points for each in top if each.points is not None]
        if not points:
            return None, None
        stated = (each for each in self.checked.node.statements if isinstance(each, nodes.Total))
        clause = self.low.clause(next(stated, self.checked.node.name))
        total = self.low.name("total", self.lay.total(points, self.unit), self.unit, "total", "", clause)
        highest = (each.highest for each in items if each.highest is not None)
        return total, self.lay.total(highest, self.unit)

    def _sections(self, items: tuple[tree.Item, ...]) -> tuple[tree.Section, ...]:
        """Each section after those inside it; given back in the order of the text."""
        made: dict[str, tree.Section | tree.Item] = {each.id: each for each in items}
        depth = {"": 0}
        for section in self.checked.sections:
            depth[section.id] = depth[section.parent] + 1
        for section in sorted(self.checked.sections, key=lambda each: -depth[each.id]):
            named = (each for each in section.node.statements if isinstance(each, nodes.Section | nodes.Item))
            parts = [made[each.name.text] for each in named]
            made[section.id] = self._section(section.id, section.parent, section.node, parts)
        found = (made[each.id] for each in self.checked.sections)
        return tuple(each for each in found if isinstance(each, tree.Section))

    def _section(
        self, name: str, parent: str, node: nodes.Section, parts: list[tree.Section | tree.Item]
    ) -> tree.Section:
        points = [each.points for each in parts if each.points is not None]
        highest = [each.highest for each in parts if each.highest is not None]
        clause = self.low.clause(node.total or node.name)
        title = node.title.first.text
        if not points:
            return tree.Section(name, title, parent, None, None, clause)
        value = self.lay.total(points, self.unit)
        value = self.low.name(f"{name}.points", value, self.unit, "section", title, clause)
        return tree.Section(name, title, parent, value, self.lay.total(highest, self.unit), clause)

    # ---- items

    def _item(self, item: CheckedItem) -> tree.Item:
        self.item, self.low.rules, self.low.used, self.shown = item, item.rules, {}, []
        parts = scored_parts(item.node)
        scored = [self._scored(part, f"{item.id}.{number}") for number, part in enumerate(parts, 1)]
        clause = self.low.clause(item.weight or item.node.name)
        points = lowest = highest = condition = None
        if item.weight is not None:
            lowest = self.lay.number(item.low, self.unit)
            highest = self._highest(f"{item.id}.weight")
            points = self._points(parts, scored, lowest, highest, clause)
        conditions = [each.condition for each in scored] or self._full_marks(highest)
        if conditions:
            whole = self.lay.every(*conditions)
            condition = self.low.name(f"{item.id}.condition", whole, TRUTH, "condition", item.title)
        due = self._due()
        shown = (*self.shown, *self._unscored())
        kind, title = item.node.kind, item.title
        return tree.Item(
            item.id, kind, item.section, title, points, lowest, highest, condition, due, clause, shown
        )

    def _highest(self, place: str) -> Ref:
        assert self.item.weight is not None
        least = partial(self.low.number_of_points, least=self.item.low)
        return self.low.stated(self.item.weight.high, place, least)

    def _points(
        self, parts: tuple[Part, ...], scored: list[_Scored], lowest: Ref, highest: Ref, clause: int
    ) -> Ref:
        """The calculated points; where the whole item is assessed, the assessment in their place."""
        value = self._calculated(parts, scored, lowest, highest) if scored else None
        assessment = assessment_of(self.item.node)
        if assessment is not None:
            value = self._bounded(self._assessed(assessment, value, lowest), parts, highest)
        assert value is not None
        item = self.item
        return self.low.name(f"{item.id}.points", value, self.unit, "points", item.title, clause)

    def _calculated(self, parts: tuple[Part, ...], scored: list[_Scored], lowest: Ref, highest: Ref) -> Ref:
        scores = [each.score for each in scored if each.score is not None]
        if any(has_worth(part) for part in parts) or (scores and isinstance(parts[0], nodes.Milestone)):
            return self._bounded(self.lay.arithmetic("add", *scores), parts, highest)
        share = scores[0] if scores else self.lay.every(*(each.condition for each in scored))
        if self.item.low == 0:
            return self.lay.arithmetic("mul", highest, share)
        spread = self.lay.arithmetic("sub", highest, lowest)
        return self.lay.arithmetic("add", lowest, self.lay.arithmetic("mul", spread, share))

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

    def _full_marks(self, highest: Ref | None) -> list[Ref]:
        """An item that is only assessed is met with its highest points."""
        given = [each for each in self.low.used if self._is_assessment(each)]
        return [self.lay.compare("at least", each, highest) for each in given if highest is not None]

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
        share = self.low.at_times(
            condition, subject, condition.when, place, lambda found: self.low.share(test, found), nothing
        )
        share = self.low.name(f"{place}.share", share, PERCENT, "share", "", self.low.clause(condition))
        full = self.lay.compare("at least", share, self.lay.number(1, PERCENT))
        return _Scored(full, self._worth_times(target.worth, share, place) if target.worth else share)

    # ---- milestones

    def _done(self, node: nodes.Milestone) -> Ref:
        """The day a milestone was done, laid once for all that asks for it."""
        key = f"{self.item.id}.{node.name.text}"
        title = node.title.first.text
        field = tree.Field("milestone", key, DAY, title)
        self.fields.setdefault(("milestone", key), field)
        clause, due = self.low.clause(node), _last_deadline(node)
        given = self.lay.add(tree.Input("milestone", key, DAY, whole=True, clause=clause, due=due))
        self.low.used[given] = None
        return given

    def _milestone(self, node: nodes.Milestone, place: str) -> Ref:
        done, lay = self._done(node), self.lay

        def by(when: nodes.When, here: str) -> Ref:
            first, last = self._deadline(when, here)
            in_time = lay.compare("at most", done, last)
            return in_time if first is None else lay.every(lay.compare("at least", done, first), in_time)

        holds = self.low.stated(node.deadline, f"{place}.deadline", by)
        holds = self.low.missing(holds, (done,), lay.truth(False), place)
        title, clause = node.title.first.text, self.low.clause(node)
        return self.low.name(f"{place}.condition", holds, TRUTH, "condition", title, clause)

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
        assessed = self.low.unapplied(given, lowest, item.id)
        if closes is None:
            return assessed
        gone = self.lay.every(self.low.closed(closes), self.low.overdue(given))
        return self.lay.choose((gone, calculated), otherwise=assessed)

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
        stated = [each for each in node.role.statements if each.governs] or node.role.statements
        named = [each.value for each in stated if isinstance(each.value, nodes.Identifier)]
        roles = tuple(each.text for each in named) if len(named) == len(stated) else ()
        roles = roles or tuple(self.checked.roles)
        title = _title(node) or self.item.title
        field = tree.Field("assessment", key, self.unit, title, "", low, high, roles=roles, replaces=replaces)
        self.fields["assessment", key] = field
        clause = self.low.clause(node)
        due = self.low.end_of_time()
        given = self.lay.add(tree.Input("assessment", key, self.unit, low, high, clause=clause, due=due))
        self.low.used[given] = None
        return given


def last_day(when: nodes.When) -> datetime.date | None:
    """The last day of a deadline; None while it is undecided."""
    if isinstance(when.period, nodes.Undecided) or when.period.period is None:
        return None
    first, last = when.period.period
    return first - datetime.timedelta(days=1) if when.word == "before" else last


def _last_deadline(node: nodes.Milestone) -> int | None:
    """The latest of the deadlines stated (ordinal), those that govern if one does."""
    stated = node.deadline.statements
    governing = [each for each in stated if each.governs] or stated
    days = [day.toordinal() for each in governing if (day := last_day(each.value)) is not None]
    return max(days, default=None)


def _title(node: nodes.Assessment) -> str:
    return node.title.first.text if node.title else ""


def _field(measure: Quantified) -> tree.Field:
    """What actuals may tell of a measure or fact."""
    kind = "reading" if measure.kind == "measure" else "fact"
    return tree.Field(
        kind,
        measure.id,
        measure.unit,
        measure.title,
        measure.rhythm,
        measure.low,
        measure.high,
        measure.may_not_apply,
        history=tuple(_history(measure)),
    )


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
