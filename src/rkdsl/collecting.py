"""The collector of unreachable objects, kept from looking through what is just being made."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Within it nothing is collected; afterwards it is as it was.

    While very many objects are made that all stay, each collection looks through all of them in vain, and the time
    grows faster than their number.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
