"""Arrays that record, and what is computed of numbers and arrays: their values at the point, their vertices."""

from __future__ import annotations

from typing import Any

import numpy as np

# NumPy's own, whatever stands for them while a function is recorded.
from numpy import array as new_array
from numpy import asarray as as_array
from numpy import zeros as new_zeros

from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.check.recording.graph import HERE, cannot, graph, plain_lists, plain_number
from gradcli.check.recording.values import Recorded, has_ufuncs


class RecordedArray(np.ndarray):
    """An array whose entries are recorded numbers, or floats.

    whole  the vertex that it is, as long as it has the entries that it `had` when it was made
    """

    whole: TensorObject | None
    had: list[Any]

    def __array_finalize__(self, other: Any) -> None:
        self.whole, self.had = None, []

    @property
    def tensor(self) -> TensorObject:
        """The vertex of the array; of one that was written into, a list of its entries."""
        entries = list(self.view(np.ndarray).flat)
        if self.whole is None or len(entries) != len(self.had) or any(a is not b for a, b in zip(entries, self.had)):
            self.whole, self.had = self._listed(), entries
        return self.whole

    def _listed(self) -> TensorObject:
        if not has_recorded(self):
            return graph().constant(concrete(self))
        if self.size == 0:
            raise cannot("an empty array")
        lists = np.ndarray.tolist(self.view(np.ndarray))
        if is_truths(self):
            return graph().operation("!=", [graph().made(graph().operand(_tensors(lists), HERE), []), 0], HERE, HERE)
        return graph().made(graph().operand(_tensors(lists), HERE), [])

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any(map(has_ufuncs, inputs)):
            return NotImplemented
        return graph().rules.ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return graph().rules.function(function, args, kwargs)

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """What torch's functions do with it."""
        return graph().rules.torch(function, args, kwargs or {})

    def __getattribute__(self, name: str) -> Any:
        if name in _METHODS:
            return graph().rules.method(self, name)
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        """A method that tensors have."""
        return graph().rules.method(self, name)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, RecordedArray) or has_recorded(index):
            index = known_index(index)
        found = super().__getitem__(index)
        if isinstance(found, RecordedArray) and found.size and has_recorded(found):
            found.adopt_part(self, index)
        return found

    def become(self, values: Any) -> None:
        """Have the entries of another array of the same shape from now on."""
        self.view(np.ndarray)[...] = values.view(np.ndarray)
        self.whole, self.had = values.whole, list(self.view(np.ndarray).flat)

    def adopt_part(self, base: RecordedArray, index: Any) -> None:
        """Be the part of another array that an index means, where that is one vertex."""
        if base.whole is None or graph().by_entries:
            return
        try:
            self.whole = graph().subscript(base.tensor, _plain_index(index), HERE)
            self.had = list(self.view(np.ndarray).flat)
        except CannotFollow:
            pass

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, RecordedArray) and index.shape == self.shape and not np.shape(value):
            return self.become(np.where(index, value, self))
        if has_recorded(index):
            index = known_index(index)
        super().__setitem__(index, value)

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError("The truth value of an array with more than one element is ambiguous")
        return bool(self.view(np.ndarray).flat[0])

    def __float__(self) -> float:
        raise cannot("float(...), or a function that takes floats alone")

    def __repr__(self) -> str:
        return repr(concrete(self))

    __str__ = __repr__


# The methods of arrays that are functions of NumPy, too: they are recorded as these.
_METHODS = frozenset((
    "sum", "mean", "prod", "max", "min", "std", "var", "dot", "cumsum", "cumprod", "reshape", "ravel", "flatten",
    "transpose", "T", "squeeze", "clip", "trace", "diagonal", "copy", "astype", "argmax", "argmin", "argsort", "all",
    "any", "conj", "conjugate", "real", "item", "tolist", "round", "repeat", "take", "swapaxes",
    "view_as", "sort", "ptp",
))  # fmt: skip


def _tensors(lists: Any) -> Any:
    """Nested lists of recorded numbers as those of their vertices."""
    if isinstance(lists, list):
        return [_tensors(one) for one in lists]
    return operand(lists)


