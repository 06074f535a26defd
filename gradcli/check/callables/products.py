"""Products of matrices, and linear algebra by elimination."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.backends.arb.flint import arb
from gradcli.check.callables.elementwise import as_numbers, mapped
from gradcli.check.callables.exact import HANDLERS, ExactTensor, computed, exact, handler, lifted, promoted
from gradcli.check.callables.nodes import Array, BallNode, Unsupported, array, is_ball, world
from gradcli.functions import table

_ROW = table.BY_NAME


def _product(multiply: Callable[..., Any]) -> Callable[..., ExactTensor]:
    def run(x: Any, y: Any, **_: Any) -> ExactTensor:
        left, right = lifted(x), lifted(y)
        try:
            found = multiply(as_numbers(left), as_numbers(right))
        except ValueError as error:
            raise RuntimeError(str(error)) from None
        entries = found if isinstance(found, np.ndarray) else array([found], ())
        return exact(entries, computed(promoted([left, right])))

    return run


for _name in ("matmul", "mm", "mv", "bmm", "__matmul__"):
    HANDLERS[_name] = _product(np.matmul)
HANDLERS["__rmatmul__"] = _product(lambda x, y: np.matmul(y, x))
for _name in ("dot", "vdot", "inner", "linalg_vecdot"):
    HANDLERS[_name] = _product(np.inner)
for _name in ("outer", "ger"):
    HANDLERS[_name] = _product(np.multiply.outer)
HANDLERS["kron"] = _product(np.kron)
HANDLERS["linalg_matmul"] = HANDLERS["matmul"]


@handler("linear")
def _linear(x: Any, weight: Any, bias: Any = None) -> ExactTensor:
    made = HANDLERS["matmul"](x, exact(lifted(weight).entries.T, lifted(weight).kind))
    return made if bias is None else mapped(_ROW["+"], made, bias)


@handler("addmm", "addmv", "baddbmm", "addr")
def _added(x: Any, first: Any, second: Any, *, beta: Any = 1, alpha: Any = 1) -> ExactTensor:
    made = HANDLERS["matmul"](first, second)
    return HANDLERS["add"](mapped(_ROW["*"], beta, x), made, alpha=alpha)  # type: ignore[no-any-return]


@handler("einsum")
def _einsum(equation: str, *operands: Any) -> ExactTensor:
    parts = [lifted(one) for one in (operands[0] if isinstance(operands[0], (list, tuple)) else operands)]
    found = np.einsum(equation, *(as_numbers(one) for one in parts))
    entries = found if isinstance(found, np.ndarray) else array([found], ())
    return exact(entries, computed(promoted(parts)))


@handler("trace")
def _trace(x: ExactTensor) -> ExactTensor:
    return HANDLERS["sum"](exact(np.diagonal(x.entries), x.kind))  # type: ignore[no-any-return]


@handler("cross", "linalg_cross")
def _cross(x: Any, y: Any, dim: int = -1) -> ExactTensor:
    left, right = (np.moveaxis(lifted(one).entries, dim, 0) for one in (x, y))
    parts = [left[(i + 1) % 3] * right[(i + 2) % 3] - left[(i + 2) % 3] * right[(i + 1) % 3] for i in range(3)]
    return exact(np.moveaxis(np.stack([np.asarray(one, dtype=object) for one in parts]), 0, dim), lifted(x).kind)


def _eliminated(matrix: Array, right: Array) -> tuple[Array, Array, bool]:
    """A matrix made triangular, the same done to the right-hand sides; whether an odd number of rows changed places."""
    a, b, odd = matrix.copy(), right.copy(), False
    count = len(a)
    for column in range(count):
        sizes = [_size(a[row, column]) for row in range(column, count)]
        best = column + max(range(len(sizes)), key=sizes.__getitem__)
        if sizes[best - column].is_zero():
            raise Unsupported("a singular matrix")
        if best != column:
            a[[column, best]], b[[column, best]] = a[[best, column]], b[[best, column]]
            odd = not odd
        for row in range(column + 1, count):
            factor = a[row, column] / a[column, column]
            for place in range(column, count):
                a[row, place] = a[row, place] - factor * a[column, place]
            for place in range(b.shape[1]):
                b[row, place] = b[row, place] - factor * b[column, place]
    return a, b, odd


def _size(node: BallNode) -> Any:
    """How large a pivot is, roughly."""
    return abs(node.value.mid()) if is_ball(node.value) else arb(0)


def _solved(matrix: Array, right: Array) -> Array:
    a, b, _ = _eliminated(matrix, right)
    for row in reversed(range(len(a))):
        for place in range(b.shape[1]):
            for later in range(row + 1, len(a)):
                b[row, place] = b[row, place] - a[row, later] * b[later, place]
            b[row, place] = b[row, place] / a[row, row]
    return b


def _square(x: ExactTensor) -> Array:
    entries = as_numbers(x)
    if entries.ndim != 2 or entries.shape[0] != entries.shape[1]:
        raise Unsupported("a stack of matrices")
    return entries


@handler("det", "linalg_det")
def _det(x: ExactTensor) -> ExactTensor:
    entries = _square(x)
    a, _, odd = _eliminated(entries, entries[:, :0])
    found = a[0, 0]
    for place in range(1, len(a)):
        found = found * a[place, place]
    return exact(array([-found if odd else found], ()), computed(x.kind))


@handler("logdet")
def _logdet(x: ExactTensor) -> ExactTensor:
    return mapped(_ROW["log"], _det(x))


@handler("inverse", "linalg_inv")
def _inverse(x: ExactTensor) -> ExactTensor:
    entries = _square(x)
    one, zero = world().number(1), world().number(0)
    identity = array([one if i == j else zero for i in range(len(entries)) for j in range(len(entries))], entries.shape)
    return exact(_solved(entries, identity), computed(x.kind))


@handler("linalg_solve")
def _solve(a: Any, b: Any, **_: Any) -> ExactTensor:
    left, right = lifted(a), lifted(b)
    sides = as_numbers(right)
    found = _solved(_square(left), sides.reshape(len(sides), -1)).reshape(sides.shape)
    return exact(found, computed(promoted([left, right])))
