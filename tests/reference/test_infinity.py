"""Values of the point that are not finite: what is left is judged, and derivatives by them are limits at best."""

import json
import math

import mpmath
import numpy as np
import pytest
import torch

import gradcli
from gradcli import GradcliError, Verdict
from tests.doors import table

INF = math.inf
WITH_ENDS = [row for row in table.ROWS if isinstance(row.ends, tuple)]


@pytest.mark.parametrize("row", WITH_ENDS, ids=lambda row: row.name)
def test_what_a_row_tends_to(row):
    assert sum(not parameter.optional for parameter in row.parameters) == 1, "the limits are those of one argument"
    for end, far in zip(row.ends, (-1e8, 1e8)):
        if end is None:
            continue
        r = gradcli.differentiate(f"{row.name}(x)", at={"x": far}, reference=False)
        value = r.value if math.isfinite(r.value) else math.copysign(INF, r.value)
        expected = {"inf": INF, "-inf": -INF, "-pi/2": -math.pi / 2, "pi/2": math.pi / 2}.get(end)
        if end in ("inf", "-inf"):
            assert value * expected > 0 and abs(value) > 3, "it grows, as slowly as a logarithm"
        else:
            assert value == pytest.approx(float(end) if expected is None else expected, abs=2e-4)


@pytest.mark.parametrize(
    ("program", "at", "value", "partials"),
    [
        ("exp(-x)*y", {"x": INF, "y": 2}, 0, {"x": None, "y": 0}),
        ("atan(x) + y**2", {"x": -INF, "y": 3}, 9 - math.pi / 2, {"x": None, "y": 6}),
        ("min(x, y)**2", {"x": INF, "y": 3}, 9, {"x": None, "y": 6}),
        ("logaddexp(x, y)*y", {"x": -INF, "y": 3}, 9, {"x": None, "y": 6}),
        ("y/(1 + exp(x))", {"x": -INF, "y": 3}, 3, {"x": None, "y": 1}),
        ("where(x > 0, y**2, 1)", {"x": math.nan, "y": 3}, 1, {"x": None, "y": 0}),
        ("clamp(x, 0, 5)*y", {"x": INF, "y": 3}, 15, {"x": None, "y": 5}),
        ("1/x + sin(y)", {"x": INF, "y": 0.5}, math.sin(0.5), {"x": None, "y": math.cos(0.5)}),
        ("exp(x - y)*y + y", {"x": -INF, "y": 3}, 3, {"x": None, "y": 1}),
    ],
)
def test_what_is_finite_is_judged(program, at, value, partials):
    result = gradcli.differentiate(program, at=at)
    assert result.value == pytest.approx(value) and result.value_verdict is Verdict.AGREE
    for partial in result.partials:
        expected = partials[partial.wrt[0]]
        if expected is None:
            assert (partial.verdict, partial.kind) == (Verdict.UNDEFINED, "not finite")
        else:
            assert partial.verdict is Verdict.AGREE and float(partial.reference) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("program", "x", "limit"),
    [
        ("tanh(x)", INF, "0"),
        ("x/x + x", -INF, None),  # inf/inf tells nothing
        ("3*x", INF, None),  # the value is not finite
        ("3*exp(-x)", INF, "0"),
        ("exp(-x**2)", INF, None),  # 0*inf: it is 0, and the rules do not prove it
        ("sigmoid(x)", -INF, "0"),
        ("exp(-x) + min(x, 5)", -INF, None),
        ("exp(x) + max(x, 5)", -INF, "0"),
        ("tanh(x) + floor(tanh(x))", INF, "0"),
        ("1/x", math.nan, None),
    ],
)
def test_a_limit_is_said_where_it_is_proven(program, x, limit):
    (partial,) = gradcli.differentiate(program, at={"x": x}).partials
    assert partial.verdict is Verdict.UNDEFINED and partial.limit == limit


def test_autograd_that_loses_the_rest_is_told_the_truth():
    """0*inf in the backward pass: the derivative by y exists, and is 0."""
    result = gradcli.differentiate("y**x", at={"x": INF, "y": 0.5}, wrt="y")
    assert result.partials[0].verdict is Verdict.INACCURATE and result.partials[0].reference == "0"


def softmax_of(x):
    return np.exp(x - x.max()) / np.exp(x - x.max()).sum()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_mask(dtype):
    x, m, v = np.array([1.0, 2.0, 3.0]), np.array([-INF, 0.0, 1.0]), np.array([1.0, 2.0, 3.0])
    result = gradcli.differentiate("sum(softmax(x + m)*v)", at={"x": x, "m": m, "v": v}, dtype=dtype)
    by = {partial.wrt[0]: partial for partial in result.partials}
    p = softmax_of(x + m)
    truth = p * (v - p @ v)
    assert by["x"].verdict is by["v"].verdict is Verdict.AGREE
    assert np.allclose([float(one) for one in by["x"].reference], truth)
    assert np.allclose([float(one) for one in by["v"].reference], p)
    assert by["m"].verdict is Verdict.UNDEFINED
    (entry,) = by["m"].entries
    assert (entry.index, entry.kind, entry.limit) == ((0,), "not finite", "0")
    assert np.allclose([float(one) for one in by["m"].reference[1:]], truth[1:])


