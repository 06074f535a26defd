"""Losses and layers: the same text run by torch itself, at ordinary points, ties and edges, with every option."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
import torch

import gradcli
from gradcli.diff.data import Verdict
from tests.doors import table

ROWS = [row for row in table.ROWS if row.by_name]
PATIENCE = 20.0  # the machine may be busy


def _tensor(values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


V = {
    "x": _tensor([[0.5, -1.25, 2.0], [3.5, 0.75, -0.5]]),
    "y": _tensor([[0.25, -0.5, 1.0], [1.5, 2.0, 0.5]]),
    "p": _tensor([[0.2, 0.7, 0.4], [0.9, 0.35, 0.05]]),  # probabilities
    "r": _tensor([[1.25, 2.0, 0.5], [0.25, 3.0, 1.5]]),  # positive
    "u": _tensor([0.625, -1.0, 2.25]),
    "v": _tensor([1.5, 0.25, -0.75]),
    "A": _tensor([[1.0, 2.0], [3.0, 4.0], [0.0, 1.0]]),
    "T": torch.arange(1.0, 13.0, dtype=torch.float64).sin().reshape(2, 3, 2),
    "c": _tensor([0.5, 1.5, 2.0]),  # weights
    "s": _tensor([[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]]),  # signs
    "b": _tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]),
    "g": _tensor([1.0, -1.0]),
    "m": _tensor([[0.0, 1.0], [-1.0, 0.5]]),
    "k": torch.tensor(1),
    "t": torch.tensor([0, 2]),
    "i": torch.tensor([0, -100]),
    "n": torch.tensor([[0, 2], [1, 1]]),
}
CONSTANT = ("c", "s", "b", "g", "m", "k", "t", "i", "n")

PROGRAMS = [
    "F.mse_loss(x, y)",
    "F.mse_loss(x, y, reduction='sum')",
    "F.mse_loss(x, u, reduction='none')",
    "F.l1_loss(x, y)",
    "F.l1_loss(x, u, reduction='sum')",
    "F.l1_loss(x, y, reduction='none')",
    "F.huber_loss(x, y)",
    "F.huber_loss(x, y, reduction='sum', delta=0.7)",
    "F.huber_loss(x, y, 'none', 0.5)",
    "F.smooth_l1_loss(x, y, beta=0.4)",
    "F.smooth_l1_loss(x, y, reduction='sum', beta=0)",
    "F.binary_cross_entropy(p, r/4)",
    "F.binary_cross_entropy(torch.sigmoid(x), b)",
    "F.binary_cross_entropy(p, r/4, weight=c, reduction='sum')",
    "F.binary_cross_entropy(p, b, reduction='none')",
    "F.binary_cross_entropy_with_logits(x, p)",
    "F.binary_cross_entropy_with_logits(x, p, reduction='sum', weight=c, pos_weight=c)",
    "F.binary_cross_entropy_with_logits(x, b, reduction='none', pos_weight=c)",
    "F.kl_div(x, p)",
    "F.kl_div(F.log_softmax(x, 1), p, reduction='batchmean')",
    "F.kl_div(x, y, log_target=True, reduction='sum')",
    "F.poisson_nll_loss(x, p)",
    "F.poisson_nll_loss(p, y, log_input=False, eps=0.01, reduction='sum')",
    "F.poisson_nll_loss(x, r, full=True, reduction='none')",
    "F.gaussian_nll_loss(x, y, r)",
    "F.gaussian_nll_loss(x, y, r, full=True, eps=0.1, reduction='sum')",
    "F.soft_margin_loss(x, s)",
    "F.soft_margin_loss(x, s, reduction='sum')",
    "F.hinge_embedding_loss(x, s)",
    "F.hinge_embedding_loss(x, s, margin=2.5, reduction='sum')",
    "F.margin_ranking_loss(x, y, s, margin=0.5)",
    "F.margin_ranking_loss(x, y, s, reduction='none')",
    "F.cross_entropy(u, k)",
    "F.cross_entropy(u, k, reduction='sum', weight=c)",
    "F.cross_entropy(u, k, label_smoothing=0.1, weight=c)",
    "F.cross_entropy(x, t)",
    "F.cross_entropy(x, t, reduction='sum')",
    "F.cross_entropy(x, t, reduction='none')",
    "F.cross_entropy(x, i)",
    "F.cross_entropy(x, t, ignore_index=2, reduction='none')",
    "F.cross_entropy(x, t, weight=c)",
    "F.cross_entropy(x, t, c, label_smoothing=0.1, ignore_index=0)",
    "F.cross_entropy(x, t, label_smoothing=0.1)",
    "F.cross_entropy(x, i, label_smoothing=0.1, reduction='none')",
    "F.cross_entropy(x, p)",
    "F.cross_entropy(x, p, weight=c, label_smoothing=0.2, reduction='sum')",
    "F.cross_entropy(x, F.softmax(y, 1), reduction='none')",
    "F.cross_entropy(u, v)",
    "F.cross_entropy(T, n)",
    "F.cross_entropy(T, n, weight=c, label_smoothing=0.1, reduction='none')",
    "F.cross_entropy(T, n, ignore_index=1, reduction='sum')",
    "F.nll_loss(x, t)",
    "F.nll_loss(F.log_softmax(x, 1), t, weight=c)",
    "F.nll_loss(u, k, weight=c, reduction='sum')",
    "F.nll_loss(x, i, reduction='none')",
    "F.nll_loss(T, n, ignore_index=2)",
    "F.multi_margin_loss(x, t)",
    "F.multi_margin_loss(u, k, p=2, margin=0.5)",
    "F.multi_margin_loss(x, t, weight=c, reduction='none')",
    "F.multilabel_soft_margin_loss(x, p)",
    "F.multilabel_soft_margin_loss(x, b, weight=c, reduction='none')",
    "F.linear(u, x)",
    "F.linear(x, r, g)",
    "F.linear(x, u)",
    "F.linear(T, A, u)",
    "torch.sum(F.embedding(t, A)**2)",
    "F.embedding(n, A)",
    "F.embedding(k, A)",
    "torch.sum(F.layer_norm(x, [3])*y)",
    "torch.sum(F.layer_norm(x, [3], u, v)*y)",
    "F.layer_norm(x, [2, 3], bias=r, eps=0.1)",
    "F.rms_norm(x, [3], u, eps=1e-6)",
    "torch.sum(F.batch_norm(x, None, None, training=True)*y)",
    "F.batch_norm(x, c, c, weight=v, bias=u)",
    "torch.sum(F.batch_norm(T, None, None, v, u, training=True, momentum=0.2, eps=0.01)*T)",
    "F.batch_norm(T, running_mean=c, running_var=c)",
    "F.group_norm(x, 1)",
    "torch.sum(F.group_norm(T, 3, u, v, eps=0.01)*T)",
    "torch.sum(F.instance_norm(T, weight=u, bias=v, eps=0.01)*T)",
    "F.scaled_dot_product_attention(x, y, r)",
    "torch.sum(F.scaled_dot_product_attention(x, y, r, is_causal=True)*r)",
    "torch.sum(F.scaled_dot_product_attention(x, y, r, attn_mask=m, scale=0.3)*r)",
    "torch.sum(F.scaled_dot_product_attention(T, T, T, dropout_p=0))",
    "F.dropout(x, 0.3, training=False)*y",
    "F.dropout(x, p=0)",
    "F.glu(T, 0)",
    "F.glu(T)",
    "F.prelu(x, u)",
    "torch.prelu(T, u)",
    "F.cosine_similarity(u, v, dim=0)",
    "F.cosine_similarity(x, y)",
    "torch.cosine_similarity(x, u, dim=-1, eps=0.1)",
    "torch.sum(F.normalize(x)*y)",
    "F.normalize(x, p=3, dim=0, eps=0.1)",
    "F.pairwise_distance(x, y)",
    "F.pairwise_distance(u, v, p=1, eps=0.01, keepdim=True)",
    "F.cosine_embedding_loss(x, y, g, margin=0.1)",
    "F.cosine_embedding_loss(u, v, k)",
    "F.cosine_embedding_loss(x, y, g, reduction='sum')",
    "F.triplet_margin_loss(x, y, r)",
    "F.triplet_margin_loss(u, v, c, margin=2, swap=True, p=1, eps=0.01, reduction='none')",
    "F.gelu(u, approximate='tanh')",
    "F.gelu(u, approximate='none')",
    "torch.meshgrid(u, g, indexing='ij')[0]*torch.meshgrid(u, g, indexing='ij')[1]",
    "torch.meshgrid(u, v[:2], indexing='xy')[0]*torch.meshgrid(u, v[:2], indexing='xy')[-1]",
    "torch.meshgrid(u[:2], g, v, c[:1], indexing='ij')[2]",
    "torch.meshgrid(u[:2], g, v, indexing='xy')[0]",
]  # fmt: skip

EDGES = [
    ("F.l1_loss(x, y)", {"x": [[1.0, 2.0]], "y": [[1.0, 3.0]]}),
    ("F.huber_loss(x, y)", {"x": [1.0, 2.0], "y": [0.0, 3.0]}),
    ("F.smooth_l1_loss(x, y)", {"x": [1.0, 2.0], "y": [0.0, 2.0]}),
    ("F.smooth_l1_loss(x, y, beta=0)", {"x": [1.0, 2.0], "y": [0.0, 2.0]}),
    ("F.binary_cross_entropy(p, b)", {"p": [0.0, 1.0, 0.0, 1.0, 0.5], "b": [0.0, 1.0, 1.0, 0.0, 1.0]}),
    ("F.binary_cross_entropy(p, b)", {"p": [1e-50, 1e-13, 0.5], "b": [1.0, 1.0, 1.0]}),
    ("F.binary_cross_entropy_with_logits(x, b)", {"x": [0.0, 800.0, -800.0], "b": [1.0, 0.0, 0.0]}),
    ("F.hinge_embedding_loss(x, s)", {"x": [1.0, 0.0], "s": [-1.0, 1.0]}),
    ("F.margin_ranking_loss(x, y, s)", {"x": [1.0, 2.0], "y": [1.0, 2.0], "s": [1.0, -1.0]}),
    ("F.multi_margin_loss(u, k)", {"u": [1.0, 2.0, 0.0], "k": 1}),
    ("F.kl_div(x, p, reduction='sum')", {"x": [0.5, 0.25], "p": [0.0, 1.0]}),
    ("F.cosine_similarity(u, v, dim=0)", {"u": [0.0, 0.0], "v": [3.0, 4.0]}),
    ("F.cosine_similarity(u, v, dim=0)", {"u": [1e-9, 0.0], "v": [3.0, 4.0]}),
    ("F.cosine_similarity(u, v, dim=0)", {"u": [2.0, 1.0], "v": [4.0, 2.0]}),
    ("torch.sum(F.normalize(u, dim=0))", {"u": [0.0, 0.0]}),
    ("torch.sum(F.normalize(x, dim=1))", {"x": [[0.0, 0.0], [1.0, 2.0]]}),
    ("torch.sum(F.normalize(u, p=1, dim=0)*v)", {"u": [0.0, 2.0], "v": [1.0, 3.0]}),
    ("torch.sum(F.prelu(x, u))", {"x": [[0.0, -1.0]], "u": [0.25]}),
    ("torch.sum(F.layer_norm(u, [3])*v)", {"u": [2.0, 2.0, 2.0], "v": [1.0, 2.0, 5.0]}),
    ("F.triplet_margin_loss(u, v, c)", {"u": [1.0, 2.0], "v": [1.0, 2.0], "c": [1.0, 3.0]}),
    ("F.pairwise_distance(u, v)", {"u": [1.0, 2.0], "v": [1.0, 2.0]}),
]  # fmt: skip


def _names(program: str) -> list[str]:
    return [name for name in V if re.search(rf"(?<![\w.']){name}\b(?!=)", program)]


def _by_torch(program: str, tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    """The text is ours; torch reads it as it stands."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is broadcast, and of what a mean of divergences is
        value: torch.Tensor = eval(program, {"F": torch.nn.functional, "torch": torch, **tensors})
    return value


