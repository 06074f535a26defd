"""Indices in emitted code: how they are written, and what goes back to places that several entries come from."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from gradcli.code.emitter import PUT, RowEmitter
from gradcli.functions.indices import WHOLE, Places, flat, layout, shape_of
from gradcli.functions.shapes import Shape


def put(emitter: RowEmitter, adjoint: int, shape: Shape, subs: Sequence[Any]) -> int:
    """Zeros with an adjoint in its places; what comes to one place from several entries is added."""
    if not shape:  # a number is the only entry of whatever is indexed out of it
        return emitter.named("sum", adjoint, statics=(None, False)) if emitter.shape(adjoint) else adjoint
    found = layout(shape, subs)
    lists = [sub for sub in found.subs if isinstance(sub, Places)]
    if not lists:
        return emitter.call(PUT, (adjoint,), (shape, *found.subs))
    count = math.prod(found.listed)
    whole = emitter.shape(adjoint)
    sizes = (*whole[: found.spot], count, *whole[found.spot + len(found.listed) :])
    if sizes != whole:
        adjoint = emitter.named("reshape", adjoint, statics=(sizes,))
    columns = [_repeated(one, found.listed) for one in lists]
    total: int | None = None
    for chosen in _rounds(list(zip(*columns))):
        taken = iter(Places(tuple(column[i] for i in chosen)) for column in columns)
        own = tuple(next(taken) if isinstance(sub, Places) else sub for sub in found.subs)
        part = adjoint
        if len(chosen) < count:
            part = emitter.named("x[]", adjoint, statics=(*(WHOLE,) * found.spot, Places(tuple(chosen))))
        one = emitter.call(PUT, (part,), (shape, *own))
        total = one if total is None else emitter.named("+", total, one)
    assert total is not None
    return total


def _repeated(one: Places, shape: Shape) -> list[int]:
    """The places of a list over the common shape of all lists, in a row."""
    own, values = shape_of(one.values), list(flat(one.values))
    padded = (1,) * (len(shape) - len(own)) + own
    found = []
    for at in itertools.product(*map(range, shape)):
        place = 0
        for i, size in zip(at, padded):
            place = place * size + (i if size != 1 else 0)
        found.append(values[place])
    return found


def _rounds(places: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Entries whose places differ, as many groups as the most that come to one place."""
    found: list[list[int]] = []
    seen: dict[tuple[int, ...], int] = {}
    for number, one in enumerate(places):
        seen[one] = seen.get(one, -1) + 1
        if seen[one] == len(found):
            found.append([])
        found[seen[one]].append(number)
    return found


def subscript(subs: Sequence[Any], places: str) -> str:
    """Indices and slices as they stand between the brackets; `places` is how a list of places is written."""
    return ", ".join(_sub(sub, places) for sub in subs)


def _sub(sub: Any, places: str) -> str:
    if isinstance(sub, Places):
        return places.format(_listed(sub.values))
    if sub is None or isinstance(sub, int):
        return str(sub)
    start, stop, step = ("" if one is None else str(one) for one in sub)
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _listed(values: Any) -> str:
    return f"[{', '.join(map(_listed, values))}]" if isinstance(values, tuple) else str(values)
