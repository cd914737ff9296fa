"""Scores records of one contract as of one day, many of them: the rules as generated code, the rest when it is read.

A record is flat: a key for each figure, by its path in an actuals file. Whatever generated code does not settle, and
whatever is refused, goes the way of a single evaluation.
"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from operator import itemgetter
from typing import Any

from rkdsl.actuals.record import (
    ASSESSMENT,
    MILESTONE,
    NOT_DONE,
    PARAMETER,
    READING,
    SECTIONS,
)
from rkdsl.outcome import MET, MISSED, PARTLY_MET, Points
from rkdsl.plain import Final
from rkdsl.rules import codegen, summary
from rkdsl.rules.codegen import Cell, Run, Source
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Possible, Settled, known
from rkdsl.rules.slots import Slot, slots_of
from rkdsl.rules.tree import Field, Item, Ref, Tree
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, State, is_day_text, parse_period

Flat = Mapping[str, Any]
"""A record: figures by their path, as `readings.visits.2026`. `Any`: checked when it is read."""

SHAPES: Final = 16
"""Sets of keys that have generated code of their own; other records are scored with checks for what is missing."""
DAYS: Final = 100_000
"""Days that are remembered by their text."""
OFTEN: Final = 8
"""Records of one shape that come to a state before their code reckons with states."""
_EXACT: Final = 2**53
_FAR: Final = 10**15
_TINY: Final = 1e-15
_DIGIT: Final = 2**30 - 1
"""The largest number that Python keeps in one digit: compared with such, most are compared several times faster."""
_DIGITS: Final = 28
_NOT_QUICK: Final = (KeyError, TypeError, ValueError, OverflowError)
"""What generated code raises where a record is not as it expects."""


class Days:
    """The ordinals of days by their texts, those up to a last one; filled as they are met."""

    def __init__(self, last: datetime.date) -> None:
        self.last: Final = last
        self.known: Final[dict[object, int]] = {}

    def meet(self, found: object) -> None:
        """Remembers a day, where it is one."""
        day = found
        if isinstance(found, str) and is_day_text(found):
            try:
                day = datetime.date.fromisoformat(found)
            except ValueError:
                return
        if type(day) is datetime.date and day <= self.last:
            if len(self.known) >= DAYS:
                self.known.clear()
            self.known[found] = day.toordinal()


def scaled(value: object, scale: int) -> int | None:
    """A decimal figure times a power of ten as a whole number; None where it is none, or no plain figure."""
    if type(value) is float:
        nearest = round(value * scale)
        return nearest if nearest / scale == value and abs(nearest) < _EXACT else None
    if type(value) is Decimal and value.is_finite() and len(value.as_tuple().digits) <= _DIGITS:
        above, below = value.as_integer_ratio()
    elif type(value) is Fraction:
        above, below = value.numerator, value.denominator
    else:
        return None
    found, rest = divmod(above * scale, below)
    return None if rest else found


def as_float(value: object) -> float:
    """The float whose text is a decimal figure. Raises ValueError where there is none."""
    if isinstance(value, Decimal | Fraction) and Fraction(repr(found := float(value))) == value:
        return found
    raise ValueError


class Quick:
    """Generated code for records of one shape, and where what it gives is found. Never changed once made.

    What it gives begins with what stands in the record, in the order of `paths`: no copy of it need be made.
    """

    # read in each scoring: quicker than those of a tuple
    __slots__ = ("cells", "keys", "paths", "run", "scorer")

    def __init__(
        self,
        scorer: Scorer,
        paths: tuple[str, ...],
        keys: int,
        run: Run,
        cells: Mapping[Ref, tuple[Cell, int]],
    ) -> None:
        self.scorer, self.paths, self.keys, self.run, self.cells = scorer, paths, keys, run, cells


class Came:
    """What the rows that are told came to in one record."""

    def __init__(self, cells: Mapping[Ref, tuple[Cell, int]], found: tuple[object, ...]) -> None:
        self._cells, self._found = cells, found

    def settled(self, ref: Ref) -> Settled:
        """The value or state of a row."""
        cell, at = self._cells[ref]
        value = cell.value if at < 0 else self._found[at]
        if cell.type == codegen.NUMBER and type(value) is not State and cell.scale and at >= 0:
            return Fraction(value, cell.scale)  # type: ignore[call-overload, no-any-return]  # a whole number
        return value  # type: ignore[return-value]  # of the types of a row

    def row(self, ref: Ref) -> Possible:
        """The same as what it can be."""
        return known(self.settled(ref))


class Scorer:
    """The scores of records of one contract, as of one day."""

    def __init__(
        self,
        tree: Tree,
        plan: Plan,
        as_of: datetime.date,
        evaluate: Callable[[Mapping[str, Any]], Any],
        figures: Callable[[Mapping[str, Any]], dict[str, Fraction | str | None]],
    ) -> None:
        """Made by `Contract.scorer`; `evaluate` gives the outcome of an actuals mapping on the day, `figures` less."""
        self.tree: Final = tree
        self.as_of: Final = as_of
        self._plan = plan
        self._evaluate, self._figures = evaluate, figures
        self._fields = {(each.kind, each.id): each for each in tree.fields}
        self.slots: Final = tuple(slots_of(tree, as_of))
        self._day_slots = [each for each in self.slots if each.field.unit.shown == "day"]
        self._by_path = {each.path: each for each in self.slots}
        self._roots = _told_roots(tree)
        self._days, self._past = Days(datetime.date.max), Days(as_of)
        self._shapes: dict[frozenset[str], Quick | None] = {}
        self._quick: Quick | None = None
        self._states: Counter[frozenset[str]] = Counter()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that a record may have, in the contract's order."""
        return tuple(each.path for each in self.slots)

    def __call__(self, record: Flat) -> Scores:
        """The scores of a record: `{"readings.visits.2026": 51_200, "milestones.app.live": "2026-09-18"}`.

        Values are those of an actuals file. A key that is not there, or None, is not reported. Raises `Refused`
        with every mistake found, as an evaluation does.
        """
        quick = self._quick
        if quick is not None and type(record) is dict and len(record) == quick.keys:
            try:
                found = quick.run(record)
                if found is not None:
                    scores = _new(Scores)  # quicker than to call the class
                    scores._quick, scores._found = quick, found
                    return scores
            except _NOT_QUICK:
                pass
        return self._slowly(record)

    def figures(self, record: Flat) -> dict[str, Fraction | str | None]:
        """Every figure of a record by its name, as `more.secured` or `total.state`: an evaluation without its reasons.

        States and words are texts, numbers fractions, None where there is none. Raises `Refused` as a scoring does.
        """
        return self._figures(self.nested(dict(record)))

    def _slowly(self, record: Flat) -> Scores:
        """A record of another shape than the one before, one in which something is missing, or a refused one."""
        held = dict(record)
        if all(type(path) is str and path in self._by_path for path in held):
            for slot in self._day_slots:
                slot_days = self._past if slot.field.kind == MILESTONE else self._days
                slot_days.meet(_inner(held.get(slot.path)))
            shape = frozenset(path for path, value in held.items() if value is not None)
            quick = self._of_shape(shape)
            told = held if len(shape) == len(held) else {path: held[path] for path in shape}
            found = None if quick is None else _attempt(quick.run, told)
            if quick is not None and found is not None:
                self._quick = quick
                return Scores(quick, found, held)
            found = self._with_checks(told)
            if quick is not None and found is not None:
                self._note_state(shape)
            if found is not None:
                return Scores(self._checking, found, held)
        return Scores(None, (), held, self._evaluate(self.nested(held)))

    def _of_shape(self, shape: frozenset[str]) -> Quick | None:
        """The code for records with these keys; None where all of it would not be known, or there is enough code."""
        if shape not in self._shapes and len(self._shapes) < SHAPES:
            self._shapes[shape] = self._written(shape, bails=True)
        return self._shapes.get(shape)

    def _note_state(self, shape: frozenset[str]) -> None:
        """Where records of a shape come to states again and again, their code reckons with them."""
        self._states[shape] += 1
        if self._states[shape] == OFTEN:
            self._shapes[shape] = self._written(shape, bails=False)
            self._quick = None

    # ---- generated code

    def _written(self, shape: frozenset[str], *, bails: bool) -> Quick | None:
        source = Source()
        given = self._unasked(source)
        asked = [(index, slot) for index, slot in enumerate(self.slots) if slot.path in shape]
        paths = tuple(slot.path for _, slot in asked)
        names = [f"w{index}" if slot.is_scaled_late else f"x{index}" for index, slot in asked]
        source.lines.append(f"told = {source.constant(_taking(paths), paths)}(record)")
        if names:
            source.lines.append(f"{''.join(f'{each}, ' for each in names)}= told")
        for (index, slot), name in zip(asked, names, strict=True):
            here = codegen.Given(_cell(slot, f"x{index}", stuck=False), codegen.YES, codegen.YES)
            source.lines.extend(self._reading(slot, name, source))
            if slot.is_scaled_late:
                lines = _scaling(slot, name, f"x{index}", source)
                here = here._replace(lines=tuple(lines), written=name, unit=slot.field.unit.scale)
            given.update((ref, here) for ref in slot.refs)
        return self._made("record", paths, given, source, bails=bails)

    @cached_property
    def _checking(self) -> Quick:
        """The code for records of any shape, in which anything may be missing or not apply."""
        source = Source()
        given = self._unasked(source)
        names = []
        for index, slot in enumerate(self.slots):
            value, reported, told = f"x{index}", f"y{index}", f"z{index}"
            names += [value, reported, told]
            is_reported, is_told = (Cell(each, codegen.TRUTH) for each in (reported, told))
            here = codegen.Given(_cell(slot, value, stuck=True), is_reported, is_told)
            given.update((ref, here) for ref in slot.refs)
        found = self._made(", ".join(names), None, given, source, bails=False)
        return found or Quick(self, (), -1, lambda *_: None, {})

    def _unasked(self, source: Source) -> dict[Ref, codegen.Given]:
        """The inputs that no record tells: the day, and what the contract leaves open."""
        unknown = codegen.constant(codegen.UNKNOWN, source)
        given = {ref: codegen.Given(unknown, codegen.NO, codegen.NO) for ref in self._plan.inputs}
        today = codegen.constant(Fraction(self.as_of.toordinal()), source)
        for ref, (kind, _) in self._plan.inputs.items():
            if kind == "as_of":
                given[ref] = codegen.Given(today, codegen.YES, codegen.YES)
        return given

    def _made(
        self,
        parameters: str,
        paths: tuple[str, ...] | None,
        given: Mapping[Ref, codegen.Given],
        source: Source,
        *,
        bails: bool,
    ) -> Quick | None:
        """`paths` are those of a shape, whose code gives what was told, too; None where there is no shape."""
        try:
            cells = codegen.write(self._plan, given, self._roots, source, bails=bails)
        except codegen.NotWrittenError:
            return None
        places: dict[str, int] = {} if paths is None else {"told": 0}
        for cell in cells.values():
            if cell.value is None:
                places.setdefault(cell.text, len(places))
        if any(cell.text == codegen.constant(codegen.UNKNOWN, source).text for cell in cells.values()):
            return None
        unknown = codegen.constant(codegen.UNKNOWN, source).text
        for text in dict.fromkeys(cell.text for cell in cells.values() if cell.open):
            source.lines.append(f"if {text} is {unknown}: return None")
        _, run = source.function(parameters, list(places))
        return Quick(
            self,
            paths or (),
            -1 if paths is None else len(paths),
            run,
            {ref: (cell, places[cell.text] if cell.value is None else -1) for ref, cell in cells.items()},
        )

    def _reading(self, slot: Slot, name: str, source: Source) -> list[str]:
        """The lines that check a value and make it what the rules reckon with; they return None where it is wrong."""
        field = slot.field
        lines = []
        if field.kind == ASSESSMENT or field.roles:
            lines = [f"{name} = {source.constant(_judged(field), ('judged', slot.path))}({name})"]
        match field.unit.shown:
            case "truth":
                return [*lines, f"if T({name}) is not {source.constant(bool, bool)}: return None"]
            case "word":
                words = frozenset(field.words) - {NOT_APPLICABLE, NOT_DEFINED}
                words = words.intersection(*(row.words for row in slot.rows))
                return [*lines, f"if {name} not in {source.constant(words, words)}: return None"]
            case "day":
                days = self._past if field.kind == MILESTONE else self._days
                known = source.constant(days.known, ("days", field.kind == MILESTONE))
                return [*lines, f"{name} = {known}[{name}]", *_bounded(slot, name, 1, source, None, None)]
        return lines + _number(slot, name, source)

    # ---- what is missing

    def _with_checks(self, told: Mapping[str, Any]) -> tuple[object, ...] | None:
        """What a record comes to in which something may be missing; None where that is not settled."""
        arguments: list[object] = []
        for slot in self.slots:
            found = told.get(slot.path)
            if found is None or (slot.field.kind == MILESTONE and found == NOT_DONE):
                arguments += [codegen.UNKNOWN, False, found is not None]
                continue
            value = _state_told(found) if slot.field.kind != ASSESSMENT else None
            if value is None:
                read = _attempt(self._readers[slot.path], found)
                if read is None:
                    return None
                value = read[0]  # type: ignore[assignment]  # a state or what the slot holds
            arguments += [value, True, True]
        return _attempt(self._checking.run, *arguments)

    @cached_property
    def _readers(self) -> dict[str, Run]:
        """How the value of each key is read by itself."""
        found = {}
        for slot in self.slots:
            source = Source()
            source.lines.extend(self._reading(slot, "x", source))
            if slot.is_scaled_late:
                source.lines.extend(_scaling(slot, "x", "x", source))
            found[slot.path] = source.function("x", ["x"])[1]
        return found

    # ---- keys

    def nested(self, record: Flat) -> dict[str, Any]:
        """A record as an actuals file has it."""
        found: dict[str, Any] = {"contract": self.tree.id, "as_of": self.as_of}
        for path, value in record.items():
            section, _, rest = str(path).partition(".")
            if section not in _KINDS or not rest:
                found[f"{path}." if path in _KINDS else path] = value
                continue
            kind = _KINDS[section]
            id, period = self._split(kind, rest)
            entries = found.setdefault(section, {})
            inner = entries.setdefault(id, {}) if period else entries
            if type(inner) is not dict or (kind == READING and not period) or (period or id) in inner:
                found[path] = value  # there is no such key
            else:
                inner[period or id] = value
        return found

    def _split(self, kind: str, rest: str) -> tuple[str, str]:
        """The name of a figure and its period."""
        if kind not in (READING, PARAMETER):
            return rest, ""
        ends = [at for at, letter in enumerate(rest) if letter == "."]
        for at in ends:
            if (kind, rest[:at]) in self._fields and parse_period(rest[at + 1 :]) is not None:
                return rest[:at], rest[at + 1 :]
        return (rest[: ends[0]], rest[ends[0] + 1 :]) if ends and kind == READING else (rest, "")


