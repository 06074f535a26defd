"""Pools: the largest entry, or the mean, of each window over the last dimensions, as torch has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gradcli.functions import windows
from gradcli.functions.correlations import each, listed
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape, ShapeError

WHAT = ("", "signals", "images", "volumes")


class Windows(NamedTuple):
    """The windows along one dimension: where each begins and ends within the tensor, and what they are divided by."""

    starts: tuple[int, ...]
    stops: tuple[int, ...]
    divisors: tuple[int, ...]
    step: int = 1

    @property
    def told(self) -> str:
        """As the rows of windows are told."""
        return f"[{listed(self.starts)}], [{listed(self.stops)}], {self.step}"

    @property
    def statics(self) -> tuple[Any, ...]:
        """The same as values."""
        return self.starts, self.stops, self.step


def _checked(rank: int, x: Shape) -> int:
    """The first of the dimensions that are pooled."""
    if not rank + 1 <= len(x) <= rank + 2:
        raise ShapeError(f"channels of {rank} dimension{'s' if rank > 1 else ''} are expected, or a batch of such")
    return len(x) - rank


def _along(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool, counts_pad: bool) -> Windows:
    """The windows along one dimension, cut off at its ends."""
    span = dilation * (kernel - 1) + 1
    if 2 * padding > span:
        raise ShapeError(f"the padding is at most half of the kernel, {kernel}")
    left = size + 2 * padding - span
    count = (math.ceil(left / stride) if ceil else left // stride) + 1
    if ceil and (count - 1) * stride >= size + padding:  # it would begin beyond the end
        count -= 1
    if count < 1:
        raise ShapeError(f"the kernel reaches over {span}, which is more than there is")
    starts, stops, divisors = [], [], []
    for i in range(count):
        begin = i * stride - padding
        end = min(begin + span, size + padding)
        skipped = -(begin // dilation) if begin < 0 else 0  # entries of the kernel that lie in the padding
        starts.append(begin + skipped * dilation)
        stops.append(min(begin + span, size))
        divisors.append(end - begin if counts_pad else stops[-1] - starts[-1])
    return Windows(tuple(starts), tuple(stops), tuple(divisors), dilation)


def _max_windows(rank: int, x: Shape, *statics: Any) -> list[Windows]:
    kernel, stride, padding, dilation, ceil = statics
    sizes = each(rank, kernel, "kernel_size", 1)
    told = (
        sizes, sizes if stride is None else each(rank, stride, "stride", 1), each(rank, padding, "padding", 0),
        each(rank, dilation, "dilation", 1),
    )  # fmt: skip
    return [_along(size, *one, ceil, True) for size, one in zip(x[_checked(rank, x) :], zip(*told))]


def _mean_windows(rank: int, x: Shape, *statics: Any) -> list[Windows]:
    kernel, stride, padding, ceil, counts_pad, *divisor = statics
    sizes = each(rank, kernel, "kernel_size", 1)
    told = (sizes, sizes if stride is None else each(rank, stride, "stride", 1), each(rank, padding, "padding", 0))
    found = [_along(size, *one, 1, ceil, counts_pad) for size, one in zip(x[_checked(rank, x) :], zip(*told))]
    if divisor and divisor[0] is not None:
        (value,) = divisor
        if not isinstance(value, int) or value < 1:
            raise ShapeError("divisor_override is a whole number from 1")
        one = [value, *(1 for _ in found[1:])]
        found = [own._replace(divisors=(by,) * len(own.starts)) for own, by in zip(found, one)]
    return found


def _adaptive_windows(rank: int, x: Shape, output: Any) -> list[Windows]:
    """So many windows that are about equal; None keeps the size."""
    wanted = (output,) * rank if output is None or isinstance(output, int) else tuple(output)
    if len(wanted) != rank or any(one is not None and (not isinstance(one, int) or one < 1) for one in wanted):
        raise ShapeError(f"output_size is a whole number from 1{f', or {rank} of them' if rank > 1 else ''}")
    found = []
    for size, given in zip(x[_checked(rank, x) :], wanted):
        count = size if given is None else given
        starts = tuple(i * size // count for i in range(count))
        stops = tuple(-(-(i + 1) * size // count) for i in range(count))
        found.append(Windows(starts, stops, tuple(b - a for a, b in zip(starts, stops))))
    return found


Along = Callable[..., "list[Windows]"]


def _shape(of: Along, rank: int) -> Callable[..., Shape]:
    def shape(x: Shape, *statics: Any) -> Shape:
        return (*x[: len(x) - rank], *(len(one.starts) for one in of(rank, x, *statics)))

    return shape


def _steps(row: str, own: Sequence[Windows], x: Shape) -> list[tuple[str, Shape]]:
    """The text and the shape before each dimension is pooled, and after the last one."""
    found, text, shape = [("x", x)], "x", x
    for i, one in enumerate(own):
        dim = len(x) - len(own) + i
        text = f"{row}({text}, {dim}, {one.told})"
        shape = (*shape[:dim], len(one.starts), *shape[dim + 1 :])
        found.append((text, shape))
    return found


def _divisor(own: Sequence[Windows]) -> str:
    """What the sums are divided by: a number where all windows are alike, else numbers along each dimension."""
    if all(len(set(one.divisors)) == 1 for one in own):
        return str(math.prod(one.divisors[0] for one in own))
    parts = []
    for i, one in enumerate(own):
        sizes = [len(one.divisors), *(1 for _ in own[i + 1 :])]
        text = f"[{listed(one.divisors)}]"
        parts.append(text if len(sizes) == 1 else f"reshape({text}, {listed(sizes)})")
    return parts[0] if len(parts) == 1 else f"({'*'.join(parts)})"


def _written(of: Along, rank: int, row: str) -> Callable[..., str]:
    def text(x: Shape, *statics: Any) -> str:
        own = of(rank, x, *statics)
        found = _steps(row, own, x)[-1][0]
        return found if row == "windowed_max" else f"{found}/{_divisor(own)}"

    return text


def _back(of: Along, rank: int, row: str) -> Callable[..., tuple[str | None]]:
    """Back through one dimension after the other, the last one first."""

    def texts(x: Shape, *statics: Any) -> tuple[str | None]:
        own = of(rank, x, *statics)
        steps = _steps(row, own, x)
        g: str | None = "g" if row == "windowed_max" else f"(g/{_divisor(own)})"
        for i in reversed(range(rank)):
            text, shape = steps[i]
            g = None if g is None else windows.backward(row, text, shape, g, len(x) - rank + i, *own[i].statics)
        return (g,)

    return texts


def _torch(name: str) -> Callable[..., Any]:
    def call(x: Any, *statics: Any) -> Any:
        import torch

        return getattr(torch.nn.functional, name)(x, *statics)

    return call


def _example(rank: int, name: str) -> str:
    x = ("", "[1,5,2,4]", "[[1,5,2,4],[6,3,8,0]]", "[[[1,5],[2,4]],[[6,3],[8,0]]]")[rank]
    return f"sum({name}(x, 2)**2) at x=[{x}]"


def _max_row(rank: int) -> Row:
    name = f"max_pool{rank}d"
    return Row(
        name, "x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False",
        f"the largest entry of each window of {WHAT[rank]} with channels; where some tie, autograd takes the first one",
        definition=_written(_max_windows, rank, "windowed_max"), torch=_torch(name),
        statics=("kernel_size", "stride", "padding", "dilation", "ceil_mode"), shape=_shape(_max_windows, rank),
        vjp=_back(_max_windows, rank, "windowed_max"), libraries="torch F",
        example=_example(rank, name),
    )  # fmt: skip


def _mean_row(rank: int) -> Row:
    name, more = f"avg_pool{rank}d", ", divisor_override=None" if rank > 1 else ""
    return Row(
        name, f"x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True{more}",
        f"the mean of each window of {WHAT[rank]} with channels, the zeros of the padding counted in",
        definition=_written(_mean_windows, rank, "windowed_sum"), torch=_torch(name),
        statics=("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad",
                 *(("divisor_override",) if rank > 1 else ())),
        shape=_shape(_mean_windows, rank), vjp=_back(_mean_windows, rank, "windowed_sum"), libraries="F",
        example=_example(rank, name),
    )  # fmt: skip


def _adaptive_row(rank: int, kind: str) -> Row:
    name, row = f"adaptive_{kind}_pool{rank}d", {"max": "windowed_max", "avg": "windowed_sum"}[kind]
    what = {"max": "the largest entry", "avg": "the mean"}[kind]
    return Row(
        name, "x, output_size", f"{what} of each of so many windows of {WHAT[rank]} with channels, about equal ones",
        definition=_written(_adaptive_windows, rank, row), torch=_torch(name), statics=("output_size",),
        shape=_shape(_adaptive_windows, rank), vjp=_back(_adaptive_windows, rank, row), libraries="torch F",
        example=_example(rank, name),
    )  # fmt: skip


WINDOWS = tuple(
    Row(name, "x, dim, starts, stops, step=1",
        f"{what} of each window along a dimension, from one of the starts up to one of the stops",
        definition=windows.written(name), torch=windows.in_torch(name), statics=("dim", "starts", "stops", "step"),
        shape=windows.shape, vjp=windows.back(name), example=f"sum({name}(x, 0, [0, 1], [2, 3])**2) at x=[1,5,2]")
    for name, what in (("windowed_max", "the largest entry"), ("windowed_sum", "the sum"))
)  # fmt: skip
POOLS = (
    *(_max_row(rank) for rank in (1, 2, 3)),
    *(_mean_row(rank) for rank in (1, 2, 3)),
    *(_adaptive_row(rank, kind) for kind in ("max", "avg") for rank in (1, 2, 3)),
)
