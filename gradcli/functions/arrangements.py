"""Making tensors, and arranging their entries."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions import backward, entries, shapes
from gradcli.functions.row import Row


def _sizes(*sizes: Any) -> shapes.Shape:
    """Sizes one by one, or as a list."""
    if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)):
        sizes = tuple(sizes[0])
    if any(not isinstance(size, int) or size < 1 for size in sizes):
        raise shapes.ShapeError("a size is a whole number from 1")
    return tuple(sizes)


def _points(start: Any, stop: Any, n: Any) -> shapes.Shape:
    return _sizes(n)


def _range(*numbers: Any) -> shapes.Shape:
    start, stop, step = arange_bounds(*numbers)
    if step == 0:
        raise shapes.ShapeError("the step is 0")
    return _sizes(max(math.ceil((stop - start) / step), 0))


def arange_bounds(start: Any, stop: Any, step: Any) -> tuple[Any, Any, Any]:
    """The start, the stop and the step; with one number that is the stop."""
    return (0, start, step) if stop is None else (start, stop, step)


# fmt: off
CONSTRUCTORS = (
    Row("linspace", "start, stop, n", "n numbers at equal distances, from start to stop, both included",
        statics=("start", "stop", "n"), shape=_points, libraries="torch np",
        example="sum(x*linspace(0, 1, 3)) at x=[1,2,3]"),
    Row("logspace", "start, stop, n, base=10", "powers of the base, n exponents at equal distances",
        statics=("start", "stop", "n", "base"), shape=lambda start, stop, n, base: _sizes(n), libraries="torch np",
        example="sum(x*logspace(0, 2, 3)) at x=[1,2,3]"),
    Row("arange", "start, stop=None, step=1", "numbers from start to before stop; `arange(n)` begins at 0",
        statics=("start", "stop", "step"), shape=_range, libraries="torch np",
        example="sum(x*arange(3)) at x=[1,2,3]"),
    Row("zeros", "n, ...", "a tensor of zeros, of these sizes",
        statics=("n",), shape=_sizes, libraries="torch np", example="sum(x + zeros(3)) at x=[1,2,3]"),
    Row("ones", "n, ...", "a tensor of ones, of these sizes",
        statics=("n",), shape=_sizes, libraries="torch np", example="sum(x*ones(3)) at x=[1,2,3]"),
    Row("full", "size, value", "a tensor with the same number everywhere; the size is a number or a list",
        definition="value*ones(size)", torch=lambda value, size: value.expand(_sizes(size)), statics=("size",),
        shape=lambda value, size: _sizes(size), vjp=("sum(g)",), libraries="torch np",
        example="sum(full([2, 3], x)) at x=2"),
    Row("eye", "n, m=None", "the identity matrix, or ones on the diagonal of a matrix of n rows and m columns",
        statics=("n", "m"), shape=lambda n, m: _sizes(n, n if m is None else m), libraries="torch np",
        example="sum(x*eye(2)) at x=[[1,2],[3,4]]"),
    Row("rand", "n, ..., seed=0", "numbers between 0 and 1 at random, the same ones for the same seed",
        statics=("n", "seed"), shape=lambda *sizes: _sizes(*sizes[:-1]), example="sum(x*rand(3, seed=1)) at x=[1,2,3]"),
    Row("randn", "n, ..., seed=0", "normally distributed numbers at random, the same ones for the same seed",
        statics=("n", "seed"), shape=lambda *sizes: _sizes(*sizes[:-1]),
        example="sum(x*randn(3, seed=1)) at x=[1,2,3]"),
)

ARRANGEMENTS = (
    Row("[]", "x, ...", "a list: a vector of numbers, a matrix of vectors; also the derivatives of a function of"
        " several parameters",
        torch=lambda *parts: _stack(0, parts), shape=lambda *parts: shapes.stacked(0, *parts),
        entry=lambda *parts: entries.stacked(*parts, 0), vjp=lambda *parts: backward.stack(*parts, 0),
        example="sum([x, x**2]) at x=3"),
    Row("x[]", "x, i, ...", "an entry, or some of them: `x[0]`, `x[-1]`, `A[0, 1]`, `A[:, 0]`, `x[1:3]`, `x[::2]`",
        torch=lambda x, *subs: x[tuple(slice(*sub) if isinstance(sub, tuple) else sub for sub in subs)],
        statics=("i",), shape=shapes.indexed, entry=entries.indexed, vjp=backward.index,
        example="x[0]*x[1] at x=[2,3]"),
    Row("[:]", "start, stop, step", "a slice, inside an index",
        note="a slice has a meaning inside an index only: x[1:3]"),
    Row("None", "", "left out", note="None has a meaning only where something may be left out: dim=None"),
    Row("reshape", "x, n, ...", "the same entries in another shape; one size may be -1",
        torch=lambda x, *size: x.reshape(_given(size)), statics=("n",),
        shape=lambda x, *size: shapes.reshaped(x, _given(size)), entry=lambda x, *size: entries.RESHAPED,
        vjp=backward.reshaped, aliases=("view",), libraries="torch torch:view np",
        example="sum(reshape(x, 2, 2)[0]**2) at x=[1,2,3,4]"),
    Row("flatten", "x", "all entries as a vector",
        definition="reshape(x, -1)", torch=lambda x: x.flatten(), shape=lambda x: (math.prod(x),),
        vjp=backward.reshaped, aliases=("ravel",), libraries="torch torch:ravel np:ravel",
        example="sum(flatten(x)**2) at x=[[1,2],[3,4]]"),
    Row("stack", "parts, dim=0", "tensors of one shape side by side along a new dimension: `stack([a, b], dim=1)`",
        torch=lambda *parts: _stack(parts[-1], parts[:-1]), statics=("dim",),
        shape=lambda *parts: shapes.stacked(parts[-1], *parts[:-1]), entry=entries.stacked, vjp=backward.stack,
        libraries="torch np",
        example="sum(stack([x, x**2], dim=1)[0]) at x=[2,3]"),
    Row("cat", "parts, dim=0", "tensors one after the other along a dimension: `cat([a, b])`",
        torch=lambda *parts: _cat(parts[-1], parts[:-1]), statics=("dim",),
        shape=lambda *parts: shapes.joined(parts[-1], *parts[:-1]), entry=entries.joined, vjp=backward.cat,
        aliases=("concat", "concatenate"),
        libraries="torch torch:concat torch:concatenate np:concatenate", example="sum(cat([x, x**2])**2) at x=[2,3]"),
)
# fmt: on


def _given(size: Any) -> Any:
    return size[0] if len(size) == 1 and isinstance(size[0], (list, tuple)) else size


def _stack(dim: int, parts: Any) -> Any:
    import torch

    return torch.stack(tuple(parts), dim=dim)


def _cat(dim: int, parts: Any) -> Any:
    import torch

    return torch.cat(tuple(parts), dim=dim)
