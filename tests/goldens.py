"""Golden cases: files, commands and what the commands must say, in one text file a case.

A case is made of sections. A line `=== contract.rk` begins a file of that name. After its name may stand
how it is written: an encoding (`=== contract.rk utf-16`), `escapes` (`\\x1b` and `\\u202e` stand for
characters that cannot be seen) or `repeated` (a line `@ 1000 text #` stands for 1000 lines, `#` for their
number). A line `=== command` begins a run: `check contract.rk`. Below it stand its `=== exit`, `=== stdout`
and `=== stderr`, the last two only where something is said; of a run that says a lot, `=== command last 9`
keeps the last nine lines. What stands above the first section says why.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

HOME: Final = Path(__file__).parent / "golden"
_MARK: Final = "=== "
_ESCAPE: Final = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})")
_REPEATED: Final = re.compile(r"^@ ([0-9]+) (.*\n)", re.MULTILINE)


@attrs.frozen
class Section:
    """A separator line without its mark, with the lines below it."""

    name: str
    content: str

    @property
    def is_command(self) -> bool:
        """Whether a run begins here."""
        return self.name.split()[0] == "command"

    @property
    def data(self) -> bytes:
        """The bytes of a file as its section says they are written."""
        _, _, how = self.name.partition(" ")
        match how:
            case "":
                return self.content.encode()
            case "escapes":
                return _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), self.content).encode()
            case "repeated":
                return _REPEATED.sub(_repeat, self.content).encode()
            case _:
                return self.content.encode(how)


def _repeat(found: re.Match[str]) -> str:
    return "".join(found[2].replace("#", str(number)) for number in range(1, int(found[1]) + 1))


@attrs.frozen
class Run:
    """One command with what it must give."""

    command: tuple[str, ...]
    exit: int = 0
    stdout: str = ""
    stderr: str = ""
    last: int = 0

    def found(self, code: int, stdout: str, stderr: str) -> Run:
        """The run with what it gave, as much of it as is kept."""
        return attrs.evolve(self, exit=code, stdout=self._kept(stdout), stderr=self._kept(stderr))

    def _kept(self, said: str) -> str:
        return "".join(said.splitlines(keepends=True)[-self.last :])


@attrs.frozen
class Case:
    """One golden file: why it is there, the files it writes, the commands it runs."""

    path: Path
    why: str
    files: tuple[Section, ...]
    runs: tuple[Run, ...]

    def write_files(self, folder: Path) -> None:
        """Puts the files of the case into a folder."""
        for section in self.files:
            (folder / section.name.partition(" ")[0]).write_bytes(section.data)

    def with_runs(self, runs: tuple[Run, ...]) -> str:
        """The text of the case with other expected parts."""
        parts = [self.why, *(f"{_MARK}{each.name}\n{each.content}" for each in self.files)]
        for run in runs:
            last = f" last {run.last}" if run.last else ""
            parts.append(f"{_MARK}command{last}\n{shlex.join(run.command)}\n{_MARK}exit\n{run.exit}\n")
            parts += [
                f"{_MARK}{name}\n{said}"
                for name, said in (("stdout", run.stdout), ("stderr", run.stderr))
                if said
            ]
        return "".join(parts)


def load(path: Path) -> Case:
    """The case in a golden file."""
    why, *pieces = re.split(rf"^{_MARK}", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    sections = [Section(*piece.split("\n", 1)) for piece in pieces]
    first = next(index for index, each in enumerate(sections) if each.is_command)
    return Case(path, why, tuple(sections[:first]), tuple(_runs(sections[first:])))


def _runs(sections: list[Section]) -> Iterator[Run]:
    starts = [index for index, each in enumerate(sections) if each.is_command]
    for start, end in zip(starts, [*starts[1:], len(sections)], strict=True):
        command, found = sections[start], {each.name: each.content for each in sections[start + 1 : end]}
        assert found.keys() <= {"exit", "stdout", "stderr"}, f"what is {sorted(found)}?"
        yield Run(
            tuple(shlex.split(command.content)),
            int(found.get("exit", "0")),
            found.get("stdout", ""),
            found.get("stderr", ""),
            int(command.name.rpartition(" ")[2]) if " last " in command.name else 0,
        )


def paths() -> list[Path]:
    """The golden files of commands, the bad before the good."""
    return [path for folder in ("bad", "good") for path in sorted((HOME / folder).glob("*.txt"))]
