"""Views of tensors, their entries, and tensors put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.check.callables.elementwise import as_numbers, whole
from gradcli.check.callables.exact import HANDLERS, ExactTensor, exact, handler, lifted, promoted
from gradcli.check.callables.nodes import Unsupported, array, world


def _view(x: ExactTensor, entries: Any) -> ExactTensor:
    return exact(entries, x.kind)


def _sizes(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    if len(sizes) == 1 and not isinstance(sizes[0], int) and isinstance(sizes[0], (list, tuple)):
        sizes = tuple(sizes[0])
    return tuple(int(whole(size)) for size in sizes)


def _viewer(names: str, view: Callable[..., Any]) -> None:
    """Register a handler that arranges a tensor's entries in another way."""

    def run(x: Any, *args: Any, **kwargs: Any) -> ExactTensor:
        try:
            return _view(x, view(lifted(x).entries, *args, **kwargs))
        except (ValueError, IndexError) as error:
            raise RuntimeError(str(error)) from None

    for name in names.split():
        HANDLERS[name] = run


def _flatten(e: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    if not e.ndim:
        return e.reshape(1)
    first, last = start_dim % e.ndim, end_dim % e.ndim
    return e.reshape((*e.shape[:first], -1, *e.shape[last + 1 :]))


def _squeeze(e: Any, dim: Any = None) -> Any:
    if dim is None:
        return e.reshape([size for size in e.shape if size != 1])
    places = [one % max(e.ndim, 1) for one in ([dim] if isinstance(dim, int) else dim)]
    return e.reshape([size for place, size in enumerate(e.shape) if place not in places or size != 1])


def _expand(e: Any, *sizes: Any, implicit: bool = False) -> Any:
    wanted = _sizes(sizes)
    known = (1,) * (len(wanted) - e.ndim) + e.shape
    return np.broadcast_to(e, [old if new == -1 else new for new, old in zip(wanted, known)])


def _diagonal(e: Any, diagonal: int = 0, **kwargs: Any) -> Any:
    offset = kwargs.get("offset", diagonal)
    if e.ndim == 1:
        zero = world().number(0)
        made = np.full((len(e) + abs(offset),) * 2, zero, dtype=object)
        for place, node in enumerate(e):
            made[place + max(-offset, 0), place + max(offset, 0)] = node
        return made
    return np.diagonal(e, offset, kwargs.get("dim1", 0), kwargs.get("dim2", 1))


def _triangle(keep: Callable[[Any, int], Any]) -> Callable[..., Any]:
    def run(e: Any, diagonal: int = 0) -> Any:
        return np.where(keep(np.ones(e.shape, dtype=bool), diagonal), e, array([world().number(0)], ()))

    return run


_viewer("reshape view", lambda e, *sizes, **k: e.reshape(_sizes(sizes or tuple(k.values()))))
_viewer("reshape_as view_as", lambda e, other: e.reshape(tuple(other.shape)))
_viewer("expand", _expand)
_viewer("expand_as", lambda e, other: np.broadcast_to(e, tuple(other.shape)))
_viewer("broadcast_to", lambda e, size: np.broadcast_to(e, _sizes((size,))))
_viewer("flatten ravel", _flatten)
_viewer("permute", lambda e, *dims, **k: e.transpose(_sizes(dims or (k["dims"],))))
_viewer("transpose swapaxes swapdims", lambda e, dim0, dim1: np.swapaxes(e, dim0, dim1) if e.ndim else e)
_viewer("t adjoint", lambda e: e.T)
_viewer("movedim moveaxis", lambda e, source, destination: np.moveaxis(e, source, destination))
_viewer("unsqueeze", lambda e, dim: np.expand_dims(e, dim))
_viewer("squeeze", _squeeze)
_viewer("select", lambda e, dim, index: _at(e, dim, whole(index)))
_viewer("narrow", lambda e, dim, start, length: _at(e, dim, slice(whole(start), whole(start) + length)))
_viewer("index_select", lambda e, dim, index: np.take(e, whole(index), axis=dim))
_viewer("take_along_dim", lambda e, index, dim: np.take_along_axis(e, whole(index), dim))
_viewer("gather", lambda e, dim, index, **_: np.take_along_axis(e, whole(index), dim))
_viewer("flip", lambda e, *dims: np.flip(e, _sizes(dims)))
_viewer("roll", lambda e, shifts, dims=None: np.roll(e, shifts, dims))
_viewer("repeat tile", lambda e, *sizes: np.tile(e, _sizes(sizes)))
_viewer("repeat_interleave", lambda e, repeats, dim=None: np.repeat(e, whole(repeats), dim))
_viewer("diag diag_embed diagonal", _diagonal)
_viewer("tril", _triangle(np.tril))
_viewer("triu", _triangle(np.triu))
_viewer("atleast_1d", lambda e: np.atleast_1d(e))


def _at(e: Any, dim: int, sub: Any) -> Any:
    index = [slice(None)] * e.ndim
    index[dim] = sub
    return _entry(e, tuple(index))


def _entry(e: Any, index: Any) -> Any:
    found = e[index]
    return found if isinstance(found, np.ndarray) else e[(*index, ...)] if isinstance(index, tuple) else e[index, ...]


@handler("__getitem__")
def _getitem(x: ExactTensor, index: Any) -> ExactTensor:
    return exact(_entry(x.entries, whole(index)), x.kind)


@handler("__setitem__")
def _setitem(x: ExactTensor, index: Any, value: Any) -> None:
    if type(x) is not ExactTensor:
        raise Unsupported("writing into a tensor of plain numbers")
    one = lifted(value)
    x.entries[whole(index)] = one.entries if one.entries.ndim else one.entries.item()
    x.wanted = x.wanted or one.wanted


@handler("unbind", "__iter__")
def _unbind(x: ExactTensor, dim: int = 0) -> tuple[ExactTensor, ...]:
    return tuple(_view(x, _at(x.entries, dim, place)) for place in range(x.entries.shape[dim]))


HANDLERS["__iter__"] = lambda x: iter(_unbind(x))


@handler("split", "tensor_split")
def _split(x: ExactTensor, split_size: Any = None, dim: int = 0, **kwargs: Any) -> tuple[ExactTensor, ...]:
    size = kwargs.get("split_size_or_sections", split_size)
    count = x.entries.shape[dim]
    sizes = (
        list(size) if isinstance(size, (list, tuple)) else [min(size, count - start) for start in range(0, count, size)]
    )
    starts = np.cumsum([0, *sizes])
    return tuple(_view(x, _at(x.entries, dim, slice(start, start + one))) for start, one in zip(starts, sizes))


@handler("chunk")
def _chunk(x: ExactTensor, chunks: int, dim: int = 0) -> tuple[ExactTensor, ...]:
    return _split(x, -(-x.entries.shape[dim] // chunks), dim)


def _joined(join: Callable[..., Any]) -> Callable[..., ExactTensor]:
    def run(tensors: Any, dim: int = 0, **kwargs: Any) -> ExactTensor:
        parts = [lifted(one) for one in tensors]
        return exact(join([as_numbers(one) for one in parts], kwargs.get("axis", dim)), promoted(parts))

    return run


HANDLERS["stack"] = _joined(np.stack)
for _name in ("cat", "concat", "concatenate"):
    HANDLERS[_name] = _joined(np.concatenate)
HANDLERS["hstack"] = _joined(lambda parts, _: np.hstack(parts))
HANDLERS["vstack"] = _joined(lambda parts, _: np.vstack(parts))
