"""What a contract may come to: many draws of the figures that are missing, scored, and counted.

Needs numpy: it is imported with this module.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

from rkdsl import messages
from rkdsl.actuals.distributions import read_distributions
from rkdsl.actuals.joint import bind_all, day_of, sha256_of
from rkdsl.actuals.json_reader import read_several
from rkdsl.actuals.record import MILESTONE, READING, Record
from rkdsl.chance import remarks
from rkdsl.chance.distributions import NOTHING, Stated
from rkdsl.chance.drawing import CHUNK, Drawn, draw
from rkdsl.chance.fitting import Column, Missing, fit, reach
from rkdsl.chance.results import Chances, FigureDrawn, ItemChances, Simulation
from rkdsl.chance.scoring import Figures, Scoring, Words, joined
from rkdsl.chance.tally import Counts, Covariance, Groups, Means, Moments, Numbers, count_codes
from rkdsl.diagnostics import Place, Refused
from rkdsl.outcome import MET, MISSED, NOT_KNOWN, PARTLY_MET, PENDING
from rkdsl.pipeline import Contract, read_limited
from rkdsl.reports import data
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Given, known
from rkdsl.rules.slots import Slot, slots_of
from rkdsl.rules.tree import Input, Tree
from rkdsl.values import Unit, parse_period

DRAWS: Final = 100_000
SEED: Final = 1
SETTLED: Final = "settled"
"""What the state of a number or word is called."""
TOTAL: Final = "total"

Actuals = Mapping[str, Any] | str | Path
"""A file, or what stands in it."""
Content = tuple[str, bytes]
"""What messages call a file, and its bytes."""
Thresholds = Mapping[str, Sequence[Fraction]]
"""Numbers by the name of what should reach them: `total`, or a named value."""


def simulate(
    contract: Contract,
    actuals: Actuals | Sequence[Actuals],
    distributions: Actuals | None = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    as_of: datetime.date | str | None = None,
    at: datetime.date | str | None = None,
    at_least: Mapping[str, Sequence[Fraction | int]] | None = None,
) -> Simulation:
    """What a contract comes to when what is missing is drawn: the distribution of points and of named values.

    `actuals` are those of `Contract.evaluate`, `distributions` the data or the path of a file of distributions;
    without it all is drawn from the history of its series. `as_of` is the day whose knowledge counts, `at` the day
    that draws are scored as of; without it one on which all of them are known. `at_least` are thresholds whose
    chances are told, by name: `{"total": [850]}`. Raises `Refused` with every mistake found, and ValueError for no
    draws or a seed below zero.

    >>> import rkdsl
    >>> contract = rkdsl.loads(rkdsl.pipeline.EXAMPLE)
    >>> stated = {"format": "rkdsl-distributions/1", "draws": {"x": {"uniform": {"from": 1, "to": 10}}}}
    >>> found = simulate(contract, {"contract": "k", "as_of": "2026-06-30"}, stated, draws=10_000)
    >>> round(float(found.total.spread.mean), 1), found.item("g").states
    (5.0, {'met': 4976, 'missed': 5024})
    """
    several = [actuals] if isinstance(actuals, Mapping | str | Path) else list(actuals)
    stated = None if distributions is None else _content(distributions, "distributions")
    wanted = {name: tuple(map(Fraction, each)) for name, each in (at_least or {}).items()}
    return simulate_bytes(
        contract,
        [_content(each, "actuals") for each in several],
        stated,
        draws=draws,
        seed=seed,
        as_of=_day(as_of),
        at=_day(at),
        at_least=wanted,
    )


def simulate_bytes(
    contract: Contract,
    actuals: Sequence[Content],
    distributions: Content | None = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    as_of: datetime.date | None = None,
    at: datetime.date | None = None,
    at_least: Thresholds | None = None,
    rows: int = CHUNK,
) -> Simulation:
    """The same for the bytes of files, each with what messages call it. `rows` are scored at once."""
    if draws < 1 or seed < 0 or rows < 1:
        raise ValueError("there is at least one draw, and no seed is below zero")
    stated = _stated(distributions)
    situation = _situation(contract, actuals, stated, as_of, at)
    thresholds = _thresholds(situation, at_least or {})
    scoring = Scoring(situation.tree, situation.at, situation.given, situation.columns)
    tally = _Tally(situation, scoring, thresholds)
    for chunk in range(-(-draws // CHUNK)):
        count = min(CHUNK, draws - chunk * CHUNK)
        drawn = draw(situation.columns, seed, chunk, count)
        tally.add(drawn, _scored(scoring, drawn, count, rows), count)
    return tally.simulation(draws, seed, stated)


def _scored(scoring: Scoring, drawn: Mapping[str, Drawn], count: int, rows: int) -> list[tuple[Figures, int]]:
    """The figures of a chunk, some rows after the other, each time with how many there are."""
    found = []
    for first in range(0, count, rows):
        part = slice(first, min(first + rows, count))
        some = {
            path: each._replace(
                figures=each.figures[part], states=None if each.states is None else each.states[part]
            )
            for path, each in drawn.items()
        }
        found.append((scoring.score(some, part.stop - first), part.stop - first))
    return found


def _content(found: Actuals, called: str) -> Content:
    if isinstance(found, str | Path):
        return str(found), read_limited(Path(found))
    return called, data.encode(found)


def _day(day: datetime.date | str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(day) if isinstance(day, str) else day


def _stated(content: Content | None) -> Stated:
    if content is None:
        return NOTHING
    stated, mistakes = read_distributions(*content)
    if stated is None:
        raise Refused(mistakes, {})
    return stated


# ---- what is known, and what is missing


class _Situation(NamedTuple):
    """The rules that are told of, what is known of them as of a day, and what is drawn; scored as of a later day."""

    version: Contract
    tree: Tree
    given: Mapping[tuple[str, str], Given]
    columns: tuple[Column, ...]
    as_of: datetime.date
    at: datetime.date
    hashes: Mapping[str, str]
    not_drawn: tuple[str, ...]


def _situation(
    contract: Contract,
    actuals: Sequence[Content],
    stated: Stated,
    as_of: datetime.date | None,
    at: datetime.date | None,
) -> _Situation:
    read_all = [read_several(*each) for each in actuals]
    mistakes = tuple(each for _, found in read_all for each in found)
    if any(each.is_error for each in mistakes):
        raise Refused(mistakes, {})
    records = [each for found, _ in read_all for each in found]
    day, different = (as_of, ()) if as_of is not None else day_of(records)
    if day is None:
        raise Refused(different or (messages.no_as_of(Place(actuals[0][0])),), {})
    if stated.contract and stated.contract != contract.id:
        place = Place(stated.file, key="contract")
        raise Refused((messages.other_contract(place, stated.contract, contract.id),), {})
    found = _of_version(contract.amended(at) if at is not None else contract, records, stated, day, at)
    if at is None and contract.versions is not None:
        return _of_version(contract.amended(found.at), records, stated, day, found.at)
    return found


def _of_version(
    version: Contract,
    records: Sequence[Record],
    stated: Stated,
    day: datetime.date,
    at: datetime.date | None,
) -> _Situation:
    binding = bind_all(version._asked_of(tuple(records)), version._asked, day)
    if any(each.is_error for each in binding.diagnostics):
        raise Refused(binding.diagnostics, {})
    generated = version.ready.generated
    tree = version.tree._replace(
        values=tuple(each for each in version.tree.values if each.id not in generated),
        sections=(),
        expected=(),
    )
    values = evaluate(Plan(tree), binding.given)
    slots = tuple(slots_of(tree, datetime.date.max))
    fitted = fit(
        _missing(tree, values, slots, binding.given), stated, [each.path for each in slots], version.file
    )
    if fitted.mistakes:
        raise Refused(fitted.mistakes, {})
    columns = fitted.columns
    ends = [day, *map(_last_day, columns), *([version.closes] if version.closes is not None else [])]
    last = max(ends)
    at = at or (last if last == datetime.date.max else last + datetime.timedelta(1))
    late = max(columns, key=_happens, default=None)
    if late is not None and _happens(late) > at:
        place = Place(stated.file or version.file)
        raise Refused((remarks.too_early(place, str(at), str(_happens(late)), late.path),), {})
    given = {**binding.given, ("as_of", ""): Given(known(Fraction(at.toordinal())), f"as of {at}")}
    hashes = {"contract": version.sha256, "actuals": sha256_of(records)}
    if stated.sha256:
        hashes["distributions"] = stated.sha256
    return _Situation(
        version, _told_of(tree, values, columns), given, columns, day, at, hashes, _of_no_use(stated, columns)
    )


def _of_no_use(stated: Stated, columns: Sequence[Column]) -> tuple[str, ...]:
    """What is stated, and drawn for nothing: it is told already, or nothing depends on it."""
    used = {each.entry for each in columns}
    return tuple(name for name, each in stated.draws.items() if each.key not in used)


def _missing(
    tree: Tree, values: Values, slots: Sequence[Slot], given: Mapping[tuple[str, str], Given]
) -> list[Missing]:
    """The figures that are not told, and on which points, the total or a named value still depend.

    Where no goal has points, those on which goals depend.
    """
    has_points = any(each.points is not None for each in tree.items)
    roots = [each.points if has_points else each.condition for each in tree.items]
    roots += [*(each.of for each in tree.values), tree.total]
    open_rows = {ref for root in dict.fromkeys(roots) if root is not None for ref in values.missing(root)}
    found = []
    for slot in slots:
        if open_rows.isdisjoint(slot.refs):
            continue
        row = tree.rows[slot.refs[0]]
        told = given.get((row.kind, row.key)) if isinstance(row, Input) else None
        first = None
        if told is not None and told.value.numbers is not None and told.value.numbers.low is not None:
            first = datetime.date.fromordinal(int(told.value.numbers.low))
        if told is None or (slot.field.kind == MILESTONE and not told.reported):
            found.append(Missing(slot, _series(slot, given), first))
    return found


def _series(slot: Slot, given: Mapping[tuple[str, str], Given]) -> dict[str, Fraction]:
    """The figures that are known of the measure of a slot, as they are written, by their periods."""
    if slot.field.kind != READING:
        return {}
    unit = slot.field.unit.scale
    found = {period: figures[0] / unit for period, figures in slot.field.history if len(set(figures)) == 1}
    for (kind, key), told in given.items():
        id, _, period = key.partition("@")
        if kind == READING and id == slot.field.id:
            figure = told.value.settled
            if isinstance(figure, Fraction):
                found[period] = figure / unit
            else:
                found.pop(period, None)
    return found


def _happens(column: Column) -> datetime.date:
    """The last day on which a figure may happen: its period ends, or it is that day itself."""
    if column.slot.field.kind == MILESTONE:
        return datetime.date.fromordinal(min(column.high, reach(column.shape, column.grid)[1]))
    period = parse_period(column.slot.period) if column.slot.field.kind == READING else None
    return period.last if period is not None else datetime.date.min


def _last_day(column: Column) -> datetime.date:
    """The last day on which a figure may happen, or is due."""
    days = [each.due for each in column.slot.rows if each.due is not None]
    return max(_happens(column), datetime.date.fromordinal(max(days, default=1)))


def _told_of(tree: Tree, values: Values, columns: Sequence[Column]) -> Tree:
    """The tree without the items that have no points, and wait for something that is not drawn."""
    drawn = {ref for each in columns for ref in each.slot.refs}
    return tree._replace(
        items=tuple(
            each
            for each in tree.items
            if each.points is not None
            or (each.condition is not None and drawn.issuperset(values.missing(each.condition)))
        )
    )


def _thresholds(situation: _Situation, asked: Thresholds) -> dict[str, tuple[Fraction, ...]]:
    """Thresholds as the rules hold them. Raises `Refused` for one of something that is no number."""
    units = _numbers(situation.tree)
    wrong = [name for name in asked if name not in units]
    if wrong:
        file = situation.version.file
        raise Refused(tuple(remarks.no_such_threshold(file, name, list(units)) for name in wrong), {})
    return {name: tuple(each * units[name].scale for each in numbers) for name, numbers in asked.items()}


def _numbers(tree: Tree) -> dict[str, Unit]:
    """What is a number, with its unit: the total and named values."""
    found = {TOTAL: tree.unit} if tree.total is not None else {}
    found |= {each.id: each.unit for each in tree.values if each.unit.shown not in ("day", "word", "truth")}
    return found


# ---- counting


class _Told:
    """How often the total or a value was what."""

    def __init__(self, name: str, thresholds: Iterable[Fraction]) -> None:
        self.name = name
        self.states: Counter[str] = Counter()
        self.secured, self.possible = Counts(thresholds), Counts()
        self.is_open = False

    def add(self, figures: Figures, count: int) -> None:
        """Some draws more."""
        self._add_states(figures, count)
        secured = figures.get(f"{self.name}.secured")
        possible = figures.get(f"{self.name}.possible")
        if not isinstance(secured, Numbers) or not isinstance(possible, Numbers):
            return
        if not self.is_open and not secured.is_same(possible):
            self.possible, self.is_open = self.secured.copy(), True
        self.secured.add(secured)
        if self.is_open:
            self.possible.add(possible)

    def _add_states(self, figures: Figures, count: int) -> None:
        state, word = figures[f"{self.name}.state"], figures.get(f"{self.name}.word")
        assert isinstance(state, Words)
        count_codes(state.codes, [each or SETTLED for each in state.words], None, self.states)
        if isinstance(word, Words):
            found: Counter[str] = Counter()
            count_codes(word.codes, word.words, word.told, found)
            self.states.subtract({SETTLED: sum(found.values())})
            self.states.update(found)
        self.states = +self.states


class _OfItem:
    """How often an item was in each state, its points, and how they go with the total."""

    def __init__(self, name: str, *, has_points: bool) -> None:
        self.name, self.has_points = name, has_points
        self.states: Counter[str] = Counter()
        self.points, self.together = Means(), Covariance()

    def add(self, figures: Figures, total: Numbers | None) -> None:
        """Some draws more."""
        state, points = figures[f"{self.name}.state"], figures.get(f"{self.name}.secured")
        assert isinstance(state, Words)
        count_codes(state.codes, state.words, None, self.states)
        if not isinstance(points, Numbers):
            return
        self.points.add(points)
        if total is not None:
            self.together.add(points.filled, total.floats, total.told)


class _Drawn:
    """How often a figure was in each state, its mean, and how it goes with the total."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.states: Counter[str] = Counter()
        self.figures = Means()
        self.groups: Groups | None = None
        self.limited = 0

    def add(self, drawn: Drawn, total: Numbers | None, count: int) -> None:
        """Some draws more."""
        column = self.column
        self.limited += drawn.limited
        words: Sequence[str] = column.words
        if column.slot.field.unit.shown == "truth":
            words = ("no", "yes")
        told = None if drawn.states is None else drawn.states == 0
        if words:
            count_codes(drawn.figures, words, told, self.states)
        else:
            self.figures.add(Numbers(drawn.figures, column.grid, None, told))
        if drawn.states is not None:
            count_codes(drawn.states, ["", *(each for each, _ in column.states)], None, self.states)
            del self.states[""]
        if total is None:
            return
        if self.groups is None:
            self.groups = Groups(drawn.figures, drawn.states)
        self.groups.add(drawn.figures, drawn.states, total.floats, total.told)


