"""Identities of matrix calculus: programs, and what their derivatives are, as mathematics and in NumPy.

The numbers are those of the equations of the Matrix Cookbook (Petersen and Pedersen, version of 15 November 2012);
the others are what any textbook has, or follow in a line by the product rule and the chain rule.

An identity's right-hand side has the shape of the output, then that of the variable, once for each order. In the
statements a' is the transpose, ∘ the product of entries, δ Kronecker's symbol, 1 also the vector of ones, p the softmax
and e_k a vector of the standard basis, counted from 0 as in the programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

inv, det, norm = np.linalg.inv, np.linalg.det, np.linalg.norm
eye, outer, trace, diag, einsum = np.eye, np.outer, np.trace, np.diag, np.einsum

MAKES: Mapping[str, Callable[[np.random.Generator, tuple[int, ...]], Any]] = {
    "plain": lambda rng, shape: rng.uniform(0.3, 1.7, shape) * rng.choice([-1, 1], shape),
    "positive": lambda rng, shape: rng.uniform(0.3, 1.7, shape),
    "spd": lambda rng, shape: (m := rng.uniform(-1, 1, shape)) @ m.T + eye(*shape),
    "invertible": lambda rng, shape: rng.uniform(-0.8, 0.8, shape) + 2.5 * eye(*shape),
    "reflecting": lambda rng, shape: -(rng.uniform(-0.8, 0.8, shape) + 2.5 * eye(*shape)),
}


@dataclass(frozen=True)
class Identity:
    """A program, and its derivative by one variable.

    number    of the equation in the Matrix Cookbook; None where it has none
    shapes    of the variables; () is a number
    right     the right-hand side, of arrays by the variables' names
    make      how to choose a variable's values, where not "plain"; see MAKES
    """

    name: str
    number: int | None
    statement: str
    program: str
    shapes: Mapping[str, tuple[int, ...]]
    wrt: str
    right: Callable[..., Any]
    order: int = 1
    make: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Where the identity is from."""
        return "textbook" if self.number is None else f"Matrix Cookbook ({self.number})"

    def values(self) -> dict[str, np.ndarray]:
        """The variables' values: the same ones each time."""
        rng = np.random.default_rng(list(self.name.encode()))
        return {
            name: np.round(MAKES[self.make.get(name, "plain")](rng, shape), 3) for name, shape in self.shapes.items()
        }


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softmax(x: Any) -> Any:
    """Along the last dimension."""
    powers = np.exp(x)
    return powers / powers.sum(-1, keepdims=True)


def unit(n: int, k: int) -> Any:
    return eye(n)[k]


def skew(a: Any) -> Any:
    """The matrix of the cross product with a."""
    return np.array([[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]])


def differences(n: int) -> Any:
    """The matrix of x[1:] - x[:-1]."""
    return eye(n)[1:] - eye(n)[:-1]


def center(n: int) -> Any:
    """The matrix of x - mean(x)."""
    return eye(n) - 1 / n


def power(x: Any, k: int) -> Any:
    return np.linalg.matrix_power(x, k)


def normed(r: Any) -> Any:
    """The derivative of r/|r| by r."""
    return eye(len(r)) / norm(r) - outer(r, r) / norm(r) ** 3


def along_t(a: Any, b: Any, c: Any, t: Any) -> Any:
    """The second derivative of det(A + tB + t²C)."""
    y = inv(a + t * b + t * t * c)
    first, second = y @ (b + 2 * t * c), y @ (2 * c)
    return (trace(second) + trace(first) ** 2 - trace(first @ first)) / det(y)


def of_fourth_order(x: Any, b: Any, c: Any) -> Any:
    """The derivative of Tr(B'X'CXX'CXB)."""
    bb = b @ b.T
    return (
        c @ x @ x.T @ c @ x @ bb
        + c.T @ x @ bb @ x.T @ c.T @ x
        + c @ x @ bb @ x.T @ c @ x
        + c.T @ x @ x.T @ c.T @ x @ bb
    )


def of_ratio(x: Any, a: Any, b: Any) -> Any:
    """The derivative of |Ax|²/|Bx|²."""
    above, below = a @ x @ (a @ x), b @ x @ (b @ x)
    return 2 * a.T @ a @ x / below - 2 * above * b.T @ b @ x / below**2


def of_quotient(x: Any, b: Any, c: Any, a: Any) -> Any:
    """The derivative of Tr((A + X'CX)^-1 X'BX), for symmetric A, B and C."""
    middle = inv(a + x.T @ c @ x)
    return -2 * c @ x @ middle @ x.T @ b @ x @ middle + 2 * b @ x @ middle


def of_standardized(x: Any) -> Any:
    """The derivative of (x - mean(x))/std(x)."""
    n, s = len(x), x.std(ddof=1)
    z = (x - x.mean()) / s
    return (center(n) - outer(z, z) / (n - 1)) / s


V, W = (3,), (2,)
S, M, N = (3, 3), (3, 2), (2, 3)

ALONG_A_LINE = (
    Identity("product along t", 37, "∂(XY) = (∂X)Y + X(∂Y)", "(A + t*B)@(C + t*D)",
             {"A": N, "B": N, "C": M, "D": M, "t": ()}, "t", lambda A, B, C, D, t: B @ (C + t * D) + (A + t * B) @ D),
    Identity("product of entries along t", 38, "∂(X∘Y) = (∂X)∘Y + X∘(∂Y)", "(A + t*B)*(C + t*D)",
             {"A": N, "B": N, "C": N, "D": N, "t": ()}, "t", lambda A, B, C, D, t: B * (C + t * D) + (A + t * B) * D),
    Identity("inverse along t", 40, "∂(X^-1) = -X^-1 (∂X) X^-1", "inv(A + t*B)", {"A": S, "B": S, "t": ()}, "t",
             lambda A, B, t: -inv(A + t * B) @ B @ inv(A + t * B), make={"A": "invertible", "B": "spd", "t": "positive"}),
    Identity("determinant along t", 46, "∂det(Y)/∂t = det(Y) Tr(Y^-1 ∂Y/∂t)", "det(A + t*B)",
             {"A": S, "B": S, "t": ()}, "t", lambda A, B, t: det(A + t * B) * trace(inv(A + t * B) @ B),
             make={"A": "spd", "B": "spd", "t": "positive"}),
    Identity("logarithm of the determinant along t", 43, "∂ ln det(X) = Tr(X^-1 ∂X)", "logdet(A + t*B)",
             {"A": S, "B": S, "t": ()}, "t", lambda A, B, t: trace(inv(A + t * B) @ B),
             make={"A": "spd", "B": "spd", "t": "positive"}),
    Identity("transpose along t", 44, "∂(X') = (∂X)'", "(sin(t)*A).T", {"A": M, "t": ()}, "t",
             lambda A, t: np.cos(t) * A.T),
    Identity("second derivative of a determinant along t", 48,
             "∂²det(Y)/∂t² = det(Y) [Tr(Y^-1 Y'') + Tr(Y^-1 Y')² - Tr((Y^-1 Y')²)]", "det(A + t*B + t**2*C)",
             {"A": S, "B": S, "C": S, "t": ()}, "t", lambda A, B, C, t: along_t(A, B, C, t), order=2,
             make={"A": "spd", "B": "spd", "C": "spd", "t": "positive"}),
)  # fmt: skip

