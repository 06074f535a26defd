"""Eigenvalues and eigenvectors of symmetric matrices in balls.

An approximation is found by Jacobi's rotations, and then enclosed: the matrix in a basis that is exactly orthogonal is
nearly diagonal; what is left beside the diagonal bounds how far the eigenvalues are from it (Weyl's inequality), and,
by the gaps between them, how far the eigenvectors are from the basis (the sine theorem of Davis and Kahan).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any, NamedTuple

import numpy as np

from gradcli.backends.arb.flint import arb, ctx
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.leaf import BallArray

MOST_SWEEPS = 60  # of rotations; from doubles it takes some three to six
STEPS_TO_ORTHOGONAL = 12  # each doubles the digits
SPARE_BITS = 8  # that rotations lose
SMALL = 0.25  # the largest departure from an orthogonal matrix that is put right
TILT = (
    1.5  # how far a unit vector is from another one, by the sine of the angle between them; the root of 2, rounded up
)


class Spectrum(NamedTuple):
    """The eigenvalues in ascending order, and an orthonormal basis that goes with them.

    values    balls
    vectors   columns; of eigenvalues that the balls do not tell apart they span the same space as their eigenvectors
    clusters  the eigenvalues that are not told apart: from where to where
    """

    values: BallArray
    vectors: BallArray
    clusters: Sequence[tuple[int, int]]

    @property
    def is_simple(self) -> bool:
        """Whether all eigenvalues are told apart."""
        return not any(stop - start > 1 for start, stop in self.clusters)


def spectrum(matrix: BallArray) -> Spectrum | None:
    """The spectrum of the symmetric part of a matrix; None where the balls are too wide."""
    size = len(matrix)
    whole = arrays.as_array((matrix + matrix.T) / 2)
    doubles = arrays.nearest(whole)
    if not arrays.is_finite(whole).all() or not np.isfinite(doubles).all():
        return None
    basis = _orthogonal(_rotated(arrays.midpoints(whole), arrays.from_doubles(np.linalg.eigh(doubles)[1])))
    if basis is None:
        return None
    nearly = _product(_product(basis.T, whole), basis)
    order = _order([x.mid() for x in nearly.diagonal()])
    basis, nearly = basis[:, order], nearly[np.ix_(order, order)]
    beside = _norm([nearly[i, j] for i in range(size) for j in range(size) if i != j])
    diagonal = list(nearly.diagonal())
    low, high = [(x - beside).lower() for x in diagonal], [(x + beside).upper() for x in diagonal]
    values = [low[i].union(high[j]) for i, j in zip(_order(low), _order(high))]
    clusters = _clusters(values)
    apart: list[Any] = []
    for start, stop in clusters:
        gaps = [(values[start] - values[start - 1]).abs_lower()] if start else []
        gaps += [(values[stop] - values[stop - 1]).abs_lower()] if stop < size else []
        least = gaps[0] if len(gaps) == 1 else gaps[0].min(gaps[1]) if gaps else None
        apart += [arb(0) if least is None else (beside / least).upper()] * (stop - start)
    tilts = arrays.array_of([arb(0, (one * TILT).upper()) for one in apart], (1, size))
    unit = _identity(size)
    return Spectrum(arrays.array_of(values, (size,)), _product(basis, unit + tilts), clusters)


def _clusters(values: Sequence[Any]) -> list[tuple[int, int]]:
    """Where eigenvalues in order that are not told apart begin and end."""
    starts = [i for i in range(len(values)) if i == 0 or values[i - 1] < values[i]]
    return list(zip(starts, [*starts[1:], len(values)]))


def _order(numbers: Sequence[Any]) -> list[int]:
    """The places of exact numbers in ascending order, which may differ by less than doubles tell."""

    def compared(i: int, j: int) -> int:
        return int(numbers[i] > numbers[j]) - int(numbers[i] < numbers[j])

    return sorted(range(len(numbers)), key=cmp_to_key(compared))


def _norm(numbers: Sequence[Any]) -> Any:
    """A bound on the root of the sum of the squares."""
    total = arb(0)
    for x in numbers:
        total = total + x * x
    return total.abs_upper().sqrt().upper()


def _identity(size: int) -> BallArray:
    found = arrays.zeros((size, size))
    found[np.arange(size), np.arange(size)] = arb(1)
    return found


def _product(x: BallArray, y: BallArray) -> BallArray:
    return arrays.matrix_product(x, y)


def _orthogonal(basis: BallArray) -> BallArray | None:
    """The orthogonal matrix next to a nearly orthogonal one, X*(X.T@X)**(-1/2), enclosed; None where none is near."""
    departure = _product(basis.T, basis) - _identity(len(basis))
    size = _norm(departure.ravel().tolist())
    if not size < SMALL:
        return None
    rest = arrays.zeros(basis.shape) + arb(0, (size * size).upper())  # of the series 1 - d/2 + 3*d**2/8 - ...
    return arrays.as_array(_product(basis, _identity(len(basis)) - departure / 2 + rest))


def _rotated(matrix: BallArray, basis: BallArray) -> BallArray:
    """Approximate eigenvectors, from such to the digits of a double: all numbers are exact, none is a bound."""
    size = len(matrix)
    for _ in range(STEPS_TO_ORTHOGONAL):
        departure = arrays.midpoints(_product(basis.T, basis)) - _identity(size)
        if not _largest(departure) > arb(2) ** (SPARE_BITS - ctx.prec):
            break
        basis = arrays.midpoints(basis - _product(basis, departure) / 2)
    turned = arrays.midpoints(_product(_product(basis.T, matrix), basis))
    least = _largest(turned) * arb(2) ** (SPARE_BITS - ctx.prec)
    for _ in range(MOST_SWEEPS):
        moved = False
        for i in range(size - 1):
            for j in range(i + 1, size):
                if abs(turned[i, j]) > least:
                    _rotate(turned, basis, i, j)
                    moved = True
        if not moved:
            break
    return basis


def _rotate(turned: BallArray, basis: BallArray, i: int, j: int) -> None:
    """One of Jacobi's rotations, after which an entry beside the diagonal is 0."""
    theta = ((turned[j, j] - turned[i, i]) / (2 * turned[i, j])).mid()
    tangent = 1 / (abs(theta) + (theta * theta + 1).sqrt())
    tangent = (-tangent if theta < 0 else tangent).mid()
    cosine = (1 / (tangent * tangent + 1).sqrt()).mid()
    sine = (tangent * cosine).mid()
    for columns in (basis, turned):
        first, second = columns[:, i], columns[:, j]
        columns[:, i], columns[:, j] = (
            arrays.midpoints(first * cosine - second * sine), arrays.midpoints(first * sine + second * cosine)
        )  # fmt: skip
    first, second = turned[i], turned[j]
    turned[i], turned[j] = (
        arrays.midpoints(first * cosine - second * sine), arrays.midpoints(first * sine + second * cosine)
    )  # fmt: skip


def _largest(values: BallArray) -> Any:
    """The largest absolute value."""
    found = arb(0)
    for x in values.ravel().tolist():
        found = found.max(abs(x))
    return found.mid()
