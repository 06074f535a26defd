"""Entries of tensors by places, put at places, and what is around them."""

from __future__ import annotations

from typing import Any

from gradcli.functions import choosing, edges, grids, pieces, putting, rearranging
from gradcli.functions.row import SAME, Row


def _places(index: Any, like: Any) -> Any:
    """Places as torch takes them, none from the end."""
    import torch

    return torch.tensor(index, device=like.device)


def _index_select(x: Any, dim: int, index: Any) -> Any:
    return x.index_select(dim, _places(choosing.vector(index, x.shape[dim]), x))


def _take(x: Any, index: Any, dim: Any) -> Any:
    if dim is None:
        return x.take(_places(index, x))
    place = dim % x.dim()
    return x[(slice(None),) * place + (_places(index, x),)]


def _gather(x: Any, dim: int, index: Any) -> Any:
    return x.gather(dim, _places(choosing.checked(index, x.shape[dim]), x))


def _take_along_dim(x: Any, index: Any, dim: Any) -> Any:
    size = x.numel() if dim is None else x.shape[dim]
    return x.take_along_dim(_places(choosing.checked(index, size), x), dim)


def _index_add(x: Any, src: Any, dim: int, index: Any) -> Any:
    return x.index_add(dim, _places(choosing.vector(index, x.shape[dim]), x), src)


def _index_copy(x: Any, src: Any, dim: int, index: Any) -> Any:
    return x.index_copy(dim, _places(choosing.vector(index, x.shape[dim]), x), src)


def _scatter(name: str) -> Any:
    def call(x: Any, src: Any, dim: int, index: Any) -> Any:
        places = _places(choosing.checked(index, x.shape[dim]), x)
        return getattr(x, name)(dim, places, src if src.dim() else src.expand(places.shape))

    return call


def _pad(mode: str) -> Any:
    def call(x: Any, pad: Any) -> Any:
        """Dimension by dimension: torch's own takes tensors of some ranks only."""
        import torch

        found = x
        for dim, (before, after) in enumerate(edges.pads(tuple(x.shape), pad)):
            if before or after:
                rows = found.movedim(dim, -1)
                whole = rows.reshape(1, -1, rows.shape[-1])
                whole = torch.nn.functional.pad(whole, (before, after), mode=mode)
                found = whole.reshape(*rows.shape[:-1], -1).movedim(-1, dim)
        return found

    return call


def _any_pad(x: Any, pad: Any, mode: str, value: Any) -> Any:
    return _constant_pad(x, pad, value) if mode == "constant" else _pad(mode)(x, pad)


def _numpy_pad(x: Any, width: Any, mode: str, value: Any) -> Any:
    return _any_pad(x, edges.widths(tuple(x.shape), width), edges.OF_NUMPY[mode], value)


def _constant_pad(x: Any, pad: Any, value: Any = 0) -> Any:
    import torch

    return torch.nn.functional.pad(x, rearranging.numbers(pad), value=float(value))


def _part(x: Any, number: int, cut: Any, of: int | None, dim: int, how: str) -> Any:
    if how == "each":
        return x.unbind(dim)[number]
    if how == "sizes":
        return x.split(list(cut) if isinstance(cut, tuple) else cut, dim)[number]
    if how in ("hsplit", "vsplit", "dsplit"):
        return getattr(x, how)(cut)[number]
    return (x.chunk if how == "chunks" else x.tensor_split)(cut, dim)[number]


def _grid(number: int, indexing: str, **vectors: Any) -> Any:
    import torch

    return torch.meshgrid(*vectors.values(), indexing=indexing)[number]