DETERMINANTS = (
    Identity("determinant", 49, "∂det(X)/∂X = det(X) (X^-1)'", "det(X)", {"X": S}, "X",
             lambda X: det(X) * inv(X).T, make={"X": "invertible"}),
    Identity("determinant of a product", 51, "∂det(AXB)/∂X = det(AXB) (X^-1)'", "det(A@X@B)", {"A": S, "X": S, "B": S},
             "X", lambda A, X, B: det(A @ X @ B) * inv(X).T,
             make={"A": "invertible", "X": "invertible", "B": "invertible"}),
    Identity("determinant of a square form", 52, "∂det(X'AX)/∂X = 2 det(X'AX) X^-T, for a square X", "det(X.T@A@X)",
             {"X": S, "A": S}, "X", lambda X, A: 2 * det(X.T @ A @ X) * inv(X).T,
             make={"X": "invertible", "A": "invertible"}),
    Identity("determinant of a symmetric form", 53, "∂det(X'AX)/∂X = 2 det(X'AX) AX (X'AX)^-1, for a symmetric A",
             "det(X.T@A@X)", {"X": M, "A": S}, "X", lambda X, A: 2 * det(X.T @ A @ X) * A @ X @ inv(X.T @ A @ X),
             make={"A": "spd"}),
    Identity("determinant of a form", 54,
             "∂det(X'AX)/∂X = det(X'AX) (AX (X'AX)^-1 + A'X (X'A'X)^-1)", "det(X.T@A@X)", {"X": M, "A": S}, "X",
             lambda X, A: det(X.T @ A @ X) * (A @ X @ inv(X.T @ A @ X) + A.T @ X @ inv(X.T @ A.T @ X)),
             make={"A": "invertible"}),
    Identity("logarithm of Gram's determinant", 55, "∂ ln det(X'X)/∂X = 2 (X^+)'", "logdet(X.T@X)", {"X": M}, "X",
             lambda X: 2 * np.linalg.pinv(X).T),
    Identity("logarithm of the determinant", 57, "∂ ln |det X|/∂X = X^-T", "logdet(X)", {"X": S}, "X",
             lambda X: inv(X).T, make={"X": "invertible"}),
    Identity("logarithm of a negative determinant", 57, "∂ ln |det X|/∂X = X^-T", "log(abs(det(X)))", {"X": S}, "X",
             lambda X: inv(X).T, make={"X": "reflecting"}),
    Identity("determinant of a power", 58, "∂det(X^k)/∂X = k det(X^k) X^-T, for k = 3", "det(X@X@X)", {"X": S}, "X",
             lambda X: 3 * det(X) ** 3 * inv(X).T, make={"X": "invertible"}),
    Identity("determinant of the inverse", 62, "∂det(X^-1)/∂X = -det(X^-1) (X^-1)'", "det(inv(X))", {"X": S}, "X",
             lambda X: -inv(X).T / det(X), make={"X": "invertible"}),
    Identity("Hessian of the logarithm of the determinant", None,
             "∂² ln det(X)/∂X_ij ∂X_kl = -(X^-1)_jk (X^-1)_li", "logdet(X)", {"X": S}, "X",
             lambda X: -einsum("jk,li->ijkl", inv(X), inv(X)), order=2, make={"X": "invertible"}),
    Identity("likelihood of a normal distribution", None,
             "∂(ln det(S) + x'S^-1 x)/∂S = S^-T - S^-T x x' S^-T", "logdet(S) + x@inv(S)@x", {"S": S, "x": V}, "S",
             lambda S, x: inv(S).T - inv(S).T @ outer(x, x) @ inv(S).T, make={"S": "spd"}),
)  # fmt: skip

INVERSES = (
    Identity("inverse", 60, "∂(X^-1)_kl/∂X_ij = -(X^-1)_ki (X^-1)_jl", "inv(X)", {"X": S}, "X",
             lambda X: -einsum("ki,jl->klij", inv(X), inv(X)), make={"X": "invertible"}),
    Identity("form of the inverse", 61, "∂(a'X^-1 b)/∂X = -X^-T a b' X^-T", "a@inv(X)@b", {"a": V, "X": S, "b": V}, "X",
             lambda a, X, b: -inv(X).T @ outer(a, b) @ inv(X).T, make={"X": "invertible"}),
    Identity("trace of the inverse between", 63, "∂Tr(A X^-1 B)/∂X = -(X^-1 B A X^-1)'", "trace(A@inv(X)@B)",
             {"A": N, "X": S, "B": M}, "X", lambda A, X, B: -(inv(X) @ B @ A @ inv(X)).T, make={"X": "invertible"}),
    Identity("trace of the inverse of a sum", 64, "∂Tr((X + A)^-1)/∂X = -((X + A)^-1 (X + A)^-1)'",
             "trace(inv(X + A))", {"X": S, "A": S}, "X", lambda X, A: -power(inv(X + A), 2).T,
             make={"X": "invertible", "A": "spd"}),
    Identity("trace of the inverse of a form", 125,
             "∂Tr((X'CX)^-1 A)/∂X = -CX (X'CX)^-1 (A + A') (X'CX)^-1, for a symmetric C",
             "trace(inv(X.T@C@X)@A)", {"X": M, "C": S, "A": (2, 2)}, "X",
             lambda X, C, A: -C @ X @ inv(X.T @ C @ X) @ (A + A.T) @ inv(X.T @ C @ X), make={"C": "spd"}),
    Identity("trace of a quotient of forms", 126,
             "∂Tr((X'CX)^-1 X'BX)/∂X = -2 CX (X'CX)^-1 X'BX (X'CX)^-1 + 2 BX (X'CX)^-1, for symmetric B, C",
             "trace(inv(X.T@C@X)@(X.T@B@X))", {"X": M, "B": S, "C": S}, "X",
             lambda X, B, C: of_quotient(X, B, C, np.zeros((2, 2))), make={"B": "spd", "C": "spd"}),
    Identity("trace of a quotient with a sum", 127,
             "∂Tr((A + X'CX)^-1 X'BX)/∂X = -2 CX (A + X'CX)^-1 X'BX (A + X'CX)^-1 + 2 BX (A + X'CX)^-1,"
             " for symmetric A, B, C", "trace(inv(A + X.T@C@X)@(X.T@B@X))", {"X": M, "B": S, "C": S, "A": (2, 2)}, "X",
             lambda X, B, C, A: of_quotient(X, B, C, A), make={"A": "spd", "B": "spd", "C": "spd"}),
    Identity("form of a solution, by the matrix", None, "∂(a'A^-1 b)/∂A = -A^-T a (A^-1 b)'", "a@solve(A, b)",
             {"a": V, "A": S, "b": V}, "A", lambda a, A, b: -outer(inv(A).T @ a, inv(A) @ b), make={"A": "invertible"}),
    Identity("form of a solution, by the right-hand side", None, "∂(a'A^-1 b)/∂b = A^-T a", "a@solve(A, b)",
             {"a": V, "A": S, "b": V}, "b", lambda a, A, b: inv(A).T @ a, make={"A": "invertible"}),
    Identity("solution", None, "∂(A^-1 b)/∂b = A^-1", "solve(A, b)", {"A": S, "b": V}, "b", lambda A, b: inv(A),
             make={"A": "invertible"}),
    Identity("least squares", None, "∂(A^+ b)/∂b = A^+", "pinv(A)@b", {"A": M, "b": V}, "b",
             lambda A, b: np.linalg.pinv(A)),
)  # fmt: skip

