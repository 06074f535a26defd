"""Reductions of tensors: sums, means, norms and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gradcli.functions import backward, entries, shapes
from gradcli.functions.row import Kink, Row


def _over(name: str, *between: Any) -> Callable[..., Any]:
    """A method of a tensor with `dim` and `keepdim`, or over all entries where neither is given."""

    def call(x: Any, dim: Any, keepdim: bool) -> Any:
        if dim is None and not keepdim:
            return getattr(x, name)(*between)
        return getattr(x, name)(*between, dim=_all(x) if dim is None else dim, keepdim=keepdim)

    return call


def _all(x: Any) -> tuple[int, ...]:
    return tuple(range(x.dim()))


def _each(name: str) -> Callable[..., Any]:
    """A method that takes one dimension at a time."""

    def call(x: Any, dim: Any, keepdim: bool) -> Any:
        if dim is None and not keepdim:
            return getattr(x, name)()
        for place in sorted(shapes.dims(tuple(x.shape), dim), reverse=True):
            x = getattr(x, name)(dim=place, keepdim=keepdim)
        return x

    return call


def _spread(name: str) -> Callable[..., Any]:
    """Variance and standard deviation, by their correction of the count."""

    def call(x: Any, dim: Any, correction: int, keepdim: bool) -> Any:
        dims = _all(x) if dim is None else dim
        return getattr(x, name)(dim=dims, correction=float(correction), keepdim=keepdim)

    return call


def _logsumexp(x: Any, dim: Any, keepdim: bool) -> Any:
    return x.logsumexp(dim=_all(x) if dim is None else dim, keepdim=keepdim)


def _reduced(x: shapes.Shape, dim: Any, keepdim: bool) -> shapes.Shape:
    return shapes.reduced(x, dim, keepdim)


def _spread_shape(x: shapes.Shape, dim: Any, correction: Any, keepdim: bool) -> shapes.Shape:
    count = 1
    for place in shapes.dims(x, dim):
        count *= x[place]
    if count <= correction:
        raise shapes.ShapeError(f"{count} entries are too few: the sum is divided by {count} - {correction}")
    return shapes.reduced(x, dim, keepdim)


def _median(x: Any, dim: Any, keepdim: bool) -> Any:
    if dim is None:
        return x.median().reshape([1] * x.dim()) if keepdim else x.median()
    return x.median(dim=dim, keepdim=keepdim).values


def _one_dimension(x: shapes.Shape, dim: Any, keepdim: bool) -> shapes.Shape:
    if not isinstance(dim, int):
        raise shapes.ShapeError("it goes along one dimension; amax and amin take several")
    return shapes.reduced(x, dim, keepdim)


def _place(name: str) -> Callable[..., Any]:
    """Where the extreme entries stand, as numbers of the tensor's type."""
    return lambda x, dim, keepdim: getattr(x, name)(dim=dim, keepdim=keepdim).indices.to(x.dtype)


def _first_place(name: str) -> Callable[..., str]:
    """The definition: of each place the number, where it is the first that has the extreme."""

    def written(x: shapes.Shape, dim: int, keepdim: bool) -> str:
        (place,) = shapes.dims(x, dim) if x else (0,)
        if not x:
            return "0*x"
        sizes = [1] * len(x)
        sizes[place] = x[place]
        numbers = f"reshape(arange({x[place]}), {', '.join(map(str, sizes))})"
        return f"sum({backward.first(name, dim)}*{numbers}, dim, keepdim)"

    return written


def _median_shape(x: shapes.Shape, dim: Any, keepdim: bool) -> shapes.Shape:
    if isinstance(dim, tuple):
        raise shapes.ShapeError("a median is one of all entries, or along one dimension")
    return shapes.reduced(x, dim, keepdim)


def _count(x: shapes.Shape, dim: Any) -> float:
    return float(math.prod(x[place] for place in shapes.dims(x, dim)))


OVER = ("dim", "keepdim")

