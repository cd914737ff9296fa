"""States and points of items, sections and the whole, read from the values of a tree."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property

from rkdsl import outcome as result
from rkdsl.outcome import ItemOutcome, Line, Points, Reason, SectionOutcome, ValueOutcome
from rkdsl.plain import TYPE_CHECKING, Final, Late, later
from rkdsl.rules import wording
from rkdsl.rules.evaluator import Values
from rkdsl.rules.possible import Interval, Possible, lies_below
from rkdsl.rules.tree import Input, Item, Literal, Name, Ref, Shown, Tree, Value
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, State

if TYPE_CHECKING:
    from rkdsl.rules import explanation, operations
else:
    explanation, operations = Late("rkdsl.rules.explanation"), Late("rkdsl.rules.operations")

TOLD: Final = frozenset(("condition", "group", "share", "score", "assessment", "calculated", "rule"))
"""The lines of the explanation that say what decided an item."""
_REPLACED: Final = ("calculated", "overruled")
"""The standing of points that an assessment takes the place of."""
MAX_ALTERNATIVES: Final = 200
"""Stated values that are tried one by one, to say what each would give."""


def points_of(possible: Possible, maximum: Possible | None) -> Points:
    """Secured and possible points; all None where there is no number."""
    numbers, highest = possible.numbers, maximum.numbers if maximum is not None else None
    if numbers is None:
        return Points(None, None, highest.high if highest else None)
    return Points(numbers.low, numbers.high, highest.high if highest else None)


def state_of(possible: Possible) -> str:
    """The state a value has settled in, else *not known*, else nothing."""
    if possible.is_settled:
        return possible.states[0].kind if possible.states else ""
    return result.NOT_KNOWN


def why_of(possible: Possible) -> str:
    """The reason of a settled state."""
    return possible.states[0].reason if possible.is_settled and possible.states else ""


def wide(tree: Tree, values: Values) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The items, sections, values and total whose ends may lie further apart than needed, with what they wait for."""
    names: dict[Ref, str] = {}
    for value in tree.values:
        names[value.of] = value.id
    names.update({each.points: each.id for each in tree.items if each.points is not None})
    names.update({each.points: each.id for each in tree.sections if each.points is not None})
    if tree.total is not None:
        names[tree.total] = "total"
    found = []
    for each in values.loose:
        if each.root in names:
            rows = [tree.rows[place.source] for place in each.places]
            keys = dict.fromkeys(row.note or row.key for row in rows if isinstance(row, Input))
            found.append((names[each.root], tuple(keys)))
    return tuple(found)


def may_become_of(possible: Possible) -> tuple[str, ...]:
    """The states that points which are open may still end in, with their reasons."""
    return () if possible.is_settled else tuple(str(each) for each in possible.states)


def items(tree: Tree, values: Values, as_of: datetime.date) -> tuple[ItemOutcome, ...]:
    """Every goal and requirement in its order."""
    teller = _Summary(tree, values, as_of)
    return tuple(teller.item(each) for each in tree.items)


def state_of_item(tree: Tree, values: Values, as_of: datetime.date, item: Item) -> str:
    """The state of one goal or requirement."""
    return _Summary(tree, values, as_of).state(item)


def sections(tree: Tree, values: Values) -> tuple[SectionOutcome, ...]:
    """Every section in its order."""
    depth: dict[str, int] = {"": -1}
    found = []
    for section in tree.sections:
        depth[section.id] = depth[section.parent] + 1
        points, state, why = None, "", ""
        if section.points is not None:
            possible = values.row(section.points)
            highest = values.row(section.highest) if section.highest is not None else None
            points, state, why = points_of(possible, highest), state_of(possible), why_of(possible)
        name, parent = section.id, section.parent
        found.append(SectionOutcome(name, parent, section.title, points, state, depth[name], why))
    return tuple(found)


def values(tree: Tree, values: Values, as_of: datetime.date) -> tuple[ValueOutcome, ...]:
    """Every named value in its order."""
    teller = _Summary(tree, values, as_of)
    return tuple(teller.value(each) for each in tree.values)


