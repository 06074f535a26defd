"""Convolutions, pooling, interpolation, distances and normalization of balls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gradcli.check.callables.elementwise import mapped
from gradcli.check.callables.matrices import product
from gradcli.check.callables.reductions import total
from gradcli.check.callables.sums import added
from gradcli.check.callables.tensor import LINEAR, composed, entries_of, handler
from gradcli.check.callables.world import Array, Unsupported, world

LINEAR.update(
    f"{name}{rank}d{way}"
    for name in ("avg_pool", "_adaptive_avg_pool", "adaptive_avg_pool", "upsample_linear", "upsample_bilinear",
                 "upsample_bicubic", "upsample_trilinear", "upsample_nearest", "_upsample_nearest_exact",
                 "reflection_pad", "replication_pad")
    for rank in (1, 2, 3)
    for way in ("", "_backward")
)  # fmt: skip
LINEAR.update(("col2im", "im2col"))


class _Windows:
    """Where a kernel stands on an input: `places` has a row for each output, with the entry of the plane that meets
    each entry of the kernel, counted from 1; 0 is beside it.
    """

    def __init__(self, plane: Sequence[int], kernel: Sequence[int], stride: Any, padding: Any, dilation: Any) -> None:
        rank = len(plane)
        stride, padding, dilation = ([*one] * (rank if len(one) == 1 else 1) for one in (stride, padding, dilation))
        labels = torch.arange(1, int(np.prod(plane)) + 1).reshape(tuple(plane))
        labels = torch.nn.functional.pad(labels, [one for size in reversed(padding) for one in (size, size)])
        for dim in range(rank):
            labels = labels.unfold(dim, (kernel[dim] - 1) * dilation[dim] + 1, stride[dim])
        steps: tuple[Any, ...] = (..., *(slice(None, None, one) for one in dilation))
        labels = labels[steps]
        self.plane = tuple(plane)
        self.outputs = tuple(labels.shape[:rank])
        self.places = labels.reshape(int(np.prod(self.outputs)), -1).numpy()

    def columns(self, x: Array) -> Array:
        """Of channels of an input, for each output a row of what the kernel meets there."""
        flat = x.reshape(len(x), -1)
        zeros = world().numbers(np.zeros((len(x), 1)))
        met = np.concatenate([zeros, flat], axis=1)[:, self.places]
        return met.transpose(1, 0, 2).reshape(len(self.places), -1)

    def back(self, rows: Array, channels: int) -> Array:
        """What was met, added up where it came from."""
        count = int(np.prod(self.plane))
        parts = rows.reshape(len(self.places), channels, -1).transpose(1, 0, 2)
        zeros = world().numbers(np.zeros(count + 1))
        return np.stack([added(zeros, self.places, one)[1:].reshape(self.plane) for one in parts])


def _convolved(x: Array, weight: Array, at: _Windows, groups: int) -> Array:
    size, outs = x.shape[1] // groups, len(weight) // groups
    found = [
        np.concatenate([
            product(at.columns(one[g * size : (g + 1) * size]), weight[g * outs : (g + 1) * outs].reshape(outs, -1).T).T
            for g in range(groups)
        ])
        for one in x
    ]  # fmt: skip
    return np.stack(found).reshape((len(x), len(weight), *at.outputs))


def _to_input(grad: Array, weight: Array, at: _Windows, groups: int) -> Array:
    """The transpose, by the input."""
    outs, size = len(weight) // groups, weight.shape[1]
    return np.stack([
        np.concatenate([
            at.back(product(one[g * outs : (g + 1) * outs].reshape(outs, -1).T,
                            weight[g * outs : (g + 1) * outs].reshape(outs, -1)), size)
            for g in range(groups)
        ])
        for one in grad
    ])  # fmt: skip


def _to_weight(x: Array, grad: Array, at: _Windows, groups: int, shape: Sequence[int]) -> Array:
    size, outs = x.shape[1] // groups, grad.shape[1] // groups
    parts = []
    for g in range(groups):
        rows = np.concatenate([at.columns(one[g * size : (g + 1) * size]) for one in x])
        sides = np.concatenate([one[g * outs : (g + 1) * outs].reshape(outs, -1) for one in grad], axis=1)
        parts.append(product(sides, rows))
    return np.concatenate(parts).reshape(tuple(shape))


@handler("convolution")
def _convolution(
    x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, transposed: bool, more: Any, groups: int
) -> Array:
    entries, kernel = entries_of(x), entries_of(weight)
    if transposed:
        plane = [
            (size - 1) * _of(stride, i) - 2 * _of(padding, i) + _of(dilation, i) * (kernel.shape[2 + i] - 1)
            + _of(more, i) + 1
            for i, size in enumerate(entries.shape[2:])
        ]  # fmt: skip
        found = _to_input(entries, kernel, _Windows(plane, kernel.shape[2:], stride, padding, dilation), groups)
    else:
        at = _Windows(entries.shape[2:], kernel.shape[2:], stride, padding, dilation)
        found = _convolved(entries, kernel, at, groups)
    if bias is None:
        return found
    return mapped("+", found, entries_of(bias).reshape(-1, *[1] * (found.ndim - 2)))


def _of(value: Sequence[int], place: int) -> int:
    return value[place if len(value) > 1 else 0]


@handler("convolution_backward")
def _convolution_backward(
    grad: Any, x: Any, weight: Any, _sizes: Any, stride: Any, padding: Any, dilation: Any, transposed: bool, _more: Any,
    groups: int, wanted: Sequence[bool],
) -> Any:  # fmt: skip
    came, entries, kernel = entries_of(grad), entries_of(x), entries_of(weight)
    plane = came.shape[2:] if transposed else entries.shape[2:]
    at = _Windows(plane, kernel.shape[2:], stride, padding, dilation)
    back = _convolved if transposed else _to_input
    ends = (came, entries) if transposed else (entries, came)
    sums = [total(list(came[:, channel].reshape(-1))) for channel in range(came.shape[1])] if wanted[2] else []
    return (
        back(came, kernel, at, groups) if wanted[0] else None,
        _to_weight(*ends, at, groups, kernel.shape) if wanted[1] else None,
        np.array(sums, dtype=object) if wanted[2] else None,
    )


@composed("native_batch_norm")
def _batch_norm(
    x: Any, weight: Any, bias: Any, mean: Any, var: Any, training: bool, momentum: float, eps: float
) -> Any:
    """In training without the running statistics, which no gradient depends on."""
    aten = torch.ops.aten
    if training:
        return aten._native_batch_norm_legit.no_stats(x, weight, bias, True, momentum, eps)
    return aten._native_batch_norm_legit_functional(x, weight, bias, mean, var, False, momentum, eps)[:3]


@composed("_cdist_forward")
def _cdist(x: Any, y: Any, p: float, _mode: Any = None) -> Any:
    return torch.ops.aten.linalg_vector_norm(x.unsqueeze(-2) - y.unsqueeze(-3), p, [-1])


@composed("_cdist_backward")
def _cdist_backward(grad: Any, x: Any, y: Any, p: float, distance: Any) -> Any:
    apart = x.unsqueeze(-2) - y.unsqueeze(-3)
    if p == 1:
        return (grad.unsqueeze(-1) * apart.sign()).sum(-2)
    if p != 2:
        raise Unsupported(f"distances of order {p}")
    there = (distance == 0).unsqueeze(-1)
    return (grad.unsqueeze(-1) * torch.where(there, 0.0, apart / torch.where(there, 1.0, distance.unsqueeze(-1)))).sum(
        -2
    )
