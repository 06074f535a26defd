"""Indices of tensors: whole numbers, slices, new dimensions, lists of places, masks. What comes out, and what of it.

In the statics of a row an index is a whole number; a slice three of them, or None; a new dimension None; `...` Python's
own Ellipsis; a list of places or a mask one of the classes here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Union

from gradcli.functions import shapes
from gradcli.functions.shapes import Shape, ShapeError

Nested = Union[int, "tuple[Nested, ...]"]
Slice = tuple[Union[int, None], Union[int, None], Union[int, None]]

WHOLE: Slice = (None, None, None)


class Places(NamedTuple):
    """A list of places along a dimension, perhaps nested: what comes out has its shape there."""

    values: Nested


class Mask(NamedTuple):
    """Nested lists of truth values: the places where they are true, of as many dimensions as the lists are deep."""

    values: Nested


def shape_of(values: Nested) -> Shape:
    """The shape of nested lists.

    Raises ShapeError where they differ in length.
    """
    if not isinstance(values, tuple):
        return ()
    inner = {shape_of(one) for one in values}
    if len(inner) > 1:
        raise ShapeError("the lists of the index differ in length")
    return (len(values), *(inner.pop() if inner else ()))


def flat(values: Nested) -> Iterator[int]:
    """The numbers of nested lists in row-major order."""
    if not isinstance(values, tuple):
        yield values
        return
    for one in values:
        yield from flat(one)


def nested(values: Sequence[int], shape: Shape) -> Any:
    """Numbers in row-major order as nested lists of a shape."""
    level = tuple(values)
    for size in reversed(shape[1:]):
        level = tuple(level[start : start + size] for start in range(0, len(level), size))  # type: ignore[misc]
    return level if shape else level[0]


class IndexLayout(NamedTuple):
    """Where each dimension of a result of an index comes from.

    subs    one for each dimension of the tensor, and None for each new one
    listed  the common shape of the lists
    spot    the dimension of the result where those of the lists begin
    axes    of each sub the dimension of the result that it gives; None for a number or a list
    """

    subs: tuple[Any, ...]
    listed: Shape
    spot: int
    axes: tuple[int | None, ...]


def _width(sub: Any) -> int:
    """How many dimensions of the tensor a sub is for."""
    return 0 if sub is None or sub is Ellipsis else len(shape_of(sub.values)) if isinstance(sub, Mask) else 1


def _places_of(mask: Mask, sizes: Shape) -> Iterator[Places]:
    """A mask as a list of places for each of its dimensions."""
    shape = shape_of(mask.values)
    if shape != sizes:
        raise ShapeError(f"the mask is {shapes.text(shape)}, and what it chooses from is {shapes.text(sizes)}")
    steps = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    there = [place for place, flag in enumerate(flat(mask.values)) if flag]
    if not there:
        raise ShapeError("the mask chooses no entry")
    for step, size in zip(steps, shape):
        yield Places(tuple(place // step % size for place in there))


def plain(x: Shape, subs: Sequence[Any]) -> tuple[Any, ...]:
    """The subs without `...` and masks, one for each dimension, and None for each new one."""
    count = sum(map(_width, subs))
    if count > len(x):
        raise ShapeError(f"{count} indices into {shapes.text(x)}")
    if sum(sub is Ellipsis for sub in subs) > 1:
        raise ShapeError('"..." stands once in an index: it is all the dimensions that are not named')
    rest, found, used = (WHOLE,) * (len(x) - count), list[Any](), 0
    for sub in subs:
        if isinstance(sub, Mask):
            width = _width(sub)
            found += _places_of(sub, x[used : used + width])
            used += width
            continue
        found += rest if sub is Ellipsis else [sub]
        used += len(rest) if sub is Ellipsis else _width(sub)
    return tuple(found if Ellipsis in subs else [*found, *rest])


def layout(x: Shape, subs: Sequence[Any]) -> IndexLayout:
    """Where each dimension of the result comes from.

    Raises ShapeError where an index is outside, and where libraries differ in the order of the dimensions.
    """
    found = plain(x, subs)
    _check(x, found)
    lists = [i for i, sub in enumerate(found) if isinstance(sub, Places)]
    try:
        listed = shapes.broadcast(*(shape_of(found[i].values) for i in lists))
    except ShapeError:
        shown = " and ".join(shapes.text(shape_of(found[i].values)) for i in lists)
        raise ShapeError(f"the lists of the index do not go together: {shown}") from None
    spot = _spot(found, lists)
    numbers = [i for i, sub in enumerate(found) if isinstance(sub, (int, Places))]
    if lists and spot != _spot(found, numbers):  # a number is a list of no dimension to NumPy
        raise ShapeError(
            "torch and NumPy put the list's dimension in different places: take the numbers first, x[0][:, [1, 2]]"
        )
    axes, left = list[Union[int, None]](), 0
    for sub in found:
        if isinstance(sub, (int, Places)):
            axes.append(None)
            continue
        axes.append(left if left < spot else left + len(listed))
        left += 1
    return IndexLayout(found, listed, spot, tuple(axes))


def _spot(subs: Sequence[Any], lists: Sequence[int]) -> int:
    """Where the dimensions of the lists go: to the first of them, or to the front where something is in between."""
    if not lists or not all(isinstance(sub, (int, Places)) for sub in subs[lists[0] : lists[-1]]):
        return 0
    return sum(not isinstance(sub, (int, Places)) for sub in subs[: lists[0]])


def _check(x: Shape, subs: Sequence[Any]) -> None:
    """Refuse what is outside, a step of 0, and a slice of nothing."""
    sizes = iter(x)
    for sub in subs:
        if sub is None:
            continue
        size = next(sizes)
        if isinstance(sub, (int, Places)):
            for one in [sub] if isinstance(sub, int) else flat(sub.values):
                if not -size <= one < size:
                    raise ShapeError(f"the index {one} is outside: there are {size} entries, from 0")
        elif sub[2] == 0:
            raise ShapeError("the step of a slice is 0")
        elif not range(*slice(*sub).indices(size)):
            raise ShapeError("the slice is empty")


def shape(x: Shape, *subs: Any) -> Shape:
    """What an index leaves of a tensor."""
    found = layout(x, subs)
    sizes, left = iter(x), list[int]()
    for sub in found.subs:
        if sub is None:
            left.append(1)
            continue
        size = next(sizes)
        if not isinstance(sub, (int, Places)):
            left.append(len(range(*slice(*sub).indices(size))))
    return (*left[: found.spot], *found.listed, *left[found.spot :])
