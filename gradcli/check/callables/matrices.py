"""Products of matrices of balls, and their decompositions; torch's own formulas differentiate them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from gradcli.backends.arb.context import is_ball
from gradcli.backends.arb.flint import arb_mat
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


@composed("_linalg_eigvals", "linalg_eig", "geqrf", "linalg_ldl_factor_ex")
def _unknown(*_: Any, **__: Any) -> Any:
    raise Unsupported("a decomposition of a matrix")


def each(compute: Callable[..., Any], *stacks: Array) -> Any:
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


def factored(matrix: Array) -> tuple[Array, Any]:
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


def through(triangle: Array, right: Array, upper: bool, unit: bool) -> Array:
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


def solved(matrix: Array, right: Array) -> Array:
    """A system of equations solved."""
    a, pivots = factored(matrix)
    return through(a, through(a, right[_permuted(pivots, len(a))], False, True), True, False)


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
        a, pivots = factored(matrix)
        return array([_determinant(a, pivots)], ()), a, pivots

    found, a, pivots = each(one, _as_torch(x))
    return found, a, _plain(pivots)


@handler("_linalg_slogdet")
def _slogdet(x: Any) -> Any:
    def one(matrix: Array) -> tuple[Array, Array, Array, Any]:
        a, pivots = factored(matrix)
        whole = _determinant(a, pivots)
        now = world()
        size = now.named("log", now.named("abs", whole))
        return array([now.named("sign", whole)], ()), array([size], ()), a, pivots

    sign, size, a, pivots = each(one, _as_torch(x))
    return sign, size, a, _plain(pivots)


@handler("linalg_inv_ex")
def _inverse(x: Any, **_: Any) -> Any:
    entries = entries_of(x)
    found = each(lambda one: solved(one, _identity(len(one))), entries)
    return found, torch.zeros(entries.shape[:-2], dtype=torch.int32)


def columns(right: Array, matrix: Array) -> Array:
    """Right-hand sides as columns, a vector as one."""
    return right[..., None] if right.ndim == matrix.ndim - 1 else right


@handler("_linalg_solve_ex")
def _solve(a: Any, b: Any, *, left: bool = True, **_: Any) -> Any:
    matrix, right = entries_of(a), entries_of(b)
    sides = columns(right, matrix)
    stack = np.broadcast_shapes(matrix.shape[:-2], sides.shape[:-2])
    whole = np.broadcast_to(matrix, (*stack, *matrix.shape[-2:]))
    sides = np.broadcast_to(sides, (*stack, *sides.shape[-2:]))
    if not left:
        found = np.swapaxes(each(solved, np.swapaxes(whole, -1, -2), np.swapaxes(sides, -1, -2)), -1, -2)
    else:
        found = each(solved, whole, sides)
    a_, pivots = each(factored, whole)
    shape = found.shape[:-1] if right.ndim == matrix.ndim - 1 else found.shape
    return found.reshape(shape), a_, _plain(pivots), torch.zeros(stack, dtype=torch.int32)


@handler("linalg_lu_factor_ex")
def _lu_factor(x: Any, *, pivot: bool = True, **_: Any) -> Any:
    a, pivots = each(factored, entries_of(x))
    return a, _plain(pivots), torch.zeros(a.shape[:-2], dtype=torch.int32)


@handler("linalg_lu_solve")
def _lu_solve(lu: Any, pivots: torch.Tensor, b: Any, *, left: bool = True, adjoint: bool = False) -> Array:
    def one(a: Array, right: Array, places: Any) -> Array:
        order = _permuted(places.reshape(-1), len(a))
        if not left:
            right = right.T
        if adjoint == left:  # the transpose is solved
            found = through(a.T, through(a.T, right, False, False), True, True)
            found = found[np.argsort(order)]
        else:
            found = through(a, through(a, right[order], False, True), True, False)
        return found if left else found.T

    return each(one, entries_of(lu), entries_of(b), pivots.numpy()[..., None])


@handler("linalg_solve_triangular")
def _solve_triangular(a: Any, b: Any, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Array:
    matrix, right = entries_of(a), entries_of(b)
    stack = np.broadcast_shapes(matrix.shape[:-2], right.shape[:-2])
    whole = np.broadcast_to(matrix, (*stack, *matrix.shape[-2:]))
    sides = np.broadcast_to(right, (*stack, *right.shape[-2:]))
    if left:
        return each(lambda one, other: through(one, other, upper, unitriangular), whole, sides)
    return each(lambda one, other: through(one.T, other.T, not upper, unitriangular).T, whole, sides)
