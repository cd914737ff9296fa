"""The versions of a contract with amendments: which of them hold on a day, and each version made once."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from attrs import field, frozen

from rkdsl.contract.dated import Dated, why_not
from rkdsl.outcome import AmendmentOutcome

V = TypeVar("V")


@frozen
class Versions(Generic[V]):
    """Amendments in their order, and the last day of the time that binds in the contract as signed.

    `build` makes the version with the amendments of the given places; `hashes` are those of their files.
    """

    dated: tuple[Dated, ...]
    end: datetime.date | None
    build: Callable[[tuple[int, ...]], V]
    hashes: Mapping[str, str]
    _built: dict[tuple[int, ...], V] = field(init=False, factory=dict)

    def of(self, chosen: Iterable[Dated]) -> V:
        """The version with these amendments. Raises `Refused` where they do not fit together."""
        wanted = {each.index for each in chosen}
        places = tuple(each.index for each in self.dated if each.index in wanted)
        if places not in self._built:
            self._built[places] = self.build(places)
        return self._built[places]

    def told(
        self, day: datetime.date | None, *, exact: bool = False, as_signed: bool = False
    ) -> tuple[AmendmentOutcome, ...]:
        """Of each amendment whether it holds for what is known on a day, and if not, why.

        `exact` asks for those in force on the day itself, else it is those in force at the end of the time that
        binds; `as_signed` for none.
        """
        end = day if exact else self.end
        return tuple(
            AmendmentOutcome(
                each.node.name.text,
                each.node.title.first.text,
                each.file,
                each.signed,
                each.effect,
                "as signed" if as_signed else why_not(each, day, end, exact=exact),
                self.hashes[each.node.name.text],
            )
            for each in self.dated
        )

    def holding(self, told: Iterable[AmendmentOutcome]) -> V:
        """The version with the amendments that hold."""
        names = {each.id for each in told if each.is_applied}
        return self.of(each for each in self.dated if each.node.name.text in names)
