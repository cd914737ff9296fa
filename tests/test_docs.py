"""The documentation is true: every fenced block of README and docs runs and gives what is shown.

The words after a fence say what a block is. Each page has one folder (with `examples` in it)
and one namespace.

    rk file=NAME            a contract, or a library, written to the folder; it is accepted
    rk fragment=contract    statements of a contract: they stand in the contract `frame.rk` of the page
    rk fragment=item        statements of a goal: `goal g "A goal" { weight 10 ... }` in the same contract
    rk file=NAME of=NAME    an amendment of the contract in the folder, with which it is accepted
    rk ... error=CODE       refused, with mistakes of exactly that code
    rk ... finding=CODE     accepted, with findings of exactly that code
    cases                   `reported -> outcome` lines for the first goal of the `rk` block before; `item x`,
                            `section s`, `total` or `value v` among the reports asks for that instead;
                            `carried g.state = missed` is from the outcome before
    json file=NAME          written to the folder
    json of=NAME            actuals that the contract NAME takes; also with error=CODE or finding=CODE
    console exit=N          `$ rkdsl ...` lines, each with its exact output below; N is 0 where it is left out
    python                  run; a comment after a statement, or on the lines below it, is what it prints

Run with `RKDSL_UPDATE_GOLDENS=1` to write the outputs of the console blocks anew, then read the difference.
Cases are never written anew: they say what the language means.
"""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from jsonschema import Draft202012Validator

import rkdsl
from rkdsl import values
from rkdsl.actuals import json_text, mistakes
from rkdsl.files import NOWHERE
from rkdsl.language.keywords import KEYWORDS, UNIT_NAMES
from rkdsl.language.parser import reserved_names
from rkdsl.messages import TITLES
from rkdsl.pipeline import folder_of, loads_bytes
from rkdsl.reports import text
from rkdsl.rules import bounds, explanation, lines, summary
from rkdsl.tools.command import main

