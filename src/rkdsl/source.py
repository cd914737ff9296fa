"""A text and places in it: the only file that knows bytes, lines and columns."""

from __future__ import annotations

import bisect
import itertools
import unicodedata

from rkdsl.plain import Final, NamedTuple, Plain, field, pattern

BOM: Final = "\ufeff".encode()
"""The bytes that some programs put before a text in UTF-8."""


class Span(NamedTuple):
    """A stretch of a text, as offsets of characters: `start` included, `end` not."""

    start: int
    end: int


def cover(first: Span, last: Span) -> Span:
    """The stretch from the start of one span to the end of another."""
    return Span(first.start, last.end)


class Flaw(NamedTuple):
    """Something about the raw text that keeps it from being read, at an offset of the normalised text."""

    kind: str
    span: Span
    detail: str


def _starts_of(text: str) -> list[int]:
    """Where its lines begin."""
    lengths = (len(line) + 1 for line in text.split("\n")[:-1])
    return [0, *itertools.accumulate(lengths)]


class Source(Plain):
    """A named text with its line starts. The text is normalised: no BOM, `\\n` line ends, NFC.

    It may go on with the texts of other files: `files` says where each of them begins, and what it is called.
    """

    name: str
    text: str
    flaws: tuple[Flaw, ...] = ()
    files: tuple[tuple[int, str], ...] = ()
    _starts: list[int] = field(init=False, made=lambda made: _starts_of(made.text), repr=False, eq=False)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset in its file, both from 1."""
        line = bisect.bisect_right(self._starts, offset)
        first = bisect.bisect_right(self._starts, self._file(offset)[0])
        return line - first + 1, offset - self._starts[line - 1] + 1

    def file(self, offset: int) -> str:
        """The name of the file that an offset lies in."""
        return self._file(offset)[1]

    def _file(self, offset: int) -> tuple[int, str]:
        after = bisect.bisect_right(self.files, offset, key=lambda each: each[0])
        return self.files[after - 1] if after else (0, self.name)

    def line_at(self, offset: int) -> str:
        """The text of the line that an offset lies in, without its end."""
        number = bisect.bisect_right(self._starts, offset)
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end]

    def joined(self, other: Source) -> Source:
        """This text going on with that of another file, from `len(self.text) + 1` on."""
        start = len(self.text) + 1
        moved = (
            each._replace(span=Span(each.span.start + start, each.span.end + start)) for each in other.flaws
        )
        text, files = f"{self.text}\n{other.text}", (*self.files, (start, other.name))
        return Source(self.name, text, (*self.flaws, *moved), files)


def from_text(name: str, text: str) -> Source:
    """A source of a text already decoded: normalised, with the flaws found on the way."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text)
    return Source(name, text, tuple(_character_flaws(text)))


def from_bytes(name: str, data: bytes) -> Source:
    """A source of UTF-8 bytes; with other bytes the text is empty and says so as a flaw."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _undecodable(name, data, f"line {line}, byte {error.start + 1} of the file")
    if "\0" in text:
        return _undecodable(name, data, f"byte {data.index(0) + 1} of the file")
    return from_text(name, text)


def _undecodable(name: str, data: bytes, where: str) -> Source:
    return Source(name, "", (Flaw("encoding", Span(0, 0), f"{where}|{_encoding_guess(data)}"),))


def _encoding_guess(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:64]:
        return "UTF-16"
    return "Windows-1252 or Latin-1"


_MOST_FLAWS: Final = 100
_UNSEEN: Final = pattern(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def _character_flaws(text: str) -> list[Flaw]:
    """Control and direction marks, which may hide what stands in the text. Tabs are spaces."""
    if text.replace("\n", "").replace("\t", "").isprintable():  # nothing that is unseen is
        return []
    found = itertools.islice(_UNSEEN.finditer(text), _MOST_FLAWS)
    return [Flaw("unseen", Span(*match.span()), _character_name(match.group())) for match in found]


def _character_name(char: str) -> str:
    name = unicodedata.name(char, "").lower()
    return f"U+{ord(char):04X}" + (f" ({name})" if name else "")


def is_mixed_script(word: str) -> bool:
    """Whether a word mixes letters of Latin with those of Greek, Cyrillic or another script."""
    scripts = {unicodedata.name(char, "?").split()[0] for char in set(word) if char.isalpha()}
    return len(scripts) > 1


def shown(text: str, limit: int = 60) -> str:
    """A piece of an author's text made safe to print: cut when long, unseen characters written out."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():  # nothing that is unseen is
        return text
    return "".join(f"\\u{ord(c):04x}" if _UNSEEN.match(c) or c == "\n" else c for c in text)
