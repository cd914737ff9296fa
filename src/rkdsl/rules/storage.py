"""A rule tree as plain data that JSON can hold, written out and read back without trust."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, NamedTuple, assert_never

from rkdsl.rules.possible import interval
from rkdsl.rules.tree import (
    Arithmetic,
    Asked,
    Calendar,
    Choose,
    Clause,
    Compare,
    Expected,
    Field,
    Gather,
    Input,
    Is,
    Item,
    Knot,
    Literal,
    Logic,
    Name,
    Piecewise,
    Ref,
    Round,
    Row,
    Section,
    Shown,
    Span,
    Tree,
    Value,
)
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, ROUNDINGS, State, Unit

FORMAT: Final = "rkdsl tree 1"
"""The first word of stored data; another number is another layout."""
MAX_NUMBER_LENGTH: Final = 1000
"""Characters of a stored number."""
MAX_POWER: Final = 100
"""The largest exponent, either way."""

Data = Any  # plain data as json reads it: no type of ours says that, and nothing in it is trusted

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


def to_data(tree: Tree) -> Data:
    """The tree as lists and dicts of plain values; fractions are texts such as `3/4`."""
    return {name: codec.write(value) for (name, codec), value in zip(_PARTS.items(), tree, strict=True)} | {
        "format": FORMAT
    }


def from_data(data: Data) -> Tree:
    """The tree that was written out; ValueError, with the place, for anything that is not a lawful tree."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _wrong("format", f"must be {FORMAT!r}")
    if set(data) != {*_PARTS, "format"}:
        raise _wrong("tree", f"must have exactly {', '.join(_PARTS)}")
    tree = Tree(*(codec.read(data[name], name) for name, codec in _PARTS.items()))
    validate(tree)
    return tree


# Reading and writing one value


class _Codec(NamedTuple):
    """How a value is written as plain data, and read back at a place that a message can name."""

    write: Callable[[Any], Data]  # the value has the type of the field
    read: Callable[[Data, str], Any]  # likewise


def _wrong(place: str, what: str) -> ValueError:
    return ValueError(f"{place}: {what}")


def _plain(kind: type, called: str) -> _Codec:
    def read(data: Data, place: str) -> Any:  # of type `kind`
        if type(data) is not kind:  # a truth is no whole number here
            raise _wrong(place, f"must be {called}")
        return data

    return _Codec(lambda value: value, read)


def _one_of(words: Sequence[str]) -> _Codec:
    def read(data: Data, place: str) -> str:
        if type(data) is not str or data not in words:
            raise _wrong(place, f"must be one of {', '.join(map(repr, words))}")
        return data

    return _Codec(lambda value: value, read)


_FRACTION: Final = re.compile(r"(-?[0-9]+)(?:/([0-9]+))?", re.ASCII)


def _read_fraction(data: Data, place: str) -> Fraction:
    match = _FRACTION.fullmatch(data) if type(data) is str and len(data) <= MAX_NUMBER_LENGTH else None
    if match is None or (match[2] is not None and int(match[2]) == 0):
        raise _wrong(place, "must be a fraction such as '3/4'")
    return Fraction(int(match[1]), int(match[2] or "1"))


def _optional(codec: _Codec) -> _Codec:
    return _Codec(
        lambda value: None if value is None else codec.write(value),
        lambda data, place: None if data is None else codec.read(data, place),
    )


def _list_of(codec: _Codec) -> _Codec:
    def read(data: Data, place: str) -> tuple[Any, ...]:  # of what the codec reads
        if type(data) is not list:
            raise _wrong(place, "must be a list")
        return tuple(codec.read(each, f"{place}[{at}]") for at, each in enumerate(data))

    return _Codec(lambda value: [codec.write(each) for each in value], read)


def _record(make: Callable[..., Any], **fields: _Codec) -> _Codec:  # makes a named tuple or a tuple
    """A row of fields in their order."""

    def read(data: Data, place: str) -> Any:  # what `make` makes
        if type(data) is not list or len(data) != len(fields):
            raise _wrong(place, f"must be a list of {', '.join(fields)}")
        pairs = zip(fields.items(), data, strict=True)
        return make(*(codec.read(each, f"{place}.{name}") for (name, codec), each in pairs))

    def write(value: Any) -> Data:  # what `make` makes
        return [codec.write(each) for codec, each in zip(fields.values(), value, strict=True)]

    return _Codec(write, read)


