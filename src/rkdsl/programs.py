"""The rules of a contract as of a day as programs for many rows, and as queries; kept for the next table."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from rkdsl.actuals.record import SECTIONS
from rkdsl.columns import remarks, sql
from rkdsl.columns.figures import is_word
from rkdsl.columns.lowering import Lowered, NotLowered, lower
from rkdsl.columns.program import TRUTH, WORD, Figure, Program
from rkdsl.columns.tables import DAY, ERROR, EXACT_NEEDED, STATE, UnreadableError, decimals
from rkdsl.diagnostics import Diagnostic, Place, Refused
from rkdsl.messages import did_you_mean, nearest, quoted
from rkdsl.pipeline import Contract
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.slots import slots_of
from rkdsl.values import parse_period

MOST_MISTAKES: Final = 20
"""So many mistakes in the rows of a table are told."""
TABLE: Final = "table"
"""What messages call a table."""


WIDE: Final = "wide"
"""The type of a number that no program tells: its numerator and denominator may be too wide for 64 bits."""
NUMBER: Final = ("state", "secured", "possible")
"""The parts of a figure in numbers."""
_Key = tuple[frozenset[str], frozenset[str], tuple[str, ...] | None]


class Asked(NamedTuple):
    """What a caller asks for."""

    figures: tuple[str, ...] | None = None
    fractions: bool = False
    errors: str | None = None
    inputs: bool = False
    before: int | None = 0
    """How many rows of the table stand before those of this frame; None where nobody knows."""
    told: int = 0
    """How many mistakes are told already of those rows."""


class Rules:
    """The rules of a contract as of a day, for many rows."""

    def __init__(self, contract: Contract, as_of: datetime.date) -> None:
        self.contract, self.as_of = contract, as_of
        self.version = contract.amended(as_of)
        self.slots: Final = {each.path: each for each in slots_of(self.version.tree, as_of)}
        self._programs: dict[tuple[Any, ...], Program | NotLowered] = {}
        self.plans: Final[dict[tuple[Any, ...], Any]] = {}
        """What engines keep of tables that they have seen. `Any`: their own."""

    def program(self, columns: Iterable[str], figures: tuple[str, ...] | None) -> Program:
        """The program for a table of these columns. Raises `Refused` where there is none."""
        found = self._program(columns, figures)
        if isinstance(found, Program):
            return found
        place = Place(self.version.file)
        if found.clause is not None:
            place = Place(found.clause.file, key=f"line {found.clause.line}")
        raise Refused((remarks.of_no_form(place, found.name, found.reason),), {})

    def program_or_none(self, columns: Iterable[str], figures: tuple[str, ...] | None) -> Program | None:
        """The same; None where there is none."""
        found = self._program(columns, figures)
        return found if isinstance(found, Program) else None

    def partly(self, columns: Iterable[str], figures: tuple[str, ...] | None) -> list[Figure]:
        """The figures of a contract of which some have no program: those that have are as that says."""
        key = self._key(columns, figures)
        if ("partly", *key) not in self.plans:
            found = self._lowered(*key, gaps=False, partial=True)
            self.plans["partly", *key] = found.program.figures if isinstance(found, Lowered) else ()
        known = {each.name: each for each in self.plans["partly", *key]}
        return [known.get(each.name, each) for each in self.figures(key[2])]

    @cached_property
    def _all(self) -> tuple[str, ...] | None:
        """All that comes out where nothing is chosen; None where that is every figure.

        What registers reckon stands beside the score, and comes out where it is asked for.
        """
        beside = self.version.ready.generated
        names = (each.name for each in self.figures(None))
        return tuple(each for each in names if each.rpartition(".")[0] not in beside) if beside else None

    def _key(self, columns: Iterable[str], figures: tuple[str, ...] | None) -> _Key:
        told = frozenset(columns)
        states = frozenset(each.removesuffix(STATE) for each in told if each.endswith(STATE))
        slots = frozenset(self.slots)
        return (told | states) & slots, states & slots, self._all if figures is None else figures

    def _program(self, columns: Iterable[str], figures: tuple[str, ...] | None) -> Program | NotLowered:
        key = self._key(columns, figures)
        if key not in self._programs:
            told, states, wanted = key
            # with what is missing, else without: then that is left to the exact engine; and where a column that is not
            # there leaves nothing to tell, as if it were there, and empty in every row
            tried = [(some, gaps) for some in (told, frozenset(self.slots)) for gaps in (True, False)]
            for some, gaps in dict.fromkeys(tried):
                found = self._lowered(some, states, wanted, gaps=gaps)
                if isinstance(found, Lowered):
                    break
            self._programs[key] = _chosen(found.program, key[2]) if isinstance(found, Lowered) else found
        return self._programs[key]

    def figures(self, names: tuple[str, ...] | None) -> list[Figure]:
        """The figures of a contract, whether it has a program or not: their names, and which are words."""
        tree = self.version.tree
        found = []
        for item in tree.items:
            found += [(item.id, part) for part in (("state",) if item.points is None else NUMBER)]
        for section in tree.sections:
            if section.points is not None:
                found += [(section.id, part) for part in NUMBER]
        for value in tree.values:
            found += [(value.id, part) for part in (("state", "word") if is_word(value) else NUMBER)]
        if tree.total is not None:
            found += [("total", part) for part in NUMBER]
        made = [
            Figure(f"{name}.{part}", WORD if part in ("state", "word") else WIDE, 0, 0)
            for name, part in found
        ]
        return made if names is None else list(_named(made, names))

    def kind(self, path: str) -> str:
        """What the column of a figure holds: `number`, `whole`, `truth`, `word` or `day`."""
        slot = self.slots[path]
        if slot.field.unit.shown == DAY:
            return DAY
        return "whole" if slot.kind == "number" and slot.scale == 1 else slot.kind

    def _lowered(
        self,
        told: frozenset[str],
        states: frozenset[str],
        figures: tuple[str, ...] | None,
        *,
        gaps: bool,
        partial: bool = False,
    ) -> Lowered | NotLowered:
        version = self.version
        things = None if figures is None else {each.rpartition(".")[0] for each in figures}
        return lower(
            version.tree,
            version.ready.plan,
            self.as_of,
            gaps=gaps,
            told=told,
            states=states,
            things=things,
            partial=partial,
        )

    def checked(self, names: Iterable[str], coming: Iterable[str], *, inputs: bool) -> tuple[str, ...]:
        """The columns of a table that are kept. Raises `Refused` for those that look like figures and are none."""
        wrong: list[Diagnostic] = []
        kept = []
        out = {*coming}
        for name in names:
            base = name.removesuffix(STATE)
            if base in self.slots:
                if inputs:
                    kept.append(name)
                continue
            section, _, rest = base.partition(".")
            meant = nearest(section, SECTIONS.values()) if rest else ""
            if (section in SECTIONS.values() and rest and not self._is_to_come(base)) or (
                f"{meant}.{rest}" in self.slots
            ):
                wrong.append(remarks.of_no_figure(TABLE, name, self.slots))
            if name in out:
                wrong.append(remarks.of_two_meanings(TABLE, name))
            kept.append(name)
        if wrong:
            raise Refused(tuple(wrong), {})
        return tuple(kept)

    def _is_to_come(self, name: str) -> bool:
        """Whether it is a reading of the contract for a period that has not ended: nothing is read from it yet."""
        period = parse_period(name.rpartition(".")[2])
        return period is not None and period.last > self.as_of


def no_figure(rules: Rules, name: str) -> str:
    """What is said of a figure that there is not."""
    hint = did_you_mean(nearest(name, [each.name for each in rules.figures(None)]))
    return f"there is no figure {quoted(name)}" + (f"; {hint}" if hint else "")


def rules_of(contract: Contract, as_of: datetime.date | str) -> Rules:
    """The rules of a contract as of a day, made once. Raises ValueError for what is no day."""
    day = datetime.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    known = contract.kept.get(("rules", day))
    if not isinstance(known, Rules):
        known = contract.kept["rules", day] = Rules(contract, day)
    return known


def _chosen(program: Program, figures: tuple[str, ...] | None) -> Program:
    """The program with the figures that are asked for. Raises KeyError for one that there is not."""
    if figures is None:
        return program
    return program._replace(figures=tuple(_named(program.figures, (*figures, EXACT_NEEDED))))


def _named(figures: Iterable[Figure], names: Iterable[str]) -> Iterator[Figure]:
    by_name = {each.name: each for each in figures}
    for name in names:
        if name not in by_name:
            raise KeyError(name)
        yield by_name[name]


# ---- what comes out


class Out(NamedTuple):
    """A column that comes out: its name, the figure, and which part of it: `whole`, `numerator`, `denominator`."""

    name: str
    figure: Figure
    part: str = "whole"


def outs(program: Program, *, fractions: bool) -> list[Out]:
    """The columns of a program's figures, in order."""
    return [each for figure in program.figures for each in outs_of(figure, fractions=fractions)]


