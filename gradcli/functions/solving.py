"""Linear systems, least squares, powers of matrices and condition numbers."""

from __future__ import annotations

import re
from typing import Any

from gradcli.functions import factor_backward, norms, shapes
from gradcli.functions.row import Row

MOST_POWER = 1_000  # the exponent of a power of a matrix


def _power_shape(x: shapes.Shape, n: Any) -> shapes.Shape:
    if not isinstance(n, int) or abs(n) > MOST_POWER:
        raise shapes.ShapeError(f"the power of a matrix is a whole number from -{MOST_POWER} to {MOST_POWER}")
    return shapes.square(x)


def _power_written(x: shapes.Shape, n: int) -> str:
    """By squares: half the power of the square, and once more the matrix where the power is odd."""
    if n < 0:
        return f"matrix_power(inv(x), {-n})"
    if n == 0:
        return f"eye({x[0]}) + 0*x"
    if n == 1:
        return "x"
    half = "x@x" if n < 4 else f"matrix_power(x@x, {n // 2})"
    return f"{half}@x" if n % 2 else half


def _power(x: Any, n: int) -> Any:
    """A power, not a number where a singular matrix is inverted."""
    import torch

    if n >= 0:
        return torch.linalg.matrix_power(x, n)
    found, info = torch.linalg.inv_ex(x)
    return torch.linalg.matrix_power(found, -n) if info == 0 else found * torch.nan


def _systems(a: shapes.Shape, b: shapes.Shape) -> shapes.Shape:
    """What is left of the right-hand sides of a system with any matrix."""
    rows, columns = shapes.matrix(a)
    if len(b) not in (1, 2) or b[0] != rows:
        raise shapes.ShapeError(f"right-hand sides of {rows} numbers are expected, as many as the matrix has rows")
    return (columns, *b[1:])


def _least_squares_shape(a: shapes.Shape, b: shapes.Shape, rcond: Any) -> shapes.Shape:
    if rcond is not None:
        raise shapes.ShapeError("the rank of the matrix is taken to be full: leave out rcond")
    return _systems(a, b)


def _as_matrix(solve: Any, b: Any) -> Any:
    """Something that takes right-hand sides in columns, of one right-hand side, too."""
    return solve(b.unsqueeze(-1)).squeeze(-1) if b.dim() == 1 else solve(b)


def _least_squares(a: Any, b: Any, rcond: Any) -> Any:
    import torch

    return _as_matrix(lambda columns: torch.linalg.lstsq(a, columns).solution, b)


def _triangular(a: Any, b: Any, upper: bool) -> Any:
    import torch

    return _as_matrix(lambda columns: torch.linalg.solve_triangular(a, columns, upper=upper), b)


def _triangle(size: int, upper: Any) -> str:
    """The triangle of ones."""
    return f"cumsum(eye({size}), {1 if upper else 0})"


def _outer(x: str, y: str, b: shapes.Shape) -> str:
    return f"outer({x}, {y})" if len(b) == 1 else f"({x})@({y}).T"


def _triangular_backward(a: shapes.Shape, b: shapes.Shape, upper: Any) -> tuple[str, str]:
    triangle = _triangle(a[0], upper)
    by_b = f"inv(a*{triangle}).T@g"
    whole = _outer(by_b, f"solve_triangular(a, b, {bool(upper)})", b)
    return f"-{triangle}*({whole})", by_b


def _least_squares_backward(a: shapes.Shape, b: shapes.Shape, rcond: Any) -> tuple[str, str]:
    """Of full rank (Golub and Pereyra 1973)."""
    x, by_b = "lstsq(a, b)", "pinv(a).T@g"
    if a[0] >= a[1]:
        first, second = _outer(f"b - a@{x}", f"pinv(a)@({by_b})", b), _outer(by_b, x, b)
    else:
        first, second = _outer(f"pinv(a).T@{x}", f"g - a.T@({by_b})", b), _outer(by_b, x, b)
    return f"{first} - {second}", by_b


def _cholesky_solve(b: Any, l: Any) -> Any:  # noqa: E741
    return _as_matrix(lambda columns: columns.cholesky_solve(l), b)


def _cholesky_solve_shape(b: shapes.Shape, l: shapes.Shape) -> shapes.Shape:  # noqa: E741
    return _systems(shapes.square(l), b)


def _cholesky_solve_backward(b: shapes.Shape, l: shapes.Shape) -> tuple[str, str]:  # noqa: E741
    solved = "inv(l@l.T)@g"
    both = f"({_outer(solved, 'cholesky_solve(b, l)', b)} + {_outer('cholesky_solve(b, l)', solved, b)})"
    return solved, f"-{both}@l"


