"""Nested lists of numbers: their shape, their entries in order, and what is said of those too long to show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, product, repeat
from typing import Any

from gradcli.tape.arrays import Array, listed
from gradcli.tape.lower_tensors import MAX_NUMBERS
from gradcli.tape.sparse import SparseArray
from gradcli.terminal.numbers import brief
from gradcli.terminal.readable import readable

FIRST = 3  # entries that a summary begins with
CHUNK = 100_000  # entries of a long tensor that are computed with at once
LONGEST = 60  # columns of a list that is written out within a line


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an array or of nested lists; () of a number."""
    if isinstance(value, Array):
        return value.shape
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor, and not one number."""
    return isinstance(value, (Array, list))


def flat(value: Any, shape: Sequence[int]) -> Sequence[Any]:
    """The entries in order, of an array as they are; where there is nothing at all, that often nothing."""
    if isinstance(value, Array):
        return value.data
    if not isinstance(value, list):
        return list(repeat(value, math.prod(shape)))
    for _ in shape[1:]:
        value = list(chain.from_iterable(value))
    return list(value)


def indices(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every index of a shape, in the order of the entries."""
    return product(*map(range, shape))


def placed(columns: Sequence[Any], shape: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
    """The index of each entry, and what tensors have there, or a number of no dimension.

    Where the first one is mostly 0, and too large: of those entries that may be anything else.
    """
    first = columns[0]
    if isinstance(first, SparseArray) and first.size > MAX_NUMBERS:
        for place, number in first.data.among(0, first.size):
            others = (one.data[place] if isinstance(one, Array) else one for one in columns[1:])
            yield index_at(place, shape), number, *others
        return
    yield from zip(indices(shape), *(flat(one, shape) if shape else [one] for one in columns))


def entry_of(value: Any, index: Sequence[int]) -> Any:
    """The entry of nested lists at an index."""
    for one in index:
        value = value[one]
    return value


def index_at(position: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index of the entry at a position."""
    index: list[int] = []
    for size in reversed(shape):
        position, one = divmod(position, size)
        index.insert(0, one)
    return tuple(index)


def in_brackets(value: Any, text: Callable[[Any], str] = str, most: int | None = None) -> str:
    """Nested lists as they are typed, the entries as their texts; dots for those after so many."""
    if not isinstance(value, (list, tuple)):
        return text(value)
    shown = [in_brackets(one, text, most) for one in value[:most]]
    return f"[{', '.join([*shown, '...'] if len(shown) < len(value) else shown)}]"


def by(shape: Sequence[int]) -> str:
    """A shape as it is said: 2x3."""
    return "x".join(map(str, shape))


def count(number: int, noun: str) -> str:
    """A number of things."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def summary(value: Any, shape: Sequence[int]) -> str:
    """Shape, norm, least and greatest entry with their places, mean, and how the entries begin."""
    import numpy as np

    if isinstance(value, SparseArray):
        if value.size > MAX_NUMBERS:
            return f"{by(shape)}, 0 but at {summary(value.others(), (len(value.data.places),))}"
        value = value.made()
    entries = flat(value, shape)
    array = np.asarray(entries, dtype=np.float64)  # what is missing becomes nan; an array is not copied
    missing = entries.count(None) if isinstance(entries, list) else 0
    many = count(len(entries), "entry")
    said = [many if len(shape) == 1 else f"{by(shape)}, {many}"]
    finite = np.isfinite(array)
    size = int(finite.sum())
    if size:
        numbers = array if size == array.size else array[finite]
        places = None if size == array.size else np.flatnonzero(finite)
        least, most = (int(one if places is None else places[one]) for one in (numbers.argmin(), numbers.argmax()))
        largest = max(abs(entries[least]), abs(entries[most])) or 1.0
        parts = [numbers[start : start + CHUNK] for start in range(0, size, CHUNK)]
        said.append(f"norm {brief(largest * math.hypot(*(float(np.linalg.norm(one / largest)) for one in parts)))}")
        if entries[least] == entries[most]:
            said.append(f"all {brief(entries[least])}" if size == array.size else brief(entries[least]))
        else:
            said.append(f"from {_placed(entries, least, shape)} to {_placed(entries, most, shape)}")
            said.append(f"mean {brief(math.fsum(x for one in parts for x in (one / size).tolist()))}")
    counts = {"nan": int(np.isnan(array).sum()) - missing, "inf": int((array == math.inf).sum())}
    counts |= {"-inf": int((array == -math.inf).sum()), "none": missing}
    said += [f"{number} {name}" for name, number in counts.items() if number]
    if 0 < missing < len(entries) or _differ(array):
        first = ", ".join(map(brief, entries[:FIRST]))
        said.append(f"begins {first}" + (", ..." if len(entries) > FIRST else ""))
    return "; ".join(said)


def _differ(array: Any) -> bool:
    """Whether doubles are not all the same; two that are not a number are, and 0.0 is not -0.0."""
    import numpy as np

    bits = array.view("i8")
    return bool((bits != bits[:1]).any()) and not np.isnan(array).all()


def _placed(entries: Sequence[float], position: int, shape: Sequence[int]) -> str:
    return f"{brief(entries[position])} at [{','.join(map(str, index_at(position, shape)))}]"


def given(name: str, value: Any, precision: int | None = None) -> str:
    """A name with its value, in a line with others: x = 1.0, x = [1.0, 2.0], x: 1000 entries from -10.0 to 10.0."""
    if not is_tensor(value):
        return f"{name} = {readable(value, precision)}"
    shape = shape_of(value)
    if math.prod(shape) <= LONGEST // 3:
        text = in_brackets(listed(value), lambda entry: readable(entry, precision))
        if len(text) <= LONGEST:
            return f"{name} = {text}"
    entries = flat(value, shape)
    if not all(map(math.isfinite, entries)):
        entries = [entry for entry in entries if math.isfinite(entry)]
    noun = {1: count(shape[0], "entry"), 2: f"{by(shape)} matrix"}.get(len(shape), f"{by(shape)} tensor")
    if not entries:
        return f"{name}: {noun}"
    least, most = min(entries), max(entries)
    return f"{name}: {noun}" + (f", all {brief(least)}" if least == most else f" from {brief(least)} to {brief(most)}")
