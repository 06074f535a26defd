"""Values and Jacobians of programs over tensors, and their formulas, against plain torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

import gradcli
from tests.tensors.values import X, close

PATIENCE = 20.0  # the machine may be busy

V: dict[str, torch.Tensor] = {
    "x": torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64),
    "y": torch.tensor([1.5, 0.25, -0.75], dtype=torch.float64),
    "A": torch.tensor(X, dtype=torch.float64),
    "B": torch.tensor([[1.0, 2.0], [-0.5, 0.25], [3.0, -1.0]], dtype=torch.float64),
    "S": torch.tensor([[2.0, 0.5], [-1.0, 3.0]], dtype=torch.float64),
    "T": torch.arange(1.0, 13.0, dtype=torch.float64).reshape(2, 3, 2).sin(),
    "c": torch.tensor(1.75, dtype=torch.float64),
    "k": torch.tensor([[2.0], [-3.0]], dtype=torch.float64),
}
F = torch.nn.functional
Plain = Callable[..., torch.Tensor]

PLAIN: list[tuple[str, Plain]] = [
    ("sum(A)", lambda A: A.sum()),
    ("sum(A, 0)", lambda A: A.sum(0)),
    ("sum(A, dim=-1, keepdim=True)", lambda A: A.sum(-1, keepdim=True)),
    ("sum(A, keepdim=True)", lambda A: A.sum((0, 1), keepdim=True)),
    ("sum(T, [0, 2])", lambda T: T.sum((0, 2))),
    ("sum(T, [-1, 0], True)", lambda T: T.sum((-1, 0), keepdim=True)),
    ("mean(T, 1)", lambda T: T.mean(1)),
    ("mean(A, [0, 1], True)", lambda A: A.mean((0, 1), keepdim=True)),
    ("prod(A)", lambda A: A.prod()),
    ("prod(A, 1, True)", lambda A: A.prod(1, keepdim=True)),
    ("prod(T, [0, 1])", lambda T: T.prod(0).prod(0)),
    ("max(A, dim=0)", lambda A: A.amax(0)),
    ("amax(T, [0, 2], True)", lambda T: T.amax((0, 2), keepdim=True)),
    ("min(A, dim=-1)", lambda A: A.amin(-1)),
    ("max(A, 1.0)", lambda A: A.clamp(min=1.0)),
    ("median(x)", lambda x: x.median()),
    ("median(A)", lambda A: A.median()),
    ("var(A)", lambda A: A.var()),
    ("var(A, 0)", lambda A: A.var(0)),
    ("var(A, 1, 0, True)", lambda A: A.var(1, correction=0, keepdim=True)),
    ("var(T, [0, 2], correction=2)", lambda T: T.var((0, 2), correction=2)),
    ("std(A, dim=1, keepdim=True)", lambda A: A.std(1, keepdim=True)),
    ("std(x, correction=0)", lambda x: x.std(correction=0)),
    ("norm(A)", lambda A: torch.linalg.vector_norm(A)),
    ("norm(A, 1)", lambda A: torch.linalg.vector_norm(A, 1)),
    ("norm(A, 3, 1)", lambda A: torch.linalg.vector_norm(A, 3, dim=1)),
    ("norm(A, 2.5, dim=0, keepdim=True)", lambda A: torch.linalg.vector_norm(A, 2.5, dim=0, keepdim=True)),
    ("norm(A, inf, 0)", lambda A: torch.linalg.vector_norm(A, math.inf, dim=0)),
    ("norm(x, -1)", lambda x: torch.linalg.vector_norm(x, -1)),
    ("logsumexp(A)", lambda A: A.logsumexp((0, 1))),
    ("logsumexp(A, 0, True)", lambda A: A.logsumexp(0, keepdim=True)),
    ("cumsum(A, 1)", lambda A: A.cumsum(1)),
    ("cumsum(T, -2)", lambda T: T.cumsum(-2)),
    ("softmax(A)", lambda A: A.softmax(-1)),
    ("softmax(A, 0)", lambda A: A.softmax(0)),
    ("log_softmax(T, 1)", lambda T: T.log_softmax(1)),
    ("softmin(x)", lambda x: F.softmin(x, dim=0)),
    ("cross_entropy(x, 1)", lambda x: F.cross_entropy(x, torch.tensor(1))),
    ("cross_entropy(A, [2, 0])", lambda A: F.cross_entropy(A, torch.tensor([2, 0]))),
    ("mse_loss(A, x)", lambda A, x: ((A - x) ** 2).mean()),
    ("l1_loss(x, y)", lambda x, y: F.l1_loss(x, y)),
    ("A@x", lambda A, x: A @ x),
    ("x@B", lambda x, B: x @ B),
    ("A@B", lambda A, B: A @ B),
    ("x@y", lambda x, y: x @ y),
    ("A.T@S@A", lambda A, S: A.T @ S @ A),
    ("x@B@S", lambda x, B, S: x @ B @ S),
    ("outer(x, k[:, 0])", lambda x, k: torch.outer(x, k[:, 0])),
    ("cross(x, y)", lambda x, y: torch.linalg.cross(x, y)),
    ("transpose(T)", lambda T: T.permute(2, 1, 0)),
    ("trace(A@B)", lambda A, B: (A @ B).trace()),
    ("trace(A)", lambda A: A.trace()),
    ("diag(x)", lambda x: x.diag()),
    ("diag(A)", lambda A: A.diag()),
    ("det(S)", lambda S: S.det()),
    ("det(B@A + 2*eye(3))", lambda B, A: (B @ A + 2 * torch.eye(3, dtype=torch.float64)).det()),
    ("logdet(S)", lambda S: S.logdet()),
    ("inv(S)", lambda S: S.inverse()),
    ("solve(S, k[:, 0])", lambda S, k: torch.linalg.solve(S, k[:, 0])),
    ("solve(S, A)", lambda S, A: torch.linalg.solve(S, A)),
    ("pinv(A)", lambda A: torch.linalg.pinv(A)),
    ("pinv(B)", lambda B: torch.linalg.pinv(B)),
    ("A + x", lambda A, x: A + x),
    ("k*A", lambda k, A: k * A),
    ("k + x", lambda k, x: k + x),
    ("A/c - c", lambda A, c: A / c - c),
    ("c**x", lambda c, x: c**x),
    ("abs(x)**y", lambda x, y: x.abs() ** y),
    ("2.0**A", lambda A: 2.0**A),
    ("atan2(A, x)", lambda A, x: torch.atan2(A, x)),
    ("where(A > x, A*x, A)", lambda A, x: torch.where(x < A, A * x, A)),
    ("x[-1]*x[0]", lambda x: x[-1] * x[0]),
    ("A[:, -2]", lambda A: A[:, -2]),
    ("A[1:, ::2]", lambda A: A[1:, ::2]),
    ("A[-1, :-1]", lambda A: A[-1, :-1]),
    ("T[:, 1]", lambda T: T[:, 1]),
    ("T[1][-3:2, 0]", lambda T: T[1][-3:2, 0]),
    ("x[-100:100]", lambda x: x[-100:100]),
    ("A[0][2]", lambda A: A[0][2]),
    ("x[::-1]", lambda x: x.flip(0)),
    ("A[::-1, 2:0:-1]", lambda A: A.flip(0)[:, [2, 1]]),
    ("T[..., -1:-3:-2]", lambda T: T[..., [1]]),
    ("x[[0, 2]]", lambda x: x[[0, 2]]),
    ("x[[-1, 0, 0, 1]]", lambda x: x[[-1, 0, 0, 1]]),
    ("A[[0, 1], [1, 2]]", lambda A: A[[0, 1], [1, 2]]),
    ("A[:, [2, 0, 2]]", lambda A: A[:, [2, 0, 2]]),
    ("A[[[0], [1]], [[0, 2]]]", lambda A: A[[[0], [1]], [[0, 2]]]),
    ("x[[[0, 1], [2, 2]]]", lambda x: x[torch.tensor([[0, 1], [2, 2]])]),
    ("T[[0, 1], :, [1, 0]]", lambda T: T[[0, 1], :, [1, 0]]),
    ("T[:, [0, 2], [1, 0]]", lambda T: T[:, [0, 2], [1, 0]]),
    ("T[1, [0, 2]]", lambda T: T[1, [0, 2]]),
    ("T[[0, 1], 2]", lambda T: T[[0, 1], 2]),
    ("T[[0, 1], None, [2, 0]]", lambda T: T[[0, 1], None, [2, 0]]),
    ("x[[True, False, True]]", lambda x: x[torch.tensor([True, False, True])]),
    ("A[[[True, False, True], [False, True, True]]]", lambda A: A[torch.tensor([[True, False, True], [False, True, True]])]),
    ("A[:, [False, True, True]]", lambda A: A[:, torch.tensor([False, True, True])]),
    ("x[:, None] - x[None]", lambda x: x[:, None] - x[None]),
    ("x[None, :, np.newaxis]", lambda x: x[None, :, None]),
    ("c[None]", lambda c: c[None]),
    ("T[..., 0]", lambda T: T[..., 0]),
    ("T[1, ...]", lambda T: T[1, ...]),
    ("T[0, …, None]", lambda T: T[0, ..., None]),
    ("A[...]", lambda A: A[...]),
    ("i = [2, 0]; x[i]", lambda x: x[[2, 0]]),
    ("i = [[0, -1]]; x[i]", lambda x: x[torch.tensor([[0, -1]])]),
    ("i = arange(0, 3, 2); x[i]*x[arange(2)]", lambda x: x[[0, 2]] * x[[0, 1]]),
    ("T[arange(2), [2, 0]]", lambda T: T[torch.arange(2), [2, 0]]),
    ("x[[0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 2, 2, 2, 2, 2]]", lambda x: x[[0, 1, 2] * 4 + [2] * 5]),
    ("A[[1], [1, 1, 0, 2, 2, 2, 0, 1, 1, 1, 2, 2, 0, 0, 0, 1, 2, 1]]",
     lambda A: A[[1], [1, 1, 0, 2, 2, 2, 0, 1, 1, 1, 2, 2, 0, 0, 0, 1, 2, 1]]),
    ("sum(T, dim=(0, 2))", lambda T: T.sum((0, 2))),
    ("mean(T, dim=(0, -1), keepdim=True)", lambda T: T.mean((0, -1), keepdim=True)),
    ("prod(T, (0, 2))", lambda T: T.prod(2).prod(0)),
    ("T.amax(dim=(1, 2))", lambda T: T.amax((1, 2))),
    ("T.amin((0,))", lambda T: T.amin(0)),
    ("var(T, dim=(0, 2))", lambda T: T.var((0, 2))),
    ("std(T, dim=(0, 1))", lambda T: T.std((0, 1))),
    ("norm(T, dim=(0, 2))", lambda T: torch.linalg.vector_norm(T, dim=(0, 2))),
    ("logsumexp(T, dim=(0, 2))", lambda T: T.logsumexp((0, 2))),
    ("torch.stack((x, y), dim=1)", lambda x, y: torch.stack((x, y), dim=1)),
    ("np.concatenate((x, y))", lambda x, y: torch.cat((x, y))),
    ("A.reshape((3, 2))", lambda A: A.reshape(3, 2)),
    ("x.unsqueeze(0) + x.unsqueeze(-1)", lambda x: x.unsqueeze(0) + x.unsqueeze(-1)),
    ("np.expand_dims(x, axis=1)*k[:, 0]", lambda x, k: x[:, None] * k[:, 0]),
    ("T[:1].squeeze()", lambda T: T[:1].squeeze()),
    ("k.squeeze(1)", lambda k: k.squeeze(1)),
    ("np.squeeze(k, axis=-1)", lambda k: k.squeeze(-1)),
    ("x.expand(2, 3)*A", lambda x, A: x.expand(2, 3) * A),
    ("k.expand(-1, 3)", lambda k: k.expand(-1, 3)),
    ("np.broadcast_to(c, (2, 2))", lambda c: c.broadcast_to(2, 2)),
    ("broadcast_to(x, (2, 2, 3))", lambda x: x.broadcast_to(2, 2, 3)),
    ("T.permute(2, 0, 1)", lambda T: T.permute(2, 0, 1)),
    ("torch.permute(T, (1, 2, 0))", lambda T: T.permute(1, 2, 0)),
    ("torch.transpose(T, 0, 2)", lambda T: T.transpose(0, 2)),
    ("T.transpose(1, 2)", lambda T: T.transpose(1, 2)),
    ("np.swapaxes(T, 0, -1)", lambda T: T.swapaxes(0, -1)),
    ("np.moveaxis(T, 0, -1)", lambda T: T.movedim(0, -1)),
    ("torch.movedim(T, (0, 1), (2, 0))", lambda T: T.movedim((0, 1), (2, 0))),
    ("torch.flip(T, (0, 2))", lambda T: T.flip((0, 2))),
    ("np.flip(A, axis=1)", lambda A: A.flip(1)),
    ("flip(A)", lambda A: A.flip((0, 1))),
    ("fliplr(A) + flipud(A)", lambda A: A.fliplr() + A.flipud()),
    ("torch.roll(A, 1)", lambda A: A.roll(1)),
    ("np.roll(A, -1, axis=1)", lambda A: A.roll(-1, 1)),
    ("torch.roll(T, shifts=(1, -1), dims=(0, 1))", lambda T: T.roll((1, -1), (0, 1))),
    ("np.rot90(A, k=3)", lambda A: A.rot90(3)),
    ("torch.rot90(T, 1, (1, 2))", lambda T: T.rot90(1, (1, 2))),
    ("torch.tril(A, diagonal=-1)", lambda A: A.tril(-1)),
    ("np.triu(T, k=1)", lambda T: T.triu(1)),
    ("torch.diff(x)", lambda x: x.diff()),
    ("np.diff(T, n=2, axis=1)", lambda T: T.diff(n=2, dim=1)),
    ("T.diff(dim=0)", lambda T: T.diff(dim=0)),
    ("x.repeat(2)", lambda x: x.repeat(2)),
    ("A.repeat(2, 1)", lambda A: A.repeat(2, 1)),
    ("np.tile(x, (2, 2))", lambda x: x.tile(2, 2)),
    ("np.repeat(A, 2)", lambda A: A.repeat_interleave(2)),
    ("np.repeat(A, [1, 0, 2], axis=1)", lambda A: A.repeat_interleave(torch.tensor([1, 0, 2]), 1)),
    ("x.repeat_interleave(3)", lambda x: x.repeat_interleave(3)),
    ("torch.gather(A, 1, [[0, 2], [1, 1]])", lambda A: A.gather(1, torch.tensor([[0, 2], [1, 1]]))),
    ("A.gather(dim=1, index=[[2], [0]])", lambda A: A.gather(1, torch.tensor([[2], [0]]))),
    ("torch.take(A, [0, 4, 4])", lambda A: A.take(torch.tensor([0, 4, 4]))),
    ("np.take(A, [0, -1], axis=1)", lambda A: A[:, [0, -1]]),
    ("torch.index_select(A, 1, [2, 0])", lambda A: A.index_select(1, torch.tensor([2, 0]))),
    ("np.take_along_axis(A, [[1], [0]], axis=1)", lambda A: A.take_along_dim(torch.tensor([[1], [0]]), 1)),
    ("torch.take_along_dim(A, [[1, 0, 1]], 0)", lambda A: A.take_along_dim(torch.tensor([[1, 0, 1]]), 0)),
    ("torch.scatter(A, 1, [[0], [2]], k)", lambda A, k: A.scatter(1, torch.tensor([[0], [2]]), k)),
    ("torch.scatter_add(A, 1, [[0, 0], [2, 1]], S)", lambda A, S: A.scatter_add(1, torch.tensor([[0, 0], [2, 1]]), S)),
    ("torch.index_add(x, 0, [1, 1, 0], y)", lambda x, y: x.index_add(0, torch.tensor([1, 1, 0]), y)),
    ("A.index_copy(1, [2, 0], S)", lambda A, S: A.index_copy(1, torch.tensor([2, 0]), S)),
    ("A.masked_fill(A > 1, 0)", lambda A: A.masked_fill(A > 1, 0)),
    ("masked_fill(A, x > 1, c)", lambda A, x, c: A.masked_fill(x > 1, c)),
    ("torch.masked_select(x, [True, False, True])", lambda x: x.masked_select(torch.tensor([True, False, True]))),
    ("x.narrow(0, 1, 2)", lambda x: x.narrow(0, 1, 2)),
    ("A.chunk(3, 1)[2]", lambda A: A.chunk(3, 1)[2]),
    ("T.split(1)[1]", lambda T: T.split(1)[1]),
    ("np.split(T, 2)[0]", lambda T: T.chunk(2)[0]),
    ("A.unbind(1)[0]*A.unbind(dim=1)[2]", lambda A: A.unbind(1)[0] * A.unbind(1)[2]),
    ("x.unfold(0, 2, 1)", lambda x: x.unfold(0, 2, 1)),
    ("F.pad(A, (1, 2))", lambda A: F.pad(A, (1, 2))),
    ("F.pad(A, [0, 1, 1, 0], value=0.5)", lambda A: F.pad(A, (0, 1, 1, 0), value=0.5)),
    ("pad(x, (-1, 1))", lambda x: F.pad(x, (-1, 1))),
    ("F.pad(A, (1, 2), mode='reflect')", lambda A: F.pad(A[None], (1, 2), mode="reflect")[0]),
    ("F.pad(A, (1, 0), 'circular')", lambda A: F.pad(A[None], (1, 0), mode="circular")[0]),
    ("reflect_pad(A, (1, 2))", lambda A: F.pad(A[None], (1, 2), mode="reflect")[0]),
    ("replicate_pad(A, (1, 2))", lambda A: F.pad(A[None], (1, 2), mode="replicate")[0]),
    ("circular_pad(A, (1, 2))", lambda A: F.pad(A[None], (1, 2), mode="circular")[0]),
    ("x[x > 0].sum()", lambda x: x[x > 0].sum()),
    ("mean(A[A < 1])", lambda A: A[A < 1].mean()),
    ("prod(x[x > y]) + norm(y[x > y])", lambda x, y: x[x > y].prod() + y[x > y].norm()),
    ("count(x[x > 0])*sum(x)", lambda x: (x > 0).sum() * x.sum()),
    ("reshape(A, 3, -1)", lambda A: A.reshape(3, -1)),
    ("A.T.reshape(-1)", lambda A: A.T.reshape(-1)),
    ("T.reshape(4, 3)@x", lambda T, x: T.reshape(4, 3) @ x),
    ("flatten(T.T)", lambda T: T.permute(2, 1, 0).flatten()),
    ("stack([x, y, x*y])", lambda x, y: torch.stack([x, y, x * y])),
    ("stack([x, y], -1)", lambda x, y: torch.stack([x, y], -1)),
    ("stack([A, 2*A], 1)", lambda A: torch.stack([A, 2 * A], 1)),
    ("cat([x, y[1:]])", lambda x, y: torch.cat([x, y[1:]])),
    ("cat([A, k, A[:, :1]], -1)", lambda A, k: torch.cat([A, k, A[:, :1]], -1)),
    ("[x[0], c, x@y]", lambda x, c, y: torch.stack([x[0], c, x @ y])),
    ("[[c, c**2], [1, x[1]]]", lambda c, x: torch.stack([torch.stack([c, c**2]), torch.stack([c / c, x[1]])])),
    ("count(T, [0, 1])*c", lambda T, c: 6 * c + 0 * T.sum()),
    ("full([2, 3], c)*A", lambda c, A: c * A),
    ("clamp(A, -1, 1)", lambda A: A.clamp(-1, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("program", "plain"), PLAIN, ids=lambda value: value if isinstance(value, str) else "")
def test_values_and_derivatives_are_those_of_plain_torch(program: str, plain: Plain) -> None:
    names = plain.__code__.co_varnames
    tensors = tuple(V[name] for name in names)
    result = gradcli.differentiate(program, {name: V[name] for name in names}, wrt=list(names), reference=False)
    close(result.value, plain(*tensors))
    rows: Any = torch.autograd.functional.jacobian(plain, tensors)  # type: ignore[no-untyped-call]
    for name, expected in zip(names, rows):
        mine = [partial for partial in result.partials if partial.wrt == (name,)]
        split = mine[0].of is not None
        close([one.autograd for one in mine] if split else mine[0].autograd, expected)
        assert all(one.symbolic for one in mine), mine[0].note
        torch.testing.assert_close(
            torch.tensor([one.symbolic_value for one in mine] if split else mine[0].symbolic_value, dtype=torch.float64),
            expected,
            rtol=1e-9, atol=1e-11,
        )  # fmt: skip


FIRST_REARRANGED = next(place for place, (program, _) in enumerate(PLAIN) if program == "x[::-1]")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("program", [program for program, _ in PLAIN[FIRST_REARRANGED:]])
def test_formulas_of_weighted_sums_are_autograds(program: str) -> None:
    """What is summed over is contracted: another way through the formulas than one entry at a time."""
    names = plain_of(program).__code__.co_varnames
    shape = plain_of(program)(*(V[name] for name in names)).shape
    weights = f"rand({', '.join(map(str, shape))}, seed=3)" if shape else "1"
    point = {name: V[name] for name in names}
    last = program.rpartition("; ")
    text = f"{last[0]}{last[1]}sum(({last[2]})**2*{weights})"
    for partial in gradcli.differentiate(text, point, wrt=list(names), reference=False).partials:
        assert partial.symbolic, partial.note
        torch.testing.assert_close(
            torch.tensor(partial.symbolic_value, dtype=torch.float64),
            torch.tensor(partial.autograd, dtype=torch.float64),
            rtol=1e-9,
            atol=1e-11,
        )


def plain_of(program: str) -> Plain:
    return next(plain for one, plain in PLAIN if one == program)
