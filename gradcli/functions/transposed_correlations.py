"""The transposes of correlations over channels: their shapes, and them and their backwards as texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.correlations import (
    WindowLayout,
    check_bias,
    each,
    grouped,
    grouping,
    leading,
    letters_of,
    listed,
    padded,
    to_bias,
    told_each,
    windows,
)
from gradcli.functions.shapes import Shape, ShapeError


def _layout(
    rank: int, x: Shape, weight: Shape, stride: Any, padding: Any, output_padding: Any, groups: Any, dilation: Any,
    bias: Shape | None = None,
) -> tuple[WindowLayout, tuple[int, ...]]:  # fmt: skip
    """That of a transpose, and the sizes of its result; `pads` as of a convolution."""
    lead = leading(rank, x)
    if len(weight) != rank + 2:
        raise ShapeError(f"the weights have {rank + 2} dimensions: channels, filters of a group, and the kernel's")
    if not isinstance(groups, int) or groups < 1:
        raise ShapeError("groups is a whole number from 1")
    own = WindowLayout(
        rank, lead, x[-rank:], weight[2:], each(rank, stride, "stride", 1),
        tuple((one, one) for one in each(rank, padding, "padding", 0)), each(rank, dilation, "dilation", 1),
        *grouping(groups, x[len(lead)], weight[1] * groups),
    )  # fmt: skip
    if weight[0] != own.channels:
        raise ShapeError(f"the weights are for {weight[0]} channels, and there are {own.channels}")
    check_bias(bias, own.filters)
    more = each(rank, output_padding, "output_padding", 0)
    if any(one >= max(pair) for one, pair in zip(more, zip(own.stride, own.dilation))):
        raise ShapeError("output_padding is smaller than the stride, or the dilation")
    sizes = tuple(
        (size - 1) * step + span - sum(pad) + one
        for size, step, span, pad, one in zip(own.sizes, own.stride, own.spans, own.pads, more)
    )
    if any(size < 1 for size in sizes):
        raise ShapeError("nothing is left: the padding is larger than what comes out")
    return own, sizes


def transposed_shape(rank: int) -> Callable[..., Shape]:
    """That of a transpose."""

    def shape(**given: Any) -> Shape:
        own, sizes = _layout(rank, **given)
        return (*own.lead, own.filters, *sizes)

    return shape


def _apart(own: WindowLayout) -> str:
    """The argument with zeros between its entries, as many as the stride has more than 1."""
    if all(step == 1 for step in own.stride):
        return "x"
    front = (*own.lead, own.channels)
    split = [one for size in own.sizes for one in (size, 1)]
    around = [one for step in reversed(own.stride) for one in (0, step - 1, 0, 0)]
    whole = [size * step for size, step in zip(own.sizes, own.stride)]
    spread = f"zero_pad(reshape(x, {listed((*front, *split))}), [{listed(around[:-2])}])"
    return f"reshape({spread}, {listed((*front, *whole))})"


def transposed(rank: int) -> Callable[..., str]:
    """A convolution of what stands apart, with the kernel backwards."""

    def written(**given: Any) -> str:
        own, sizes = _layout(rank, **given)
        at, out = len(own.lead), (*own.lead, own.filters, *sizes)
        pads = [
            (span - 1 - before, size + span - 1 - (span - 1 - before) - n * step)
            for span, (before, _), size, n, step in zip(own.spans, own.pads, sizes, own.sizes, own.stride)
        ]
        text = windows(padded(_apart(own), rank, pads), at + 1, own.spans, (1,) * rank, own.dilation)
        text = grouped(text, (*own.lead, own.channels, *sizes, *own.kernel), at, own.groups)
        weight = f"flip(weight, [{listed(range(2, rank + 2))}])" if any(one > 1 for one in own.kernel) else "weight"
        weight = grouped(weight, (own.channels, own.filters // own.groups, *own.kernel), 0, own.groups)
        first, second, result = letters_of(own)
        text = f"einsum('{first},{second.replace('oc', 'co')}->{result}', {text}, {weight})"
        if own.groups > 1:
            text = f"reshape({text}, {listed(out)})"
        return text if "bias" not in given else f"{text} + reshape(bias, {listed((own.filters, *(1,) * rank))})"

    return written


def transposed_back(rank: int) -> Callable[..., tuple[str, ...]]:
    """To the argument by the convolution, to the weights by windows of the adjoint, to the bias by a sum."""

    def texts(**given: Any) -> tuple[str, ...]:
        own, sizes = _layout(rank, **given)
        at, out = len(own.lead), (*own.lead, own.filters, *sizes)
        pads = [before for before, _ in own.pads]
        told = f"{told_each(own.stride)}, {told_each(tuple(pads))}, {told_each(own.dilation)}, {own.groups}"
        counts = [(n + 2 * p - span) // s + 1 for n, p, span, s in zip(sizes, pads, own.spans, own.stride)]
        cut = tuple(counts) != own.sizes
        kept = f"[{':, ' * (at + 1)}{', '.join(f':{size}' for size in own.sizes)}]" if cut else ""
        by_x = f"conv{rank}d(g, weight, None, {told}){kept}"
        text = windows(padded("g", rank, own.pads), at + 1, own.spans, own.stride, own.dilation) + kept
        text = grouped(text, (*out[: at + 1], *own.sizes, *own.kernel), at, own.groups)
        first, second, result = letters_of(own)
        x = grouped("x", given["x"], at, own.groups)
        equation = f"{result.replace('o', 'c')},{first.replace('c', 'o')}->{second.replace('oc', 'co')}"
        by_weight = f"einsum('{equation}', {x}, {text})"
        if own.groups > 1:
            by_weight = f"reshape({by_weight}, {listed(given['weight'])})"
        return (by_x, by_weight, to_bias(own.lead, rank))[: 2 + ("bias" in given)]

    return texts


def torch_transposed(rank: int) -> Callable[..., Any]:
    """What torch calls."""

    def call(**given: Any) -> Any:
        import torch

        transposed = getattr(torch.nn.functional, f"conv_transpose{rank}d")
        told = (given[name] for name in ("stride", "padding", "output_padding", "groups", "dilation"))
        return transposed(given["x"], given["weight"], given.get("bias"), *told)

    return call
