"""Torch's functions on numbers at high precision: the same values and the same gradients as torch's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from tests.doors import CALLABLE_HANDLERS as HANDLERS
from tests.doors import CallableInputs as Inputs
from tests.doors import Deadline, Looker, WeighedJudgement, table
from tests.doors import callable_target as target_of

A = torch.tensor([[1.5, -0.25], [0.75, 2.0]], dtype=torch.float64)
V = torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64)
X = torch.tensor(0.7, dtype=torch.float64)
SLOW = {"zeta", "polygamma"}


def look(function: Callable[..., Any], *values: torch.Tensor) -> Any:
    names = ("x", "y", "z")[: len(values)]
    target = target_of("f", function)
    inputs = Inputs(dict(zip([one.name for one in target.parameters] or names, values)))
    looker = Looker(target, 0, Deadline(20))
    return looker, looker.look(inputs)


def right(function: Callable[..., Any], *values: torch.Tensor) -> None:
    looker, place = look(function, *values)
    assert looker.why_double is None and looker.why_claims is None, looker.why_double or looker.why_claims
    assert {one.judgement for one in place.entries} == {WeighedJudgement.RIGHT}


ROWS = [
    row
    for row in table.ROWS
    if row.shape is None
    and not row.statics
    and not row.gives_truth
    and isinstance(row.torch, str)
    and len(row.parameters) == 1
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_of_one_argument(row: Any) -> None:
    low, high = next(iter(row.samples.values()), (0.15, 0.85)) if row.samples else (0.15, 0.85)
    start = 1.3 if row.name in ("acosh", "lgamma") else low + 0.37 * (high - low)
    function: Any = torch
    for part in row.torch.split("."):
        function = getattr(function, part)
    looker, place = look(lambda x: function(x), torch.tensor(float(start), dtype=torch.float64))
    assert looker.why_double is None, looker.why_double
    assert {one.judgement for one in place.entries} <= {WeighedJudgement.RIGHT}


ARRANGED: dict[str, Callable[..., Any]] = {
    "sum": lambda x: (x**2).sum(0),
    "mean": lambda x: x.exp().mean(dim=1, keepdim=True),
    "prod": lambda x: x.prod(),
    "var": lambda x: x.var(unbiased=False) + x.std(dim=0).sum(),
    "norm": lambda x: x.norm() + torch.linalg.vector_norm(x, 3) + x.norm(p=1),
    "logsumexp": lambda x: torch.logsumexp(x, dim=1),
    "softmax": lambda x: x.softmax(-1)[:, 0],
    "log_softmax": lambda x: F.log_softmax(x, dim=0),
    "amax": lambda x: x.amax(1) + x.max() - x.min(dim=0).values,
    "sort": lambda x: x.flatten().sort().values * torch.arange(4),
    "cumsum": lambda x: x.cumsum(0).prod(),
    "matmul": lambda x: x @ x.T @ torch.ones(2, dtype=torch.float64),
    "einsum": lambda x: torch.einsum("ij,kj->ik", x, x**2).trace(),
    "det": lambda x: torch.det(x) + torch.logdet(x),
    "inv": lambda x: torch.linalg.inv(x).sum() + torch.linalg.solve(x, torch.eye(2, dtype=torch.float64))[0, 1],
    "index": lambda x: x[0] * x[:, 1] + x[x > 1].sum() + x[torch.tensor([1, 0]), 0].prod(),
    "reshape": lambda x: (
        x.reshape(-1).view(4, 1).permute(1, 0).squeeze(0).unsqueeze(-1).expand(4, 2).sum() * x.t()[0, 1]
    ),
    "cat": lambda x: torch.cat([x, torch.stack([x[0], x[1] ** 2])], dim=1).roll(1, 0)[0].prod(),
    "split": lambda x: sum(part.sum() ** 2 for part in x.split(1, dim=0)) + x.unbind(1)[0].chunk(2)[1].sum(),
    "where": lambda x: torch.where(x > 0, x.abs().sqrt(), x.exp()).sum() + x.where(x > 0, -x).prod(),
    "masked_fill": lambda x: x.masked_fill(x < 0, 0.5).prod() + x.tril().sum() ** 2,
    "set item": lambda x: _written(x),
    "in place": lambda x: (x.clone().mul_(2).add_(1).clamp_(min=0) ** 2).sum(),
    "linear": lambda x: F.linear(
        x, torch.ones(3, 2, dtype=torch.float64), torch.arange(3.0, dtype=torch.float64)
    ).tanh(),
    "losses": lambda x: F.mse_loss(x, torch.zeros_like(x)) + F.l1_loss(x, torch.ones_like(x), reduction="sum"),
    "activations": lambda x: (
        F.softplus(x) + F.gelu(x) + F.gelu(x, approximate="tanh") + F.leaky_relu(x, 0.2) + F.elu(x, alpha=2.0)
    ),
    "clamps": lambda x: x.clamp(-0.5, 1.7) + x.clamp(max=0.1) + torch.clamp(x, min=0.0) + F.hardtanh(x),
    "python": lambda x: x.sum() if x.sum() > 0 and len(x) == 2 and x.dim() == 2 else -x.sum(),
    "loops": lambda x: sum(row[0] * row[1] for row in x),
    "module": torch.nn.Sequential(
        torch.nn.Linear(2, 2, dtype=torch.float64), torch.nn.Tanh(), torch.nn.LayerNorm(2).double()
    )[:2],
    "tensor": lambda x: x * torch.tensor(0.1) + torch.tensor([1, 2]) * x,
    "eigenvalues": lambda x: torch.linalg.eigvalsh(x @ x.T)[0] + torch.linalg.svdvals(x).prod(),
    "autograd inside": lambda x: torch.autograd.grad((x**3).sum(), x, create_graph=True)[0].sum(),
    "convolution": lambda x: (
        F.conv2d(x[None, None], torch.ones(1, 1, 2, 2, dtype=torch.float64), padding=1).exp().sum()
    ),
    "pooling": lambda x: F.avg_pool2d(x[None], 2).sin() + F.max_pool2d(x[None], 2).cos(),
    "normalized": lambda x: F.layer_norm(x[:, :1] + x, (2,)).sin() + F.normalize(x, dim=0),
    "classes": lambda x: F.cross_entropy(x, torch.tensor([0, 1])) + F.embedding(torch.tensor([0, 1, 1]), x).prod(),
    "added in places": lambda x: (
        torch.zeros(3, 2, dtype=torch.float64).index_add(0, torch.tensor([0, 0]), x).sin()
        + torch.zeros(3, 2, dtype=torch.float64).scatter_add(0, torch.tensor([[0, 1], [2, 0]]), x)
    ),
    "masked attention": lambda x: (
        (x @ x.T).masked_fill(torch.tensor([[False, True], [False, False]]), float("-inf")).softmax(-1) @ x
    ),
    "normalized by running statistics": lambda x: F.batch_norm(
        x, torch.tensor([0.1, 0.2]).double(), torch.tensor([1.1, 0.7]).double(), training=False
    ).sin(),
    "logsigmoid": lambda x: F.logsigmoid(x - x[0, 0]),
    "all and any": lambda x: torch.where(torch.all(x, dim=0), x**2, x) * (2 if torch.any(x) else 1),
    "lerp": lambda x: torch.lerp(x, x**2, 0.25) + torch.addcmul(x, x, x, value=0.5),
    "diag": lambda x: torch.diag(x).prod() + torch.diagonal(x).sum() + torch.outer(x[0], x[1]).sum(),
}


def _written(x: torch.Tensor) -> torch.Tensor:
    y = torch.zeros_like(x)
    y[0] = x[1] * 2
    y[1, 0] = x[0, 0] ** 2
    y += x
    return y.prod()


@pytest.mark.parametrize("name", ARRANGED)
def test_tensors_are_followed(name: str) -> None:
    right(ARRANGED[name], A)


TWO: dict[str, Callable[..., Any]] = {
    "powers": lambda x, y: x.abs() ** y.abs() + 2**y + x**2,
    "quotients": lambda x, y: x / (1 + y**2) + 1 / (2 + y.sin()),
    "dot": lambda x, y: torch.dot(x, y) + x.cross(y, dim=0).sum(),
    "maximum": lambda x, y: torch.maximum(x, y) * torch.minimum(x, -y),
    "atan2": lambda x, y: torch.atan2(x, y) + torch.hypot(x, y) + torch.logaddexp(x, y),
    "broadcast": lambda x, y: x[:, None] * y[None, :] + x,
}


@pytest.mark.parametrize("name", TWO)
def test_two_tensors(name: str) -> None:
    right(TWO[name], V, torch.tensor([1.0, 0.5, -0.75], dtype=torch.float64))


def _with_numpy(x: torch.Tensor) -> torch.Tensor:
    import numpy as np

    return torch.as_tensor(np.exp(x.detach().numpy())) + 0 * x


UNKNOWN: dict[str, Callable[..., Any]] = {
    "float": lambda x: x * math.exp(float(x.detach())),
    "numpy": _with_numpy,
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_said_and_never_guessed(name: str) -> None:
    looker, place = look(UNKNOWN[name], X)
    assert looker.why_double is not None
    judgements = {one.judgement for one in place.entries}
    assert WeighedJudgement.WRONG in judgements


def test_narrow_dtypes_are_noticed() -> None:
    looker, place = look(lambda x: x.float().sin().double(), X)
    assert looker.narrow == {"float32"}
    assert {one.judgement for one in place.entries} == {WeighedJudgement.RIGHT}


def test_nothing_is_registered_for_what_may_lose_digits() -> None:
    assert not {"_fft_r2c", "_fft_c2c", "linalg_eig"} & set(HANDLERS)