def figures(tree: Tree, values: Values, as_of: datetime.date) -> dict[str, Fraction | str | None]:
    """Every figure by its name: states, words and the ends of numbers, None where there is none.

    They are called `more.state`, `more.secured` and `more.possible` for items, sections, named values and `total`, and
    `grade.word`.
    """
    teller = _Summary(tree, values, as_of)
    found: dict[str, Fraction | str | None] = {}

    def put(name: str, state: str, ref: Ref | None) -> None:
        found[f"{name}.state"] = state
        if ref is not None:
            points = points_of(values.row(ref), None)
            found[f"{name}.secured"], found[f"{name}.possible"] = points.secured, points.possible

    for item in tree.items:
        put(item.id, teller.state(item), item.points)
    for section in tree.sections:
        put(
            section.id, "" if section.points is None else state_of(values.row(section.points)), section.points
        )
    for value in tree.values:
        this = values.row(value.of)
        put(value.id, state_of(this), value.of)
        found[f"{value.id}.word"] = _word_of(this)
    if tree.total is not None:
        put(result.TOTAL, state_of(values.row(tree.total)), tree.total)
    return found


def _word_of(this: Possible) -> str | None:
    """The word, or yes or no, that a value is settled at."""
    if this.is_settled and (this.words or this.truths):
        return next(iter(this.words), "") or ("yes" if True in this.truths else "no")
    return None


def reasons(tree: Tree, values: Values, as_of: datetime.date, refs: Iterable[Ref]) -> tuple[str, ...]:
    """Why each of some inputs is open, in a sentence."""
    teller = _Summary(tree, values, as_of)
    return tuple(dict.fromkeys(teller.reason(None, ref).text for ref in refs))


def _as_shown(this: Possible, value: Value) -> Possible:
    """What a value is with its printed figure rounded; an open end stays where it is."""
    if not value.mode or this.numbers is None:
        return this
    return this._replace(numbers=operations.round_interval(value.mode, value.step, this.numbers))


def _graded(points: Interval, lowest: Fraction, highest: Interval | None) -> str:
    """What points are to the least and the most; nothing where they, or the most, can be both."""
    if points.high is not None and points.high <= lowest:
        return result.MISSED
    if highest is None or points.low is None or points.low < lowest:
        return ""
    if highest.high is not None and points.low >= highest.high:
        return result.MET
    is_above = points.low > lowest or points.low_open
    return result.PARTLY_MET if is_above and lies_below(points, highest) else ""


def may_be_flat(tree: Tree, item: Item) -> bool:
    """Whether its condition may say its state: it has no points, or perhaps but one number of them."""
    if item.points is None or item.lowest is None or item.highest is None:
        return True
    lowest, highest = tree.rows[item.lowest], tree.rows[item.highest]
    return not (
        isinstance(lowest, Literal) and isinstance(highest, Literal) and lowest.value != highest.value
    )


