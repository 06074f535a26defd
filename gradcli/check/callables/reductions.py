"""Reductions, running sums, orders and softmax of balls, and entries that are added up in places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from gradcli.backends.arb.context import is_ball
from gradcli.check.callables.elementwise import mapped
from gradcli.check.callables.tensor import HANDLERS, entries_of, handler
from gradcli.check.callables.world import TOO_CLOSE, Array, Unsupported, array, world

Fold = Callable[[Sequence[Any]], Any]  # values to one


def axes(rank: int, dim: Any) -> tuple[int, ...]:
    """The dimensions that are meant, in order."""
    if dim is None or (isinstance(dim, (list, tuple)) and not dim):
        return tuple(range(rank))
    chosen = [dim] if isinstance(dim, int) else list(dim)
    return tuple(sorted(one % max(rank, 1) for one in chosen)) if rank else ()


def groups(entries: Array, dim: Any) -> tuple[Array, list[int], tuple[int, ...]]:
    """Each group of entries along some dimensions as a row; the shape that is left, without them and with them."""
    gone = axes(entries.ndim, dim)
    left = [place for place in range(entries.ndim) if place not in gone]
    shape = [entries.shape[place] for place in left]
    kept = tuple(1 if place in gone else size for place, size in enumerate(entries.shape))
    count = int(np.prod([entries.shape[place] for place in gone], dtype=int))
    return entries.transpose([*left, *gone]).reshape(int(np.prod(shape, dtype=int)), count), shape, kept


def folded(entries: Array, dim: Any, keepdim: bool, fold: Fold) -> Array:
    """Each group of entries along some dimensions, folded to one."""
    rows, shape, kept = groups(entries, dim)
    return array([fold(list(row)) for row in rows], kept if keepdim else shape)


def _joined(name: str, empty: int | None = None) -> Fold:
    """Numbers joined by a row; what none of them come to."""

    def fold(values: Sequence[Any]) -> Any:
        now = world()
        if not len(values) and empty is not None:
            return now.number(empty)
        return reduce(lambda a, b: now.named(name, a, b), values)

    return fold


total = _joined("+", 0)


def _reduction(fold: Fold) -> Callable[..., Array]:
    return lambda x, dim=None, keepdim=False, **_: folded(entries_of(x), dim, keepdim, fold)


HANDLERS["sum"] = _reduction(total)
HANDLERS["prod"] = _reduction(_joined("*", 1))
HANDLERS["amax"] = _reduction(_joined("max"))
HANDLERS["amin"] = _reduction(_joined("min"))


@handler("mean")
def _mean(x: Any, dim: Any = None, keepdim: bool = False, **_: Any) -> Array:
    entries = entries_of(x)
    rows, _shape, _kept = groups(entries, dim)
    return mapped("/", folded(entries, dim, keepdim, total), rows.shape[1])


@handler("var")
def _var(x: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Array:
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    less = correction if correction is not None else 1 if unbiased in (None, True) else 0
    apart = mapped("-", x, _mean(x, dim, True))
    count = groups(apart, dim)[0].shape[1]
    return mapped("/", folded(mapped("*", apart, apart), dim, keepdim, total), count - less)


@handler("linalg_vector_norm", "norm")
def _norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, **_: Any) -> Array:
    ord = 2 if ord is None else ord
    entries = entries_of(x)
    if ord == 2:
        return mapped("sqrt", folded(mapped("*", entries, entries), dim, keepdim, total))
    sizes = mapped("abs", entries)
    if ord in (float("inf"), float("-inf")):
        return folded(sizes, dim, keepdim, _joined("max" if ord > 0 else "min"))
    if ord == 1:
        return folded(sizes, dim, keepdim, total)
    if ord <= 0:
        raise Unsupported(f"the norm of order {ord}")
    return mapped("**", folded(mapped("**", sizes, ord), dim, keepdim, total), 1 / ord)


@handler("logsumexp")
def _logsumexp(x: Any, dim: Any = None, keepdim: bool = False) -> Array:
    return mapped("log", folded(mapped("exp", x), dim, keepdim, total))


@handler("_softmax")
def _softmax(x: Any, dim: int, *_: Any) -> Array:
    powers = mapped("exp", x)
    return mapped("/", powers, folded(powers, dim, True, total))


@handler("_log_softmax")
def _log_softmax(x: Any, dim: int, *_: Any) -> Array:
    return mapped("-", x, _logsumexp(x, dim, True))


def _running(name: str) -> Callable[..., Array]:
    def run(x: Any, dim: int, **_: Any) -> Array:
        entries = entries_of(x)
        if not entries.ndim:
            return entries
        moved = np.moveaxis(entries, dim, 0)
        rows = moved.reshape(len(moved), -1).copy()
        for place in range(1, len(rows)):
            rows[place] = array([world().named(name, a, b) for a, b in zip(rows[place - 1], rows[place])],
                                rows.shape[1:])  # fmt: skip
        return np.moveaxis(rows.reshape(moved.shape), 0, dim)

    return run


HANDLERS["cumsum"] = _running("+")
HANDLERS["cumprod"] = _running("*")


def ordered(entries: Array, axis: int, descending: bool = False) -> Any:
    """The places of the entries in order of size; neighbours that tie are noticed.

    Raises Unsupported where the balls do not tell the order.
    """
    rows = np.moveaxis(entries, axis, -1)
    found = np.empty(rows.shape, dtype=np.int64)
    for index in np.ndindex(*rows.shape[:-1]):
        values = list(rows[index])
        if not all(map(is_ball, values)):
            raise Unsupported("putting in order what has no value")
        places = sorted(range(len(values)), key=lambda place: values[place].mid(), reverse=descending)
        for a, b in pairwise(places):
            tie = values[a] is values[b] or values[a] == values[b]
            if not tie and values[a].overlaps(values[b]):
                raise Unsupported(TOO_CLOSE)
            world().labels.append(0 if tie else a + 1)
        found[index] = places
    return np.moveaxis(found, -1, axis)


def _sorted(x: Any, dim: int, descending: bool) -> tuple[Array, torch.Tensor]:
    entries = entries_of(x)
    if not entries.ndim:
        return entries, torch.tensor(0)
    places = ordered(entries, dim, descending)
    return np.take_along_axis(entries, places, dim), torch.from_numpy(np.ascontiguousarray(places))


@handler("sort")
def _sort(x: Any, *args: Any, dim: int = -1, descending: bool = False, **kwargs: Any) -> Any:
    rest = [one for one in args if not (one is None or kwargs.get("stable") is one)]
    if rest and not isinstance(rest[0], bool):
        dim, *rest = rest
    return _sorted(x, dim, bool(rest[0]) if rest else descending)


@handler("topk")
def _topk(x: Any, k: int, dim: int = -1, largest: bool = True, *_: Any) -> Any:
    values, places = _sorted(x, dim, largest)
    if not values.ndim:
        return values, places
    return np.take(values, np.arange(k), dim), places.narrow(dim, 0, k)


@handler("kthvalue")
def _kthvalue(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    return _picked(*_sorted(x, dim, False), k - 1, dim, keepdim)


@handler("median")
def _median(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if dim is None:
        flat = entries_of(x).reshape(-1)
        return np.asarray(array([flat[ordered(flat, 0)[(len(flat) - 1) // 2]]], ()))
    values, places = _sorted(x, dim, False)
    return _picked(values, places, (values.shape[dim] - 1) // 2 if values.ndim else 0, dim, keepdim)


def _picked(values: Array, places: torch.Tensor, which: int, dim: int, keepdim: bool) -> Any:
    if not values.ndim:
        return values, places
    value, place = np.take(values, [which], dim), places.narrow(dim, which, 1)
    return (value, place) if keepdim else (np.squeeze(value, dim), place.squeeze(dim))


def _along(name: str) -> Callable[..., Any]:
    """The largest or smallest, and where it is; of all entries only the value."""

    def run(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
        if dim is None:
            return folded(entries_of(x), None, False, _joined(name))
        if isinstance(dim, torch.Tensor):
            return mapped(name, x, dim)
        return _picked(*_sorted(x, dim, name == "max"), 0, dim, keepdim)

    return run


HANDLERS["max"], HANDLERS["min"] = _along("max"), _along("min")


def _arg(descending: bool) -> Callable[..., torch.Tensor]:
    def run(x: Any, dim: Any = None, keepdim: bool = False) -> torch.Tensor:
        entries = entries_of(x)
        if dim is None:
            return torch.tensor(int(ordered(entries.reshape(-1), 0, descending)[0]))
        return torch.as_tensor(_picked(*_sorted(x, dim, descending), 0, dim, keepdim)[1])

    return run


HANDLERS["argmax"], HANDLERS["argmin"] = _arg(True), _arg(False)
