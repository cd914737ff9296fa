"""The keyword table: small, unambiguous, and the same as the grammar's."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from rkdsl.language import nodes
from rkdsl.language.grammar import grammar_text
from rkdsl.language.keywords import KEYWORDS, SPELLING, UNIT_NAMES, UNITS
from rkdsl.language.parser import parse, reserved_names
from rkdsl.source import from_text
from rkdsl.values import COUNTS, CURRENCIES, RHYTHMS
from tests.test_contracts import walk

_CLASSES = {"NAME", "DOTTED", "STRING", "NUMBER", "DATE", "UNIT_NAME"}
_MARKS = {"DOTS", "PLUS", "MINUS", "STAR", "SLASH", "EQUAL", "BAR"}
MOST_KEYWORDS = 100


def _tokens_of_rules() -> set[str]:
    """The tokens that rules of the grammar use."""
    rules = [line for line in grammar_text().splitlines() if not re.match(r"//|[A-Z]+:", line)]
    return set(re.findall(r"\b[A-Z][A-Z_]+\b", re.sub(r'"[^"]*"', "", "\n".join(rules))))


def test_the_language_is_small() -> None:
    """At most a hundred words beside the names of units."""
    print(len(KEYWORDS), "keywords:", *sorted(SPELLING.values()))  # noqa: T201  (the count is asked for)
    assert len(KEYWORDS) <= MOST_KEYWORDS


def test_a_spelling_belongs_to_one_token() -> None:
    """Two tokens with one spelling would collide after any rule they share."""
    spellings = Counter([*(each.english for each in KEYWORDS), *(each.english for each in UNIT_NAMES)])
    assert [] == [spelling for spelling, count in spellings.items() if count > 1]
    assert len(SPELLING) == len(KEYWORDS)
    assert len(UNITS) == len(UNIT_NAMES)


def test_table_and_grammar_name_the_same_tokens() -> None:
    """Each keyword is used by a rule, and each token of a rule has its spelling in the table."""
    assert set(SPELLING) == _tokens_of_rules() - _CLASSES - _MARKS


def test_keywords_are_plain_words() -> None:
    """Lower case letters, one blank between words: the lexer allows any white space there."""
    for keyword in KEYWORDS:
        assert re.fullmatch(r"[a-z]+(?: [a-z]+)*", keyword.english)


def test_units_are_a_closed_table() -> None:
    """Every count, currency and rhythm has its name."""
    assert set(UNITS) >= COUNTS | CURRENCIES | set(RHYTHMS)


def _using(name: str) -> str:
    """A contract that declares a measure with the name, and uses it wherever a value may stand."""
    subjects = f"{name} at most 1 or {name} at least 2"
    values = f"x between {name} and {name} or {name} falls by {name} from 2008"
    return f"""contract c "C" {{
      measure {name} "M" {{ }}
      goal {name} "G" {{
        weight {name}
        target {subjects} worth {name} equals {name}
        target {values}
        target {name} + {name} * ({name} in 2008) at 2009 above {name} elsewhere {name} see "s"
        target {name} is {name}x or {name} is not "{name}" or is as good as {name}
        milestone {name} "D" by 2009
        score {name}({name} | {name} in {name} | {name} at {name} is yes) range at least 0
      }}
      goal {name}({name} | x) "G" {{ }} each {{
        {name}: {name} | 3
        {name} "{name}": 3 | {name} {{ target {name} is met worth {name} }}
        {name}: undecided | {name}
      }}
      value {name} = {{ when {name} is yes and {name} is no: {name} otherwise: {name} }}
      value {name} = {name} in {name} at least {name} and is not {name}x
      value {name} = steps of {name} across {name} {{ below {name} | at least {name} }} {{
        below {name}: {name} | {name} at least {name}: {name} | {name}
      }}
      value {name} = curve of {name} {{ below: {name} at {name}: {name} below {name}: {name} above: {name} }}
      scale {name}({name} | {name}) = {name}.{name} + {name} / {name} rounded x to 1
      section {name} "S" {{
        combined by sum ({name}: 3 | {name}: 2) of {name}
        needs at least 1 otherwise {name}
        limit {name} "why" to {name} when {name} is yes
      }}
      calendar {name} "C" {{ each ({name}) }}
      parameter {name}({name}) "P" {{ combined by {name} }}
      result {name}
      assessed by {name} reads "R"
      use {name}({name}) {{ weight {name} }}
      register {name}({name}) "R" {{ expect {name} at least 1 }} each {{ {name}: {name} }}
      example "E" {{ given {{ {name} 2009: {name} }} expect "why" {name} is yes }}
    }}"""


@pytest.mark.parametrize(
    "name", sorted({each.english.split()[0] for each in KEYWORDS} | {n for n in UNITS if n.isidentifier()})
)
def test_only_reserved_names_cannot_be_used(name: str) -> None:
    """A measure may be called like any keyword or unit but the reserved, and is then meant everywhere."""
    assert (name not in reserved_names()) == (_uses(name) == _uses("plain"))


def _uses(name: str) -> int:
    """How often the name is read as a measure; 0 when the text is refused."""
    parsed = parse(from_text("c.rk", _using(name)))
    found = walk(parsed.contract) if parsed.diagnostics == () else ()
    return sum(isinstance(node, nodes.Reference) and node.name.text == name for node in found)


def test_reserved_names_are_few() -> None:
    """They are the words that begin a test or a value."""
    assert (
        frozenset(
            {"above", "below", "between", "each", "exactly", "falls", "is", "rises", "unclear", "undecided"}
        )
        == reserved_names()
    )
