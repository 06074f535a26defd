"""A prefix means that library's function: every spelling of the table against the library, at kinks and ties, too."""

from __future__ import annotations

import itertools
import math
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import gradcli
from tests.doors import COMPOSED, Row, table

special = pytest.importorskip("scipy.special")

HOMES: dict[str, tuple[Any, str]] = {
    "torch": (torch, "torch"),
    "special": (torch.special, "torch.special"),
    "F": (torch.nn.functional, "F"),
    "np": (np, "np"),
    "math": (math, "math"),
    "scipy": (special, "special"),
}
BY_TORCH = ("torch", "special", "F")
POINTS = {1: (-2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0), 2: (-1.0, 0.0, 1.0, 2.5), 3: (-1.0, 0.5, 2.0), 4: (0.5, 2.0)}
MOST_POINTS = 16

# Where a library is another function than the one it names, or less of it: what is compared there.
NARROWER = {
    ("scipy", "zeta"): lambda s, q=1.0: s > 1,  # the libraries have not the continuation to the left
    ("scipy", "lambertw"): lambda x, k=0.0: k in (0.0, -1.0),  # the other branches are complex
    ("special", "zeta"): lambda s, q=1.0: s > 1,
    ("scipy", "yn"): lambda n, x: n == int(n),  # whole orders only, by a warning for others
    ("scipy", "kn"): lambda n, x: n == int(n),
    # Of negative degrees SciPy has no value, or another than those that continue the polynomials; at -1 it tells
    # infinities of degrees that are not whole, and has no U of degree -1.
    **{("scipy", f"eval_{name}"): lambda n, x: n == int(n) >= 0 for name in ("hermite", "hermitenorm")},
    **{("scipy", f"eval_{name}"): lambda n, *rest: n >= 0 for name in ("laguerre", "genlaguerre")},
    **{
        ("scipy", f"eval_{name}"): lambda n, *rest: n >= 0 and (rest[-1] > -1 or n == int(n))
        for name in ("gegenbauer", "jacobi")
    },
    ("scipy", "eval_legendre"): lambda n, x: x > -1 or n == int(n),
    ("scipy", "eval_chebyu"): lambda n, x: x > -1 or n == int(n) >= 0,
}
ROUGH = {("special", "airy_ai"): 1e-4}  # torch's own number is right to so many digits only
# A row that is read as another one is held against torch where tensors are rearranged.
SPELLED = [(row, *pair) for row in table.ROWS if row.shape is None and not row.reads for pair in row.spellings()]


def _found(home: Any, name: str) -> Any:
    for part in name.split("."):
        home = getattr(home, part)
    return home


def _counts(row: Row, library: str, name: str) -> list[int]:
    """With how many arguments it is called."""
    taken = row.taken(library, name)
    return [taken] if taken else sorted({row.least, row.least if row.variadic else len(row.parameters)})


def _text(row: Row, prefix: str, name: str, count: int) -> str:
    args = [f"a{i} > 0" if i in row.truths else f"a{i}" for i in range(count)]
    return f"{prefix}.{name}({', '.join(args)})"


def _real(row: Row, library: str, function: Any, point: tuple[float, ...], smooth: list[int]) -> Any:
    """What the library gives, and its derivatives by the arguments that have one; None where it has no value."""
    if library not in BY_TORCH:
        given: list[Any] = [one > 0 if i in row.truths else one for i, one in enumerate(point)]
        if library == "math" and all(one == int(one) for one in point):
            given = [int(one) for one in point]
        if library == "scipy":  # degrees and orders are whole numbers there
            types = getattr(function, "types", ["d"])
            whole = types[0][0] not in "fd" and given[0] == int(given[0])
            given = [one if i in smooth and (i or not whole) else int(one) for i, one in enumerate(given)]
        try:
            with np.errstate(all="ignore"):
                value = function(*given)
        except (ValueError, TypeError, ZeroDivisionError, OverflowError):
            return None
        if np.iscomplexobj(value) and np.imag(value):
            return None
        if row.gives_truth:
            value = point[0] if value else 2 * point[0]
        return float(np.real(value)), {}
    leaves = [torch.tensor(one, dtype=torch.float64, requires_grad=i in smooth) for i, one in enumerate(point)]
    inputs: list[Any] = [leaf > 0 if i in row.truths else leaf for i, leaf in enumerate(leaves)]
    value: Any = None
    for some in (inputs, [one if i in smooth else point[i] for i, one in enumerate(inputs)],
                 [int(one) if i not in smooth and float(one) == int(one) else one for i, one in enumerate(inputs)],
                 [inputs[0], *point[1:]]):  # fmt: skip
        try:
            value = function(*some)
            break
        except (TypeError, RuntimeError):
            continue
    if value is None:
        return None
    if row.gives_truth:
        value = torch.where(value, leaves[0], 2 * leaves[0])
    slopes = {}
    for i in smooth:
        try:
            (slope,) = torch.autograd.grad(value, leaves[i], retain_graph=True, allow_unused=True)
        except RuntimeError:
            continue  # torch has the function and not this derivative
        if slope is not None:
            slopes[f"a{i}"] = float(slope)
    return float(value.detach()), slopes


