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
