"""Arranging the entries of tensors."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions import backward, index_rules, indices, shapes
from gradcli.functions.entries import PlaceRule
from gradcli.functions.row import Row


def _flat(x: shapes.Shape, start: int, end: int) -> shapes.Shape:
    """The shape in which the dimensions from one to another are one."""
    rank = max(len(x), 1)
    if not -rank <= start < rank or not -rank <= end < rank or start % rank > end % rank:
        raise shapes.ShapeError(f"there are no dimensions from {start} to {end}")
    first, last = start % rank, end % rank
    return (*x[:first], math.prod(x[first : last + 1]), *x[last + 1 :])


def _flattened(x: shapes.Shape, start: int, end: int) -> str:
    sizes = _flat(x, start, end)
    return f"reshape(x, {', '.join(map(str, sizes)) if len(sizes) > 1 else -1})"


def _stacked(*given: Any) -> PlaceRule:
    """What one entry is of tensors side by side along a new dimension."""
    spot = given[-1] % (len(given[0]) + 1)
    return PlaceRule(lambda at, start, sizes, given: (*at[:spot], *at[spot + 1 :]), spot, new=True)


def _joined(*given: Any) -> PlaceRule:
    """What one entry is of tensors one after the other."""
    spot = given[-1] % len(given[0])
    return PlaceRule(lambda at, start, sizes, given: (*at[:spot], at[spot] - start, *at[spot + 1 :]), spot)


def _in_shape(at: Any, start: Any, sizes: Any, given: Any) -> tuple[Any, ...]:
    """The same place in another shape, counted from the last dimension."""
    (old,) = given
    if [size for size in old if size != 1] == [size for size in sizes if size != 1]:
        left = iter(i for i, size in zip(at, sizes) if size != 1)
        return tuple(0 if size == 1 else next(left) for size in old)
    count = 0
    for i, size in zip(at, sizes):
        count = count * size + i
    inner: list[Any] = []
    for spot, size in enumerate(reversed(old)):
        inner.insert(0, count if spot == len(old) - 1 else count % size)
        count = count // size
    return tuple(inner)


def _reshaped(x: shapes.Shape, *sizes: Any) -> PlaceRule:
    """What one entry is of a new shape; all entries in one dimension, but for such of 1, are so for any shape."""
    wanted = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)) else sizes
    if -1 not in wanted or any(abs(one) != 1 for one in wanted):
        return PlaceRule(_in_shape)
    return PlaceRule(_in_shape, sizes=lambda given: tuple(math.prod(given[0]) if one < 0 else 1 for one in wanted))


# fmt: off
ARRANGEMENTS = (
    Row("[]", "x, ...", "a list: a vector of numbers, a matrix of vectors; also the derivatives of a function of"
        " several parameters",
        torch=lambda *parts: _stack(0, parts), shape=lambda *parts: shapes.stacked(0, *parts),
        entry=lambda *parts: _stacked(*parts, 0), vjp=lambda *parts: backward.stack(*parts, 0),
        example="sum([x, x**2]) at x=3"),
    Row("x[]", "x, i, ...", "an entry, or some of them: `x[0]`, `x[-1]`, `A[0, 1]`, `A[:, 0]`, `x[1:3]`, `x[::-1]`; by"
        " lists of places, `x[[0, 2]]`, `A[[0, 1], [1, 2]]`; by a mask, `x[[True, False, True]]`; `None` is a new"
        " dimension, `...` all that are not named",
        torch=index_rules.run, statics=("i",), shape=indices.shape, entry=index_rules.entry,
        vjp=index_rules.backward,
        example="x[0]*x[1] at x=[2,3]"),
    Row("[:]", "start, stop, step", "a slice, inside an index",
        note="a slice has a meaning inside an index only: x[1:3]"),
    Row("...", "", "all dimensions that are not named, inside an index",
        note='"..." has a meaning inside an index only: x[..., 0]'),
    Row("None", "", "left out, or a new dimension inside an index",
        note="None has a meaning only where something may be left out: dim=None, and inside an index"),
    Row("reshape", "x, n, ...", "the same entries in another shape; one size may be -1",
        torch=lambda x, *size: x.reshape(_given(size)), statics=("n",),
        shape=lambda x, *size: shapes.reshaped(x, _given(size)), entry=_reshaped,
        vjp=backward.reshaped, aliases=("view",), libraries="torch torch:view np",
        example="sum(reshape(x, 2, 2)[0]**2) at x=[1,2,3,4]"),
    Row("flatten", "x, start_dim=0, end_dim=-1", "all entries as a vector, or some dimensions as one",
        definition=_flattened, torch=lambda x, start, end: x.flatten(start, end), statics=("start_dim", "end_dim"),
        shape=_flat, vjp=lambda x, start, end: backward.reshaped(x), aliases=("ravel",),
        libraries="torch torch:ravel np:ravel",
        example="sum(flatten(x)**2) at x=[[1,2],[3,4]]"),
    Row("stack", "parts, dim=0", "tensors of one shape side by side along a new dimension: `stack([a, b], dim=1)`",
        torch=lambda *parts: _stack(parts[-1], parts[:-1]), statics=("dim",),
        shape=lambda *parts: shapes.stacked(parts[-1], *parts[:-1]), entry=_stacked, vjp=backward.stack,
        libraries="torch np",
        example="sum(stack([x, x**2], dim=1)[0]) at x=[2,3]"),
    Row("cat", "parts, dim=0", "tensors one after the other along a dimension: `cat([a, b])`",
        torch=lambda *parts: _cat(parts[-1], parts[:-1]), statics=("dim",),
        shape=lambda *parts: shapes.joined(parts[-1], *parts[:-1]), entry=_joined, vjp=backward.cat,
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
