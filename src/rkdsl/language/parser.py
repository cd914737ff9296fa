"""Tokens to nodes. The only file that imports lark."""

from __future__ import annotations

import functools
import gc
import importlib.resources
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, get_args

import attrs
import lark
import lark.common
from lark.parsers.lalr_analysis import Shift

from rkdsl import messages
from rkdsl.diagnostics import Diagnostic, Place, in_order
from rkdsl.language import nodes
from rkdsl.language.keywords import KEYWORDS, SPELLING, UNIT_NAMES
from rkdsl.language.lexer import Lexeme, Lexer
from rkdsl.source import Flaw, Source, Span, cover
from rkdsl.values import MAGNITUDES, MAX_BYTES, MAX_ITEMS, Period, parse_period


class Parsed(NamedTuple):
    """The nodes of a text, None when its shape could not be made out, with all mistakes found on the way."""

    document: nodes.Document | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def contract(self) -> nodes.Contract | None:
        """The document, where it is a contract."""
        return self.document if isinstance(self.document, nodes.Contract) else None


def parse(source: Source, start: int = 0) -> Parsed:
    """The nodes of a text, or of what of it begins at `start`.

    Never raises for an author's mistake; the first wrong token ends the reading.
    """
    raw = [_flaw(source, flaw) for flaw in source.flaws if flaw.span.start >= start]
    if raw or len(source.text) > MAX_BYTES:
        return Parsed(None, tuple(raw or [messages.text_too_large(Place(source.name))]))
    crowd = _too_many_items(source)
    if crowd is not None:
        return Parsed(None, (crowd,))
    lexer = Lexer(source, start)
    collecting = gc.isenabled()
    gc.disable()  # the tree is all new: collecting while it grows makes the time more than linear
    try:
        tree: Any = _lark().parse(lexer)
        document: nodes.Document | None = tree
    except lark.UnexpectedToken as error:
        document = None
        found = _syntax_error(lexer, error)
        if found.place not in [each.place for each in lexer.diagnostics]:  # one mistake, one message
            lexer.diagnostics.append(found)
    finally:
        if collecting:
            gc.enable()
    return Parsed(document, in_order(lexer.diagnostics))


def _flaw(source: Source, flaw: Flaw) -> Diagnostic:
    """What keeps a text from being read; one that cannot be decoded has no place but its file."""
    is_whole = flaw.span.start == flaw.span.end
    return messages.flaw(source.file(flaw.span.start) if is_whole else source.name, flaw)


