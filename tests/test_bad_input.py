"""Bad input of every kind: refused with a place and a sentence, soon, and never with a traceback."""

from __future__ import annotations

import datetime
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import rkdsl
from rkdsl.actuals.binding import bind
from rkdsl.actuals.json_reader import read
from rkdsl.diagnostics import Diagnostic, Refused
from rkdsl.pipeline import Contract, Outcome, loads_bytes
from rkdsl.source import from_bytes
from rkdsl.values import MAX_BYTES

ROOT = Path(__file__).parent.parent
AMS = ROOT / "examples" / "ams-2009"

CONTRACT = """contract c "Contract" {
  period 2026
  measure visits "Visits" { unit visits   higher is better   each year   2025: 400 }
  measure happy "Satisfied users" { unit %   higher is better   each year   range 0..100 % }
  measure cost "Costs" { unit DKK   lower is better   each year }
  measure mål "A name with a letter that can be decomposed" { unit visits   higher is better   each year }
  fact kept "The plan was kept" { unit yes or no }
  role board "The board"
  goal g "Goal" {
    weight 10
    TARGET
  }
  goal h "The rest" {
    target kept is yes
    target happy in 2026 at least 80 %
    target cost in 2026 at most 500 DKK
    target mål in 2026 at least 5
    milestone live "In use" by 2026-06
  }
  goal judged "Judged" { weight 0..10   assessed by board }
}
"""
GOOD = CONTRACT.replace("TARGET", "target visits in 2026 at least 500")


def _refused(content: bytes, actuals: bytes | None = None) -> tuple[Diagnostic, ...]:
    """What is said of a contract, or of actuals of one, that must be refused."""
    try:
        contract = loads_bytes(content, "c.rk")
        assert actuals is not None, "a contract that should be refused is accepted"
        contract.evaluate_bytes([("a.json", actuals)])
    except Refused as refused:
        return refused.diagnostics
    pytest.fail("actuals that should be refused are accepted")


def _is_located(diagnostic: Diagnostic, text: str) -> bool:
    """Whether it names a file, and a line inside its text, a key, or that the whole file is meant."""
    place = diagnostic.place
    if place.span is not None:
        return 0 <= place.span.start <= place.span.end <= max(len(text), 1)
    return bool(place.file)


# ---- contracts

CONTRACTS = [
    # numbers
    ("RK005", "target visits in 2026 at least 1e999999999"),
    ("RK007", f"target visits in 2026 at least {'9' * 400}"),
    ("RK007", f"target visits in 2026 at least 0.{'3' * 400}"),
    ("RK005", "target visits in 2026 at least 0x1F"),
    ("RK005", "target visits in 2026 at least 1_00"),
    ("RK006", "target visits in 2026 at least 1,000"),
    ("RK012", "target visits in 2026 at least 1 000"),
    ("RK202", "target visits in 2026 at least NaN"),
    ("RK202", "target visits in 2026 at least Infinity"),
    ("RK009", "target visits in 2026 at least ٥٠٠"),
    ("RK005", "target visits in 2026 at least 5٠0"),
    ("RK304", "target visits in 2026 at least 500.5"),
    ("RK305", "target cost in 2026 at most 500.125 DKK"),
    ("RK005", "target visits in 2026-2027 at least 500"),
    # units
    ("RK301", "target visits in 2026 at least 500 persons"),
    ("RK301", "target cost in 2026 at most 500 EUR"),
    ("RK301", "target visits in 2026 rises by 5 pp from 2025"),
    ("RK302", "target happy in 2026 at least 80"),
    ("RK303", "target happy in 2026 rises by 5 from 2025"),
    ("RK309", "target visits + cost in 2026 at least 500"),
    ("RK309", "target visits + happy in 2026 at least 500"),
    ("RK310", "target visits * kept in 2026 at least 500"),
    ("RK301", "target cost / visits in 2026 at most 5 DKK"),
    # names
    ("RK202", "target visists in 2026 at least 500"),
    ("RK202", "assessed by bord"),
    ("RK008", "target vіsits in 2026 at least 500"),
    ("RK316", "target visits in 2026 is yes"),
    ("RK316", "target kept at least 1"),
    # days
    ("RK004", 'milestone m "M" by 2026-02-29'),
    ("RK004", 'milestone m "M" by 2026-13'),
    ("RK004", 'milestone m "M" by 2026-Q5'),
    ("RK005", 'milestone m "M" by 2026-7-1'),
    ("RK005", 'milestone m "M" by 01-07-2026'),
    ("RK308", 'milestone m "M" by 2026-07..2026-06'),
    ("RK308", 'milestone m "M" by 0000'),
    ("RK308", "target visits in 0001 above year before"),
    ("RK308", 'milestone m "M" by 12026'),
    ("RK313", "target visits in 2026 at least 2026-12"),
    # characters
    ("RK002", 'milestone m "M\u202ebad" by 2026'),
    ("RK002", 'milestone m "M\u200bM" by 2026'),
    ("RK002", '# \u2066 \n milestone m "M" by 2026'),
    ("RK001", 'milestone m "M\0" by 2026'),
    ("RK010", 'milestone m "M by 2026'),
    ("RK009", "milestone m “M” by 2026"),
    ("RK013", 'milestone m "\\x41" by 2026'),
    # points
    ("RK402", 'milestone m "M" by 2026 worth -10'),
    ("RK410", 'milestone m "M" by 2026 worth 11'),
    ("RK418", 'milestone m "M" by 2026 late costs 1 per started week down to 11'),
    ("RK301", 'milestone m "M" by 2026 worth 10 %'),
    ("RK321", "target visits in 2026 rises by -5 % from 2025"),
]


