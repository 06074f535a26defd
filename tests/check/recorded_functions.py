"""Functions and gradients as they stand in code, for --gradient."""

import cmath
import math
import random
from functools import partial
from math import exp

import numpy as np


def wave(x, y):
    return x**2 * math.sin(y) / 3


def as_tuple(x, y):
    return 2 * x * np.sin(y) / 3, x**2 * math.cos(y) / 3


def as_array(x, y):
    return np.array([2 * x * np.sin(y) / 3, x**2 * np.cos(y) / 3])


def over_arrays(x, y):
    both = np.sin(np.array([y, y + math.pi / 2]))
    return both * np.array([2 * x / 3, x**2 / 3])


def as_dict(x, y):
    return {"y": x**2 * math.cos(y) / 3, "x": 2 * x * math.sin(y) / 3}


def with_value(x, y):
    return wave(x, y), list(as_tuple(x, y))


def wrong_sign(x, y):
    return {"x": 2 * x * math.sin(y) / 3, "y": -(x**2) * math.cos(y) / 3}


def wrong_order(x, y):
    return as_tuple(x, y)[::-1]


def printing(x, y):
    print("called with", x, y)
    return as_tuple(x, y)


def three(x, y):
    return x, y, 0


def sized(x, y):
    return sum(x for _ in range(x)), y


def integral(x, y):
    return int(x), y


def complex_exp(x, y):
    return cmath.exp(x), y


def failing(x, y):
    return {}["a"]


def drawing(x, y):
    return x * random.random(), y


class Bell:
    @staticmethod
    def evaluate(x, a=2):
        return exp(-a * x**2) / (1 + x) ** -2

    @staticmethod
    def derivative(x, a=2):
        return -2 * a * x * exp(-a * x**2) * (1 + x) ** 2 + exp(-a * x**2) * 2 * (1 + x)


def square_of_first(x, y):
    return x**2


def its_gradient(x, y):
    return 2 * x, 0


def with_constant(x, e):
    return x * e


def shifted(y):
    return math.sin(y + math.pi / 2)


def shifted_slope(y):
    return -math.sin(y)


def cubic(x):
    return 1 / 3 * x**3


def cubic_slope(x):
    return x**2


def cubic_off(x):
    return x**2 * 1.000001


def bell(x):
    return exp(-x * x / 2) / math.sqrt(2 * math.pi)


def bell_slope(x):
    return -x * 0.3989422804014327 * np.exp(-(x**2) / 2)


def bell_off(x):
    return -x * 0.39894268 * np.exp(-(x**2) / 2)


def turning(t):
    return np.sin(2 * np.pi / 5 * t)


def turning_slope(t):
    return 0.4 * np.pi * math.cos(0.4 * math.pi * t)


def with_residue(x):
    return x * math.cos(math.pi / 2) + x**2


def radiance(t):
    return 3.74e-16 / (math.exp(1.44 / t) - 1)


def radiance_slope(t):
    return 3.74e-16 * math.exp(1.44 / t) * 1.44 / t**2 / (math.exp(1.44 / t) - 1) ** 2


def radiance_off(t):
    return 3.74e-16 * math.exp(1.44 / t) * 1.44 / t**2 / (math.exp(1.44 / t) - 1)


def in_degrees(a):
    return np.cos(np.radians(a))


def in_degrees_slope(a):
    return -math.sin(a * math.pi / 180) * (math.pi / 180)


def by_type(x):
    return x**2 if isinstance(x, float) else x**3


def by_exact_type(x):
    return x**2 if type(x) is float else x**3


def by_type_slope(x):
    return 3 * x**2


def slope_by_type(x):
    return 2 * x if isinstance(x, float) else x**2


def both(x, y):
    return x * y**2, (y**2, 2 * x * y)


def both_wrong(x, y):
    return x * y**2, (y**2, x * y)


def one_and_slope(x):
    return x**2, 2 * x


class Wave:
    def __init__(self, amplitude):
        self.amplitude = amplitude

    def __call__(self, t):
        return self.amplitude * math.sin(t)

    def slope(self, t):
        return self.amplitude * math.cos(t)

    @classmethod
    def cube(cls, t):
        return t**3

    @classmethod
    def cube_slope(cls, t):
        return 3 * t**2


def scaled(a, x):
    return math.exp(a * x)


def scaled_slope(a, x):
    return a * math.exp(a * x)


wave_object = Wave(2.5)
square = lambda x: x**2  # noqa: E731
twice = lambda x: 2 * x  # noqa: E731
doubled = partial(scaled, 2)
doubled_slope = partial(scaled_slope, a=2)