_ITEM: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\b(goal|requirement)\s+\w+\s*["(]')


def _too_many_items(source: Source) -> Diagnostic | None:
    """Goals past the limit are seen before they are read: that alone would take long."""
    if source.text.count("goal") + source.text.count("requirement") <= MAX_ITEMS:
        return None
    starts = [found.start() for found in _ITEM.finditer(source.text) if found.group(1)]
    if len(starts) <= MAX_ITEMS:
        return None
    place = Place(source.name, Span(starts[MAX_ITEMS], starts[MAX_ITEMS] + len("goal")))
    return messages.too_many_items(place, len(starts))


def grammar_text() -> str:
    """The text of `grammar/rkdsl.lark`, from the installed package or from the repository beside it."""
    installed = importlib.resources.files("rkdsl").joinpath("grammar").joinpath("rkdsl.lark")
    if installed.is_file():
        return installed.read_text(encoding="utf-8")
    return (Path(__file__).parents[3] / "grammar" / "rkdsl.lark").read_text(encoding="utf-8")


@functools.cache
def _lark() -> lark.Lark:
    return make_lark()


def make_lark(**options: Any) -> lark.Lark:  # options are lark's own
    """The parser of the grammar; `options` are for tests of the grammar itself."""
    declared = [*SPELLING, "NAME", "DOTTED", "STRING", "NUMBER", "DATE", "UNIT_NAME"]
    return lark.Lark(
        f"{grammar_text()}\n%declare {' '.join(declared)}\n",
        parser="lalr",
        lexer=_TokenStream,
        transformer=_Builder(),
        start="document",
        maybe_placeholders=False,
        keep_all_tokens=True,
        **options,
    )


@functools.cache
def reserved_names() -> frozenset[str]:
    """The keywords that win over a name where an expression may begin: nothing used there is called so."""
    states = _lark().parser.parser._parse_table.states.values()
    taken = [{token for token, (action, _) in state.items() if action is Shift} for state in states]
    beginnings = [tokens for tokens in taken if {"LPAR", "YEAR_BEFORE"} <= tokens]
    words = {token: spelling for token, spelling in SPELLING.items() if " " not in spelling}
    return frozenset(words[token] for tokens in beginnings for token in tokens if token in words)


class _TokenStream(lark.lexer.Lexer):
    """Our lexer in lark's clothes: it sees the parser's state before each token."""

    __future_interface__ = 1

    def __init__(self, lexer_conf: lark.common.LexerConf) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[_Token]:  # lark leaves both untyped
        table, stack = parser_state.parse_conf, parser_state.state_stack
        states, end = table.states, table.end_state
        for lexeme in lexer_state.text.lexemes(lambda: _Fits(states, end, stack.copy())):
            token = _Token(lexeme.type, lexeme.text)
            token.lexeme = lexeme
            yield token


@attrs.define
class _Fits:
    """The token types that the parser takes at this moment.

    The row of its table for the present state is not enough: it has what may follow a number anywhere, and
    the parser reduces by that before it sees that a token does not fit.
    """

    states: dict[int, dict[Any, tuple[Any, Any]]]  # lark's table: a token to an action and its argument
    end: int
    stack: list[int]

    def __contains__(self, token: object) -> bool:
        """Whether the token is shifted in the end, after all that is reduced before it."""
        stack = self.stack
        while (found := self.states[stack[-1]].get(token)) is not None:
            action, rule = found
            if action is Shift:
                return True
            stack = stack[: len(stack) - len(rule.expansion)]
            stack.append(self.states[stack[-1]][rule.origin.name][1])
        return token == "$END" and stack[-1] == self.end

    def tokens(self) -> list[str]:
        """All of them, by the alphabet."""
        return sorted(token for token in self.states[self.stack[-1]] if token.isupper() and token in self)


class _Token(lark.Token):
    """A token that keeps its lexeme."""

    lexeme: Lexeme


# ---- mistakes


def _syntax_error(lexer: Lexer, error: lark.UnexpectedToken) -> Diagnostic:
    """The mistake of the first token that does not fit, or of the end of the text."""
    assert isinstance(lexer.fits, _Fits)
    state: Any = error.interactive_parser.parser_state  # lark leaves it untyped
    expected = attrs.evolve(lexer.fits, stack=state.state_stack).tokens()
    if error.token.type == "$END":
        return _unexpected_end(lexer, expected)
    lexeme: Lexeme = error.token.lexeme
    if lexeme.type == "NAME":  # it may be a unit misspelt
        expected = lexer.fits.tokens()
    place = Place(lexer.source.name, lexeme.span)
    is_member = "BAR" in expected and (lexer.is_in_parentheses or "NAME" in expected)
    match lexeme.type:
        case "BAD_CHARACTER":
            return messages.bad_character(place, lexeme.text, is_member=is_member)
        case "BAD_STRING":
            return messages.bad_string(place, lexer.source.line_at(lexeme.span.start))
        case "TOO_DEEP":
            return messages.too_deep(place)
        case "TOO_LONG":
            return messages.too_long(place)
        case "NUMBER_IN_PIECES":
            return messages.number_in_pieces(place, lexeme.text, _mark_between(lexer, expected))
    return messages.unexpected(place, lexeme.text, _described(expected), _hint(lexer, lexeme, expected))


def _mark_between(lexer: Lexer, expected: list[str]) -> str:
    """The mark that might have been meant between two numbers."""
    if "BAR" in expected and lexer.is_in_parentheses:
        return "|"
    return ":" if "COLON" in expected else ""


def _unexpected_end(lexer: Lexer, expected: list[str]) -> Diagnostic:
    """The end has no place of its own: it is shown after the last token, or at the start of an empty text."""
    end = lexer.last.span.end if lexer.last is not None else lexer.start
    place = Place(lexer.source.name, Span(max(lexer.start, end - 1), end))
    if not lexer.open:
        return messages.unexpected_end(place, _described(expected), None)
    opened = Place(lexer.source.name, lexer.open[-1])
    return messages.unexpected_end(
        place, _described(expected), opened, lexer.source.text[lexer.open[-1].start]
    )


_OPENING: Final = frozenset(
    (
        *("SECTION", "GOAL", "REQUIREMENT", "MEASURE", "FACT", "PARAMETER", "VALUE", "SCALE"),
        *("CALENDAR", "RESULT", "ROLE", "PARTIES", "TOTAL"),
    )
)


def _hint(lexer: Lexer, lexeme: Lexeme, expected: list[str]) -> str:
    """What the author probably meant by a token that does not fit."""
    if expected == ["$END"] and lexeme.type == "RBRACE":
        return messages.brace_too_many()
    if lexeme.type in _OPENING and "RBRACE" in expected:
        return messages.brace_too_few()
    if lexeme.text == "holds" and "IS" in expected:
        return messages.did_you_mean(f"{SPELLING['IS']} yes")
    if lexeme.text == "if" or (lexer.last is not None and lexer.last.text == "if"):
        return messages.other_place("if")
    if lexeme.type == "NEEDS" and "RBRACE" in expected:
        return messages.other_place(lexeme.text)
    if lexeme.text in ("in", "at") and "IS" not in expected and "STAR" in expected:
        return messages.period_in_parentheses()
    if (
        lexeme.type in ("PLUS", "MINUS", "STAR", "SLASH")
        and lexer.last
        and lexer.last.type in ("NUMBER", "DATE")
    ):
        return messages.period_at_the_end()
    if "UNIT_NAME" in expected and (meant := messages.unit_meant(lexeme.text)):
        return meant
    if marked := _hint_at_mark(lexer, lexeme, expected):
        return marked
    if lexeme.type in ("LBRACE", "RBRACE", "LPAR", "RPAR"):
        return ""
    near = messages.nearest(_words_around(lexer, lexeme), _spellings(expected))
    return messages.did_you_mean(near) or _hint_at_row(lexer, lexeme, set(expected))


def _hint_at_mark(lexer: Lexer, lexeme: Lexeme, expected: list[str]) -> str:
    """What was meant by `=`, `:`, `|` or a name with dots that does not fit."""
    match lexeme.type:
        case "EQUAL" if "EXACTLY" in expected:
            return messages.equal_sign()
        case "EQUAL" if "COLON" in expected:
            return messages.other_mark(":")
        case "COLON" if "EQUAL" in expected:
            return messages.other_mark("=")
        case "BAR" if not lexer.is_in_parentheses:
            return messages.list_in_parentheses()
        case "DOTTED" if "NAME" in expected:
            return messages.dotted_name()
    return ""


def _hint_at_row(lexer: Lexer, lexeme: Lexeme, expected: set[str]) -> str:
    """What belongs between the members of a list or after them, or before a row; how a month is written."""
    if lexeme.type == "NUMBER" and len(lexeme.text) == 4 and lexer.last and lexer.last.type == "NAME":
        return messages.period_in_words()
    if "BAR" in expected and lexer.is_in_parentheses:
        return messages.parenthesis_too_few() if lexeme.type in _OPENING else messages.list_mark()
    if "IS" in expected:
        return ""
    if expected >= {"AT", "BELOW", "ABOVE"}:
        return messages.row_of_curve()
    return messages.row_of_steps() if expected >= {"BETWEEN", "EXACTLY"} else ""


def _words_around(lexer: Lexer, lexeme: Lexeme) -> tuple[str, ...]:
    """The word found, then with its neighbours: `at mots` is near `at most`, `least` before 10 `at least`.

    After a name, the mistake may be that name, alone or with the word before it.
    """
    text, span = lexer.source.text, lexeme.span
    before = text[max(0, span.start - 60) : span.start].split()[-2:]
    pair = " ".join(text[span.start : span.end + 60].split()[:2])
    words = [lexeme.text, pair, *(f"{word} {lexeme.text}" for word in before[-1:])]
    if words[-1] in SPELLING.values():  # spelled rightly, and read as something else
        return ()
    if lexer.last is not None and lexer.last.type == "NAME":
        words += [lexer.last.text, " ".join(before)]
    return tuple(words)


def _spellings(expected: list[str]) -> list[str]:
    """What could have been written: the keywords and units that fit, and all keywords of several words."""
    found = [SPELLING[token] for token in expected if token in SPELLING]
    if "UNIT_NAME" in expected:
        found += [each.english for each in UNIT_NAMES]
    return found + [each.english for each in KEYWORDS if " " in each.english and each.english not in found]


_DESCRIPTIONS: Final = {
    "NAME": "a name",
    "STRING": "a text in quotes",
    "NUMBER": "a number",
    "DATE": "a date",
    "UNIT_NAME": "a unit",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COLON": "`:`",
    "EQUAL": "`=`",
    "BAR": "`|`",
    "DOTS": "`..`",
    "$END": "the end of the text",
}
_OF_A_LIBRARY: Final = "a declaration of a library, such as `measure` or `goal`"
_SIGNS: Final = {"PLUS": "`+`", "MINUS": "`-`", "STAR": "`*`", "SLASH": "`/`"}
_VALUE: Final = {"NAME", "DOTTED", "NUMBER", "DATE", "LPAR", "MINUS", "YEAR_BEFORE"}
_PERIOD: Final = {"NUMBER", "DATE"}


def _described(expected: list[str]) -> list[str]:
    """What could have stood there, in words: what an author thinks of first, and keywords by the alphabet."""
    tokens, words = set(expected), []
    if "CONTRACT" in tokens:  # the beginning of a text
        return [f"`{SPELLING[each]}`" for each in ("CONTRACT", "AMENDMENT")] + [_OF_A_LIBRARY]
    if tokens >= _VALUE:
        words, tokens = ["a value"], tokens - _VALUE
    elif tokens >= _PERIOD and "MINUS" not in tokens:
        words, tokens = ["a period such as 2009-12"], tokens - _PERIOD
    if tokens >= _SIGNS.keys():  # after a complete value: what makes it longer is left out
        tokens -= {"LPAR"}
    words += [text for token, text in _DESCRIPTIONS.items() if token in tokens]
    words += [f"`{SPELLING[token]}`" for token in expected if token in tokens and token in SPELLING]
    return words or [text for token, text in _SIGNS.items() if token in tokens]


# ---- building


T = TypeVar("T")


def _span(children: list[Any]) -> Span:  # children are tokens and nodes of every kind
    return cover(_place(children[0]), _place(children[-1]))


def _place(child: Any) -> Span:  # a token or a node
    span: Span = child.lexeme.span if isinstance(child, _Token) else child.span
    return span


def _the(children: list[Any], *kinds: type[T]) -> T | None:  # the first child of a kind
    for child in children:
        if isinstance(child, kinds):
            return child
    return None


def _all(children: list[Any], *kinds: type[Any]) -> tuple[Any, ...]:  # narrowed where it is stored
    return tuple(child for child in children if isinstance(child, kinds))


def _token(children: list[Any], *types: str) -> _Token | None:
    for child in children:
        if isinstance(child, _Token) and child.type in types:
            return child
    return None


def _value(token: _Token | None) -> str:
    return str(token.lexeme.value) if token is not None else ""


def _word(children: list[Any]) -> str:
    return _value(children[0])


_SECTION_NODES: Final = get_args(nodes.SectionStatement)
_CONTRACT_NODES: Final = get_args(nodes.ContractStatement)
_ITEM_NODES: Final = get_args(nodes.ItemStatement)
_MEASURE_NODES: Final = get_args(nodes.MeasureStatement)
_LIBRARY_NODES: Final = get_args(nodes.LibraryStatement)
_REGISTER_NODES: Final = get_args(nodes.RegisterStatement)
_CHANGE_NODES: Final = get_args(nodes.ChangeStatement)
_AMENDMENT_NODES: Final = get_args(nodes.AmendmentStatement)

Children = list[Any]  # tokens and nodes as lark hands them over; each method knows its rule


class _Builder:
    """One method a grammar rule: its children to its node."""

    # -- the whole text

    def document(self, c: Children) -> nodes.Document:
        document: nodes.Document = c[0]
        return document

    def contract(self, c: Children) -> nodes.Contract:
        return nodes.Contract(c[1], c[2], _all(c[3:], *_CONTRACT_NODES), span=_span(c))

    def library(self, c: Children) -> nodes.Library:
        return nodes.Library(_all(c, *_LIBRARY_NODES), span=_span(c))

    def use(self, c: Children) -> nodes.Use | nodes.UsedItem:
        if isinstance(c[1], nodes.Text):
            return nodes.Use(c[1], span=_span(c))
        body = _body(c)
        cells, statements = _all(c[2:body], *get_args(nodes.Cell)), _all(c[body:], *_ITEM_NODES)
        return nodes.UsedItem(c[1], cells, _the(c[2:body], nodes.Stated), statements, span=_span(c))

    def signed(self, c: Children) -> nodes.Signed:
        return nodes.Signed(c[1], span=_span(c))

    def decided_by(self, c: Children) -> nodes.DecidedBy:
        return nodes.DecidedBy(c[1], _the(c, nodes.Text), span=_span(c))

    def register(self, c: Children) -> nodes.Register:
        columns = c[2].members if isinstance(c[2], _Listed) else ()
        statements, rows = _all(c[2:], *_REGISTER_NODES), _all(c, nodes.Row)
        return nodes.Register(c[1], columns, _the(c, nodes.Stated), statements, rows, span=_span(c))

    def expectation(self, c: Children) -> nodes.Expectation | nodes.ExpectationOfEach:
        why, last = _the(c, nodes.Text), c[-1]
        if isinstance(last, nodes.Conditions):
            return nodes.Expectation(why, last, span=_span(c))
        kind = c[-2]
        if isinstance(kind, _Token):
            kind = nodes.Identifier(_value(kind), span=_place(kind))
        return nodes.ExpectationOfEach(why, kind, last, span=_span(c))

    def example(self, c: Children) -> nodes.Example:
        kinds = (nodes.Given, nodes.Expectation, nodes.ExpectationOfEach)
        day = _the(c, nodes.PeriodLiteral)
        return nodes.Example(c[1], day, _all(c, *kinds), span=_span(c))

    def given(self, c: Children) -> nodes.Given:
        return nodes.Given(_all(c, nodes.GivenRow), span=_span(c))

    def given_row(self, c: Children) -> nodes.GivenRow:
        period = c[1] if isinstance(c[1], nodes.PeriodLiteral) else None
        return nodes.GivenRow(_identifier(c[0]), period, c[-1], span=_span(c))

    # -- amendments

    def amendment(self, c: Children) -> nodes.Amendment:
        statements = _all(c[5:], *_AMENDMENT_NODES)
        return nodes.Amendment(c[1], c[2], c[4], statements, span=_span(c))

    def takes_effect(self, c: Children) -> nodes.TakesEffect:
        return nodes.TakesEffect(c[1], span=_span(c))

    def removal(self, c: Children) -> nodes.Removal:
        return nodes.Removal(_identifier(c[1]), span=_span(c))

    def changed_item(self, c: Children) -> nodes.ChangedItem:
        title = _the(c[: _body(c)], nodes.Stated)
        statements = _all(c, *_ITEM_NODES, nodes.Removal)
        return nodes.ChangedItem(_word(c), c[1], title, statements, span=_span(c))

    def changed_section(self, c: Children) -> nodes.ChangedSection:
        title, total = _the(c[: _body(c)], nodes.Stated), _the(c, nodes.Total)
        return nodes.ChangedSection(c[1], title, total, _all(c, *_CHANGE_NODES), span=_span(c))

    def changed_measure(self, c: Children) -> nodes.ChangedMeasure:
        body = _body(c)
        columns = c[2].members if isinstance(c[2], _Listed) else ()
        title, statements = _the(c[:body], nodes.Stated), _all(c[body:], *_MEASURE_NODES)
        return nodes.ChangedMeasure(_word(c), c[1], columns, title, statements, span=_span(c))

    def parties(self, c: Children) -> nodes.Parties:
        return nodes.Parties(_all(c, nodes.Text), span=_span(c))

    def contract_period(self, c: Children) -> nodes.ContractPeriod:
        return nodes.ContractPeriod(c[1], span=_span(c))

    def binding(self, c: Children) -> nodes.Binding:
        return nodes.Binding(c[1], span=_span(c))

    def total(self, c: Children) -> nodes.Total:
        return nodes.Total(c[1], span=_span(c))

    def reporting_closes(self, c: Children) -> nodes.ReportingCloses:
        return nodes.ReportingCloses(c[1], span=_span(c))

    def silence(self, c: Children) -> nodes.Silence:
        return nodes.Silence(c[1], c[2], span=_span(c))

    def missing_rule(self, c: Children) -> nodes.MissingRule:
        return nodes.MissingRule(_value(c[0]), _value(c[1]), span=_span(c))

    def role(self, c: Children) -> nodes.Role:
        return nodes.Role(c[1], c[2], span=_span(c))

    # -- measures and facts

    def measure(self, c: Children) -> nodes.Measure:
        return nodes.Measure(c[1], c[2], _all(c[3:], *_MEASURE_NODES), span=_span(c))

    def fact(self, c: Children) -> nodes.Fact:
        return nodes.Fact(c[1], c[2], _all(c[3:], *_MEASURE_NODES), span=_span(c))

    def parameter(self, c: Children) -> nodes.Parameter:
        columns = c[2].members if isinstance(c[2], _Listed) else ()
        title = _the(c, nodes.Stated)
        assert title is not None
        return nodes.Parameter(c[1], columns, title, _all(c[3:], *_MEASURE_NODES), span=_span(c))

    def unit_of(self, c: Children) -> nodes.UnitOf:
        return nodes.UnitOf(_value(c[1]), _value(c[3]) if len(c) > 3 else "", span=_span(c))

    def direction(self, c: Children) -> nodes.Direction:
        return nodes.Direction({"no direction": "none"}.get(_word(c), _word(c).split()[0]), span=_span(c))

    def rhythm(self, c: Children) -> nodes.Rhythm:
        return nodes.Rhythm(_value(c[1]), span=_span(c))

    def source_of(self, c: Children) -> nodes.SourceOf:
        return nodes.SourceOf(c[1], span=_span(c))

    def range_of(self, c: Children) -> nodes.Range:
        match c[1]:
            case _Listed(members=choices):
                return nodes.Range(None, None, choices, span=_span(c))
            case _Token(type="AT_LEAST"):
                return nodes.Range(c[2], None, span=_span(c))
            case _Token():
                return nodes.Range(None, c[2], span=_span(c))
        return nodes.Range(c[1], c[3], span=_span(c))

    def may_not_apply(self, c: Children) -> nodes.MayNotApply:
        return nodes.MayNotApply(span=_span(c))

    def joined_by(self, c: Children) -> nodes.JoinedBy:
        return nodes.JoinedBy(c[1], span=_span(c))

    def entry(self, c: Children) -> nodes.Entry:
        return nodes.Entry(c[0], _the(c, nodes.Text), c[-1], span=_span(c))

    # -- sections and items

    def section(self, c: Children) -> nodes.Section:
        return nodes.Section(c[1], c[2], _the(c, nodes.Total), _all(c[3:], *_SECTION_NODES), span=_span(c))

    def combined_by(self, c: Children) -> nodes.CombinedBy:
        ends = [n for n, each in enumerate(c) if isinstance(each, _Token) and each.type == "OF"]
        of = c[ends[0] + 1] if ends else None
        before = c[1 : ends[0]] if ends else c[1:]
        function = _joined(_all(before, nodes.Identifier))
        weights = next((each.members for each in before if isinstance(each, _Listed)), ())
        return nodes.CombinedBy(function, _the(before, nodes.Quantity), weights, of, span=_span(c))

    def member_weights(self, c: Children) -> _Listed:
        return _Listed(_all(c, nodes.MemberWeight), _span(c))

    def member_weight(self, c: Children) -> nodes.MemberWeight:
        return nodes.MemberWeight(c[0], c[2], span=_span(c))

    def needs(self, c: Children) -> nodes.Needs:
        return nodes.Needs(c[2], c[4], span=_span(c))

    def item(self, c: Children) -> nodes.Item:
        if isinstance(c[2], nodes.Stated):
            return nodes.Item(_word(c), c[1], c[2], _all(c[3:], *_ITEM_NODES), span=_span(c))
        rows, title = _all(c, nodes.Row), _the(c[: _body(c)], nodes.Stated) or _title_of(c[1])
        columns = c[2].members if isinstance(c[2], _Listed) else ()
        statements = _all(c[3:], *_ITEM_NODES)
        return nodes.Item(_word(c), c[1], title, statements, columns, rows, not rows, span=_span(c))

    shared_item = item

    def row(self, c: Children) -> nodes.Row:
        body = _body(c)
        cells = _all(c[2:body], *get_args(nodes.Cell))
        return nodes.Row(c[0], _the(c, nodes.Stated), cells, _all(c[body:], *_ITEM_NODES), span=_span(c))

    def weight(self, c: Children) -> nodes.Weight:
        on_top = _token(c, "ON_TOP") is not None
        if isinstance(c[1], _Listed):
            most = max(c[1].members, key=_number_of)
            high = nodes.Stated((nodes.Statement(most, span=most.span),), span=most.span)
            return nodes.Weight(None, high, c[1].members, on_top, span=_span(c))
        low = c[1] if _token(c, "DOTS") else None
        return nodes.Weight(low, c[-2] if on_top else c[-1], (), on_top, span=_span(c))

    def score(self, c: Children) -> nodes.Score:
        return nodes.Score(c[1], _the(c, nodes.Range), span=_span(c))

    def cap(self, c: Children) -> nodes.Cap:
        why, value = _all(c, nodes.Stated)
        comparison = _value(_token(c, "AT_MOST", "AT_LEAST"))
        return nodes.Cap(_the(c, nodes.Identifier), why, comparison, value, c[-1], span=_span(c))

    def guidelines(self, c: Children) -> nodes.Guidelines:
        return nodes.Guidelines(_all(c, nodes.Entry), span=_span(c))

    def wording(self, c: Children) -> nodes.Wording:
        return nodes.Wording(c[1], c[3], span=_span(c))

    def assessment(self, c: Children) -> nodes.Assessment:
        low, high = _all(c, nodes.Quantity) or (None, None)
        name = _the(c[2:], nodes.Identifier)
        title = _the(c[2:], nodes.Stated)
        return nodes.Assessment(c[1], name, title, low, high, span=_span(c))

    def group(self, c: Children) -> nodes.Group:
        members = _all(c, nodes.Target, nodes.Milestone, nodes.Group)
        kind = {"all of": "all", "any of": "any"}.get(_word(c), _word(c))
        return nodes.Group(kind, _the(c, nodes.Quantity), members, _the(c, nodes.Worth), span=_span(c))

    def milestone(self, c: Children) -> nodes.Milestone:
        standing = _value(_token(c, "GUIDELINE", "FOLLOWED", "EVIDENCE"))
        title, deadline = _all(c, nodes.Stated)
        name = _the(c, nodes.Identifier)
        assert name is not None
        worth, late = _the(c, nodes.Worth), _the(c, nodes.LateCosts)
        return nodes.Milestone(standing, name, title, deadline, worth, late, span=_span(c))

    def target(self, c: Children) -> nodes.Target:
        standing = _value(_token(c, "GUIDELINE", "FOLLOWED", "EVIDENCE"))
        joined = _value(_token(c, "OR", "AND"))
        worth, equals = _the(c, nodes.Worth), _all(c, nodes.Equals)
        return nodes.Target(standing, _all(c, nodes.Condition), joined, worth, equals, span=_span(c))

    def worth(self, c: Children) -> nodes.Worth:
        return nodes.Worth(c[1], span=_span(c))

    def late_costs(self, c: Children) -> nodes.LateCosts:
        return nodes.LateCosts(c[1], c[4], span=_span(c))

    def equals(self, c: Children) -> nodes.Equals:
        return nodes.Equals(c[1], span=_span(c))

    # -- conditions

    def condition(self, c: Children) -> nodes.Condition:
        return nodes.Condition(c[0], c[1] if len(c) == 3 else None, c[-1], span=_span(c))

    def short_condition(self, c: Children) -> nodes.Condition:
        return nodes.Condition(None, None, c[0], span=_span(c))

    def limit(self, c: Children) -> nodes.Limit:
        return nodes.Limit(_word(c), c[1], span=_span(c))

    def between(self, c: Children) -> nodes.Between:
        return nodes.Between(c[1], c[3], span=_span(c))

    def change(self, c: Children) -> nodes.Change:
        direction = _word(c).split()[0]
        bound = _value(_token(c, "AT_LEAST", "AT_MOST", "EXACTLY")) or "at least"
        amount = None if isinstance(c[1], _Token) and c[1].type == "FROM" else c[-3]
        return nodes.Change(direction, bound, amount, c[-1], span=_span(c))

    def unchanged(self, c: Children) -> nodes.Unchanged:
        return nodes.Unchanged(c[1], c[-1], span=_span(c))

    def linear(self, c: Children) -> nodes.Linear:
        return nodes.Linear(c[1], c[3], span=_span(c))

    def is_test(self, c: Children) -> nodes.Is:
        names = _all(c, nodes.Identifier)
        what = _joined(names) if names else c[1]
        return nodes.Is(_word(c) == "is not", what, span=_span(c))

    def better(self, c: Children) -> nodes.Better:
        return nodes.Better(_word(c) == "is not", _value(c[1]), c[2], span=_span(c))

    def plain_condition(self, c: Children) -> nodes.Condition:
        when = _the(c[1:], nodes.When)
        stated = None
        if when is not None:
            stated = nodes.Stated((nodes.Statement(when, span=when.span),), span=when.span)
        return nodes.Condition(c[0], stated, c[-1], span=_span(c))

    def conditions(self, c: Children) -> nodes.Conditions:
        joined = _value(_token(c, "OR", "AND"))
        return nodes.Conditions(_all(c, nodes.Condition), joined, span=_span(c))

    # -- named values, scales and their forms

    def value(self, c: Children) -> nodes.Value:
        at = next(n for n, each in enumerate(c) if isinstance(each, _Token) and each.type == "EQUAL")
        head, tail = c[:at], c[at + 2 :]
        return nodes.Value(
            c[1],
            _the(head, nodes.Stated),
            _the(head, nodes.Range),
            _the(head, nodes.Direction),
            c[at + 1],
            *_roundings(tail),
            span=_span(c),
        )

    def scale(self, c: Children) -> nodes.Scale:
        at = next(n for n, each in enumerate(c) if isinstance(each, _Token) and each.type == "EQUAL")
        head, rounded = c[:at], _roundings(c[at + 2 :])[0]
        title, bounds = _the(head, nodes.Stated), _the(head, nodes.Range)
        return nodes.Scale(c[1], c[2].members, title, bounds, c[at + 1], rounded, span=_span(c))

    def rows(self, c: Children) -> nodes.Rows:
        return nodes.Rows(_all(c, nodes.WhenRow), c[-2], span=_span(c))

    def when_row(self, c: Children) -> nodes.WhenRow:
        return nodes.WhenRow(c[1], c[3], span=_span(c))

    def otherwise(self, c: Children) -> nodes.Stated[Any]:  # of an expression
        stated: nodes.Stated[Any] = c[2]
        return stated

    def steps(self, c: Children) -> nodes.Steps:
        return nodes.Steps(c[1], _the(c, nodes.Across), _all(c, nodes.Step), span=_span(c))

    def across(self, c: Children) -> nodes.Across:
        return nodes.Across(c[1], _all(c, nodes.Key), span=_span(c))

    def step(self, c: Children) -> nodes.Step:
        return nodes.Step(c[0], _all(c, nodes.Stated), span=_span(c))

    def key(self, c: Children) -> nodes.Key:
        edges = (edge for each in c for edge in (each.members if isinstance(each, _Listed) else (each,)))
        return nodes.Key(tuple(edges), span=_span(c))

    def edge(self, c: Children) -> nodes.Edge:
        return nodes.Edge(_word(c), c[1], span=_span(c))

    def between_key(self, c: Children) -> _Listed:
        low, high = nodes.Edge("at least", c[1], span=c[1].span), nodes.Edge("at most", c[3], span=c[3].span)
        return _Listed((low, high), _span(c))

    def curve(self, c: Children) -> nodes.Curve:
        return nodes.Curve(c[1], _all(c, nodes.CurveKnot, nodes.CurveEnd), span=_span(c))

    def knot(self, c: Children) -> nodes.CurveKnot:
        return nodes.CurveKnot(_word(c), c[1], c[3], span=_span(c))

    def curve_end(self, c: Children) -> nodes.CurveEnd:
        return nodes.CurveEnd(_word(c), c[2], span=_span(c))

    def rounded(self, c: Children) -> _Kept:
        return _Kept("rounded", _rounding(c))

    def shown(self, c: Children) -> _Kept:
        return _Kept("shown", _rounding(c))

    def calendar(self, c: Children) -> nodes.Calendar:
        days, *holidays = (each.members for each in c if isinstance(each, _Listed))
        return nodes.Calendar(c[1], c[2], days, holidays[0] if holidays else (), span=_span(c))

    def result(self, c: Children) -> nodes.ResultOf:
        return nodes.ResultOf(c[1], span=_span(c))

    # -- values as stated

    def _stated(self, c: Children) -> nodes.Stated[Any]:  # of whatever kind the rule states
        governs = _token(c, "GOVERNS")
        place = cover(_place(c[0]), _place(governs or c[0]))
        first: nodes.Statement[Any] = nodes.Statement(c[0], None, governs is not None, span=place)
        return nodes.Stated((first, *_all(c, nodes.Statement)), span=_span(c))

    stated_value = stated_plain = stated_literal = stated_period = stated_term = _stated
    stated_when = stated_deadline = stated_role = title = _stated

    def _elsewhere(self, c: Children) -> nodes.Statement[Any]:  # of whatever kind the rule states
        return nodes.Statement(c[1], c[3], _token(c, "GOVERNS") is not None, span=_span(c))

    elsewhere_value = elsewhere_plain = elsewhere_literal = elsewhere_period = elsewhere_term = _elsewhere
    elsewhere_when = elsewhere_deadline = elsewhere_role = elsewhere_text = _elsewhere

    def _when(self, c: Children) -> nodes.When:
        return nodes.When(_word(c), c[1], c[3] if len(c) == 4 else None, span=_span(c))

    when = deadline = _when

    def timed(self, c: Children) -> nodes.Timed:
        return nodes.Timed(c[0], c[1], span=_span(c))

    def undecided(self, c: Children) -> nodes.Undecided:
        unit = _value(_token(c, "UNIT_NAME"))
        until = _the(c, nodes.PeriodLiteral)
        return nodes.Undecided(unit, until, _the(c, nodes.Text), span=_span(c))

    undecided_role = undecided

    def unclear(self, c: Children) -> nodes.Unclear:
        return nodes.Unclear(c[1], span=_span(c))

    # -- expressions

    def sum(self, c: Children) -> nodes.Sum:
        return nodes.Sum(_operands("+", c), span=_span(c))

    def product(self, c: Children) -> nodes.Product:
        return nodes.Product(_operands("*", c), span=_span(c))

    def parenthesised(self, c: Children) -> nodes.Expression:
        inner: nodes.Expression = c[1]
        return attrs.evolve(inner, span=_span(c))

    def quantity(self, c: Children) -> nodes.Quantity:
        return _quantity(c, 1)

    def negative(self, c: Children) -> nodes.Quantity:
        return _quantity(c, -1)

    def date(self, c: Children) -> nodes.PeriodLiteral:
        return nodes.PeriodLiteral(_period_of(c[0]), span=_span(c))

    def reference(self, c: Children) -> nodes.Reference:
        return nodes.Reference(_identifier(c[0]), span=_span(c))

    def call(self, c: Children) -> nodes.Call:
        arguments = _all(c[1:], *get_args(nodes.Expression), nodes.Condition)
        return nodes.Call(c[0], arguments, span=_span(c))

    def word(self, c: Children) -> nodes.Word:
        return nodes.Word(c[0].text, span=_span(c))

    def no_value(self, c: Children) -> nodes.NoValue:
        return nodes.NoValue(_word(c), c[1], span=_span(c))

    def period_name(self, c: Children) -> nodes.PeriodLiteral:
        return nodes.PeriodLiteral(None, c[0], span=_span(c))

    def cells(self, c: Children) -> _Listed:
        return _Listed(_all(c, *get_args(nodes.Cell)), _span(c))

    def names(self, c: Children) -> _Listed:
        return _Listed(_all(c, nodes.Identifier), _span(c))

    def dates(self, c: Children) -> _Listed:
        return _Listed(_all(c, nodes.PeriodLiteral), _span(c))

    def year_before(self, c: Children) -> nodes.YearBefore:
        return nodes.YearBefore(span=_span(c))

    def period(self, c: Children) -> nodes.PeriodLiteral:
        ends = [_period_of(token) for token in c if token.type in ("DATE", "NUMBER")]
        first, last = ends[0], ends[-1]
        whole = Period(first.first, last.last) if first and last and first.first <= last.last else None
        return nodes.PeriodLiteral(whole, span=_span(c))

    def name(self, c: Children) -> nodes.Identifier:
        return nodes.Identifier(str(c[0]), span=_span(c))

    def text(self, c: Children) -> nodes.Text:
        return nodes.Text(_value(c[0]), span=_span(c))


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


def _identifier(child: nodes.Identifier | _Token) -> nodes.Identifier:
    """A name, also one with dots."""
    return nodes.Identifier(str(child), span=_place(child)) if isinstance(child, _Token) else child


def _body(c: Children) -> int:
    """Where the statements in braces begin; the end where there are none."""
    return next((n for n, each in enumerate(c) if isinstance(each, _Token) and each.type == "LBRACE"), len(c))


def _rounding(c: Children) -> nodes.Rounding | nodes.Undecided:
    """`half to even to 1 %`: all words but the last `to` are the mode."""
    if isinstance(c[1], nodes.Undecided):
        return c[1]
    words = [each for each in c[1:-2] if isinstance(each, nodes.Identifier)]
    texts = [str(each.text) if isinstance(each, nodes.Identifier) else _value(each) for each in c[1:-2]]
    mode = nodes.Identifier(" ".join(texts), span=cover(words[0].span, words[-1].span))
    return nodes.Rounding(mode, c[-1], span=_span(c[1:]))


def _roundings(c: Children) -> tuple[Any, Any]:  # a rounding, where there is one, or `undecided`
    """What is rounded, and what is only shown so."""
    found = {each.word: each.rounding for each in c if isinstance(each, _Kept)}
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


def _operands(sign: str, c: Children) -> tuple[tuple[str, Any], ...]:  # of expressions
    pairs: list[tuple[str, Any]] = []
    for each in c:
        if isinstance(each, _Token):
            sign = str(each)
        else:
            pairs.append((sign, each))
    return tuple(pairs)


def _quantity(c: Children, sign: int) -> nodes.Quantity:
    token = _token(c, "NUMBER")
    assert token is not None
    lexeme: Lexeme = token.lexeme
    number = lexeme.value * sign if isinstance(lexeme.value, Fraction) else None
    decimals = len(lexeme.text.partition(".")[2]) if number is not None else 0
    magnitude = _value(_token(c, "MILLION"))
    assert magnitude in ("", *MAGNITUDES)
    return nodes.Quantity(number, decimals, magnitude, _value(_token(c, "UNIT_NAME")), span=_span(c))


def _period_of(token: _Token) -> Period | None:
    """The period of a date, or of a bare year of four digits."""
    return parse_period(str(token))