def wrapped(tensor: TensorObject, values: Any, is_truth: bool = False) -> Any:
    """What an operation gives: a number or an array, with its value at the point."""
    values = as_array(values)
    if values.dtype.kind == "c":
        raise cannot("complex numbers")
    is_truth = is_truth or values.dtype.kind == "b"
    if not values.shape:
        return Recorded(values.item() if values.dtype.kind in "bi" else np.float64(values), tensor, is_truth=is_truth)
    found = np.empty(values.shape, dtype=object).view(RecordedArray)
    plain = found.view(np.ndarray)
    for place in np.ndindex(*values.shape):
        one = values[place]
        plain[place] = Recorded(bool(one) if is_truth else np.float64(one), None, (tensor, place), is_truth)
    found.whole, found.had = tensor, list(plain.flat)
    return found


def is_truths(values: Any) -> bool:
    """Whether each entry of an array is a condition."""
    entries = list(values.view(np.ndarray).flat)
    return bool(entries) and all(isinstance(one, Recorded) and one.is_truth for one in entries)


def from_entries(values: Any) -> Any:
    """An array of objects as one that records."""
    if isinstance(values, (tuple, list)):
        return type(values)(from_entries(one) for one in values)
    if not isinstance(values, np.ndarray) or values.dtype != object:
        return values
    return values.view(RecordedArray) if values.shape else values.item()


def has_recorded(value: Any) -> bool:
    """Whether something that is recorded is in a value."""
    if isinstance(value, Recorded):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype == object and any(isinstance(one, Recorded) for one in value.view(np.ndarray).flat)
    if isinstance(value, (list, tuple)):
        return any(has_recorded(one) for one in value)
    if isinstance(value, slice):
        return has_recorded((value.start, value.stop, value.step))
    return isinstance(value, dict) and any(has_recorded(one) for one in value.values())


def concrete(value: Any) -> Any:
    """The same with the values at the point."""
    if isinstance(value, Recorded):
        return value.value
    if isinstance(value, np.ndarray) and value.dtype == object:
        plain = [concrete(one) for one in value.view(np.ndarray).flat]
        return new_array(plain).reshape(value.shape) if plain else new_zeros(value.shape)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(concrete(one) for one in value)
    if isinstance(value, dict):
        return {name: concrete(one) for name, one in value.items()}
    return value


def operand(value: Any, truth: bool = False) -> Any:
    """A value as an argument of the graph's operations; a condition as 1 or 0, unless a `truth` may be one."""
    if truth and not has_recorded(value) and (isinstance(value, (list, tuple)) or hasattr(value, "detach")):
        value = as_array(value)
    if truth and (isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", "") == "b"):  # is known
        return graph().operation("!=", [operand(value), 0], HERE, HERE)
    if isinstance(value, Recorded):
        if value.is_truth and not truth:
            return graph().call(["np", "where"], [value.tensor, 1, 0], {}, HERE, HERE)
        return value.tensor
    if isinstance(value, np.ndarray) and value.dtype == object:
        array = value.view(RecordedArray) if not isinstance(value, RecordedArray) else value
        if not array.shape:
            return operand(array.view(np.ndarray).item(), truth)
        if not truth and is_truths(array):
            return graph().call(["np", "where"], [array.tensor, 1, 0], {}, HERE, HERE)
        return array.tensor
    if isinstance(value, np.ndarray):
        if not value.shape:
            return plain_number(value)
        return plain_lists(value) if value.dtype.kind in "iub" else graph().constant(value)
    if isinstance(value, (list, tuple)):
        return [operand(one, truth) for one in value]
    if hasattr(value, "detach"):  # a tensor of torch
        return operand(value.detach().numpy())
    return plain_number(value)


def known_index(index: Any) -> Any:
    """An index in which conditions are those of the point, which the call branches on; others are refused."""
    if isinstance(index, tuple):
        return tuple(known_index(one) for one in index)
    if isinstance(index, np.ndarray) and index.dtype == object:
        plain = [
            bool(one) if isinstance(one, Recorded) and one.is_truth else one for one in index.view(np.ndarray).flat
        ]
        return new_array([one if isinstance(one, bool) else int(one) for one in plain]).reshape(index.shape)
    return index


def _plain_index(index: Any) -> Any:
    """An index of Python's numbers and lists."""
    if isinstance(index, tuple):
        return tuple(_plain_index(one) for one in index)
    if isinstance(index, np.ndarray):
        if index.dtype == bool:
            index = np.nonzero(index)
            return _plain_index(index if len(index) > 1 else index[0])
        return index.tolist()
    if isinstance(index, slice):
        return slice(*(None if one is None else int(one) for one in (index.start, index.stop, index.step)))
    return plain_number(index) if hasattr(index, "dtype") else index
