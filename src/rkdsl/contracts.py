"""A contract that was read, checked and compiled, and what can be asked of it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from rkdsl import evaluation, source
from rkdsl.actuals.joint import Asked
from rkdsl.actuals.record import PARAMETER, Name, Record, without_names
from rkdsl.collecting import paused
from rkdsl.contract.parts import cross_checks
from rkdsl.contract.symbols import Checked, ProofLine, RuleInForce
from rkdsl.diagnostics import Diagnostic, Place, Silenced
from rkdsl.evaluation import Outcome, Ready, Told
from rkdsl.files import read_limited
from rkdsl.language.printer import print_node
from rkdsl.outcome import AmendmentOutcome, Deadline, RegisterOutcome
from rkdsl.plain import TYPE_CHECKING, Any, Late, Plain, evolve, field
from rkdsl.rules import summary
from rkdsl.rules.evaluator import evaluate
from rkdsl.rules.tree import Tree

if TYPE_CHECKING:
    from pathlib import Path

    from rkdsl import scorer as scoring
    from rkdsl import trials
    from rkdsl.contract import examples
    from rkdsl.reports import data
    from rkdsl.rules import compiler, coverage, linking, registers, tabling, trial
    from rkdsl.rules import deadlines as days
    from rkdsl.rules.tables import Table
    from rkdsl.scorer import Scorer
    from rkdsl.trials import Trials
    from rkdsl.versions import Versions

    Actuals = Mapping[str, Any] | str | Path
    """A JSON file, or what stands in it."""
else:
    scoring, trials = Late("rkdsl.scorer"), Late("rkdsl.trials")
    examples, data = Late("rkdsl.contract.examples"), Late("rkdsl.reports.data")
    compiler, coverage = Late("rkdsl.rules.compiler"), Late("rkdsl.rules.coverage")
    linking, trial = Late("rkdsl.rules.linking"), Late("rkdsl.rules.trial")
    registers, tabling = Late("rkdsl.rules.registers"), Late("rkdsl.rules.tabling")
    days = Late("rkdsl.rules.deadlines")

Sources = Mapping[str, source.Source]


def names_of(contract: Contract) -> frozenset[tuple[str, Name]]:
    """What may be told of a contract and of those it uses: the contract, and the kind and name of each."""
    return frozenset(
        (one.id, (each.kind, each.id)) for one in contract.all_used for each in (one.own or one.tree).fields
    )


class Contract(Plain):
    """A contract that was read, checked and compiled. Immutable, and safe to share between threads.

    With amendments it is the contract as they leave it at the end of the time that binds; `evaluate` takes those
    that hold for the day it is asked for. `known` is what any version asks for: actuals may tell all of it;
    `files` are those that any version was read from.

    `findings` are those that the contract does not silence itself; the others are in `silenced`, with the reason.
    """

    id: str
    title: str
    findings: tuple[Diagnostic, ...]
    proof: tuple[ProofLine, ...]
    rules: tuple[RuleInForce, ...]
    closes: datetime.date | None
    tree: Tree = field(repr=False)
    sources: Mapping[str, source.Source] = field(repr=False)
    sha256: str = ""
    own: Tree | None = field(default=None, repr=False, eq=False)
    used: tuple[Contract, ...] = field(default=(), repr=False)
    file: str = field(default="", repr=False, eq=False)
    checked: Checked | None = field(default=None, repr=False, eq=False)
    silenced: tuple[Silenced, ...] = field(default=(), repr=False)
    versions: Versions[Contract] | None = field(default=None, repr=False, eq=False)
    contract_files: frozenset[str] = field(default=frozenset(), repr=False, eq=False)
    known: frozenset[tuple[str, Name]] = field(default=frozenset(), repr=False, eq=False)
    files: frozenset[str] = field(default=frozenset(), repr=False, eq=False)

    @property
    def as_signed(self) -> Contract:
        """The contract without its amendments."""
        return self if self.versions is None else self.versions.of(())

    def amended(self, day: datetime.date | str | None = None) -> Contract:
        """The contract as known and in force on a day; without one, with all amendments, also those not signed.

        Raises `Refused` where the amendments of the day do not fit together.
        """
        if self.versions is None:
            return self
        if day is None:
            return self.versions.of(self.versions.dated)
        return self.versions.holding(self.versions.told(_day(day), exact=True))

    @property
    def amendments(self) -> tuple[AmendmentOutcome, ...]:
        """The amendments in their order, and of each whether it holds at the end of the time that binds."""
        return self.versions.told(None) if self.versions is not None else ()

    def evaluate(
        self,
        actuals: Actuals | Sequence[Actuals],
        as_of: datetime.date | str | None = None,
        *,
        previous: Actuals | None = None,
        as_signed: bool = False,
    ) -> Outcome:
        """The outcome for actuals: a path, or the data of such a file as a mapping; several, where the contract
        uses others, each for the contract that it names.

        `as_of` is the day whose knowledge counts; without it the day that the actuals state. Of the amendments
        those are applied that were signed by that day and are in force on it, if it is given here, else at the
        end of the time that binds; with `as_signed` none. `previous` is the
        outcome of the period before, a path or what `to_dict` gave: what the contract carries over is read from
        it. Raises `Refused` with every mistake found, OSError when a file cannot be read, and ValueError for an
        `as_of` that is no day or a figure in a mapping that is no decimal.

        >>> from rkdsl.pipeline import EXAMPLE, loads
        >>> contract = loads(EXAMPLE)
        >>> outcome = contract.evaluate({"contract": "k", "readings": {"x": {"2026": 4}}}, "2027-01-31")
        >>> outcome.points
        Points(secured=Fraction(10, 1), possible=Fraction(10, 1), maximum=Fraction(10, 1))
        >>> open_still = contract.evaluate({"contract": "k"}, "2026-06-30")
        >>> open_still.item("g").state, open_still.points.secured, open_still.points.possible
        ('pending', Fraction(0, 1), Fraction(10, 1))
        """
        before = None if previous is None else _content(previous, "previous")
        several = [actuals] if isinstance(actuals, Mapping | str | os.PathLike) else list(actuals)
        contents = [_content(each, "actuals") for each in several]
        return self.evaluate_bytes(contents, _day(as_of), before, as_signed=as_signed)

    def scorer(self, as_of: datetime.date | str) -> Scorer:
        """What scores many records of this contract as of one day, each a flat mapping, quicker than `evaluate`.

        The figures of contracts that are used have their name in the path: `readings.north.visits.2026`. Raises
        ValueError for an `as_of` that is no day, and for a contract that uses another in several places.

        >>> from rkdsl.pipeline import EXAMPLE, loads
        >>> scorer = loads(EXAMPLE).scorer("2027-01-31")
        >>> scorer.keys
        ('readings.x.2026',)
        >>> scores = scorer({"readings.x.2026": 4})
        >>> scores.points, scores.state_of("g")
        (Points(secured=Fraction(10, 1), possible=Fraction(10, 1), maximum=Fraction(10, 1)), 'met')
        """
        day = _day(as_of)
        assert day is not None
        version = self
        if self.versions is not None:
            version = self.versions.holding(self.versions.told(day, exact=True, as_signed=False))
        parts = dict(version._prefixes(""))
        if len(set(parts.values())) < len(parts):
            raise ValueError(f"{self.id} uses a contract in several places: it is evaluated with its actuals")

        def evaluated(actuals: Mapping[str, Any]) -> Outcome:
            return self.evaluate(scoring.parted(actuals, parts), day)

        @paused()
        def figures(actuals: Mapping[str, Any]) -> dict[str, Fraction | str | None]:
            contents = [_content(each, "actuals") for each in scoring.parted(actuals, parts)]
            read = evaluation.read(contents, None)
            asked = read._replace(records=version._asked_of(read.records))
            return evaluation.figures_of(version.ready, asked, day)

        return scoring.Scorer(version.tree, version.ready.plan, day, evaluated, figures)

    def _prefixes(self, prefix: str) -> Iterator[tuple[str, str]]:
        """What the names of each contract begin with in the whole, and what it is called."""
        yield prefix, self.id
        for each in self.used:
            yield from each._prefixes(f"{prefix}{each.id}.")

    @paused()
    def evaluate_bytes(
        self,
        actuals: Sequence[tuple[str, bytes]],
        as_of: datetime.date | None = None,
        previous: tuple[str, bytes] | None = None,
        *,
        as_signed: bool = False,
    ) -> Outcome:
        """The outcome for the bytes of files of actuals, each with the name that messages call it.

        `previous` is the name and the bytes of the outcome of the period before.
        """
        read = evaluation.read(actuals, previous)
        day = as_of if as_of is not None else evaluation.asked_day(read, actuals[0][0])
        if self.versions is None:
            return self._outcome_of(read, day)
        told = self.versions.told(day, exact=as_of is not None, as_signed=as_signed)
        version = self.versions.holding(told)
        return evolve(version._outcome_of(read, day), amendments=told)

    def _outcome_of(self, read: Told, day: datetime.date) -> Outcome:
        read = read._replace(records=self._asked_of(read.records))
        return evolve(evaluation.outcome_of(self.ready, read, day), checked=self.checked)

    def _asked_of(self, records: tuple[Record, ...]) -> tuple[Record, ...]:
        """The records without what only other versions of the contract ask for."""
        elsewhere = self.known - names_of(self)
        if not elsewhere:
            return records
        return tuple(
            without_names(each, frozenset(name for contract, name in elsewhere if contract == each.contract))
            for each in records
        )

    @cached_property
    def registers(self) -> tuple[RegisterOutcome, ...]:
        """The tables beside the score as the text states them, with nothing reported."""
        ready = self.ready
        if not ready.tables:
            return ()
        values = evaluate(ready.plan, {})
        return registers.told(
            ready.tables, self.tree, values, summary.values(self.tree, values, datetime.date.min)
        )

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Every day that the contract names, in order."""
        return () if self.checked is None else days.deadlines(self.checked, self.tree, self.registers)

    @cached_property
    def ready(self) -> Ready:
        """What all evaluations of this version share."""
        places = tuple(place for each in self.used for place in each.ready.places)
        inner = (f"{each.id}.{name}" for each in self.used for name in each.ready.generated)
        tables: tuple[Table, ...] = ()
        if self.checked is not None and self.checked.registers:
            tables = tabling.tables_of(self.checked, self.tree)
        return Ready(
            self.id,
            self.title,
            self.sha256,
            self.tree,
            self._asked,
            self.findings,
            tables,
            frozenset((*(name for each in tables for name in each.names), *inner)),
            (*places, *(places_of(self.checked) if self.checked is not None else ())),
            self.sources,
        )

    @property
    def _asked(self) -> Asked:
        """What records may tell of: this contract, and those it uses."""
        published = tuple(each for each in self.tree.fields if each.kind == PARAMETER)
        return Asked(self.id, self.own or self.tree, tuple(each._asked for each in self.used), published)

    def test(self) -> Trials:
        """The contract's examples with what came of them, and what of the contract no example touches.

        >>> from rkdsl.pipeline import EXAMPLE, loads
        >>> tried = loads(EXAMPLE).test()
        >>> tried.holds, len(tried.untouched)
        (True, 5)
        """
        assert self.checked is not None
        text = self.sources[self.checked.file]
        own, ways = compiler.compile_examples(self.checked, text, print_node)
        tree, refs = linking.linked_in_places(own, {each.id: each.tree for each in self.used})
        supposed = examples.suppositions(self.checked, tree, text)
        tried, covered = trial.try_out(tree, coverage.moved(ways, refs), supposed, text)
        return trials.Trials(self.id, self.title, tried, covered)

    @property
    def all_used(self) -> Iterator[Contract]:
        """This contract and all that it uses, those used by others among them. Uses are nested a few levels."""
        yield self
        for each in self.used:
            yield from each.all_used

    @property
    def size(self) -> int:
        """How many contracts this is with all that it uses, each as often as it is a part."""
        return 1 + sum(each.size for each in self.used)

    @cached_property
    def kept(self) -> dict[object, object]:
        """What others work out of the contract once, by what they know it by."""
        return {}

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """The goals and requirements, in order."""
        return tuple(each.id for each in self.tree.items)


def places_of(checked: Checked) -> tuple[Place, ...]:
    """Where a contract says what it expects beside its score."""
    found = cross_checks(checked.node, checked.sections, checked.items)
    return tuple(Place(checked.file, each.span) for each in found)


def _content(found: Actuals, called: str) -> tuple[str, bytes]:
    """The bytes of a file or a mapping; a mapping has the name that it is called by."""
    if isinstance(found, str | os.PathLike):
        return str(found), read_limited(found)
    return called, data.encode(found)


def _day(as_of: datetime.date | str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
