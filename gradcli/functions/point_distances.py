"""Distances of points."""

from __future__ import annotations

from typing import Any

from gradcli.functions import backward, shapes
from gradcli.functions.contractions import reshaped
from gradcli.functions.row import Kink, Row
from gradcli.functions.shapes import Shape, ShapeError


def _cdist_shape(x: Shape, y: Shape, p: Any) -> Shape:
    if len(x) < 2 or len(y) < 2:
        raise ShapeError("two lists of points are expected, one in a row")
    if x[-1] != y[-1]:
        raise ShapeError(f"the points have {x[-1]} and {y[-1]} coordinates")
    if p == "-inf" or (p is not None and p <= 0):
        raise ShapeError("a distance has a p above 0")
    return (*shapes.broadcast(x[:-2], y[:-2]), x[-2], y[-2])


def _differences(x: Shape, y: Shape) -> str:
    """Of each point of the one to each of the other, along the last dimension."""
    left = ", ".join(map(str, (*x[:-1], 1, x[-1])))
    right = ", ".join(map(str, (*y[:-2], 1, *y[-2:])))
    return f"reshape(x, {left}) - reshape(y, {right})"


def _order(p: Any) -> str:
    return "inf" if p is None else str(p) if isinstance(p, int) else f"({p})"


def _cdist(x: Shape, y: Shape, p: Any) -> str:
    return f"norm({_differences(x, y)}, {_order(p)}, {max(len(x), len(y))})"


def _cdist_backward(x: Shape, y: Shape, p: Any) -> tuple[str, str]:
    """That of the norm of the differences, which is 0 where two points coincide."""
    shape, last = _cdist_shape(x, y, p), max(len(x), len(y))
    d = _differences(x, y)
    whole = (*shape, x[-1])
    g, r = (f"reshape({name}, {', '.join(map(str, shape))}, 1)" for name in ("g", _called_cdist(p)))
    if p is None:
        here = f"where(abs({d}) == {r}, 1, 0)"
        slope = f"sign({d})*{here}/sum({here}, {last}, True)"
    elif p == 1:
        slope = f"sign({d})"
    elif p == 2:
        slope = f"where({r} > 0, ({d})/({r}), 0)"
    else:
        slope = f"where({r} > 0, sign({d})*abs({d})**({p} - 1)/({r})**({p} - 1), 0)"
    by_x = backward.summed(f"{g}*{slope}", whole, (*x[:-1], 1, x[-1]))
    by_y = backward.summed(f"-{g}*{slope}", whole, (*y[:-2], 1, *y[-2:]))
    return reshaped(by_x, (*x[:-1], 1, x[-1]), x), reshaped(by_y, (*y[:-2], 1, *y[-2:]), y)


def _called_cdist(p: Any) -> str:
    return "cdist(x, y)" if p == 2 else f"cdist(x, y, {_order(p)})"


def _torch_cdist(x: Any, y: Any, p: Any) -> Any:
    import torch

    return torch.cdist(x, y, p=float("inf") if p is None else float(p))


# fmt: off
POINT_DISTANCES = (
    Row("cdist", "x, y, p=2",
        "the distances of each point of the one list to each of the other, points in rows, in the p-norm",
        definition=_cdist, torch=_torch_cdist, statics=("p",), words={"p": ("-inf",)}, shape=_cdist_shape,
        vjp=_cdist_backward,
        kinks=(Kink("corner", "x=[[1,2]],y=[[1,2]]", "points that coincide"),),
        libraries="torch", example="sum(cdist(x, y)) at x=[[0,0],[1,2]],y=[[3,4]]"),
)
# fmt: on
