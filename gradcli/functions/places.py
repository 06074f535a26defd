"""Where entries stand: indices, which are whole numbers; through them no derivative passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions import entries, shapes
from gradcli.functions.orderings import at, kth_shape, top_shape
from gradcli.functions.row import Kink, Row
from gradcli.functions.shapes import Shape, ShapeError


def _one_dim(x: Shape, dim: Any, keepdim: bool) -> Shape:
    if isinstance(dim, tuple):
        raise ShapeError("one dimension is expected, or none for all entries in order")
    return shapes.reduced(x, dim, keepdim)


def _along(x: Shape, dim: int) -> Shape:
    if not x:
        raise ShapeError("a number has no order: a vector is expected")
    return shapes.along(x, dim)


def _extreme(name: str) -> Callable[..., Any]:
    def call(x: Any, dim: Any, keepdim: bool) -> Any:
        return getattr(x, name)(dim=dim, keepdim=keepdim).to(x.dtype)

    return call


def _indices(name: str) -> Callable[..., Any]:
    """The second value of torch's function."""

    def call(x: Any, *statics: Any) -> Any:
        return getattr(x, name)(*statics)[1].to(x.dtype)

    return call


def _ordered(descending: bool) -> str:
    return "-x" if descending else "x"


def _kth(x: Shape, k: int, dim: int, keepdim: bool) -> str:
    place = dim % len(x)
    return f"argsorted(x, {place}){at(place, f'{k - 1}:{k}' if keepdim else str(k - 1))}"


def _top(x: Shape, k: int, dim: int, largest: bool) -> str:
    place = dim % len(x)
    return f"argsorted({_ordered(largest)}, {place}){at(place, f':{k}')}"


JUMP = Kink("jump", "x=[1,1]", "entries that tie")
NOTE = "a constant: no derivative passes through it"
OVER = ("dim", "keepdim")

# fmt: off
PLACES = (
    Row("argmax", "x, dim=None, keepdim=False",
        "where the largest entry stands, counted from 0: along a dimension, or among all in order; of several the"
        " first",
        torch=_extreme("argmax"), statics=OVER, shape=_one_dim, entry=entries.reduced("argmax"), vjp=("0",),
        counts=True, kinks=(JUMP,), note=NOTE, libraries="torch np", example="argmax(x)*x[0] at x=[2,1,5]"),
    Row("argmin", "x, dim=None, keepdim=False",
        "where the smallest entry stands, counted from 0: along a dimension, or among all in order; of several the"
        " first",
        torch=_extreme("argmin"), statics=OVER, shape=_one_dim, entry=entries.reduced("argmin"), vjp=("0",),
        counts=True, kinks=(JUMP,), note=NOTE, libraries="torch np", example="argmin(x)*x[0] at x=[2,1,5]"),
    Row("argsorted", "x, dim=-1", "where the entries in ascending order stand along a dimension, counted from 0",
        torch=lambda x, dim: x.argsort(dim=dim, stable=True).to(x.dtype), statics=("dim",), shape=_along,
        entry=entries.running("argsorted"), vjp=("0",), counts=True, note=NOTE,
        example="argsorted(x)@x at x=[2,1,5]"),
    Row("argsort", "x, dim=-1, descending=False",
        "where the entries in ascending order, or in descending order, stand along a dimension, counted from 0",
        definition=lambda x, dim, descending: f"argsorted({_ordered(descending)}, {dim})",
        torch=lambda x, dim, descending: x.argsort(dim=dim, descending=descending, stable=True).to(x.dtype),
        statics=("dim", "descending"), shape=lambda x, dim, descending: _along(x, dim), vjp=("0",), counts=True,
        note=NOTE, libraries="torch np", example="argsort(x)@x at x=[2,1,5]"),
    Row("kthvalue_indices", "x, k, dim=-1, keepdim=False", "where the entry stands that `kthvalue` is",
        definition=_kth, torch=_indices("kthvalue"), statics=("k", *OVER), shape=kth_shape, vjp=("0",), counts=True,
        note=NOTE, example="kthvalue_indices(x, 2)*x[0] at x=[2,1,5]"),
    Row("topk_indices", "x, k, dim=-1, largest=True", "where the entries stand that `topk` has",
        definition=_top, torch=_indices("topk"), statics=("k", "dim", "largest"), shape=top_shape, vjp=("0",),
        counts=True, note=NOTE, example="topk_indices(x, 2)@x[:2] at x=[2,1,5]"),
)
# fmt: on
