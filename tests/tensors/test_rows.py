"""Every row for tensors: its example, its kinks, its spellings, and its values against plain torch."""

from __future__ import annotations

import re

import pytest

import gradcli
from gradcli.diff.data import Verdict
from tests.doors import Kink, Row, table
from tests.tensors.values import X, close, value

NO_FORMULA = {"matrix_exp"}  # by entries its derivative is an integral of products
PATIENCE = 20.0  # the machine may be busy
ROWS = [row for row in table.ROWS if row.shape is not None]
EXAMPLES = [row for row in ROWS if row.example]
CONSTRUCTORS = ("linspace", "logspace", "arange", "zeros", "ones", "full", "eye", "one_hot", "rand", "randn")


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
    ("sum(x[x > 0])", ["m = x > 0; sum(x[m])", "x[x > 0].sum()", "sum(where(x > 0, x, 0))"]),
    ("x[:, 1]", ["x.T[1]", "x[0:2, 1]", "x[:, -2]", "x[::1, 1]"]),
]  # fmt: skip


@pytest.mark.parametrize(("program", "others"), SAME, ids=lambda value: value if isinstance(value, str) else "")
def test_spellings_mean_the_same(program: str, others: list[str]) -> None:
    expected = value(program, {"x": X})
    for other in others:
        close(value(other, {"x": X}), expected)


REFUSED = [
    ("sum(x, 2)", "dimension 2"),
    ("sum(x, -3)", "dimension -3"),
    ("sum(x, [0, 0])", "twice"),
    ("sum(x, [0, -2])", "twice"),
    ("x[2]", "outside"),
    ("x[-3]", "outside"),
    ("x[0, 0, 0]", "3 indices"),
    ("x[::0]", "the step of a slice is 0"),
    ("x[2:1]", "empty"),
    ("x[1:2:-1]", "empty"),
    ("x[[0, 2]]", "the index 2 is outside: there are 2 entries"),
    ("x[:, [0, -4]]", "the index -4 is outside: there are 3 entries"),
    ("x[[0, 1], [0, 1, 2]]", "do not go together: a vector of 2 and a vector of 3"),
    ("x[[0.5]]", "an index is a whole number"),
    ("i = [0, 0.5]; x[i]", "an index is a whole number"),
    ("x[[True, True, False]]", "the mask is a vector of 3, and what it chooses from is a vector of 2"),
    ("x[[False, False]]", "the mask chooses no entry"),
    ("x[[True, 0]]", "a mask has a truth value at every place"),
    ("x[0, ..., ...]", "stands once"),
    ("x[0, ..., 0, 0]", "3 indices"),
    ("reshape(x, 1, 2, 3)[0, :, [0, 1]]", "torch and NumPy"),
    ("x[x]", "has to be known"),
    ("sum(x[x > 0]**2)", "has to be known"),
    ("sum(x[x[0] > 0])", "the condition is a vector of 3, and what it chooses from is 2x3"),
    ("unsqueeze(x, 4)", "there is no dimension 4 in the result"),
    ("squeeze(x, 2)", "there is no dimension 2"),
    ("broadcast_to(x, (3, 3))", "is not repeated to"),
    ("broadcast_to(x, 3)", "more dimensions"),
    ("permute(x, 0, 0)", "each of the 2 dimensions stands once"),
    ("permute(x, 0)", "each of the 2 dimensions stands once"),
    ("movedim(x, (0, 1), (0, 0))", "as many dimensions move"),
    ("flip(x, 2)", "there is no dimension 2"),
    ("roll(x, (1, 2))", "several shifts"),
    ("roll(x, (1, 2), 0)", "2 shifts along 1 dimensions"),
    ("rot90(x[0])", "no dimension 1"),
    ("rot90(x, 1, (0, 0))", "turns two dimensions"),
    ("tril(x[0])", "a matrix is expected"),
    ("torch.diff(x, 3)", "of an order from 0 to 2"),
    ("np.diff(x, axis=2)", "no dimension 2"),
    ("diff(x)", 'diff needs "x"'),
    ("tile(x, 0)", "a whole number from 1"),
    ("repeat_interleave(x, [1, 2], 1)", "or 3 of them do"),
    ("gather(x, 1, [0, 1])", "as many dimensions are expected"),
    ("gather(x, 1, [[0], [3]])", "the index 3 is outside: there are 3 entries"),
    ("take(x, [6])", "the index 6 is outside: there are 6 entries"),
    ("take_along_dim(x, [[0, 1]], 0)", "of the same sizes or 1"),
    ("index_select(x, 0, [[0]])", "a list of places"),
    ("index_add(x, 0, [0], x)", "is expected at these places"),
    ("index_copy(x, 0, [0, 0], x)", "two entries go to one place"),
    ("scatter(x, 0, [[0, 0, 0], [0, 1, 1]], x)", "two entries go to one place"),
    ("scatter_add(x, 0, [[0, 0]], x)", "places"),
    ("masked_select(x, [True, False])", "the mask is a vector of 2"),
    ("narrow(x, 1, 2, 2)", "more than the 3"),
    ("chunk(x, 2, 1)", "3 entries are not 2 equal parts"),
    ("split(x, 2, 1)", "not equal parts of 2"),
    ("split(x, [1, 2], 1)", "parts of several sizes"),
    ("unfold(x, 1, 4, 1)", "a window has from 1 to 3"),
    ("pad(x, 1)", "two numbers for each dimension"),
    ("pad(x, (-2, -1))", "nothing is left"),
    ("pad(x, (1, 1), 'mirror')", "no such word"),
    ("reflect_pad(x, (3, 0))", "from 0 to 2"),
    ("circular_pad(x, (4, 0))", "from 0 to 3"),
    ("x[sin(0)]", "has to be known"),
    ("x@x", "inner sizes"),
    ("x + x.T", "do not go together"),
    ("dot(x, x)", "sizes"),
    ("vdot(x, x)", "vectors"),
    ("torch.dot(x, x)", "vectors"),
    ("torch.mm(x, x[0])", "a matrix and a matrix"),
    ("torch.bmm(x, x)", "stack"),
    ('einsum("ij,jk", x, x)', "stands for"),
    ('einsum("ij->ii", x)', "twice"),
    ('einsum("ij->k", x)', "no term"),
    ('einsum("ijk", x)', "3 letters"),
    ('einsum("ij,jk", x)', "2 terms"),
    ('einsum("i..j", x)', "..."),
    ('einsum("...i...", x)', "twice"),
    ("cdist(x, x.T)", "coordinates"),
    ("tensordot(x, x, 3)", "too many"),
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
