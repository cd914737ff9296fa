"""Nodes to text, in one canonical layout: what is printed reads back as the same nodes.

Knows the shape of the language, and nothing of what a contract means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final, NamedTuple, assert_never

from rkdsl.language import nodes
from rkdsl.language.nodes import Stated
from rkdsl.values import decimal_text

WIDTH: Final = 100
"""Columns that rows of readings and guidelines fill; a statement is never broken."""

_INDENT: Final = "  "
_BETWEEN_ROWS: Final = "   "
_UNREADABLE: Final = "?"
_DIRECTIONS: Final = {"lower": "lower is better", "higher": "higher is better", "none": "no direction"}
_GROUPS: Final = {"all": "all of", "any": "any of"}


def print_contract(contract: nodes.Contract) -> str:
    """The contract in canonical layout: a statement a line, two blanks a level, rows side by side."""
    return "\n".join(_block_lines(_contract_block(contract), "")) + "\n"


def print_node(node: nodes.Node) -> str:
    """Any node on one line, in the words of the language."""
    block = _block(node)
    if block is not None:
        return " ".join(line.strip() for line in _block_lines(block, "") if line)
    return _inline(node)


# ---- statements with braces: many lines


class _Block(NamedTuple):
    """A statement with others in braces; `apart` where a blank line sets it off from its neighbours."""

    head: str
    statements: tuple[nodes.Node, ...]
    tail: str = ""
    apart: bool = True


def _block(node: nodes.Node) -> _Block | None:
    """The parts of a statement with braces; None for any other node."""
    match node:
        case nodes.Contract():
            return _contract_block(node)
        case nodes.Section():
            total = _optional(node.total)
            return _Block(_words("section", _named(node), total), node.statements)
        case nodes.Item():
            return _Block(_words(node.kind, _named(node)), node.statements)
        case nodes.Measure():
            return _Block(_words("measure", _named(node)), node.statements)
        case nodes.Fact():
            return _Block(_words("fact", _named(node)), node.statements)
        case nodes.Group():
            kind = _GROUPS.get(node.kind) or _words(node.kind, _optional(node.count), "of")
            return _Block(kind, node.members, _optional(node.worth), apart=False)
    return None


def _contract_block(contract: nodes.Contract) -> _Block:
    return _Block(_words("contract", _named(contract)), contract.statements)


def _named(
    node: nodes.Contract | nodes.Section | nodes.Item | nodes.Measure | nodes.Fact | nodes.Role,
) -> str:
    return _words(node.name.text, _stated(node.title))


def _block_lines(block: _Block, indent: str) -> Iterator[str]:
    if not block.statements:
        yield indent + _words(block.head, "{ }", block.tail)
        return
    yield f"{indent}{block.head} {{"
    yield from _body_lines(block.statements, indent + _INDENT)
    yield indent + _words("}", block.tail)


def _body_lines(statements: tuple[nodes.Node, ...], indent: str) -> Iterator[str]:
    """Statements one a line, runs of entries packed; blank lines around what has a body of its own."""
    entries: list[str] = []
    was_apart = False
    for index, statement in enumerate(statements):
        if isinstance(statement, nodes.Entry):
            entries.append(_inline(statement))
            continue
        yield from _packed(entries, indent)
        entries.clear()
        block = _block(statement)
        is_apart = block is not None and block.apart
        if index and (is_apart or was_apart):
            yield ""
        was_apart = is_apart
        if block is not None:
            yield from _block_lines(block, indent)
        elif isinstance(statement, nodes.Guidelines):
            yield from _packed(map(_inline, statement.rows), indent, "guideline ")
        else:
            yield indent + _inline(statement)
    yield from _packed(entries, indent)


def _packed(rows: Iterable[str], indent: str, word: str = "") -> Iterator[str]:
    """Rows side by side while they fit; after a leading word, later lines stand below the first row."""
    line, is_open = indent + word, False
    for row in rows:
        if is_open and len(line) + len(_BETWEEN_ROWS) + len(row) > WIDTH:
            yield line
            line, is_open = indent + " " * len(word), False
        line += _BETWEEN_ROWS + row if is_open else row
        is_open = True
    if is_open:
        yield line


# ---- everything else: one line


def _inline(node: nodes.Node) -> str:
    if isinstance(node, Stated):
        return _stated(node)
    if isinstance(node, nodes.Statement):
        return _stated_once(node)
    if isinstance(node, nodes.Condition):
        return _condition(node)
    if isinstance(node, nodes.Test):
        return _test(node)
    if isinstance(node, _Value):
        return _value(node)
    return _statement(node)


def _statement(node: nodes.Node) -> str:
    """A statement, or a clause of one, that has no braces."""
    match node:
        case nodes.Parties():
            return f"parties {' and '.join(map(_value, node.names))}"
        case nodes.ContractPeriod():
            return f"period {_stated(node.period)}"
        case nodes.Binding():
            return f"targets bind in {_value(node.period)}"
        case nodes.Total():
            return f"total {_quantity(node.amount)}"
        case nodes.ReportingCloses():
            return f"reporting closes {_value(node.period)}"
        case nodes.MissingRule():
            return f"{node.state} {node.rule}"
        case nodes.Role():
            return f"role {_named(node)}"
        case nodes.UnitOf():
            return f"unit {node.unit}"
        case nodes.Direction():
            return _DIRECTIONS[node.better]
        case nodes.Rhythm():
            return f"each {node.unit}"
        case nodes.SourceOf():
            return f"source {_value(node.text)}"
        case nodes.Range():
            return f"range {_quantity(node.low)}..{_quantity(node.high)}"
        case nodes.MayNotApply():
            return "may not apply"
        case nodes.Entry():
            return f"{_words(_value(node.period), _optional(node.remark))}: {_stated(node.value)}"
    return _item_statement(node)


def _item_statement(node: nodes.Node) -> str:
    match node:
        case nodes.Weight():
            return f"weight {f'{_quantity(node.low)}..' if node.low else ''}{_stated(node.high)}"
        case nodes.Guidelines():
            return f"guideline {_BETWEEN_ROWS.join(map(_statement, node.rows))}"
        case nodes.Wording():
            return f"from {_value(node.start)} reads {_value(node.text)}"
        case nodes.Assessment():
            part = (_optional(node.name), _optional(node.title))
            worth = f"worth {_quantity(node.low)}..{_quantity(node.high)}" if node.low and node.high else ""
            return _words("assessed by", _stated(node.role), *part, worth)
        case nodes.Milestone():
            what = _words(node.name.text, _stated(node.title), _stated(node.deadline))
            return _words(node.standing, "milestone", what, *map(_optional, (node.worth, node.late)))
        case nodes.Target():
            conditions = f" {node.joined} ".join(map(_condition, node.conditions))
            return _words(node.standing, "target", conditions, *map(_optional, (node.worth, *node.equals)))
        case nodes.Worth():
            return f"worth {_stated(node.amount)}"
        case nodes.LateCosts():
            costs = f"late costs {_quantity(node.amount)} per started week"
            return f"{costs} down to {_quantity(node.floor)}"
        case nodes.Equals():
            return f"equals {_inline(node.test)}"
    raise TypeError(f"no text is known for {type(node).__name__}")


def _optional(node: nodes.Node | None) -> str:
    return _inline(node) if node is not None else ""


def _condition(condition: nodes.Condition) -> str:
    subject = _operand(condition.subject, nodes.Timed) if condition.subject is not None else ""
    return _words(subject, _optional(condition.when), _test(condition.test))


def _test(test: nodes.Test) -> str:
    match test:
        case nodes.Limit():
            return f"{test.comparison} {_stated(test.value)}"
        case nodes.Between():
            return f"between {_stated(test.low)} and {_stated(test.high)}"
        case nodes.Change(amount=None):
            return f"{test.direction} from {_inline(test.base)}"
        case nodes.Change(amount=amount):
            return f"{test.direction} by {test.comparison} {_optional(amount)} from {_inline(test.base)}"
        case nodes.Unchanged():
            return f"unchanged within {_stated(test.tolerance)} from {_inline(test.base)}"
        case nodes.Linear():
            return f"linear from {_stated(test.start)} to {_stated(test.end)}"
        case nodes.Holds():
            return "holds"
        case _:
            assert_never(test)


# ---- values

_Value = nodes.Expression | nodes.Identifier | nodes.Text | nodes.When


def _stated(stated: Stated[nodes.Node]) -> str:
    return " ".join(map(_stated_once, stated.statements))


def _stated_once(statement: nodes.Statement[nodes.Node]) -> str:
    governs = "governs" if statement.governs else ""
    if statement.see is None:
        return _words(_inline(statement.value), governs)
    return _words("elsewhere", _inline(statement.value), "see", _quoted(statement.see), governs)


def _value(node: _Value) -> str:
    """A value where any may stand; only inside another expression does it need parentheses."""
    match node:
        case nodes.Identifier():
            return node.text
        case nodes.Text():
            return _quoted(node)
        case nodes.Quantity():
            return _quantity(node)
        case nodes.PeriodLiteral():
            return _UNREADABLE if node.period is None else str(node.period)
        case nodes.Reference():
            return node.name.text
        case nodes.YearBefore():
            return "year before"
        case nodes.Timed():
            return f"{_operand(node.expression, nodes.Timed)} {_value(node.when)}"
        case nodes.Sum():
            return _operands(node.terms, nodes.Sum, nodes.Timed)
        case nodes.Product():
            return _operands(node.factors, nodes.Product, nodes.Sum, nodes.Timed)
        case nodes.When():
            return _words(
                node.word, _value(node.period), f"reads {_quoted(node.reads)}" if node.reads else ""
            )
        case nodes.Undecided():
            until = f"until {_value(node.until)}" if node.until else ""
            return _words("undecided", node.unit, until, _optional(node.remark))
        case nodes.Unclear():
            return f"unclear {_quoted(node.text)}"
        case _:
            assert_never(node)


def _operands(pairs: tuple[tuple[str, nodes.Expression], ...], *enclosed: type[nodes.Node]) -> str:
    """Operands with their signs, in the order written; the sign of the first is not written."""
    first, *others = pairs
    texts = [_operand(first[1], *enclosed)]
    texts += (f"{sign} {_operand(each, *enclosed)}" for sign, each in others)
    return " ".join(texts)


def _operand(expression: nodes.Expression, *enclosed: type[nodes.Node]) -> str:
    """An expression inside another: in parentheses when it is of a kind that binds less."""
    text = _value(expression)
    return f"({text})" if isinstance(expression, enclosed) else text


def _quantity(quantity: nodes.Quantity) -> str:
    if quantity.number is None:
        return _UNREADABLE
    return _words(_number(quantity.number, quantity.decimals), quantity.magnitude, quantity.unit)


def _number(number: Fraction, decimals: int) -> str:
    """The number with the decimals it was written with; thousands joined from five digits on."""
    scaled = abs(number) * 10**decimals
    if scaled.denominator != 1:  # computed, not read from a text
        return decimal_text(number)
    digits = str(scaled.numerator).zfill(decimals + 1)
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    if len(whole) > 4:
        whole = f"{int(whole):_}"
    return f"{'-' if number < 0 else ''}{whole}{'.' if fraction else ''}{fraction}"


def _quoted(text: nodes.Text) -> str:
    escaped = text.text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _words(*words: str | None) -> str:
    """The words there are, with a blank between."""
    return " ".join(word for word in words if word)
