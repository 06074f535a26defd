"""Shapes of results, from the shapes of arguments: what the rows for tensors say of themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence

Shape = tuple[int, ...]

MAX_ELEMENTS = 10_000_000  # of one tensor


class ShapeError(ValueError):
    """Shapes that do not go together; the text says why."""


def text(shape: Sequence[int]) -> str:
    """A shape for a message: 2x3, a number, 4 entries."""
    if not shape:
        return "a number"
    return f"a vector of {shape[0]}" if len(shape) == 1 else "x".join(map(str, shape))


def broadcast(*shapes: Shape) -> Shape:
    """The common shape of elementwise operands, aligned at their last dimensions as in torch and NumPy."""
    rank = max(map(len, shapes), default=0)
    result = []
    for place in range(-rank, 0):
        sizes = {shape[place] for shape in shapes if len(shape) >= -place} - {1}
        if len(sizes) > 1:
            raise ShapeError("these shapes do not go together")
        result.append(sizes.pop() if sizes else 1)
    return tuple(result)


def dims(shape: Shape, dim: int | Sequence[int] | None) -> tuple[int, ...]:
    """The dimensions that are meant, counted from the front, ascending; all of them for None."""
    if dim is None:
        return tuple(range(len(shape)))
    chosen = [dim] if isinstance(dim, int) else list(dim)
    places = []
    for one in chosen:
        if not -max(len(shape), 1) <= one < max(len(shape), 1):
            raise ShapeError(f"there is no dimension {one} in {text(shape)}")
        place = one % len(shape) if shape else 0
        if place in places:
            raise ShapeError(f"the dimension {one} is there twice")
        places.append(place)
    return tuple(sorted(places)) if shape else ()


def reduced(shape: Shape, dim: int | Sequence[int] | None, keepdim: bool = False) -> Shape:
    """What is left when some dimensions are reduced to one entry."""
    gone = dims(shape, dim)
    if math.prod(shape[place] for place in gone) == 0:
        raise ShapeError("there is nothing to reduce: the tensor is empty")
    if keepdim:
        return tuple(1 if place in gone else size for place, size in enumerate(shape))
    return tuple(size for place, size in enumerate(shape) if place not in gone)


def along(shape: Shape, dim: int) -> Shape:
    """The same shape, if there is such a dimension."""
    dims(shape, dim)
    return shape


def product(x: Shape, y: Shape) -> Shape:
    """The matrix product of matrices and vectors, and of stacks of matrices, which are broadcast."""
    if not x or not y:
        raise ShapeError("a matrix product is one of matrices and vectors")
    if x[-1] != y[-min(len(y), 2)]:
        raise ShapeError(f"the inner sizes differ: {x[-1]} and {y[-min(len(y), 2)]}")
    try:
        stacks = broadcast(x[:-2], y[:-2])
    except ShapeError:
        raise ShapeError(f"the stacks differ: {text(x[:-2])} and {text(y[:-2])} of matrices") from None
    return (*stacks, *x[-2:-1], *(y[-1:] if len(y) > 1 else ()))


def dot(x: Shape, y: Shape) -> Shape:
    """The product of two vectors."""
    if len(x) != 1 or len(y) != 1:
        raise ShapeError("two vectors are expected")
    return product(x, y)


def outer(x: Shape, y: Shape) -> Shape:
    """The outer product of two vectors."""
    if len(x) != 1 or len(y) != 1:
        raise ShapeError("two vectors are expected")
    return (*x, *y)


def cross(x: Shape, y: Shape) -> Shape:
    """The cross product of two vectors in space."""
    if x != (3,) or y != (3,):
        raise ShapeError("two vectors of 3 are expected")
    return x


def matrix(x: Shape) -> Shape:
    """A matrix."""
    if len(x) != 2:
        raise ShapeError("a matrix is expected")
    return x


def square(x: Shape) -> Shape:
    """A square matrix."""
    if len(matrix(x)) != 2 or x[0] != x[1]:
        raise ShapeError("a square matrix is expected")
    return x


def solution(a: Shape, b: Shape) -> Shape:
    """The solution of a linear system."""
    if square(a)[0] != (b[0] if b else 0) or len(b) > 2:
        raise ShapeError("a square matrix and as many right-hand sides are expected")
    return b


def diagonal(x: Shape) -> Shape:
    """A diagonal matrix of a vector, or the diagonal of a matrix."""
    if len(x) == 1:
        return (x[0], x[0])
    matrix(x)
    return (min(x),)


def reshaped(x: Shape, size: Sequence[int]) -> Shape:
    """The same entries in another shape; one size may be -1: whatever is left."""
    count, wanted = math.prod(x), list(size)
    if wanted.count(-1) > 1 or any(one < -1 for one in wanted):
        raise ShapeError("one size may be -1, and the others are counts")
    if 0 in wanted:
        raise ShapeError("a size is a whole number from 1")
    if -1 in wanted:
        known = math.prod(one for one in wanted if one != -1)
        if known and count % known == 0:
            wanted[wanted.index(-1)] = count // known
    if math.prod(wanted) != count:
        raise ShapeError(f"{count} entries do not fill this shape")
    return tuple(wanted)


def stacked(dim: int, *shapes: Shape) -> Shape:
    """Tensors of one shape, side by side along a new dimension."""
    for shape in shapes:
        if shape != shapes[0]:
            raise ShapeError(f"the parts differ in shape: {text(shapes[0])} and {text(shape)}")
    rank = len(shapes[0]) + 1
    if not -rank <= dim < rank:
        raise ShapeError(f"there is no dimension {dim} in the result")
    place = dim % rank
    return (*shapes[0][:place], len(shapes), *shapes[0][place:])


def joined(dim: int, *shapes: Shape) -> Shape:
    """Tensors one after the other along a dimension that they have."""
    first = shapes[0]
    if not first:
        raise ShapeError("numbers are stacked, not joined: write [a, b]")
    (place,) = dims(first, dim)
    for shape in shapes:
        if len(shape) != len(first) or any(a != b for i, (a, b) in enumerate(zip(shape, first)) if i != place):
            raise ShapeError(f"the parts differ in shape: {text(first)} and {text(shape)}")
    return (*first[:place], sum(shape[place] for shape in shapes), *first[place + 1 :])
