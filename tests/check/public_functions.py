"""Functions and their gradients as public code has them, restated: right ones, and each with a slip."""

import math

import numpy as np
from numpy import cos, exp, log, pi, sin, sqrt, tanh

LN2 = math.log(2)
ROOT = np.sqrt(2 * np.pi)


def _sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


# Each row: whose formula it is, the function, its gradient, the same with a slip.
CASES = {
    "astropy Gaussian1D": (
        lambda x, a, m, s: a * exp(-0.5 * (x - m) ** 2 / s**2),
        lambda x, a, m, s: {"m": a * exp(-0.5 / s**2 * (x - m) ** 2) * (x - m) / s**2,
                            "s": a * exp(-0.5 / s**2 * (x - m) ** 2) * (x - m) ** 2 / s**3},
        lambda x, a, m, s: {"m": a * exp(-0.5 / s**2 * (x - m) ** 2) * (x - m) / s**2,
                            "s": a * exp(-0.5 / s**2 * (x - m) ** 2) * (x - m) ** 2 / s**2},
    ),
    "astropy Lorentz1D": (
        lambda x, a, c, w: a * (w / 2) ** 2 / ((x - c) ** 2 + (w / 2) ** 2),
        lambda x, a, c, w: {"c": a * w**2 / 4 / (w**2 / 4 + (x - c) ** 2) ** 2 * (2 * x - 2 * c)},
        lambda x, a, c, w: {"c": a * w**2 / 4 / (w**2 / 4 + (x - c) ** 2) * (2 * x - 2 * c)},
    ),
    "astropy Sine1D": (
        lambda x, a, f, p: a * sin(2 * pi * (f * x + p)),
        lambda x, a, f, p: {"f": 2 * pi * x * a * cos(2 * pi * f * x + 2 * pi * p),
                            "p": 2 * pi * a * cos(2 * pi * f * x + 2 * pi * p)},
        lambda x, a, f, p: {"f": 2 * pi * x * a * cos(2 * pi * f * x + 2 * pi * p),
                            "p": a * cos(2 * pi * f * x + 2 * pi * p)},
    ),
    "astropy MexicanHat": (
        lambda x, s: (1 - x**2 / s**2) * exp(-(x**2) / (2 * s**2)),
        lambda x, s: {"x": (x**3 / s**4 - 3 * x / s**2) * exp(-(x**2) / (2 * s**2))},
        lambda x, s: {"x": (x**3 / s**4 - 2 * x / s**2) * exp(-(x**2) / (2 * s**2))},
    ),
    "scipy rosen": (
        lambda x, y: 100.0 * (y - x**2.0) ** 2.0 + (1 - x) ** 2.0,
        lambda x, y: np.array([-400 * x * (y - x**2) - 2 * (1 - x), 200 * (y - x**2)]),
        lambda x, y: np.array([-400 * x * (y - x**2) + 2 * (1 - x), 200 * (y - x**2)]),
    ),
    "scipy himmelblau": (
        lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
        lambda x, y: [4 * x**3 + 4 * x * y + 2 * y**2 - 42 * x - 14, 2 * x**2 + 4 * x * y + 4 * y**3 - 26 * y - 22],
        lambda x, y: [4 * x**3 + 4 * x * y + 2 * y**2 - 42 * x - 14, 2 * x**2 + 4 * x * y + 4 * y**3 - 26 * y - 26],
    ),
    "scipy beale": (
        lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2,
        lambda x, y: (2 * (1.5 - x + x * y) * (y - 1) + 2 * (2.25 - x + x * y**2) * (y**2 - 1),
                      2 * (1.5 - x + x * y) * x + 4 * (2.25 - x + x * y**2) * x * y),
        lambda x, y: (2 * (1.5 - x + x * y) * (y - 1) + 2 * (2.25 - x + x * y**2) * (y**2 - 1),
                      2 * (1.5 - x + x * y) * x + 2 * (2.25 - x + x * y**2) * x * y),
    ),
    "scipy norm pdf": (
        lambda x: exp(-(x**2) / 2.0) / ROOT,
        lambda x: -x * exp(-(x**2) / 2.0) * 0.3989422804014327,
        lambda x: -2 * x * exp(-(x**2) / 2.0) * 0.3989422804014327,
    ),
    "statsmodels Logit": (
        lambda b, x, y: y * b * x - log(1 + exp(b * x)),
        lambda b, x, y: {"b": (y - _sigmoid(b * x)) * x},
        lambda b, x, y: {"b": (_sigmoid(b * x) - y) * x},
    ),
    "statsmodels Poisson": (
        lambda b, x, y: y * b * x - exp(b * x),
        lambda b, x, y: {"b": (y - exp(b * x)) * x},
        lambda b, x, y: {"b": y - exp(b * x) * x},
    ),
    "statsmodels CLogLog link": (
        lambda p: log(-log(1 - p)),
        lambda p: 1.0 / ((p - 1) * log(1 - p)),
        lambda p: 1.0 / ((1 - p) * log(1 - p)),
    ),
    "statsmodels logit link": (
        lambda p: log(p / (1.0 - p)),
        lambda p: 1.0 / (p * (1 - p)),
        lambda p: 1.0 / (p * (1 + p)),
    ),
    "sklearn RBF": (
        lambda d, s: exp(-0.5 * d**2 / s**2),
        lambda d, s: {"s": exp(-0.5 * d**2 / s**2) * d**2 / s**3},
        lambda d, s: {"s": exp(-0.5 * d**2 / s**2) * d**2 / s**2},  # by log(s), as in its kernels
    ),
    "sklearn RationalQuadratic": (
        lambda d, a, s: (1 + d**2 / (2 * a * s**2)) ** -1,
        lambda d, a, s: {"s": d**2 / (a * s**3) * (1 + d**2 / (2 * a * s**2)) ** -2},
        lambda d, a, s: {"s": d**2 / (2 * a * s**3) * (1 + d**2 / (2 * a * s**2)) ** -2},
    ),
    "CS231n sigmoid": (
        _sigmoid,
        lambda z: _sigmoid(z) * (1 - _sigmoid(z)),
        lambda z: z * (1 - z),
    ),
    "CS231n tanh": (
        lambda z: tanh(z),
        lambda z: 1 - tanh(z) ** 2,
        lambda z: 1 - z**2,
    ),
    "GELU by tanh": (
        lambda x: 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))),
        lambda x: 0.5 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))
        + 0.5 * x * (1 - tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)) ** 2) * sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2),
        lambda x: 0.5 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))
        + 0.5 * x * (1 - tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)) ** 2) * sqrt(2 / pi) * (1 + 0.044715 * x**2),
    ),
    "EKF range": (
        lambda x, y: sqrt(x**2 + y**2),
        lambda x, y: (x / sqrt(x**2 + y**2), y / sqrt(x**2 + y**2)),
        lambda x, y: (x / (x**2 + y**2), y / (x**2 + y**2)),
    ),
    "EKF bearing": (
        lambda x, y: np.arctan(y / x),
        lambda x, y: (-y / (x**2 + y**2), x / (x**2 + y**2)),
        lambda x, y: (y / (x**2 + y**2), -x / (x**2 + y**2)),
    ),
    "EKF motion": (
        lambda x, v, t: x + v * math.cos(t),
        lambda x, v, t: (1, math.cos(t), -v * math.sin(t)),
        lambda x, v, t: (1, math.cos(t), v * math.sin(t)),
    ),
    "half-life": (
        lambda n, t, h: n * exp(-LN2 * t / h),
        lambda n, t, h: {"t": -n * 0.6931471805599453 / h * 2 ** (-t / h)},
        lambda n, t, h: {"t": -n / h * 2 ** (-t / h)},
    ),
}  # fmt: skip
