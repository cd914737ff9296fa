"""The parser: every text gives nodes or mistakes with a place, in time linear in its length."""

from __future__ import annotations

import functools
import gc
import random
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeVar

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rkdsl.language import nodes
from rkdsl.language.lexer import Lexer
from rkdsl.language.nodes import Identifier, Quantity, Reference, Stated, Statement, Text
from rkdsl.language.parser import Parsed, parse
from rkdsl.language.printer import print_contract, print_node
from rkdsl.source import Span, from_bytes, from_text
from rkdsl.values import MAX_BYTES, parse_period
from tests import contracts
from tests.test_contracts import walk
from tests.test_printer import FORMS, LAYOUT


def _parse(text: str) -> Parsed:
    return parse(from_text("c.rk", text))


def _contract(text: str) -> nodes.Contract:
    parsed = _parse(text)
    assert parsed.diagnostics == ()
    assert parsed.contract is not None
    return parsed.contract


def _in_item(text: str) -> str:
    return f'contract c "C" {{ goal g "G" {{ {text} }} }}'


def _item_statements(text: str) -> tuple[nodes.ItemStatement, ...]:
    (item,) = _contract(_in_item(text)).statements
    assert isinstance(item, nodes.Item)
    return item.statements


# ---- the collector


@pytest.mark.parametrize("text", ["contract c", 'contract c "C" { }'])
def test_reading_leaves_the_garbage_collector_as_it_was(text: str) -> None:
    """It is off while nodes grow, and on again only if it was on."""
    assert gc.isenabled()
    _parse(text)
    assert gc.isenabled()
    gc.disable()
    try:
        _parse(text)
        assert not gc.isenabled()
    finally:
        gc.enable()


# ---- trees, written by hand here and nowhere else


V = TypeVar("V", bound=nodes.Node)


def _once(value: V) -> Stated[V]:
    return Stated((Statement(value),))


def _number(number: int, unit: str = "") -> Quantity:
    return Quantity(Fraction(number), unit=unit)


def _named(name: str) -> Reference:
    return Reference(Identifier(name))


def _year(year: int) -> nodes.PeriodLiteral:
    return nodes.PeriodLiteral(parse_period(str(year)))


def _is(word: str, negated: bool = False) -> nodes.Is:
    return nodes.Is(negated, Identifier(word))


def _limit(comparison: str, number: int) -> nodes.Limit:
    return nodes.Limit(comparison, _once(_number(number)))


