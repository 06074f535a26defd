"""The structure of Jacobians is found where the operations prove it, and there every other derivative is 0."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from tests.doors import DIAGONAL, ONE_HOT, prepare, structure_of

X, W = [0.5, -1.0, 2.0, 3.0], [1.5, 2.5, -0.5, 1.0]
A = [[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]]

PROVEN = (
    ("x*x", {"x": X}, DIAGONAL),
    ("relu(x)*2 + exp(-x)", {"x": X}, DIAGONAL),
    ("where(x > 1, x, sin(x))", {"x": X}, DIAGONAL),
    ("f(i) = i**2; f(x)*w", {"x": X, "w": W}, DIAGONAL),
    ("A**3/2", {"A": A}, DIAGONAL),
    ("tril(A)", {"A": A}, DIAGONAL),
    ("A.T*2", {"A": A}, ONE_HOT),
    ("flip(x, [0])", {"x": X}, ONE_HOT),
    ("x[::2]*3", {"x": X}, ONE_HOT),
    ("cat([x, 2*w])", {"x": X, "w": W}, ONE_HOT),
    ("sum(A, 1)", {"A": A}, ONE_HOT),
    ("A@[1, 2]", {"A": A}, ONE_HOT),
    ("amax(A, 1)", {"A": A}, ONE_HOT),
    ("reshape(A, 6)", {"A": A}, ONE_HOT),
)
NOT_PROVEN = (
    ("x*x[0]", {"x": X}),
    ("x - mean(x)", {"x": X}),
    ("softmax(x, 0)", {"x": X}),
    ("cumsum(x, 0)", {"x": X}),
    ("x + flip(x, [0])", {"x": X}),
    ("where(x[0] > 1, x, 2*x)", {"x": X}),  # a jump in all outputs
    ("x*(x[0] - x[0]) + x", {"x": X}),  # zeros that are numbers
    ("sum(x*x)", {"x": X}),
    ("x*3", {"x": 2.0}),
    ("diff(sum(x**3), x)", {"x": X}),
    ("sort(x)", {"x": X}),
)


@pytest.mark.parametrize(("program", "at", "kind"), PROVEN)
def test_beside_a_structure_every_derivative_is_0(program: str, at: dict[str, object], kind: str) -> None:
    job = prepare(program, at)
    for position, name in enumerate(at):
        found = structure_of(job.written, job.written.find(name) or 0)
        assert found is not None and found.kind == kind
        partial = gradcli.differentiate(program, at).partials[position]
        jacobian = np.asarray(partial.autograd)
        assert partial.structure == kind
        assert np.array_equal(
            np.asarray(partial.nonzero).reshape(-1)[found.reached], jacobian.reshape(-1)[found.places]
        )
        assert np.count_nonzero(np.delete(jacobian.reshape(-1), found.places)) == 0


def test_a_derivative_by_hand_may_take_from_anywhere() -> None:
    at = {"x": X}
    job = prepare("f(i) = i*i; f'(i, g) = sum(g)*2*i; f(x)", at)
    assert structure_of(job.typed, 0) is None
    (partial,) = gradcli.differentiate("f(i) = i*i; f'(i, g) = sum(g)*2*i; f(x)", at).partials
    assert partial.structure is None and np.count_nonzero(np.asarray(partial.autograd)) == 16


@pytest.mark.parametrize(("program", "at"), NOT_PROVEN)
def test_zeros_that_are_numbers_are_no_structure(program: str, at: dict[str, object]) -> None:
    job = prepare(program, at)
    assert all(structure_of(job.written, job.written.find(name) or 0) is None for name in at)
    assert all(partial.structure is None for partial in gradcli.differentiate(program, at).partials)
