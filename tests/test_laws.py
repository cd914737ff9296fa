"""Laws that hold for every accepted contract and all actuals that fit it."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import math
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import rkdsl
from rkdsl import source
from rkdsl.language import nodes
from rkdsl.language.parser import parse
from rkdsl.language.printer import print_contract
from rkdsl.pipeline import Contract, Outcome
from rkdsl.rules import summary
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.possible import Given, Possible, known
from rkdsl.rules.tree import Input, Is, Item, Literal, Name, Ref, Tree
from rkdsl.values import DAY, TRUTH, State, parse_period
from tests.valid_contracts import actuals, candidates, contract_texts, entries, values_of

settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink) if os.environ.get("RKDSL_SHRINK") else (Phase.generate,),
)
REPEATABLE = settings.get_profile("repeatable")


MORE = int(os.environ.get("RKDSL_EXAMPLES", "1"))
"""How many times as many examples are tried, for a longer hunt; RKDSL_SHRINK makes a failing one small."""


def examples(count: int) -> settings:
    return settings(REPEATABLE, max_examples=count * MORE)


class Case(NamedTuple):
    """A contract with actuals, and what they come to."""

    text: str
    contract: Contract
    told: dict[str, Any]
    outcome: Outcome


@st.composite
def cases(draw: st.DrawFn, size: int = 2, telling: tuple[int, ...] = (0, 4, 7, 9, 10)) -> Case:
    text = draw(contract_texts(size))
    contract = rkdsl.loads(text)
    told = draw(actuals(contract.tree, draw(st.sampled_from(telling))))
    return Case(text, contract, told, contract.evaluate(told))


def roots(tree: Tree) -> dict[str, Ref]:
    """Everything whose value a reader looks at, by a name for messages."""
    found: dict[str, Ref] = {}
    for item in tree.items:
        for what, ref in (("points", item.points), ("condition", item.condition)):
            if ref is not None:
                found[f"{item.id} {what}"] = ref
        found |= {f"{item.id} {each.standing} {at}": each.of for at, each in enumerate(item.shown)}
    found |= {section.id: section.points for section in tree.sections if section.points is not None}
    return found if tree.total is None else {**found, "total": tree.total}


def told_as_data(case: Case) -> str:
    return f"{case.text}\n{case.told}"


# ---- what a value lies in, said anew


Value = Fraction | bool | str | State


def lies_in(value: Value, this: Possible) -> bool:
    if isinstance(value, State):
        return any(state.kind == value.kind for state in this.states)
    if isinstance(value, bool):
        return value in this.truths
    if isinstance(value, str):
        return value in this.words
    if this.numbers is None:
        return False
    low, high = this.numbers.low, this.numbers.high
    above = low is None or value > low or (value == low and not this.numbers.low_open)
    return above and (high is None or value < high or (value == high and not this.numbers.high_open))


# ---- filling gaps


def with_reports_frozen(tree: Tree, values: Values) -> Tree:
    """The tree as it stands: filling a gap is not reporting it, so what was not reported stays so."""

    def frozen(row: object) -> Any:  # a row like it
        if isinstance(row, Is) and row.test == "reported":
            operand = row.operand
            while not isinstance(tree.rows[operand], Input):
                operand = tree.rows[operand].of  # type: ignore[union-attr]  # else a name
            told = values.reported.get(operand)
            return Literal(told is not None and told.reported, TRUTH)
        return row

    return tree._replace(rows=tuple(map(frozen, tree.rows)))


def gaps(tree: Tree, values: Values) -> list[Ref]:
    """The inputs that are not settled."""
    inputs = (ref for ref, row in enumerate(tree.rows) if isinstance(row, Input))
    return [ref for ref in inputs if not values.rows[ref].is_settled]


def fillings(tree: Tree, values: Values, ref: Ref) -> list[Value]:
    """What a gap can be filled with: every word, truth and state, and numbers on and beside all thresholds."""
    row, this = tree.rows[ref], values.rows[ref]
    assert isinstance(row, Input)
    found: list[Value] = [*sorted(this.truths), *sorted(this.words), *this.states]
    if this.numbers is None:
        return found
    low, high = this.numbers.low, this.numbers.high
    whole = row.whole or row.unit == DAY
    settled = (each.settled for each in values.rows)
    near = {each for each in settled if isinstance(each, Fraction)}
    more = [each for each in sorted(near) if (each > 700_000) == (row.unit == DAY)]
    numbers = candidates(tree, row.unit, low, high, whole, more)
    return [*found, *(number for number in numbers if lies_in(number, this))]


Givens = dict[tuple[str, str], Given]


def given_of(tree: Tree, values: Values, filled: Mapping[Ref, Value]) -> Givens:
    found: Givens = {}
    for ref, row in enumerate(tree.rows):
        if isinstance(row, Input):
            settled = filled.get(ref, values.settled(ref))
            assert settled is not None
            found[row.kind, row.key] = Given(known(settled))
    return found


def completions(tree: Tree, values: Values, seed: int, count: int) -> Iterator[Givens]:
    """Ways of filling all gaps, drawn at random."""
    dice = random.Random(seed)
    choices = {ref: fillings(tree, values, ref) for ref in gaps(tree, values)}
    for _ in range(count):
        yield given_of(tree, values, {ref: dice.choice(each) for ref, each in choices.items()})


SEEDS = st.integers(0, 2**32)
RATES: Counter[str] = Counter()


# ---- totals


@examples(100)
@given(cases(size=3))
def test_totals_are_sums(case: Case) -> None:
    """Every total stated is the sum of its highest scores; points of sections and all add up their parts'."""
    tree, outcome = case.contract.tree, case.outcome
    for line in case.contract.proof:
        assert line.stated in (None, line.highest)
    parents = {section.id: section.parent for section in tree.sections}
    values = outcome.trace
    for name in (*parents, ""):
        parts = [each.points for each in tree.items if each.section == name]
        parts += [each.points for each in tree.sections if each.parent == name]
        refs = [ref for ref in parts if ref is not None]
        whole = tree.total if not name else next(each.points for each in tree.sections if each.id == name)
        assert (whole is None) == (not refs)
        if whole is not None:
            _is_sum_of(values, whole, refs)


