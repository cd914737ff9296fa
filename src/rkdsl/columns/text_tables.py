"""Tables of text, such as CSV, whose numbers are read as they are written: no digit is lost, none is made up.

A number may have up to 38 digits and an exponent. Truths are `true` and `false`, `yes` and `no`. An empty cell is *not
reported*, as is `nan` among numbers. Columns are separated by commas; a cell may stand in double quotes, of which one
inside is written twice. Every engine is told so: none of them guesses.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from rkdsl import messages
from rkdsl.columns import remarks, sql
from rkdsl.columns.tables import STATE, WIDEST
from rkdsl.diagnostics import Place, Refused

NUMBERS: Final = ("number", "whole")
"""The kinds of figures that are numbers."""
TRUTH: Final = "truth"
TRUTHS: Final = {"true": True, "yes": True, "false": False, "no": False}
LONGEST: Final = 1 << 24
"""Characters of the longest line of names."""
_SHORT: Final = 18
"""Digits of a decimal that engines hold in 64 bits."""
_SAFE: Final = 15
"""Digits of a decimal that a float of 64 bits keeps, whichever they are."""


def columns_of(name: str) -> list[str]:
    """The names in the first line of a CSV file. Raises `Refused` for one that cannot be read, or says them wrongly."""
    opened: Any = gzip.open if name.lower().endswith(".gz") else open
    try:
        with opened(name, "rt", encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader([file.readline(LONGEST)], strict=True), [])
    except UnicodeDecodeError:
        raise Refused((messages.unreadable(Place(name), "is not UTF-8"),), {}) from None
    except (csv.Error, OSError) as error:
        raise Refused((messages.unreadable(Place(name), str(error)),), {}) from None
    if not names:
        raise Refused((messages.unreadable(Place(name), "has no line of names"),), {})
    for at, each in enumerate(names):
        if not each or each in names[:at]:
            raise Refused((remarks.of_names(name, at + 1, each),), {})
    return names


def is_figure(column: str, kinds: Mapping[str, str]) -> bool:
    """Whether a column tells a figure, or the state of one."""
    return column.removesuffix(STATE) in kinds


# ---- by Polars


def typed(frame: Any, kinds: Mapping[str, str], name: str, before: int) -> Any:  # frames of Polars
    """A piece of a table of text, its figures with their types; so many rows stand before it. Raises `Refused`."""
    readers = {**dict.fromkeys(NUMBERS, _numbers), TRUTH: _truths}
    figures = [each for each in frame.columns if is_figure(each, kinds)]
    chosen = {each: readers.get(kinds.get(each, ""), _plain) for each in figures}
    return frame.with_columns(read(frame[each], name, before) for each, read in chosen.items())


def _plain(texts: Any, name: str, before: int) -> Any:  # columns of Polars
    """Words, days and states: without blanks around them, none where nothing stands."""
    del name, before
    texts = texts.str.strip_chars(" \t")
    return texts.set(texts == "", None)


def _numbers(texts: Any, name: str, before: int) -> Any:  # columns of Polars
    """Floats where each of them is what is written, else decimals."""
    import polars as pl

    texts = texts.str.strip_chars()
    texts = texts.set(texts == "", None)
    floats = texts.cast(pl.Float64, strict=False)
    _refuse(texts, texts.is_not_null() & floats.is_null(), name, before, "a number")
    doubtful = texts.filter((texts.str.len_chars() > _SAFE) | texts.str.contains("[eE]")).unique()
    if all(_is_kept(each) for each in doubtful):
        return floats
    found = [None if each is None or each.lower() == "nan" else Decimal(each) for each in texts]
    told = [each for each in found if each is not None and each.is_finite()]
    scale, whole = (max(0, *sizes) for sizes in zip((0, 0), *map(_sizes, told), strict=True))
    if len(told) < len(texts) - found.count(None) or whole + scale > WIDEST:
        widest = max(doubtful, key=len)
        raise Refused((remarks.of_too_many_digits(name, texts.name, widest, WIDEST),), {})
    return pl.Series(texts.name, found, dtype=pl.Decimal(WIDEST, scale))


def _sizes(number: Decimal) -> tuple[int, int]:
    """How many digits a number needs behind the point, and before it."""
    _, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    assert isinstance(exponent, int)
    return len(text) - len(digits) - exponent if text else 0, number.adjusted() + 1 if number else 0


def _is_kept(text: str) -> bool:
    """Whether the float next to a number is written as that number."""
    try:
        return Decimal(text) == Decimal(repr(float(text)))
    except InvalidOperation:
        return True


def _truths(texts: Any, name: str, before: int) -> Any:  # columns of Polars
    import polars as pl

    texts = texts.str.strip_chars().str.to_lowercase()
    texts = texts.set(texts == "", None)
    _refuse(texts, texts.is_not_null() & ~texts.is_in(list(TRUTHS)), name, before, "true or false")
    return texts.replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)


def _refuse(texts: Any, wrong: Any, name: str, before: int, expected: str) -> None:
    """Refuses the first cell that is wrong."""
    if wrong.any():
        at = wrong.arg_true()[0]
        key = f"row {before + at + 1}: {texts.name}"
        raise Refused((remarks.of_another_text(name, key, texts[at], expected),), {})


# ---- by engines that take SQL, in words that DuckDB and Spark share

_NUMBER: Final = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,4})?$"


class TextTable(NamedTuple):
    """A table of an engine, all columns text: what is asked of the whole comes as one row, of each row as a table."""

    columns: list[str]
    engine: str
    whole: Callable[[list[str]], Iterable[Any]]
    each: Callable[[list[str]], Any]


def typed_by_sql(table: TextTable, kinds: Mapping[str, str], name: str) -> Any:
    """A table of text as a table of the engine, its figures with their types. Raises `Refused`."""
    columns, quoted = table.columns, sql.DIALECTS[table.engine].name_of
    chosen = [each for each in columns if kinds.get(each) in (*NUMBERS, TRUTH)]
    others = [each for each in columns if is_figure(each, kinds) and each not in chosen]
    asked = [part for each in chosen for part in _looks(quoted(each), kinds[each])]
    answers = iter(list(table.whole(asked)) if asked else [])
    casts = dict(_casts(chosen, kinds, name, quoted, answers))
    casts |= {each: f"nullif(trim({quoted(each)}), '')" for each in others}
    return table.each([f"{casts.get(each, quoted(each))} AS {quoted(each)}" for each in columns])


def _text(column: str) -> str:
    text = f"nullif(trim({column}), '')"
    return f"CASE WHEN lower({text}) <> 'nan' THEN {text} END"


def _looks(column: str, kind: str) -> Iterator[str]:
    """What is asked of a column: a text that is wrong, the most digits before the point and after it."""
    text = _text(column)
    if kind == TRUTH:
        words = ", ".join(f"'{each}'" for each in TRUTHS)
        yield f"min(CASE WHEN lower({text}) NOT IN ({words}) THEN {text} END)"
        return
    power = f"coalesce(try_cast(nullif(regexp_extract({text}, '[eE]([+-]?[0-9]+)$', 1), '') AS INT), 0)"
    yield f"min(CASE WHEN regexp_extract({text}, '{_NUMBER}', 0) = '' THEN {text} END)"
    yield f"max(length(regexp_extract({text}, '^[+-]?0*([0-9]*)', 1)) + {power})"
    yield f"max(length(regexp_extract({text}, '[.]([0-9]*[1-9])0*([eE]|$)', 1)) - {power})"


def _casts(
    columns: list[str],
    kinds: Mapping[str, str],
    name: str,
    quoted: Callable[[str], str],
    answers: Iterator[Any],
) -> Iterator[tuple[str, str]]:
    for column in columns:
        text, wrong = _text(quoted(column)), next(answers)
        if wrong is not None:
            expected = "true or false" if kinds[column] == TRUTH else "a number"
            raise Refused((remarks.of_another_text(name, column, wrong, expected),), {})
        if kinds[column] == TRUTH:
            yield column, f"CASE WHEN {text} IS NOT NULL THEN lower({text}) IN ('true', 'yes') END"
            continue
        whole, scale = (max(0, int(next(answers) or 0)) for _ in range(2))
        if whole + scale > WIDEST:
            raise Refused((remarks.of_too_many_digits(name, column, "", WIDEST),), {})
        yield column, f"CAST({text} AS DECIMAL({_SHORT if whole + scale <= _SHORT else WIDEST}, {scale}))"
