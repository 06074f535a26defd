"""Norms of vectors and of matrices, with the semantics of torch.norm, torch.linalg and NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcli.functions import backward, shapes
from gradcli.functions.row import Kink, Row

MOST_NEGATIVE = "-inf"  # as a static; infinity is None
ORDERS: Mapping[str, tuple[str, ...]] = {"p": ("fro", "nuc", MOST_NEGATIVE)}
LAST_TWO = (-2, -1)
SPECTRAL = (2, -2, "nuc")
SQUARES = (2, "fro")
Texts = tuple[str]


def order(p: Any) -> Any:
    """An order as torch takes it."""
    if isinstance(p, str):
        return -float("inf") if p == MOST_NEGATIVE else p
    return float("inf") if p is None else float(p)


# Of all entries, or along some dimensions


def _norm(x: Any, p: Any, dim: Any, keepdim: bool) -> Any:
    import torch

    if p == "nuc":
        return torch.linalg.matrix_norm(x, "nuc", keepdim=keepdim)
    return torch.linalg.vector_norm(x, 2.0 if p == "fro" else order(p), dim=dim, keepdim=keepdim)


def _norm_shape(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> shapes.Shape:
    if p == 0:
        raise shapes.ShapeError("a norm has no p of 0")
    if p == "nuc":
        return matrix_shape(x, p, dim, keepdim)
    return shapes.reduced(x, dim, keepdim)


def _norm_written(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> str:
    """The largest or smallest absolute value, a sum of absolute values, or a root of a sum of powers."""
    if p == "nuc":
        return _matrix_written(x, p, dim, keepdim)
    if p is None or p == MOST_NEGATIVE:
        return f"{'amax' if p is None else 'amin'}(abs(x), dim, keepdim)"
    if p == 1:
        return "sum(abs(x), dim, keepdim)"
    if p in SQUARES:
        return "sqrt(sum(x**2, dim, keepdim))"
    return f"sum({'abs(x)' if p % 2 else 'x'}**({p}), dim, keepdim)**(1/({p}))"


def _norm_backward(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> Texts:
    if p == "nuc":
        return matrix_backward(x, p, dim, keepdim)
    return backward.norm(x, 2 if p == "fro" else p, dim, keepdim)


# Of matrices


def _axes(x: shapes.Shape, dim: Any) -> tuple[int, int]:
    """The dimensions of the rows and of the columns, counted from the front."""
    if dim is None and len(x) < 2:
        raise shapes.ShapeError("a matrix is expected")
    chosen = LAST_TWO if dim is None else dim
    if isinstance(chosen, int) or len(chosen) != 2:
        raise shapes.ShapeError("a norm of matrices is taken over two dimensions")
    shapes.dims(x, chosen)
    return chosen[0] % len(x), chosen[1] % len(x)


def matrix_shape(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> shapes.Shape:
    axes = _axes(x, dim)
    if p not in (1, -1, None, MOST_NEGATIVE, "fro", *SPECTRAL):
        raise shapes.ShapeError(f"a norm of matrices has no p of {p}: it is 'fro', 'nuc', inf, -inf, 1, -1, 2 or -2")
    if p in SPECTRAL and len(x) > 2:
        raise shapes.ShapeError("norms by singular values are those of one matrix")
    return shapes.reduced(x, axes, keepdim)


def _matrix_norm(x: Any, p: Any, dim: Any, keepdim: bool) -> Any:
    import torch

    return torch.linalg.matrix_norm(x, order(p), dim=LAST_TWO if dim is None else tuple(dim), keepdim=keepdim)


def _matrix_written(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> str:
    axes = rows, columns = _axes(x, dim)
    if p == "fro":
        return f"sqrt(sum(x**2, {list(axes)}, keepdim))"
    if p in SPECTRAL:
        whole = "sum(svdvals(x))" if p == "nuc" else f"svdvals(x)[{0 if p == 2 else min(x) - 1}]"
        return f"reshape({whole}, 1, 1)" if keepdim else whole
    over = rows if p in (1, -1) else columns
    return f"{_extreme(p)}(sum(abs(x), {over}, True), {list(axes)}, keepdim)"


def _extreme(p: Any) -> str:
    return "amax" if p in (1, None) else "amin"


def matrix_backward(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> Texts:
    axes = rows, columns = _axes(x, dim)
    if p == "fro":
        return backward.norm(x, 2, axes, keepdim)
    if p in SPECTRAL:
        place = 0 if p == 2 else min(x) - 1
        text = "svd_u(x)@svd_vh(x)" if p == "nuc" else f"outer(svd_u(x)[:, {place}], svd_vh(x)[{place}])"
        return (f"g*({text})" if keepdim else text,)
    sums = f"sum(abs(x), {rows if p in (1, -1) else columns}, True)"
    here = f"where({sums} == {_extreme(p)}({sums}, {list(axes)}, True), 1, 0)"
    return (f"{_adjoint(x, axes, keepdim)}{here}/sum({here}, {list(axes)}, True)*sign(x)",)


def _adjoint(x: shapes.Shape, axes: tuple[int, int], keepdim: bool) -> str:
    """The adjoint with the dimensions that are gone, in front of a product; nothing of a number."""
    if not shapes.reduced(x, axes, keepdim):
        return ""
    if keepdim:
        return "g*"
    return f"reshape(g, {', '.join(map(str, shapes.reduced(x, axes, True)))})*"


# As torch.linalg.norm and np.linalg.norm have it: what it is depends on the dimensions


def _is_of_matrices(x: shapes.Shape, p: Any, dim: Any) -> bool:
    if isinstance(dim, tuple):
        return len(dim) == 2 and p != "fro"
    return dim is None and len(x) == 2 and p != "fro"


def _either_shape(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> shapes.Shape:
    if _is_of_matrices(x, p, dim):
        return matrix_shape(x, p, dim, keepdim)
    if p == "nuc" or (p != "fro" and dim is None and len(x) not in (1, 2)):
        raise shapes.ShapeError("a norm of this order is one of a vector or of a matrix")
    return _norm_shape(x, p, dim, keepdim)


def _either(x: Any, p: Any, dim: Any, keepdim: bool) -> Any:
    import torch

    # without an order it is the 2-norm of the entries, of any tensor: "fro" is that of matrices alone
    dims = list(dim) if isinstance(dim, tuple) else dim
    return torch.linalg.norm(x, None if p == "fro" else order(p), dim=dims, keepdim=keepdim)


def _either_written(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> str:
    return (_matrix_written if _is_of_matrices(x, p, dim) else _norm_written)(x, p, dim, keepdim)


def _either_backward(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> Texts:
    return (matrix_backward if _is_of_matrices(x, p, dim) else _norm_backward)(x, p, dim, keepdim)


STATICS = ("p", "dim", "keepdim")
ZERO = Kink("corner", "x=[[0,0],[0,0]]", "matrices that are all 0")

# fmt: off
NORMS = (
    Row("norm", "x, p=2, dim=None, keepdim=False",
        "the p-norm of all entries, or along some dimensions: of a matrix too (Frobenius for 2, also written 'fro');"
        " p=inf is the largest absolute value, -inf the smallest; 'nuc' is the sum of the singular values of a matrix",
        masked="norm(where(c, x, 0))", definition=_norm_written, torch=_norm, statics=STATICS, words=ORDERS,
        shape=_norm_shape, vjp=_norm_backward,
        kinks=(Kink("corner", "x=[0,0]", "entries that are all 0"),), libraries="torch torch:linalg.vector_norm",
        example="norm(x) at x=[3,4]", latex=r"\left\lVert … \right\rVert"),
    Row("matrix_norm", "x, p='fro', dim=None, keepdim=False",
        "a norm of a matrix: 'fro' (Frobenius), 'nuc' (the sum of the singular values), 2 and -2 (the largest and the"
        " smallest of them), 1 and -1 (the largest and smallest sum of absolute values of a column), inf and -inf (of a"
        " row)",
        definition=_matrix_written, torch=_matrix_norm, statics=STATICS, words=ORDERS, shape=matrix_shape,
        vjp=matrix_backward, kinks=(ZERO,), libraries="torch:linalg.matrix_norm np:linalg.matrix_norm",
        example="matrix_norm(x, 2) at x=[[1,2],[3,4]]"),
    Row("linalg_norm", "x, p='fro', dim=None, keepdim=False",
        "torch.linalg.norm: without an order the 2-norm of all entries; with one the `norm` of a vector or along one"
        " dimension, and the `matrix_norm` of a matrix or over two",
        definition=_either_written, torch=_either, statics=STATICS, words=ORDERS, shape=_either_shape,
        vjp=_either_backward, kinks=(ZERO,), libraries="torch:linalg.norm np:linalg.norm",
        example="linalg_norm(x, 1) at x=[[1,2],[3,5]]"),
)
# fmt: on
