"""What an example can touch of a contract: rows of its functions, branches of its conditions, boundaries.

Laid down beside the rows of a tree when its examples are run; the tree itself knows nothing of them.
"""

from __future__ import annotations

from rkdsl.plain import Final, NamedTuple
from rkdsl.rules.tree import Clause, Ref

ROW: Final = "row"
BRANCH: Final = "branch"
BOUNDARY: Final = "boundary"


class Touch(NamedTuple):
    """What must be so of one row of the tree that had a say.

    `how` is `row` (a choice took that row), `stretch` (a number lies on that stretch of a function with jumps),
    `piece` (it lies strictly between two corners), `knot` (it is exactly that corner), `limit` (both sides of a
    comparison are equal), `holds` (a condition is yes: 1, or no: 0) or `reached` (nothing more).
    """

    how: str
    ref: Ref
    at: int = 0


class Way(NamedTuple):
    """Something that an example touches when all of its touches are so, or when an item is in a `state`.

    `what` says which way of the clause it is, nothing where it has one.
    """

    kind: str
    clause: Clause
    what: str
    touches: tuple[Touch, ...] = ()
    item: str = ""
    state: str = ""
