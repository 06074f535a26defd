"""Identities of products over several dimensions, of windows and of order: programs, and their derivatives in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.tensors.identity import Identity

einsum, eye = np.einsum, np.eye
V, W, N, S = (3,), (2,), (2, 3), (3, 3)
BATCH, OTHER = (2, 2, 3), (2, 3, 2)


def windows(x: Any, size: int, step: int = 1) -> Any:
    """Rows of so many entries, the step apart."""
    return np.stack([x[i : i + size] for i in range(0, len(x) - size + 1, step)])


def places(count: int, size: int, step: int = 1) -> Any:
    """Which entry of a vector each entry of its windows is: by windows, entries of a window, entries."""
    return np.stack([eye(count)[i : i + size] for i in range(0, count - size + 1, step)])


def ranks(x: Any) -> Any:
    """The matrix that puts a vector in ascending order."""
    return eye(len(x))[np.argsort(x)]


ARRAYS = (
    Identity("einsum of a bilinear form", 70, "∂x'Ay/∂A = xy'", "einsum('i,ij,j->', x, A, y)",
             {"x": W, "A": N, "y": V}, "A", lambda x, A, y: np.outer(x, y)),
    Identity("einsum of a quadratic form", 81, "∂x'Ax/∂x = (A + A')x", "einsum('i,ij,j->', x, A, x)",
             {"x": V, "A": S}, "x", lambda x, A: (A + A.T) @ x),
    Identity("einsum of a product", None, "∂(AB)_ij/∂A_kl = δ_ik B_lj", "einsum('ik,kj->ij', A, B)",
             {"A": N, "B": S}, "A", lambda A, B: einsum("ik,lj->ijkl", eye(2), B)),
    Identity("einsum of a trace", None, "∂tr(A)/∂A = I", "einsum('ii', A)", {"A": S}, "A", lambda A: eye(3)),
    Identity("einsum of a diagonal", None, "∂A_ii/∂A_jk = δ_ij δ_ik", "einsum('ii->i', A)", {"A": S}, "A",
             lambda A: einsum("ij,ik->ijk", eye(3), eye(3))),
    Identity("einsum of rows' products", None, "∂Σ_j A_ij B_ij/∂A_kl = δ_ik B_kl", "einsum('ij,ij->i', A, B)",
             {"A": N, "B": N}, "A", lambda A, B: einsum("ik,kl->ikl", eye(2), B)),
    Identity("einsum of three matrices", None, "∂tr(ABC)/∂B = A'C'", "einsum('ij,jk,ki->', A, B, C)",
             {"A": N, "B": S, "C": (3, 2)}, "B", lambda A, B, C: A.T @ C.T),
    Identity("sums of squares of stacks", None, "∂|AB|²/∂A_b = 2 A_b B_b B_b'", "sum((A@B)**2)",
             {"A": BATCH, "B": OTHER}, "A", lambda A, B: 2 * A @ B @ B.swapaxes(1, 2)),
    Identity("one matrix for a stack", None, "∂Σ(A_b B)/∂B = Σ_b A_b' 1", "sum(A@B)", {"A": BATCH, "B": (3, 2)}, "B",
             lambda A, B: einsum("bij->j", A)[:, None] * np.ones(2)),
    Identity("products of stacks", None, "∂Σ C∘(A_b B_b)/∂B_b = A_b'C_b", "sum(bmm(A, B)*C)",
             {"A": BATCH, "B": OTHER, "C": (2, 2, 2)}, "B", lambda A, B, C: A.swapaxes(1, 2) @ C),
    Identity("tensordot of all", None, "∂A:B/∂A = B", "tensordot(A, B)", {"A": N, "B": N}, "A", lambda A, B: B),
    Identity("inner products of rows", None, "∂Σ|AB'|²/∂A = 2 AB'B", "sum(inner(A, B)**2)", {"A": N, "B": S}, "A",
             lambda A, B: 2 * A @ B.T @ B),
    Identity("Kronecker's product", None, "∂|A⊗B|²/∂A = 2 A |B|²", "sum(kron(A, B)**2)", {"A": N, "B": N}, "A",
             lambda A, B: 2 * A * (B**2).sum()),
    Identity("determinant of Kronecker's product", None, "∂ln det(A⊗I)/∂A = 2 inv(A)'", "logdet(kron(A, eye(2)))",
             {"A": W * 2}, "A", lambda A: 2 * np.linalg.inv(A).T, make={"A": "spd"}),
    Identity("distances", None, "∂Σ|x_i - y_j|/∂x_i = Σ_j (x_i - y_j)/|x_i - y_j|", "sum(cdist(x, y))",
             {"x": N, "y": S}, "x",
             lambda x, y: ((d := x[:, None] - y) / np.linalg.norm(d, axis=2, keepdims=True)).sum(1)),
    Identity("least squares with a bias", None, "∂|b + Ax|²/∂A = 2 (b + Ax)x'", "sum(addmv(b, A, x)**2)",
             {"b": W, "A": N, "x": V}, "A", lambda b, A, x: 2 * np.outer(b + A @ x, x)),
    Identity("convolution by its kernel", None, "∂Σ_i c_i (x*w)_i/∂w_k = Σ_i c_i x_{i+k}",
             "sum(c*conv1d(reshape(x, 1, 5), reshape(w, 1, 1, 2)))", {"c": (4,), "x": (5,), "w": W}, "w",
             lambda c, x, w: c @ windows(x, 2)),
    Identity("convolution by its argument", None, "∂|x*w|²/∂x_p = 2 Σ_i (x*w)_i w_{p-i}",
             "sum(conv1d(reshape(x, 1, 5), reshape(w, 1, 1, 2))**2)", {"x": (5,), "w": W}, "x",
             lambda x, w: 2 * einsum("i,k,ikp->p", windows(x, 2) @ w, w, places(5, 2))),
    Identity("convolution with a stride", None, "∂|(x*w)_{2i}|²/∂w_k = 2 Σ_i (x*w)_{2i} x_{2i+k}",
             "sum(conv1d(reshape(x, 1, 6), reshape(w, 1, 1, 2), stride=2)**2)", {"x": (6,), "w": W}, "w",
             lambda x, w: 2 * (windows(x, 2, 2) @ w) @ windows(x, 2, 2)),
    Identity("transposed convolution is the adjoint", None, "∂Σ c∘conv'(x)/∂x = conv(c)",
             "sum(c*conv_transpose1d(reshape(x, 1, 3), reshape(w, 1, 1, 2), stride=2))",
             {"c": (6,), "x": V, "w": W}, "x", lambda c, x, w: windows(c, 2, 2) @ w),
    Identity("means of windows", None, "∂Σ c_i mean_i/∂x_p = Σ_i c_i/2 over the windows of p",
             "sum(c*avg_pool1d(reshape(x, 1, 5), 2, 1))", {"c": (4,), "x": (5,)}, "x",
             lambda c, x: einsum("i,ikp->p", c, places(5, 2)) / 2),
    Identity("largest entries of windows", None, "∂Σ c_i max_i/∂x_p = Σ c_i where x_p is it",
             "sum(c*max_pool1d(reshape(x, 1, 6), 2))", {"c": V, "x": (6,)}, "x",
             lambda c, x: einsum("i,ip->p", c, places(6, 2, 2)[np.arange(3), windows(x, 2, 2).argmax(1)])),
    Identity("products of the first entries", None, "∂Π_{j<=i} x_j/∂x_k = Π_{j<=i, j≠k} x_j", "cumprod(x)", {"x": V},
             "x", lambda x: np.tril(np.cumprod(x)[:, None] / x)),
    Identity("logarithms of running sums", None, "∂ln Σ_{j<=i} e^x_j/∂x_k = e^x_k/Σ_{j<=i} e^x_j", "logcumsumexp(x)",
             {"x": V}, "x", lambda x: np.tril(np.exp(x) / np.cumsum(np.exp(x))[:, None])),
    Identity("order", None, "∂sort(x)/∂x is the permutation", "sort(x)", {"x": (4,)}, "x", ranks),
    Identity("weights by order", None, "∂Σ c_i sort(x)_i/∂x = P'c", "sum(c*sort(x))", {"c": V, "x": V}, "x",
             lambda c, x: ranks(x).T @ c),
    Identity("the largest ones", None, "∂Σ topk(x, 2)²/∂x = 2x for the two largest", "sum(topk(x, 2)**2)",
             {"x": (4,)}, "x", lambda x: 2 * x * ranks(x)[-2:].sum(0)),
    Identity("a quartile", None, "∂Q(x, 1/4)/∂x = (e_0 + 3 e_1)/4 in order, of four entries", "quantile(x, 0.25)",
             {"x": (4,)}, "x", lambda x: ranks(x)[0] / 4 + 3 * ranks(x)[1] / 4),
    Identity("the median of an even count", None, "∂(x_1 + x_2)/2 in order, of four entries", "np.median(x)",
             {"x": (4,)}, "x", lambda x: (ranks(x)[1] + ranks(x)[2]) / 2),
)  # fmt: skip
