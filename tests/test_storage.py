"""Trees as plain data: what is written reads back the same, and nothing else reads at all."""

from __future__ import annotations

import copy
import json
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rkdsl.rules import tree as t
from rkdsl.rules.storage import from_data, to_data, validate
from rkdsl.values import DAY, PERCENT, PLAIN, POINTS, TRUTH, WORD, State
from tests.trees import contract, fields, trees

slow = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
NA = State("not applicable", "closed")

FULL = t.Tree(
    "ams",
    "A contract",
    (
        t.Input("as_of", "", DAY, clause=0),
        t.Literal(Fraction(80, 100), PERCENT),
        t.Literal(True, TRUTH),
        t.Literal("red", WORD),
        t.Literal(NA, PLAIN),
        t.Input("fact", "f", WORD, words=("red", "blue"), may_not_apply=True, note="undecided"),
        t.Input("reading", "x", PLAIN, Fraction(0), None, True, choices=(Fraction(1), Fraction(3))),
        t.Name("m1", 6, PLAIN, "reading", "Sick leave", 0),
        t.Arithmetic("add", (1, 6, 7)),
        t.Compare("exactly", 5, 3),
        t.Logic("all", (2, 9, 4)),
        t.Is("reported", 7),
        t.Piecewise(6, (t.Knot(1, 1, 8, "before"), t.Knot(8, 8, 8, "after")), "continued", "flat"),
        t.Choose(((10, 8), (2, 4))),
        t.Gather("weighted mean", (8, 13), (1, 6), True, "highest", 1, 2, 12),
        t.Round("half up", Fraction(1, 2), 14),
        t.Span(0, 0, "work"),
        t.Input("parameter", "cut.low@2026", PERCENT, Fraction(0)),
        t.Input("carried", "i.state", WORD, words=("met", "missed")),
    ),
    (t.Clause("ams.rk", 3, "weight 125"),),
    (t.Calendar("work", (0, 1, 2, 3, 4), (733408, 733411)),),
    (t.Section("s", "Goals", "", 15, None, 0), t.Section("s2", "More", "s", None, 15, None)),
    (
        t.Item(
            *("i", "goal", "s", "Fewer", 15, 1, 8, 10, 0, 0),
            shown=(t.Shown("guideline", 9), t.Shown("calculated", 11)),
        ),
    ),
    (
        t.Field("reading", "x", PLAIN, "Sick leave", "month", Fraction(0), None, False, (), False, ()),
        t.Field("assessment", "i", POINTS, roles=("ministry",), replaces=True),
        t.Field("reading", "y", PERCENT, history=(("2008-01", (Fraction(1, 3), Fraction(2))),)),
        t.Field("fact", "f", WORD, words=("red", "blue")),
        t.Field("fact", "g", PLAIN, low=Fraction(0), choices=(Fraction(0), Fraction(1, 3), Fraction(50))),
        t.Field("parameter", "cut.low", PERCENT, "Lower cut", "year"),
        t.Field("carried", "i.state", WORD, words=("met", "missed")),
    ),
    15,
    8,
    0,
    POINTS,
    (t.Value("v", "A value", 8, PERCENT, "half up", Fraction(1, 10)), t.Value("w", "", 9, TRUTH)),
    "v",
)


def stored(tree: t.Tree) -> object:
    """A tree as it comes back from a file."""
    return json.loads(json.dumps(to_data(tree)))


def test_a_whole_tree_reads_back() -> None:
    """Every kind of row and everything beside them."""
    validate(FULL)
    assert from_data(stored(FULL)) == FULL
    assert from_data(stored(FULL)).rows[1] == t.Literal(Fraction(4, 5), PERCENT)
    assert [type(row) for row in from_data(stored(FULL)).rows] == [type(row) for row in FULL.rows]


@slow
@given(trees())
def test_generated_trees_read_back(tree: t.Tree) -> None:
    """Written, passed through json and read: the same tree, in the same bytes."""
    validate(tree)
    again = from_data(stored(tree))
    assert again == tree
    assert json.dumps(to_data(again)) == json.dumps(to_data(tree))


@given(st.integers(0, 4).flatmap(lambda count: st.tuples(*(fields(key) for key in range(count)))))
def test_generated_fields_read_back(drawn: tuple[t.Field, ...]) -> None:
    """What actuals may tell: the same fields."""
    tree = contract((t.Input("as_of", "", DAY),), fields=drawn)
    validate(tree)
    assert from_data(stored(tree)) == tree


# Damage

JUNK = (None, True, -1, 0, 1, 10**30, 1.5, "", "x", "1/0", "1/2", [], [1], {}, "number", float("nan"))