class _Tally:
    """Everything that is counted."""

    def __init__(
        self, situation: _Situation, scoring: Scoring, thresholds: Mapping[str, Sequence[Fraction]]
    ) -> None:
        self.situation, self.scoring, self.tree = situation, scoring, situation.tree
        names = ([TOTAL] if self.tree.total is not None else []) + [each.id for each in self.tree.values]
        self.told = {name: _Told(name, thresholds.get(name, ())) for name in names}
        self.items = [_OfItem(each.id, has_points=each.points is not None) for each in self.tree.items]
        order = {each.path: at for at, each in enumerate(slots_of(self.tree, datetime.date.max))}
        self.drawn = [_Drawn(each) for each in sorted(situation.columns, key=lambda each: order[each.path])]
        self.shares_of = TOTAL if self.tree.total is not None else self.tree.result
        if self.shares_of not in _numbers(self.tree):
            self.shares_of = ""
        self.variance = Moments()

    def add(self, drawn: Mapping[str, Drawn], parts: Sequence[tuple[Figures, int]], count: int) -> None:
        """A chunk of draws more."""
        figures = joined([each for each, _ in parts])
        for told in self.told.values():
            told.add(figures, count)
        total = figures.get(f"{self.shares_of}.secured")
        total = total if isinstance(total, Numbers) else None
        if total is not None:
            self.variance.add(total.floats if total.told is None else total.floats[total.told])
        for item in self.items:
            item.add(figures, total if self.shares_of == TOTAL else None)
        for each in self.drawn:
            each.add(drawn[each.column.path], total, count)

    def simulation(self, draws: int, seed: int, stated: Stated) -> Simulation:
        """What it all came to."""
        situation, tree = self.situation, self.tree
        variance = self.variance.variance
        total = None
        if tree.total is not None:
            total = self._chances(TOTAL, situation.version.title, tree.unit, self._most(tree.maximum))
        return Simulation(
            situation.version.id,
            situation.version.title,
            situation.as_of,
            situation.at,
            draws,
            seed,
            str(tree.unit),
            total,
            tuple(self._chances(each.id, each.title or each.id, each.unit, None) for each in tree.values),
            tuple(self._item(each, variance) for each in self.items),
            tuple(_figure(each, variance) for each in self.drawn),
            tree.result,
            self.shares_of if variance > 0.0 else "",
            situation.not_drawn,
            situation.hashes,
        )

    def _chances(self, name: str, title: str, unit: Unit, maximum: Fraction | None) -> Chances:
        told = self.told[name]
        possible = told.possible.spread(unit.scale) if told.is_open else None
        states = _ordered(told.states)
        return Chances(name, title, unit, states, told.secured.spread(unit.scale), possible, maximum)

    def _item(self, found: _OfItem, variance: float) -> ItemChances:
        item = next(each for each in self.tree.items if each.id == found.name)
        share = (
            found.together.value / variance
            if found.has_points and self.shares_of == TOTAL and variance > 0.0
            else None
        )
        mean = found.points.mean if found.has_points else None
        return ItemChances(item.id, item.title, _ordered(found.states), mean, self._most(item.highest), share)

    def _most(self, ref: int | None) -> Fraction | None:
        """The most that there can be; None where that is not one number."""
        value = None if ref is None else self.scoring.whole.settled(ref)
        return value if isinstance(value, Fraction) else None


def _figure(found: _Drawn, variance: float) -> FigureDrawn:
    column = found.column
    field = column.slot.field
    explains = found.groups.explained(variance) if found.groups is not None and variance > 0.0 else None
    title = f"{field.title} in {column.slot.period}" if column.slot.period else field.title
    return FigureDrawn(
        column.path,
        title,
        column.text,
        _ordered(found.states),
        found.figures.mean,
        field.unit,
        explains,
        found.limited,
    )


_ORDER: Final = (SETTLED, MET, PARTLY_MET, MISSED, PENDING, NOT_KNOWN, "not applicable", "not defined")


def _ordered(states: Mapping[str, int]) -> dict[str, int]:
    """States in the order in which they are told, words after them by their letters."""
    known = {each: at for at, each in enumerate(_ORDER)}
    return {
        each: states[each]
        for each in sorted(states, key=lambda word: (known.get(word, len(known)), word))
        if states[each]
    }
