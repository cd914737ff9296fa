"""What one row of a tree makes of what its operands can be: the meaning of the twelve kinds of row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from rkdsl.plain import TYPE_CHECKING, Final, Late, Protocol, assert_never
from rkdsl.rules.plan import Plan
from rkdsl.rules.possible import (
    EITHER,
    NOTHING,
    ONE,
    YES_OR_NO,
    ZERO,
    Given,
    Outcome,
    Possible,
    Settled,
    interval,
    known,
    outcome,
    possible,
    union,
)
from rkdsl.rules.settled import calculate, gather_settled, holds, piecewise_at, round_number
from rkdsl.rules.tree import (
    Arithmetic,
    Choose,
    Compare,
    Gather,
    Input,
    Is,
    Literal,
    Logic,
    Name,
    Piecewise,
    Ref,
    Round,
    Row,
    Span,
)
from rkdsl.values import NOT_APPLICABLE, NOT_DEFINED, State

if TYPE_CHECKING:  # needed where something is open
    from rkdsl.rules import gathering, operations, piecewise
else:
    gathering, operations = Late("rkdsl.rules.gathering"), Late("rkdsl.rules.operations")
    piecewise = Late("rkdsl.rules.piecewise")

NO_ROW: Final = State(NOT_DEFINED, "no row holds")
NO_VALUE: Final = State(NOT_DEFINED, "no value is possible")
_NOT_KNOWN_TO_APPLY: Final = State(NOT_APPLICABLE, "")


def range_of(row: Input) -> Possible:
    """Everything an input can be when nothing is given."""
    states = (_NOT_KNOWN_TO_APPLY,) if row.may_not_apply else ()
    match row.unit.shown:
        case "truth":
            return YES_OR_NO._replace(states=states)
        case "word":
            found = Possible(words=frozenset(row.words), states=states)
        case shown:
            low, high, full = row.low, row.high, len(row.choices) < 2
            if row.choices:
                low, high = min(row.choices), max(row.choices)
            whole = row.whole or shown == "day"
            found = Possible(interval(low, high, whole=whole, full=full), states=states)
    return found if found.has_value else known(NO_VALUE)


def _narrowed(row: Input, this: Possible) -> Possible:
    """A given interval of an input of whole numbers has whole numbers only."""
    numbers = this.numbers
    if numbers is None or numbers.is_point or not (row.whole or row.unit.shown == "day"):
        return this
    whole = interval(numbers.low, numbers.high, numbers.low_open, numbers.high_open, True, numbers.full)
    return this if whole is None else this._replace(numbers=whole)


class Outcomes(Protocol):
    """What rows came to, by the index of the row."""

    def __getitem__(self, ref: Ref, /) -> Outcome: ...


class Transfer:
    """The meaning of each row of one tree, given its inputs."""

    def __init__(self, plan: Plan, given: Mapping[Ref, Given]) -> None:
        self.plan: Final = plan
        self.rows: Final = plan.rows
        self.given: Final = given

    def outcome(self, ref: Ref, outcomes: Outcomes) -> Outcome:
        """What the row at `ref` comes to; of the outcomes only those of its operands are looked at."""
        row = self.rows[ref]
        match row:
            case Literal():
                return row.value
            case Input():
                return self.input(ref, row)
            case Name():
                return outcomes[row.of]
            case Arithmetic():
                return _arithmetic(row, [outcomes[operand] for operand in row.operands])
            case Compare():
                return _compare(row, outcomes[row.left], outcomes[row.right])
            case Logic():
                return _logic(row, [outcomes[operand] for operand in row.operands])
            case Is():
                return self._is(row, outcomes)
            case Piecewise():
                return _piecewise(row, outcomes)
            case Choose():
                return _choose(row, outcomes)
            case Gather():
                return _gather(row, outcomes)
            case Round():
                return _round(row, outcomes[row.operand])
            case Span():
                return self._span(row, outcomes)
            case _:
                assert_never(row)

    def input(self, ref: Ref, row: Input) -> Outcome:
        """What an input can be by itself."""
        given = self.given.get(ref)
        if given is None:
            if ref not in self.plan.ranges:
                self.plan.ranges[ref] = outcome(range_of(row))
            return self.plan.ranges[ref]
        settled = given.value.settled
        return outcome(_narrowed(row, given.value)) if settled is None else settled

    def _is(self, row: Is, outcomes: Outcomes) -> Outcome:
        if row.test in ("reported", "told"):
            given = self.given.get(source_of(self.rows, row.operand))
            return given is not None and (given.reported or row.test == "told")
        kind = NOT_APPLICABLE if row.test == "applies" else NOT_DEFINED
        operand = outcomes[row.operand]
        if not isinstance(operand, Possible):
            return not (isinstance(operand, State) and operand.kind == kind)
        if operand.state(kind) is None:
            return True
        return Possible(truths=EITHER)

    def _span(self, row: Span, outcomes: Outcomes) -> Outcome:
        count = self.plan.counts[row.calendar]
        start, end = outcomes[row.start], outcomes[row.end]
        if isinstance(start, Fraction) and isinstance(end, Fraction):
            return count.between(start, end)
        first, last = possible(start), possible(end)
        states = operations.strict_states((first, last))
        if first.numbers is None or last.numbers is None:
            return outcome(Possible(states=states))
        return outcome(Possible(count.span(first.numbers, last.numbers), states=states))


def source_of(rows: Sequence[Row], ref: Ref) -> Ref:
    """The row that names lead to."""
    while isinstance(row := rows[ref], Name):
        ref = row.of
    return ref


def _number(this: Outcome) -> Fraction | None:
    """A settled number, or a settled truth as one."""
    if isinstance(this, Fraction):
        return this
    if isinstance(this, bool):
        return ONE if this else ZERO
    return None


def _as_number(this: Outcome) -> Outcome:
    """The same with truths counted as 0 or 1."""
    if isinstance(this, Possible):
        return outcome(operations.as_number(this))
    number = _number(this)
    return this if number is None else number


def _numbers(outcomes: Sequence[Outcome]) -> list[Fraction] | None:
    """All of them as settled numbers; None when one is not."""
    numbers: list[Fraction] = []
    for each in outcomes:
        number = _number(each)
        if number is None:
            return None
        numbers.append(number)
    return numbers


def _arithmetic(row: Arithmetic, operands: list[Outcome]) -> Outcome:
    numbers = _numbers(operands)
    if numbers is not None:
        return calculate(row.op, numbers)
    found = possible(operands[0])
    for operand in operands[1:]:
        found = operations.arithmetic(row.op, found, possible(operand))
    return outcome(found)


def _compare(row: Compare, left: Outcome, right: Outcome) -> Outcome:
    first, second = _number(left), _number(right)
    if first is None or second is None:
        return outcome(operations.comparison(row.op, possible(left), possible(right)))
    return holds(row.op, first, second)


def _logic(row: Logic, operands: list[Outcome]) -> Outcome:
    match row.op:
        case "not":
            operand = operands[0]
            return (
                not operand if isinstance(operand, bool) else outcome(operations.negation(possible(operand)))
            )
        case "all":
            if any(operand is False for operand in operands):
                return False
            rest = [possible(operand) for operand in operands if operand is not True]
            return outcome(operations.all_of(rest)) if rest else True
    if any(operand is True for operand in operands):
        return True
    rest = [possible(operand) for operand in operands if operand is not False]
    return outcome(operations.any_of(rest)) if rest else False


def _piecewise(row: Piecewise, outcomes: Outcomes) -> Outcome:
    number = _number(outcomes[row.operand])
    places = _numbers([outcomes[knot.at] for knot in row.knots])
    if number is None or places is None:
        return outcome(piecewise.piecewise(row, lambda ref: possible(outcomes[ref])))
    found = piecewise_at(row, number, places)
    if isinstance(found, State):
        return found
    start, end, share = found
    if start == end:
        return _as_number(outcomes[start])
    low, high = _number(outcomes[start]), _number(outcomes[end])
    if low is None or high is None:
        return outcome(piecewise.piecewise(row, lambda ref: possible(outcomes[ref])))
    return low + share * (high - low)


def _choose(row: Choose, outcomes: Outcomes) -> Outcome:
    found: Possible | None = None
    for condition, value in row.rows:
        holds = outcomes[condition]
        if holds is False:
            continue
        if holds is True:
            return outcomes[value] if found is None else outcome(union(found, possible(outcomes[value])))
        can_be = possible(holds)
        found = union(found or NOTHING, Possible(states=can_be.states))
        if True in can_be.truths:
            found = union(found, possible(outcomes[value]))
        if False not in can_be.truths:
            return outcome(found)
    return NO_ROW if found is None else outcome(union(found, known(NO_ROW)))


def _gather(row: Gather, outcomes: Outcomes) -> Outcome:
    members = _numbers_or_states([outcomes[member] for member in row.members])
    weights = _numbers_or_states([outcomes[weight] for weight in row.weights])
    if members is None or weights is None:
        return outcome(gathering.gather(row, lambda ref: possible(outcomes[ref])))
    found = gather_settled(row, members, weights)
    if found is None and row.otherwise is not None:
        return _as_number(outcomes[row.otherwise])
    assert found is not None
    return found


def _numbers_or_states(outcomes: Sequence[Outcome]) -> list[Fraction | State] | None:
    found: list[Fraction | State] = []
    for each in outcomes:
        settled = each if isinstance(each, State) else _number(each)
        if settled is None:
            return None
        found.append(settled)
    return found


def _round(row: Round, operand: Outcome) -> Outcome:
    number = _number(operand)
    if number is not None:
        return round_number(row.mode, row.step, number)
    can_be = possible(operand)
    numbers = operations.as_numbers(can_be)
    if numbers is None:
        return outcome(can_be)
    return outcome(Possible(operations.round_interval(row.mode, row.step, numbers), states=can_be.states))


__all__ = ["Given", "Outcome", "Settled", "Transfer", "range_of", "source_of"]