def _is_sum_of(values: Values, whole: Ref, parts: list[Ref]) -> None:
    inputs = Counter(ref for part in parts for ref in values.missing(part))
    is_shared = any(count > 1 for count in inputs.values())
    total, members = values.rows[whole], [values.rows[part] for part in parts]
    lost = {each.settled.kind for each in members if isinstance(each.settled, State)}
    if lost:  # not defined beats not applicable, which beats any number
        assert not total.has_value
        assert total.is_settled or "not defined" not in lost
        return
    numbers = [each.numbers for each in members]
    if None in numbers or total.numbers is None:
        assert None in numbers
        assert total.states
        return
    lows = [each.low for each in numbers if each is not None]
    highs = [each.high for each in numbers if each is not None]
    low, high = (None if None in ends else sum(ends, Fraction(0)) for ends in (lows, highs))
    if is_shared:
        assert low is None or (total.numbers.low is not None and total.numbers.low >= low)
        assert high is None or (total.numbers.high is not None and total.numbers.high <= high)
    else:
        assert (low, high) == (total.numbers.low, total.numbers.high)
    kinds = {state.kind for each in members for state in each.states}
    assert {state.kind for state in total.states} <= kinds
    if not is_shared:
        assert {state.kind for state in total.states} == kinds


@examples(80)
@given(cases(size=2), SEEDS)
def test_points_lie_between_lowest_and_highest(case: Case, seed: int) -> None:
    """However gaps are filled, an item gives no less than its lowest and no more than its highest score."""
    tree, values = case.contract.tree, case.outcome.trace
    frozen = with_reports_frozen(tree, values)
    for filled in completions(frozen, values, seed, 3):
        full = evaluate(frozen, filled)
        for item in tree.items:
            if item.points is None or item.lowest is None or item.highest is None:
                continue
            points, low, high = (full.settled(ref) for ref in (item.points, item.lowest, item.highest))
            if isinstance(points, Fraction) and isinstance(low, Fraction) and isinstance(high, Fraction):
                assert low <= points <= high, item.id


# ---- printing


def _words(outcome: Outcome) -> Any:  # everything but places and hashes
    explained = {name: [line[:4] for line in outcome.explain(name).lines] for name in outcome.explainable}
    items = [
        (
            *(getattr(item, each) for each in ("id", "state", "points", "because", "may_become", "due")),
            list(dict.fromkeys((each.kind, each.text, each.alternatives) for each in item.open)),
        )
        for item in outcome.items
    ]
    return items, outcome.sections, outcome.points, outcome.state, explained


