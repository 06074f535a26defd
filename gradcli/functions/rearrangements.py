"""Dimensions of tensors in another order, tensors turned, repeated and cut."""

from __future__ import annotations

from typing import Any

from gradcli.functions import backward, rearranging, repeating, shapes
from gradcli.functions.row import SAME, Row


def _unsqueeze(x: Any, dim: Any) -> Any:
    return x.reshape(rearranging.unsqueezed(tuple(x.shape), dim))


def _squeeze(x: Any, dim: Any) -> Any:
    return x.squeeze() if dim is None else x.squeeze(dim)


def _flip(x: Any, dims: Any) -> Any:
    return x.flip(shapes.dims(tuple(x.shape), dims))


def _roll(x: Any, shifts: Any, dims: Any) -> Any:
    if isinstance(shifts, int) and isinstance(dims, tuple):
        shifts = (shifts,) * len(dims)
    return x.roll(shifts) if dims is None else x.roll(shifts, dims)


def _repeat_interleave(x: Any, repeats: Any, dim: Any) -> Any:
    import torch

    times = repeats if isinstance(repeats, int) else torch.tensor(repeats, device=x.device)
    return x.repeat_interleave(times, dim)


# fmt: off
DIMENSIONS = (
    Row("unsqueeze", "x, dim", "a new dimension of one entry, as `x[:, None]` makes one; several with a list",
        definition=rearranging.as_shape(rearranging.unsqueezed), torch=_unsqueeze, statics=("dim",),
        shape=rearranging.unsqueezed, vjp=rearranging.of_shape(rearranging.unsqueezed), aliases=("expand_dims",),
        libraries="torch np:expand_dims", example="sum(unsqueeze(x, 1)*x) at x=[1,2]"),
    Row("squeeze", "x, dim=None", "without the dimensions of one entry, or without those among some",
        definition=rearranging.as_shape(rearranging.squeezed), torch=_squeeze, statics=("dim",),
        shape=rearranging.squeezed, vjp=rearranging.of_shape(rearranging.squeezed), libraries="torch np",
        example="sum(squeeze(x)**2) at x=[[1,2]]"),
    Row("broadcast_to", "x, size", "entries over and over, along dimensions of one entry and new ones in front",
        torch=lambda x, size: x.broadcast_to(rearranging.broadcast(tuple(x.shape), size)), statics=("size",),
        shape=rearranging.broadcast, entry=rearranging.broadcast_entry, vjp=backward.broadcast, libraries="torch np",
        example="sum(broadcast_to(x, [3, 2])*[[1, 2], [3, 4], [5, 6]]) at x=[1,2]"),
    Row("expand", "x, n, ...", "`broadcast_to` with the sizes one by one; -1 is the size that is there",
        definition=lambda x, *n: f"broadcast_to(x, {rearranging.text(rearranging.listed(n))})",
        torch=lambda x, *n: x.expand(rearranging.listed(n)), statics=("n",),
        shape=lambda x, *n: rearranging.broadcast(x, rearranging.listed(n)),
        vjp=lambda x, *n: backward.broadcast(x, rearranging.listed(n)), libraries="torch",
        example="sum(x.expand(3, 2)*[[1, 2], [3, 4], [5, 6]]) at x=[1,2]"),
    Row("permute", "x, dim, ...", "the dimensions in another order: `permute(x, 2, 0, 1)`",
        torch=lambda x, *dims: x.permute(rearranging.listed(dims)), statics=("dim",), shape=rearranging.permuted,
        entry=rearranging.permuted_entry, vjp=rearranging.permuted_back, libraries="torch",
        example="sum(permute(x, 1, 0)[0]**2) at x=[[1,2],[3,4]]"),
    Row("swapaxes", "x, dim0, dim1", "two dimensions exchanged", aliases=("swapdims",),
        definition=rearranging.in_order(rearranging.swapped), torch=SAME, statics=("dim0", "dim1"),
        shape=lambda x, *dims: rearranging.permuted(x, rearranging.swapped(x, *dims)),
        vjp=lambda x, *dims: rearranging.permuted_back(x, rearranging.swapped(x, *dims)),
        libraries="torch torch:swapdims torch:transpose np", example="sum(swapaxes(x, 0, 1)[0]**2) at x=[[1,2],[3,4]]"),
    Row("movedim", "x, source, destination", "some dimensions at other places, the rest in their order",
        definition=rearranging.in_order(rearranging.moved), torch=SAME, statics=("source", "destination"),
        shape=lambda x, *dims: rearranging.permuted(x, rearranging.moved(x, *dims)),
        vjp=lambda x, *dims: rearranging.permuted_back(x, rearranging.moved(x, *dims)), aliases=("moveaxis",),
        libraries="torch torch:moveaxis np:moveaxis", example="sum(movedim(x, 0, 1)[0]**2) at x=[[1,2],[3,4]]"),
)

