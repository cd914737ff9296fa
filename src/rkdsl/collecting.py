"""The collector of unreachable objects, kept from looking through what is just being made."""

from __future__ import annotations

import gc
from functools import wraps

from rkdsl.plain import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")


class paused:  # noqa: N801  (read as a word: `with paused():`, `@paused()`)
    """Within it, or within the function it stands on, nothing is collected; afterwards it is as it was.

    While very many objects are made that all stay, each collection looks through all of them in vain, and the time
    grows faster than their number.
    """

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """The function, paused whenever it runs."""

        @wraps(function)
        def run(*values: P.args, **named: P.kwargs) -> R:
            with paused():
                return function(*values, **named)

        return run
