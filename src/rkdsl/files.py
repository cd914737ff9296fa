"""The files that a contract uses: below its folder, or in the standard library."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from rkdsl.plain import TYPE_CHECKING, Final, Late, Plain, pattern
from rkdsl.values import MAX_BYTES

if TYPE_CHECKING:
    import hashlib
    import pathlib
    from hashlib import sha256 as quick_sha256
    from pathlib import Path
else:
    hashlib, pathlib = Late("hashlib"), Late("pathlib")
    try:  # `hashlib` opens the library of OpenSSL, which takes longer than all that is hashed here
        if sys.version_info < (3, 12):
            from _sha256 import sha256 as quick_sha256
        else:
            from _sha2 import sha256 as quick_sha256
    except ImportError:
        from hashlib import sha256 as quick_sha256

STANDARD: Final = "standard:"
"""What the name of a standard library begins with."""
_LARGE: Final = 1024 * 1024
"""Bytes from which on OpenSSL is worth opening."""
_SHELF: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "standard")


class Found(Plain):
    """A file: what tells it from all others, what messages call it, and its bytes."""

    key: str
    name: str
    content: bytes


class Missing(Plain):
    """Why there is no such file; `outside` where it would not lie below the folder."""

    reason: str
    outside: bool = False


class Folder(Plain):
    """Where files are looked for: below `root`, None where nothing may be read. `called` is what `root` was called."""

    root: str | None
    called: str = ""

    def find(self, name: str, beside: str = "") -> Found | Missing:
        """The file of a path as it is written in the file `beside` (a key), with `/` between its parts."""
        if name.startswith(STANDARD):
            return _standard(name)
        if self.root is None:
            return Missing("cannot be looked for: the contract does not come from a file")
        path = pathlib.PurePosixPath(name)
        if path.is_absolute() or "\\" in name or ":" in name or "\0" in name:
            return Missing("", outside=True)
        root = pathlib.Path(self.root).resolve()
        try:
            found = (root / pathlib.PurePosixPath(beside).parent / path).resolve()
            if not found.is_relative_to(root):
                return Missing("", outside=True)
            if not found.is_file():
                return Missing("is not a file" if found.exists() else "is not there")
            with found.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (OSError, ValueError, RuntimeError) as error:
            return Missing(getattr(error, "strerror", None) or "cannot be read")
        key = found.relative_to(root).as_posix()
        return Found(key, str(pathlib.Path(self.called) / key) if self.called else key, content)


NOWHERE: Final = Folder(None)
"""For a text that does not come from a file: it may use standard libraries alone."""


def folder_of(path: str) -> Folder:
    """Where what a contract uses is looked for: below the folder it lies in."""
    parent = os.path.dirname(path)
    return Folder(parent or ".", "" if parent == "." else parent)


def standard_names() -> list[str]:
    """The standard libraries, as they are used."""
    names = [name for name in os.listdir(_SHELF) if name.endswith(".rk")]
    return sorted(STANDARD + name.removesuffix(".rk") for name in names)


def _standard(name: str) -> Found | Missing:
    if name not in standard_names():
        return Missing("is not a standard library")
    with open(os.path.join(_SHELF, f"{name.removeprefix(STANDARD)}.rk"), "rb") as file:
        return Found(name, name, file.read())


def sha256_of_bytes(content: bytes) -> str:
    """The hash of a file."""
    sha256 = quick_sha256 if len(content) < _LARGE else hashlib.sha256
    return sha256(content).hexdigest()


def sha256_of_all(hashes: Sequence[str]) -> str:
    """The only hash, or the hash of all of them."""
    return hashes[0] if len(hashes) == 1 else sha256_of_bytes("\n".join(hashes).encode())


def read_limited(path: str | Path) -> bytes:
    """The bytes of a file, no more than one over the limit, so that the reader can refuse it."""
    with open(path, "rb") as file:
        return file.read(MAX_BYTES + 1)


_HEAD: Final = 64 * 1024
"""How many bytes are looked at for the first word of a text."""
_FIRST_WORD: Final = pattern(r"(?:\s|#[^\n]*\n)*(\w+)")
AMENDMENT: Final = "amendment"
"""The keyword that an amendment begins with."""
CONTRACT: Final = "contract"
"""The keyword that a contract begins with."""


def begins_as_amendment(content: bytes) -> bool:
    """Whether a text begins as an amendment does."""
    return _begins_with(AMENDMENT, content)


def begins_as_contract(content: bytes) -> bool:
    """Whether a text begins as a contract does."""
    return _begins_with(CONTRACT, content)


def _begins_with(keyword: str, content: bytes) -> bool:
    head = content[:_HEAD]
    if keyword.encode() not in head:
        return False
    first = _FIRST_WORD.match(head.decode("utf-8", "replace").removeprefix("\ufeff"))
    return first is not None and first.group(1) == keyword
