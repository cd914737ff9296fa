"""Bounds by force: gaps are filled in every way of a grid, and each outcome must lie within what was said before.

A contract of every form is told nearly everything, then a few entries are taken away. What the tool says of the rest
must hold whatever they turn out to be (sound), and each end that it names must be reached, or come near to where it is
open (tight; but for the figures that the outcome calls wide). The gaps are filled twice: in the rule tree with anything
an input can be, also on days to come; and in the actuals, where the second opinion says what comes of it. For long runs

    python -m tests.by_force --seconds 900
"""

from __future__ import annotations

import argparse
import copy
import datetime
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import count, islice, product, takewhile
from random import Random
from typing import Any, Final, NamedTuple

import rkdsl
from rkdsl.actuals.record import SECTIONS
from rkdsl.diagnostics import Refused
from rkdsl.pipeline import Contract, Outcome
from rkdsl.rules import tree as t
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.possible import Given, Possible, interval, known
from rkdsl.rules.transfer import range_of
from rkdsl.values import DAY, State, parse_period
from tests import dense_contracts, every_form, secondopinion
from tests.every_form import Made
from tests.secondopinion.compare import OPEN, differences
from tests.trees import admits
from tests.valid_contracts import written

Key = tuple[str, str]
"""The kind and the key of an input of the tree."""
Value = Fraction | bool | str | State
Filling = Mapping[Key, Value]
Answers = Mapping[str, Value]
"""What the figures of a contract come to; those that are not settled are left out."""

FAR: Final = Fraction(10) ** 12
NEAR: Final = 1 / FAR
AS_GOOD_AS_FAR: Final = 10**4
"""What is without end must come at least this far, with inputs that go as far as `FAR`."""
AS_GOOD_AS_THERE: Final = Fraction(1, 10**6)
"""How near an end must be come to, as a part of its size."""
HALVINGS: Final = 40
FAR_DAYS: Final = 200_000
EVERY_DAY: Final = interval(None, None, whole=True)
LONG_AGO: Final = range(1, 720_000)
"""No day is below zero: these are as far as days go."""
LAST_DAY: Final = datetime.date.max.toordinal()
MOST_OPEN: Final = 3
"""So many missing inputs of a figure are filled in every way of the grid; with more of them some ways are drawn."""
DRAWN: Final = 24
WORK: Final = 150_000
"""How many rows are evaluated at most for one case."""
MOST_ROWS: Final = 4_000
MOST_OPINIONS: Final = 160
REFINED: Final = 60
"""How finely one input is looked at where an end has not been reached."""
LOOKED_CLOSER: Final = 900
"""So many more fillings are tried for a figure of which an end has not been reached."""
ASKED_WHOLE: Final = 2
"""So many of the fillings are evaluated by the tool from the actuals on."""

# ---- cases


class Case(NamedTuple):
    """A contract with actuals in which something is missing, and what the tool says of it."""

    made: Made
    contract: Contract
    actuals: dict[str, Any]
    outcome: Outcome

    @property
    def given(self) -> dict[Key, Given]:
        """What is given of the inputs."""
        rows = self.contract.tree.rows
        found: dict[Key, Given] = {}
        for ref, given in self.outcome.trace.reported.items():
            row = rows[ref]
            assert isinstance(row, t.Input)
            found[row.kind, row.key] = given
        return found


