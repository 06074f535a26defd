"""What NumPy's and SciPy's functions of numbers do with those that are recorded."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import asarray as as_array

from gradcli.cells.values import CannotFollow
from gradcli.check.recording.arrays import RecordedArray, concrete, from_entries, has_recorded, operand, wrapped
from gradcli.check.recording.dispatch import method_of, numpy_called, torch_called
from gradcli.check.recording.graph import HERE, cannot, graph
from gradcli.check.recording.special import constants
from gradcli.check.recording.values import Recorded

OPERATORS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/", "power": "**", "float_power": "**",
    "matmul": "@", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==",
    "not_equal": "!=", "negative": "neg",
}  # fmt: skip
LOGICAL = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}
TRUTHS = frozenset(("logical_and", "logical_or", "logical_not"))
REDUCED = {
    "add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logical_and": "all", "logical_or": "any",
}  # fmt: skip
RUNNING = {"add": "cumsum", "multiply": "cumprod"}
ORDERS = frozenset(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"))
OF_VALUES = frozenset(("isnan", "isinf", "isfinite", "signbit"))  # they say nothing about derivatives
UNCHANGED = frozenset(("positive", "conjugate", "conj"))
ASIDE = frozenset(("dtype", "casting", "order", "subok", "signature"))


def ufunc_called(ufunc: Any, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """What a call of a ufunc, or of its reduce, accumulate, outer and at, gives."""
    options = {name: one for name, one in options.items() if name not in ASIDE}
    out, where = options.pop("out", None), options.pop("where", True)
    name = LOGICAL.get(ufunc.__name__, ufunc.__name__) if _are_truths(inputs) else ufunc.__name__
    if name == "divmod" and method == "__call__" and out is None:
        return tuple(ufunc_called(one, method, inputs, {}) for one in (np.floor_divide, np.remainder))
    if method == "__call__":
        found = _called(ufunc, name, inputs)
    elif method == "at":
        return _at(ufunc, *inputs)
    else:
        named = {"reduce": REDUCED, "accumulate": RUNNING}.get(method, {}).get(name)
        if named is None and method != "outer":
            raise cannot(f"np.{name}.{method}")
        if named is None:
            left, right = (as_array(one, dtype=object) for one in inputs)
            found = ufunc_called(
                ufunc, "__call__", (left[(...,) + (None,) * right.ndim].view(RecordedArray), right), {}
            )
        else:
            options.setdefault("axis", 0)
            left_out = {one: value for one, value in options.items() if value is not None and one != "initial"
                        and not (one == "keepdims" and not value)}  # fmt: skip
            if options["axis"] is None or np.ndim(inputs[0]) < 2:
                left_out.pop("axis", None)
            found = numpy_called(getattr(np, named), tuple(inputs[:1]), left_out)
    return found if out is None else _into(out[0] if isinstance(out, tuple) else out, found, where)


def _are_truths(inputs: Sequence[Any]) -> bool:
    return any(
        (isinstance(one, Recorded) and one.is_truth)
        or (isinstance(one, RecordedArray) and one.size and getattr(one.view(np.ndarray).flat[0], "is_truth", False))
        for one in inputs
    )


def _called(ufunc: Any, name: str, inputs: Sequence[Any]) -> Any:
    with np.errstate(all="ignore"):
        own = getattr(np, name, None) if name in TRUTHS else ufunc
        known = [concrete(one) for one in inputs]
        value = own(*known) if own is not None else None
    if not has_recorded(list(inputs)) or name in OF_VALUES or (name in ORDERS and any(map(_is_infinite, inputs))):
        is_float = isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.shape
        return constants(value) if is_float else value
    if name in UNCHANGED:
        return inputs[0]
    if isinstance(value, tuple):
        raise cannot(f"np.{name}, which gives several values,")
    libraries = (np, sys.modules.get("scipy.special"))
    if not any(isinstance(getattr(one, name, None), np.ufunc) for one in libraries):
        if any(set(one) - set("O->") for one in ufunc.types):  # neither np.frompyfunc nor np.vectorize
            raise cannot(f"the function {name}")
        return from_entries(ufunc(*(one.view(np.ndarray) if isinstance(one, RecordedArray) else one for one in inputs)))
    args = [operand(one, truth=name in TRUTHS) for one in inputs]
    try:
        if name in OPERATORS:
            tensor = graph().operation(OPERATORS[name], args, HERE, HERE)
        else:
            path = ["np", name] if getattr(np, name, None) is not None else ["scipy", "special", name]
            tensor = graph().call(path, args, {}, HERE, HERE)
    except CannotFollow as error:
        library = "np" if getattr(np, name, None) is not None else "scipy.special"
        raise cannot(f"the function {library}.{name}", error.error.hint if error.error else None) from None
    return wrapped(tensor, value)


def _is_infinite(value: Any) -> bool:
    """Whether a value is infinite: all numbers are on the same side of it."""
    return isinstance(value, (float, np.floating)) and bool(np.isinf(value))


def _into(out: Any, found: Any, where: Any) -> Any:
    """A result written into an array, where a condition holds."""
    if isinstance(out, Recorded):  # x += 1 of a number makes another one
        return found
    if not isinstance(out, RecordedArray):
        raise cannot("out= of an array that numbers are not recorded in", "leave out=... out")
    if where is True:
        out[...] = found
        return out
    out.become(np.where(where, found, out))
    return out


def _at(ufunc: Any, target: Any, index: Any, *values: Any) -> None:
    """np.add.at(target, index, value): index by index, the same one perhaps several times."""
    if not isinstance(target, RecordedArray):
        raise cannot(f"np.{ufunc.__name__}.at on an array that numbers are not recorded in")
    places = np.arange(target.size).reshape(target.shape)[concrete(index)]
    plain = target.view(np.ndarray).reshape(-1)
    given = [np.broadcast_to(one, places.shape) for one in values]
    for number in np.ndindex(*places.shape):
        plain[places[number]] = _called(ufunc, ufunc.__name__, [plain[places[number]], *(one[number] for one in given)])
    target.view(np.ndarray)[...] = plain.reshape(target.shape)


class Libraries:
    """The rules of NumPy, SciPy and torch."""

    ufunc = staticmethod(ufunc_called)
    function = staticmethod(numpy_called)
    torch = staticmethod(torch_called)
    method = staticmethod(method_of)


LIBRARIES = Libraries()
