"""How long a command takes as a process of its own, and the most memory that it holds."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

_SMALL = """
import os, subprocess, sys, time
began = time.perf_counter()
with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL) as process:
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
print(process.returncode, time.perf_counter() - began, usage.ru_maxrss)
"""
"""Started by a small process: what the one that starts it holds counts as the peak of a command, too."""


class Peak(NamedTuple):
    """The seconds of a command by the clock, and its most memory in MB."""

    seconds: float
    megabytes: int


def measured(*words: object) -> Peak:
    """One run of `python -m rkdsl` with those words, which ends well."""
    command = [sys.executable, "-c", _SMALL, sys.executable, "-m", "rkdsl", *map(str, words)]
    code, seconds, kilobytes = subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.split()
    assert code == "0"
    return Peak(float(seconds), int(kilobytes) >> 10)