def places(data: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where something stands in data."""
    found = [path]
    if isinstance(data, dict):
        for key, value in data.items():
            found += places(value, (*path, key))
    if isinstance(data, list):
        for at, value in enumerate(data):
            found += places(value, (*path, at))
    return found


def damaged(data: object, path: tuple[object, ...], how: str, junk: object) -> object:
    data = copy.deepcopy(data)
    if not path:
        return junk
    holder = data
    for step in path[:-1]:
        holder = holder[step]  # type: ignore[index]  # the path leads through lists and dicts
    if how == "drop":
        del holder[path[-1]]  # type: ignore[attr-defined]  # likewise
    elif how == "twice" and isinstance(holder, list):
        holder.insert(path[-1], holder[path[-1]])
    else:
        holder[path[-1]] = junk  # type: ignore[index]  # likewise
    return data


@settings(slow, max_examples=1500)
@given(st.data())
def test_damaged_data_raises_nothing_but_value_error(data: st.DataObject) -> None:
    """Whatever stands where something else should: a ValueError with a place, or a lawful tree after all."""
    whole = stored(FULL)
    path = data.draw(st.sampled_from(places(whole)))
    how = data.draw(st.sampled_from(("junk", "junk", "drop", "twice")))
    found = damaged(whole, path, how, data.draw(st.sampled_from(JUNK)))
    try:
        tree = from_data(found)
    except ValueError as error:
        message = str(error)
    else:
        message = ""
        validate(tree)
    assert not message or ": " in message


@given(st.recursive(st.sampled_from(JUNK), lambda each: st.lists(each) | st.dictionaries(st.text(), each)))
def test_anything_at_all_raises_value_error(data: object) -> None:
    """No tree is made of arbitrary data."""
    with pytest.raises(ValueError, match="format"):
        from_data(data)


X, Y = t.Input("reading", "x", PLAIN), t.Input("fact", "y", TRUTH)
W = t.Input("fact", "w", WORD, words=("a",))
ONE = t.Literal(Fraction(1), PLAIN)
KNOT = t.Knot(1, 1, 1, "after")

UNLAWFUL = {
    "not a row before": t.Name("n", 5, PLAIN, "value"),
    "5 is not a row before": t.Arithmetic("add", (1, 5)),
    "-1 is not": t.Round("up", Fraction(1), -1),
    "no clause 0": t.Name("n", 1, PLAIN, "value", "", 0),
    "no clause -1": t.Input("fact", "z", PLAIN, clause=-1),
    "needs two operands": t.Arithmetic("add", (1,)),
    "row 3 is a word": t.Arithmetic("add", (1, 3)),
    "`power` has two": t.Arithmetic("power", (1, 4, 4)),
    "exponent must": t.Arithmetic("power", (1, 1)),
    "words are compared": t.Compare("exactly", 1, 3),
    "and exactly": t.Compare("at most", 3, 3),
    "`not` has one": t.Logic("not", (2, 2)),
    "row 1 is no truth": t.Logic("all", (1,)),
    "only an input": t.Is("reported", 4),
    "a word does not": t.Piecewise(1, (KNOT._replace(before=3, after=3), KNOT), "flat", "flat"),
    "no word": t.Piecewise(1, (KNOT._replace(before=3),), "flat", "flat"),
    "word does not rise": t.Piecewise(1, (KNOT._replace(before=3, after=3),) * 2, "flat", "continued"),
    "needs a knot": t.Piecewise(1, (), "flat", "flat"),
    "needs two knots": t.Piecewise(1, (KNOT,), "flat", "continued"),
    "is a word where": t.Piecewise(3, (KNOT,), "flat", "flat"),
    "needs a row": t.Choose(()),
    "no truth": t.Choose(((1, 1),)),
    "no number": t.Choose(((2, 1), (2, 2))),
    "a weight for": t.Gather("mean", (1,), (4,)),
    "weight for each": t.Gather("weighted mean", (1,), ()),
    "how many": t.Gather("sum", (1,), pick="highest"),
    "`needs`": t.Gather("sum", (1,), needs=-1),
    "the step": t.Round("up", Fraction(0), 1),
    "no calendar": t.Span(1, 1, "other"),
    "a second fact 'y'": t.Input("fact", "y", PLAIN),
    "range is empty": t.Input("fact", "z", PLAIN, Fraction(2), Fraction(1)),
    "is empty": t.Input("fact", "z", PLAIN, Fraction(1, 3), Fraction(1, 2), True),
    "lists its words": t.Input("fact", "z", WORD),
    "nothing else": t.Input("fact", "z", PLAIN, words=("a",)),
    "the same word": t.Input("fact", "z", WORD, words=("a", "a")),
    "only a number": t.Input("fact", "z", TRUTH, Fraction(0)),
    "lists its numbers": t.Input("fact", "z", TRUTH, choices=(Fraction(0), Fraction(1))),
    "the same number": t.Input("fact", "z", PLAIN, choices=(Fraction(1), Fraction(1))),
    "outside its range": t.Input("fact", "z", PLAIN, Fraction(2), choices=(Fraction(1), Fraction(3))),
    "due on no day": t.Input("fact", "z", PLAIN, due=0),
    "no day of the calendar": t.Input("fact", "z", PLAIN, due=10**30),
    "a truth cannot": t.Literal(True, PLAIN),
    "a number cannot": t.Literal(Fraction(1), WORD),
    "a day is": t.Literal(Fraction(1, 2), DAY),
}


@pytest.mark.parametrize("message", UNLAWFUL)
def test_unlawful_rows(message: str) -> None:
    """Each rule for rows, by the row that breaks it."""
    tree = contract((t.Input("as_of", "", DAY), X, Y, W, ONE, UNLAWFUL[message]))
    with pytest.raises(ValueError, match=rf"^rows\[5\] \w+: .*{message}"):
        validate(tree)


def test_steps_may_be_of_words() -> None:
    """A word holds all along a stretch; and in linked trees an input may stand twice."""
    word = KNOT._replace(before=3, after=3)
    rows = (t.Input("as_of", "", DAY), X, Y, W, ONE, t.Piecewise(1, (word, word), "flat", "not defined"))
    validate(contract(rows))
    assert from_data(stored(contract(rows))).rows == rows
    validate(contract((*rows, X)), linked=True)


BESIDE = {
    "sections": FULL._replace(sections=(FULL.sections[1],)),
    "sections: the same": FULL._replace(sections=FULL.sections[:1] * 2),
    "items": FULL._replace(items=(FULL.items[0]._replace(section="nowhere"),)),
    r"items\[0\]: 99": FULL._replace(items=(FULL.items[0]._replace(points=99),)),
    r"items\[0\]: no clause": FULL._replace(items=(FULL.items[0]._replace(clause=9),)),
    "items: the same": FULL._replace(items=FULL.items * 2),
    "fields": FULL._replace(fields=(FULL.fields[0]._replace(high=Fraction(-1)),)),
    **{
        rf"fields\[0\]: {message}": FULL._replace(fields=(field,))
        for message, field in {
            "only a word": t.Field("fact", "x", PLAIN, words=("a",)),
            "the same word": t.Field("fact", "x", WORD, words=("a", "a")),
            "only a number lists": t.Field("fact", "x", TRUTH, choices=(Fraction(1),)),
            "the same number": t.Field("fact", "x", PLAIN, choices=(Fraction(1), Fraction(1))),
            "a number outside": t.Field("fact", "x", PLAIN, high=Fraction(0), choices=(Fraction(1),)),
        }.items()
    },
    "fields: the same": FULL._replace(fields=FULL.fields[:1] * 2),
    "calendars": FULL._replace(calendars=(*FULL.calendars, t.Calendar("late", (5, 7), ()))),
    r"calendars\[0\]: days must": FULL._replace(calendars=(t.Calendar("work", (0, 1), (3, 2)),)),
    "calendars: the same": FULL._replace(calendars=FULL.calendars * 2),
    r"values\[1\]: 99": FULL._replace(values=(FULL.values[0], t.Value("w", "", 99, PLAIN))),
    r"values\[0\]: the step": FULL._replace(values=(t.Value("v", "", 8, PLAIN, "up", Fraction(0)),)),
    "values: the same": FULL._replace(values=FULL.values[:1] * 2),
    "result: no value 'x'": FULL._replace(result="x"),
    "total": FULL._replace(total=99),
    "total, maximum or as_of: 9": FULL._replace(lowest=99),
    "total, maximum or as_of: 99": FULL._replace(earned=99),
    "total, maximum or as_of: `as_of`": FULL._replace(as_of=1),
}


@pytest.mark.parametrize("place", BESIDE)
def test_unlawful_parts_beside_the_rows(place: str) -> None:
    """Each rule for what stands beside the rows."""
    with pytest.raises(ValueError, match=f"^{place}"):
        validate(BESIDE[place])


def test_names_of_parts_are_exact() -> None:
    """Nothing may be missing, nothing added, and the format must be this one."""
    data = to_data(FULL)
    with pytest.raises(ValueError, match="exactly"):
        from_data(data | {"more": 1})
    with pytest.raises(ValueError, match="format"):
        from_data(data | {"format": "rkdsl tree 3"})
    with pytest.raises(TypeError, match="cannot be written"):
        to_data(FULL._replace(rows=(1,)))
