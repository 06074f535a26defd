"""Decompositions of matrices, a row for each of their factors, and functions of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions import factor_backward, shapes
from gradcli.functions.entries import MatrixRule, SignRule
from gradcli.functions.row import Kink, Row


def _numbers(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of torch's tensors as one of arrays of doubles."""

    def call(x: Any) -> Any:
        import torch

        return function(torch.tensor(x, dtype=torch.float64)).numpy()

    return call


def _vectors(x: Any) -> Any:
    import torch

    return torch.linalg.eigh(x).eigenvectors


def _values(x: Any) -> Any:
    import torch

    return torch.linalg.eigvalsh(x)


def _svd(name: str) -> Callable[..., Any]:
    """A factor of the singular value decomposition."""

    def call(x: Any, *statics: Any) -> Any:
        import torch

        return getattr(torch.linalg.svd(x, full_matrices=False), name)

    return call


def _qr(name: str) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        import torch

        return getattr(torch.linalg.qr(x), name)

    return call


def _qr_signs(x: Any) -> Any:
    import torch

    diagonal = torch.linalg.qr(x.detach()).R.diagonal()
    return torch.where(diagonal < 0, -torch.ones_like(diagonal), torch.ones_like(diagonal))


def _cholesky(x: Any) -> Any:
    """The factor, not a number for a matrix that is not positive definite."""
    import torch

    found, info = torch.linalg.cholesky_ex(x)
    return found if info == 0 else found * torch.nan


def _cholesky_written(x: shapes.Shape) -> str:
    """The first column, and the factor of what is left: of matrices that are not symmetric, of their symmetric part."""
    size, rest = x[0], x[0] - 1
    if size == 1:
        return "sqrt(x)"
    column = "(x[1:, 0] + x[0, 1:])/2"
    first = f"cat([reshape(sqrt(x[0, 0]), 1, 1), zeros(1, {rest})], 1)"
    below = f"reshape({column}/sqrt(x[0, 0]), {rest}, 1)"
    return f"cat([{first}, cat([{below}, cholesky(x[1:, 1:] - outer({column}, {column})/x[0, 0])], 1)])"


def _eigen(kind: Any, near: Callable[[Any], Any] | None = None) -> Callable[..., MatrixRule]:
    return lambda x, *statics: MatrixRule(kind, near)


def _svd_shape(x: shapes.Shape, full: Any, shape: shapes.Shape) -> shapes.Shape:
    if full and x[0] != x[1]:
        raise shapes.ShapeError(
            "the full factors of a matrix that is not square are not a function of it: write full_matrices=False"
        )
    return shape


def _least(x: shapes.Shape) -> int:
    return min(shapes.matrix(x))


SYMMETRIC = (
    "the symmetric part (A + A.T)/2 of a matrix is meant; torch reads the lower triangle alone, and shares the"
    " derivative between both"
)
SIGNS = "the signs of {} are those that torch chooses, and held: nothing else determines them"
OF_VECTORS = f"{SYMMETRIC}; {SIGNS.format('eigenvectors')}"
OF_SINGULAR = SIGNS.format("singular vectors")
OF_DIAGONAL = SIGNS.format("R's diagonal")

# fmt: off
DETERMINANTS = (
    Row("slogdet_sign", "x", "the sign of the determinant, the first value of `sign, logabsdet = slogdet(A)`",
        definition="sign(det(x))", torch=lambda x: x.slogdet().sign, shape=lambda x: shapes.square(x) and (),
        vjp=("0",), eliminates=1, example="slogdet_sign(x)*sum(x) at x=[[1,2],[3,4]]"),
    Row("slogdet_logabsdet", "x",
        "the logarithm of the size of the determinant, the second value of `sign, logabsdet = slogdet(A)`",
        definition="log(abs(det(x)))", torch=lambda x: x.slogdet().logabsdet, shape=lambda x: shapes.square(x) and (),
        vjp=("inv(x).T",), eliminates=1, kinks=(Kink("pole", "x=[[1,2],[2,4]]", "singular matrices"),),
        example="slogdet_logabsdet(x) at x=[[1,2],[3,4]]"),
)

