"""Gradients as public code has them, restated: of arrays, with branches, with SciPy. Each right, and with a slip.

Slips that stood in the code itself are marked.
"""

import math

import numpy as np
from scipy.special import digamma, expit, gammaln, logsumexp, ndtri
from scipy.stats import norm

X = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.25]])
Y = np.array([1.0, -1.0, 1.0])
CLASSES = np.array([0, 1, 0])
W = [[0.5, -0.25], [0.125, 1.5]]
SCORES = [0.5, -1.0, 2.0]
DT = 0.1


def svm(W):
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(3), CLASSES][:, None] + 1)
    margins[np.arange(3), CLASSES] = 0
    return np.sum(margins) / 3 + 0.5 * np.sum(W * W)


def svm_gradient(W, per=3):
    scores = X @ W
    margins = scores - scores[np.arange(3), CLASSES][:, None] + 1
    mask = (margins > 0).astype(float)
    mask[np.arange(3), CLASSES] = 0
    mask[np.arange(3), CLASSES] = -np.sum(mask, axis=1)
    return X.T @ mask / per + W


def cross_entropy(W):
    scores = X @ W
    return np.mean(logsumexp(scores, axis=1) - scores[np.arange(3), CLASSES])


def cross_entropy_gradient(W, subtracts=True):
    e = np.exp(X @ W)
    p = e / np.sum(e, axis=1, keepdims=True)
    if subtracts:
        p[np.arange(3), CLASSES] -= 1
    return X.T @ p / 3


def centred(x):
    return (x - x.mean()) / np.sqrt(x.var() + 0.125)


def layer_norm(x):
    return np.sum(np.array([1.0, 2.0, -1.0]) * centred(x))


def layer_norm_gradient(x, mean=True):
    g, z, s = np.array([1.0, 2.0, -1.0]), centred(x), np.sqrt(x.var() + 0.125)
    return (g - (g.mean() if mean else 0) - z * np.mean(g * z)) / s


def motion(x):
    return np.array([x[0] + DT * x[3] * math.cos(x[2]), x[1] + DT * x[3] * math.sin(x[2]), x[2] + DT, x[3]])


def motion_jacobian(x, sign=-1.0):
    yaw, v = x[2], x[3]
    return np.array([
        [1.0, 0.0, sign * DT * v * math.sin(yaw), DT * math.cos(yaw)],
        [0.0, 1.0, DT * v * math.cos(yaw), DT * math.sin(yaw)],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0, 1.0],
    ])  # fmt: skip


def landmark(x):
    return np.array([np.hypot(x[0] - 3, x[1] - 1), np.arctan2(1 - x[1], 3 - x[0]) - x[2]])


def landmark_jacobian(x, squared=True):
    dx, dy = x[0] - 3, x[1] - 1
    q = dx**2 + dy**2
    r = np.sqrt(q)
    return np.array([[dx / r, dy / r, 0], [-dy / (q if squared else r), dx / (q if squared else r), -1]])


def slant(x):
    return math.sqrt(x[0] ** 2 + x[2] ** 2)


def huber_loss(w):
    r = X @ w - Y
    return np.mean(np.where(np.abs(r) <= 1, 0.5 * r**2, np.abs(r) - 0.5))


def huber_gradient(w, scaled=True):
    r = X @ w - Y
    return X.T @ np.where(np.abs(r) <= 1, r, np.sign(r)) / (3 if scaled else 1)


def student(f, y, s, v):
    return (
        gammaln((v + 1) / 2)
        - gammaln(v / 2)
        - np.log(s * v * np.pi) / 2
        - (v + 1) / 2 * np.log(1 + (y - f) ** 2 / v / s)
    )


def saturation(T):
    return 610.94 * math.exp(17.625 * T / (T + 243.04))


def mixing(T, p):
    e = saturation(T)
    return 0.622 * e / (p - 0.378 * e)


def mixing_slope(T, p, by=0.378):
    e = saturation(T)
    return {"T": 0.622 * p * (e * 17.625 * 243.04 / (T + 243.04) ** 2) / (p - by * e) ** 2}


def softplus(x):
    if x > 30:
        return x
    return math.log1p(math.exp(x))


