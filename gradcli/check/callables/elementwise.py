"""Torch's elementwise operations on balls, by the rows of the table."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.check.callables.tensor import (
    HANDLERS,
    composed,
    entries_of,
    handler,
)
from gradcli.check.callables.world import Array, Unsupported, array, world
from gradcli.functions import table
from gradcli.functions.row import Row

_LIBRARIES = ("torch", "F", "special")
_ROW = table.BY_NAME


def mapped(name: str, *values: Any) -> Array:
    """A row applied to tensors, numbers and arrays, entry by entry, with broadcasting."""
    return broadcast(_ROW[name], [one if isinstance(one, np.ndarray) else entries_of(one) for one in values])


def broadcast(row: Row, arrays: list[Array]) -> Array:
    """A row applied to arrays of balls."""
    now = world()
    if len(arrays) == 1:
        return array([now.call(row, value) for value in arrays[0].flat], arrays[0].shape)
    spread = np.broadcast_arrays(*arrays)
    return array([now.call(row, *values) for values in zip(*(one.flat for one in spread))], spread[0].shape)


def _of_row(row: Row) -> Any:
    """The handler of a row: its parameters are those of torch's operation."""
    names = [parameter.name for parameter in row.parameters]

    def run(*args: Any, **kwargs: Any) -> Array:
        values = list(args[: len(names)])
        for parameter in row.parameters[len(values) :]:
            if parameter.name in kwargs:
                values.append(kwargs.pop(parameter.name))
            elif parameter.default is not None:
                values.append(float(Fraction(parameter.default)))
            elif not parameter.optional:
                raise Unsupported(f"this call of {row.name}")
        if any(value is not None for value in (*kwargs.values(), *args[len(names) :])):
            raise Unsupported(f"{row.name} with {', '.join(kwargs) or 'more arguments'}")
        return broadcast(row, [entries_of(one) for one in values if one is not None])

    return run


def _register() -> None:
    """Every row that works entry by entry, under each name that torch has for it."""
    for row in table.ROWS:
        if row.shape is not None or row.statics or row.variadic or row.truths or row.gives_truth:
            continue
        if row.name in ("diff", "detach", "where", "masked_fill"):
            continue
        run = _of_row(row)
        for library, name in row.spellings():
            if library in _LIBRARIES:
                HANDLERS.setdefault(name, run)
                HANDLERS.setdefault(f"special_{name}", run)


_register()


@handler("add")
def _add(x: Any, other: Any, *, alpha: Any = 1) -> Array:
    return mapped("+", x, other if alpha == 1 else mapped("*", other, alpha))


@handler("sub")
def _sub(x: Any, other: Any, *, alpha: Any = 1) -> Array:
    return mapped("-", x, other if alpha == 1 else mapped("*", other, alpha))


@handler("div", "true_divide")
def _div(x: Any, other: Any, *, rounding_mode: str | None = None) -> Array:
    if rounding_mode == "floor":
        return mapped("//", x, other)
    found = mapped("/", x, other)
    return found if rounding_mode is None else mapped("trunc", found)


@handler("pow", "float_power")
def _pow(x: Any, exponent: Any) -> Array:
    return mapped("**", x, exponent)


@handler("clamp", "clip")
def _clamp(x: Any, min: Any = None, max: Any = None) -> Array:
    found = entries_of(x)
    if min is not None:
        found = mapped("max", found, min)
    return found if max is None else mapped("min", found, max)


@handler("clamp_min")
def _clamp_min(x: Any, min: Any) -> Array:
    return mapped("max", x, min)


@handler("clamp_max")
def _clamp_max(x: Any, max: Any) -> Array:
    return mapped("min", x, max)


@handler("maximum", "fmax")
def _maximum(x: Any, other: Any) -> Array:
    return mapped("max", x, other)


@handler("minimum", "fmin")
def _minimum(x: Any, other: Any) -> Array:
    return mapped("min", x, other)


@handler("gelu")
def _gelu(x: Any, *, approximate: str = "none") -> Array:
    return mapped("gelu" if approximate == "none" else "gelu_tanh", x)


@handler("elu")
def _elu(x: Any, alpha: Any = 1, scale: Any = 1, input_scale: Any = 1) -> Array:
    if input_scale != 1:  # that of celu: alpha*(exp(x/alpha) - 1)
        return mapped("*", mapped("celu", x, alpha), scale)
    return mapped("*", mapped("elu", x, alpha), scale)


@handler("leaky_relu")
def _leaky_relu(x: Any, negative_slope: Any = 0.01) -> Array:
    return mapped("leaky_relu", x, negative_slope)


@handler("log_sigmoid_forward")
def _log_sigmoid(x: Any) -> Any:
    """With what its backward computes with."""
    return mapped("logsigmoid", x), mapped("exp", mapped("neg", mapped("abs", x)))


@handler("logit")
def _logit(x: Any, eps: float | None = None) -> Array:
    return mapped("logit", x if eps is None else _clamp(x, eps, 1 - eps))


@handler("round")
def _round(x: Any, *, decimals: int = 0) -> Array:
    scale = 10.0**decimals
    return mapped("round", x) if not decimals else mapped("/", mapped("round", mapped("*", x, scale)), scale)


@handler("copysign")
def _copysign(x: Any, other: Any) -> Array:
    return mapped("copysign", x, other)


@handler("lerp")
def _lerp(x: Any, end: Any, weight: Any) -> Array:
    return mapped("+", x, mapped("*", weight, mapped("-", end, x)))


@handler("polygamma", "special_polygamma")
def _polygamma(n: int, x: Any) -> Array:
    return mapped("polygamma", n, x)


@composed("bernoulli", "multinomial", "normal", "poisson", "binomial")
def _drawn(*_: Any, **__: Any) -> Any:
    raise Unsupported("random numbers that depend on a tensor")
