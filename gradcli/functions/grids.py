"""Grids of the entries of vectors, as torch.meshgrid and np.meshgrid give them: shapes, definitions, backwards."""

from __future__ import annotations

from typing import Any

from gradcli.functions.rearranging import text
from gradcli.functions.shapes import Shape, ShapeError

WAYS = ("ij", "xy")


def _places(indexing: str, count: int) -> list[int]:
    """The dimension of the grids that each vector runs along."""
    return [1, 0, *range(2, count)] if indexing == "xy" else list(range(count))


def shape(number: Any, indexing: Any, **vectors: Shape) -> Shape:
    """The shape of the grids, which all have the same."""
    count = len(vectors)
    if number is None:
        raise ShapeError("each vector has a grid of its own: X, Y = meshgrid(x, y)")
    if indexing is None:
        raise ShapeError("indexing='ij' is what torch means, indexing='xy' what NumPy means: write one of them")
    if not isinstance(number, int) or not -count <= number < count:
        raise ShapeError(f"there are {count} grids, and none with the number {number}")
    if any(len(one) != 1 for one in vectors.values()):
        raise ShapeError("grids are made of vectors")
    found = [0] * count
    for one, place in zip(vectors.values(), _places(indexing, count)):
        found[place] = one[0]
    return tuple(found)


def written(number: int, indexing: str, **vectors: Shape) -> str:
    """The vector of that number over and over, along the dimensions of the others."""
    whole = shape(number, indexing, **vectors)
    along = _places(indexing, len(whole))[number]
    row = [size if i == along else 1 for i, size in enumerate(whole)]
    return f"broadcast_to(reshape({[*vectors][number]}, {text(row)}), {text(whole)})"


def back(number: int, indexing: str, **vectors: Shape) -> tuple[str, ...]:
    """The adjoint summed along the dimensions of the others; nothing by those."""
    count = len(vectors)
    along = _places(indexing, count)[number]
    others = [i for i in range(count) if i != along]
    return tuple(f"sum(g, {text(others)})" if i == number % count else "0" for i in range(count))
