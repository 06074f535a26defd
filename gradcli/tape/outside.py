"""Data from outside as data classes: each field is there, of its kind, no larger than its limit. None is trusted."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from gradcli.errors import GradcliError, LimitError
from gradcli.language.json_text import JsonNumber, kind_of
from gradcli.language.tokens import MAX_SOURCE
from gradcli.tape.codec import layout_of, names_of
from gradcli.tape.kinds import MAX_WHOLE, Limits, NestedLists, OneOf, TextForm
from gradcli.tape.lower_tensors import MAX_DIMENSIONS

MAX_LIST = 10_000  # entries of a list that says no other limit
MAX_NUMBERS = 1_000_000  # entries of all tensors together
LARGEST = 10**30  # a whole number that is shown; Python takes long for the digits of large ones, or refuses

T = TypeVar("T")
STATUSES = {"inf": "inf", "-inf": "-inf"}


@dataclass
class Document:
    """What is read, and in which stage.

    expected  what it should be
    numbers   how many entries its tensors had so far
    """

    stage: str
    name: str
    expected: str
    numbers: int = 0

    def wrong(self, path: str, value: Any, expected: str) -> GradcliError:
        """What is wrong with a value, at a path within the document."""
        what = kind_of(value)
        if isinstance(value, JsonNumber) or (type(value) is int and abs(value) <= LARGEST):
            what = f"{value!s:.40}"
        elif isinstance(value, str):
            what = f'"{value:.40}"'
        return GradcliError(self.stage, f"{self._quoted(path)} is {what}", expected=expected)

    def too_many(self, path: str, count: int, what: str, most: int) -> LimitError:
        """That there is more of something than may be."""
        return LimitError(self.stage, f'"{path}" has {count:,} {what}, and {most:,} is the limit')

    def missing(self, path: str) -> GradcliError:
        """That a field is not there."""
        return GradcliError(self.stage, f'there is no field "{path}"', expected=self.expected)

    def _quoted(self, path: str) -> str:
        return f'"{path}"' if path else self.name


Read = Callable[[Any, str, Document], Any]


def read(kind: type[T], data: Any, document: Document) -> T:
    """A value of a data class from what its format (`as_fields`) says, and somebody may have changed.

    What the format has beyond the fields is held to its kind, and left out. Raises GradcliError where something is
    malformed, LimitError where it is too large.
    """
    made: Any = _reader
    value: T = made(kind)(data, "", document)
    return value


@cache
def _reader(kind: Any, said: tuple[Any, ...] = ()) -> Read:
    """What reads a value of a type, with what its annotation says beside it."""
    origin, inner = get_origin(kind), get_args(kind)
    if hasattr(kind, "__metadata__"):
        return _reader(kind.__origin__, kind.__metadata__)
    one = said[-1] if said else None
    if isinstance(one, NestedLists):
        return _nested(_reader(one.kind))
    if origin in (Union, types.UnionType):
        (other,) = (alternative for alternative in inner if alternative is not type(None))
        return _optional(_reader(other, said))
    if origin is tuple and Ellipsis not in inner:
        return _exactly([_reader(part) for part in inner])
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_reader(inner[1]))
    if origin is not None and issubclass(origin, Sequence):
        return _listed(tuple if origin is tuple else list, _reader(inner[0]), one)
    if is_dataclass(kind):
        return _of_class(kind)
    if issubclass(kind, Enum):
        return _one_of({member.value: member for member in kind})
    if issubclass(kind, tuple):  # a named one
        made = _exactly([_reader(hint) for hint in get_type_hints(kind, include_extras=True).values()])
        return lambda value, path, document: kind(*made(value, path, document))
    if kind is str and isinstance(one, OneOf):
        return _one_of({word: word for word in one.words})
    if kind is str:
        return _text(one)
    return _whole(one) if kind is int else {bool: _truth, float: _real}[kind]


def _of_class(cls: Any) -> Read:
    """What reads an object: fields by their names in the format, and properties that are held to their kinds alone."""
    layout, hints = layout_of(cls), get_type_hints(cls, include_extras=True)
    known = {part.name for part in fields(cls)}
    parts: list[tuple[str, str, Read, bool]] = []
    for name in names_of(cls):
        kind = hints[name] if name in known else get_type_hints(getattr(cls, name).fget, include_extras=True)["return"]
        may_miss = name in layout.optional or name in layout.sometimes
        parts.append((name, layout.named.get(name, name), _reader(kind), may_miss))

    def whole(value: Any, path: str, document: Document) -> Any:
        if not isinstance(value, dict):
            raise document.wrong(path, value, "an object")
        found: dict[str, Any] = {}
        for name, key, read_part, may_miss in parts:
            where, status = _below(path, key), f"{key}_status"
            if status in value and name in layout.sides:
                one = _one_of(STATUSES)(value[status], _below(path, status), document)
            elif key in value:
                one = read_part(value[key], where, document)
            elif may_miss:
                continue
            else:
                raise document.missing(where)
            if name in known:
                found[name] = one
        return cls(**found)

    return whole


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _optional(read_one: Read) -> Read:
    return lambda value, path, document: None if value is None else read_one(value, path, document)


def _listed(kind: Callable[[Any], Any], read_one: Read, limits: Limits | None) -> Read:
    least = 0 if limits is None or limits.least is None else limits.least
    most = MAX_LIST if limits is None or limits.most is None else limits.most

    def whole(value: Any, path: str, document: Document) -> Any:
        if not isinstance(value, list):
            raise document.wrong(path, value, "a list")
        if len(value) > most:
            raise document.too_many(path, len(value), "entries", most)
        if len(value) < least:
            raise GradcliError(document.stage, f'"{path}" has {len(value)} entries', expected=f"{least} or more")
        return kind(read_one(one, f"{path}[{i}]", document) for i, one in enumerate(value))

    return whole


def _exactly(parts: Sequence[Read]) -> Read:
    every = _listed(tuple, lambda value, path, document: value, None)

    def whole(value: Any, path: str, document: Document) -> Any:
        found = every(value, path, document)
        if len(found) != len(parts):
            raise GradcliError(document.stage, f'"{path}" has {len(found)} entries', expected=f"{len(parts)} of them")
        return tuple(part(one, f"{path}[{i}]", document) for i, (part, one) in enumerate(zip(parts, found)))

    return whole


def _mapping(read_one: Read) -> Read:
    def whole(value: Any, path: str, document: Document) -> Any:
        if not isinstance(value, dict):
            raise document.wrong(path, value, "an object")
        return {name: read_one(one, _below(path, name), document) for name, one in value.items()}

    return whole


def _nested(read_one: Read) -> Read:
    def whole(value: Any, path: str, document: Document, depth: int = 0) -> Any:
        if isinstance(value, list) and depth < MAX_DIMENSIONS:
            return [whole(one, path, document, depth + 1) for one in value]
        document.numbers += 1
        if document.numbers > MAX_NUMBERS:
            raise LimitError(document.stage, f"its points hold more than {MAX_NUMBERS:,} numbers")
        return read_one(value, path, document)

    return whole


def _one_of(known: Mapping[str, Any]) -> Read:
    def whole(value: Any, path: str, document: Document) -> Any:
        if not isinstance(value, str) or value not in known:
            raise document.wrong(path, value, f"one of {', '.join(known)}")
        return known[value]

    return whole


def _text(said: TextForm | None) -> Read:
    longest = MAX_SOURCE if said is None or said.longest is None else said.longest
    regex = None if said is None else re.compile(said.regex)

    def whole(value: Any, path: str, document: Document) -> Any:
        if not isinstance(value, str) or isinstance(value, JsonNumber):
            raise document.wrong(path, value, "a string" if said is None else said.expected)
        if len(value) > longest:
            raise document.too_many(path, len(value), "characters", longest)
        if said is not None and regex is not None and not regex.fullmatch(value):
            raise document.wrong(path, value, said.expected)
        return value

    return whole


def _whole(limits: Limits | None) -> Read:
    least = -MAX_WHOLE if limits is None or limits.least is None else limits.least
    most = MAX_WHOLE if limits is None or limits.most is None else limits.most

    def whole(value: Any, path: str, document: Document) -> Any:
        if type(value) is not int or not least <= value <= most:
            raise document.wrong(path, value, f"a whole number from {least} to {most:,}")
        return value

    return whole


def _real(value: Any, path: str, document: Document) -> Any:
    """A finite number; a whole one stays one."""
    if isinstance(value, JsonNumber) or type(value) in (int, float):
        number = value if type(value) is int and abs(value) < MAX_WHOLE else _float(value)
        if math.isfinite(number):
            return number
    raise document.wrong(path, value, "a number")


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _truth(value: Any, path: str, document: Document) -> Any:
    if not isinstance(value, bool):
        raise document.wrong(path, value, "true or false")
    return value
