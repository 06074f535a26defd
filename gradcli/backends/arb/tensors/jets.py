"""Arrays of balls that carry their change along a direction: what the rules of a sweep do to them is its derivative."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.leaf import BallArray


class Jet:
    """An array and its change, of the same shape; it behaves like an array in what the rules for tensors do."""

    __slots__ = ("change", "value")

    def __init__(self, value: BallArray, change: BallArray) -> None:
        self.value = arrays.as_array(value)
        self.change = arrays.as_array(change)

    # As an array

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes."""
        return self.value.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def dtype(self) -> Any:
        """Objects."""
        return self.value.dtype

    @property
    def T(self) -> Jet:  # noqa: N802
        """The transpose."""
        return Jet(self.value.T, self.change.T)

    def reshape(self, *shape: Any) -> Jet:
        """The same entries in another shape."""
        return Jet(self.value.reshape(*shape), self.change.reshape(*shape))

    def transpose(self, *order: Any) -> Jet:
        """The dimensions in another order."""
        return Jet(self.value.transpose(*order), self.change.transpose(*order))

    def diagonal(self) -> Jet:
        """The diagonal of a matrix."""
        return Jet(self.value.diagonal(), self.change.diagonal())

    def copy(self) -> Jet:
        """One that can be written to."""
        return Jet(self.value.copy(), self.change.copy())

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, at: Any) -> Jet:
        return Jet(self.value[at], self.change[at])

    def __setitem__(self, at: Any, other: Any) -> None:
        value, change = _parts(other)
        self.value[at] = value if getattr(value, "ndim", 0) else _single(value)
        self.change[at] = arrays.ZERO if change is None else change if change.ndim else _single(change)

    # Arithmetic

    def __neg__(self) -> Jet:
        return Jet(-self.value, -self.change)

    def __add__(self, other: Any) -> Jet:
        value, change = _parts(other)
        total = arrays.as_array(self.value + value)
        change = self.change if change is None else arrays.as_array(self.change + change)
        return Jet(total, np.broadcast_to(change, total.shape))

    def __sub__(self, other: Any) -> Jet:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Jet:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Jet:
        value, change = _parts(other)
        product = arrays.as_array(self.value * value)
        moved = self.change * value
        if change is not None:
            moved = moved + self.value * change
        return Jet(product, arrays.as_array(moved))

    def __truediv__(self, other: Any) -> Jet:
        return self.__mul__(reciprocal(other))

    def __rtruediv__(self, other: Any) -> Any:
        return reciprocal(self) * other

    __radd__, __rmul__ = __add__, __mul__

    def __array_ufunc__(self, function: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__":
            x, y = inputs if len(inputs) == 2 else (inputs[0], None)
            return _CALLS[function.__name__](x, y)
        if method == "at":  # only sums are taken there
            x, place, added = inputs
            value, change = _parts(added)
            np.add.at(x.value, place, value)
            if change is not None:
                np.add.at(x.change, place, change)
            return None
        (x,) = inputs
        if function is np.add:
            apply = getattr(np.add, method)
            return Jet(apply(x.value, **options), apply(x.change, **options))
        return _products(x, method == "accumulate")

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        """What only moves entries moves values and changes alike."""
        return _moved(function, args, options)


def _parts(x: Any) -> tuple[Any, Any]:
    return (x.value, x.change) if isinstance(x, Jet) else (x, None)


def _single(x: Any) -> Any:
    """The object itself, where it is the only one of an array: NumPy would put the array into the place of an entry."""
    return x[()] if isinstance(x, np.ndarray) else x


def reciprocal(x: Any) -> Any:
    """One by it."""
    if not isinstance(x, Jet):
        return arb(1) / x
    found = arrays.as_array(1 / x.value)
    return Jet(found, -x.change * found * found)


_CALLS: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: y + x,
    "subtract": lambda x, y: y.__rsub__(x),
    "multiply": lambda x, y: y * x,
    "divide": lambda x, y: y.__rtruediv__(x),
    "negative": lambda x, y: -x,
}


def _products(x: Jet, accumulate: bool) -> Jet:
    """The products along the second dimension, the last one or all."""
    columns = [x[:, :1]]
    for index in range(1, x.shape[1]):
        columns.append(columns[-1] * x[:, index : index + 1])
    if not accumulate:
        return columns[-1][:, 0]
    return Jet(np.concatenate([c.value for c in columns], 1), np.concatenate([c.change for c in columns], 1))


def _moved(function: Any, args: Any, options: Any) -> Any:
    value = function(*_each(args, False), **options)
    change = function(*_each(args, True), **options)
    if isinstance(value, list):
        return [Jet(one, other) for one, other in zip(value, change)]
    return Jet(value, change)


def _each(args: Any, change: bool) -> list[Any]:
    """Arguments with one side of every jet; what is constant does not change."""
    found: list[Any] = []
    for arg in args:
        if isinstance(arg, (tuple, list)) and any(isinstance(one, Jet) for one in arg):
            found.append([_side(one, change) for one in arg])
        else:
            found.append(_side(arg, change))
    return found


def _side(arg: Any, change: bool) -> Any:
    if isinstance(arg, Jet):
        return arg.change if change else arg.value
    if change and isinstance(arg, np.ndarray) and arg.dtype == object:
        return arrays.zeros(arg.shape)
    return arg


def jet_product(x: Any, y: Any) -> Any:
    """The product of two matrices, of which any may change."""
    (a, da), (b, db) = _parts(x), _parts(y)
    product = arrays.matrix_product(a, b)
    changes = [arrays.matrix_product(*pair) for pair in ((da, b), (a, db)) if None not in map(_there, pair)]
    if not changes:
        return product
    return Jet(product, changes[0] if len(changes) == 1 else changes[0] + changes[1])


def _there(x: Any) -> Any:
    return None if x is None else True


def jet_inverse(x: Any) -> Any:
    """The inverse of a matrix."""
    value, change = _parts(x)
    found = arrays.inverse(value)
    if change is None:
        return found
    return Jet(found, -arrays.matrix_product(arrays.matrix_product(found, change), found))


def jet_determinant(x: Any) -> Any:
    """The determinant of a matrix."""
    value, change = _parts(x)
    found = arrays.determinant(value)
    if change is None:
        return found
    turned = arrays.matrix_product(arrays.inverse(value), change)
    return Jet(found, found * np.add.reduce(turned.diagonal()))


def along(locals_: Sequence[Any], args: Sequence[Any], shape: Sequence[int]) -> BallArray | None:
    """How an elementwise operation changes, by its local derivatives; None where it does not."""
    total: Any = None
    for local, arg in zip(locals_, args):
        if local is None or not isinstance(arg, Jet):
            continue
        part = arrays.scaled(arg.change, local) if not isinstance(local, int) else arg.change * local
        total = part if total is None else total + part
    return None if total is None else np.broadcast_to(arrays.as_array(total), tuple(shape))
