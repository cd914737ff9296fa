"""The figures that a flat record, or a row of a table, may tell of one contract, by their path in an actuals file."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from rkdsl.actuals.record import READING, SECTIONS
from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.tree import Field, Input, Ref, Tree
from rkdsl.values import parse_period

DECIMALS: Final = 6
"""Decimals that a figure may have to be quick; one with more is scored all the same."""


class Slot(NamedTuple):
    """One figure that a record may tell, with the rows of the tree that it answers."""

    path: str
    field: Field
    refs: tuple[Ref, ...]
    rows: tuple[Input, ...]

    @property
    def scale(self) -> int:
        """What a figure as written is multiplied by, to be whole."""
        if self.field.unit.is_count:
            return 1
        return 100 if self.field.unit.is_money else 10**DECIMALS

    @property
    def kind(self) -> str:
        """Which kind of value it is: `truth`, `word`, or `number`, which days are too."""
        shown = self.field.unit.shown
        return shown if shown in ("truth", "word") else "number"

    @property
    def is_written_with_decimals(self) -> bool:
        """Whether it may be a float that is read as its text."""
        return self.kind == "number" and self.field.unit.shown != "day" and self.scale > 1

    @property
    def is_narrow(self) -> bool:
        """Whether more is asked of it than to lie in a range: then it is scaled whatever becomes of it."""
        field = self.field
        asks_more = bool(field.choices or field.history) or field.unit.is_money
        asks_more |= any(row.whole or row.choices for row in self.rows)
        return self.is_written_with_decimals and asks_more

    @property
    def is_scaled_late(self) -> bool:
        """Whether it is looked at as it is written, and scaled where more is made of it than a comparison."""
        return self.is_written_with_decimals and not self.is_narrow

    @property
    def period(self) -> str:
        """The period that it is of, "" for one without."""
        return self.path.removeprefix(f"{SECTIONS[self.field.kind]}.{self.field.id}").lstrip(".")


def slots_of(tree: Tree, as_of: datetime.date) -> Iterator[Slot]:
    """The slots of a tree in its order: no readings of a period that ends after the day."""
    fields = {(each.kind, each.id): each for each in tree.fields}
    found: dict[tuple[str, str], list[Ref]] = {}
    for ref, row in enumerate(tree.rows):
        if isinstance(row, Input):
            found.setdefault((row.kind, row.key), []).append(ref)
    for (kind, key), refs in found.items():
        id, _, period = key.partition("@")
        field = fields.get((kind, id))
        if field is None or (kind == READING and _is_to_come(period, as_of)):
            continue
        rows = tuple(row for ref in refs if isinstance(row := tree.rows[ref], Input))
        yield Slot(f"{SECTIONS[kind]}.{key.replace('@', '.')}", field, tuple(refs), rows)


def _is_to_come(text: str, as_of: datetime.date) -> bool:
    period = parse_period(text)
    return period is not None and period.last > as_of
