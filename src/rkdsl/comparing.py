"""Two versions of a contract held against each other: what changed, and what both come to with the same actuals."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from rkdsl.contract import remarks
from rkdsl.contract.differences import ADDED, REMOVED, Difference, Wording, differences
from rkdsl.contract.patching import patch
from rkdsl.diagnostics import Diagnostic, Place, located
from rkdsl.language import nodes
from rkdsl.language.printer import print_contract
from rkdsl.pipeline import Contract, names_of
from rkdsl.plain import evolve
from rkdsl.reports.changes import Compared, compared
from rkdsl.source import Source
from rkdsl.values import Period


@frozen
class Comparison:
    """Two versions, the differences in what they say, and in what they come to where actuals are given.

    `parts` are the contracts that are compared, both versions of each: the contract itself, then those it uses.
    """

    first: Contract
    second: Contract
    differences: tuple[Difference, ...]
    parts: tuple[tuple[Contract, Contract], ...]
    points: tuple[Compared, ...] = ()

    @property
    def unit(self) -> str:
        """What points are counted in."""
        return str(self.second.tree.unit)

    @property
    def titles(self) -> Mapping[str, str]:
        """The titles of the contracts that are used in one of the versions, by their names."""
        used = (*self.first.all_used, *self.second.all_used)
        return {each.id: each.title for each in used if each.id not in (self.first.id, self.second.id)}

    @property
    def sources(self) -> Mapping[str, Source]:
        """The texts of the second version, and of the first where they have other names."""
        return {**self.first.sources, **self.second.sources}

    def before(self, said: Wording) -> str:
        """Where something stands in the first version."""
        return _place(said, self.first)

    def after(self, said: Wording) -> str:
        """Where something stands in the second version."""
        return _place(said, self.second)

    def amendment(self) -> tuple[str, tuple[Diagnostic, ...]]:
        """The text of the amendment that makes the second version of the first; else what it cannot say.

        It is of the contract that changed: an amendment changes one.
        """
        known = {other.id: (one, other) for one, other in reversed(self.parts)}
        names = list(dict.fromkeys(each.contract for each in self.differences))
        changed = [each for each in names if each in known]
        place = Place(self.second.file)
        if len(changed) > 1:
            return "", (remarks.several_changed(place, changed),)
        if names and not changed:
            what = f"an amendment does not change the name of a contract that is used: {', '.join(names)}"
            return "", (remarks.no_amendment_says(place, what),)
        first, second = known[changed[0]] if changed else self.parts[0]
        one, other = _written(first), _written(second)
        found = patch(one, other)
        place = Place(second.file)
        mistakes = tuple(remarks.no_amendment_says(place, what) for what, _ in found.unsayable)
        name = nodes.Identifier("amendment_1")
        title: nodes.Stated[nodes.Text] = nodes.Stated((nodes.Statement(nodes.Text("Amendment")),))
        days = (nodes.Signed(nodes.Undecided()), nodes.TakesEffect(nodes.PeriodLiteral(_begins(second))))
        made = nodes.Amendment(name, title, one.name, (*days, *found.statements))
        return print_contract(made), mistakes


def compare(
    first: Contract,
    second: Contract,
    actuals: Sequence[tuple[str, bytes]] = (),
    as_of: datetime.date | None = None,
) -> Comparison:
    """What changed from one version to another, and with the bytes of actuals, what both come to.

    Raises `Refused` where the actuals do not fit one of them.
    """
    parts = _parts(first, second)
    found = tuple(each for one, other in parts for each in _differences(one, other))
    found += tuple(_used_in_one(first, second))
    if not actuals:
        return Comparison(first, second, found, parts)
    known = names_of(first) | names_of(second) | first.known | second.known
    outcomes = [evolve(each, known=known).evaluate_bytes(actuals, as_of) for each in (first, second)]
    return Comparison(first, second, found, parts, compared(outcomes[0], outcomes[1]))


def _parts(first: Contract, second: Contract) -> tuple[tuple[Contract, Contract], ...]:
    """The two, and each contract that both use, once."""
    old, new = _used(first), _used(second)
    return ((first, second), *((old[id], each) for id, each in new.items() if id in old))


def _used(version: Contract) -> dict[str, Contract]:
    used = (each for part in version.used for each in part.all_used)
    return {each.id: each for each in used}


def _differences(first: Contract, second: Contract) -> tuple[Difference, ...]:
    assert first.checked is not None
    assert second.checked is not None
    return differences(first.checked, second.checked)


def _used_in_one(first: Contract, second: Contract) -> Iterator[Difference]:
    """Contracts that only one of the versions uses."""
    old, new = _used(first), _used(second)
    for change, these, others in ((ADDED, new, old), (REMOVED, old, new)):
        for each in these.values():
            if each.id not in others:
                yield Difference(change, "contract", each.id, each.title, "", (), (), contract=each.id)


def _place(said: Wording, version: Contract) -> str:
    return "" if said.place.span is None else located(said.place, version.sources)


def _written(version: Contract) -> nodes.Contract:
    assert version.checked is not None
    assert version.checked.written is not None
    return version.checked.written


def _begins(version: Contract) -> Period:
    """The first day of the time that binds; where none is said, of the calendar."""
    assert version.checked is not None
    period = version.checked.binding or version.checked.period
    day = period.first if period is not None else datetime.date(1, 1, 1)
    return Period(day, day)
