"""The callables of the corpus: as right as they are said to be by difference quotients, and by `assert_gradient`."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

from gradcli.testing import assert_gradient
from tests.corpus.callables import CASES, CallableCase

STEP = 1e-5
CLOSE = 1e-7  # of quotients of values of size 1 in float64


def _gradients(case: CallableCase) -> tuple[list[float], list[float]]:
    """What is claimed, and difference quotients, entry by entry."""
    if case.gradient is not None:
        names = list(case.at)
        said = case.gradient(**case.at)
        numbers = said.values() if isinstance(said, dict) else np.atleast_1d(said)
        claimed = [float(one) for one in numbers]
        quotients = []
        for name in names:
            ends = [case.function(**{**case.at, name: case.at[name] + step}) for step in (STEP, -STEP)]
            quotients.append(float(ends[0] - ends[1]) / (2 * STEP))
        return claimed, quotients
    function = case.function.apply if isinstance(case.function, type) else case.function
    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in case.at.values()]
    weights = 1.5  # an incoming gradient that is not 1
    (weights * function(*tensors)).sum().backward()
    claimed, quotients = [], []
    for tensor in tensors:
        grad = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
        claimed += grad.reshape(-1).tolist()
        for place in range(tensor.numel()):
            ends = []
            for step in (STEP, -STEP):
                moved = tensor.detach().clone()
                moved.view(-1)[place] += step
                inputs = [moved if one is tensor else one.detach() for one in tensors]
                ends.append(float((weights * function(*inputs)).sum()))
            quotients.append((ends[0] - ends[1]) / (2 * STEP))
    return claimed, quotients


SOME = 5  # one of so many is checked here, all of them where GRADCLI_LONG is set: each takes a second
CHECKED = CASES if os.environ.get("GRADCLI_LONG") else CASES[::SOME]


def _named(case: CallableCase) -> str:
    return f"{case.kind}-{CASES.index(case)}"


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_callable_is_as_right_as_quotients_show(case: CallableCase) -> None:
    claimed, quotients = _gradients(case)
    assert all(abs(a - b) < CLOSE for a, b in zip(claimed, quotients)) == case.is_right


@pytest.mark.parametrize("case", CHECKED, ids=_named)
def test_a_callable_is_judged(case: CallableCase) -> None:
    if case.is_right:
        assert_gradient(case.function, case.gradient, at=case.at)
    else:
        with pytest.raises(AssertionError):
            assert_gradient(case.function, case.gradient, at=case.at)
