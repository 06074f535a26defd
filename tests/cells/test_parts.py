"""Parts of different sizes, grids and the words of factorizations, as torch and NumPy have them, in cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli

X = "import torch, numpy as np\nx = torch.arange(1., 6., requires_grad=True)\n"
A = "import torch\nA = torch.tensor([[4., 2.], [2., 3.]], dtype=torch.float64, requires_grad=True)\n"


@pytest.mark.parametrize(
    ("cell", "true"),
    [
        (X + "a, b = x.chunk(2)\n(a.sum()*b.sum()).backward()", [9.0, 9, 9, 6, 6]),  # 3 and 2 of [1, 2, 3, 4, 5]
        (X + "a, b, c = torch.split(x, [1, 1, 3])\n(a.sum()*b.sum()*c.sum()).backward()", [24.0, 12, 2, 2, 2]),
        (X + "a, b, c = x.split(2)\n(a.sum()*c.sum() + b.sum()).backward()", [5.0, 5, 1, 1, 3]),
        (X + "a, b = torch.tensor_split(x, [2])\n(a.sum()*b.sum()).backward()", [12.0, 12, 3, 3, 3]),
        (X + "X, Y = torch.meshgrid(x, x[:2], indexing='ij')\n(X*Y**2).sum().backward()", [35.0, 65, 5, 5, 5]),
        (A + "w, V = torch.linalg.eigh(A, UPLO='U')\nw.sum().backward()", [[1.0, 0], [0, 1]]),
        (A + "L = torch.linalg.cholesky(A, upper=True)\nL[0, 1].backward()", [[-0.125, 0.25], [0.25, 0]]),
        (A + "Q, R = torch.linalg.qr(A, mode='reduced')\n(R[0, 0]**2).backward()", [[8.0, 0], [4, 0]]),
    ],
)
def test_derivatives_are_those_of_the_parts(cell: str, true: Any) -> None:
    result = gradcli.differentiate(cell)
    assert result.verdict is not None and result.verdict.value == "agree"
    (found,) = result.to_dict()["partials"]
    assert np.asarray(found["autograd"]) == pytest.approx(np.asarray(true, dtype=float), abs=1e-6)