def _edge(comparison: str, number: int) -> nodes.Edge:
    return nodes.Edge(comparison, _once(_number(number)))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("weight 25", nodes.Weight(None, _once(_number(25)))),
        ("weight 0..150", nodes.Weight(_number(0), _once(_number(150)))),
        ("weight 9.40 %", nodes.Weight(None, _once(Quantity(Fraction(47, 5), 2, "", "%")))),
        ("weight -2 million DKK", nodes.Weight(None, _once(Quantity(Fraction(-2), 0, "million", "DKK")))),
        (
            "weight a - (b - 2) * c",
            nodes.Weight(
                None,
                _once(
                    nodes.Sum(
                        (
                            ("+", _named("a")),
                            (
                                "-",
                                nodes.Product(
                                    (
                                        ("*", nodes.Sum((("+", _named("b")), ("-", _number(2))))),
                                        ("*", _named("c")),
                                    )
                                ),
                            ),
                        )
                    )
                ),
            ),
        ),
        (
            "target a / b in 2009 at most 3",
            nodes.Target(
                "",
                (
                    nodes.Condition(
                        nodes.Product((("*", _named("a")), ("/", _named("b")))),
                        _once(nodes.When("in", _year(2009))),
                        nodes.Limit("at most", _once(_number(3))),
                    ),
                ),
            ),
        ),
        (
            "followed target a between b and c and falls from year before",
            nodes.Target(
                "followed",
                (
                    nodes.Condition(_named("a"), None, nodes.Between(_once(_named("b")), _once(_named("c")))),
                    nodes.Condition(None, None, nodes.Change("falls", "at least", None, nodes.YearBefore())),
                ),
                "and",
            ),
        ),
        (
            'target a rises by exactly 5 pp from 2008 elsewhere 2009 see "p. 4" governs worth 3',
            nodes.Target(
                "",
                (
                    nodes.Condition(
                        _named("a"),
                        None,
                        nodes.Change(
                            "rises",
                            "exactly",
                            _once(_number(5, "pp")),
                            Stated((Statement(_year(2008)), Statement(_year(2009), Text("p. 4"), True))),
                        ),
                    ),
                ),
                worth=nodes.Worth(_once(_number(3))),
            ),
        ),
        (
            "at least 2 of { target a is yes } worth 1",
            nodes.Group(
                "at least",
                _number(2),
                (nodes.Target("", (nodes.Condition(_named("a"), None, _is("yes")),)),),
                nodes.Worth(_once(_number(1))),
            ),
        ),
        (
            'assessed by undecided until 2009 "how" cases "T" worth 0..5',
            nodes.Assessment(
                _once(nodes.Undecided("", _year(2009), Text("how"))),
                Identifier("cases"),
                _once(Text("T")),
                _number(0),
                _number(5),
            ),
        ),
        ("not applicable counts as zero", nodes.MissingRule("not applicable", "counts as zero")),
        ("not reported is left out", nodes.MissingRule("not reported", "is left out")),
        (
            "weight -5..f(a | b) on top",
            nodes.Weight(
                _number(-5),
                _once(nodes.Call(Identifier("f"), (_named("a"), _named("b")))),
                on_top=True,
            ),
        ),
        (
            "weight (0 | 1 million | 50)",
            nodes.Weight(
                None,
                _once(Quantity(Fraction(1), 0, "million")),
                (_number(0), Quantity(Fraction(1), 0, "million"), _number(50)),
            ),
        ),
        (
            'weight (a | unclear "x")',
            nodes.Weight(None, _once(_named("a")), (_named("a"), nodes.Unclear(Text("x")))),
        ),
        (
            "score g.points + year before range at least 0 %",
            nodes.Score(
                _once(nodes.Sum((("+", _named("g.points")), ("+", nodes.YearBefore())))),
                nodes.Range(_number(0, "%"), None),
            ),
        ),
        (
            'limit total "why" to at most 30 when g is partly met and is not "low"',
            nodes.Cap(
                Identifier("total"),
                _once(Text("why")),
                "at most",
                _once(_number(30)),
                nodes.Conditions(
                    (
                        nodes.Condition(_named("g"), None, _is("partly met")),
                        nodes.Condition(None, None, nodes.Is(True, nodes.Word("low"))),
                    ),
                    "and",
                ),
            ),
        ),
        (
            "target a in p is not better than 3",
            nodes.Target(
                "",
                (
                    nodes.Condition(
                        _named("a"),
                        _once(nodes.When("in", nodes.PeriodLiteral(None, Identifier("p")))),
                        nodes.Better(True, "better than", _once(_number(3))),
                    ),
                ),
            ),
        ),
    ],
)
def test_trees(text: str, tree: nodes.Node) -> None:
    """The nodes of a statement."""
    assert (tree,) == _item_statements(text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (
            'steps of a { between 1 and 2: 3   above 2 below 4: 5   exactly "x": not defined "y" }',
            nodes.Steps(
                _named("a"),
                None,
                (
                    nodes.Step(nodes.Key((_edge("at least", 1), _edge("at most", 2))), (_once(_number(3)),)),
                    nodes.Step(nodes.Key((_edge("above", 2), _edge("below", 4))), (_once(_number(5)),)),
                    nodes.Step(
                        nodes.Key((nodes.Edge("exactly", _once(nodes.Word("x"))),)),
                        (_once(nodes.NoValue("not defined", Text("y"))),),
                    ),
                ),
            ),
        ),
        (
            "steps of a in 2009 across b { below 1 | at least 1 } { at most 0: 1 | 2 }",
            nodes.Steps(
                nodes.Timed(_named("a"), nodes.When("in", _year(2009))),
                nodes.Across(
                    _named("b"), (nodes.Key((_edge("below", 1),)), nodes.Key((_edge("at least", 1),)))
                ),
                (nodes.Step(nodes.Key((_edge("at most", 0),)), (_once(_number(1)), _once(_number(2)))),),
            ),
        ),
        (
            'curve of a { below: flat   at 1: (b in 2009)   above 1: 3   above: not applicable "far" }',
            nodes.Curve(
                _named("a"),
                (
                    nodes.CurveEnd("below", Identifier("flat")),
                    nodes.CurveKnot(
                        "at",
                        _once(_number(1)),
                        _once(nodes.Timed(_named("b"), nodes.When("in", _year(2009)))),
                    ),
                    nodes.CurveKnot("above", _once(_number(1)), _once(_number(3))),
                    nodes.CurveEnd("above", nodes.NoValue("not applicable", Text("far"))),
                ),
            ),
        ),
        (
            '{ when a at least 1 or is no: "x"   otherwise: 2 elsewhere 3 see "p" }',
            nodes.Rows(
                (
                    nodes.WhenRow(
                        nodes.Conditions(
                            (
                                nodes.Condition(_named("a"), None, _limit("at least", 1)),
                                nodes.Condition(None, None, _is("no")),
                            ),
                            "or",
                        ),
                        _once(nodes.Word("x")),
                    ),
                ),
                Stated((Statement(_number(2)), Statement(_number(3), Text("p")))),
            ),
        ),
        (
            "a is yes",
            nodes.Conditions((nodes.Condition(_named("a"), None, _is("yes")),)),
        ),
        (
            'count(a in 2009 at least 1 | b in 2009 | "x")',
            _once(
                nodes.Call(
                    Identifier("count"),
                    (
                        nodes.Condition(
                            _named("a"), _once(nodes.When("in", _year(2009))), _limit("at least", 1)
                        ),
                        nodes.Timed(_named("b"), nodes.When("in", _year(2009))),
                        nodes.Word("x"),
                    ),
                )
            ),
        ),
    ],
)
def test_trees_of_values(text: str, tree: nodes.Node) -> None:
    """The nodes of what a value may be."""
    (value,) = _contract(f'contract c "C" {{ value v = {text} rounded half to even to 1 % }}').statements
    rounding = nodes.Rounding(Identifier("half to even"), _number(1, "%"))
    assert nodes.Value(Identifier("v"), None, None, None, tree, rounding) == value
    (scale,) = _contract(f'contract c "C" {{ scale f(x) range (1 | 2) = {text} }}').statements
    choices = nodes.Range(None, None, (_number(1), _number(2)))
    assert nodes.Scale(Identifier("f"), (Identifier("x"),), None, choices, tree) == scale


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (
            "value v shown_ = 1",
            None,
        ),
        (
            'value v "V" higher is better = 1 shown up to 0.1',
            nodes.Value(
                Identifier("v"),
                _once(Text("V")),
                None,
                nodes.Direction("higher"),
                _once(_number(1)),
                None,
                nodes.Rounding(Identifier("up"), Quantity(Fraction(1, 10), 1)),
            ),
        ),
        (
            'calendar w "W" { each (a | b) except (2009 | 2010) }',
            nodes.Calendar(
                Identifier("w"),
                _once(Text("W")),
                (Identifier("a"), Identifier("b")),
                (_year(2009), _year(2010)),
            ),
        ),
        ("result total", nodes.ResultOf(Identifier("total"))),
        (
            'parameter p(a | b) "P" { unit GBP/points combined by sum }',
            nodes.Parameter(
                Identifier("p"),
                (Identifier("a"), Identifier("b")),
                _once(Text("P")),
                (nodes.UnitOf("GBP", "points"), nodes.JoinedBy(Identifier("sum"))),
            ),
        ),
        (
            'section s "S" { combined by weighted mean (a: 3 | b: 2) of share needs at least 2 otherwise 0 }',
            nodes.Section(
                Identifier("s"),
                _once(Text("S")),
                None,
                (
                    nodes.CombinedBy(
                        Identifier("weighted mean"),
                        None,
                        (
                            nodes.MemberWeight(Identifier("a"), _number(3)),
                            nodes.MemberWeight(Identifier("b"), _number(2)),
                        ),
                        Identifier("share"),
                    ),
                    nodes.Needs(_number(2), _once(_number(0))),
                ),
            ),
        ),
        (
            'section s "S" { combined by mean best 3 weight 40 }',
            nodes.Section(
                Identifier("s"),
                _once(Text("S")),
                None,
                (
                    nodes.CombinedBy(Identifier("mean best"), _number(3)),
                    nodes.Weight(None, _once(_number(40))),
                ),
            ),
        ),
        (
            'goal g(w | d) { weight w } each { a "A": 1 | 2009-12 { weight 2 } b: "x" | g.done }',
            nodes.Item(
                "goal",
                Identifier("g"),
                _once(Text("g")),
                (nodes.Weight(None, _once(_named("w"))),),
                (Identifier("w"), Identifier("d")),
                (
                    nodes.Row(
                        Identifier("a"),
                        _once(Text("A")),
                        (_number(1), nodes.PeriodLiteral(parse_period("2009-12"))),
                        (nodes.Weight(None, _once(_number(2))),),
                    ),
                    nodes.Row(Identifier("b"), None, (nodes.Word("x"), _named("g.done"))),
                ),
            ),
        ),
    ],
)
def test_trees_of_a_contract(text: str, tree: nodes.Node | None) -> None:
    """The nodes of a statement of a contract; None where the text is none."""
    parsed = _parse(f'contract c "C" {{ {text} }}')
    assert (tree is None) == (parsed.contract is None)
    if parsed.contract is not None:
        assert (tree,) == parsed.contract.statements


