"""The tables: gone through by the parser, they give the tree that lark itself gives, with its positions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import lark
from hypothesis import given, settings

from rkdsl.language import nodes
from rkdsl.language.grammar import make_lark
from rkdsl.language.lexer import Lexer, Token
from rkdsl.language.parser import Reader
from rkdsl.language.printer import print_contract
from rkdsl.language.tables import tables
from rkdsl.source import Span, from_text
from tests import contracts
from tests.test_printer import FORMS, LAYOUT

Tree = tuple[str, Span, tuple[Any, ...]]
"""A rule, its place, and trees and tokens."""


class _Heard(Lexer):
    """A lexer that keeps its tokens, each named by its type and its place."""

    def tokens(self, fits: Callable[[str], bool]) -> Iterator[Token]:
        self.heard: list[Token] = []
        for token, _, start, end in super().tokens(fits):
            self.heard.append((token, f"{token} {start}", start, end))
            yield self.heard[-1]


class _Plain:
    """Makes a tree of every rule."""

    def __getattr__(self, rule: str) -> Callable[[list[Any], Span], Tree]:
        return lambda children, span: (rule, span, tuple(children))


def _ours(text: str) -> tuple[Tree, list[Token]]:
    lexer = _Heard(from_text("c.rk", text))
    tree: Tree = Reader(tables(), _Plain()).read(lexer)
    return tree, lexer.heard[:-1]


@functools.cache
def _lark() -> lark.Lark:
    return make_lark(propagate_positions=True)


def _theirs(heard: list[Token]) -> Tree:
    tokens = [
        lark.Token(token, value, start_pos=start, line=1, column=1, end_line=1, end_column=1, end_pos=end)
        for token, value, start, end in heard
    ]
    return _converted(_lark().parse(tokens))  # type: ignore[arg-type]  # its lexer hands them over


def _converted(tree: Any) -> Any:  # lark's trees and tokens
    if isinstance(tree, lark.Token):
        return str(tree)
    span = Span(tree.meta.start_pos, tree.meta.end_pos)
    return str(tree.data), span, tuple(_converted(each) for each in tree.children)


def _assert_same(text: str) -> None:
    ours, heard = _ours(text)
    assert _theirs(heard) == ours


def test_every_form_is_read_as_lark_reads_it() -> None:
    """The same rules, of the same tokens, in the same places."""
    for text in (LAYOUT, FORMS):
        _assert_same(text)


@settings(max_examples=50, deadline=None)
@given(contracts.contracts)
def test_every_contract_is_read_as_lark_reads_it(contract: nodes.Contract) -> None:
    _assert_same(print_contract(contract))
