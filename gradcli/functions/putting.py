"""Entries that are put or added at places, as texts of the language: shapes, definitions, backwards.

Nothing here is more than an index: what is put somewhere is chosen from the old entries and the new ones side by side.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.choosing import checked, selected_shape, vector
from gradcli.functions.indices import flat, nested, shape_of
from gradcli.functions.rearranging import at, numbers, place, text
from gradcli.functions.shapes import Shape, ShapeError

MAX_PUT = 10_000  # entries of a tensor that others are put into: its places are written out


def added_shape(x: Shape, src: Shape, dim: int, index: Any) -> Shape:
    """The shape of a tensor with others added along a dimension."""
    wanted = selected_shape(x, dim, index)
    if src != wanted:
        raise ShapeError(f"{shapes.text(wanted)} is expected at these places, not {shapes.text(src)}")
    return _few(x)


def _few(x: Shape) -> Shape:
    if math.prod(x) > MAX_PUT:
        raise ShapeError(f"the tensor has more than {MAX_PUT:,} entries")
    return x


def _rounds(places: Sequence[int], size: int) -> list[list[int]]:
    """For each place what comes there, counted from 1; 0 for nothing: as many lists as the most that come to one."""
    found: list[list[int]] = []
    seen = [0] * size
    for number, one in enumerate(places):
        if seen[one] == len(found):
            found.append([0] * size)
        found[seen[one]][one] = number + 1
        seen[one] += 1
    return found


def added(x: Shape, src: Shape, dim: int, index: Any) -> str:
    """Others added along a dimension."""
    along = place(x, dim)
    zeros = f"zeros({text((*x[:along], 1, *x[along + 1 :]))})"
    rounds = _rounds(vector(index, x[along]), x[along])
    return "x" + "".join(f" + cat([{zeros}, src], {along}){at(along, text(one))}" for one in rounds)


def added_back(x: Shape, src: Shape, dim: int, index: Any) -> tuple[str, str]:
    """Nothing changes for what was there."""
    return "g", f"index_select(g, {dim}, {text(numbers(index))})"


def _once(places: Sequence[int]) -> Sequence[int]:
    if len(set(places)) < len(places):
        raise ShapeError("two entries go to one place, and libraries differ in which one stays; scatter_add adds them")
    return places


def copied_shape(x: Shape, src: Shape, dim: int, index: Any) -> Shape:
    """The shape of a tensor with others put along a dimension."""
    found = added_shape(x, src, dim, index)
    _once(vector(index, x[place(x, dim)]))
    return found


def copied(x: Shape, src: Shape, dim: int, index: Any) -> str:
    """Others in place of some, along a dimension."""
    along = place(x, dim)
    places = vector(index, x[along])
    order = [x[along] + places.index(i) if i in places else i for i in range(x[along])]
    return f"cat([x, src], {along}){at(along, text(order))}"


def copied_back(x: Shape, src: Shape, dim: int, index: Any) -> tuple[str, str]:
    """To what is still there, and to what was put."""
    along = place(x, dim)
    sizes = selected_shape(x, dim, index)
    places = text(numbers(index))
    return f"index_copy(g, {along}, {places}, zeros({text(sizes)}))", f"index_select(g, {along}, {places})"


def scattered_shape(x: Shape, src: Shape, dim: int, index: Any) -> Shape:
    """The shape of a tensor with others added or put, each in its own row or column."""
    along, found = place(x, dim), shape_of(index)
    if len(found) != len(x) or any(a > b for i, (a, b) in enumerate(zip(found, x)) if i != along):
        raise ShapeError(f"there are {shapes.text(found)} places in {shapes.text(x)}: as many dimensions are expected")
    if src not in ((), found):
        raise ShapeError(f"there are {shapes.text(found)} places, and {shapes.text(src)} to put there")
    checked(index, x[along])
    return _few(x)


def overwritten_shape(x: Shape, src: Shape, dim: int, index: Any) -> Shape:
    """The same, where each place is there once."""
    found = scattered_shape(x, src, dim, index)
    _once(_flat_places(x, dim, index))
    return found


def _flat_places(x: Shape, dim: int, index: Any) -> list[int]:
    """The row-major places in the tensor that the entries go to."""
    along = place(x, dim)
    wanted = iter(flat(checked(index, x[along])))
    found = []
    for here in itertools.product(*map(range, shape_of(index))):
        spot = (*here[:along], next(wanted), *here[along + 1 :])
        total = 0
        for i, size in zip(spot, x):
            total = total * size + i
        found.append(total)
    return found


def _source(src: Shape, index: Any) -> str:
    """What is put, in a row: all of it, or a number over and over."""
    return "reshape(src, -1)" if src else f"broadcast_to(src, {math.prod(shape_of(index))})"


def scatter_added(x: Shape, src: Shape, dim: int, index: Any) -> str:
    """Others added, each in its own row or column."""
    rounds = _rounds(_flat_places(x, dim, index), math.prod(x))
    joined = f"cat([zeros(1), {_source(src, index)}])"
    return "x" + "".join(f" + {joined}[{text(nested(one, x))}]" for one in rounds)


def scattered(x: Shape, src: Shape, dim: int, index: Any) -> str:
    """Others in place of some, each in its own row or column."""
    order = list(range(math.prod(x)))
    for number, one in enumerate(_flat_places(x, dim, index)):
        order[one] = math.prod(x) + number
    return f"cat([reshape(x, -1), {_source(src, index)}])[{text(nested(order, x))}]"


def _to_source(src: Shape, dim: int, index: Any) -> str:
    """What flows to what was put."""
    found = f"gather(g, {dim}, {text(index)})"
    return found if src else f"sum({found})"


def scatter_added_back(x: Shape, src: Shape, dim: int, index: Any) -> tuple[str, str]:
    """Nothing changes for what was there."""
    return "g", _to_source(src, dim, index)


def scattered_back(x: Shape, src: Shape, dim: int, index: Any) -> tuple[str, str]:
    """To what is still there, and to what was put."""
    return f"scatter(g, {dim}, {text(index)}, zeros({text(shape_of(index))}))", _to_source(src, dim, index)
