"""Named tuples and plain classes as data that JSON can hold, and read back without trust: field by field, in columns.

How a field is written follows from its annotation, so that no field can be forgotten. Columns are read many values at
a time, which is what makes it quick.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, islice
from operator import itemgetter

from rkdsl.plain import Any, Final, NamedTuple
from rkdsl.values import State

Data = Any  # plain data as json reads it: no type of ours says that, and nothing in it is trusted
Values = Sequence[Any]  # of the type that an annotation says


class Codec(NamedTuple):
    """How a column of values is written, and how so many of them are read back."""

    write: Callable[[Values], Data]
    read: Callable[[Data, int], list[Any]]  # of the type that the annotation says


class Packing:
    """How classes are written: `kinds` by the names that annotations call them.

    `unions` are kinds of row of which a column may hold any, `words` the only words that a field may hold, each by
    class and field, and `same` annotations that mean another one.
    """

    def __init__(
        self,
        kinds: Iterable[type],
        unions: Mapping[str, Sequence[type]] | None = None,
        words: Mapping[tuple[str, str], Sequence[str]] | None = None,
        same: Mapping[str, str] | None = None,
    ) -> None:
        self._unions = unions or {}
        self._kinds: Final = {kind.__name__: kind for kind in kinds}
        self._words, self._same = words or {}, same or {}
        self._codecs: dict[str, Codec] = dict(_CODECS)

    def write(self, kind: str, value: object) -> Data:
        """One value as plain data. Raises TypeError where it holds what cannot be written."""
        return self._codec(kind).write((value,))

    def read(self, kind: str, data: Data) -> Any:  # of that kind
        """The value that was written. Raises ValueError for anything else."""
        try:
            return self._codec(kind).read(data, 1)[0]
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, StopIteration) as error:
            raise ValueError(f"{kind}: {error}") from None

    def _codec(self, annotation: str) -> Codec:
        found = self._codecs.get(annotation)
        if found is None:
            found = self._codecs[annotation] = self._make(self._same.get(annotation, annotation))
        return found

    def _make(self, annotation: str) -> Codec:
        if annotation in self._codecs:
            return self._codecs[annotation]
        if annotation in self._unions:
            return self._union(self._unions[annotation])
        if annotation in self._kinds:
            return _shared(self._columns(self._kinds[annotation]))
        inner = annotation.removesuffix(" | None")
        if inner != annotation:
            return _optional(self._codec(inner))
        parts = list(_parts(annotation.removeprefix("tuple[").removesuffix("]")))
        assert annotation.startswith("tuple["), f"{annotation} cannot be written"
        if parts[1:] == ["..."]:
            return _several(
                self._columns(self._kinds[parts[0]]) if parts[0] in self._kinds else self._codec(parts[0])
            )
        return _fixed([self._codec(each) for each in parts])

    def _columns(self, made: type) -> Codec:
        """A column for each field of a class; of no values, nothing, and no codec is made."""
        kind = made.__name__
        fields: dict[str, str] = made.__annotations__
        make: Callable[..., Any] = _maker(made)  # of objects of the class
        known: list[Codec] = []

        def codecs() -> list[Codec]:
            if not known:
                known.extend(self._field(kind, name, how) for name, how in fields.items())
            return known

        def write(values: Values) -> Data:
            if any(type(each) is not made for each in values):
                raise TypeError(f"cannot be written as {kind}")
            if not values:
                return []
            return [
                codec.write([getattr(each, name) for each in values])
                for name, codec in zip(fields, codecs(), strict=True)
            ]

        def read(data: Data, count: int) -> list[Any]:
            if type(data) is not list or len(data) != (len(fields) if count else 0):
                raise ValueError(f"{kind}: must be a list of {', '.join(fields)}")
            if not count:
                return []
            columns = [codec.read(each, count) for codec, each in zip(codecs(), data, strict=True)]
            return list(map(make, zip(*columns, strict=True)))

        return Codec(write, read)

    def _field(self, kind: str, name: str, annotation: str) -> Codec:
        if (kind, name) in self._words:
            return _words(f"{kind}.{name}", self._words[kind, name])
        return self._codec(annotation)

    def _union(self, kinds: Sequence[type]) -> Codec:
        """Which kind each one is, as a letter, and the columns of each kind."""
        letters = {kind: chr(ord("A") + at) for at, kind in enumerate(kinds)}
        codecs = list(map(self._columns, kinds))

        def write(values: Values) -> Data:
            if any(type(each) not in letters for each in values):
                raise TypeError("cannot be written as a row")
            found = [[each for each in values if type(each) is kind] for kind in kinds]
            order = "".join(letters[type(each)] for each in values)
            return [order, [codec.write(each) for codec, each in zip(codecs, found, strict=True)]]

        def read(data: Data, count: int) -> list[Any]:
            order, columns = data
            if type(order) is not str or len(order) != count:
                raise ValueError("rows: must be a letter for each")
            rows: dict[str, Iterator[Any]] = {}
            for letter, codec, column in zip(letters.values(), codecs, columns, strict=True):
                rows[letter] = iter(codec.read(column, order.count(letter)))
            return [next(rows[letter]) for letter in order]

        return Codec(write, read)


def _maker(kind: Any) -> Callable[[tuple[Any, ...]], Any]:  # a class of ours
    if issubclass(kind, tuple):
        make = tuple.__new__
        return lambda values: make(kind, values)
    return lambda values: kind(*values)


def _parts(text: str) -> Iterator[str]:
    """The parts of a text between commas that stand in no brackets."""
    start = depth = 0
    for at, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == "," and not depth:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


def _shared(codec: Codec) -> Codec:
    """Each different value once, and the places of them all."""

    def write(values: Values) -> Data:
        places = {each: at for at, each in enumerate(dict.fromkeys(values))}
        return [len(places), codec.write(list(places)), [places[each] for each in values]]

    def read(data: Data, count: int) -> list[Any]:
        different, column, places = data
        _counted(places, count, "places")
        found = codec.read(column, _whole(different))
        return [found[at] for at in places]

    return Codec(write, read)


def _optional(codec: Codec) -> Codec:
    """A column in which values may be missing."""

    def write(values: Values) -> Data:
        there = [each is not None for each in values]
        return [
            "".join("01"[each] for each in there),
            codec.write([each for each in values if each is not None]),
        ]

    def read(data: Data, count: int) -> list[Any]:
        there, column = data
        if type(there) is not str or len(there) != count:
            raise ValueError("optional: must be a digit for each")
        found = iter(codec.read(column, there.count("1")))
        return [next(found) if each == "1" else None for each in there]

    return Codec(write, read)


def _several(codec: Codec) -> Codec:
    """Tuples of one kind: how long each is, and all their members."""

    def write(values: Values) -> Data:
        return [list(map(len, values)), codec.write(list(chain.from_iterable(values)))]

    def read(data: Data, count: int) -> list[Any]:
        lengths, column = data
        _counted(lengths, count, "lengths")
        if any(type(each) is not int or each < 0 for each in lengths):
            raise ValueError("lengths: must be whole numbers")
        members = iter(codec.read(column, sum(lengths)))
        return [tuple(islice(members, each)) for each in lengths]

    return Codec(write, read)


def _fixed(codecs: Sequence[Codec]) -> Codec:
    """Tuples of so many members, each of its own kind."""

    def write(values: Values) -> Data:
        return [codec.write(list(map(itemgetter(at), values))) for at, codec in enumerate(codecs)]

    def read(data: Data, count: int) -> list[Any]:
        columns = [codec.read(each, count) for codec, each in zip(codecs, data, strict=True)]
        return list(zip(*columns, strict=True))

    return Codec(write, read)


def _counted(data: Data, count: int, what: str) -> None:
    if type(data) is not list or len(data) != count:
        raise ValueError(f"{what}: must be a list of {count}")


def _whole(data: Data) -> int:
    if type(data) is not int or data < 0:
        raise ValueError("number: must be a whole number")
    return data


def _plain(kind: type) -> Codec:
    def read(data: Data, count: int) -> list[Any]:
        _counted(data, count, kind.__name__)
        if data and set(map(type, data)) != {kind}:  # a truth is no whole number here
            raise ValueError(f"{kind.__name__}: something else stands there")
        found: list[Any] = data
        return found

    return Codec(list, read)


def _words(called: str, lawful: Sequence[str]) -> Codec:
    def read(data: Data, count: int) -> list[Any]:
        _counted(data, count, called)
        if not set(data) <= set(lawful):
            raise ValueError(f"{called}: must be one of {', '.join(map(repr, lawful))}")
        found: list[Any] = data
        return found

    return Codec(list, read)


def _number_data(number: Fraction) -> Data:
    return number.numerator if number.denominator == 1 else [number.numerator, number.denominator]


def _number(data: Data) -> Fraction:
    if type(data) is int:
        return Fraction(data)
    above, below = data
    if type(above) is not int or type(below) is not int or below < 1:
        raise ValueError("fraction: must be whole numbers")
    return Fraction(above, below)


def _numbers() -> Codec:
    def read(data: Data, count: int) -> list[Any]:
        _counted(data, count, "fractions")
        return list(map(_number, data))

    return Codec(lambda values: list(map(_number_data, values)), read)


def _settled() -> Codec:
    """Numbers, truths, words and states beside each other."""

    def put(value: Fraction | bool | str | State) -> Data:
        if isinstance(value, State):
            return {"state": list(value)}
        return _number_data(value) if isinstance(value, Fraction) else value

    def take(data: Data) -> Any:  # one of them
        if type(data) is bool or type(data) is str:
            return data
        if type(data) is not dict:
            return _number(data)
        kind, reason = data["state"]
        if kind not in _STATES or type(reason) is not str:
            raise ValueError("state: must be one, with a reason")
        return State(kind, reason)

    def read(data: Data, count: int) -> list[Any]:
        _counted(data, count, "values")
        return list(map(take, data))

    return Codec(lambda values: list(map(put, values)), read)


def _days() -> Codec:
    def read(data: Data, count: int) -> list[Any]:
        _counted(data, count, "days")
        return list(map(datetime.date.fromordinal, data))

    return Codec(lambda values: [each.toordinal() for each in values], read)


_STATES: Final = ("not applicable", "not defined")
_CODECS: Final = {
    "str": _plain(str),
    "int": _plain(int),
    "bool": _plain(bool),
    "Fraction": _numbers(),
    "Fraction | bool | str | State": _settled(),
    "datetime.date": _days(),
}
