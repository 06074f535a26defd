"""Reductions of tensors, and what is normalized by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch

from gradcli.check.callables.asked import cast
from gradcli.check.callables.elementwise import as_numbers, as_truths, exact_of, mapped
from gradcli.check.callables.exact import HANDLERS, ExactTensor, computed, exact, handler, is_scalar
from gradcli.check.callables.nodes import BallNode, Unsupported, array, is_ball, world
from gradcli.functions import table

Fold = Callable[[Sequence[BallNode]], BallNode]  # numbers to one
_ROW = table.BY_NAME


class Extreme(NamedTuple):
    """What max, min and their kind give along a dimension."""

    values: ExactTensor
    indices: ExactTensor


def _places(x: ExactTensor, dim: Any) -> tuple[int, ...]:
    rank = x.entries.ndim
    if dim is None or dim in ((), []):
        return tuple(range(rank))
    chosen = [dim] if isinstance(dim, int) else list(dim)
    if any(not -max(rank, 1) <= one < max(rank, 1) for one in chosen):
        raise IndexError("Dimension out of range")
    return tuple(sorted(one % max(rank, 1) for one in chosen)) if rank else ()


def folded(x: ExactTensor, dim: Any, keepdim: bool, fold: Fold, entries: Any = None) -> Any:
    """Each group of entries along some dimensions, folded to one."""
    entries = as_numbers(x) if entries is None else entries
    gone = _places(x, dim)
    left = [place for place in range(entries.ndim) if place not in gone]
    shape = [entries.shape[place] for place in left]
    groups = entries.transpose([*left, *gone]).reshape(int(np.prod(shape)), -1)
    found = array([fold(list(group)) for group in groups], shape)
    return (
        found.reshape([1 if place in gone else size for place, size in enumerate(entries.shape)]) if keepdim else found
    )


def _sum_of(nodes: Sequence[BallNode]) -> BallNode:
    return reduce(lambda a, b: a + b, nodes) if nodes else world().number(0)


def _product_of(nodes: Sequence[BallNode]) -> BallNode:
    return reduce(lambda a, b: a * b, nodes) if nodes else world().number(1)


def _extreme_of(name: str) -> Fold:
    return lambda nodes: reduce(lambda a, b: world().named(name, a, b), nodes)


def _reduction(fold: Fold) -> Callable[..., ExactTensor]:
    def run(
        x: ExactTensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None,
        keepdims: Any = None,
    ) -> ExactTensor:  # fmt: skip
        x = x if dtype is None else cast(x, dtype)
        kind = torch.int64 if not x.kind.is_floating_point else computed(x.kind)
        return exact(folded(x, dim if axis is None else axis, bool(keepdim or keepdims), fold), kind)

    return run


HANDLERS["sum"] = _reduction(_sum_of)
HANDLERS["prod"] = _reduction(_product_of)
HANDLERS["amax"] = _reduction(_extreme_of("max"))
HANDLERS["amin"] = _reduction(_extreme_of("min"))


def _count(x: ExactTensor, dim: Any) -> int:
    return int(np.prod([x.entries.shape[place] for place in _places(x, dim)]))


@handler("mean")
def _mean(
    x: ExactTensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None
) -> ExactTensor:
    dim = dim if axis is None else axis
    return mapped(_ROW["/"], HANDLERS["sum"](x, dim, keepdim, dtype=dtype), _count(x, dim))


@handler("var")
def _var(
    x: ExactTensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> ExactTensor:
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    less = correction if correction is not None else 1 if unbiased in (None, True) else 0
    apart = mapped(_ROW["-"], x, _mean(x, dim, True))
    total = HANDLERS["sum"](mapped(_ROW["*"], apart, apart), dim, keepdim)
    return mapped(_ROW["/"], total, _count(x, dim) - less)


@handler("std")
def _std(*args: Any, **kwargs: Any) -> ExactTensor:
    return mapped(_ROW["sqrt"], _var(*args, **kwargs))


@handler("norm", "linalg_vector_norm", "linalg_norm")
def _norm(x: ExactTensor, p: Any = 2, dim: Any = None, keepdim: bool = False, **kwargs: Any) -> ExactTensor:
    p = kwargs.get("ord", p)
    if p in (None, "fro"):
        p = 2
    size = mapped(_ROW["abs"], x)
    if p in (float("inf"), "inf"):
        return HANDLERS["amax"](size, dim, keepdim)  # type: ignore[no-any-return]
    if not is_scalar(p) or p <= 0:
        raise Unsupported(f"the norm of order {p}")
    if p == 1:
        return HANDLERS["sum"](size, dim, keepdim)  # type: ignore[no-any-return]
    if p == 2:
        return mapped(_ROW["sqrt"], HANDLERS["sum"](mapped(_ROW["*"], x, x), dim, keepdim))
    return mapped(_ROW["**"], HANDLERS["sum"](mapped(_ROW["**"], size, p), dim, keepdim), 1 / p)


@handler("normalize")
def _normalize(x: ExactTensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> ExactTensor:
    return mapped(_ROW["/"], x, mapped(_ROW["clamp_min"], _norm(x, p, dim, True), eps))


@handler("layer_norm")
def _layer_norm(
    x: ExactTensor, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> ExactTensor:
    dims = tuple(range(-len(normalized_shape), 0))
    apart = mapped(_ROW["-"], x, _mean(x, dims, True))
    spread = mapped(_ROW["sqrt"], mapped(_ROW["+"], _var(x, dims, False, True), eps))
    made = mapped(_ROW["/"], apart, spread)
    made = made if weight is None else mapped(_ROW["*"], made, weight)
    return made if bias is None else mapped(_ROW["+"], made, bias)


@handler("logsumexp")
def _logsumexp(x: ExactTensor, dim: Any = None, keepdim: bool = False) -> ExactTensor:
    return mapped(_ROW["log"], HANDLERS["sum"](mapped(_ROW["exp"], x), dim, keepdim))


@handler("softmax")
def _softmax(x: ExactTensor, dim: Any = None, dtype: Any = None, **_: Any) -> ExactTensor:
    x = x if dtype is None else cast(x, dtype)
    powers = mapped(_ROW["exp"], x)
    return mapped(_ROW["/"], powers, HANDLERS["sum"](powers, -1 if dim is None else dim, True))


@handler("log_softmax")
def _log_softmax(x: ExactTensor, dim: Any = None, dtype: Any = None, **_: Any) -> ExactTensor:
    x = x if dtype is None else cast(x, dtype)
    return mapped(_ROW["-"], x, _logsumexp(x, -1 if dim is None else dim, True))


@handler("softmin")
def _softmin(x: ExactTensor, dim: Any = None, dtype: Any = None, **_: Any) -> ExactTensor:
    return _softmax(mapped(_ROW["neg"], x), dim, dtype)


def _running(fold: Callable[[BallNode, BallNode], BallNode]) -> Callable[..., ExactTensor]:
    def run(x: ExactTensor, dim: int, **_: Any) -> ExactTensor:
        if not x.entries.ndim:
            return x
        moved = np.moveaxis(as_numbers(x), dim, 0)
        rows = moved.reshape(len(moved), -1).copy()
        for place in range(1, len(rows)):
            rows[place] = array([fold(a, b) for a, b in zip(rows[place - 1], rows[place])], rows.shape[1:])
        return exact(np.moveaxis(rows.reshape(moved.shape), 0, dim), x.kind)

    return run


HANDLERS["cumsum"] = _running(lambda a, b: a + b)
HANDLERS["cumprod"] = _running(lambda a, b: a * b)


def ordered(entries: Any, axis: int, descending: bool = False) -> Any:
    """The places of the entries in order of size; neighbours that tie are noticed."""
    rows = np.moveaxis(entries, axis, -1)
    found = np.empty(rows.shape, dtype=np.int64)
    for index in np.ndindex(*rows.shape[:-1]):
        values = [node.value for node in rows[index]]
        if not all(map(is_ball, values)):
            raise Unsupported("putting in order what has no value")
        places = sorted(range(len(values)), key=lambda place: values[place].mid(), reverse=descending)
        for a, b in pairwise(places):
            tie = values[a] is values[b] or values[a] == values[b]
            if not tie and values[a].overlaps(values[b]):
                raise Unsupported("putting in order numbers that are too close to tell")
            world().label(0 if tie else a + 1)
        found[index] = places
    return np.moveaxis(found, -1, axis)


def _extreme(name: str) -> Callable[..., Any]:
    def run(x: ExactTensor, dim: Any = None, keepdim: bool = False, *, other: Any = None, axis: Any = None) -> Any:
        dim = dim if axis is None else axis
        if other is not None or isinstance(dim, torch.Tensor):
            return mapped(_ROW[name], x, dim if other is None else other)
        if dim is None:
            return HANDLERS[f"a{name}"](x)
        places = np.take(ordered(x.entries, dim, name == "max"), [0], axis=dim)
        values = np.take_along_axis(x.entries, places, dim)
        if not keepdim:
            values, places = np.squeeze(values, dim), np.squeeze(places, dim)
        return Extreme(exact(np.asarray(values), x.kind), _indices(places))

    return run


def _indices(places: Any) -> ExactTensor:
    places = np.asarray(places)
    return exact(array([world().number(int(one)) for one in places.flat], places.shape), torch.int64)


HANDLERS["max"] = _extreme("max")
HANDLERS["min"] = _extreme("min")


def _arg(descending: bool) -> Callable[..., ExactTensor]:
    def run(x: ExactTensor, dim: Any = None, keepdim: bool = False) -> ExactTensor:
        entries = x.entries.reshape(-1) if dim is None else x.entries
        axis = 0 if dim is None else dim
        places = np.take(ordered(entries, axis, descending), [0], axis=axis)
        return _indices(places if keepdim and dim is not None else np.squeeze(places, axis))

    return run


HANDLERS["argmax"], HANDLERS["argmin"] = _arg(True), _arg(False)


@handler("sort", "msort")
def _sort(x: ExactTensor, dim: int = -1, descending: bool = False, **_: Any) -> Extreme:
    places = ordered(x.entries, dim, descending)
    return Extreme(exact(np.take_along_axis(x.entries, places, dim), x.kind), _indices(places))


@handler("argsort")
def _argsort(x: ExactTensor, dim: int = -1, descending: bool = False, **_: Any) -> ExactTensor:
    return _sort(x, dim, descending).indices


@handler("topk")
def _topk(x: ExactTensor, k: int, dim: int = -1, largest: bool = True, **_: Any) -> Extreme:
    values, indices = _sort(x, dim, largest)
    first = np.arange(k)
    return Extreme(
        exact(np.take(values.entries, first, dim), x.kind), exact(np.take(indices.entries, first, dim), torch.int64)
    )


@handler("median")
def _median(x: ExactTensor) -> ExactTensor:
    flat = x.entries.reshape(-1)
    return exact(array([flat[ordered(flat, 0)[(len(flat) - 1) // 2]]], ()), x.kind)


def _truth(name: str) -> Callable[..., ExactTensor]:
    def run(x: ExactTensor, dim: Any = None, keepdim: bool = False) -> ExactTensor:
        both = lambda nodes: reduce(lambda a, b: world().named(name, a, b), nodes)  # noqa: E731
        return exact_of(folded(x, dim, keepdim, both, as_truths(x)), torch.bool)

    return run


HANDLERS["any"], HANDLERS["all"] = _truth("or"), _truth("and")


def averaged(loss: ExactTensor, reduction: str) -> ExactTensor:
    """A loss, reduced as torch's losses are."""
    return loss if reduction == "none" else HANDLERS[reduction](loss)


@handler("mse_loss")
def _mse(x: Any, target: Any, reduction: str = "mean", **_: Any) -> ExactTensor:
    return averaged(mapped(_ROW["square"], mapped(_ROW["-"], x, target)), reduction)


@handler("l1_loss")
def _l1(x: Any, target: Any, reduction: str = "mean", **_: Any) -> ExactTensor:
    return averaged(mapped(_ROW["abs"], mapped(_ROW["-"], x, target)), reduction)


@handler("cross_entropy", "nll_loss")
def _refused(*_: Any, **__: Any) -> Any:
    raise Unsupported("a loss of classes")