LINEAR_FORMS = (
    Identity("linear form", 69, "∂(x'a)/∂x = a", "x@a", {"x": V, "a": V}, "x", lambda x, a: a),
    Identity("linear form, the other way", 69, "∂(a'x)/∂x = a", "dot(a, x)", {"x": V, "a": V}, "x", lambda x, a: a),
    Identity("linear form of a matrix", 70, "∂(a'Xb)/∂X = a b'", "a@X@b", {"a": V, "X": M, "b": W}, "X",
             lambda a, X, b: outer(a, b)),
    Identity("linear form of a transpose", 71, "∂(a'X'b)/∂X = b a'", "a@X.T@b", {"a": V, "X": N, "b": W}, "X",
             lambda a, X, b: outer(b, a)),
    Identity("linear form with one vector", 72, "∂(a'Xa)/∂X = a a'", "a@X@a", {"a": V, "X": S}, "X",
             lambda a, X: outer(a, a)),
    Identity("matrix by itself", 73, "∂X_kl/∂X_ij = δ_ki δ_lj", "X", {"X": N}, "X",
             lambda X: einsum("ki,lj->klij", eye(2), eye(3))),
    Identity("matrix product", 74, "∂(XA)_ij/∂X_mn = δ_im A_nj", "X@A", {"X": N, "A": M}, "X",
             lambda X, A: einsum("im,nj->ijmn", eye(2), A)),
    Identity("product of a transpose", 75, "∂(X'A)_ij/∂X_mn = δ_in A_mj", "X.T@A", {"X": N, "A": (2, 2)}, "X",
             lambda X, A: einsum("in,mj->ijmn", eye(3), A)),
    Identity("matrix times a vector", None, "∂(Ax)/∂x = A", "A@x", {"A": N, "x": V}, "x", lambda A, x: A),
    Identity("matrix times a vector, by the matrix", None, "∂(Ax)_i/∂A_kl = δ_ik x_l", "A@x", {"A": N, "x": V}, "A",
             lambda A, x: einsum("ik,l->ikl", eye(2), x)),
    Identity("affine map", None, "∂(Ax + b)/∂b = I", "A@x + b", {"A": N, "x": V, "b": W}, "b",
             lambda A, x, b: eye(2)),
)  # fmt: skip

QUADRATIC_FORMS = (
    Identity("square of the sum", 76, "∂(Σ X_kl X_mn)/∂X_ij = 2 Σ X_kl", "sum(X)**2", {"X": N}, "X",
             lambda X: np.full(N, 2 * X.sum())),
    Identity("form of Gram's matrix", 77, "∂(b'X'Xc)/∂X = X(bc' + cb')", "b@X.T@X@c", {"b": W, "X": M, "c": W}, "X",
             lambda b, X, c: X @ (outer(b, c) + outer(c, b))),
    Identity("product of affine maps", 78, "∂((Bx + b)'C(Dx + d))/∂x = B'C(Dx + d) + D'C'(Bx + b)",
             "(B@x + b)@C@(D@x + d)", {"B": N, "x": V, "b": W, "C": N, "D": S, "d": V}, "x",
             lambda B, x, b, C, D, d: B.T @ C @ (D @ x + d) + D.T @ C.T @ (B @ x + b)),
    Identity("matrix of a form", 79, "∂(X'BX)_kl/∂X_ij = δ_lj (X'B)_ki + δ_kj (BX)_il", "X.T@B@X", {"X": M, "B": S},
             "X", lambda X, B: einsum("lj,ki->klij", eye(2), X.T @ B) + einsum("kj,il->klij", eye(2), B @ X)),
    Identity("quadratic form", 81, "∂(x'Bx)/∂x = (B + B')x", "x@B@x", {"x": V, "B": S}, "x",
             lambda x, B: (B + B.T) @ x),
    Identity("quadratic form of a matrix", 82, "∂(b'X'DXc)/∂X = D'X b c' + D X c b'", "b@X.T@D@X@c",
             {"b": W, "X": M, "D": S, "c": W}, "X", lambda b, X, D, c: D.T @ X @ outer(b, c) + D @ X @ outer(c, b)),
    Identity("quadratic form of an affine map", 83, "∂((Xb + c)'D(Xb + c))/∂X = (D + D')(Xb + c)b'",
             "(X@b + c)@D@(X@b + c)", {"X": M, "b": W, "c": V, "D": S}, "X",
             lambda X, b, c, D: outer((D + D.T) @ (X @ b + c), b)),
    Identity("weighted residual, by s", 84, "∂((x - As)'W(x - As))/∂s = -2 A'W(x - As), for a symmetric W",
             "(x - A@s)@W@(x - A@s)", {"x": V, "A": M, "s": W, "W": S}, "s",
             lambda x, A, s, W: -2 * A.T @ W @ (x - A @ s), make={"W": "spd"}),
    Identity("weighted distance, by x", 85, "∂((x - s)'W(x - s))/∂x = 2 W(x - s), for a symmetric W",
             "(x - s)@W@(x - s)", {"x": V, "s": V, "W": S}, "x", lambda x, s, W: 2 * W @ (x - s), make={"W": "spd"}),
    Identity("weighted distance, by s", 86, "∂((x - s)'W(x - s))/∂s = -2 W(x - s), for a symmetric W",
             "(x - s)@W@(x - s)", {"x": V, "s": V, "W": S}, "s", lambda x, s, W: -2 * W @ (x - s), make={"W": "spd"}),
    Identity("weighted residual, by x", 87, "∂((x - As)'W(x - As))/∂x = 2 W(x - As), for a symmetric W",
             "(x - A@s)@W@(x - A@s)", {"x": V, "A": M, "s": W, "W": S}, "x",
             lambda x, A, s, W: 2 * W @ (x - A @ s), make={"W": "spd"}),
    Identity("weighted residual, by A", 88, "∂((x - As)'W(x - As))/∂A = -2 W(x - As)s', for a symmetric W",
             "(x - A@s)@W@(x - A@s)", {"x": V, "A": M, "s": W, "W": S}, "A",
             lambda x, A, s, W: -2 * outer(W @ (x - A @ s), s), make={"W": "spd"}),
    Identity("square of an error", 89, "∂(a - x'b)²/∂x = -2 b(a - x'b), for real numbers", "(a - x@b)**2",
             {"a": (), "x": V, "b": V}, "x", lambda a, x, b: -2 * b * (a - x @ b)),
    Identity("power of a matrix", 90, "∂(X^n)_kl/∂X_ij = Σ_r (X^r)_ki (X^(n-1-r))_jl, for n = 3", "X@X@X",
             {"X": (2, 2)}, "X",
             lambda X: sum(einsum("ki,jl->klij", power(X, r), power(X, 2 - r)) for r in range(3))),
    Identity("form of a power", 91, "∂(a'X^n b)/∂X = Σ_r (X^r)' a b' (X^(n-1-r))', for n = 3", "a@X@X@X@b",
             {"a": V, "X": S, "b": V}, "X",
             lambda a, X, b: sum(power(X, r).T @ outer(a, b) @ power(X, 2 - r).T for r in range(3))),
    Identity("form of functions", 93, "∂(s'Ar)/∂x = (∂s/∂x)'Ar + (∂r/∂x)'A's, for s = sin(x), r = x∘x",
             "sin(x)@A@(x*x)", {"x": V, "A": S}, "x",
             lambda x, A: np.cos(x) * (A @ x**2) + 2 * x * (A.T @ np.sin(x))),
    Identity("ratio of squares", 94, "∂(|Ax|²/|Bx|²)/∂x = 2 A'Ax/(x'B'Bx) - 2 x'A'Ax B'Bx/(x'B'Bx)²",
             "((A@x)@(A@x))/((B@x)@(B@x))", {"A": N, "x": V, "B": S}, "x", lambda A, x, B: of_ratio(x, A, B)),
    Identity("quadratic and linear form", 97, "∂(x'Ax + b'x)/∂x = (A + A')x + b", "x@A@x + b@x",
             {"x": V, "A": S, "b": V}, "x", lambda x, A, b: (A + A.T) @ x + b),
    Identity("Hessian of a quadratic form", 98, "∂²(x'Ax + b'x)/∂x∂x' = A + A'", "x@A@x + b@x",
             {"x": V, "A": S, "b": V}, "x", lambda x, A, b: A + A.T, order=2),
    Identity("Hessian of the squares", None, "∂²|Ax - b|²/∂x∂x' = 2 A'A", "sum((A@x - b)**2)",
             {"A": M, "x": W, "b": V}, "x", lambda A, x, b: 2 * A.T @ A, order=2),
    Identity("quadratic form, by the matrix", None, "∂(x'Ax)/∂A = x x'", "x@A@x", {"x": V, "A": S}, "A",
             lambda x, A: outer(x, x)),
    Identity("Rayleigh's quotient", None, "∂(x'Ax/x'x)/∂x = 2 (Ax - (x'Ax/x'x) x)/x'x, for a symmetric A",
             "(x@A@x)/(x@x)", {"x": V, "A": S}, "x", lambda x, A: 2 * (A @ x - x @ A @ x / (x @ x) * x) / (x @ x),
             make={"A": "spd"}),
    Identity("Gauss's function", None, "∂exp(-x'Ax/2)/∂x = -exp(-x'Ax/2) (A + A')x/2", "exp(-x@A@x/2)",
             {"x": V, "A": S}, "x", lambda x, A: -np.exp(-x @ A @ x / 2) * (A + A.T) @ x / 2, make={"A": "spd"}),
)  # fmt: skip