_KINDS: Final = {section: kind for kind, section in SECTIONS.items()}


def parted(actuals: Mapping[str, Any], parts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The actuals of a contract and of those it uses, each with its own; `parts` are their names by their prefixes.

    What is published is told of all of them, and stands with the contract itself.
    """
    own = {key: told for key, told in actuals.items() if key not in _KINDS}
    found = {
        prefix: {**own, "contract": name} if not prefix else _headed(own, name)
        for prefix, name in parts.items()
    }
    for section, kind in _KINDS.items():
        for id, told in actuals.get(section, {}).items():
            fits = [each for each in parts if id.startswith(each) and kind != PARAMETER]
            prefix = max(fits, key=len, default="")
            found[prefix].setdefault(section, {})[id.removeprefix(prefix)] = told
    return list(found.values())


def _headed(own: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The head of the actuals of a contract that is used."""
    return {"contract": name, "as_of": own["as_of"]}


class Scores:
    """What a record comes to: figures are exact, and made when they are read.

    Where something is open the figures are those of the outcome, with two ends. The record is kept, so that what is
    read later is what was scored.
    """

    __slots__ = ("_found", "_outcome", "_quick", "_record")

    def __init__(
        self,
        quick: Quick | None,
        found: tuple[object, ...],
        record: dict[str, Any],
        outcome: Any = None,  # an outcome of the pipeline, which knows this module
    ) -> None:
        """Made by a scorer, which leaves out what follows from the first two."""
        self._quick, self._found, self._record = quick, found, record
        if outcome is not None:
            self._outcome = outcome

    @property
    def record(self) -> dict[str, Any]:
        """What was scored: figures by their keys."""
        if not hasattr(self, "_record"):
            quick, told = self._made_by, self._found[0]
            assert isinstance(told, tuple)
            self._record = dict(zip(quick.paths, told, strict=True))
        return self._record

    @property
    def outcome(self) -> Any:
        """The outcome of the plain evaluator, with states, reasons, explanations; made when it is first read."""
        if not hasattr(self, "_outcome"):
            scorer = self._made_by.scorer
            self._outcome = scorer._evaluate(scorer.nested(self.record))
        return self._outcome

    @property
    def _made_by(self) -> Quick:
        assert self._quick is not None
        return self._quick

    def explain(self, name: str = "total") -> Any:
        """How a figure came about, as `Outcome.explain`."""
        return self.outcome.explain(name)

    @property
    def points(self) -> Points | None:
        """The points of the whole; None in a contract without."""
        if self._quick is None:
            return self._outcome.points  # type: ignore[no-any-return]  # as above
        tree = self._quick.scorer.tree
        return None if tree.total is None or tree.maximum is None else self._points(tree.total, tree.maximum)

    @property
    def state(self) -> str:
        """The state of the total: "" where it is a number."""
        if self._quick is None:
            return self._outcome.state  # type: ignore[no-any-return]  # as above
        total = self._quick.scorer.tree.total
        return "" if total is None else summary.state_of(self._came.row(total))

    def points_of(self, name: str) -> Points | None:
        """The points of an item or section; None where it has none. Raises KeyError for another name."""
        if self._quick is None:
            return _named((*self._outcome.items, *self._outcome.sections), name).points  # type: ignore[no-any-return]
        tree = self._quick.scorer.tree
        each = _named((*tree.items, *tree.sections), name)
        return None if each.points is None else self._points(each.points, each.highest)

    def state_of(self, name: str) -> str:
        """The state of an item: `met`, `missed` and so on. Raises KeyError when there is none of that name."""
        if self._quick is None:
            return _named(self._outcome.items, name).state  # type: ignore[no-any-return]  # as above
        found = _state_of(_named(self._quick.scorer.tree.items, name), self._came)
        return self.outcome.item(name).state if found is None else found

    def value_of(self, name: str) -> Fraction | str | None:
        """A named value: a number, or a word, `yes` or `no`; None where it is open or a state. KeyError as above."""
        if self._quick is None:
            found = _named(self._outcome.values, name)
            return found.word or (found.secured if found.secured == found.possible else None)
        value = self._came.settled(_named(self._quick.scorer.tree.values, name).of)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return None if isinstance(value, State) else value

    @property
    def is_settled(self) -> bool:
        """Whether generated code settled all of it; where not, something is open."""
        return self._quick is not None

    @property
    def _came(self) -> Came:
        return Came(self._made_by.cells, self._found)

    def _points(self, points: Ref, highest: Ref | None) -> Points:
        came = self._came
        return summary.points_of(came.row(points), None if highest is None else came.row(highest))


def _named(found: Iterable[Any], name: str) -> Any:  # items, sections or values
    for each in found:
        if each.id == name:
            return each
    raise KeyError(name)


def _state_of(item: Item, came: Came) -> str | None:
    """The state of an item all of which is settled, as `summary` says it; None where that takes more than points."""
    ref = item.points
    if item.points is None or _is_flat(item, came):
        ref = item.condition
    if ref is None:
        return None
    value = came.settled(ref)
    if isinstance(value, State):
        return value.kind
    if isinstance(value, bool):
        return MET if value else MISSED
    if item.lowest is None or item.highest is None:
        return None
    lowest, highest = came.settled(item.lowest), came.settled(item.highest)
    earned = value if item.earned is None else came.settled(item.earned)
    earned = value if isinstance(earned, State) else earned
    if not (isinstance(lowest, Fraction) and isinstance(highest, Fraction) and isinstance(earned, Fraction)):
        return None
    return MISSED if earned <= lowest else MET if earned >= highest else PARTLY_MET


def _is_flat(item: Item, came: Came) -> bool:
    """Whether the least and the most are one: then its condition says its state."""
    if item.condition is None or item.lowest is None or item.highest is None:
        return False
    return came.settled(item.lowest) == came.settled(item.highest)


def _told_roots(tree: Tree) -> list[Ref]:
    """The rows that scores are read from."""
    found: list[Ref | None] = [tree.total, tree.maximum]
    for item in tree.items:
        found += [item.points, item.lowest, item.highest, item.earned]
        if summary.may_be_flat(tree, item):
            found.append(item.condition)
    for section in tree.sections:
        found += [section.points, section.highest]
    found += [each.of for each in tree.values]
    return list(dict.fromkeys(ref for ref in found if ref is not None))


# ---- values


_new: Final = object.__new__


def _taking(paths: tuple[str, ...]) -> Callable[[Flat], tuple[object, ...]]:
    """What takes the values of these paths out of a record, all at once."""
    if len(paths) > 1:
        return itemgetter(*paths)
    return lambda record: tuple(record[each] for each in paths)


def _attempt(run: Run, *arguments: object) -> tuple[object, ...] | None:
    """What generated code gives; None where it meets what it does not know."""
    try:
        return run(*arguments)
    except _NOT_QUICK:
        return None


def _inner(found: object) -> object:
    """The value of an entry that a role has decided."""
    return found.get("value") if type(found) is dict else found


def _state_told(found: object) -> State | None:
    """That something does not apply, where an entry says nothing else."""
    if type(found) is dict and found.keys() == {"not_applicable"} and type(found["not_applicable"]) is str:
        reason = found["not_applicable"]
        return State(NOT_APPLICABLE, reason) if reason.strip() and reason.isprintable() else None
    return None


def _cell(slot: Slot, text: str, *, stuck: bool) -> Cell:
    """What stands for a slot in the source."""
    scale = slot.scale * slot.field.unit.scale.denominator
    is_number = slot.kind == codegen.NUMBER and slot.field.unit.shown != "day"
    return Cell(text, slot.kind, scale if is_number else 1, stuck, open=stuck)


def _judged(field: Field) -> Callable[[object], object]:
    """What a role has assessed or decided, out of its entry."""
    value = "points" if field.kind == ASSESSMENT else "value"
    keys = {value, "by", "reason"}

    def read(found: object) -> object:
        if type(found) is not dict or found.keys() != keys:
            raise TypeError
        by, reason = found["by"], found["reason"]
        if type(by) is not str or type(reason) is not str or not by.strip() or not reason.strip():
            raise TypeError
        if (field.roles and by not in field.roles) or not (by + reason).isprintable():
            raise TypeError
        return found[value]

    return read


def _number(slot: Slot, name: str, source: Source) -> list[str]:
    """A figure, checked: whole, or as it is written, a float or whole number."""
    whole, real = source.constant(int, int), source.constant(float, float)
    if slot.scale == 1:
        lines = [f"if T({name}) is not {whole}: {name} = {source.constant(scaled, scaled)}({name}, 1)"]
        return lines + _bounded(slot, name, 1, source, -_FAR, _FAR)
    if slot.is_narrow:
        return _scaling(slot, name, name, source)
    lines = [
        f"if T({name}) is not {real} and T({name}) is not {whole}:",
        f"    {name} = {source.constant(as_float, as_float)}({name})",
    ]
    field, unit = slot.field, slot.field.unit.scale
    low = [each / unit for each in (field.low, *(row.low for row in slot.rows)) if each is not None]
    high = [each / unit for each in (field.high, *(row.high for row in slot.rows)) if each is not None]
    least, most = max([*low, Fraction(-_FAR)]), min([*high, Fraction(_FAR)])
    ends = [
        _inside(least, math.nextafter(float(least), math.inf)),
        _inside(most, math.nextafter(float(most), -math.inf)),
    ]
    if least == 0:
        return [*lines, f"if not {_TINY} <= {name} <= {ends[1]} and {name}: return None"]
    lines.append(f"if not {ends[0]} <= {name} <= {ends[1]}: return None")
    lines.append(f"if -{_TINY} < {name} < {_TINY} and {name}: return None")
    return lines


def _inside(end: Fraction, beside: float) -> str:
    """An end as a float; where none has its text, the next one inside: what lies between is left to others."""
    return f"({float(end)!r})" if Fraction(repr(float(end))) == end else f"({beside!r})"


def _scaling(slot: Slot, written: str, name: str, source: Source) -> list[str]:
    """A figure as written made a whole number over its scale."""
    scale = slot.scale
    whole, real = source.constant(int, int), source.constant(float, float)
    lines = [
        f"if T({written}) is {real}:",
        f"    n = {source.constant(round, round)}({written} * {scale}.0)",
        f"    if n / {scale}.0 != {written}: return None",
        f"    {name} = n",
        f"elif T({written}) is {whole}: {name} = {written} * {scale}",
        f"else: {name} = {source.constant(scaled, scaled)}({written}, {scale})",
    ]
    return lines + _bounded(slot, name, scale, source, -_EXACT, _EXACT)


def _bounded(
    slot: Slot, name: str, scale: int, source: Source, least: int | None, most: int | None
) -> list[str]:
    """The range or the choices of a figure, and what the contract states itself."""
    field = slot.field
    over = scale * field.unit.scale.denominator
    low = [
        math.ceil(each * over) for each in (field.low, *(row.low for row in slot.rows)) if each is not None
    ]
    high = [
        math.floor(each * over) for each in (field.high, *(row.high for row in slot.rows)) if each is not None
    ]
    lines = []
    for lawful in dict.fromkeys((field.choices, *(row.choices for row in slot.rows))):
        if lawful:
            choices = frozenset(int(each * over) for each in lawful if (each * over).denominator == 1)
            lines.append(f"if {name} not in {source.constant(choices, choices)}: return None")
    if over > 1 and any(row.whole for row in slot.rows):
        lines.append(f"if {name} % {over}: return None")
    low += [] if least is None else [least]
    high += [] if most is None else [most]
    tests = []
    if low and high and (max(low) < -_DIGIT or min(high) > _DIGIT):
        tests.append(f"not {max(*low, -_DIGIT)} <= {name} <= {min(*high, _DIGIT)}")
    if low or high:
        ends = [*([str(max(low))] if low else []), name, *([str(min(high))] if high else [])]
        tests.append(f"not {' <= '.join(ends)}")
    if tests:
        lines.append(f"if {' and '.join(tests)}: return None")
    for when, figures in field.history:
        if when == slot.period:
            lines += [
                f"if {name} * {each.denominator} != {each.numerator * over}: return None" for each in figures
            ]
    return lines