def _points(row: Row, count: int, smooth: list[int]) -> Iterator[tuple[float, ...]]:
    """Points with kinks and ties; parameters that are constants are small whole numbers, in ascending order."""
    for start in (1.0, 2.0):
        choices = [POINTS[count] if i in smooth or i in row.truths else (start + i,) for i in range(count)]
        yield from itertools.product(*choices)


def _same(found: Any, expected: float, relative: float) -> bool:
    number = math.nan if found is None else float(found)
    if math.isnan(number) or math.isnan(expected):
        return math.isnan(number) and math.isnan(expected)
    return number == expected or abs(number - expected) <= relative * max(1.0, abs(expected))


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("row", "library", "name"), SPELLED, ids=lambda value: getattr(value, "name", value))
def test_a_function_of_numbers_is_the_librarys(row: Row, library: str, name: str) -> None:
    home, prefix = HOMES[library]
    function = _found(home, name)
    compared = 0
    for count in _counts(row, library, name):
        smooth = [i for i in range(count) if i not in row.truths
                  and (i >= len(row.derivative) or row.derivative[i] is not None)]  # fmt: skip
        text = _text(row, prefix, name, count)
        text = f"where({text}, a0, 2*a0)" if row.gives_truth else text
        points = list(_points(row, count, smooth))
        for point in points[:: -(-len(points) // MOST_POINTS)]:
            if not NARROWER.get((library, name), lambda *_: True)(*point):
                continue
            real = _real(row, library, function, point, smooth)
            if real is None:
                continue
            at = {f"a{i}": one for i, one in enumerate(point)}
            try:
                found = gradcli.differentiate(text, at, wrt=[f"a{i}" for i in smooth], reference=False)
            except gradcli.GradcliError as error:
                assert "not implemented" in str(error) or "whole" in str(error) or "integer" in str(error), (at, error)
                continue
            compared += 1
            relative = ROUGH.get((library, name), 1e-9)
            assert _same(found.value, real[0], relative), (text, at, found.value, real[0])
            for partial in found.partials:
                slope = real[1].get(partial.wrt[0])
                assert slope is None or _same(partial.autograd, slope, relative), (text, at, partial.wrt, slope)
    assert compared


# Functions of tensors: the same text in Python, where entries tie

V = {
    "x": torch.tensor([2.0, 3.0, 3.0, -1.0], dtype=torch.float64),
    "y": torch.tensor([1.0, 3.0, 0.0, -1.0], dtype=torch.float64),
    "a": torch.tensor([1.0, 2.0, -1.0], dtype=torch.float64),
    "b": torch.tensor([0.5, -2.0, 4.0], dtype=torch.float64),
    "A": torch.tensor([[1.0, 4.0, 4.0], [1.0, -2.0, 4.0]], dtype=torch.float64),
    "B": torch.tensor([[1.0, 2.0], [0.0, 3.0], [-1.0, 0.5]], dtype=torch.float64),
    "S": torch.tensor([[2.0, 0.5], [-1.0, 3.0]], dtype=torch.float64),
}
TORCH = [
    "torch.max(A)", "torch.min(A)", "torch.max(A, 0)[0]", "torch.max(A, dim=1).values", "torch.min(A, 0)[0]",
    "torch.max(A, dim=-1, keepdim=True).values", "torch.min(A, 1, True)[0]", "A.max(0)[0]", "A.min(dim=1).values",
    "A.max()", "torch.max(A, 1)[1]*torch.sum(A, 1)", "torch.min(A, dim=0).indices*A[0]", "torch.max(x, y)",
    "torch.min(x, y)", "torch.maximum(x, y)", "torch.minimum(x, y)", "torch.fmax(x, y)", "torch.fmin(x, y)",
    "torch.amax(A)", "torch.amax(A, 0)", "torch.amax(A, dim=[0, 1])", "torch.amin(A, dim=1, keepdim=True)",
    "torch.median(x)", "torch.median(A, 1)[0]", "torch.sum(A)", "torch.sum(A, 1)", "torch.sum(A, dim=0, keepdim=True)",
    "torch.sum(A, axis=0)", "torch.mean(A)", "torch.mean(A, 0, True)", "torch.mean(A, dim=[0, 1])", "torch.prod(A)",
    "torch.prod(A, 1)", "torch.prod(A, dim=0, keepdim=True)", "torch.var(A)", "torch.var(A, 1)",
    "torch.var(A, dim=0, correction=0)", "torch.var(x, correction=2, dim=0, keepdim=True)", "torch.std(x)",
    "torch.std(A, 1, keepdim=True)", "torch.std(x, correction=0)", "torch.norm(A)", "torch.norm(A, p=1)",
    "torch.norm(A, 3, dim=1)", "torch.norm(A, p=2, dim=0, keepdim=True)", "torch.norm(x, p=math.inf)",
    "torch.linalg.norm(a)", "torch.logsumexp(A, 0)", "torch.logsumexp(A, dim=1, keepdim=True)",
    "torch.special.logsumexp(A, 1)", "torch.cumsum(A, 0)", "torch.cumsum(A, dim=1)", "torch.softmax(A, 1)",
    "torch.softmax(A, dim=0)", "torch.special.softmax(A, 0)", "F.softmax(A, dim=1)", "torch.log_softmax(A, 1)",
    "F.log_softmax(A, dim=0)", "torch.special.log_softmax(A, 1)", "F.softmin(A, dim=1)", "torch.matmul(A, B)",
    "torch.mm(A, B)", "torch.mv(A, a)", "torch.dot(a, b)", "torch.inner(a, b)", "torch.outer(a, b)",
    "torch.linalg.cross(a, b)", "torch.cross(a, b)", "torch.t(A)", "torch.trace(S)", "torch.diag(a)", "torch.diag(S)", "torch.det(S)",
    "torch.linalg.det(S)", "torch.logdet(S)", "torch.inverse(S)", "torch.linalg.inv(S)", "torch.linalg.solve(S, A)",
    "torch.linalg.pinv(A)", "torch.pinverse(A)", "torch.where(x > y, x, y)", "torch.clamp(x, 2, 3)",
    "torch.clamp(x, min=3)", "torch.clip(x, max=3)", "torch.reshape(A, [3, 2])", "torch.flatten(A)", "torch.ravel(A)",
    "torch.stack([a, b], dim=1)", "torch.cat([a, b])", "torch.concat([A, A], 1)", "torch.numel(A)*a",
    "torch.cummax(A, 1)[0]", "torch.cummin(A, dim=0).values", "x.cummax(0)[0]", "torch.unbind(A, 1)[0]", "A.mT@a[:2]",
    "torch.hsplit(B, 2)[1]", "torch.vsplit(B, [1])[1]", "torch.hsplit(x, 2)[0]", "torch.lerp(a, b, 0.3)",
    "torch.lerp(input=a, end=b, weight=a)", "torch.addcmul(a, b, a, value=0.5)", "torch.addcmul(a, b, b)",
    "torch.addcdiv(a, b, b, value=2)", "torch.addr(B.T, a[:2], b, beta=2, alpha=0.5)", "torch.ger(a, b)",
    "torch.dist(a, b, p=math.inf)", "torch.dist(a, b, -math.inf)",
    "torch.var(x, correction=1.5)", "torch.std(A, 1, correction=0.5)", "torch.linalg.eigvalsh(S, UPLO='U')",
    "torch.linalg.eigvalsh(S, 'U')", "torch.linalg.eigvalsh(S)", "torch.dist(a, b)", "torch.dist(A, A[0], p=3)", "torch.trapezoid(A)", "torch.trapezoid(A, a)", "a.lerp(b, 0.5)",
    "torch.trapezoid(A, A + A**3)", "torch.trapz(a, dx=0.5)", "torch.sum(A[:, torch.tensor([0, 2, 2])], 0)",
    "F.cross_entropy(A, torch.tensor([0, 2], dtype=torch.long))",
]  # fmt: skip
NUMPY = [
    "np.max(A)", "np.max(A, axis=0)", "np.min(A, axis=1, keepdims=True)", "np.amax(A, 0)", "np.amin(A)",
    "np.maximum(x, y)", "np.minimum(x, y)", "np.fmax(x, y)", "np.fmin(x, y)", "np.sum(A)", "np.sum(A, axis=0)",
    "np.mean(A, axis=1)", "np.prod(A, axis=-1)", "np.linalg.norm(A)", "np.linalg.norm(a)", "np.linalg.norm(A, axis=1)",
    "np.dot(a, b)", "np.dot(A, B)", "np.dot(A, a)", "np.inner(a, b)", "np.matmul(A, B)", "np.outer(a, b)",
    "np.cross(a, b)", "np.transpose(A)", "np.trace(S)", "np.diag(a)", "np.linalg.det(S)", "np.linalg.inv(S)",
    "np.linalg.solve(S, A)", "np.linalg.pinv(A)", "np.where(x > y, x, y)", "np.clip(x, 2, 3)", "np.reshape(A, [3, 2])",
    "np.ravel(A)", "np.stack([a, b], axis=1)", "np.concatenate([a, b])", "np.size(A)*a", "special.logsumexp(A)",
    "special.logsumexp(A, axis=1)", "np.var(x)", "np.var(x, ddof=1.5)",
    "np.clip(x, a_min=2, a_max=3)", "np.clip(x, 2, None)", "np.clip(x, None, 3)", "np.clip(x, 2, 3)", "np.linalg.eigvalsh(S, 'U')",
     "np.var(A, 0, ddof=1)", "np.var(A, axis=1, keepdims=True)",
    "np.std(x)", "np.std(A, axis=0, ddof=1)", "np.cumsum(A)", "np.cumsum(A, axis=0)", "np.cumsum(A, None)",
    "np.cumprod(A)", "np.cumprod(A, 1)", "np.percentile(x, 30)", "np.percentile(A, 25, axis=1, keepdims=True)",
    "np.ptp(x)", "np.ptp(A, axis=1)", "np.average(A)", "np.average(A, 0)", "np.transpose(np.stack([A, A]), (2, 0, 1))",
    "np.var(A, axis=(0, 1))", "np.ptp(A, axis=(0, 1))", "np.sum(np.array((1, 2, 4))*a)",
    "np.trapezoid(A, a)", "np.trapezoid(a, dx=2)", "np.trapezoid(a, dx=b[:2])", "special.softmax(A)", "special.softmax(A, axis=1)",
    "np.dot(np.array([1, 2, -4], dtype=int), a)", "np.sum(np.array([0.1, 2, 3], dtype=float)*a)",
    "np.sum(np.array([1, 2, 4]).reshape([3])*a)", "np.sum(np.array([a, b]), axis=0)", "np.hsplit(B, 2)[1]", "np.vsplit(B, [1])[1]",
]  # fmt: skip
_ZERO, _TIES, _HALVES = [0.0, 3.0, 0.0], [1.0, 1.0], [[1.0, 2.0], [3.0, 4.0]]
# What jax.grad gives, of JAX 0.10.2 in float64.
JAX = [
    ("jnp.abs(x)", {"x": 0.0}, [1.0]), ("jnp.absolute(x)", {"x": 0.0}, [1.0]), ("jnp.fabs(x)", {"x": 0.0}, [1.0]),
    ("jax.numpy.abs(x)", {"x": -2.0}, [-1.0]), ("jnp.sum(jnp.abs(x))", {"x": _ZERO}, [[1.0, 1.0, 1.0]]),
    ("jnp.copysign(x, y)", {"x": 0.0, "y": -1.0}, [-1.0, 0.0]),
    ("jnp.copysign(x, y)", {"x": -2.0, "y": 1.0}, [-1.0, 0.0]),
    ("jnp.fmax(x, y)", {"x": 1.0, "y": 1.0}, [0.0, 1.0]), ("jnp.fmin(x, y)", {"x": 1.0, "y": 1.0}, [0.0, 1.0]),
    ("jnp.maximum(x, y)", {"x": 1.0, "y": 1.0}, [0.5, 0.5]), ("jnp.max(x)", {"x": _TIES}, [[0.5, 0.5]]),
    ("jnp.clip(x, 0, 1)", {"x": 0.0}, [0.5]), ("jnp.clip(x, 0, 1)", {"x": 1.0}, [0.5]),
    ("jnp.clip(x, min=0, max=1)", {"x": 0.5}, [1.0]), ("jnp.clip(x, a_min=0, a_max=1)", {"x": 2.0}, [0.0]),
    ("jnp.clip(x, 0)", {"x": 0.0}, [0.5]), ("jnp.clip(x, max=1)", {"x": 1.0}, [0.5]),
    ("jnp.clip(x, None, 1)", {"x": 1.0}, [0.5]),
    ("jnp.sign(x)", {"x": 0.0}, [0.0]), ("jnp.sqrt(x)**2", {"x": 0.0}, [math.nan]),
    ("jnp.std(x)", {"x": _TIES}, [[math.nan, math.nan]]), ("jnp.std(x, ddof=1)", {"x": _TIES}, [[math.nan, math.nan]]),
    ("jnp.linalg.norm(x)", {"x": [0.0, 0.0]}, [[math.nan, math.nan]]),
    ("jnp.linalg.norm(x)**2", {"x": [0.0, 0.0]}, [[math.nan, math.nan]]),
    ("jnp.sum(jnp.linalg.norm(x, axis=1))", {"x": [[3.0, 4.0], [0.0, 2.0]]}, [[[0.6, 0.8], [0.0, 1.0]]]),
    ("jnp.linalg.eigvalsh(x)[0]", {"x": _HALVES},
     [[[0.757247877713763, -0.42874646285627205], [-0.428746462856272, 0.24275212228623677]]]),
    ("jnp.sum(jnp.linalg.cholesky(x))", {"x": [[2.0, 1.5], [0.5, 3.0]]},
     [[[0.2558336368008464, 0.19543950758485482], [0.19543950758485482, 0.31622776601683794]]]),
]  # fmt: skip
COVERED = ("reductions", "softmax and its kind", "products of tensors")


def _point(program: str) -> dict[str, torch.Tensor]:
    return {name: one for name, one in V.items() if re.search(rf"(?<![\w.]){name}\b(?!=)", program)}


@pytest.mark.parametrize("family", COVERED)
def test_every_spelling_of_a_function_of_tensors_is_compared(family: str) -> None:
    text = "\n".join((*TORCH, *NUMPY))
    for row in table.FAMILIES[family]:
        for library, name in row.spellings():
            assert f"{HOMES[library][1]}.{name}(" in text, (row.name, library, name)
    for library, name in COMPOSED:
        if library == "jnp":  # which is not installed
            assert any(f"jnp.{name}(" in program for program, _, _ in JAX), name
            continue
        assert f"{HOMES[library][1]}.{name}(" in text or not hasattr(HOMES[library][0], name)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("program", TORCH)
def test_a_function_of_tensors_is_torchs(program: str) -> None:
    point = _point(program)
    leaves = {name: one.clone().requires_grad_() for name, one in point.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.cross without a dimension
        value = eval(program, {"torch": torch, "F": torch.nn.functional, "math": math, **leaves})
    result = gradcli.differentiate(program, point, wrt=list(point), reference=False)
    close = {"rtol": 1e-11, "atol": 1e-13, "equal_nan": True}
    torch.testing.assert_close(
        torch.tensor(result.value, dtype=torch.float64).reshape(value.shape), value.detach(), **close
    )
    for name, leaf in leaves.items():
        rows = [torch.autograd.grad(one, leaf, retain_graph=True, allow_unused=True)[0] for one in value.reshape(-1)]
        expected = torch.stack([torch.zeros_like(leaf) if one is None else one for one in rows])
        mine = [partial.autograd for partial in result.partials if partial.wrt == (name,)]
        torch.testing.assert_close(torch.tensor(mine, dtype=torch.float64).reshape(expected.shape), expected, **close)


@pytest.mark.parametrize("program", NUMPY)
def test_a_function_of_tensors_is_numpys(program: str) -> None:
    point = {name: one.numpy() for name, one in _point(program).items()}
    value = np.asarray(eval(program, {"np": np, "special": special, **point}))
    result = gradcli.differentiate(program, point, wrt=[], reference=False)
    np.testing.assert_allclose(np.reshape(np.asarray(result.value), value.shape), value, rtol=1e-12, atol=1e-14)


def test_a_slope_at_a_kink_is_jaxs() -> None:
    for program, at, expected in JAX:
        result = gradcli.differentiate(program, at, wrt=list(at), reference=False)
        for partial, slope in zip(result.partials, expected, strict=True):
            found = np.asarray(partial.autograd, dtype=float)
            np.testing.assert_allclose(found, slope, rtol=1e-12, err_msg=program)


REFUSED = [
    ("jnp.linalg.norm(x, 1)", "not read with these arguments"),
    ("jnp.clip(x, None, None)", "not read with these arguments"),
    ("torch.max(A, 0)", "2 values"),
    ("torch.max(A, 0)*a", "2 values"),
    ("torch.log(x, 2)", "takes 1 argument"),
    ("np.log(x, y)", "takes 1 argument"),
    ("np.heaviside(x)", "takes 2 arguments"),
    ("torch.heaviside(x)", "takes 2 arguments"),
    ("torch.special.zeta(x)", "takes 2 arguments"),
    ("torch.dot(A, A)", "vectors"),
    ("np.gelu(x)", "np.gelu"),
    ("F.kl_div_loss(x, y)", "F.kl_div_loss"),
    ("np.kl_div(x, y)", "np.kl_div"),
    ("torch.kl_div(x, y)", "torch.kl_div"),
    ("torch.cummax(A, 0)", "2 values"),
    ("torch.cummin(A, 0)[1]", "no indices"),
    ("np.var(x, 0, 1)", "not read with these arguments"),
    ("torch.lerp(a, b)", "not read with these arguments"),
    ("np.average(x, weights=y)", "not read with these arguments"),
    ("np.cumsum(x, dtype=float)", "not read with these arguments"),
    ("torch.sum(torch.tensor([x, y]))", "makes constants"),
    ("F.cross_entropy(A, torch.tensor([0.5, 2], dtype=torch.long))", "makes whole numbers"),
    ("F.mse_loss(a, torch.tensor([1., 2., 3.], requires_grad=True))", "not a function that gradcli knows"),
    ("a*torch.tensor([1., 2., 3.])", "not a function that gradcli knows"),
    ("F.mse_loss(a, torch.tensor([0.1, 2., 3.], dtype=torch.float32))", "may round"),
    ("a.trapezoid()", "no method"),
    ("sin(np.array([1, 2, 4]).var()*x)", "array of NumPy"),
    ("sum((2*np.asarray(a)[:2]).std(0))", "array of NumPy"),
    ("sum(np.stack([a, a]).cumsum())", "array of NumPy"),
    ("sum(np.asarray([a]).repeat(2))", "array of NumPy"),
    ("np.sum(a*np.array([200, 100, 50], dtype=np.uint8))", "too narrow"),
    ("np.sum(a*np.array([2**40, 1, 2], dtype=np.int32))", "too narrow"),
]


@pytest.mark.parametrize(("program", "said"), REFUSED)
def test_what_a_library_does_not_have_is_refused(program: str, said: str) -> None:
    with pytest.raises(gradcli.GradcliError, match=re.escape(said)):
        gradcli.differentiate(program, _point(program), reference=False)


def test_the_gradient_along_a_dimension_goes_to_the_first_of_those_that_tie() -> None:
    x = [[3.0, 1.0, 3.0]]
    for program, expected in (
        ("torch.max(x, 1)[0]", [[1.0, 0.0, 0.0]]),
        ("torch.max(x, dim=1).values", [[1.0, 0.0, 0.0]]),
        ("torch.max(x)", [[0.5, 0.0, 0.5]]),
        ("torch.amax(x, 1)", [[0.5, 0.0, 0.5]]),
    ):
        (partial,) = gradcli.differentiate(f"sum({program})", {"x": x}).partials
        assert partial.autograd == expected
        assert partial.verdict is gradcli.Verdict.UNDEFINED