_ROOT = Path(__file__).parents[1]
_DOCS = _ROOT / "docs"
_PAGES = (
    *(_ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted(_DOCS.glob("*.md")),
)
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_IS_UPDATE = bool(os.environ.get("RKDSL_UPDATE_GOLDENS"))
_AS_OF = "2027-01-31"
Taken = TypeVar("Taken")


class Block(NamedTuple):
    """A fenced block: what it is, what is said of it, its text and the line its fence stands on."""

    kind: str
    options: Mapping[str, str]
    text: str
    line: int


def _blocks(content: str) -> Iterator[Block]:
    for match in _FENCE.finditer(content):
        kind, *words = match.group(1).split()
        options = dict(word.split("=", 1) for word in words)
        yield Block(kind, options, match.group(2), content.count("\n", 0, match.start()) + 1)


# ---- running a page


class _Page:
    """The blocks of one page, run in order in one folder and one namespace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.namespace: dict[str, Any] = {"__name__": "page"}
        self.contract: rkdsl.Contract | None = None
        self.frame = ""

    def run(self, block: Block) -> str:
        """The block's text as it should stand; raises AssertionError where it is not true."""
        runners: dict[str, Callable[[Block], str]] = {
            "rk": self._rk,
            "cases": self._cases,
            "json": self._json,
            "console": self._console,
            "python": self._python,
        }
        assert block.kind in runners, f"unknown kind of block `{block.kind}`"
        return runners[block.kind](block)

    # -- contracts

    def _rk(self, block: Block) -> str:
        name = block.options.get("file", "contract.rk")
        content = self._framed(block)
        if "file" in block.options:
            (self.folder / name).write_text(content, encoding="utf-8")
        if name == "frame.rk":
            self.frame = content
        whole = block.options.get("of", name)
        content, more = (self.folder / whole).read_bytes() if whole != name else content.encode(), ()
        if re.match(rb"\s*(#.*\s*)*contract\b", content) is None:  # a library
            assert main(["check", name]) == 0
            return block.text
        if whole != name:
            more = ((name, block.text.encode()),)
        folder = folder_of(name) if "file" in block.options else NOWHERE
        contract, codes, told = _taken(lambda: loads_bytes(content, whole, folder, more))
        if contract is None or "error" in block.options:
            assert codes == set(block.options.get("error", "none").split(",")), told
            return block.text
        self.contract = contract
        if "finding" in block.options:
            assert set(block.options["finding"].split(",")) == {each.code for each in contract.findings}
        return block.text

    def _framed(self, block: Block) -> str:
        kind = block.options.get("fragment")
        if kind is None:
            return block.text
        inner = block.text
        if kind == "item":
            weight = "" if re.search(r"^\s*weight\b", inner, re.MULTILINE) else "weight 10"
            inner = f'goal g "A goal" {{ {weight}\n{inner}}}\n'
        assert self.frame, "no block `rk file=frame.rk` before it"
        return self.frame.rstrip().removesuffix("}") + inner + "}\n"

    def _cases(self, block: Block) -> str:
        assert self.contract is not None
        told = []
        for line in block.text.splitlines():
            reported, _, _ = line.partition("->")
            told.append(
                f"{reported.rstrip().ljust(line.find('->') - 1)} -> {_outcome(self.contract, reported)}"
            )
        said = "\n".join(told) + "\n"
        assert block.text == said, f"should be\n{said}"
        return block.text

    # -- actuals

    def _json(self, block: Block) -> str:
        if "file" in block.options:
            (self.folder / block.options["file"]).write_text(block.text, encoding="utf-8")
        if "of" not in block.options:
            json.loads(block.text)
            return block.text
        contract = rkdsl.load(block.options["of"])
        (self.folder / "block.json").write_text(block.text, encoding="utf-8")
        outcome, codes, told = _taken(lambda: contract.evaluate(self.folder / "block.json"))
        if outcome is None or "error" in block.options:
            assert codes == {block.options.get("error")}, told
            return block.text
        _validator("actuals").validate(json.loads(block.text))
        if "finding" in block.options:
            own = {said[:5] for _, said in outcome.findings if not said.startswith("RK5")}
            assert {block.options["finding"]} == own
        return block.text

    # -- commands and programs

    def _console(self, block: Block) -> str:
        told = []
        for command in re.findall(r"^\$ (.*)$", block.text, re.MULTILINE):
            code, said = _run(command)
            assert code == int(block.options.get("exit", "0")), f"`{command}` exits with {code}\n{said}"
            told.append(f"$ {command}\n{said}")
        said = "\n".join(told)
        assert _IS_UPDATE or block.text == said, f"should be\n{said}"
        return said

    def _python(self, block: Block) -> str:
        source = block.text.splitlines()
        for statement in ast.parse(block.text).body:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(ast.Module([statement], []), "page", "exec"), self.namespace)
            last = (statement.end_lineno or 1) - 1
            _, _, expected = source[last].partition("  # ")
            below = itertools.takewhile(lambda line: line.startswith("# "), source[last + 1 :])
            told = "\n".join([expected.strip()] if expected else [line[2:] for line in below])
            assert not told or told == printed.getvalue().strip()
        return block.text


def _taken(call: Callable[[], Taken]) -> tuple[Taken | None, set[str], str]:
    """What a call gives; None where it refuses, with the codes of the mistakes and what is said."""
    try:
        return call(), set(), "is accepted"
    except rkdsl.Refused as refused:
        return None, {each.code for each in refused.diagnostics if each.is_error}, str(refused)


def _run(command: str) -> tuple[int, str]:
    """The exit code of a command, and all that it says."""
    program, *arguments = shlex.split(command)
    assert program == "rkdsl"
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = main(arguments)
        except SystemExit as left:
            code = int(left.code or 0)
    return code, said.getvalue()


# ---- cases


_ASKED = re.compile(r"(item|section|value) (\w+)")


