"""Columns as Python has them: arrays, tensors, lists and numbers in, the same kind out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gradcli.errors import GradcliError, LimitError

if TYPE_CHECKING:
    from gradcli.problem.compiled import Compiled

STAGE = "reading the columns"
MAX_ROWS = 2**40


def mapped(compiled: Compiled, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that come out, by name."""
    is_tensor = any(isinstance(one, torch.Tensor) for one in columns.values())
    tensors = {name: _tensor(name, one) for name, one in columns.items()}
    shape = _common_shape(tensors)
    numbers = {name: float(one) for name, one in tensors.items() if one.numel() == 1}
    flat = {name: one.expand(shape).reshape(-1) for name, one in tensors.items() if name not in numbers}
    evaluator = compiled.evaluator(list(flat))
    count = int(np.prod(shape, dtype=np.int64))
    if count > MAX_ROWS:
        raise LimitError(STAGE, f"there are {count:,} points")
    out = [empty(count, compiled.like.dtype) for _ in compiled.names]
    evaluator.rows(flat, numbers, out)
    device = next((one.device for one in columns.values() if isinstance(one, torch.Tensor)), None)
    shaped = {name: one.reshape(shape) for name, one in zip(compiled.names, out)}
    if is_tensor:
        return {name: one.to(device) for name, one in shaped.items()}
    return {name: one.numpy() for name, one in shaped.items()}


def empty(count: int, dtype: torch.dtype) -> torch.Tensor:
    """Room for a column; NumPy asks for large pages, so that touching it first costs a fraction."""
    size = torch.empty((), dtype=dtype).element_size()
    if not count:
        return torch.empty(0, dtype=dtype)
    return torch.from_numpy(np.empty(count * size, dtype=np.uint8)).view(dtype)


def _tensor(name: str, given: Any) -> torch.Tensor:
    """A column as a tensor, without a copy where there can be none."""
    if isinstance(given, torch.Tensor):
        found = given.detach()
        if found.is_complex() or found.dtype is torch.bool:
            raise _no_numbers(name, str(found.dtype))
        return found
    if isinstance(given, np.ma.MaskedArray):
        raise GradcliError(STAGE, f'"{name}" has a mask, and every entry needs a value', expected="a plain array")
    try:
        array = np.asarray(given)
        if array.dtype.kind == "O":
            array = np.array([float(one) for one in array.flat], dtype=np.float64).reshape(array.shape)
    except (TypeError, ValueError, OverflowError):
        raise _no_numbers(name, type(given).__name__) from None
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise _no_numbers(name, str(array.dtype))
    if not array.dtype.isnative or any(stride < 0 for stride in array.strides) or not array.flags.writeable:
        array = np.array(array, dtype=array.dtype.newbyteorder("="))
    return torch.from_numpy(array)


def _no_numbers(name: str, what: str) -> GradcliError:
    return GradcliError(STAGE, f'"{name}" is not a column of real numbers: {what}', expected="an array of numbers")


def _common_shape(tensors: Mapping[str, torch.Tensor]) -> torch.Size:
    try:
        found: torch.Size = torch.broadcast_shapes(*(one.shape for one in tensors.values()))  # type: ignore[no-untyped-call]
        return found
    except RuntimeError:
        said = ", ".join(f"{name} {tuple(one.shape)}" for name, one in tensors.items())
        raise GradcliError(STAGE, f"the shapes do not go together: {said}", expected="shapes that broadcast") from None