@examples(120)
@given(cases(size=2))
def test_printing_changes_nothing(case: Case) -> None:
    """What is printed reads back as the same tree of nodes, and is accepted with the same outcome."""
    written = parse(source.from_text("c.rk", case.text)).contract
    assert written is not None
    printed = print_contract(written)
    assert written == parse(source.from_text("c.rk", printed)).contract
    assert printed == print_contract(written)
    assert _words(case.outcome) == _words(rkdsl.loads(printed).evaluate(case.told))


# ---- bounds


@examples(150)
@given(cases(size=2, telling=(0, 4, 7, 8)), SEEDS)
def test_bounds_hold(case: Case, seed: int) -> None:
    """However gaps are filled, what comes out lies within what was possible, and what was settled stays."""
    tree, values = case.contract.tree, case.outcome.trace
    frozen = with_reports_frozen(tree, values)
    assert values.rows == evaluate(frozen, _as_given(tree, values)).rows
    named = roots(tree)
    open_now = [name for name, ref in named.items() if not values.rows[ref].is_settled]
    RATES["cases"] += 1
    RATES["open"] += bool(open_now)
    states = {item.id: item.state for item in case.outcome.items}
    for filled in completions(frozen, values, seed, 6):
        full = evaluate(frozen, filled)
        for name, ref in named.items():
            settled = full.settled(ref)
            assert settled is not None, name
            assert lies_in(settled, values.rows[ref]), (name, settled, values.rows[ref])
        for item in summary.items(frozen, full, case.outcome.as_of):
            if states[item.id] not in ("pending", "not known"):
                assert states[item.id] == item.state, item.id


def _as_given(tree: Tree, values: Values) -> Givens:
    """What was given to an evaluation."""
    found: Givens = {}
    for ref, each in values.reported.items():
        row = tree.rows[ref]
        assert isinstance(row, Input)
        found[row.kind, row.key] = each
    return found


def test_bounds_were_real() -> None:
    """At least a third of the cases had something open."""
    if not RATES["cases"]:
        pytest.skip("counted by the test before")
    print(f"cases with a real interval: {RATES['open']} of {RATES['cases']}")  # noqa: T201  (asked for with -s)
    assert 3 * RATES["open"] >= RATES["cases"] > 0


@examples(150)
@given(cases(size=2, telling=(0, 4, 7, 8)), SEEDS)
def test_bounds_hold_for_reports(case: Case, seed: int) -> None:
    """Gaps filled by reports as the contract takes them, on the same day, where no closing rule acts."""
    tree, values = case.contract.tree, case.outcome.trace
    if "reporting closes" in case.text:
        return
    stated = {row for ref, row in enumerate(tree.rows) if _is_stated(tree, values, ref)}
    keys = {("reading", row.key) for row in stated if isinstance(row, Input)}
    for filled in completions(tree, values, seed, 4):
        full = evaluate(tree, {key: each for key, each in filled.items() if key not in keys})
        for name, ref in roots(tree).items():
            settled = full.settled(ref)
            assert settled is not None, name
            assert lies_in(settled, values.rows[ref]), (name, settled, values.rows[ref])


def _is_stated(tree: Tree, values: Values, ref: Ref) -> bool:
    """Whether the contract itself answers for a reading that was not reported."""
    row = tree.rows[ref]
    if not isinstance(row, Input) or row.kind != "reading" or ref in values.reported:
        return False
    return any(isinstance(each, Name) and each.id == f"{row.key}.stated" for each in tree.rows)


@examples(120)
@given(cases(size=2, telling=(0, 4, 7, 8)), SEEDS)
def test_what_is_missing_is_all_that_is_missing(case: Case, seed: int) -> None:
    """Filling the inputs that are named as missing settles a value, whatever else is open."""
    tree, values = case.contract.tree, case.outcome.trace
    frozen = with_reports_frozen(tree, values)
    loose = {each.root for each in values.loose}
    dice = random.Random(seed)
    for name, ref in roots(tree).items():
        if values.rows[ref].is_settled or ref in loose:
            continue
        filled = _as_given(tree, values)
        for missing in values.missing(ref):
            row = tree.rows[missing]
            assert isinstance(row, Input)
            filled[row.kind, row.key] = Given(known(dice.choice(fillings(frozen, values, missing))))
        assert evaluate(frozen, filled).settled(ref) is not None, name


