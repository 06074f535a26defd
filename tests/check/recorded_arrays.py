"""Functions of arrays and their gradients as code has them: NumPy, SciPy, loops, branches. Each right, some wrong."""

import math
import statistics

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy import optimize
from scipy import special as sc
from scipy.stats import norm

X = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]])
Y = np.array([1.0, 0.0, 1.0])
A = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 3.0]])


def squares(w):
    r = X @ w - Y
    return 0.5 * np.dot(r, r)


def logistic(w):
    z = X @ w
    return -np.mean(Y * np.log(sc.expit(z)) + (1 - Y) * np.log(1 - sc.expit(z)))


class Gaussian1D:
    @staticmethod
    def evaluate(x, amplitude, mean, stddev):
        return amplitude * np.exp(-0.5 * (x - mean) ** 2 / stddev**2)

    @staticmethod
    def fit_deriv(x, amplitude, mean, stddev):
        d_amplitude = np.exp(-0.5 / stddev**2 * (x - mean) ** 2)
        d_mean = amplitude * d_amplitude * (x - mean) / stddev**2
        d_stddev = amplitude * d_amplitude * (x - mean) ** 2 / stddev**3
        return [d_amplitude, d_mean, d_stddev]

    @staticmethod
    def fit_deriv_off(x, amplitude, mean, stddev):
        d_amplitude, d_mean, d_stddev = Gaussian1D.fit_deriv(x, amplitude, mean, stddev)
        return [d_amplitude, -d_mean, d_stddev]


def residuals(p):
    return p[0] * np.exp(-p[1] * np.array([0.0, 1.0, 2.0])) - np.array([1.0, 0.5, 0.2])


def jacobian(p):
    t = np.array([0.0, 1.0, 2.0])
    found = np.empty((3, 2))
    found[:, 0] = np.exp(-p[1] * t)
    found[:, 1] = -p[0] * t * np.exp(-p[1] * t)
    return found


