"""What a lawful tree is: rows after their operands, fitting them in type, and lawful words only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from rkdsl.plain import Final, assert_never
from rkdsl.rules.possible import interval
from rkdsl.rules.tree import (
    Arithmetic,
    Choose,
    Compare,
    Field,
    Gather,
    Input,
    Is,
    Literal,
    Logic,
    Name,
    Piecewise,
    Ref,
    Round,
    Row,
    Span,
    Tree,
)
from rkdsl.values import LAST_DAY, State

MAX_POWER: Final = 100
"""The largest exponent, either way."""
FIELD_KINDS: Final = ("reading", "milestone", "fact", "assessment", "parameter", "carried")
INPUT_KINDS: Final = ("as_of", *FIELD_KINDS, "governs", "open")
OPERATIONS: Final = ("add", "sub", "mul", "div", "min", "max", "power")
COMPARISONS: Final = ("at most", "at least", "above", "below", "exactly")
STANDINGS: Final = ("guideline", "followed", "evidence", "calculated", "overruled")
CONNECTIVES: Final = ("all", "any", "not")
TESTS: Final = ("reported", "told", "applies", "defined")
GATHERINGS: Final = ("sum", "mean", "weighted mean")
PICKS: Final = ("all", "highest", "lowest")
OUTSIDES: Final = ("flat", "continued", "not defined")
SIDES: Final = ("before", "after")
NO_POINTS: Final = "states"
"""The result of a contract that is about no value, and has no points."""
SHOWN: Final = ("", "%", "‰", "pp", "day", "truth", "word")


_Type = str | None  # "number" (days too), "truth", "word"; None for a state, which fits everywhere


def validate(tree: Tree, *, linked: bool = False) -> None:
    """Raises ValueError, with the place, unless rows stand after their operands and fit them in type.

    In a tree that was `linked` of several an input may stand several times, from each of them.
    """
    check = _Check(tree, linked=linked)
    for ref, row in enumerate(tree.rows):
        check.types.append(check.row(ref, row))
    check.beside()


def validate_field(field: Field, place: str) -> None:
    """Raises ValueError unless it says of what actuals may tell what can be."""

    def need(holds: bool, what: str) -> None:
        if not holds:
            raise ValueError(f"{place}: {what}")

    inside = interval(field.low, field.high)
    need(inside is not None, "the range is empty")
    is_number = field.unit.shown not in ("truth", "word")
    need(not field.words or field.unit.shown == "word", "only a word lists its words")
    need(len(set(field.words)) == len(field.words), "the same word twice")
    need(is_number or not field.choices, "only a number lists its numbers")
    need(len(set(field.choices)) == len(field.choices), "the same number twice")
    need(all(each in (inside or ()) for each in field.choices), "a number outside its range")


class _Check:
    """The types of the rows so far, and the rules they must keep."""

    def __init__(self, tree: Tree, *, linked: bool) -> None:
        self.tree, self.linked = tree, linked
        self.types: list[_Type] = []
        self.calendars = {"", *(calendar.name for calendar in tree.calendars)}
        self.keys: set[tuple[str, str]] = set()
        self.place = ""

    def need(self, holds: bool, what: str) -> None:
        if not holds:
            raise ValueError(f"{self.place}: {what}")

    def row(self, ref: Ref, row: Row) -> _Type:
        self.place = f"rows[{ref}] {type(row).__name__.lower()}"
        match row:
            case Literal():
                return self.literal(row)
            case Input():
                return self.input(row)
            case Name():
                self.clause(row.clause)
                return self.of(row.of)
            case Arithmetic():
                return self.arithmetic(row)
            case Compare():
                return self.compare(row)
            case Logic():
                self.need(row.op != "not" or len(row.operands) == 1, "`not` has one operand")
                return self.all_are("truth", row.operands)
            case Is():
                self.of(row.operand)
                is_input = isinstance(self.tree.rows[_source_of(self.tree.rows, row.operand)], Input)
                self.need(row.test not in ("reported", "told") or is_input, "only an input is reported")
                return "truth"
            case Piecewise():
                return self.piecewise(row)
            case Choose():
                return self.choose(row)
            case Gather():
                return self.gather(row)
            case Round():
                self.need(row.step > 0, "the step must be above zero")
                return self.numeric((row.operand,))
            case Span():
                self.need(row.calendar in self.calendars, f"no calendar {row.calendar!r}")
                return self.numeric((row.start, row.end))
            case _:
                assert_never(row)

    def of(self, ref: Ref) -> _Type:
        """The type of an operand, which must stand before its row."""
        self.need(0 <= ref < len(self.types), f"{ref} is not a row before this one")
        return self.types[ref]

    def numeric(self, refs: Iterable[Ref]) -> _Type:
        for ref in refs:
            self.need(self.of(ref) != "word", f"row {ref} is a word where a number is asked")
        return "number"

    def all_are(self, kind: _Type, refs: Iterable[Ref]) -> _Type:
        for ref in refs:
            self.need(self.of(ref) in (kind, None), f"row {ref} is no {kind}")
        return kind

    def clause(self, clause: int | None) -> None:
        self.need(clause is None or 0 <= clause < len(self.tree.clauses), f"no clause {clause}")

    def literal(self, row: Literal) -> _Type:
        shown = row.unit.shown
        if isinstance(row.value, State):
            return None
        kind = _type_of(row.value)
        fits = shown == kind if kind in ("truth", "word") else shown not in ("truth", "word")
        self.need(fits, f"a {kind} cannot have the unit {shown!r}")
        whole = isinstance(row.value, Fraction) and row.value.denominator == 1
        self.need(shown != "day" or whole, "a day is a whole number")
        return kind

    def input(self, row: Input) -> _Type:
        self.clause(row.clause)
        is_second = (row.kind, row.key) in self.keys
        self.need(self.linked or not is_second, f"a second {row.kind} {row.key!r}")
        self.keys.add((row.kind, row.key))
        kind = row.unit.shown if row.unit.shown in ("truth", "word") else "number"
        self.need((kind == "word") == bool(row.words), "a word, and nothing else, lists its words")
        self.need(len(set(row.words)) == len(row.words), "the same word twice")
        self.need(kind == "number" or row.low is None is row.high, "only a number has a range")
        whole = row.whole or row.unit.shown == "day"
        inside = interval(row.low, row.high, whole=whole)
        self.need(inside is not None, "the range is empty")
        self.need(kind == "number" or not row.choices, "only a number lists its numbers")
        self.need(len(set(row.choices)) == len(row.choices), "the same number twice")
        self.need(all(each in (inside or ()) for each in row.choices), "a number outside its range")
        self.need(row.due is None or 1 <= row.due <= LAST_DAY, "due on no day of the calendar")
        return kind

    def arithmetic(self, row: Arithmetic) -> _Type:
        self.need(len(row.operands) >= 2, "needs two operands")
        self.numeric(row.operands)
        if row.op == "power":
            self.need(len(row.operands) == 2, "`power` has two operands")
            self.need(self.is_exponent(row.operands[1]), "the exponent must be a literal whole number")
        return "number"

    def is_exponent(self, ref: Ref) -> bool:
        row = self.tree.rows[ref]
        if not isinstance(row, Literal) or not isinstance(row.value, Fraction):
            return False
        return row.value.denominator == 1 and abs(row.value) <= MAX_POWER

    def compare(self, row: Compare) -> _Type:
        types = {self.of(row.left), self.of(row.right)} - {None}
        fits = types == {"word"} and row.op == "exactly" if "word" in types else True
        self.need(fits, "words are compared with words, and exactly")
        return "truth"

    def piecewise(self, row: Piecewise) -> _Type:
        self.need(len(row.knots) >= 1, "needs a knot")
        self.need(len(row.knots) >= 2 or "continued" not in (row.below, row.above), "needs two knots")
        self.numeric((row.operand, *(knot.at for knot in row.knots)))
        ends = [ref for knot in row.knots for ref in (knot.before, knot.after)]
        if any(self.of(ref) == "word" for ref in ends):
            steady = all(left.after == right.before for left, right in pairwise(row.knots))
            self.need(steady and "continued" not in (row.below, row.above), "a word does not rise")
            return self.all_are("word", ends)
        return self.numeric(ends)

    def choose(self, row: Choose) -> _Type:
        self.need(len(row.rows) >= 1, "needs a row")
        self.all_are("truth", (condition for condition, _ in row.rows))
        types = [self.of(value) for _, value in row.rows]
        kind = next((each for each in types if each is not None), None)
        self.all_are(kind, (value for _, value in row.rows if kind is not None))
        return kind

    def gather(self, row: Gather) -> _Type:
        weighted = row.op == "weighted mean"
        self.need(len(row.weights) == (len(row.members) if weighted else 0), "a weight for each member")
        self.need(row.count >= (row.pick != "all"), "how many are picked must be above zero")
        self.need(row.needs >= 0, "`needs` cannot be below zero")
        self.numeric((*row.members, *row.weights))
        return self.numeric(() if row.otherwise is None else (row.otherwise,))

    def beside(self) -> None:
        """What stands beside the rows."""
        tree = self.tree
        for at, calendar in enumerate(tree.calendars):
            self.place = f"calendars[{at}]"
            self.need(set(calendar.weekdays) <= set(range(7)), "weekdays are 0 to 6")
            self.need(_rises(calendar.weekdays) and _rises(calendar.holidays), "days must rise")
        self.unique("calendars", [calendar.name for calendar in tree.calendars])
        self.unique("sections", [section.id for section in tree.sections])
        self.unique("items", [item.id for item in tree.items])
        sections = {"", *(section.id for section in tree.sections)}
        for at, section in enumerate(tree.sections):
            self.place = f"sections[{at}]"
            self.need(section.parent in sections, f"no section {section.parent!r}")
            self.refs(section.points, section.highest, section.lowest, section.earned)
            self.clause(section.clause)
        for at, item in enumerate(tree.items):
            self.place = f"items[{at}]"
            self.need(item.section in sections, f"no section {item.section!r}")
            self.refs(
                item.points,
                item.lowest,
                item.highest,
                item.condition,
                item.due,
                item.earned,
                *(each.of for each in item.shown),
            )
            self.clause(item.clause)
        for at, field in enumerate(tree.fields):
            validate_field(field, f"fields[{at}]")
        self.unique("fields", [(field.kind, field.id) for field in tree.fields])
        for at, value in enumerate(tree.values):
            self.place = f"values[{at}]"
            self.refs(value.of)
            self.need(value.step > 0, "the step must be above zero")
        self.unique("values", [value.id for value in tree.values])
        for at, expected in enumerate(tree.expected):
            self.place = f"expected[{at}]"
            self.all_are("truth", (expected.of, *(each.of for each in expected.asked)))
            self.refs(*(each.subject for each in expected.asked))
            for clause in (expected.clause, *(each.clause for each in expected.asked)):
                self.clause(clause)
        self.place = "result"
        results = {"", NO_POINTS, *(value.id for value in tree.values)}
        self.need(tree.result in results, f"no value {tree.result!r}")
        self.place = "total, maximum or as_of"
        self.refs(tree.total, tree.maximum, tree.lowest, tree.earned, tree.as_of)
        self.need(isinstance(tree.rows[tree.as_of], Input), "`as_of` must be an input")

    def refs(self, *refs: Ref | None) -> None:
        for ref in refs:
            if ref is not None:
                self.of(ref)

    def unique(self, place: str, names: Sequence[object]) -> None:
        self.place = place
        self.need(len(set(names)) == len(names), "the same name twice")


def _source_of(rows: Sequence[Row], ref: Ref) -> Ref:
    while isinstance(row := rows[ref], Name):
        ref = row.of
    return ref


def _type_of(value: Fraction | bool | str) -> str:
    if isinstance(value, bool):
        return "truth"
    return "word" if isinstance(value, str) else "number"


def _rises(days: Sequence[int]) -> bool:
    return all(left < right for left, right in pairwise(days))
