"""Backwards of rows for tensors, in the language: each from the shapes of the arguments, then the statics."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from gradcli.functions import entries, equations, rearranging, shapes


def _kept(x: shapes.Shape, dim: Any, keepdim: bool) -> tuple[str, str]:
    """Of a reduction: what the adjoint puts in front of a product, and the statics that keep its dimensions."""
    if not shapes.reduced(x, dim, keepdim):
        return "", ""
    gone = shapes.dims(x, dim)
    adjoint = (
        "g" if keepdim or gone == tuple(range(len(gone))) else f"reshape(g, {_listed(shapes.reduced(x, dim, True))})"
    )
    return f"{adjoint}*", f", {list(dim) if isinstance(dim, tuple) else dim}, True"


def _count(x: shapes.Shape, dim: Any) -> int:
    """How many entries become one."""
    return math.prod(x[place] for place in shapes.dims(x, dim))


def _listed(numbers: Any) -> str:
    return ", ".join(map(str, numbers))


def reduction(text: str) -> Callable[..., tuple[str]]:
    """The backward of a reduction: `{g}` stands in front, `{over}` reduces and keeps the dimensions."""

    def texts(x: shapes.Shape, dim: Any, keepdim: bool) -> tuple[str]:
        g, over = _kept(x, dim, keepdim)
        return (text.format(g=g, over=over),)

    return texts


def extreme(name: str) -> Callable[..., tuple[str]]:
    """The backward of an extreme: the entries that are it share the adjoint."""
    here = f"where(x == {name}(x{{over}}), 1, 0)"
    return reduction(f"{{g}}{here}/sum({here}{{over}})")


def first(name: str, dim: int) -> str:
    """1 at the first entry along a dimension that is the extreme, 0 elsewhere."""
    here = f"where(x == {name}(x, {dim}, True), 1, 0)"
    return f"{here}*where(cumsum({here}, {dim}) == 1, 1, 0)"


def first_extreme(name: str) -> Callable[..., tuple[str]]:
    """The backward of an extreme along a dimension, whose first entry has the adjoint."""

    def texts(x: shapes.Shape, dim: int, keepdim: bool) -> tuple[str]:
        g, _ = _kept(x, dim, keepdim)
        return (f"{g}{first(name, dim)}" if x else "1",)

    return texts


def sums(x: shapes.Shape, dim: Any, keepdim: bool) -> tuple[str]:
    return (_kept(x, dim, keepdim)[0][:-1] or "1",)


def mean(x: shapes.Shape, dim: Any, keepdim: bool) -> tuple[str]:
    return (f"{sums(x, dim, keepdim)[0]}/{_count(x, dim)}",)


def median(x: shapes.Shape, dim: Any, keepdim: bool) -> tuple[str]:
    """Of all entries those that tie share the adjoint; along a dimension torch takes one of them."""
    if dim is None:
        return extreme("median")(x, dim, keepdim)
    return reduction("{g}where(x == median(x{over}), 1, 0)")(x, dim, keepdim)


def spread(text: str) -> Callable[..., tuple[str]]:
    """The backward of var or std: `{n}` is what the sum of squares is divided by."""

    def texts(x: shapes.Shape, dim: Any, correction: int, keepdim: bool) -> tuple[str]:
        g, over = _kept(x, dim, keepdim)
        n = _count(x, dim) - correction
        spread = f", {over[2:].removesuffix('True')}{correction}, True" if over else f", None, {correction}"
        return (text.format(g=g, over=over, n=n, spread=spread if over or correction != 1 else ""),)

    return texts


def logsumexp(x: shapes.Shape, dim: Any, keepdim: bool) -> tuple[str]:
    if len(x) == 1 and not keepdim:
        return ("softmax(x)",)
    return reduction("{g}exp(x - logsumexp(x{over}))")(x, dim, keepdim)


def norm(x: shapes.Shape, p: Any, dim: Any, keepdim: bool) -> tuple[str]:
    g, over = _kept(x, dim, keepdim)
    if p is None or p == "-inf":
        here = f"where(abs(x) == {'amax' if p is None else 'amin'}(abs(x){over}), 1, 0)"
        return (f"{g}sign(x)*{here}/sum({here}{over})",)
    if p == 1:
        return (f"{g}sign(x)",)
    whole = f"norm(x, {p}{over})" if over or p != 2 else "norm(x)"
    return (f"{g}x/{whole}" if p == 2 else f"{g}sign(x)*abs(x)**({p} - 1)/{whole}**({p} - 1)",)


def cumsum(x: shapes.Shape, dim: int) -> tuple[str]:
    """The sums of the last entries."""
    if not x:
        return ("1",)
    return ("sum(g) - cumsum(g) + g" if len(x) == 1 else f"sum(g, {dim}, True) - cumsum(g, {dim}) + g",)


def normalized(text: str) -> Callable[..., tuple[str]]:
    """The backward along a dimension: `{dim}` stands in the row's own calls, `{over}` in those of `sum`."""

    def texts(x: shapes.Shape, dim: int) -> tuple[str]:
        if not x:
            return ("0",)
        return (text.format(dim="", over="") if len(x) == 1 else text.format(dim=f", {dim}", over=f", {dim}, True"),)

    return texts