TURNS = (
    Row("flip", "x, dims=None", "backwards along some dimensions, or along all of them: `x[::-1]`",
        definition=rearranging.flipped, torch=_flip, statics=("dims",), shape=shapes.along,
        vjp=lambda x, dims: (f"flip(g, {rearranging.text(shapes.dims(x, dims))})" if x else "1",),
        libraries="torch np", example="sum(flip(x)*[1, 2, 3]) at x=[4,5,6]"),
    Row("fliplr", "x", "a matrix with its columns backwards",
        definition="flip(x, 1)", torch=SAME, shape=rearranging.has(1), vjp=("flip(g, 1)",),
        libraries="torch np", example="sum(fliplr(x)[:, 0]**2) at x=[[1,2],[3,4]]"),
    Row("flipud", "x", "a matrix with its rows backwards",
        definition="flip(x, 0)", torch=SAME, shape=rearranging.has(0),
        vjp=("flip(g, 0)",), libraries="torch np", example="sum(flipud(x)[0]**2) at x=[[1,2],[3,4]]"),
    Row("roll", "x, shifts, dims=None", "entries moved along a dimension, or all in order, the last ones to the front",
        definition=rearranging.rolled, torch=_roll, statics=("shifts", "dims"), shape=rearranging.rolled_shape,
        vjp=rearranging.rolled_back, libraries="torch np", example="sum(roll(x, 1)*x) at x=[1,2,3]"),
    Row("rot90", "x, k=1, dims=None", "a matrix turned by k right angles, or so two dimensions",
        definition=rearranging.turned, torch=lambda x, k, dims: x.rot90(k, rearranging.plane(tuple(x.shape), dims)),
        statics=("k", "dims"), shape=rearranging.turned_shape, vjp=rearranging.turned_back, libraries="torch np",
        example="sum(rot90(x)[0]**2) at x=[[1,2],[3,4]]"),
    Row("tril", "x, diagonal=0", "a matrix with 0 above a diagonal, of others those of their last two dimensions",
        torch=SAME, statics=("diagonal",), shape=rearranging.triangle_shape, entry=rearranging.triangle(lower=True),
        vjp=lambda x, diagonal: (f"tril(g, {diagonal})" if diagonal else "tril(g)",), libraries="torch np",
        example="sum(tril(x)**2) at x=[[1,2],[3,4]]"),
    Row("triu", "x, diagonal=0", "a matrix with 0 below a diagonal, of others those of their last two dimensions",
        torch=SAME, statics=("diagonal",), shape=rearranging.triangle_shape, entry=rearranging.triangle(lower=False),
        vjp=lambda x, diagonal: (f"triu(g, {diagonal})" if diagonal else "triu(g)",), libraries="torch np",
        example="sum(triu(x)**2) at x=[[1,2],[3,4]]"),
)

REPETITIONS = (
    Row("tile", "x, n, ...", "copies side by side, so many along each dimension; `x.repeat(2, 3)` of torch",
        definition=repeating.tiled, torch=lambda x, *n: x.tile(rearranging.listed(n)), statics=("n",),
        shape=repeating.tiled_shape, vjp=repeating.tiled_back, libraries="torch torch:repeat np",
        example="sum(tile(x, 2)*[1, 2, 3, 4]) at x=[5,6]"),
    Row("repeat_interleave", "x, repeats, dim=None",
        "each entry so many times in a row, along a dimension or of all in order; a list says how often each;"
        " `np.repeat`",
        definition=repeating.interleaved, torch=_repeat_interleave, statics=("repeats", "dim"),
        shape=repeating.interleaved_shape, vjp=repeating.interleaved_back, libraries="torch np:repeat",
        example="sum(repeat_interleave(x, 2)*[1, 2, 3, 4]) at x=[5,6]"),
)
# fmt: on
