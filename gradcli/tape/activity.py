"""Which entries of which operations depend on some chosen entries of the variables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.functions import shapes
from gradcli.tape.tape import Op, Tape, held_by_diff

Mask = Any  # an array of truth values


class Varying:
    """For each operation of a tape, a mask of the entries that depend on the chosen ones.

    What a `diff` inside the program differentiates by varies as a whole: its value depends on how.
    """

    def __init__(self, tape: Tape, chosen: Mapping[int, Collection[tuple[int, ...]]]) -> None:
        self.masks: list[Mask] = []
        self.chosen = {index: frozenset(entries) for index, entries in chosen.items()}
        inner = held_by_diff(tape)
        for index, op in enumerate(tape.ops):
            mask = _mask(op, [self.masks[arg] for arg in op.args])
            for entry in chosen.get(index, ()):
                mask = mask.copy()
                mask[entry] = True
            self.masks.append(np.ones(op.shape, dtype=bool) if index in inner else mask)

    def is_chosen(self, index: int, at: tuple[int, ...]) -> bool:
        """Whether an entry is one of the chosen ones."""
        return at in self.chosen.get(index, ())

    def has(self, index: int, at: tuple[int, ...]) -> bool:
        """Whether an entry depends on the chosen ones."""
        return bool(self.masks[index][at])


def _mask(op: Op, masks: Sequence[Mask]) -> Mask:
    nothing = np.zeros(op.shape, dtype=bool)
    if not any(mask.any() for mask in masks) or (op.row is not None and op.row.name == "detach"):
        return nothing
    rule = _RULES.get(op.row.name) if op.row is not None else None
    if rule is not None:
        return np.asarray(rule(op, *masks))
    if op.row is not None and (op.row.shape is not None or op.row.name == "diff"):
        return ~nothing
    for mask in masks:
        nothing = nothing | np.broadcast_to(mask, op.shape)
    return nothing


def _reduced(op: Op, mask: Mask) -> Mask:
    dim, keepdim = op.statics
    return mask.any(axis=shapes.dims(mask.shape, dim), keepdims=bool(keepdim))


def _matmul(op: Op, x: Mask, y: Mask) -> Mask:
    left = np.broadcast_to(x.any(axis=-1)[..., None] if y.ndim == 2 else x.any(axis=-1), op.shape)
    return left | np.broadcast_to(y.any(axis=0), op.shape)


_RULES: dict[str, Callable[..., Mask]] = {
    "sum": _reduced,
    "prod": _reduced,
    "amax": _reduced,
    "amin": _reduced,
    "@": _matmul,
    "outer": lambda op, x, y: x[:, None] | y[None, :],
    "transpose": lambda op, x: x.T,
    "diag": lambda op, x: np.diag(x),
    "reshape": lambda op, x: x.reshape(op.shape),
    "cumsum": lambda op, x: np.logical_or.accumulate(x, axis=op.statics[0]),
    "x[]": lambda op, x: x[tuple(slice(*sub) if isinstance(sub, tuple) else sub for sub in op.statics)],
    "[]": lambda op, *parts: np.stack(parts),
    "stack": lambda op, *parts: np.stack(parts, axis=op.statics[0]),
    "cat": lambda op, *parts: np.concatenate(parts, axis=op.statics[0]),
    "count": lambda op, x: np.zeros((), dtype=bool),
}
