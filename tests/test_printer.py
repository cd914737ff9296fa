"""The printer: what is printed reads back as the same nodes, in one layout."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings

from rkdsl.language import nodes
from rkdsl.language.parser import Parsed, parse
from rkdsl.language.printer import print_contract, print_node
from rkdsl.source import from_text
from tests import contracts
from tests.test_contracts import walk


def _read(text: str) -> nodes.Document:
    parsed: Parsed = parse(from_text("test.rk", text))
    assert parsed.diagnostics == ()
    assert parsed.document is not None
    return parsed.document


@settings(max_examples=600, deadline=None)
@given(contracts.documents)
def test_printed_documents_read_back_as_the_same_nodes(document: nodes.Document) -> None:
    """parse(print(tree)) == tree, of contracts, libraries and amendments, and printing again changes nothing."""
    text = print_contract(document)
    again = _read(text)
    assert document == again
    assert text == print_contract(again)


LAYOUT = """\
contract ams "Resultatkontrakt" elsewhere "Kontrakt" see "forsiden" governs {
  parties "Departementet" and "Styrelsen" and "Regionen"
  period 2009..2012 elsewhere 2009..2013 see "afsnit 4" governs
  targets bind in 2009
  total 1000 points
  reporting closes 2010-03-31
  not reported counts as zero
  role ministry "Departementet"

  measure sick "Lange \\"forløb\\" \\\\ sager" {
    unit cases
    lower is better
    each month
    source "jobindsats.dk"
    range 0..999_999
    may not apply
    2006-12: 26_239   2007-12 "en rest": 33_282 elsewhere 33_346 see "annex 2, table 7"
    2008-04: unclear "34.7100"   2008-Q2: -5.50 million DKK   2008-H2: 1234   2009: undecided cases
  }

  fact budget "Budget" { }

  section goals "Mål" total 525 points {
    not applicable stays open

    goal m2 "Færre forløb" {
      weight 0 points..150 points
      target sick at 2009-12 elsewhere in 2009 see "tabel 2" at most 3 worth 3 equals falls from year before
      followed target (sick in 2008) + (b in 2009) between 80 % and 100 % or exactly 2 * (a - (b - c)) in 2009
      target a rises by at least 10 % from 2008 and unchanged within 3 pp from 2009
      target a linear from 1 to 2
      guideline 2010: 24_940   2011: 23_370   2012: undecided until 2011 "by the ministry"
      from 2010 reads "ny tekst"
      all of {
        milestone a "A" by 2009-11 worth 50 late costs 10 points per started week down to 0
        at least 2 of {
          target yes is yes
        } worth 5
      }
      assessed by undecided "af hvem?" elsewhere boss see "side 3" rest "Resten" worth 0..50
    }

    requirement pk1 "Krav" {
      weight 25
    }
  }

  role late "Sidst"
}
"""


FORMS = """\
contract qof "Quality" {
  period 2026
  result band

  calendar work "Working days" {
    each (monday | tuesday) except (2026-12-24..2026-12-26 | 2026-12-31)
  }

  calendar long "A calendar with many days that count" {
    each (monday | tuesday | wednesday | thursday | friday) except (2026-12)
  }

  calendar all "All" { each (monday) }

  parameter price "Price" {
    unit GBP/points
    each year
    2025: 201.16
  }

  parameter cut(low | high) "Cuts" governs { }

  fact grade "Grade" {
    unit word
    range ("low" | "high")
  }

  measure visits "Visits" {
    combined by sum
    range at least 0
    range at most 5 %
    range (0 | 25 | -1)
  }

  value rate "Rate" range 0 %..150 % higher is better = spent / budget rounded half to even to 1 %
  value due "Due" elsewhere "Late" see "p. 3" = days(start | (end in 2026) + 1 | work) shown toward zero to 0.1
  value good = visits in 2026 at least 5 and grade is not "low" and is no and g is partly met
  value hole = not applicable "no one came" governs elsewhere undecided points see "p. 4"
  value n = count(visits in 2026 at least 5 | (visits in 2026) at 2027 is reported | x is as good as 3)
  value m = sum(visits in 2026-H1) + best(2 | total.share | previous(g.points))

  value short = {
    when x is yes: (x in 2026)
    when y is no or z is better than 3: "low"
    otherwise: not defined "none"
  }

  value long = {
    when good is yes and rate in 2026 at least 85 %: (rate in 2026) elsewhere 0 see "p. 5"
    when cut.low above 3: unclear "l"
    otherwise: 0
  } rounded up to 1

  value step = steps of visits in 2026 {
    between 5 and 6: 1
    between (a in 2026) and b elsewhere c see "d": 2
    exactly "low": 3
    above 3 below 4: 4
  }

  value table = steps of visits in 2026 across grade { exactly "low" | exactly "high" } {
    below 5: 1 | 2
    at least 5: 3 | undecided
  }

  scale f(x | a | b) "Share" range at least 0 % = curve of x {
    below: flat
    at a: 0 %
    above a: 1
    at b: 100 %
    above: not defined "too far"
  } rounded down to 1 %

  scale f(x) = x is reported

  section s "Section" {
    weight 40
    combined by weighted mean (a: 3 | b: 2) of share
    combined by mean best 3
    needs at least 2 otherwise not applicable "few"
    not applicable is left out
    limit "gate" to at most (x in 2026) when good is no or rate in 2026 below 5
    value inside = 3

    goal g "Goal" {
      weight -5..100 on top
      score f(rate in 2026 | 1) range at least 0 %
      limit total "why" to 0 when grade is "high"
    }

    goal h "Goal" {
      weight (0 | 25 | 50) on top
      score steps of x { below 5: 0 %   at least 5: 100 % } range 0 %..120 %
    }

    goal k "Goal" {
      weight 5
      score curve of (visits in 2026) / population {
        below: flat
        below 80 %: 0 %
        at 80 %: 50 %
        at 100 %: 100 %
        above: continued
      } range 0 %..120 %
    }

    goal t(w | m | d) {
      weight w
      score f(m)
      target m in p rises from d
      milestone done "Done" by d
    } each {
      a "A" elsewhere "B" see "p": 20 | visits | 2026-03
      b: 30 | "low" | g.done { weight 25   limit "x" to 0 when g is missed }
      units: 5 | undecided days | x.y
      cases "C": 5 | 3 | 4 {
        all of {
          target x is yes
        }
      }
      wordy: "a cell with so many words in it that it" | "does not fit on a line" {
        weight 25
        target x is yes
      }
    }

    requirement r(w) "R" { } each {
      a: 1
    }
  }
}
"""


@pytest.mark.parametrize("text", [LAYOUT, FORMS])
def test_the_layout_is_canonical(text: str) -> None:
    """A statement a line, two blanks a level, rows packed, blank lines around what has braces."""
    assert text == print_contract(_read(text))


@pytest.mark.parametrize("text", [LAYOUT, FORMS])
def test_the_layout_does_not_depend_on_blanks_and_line_ends(text: str) -> None:
    """The same words on one line are printed the same."""
    assert text == print_contract(_read(" ".join(text.split())))


def test_forms_stand_on_one_line_where_they_fit() -> None:
    """At a hundred columns, whatever the indent; one more, and each row has a line of its own."""
    for indent, wrap in (("  ", "{}"), ("    ", 'section s "S" {{ {} }}')):
        for width, count in ((100, 1), (101, 4)):
            end = width - len(f"{indent}value = steps of x {{ below 5: 1   at least 5: 2 }}") - 1
            value = f"value {'v' * end} = steps of x {{ below 5: 1 at least 5: 2 }}"
            lines = print_contract(_read(f'contract c "C" {{ {wrap.format(value)} }}')).splitlines()
            (first,) = (index for index, line in enumerate(lines) if line.startswith(f"{indent}value"))
            last = next(index for index in range(first, len(lines)) if lines[index].endswith("}"))
            assert count == last - first + 1


def test_rows_fill_a_hundred_columns() -> None:
    """Rows of readings and of guidelines go side by side as far as they fit, and no further."""
    rows = " ".join(f"{year}: {year * 1000}" for year in range(2000, 2060))
    text = f'contract c "C" {{ measure m "M" {{ {rows} }} goal g "G" {{ guideline {rows} }} }}'
    lines = print_contract(_read(text)).splitlines()
    assert max(map(len, lines)) <= 100
    assert 12 <= sum(len(line) > 80 for line in lines)
    assert "    guideline 2000: 2_000_000   2001: 2_001_000" in "\n".join(lines)
    assert any(line.startswith("              20") for line in lines)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("26675", "26_675"),
        ("1000", "1000"),
        ("0026_675", None),
        ("9.40 %", "9.40 %"),
        ("-0.5", "-0.5"),
        ("- 7", "-7"),
        ("84.5 million DKK", "84.5 million DKK"),
        ("(((a)))", "a"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "(a - b) - c"),
        ("a - b - c", "a - b - c"),
        ("a - (b * c)", "a - b * c"),
        ("(a * b) * c", "(a * b) * c"),
        ("a / (b * c) / 2", "a / (b * c) / 2"),
        ("a - -5", "a - -5"),
        ("-5 + a * -3", "-5 + a * -3"),
        ("(a in 2008)", "a in 2008"),
        ("((a in 2008) at 2009)", "(a in 2008) at 2009"),
        ('(a in 2008) - (b in 2009 reads "x")', '(a in 2008) - (b in 2009 reads "x")'),
        ("a + b in 2009", "a + b in 2009"),
        ("a * year before", "a * year before"),
        ("2009-12-31 - 2009-Q1", "2009-12-31 - 2009-Q1"),
        ('undecided % until 2009-01..2009-03 "how"', 'undecided % until 2009-Q1 "how"'),
        ("undecided in 2009", None),
        ("f (x|(a in 2008)  |(b))", "f(x | a in 2008 | b)"),
        ("2 * f(x) - f(f(y))", "2 * f(x) - f(f(y))"),
        ("count(a in 2008 at least 1 | b is yes)", "count(a in 2008 at least 1 | b is yes)"),
        ("days(a | b)/ total.maximum", "days(a | b) / total.maximum"),
        ('"low \\"x\\""', '"low \\"x\\""'),
        ('not   defined "why"', 'not defined "why"'),
        ('"low" + 1', None),
        ("f()", None),
        ("f(x, y)", None),
        ("total . points", None),
        (
            'a governs elsewhere -3 see "p. 1" elsewhere b see "p. 2" governs',
            'a governs elsewhere -3 see "p. 1" elsewhere b see "p. 2" governs',
        ),
    ],
)
def test_values(written: str, printed: str | None) -> None:
    """Numbers keep their decimals, thousands are joined, and parentheses stand where the tree needs them."""
    parsed = parse(from_text("test.rk", f'contract c "C" {{ goal g "G" {{ weight {written} }} }}'))
    if printed is None:
        assert parsed.diagnostics
        return
    assert parsed.contract is not None
    item = parsed.contract.statements[0]
    assert isinstance(item, nodes.Item)
    weight = item.statements[0]
    assert isinstance(weight, nodes.Weight)
    assert printed == print_node(weight.high)


def test_what_could_not_be_read_is_shown_as_a_mark() -> None:
    """A number or date that was refused prints as `?`, which is no text of the language."""
    assert "?" == print_node(nodes.Quantity(None))
    assert "?" == print_node(nodes.PeriodLiteral(None))


def test_computed_numbers_print_too() -> None:
    """A quantity made by calculation, with no decimals said, prints exactly."""
    assert "0.25 %" == print_node(nodes.Quantity(Fraction(1, 4), unit="%"))
    assert "1/3" == print_node(nodes.Quantity(Fraction(1, 3)))


def test_any_node_prints_on_one_line() -> None:
    """Also one with braces; a clause, a name, a stated value."""
    for contract in (_read(LAYOUT), _read(FORMS)):
        for node in walk(contract):
            text = print_node(node)
            assert "\n" not in text
            assert text == text.strip()
        assert contract == _read(print_node(contract))
    assert 'fact x "X" { }' == print_node(nodes.Fact(nodes.Identifier("x"), _titled("X"), ()))
    with pytest.raises(TypeError, match="no text is known for Node"):
        print_node(nodes.Node())


@pytest.mark.parametrize(
    ("written", "node", "printed"),
    [
        ("= steps of a { between 1 and 2: 3 }", nodes.Key, "between 1 and 2"),
        ("= steps of a { at least 1 at most 2: 3 }", nodes.Key, "between 1 and 2"),
        ("= steps of a { at most 2 at least 1: 3 }", nodes.Key, "at most 2 at least 1"),
        ("= steps of a { below 1: (b in 2009) }", nodes.Step, "below 1: (b in 2009)"),
        ("= steps of (a in 2009) { below 1: 2 }", nodes.Steps, "steps of a in 2009 { below 1: 2 }"),
        ("= curve of a { below: flat at 1: 2 }", nodes.Curve, "curve of a { below: flat   at 1: 2 }"),
        ("= { when a is yes: 1 otherwise: 2 }", nodes.Rows, "{ when a is yes: 1   otherwise: 2 }"),
        ("= a is not no or is better than 3", nodes.Conditions, "a is not no or is better than 3"),
        ("= a at least 1 and rises from p", nodes.Conditions, "a at least 1 and rises from p"),
        ("= a rounded half to even to 1 %", nodes.Rounding, "half to even to 1 %"),
        ("range at most 5 = a", nodes.Range, "range at most 5"),
    ],
)
def test_forms(written: str, node: type[nodes.Node], printed: str) -> None:
    """Forms of a function and what they are made of, as explanations show them."""
    found = [
        each for each in walk(_read(f'contract c "C" {{ value v {written} }}')) if isinstance(each, node)
    ]
    assert [printed] == [print_node(each) for each in found]


def test_a_title_that_repeats_the_name_is_left_out() -> None:
    """Of a goal with rows, where it may be; the nodes are the same."""
    text = 'contract c "C" { goal g(a) "g" { } each { x: 1 } }'
    assert "goal g(a) { } each {" in print_contract(_read(text))
    assert _read(text) == _read(text.replace('"g" ', ""))


def _titled(text: str) -> nodes.Stated[nodes.Text]:
    return nodes.Stated((nodes.Statement(nodes.Text(text)),))