# ---- words that are keywords elsewhere


def test_a_row_of_a_goal_may_be_called_like_what_could_end_the_row_before() -> None:
    """A unit, `million` and `until` are names before a colon, and before a title and a colon."""
    rows = 'a: 3 cases: 4 units "U": 5 units million: undecided until: undecided until 2009 days "x": undecided x: 1'
    (item,) = _contract(f'contract c "C" {{ goal g(a) {{ }} each {{ {rows} }} }}').statements
    assert isinstance(item, nodes.Item)
    names = ["a", "cases", "units", "million", "until", "days", "x"]
    assert names == [row.name.text for row in item.rows]
    assert ["", "", "units"] == [each.unit for row in item.rows[:3] for each in row.cells]  # type: ignore[union-attr]  # quantities


def test_a_keyword_is_one_only_where_it_fits_exactly() -> None:
    """After a number anything may follow somewhere; here it is only what follows in this place."""
    text = 'contract c "C" { goal g(a) { } each { x: 3 weight: 4 goal "G": b score: 5 } }'
    (item,) = _contract(text).statements
    assert isinstance(item, nodes.Item)
    assert ["x", "weight", "goal", "score"] == [row.name.text for row in item.rows]


def test_blanks_before_parentheses_mean_nothing() -> None:
    """`f (x)` is `f(x)`, and so are the parameters of goals and scales."""
    text = 'contract c "C" {{ scale f{0}(x) = g{0}(x) goal h{0}(a) {{ }} each {{ x: 1 }} }}'
    assert _contract(text.format("")) == _contract(text.format("\n "))


