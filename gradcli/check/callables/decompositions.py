"""Decompositions of matrices of balls: Cholesky, eigenvalues, singular values, least squares, QR."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gradcli.backends.arb.context import is_ball
from gradcli.backends.arb.flint import arb, arb_mat
from gradcli.backends.arb.tensors.spectra import spectrum
from gradcli.check.callables.elementwise import mapped
from gradcli.check.callables.matrices import columns, each, factored, product, solved, through
from gradcli.check.callables.reductions import total
from gradcli.check.callables.tensor import entries_of, handler
from gradcli.check.callables.world import Array, Unsupported, array, world


def _one_triangle(name: str, matrix: Array) -> None:
    """Take note of a function that reads one triangle, and where it is given a matrix that is not symmetric."""
    world().reads.add(name)
    if any(is_ball(a) and is_ball(b) and not a.overlaps(b) for a, b in zip(matrix.flat, matrix.T.flat)):
        world().triangle.add(name)


def _lower(a: Array) -> Array:
    """The lower triangle of which a matrix is the square."""
    now, count = world(), len(a)
    found = now.numbers(np.zeros((count, count)))
    for row in range(count):
        for column in range(row + 1):
            value = a[row, column]
            for other in range(column):
                value = now.named("-", value, now.named("*", found[row, other], found[column, other]))
            below = row != column
            found[row, column] = now.named("/", value, found[column, column]) if below else now.named("sqrt", value)
    return found


@handler("linalg_cholesky_ex")
def _cholesky(x: Any, *, upper: bool = False, **_: Any) -> Any:
    def one(matrix: Array) -> Array:
        _one_triangle("cholesky", matrix)
        return _lower(matrix.T).T if upper else _lower(matrix)

    entries = entries_of(x)
    return each(one, entries), torch.zeros(entries.shape[:-2], dtype=torch.int32)


@handler("_linalg_eigh")
def _eigh(x: Any, UPLO: str = "L", compute_v: bool = True) -> Any:  # noqa: N803
    doubles = x.doubles if hasattr(x, "doubles") else x
    given = torch.linalg.eigh(doubles, UPLO=UPLO).eigenvectors.numpy()

    def one(matrix: Array, near: Any) -> tuple[Array, Array]:
        _one_triangle("eigh", matrix)
        lower = np.tril(np.ones(matrix.shape, dtype=bool))
        whole = np.where(lower, matrix, matrix.T) if UPLO.upper() == "L" else np.where(lower, matrix.T, matrix)
        found = spectrum(whole)
        if found is None or not found.is_simple:
            raise Unsupported("eigenvalues that are equal, or too close to tell")
        signs = [_sign_of(found.vectors[:, j], near, j) for j in range(len(matrix))]
        sources = [list(matrix.flat)]
        now = world()
        values = [now.made(value, *sources) for value in found.values]
        vectors = [now.made(value * signs[at % len(signs)], *sources) for at, value in enumerate(found.vectors.flat)]
        return array(values, (len(values),)), array(vectors, matrix.shape)

    values, vectors = each(one, entries_of(x), given)
    return (values, vectors) if compute_v else (values, np.empty(0, dtype=object))


@handler("_linalg_svd")
def _svd(x: Any, full_matrices: bool = False, compute_uv: bool = True, **_: Any) -> Any:
    doubles = x.doubles if hasattr(x, "doubles") else x
    given = torch.linalg.svd(doubles, full_matrices=False).Vh.mT.numpy()

    def one(matrix: Array, near: Any) -> tuple[Array, Array, Array]:
        if len(matrix) < matrix.shape[1]:
            v, values, u = one_tall(matrix.T, None)
            return u.T, values, v.T
        return one_tall(matrix, near)

    def one_tall(matrix: Array, near: Any) -> tuple[Array, Array, Array]:
        found = spectrum(product(matrix.T, matrix))
        if found is None or not found.is_simple or not found.values[0] > 0:
            raise Unsupported("singular values that are equal or 0, or too close to tell")
        if full_matrices and len(matrix) > matrix.shape[1]:
            raise Unsupported("all the vectors of a singular value decomposition")
        now, order = world(), list(reversed(range(matrix.shape[1])))
        sources = [list(matrix.flat)]
        values = array([now.made(found.values[j].sqrt(), *sources) for j in order], (len(order),))
        vectors = np.stack(
            [found.vectors[:, j] * _sign_of(found.vectors[:, j], near, at) for at, j in enumerate(order)]
        )
        vectors = array([now.made(value, *sources) for value in vectors.flat], vectors.shape)
        left = product(matrix, vectors.T)
        return mapped("/", left, values), values, vectors

    u, values, vh = each(one, entries_of(x), given)
    return (u, values, vh) if compute_uv else (np.empty(0, dtype=object), values, np.empty(0, dtype=object))


def _sign_of(vector: Array, near: Any, column: int) -> int:
    """That which brings a vector next to a column of torch's."""
    if near is None:
        return 1
    along = sum((a.mid() * arb(float(b)) for a, b in zip(vector, near[:, column])), arb(0))
    return 1 if along > 0 else -1


@handler("linalg_lstsq")
def _lstsq(a: Any, b: Any, *_: Any, **__: Any) -> Any:
    """By the normal equations, of a matrix of full rank with no fewer rows than columns."""
    matrix, right = entries_of(a), entries_of(b)
    if matrix.ndim != 2 or len(matrix) < matrix.shape[1]:
        raise Unsupported("least squares of a matrix with more columns than rows")
    plain = torch.linalg.lstsq(*(getattr(one, "doubles", one) for one in (a, b)))
    sides = columns(right, matrix)
    found = solved(product(matrix.T, matrix), product(matrix.T, sides))
    apart = mapped("-", sides, product(matrix, found))
    rest = array([total(list(mapped("*", column, column))) for column in apart.T], (apart.shape[1],))
    return found[:, 0] if right.ndim == 1 else found, rest[: plain.residuals.numel()], plain.rank, plain.singular_values


@handler("linalg_pinv")
def _pinv(x: Any, *_: Any, **__: Any) -> Array:
    """Of a matrix of full rank."""

    def one(matrix: Array) -> Array:
        tall = len(matrix) >= matrix.shape[1]
        a = matrix if tall else matrix.T
        square = product(a.T, a)
        if any(not is_ball(value) or value.contains(0) for value in np.diagonal(factored(square)[0])):
            raise Unsupported("the pseudoinverse of a matrix that has not full rank")
        found = solved(square, a.T)
        return found if tall else found.T

    return each(one, entries_of(x))


@handler("linalg_qr")
def _qr(x: Any, mode: str = "reduced") -> Any:
    """By the triangle of the normal equations, of a matrix of full rank with no fewer rows than columns."""
    entries = entries_of(x)
    if entries.ndim != 2 or (len(entries) > entries.shape[1] and mode != "reduced") or len(entries) < entries.shape[1]:
        raise Unsupported("a QR decomposition of this shape")
    near = torch.linalg.qr(getattr(x, "doubles", x)).R.diagonal().sign().numpy()
    upper = mapped("*", _lower(product(entries.T, entries)).T, near[:, None].astype(float))
    return through(upper.T, entries.T, False, False).T, upper


@handler("linalg_matrix_exp")
def _matrix_exp(x: Any) -> Array:
    def one(matrix: Array) -> Array:
        if not all(is_ball(value) and value.is_finite() for value in matrix.flat):
            raise Unsupported("a matrix with entries that have no value")
        made = arb_mat(*matrix.shape, list(matrix.flat)).exp().entries()
        return array([world().made(value, matrix.flat) for value in made], matrix.shape)

    return each(one, entries_of(x))
