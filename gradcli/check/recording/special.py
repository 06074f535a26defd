"""Functions of NumPy that are recorded by what they are made of, and those that make arrays to be written into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import array as new_array
from numpy import asarray as as_array
from numpy import ones as new_ones
from numpy import zeros as new_zeros

from gradcli.check.recording.arrays import RecordedArray, concrete, has_recorded
from gradcli.check.recording.graph import cannot, graph
from gradcli.check.recording.values import Recorded

RTOL, ATOL = 1e-5, 1e-6  # so near to a number, the formula beside it is meant


def constants(values: Any) -> RecordedArray:
    """An array of floats that recorded numbers can be written into."""
    return as_array(values, dtype=float).astype(object).view(RecordedArray)


def _like(make: Callable[..., Any]) -> Callable[..., Any]:
    def made(values: Any, *args: Any, shape: Any = None, **_: Any) -> Any:
        size = np.shape(concrete(values)) if shape is None else shape
        return constants(make(size)) if size else make(size).item()

    return made


def _full_like(values: Any, value: Any, *_: Any, shape: Any = None, **__: Any) -> Any:
    size = np.shape(concrete(values)) if shape is None else shape
    return full(size, value) if size else value


def full(shape: Any, value: Any) -> Any:
    """An array that is one number everywhere."""
    found = constants(new_zeros(shape))
    found[...] = value
    return found


def _var(
    values: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, correction: float | None = None
) -> Any:
    shape = np.shape(concrete(values))
    count = np.sum(new_ones(shape), axis=axis).ravel()[0] if axis is not None else np.prod(shape)
    gaps = values - np.mean(values, axis=axis, keepdims=True) if axis is not None else values - np.mean(values)
    ddof = ddof if correction is None else correction
    squares = np.sum(gaps**2, axis=axis, keepdims=True) if keepdims else np.sum(gaps**2, axis=axis)
    return squares / (int(count) - ddof)


def _average(values: Any, axis: Any = None, weights: Any = None, **_: Any) -> Any:
    if weights is None:
        return np.mean(values, axis=axis) if axis is not None else np.mean(values)
    if np.shape(weights) != np.shape(values):
        raise cannot("np.average with weights of another shape")
    return np.sum(values * weights, axis=axis) / np.sum(weights, axis=axis)


def _slogdet(matrix: Any) -> tuple[Any, Any]:
    determinant = np.linalg.det(matrix)
    return np.sign(determinant), np.log(np.abs(determinant))


def _select(conditions: Sequence[Any], choices: Sequence[Any], default: Any = 0) -> Any:
    found = default
    for condition, choice in reversed(list(zip(conditions, choices))):
        found = np.where(condition, choice, found)
    return found


def _piecewise(values: Any, conditions: Any, functions: Sequence[Any], *args: Any, **named: Any) -> Any:
    found: Any = 0
    listed = list(conditions) if isinstance(conditions, (list, tuple)) or np.ndim(conditions) > np.ndim(values) else [
        conditions
    ]  # fmt: skip
    pieces = [one(values, *args, **named) if callable(one) else one for one in functions]
    if len(pieces) == len(listed) + 1:
        found = pieces.pop()
    for condition, piece in zip(listed, pieces):  # the last condition that holds is meant
        found = np.where(condition, piece, found)
    return found


def _first(pick: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """argmax and argmin: the entry that is taken is a branch."""

    def position(values: Any, axis: Any = None) -> Any:
        if axis is not None and np.ndim(concrete(values)) > 1:
            raise cannot("np.argmax or np.argmin along an axis")
        entries = list(values.view(np.ndarray).flat) if isinstance(values, np.ndarray) else [values]
        best = 0
        for place in range(1, len(entries)):
            if bool(pick(entries[place], entries[best])):
                best = place
        return np.int64(best)

    return position


def _argsort(values: Any, *_: Any, **__: Any) -> Any:
    from functools import cmp_to_key

    entries = list(values.view(np.ndarray).flat)
    if np.ndim(concrete(values)) != 1:
        raise cannot("np.argsort of more than one axis")

    def order(one: int, other: int) -> int:
        return -1 if bool(entries[one] < entries[other]) else int(bool(entries[one] > entries[other]))

    return new_array(sorted(range(len(entries)), key=cmp_to_key(order)))


def _fill_diagonal(values: Any, value: Any, *_: Any) -> None:
    for i in range(min(values.shape)):
        values[(i,) * values.ndim] = value


def _polyval(coefficients: Any, at: Any) -> Any:
    found: Any = 0.0
    for one in coefficients:
        found = found * at + one
    return found


def _isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    return closely(np.abs(a - b) <= atol + rtol * np.abs(b), rtol, atol)


def _allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    return closely(np.all(_isclose(a, b, rtol, atol)), rtol, atol)


def closely(truth: Any, rtol: float, atol: float) -> Any:
    """A condition, noted as one that says whether numbers are close, if its tolerances are such of rounding."""
    is_known = not has_recorded(rtol) and not has_recorded(atol)
    if isinstance(truth, Recorded) and is_known and np.all(rtol <= RTOL) and np.all(atol <= ATOL):
        graph().close.add(truth.tensor.vertex.index)
    return truth


SPECIAL: Mapping[str, Callable[..., Any]] = {
    "zeros_like": _like(np.zeros),
    "ones_like": _like(np.ones),
    "empty_like": _like(np.zeros),
    "full_like": _full_like,
    "copy": lambda values, **_: values.copy() if isinstance(values, np.ndarray) else values,
    "var": _var,
    "std": lambda *args, **kwargs: np.sqrt(_var(*args, **kwargs)),
    "average": _average,
    "linalg.slogdet": _slogdet,
    "select": _select,
    "piecewise": _piecewise,
    "isclose": _isclose,
    "allclose": _allclose,
    "argmax": _first(lambda one, best: one > best),
    "argmin": _first(lambda one, best: one < best),
    "argsort": _argsort,
    "fill_diagonal": _fill_diagonal,
    "polyval": _polyval,
    "vdot": lambda x, y: np.dot(np.ravel(x), np.ravel(y)),
    "real": lambda x: x,
    "real_if_close": lambda x, **_: x,
    "nan_to_num": lambda x, **_: x,
    "atleast_1d": lambda *values: _at_least(1, values),
    "atleast_2d": lambda *values: _at_least(2, values),
    "asarray_chkfinite": lambda x: x,
    "ptp": lambda x, axis=None: np.max(x, axis=axis) - np.min(x, axis=axis),
    "clip": lambda x, a_min=None, a_max=None, **more: _clip(x, more.get("min", a_min), more.get("max", a_max)),
}


def _clip(values: Any, least: Any, most: Any) -> Any:
    found = values if least is None else np.maximum(values, least)
    return found if most is None else np.minimum(found, most)


def _at_least(rank: int, values: Sequence[Any]) -> Any:
    found: list[Any] = []
    for one in values:
        size = np.shape(concrete(one))
        if isinstance(one, Recorded):
            array = np.empty((1,) * rank, dtype=object).view(RecordedArray)
            array[...] = one
            found.append(array)
        else:
            found.append(one if len(size) >= rank else np.reshape(one, (1,) * (rank - len(size)) + tuple(size)))
    return found[0] if len(found) == 1 else tuple(found)
