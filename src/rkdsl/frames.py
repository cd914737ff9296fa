"""Many rows of one contract: frames in, frames of the same kind out, with points, states and bounds, all exact.

Narwhals is imported with this module; the engines are those of the frames that are given.
"""

from __future__ import annotations

import datetime
import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import narwhals.stable.v2 as nw

from rkdsl.actuals.record import ASSESSMENT, NOT_DONE
from rkdsl.columns import expressions, reading, remarks, sql
from rkdsl.columns.expressions import Writer
from rkdsl.columns.layers import balanced
from rkdsl.columns.narrowing import narrowed
from rkdsl.columns.program import LIMIT, TRUTH, WORD, Constant, Program
from rkdsl.columns.tables import (
    DAY,
    EPOCH,
    ERROR,
    EXACT_NEEDED,
    STATE,
    STATES,
    WIDEST,
    UnreadableError,
    decimals,
    expected,
)
from rkdsl.diagnostics import Diagnostic, Label, Place, Refused
from rkdsl.long_tables import from_long as from_long
from rkdsl.pipeline import Contract, Outcome
from rkdsl.plain import Final, NamedTuple, evolve
from rkdsl.programs import MOST_MISTAKES, TABLE, WIDE, Asked, Out, Rules, outs, outs_of, query_of, rules_of
from rkdsl.rules import summary
from rkdsl.rules.slots import Slot
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED

DECIMALS, FRACTIONS = "decimal", "fraction"
REFUSE, COLUMN = "refuse", "column"
PLANS: Final = 64
"""How many shapes of tables a contract keeps its expressions for."""
MOST_DIGITS: Final = 10**WIDEST - 1
ROW: Final = "row"
"""How a row is called: `row 3`, the first being 1, or `row` where nobody knows its number."""
_PREFIX: Final = "_rk"
_ROWS: Final = f"{_PREFIX}rows"
"""A column that holds nothing, and stands for the rows where there may be no other."""


class RowsRefusedError(Refused):
    """Rows are refused, and not the table as such."""


def evaluate(
    contract: Contract,
    frame: Any,  # of any engine that Narwhals knows
    as_of: datetime.date | str,
    *,
    figures: Iterable[str] | None = None,
    numbers: str = DECIMALS,
    errors: str | None = None,
    inputs: bool = False,
) -> Any:
    """What each row of a frame comes to, as of a day: a frame of the same kind, a row for each row, in their order.

    A column is named by the path of its figure in a record of `contract.scorer(day)`; `<path>:state` may say
    `not applicable`, `not defined` or `not done` where no figure is told. Null is *not reported*, as is a column that
    is not there. Other columns are kept, with `inputs` also those of figures.

    `figures` are those that come out (all): `g.state`, `g.secured`, `g.possible` for items, sections and `total`,
    `v.word` for a value that is one. Numbers are decimals where all that they can be are, else two columns,
    `:numerator` and `:denominator`; with `numbers="fraction"` all are. A number that is not there is null, and its
    state says why; a null `possible` beside a state of "" has no upper end.

    With `errors="refuse"` unlawful rows raise `Refused`, the first of them told; with "column" the column `error`
    says what is wrong with a row, whose figures are null. A lazy frame stays lazy, has that column always, and
    `exact needed`, which holds for rows that whole numbers of 64 bits cannot settle: these are left to a frame that
    is not lazy. A frame of Dask leaves none: each of its partitions is reckoned as a frame in memory, where it
    lies.
    """
    if numbers not in (DECIMALS, FRACTIONS):
        raise ValueError(f"numbers are decimal or fraction, not {numbers!r}")
    if errors not in (None, REFUSE, COLUMN):
        raise ValueError(f"errors are for refuse or column, not {errors!r}")
    if isinstance(figures, str):
        raise ValueError(f"figures are several names, as [{figures!r}]")
    wanted = None if figures is None else tuple(dict.fromkeys(figures))
    return evaluate_asked(contract, frame, as_of, Asked(wanted, numbers == FRACTIONS, errors, inputs))


