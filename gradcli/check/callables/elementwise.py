"""Torch's elementwise functions, by the rows of the table."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import torch

from gradcli.check.callables.exact import (
    HANDLERS,
    ExactTensor,
    computed,
    handler,
    is_integer,
    lifted,
    promoted,
)
from gradcli.check.callables.nodes import Array, BallNode, Unsupported, array, decided, has_value, world
from gradcli.functions import table
from gradcli.functions.row import Row

_LIBRARIES = ("torch", "F", "special")


def mapped(row: Row, *values: Any) -> ExactTensor:
    """A row applied to tensors and numbers, entry by entry, with broadcasting."""
    tensors = [lifted(value) for value in values]
    truths = [place in row.truths for place in range(len(tensors))]
    arrays = [as_truths(one) if truth else as_numbers(one) for one, truth in zip(tensors, truths)]
    counted = [value for value, truth in zip(values, truths) if not truth]
    kind = torch.bool if row.gives_truth else computed(promoted(counted, real=not row.keeps_integers))
    return exact_of(broadcast(row, arrays), kind)


def exact_of(entries: Array, kind: torch.dtype) -> ExactTensor:
    """A tensor of computed entries."""
    from gradcli.check.callables.exact import exact

    return exact(entries, kind)


def broadcast(row: Row, arrays: list[Array]) -> Array:
    """A row applied to arrays of nodes."""
    now = world()
    if not any(one.ndim for one in arrays):
        return array([now.call(row, *(one.item() for one in arrays))], ())
    try:
        spread = np.broadcast_arrays(*arrays)
    except ValueError:
        raise Unsupported("shapes that do not go together") from None
    return array([now.call(row, *nodes) for nodes in zip(*(one.flat for one in spread))], spread[0].shape)


def as_numbers(value: ExactTensor) -> Array:
    """Entries as numbers: true is 1."""
    if value.kind is not torch.bool:
        return value.entries
    now = world()
    return array([_number(now, node) for node in value.entries.flat], value.entries.shape)


def _number(now: Any, node: BallNode) -> BallNode:
    return now.number(1 if node.value else 0) if isinstance(node.value, bool) else node


def as_truths(value: ExactTensor) -> Array:
    """Entries as truth values: a number is true unless it is 0."""
    if value.kind is torch.bool:
        return value.entries
    now = world()
    zero = now.number(0)
    return array([now.named("!=", node, zero) for node in value.entries.flat], value.entries.shape)


def _of_row(row: Row) -> Any:
    """The handler of a row: its parameters are those of torch's function."""
    names = [parameter.name for parameter in row.parameters]

    def run(*args: Any, **kwargs: Any) -> ExactTensor:
        if row.name in ("and", "or", "not"):
            return _logic(row, *args)
        values = list(args[: len(names)])
        for parameter in row.parameters[len(values) :]:
            if parameter.name in kwargs:
                values.append(kwargs.pop(parameter.name))
            elif "other" in kwargs:
                values.append(kwargs.pop("other"))
            elif parameter.default is not None:
                values.append(float(Fraction(parameter.default)))
            elif not parameter.optional:
                raise Unsupported(f"this call of {row.name}")
        if any(value is not None for value in kwargs.values()) or len(args) > len(names):
            raise Unsupported(f"{row.name} with {', '.join(kwargs) or 'more arguments'}")
        return mapped(row, *values)

    return run


def _logic(row: Row, *values: Any) -> ExactTensor:
    return exact_of(broadcast(row, [as_truths(lifted(value)) for value in values]), torch.bool)


def _register() -> None:
    """Every row that works entry by entry, under each name that torch has for it."""
    for row in table.ROWS:
        if row.shape is not None or row.statics or row.name in ("diff", "detach", "where") or row.variadic:
            continue
        run = _of_row(row)
        for library, name in row.spellings():
            if library in _LIBRARIES:
                HANDLERS.setdefault(name, run)


_register()
_ROW = table.BY_NAME

for _name, _sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    HANDLERS[_name] = _of_row(_ROW[_sign])
for _name, _alias in {"less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "not_equal": "ne",
                      "__eq__": "eq", "__ne__": "ne"}.items():  # fmt: skip
    HANDLERS[_name] = HANDLERS[_alias]
for _name in ("logical_and", "__and__", "bitwise_and", "__rand__"):
    HANDLERS[_name] = _of_row(_ROW["and"])
for _name in ("logical_or", "__or__", "bitwise_or", "__ror__"):
    HANDLERS[_name] = _of_row(_ROW["or"])
for _name in ("logical_not", "__invert__", "bitwise_not"):
    HANDLERS[_name] = _of_row(_ROW["not"])


@handler("add", "__radd__")
def _add(x: Any, other: Any, *, alpha: Any = 1) -> ExactTensor:
    return mapped(_ROW["+"], x, other if alpha == 1 else mapped(_ROW["*"], alpha, other))


@handler("sub", "subtract", "__sub__")
def _sub(x: Any, other: Any, *, alpha: Any = 1) -> ExactTensor:
    return mapped(_ROW["-"], x, other if alpha == 1 else mapped(_ROW["*"], alpha, other))


@handler("rsub", "__rsub__")
def _rsub(x: Any, other: Any, alpha: Any = 1) -> ExactTensor:
    return _sub(other, x, alpha=alpha)


