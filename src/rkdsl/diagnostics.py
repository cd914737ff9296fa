"""What is wrong or worth knowing, where, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rkdsl.plain import Final, NamedTuple, Plain
from rkdsl.source import Source, Span, shown
from rkdsl.values import Period

ERROR: Final = "error"
FINDING: Final = "finding"
NOT_AS_EXPECTED: Final = "RK535"
"""The code of an expectation of the contract that fails."""


class Place(NamedTuple):
    """Where something is: in a text (a span), or in a data file (the path of keys)."""

    file: str
    span: Span | None = None
    key: str = ""


class Label(Plain):
    """A place with the few words that belong to it."""

    place: Place
    text: str = ""


class Diagnostic(Plain):
    """One mistake or finding: a stable code, the title of its kind, places, found and expected, a hint.

    Of something to be decided `until` and `remark` say when, and by whom or by what rule.
    """

    code: str
    severity: str
    title: str
    labels: tuple[Label, ...]
    note: str = ""
    hint: str = ""
    until: Period | None = None
    remark: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the text or data is refused because of it."""
        return self.severity == ERROR

    @property
    def place(self) -> Place:
        """The place of the mistake itself."""
        return self.labels[0].place


class Silenced(Plain):
    """A finding that the contract itself silences, where it does so, and why."""

    finding: Diagnostic
    place: Place
    reason: str


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place, then code; the same one said twice at one place is kept once."""
    seen = dict.fromkeys(diagnostics)
    return tuple(sorted(seen, key=_order))


def _order(diagnostic: Diagnostic) -> tuple[str, int, str, str, str]:
    place = diagnostic.place
    start = place.span.start if place.span else -1
    return place.file, start, place.key, diagnostic.code, diagnostic.title


def located(place: Place, sources: Mapping[str, Source]) -> str:
    """The place as `file:line:column`, `file: key`, or `file`."""
    source = sources.get(place.file)
    if place.span is not None and source is not None:
        line, column = source.place(place.span.start)
        return f"{source.file(place.span.start)}:{line}:{column}"
    return f"{place.file}: {shown(place.key)}" if place.key else place.file


def render(diagnostic: Diagnostic, sources: Mapping[str, Source]) -> str:
    """The diagnostic as plain text: place, title, the guilty line with a caret, other places, note, hint."""
    what = f"{diagnostic.severity} {diagnostic.code}: {diagnostic.title}"
    lines = [f"{located(diagnostic.place, sources)}: {what}"]
    for index, label in enumerate(diagnostic.labels):
        source = sources.get(label.place.file)
        if index:
            lines.append(f"  see {located(label.place, sources)}")
        if label.place.span is not None and source is not None:
            lines += _excerpt(source, label.place.span, label.text)
        elif label.text:
            lines.append(f"  {label.text}")
    if diagnostic.note:
        lines += [f"  {line}" for line in diagnostic.note.split("\n")]
    if diagnostic.hint:
        lines.append(f"  hint: {diagnostic.hint}")
    return "\n".join(lines)


_WIDTH: Final = 100


def _excerpt(source: Source, span: Span, text: str) -> list[str]:
    """The line of the span with carets under it; a long line is cut around them."""
    number, column = source.place(span.start)
    line = source.line_at(span.start).replace("\t", " ")
    start = column - 1
    cut = max(0, start - _WIDTH // 2)
    end = max(start, min(start + span.end - span.start, len(line), cut + _WIDTH))
    before, guilty, after = (_whole(line[i:j]) for i, j in ((cut, start), (start, end), (end, cut + _WIDTH)))
    carets = " " * len(before) + "^" * max(1, len(guilty))
    return [f"{number:>5} | {before}{guilty}{after}", f"      | {carets} {text}".rstrip()]


def _whole(piece: str) -> str:
    """The piece safe to print and not shortened: carets are counted on it."""
    return shown(piece, len(piece))


class Refused(Exception):  # noqa: N818  (a name that reads well where it is caught)
    """A text or data file was refused. `diagnostics` holds everything found; `str()` shows it all."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], sources: Mapping[str, Source]) -> None:
        self.diagnostics = diagnostics
        self.sources = dict(sources)
        super().__init__("\n\n".join(render(each, sources) for each in diagnostics))
