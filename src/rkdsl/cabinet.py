"""Files in the user's cache folder, private to the user: read without trust, written whole or not at all.

What is kept here can always be made again: nothing that goes wrong with it is an error.
"""

from __future__ import annotations

import os
import stat
import sys
import time

from rkdsl.files import sha256_of_bytes
from rkdsl.plain import Final

VARIABLE: Final = "RKDSL_CACHE"
"""The environment variable that moves the folder, or switches it `off`."""
OFF: Final = "off"
MAX_ENTRY: Final = 64 * 1024 * 1024
"""Bytes of one file."""
MAX_ALL: Final = 256 * 1024 * 1024
MAX_FILES: Final = 1000
"""Bytes and number of all files; the oldest are removed."""
_ENDING: Final = ".rkc"
_DAY: Final = 86_400
_MARK: Final = b"rkdsl kept 1 "
_LENGTH: Final = len(_MARK) + 64 + 1


def folder() -> str:
    """Where files are kept; nothing where they are not."""
    told = os.environ.get(VARIABLE, "")
    if told:
        return "" if told.lower() == OFF else told
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if os.path.isabs(base) else os.path.expanduser("~/.cache")
    return os.path.join(base, "rkdsl") if os.path.isabs(base) else ""


def read(name: str) -> bytes | None:
    """What was kept under a name, as it was written; None where there is nothing that can be trusted."""
    home = folder()
    if not home or not _is_private(home):
        return None
    path = os.path.join(home, name + _ENDING)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode) or not _is_own(found) or found.st_size > MAX_ENTRY:
                return None
            content = file.read(MAX_ENTRY)
        if time.time() - found.st_mtime > _DAY:
            os.utime(path)  # in use: not among the oldest
    except (OSError, ValueError):
        return None
    body = content[_LENGTH:]
    return body if content[:_LENGTH] == _head(body) else None


def keep(name: str, body: bytes) -> None:
    """Keeps something under a name, if it can."""
    home = folder()
    if not home or len(body) + _LENGTH > MAX_ENTRY:
        return
    beside = os.path.join(home, f".{name}.{os.getpid()}")
    try:
        os.makedirs(os.path.dirname(home) or ".", exist_ok=True)
        if not os.path.lexists(home):
            os.mkdir(home, 0o700)
        if not _is_private(home):
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(beside, flags, 0o600), "wb") as file:
            file.write(_head(body) + body)
        os.replace(beside, os.path.join(home, name + _ENDING))
        _tidy(home)
    except (OSError, ValueError):
        try:
            os.unlink(beside)
        except (OSError, ValueError):
            return


def _head(body: bytes) -> bytes:
    """What says that a file is whole."""
    return _MARK + sha256_of_bytes(body).encode() + b"\n"


def _is_private(home: str) -> bool:
    try:
        found = os.lstat(home)
    except (OSError, ValueError):
        return False
    return stat.S_ISDIR(found.st_mode) and _is_own(found)


def _is_own(found: os.stat_result) -> bool:
    """Whether the user alone can have written it. On Windows the folder of the user says so."""
    if sys.platform == "win32":
        return True
    return found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _tidy(home: str) -> None:
    """Removes the oldest files where there are too many, and what was left half written."""
    now = time.time()
    kept: list[tuple[float, int, str]] = []
    with os.scandir(home) as entries:
        for each in entries:
            found = each.stat(follow_symlinks=False)
            if each.name.endswith(_ENDING):
                kept.append((found.st_mtime, found.st_size, each.path))
            elif each.name.startswith(".") and now - found.st_mtime > _DAY:
                os.unlink(each.path)
    count, size = len(kept), sum(each for _, each, _ in kept)
    for _, length, path in sorted(kept):
        if count <= MAX_FILES and size <= MAX_ALL:
            return
        os.unlink(path)
        count, size = count - 1, size - length