@handler("div", "divide", "true_divide", "__truediv__", "__div__")
def _div(x: Any, other: Any, *, rounding_mode: str | None = None) -> ExactTensor:
    if rounding_mode is None:
        return mapped(_ROW["/"], x, other)
    if rounding_mode == "floor":
        return mapped(_ROW["//"], x, other)
    return mapped(_ROW["trunc"], mapped(_ROW["/"], x, other))


@handler("__rtruediv__", "__rdiv__")
def _rdiv(x: Any, other: Any) -> ExactTensor:
    return _div(other, x)


@handler("__rpow__")
def _rpow(x: Any, other: Any) -> ExactTensor:
    return mapped(_ROW["**"], other, x)


@handler("__rmul__")
def _rmul(x: Any, other: Any) -> ExactTensor:
    return mapped(_ROW["*"], other, x)


@handler("__rmod__")
def _rmod(x: Any, other: Any) -> ExactTensor:
    return mapped(_ROW["%"], other, x)


@handler("__floordiv__", "floor_divide")
def _floordiv(x: Any, other: Any) -> ExactTensor:
    return mapped(_ROW["//"], x, other)


@handler("__rfloordiv__")
def _rfloordiv(x: Any, other: Any) -> ExactTensor:
    return mapped(_ROW["//"], other, x)


@handler("clamp", "clip")
def _clamp(x: Any, min: Any = None, max: Any = None) -> ExactTensor:
    if min is None:
        return mapped(_ROW["clamp_max"], x, max)
    return mapped(_ROW["clamp_min"], x, min) if max is None else mapped(_ROW["clamp"], x, min, max)


@handler("hardtanh")
def _hardtanh(x: Any, min_val: Any = -1.0, max_val: Any = 1.0) -> ExactTensor:
    return mapped(_ROW["hardtanh"], x, min_val, max_val)


@handler("maximum", "fmax")
def _maximum(x: Any, other: Any) -> ExactTensor:
    return mapped(_ROW["max"], x, other)


@handler("minimum", "fmin")
def _minimum(x: Any, other: Any) -> ExactTensor:
    return mapped(_ROW["min"], x, other)


@handler("where")
def _where(condition: Any, x: Any = None, other: Any = None, **kwargs: Any) -> ExactTensor:
    x = kwargs.get("input") if x is None else x
    if x is None or other is None:
        raise Unsupported("where with one argument")
    return mapped(_ROW["where"], condition, x, other)


@handler("masked_fill")
def _masked_fill(x: Any, mask: Any, value: Any) -> ExactTensor:
    return exact_of(mapped(_ROW["where"], mask, value, x).entries, x.kind)


@handler("gelu")
def _gelu(x: Any, approximate: str = "none") -> ExactTensor:
    return mapped(_ROW["gelu" if approximate == "none" else "gelu_tanh"], x)


@handler("round")
def _round(x: Any, *, decimals: int = 0) -> ExactTensor:
    if not decimals:
        return mapped(_ROW["round"], x)
    return _div(mapped(_ROW["round"], mapped(_ROW["*"], x, 10**decimals)), 10**decimals)


@handler("lerp")
def _lerp(x: Any, end: Any, weight: Any) -> ExactTensor:
    return _add(x, mapped(_ROW["*"], weight, _sub(end, x)))


@handler("addcmul")
def _addcmul(x: Any, first: Any, second: Any, *, value: Any = 1) -> ExactTensor:
    return _add(x, mapped(_ROW["*"], first, second), alpha=value)


@handler("addcdiv")
def _addcdiv(x: Any, first: Any, second: Any, *, value: Any = 1) -> ExactTensor:
    return _add(x, _div(first, second), alpha=value)


@handler("deg2rad")
def _deg2rad(x: Any) -> ExactTensor:
    return mapped(_ROW["*"], x, np.pi / 180)


@handler("isnan")
def _isnan(x: Any) -> ExactTensor:
    flags = [world().number(not has_value(node)) for node in x.entries.flat]
    return exact_of(array(flags, x.entries.shape), torch.bool)


@handler("isfinite")
def _isfinite(x: Any) -> ExactTensor:
    flags = [world().number(has_value(node)) for node in x.entries.flat]
    return exact_of(array(flags, x.entries.shape), torch.bool)


@handler("isinf")
def _isinf(x: Any) -> ExactTensor:
    return exact_of(array([world().number(False) for _ in x.entries.flat], x.entries.shape), torch.bool)


def whole(value: Any) -> Any:
    """An index or a size: whole numbers and truth values of a tensor as NumPy's, the rest as it is."""
    if type(value) is ExactTensor:
        if value.kind is torch.bool:
            return np.array([bool(decided(node)) for node in value.entries.flat], dtype=bool).reshape(
                value.entries.shape
            )
        if not is_integer(value.kind):
            raise Unsupported("an index that is not a whole number")
        numbers = np.array([int(decided(node)) for node in value.entries.flat], dtype=np.int64)
        return numbers.reshape(value.entries.shape) if value.entries.ndim else int(numbers[0])
    if isinstance(value, torch.Tensor):
        return value.numpy() if value.dim() else value.item()
    if isinstance(value, tuple):
        return tuple(whole(one) for one in value)
    if isinstance(value, list):
        return [whole(one) for one in value]
    if isinstance(value, slice):
        return slice(whole(value.start), whole(value.stop), whole(value.step))
    return value
