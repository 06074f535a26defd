"""Gradients of Python functions, right and wrong, of four kinds: plain Python, NumPy's functions, torch, autograd Functions.

A pair is a function and its gradient; of torch, a function or a Function whose own backward is checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch


class CallableCase(NamedTuple):
    """A callable, its gradient where it has one beside it, whether that is right, and a point."""

    kind: str
    function: Any
    gradient: Callable[..., Any] | None
    is_right: bool
    at: Mapping[str, Any]


def _python() -> list[CallableCase]:
    bell, slope = lambda x: math.exp(-(x**2)), lambda x: -2 * x * math.exp(-(x**2))
    part = lambda x, y: x / (x + y)  # noqa: E731
    unit = lambda w, x: math.tanh(w * x)  # noqa: E731
    cases = (
        (lambda x: x * math.sin(x), lambda x: math.sin(x) + x * math.cos(x), True, {"x": 0.5}),
        (lambda x: x * math.sin(x), lambda x: math.sin(x) - x * math.cos(x), False, {"x": 0.5}),
        (bell, slope, True, {"x": 0.3}),
        (bell, lambda x: 2 * x * math.exp(-(x**2)), False, {"x": 0.3}),
        (lambda x, y: math.log(x) * y, lambda x, y: (y / x, math.log(x)), True, {"x": 2.0, "y": 3.0}),
        (lambda x, y: math.log(x) * y, lambda x, y: (y * x, math.log(x)), False, {"x": 2.0, "y": 3.0}),
        (part, lambda x, y: (y / (x + y) ** 2, -x / (x + y) ** 2), True, {"x": 1.0, "y": 2.0}),
        (part, lambda x, y: (y / (x + y), -x / (x + y)), False, {"x": 1.0, "y": 2.0}),
        (unit, lambda w, x: [x * (1 - unit(w, x) ** 2), w * (1 - unit(w, x) ** 2)], True, {"w": 0.4, "x": 1.5}),
        (unit, lambda w, x: [x * (1 - unit(w, x)), w * (1 - unit(w, x) ** 2)], False, {"w": 0.4, "x": 1.5}),
    )
    return [CallableCase("python", *one) for one in cases]


def _numpy() -> list[CallableCase]:
    bell, unit = lambda x: np.exp(-(x**2)), lambda w, x: np.tanh(w * x)
    cases = (
        (lambda x: x * np.sin(x), lambda x: np.sin(x) + x * np.cos(x), True, {"x": 0.5}),
        (lambda x: x * np.sin(x), lambda x: np.cos(x), False, {"x": 0.5}),
        (bell, lambda x: -2 * x * np.exp(-(x**2)), True, {"x": 0.3}),
        (bell, lambda x: -x * np.exp(-(x**2)), False, {"x": 0.3}),
        (lambda x, y: np.log(x) * y, lambda x, y: np.array([y / x, np.log(x)]), True, {"x": 2.0, "y": 3.0}),
        (lambda x, y: np.log(x) * y, lambda x, y: {"x": np.log(x), "y": y / x}, False, {"x": 2.0, "y": 3.0}),
        (lambda x: np.sqrt(1 + x**2), lambda x: x / np.sqrt(1 + x**2), True, {"x": 1.0}),
        (lambda x: np.sqrt(1 + x**2), lambda x: 1 / (2 * np.sqrt(1 + x**2)), False, {"x": 1.0}),
        (unit, lambda w, x: (x / np.cosh(w * x) ** 2, w / np.cosh(w * x) ** 2), True, {"w": 0.4, "x": 1.5}),
        (unit, lambda w, x: (x / np.cosh(w * x), w / np.cosh(w * x) ** 2), False, {"w": 0.4, "x": 1.5}),
    )
    return [CallableCase("numpy", *one) for one in cases]


class Square(torch.autograd.Function):
    """A right backward."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return 2 * x * g


class HalfSquare(Square):
    """The factor 2 is missing."""

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return x * g


class Ignores(Square):
    """The incoming gradient is ignored."""

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return 2 * x


class Exponential(torch.autograd.Function):
    """A right backward that uses the value."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        return g * ctx.saved_tensors[0]


class Negative(Exponential):
    """The sign is wrong."""

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        return -g * ctx.saved_tensors[0]


def _of_torch() -> list[CallableCase]:
    vector, matrix = [0.5, -1.25, 2.0], [[1.0, 2.0], [0.5, -1.0]]
    functions = (
        (lambda x: (x.sin() * x).sum(), True, {"x": vector}),
        (lambda x: (x.detach() * x).sum(), False, {"x": vector}),
        (lambda A: torch.linalg.det(A), True, {"A": matrix}),
        (lambda A: torch.linalg.inv(A).sum(), True, {"A": matrix}),
        (lambda x: torch.logsumexp(x, 0), True, {"x": vector}),
        (lambda x: torch.where(x > 0, x, 0.1 * x).sum(), True, {"x": vector}),
        (lambda x, y: (x @ y.detach()) + y.sum(), False, {"x": vector, "y": vector}),
        (lambda x: x.softmax(0)[0], True, {"x": vector}),
        (lambda x: (x.round() - x).detach() * x.sum(), False, {"x": 0.3}),
        (lambda x: torch.nn.functional.softplus(x).mean(), True, {"x": vector}),
    )
    found = [CallableCase("torch", function, None, is_right, at) for function, is_right, at in functions]
    by_hand = ((Square, True), (HalfSquare, False), (Ignores, False), (Exponential, True), (Negative, False))
    found += [
        CallableCase("autograd", one, None, is_right, {"x": at}) for one, is_right in by_hand for at in (0.5, vector)
    ]
    return found


CASES = (*_python(), *_numpy(), *_of_torch())
