"""What several records say to a contract and to those it uses, each record to the contract it names."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from rkdsl.actuals.binding import Binding, Key, bind
from rkdsl.actuals.record import PARAMETER, Record, Report
from rkdsl.diagnostics import Diagnostic, Place, in_order
from rkdsl.files import sha256_of_all
from rkdsl.plain import TYPE_CHECKING, Late, Plain, evolve
from rkdsl.rules.possible import Given
from rkdsl.rules.tree import Field, Tree

if TYPE_CHECKING:
    from rkdsl import messages
    from rkdsl.actuals.previous import Previous
    from rkdsl.contract import remarks
else:
    messages = Late("rkdsl.messages")
    remarks = Late("rkdsl.contract.remarks")


class Asked(Plain):
    """A contract with its own rule tree, and those it uses; `published` are the parameters of all of them."""

    id: str
    tree: Tree
    used: tuple[Asked, ...] = ()
    published: tuple[Field, ...] = ()


def day_of(records: Sequence[Record]) -> tuple[datetime.date | None, tuple[Diagnostic, ...]]:
    """The day that the records state; a mistake where they state different days."""
    days = {each.as_of: each for each in reversed(records) if each.as_of is not None}
    if len(days) > 1:
        (first, one), (second, other) = sorted(days.items())[:2]
        place, there = (Place(each.file, key=f"{each.path}as_of") for each in (other, one))
        return None, (remarks.other_day(place, str(second), str(first), there),)
    return next(iter(days), None), ()


def sha256_of(records: Sequence[Record]) -> str:
    """The hash of the only file, or of the hashes of all, in no order."""
    return sha256_of_all(sorted({each.sha256 for each in records}))


def bind_all(
    records: Sequence[Record], asked: Asked, as_of: datetime.date, previous: Previous | None = None
) -> Binding:
    """What is known on the day of a contract and of those it uses: keys begin with the names of the latter.

    Parameters are published for all alike: they keep their names, and no two records may differ about one.
    """
    found = list(_unwanted(records, asked))
    by_contract = {each.contract: each for each in records}
    given: dict[Key, Given] = {}
    published: dict[Key, Record] = {}
    late: list[Report] = []
    for prefix, each in _all(asked, ""):
        record = by_contract.get(each.id)
        if record is None:
            continue
        tree = each.tree._replace(fields=_fields(each.tree, asked.published))
        bound = bind(record, tree, as_of, previous if not prefix else None)
        found += bound.diagnostics
        late += bound.late
        for (kind, key), value in bound.given.items():
            where = (kind, key if kind == PARAMETER else prefix + key)
            first = published.setdefault(where, record) if kind == PARAMETER else record
            if first is not record and given[where].value != value.value:
                place = Place(record.file, key=f"{record.path}parameters.{key}")
                found.append(remarks.published_twice(place, key, first.file))
            given[where] = value
    is_wrong = any(each.is_error for each in found)
    return Binding({} if is_wrong else given, in_order(found), tuple(late))


def bind_forecasts(records: Sequence[Record], asked: Asked, as_of: datetime.date) -> Binding:
    """What is expected, as it was said by the day: of several forecasts of one thing the last one said.

    Nothing of it is in what `bind_all` gives.
    """
    found = [_foreseen(each, as_of) for each in records if each.forecasts]
    if not found:
        return Binding({}, ())
    binding = bind_all(found, asked, datetime.date.max)
    given = {key: value for key, value in binding.given.items() if key[0] != "as_of"}
    return Binding(given, tuple(each for each in binding.diagnostics if each.is_error))


def _foreseen(record: Record, as_of: datetime.date) -> Record:
    """The record with its forecasts in the place of its reports, as they were known on the day."""
    last: dict[tuple[str, str, str], Report] = {}
    said = [each for each in record.forecasts if each.reported is None or each.reported <= as_of]
    for report in sorted(said, key=lambda each: each.reported or datetime.date.min):
        last[report.kind, report.id, report.period] = report
    reports = (evolve(each, reported=None, corrects=None) for each in last.values())
    return evolve(record, as_of=None, reports=tuple(reports), blanks=(), forecasts=())


def _all(asked: Asked, prefix: str) -> Iterator[tuple[str, Asked]]:
    """The contract and those it uses, each with what its names begin with. Uses are nested a few levels."""
    yield prefix, asked
    for each in asked.used:
        yield from _all(each, f"{prefix}{each.id}.")


def _fields(tree: Tree, published: tuple[Field, ...]) -> tuple[Field, ...]:
    own = {(each.kind, each.id) for each in tree.fields}
    return (*tree.fields, *(each for each in published if (each.kind, each.id) not in own))


def _unwanted(records: Sequence[Record], asked: Asked) -> Iterator[Diagnostic]:
    """Records of other contracts, and several of one."""
    known = {each.id for _, each in _all(asked, "")}
    seen: dict[str, Record] = {}
    for record in records:
        place = Place(record.file, key=f"{record.path}contract")
        if record.contract not in known:
            if len(known) == 1:
                yield messages.other_contract(place, record.contract, asked.id)
            else:
                yield remarks.other_contracts(place, record.contract, sorted(known))
        elif record.contract in seen:
            yield remarks.told_twice(place, record.contract, seen[record.contract].file)
        seen.setdefault(record.contract, record)
