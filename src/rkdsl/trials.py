"""What the examples of a contract came to, and what of it they touched. Data only."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from rkdsl.outcome import Tried
from rkdsl.plain import Final, Plain

FORMAT: Final = "rkdsl-test/1"


class Trial(Plain):
    """One example, as of its day."""

    title: str
    place: str
    as_of: datetime.date
    tried: tuple[Tried, ...]

    @property
    def holds(self) -> bool:
        """Whether all of it is as expected."""
        return all(each.holds for each in self.tried)


class Covered(Plain):
    """A row, branch or boundary of the contract, and whether an example touches it.

    `kind` is `row`, `branch` or `boundary`; `text` are the words of its clause, `what` says which way of it.
    """

    kind: str
    file: str
    line: int
    text: str
    what: str
    is_touched: bool

    @property
    def place(self) -> str:
        """The place as `file:line`."""
        return f"{self.file}:{self.line}"


class Trials(Plain):
    """All examples of a contract in their order, and everything there is to be touched, in that of the text."""

    contract: str
    title: str
    examples: tuple[Trial, ...]
    coverage: tuple[Covered, ...]

    @property
    def holds(self) -> bool:
        """Whether every example is as expected."""
        return all(each.holds for each in self.examples)

    @property
    def untouched(self) -> tuple[Covered, ...]:
        """What no example touches."""
        return tuple(each for each in self.coverage if not each.is_touched)

    @property
    def counts(self) -> Mapping[str, tuple[int, int]]:
        """For rows, branches and boundaries how many are touched, and how many there are."""
        found = {}
        for kind in ("row", "branch", "boundary"):
            each = [way.is_touched for way in self.coverage if way.kind == kind]
            found[kind] = (sum(each), len(each))
        return found