def _gradients(program: str, point: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """The value, and the derivative of the sum of its entries, weighted, by each tensor."""
    leaves = {name: one.clone() if name in CONSTANT else one.clone().requires_grad_() for name, one in point.items()}
    value = _by_torch(program, leaves)
    found = {}
    for name, leaf in leaves.items():
        if name not in CONSTANT:
            rows = [
                torch.autograd.grad(one, leaf, retain_graph=True, allow_unused=True)[0] for one in value.reshape(-1)
            ]
            found[name] = torch.stack([torch.zeros_like(leaf) if one is None else one for one in rows])
    return value.detach(), found


def _close(found: Any, expected: torch.Tensor, rtol: float = 1e-11) -> None:
    shown = torch.tensor(found, dtype=torch.float64).reshape(expected.shape)
    torch.testing.assert_close(shown, expected, rtol=rtol, atol=1e-13, equal_nan=True)


def test_every_row_is_called_with_everything_it_takes() -> None:
    text = "\n".join(PROGRAMS)
    for row in ROWS:
        if row.name == "einsum" or row.name.startswith("conv"):  # of text, and convolutions: tested elsewhere
            continue
        names = [name for _, name in row.spellings()]
        calls = [line for line in text.splitlines() if any(f".{name}(" in line for name in names)]
        assert calls, row.name
        for parameter in row.parameters:
            if parameter.default is None:
                continue
            place = row.parameters.index(parameter)
            given = any(f"{parameter.name}=" in line or line.count(",") >= place for line in calls)
            assert given or parameter.name == "momentum", (row.name, parameter.name)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("program", PROGRAMS)
def test_it_is_torchs_and_true(program: str) -> None:
    point = {name: V[name] for name in _names(program)}
    expected, gradients = _gradients(program, point)
    result = gradcli.differentiate(program, point, wrt=list(gradients), patience=PATIENCE)
    assert torch.tensor(result.value).shape == expected.shape
    _close(result.value, expected)
    for name, rows in gradients.items():
        mine = [partial for partial in result.partials if partial.wrt == (name,)]
        _close([partial.autograd for partial in mine], rows)
        _close([partial.symbolic_value for partial in mine], rows, rtol=1e-9)
        assert {partial.verdict for partial in mine} == {Verdict.AGREE}, [partial.note for partial in mine]


@pytest.mark.parametrize(("program", "at"), EDGES)
def test_at_ties_and_edges_autograd_is_torchs(program: str, at: dict[str, Any]) -> None:
    point = {name: torch.tensor(one) if name == "k" else _tensor(one) for name, one in at.items()}
    expected, gradients = _gradients(program, point)
    result = gradcli.differentiate(program, at, wrt=list(gradients), reference=False)
    _close(result.value, expected)
    for name, rows in gradients.items():
        _close([partial.autograd for partial in result.partials if partial.wrt == (name,)], rows)


TRUTHS = [  # what torch has at an edge, and what is true
    ("F.l1_loss(x, y)", {"x": [1.0], "y": [1.0]}, Verdict.UNDEFINED),
    ("F.huber_loss(x, y)", {"x": [1.0], "y": [0.0]}, Verdict.AGREE),
    ("F.cosine_similarity(x, y, dim=0)", {"x": [0.0, 0.0], "y": [3.0, 4.0]}, Verdict.AGREE),
    ("sum(F.normalize(x, dim=0))", {"x": [0.0, 0.0]}, Verdict.AGREE),
    ("F.hinge_embedding_loss(x, [-1])", {"x": [1.0]}, Verdict.UNDEFINED),
    ("F.binary_cross_entropy(x, [1])", {"x": [0.0]}, Verdict.UNDEFINED),
    ("sum(F.prelu(x, 0.25))", {"x": [0.0]}, Verdict.UNDEFINED),
]


@pytest.mark.parametrize(("program", "at", "verdict"), TRUTHS)
def test_at_an_edge_the_reference_says_what_is_true(program: str, at: Any, verdict: Verdict) -> None:
    assert gradcli.differentiate(program, at, wrt=["x"], patience=PATIENCE).verdict is verdict


def test_torchs_cross_entropy_of_a_sure_and_right_prediction_has_no_slope_and_the_truth_has() -> None:
    """-log(1 - x) has the slope 1 at 0; torch's backward divides 0 by 1e-12."""
    (partial,) = gradcli.differentiate("F.binary_cross_entropy(x, [0])", {"x": [0.0]}).partials
    assert list(partial.autograd) == [0.0]
    assert [float(entry.reference) for entry in partial.entries] == [1.0]
    assert partial.verdict in (Verdict.DISAGREE, Verdict.INACCURATE)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("program", ["F.cross_entropy(x, t)", "F.mse_loss(x, y)", "F.linear(x, r)[0, 0]",
                                     "F.layer_norm(x, [3])[0, 1]"])  # fmt: skip
def test_other_dtypes(program: str, dtype: str) -> None:
    result = gradcli.differentiate(program, {name: V[name] for name in _names(program)}, dtype=dtype, patience=PATIENCE)
    assert result.verdict in (Verdict.AGREE, Verdict.INACCURATE)


def test_second_derivatives() -> None:
    x = V["x"]
    result = gradcli.differentiate("F.cross_entropy(x, [0, 2])", {"x": x}, order=2, patience=PATIENCE)
    classes = torch.tensor([0, 2])
    expected = torch.autograd.functional.hessian(lambda x: torch.nn.functional.cross_entropy(x, classes), x)
    (partial,) = result.partials
    _close(partial.autograd, expected)
    assert partial.verdict is Verdict.AGREE


def test_the_derivative_by_weights_which_torch_lacks_is_that_of_the_definition() -> None:
    point = {name: V[name] for name in ("p", "b", "c")}
    result = gradcli.differentiate("F.binary_cross_entropy(p, b, weight=c)", point, wrt=["c"], patience=PATIENCE)
    entries = torch.nn.functional.binary_cross_entropy(V["p"], V["b"], reduction="none")
    _close(result.partials[0].autograd, entries.sum(0) / 6)
    assert result.verdict is Verdict.AGREE


# Values that have to be known


def test_classes_may_be_given_by_at() -> None:
    typed = gradcli.differentiate("cross_entropy(x, [0, 2])", {"x": V["x"]})
    for program, at in (
        ("cross_entropy(x, t)", {"x": V["x"], "t": [0, 2]}),
        ("t = [0, 2]; cross_entropy(x, t)", {"x": V["x"]}),
        ("loss(s, c) = cross_entropy(s, c); loss(x, t)", {"x": V["x"], "t": [0, 2]}),
        ("t = k; cross_entropy(x, t)", {"x": V["x"], "k": [0, 2]}),
    ):
        result = gradcli.differentiate(program, at)
        assert result.value == typed.value
        assert [partial.wrt for partial in result.partials] == [("x",)]
        assert result.partials[0].autograd == typed.partials[0].autograd
        assert bool(result.notes) == (len(at) > 1)


def test_indices_and_sizes_may_be_given_by_at() -> None:
    point = {"x": [1.0, 2.0, 3.0, 4.0]}
    result = gradcli.differentiate("x[i]*sum(reshape(x, n, 2)[0])", {**point, "i": 3, "n": 2})
    assert result.value == 12.0
    assert [list(partial.autograd) for partial in result.partials] == [[4.0, 4.0, 0.0, 3.0]]


@pytest.mark.parametrize(
    ("program", "at", "said"),
    [
        ("cross_entropy(x, t)", {"x": [1, 2], "t": 0.5}, "not whole"),
        ("cross_entropy(x, t)", {"x": [1, 2], "t": 2}, "class"),
        ("cross_entropy(x, t)", {"x": [[1, 2]], "t": [0, 1]}, "2 classes"),
        ("cross_entropy(x, y[0])", {"x": [1, 2], "y": [1, 0]}, "known before"),
        ("cross_entropy(x, [[0.5]])", {"x": [1, 2]}, "probabilities"),
        ("mse_loss(x, y, reduction='avg')", {"x": [1], "y": [2]}, "no such word"),
        ("mse_loss(x, y, reduction=sum)", {"x": [1], "y": [2]}, "without quotes"),
        ("sin('x')", {"x": 1}, "no text"),
        ("dropout(x)", {"x": [1]}, "random"),
        ("scaled_dot_product_attention(x, x, x, dropout_p=0.1)", {"x": [[1]]}, "random"),
        ("batch_norm(x)", {"x": [[1, 2]]}, "running_mean"),
        ("F.normalize(x)", {"x": [1, 2]}, "dim=0"),
        ("rms_norm(x, 2)", {"x": [1, 2]}, "eps"),
        ("binary_cross_entropy(x, y)", {"x": [0.5], "y": [[0.5]]}, "shapes differ"),
    ],
)  # fmt: skip
def test_refused(program: str, at: Any, said: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.differentiate(program, at, reference=False)
    assert said in f"{caught.value} {caught.value.hint}"


def test_by_what_is_known_beforehand_there_is_no_derivative() -> None:
    with pytest.raises(gradcli.GradcliError, match="there is no derivative by t"):
        gradcli.differentiate("cross_entropy(x, t)", {"x": [1, 2], "t": 1}, wrt=["t"])


def test_a_claim_may_name_the_class() -> None:
    found = gradcli.check("cross_entropy(x, t)", "x = softmax(x) - eye(3)[t]", {"x": [1, 2, 3], "t": 1})
    assert found.verdict.value in ("proved", "holds")
    assert any("t = 1" in note for note in found.notes)


@pytest.mark.parametrize("to", ["numpy", "torch"])
@pytest.mark.parametrize("program", ["cross_entropy(x, [0, 2], label_smoothing=0.1)", "huber_loss(x, y, reduction='sum')",
                                     "sum(layer_norm(x, 3)*y)", "mse_loss(x, y, reduction='sum')"])  # fmt: skip
def test_code_of_what_has_options_is_verified(program: str, to: str) -> None:
    shape = {name: (2, 3) for name in _names(program) if name in ("x", "y")}
    assert gradcli.code(program, to, shape=shape).verified.digits >= 10