def _outcome(contract: rkdsl.Contract, reported: str) -> str:
    """What the first goal comes to, with its points; or what is asked for among the reports."""
    actuals: dict[str, Any] = {"contract": contract.id, "as_of": _AS_OF}
    kind, name = "item", ""
    for each in filter(None, map(str.strip, reported.split(","))):
        asked = _ASKED.fullmatch(each)
        if each == "total":
            kind = each
        elif asked is not None:
            kind, name = asked.groups()
        elif each.startswith("as of "):
            actuals["as_of"] = each.removeprefix("as of ")
        elif each != "nothing":
            _report(contract, actuals, *map(str.strip, each.split("=")))
    outcome = contract.evaluate(actuals)
    if kind == "value":
        return _value_text(outcome, name)
    state, points = _points(outcome, kind, name)
    return state if points is None or points.secured is None else f"{state} {text.in_words(points)}"


def _points(outcome: rkdsl.Outcome, kind: str, name: str) -> tuple[str, rkdsl.Points | None]:
    """The state and the points of an item (the first without a name), a section or the whole."""
    if kind == "total":
        return outcome.state or "settled", outcome.points
    if kind == "section":
        section = next(each for each in outcome.sections if each.id == name)
        return section.state or "settled", section.points
    item = outcome.item(name) if name else outcome.items[0]
    return item.state, item.points


def _value_text(outcome: rkdsl.Outcome, name: str) -> str:
    """A value as it is printed; with its state where it is not settled, and that alone where it is one."""
    value = outcome.value(name)
    if value.state == "not known":
        return f"not known {value.text.removeprefix('not known').strip()}".strip()
    return value.state or value.text


def _report(contract: rkdsl.Contract, actuals: dict[str, Any], name: str, written: str) -> None:
    value = _value(written)
    if name.startswith("carried "):
        thing, _, part = name.removeprefix("carried ").partition(".")
        carried = actuals.setdefault("carried", {})
        if part:
            carried.setdefault(thing, {})[part] = value
        else:
            carried[thing] = value
        return
    name, _, period = name.partition(" ")
    fields = [each for each in contract.tree.fields if name in (each.id, each.id.rpartition(".")[2])]
    field = next((each for each in fields if each.kind != "carried"), None)
    if field is None or (period and field.kind == "reading"):
        actuals.setdefault("readings", {}).setdefault(name, {})[period] = value
        return
    heading = {
        "milestone": "milestones",
        "fact": "facts",
        "assessment": "assessed",
        "parameter": "parameters",
    }
    if field.kind == "assessment":
        entry = value if isinstance(value, dict) else {"points": value, "reason": "illustrative"}
        value = {**entry, "by": (*field.roles, "someone")[0]}
    if field.kind == "parameter":
        _set(actuals, (heading[field.kind], *field.id.split("."), *([period] if period else [])), value)
        return
    actuals.setdefault(heading[field.kind], {})[field.id] = value