# ---- bounds are reached

MOST_TRIED = 3000
"""Fillings of one item that are tried in search of an end."""


@examples(150)
@given(cases(size=1, telling=(0, 5, 8)), SEEDS)
def test_bounds_are_reached(case: Case, seed: int) -> None:
    """Where no bounds are noted as loose, some filling comes to each end, or as near to it as is asked for."""
    tree, values = case.contract.tree, case.outcome.trace
    loose = {each.root for each in values.loose}
    frozen = with_reports_frozen(tree, values)
    for item in tree.items:
        ref = item.points if item.points is not None else item.condition
        assert ref is not None
        if values.rows[ref].is_settled or ref in loose:
            RATES["loose"] += ref in loose
            continue
        size = math.prod(len(fillings(tree, values, each)) for each in values.missing(ref))
        missing = _unreached(frozen, values, ref, random.Random(seed))
        RATES["searched"] += size <= MOST_TRIED or not missing
        money = any(
            _is_money(tree, each) for each in values.missing(ref)
        )  # two decimals, which bounds do not know
        assert not missing or size > MOST_TRIED or money, (item.id, missing, values.rows[ref])


def _is_money(tree: Tree, ref: Ref) -> bool:
    row = tree.rows[ref]
    return isinstance(row, Input) and row.unit.is_money


def _unreached(tree: Tree, values: Values, ref: Ref, dice: random.Random) -> list[str]:
    """The ends, truths and kinds of state that no filling came to."""
    sub = tree._replace(rows=tree.rows[: ref + 1], items=(), sections=(), total=None, maximum=None)
    wanted = _wanted(values.rows[ref])
    inputs = [each for each in values.missing(ref) if isinstance(tree.rows[each], Input)]
    choices = {each: fillings(tree, values, each) for each in inputs}
    base = {each: fillings(tree, values, each)[0] for each in gaps(sub, values)}
    for picked in _tries(choices, dice):
        found = evaluate(sub, given_of(sub, values, {**base, **picked})).settled(ref)
        wanted = {what: test for what, test in wanted.items() if not test(found)}
        if not wanted:
            break
    return list(wanted)


def _tries(choices: dict[Ref, list[Value]], dice: random.Random) -> Iterator[dict[Ref, Value]]:
    """All combinations where they are few; else the extremes of each, then any."""
    if math.prod(map(len, choices.values())) <= MOST_TRIED:
        for combination in itertools.product(*choices.values()):
            yield dict(zip(choices, combination, strict=True))
        return
    for _ in range(MOST_TRIED):
        sparse = dice.random() < 0.5
        yield {
            ref: dice.choice((each[0], each[-1], dice.choice(each)) if sparse else each)
            for ref, each in choices.items()
        }


NEAR = Fraction(1, 20)
FAR = Fraction(900)


def _wanted(this: Possible) -> dict[str, Any]:  # by name a test of a value
    wanted: dict[str, Any] = {}
    for state in this.states:
        wanted[state.kind] = lambda found, kind=state.kind: isinstance(found, State) and found.kind == kind
    for truth in this.truths:
        wanted[str(truth)] = lambda found, truth=truth: found is truth
    if this.numbers is None:
        return wanted
    low, high = this.numbers.low, this.numbers.high
    near = NEAR * (high - low) if low is not None and high is not None else Fraction(1)
    reach = {True: near, False: Fraction(0)}

    def number(found: object) -> bool:
        return isinstance(found, Fraction)

    def at_low(found: Any) -> bool:
        return number(found) and (
            found < -FAR if low is None else found <= low + reach[this.numbers.low_open]
        )

    def at_high(found: Any) -> bool:
        return number(found) and (
            found > FAR if high is None else found >= high - reach[this.numbers.high_open]
        )

    return {**wanted, "lowest": at_low, "highest": at_high}


# ---- directions


def _full(case: Case, seed: int) -> tuple[Values, Givens]:
    """Everything given, at random."""
    tree = case.contract.tree
    nothing = evaluate(tree, {("as_of", ""): Given(known(Fraction(case.outcome.as_of.toordinal())))})
    return nothing, next(completions(tree, nothing, seed, 1))


