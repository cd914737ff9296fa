"""The algebra of units: what a sum, product, quotient or comparison of two units gives, None where nothing."""

from __future__ import annotations

from rkdsl.values import DAY, DAYS, PERCENT, PERCENTAGE_POINTS, PLAIN, Unit

_RATIOS = frozenset({"", "%", "‰"})


def is_ratio(unit: Unit) -> bool:
    """A plain number, however it is shown: what a percentage can be compared with."""
    return not unit.above and not unit.below and unit.shown in _RATIOS


def comparable(left: Unit, right: Unit) -> bool:
    """Whether two values may be compared: equal units, or both plain numbers."""
    return left == right or (is_ratio(left) and is_ratio(right))


def added(left: Unit, sign: str, right: Unit) -> Unit | None:
    """% - % is pp; % + pp is %; day - day is days; else both must be alike."""
    if left == right == PERCENT:
        return PERCENTAGE_POINTS if sign == "-" else PERCENT
    if left == PERCENT and right == PERCENTAGE_POINTS:
        return PERCENT
    if left == DAY and right == DAY:
        return DAYS if sign == "-" else None
    if left == DAY and right == DAYS:
        return DAY
    if left.shown in ("truth", "word"):
        return None
    return left if comparable(left, right) else None


def multiplied(left: Unit, right: Unit) -> Unit | None:
    """x % of an amount is an amount; rates multiply out; so much of a difference in % is one."""
    if not (_is_number(left) and _is_number(right)) or left == right == PERCENTAGE_POINTS:
        return None
    if PERCENTAGE_POINTS in (left, right) and (is_ratio(left) or is_ratio(right)):
        return PERCENTAGE_POINTS
    return _reduced(left.above + right.above, left.below + right.below)


def divided(left: Unit, right: Unit) -> Unit | None:
    """The quotient of equal units is a plain number."""
    if not (_is_number(left) and _is_number(right)):
        return None
    if left == PERCENTAGE_POINTS and is_ratio(right):
        return PERCENTAGE_POINTS
    return _reduced(left.above + right.below, left.below + right.above)


def _is_number(unit: Unit) -> bool:
    return unit.shown in _RATIOS or unit == PERCENTAGE_POINTS


def _reduced(above: tuple[str, ...], below: tuple[str, ...]) -> Unit:
    over, under = sorted(above), sorted(below)
    for name in above:
        if name in under:
            over.remove(name)
            under.remove(name)
    return Unit(tuple(over), tuple(under)) if over or under else PLAIN
