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
from rkdsl.values import MAGNITUDES, MAX_DIGITS, MONTHS_IN, Period, months

Strategy = st.SearchStrategy
_KEYWORDS = tuple(each.english for each in KEYWORDS if " " not in each.english)
_UNITS = tuple(each.english for each in UNIT_NAMES)
_UNIT_WORDS = tuple(unit for unit in _UNITS if unit.isidentifier())

# ---- words


def _is_kept(text: str) -> bool:
    """Whether reading changes nothing of the text and finds no flaw in it."""
    return not from_text("", f'"{text}"').flaws and unicodedata.is_normalized("NFC", text)


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
references = st.builds(
    nodes.Reference,
    st.one_of(
        used_identifiers,
        used_identifiers,
        st.builds(nodes.Identifier, st.lists(_names, min_size=2, max_size=3).map(".".join)),
    ),
)
"""Names where a value stands, some with dots; a keyword before a dot is a name as well."""


def _phrases(*known: str) -> Strategy[nodes.Identifier]:
    """Words of the language that are no keywords, or others in their place: one or several."""
    others = st.lists(_plain_names.filter(lambda name: name not in _KEYWORDS), min_size=1, max_size=2)
    return st.builds(nodes.Identifier, st.one_of(st.sampled_from(known), others.map(" ".join)))


_characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\t")
texts = st.builds(
    nodes.Text,
    st.one_of(st.text(st.sampled_from('ab "\\#{}åé·'), max_size=8), st.text(_characters, max_size=8)).filter(
        _is_kept
    ),
)

words = st.builds(lambda text: nodes.Word(text.text), texts)
no_values = st.builds(nodes.NoValue, st.sampled_from(("not defined", "not applicable")), texts)

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
_terms = st.one_of(period_literals, period_literals, undecided)
_periods = st.one_of(_terms, _terms, st.builds(nodes.PeriodLiteral, st.none(), used_identifiers))
roles = st.one_of(used_identifiers, _undecided(st.just("")))


def _whens(*words: str) -> Strategy[nodes.When]:
    return st.builds(nodes.When, st.sampled_from(words), _periods, st.one_of(st.none(), texts))


whens = _whens("at", "in")
deadlines = _whens("by", "before", "in")

# ---- expressions

_factors = st.one_of(signed_quantities, dates, references, references, st.builds(nodes.YearBefore))


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
        _calls(inner),
    )


def _calls(inner: Strategy[nodes.Expression]) -> Strategy[nodes.Call]:
    """A function of expressions, words and conditions."""
    arguments = st.one_of(inner, inner, words, _plain_conditions(inner, _tests(stated(inner))))
    return st.builds(nodes.Call, used_identifiers, st.lists(arguments, min_size=1, max_size=3).map(tuple))


# ---- conditions

_comparisons = st.sampled_from(("at most", "at least", "above", "below", "exactly"))
_bases = st.one_of(stated(_periods), st.builds(nodes.YearBefore))
_directions = st.sampled_from(("falls", "rises"))
_bounds = st.sampled_from(("at least", "at most", "exactly"))
_answers = _phrases("yes", "no", "reported", "applicable", "defined", "met", "partly met", "missed")


def _tests(values: Strategy[Any]) -> Strategy[nodes.Test]:  # of values as stated
    return st.one_of(
        st.builds(nodes.Limit, _comparisons, values),
        st.builds(nodes.Between, values, values),
        st.builds(nodes.Change, _directions, _bounds, values, _bases),
        st.builds(nodes.Change, _directions, st.just("at least"), st.none(), _bases),
        st.builds(nodes.Unchanged, values, _bases),
        st.builds(nodes.Linear, values, values),
        st.builds(nodes.Is, st.booleans(), st.one_of(words, _answers)),
        st.builds(nodes.Better, st.booleans(), st.sampled_from(("as good as", "better than")), values),
    )


