"""Functions of matrices on stacks of matrices: values and gradients are those of torch's batched functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import gradcli

A = torch.tensor([[[4.0, 1.0], [1.0, 3.0]], [[2.0, 0.5], [0.5, 1.5]], [[5.0, -1.0], [-1.0, 2.0]]], dtype=torch.float64)
ROWS = torch.tensor([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]], dtype=torch.float64)
COLUMNS = torch.arange(12.0, dtype=torch.float64).reshape(3, 2, 2)
W = torch.arange(1.0, 13.0, dtype=torch.float64).reshape(3, 2, 2) / 7
linalg = torch.linalg

CASES: list[tuple[str, Callable[..., Any], list[Any]]] = [
    ("sum(inv(A)*W)", lambda a: (linalg.inv(a) * W).sum(), [A]),
    ("sum(det(A)**2)", lambda a: (linalg.det(a) ** 2).sum(), [A]),
    ("sum(logdet(A))", lambda a: torch.logdet(a).sum(), [A]),
    ("s, l = slogdet(A); sum(l*s)", lambda a: (linalg.slogdet(a)[0] * linalg.slogdet(a)[1]).sum(), [A]),
    ("sum(matrix_exp(A/3)*W)", lambda a: (linalg.matrix_exp(a / 3) * W).sum(), [A]),
    ("sum(matrix_power(A, 3)*W)", lambda a: (linalg.matrix_power(a, 3) * W).sum(), [A]),
    ("sum(cholesky(A)*W)", lambda a: (linalg.cholesky((a + a.mT) / 2) * W).sum(), [A]),
    ("sum(cholesky(A, upper=True)*W)", lambda a: (linalg.cholesky((a + a.mT) / 2, upper=True) * W).sum(), [A]),
    ("sum(torch.flatten(A, 1)**3)", lambda a: (torch.flatten(a, 1) ** 3).sum(), [A]),
    ("sum(torch.linalg.eigvalsh(A, UPLO='U')**2)",
     lambda a: (linalg.eigvalsh((a + a.mT) / 2) ** 2).sum(), [A]),
    ("sum(eigvalsh(A)**3)", lambda a: (linalg.eigvalsh((a + a.mT) / 2) ** 3).sum(), [A]),
    ("w, V = eigh(A); sum(V**3) + sum(w)", lambda a: (linalg.eigh((a + a.mT) / 2)[1] ** 3).sum() + linalg.eigh((a + a.mT) / 2)[0].sum(), [A]),
    ("Q, R = qr(A); sum(Q*W) + sum(R)", lambda a: (linalg.qr(a)[0] * W).sum() + linalg.qr(a)[1].sum(), [A]),
    ("U, S, Vh = svd(A); sum(S**3) + sum(U**2*W)", lambda a: (linalg.svd(a)[1] ** 3).sum() + (linalg.svd(a)[0] ** 2 * W).sum(), [A]),
    ("sum(svdvals(A)*[1, 3])", lambda a: (linalg.svdvals(a) * torch.tensor([1.0, 3.0])).sum(), [A]),
    ("sum(pinv(A)*W)", lambda a: (linalg.pinv(a) * W).sum(), [A]),
    ("sum(solve(A, B)*W)", lambda a, b: (linalg.solve(a, b) * W).sum(), [A, COLUMNS]),
    ("sum(torch.linalg.solve(A, B)**2)", lambda a, b: (linalg.solve(a, b) ** 2).sum(), [A, ROWS]),
    ("sum(solve(A, B)**2)", lambda a, b: (linalg.solve(a, b) ** 2).sum(), [A[0], COLUMNS]),
    ("sum(solve_triangular(A, B, upper=True)*W)",
     lambda a, b: (linalg.solve_triangular(a.triu(), b, upper=True) * W).sum(), [A, COLUMNS]),
    ("sum(inv(A))", lambda a: linalg.inv(a).sum(), [A[:2].reshape(1, 2, 2, 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("program", "truth", "values"), CASES, ids=[one[0] for one in CASES])
def test_a_stack_is_taken_matrix_by_matrix(program: str, truth: Callable[..., Any], values: list[Any]) -> None:
    leaves = [one.clone().requires_grad_() for one in values]
    value = truth(*leaves)
    value.backward()
    at = {name: one.tolist() for name, one in zip("AB", values)}
    more = {"W": W.tolist()} if "W" in program else {}
    found = gradcli.differentiate(program, at | more, wrt=list(at))
    assert found.value == pytest.approx(float(value.detach()), rel=1e-12)
    for partial, leaf in zip(found.partials, leaves):
        assert partial.verdict is not None and partial.verdict.value == "agree"
        own = torch.tensor(partial.autograd, dtype=torch.float64)
        assert torch.allclose(own, leaf.grad, rtol=1e-9, atol=1e-11)


def test_a_stack_is_refused_where_it_is_none_or_means_two_things() -> None:
    with pytest.raises(gradcli.GradcliError, match="a square matrix is expected"):
        gradcli.differentiate("sum(inv(A))", shape={"A": (3, 2, 4)})
    with pytest.raises(gradcli.GradcliError, match="columns of a matrix in NumPy"):
        gradcli.differentiate("sum(np.linalg.solve(A, b))", shape={"A": (2, 2, 2), "b": (2, 2)})
    with pytest.raises(gradcli.GradcliError, match="matrices, and 200 is the limit"):
        gradcli.differentiate("sum(inv(A))", shape={"A": (201, 2, 2)})
