"""A file that a command writes: whole or not at all, never over what it reads, nor over another without `--force`."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from rkdsl.source import shown


def add_options(parser: argparse.ArgumentParser, metavar: str) -> None:
    """The options of a verb that writes a file."""
    parser.add_argument("-o", "--output", metavar=metavar, help="write a file, whole or not at all")
    parser.add_argument("--force", action="store_true", help="write it also where there is a file already")


class NotWrittenError(Exception):
    """Why a file cannot be written."""


def write(path: str, content: bytes, read: Iterable[str], *, force: bool) -> str:
    """Put the content into a file, of which nobody ever sees a part; why it cannot be, or nothing.

    `read` are the files that the command reads: those it is called with, and those that the contract uses.
    """
    try:
        with placed(path, read, force=force) as beside:
            beside.write_bytes(content)
    except NotWrittenError as error:
        return str(error)
    return ""


@contextlib.contextmanager
def placed(path: str, read: Iterable[str], *, force: bool, is_folder: bool = False) -> Iterator[Path]:
    """A file (or a place for a folder) beside, to be written; it takes its place when all of it is.

    After an error or an interruption nothing is left of it. Raises `NotWrittenError`.
    """
    target, beside = Path(path), None
    try:
        wrong = _refused(target, read, force=force)
        if wrong:
            raise NotWrittenError(f"{shown(path, 200)} {wrong}")
        beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        whole = beside / target.name
        yield whole
        if not is_folder:
            whole.chmod(0o666 & ~_mask())
        os.replace(whole, target)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise NotWrittenError(f"cannot write {shown(path, 200)}: {reason}") from None
    except ValueError as error:
        if beside is not None:
            raise
        raise NotWrittenError(f"cannot write {shown(path, 200)}: is not the name of a file") from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _refused(target: Path, read: Iterable[str], *, force: bool) -> str:
    """Why something that is there must stay, or nothing."""
    if not os.path.lexists(target):
        return ""
    if target.exists() and not target.is_file():
        return "is there already and is not a file: give another name"
    if target.exists() and (_is_standard_input(target) or any(_is_same(target, each) for each in read)):
        return "is read by this command, and is never written over: give another name"
    return "" if force else "is there already: give another name, or --force"


def _is_same(target: Path, name: str) -> bool:
    other = Path(name)
    return other.is_file() and target.samefile(other)


def _is_standard_input(target: Path) -> bool:
    try:
        return sys.stdin is not None and os.path.samestat(os.fstat(sys.stdin.fileno()), target.stat())
    except (io.UnsupportedOperation, ValueError):  # no file of the system, or closed
        return False


def _mask() -> int:
    """The rights that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
