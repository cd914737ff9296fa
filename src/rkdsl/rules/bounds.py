"""Makes the bounds of a tree tight: finds the missing inputs that act both ways, and splits them into cells.

The bounds of a row are those of its operands taken as independent. They are tight where each missing input
is used once, or in one direction wherever it is used. Where one is not, the rows that move with it are
evaluated again for each of its cells (each word, each truth, each breakpoint and stretch between them);
inside a cell most rows are lines of that input, and lines do not lose what they share.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice, product, takewhile

from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.effort import Effort, Stretch
from rkdsl.rules.lines import LineReader
from rkdsl.rules.possible import (
    NOTHING,
    ZERO,
    Interval,
    Outcome,
    Possible,
    Settled,
    interval,
    known,
    outcome,
    point,
    possible,
    union,
)
from rkdsl.rules.recall import ROOM, Placed, Recall
from rkdsl.rules.slopes import (
    BOTH,
    DOWN,
    GIVEN_UP,
    MANY,
    ROUGH,
    THROUGH,
    UP,
    Effect,
    both_ways,
    reachable,
)
from rkdsl.rules.transfer import Transfer
from rkdsl.rules.tree import Choose, Input, Name, Ref

SPLIT_CELLS: Final = 1024
"""Cells that the bounds of one root may be split into."""
SPLIT_WORK: Final = 200_000
"""Rows that may be looked at for the splitting of one root."""
SPLIT_SHARE: Final = 100
"""Rows that may be looked at for all splitting, beside `SPLIT_WORK`, for each row of the tree."""
SPLIT_WHOLE: Final = 64
"""Whole numbers that an input may be split into one by one, where nothing better helps."""
REMEMBERED: Final = 1000
"""Open rows below a root; where there are more, what came of them is not remembered."""
WITNESSES: Final = 256
"""Ways to fill the gaps that are tried before bounds are called loose."""
SPLIT_DEPTH: Final = 40
"""Splits within splits."""


class Place(NamedTuple):
    """A missing input and the rows that use it."""

    source: Ref
    used_by: tuple[Ref, ...]


class Loose(NamedTuple):
    """A root whose bounds may be wider than what can happen, and the inputs that act both ways in it."""

    root: Ref
    places: tuple[Place, ...]


Effects = dict[Ref, Effect]


class Bounds:
    """The outcomes of all rows of a tree, with the effects of the inputs that are missing."""

    def __init__(
        self, transfer: Transfer, effort: int | None = None, settled: Sequence[Outcome] = ()
    ) -> None:
        """Evaluates all rows but the first ones, if these are known and settled.

        `effort` is how many rows may be looked at for all splitting (None: the limits).
        """
        self._begin(transfer, effort)
        self.outcomes = list(settled)
        for ref in range(len(settled), len(self._rows)):
            self.outcomes.append(transfer.outcome(ref, self.outcomes))
            self._bound(ref)

    def _begin(self, transfer: Transfer, effort: int | None) -> None:
        self._given_effort = effort
        self._transfer = transfer
        self._plan = transfer.plan
        self._recall = Recall(transfer)
        self._rows = self._plan.rows
        self._roots = self._plan.roots
        self._effects: dict[Ref, Effects] = {}
        self._lines: dict[Ref, Placed] = {}
        self._cut: Ref | None = None
        all_work = SPLIT_WORK + SPLIT_SHARE * len(self._rows) if effort is None else effort
        self._effort = Effort(all_work, SPLIT_DEPTH)
        self._took: dict[Ref, int] = {}
        self._undo: list[list[_Saved]] = []
        self._necks: frozenset[Ref] = frozenset()
        self._open: set[Ref] = set()
        self._open_below: dict[Ref, list[Ref]] = {}
        self._tightened: dict[tuple[object, ...], _Tightened] = {}
        self._same_effects: dict[tuple[tuple[Ref, Effect], ...], Effects] = {}
        self._kept = 0
        self._loose: dict[Ref, list[Loose]] = {}

    def _bound(self, ref: Ref) -> None:
        """Makes the bounds of a row tight if it is a root, those below it being as tight as they will be."""
        if not isinstance(self.outcomes[ref], Possible):
            return
        self._open.add(ref)
        if ref in self._roots:
            before = self._effort.all_work
            self._effort.begin(SPLIT_CELLS, SPLIT_WORK)
            self._tighten_open(ref)
            self._look_for_witnesses(ref)
            self._loose[ref] = self._note(ref)
            self._took[ref] = before - self._effort.all_work

    def otherwise(self, transfer: Transfer, source: Ref, last: Ref) -> Outcome:
        """What the row at `last` comes to where one input is given otherwise.

        Rows that do not look at that input are as they were, and have taken the effort that they took.
        """
        other = Bounds.__new__(Bounds)
        other._begin(transfer, self._given_effort)
        other.outcomes = list(self.outcomes)
        other._open = set(self._open)
        other._effects = dict(self._effects)
        changed = {source, *self._plan.users([source], range(last + 1))}
        for ref in range(last + 1):
            if ref in changed:
                other._open.discard(ref)
                other._effects.pop(ref, None)
                other.outcomes[ref] = transfer.outcome(ref, other.outcomes)
                other._bound(ref)
            elif ref in self._took:
                other._effort.spend(self._took[ref])
        return other.outcomes[last]

    @property
    def loose(self) -> tuple[Loose, ...]:
        """The roots whose bounds may not be tight, in row order."""
        return tuple(each for found in self._loose.values() for each in found)

    def effects(self, ref: Ref) -> Effects:
        """The missing inputs that the value at `ref` moves with, and how."""
        if not isinstance(self.outcomes[ref], Possible):
            return {}
        return self._effects[ref] if ref in self._effects else self._trace(ref).effects

    # What a value moves with

    def _trace(self, root: Ref) -> _Trace:
        """How the value at `root` moves with each missing input: from the root down, each row once."""
        found: Effects = {root: UP}
        pending = [-root]
        trace = _Trace({}, {}, [])
        while pending:
            ref = -heapq.heappop(pending)
            effect = found[ref]
            if ref == self._cut or isinstance(self._rows[ref], Input):
                trace.effects[ref] = effect
                continue
            # an input met before moves the root beside this row, so all does not pass through it
            if not pending and not trace.effects and ref != root and _is_loose(effect):
                trace.necks.append(ref)
            inner = trace.rows[ref] = self._inner(ref, root)
            for operand, slope in inner:
                moved = THROUGH[effect][slope]
                if operand in found:
                    found[operand] = both_ways(found[operand], moved)
                else:
                    found[operand] = moved
                    heapq.heappush(pending, -operand)
        self._effort.spend(len(trace.rows))
        return trace

    def _inner(self, ref: Ref, root: Ref) -> Iterable[tuple[Ref, Effect]]:
        """What a row moves with: what its line or its own tight bounds are made of, else its operands."""
        if ref in self._lines:
            source, (rise, _) = self._lines[ref]
            return ((source, UP if rise > 0 else DOWN),)
        if ref != root and ref in self._effects:
            return self._effects[ref].items()
        return self._recall.slopes(ref, self.outcomes)

    def _exactly(self, root: Ref, trace: _Trace, sources: Sequence[Ref]) -> Effects:
        """The effects of some inputs, knowing that of the rows of a `choose` only one has its effect."""
        moves: dict[Ref, Effects] = {source: {source: UP} for source in sources}
        for ref, inner in reversed(trace.rows.items()):
            row = self._rows[ref]
            here: Effects = {}
            chosen = set(reachable(row, self.outcomes)[1]) if isinstance(row, Choose) else ()
            alternatives: Effects = {}
            for operand, slope in inner:
                if operand not in moves:
                    continue
                if slope == UP and operand in chosen:
                    for source, effect in moves[operand].items():
                        alternatives[source] = alternatives.get(source, 0) | effect
                    continue
                step = THROUGH[slope]
                for source, effect in moves[operand].items():
                    here[source] = both_ways(here[source], step[effect]) if source in here else step[effect]
            for source, effect in alternatives.items():
                here[source] = both_ways(here.get(source, 0), effect)
            if here:
                moves[ref] = here
        self._effort.spend(len(trace.rows) * len(sources))
        return moves.get(root, {})

    # Tightening

    def _tighten_open(self, root: Ref) -> None:
        if isinstance(self.outcomes[root], Possible):
            self._tighten(root)

    def _tighten_again(self, root: Ref) -> None:
        """The same, while something is split: where all was as it is now before, so is what comes of it."""
        if not isinstance(self.outcomes[root], Possible):
            return
        state = self._state(root)
        if state is None:
            self._tighten(root)
            return
        key = (root, self._necks, self._cut, *map(id, state))
        known = self._tightened.get(key)
        if known is not None and self._effort.repeat(known.stretch):
            self.outcomes[root], self._effects[root] = known.outcome, known.effects
            return
        mark = self._effort.mark()
        self._tighten(root)
        stretch = self._effort.since(mark)
        if stretch is not None:
            self._keep(len(state))
            self._tightened[key] = _Tightened(state, self.outcomes[root], self._effects[root], stretch)

    def _keep(self, count: int) -> None:
        self._kept += count
        if self._kept > ROOM:
            self._kept = 0
            self._tightened.clear()
            self._same_effects.clear()

    def _state(self, root: Ref) -> tuple[object, ...] | None:
        """All that the tightening of a root looks at, as objects that are the same where they are equal.

        None where that is more than it is worth to look through.
        """
        below = self._below(root)
        if len(below) > REMEMBERED:
            return None
        lines = map(self._lines.get, below) if self._lines else ()
        return (*map(self.outcomes.__getitem__, below), *map(self._effects.get, below), *lines)

    def _below(self, root: Ref) -> list[Ref]:
        """A root and the rows below it that were open before anything was split: no others are ever changed.

        Not all of them where they are too many.
        """
        if root not in self._open_below:
            found = {root}
            pending = [root]
            while pending and len(found) <= REMEMBERED:
                more = (self._open & set(self._plan.operands_of(pending.pop()))) - found
                found |= more
                pending += more
            self._open_below[root] = sorted(found)
        return self._open_below[root]

    def _tighten(self, root: Ref) -> None:
        """Narrows the outcome of a root to what can happen, or marks the inputs for which it may not be.

        Only the root is changed: what was found on the way about the rows below holds for this root alone.
        """
        self._effects.pop(root, None)
        trace, loose = self._loosely(root)
        if loose and not self._effort.is_spent:
            outer, self._undo = self._undo, []
            self._effort.step(1)
            trace = self._split_all(root, trace, loose)
            self._effort.step(-1)
            for saved in reversed(self._undo):
                self._restore(each for each in saved if each[0] != root)
            self._undo = outer
            self._lines.pop(root, None)
        is_open = isinstance(self.outcomes[root], Possible)
        effects = self._effects.get(root, _as_one(trace.effects) if is_open else {})
        self._effects[root] = self._same_effects.setdefault(tuple(effects.items()), effects)

    def _loosely(self, root: Ref) -> tuple[_Trace, list[Ref]]:
        """What a root moves with, and which of the inputs act both ways."""
        trace = self._trace(root)
        loose = [source for source, effect in trace.effects.items() if _is_loose(effect)]
        if loose and not self._effort.is_spent:
            trace.effects.update(self._exactly(root, trace, loose))
            loose = [source for source in loose if _is_loose(trace.effects[source])]
        return trace, loose

    def _split_all(self, root: Ref, trace: _Trace, loose: list[Ref]) -> _Trace:
        """Splits until nothing acts both ways, or nothing is left to try; the last trace."""
        tried: set[Ref] = set()
        necks = self._necks
        while loose and not self._effort.is_spent and self._split_one(root, trace, loose, tried):
            if root in self._effects or not isinstance(self.outcomes[root], Possible):
                break
            trace, loose = self._loosely(root)
        self._necks = necks
        return trace

    def _split_one(self, root: Ref, trace: _Trace, loose: list[Ref], tried: set[Ref]) -> bool:
        """Splits one input, or the one row they all act through; False when there is nothing left to try."""
        if trace.necks and trace.necks[0] not in tried:
            tried.update(trace.necks)
            self._split_neck(root, trace)
            return True
        for source in loose:
            cells = _kinds(possible(self.outcomes[source]), self._choices(source))
            if cells is not None and self._split(root, source, cells):
                return True
        for source in loose:
            if source not in tried:
                tried.add(source)
                breaks = self._straighten(root, source)
                cells = _stretches(possible(self.outcomes[source]), breaks) if breaks else []
                if not cells or self._split(root, source, cells):
                    return True
        for source in loose:
            cells = _each_whole(possible(self.outcomes[source]))
            if cells is not None and self._split(root, source, cells):
                return True
        return False

    def _choices(self, source: Ref) -> tuple[Fraction, ...]:
        """The only numbers that something missing can be, where it lists them."""
        row = self._rows[source]
        return row.choices if isinstance(row, Input) and source not in self._transfer.given else ()

    def _split(self, root: Ref, source: Ref, cells: list[Possible]) -> bool:
        """A root as the union over the cells of one input; False when that is too much work."""
        cone = self._cone(root, source)
        found = self._over_cells(root, source, cone, cells)
        if found is None:
            return False
        whole, effects, _ = found
        effects[source] = BOTH | effects.get(source, 0)
        self.outcomes[root] = self._recall.narrowed(whole, self.outcomes[root])
        self._effects[root] = {each: _one(effect) for each, effect in effects.items()}
        return True

    def _over_cells(
        self, root: Ref, source: Ref, cone: list[Ref], cells: list[Possible]
    ) -> tuple[Possible, Effects, list[Possible]] | None:
        if not self._effort.allows(len(cells), len(cells) * len(cone)):
            return None
        self._effort.take(len(cells))
        saved = self._save(cone)
        domain = self.outcomes[source]
        found: list[Possible] = []
        effects: Effects = {}
        for cell in cells:
            self.outcomes[source] = self._recall.same(outcome(cell))
            self._evaluate(cone)
            found.append(possible(self.outcomes[root]))
            for each, effect in self._effects.get(root, {}).items():
                effects[each] = effects.get(each, 0) | effect
            self._restore(saved)
        self.outcomes[source] = domain
        whole = NOTHING
        for part in found:
            whole = union(whole, part)
        return whole, effects, found

    def _save(self, refs: Iterable[Ref]) -> list[_Saved]:
        return [(ref, self.outcomes[ref], self._effects.get(ref), self._lines.get(ref)) for ref in refs]

    def _restore(self, saved: Iterable[_Saved]) -> None:
        for ref, old, effects, line in saved:
            self.outcomes[ref] = old
            if effects is not None:
                self._effects[ref] = effects
            else:
                self._effects.pop(ref, None)
            if line is not None:
                self._lines[ref] = line
            else:
                self._lines.pop(ref, None)

    def _evaluate(self, cone: Sequence[Ref]) -> None:
        """Evaluates the rows of a cone again, in order, and tightens the roots among them."""
        self._effort.spend(len(cone))
        for ref in cone:
            before = self.outcomes[ref]
            self._effects.pop(ref, None)
            if ref in self._lines:
                source, line = self._lines[ref]
                self.outcomes[ref] = self._recall.image(line, self.outcomes[source])
                continue
            self.outcomes[ref] = self._recall.outcome(ref, self.outcomes)
            if ref in self._roots or ref in self._necks:
                self._tighten_again(ref)
                self.outcomes[ref] = self._recall.narrowed(self.outcomes[ref], before)

    def _users(self, root: Ref, source: Ref) -> dict[Ref, list[Ref]]:
        """The rows from an input up that a root moves with, each with the rows that use it."""
        users: dict[Ref, list[Ref]] = {root: []}
        pending = [root]
        while pending:
            ref = pending.pop()
            for operand, _ in self._recall.slopes(ref, self.outcomes):
                if operand in users:
                    users[operand].append(ref)
                elif operand >= source:
                    users[operand] = [ref]
                    pending.append(operand)
        self._effort.spend(len(users))
        return users

    def _cone(self, root: Ref, source: Ref) -> list[Ref]:
        """The rows between an input and the root that move with it, in row order."""
        users = self._users(root, source)
        moved = {source}
        for ref in sorted(users):
            if ref in moved:
                moved.update(users[ref])
        moved.discard(source)
        return sorted(moved)

    # One row that everything acts through

    def _split_neck(self, root: Ref, trace: _Trace) -> None:
        """Splits on the highest row that all inputs act through as on an input; the lower ones first."""
        neck, lowest = trace.necks[0], trace.necks[-1]
        self._necks = self._necks | frozenset(trace.necks)
        between = sorted(ref for ref in trace.rows if lowest < ref < root)
        self._undo.append(self._save([lowest, *between]))
        if lowest not in self._effects and lowest not in self._lines:
            self._tighten(lowest)
        self._evaluate(between)
        again = self._recall.outcome(root, self.outcomes)
        self.outcomes[root] = self._recall.narrowed(again, self.outcomes[root])
        domain = self.outcomes[neck]
        if not isinstance(domain, Possible) or not isinstance(self.outcomes[root], Possible):
            return
        above = sorted(ref for ref in trace.rows if ref > neck)
        cells = _kinds(domain)
        ends: list[Fraction] = []
        outer, self._cut = self._cut, neck
        if cells is None:
            ends = _ends(domain)
            before = self.outcomes[root]
            saved = self._save(above)
            breaks = self._straighten(root, neck, above)
            self._restore(saved)
            self.outcomes[root] = before
            cells = _stretches(domain, breaks | set(ends))
        found = self._over_cells(root, neck, above, cells)
        self._cut = outer
        if found is None:
            return
        whole, effects, parts = found
        self.outcomes[root] = self._recall.narrowed(whole, self.outcomes[root])
        if effects.get(neck, 0) & GIVEN_UP or not _is_reached(domain, cells, parts, whole, ends):
            return
        self._effects[root] = {source: BOTH | _one(effect) for source, effect in self.effects(neck).items()}

    # Lines

    def _straighten(self, root: Ref, source: Ref, cone: list[Ref] | None = None) -> set[Fraction]:
        """The bends of the rows that are lines of one input; where there are none, they become lines."""
        domain = self.outcomes[source]
        if not isinstance(domain, Possible) or domain.numbers is None or domain.states:
            return set()
        cone = self._cone(root, source) if cone is None else cone
        saved = self._save(cone)
        reader = LineReader(self._recall, self._rows, source, domain.numbers, self.outcomes)
        for ref in cone:
            before = self.outcomes[ref]
            self._effects.pop(ref, None)
            self._lines.pop(ref, None)
            line = reader.read(ref)
            self.outcomes[ref] = self._recall.narrowed(self.outcomes[ref], before)
            if line is not None and line[0] != 0:
                self._lines[ref] = self._recall.placed(source, line)
            elif ref != root and not reader.breaks and (ref in self._roots or ref in self._necks):
                self._tighten_again(ref)
        self._effort.spend(2 * len(cone))
        if reader.breaks:
            self._restore(saved)
        else:
            self._undo.append(saved)
        return reader.breaks

    # Witnesses

    def _look_for_witnesses(self, root: Ref) -> None:
        """Takes back what was given up where trying a few values out reaches all that is possible."""
        effects = self._effects.get(root, {})
        claimed = self.outcomes[root]
        if not isinstance(claimed, Possible) or not any(map(GIVEN_UP.__and__, effects.values())):
            return
        trials = list(
            islice(
                product(*(_samples(possible(self.outcomes[each]), self._choices(each)) for each in effects)),
                WITNESSES,
            )
        )
        cone = sorted({ref for source in effects for ref in self._cone(root, source)})
        if len(trials) * len(cone) > min(SPLIT_WORK, self._effort.all_work):
            return
        saved = self._save([*effects, *cone])
        is_reached = self._try_out(root, list(effects), trials, cone, _strip(claimed))
        self._effort.spend(len(trials) * len(cone))
        self._restore(saved)
        if is_reached:
            self._effects[root] = {source: effect & BOTH for source, effect in effects.items()}

    def _try_out(
        self,
        root: Ref,
        sources: list[Ref],
        trials: list[tuple[Settled, ...]],
        cone: list[Ref],
        claimed: Possible,
    ) -> bool:
        """Whether the trials reach all that is claimed; no more are made than that takes.

        From one trial to the next few inputs change: rows that look at none of these are not looked at.
        """
        if len(_ends(claimed)) < (0 if claimed.numbers is None else 2):
            return False  # no values come to an end that is not there
        changed = [self._plan.users(sources[at:], cone) for at in range(len(sources) + 1)]
        seen: dict[int, Outcome] = {}
        found = NOTHING
        before: tuple[Settled | None, ...] = (None,) * len(sources)
        for trial in trials:
            same = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], zip(trial, before, strict=True)))
            before = trial
            for source, value in zip(sources, trial, strict=True):
                self.outcomes[source] = value
            self._recall.work_out(changed[same], self.outcomes)
            reached = self.outcomes[root]
            if id(reached) in seen or isinstance(reached, Possible):
                continue
            seen[id(reached)] = reached
            found = union(found, possible(reached))
            if _strip(found) == claimed:
                return True
        return False

    # Notes

    def _note(self, root: Ref) -> list[Loose]:
        effects = self._effects.get(root, {})
        sources = [source for source in sorted(effects) if effects[source] & GIVEN_UP]
        if not sources or not isinstance(self.outcomes[root], Possible):
            return []
        return [Loose(root, tuple(Place(source, self._places(root, source)) for source in sources))]

    def _places(self, root: Ref, source: Ref) -> tuple[Ref, ...]:
        """The rows below a root that use an input, by itself or by a name."""
        users = self._users(root, source)
        places: set[Ref] = set()
        pending = [source]
        while pending:
            for ref in users.get(pending.pop(), ()):
                if isinstance(self._rows[ref], Name):
                    pending.append(ref)
                else:
                    places.add(ref)
        return tuple(sorted(places))


_Saved = tuple[Ref, Outcome, Effects | None, Placed | None]


class _Tightened(NamedTuple):
    """What a root came to where `state` was all that there was, and what that took."""

    state: tuple[object, ...]
    outcome: Outcome
    effects: Effects
    stretch: Stretch


class _Trace(NamedTuple):
    """The effects of the missing inputs, the rows between with what they move with, and those all inputs act
    through; root first."""

    effects: Effects
    rows: dict[Ref, Iterable[tuple[Ref, Effect]]]
    necks: list[Ref]


def _is_loose(effect: Effect) -> bool:
    return bool(effect & ROUGH) or effect & (BOTH | MANY) == BOTH | MANY


def _as_one(effects: Effects) -> Effects:
    return {
        source: BOTH | GIVEN_UP if _is_loose(effect) else _one(effect) for source, effect in effects.items()
    }


def _one(effect: Effect) -> Effect:
    return effect & (BOTH | GIVEN_UP)


# Cells


def _kinds(this: Possible, choices: Sequence[Fraction] = ()) -> list[Possible] | None:
    """A cell for each state, word and truth, and one for all numbers, or each of a list; None when that is all."""
    listed = _listed(this, choices)
    if not (listed or this.states or this.truths or this.words):
        return None
    states = [Possible(states=(state,)) for state in this.states]
    truths = [Possible(truths=frozenset((truth,))) for truth in (True, False) if truth in this.truths]
    words = [Possible(words=frozenset((word,))) for word in sorted(this.words)]
    numbers = [] if this.numbers is None else list(map(known, listed)) or [Possible(this.numbers)]
    cells = [*numbers, *truths, *words, *states]
    return cells if len(cells) > 1 else None


def _listed(this: Possible, choices: Sequence[Fraction]) -> list[Fraction]:
    """The numbers of a list that are possible."""
    numbers = this.numbers
    return [] if numbers is None else [each for each in sorted(choices) if each in numbers]


def _each_whole(this: Possible) -> list[Possible] | None:
    """A cell for each of its whole numbers, where they are few."""
    numbers = this.numbers
    if numbers is None or not numbers.whole or numbers.low is None or numbers.high is None:
        return None
    count = int(numbers.high - numbers.low) + 1
    return [known(numbers.low + at) for at in range(count)] if count <= SPLIT_WHOLE else None


def _samples(this: Possible, choices: Sequence[Fraction] = ()) -> list[Settled]:
    """A few of the values that it can be: every state, word and truth; for numbers the ends and some beside."""
    cells = _kinds(this, choices) or [this]
    found = [settled for cell in cells if (settled := cell.settled) is not None]
    numbers = this.numbers
    if numbers is None or choices:
        return found
    ends = _ends(this) or [ZERO]
    near = [*ends, *(end + shift for end in ends for shift in (1, -1)), ZERO]
    return [*dict.fromkeys(number for number in near if number in numbers), *found]


def _ends(this: Possible) -> list[Fraction]:
    """The ends of its numbers that can be reached."""
    numbers = this.numbers
    if numbers is None:
        return []
    ends = ((numbers.low, numbers.low_open), (numbers.high, numbers.high_open))
    return [end for end, is_open in ends if end is not None and not is_open]


def _stretches(this: Possible, breaks: Iterable[Fraction]) -> list[Possible]:
    """The breakpoints as cells of their own, and the open stretches between them."""
    numbers = this.numbers
    assert numbers is not None
    cells: list[Interval | None] = []
    low, low_open = numbers.low, numbers.low_open
    for each in sorted(breaks):
        cells.append(interval(low, each, low_open, True, numbers.whole, numbers.full))
        cells.append(point(each) if each in numbers else None)
        low, low_open = each, True
    cells.append(interval(low, numbers.high, low_open, numbers.high_open, numbers.whole, numbers.full))
    return [Possible(cell) for cell in cells if cell is not None]


def _is_reached(
    domain: Possible, cells: list[Possible], parts: list[Possible], whole: Possible, ends: list[Fraction]
) -> bool:
    """Whether all of the union can happen: every cell can, or those at the two ends make all of it."""
    if domain.numbers is None or domain.numbers.full:
        return True
    found = NOTHING
    for cell, part in zip(cells, parts, strict=True):
        if cell.settled in ends or cell.numbers is None:
            found = union(found, part)
    return _strip(found) == _strip(whole)


def _strip(this: Possible) -> Possible:
    """Without what does not say how far it reaches."""
    numbers = this.numbers
    return this._replace(numbers=numbers and numbers._replace(full=True, whole=False))
