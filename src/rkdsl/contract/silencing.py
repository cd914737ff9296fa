"""Findings that a contract silences itself, where they stand and with a reason."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rkdsl.contract import contradictions
from rkdsl.contract.report import Report, statements_in
from rkdsl.diagnostics import Diagnostic, Place, Silenced, in_order
from rkdsl.language import nodes
from rkdsl.messages import COMPUTED, NOT_SILENCED, TITLES
from rkdsl.plain import Plain
from rkdsl.source import Span

Block = (
    nodes.Contract
    | nodes.Section
    | nodes.Item
    | nodes.Row
    | nodes.UsedItem
    | nodes.Measure
    | nodes.Fact
    | nodes.Parameter
    | nodes.ChangedItem
    | nodes.ChangedSection
    | nodes.ChangedMeasure
)
"""What may hold a silence; it acts on findings in its own block, not on those of blocks in it."""
MORE_FINDINGS: Final = "RK514"
"""Where some findings are not told, nothing can be said of those who silence them."""


def is_silenceable(code: str) -> bool:
    """Whether findings about a contract have this code, and it may keep them quiet."""
    return code in TITLES and code.startswith(COMPUTED) and code not in NOT_SILENCED


Texts = Sequence[nodes.Contract | nodes.Amendment]
"""A contract, and after it its amendments."""


def check_silences(texts: Texts, report: Report) -> None:
    """Each names a code of findings, once in its block, and says why."""
    for block in _blocks(texts):
        first: dict[str, nodes.Silence] = {}
        for each in _silences(block):
            code = each.code.text
            if not is_silenceable(code):
                report.add(contradictions.not_silenceable(report.place(each.code.span), code))
            elif first.setdefault(code, each) is not each:
                report.twice(each.code.span, code, first[code].code.span)
            if not each.reason.text.strip():
                report.add(contradictions.no_reason(report.place(each.reason.span)))


def silence(
    texts: Texts, file: str, diagnostics: Iterable[Diagnostic]
) -> tuple[tuple[Diagnostic, ...], tuple[Silenced, ...]]:
    """The findings that stay, and those that the contract silences.

    One that silences nothing is a finding itself, unless it belongs to a shared goal that is not used. Amendments
    may mend what is silenced: of the contract with them nothing is said.
    """
    found = tuple(diagnostics)
    places = _Places(texts)
    if not places.silences:
        return found, ()
    kept: list[Diagnostic] = []
    silenced: list[Silenced] = []
    acting: set[Span] = set()
    for each in found:
        by = places.silence_of(each)
        if by is None:
            kept.append(each)
            continue
        acting.add(by.span)
        silenced.append(Silenced(each, Place(file, by.span), by.reason.text))
    if len(texts) == 1 and not any(each.code == MORE_FINDINGS for each in found):
        kept += _idle(texts, file, acting)
    return in_order(kept), tuple(silenced)


def _idle(texts: Texts, file: str, acting: set[Span]) -> Iterator[Diagnostic]:
    used = {
        each.name.text for text in texts for each in statements_in(text) if isinstance(each, nodes.UsedItem)
    }
    for block in _blocks(texts):
        if isinstance(block, nodes.Item) and block.shared and block.name.text not in used:
            continue
        for each in _silences(block):
            if each.span not in acting:
                yield contradictions.silences_nothing(Place(file, each.span), each.code.text)


def _blocks(texts: Texts) -> list[Block]:
    found = [each for text in texts for each in statements_in(text) if isinstance(each, Block)]
    return sorted(found, key=lambda each: (each.span.start, -each.span.end))


def _silences(block: Block) -> list[nodes.Silence]:
    return [each for each in block.statements if isinstance(each, nodes.Silence)]


class _Region(Plain):
    """A stretch that belongs to a block: the block itself, or a statement of it that stands elsewhere."""

    span: Span
    silences: dict[str, nodes.Silence]
    around: int


class _Places:
    """Which block a place of the text belongs to."""

    def __init__(self, texts: Texts) -> None:
        blocks = _blocks(texts)
        self.silences = any(_silences(each) for each in blocks)
        self._regions: list[_Region] = []
        if self.silences:
            spans = sorted(
                ((span, block) for block in blocks for span in _spans(block)),
                key=lambda each: (each[0].start, -each[0].end),
            )
            self._nest(spans)
        self._whole = {
            each.code.text: each
            for text in texts
            if isinstance(text, nodes.Contract)
            for each in _silences(text)
        }
        self._starts = [each.span.start for each in self._regions]

    def _nest(self, spans: list[tuple[Span, Block]]) -> None:
        """Each stretch with the one around it: they lie in one another, and never across."""
        around: list[int] = []
        for index, (span, block) in enumerate(spans):
            while around and self._regions[around[-1]].span.end < span.end:
                around.pop()
            silences = {each.code.text: each for each in _silences(block)}
            self._regions.append(_Region(span, silences, around[-1] if around else -1))
            around.append(index)

    def silence_of(self, finding: Diagnostic) -> nodes.Silence | None:
        """What silences a finding, in the innermost block around its place.

        What lies in no block, as in a register of a library, belongs to the contract.
        """
        span = finding.place.span
        if span is None or finding.is_error or not is_silenceable(finding.code):
            return None
        index = bisect.bisect_right(self._starts, span.start) - 1
        while index >= 0 and self._regions[index].span.end < span.end:
            index = self._regions[index].around
        return (self._regions[index].silences if index >= 0 else self._whole).get(finding.code)


def _spans(block: Block) -> Iterator[Span]:
    """The stretch of a block, and of statements that an amendment gave it from elsewhere."""
    yield block.span
    for each in block.statements:
        if not (block.span.start <= each.span.start and each.span.end <= block.span.end):
            yield each.span