def test_attention_with_a_causal_mask():
    random = np.random.default_rng(7)
    q, k, v = (random.normal(size=(4, 3)) for _ in range(3))
    mask = np.triu(np.full((4, 4), -INF), 1)
    program = "P = softmax(Q@K.T/sqrt(3) + M, dim=1); sum((P@V)**2)"
    result = gradcli.differentiate(program, at={"Q": q, "K": k, "V": v, "M": mask}, wrt=("Q", "K", "V"))
    assert result.verdict is Verdict.AGREE
    tensors = [torch.tensor(one, requires_grad=True) for one in (q, k, v)]
    scores = tensors[0] @ tensors[1].T / math.sqrt(3) + torch.tensor(mask)
    ((torch.softmax(scores, 1) @ tensors[2]) ** 2).sum().backward()
    for partial, tensor in zip(result.partials, tensors):
        known = [
            (float(one), autograd)
            for row, own in zip(partial.reference, tensor.grad.tolist())
            for one, autograd in zip(row, own)
            if one is not None
        ]
        assert len(known) > 5 and np.allclose(*zip(*known))


def test_a_row_that_is_masked_whole_has_no_meaning():
    result = gradcli.differentiate("sum(softmax(x + m)*[1, 2])", at={"x": [1.0, 2.0], "m": [-INF, -INF]}, wrt="x")
    assert result.verdict is Verdict.UNDEFINED and math.isnan(result.value)


def test_numbers_by_what_is_not_finite_beside_tensors():
    lists = gradcli.differentiate("[c, c**2]", {"c": "inf"})
    beside = gradcli.differentiate("sum(x) + 1/(c - 2)", {"x": [1.0, 2.0], "c": "inf"})
    assert {one.verdict for one in lists.partials} == {Verdict.UNDEFINED}
    found = {one.wrt: (one.verdict, one.limit) for one in beside.partials}
    assert found == {("x",): (Verdict.AGREE, None), ("c",): (Verdict.UNDEFINED, "0")}


def test_json_is_strict():
    at = {"x": math.nan, "y": 1.0, "m": [[0.0, -INF]]}
    text = gradcli.differentiate("y*exp(sum(m)) + x", at=at).to_json()

    def refuse(token):
        raise AssertionError(token)

    data = json.loads(text, parse_constant=refuse)
    assert data["at"] == {"y": 1.0, "m": [[0.0, None]], "x": None}
    assert data["at_status"] == {"m": [[None, "-inf"]], "x": "nan"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x=inf", INF), ("x=-inf", -INF), ("x=np.inf", INF), ("x=-math.inf", -INF), ("x=torch.nan", math.nan),
        ("x=nan", math.nan), ("x=2*inf - 1", INF), ("x=inf - inf", math.nan), ("x=-oo", -INF),
        ("x=[-inf, pi, 1]", [-INF, math.pi, 1]), ("x=full(2, -inf)", [-INF, -INF]),
        ("x=[[0, -inf], [1/inf, sin(1)]]", [[0, -INF], [0, math.sin(1)]]),
    ],
)  # fmt: skip
def test_how_it_is_written(text, value):
    found = gradcli.differentiate("sum(x)", at=text).at["x"]
    assert np.array_equal(np.asarray(found), np.asarray(value, dtype=float), equal_nan=True)


@pytest.mark.parametrize("text", ["x=sin(inf)", "x=infx", "x=sqrt(-inf)"])
def test_what_has_no_value_is_refused(text):
    with pytest.raises(GradcliError):
        gradcli.differentiate("x", at=text)


def test_other_commands_say_where_it_is_taken():
    with pytest.raises(GradcliError, match="not finite") as error:
        gradcli.steps("x**2", at={"x": INF})
    assert "gradcli diff" in error.value.hint


def test_high_precision_agrees_with_the_limits():
    """The derivative of what is left, by difference quotients of the program far out."""
    with mpmath.workdps(40):
        far = mpmath.mpf(10) ** 30
        slope = mpmath.diff(lambda y: mpmath.tanh(far) * y**2 + y / far, 3)
    result = gradcli.differentiate("tanh(x)*y**2 + y/x", at={"x": INF, "y": 3}, wrt="y")
    assert float(result.partials[0].reference) == pytest.approx(float(slope), rel=1e-12)
