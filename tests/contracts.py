"""Hypothesis strategies for node trees of the whole language: the one home of them.

Every tree is one that the parser can make; sizes are bounded; names equal keywords where they may.
"""

from __future__ import annotations

import datetime
import unicodedata
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from rkdsl.language import nodes
from rkdsl.language.keywords import KEYWORDS, UNIT_NAMES
from rkdsl.language.parser import reserved_names
from rkdsl.source import from_text
from rkdsl.values import MAX_DIGITS, MONTHS_IN, Period, months

Strategy = st.SearchStrategy
_KEYWORDS = tuple(each.english for each in KEYWORDS if " " not in each.english)
_UNITS = tuple(each.english for each in UNIT_NAMES)
_UNIT_WORDS = tuple(unit for unit in _UNITS if unit.isidentifier())

# ---- words


def _is_kept(text: str) -> bool:
    """Whether reading changes nothing of the text and finds no flaw in it."""
    return not from_text("", text).flaws and unicodedata.is_normalized("NFC", text)


_letters = st.sampled_from("abcdefgxyzABCæøåÆØÅéß_")
_plain_names = st.builds(
    str.__add__, _letters, st.text(st.one_of(_letters, st.sampled_from("0189")), max_size=6)
)
_names = st.one_of(_plain_names, st.sampled_from([*_KEYWORDS, *_UNIT_WORDS]))
identifiers = st.builds(nodes.Identifier, _names)
"""Names where only a name may stand: any, also a keyword."""
used_identifiers = st.builds(nodes.Identifier, _names.filter(lambda name: name not in reserved_names()))
"""Names where a value may stand."""
part_identifiers = st.builds(
    nodes.Identifier,
    st.one_of(_plain_names, st.sampled_from(_UNIT_WORDS)).filter(lambda name: name not in _KEYWORDS),
)
"""Names of assessed parts, which may be left out: never a keyword."""
_characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\t")
texts = st.builds(
    nodes.Text,
    st.one_of(st.text(st.sampled_from('ab "\\#{}åé·'), max_size=8), st.text(_characters, max_size=8)).filter(
        _is_kept
    ),
)

# ---- numbers and time


@st.composite
def _quantities(draw: st.DrawFn, signed: bool = False) -> nodes.Quantity:
    decimals = draw(st.sampled_from((0, 0, 0, 1, 2, 3, 7)))
    longest = 10 ** draw(st.sampled_from((1, 3, 6, MAX_DIGITS - 8)))
    scaled = draw(st.integers(-longest if signed else 0, longest))
    if decimals >= 3 and scaled % 10 == 0:
        scaled += 1  # 0.120 is refused: it may be a misprint of thousands
    magnitude = draw(st.sampled_from(("", "", "million")))
    unit = draw(st.one_of(st.just(""), st.sampled_from(_UNITS)))
    return nodes.Quantity(Fraction(scaled, 10**decimals), decimals, magnitude, unit)


quantities = _quantities()
signed_quantities = _quantities(signed=True)

_days = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))


