"""Folds over windows along a dimension, each from a place up to another: what pools are made of, as texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from gradcli.functions import shapes
from gradcli.functions.shapes import Shape, ShapeError

MOST_PLACES = 2_000  # of a backward that is written down

FOLDS = {"windowed_max": "amax", "windowed_sum": "sum"}


class WindowRun(NamedTuple):
    """Windows one after the other that are alike: the first one, how many, and how far apart."""

    start: int
    stop: int
    many: int
    apart: int


def runs(starts: Sequence[int], stops: Sequence[int]) -> Iterator[WindowRun]:
    """Windows as few runs of such as are alike."""
    at = 0
    while at < len(starts):
        size, last = stops[at] - starts[at], at
        apart = starts[at + 1] - starts[at] if at + 1 < len(starts) else 1
        while last + 1 < len(starts) and apart > 0:
            if starts[last + 1] - starts[last] != apart or stops[last + 1] - starts[last + 1] != size:
                break
            last += 1
        yield WindowRun(starts[at], stops[at], last - at + 1, apart)
        at = last + 1


def _numbers(given: Any) -> tuple[int, ...]:
    return (given,) if isinstance(given, int) else tuple(given)


def shape(x: Shape, dim: int, starts: Any, stops: Any, step: int) -> Shape:
    """As many entries along the dimension as there are windows.

    Raises ShapeError where a window is empty, or is not within the tensor.
    """
    (place,) = shapes.dims(x, dim) or (None,)
    if place is None:
        raise ShapeError("a number has no windows")
    first, last = _numbers(starts), _numbers(stops)
    if len(first) != len(last) or step < 1 or any(not 0 <= a < b <= x[place] for a, b in zip(first, last)):
        raise ShapeError("a window is not within the tensor")
    return (*x[:place], len(first), *x[place + 1 :])


def written(name: str) -> Callable[..., str]:
    """The fold of each run of windows, one after the other."""
    fold = FOLDS[name]

    def text(x: Shape, dim: int, starts: Any, stops: Any, step: int) -> str:
        place = dim % len(x)
        before = ":, " * place
        pieces = []
        for one in runs(_numbers(starts), _numbers(stops)):
            size, end = one.stop - one.start, one.start + one.apart * (one.many - 1) + one.stop - one.start
            own = "x" if (one.start, end) == (0, x[place]) else f"x[{before}{one.start}:{end}]"
            if one.many == 1:
                inner = own if step == 1 else f"{own}[{before}::{step}]"
                pieces.append(f"{fold}({inner}, {place}, True)")
            else:
                found = f"unfold({own}, {place}, {size}, {one.apart})"
                if step != 1:
                    found += f"[{':, ' * len(x)}::{step}]"
                pieces.append(f"{fold}({found}, {len(x)})")
        return pieces[0] if len(pieces) == 1 else f"cat([{', '.join(pieces)}], {place})"

    return text


def backward(name: str, text: str, x: Shape, g: str, dim: int, starts: Any, stops: Any, step: int) -> str | None:
    """What flows back to a text of the shape of x; entries of a window that tie share it. None where it is long."""
    place, first, last = dim % len(x), _numbers(starts), _numbers(stops)
    places = [list(range(a, b, step)) for a, b in zip(first, last)]
    flat = [one for row in places for one in row]
    if len(flat) > MOST_PLACES:
        return None
    owner = [i for i, row in enumerate(places) for _ in row]
    whole = f"zeros({list(x)})"
    if name == "windowed_sum":
        return f"index_add({whole}, {place}, {flat}, index_select({g}, {place}, {owner}))"
    out = f"zeros({list(shape(x, dim, starts, stops, step))})"
    value = f"windowed_max({text}, {place}, {list(first)}, {list(last)}, {step})"
    here = f"where(index_select({text}, {place}, {flat}) == index_select({value}, {place}, {owner}), 1, 0)"
    shared = f"{g}/index_add({out}, {place}, {owner}, {here})"
    return f"index_add({whole}, {place}, {flat}, index_select({shared}, {place}, {owner})*{here})"


def back(name: str) -> Callable[..., tuple[str | None]]:
    """That of the row itself."""

    def text(x: Shape, *statics: Any) -> tuple[str | None]:
        return (backward(name, "x", x, "g", *statics),)

    return text


def in_torch(name: str) -> Callable[..., Any]:
    """By slices, one for each window."""
    fold = FOLDS[name]

    def call(x: Any, dim: int, starts: Any, stops: Any, step: int) -> Any:
        import torch

        place, found = dim % x.dim(), []
        for start, stop in zip(_numbers(starts), _numbers(stops)):
            part = x[(*[slice(None)] * place, slice(start, stop, step))]
            found.append(getattr(part, fold)(dim=place, keepdim=True))
        return torch.cat(found, dim=place)

    return call


__all__ = ["FOLDS", "WindowRun", "back", "backward", "in_torch", "runs", "shape", "written"]
