"""Products of matrices of balls, and their decompositions; torch's own formulas differentiate them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from gradcli.backends.arb.context import is_ball
from gradcli.backends.arb.flint import arb, arb_mat
from gradcli.backends.arb.tensors.spectra import spectrum
from gradcli.check.callables.elementwise import mapped
from gradcli.check.callables.reductions import total
from gradcli.check.callables.tensor import composed, entries_of, handler
from gradcli.check.callables.world import Array, Unsupported, array, world


def product(x: Array, y: Array) -> Array:
    """A product of two matrices."""
    rows, inner, columns = x.shape[0], x.shape[1], y.shape[1]
    now = world()
    now.count(rows * inner * columns)
    if not inner or not all(is_ball(one) and one.is_finite() for part in (x, y) for one in part.flat):
        found = [
            total([now.named("*", a, b) for a, b in zip(x[i], y[:, j])]) for i in range(rows) for j in range(columns)
        ]
        return array(found, (rows, columns))
    made = (arb_mat(rows, inner, list(x.flat)) * arb_mat(inner, columns, list(y.flat))).entries()
    return array([now.made(one, x[at // columns], y[:, at % columns]) for at, one in enumerate(made)], (rows, columns))


@handler("mm")
def _mm(x: Any, y: Any) -> Array:
    return product(entries_of(x), entries_of(y))


@handler("bmm")
def _bmm(x: Any, y: Any) -> Array:
    return np.stack([product(a, b) for a, b in zip(entries_of(x), entries_of(y))])


@handler("mv")
def _mv(x: Any, y: Any) -> Array:
    return product(entries_of(x), entries_of(y)[:, None])[:, 0]


@handler("dot", "vdot")
def _dot(x: Any, y: Any) -> Array:
    return product(entries_of(x)[None], entries_of(y)[:, None]).reshape(())


def _added(multiply: Callable[..., Array]) -> Callable[..., Array]:
    def run(x: Any, first: Any, second: Any, *, beta: Any = 1, alpha: Any = 1) -> Array:
        made = multiply(first, second)
        made = made if alpha == 1 else mapped("*", made, alpha)
        return mapped("+", x if beta == 1 else mapped("*", x, beta), made)

    return run


handler("addmm")(_added(_mm))
handler("addmv")(_added(_mv))
handler("baddbmm")(_added(_bmm))


@composed("_linalg_eigvals", "linalg_eig", "geqrf", "linalg_ldl_factor_ex")
def _unknown(*_: Any, **__: Any) -> Any:
    raise Unsupported("a decomposition of a matrix")


def _each(compute: Callable[..., Any], *stacks: Array) -> Any:
    """A function of matrices, on each of some stacks."""
    if stacks[0].ndim == 2:
        return compute(*stacks)
    shape = stacks[0].shape[:-2]
    found = [compute(*(one[index] for one in stacks)) for index in np.ndindex(*shape)]
    if isinstance(found[0], tuple):
        return tuple(_restacked([one[place] for one in found], shape) for place in range(len(found[0])))
    return _restacked(found, shape)


def _restacked(parts: list[Any], shape: tuple[int, ...]) -> Any:
    one = np.asarray(parts[0])
    made = np.empty((len(parts), *one.shape), dtype=one.dtype)
    for place, part in enumerate(parts):
        made[place] = part
    return made.reshape((*shape, *one.shape))


def _plain(values: Any) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))


def _size(value: Any) -> Any:
    """How large a pivot is, roughly."""
    if not is_ball(value) or not value.is_finite():
        raise Unsupported("a matrix with entries that have no value")
    return abs(value.mid())


def _factored(matrix: Array) -> tuple[Array, Any]:
    """The two triangles in one, and the places that rows changed with, from 1 on (LAPACK's getrf)."""
    a = matrix.copy()
    pivots = np.arange(1, min(a.shape) + 1, dtype=np.int32)
    now = world()
    for column in range(min(a.shape)):
        sizes = [_size(a[row, column]) for row in range(column, len(a))]
        best = column + max(range(len(sizes)), key=sizes.__getitem__)
        pivots[column] = best + 1
        if best != column:
            a[[column, best]] = a[[best, column]]
        if a[column, column].is_zero():
            continue
        for row in range(column + 1, len(a)):
            factor = a[row, column] = now.named("/", a[row, column], a[column, column])
            for place in range(column + 1, a.shape[1]):
                a[row, place] = now.named("-", a[row, place], now.named("*", factor, a[column, place]))
    return a, pivots


def _permuted(pivots: Any, count: int) -> list[int]:
    """Which row of the matrix stands in each row of its triangles."""
    order = list(range(count))
    for row, other in enumerate(pivots):
        order[row], order[other - 1] = order[other - 1], order[row]
    return order


def _through(triangle: Array, right: Array, upper: bool, unit: bool) -> Array:
    """A triangular system solved."""
    now, found, count = world(), right.copy(), len(triangle)
    for row in reversed(range(count)) if upper else range(count):
        for place in range(found.shape[1]):
            known = range(row + 1, count) if upper else range(row)
            value = found[row, place]
            for other in known:
                value = now.named("-", value, now.named("*", triangle[row, other], found[other, place]))
            found[row, place] = value if unit else now.named("/", value, triangle[row, row])
    return found


def _solved(matrix: Array, right: Array) -> Array:
    a, pivots = _factored(matrix)
    return _through(a, _through(a, right[_permuted(pivots, len(a))], False, True), True, False)


def _as_torch(x: Any) -> Array:
    """What torch factors for a determinant: of a matrix in row-major order the transpose, to save a copy."""
    return np.swapaxes(entries_of(x), -1, -2) if x.is_contiguous() else entries_of(x)


def _identity(size: int) -> Array:
    return world().numbers(np.eye(size))


def _determinant(a: Array, pivots: Any) -> Any:
    odd = sum(one != place + 1 for place, one in enumerate(pivots)) % 2
    found = world().number(-1 if odd else 1)
    for value in np.diagonal(a):
        found = world().named("*", found, value)
    return found


@handler("_linalg_det")
def _det(x: Any) -> Any:
    def one(matrix: Array) -> tuple[Array, Array, Any]:
        a, pivots = _factored(matrix)
        return array([_determinant(a, pivots)], ()), a, pivots

    found, a, pivots = _each(one, _as_torch(x))
    return found, a, _plain(pivots)


@handler("_linalg_slogdet")
def _slogdet(x: Any) -> Any:
    def one(matrix: Array) -> tuple[Array, Array, Array, Any]:
        a, pivots = _factored(matrix)
        whole = _determinant(a, pivots)
        now = world()
        size = now.named("log", now.named("abs", whole))
        return array([now.named("sign", whole)], ()), array([size], ()), a, pivots

    sign, size, a, pivots = _each(one, _as_torch(x))
    return sign, size, a, _plain(pivots)


@handler("linalg_inv_ex")
def _inverse(x: Any, **_: Any) -> Any:
    entries = entries_of(x)
    found = _each(lambda one: _solved(one, _identity(len(one))), entries)
    return found, torch.zeros(entries.shape[:-2], dtype=torch.int32)


def _columns(right: Array, matrix: Array) -> Array:
    return right[..., None] if right.ndim == matrix.ndim - 1 else right


@handler("_linalg_solve_ex")
def _solve(a: Any, b: Any, *, left: bool = True, **_: Any) -> Any:
    matrix, right = entries_of(a), entries_of(b)
    sides = _columns(right, matrix)
    stack = np.broadcast_shapes(matrix.shape[:-2], sides.shape[:-2])
    whole = np.broadcast_to(matrix, (*stack, *matrix.shape[-2:]))
    sides = np.broadcast_to(sides, (*stack, *sides.shape[-2:]))
    if not left:
        found = np.swapaxes(_each(_solved, np.swapaxes(whole, -1, -2), np.swapaxes(sides, -1, -2)), -1, -2)
    else:
        found = _each(_solved, whole, sides)
    a_, pivots = _each(_factored, whole)
    shape = found.shape[:-1] if right.ndim == matrix.ndim - 1 else found.shape
    return found.reshape(shape), a_, _plain(pivots), torch.zeros(stack, dtype=torch.int32)


@handler("linalg_lu_factor_ex")
def _lu_factor(x: Any, *, pivot: bool = True, **_: Any) -> Any:
    a, pivots = _each(_factored, entries_of(x))
    return a, _plain(pivots), torch.zeros(a.shape[:-2], dtype=torch.int32)


@handler("linalg_lu_solve")
def _lu_solve(lu: Any, pivots: torch.Tensor, b: Any, *, left: bool = True, adjoint: bool = False) -> Array:
    def one(a: Array, right: Array, places: Any) -> Array:
        order = _permuted(places.reshape(-1), len(a))
        if not left:
            right = right.T
        if adjoint == left:  # the transpose is solved
            found = _through(a.T, _through(a.T, right, False, False), True, True)
            found = found[np.argsort(order)]
        else:
            found = _through(a, _through(a, right[order], False, True), True, False)
        return found if left else found.T

    return _each(one, entries_of(lu), entries_of(b), pivots.numpy()[..., None])


@handler("linalg_solve_triangular")
def _solve_triangular(a: Any, b: Any, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Array:
    matrix, right = entries_of(a), entries_of(b)
    stack = np.broadcast_shapes(matrix.shape[:-2], right.shape[:-2])
    whole = np.broadcast_to(matrix, (*stack, *matrix.shape[-2:]))
    sides = np.broadcast_to(right, (*stack, *right.shape[-2:]))
    if left:
        return _each(lambda one, other: _through(one, other, upper, unitriangular), whole, sides)
    return _each(lambda one, other: _through(one.T, other.T, not upper, unitriangular).T, whole, sides)


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
    return _each(one, entries), torch.zeros(entries.shape[:-2], dtype=torch.int32)


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

    values, vectors = _each(one, entries_of(x), given)
    return (values, vectors) if compute_v else (values, np.empty(0, dtype=object))


@handler("linalg_cross")
def _cross(x: Any, y: Any, *, dim: int = -1) -> Array:
    left, right = np.broadcast_arrays(entries_of(x), entries_of(y))
    a, b = np.moveaxis(left, dim, 0), np.moveaxis(right, dim, 0)
    parts = [
        mapped("-", mapped("*", np.asarray(a[(i + 1) % 3]), np.asarray(b[(i + 2) % 3])),
               mapped("*", np.asarray(a[(i + 2) % 3]), np.asarray(b[(i + 1) % 3])))
        for i in range(3)
    ]  # fmt: skip
    return np.moveaxis(np.stack(parts), 0, dim)


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

    u, values, vh = _each(one, entries_of(x), given)
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
    sides = _columns(right, matrix)
    found = _solved(product(matrix.T, matrix), product(matrix.T, sides))
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
        if any(not is_ball(value) or value.contains(0) for value in np.diagonal(_factored(square)[0])):
            raise Unsupported("the pseudoinverse of a matrix that has not full rank")
        found = _solved(square, a.T)
        return found if tall else found.T

    return _each(one, entries_of(x))


@handler("linalg_qr")
def _qr(x: Any, mode: str = "reduced") -> Any:
    """By the triangle of the normal equations, of a matrix of full rank with no fewer rows than columns."""
    entries = entries_of(x)
    if entries.ndim != 2 or (len(entries) > entries.shape[1] and mode != "reduced") or len(entries) < entries.shape[1]:
        raise Unsupported("a QR decomposition of this shape")
    near = torch.linalg.qr(getattr(x, "doubles", x)).R.diagonal().sign().numpy()
    upper = mapped("*", _lower(product(entries.T, entries)).T, near[:, None].astype(float))
    return _through(upper.T, entries.T, False, False).T, upper


@handler("linalg_matrix_exp")
def _matrix_exp(x: Any) -> Array:
    def one(matrix: Array) -> Array:
        if not all(is_ball(value) and value.is_finite() for value in matrix.flat):
            raise Unsupported("a matrix with entries that have no value")
        made = arb_mat(*matrix.shape, list(matrix.flat)).exp().entries()
        return array([world().made(value, matrix.flat) for value in made], matrix.shape)

    return _each(one, entries_of(x))