@examples(120)
@given(cases(size=2), SEEDS)
def test_better_readings_never_lose_points(case: Case, seed: int) -> None:
    """Where the points are said to move one way with an input, they never move the other way."""
    tree = case.contract.tree
    nothing, filled = _full(case, seed)
    dice = random.Random(seed)
    for item in tree.items:
        if item.points is None:
            continue
        for source_ref, direction in nothing.directions(item.points).items():
            row = tree.rows[source_ref]
            numbers = [each for each in fillings(tree, nothing, source_ref) if isinstance(each, Fraction)]
            if direction == "both" or not isinstance(row, Input) or len(numbers) < 2:
                continue
            chosen = sorted(dice.sample(numbers, min(4, len(numbers))))
            found = [
                evaluate(tree, {**filled, (row.kind, row.key): Given(known(each))}).settled(item.points)
                for each in chosen
            ]
            numeric = [each for each in found if isinstance(each, Fraction)]
            RATES["monotone"] += 1
            assert numeric == sorted(numeric, reverse=direction == "down"), (item.id, row.key, direction)


def single_tests(contract: nodes.Contract) -> dict[str, str]:
    """Items that hang on one test of one reading: by id, the way the points must move with it."""
    found = {}
    pending: list[Any] = [contract]
    rhythms = {
        each.name.text: next(one.unit for one in each.statements if isinstance(one, nodes.Rhythm))
        for each in _all(contract, nodes.Measure)
        if not any(isinstance(one, nodes.MayNotApply) for one in each.statements)
    }
    while pending:
        for node in pending.pop().statements:
            if isinstance(node, nodes.Section):
                pending.append(node)
            elif isinstance(node, nodes.Item):
                direction = _single_direction(node, rhythms)
                if direction:
                    found[node.name.text] = direction
    return found


def _all(block: Any, kind: Any) -> list[Any]:  # nodes with statements
    found: list[Any] = []
    for node in block.statements:
        found += [node] if isinstance(node, kind) else []
        found += _all(node, kind) if isinstance(node, nodes.Section) else []
    return found


def _single_direction(item: nodes.Item, rhythms: Mapping[str, str]) -> str:
    parts = [
        each
        for each in item.statements
        if isinstance(each, nodes.Target | nodes.Milestone | nodes.Group | nodes.Assessment)
        and not getattr(each, "standing", "")
    ]
    weights = [each for each in item.statements if isinstance(each, nodes.Weight)]
    if len(parts) != 1 or not isinstance(parts[0], nodes.Target) or not weights:
        return ""
    if len(parts[0].conditions) != 1:
        return ""
    (condition,) = parts[0].conditions
    subject, when, test = condition.subject, condition.when, condition.test
    if not isinstance(subject, nodes.Reference) or subject.name.text not in rhythms or when is None:
        return ""
    period = when.first.period
    if len(when.statements) != 1 or not isinstance(period, nodes.PeriodLiteral) or period.period is None:
        return ""
    if period.period.kind != rhythms[subject.name.text]:
        return ""
    if isinstance(test, nodes.Limit) and _is_number(test.value):
        return {"at most": "down", "below": "down", "at least": "up", "above": "up"}.get(test.comparison, "")
    if isinstance(test, nodes.Linear) and _is_number(test.start) and _is_number(test.end):
        first, last = test.start.first, test.end.first
        assert isinstance(first, nodes.Quantity)
        assert isinstance(last, nodes.Quantity)
        assert first.number is not None
        assert last.number is not None
        return "up" if first.number < last.number else "down"
    return ""


def _is_number(stated: nodes.Stated[Any]) -> bool:
    return len(stated.statements) == 1 and isinstance(stated.first, nodes.Quantity)


@examples(200)
@given(contract_texts(2))
def test_single_tests_move_one_way(text: str) -> None:
    """An item of one limit or line moves one way with its reading, and the way the words say."""
    contract = rkdsl.loads(text)
    tree = contract.tree
    written = parse(source.from_text("c.rk", text)).contract
    assert written is not None
    early = {("as_of", ""): Given(known(Fraction(datetime.date(2009, 1, 1).toordinal())))}
    nothing = evaluate(tree, early)
    wanted = single_tests(written)
    for item in tree.items:
        if item.id not in wanted or item.points is None or nothing.rows[item.points].is_settled:
            continue
        directions = nothing.directions(item.points)
        readings = {ref: way for ref, way in directions.items() if tree.rows[ref].kind == "reading"}  # type: ignore[union-attr]  # inputs
        RATES["single"] += len(readings)
        assert set(readings.values()) <= {wanted[item.id]}, (item.id, directions)