TRACES = (
    Identity("trace", 99, "∂Tr(X)/∂X = I", "trace(X)", {"X": S}, "X", lambda X: eye(3)),
    Identity("trace of XA", 100, "∂Tr(XA)/∂X = A'", "trace(X@A)", {"X": N, "A": M}, "X", lambda X, A: A.T),
    Identity("trace of AXB", 101, "∂Tr(AXB)/∂X = A'B'", "trace(A@X@B)", {"A": N, "X": S, "B": M}, "X",
             lambda A, X, B: A.T @ B.T),
    Identity("trace of AX'B", 102, "∂Tr(AX'B)/∂X = BA", "trace(A@X.T@B)", {"A": N, "X": S, "B": M}, "X",
             lambda A, X, B: B @ A),
    Identity("trace of X'A", 103, "∂Tr(X'A)/∂X = A", "trace(X.T@A)", {"X": M, "A": M}, "X", lambda X, A: A),
    Identity("trace of AX'", 104, "∂Tr(AX')/∂X = A", "trace(A@X.T)", {"A": M, "X": M}, "X", lambda A, X: A),
    Identity("trace of X²", 106, "∂Tr(X²)/∂X = 2X'", "trace(X@X)", {"X": S}, "X", lambda X: 2 * X.T),
    Identity("trace of X²B", 107, "∂Tr(X²B)/∂X = (XB + BX)'", "trace(X@X@B)", {"X": S, "B": S}, "X",
             lambda X, B: (X @ B + B @ X).T),
    Identity("trace of X'BX", 108, "∂Tr(X'BX)/∂X = BX + B'X", "trace(X.T@B@X)", {"X": M, "B": S}, "X",
             lambda X, B: B @ X + B.T @ X),
    Identity("trace of BXX'", 109, "∂Tr(BXX')/∂X = BX + B'X", "trace(B@X@X.T)", {"B": S, "X": M}, "X",
             lambda B, X: B @ X + B.T @ X),
    Identity("trace of XX'B", 110, "∂Tr(XX'B)/∂X = BX + B'X", "trace(X@X.T@B)", {"X": M, "B": S}, "X",
             lambda X, B: B @ X + B.T @ X),
    Identity("trace of XBX'", 111, "∂Tr(XBX')/∂X = XB' + XB", "trace(X@B@X.T)", {"X": N, "B": S}, "X",
             lambda X, B: X @ B.T + X @ B),
    Identity("trace of BX'X", 112, "∂Tr(BX'X)/∂X = XB' + XB", "trace(B@X.T@X)", {"B": S, "X": N}, "X",
             lambda B, X: X @ B.T + X @ B),
    Identity("trace of X'XB", 113, "∂Tr(X'XB)/∂X = XB' + XB", "trace(X.T@X@B)", {"X": N, "B": S}, "X",
             lambda X, B: X @ B.T + X @ B),
    Identity("trace of AXBX", 114, "∂Tr(AXBX)/∂X = A'X'B' + B'X'A'", "trace(A@X@B@X)", {"A": N, "X": M, "B": N}, "X",
             lambda A, X, B: A.T @ X.T @ B.T + B.T @ X.T @ A.T),
    Identity("trace of X'X", 115, "∂Tr(X'X)/∂X = 2X", "trace(X.T@X)", {"X": M}, "X", lambda X: 2 * X),
    Identity("trace of XX'", 115, "∂Tr(XX')/∂X = 2X", "trace(X@X.T)", {"X": M}, "X", lambda X: 2 * X),
    Identity("trace of B'X'CXB", 116, "∂Tr(B'X'CXB)/∂X = C'XBB' + CXBB'", "trace(B.T@X.T@C@X@B)",
             {"B": (2, 2), "X": M, "C": S}, "X", lambda B, X, C: (C.T + C) @ X @ B @ B.T),
    Identity("trace of X'BXC", 117, "∂Tr(X'BXC)/∂X = BXC + B'XC'", "trace(X.T@B@X@C)", {"X": M, "B": S, "C": (2, 2)},
             "X", lambda X, B, C: B @ X @ C + B.T @ X @ C.T),
    Identity("trace of AXBX'C", 118, "∂Tr(AXBX'C)/∂X = A'C'XB' + CAXB", "trace(A@X@B@X.T@C)",
             {"A": N, "X": M, "B": (2, 2), "C": (3, 2)}, "X",
             lambda A, X, B, C: A.T @ C.T @ X @ B.T + C @ A @ X @ B),
    Identity("trace of a square", 119, "∂Tr((AXB + C)(AXB + C)')/∂X = 2 A'(AXB + C)B'",
             "trace((A@X@B + C)@(A@X@B + C).T)", {"A": N, "X": M, "B": (2, 2), "C": (2, 2)}, "X",
             lambda A, X, B, C: 2 * A.T @ (A @ X @ B + C) @ B.T),
    Identity("square of the trace", 120, "∂(Tr(X) Tr(X))/∂X = 2 Tr(X) I", "trace(X)*trace(X)", {"X": S}, "X",
             lambda X: 2 * trace(X) * eye(3)),
    Identity("trace of a power", 121, "∂Tr(X^k)/∂X = k (X^(k-1))', for k = 3", "trace(X@X@X)", {"X": S}, "X",
             lambda X: 3 * (X @ X).T),
    Identity("trace of AX^k", 122, "∂Tr(AX^k)/∂X = Σ_r (X^r A X^(k-r-1))', for k = 3", "trace(A@X@X@X)",
             {"A": S, "X": S}, "X", lambda A, X: sum(power(X, r) @ A @ power(X, 2 - r) for r in range(3)).T),
    Identity("trace of the fourth order", 123,
             "∂Tr(B'X'CXX'CXB)/∂X = CXX'CXBB' + C'XBB'X'C'X + CXBB'X'CX + C'XX'C'XBB'",
             "trace(B.T@X.T@C@X@X.T@C@X@B)", {"B": (2, 2), "X": M, "C": S}, "X",
             lambda B, X, C: of_fourth_order(X, B, C)),
    Identity("Hessian of the trace of X²", None, "∂²Tr(X²)/∂X_ij ∂X_kl = 2 δ_il δ_jk", "trace(X@X)", {"X": (2, 2)}, "X",
             lambda X: 2 * einsum("il,jk->ijkl", eye(2), eye(2)), order=2),
)  # fmt: skip