def evaluate_asked(contract: Contract, frame: Any, as_of: datetime.date | str, asked: Asked) -> Any:
    """The same with what is asked for put together."""
    rules = rules_of(contract, as_of)
    engine = type(frame).__module__.partition(".")[0]
    if engine in ("duckdb", "_duckdb"):
        return _on_duckdb(rules, frame, asked)
    if engine == "pyspark":
        return _on_spark(rules, frame, asked)
    if engine == "dask":
        return _on_dask(rules, frame, asked)
    table: Any = nw.from_native(frame)
    if isinstance(table, nw.LazyFrame):
        return _lazy(rules, table, asked)
    if table.implementation in (nw.Implementation.PANDAS, nw.Implementation.PYARROW):
        return _by_polars(rules, table, asked)
    return _eager(rules, table, asked).to_native()


def _by_polars(rules: Rules, frame: nw.DataFrame[Any], asked: Asked) -> Any:  # a frame of pandas or PyArrow
    """A frame in memory, reckoned by Polars, and back again; what is kept of it is kept as it is, whatever it holds."""
    found: Any = _eager(rules, _figures_in_polars(rules, frame), asked).to_native()
    told = set(found.columns)
    found = found.drop([each for each in found.columns if each in frame.columns or each == _ROWS])
    native: Any = frame.to_native()
    kept = [each for each in frame.columns if each in told or not _is_name(each)]
    if frame.implementation is nw.Implementation.PYARROW:
        made = found.to_arrow()
        whole = native.select(kept)
        for name in made.column_names:
            whole = whole.append_column(name, made[name])
        return whole
    made = found.to_pandas(use_pyarrow_extension_array=True).set_index(native.index)
    return native[kept].assign(**{name: made[name].array for name in made.columns})