def summed(text: str, shape: shapes.Shape, to: shapes.Shape) -> str:
    """A text of the language that is a tensor of a shape, summed over what one of the shape `to` was repeated along."""
    more = len(shape) - len(to)
    places = [i for i, size in enumerate(shape) if i < more or (to[i - more] == 1 and size != 1)]
    if not places:
        return text
    found = f"sum({text})" if len(places) == len(shape) else f"sum({text}, {places})"
    return f"reshape({found}, {', '.join(map(str, to))})" if len(places) != more and to else found


def broadcast(x: shapes.Shape, size: Any) -> tuple[str]:
    """The sum over the copies of each entry."""
    return (summed("g", rearranging.broadcast(x, size), x),)


def product(x: shapes.Shape, y: shapes.Shape, first: str = "x", second: str = "y") -> tuple[str, str]:
    if max(len(x), len(y)) > 2:
        by_x, by_y = equations.backward(entries.product(x, y), (x, y), (first, second))
        assert by_x is not None and by_y is not None  # two factors have few letters
        return by_x, by_y
    by_x = {(1, 1): "{1}", (2, 1): "outer(g, {1})", (1, 2): "{1}@g", (2, 2): "g@{1}.T"}[len(x), len(y)]
    by_y = {(1, 1): "{0}", (2, 1): "{0}.T@g", (1, 2): "outer({0}, g)", (2, 2): "{0}.T@g"}[len(x), len(y)]
    return by_x.format(first, second), by_y.format(first, second)


def diag(x: shapes.Shape) -> tuple[str]:
    if len(x) == 1 or x[0] == x[1]:
        return ("diag(g)",)
    return (f"diag(g)@eye({x[0]}, {x[1]})" if x[0] < x[1] else f"eye({x[0]}, {x[1]})@diag(g)",)


def solve(a: shapes.Shape, b: shapes.Shape) -> tuple[str, str]:
    by_a = "-outer(solve(a.T, g), solve(a, b))" if len(b) == 1 else "-solve(a.T, g)@solve(a, b).T"
    return by_a, "solve(a.T, g)"


def pinv(x: shapes.Shape) -> tuple[str]:
    """That of an inverse, and what it lacks in the direction that is longer (Golub and Pereyra 1973)."""
    square = "-pinv(x).T@g@pinv(x).T"
    if x[0] > x[1]:
        return (f"{square} + (eye({x[0]}) - x@pinv(x))@g.T@pinv(x)@pinv(x).T",)
    if x[0] < x[1]:
        return (f"{square} + pinv(x).T@pinv(x)@g.T@(eye({x[1]}) - pinv(x)@x)",)
    return (square,)


def reshaped(x: shapes.Shape, *statics: Any) -> tuple[str]:
    """The entries go back to their shape; those of a number to the only entry."""
    return (f"reshape(g, {', '.join(map(str, x))})" if x else "sum(g)",)


def stack(*given: Any) -> tuple[str, ...]:
    *parts, dim = given
    before = ":, " * (dim % (len(parts[0]) + 1))
    return tuple(f"g[{before}{i}]" for i in range(len(parts)))


def cat(*given: Any) -> tuple[str, ...]:
    *parts, dim = given
    place = dim % len(parts[0])
    starts = [sum(part[place] for part in parts[:i]) for i in range(len(parts) + 1)]
    return tuple(f"g[{':, ' * place}{start}:{stop}]" for start, stop in pairwise(starts))
