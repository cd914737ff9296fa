"""The layers: imports run one way, foreign packages enter by one door, only the doors speak to the world.

A new module must be listed below, in `STAGES`; the test says so. Imports inside functions and under
`TYPE_CHECKING` count as well: such an import says that a thing lives in the wrong file.
"""

from __future__ import annotations

import ast
import functools
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import rkdsl

_ROOT: Final = Path(rkdsl.__file__).parent
FACE: Final = "rkdsl"
"""The package itself: `rkdsl/__init__.py`."""

LEVELS: Final = ("base", "ground", "things", "findings", "meaning", "doers", "tellers", "pipeline", "doors")
"""From the bottom up: a module imports from levels below its own."""

STAGES: Final[dict[str, tuple[str, str, str]]] = {
    # stage: its level, its modules, and why they may import each other (empty: they may not)
    "plain": ("base", "plain", ""),
    "ground": ("ground", "collecting source values", ""),
    "things": ("things", "diagnostics outcome trials", "examples are outcomes of a kind"),
    "words": ("things", "language.nodes language.keywords", ""),
    "rule tree": (
        "things",
        "rules.tree rules.possible rules.ways",
        "a tree is stored with the sets its inputs lie in, and what may be touched of it stands beside",
    ),
    "record": ("things", "actuals.record", ""),
    "findings": (
        "findings",
        "messages chance.remarks contract.contradictions contract.register_remarks contract.remarks "
        "contract.texts",
        "the sentences share their words",
    ),
    "symbols": ("findings", "contract.symbols", ""),
    "meaning": (
        "meaning",
        "contract.effects contract.expressions contract.parts contract.printed contract.report contract.scope "
        "contract.shapes contract.slots contract.units",
        "what expressions mean, with the mistakes in them: for checker and compiler alike",
    ),
    "parser": (
        "doers",
        "language.builder language.lexer language.parser language.tables language.unexpected",
        "the parser has the tokens of the lexer, the tables of the grammar, and a builder of nodes",
    ),
    "grammar": ("doers", "language.grammar", ""),
    "printer": ("doers", "language.printer", ""),
    "checker": (
        "doers",
        "contract.alone contract.amending contract.checker contract.conditions contract.dated "
        "contract.declarations contract.equations contract.examples contract.expectations "
        "contract.expected contract.forms contract.graph contract.library contract.registers contract.rollup "
        "contract.rows "
        "contract.scores contract.sections contract.silencing contract.statements contract.strength "
        "contract.structure contract.totals contract.used contract.values",
        "one checker, a file for each kind of thing it looks at",
    ),
    "compiler": (
        "doers",
        "rules.combining rules.compiler rules.expecting rules.expressions rules.ground rules.layout "
        "rules.linking rules.lowering rules.missed rules.moving",
        "one compiler: items, sections, conditions, values, rows, and the trees of contracts that are used",
    ),
    "evaluator": (
        "doers",
        "rules.evaluator rules.bounds rules.calendars rules.codegen rules.effort rules.gathering rules.lines "
        "rules.operations rules.piecewise rules.plan rules.recall rules.settled rules.slopes rules.transfer",
        "one evaluator, a file for each kind of row that needs one",
    ),
    "wording": ("findings", "rules.wording", ""),
    "tables": ("findings", "rules.tables", ""),
    "slots": ("findings", "rules.slots", ""),
    "explanation": (
        "tellers",
        "rules.coverage rules.crosschecks rules.deadlines rules.explanation rules.forecasts rules.registers "
        "rules.summary rules.tabling rules.outlook rules.trial",
        "what evaluations came to, in lines, in states, and against what was expected",
    ),
    "differences": (
        "tellers",
        "contract.differences contract.patching reports.changes",
        "what changed between two versions, in words and as an amendment",
    ),
    "rolling": ("tellers", "contract.rolling", ""),
    "series": ("tellers", "reports.series", ""),
    "column program": (
        "things",
        "columns.program columns.builder columns.numbers columns.truths columns.narrowing columns.layers "
        "columns.tables",
        "a program is built of its own steps, and built again for a table",
    ),
    "sentences of tables": ("meaning", "columns.remarks", ""),
    "engines": (
        "tellers",
        "columns.expressions columns.reading columns.sql columns.text_tables",
        "what a table tells is made of the expressions that steps are made of, in the words of its engine",
    ),
    "lowering": (
        "tellers",
        "columns.cells columns.columns columns.curves columns.figures columns.gathers columns.lowering "
        "columns.settled columns.sources columns.table columns.gaps columns.witnesses",
        "what rows are over columns, a file for each kind of row that needs one",
    ),
    "packing": ("things", "packing", ""),
    "storage": ("doers", "rules.storage rules.lawful", "what is stored is looked at before it is believed"),
    "array program": ("doers", "columns.arrays", ""),
    "stated chances": ("things", "chance.distributions chance.results", ""),
    "chances": (
        "tellers",
        "chance.drawing chance.fitting chance.tally",
        "what is drawn is drawn as it was fitted to its figure",
    ),
    "actuals": (
        "doers",
        "actuals.binding actuals.distributions actuals.json_reader actuals.joint actuals.json_text actuals.mistakes "
        "actuals.previous actuals.shapes",
        "readers collect their mistakes in one way",
    ),
    "reports": (
        "tellers",
        "reports.calendar_file reports.chances reports.data reports.deadlines reports.examples reports.lists "
        "reports.registers reports.table reports.text",
        "a table has its numbers, and a list its findings, as their data has",
    ),
    "files": ("things", "files", ""),
    "cabinet": ("findings", "cabinet", ""),
    "pipeline": (
        "pipeline",
        "amended assembly cached chance.scoring comparing contracts evaluation frames loading long_tables pipeline "
        "programs rolling scorer series simulation versions",
        "a contract is read with those it uses, once for each version, and turned into programs for many rows",
    ),
    "doors": (
        "doors",
        f"{FACE} __main__ tools.batch tools.command tools.common tools.deadlines tools.diff tools.inputs "
        "tools.measures tools.output tools.queries tools.registers tools.roll tools.scoring tools.simulate "
        "tools.table tools.testing tools.verbs",
        "`python -m rkdsl` is the command",
    ),
}