def elu(x, a):
    return x if x > 0 else a * (math.exp(x) - 1)


def matern(r, s):
    return s * (1 + math.sqrt(3) * r) * np.exp(-math.sqrt(3) * r)


def antoine(T, A, B, C):
    return np.exp(A - B / (T + C))


def diode(v, n, i0, il, rs, rsh):
    return il - i0 * np.expm1(v / n) - v / rsh + 0 * rs


def margin(w):
    return np.mean(np.log1p(np.exp(-Y * (X @ w)))) + 0.5 * w @ w


def layer(W):
    h = np.tanh(X @ W)
    return 0.5 * np.sum((h.sum(axis=1) - Y) ** 2)


def layer_gradient(W, inner=True):
    h = np.tanh(X @ W)
    d = (h.sum(axis=1) - Y)[:, None]
    return X.T @ (d * (1 - h**2)) if inner else X.T @ (d * np.ones_like(h))


# Each row: whose formula it is, the function, its gradient, the same with a slip, the point.
CASES = {
    "GPy Poisson in bins": (  # the slip stood in the code
        lambda f, y, b: -f * b + y * np.log(f * b) - gammaln(y + 1),
        lambda f, y, b: {"f": y / f - b},
        lambda f, y, b: {"f": y / f / b - 1},
        None,
    ),
    "GPy Student t": (
        student,
        lambda f, y, s, v: {"f": (v + 1) * (y - f) / ((y - f) ** 2 + s * v)},
        lambda f, y, s, v: {"f": -(v + 1) * (y - f) / ((y - f) ** 2 + s * v)},
        None,
    ),
    "GPy Sinus": (
        lambda r, v: v * np.sin(r),
        lambda r, v: (v * np.cos(r), np.sin(r)),
        lambda r, v: (-v * np.cos(r), np.sin(r)),
        None,
    ),
    "GPflow Matern32": (
        matern,
        lambda r, s: {"r": -3 * s * r * np.exp(-math.sqrt(3) * r)},
        lambda r, s: {"r": -math.sqrt(3) * s * (1 + math.sqrt(3) * r) * np.exp(-math.sqrt(3) * r)},
        None,
    ),
    "statsmodels Probit": (
        lambda p: ndtri(p),
        lambda p: 1 / norm.pdf(ndtri(p)),
        lambda p: 1 / norm.pdf(p),
        None,
    ),
    "statsmodels LogLog": (
        lambda p: -np.log(-np.log(p)),
        lambda p: -1 / (p * np.log(p)),
        lambda p: 1 / (p * np.log(p)),
        None,
    ),
    "CS231n SVM": (svm, svm_gradient, lambda W: svm_gradient(W, per=1), {"W": W}),
    "CS231n softmax": (
        cross_entropy,
        cross_entropy_gradient,
        lambda W: cross_entropy_gradient(W, subtracts=False),
        {"W": W},
    ),
    "CS231n layer norm": (
        layer_norm,
        layer_norm_gradient,
        lambda x: layer_norm_gradient(x, mean=False),
        {"x": SCORES},
    ),
    "neural network in NumPy: softmax": (  # the slip stood in the code
        lambda x: np.exp(x) / np.sum(np.exp(x)),
        lambda x: np.diag(np.exp(x)) / np.sum(np.exp(x)) - np.outer(np.exp(x), np.exp(x)) / np.sum(np.exp(x)) ** 2,
        lambda x: np.exp(x) / np.sum(np.exp(x)) * (1 - np.exp(x) / np.sum(np.exp(x))),
        {"x": SCORES},
    ),
    "neural network in NumPy: mse": (  # the slip stood in the code
        lambda p: np.mean(np.square(p - Y)),
        lambda p: 2 * (p - Y) / 3,
        lambda p: 2 * (p - Y),
        {"p": SCORES},
    ),
    "neural network in NumPy: layer": (layer, layer_gradient, lambda W: layer_gradient(W, inner=False), {"W": W}),
    "PythonRobotics motion": (
        motion,
        motion_jacobian,
        lambda x: motion_jacobian(x, sign=1.0),
        {"x": [1.0, 2.0, 0.5, 1.5]},
    ),
    "PythonRobotics landmark": (
        landmark,
        landmark_jacobian,
        lambda x: landmark_jacobian(x, squared=False),
        {"x": [1.0, 2.0, 0.5]},
    ),
    "filterpy slant range": (
        slant,
        lambda x: np.array([[x[0] / slant(x), 0.0, x[2] / slant(x)]]),
        lambda x: np.array([[x[0] / slant(x), x[2] / slant(x), 0.0]]),
        {"x": [3.0, 1.0, 4.0]},
    ),
    "scikit-learn Huber": (huber_loss, huber_gradient, lambda w: huber_gradient(w, scaled=False), {"w": [0.5, 0.25]}),
    "scikit-learn logistic": (
        margin,
        lambda w: X.T @ (-Y * expit(-Y * (X @ w))) / 3 + w,
        lambda w: X.T @ (-Y * expit(-Y * (X @ w))) / 3 + 2 * w,
        {"w": [0.5, 0.25]},
    ),
    "climate model, mixing ratio": (
        mixing,
        mixing_slope,
        lambda T, p: mixing_slope(T, p, by=1),
        None,
    ),  # it stood there
    "CoolProp Antoine": (
        antoine,
        lambda T, A, B, C: {"T": antoine(T, A, B, C) * B / (T + C) ** 2},
        lambda T, A, B, C: {"T": -antoine(T, A, B, C) * B / (T + C) ** 2},
        None,
    ),
    "pvlib diode": (
        diode,
        lambda v, n, i0, il, rs, rsh: {"v": -i0 / n * np.exp(v / n) - 1 / rsh},
        lambda v, n, i0, il, rs, rsh: {"v": -i0 * np.exp(v / n) - 1 / rsh},
        None,
    ),
    "lmfit exponential": (
        lambda t, a, k: a * np.exp(-t / k),
        lambda t, a, k: np.stack([np.exp(-t / k), a * t * np.exp(-t / k) / k**2], axis=-1),
        lambda t, a, k: np.stack([np.exp(-t / k), -a * t * np.exp(-t / k) / k], axis=-1),
        {"t": [0.5, 1.0, 2.0], "a": 2.0, "k": 1.5},
    ),
    "d2l linear regression": (
        lambda w, b: 0.5 * np.mean((X @ w + b - Y) ** 2),
        lambda w, b: (X.T @ (X @ w + b - Y) / 3, np.mean(X @ w + b - Y)),
        lambda w, b: (X.T @ (X @ w + b - Y), np.sum(X @ w + b - Y)),
        {"w": [0.5, 0.25], "b": 1.0},
    ),
    "PyTorch ELU": (
        elu,
        lambda x, a: {"x": 1 if x > 0 else a * math.exp(x)},
        lambda x, a: {"x": 1 if x > 0 else a * math.exp(x) - 1},
        None,
    ),
    "pymc softplus": (
        softplus,
        lambda x: 1 / (1 + math.exp(-x)) if x <= 30 else 1.0,
        lambda x: 1 / (1 + math.exp(x)) if x <= 30 else 1.0,
        None,
    ),
    "pymc gamma": (
        lambda a, b, x: a * np.log(b) - gammaln(a) + (a - 1) * np.log(x) - b * x,
        lambda a, b, x: (np.log(b) - digamma(a) + np.log(x), a / b - x, (a - 1) / x - b),
        lambda a, b, x: (np.log(b) - digamma(a) + np.log(x), a / b - x, a / x - b),
        None,
    ),
    "cvxpy log_sum_exp": (
        lambda x: logsumexp(x),
        lambda x: np.exp(x - logsumexp(x)),
        lambda x: np.exp(x) / np.mean(np.exp(x)),
        {"x": SCORES},
    ),
    "autograd matmul": (
        lambda A: np.sum((A @ np.array(W)) ** 2),
        lambda A: 2 * A @ np.array(W) @ np.array(W).T,
        lambda A: 2 * A @ np.array(W) @ np.array(W),
        {"A": [[1.0, 0.5], [-1.0, 2.0]]},
    ),
}
