"""Entries that are chosen by places, in terms of indices, as texts of the language: shapes, definitions, backwards."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.indices import Nested, flat, shape_of
from gradcli.functions.rearranging import at, numbers, place, text
from gradcli.functions.shapes import Shape, ShapeError


def checked(index: Nested, size: int) -> Nested:
    """Places, those from the end counted from the front.

    Raises ShapeError where one is outside.
    """
    if isinstance(index, tuple):
        return tuple(checked(one, size) for one in index)
    if not isinstance(index, int) or not -size <= index < size:
        raise ShapeError(f"the index {index} is outside: there are {size} entries, from 0")
    return index % size


def vector(index: Any, size: int) -> tuple[int, ...]:
    found = checked(numbers(index), size)
    if not isinstance(found, tuple) or not all(isinstance(one, int) for one in found):
        raise ShapeError("a list of places is expected")
    return found  # type: ignore[return-value]


# Along one dimension


def selected_shape(x: Shape, dim: int, index: Any) -> Shape:
    """The shape of entries that are chosen along a dimension."""
    along = place(x, dim)
    return (*x[:along], len(vector(index, x[along])), *x[along + 1 :])


def selected(x: Shape, dim: int, index: Any) -> str:
    """Entries that are chosen along a dimension."""
    along = place(x, dim)
    return "x" + at(along, text(vector(index, x[along])))


def selected_back(x: Shape, dim: int, index: Any) -> tuple[str]:
    """Added where they come from."""
    return (f"index_add(zeros({text(x)}), {dim}, {text(numbers(index))}, g)",)


# At places


def taken_shape(x: Shape, index: Any, dim: Any) -> Shape:
    """The shape of entries at places among all, or along a dimension."""
    along = None if dim is None else place(x, dim)
    checked(index, math.prod(x) if along is None else x[along])
    return shape_of(index) if along is None else (*x[:along], *shape_of(index), *x[along + 1 :])


def taken(x: Shape, index: Any, dim: Any) -> str:
    """Entries at places among all, or along a dimension."""
    if dim is not None:
        return "x" + at(place(x, dim), text(index))
    return f"x[{', '.join(text(one) for one in _unraveled(x, checked(index, math.prod(x))))}]" if x else _repeats(index)


def _unraveled(x: Shape, index: Any) -> list[Any]:
    """Places among all entries as those along each dimension."""
    return [_digit(index, math.prod(x[i + 1 :]), size) for i, size in enumerate(x)]


def _digit(index: Any, step: int, size: int) -> Any:
    return tuple(_digit(one, step, size) for one in index) if isinstance(index, tuple) else index // step % size


def _repeats(index: Any) -> str:
    """Of a number, which is at every place."""
    sizes = shape_of(index)
    return f"broadcast_to(x, {text(sizes)})" if sizes else "x"


def taken_back(x: Shape, index: Any, dim: Any) -> tuple[str]:
    """Added where they come from."""
    along = 0 if dim is None else place(x, dim)
    whole = (math.prod(x),) if dim is None else x
    places = list(flat(checked(index, whole[along])))
    apart = (*whole[:along], len(places), *whole[along + 1 :])
    found = f"index_add(zeros({text(whole)}), {along}, {text(places)}, reshape(g, {text(apart)}))"
    if isinstance(index, int) and len(whole) == 1:  # a number: the gradient itself
        found = f"eye({whole[0]})[{places[0]}]"
        return (found if dim is not None else f"reshape({found}, {text(x)})" if x else "1",)
    return (found if dim is not None else f"reshape({found}, {text(x)})" if x else f"sum({found})",)


def gathered_shape(x: Shape, dim: int, index: Any) -> Shape:
    """The shape of places: each entry comes from its own row or column."""
    along, found = place(x, dim), shape_of(index)
    if len(found) != len(x) or any(a > b for i, (a, b) in enumerate(zip(found, x)) if i != along):
        raise ShapeError(f"the places are {shapes.text(found)}: as many dimensions are expected, and no more entries")
    checked(index, x[along])
    return found


def _coordinates(along: int, index: Any) -> str:
    """The same as an index: a list of places for each dimension, counted for those that stay where they are."""
    sizes, found = shape_of(index), []
    for i, size in enumerate(sizes):
        counted: Any = tuple(range(size))
        for _ in sizes[i + 1 :]:
            counted = _deeper(counted)
        found.append(text(index if i == along else counted))
    return f"[{', '.join(found)}]"


def _deeper(nested: Any) -> Any:
    return tuple(_deeper(one) for one in nested) if isinstance(nested, tuple) else (nested,)


def gathered(x: Shape, dim: int, index: Any) -> str:
    """Each entry from its own row or column, at the place that is named."""
    return "x" + _coordinates(place(x, dim), index)


def gathered_back(x: Shape, dim: int, index: Any) -> tuple[str]:
    """Added where they come from."""
    return (f"scatter_add(zeros({text(x)}), {dim}, {text(index)}, g)",)


def _repeated(index: Any, shape: Shape) -> Any:
    """Nested lists, those of one entry repeated to a shape."""
    if not shape:
        return index
    inner = tuple(_repeated(one, shape[1:]) for one in index)
    return inner * shape[0] if len(inner) == 1 else inner


def aligned(x: Shape, index: Any, dim: Any) -> tuple[Shape, int, Any]:
    """What places along a dimension mean: the tensor's shape, the dimension, and the places repeated to its others."""
    whole = (math.prod(x),) if dim is None else x
    along, found = place(whole, 0 if dim is None else dim), shape_of(index)
    if dim is None:
        index, found = tuple(flat(index)), (math.prod(found),)
    if len(found) != len(whole) or any(a not in (1, b) for i, (a, b) in enumerate(zip(found, whole)) if i != along):
        raise ShapeError(
            f"the places are {shapes.text(found)}: as many dimensions are expected, of the same sizes or 1"
        )
    sizes = tuple(found[i] if i == along else size for i, size in enumerate(whole))
    return whole, along, _repeated(index, sizes)


