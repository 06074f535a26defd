"""Matrices and vectors: products, transposes, and linear algebra."""

from __future__ import annotations

from typing import Any

from gradcli.functions import backward, entries, shapes
from gradcli.functions.row import SAME, Kink, Row


def _inverse(x: Any) -> Any:
    """The inverse, not a number for a singular matrix."""
    import torch

    found, info = torch.linalg.inv_ex(x)
    return found if info == 0 else found * torch.nan


def _solution(a: Any, b: Any) -> Any:
    """The solution, not a number for a singular matrix."""
    import torch

    found, info = torch.linalg.solve_ex(a, b)
    return found if info == 0 else found * torch.nan


SINGULAR = Kink("pole", "x=[[1,2],[2,4]]", "singular matrices")

# fmt: off
PRODUCTS = (
    Row("@", "x, y", "the matrix product of matrices and vectors; of two vectors the sum of the products; of stacks of"
        " matrices one by one, their first dimensions broadcast",
        torch="matmul", shape=shapes.product, entry=entries.product, vjp=backward.product,
        aliases=("matmul",), libraries="torch:matmul np:matmul", example="x@x at x=[1,2,3]"),
    Row("outer", "x, y", "the matrix of all products of entries of two vectors",
        torch=SAME, shape=shapes.outer, entry=lambda x, y: entries.einsum("i,j->ij"), vjp=("g@y", "x@g"),
        libraries="torch np", example="sum(outer(x, x)) at x=[1,2]"),
    Row("cross", "x, y", "the cross product of two vectors in space",
        definition="stack([x[1]*y[2] - x[2]*y[1], x[2]*y[0] - x[0]*y[2], x[0]*y[1] - x[1]*y[0]])",
        torch=lambda x, y: x.cross(y, dim=0), shape=shapes.cross, vjp=("cross(y, g)", "cross(g, x)"),
        libraries="torch torch:linalg.cross np",
        example="cross(x, y)[0] at x=[1,2,3],y=[4,5,7]"),
)

LINEAR_ALGEBRA = (
    Row("transpose", "x", "the transpose: rows and columns exchanged, of more dimensions all reversed; `A.T`",
        torch=lambda x: x.T if x.dim() == 2 else x if x.dim() < 2 else x.permute(*reversed(range(x.dim()))),
        shape=lambda x: x[::-1], entry=entries.transposed, vjp=lambda x: ("g.T" if x else "1",),
        libraries="torch:t np:transpose", example="sum(x.T[0]**2) at x=[[1,2],[3,4]]"),
    Row("trace", "x", "the sum of the diagonal of a matrix",
        definition="sum(diag(x))", torch=SAME, shape=lambda x: shapes.matrix(x) and (),
        vjp=lambda x: (f"eye({x[0]})" if x[0] == x[1] else f"eye({x[0]}, {x[1]})",), libraries="torch np",
        example="trace(x@x) at x=[[1,2],[3,4]]", latex=r"\operatorname{tr}"),
    Row("diag", "x", "the diagonal of a matrix, or the diagonal matrix of a vector",
        torch=SAME, shape=shapes.diagonal, entry=entries.diagonal, vjp=backward.diag, libraries="torch np",
        example="sum(diag(x)) at x=[[1,2],[3,4]]"),
    Row("det", "x", "the determinant",
        torch="linalg.det", shape=lambda x: shapes.square(x) and (), entry=lambda x: entries.MatrixRule("determinant"),
        vjp=("det(x)*inv(x).T",), eliminates=1,
        libraries="torch torch:linalg.det np:linalg.det", example="det(x) at x=[[2,1],[1,3]]", latex=r"\det"),
    Row("logdet", "x", "the logarithm of the determinant",
        definition="log(det(x))", torch=SAME, shape=lambda x: shapes.square(x) and (), vjp=("inv(x).T",), eliminates=1,
        libraries="torch",
        kinks=(SINGULAR,), example="logdet(x) at x=[[2,1],[1,3]]", latex=r"\log\det"),
    Row("inv", "x", "the inverse of a matrix",
        torch=_inverse, shape=shapes.square, entry=lambda x: entries.MatrixRule("inverse"),
        vjp=("-inv(x).T@g@inv(x).T",), eliminates=3, aliases=("inverse",), kinks=(SINGULAR,),
        libraries="torch:inverse torch:linalg.inv np:linalg.inv", example="sum(inv(x)) at x=[[2,1],[1,3]]"),
    Row("solve", "a, b", "the solution x of a@x = b, inv(a)@b",
        definition="inv(a)@b", torch=_solution, shape=shapes.solution, vjp=backward.solve, eliminates=3,
        kinks=(Kink("pole", "a=[[1,2],[2,4]],b=[1,1]", "singular matrices"),),
        libraries="torch:linalg.solve np:linalg.solve", example="sum(solve(a, b)) at a=[[2,1],[1,3]],b=[1,2]"),
    Row("pinv", "x", "the pseudoinverse of a matrix of full rank",
        definition=lambda x: "inv(x.T@x)@x.T" if x[0] >= x[1] else "x.T@inv(x@x.T)",
        torch="linalg.pinv", shape=lambda x: shapes.matrix(x)[::-1], vjp=backward.pinv, eliminates=3,
        kinks=(SINGULAR,),
        libraries="torch:pinverse torch:linalg.pinv np:linalg.pinv", example="sum(pinv(x)) at x=[[1,2],[3,4],[5,7]]"),
)
# fmt: on
