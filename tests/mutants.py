"""Small faults put into the evaluator one by one, to see whether the comparison with the second opinion finds them.

    python -m tests.mutants --number 60 --seed 1

First an exam is written with the evaluator as it is: contracts of every form, actuals complete and with gaps, and what
the second opinion says of them, also of many ways to fill the gaps. Then each mutant (one change, made by cosmic-ray in
a copy of `src`) sits it in a process of its own. It is caught where a figure that the second opinion knows differs,
where one of the ways to fill the gaps leads out of the bounds, where bounds are wider than what can happen, or where
it does not end in time. Nothing else of the tests is asked.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import difflib
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from rkdsl.pipeline import Contract
from tests import secondopinion
from tests.by_force import (
    Answers,
    Case,
    Seen,
    answers,
    cases,
    dense_cases,
    figures,
    fillable,
    filled,
    fully_filled,
    gaps,
    opinions,
)
from tests.dense_contracts import RARE
from tests.secondopinion.compare import differences
from tests.trees import admits

ROOT: Final = Path(__file__).parent.parent
MODULES: Final = (
    *(
        "rules/transfer.py",
        "rules/gathering.py",
        "rules/piecewise.py",
        "rules/possible.py",
        "rules/operations.py",
        "rules/settled.py",
        "rules/bounds.py",
    ),
    *("rules/calendars.py", "rules/evaluator.py", "rules/slopes.py", "rules/lines.py", "actuals/binding.py"),
)
"""The interpreter, its arithmetic and its intervals, and what says which report counts."""
NOT_OF_THE_SCORE: Final = {
    "actuals/binding.py": (
        *("_Names", "_refuse_unknown", "_check_blank", "_check", "_check_rhythm", "_last_of", "_check_value"),
        *(
            "_refuse_value",
            "_check_number",
            "check_day",
            "check_corrections",
            "_check_correction",
            "_day_text",
        ),
        *("_difference", "_source", "_with_previous", "_agree", "_contradiction", "_called", "_expected"),
        *("_figure", "_range", "_heading"),
    ),
    "rules/evaluator.py": ("directions",),
}
"""What refuses actuals, words a message, reads the outcome of the year before, or is asked by tests alone."""
OPERATORS: Final = (
    *(
        "ReplaceUnaryOperator",
        "AddNot",
        "ReplaceTrueWithFalse",
        "ReplaceFalseWithTrue",
        "ReplaceAndWithOr",
        "ReplaceOrWithAnd",
    ),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "NumberReplacer", "ZeroIterationForLoop"),
)
"""The kinds of change, beside those of calculations and comparisons; a change of a name would only crash."""

# ---- the exam


class Question(NamedTuple):
    """A contract with actuals, and what the second opinion says: of them, and of the ways to fill their gaps.

    `values` holds what each figure came to, `seen` the ends and states of it; `tight` are the figures whose bounds are
    reached by some filling, which the evaluator settles within its limits: none of them may be called wide. `waits` are
    the gaps that a figure was seen to move with.
    """

    seed: int
    contract: Contract
    actuals: Mapping[str, Any]
    opinion: secondopinion.Opinion
    seen: Mapping[str, Seen]
    values: Mapping[str, tuple[Any, ...]]
    tight: frozenset[str]
    waits: Mapping[str, frozenset[tuple[str, str]]]


MOST_ROWS: Final = 1_500
SLOWEST: Final = 0.4
"""Questions that take the evaluator longer, in seconds, are left out."""
MOST_VALUES: Final = 40
RARE_SETS: Final = 12
FILLINGS: Final = 70
CLOSER: Final = 100
"""So many fillings are tried of each question, and more to reach an end of a figure."""
FILLED: Final = 2
"""So many of the fillings of a question are questions of their own."""


def questions(seeds: range, dense: range, sets: int) -> Iterator[Question]:
    """The exam over some contracts of every form, and some small ones."""
    rare = ((-1 - seed, case) for seed in range(len(RARE)) for case in dense_cases(-1 - seed, RARE_SETS))
    small = ((seed, case) for seed in dense for case in dense_cases(seed, sets))
    found = chain(rare, small)
    yield from (each for seed, case in found for each in of_case(seed, case, later(case)))
    for seed in seeds:
        for case in cases(seed, sets):
            if len(case.contract.tree.rows) > MOST_ROWS:
                break
            start = time.perf_counter()
            case.contract.evaluate(case.actuals)
            if time.perf_counter() - start <= SLOWEST:
                yield from of_case(seed, case)


LATER: Final = "2030-01-01"
DAYS_LATER: Final = (1, 2, 7, 8, 40, 99, 100, 101, 102, 103, 400)


def later(case: Case) -> list[Answers]:
    """What becomes of what is not done yet, on days to come; for contracts in which nothing else waits for a day."""
    undone = [name for name, each in case.actuals.get("milestones", {}).items() if each == "not done"]
    if not undone:
        return []
    found = []
    for days in DAYS_LATER:
        done = (case.outcome.as_of + datetime.timedelta(days)).isoformat()
        milestones = {**case.actuals["milestones"], **dict.fromkeys(undone, done)}
        actuals = {**case.actuals, "as_of": LATER, "milestones": milestones}
        opinion = secondopinion.evaluate(case.made.text, actuals, datetime.date.fromisoformat(LATER))
        found.append(answers(opinion))
    return found


def of_case(seed: int, case: Case, to_come: Sequence[Answers] = ()) -> Iterator[Question]:
    """A case, and some of the ways to fill its gaps."""
    found, r = gaps(case), Random(seed)
    inputs = fillable(case, found)
    force = opinions(case, found, inputs, r)
    force.budget, force.closer = FILLINGS, CLOSER
    waits, tight = fully_filled(found, inputs)
    values: dict[str, dict[Any, None]] = {name: {} for name in found.said}
    moving: dict[str, set[tuple[str, str]]] = {}
    reckon = force.call

    def call(filling: Any) -> Any:
        said = reckon(filling)
        for name, value in said.items():
            values[name][value] = None
        return said

    force.call = call
    if inputs:
        for keys in dict.fromkeys(waits.values()):
            force.fill(keys)
        force.fill(())
        for filling in force.tried[:8]:
            for name, keys in _moved(force.call, filling, force.grids, r).items():
                moving.setdefault(name, set()).update(keys)
    refs = figures(case.contract.tree)
    loose = {name for name in refs if refs[name] in {each.root for each in case.outcome.trace.loose}}
    settled = {name for name in found.said if values[name] and name not in found.waits}
    kept = {name for name in settled if not force.seen[name].is_silent}  # whatever the gaps turn out to be
    for name in tight:
        seen = force.seen[name]
        if not seen.is_silent and not force.look_closer(name, waits[name]) and not seen.is_silent:
            kept.add(name)
    for name in found.said:
        coming = [each[name] for each in to_come if name in each]
        values[name].update(dict.fromkeys(coming))
        if to_come and len(coming) == len(to_come):
            for value in coming:
                force.seen[name].note(value, {})
            if not force.seen[name].unreached(found.said[name]) and name not in loose:
                kept.add(name)
    opinion = secondopinion.evaluate(case.made.text, case.actuals, case.outcome.as_of)
    told = {name: tuple(each)[:MOST_VALUES] for name, each in values.items() if each}
    moved = {name: frozenset(keys) for name, keys in moving.items()}
    yield Question(seed, case.contract, case.actuals, opinion, force.seen, told, frozenset(kept), moved)
    for filling in r.sample(force.tried, min(FILLED, len(force.tried))):
        actuals = filled(case, filling)
        said = secondopinion.evaluate(case.made.text, actuals, case.outcome.as_of)
        yield Question(seed, case.contract, actuals, said, {}, {}, frozenset(), {})


def _moved(call: Any, filling: Any, grids: Any, r: Random) -> dict[str, set[tuple[str, str]]]:
    """The figures that change when one gap is filled otherwise, with that gap."""
    found: dict[str, set[tuple[str, str]]] = {}
    before = call(filling)
    for key, grid in grids.items():
        after = call({**filling, key: r.choice(grid)})
        for name in before.keys() & after.keys():
            if before[name] != after[name]:
                found.setdefault(name, set()).add(key)
    return found


def answered(question: Question) -> Iterator[str]:
    """Every place where the evaluator is wrong about a question."""
    outcome = question.contract.evaluate(dict(question.actuals))
    yield from differences(question.opinion, outcome)
    tree, values = question.contract.tree, outcome.trace
    refs, loose = figures(tree), {each.root for each in values.loose}
    for name, found in question.values.items():
        can_be = values.rows[refs[name]]
        for value in found:
            if not admits(can_be, value):
                yield f"{name}: {value} is not in {can_be}"
    for name, keys in question.waits.items():
        rows = (tree.rows[each] for each in values.missing(refs[name]))
        waits = {(row.kind, row.key) for row in rows}  # type: ignore[union-attr]  # all of them are inputs
        if not keys <= waits:
            yield f"{name}: moves with {sorted(keys - waits)}, which it is not said to wait for"
    for name in question.tight:
        can_be = values.rows[refs[name]]
        if refs[name] in loose:
            yield f"{name}: is called wide, though both ends of {can_be} are near at hand"
        missed = question.seen[name].unreached(can_be)
        yield from (f"{name}: {each} of {can_be} does not happen" for each in missed)


# ---- mutants


class Mutant(NamedTuple):
    """One change of one file: what it was made by, and the lines before and after."""

    module: str
    operator: str
    text: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change, for people."""
        old = (ROOT / "src" / "rkdsl" / self.module).read_text(encoding="utf-8").splitlines()
        lines = list(
            difflib.unified_diff(old, self.text.splitlines(), self.module, self.operator, "", "", 1, "")
        )
        return "\n".join(lines)


