"""Data whose classes cost next to nothing to define, and modules that are imported when they are asked for.

A command that has little to do ends sooner than the interpreter reads `typing` and `attrs`. What such a command needs
is made of the classes below; for a type checker they are what they are called.
"""

from __future__ import annotations

import sys
from collections import _tuplegetter  # type: ignore[attr-defined]  # what a field of any named tuple is
from operator import attrgetter

TYPE_CHECKING = False
"""The same as in `typing`: yes for a type checker alone."""

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any as Any
    from typing import Final as Final
    from typing import NamedTuple as NamedTuple
    from typing import Protocol as Protocol
    from typing import TypeVar, dataclass_transform
    from typing import assert_never as assert_never

    T = TypeVar("T")
else:
    Any, Final, Protocol = "Any", "Final", object

    def assert_never(value: object) -> None:
        """Said of what cannot be."""
        raise AssertionError(f"not expected here: {value!r}")


_NONE: Final = object()
"""Stands where there is no default."""


class _Field:
    """How a field of a `Plain` class is made, shown and compared."""

    __slots__ = (
        "alias",
        "default",
        "eq",
        "factory",
        "init",
        "kw_only",
        "late",
        "made",
        "name",
        "repr",
        "type",
    )

    def __init__(
        self,
        default: object = _NONE,
        repr: bool = True,
        eq: bool = True,
        kw_only: bool = False,
        factory: Callable[[], object] | None = None,
        made: Callable[[Any], object] | None = None,
        late: bool = False,
    ) -> None:
        self.default, self.repr, self.eq, self.kw_only, self.late = default, repr, eq, kw_only, late
        self.factory, self.made, self.init = factory, made, made is None
        self.name = self.alias = self.type = ""

    def named(self, name: str, annotation: str) -> _Field:
        """The same, for a field of that name."""
        self.name, self.alias, self.type = name, name, annotation
        return self


def field(
    *,
    default: Any = _NONE,  # of the type of the field
    repr: bool = True,
    eq: bool = True,
    kw_only: bool = False,
    init: bool = True,
    factory: Callable[[], object] | None = None,
    made: Callable[[Any], object] | None = None,  # of an object of the class
    late: bool = False,
) -> Any:  # stands for a value
    """A field of a `Plain` class that is not shown, not compared, given by its name alone, by default what `factory`
    makes, or, with `init=False`, `made` of the others. What is `late` may be given as what will make it: `later(..)`.
    """
    assert init == (made is None)
    return _Field(default, repr, eq, kw_only, factory, made, late)


def _annotated(body: dict[str, object]) -> tuple[str, ...]:
    found: Any = body.get("__annotations__", ())
    return tuple(found)


_SEVERAL: Final = 60
"""How many of a class are made before what makes them is compiled, which takes as long as to make so many."""

# ---- named tuples