def _tagged(choices: dict[str, tuple[type, _Codec]]) -> _Codec:
    """One of several, the first of the list saying which."""

    def write(value: Any) -> Data:  # of one of the types
        for tag, (kind, codec) in choices.items():
            if isinstance(value, kind):
                return [tag, *codec.write(value)]
        raise TypeError(f"cannot be written out: {type(value).__name__}")

    def read(data: Data, place: str) -> Any:  # of one of the types
        if type(data) is not list or not data or type(data[0]) is not str or data[0] not in choices:
            raise _wrong(place, f"must begin with one of {', '.join(choices)}")
        return choices[data[0]][1].read(data[1:], f"{place} {data[0]}")

    return _Codec(write, read)


def _alone(codec: _Codec) -> _Codec:
    """A value in a list of its own, as `_tagged` has it."""
    inner = _record(lambda value: value, value=codec)
    return _Codec(lambda value: [codec.write(value)], inner.read)


_TEXT: Final = _plain(str, "a text")
_WHOLE: Final = _plain(int, "a whole number")
_TRUTH: Final = _plain(bool, "true or false")
_NUMBER: Final = _Codec(str, _read_fraction)
_REF: Final = _WHOLE
_REFS: Final = _list_of(_REF)
_STATE: Final = _record(State, kind=_one_of((NOT_APPLICABLE, NOT_DEFINED)), reason=_TEXT)
_UNIT: Final = _record(Unit, above=_list_of(_TEXT), below=_list_of(_TEXT), shown=_one_of(SHOWN))
_VALUE: Final = _tagged(
    {
        "number": (Fraction, _alone(_NUMBER)),
        "truth": (bool, _alone(_TRUTH)),
        "word": (str, _alone(_TEXT)),
        "state": (State, _STATE),
    }
)
_CLAUSE: Final = _optional(_WHOLE)

_ROW: Final = _tagged(
    {
        "literal": (Literal, _record(Literal, value=_VALUE, unit=_UNIT)),
        "input": (
            Input,
            _record(
                Input,
                kind=_one_of(INPUT_KINDS),
                key=_TEXT,
                unit=_UNIT,
                low=_optional(_NUMBER),
                high=_optional(_NUMBER),
                whole=_TRUTH,
                words=_list_of(_TEXT),
                may_not_apply=_TRUTH,
                note=_TEXT,
                clause=_CLAUSE,
                due=_optional(_WHOLE),
                choices=_list_of(_NUMBER),
            ),
        ),
        "name": (
            Name,
            _record(Name, id=_TEXT, of=_REF, unit=_UNIT, role=_TEXT, title=_TEXT, clause=_CLAUSE),
        ),
        "arithmetic": (Arithmetic, _record(Arithmetic, op=_one_of(OPERATIONS), operands=_REFS)),
        "compare": (Compare, _record(Compare, op=_one_of(COMPARISONS), left=_REF, right=_REF)),
        "logic": (Logic, _record(Logic, op=_one_of(CONNECTIVES), operands=_REFS)),
        "is": (Is, _record(Is, test=_one_of(TESTS), operand=_REF)),
        "piecewise": (
            Piecewise,
            _record(
                Piecewise,
                operand=_REF,
                knots=_list_of(_record(Knot, at=_REF, before=_REF, after=_REF, holds=_one_of(SIDES))),
                below=_one_of(OUTSIDES),
                above=_one_of(OUTSIDES),
            ),
        ),
        "choose": (
            Choose,
            _record(
                Choose,
                rows=_list_of(_record(lambda *pair: pair, condition=_REF, value=_REF)),
            ),
        ),
        "gather": (
            Gather,
            _record(
                Gather,
                op=_one_of(GATHERINGS),
                members=_REFS,
                weights=_REFS,
                applying=_TRUTH,
                pick=_one_of(PICKS),
                count=_WHOLE,
                needs=_WHOLE,
                otherwise=_optional(_REF),
            ),
        ),
        "round": (Round, _record(Round, mode=_one_of(ROUNDINGS), step=_NUMBER, operand=_REF)),
        "span": (Span, _record(Span, start=_REF, end=_REF, calendar=_TEXT)),
    }
)