def _figures_in_polars(rules: Rules, frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """The columns of figures, in Polars, the others by their names alone. Raises `Refused` for one it cannot hold."""
    import polars as pl

    columns: dict[str, Any] = {_ROWS: pl.repeat(None, len(frame), eager=True)}
    for name in filter(_is_name, frame.columns):
        is_figure = name.removesuffix(STATE) in rules.slots
        columns[name] = _in_polars(frame, name) if is_figure else columns[_ROWS]
    return nw.from_native(pl.DataFrame(columns), eager_only=True)


def _is_name(column: Any) -> bool:  # what pandas calls columns by
    return isinstance(column, str)


def _in_polars(frame: nw.DataFrame[Any], name: str) -> Any:  # a column of Polars
    native: Any = frame.get_column(name).to_native()
    type = str(getattr(native, "type", getattr(native, "dtype", "")))
    if not type.startswith("decimal256"):  # it would not be told, but end in a panic
        try:
            return frame.get_column(name).to_polars()
        except (OverflowError, TypeError, ValueError, NotImplementedError):  # what is no column of one type
            pass
    raise Refused((remarks.of_unknown_type(TABLE, name, type),), {})


# ---- what comes out


def _expression(out: Out, steps: Mapping[int, nw.Expr], writer: Writer) -> nw.Expr:
    """A column that comes out, null where there is no figure."""
    figure, api = out.figure, writer.api
    found = steps[figure.above]
    if figure.type == DAY:
        found = ((found - EPOCH) * 86_400_000_000).cast(api.Datetime("us")).cast(api.Date)
    elif out.part == "denominator":
        found = writer.literal(figure.scale)
        if figure.below is not None:
            found = steps[figure.below] * found if figure.scale != 1 else steps[figure.below]
    elif out.part == "whole" and figure.type not in (TRUTH, WORD):
        places = decimals(figure.scale)
        assert places is not None
        if places:
            unit = Decimal(10**places // figure.scale).scaleb(-places)
            found = found.cast(api.Decimal(19, 0)) * api.lit(unit)
    if figure.told is not None:
        found = api.when(steps[figure.told]).then(found)
    return found


# ---- frames


class Seen(NamedTuple):
    """A shape of tables that was seen: its program, how it is read, and what is asked of a frame in memory."""

    program: Program
    table: reading.Table
    sound: tuple[nw.Expr, ...]
    outs: tuple[Out, ...]
    kept: tuple[str, ...]


class Plan(NamedTuple):
    """What is put beside a table, and selected from it.

    `left` are the rows for the exact engine; None where there are none, whatever stands in them.
    """

    written: expressions.Written
    columns: tuple[nw.Expr, ...]
    outs: tuple[Out, ...]
    left: nw.Expr | None


def _seen(rules: Rules, frame: Any, program: Program | None, asked: Asked, key: Key) -> Seen | None:
    """The shape of a table; None where the contract has no program. Raises `Refused`."""
    _check_types(rules, frame, key)
    if key in rules.plans:
        return rules.plans[key]  # type: ignore[no-any-return]  # put there below
    if program is None:
        return None
    is_lazy = isinstance(frame, nw.LazyFrame)
    coming = tuple(
        each for each in outs(program, fractions=asked.fractions) if is_lazy or each.name != EXACT_NEEDED
    )
    names = [each.name for each in coming]
    has_errors = is_lazy or asked.errors == COLUMN
    kept = rules.checked(frame.columns, [*names, *([ERROR] if has_errors else [])], inputs=asked.inputs)
    writer = expressions.IN_NARWHALS
    if frame.implementation is nw.Implementation.POLARS:
        import polars

        writer = Writer(polars, gathers=not is_lazy)
    try:
        table = reading.table(program, frame.collect_schema(), frame.implementation, writer)
    except UnreadableError as error:
        raise Refused((remarks.of_another_type(TABLE, error.slot, error.found),), {}) from None
    if len(rules.plans) >= PLANS:
        rules.plans.clear()
    found = rules.plans[key] = Seen(program, table, tuple(reading.sound_of(table)), coming, kept)
    return found


def _check_types(rules: Rules, frame: Any, key: Key) -> None:
    """Refuses columns of figures whose type Narwhals does not know, but for those without any cell."""
    unknown = [
        name for name, dtype in key[0] if dtype == nw.Unknown and name.removesuffix(STATE) in rules.slots
    ]
    if unknown and frame.implementation is nw.Implementation.POLARS:
        types = frame.to_native().collect_schema()
        wrong = [
            remarks.of_unknown_type(TABLE, name, str(types[name]))
            for name in unknown
            if str(types[name]) != "Null"
        ]
        if wrong:
            raise Refused(tuple(wrong), {})


def _plan(rules: Rules, seen: Seen, facts: reading.Facts, asked: Asked, key: Key) -> Plan:
    known = (*key, tuple(facts.items()))
    if known not in rules.plans:
        smaller = narrowed(seen.program, seen.table.columns(seen.program, facts))
        writer = seen.table.writer
        written = expressions.written(smaller, seen.table.parts(smaller, facts), _PREFIX, writer)
        figures = {each.name: each for each in smaller.figures}
        coming = [
            each._replace(figure=figures[each.figure.name])
            for each in outs(
                seen.program, fractions=asked.fractions
            )  # the same whatever is known of the table
        ]
        columns = [_expression(out, written.steps, writer).alias(out.name) for out in coming]
        rules.plans[known] = Plan(written, tuple(columns), tuple(coming), _left(seen, smaller, facts))
    return rules.plans[known]  # type: ignore[no-any-return]  # put there above


def _left(seen: Seen, program: Program, facts: reading.Facts) -> nw.Expr | None:
    """Which rows are left to the exact engine: those that need it, and those that are unlawful."""
    found = [
        each
        for name, each in seen.table.unlawful().items()
        if name.endswith(STATE) or not facts.get(name, (False, False))[1]
    ]
    (needed,) = (each for each in program.figures if each.name == EXACT_NEEDED)
    if program.steps[needed.above] != Constant(False):
        found.append(seen.table.writer.api.col(EXACT_NEEDED))
    return balanced(operator.or_, found) if found else None


Key = tuple[Any, ...]
"""What a shape of tables is known by. `Any`: types of columns."""


def _key(frame: Any, asked: Asked) -> Key:  # a frame of Narwhals
    columns = tuple(frame.collect_schema().items())
    return (columns, frame.implementation, isinstance(frame, nw.LazyFrame), asked._replace(before=0, told=0))


def _lazy(rules: Rules, frame: nw.LazyFrame[Any], asked: Asked) -> Any:  # a native lazy frame
    key = _key(frame, asked)
    program = rules.program(frame.collect_schema().names(), asked.figures)
    seen = _seen(rules, frame, program, asked, key)
    assert seen is not None
    plan = _plan(rules, seen, {}, asked, key)
    api = seen.table.writer.api
    named = [each.name for each in plan.outs]
    short = {name: f"{_PREFIX}out{index}" for index, name in enumerate(named)}
    columns = [each.alias(short[name]) for name, each in zip(named, plan.columns, strict=True)]
    needed = (api.col(ERROR) == "").fill_null(api.col(short[EXACT_NEEDED]))
    wrong = _wrong(program, seen.table)
    settled = api.col(ERROR).is_null() & ~api.col(short[EXACT_NEEDED])
    shown = [
        api.when(settled).then(api.col(short[each])).alias(each) for each in named if each != EXACT_NEEDED
    ]
    native: Any = frame.to_native() if api is not nw else frame
    beside = plan.written.beside(native).with_columns(*columns, wrong.alias(ERROR))
    beside = beside.with_columns(needed.alias(short[EXACT_NEEDED]))
    told = api.when(api.col(ERROR) != "").then(api.col(ERROR)).alias(ERROR)
    found = beside.select(*seen.kept, *shown, api.col(short[EXACT_NEEDED]).alias(EXACT_NEEDED), told)
    return found.to_native() if api is nw else found


def _wrong(program: Program, table: reading.Table) -> nw.Expr:
    """What is wrong with a row: null where nothing is, and "" where the exact engine can tell."""
    slots = {each.name: each for each in program.slots}
    api = table.writer.api
    found: Any = None  # `Any`: there is a class for each stage of it
    for name, condition in table.unlawful().items():
        slot = slots[name.removesuffix(STATE)]
        text = f"{name}: expected {expected(slot)}"
        outside = None
        if name.endswith(STATE):
            text = remarks.of_unlawful_states(slot.name)
        else:
            outside = table.readers[name].outside
        said = api.lit(text, dtype=api.String)
        if outside is not None:
            said = api.when(outside).then(said).otherwise(api.lit("", dtype=api.String))
        found = (api if found is None else found).when(condition).then(said)
    nothing: nw.Expr = api.lit(None, dtype=api.String)
    if found is None:
        return nothing
    made: nw.Expr = found.otherwise(nothing)
    return made


def _eager(rules: Rules, frame: nw.DataFrame[Any], asked: Asked) -> nw.DataFrame[Any]:
    key = _key(frame, asked)
    program = rules.program_or_none(frame.columns, asked.figures)
    seen = _seen(rules, frame, program, asked, key)
    if seen is None:
        return _all_exact(rules, frame, asked)
    api = seen.table.writer.api
    native: Any = frame if api is nw else frame.to_native().lazy()
    facts = reading.looked(
        seen.table, seen.sound, lambda each: _collected(native.select(*each)).rows(named=True)[0]
    )
    plan = _plan(rules, seen, facts, asked, key)
    coming = [each.name for each in seen.outs]
    made = plan.written.beside(native).with_columns(*plan.columns)
    left = f"{_PREFIX}left"
    if plan.left is not None:
        made = made.with_columns(plan.left.alias(left))
    names = [*seen.kept, *coming, *([] if plan.left is None else [left])]
    result: nw.DataFrame[Any] = nw.from_native(
        _collected(made.select(*names)), eager_only=True, pass_through=False
    )
    mask = None if plan.left is None else result[left]
    if mask is not None:
        result = result.drop(left)
    if asked.errors == COLUMN:
        result = result.with_columns(nw.lit(None, dtype=nw.String).alias(ERROR))
    if mask is None or not mask.any():
        return result
    rows = [index for index, each in enumerate(mask.to_list()) if each]
    came = _exact(rules, frame.filter(mask), rows, seen.outs, asked)
    return _patched(result, rows, came)


def _collected(frame: Any) -> Any:  # a frame of Narwhals in memory, or a lazy one of Polars
    """Reckoned as it is written: there is nothing to push down, and looking for it takes longer than it saves."""
    if isinstance(frame, nw.DataFrame):
        return frame
    import polars as pl

    return frame.collect(optimizations=pl.QueryOptFlags.none())


def _all_exact(rules: Rules, frame: nw.DataFrame[Any], asked: Asked) -> nw.DataFrame[Any]:
    """A frame of which something has no form over columns: every row by itself."""
    figures = rules.partly(frame.columns, asked.figures)
    coming = [each for figure in figures for each in outs_of(figure, fractions=asked.fractions)]
    schema = {each.name: _type_of(each) for each in coming}
    if asked.errors == COLUMN:
        schema[ERROR] = nw.String()
    kept = rules.checked(frame.columns, schema, inputs=asked.inputs)
    came = _exact(rules, frame, range(len(frame)), coming, asked)
    columns = {name: [row.get(name) for row in came] for name in schema}
    made = nw.from_dict(columns, schema, backend=frame.implementation)
    return nw.concat([frame.select(*kept), made], how="horizontal") if kept else made


def _type_of(out: Out) -> Any:  # a type of Narwhals
    """What a column holds whose rows all come from the exact engine."""
    if out.figure.type == WORD:
        return nw.String()
    if out.figure.type == DAY:
        return nw.Date()
    if out.figure.type == WIDE:
        return nw.Decimal(WIDEST, 0)
    places = (decimals(out.figure.scale) or 0) if out.part == "whole" else 0
    return nw.Decimal(WIDEST, places) if places else nw.Int64()


# ---- rows for the exact engine


def _exact(
    rules: Rules, frame: nw.DataFrame[Any], rows: Sequence[int], coming: Sequence[Out], asked: Asked
) -> list[dict[str, Any]]:
    """What some rows of a table come to by the exact engine. Raises `Refused`."""
    columns = [each for each in frame.columns if each.removesuffix(STATE) in rules.slots]
    narrow = [
        nw.col(each) for each in columns if frame[each].dtype.is_float() and frame[each].dtype != nw.Float64
    ]
    figures = frame.select(*columns).with_columns(reading.as_written(each, nw) for each in narrow)
    told = figures.rows(named=True) if columns else [{} for _ in rows]
    came: list[dict[str, Any]] = []
    refused: list[Diagnostic] = []
    one_by_one = Rows(rules)
    for index, row in zip(rows, told, strict=True):
        name = ROW if asked.before is None else f"{ROW} {asked.before + index + 1}"
        try:
            came.append(_as_row(one_by_one.figures(row), coming, name))
        except Refused as error:
            located = _in_row(error.diagnostics, name)
            if asked.errors != COLUMN:
                if asked.told + len(refused) >= MOST_MISTAKES:
                    refused.append(remarks.of_more_rows(TABLE, name))
                    break
                refused += located
                continue
            came.append({**{each.name: None for each in coming}, ERROR: str(Refused(located, {}))})
    if refused:
        raise RowsRefusedError(tuple(refused), {})
    return came


def _patched(
    result: nw.DataFrame[Any], rows: Sequence[int], came: Sequence[Mapping[str, Any]]
) -> nw.DataFrame[Any]:
    """The result with some rows of figures put in the place of others."""
    order = f"{_PREFIX}row"
    indexed = result.with_row_index(order)
    names = list(came[0])
    if ERROR in result.columns and ERROR not in names:
        names.append(ERROR)
    others = [each for each in indexed.columns if each not in names]
    chosen = indexed.filter(indexed[order].is_in(list(rows)))
    schema = {name: result.schema[name] for name in names}
    backend = result.implementation
    made = nw.from_dict({name: [each.get(name) for each in came] for name in names}, schema, backend=backend)
    whole = nw.concat([chosen.select(*others), made], how="horizontal").select(*indexed.columns)
    rest = indexed.filter(~indexed[order].is_in(list(rows)))
    return nw.concat([rest, whole]).sort(order).drop(order)


def _as_row(figures: Mapping[str, Any], coming: Iterable[Out], row: str) -> dict[str, Any]:
    """Figures as cells of the columns that come out. Raises `Refused` where a column cannot hold one."""
    found: dict[str, Any] = {}
    for out in coming:
        value = figures.get(out.figure.name)
        if isinstance(value, Fraction):
            if out.part != "whole":
                value = getattr(value, out.part)
                if abs(value) > (MOST_DIGITS if out.figure.type == WIDE else LIMIT):
                    raise Refused((remarks.of_wide_fractions(TABLE, row, out.name, value),), {})
            elif out.figure.type == DAY:
                value = datetime.date.fromordinal(int(value))
            else:
                places = decimals(out.figure.scale) or 0
                whole, rest = divmod(value.numerator * 10**places, value.denominator)
                if rest:
                    raise Refused((remarks.of_no_decimals(TABLE, row, out.name, value),), {})
                value = Decimal(whole).scaleb(-places) if places else whole
        found[out.name] = value
    return found


def _in_row(diagnostics: Iterable[Diagnostic], row: str) -> tuple[Diagnostic, ...]:
    """Mistakes of a record, placed in a row of the table."""
    found = []
    for each in diagnostics:
        place = each.place
        if place.key.startswith(ROW):
            found.append(each)
            continue
        first = Label(Place(TABLE, key=f"{row}: {place.key}"), each.labels[0].text)
        found.append(evolve(each, labels=(first, *each.labels[1:])))
    return tuple(found)


class Rows:
    """Rows by the exact engine, one by one."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._scorer = rules.contract.scorer(rules.as_of)

    def figures(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The figures of a row. Raises `Refused`."""
        return self._scorer.figures(self.record(row))

    def record(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row as a record of a scorer."""
        found = {}
        for path, slot in self.rules.slots.items():
            value = _plain(row.get(path))
            state = _plain(row.get(path + STATE))
            if state is not None and (state not in STATES or value is not None):
                raise Refused((remarks.of_no_state(TABLE, path + STATE, str(state)),), {})
            if value is not None:
                found[path] = value
                if slot.field.kind == ASSESSMENT or slot.field.roles:
                    found[path] = _judged(slot, value)
            elif state == NOT_DONE:
                found[path] = state
            elif state == NOT_APPLICABLE:
                found[path] = {"not_applicable": "said in the table"}
            elif state == NOT_DEFINED:
                found[path] = state
        return found


def _judged(slot: Slot, value: Any) -> dict[str, Any]:  # any figure of a record
    """A figure that a role decides; the table says neither who nor why."""
    key = "points" if slot.field.kind == ASSESSMENT else "value"
    by = slot.field.roles[0] if slot.field.roles else TABLE
    return {key: value, "by": by, "reason": "said in the table"}


def _plain(value: Any) -> Any:  # any cell of an engine, as Python has it
    """A cell as a record has it; None for what is not reported."""
    if value is None or value != value:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time() and value.tzinfo is None
        return value.date() if midnight else value.isoformat()
    return value


def figures_of(outcome: Outcome) -> dict[str, Any]:
    """The figures of an outcome, by the names that columns have; those of registers among them."""
    return summary.figures(outcome.tree, outcome.trace, outcome.as_of)


class Chunks:
    """A table that comes in pieces, each a frame that is not lazy; what comes out has the same columns for each."""

    def __init__(self, contract: Contract, as_of: datetime.date, asked: Asked) -> None:
        self._rules, self._asked = rules_of(contract, as_of), asked
        self.rows = 0
        self.refused: Final[list[Diagnostic]] = []
        """The mistakes in the rows so far."""
        self.is_over = False
        """Whether there are more than are told, so that no more rows need be looked at."""

    @property
    def types(self) -> dict[str, str]:
        """What the columns of figures hold: `number`, `whole`, `truth`, `word` or `day`."""
        return {path: self._rules.kind(path) for path in self._rules.slots}

    def evaluate(self, frame: Any) -> Any:  # a frame, and another of its kind
        """What the next rows come to; None where some of them are unlawful. Raises `Refused` for the columns."""
        table: Any = nw.from_native(frame, eager_only=True)
        asked = self._asked._replace(before=self.rows, told=len(self.refused))
        self.rows += len(table)
        try:
            return _eager(self._rules, table, asked).to_native()
        except RowsRefusedError as error:
            self.refused.extend(error.diagnostics)
            self.is_over = error.diagnostics[-1].code == remarks.MORE_ROWS
            return None


# ---- engines that take SQL, and those with frames of others in them


def _on_duckdb(rules: Rules, relation: Any, asked: Asked) -> Any:
    """A relation of DuckDB, and another."""
    types = {
        name: sql.type_of(str(each)) for name, each in zip(relation.columns, relation.types, strict=True)
    }
    return relation.query("rkdsl_rows", query_of(rules, types, "rkdsl_rows", "duckdb", asked))


def _on_dask(rules: Rules, frame: Any, asked: Asked) -> Any:
    """A frame of Dask, and another."""
    partition = functools.partial(
        _partition, rules.contract, rules.as_of, asked._replace(errors=COLUMN, before=None)
    )
    return frame.map_partitions(partition, meta=partition(frame._meta))


def _partition(contract: Contract, as_of: datetime.date, asked: Asked, frame: Any) -> Any:
    """One partition, a frame of pandas."""
    return evaluate_asked(contract, frame, as_of, asked)


def _on_spark(rules: Rules, frame: Any, asked: Asked) -> Any:
    """A frame of Spark, and another."""
    types = {name: sql.type_of(each) for name, each in frame.dtypes}
    view = f"rkdsl_{id(frame):x}"
    frame.createOrReplaceTempView(view)
    try:
        return frame.sparkSession.sql(query_of(rules, types, view, "spark", asked))
    finally:
        frame.sparkSession.catalog.dropTempView(view)
