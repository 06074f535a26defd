"""Products of stacks, convolutions, pools and order against torch itself: at ordinary points, at ties, at edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import gradcli
from gradcli.diff.data import Verdict
from tests.tensors.values import close

F = torch.nn.functional
Plain = Callable[..., torch.Tensor]


def numbers(*shape: int) -> torch.Tensor:
    """Numbers far from each other and from 0."""
    count = torch.tensor(shape).prod().item()
    flat = torch.arange(1.0, count + 1, dtype=torch.float64)
    return (1.3 * (flat * 2.4).sin() + 0.17 * flat.remainder(3.0) + 0.05).reshape(shape)


V: dict[str, torch.Tensor] = {
    "x": numbers(5), "A": numbers(2, 3), "B": numbers(3, 2) + 0.3, "S": numbers(2, 2, 3), "T": numbers(2, 3, 2),
    "U": numbers(1, 2, 1, 3), "image": numbers(2, 4, 5), "images": numbers(2, 2, 4, 4), "signal": numbers(2, 6),
    "w": numbers(3, 2, 2), "k": numbers(3, 2, 2, 3), "g": numbers(4, 1, 2, 2), "b": numbers(3), "row": numbers(1, 6),
}  # fmt: skip

PLAIN: list[tuple[str, Plain]] = [
    ("S@T", lambda S, T: S @ T),
    ("S@B", lambda S, B: S @ B),
    ("A@T", lambda A, T: A @ T),
    ("b@T", lambda b, T: b @ T),
    ("S@b", lambda S, b: S @ b),
    ("U@T", lambda U, T: U @ T),
    ("torch.matmul(S, T)", lambda S, T: torch.matmul(S, T)),
    ("torch.bmm(S, T)", lambda S, T: torch.bmm(S, T)),
    ("torch.baddbmm(A[:, :2], S, T, beta=0.5, alpha=-2)", lambda A, S, T: torch.baddbmm(A[:, :2], S, T, beta=0.5, alpha=-2)),
    ("torch.addmm(b[:2], A, B)", lambda b, A, B: torch.addmm(b[:2], A, B)),
    ("torch.mv(A, b)", lambda A, b: torch.mv(A, b)),
    ("torch.einsum('bij,bjk->bik', S, T)", lambda S, T: torch.einsum("bij,bjk->bik", S, T)),
    ('einsum("...ij,...jk", U, T)', lambda U, T: torch.einsum("...ij,...jk", U, T)),
    ("einsum('ij,jk', A, B)", lambda A, B: torch.einsum("ij,jk", A, B)),
    ("einsum('ba', A)", lambda A: torch.einsum("ba", A)),
    ("torch.tensordot(S, T, dims=[[0, 2], [0, 1]])", lambda S, T: torch.tensordot(S, T, dims=([0, 2], [0, 1]))),
    ("np.tensordot(S, T, axes=[[2], [1]])", lambda S, T: torch.tensordot(S, T, dims=([2], [1]))),
    ("torch.inner(A, S)", lambda A, S: torch.inner(A, S)),
    ("np.dot(A, B)", lambda A, B: A @ B),
    ("torch.kron(A, b)", lambda A, b: torch.kron(A, b)),
    ("torch.cdist(A, B.T, p=1)", lambda A, B: torch.cdist(A, B.T.contiguous(), p=1)),
    ("cdist(A, B.T, inf)", lambda A, B: torch.cdist(A, B.T.contiguous(), p=float("inf"))),
    ("F.conv1d(signal, w, b, padding=1)", lambda signal, w, b: F.conv1d(signal, w, b, padding=1)),
    ("F.conv1d(signal, w, stride=2, dilation=3)", lambda signal, w: F.conv1d(signal, w, stride=2, dilation=3)),
    ("F.conv1d(x.reshape(1, 5), w[:1, :1], stride=2)", lambda x, w: F.conv1d(x.reshape(1, 5), w[:1, :1], stride=2)),
    ("F.avg_pool1d(x.reshape(1, 5), 2)", lambda x: F.avg_pool1d(x.reshape(1, 5), 2)),
    ("F.conv1d(signal, w, padding='same')", lambda signal, w: F.conv1d(F.pad(signal, (0, 1)), w)),
    ("F.conv2d(image, k, b, stride=(1, 2), padding=(1, 0))",
     lambda image, k, b: F.conv2d(image, k, b, stride=(1, 2), padding=(1, 0))),
    ("conv2d(images, g, groups=2)", lambda images, g: F.conv2d(images, g, groups=2)),
    ("F.conv_transpose1d(signal, w[:2], stride=3, output_padding=1)",
     lambda signal, w: F.conv_transpose1d(signal, w[:2], stride=3, output_padding=1)),
    ("F.max_pool1d(signal, 3, 2, 1)", lambda signal: F.max_pool1d(signal, 3, 2, 1)),
    ("F.max_pool2d(images, 2)", lambda images: F.max_pool2d(images, 2)),
    ("max_pool2d(image, (2, 3), stride=1, ceil_mode=True)",
     lambda image: F.max_pool2d(image, (2, 3), stride=1, ceil_mode=True)),
    ("F.avg_pool2d(images, 3, 2, 1, count_include_pad=False)",
     lambda images: F.avg_pool2d(images, 3, 2, 1, count_include_pad=False)),
    ("F.adaptive_avg_pool2d(images, (3, 1))", lambda images: F.adaptive_avg_pool2d(images, (3, 1))),
    ("F.adaptive_max_pool1d(signal, 4)", lambda signal: F.adaptive_max_pool1d(signal, 4)),
    ("x.cumprod(0)", lambda x: x.cumprod(0)),
    ("torch.cummax(A, 1)[0]", lambda A: A.cummax(1).values),
    ("cummin(A, 0)", lambda A: A.cummin(0).values),
    ("torch.logcumsumexp(A, dim=1)", lambda A: A.logcumsumexp(1)),
    ("torch.sort(A, dim=0, descending=True).values", lambda A: A.sort(dim=0, descending=True).values),
    ("x.sort()[0]", lambda x: x.sort().values),
    ("values, places = torch.sort(x); values*places", lambda x: x.sort().values * x.sort().indices),
    ("np.sort(A, axis=0)", lambda A: A.sort(dim=0).values),
    ("torch.topk(x, 3)[0]", lambda x: x.topk(3).values),
    ("x.topk(2, largest=False).values", lambda x: x.topk(2, largest=False).values),
    ("torch.kthvalue(A, 2, 1).values", lambda A: A.kthvalue(2, 1).values),
    ("torch.quantile(x, 0.3)", lambda x: x.quantile(0.3)),
    ("quantile(A, 0.75, dim=1, keepdim=True)", lambda A: A.quantile(0.75, dim=1, keepdim=True)),
    ("np.median(A)", lambda A: A.quantile(0.5)),
    ("np.median(A, axis=0)", lambda A: A.quantile(0.5, dim=0)),
    ("argmax(x)*x", lambda x: x.argmax() * x),
    ("torch.argsort(A, dim=1)*A", lambda A: A.argsort(dim=1) * A),
    ("argmin(A, 1, True)*A", lambda A: A.argmin(1, keepdim=True) * A),
]  # fmt: skip


@pytest.mark.sampled(2)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("program", "plain"), PLAIN, ids=lambda value: value if isinstance(value, str) else "")
def test_values_and_derivatives_are_those_of_torch(program: str, plain: Plain, dtype: str) -> None:
    names = plain.__code__.co_varnames
    kind = getattr(torch, dtype)
    tensors = tuple(V[name].to(kind) for name in names)
    at = {name: tensor.double() for name, tensor in zip(names, tensors)}
    judged = dtype == "float64"
    result = gradcli.differentiate(program, at, wrt=list(names), dtype=dtype, reference=judged, patience=30)
    exactly = {"rtol": 1e-12, "atol": 1e-14} if judged else {"rtol": 2e-6, "atol": 2e-6}
    torch.testing.assert_close(torch.tensor(result.value, dtype=torch.float64), plain(*tensors).double(), **exactly)
    rows: Any = torch.autograd.functional.jacobian(plain, tensors)  # type: ignore[no-untyped-call]
    for name, expected in zip(names, rows):
        (partial,) = (one for one in result.partials if one.wrt == (name,))
        found = torch.tensor(partial.autograd, dtype=torch.float64)
        torch.testing.assert_close(found, expected.double(), **exactly)
        assert partial.symbolic, partial.note
        if judged:
            assert partial.verdict is Verdict.AGREE
            close(partial.symbolic_value, expected)


# Ties: which of the entries torch takes, and what is true: the slopes on both sides, by the entry.

TIES: list[tuple[str, list[float], Plain, list[tuple[float, float] | float]]] = [
    ("sum(sort(x)*[1, 2, 4])", [3, 1, 1], lambda x: (x.sort().values * torch.tensor([1, 2, 4.0])).sum(), [4, (1, 2), (1, 2)]),
    ("sum(sort(x)**2)", [2, 1, 1], lambda x: (x.sort().values ** 2).sum(), [4, 2, 2]),
    ("topk(x, 1)[0]", [2, 1, 2], lambda x: x.topk(1).values[0], [(0, 1), 0, (0, 1)]),
    ("sum(topk(x, 2))", [2, 1, 2], lambda x: x.topk(2).values.sum(), [1, 0, 1]),
    ("kthvalue(x, 2)", [1, 1, 5], lambda x: x.kthvalue(2).values, [(0, 1), (0, 1), 0]),
    ("quantile(x, 0.5)", [1, 1, 1, 5], lambda x: x.quantile(0.5), [(0, 0.5), (0, 0.5), (0, 0.5), 0]),
    ("cummax(x)[2]", [1, 3, 3], lambda x: x.cummax(0).values[2], [0, (0, 1), (0, 1)]),
    ("cummin(x)[1]", [1, 1, 0], lambda x: x.cummin(0).values[1], [(1, 0), (1, 0), 0]),
    ("sum(max_pool1d(reshape(x, 1, 4), 2))", [1, 1, 5, 2],
     lambda x: F.max_pool1d(x.reshape(1, 4), 2).sum(), [(0, 1), (0, 1), 1, 0]),
    ("sum(max_pool2d(reshape(x, 1, 2, 2), 2))", [1, 1, 0, 1],
     lambda x: F.max_pool2d(x.reshape(1, 2, 2), 2).sum(), [(0, 1), (0, 1), 0, (0, 1)]),
    ("sum(max_pool1d(reshape(x, 1, 3), 3, 1, 1))", [1, 0, 1],
     lambda x: F.max_pool1d(x.reshape(1, 3), 3, 1, 1).sum(), [(1, 2), 0, (1, 2)]),
    ("cdist(reshape(x, 1, 2), [[1, 2]])[0, 0]", [1, 2], lambda x: torch.cdist(x.reshape(1, 2), torch.tensor([[1, 2.0]]).double())[0, 0],
     [(-1, 1), (-1, 1)]),
    ("cdist(reshape(x, 1, 2), [[1, 2]], 1)[0, 0]", [1, 3], lambda x: torch.cdist(x.reshape(1, 2), torch.tensor([[1, 2.0]]).double(), p=1)[0, 0],
     [(-1, 1), 1]),
    ("cumprod(x)[2]", [0, 3, 0], lambda x: x.cumprod(0)[2], [0, 0, 0]),
]  # fmt: skip


@pytest.mark.parametrize(("program", "at", "plain", "truth"), TIES, ids=[one[0] for one in TIES])
def test_ties(program: str, at: list[float], plain: Plain, truth: list[tuple[float, float] | float]) -> None:
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(plain(x), x)
    (partial,) = gradcli.differentiate(program, {"x": at}, patience=30).partials
    close(partial.autograd, expected)
    apart = {i: sides for i, sides in enumerate(truth) if isinstance(sides, tuple)}
    assert partial.verdict is (Verdict.UNDEFINED if apart else Verdict.AGREE)
    found = {entry.index[0]: (float(entry.left), float(entry.right)) for entry in partial.entries}
    assert found == apart
    for i, one in enumerate(truth):
        if not isinstance(one, tuple):
            assert float(partial.reference[i]) == one


@pytest.mark.parametrize(
    ("program", "at", "kind"),
    [
        ("argmax(x)*x[0]", [3, 1, 3], "jump"),
        ("argsort(x)@x", [2, 2, 1], "jump"),
        ("topk_indices(x, 1)[0] + x[0]", [2, 2, 1], "jump"),
    ],
)
def test_a_place_jumps_at_a_tie(program: str, at: list[float], kind: str) -> None:
    (partial,) = gradcli.differentiate(program, {"x": at}, patience=30).partials
    assert partial.verdict is Verdict.UNDEFINED
    assert {entry.kind for entry in partial.entries} == {kind}


@pytest.mark.parametrize("program", ["sum(sort(x)**3)", "sum(cumprod(x)*x)", "sum(cummax(x)**2)", "sum(einsum('i,j,i->ij', x, x, x))",
                                     "sum(conv1d(reshape(x, 1, 5), reshape(x[:2], 1, 1, 2))**2)", "sum(max_pool1d(reshape(x, 1, 5), 2)**3)",
                                     "sum(unfold(x, 0, 3, 1)**3)", "sum(avg_pool1d(reshape(x, 1, 5), 2, padding=1)**3)"])  # fmt: skip
def test_second_derivatives_are_those_of_torch(program: str) -> None:
    x = V["x"].clone()
    result = gradcli.differentiate(program, {"x": x}, order=2, patience=30)
    plain: dict[str, Plain] = {
        "sum(sort(x)**3)": lambda x: (x.sort().values ** 3).sum(),
        "sum(cumprod(x)*x)": lambda x: (x.cumprod(0) * x).sum(),
        "sum(cummax(x)**2)": lambda x: (x.cummax(0).values ** 2).sum(),
        "sum(einsum('i,j,i->ij', x, x, x))": lambda x: torch.einsum("i,j,i->ij", x, x, x).sum(),
        "sum(conv1d(reshape(x, 1, 5), reshape(x[:2], 1, 1, 2))**2)":
            lambda x: (F.conv1d(x.reshape(1, 5), x[:2].reshape(1, 1, 2)) ** 2).sum(),
        "sum(max_pool1d(reshape(x, 1, 5), 2)**3)": lambda x: (F.max_pool1d(x.reshape(1, 5), 2) ** 3).sum(),
        "sum(unfold(x, 0, 3, 1)**3)": lambda x: (x.unfold(0, 3, 1) ** 3).sum(),
        "sum(avg_pool1d(reshape(x, 1, 5), 2, padding=1)**3)":
            lambda x: (F.avg_pool1d(x.reshape(1, 5), 2, padding=1) ** 3).sum(),
    }  # fmt: skip
    hessian = torch.autograd.functional.hessian(plain[program], x)  # type: ignore[no-untyped-call]
    (partial,) = result.partials
    assert partial.verdict is Verdict.AGREE
    torch.testing.assert_close(torch.tensor(partial.autograd, dtype=torch.float64), hessian, rtol=1e-9, atol=1e-9)


def test_a_product_of_many_matrices_is_contracted_two_at_a_time() -> None:
    """Written out at once it would be 10 to the power of 7 products."""
    at = {name: numbers(10, 10) for name in "ABCDEG"}
    program = "einsum('ab,bc,cd,de,ef,fa->', A, B, C, D, E, G)"
    (partial, *_) = gradcli.differentiate(program, at, wrt=["A"], patience=30).partials
    expected = (at["B"] @ at["C"] @ at["D"] @ at["E"] @ at["G"]).T
    torch.testing.assert_close(torch.tensor(partial.autograd, dtype=torch.float64), expected, rtol=1e-9, atol=1e-9)
    assert partial.verdict is Verdict.AGREE
