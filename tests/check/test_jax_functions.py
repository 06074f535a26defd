"""`check --gradient` on functions of JAX, where it is installed: its own gradients, and backwards written by hand."""

import numpy as np
import pytest

import gradcli

jax = pytest.importorskip("jax")
jnp = jax.numpy

A = np.array([[1.0, 2.0], [3.0, 4.0]])


def mean_square(w):
    return jnp.mean((A @ w - 1.0) ** 2)


def mixed(x):
    return jnp.sum(jnp.where(x > 0, x**2, jnp.sin(x)) * x[0]) / jnp.linalg.norm(x) + jax.nn.softplus(x[1])


def steps(x):
    return jax.lax.scan(lambda carried, one: (carried * one + 1, carried), 1.0, x)[0]


@jax.custom_vjp
def square(x):
    return x**2


square.defvjp(lambda x: (square(x), x), lambda x, g: (2 * g * x,))


@jax.custom_vjp
def square_off(x):
    return x**2


square_off.defvjp(lambda x: (square_off(x), x), lambda x, g: (g * x,))

RIGHT = {
    "by hand": (mean_square, lambda w: A.T @ (A @ w - 1.0)),
    "grad": (mean_square, jax.grad(mean_square)),
    "jit": (jax.jit(mean_square), jax.jit(jax.grad(mean_square))),
    "mixed": (mixed, jax.grad(mixed)),
    "logsumexp": (jax.nn.logsumexp, jax.nn.softmax),
    "scan": (steps, jax.grad(steps)),
    "index": (lambda x: x[jnp.array([0, 1])].sum() * x[-1], jax.grad(lambda x: x[jnp.array([0, 1])].sum() * x[-1])),
    "relu": (lambda x: jnp.sum(jax.nn.relu(x)), lambda x: (x > 0).astype(float)),
    "both": (jax.value_and_grad(mean_square), None),
    "custom": (lambda x: jnp.sum(square(x)), jax.grad(lambda x: jnp.sum(square(x)))),
}
WRONG = {
    "by hand": (mean_square, lambda w: A @ (A @ w - 1.0)),
    "custom": (lambda x: jnp.sum(square_off(x)), jax.grad(lambda x: jnp.sum(square_off(x)))),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_gradients_hold(name):
    function, gradient = RIGHT[name]
    parameter = "w" if name in ("by hand", "grad", "jit", "both") else "a" if name == "logsumexp" else "x"
    gradient = (lambda a: jax.nn.softmax(a)) if name == "logsumexp" else gradient
    found = gradcli.check(function, at={parameter: [0.5, -2.0]}, gradient=gradient, modes=False)
    assert {one.verdict.value for one in found.findings} <= {"proved", "holds"}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradients_are_false(name):
    function, gradient = WRONG[name]
    found = gradcli.check(function, at={"w" if name == "by hand" else "x": [0.5, -2.0]}, gradient=gradient, modes=False)
    assert found.verdict.value == "false" and found.findings[0].slip is not None