def chain(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += (x[i + 1] - x[i]) ** 2 * math.exp(x[i])
    return total


def chain_by_loop(x):
    g = np.zeros_like(x)
    for i in range(len(x) - 1):
        d = x[i + 1] - x[i]
        g[i] += -2 * d * math.exp(x[i]) + d * d * math.exp(x[i])
        g[i + 1] += 2 * d * math.exp(x[i])
    return g


def chain_by_slices(x):
    g = np.zeros(len(x))
    g[:-1] = -2 * np.diff(x) * np.exp(x[:-1]) + np.diff(x) ** 2 * np.exp(x[:-1])
    g[1:] += 2 * np.diff(x) * np.exp(x[:-1])
    return g


def chain_assigned(x):
    g = chain_by_slices(x)
    g[1:] = 2 * np.diff(x) * np.exp(x[:-1])
    return g


def relu_gradient(x):
    g = 2 * x.copy()
    g[x < 0] = 0
    return g


def huber(r, d):
    if abs(r) <= d:
        return 0.5 * r * r
    return d * (abs(r) - 0.5 * d)


def logarithm(x):
    if x <= 0:
        raise ValueError("positive")
    return math.log(x)


def cube_in_place(x):
    z = np.ones(2)
    z *= x
    z *= x
    z = z * x
    return z.sum()


def black_scholes(S, K, T, r, sigma):
    d1 = (np.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * np.sqrt(T))
    d2 = d1 - sigma * np.sqrt(T)
    return S * norm.cdf(d1) - K * np.exp(-r * T) * norm.cdf(d2)


def greeks(S, K, T, r, sigma):
    d1 = (np.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * np.sqrt(T))
    return {"S": norm.cdf(d1), "sigma": S * norm.pdf(d1) * np.sqrt(T)}


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


FIT = {"x": [0.0, 1.0, 2.0], "amplitude": 2.0, "mean": 0.5, "stddev": 1.5}
TWO, THREE, SQUARE = [0.3, -2.0], [1.3, 0.7, 0.8], [[2.0, 0.3], [0.1, 1.0]]

MASK = np.array([True, False, True])


class Quantity(NDArrayOperatorsMixin):
    """A class that says itself what ufuncs do with it."""

    def __init__(self, value):
        self.value = value

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        plain = (one.value if isinstance(one, Quantity) else one for one in inputs)
        return Quantity(getattr(ufunc, method)(*plain, **options))


def energy(x, k):
    """A quadratic form and a sine, of a class with the mixin, a recorded number on its left."""
    return (0.5 * k * Quantity(x) ** 2 + np.sin(Quantity(x))).value


# Each row: the function, its gradient, the same with a slip or None, and the point.
CASES = {
    "known mask": (lambda x: np.where(MASK, x**2, x).sum(), lambda x: np.where(MASK, 2 * x, 1.0), None, {"x": THREE}),
    "known list": (
        lambda x: np.where((x > 0) & [True, False, True], x**2, x).sum(),
        lambda x: np.where((x > 0) & MASK, 2 * x, 1.0),
        lambda x: 2 * x,
        {"x": [1.0, 2.0, -3.0]},
    ),
    "divmod": (lambda x: divmod(x, 2.0)[1] ** 2, lambda x: 2 * (x % 2.0), lambda x: 2 * x, {"x": 0.3}),
    "operators of a mixin": (
        energy,
        lambda x, k: (k * x + np.cos(x), 0.5 * x**2),
        lambda x, k: (k * x - np.cos(x), 0.5 * x**2),
        {"x": 0.3, "k": 2.0},
    ),
    "rosen": (optimize.rosen, optimize.rosen_der, lambda x: -optimize.rosen_der(x), {"x": THREE}),
    "rosen_hess": (optimize.rosen_der, optimize.rosen_hess, None, {"x": THREE}),
    "least squares": (squares, lambda w: X.T @ (X @ w - Y), lambda w: 2 * X.T @ (X @ w - Y), {"w": TWO}),
    "logistic": (
        logistic,
        lambda w: X.T @ (sc.expit(X @ w) - Y) / len(Y),
        lambda w: X.T @ (sc.expit(X @ w) - Y),
        {"w": TWO},
    ),
    "fit": (Gaussian1D.evaluate, Gaussian1D.fit_deriv, Gaussian1D.fit_deriv_off, FIT),
    "fit of numbers": (Gaussian1D.evaluate, Gaussian1D.fit_deriv, None, None),
    "jac": (residuals, jacobian, lambda p: jacobian(p) * np.array([1, -1]), {"p": [1.0, 0.5]}),
    "vectorised": (lambda x: np.sin(x) * x, lambda x: np.sin(x) + x * np.cos(x), lambda x: np.cos(x), {"x": THREE}),
    "softmax": (
        softmax,
        lambda z: np.diag(softmax(z)) - np.outer(softmax(z), softmax(z)),
        lambda z: softmax(z) * (1 - softmax(z)),
        {"z": THREE},
    ),
    "loop": (chain, chain_by_loop, None, {"x": THREE}),
    "slices": (chain, chain_by_slices, chain_assigned, {"x": THREE}),
    "norm": (np.linalg.norm, lambda x: x / np.linalg.norm(x), lambda x: x / np.linalg.norm(x) ** 2, {"x": TWO}),
    "logdet": (lambda A: np.log(np.linalg.det(A)), lambda A: np.linalg.inv(A).T, np.linalg.inv, {"A": SQUARE}),
    "slogdet": (lambda A: np.linalg.slogdet(A)[1], lambda A: np.linalg.inv(A).T, None, {"A": SQUARE}),
    "solve": (lambda b: b @ np.linalg.solve(A, b), lambda b: 2 * np.linalg.solve(A, b), None, {"b": THREE}),
    "trace": (lambda W: np.trace(W.T @ W), lambda W: 2 * W, lambda W: 2 * W.T, {"W": SQUARE}),
    "where": (
        lambda x: np.sum(np.where(x > 0, x**2, -x)),
        lambda x: np.where(x > 0, 2 * x, -1.0),
        lambda x: np.where(x > 0, 2 * x, 1.0),
        {"x": TWO},
    ),
    "clip": (lambda x: np.sum(np.clip(x, -1, 1) ** 2), lambda x: 2 * x * ((x > -1) & (x < 1)), None, {"x": TWO}),
    "mask": (lambda x: np.sum(np.maximum(0, x) ** 2), relu_gradient, lambda x: 2 * x, {"x": TWO}),
    "cumsum": (
        lambda x: np.sum(np.cumsum(x) ** 2),
        lambda x: 2 * np.cumsum(np.cumsum(x)[::-1])[::-1],
        lambda x: 2 * np.cumsum(x),
        {"x": THREE},
    ),
    "std": (lambda x: x.std(), lambda x: (x - x.mean()) / x.size / x.std(), None, {"x": THREE}),
    "einsum": (lambda A: np.einsum("ij,ij->", A, A), lambda A: 2 * A, None, {"A": SQUARE}),
    "logsumexp": (sc.logsumexp, sc.softmax, None, {"a": THREE}),
    "xlogy": (lambda p: -np.sum(sc.xlogy(p, p)), lambda p: -(np.log(p) + 1), lambda p: -np.log(p), {"p": [0.2, 0.8]}),
    "branch": (
        lambda x: x**2 if x > 0 else -x,
        lambda x: 2 * x if x > 0 else -1,
        lambda x: 2 * x if x > 0 else 1,
        None,
    ),
    "huber": (huber, lambda r, d: {"r": r if abs(r) <= d else d * np.sign(r)}, lambda r, d: {"r": r}, None),
    "raises": (logarithm, lambda x: 1 / x, lambda x: 1 / x**2, None),
    "erf": (lambda x: sc.erf(x), lambda x: 2 / np.sqrt(np.pi) * np.exp(-(x**2)), None, None),
    "gammaln": (lambda x: sc.gammaln(x), lambda x: sc.digamma(x), lambda x: sc.digamma(x + 1), None),
    "j0": (lambda x: sc.j0(x), lambda x: -sc.j1(x), lambda x: sc.j1(x), None),
    "NormalDist": (
        lambda x: statistics.NormalDist(1, 2).cdf(x),
        lambda x: statistics.NormalDist(1, 2).pdf(x),
        lambda x: statistics.NormalDist(0, 2).pdf(x),
        None,
    ),
    "pair": (lambda x: (np.sum(x**2), 2 * x), None, None, {"x": TWO}),
    "tuple": (
        lambda a, b: np.sum(a * b) + np.sum(a),
        lambda a, b: (b + 1, a),
        lambda a, b: (b, a),
        {"a": TWO, "b": TWO},
    ),
    "flat": (
        lambda a, b: np.sum(a) ** 2 * b,
        lambda a, b: np.array([2 * np.sum(a) * b, 2 * np.sum(a) * b, np.sum(a) ** 2]),
        None,
        {"a": TWO, "b": 3.0},
    ),
    "float": (lambda x: float(np.sum(x**2)), lambda x: 2 * np.asarray(x, dtype=float), None, {"x": TWO}),
    "comprehension": (lambda x: sum(one**3 for one in x), lambda x: [3 * one**2 for one in x], None, {"x": TWO}),
    "default": (lambda x, k=2.0: k * x**2, lambda x, k=2.0: (2 * k * x, x**2), None, {"x": 1.0, "k": 3.0}),
    "argmax": (lambda x: x[np.argmax(x)] ** 2, lambda x: np.eye(3)[np.argmax(x)] * 2 * x, None, {"x": THREE}),
    "in place": (cube_in_place, lambda x: 3 * x**2, lambda x: 2 * x**2, {"x": TWO}),
    "divide": (
        lambda x: np.sum(np.divide(1.0, x, out=np.zeros_like(x), where=x != 0)),
        lambda x: -1 / x**2,
        None,
        {"x": TWO},
    ),
    "vectorize": (lambda x: np.sum(np.vectorize(math.sin)(x)), lambda x: np.cos(x), None, {"x": TWO}),
    "piecewise": (
        lambda x: np.sum(np.piecewise(x, [x < 0, x >= 0], [lambda t: -t, lambda t: t**2])),
        lambda x: np.where(x < 0, -1, 2 * x),
        None,
        {"x": TWO},
    ),
}