# fmt: off
REDUCTIONS = (
    Row("sum", "x, dim=None, keepdim=False", "the sum of all entries, or along some dimensions",
        torch=_over("sum"), statics=OVER, shape=_reduced, entry=entries.reduced("+"), vjp=backward.sums,
        masked="sum(where(c, x, 0))", libraries="torch np", example="sum(x**2) at x=[1,2,3]"),
    Row("mean", "x, dim=None, keepdim=False", "the mean of all entries, or along some dimensions",
        definition="sum(x, dim, keepdim)/count(x, dim)",
        masked="sum(where(c, x, 0))/sum(where(c, 1, 0))",
        torch=_over("mean"), statics=OVER, shape=_reduced, vjp=backward.mean, libraries="torch np",
        example="mean(x**2) at x=[1,2,3]"),
    Row("prod", "x, dim=None, keepdim=False", "the product of all entries, or along some dimensions",
        masked="prod(where(c, x, 1))", torch=_each("prod"), statics=OVER, shape=_reduced,
        entry=entries.reduced("*"), vjp=backward.reduction("{g}prod(x{over})/x"), libraries="torch np",
        example="prod(x) at x=[2,3,5]"),
    Row("amax", "x, dim=None, keepdim=False",
        "the largest entry; `max(x)` is the same; where some tie, autograd shares the derivative among them",
        torch=_over("amax"), statics=OVER, shape=_reduced, entry=entries.reduced("max"),
        vjp=backward.extreme("amax"), libraries="torch np np:max",
        example="max(x) at x=[1,5,2]"),
    Row("amin", "x, dim=None, keepdim=False",
        "the smallest entry; `min(x)` is the same; where some tie, autograd shares the derivative among them",
        torch=_over("amin"), statics=OVER, shape=_reduced, entry=entries.reduced("min"),
        vjp=backward.extreme("amin"), libraries="torch np np:min",
        example="min(x) at x=[4,5,2]"),
    Row("max_values", "x, dim, keepdim=False",
        "the largest entries along a dimension, the first value of `values, indices = torch.max(x, dim)`; where some"
        " tie, autograd gives all of the derivative to the first",
        definition="amax(x, dim, keepdim)", torch=lambda x, dim, keepdim: x.max(dim=dim, keepdim=keepdim).values,
        statics=OVER, shape=_one_dimension, vjp=backward.first_extreme("amax"),
        example="max_values(x, 0) at x=[1,5,2]"),
    Row("min_values", "x, dim, keepdim=False",
        "the smallest entries along a dimension, the first value of `values, indices = torch.min(x, dim)`; where some"
        " tie, autograd gives all of the derivative to the first",
        definition="amin(x, dim, keepdim)", torch=lambda x, dim, keepdim: x.min(dim=dim, keepdim=keepdim).values,
        statics=OVER, shape=_one_dimension, vjp=backward.first_extreme("amin"),
        example="min_values(x, 0) at x=[1,5,2]"),
    Row("median", "x, dim=None, keepdim=False",
        "the entry in the middle, of an even number the lower one of two, as in torch; of all entries, or along one"
        " dimension",
        torch=_median, statics=OVER, shape=_median_shape, entry=entries.reduced("median"), vjp=backward.median,
        libraries="torch",
        example="median(x) at x=[1,5,2]"),
    Row("median_values", "x, dim, keepdim=False",
        "the entries in the middle along a dimension, the first value of `values, indices = torch.median(x, dim)`",
        definition="median(x, dim, keepdim)", torch=lambda x, dim, keepdim: x.median(dim=dim, keepdim=keepdim).values,
        statics=OVER, shape=_one_dimension, vjp=backward.median, example="median_values(x, 0) at x=[1,5,2]"),
    Row("median_indices", "x, dim, keepdim=False",
        "where the entries in the middle along a dimension stand: a constant",
        definition=_first_place("median"), torch=_place("median"), statics=OVER, shape=_one_dimension, vjp=("0",),
        note="there is no formula for it"),
    Row("var", "x, dim=None, correction=1, keepdim=False",
        "the variance; the sum of squares is divided by the count minus `correction`: 1 as in torch, where NumPy has 0",
        definition="sum((x - mean(x, dim, True))**2, dim, keepdim)/(count(x, dim) - correction)",
        torch=_spread("var"), statics=("dim", "correction", "keepdim"), shape=_spread_shape,
        vjp=backward.spread("{g}2*(x - mean(x{over}))/{n}"), libraries="torch",
        example="var(x) at x=[1,5,2]"),
    Row("std", "x, dim=None, correction=1, keepdim=False", "the standard deviation, the root of `var`",
        definition="sqrt(var(x, dim, correction, keepdim))",
        torch=_spread("std"), statics=("dim", "correction", "keepdim"), shape=_spread_shape,
        vjp=backward.spread("{g}(x - mean(x{over}))/({n}*std(x{spread}))"), libraries="torch",
        kinks=(Kink("corner", "x=[1,1]", "entries that are all equal"),), example="std(x) at x=[1,5,2]"),
    Row("logsumexp", "x, dim=None, keepdim=False", "the logarithm of the sum of the exponentials",
        definition="log(sum(exp(x), dim, keepdim))", torch=_logsumexp, statics=OVER, shape=_reduced,
        vjp=backward.logsumexp,
        libraries="torch special:logsumexp scipy:logsumexp", example="logsumexp(x) at x=[1,2,3]"),
    Row("cumsum", "x, dim=0", "the sums of the first entries along a dimension",
        torch=lambda x, dim: x.cumsum(dim), statics=("dim",), shape=shapes.along, entry=entries.running("+"),
        vjp=backward.cumsum, libraries="torch", example="cumsum(x)[2] at x=[1,2,3]"),
    Row("count", "x, dim=None", "how many entries there are, or are reduced along some dimensions",
        masked="sum(where(c, 1, 0))", torch=lambda x, dim: x.new_tensor(_count(tuple(x.shape), dim)), statics=("dim",),
        shape=lambda x, dim: shapes.dims(x, dim) and (), entry=entries.counted, vjp=("0",),
        aliases=("numel",), libraries="torch:numel np:size",
        example="sum(x)/count(x) at x=[1,2,3]"),
)

NORMALIZED = (
    Row("softmax", "x, dim=-1", "exponentials divided by their sum along a dimension, the last one",
        definition="exp(x)/sum(exp(x), dim, True)", torch=lambda x, dim: x.softmax(dim), statics=("dim",),
        shape=shapes.along, vjp=backward.normalized("softmax(x{dim})*(g - sum(g*softmax(x{dim}){over}))"),
        libraries="torch F special:softmax", example="softmax(x)[0] at x=[1,2,3]"),
    Row("log_softmax", "x, dim=-1", "the logarithm of `softmax`",
        definition="x - logsumexp(x, dim, True)", torch=lambda x, dim: x.log_softmax(dim), statics=("dim",),
        shape=shapes.along, vjp=backward.normalized("g - softmax(x{dim})*sum(g{over})"),
        libraries="torch F special:log_softmax", example="log_softmax(x)[0] at x=[1,2,3]"),
    Row("softmin", "x, dim=-1", "`softmax` of the negative",
        definition="softmax(-x, dim)", torch=lambda x, dim: (-x).softmax(dim), statics=("dim",),
        shape=shapes.along, vjp=backward.normalized("softmin(x{dim})*(sum(g*softmin(x{dim}){over}) - g)"),
        libraries="F", example="softmin(x)[0] at x=[1,2,3]"),
)
# fmt: on
