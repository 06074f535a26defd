"""Nested lists of numbers: their shape, their entries in order, and what is said of those too long to show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, product, repeat
from typing import Any

FIRST = 3  # entries that a summary begins with
SIGNIFICANT = 6  # digits of a number in a summary, and where there is no room for all
LONGEST = 60  # columns of a list that is written out within a line


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of nested lists; () of a number."""
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def flat(value: Any, shape: Sequence[int]) -> list[Any]:
    """The entries in order; where there is nothing at all, that often nothing."""
    if not isinstance(value, list):
        return list(repeat(value, math.prod(shape)))
    for _ in shape[1:]:
        value = list(chain.from_iterable(value))
    return list(value)


def indices(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every index of a shape, in the order of the entries."""
    return product(*map(range, shape))


def index_at(position: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index of the entry at a position."""
    index: list[int] = []
    for size in reversed(shape):
        position, one = divmod(position, size)
        index.insert(0, one)
    return tuple(index)


def full(value: float | None) -> str:
    """A double with all its digits."""
    return "none" if value is None else repr(float(value))


def brief(value: float | None) -> str:
    """A double with a few digits; one that has no more keeps its own spelling."""
    whole = full(value)
    if value is None or not math.isfinite(value) or len(whole) <= SIGNIFICANT + 1:
        return whole
    text = f"{value:.{SIGNIFICANT}g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        return f"{mantissa}e{int(exponent):+03d}"
    return mantissa if "." in mantissa else f"{mantissa}.0"


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

    entries = flat(value, shape)
    array = np.asarray(entries, dtype=np.float64)  # what is missing becomes nan
    missing = entries.count(None)
    size = count(len(entries), "entry")
    said = [size if len(shape) == 1 else f"{by(shape)}, {size}"]
    finite = np.flatnonzero(np.isfinite(array))
    if finite.size:
        numbers = array[finite]
        least, most = int(finite[numbers.argmin()]), int(finite[numbers.argmax()])
        largest = float(np.abs(numbers).max()) or 1.0
        said.append(f"norm {brief(largest * float(np.linalg.norm(numbers / largest)))}")
        if entries[least] == entries[most]:
            said.append(f"all {brief(entries[least])}" if finite.size == array.size else brief(entries[least]))
        else:
            said.append(f"from {_placed(entries, least, shape)} to {_placed(entries, most, shape)}")
            said.append(f"mean {brief(math.fsum((numbers / numbers.size).tolist()))}")
    counts = {"nan": int(np.isnan(array).sum()) - missing, "inf": int((array == math.inf).sum())}
    counts |= {"-inf": int((array == -math.inf).sum()), "none": missing}
    said += [f"{number} {name}" for name, number in counts.items() if number]
    if any(full(entry) != full(entries[0]) for entry in entries):
        first = ", ".join(map(brief, entries[:FIRST]))
        said.append(f"begins {first}" + (", ..." if len(entries) > FIRST else ""))
    return "; ".join(said)


def _placed(entries: Sequence[float], position: int, shape: Sequence[int]) -> str:
    return f"{brief(entries[position])} at [{','.join(map(str, index_at(position, shape)))}]"


def given(name: str, value: Any) -> str:
    """A name with its value, in a line with others: x = 1.0, x = [1.0, 2.0], x: 1000 entries from -10.0 to 10.0."""
    if not isinstance(value, list):
        return f"{name} = {full(value)}"
    shape = shape_of(value)
    if math.prod(shape) <= LONGEST // 3 and len(text := repr(value)) <= LONGEST:
        return f"{name} = {text}"
    entries = [entry for entry in flat(value, shape) if math.isfinite(entry)]
    noun = {1: count(shape[0], "entry"), 2: f"{by(shape)} matrix"}.get(len(shape), f"{by(shape)} tensor")
    if not entries:
        return f"{name}: {noun}"
    least, most = min(entries), max(entries)
    return f"{name}: {noun}" + (f", all {brief(least)}" if least == most else f" from {brief(least)} to {brief(most)}")