def places(told: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The path of each entry of some actuals."""
    found: list[tuple[str, ...]] = []
    for section in SECTIONS.values():
        pending = [((section, name), entry) for name, entry in told.get(section, {}).items()]
        while pending:
            path, entry = pending.pop()
            if isinstance(entry, dict) and not entry.keys() & {"value", "points", "not_applicable"}:
                pending += [((*path, name), each) for name, each in entry.items()]
            elif section == "carried" and isinstance(entry, dict):
                found += [(*path, name) for name in entry]
            else:
                found.append(path)
    return sorted(found)


def without(told: Mapping[str, Any], taken: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    """Actuals without the entries of some paths."""
    left: dict[str, Any] = copy.deepcopy(dict(told))
    for path in taken:
        inside = left
        for name in path[:-1]:
            inside = inside[name]
        del inside[path[-1]]
    return left


def gapped(told: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Nearly complete actuals: one to three of the entries are taken away."""
    found, r = places(told), Random(seed)
    return without(told, r.sample(found, min(len(found), r.choice((1, 1, 2, 2, 3)))))


def cases(seed: int, sets: int) -> Iterator[Case]:
    """The contract of a seed with several sets of actuals; none where it is too large to be tried out."""
    made = every_form.contract(seed)
    try:
        contract = rkdsl.loads(made.text)
    except Refused:
        return  # that is what `every_form` counts
    if len(contract.tree.rows) > MOST_ROWS:
        return
    for told in range(sets):
        actuals = gapped(made.actuals(told, 1.0), told)
        try:
            yield Case(made, contract, actuals, contract.evaluate(actuals))
        except Refused:
            continue


def dense_cases(seed: int, sets: int) -> Iterator[Case]:
    """The same of a small contract in which each gap is used in many ways."""
    text = dense_contracts.dense(seed)
    try:
        contract = rkdsl.loads(text)
    except Refused:
        return  # it is not looked whether its numbers make sense
    known = {field.id for field in contract.tree.fields}
    for told in range(sets):
        actuals = gapped(dense_contracts.told(told + 1000 * seed, known), told + 1000 * seed)
        yield Case(Made(text, "c", (), {}), contract, actuals, contract.evaluate(actuals))


# ---- what is looked at


def figures(tree: t.Tree) -> dict[str, t.Ref]:
    """Everything that an outcome tells: its name, and the row of it."""
    found: dict[str, t.Ref | None] = {}
    for item in tree.items:
        found[f"item {item.id}"] = item.points
        found[f"condition {item.id}"] = item.condition if item.points is None else None
    for section in tree.sections:
        found[f"section {section.id}"] = section.points
        found[f"maximum of {section.id}"] = section.highest if section.points is not None else None
    found["total"] = tree.total
    found["maximum of the total"] = tree.maximum if tree.total is not None else None
    found.update({f"value {each.id}": each.of for each in tree.values})
    return {name: ref for name, ref in found.items() if ref is not None}


def operands(row: t.Row) -> Iterator[t.Ref]:
    """The rows that a row is made of, each as often as it stands there."""
    match row:
        case t.Name(of=of):
            yield of
        case t.Arithmetic(operands=found) | t.Logic(operands=found):
            yield from found
        case t.Compare(left=left, right=right):
            yield from (left, right)
        case t.Is(operand=operand) | t.Round(operand=operand):
            yield operand
        case t.Piecewise(operand=operand, knots=knots):
            yield operand
            for knot in knots:
                yield from {knot.at, knot.before, knot.after}
        case t.Choose(rows=rows):
            for each in rows:
                yield from each
        case t.Gather(members=members, weights=weights, otherwise=otherwise):
            yield from (*members, *weights)
            if otherwise is not None:
                yield otherwise
        case t.Span(start=start, end=end):
            yield from (start, end)


def is_used_once(tree: t.Tree, root: t.Ref, values: Values) -> bool:
    """Whether there is but one way from each missing input up to a figure, over rows that are open."""
    ways = Counter({root: 1})
    for ref in range(root, -1, -1):
        if ways[ref] and values.settled(ref) is None:
            for operand in operands(tree.rows[ref]):
                ways[operand] += ways[ref]
    return all(ways[ref] <= 1 for ref in values.missing(root))


def as_of_before(tree: t.Tree, given: Mapping[Key, Given]) -> t.Tree:
    """The tree in which what was not reported stays so: `is reported` is a test of today."""
    rows: list[t.Row] = []
    for row in tree.rows:
        if isinstance(row, t.Is) and row.test in ("reported", "told"):
            source = tree.rows[row.operand]
            while isinstance(source, t.Name):
                source = tree.rows[source.of]
            assert isinstance(source, t.Input)
            known_of = given.get((source.kind, source.key))
            rows.append(
                t.Literal(known_of is not None and (known_of.reported or row.test == "told"), _TRUTH_UNIT)
            )
        else:
            rows.append(row)
    return tree._replace(rows=tuple(rows))


_TRUTH_UNIT: Final = rkdsl.values.TRUTH

# ---- what an input can be


class Edges(NamedTuple):
    """Numbers at which something may change: those of days, and the others by their unit."""

    days: tuple[Fraction, ...]
    of_unit: Mapping[str, tuple[Fraction, ...]]
    others: tuple[Fraction, ...]


def edges(tree: t.Tree, given: Mapping[Key, Given]) -> Edges:
    """The numbers of a tree, and what they make with one another."""
    days: dict[Fraction, None] = {}
    of_unit: dict[str, dict[Fraction, None]] = {}
    for row in tree.rows:
        numbers: list[Fraction | None] = []
        if isinstance(row, t.Literal) and isinstance(row.value, Fraction):
            numbers = [row.value]
        elif isinstance(row, t.Input):
            value = given[row.kind, row.key].value.settled if (row.kind, row.key) in given else None
            numbers = [row.low, row.high, value if isinstance(value, Fraction) else None]
        if isinstance(row, (t.Literal, t.Input)):
            store = days if row.unit == DAY else of_unit.setdefault(str(row.unit), {})
            store.update({each: None for each in numbers if each is not None and not isinstance(each, bool)})
    plain = list(dict.fromkeys(each for found in of_unit.values() for each in found))[:24]
    shifts = [each for each in plain if each.denominator == 1 and abs(each) < 400]
    days.update({each + shift * side: None for each in tuple(days) for shift in shifts for side in (1, -1)})
    made = [made for x, y in product(plain, plain) for made in (x * y, x + y, x - y)]
    made += [x / y for x, y in product(plain, plain) if y]
    return Edges(
        tuple(days)[:60], {unit: tuple(found) for unit, found in of_unit.items()}, tuple(dict.fromkeys(made))
    )


def grid(row: t.Input, can_be: Possible, at: Edges, most: int, r: Random) -> list[Value]:
    """What an input can be, in so many numbers: the ends first, then the edges, then what lies beside them."""
    kinds: list[Value] = [*sorted(can_be.truths), *sorted(can_be.words), *can_be.states]
    numbers = can_be.numbers
    if numbers is None:
        return kinds
    if row.choices:
        return [*kinds, *(each for each in row.choices if each in numbers)][: most + len(kinds)]
    is_day, is_whole = row.unit == DAY, numbers.whole
    step = Fraction(1) if is_whole or is_day else row.unit.scale / 100
    near = step if is_whole or is_day else NEAR
    far = Fraction(FAR_DAYS) if is_day else FAR
    base = Fraction(datetime.date(2026, 7, 1).toordinal()) if is_day else Fraction(0)
    first = [
        base - far if numbers.low is None else numbers.low + (near if numbers.low_open else 0),
        base + far if numbers.high is None else numbers.high - (near if numbers.high_open else 0),
    ]
    own = list(at.days if is_day else at.of_unit.get(str(row.unit), ()))
    own += [base, base + 1]
    steps = (-1, 1, 7, 8, -30, 100) if is_day else (-1, 1)
    beside = [each + step * shift for each in own for shift in steps]
    beside += [each + near * shift for each in (*own, *first) for shift in (-1, 1)]
    others = [] if is_day else list(at.others)
    r.shuffle(own)
    r.shuffle(beside)
    r.shuffle(others)
    last = [each for pair in zip(beside, others, strict=False) for each in pair] + beside + others
    found = [Fraction(round(each)) if is_whole or is_day else each for each in (*first, *own, *last)]
    lawful = dict.fromkeys(
        each for each in found if each in numbers and (not is_day or 1 <= each <= LAST_DAY)
    )
    return [*kinds, *islice(lawful, most)]


# ---- filling the gaps


class Seen:
    """What a figure came to so far, and by which filling."""

    def __init__(self) -> None:
        self.kinds: dict[object, Filling] = {}
        self.is_silent = False
        self.low: tuple[Fraction, Filling] | None = None
        self.high: tuple[Fraction, Filling] | None = None

    def note(self, value: Value, filling: Filling) -> None:
        if not isinstance(value, Fraction):
            kind = value.kind if isinstance(value, State) else (type(value), value)
            self.kinds.setdefault(kind, filling)
            return
        if self.low is None or value < self.low[0]:
            self.low = value, filling
        if self.high is None or value > self.high[0]:
            self.high = value, filling

    def unreached(self, can_be: Possible) -> list[str]:
        """What is said to be possible and was not seen."""
        missed = [f"state {each.kind}" for each in can_be.states if each.kind not in self.kinds]
        missed += [f"truth {each}" for each in can_be.truths if (bool, each) not in self.kinds]
        missed += [f"word {each}" for each in sorted(can_be.words) if (str, each) not in self.kinds]
        numbers = can_be.numbers
        if numbers is None:
            return missed
        if self.low is None or not (
            _is_there(numbers.low, self.low[0], -1) or (numbers == EVERY_DAY and self.low[0] in LONG_AGO)
        ):
            missed.append("low")
        if self.high is None or not _is_there(numbers.high, self.high[0], 1):
            missed.append("high")
        return missed


def _is_there(end: Fraction | None, reached: Fraction, side: int) -> bool:
    """Whether an end was reached or come near to: a grid seldom has the one number of a slope that gives it."""
    if end is None:
        return reached * side >= AS_GOOD_AS_FAR
    return abs(end - reached) <= AS_GOOD_AS_THERE * (1 + abs(end))


class Force:
    """Fills the gaps of one case in many ways. `call` says what the figures come to."""

    def __init__(
        self,
        said: Mapping[str, Possible],
        inputs: Mapping[Key, tuple[t.Input, Possible]],
        at: Edges,
        call: Callable[[Filling], Answers],
        budget: int,
        r: Random,
    ) -> None:
        self.said, self.call, self.budget, self.r = said, call, budget, r
        self.closer = max(budget, LOOKED_CLOSER)
        self.inputs = inputs
        self.can_tell: Callable[[Key, Value], bool] = lambda key, value: True
        self.bends: Callable[[Filling, Key, Sequence[Fraction]], Iterable[Fraction]] = lambda *_: ()
        self.grids = {key: grid(*each, at, REFINED, r) for key, each in inputs.items()}
        self.seen = {name: Seen() for name in said}
        self.faults: dict[str, str] = {}
        self.tried: list[Filling] = []

    def attempt(self, filling: Filling) -> Answers:
        """What the figures come to with a filling; nothing when enough has been tried."""
        if self.budget <= 0:
            return {}
        self.budget -= 1
        self.tried.append(filling)
        found = self.call(filling)
        for name in self.said.keys() - found.keys():
            self.seen[name].is_silent = True
        for name, value in found.items():
            self.seen[name].note(value, filling)
            if not admits(self.said[name], value):
                self.faults.setdefault(name, f"{name}: {value} is not in {self.said[name]} with {filling}")
        return found

    def is_lawful(self, key: Key, value: Fraction) -> bool:
        """Whether an input can have a value, which may be no whole number of days or cases."""
        row, can_be = self.inputs[key]
        is_whole = row.unit == DAY or (can_be.numbers is not None and can_be.numbers.whole)
        is_inside = can_be.numbers is not None and value in can_be.numbers
        is_inside = is_inside and (not row.choices or value in row.choices)
        return is_inside and (value.denominator == 1 or not is_whole) and self.can_tell(key, value)

    def any_filling(self) -> dict[Key, Value]:
        return {key: self.r.choice(found) for key, found in self.grids.items()}

    def fill(self, keys: Sequence[Key]) -> None:
        """Every way of some inputs, on a grid as fine as may be; the others are drawn."""
        if not keys or len(keys) > MOST_OPEN:
            for _ in range(DRAWN):
                self.attempt(self.any_filling())
            return
        size = max(3, int(round(min(self.budget / 2, 250) ** (1 / len(keys)), 0)))
        for values in product(*(_first(self.grids[key], size) for key in keys)):
            self.attempt({**self.any_filling(), **dict(zip(keys, values, strict=True))})

    def look_closer(self, name: str, keys: Sequence[Key]) -> list[str]:
        """What of a figure is not reached, after its inputs were moved one by one towards it."""
        missed = self.seen[name].unreached(self.said[name])
        self.budget = self.closer
        for again in range(3):
            for what in missed:
                start = self._start(name, what, again)
                for key in keys:
                    for value in self.grids[key]:
                        self.attempt({**start, key: value})
                    start = self._start(name, what, again)
                    if what in ("low", "high"):
                        self._close_in(name, what, key)
                    numbers = [each for each in self.grids[key] if isinstance(each, Fraction)]
                    for bend in self.bends(start, key, sorted(numbers)):
                        for value in (bend, bend - NEAR, bend + NEAR):
                            if self.is_lawful(key, value):
                                self.attempt({**start, key: value})
            missed = self.seen[name].unreached(self.said[name])
            if not missed:
                break
        return missed

    def _close_in(self, name: str, what: str, key: Key) -> None:
        """Halves the way from the best value of one input to its neighbours, as long as that does no worse."""
        best = getattr(self.seen[name], what)
        at = best[1][key] if best is not None else None
        if not isinstance(at, Fraction):
            return
        numbers = sorted(each for each in self.grids[key] if isinstance(each, Fraction))
        beside = [each for each in numbers if each < at][-1:] + [each for each in numbers if each > at][:1]
        for far in beside:
            near = at
            for _ in range(HALVINGS):
                middle = (near + far) / 2
                if not self.is_lawful(key, middle):
                    middle = Fraction(middle.__floor__())
                if middle in (near, far) or not self.is_lawful(key, middle):
                    break
                value = self.attempt({**best[1], key: middle}).get(name)
                reached = getattr(self.seen[name], what)[0]
                near, far = (middle, far) if value == reached else (near, middle)

    def _start(self, name: str, what: str, again: int) -> Filling:
        seen = self.seen[name]
        found = {"low": seen.low, "high": seen.high}.get(what)
        return found[1] if found is not None and again < 2 else self.any_filling()


def _first(found: Sequence[Value], size: int) -> Sequence[Value]:
    """So many of a grid: words and states are never left out."""
    kinds = [each for each in found if not isinstance(each, Fraction)]
    numbers = [each for each in found if isinstance(each, Fraction)]
    return [*kinds, *numbers[: max(size - len(kinds), 3)]]


class Found(NamedTuple):
    """What trying a case by force came to."""

    counted: Counter[str]
    faults: list[str]


def by_force(
    force: Force, waits: Mapping[str, tuple[Key, ...]], tight: Mapping[str, bool], what: str
) -> Found:
    """Fills the gaps of each figure and looks whether all ends are reached.

    `waits` are the missing inputs of the open figures, `tight` those whose ends must be reached, and whether each
    missing input is used but once.
    """
    counted: Counter[str] = Counter()
    for keys in dict.fromkeys((*waits.values(), ())):
        force.fill(keys)
    faults = []
    for name, once in tight.items():
        keys = waits[name]
        if force.seen[name].is_silent:  # the second opinion does not settle it each time
            counted[f"{what}: figures without an answer"] += 1
            continue
        missed = force.look_closer(name, keys)
        if missed and force.budget <= 0:
            counted[f"{what}: figures given up"] += 1
            continue
        counted[f"{what}: tight figures, {'each gap used once' if once else 'gaps used more than once'}"] += 1
        if missed and not once and len(keys) > 1:  # no proof: the search moves one gap after the other
            counted[f"{what}: figures of several gaps used more than once with an end not found"] += 1
            continue
        faults += [f"{name}: {each} of {force.said[name]} is not reached" for each in missed]
    counted[f"{what}: fillings"] += len(force.tried)
    counted[f"{what}: open figures"] += len(waits)
    return Found(counted, [f"{what}: {each}" for each in (*force.faults.values(), *faults)])


# ---- in the tree


class Gaps(NamedTuple):
    """What is open in a case: the inputs, the figures that wait for them, and which of them must be tight."""

    inputs: dict[Key, tuple[t.Input, Possible]]
    said: dict[str, Possible]
    waits: dict[str, tuple[Key, ...]]
    tight: dict[str, bool]


def gaps(case: Case) -> Gaps:
    """The gaps of a case."""
    tree, values, given = case.contract.tree, case.outcome.trace, case.given
    inputs: dict[Key, tuple[t.Input, Possible]] = {}
    for ref, row in enumerate(tree.rows):
        if isinstance(row, t.Input) and values.settled(ref) is None:
            can_be = values.rows[ref] if (row.kind, row.key) in given else range_of(row)
            inputs[row.kind, row.key] = row, can_be
    refs = figures(tree)
    said = {name: values.rows[ref] for name, ref in refs.items()}
    waits: dict[str, tuple[Key, ...]] = {}
    tight: dict[str, bool] = {}
    loose = {each.root for each in values.loose}
    for name, ref in refs.items():
        if values.settled(ref) is not None:
            continue
        rows = [tree.rows[each] for each in values.missing(ref)]
        waits[name] = tuple((row.kind, row.key) for row in rows if isinstance(row, t.Input))
        if ref not in loose and 0 < len(waits[name]) <= MOST_OPEN:
            tight[name] = is_used_once(tree, ref, values)
    return Gaps(inputs, said, waits, tight)


def bends(
    tree: t.Tree, given: Mapping[Key, Given]
) -> Callable[[Filling, Key, Sequence[Fraction]], Iterator[Fraction]]:
    """Where two things that are compared cross, were all straight between the numbers of a grid."""
    pairs = [(row.left, row.right) for row in tree.rows if isinstance(row, t.Compare)]
    pairs += [
        (row.operand, knot.at) for row in tree.rows if isinstance(row, t.Piecewise) for knot in row.knots
    ]

    def found(filling: Filling, key: Key, numbers: Sequence[Fraction]) -> Iterator[Fraction]:
        before: list[Fraction | None] = []
        for at, number in enumerate(numbers):
            values = evaluate(tree, {**given, **_given({**filling, key: number})})
            now = [_less(values.settled(first), values.settled(second)) for first, second in pairs]
            for low, high in zip(before, now, strict=False):
                if low is not None and high is not None and low * high <= 0 and low != high:
                    yield numbers[at - 1] + (number - numbers[at - 1]) * low / (low - high)
            before = now

    return found


def _less(first: object, second: object) -> Fraction | None:
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        return first - second
    return None


def _given(filling: Filling) -> dict[Key, Given]:
    return {key: Given(known(value)) for key, value in filling.items()}


def in_the_tree(case: Case, found: Gaps, r: Random) -> Found:
    """The gaps filled with anything that an input can be; the tool reckons what is settled."""
    given, refs = case.given, figures(case.contract.tree)
    tree = as_of_before(case.contract.tree, given)

    def call(filling: Filling) -> Answers:
        values = evaluate(tree, {**given, **_given(filling)})
        settled = {name: values.settled(ref) for name, ref in refs.items()}
        assert None not in settled.values()
        return settled  # type: ignore[return-value]  # as just said

    force = Force(found.said, found.inputs, edges(tree, given), call, WORK // len(tree.rows) + 1, r)
    force.bends = bends(tree, given)
    return by_force(force, found.waits, found.tight, "tree")


# ---- in the actuals


def entry(case: Case, key: Key, value: Value) -> tuple[tuple[str, ...], Any] | None:  # Any: JSON
    """Where a value of an input stands in the actuals, and how; None where it cannot be told on the day."""
    kind, id = key
    name, _, period = id.partition("@")
    field = next((each for each in case.contract.tree.fields if (each.kind, each.id) == (kind, name)), None)
    if field is None or (kind == "reading" and _last(period) > case.outcome.as_of):
        return None
    if any(when == period for when, _ in field.history):
        return None  # no gap: the contract says it, and a report would differ
    said = _as_told(value, field, case.outcome.as_of)
    if said is None:
        return None
    told: Any = said
    if kind == "assessment":
        told = {"points": said, "by": field.roles[0] if field.roles else "board", "reason": "seen"}
    if isinstance(value, State):
        told = {"not_applicable": "so it is", **({"by": told["by"]} if kind == "assessment" else {})}
    head, dot, tail = name.partition(".")
    path: tuple[str, ...] = (name,)
    if dot and (kind == "carried" or (kind == "parameter" and tail != "value")):
        path = head, tail
    return (SECTIONS[kind], *path, *([period] if period else [])), told


def _last(period: str) -> datetime.date:
    found = parse_period(period)
    assert found is not None
    return found.last


def _as_told(value: Value, field: t.Field, as_of: datetime.date) -> Any:  # JSON
    if not isinstance(value, Fraction):
        return value
    if field.unit == DAY:
        if not 1 <= value <= LAST_DAY:
            return None
        day = datetime.date.fromordinal(int(value))
        return None if field.kind == "milestone" and day > as_of else day.isoformat()
    places = 2 if field.unit.is_money else 12
    plain = value / field.unit.scale
    is_lawful = (plain * 10**places).denominator == 1 and (not field.choices or value in field.choices)
    if not is_lawful:
        return None
    return plain.numerator if plain.denominator == 1 else Decimal(written(plain))


def told_also(actuals: Mapping[str, Any], entries: Iterable[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    """Actuals with some more entries."""
    found: dict[str, Any] = copy.deepcopy(dict(actuals))
    for path, value in entries:
        inside = found
        for name in path[:-1]:
            inside = inside.setdefault(name, {})
        inside[path[-1]] = value
    return found


def answers(opinion: secondopinion.Opinion) -> Answers:
    """The figures of an opinion that are settled."""
    found: dict[str, Any] = {}
    for name, (state, points) in opinion.items.items():
        found[f"item {name}"] = points
        if points is None and state not in OPEN:
            is_state = state in ("not applicable", "not defined")
            found[f"condition {name}"] = secondopinion.State(state) if is_state else state == "met"
    found.update({f"section {name}": each for name, each in opinion.sections.items()})
    found.update({f"maximum of {name}": each for name, each in opinion.maxima.items()})
    found["total"], found["maximum of the total"] = opinion.total, opinion.maximum
    found.update({f"value {name}": each for name, each in opinion.values.items()})
    return {
        name: State(each.kind, "") if isinstance(each, secondopinion.State) else each
        for name, each in found.items()
        if each is not None
        and not isinstance(each, secondopinion.Unknown)
        and not (isinstance(each, secondopinion.State) and name.startswith("maximum"))  # nowhere said
    }


def fillable(case: Case, found: Gaps) -> dict[Key, tuple[t.Input, Possible]]:
    """The gaps that actuals of the same day can fill without changing anything else."""
    given = case.given
    asks = every_form.forms(case.made.text)
    closes = case.contract.closes
    if asks["is reported"] + asks["is not reported"] or (closes and closes <= case.outcome.as_of):
        tree = case.contract.tree
        asked = {ref for row in tree.rows if isinstance(row, t.Is) for ref in [_source(tree, row)]}
        keys = {(row.kind, row.key) for ref in asked if isinstance(row := tree.rows[ref], t.Input)}
    else:
        keys = set()
    kept = {}
    for key, (row, can_be) in found.inputs.items():
        if row.kind not in SECTIONS or key in given or key in keys:
            continue
        if any(entry(case, key, each) is not None for each in grid(row, can_be, NO_EDGES, 8, Random(0))):
            kept[key] = row, can_be
    return kept


NO_EDGES: Final = Edges((), {}, ())


def _source(tree: t.Tree, row: t.Is) -> t.Ref:
    ref = row.operand
    while isinstance(name := tree.rows[ref], t.Name):
        ref = name.of
    return ref


def in_the_actuals(case: Case, found: Gaps, r: Random, whole: int = ASKED_WHOLE) -> Found:
    """The gaps filled by actuals of the same day; the second opinion says what comes of it, now and then the tool."""
    inputs = fillable(case, found)
    counted: Counter[str] = Counter()
    if not inputs:
        return Found(counted, [])
    force = opinions(case, found, inputs, r)
    waits, tight = fully_filled(found, inputs)
    tried = by_force(force, waits, tight, "actuals")
    faults = list(tried.faults)
    for filling in r.sample(force.tried, min(whole, len(force.tried))):
        counted["actuals: evaluated by the tool"] += 1
        faults += [f"actuals: {each}" for each in _as_a_whole(case, found, filling)]
    return Found(counted + tried.counted, faults)


def opinions(case: Case, found: Gaps, inputs: Mapping[Key, tuple[t.Input, Possible]], r: Random) -> Force:
    """Fillings of which the second opinion says what comes of them."""

    def call(filling: Filling) -> Answers:
        said = secondopinion.evaluate(case.made.text, filled(case, filling), case.outcome.as_of)
        return {name: value for name, value in answers(said).items() if name in found.said}

    force = Force(found.said, inputs, edges(case.contract.tree, case.given), call, MOST_OPINIONS, r)
    force.can_tell = lambda key, value: entry(case, key, value) is not None
    force.bends = bends(case.contract.tree, case.given)
    for key, values in force.grids.items():
        force.grids[key] = [each for each in values if force.can_tell(key, each)]
    return force


def fully_filled(
    found: Gaps, inputs: Mapping[Key, tuple[t.Input, Possible]]
) -> tuple[dict[str, tuple[Key, ...]], dict[str, bool]]:
    """The figures that wait for nothing else than what actuals of the day can say, in all ways that are left."""
    waits = {name: keys for name, keys in found.waits.items() if all(key in inputs for key in keys)}
    tight = {
        name: once
        for name, once in found.tight.items()
        if name in waits
        and not name.startswith("maximum")
        and all(kind != "milestone" for kind, _ in waits[name])
    }
    return waits, tight


def filled(case: Case, filling: Filling) -> dict[str, Any]:
    """The actuals of a case with its gaps filled."""
    entries = [entry(case, key, value) for key, value in filling.items()]
    return told_also(case.actuals, [each for each in entries if each is not None])


def _as_a_whole(case: Case, found: Gaps, filling: Filling) -> Iterator[str]:
    """The tool from the actuals on: against what it said before, and against the second opinion."""
    actuals = filled(case, filling)
    outcome = case.contract.evaluate(actuals)
    for name, ref in figures(case.contract.tree).items():
        value = outcome.trace.settled(ref)
        if value is not None and not admits(found.said[name], value):
            yield f"{name}: {value} of the tool is not in {found.said[name]} with {filling}"
    earned = {item.id: item.earned for item in case.contract.tree.items}
    for item in case.outcome.items:
        ref = earned[item.id]
        if ref is not None and case.outcome.trace.settled(ref) is None:
            continue  # settled by a limit and open before it: the reference is silent about its state
        later = outcome.item(item.id).state
        if item.state not in (*OPEN, later):
            yield f"item {item.id}: {item.state}, and {later} with {filling}"
    opinion = secondopinion.evaluate(case.made.text, actuals, outcome.as_of)
    yield from (f"{each} with {filling}" for each in differences(opinion, outcome))


# ---- what the outcome says of it


def as_said(case: Case, found: Gaps) -> Iterator[str]:
    """Where the outcome tells something else than its trace: ends, states, what a figure may become."""
    outcome = case.outcome
    told: dict[str, Any] = {f"section {each.id}": each for each in outcome.sections}
    told |= {f"value {each.id}": each for each in outcome.values}
    told |= {f"item {each.id}": each for each in outcome.items}
    told["total"] = outcome
    for name, possible in found.said.items():
        each = told.get(name)
        if each is None:
            continue
        ends = each.points if name.partition(" ")[0] != "value" else each
        numbers = possible.numbers
        expected = (None, None) if numbers is None else (numbers.low, numbers.high)
        if ends is not None and (ends.secured, ends.possible) != expected:
            yield f"said: {name} is {possible}, and told as {ends}"
        states = tuple(str(one) for one in possible.states) if possible.settled is None else ()
        if hasattr(each, "may_become") and each.may_become != states:
            yield f"said: {name} is {possible}, and told to become {each.may_become}"


def tried(case: Case, seed: int) -> Found:
    """Everything that is tried of one case."""
    found = gaps(case)
    counted = Counter({"cases": 1, "gaps": len(found.inputs), "figures": len(found.said)})
    counted["wide figures"] = len(case.outcome.wide)
    parts = [in_the_tree(case, found, Random(seed)), in_the_actuals(case, found, Random(seed))]
    opinion = secondopinion.evaluate(case.made.text, case.actuals, case.outcome.as_of)
    faults = [*as_said(case, found), *(f"opinion: {each}" for each in differences(opinion, case.outcome))]
    for each in parts:
        counted.update(each.counted)
        faults += each.faults
    return Found(counted, faults)


# ---- a long run


class Fault(NamedTuple):
    """Something that went wrong, with all that is needed to see it again."""

    what: str
    seed: int
    text: str
    actuals: str


class Share(NamedTuple):
    """What the cases of one seed came to."""

    counted: Counter[str]
    faults: list[Fault]


def share(job: tuple[int, int, bool]) -> Share:
    """All cases of one seed."""
    seed, sets, is_dense = job
    counted, faults = Counter({"contracts": 1}), []
    try:
        for case in (dense_cases if is_dense else cases)(seed, sets):
            found = tried(case, seed)
            counted.update(found.counted)
            faults += [Fault(each, seed, case.made.text, repr(case.actuals)) for each in found.faults]
    except Exception:  # whatever a fault raises
        last = " / ".join(traceback.format_exc().strip().splitlines()[-3:])
        text = dense_contracts.dense(seed) if is_dense else every_form.contract(seed).text
        faults.append(Fault(f"traceback: {last}", seed, text, ""))
    return Share(counted, faults)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.by_force")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--contracts", type=int, help="no more than so many")
    parser.add_argument("--sets", type=int, default=4, help="sets of actuals of each contract")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--dense", action="store_true", help="small contracts that use each gap in many ways")
    parser.add_argument("--show", type=int, default=10, help="how many faults are shown in full")
    asked = parser.parse_args(arguments)
    seeds = (
        count(asked.first) if asked.contracts is None else range(asked.first, asked.first + asked.contracts)
    )
    counted: Counter[str] = Counter()
    faults: list[Fault] = []
    start = time.perf_counter()
    with multiprocessing.Pool(asked.processes) as pool:
        until = start + asked.seconds
        in_time = takewhile(lambda _: time.perf_counter() < until, seeds)
        jobs = ((seed, asked.sets, asked.dense) for seed in in_time)
        for each in pool.imap_unordered(share, jobs):
            counted.update(each.counted)
            faults += each.faults
            sys.stderr.write("".join(f"seed {one.seed}: {one.what}\n" for one in each.faults))
            sys.stderr.flush()
            if time.perf_counter() > until:
                pool.terminate()
                break
    lines = [f"{number:>10}  {name}" for name, number in sorted(counted.items())]
    lines.append(f"{len(faults):>10}  faults, {time.perf_counter() - start:.0f} seconds")
    lines += [f"seed {each.seed}: {each.what}" for each in faults]
    for each in faults[: asked.show]:
        lines += ["", f"---- seed {each.seed}: {each.what}", each.text, each.actuals]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
