"""The columns of a table that a program reads: which figures they may hold, and what these are to the rules."""

from __future__ import annotations

import datetime
import math
from fractions import Fraction
from typing import Final, NamedTuple

from rkdsl.actuals.record import MILESTONE
from rkdsl.columns.cells import Cell, Cells, NotWrittenError
from rkdsl.columns.program import TRUTH, WHOLE, WORD, Slot
from rkdsl.rules.slots import DECIMALS
from rkdsl.rules.slots import Slot as Told
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED

DIGITS: Final = (15, 13, 12, 11, 10, 9)
"""Digits of a figure, its decimals among them, where the contract declares no narrower range. The first that does."""
LAST_DAY: Final = datetime.date.max.toordinal()


class Column(NamedTuple):
    """A slot of a program, and what its figures are worth to the rules: `unit` times the whole number of the column."""

    at: int
    slot: Slot
    unit: Fraction
    may_be_narrower: bool
    is_milestone: bool = False

    def cell(self, cells: Cells, *, is_stated: bool) -> Cell:
        """What the rules are told: a figure, or that there is none; settled, where something is told."""
        value = cells.build.read(self.at)
        na = cells.build.read(self.at, NOT_APPLICABLE) if is_stated else None
        match self.slot.type:
            case "truth":
                return cells.truth(value, na)
            case "word":
                return cells.word(value, na)
        return cells.number(cells.numbers.of(value, self.unit), na)


def column_of(told: Told, index: int, rung: int, as_of: datetime.date) -> Column:
    """The column of something that may be told; the higher the rung, the narrower where nothing is declared."""
    unit = told.field.unit
    match unit.shown:
        case "truth":
            return Column(index, Slot(told.path, TRUTH), Fraction(1), False)
        case "word":
            return Column(index, Slot(told.path, WORD, words=_words(told)), Fraction(1), False)
        case "day":
            last = as_of.toordinal() if told.field.kind == MILESTONE else LAST_DAY
            low, high = _ends(told, Fraction(1), 1, last)
            is_milestone = told.field.kind == MILESTONE
            return Column(index, Slot(told.path, "day", 1, low, high), Fraction(1), False, is_milestone)
    digits = DIGITS[min(rung, len(DIGITS) - 1)]
    scale = min(told.scale, 10 ** max(min(DECIMALS, digits - 9), 2))
    if any(row.whole for row in told.rows) and not unit.is_count:
        if unit.scale != 1:
            raise NotWrittenError("whole numbers of a unit that is written otherwise")
        scale = 1
    most = 10**digits
    low, high = _ends(told, scale / unit.scale, -most, most)
    narrowest = rung >= len(DIGITS) - 1
    slot = Slot(told.path, WHOLE, scale, low, high, (), _choices(told, scale / unit.scale))
    return Column(index, slot, unit.scale / scale, not narrowest)


def _words(told: Told) -> tuple[str, ...]:
    """The words that the rules reckon with."""
    words = [each for each in told.field.words if each not in (NOT_APPLICABLE, NOT_DEFINED)]
    return tuple(each for each in words if all(each in row.words for row in told.rows))


def _ends(told: Told, scale: Fraction, least: int, most: int) -> tuple[int, int]:
    """The least and the greatest lawful figure, over a scale."""
    low = [each for each in (told.field.low, *(row.low for row in told.rows)) if each is not None]
    high = [each for each in (told.field.high, *(row.high for row in told.rows)) if each is not None]
    return (
        max([least, *(math.ceil(each * scale) for each in low)]),
        min([most, *(math.floor(each * scale) for each in high)]),
    )


def _choices(told: Told, scale: Fraction) -> tuple[int, ...]:
    """The only lawful figures, over a scale; also one that the contract states itself."""
    lists = [each for each in (told.field.choices, *(row.choices for row in told.rows)) if each]
    lists += [(figure,) for when, figures in told.field.history if when == told.period for figure in figures]
    if not lists:
        return ()
    both = set(lists[0]).intersection(*lists[1:])
    return tuple(sorted(int(each * scale) for each in both if (each * scale).denominator == 1))