def test_only_places_inside_items_take_the_name_of_a_period() -> None:
    """A goal with rows has parameters; the contract has none for its own time."""
    assert () == _parse(_in_item('milestone m "M" by d target a in p falls from q')).diagnostics
    (diagnostic,) = _parse('contract c "C" { period p }').diagnostics
    assert "RK020" == diagnostic.code


def test_operations_bind_as_in_arithmetic() -> None:
    """Products before sums, from the left, and a minus before a number belongs to the number."""
    (weight,) = _item_statements("weight a - b + c")
    assert isinstance(weight, nodes.Weight)
    assert nodes.Sum((("+", _named("a")), ("-", _named("b")), ("+", _named("c")))) == weight.high.first


# ---- spans


def _children(node: nodes.Node) -> Iterator[nodes.Node]:
    """The nodes right below a node."""
    for field in attrs.fields(type(node)):
        pending = [getattr(node, field.name)]
        while pending:
            value = pending.pop()
            if isinstance(value, nodes.Node):
                yield value
            elif isinstance(value, tuple) and not isinstance(value, Span):
                pending.extend(value)


def _assert_inside(node: nodes.Node) -> None:
    for child in _children(node):
        assert node.span.start <= child.span.start < child.span.end <= node.span.end


def test_spans_lie_inside_their_parents() -> None:
    """Every node's place is inside that of each node above it."""
    for text in (LAYOUT, FORMS):
        for node in walk(_contract(text)):
            _assert_inside(node)


def _is_written_otherwise(node: nodes.Node, piece: str) -> bool:
    """Whether the text has other words: an edge made of `between`, a title made of a name."""
    if isinstance(node, nodes.Edge):
        return not piece.startswith(node.comparison)
    return isinstance(node, Stated | Statement | Text) and piece == piece.strip('"') == _text_in(node)


def _text_in(node: nodes.Node) -> str | None:
    return next((each.text for each in walk(node) if isinstance(each, Text)), None)


def _words_of(text: str) -> str:
    """The words of a text without layout and parentheses."""
    return " ".join(text.replace("(", " ").replace(")", " ").split())


