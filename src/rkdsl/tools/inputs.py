"""The files that a command is called with: read, and told apart as contracts, amendments and actuals."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

import rkdsl
from rkdsl import cached
from rkdsl.diagnostics import Place, Refused
from rkdsl.files import begins_as_amendment, folder_of, read_limited
from rkdsl.plain import TYPE_CHECKING, Late, Plain
from rkdsl.source import BOM
from rkdsl.values import MAX_BYTES

if TYPE_CHECKING:
    from rkdsl import messages, pipeline
    from rkdsl.evaluation import Ready
    from rkdsl.files import Folder
    from rkdsl.pipeline import Contract, Looked
else:
    messages, pipeline = Late("rkdsl.messages"), Late("rkdsl.pipeline")

STANDARD_INPUT = "-"


class Input(Plain):
    """A file or standard input: what messages call it and its bytes, or why it cannot be read."""

    name: str
    called: str
    data: bytes
    refused: Refused | None = None

    @property
    def content(self) -> tuple[str, bytes]:
        """What messages call it, with its bytes. Raises `Refused` where it could not be read."""
        if self.refused is not None:
            raise self.refused
        return self.called, self.data

    @property
    def contract(self) -> tuple[str, bytes]:
        """The same, where a contract is expected. Raises `Refused` for data, too."""
        if self.data.removeprefix(BOM).lstrip().startswith((b"{", b"[")):
            raise Refused((messages.json_for_contract(Place(self.called)),), {})
        return self.content

    @property
    def is_amendment(self) -> bool:
        """Whether it begins as an amendment does."""
        return begins_as_amendment(self.data)


def read(name: str, stdin_name: str) -> Input:
    """A file of that name, or standard input."""
    called = stdin_name if name == STANDARD_INPUT else name
    try:
        return Input(name, called, _bytes(name, called))
    except Refused as refused:
        return Input(name, called, b"", refused)


def _bytes(name: str, called: str) -> bytes:
    """The bytes of a file or of standard input. Raises `Refused` when there is no such file."""
    try:
        if name == STANDARD_INPUT:
            if sys.stdin is None:
                raise Refused((messages.unreadable(Place(called), "standard input is closed"),), {})
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        path = name.rstrip("/") or name or "."
        if os.path.exists(path) and not os.path.isfile(path):
            raise Refused((messages.unreadable(Place(called), "is not a file"),), {})
        return read_limited(path)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise Refused((messages.unreadable(Place(called), reason),), {}) from None
    except ValueError:
        raise Refused((messages.unreadable(Place(called), "is not the name of a file"),), {}) from None


def load(contract: Input, amendments: Iterable[Input] = ()) -> Contract:
    """The contract, with its amendments. Raises `Refused`."""
    called, content = contract.contract
    return pipeline.loads_bytes(content, called, _folder(contract), [each.content for each in amendments])


def ready(contract: Input) -> Ready:
    """The contract for evaluations: as it was kept, else loaded, and kept for the next time. Raises `Refused`."""
    called, content = contract.contract
    kept = cached.find(rkdsl.__version__, called, content, _beside(contract))
    if kept is not None:
        return kept
    folder = cached.watched(_folder(contract))
    found = pipeline.loads_bytes(content, called, folder)
    cached.keep(rkdsl.__version__, called, content, found, folder)
    return found.ready


def look(first: Input, amendments: Iterable[Input] = ()) -> Looked:
    """What there is to say of a contract with its amendments, or of a library. Raises `Refused`."""
    called, content = first.contract
    return pipeline.look(content, called, _folder(first), [each.content for each in amendments])


def _folder(found: Input) -> Folder:
    """Where the files are that a contract uses."""
    return folder_of(_beside(found))


def _beside(found: Input) -> str:
    """Files that are used lie beside it, of standard input in this folder."""
    return "" if found.name == STANDARD_INPUT else found.called


def grouped(names: Iterable[str], stdin_name: str) -> list[tuple[Input, list[Input]]]:
    """Contracts, each with the amendments that come after it."""
    found: list[tuple[Input, list[Input]]] = []
    for name in names:
        each = read(name, stdin_name)
        if each.is_amendment and found:
            found[-1][1].append(each)
        else:
            found.append((each, []))
    return found


def parted(names: Sequence[str], stdin_name: str) -> tuple[list[Input], list[Input]]:
    """What stands after a contract: texts of the language (`.rk`), and data."""
    texts: list[Input] = []
    others: list[Input] = []
    for name in names:
        each = read(name, stdin_name)
        (texts if name.endswith(".rk") or each.is_amendment else others).append(each)
    return texts, others
