"""Arrays of balls: NumPy arrays of objects, matrix products by FLINT, and their way from and to doubles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.flint import arb, arb_mat
from gradcli.backends.arb.tensors.leaf import CHUNK, BallArray, Doubles, Leaf

ZERO = arb(0)
BITS_OF_A_DOUBLE = 53
BITS_PER_DIGIT = 3.33
SMALLEST, LARGEST = 1e-250, 1e300  # what doubles hold with the limbs that follow
MOST_EXPONENT = 2**50  # of a number that is told from 0, or from infinity
MATRIX = 2  # dimensions
SMALL = 64  # multiplications: so small matrices of a stack are multiplied without FLINT's
FEW = 3  # products of so few numbers each are faster without a matrix of FLINT's


def array_of(entries: Sequence[Any], shape: Sequence[int]) -> BallArray:
    """Entries in row-major order as an array of objects."""
    return np.fromiter(entries, object, len(entries)).reshape(shape)


def as_array(value: Any) -> BallArray:
    """A single object as an array of rank 0; NumPy gives the object itself where an operation leaves only one."""
    if hasattr(value, "ndim"):
        return value
    found = np.empty((), dtype=object)
    found[()] = value
    return found


def from_doubles(values: Doubles) -> BallArray:
    """Doubles as exact balls."""
    return as_array(_exactly(np.asarray(values)))


_exactly = np.frompyfunc(arb, 1, 1)


def from_number(value: Fraction) -> BallArray:
    """An exact number as an array of rank 0."""
    return as_array(BALLS.number(value))


def zeros(shape: Sequence[int]) -> BallArray:
    """Exact zeros."""
    found = np.empty(tuple(shape), dtype=object)
    found[...] = ZERO
    return found


def is_finite(values: BallArray) -> Any:
    """Which entries are numbers with a bound on their error."""
    return np.fromiter((x.is_finite() for x in values.ravel().tolist()), bool, values.size).reshape(values.shape)


def scaled(adjoint: BallArray, local: BallArray) -> BallArray:
    """Their product; an adjoint of exactly 0 wins over a local derivative that does not exist."""
    found = as_array(adjoint * local)
    odd = ~is_finite(as_array(local))
    if odd.any():
        nothing = is_zero(adjoint)
        found = np.where(np.broadcast_to(odd & nothing, found.shape), zeros(()), found)
    return found


def is_zero(values: Any) -> Any:
    """Which entries are exactly 0."""
    if isinstance(values, Leaf):
        return values.plain() == 0
    return np.fromiter((x.is_zero() for x in values.ravel().tolist()), bool, values.size).reshape(values.shape)


def matrix_product(x: Any, y: Any, left: Any = None, right: Any = None) -> BallArray:
    """The product of two matrices; `left` and `right` give the same as FLINT's where somebody keeps them."""
    if isinstance(y, Leaf):
        return matrix_product(y.T, x.T).T
    if isinstance(x, Leaf):
        return _product_of_rows(x, x.rows, y)
    if x.ndim > MATRIX:
        return _stacked(x, y)
    (rows, inner), columns = x.shape, y.shape[1]
    if inner == 1:
        return as_array(x * y)
    if inner <= FEW:
        return as_array(x @ y)
    if left:
        return array_of((left() * (right() if right else matrix(y))).entries(), (rows, columns))
    return _product_of_rows(x, lambda start, stop: matrix(x[start:stop]), y, right)


def _stacked(x: BallArray, y: BallArray) -> BallArray:
    """The products of two stacks of matrices."""
    if x.shape[1] * x.shape[2] * y.shape[2] < SMALL:
        return as_array(x @ y)
    return np.stack([matrix_product(one, other) for one, other in zip(x, y)])


def _product_of_rows(x: Any, rows_of: Callable[[int, int], Any], y: BallArray, right: Any = None) -> BallArray:
    """A product where only some rows of the first matrix are in FLINT's form at a time."""
    (rows, inner), columns = x.shape, y.shape[1]
    other = right() if right else matrix(y)
    step = max(1, CHUNK // inner)
    entries: list[Any] = []
    for start in range(0, rows, step):
        entries += (rows_of(start, start + step) * other).entries()
    return array_of(entries, (rows, columns))


def matrix(x: BallArray) -> Any:
    """A matrix of FLINT's."""
    return arb_mat(*x.shape, x.ravel().tolist())


def inverse(x: BallArray) -> BallArray:
    """The inverse of a matrix; balls that are not finite where it is, or might be, singular."""
    try:
        return array_of(matrix(x).inv().entries(), x.shape)
    except ZeroDivisionError:
        found = np.empty(x.shape, dtype=object)
        found[...] = arb.nan()
        return found


def determinant(x: BallArray) -> BallArray:
    """The determinant of a matrix."""
    return as_array(matrix(x).det())


def midpoints(values: BallArray) -> BallArray:
    """The middles, exact."""
    return array_of([x.mid() for x in values.ravel().tolist()], values.shape)


def nearest(values: Any) -> Doubles:
    """The midpoints as doubles."""
    if isinstance(values, Leaf):
        return values.plain()
    return values.astype(np.float64)


class Split(NamedTuple):
    """Balls as sums of doubles of falling size, each by a power of two where doubles do not reach that far.

    Where a ball is not finite the bound of what is left is infinite.
    """

    limbs: list[Doubles]
    radius: Doubles
    exponents: Any = None  # whole numbers; None where all are 0

    def bounds(self) -> Doubles:
        """What the absolute values are not above, but for the rounding of a double."""
        found = np.abs(self.limbs[0]) + self.radius
        return found if self.exponents is None else np.ldexp(found, np.clip(self.exponents, -3000, 3000))


def split(values: BallArray, digits: int) -> Split:
    """Balls as so many doubles as some significant digits take."""
    count = max(2, math.ceil((digits + 8) * BITS_PER_DIGIT / BITS_OF_A_DOUBLE))
    first = np.abs(nearest(values))
    far = ~((first > SMALLEST) & (first < LARGEST))
    exponents = None
    if far.any():
        found = np.zeros(values.shape, dtype=np.int64)
        found[far] = [_exponent(x) for x in values[far].tolist()]
        if found.any():
            exponents = found
            values = values.copy()
            moved = exponents != 0
            values[moved] = [_shifted(x, -e) for x, e in zip(values[moved].tolist(), exponents[moved].tolist())]
    limbs = [np.empty(values.shape) for _ in range(count)]
    bounds = np.empty(values.shape)
    flat = values.reshape(-1)
    for start in range(0, values.size, CHUNK):
        part = slice(start, start + CHUNK)
        left = flat[part]
        with np.errstate(all="ignore"):
            for limb in limbs:
                limb.reshape(-1)[part] = first = nearest(left)
                left = left - first
        bounds.reshape(-1)[part] = np.fromiter(map(float, map(arb.abs_upper, left.tolist())), np.float64, left.size)
    bounds = np.nextafter(bounds, np.inf)  # a double next to the bound is no bound
    return Split(limbs, np.where(np.isnan(bounds), np.inf, bounds), exponents)


def _exponent(x: Any) -> int:
    """The power of two that a number of ordinary size is left of; 0 for 0, and for what is beyond all bounds."""
    middle = x.mid()
    if not x.is_finite() or middle.is_zero():
        return 0
    mantissa, exponent = middle.man_exp()
    found = int(exponent) + abs(int(mantissa)).bit_length()
    return found if abs(found) < MOST_EXPONENT else 0


def _shifted(x: Any, exponent: int) -> Any:
    return x * arb(2) ** exponent