def along_shape(x: Shape, index: Any, dim: Any) -> Shape:
    """The shape of places along a dimension."""
    whole, along, places = aligned(x, index, dim)
    return gathered_shape(whole, along, places)


def taken_along(x: Shape, index: Any, dim: Any) -> str:
    """Each entry from its own row or column."""
    _, along, places = aligned(x, index, dim)
    return f"gather({'x' if dim is not None else 'reshape(x, -1)'}, {along}, {text(places)})"


def taken_along_back(x: Shape, index: Any, dim: Any) -> tuple[str]:
    """Added where they come from."""
    whole, along, places = aligned(x, index, dim)
    found = f"scatter_add(zeros({text(whole)}), {along}, {text(places)}, g)"
    return (found if dim is not None else f"reshape({found}, {text(x)})" if x else f"sum({found})",)


def masked_shape(x: Shape, mask: Any) -> Shape:
    """The shape of the entries that a mask chooses."""
    if not x or shape_of(mask) != x:
        raise ShapeError(f"the mask is {shapes.text(shape_of(mask))}, and what it chooses from is {shapes.text(x)}")
    count = sum(map(bool, flat(mask)))
    if not count:
        raise ShapeError("the mask chooses no entry")
    return (count,)


def _chosen(mask: Any) -> list[int]:
    return [i for i, flag in enumerate(flat(mask)) if flag]


def masked(x: Shape, mask: Any) -> str:
    """The entries that a mask chooses, in a row."""
    return taken(x, tuple(_chosen(mask)), None)


def masked_back(x: Shape, mask: Any) -> tuple[str]:
    """Back in their places."""
    return (f"reshape(index_add(zeros({math.prod(x)}), 0, {text(_chosen(mask))}, g), {text(x)})",)
