"""How each kind of node is run: torch's own operations, written into a buffer where torch can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch

from gradcli.backends.columns.nodes import FUSED, FUSED_QUOTIENT, GUARDED, LINEAR, TIMES, TRUTHS, ColumnNode
from gradcli.backends.torch.functions import is_by_itself
from gradcli.backends.torch.run import implementation, run
from gradcli.functions import table
from gradcli.tape.rules import definition

PIECE = 1_024  # rows at a time, of what SciPy or mpmath computes

Kernel = Callable[..., Any]  # of the arguments, then a keyword `out`


def kernel(node: ColumnNode, pattern: tuple[bool, ...]) -> tuple[Kernel, bool]:
    """What computes a node, and whether it takes `out`; the pattern says which arguments are columns."""
    if node.what == LINEAR:
        return _of_factor(torch.add, "alpha", node.factor), True
    if node.what == FUSED:
        return _of_factor(torch.addcmul, "value", node.factor), True
    if node.what == FUSED_QUOTIENT:
        return _of_factor(torch.addcdiv, "value", node.factor), True
    if node.what == TIMES:
        return (torch.neg if node.factor == -1 else _times(node.factor)), True
    if node.what == GUARDED:
        return _guarded, False
    if node.what in _OPERATORS:
        return _OPERATORS[node.what], True
    return row_kernel(node.what, pattern)


def _of_factor(operation: Kernel, name: str, factor: float) -> Kernel:
    """An operation with a factor in it, which torch does not look at where it is 1."""
    if factor == 1:
        return operation
    return lambda *args, out=None: operation(*args, **{name: factor}, out=out)


def _times(factor: float) -> Kernel:
    return lambda a, out=None: torch.mul(a, factor, out=out)


def _guarded(adjoint: torch.Tensor, local: torch.Tensor) -> torch.Tensor:
    product = adjoint * local
    return torch.where(adjoint == 0, torch.zeros_like(product), product)


_OPERATORS: dict[str, Kernel] = {
    "*": torch.mul,
    "/": torch.div,
    "reciprocal": torch.reciprocal,
    "**": torch.pow,
    "where": torch.where,
}


@cache
def row_kernel(name: str, pattern: tuple[bool, ...]) -> tuple[Kernel, bool]:
    """What computes a row of columns and numbers, and whether it takes `out`.

    Some of torch's functions take plain numbers for their parameters: where they are columns, the row's definition
    is run, or the row by mpmath, value by value.
    """
    row = table.BY_NAME[name]
    found: Kernel = implementation(name)
    if is_by_itself(row):
        return _in_pieces(found), False
    if isinstance(row.torch, str) and _works(found, pattern, name in TRUTHS):
        return found, True
    if _works(found, pattern):
        return found, False
    template = definition(name)
    if template is not None:
        names = [parameter.name for parameter in row.parameters]
        return lambda *args: run(template, dict(zip(names, args)), args[0]), False
    return found, False


def _works(function: Kernel, pattern: Sequence[bool], is_truth: bool | None = None) -> bool:
    """Whether a function takes such arguments; with `is_truth`, whether it writes its result into a buffer, too."""
    args = [torch.full((2,) if column else (), 0.5, dtype=torch.float64) for column in pattern]
    try:
        if is_truth is None:
            return tuple(function(*args).shape) == ((2,) if any(pattern) else ())
        buffer = torch.empty((2,) if any(pattern) else (), dtype=torch.bool if is_truth else torch.float64)
        function(*args, out=buffer)
    except (TypeError, RuntimeError, ValueError):
        return False
    return True


def _in_pieces(function: Kernel) -> Kernel:
    """A function that is slow, and has a bound on its time, applied to a few rows at a time."""

    def call(*args: torch.Tensor) -> torch.Tensor:
        count = max(arg.numel() for arg in args)
        if count <= PIECE:
            return function(*args)  # type: ignore[no-any-return]
        starts = range(0, count, PIECE)
        return torch.cat([function(*(a[i : i + PIECE] if a.dim() else a for a in args)) for i in starts])

    return call


def fold(name: str, values: Sequence[float], dtype: torch.dtype) -> float:
    """A row of numbers, as torch computes it."""
    args = [torch.tensor(value, dtype=dtype) for value in values]
    if name == GUARDED:
        name = "*"
    return float(implementation(name)(*args).item())
