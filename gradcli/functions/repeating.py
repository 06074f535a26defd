"""Tensors with copies of their entries, as texts of the language: shapes, definitions, backwards."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions.rearranging import at, listed, numbers, place, text
from gradcli.functions.shapes import Shape, ShapeError


def tiles(x: Shape, *n: Any) -> tuple[Shape, tuple[int, ...]]:
    """The shape with dimensions of one entry in front, and how often each of them is repeated."""
    times = listed(n)
    if any(one < 1 for one in times):
        raise ShapeError("how often something is repeated is a whole number from 1")
    more = max(len(x), len(times))
    return (1,) * (more - len(x)) + x, (1,) * (more - len(times)) + times


def tiled_shape(x: Shape, *n: Any) -> Shape:
    """The shape of several copies side by side."""
    sizes, times = tiles(x, *n)
    return tuple(size * count for size, count in zip(sizes, times))


def tiled(x: Shape, *n: Any) -> str:
    """Several copies side by side."""
    sizes, times = tiles(x, *n)
    if not sizes or max(times) == 1:
        return f"reshape(x, {', '.join(map(str, sizes))})" if sizes else "x"
    apart = [one for size in sizes for one in (1, size)]
    whole = [one for pair in zip(times, sizes) for one in pair]
    return f"reshape(broadcast_to(reshape(x, {text(apart)}), {text(whole)}), {text(tiled_shape(x, *n))})"


def tiled_back(x: Shape, *n: Any) -> tuple[str]:
    """The sum over the copies."""
    sizes, times = tiles(x, *n)
    if not x:
        return ("sum(g)",)
    whole = [one for pair in zip(times, sizes) for one in pair]
    return (f"reshape(sum(reshape(g, {text(whole)}), {text(list(range(0, len(whole), 2)))}), {text(x)})",)


def interleaved_places(x: Shape, repeats: Any, dim: Any) -> tuple[Shape, int, tuple[int, ...]]:
    """The shape, flat without a dimension, that dimension, and how often each of its entries stands there."""
    x = (math.prod(x),) if dim is None else x
    along = place(x, 0 if dim is None else dim)
    times = numbers(repeats)
    times = times * x[along] if len(times) == 1 else times
    if len(times) != x[along] or any(one < 0 for one in times) or not any(times):
        raise ShapeError(f"one number says how often each entry is repeated, or {x[along]} of them do")
    return x, along, times


def interleaved_shape(x: Shape, repeats: Any, dim: Any) -> Shape:
    """The shape of entries that are repeated one by one."""
    sizes, along, times = interleaved_places(x, repeats, dim)
    return (*sizes[:along], sum(times), *sizes[along + 1 :])


def interleaved(x: Shape, repeats: Any, dim: Any) -> str:
    """Entries repeated one by one."""
    sizes, along, times = interleaved_places(x, repeats, dim)
    own = "x" if dim is not None else "reshape(x, -1)"
    if len(set(times)) > 1:
        return own + at(along, text([i for i, count in enumerate(times) for _ in range(count)]))
    before, after = sizes[: along + 1], sizes[along + 1 :]
    made = f"broadcast_to(reshape(x, {text((*before, 1, *after))}), {text((*before, times[0], *after))})"
    return f"reshape({made}, {text(interleaved_shape(x, repeats, dim))})"


def interleaved_back(x: Shape, repeats: Any, dim: Any) -> tuple[str]:
    """The sum over the repetitions of each."""
    sizes, along, times = interleaved_places(x, repeats, dim)
    if not x:
        return ("sum(g)",)
    if len(set(times)) > 1:
        places = [i for i, count in enumerate(times) for _ in range(count)]
        found = f"index_add(zeros({text(sizes)}), {along}, {text(places)}, g)"
        return (f"reshape({found}, {text(x)})" if dim is None else found,)
    apart = (*sizes[: along + 1], times[0], *sizes[along + 1 :])
    return (f"reshape(sum(reshape(g, {text(apart)}), {along + 1}), {text(x)})",)
