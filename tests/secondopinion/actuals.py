"""What is known on a day: the entries of the actuals, as docs/actuals.md says they count."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tests.secondopinion.basics import NOT_APPLICABLE, SCALES, Days, Unit, ordinal, period_of


class Report(NamedTuple):
    """One report: what it says (None: not done), on which day, since when it counts, and what it corrects."""

    value: Any
    said: datetime.date
    counts: datetime.date
    corrects: str


class Actuals:
    """The reports that count on a day."""

    def __init__(
        self, told: Mapping[str, Any], as_of: datetime.date, others: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self.told = told
        # what is told of other contracts of the same whole, with parameters that are published for all
        self.others = others
        self.as_of = as_of
        # without a day of its own the file is as of the day that is asked for
        self.file_day = day_of(told["as_of"]) if told.get("as_of") is not None else as_of

    def reading(self, name: str, period: Days, unit: Unit) -> list[Report]:
        return self._reports(self._of_period(self._section("readings").get(name), period), unit, period.last)

    def fact(self, name: str, unit: Unit) -> list[Report]:
        return self._reports(self._section("facts").get(name), unit, self.file_day)

    def parameter(self, name: str, column: str, period: Days | None, unit: Unit) -> list[Report]:
        section = self._section("parameters")
        found: Any = section.get(name)
        if column:
            found = section.get(f"{name}.{column}", (found or {}).get(column))
        for each in self.others if found is None else ():
            reports = Actuals(each, self.as_of).parameter(name, column, period, unit)
            if reports:
                return reports
        if period is not None:
            found = self._of_period(found, period)
        return self._reports(found, unit, self.file_day)

    def register(self, register: str, row: str, column: str, unit: Unit) -> list[Report]:
        rows = self._section("registers").get(register) or {}
        return self._reports((rows.get(row) or {}).get(column), unit, self.file_day)

    def milestone(self, item: str, name: str) -> list[Report]:
        return self._reports(self._section("milestones").get(f"{item}.{name}"), Unit(shown="day"), None)

    def assessed(self, name: str, unit: Unit) -> list[Report]:
        return self._reports(self._section("assessed").get(name), unit, self.file_day)

    def carried(self, name: str, part: str, unit: Unit) -> list[Report]:
        told = (self._section("carried").get(name) or {}).get(part)
        return self._reports(told, unit, self.file_day)

    def carried_value(self, name: str, unit: Unit) -> list[Report]:
        return self._reports(self._section("carried").get(name), unit, self.file_day)

    def _section(self, name: str) -> Mapping[str, Any]:
        return self.told.get(name) or {}

    def _of_period(self, told: Any, period: Days) -> Any:
        matching = [said for text, said in (told or {}).items() if period_of(str(text)) == period]
        return matching[0] if matching else None

    def _reports(self, told: Any, unit: Unit, default: datetime.date | None) -> list[Report]:
        """The reports that count on the day, each followed by the one that corrects it.

        Without a day of its own a report counts from `default`; None is a milestone: the day it was done.
        """
        entries = told if isinstance(told, list) else [told]
        waiting = [self._report(each, unit, default) for each in entries if each is not None]
        chain = [each for each in waiting if each.corrects in ("", "contract")]
        waiting = [each for each in waiting if each not in chain]
        while waiting:
            following = [each for each in waiting if day_of(each.corrects) == chain[-1].said]
            assert following, f"a correction of nothing: {waiting}"
            chain.append(following[0])
            waiting.remove(following[0])
        return [each for each in chain if each.counts <= self.as_of]

    def _report(self, told: Any, unit: Unit, default: datetime.date | None) -> Report:
        entry = told if isinstance(told, Mapping) else {"value": told}
        if "not_applicable" in entry:
            value: Any = NOT_APPLICABLE
        else:
            value = value_of(entry.get("value", entry.get("points")), unit)
        since = default or (datetime.date.fromordinal(int(value)) if is_day(value) else self.file_day)
        if entry.get("reported") is not None:
            said = since = day_of(entry["reported"])
        else:
            said = since if default is not None or is_day(value) else self.file_day
        return Report(value, said, since, str(entry.get("corrects") or ""))


def is_day(value: Any) -> bool:
    return isinstance(value, Fraction)


def day_of(told: Any) -> datetime.date:
    return told if isinstance(told, datetime.date) else datetime.date.fromisoformat(told)


def value_of(told: Any, unit: Unit) -> Any:
    """A figure, day, word, yes or no as it is told; None for `not done`."""
    if isinstance(told, bool):
        return told
    if unit.shown == "word":
        return told
    if unit.shown == "day":
        return None if told == "not done" else ordinal(day_of(told))
    return Fraction(str(told)) * SCALES.get(unit.shown, 1)
