"""The sentences about what stands beside a contract: used files, amendments, registers, examples."""

from __future__ import annotations

from collections.abc import Sequence

from rkdsl.diagnostics import NOT_AS_EXPECTED, Diagnostic, Label, Place
from rkdsl.messages import did_you_mean, error, finding, listed, nearest, quoted

# ---- files that are used


def unusable(place: Place, file: str, reason: str) -> Diagnostic:
    """A file that is not there, or cannot be read."""
    return error("RK801", place, f"{quoted(file)} {reason}", hint="files are looked for beside this one")


def unknown_standard(place: Place, name: str, known: Sequence[str]) -> Diagnostic:
    """A standard library that there is not."""
    hint = did_you_mean(nearest(name, known)) or f"there is {listed(known, 'and')}"
    return error("RK801", place, f"no standard library is called {quoted(name)}", hint=hint)


def outside_folder(place: Place, file: str) -> Diagnostic:
    """A path that leaves the folder of the contract, or is not written as one below it."""
    hint = 'write a path below the folder of the contract, with `/` between: `use "goals/shared.rk"`'
    return error("RK802", place, f"{quoted(file)} is not below the folder of the contract", hint=hint)


def uses_itself(place: Place, path: Sequence[str]) -> Diagnostic:
    """Files that use each other."""
    text = f"{quoted(path[-1])} uses itself"
    return error("RK803", place, text, note=" -> ".join(path), hint="leave one of these uses out")


def not_to_be_used(place: Place, file: str) -> Diagnostic:
    """An amendment where a library or contract is used."""
    hint = "give it on the command line, after the contract"
    return error("RK804", place, f"{quoted(file)} is an amendment", hint=hint)


def another_document(place: Place, found: str, expected: str) -> Diagnostic:
    """A library where a contract is asked for."""
    hint = 'a contract uses it: `use "goals.rk"`' if found == "a library" else ""
    if "an amendment" in (found, expected):
        hint = "the contract comes first, then its amendments"
    return error("RK804", place, f"this is {found}, and not {expected}", hint=hint)


def used_twice(place: Place, name: str, first: Place) -> Diagnostic:
    """Two contracts of one name, in one that uses both."""
    text = f"a contract {quoted(name)} is used already"
    return error("RK805", place, text, Label(first, "used here"), hint="give one of them another name")


def too_many_levels(place: Place, limit: int) -> Diagnostic:
    """A chain of files that use the next."""
    return error("RK809", place, f"this is used over more than {limit} files, each used by the one before")


def too_many_used(place: Place, limit: int) -> Diagnostic:
    """More files than one contract may use."""
    return error(
        "RK809", place, f"with this more than {limit:_} files are used, each as often as it is a part"
    )


def another_of_that_name(place: Place, name: str) -> Diagnostic:
    """A contract that is called as the one that uses it, or as another one in what is used."""
    text = f"{quoted(name)} is the name of another contract, of this file or used by it"
    hint = "actuals name the contract they belong to: give one of them another name"
    return error("RK805", place, text, hint=hint)


def not_as_a_part(place: Place, name: str) -> Diagnostic:
    """A contract whose name stands for something else in all contracts that use others."""
    return error("RK808", place, f"a contract {quoted(name)} cannot be used", hint="give it another name")


# ---- contracts that are used


def of_no_contract(place: Place, name: str, contracts: Sequence[str]) -> Diagnostic:
    """`units.visits`, where no contract that is used has such a thing."""
    what = quoted(name.partition(".")[2])
    note = f"used are {listed(contracts, 'and', 12)}" if contracts else "no contract is used"
    return error("RK806", place, f"none of the contracts used has {what}", note=note)


def of_some_contracts(place: Place, name: str, lacking: Sequence[str]) -> Diagnostic:
    """A roll-up of something that some contracts do not have."""
    what = quoted(name.partition(".")[2])
    text = f"{listed(lacking, 'and', 12)} {'has' if len(lacking) == 1 else 'have'} no {what}"
    return finding("RK521", place, text, hint="the others alone are counted: see that this is meant")


def name_of_a_contract(place: Place, name: str) -> Diagnostic:
    """Something called as a contract that is used."""
    what = "all contracts that are used" if name == "units" else "a contract that is used"
    return error("RK807", place, f"{quoted(name)} is the name of {what}")


# ---- amendments


def not_there_to_change(place: Place, name: str, kind: str, known: Sequence[str], to_add: str) -> Diagnostic:
    """A change of something that the contract does not have. `to_add` says how it would be added."""
    near = did_you_mean(nearest(name, known))
    note = f"there is {listed(sorted(known), 'and')}" if known and not near else ""
    what = f"no {kind} {quoted(name)}" if kind else f"nothing called {quoted(name)}"
    return error("RK820", place, f"the contract has {what}", note=note, hint=near or to_add)


