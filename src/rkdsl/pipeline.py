"""The order of the stages: text to contract, contract and actuals to outcome. The public objects live here."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import attrs

from rkdsl import messages, source
from rkdsl.actuals.binding import bind
from rkdsl.actuals.json_reader import read
from rkdsl.actuals.previous import Previous, read_previous
from rkdsl.actuals.record import Record
from rkdsl.contract import texts
from rkdsl.contract.checker import check
from rkdsl.contract.symbols import ProofLine, RuleInForce
from rkdsl.diagnostics import Diagnostic, Place, Refused, in_order, located
from rkdsl.language.parser import parse, reserved_names
from rkdsl.language.printer import print_node
from rkdsl.outcome import ItemOutcome, Line, Result, ValueOutcome
from rkdsl.reports import data, text
from rkdsl.rules import explanation, summary
from rkdsl.rules.compiler import compile_contract
from rkdsl.rules.evaluator import Values, evaluate
from rkdsl.rules.ground import TooOftenError
from rkdsl.rules.outlook import outlook
from rkdsl.rules.tree import Name, Tree
from rkdsl.values import MAX_BYTES


@attrs.frozen
class Explanation:
    """How a figure came about: `lines` in order, each after those it needs. `str()` shows it."""

    id: str
    title: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return text.explanation(self.id, self.title, self.lines)


@attrs.frozen
class Outcome(Result):
    """What a contract comes to with given actuals on a given day, with the way it came about."""

    tree: Tree = attrs.field(repr=False, kw_only=True)
    trace: Values = attrs.field(repr=False, eq=False, kw_only=True)

    def item(self, name: str) -> ItemOutcome:
        """The goal or requirement of that name. Raises KeyError when there is none."""
        return {each.id: each for each in self.items}[name]

    def value(self, name: str) -> ValueOutcome:
        """The named value of that name. Raises KeyError when there is none."""
        return {each.id: each for each in self.values}[name]

    def explain(self, name: str = "total") -> Explanation:
        """How the points of an item or section, the `total` or a named value came about.

        Raises KeyError when the contract has nothing of that name, or it has neither points nor condition.
        """
        ref, title = self._roots[name]
        lines = explanation.explain(self.tree, self.trace, ref)
        shown = [each for item in self.tree.items if item.id == name for each in item.shown]
        for each in shown:
            lines += explanation.aside(self.tree, self.trace, each, lines)
        return Explanation(name, title, lines)

    @property
    def explainable(self) -> tuple[str, ...]:
        """The names `explain` takes, in the contract's order."""
        return tuple(self._roots)

    def to_dict(self) -> dict[str, Any]:
        """The outcome as plain data (`rkdsl-outcome/1`); numbers are int or Decimal."""
        return data.outcome_data(self)

    @property
    def _roots(self) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        for item in self.tree.items:
            ref = item.points if item.points is not None else item.condition
            if ref is not None:
                found[item.id] = (ref, item.title)
        for section in self.tree.sections:
            if section.points is not None:
                found[section.id] = (section.points, section.title)
        for value in self.tree.values:
            found.setdefault(value.id, (value.of, value.title or value.id))
        for ref, row in enumerate(self.tree.rows):  # values read in the period of their user
            if isinstance(row, Name) and row.role == "value" and "@" in row.id:
                found.setdefault(row.id, (ref, row.title))
        if self.tree.total is not None:
            found["total"] = (self.tree.total, self.title)
        return found