def _set(found: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Puts a value below the keys of a path."""
    *keys, last = path
    for key in keys:
        found = found.setdefault(key, {})
    found[last] = value


def _value(written: str) -> Any:
    if written in ("yes", "no"):
        return written == "yes"
    if written == "not applicable":
        return {"not_applicable": "illustrative"}
    number = written.replace("_", "")
    return json.loads(number, parse_float=values.exact) if re.fullmatch(r"-?\d+(\.\d+)?", number) else written


# ---- the tests of the pages


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_every_block_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contracts are accepted or refused as said, commands print what is shown, programs run."""
    (tmp_path / "examples").symlink_to(_ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    content, runner, wrong = page.read_text(encoding="utf-8"), _Page(tmp_path), []
    written = content
    for block in _blocks(content):
        try:
            written = written.replace(f"\n{block.text}```\n", f"\n{runner.run(block)}```\n", 1)
        except Exception as error:  # told with the place it stands in
            wrong.append(f"{page.name}:{block.line}: {type(error).__name__}: {error}")
    if _IS_UPDATE and written != content:
        page.write_text(written, encoding="utf-8")
    assert not wrong, "\n\n".join(wrong)


def test_commands_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line with the installed command does what it says, here in this process."""
    monkeypatch.chdir(_ROOT)
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^ {4}.*\.venv/bin/(rkdsl .*)$", readme, re.MULTILINE)
    assert len(commands) >= 4
    assert [0] * len(commands) == [_run(_as_a_shell_says(command))[0] for command in commands]


def _as_a_shell_says(command: str) -> str:
    """The command with the files in the place of a pattern."""
    words = [sorted(map(str, Path().glob(word))) if "*" in word else [word] for word in command.split(" ")]
    return " ".join(each for found in words for each in found)


def test_links_lead_somewhere() -> None:
    """Every link to a file of the repository names one that is there."""
    for page in _PAGES:
        for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert "://" in link or (page.parent / link).exists(), f"{page.name}: {link}"


def test_links_within_pages_lead_to_headings() -> None:
    """Every link to a heading names one that is there."""
    for page in _PAGES:
        for name, anchor in re.findall(r"\]\(([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            target = page.parent / name if name else page
            assert anchor in _anchors(target.read_text(encoding="utf-8")), f"{page.name}: #{anchor}"


def _anchors(content: str) -> set[str]:
    """The headings as a forge names them: lower case, marks left out, blanks as `-`."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", content), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


# ---- what must be said


def _pages(*names: str) -> str:
    return "\n".join((_DOCS / name).read_text(encoding="utf-8") for name in names)


def _code(content: str) -> str:
    """What stands in fenced blocks and between backticks."""
    inline = re.findall(r"`([^`\n]+)`", _FENCE.sub("", content))
    return "\n".join([*(match.group(2) for match in _FENCE.finditer(content)), *inline])


def test_every_code_is_explained() -> None:
    """Each code stands in the reference, or on the page of what it belongs to."""
    names = (
        "language",
        "actuals",
        "command",
        "uses",
        "amendments",
        "registers",
        "examples",
        "frames",
        "simulate",
    )
    found = _pages(*(f"{name}.md" for name in names))
    assert [] == [code for code, title in TITLES.items() if f"| {code} | {title} |" not in found]


def test_no_other_code_is_mentioned() -> None:
    """A code that stands in a page is one that the program has."""
    for page in _PAGES:
        assert set(re.findall(r"RK\d{3}", page.read_text(encoding="utf-8"))) <= set(TITLES)


def test_every_keyword_stands_in_the_reference() -> None:
    """Each keyword and each unit name, as code."""
    code = _code(_pages("language.md", "registers.md"))
    words = [each.english for each in (*KEYWORDS, *UNIT_NAMES)]
    assert [] == [word for word in words if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", code)]


def test_the_names_that_cannot_be_used_are_listed() -> None:
    """The reference names each keyword that no measure may be called."""
    listed = re.search(r"No measure and no fact may be called\s+(.*?)\.", _pages("language.md"), re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed.group(1))) == reserved_names()


_LIMITS = (values, bounds, lines, summary, explanation, json_text, mistakes)


def test_limits_are_the_limits() -> None:
    """Each row of the table of limits has the value of its constant, and no limit is left out."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", _pages("limits.md"), re.MULTILINE)
    known = {
        name: number
        for module in _LIMITS
        for name, number in vars(module).items()
        if re.match(r"(MAX|SPLIT|ROUND)_", name) and isinstance(number, int)
    }
    assert {name: f"{number:_}" for name, number in known.items()} == {n: v.strip() for n, v in rows}


def test_glossary_has_a_word_in_each_language() -> None:
    """Three cells in each row, none of them empty, each English word once."""
    rows = [line for line in _pages("glossary.md").splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert all(len(row) == 3 and all(row) for row in cells)
    assert len(cells) == len({row[0] for row in cells})


# ---- schemas


def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((_DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _objects(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "object" in (schema.get("type") or ()):
            yield schema
        for each in schema.values():
            yield from _objects(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _objects(each)


@pytest.mark.parametrize(
    "name", ["outcome", "check", "actuals", "table", "versions", "calendar", "test", "simulation"]
)
def test_schemas_are_strict(name: str) -> None:
    """No object takes keys that the schema does not speak of."""
    schema = json.loads((_DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert all("additionalProperties" in each for each in _objects(schema))


_EXAMPLES = sorted((_ROOT / "examples").glob("*/*.rk"))
_ACTUALS = sorted((_ROOT / "examples").glob("*/*.json"))


@pytest.mark.parametrize("actuals", _ACTUALS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_outcomes_of_the_examples_fit_the_schema(actuals: Path) -> None:
    """The actuals fit theirs, and the outcome with all its explanations its own."""
    _validator("actuals").validate(json.loads(actuals.read_text(encoding="utf-8")))
    named = json.loads(actuals.read_text(encoding="utf-8"))["contract"]
    contract = next(
        each for each in actuals.parent.glob("*.rk") if f"contract {named} " in each.read_text("utf-8")
    )
    code, said = _run(f"rkdsl eval {contract} {actuals} --explain all --format json")
    assert 0 == code
    _validator("outcome").validate(json.loads(said))


@pytest.mark.parametrize("contract", _EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_checks_of_the_examples_fit_the_schema(contract: Path) -> None:
    """The findings, the proof, a library, and a refusal."""
    for arguments in (f"check {contract} missing.rk", f"eval {contract} missing.json"):
        _, said = _run(f"rkdsl {arguments} --format json")
        _validator("check").validate(json.loads(said))


def test_tables_fit_the_schema() -> None:
    """Of ten units without points."""
    folder = _ROOT / "examples" / "bif-2009"
    actuals = " ".join(map(str, sorted(folder.glob("actuals/*.json"))))
    code, said = _run(f"rkdsl table {folder / 'portfolio.rk'} {actuals} --as-of 2010-01-31 --format json")
    assert 0 == code
    _validator("table").validate(json.loads(said))


def test_checks_with_silenced_findings_fit_the_schema(tmp_path: Path) -> None:
    """Those of both lists and those silenced, with places, reason and day of decision."""
    contract = tmp_path / "contract.rk"
    contract.write_text(
        'contract c "C" { period 2026 goal g "G" { milestone m "M" in 2026-Q2 except RK508 "why"'
        ' milestone n "N" by undecided until 2026-03 "the board"'
        ' milestone o "O" in 2026-Q2 elsewhere by 2026 see "x" } }'
    )
    _, said = _run(f"rkdsl check {contract} --format json")
    _validator("check").validate(json.loads(said))
    (found,) = json.loads(said)["contracts"]
    assert {"mistakes": 0, "stated": 2, "computed": 0, "silenced": 2} == found["counts"]


_ODD = """
contract c "C" {
  period 2026
  measure x "X" { unit number higher is better each year }
  measure y "Y" { unit number higher is better each year may not apply }
  fact f "F" { unit yes or no }
  goal a "A" { weight 1 elsewhere undecided see "annex" target x in 2026 linear from 0 to 3 }
  goal b "B" { weight 1 target y in 2026 at least 1 }
  goal d "D" { weight undecided target x / y in 2026 at least 1 }
  goal e "E" { target f is yes target x in 2026 at least unclear "xx" }
}
"""


@pytest.mark.parametrize(
    "readings",
    [
        {},
        {"x": {"2026": 1}},
        {"x": {"2026": 1}, "y": {"2026": 0}},
        {"y": {"2026": {"not_applicable": "closed"}}},
    ],
)
def test_rare_outcomes_fit_the_schema(readings: dict[str, Any]) -> None:
    """No upper end, fractions without end, states in the place of points."""
    outcome = rkdsl.loads(_ODD).evaluate({"contract": "c", "readings": readings}, _AS_OF)
    _validator("outcome").validate(json.loads(rkdsl.reports.data.json_text(outcome.to_dict())))
