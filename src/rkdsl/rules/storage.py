"""A rule tree as plain data that JSON can hold, written out and read back without trust."""

from __future__ import annotations

from rkdsl.packing import Data, Packing
from rkdsl.plain import Final
from rkdsl.rules import lawful, tree
from rkdsl.rules.lawful import validate as validate
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, RHYTHMS, ROUNDINGS, State, Unit

FORMAT: Final = "rkdsl tree 4"
"""The first word of stored data; another number is another layout."""

KINDS: Final = (
    *(State, Unit, tree.Knot, tree.Clause, tree.Calendar, tree.Shown, tree.Item, tree.Section, tree.Field),
    *(tree.Value, tree.Asked, tree.Expected, tree.Tree),
)
ROWS: Final = (
    *(
        tree.Literal,
        tree.Input,
        tree.Name,
        tree.Arithmetic,
        tree.Compare,
        tree.Logic,
        tree.Is,
        tree.Piecewise,
    ),
    *(tree.Choose, tree.Gather, tree.Round, tree.Span),
)
SAME: Final = {"Ref": "int"}
WORDS: Final = {
    ("State", "kind"): (NOT_APPLICABLE, NOT_DEFINED),
    ("Unit", "shown"): lawful.SHOWN,
    ("Input", "kind"): lawful.INPUT_KINDS,
    ("Arithmetic", "op"): lawful.OPERATIONS,
    ("Compare", "op"): lawful.COMPARISONS,
    ("Logic", "op"): lawful.CONNECTIVES,
    ("Is", "test"): lawful.TESTS,
    ("Knot", "holds"): lawful.SIDES,
    ("Piecewise", "below"): lawful.OUTSIDES,
    ("Piecewise", "above"): lawful.OUTSIDES,
    ("Gather", "op"): lawful.GATHERINGS,
    ("Gather", "pick"): lawful.PICKS,
    ("Round", "mode"): ROUNDINGS,
    ("Shown", "standing"): lawful.STANDINGS,
    ("Field", "kind"): lawful.FIELD_KINDS,
    ("Field", "rhythm"): ("", *RHYTHMS),
    ("Value", "mode"): ("", *ROUNDINGS),
}
"""The words that a field may hold, where these are few."""

_PACKING: Final = Packing(KINDS, {"Row": ROWS}, WORDS, SAME)


def to_data(whole: tree.Tree) -> Data:
    """The tree as lists and dicts of plain values."""
    return {"format": FORMAT, "tree": _PACKING.write("Tree", whole)}


def from_data(data: Data) -> tree.Tree:
    """The tree that was written out; ValueError, with the place, for anything that is not a lawful tree."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(f"format: must be {FORMAT!r}")
    if set(data) != {"format", "tree"}:
        raise ValueError("tree: must have exactly format and tree")
    found: tree.Tree = _PACKING.read("Tree", data["tree"])
    validate(found)
    return found
