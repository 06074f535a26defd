"""What one entry is of tensors that are stacked, joined and reshaped."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.entries import PlaceRule


def stacked(*given: Any) -> PlaceRule:
    """That of tensors side by side along a new dimension."""
    spot = given[-1] % (len(given[0]) + 1)
    return PlaceRule(lambda at, start, sizes, given: (*at[:spot], *at[spot + 1 :]), spot, new=True)


def joined(*given: Any) -> PlaceRule:
    """That of tensors one after the other."""
    spot = given[-1] % len(given[0])
    return PlaceRule(lambda at, start, sizes, given: (*at[:spot], at[spot] - start, *at[spot + 1 :]), spot)


def _reshaped(at: Any, start: Any, sizes: Any, given: Any) -> tuple[Any, ...]:
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


def reshaped(x: shapes.Shape, *sizes: Any) -> PlaceRule:
    """That of a new shape; all entries in one dimension, but for such of 1, are so for any shape."""
    wanted = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)) else sizes
    if -1 not in wanted or any(abs(one) != 1 for one in wanted):
        return PlaceRule(_reshaped)
    return PlaceRule(_reshaped, sizes=lambda given: tuple(math.prod(given[0]) if one < 0 else 1 for one in wanted))
