"""A bounded collection of what is wrong in a data file."""

from __future__ import annotations

from collections.abc import Callable

from rkdsl.diagnostics import Diagnostic, Place, in_order
from rkdsl.plain import TYPE_CHECKING, Final, Late

if TYPE_CHECKING:
    from typing import Concatenate, ParamSpec

    from rkdsl import messages

    _Words = ParamSpec("_Words")
else:
    messages = Late("rkdsl.messages")

MAX_MISTAKES: Final = 200
"""How many mistakes of one file are told; the others are counted. Bounds time and memory of a refusal."""

_WHOLE_FILE: Final = "the whole file"


class Mistakes:
    """Collects errors of one file; past the limit they are only counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[Diagnostic] = []
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(
        self,
        message: Callable[Concatenate[Place, _Words], Diagnostic],
        place: str | Place,
        *words: _Words.args,
        **more: _Words.kwargs,
    ) -> None:
        """Notes a mistake at a key path (or place); the message is made only while there is room for it."""
        self._count += 1
        if self._count <= MAX_MISTAKES:
            where = place if isinstance(place, Place) else self.at(place)
            self._found.append(message(where, *words, **more))

    def at(self, key: str) -> Place:
        """The place of a key path in this file; an empty path is the file itself."""
        return Place(self.file, key=key or _WHOLE_FILE)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, in order of place; one more at the end when some were only counted."""
        found = in_order(self._found)
        left_out = self._count - MAX_MISTAKES
        return found if left_out <= 0 else (*found, messages.more_mistakes(Place(self.file), left_out))
