"""The trace of one evaluation as lines a controller can follow: each named value, its formula with the
numbers in it, what it came to, and the clause or report it stands on. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from rkdsl.outcome import Line
from rkdsl.plain import Final, assert_never
from rkdsl.rules import wording
from rkdsl.rules.evaluator import Values
from rkdsl.rules.tree import (
    Arithmetic,
    Choose,
    Compare,
    Gather,
    Input,
    Is,
    Knot,
    Literal,
    Logic,
    Name,
    Piecewise,
    Ref,
    Round,
    Row,
    Shown,
    Span,
    Tree,
)
from rkdsl.values import DAY, PLAIN, Unit

MAX_NESTING: Final = 40
DAY_WORDS: Final = {
    "at most": "no later than",
    "at least": "no earlier than",
    "below": "before",
    "above": "after",
    "exactly": "on",
}
"""How the comparisons are called between two days."""


def explain(tree: Tree, values: Values, ref: Ref) -> tuple[Line, ...]:
    """The lines for a value and for everything it was made from, each after those it needs."""
    teller = _Teller(tree, values)
    return tuple(teller.lines(ref))


def lines_of(tree: Tree, values: Values, ref: Ref, roles: frozenset[str]) -> tuple[Line, ...]:
    """Those of the lines of a value that have one of some roles."""
    teller = _Teller(tree, values)
    return tuple(line for line in teller.lines(ref, roles) if line.role in roles)


def reached(tree: Tree, values: Values, roots: Iterable[Ref]) -> set[Ref]:
    """The rows that had a say in values."""
    return _Teller(tree, values).reached(roots)


def aside(tree: Tree, values: Values, shown: Shown, told: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines for something shown and not scored, without those told already; the last under its standing."""
    *steps, last = explain(tree, values, shown.of)
    return (*(line for line in steps if line not in told), last._replace(role=shown.standing))


def formula_of(tree: Tree, values: Values, ref: Ref) -> Line:
    """The one line of a named value."""
    return _Teller(tree, values).line(ref)


_RENAMED: Final = ("group", "reading")
"""The roles of names whose lines may have another."""
_TESTED: Final = {"reported": "reported", "told": "told", "applies": "applicable", "defined": "defined"}


