"""What a name stands for, and what of an expression still needs a period."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from rkdsl.contract.report import Report, children
from rkdsl.contract.symbols import TOTAL, Exported, Quantified, Thing, Valued
from rkdsl.language import nodes
from rkdsl.plain import Final, NamedTuple, Plain, field
from rkdsl.values import POINTS, Period, Unit, parts_of_period

PREVIOUS: Final = "previous"
SERIES: Final = ("sum", "mean", "min", "max", "first", "last")
"""The functions that take one measure over a run of periods."""
FUNCTIONS: Final = (
    "min",
    "max",
    "sum",
    "mean",
    "count",
    "best",
    "worst",
    "power",
    "days",
    "first",
    "last",
    PREVIOUS,
)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STATE_WORDS: Final = ("met", "partly met", "missed")
"""What a goal, requirement or section may be said to be."""
TOLD_WORDS: Final = ("pending", "known")
"""What an example may say besides: `is pending`, `is not known`."""
ENDS: Final = ("secured", "possible")
"""In an example, the ends of what something can still come to."""
JOINED: Final = ("sum", "mean", "first", "last")


class Local(NamedTuple):
    """What a parameter of a scale stands for in one application.

    A number written without a unit is `bare`: it is in the unit that each of its places asks for.
    """

    unit: Unit | None
    direction: str
    words: tuple[str, ...] = ()
    bare: bool = False


class Scope(Plain):
    """What an expression can refer to.

    `locals` are the parameters of the scale it stands in. `is_open` says that measures without a period are read
    in that of whoever uses the value. `applied` holds the units of scales for arguments met so far, `ahead` those
    of values that can be known before the value is looked at: it may carry itself over. `is_example` says that it
    stands in an example, which may also speak of how far something is known.
    """

    measures: Mapping[str, Quantified]
    roles: Mapping[str, nodes.Role]
    binding: Period | None
    report: Report
    values: Mapping[str, Valued] = field(factory=dict)
    scales: Mapping[str, nodes.Scale] = field(factory=dict)
    calendars: Mapping[str, nodes.Calendar] = field(factory=dict)
    things: Mapping[str, Thing] = field(factory=dict)
    points: Unit = POINTS
    ahead: Mapping[str, Unit | None] = field(factory=dict)
    locals: Mapping[str, Local] = field(factory=dict)
    exported: Mapping[str, Exported] = field(factory=dict)
    is_open: bool = False
    is_example: bool = False
    applied: dict[tuple[str, tuple[Local, ...]], Unit | None] = field(factory=dict)

    def part(self, name: str) -> tuple[Thing, str] | None:
        """The item, section or whole that a name with a dot begins with, and what of it."""
        thing, dot, part = name.rpartition(".")
        return (self.things[thing], part) if dot and thing in self.things else None

    def end(self, name: str) -> Unit | None:
        """The unit of `goal.secured` or `value.possible`, which examples may speak of; None for any other name."""
        whole, _, part = name.rpartition(".")
        if not self.is_example or part not in ENDS:
            return None
        value = self.values.get(whole) or self.exported.get(whole)
        if value is not None:
            is_number = value.unit is None or value.unit.shown not in ("truth", "word")
            return value.unit if is_number and not (isinstance(value, Valued) and value.is_open) else None
        thing = self.things.get(whole)
        if thing is None or not thing.has_points or part in thing.milestones:
            return None
        return thing.unit or self.points

    def points_of(self, name: str) -> Thing | None:
        """What a bare name stands for by its points, which it does in an example."""
        thing = self.things.get(name) if self.is_example and self.named(name) is None else None
        return thing if thing is not None and thing.has_points else None

    def named(self, name: str) -> Local | Quantified | Valued | Exported | None:
        """What is called so, and may stand where a value does."""
        for known in (self.locals, self.measures, self.values, self.exported):
            if name in known:
                return known[name]
        return None

    @property
    def readable(self) -> Iterator[str]:
        """The names that may stand where a value does."""
        return itertools.chain(self.locals, self.measures, self.values, self.exported)

    def is_readable(self, name: str) -> bool:
        """Whether a name may stand where a value does."""
        return name in self.locals or name in self.measures or name in self.values or name in self.exported


def answers(measure: Quantified, period: Period) -> bool:
    """Whether a measure can be read in exactly this period, from its readings where it says how they combine."""
    if period.kind == measure.rhythm:
        return True
    return bool(measure.joined) and bool(parts_of_period(period, measure.rhythm))


def needs_period(name: str, scope: Scope) -> bool:
    """Whether what is called so is read in a period."""
    if name in scope.locals:
        return False
    if name in scope.measures:
        return bool(scope.measures[name].rhythm) or scope.measures[name].kind == "measure"
    return name in scope.values and scope.values[name].is_open


def references(node: nodes.Node, scope: Scope) -> Iterator[nodes.Reference]:
    """What still needs a period inside a node, in the order of the text. Walks without recursion."""
    pending: list[nodes.Node] = [node]
    while pending:
        each = pending.pop()
        match each:
            case nodes.Reference(name=name):
                if needs_period(name.text, scope):
                    yield each
            case nodes.Timed():
                pass
            case nodes.Call(name=name, arguments=arguments):
                if name.text != PREVIOUS:
                    pending += reversed(arguments)
            case nodes.Condition(subject=subject, when=when, test=test):
                pending.append(test)
                if when is None and subject is not None:
                    pending.append(subject)
            case _:
                pending += reversed(children(each))


def measures_in(reference: nodes.Reference, scope: Scope) -> Iterator[Quantified]:
    """The measures that are read when what a reference names is read."""
    pending, seen = [reference.name.text], set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in scope.measures:
            yield scope.measures[name]
        elif name in scope.values:
            inner = references(scope.values[name].node.body, scope)
            pending += (each.name.text for each in inner)


def names_are_known(expression: nodes.Expression, scope: Scope) -> bool:
    """Whether everything an expression refers to is declared."""
    pending: list[nodes.Node] = [expression]
    while pending:
        each = pending.pop()
        if isinstance(each, nodes.Reference) and not is_known(each.name.text, scope):
            return False
        pending += children(each)
    return True


def is_known(name: str, scope: Scope) -> bool:
    """Whether anything is called so."""
    return (
        scope.named(name) is not None
        or scope.end(name) is not None
        or name in scope.things
        or scope.part(name) is not None
        or name in scope.calendars
        or name == TOTAL
    )


def names_thing(test: nodes.Test, subject: nodes.Expression | None, scope: Scope) -> bool:
    """Whether a test is one of a goal, requirement, section or the whole, by its name."""
    if not isinstance(test, nodes.Is) or not isinstance(test.what, nodes.Identifier):
        return False
    name = subject.name.text if isinstance(subject, nodes.Reference) else ""
    return name in scope.things and not scope.is_readable(name)


def asks_what_is_known(test: nodes.Test, scope: Scope) -> bool:
    """Whether a test in an example is one of how far something is known."""
    is_word = isinstance(test, nodes.Is) and isinstance(test.what, nodes.Identifier)
    return scope.is_example and is_word and test.what.text in TOLD_WORDS  # type: ignore[union-attr]  # an `Is`


def direction_of(expression: nodes.Expression, scope: Scope) -> str:
    """Which way is better, as the measure, value or argument declares it; nothing where none does."""
    match expression:
        case nodes.Timed(expression=inner):
            return direction_of(inner, scope)
        case nodes.Reference(name=name):
            found = scope.named(name.text)
            return found.direction if found is not None else ""
        case _:
            return ""


def local_of(argument: nodes.Expression | nodes.Condition, unit: Unit | None, scope: Scope) -> Local:
    """What is known of an argument, whose unit has been found."""
    if isinstance(argument, nodes.Condition):
        return Local(unit, "")
    bare = is_bare(argument, scope)
    return Local(unit, direction_of(argument, scope), words_of(argument, scope), bare)


def is_bare(expression: nodes.Node, scope: Scope) -> bool:
    """Whether this is a number written without a unit, or a parameter that stands for one."""
    if isinstance(expression, nodes.Quantity):
        return not expression.unit
    if isinstance(expression, nodes.Reference) and expression.name.text in scope.locals:
        return scope.locals[expression.name.text].bare
    return False


def words_of(expression: nodes.Expression, scope: Scope) -> tuple[str, ...]:
    """The words an expression can be, where they are known."""
    match expression:
        case nodes.Timed(expression=inner):
            return words_of(inner, scope)
        case nodes.Word(text=text):
            return (text,)
        case nodes.Reference(name=name):
            found = scope.named(name.text)
            return found.words if found is not None else ()
        case nodes.Call(name=name) if name.text in scope.scales:
            scale = scope.scales[name.text]
            return words_of_body(scale.range, scale.body, scope)
        case nodes.Call(name=name, arguments=(nodes.Reference(name=of),)) if name.text == PREVIOUS:
            return STATE_WORDS if of.text.endswith(".state") else ()
        case _:
            return ()


def words_of_body(
    bounds: nodes.Range | None,
    body: nodes.Stated[nodes.Expression] | nodes.Conditions | nodes.Function,
    scope: Scope,
) -> tuple[str, ...]:
    """The words of a range, else those that a body can come to; none where some are not known."""
    if bounds is not None:
        return tuple(each.text for each in bounds.choices if isinstance(each, nodes.Word))
    found: dict[str, None] = {}
    for value in values_of(body):
        if isinstance(value, nodes.NoValue):
            continue
        words = words_of(value, scope)
        if not words:
            return ()
        found.update(dict.fromkeys(words))
    return tuple(found)


def values_of(
    body: nodes.Stated[nodes.Expression] | nodes.Conditions | nodes.Function,
) -> tuple[nodes.Expression, ...]:
    """What a body can come to, in the order of the text; nothing for conditions."""
    stated: tuple[nodes.Stated[nodes.Expression], ...]
    match body:
        case nodes.Stated():
            stated = (body,)
        case nodes.Conditions():
            stated = ()
        case nodes.Rows(rows=rows, otherwise=otherwise):
            stated = (*(each.value for each in rows), otherwise)
        case nodes.Steps(steps=steps):
            stated = tuple(value for step in steps for value in step.values)
        case nodes.Curve(rows=rows):
            stated = tuple(each.value for each in rows if isinstance(each, nodes.CurveKnot))
    return tuple(statement.value for each in stated for statement in each.statements)