@attrs.frozen
class Contract:
    """A contract that was read, checked and compiled. Immutable, and safe to share between threads."""

    id: str
    title: str
    findings: tuple[Diagnostic, ...]
    proof: tuple[ProofLine, ...]
    rules: tuple[RuleInForce, ...]
    closes: datetime.date | None
    tree: Tree = attrs.field(repr=False)
    sources: Mapping[str, source.Source] = attrs.field(repr=False)
    sha256: str = ""

    def evaluate(
        self,
        actuals: Mapping[str, Any] | str | Path,
        as_of: datetime.date | str | None = None,
        *,
        previous: Mapping[str, Any] | str | Path | None = None,
    ) -> Outcome:
        """The outcome for actuals: a path, or the data of such a file as a mapping.

        `as_of` is the day whose knowledge counts; without it the day that the actuals state. `previous` is the
        outcome of the period before, a path or what `to_dict` gave: what the contract carries over is read from
        it. Raises `Refused` with every mistake found, OSError when a file cannot be read, and ValueError for an
        `as_of` that is no day or a figure in a mapping that is no decimal.

        >>> contract = loads(EXAMPLE)
        >>> outcome = contract.evaluate({"contract": "k", "readings": {"x": {"2026": 4}}}, "2027-01-31")
        >>> outcome.points
        Points(secured=Fraction(10, 1), possible=Fraction(10, 1), maximum=Fraction(10, 1))
        >>> open_still = contract.evaluate({"contract": "k"}, "2026-06-30")
        >>> open_still.item("g").state, open_still.points.secured, open_still.points.possible
        ('pending', Fraction(0, 1), Fraction(10, 1))
        """
        before = None if previous is None else _content(previous, "previous")
        name, content = _content(actuals, "actuals")
        return self.evaluate_bytes(name, content, _day(as_of), before)

    def evaluate_bytes(
        self,
        name: str,
        content: bytes,
        as_of: datetime.date | None = None,
        previous: tuple[str, bytes] | None = None,
    ) -> Outcome:
        """The outcome for the bytes of an actuals file; `name` is what messages call it.

        `previous` is the name and the bytes of the outcome of the period before.
        """
        record, mistakes = read(name, content)
        before, more = (None, ()) if previous is None else read_previous(*previous)
        if record is None or any(each.is_error for each in (*mistakes, *more)):
            raise Refused((*mistakes, *more), {})
        day = as_of or record.as_of
        if day is None:
            raise Refused((messages.no_as_of(Place(name)),), {})
        return self._evaluate(record, day, mistakes, before)

    def _evaluate(
        self,
        record: Record,
        as_of: datetime.date,
        findings: tuple[Diagnostic, ...],
        previous: Previous | None,
    ) -> Outcome:
        binding = bind(record, self.tree, as_of, previous)
        if any(each.is_error for each in binding.diagnostics):
            raise Refused(binding.diagnostics, {})
        values = evaluate(self.tree, binding.given)
        total, maximum = self.tree.total, self.tree.maximum
        points, state, why = None, "", ""
        may_become: tuple[str, ...] = ()
        if total is not None and maximum is not None:
            points = summary.points_of(values.rows[total], values.rows[maximum])
            state, why = summary.state_of(values.rows[total]), summary.why_of(values.rows[total])
            may_become = summary.may_become_of(values.rows[total])
        told = summary.values(self.tree, values, binding.given, as_of)
        return Outcome(
            self.id,
            self.title,
            as_of,
            state,
            points,
            str(self.tree.unit),
            summary.items(self.tree, values, binding.given, as_of),
            summary.sections(self.tree, values),
            self._sentences((*self.findings, *findings, *binding.diagnostics)),
            {
                "contract": self.sha256,
                "actuals": record.sha256,
                **({"previous": previous.sha256} if previous is not None else {}),
            },
            record.note,
            may_become,
            told,
            next((each for each in told if each.id == self.tree.result), None),
            why,
            summary.wide(self.tree, values),
            tree=self.tree,
            trace=values,
        )

    def _sentences(self, findings: tuple[Diagnostic, ...]) -> tuple[tuple[str, str], ...]:
        """Each finding as its place and one sentence."""
        return tuple(
            (located(each.place, self.sources), f"{each.code} {each.title}: {each.labels[0].text}")
            for each in in_order(findings)
        )

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """The goals and requirements, in order."""
        return tuple(each.id for each in self.tree.items)


EXAMPLE: Final = """
contract k "An example" { period 2026  total 10 points
  measure x "Complaints" { unit complaints  lower is better  each year }
  goal g "Few complaints" { weight 10  target x in 2026 at most 5 }
}
"""
"""The contract of the examples in these docstrings."""


def load(path: str | Path) -> Contract:
    """The contract in a `.rk` file. Raises `Refused` with every mistake found, OSError when it cannot be read."""
    found = Path(path)
    return loads_bytes(read_limited(found), str(path))


def loads(text: str, name: str = "contract.rk") -> Contract:
    """The contract in a text; `name` is what messages call it. Raises `Refused` with every mistake found.

    >>> loads(EXAMPLE).item_ids
    ('g',)
    >>> try:
    ...     loads(EXAMPLE.replace("weight 10", "weight 15"))
    ... except Refused as refused:
    ...     refused.diagnostics[0].code, refused.diagnostics[0].title
    ('RK416', 'a total that does not add up')
    """
    return loads_bytes(text.encode("utf-8", "surrogatepass"), name)


def loads_bytes(content: bytes, name: str) -> Contract:
    """The contract in the bytes of a file."""
    if len(content) > MAX_BYTES:
        raise Refused((messages.text_too_large(Place(name)),), {})
    read_text = source.from_bytes(name, content)
    parsed = parse(read_text)
    sources = {name: read_text}
    if parsed.contract is None:
        raise Refused(parsed.diagnostics, sources)
    places = (each.place.span for each in parsed.diagnostics)
    mistaken = [span for span in places if span is not None]
    found = check(parsed.contract, name, reserved_names(), mistaken)
    diagnostics = in_order((*parsed.diagnostics, *found.diagnostics))
    if found.checked is None or any(each.is_error for each in diagnostics):
        raise Refused(diagnostics, sources)
    checked = found.checked
    try:
        tree = compile_contract(checked, read_text, print_node)
    except TooOftenError as error:
        place = Place(name, error.name.span)
        raise Refused((texts.applied_too_often(place, error.name.text),), sources) from None
    diagnostics = in_order((*diagnostics, *outlook(checked, tree)))
    digest = hashlib.sha256(content).hexdigest()
    closes = checked.closes.first if checked.closes is not None else None
    return Contract(
        checked.id, tree.title, diagnostics, checked.proof, checked.rules, closes, tree, sources, digest
    )


def read_limited(path: Path) -> bytes:
    """The bytes of a file, no more than one over the limit, so that the reader can refuse it."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _content(found: Mapping[str, Any] | str | Path, called: str) -> tuple[str, bytes]:
    """The bytes of a file or a mapping; a mapping has the name that it is called by."""
    if isinstance(found, str | Path):
        return str(found), read_limited(Path(found))
    return called, data.encode(found)


def _day(as_of: datetime.date | str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