@pytest.mark.parametrize("unit", ["cases", "number", "%", "‰", "pp", "DKK", "days", "fte", "day"])
@pytest.mark.parametrize("ends", ["", "range 0..60"])
def test_each_form_moves_one_way(unit: str, ends: str) -> None:
    """Limits and lines, of every kind of unit, with a range and without, in weights fixed and ranged."""
    low, high = ("2009-01-10", "2009-03-01") if unit == "day" else (f"10 {unit}", f"20 {unit}")
    range_of = f"{ends} {unit}" if ends and unit != "day" else ""
    forms = {
        "at most": f"at most {high}",
        "below": f"below {high}",
        "falling": f"linear from {high} to {low}",
        "at least": f"at least {high}",
        "above": f"above {high}",
        "rising": f"linear from {low} to {high}",
    }
    goals = "".join(
        f'goal g{at}{at_weight} "G" {{ {weight} target m in 2009 {form} }}\n'
        for at, form in enumerate(forms.values())
        for at_weight, weight in enumerate(("weight 50", "weight 0..50", "weight 10..50", "weight undecided"))
    )
    measure = f'measure m "M" {{ unit {unit} no direction each year {range_of} }}'
    tree = rkdsl.loads(f'contract c "C" {{ {measure}\n{goals} }}').tree
    nothing = evaluate(tree, {("as_of", ""): Given(known(Fraction(733_000)))})
    for item in tree.items:
        wanted = "down" if int(item.id[1]) < 3 else "up"
        assert item.points is not None
        (reading,) = [each for each in nothing.missing(item.points) if tree.rows[each].kind == "reading"]  # type: ignore[union-attr]  # inputs
        assert nothing.directions(item.points)[reading] == wanted, (item.id, unit)


def test_rates() -> None:
    """The laws above met enough of what they speak of."""
    if not RATES["single"]:
        pytest.skip("counted by the tests before")
    print(dict(RATES))  # noqa: T201  (asked for with -s)
    assert RATES["single"] > 40
    assert RATES["monotone"] > 100
    assert RATES["searched"] > 40


# ---- the trace


@examples(80)
@given(cases(size=2, telling=(0, 2, 5, 8, 10)))
def test_evaluating_is_a_function(case: Case) -> None:
    """The same inputs give the same outcome, and everything explainable is explained."""
    again = case.contract.evaluate(case.told)
    assert case.outcome == again
    assert case.outcome.to_dict() == again.to_dict()
    for name in case.outcome.explainable:
        assert case.outcome.explain(name).lines
        assert str(case.outcome.explain(name)) == str(again.explain(name))
    assert str(case.outcome)


@st.composite
def later_reports(draw: st.DrawFn, case: Case) -> dict[str, Any]:
    """The same actuals with reports from after the day they are as of: new ones, and corrections."""
    told = {key: dict(each) if isinstance(each, dict) else each for key, each in case.told.items()}
    day = case.outcome.as_of
    later = (day + datetime.timedelta(days=draw(st.integers(1, 400)))).isoformat()
    for field, period in entries(case.contract.tree):
        if field.kind != "reading" or draw(st.booleans()):
            continue
        ends = parse_period(period)
        assert ends is not None
        if ends.last.isoformat() > later:
            continue
        section = told.setdefault("readings", {})
        readings = section[field.id] = dict(section.get(field.id, {}))
        new = {"value": draw(values_of(case.contract.tree, field)), "reported": later}
        old = readings.get(period)
        if old is None:
            readings[period] = new
        elif not isinstance(old, list | dict):
            readings[period] = [{"value": old}, {**new, "corrects": ends.last.isoformat()}]
    for field, _ in entries(case.contract.tree):
        section_name = {"milestone": "milestones", "fact": "facts", "assessment": "assessed"}.get(
            field.kind, ""
        )
        if not section_name or field.id in told.get(section_name, {}) or draw(st.booleans()):
            continue
        value = draw(values_of(case.contract.tree, field))
        if field.kind == "milestone" and value > later:
            continue
        section = told.setdefault(section_name, {})
        if field.kind == "assessment":
            by = draw(st.sampled_from(field.roles or ("board",)))
            section[field.id] = {"points": value, "by": by, "reason": "later", "reported": later}
        else:
            section[field.id] = {"value": value, "reported": later}
    return told