EXCEPTIONS: Final[dict[tuple[str, str], str]] = {
    # (importer, imported): why one stage may import another on its level
    (
        "columns.figures",
        "rules.summary",
    ): "the state of an item is told in one place, also where none is told",
}

FOREIGN: Final[dict[str, str]] = {
    "_sha256": "files",  # of Python itself, before 3.12
    "_sha2": "files",  # the same, from 3.12 on
    # foreign package: the modules that import it (blank: any)
    "attrs": "",
    "lark": "language.grammar",
    "icalendar": "reports.calendar_file",
    "narwhals": "columns.expressions columns.reading frames long_tables",
    "polars": "frames columns.text_tables tools.batch",
    "pyarrow": "tools.batch",
    "duckdb": "tools.batch",
    "pyspark": "tools.batch",
    "py4j": "tools.batch",
    "sqlglot": "programs",
    "numpy": "columns.arrays chance.drawing chance.scoring chance.tally",
}


def _name(path: Path) -> str:
    """The module of a file, without the package's own name; the package itself is the face."""
    parts = path.relative_to(_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or FACE


_FILES: Final = {_name(path): path for path in sorted(_ROOT.rglob("*.py"))}
_PACKAGES: Final = {name for name, path in _FILES.items() if path.name == "__init__.py"} - {FACE}
_STAGE_OF: Final = {name: stage for stage, (_, names, _) in STAGES.items() for name in names.split()}
_MODULES: Final = sorted(set(_FILES) - _PACKAGES)


@functools.cache
def _syntax(name: str) -> ast.Module:
    return ast.parse(_FILES[name].read_text(encoding="utf-8"))


def _imported(name: str) -> Iterator[str]:
    """The full names of everything a module imports, wherever in it."""
    for node in ast.walk(_syntax(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import: write it out"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner.removeprefix("rkdsl.") in _FILES else node.module


def _own(name: str) -> set[str]:
    """The modules of rkdsl that a module imports."""
    full = {each for each in _imported(name) if each.split(".")[0] == "rkdsl"}
    return {FACE if each == "rkdsl" else each.removeprefix("rkdsl.") for each in full} - {name}


def _level(name: str) -> int:
    return LEVELS.index(STAGES[_STAGE_OF[name]][0])


@pytest.mark.parametrize("name", _MODULES)
def test_imports_run_down(name: str) -> None:
    """A module imports from below; from its own level only inside its stage, or with a reason."""
    assert name in _STAGE_OF, f"{name} is new: list it in STAGES of tests/test_layers.py, on its level"
    for other in _own(name):
        assert other in _STAGE_OF, f"{name} imports {other}, which is in no stage of tests/test_layers.py"
        if _level(other) < _level(name) or (name, other) in EXCEPTIONS:
            continue
        assert _level(other) == _level(name), f"{name} ({_STAGE_OF[name]}) imports upwards from {other}"
        assert _STAGE_OF[other] == _STAGE_OF[name], (
            f"{name} ({_STAGE_OF[name]}) imports {other} ({_STAGE_OF[other]}): they meet in data below them, "
            "or the pair stands in EXCEPTIONS with its reason"
        )
        assert STAGES[_STAGE_OF[name]][2], f"{name} imports {other}: their stage gives no reason for it"


def test_there_are_no_cycles() -> None:
    """Every module can be understood after those it imports."""
    graph = {name: _own(name) for name in _MODULES}
    assert len(_MODULES) <= len(list(graphlib.TopologicalSorter(graph).static_order()))


def test_the_lists_are_true() -> None:
    """No module is listed that is not there, and no exception that nobody needs."""
    assert set() == set(_STAGE_OF) - set(_MODULES)
    assert len(_STAGE_OF) == sum(len(names.split()) for _, names, _ in STAGES.values())
    for importer, imported in EXCEPTIONS:
        assert importer in _FILES, f"{importer} is gone: take it out of EXCEPTIONS"
        assert imported in _own(importer), (
            f"{importer} no longer imports {imported}: take it out of EXCEPTIONS"
        )


@pytest.mark.parametrize("name", sorted(_PACKAGES))
def test_packages_hold_nothing_themselves(name: str) -> None:
    """A folder's `__init__.py` says what the folder is for, and imports nothing."""
    assert set() == set(_imported(name))
    assert ast.get_docstring(_syntax(name))


@pytest.mark.parametrize("name", _MODULES)
def test_foreign_packages_enter_by_one_door(name: str) -> None:
    """lark is known to the grammar alone; a package not listed here is a new dependency."""
    for full in _imported(name):
        package = full.split(".")[0]
        if package in sys.stdlib_module_names or package == "rkdsl":
            continue
        assert package in FOREIGN, f"{name} imports {package}: list it in FOREIGN of tests/test_layers.py"
        doors = FOREIGN[package].split()
        assert not doors or name in doors, (
            f"{name} imports {package}, which enters by {FOREIGN[package]} alone"
        )


_SPEAKING: Final = {"print", "input", "exit", "quit", "breakpoint", "SystemExit"}
_OF_SYSTEM: Final = {"sys.exit", "sys.stdout", "sys.stderr", "sys.stdin", "os._exit", "os.abort"}


@pytest.mark.parametrize("name", [name for name in _MODULES if not name.startswith(("tools.", "__main__"))])
def test_only_tools_print_or_exit(name: str) -> None:
    """Everything else is a function of its arguments."""
    for node in ast.walk(_syntax(name)):
        if isinstance(node, ast.Name):
            assert node.id not in _SPEAKING, f"{name}:{node.lineno} uses {node.id}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert f"{node.value.id}.{node.attr}" not in _OF_SYSTEM, f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", _MODULES)
def test_modules_say_what_they_hold(name: str) -> None:
    """Each begins with a sentence."""
    assert ast.get_docstring(_syntax(name)), f"{name} has no docstring"
