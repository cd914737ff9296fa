"""What a contract knows of the contracts it uses, and what it says of all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args

import attrs

from rkdsl.contract import remarks
from rkdsl.contract.report import Report, fields_of, inside
from rkdsl.contract.rows import Filler
from rkdsl.contract.symbols import AskedOfMeasure, Checked, Exported, Quantified, Thing, UsedContract
from rkdsl.language import nodes
from rkdsl.plain import evolve
from rkdsl.rules.tree import Tree

UNITS: Final = "units"
"""What all contracts that are used are called at once: `sum(units.visits in 2026)`."""
SPREAD: Final = ("sum", "mean", "min", "max", "count", "best", "worst")
"""The functions over all of them."""


def exports(checked: Checked, tree: Tree) -> UsedContract:
    """What other contracts may refer to; each name begins with that of the contract."""
    name = checked.id
    points = tree.total is not None
    things = [Thing(name, "contract", points, unit=tree.unit)]
    things += (
        Thing(f"{name}.{section.id}", "section", section.points is not None, unit=tree.unit)
        for section in tree.sections
    )
    for item in tree.items:
        kind = "item" if item.condition is not None else "assessed"
        things.append(Thing(f"{name}.{item.id}", kind, item.points is not None, unit=tree.unit))
    values = {each.id: checked.values[each.id] for each in tree.values if each.id in checked.values}
    exported = [
        Exported(f"{name}.{id}", each.unit, each.direction, each.words) for id, each in values.items()
    ]
    inner = [evolve(each, id=f"{name}.{id}") for id, each in checked.exported.items()]
    return UsedContract(
        name,
        {f"{name}.{id}": _measure(each, name) for id, each in checked.measures.items()},
        {each.id: each for each in things},
        {each.id: each for each in (*exported, *inner)},
        tuple(_asked(checked)),
    )


def _asked(checked: Checked) -> Iterator[AskedOfMeasure]:
    """What scored targets ask of measures, where all their conditions must hold."""
    targets = (each for item in checked.items for each in item.node.statements)
    for target in targets:
        if not isinstance(target, nodes.Target) or target.standing or target.joined == "or":
            continue
        for each in target.conditions:
            if isinstance(each.subject, nodes.Reference) and each.subject.name.text in checked.measures:
                yield AskedOfMeasure(f"{checked.id}.{each.subject.name.text}", each, checked.file)


def _measure(measure: Quantified, contract: str) -> Quantified:
    """A measure under the name of its contract; what is published for all alike has the same name everywhere."""
    id = measure.id if measure.kind == "parameter" else f"{contract}.{measure.id}"
    return evolve(measure, id=id, contract=contract)


def spread(contract: nodes.Contract, used: Sequence[UsedContract], report: Report) -> nodes.Contract:
    """The contract with an argument for each of the contracts it uses, wherever it speaks of all of them."""
    if not any(isinstance(each, nodes.Reference) and _is_of_all(each) for each in inside(contract)):
        return contract
    if not used and UNITS in _declared(contract):  # then `units.points` are those of a goal
        return contract
    spread_out: nodes.Contract = _spread(contract, used, report)
    return spread_out


def check_own_names(contract: nodes.Contract, used: Sequence[UsedContract], report: Report) -> None:
    """Nothing of a contract is called as one that it uses, or as all of them."""
    if not used:
        return
    taken = {UNITS, *(each.name for each in used)}
    for name, node in _declared(contract).items():
        if name in taken:
            report.add(remarks.name_of_a_contract(report.place(node.span), name))


def _declared(contract: nodes.Contract) -> dict[str, nodes.Identifier]:
    """What a calculation or test may ask for, by name."""
    kinds = (*get_args(nodes.Declaration), nodes.Section, nodes.Item)
    return {each.name.text: each.name for each in inside(contract) if isinstance(each, kinds)}


def _is_of_all(reference: nodes.Reference) -> bool:
    return reference.name.text.partition(".")[0] == UNITS


def _spread(node: Any, used: Sequence[UsedContract], report: Report) -> Any:  # nodes, tuples, plain values
    """A node in which no function speaks of all contracts. The nesting is bounded when the text is read."""
    if type(node) is tuple:  # of nodes; a period is a tuple as well
        return tuple(_spread(each, used, report) for each in node)
    if not isinstance(node, nodes.Node):
        return node
    if isinstance(node, nodes.Call) and node.name.text in SPREAD:
        arguments = [each for argument in node.arguments for each in _arguments(argument, used, report)]
        return attrs.evolve(node, arguments=tuple(arguments))
    changed = {name: _spread(getattr(node, name), used, report) for name in fields_of(type(node).__name__)}
    return attrs.evolve(node, **changed)


def _arguments(
    argument: nodes.Expression | nodes.Condition, used: Sequence[UsedContract], report: Report
) -> Iterator[nodes.Expression | nodes.Condition]:
    """An argument; one that speaks of all contracts, once for each of those that have what it names."""
    names = {each.name.text: each for each in inside(argument) if isinstance(each, nodes.Reference)}
    names = {text: each for text, each in names.items() if _is_of_all(each)}
    if not names:
        yield _spread(argument, used, report)
        return
    lacking: list[str] = []
    found = []
    for each in used:
        own = {text: each.name + text.removeprefix(UNITS) for text in names}
        if all(each.has(name) for name in own.values()):
            found.append({text: _reference(name, names[text]) for text, name in own.items()})
        else:
            lacking.append(each.name)
    text, place = next((text, report.place(each.span)) for text, each in names.items())
    if not found:
        report.add(remarks.of_no_contract(place, text, [each.name for each in used]))
    elif lacking:
        report.add(remarks.of_some_contracts(place, text, lacking))
    for cells in found:
        yield Filler(cells, report).filled(argument)


def _reference(name: str, written: nodes.Reference) -> nodes.Reference:
    return attrs.evolve(written, name=attrs.evolve(written.name, text=name))


def measures_of_used(used: Sequence[UsedContract]) -> Mapping[str, Quantified]:
    """The measures of all contracts that are used."""
    return {name: each for one in used for name, each in one.measures.items()}
