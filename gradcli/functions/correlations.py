"""Correlations over channels in one to three dimensions: their shapes, and them and their backwards as texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gradcli.functions import shapes
from gradcli.functions.shapes import Shape, ShapeError

SPOTS, KERNEL = "ijm", "uvw"  # letters of the dimensions of the result, and of those of the kernel
TENSORS = ("x", "weight", "bias")
WORDS = {"padding": ("valid", "same")}


class WindowLayout(NamedTuple):
    """What a convolution is told, for each of its dimensions; `pads` are the zeros before and after."""

    rank: int
    lead: tuple[int, ...]  # the batch, where there is one
    sizes: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int
    channels: int  # of the argument
    filters: int  # channels of the result

    @property
    def spans(self) -> tuple[int, ...]:
        """How many entries a dilated kernel reaches over."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel))


def each(rank: int, value: Any, name: str, least: int) -> tuple[int, ...]:
    """A number for each dimension, from one number or a list of them.

    Raises ShapeError for other counts, and for numbers below the least one.
    """
    found = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(found) == 1:
        found *= rank
    if len(found) != rank or any(not isinstance(one, int) or one < least for one in found):
        numbers = "a whole number" if rank == 1 else f"a whole number, or {rank} of them,"
        raise ShapeError(f"{name} is {numbers} from {least}")
    return found


def leading(rank: int, x: Shape) -> tuple[int, ...]:
    """The batch, where there is one: what stands before the channels."""
    if not rank + 1 <= len(x) <= rank + 2:
        raise ShapeError(f"channels of {rank} dimension{'s' if rank > 1 else ''} are expected, or a batch of such")
    return x[: len(x) - rank - 1]


