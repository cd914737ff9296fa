"""What the parser read to nodes: a method for each rule of the grammar."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeVar, get_args

import attrs

from rkdsl.language import nodes
from rkdsl.language.lexer import Figure, Placed
from rkdsl.plain import Final, NamedTuple
from rkdsl.source import Span, cover
from rkdsl.values import MAGNITUDES, Period, parse_period

T = TypeVar("T")
Children = list[Any]  # nodes and values of tokens; each method knows its rule
_Kinds = frozenset[type[Any]]

_CELLS: Final[_Kinds] = frozenset(get_args(nodes.Cell))
_CONDITION: Final[_Kinds] = frozenset((nodes.Condition,))
_EQUALS: Final[_Kinds] = frozenset((nodes.Equals,))
_ITEM_STATEMENTS: Final[_Kinds] = frozenset(get_args(nodes.ItemStatement))
_MEMBERS: Final[_Kinds] = frozenset((nodes.Target, nodes.Milestone, nodes.Group))
_NAMES: Final[_Kinds] = frozenset((nodes.Identifier,))
_QUANTITIES: Final[_Kinds] = frozenset((nodes.Quantity,))
_REGISTER_STATEMENTS: Final[_Kinds] = frozenset(get_args(nodes.RegisterStatement))
_ROWS: Final[_Kinds] = frozenset((nodes.Row,))
_STATED: Final[_Kinds] = frozenset((nodes.Stated,))
_TEXTS: Final[_Kinds] = frozenset((nodes.Text,))
_DIRECTIONS: Final = {"lower is better": "lower", "higher is better": "higher", "no direction": "none"}


def _the(children: Children, kind: type[T]) -> T | None:
    """The first child of a kind."""
    for child in children:
        if isinstance(child, kind):
            return child
    return None


def _all(children: Children, kinds: _Kinds) -> tuple[Any, ...]:  # narrowed where it is stored
    return tuple([child for child in children if type(child) in kinds])


def _said(children: Children, *words: str) -> str:
    """The first of some words that stands there, empty where none does."""
    return next((child for child in children if isinstance(child, str) and child in words), "")


def _at(children: Children, mark: str) -> int:
    """Where a mark or word stands; the end where it does not."""
    for place, child in enumerate(children):
        if child == mark:
            return place
    return len(children)


def _parted(children: Children) -> tuple[Children, tuple[Any, ...]]:  # narrowed where it is stored
    """What stands before the braces, and what in them, where there are any."""
    start = _at(children, "{")
    return children[:start], tuple(children[start + 1 : -1])


class _Builder:
    """One method a grammar rule: its children to its node.

    The children are nodes, and the values of tokens as the lexer gives them: marks and keywords as they are spelled.
    """

    # -- the whole text

    document = None  # what it is made of

    def contract(self, c: Children, span: Span) -> nodes.Contract:
        return nodes.Contract(c[1], c[2], tuple(c[4:-1]), span=span)

    def library(self, c: Children, span: Span) -> nodes.Library:
        return nodes.Library(tuple(c), span=span)

    def use(self, c: Children, span: Span) -> nodes.Use | nodes.UsedItem:
        if isinstance(c[1], nodes.Text):
            return nodes.Use(c[1], span=span)
        head, statements = _parted(c)
        return nodes.UsedItem(c[1], _all(head[2:], _CELLS), _the(head, nodes.Stated), statements, span=span)

    def signed(self, c: Children, span: Span) -> nodes.Signed:
        return nodes.Signed(c[1], span=span)

    def decided_by(self, c: Children, span: Span) -> nodes.DecidedBy:
        return nodes.DecidedBy(c[1], _the(c, nodes.Text), span=span)

    def register(self, c: Children, span: Span) -> nodes.Register:
        columns = c[2].members if isinstance(c[2], _Listed) else ()
        statements, rows = _all(c, _REGISTER_STATEMENTS), _all(c, _ROWS)
        return nodes.Register(c[1], columns, _the(c, nodes.Stated), statements, rows, span=span)

    def expectation(self, c: Children, span: Span) -> nodes.Expectation | nodes.ExpectationOfEach:
        why, last = _the(c, nodes.Text), c[-1]
        if isinstance(last, nodes.Conditions):
            return nodes.Expectation(why, last, span=span)
        return nodes.ExpectationOfEach(why, _identifier(c[-2]), last, span=span)

    def example(self, c: Children, span: Span) -> nodes.Example:
        return nodes.Example(c[1], _the(c, nodes.PeriodLiteral), _parted(c)[1], span=span)

    def given(self, c: Children, span: Span) -> nodes.Given:
        return nodes.Given(tuple(c[2:-1]), span=span)

    def given_row(self, c: Children, span: Span) -> nodes.GivenRow:
        period = c[1] if isinstance(c[1], nodes.PeriodLiteral) else None
        return nodes.GivenRow(_identifier(c[0]), period, c[-1], span=span)

    # -- amendments

    def amendment(self, c: Children, span: Span) -> nodes.Amendment:
        return nodes.Amendment(c[1], c[2], c[4], tuple(c[6:-1]), span=span)

    def takes_effect(self, c: Children, span: Span) -> nodes.TakesEffect:
        return nodes.TakesEffect(c[1], span=span)

    def removal(self, c: Children, span: Span) -> nodes.Removal:
        return nodes.Removal(_identifier(c[1]), span=span)

    def changed_item(self, c: Children, span: Span) -> nodes.ChangedItem:
        head, statements = _parted(c)
        return nodes.ChangedItem(c[0].text, c[1], _the(head, nodes.Stated), statements, span=span)

    def changed_section(self, c: Children, span: Span) -> nodes.ChangedSection:
        head, statements = _parted(c)
        title, total = _the(head, nodes.Stated), _the(head, nodes.Total)
        return nodes.ChangedSection(c[1], title, total, statements, span=span)

    def changed_measure(self, c: Children, span: Span) -> nodes.ChangedMeasure:
        head, statements = _parted(c)
        columns = c[2].members if isinstance(c[2], _Listed) else ()
        return nodes.ChangedMeasure(c[0], c[1], columns, _the(head, nodes.Stated), statements, span=span)

    def parties(self, c: Children, span: Span) -> nodes.Parties:
        return nodes.Parties(_all(c, _TEXTS), span=span)

    def contract_period(self, c: Children, span: Span) -> nodes.ContractPeriod:
        return nodes.ContractPeriod(c[1], span=span)

    def binding(self, c: Children, span: Span) -> nodes.Binding:
        return nodes.Binding(c[1], span=span)

    def total(self, c: Children, span: Span) -> nodes.Total:
        return nodes.Total(c[1], span=span)

    def reporting_closes(self, c: Children, span: Span) -> nodes.ReportingCloses:
        return nodes.ReportingCloses(c[1], span=span)

    def silence(self, c: Children, span: Span) -> nodes.Silence:
        return nodes.Silence(c[1], c[2], span=span)

    def missing_rule(self, c: Children, span: Span) -> nodes.MissingRule:
        return nodes.MissingRule(c[0], c[1], span=span)

    def role(self, c: Children, span: Span) -> nodes.Role:
        return nodes.Role(c[1], c[2], span=span)

    # -- measures and facts

    def measure(self, c: Children, span: Span) -> nodes.Measure:
        return nodes.Measure(c[1], c[2], tuple(c[4:-1]), span=span)

    def fact(self, c: Children, span: Span) -> nodes.Fact:
        return nodes.Fact(c[1], c[2], tuple(c[4:-1]), span=span)

    def parameter(self, c: Children, span: Span) -> nodes.Parameter:
        columns = c[2].members if isinstance(c[2], _Listed) else ()
        head, statements = _parted(c)
        return nodes.Parameter(c[1], columns, head[-1], statements, span=span)

    def unit_of(self, c: Children, span: Span) -> nodes.UnitOf:
        return nodes.UnitOf(c[1], c[3] if len(c) > 3 else "", span=span)

    def direction(self, c: Children, span: Span) -> nodes.Direction:
        return nodes.Direction(_DIRECTIONS[c[0]], span=span)

    def rhythm(self, c: Children, span: Span) -> nodes.Rhythm:
        return nodes.Rhythm(c[1], span=span)

    def source_of(self, c: Children, span: Span) -> nodes.SourceOf:
        return nodes.SourceOf(c[1], span=span)

    def range_of(self, c: Children, span: Span) -> nodes.Range:
        match c[1]:
            case _Listed(members=choices):
                return nodes.Range(None, None, choices, span=span)
            case "at least":
                return nodes.Range(c[2], None, span=span)
            case "at most":
                return nodes.Range(None, c[2], span=span)
        return nodes.Range(c[1], c[3], span=span)

    def may_not_apply(self, c: Children, span: Span) -> nodes.MayNotApply:
        return nodes.MayNotApply(span=span)

    def joined_by(self, c: Children, span: Span) -> nodes.JoinedBy:
        return nodes.JoinedBy(c[1], span=span)

    def entry(self, c: Children, span: Span) -> nodes.Entry:
        return nodes.Entry(c[0], _the(c, nodes.Text), c[-1], span=span)

    # -- sections and items

    def section(self, c: Children, span: Span) -> nodes.Section:
        head, statements = _parted(c)
        return nodes.Section(c[1], c[2], _the(head, nodes.Total), statements, span=span)

    def combined_by(self, c: Children, span: Span) -> nodes.CombinedBy:
        end = _at(c, "of")
        before, of = c[1:end], c[end + 1] if end < len(c) else None
        function = _joined(_all(before, _NAMES))
        weights = next((each.members for each in before if isinstance(each, _Listed)), ())
        return nodes.CombinedBy(function, _the(before, nodes.Quantity), weights, of, span=span)

    def member_weights(self, c: Children, span: Span) -> _Listed:
        return _Listed(tuple(c[1:-1:2]), span)

    def member_weight(self, c: Children, span: Span) -> nodes.MemberWeight:
        return nodes.MemberWeight(c[0], c[2], span=span)

    def needs(self, c: Children, span: Span) -> nodes.Needs:
        return nodes.Needs(c[2], c[4], span=span)

    def item(self, c: Children, span: Span) -> nodes.Item:
        if isinstance(c[2], nodes.Stated):
            return nodes.Item(c[0].text, c[1], c[2], tuple(c[4:-1]), span=span)
        rows, title = _all(c, _ROWS), _the(c[: _at(c, "{")], nodes.Stated) or _title_of(c[1])
        columns = c[2].members if isinstance(c[2], _Listed) else ()
        statements = _all(c, _ITEM_STATEMENTS)
        return nodes.Item(c[0].text, c[1], title, statements, columns, rows, not rows, span=span)

    shared_item = item

    def row(self, c: Children, span: Span) -> nodes.Row:
        head, statements = _parted(c)
        return nodes.Row(c[0], _the(head, nodes.Stated), _all(head, _CELLS), statements, span=span)

    def weight(self, c: Children, span: Span) -> nodes.Weight:
        on_top = c[-1] == "on top"
        if isinstance(c[1], _Listed):
            most = max(c[1].members, key=_number_of)
            high = nodes.Stated((nodes.Statement(most, span=most.span),), span=most.span)
            return nodes.Weight(None, high, c[1].members, on_top, span=span)
        low = c[1] if c[2:3] == [".."] else None
        return nodes.Weight(low, c[-2] if on_top else c[-1], (), on_top, span=span)

    def score(self, c: Children, span: Span) -> nodes.Score:
        return nodes.Score(c[1], _the(c, nodes.Range), span=span)

    def cap(self, c: Children, span: Span) -> nodes.Cap:
        why, value = _all(c, _STATED)
        comparison = _said(c, "at most", "at least")
        return nodes.Cap(_the(c, nodes.Identifier), why, comparison, value, c[-1], span=span)

    def guidelines(self, c: Children, span: Span) -> nodes.Guidelines:
        return nodes.Guidelines(tuple(c[1:]), span=span)

    def wording(self, c: Children, span: Span) -> nodes.Wording:
        return nodes.Wording(c[1], c[3], span=span)

    def assessment(self, c: Children, span: Span) -> nodes.Assessment:
        low, high = _all(c, _QUANTITIES) or (None, None)
        name = _the(c[2:], nodes.Identifier)
        title = _the(c[2:], nodes.Stated)
        return nodes.Assessment(c[1], name, title, low, high, span=span)

    def group(self, c: Children, span: Span) -> nodes.Group:
        members = _all(c, _MEMBERS)
        kind: str = {"all of": "all", "any of": "any"}.get(c[0]) or c[0]
        return nodes.Group(kind, _the(c, nodes.Quantity), members, _the(c, nodes.Worth), span=span)

    def milestone(self, c: Children, span: Span) -> nodes.Milestone:
        standing = "" if c[0] == "milestone" else c[0]
        name, title, deadline = c[2:5] if standing else c[1:4]
        worth, late = _the(c, nodes.Worth), _the(c, nodes.LateCosts)
        return nodes.Milestone(standing, name, title, deadline, worth, late, span=span)

    def target(self, c: Children, span: Span) -> nodes.Target:
        standing, joined = "" if c[0] == "target" else c[0], _said(c, "or", "and")
        worth, equals = _the(c, nodes.Worth), _all(c, _EQUALS)
        return nodes.Target(standing, _all(c, _CONDITION), joined, worth, equals, span=span)

    def worth(self, c: Children, span: Span) -> nodes.Worth:
        return nodes.Worth(c[1], span=span)

    def late_costs(self, c: Children, span: Span) -> nodes.LateCosts:
        return nodes.LateCosts(c[1], c[4], span=span)

    def equals(self, c: Children, span: Span) -> nodes.Equals:
        return nodes.Equals(c[1], span=span)

    # -- conditions

    def condition(self, c: Children, span: Span) -> nodes.Condition:
        return nodes.Condition(c[0], c[1] if len(c) == 3 else None, c[-1], span=span)

    def short_condition(self, c: Children, span: Span) -> nodes.Condition:
        return nodes.Condition(None, None, c[0], span=span)

    def limit(self, c: Children, span: Span) -> nodes.Limit:
        return nodes.Limit(c[0], c[1], span=span)

    def between(self, c: Children, span: Span) -> nodes.Between:
        return nodes.Between(c[1], c[3], span=span)

    def change(self, c: Children, span: Span) -> nodes.Change:
        direction = c[0].split()[0]
        bound = _said(c, "at least", "at most", "exactly") or "at least"
        amount = None if c[1] == "from" else c[-3]
        return nodes.Change(direction, bound, amount, c[-1], span=span)

    def unchanged(self, c: Children, span: Span) -> nodes.Unchanged:
        return nodes.Unchanged(c[1], c[-1], span=span)

    def linear(self, c: Children, span: Span) -> nodes.Linear:
        return nodes.Linear(c[1], c[3], span=span)

    def is_test(self, c: Children, span: Span) -> nodes.Is:
        what = c[1] if isinstance(c[1], nodes.Word) else _joined(tuple(c[1:]))
        return nodes.Is(c[0] == "is not", what, span=span)

    def better(self, c: Children, span: Span) -> nodes.Better:
        return nodes.Better(c[0] == "is not", c[1], c[2], span=span)

    def plain_condition(self, c: Children, span: Span) -> nodes.Condition:
        stated = None
        if len(c) == 3:
            when = c[1]
            stated = nodes.Stated((nodes.Statement(when, span=when.span),), span=when.span)
        return nodes.Condition(c[0], stated, c[-1], span=span)

    def conditions(self, c: Children, span: Span) -> nodes.Conditions:
        return nodes.Conditions(tuple(c[::2]), c[1] if len(c) > 1 else "", span=span)

    # -- named values, scales and their forms

    def value(self, c: Children, span: Span) -> nodes.Value:
        at = _at(c, "=")
        head, tail = c[:at], c[at + 2 :]
        return nodes.Value(
            c[1],
            _the(head, nodes.Stated),
            _the(head, nodes.Range),
            _the(head, nodes.Direction),
            c[at + 1],
            *_roundings(tail),
            span=span,
        )

    def scale(self, c: Children, span: Span) -> nodes.Scale:
        at = _at(c, "=")
        head, rounded = c[:at], _roundings(c[at + 2 :])[0]
        title, bounds = _the(head, nodes.Stated), _the(head, nodes.Range)
        return nodes.Scale(c[1], c[2].members, title, bounds, c[at + 1], rounded, span=span)

    def rows(self, c: Children, span: Span) -> nodes.Rows:
        return nodes.Rows(tuple(c[1:-2]), c[-2], span=span)

    def when_row(self, c: Children, span: Span) -> nodes.WhenRow:
        return nodes.WhenRow(c[1], c[3], span=span)

    def otherwise(self, c: Children, span: Span) -> nodes.Stated[Any]:  # of an expression
        stated: nodes.Stated[Any] = c[2]
        return stated

    def steps(self, c: Children, span: Span) -> nodes.Steps:
        return nodes.Steps(c[1], _the(c[:3], nodes.Across), _parted(c)[1], span=span)

    def across(self, c: Children, span: Span) -> nodes.Across:
        return nodes.Across(c[1], tuple(c[3:-1:2]), span=span)

    def step(self, c: Children, span: Span) -> nodes.Step:
        return nodes.Step(c[0], tuple(c[2::2]), span=span)

    def key(self, c: Children, span: Span) -> nodes.Key:
        edges = (edge for each in c for edge in (each.members if isinstance(each, _Listed) else (each,)))
        return nodes.Key(tuple(edges), span=span)

    def edge(self, c: Children, span: Span) -> nodes.Edge:
        return nodes.Edge(c[0], c[1], span=span)

    def between_key(self, c: Children, span: Span) -> _Listed:
        low, high = nodes.Edge("at least", c[1], span=c[1].span), nodes.Edge("at most", c[3], span=c[3].span)
        return _Listed((low, high), span)

    def curve(self, c: Children, span: Span) -> nodes.Curve:
        return nodes.Curve(c[1], tuple(c[3:-1]), span=span)

    def knot(self, c: Children, span: Span) -> nodes.CurveKnot:
        return nodes.CurveKnot(c[0], c[1], c[3], span=span)

    def curve_end(self, c: Children, span: Span) -> nodes.CurveEnd:
        return nodes.CurveEnd(c[0], c[2], span=span)

    def rounded(self, c: Children, span: Span) -> _Kept:
        return _Kept(c[0], _rounding(c, span))

    shown = rounded

    def calendar(self, c: Children, span: Span) -> nodes.Calendar:
        days, *holidays = (each.members for each in c if isinstance(each, _Listed))
        return nodes.Calendar(c[1], c[2], days, holidays[0] if holidays else (), span=span)

    def result(self, c: Children, span: Span) -> nodes.ResultOf:
        return nodes.ResultOf(c[1], span=span)

    # -- values as stated

    def _stated(self, c: Children, span: Span) -> nodes.Stated[Any]:  # of whatever kind the rule states
        if len(c) == 1:
            return nodes.Stated((nodes.Statement(c[0], span=span),), span=span)
        governs = isinstance(c[1], Placed)
        place, others = (cover(c[0].span, c[1].span), c[2:]) if governs else (c[0].span, c[1:])
        first: nodes.Statement[Any] = nodes.Statement(c[0], None, governs, span=place)
        return nodes.Stated((first, *others), span=span)

    stated_value = stated_plain = stated_literal = stated_period = stated_term = _stated
    stated_when = stated_deadline = stated_role = title = _stated

    def _elsewhere(self, c: Children, span: Span) -> nodes.Statement[Any]:  # of whatever kind the rule states
        return nodes.Statement(c[1], c[3], isinstance(c[-1], Placed), span=span)

    elsewhere_value = elsewhere_plain = elsewhere_literal = elsewhere_period = elsewhere_term = _elsewhere
    elsewhere_when = elsewhere_deadline = elsewhere_role = elsewhere_text = _elsewhere

    def _when(self, c: Children, span: Span) -> nodes.When:
        return nodes.When(c[0], c[1], c[3] if len(c) == 4 else None, span=span)

    when = deadline = _when

    def timed(self, c: Children, span: Span) -> nodes.Timed:
        return nodes.Timed(c[0], c[1], span=span)

    def undecided(self, c: Children, span: Span) -> nodes.Undecided:
        unit = c[1] if len(c) > 1 and isinstance(c[1], str) and c[1] != "until" else ""
        until = _the(c, nodes.PeriodLiteral)
        return nodes.Undecided(unit, until, _the(c, nodes.Text), span=span)

    undecided_role = undecided

    def unclear(self, c: Children, span: Span) -> nodes.Unclear:
        return nodes.Unclear(c[1], span=span)

    # -- expressions

    def sum(self, c: Children, span: Span) -> nodes.Sum:
        return nodes.Sum(tuple(zip(("+", *c[1::2]), c[::2], strict=True)), span=span)

    def product(self, c: Children, span: Span) -> nodes.Product:
        return nodes.Product(tuple(zip(("*", *c[1::2]), c[::2], strict=True)), span=span)

    def parenthesised(self, c: Children, span: Span) -> nodes.Expression:
        inner: nodes.Expression = c[1]
        return attrs.evolve(inner, span=span)

    def quantity(self, c: Children, span: Span) -> nodes.Quantity:
        figure: Figure = c[0]
        return _quantity(figure, figure.number, c[1:], span)

    def negative(self, c: Children, span: Span) -> nodes.Quantity:
        figure: Figure = c[1]
        return _quantity(figure, None if figure.number is None else -figure.number, c[2:], span)

    def date(self, c: Children, span: Span) -> nodes.PeriodLiteral:
        return nodes.PeriodLiteral(c[0], span=span)

    def reference(self, c: Children, span: Span) -> nodes.Reference:
        return nodes.Reference(_identifier(c[0]), span=span)

    def call(self, c: Children, span: Span) -> nodes.Call:
        return nodes.Call(c[0], tuple(c[2:-1:2]), span=span)

    def word(self, c: Children, span: Span) -> nodes.Word:
        return nodes.Word(c[0].text, span=span)

    def no_value(self, c: Children, span: Span) -> nodes.NoValue:
        return nodes.NoValue(c[0], c[1], span=span)

    def period_name(self, c: Children, span: Span) -> nodes.PeriodLiteral:
        return nodes.PeriodLiteral(None, c[0], span=span)

    def cells(self, c: Children, span: Span) -> _Listed:
        return _Listed(tuple(c[1:-1:2]), span)

    def names(self, c: Children, span: Span) -> _Listed:
        return _Listed(tuple(c[1:-1:2]), span)

    def dates(self, c: Children, span: Span) -> _Listed:
        return _Listed(tuple(c[1:-1:2]), span)

    def year_before(self, c: Children, span: Span) -> nodes.YearBefore:
        return nodes.YearBefore(span=span)

    def period(self, c: Children, span: Span) -> nodes.PeriodLiteral:
        first, last = _period_of(c[0]), _period_of(c[-1])
        whole = Period(first.first, last.last) if first and last and first.first <= last.last else None
        return nodes.PeriodLiteral(whole, span=span)

    def name(self, c: Children, span: Span) -> nodes.Identifier:
        return nodes.Identifier(c[0], span=span)

    def text(self, c: Children, span: Span) -> nodes.Text:
        return nodes.Text(c[0], span=span)


class _Listed(NamedTuple):
    """The members of a list, with the place of the whole."""

    members: tuple[Any, ...]  # nodes of one kind
    span: Span


class _Kept(NamedTuple):
    """A rounding and the word before it."""

    word: str
    rounding: nodes.Rounding | nodes.Undecided

    @property
    def span(self) -> Span:
        """The place of the whole."""
        return self.rounding.span


def _identifier(child: nodes.Identifier | Placed) -> nodes.Identifier:
    """A name, also one with dots, or a word of the language in the place of a name."""
    return nodes.Identifier(child.text, span=child.span) if isinstance(child, Placed) else child


def _rounding(c: Children, span: Span) -> nodes.Rounding | nodes.Undecided:
    """`half to even to 1 %`: all words but the last `to` are the mode."""
    if isinstance(c[1], nodes.Undecided):
        return c[1]
    words = _all(c, _NAMES)
    texts = [each.text if isinstance(each, nodes.Identifier) else each for each in c[1:-2]]
    mode = nodes.Identifier(" ".join(texts), span=cover(words[0].span, words[-1].span))
    return nodes.Rounding(mode, c[-1], span=cover(words[0].span, span))


def _roundings(c: Children) -> tuple[Any, Any]:  # a rounding, where there is one, or `undecided`
    """What is rounded, and what is only shown so."""
    found = {each.word: each.rounding for each in c}
    return found.get("rounded"), found.get("shown")


def _joined(names: tuple[nodes.Identifier, ...]) -> nodes.Identifier:
    """Several words of the language as one name."""
    return nodes.Identifier(" ".join(each.text for each in names), span=cover(names[0].span, names[-1].span))


def _title_of(name: nodes.Identifier) -> nodes.Stated[nodes.Text]:
    """A name in the place of a title left out."""
    text = nodes.Text(name.text, span=name.span)
    return nodes.Stated((nodes.Statement(text, span=name.span),), span=name.span)


def _number_of(cell: nodes.Cell) -> Fraction:
    """The number a choice says; 0 where it says none."""
    if not isinstance(cell, nodes.Quantity) or cell.number is None:
        return Fraction(0)
    return cell.number * MAGNITUDES.get(cell.magnitude, 1)


def _quantity(figure: Figure, number: Fraction | None, units: Children, span: Span) -> nodes.Quantity:
    """A number with what stands after it: `million`, and a unit."""
    decimals = len(figure.text.partition(".")[2]) if number is not None else 0
    if not units:
        return nodes.Quantity(number, decimals, span=span)
    magnitude = units[0] if units[0] in MAGNITUDES else ""
    unit = units[-1] if len(units) > bool(magnitude) else ""
    return nodes.Quantity(number, decimals, magnitude, unit, span=span)


def _period_of(end: Period | Figure | None) -> Period | None:
    """The period of a date, or of a bare year of four digits."""
    return parse_period(end.text) if isinstance(end, Figure) else end


BUILDER: Final[object] = _Builder()
"""Makes the nodes: a method for each rule of the grammar, None where the only child is passed on."""