NORMS = (
    Identity("distance", 129, "∂|x - a|/∂x = (x - a)/|x - a|", "norm(x - a)", {"x": V, "a": V}, "x",
             lambda x, a: (x - a) / norm(x - a)),
    Identity("direction", 130, "∂((x - a)/|x - a|)/∂x = I/|x - a| - (x - a)(x - a)'/|x - a|³", "(x - a)/norm(x - a)",
             {"x": V, "a": V}, "x", lambda x, a: normed(x - a)),
    Identity("square of the norm", 131, "∂|x|²/∂x = 2x", "norm(x)**2", {"x": V}, "x", lambda x: 2 * x),
    Identity("square of Frobenius's norm", 132, "∂|X|_F²/∂X = 2X", "norm(X)**2", {"X": N}, "X", lambda X: 2 * X),
    Identity("Frobenius's norm", None, "∂|X|_F/∂X = X/|X|_F", "norm(X)", {"X": N}, "X", lambda X: X / norm(X)),
    Identity("unit vector", None, "∂(x/|x|)/∂x = I/|x| - xx'/|x|³", "x/norm(x)", {"x": V}, "x", lambda x: normed(x)),
    Identity("Hessian of the norm", None, "∂²|x|/∂x∂x' = I/|x| - xx'/|x|³", "norm(x)", {"x": V}, "x", lambda x: normed(x),
             order=2),
    Identity("sum of absolute values", None, "∂|x|_1/∂x = sign(x)", "norm(x, p=1)", {"x": V}, "x", lambda x: np.sign(x)),
    Identity("largest absolute value", None, "∂|x|_inf/∂x = sign(x_k) e_k, where |x_k| is the largest", "norm(x, p=inf)",
             {"x": V}, "x", lambda x: np.sign(x) * unit(3, abs(x).argmax())),
    Identity("norm for p = 3", None, "∂|x|_p/∂x = x∘|x|^(p-2)/|x|_p^(p-1)", "norm(x, p=3)", {"x": V}, "x",
             lambda x: x * abs(x) / norm(x, 3) ** 2),
    Identity("norms of rows", None, "∂|X_i|/∂X_kl = δ_ik X_il/|X_i|", "norm(X, dim=1)", {"X": N}, "X",
             lambda X: einsum("ik,il->ikl", eye(2), X / norm(X, axis=1, keepdims=True))),
    Identity("norm of the residual", None, "∂|Ax - b|/∂x = A'(Ax - b)/|Ax - b|", "norm(A@x - b)",
             {"A": M, "x": W, "b": V}, "x", lambda A, x, b: A.T @ (A @ x - b) / norm(A @ x - b)),
    Identity("ridge regression", None, "∂(|Ax - b|² + c|x|²)/∂x = 2 A'(Ax - b) + 2cx",
             "norm(A@x - b)**2 + c*norm(x)**2", {"A": M, "x": W, "b": V, "c": ()}, "x",
             lambda A, x, b, c: 2 * A.T @ (A @ x - b) + 2 * c * x, make={"c": "positive"}),
    Identity("cosine of an angle", None, "∂(x'y/|x||y|)/∂x = y/|x||y| - (x'y/|x||y|) x/|x|²",
             "x@y/(norm(x)*norm(y))", {"x": V, "y": V}, "x",
             lambda x, y: y / (norm(x) * norm(y)) - x @ y / (norm(x) * norm(y)) * x / (x @ x)),
    Identity("radial function", None, "∂exp(-|x - y|²/2)/∂x = -exp(-|x - y|²/2) (x - y)", "exp(-norm(x - y)**2/2)",
             {"x": V, "y": V}, "x", lambda x, y: -np.exp(-norm(x - y) ** 2 / 2) * (x - y)),
)  # fmt: skip

EXPONENTIALS = (
    Identity("logarithm of the sum of exponentials", None, "∂ln(Σ exp(x))/∂x = p", "logsumexp(x)", {"x": V}, "x",
             lambda x: softmax(x)),
    Identity("Hessian of the logarithm of the sum of exponentials", None, "∂²ln(Σ exp(x))/∂x∂x' = diag(p) - pp'",
             "logsumexp(x)", {"x": V}, "x", lambda x: diag(softmax(x)) - outer(softmax(x), softmax(x)), order=2),
    Identity("logarithms of sums in rows", None, "∂ln(Σ_j exp(X_ij))/∂X_kl = δ_ik p_kl", "logsumexp(X, dim=1)", {"X": N},
             "X", lambda X: einsum("ik,kl->ikl", eye(2), softmax(X))),
    Identity("softmax", None, "∂p/∂x = diag(p) - pp'", "softmax(x)", {"x": V}, "x",
             lambda x: diag(softmax(x)) - outer(softmax(x), softmax(x))),
    Identity("mean by softmax", None, "∂(a'p)/∂x = p∘(a - a'p)", "a@softmax(x)", {"a": V, "x": V}, "x",
             lambda a, x: softmax(x) * (a - a @ softmax(x))),
    Identity("temperature", None, "∂p(x/t)/∂t = -p∘(x - p'x)/t²", "softmax(x/t)", {"x": V, "t": ()}, "t",
             lambda x, t: -softmax(x / t) * (x - softmax(x / t) @ x) / t**2, make={"t": "positive"}),
    Identity("logarithm of softmax", None, "∂ln(p)/∂x = I - 1p'", "log_softmax(x)", {"x": V}, "x",
             lambda x: eye(3) - softmax(x)),
    Identity("cross entropy", None, "∂(-ln p_1)/∂x = p - e_1", "cross_entropy(x, 1)", {"x": V}, "x",
             lambda x: softmax(x) - unit(3, 1)),
    Identity("cross entropy of rows", None, "∂(-(1/n) Σ_i ln P_i,k(i))/∂X = (P - E)/n", "cross_entropy(X, [2, 0])",
             {"X": N}, "X", lambda X: (softmax(X) - eye(3)[[2, 0]]) / 2),
    Identity("cross entropy of a layer", None, "∂(-ln p_1)/∂W = (p - e_1)x'", "cross_entropy(W@x, 1)",
             {"W": S, "x": V}, "W", lambda W, x: outer(softmax(W @ x) - unit(3, 1), x)),
    Identity("attention", None, "∂(PV)_ij/∂V_kl = P_ik δ_jl, P the softmax of QK' in rows", "softmax(Q@K.T, dim=-1)@V",
             {"Q": (2, 2), "K": (3, 2), "V": M}, "V",
             lambda Q, K, V: einsum("ik,jl->ijkl", softmax(Q @ K.T), eye(2))),
    Identity("entropy", None, "∂(-Σ x ln x)/∂x = -ln x - 1", "-sum(x*log(x))", {"x": V}, "x",
             lambda x: -np.log(x) - 1, make={"x": "positive"}),
    Identity("Hessian of the entropy", None, "∂²(-Σ x ln x)/∂x∂x' = -diag(1/x)", "-sum(x*log(x))", {"x": V}, "x",
             lambda x: -diag(1 / x), order=2, make={"x": "positive"}),
)  # fmt: skip