@pytest.mark.parametrize(("code", "target"), CONTRACTS)
def test_contracts_that_are_refused(code: str, target: str) -> None:
    """With this code, at a place of the text, once a place."""
    content = CONTRACT.replace("TARGET", target).encode()
    text = from_bytes("c.rk", content).text
    found = _refused(content)
    errors = [each for each in found if each.is_error]
    assert code in [each.code for each in errors]
    assert all(_is_located(each, text) for each in found)
    assert len(errors) == len({each.place for each in errors})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252", "cp865"])
def test_encodings_that_are_refused(encoding: str) -> None:
    """The first byte that is not UTF-8 is named, and what the file may be."""
    for found in (
        _refused(GOOD.encode(encoding)),
        _refused(GOOD.encode(), '{"contract": "c", "note": "mål"}'.encode(encoding)),
    ):
        assert ["RK001"] == [each.code for each in found]
        assert re.search(r"byte \d+ of the file", found[0].labels[0].text)


def test_texts_that_are_taken_as_they_are_meant() -> None:
    """A mark at the beginning, the line ends of other systems, and decomposed letters change nothing."""
    good = rkdsl.loads(GOOD).tree
    for other in ("\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD.replace("å", "a\u030a")):
        assert good == rkdsl.loads(other).tree


def test_a_file_over_the_limit_is_refused_whole() -> None:
    """Counted in bytes, as it is read: what stands behind the limit would be cut off unseen."""
    for filling in ("x", "å"):
        comments = f"# {filling * 500}\n" * (MAX_BYTES // 500)
        content = f"{GOOD}{comments}goal".encode()[: MAX_BYTES + 1]
        assert ["RK003"] == [each.code for each in _refused(content)]


# ---- actuals

ACTUALS = [
    # numbers
    ("RK605", '"readings": {"visits": {"2026": 1e999999999}}'),
    ("RK605", '"readings": {"visits": {"2026": 1e-999999999}}'),
    ("RK605", f'"readings": {{"visits": {{"2026": {"9" * 400}}}}}'),
    ("RK605", f'"readings": {{"visits": {{"2026": 0.{"3" * 400}}}}}'),
    ("RK605", f'"facts": {{"kept": 1e{"9" * 5000}}}'),
    ("RK604", '"readings": {"visits": {"2026": NaN}}'),
    ("RK604", '"readings": {"visits": {"2026": Infinity}}'),
    ("RK604", '"readings": {"visits": {"2026": -Infinity}}'),
    ("RK601", '"readings": {"visits": {"2026": 0x1F}}'),
    ("RK601", '"readings": {"visits": {"2026": 26_400}}'),
    ("RK601", '"readings": {"visits": {"2026": 26,400}}'),
    ("RK601", '"readings": {"visits": {"2026": 026400}}'),
    ("RK609", '"readings": {"visits": {"2026": "26400"}}'),
    ("RK609", '"readings": {"visits": {"2026": "26.400"}}'),
    ("RK624", '"readings": {"visits": {"2026": true}}'),
    ("RK624", '"facts": {"kept": 1}'),
    ("RK624", '"facts": {"kept": "true"}'),
    ("RK624", '"assessed": {"judged": {"points": true, "by": "board", "reason": "r"}}'),
    ("RK625", '"readings": {"visits": {"2026": 500.5}}'),
    ("RK625", '"readings": {"cost": {"2026": 500.125}}'),
    ("RK626", '"readings": {"happy": {"2026": 100.000001}}'),
    ("RK626", '"readings": {"visits": {"2026": -1}}'),
    ("RK626", '"assessed": {"judged": {"points": 10.01, "by": "board", "reason": "r"}}'),
    # keys
    ("RK603", '"contract": "c"'),
    ("RK603", '"facts": {"kept": true, "k\\u0065pt": true}'),
    ("RK603", '"readings": {"mål": {"2026": 5}, "m\\u00e5l": {"2026": 5}}'),
    ("RK603", '"readings": {"mål": {"2026": 5}, "ma\u030al": {"2026": 6}}'),
    ("RK603", '"readings": {"mål": {"2026": 5}, "ma\\u030al": {"2026": 6}}'),
    ("RK603", '"readings": {"visits": {"2026": 5, "2026-01..2026-12": 6}}'),
    ("RK603", '"readings": {"visits": {"2026": {"value": 5, "value": 500}}}'),
    ("RK607", '"reading": {"visits": {"2026": 5}}'),
    ("RK607", '"readings": {"visits": {"2026": {"value": 5, "repoted": "2027-01-02"}}}'),
    ("RK606", '"note": "a\u202eb"'),
    ("RK606", '"note": "a\\u202eb"'),
    ("RK606", '"note": "a\\u0000b"'),
    ("RK606", '"note": "a\\ud800b"'),
    ("RK606", '"facts": {"ke\\u200bpt": true}'),
    ("RK001", '"note": "a\0b"'),
    # names and days
    ("RK622", '"readings": {"visists": {"2026": 5}}'),
    ("RK622", '"readings": {"kept": {"2026": true}}'),
    ("RK622", '"milestones": {"live": "2026-05-05"}'),
    ("RK622", '"assessed": {"g": {"points": 5, "by": "board", "reason": "r"}}'),
    ("RK622", '"readings": {"visists": {}}'),
    ("RK622", '"readings": {"visists": {"2026": null}}'),
    ("RK622", '"milestones": {"h.life": null}'),
    ("RK622", '"facts": {"keept": []}'),
    ("RK622", '"assessed": {"judgd": null}'),
    ("RK622", '"parameters": {"kept": true}'),
    ("RK622", '"parameters": {"visits": {"2026": null}}'),
    ("RK622", '"carried": {"x": {"points": 1}}'),
    ("RK622", '"carried": {"x": null}'),
    ("RK622", '"carried": {"g": {"pionts": null}}'),
    ("RK635", '"carried": {"g": {"state": "won"}}'),
    ("RK609", '"carried": {"g": {"points": "5"}}'),
    ("RK622", '"carried": {"g": "missed"}'),
    ("RK624", '"carried": {"g": {"points": true}}'),
    ("RK623", '"readings": {"visits": {"2026-12": null}}'),
    ("RK623", '"readings": {"visits": {"2026-12": 5}}'),
    ("RK611", '"readings": {"visits": {"2026-13": 5}}'),
    ("RK611", '"readings": {"visits": {"26": 5}}'),
    ("RK611", f'"readings": {{"visits": {{"{"2026.." * 9999}": 5}}}}'),
    ("RK610", '"milestones": {"h.live": "2026-02-30"}'),
    ("RK609", '"milestones": {"h.live": "30-06-2026"}'),
    ("RK609", '"milestones": {"h.live": "done"}'),
    ("RK609", '"milestones": {"h.live": 20260630}'),
    ("RK627", '"milestones": {"h.live": {"value": "2026-06-30", "reported": "2026-06-29"}}'),
    ("RK628", '"milestones": {"h.live": "2027-06-30"}'),
    ("RK632", '"assessed": {"judged": {"points": 5, "by": "borad", "reason": "r"}}'),
    ("RK608", '"assessed": {"judged": {"points": 5, "by": "board", "reason": " "}}'),
    # shapes
    ("RK609", '"readings": []'),
    ("RK609", '"readings": {"visits": 5}'),
    ("RK609", '"readings": {"visits": {"2026": [[5]]}}'),
    ("RK629", '"readings": {"visits": {"2026": [5, 5]}}'),
    ("RK629", '"facts": {"kept": [true, false]}'),
    ("RK601", '"facts": {"kept": true},'),
    ("RK601", '"facts": {"kept": true}} {'),
    ("RK601", "'facts': {}"),
]


@pytest.mark.parametrize(
    ("code", "entry"), ACTUALS, ids=[f"{each}-{n}" for n, (each, _) in enumerate(ACTUALS)]
)
def test_actuals_that_are_refused(code: str, entry: str) -> None:
    """With this code, at a key or a line of the file."""
    text = f'{{"contract": "c", "as_of": "2027-01-31",\n{entry}}}'
    found = _refused(GOOD.encode(), text.encode())
    assert code in [each.code for each in found]
    assert all(each.place.file == "a.json" for each in found)
    assert all(each.place.key or each.place.span or each.code == "RK001" for each in found)


@pytest.mark.parametrize("content", ["", " ", "null", "[]", "5", '"c"', "{}", "[" * 101, '{"contract": "c"}'])
def test_files_that_are_no_actuals(content: str) -> None:
    """Nothing, something else, a contract's name alone without a day."""
    assert all(each.is_error for each in _refused(GOOD.encode(), content.encode()))


# ---- the heavy ones, each in a process of its own


class Heavy(NamedTuple):
    """A large file and the code it is refused with."""

    code: str
    name: str
    content: str


def _goal(text: str) -> str:
    return CONTRACT.replace("TARGET", text)


_ROWS = "   ".join(f"{datetime.date(2027, 1, 1) + datetime.timedelta(days)}: 5" for days in range(200_001))
_GOALS = "\n".join(f'goal g{number} "G" {{ weight 1   milestone m "M" by 2026 }}' for number in range(30_000))
HEAVY = [
    Heavy("RK011", "parentheses", _goal(f"target {'(' * 100_000}visits in 2026{')' * 100_000} at least 5")),
    Heavy("RK011", "braces", _goal("any of {" * 100_000)),
    Heavy("RK011", "sections", 'contract c "C" {' + 'section s "S" {' * 100_000),
    Heavy("RK014", "sum", _goal(f"target visits {'+ visits ' * 200_000}+ visists in 2026 at least 5")),
    Heavy("RK416", "goals", f'contract c "C" {{\n  total 5 points\n{_GOALS}\n}}\n'),
    Heavy("RK014", "guidelines", _goal(f"target mål in 2026 at least 5\nguideline {_ROWS}   2026: 5 DKK")),
    Heavy("RK010", "quote", _goal('milestone m "' + "\\a" * 1_000_000)),
    Heavy("RK202", "name", _goal(f"target {'x' * 1_000_000} in 2026 at least 5")),
    Heavy("RK007", "digits", _goal(f"target visits in 2026 at least {'9' * 1_000_000}")),
    Heavy("RK602", "lists", '{"contract": "c", "note": ' + "[" * 100_000),
    Heavy("RK602", "objects", '{"a":' * 100_000),
    Heavy("RK614", "values", f'{{"contract": "c", "facts": [{"1," * 600_000}1]}}'),
    Heavy("RK605", "figure", f'{{"contract": "c", "facts": {{"kept": {"9" * 1_000_000}}}}}'),
    Heavy("RK613", "mistakes", json.dumps({"contract": "c", "facts": {f"f{n}": {} for n in range(50_000)}})),
    Heavy(
        "RK622",
        "long-key",
        json.dumps({"contract": "c", "as_of": "2026-01-01", "facts": {"x" * 1_000_000: True}}),
    ),
]


@pytest.mark.parametrize("heavy", HEAVY, ids=[each.name for each in HEAVY])
def test_heavy_input_is_refused(heavy: Heavy, tmp_path: Path) -> None:
    """Within ten seconds even on a slow machine, with a code and a place, and a short text about it."""
    is_actuals = heavy.content.startswith("{")
    (tmp_path / "c.rk").write_text(GOOD if is_actuals else heavy.content, encoding="utf-8")
    (tmp_path / "a.json").write_text(heavy.content if is_actuals else "{}", encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-m", "rkdsl", "eval", "c.rk", "a.json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 1 == said.returncode, said.stderr[-2000:]
    assert "Traceback" not in said.stderr
    place = r"a\.json(: [^\n]+)?" if is_actuals else r"c\.rk:\d+:\d+"
    assert re.search(rf"^{place}: error {heavy.code}: ", said.stderr, re.MULTILINE)
    assert len(said.stderr) < 1_000_000


# ---- mutants

_TOKEN = re.compile(r'"[^"\n]*"|[\w.\-]+|\s+|#[^\n]*|.', re.DOTALL)
_MUTANTS = 2_000


def _mutant(tokens: list[str], dice: random.Random) -> str:
    """The text with one to three tokens lost, doubled, swapped or replaced by another of it."""
    tokens = list(tokens)
    for _ in range(dice.randint(1, 3)):
        at, other = dice.randrange(len(tokens)), dice.randrange(len(tokens))
        match dice.randrange(5):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, tokens[at])
            case 2:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 3:
                tokens[at] = tokens[other]
            case _:
                token = tokens[at]
                tokens[at] = token[: dice.randrange(len(token) + 1)] + dice.choice(
                    ('"', "{", "}", "0", "-", "å", "%", " ")
                )
    return "".join(tokens)


def _mutants(text: str, seed: int) -> list[str]:
    dice = random.Random(seed)  # the same mutants in every run
    tokens = _TOKEN.findall(text)
    return [_mutant(tokens, dice) for _ in range(_MUTANTS)]


def test_mutants_of_a_contract() -> None:
    """Each is refused, with a code and a place inside its text, or it is a contract."""
    refused = 0
    for mutant in _mutants((AMS / "contract.rk").read_text(encoding="utf-8"), 1):
        content = mutant.encode()
        try:
            contract = loads_bytes(content, "c.rk")
            found, sources = contract.findings, contract.sources
        except Refused as why:
            found, sources, refused = why.diagnostics, why.sources, refused + 1
            assert any(each.is_error for each in found)
        text = sources["c.rk"].text  # with the library that it uses
        assert all(each.place.span is not None and _is_located(each, text) for each in found)
    print(f"refused: {refused} of {_MUTANTS} mutants of the contract")  # noqa: T201  (asked for)
    assert _MUTANTS / 2 < refused < _MUTANTS


@pytest.fixture(scope="module")
def ams() -> Contract:
    return rkdsl.load(AMS / "contract.rk")


def test_mutants_of_actuals(ams: Contract) -> None:
    """Each is refused, with a code and a key or line, or it has an outcome within its bounds."""
    refused, names = 0, ("actuals.json", "halfyear.json")
    for number, name in enumerate(names):
        for mutant in _mutants((AMS / name).read_text(encoding="utf-8"), number)[: _MUTANTS // 2]:
            record, found = read("a.json", mutant.encode())
            mistakes = [each for each in found if each.is_error]
            if record is not None and record.as_of is not None:
                mistakes += [
                    each for each in bind(record, ams.tree, record.as_of).diagnostics if each.is_error
                ]
            refused += bool(mistakes) or record is None
            assert record is not None or mistakes
            assert all(each.place.key or each.place.span for each in mistakes)
    print(f"refused: {refused} of {_MUTANTS} mutants of the actuals")  # noqa: T201  (asked for)
    assert _MUTANTS / 2 < refused < _MUTANTS


def test_outcomes_of_mutants(ams: Contract) -> None:
    """A hundred mutants that are lawful actuals are scored, and stay within what the contract can give."""
    outcomes: list[Outcome] = []
    for mutant in _mutants((AMS / "actuals.json").read_text(encoding="utf-8"), 3):
        if len(outcomes) == 40:
            break
        try:
            outcomes.append(ams.evaluate_bytes([("a.json", mutant.encode())]))
        except Refused:
            continue
    assert 40 == len(outcomes)
    for outcome in outcomes:
        assert outcome.points is not None
        for item in outcome.items:
            if item.points is not None and item.points.secured is not None:
                assert item.points.possible is not None
                assert item.points.maximum is not None
                assert 0 <= item.points.secured <= item.points.possible <= item.points.maximum
