"""Cells of JAX with the numbers that JAX 0.10 leaves in their names: it is not installed where the tests run."""

from __future__ import annotations

from typing import Any

HEAD = "import jax, jax.numpy as jnp\n"
JAX_CELLS: dict[str, tuple[str, dict[str, Any]]] = {
    "a custom_vjp": (
        HEAD
        + """
@jax.custom_vjp
def f(x, y):
    return jnp.sin(x)*y
def f_fwd(x, y):
    return f(x, y), (jnp.cos(x), jnp.sin(x), y)
def f_bwd(res, g):
    cos_x, sin_x, y = res
    return (cos_x*g*y, sin_x*g)
f.defvjp(f_fwd, f_bwd)
g = jax.grad(f)(2.0, 3.0)
gy = jax.grad(f, argnums=1)(2.0, 3.0)
v = f(2.0, 3.0)
""",
        {"g": -1.248441, "gy": 0.9092974, "v": 2.727892},
    ),
    "a custom_jvp, and by it twice": (
        HEAD
        + """
@jax.custom_jvp
def f(x, y):
    return jnp.sin(x)*y
@f.defjvp
def f_jvp(primals, tangents):
    x, y = primals
    x_dot, y_dot = tangents
    primal_out = f(x, y)
    tangent_out = jnp.cos(x)*x_dot*y + jnp.sin(x)*y_dot
    return primal_out, tangent_out
g = jax.grad(f)(2.0, 3.0)
y, y_dot = jax.jvp(f, (2.0, 3.0), (1.0, 0.0))
gg = jax.grad(jax.grad(f))(2.0, 3.0)
""",
        {"g": -1.248441, "y": 2.727892, "y_dot": -1.248441, "gg": -2.727892},
    ),
    "a custom_jvp of rows": (
        HEAD
        + """
from jax import grad, vmap, jit
@jax.custom_jvp
def log1pexp(x):
    return jnp.log(1. + jnp.exp(x))
@log1pexp.defjvp
def log1pexp_jvp(primals, tangents):
    x, = primals
    x_dot, = tangents
    ans = log1pexp(x)
    ans_dot = (1 - 1/(1 + jnp.exp(x)))*x_dot
    return ans, ans_dot
g = grad(log1pexp)(3.)
h = grad(log1pexp)(100.)
v = vmap(grad(log1pexp))(jnp.arange(3.))
""",
        {"g": 0.9525741, "h": 1.0, "v": [0.5, 0.7310586, 0.8807971]},
    ),
    "a custom_vjp that clips": (
        HEAD
        + """
from functools import partial
@jax.custom_vjp
def clip_gradient(lo, hi, x):
    return x
def clip_gradient_fwd(lo, hi, x):
    return x, (lo, hi)
def clip_gradient_bwd(res, g):
    lo, hi = res
    return (None, None, jnp.clip(g, lo, hi))
clip_gradient.defvjp(clip_gradient_fwd, clip_gradient_bwd)
def clip_sin(x):
    x = clip_gradient(-0.75, 0.75, x)
    return jnp.sin(x)
g = jax.grad(clip_sin)(0.1)
t = jax.vmap(jax.grad(clip_sin))(jnp.linspace(0, 3, 4))
""",
        {"g": 0.75, "t": [0.75, 0.5403023, -0.4161468, -0.75]},
    ),
    "a custom_vjp of a function": (
        HEAD
        + """
from functools import partial
@partial(jax.custom_vjp, nondiff_argnums=(0,))
def app(f, x):
    return f(x)
def app_fwd(f, x):
    return f(x), x
def app_bwd(f, x, g):
    return (5*g,)
app.defvjp(app_fwd, app_bwd)
g = jax.grad(lambda x: app(lambda x: x**3, x))(1.)
""",
        {"g": 5.0},
    ),
    "a custom_jvp of a function": (
        HEAD
        + """
from functools import partial
@partial(jax.custom_jvp, nondiff_argnums=(0,))
def app(f, x):
    return f(x)
@app.defjvp
def app_jvp(f, primals, tangents):
    x, = primals
    x_dot, = tangents
    return f(x), 2.*x_dot
g = jax.grad(lambda x: app(lambda x: x**3, x))(3.)
""",
        {"g": 2.0},
    ),
    "a rule for each argument": (
        HEAD
        + """
@jax.custom_jvp
def f(x, y):
    return x**2*y
f.defjvps(lambda x_dot, primal_out, x, y: 2*x*y*x_dot, lambda y_dot, primal_out, x, y: x**2*y_dot)
g = jax.grad(f)(2., 3.)
gy = jax.grad(f, 1)(2., 3.)
""",
        {"g": 12.0, "gy": 4.0},
    ),
    "a custom_vjp that goes straight through": (
        HEAD
        + """
@jax.custom_vjp
def rnd(x): return jnp.round(x)
rnd.defvjp(lambda x: (rnd(x), None), lambda res, g: (g,))
g = jax.grad(lambda x: (rnd(x)**2).sum())(jnp.array([1.2, 2.7]))
""",
        {"g": [2.0, 6.0]},
    ),
    "a custom_vjp that is wrong": (
        HEAD
        + """
@jax.custom_vjp
def sq(x): return x**2
def fwd(x): return sq(x), x
def bwd(x, g): return (3*x*g,)
sq.defvjp(fwd, bwd)
g = jax.grad(sq)(2.)
v = jax.grad(lambda x: jnp.sum(sq(x)*x))(jnp.array([1., 2.]))
""",
        {"g": 6.0, "v": [4.0, 16.0]},
    ),
    "a custom_jvp of a vector": (
        HEAD
        + """
@jax.custom_jvp
def norm(x): return jnp.sqrt(jnp.sum(x**2))
@norm.defjvp
def norm_jvp(primals, tangents):
    x, = primals; t, = tangents
    n = norm(x)
    return n, jnp.dot(x, t)/n
g = jax.grad(norm)(jnp.array([3., 4.]))
""",
        {"g": [0.6, 0.8]},
    ),
    "a custom_vjp of what is compiled": (
        HEAD
        + """
@jax.custom_vjp
@jax.jit
def f(x): return jnp.exp(x)
def ff(x):
    y = jnp.exp(x)
    return y, (y,)
def fb(res, ct):
    (y,) = res
    return ct*y,
f.defvjp(ff, fb)
v, g = jax.value_and_grad(lambda x: f(2*x).sum())(jnp.array([.1, .2]))
""",
        {"v": 2.713227, "g": [2.442806, 2.983649]},
    ),
    "a custom_vjp of a dictionary": (
        HEAD
        + """
@jax.custom_vjp
def f(p): return p['a']*p['b']
f.defvjp(lambda p: (f(p), p), lambda p, g: ({'a': g*p['b'], 'b': g*p['a']},))
g = jax.grad(f)({'a': 2., 'b': 3.})
ga = g['a']
""",
        {"ga": 3.0},
    ),
    "a custom_jvp of a number and a vector": (
        HEAD
        + """
@jax.custom_jvp
def f(a, v): return jnp.sum(a*v**2)
@f.defjvp
def r(p, t):
    a, v = p; ta, tv = t
    return f(a, v), jnp.sum(v**2)*ta + jnp.sum(2*a*v*tv)
ga, gv = jax.grad(f, (0, 1))(2., jnp.array([1., 2., 3.]))
""",
        {"ga": 14.0, "gv": [4.0, 8.0, 12.0]},
    ),
    "a custom_jvp in which a sum stands by a vector": (
        HEAD
        + """
@jax.custom_jvp
def f(v): return v*jnp.sum(v*v)
@f.defjvp
def r(p, t):
    v, = p; tv, = t
    return f(v), tv*jnp.sum(v*v) + v*jnp.sum(2*v*tv)
w = jnp.array([1., -1., 2.])
g = jax.grad(lambda v: jnp.sum(w*f(v)))(jnp.array([1., 2., 3.]))
""",
        {"g": [24.0, 6.0, 58.0]},
    ),
    "a custom_jvp with a sum within a sum": (
        HEAD
        + """
@jax.custom_jvp
def f(v): return jnp.sum(v)
@f.defjvp
def r(p, t):
    v, = p; tv, = t
    return f(v), jnp.sum(tv + jnp.dot(v, tv))
g = jax.grad(f)(jnp.array([1., 2., 3.]))
""",
        {"g": [4.0, 7.0, 10.0]},
    ),
    "a custom_jvp that is a sum alone": (
        HEAD
        + """
@jax.custom_jvp
def f(v): return jnp.sum(v)
f.defjvps(lambda t, ans, v: jnp.sum(t))
g = jax.grad(lambda v: f(v)**2)(jnp.array([1., 2., 3.]))
""",
        {"g": [12.0, 12.0, 12.0]},
    ),
    "a custom_jvp with branches": (
        HEAD
        + """
@jax.custom_jvp
def f(v): return jnp.maximum(v, 0.)
@f.defjvp
def r(p, t):
    v, = p; tv, = t
    return f(v), jnp.where(v > 0, tv, 0.1*tv)
g = jax.grad(lambda v: jnp.sum(f(v)*v))(jnp.array([1., -2., 3.]))
h = jax.grad(f)(-2.)
""",
        {"g": [2.0, -0.2, 6.0], "h": 0.1},
    ),
    "a custom_vjp of a matrix": (
        HEAD
        + """
@jax.custom_vjp
def f(W, x): return jnp.tanh(W @ x)
def fwd(W, x):
    y = jnp.tanh(W @ x)
    return y, (W, x, y)
def bwd(res, g):
    W, x, y = res
    d = g*(1 - y**2)
    return jnp.outer(d, x), W.T @ d
f.defvjp(fwd, bwd)
W = jnp.array([[1., 2.], [3., -1.]]); x = jnp.array([.1, .2])
gW, gx = jax.grad(lambda W, x: jnp.sum(f(W, x)**2), (0, 1))(W, x)
J = jax.jacrev(f, 1)(W, x)
""",
        {
            "gW": [[0.0726862, 0.1453724], [0.01973558, 0.03947117]],
            "gx": [1.318929, 1.256368],
            "J": [[0.7864477, 1.572895], [2.970199, -0.9900663]],
        },
    ),
    "second derivatives of a custom_jvp": (
        HEAD
        + """
@jax.custom_jvp
def f(x): return jnp.sin(x)
@f.defjvp
def r(p, t):
    return f(p[0]), 2*jnp.cos(p[0])*t[0]
h = jax.grad(jax.grad(f))(1.)
k = jax.hessian(lambda x: jnp.sum(f(x)))(jnp.array([1., 2.]))
""",
        {"h": -1.682942, "k": [[-1.682942, -0.0], [-0.0, -1.818595]]},
    ),
    "a custom_vjp in a loop": (
        HEAD
        + """
@jax.custom_vjp
def scale(x): return x
scale.defvjp(lambda x: (x, None), lambda _, g: (0.5*g,))
def loss(x):
    for i in range(3):
        x = scale(x)*x
    return jnp.sum(x)
g = jax.grad(loss)(jnp.array([1., 2.]))
""",
        {"g": [3.375, 432.0]},
    ),
    "a rule for one argument only": (
        HEAD
        + """
@jax.custom_jvp
def f(x, y): return x*y
f.defjvps(None, lambda t, ans, x, y: 2*x*t)
gx, gy = jax.grad(f, (0, 1))(2., 3.)
""",
        {"gx": 0.0, "gy": 4.0},
    ),
    "methods of arrays, and gelu": (
        HEAD
        + """
x = jnp.array([1., 2., 4.])
a, b, c, d, e = x.std(), x.var(), x.repeat(2), x.nonzero()[0], x.cumsum()
f, h = x.dot(x), x.var(ddof=1)
k, l = jax.nn.gelu(x - 3.), jax.nn.gelu(x - 3., approximate=False)
""",
        {
            "a": 1.2472191,
            "b": 1.5555555,
            "c": [1.0, 1.0, 2.0, 2.0, 4.0, 4.0],
            "d": [0, 1, 2],
            "e": [1.0, 3.0, 7.0],
            "f": 21.0,
            "h": 2.3333333,
            "k": [-0.04540235, -0.15880796, 0.841192],
            "l": [-0.04550027, -0.15865526, 0.8413447],
        },
    ),
}
