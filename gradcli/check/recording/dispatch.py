"""What functions of NumPy, SciPy and torch do with recorded numbers and arrays: whole, or entry by entry."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcli.cells.values import CannotFollow
from gradcli.check.recording import tensors
from gradcli.check.recording.arrays import (
    RecordedArray,
    concrete,
    from_entries,
    has_recorded,
    is_truths,
    operand,
    wrapped,
)
from gradcli.check.recording.graph import HERE, cannot, graph
from gradcli.check.recording.special import SPECIAL
from gradcli.check.recording.values import Recorded

OF_VALUES = frozenset((
    "shape", "ndim", "size", "iscomplexobj", "isrealobj", "isreal", "result_type", "can_cast", "array_equal",
    "may_share_memory", "shares_memory", "common_type", "min_scalar_type",
))  # fmt: skip
ASIDE = frozenset(("dtype", "out", "order", "casting", "optimize", "subok", "like", "device", "copy"))
CONDITIONS = {"where": 0, "masked_fill": 1}  # which argument is one
NOTHING: Mapping[str, Any] = {"axis": None, "keepdims": False, "where": True, "initial": np._NoValue}


def numpy_called(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What a function of NumPy gives for arguments some of which are recorded."""
    name = function.__name__
    out = kwargs.get("out")
    kwargs = {
        one: value for one, value in kwargs.items()
        if one not in ASIDE and not (one in NOTHING and (value is NOTHING[one] or value is np._NoValue))
    }  # fmt: skip
    if name in OF_VALUES:
        return function(*concrete(list(args)), **concrete(kwargs))
    inner = "linalg" if function.__module__.startswith("numpy.linalg") else ""
    special = SPECIAL.get(f"{inner}.{name}" if inner else name)
    if special is not None:
        found = special(*args, **kwargs)
    else:
        found = applied([["np", *([inner] if inner else []), name]], function, args, kwargs)
    if isinstance(out, RecordedArray):
        out[...] = found
        return out
    return found


def applied(
    paths: Sequence[Sequence[str]], function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any],
    known: Callable[..., Any] | None = None, divides: bool = True,
) -> Any:  # fmt: skip
    """What a function gives: by the first of the library's names that the language has, or entry by entry.

    `known` computes it for numbers; without `divides` it is not tried entry by entry.
    Raises GradcliError where neither is possible.
    """
    known = known or function
    if not has_recorded([list(args), dict(kwargs)]):
        return _held(known(*concrete(list(args)), **concrete(dict(kwargs))))
    with np.errstate(all="ignore"):
        value = known(*concrete(list(args)), **concrete(dict(kwargs)))
    by_entries = graph().by_entries and divides
    if by_entries and (found := _by_entries(function, args, kwargs)) is not None:
        return found
    hint = None
    for path in paths if not isinstance(value, tuple) else ():
        truth = CONDITIONS.get(path[-1], 0 if path[-1].startswith("logical") else None)
        try:
            operands = [operand(one, i == truth) for i, one in enumerate(args)]
            named = {one: operand(each) for one, each in kwargs.items()}
            return wrapped(graph().call(path, operands, named, HERE, HERE), value)
        except CannotFollow as error:
            hint = hint or (error.error.hint if error.error else None)
    if divides and not by_entries and (found := _by_entries(function, args, kwargs)) is not None:
        return found
    raise cannot(f"the function {'.'.join(paths[0])}", hint)


def _held(value: Any) -> Any:
    """Numbers that nothing recorded went into, as an array that may be written into."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.shape:
        return value.astype(object).view(RecordedArray)
    return value


def _by_entries(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What NumPy itself makes of arrays of objects; None where it does not take them."""
    try:
        return from_entries(function(*map(_objects, args), **{name: _objects(one) for name, one in kwargs.items()}))
    except (TypeError, ValueError, AttributeError, IndexError):
        return None


def _objects(value: Any) -> Any:
    if isinstance(value, Recorded):
        found = np.empty((), dtype=object)
        found[()] = value
        return found
    if isinstance(value, RecordedArray):
        return value.view(np.ndarray)
    if isinstance(value, (list, tuple)) and has_recorded(value):
        return type(value)(_objects(one) if isinstance(one, np.ndarray) else one for one in value)
    return value