# fmt: off
CHOICES = (
    Row("index_select", "x, dim, index", "the entries at some places along a dimension: `x[:, [0, 2]]`",
        definition=choosing.selected, torch=_index_select, statics=("dim", "index"), shape=choosing.selected_shape,
        vjp=choosing.selected_back, libraries="torch", example="sum(index_select(x, 0, [0, 2])**2) at x=[1,2,3]"),
    Row("take", "x, index, dim=None", "the entries at some places, counted over all of them; or along a dimension",
        definition=choosing.taken, torch=_take, statics=("index", "dim"), shape=choosing.taken_shape,
        vjp=choosing.taken_back, libraries="torch np", example="sum(take(x, [0, 3])**2) at x=[[1,2],[3,4]]"),
    Row("gather", "x, dim, index",
        "each entry from its own row or column, at the place that `index` names along the dimension",
        definition=choosing.gathered, torch=_gather, statics=("dim", "index"), shape=choosing.gathered_shape,
        vjp=choosing.gathered_back, libraries="torch", example="sum(gather(x, 1, [[0], [1]])**2) at x=[[1,2],[3,4]]"),
    Row("take_along_dim", "x, index, dim=None",
        "`gather` whose places are repeated to the size of the tensor; without a dimension of all entries",
        definition=choosing.taken_along, torch=_take_along_dim, statics=("index", "dim"), shape=choosing.along_shape,
        vjp=choosing.taken_along_back, aliases=("take_along_axis",), libraries="torch np:take_along_axis",
        example="sum(take_along_dim(x, [[1]], 1)**2) at x=[[1,2],[3,4]]"),
    Row("masked_select", "x, mask", "the entries where a list of truth values is true, in a row",
        definition=choosing.masked, torch=lambda x, mask: x[_places(mask, x).bool()], statics=("mask",),
        shape=choosing.masked_shape, vjp=choosing.masked_back, libraries="torch",
        example="sum(masked_select(x, [True, False])**2) at x=[1,2]"),
    Row("narrow", "x, dim, start, length", "so many entries along a dimension, from a place on: `x[:, 1:3]`",
        definition=pieces.narrowed, torch=SAME, statics=("dim", "start", "length"), shape=pieces.narrowed_shape,
        vjp=pieces.narrowed_back, libraries="torch", example="sum(narrow(x, 0, 1, 2)**2) at x=[1,2,3]"),
    Row("chunk", "x, chunks, dim=0", "equal parts along a dimension, so many: `chunk(x, 2)[0]` is the first",
        definition=pieces.parts, torch=lambda x, count, dim: _stacked(x.chunk(count, dim)),
        statics=("chunks", "dim"), shape=pieces.parts_shape, vjp=pieces.parts_back,
        libraries="torch np:split", cuts="chunks", example="sum(chunk(x, 2)[0]*chunk(x, 2)[1]) at x=[1,2,3,4]"),
    Row("split", "x, size, dim=0", "equal parts along a dimension, of so many entries: `split(x, 2)[0]` is the first",
        definition=pieces.by_size(pieces.parts), torch=lambda x, size, dim: _stacked(x.split(size, dim)),
        statics=("size", "dim"), shape=pieces.by_size(pieces.parts_shape),
        vjp=pieces.by_size(pieces.parts_back), libraries="torch", cuts="sizes",
        example="sum(split(x, 2)[0]*split(x, 2)[1]) at x=[1,2,3,4]"),
    Row("tensor_split", "x, sections, dim=0",
        "parts along a dimension, so many, that differ by one entry at most; or cut at the places of a list:"
        " `a, b = tensor_split(x, [2])` are `x[:2]` and `x[2:]`",
        definition=pieces.parts, torch=lambda x, count, dim: _stacked(x.tensor_split(count, dim)),
        statics=("sections", "dim"), shape=pieces.parts_shape, vjp=pieces.parts_back,
        libraries="torch np:array_split", cuts="sections", example="sum(tensor_split(x, 2)[0]**2) at x=[1,2,3]"),
    *(
        Row(name, "x, sections", doc, definition=pieces.side_by_side(name, pieces.parts),
            torch=lambda x, count, name=name: _stacked(getattr(x, name)(count)), statics=("sections",),
            shape=pieces.side_by_side(name, pieces.parts_shape), vjp=pieces.side_by_side(name, pieces.parts_back),
            libraries="torch np", cuts=name, example=f"a, b = {name}(x, 2); sum(a*b**2) at x={point}")
        for name, doc, point in (
            ("hsplit", "equal parts side by side: along the second dimension, or the only one", "[[1,2],[3,4]]"),
            ("vsplit", "equal parts on top of each other: along the first dimension", "[[1,2],[3,4]]"),
            ("dsplit", "equal parts along the third dimension", "[[[1,2],[3,4]]]"),
        )
    ),
    Row("split_part", "x, number, cut, of=None, dim=0, how='sizes'",
        "one of the parts that `a, b = split(x, [2, 3])` gives, and `of` how many there are to be; with how='chunks' of"
        " `chunk`, with 'sections' of `tensor_split`, with 'equal' of `np.split`, with 'each' of `unbind`",
        definition=pieces.part, torch=_part, statics=("number", "cut", "of", "dim", "how"), words={"how": pieces.WAYS},
        shape=pieces.part_shape, vjp=pieces.part_back,
        example="a, b = split(x, [2, 1]); sum(a)*sum(b**2) at x=[1,2,3]"),
    Row("meshgrid", "x, y, z=None, u=None, number=None, indexing=None",
        "the grids of the entries of vectors: `X, Y = torch.meshgrid(x, y, indexing='ij')`, where X[i, j] is x[i] and"
        " Y[i, j] is y[j]; with 'xy', which is what np.meshgrid means, X[j, i] and Y[j, i]",
        definition=grids.written, torch=_grid, statics=("number", "indexing"), words={"indexing": grids.WAYS},
        by_name=True, shape=grids.shape, vjp=grids.back, libraries="torch np",
        example="X, Y = np.meshgrid(x, y); sum(X*Y**2) at x=[1,2],y=[3,4]"),
    Row("unbind", "x, dim=0", "the rows, or what else stands along a dimension: `unbind(x, 1)[0]` is the first column",
        definition="movedim(x, dim, 0)", torch=lambda x, dim: _stacked(x.unbind(dim)), statics=("dim",),
        shape=pieces.unbound, vjp=lambda x, dim: (f"movedim(g, 0, {dim})",),
        libraries="torch", cuts="each", example="sum(unbind(x, 1)[0]**2) at x=[[1,2],[3,4]]"),
    Row("unfold", "x, dim, size, step", "windows of so many entries along a dimension, so many entries apart",
        torch=lambda x, dim, size, step: x.unfold(dim, size, step), statics=("dim", "size", "step"),
        shape=pieces.windows_shape, entry=pieces.windows,
        vjp=pieces.windows_back, libraries="torch", example="sum(unfold(x, 0, 2, 1)[:, 0]**2) at x=[1,2,3]"),
    Row("differences", "x, n=1, dim=-1",
        "each entry less the one before it, n times: `torch.diff` and `np.diff`; `diff` is the derivative",
        definition=pieces.differences, torch=lambda x, n, dim: x.diff(n, dim), statics=("n", "dim"),
        shape=pieces.differences_shape, vjp=pieces.differences_back, libraries="torch:diff np:diff",
        example="sum(differences(x)**2) at x=[1,2,4]"),
)