def _once(values: Strategy[Any]) -> Strategy[Any]:  # of whatever kind `values` are
    """A value stated once, where it cannot be stated again."""
    return values.map(lambda each: nodes.Stated((nodes.Statement(each),)))


def _plain_conditions(
    subjects: Strategy[nodes.Expression], tests: Strategy[nodes.Test]
) -> Strategy[nodes.Condition]:
    return st.builds(nodes.Condition, subjects, st.one_of(st.none(), _once(whens)), tests)


expressions: Strategy[nodes.Expression] = st.recursive(_factors, _enclosing, max_leaves=5)
values = stated(st.one_of(expressions, expressions, expressions, undecided, unclear, words, no_values))
literals = stated(st.one_of(signed_quantities, dates, undecided, unclear))
tests = _tests(values)
conditions = st.builds(nodes.Condition, expressions, st.one_of(st.none(), stated(whens)), tests)
_short_conditions = st.builds(nodes.Condition, st.none(), st.none(), tests)


@st.composite
def _joined(draw: st.DrawFn, first: Strategy[nodes.Condition]) -> tuple[tuple[nodes.Condition, ...], str]:
    """Conditions and the word between them; after the first, some without a subject."""
    others = draw(st.one_of(st.just([]), st.lists(st.one_of(first, _short_conditions), max_size=2)))
    return (draw(first), *others), draw(st.sampled_from(("or", "and"))) if others else ""


joined_conditions = _joined(_plain_conditions(expressions, tests)).map(lambda each: nodes.Conditions(*each))

# ---- lists and forms of a function


def _tuples(
    members: Strategy[Any], least: int = 0, most: int = 3
) -> Strategy[Any]:  # of whatever members are
    return st.lists(members, min_size=least, max_size=most).map(tuple)


cells: Strategy[nodes.Cell] = st.one_of(signed_quantities, dates, references, words, undecided, unclear)
_choices = _tuples(cells, least=2)
_parameters = _tuples(identifiers, least=1)
when_rows = st.builds(nodes.WhenRow, joined_conditions, values)
rows = st.builds(nodes.Rows, _tuples(when_rows, least=1, most=2), values)
_edges = _tuples(st.builds(nodes.Edge, _comparisons, values), least=1, most=2)
_between_edges = st.tuples(
    st.builds(nodes.Edge, st.just("at least"), values), st.builds(nodes.Edge, st.just("at most"), values)
)
keys = st.builds(nodes.Key, st.one_of(_edges, _edges, _between_edges))
steps = st.builds(
    nodes.Steps,
    expressions,
    st.one_of(st.none(), st.builds(nodes.Across, expressions, _tuples(keys, least=1, most=2))),
    _tuples(st.builds(nodes.Step, keys, _tuples(values, least=1, most=2)), least=1, most=2),
)
_knots = st.builds(nodes.CurveKnot, st.sampled_from(("at", "below", "above")), values, values)
_ends = st.builds(
    nodes.CurveEnd,
    st.sampled_from(("below", "above")),
    st.one_of(st.builds(nodes.Identifier, st.sampled_from(("flat", "continued"))), identifiers, no_values),
)
curves = st.builds(nodes.Curve, expressions, _tuples(st.one_of(_knots, _ends), least=1))
functions: Strategy[nodes.Function] = st.one_of(rows, steps, curves)
_modes = _phrases("up", "toward zero", "half away from zero", "half to even")
_roundings = st.builds(nodes.Rounding, _modes, quantities)
_optional_roundings = st.one_of(st.none(), _roundings)
ranges = st.one_of(
    st.builds(nodes.Range, signed_quantities, signed_quantities),
    st.builds(nodes.Range, signed_quantities, st.none()),
    st.builds(nodes.Range, st.none(), signed_quantities),
    st.builds(nodes.Range, st.none(), st.none(), _choices),
)
_optional_ranges = st.one_of(st.none(), st.none(), ranges)

# ---- statements of an item

_standings = st.sampled_from(("", "guideline", "followed", "evidence"))
_worths = st.builds(nodes.Worth, values)
_optional_worths = st.one_of(st.none(), _worths)