def _padding(rank: int, padding: Any, stride: tuple[int, ...], spans: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    if padding == "valid":
        return ((0, 0),) * rank
    if padding == "same":
        if any(one != 1 for one in stride):
            raise ShapeError("padding='same' goes with a stride of 1")
        return tuple(((span - 1) // 2, span - 1 - (span - 1) // 2) for span in spans)
    return tuple((one, one) for one in each(rank, padding, "padding", 0))


def _layout(
    rank: int, x: Shape, weight: Shape, stride: Any, padding: Any, dilation: Any, groups: Any, bias: Shape | None = None
) -> WindowLayout:
    """That of a convolution, from the shapes of its arguments and its options."""
    lead = leading(rank, x)
    if len(weight) != rank + 2:
        raise ShapeError(f"the weights have {rank + 2} dimensions: filters, channels of a group, and the kernel's")
    strides, dilations = each(rank, stride, "stride", 1), each(rank, dilation, "dilation", 1)
    kernel = weight[2:]
    spans = tuple(d * (k - 1) + 1 for d, k in zip(dilations, kernel))
    found = WindowLayout(
        rank, lead, x[-rank:], kernel, strides, _padding(rank, padding, strides, spans), dilations,
        *grouping(groups, x[len(lead)], weight[0]),
    )  # fmt: skip
    if weight[1] * found.groups != found.channels:
        raise ShapeError(f"the weights are for {weight[1] * found.groups} channels, and there are {found.channels}")
    check_bias(bias, found.filters)
    return found


def grouping(groups: Any, channels: int, filters: int) -> tuple[int, int, int]:
    """The groups, the channels and the filters; refused where these do not fall into groups."""
    if not isinstance(groups, int) or groups < 1 or channels % groups or filters % groups:
        raise ShapeError(f"{channels} channels and {filters} filters do not fall into {groups} groups")
    return groups, channels, filters


def check_bias(bias: Shape | None, filters: int) -> None:
    """Refuse a bias that is not one number for each filter."""
    if bias not in (None, (filters,)):
        raise ShapeError(f"the bias is a vector of {filters}, one for each filter")


def correlated_shape(rank: int) -> Callable[..., Shape]:
    """That of a convolution."""

    def shape(**given: Any) -> Shape:
        own = _layout(rank, **given)
        sizes = [
            (size + sum(pad) - span) // step + 1
            for size, pad, span, step in zip(own.sizes, own.pads, own.spans, own.stride)
        ]
        if any(size < 1 for size in sizes):
            raise ShapeError(f"the kernel reaches over {shapes.text(own.spans)}, which is more than there is")
        return (*own.lead, own.filters, *sizes)

    return shape


# As texts


def listed(numbers: Any) -> str:
    """Numbers as they are typed."""
    return ", ".join(map(str, numbers))


def padded(text: str, rank: int, pads: Any) -> str:
    """A text with zeros around its last dimensions, or with entries cut off there."""
    if not any(map(any, pads)):
        return text
    return f"zero_pad({text}, [{listed(one for pair in reversed(tuple(pads)) for one in pair)}])"


def windows(text: str, first: int, spans: Any, stride: Any, dilation: Any) -> str:
    """The windows of a text along its dimensions from `first` on: their dimensions come last."""
    for i, (span, step) in enumerate(zip(spans, stride)):
        text = f"unfold({text}, {first + i}, {span}, {step})"
    if any(one != 1 for one in dilation):
        whole = ":, " * (first + len(spans))
        text = f"{text}[{whole}{', '.join(f'::{one}' if one != 1 else ':' for one in dilation)}]"
    return text


def grouped(text: str, shape: Shape, at: int, groups: int) -> str:
    """A dimension as two: groups, and what is in each."""
    if groups == 1:
        return text
    return f"reshape({text}, {listed((*shape[:at], groups, shape[at] // groups, *shape[at + 1 :]))})"


def letters_of(own: WindowLayout) -> tuple[str, str, str]:
    """Of the windows of the argument, of the weights, and of the result."""
    lead, group = "n" * len(own.lead), "g" * (own.groups > 1)
    spots, kernel = SPOTS[: own.rank], KERNEL[: own.rank]
    return f"{lead}{group}c{spots}{kernel}", f"{group}oc{kernel}", f"{lead}{group}o{spots}"


def _parts(own: WindowLayout, out: Shape, x: str) -> tuple[str, str]:
    """The windows and the weights, in groups."""
    at = len(own.lead)
    text = windows(padded(x, own.rank, own.pads), at + 1, own.spans, own.stride, own.dilation)
    whole = (*own.lead, own.channels, *out[at + 1 :], *own.kernel)
    weights = (own.filters, own.channels // own.groups, *own.kernel)
    return grouped(text, whole, at, own.groups), grouped("weight", weights, 0, own.groups)


def correlated(rank: int) -> Callable[..., str]:
    """Windows of the argument times the weights."""

    def written(**given: Any) -> str:
        own, out = _layout(rank, **given), correlated_shape(rank)(**given)
        x, weight = _parts(own, out, "x")
        first, second, result = letters_of(own)
        text = f"einsum('{first},{second}->{result}', {x}, {weight})"
        if own.groups > 1:
            text = f"reshape({text}, {listed(out)})"
        return text if "bias" not in given else f"{text} + reshape(bias, {listed((own.filters, *(1,) * rank))})"

    return written


def correlated_back(rank: int) -> Callable[..., tuple[str, ...]]:
    """To the argument by the transpose, to the weights by the windows, to the bias by a sum."""

    def texts(**given: Any) -> tuple[str, ...]:
        own, out = _layout(rank, **given), correlated_shape(rank)(**given)
        at = len(own.lead)
        told = f"{told_each(own.stride)}, 0, 0, {own.groups}, {told_each(own.dilation)}"
        whole = [(n - 1) * s + span for n, s, span in zip(out[at + 1 :], own.stride, own.spans)]
        cut = [(-before, size + before - n) for (before, _), size, n in zip(own.pads, own.sizes, whole)]
        by_x = padded(f"conv_transpose{rank}d(g, weight, None, {told})", rank, cut)
        x, _ = _parts(own, out, "x")
        first, second, result = letters_of(own)
        by_weight = f"einsum('{result},{first}->{second}', {grouped('g', out, at, own.groups)}, {x})"
        if own.groups > 1:
            by_weight = f"reshape({by_weight}, {listed(given['weight'])})"
        return (by_x, by_weight, to_bias(own.lead, rank))[: 2 + ("bias" in given)]

    return texts


def to_bias(lead: Any, rank: int) -> str:
    """What flows to the bias."""
    at = len(lead)
    return f"sum(g, [{listed((*range(at), *range(at + 1, at + 1 + rank)))}])"


def told_each(values: tuple[int, ...]) -> str:
    """A number for all dimensions where it is one, else a list."""
    return str(values[0]) if len(set(values)) == 1 else f"[{listed(values)}]"


def torch_correlated(rank: int) -> Callable[..., Any]:
    """What torch calls."""

    def call(**given: Any) -> Any:
        import torch

        convolution = getattr(torch.nn.functional, f"conv{rank}d")
        x, padding = given["x"], given["padding"]
        if padding == "same":  # torch does the same with a warning, where one more is added behind than before
            sizes = {name: tuple(one.shape) if name in TENSORS else one for name, one in given.items()}
            pads = _layout(rank, **sizes).pads
            x, padding = torch.nn.functional.pad(x, [one for pair in reversed(pads) for one in pair]), 0
        told = given["stride"], padding, given["dilation"], given["groups"]
        return convolution(x, given["weight"], given.get("bias"), *told)

    return call