def outs_of(figure: Figure, *, fractions: bool) -> list[Out]:
    """The columns of a figure."""
    if is_fraction(figure, fractions=fractions):
        return [Out(f"{figure.name}:{part}", figure, part) for part in ("numerator", "denominator")]
    return [Out(figure.name, figure)]


def is_fraction(figure: Figure, *, fractions: bool) -> bool:
    """Whether a figure comes out as two columns."""
    if figure.type in (TRUTH, WORD, DAY):
        return False
    return fractions or figure.type == WIDE or figure.below is not None or decimals(figure.scale) is None


def query_of(rules: Rules, types: Mapping[str, str], table: str, dialect: str, asked: Asked) -> str:
    """The query over a table whose columns have those types; those that are no figures are kept. Raises `Refused`."""
    program = rules.program(types, asked.figures)
    coming = [each.name for each in outs(program, fractions=asked.fractions)]
    kept = rules.checked(types, [*coming, ERROR], inputs=asked.inputs)
    try:
        return sql.query(program, table, types, sql.DIALECTS[dialect], keep=kept, fractions=asked.fractions)
    except UnreadableError as error:
        raise Refused((remarks.of_another_type(TABLE, error.slot, error.found),), {}) from None


KINDS: Final = {"number": "decimal", "whole": "integer", "truth": "boolean", "word": "text", "day": "date"}
"""What columns of figures are for a query, where nothing else is said."""


