"""Numbers that record: each knows its value at the point of the call, and what it is computed by."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from functools import partialmethod
from typing import Any

import numpy as np

from gradcli.cells.tensors import TensorObject
from gradcli.check.recording.graph import HERE, cannot, graph

Index = tuple[int, ...]
COUNTING = frozenset(("add", "subtract", "multiply", "true_divide", "power"))


class Recorded:
    """A number that is recorded: its value at the point, and its vertex, or its place in an array that has one."""

    __array_priority__ = 1000.0

    def __init__(self, value: Any, tensor: TensorObject | None = None, place: tuple[TensorObject, Index] | None = None,
                 is_truth: bool = False) -> None:  # fmt: skip
        self.value, self._tensor, self._place, self.is_truth = value, tensor, place, is_truth

    @property
    def tensor(self) -> TensorObject:
        """The vertex of the number."""
        if self._tensor is None:
            assert self._place is not None
            whole, index = self._place
            if self.is_truth:  # conditions have no entries: that of the numbers 1 and 0
                numbers = graph().call(["np", "where"], [whole, 1, 0], {}, HERE, HERE)
                self._tensor = graph().operation("!=", [graph().subscript(numbers, index, HERE), 0], HERE, HERE)
            else:
                self._tensor = graph().subscript(whole, index, HERE)
        return self._tensor

    # Dispatch

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

    def __getattr__(self, name: str) -> Any:
        """A method that arrays and tensors have, too."""
        return graph().rules.method(self, name)

    # Operators

    def _operated(self, name: str, other: Any, swapped: bool = False) -> Any:
        if not is_numeric(other):
            return NotImplemented
        inputs = (other, self) if swapped else (self, other)
        if name in COUNTING:  # Python's truths are the numbers 1 and 0
            inputs = tuple(as_number(one) for one in inputs)
        return graph().rules.ufunc(getattr(np, name), "__call__", inputs, {})

    __add__ = partialmethod(_operated, "add")
    __radd__ = partialmethod(_operated, "add", swapped=True)
    __sub__ = partialmethod(_operated, "subtract")
    __rsub__ = partialmethod(_operated, "subtract", swapped=True)
    __mul__ = partialmethod(_operated, "multiply")
    __rmul__ = partialmethod(_operated, "multiply", swapped=True)
    __truediv__ = partialmethod(_operated, "true_divide")
    __rtruediv__ = partialmethod(_operated, "true_divide", swapped=True)
    __pow__ = partialmethod(_operated, "power")
    __rpow__ = partialmethod(_operated, "power", swapped=True)
    __mod__ = partialmethod(_operated, "remainder")
    __rmod__ = partialmethod(_operated, "remainder", swapped=True)
    __floordiv__ = partialmethod(_operated, "floor_divide")
    __rfloordiv__ = partialmethod(_operated, "floor_divide", swapped=True)

    def __divmod__(self, other: Any) -> Any:
        return NotImplemented if not is_numeric(other) else (self // other, self % other)

    def __rdivmod__(self, other: Any) -> Any:
        return NotImplemented if not is_numeric(other) else (other // self, other % self)

    __and__ = partialmethod(_operated, "logical_and")
    __or__ = partialmethod(_operated, "logical_or")
    __rand__ = partialmethod(_operated, "logical_and", swapped=True)
    __ror__ = partialmethod(_operated, "logical_or", swapped=True)
    __lt__ = partialmethod(_operated, "less")
    __le__ = partialmethod(_operated, "less_equal")
    __gt__ = partialmethod(_operated, "greater")
    __ge__ = partialmethod(_operated, "greater_equal")
    __eq__ = partialmethod(_operated, "equal")
    __ne__ = partialmethod(_operated, "not_equal")

    def __hash__(self) -> int:
        """What finds it in a cache of the user's, and finds no other."""
        return id(self)

    def _changed(self, name: str) -> Any:
        return graph().rules.ufunc(getattr(np, name), "__call__", (self,), {})

    __neg__ = partialmethod(_changed, "negative")
    __abs__ = partialmethod(_changed, "absolute")
    __invert__ = partialmethod(_changed, "logical_not")
    __floor__ = partialmethod(_changed, "floor")
    __ceil__ = partialmethod(_changed, "ceil")
    __trunc__ = partialmethod(_changed, "trunc")

    def __pos__(self) -> Recorded:
        return self

    def __round__(self, digits: int | None = None) -> Any:
        if digits:
            raise cannot("round(...) to digits")
        return self._changed("rint")

    def __bool__(self) -> bool:
        """What a branch depends on is recorded."""
        if self.is_truth:
            return graph().branch(self.tensor, bool(self.value))
        return not bool(self == 0)

    # What gives a number of Python that is none of this any more

    def __float__(self) -> float:
        raise cannot("float(...), or a function that takes floats alone")

    def __int__(self) -> int:
        raise cannot("int(...)")

    def __index__(self) -> int:
        raise cannot("a position, or a number of times, that depends on its values")

    def __complex__(self) -> complex:
        raise cannot("complex numbers")

    def __len__(self) -> int:
        raise TypeError("a number has no len(): --at gives arrays, x=[0,1,2]")

    def __getitem__(self, index: Any) -> Any:
        if index is Ellipsis or index == ():
            return self
        raise TypeError("a number is not subscriptable: --at gives arrays, x=[0,1,2]")

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("a number is not iterable: --at gives arrays, x=[0,1,2]")

    def __repr__(self) -> str:
        return repr(self.value)

    def __format__(self, how: str) -> str:
        return format(self.value, how)


numbers.Real.register(Recorded)


def as_number(value: Any) -> Any:
    """A condition as 1 or 0."""
    is_truth = isinstance(value, Recorded) and value.is_truth
    return graph().rules.function(np.where, (value, 1.0, 0.0), {}) if is_truth else value


def is_numeric(value: Any) -> bool:
    """Whether a value is a number, or an array of them."""
    return isinstance(value, (Recorded, int, float, complex, np.ndarray, np.generic)) or hasattr(value, "detach")


def has_ufuncs(value: Any) -> bool:
    """Whether a value is of a class that says itself what ufuncs do with it, as those of NDArrayOperatorsMixin do."""
    own = getattr(type(value), "__array_ufunc__", None)
    return own is not None and not isinstance(value, (Recorded, np.ndarray, np.generic))