@examples(120)
@given(st.data())
def test_later_reports_change_nothing(data: st.DataObject) -> None:
    """What is reported after the day is not known on it, and has no influence of any kind."""
    case = data.draw(cases(size=2, telling=(0, 4, 8)))
    told = data.draw(later_reports(case))
    later = case.contract.evaluate(told, as_of=case.outcome.as_of)
    RATES["later"] += told != case.told
    assert _words(case.outcome) == _words(later)
    assert [text for _, text in case.outcome.findings] == [text for _, text in later.findings]


# ---- states


def state_of(item: Item, case: Case) -> str:
    """Section 3 anew: not defined, not applicable, missed, met, partly met, pending, not known.

    The points decide; where there are none, or can be only one number of them, the condition does.
    """
    values, tree = case.outcome.trace, case.contract.tree
    decides = item.points if item.points is not None else item.condition
    assert decides is not None
    settled = values.settled(decides)
    lowest = values.settled(item.lowest) if item.lowest is not None else None
    highest = values.settled(item.highest) if item.highest is not None else None
    if isinstance(settled, State):
        return settled.kind
    if item.points is not None and lowest is not None and lowest == highest and item.condition is not None:
        decides = item.condition
        settled = values.settled(decides)
    if isinstance(settled, bool):
        return "met" if settled else "missed"
    if isinstance(settled, State):
        return settled.kind
    if settled is not None:
        if settled == lowest:
            return "missed"
        if highest is None:  # the weight is open, so nobody can say whether this is all of it
            return "not known"
        return "met" if settled == highest else "partly met"
    days = [_day_due(case, tree.rows[ref]) for ref in values.missing(decides)]
    return "pending" if any(day is not None and day > case.outcome.as_of for day in days) else "not known"


def _day_due(case: Case, row: Any) -> datetime.date | None:  # an input
    """A reading is due when its period ends, a milestone on its last deadline, all else when the targets end."""
    if row.kind == "reading":
        period = parse_period(row.key.partition("@")[2])
        assert period is not None
        return period.last
    if row.kind in ("fact", "assessment"):
        return datetime.date(2009 if "targets bind in 2009" in case.text else 2010, 12, 31)
    if row.kind != "milestone":
        return None
    written = parse(source.from_text("c.rk", case.text)).contract
    assert written is not None
    item_id, _, name = row.key.partition(".")
    (item,) = [each for each in _all(written, nodes.Item) if each.name.text == item_id]
    (milestone,) = [each for each in _milestones(item.statements) if each.name.text == name]
    governing = [
        each for each in milestone.deadline.statements if each.governs
    ] or milestone.deadline.statements
    whens = [each.value for each in governing if isinstance(each.value.period, nodes.PeriodLiteral)]
    days = [
        when.period.period.first - datetime.timedelta(days=1)
        if when.word == "before"
        else when.period.period.last
        for when in whens
    ]
    return max(days, default=None)


def _milestones(statements: Any) -> Iterator[nodes.Milestone]:
    for each in statements:
        if isinstance(each, nodes.Milestone):
            yield each
        elif isinstance(each, nodes.Group):
            yield from _milestones(each.members)


@examples(250)
@given(cases(size=2))
def test_states(case: Case) -> None:
    """Each item is in the first state that fits."""
    for item in case.contract.tree.items:
        wanted, found = state_of(item, case), case.outcome.item(item.id).state
        RATES[found] += 1
        assert wanted == found, item.id


# ---- threads


@examples(15)
@given(cases(size=3))
def test_threads_share_a_contract(case: Case) -> None:
    """Eight threads at once come to what one comes to."""
    expected = _words(case.outcome)
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: case.contract.evaluate(case.told), range(8)))
        assert all(each == expected for each in pool.map(_words, outcomes))


# ---- faults found once, each as small as it gets


def outcome_of(body: str, **told: Any) -> Outcome:
    contract = rkdsl.loads(f'contract c "C" {{ role board "Board"\n{body} }}')
    return contract.evaluate({"contract": "c", "as_of": "2010-01-31", **told})


