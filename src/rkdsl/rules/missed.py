"""Which missing figures a value is made of: rows that say whether one of them is missed.

What stands in a row, a stretch or a step that is not taken is not missed, nor what `is reported` asks about.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import assert_never

from rkdsl.rules import tree
from rkdsl.rules.layout import Layout
from rkdsl.rules.tree import Ref

Atoms = tuple[Ref, ...]
"""Conditions, any of which says that something is missed."""
Overdue = Callable[[Ref], Ref]
"""The condition that an input is not reported although its day has come."""
Of = Callable[..., Atoms]
"""The conditions of some rows."""


class Missed:
    """Lays, beside a value, the conditions under which something it is made of is missed."""

    def __init__(self, lay: Layout) -> None:
        self.lay = lay
        self._stops: set[Ref] = set()
        self._wholes: set[Ref] = set()
        self._found: dict[str, dict[Ref, Atoms]] = {}

    def stop_at(self, refs: Iterable[Ref]) -> None:
        """What is missing in these rows is missed by what they belong to, not by who asks for them."""
        self._stops.update(refs)

    def take_whole(self, ref: Ref) -> Ref:
        """A choice that is one calculation in the text: everything in it is looked at."""
        self._wholes.add(ref)
        return ref

    def within(self, value: Ref, used: Container[Ref], overdue: Overdue, rule: str) -> Atoms:
        """The conditions of a value; `used` are the inputs that can be missed, `rule` is what acts on them."""
        if value in self._stops:
            return ()
        found = self._found.setdefault(rule, {})
        for ref in self._below(value, found):
            row = self.lay.rows[ref]
            if isinstance(row, tree.Input):
                found[ref] = (overdue(ref),) if ref in used else ()
            else:
                found[ref] = self._of(ref, row, found)
        return found[value]

    def _below(self, value: Ref, found: Mapping[Ref, Atoms]) -> list[Ref]:
        """The rows that a value is made of and that are not looked at yet, in row order."""
        seen, pending = {value} - found.keys(), [value]
        while pending:
            inner = self._inner(self.lay.rows[pending.pop()])
            new = [each for each in inner if not (each in seen or each in found or each in self._stops)]
            seen.update(new)
            pending += new
        return sorted(seen)

    def _inner(self, row: tree.Row) -> Sequence[Ref]:
        match row:
            case tree.Literal() | tree.Input() | tree.Is(test="reported" | "told"):
                return ()
            case tree.Name(of=of):
                return (of,)
            case tree.Arithmetic(operands=operands) | tree.Logic(operands=operands):
                return operands
            case tree.Compare(left=left, right=right):
                return left, right
            case tree.Is(operand=operand) | tree.Round(operand=operand):
                return (operand,)
            case tree.Span(start=start, end=end):
                return start, end
            case tree.Gather(members=members, weights=weights):
                return (*members, *weights)
            case tree.Choose(rows=rows):
                return [ref for each in rows for ref in each]
            case tree.Piecewise(operand=operand, knots=knots):
                return [operand, *(ref for each in knots for ref in each[:3])]
            case _:
                assert_never(row)

    def _of(self, ref: Ref, row: tree.Row, found: Mapping[Ref, Atoms]) -> Atoms:
        """The conditions of a row, by those of the rows it is made of."""

        def of(*refs: Ref) -> Atoms:
            return _joined(() if each in self._stops else found[each] for each in refs)

        if isinstance(row, tree.Choose) and ref not in self._wholes:
            return self._of_rows(row, of)
        if isinstance(row, tree.Piecewise):
            return self._of_curve(row, of)
        return of(*self._inner(row))

    # ---- rows

    def _of_rows(self, row: tree.Choose, of: Of) -> Atoms:
        """A condition is looked at when none above it holds or is in a state; a value when its condition holds."""
        rest: Atoms = ()
        for condition, value in reversed(row.rows):
            asked, taken = of(condition), of(value)
            if self._is_plain(condition) and set(taken) == set(rest):
                rest = _joined((asked, taken))
            else:
                rest = _joined((asked, self._taken(condition, _less(taken, asked), _less(rest, asked))))
        return rest

    def _taken(self, condition: Ref, taken: Atoms, rest: Atoms) -> Atoms:
        if not taken and not rest:
            return ()
        if condition == self.lay.truth(True):
            return taken
        lay = self.lay
        rows = [(condition, self._any(taken))]
        if not self._is_plain(condition):
            decided = lay.every(
                lay.add(tree.Is("applies", condition)), lay.add(tree.Is("defined", condition))
            )
            rows.insert(0, (lay.negated(decided), lay.truth(False)))
        return (lay.choose(*rows, otherwise=self._any(rest)),)

    def _any(self, atoms: Atoms) -> Ref:
        return self.lay.some(*atoms) if atoms else self.lay.truth(False)

    def _is_plain(self, condition: Ref) -> bool:
        """Whether a condition is never a state: a truth, a test of a state, or which statement governs."""
        row = self.lay.rows[condition]
        if isinstance(row, tree.Compare):
            left = self.lay.rows[row.left]
            return isinstance(left, tree.Input) and left.kind in ("governs", "as_of")
        if isinstance(row, tree.Logic):
            return all(map(self._is_plain, row.operands))
        return isinstance(row, tree.Literal | tree.Is)

    # ---- curves

    def _of_curve(self, row: tree.Piecewise, of: Of) -> Atoms:
        """The operand and the corners; then the values of the stretch it falls on, where the corners rise."""
        places = [each.at for each in row.knots]
        always = of(row.operand, *places)
        if not _less(of(*(ref for each in row.knots for ref in (each.before, each.after))), always):
            return always
        lay = self.lay
        rows = [(condition, self._any(_less(of(*values), always))) for condition, values in self._pieces(row)]
        zero = lay.number(0)
        flat = tuple(tree.Knot(each, zero, zero, "before") for each in places)
        level = lay.add(tree.Piecewise(row.operand, flat, "flat", "flat"))
        settled = lay.every(lay.add(tree.Is("applies", level)), lay.add(tree.Is("defined", level)))
        nothing = lay.truth(False)
        return _joined((always, (lay.choose((lay.negated(settled), nothing), *rows, otherwise=nothing),)))

    def _pieces(self, row: tree.Piecewise) -> list[tuple[Ref, tuple[Ref, ...]]]:
        """From the left to the right: up to where a piece goes, and the values it is made of."""
        lay, first, last, at = self.lay, row.knots[0], row.knots[-1], row.operand
        outer = {
            "flat": (first.before,),
            "continued": (first.after, row.knots[min(1, len(row.knots) - 1)].before),
        }
        found = [(lay.compare("below", at, first.at), outer.get(row.below, ()))]
        for index, knot in enumerate(row.knots):
            held = knot.before if knot.holds == "before" else knot.after
            found.append((lay.compare("exactly", at, knot.at), (held,)))
            if index + 1 < len(row.knots):
                right = row.knots[index + 1]
                found.append((lay.compare("below", at, right.at), (knot.after, right.before)))
        outer = {
            "flat": (last.after,),
            "continued": (row.knots[max(0, len(row.knots) - 2)].after, last.before),
        }
        found.append((lay.truth(True), outer.get(row.above, ())))
        return found


def _joined(parts: Iterable[Atoms]) -> Atoms:
    return tuple(dict.fromkeys(each for part in parts for each in part))


def _less(atoms: Atoms, known: Atoms) -> Atoms:
    without = set(known)
    return tuple(each for each in atoms if each not in without)
