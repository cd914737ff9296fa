"""Two versions of a contract held against each other: what changed, and what both come to with the same actuals."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from rkdsl.contract import remarks
from rkdsl.contract.differences import Difference, Wording, differences
from rkdsl.contract.patching import patch
from rkdsl.diagnostics import Diagnostic, Place, located
from rkdsl.language import nodes
from rkdsl.language.printer import print_contract
from rkdsl.pipeline import Contract, names_of
from rkdsl.reports.changes import Compared, compared
from rkdsl.source import Source
from rkdsl.values import Period


@frozen
class Comparison:
    """Two versions, the differences in what they say, and in what they come to where actuals are given."""

    first: Contract
    second: Contract
    differences: tuple[Difference, ...]
    points: tuple[Compared, ...] = ()

    @property
    def unit(self) -> str:
        """What points are counted in."""
        return str(self.second.tree.unit)

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
        """The text of the amendment that makes the second version of the first; else what it cannot say."""
        one, other = _written(self.first), _written(self.second)
        found = patch(one, other)
        place = Place(next(iter(self.second.sources)))
        mistakes = tuple(remarks.no_amendment_says(place, what) for what, _ in found.unsayable)
        name = nodes.Identifier("amendment_1")
        title: nodes.Stated[nodes.Text] = nodes.Stated((nodes.Statement(nodes.Text("Amendment")),))
        days = (nodes.Signed(nodes.Undecided()), nodes.TakesEffect(nodes.PeriodLiteral(_begins(self.second))))
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
    assert first.checked is not None
    assert second.checked is not None
    found = differences(first.checked, second.checked)
    if not actuals:
        return Comparison(first, second, found)
    known = names_of(first) | names_of(second) | first.known | second.known
    outcomes = [evolve(each, known=known).evaluate_bytes(actuals, as_of) for each in (first, second)]
    return Comparison(first, second, found, compared(outcomes[0], outcomes[1]))


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