EIGEN = (
    Row("cholesky", "x", "the lower triangular L with L@L.T = x, of a symmetric positive definite matrix",
        torch=_cholesky, shape=shapes.square, entry=lambda x: MatrixRule("factor", program=_cholesky_written(x)),
        vjp=factor_backward.cholesky, eliminates=1,
        symmetric=True, says=SYMMETRIC,
        libraries="torch torch:linalg.cholesky np:linalg.cholesky",
        example="sum(cholesky(x)) at x=[[4,2],[2,3]]"),
    Row("eigvalsh", "x", "the eigenvalues of a symmetric matrix in ascending order",
        torch=_values, shape=lambda x: shapes.square(x)[:1], entry=_eigen("eigenvalues"),
        vjp=("eigh_vectors(x)@diag(g)@eigh_vectors(x).T",), eliminates=9,
        symmetric=True, says=SYMMETRIC,
        libraries="torch:linalg.eigvalsh np:linalg.eigvalsh", example="eigvalsh(x)[0] at x=[[2,1],[1,3]]"),
    Row("eigh_vectors", "x", "the matrix whose columns are the eigenvectors of a symmetric matrix with different"
        " eigenvalues, the second value of `w, V = eigh(A)`",
        torch=_vectors, shape=shapes.square, entry=_eigen("eigenvectors", _numbers(_vectors)),
        vjp=factor_backward.eigenvectors, eliminates=9,
        symmetric=True, says=OF_VECTORS,
        example="eigh_vectors(x)[0, 0] at x=[[2,1],[1,3]]"),
    Row("svdvals", "x", "the singular values in descending order",
        torch="linalg.svdvals", shape=lambda x: (_least(x),), entry=_eigen("singular values"),
        vjp=("svd_u(x)@diag(g)@svd_vh(x)",), eliminates=20, libraries="torch:linalg.svdvals",
        example="svdvals(x)[0] at x=[[1,2],[3,4]]"),
    Row("svd_u", "x, full_matrices=False", "the left singular vectors, in columns: U of `U, S, Vh = svd(A)`",
        torch=_svd("U"), statics=("full_matrices",),
        shape=lambda x, full: _svd_shape(x, full, (shapes.matrix(x)[0], _least(x))),
        entry=_eigen("left vectors", _numbers(_svd("U"))), vjp=factor_backward.left_vectors, eliminates=20,
        says=OF_SINGULAR,
        example="svd_u(x)[0, 0] at x=[[1,2],[3,4]]"),
    Row("svd_s", "x, full_matrices=False", "the singular values: S of `U, S, Vh = svd(A)`",
        definition="svdvals(x)", torch=_svd("S"), statics=("full_matrices",), shape=lambda x, full: (_least(x),),
        vjp=("svd_u(x)@diag(g)@svd_vh(x)",), eliminates=20, example="svd_s(x)[0] at x=[[1,2],[3,4]]"),
    Row("svd_vh", "x, full_matrices=False", "the right singular vectors, in rows: Vh of `U, S, Vh = svd(A)`",
        torch=_svd("Vh"), statics=("full_matrices",),
        shape=lambda x, full: _svd_shape(x, full, (_least(x), x[1])),
        entry=_eigen("right vectors", _numbers(_svd("Vh"))), vjp=factor_backward.right_vectors, eliminates=20,
        says=OF_SINGULAR,
        example="svd_vh(x)[0, 0] at x=[[1,2],[3,4]]"),
    Row("qr_signs", "x", "the signs of the diagonal of R in `Q, R = qr(A)`, as torch chooses them",
        torch=_qr_signs, shape=lambda x: (_least(x),), entry=lambda x: SignRule(_numbers(_qr_signs)), vjp=("0",),
        example="sum(x)*qr_signs(x)[0] at x=[[1,2],[3,4]]"),
    Row("qr_q", "x", "the orthonormal columns Q of `Q, R = qr(A)`",
        definition=lambda x: "x@inv(qr_r(x))" if x[0] >= x[1] else f"qr_q(x[:, :{x[0]}])",
        torch=_qr("Q"), shape=lambda x: (shapes.matrix(x)[0], _least(x)), vjp=factor_backward.qr_q, eliminates=3,
        says=OF_DIAGONAL,
        example="qr_q(x)[0, 0] at x=[[1,2],[3,4]]"),
    Row("qr_r", "x", "the upper triangular R of `Q, R = qr(A)`",
        definition=lambda x: f"reshape(detach(qr_signs(x)), {x[1]}, 1)*cholesky(x.T@x).T" if x[0] >= x[1]
        else "qr_q(x).T@x",
        torch=_qr("R"), shape=lambda x: (_least(x), x[1]), vjp=factor_backward.qr_r, eliminates=3,
        says=OF_DIAGONAL,
        example="qr_r(x)[0, 0] at x=[[1,2],[3,4]]"),
)

FUNCTIONS = (
    Row("matrix_exp", "x", "the exponential of a matrix, the sum of x^k/k!",
        torch="linalg.matrix_exp", shape=shapes.square, entry=_eigen("exponential"), vjp=factor_backward.exponential,
        eliminates=30, aliases=("expm",), libraries="torch torch:linalg.matrix_exp",
        example="sum(matrix_exp(x)) at x=[[0,1],[-1,0]]"),
)
# fmt: on
