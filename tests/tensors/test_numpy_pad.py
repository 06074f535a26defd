"""`np.pad` in its own spelling, against NumPy: the value, and the derivative by where each entry comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.errors import GradcliError

VECTOR = np.array([1.5, -2.0, 3.0])
MATRIX = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
CASES: list[tuple[str, Any, Any, dict[str, Any]]] = [
    ("np.pad(x, 1)", VECTOR, 1, {}),
    ("np.pad(x, (1, 2))", VECTOR, (1, 2), {}),
    ("np.pad(x, (2,))", VECTOR, (2,), {}),
    ("np.pad(x, [0, 2], 'edge')", VECTOR, (0, 2), {"mode": "edge"}),
    ("np.pad(x, ((2, 1),), mode='wrap')", VECTOR, ((2, 1),), {"mode": "wrap"}),
    ("np.pad(x, pad_width=2, mode='reflect')", VECTOR, 2, {"mode": "reflect"}),
    ("np.pad(x, 1)", MATRIX, 1, {}),
    ("np.pad(x, (1, 0), mode='edge')", MATRIX, (1, 0), {"mode": "edge"}),
    ("np.pad(x, ((1, 1), (0, 2)), mode='edge')", MATRIX, ((1, 1), (0, 2)), {"mode": "edge"}),
    ("np.pad(x, [[1, 0], [2, 1]], mode='reflect')", MATRIX, ((1, 0), (2, 1)), {"mode": "reflect"}),
    ("np.pad(x, ((0, 1), (1, 1)), 'wrap')", MATRIX, ((0, 1), (1, 1)), {"mode": "wrap"}),
    ("np.pad(x, ((1, 2), (0, 1)), constant_values=3)", MATRIX, ((1, 2), (0, 1)), {"constant_values": 3}),
]


@pytest.mark.parametrize(("program", "x", "width", "options"), CASES, ids=[f"{one[0]} {one[1].ndim}" for one in CASES])
def test_as_numpy_has_it(program: str, x: Any, width: Any, options: dict[str, Any]) -> None:
    expected = np.pad(x, width, **options)
    weights = np.arange(2.0, 2.0 + expected.size).reshape(expected.shape)
    result = gradcli.differentiate(f"sum({program}*{weights.tolist()})", at={"x": x.tolist()})
    assert result.value == pytest.approx((expected * weights).sum(), rel=1e-14)
    places = np.pad(np.arange(x.size).reshape(x.shape), width, **{**options, **_outside(options)})
    truth = [weights[places == i].sum() for i in range(x.size)]
    np.testing.assert_allclose(np.array(result.partials[0].autograd).ravel(), truth, rtol=1e-13)
    assert result.verdict is gradcli.Verdict.AGREE


def _outside(options: dict[str, Any]) -> dict[str, Any]:
    """What stands for no place."""
    return {"constant_values": -1} if options.get("mode", "constant") == "constant" else {}


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("sum(np.pad(x, (1, 2, 3)))", "a pair for each dimension"),
        ("sum(np.pad(x, ((1, 1), (1, 1))))", "a pair for each dimension"),
        ("sum(np.pad(x, -1))", "a pair for each dimension"),
        ("sum(np.pad(x, 3, mode='reflect'))", "of 3 entries from 0 to 2 are added at an end"),
        ("sum(np.pad(x, 1, mode='symmetric'))", "no such word"),
        ("sum(x*((1, 2), 3))", "has no meaning inside these brackets"),
    ],
)
def test_refusals(program: str, said: str) -> None:
    with pytest.raises(GradcliError) as caught:
        gradcli.differentiate(program, at={"x": VECTOR.tolist()})
    assert said in str(caught.value)