def _cond_shape(x: shapes.Shape, p: Any) -> shapes.Shape:
    if p not in (2, -2):
        shapes.square(x)
    return norms.matrix_shape(x, p, None, False)


def _cond(x: Any, p: Any) -> Any:
    import torch

    if p in (2, -2):
        return torch.linalg.cond(x, norms.order(p))
    # torch.linalg.cond itself has no backward here: it changes the inverse that it needs
    norm, inverse = torch.linalg.matrix_norm, torch.linalg.inv_ex(x).inverse
    return norm(x, norms.order(p)) * norm(inverse, norms.order(p))


def _cond_written(x: shapes.Shape, p: Any) -> str:
    if p in (2, -2):
        last = min(x) - 1
        return f"svdvals(x)[{0 if p == 2 else last}]/svdvals(x)[{last if p == 2 else 0}]"
    return "matrix_norm(x, p)*matrix_norm(inv(x), p)"


def _cond_backward(x: shapes.Shape, p: Any) -> tuple[str]:
    last = min(x) - 1
    if p in (2, -2):
        above, below = (0, last) if p == 2 else (last, 0)
        slopes = [f"outer(svd_u(x)[:, {place}], svd_vh(x)[{place}])" for place in (above, below)]
        s = f"svdvals(x)[{below}]"
        return (f"{slopes[0]}/{s} - svdvals(x)[{above}]/{s}**2*{slopes[1]}",)
    (slope,) = norms.matrix_backward(x, p, None, False)
    inner = re.sub(r"\bx\b", "inv(x)", slope)
    shown = "inf" if p is None else repr(p) if isinstance(p, str) else str(p)
    own, others = (f"matrix_norm({of}, {shown})" for of in ("x", "inv(x)"))
    return (f"{others}*({slope}) - {own}*(inv(x).T@({inner})@inv(x).T)",)


OF_TRIANGLE = (
    "L is a lower triangular matrix; torch reads that triangle alone, and gives a derivative by the other one, too:"
    " that of solve(L@L.T, b)"
)

# fmt: off
SOLVING = (
    Row("solve_triangular", "a, b, upper=False", "the solution x of a@x = b, where of a only one triangle is read",
        definition=lambda a, b, upper: f"inv(a*{_triangle(a[0], upper)})@b", torch=_triangular, statics=("upper",),
        shape=lambda a, b, upper: shapes.square(a) and _systems(a, b), vjp=_triangular_backward, eliminates=1,
        libraries="torch:linalg.solve_triangular",
        example="sum(solve_triangular(a, b, upper=False)) at a=[[2,0],[1,3]],b=[1,2]"),
    Row("cholesky_solve", "b, l", "the solution x of (l@l.T)@x = b, of a Cholesky factor l",
        definition="inv(l@l.T)@b", torch=_cholesky_solve, shape=_cholesky_solve_shape,
        vjp=_cholesky_solve_backward, eliminates=3, libraries="torch", says=OF_TRIANGLE,
        example="sum(cholesky_solve(b, l)) at b=[1,2],l=[[2,0],[1,3]]"),
    Row("lstsq", "a, b, rcond=None", "the x for which norm(a@x - b) is the smallest, of a matrix of full rank; of a"
        " wide one the shortest x",
        definition="pinv(a)@b", torch=_least_squares, statics=("rcond",), shape=_least_squares_shape,
        vjp=_least_squares_backward, eliminates=3,
        example="sum(lstsq(a, b)) at a=[[1,2],[3,4],[5,7]],b=[1,2,4]"),
    Row("cond", "x, p=2", "the condition number of a matrix: the largest singular value by the smallest; with another p"
        " the `matrix_norm` of the matrix times that of its inverse",
        definition=_cond_written, torch=_cond, statics=("p",), words=norms.ORDERS, shape=_cond_shape,
        vjp=_cond_backward, eliminates=20, libraries="torch:linalg.cond np:linalg.cond", example="cond(x) at x=[[1,2],[3,4]]"),
    Row("matrix_power", "x, n", "the product of n times the same matrix; of a negative n that of its inverse",
        definition=_power_written, torch=_power, statics=("n",), shape=_power_shape, vjp=factor_backward.power,
        eliminates=3, libraries="torch torch:linalg.matrix_power np:linalg.matrix_power",
        example="trace(matrix_power(x, 3)) at x=[[1,2],[3,4]]"),
)
# fmt: on