@settings(max_examples=100, deadline=None)
@given(contracts.contracts)
def test_spans_are_the_text_of_their_nodes(contract: nodes.Contract) -> None:
    """The text at a node's place is the node as it is printed, but for layout and parentheses."""
    text = print_contract(contract)
    for node in walk(_contract(text)):
        _assert_inside(node)
        piece = text[node.span.start : node.span.end]
        assert _is_written_otherwise(node, piece) or _words_of(piece) == _words_of(print_node(node))


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("weight (a in 2008)", nodes.Timed, "(a in 2008)"),
        ("weight - 5", Quantity, "- 5"),
        ("weight a + b * c", nodes.Product, "b * c"),
        ("target a at 2009 falls from 2008", nodes.Change, "falls from 2008"),
        ("target a at 2009 falls from 2008", nodes.When, "at 2009"),
        ('weight 5 elsewhere 6 see "p"', Stated, '5 elsewhere 6 see "p"'),
        ("weight (0 | 25)", Stated, "25"),
        ("weight f (a | 5)", nodes.Call, "f (a | 5)"),
        ("score steps of a { between 1 and 2: 3 }", nodes.Key, "between 1 and 2"),
        ("score curve of a { below: flat at 1: 2 }", nodes.CurveEnd, "below: flat"),
        ('limit "w" to 0 when a is partly met or is no', nodes.Conditions, "a is partly met or is no"),
    ],
)
def test_places(text: str, kind: type[nodes.Node], piece: str) -> None:
    """A node's place is its own words, parentheses and sign included."""
    source = _in_item(text)
    (node,) = (node for node in walk(_contract(source)) if isinstance(node, kind) and node.span.start > 25)
    assert piece == source[node.span.start : node.span.end]


def test_spans_are_not_compared() -> None:
    """The same words elsewhere are the same nodes."""
    assert _contract(_in_item("weight 5")) == _contract("# first\n" + _in_item("weight   5"))


# ---- length and depth


def _seconds(text: str) -> tuple[Parsed, float]:
    start = time.monotonic()
    parsed = _parse(text)
    return parsed, time.monotonic() - start


def test_a_long_sum_is_read() -> None:
    """A hundred thousand terms in a row are no depth."""
    parsed, _ = _seconds(_in_item("weight " + " + ".join(["a"] * 100_000)))
    assert () == parsed.diagnostics
    assert parsed.contract is not None
    assert parsed.contract == _contract(print_contract(parsed.contract))


def test_many_items_are_read() -> None:
    """Twenty thousand goals."""
    goals = "\n".join(
        f'goal g{i} "G" {{ weight 1 target m{i} at 2009 at most {i} cases }}' for i in range(20_000)
    )
    contract = _contract(f'contract c "C" {{\n{goals}\n}}')
    assert 20_000 == len(contract.statements)


def test_time_grows_with_length_alone() -> None:
    """Four times the text takes no more than eight times the time."""
    times = []
    for count in (5_000, 20_000):
        text = _in_item("weight " + " * ".join(["(a + 1)"] * count))
        times.append(min(_seconds(text)[1] for _ in range(2)))
    assert times[1] < 8 * times[0]


def _nested(levels: int) -> str:
    """A contract with so many braces and parentheses inside one another."""
    inside = levels - 2
    return _in_item("weight " + "(" * inside + "a" + ")" * inside)


def test_a_hundred_levels_are_read() -> None:
    """Also when each level means something, and back from the printed text."""
    inside = "a"
    for _ in range(98):
        inside = f"(a - {inside})"
    contract = _contract(_in_item(f"weight {inside}"))
    assert contract == _contract(print_contract(contract))
    assert () == _parse(_nested(100)).diagnostics
    groups = "all of { " * 98 + "target a is yes" + " }" * 98
    assert () == _parse(_in_item(groups)).diagnostics
    calls = "f(" * 98 + "a" + ")" * 98
    contract = _contract(_in_item(f"weight {calls}"))
    assert contract == _contract(print_contract(contract))


@pytest.mark.parametrize("text", [_nested(101), _in_item("weight " + "(" * 100_000), "contract c " + "{" * 3])
def test_one_level_more_is_refused(text: str) -> None:
    """At once, at the bracket that is one too many."""
    parsed, seconds = _seconds(text)
    assert None is parsed.contract
    assert 1 == len(parsed.diagnostics)
    assert seconds < 2
    if "(" in text:
        assert "RK011" == parsed.diagnostics[0].code
        span = parsed.diagnostics[0].place.span
        assert span is not None
        assert 98 == text.count("(", 0, span.start)


def test_texts_that_are_too_large_are_refused() -> None:
    """Before anything is read."""
    (diagnostic,) = _parse(" " * (MAX_BYTES + 1)).diagnostics
    assert "RK003" == diagnostic.code