class _Summary:
    def __init__(self, tree: Tree, values: Values, as_of: datetime.date) -> None:
        self.tree, self.values, self.as_of = tree, values, as_of
        self.tried = 0
        self.grades: dict[str, str] = {}
        self.explained: dict[Ref, tuple[Line, ...]] = {}

    def item(self, item: Item) -> ItemOutcome:
        points = may_become = None
        if item.points is not None:
            possible = self.values.row(item.points)
            highest = self.values.row(item.highest) if item.highest is not None else None
            points = points_of(possible, highest)
            may_become = may_become_of(possible)
        due = self._due(item)
        state = self._state(item, due)
        missing = self._missing(item)
        return ItemOutcome(
            item.id,
            item.kind,
            item.section,
            item.title,
            state,
            points,
            later(lambda: tuple(self._because(item, state))),
            tuple(dict.fromkeys(self.reason(item, ref) for ref in missing)),
            tuple(self._shown(each) for each in item.shown if self._is_shown(each, item)),
            tuple(self._ruled(item)),
            may_become or (),
            due if missing else None,
        )

    def state(self, item: Item) -> str:
        """The state of a goal or requirement."""
        return self._state(item, self._due(item))

    def value(self, value: Value) -> ValueOutcome:
        """A named value, with what is missing of it."""
        this = self.values.row(value.of)
        numbers, word = this.numbers, _word_of(this)
        missing = () if this.is_settled else self.values.missing(value.of)
        return ValueOutcome(
            value.id,
            value.title or value.id,
            str(value.unit),
            numbers.low if numbers else None,
            numbers.high if numbers else None,
            word,
            state_of(this),
            word if word is not None else wording.value(_as_shown(this, value), value.unit),
            tuple(dict.fromkeys(self.reason(None, ref) for ref in missing)),
            may_become_of(this),
        )

    # ---- states

    def _decides(self, item: Item) -> Possible:
        """The points; the condition where there are none, or where the least and the most are one."""
        ref = self._deciding(item)
        assert ref is not None
        return self.values.row(ref)

    def _deciding(self, item: Item) -> Ref | None:
        if item.points is None or (item.condition is not None and self._is_flat(item)):
            return item.condition
        return item.points

    def _is_flat(self, item: Item) -> bool:
        assert item.lowest is not None
        assert item.highest is not None
        lowest = self.values.settled(item.lowest)
        return lowest is not None and lowest == self.values.settled(item.highest)

    def _state(self, item: Item, due: datetime.date | None) -> str:
        """The first that fits: not defined, not applicable, missed, met, partly met, pending, not known."""
        decides = self._decides(item)
        limited = self.values.settled(item.points) if item.points is not None else None
        if isinstance(limited, State):
            return limited.kind
        if not decides.is_settled:
            return self._open(due)
        for kind in (NOT_DEFINED, NOT_APPLICABLE):
            if decides.state(kind) is not None and not isinstance(limited, Fraction):
                return kind
        if decides.truths:
            return result.MET if True in decides.truths else result.MISSED
        return self._grade(item) or self._open(due)

    def _open(self, due: datetime.date | None) -> str:
        return result.PENDING if due is not None and due > self.as_of else result.NOT_KNOWN

    def _grade(self, item: Item) -> str:
        """What settled points are to the least and the most, by those before limits; nothing while that is open."""
        if item.id not in self.grades:
            assert item.points is not None
            assert item.highest is not None
            row = self.values.row
            grade = self._graded(item, row(item.points), row(self._earned(item)), row(item.highest))
            if not grade and self._holds(item):
                grade = result.MET
            self.grades[item.id] = grade or self._graded_by_each(item)
        return self.grades[item.id]

    def _earned(self, item: Item) -> Ref:
        ref = item.points if item.earned is None else item.earned
        assert ref is not None
        return ref

    def _graded(self, item: Item, points: Possible, earned: Possible, highest: Possible) -> str:
        """The state that all of what is possible comes to; what had no points before the limits has those after."""
        assert item.lowest is not None
        lowest = self.values.settled(item.lowest)
        assert isinstance(lowest, Fraction)
        numbers = [earned.numbers] + [points.numbers] * bool(earned.states)
        found = {_graded(each, lowest, highest.numbers) for each in numbers if each is not None}
        return found.pop() if len(found) == 1 else ""

    def _holds(self, item: Item) -> bool:
        """Whether the conditions of an item hold, and nothing can take their place."""
        if item.condition is None or self.values.settled(item.condition) is not True:
            return False
        if not any(each.standing in _REPLACED for each in item.shown):
            return True
        waits_for = (self.tree.rows[ref] for ref in self.values.missing(self._earned(item)))
        awaited = {row.key for row in waits_for if isinstance(row, Input) and row.kind == "assessment"}
        return item.id not in self._assessed | awaited

    def _graded_by_each(self, item: Item) -> str:
        """The state that each of the weights stated comes to."""
        assert item.points is not None
        assert item.highest is not None
        sources = self.values.missing(item.highest)
        row = self.tree.rows[sources[0]] if len(sources) == 1 else None
        if not isinstance(row, Input) or row.kind != "governs" or not self._may_try(row):
            return ""
        refs = (item.points, self._earned(item), item.highest)
        found = {
            self._graded(item, *(self.values.alternative(sources[0], word, ref) for ref in refs))
            for word in row.words
        }
        return found.pop() if len(found) == 1 else ""

    def _may_try(self, row: Input) -> bool:
        """Whether so many stated values may still be tried one by one."""
        may = self.tried + len(row.words) <= MAX_ALTERNATIVES
        self.tried += len(row.words) if may else 0
        return may

    def _due(self, item: Item) -> datetime.date | None:
        """The last day on which something missing falls due; what no longer matters is not waited for."""
        inputs = (self.tree.rows[ref] for ref in self._missing(item) if not self._is_reported(ref))
        days = [row.due for row in inputs if isinstance(row, Input) and row.due is not None]
        return datetime.date.fromordinal(max(days)) if days else None

    def _is_reported(self, ref: Ref) -> bool:
        given = self.values.reported.get(ref)
        return given is not None and given.reported

    # ---- reasons

    def _missing(self, item: Item) -> tuple[Ref, ...]:
        ref = self._deciding(item)
        if ref is None:
            return ()
        settled = self.values.settled(ref)
        if settled is None or item.highest is None:
            return self.values.missing(ref)
        found = self.values.missing(item.highest)
        if not isinstance(settled, Fraction) or self._grade(item):
            return found
        return tuple(sorted({*found, *self.values.missing(self._earned(item))}))

    def _because(self, item: Item, state: str) -> list[str]:
        """What decided the item, or is known of it so far: one sentence for each of its conditions and scores."""
        ref = item.points if item.points is not None else item.condition
        assert ref is not None
        told = (f"{line.formula or line.what}: {line.value}" for line in self._deciding_lines(ref))
        return list(dict.fromkeys(told)) or [state]

    def _ruled(self, item: Item) -> list[str]:
        """What a rule for something missing decided, in one sentence each."""
        if not self._has_rules:
            return []
        ref = self._deciding(item)
        assert ref is not None
        lines = self._deciding_lines(ref)
        return list(dict.fromkeys(line.what for line in lines if line.role == "rule"))

    def _is_shown(self, shown: Shown, item: Item) -> bool:
        """What a decision would overrule is shown beside one."""
        return shown.standing != "overruled" or item.id in self._assessed

    @cached_property
    def _has_rules(self) -> bool:
        return any(type(row) is Name and row.role == "rule" for row in self.tree.rows)

    @cached_property
    def _assessed(self) -> frozenset[str]:
        """What is assessed, by its key."""
        rows = (self.tree.rows[ref] for ref in self.values.reported)
        return frozenset(row.key for row in rows if isinstance(row, Input) and row.kind == "assessment")

    def _deciding_lines(self, ref: Ref) -> tuple[Line, ...]:
        """The lines that say what decided a value; one item asks for them more than once."""
        if ref not in self.explained:
            self.explained = {ref: explanation.lines_of(self.tree, self.values, ref, TOLD)}
        return self.explained[ref]

    def _shown(self, shown: Shown) -> tuple[str, str]:
        """What is not scored, in one sentence."""
        line = explanation.formula_of(self.tree, self.values, shown.of)
        row = self.tree.rows[shown.of]
        title = row.title if isinstance(row, Name) else ""
        parts = (title, line.formula or ("" if title else line.what), line.value)
        return shown.standing, ": ".join(part for part in parts if part)

    def reason(self, item: Item | None, ref: Ref) -> Reason:
        row = self.tree.rows[ref]
        assert isinstance(row, Input)
        place = explanation.formula_of(self.tree, self.values, ref).source
        due = datetime.date.fromordinal(row.due) if row.due is not None else None
        match row.kind:
            case "governs":
                text = f"{row.note}: none governs"
                return Reason("stated more than once", text, place, due, self._alternatives(item, ref, row))
            case "open":
                return Reason("open", row.note, place)
            case "milestone":
                said = (
                    "was reported as not done" if ref in self.values.reported else "is not reported as done"
                )
                return Reason("milestone", f"{row.key} {said}", place, due)
            case "assessment":
                return Reason("assessment", f"{row.key} is not assessed", place, due)
            case "carried":
                return Reason("carried", f"{row.key} of the period before is not given", place)
            case "parameter":
                return Reason("parameter", f"{row.key} is not published", place, due)
            case "fact":
                return Reason("fact", f"{row.key} is not reported", place, due)
            case _:
                name, _, period = row.key.partition("@")
                if ref in self.values.reported:
                    return Reason("reading", f"{name} for {period}: report and contract differ", place)
                return Reason("reading", f"{name} is not reported for {period}", place, due)

    def _alternatives(self, item: Item | None, source: Ref, row: Input) -> tuple[tuple[str, Points], ...]:
        """What the item would give if each of the stated values governed."""
        if item is None or item.points is None or not self._may_try(row):
            return ()
        ref = item.points
        return tuple(
            (word, points_of(self.values.alternative(source, word, ref), None)) for word in row.words
        )