def of_another_contract(place: Place, found: str, expected: str) -> Diagnostic:
    """An amendment of a contract that is not the one it is given with."""
    hint = did_you_mean(nearest(found, [expected]))
    return error(
        "RK821", place, f"this amends {quoted(found)}; the contract is {quoted(expected)}", hint=hint
    )


def without_days(place: Place, name: str, words: Sequence[str]) -> Diagnostic:
    """An amendment that does not say when it was signed, or from when it holds."""
    hints = {
        "signed": "write the day, as in `signed 2009-06-15`, or `signed undecided`",
        "from": "write the first day of effect, as in `from 2009-07-01`",
    }
    text = f"{quoted(name)} has no {listed(map(quoted, words), 'and no')}"
    return error("RK822", place, text, hint="; ".join(hints[each] for each in words))


def amended_twice(place: Place, name: str, first: Place) -> Diagnostic:
    """Two amendments that are called the same."""
    text = f"an amendment {quoted(name)} is given already"
    return error("RK823", place, text, Label(first, "the other one"), hint="give each amendment its own name")


def overlapping(place: Place, what: str, day: str, first: Place, name: str) -> Diagnostic:
    """Two amendments of one day that change the same thing."""
    text = f"{quoted(what)} is changed by {quoted(name)} too, signed on the same day, {day}"
    hint = "say it in one of them, or correct the day on which one of them was signed"
    return error("RK824", place, text, Label(first, "changed here"), hint=hint)


def of_another_kind(place: Place, name: str, found: str, there: Place) -> Diagnostic:
    """A change that calls something what it is not."""
    return error("RK825", place, f"{quoted(name)} is {found}", Label(there, "it stands here"))


def not_one_thing(place: Place, name: str, kinds: Sequence[str]) -> Diagnostic:
    """A removal that fits several things."""
    return error(
        "RK825", place, f"{quoted(name)} is the name of {listed([f'a {each}' for each in kinds], 'and')}"
    )


def still_asked_for(place: Place, name: str, removed: Place) -> Diagnostic:
    """A use of something that an amendment takes out."""
    text = f"{quoted(name)} is asked for here"
    hint = "the amendment must change this too"
    return error("RK826", place, text, Label(removed, "removed here"), hint=hint)


def no_amendment_says(place: Place, what: str) -> Diagnostic:
    """A difference of two contracts that cannot be written as an amendment."""
    return error("RK827", place, what)


def several_changed(place: Place, names: Sequence[str]) -> Diagnostic:
    """Differences of more than one contract, which no single amendment can say."""
    text = f"{listed([quoted(each) for each in names], 'and', 12)} changed: an amendment changes one contract"
    return error("RK827", place, text, hint="compare the two versions of each of them by itself")


def cannot_roll(place: Place, why: str, hint: str = "") -> Diagnostic:
    """A contract without a next year, or one whose next year has mistakes."""
    return error("RK828", place, why, hint=hint)


def no_series(place: Place, name: str, known: Sequence[str]) -> Diagnostic:
    """A measure to show that the contract does not have."""
    hint = did_you_mean(nearest(name, known))
    note = f"there is {listed(known, 'and', 12)}" if known else ""
    return error("RK829", place, f"no measure or parameter is called {quoted(name)}", note=note, hint=hint)


def not_signed(place: Place, name: str) -> Diagnostic:
    """An amendment that nobody has signed yet."""
    return finding("RK560", place, f"{quoted(name)} is not in force", hint="write the day when it is signed")


def after_the_time(place: Place, name: str, effect: str, end: str) -> Diagnostic:
    """An amendment whose effect begins when what is scored is over."""
    text = f"{quoted(name)} takes effect {effect}, after the time that binds ends ({end})"
    hint = "it changes no outcome, unless `--as-of` asks for what was in force on a later day"
    return finding("RK561", place, text, hint=hint)


def before_the_contract(
    place: Place, name: str, signed: str, contract: str, later: str, there: Place
) -> Diagnostic:
    """An amendment signed on a day before that of the contract it changes."""
    text = f"{quoted(name)} was signed {signed}, {quoted(contract)} only on {later}"
    return finding("RK562", place, text, Label(there, "signed here"), hint="one of the two days is wrong")


# ---- several records


def other_day(place: Place, found: str, first: str, there: Place) -> Diagnostic:
    """Records that are as of different days."""
    text = f"this is as of {found}, the other as of {first}"
    hint = f"say whose knowledge counts: `--as-of {found}`"
    return error("RK642", place, text, Label(there, "said here"), hint=hint)


def other_contracts(place: Place, found: str, known: Sequence[str]) -> Diagnostic:
    """A record of a contract that is neither evaluated nor used."""
    hint = did_you_mean(nearest(found, known))
    note = f"evaluated are {listed(known, 'and', 12)}"
    return error("RK621", place, f"{quoted(found)} is not evaluated here", note=note, hint=hint)


