"""The columns of a table that a program reads: which figures they may hold, and what these are to the rules."""

from __future__ import annotations

import datetime
import math
from fractions import Fraction

from rkdsl.actuals.record import MILESTONE
from rkdsl.columns.cells import Cell, Cells
from rkdsl.columns.program import TRUTH, WHOLE, WORD, Slot
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.slots import DECIMALS
from rkdsl.rules.slots import Slot as Told
from rkdsl.values import LAST_DAY, NOT_APPLICABLE, NOT_DEFINED

DIGITS: Final = (15, 13, 12, 11, 10, 9)
"""Digits of a figure, its decimals among them, where the contract declares no narrower range. The first that does."""


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
            slot = _with_figures(Slot(told.path, "day"), told, Fraction(1), (1, last))
            is_milestone = told.field.kind == MILESTONE
            return Column(index, slot._replace(is_partial=is_milestone), Fraction(1), False, is_milestone)
    digits = DIGITS[min(rung, len(DIGITS) - 1)]
    scale = min(told.scale, 10 ** max(min(DECIMALS, digits - 9), 2))
    is_whole = any(row.whole for row in told.rows)
    scale = 1 if is_whole and unit.scale == 1 else scale
    most = (
        10**digits if unit.scale == 1 or not is_whole else -1
    )  # in parts of a hundred none is sure to be whole
    narrowest = rung >= len(DIGITS) - 1
    has_finer = told.is_written_with_decimals and not told.is_narrow
    bare = Slot(told.path, WHOLE, scale, has_finer=has_finer)
    slot = _with_figures(bare, told, scale / unit.scale, (min(-most, 0), most))
    if not slot.choices:
        slot = _with_lawful_ends(slot, told, scale / unit.scale, is_whole=is_whole)
    return Column(index, slot, unit.scale / scale, not narrowest)


def _with_figures(slot: Slot, told: Told, scale: Fraction, widest: tuple[int, int]) -> Slot:
    """A slot with the figures that a program reckons with: none where the contract states some that disagree."""
    low, high = _ends(told, scale, *widest)
    choices = _choices(told, scale)
    if choices == ():
        low, high = 0, -1
    return slot._replace(low=low, high=high, choices=choices or ())


def _with_lawful_ends(slot: Slot, told: Told, scale: Fraction, *, is_whole: bool) -> Slot:
    """A slot that says which other figures are lawful: finer ones, or larger ones where the contract has no end."""
    lows, highs = _lawful(told)
    low, high = max(lows, default=None), min(highs, default=None)
    is_cut = (
        low is None
        or slot.low > math.ceil(low * scale)
        or high is None
        or slot.high < math.floor(high * scale)
    )
    return slot._replace(
        least=None if low is None else low * scale / slot.scale,
        most=None if high is None else high * scale / slot.scale,
        is_partial=is_cut or not is_whole,
    )


def _words(told: Told) -> tuple[str, ...]:
    """The words that the rules reckon with."""
    words = [each for each in told.field.words if each not in (NOT_APPLICABLE, NOT_DEFINED)]
    return tuple(each for each in words if all(each in row.words for row in told.rows))


def _ends(told: Told, scale: Fraction, least: int, most: int) -> tuple[int, int]:
    """The least and the greatest lawful figure, over a scale."""
    low, high = _lawful(told)
    return (
        max([least, *(math.ceil(each * scale) for each in low)]),
        min([most, *(math.floor(each * scale) for each in high)]),
    )


def _lawful(told: Told) -> tuple[list[Fraction], list[Fraction]]:
    """The ends that are declared, below and above."""
    low = [each for each in (told.field.low, *(row.low for row in told.rows)) if each is not None]
    high = [each for each in (told.field.high, *(row.high for row in told.rows)) if each is not None]
    return low, high


def _choices(told: Told, scale: Fraction) -> tuple[int, ...] | None:
    """The only figures, over a scale: those that are lawful, or that the contract states itself; None for any.

    Where it states several that disagree there is none: whatever is told differs from one of them.
    """
    lists = [each for each in (told.field.choices, *(row.choices for row in told.rows)) if each]
    lists += [(figure,) for when, figures in told.field.history if when == told.period for figure in figures]
    if not lists:
        return None
    both = set(lists[0]).intersection(*lists[1:])
    return tuple(sorted(int(each * scale) for each in both if (each * scale).denominator == 1))
