"""Constant tensors: a shape, and doubles in row-major order."""

from __future__ import annotations

import itertools
import math
import operator
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Union

from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape, ShapeError
from gradcli.language.numbers import Dtype, rounded, to_float

MOST_SHOWN = 100  # entries of an array that Python's prompt shows


Data = Union["array[float]", memoryview]  # doubles one after the other; a memoryview where somebody else owns them


class Array:
    """A tensor of numbers of the dtype, held as doubles in row-major order: `shape`, and `data` without a copy.

    It is read like nested lists: `a[i]` is a row or a number, `a[i, j]` an entry, `a[i:j]` some rows, it is iterated
    over and compared alike; `tolist()` makes nested lists. NumPy and torch read it as it is: `numpy.asarray(a)`.
    """

    __slots__ = ("data", "shape")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, shape: Shape, data: Data) -> None:
        self.shape = shape
        self.data = data

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self.data)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        order = "<" if sys.byteorder == "little" else ">"
        return {"version": 3, "shape": self.shape, "typestr": f"{order}f8", "data": self.data}

    def __bool__(self) -> bool:
        return self.size > 0

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("an array of no dimension has no length")
        return self.shape[0]

    def __getitem__(self, index: int | slice | tuple[int, ...]) -> Any:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                raise ValueError("rows are taken one after the other: a step has no meaning")
            return self._rows(start, max(start, stop))
        if not isinstance(index, tuple):
            index = (index,)
        if len(index) > len(self.shape):
            raise IndexError(f"{len(index)} indices of an array of {len(self.shape)} dimensions")
        index = tuple(map(operator.index, index))
        if any(not -size <= i < size for i, size in zip(index, self.shape)):
            raise IndexError(f"{list(index)} is outside the shape {list(self.shape)}")
        place = position(self.shape, [i % size for i, size in zip(index, self.shape)])
        left = self.shape[len(index) :]
        if not left:
            return self.data[place]
        size = math.prod(left)
        return self._part(left, place * size, (place + 1) * size)

    def __iter__(self) -> Iterator[Any]:
        if len(self.shape) == 1:
            return iter(self.data)
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Array):
            return self.shape == other.shape and bool(self.data == other.data)
        if not isinstance(other, list) or not self.shape:
            return NotImplemented
        return len(self) == len(other) and all(mine == one for mine, one in zip(self, other))

    def __repr__(self) -> str:
        shown = repr(self.tolist()) if self.size <= MOST_SHOWN else f"of shape {self.shape}"
        return f"Array({shown})"

    def __reduce__(self) -> Any:
        return Array, (self.shape, array("d", self.data.tobytes()))

    def is_finite(self) -> bool:
        """Whether no entry is infinite or NaN."""
        return all(map(math.isfinite, self.data))

    def tolist(self) -> Any:
        """Nested lists of floats; one float of an array of no dimension."""
        return nested(self.shape, self.data)

    def _rows(self, start: int, stop: int) -> Array:
        size = math.prod(self.shape[1:])
        return self._part((stop - start, *self.shape[1:]), start * size, stop * size)

    def _part(self, shape: Shape, start: int, stop: int) -> Array:
        return Array(shape, memoryview(self.data)[start:stop])


class TextArray(Array):
    """A tensor of decimals, None where one is not known; `data` may make them when they are read."""

    __slots__ = ()

    def __init__(self, shape: Shape, data: Sequence[str | None]) -> None:
        super().__init__(shape, data)  # type: ignore[arg-type]

    @property
    def __array_interface__(self) -> dict[str, Any]:
        raise AttributeError("decimals are not doubles")

    def __reduce__(self) -> Any:
        return TextArray, (self.shape, list(self.data))

    def is_finite(self) -> bool:
        """Whether JSON can say every entry."""
        return True

    def _part(self, shape: Shape, start: int, stop: int) -> Array:
        return TextArray(shape, self.data[start:stop])  # type: ignore[arg-type]


class ExactArray(Array):
    """A tensor of exact numbers, which may be no doubles."""

    __slots__ = ()

    def __init__(self, shape: Shape, data: Sequence[Fraction]) -> None:
        super().__init__(shape, data)  # type: ignore[arg-type]

    @property
    def __array_interface__(self) -> dict[str, Any]:
        raise AttributeError("exact numbers are not doubles")

    def _part(self, shape: Shape, start: int, stop: int) -> Array:
        return ExactArray(shape, self.data[start:stop])  # type: ignore[arg-type]


def listed(value: Any) -> Any:
    """An array as nested lists; anything else as it is."""
    return value.tolist() if isinstance(value, Array) else value


def position(shape: Shape, index: Sequence[int]) -> int:
    """Where an entry stands in row-major order."""
    place = 0
    for size, i in zip(shape, index):
        place = place * size + i
    return place


def nested(shape: Shape, flat: Sequence[Any]) -> Any:
    """Flat entries as nested lists of a shape."""
    if not shape:
        return flat[0]
    level = list(flat)
    for size in reversed(shape[1:]):
        level = [level[start : start + size] for start in range(0, len(level), size)]
    return level


def every(shape: Shape) -> Iterable[tuple[int, ...]]:
    """All indices of a shape, in row-major order."""
    return itertools.product(*map(range, shape))


def constructed(row: Row, statics: Sequence[Any], shape: Shape, dtype: Dtype | None) -> Array:
    """The tensor that a constructor makes, each entry rounded once from its exact value.

    Raises ShapeError where an entry has no value, or is too large for the dtype.
    """
    assert row.makes is not None
    made = row.makes(shape, *statics)
    narrow = dtype if dtype is not None and dtype.name != "float64" else None
    if not isinstance(made, array):
        return Array(shape, array("d", (_quotient(*one, narrow) for one in made)))
    if narrow is not None:
        known = {one: _rounded(Fraction(one), narrow) for one in set(made)}
        made = array("d", (known[one] for one in made))
    return Array(shape, made)


def _quotient(above: int, below: int, dtype: Dtype | None) -> float:
    """The number of the dtype that is nearest; a quotient of Python's integers is the correctly rounded double."""
    if dtype is not None:
        return _rounded(Fraction(above, below), dtype)
    try:
        return above / below
    except OverflowError:
        raise ShapeError("an entry is too large for float64") from None


def _rounded(value: Fraction, dtype: Dtype) -> float:
    near = rounded(value, dtype)
    if near is None:
        raise ShapeError(f"an entry is too large for {dtype.name}")
    return to_float(near)