STATISTICS = (
    Identity("mean", None, "∂mean(x)/∂x = 1/n", "mean(x)", {"x": V}, "x", lambda x: np.full(3, 1 / 3)),
    Identity("mean of cubes", None, "∂mean(x³)/∂x = 3x²/n", "mean(x**3)", {"x": V}, "x", lambda x: x**2),
    Identity("means of columns", None, "∂mean(X_·j)/∂X_kl = δ_jl/m", "mean(X, dim=0)", {"X": N}, "X",
             lambda X: einsum("jl,k->jkl", eye(3), np.full(2, 0.5))),
    Identity("squares of the columns' sums", None, "∂Σ_j (Σ_i X_ij)²/∂X_kl = 2 Σ_i X_il", "sum(sum(X, dim=0)**2)",
             {"X": N}, "X", lambda X: np.tile(2 * X.sum(0), (2, 1))),
    Identity("variance", None, "∂var(x)/∂x = 2(x - mean(x))/(n - 1)", "var(x)", {"x": (4,)}, "x",
             lambda x: 2 * (x - x.mean()) / 3),
    Identity("variance of a population", None, "∂var(x)/∂x = 2(x - mean(x))/n", "var(x, correction=0)", {"x": (4,)}, "x",
             lambda x: (x - x.mean()) / 2),
    Identity("Hessian of the variance", None, "∂²var(x)/∂x∂x' = 2(I - 11'/n)/(n - 1)", "var(x)", {"x": V}, "x",
             lambda x: center(3), order=2),
    Identity("variances of columns", None, "∂var(X_·j)/∂X_kl = 2 δ_jl (X_kl - mean(X_·l))/(m - 1)", "var(X, dim=0)",
             {"X": M}, "X", lambda X: einsum("jl,kl->jkl", eye(2), X - X.mean(0))),
    Identity("standard deviation", None, "∂std(x)/∂x = (x - mean(x))/((n - 1) std(x))", "std(x)", {"x": (4,)}, "x",
             lambda x: (x - x.mean()) / (3 * x.std(ddof=1))),
    Identity("centered vector", None, "∂(x - mean(x))/∂x = I - 11'/n", "x - mean(x)", {"x": V}, "x", lambda x: center(3)),
    Identity("standardized vector", None, "∂z/∂x = (I - 11'/n - zz'/(n - 1))/std(x), z = (x - mean(x))/std(x)",
             "(x - mean(x))/std(x)", {"x": V}, "x", lambda x: of_standardized(x)),
    Identity("vector by its sum", None, "∂(x/Σx)/∂x = I/Σx - x1'/(Σx)²", "x/sum(x)", {"x": V}, "x",
             lambda x: eye(3) / x.sum() - outer(x, np.ones(3)) / x.sum() ** 2, make={"x": "positive"}),
    Identity("mean of squared differences", None, "∂mean((x - y)²)/∂x = 2(x - y)/n", "mse_loss(x, y)", {"x": V, "y": V},
             "x", lambda x, y: 2 * (x - y) / 3),
    Identity("linear regression", None, "∂mean((Xw - y)²)/∂w = 2X'(Xw - y)/n", "mse_loss(X@w, y)",
             {"X": M, "w": W, "y": V}, "w", lambda X, w, y: 2 * X.T @ (X @ w - y) / 3),
    Identity("Hessian of linear regression", None, "∂²mean((Xw - y)²)/∂w∂w' = 2X'X/n", "mse_loss(X@w, y)",
             {"X": M, "w": W, "y": V}, "w", lambda X, w, y: 2 * X.T @ X / 3, order=2),
    Identity("mean of absolute differences", None, "∂mean(|x - y|)/∂x = sign(x - y)/n", "l1_loss(x, y)",
             {"x": V, "y": V}, "x", lambda x, y: np.sign(x - y) / 3),
    Identity("logistic regression", None, "∂(-mean(ln σ(y∘Xw)))/∂w = -X'(y∘σ(-y∘Xw))/n",
             "-mean(log(sigmoid(y*(X@w))))", {"X": M, "w": W, "y": V}, "w",
             lambda X, w, y: -X.T @ (y * sigmoid(-y * (X @ w))) / 3),
    Identity("Hessian of logistic regression", None, "∂²Σ ln(1 + exp(Xw))/∂w∂w' = X' diag(σ(Xw)σ(-Xw)) X",
             "sum(softplus(X@w))", {"X": M, "w": W}, "w",
             lambda X, w: X.T @ diag(sigmoid(X @ w) * sigmoid(-X @ w)) @ X, order=2),
    Identity("product of the entries", None, "∂Πx/∂x = Πx/x", "prod(x)", {"x": V}, "x", lambda x: x.prod() / x),
    Identity("Hessian of the product of the entries", None, "∂²Πx/∂x_i∂x_j = (1 - δ_ij) Πx/(x_i x_j)", "prod(x)",
             {"x": V}, "x", lambda x: x.prod() / outer(x, x) * (1 - eye(3)), order=2),
    Identity("sums of the first entries", None, "∂cumsum(x)_i/∂x_j = 1 for j <= i, else 0", "cumsum(x)", {"x": V}, "x",
             lambda x: np.tri(3)),
    Identity("squares of sums of the first entries", None, "∂|Tx|²/∂x = 2 T'Tx, T the lower triangle of ones",
             "sum(cumsum(x)**2)", {"x": V}, "x", lambda x: 2 * np.tri(3).T @ np.tri(3) @ x),
    Identity("largest entry", None, "∂max(x)/∂x = e_k, where x_k is the largest", "max(x)", {"x": V}, "x",
             lambda x: unit(3, x.argmax())),
    Identity("smallest entry", None, "∂min(x)/∂x = e_k, where x_k is the smallest", "min(x)", {"x": V}, "x",
             lambda x: unit(3, x.argmin())),
    Identity("largest entries of rows", None, "∂max(X_i)/∂X_kl = δ_ik for the largest entry of the row, else 0",
             "amax(X, dim=1)", {"X": N}, "X", lambda X: einsum("ik,kl->ikl", eye(2), eye(3)[X.argmax(1)])),
    Identity("largest of linear forms", None, "∂max(Ax)/∂x = A_k, where (Ax)_k is the largest", "max(A@x)",
             {"A": N, "x": V}, "x", lambda A, x: A[(A @ x).argmax()]),
)  # fmt: skip

ENTRY_BY_ENTRY = (
    Identity("squares", None, "∂(x∘x)/∂x = 2 diag(x)", "x*x", {"x": V}, "x", lambda x: 2 * diag(x)),
    Identity("hyperbolic tangent", None, "∂tanh(x)/∂x = diag(1 - tanh(x)²)", "tanh(x)", {"x": V}, "x",
             lambda x: diag(1 - np.tanh(x) ** 2)),
    Identity("layer, by its input", None, "∂tanh(Wx)/∂x = diag(1 - tanh(Wx)²) W", "tanh(W@x)", {"W": N, "x": V}, "x",
             lambda W, x: diag(1 - np.tanh(W @ x) ** 2) @ W),
    Identity("layer, by its weights", None, "∂tanh(Wx)_i/∂W_kl = δ_ik (1 - tanh(Wx)_i²) x_l", "tanh(W@x)",
             {"W": N, "x": V}, "W", lambda W, x: einsum("ik,l->ikl", diag(1 - np.tanh(W @ x) ** 2), x)),
    Identity("two layers", None, "∂(v'tanh(Wx + b))/∂W = (v∘(1 - tanh(Wx + b)²)) x'", "v@tanh(W@x + b)",
             {"v": W, "W": N, "x": V, "b": W}, "W", lambda v, W, x, b: outer(v * (1 - np.tanh(W @ x + b) ** 2), x)),
    Identity("two layers, by the offset", None, "∂(v'tanh(Wx + b))/∂b = v∘(1 - tanh(Wx + b)²)", "v@tanh(W@x + b)",
             {"v": W, "W": N, "x": V, "b": W}, "b", lambda v, W, x, b: v * (1 - np.tanh(W @ x + b) ** 2)),
    Identity("sines of linear forms", None, "∂Σ sin(Ax)/∂x = A' cos(Ax)", "sum(sin(A@x))", {"A": N, "x": V}, "x",
             lambda A, x: A.T @ np.cos(A @ x)),
    Identity("Hessian of sines of linear forms", None, "∂²Σ sin(Ax)/∂x∂x' = -A' diag(sin(Ax)) A", "sum(sin(A@x))",
             {"A": N, "x": V}, "x", lambda A, x: -A.T @ diag(np.sin(A @ x)) @ A, order=2),
    Identity("vector taken from every row", None, "∂Σ_ij (X_ij - x_j)²/∂x_j = -2 Σ_i (X_ij - x_j)", "sum((X - x)**2)",
             {"X": N, "x": V}, "x", lambda X, x: -2 * (X - x).sum(0)),
    Identity("rows times a vector", None, "∂(X_ij x_j)/∂x_k = δ_jk X_ij", "X*x", {"X": N, "x": V}, "x",
             lambda X, x: einsum("ij,jk->ijk", X, eye(3))),
)  # fmt: skip

