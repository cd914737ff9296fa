"""What is made from what: the order in which values, items and sections can be worked out, and circles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rkdsl.plain import NamedTuple


class Order(NamedTuple):
    """Every name after those it is made from; or, where there is one, a circle that comes back to its start."""

    names: tuple[str, ...]
    circle: tuple[str, ...]


def order(made_from: Mapping[str, Sequence[str]]) -> Order:
    """The order of names that are made from others. Walks without recursion: chains may be long."""
    done: dict[str, None] = {}
    for start in made_from:
        path: dict[str, list[str]] = {}
        if start not in done:
            path[start] = list(reversed(made_from[start]))
        while path:
            name = next(reversed(path))
            if not path[name]:
                del path[name]
                done[name] = None
                continue
            needed = path[name].pop()
            if needed in path:
                names = list(path)
                return Order(tuple(done), (*names[names.index(needed) :], needed))
            if needed not in done and needed in made_from:
                path[needed] = list(reversed(made_from[needed]))
    return Order(tuple(done), ())


def depths(made_from: Mapping[str, Iterable[str]], names: Iterable[str]) -> dict[str, int]:
    """How many steps each name is from one that is made of nothing; `names` come after those they need."""
    found: dict[str, int] = {}
    for name in names:
        found[name] = 1 + max((found.get(each, 0) for each in made_from[name]), default=0)
    return found