targets = st.builds(
    lambda standing, joined, worth, equals: nodes.Target(standing, *joined, worth, equals),
    _standings,
    _joined(conditions),
    _optional_worths,
    _tuples(st.builds(nodes.Equals, st.one_of(tests, values)), most=2),
)
milestones = st.builds(
    nodes.Milestone,
    _standings,
    identifiers,
    stated(texts),
    stated(deadlines),
    _optional_worths,
    st.one_of(st.none(), st.builds(nodes.LateCosts, quantities, quantities)),
)


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
    st.sampled_from(("stays open", "counts as zero", "is left out")),
)
silences = st.builds(nodes.Silence, identifiers, texts)


def _number_of(cell: nodes.Cell) -> Fraction:
    if not isinstance(cell, nodes.Quantity) or cell.number is None:
        return Fraction(0)
    return cell.number * MAGNITUDES.get(cell.magnitude, 1)


def _choosing(choices: tuple[nodes.Cell, ...], on_top: bool) -> nodes.Weight:
    """A weight that gives one of the choices: the first of the highest stands for the most."""
    most = nodes.Stated((nodes.Statement(max(choices, key=_number_of)),))
    return nodes.Weight(None, most, choices, on_top)


weights = st.one_of(
    st.builds(nodes.Weight, st.one_of(st.none(), signed_quantities), values, st.just(()), st.booleans()),
    st.builds(_choosing, _choices, st.booleans()),
)
scores = st.builds(nodes.Score, st.one_of(values, functions), _optional_ranges)
caps = st.builds(
    nodes.Cap,
    st.one_of(st.none(), identifiers),
    stated(texts),
    st.sampled_from(("", "at most", "at least")),
    values,
    joined_conditions,
)
kinds_counted = st.one_of(st.builds(nodes.Identifier, st.sampled_from(("goal", "section"))), identifiers)
"""What rows of a register are counted for: a keyword that may stand there, or the name of a register."""
expectations = st.one_of(
    st.builds(nodes.Expectation, st.one_of(st.none(), texts), joined_conditions),
    st.builds(nodes.ExpectationOfEach, st.one_of(st.none(), texts), kinds_counted, tests),
)
item_statements: Strategy[nodes.ItemStatement] = st.one_of(
    weights,
    scores,
    caps,
    targets,
    milestones,
    groups,
    assessments,
    st.builds(nodes.Guidelines, _tuples(entries, least=1)),
    st.builds(nodes.Wording, period_literals, texts),
    missing_rules,
    expectations,
    silences,
)
_titles = stated(texts)
_optional_titles = st.one_of(st.none(), _titles)
_row_names = identifiers.filter(lambda name: name.text not in (*_UNIT_WORDS, "million", "until"))
_row_heads = st.one_of(
    st.tuples(_row_names, _optional_titles), st.tuples(identifiers, st.one_of(st.none(), _once(texts)))
)
"""What could belong to the number before it is a name before a colon, with or without one text between."""
item_rows = st.builds(
    lambda head, cells, statements: nodes.Row(*head, cells, statements),
    _row_heads,
    _tuples(cells, least=1),
    _tuples(item_statements, most=2),
)


@st.composite
def _items_of_rows(draw: st.DrawFn) -> nodes.Item:
    """A goal with rows; without a title it is called by its name."""
    name, title = draw(_named_or_titled)
    statements, rows = draw(_tuples(item_statements, most=2)), draw(_tuples(item_rows, least=1))
    return nodes.Item(draw(_kinds), name, title, statements, draw(_parameters), rows)


@st.composite
def _shared_items(draw: st.DrawFn) -> nodes.Item:
    """A goal that stands wherever it is used, perhaps without parameters."""
    name, title = draw(_named_or_titled)
    statements, columns = draw(_tuples(item_statements, most=2)), draw(_tuples(identifiers, most=2))
    return nodes.Item(draw(_kinds), name, title, statements, columns, shared=True)


