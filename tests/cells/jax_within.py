"""Cells of JAX whose derivatives stand within other derivatives and rules, with the numbers that JAX 0.10 has there."""

from __future__ import annotations

from typing import Any

from tests.cells.jax_cells import HEAD

WITHIN: dict[str, tuple[str, dict[str, Any]]] = {
    "jvp rule grad": (
        HEAD
        + """
def g(x): return jnp.sin(x)*x
@jax.custom_jvp
def f(x): return g(x)
@f.defjvp
def rule(p, t):
    x, = p; dx, = t
    return f(x), 2*jax.grad(g)(x)*dx
d = jax.grad(f)(1.3)
""",
        {"d": 2.6226134},
    ),
    "jvp rule jvp": (
        HEAD
        + """
def g(x): return jnp.sin(x)*x
@jax.custom_jvp
def f(x): return g(x)
@f.defjvp
def rule(p, t):
    y, dy = jax.jvp(g, p, t)
    return y, 3*dy
d = jax.grad(f)(1.3)
""",
        {"d": 3.9339201},
    ),
    "vjp rule vjp": (
        HEAD
        + """
def g(x): return jnp.sin(x)*x
@jax.custom_vjp
def f(x): return g(x)
def fwd(x):
    y, back = jax.vjp(g, x)
    return y, back
def bwd(back, ct):
    return (2*back(ct)[0],)
f.defvjp(fwd, bwd)
d = jax.grad(f)(1.3)
""",
        {"d": 2.6226134},
    ),
    "vjp rule grad": (
        HEAD
        + """
def g(x): return jnp.sin(x)*x
@jax.custom_vjp
def f(x): return g(x)
def fwd(x):
    return g(x), jax.grad(g)(x)
def bwd(r, ct):
    return (r*ct*2,)
f.defvjp(fwd, bwd)
d = jax.grad(f)(1.3)
e = jax.vmap(jax.grad(f))(jnp.array([1.,2.]))
""",
        {"d": 2.6226134, "e": [2.7635465, 0.15400743]},
    ),
    "vjp rule grad of part": (
        HEAD
        + """
def g(x): return jnp.sin(x)*x
@jax.custom_vjp
def f(x): return g(2*x)
def fwd(x):
    return g(2*x), 2*x
def bwd(r, ct):
    return (jax.grad(g)(r)*ct*2,)
f.defvjp(fwd, bwd)
d = jax.grad(f)(1.3)
""",
        {"d": -3.424818},
    ),
    "hessian of vjp": (
        HEAD
        + """
@jax.custom_vjp
def f(x): return x**2
def fwd(x): return x**2, x
def bwd(r, ct): return (5*r*ct,)
f.defvjp(fwd, bwd)
d = jax.hessian(f)(3.)
""",
        {"d": 5.0},
    ),
    "jacrev jacrev of vjp": (
        HEAD
        + """
@jax.custom_vjp
def f(x): return x**2
def fwd(x): return x**2, x
def bwd(r, ct): return (5*r*ct,)
f.defvjp(fwd, bwd)
d = jax.jacrev(jax.jacrev(f))(3.)
e = jax.grad(jax.grad(f))(3.)
k = jax.grad(lambda x: jax.jvp(lambda y: y**3, (x,), (1.,))[1])(2.)
""",
        {"d": 5.0, "e": 5.0, "k": 12.0},
    ),
    "implicit fixed": (
        HEAD
        + """
@jax.custom_jvp
def sq(x): return jnp.sqrt(x)
@sq.defjvp
def rule(p, t):
    x, = p; dx, = t
    y = sq(x)
    F = lambda y, x: y**2 - x
    dFy = jax.grad(F, 0)(y, x); dFx = jax.grad(F, 1)(y, x)
    return y, -dFx/dFy*dx
d = jax.grad(sq)(2.)
""",
        {"d": 0.35355338},
    ),
    "partial inside": (
        HEAD
        + """
def outer(x):
    y = jnp.sin(x)
    return jax.grad(lambda y, x: y*x*x, 1)(y, x)
a = outer(1.3)
b = jax.grad(outer)(1.3)
def outer2(x):
    y = jnp.sin(x)
    return jax.grad(lambda x: y*x*x)(x) + jax.grad(jnp.sin)(x) + jax.grad(jax.grad(jnp.exp))(x)
c = outer2(1.3)
d = jax.grad(outer2)(1.3)
e = jax.grad(lambda x: jax.vjp(jnp.sin, x)[1](x)[0])(1.2)
f = jax.grad(lambda x: jax.jvp(lambda z: z*x*jnp.sin(z), (x,), (x,))[1])(1.2)
g = jax.hessian(lambda x: x[0]**2*x[1])(jnp.array([1.,2.]))
""",
        {"a": 2.5052512, "b": 2.6226134, "c": 6.4420466, "d": 5.3283515, "e": -0.75608921, "f": 2.713511},
    ),
    "mixed": (
        HEAD
        + """
def loss(p, x): return jnp.sum((p['w']*x + p['b'])**2)
p = {'w': jnp.array([1.,2.]), 'b': 0.5, 'unused': jnp.ones(3)}
x = jnp.array([.3,.7])
g = jax.grad(loss)(p, x)
a = g['w']; b = g['b']; c = g['unused']
def hvp(f, x, v): return jax.grad(lambda x: jnp.vdot(jax.grad(f)(x), v))(x)
d = hvp(lambda x: jnp.sum(x**3*x[0]), x, jnp.ones(2))
def hvp2(f, x, v): return jax.jvp(jax.grad(f), (x,), (v,))[1]
e = hvp2(lambda x: jnp.sum(x**3*x[0]), x, jnp.ones(2))
""",
        {"a": [0.48000002, 2.6599998], "b": 5.4000001, "c": [0.0, 0.0, 0.0], "d": [2.55, 2.73], "e": [2.55, 2.73]},
    ),
    "the slope of abs at 0": (
        HEAD
        + """
a = jax.grad(lambda x: jnp.abs(x))(0.)
b = jax.grad(lambda x: jnp.sum(jnp.abs(x)*x))(jnp.array([0., -2.]))
c = jax.grad(lambda x: jax.lax.select(x > 0, x*2, x*3))(1.)
""",
        {"a": 1.0, "b": [0.0, 4.0], "c": 2.0},
    ),
    "a NamedTuple": (
        HEAD
        + """
from typing import NamedTuple
class Params(NamedTuple):
    w: jnp.ndarray
    b: jnp.ndarray
def loss(p, x): return jnp.mean((p.w*x + p.b)**2)
p = Params(jnp.array(2.), jnp.array(1.))
g = jax.grad(loss)(p, jnp.array([1., 3.]))
p = jax.tree_util.tree_map(lambda p, g: p - .1*g, p, g)
a, b = p.w, p.b
c = g.w
""",
        {"a": -0.4000001, "b": 0.0, "c": 24.0},
    ),
    "elementwise, twice": (
        """
import autograd.numpy as np
from autograd import elementwise_grad as egrad
x = np.linspace(-2, 2, 3)
a = egrad(egrad(np.tanh))(x)
b = egrad(np.sin)(np.pi)
""",
        {"a": [0.13621869, -0.0, -0.13621869], "b": -1.0},
    ),
}