_PARTS: Final[dict[str, _Codec]] = {
    "id": _TEXT,
    "title": _TEXT,
    "rows": _list_of(_ROW),
    "clauses": _list_of(_record(Clause, file=_TEXT, line=_WHOLE, text=_TEXT)),
    "calendars": _list_of(
        _record(Calendar, name=_TEXT, weekdays=_list_of(_WHOLE), holidays=_list_of(_WHOLE))
    ),
    "sections": _list_of(
        _record(
            Section,
            id=_TEXT,
            title=_TEXT,
            parent=_TEXT,
            points=_optional(_REF),
            highest=_optional(_REF),
            clause=_CLAUSE,
        )
    ),
    "items": _list_of(
        _record(
            Item,
            id=_TEXT,
            kind=_TEXT,
            section=_TEXT,
            title=_TEXT,
            points=_optional(_REF),
            lowest=_optional(_REF),
            highest=_optional(_REF),
            condition=_optional(_REF),
            due=_optional(_REF),
            clause=_CLAUSE,
            shown=_list_of(_record(Shown, standing=_one_of(STANDINGS), of=_REF)),
            earned=_optional(_REF),
        )
    ),
    "fields": _list_of(
        _record(
            Field,
            kind=_one_of(FIELD_KINDS),
            id=_TEXT,
            unit=_UNIT,
            title=_TEXT,
            rhythm=_TEXT,
            low=_optional(_NUMBER),
            high=_optional(_NUMBER),
            may_not_apply=_TRUTH,
            roles=_list_of(_TEXT),
            replaces=_TRUTH,
            history=_list_of(_record(lambda *pair: pair, period=_TEXT, numbers=_list_of(_NUMBER))),
            words=_list_of(_TEXT),
            choices=_list_of(_NUMBER),
        )
    ),
    "total": _optional(_REF),
    "maximum": _optional(_REF),
    "as_of": _REF,
    "unit": _UNIT,
    "values": _list_of(
        _record(
            Value,
            id=_TEXT,
            title=_TEXT,
            of=_REF,
            unit=_UNIT,
            mode=_one_of(("", *ROUNDINGS)),
            step=_NUMBER,
        )
    ),
    "result": _TEXT,
    "expected": _list_of(
        _record(
            Expected,
            why=_TEXT,
            of=_REF,
            asked=_list_of(
                _record(Asked, of=_REF, subject=_optional(_REF), unit=_UNIT, thing=_TEXT, clause=_WHOLE)
            ),
            clause=_WHOLE,
        )
    ),
}


# What a lawful tree is

_Type = str | None  # "number" (days too), "truth", "word"; None for a state, which fits everywhere


def validate(tree: Tree) -> None:
    """Raises ValueError, with the place, unless rows stand after their operands and fit them in type."""
    check = _Check(tree)
    for ref, row in enumerate(tree.rows):
        check.types.append(check.row(ref, row))
    check.beside()


class _Check:
    """The types of the rows so far, and the rules they must keep."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.types: list[_Type] = []
        self.calendars = {"", *(calendar.name for calendar in tree.calendars)}
        self.keys: set[tuple[str, str]] = set()
        self.place = ""

    def need(self, holds: bool, what: str) -> None:
        if not holds:
            raise _wrong(self.place, what)

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
        self.need((row.kind, row.key) not in self.keys, f"a second {row.kind} {row.key!r}")
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
        self.numeric(ref for knot in row.knots for ref in (knot.at, knot.before, knot.after))
        return self.numeric((row.operand,))

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
            self.refs(section.points, section.highest)
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
            self.place = f"fields[{at}]"
            self.field(field)
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
        self.refs(tree.total, tree.maximum, tree.as_of)
        self.need(isinstance(tree.rows[tree.as_of], Input), "`as_of` must be an input")

    def field(self, field: Field) -> None:
        inside = interval(field.low, field.high)
        if inside is None:
            raise _wrong(self.place, "the range is empty")
        is_number = field.unit.shown not in ("truth", "word")
        self.need(not field.words or field.unit.shown == "word", "only a word lists its words")
        self.need(len(set(field.words)) == len(field.words), "the same word twice")
        self.need(is_number or not field.choices, "only a number lists its numbers")
        self.need(len(set(field.choices)) == len(field.choices), "the same number twice")
        self.need(all(each in inside for each in field.choices), "a number outside its range")

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