_named_or_titled = identifiers.flatmap(
    lambda name: st.tuples(
        st.just(name), st.one_of(_titles, st.just(nodes.Stated((nodes.Statement(nodes.Text(name.text)),))))
    )
)
_kinds = st.sampled_from(("goal", "requirement"))
_single_items = st.builds(nodes.Item, _kinds, identifiers, _titles, _tuples(item_statements))
_items_with_columns = st.one_of(_items_of_rows(), _shared_items())
items = st.one_of(_single_items, _single_items, _items_with_columns)
uses = st.builds(nodes.Use, texts)
used_items = st.builds(
    nodes.UsedItem, identifiers, _tuples(cells), _optional_titles, _tuples(item_statements, most=2)
)
deciders = st.builds(nodes.DecidedBy, stated(roles), st.one_of(st.none(), texts))

# ---- measures, sections, contracts

_directions_of_good = st.builds(nodes.Direction, st.sampled_from(("lower", "higher", "none")))
measure_statements: Strategy[nodes.MeasureStatement] = st.one_of(
    st.builds(nodes.UnitOf, st.sampled_from(_UNITS), st.one_of(st.just(""), st.sampled_from(_UNITS))),
    _directions_of_good,
    st.builds(nodes.Rhythm, st.sampled_from(_UNITS)),
    st.builds(nodes.SourceOf, texts),
    ranges,
    st.builds(nodes.MayNotApply),
    st.builds(nodes.JoinedBy, identifiers),
    deciders,
    silences,
    entries,
)
measures = st.builds(nodes.Measure, identifiers, stated(texts), _tuples(measure_statements, most=5))
facts = st.builds(nodes.Fact, identifiers, stated(texts), _tuples(measure_statements))
parameters = st.builds(
    nodes.Parameter, identifiers, st.one_of(st.just(()), _parameters), _titles, _tuples(measure_statements)
)
_bodies = st.one_of(values, joined_conditions, functions)
_used_roundings = st.one_of(_optional_roundings, _optional_roundings, _undecided(st.just("")))
_value_roundings = st.one_of(st.tuples(_used_roundings, st.none()), st.tuples(st.none(), _optional_roundings))
named_values = st.builds(
    lambda name, title, bounds, direction, body, rounding: nodes.Value(
        name, title, bounds, direction, body, *rounding
    ),
    identifiers,
    _optional_titles,
    _optional_ranges,
    st.one_of(st.none(), _directions_of_good),
    _bodies,
    _value_roundings,
)
scales = st.builds(
    nodes.Scale, identifiers, _parameters, _optional_titles, _optional_ranges, _bodies, _used_roundings
)
declarations: Strategy[nodes.Declaration] = st.one_of(measures, facts, parameters, named_values, scales)
totals = st.builds(nodes.Total, quantities)


def _sections(statements: Strategy[Any]) -> Strategy[nodes.Section]:  # whatever a section may hold
    return st.builds(
        nodes.Section, identifiers, stated(texts), st.one_of(st.none(), totals), _tuples(statements)
    )


combinations = st.builds(
    nodes.CombinedBy,
    _phrases("sum", "mean", "mean best", "weighted mean", "count"),
    st.one_of(st.none(), quantities),
    _tuples(st.builds(nodes.MemberWeight, identifiers, quantities), most=2),
    st.one_of(st.none(), identifiers),
)
needs = st.builds(nodes.Needs, quantities, values)
section_statements = st.one_of(
    items,
    used_items,
    uses,
    declarations,
    missing_rules,
    weights,
    combinations,
    needs,
    caps,
    expectations,
    silences,
)
sections = _sections(st.one_of(section_statements, _sections(section_statements)))

# ---- what stands beside the score