# Torch


def torch_called(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What a function of torch gives for arguments some of which are recorded."""
    name = function.__name__.strip("_")
    name = {"rsub": "sub", "truediv": "div"}.get(name, name)
    found = tensors.made_of(name, args, kwargs)
    if found is not None:
        return found
    if name in ("setitem", "grad", "backward", "requires_grad"):
        raise cannot(f"torch's {name}")
    own = [["torch", name], ["F", name], ["torch", "special", name], ["torch", "linalg", name.removeprefix("linalg_")]]
    return applied(own, function, args, kwargs, tensors.known(function), divides=False)


# Methods


def method_of(value: Any, name: str) -> Any:
    """A method or an attribute of a recorded number or array."""
    if name.startswith("_") or name in ("grad", "requires_grad"):
        raise AttributeError(name)
    if name in _PLAIN:
        return _PLAIN[name](value)
    if name in _COPIES:
        return lambda *args, **kwargs: _copied(value)
    if name in ("shape", "ndim", "size", "dtype") and isinstance(value, Recorded):
        return getattr(np.float64(0), name)
    if name in _BY_FUNCTION:
        return partial(_method, value, name)
    function = getattr(np, name, None)
    if isinstance(function, np.ufunc):
        return partial(function, value)
    if "torch" in sys.modules and hasattr(sys.modules["torch"].Tensor, name):
        return partial(_torch_method, value, name)
    raise AttributeError(f"a recorded {'number' if isinstance(value, Recorded) else 'array'} has no {name}")


def _method(value: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    if "dim" in kwargs or "keepdim" in kwargs:
        return _torch_method(value, name, *args, **kwargs)
    if name in ("reshape", "transpose") and args and not isinstance(args[0], (tuple, list)):
        args = (tuple(args),)
    if name in ("item", "tolist"):
        return _plain_entries(value, name, args)
    if name == "flatten":
        name = "ravel"
    return numpy_called(getattr(np, name), (value, *args), kwargs)


def _plain_entries(value: Any, name: str, args: Any) -> Any:
    if isinstance(value, Recorded):
        return value
    return getattr(np.ndarray, name)(value.view(np.ndarray), *args)


def _torch_method(value: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    def method(one: Any, *rest: Any, **options: Any) -> Any:
        return getattr(one, name)(*rest, **options)

    known = tensors.known(method)
    if name in ("double", "float", "clone", "detach", "contiguous", "cpu", "to"):
        if name == "detach":
            raise cannot("detach()")
        return _copied(value)
    if name in ("dim", "numel", "size"):
        return known(value, *args)
    try:
        tensor = graph().method(
            operand(value),
            name,
            [operand(one, CONDITIONS.get(name) == i + 1) for i, one in enumerate(args)],
            kwargs,
            HERE,
            HERE,
        )
    except CannotFollow as error:
        raise cannot(f"the method .{name}()", error.error.hint if error.error else None) from None
    return wrapped(tensor, known(value, *args, **kwargs))


def _copied(value: Any) -> Any:
    if value.is_truth if isinstance(value, Recorded) else is_truths(value):  # as numbers
        return np.where(value, 1.0, 0.0)
    if isinstance(value, Recorded):
        return value
    found = np.ndarray.copy(value)
    found.whole, found.had = value.whole, list(value.had)
    return found


_COPIES = frozenset(("copy", "astype", "view_as"))
_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "T": lambda value: value if np.ndim(concrete(value)) < 2 else numpy_called(np.transpose, (value,), {}),
    "real": lambda value: value,
    "imag": lambda value: 0.0,
    "conj": lambda value: lambda: value,
    "conjugate": lambda value: lambda: value,
}
_BY_FUNCTION = frozenset((
    "sum", "mean", "prod", "max", "min", "std", "var", "dot", "cumsum", "cumprod", "reshape", "ravel", "flatten",
    "transpose", "squeeze", "clip", "trace", "diagonal", "argmax", "argmin", "argsort", "all", "any", "item", "tolist",
    "round", "repeat", "take", "swapaxes", "sort", "ptp",
))  # fmt: skip
