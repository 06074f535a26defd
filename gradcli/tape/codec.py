"""Data classes as data that JSON holds, by their fields: for a format, and between processes, where they are read back.

A class whose format is not its fields in order says what differs, in a `JsonLayout` called `JSON`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

from gradcli.tape.strict import line, number, numbers, side

T = TypeVar("T")
Reader = Callable[[Any, "Convert"], Any]
Convert = Callable[[Any], Any]  # an array, and the name of it; or back


@dataclass(frozen=True)
class JsonLayout:
    """The format of a data class. All names are those of its fields, or of its properties.

    order     what there is of them, in order
    optional  left out where there is nothing to say: None, or ()
    sides     decimals that may be infinite: those have a status beside them, as numbers have
    numbers   tensors, whose entries may have a status
    kept      nested lists that need no look: they may be long, or share their parts
    spread    another data class, whose fields stand among these
    named     what some are called in the format
    numbered  lists whose parts say their number, from 0, in a field `id`
    sometimes what is not in every answer: its class leaves it out, or it came later
    brief     what there is of it within another answer
    """

    order: str
    optional: Collection[str] = ()
    sides: Collection[str] = ()
    numbers: Collection[str] = ()
    kept: Collection[str] = ()
    spread: Collection[str] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    numbered: Collection[str] = ()
    sometimes: Collection[str] = ()
    brief: str = ""


class JsonAnswer:
    """An answer with a format of its own: `schema` is the name and version of that, such as gradcli.taylor/1."""

    _schema: ClassVar[str]

    def __init_subclass__(cls, schema: str = "", **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls._schema = schema or getattr(cls, "_schema", "")

    def to_dict(self) -> dict[str, Any]:
        """The answer in the shape of its schema."""
        return {"schema": self._schema, **as_fields(self)}

    def to_json(self) -> str:
        """The answer as one line of strict JSON."""
        return line(self.to_dict())


def as_fields(data: Any, without: Collection[str] = (), brief: bool = False, **given: Any) -> dict[str, Any]:
    """The fields of a format, with arrays as they are; some left out, and others with what is given for them.

    What has a method `under` gives its fields under a name by itself.
    """
    cls: Any = type(data)
    layout = layout_of(cls)
    inner = partial(as_fields, brief=True) if brief else as_fields
    found: dict[str, Any] = {}
    for name in names_of(cls, brief):
        if name in without:
            continue
        key = layout.named.get(name, name)
        if name in given:
            found[key] = given[name]
            continue
        value = getattr(data, name)
        if name in layout.optional and (value is None or value == ()):
            continue
        if name in layout.spread:
            found |= as_fields(value)
        elif name in layout.sides:
            found |= side(key, value)
        elif name in layout.numbers:
            found |= numbers(key, _walked(value, inner, _same) if isinstance(value, tuple) else value)
        elif hasattr(value, "under"):
            found |= value.under(key)
        elif isinstance(value, float):
            found |= number(key, value)
        else:
            found[key] = value if name in layout.kept else _walked(value, inner, _same)
        if name in layout.numbered:
            found[key] = [{"id": number, **one} for number, one in enumerate(found[key])]
    return found


def to_plain(data: Any, pack: Convert | None = None) -> Any:
    """All that a value holds, for another process; `pack` gives names to the arrays.

    Floats keep their repr, and are NaN or infinite by Python's own spelling.
    """
    convert = pack or _same

    def record(one: Any) -> dict[str, Any]:
        return {part.name: _walked(getattr(one, part.name), record, convert) for part in fields(one)}

    return _walked(data, record, convert)


def from_plain(kind: type[T], data: Any, unpack: Convert | None = None) -> T:
    """A value of a data class again, from what `to_plain` made of it; what is annotated as Any is an array."""
    read: Any = _reader
    value: T = read(kind)(data, unpack or _same)
    return value


def _walked(value: Any, record: Callable[[Any], Any], other: Convert) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (tuple, list)):
        return [_walked(one, record, other) for one in value]
    if isinstance(value, Mapping):
        return {_key(name): _walked(one, record, other) for name, one in value.items()}
    if isinstance(value, Enum):
        return value.value
    return record(value) if is_dataclass(value) else other(value)


def _key(name: Any) -> str:
    return ",".join(map(str, name)) if isinstance(name, tuple) else name


@cache
def layout_of(cls: type) -> JsonLayout:
    """How the format of a class differs from its fields."""
    found: JsonLayout = getattr(cls, "JSON", None) or JsonLayout(" ".join(part.name for part in fields(cls)))
    return found


@cache
def names_of(cls: type, brief: bool = False) -> tuple[str, ...]:
    """What there is of a class in its format: names of fields and of properties."""
    layout = layout_of(cls)
    return tuple(((brief and layout.brief) or layout.order).split())


@cache
def _reader(kind: Any) -> Reader:
    """What reads a value of a type."""
    origin, inner = get_origin(kind), [_reader(one) for one in get_args(kind) if one not in (type(None), Ellipsis)]
    if kind is Any:
        return lambda value, unpack: unpack(value)
    if origin in (Union, types.UnionType):
        return _optional(inner[0])
    if origin is tuple and Ellipsis not in get_args(kind):
        return lambda value, unpack: tuple(read(one, unpack) for read, one in zip(inner, value))
    if origin in (tuple, list):
        return lambda value, unpack: origin(inner[0](one, unpack) for one in value)
    if origin is not None and issubclass(origin, Mapping):
        key = _index if get_origin(get_args(kind)[0]) is tuple else _same
        return lambda value, unpack: {key(name): inner[1](one, unpack) for name, one in value.items()}
    if is_dataclass(kind):
        return _of_class(kind)
    if origin is None and issubclass(kind, Enum):  # Sequence[Any] and its kind are no classes
        return lambda value, unpack: kind(value)
    if origin is None and issubclass(kind, tuple):
        return lambda value, unpack: kind(*value)
    return lambda value, unpack: value


def _of_class(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = [(part.name, _reader(hints[part.name])) for part in fields(kind)]
    return lambda value, unpack: kind(**{name: read(value[name], unpack) for name, read in readers})


def _optional(read: Reader) -> Reader:
    return lambda value, unpack: None if value is None else read(value, unpack)


def _index(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


def _same(value: Any) -> Any:
    return value