if not TYPE_CHECKING:

    class _TupleKind(type):
        """Makes named tuples, which are of no kind of their own: `isinstance` is quickest for plain types."""

        def __new__(kind, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            fields = _annotated(body)
            body["_fields"] = body["__match_args__"] = fields
            body["_field_defaults"] = {each: body.pop(each) for each in fields if each in body}
            body["_made"], body["__slots__"] = 0, ()
            for at, each in enumerate(fields):
                body[each] = _tuplegetter(at, None)
            return type(name, (_Tuple,), body)

    class _Tuple(tuple):
        __slots__ = ()

        def __new__(cls, *values: object, **named: object) -> NamedTuple:
            """Makes one field by field; what makes them quicker is compiled once there are some."""
            cls._made = made = cls._made + 1
            if made >= _SEVERAL:
                names = ", ".join(cls._fields)
                code = f"lambda _cls, {names}: _new(_cls, ({names},))"  # names of fields alone
                make = eval(code, {"_new": tuple.__new__, "__name__": cls.__module__})
                make.__defaults__ = tuple(cls._field_defaults.values())
                cls.__new__ = make
                return make(cls, *values, **named)
            fields = cls._fields
            if len(values) != len(fields) or named:
                known = {**cls._field_defaults, **dict(zip(fields, values, strict=False)), **named}
                if (
                    len(values) > len(fields)
                    or known.keys() != set(fields)
                    or named.keys() & fields[: len(values)]
                ):
                    raise TypeError(f"{cls.__name__}() takes {', '.join(fields)}")
                values = tuple(map(known.__getitem__, fields))
            return tuple.__new__(cls, values)

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **changed: object) -> NamedTuple:
            made = self._make(map(changed.pop, self._fields, self))
            if changed:
                raise ValueError(f"Got unexpected field names: {list(changed)!r}")
            return made

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            fields = ", ".join(f"{name}={each!r}" for name, each in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

    class _Trigger:
        def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
            return (_NAMED,)

    _NAMED = type.__new__(_TupleKind, "NamedTuple", (), {})
    NamedTuple = _Trigger()


# ---- frozen classes


def _define(cls: Any) -> None:  # a class of data
    """Takes the fields of a class from its annotations, those of the class above first."""
    fields: dict[str, _Field] = {}
    for base in cls.__bases__:
        fields |= getattr(base, "_plain_fields", {})
    for name, annotation in cls.__dict__.get("__annotations__", {}).items():  # noqa: RUF063  (`inspect` takes long)
        given = cls.__dict__.get(name, _NONE)
        if isinstance(given, _Field):
            delattr(cls, name)
        known = given if isinstance(given, _Field) else _Field(given)
        fields[name] = known.named(name, annotation)
        if known.late:
            setattr(cls, name, _made_late(f"_{name}"))
    cls._plain_fields, cls._plain_key, cls._plain_made = fields, _key_of(fields), 0
    cls.__attrs_attrs__ = tuple(fields.values())  # so that `attrs` knows them, too
    given_in_order = (each for each, how in fields.items() if not how.kw_only and how.made is None)
    cls.__match_args__ = tuple(given_in_order)  # type: ignore[misc]
    cls.__init__ = _first_init


class _Later:
    """Stands in a field for what is made when it is first asked for."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def later(make: Callable[[], T]) -> T:
    """What a field that is `late` may be given: it is made when it is first asked for, and then kept."""
    return _Later(make)  # type: ignore[return-value]  # nobody sees it


def _made_late(place: str) -> property:
    """A field whose value lies in a place of another name."""

    def get(found: object) -> object:
        value = getattr(found, place)
        if isinstance(value, _Later):
            value = value.make()
            object.__setattr__(found, place, value)
        return value

    return property(get, lambda found, value: object.__setattr__(found, place, value))


def _key_of(fields: Mapping[str, _Field]) -> Callable[[object], object]:
    """What is compared of an object."""
    names = [name for name, how in fields.items() if how.eq]
    return attrgetter(*names) if names else lambda found: ()


def _init_of(cls: Any) -> Callable[..., None]:  # of a class of plain data
    """What sets the fields of a new one, compiled: names of fields alone enter the source."""
    fields: dict[str, _Field] = cls._plain_fields
    scope: dict[str, Any] = {"_set": object.__setattr__}
    takes: list[str] = []
    named: list[str] = []
    sets: list[str] = []
    for name, how in fields.items():
        if how.made is not None:
            scope[f"_make_{name}"] = how.made
            sets.append(f"    _set(self, {name!r}, _make_{name}(self))")
            continue
        value = name
        if how.factory is not None:
            scope[f"_new_{name}"], scope[f"_default_{name}"] = how.factory, _NONE
            value = f"_new_{name}() if {name} is _default_{name} else {name}"
        elif how.default is not _NONE:
            scope[f"_default_{name}"] = how.default
        has_default = f"_default_{name}" in scope
        (named if how.kw_only else takes).append(f"{name}=_default_{name}" if has_default else name)
        sets.append(f"    _set(self, {name!r}, {value})")
    head = ", ".join(("self", *takes, *(("*", *named) if named else ())))
    exec("\n".join((f"def __init__({head}):", *(sets or ("    pass",)))), scope)
    found: Callable[..., None] = scope["__init__"]
    found.__qualname__ = f"{cls.__qualname__}.__init__"
    return found


def _first_init(self: Any, *values: object, **named: object) -> None:
    """Sets field by field; what sets them quicker is compiled once there are some."""
    kind: Any = type(self)
    kind._plain_made = made = kind._plain_made + 1
    if made >= _SEVERAL:
        kind.__init__ = compiled = _init_of(kind)
        compiled(self, *values, **named)
        return
    rest = iter(values)
    fields: dict[str, _Field] = kind._plain_fields
    for name, how in fields.items():
        if how.made is not None:
            value = how.made(self)
        elif name in named:
            value = named.pop(name)
        else:
            value = how.default if how.kw_only else next(rest, how.default)
        if value is _NONE and how.factory is not None:
            value = how.factory()
        if value is _NONE:
            raise TypeError(f"{kind.__name__}() asks for {name}")
        object.__setattr__(self, name, value)
    if named or next(rest, _NONE) is not _NONE:
        raise TypeError(f"{kind.__name__}() takes {', '.join(fields)}")


class _Plain:
    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _define(cls)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        key: Callable[[object], object] = type(self)._plain_key  # type: ignore[attr-defined]
        return key(self) == key(other)

    def __hash__(self) -> int:
        return hash((type(self), type(self)._plain_key(self)))  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        fields = (f"{name}={getattr(self, name)!r}" for name, how in _fields(self).items() if how.repr)
        return f"{type(self).__qualname__}({', '.join(fields)})"

    def __reduce__(self) -> tuple[object, ...]:
        return _made, (type(self), as_dict(self))


def _fields(made: object) -> dict[str, _Field]:
    found: dict[str, _Field] = made._plain_fields  # type: ignore[attr-defined]
    return found


def _made(kind: Callable[..., object], named: dict[str, object]) -> object:
    return kind(**named)


if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    class _Frozen: ...

else:
    _Frozen = _Plain


class Plain(_Frozen):
    """Frozen data: made of its fields in their order, compared and shown by them."""


def evolve(found: T, **changed: object) -> T:
    """The same with other values in some of its fields."""
    return type(found)(**{**as_dict(found), **changed})


def as_dict(found: object) -> dict[str, object]:
    """The fields that it is made of, by their names."""
    return {name: getattr(found, name) for name, how in _fields(found).items() if how.made is None}


# ---- what is made when it is asked for


class Late:
    """A module that is imported when something of it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        if self._name not in sys.modules:
            __import__(self._name)
        return getattr(sys.modules[self._name], name)


if TYPE_CHECKING:
    import re

    def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
        """A regular expression that is compiled when it is first asked."""

else:

    class pattern:  # noqa: N801
        """A regular expression that is compiled when it is first asked."""

        def __init__(self, text: str, flags: int = 0) -> None:
            self._made = text, flags

        def __getattr__(self, name: str) -> object:
            import re

            found = getattr(re.compile(*self._made), name)
            setattr(self, name, found)
            return found
