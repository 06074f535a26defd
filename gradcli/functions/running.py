"""Folds of the first entries along a dimension: products, largest and smallest ones, and logarithms of sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions import entries, shapes
from gradcli.functions.row import Kink, Row
from gradcli.functions.shapes import Shape


def _from_here(text: str, dim: int) -> str:
    """The sums of the last entries of a text."""
    return f"sum({text}, {dim}, True) - cumsum({text}, {dim}) + {text}"


def _by_products(x: Shape, dim: int) -> tuple[str]:
    """What flows to an entry from each product that it is in, but for entries of 0."""
    return (f"({_from_here(f'g*cumprod(x, {dim})', dim)})/x",) if x else ("1",)


def _by_sums(x: Shape, dim: int) -> tuple[str]:
    return (f"exp(x)*({_from_here(f'g*exp(-logcumsumexp(x, {dim}))', dim)})",) if x else ("1",)


def _by_extremes(name: str) -> Callable[..., tuple[str]]:
    """What flows to the entries that are the extreme of the first ones; those that tie share it."""

    def texts(x: Shape, dim: int) -> tuple[str]:
        if not x:
            return ("1",)
        (place,) = shapes.dims(x, dim)
        before, size, after = x[:place], x[place], x[place + 1 :]
        row, column = (_listed((*before, *two, *after)) for two in ((1, size), (size, 1)))
        numbers = [_listed((*(1 for _ in before), *two, *(1 for _ in after))) for two in ((1, size), (size, 1))]
        first = f"reshape(arange({size}), {numbers[0]}) <= reshape(arange({size}), {numbers[1]})"
        is_it = f"reshape(x, {row}) == reshape({name}(x, {dim}), {column})"
        here = f"where({is_it} and {first}, 1, 0)"
        return (f"sum(reshape(g, {column})*{here}/sum({here}, {place + 1}, True), {place})",)

    return texts


def _listed(sizes: Shape) -> str:
    return ", ".join(map(str, sizes))


def _values(name: str) -> Callable[..., Any]:
    """torch's function without the indices that it gives, too."""

    def call(x: Any, dim: int) -> Any:
        return getattr(x, name)(dim).values

    return call


TIES = Kink("corner", "x=[1,1]", "an entry that ties with the extreme of those before it")

# fmt: off
RUNNING = (
    Row("cumprod", "x, dim=0", "the products of the first entries along a dimension",
        torch=lambda x, dim: x.cumprod(dim), statics=("dim",), shape=shapes.along, entry=entries.running("*"),
        vjp=_by_products, libraries="torch", example="cumprod(x)[2] at x=[2,3,5]"),
    Row("cummax", "x, dim=0",
        "the largest of the first entries along a dimension; where some tie, autograd takes the last one of them; of"
        " torch's own they are `.values` or `[0]`",
        torch=_values("cummax"), statics=("dim",), shape=shapes.along, entry=entries.running("max"),
        vjp=_by_extremes("cummax"), kinks=(TIES,),
        example="sum(cummax(x)) at x=[2,1,5]"),
    Row("cummin", "x, dim=0",
        "the smallest of the first entries along a dimension; where some tie, autograd takes the last one of them; of"
        " torch's own they are `.values` or `[0]`",
        torch=_values("cummin"), statics=("dim",), shape=shapes.along, entry=entries.running("min"),
        vjp=_by_extremes("cummin"), kinks=(TIES,),
        example="sum(cummin(x)) at x=[2,3,1]"),
    Row("logcumsumexp", "x, dim=0", "the logarithms of the sums of the first exponentials along a dimension",
        definition="log(cumsum(exp(x), dim))", torch=lambda x, dim: x.logcumsumexp(dim), statics=("dim",),
        shape=shapes.along, vjp=_by_sums, libraries="torch", example="logcumsumexp(x)[1] at x=[1,2,3]"),
)
# fmt: on
