"""Amendments, applied to the nodes of a contract as docs/amendments.md says."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from rkdsl.language import nodes as n
from tests.secondopinion.whole import DECLARATIONS, Whole, complete, document, gathered, rows_of, used_files

ONCE = (n.ContractPeriod, n.Binding, n.Total, n.Parties, n.ReportingCloses, n.ResultOf, n.DecidedBy)
"""What a contract says once."""


def signed_on(amendment: n.Amendment) -> datetime.date | None:
    day = next(each.day for each in amendment.statements if isinstance(each, n.Signed))
    if isinstance(day, n.Undecided) or day.period is None:
        return None
    return day.period.first


def effect_of(amendment: n.Amendment) -> datetime.date:
    period = next(each.period for each in amendment.statements if isinstance(each, n.TakesEffect)).period
    assert period is not None
    return period.first


def in_order(amendments: Sequence[n.Amendment]) -> list[n.Amendment]:
    """By the days of signing; those that are not signed come last."""
    return sorted(amendments, key=lambda each: signed_on(each) or datetime.date.max)


def last_day(contract: n.Contract) -> datetime.date | None:
    """The last day of the time that binds, where it is stated once."""
    found = {
        type(each): each.period
        for each in contract.statements
        if isinstance(each, (n.Binding, n.ContractPeriod))
    }
    period: Any = found.get(n.Binding) or found.get(n.ContractPeriod)
    if isinstance(period, n.Stated):
        period = period.first if len(period.statements) == 1 else None
    if not isinstance(period, n.PeriodLiteral) or period.period is None:
        return None
    return period.period.last


def is_in_force(
    amendment: n.Amendment, contract: n.Contract, told: datetime.date, as_of: datetime.date | None
) -> bool:
    """Whether an amendment is applied: as amended by the day the actuals state, or as known on a day."""
    signed, day = signed_on(amendment), as_of or told
    if signed is None or signed > day:
        return False
    last = day if as_of is not None else last_day(contract)
    return last is None or effect_of(amendment) <= last


def amended(
    files: Mapping[str, str],
    main: str,
    amendments: Sequence[n.Amendment],
    told: datetime.date,
    as_of: datetime.date | None,
) -> Whole:
    """The whole with the amendments that are in force on the day."""
    whole = gathered(files, main)
    return _amended(whole, files, main, amendments, told, as_of)


def _amended(
    whole: Whole,
    files: Mapping[str, str],
    main: str,
    amendments: Sequence[n.Amendment],
    told: datetime.date,
    as_of: datetime.date | None,
) -> Whole:
    signed, contract, parts = whole.contract, whole.contract, dict(whole.parts)
    used = list(used_files(files, main, document(files[main]).statements))
    own = [each for each in amendments if each.of.text == signed.name.text]
    for each in in_order(own):
        if is_in_force(each, signed, told, as_of):
            used += used_files(files, main, each.statements)
            contract = applied(contract, each)
            contract = complete(contract, [found for _, found in used if isinstance(found, n.Library)])
    for file, found in used:
        if isinstance(found, n.Contract):
            part = parts.get(found.name.text) or gathered(files, file)
            parts[found.name.text] = _amended(part, files, file, amendments, told, as_of)
    return Whole(contract, parts)


# ---- one amendment


def applied(contract: n.Contract, amendment: n.Amendment) -> n.Contract:
    """The contract with one amendment applied."""
    statements = list(contract.statements)
    for each in amendment.statements:
        if not isinstance(each, (n.Signed, n.TakesEffect)):
            statements = changed(statements, each, ())
    return attrs.evolve(contract, statements=tuple(statements))


def changed(statements: list[Any], change: Any, home: tuple[str, ...]) -> list[Any]:
    """The statements of the contract after one change; what is new goes to the section `home`."""
    match change:
        case n.Removal(name=name):
            return removed(statements, name.text)
        case n.ChangedItem(name=name):
            if find(statements, n.Item, name.text):
                return inside(statements, n.Item, name.text, lambda each: changed_item(each, change))
            assert change.title is not None
            kept = tuple(each for each in change.statements if not isinstance(each, n.Removal))
            return added(statements, n.Item(change.kind, name, change.title, kept), home)
        case n.ChangedMeasure(name=name):
            kind = {"measure": n.Measure, "fact": n.Fact, "parameter": n.Parameter}[change.kind]
            if find(statements, kind, name.text):
                return inside(statements, kind, name.text, lambda each: changed_measure(each, change))
            assert change.title is not None
            own = (name, change.columns, change.title) if kind is n.Parameter else (name, change.title)
            return added(statements, kind(*own, change.statements), home)
        case n.ChangedSection(name=name):
            if not find(statements, n.Section, name.text):
                assert change.title is not None
                statements = added(statements, n.Section(name, change.title, None, ()), home)
            if change.title is not None or change.total is not None:
                statements = inside(
                    statements,
                    n.Section,
                    name.text,
                    lambda each: attrs.evolve(
                        each, title=change.title or each.title, total=change.total or each.total
                    ),
                )
            for each in change.statements:
                statements = changed(statements, each, (*home, name.text))
            return statements
        case n.Item(rows=rows) if rows:
            return added_whole(statements, rows_of(change), home)
        case n.Item() if not change.shared:
            return added_whole(statements, [change], home)
        case n.UsedItem(name=name) if find(statements, n.Item, name.text):
            return inside(statements, n.Item, name.text, lambda _: change)
        case n.Register(title=None):
            return changed_rows(statements, change)
        case n.Register():
            return added_whole(statements, [change], ())
    if isinstance(change, DECLARATIONS):
        return added_whole(statements, [change], home)
    if isinstance(change, ONCE):
        return [*(each for each in statements if type(each) is not type(change)), change]
    if isinstance(
        change, (n.MissingRule, n.Weight, n.CombinedBy, n.Needs, n.Cap, n.Expectation, n.ExpectationOfEach)
    ):
        if not home:
            return replaced_kind(statements, [change])
        return inside(
            statements,
            n.Section,
            home[-1],
            lambda each: attrs.evolve(each, statements=tuple(replaced_kind(list(each.statements), [change]))),
        )
    # `use`, shared goals and what is beside the score
    return added(statements, change, home)


# ---- finding and replacing, wherever it stands


def is_called(each: Any, kind: Any, name: str) -> bool:
    return isinstance(each, kind) and each.name.text == name and not getattr(each, "shared", False)


def find(statements: Sequence[Any], kind: Any, name: str) -> bool:
    return any(
        is_called(each, kind, name) or (isinstance(each, n.Section) and find(each.statements, kind, name))
        for each in statements
    )


def inside(statements: Sequence[Any], kind: Any, name: str, change: Any) -> list[Any]:
    """The statements with the thing of that kind and name changed; without it where the change gives nothing."""
    found: list[Any] = []
    for each in statements:
        if is_called(each, kind, name):
            new = change(each)
            found += [] if new is None else [new]
        elif isinstance(each, n.Section):
            found.append(attrs.evolve(each, statements=tuple(inside(each.statements, kind, name, change))))
        else:
            found.append(each)
    return found


def added(statements: Sequence[Any], new: Any, home: tuple[str, ...]) -> list[Any]:
    if not home:
        return [*statements, new]
    return inside(
        statements,
        n.Section,
        home[-1],
        lambda each: attrs.evolve(each, statements=(*each.statements, new)),
    )


def added_whole(statements: list[Any], news: Sequence[Any], home: tuple[str, ...]) -> list[Any]:
    """Each in the place of that of its name, or added."""
    for new in news:
        kind = next(
            each
            for each in (
                n.Item,
                n.Register,
                n.Value,
                n.Scale,
                n.Role,
                n.Calendar,
                n.Measure,
                n.Fact,
                n.Parameter,
            )
            if isinstance(new, each)
        )
        if find(statements, kind, new.name.text):
            statements = inside(statements, kind, new.name.text, lambda _, new=new: new)
        else:
            statements = added(statements, new, home)
    return statements


def removed(statements: Sequence[Any], name: str) -> list[Any]:
    """Without a thing of the contract, a part of an item or a row of a register."""
    head, _, part = name.partition(".")
    found: list[Any] = []
    for each in statements:
        if (
            hasattr(each, "name")
            and isinstance(each.name, n.Identifier)
            and not isinstance(each, (n.Cap, n.ResultOf, n.UsedItem))
        ):
            if not part and each.name.text == head:
                continue
            if part and each.name.text == head and isinstance(each, n.Item):
                each = attrs.evolve(each, statements=without_part(each.statements, part))
            elif part and each.name.text == head and isinstance(each, n.Register):
                each = attrs.evolve(each, rows=tuple(row for row in each.rows if row.name.text != part))
        if isinstance(each, n.Section):
            each = attrs.evolve(each, statements=tuple(removed(each.statements, name)))
        found.append(each)
    return found


def without_part(statements: Sequence[Any], name: str) -> tuple[Any, ...]:
    """Without a milestone or a named assessment, also in a group."""
    found: list[Any] = []
    for each in statements:
        if isinstance(each, (n.Milestone, n.Assessment)) and each.name is not None and each.name.text == name:
            continue
        if isinstance(each, n.Group):
            each = attrs.evolve(each, members=without_part(each.members, name))
        found.append(each)
    return tuple(found)


# ---- inside of a thing that is changed


def changed_item(item: n.Item, change: n.ChangedItem) -> n.Item:
    statements = item.statements
    for each in change.statements:
        if isinstance(each, n.Removal):
            statements = without_part(statements, each.name.text)
    own = [each for each in change.statements if not isinstance(each, n.Removal)]
    return attrs.evolve(
        item, title=change.title or item.title, statements=tuple(replaced_kind(list(statements), own))
    )


def kind_within(statement: Any) -> Any:
    """What takes the place of what: the kind of a statement, or its name."""
    match statement:
        case n.Target(standing=standing):
            return n.Target, standing
        case n.Milestone(name=name):
            return n.Milestone, name.text
        case n.Assessment(name=name):
            return n.Assessment, "" if name is None else name.text
        case n.MissingRule(state=state):
            return n.MissingRule, state
        case n.Wording(start=start):
            return n.Wording, start.period
        case n.Entry(period=period):
            return n.Entry, period.period
        case n.Cap(name=name):  # of those without a name, all take the place of all
            return n.Cap, None if name is None else name.text
        case n.Expectation(why=why) | n.ExpectationOfEach(why=why):
            return (n.Expectation, why.text) if why is not None else object()
        case n.Silence():
            return object()
    return type(statement)


def replaced_kind(statements: list[Any], news: Sequence[Any]) -> list[Any]:
    """Statements of which those of a kind or name that is said anew are replaced."""
    kinds = [kind_within(each) for each in news]
    placed: set[int] = set()

    def renewed(old: Sequence[Any], *, is_group: bool = False) -> list[Any]:
        found: list[Any] = []
        for each in old:
            kind = kind_within(each)
            has_name = isinstance(each, (n.Milestone, n.Assessment))
            if kind in kinds and (has_name or not is_group):
                if kind not in done:
                    done.append(kind)
                    same = [at for at, of in enumerate(kinds) if of == kind]
                    found.extend(news[at] for at in same)
                    placed.update(same)
            elif isinstance(each, n.Group):
                found.append(attrs.evolve(each, members=tuple(renewed(each.members, is_group=True))))
            else:
                found.append(each)
        return found

    done: list[Any] = []
    result = renewed(statements)
    return [*result, *(each for at, each in enumerate(news) if at not in placed)]


def changed_measure(declared: Any, change: n.ChangedMeasure) -> Any:
    more = {"columns": change.columns} if change.columns else {}
    return attrs.evolve(
        declared,
        title=change.title or declared.title,
        statements=tuple(replaced_kind(list(declared.statements), change.statements)),
        **more,
    )


def changed_rows(statements: list[Any], change: n.Register) -> list[Any]:
    """Each row takes the place of that of its name, or is added."""
    more: list[n.Row] = []
    for row in change.rows:
        is_there = any(
            is_called(each, n.Register, change.name.text) and any(old.name == row.name for old in each.rows)
            for each in statements
        )
        if not is_there:
            more.append(row)
            continue
        for at, each in enumerate(statements):
            if is_called(each, n.Register, change.name.text):
                rows = tuple(row if old.name == row.name else old for old in each.rows)
                statements = [*statements[:at], attrs.evolve(each, rows=rows), *statements[at + 1 :]]
    return [*statements, attrs.evolve(change, rows=tuple(more))] if more else statements