PUT = (
    Row("index_add", "x, dim, index, src", "a tensor with others added at some places along a dimension",
        definition=putting.added, torch=_index_add, statics=("dim", "index"), shape=putting.added_shape,
        vjp=putting.added_back, libraries="torch", example="sum(index_add(x, 0, [0, 2], y)**2) at x=[1,2,3],y=[4,5]"),
    Row("index_copy", "x, dim, index, src", "a tensor with others in place of what is at some places along a dimension",
        definition=putting.copied, torch=_index_copy, statics=("dim", "index"), shape=putting.copied_shape,
        vjp=putting.copied_back, libraries="torch",
        example="sum(index_copy(x, 0, [0, 2], y)**2) at x=[1,2,3],y=[4,5]"),
    Row("scatter", "x, dim, index, src",
        "a tensor with other entries in place of some, each in its own row or column: at the place that `index` names"
        " along the dimension",
        definition=putting.scattered, torch=_scatter("scatter"), statics=("dim", "index"),
        shape=putting.overwritten_shape, vjp=putting.scattered_back, libraries="torch",
        example="sum(scatter(x, 1, [[0], [1]], y)**2) at x=[[1,2],[3,4]],y=[[5],[6]]"),
    Row("scatter_add", "x, dim, index, src",
        "a tensor with other entries added, each in its own row or column: at the place that `index` names along the"
        " dimension",
        definition=putting.scatter_added, torch=_scatter("scatter_add"), statics=("dim", "index"),
        shape=putting.scattered_shape, vjp=putting.scatter_added_back, libraries="torch",
        example="sum(scatter_add(x, 0, [0, 0], y)**2) at x=[1,2],y=[4,5]"),
    Row("masked_fill", "x, mask, value", "the value where the condition holds, else x: `where(mask, value, x)`",
        reads=("where", (1, 2, 0)), libraries="torch", example="masked_fill(x, x > 1, 0)*x at x=0.5"),
)

