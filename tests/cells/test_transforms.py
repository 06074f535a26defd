"""vmap, jvp, vjp, Hessians and their products, as torch.func, torch.autograd.functional and JAX have them, in cells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import gradcli
from tests.cells.jax_cells import JAX_CELLS
from tests.cells.jax_within import WITHIN
from tests.cells.tensorflow_cells import TENSORFLOW
from tests.doors import TensorObject, read_cell

TORCH = "import torch\nfrom torch.func import grad, vmap, jvp, vjp, jacrev, jacfwd, hessian, grad_and_value\n"
X = "x = torch.tensor([0.5, 1.0], dtype=torch.float64)\n"
FUNCTIONAL = "import torch\nfrom torch.autograd.functional import jvp, vjp, hvp, vhp, jacobian, hessian\n"
SIN, COS = [math.sin(0.5), math.sin(1.0)], [math.cos(0.5), math.cos(1.0)]


@pytest.mark.parametrize(
    ("cell", "true"),
    [
        (TORCH + X + "vmap(grad(lambda x: x**3))(x)", [0.75, 3.0]),
        (TORCH + X + "w = torch.tensor(2.0, dtype=torch.float64)\n"
         "vmap(grad(lambda w, x: w**2*x), in_dims=(None, 0))(w, x)", [2.0, 4.0]),
        (TORCH + X + "value, push = jvp(torch.sin, (x,), (torch.tensor([1., 2.], dtype=torch.float64),))",
         [COS[0], 2 * COS[1]]),
        (TORCH + X + "out, pull = vjp(torch.sin, x)\nv = pull(torch.tensor([1., 3.], dtype=torch.float64))[0]",
         [COS[0], 3 * COS[1]]),
        (TORCH + X + "jacfwd(jacrev(lambda x: x.sin().sum()))(x)", [[-SIN[0], 0.0], [0.0, -SIN[1]]]),
        (TORCH + X + "jacrev(grad(lambda x: (x**3).sum()))(x)", [[3.0, 0.0], [0.0, 6.0]]),
        (TORCH + X + "hessian(lambda x: x[0]**2*x[1])(x)", [[2.0, 1.0], [1.0, 0.0]]),
        (TORCH + X + "g, v = grad_and_value(lambda x: (x**2).sum())(x)\ng", [1.0, 2.0]),
        (FUNCTIONAL + X + "vjp(torch.sin, x, torch.tensor([1., 3.], dtype=torch.float64))", [COS[0], 3 * COS[1]]),
        (FUNCTIONAL + X + "jvp(torch.sin, x, torch.tensor([1., 2.], dtype=torch.float64))", [COS[0], 2 * COS[1]]),
        (FUNCTIONAL + X + "hvp(lambda x: (x**3).sum(), x, torch.tensor([1., 2.], dtype=torch.float64))", [3.0, 12.0]),
        (FUNCTIONAL + X + "vhp(lambda x: x[0]**2*x[1], x, torch.tensor([1., 2.], dtype=torch.float64))", [4.0, 1.0]),
        ("import jax\njax.grad(lambda x: jax.lax.stop_gradient(x)*x)(3.0)", 3.0),
        ("import jax\nfrom functools import partial\n@partial(jax.jit, static_argnums=1)\ndef f(x, n):\n    return x**n\n"
         "jax.grad(f)(2.0, 3)", 12.0),
        (TORCH + "A = torch.tensor([[1., 2.], [3., 4.]], dtype=torch.float64, requires_grad=True)\n"
         "y = vmap(lambda r: (r**2).sum(), in_dims=1)(A)\n(y*torch.tensor([1., 10.])).sum().backward()", [[2.0, 40.0], [6.0, 80.0]]),
        ("import jax, jax.numpy as jnp\njax.vmap(jax.grad(lambda x: x**2))(jnp.array([1.0, 3.0]))", [2.0, 6.0]),
    ],
)  # fmt: skip
def test_derivatives_are_those_of_the_closed_form(cell: str, true: Any) -> None:
    result = gradcli.differentiate(cell)
    assert result.verdict is not None and result.verdict.value == "agree"
    found = np.asarray([one["autograd"] for one in result.to_dict()["partials"]])
    assert found.reshape(np.shape(true)) == pytest.approx(np.asarray(true), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("cells", [JAX_CELLS, WITHIN, TENSORFLOW], ids=["jax", "within", "tensorflow"])
def test_cells_have_the_numbers_that_their_library_has(cells: dict[str, tuple[str, dict[str, Any]]]) -> None:
    for name, (cell, numbers) in cells.items():
        reader = read_cell(cell)
        assert [one.reason for one in reader.left_out] == [], name
        for key, wanted in numbers.items():
            found = reader.globals.names[key]
            if isinstance(found, TensorObject):
                data = reader.array(found)
                found = np.reshape(data.data, np.shape(wanted) or data.shape)
            assert found == pytest.approx(np.asarray(wanted), rel=3e-6, abs=1e-6), name


def test_a_rule_of_jax_is_held_against_the_true_derivative() -> None:
    wrong = gradcli.differentiate(JAX_CELLS["a custom_vjp that is wrong"][0])
    assert wrong.verdict is not None and wrong.verdict.value == "disagree"
    for name in ("a custom_vjp", "a custom_jvp of a vector"):
        right = gradcli.differentiate(JAX_CELLS[name][0])
        assert right.verdict is not None and right.verdict.value == "agree"


FORWARD = "import jax\n@jax.custom_vjp\ndef f(x): return x**2\nf.defvjp(lambda x: (x**2, x), lambda x, g: (5*x*g,))\n"


@pytest.mark.parametrize("cell", ["jax.jvp(f, (3.,), (1.,))", "jax.jacfwd(f)(3.)", "jax.jacfwd(jax.jacfwd(f))(3.)"])
def test_a_custom_vjp_has_no_forward_mode(cell: str) -> None:
    with pytest.raises(gradcli.GradcliError, match="TypeError: can't apply forward-mode autodiff"):
        gradcli.differentiate(FORWARD + cell)


RULES = "import jax, jax.numpy as jnp\n@jax.custom_jvp\ndef f(x, y): return jnp.exp(x)*jnp.sum(y)\n"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (RULES + "jax.grad(f)(1., 2.)", "a custom_jvp without its rule"),
        (RULES + "f.defjvps(lambda t, ans, x, y: t**2*ans)\njax.grad(f)(1., 2.)", "not a sum of products with the tangents"),
        (RULES + "f.defjvps(lambda t, ans, x, y: t + 1.)\njax.grad(f)(1., 2.)", "not a sum of products with the tangents"),
        (RULES + "f.defjvps(lambda t, ans, x, y: 3*ans*t)\njax.grad(jax.grad(f))(1., 2.)", "uses f itself: a second derivative"),
        (RULES + "f.defjvps(lambda t, a, x, y: a*t, lambda t, a, x, y: jnp.sum(t @ y))\n"
         "jax.grad(f, 1)(jnp.ones(2), jnp.ones((2, 2)))", "its arguments have different shapes"),
    ],
)  # fmt: skip
def test_rules_of_jax_that_are_not_followed_are_refused_by_name(cell: str, said: str) -> None:
    with pytest.raises(gradcli.GradcliError, match=said):
        gradcli.differentiate(cell)


TAPE = "x = tf.Variable([1., 2.])\n"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (TAPE + "y = x*x\nwith tf.GradientTape() as t:\n  z = y*x\nt.gradient(z, x)", "computed outside the tape"),
        (TAPE + "with tf.GradientTape() as t:\n  y = x*x\n  x.assign([3., 4.])\n  y = y*x\nt.gradient(y, x)", "is assigned on the tape"),
        (TAPE + "with tf.GradientTape() as t:\n  y = x*x\nt.gradient(y, x, foo=1)", "with these words"),
        (TAPE + "with tf.GradientTape() as t:\n  y = x*x\nt.jacobian([y, x], x)", "of several"),
    ],
)  # fmt: skip
def test_what_a_tape_does_not_give_is_refused_by_name(cell: str, said: str) -> None:
    reader = read_cell("import tensorflow as tf\n" + cell)
    assert not reader.derivations and said in reader.left_out[-1].reason


def test_what_is_not_followed_says_so_and_is_never_a_derivative_of_less() -> None:
    for cell in ("jacrev(jacfwd(jacrev(lambda x: (x**4).sum())))(x)", "vmap(hessian(lambda x: x*torch.ones(2)))(x)",
                 "vmap(torch.sin, in_dims=1)(x)"):  # fmt: skip
        with pytest.raises(gradcli.GradcliError, match="not followed"):
            gradcli.differentiate(TORCH + X + cell)


def test_a_name_with_numbers_of_a_library_is_a_cell() -> None:
    found = gradcli.differentiate("x = torch.tensor(2.); y = x**2")
    assert found.partials[0].autograd == 4.0 and found.dtype == "float32"
