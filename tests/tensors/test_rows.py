"""Every row for tensors: its example, its kinks, its spellings, and its values against plain torch."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch

import gradcli
from gradcli.diff.data import Verdict
from tests.doors import Kink, Row, table

NO_FORMULA = {"matrix_exp"}  # by entries its derivative is an integral of products
PATIENCE = 20.0  # the machine may be busy
ROWS = [row for row in table.ROWS if row.shape is not None]
EXAMPLES = [row for row in ROWS if row.example]
CONSTRUCTORS = ("linspace", "logspace", "arange", "zeros", "ones", "full", "eye", "one_hot", "rand", "randn")


def value(program: str, at: Any = "x=1", **options: Any) -> Any:
    """The value of a program, not judged."""
    return gradcli.differentiate(program, at, wrt=[], reference=False, **options).value


def close(found: Any, expected: Any) -> None:
    """Nested numbers are those of a tensor, of the same shape."""
    found, expected = torch.tensor(found, dtype=torch.float64), torch.as_tensor(expected, dtype=torch.float64)
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


# Examples and kinks


def test_every_row_has_an_example() -> None:
    assert [row.name for row in ROWS if not row.example and not row.note] == []


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row.name)
def test_example(row: Row) -> None:
    program, _, at = row.example.partition(" at ")
    result = gradcli.differentiate(program, at, patience=PATIENCE)
    assert result.verdict is Verdict.AGREE
    for partial in result.partials:
        if row.name in NO_FORMULA:
            assert "has none by entries" in (partial.note or "")
            continue
        assert partial.symbolic, partial.note
        close(partial.symbolic_value, partial.autograd)
        if partial.checked is not None:
            assert partial.checked.entries == partial.checked.formula == partial.checked.reference


KINKS = [(row, kink) for row in ROWS for kink in row.kinks]


@pytest.mark.parametrize(("row", "kink"), KINKS, ids=lambda value: getattr(value, "name", getattr(value, "at", "")))
def test_declared_kink(row: Row, kink: Kink) -> None:
    names = [parameter.name for parameter in row.parameters if parameter.name not in row.statics]
    program = f"sum({row.name}({', '.join(names)}))"
    partial, *_ = gradcli.differentiate(program, kink.at, patience=PATIENCE).partials
    assert partial.verdict is Verdict.UNDEFINED
    assert {entry.kind for entry in partial.entries} == {kink.kind}


def test_every_pole_of_linear_algebra_is_declared() -> None:
    declared = {row.name for row, kink in KINKS if kink.kind == "pole"}
    assert declared >= {"inv", "logdet", "solve", "pinv"}


# Spellings

SAME = [
    ("sum(x, 0)", ["sum(x, dim=0)", "sum(x, axis=0)", "x.sum(0)", "x.sum(dim=0)", "x.sum(axis=0)", "torch.sum(x, dim=0)",
                   "np.sum(x, axis=0)", "sum(x, -2)", "sum(x, [0])", "sum(x, dim=[-2])"]),
    ("sum(x)", ["x.sum()", "sum(x, None)", "sum(x, dim=None)", "sum(x, [0, 1])", "sum(x, [1, 0])", "sum(x, [-1, -2])",
                "sum(sum(x, 0))", "torch.sum(x)", "np.sum(x)"]),
    ("sum(x, 1, True)", ["sum(x, dim=1, keepdim=True)", "sum(x, keepdim=True, dim=-1)", "x.sum(1, keepdim=True)",
                         "np.sum(x, axis=1, keepdims=True)", "x.sum(-1, True)"]),
    ("mean(x, 1)", ["x.mean(dim=1)", "torch.mean(x, 1)", "np.mean(x, axis=1)", "x.mean(-1)", "sum(x, 1)/3"]),
    ("prod(x, 1)", ["x.prod(1)", "torch.prod(x, dim=1)", "np.prod(x, axis=-1)"]),
    ("amax(x)", ["max(x)", "x.max()", "torch.max(x)", "np.max(x)", "torch.amax(x, dim=[0, 1])", "x.amax()"]),
    ("amin(x, 0)", ["min(x, dim=0)", "x.amin(0)", "np.min(x, axis=0)", "torch.amin(x, dim=-2)"]),
    ("var(x)", ["torch.var(x)", "x.var()", "var(x, correction=1)", "var(x, [0, 1])", "std(x)**2"]),
    ("var(x, correction=0)", ["var(x, None, 0)", "mean((x - mean(x))**2)"]),
    ("norm(x)", ["norm(x, 2)", "torch.norm(x)", "x.norm()", "norm(x, p=2)", "torch.linalg.norm(x)", "np.linalg.norm(x)",
                 "sqrt(sum(x**2))", "norm(x, dim=[0, 1])"]),
    ("norm(x, 'nuc')", ["torch.norm(x, p='nuc')", "torch.linalg.norm(x, ord='nuc')", "np.linalg.norm(x, 'nuc')",
                        "torch.linalg.matrix_norm(x, 'nuc')", "x.norm('nuc')", "sum(svdvals(x))", "matrix_norm(x, 'nuc')",
                        "sum(torch.linalg.svdvals(x))", "sum(svd(x)[1])", "sum(torch.linalg.svd(x, full_matrices=False).S)",
                        "sum(sqrt(eigvalsh(x@x.T)))"]),
    ("matrix_norm(x, 2)", ["torch.linalg.norm(x, 2)", "np.linalg.norm(x, ord=2)", "svdvals(x)[0]",
                           "sqrt(eigvalsh(x@x.T)[1])", "torch.linalg.matrix_norm(x, ord=2)"]),
    ("matrix_norm(x, 1)", ["torch.linalg.norm(x, 1)", "max(sum(abs(x), 0))", "np.linalg.norm(x, 1)",
                           "matrix_norm(x.T, inf)", "torch.linalg.norm(x.T, float('inf'))"]),
    ("matrix_norm(x, -inf)", ["torch.linalg.norm(x, -float('inf'))", "min(sum(abs(x), 1))", "np.linalg.norm(x, -np.inf)",
                              "torch.linalg.norm(x, float('-inf'))", "matrix_norm(x, '-inf')"]),
    ("matrix_norm(x)", ["norm(x)", "norm(x, 'fro')", "torch.linalg.norm(x, 'fro')", "torch.linalg.norm(x)",
                        "torch.linalg.matrix_norm(x)", "torch.linalg.vector_norm(x)", "torch.norm(x, 'fro')"]),
    ("norm(x, 1)", ["torch.norm(x, 1)", "torch.linalg.vector_norm(x, 1)", "sum(abs(x))",
                    "torch.linalg.norm(flatten(x), 1)"]),
    ("norm(x, 3, 1)", ["torch.linalg.norm(x, 3, dim=1)", "torch.linalg.vector_norm(x, ord=3, dim=-1)",
                       "np.linalg.norm(x, ord=3, axis=1)", "torch.norm(x, p=3, dim=1)"]),
    ("norm(x, -inf)", ["min(abs(x))", "torch.linalg.vector_norm(x, -np.inf)", "norm(x, p=-inf)"]),
    ("norm(x, inf)", ["norm(x, p=inf)", "max(abs(x))", "norm(flatten(x), inf)"]),
    ("norm(x, 1, 0)", ["norm(x, 1, dim=0)", "norm(x, p=1, dim=-2)", "sum(abs(x), 0)", "torch.norm(x, p=1, dim=0)"]),
    ("logsumexp(x, 1)", ["x.logsumexp(1)", "torch.logsumexp(x, dim=1)", "log(sum(exp(x), 1))"]),
    ("softmax(x)", ["softmax(x, 1)", "softmax(x, dim=-1)", "x.softmax(1)", "torch.softmax(x, dim=1)",
                    "F.softmax(x, dim=1)", "softmin(-x)", "exp(log_softmax(x))"]),
    ("cumsum(x)", ["cumsum(x, 0)", "cumsum(x, dim=-2)", "torch.cumsum(x, dim=0)", "x.cumsum(0)"]),
    ("x.T", ["transpose(x)", "x.t()", "torch.t(x)", "np.transpose(x)"]),
    ("reshape(x, 3, 2)", ["x.reshape(3, 2)", "x.reshape([3, 2])", "x.view(3, -1)", "reshape(x, -1, 2)",
                          "torch.reshape(x, [3, 2])"]),
    ("flatten(x)", ["x.flatten()", "torch.flatten(x)", "x.ravel()", "x.reshape(-1)", "x.view(-1)", "cat([x[0], x[1]])"]),
    ("stack([x, x], 1)", ["stack([x, x], dim=1)", "torch.stack([x, x], dim=-2)", "np.stack([x, x], axis=1)"]),
    ("cat([x, x], 1)", ["torch.cat([x, x], dim=1)", "np.concatenate([x, x], axis=1)", "torch.concat([x, x], -1)"]),
    ("x@x.T", ["matmul(x, x.T)", "torch.matmul(x, x.T)", "torch.mm(x, x.T)", "np.matmul(x, x.T)", "x.matmul(x.T)"]),
    ("x[0]@x[1]", ["dot(x[0], x[1])", "torch.dot(x[0], x[1])", "np.dot(x[0], x[1])", "inner(x[0], x[1])",
                   "sum(x[0]*x[1])", "x[0].dot(x[1])"]),
    ("det(x@x.T)", ["torch.det(x@x.T)", "torch.linalg.det(x@x.T)", "np.linalg.det(x@x.T)", "exp(logdet(x@x.T))"]),
    ("inv(x@x.T)", ["inverse(x@x.T)", "torch.inverse(x@x.T)", "np.linalg.inv(x@x.T)", "solve(x@x.T, eye(2))"]),
    ("trace(x@x.T)", ["torch.trace(x@x.T)", "sum(diag(x@x.T))", "sum(x**2)"]),
    ("count(x)", ["numel(x)", "x.numel()", "sum(x**0)"]),
    ("x[1, 2]", ["x[1][2]", "x[-1, -1]", "x[1:, 2][0]", "x[1:2, 2:3][0, 0]", "x.T[2, 1]"]),
    ("x[:, 1]", ["x.T[1]", "x[0:2, 1]", "x[:, -2]", "x[::1, 1]"]),
]  # fmt: skip
X = [[0.5, -1.25, 2.0], [3.5, 0.75, -0.5]]


@pytest.mark.parametrize(("program", "others"), SAME, ids=lambda value: value if isinstance(value, str) else "")
def test_spellings_mean_the_same(program: str, others: list[str]) -> None:
    expected = value(program, {"x": X})
    for other in others:
        close(value(other, {"x": X}), expected)


REFUSED = [
    ("np.var(x)", "np"),
    ("np.std(x)", "np"),
    ("sum(x, 2)", "dimension 2"),
    ("sum(x, -3)", "dimension -3"),
    ("sum(x, [0, 0])", "twice"),
    ("sum(x, [0, -2])", "twice"),
    ("x[2]", "outside"),
    ("x[-3]", "outside"),
    ("x[0, 0, 0]", "3 indices"),
    ("x[::-1]", "positive"),
    ("x[[0, 1]]", "index"),
    ("x[[0, 1, 1]]", "index"),
    ("x.T[[0, 2, 1]]", "index"),
    ("x@x", "inner sizes"),
    ("x + x.T", "do not go together"),
    ("dot(x, x)", "vectors"),
    ("cross(x[0], x[:, 0])", "vectors of 3"),
    ("det(x)", "square"),
    ("inv(x)", "square"),
    ("trace(x[0])", "matrix"),
    ("diag(reshape(x, 1, 2, 3))", "matrix"),
    ("reshape(x, 4, -1)", "6 entries"),
    ("reshape(x, -1, -1)", "-1"),
    ("stack([x, x.T])", "differ in shape"),
    ("cat([x, x.T])", "differ in shape"),
    ("cat([x[0, 0], x[0, 1]])", "stacked"),
    ("var(x[0, :1])", "too few"),
    ("cross_entropy(x, 0)", "scores"),
    ("cross_entropy(x, [0, 3])", "class"),
    ("cross_entropy(x, [0])", "1 classes"),
    ("cross_entropy(x[0], -1)", "class"),
    ("norm(x, 0)", "norm"),
]


@pytest.mark.parametrize(("program", "said"), REFUSED, ids=lambda value: value)
def test_refused(program: str, said: str) -> None:
    with pytest.raises(gradcli.GradcliError, match=re.escape(said)):
        value(program, {"x": X})


# Values and Jacobians against plain torch

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


# Constructors


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("linspace(0, 1, 5)", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("linspace(1, -1, 3)", [1.0, 0.0, -1.0]),
        ("linspace(3, 7, 1)", [3.0]),
        ("linspace(0.1, 0.7, 4)", [0.1, 0.3, 0.5, 0.7]),
        ("arange(3)", [0.0, 1.0, 2.0]),
        ("arange(2, 5)", [2.0, 3.0, 4.0]),
        ("arange(0, 1, 0.3)", [0.0, 0.3, 0.6, 0.9]),
        ("arange(0, 0.9, 0.3)", [0.0, 0.3, 0.6]),
        ("arange(3, 0, -2)", [3.0, 1.0]),
        ("logspace(0, 2, 3)", [1.0, 10.0, 100.0]),
        ("logspace(-1, 1, 3, base=2)", [0.5, 1.0, 2.0]),
        ("logspace(0, 1, 3, 4)", [1.0, 2.0, 4.0]),
        ("logspace(0, 0.5, 2)", [1.0, 10**0.5]),
        ("eye(2)", [[1.0, 0.0], [0.0, 1.0]]),
        ("eye(2, 3)", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        ("one_hot(1, 3)", [0.0, 1.0, 0.0]),
        ("one_hot([2, 0], 3)", [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
        ("zeros(2, 1)", [[0.0], [0.0]]),
        ("ones([1, 2])", [[1.0, 1.0]]),
        ("full(2, 1.5)", [1.5, 1.5]),
        ("full([1, 2], 3)", [[3.0, 3.0]]),
    ],
)  # fmt: skip
def test_constructors(program: str, expected: Any) -> None:
    assert value(f"{program}*x") == expected
    (partial,) = gradcli.differentiate("sum(x)", {"x": program}, reference=False).partials
    assert torch.tensor(partial.autograd).shape == torch.tensor(expected).shape


@pytest.mark.parametrize("ends", [("-10", "10", 1000), ("0.1", "0.7", 7), ("1/3", "1/7", 99), ("-pi", "pi", 361)])
def test_linspace_has_exact_ends(ends: tuple[str, str, int]) -> None:
    start, stop, count = ends
    (points,) = (
        gradcli.differentiate("sum(x)", {"x": f"linspace({start}, {stop}, {count})"}, reference=False).at or {}
    ).values()
    points = list(points)
    assert (points[0], points[-1], len(points)) == (value(f"{start}*x"), value(f"{stop}*x"), count)
    assert points == sorted(points, reverse=points[0] > points[-1])


def test_linspace_is_rounded_once() -> None:
    points = value("linspace(0, 1, 11)*x")
    assert points == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_random_numbers(name: str) -> None:
    numbers = value(f"{name}(2000, seed=3)*x")
    assert numbers == value(f"{name}(2000, seed=3)*x") == value(f"flatten({name}(2, 1000, seed=3))*x")
    assert numbers[:2] != value(f"{name}(2, seed=4)*x")
    assert value(f"{name}(2)*x") == value(f"{name}(2, seed=0)*x")
    mean = sum(numbers) / 2000
    spread = sum((number - mean) ** 2 for number in numbers) / 2000
    assert mean == pytest.approx(0.5 if name == "rand" else 0.0, abs=0.08)
    assert spread == pytest.approx(1 / 12 if name == "rand" else 1.0, rel=0.1)
    assert name == "randn" or all(0 <= number < 1 for number in numbers)


@pytest.mark.parametrize(
    ("program", "dtype"),
    [
        ("linspace(0, 1e6, 3)", "float16"),
        ("linspace(0, 1e39, 3)", "float32"),
        ("arange(0, 200000, 70000)", "float16"),
        ("logspace(0, 400, 3)", "float64"),
        ("logspace(0, 39, 3)", "bfloat16"),
        ("full(2, 1e39)", "float32"),
        ("[1e39, 1]", "float32"),
    ],
)
def test_an_entry_too_large_for_the_dtype_is_refused_and_no_zero(program: str, dtype: str) -> None:
    for text, at in ((f"sum({program})*x", "x=1"), ("sum(x)", {"x": program})):
        with pytest.raises(gradcli.GradcliError, match=f"too large for {dtype}"):
            gradcli.differentiate(text, at, dtype=dtype, reference=False)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_entries_are_rounded_to_the_dtype(dtype: str) -> None:
    expected = torch.tensor([i / 7 for i in range(8)], dtype=torch.float64).to(getattr(torch, dtype)).double().tolist()
    assert value("linspace(0, 1, 8)*x", dtype=dtype) == expected
    (points,) = (
        gradcli.differentiate("sum(x)", {"x": "linspace(0, 1, 8)"}, dtype=dtype, reference=False).at or {}
    ).values()
    assert points == expected


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_every_constructor_is_a_constant(name: str) -> None:
    row = table.BY_NAME[name]
    assert row.family == table.BY_NAME["linspace"].family
    program, _, at = row.example.partition(" at ")
    assert {partial.wrt for partial in gradcli.differentiate(program, at, reference=False).partials} == {("x",)}


def test_entries_are_rounded_once() -> None:
    # A little more than 1 + 2**-24: as a double it would be just that, a tie, and become 1.
    assert value("linspace(0, 1.0000000596046447754, 2)*x", dtype="float32")[1] > 1
