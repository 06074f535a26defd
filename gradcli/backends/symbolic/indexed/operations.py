"""The operations of index formulas on whole tensors, by torch, and which entries a median or an order takes."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
import torch
from sympy.core.relational import Relational

from gradcli.backends.symbolic.indexed import notation
from gradcli.backends.symbolic.value import row_of
from gradcli.backends.torch.run import implementation

_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def applied(node: Any, args: Sequence[Any]) -> Any:
    """The value of a node that is not an index, an entry or a sum, from those of its parts, spread over all axes."""
    if node.is_Add:
        return functools.reduce(operator.add, args)
    if node.is_Mul:
        return functools.reduce(operator.mul, args)
    if notation.is_quotient(node):
        return torch.floor_divide(args[0].to(torch.float64), float(node.args[0].as_numer_denom()[1]))
    if node.is_Pow:
        exponent = float(node.exp) if node.exp.is_Number else args[1]
        if isinstance(exponent, float) and exponent.is_integer():
            return args[0] ** int(exponent) if abs(exponent) < 2**31 else args[0] ** exponent
        return torch.sqrt(args[0]) if node.exp == sympy.S.Half else args[0] ** exponent
    if node.is_Piecewise:
        result = torch.full((), math.nan, dtype=torch.float64)
        for value, condition in reversed(list(zip(args[::2], args[1::2]))):
            result = torch.where(condition, value, result)
        return result
    if isinstance(node, sympy.KroneckerDelta):
        return torch.eq(*args).to(torch.float64)
    if isinstance(node, Relational):
        return _COMPARED[node.rel_op](*args)
    if isinstance(node, (sympy.And, sympy.Or)):
        return functools.reduce(torch.logical_and if isinstance(node, sympy.And) else torch.logical_or, args)
    if isinstance(node, sympy.Not):
        return torch.logical_not(args[0])
    if isinstance(node, sympy.ITE):
        return torch.where(*args)
    return _function(node, args)


def _function(node: Any, args: Sequence[Any]) -> Any:
    if isinstance(node, notation.Held):
        return args[0]
    if isinstance(node, notation.ListedIndex):
        return torch.as_tensor(node.args[0].table.of([at.long().numpy() for at in args]), dtype=torch.float64)
    name = node.func.__name__
    if name in ("floor", "Mod"):
        return (torch.floor if name == "floor" else torch.remainder)(*args)
    row = row_of(name, len(args))
    if row.variadic:
        return functools.reduce(implementation(row.name), args)
    return implementation(row.name)(*args)


def taken_places(kind: str, x: Any, axis: int | None, falls: bool) -> tuple[Any, ...]:
    """The indices in a tensor of the entries that an operation takes: along an axis, or of a median in all dimensions.

    Equal entries count as in ascending order, as they stand: a least one is the first, a largest one the last; the
    other way round where the entries fall with those of which they are computed, as -x does.
    """
    dims = range(x.dim()) if axis is None else (axis,)
    if kind in ("max", "min"):
        return (_running(x, dims[0], kind == "max", (kind == "max") != falls),)
    found = _in_order(x.flip(tuple(dims)) if falls else x, axis)
    return tuple(x.shape[dim] - 1 - at for dim, at in zip(dims, found)) if falls else found


def _in_order(x: Any, axis: int | None) -> tuple[Any, ...]:
    if axis is None:
        flat = torch.argsort(x.flatten(), stable=True)[(x.numel() - 1) // 2]
        return tuple(torch.unravel_index(flat, x.shape))
    return (torch.argsort(x, dim=axis, stable=True),)


def _running(x: Any, axis: int, largest: bool, last: bool) -> Any:
    """Where the extreme of the first entries stands: where one that is new was met last."""
    x = x.movedim(axis, 0) if largest else -x.movedim(axis, 0)
    best = x.cummax(0).values[:-1]
    new = torch.ones_like(x, dtype=torch.bool)
    new[1:] = x[1:] >= best if last else x[1:] > best
    here = torch.arange(len(x)).reshape(-1, *[1] * (x.dim() - 1))
    return torch.where(new, here, 0).cummax(0).values.movedim(0, axis)


def extreme_place(x: Any, axis: int, last: bool, largest: bool) -> Any:
    """The index along an axis of the largest or smallest entry, of equal ones the last or the first."""
    entries = x.numpy() if largest else -x.numpy()
    return torch.as_tensor(x.shape[axis] - 1 - np.flip(entries, axis).argmax(axis) if last else entries.argmax(axis))
