"""How much may still be done to make bounds tight, and what a stretch of that work took.

Knows nothing of what is done.
"""

from __future__ import annotations

from rkdsl.plain import Final, NamedTuple


class Stretch(NamedTuple):
    """Work that was never refused: what it spent, and the least that must be left where it begins."""

    cells: int
    work: int
    cells_needed: int
    work_needed: int
    deepest: int


class Effort:
    """The cells, the work and the depth of splitting that are left."""

    def __init__(self, all_work: int, most_depth: int) -> None:
        """`all_work` is for all roots, `most_depth` how far splits may stand within splits."""
        self.all_work = all_work
        self._most_depth: Final = most_depth
        self._cells = self._work = self._depth = 0
        # The least there was to spare when something was asked for (below zero: it was refused), and how deep.
        self._cells_spare = self._work_spare = self._deepest = 0

    def begin(self, cells: int, work: int) -> None:
        """With what is left for one root."""
        self._cells, self._work = cells, min(work, self.all_work)

    def spend(self, work: int) -> None:
        """Counts rows that were looked at."""
        self._work -= work
        self.all_work -= work

    def take(self, cells: int) -> None:
        """Counts cells."""
        self._cells -= cells

    def step(self, levels: int) -> None:
        """One level deeper, or back."""
        self._depth += levels

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be begun."""
        self._deepest = max(self._deepest, self._depth)
        return not self.allows(1, 1) or self._depth >= self._most_depth

    def allows(self, cells: int, work: int) -> bool:
        """Whether so much is left."""
        self._cells_spare = min(self._cells_spare, self._cells - cells)
        self._work_spare = min(self._work_spare, self._work - work)
        return cells <= self._cells and work <= self._work

    def mark(self) -> Effort:
        """Where a stretch of work begins: what is left there. To be given back to `since`."""
        here = Effort(self.all_work, self._most_depth)
        here._cells, here._work, here._depth = self._cells, self._work, self._depth
        here._cells_spare, here._work_spare = self._cells_spare, self._work_spare
        here._deepest = self._deepest
        self._cells_spare, self._work_spare, self._deepest = self._cells, self._work, self._depth
        return here

    def since(self, mark: Effort) -> Stretch | None:
        """What the work since a mark took; None where something was refused."""
        refused = self._cells_spare < 0 or self._work_spare < 0 or self._deepest >= self._most_depth
        found = Stretch(
            mark._cells - self._cells,
            mark._work - self._work,
            mark._cells - self._cells_spare,
            mark._work - self._work_spare,
            self._deepest - self._depth,
        )
        self._cells_spare = min(self._cells_spare, mark._cells_spare)
        self._work_spare = min(self._work_spare, mark._work_spare)
        self._deepest = max(self._deepest, mark._deepest)
        return None if refused else found

    def repeat(self, stretch: Stretch) -> bool:
        """Counts a stretch of work again; False, and nothing counted, where something would be refused."""
        deepest = self._depth + stretch.deepest
        if deepest >= self._most_depth:
            return False
        if stretch.cells_needed > self._cells or stretch.work_needed > self._work:
            return False
        self.allows(stretch.cells_needed, stretch.work_needed)
        self._deepest = max(self._deepest, deepest)
        self.take(stretch.cells)
        self.spend(stretch.work)
        return True
