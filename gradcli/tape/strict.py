"""JSON has no NaN and no infinity: a number that it cannot say is null, and its status stands in a field beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Union

from gradcli.safe import Target, safe
from gradcli.tape.arrays import Array, TextArray
from gradcli.tape.kinds import DECIMALS, GIVEN, NUMBERS, STATUS_OF_LISTS
from gradcli.tape.sparse import SparseArray

CHUNK = 20_000  # entries that are written at once: a megabyte or less, and few enough calls

Entries = Annotated[Union[float, Array, None], NUMBERS]  # one number, or a tensor of them
Listed = Annotated[Union[float, list[Any], None], NUMBERS]  # the same as nested lists
Truths = Annotated[Union[str, list[Any], TextArray, None], DECIMALS]  # decimals
ListedTruths = Annotated[Union[str, list[Any], None], DECIMALS]
Statuses = Annotated[Union[str, list[Any], None], STATUS_OF_LISTS]
PointValue = Annotated[Listed, GIVEN]  # of a point, where each number is there


def numbers(name: str, value: Any) -> dict[str, Any]:
    """A field with numbers, and beside it the status of those that JSON cannot say, nested alike.

    Numbers by their names have each its own status, among them.
    """
    if isinstance(value, Mapping):
        return {name: {key: said for one in value.items() for key, said in number(*one).items()}}
    if not isinstance(value, (Array, list)):
        return number(name, value)
    found = statuses(value)
    return {name: value} if found is None else {name: finite(value), f"{name}_status": found}


def number(name: str, value: float | None) -> dict[str, Any]:
    """A field with a number, and beside it the status of one that JSON cannot say."""
    if value is None or math.isfinite(value):
        return {name: value}
    return {name: None, f"{name}_status": status(value)}


def side(name: str, value: str | None) -> dict[str, Any]:
    """A one-sided derivative; like a number it may be infinite."""
    return {name: None, f"{name}_status": value} if value in ("inf", "-inf") else {name: value}


def line(data: Any) -> str:
    """Data as JSON in one line."""
    return safe(json.dumps(data, allow_nan=False, ensure_ascii=False), Target.JSON)


def status(value: float) -> str:
    """What a number is that is not finite."""
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def plain(data: Any) -> Any:
    """The same data with nested lists for arrays, and nothing for numbers of theirs that JSON cannot say."""
    if isinstance(data, Array):
        found = data.tolist()
        return found if data.is_finite() else finite(found)
    if isinstance(data, Mapping):
        return {name: plain(value) for name, value in data.items()}
    return [plain(one) for one in data] if isinstance(data, list) else data


def pieces(data: Any, ascii_only: bool = False) -> Iterator[str]:
    """Data as JSON in one line, some of it at a time: arrays are never whole as lists, or as text."""

    def text(one: Any) -> str:
        return safe(json.dumps(one, allow_nan=False, ensure_ascii=ascii_only), Target.JSON)

    if isinstance(data, Mapping):
        yield "{"
        for place, (name, value) in enumerate(data.items()):
            yield f"{', ' if place else ''}{text(name)}: "
            yield from pieces(value, ascii_only)
        yield "}"
    elif isinstance(data, SparseArray) and data.size > CHUNK and data.is_finite():
        yield from _mostly_zero(data, 0, data.shape)
    elif isinstance(data, Array) and data.size > CHUNK:
        rows = max(1, CHUNK * len(data) // data.size)
        yield from _joined(_parts(data[start : start + rows]) for start in range(0, len(data), rows))
    elif isinstance(data, list) and any(issubclass(one, (Mapping, list, Array)) for one in set(map(type, data))):
        yield from _joined(_whole(one, ascii_only) or pieces(one, ascii_only) for one in data)
    elif isinstance(data, list):
        starts = range(0, len(data), CHUNK)
        yield from _joined([text(data[i : i + CHUNK])[1:-1]] for i in starts) if len(starts) > 1 else [text(data)]
    else:
        yield text(plain(data))


class _Large(Exception):
    """An array is too long to be written at once."""


def _whole(data: Any, ascii_only: bool) -> list[str] | None:
    """One of many as a whole, by the encoder in C; None where an array in it is long."""
    if not isinstance(data, Mapping):
        return None
    try:
        return [safe(json.dumps(data, allow_nan=False, ensure_ascii=ascii_only, default=_short), Target.JSON)]
    except _Large:
        return None


def _short(data: Any) -> Any:
    if not isinstance(data, Array):
        raise TypeError(f"{type(data).__name__} is not JSON")
    if data.size > CHUNK:
        raise _Large
    return plain(data)


def _parts(rows: Array) -> Iterator[str]:
    """Some rows as JSON without the brackets around them; a single one that is long in parts."""
    if len(rows.shape) > 1 and len(rows) == 1:
        yield from pieces(rows[0])
    else:
        yield json.dumps(plain(rows), allow_nan=False)[1:-1]


def _mostly_zero(data: SparseArray, start: int, shape: Sequence[int]) -> Iterator[str]:
    """The part of a tensor that begins at a place, of a shape: what is 0 is written without a look at it."""
    if len(shape) > 1:
        inner = math.prod(shape[1:])
        yield from _joined(_mostly_zero(data, start + i * inner, shape[1:]) for i in range(shape[0]))
        return
    texts, place = [], start
    for at, number in data.data.among(start, start + shape[0]):
        texts += ["0.0, " * (at - place), repr(number), ", "]
        place = at + 1
    texts.append("0.0, " * (start + shape[0] - place))
    yield f"[{''.join(texts)[:-2]}]"


def _joined(parts: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "["
    for place, part in enumerate(parts):
        if place:
            yield ", "
        yield from part
    yield "]"


def finite(value: Any) -> Any:
    """Numbers, with nothing in the place of those that JSON cannot say."""
    if isinstance(value, list):
        return [finite(inner) for inner in value]
    return value if value is None or isinstance(value, Array) or math.isfinite(value) else None


def statuses(value: Any) -> Any:
    """The statuses of nested numbers, None where all are finite."""
    if isinstance(value, Array) and value.is_finite():
        return None
    if isinstance(value, (Array, list)):
        inner = [statuses(one) for one in value]
        return inner if any(one is not None for one in inner) else None
    return None if value is None or math.isfinite(value) else status(value)


def statuses_of(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The statuses of some of several numbers and arrays, by their names; None where all are finite."""
    found = {name: statuses(value) for name, value in values.items()}
    return {name: one for name, one in found.items() if one is not None} or None
