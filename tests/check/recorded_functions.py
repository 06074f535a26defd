"""Functions and gradients as they stand in code, for --gradient."""

import math
import random
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


def three(x, y):
    return x, y, 0


def branching(x, y):
    return (x, y) if x > y else (y, x)


def floating(x, y):
    return float(x), y


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
