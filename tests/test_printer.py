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


def _read(text: str) -> nodes.Contract:
    parsed: Parsed = parse(from_text("test.rk", text))
    assert parsed.diagnostics == ()
    assert parsed.contract is not None
    return parsed.contract


@settings(max_examples=500, deadline=None)
@given(contracts.contracts)
def test_printed_contracts_read_back_as_the_same_nodes(contract: nodes.Contract) -> None:
    """parse(print(tree)) == tree, and printing again changes nothing."""
    text = print_contract(contract)
    again = _read(text)
    assert contract == again
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
          target yes holds
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


def test_the_layout_is_canonical() -> None:
    """A statement a line, two blanks a level, rows packed, blank lines around what has braces."""
    assert LAYOUT == print_contract(_read(LAYOUT))


def test_the_layout_does_not_depend_on_blanks_and_line_ends() -> None:
    """The same words on one line are printed the same."""
    assert LAYOUT == print_contract(_read(" ".join(LAYOUT.split())))


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
    contract = _read(LAYOUT)
    for node in walk(contract):
        text = print_node(node)
        assert "\n" not in text
        assert text == text.strip()
    assert contract == _read(print_node(contract))
    assert 'fact x "X" { }' == print_node(nodes.Fact(nodes.Identifier("x"), _titled("X"), ()))
    with pytest.raises(TypeError, match="no text is known for Node"):
        print_node(nodes.Node())


def _titled(text: str) -> nodes.Stated[nodes.Text]:
    return nodes.Stated((nodes.Statement(nodes.Text(text)),))
