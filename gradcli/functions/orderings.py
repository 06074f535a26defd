"""Entries in order: sorted, the largest ones, quantiles and medians of even counts."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from gradcli.functions import entries, shapes
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape, ShapeError


def _listed(sizes: Any) -> str:
    return ", ".join(map(str, sizes))


def _sorted_back(x: Shape, dim: int) -> tuple[str]:
    """To the entries that stand in the result; those that tie share what flows to them."""
    if not x:
        return ("1",)
    (place,) = shapes.dims(x, dim)
    before, size, after = x[:place], x[place], x[place + 1 :]
    row, column = (_listed((*before, *two, *after)) for two in ((1, size), (size, 1)))
    here = f"where(reshape(x, {row}) == reshape(sorted(x, {dim}), {column}), 1, 0)"
    return (f"sum(reshape(g, {column})*{here}/sum({here}, {place + 1}, True), {place})",)


def _sort_back(x: Shape, dim: int, descending: bool) -> tuple[str]:
    (text,) = _sorted_back(x, dim)
    return (text.replace(f"sorted(x, {dim})", f"sort(x, {dim}, True)") if descending else text,)


def at(place: int, sub: str) -> str:
    """An index along one dimension."""
    return f"[{':, ' * place}{sub}]"


def _along(x: Shape, dim: Any, least: int = 1) -> int:
    """The dimension, which has so many entries at least."""
    if isinstance(dim, tuple):
        raise ShapeError("one dimension is expected")
    if not x:
        raise ShapeError("a number has no order: a vector is expected")
    (place,) = shapes.dims(x, dim)
    if x[place] < least:
        raise ShapeError(f"there are {x[place]} entries along this dimension, and {least} are asked for")
    return place


# kthvalue, topk


def kth_shape(x: Shape, k: int, dim: int, keepdim: bool) -> Shape:
    """That of the k-th smallest entries."""
    if k < 1:
        raise ShapeError("k is a whole number from 1")
    return shapes.reduced(x, _along(x, dim, k), keepdim)


def _kth(x: Shape, k: int, dim: int, keepdim: bool) -> str:
    place = _along(x, dim)
    return f"sorted(x, {place}){at(place, f'{k - 1}:{k}' if keepdim else str(k - 1))}"


def _kth_back(x: Shape, k: int, dim: int, keepdim: bool) -> tuple[str]:
    place = _along(x, dim)
    kept = _listed(shapes.reduced(x, place, True))
    here = f"where(x == kthvalue(x, {k}, {place}, True), 1, 0)"
    return (
        (f"reshape(g, {kept})*{here}/sum({here}, {place}, True)",)
        if kth_shape(x, k, dim, keepdim)
        else (f"{here}/sum({here})",)
    )


def top_shape(x: Shape, k: int, dim: int, largest: bool) -> Shape:
    """That of the k largest entries."""
    if k < 1:
        raise ShapeError("k is a whole number from 1")
    place = _along(x, dim, k)
    return (*x[:place], k, *x[place + 1 :])


def _top(x: Shape, k: int, dim: int, largest: bool) -> str:
    place = _along(x, dim)
    return f"sort(x, {place}, {largest}){at(place, f':{k}')}"


def _top_back(x: Shape, k: int, dim: int, largest: bool) -> tuple[str]:
    place = _along(x, dim)
    before, size, after = x[:place], x[place], x[place + 1 :]
    row, column = (_listed((*before, *two, *after)) for two in ((1, size), (k, 1)))
    here = f"where(reshape(x, {row}) == reshape(topk(x, {k}, {place}, {largest}), {column}), 1, 0)"
    return (f"sum(reshape(g, {column})*{here}/sum({here}, {place + 1}, True), {place})",)


# Quantiles


def _position(count: int, q: Any) -> tuple[int, Fraction]:
    """Where a quantile lies among so many entries in order: the one below, and how far to the next one."""
    exact = Fraction(q) * (count - 1)
    below = min(math.floor(exact), count - 1)
    return below, exact - below


def _quantile_shape(x: Shape, q: Any, dim: Any, keepdim: bool) -> Shape:
    if isinstance(q, tuple):
        raise ShapeError("one quantile is expected: ask for each by itself")
    if not 0 <= q <= 1:
        raise ShapeError("a quantile is a number from 0 to 1")
    if not x:
        raise ShapeError("a number has no order: a vector is expected")
    return shapes.reduced(x, dim if dim is None else _along(x, dim), keepdim)


def _quantile(x: Shape, q: Any, dim: Any, keepdim: bool) -> str:
    whole = x if dim is not None else (math.prod(x),)
    place = _along(x, dim) if dim is not None else 0
    row = "x" if len(x) == 1 or dim is not None else "flatten(x)"
    below, weight = _position(whole[place], q)
    ranks = [(1 - weight, below), (weight, below + 1)]
    kept = ", True" if keepdim and dim is not None else ""
    parts = [
        f"{'' if part == 1 else f'({part})*'}kthvalue({row}, {rank + 1}, {place}{kept})" for part, rank in ranks if part
    ]
    text = " + ".join(parts)
    return f"reshape({text}, {_listed(1 for _ in x)})" if keepdim and dim is None and len(x) > 0 else text


def _quantile_back(x: Shape, q: Any, dim: Any, keepdim: bool) -> tuple[str]:
    """That of the one or two entries that it is made of."""
    shape = _quantile_shape(x, q, dim, keepdim)
    place = _along(x, dim) if dim is not None else 0
    count = x[place] if dim is not None else math.prod(x)
    below, weight = _position(count, q)
    texts = []
    for part, rank in ((1 - weight, below), (weight, below + 1)):
        if not part:
            continue
        kth = f"kthvalue(x, {rank + 1}, {place}, True)" if dim is not None else f"kthvalue(flatten(x), {rank + 1}, 0)"
        here = f"where(x == {kth}, 1, 0)"
        share = f"{here}/sum({here}{f', {place}, True' if dim is not None else ''})"
        texts.append(share if part == 1 else f"({part})*{share}")
    text = " + ".join(texts)
    if not shape:
        return (text,)
    g = "g" if keepdim else f"reshape(g, {_listed(shapes.reduced(x, dim, True))})"
    return (f"{g}*({text})",)


def _middle_shape(x: Shape, dim: Any, keepdim: bool) -> Shape:
    return _quantile_shape(x, Fraction(1, 2), dim, keepdim)


def _values(name: str) -> Any:
    """torch's function without the indices that it gives, too."""

    def call(x: Any, *statics: Any) -> Any:
        return getattr(x, name)(*statics)[0]

    return call


