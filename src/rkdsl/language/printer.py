"""Nodes to text, in one canonical layout: what is printed reads back as the same nodes.

Knows the shape of the language, and nothing of what a contract means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import assert_never

from rkdsl.language import nodes
from rkdsl.language.nodes import Stated
from rkdsl.plain import Final, NamedTuple
from rkdsl.values import decimal_text

WIDTH: Final = 100
"""Columns that rows of readings and guidelines fill, and a statement with rows; no other is ever broken."""

_INDENT: Final = "  "
_BETWEEN_ROWS: Final = "   "
_UNREADABLE: Final = "?"
_DIRECTIONS: Final = {"lower": "lower is better", "higher": "higher is better", "none": "no direction"}
_GROUPS: Final = {"all": "all of", "any": "any of"}


def print_contract(document: nodes.Document) -> str:
    """A contract, amendment or library in canonical layout: a statement a line, two blanks a level."""
    block = _block(document)
    if block is None:
        assert isinstance(document, nodes.Library)
        return "\n".join(_body_lines(document.statements, "")) + "\n"
    return "\n".join(_block_lines(block, "")) + "\n"


def print_node(node: nodes.Node) -> str:
    """Any node on one line, in the words of the language."""
    block = _block(node)
    return _inline(node) if block is None else _one_line(block)


# ---- statements with braces: many lines


class _Block(NamedTuple):
    """A statement with others, or rows, in braces; `apart` where a blank line sets it off from its neighbours.

    One that `folds` stands on one line where it fits. `more` is a second part in braces, right after the first.
    """

    head: str
    statements: tuple[nodes.Node | str, ...]
    tail: str = ""
    apart: bool = True
    folds: bool = False
    more: _Block | None = None


def _block(node: nodes.Node | str) -> _Block | None:
    """The parts of a statement with braces; None for any other node."""
    match node:
        case nodes.Contract():
            return _contract_block(node)
        case nodes.Section():
            total = _optional(node.total)
            return _Block(_words("section", _named(node), total), node.statements)
        case nodes.Item():
            return _item_block(node)
        case nodes.Measure():
            return _Block(_words("measure", _named(node)), node.statements)
        case nodes.Fact():
            return _Block(_words("fact", _named(node)), node.statements)
        case nodes.Parameter():
            columns = _list(node.columns) if node.columns else ""
            return _Block(f"parameter {node.name.text}{columns} {_stated(node.title)}", node.statements)
        case nodes.Calendar():
            holidays = f"except {_list(node.holidays)}" if node.holidays else ""
            days = _words(f"each {_list(node.weekdays)}", holidays)
            return _Block(f"calendar {_named(node)}", (days,), folds=True)
        case nodes.Group():
            kind = _GROUPS.get(node.kind) or _words(node.kind, _optional(node.count), "of")
            return _Block(kind, node.members, _optional(node.worth), apart=False)
        case nodes.Row(statements=(_, *_)):
            folds = all(_block(each) is None for each in node.statements)
            return _Block(_row(node), node.statements, apart=False, folds=folds)
    return _block_beside(node) or _form_block(node)


def _block_beside(node: nodes.Node | str) -> _Block | None:
    """The parts of a register, an example, an amendment or a part of one; None for any other node."""
    match node:
        case nodes.UsedItem(statements=(_, *_)):
            return _Block(_used(node), node.statements, apart=False, folds=True)
        case nodes.Register():
            return _register_block(node)
        case nodes.Example():
            day = f"at {_value(node.day)}" if node.day else ""
            return _Block(_words("example", _value(node.title), day), node.statements)
        case nodes.Given():
            return _Block("given", node.rows, apart=False, folds=True)
        case nodes.Amendment():
            return _Block(_words("amendment", _named(node), "of", node.of.text), node.statements)
        case nodes.ChangedItem():
            return _Block(_words(node.kind, _named(node)), node.statements)
        case nodes.ChangedSection():
            return _Block(_words("section", _named(node), _optional(node.total)), node.statements)
        case nodes.ChangedMeasure():
            columns = _list(node.columns) if node.columns else ""
            head = _words(f"{node.kind} {node.name.text}{columns}", _optional(node.title))
            return _Block(head, node.statements)
    return None


def _register_block(node: nodes.Register) -> _Block:
    rows = _Block("each", node.rows)
    if node.title is None:
        return rows._replace(head=f"register {node.name.text} each")
    head = f"register {node.name.text}{_list(node.columns)} {_stated(node.title)}"
    return _Block(head, node.statements, more=rows if node.rows else None)


def _used(node: nodes.UsedItem) -> str:
    """A shared goal in its place, up to what it has of its own."""
    cells = _list(node.cells) if node.cells else ""
    return _words(f"use {node.name.text}{cells}", _optional(node.title))


def _contract_block(contract: nodes.Contract) -> _Block:
    return _Block(_words("contract", _named(contract)), contract.statements)


def _item_block(item: nodes.Item) -> _Block:
    """A goal, or one with parameters and its rows; a title that repeats the name was left out there."""
    if not item.rows and not item.shared:
        return _Block(_words(item.kind, _named(item)), item.statements)
    title = _stated(item.title)
    head = f"{item.kind} {item.name.text}{_list(item.parameters)}"
    rows = _Block("each", item.rows) if item.rows else None
    return _Block(_words(head, title if title != f'"{item.name.text}"' else ""), item.statements, more=rows)


def _form_block(node: nodes.Node | str) -> _Block | None:
    """The parts of a statement, or of a form of a function, that has rows; None for any other node."""
    match node:
        case nodes.Rows():
            otherwise = f"otherwise: {_plain(node.otherwise)}"
            return _Block("", (*node.rows, otherwise), apart=False, folds=True)
        case nodes.Steps():
            head = _words("steps of", _value(node.subject), _optional(node.across))
            return _Block(head, node.steps, apart=False, folds=True)
        case nodes.Curve():
            return _Block(f"curve of {_value(node.subject)}", node.rows, apart=False, folds=True)
        case nodes.Value() | nodes.Scale():
            return _around(_declared(node), _form_block(node.body), _rounded(node), apart=True)
        case nodes.Score():
            return _around("score", _form_block(node.body), _optional(node.range), apart=False)
    return None


def _around(head: str, form: _Block | None, tail: str, *, apart: bool) -> _Block | None:
    """The block of a form with the words before and after it."""
    return form and form._replace(head=_words(head, form.head), tail=tail, apart=apart)


def _named(
    node: nodes.Contract
    | nodes.Section
    | nodes.Item
    | nodes.Measure
    | nodes.Fact
    | nodes.Role
    | nodes.Calendar
    | nodes.Amendment
    | nodes.ChangedItem
    | nodes.ChangedSection,
) -> str:
    return _words(node.name.text, _optional(node.title))


def _one_line(block: _Block) -> str:
    """All of a block on one line, rows of a form further apart than words."""
    gap = _BETWEEN_ROWS if block.folds else " "
    inside = gap.join(map(_node_or_text, block.statements))
    here = _words(block.head, f"{{ {inside} }}" if inside else "{ }", block.tail)
    return here if block.more is None else f"{here} {_one_line(block.more)}"


def _node_or_text(node: nodes.Node | str) -> str:
    return node if isinstance(node, str) else print_node(node)


def _block_lines(block: _Block, indent: str, before: str = "") -> Iterator[str]:
    """The lines of a block; `before` is the end of the one it continues."""
    head = _words(before, block.head)
    end = "}"
    if block.statements:
        yield indent + _words(head, "{")
        yield from _body_lines(block.statements, indent + _INDENT)
    else:
        end = _words(head, "{ }")
    if block.more is None:
        yield indent + _words(end, block.tail)
    else:
        yield from _block_lines(block.more, indent, end)


def _body_lines(statements: tuple[nodes.Node | str, ...], indent: str) -> Iterator[str]:
    """Statements one a line, runs of entries packed; blank lines around what has a body of its own."""
    entries: list[str] = []
    was_apart = False
    for index, statement in enumerate(statements):
        if isinstance(statement, nodes.Entry):
            entries.append(_inline(statement))
            continue
        yield from _packed(entries, indent)
        entries.clear()
        block = _unfolded(statement, indent)
        is_apart = block is not None and block.apart
        if index and (is_apart or was_apart):
            yield ""
        was_apart = is_apart
        if block is not None:
            yield from _block_lines(block, indent)
        elif isinstance(statement, nodes.Guidelines):
            yield from _packed(map(_inline, statement.rows), indent, "guideline ")
        else:
            yield indent + _node_or_text(statement)
    yield from _packed(entries, indent)


def _unfolded(statement: nodes.Node | str, indent: str) -> _Block | None:
    """The block of a statement that does not stand on one line."""
    block = _block(statement)
    if block is None or not block.folds or len(indent) + len(_one_line(block)) > WIDTH:
        return block
    return None


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
    if isinstance(node, nodes.Conditions):
        return _conditions(node)
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
        case nodes.ResultOf():
            return f"result {node.name.text}"
        case nodes.Use():
            return f"use {_value(node.file)}"
        case nodes.Signed():
            return f"signed {_value(node.day)}"
        case nodes.DecidedBy():
            reads = f"reads {_value(node.reads)}" if node.reads else ""
            return _words("assessed by", _stated(node.role), reads)
        case nodes.UnitOf():
            return f"unit {node.unit}{f'/{node.per}' if node.per else ''}"
        case nodes.Direction():
            return _DIRECTIONS[node.better]
        case nodes.Rhythm():
            return f"each {node.unit}"
        case nodes.SourceOf():
            return f"source {_value(node.text)}"
        case nodes.Range():
            return f"range {_range(node)}"
        case nodes.MayNotApply():
            return "may not apply"
        case nodes.JoinedBy():
            return f"combined by {node.function.text}"
        case nodes.Entry():
            return f"{_words(_value(node.period), _optional(node.remark))}: {_stated(node.value)}"
    return _section_statement(node)


def _range(bounds: nodes.Range) -> str:
    """The ends of a range, or its members."""
    if bounds.choices:
        return _list(bounds.choices)
    if bounds.low is None:
        return f"at most {_optional(bounds.high)}"
    return f"at least {_quantity(bounds.low)}" if bounds.high is None else _ends(bounds.low, bounds.high)


def _ends(low: nodes.Quantity, high: nodes.Quantity) -> str:
    return f"{_quantity(low)}..{_quantity(high)}"


def _section_statement(node: nodes.Node) -> str:
    """A statement of a section, or one that stands in contracts, sections and items, that has no braces."""
    match node:
        case nodes.Expectation():
            return _words("expect", _optional(node.why), _conditions(node.conditions))
        case nodes.ExpectationOfEach():
            return _words("expect", _optional(node.why), "each", node.kind.text, _test(node.test))
        case nodes.Silence():
            return f"except {node.code.text} {_value(node.reason)}"
        case nodes.UsedItem():
            return _used(node)
        case nodes.GivenRow():
            return f"{_words(node.name.text, _optional(node.period))}: {_value(node.value)}"
        case nodes.TakesEffect():
            return f"from {_value(node.period)}"
        case nodes.Removal():
            return f"remove {node.name.text}"
        case nodes.CombinedBy():
            weights = _list(node.weights) if node.weights else ""
            of = f"of {node.of.text}" if node.of else ""
            return _words("combined by", node.function.text, _optional(node.count), weights, of)
        case nodes.MemberWeight():
            return f"{node.name.text}: {_quantity(node.weight)}"
        case nodes.Needs():
            return f"needs at least {_quantity(node.count)} otherwise {_plain(node.otherwise)}"
        case nodes.Cap():
            name = node.name.text if node.name else ""
            to = _words(_stated(node.why), "to", node.comparison, _plain(node.value))
            return _words("limit", name, to, "when", _conditions(node.when))
        case nodes.Value() | nodes.Scale():
            return _words(_declared(node), _inline(node.body), _rounded(node))
        case nodes.Rounding():
            return f"{node.mode.text} to {_quantity(node.step)}"
    return _item_statement(node)


def _declared(node: nodes.Value | nodes.Scale) -> str:
    """A value or scale up to its body."""
    title = _optional(node.title)
    if isinstance(node, nodes.Scale):
        head = f"scale {node.name.text}{_list(node.parameters)}"
        return _words(head, title, _optional(node.range), "=")
    direction = _optional(node.direction)
    return _words("value", node.name.text, title, _optional(node.range), direction, "=")


def _rounded(node: nodes.Value | nodes.Scale) -> str:
    """The rounding of a value or scale, with the word before it."""
    if node.rounded is not None:
        return f"rounded {_inline(node.rounded)}"
    shown = node.shown if isinstance(node, nodes.Value) else None
    return f"shown {_statement(shown)}" if shown is not None else ""


def _item_statement(node: nodes.Node) -> str:
    match node:
        case nodes.Weight():
            most = _list(node.choices) if node.choices else _stated(node.high)
            low = f"{_quantity(node.low)}.." if node.low else ""
            return _words(f"weight {low}{most}", "on top" if node.on_top else "")
        case nodes.Score():
            return _words("score", _inline(node.body), _optional(node.range))
        case nodes.Row():
            return _row(node)
        case nodes.Guidelines():
            return f"guideline {_BETWEEN_ROWS.join(map(_statement, node.rows))}"
        case nodes.Wording():
            return f"from {_value(node.start)} reads {_value(node.text)}"
        case nodes.Assessment():
            part = (_optional(node.name), _optional(node.title))
            worth = f"worth {_ends(node.low, node.high)}" if node.low and node.high else ""
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
    return _row_of_form(node)


def _row(row: nodes.Row) -> str:
    """A row of a goal, without its statements."""
    head = _words(row.name.text, _optional(row.title))
    return f"{head}: {_barred(row.cells)}" if row.cells else head


def _row_of_form(node: nodes.Node) -> str:
    """A row of a form of a function, or a part of one."""
    match node:
        case nodes.WhenRow():
            return f"when {_conditions(node.conditions)}: {_plain(node.value)}"
        case nodes.Across():
            return f"across {_value(node.subject)} {{ {_barred(node.keys)} }}"
        case nodes.Step():
            return f"{_key(node.key)}: {' | '.join(map(_plain, node.values))}"
        case nodes.Key():
            return _key(node)
        case nodes.Edge():
            return f"{node.comparison} {_plain(node.value)}"
        case nodes.CurveKnot():
            return f"{node.side} {_plain(node.at)}: {_plain(node.value)}"
        case nodes.CurveEnd():
            return f"{node.side}: {_value(node.end)}"
    raise TypeError(f"no text is known for {type(node).__name__}")


def _key(key: nodes.Key) -> str:
    """One edge, two edges, or two that include both ends."""
    match key.edges:
        case (nodes.Edge(comparison="at least") as low, nodes.Edge(comparison="at most") as high):
            return f"between {_plain(low.value)} and {_plain(high.value)}"
    return " ".join(map(_row_of_form, key.edges))


def _list(members: Iterable[nodes.Node]) -> str:
    """A list in parentheses."""
    return f"({_barred(members)})"


def _barred(members: Iterable[nodes.Node]) -> str:
    return " | ".join(map(_inline, members))


def _optional(node: nodes.Node | None) -> str:
    return _inline(node) if node is not None else ""


def _conditions(conditions: nodes.Conditions) -> str:
    return f" {conditions.joined} ".join(map(_condition, conditions.conditions))


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
        case nodes.Is():
            return f"{_is(test.negated)} {_value(test.what)}"
        case nodes.Better():
            return f"{_is(test.negated)} {test.comparison} {_stated(test.value)}"
        case _:
            assert_never(test)


def _is(negated: bool) -> str:
    return "is not" if negated else "is"


# ---- values

_Value = nodes.Expression | nodes.Identifier | nodes.Text | nodes.When


def _stated(stated: Stated[nodes.Node]) -> str:
    return " ".join(map(_stated_once, stated.statements))


def _stated_once(statement: nodes.Statement[nodes.Node], *enclosed: type[nodes.Node]) -> str:
    """A value as stated in one place, in parentheses when it is of a kind to be enclosed."""
    text = _inline(statement.value)
    value = f"({text})" if isinstance(statement.value, enclosed) else text
    governs = "governs" if statement.governs else ""
    if statement.see is None:
        return _words(value, governs)
    return _words("elsewhere", value, "see", _quoted(statement.see), governs)


def _plain(stated: Stated[nodes.Expression]) -> str:
    """A value where a period belongs in parentheses, as stated."""
    return " ".join(_stated_once(each, nodes.Timed) for each in stated.statements)


def _value(node: _Value) -> str:
    """A value where any may stand; only inside another expression does it need parentheses."""
    match node:
        case nodes.Identifier():
            return node.text
        case nodes.Text():
            return _quoted(node)
        case nodes.Quantity():
            return _quantity(node)
        case nodes.PeriodLiteral(name=nodes.Identifier(text=text)):
            return text
        case nodes.PeriodLiteral():
            return _UNREADABLE if node.period is None else str(node.period)
        case nodes.Reference():
            return node.name.text
        case nodes.Call():
            return f"{node.name.text}{_list(node.arguments)}"
        case nodes.Word():
            return _quoted(node)
        case nodes.NoValue():
            return f"{node.state} {_quoted(node.reason)}"
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


def _quoted(text: nodes.Text | nodes.Word) -> str:
    escaped = text.text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _words(*words: str | None) -> str:
    """The words there are, with a blank between."""
    return " ".join(word for word in words if word)
