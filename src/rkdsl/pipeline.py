"""From a text or a file to a contract. The public objects can be had from here."""

from __future__ import annotations

from collections.abc import Sequence

from rkdsl.amended import Looked as Looked
from rkdsl.amended import loads_bytes as loads_bytes
from rkdsl.amended import look as look
from rkdsl.contracts import Contract as Contract
from rkdsl.contracts import names_of as names_of
from rkdsl.diagnostics import Refused as Refused
from rkdsl.evaluation import Explanation as Explanation
from rkdsl.evaluation import Outcome as Outcome
from rkdsl.files import folder_of as folder_of
from rkdsl.files import read_limited as read_limited
from rkdsl.plain import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE: Final = """
contract k "An example" { period 2026  total 10 points
  measure x "Complaints" { unit complaints  lower is better  each year }
  goal g "Few complaints" { weight 10  target x in 2026 at most 5 }
}
"""
"""The contract of the examples in these docstrings."""


def load(path: str | Path, amendments: Sequence[str | Path] = ()) -> Contract:
    """The contract in a `.rk` file, with its amendments, and what it uses below its folder.

    Raises `Refused` with every mistake found, OSError when a file cannot be read.
    """
    patches = [(str(each), read_limited(each)) for each in amendments]
    return loads_bytes(read_limited(path), str(path), folder_of(str(path)), patches)


def loads(text: str, name: str = "contract.rk", amendments: Sequence[str] = ()) -> Contract:
    """The contract in a text; `name` is what messages call it. Raises `Refused` with every mistake found.

    `amendments` are texts too, called `amendment-1.rk` and so on. They may use standard libraries and no files:
    those are looked for beside a contract that comes from a file.

    >>> loads(EXAMPLE).item_ids
    ('g',)
    >>> try:
    ...     loads(EXAMPLE.replace("weight 10", "weight 15"))
    ... except Refused as refused:
    ...     refused.diagnostics[0].code, refused.diagnostics[0].title
    ('RK416', 'a total that does not add up')
    """
    patches = [(f"amendment-{place}.rk", _encoded(each)) for place, each in enumerate(amendments, 1)]
    return loads_bytes(_encoded(text), name, amendments=patches)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