EFFORT: Final = "how much is tried before a figure is called wide: no small contract comes to this limit"
ZERO_WEIGHT: Final = "only where all that take part weigh nothing: a contract writes weights above zero alone"
EQUIVALENT: Final[Mapping[tuple[str, str], str]] = {
    (
        "full = this.full and (exponent == 1 or not this.whole)",
        "full = this.full and (exponent <= 1 or not this.whole)",
    ): "zero and less have returned before",
    (
        "if len(cells) > self._cells or len(cells) * len(cone) > self._work:",
        "if len(cells) > self._cells or len(cells) / len(cone) > self._work:",
    ): EFFORT,
    ("return False", "return True"): f"in `_split`, past the limit: {EFFORT}",
    (
        "chosen.append(min(each for each in rest if each[0] == 0 and each[2] > 0))",
        "chosen.append(min(each for each in rest if each[0] > 0 and each[2] > 0))",
    ): ZERO_WEIGHT,
    (
        "chosen.append(min(each for each in rest if each[0] == 0 and each[2] > 0))",
        "chosen.append(min(each for each in rest if each[ -1] == 0 and each[2] > 0))",
    ): ZERO_WEIGHT,
    (
        'effect = BOTH if has_states else DOWN if row.op == "not" else UP',
        'effect = BOTH if has_states else DOWN if row.op >= "not" else UP',
    ): "the others are `all` and `any`, which come before `not` in the alphabet",
    (
        'held = knot.before if knot.holds == "before" else knot.after',
        'held = knot.before if knot.holds >= "before" else knot.after',
    ): "the other is `after`, which comes before `before` in the alphabet",
    ("if exponent % 2 == 0:", "if exponent % 2 <= 0:"): "a remainder is never below zero",
    (
        "return ((source, UP if rise > 0 else DOWN),)",
        "return ((source, UP if rise >= 0 else DOWN),)",
    ): "only lines that rise or fall are kept",
    (
        "if not isinstance(domain, Possible) or not isinstance(self.outcomes[root], Possible):",
        "if not isinstance(domain, Possible) and not isinstance(self.outcomes[root], Possible):",
    ): "all that is open acts through the neck: with the neck settled the root is; with the root alone nothing changes",
    (
        "if isinstance(outcome, State) and outcome.kind == kind:",
        "if isinstance(outcome, State) and outcome.kind >= kind:",
    ): "*not defined* is asked for first, and *not applicable* comes before it in the alphabet",
    (
        "if share.high is not None and share.high <= 0:",
        "if share.high is not None and share.high <= 1:",
    ): "outside its knots a line is at shares of no more than 0, or of more than 1",
    (
        "return not this.has_value and len(this.states) == 1 and this.states[0].kind == NOT_DEFINED",
        "return not this.has_value and len(this.states) >= 1 and this.states[0].kind == NOT_DEFINED",
    ): "of two states *not defined* is the last",
    (
        "if record.contract != tree.id:",
        "if record.contract > tree.id:",
    ): "it refuses the actuals of another contract, which is not asked here",
    (
        'kind = NOT_APPLICABLE if row.test == "applies" else NOT_DEFINED',
        'kind = NOT_APPLICABLE if row.test <= "applies" else NOT_DEFINED',
    ): "the other test is `defined`, which comes after it in the alphabet",
    (
        'if row.pick != "all" or not all(map(_is_weight, weights)):',
        'if row.pick < "all" or not all(map(_is_weight, weights)):',
    ): "best and worst have no weights: the language combines all by a weighted mean",
    (
        "if isinstance(report.value, State) and field.kind in _SAY_SO and not field.may_not_apply:",
        "if isinstance(report.value, State) or field.kind in _SAY_SO and not field.may_not_apply:",
    ): "it makes a finding, which is not of the score",
    (
        "if len(positive) < len(weights):",
        "if len(positive) != len(weights):",
    ): "those above zero are some of all",
    (
        "room = meet(place, Interval(reached.low, None, True, True))",
        "room = meet(place, Interval(reached.low, None, True, False))",
    ): "an end that is nowhere is open either way",
    (
        'if rule == "not defined":',
        'if rule >= "not defined":',
    ): "the others are `flat` and `line`, which come before it in the alphabet",
    (
        "between = sorted(ref for ref in trace.rows if lowest < ref < root)",
        "between = sorted(ref for ref in trace.rows if lowest != ref < root)",
    ): "those below the neck come to the same again",
    (
        "before = meet(operand, Interval(None, places[0].high, True, True))",
        "before = meet(operand, Interval(None, places[0].high, False, True))",
    ): "an end that is nowhere is open either way",
    (
        "if row.otherwise is not None and certain < max(row.needs, 1):",
        "if row.otherwise is not None and certain < max(row.needs, 0):",
    ): "`otherwise` stands beside `needs` alone, and that is 1 or more",
    (
        "return point(Fraction(0))",
        "return point(Fraction( -1))",
    ): "only the difference of two such is asked for",
    (
        "if self._bounds is None:",
        "if not self._bounds is None:",
    ): "all is evaluated anew, which comes to the same",
    (
        'effect = BOTH if has_states else DOWN if row.op == "not" else UP',
        'effect = BOTH if not has_states else DOWN if row.op == "not" else UP',
    ): "which way a figure moves is asked by tests alone",
    (
        "rest = [possible(operand) for operand in operands if operand is not True]",
        "rest = [possible(operand) for operand in operands if operand is not False]",
    ): "where none is no, all but those that are no are all: those that are yes change nothing",
    (
        "if isinstance(outcome, Possible):",
        "if not isinstance(outcome, Possible):",
    ): "what bounds is made also where nothing is open, and bounds nothing",
    (
        "chosen.append(min(each for each in rest if each[0] == 0 and each[2] > 0))",
        "chosen.append(min(each for each in rest if each[0] < 0 and each[2] > 0))",
    ): ZERO_WEIGHT,
    ("if self._kept > ROOM:", "if not self._kept > ROOM:"): EFFORT,
    (
        "if self._bounds is None:",
        "if self._bounds is not None:",
    ): "all is evaluated anew, which comes to the same",
}
"""Mutants without a change that can be seen in a score: (line before, line after), and why."""