def query(
    contract: Contract,
    as_of: datetime.date | str,
    *,
    dialect: str = "duckdb",
    table: str = "data",
    keep: Iterable[str] = (),
    without: Iterable[str] = (),
    states: Iterable[str] = (),
    types: Mapping[str, str] | None = None,
    figures: Iterable[str] | None = None,
    numbers: str = "decimal",
) -> str:
    """The evaluation of every row of a table as one SQL query.

    The table has a column for each figure (but those in `without`), beside those in `states` another of states, and
    the columns to `keep`; `types` says by kind what they are, as `{"number": "double"}`. A dialect that the engine
    itself does not write is translated by sqlglot, which must know it. Raises `Refused`, KeyError for a figure that
    there is not, and ValueError for an unknown dialect, kind or column.
    """
    rules = rules_of(contract, as_of)
    kinds = KINDS | {kind: sql.type_of(type) for kind, type in (types or {}).items()}
    if set(kinds) != set(KINDS):
        raise ValueError(f"the kinds of columns are {', '.join(KINDS)}")
    left_out, beside = tuple(without), tuple(states)
    for name in (*left_out, *beside):
        if name not in rules.slots:
            raise ValueError(f"the contract reads no `{name}`")
    columns = {path: kinds[rules.kind(path)] for path in rules.slots if path not in left_out}
    columns |= dict.fromkeys((f"{path}{STATE}" for path in beside), "text")
    columns |= dict.fromkeys(keep, "")
    wanted = None if figures is None else tuple(dict.fromkeys(figures))
    asked = Asked(wanted, numbers == "fraction")
    if dialect in sql.DIALECTS:
        return query_of(rules, columns, table, dialect, asked)
    return translated(query_of(rules, columns, table, "duckdb", asked), dialect)


def translated(text: str, dialect: str) -> str:
    """A query of DuckDB in another dialect, parsed again, and marked as not run. Raises ValueError."""
    import sqlglot

    if dialect not in {each.value for each in sqlglot.dialects.Dialects} - {""}:
        raise ValueError(f"sqlglot knows no dialect `{dialect}`")
    try:
        found = sqlglot.transpile(text, read="duckdb", write=dialect, pretty=True)[0]
        sqlglot.parse_one(found, read=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise ValueError(f"not translated to {dialect}: {error}") from None
    return f"-- translated to {dialect} by sqlglot and parsed again; not run\n{found}"