class _Teller:
    def __init__(self, tree: Tree, values: Values) -> None:
        self.tree, self.values = tree, values

    # ---- which rows are told

    def lines(self, root: Ref, roles: frozenset[str] | None = None) -> Iterator[Line]:
        """One line for each named value and each input that was reached; at least those of some roles."""
        reached = self.reached([root])
        hidden = self._hidden(reached)
        for ref in sorted(reached):
            row = self.tree.rows[ref]
            if ref in hidden or not (isinstance(row, Name | Input) or ref == root):
                continue
            if roles is None or not isinstance(row, Name) or row.role in _RENAMED or row.role in roles:
                yield self.line(ref)

    def reached(self, roots: Iterable[Ref]) -> set[Ref]:
        """The rows that had a say: of a choice, the conditions looked at and the rows still possible."""
        reached: set[Ref] = set()
        pending = list(roots)
        while pending:
            ref = pending.pop()
            if ref not in reached:
                reached.add(ref)
                pending += self._needs(self.tree.rows[ref])
        return reached

    def _needs(self, row: Row) -> list[Ref]:
        match row:
            case Literal() | Input() | Is():
                return []
            case Name(of=of):
                return [of]
            case Arithmetic(operands=operands) | Logic(operands=operands):
                return list(operands)
            case Compare(left=left, right=right):
                return [left, right]
            case Piecewise():
                return [row.operand, *self._corners_needed(row)]
            case Choose():
                return self._chosen(row)
            case Gather():
                return [*row.members, *row.weights, *([] if row.otherwise is None else [row.otherwise])]
            case Round(operand=operand):
                return [operand]
            case Span(start=start, end=end):
                return [start, end]
            case _:
                assert_never(row)

    def _corners_needed(self, row: Piecewise) -> list[Ref]:
        """The corners beside a settled operand; all of them while it, or one of them, is not settled."""
        stretch = self._stretch(row)
        if stretch is None:
            return [ref for knot in row.knots for ref in (knot.at, knot.before, knot.after)]
        left, right = stretch
        found = [] if left is None else [left.at, left.before if left is right else left.after]
        found += [] if right is None else [right.at, right.after if left is right else right.before]
        return found

    def _stretch(self, row: Piecewise) -> tuple[Knot | None, Knot | None] | None:
        """The two corners that a settled operand lies between (None: outside), or the one it lies on twice."""
        operand = self.values.settled(row.operand)
        places = [self.values.settled(knot.at) for knot in row.knots]
        numbers = [each for each in places if isinstance(each, Fraction)]
        rising = len(numbers) == len(places) and all(low < high for low, high in pairwise(numbers))
        if not isinstance(operand, Fraction) or not rising:
            return None
        for at, knot in zip(numbers, row.knots, strict=True):
            if operand == at:
                return knot, knot
        left = [knot for at, knot in zip(numbers, row.knots, strict=True) if at < operand]
        return left[-1] if left else None, row.knots[len(left)] if len(left) < len(row.knots) else None

    def _chosen(self, row: Choose) -> list[Ref]:
        """The conditions looked at, and the values that they leave possible."""
        return self._looked_at(row) + [value for _, value in self._open_rows(row)]

    def _looked_at(self, row: Choose) -> list[Ref]:
        """The conditions up to the first that can only hold."""
        looked_at = []
        for condition, _ in row.rows:
            looked_at.append(condition)
            if False not in self.values.row(condition).truths:
                break
        return looked_at

    def _hidden(self, reached: set[Ref]) -> set[Ref]:
        """Inputs and values that a name of their own tells, and names that only pass on another name."""
        hidden: set[Ref] = set()
        for ref in reached:
            row = self.tree.rows[ref]
            if isinstance(row, Name):  # a reading tells the report, or the stated figure, that it passes on
                inner = self._passed_on(row.of)
                if row.role == "reading" and isinstance(self.tree.rows[inner], Input | Name):
                    hidden.add(inner)
        return hidden

    def _passed_on(self, ref: Ref) -> Ref:
        """What a row hands on unchanged: of a settled choice, the value it took."""
        row = self.tree.rows[ref]
        while isinstance(row, Choose):
            taken = [value for _, value in self._open_rows(row)]
            if len(taken) != 1:
                return ref
            ref = taken[0]
            row = self.tree.rows[ref]
        return ref

    def _open_rows(self, row: Choose) -> list[tuple[Ref, Ref]]:
        found = []
        for condition, value in row.rows:
            truths = self.values.row(condition).truths
            if True in truths:
                found.append((condition, value))
            if False not in truths:
                break
        return found

    # ---- one line

    def line(self, ref: Ref) -> Line:
        """What a value is, from what, and by which clause or report."""
        row = self.tree.rows[ref]
        value = wording.value(self.values.row(ref), self._unit(ref))
        if isinstance(row, Input):
            if row.kind == "governs" and ref not in self.values.reported:
                value = "none governs"
            return Line(
                _input_role(row, ref in self.values.reported), self._what(row), "", value, self._origin(ref)
            )
        if not isinstance(row, Name):
            return Line("value", "", self._formula(ref, 0), value, "")
        inner = self._passed_on(row.of)
        told = self.tree.rows[inner]
        if row.role == "reading" and isinstance(told, Input | Name):
            return self._reading(row, inner, told, value)
        of = self.tree.rows[row.of]
        if isinstance(of, Input) and self.values.row(row.of).truths:
            return Line(row.role, of.key, "", value, self._clause(row.clause))
        formula = "" if isinstance(of, Literal) else self._formula(row.of, 0)
        if row.role == "group":
            return Line("condition", "", self._members(row), value, self._clause(row.clause))
        denied = (
            isinstance(of, Logic)
            and of.op == "not"
            and isinstance(self.tree.rows[of.operands[0]], Name | Input)
        )
        formula = "" if formula == value or denied else formula
        return Line(row.role, self._title(row), formula, value, self._clause(row.clause))

    def _title(self, row: Name) -> str:
        """What a value is called: by its title, a condition by its words, a share as what it is."""
        if row.title:
            return row.title
        if row.role == "condition" and row.clause is not None:
            return self.tree.clauses[row.clause].text
        return "share of the weight" if row.role == "share" else row.id

    def _members(self, row: Name) -> str:
        """The members of a group, each once: `at least 2 of (yes; no; yes)`."""
        found: dict[Ref, None] = {}
        pending = [row.of]
        while pending:
            ref = pending.pop()
            inner = self.tree.rows[ref]
            if isinstance(inner, Logic):
                pending += inner.operands
            else:
                found[ref] = None
        return f"{row.title} ({'; '.join(self._formula(each, 1) for each in sorted(found))})"

    def _reading(self, row: Name, inner: Ref, told: Input | Name, value: str) -> Line:
        """A reading as it was reported, else as the contract states it, else that it is missing."""
        what = f"{row.title}, {row.id.rpartition('@')[2]}"
        if isinstance(told, Name):
            return Line(row.role, what, "", value, self._clause(told.clause))
        role = row.role if inner in self.values.reported else _input_role(told, False)
        return Line(role, what, "", value, self._origin(inner))

    def _what(self, row: Input) -> str:
        match row.kind:
            case "as_of":
                return "as of"
            case "open" | "governs":
                return row.note
            case _:
                return row.key

    def _origin(self, ref: Ref) -> str:
        """The report a value was given by, else the place of the contract that asks for it."""
        given = self.values.reported.get(ref)
        row = self.tree.rows[ref]
        assert isinstance(row, Input)
        if row.kind == "as_of":
            return ""
        if given is not None and given.source:
            return given.source
        return self._clause(row.clause)

    def _clause(self, index: int | None) -> str:
        if index is None:
            return ""
        clause = self.tree.clauses[index]
        return f"{clause.file}:{clause.line}  {clause.text}"

    def _unit(self, ref: Ref) -> Unit:
        """The unit a value is shown in; of a formula, that of the rows it passes on."""
        row = self.tree.rows[ref]
        match row:
            case Literal() | Input() | Name():
                return row.unit
            case Choose():
                inner = self._passed_on(ref)
                return self._unit(inner) if inner != ref else PLAIN
            case Arithmetic(op="min" | "max", operands=operands):
                return self._unit(operands[0])
            case _:
                return PLAIN

    # ---- formulas

    def _formula(self, ref: Ref, nesting: int) -> str:
        """The operation of a row with the values of what it is made from."""
        row = self.tree.rows[ref]
        if isinstance(row, Name | Input | Literal) or nesting > MAX_NESTING:
            return self._shown(ref)
        return self._operation(row, nesting)

    def _operation(
        self,
        row: Arithmetic | Compare | Logic | Is | Piecewise | Choose | Gather | Round | Span,
        nesting: int,
    ) -> str:
        match row:
            case Arithmetic():
                return self._arithmetic(row, nesting)
            case Compare(op=op, left=left, right=right):
                words = DAY_WORDS[op] if self._unit(left) == DAY else op
                return f"{self._part(left, nesting)} {words} {self._part(right, nesting)}"
            case Logic(op="not", operands=(operand,)) if isinstance(self.tree.rows[operand], Is):
                return self._operation(self.tree.rows[operand], nesting).replace(" is ", " is not ", 1)  # type: ignore[arg-type]  # an `Is`
            case Logic(op=op, operands=operands):
                words = {"all": "all of", "any": "any of", "not": "not"}[op]
                return f"{words} ({'; '.join(self._formula(each, nesting + 1) for each in operands)})"
            case Is(test=test, operand=operand):
                return f"{self._subject(operand)} is {_TESTED[test]}"
            case Piecewise():
                return self._piecewise(row, nesting)
            case Choose():
                return self._choice(row, nesting)
            case Gather():
                return self._gathered(row, nesting)
            case Round(mode=mode, step=step, operand=operand):
                return f"{self._part(operand, nesting)} rounded {mode} to {wording.number(step, self._unit(operand))}"
            case Span(start=start, end=end, calendar=calendar):
                kind = f"{calendar} days" if calendar else "days"
                return f"{kind} from {self._part(start, nesting)} to {self._part(end, nesting)}"
            case _:
                assert_never(row)

    _SIGNS: Final = {"add": "+", "sub": "-", "mul": "x", "div": "/", "power": "^"}

    def _arithmetic(self, row: Arithmetic, nesting: int) -> str:
        if row.op in self._SIGNS:
            sign = f" {self._SIGNS[row.op]} "
            return sign.join(self._counted(each, nesting) for each in row.operands)
        parts = "; ".join(self._counted(each, nesting) for each in row.operands)
        return f"{'the higher of' if row.op == 'max' else 'the lower of'} ({parts})"

    def _counted(self, ref: Ref, nesting: int) -> str:
        """An operand of a sum or product: yes counts as 1 and no as 0; what has no line of its own is told here."""
        this = self.values.row(ref)
        if this.truths and isinstance(self.tree.rows[ref], Name | Input | Literal):
            parts = [*(str(int(truth)) for truth in sorted(this.truths)), *map(str, this.states)]
            return f"({' or '.join(parts)})" if len(parts) > 1 else parts[0]
        return self._part(ref, nesting)

    def _part(self, ref: Ref, nesting: int) -> str:
        """An operand, in parentheses where it is a formula or more than one value."""
        row = self.tree.rows[ref]
        text = self._formula(ref, nesting + 1)
        simple = isinstance(row, Name | Input | Literal) and self.values.row(ref).is_settled
        return text if simple else f"({text})"

    def _choice(self, row: Choose, nesting: int) -> str:
        """The values still possible, and the states of the conditions that decide between them."""
        values = [self._formula(value, nesting + 1) for _, value in self._open_rows(row)]
        states = [str(state) for ref in self._looked_at(row) for state in self.values.row(ref).states]
        parts = list(dict.fromkeys(values + states)) or ["no row holds"]
        return parts[0] if len(parts) == 1 else f"one of ({'; '.join(parts)})"

    def _gathered(self, row: Gather, nesting: int) -> str:
        members = [self._counted(each, nesting) for each in row.members]
        if row.op == "sum" and row.pick == "all":
            return " + ".join(members)
        if row.weights:
            weights = [self._counted(each, nesting) for each in row.weights]
            members = [f"{member} weighing {weight}" for member, weight in zip(members, weights, strict=True)]
        pick = "" if row.pick == "all" else f"the {row.count} {row.pick} of "
        return f"{row.op} of {pick}({'; '.join(members)})"

    def _piecewise(self, row: Piecewise, nesting: int) -> str:
        """The stretch that an exact operand falls on: a line between two corners, or one value; else all corners."""
        x = self._part(row.operand, nesting)
        if all(knot.at in (knot.before, knot.after) for knot in row.knots):  # every number is itself
            return self._formula(row.operand, nesting)
        stretch = self._stretch(row)
        if stretch is None:
            shown = "; ".join(f"{self._shown(knot.at)}: {self._shown(knot.before)}" for knot in row.knots)
            return f"{x} on the line ({shown})"
        left, right = stretch
        if left is not None and right is not None and left is not right:
            return self._line(left, right, x, row)
        if left is right:
            assert left is not None
            value = left.before if left.holds == "before" else left.after
            return f"{self._shown(value)}, as {x} is {self._side(left, row)}"
        end, kind = (right, row.below) if left is None else (left, row.above)
        assert end is not None
        if kind == "continued":
            first, last = (row.knots[0], row.knots[1]) if left is None else (row.knots[-2], row.knots[-1])
            return self._line(first, last, x, row)
        value = end.before if left is None else end.after
        told = "no value" if kind == "not defined" else self._shown(value)
        return f"{told}, as {x} is {'below' if left is None else 'above'} {self._shown(end.at)}"

    def _side(self, knot: Knot, row: Piecewise) -> str:
        """How a corner itself is told: of steps by the step it belongs to."""
        at = row.knots.index(knot)
        if knot.before == knot.after or not self._is_step(row):
            return f"exactly {self._shown(knot.at)}"
        if knot.holds == "before":
            lower = f"{self._low_edge(row.knots[at - 1])} and " if at else ""
            return f"{lower}at most {self._shown(knot.at)}"
        upper = f" and {self._high_edge(row.knots[at + 1])}" if at + 1 < len(row.knots) else ""
        return f"at least {self._shown(knot.at)}{upper}"

    def _is_step(self, row: Piecewise) -> bool:
        return all(left.after == right.before for left, right in pairwise(row.knots))

    def _low_edge(self, knot: Knot) -> str:
        return f"{'above' if knot.holds == 'before' else 'at least'} {self._shown(knot.at)}"

    def _high_edge(self, knot: Knot) -> str:
        return f"{'below' if knot.holds == 'after' else 'at most'} {self._shown(knot.at)}"

    def _line(self, left: Knot, right: Knot, x: str, row: Piecewise) -> str:
        """The line between two corners; where both have one value, that value and where the operand lies."""
        found = [self.values.settled(ref) for ref in (left.at, left.after, right.at, right.before)]
        low, start, high, end = found
        if left.after == right.before or start == end:
            edges = f"{self._low_edge(left)} and {self._high_edge(right)}"
            return f"{self._shown(left.after)}, as {x} is {edges}"
        if not all(isinstance(each, Fraction) for each in found):
            return f"no value, as {x} is between {self._shown(left.at)} and {self._shown(right.at)}"
        assert isinstance(low, Fraction)
        assert isinstance(high, Fraction)
        assert isinstance(start, Fraction)
        assert isinstance(end, Fraction)
        unit, at = self._unit(row.knots[0].before), self._unit(row.knots[0].at)
        unit = self._unit(left.after) if unit == PLAIN else unit
        first, last = wording.number(low, at), wording.number(high, at)
        least, most = wording.number(min(start, end), unit), wording.number(max(start, end), unit)
        if start > end:  # a falling line is told from its low end
            return f"{least} + ({last} - {x}) / ({last} - {first}) x ({most} - {least})"
        return f"{least} + ({x} - {first}) / ({last} - {first}) x ({most} - {least})"

    def _shown(self, ref: Ref) -> str:
        return wording.value(self.values.row(ref), self._unit(ref))

    def _subject(self, ref: Ref) -> str:
        row = self.tree.rows[ref]
        return row.key if isinstance(row, Input) else row.title or row.id if isinstance(row, Name) else "it"


def _input_role(row: Input, given: bool) -> str:
    if row.kind == "as_of":
        return "day"
    if row.kind == "governs":
        return "stated"
    if row.kind == "open":
        return "open"
    return row.kind if given else "missing"