# ---- mistakes


def test_all_mistakes_in_numbers_are_reported_at_once() -> None:
    """A number that cannot be read does not end the reading; the nodes say which it was."""
    parsed = _parse(_in_item("weight 9,4 target a at 2009-02-30 at most 34.7100"))
    assert ["RK005", "RK004", "RK006"] == [each.code for each in parsed.diagnostics]
    assert parsed.contract is not None
    assert 2 == sum(isinstance(node, Quantity) and node.number is None for node in walk(parsed.contract))


def test_periods_that_are_none_are_kept_as_such() -> None:
    """A number that is no year, and a run that ends before it begins: the checker reports them."""
    for period in ("9", "2009.5", "2012..2009"):
        found = walk(_contract(_in_item(f"target a in {period} is yes")))
        assert [nodes.PeriodLiteral(None)] == [
            node for node in found if isinstance(node, nodes.PeriodLiteral)
        ]


def test_one_mistake_has_one_message() -> None:
    """What the lexer has refused is not refused again for standing in a wrong place."""
    assert ["RK008"] == [each.code for each in _parse(_in_item("t\u0430rget a at most 3")).diagnostics]


def _places_are_real(parsed: Parsed, length: int) -> None:
    assert (parsed.document is None) <= bool(parsed.diagnostics)
    for diagnostic in parsed.diagnostics:
        assert "c.rk" == diagnostic.place.file
        if diagnostic.code not in ("RK001", "RK003"):
            assert diagnostic.place.span is not None
            assert 0 <= diagnostic.place.span.start <= diagnostic.place.span.end <= length


@functools.cache
def _words(text: str) -> tuple[str, ...]:
    spans = [lexeme.span for lexeme in Lexer(from_text("c.rk", text)).lexemes(lambda token: False)]
    return tuple(text[span.start : span.end] for span in spans)


def _mutant(words: tuple[str, ...], chance: random.Random) -> str:
    """The words with one or two of them deleted, doubled, exchanged or replaced."""
    changed = list(words)
    for _ in range(chance.choice((1, 1, 2))):
        here, there = chance.randrange(len(changed)), chance.randrange(len(changed))
        match chance.choice(("delete", "double", "swap", "replace", "break")):
            case "delete":
                del changed[here]
            case "double":
                changed.insert(here, changed[here])
            case "swap":
                changed[here], changed[there] = changed[there], changed[here]
            case "replace":
                changed[here] = changed[there]
            case "break":
                changed[here] = changed[here][:-1] + chance.choice('x5,."{(_-é;\u202e')
    return chance.choice((" ", "\n")).join(changed)


def test_mutants_never_raise_and_every_mistake_has_a_place() -> None:
    """Two thousand contracts with a word too many, too few or astray."""
    chance, layouts = random.Random(2009), (_words(LAYOUT), _words(FORMS))
    refused = 0
    for _ in range(2_000):
        text = _mutant(chance.choice(layouts), chance)
        parsed = _parse(text)
        _places_are_real(parsed, len(text))
        refused += parsed.diagnostics != ()
        if parsed.diagnostics == ():
            assert parsed.contract is not None
            if all(
                node.period is not None or node.name is not None
                for node in walk(parsed.contract)
                if isinstance(node, nodes.PeriodLiteral)
            ):
                assert parsed.contract == _contract(print_contract(parsed.contract))
    assert refused > 1_000


@settings(max_examples=300, deadline=None)
@example('role A""')
@given(st.one_of(st.text(), st.lists(st.sampled_from(_words(LAYOUT + FORMS))).map(" ".join)))
def test_any_text_has_nodes_or_mistakes(text: str) -> None:
    """Nothing raises."""
    source = from_text("c.rk", text)
    _places_are_real(parse(source), len(source.text))


@settings(max_examples=200, deadline=None)
@given(st.binary())
def test_any_bytes_have_nodes_or_mistakes(data: bytes) -> None:
    """Nothing raises."""
    source = from_bytes("c.rk", data)
    _places_are_real(parse(source), len(source.text))


def test_places_of_the_end_of_a_text() -> None:
    """The end is shown after the last word, not after blanks and comments; an empty text at its start."""
    for text, span in (("", Span(0, 0)), ("# only\n", Span(0, 0)), ("contract c  # x\n\n", Span(9, 10))):
        (diagnostic,) = _parse(text).diagnostics
        assert ("RK021", span) == (diagnostic.code, diagnostic.place.span)
