"""A rule tree as straight-line Python: numbers are whole numbers over a denominator chosen when compiling.

The source holds names and numbers of its own making alone: what a contract says enters as constants, never as text.
What is not settled, or has no quick form, is left to the rows' own meaning; see `transfer`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import DIVISION_BY_ZERO, YES_OR_NO, Outcome, Possible, Settled, outcome, possible
from rkdsl.rules.settled import round_number
from rkdsl.rules.transfer import NO_ROW, Transfer, range_of, source_of
from rkdsl.rules.tree import (
    Arithmetic,
    Choose,
    Compare,
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
)
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, State

UNKNOWN: Final = State("not known", "")
"""What a row comes to that is not settled: whoever meets it asks the plain evaluator."""
MAX_SCALE: Final = 10**40
"""The greatest common denominator; beyond it a number is a fraction of its own."""
_ANY_STATE: Final = (State(NOT_APPLICABLE, ""), State(NOT_DEFINED, ""))
MAX_BRANCHES: Final = 30
"""Operands that are written side by side; more of them are handed over in a row."""

MAX_INLINED: Final = 100
"""Letters of what is put where it is read."""

NUMBER, TRUTH, WORD, NONE = "number", "truth", "word", "none"
Run = Callable[..., tuple[object, ...] | None]


class NotWrittenError(Exception):
    """A tree for which there is no generated code."""


class Cell(NamedTuple):
    """What stands for a row in the source.

    `text` is a name or a whole number; a number is `text / scale`, or a fraction where `scale` is 0. `stuck` says
    that it may be a state, or UNKNOWN, when it runs. `value` is what it always is, None where it varies. `owner`
    is the row whose lines make it. `open` says that it may be UNKNOWN.
    """

    text: str
    type: str
    scale: int = 1
    stuck: bool = False
    value: Settled | None = None
    owner: Ref = -1
    open: bool = False


class Given(NamedTuple):
    """How an input comes: its value, and the conditions on which it is reported, and told of at all.

    `lines` make the value out of `written`, a float or whole number whose text is the exact figure over `unit`. What
    is compared alone is compared as it is written.
    """

    value: Cell
    reported: Cell
    told: Cell
    lines: tuple[str, ...] = ()
    written: str = ""
    unit: Fraction = Fraction(1)


class Source:
    """Lines of Python, and the constants that they speak of by names made here."""

    def __init__(self) -> None:
        self.lines: Final[list[str]] = []
        self.constants: Final[dict[str, object]] = {"S": State, "T": type, "F": Fraction, "strict": strict}
        self._names: dict[tuple[str, object], str] = {}

    def constant(self, value: object, key: object = None) -> str:
        """The name of a constant, the same for the same one."""
        known = (type(value).__name__, id(value) if key is None else key)
        if known not in self._names:
            self._names[known] = f"k{len(self._names)}"
            self.constants[self._names[known]] = value
        return self._names[known]

    def function(self, parameters: str, results: Sequence[str]) -> tuple[str, Run]:
        """The text of a function that ends with these results, and the function."""
        body = [*self.lines, f"return ({''.join(f'{each}, ' for each in results)})"]
        text = "\n".join((f"def run({parameters}):", *(f"    {line}" for line in body), ""))
        space: dict[str, object] = dict(self.constants)
        exec(compile(text, "<generated>", "exec", dont_inherit=True), space)
        run = space["run"]
        assert callable(run)
        return text, run


def constant(value: Settled, source: Source) -> Cell:
    """The cell of something that never varies."""
    if isinstance(value, bool):
        return Cell(str(value), TRUTH, value=value)
    if isinstance(value, Fraction):
        if value.denominator <= MAX_SCALE:
            return Cell(f"({value.numerator})", NUMBER, value.denominator, value=value)
        return Cell(source.constant(value, value), NUMBER, 0, value=value)
    if isinstance(value, str):
        return Cell(source.constant(value, value), WORD, value=value)
    is_unknown = value is UNKNOWN
    return Cell(
        source.constant(value, value), NONE, stuck=True, value=None if is_unknown else value, open=is_unknown
    )


YES: Final = Cell("True", TRUTH, value=True)
NO: Final = Cell("False", TRUTH, value=False)


def write(
    plan: Plan, given: Mapping[Ref, Given], roots: Iterable[Ref], source: Source, *, bails: bool = False
) -> dict[Ref, Cell]:
    """Writes what makes the roots of a tree, and gives the cell of each.

    With `bails` the code returns None where some row comes to a state.
    """
    writer = _Writer(plan, given, source, bails=bails)
    wanted = set(roots)
    needed = set(wanted)
    for ref in range(max(wanted, default=-1), -1, -1):
        if ref in needed:
            needed.update(plan.operands_of(ref))
    for ref in sorted(needed):
        writer.row(ref)
    cells = {ref: writer.cells[ref] for ref in wanted}
    source.lines.extend(_inlined(writer.used(cells.values()), {cell.text for cell in cells.values()}))
    return cells


_ASSIGNED: Final = re.compile(r"(v[0-9]+) = (.*)")
_MADE: Final = re.compile(r"\b(v[0-9]+) = ")
_UP: Final = re.compile(r"-\(-\((\w+) - (\w+|\([0-9]+\))\) // ([0-9]+)\)")
"""A plain difference divided and rounded up: its sign is turned once, and not twice."""
_ROUNDED_UP: Final = re.compile(r"\(?-\(\((\w+|\([0-9]+\)) - (\w+)\) // [0-9]+\)\)?")
_CUT: Final = re.compile(r"\b(v[0-9]+) if \1 >= \(0\) else \(0\)$")
"""What is no less than nothing: of a plain difference that is rounded up, the difference says whether it is."""
_NAMED: Final = re.compile(r"\bv[0-9]+\b")


def _inlined(lines: Sequence[str], kept: Container[str]) -> list[str]:
    """Short right sides that are read once are put where they are read."""
    reads = Counter(name for line in lines for name in _NAMED.findall(line))
    made = Counter(name for line in lines for name in _MADE.findall(line))
    short: dict[str, str] = {}
    found: list[str] = []
    for line in lines:
        line = _UP.sub(r"-((\2 - \1) // \3)", _NAMED.sub(lambda match: short.get(match[0], match[0]), line))
        line = _CUT.sub(lambda match: short.get(match[0], match[0]), line)
        match = _ASSIGNED.fullmatch(line)
        if match and len(match[2]) <= MAX_INLINED and match[1] not in kept:
            name = match[1]
            if made[name] == 1 and reads[name] == 2:
                short[name] = f"({match[2]})"
                continue
            up, cut = _ROUNDED_UP.fullmatch(match[2]), f"{name} if {name} >= (0) else (0)"
            if (
                up
                and made[name] == 1
                and reads[name] == 3
                and any(each.endswith(f" = {cut}") for each in lines)
            ):
                short[cut] = f"{match[2]} if {up[2]} > {up[1]} else (0)"
                continue
        found.append(line)
    return found


# ---- what generated code calls


def strict(operands: Sequence[object]) -> State:
    """The state of an operation that needs all its operands, one of which is a state."""
    found: State | None = None
    for each in operands:
        if isinstance(each, State):
            if each is UNKNOWN:
                return UNKNOWN
            if found is None or (found.kind != NOT_DEFINED and each.kind == NOT_DEFINED):
                found = each
    assert found is not None
    return found


def every(operands: Sequence[object]) -> bool | State:
    """`all` of conditions, some of which may be states."""
    if any(each is False for each in operands):
        return False
    return strict(operands) if any(isinstance(each, State) for each in operands) else True


def some(operands: Sequence[object]) -> bool | State:
    """`any` of conditions, some of which may be states."""
    if any(each is True for each in operands):
        return True
    return strict(operands) if any(isinstance(each, State) for each in operands) else False


def first(*rows: object) -> object:
    """The value after the first condition that holds; a condition that is a state is the value."""
    for at in range(0, len(rows), 2):
        if rows[at] is not False:
            return rows[at + 1] if rows[at] is True else rows[at]
    return NO_ROW


def fraction(value: object, scale: int) -> object:
    """A whole number over a denominator as a fraction; a state stays one."""
    return value if isinstance(value, State) else Fraction(value, scale)  # type: ignore[call-overload]  # an int


def _is(kind: str) -> Callable[[object], object]:
    def test(value: object) -> object:
        return UNKNOWN if value is UNKNOWN else not (isinstance(value, State) and value.kind == kind)

    return test


_TESTS: Final = {"applies": _is(NOT_APPLICABLE), "defined": _is(NOT_DEFINED)}


def _counted(mode: str) -> Callable[[int, int], int]:
    def count(number: int, step: int) -> int:
        return int(round_number(mode, Fraction(1), Fraction(number, step)))

    return count


_OPERATORS: Final = {"at most": "<=", "at least": ">=", "above": ">", "below": "<", "exactly": "=="}

# ---- the writer


class _Made(NamedTuple):
    """The text of an operation with its scale (0: a fraction), and whether it may be a state by itself."""

    text: str
    scale: int = 1
    stuck: bool = False


class _Line(NamedTuple):
    """A stretch of a piecewise function: slope x operand + base, or the cell of a row; up to `end`.

    A corner is the one number `end`, and has a slope of 0.
    """

    slope: Fraction
    base: Fraction
    cell: Cell | None
    end: Fraction | None = None
    included: bool = False
    is_corner: bool = False


def _at(line: _Line, place: Fraction) -> Fraction:
    return line.slope * place + line.base


def _added(texts: Sequence[str]) -> str:
    return " + ".join(texts) if len(texts) <= MAX_BRANCHES else f"sum(({', '.join(texts)}))"


class _Writer:
    """Writes rows one by one; those that a root needs are kept."""

    def __init__(self, plan: Plan, given: Mapping[Ref, Given], source: Source, *, bails: bool) -> None:
        self.plan, self.rows, self.given, self.source = plan, plan.rows, given, source
        self.cells: dict[Ref, Cell] = {}
        self.lines: dict[Ref, list[str]] = {}
        self.users: dict[Ref, list[Ref]] = {}
        self.transfer = Transfer(plan, {})
        self.unknown = constant(UNKNOWN, source)
        self.widest: list[Outcome] = []
        self.written: dict[str, Given] = {}
        self.bails = bails

    def used(self, wanted: Iterable[Cell]) -> list[str]:
        """The lines that the wanted cells need, in order."""
        needed = {cell.owner for cell in wanted}
        for ref in sorted(self.lines, reverse=True):
            if ref in needed:
                needed.update(self.cells[other].owner for other in self.users[ref])
        return [line for ref in sorted(self.lines) if ref in needed for line in self.lines[ref]]

    # ---- rows

    def row(self, ref: Ref) -> None:
        """Writes one row, after its operands."""
        row = self.rows[ref]
        found = self._given(ref, row)
        if found is None:
            found = self._folded(ref, row)
        if found is None:
            self.lines[ref], self.users[ref] = [], list(self.plan.operands_of(ref))
            found = self._written(ref, row) or self._as_it_is(ref, row)
            is_open = any(self.cells[each].open for each in self.users[ref])
            stuck = found.stuck and (is_open or self._may_be_state(ref))
            if self.bails and stuck and not is_open and found.text == f"v{ref}":
                self.lines[ref].append(f"if T({found.text}) is S: return None")
                stuck = False
            found = found._replace(owner=ref, open=is_open, stuck=stuck)
        self.cells[ref] = found

    def _may_be_state(self, ref: Ref) -> bool:
        """Whether a row can come to a state while all inputs are values: told by what rows can be on the whole."""
        while len(self.widest) <= ref:
            self.widest.append(self._widest(len(self.widest)))
        return bool(possible(self.widest[ref]).states)

    def _widest(self, ref: Ref) -> Outcome:
        row, cell = self.rows[ref], self.cells.get(ref)
        if cell is not None and cell.value is not None:
            return cell.value
        if isinstance(row, Input):
            stuck = ref not in self.given or self.given[ref].value.stuck
            return outcome(range_of(row)._replace(states=_ANY_STATE if stuck else ()))
        if isinstance(row, Is) and row.test in ("reported", "told"):
            return YES_OR_NO
        return self.transfer.outcome(ref, self.widest)

    def _given(self, ref: Ref, row: Row) -> Cell | None:
        """What needs no line: a literal, an input, another name, a test of what was given."""
        match row:
            case Literal():
                return constant(row.value, self.source)
            case Input():
                given = self.given[ref]
                if not given.lines:
                    return given.value
                self.lines[ref], self.users[ref] = list(given.lines), []
                self.written[given.value.text] = given
                return given.value._replace(owner=ref)
            case Name():
                return self.cells[row.of]
            case Is() if row.test in ("reported", "told"):
                asked = self.given.get(source_of(self.rows, row.operand))
                return NO if asked is None else asked.reported if row.test == "reported" else asked.told
            case Is() if not self.cells[row.operand].stuck:
                return YES
        return None

    def _folded(self, ref: Ref, row: Row) -> Cell | None:
        """What is the same for every record, or the same as one of its operands."""
        operands = self.plan.operands_of(ref)
        if all(self.cells[each].value is not None for each in operands):
            values: dict[Ref, Outcome] = {each: self._constant(each) for each in operands}
            found = self.transfer.outcome(ref, values)
            return constant(UNKNOWN if isinstance(found, Possible) else found, self.source)
        if isinstance(row, Arithmetic | Compare | Round | Span) and any(
            self.cells[each].text == self.unknown.text for each in operands
        ):
            return self.unknown
        if isinstance(row, Choose):
            rows = self._reachable(row)
            if rows and rows[0][0].value is True:
                return self.cells[rows[0][1]]
        return None

    def _constant(self, ref: Ref) -> Settled:
        value = self.cells[ref].value
        assert value is not None
        return value

    def _written(self, ref: Ref, row: Row) -> Cell | None:
        """A row in its quick form; None where it has none."""
        cells = [self.cells[each] for each in self.plan.operands_of(ref)]
        match row:
            case Arithmetic():
                return self._strict(ref, cells, self._arithmetic(row, cells))
            case Compare():
                text = self._as_written(row.op, *cells)
                if text is not None:
                    self.users[ref] = []
                    self.lines[ref].append(f"v{ref} = {text}")
                    return Cell(f"v{ref}", TRUTH)
                return self._strict(ref, cells, self._compare(row.op, *cells), TRUTH)
            case Logic():
                return self._logic(ref, row.op, cells)
            case Is():
                test = self.source.constant(_TESTS[row.test])
                self.lines[ref].append(f"v{ref} = {test}({cells[0].text})")
                return Cell(f"v{ref}", TRUTH, stuck=True)
            case Piecewise():
                return self._piecewise(ref, row)
            case Choose():
                return self._choose(ref, row)
            case Gather():
                return self._strict(ref, cells, self._gather(row))
            case Round():
                return self._strict(ref, cells, self._round(row, cells[0]))
            case Span() if row.calendar == "" and all(self._is_whole(each) for each in cells):
                start, end = (self._over(each, 1) for each in cells)
                return self._strict(ref, cells, _Made(f"{end} - {start}"))
        return None

    def _as_it_is(self, ref: Ref, row: Row) -> Cell:
        """A row by its own meaning, on fractions."""
        operands = tuple(dict.fromkeys(self.plan.operands_of(ref)))
        cells = [self.cells[each] for each in operands]
        constants: dict[Ref, Outcome] = {
            each: self._constant(each) for each in operands if self.cells[each].value is not None
        }
        varying = [each for each in operands if each not in constants]
        transfer = self.transfer

        def run(*values: Outcome) -> Outcome:
            if any(each is UNKNOWN for each in values):
                return UNKNOWN
            found = transfer.outcome(ref, {**constants, **dict(zip(varying, values, strict=True))})
            return UNKNOWN if isinstance(found, Possible) else found

        texts = [self._fraction(self.cells[each]) for each in varying]
        self.lines[ref].append(f"v{ref} = {self.source.constant(run)}({', '.join(texts)})")
        kind = self._type(cells[1::2]) if isinstance(row, Choose) else NUMBER
        if isinstance(row, Compare | Logic | Is):
            kind = TRUTH
        return Cell(f"v{ref}", kind, 0 if kind == NUMBER else 1, stuck=True)

    # ---- numbers

    def _strict(self, ref: Ref, cells: Sequence[Cell], made: _Made | None, kind: str = NUMBER) -> Cell | None:
        """An operation that needs all its operands; None where they have no quick form."""
        stuck = list(dict.fromkeys(cell.text for cell in cells if cell.stuck))
        if (
            made is None
            or len(stuck) > MAX_BRANCHES
            or any(cell.stuck and cell.value is not None for cell in cells)
        ):
            return None
        if made.text in [cell.text for cell in cells if cell.type == kind == NUMBER]:
            return Cell(made.text, kind, made.scale, stuck=bool(stuck))
        if stuck:
            test = " or ".join(f"T({each}) is S" for each in stuck)
            self.lines[ref].append(f"if {test}: v{ref} = strict(({', '.join(stuck)},))")
        self.lines[ref].append(f"{'else: ' if stuck else ''}v{ref} = {made.text}")
        return Cell(f"v{ref}", kind, made.scale, stuck=bool(stuck) or made.stuck)

    def _is_whole(self, cell: Cell) -> bool:
        return cell.type in (NUMBER, TRUTH) and cell.scale == 1

    def _over(self, cell: Cell, scale: int, *, guarded: bool = False) -> str:
        """A number as a whole number over a denominator that its own divides."""
        if isinstance(cell.value, Fraction):
            return f"({cell.value.numerator * (scale // cell.value.denominator)})"
        if cell.type == TRUTH:
            plain = f"({scale} if {cell.text} else 0)"
        elif cell.scale == scale:
            return cell.text
        else:
            plain = f"{cell.text} * {scale // cell.scale}"
        return f"({cell.text} if T({cell.text}) is S else {plain})" if cell.stuck and guarded else plain

    def _fraction(self, cell: Cell) -> str:
        """Any value as rows have it."""
        if isinstance(cell.value, Fraction):
            return self.source.constant(cell.value, cell.value)
        if cell.type != NUMBER or cell.scale == 0:
            return cell.text
        return f"{self.source.constant(fraction)}({cell.text}, {cell.scale})"

    def _counted(self, cell: Cell) -> str:
        """The same for arithmetic: a truth counts as 0 or 1, which the least of several would give back as it is."""
        if cell.type == TRUTH and cell.value is None:
            return f"F({cell.text})"
        if isinstance(cell.value, bool):
            cell = constant(Fraction(cell.value), self.source)
        return self._fraction(cell)

    def _common(self, cells: Iterable[Cell]) -> int:
        """A denominator for all of them; 0 where there is none."""
        found = 1
        for cell in cells:
            if cell.type not in (NUMBER, TRUTH) or cell.scale == 0:
                return 0
            found = math.lcm(found, cell.scale)
        return found if found <= MAX_SCALE else 0

    def _arithmetic(self, row: Arithmetic, cells: list[Cell]) -> _Made | None:
        scale = self._common(cells)
        texts = [self._over(each, scale) if scale else self._counted(each) for each in cells]
        if any(each.type not in (NUMBER, TRUTH) for each in cells):
            return None
        match row.op:
            case "add":
                return _Made(self._sum(cells, scale) if scale else _added(texts), scale)
            case "sub" if len(cells) <= MAX_BRANCHES:
                return _Made(" - ".join(texts), scale)
            case "min" | "max":
                return _Made(self._extreme(row.op, texts), scale)
            case "mul":
                return self._product(cells)
            case "div" if all(isinstance(each.value, Fraction) and each.value for each in cells[1:]):
                return self._product([cells[0], *(self._reciprocal(each) for each in cells[1:])])
            case "div" if len(cells) == 2:
                zero = self.source.constant(DIVISION_BY_ZERO)
                return _Made(f"F({texts[0]}, {texts[1]}) if {texts[1]} else {zero}", 0, stuck=True)
            case "power" if cells[0].type == NUMBER:
                exponent = self.cells[row.operands[1]].value
                assert isinstance(exponent, Fraction)
                made = cells[0].scale ** max(int(exponent), 0)
                if exponent >= 0 and made <= MAX_SCALE:
                    return _Made(f"{cells[0].text} ** {int(exponent)}", made)
        return None

    def _sum(self, cells: Iterable[Cell], scale: int) -> str:
        """A sum over a denominator; what is multiplied by the same is added up before."""
        groups: dict[int, list[str]] = {}
        for cell in cells:
            by = 1 if cell.type != NUMBER or cell.value is not None else scale // cell.scale
            groups.setdefault(by, []).append(cell.text if by > 1 else self._over(cell, scale))
        alone = groups.pop(1, [])
        for by, each in groups.items():
            alone.append(f"({_added(each)}) * {by}" if len(each) > 1 else f"{each[0]} * {by}")
        return _added(alone)

    def _extreme(self, op: str, texts: list[str]) -> str:
        if len(texts) == 2 and all(text.strip("()-").isalnum() for text in texts):
            sign = "<=" if op == "min" else ">="
            return f"{texts[0]} if {texts[0]} {sign} {texts[1]} else {texts[1]}"
        return f"{op}({', '.join(texts)})"

    def _reciprocal(self, cell: Cell) -> Cell:
        assert isinstance(cell.value, Fraction)
        return constant(1 / cell.value, self.source)

    def _product(self, cells: Sequence[Cell]) -> _Made | None:
        """Constants are taken together; truths are conditions."""
        varying = [each for each in cells if each.value is None]
        factor = Fraction(1)
        for cell in cells:
            if isinstance(cell.value, Fraction | bool):
                factor *= cell.value
        numbers = [each for each in varying if each.type == NUMBER]
        truths = [each.text for each in varying if each.type == TRUTH]
        if len(numbers) + len(truths) < len(varying) or len(cells) > MAX_BRANCHES:
            return None
        scale = math.prod(each.scale for each in numbers)
        if scale == 0 or scale * factor.denominator > MAX_SCALE:
            scale, factors = 0, [self._fraction(each) for each in numbers]
            factors += [self.source.constant(factor, factor)]
        else:
            shared = math.gcd(factor.numerator, scale)
            times, scale = factor.numerator // shared, scale // shared * factor.denominator
            factors = [each.text for each in numbers] + ([f"({times})"] if times != 1 or not numbers else [])
        text = " * ".join(factors)
        return _Made(
            f"{text} if {' and '.join(truths)} else {0 if scale else 'F()'}" if truths else text, scale
        )

    def _gather(self, row: Gather) -> _Made | None:
        """Sums and means of members that all take part, with constant weights."""
        members = [self.cells[each] for each in row.members]
        stuck = row.applying and any(each.stuck for each in members)
        if stuck or row.pick != "all" or row.needs > len(members) or not members:
            return None
        if row.otherwise is not None and self.cells[row.otherwise].stuck:
            return None
        weights = [self.cells[each].value for each in row.weights] or [Fraction(1)] * len(members)
        parts = [self._weighed(each, weight) for each, weight in zip(members, weights, strict=True)]
        cells = [each for each in parts if each is not None]
        scale = self._common(cells) if len(cells) == len(parts) else 0
        total = sum((each for each in weights if isinstance(each, Fraction)), Fraction(0))
        over = scale if row.op == "sum" else scale * total.numerator
        if not 0 < over <= MAX_SCALE:
            return None
        text = self._sum(cells, scale)
        times = 1 if row.op == "sum" else total.denominator
        return _Made(text if times == 1 else f"({text}) * {times}", over)

    def _weighed(self, cell: Cell, weight: Settled | None) -> Cell | None:
        """A member times its weight, where that never varies."""
        if weight == 1 or not isinstance(weight, Fraction):
            return cell if isinstance(weight, Fraction) else None
        made = self._product([cell, constant(weight, self.source)])
        return None if made is None or made.scale == 0 else Cell(f"({made.text})", NUMBER, made.scale)

    def _round(self, row: Round, cell: Cell) -> _Made | None:
        if cell.scale == 0 or cell.type != NUMBER or row.step <= 0:
            return None
        step, scale = row.step.numerator, row.step.denominator
        number = self._times(cell.text, scale)
        by = cell.scale * step
        match row.mode:
            case _ if by == 1:
                count = number
            case "up":
                count = f"-(-{number} // {by})"
            case "down":
                count = f"{number} // {by}"
            case "half up":
                count = f"(2 * {number} + {by}) // {2 * by}"
            case mode:
                count = f"{self.source.constant(_counted(mode), mode)}({number}, {by})"
        return _Made(self._times(f"({count})", step), scale)

    def _times(self, text: str, by: int) -> str:
        return text if by == 1 else f"{text} * {by}"

    # ---- conditions

    def _compare(self, op: str, left: Cell, right: Cell) -> _Made | None:
        """A comparison, of whole numbers where it can be."""
        if left.type == WORD and right.type == WORD:
            return _Made(f"{left.text} == {right.text}")
        if isinstance(right.value, Fraction) and left.value is None and left.scale and left.type == NUMBER:
            return _Made(self._edge(op, left, right.value))
        if isinstance(left.value, Fraction) and right.value is None and right.scale and right.type == NUMBER:
            turned = {"at most": "at least", "at least": "at most", "above": "below", "below": "above"}
            return _Made(self._edge(turned.get(op, op), right, left.value))
        if any(each.type not in (NUMBER, TRUTH) for each in (left, right)):
            return None
        scale = self._common((left, right))
        texts = [self._over(each, scale) if scale else self._fraction(each) for each in (left, right)]
        return _Made(f" {_OPERATORS[op]} ".join(texts))

    def _as_written(self, op: str, left: Cell, right: Cell) -> str | None:
        """A figure as written against one that never varies and is the text of its float: floats keep their order."""
        if isinstance(left.value, Fraction):
            turned = {"at most": "at least", "at least": "at most", "above": "below", "below": "above"}
            op, left, right = turned.get(op, op), right, left
        given = self.written.get(left.text)
        if given is None or not isinstance(right.value, Fraction):
            return None
        edge = right.value / given.unit
        if abs(edge) > 10**15 or Fraction(repr(float(edge))) != edge:
            return None
        return f"{given.written} {_OPERATORS[op]} ({float(edge)!r})"

    def _edge(self, op: str, cell: Cell, value: Fraction) -> str:
        """A number against one that never varies, both over the same: a whole number will do."""
        edge = value * cell.scale
        if op == "exactly" and edge.denominator != 1:
            return "False"
        whole = math.ceil(edge) if op in ("at least", "below") else math.floor(edge)
        return f"{cell.text} {_OPERATORS[op]} {whole}"

    def _logic(self, ref: Ref, op: str, cells: list[Cell]) -> Cell | None:
        if any(each.type not in (TRUTH, NONE) for each in cells):
            return None
        deciding = op == "any"
        if op != "not" and any(each.value is deciding for each in cells):
            self.lines[ref].append(f"v{ref} = {deciding}")
            return Cell(f"v{ref}", TRUTH)
        texts = [each.text for each in cells if not isinstance(each.value, bool)]
        stuck = any(each.stuck for each in cells)
        if op == "not":
            text = f"not {texts[0]}"
            text = f"{texts[0]} if T({texts[0]}) is S else {text}" if stuck else text
        elif stuck:
            text = f"{self.source.constant(some if deciding else every)}(({', '.join(texts)},))"
        else:
            text = (" or " if deciding else " and ").join(texts)
        self.lines[ref].append(f"v{ref} = {text}")
        return Cell(f"v{ref}", TRUTH, stuck=stuck)

    # ---- choices

    def _reachable(self, row: Choose) -> list[tuple[Cell, Ref]]:
        """The rows of a choice that can be taken."""
        found = []
        for condition, value in row.rows:
            cell = self.cells[condition]
            if cell.value is not False:
                found.append((cell, value))
            if cell.value is True:
                break
        return found

    def _type(self, cells: Iterable[Cell]) -> str:
        """The one type of several values."""
        kinds = {cell.type for cell in cells} - {NONE}
        if len(kinds) > 1:
            raise NotWrittenError
        return kinds.pop() if kinds else NONE

    def _choose(self, ref: Ref, row: Choose) -> Cell | None:
        rows = self._reachable(row)
        cells = [self.cells[value] for _, value in rows]
        kind = self._type(cells)
        scale = self._common(each for each in cells if each.type != NONE) if kind == NUMBER else 1
        taken = {*cells, *(condition for condition, _ in rows)}
        ends = bool(rows) and rows[-1][0].value is True
        stuck = not ends or any(each.stuck for each in cells) or any(each.stuck for each, _ in rows)
        texts = [self._chosen(each, kind, scale) for each in cells]
        conditions = [each.text for each, _ in rows]
        self.users[ref] = [other for pair in row.rows for other in pair if self.cells[other] in taken]
        if any(each.stuck for each, _ in rows) or len(rows) > MAX_BRANCHES:
            pairs = (text for pair in zip(conditions, texts, strict=True) for text in pair)
            text = f"{self.source.constant(first)}({', '.join(pairs)})"
        else:
            if self._bails_out(ref, rows, cells):
                self.lines[ref] += [f"if not {conditions[0]}: return None", f"v{ref} = {texts[0]}"]
                return Cell(f"v{ref}", kind, scale)
            no_row = self.source.constant(NO_ROW)
            parts = [f"{text} if {when} else" for when, text in zip(conditions, texts, strict=True)]
            text = " ".join([*parts[:-1], texts[-1]] if ends else [*parts, no_row])
        self.lines[ref].append(f"v{ref} = {text}")
        return Cell(f"v{ref}", kind, scale, stuck=stuck)

    def _bails_out(self, ref: Ref, rows: Sequence[tuple[Cell, Ref]], cells: Sequence[Cell]) -> bool:
        """Whether a choice is one value or else a state, so that the code ends where that is not the value."""
        others = cells[1:]
        return (
            self.bails
            and 0 < len(rows) <= 2
            and all(isinstance(each.value, State) for each in others)
            and rows[0][0].value is None
            and not (cells[0].stuck or rows[0][0].open or cells[0].open)
            and self._may_be_state(ref)
        )

    def _chosen(self, cell: Cell, kind: str, scale: int) -> str:
        if kind != NUMBER or cell.type == NONE:
            return cell.text
        return self._over(cell, scale, guarded=True) if scale else self._fraction(cell)

    # ---- functions of corners

    def _piecewise(self, ref: Ref, row: Piecewise) -> Cell | None:
        operand = self.cells[row.operand]
        if operand.type != NUMBER or operand.scale == 0 or (operand.stuck and operand.value is not None):
            return None
        places = [self.cells[knot.at].value for knot in row.knots]
        numbers = [each for each in places if isinstance(each, Fraction)]
        if len(numbers) < len(places) or len(numbers) > MAX_BRANCHES:
            return None
        if any(left >= right for left, right in pairwise(numbers)):
            return None
        lines = self._lines(row, numbers)
        if lines is None:
            return None
        if not (operand.stuck or self._may_be_state(ref)):  # what is a state lies out of reach
            lines = [each for each in lines if each.cell is None or not isinstance(each.cell.value, State)]
            lines[-1] = lines[-1]._replace(end=None)
        scale = self._scale_of(lines, operand.scale)
        if scale == 0:
            return None
        stuck = operand.stuck or any(each.cell is not None and each.cell.stuck for each in lines)
        name, word = f"v{ref}", "if"
        if operand.stuck:
            self.lines[ref].append(f"if T({operand.text}) is S: {name} = {operand.text}")
            word = "elif"
        for each in lines[:-1]:
            assert each.end is not None
            edge = each.end * operand.scale
            test = f"<= {math.floor(edge)}" if each.included else f"< {math.ceil(edge)}"
            text = self._on_line(each, operand, scale)
            self.lines[ref].append(f"{word} {operand.text} {test}: {name} = {text}")
            word = "elif"
        text = self._on_line(lines[-1], operand, scale)
        self.lines[ref].append(f"else: {name} = {text}" if word == "elif" else f"{name} = {text}")
        return Cell(name, NUMBER, scale, stuck=stuck)

    def _lines(self, row: Piecewise, places: Sequence[Fraction]) -> list[_Line] | None:
        """The stretches and corners from the left to the right, neighbours that go on alike joined."""
        knots = row.knots
        found: list[_Line | None] = [self._outside(row.below, row, places, is_left=True)]
        for index, (knot, place) in enumerate(zip(knots, places, strict=True)):
            before = found[-1]
            if before is not None:
                found[-1] = before._replace(end=place)
            found.append(self._value(knot.before if knot.holds == "before" else knot.after, place))
            if index + 1 < len(knots):
                found.append(self._between(row, index, places))
        found.append(self._outside(row.above, row, places, is_left=False))
        lines = [each for each in found if each is not None]
        return self._joined(lines) if len(lines) == len(found) else None

    def _value(self, ref: Ref, end: Fraction | None = None) -> _Line | None:
        cell = self.cells[ref]
        is_corner = end is not None
        if isinstance(cell.value, Fraction):
            return _Line(Fraction(0), cell.value, None, end, is_corner, is_corner)
        if cell.type == WORD or cell.scale == 0:
            return None
        return _Line(Fraction(0), Fraction(0), cell, end, is_corner, is_corner)

    def _between(self, row: Piecewise, index: int, places: Sequence[Fraction]) -> _Line | None:
        """The line between two corners."""
        start, end = row.knots[index].after, row.knots[index + 1].before
        if start == end:
            return self._value(start)
        low, high = self.cells[start].value, self.cells[end].value
        if not isinstance(low, Fraction) or not isinstance(high, Fraction):
            return None
        slope = (high - low) / (places[index + 1] - places[index])
        return _Line(slope, low - slope * places[index], None)

    def _outside(
        self, rule: str, row: Piecewise, places: Sequence[Fraction], *, is_left: bool
    ) -> _Line | None:
        if rule == "flat":
            return self._value(row.knots[0].before if is_left else row.knots[-1].after)
        if rule != "continued":
            return None
        return self._between(row, 0 if is_left else len(places) - 2, places)

    def _joined(self, lines: Sequence[_Line]) -> list[_Line]:
        found = [lines[0]]
        for each in lines[1:]:
            last = found[-1]
            assert last.end is not None
            if last[:3] == each[:3]:
                found[-1] = each._replace(is_corner=False)
            elif last.cell is None is each.cell and each.is_corner and _at(last, last.end) == each.base:
                found[-1] = last._replace(included=True)
            elif last.cell is None is each.cell and last.is_corner and _at(each, last.end) == last.base:
                found[-1] = each
            else:
                found.append(each)
        return found

    def _scale_of(self, lines: Sequence[_Line], operand: int) -> int:
        found = 1
        for each in lines:
            if each.cell is not None:
                found = math.lcm(found, each.cell.scale)
            else:
                found = math.lcm(found, (each.slope / operand).denominator, each.base.denominator)
        return found if found <= MAX_SCALE else 0

    def _on_line(self, line: _Line, operand: Cell, scale: int) -> str:
        if line.cell is not None:
            return line.cell.text if line.cell.type == NONE else self._over(line.cell, scale, guarded=True)
        slope, base = line.slope / operand.scale * scale, int(line.base * scale)
        if slope == 0:
            return str(base)
        if slope in (1, -1) and base:
            return f"{operand.text} + ({base})" if slope == 1 else f"({base}) - {operand.text}"
        text = operand.text if slope == 1 else f"{operand.text} * ({slope})"
        return f"{text} + ({base})" if base else text
