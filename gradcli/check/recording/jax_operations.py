"""Operations of JAX's jaxprs as functions of NumPy of recorded values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy import asarray as as_array
from numpy import ones as new_ones

from gradcli.check.recording.arrays import RecordedArray, concrete, has_recorded, is_truths
from gradcli.check.recording.graph import cannot
from gradcli.check.recording.values import Recorded

# What operations are called in NumPy, where they only have another name.
SAME: Mapping[str, str] = {
    "neg": "negative", "sub": "subtract", "mul": "multiply", "div": "true_divide", "add": "add", "add_any": "add",
    "pow": "power", "rem": "fmod", "max": "maximum", "min": "minimum", "abs": "absolute", "asin": "arcsin",
    "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "atan2": "arctan2", "round": "rint", "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal",
    "gt": "greater", "ge": "greater_equal", "and": "logical_and", "or": "logical_or", "not": "logical_not",
}  # fmt: skip
OF_SCIPY: Mapping[str, str] = {
    "logistic": "expit", "erf": "erf", "erfc": "erfc", "erf_inv": "erfinv", "lgamma": "gammaln", "digamma": "digamma",
    "bessel_i0e": "i0e", "bessel_i1e": "i1e",
}  # fmt: skip
COMPARED = frozenset(("eq", "ne", "lt", "le", "gt", "ge"))
# They put entries in other places, and compute nothing.
MOVING = frozenset((
    "gather", "dynamic_slice", "dynamic_update_slice", "rev", "pad", "concatenate", "split", "slice", "copy",
))  # fmt: skip


def compared(name: str, first: Any, second: Any) -> Any:
    """A comparison that says nothing about a finite number: with itself, or with infinity; None for any other."""
    endless = any(not has_recorded(one) and not np.isfinite(one).all() for one in (first, second))
    same = first is second
    if not endless and not same:
        return None
    known = getattr(np, SAME[name])(concrete(first), concrete(second))
    return bool(known) if not np.shape(known) else known


def _chosen(_: Any, which: Any, *cases: Any) -> Any:
    if len(cases) != 2:
        raise cannot("JAX's select of more than two cases")
    if not has_recorded(which) and not np.shape(which):
        return cases[int(which)]
    condition = which if not has_recorded(which) or _is_truth(which) else which != 0
    return np.where(condition, cases[1], cases[0])


def _is_truth(value: Any) -> bool:
    return value.is_truth if isinstance(value, Recorded) else is_truths(value)


def _broadcast(params: Any, value: Any, *_: Any) -> Any:
    shape, places = params["shape"], params["broadcast_dimensions"]
    own = np.shape(concrete(value))
    if not shape:
        return value
    sizes = [1] * len(shape)
    for place, size in zip(places, own):
        sizes[place] = size
    if not own:
        return value * new_ones(shape)
    wide = np.reshape(value, tuple(sizes)) if tuple(sizes) != tuple(own) else value
    return wide if tuple(sizes) == tuple(shape) else np.broadcast_to(wide, tuple(shape))


def _product(params: Any, first: Any, second: Any) -> Any:
    """dot_general, as an einsum: batch dimensions, what is left of the first, what is left of the second."""
    (summed, batch) = params["dimension_numbers"]
    rank, other = np.ndim(concrete(first)), np.ndim(concrete(second))
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    left, right = [""] * rank, [""] * other
    for pairs in (batch, summed):
        for i, j in zip(*pairs):
            left[i] = right[j] = next(letters)
    left, right = ([one or next(letters) for one in side] for side in (left, right))
    free = [one for i, one in enumerate(left) if i not in (*batch[0], *summed[0])]
    free += [one for j, one in enumerate(right) if j not in (*batch[1], *summed[1])]
    if not batch[0] and rank <= 2 and other <= 2 and tuple(summed[0]) == (rank - 1,) and tuple(summed[1]) == (0,):
        return first @ second
    result = "".join([left[i] for i in batch[0]] + free)
    return np.einsum(f"{''.join(left)},{''.join(right)}->{result}", first, second)


def _reduced(name: str) -> Callable[..., Any]:
    def reduced(params: Any, value: Any) -> Any:
        axes, rank = tuple(params["axes"]), np.ndim(concrete(value))
        if not axes:
            return value
        function = getattr(np, name)
        for axis in sorted(axes, reverse=True) if len(axes) < rank else ():
            value = function(value, axis=axis)
        return function(value) if len(axes) == rank else value

    return reduced


def scattered(equation: Any, target: Any, index: Any, updates: Any) -> Any:
    """Entries added to those of an array: where each one goes is seen from a 1 in its place."""
    shape, size = np.shape(concrete(updates)), np.shape(concrete(target))
    found = np.empty(size, dtype=object)
    for index_of in np.ndindex(*size):
        found[index_of] = target[index_of] if size else target
    for number in np.ndindex(*shape):
        unit = np.full(shape, 0.0)
        unit[number] = 1.0
        where = as_array(equation.primitive.bind(np.full(size, 0.0), concrete(index), unit, **equation.params))
        for place in np.argwhere(where):
            found[tuple(place)] = found[tuple(place)] + (updates[number] if shape else updates)
    return found.view(RecordedArray)


def moved(equation: Any, args: list[Any]) -> list[Any]:
    """Operations on the numbers of entries, in place of the entries: they say which one goes where."""
    pool: list[Any] = []
    numbers = []
    is_data = [has_recorded(one) or as_array(concrete(one)).dtype.kind == "f" for one in args]
    for one, data in zip(args, is_data):
        if not data:
            numbers.append(concrete(one))
            continue
        entries = list(one.view(np.ndarray).flat) if isinstance(one, RecordedArray) else list(np.ravel(one)) if np.ndim(
            concrete(one)
        ) else [one]  # fmt: skip
        start = len(pool)
        pool += entries
        numbers.append((np.arange(len(entries), dtype=float) + start).reshape(np.shape(concrete(one))))
    found = equation.primitive.bind(*numbers, **equation.params)
    results = found if equation.primitive.multiple_results else [found]
    return [_picked(args, pool, as_array(one)) for one in results]


def _picked(args: list[Any], pool: list[Any], places: Any) -> Any:
    (first, *_) = args
    if not places.shape:
        return pool[int(places)]
    if isinstance(first, RecordedArray) and len(pool) == first.size and places.ndim == first.ndim == 1:
        step = set(np.diff(places).astype(int).tolist())
        if step <= {1}:  # a piece of it
            return first[int(places[0]) : int(places[-1]) + 1]
    made = np.empty(places.shape, dtype=object)
    for index in np.ndindex(*places.shape):
        made[index] = pool[int(places[index])]
    return made.view(RecordedArray)


RULES: Mapping[str, Callable[..., Any]] = {
    "integer_pow": lambda params, x: x ** params["y"],
    "square": lambda params, x: x**2,
    "rsqrt": lambda params, x: 1 / np.sqrt(x),
    "is_finite": lambda params, x: np.isfinite(concrete(x)),
    "select_n": _chosen,
    "clamp": lambda params, least, x, most: np.minimum(np.maximum(x, least), most),
    "convert_element_type": lambda params, x: np.where(x, 1.0, 0.0) if _is_truth(x) else x,
    "stop_gradient": lambda params, x: x,
    "copy_p": lambda params, x: x,
    "reduce_precision": lambda params, x: x,
    "broadcast_in_dim": _broadcast,
    "reshape": lambda params, x: np.reshape(x, tuple(params["new_sizes"])) if params["new_sizes"] else np.ravel(x)[0],
    "squeeze": lambda params, x: np.reshape(x, s) if (s := _squeezed(params, x)) else np.ravel(x)[0],
    "expand_dims": lambda params, x: np.reshape(x, tuple(params["shape"])),
    "transpose": lambda params, x: x.T if tuple(params["permutation"]) == (1, 0) else np.transpose(
        x, tuple(params["permutation"])
    ),
    "reduce_sum": _reduced("sum"),
    "reduce_max": _reduced("max"),
    "reduce_min": _reduced("min"),
    "reduce_prod": _reduced("prod"),
    "cumsum": lambda params, x: np.cumsum(x, axis=params["axis"]) if not params["reverse"] else np.flip(
        np.cumsum(np.flip(x, axis=params["axis"]), axis=params["axis"]), axis=params["axis"]
    ),
    "dot_general": _product,
}  # fmt: skip


def _squeezed(params: Any, value: Any) -> tuple[int, ...]:
    return tuple(size for i, size in enumerate(np.shape(concrete(value))) if i not in params["dimensions"])
