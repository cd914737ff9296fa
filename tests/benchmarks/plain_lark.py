"""lark's own plain parser of the same grammar: its lexer, its LALR tree, its positions, and nothing made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import lark

from rkdsl.language.grammar import grammar_text
from rkdsl.language.keywords import KEYWORDS, UNIT_NAMES


def plain() -> lark.Lark:
    """As quick as lark is with trees and positions: LALR and its contextual lexer."""
    return lark.Lark(
        "\n".join((grammar_text(), *_terminals())),
        parser="lalr",
        propagate_positions=True,
        start="document",
        maybe_placeholders=False,
    )


def _terminals() -> Iterator[str]:
    """What our lexer says of each token, as far as ordinary texts go."""
    for keyword in KEYWORDS:
        yield f"{keyword.token}: /{_words(keyword.english)}(?!\\w)/"
    units = sorted((each.english for each in UNIT_NAMES if each.english not in "%‰"), key=len, reverse=True)
    yield f"UNIT_NAME.1: /(?:%|‰|(?:{'|'.join(map(_words, units))})(?!\\w))/"
    yield r"NAME.-1: /[^\W\d]\w*/"
    yield r"DOTTED: /[^\W\d]\w*(?:\.[^\W\d]\w*)+/"
    yield r'STRING: /"(?:[^"\\\n]|\\.)*"/'
    yield r"DATE.1: /[0-9]{4}-(?:[QH][0-9]|[0-9]{2}(?:-[0-9]{2})?)/"
    yield r"NUMBER: /[0-9]+(?:_[0-9]{3})*(?:\.[0-9]+)?/"
    yield r"%ignore /(?:\s+|#[^\n]*)+/"


def _words(spelling: str) -> str:
    return r"\s+".join(map(re.escape, spelling.split(" ")))