EDGES = (
    Row("zero_pad", "x, pad", "zeros around: before and after each dimension, from the last one on, as `pad`",
        torch=_constant_pad, statics=("pad",), shape=edges.around_shape, entry=edges.zero_padded,
        vjp=edges.padded_back, example="sum(zero_pad(x, [1, 2])*[1, 2, 3, 4, 5]) at x=[6,7]"),
    Row("pad", "x, pad, mode='constant', value=0",
        "a number around, before and after each dimension, from the last one on; with mode='reflect', 'replicate' or"
        " 'circular' what goes on at the edges",
        definition=edges.padded, torch=_any_pad, statics=("pad", "mode", "value"), words={"mode": edges.MODES},
        shape=edges.padded_shape,
        vjp=edges.padded_back, libraries="F", example="prod(pad(x, [1, 1], value=2)) at x=[6,7]"),
    Row("pad_width", "x, pad_width, mode='constant', constant_values=0",
        "`pad` as `np.pad` counts: one number for all ends, a pair for both, or a pair for each dimension from the"
        " first one on; with mode='edge', 'reflect' or 'wrap' what goes on at the edges",
        definition=edges.numpy_padded, torch=_numpy_pad, statics=("pad_width", "mode", "constant_values"),
        words={"mode": tuple(edges.OF_NUMPY)}, shape=edges.numpy_shape, vjp=edges.numpy_back, libraries="np:pad",
        example="sum(pad_width(x, (1, 2), mode='edge')*[1, 2, 3, 4, 5]) at x=[6,7]"),
    Row("reflect_pad", "x, pad", "a tensor that goes on mirrored at its edges, each edge once: mode reflect of `F.pad`",
        definition=edges.continued("reflect"), torch=_pad("reflect"), statics=("pad",),
        shape=edges.continued_shape("reflect"), vjp=edges.continued_back("reflect"),
        example="sum(reflect_pad(x, [1, 0])*[1, 2, 3, 4]) at x=[2,3,5]"),
    Row("replicate_pad", "x, pad", "a tensor whose edges go on: mode replicate of `F.pad`",
        definition=edges.continued("replicate"), torch=_pad("replicate"), statics=("pad",),
        shape=edges.continued_shape("replicate"), vjp=edges.continued_back("replicate"),
        example="sum(replicate_pad(x, [1, 0])*[1, 2, 3, 4]) at x=[2,3,5]"),
    Row("circular_pad", "x, pad", "a tensor that begins anew at its edges: mode circular of `F.pad`",
        definition=edges.continued("circular"), torch=_pad("circular"), statics=("pad",),
        shape=edges.continued_shape("circular"), vjp=edges.continued_back("circular"),
        example="sum(circular_pad(x, [1, 0])*[1, 2, 3, 4]) at x=[2,3,5]"),
)
# fmt: on


def _stacked(parts: Any) -> Any:
    import torch

    return torch.stack(tuple(parts))
