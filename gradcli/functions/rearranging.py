"""Rearrangements of tensors: their shapes, what their entries are, and them in terms of others, as texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.entries import LETTERS, EntryRule, PlaceRule, einsum
from gradcli.functions.shapes import Shape, ShapeError

CORNERS = 2  # dimensions that a rotation turns


def listed(given: Sequence[Any]) -> tuple[Any, ...]:
    """Sizes or dimensions one by one, or as one list."""
    return tuple(given[0]) if len(given) == 1 and isinstance(given[0], (list, tuple)) else tuple(given)


def numbers(given: Any) -> tuple[int, ...]:
    """One number, or a list of them."""
    return (given,) if isinstance(given, int) else tuple(given)


def text(values: Any) -> str:
    """Nested lists as they are typed."""
    return f"[{', '.join(map(text, values))}]" if isinstance(values, (list, tuple)) else str(values)


def place(x: Shape, dim: int, more: int = 0) -> int:
    """The dimension that is meant, counted from the front; of a result that has more of them.

    Raises ShapeError where there is none.
    """
    rank = len(x) + more
    if not isinstance(dim, int) or not -rank <= dim < rank:
        raise ShapeError(f"there is no dimension {dim} in {'the result' if more else shapes.text(x)}")
    return dim % rank


def at(dim: int, sub: str) -> str:
    """An index along one dimension, the ones before it whole."""
    return f"[{':, ' * dim}{sub}]"


# Dimensions


def unsqueezed(x: Shape, dim: Any) -> Shape:
    """New dimensions of one entry."""
    found = numbers(dim)
    where = [place(x, one, len(found)) for one in found]
    if len(set(where)) < len(where):
        raise ShapeError("a dimension is there twice")
    left = iter(x)
    return tuple(1 if i in where else next(left) for i in range(len(x) + len(found)))


def squeezed(x: Shape, dim: Any) -> Shape:
    """Without dimensions of one entry."""
    chosen = shapes.dims(x, dim)
    return tuple(size for i, size in enumerate(x) if i not in chosen or size != 1)


def as_shape(of: Callable[..., Shape]) -> Callable[..., str]:
    """The same entries in the shape that comes out."""

    def written(x: Shape, *statics: Any) -> str:
        sizes = of(x, *statics)
        return f"reshape(x, {', '.join(map(str, sizes))})" if sizes else "sum(x)"

    return written


def broadcast(x: Shape, size: Any) -> Shape:
    """The shape that a tensor is repeated to; -1 is the size that it has."""
    wanted = numbers(size)
    more = len(wanted) - len(x)
    if more < 0:
        raise ShapeError(f"{shapes.text(x)} has more dimensions than {shapes.text(wanted)}")
    found = []
    for i, one in enumerate(wanted):
        own = x[i - more] if i >= more else 1
        count = own if one == -1 and i >= more else one
        if count < 1 or own not in (1, count):
            raise ShapeError(f"{shapes.text(x)} is not repeated to {shapes.text(wanted)}: a size is kept, or was 1")
        found.append(count)
    return tuple(found)


def broadcast_entry(x: Shape, size: Any) -> PlaceRule:
    """That of a tensor that is repeated."""
    wanted = broadcast(x, size)
    more = len(wanted) - len(x)

    def inner(here: Any, start: Any, sizes: Any, given: Any) -> tuple[Any, ...]:
        return tuple(0 if one == 1 else here[more + i] for i, one in enumerate(x))

    def sizes(given: Any) -> tuple[Any, ...]:
        kept = (one if own == wanted[more + i] else wanted[more + i] for i, (one, own) in enumerate(zip(given[0], x)))
        return (*wanted[:more], *kept)

    return PlaceRule(inner, sizes=sizes, repeats=True)


def order(x: Shape, *dims: Any) -> tuple[int, ...]:
    """The dimensions in their new order."""
    found = tuple(place(x, one) for one in listed(dims))
    if sorted(found) != list(range(len(x))):
        raise ShapeError(f"each of the {len(x)} dimensions stands once in the new order")
    return found


def permuted(x: Shape, *dims: Any) -> Shape:
    """The dimensions in another order."""
    return tuple(x[one] for one in order(x, *dims))


def permuted_entry(x: Shape, *dims: Any) -> EntryRule:
    """That of dimensions in another order."""
    return einsum(f"{LETTERS[: len(x)]}->{''.join(LETTERS[one] for one in order(x, *dims))}")


def permuted_back(x: Shape, *dims: Any) -> tuple[str]:
    """The dimensions in their old order."""
    found = order(x, *dims)
    return (f"permute(g, {text([found.index(i) for i in range(len(x))])})" if x else "1",)


def swapped(x: Shape, dim0: int, dim1: int) -> list[int]:
    """The order in which two dimensions are exchanged."""
    found = list(range(len(x)))
    a, b = place(x, dim0), place(x, dim1)
    found[a], found[b] = found[b], found[a]
    return found


def moved(x: Shape, source: Any, destination: Any) -> list[int]:
    """The order in which some dimensions stand elsewhere, the others in their old order."""
    come, go = ([place(x, one) for one in numbers(given)] for given in (source, destination))
    if len(come) != len(go) or len(set(come)) < len(come) or len(set(go)) < len(go):
        raise ShapeError("as many dimensions move as there are places for them, each once")
    rest = (one for one in range(len(x)) if one not in come)
    return [come[go.index(i)] if i in go else next(rest) for i in range(len(x))]


def in_order(of: Callable[..., list[int]]) -> Callable[..., str]:
    """A permutation, as a text."""
    return lambda x, *statics: f"permute(x, {text(of(x, *statics))})"


def of_shape(of: Callable[..., Shape]) -> Callable[..., tuple[str]]:
    """The backward of a new shape: the old one."""

    def written(x: Shape, *statics: Any) -> tuple[str]:
        if not of(x, *statics):
            return (f"ones({text(x)})" if x else "1",)
        return (f"reshape(g, {text(x)})" if x else "sum(g)",)

    return written


# Turning


def has(dim: int) -> Callable[[Shape], Shape]:
    """The same shape, if it has such a dimension."""

    def same(x: Shape) -> Shape:
        place(x, dim)
        return x

    return same


def flipped(x: Shape, dims: Any) -> str:
    """Some dimensions backwards."""
    chosen = shapes.dims(x, dims)
    return f"x[{', '.join('::-1' if i in chosen else ':' for i in range(len(x)))}]" if chosen else "x"


def rolls(x: Shape, shifts: Any, dims: Any) -> list[tuple[int, int]]:
    """By how much each dimension is rolled."""
    come, along = numbers(shifts), numbers(dims)
    if len(come) == 1 and len(along) > 1:
        come *= len(along)
    if len(come) != len(along):
        raise ShapeError(f"{len(come)} shifts along {len(along)} dimensions")
    found: dict[int, int] = {}
    for shift, dim in zip(come, along):
        found[place(x, dim)] = found.get(place(x, dim), 0) + shift
    return [(shift % x[dim], dim) for dim, shift in found.items()]


def rolled_shape(x: Shape, shifts: Any, dims: Any) -> Shape:
    """The same shape, if there are such dimensions."""
    if dims is not None:
        rolls(x, shifts, dims)
    elif len(numbers(shifts)) > 1:
        raise ShapeError("several shifts are along as many dimensions: dims=[0, 1]")
    return x


def rolled(x: Shape, shifts: Any, dims: Any) -> str:
    """The last entries before the others."""
    if dims is None:
        return f"reshape(roll(reshape(x, -1), {numbers(shifts)[0]}, 0), {', '.join(map(str, x))})" if x else "x"
    found = [(shift, dim) for shift, dim in rolls(x, shifts, dims) if shift]
    if not found:
        return "x"
    inner = "x"
    for shift, dim in found[:-1]:
        inner = f"roll({inner}, {shift}, {dim})"
    shift, dim = found[-1]
    if inner != "x":
        return f"roll({inner}, {shift}, {dim})"
    return f"cat([x{at(dim, f'-{shift}:')}, x{at(dim, f':-{shift}')}], {dim})"


def rolled_back(x: Shape, shifts: Any, dims: Any) -> tuple[str]:
    """Rolled the other way."""
    if not x:
        return ("1",)
    back = [-one for one in numbers(shifts)]
    along = None if dims is None else text(numbers(dims))
    return (f"roll(g, {text(back) if len(back) > 1 else back[0]}, {along})",)


def turned_shape(x: Shape, k: int, dims: Any) -> Shape:
    """The shape of a rotation by right angles."""
    a, b = plane(x, dims)
    found = list(x)
    if k % 2:
        found[a], found[b] = found[b], found[a]
    return tuple(found)


def plane(x: Shape, dims: Any) -> tuple[int, int]:
    """The two dimensions that a rotation turns: from the first towards the second."""
    found = tuple(place(x, one) for one in (numbers(dims) if dims is not None else (0, 1)))
    if len(found) != CORNERS or found[0] == found[1]:
        raise ShapeError("a rotation turns two dimensions")
    return found[0], found[1]


def turned(x: Shape, k: int, dims: Any) -> str:
    """A rotation by right angles."""
    a, b = plane(x, dims)
    return ("x", f"swapaxes(flip(x, {b}), {a}, {b})", f"flip(x, [{a}, {b}])", f"flip(swapaxes(x, {a}, {b}), {b})")[
        k % 4
    ]


def turned_back(x: Shape, k: int, dims: Any) -> tuple[str]:
    """Turned the other way."""
    return (f"rot90(g, {-k}, {text(plane(x, dims))})",)


# Triangles


def triangle_shape(x: Shape, diagonal: int) -> Shape:
    """The same shape, of matrices."""
    if len(x) < 2:
        raise ShapeError("a matrix is expected, or several of them")
    return x


def triangle(lower: bool) -> Callable[..., PlaceRule]:
    """That of the entries on one side of a diagonal, the others 0."""

    def rule(x: Shape, diagonal: int) -> PlaceRule:
        def inside(here: Any, sizes: Any, given: Any) -> tuple[Any, ...]:
            i, j = here[-2], here[-1]
            return (j <= i + diagonal,) if lower else (j >= i + diagonal,)

        return PlaceRule(lambda here, *_: tuple(here), sizes=lambda given: given[0], inside=inside)

    return rule