PRODUCTS_AND_PARTS = (
    Identity("cross product", None, "∂(a×x)/∂x = [a]×", "cross(a, x)", {"a": V, "x": V}, "x", lambda a, x: skew(a)),
    Identity("triple product", None, "∂(a·(b×x))/∂x = a×b", "dot(a, cross(b, x))", {"a": V, "b": V, "x": V}, "x",
             lambda a, b, x: np.cross(a, b)),
    Identity("square of a cross product", None, "∂|a×x|²/∂x = 2 (|a|² x - (a'x) a)", "sum(cross(a, x)**2)",
             {"a": V, "x": V}, "x", lambda a, x: 2 * (a @ a * x - a @ x * a)),
    Identity("outer product", None, "∂(x_i y_j)/∂x_k = δ_ik y_j", "outer(x, y)", {"x": V, "y": W}, "x",
             lambda x, y: einsum("ik,j->ijk", eye(3), y)),
    Identity("form of an outer product", None, "∂(a'xx'b)/∂x = a(b'x) + b(a'x)", "a@outer(x, x)@b",
             {"a": V, "x": V, "b": V}, "x", lambda a, x, b: a * (b @ x) + b * (a @ x)),
    Identity("product of a vector with itself", None, "∂(x'x)/∂x = 2x", "dot(x, x)", {"x": V}, "x", lambda x: 2 * x),
    Identity("differences", None, "∂(Dx)/∂x = D, D_ij = δ_(i+1)j - δ_ij", "x[1:] - x[:-1]", {"x": (4,)}, "x",
             lambda x: differences(4)),
    Identity("squares of differences", None, "∂|Dx|²/∂x = 2D'Dx", "sum((x[1:] - x[:-1])**2)", {"x": (4,)}, "x",
             lambda x: 2 * differences(4).T @ differences(4) @ x),
    Identity("Hessian of squares of differences", None, "∂²|Dx|²/∂x∂x' = 2D'D", "sum((x[1:] - x[:-1])**2)", {"x": V},
             "x", lambda x: 2 * differences(3).T @ differences(3), order=2),
    Identity("every second entry", None, "∂Σ x_2k²/∂x_i = 2 x_i for even i, else 0", "sum(x[::2]**2)", {"x": (4,)}, "x",
             lambda x: 2 * x * [1, 0, 1, 0]),
    Identity("product of two entries", None, "∂(x_0 x_-1)/∂x = x_-1 e_0 + x_0 e_-1", "x[0]*x[-1]", {"x": V}, "x",
             lambda x: np.array([x[2], 0, x[0]])),
    Identity("column", None, "∂A_i0/∂A_kl = δ_ik δ_0l", "A[:, 0]", {"A": M}, "A",
             lambda A: einsum("ik,l->ikl", eye(3), unit(2, 0))),
    Identity("norm of a column", None, "∂|A_·0|/∂A = (A_·0/|A_·0|) e_0'", "norm(A[:, 0])", {"A": M}, "A",
             lambda A: outer(A[:, 0] / norm(A[:, 0]), unit(2, 0))),
    Identity("entry", None, "∂A_01²/∂A = 2 A_01 e_0 e_1'", "A[0, 1]**2", {"A": N}, "A",
             lambda A: 2 * A[0, 1] * outer(unit(2, 0), unit(3, 1))),
    Identity("reshaped vector", None, "∂x_(3i+j)/∂x_k = δ_(3i+j)k", "reshape(x, 2, 3)", {"x": (6,)}, "x",
             lambda x: eye(6).reshape(2, 3, 6)),
    Identity("form of a reshaped vector", None, "∂(a'Rb)/∂x = vec(ab') in rows, R of x's entries", "a@reshape(x, 2, 3)@b",
             {"a": W, "x": (6,), "b": V}, "x", lambda a, x, b: outer(a, b).reshape(6)),
    Identity("flattened matrix", None, "∂(vec(A)'v)/∂A = V, vec(V) = v in rows", "flatten(A)@v", {"A": N, "v": (6,)}, "A",
             lambda A, v: v.reshape(2, 3)),
    Identity("transpose", None, "∂A_ji/∂A_kl = δ_jk δ_il", "transpose(A)", {"A": N}, "A",
             lambda A: einsum("jk,il->ijkl", eye(2), eye(3))),
    Identity("skew part", None, "∂|A - A'|²/∂A = 4(A - A')", "sum((A - A.T)**2)", {"A": S}, "A", lambda A: 4 * (A - A.T)),
    Identity("form of a diagonal matrix", None, "∂(a'diag(x)b)/∂x = a∘b", "a@diag(x)@b", {"a": V, "x": V, "b": V}, "x",
             lambda a, x, b: a * b),
    Identity("diagonal matrix", None, "∂diag(x)_ij/∂x_k = δ_ij δ_ik", "diag(x)", {"x": W}, "x",
             lambda x: einsum("ij,ik->ijk", eye(2), eye(2))),
    Identity("squares of the diagonal", None, "∂Σ A_ii²/∂A = 2 A∘I", "sum(diag(A)**2)", {"A": S}, "A",
             lambda A: 2 * A * eye(3)),
    Identity("determinant of a diagonal matrix", None, "∂ln det(diag(x))/∂x = 1/x", "logdet(diag(x))", {"x": V}, "x",
             lambda x: 1 / x, make={"x": "positive"}),
    Identity("stacked vectors", None, "∂[x; x∘x]/∂x = [I; 2 diag(x)]", "stack([x, x**2])", {"x": V}, "x",
             lambda x: np.stack([eye(3), 2 * diag(x)])),
    Identity("stacked columns", None, "∂Σ[x, x∘x]a/∂x = a_0 + 2 a_1 x", "sum(stack([x, x**2], dim=1)@a)",
             {"x": V, "a": W}, "x", lambda x, a: a[0] + 2 * a[1] * x),
    Identity("joined vectors", None, "∂[x; Ax]/∂x = [I; A]", "cat([x, A@x])", {"x": V, "A": N}, "x",
             lambda x, A: np.vstack([eye(3), A])),
    Identity("norm of joined vectors", None, "∂|[x; y]|/∂x = x/|[x; y]|", "norm(cat([x, y]))", {"x": V, "y": W}, "x",
             lambda x, y: x / np.sqrt(x @ x + y @ y)),
)  # fmt: skip