def _torch_quantile(x: Any, q: Any, dim: Any, keepdim: bool) -> Any:
    found = x.quantile(float(q), dim=dim, keepdim=keepdim and dim is not None)
    return found.reshape([1] * x.dim()) if keepdim and dim is None else found


OVER = ("dim", "keepdim")

# fmt: off
ORDERINGS = (
    Row("sorted", "x, dim=-1", "the entries in ascending order along a dimension, the last one",
        torch=_values("sort"), statics=("dim",), shape=shapes.along, entry=entries.running("sorted"), vjp=_sorted_back,
        example="sorted(x)[0] at x=[2,1,5]"),
    Row("sort", "x, dim=-1, descending=False", "the entries in ascending order along a dimension, or in descending"
        " order; the values alone, of torch.sort they are `.values` or `[0]`",
        definition=lambda x, dim, descending: f"-sorted(-x, {dim})" if descending else f"sorted(x, {dim})",
        torch=_values("sort"), statics=("dim", "descending"), shape=lambda x, dim, descending: shapes.along(x, dim),
        vjp=_sort_back, libraries="np", example="sort(x)[2] at x=[2,1,5]"),
    Row("msort", "x", "the entries in ascending order along the first dimension",
        definition="sorted(x, 0)", torch=lambda x: x.msort(), shape=lambda x: shapes.along(x, 0),
        vjp=lambda x: _sorted_back(x, 0), libraries="torch", example="msort(x)[0] at x=[2,1,5]"),
    Row("kthvalue", "x, k, dim=-1, keepdim=False", "the k-th smallest entry along a dimension, counted from 1",
        definition=_kth, torch=_values("kthvalue"), statics=("k", *OVER), shape=kth_shape, vjp=_kth_back,
        example="kthvalue(x, 2) at x=[2,1,5]"),
    Row("topk", "x, k, dim=-1, largest=True", "the k largest entries along a dimension, or the smallest, in order",
        definition=_top, torch=_values("topk"), statics=("k", "dim", "largest"), shape=top_shape, vjp=_top_back,
        example="sum(topk(x, 2)**2) at x=[2,1,5]"),
    Row("quantile", "x, q, dim=None, keepdim=False",
        "what a part q of the entries lies below, between two of them linearly, as in torch and NumPy",
        definition=_quantile, torch=_torch_quantile, statics=("q", *OVER), shape=_quantile_shape, vjp=_quantile_back,
        libraries="torch np", example="quantile(x, 0.25) at x=[2,1,5]"),
    Row("middle", "x, dim=None, keepdim=False",
        "the median of NumPy: the entry in the middle, of an even number the mean of two",
        definition=lambda x, dim, keepdim: _quantile(x, Fraction(1, 2), dim, keepdim),
        torch=lambda x, dim, keepdim: _torch_quantile(x, Fraction(1, 2), dim, keepdim), statics=OVER,
        shape=_middle_shape, vjp=lambda x, dim, keepdim: _quantile_back(x, Fraction(1, 2), dim, keepdim),
        libraries="np:median", example="middle(x) at x=[2,1,5,9]"),
)
# fmt: on
