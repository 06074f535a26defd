"""Tensors that are 0 but at known places: read like any others, and made as a whole only for who reads them so."""

from __future__ import annotations

import itertools
import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from gradcli.errors import LimitError
from gradcli.functions.shapes import Shape
from gradcli.tape.arrays import Array, Data, TextArray

CHUNK = 1 << 16  # entries that are made at once
MOST_WHOLE = 1 << 27  # entries of a tensor that is made as a whole: a gigabyte
TEXT_OF_ZERO = "0"


class SparseEntries(Sequence[Any]):
    """The entries of a tensor in order, each made when it is read.

    size    how many there are
    places  where others than `zero` stand, in order
    values  those, in the same order
    """

    def __init__(self, size: int, places: Sequence[int], values: Sequence[Any], zero: Any) -> None:
        self.size = size
        self.places = places
        self.values = values
        self.zero = zero

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            start, stop, _ = index.indices(self.size)
            return self.between(start, stop)
        index = range(self.size)[index]
        at = bisect_left(self.places, index)
        return self.values[at] if at < len(self.places) and self.places[at] == index else self.zero

    def __iter__(self) -> Iterator[Any]:
        parts = (self.between(start, start + CHUNK) for start in range(0, self.size, CHUNK))
        return itertools.chain.from_iterable(parts)

    def between(self, start: int, stop: int) -> Any:
        """The entries from one place up to another: an array of doubles, or a list of texts."""
        stop = min(stop, self.size)
        found: Any = [self.zero] * (stop - start)
        if isinstance(self.zero, float):
            found = array("d", bytes(8 * (stop - start)))
        for place, value in self.among(start, stop):
            found[place - start] = value
        return found

    def among(self, start: int, stop: int) -> Iterator[tuple[int, Any]]:
        """The places from one up to another where there is something else, with what is there."""
        for at in range(bisect_left(self.places, start), bisect_left(self.places, stop)):
            value = self.values[at]
            yield int(self.places[at]), float(value) if isinstance(self.zero, float) else value


class SparseArray(Array):
    """A tensor of numbers that are 0 but at some places."""

    __slots__ = ()
    data: SparseEntries  # type: ignore[assignment]

    def __init__(self, shape: Shape, entries: SparseEntries) -> None:
        super().__init__(shape, entries)  # type: ignore[arg-type]

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return self.made().__array_interface__

    def made(self) -> Array:
        """The tensor as a whole.

        Raises LimitError where that would be too large.
        """
        if self.size > MOST_WHOLE:
            limit = f"the derivatives are {self.size:,} numbers, and {MOST_WHOLE:,} are made at once"
            raise LimitError("reading a tensor", limit, hint="`nonzero` of the partial has those that are not 0")
        return Array(self.shape, self.data.between(0, self.size))

    def others(self) -> Array:
        """What may be anything but 0, in order."""
        return Array((len(self.data.values),), array("d", self.data.values))

    def is_finite(self) -> bool:
        """Whether no entry is infinite or NaN."""
        return all(map(math.isfinite, self.data.values))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SparseArray):
            mine, its = self.data, other.data
            same = list(mine.places) == list(its.places) and list(mine.values) == list(its.values)
            return self.shape == other.shape and same
        if isinstance(other, Array):
            return self.shape == other.shape and all(one == another for one, another in zip(self, other))
        return super().__eq__(other)

    __hash__ = None

    def __reduce__(self) -> Any:
        entries = self.data
        return _again, (self.shape, list(entries.places), array("d", entries.values))

    def _part(self, shape: Shape, start: int, stop: int) -> Array:
        return Array(shape, self.data.between(start, stop))


def _again(shape: Shape, places: list[int], values: Data) -> SparseArray:
    return SparseArray(shape, SparseEntries(math.prod(shape), places, values, 0.0))


class SparseTexts(TextArray):
    """A tensor of decimals that are 0 but at some places."""

    __slots__ = ()

    def __init__(self, shape: Shape, entries: SparseEntries) -> None:
        super().__init__(shape, entries)

    def _part(self, shape: Shape, start: int, stop: int) -> Array:
        return TextArray(shape, self.data[start:stop])  # type: ignore[arg-type]
