"""Items, sections and the total: what they come to, step by step as in `Order of operations`."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from rkdsl.language import nodes as n
from tests.secondopinion import basics as b
from tests.secondopinion.actuals import Actuals
from tests.secondopinion.basics import (
    LEFT_OUT,
    NOT_APPLICABLE,
    NOT_DEFINED,
    UNKNOWN,
    Unit,
    Unknown,
    calculate,
    is_plain,
)
from tests.secondopinion.calculations import Calculations
from tests.secondopinion.forms import whole
from tests.secondopinion.ground import Bound, Context, Missing, walked

ZERO = Fraction(0)
"""The state of an item whose points a limit made a number, where they were not applicable or not defined."""


class Rules(NamedTuple):
    """What is done with what is not reported, and with what is not applicable."""

    not_reported: str = "stays open"
    not_applicable: str = "stays open"

    def within(self, statements: Iterable[Any]) -> Rules:
        """The rules inside of something: its own go before those around it."""
        rules = self
        for each in statements:
            if isinstance(each, n.MissingRule):
                rules = rules._replace(**{each.state.replace(" ", "_"): each.rule})
        return rules


@dataclass
class Goal:
    """An item; one row of a goal with rows is one."""

    name: str
    statements: list[Any]
    context: Context
    rules: Rules
    kind: str = "goal"

    def all(self, kind: Any) -> list[Any]:
        return [each for each in self.statements if isinstance(each, kind)]

    @property
    def weight(self) -> n.Weight | None:
        return next(iter(self.all(n.Weight)), None)

    @property
    def scored(self) -> list[Any]:
        """The targets, milestones, groups and assessed parts that are scored."""
        if self.all(n.Score):
            return []
        parts = self.all((n.Target, n.Milestone, n.Group, n.Assessment))
        return [
            each
            for each in parts
            if not (isinstance(each, (n.Target, n.Milestone)) and each.standing)
            and not (isinstance(each, n.Assessment) and each.name is None)
        ]


@dataclass
class Part:
    """A section, or the whole contract with the name `total`."""

    name: str
    statements: Sequence[Any]
    rules: Rules
    members: list[Goal | Part] = field(default_factory=list)

    def first(self, kind: Any) -> Any:
        return next((each for each in self.statements if isinstance(each, kind)), None)


class Limit(NamedTuple):
    """A limit of something, and where it is written."""

    of: str
    place: int
    cap: n.Cap
    context: Context


class Came(NamedTuple):
    """What a goal or section comes to before its limits."""

    points: Any
    maximum: Any
    lowest: Any
    condition: Any = None
    # what decides an item if its open weight turns out to be its lowest
    perhaps: Any = None


@b.by_identity
def caps_of(contract: n.Contract) -> list[n.Cap]:
    """All limits, in the order of the text."""
    return [each for each in walked(contract.statements) if isinstance(each, n.Cap)]


class Scoring(Calculations):
    """A contract with some actuals on a day."""

    def __init__(
        self,
        contract: n.Contract,
        actuals: Actuals,
        choices: dict[int, int],
        parts: Mapping[str, Scoring] | None = None,
    ) -> None:
        super().__init__(contract, actuals, choices)
        self.parts = dict(parts or {})
        caps = caps_of(contract)
        self._order: dict[int, int] = {}
        for at, each in enumerate(caps):
            self._order.setdefault(id(each), at)
        self.found: dict[str, Goal | Part] = {}
        self.items: list[Goal] = []
        self.limits: list[Limit] = []
        self._came: dict[Any, Any] = {}
        self._open: dict[str, set[Missing]] = {}
        totals = [each for each in contract.statements if isinstance(each, n.Total)]
        self._unit = b.PERCENT_POINTS if totals and totals[0].amount.unit == "%" else b.POINTS
        self.whole = self._part("total", contract.statements, Rules())
        self.limits.sort(key=lambda each: each.place)

    # ---- what the contract holds

    @property
    def unit_of_points(self) -> Unit:
        return self._unit

    @property
    def closes(self) -> datetime.date | None:
        for each in self.contract.statements:
            if isinstance(each, n.ReportingCloses):
                return self.period(each.period, Context()).first
        return None

    @property
    def is_closed(self) -> bool:
        return self.closes is not None and self.as_of >= self.closes

    @property
    def binding_end(self) -> datetime.date | None:
        times = {
            type(each): each.period
            for each in self.contract.statements
            if isinstance(each, (n.ContractPeriod, n.Binding))
        }
        written = times.get(n.Binding) or times.get(n.ContractPeriod)
        period = self.period(written, Context())
        return None if period == b.UNDECIDED_PERIOD else period.last

    def is_scored_name(self, name: str) -> bool:
        part, rest = self.in_part(name)
        return name in self.found if part is None else part.is_scored_name(rest)

    def _part(self, name: str, statements: Sequence[Any], around: Rules) -> Part:
        part = Part(name, statements, around.within(statements))
        self.found[name] = part
        for each in statements:
            match each:
                case n.Section():
                    part.members.append(self._part(each.name.text, each.statements, part.rules))
                case n.Item(shared=False):
                    part.members += self._goals(each, part.rules)
                case n.Cap():
                    self._limit(each, name, Context())
                case n.Measure() | n.Fact() | n.Parameter() | n.Value():
                    self.declared[each.name.text] = each
                case n.Register():
                    self.table(each.name.text).take(each)
                case n.Scale():
                    self.scales[each.name.text] = each
                case n.Calendar():
                    self.calendars[each.name.text] = each
        return part

    def _goals(self, item: n.Item, around: Rules) -> list[Goal]:
        """The item, or one for each of its rows."""
        if not item.rows:
            return [self._goal(item.name.text, list(item.statements), Context(), around, item.kind)]
        goals = []
        for row in item.rows:
            bound = {
                name.text: Bound(cell, Context())
                for name, cell in zip(item.parameters, row.cells, strict=True)
            }
            own = {kind_of(each) for each in row.statements}
            kept = [each for each in item.statements if kind_of(each) not in own]
            goals.append(
                self._goal(row.name.text, [*kept, *row.statements], Context(bound), around, item.kind)
            )
        return goals

    def _goal(self, name: str, statements: list[Any], context: Context, around: Rules, kind: str) -> Goal:
        goal = Goal(name, statements, context, around.within(statements), kind)
        self.found[name] = goal
        self.items.append(goal)
        for each in statements:
            if isinstance(each, n.Cap):
                self._limit(each, name, context)
        for milestone in milestones_of(statements):
            self.milestones[f"{name}.{milestone.name.text}"] = milestone, context
        return goal

    def _limit(self, cap: n.Cap, of: str, context: Context) -> None:
        name = of if cap.name is None else self.item_called(cap.name.text, context)
        self.limits.append(Limit(name, self._order[id(cap)], cap, context))

    # ---- conditions, under the rules for what is missing

    def ruled(self, goal: Goal, reckon: Callable[[], Any], *, zero: Any = False) -> Any:
        """A condition (or share, or points) of an item, after the rules for what is missing in it.

        `zero` is what it is when it counts as zero.
        """
        with self.noting() as needed:
            value = reckon()
        self.missing |= needed
        where_it_stands = value
        if goal.rules.not_applicable == "counts as zero":
            if b.is_na(value):
                where_it_stands = zero
            elif isinstance(value, Unknown):
                where_it_stands = Unknown(nd=value.nd)
        is_zero = goal.rules.not_reported == "counts as zero"
        due = [each for each in needed if self.is_due(each) and (is_zero or not each.is_denied)]
        if not self.is_closed or not due or goal.rules.not_reported == "stays open":
            return where_it_stands
        ruled = zero if is_zero else LEFT_OUT
        return ruled if any(each.is_certain for each in due) else b.same([ruled, where_it_stands])

    def holds(self, goal: Goal, part: Any) -> Any:
        """Whether a target, milestone or group of an item holds."""
        match part:
            case n.Target():
                values = [
                    self.ruled(goal, lambda each=each: self.condition(each, goal.context))
                    for each in whole(part.conditions)
                ]
                return b.any_of(values) if part.joined == "or" else b.all_of(values)
            case n.Milestone():
                return self.ruled(goal, lambda: self.in_time(goal, part))
            case n.Group(kind=kind, count=count, members=members):
                values = [self.holds(goal, each) for each in members]
                if kind == "all":
                    return b.all_of(values)
                if kind == "any":
                    return b.any_of(values)
                assert count is not None and count.number is not None
                return b.at_least_of(int(count.number), values)
        raise AssertionError(f"not a part that holds: {part}")

    def in_time(self, goal: Goal, milestone: n.Milestone) -> Any:
        """Whether a milestone was done in time; what was said not to be done by its last day was not."""
        found = self.report_done(f"{goal.name}.{milestone.name.text}")
        days = self.deadline(milestone, goal.context)
        if found is not None and not is_plain(found.value):
            return found.value
        if found is None or days is None:
            return UNKNOWN
        if found.value is None:
            return UNKNOWN if found.said < days[1] else False
        return days[0] <= datetime.date.fromordinal(int(found.value)) <= days[1]

    # ---- points of the parts of an item

    def given(self, goal: Goal, part: Any, lowest: Any, most: Any) -> Any:
        """The points of one part: from the lowest to the most."""
        if isinstance(part, n.Assessment):
            return self.assessed(goal, part, self.points(part.low, goal.context))
        if isinstance(part, n.Milestone) and part.late is not None:
            return self.ruled(goal, lambda: self.late(goal, part, most), zero=lowest)
        line = only_line(part)
        if line is not None:
            share = self.ruled(goal, lambda: self.line(line, goal.context), zero=ZERO)
        else:
            holds = self.holds(goal, part)
            share = Fraction(holds) if is_plain(holds) else holds
        return share_of(share, lowest, most)

    def late(self, goal: Goal, milestone: n.Milestone, worth: Any) -> Any:
        """The worth, less what each started week after the deadline costs, never below the floor."""
        assert milestone.late is not None
        cost = self.points(milestone.late.amount, goal.context)
        floor = self.points(milestone.late.floor, goal.context)
        found = self.report_done(f"{goal.name}.{milestone.name.text}")
        days = self.deadline(milestone, goal.context)
        if found is not None and not is_plain(found.value):
            return found.value
        if found is None or days is None:
            return UNKNOWN

        def done_on(day: datetime.date) -> Any:
            if day < days[0]:
                return floor
            weeks = max(0, math.ceil(Fraction((day - days[1]).days, 7)))
            return calculate(lambda most, less, least: max(most - less * weeks, least), worth, cost, floor)

        if found.value is not None:
            return done_on(datetime.date.fromordinal(int(found.value)))
        at_best = done_on(found.said + datetime.timedelta(days=1))
        is_over = found.said >= days[1] and is_plain(at_best) and at_best == floor
        return floor if is_over else UNKNOWN

    def assessed(self, goal: Goal, assessment: n.Assessment, low: Any) -> Any:
        """The points that were decided, after the rules."""
        name = goal.name if assessment.name is None else f"{goal.name}.{assessment.name.text}"

        def decided() -> Any:
            unit = b.PERCENT if self._unit == b.PERCENT_POINTS else b.PLAIN
            value = self.of_reports(self.actuals.assessed(name, unit), None, self.binding_end)
            may_not_apply = goal.rules.not_applicable != "stays open"
            return Unknown(na=may_not_apply) if isinstance(value, Unknown) else value

        return self.ruled(goal, decided, zero=low)

    # ---- an item

    def came_item(self, goal: Goal) -> Came:
        """An item before its limits: its points, and what decides it."""
        weight = goal.weight
        if weight is None:
            if self.is_overruled(goal):
                decided = self.ruled(goal, lambda: self.actuals.assessed(goal.name, b.PLAIN)[-1].value)
                return Came(None, None, None, decided)
            return Came(None, None, None, b.all_of([self.holds(goal, each) for each in goal.scored]))
        low, high = self.ends(weight, goal.context)
        if self.is_overruled(goal):
            role = next(each.role for each in self.contract.statements if isinstance(each, n.DecidedBy))
            points = self.no_higher(self.assessed(goal, n.Assessment(role), low), high)
            decides = self.condition_of(goal) if goal.scored and is_plain(low) and low == high else None
            return Came(points, high, low, decides)
        calculated = self.calculated(goal, low, high)
        assessment = next((each for each in goal.all(n.Assessment) if each.name is None), None)
        if assessment is None:
            points = calculated
        elif self.actuals.assessed(goal.name, b.PLAIN) or calculated is None:
            points = self.no_higher(self.assessed(goal, assessment, low), high)
        elif self.is_closed and self.is_due(Missing(self.binding_end)):
            points = calculated
        else:
            self.missing.add(Missing(self.binding_end))
            points = Unknown(na=goal.rules.not_applicable == "is left out")
        if is_plain(low) and low == high and goal.scored:
            return Came(points, high, low, self.condition_of(goal))
        is_open = bool(goal.scored) and not is_plain(high)
        return Came(points, high, low, None, self.condition_of(goal) if is_open else None)

    def is_overruled(self, goal: Goal) -> bool:
        """Whether the role that decides in a dispute has assessed an item without an assessor of its own."""
        can_be = any(isinstance(each, n.DecidedBy) for each in self.contract.statements)
        return can_be and not goal.all(n.Assessment) and bool(self.actuals.assessed(goal.name, b.PLAIN))

    def no_higher(self, points: Any, high: Any) -> Any:
        """An assessment counts no higher than a weight that is undecided, or stated more than once, turns out."""
        return calculate(min, points, high)

    def ends(self, weight: n.Weight, context: Context) -> tuple[Any, Any]:
        """The lowest and the most that an item or section gives."""
        if weight.choices:
            choices = [self.points(each, context) for each in weight.choices]
            return calculate(lambda *of: min(of), *choices), calculate(lambda *of: max(of), *choices)
        low = ZERO if weight.low is None else self.points(weight.low, context)
        return low, self.points(weight.high, context)

    def calculated(self, goal: Goal, low: Any, high: Any) -> Any:
        """The points that the score or the parts give; None where there is nothing but an assessment."""
        scores = goal.all(n.Score)
        if scores:
            return self.by_score(goal, scores[0], low, high)
        parts = goal.scored
        if not parts:
            return None
        with_worth = [each for each in parts if isinstance(each, n.Assessment) or each.worth is not None]
        if with_worth:
            given = [
                self.given(
                    goal,
                    each,
                    ZERO,
                    ZERO if isinstance(each, n.Assessment) else self.points(each.worth.amount, goal.context),
                )
                for each in parts
            ]
            return calculate(lambda *of: sum(of, ZERO), *given)
        if len(parts) == 1:
            return self.given(goal, parts[0], low, high)
        holds = b.all_of([self.holds(goal, each) for each in parts])
        return share_of(Fraction(holds) if is_plain(holds) else holds, low, high)

    def condition_of(self, goal: Goal) -> Any:
        """Whether all parts hold: of a line or late costs, that all of it is reached."""
        return b.all_of(
            [self.holds(goal, each) for each in goal.scored if not isinstance(each, n.Assessment)]
        )

    def by_score(self, goal: Goal, score: n.Score, low: Any, high: Any) -> Any:
        """The points of a score, or its share of the weight; outside its range not defined."""
        unit = self.unit(score.body, goal.context)
        is_points = unit in (b.POINTS, b.PERCENT_POINTS)

        def reckon() -> Any:
            return self.value(score.body, goal.context)

        nothing = object()
        value: Any = self.ruled(goal, reckon, zero=nothing)
        if value is nothing:
            return low
        if score.range is not None:
            value = self.within(value, score.range, is_points=is_points)
        else:
            ends = (low, high) if is_points else (ZERO, Fraction(1))
            if isinstance(value, Unknown):
                value = Unknown(True, value.na, value.out)
            value = calculate(lambda x, least, most: x if least <= x <= most else NOT_DEFINED, value, *ends)
        return value if is_points else share_of(value, low, high)

    # ---- sections and the total

    def came_part(self, part: Part) -> Came:
        """A section, or the whole, before its limits: combined, `needs`, its weight."""
        members = [each for each in part.members if self.has_points(each)]
        combined = part.first(n.CombinedBy)
        function = combined.function.text if combined else "sum"
        is_share = combined is not None and combined.of is not None and combined.of.text == "share"
        if function == "count":
            members = list(part.members)
        on_top = [each for each in members if isinstance(each, Goal) and each.weight and each.weight.on_top]
        members = [each for each in members if each not in on_top]
        taking = {id(each): self.takes_part(each, part.rules) for each in [*members, *on_top]}
        there = [each for each in members if taking[id(each)] is not False]
        above = [each for each in on_top if taking[id(each)] is not False]
        weights = {each.name.text: each.weight.number for each in combined.weights} if combined else {}
        count = int(combined.count.number) if combined and combined.count else 0

        def combine(values: Sequence[Any], *, maxima: bool = False) -> Any:
            own = [weights.get(each.name, Fraction(1)) for each in there]
            function_of = function.replace("worst", "best") if maxima else function
            return calculate(lambda *of: combination(function_of, count, own, of), *values)

        points: Any
        if function == "count":
            states = [self.told_state(each.name) for each in there]
            # in a contract in %, each counts as 1 %
            one = Fraction(1, 100) if self._unit == b.PERCENT_POINTS else Fraction(1)
            points = calculate(lambda *of: one * sum(each == "met" for each in of), *states)
            maximum: Any = one * len(there)
            lowest: Any = ZERO
        elif not there:
            points = maximum = lowest = ZERO
        else:
            part_of = "share" if is_share else "points"
            points = combine([self.part_of(each.name, part_of) for each in there])
            lows = [self.lowest_of(each) for each in there]
            maxima = [self.came(each.name).maximum for each in there]
            if is_share:
                lows = [divided(low, most) for low, most in zip(lows, maxima, strict=True)]
                maxima = [Fraction(1) for _ in there]
            maximum, lowest = combine(maxima, maxima=True), combine(lows)
        extra = [self.points_of(each.name) for each in above]
        points = calculate(lambda *of: sum(of, ZERO), points, *extra)
        lowest = calculate(lambda *of: sum(of, ZERO), lowest, *(self.lowest_of(each) for each in above))

        is_open = any(not is_plain(each) for each in taking.values())
        if (members or on_top) and not there and not above:
            points = maximum = NOT_APPLICABLE
        elif is_open:
            points = points if isinstance(points, b.State) else b.open_of([points], na=True)
            maximum = UNKNOWN
        needs = part.first(n.Needs)
        if needs is not None:
            at_most = sum(taking[id(each)] is not False for each in members)
            at_least = sum(taking[id(each)] is True for each in members)
            otherwise = self.points(needs.otherwise, Context())
            if at_most < needs.count.number:
                points = otherwise
            elif at_least < needs.count.number:
                points = b.open_of([points, otherwise])
        weight = part.first(n.Weight)
        if weight is not None:
            _, most = self.ends(weight, Context())
            points = calculate(lambda x, y: x * y, most, divided(points, maximum))
            lowest = calculate(lambda x, y: x * y, most, divided(lowest, maximum))
            maximum = most
        return Came(points, maximum, lowest)

    def has(self, name: str) -> bool:
        """Whether there is something of that name, as the contracts that use this one ask for it."""
        part, rest = self.in_part(name)
        if part is not None:
            return part.has(rest)
        head, _, last = name.rpartition(".")
        if last in ("points", "maximum", "share"):
            if not head:
                return self.has_points(self.whole)
            if head in self.found:
                found = self.found[head]
                return self.has_points(found)
        declared = self.declared.get(name)
        if isinstance(declared, n.Value) and self.rhythms(declared.body, Context()):
            return False  # those that use it cannot say in which period
        known = declared is not None or name in self.found or name in self.milestones
        return known or head in self.declared or (head in self.tables and last in self.tables[head].totals)

    def has_points(self, member: Goal | Part) -> bool:
        if isinstance(member, Goal):
            return member.weight is not None
        combined = member.first(n.CombinedBy)
        is_count = combined is not None and combined.function.text == "count"
        return is_count or any(self.has_points(each) for each in member.members)

    def takes_part(self, member: Goal | Part, around: Rules) -> Any:
        """Whether a member is not left out."""
        rule = (member.rules if isinstance(member, Goal) else around).not_applicable
        points = self.points_of(member.name)
        if isinstance(points, Unknown):
            may_be = points.na and (points.out or rule == "is left out")
            return UNKNOWN if may_be else True
        return not (b.is_na(points) and (points.left_out or rule == "is left out"))

    def lowest_of(self, member: Goal | Part) -> Any:
        return self.came(member.name).lowest

    # ---- before and after limits

    def came(self, name: str) -> Came:
        """What an item, section or the total comes to before its limits."""
        if name not in self._came:
            found = self.found[name]
            with self.noting() as missing:
                came = self.came_item(found) if isinstance(found, Goal) else self.came_part(found)
            self._came[name] = came
            self._open[name] = missing
        result: Came = self._came[name]
        return result

    def points_of(self, name: str) -> Any:
        """The points after the limits; of an item without weight, what decides it."""
        key = ("after", name)
        if key not in self._came:
            came = self.came(name)
            points = came.condition if came.points is None else came.points
            for limit in self.limits:
                if limit.of == name:
                    points = self.limited(points, limit)
            before = came.condition if came.points is None else came.points
            if b.is_na(points) and b.is_na(before) and before.left_out:  # it stays left out
                points = b.LEFT_OUT
            elif b.is_na(points) and isinstance(before, Unknown) and before.out:  # it may be
                points = before
            self._came[key] = points
        return self._came[key]

    def limited(self, points: Any, limit: Limit) -> Any:
        with self.noting():
            holds = self.value(limit.cap.when, limit.context)
            if holds is False or b.is_nd(holds):
                return points if holds is False else holds
            if b.is_na(holds):  # what the rule for what is not reported leaves out stays left out
                return points if b.is_na(points) and points.left_out else holds
            value = self.points(limit.cap.value, limit.context)
        if limit.cap.comparison == "at most":
            value = calculate(min, points, value)
        elif limit.cap.comparison == "at least":
            value = calculate(max, points, value)
        if isinstance(holds, Unknown):
            return (
                b.same([points, value]) if not (holds.nd or holds.na) else b.open_of([points, value, holds])
            )
        return value

    def maximum_of(self, name: str) -> Any:
        """The most it can give, of what counts; a state where its points are one."""
        points, maximum = self.points_of(name), self.came(name).maximum
        if isinstance(points, Unknown):
            return b.open_of([points]) if points.nd or points.na else maximum
        return maximum if is_plain(points) else points

    def part_of(self, name: str, part: str) -> Any:
        unit, rest = self.in_part(name)
        if unit is not None:
            return unit.part_of(rest, part)
        with self.noting():
            points, maximum = self.points_of(name), self.maximum_of(name)
        points, maximum = b.by_itself(points), b.by_itself(maximum)
        if part == "points":
            return points
        return maximum if part == "maximum" else divided(points, maximum)

    def state_of(self, name: str) -> Any:
        """The state before the limits."""
        part, rest = self.in_part(name)
        if part is not None:
            return part.state_of(rest)
        with self.noting():
            return self.state_before(name)

    def state_before(self, name: str) -> Any:
        came = self.came(name)
        decides = came.condition if came.points is None else came.points
        if isinstance(decides, Unknown) and came.perhaps is not None:
            return b.open_of([decides, came.perhaps])
        if not is_plain(decides):
            return decides
        if came.condition is not None:
            if not is_plain(came.condition):
                return came.condition
            return "met" if came.condition else "missed"
        if isinstance(came.lowest, Unknown):
            return UNKNOWN
        if isinstance(came.lowest, b.State):  # which nothing reaches
            if isinstance(came.maximum, Unknown):
                return UNKNOWN
            return "met" if is_plain(came.maximum) and came.points >= came.maximum else "partly met"
        if not is_plain(came.maximum):
            if came.points <= came.lowest and came.perhaps in (None, False):
                return "missed"
            if isinstance(came.maximum, b.State):  # nothing takes part, and it has points all the same
                return "partly met"
            return b.open_of([came.perhaps])
        # an item with the same two ends and no condition has a score or an assessment: it is met
        is_item = isinstance(self.found[name], Goal)
        is_same = is_item and came.lowest == came.maximum
        if not is_item and came.points <= came.lowest:  # the first that fits
            return "missed"
        if is_same or came.points >= came.maximum:
            return "met"
        return "missed" if came.points <= came.lowest else "partly met"

    def told_state(self, name: str) -> Any:
        """The first state of the table of states that fits something: after its limits, where it is in none before."""
        with self.noting():
            points = self.points_of(name)
        if isinstance(points, b.State):
            return points
        before = self.state_of(name)
        if isinstance(before, b.State):
            before = self.grade_of(points, self.came(name))
        if isinstance(points, Unknown) and (points.nd or points.na):
            return b.open_of([points, before])
        return before

    def grade_of(self, points: Any, came: Came) -> Any:
        """What points are to the least and the most."""
        if not (is_plain(points) and is_plain(came.lowest) and is_plain(came.maximum)):
            return b.open_of([points])
        if points <= came.lowest:
            return "missed"
        return "met" if points >= came.maximum else "partly met"

    def final_state(self, goal: Goal) -> str:
        """The first state of the table of states that fits an item."""
        points = self.points_of(goal.name)
        if b.is_nd(points) or b.is_na(points):
            return str(points.kind)
        before = self.told_state(goal.name)
        if is_plain(points) and is_plain(before):
            return str(before)
        due = [each.due for each in self._open[goal.name] if each.due is not None]
        return "pending" if due and max(due) > self.as_of else "not known"


def share_of(share: Any, lowest: Any, most: Any) -> Any:
    """The points that a share gives: at nothing the lowest, whatever the most may be."""
    if is_plain(share) and share == 0:
        return lowest
    return calculate(lambda of, low, high: low + of * (high - low), share, lowest, most)


def divided(points: Any, maximum: Any) -> Any:
    if isinstance(maximum, Unknown):
        maximum = Unknown(True, maximum.na, maximum.out)
    if is_plain(maximum) and maximum == 0 and isinstance(points, Unknown):
        return Unknown(True, True, points.out) if points.na else NOT_DEFINED
    return calculate(lambda x, y: NOT_DEFINED if y == 0 else x / y, points, maximum)


def combination(function: str, count: int, weights: Sequence[Any], values: Sequence[Any]) -> Any:
    """Members combined by one of the words of the table."""
    total = sum(values, ZERO)
    if function == "sum":
        return total
    if function == "mean":
        return total / len(values)
    if function == "weighted mean":
        return sum((x * y for x, y in zip(weights, values, strict=True)), ZERO) / sum(weights)
    taken = sorted(values, reverse=function.endswith("best"))[:count]
    return sum(taken, ZERO) / (len(taken) if function.startswith("mean") else 1)


def only_line(part: Any) -> n.Condition | None:
    """The one linear condition that a target is made of."""
    if (
        isinstance(part, n.Target)
        and len(part.conditions) == 1
        and isinstance(part.conditions[0].test, n.Linear)
    ):
        return part.conditions[0]
    return None


def milestones_of(statements: Iterable[Any]) -> list[n.Milestone]:
    found = []
    for each in statements:
        if isinstance(each, n.Milestone):
            found.append(each)
        if isinstance(each, n.Group):
            found += milestones_of(each.members)
    return found


def kind_of(statement: Any) -> Any:
    """The kinds of statements of an item, each of which a row replaces as a whole."""
    return (n.MissingRule, statement.state) if isinstance(statement, n.MissingRule) else type(statement)
