"""What forecasts put in danger: items that come to less once what is expected stands for what is not reported.

Nothing here has any part in points.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from rkdsl.outcome import MISSED, Danger, ItemOutcome, Notice, Points, RegisterOutcome, RowOutcome
from rkdsl.plain import Final
from rkdsl.rules import summary, wording
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import Given
from rkdsl.rules.tree import Input, Item, Tree
from rkdsl.values import NOT_APPLICABLE

Givens = Mapping[tuple[str, str], Given]
DUTIES: Final = "duties"
WARN: Final = "warn"
"""The register of duties, and the name of those of its rows that say what is owed when a goal is in danger."""


def dangers(
    plan: Plan,
    tree: Tree,
    values: Values,
    items: Iterable[ItemOutcome],
    given: Givens,
    expected: Givens,
    notices: tuple[Notice, ...],
    as_of: datetime.date,
) -> tuple[Danger, ...]:
    """The items that would be missed or lose points; `expected` counts where nothing is given."""
    added = {key: each for key, each in expected.items() if key not in given}
    if not added:
        return ()
    together = {**added, **given}
    later = summary.items(tree, evaluate(plan, together), as_of)
    found = []
    for item, before, after in zip(tree.items, items, later, strict=True):
        if _is_worse(before, after):
            forecasts = tuple(_used(tree, values, item, added))
            found.append(
                Danger(item.id, item.title, after.state, after.points, before.points, forecasts, notices)
            )
    return tuple(found)


def notices(registers: Iterable[RegisterOutcome]) -> tuple[Notice, ...]:
    """What the duties to warn say."""
    rows = (row for each in registers if each.id == DUTIES for row in each.rows if row.name == WARN)
    return tuple(
        Notice(*(_text(row, column) for column in ("owed_by", "to", "form", "content"))) for row in rows
    )


def _text(row: RowOutcome, column: str) -> str:
    """A cell, empty where there is none or it does not apply."""
    cell = row.cells.get(column)
    return "" if cell is None or cell.state == NOT_APPLICABLE else cell.text


def _is_worse(before: ItemOutcome, after: ItemOutcome) -> bool:
    """Whether an item can no longer come to what it could, or is missed now."""
    if after.state == MISSED and before.state != MISSED:
        return True
    lost = loss(before.points, after.points)
    return lost is not None and lost > 0


def loss(before: Points | None, after: Points | None) -> Fraction | None:
    """How many points fewer are possible; None where one of them has no upper end or no points."""
    if before is None or after is None or before.possible is None or after.possible is None:
        return None
    return before.possible - after.possible


def _used(tree: Tree, values: Values, item: Item, added: Givens) -> Iterator[tuple[str, str]]:
    """The forecasts that an item waits for, each with its figure."""
    ref = item.points if item.points is not None else item.condition
    if ref is None:
        return
    for source in values.missing(ref):
        row = tree.rows[source]
        if isinstance(row, Input) and (row.kind, row.key) in added:
            name, _, period = row.key.partition("@")
            called = f"{name} in {period}" if period else name
            forecast = added[row.kind, row.key]
            text = "not done" if not forecast.reported else wording.value(forecast.value, row.unit)
            yield called, text