register_statements = st.one_of(facts, named_values, expectations)
registers = st.one_of(
    st.builds(
        nodes.Register,
        identifiers,
        _parameters,
        _titles,
        _tuples(register_statements),
        _tuples(item_rows, most=2),
    ),
    st.builds(
        nodes.Register, identifiers, st.just(()), st.none(), st.just(()), _tuples(item_rows, least=1, most=2)
    ),
)
_dotted = st.builds(nodes.Identifier, st.lists(_names, min_size=2, max_size=3).map(".".join))
_given_rows = st.builds(
    nodes.GivenRow, st.one_of(identifiers, _dotted), st.one_of(st.none(), period_literals), cells
)
examples = st.builds(
    nodes.Example,
    texts,
    st.one_of(st.none(), period_literals),
    _tuples(st.one_of(st.builds(nodes.Given, _tuples(_given_rows)), expectations)),
)
_signed = st.builds(nodes.Signed, _terms)
_calendars = st.builds(
    nodes.Calendar, identifiers, stated(texts), _parameters, _tuples(period_literals, most=2)
)
_roles = st.builds(nodes.Role, identifiers, stated(texts))

# ---- documents

_clauses = st.one_of(
    st.builds(nodes.Parties, _tuples(texts, least=2)),
    st.builds(nodes.ContractPeriod, stated(_terms)),
    _signed,
    st.builds(nodes.Binding, period_literals),
    totals,
    st.builds(nodes.ReportingCloses, period_literals),
    missing_rules,
    st.builds(nodes.ResultOf, identifiers),
    deciders,
)
_apart = st.one_of(uses, _roles, _calendars, registers)
_heads: Strategy[nodes.ContractStatement] = st.one_of(_clauses, _apart)
_library_statements = st.one_of(_apart, used_items, declarations, sections, items)
contract_statements = st.one_of(
    _heads, used_items, declarations, sections, items, caps, silences, examples, expectations
)
contracts = st.builds(
    lambda name, title, heads, others: nodes.Contract(name, title, heads + others),
    identifiers,
    stated(texts),
    _tuples(_heads, most=4),
    _tuples(contract_statements, most=3),
)
libraries = st.builds(nodes.Library, _tuples(_library_statements, least=1, most=5))

_removals = st.builds(nodes.Removal, st.one_of(identifiers, _dotted))
_changed_items = st.builds(
    nodes.ChangedItem,
    _kinds,
    identifiers,
    _optional_titles,
    _tuples(st.one_of(item_statements, _removals)),
)
_changed_measures = st.builds(
    nodes.ChangedMeasure,
    st.sampled_from(("measure", "fact", "parameter")),
    identifiers,
    st.one_of(st.just(()), _parameters),
    _optional_titles,
    _tuples(measure_statements, most=3),
)


def _changes(*others: Strategy[Any]) -> Strategy[Any]:  # what a section or an amendment changes
    return st.one_of(
        _removals,
        _changed_items,
        _changed_measures,
        _items_with_columns,
        named_values,
        scales,
        missing_rules,
        caps,
        expectations,
        *others,
    )


def _changed_sections(inner: Strategy[Any]) -> Strategy[nodes.ChangedSection]:  # whatever stands in it
    return st.builds(
        nodes.ChangedSection, identifiers, _optional_titles, st.one_of(st.none(), totals), _tuples(inner)
    )


_in_sections = _changes(weights, combinations, needs)
_amendment_statements = _changes(
    _changed_sections(st.one_of(_in_sections, _in_sections, _changed_sections(_in_sections))),
    _signed,
    st.builds(nodes.TakesEffect, period_literals),
    _clauses,
    _apart,
    used_items,
    examples,
)
changes: Strategy[Any] = st.one_of(
    _changed_items,
    _changed_measures,
    _changed_sections(_in_sections),
    st.builds(nodes.TakesEffect, period_literals),
)
"""What is changed of something that has a name."""
amendments = st.builds(
    nodes.Amendment, identifiers, stated(texts), identifiers, _tuples(_amendment_statements, most=5)
)
documents: Strategy[nodes.Document] = st.one_of(contracts, libraries, amendments)
"""Every kind of text."""