def told_twice(place: Place, contract: str, first: str) -> Diagnostic:
    """Two records of one contract."""
    hint = "put them together in one file: a later report says what it corrects"
    return error("RK643", place, f"{quoted(first)} tells of {quoted(contract)} already", hint=hint)


def published_twice(place: Place, name: str, first: str) -> Diagnostic:
    """A parameter that two records say differently."""
    text = f"{quoted(name)} is another number in {quoted(first)}"
    return error("RK643", place, text, hint="a parameter is the same for all: publish it once")


# ---- who decides


def decided_by_none(place: Place, found: str, id: str, roles: Sequence[str]) -> Diagnostic:
    """A fact that a role decides, told without saying who decided it."""
    hint = f'write {{"value": …, "by": "{roles[0]}", "reason": "…"}}'
    return error(
        "RK644", place, f"{quoted(id)} is decided by {listed([quoted(each) for each in roles])}", hint=hint
    )


def without_reason(place: Place, id: str, by: str) -> Diagnostic:
    """A decision that says no reason."""
    return error(
        "RK644", place, f"{quoted(by)} decides {quoted(id)} without a reason", hint='add `"reason": "…"`'
    )


def nobody_decides(place: Place, id: str) -> Diagnostic:
    """`by`, of a fact that is told and not decided."""
    hint = "leave `by` out, or let the contract say who decides: `assessed by ROLE`"
    return error("RK645", place, f"nobody decides {quoted(id)}: it is reported", hint=hint)


# ---- examples


def no_day(place: Place) -> Diagnostic:
    """An example of a contract without a period."""
    hint = 'say the day whose knowledge counts: `example "…" at 2010-01-31`'
    return error("RK850", place, "the contract has no period whose end would be the day", hint=hint)


def no_period_given(place: Place, name: str, rhythm: str, example: str) -> Diagnostic:
    """A reading without its period."""
    text = f"{quoted(name)} is read each {rhythm}, and no period stands here"
    return error("RK851", place, text, hint=f"write the period, as in `{name} {example}: …`")


def period_unwanted(place: Place, name: str, period: str) -> Diagnostic:
    """A fact with a period."""
    text = f"{quoted(name)} has no periods, and {period} stands here"
    return error("RK851", place, text, hint="leave the period out")


def other_period(place: Place, name: str, period: str, rhythm: str, example: str) -> Diagnostic:
    """A year's figure of a measure that is read each month."""
    text = f"{quoted(name)} is read each {rhythm}, and {period} is another length of time"
    return error("RK851", place, text, hint=f"give it for each {rhythm}, as in `{name} {example}: …`")


def other_value(place: Place, name: str, expected: str) -> Diagnostic:
    """Yes where cases are counted."""
    return error("RK852", place, f"{quoted(name)} is {expected}", hint=f"write {expected}")


def never_reported(place: Place, found: str, name: str, lawful: str) -> Diagnostic:
    """A figure outside its range, or a word that is none of its words."""
    text = f"found `{found}`; {quoted(name)} is {lawful}"
    return error("RK853", place, text, hint="actuals with it would be refused: write what can be reported")


def not_yet(place: Place, what: str, day: str, as_of: str) -> Diagnostic:
    """A period that ends, or a milestone done, after the day of the example."""
    hint = 'leave it out, or give the example a later day: `example "…" at …`'
    return error("RK854", place, f"{what} {day}, and the example is as of {as_of}", hint=hint)


def only_not_known(place: Place) -> Diagnostic:
    """`is known`."""
    hint = "write `is not known`, or the state that it has, as in `is met`"
    return error("RK855", place, "`known` stands only after `is not`", hint=hint)


def only_items_pend(place: Place) -> Diagnostic:
    """`total is pending`."""
    hint = "write `is not known`, or compare `secured` and `possible`"
    return error("RK855", place, "only a goal or requirement can be pending", hint=hint)


def not_told(place: Place) -> Diagnostic:
    """`visits is not known`."""
    hint = "name a goal, requirement, section, value or the total"
    return error("RK855", place, "the outcome tells no state of this", hint=hint)


def nothing_expected(place: Place) -> Diagnostic:
    """An example that can never fail."""
    hint = "say what should come of it: `expect total exactly 100`"
    return finding("RK536", place, "nothing is expected of it", hint=hint)


def may_it_not_apply_here(place: Place, name: str) -> Diagnostic:
    """Not applicable, where the contract does not say that it may be."""
    hint = "let the contract say `may not apply`, or give the figure"
    return finding("RK537", place, f"the contract does not say that {quoted(name)} may not apply", hint=hint)


def not_as_expected(place: Place, why: str, failed: Sequence[tuple[str, str]]) -> Diagnostic:
    """A cross-check that fails: each condition that does not hold, and what was found."""
    told = [f"found {found} for `{text}`" if found else f"`{text}` does not hold" for text, found in failed]
    text = listed(told, "and", 12)
    return finding(NOT_AS_EXPECTED, place, f"{why}: {text}" if why else text)