def mutants(module: str, r: Random) -> Iterator[Mutant]:
    """The mutants of a file in an order that is drawn; none of types alone, nor of what is not of the score."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    old = (ROOT / "src" / "rkdsl" / module).read_text(encoding="utf-8")
    without = NOT_OF_THE_SCORE.get(module, ())
    seen = {_meaning(old, without)}
    nodes = list(ast_nodes(get_ast(old)))
    places = []
    for name in filter(is_asked, operator_names()):
        operator = get_operator(name)()
        found = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        places += [(name, occurrence) for occurrence in range(found)]
    r.shuffle(places)
    for name, occurrence in places:
        text = mutate_code(old, get_operator(name)(), occurrence)
        now = _meaning_if_any(text or "(", without)
        if text is None or now is None or now in seen:
            continue
        seen.add(now)
        changes = list(difflib.ndiff(old.splitlines(), text.splitlines()))
        before = " ".join(each[2:].strip() for each in changes if each[:2] == "- ")
        after = " ".join(each[2:].strip() for each in changes if each[:2] == "+ ")
        yield Mutant(module, name.split("/")[1], text, before, after)


_REPLACED: Final = ("ReplaceBinaryOperator_", "ReplaceComparisonOperator_")
_ALIKE: Final = (
    *(("Add", "Sub", "Mul", "Div", "FloorDiv"), ("BitOr", "BitAnd", "BitXor")),
    *(("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"), ("Is", "IsNot"), ("In", "NotIn")),
)


def is_asked(name: str) -> bool:
    """Whether a kind of change is among those made: an operator is replaced by one that takes the same operands."""
    kind = name.split("/")[1]
    if not kind.startswith(_REPLACED):
        return kind.startswith(OPERATORS)
    pair = set(kind.split("_")[1:])
    return any(pair <= set(alike) for alike in _ALIKE)


def _meaning_if_any(text: str, without: Sequence[str]) -> str | None:
    try:
        return _meaning(text, without)
    except SyntaxError:
        return None


class _Plain(ast.NodeTransformer):
    """Takes away what has no meaning for a score: types, and the functions named."""

    def __init__(self, without: Sequence[str]) -> None:
        self.without = without

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        if node.name in self.without:
            return None
        node.returns = None
        for each in (*node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg):
            if each is not None:
                each.annotation = None
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        return None if node.name in self.without else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def _meaning(text: str, without: Sequence[str]) -> str:
    """A text without types; type aliases of a module are types too."""
    tree = ast.parse(text)
    tree.body = [each for each in tree.body if not _is_alias(each)]
    return ast.dump(_Plain(without).visit(tree))


def _is_alias(node: ast.stmt) -> bool:
    """`Value = Fraction | bool`: names and nothing else, with bars between."""
    if not isinstance(node, ast.Assign):
        return False
    parts = [each for each in ast.walk(node.value) if isinstance(each, ast.expr)]
    kinds = (ast.BinOp, ast.Name, ast.Subscript, ast.Tuple, ast.Attribute, ast.UnaryOp)
    return any(isinstance(each, ast.BinOp) for each in parts) and all(
        isinstance(each, kinds) for each in parts
    )


def sample(number: int, seed: int) -> list[Mutant]:
    """So many mutants: the modules take turns, each with its own drawn in an order of the seed."""
    r = Random(seed)
    waiting = [mutants(module, r) for module in MODULES]
    drawn: list[Mutant] = []
    while len(drawn) < number and waiting:
        for found in list(waiting):
            mutant = next(found, None)
            if mutant is None:
                waiting.remove(found)
            elif len(drawn) < number:
                drawn.append(mutant)
    return drawn


# ---- sitting the exam


class Verdict(NamedTuple):
    """How a mutant fared."""

    mutant: Mutant
    how: str
    what: str


CAUGHT: Final = ("difference", "traceback", "time-out")


def sit(mutant: Mutant | None, exam: Path, seconds: float) -> Verdict:
    """A mutant (None: the evaluator as it is) in a process of its own, on a copy of the sources."""
    with tempfile.TemporaryDirectory() as folder:
        src = Path(folder) / "src"
        shutil.copytree(ROOT / "src", src, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "grammar", Path(folder) / "grammar")
        if mutant is not None:
            (src / "rkdsl" / mutant.module).write_text(mutant.text, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": f"{src}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
        asked = [sys.executable, "-m", "tests.mutants", "--sit", str(exam)]
        try:
            done = subprocess.run(
                asked,
                env=environment,
                cwd=folder,
                timeout=seconds,
                capture_output=True,
                text=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict(mutant, "time-out", f"not done after {seconds:.0f} seconds")  # type: ignore[arg-type]
    last = (done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or [""])[-1]
    if done.returncode == 0:
        how = "survived"
    elif done.returncode == 3:
        how = "difference"
    else:
        how = "traceback"
    return Verdict(mutant, how, last)  # type: ignore[arg-type]  # only the one as it is has none


def sit_here(exam: Path) -> int:
    """Answers the exam in this process; 3 at the first wrong answer."""
    with exam.open("rb") as file:
        for question in pickle.load(file):
            for each in answered(question):
                sys.stdout.write(f"seed {question.seed}: {each}\n")
                return 3
    return 0


def write_exam(path: Path, contracts: int, dense: int, first: int, sets: int) -> Counter[str]:
    """Writes the exam, and tells what is in it."""
    found = list(questions(range(first, first + contracts), range(first, first + dense), sets))
    passed = [each for each in found if not list(answered(each))]
    failed, found = len(found) - len(passed), passed
    path.write_bytes(pickle.dumps(found))
    return Counter(
        questions=len(found),
        contracts=len({each.contract.sha256 for each in found}),
        **{
            "figures that gaps leave open": sum(len(each.tight) for each in found),
            "left out, as the evaluator fails them as it is": failed,
            "figures with fillings": sum(len(each.values) for each in found),
        },
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.mutants")
    parser.add_argument("--number", type=int, default=60, help="how many mutants are drawn")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--contracts", type=int, default=60, help="in the exam")
    parser.add_argument("--dense", type=int, default=80, help="small contracts in the exam")
    parser.add_argument("--sets", type=int, default=3, help="sets of actuals of each contract")
    parser.add_argument("--first", type=int, default=50_000, help="the first seed of the exam")
    parser.add_argument("--exam", type=Path, help="the exam is kept here, and used again")
    parser.add_argument("--list", action="store_true", help="print the mutants, and no more")
    parser.add_argument("--sit", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.sit is not None:
        return sit_here(asked.sit)
    drawn = sample(asked.number, asked.seed)
    if asked.list:
        sys.stdout.write("\n\n".join(each.diff for each in drawn) + "\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        exam = asked.exam or Path(folder) / "exam"
        if not exam.exists():
            for name, number in write_exam(
                exam, asked.contracts, asked.dense, asked.first, asked.sets
            ).items():
                sys.stdout.write(f"{number:>8}  {name}\n")
        return examine(drawn, exam)


def examine(drawn: Sequence[Mutant], exam: Path) -> int:
    """Lets all sit the exam, and tells how they fared; 1 where one survives that is not said to be the same."""
    start = time.perf_counter()
    plain = sit(None, exam, 3600)
    seconds = time.perf_counter() - start
    if plain.how != "survived":
        sys.stdout.write(f"the evaluator as it is fails: {plain.what}\n")
        return 2
    sys.stdout.write(f"{seconds:>8.0f}  seconds for the evaluator as it is\n")
    counted: Counter[str] = Counter()
    for at, mutant in enumerate(drawn, 1):
        verdict = sit(mutant, exam, 30 + 5 * seconds)
        why = EQUIVALENT.get((mutant.before, mutant.after))
        how = "the same" if verdict.how == "survived" and why is not None else verdict.how
        counted[how] += 1
        sys.stdout.write(f"\n{at:>4}  {how}: {mutant.module}: {mutant.before}  ->  {mutant.after}\n")
        sys.stdout.write(f"      {why if how == 'the same' else verdict.what}\n")
        if how == "survived":
            sys.stdout.write(mutant.diff + "\n")
        sys.stdout.flush()
    sys.stdout.write("\n")
    for how in (*CAUGHT, "the same", "survived"):
        sys.stdout.write(f"{counted[how]:>8}  {how}\n")
    return 1 if counted["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