@st.composite
def _parts_of_years(draw: st.DrawFn, *kinds: str) -> Period:
    count = MONTHS_IN[draw(st.sampled_from(kinds))]
    place = draw(st.integers(0, 12 // count - 1))
    return months(draw(st.integers(1, 9999)), place * count + 1, count)


_single_days = st.builds(lambda day: Period(day, day), _days)
_named_periods = st.one_of(_single_days, _parts_of_years("month", "quarter", "half-year"))
_runs = st.builds(lambda a, b: Period(min(a, b), max(a, b)), _days, _days)
_month_runs = st.builds(
    lambda a, b: Period(min(a.first, b.first), max(a.last, b.last)),
    _parts_of_years("month", "year"),
    _parts_of_years("month", "year"),
)
period_literals = st.builds(
    nodes.PeriodLiteral, st.one_of(_named_periods, _parts_of_years("year"), _runs, _month_runs)
)
dates = st.builds(nodes.PeriodLiteral, _named_periods)

# ---- values as stated


def stated(values: Strategy[Any]) -> Strategy[Any]:  # of whatever kind `values` are
    """A value stated once, or again elsewhere."""
    first = st.builds(nodes.Statement, values, st.none(), st.booleans())
    again = st.builds(nodes.Statement, values, texts, st.booleans())
    others = st.one_of(st.just([]), st.just([]), st.lists(again, max_size=2))
    return st.builds(lambda one, more: nodes.Stated((one, *more)), first, others)


def _undecided(units: Strategy[str]) -> Strategy[nodes.Undecided]:
    until = st.one_of(st.none(), period_literals)
    return st.builds(nodes.Undecided, units, until, st.one_of(st.none(), texts))


undecided = _undecided(st.one_of(st.just(""), st.sampled_from(_UNITS)))
unclear = st.builds(nodes.Unclear, texts)
_periods = st.one_of(period_literals, period_literals, undecided)
roles = st.one_of(used_identifiers, _undecided(st.just("")))


def _whens(*words: str) -> Strategy[nodes.When]:
    return st.builds(nodes.When, st.sampled_from(words), _periods, st.one_of(st.none(), texts))


whens = _whens("at", "in")
deadlines = _whens("by", "before", "in")

# ---- expressions

_factors = st.one_of(
    signed_quantities, dates, st.builds(nodes.Reference, used_identifiers), st.builds(nodes.YearBefore)
)


def _chains(
    kind: Any, signs: str, operands: Strategy[Any], *others: Strategy[Any]
) -> Strategy[Any]:  # kind of Sum or Product
    """Operands with signs between them, at least two; `others` are kinds that need no parentheses."""
    first = operands.map(lambda each: (signs[0], each))
    more = st.lists(st.tuples(st.sampled_from(signs), operands), min_size=1, max_size=2)
    return st.builds(lambda one, rest: kind((one, *rest)), first, more)


def _enclosing(inner: Strategy[nodes.Expression]) -> Strategy[nodes.Expression]:
    return st.one_of(
        _chains(nodes.Sum, "+-", inner),
        _chains(nodes.Product, "*/", inner),
        st.builds(nodes.Timed, inner, whens),
    )


expressions: Strategy[nodes.Expression] = st.recursive(_factors, _enclosing, max_leaves=5)
values = stated(st.one_of(expressions, expressions, undecided, unclear))
literals = stated(st.one_of(signed_quantities, dates, undecided, unclear))

# ---- conditions

_bases = st.one_of(stated(_periods), st.builds(nodes.YearBefore))
_directions = st.sampled_from(("falls", "rises"))
_changes = st.builds(
    nodes.Change, _directions, st.sampled_from(("at least", "at most", "exactly")), values, _bases
)
_bare_changes = st.builds(nodes.Change, _directions, st.just("at least"), st.none(), _bases)
tests: Strategy[nodes.Test] = st.one_of(
    st.builds(nodes.Limit, st.sampled_from(("at most", "at least", "above", "below", "exactly")), values),
    st.builds(nodes.Between, values, values),
    _changes,
    _bare_changes,
    st.builds(nodes.Unchanged, values, _bases),
    st.builds(nodes.Linear, values, values),
    st.builds(nodes.Holds),
)
conditions = st.builds(nodes.Condition, expressions, st.one_of(st.none(), stated(whens)), tests)
_short_conditions = st.builds(nodes.Condition, st.none(), st.none(), tests)

# ---- statements of an item

_standings = st.sampled_from(("", "guideline", "followed", "evidence"))
_worths = st.builds(nodes.Worth, values)
_optional_worths = st.one_of(st.none(), _worths)


@st.composite
def _targets(draw: st.DrawFn) -> nodes.Target:
    others = draw(st.one_of(st.just([]), st.lists(st.one_of(conditions, _short_conditions), max_size=2)))
    joined = draw(st.sampled_from(("or", "and"))) if others else ""
    equals = st.lists(st.builds(nodes.Equals, st.one_of(tests, values)), max_size=2)
    return nodes.Target(
        draw(_standings), (draw(conditions), *others), joined, draw(_optional_worths), tuple(draw(equals))
    )


targets = _targets()
milestones = st.builds(
    nodes.Milestone,
    _standings,
    identifiers,
    stated(texts),
    stated(deadlines),
    _optional_worths,
    st.one_of(st.none(), st.builds(nodes.LateCosts, quantities, quantities)),
)


def _tuples(
    members: Strategy[Any], least: int = 0, most: int = 3
) -> Strategy[Any]:  # of whatever members are
    return st.lists(members, min_size=least, max_size=most).map(tuple)


def _groups(members: Strategy[Any]) -> Strategy[nodes.Group]:  # targets, milestones, groups
    inside = _tuples(members, least=1, most=2)
    return st.one_of(
        st.builds(nodes.Group, st.sampled_from(("all", "any")), st.none(), inside, _optional_worths),
        st.builds(nodes.Group, st.just("at least"), quantities, inside, _optional_worths),
    )


_members = st.one_of(targets, milestones)
groups = _groups(st.one_of(_members, _members, _groups(_members)))
_no_part = st.just((None, None))
assessments = st.builds(
    lambda role, part, worth: nodes.Assessment(role, *part, *worth),
    stated(roles),
    st.one_of(_no_part, st.tuples(part_identifiers, stated(texts))),
    st.one_of(_no_part, st.tuples(quantities, quantities)),
)
entries = st.builds(nodes.Entry, period_literals, st.one_of(st.none(), texts), literals)
missing_rules = st.builds(
    nodes.MissingRule,
    st.sampled_from(("not reported", "not applicable")),
    st.sampled_from(("stays open", "counts as zero")),
)
item_statements: Strategy[nodes.ItemStatement] = st.one_of(
    st.builds(nodes.Weight, st.one_of(st.none(), quantities), values),
    targets,
    milestones,
    groups,
    assessments,
    st.builds(nodes.Guidelines, _tuples(entries, least=1)),
    st.builds(nodes.Wording, period_literals, texts),
    missing_rules,
)
items = st.builds(
    nodes.Item, st.sampled_from(("goal", "requirement")), identifiers, stated(texts), _tuples(item_statements)
)

# ---- measures, sections, contracts

measure_statements: Strategy[nodes.MeasureStatement] = st.one_of(
    st.builds(nodes.UnitOf, st.sampled_from(_UNITS)),
    st.builds(nodes.Direction, st.sampled_from(("lower", "higher", "none"))),
    st.builds(nodes.Rhythm, st.sampled_from(_UNITS)),
    st.builds(nodes.SourceOf, texts),
    st.builds(nodes.Range, signed_quantities, signed_quantities),
    st.builds(nodes.MayNotApply),
    entries,
)
measures = st.builds(nodes.Measure, identifiers, stated(texts), _tuples(measure_statements, most=5))
facts = st.builds(nodes.Fact, identifiers, stated(texts), _tuples(measure_statements))
totals = st.builds(nodes.Total, quantities)


def _sections(statements: Strategy[Any]) -> Strategy[nodes.Section]:  # whatever a section may hold
    return st.builds(
        nodes.Section, identifiers, stated(texts), st.one_of(st.none(), totals), _tuples(statements)
    )


_section_statements = st.one_of(items, measures, facts, missing_rules)
sections = _sections(st.one_of(_section_statements, _sections(_section_statements)))
_heads: Strategy[nodes.ContractStatement] = st.one_of(
    st.builds(nodes.Parties, _tuples(texts, least=2)),
    st.builds(nodes.ContractPeriod, stated(_periods)),
    st.builds(nodes.Binding, period_literals),
    totals,
    st.builds(nodes.ReportingCloses, period_literals),
    missing_rules,
    st.builds(nodes.Role, identifiers, stated(texts)),
)
contract_statements = st.one_of(_heads, measures, facts, sections, items)
contracts = st.builds(
    lambda name, title, heads, others: nodes.Contract(name, title, heads + others),
    identifiers,
    stated(texts),
    _tuples(_heads, most=4),
    _tuples(contract_statements, most=3),
)