def test_percent_assessed() -> None:
    """20 % assessed of a weight of 0 to 40 % is 20 %, as 60 % of a weight of 60 % is 60 %."""
    text = 'total 40 % goal g "G" { weight 0..40 % assessed by board }'
    outcome = outcome_of(text, assessed={"g": {"points": 20, "by": "board", "reason": "seen"}})
    assert outcome.points is not None
    assert (20, 20, 40) == (outcome.points.secured, outcome.points.possible, outcome.points.maximum)


def test_undecided_weight_is_no_lower_than_its_lower_end() -> None:
    """`weight 10..undecided` gives at least 10."""
    measure = 'measure m "M" { unit cases lower is better each year }'
    outcome = outcome_of(f'{measure} goal g "G" {{ weight 10..undecided target m in 2009 at most 5 }}')
    points = outcome.item("g").points
    assert points is not None
    assert 10 == points.secured


@pytest.mark.parametrize(
    "item",
    [
        'milestone d "D" before 0001-01-01',
        "target m in 0001 above year before",
        "target m in 0001 falls by 5 from year before",
    ],
)
def test_the_first_year(item: str) -> None:
    """What lies before the first year is refused or a finding, never a traceback."""
    measure = 'measure m "M" { unit cases no direction each year }'
    with contextlib.suppress(rkdsl.Refused):
        outcome_of(f'{measure} goal g "G" {{ weight 50 {item} }}')


def test_a_value_said_twice_has_no_hole() -> None:
    """One of the values stated governs, whichever it is."""
    measure = 'measure m "M" { unit cases higher is better each year }'
    line = 'target m in 2009 linear from 10 elsewhere 12 see "page 2" to 20'
    outcome = outcome_of(f'{measure} goal g "G" {{ weight 50 {line} }}', readings={"m": {"2009": 15}})
    assert "no row holds" not in str(outcome.explain("g"))


@pytest.mark.parametrize(("first", "state"), [(5, "met"), (1, "missed")])
def test_at_least_one_of_is_any_of(first: int, state: str) -> None:
    """Enough that hold decide, and too few that still can; what does not apply changes neither."""
    measures = "".join(f'measure {name} "M" {{ unit cases no direction each year }}' for name in "mn")
    members = "target m in 2009 at least 3  target n in 2009 at least 3"
    told = {"m": {"2009": first}, "n": {"2009": {"not_applicable": "closed"}}}
    counts = {"met": ("any of", "at least 1 of"), "missed": ("all of", "at least 2 of")}[state]
    for head in counts:
        outcome = outcome_of(f'{measures} goal g "G" {{ weight 50 {head} {{ {members} }} }}', readings=told)
        assert state == outcome.item("g").state, head


def test_an_assessment_is_no_higher_than_the_weight_that_governs() -> None:
    """Were 20 to govern, an assessment of 25 would be too high: it is 20, or refused until the weight is settled."""
    text = 'goal g "G" { weight 0..20 elsewhere 30 see "page 2" assessed by board }'
    outcome = outcome_of(text, assessed={"g": {"points": 25, "by": "board", "reason": "seen"}})
    points = outcome.item("g").points
    assert points is not None
    assert points.secured is None or points.secured <= 20


def test_what_no_longer_matters_is_not_waited_for() -> None:
    """An item waits only for the day of what is missing: an undecided deadline has none."""
    measures = 'measure m "M" { unit cases no direction each year range 0..9 }'
    low = f'{measures} fact f "F" {{ unit cases range 5..9 }}'
    members = 'target f below 5 and m in 2011 at most 5  milestone d "D" by undecided'
    item = outcome_of(f'{low} goal g "G" {{ weight 50 any of {{ {members} }} }}').item("g")
    assert ["open", "milestone"] == sorted((each.kind for each in item.open), reverse=True)
    assert "not known" == item.state
    assert item.due is None


def test_every_gap_is_named_beside_a_value_said_twice() -> None:
    """A base still undecided is told also where the figure itself is stated twice."""
    measure = 'measure m "M" { unit cases no direction each year 2009: 3 elsewhere 9 see "page 2" }'
    for test in ("unchanged within 2 from undecided", "between 2 and undecided", "exactly undecided"):
        item = outcome_of(f'{measure} goal g "G" {{ weight 50 target m in 2009 {test} }}').item("g")
        assert ["open", "stated more than once"] == sorted(each.kind for each in item.open), test