REARRANGED = (
    Identity("entries by places", None, "∂Σ_p x_i(p)²/∂x_j = 2 x_j #{p: i(p) = j}", "sum(x[[0, 2, 2]]**2)", {"x": V}, "x",
             lambda x: 2 * x * np.array([1, 0, 2])),
    Identity("entries of a matrix by places", None, "∂Σ_p A_i(p)j(p)/∂A = Σ_p e_i(p) e_j(p)'", "sum(A[[0, 1], [2, 0]])",
             {"A": N}, "A", lambda A: outer(unit(2, 0), unit(3, 2)) + outer(unit(2, 1), unit(3, 0))),
    Identity("columns by places", None, "∂|A P|²/∂A = 2 A P P', P of some unit vectors", "sum(A[:, [1, 1]]**2)", {"A": N},
             "A", lambda A: 2 * A @ diag(2 * unit(3, 1))),
    Identity("reversed vector", None, "∂x'Jx/∂x = 2 J x, J the exchange matrix", "x@x[::-1]", {"x": V}, "x",
             lambda x: 2 * x[::-1]),
    Identity("exchange matrix", None, "∂(Jx)/∂x = J", "flip(x)", {"x": V}, "x", lambda x: eye(3)[::-1]),
    Identity("persymmetric form", None, "∂Tr(JA)/∂A = J", "trace(flipud(A))", {"A": S}, "A", lambda A: eye(3)[::-1]),
    Identity("autocorrelation", None, "∂x'Cx/∂x = (C + C')x, C the cyclic shift", "x@roll(x, 1)", {"x": V}, "x",
             lambda x: np.roll(x, 1) + np.roll(x, -1)),
    Identity("turned matrix", None, "∂Σ B∘R(A)/∂A = R^-1(B), R a right angle", "sum(B*rot90(A))", {"A": N, "B": M}, "A",
             lambda A, B: np.rot90(B, -1)),
    Identity("lower triangle", None, "∂|L(A)|²/∂A = 2 L(A)", "sum(tril(A)**2)", {"A": S}, "A", lambda A: 2 * np.tril(A)),
    Identity("strict upper triangle of a product", None, "∂Tr(B'U(A))/∂A = U(B)", "sum(B*triu(A, 1))", {"A": S, "B": S}, "A",
             lambda A, B: np.triu(B, 1)),
    Identity("triangular factor", None, "∂Tr(L(A)L(A)')/∂A = 2 L(A)", "trace(tril(A)@tril(A).T)", {"A": S}, "A",
             lambda A: 2 * np.tril(A)),
    Identity("total variation of squares", None, "∂|Dx|²/∂x = 2 D'Dx, D the differences", "sum(torch.diff(x)**2)", {"x": V},
             "x", lambda x: 2 * np.diff(eye(3), axis=0).T @ np.diff(x)),
    Identity("second differences", None, "∂(D²x)/∂x = D²", "torch.diff(x, n=2)", {"x": V}, "x",
             lambda x: np.diff(eye(3), n=2, axis=0)),
    Identity("differences between all entries", None, "∂Σ_ij (x_i - x_j)²/∂x = 4 (n x - 1 1'x)",
             "sum((x[:, None] - x[None])**2)", {"x": V}, "x", lambda x: 4 * (3 * x - x.sum())),
    Identity("repeated rows", None, "∂Σ B∘(1 x')/∂x = B'1", "sum(B*broadcast_to(x, [2, 3]))", {"x": V, "B": N}, "x",
             lambda x, B: B.sum(0)),
    Identity("tiled vector", None, "∂ a'[x; x]/∂x = the halves of a added", "a@tile(x, 2)", {"x": W, "a": (4,)}, "x",
             lambda x, a: a[:2] + a[2:]),
    Identity("entries repeated one by one", None, "∂ a'(x ⊗ 1)/∂x_i = a_2i + a_2i+1", "a@repeat_interleave(x, 2)",
             {"x": W, "a": (4,)}, "x", lambda x, a: a.reshape(2, 2).sum(1)),
    Identity("zeros around", None, "∂|Px - a|²/∂x = 2 (x - P'a)", "sum((pad(x, [1, 1]) - a)**2)", {"x": W, "a": (4,)}, "x",
             lambda x, a: 2 * (x - a[1:3])),
    Identity("mirrored edges", None, "∂ a'[x_1, x_0, x_1]/∂x = [a_1, a_0 + a_2]", "a@pad(x, [1, 0], mode='reflect')",
             {"x": W, "a": V}, "x", lambda x, a: np.array([a[1], a[0] + a[2]])),
    Identity("moving sums", None, "∂|Wx|²/∂x = 2 W'Wx", "sum(sum(unfold(x, 0, 2, 1), 1)**2)", {"x": V}, "x",
             lambda x: 2 * np.array([x[0] + x[1], x[0] + 2 * x[1] + x[2], x[1] + x[2]])),
    Identity("one of each row", None, "∂Σ_i A_i,k(i)²/∂A = 2 A∘K, K one 1 in each row", "sum(gather(A, 1, [[2], [0]])**2)",
             {"A": N}, "A", lambda A: 2 * A * np.array([[0, 0, 1], [1, 0, 0]])),
    Identity("added at places", None, "∂|x + Σ_p e_i(p) y_p|²/∂y_p = 2 (...)_i(p)", "sum(index_add(x, 0, [2, 2], y)**2)",
             {"x": V, "y": W}, "y", lambda x, y: 2 * (x[2] + y.sum()) * np.ones(2)),
    Identity("put at places", None, "∂Σ a∘(x with y at i)/∂x = a, 0 at i", "a@index_copy(x, 0, [1], y)",
             {"x": V, "y": (1,), "a": V}, "x", lambda x, y, a: a * np.array([1, 0, 1])),
    Identity("permuted dimensions", None, "∂Σ_ij B_ij A_ji/∂A = B'", "sum(B*permute(A, 1, 0))", {"A": N, "B": M}, "A",
             lambda A, B: B.T),
    Identity("sum of what is positive", None, "∂Σ_{x_i > 0} x_i/∂x = [x > 0]", "sum(x[x > 0])", {"x": V}, "x",
             lambda x: (x > 0).astype(float)),
    Identity("mean of what a condition chooses", None, "∂ mean{x_i: y_i > 0}/∂x = [y > 0]/#{y > 0}", "mean(x[y > 0])",
             {"x": V, "y": V}, "x", lambda x, y: (y > 0) / (y > 0).sum(), make={"y": "positive"}),
)  # fmt: skip

LOSSES_AND_LAYERS = (
    Identity("logits", None, "∂BCE(σ(x), t)/∂x = (σ(x) - t)/n", "F.binary_cross_entropy_with_logits(x, t)",
             {"x": V, "t": V}, "x", lambda x, t: (1 / (1 + np.exp(-x)) - t) / 3, make={"t": "positive"}),
    Identity("linear layer", None, "∂(a'(Wx + b))/∂W = a x'", "a@F.linear(x, W, b)",
             {"a": W, "x": V, "W": N, "b": W}, "W", lambda a, x, W, b: outer(a, x)),
    Identity("cosine", None, "∂cos(x, y)/∂x = (y - (x'y) x/|x|²)/(|x||y|)", "F.cosine_similarity(x, y, dim=0)",
             {"x": V, "y": V}, "x", lambda x, y: (y - (x @ y) * x / (x @ x)) / (norm(x) * norm(y))),
    Identity("normalized vector", None, "∂(x/|x|)/∂x = (I - xx'/|x|²)/|x|", "F.normalize(x, dim=0)", {"x": V}, "x",
             lambda x: (eye(3) - outer(x, x) / (x @ x)) / norm(x)),
    Identity("Poisson", None, "∂Σ(exp(x) - t∘x)/∂x = exp(x) - t", "F.poisson_nll_loss(x, t, reduction='sum')",
             {"x": V, "t": V}, "x", lambda x, t: np.exp(x) - t),
    Identity("divergence", None, "∂Σ t∘(ln t - x)/∂t = ln t + 1 - x", "F.kl_div(x, t, reduction='sum')",
             {"x": V, "t": V}, "t", lambda x, t: np.log(t) + 1 - x, make={"t": "positive"}),
)  # fmt: skip

IDENTITIES = (
    *ALONG_A_LINE,
    *DETERMINANTS,
    *INVERSES,
    *LINEAR_FORMS,
    *QUADRATIC_FORMS,
    *TRACES,
    *NORMS,
    *EXPONENTIALS,
    *STATISTICS,
    *ENTRY_BY_ENTRY,
    *PRODUCTS_AND_PARTS,
    *LOSSES_AND_LAYERS,
    *REARRANGED,
)
