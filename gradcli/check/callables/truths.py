"""Comparisons of balls, truth values, whole numbers and what is not a number."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gradcli.backends.arb.context import UNKNOWN, is_ball
from gradcli.check.callables.elementwise import mapped
from gradcli.check.callables.tensor import (
    HANDLERS,
    BallTensor,
    entries_of,
    handler,
)
from gradcli.check.callables.world import TOO_CLOSE, Array, Unsupported, array, world


def compared(name: str, x: Any, y: Any) -> torch.Tensor:
    """A comparison, decided by the balls: a tensor of truth values.

    Raises Unsupported where they do not tell.
    """
    now = world()
    left, right = np.broadcast_arrays(entries_of(x), entries_of(y))
    found = [now.truth(name, a, b) for a, b in zip(left.flat, right.flat)]
    return torch.tensor(found, dtype=torch.bool).reshape(left.shape)


for _name, _sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    HANDLERS[_name] = lambda x, y, _sign=_sign: compared(_sign, x, y)


@handler("equal")
def _equal(x: Any, y: Any) -> bool:
    return x.shape == y.shape and bool(compared("==", x, y).all())


@handler("_local_scalar_dense")
def _item(x: BallTensor) -> float:
    value = x.entries.item()
    if is_ball(value) and value.is_exact() and id(value) not in world().moving:
        return float(value)
    if value is None:
        return float(x.doubles)
    raise Unsupported("a number that is taken out of a tensor")


@handler("isnan")
def _isnan(x: BallTensor) -> torch.Tensor:
    return _without_value(x) & x.doubles.isnan()


@handler("isinf")
def _isinf(x: BallTensor) -> torch.Tensor:
    return _without_value(x) & x.doubles.isinf()


@handler("isfinite")
def _isfinite(x: BallTensor) -> torch.Tensor:
    return ~_without_value(x)


def _without_value(x: BallTensor) -> torch.Tensor:
    """Where there is no finite number."""
    values = list(x.entries.flat)
    if UNKNOWN in values:
        raise Unsupported(TOO_CLOSE)
    return torch.tensor([one is None or not one.is_finite() for one in values], dtype=torch.bool).reshape(x.shape)


@handler("nan_to_num")
def _nan_to_num(x: BallTensor, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Array:
    instead = x.doubles.nan_to_num(nan, posinf, neginf)
    lost = _without_value(x).reshape(-1).tolist()
    there = [
        world().number(one) if gone else value
        for value, one, gone in zip(x.entries.flat, instead.double().reshape(-1).tolist(), lost)
    ]
    return array(there, tuple(x.shape))


@handler("_to_copy")
def _to_copy(x: Any, *, dtype: torch.dtype | None = None, **_: Any) -> Any:
    if dtype is None or dtype.is_floating_point:
        return entries_of(x)
    if dtype.is_complex:
        raise Unsupported("complex numbers")
    if dtype is torch.bool:
        return compared("!=", x, 0)
    return _whole(mapped("trunc", x), dtype)


def _whole(values: Array, dtype: torch.dtype) -> torch.Tensor:
    found = []
    for value in values.flat:
        if not is_ball(value) or not value.is_integer():
            raise Unsupported(TOO_CLOSE if value is not None else "int() of what has no value")
        found.append(int(value.unique_fmpz()))
        world().labels.append(found[-1])
    return torch.tensor(found, dtype=dtype).reshape(values.shape)
