"""Names of modules that take recorded numbers while a function is recorded: math, arrays that are made, float(...)."""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from gradcli.check.recording import tensors
from gradcli.check.recording.arrays import RecordedArray, has_recorded
from gradcli.check.recording.dispatch import applied
from gradcli.check.recording.special import closely, constants, full
from gradcli.check.recording.values import Recorded, as_number

MODULES_TOO = ("statistics", "scipy._lib.array_api_compat", "scipy._external.array_api_compat")


@contextmanager
def patched(functions: Iterable[Any]) -> Iterator[Mapping[int, Any]]:
    """Let the modules of these functions, math, NumPy's namespace and SciPy's take recorded numbers.

    What it gives says what stands for a function, by its id.
    """
    changes = _changes()
    by_id = {id(old): new for (module, name), (old, new) in changes.items()}
    saved: list[tuple[Any, str, Any]] = []

    def put(owner: Any, name: str, new: Any) -> None:
        saved.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, new)

    try:
        for (owner, name), (_, new) in changes.items():
            put(owner, name, new)
        for module in _modules_of(functions):
            for name, one in list(vars(module).items()):
                if id(one) in by_id and (module, name) not in changes:
                    put(module, name, by_id[id(one)])
            for name, new in _BUILTINS.items():
                if name not in vars(module):
                    put(module, name, new)
        yield by_id
    finally:
        for owner, name, old in reversed(saved):
            if old is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, old)


_MISSING = object()


def _modules_of(functions: Iterable[Any]) -> list[ModuleType]:
    """The modules of the packages that functions stand in, and those that compute with math for others."""
    tops = {str(getattr(one, "__module__", "")).partition(".")[0] for one in functions} - {"numpy", "math", "builtins"}
    scopes = {id(vars_of): one for one in functions if (vars_of := getattr(one, "__globals__", None)) is not None}
    found = []
    for name, module in list(sys.modules.items()):
        if not isinstance(module, ModuleType) or name.startswith("gradcli."):
            continue
        if id(vars(module)) in scopes or name.partition(".")[0] in tops or name.startswith(MODULES_TOO):
            found.append(module)
    return found


def _changes() -> dict[tuple[Any, str], tuple[Any, Any]]:
    """What stands in for what: an owner and a name, the old one and the new one."""
    found: dict[tuple[Any, str], tuple[Any, Any]] = {}
    for name, one in vars(math).items():
        if callable(one) and not name.startswith("_"):
            found[math, name] = (one, _of_math(name, one))
    for name, make in _MAKERS.items():
        one = getattr(np, name)
        found[np, name] = (one, make(one))
    found |= tensors.makers()
    special = sys.modules.get("scipy.special")
    for name in ("logsumexp", "softmax", "log_softmax"):
        if special is not None:
            one = getattr(special, name)
            found[special, name] = (one, _of_special(name, one))
    stats = sys.modules.get("scipy.stats")
    for name, path in _NORMAL.items():
        if stats is not None:
            found[stats.norm, name] = (getattr(stats.norm, name), _of_normal(getattr(stats.norm, name), path))
    return found


# math


def _of_math(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def replaced(*args: Any, **kwargs: Any) -> Any:
        if not has_recorded(args):
            return original(*args, **kwargs)
        if name in _OWN_MATH:
            return _OWN_MATH[name](*args, **kwargs)
        if name == "log" and len(args) == 2:
            return replaced(args[0]) / replaced(args[1])

        def known(*values: Any) -> float:
            try:
                return float(original(*values))
            except (ValueError, OverflowError, ZeroDivisionError):  # outside of its domain, where there is no value
                return math.nan

        if name == "pow":
            return args[0] ** args[1]
        return applied([["math", name]], original, args, kwargs, known, divides=False)

    return replaced


def _product(values: Iterable[Any], start: Any = 1) -> Any:
    for one in values:
        start = start * one
    return start


_OWN_MATH: dict[str, Callable[..., Any]] = {
    "fsum": lambda values: sum(values),
    "prod": lambda values, start=1: _product(values, start),
    "dist": lambda p, q: sum((a - b) ** 2 for a, b in zip(p, q)) ** 0.5,
    "hypot": lambda *values: np.sqrt(sum(one**2 for one in values)),
    "isnan": lambda x: False,
    "isinf": lambda x: False,
    "isfinite": lambda x: True,
    "isclose": lambda a, b, *, rel_tol=1e-9, abs_tol=0.0: closely(
        abs(a - b) <= np.maximum(rel_tol * np.maximum(abs(a), abs(b)), abs_tol), rel_tol, abs_tol
    ),
}


# NumPy's functions that make arrays


def _array(original: Callable[..., Any]) -> Callable[..., Any]:
    def replaced(values: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(values, (Recorded, RecordedArray)):
            return values.copy() if original is np.array and isinstance(values, RecordedArray) else values
        if not has_recorded(values):
            found = original(values, *args, **kwargs)
            is_new = isinstance(values, list) and found.dtype.kind == "f"
            return constants(found) if is_new and found.shape else found
        found = _original_array(_unpacked(values), dtype=object)
        return found.view(RecordedArray)

    return replaced


def _unpacked(values: Any) -> Any:
    """Nested lists of recorded numbers, in which arrays are lists, too."""
    if isinstance(values, RecordedArray):
        return values.tolist()
    return [_unpacked(one) for one in values] if isinstance(values, (list, tuple)) else values


_original_array = np.array


def _made(original: Callable[..., Any]) -> Callable[..., Any]:
    def replaced(*args: Any, **kwargs: Any) -> Any:
        if original.__name__ == "full" and has_recorded([list(args), kwargs]):
            return full(*args, **{one: value for one, value in kwargs.items() if one != "dtype"})
        found = original(*args, **kwargs)
        if found.dtype.kind != "f" or not found.shape:
            return found
        return constants(np.full(found.shape, 0.0) if original.__name__ == "empty" else found)

    return replaced


_MAKERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("array", "asarray", "asanyarray", "ascontiguousarray"), _array),
    **dict.fromkeys(("zeros", "ones", "empty", "full", "eye", "identity", "zeros_like", "ones_like"), _made),
}


# SciPy


def _of_special(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def replaced(values: Any, *args: Any, **kwargs: Any) -> Any:
        if not has_recorded(values):
            return original(values, *args, **kwargs)
        if any(one is not None for one in args) or set(kwargs) - {"axis", "keepdims"}:
            weights = args[1] if len(args) > 1 else kwargs.get("b")
            if weights is not None:
                return np.log(np.sum(weights * np.exp(values)))
        axis = kwargs.get("axis")
        if name == "logsumexp":
            if axis is None:
                return np.log(np.sum(np.exp(values)))
            return np.log(np.sum(np.exp(values), axis=axis, keepdims=bool(kwargs.get("keepdims"))))
        total = np.sum(np.exp(values), axis=axis, keepdims=True) if axis is not None else np.sum(np.exp(values))
        return np.exp(values) / total if name == "softmax" else values - np.log(total)

    return replaced


_NORMAL = {"cdf": "ndtr", "pdf": "", "logpdf": "", "logcdf": "log_ndtr", "sf": "ndtr", "ppf": "ndtri"}


def _of_normal(original: Callable[..., Any], path: str) -> Callable[..., Any]:
    kind = original.__name__

    def replaced(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
        if not has_recorded([x, loc, scale]):
            return original(x, loc, scale)
        from scipy import special

        if kind == "ppf":
            return loc + scale * special.ndtri(x)
        z = (x - loc) / scale if has_recorded([loc, scale]) or (loc, scale) != (0, 1) else x
        if kind == "pdf":
            found = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
            return found if z is x else found / scale
        if kind == "logpdf":
            found = -(z**2) / 2 - np.log(2 * np.pi) / 2
            return found if z is x else found - np.log(scale)
        return getattr(special, path)(-z if kind == "sf" else z)

    return replaced


# Builtins


class _FloatMeta(type):
    def __instancecheck__(cls, one: Any) -> bool:
        return isinstance(one, (builtins.float, Recorded))

    def __subclasscheck__(cls, one: Any) -> bool:
        return issubclass(one, (builtins.float, Recorded))


class RecordedFloat(metaclass=_FloatMeta):
    """What float is meanwhile: a recorded number stays what it is, and is one."""

    def __new__(cls, value: Any = 0.0) -> Any:
        """A number as a float."""
        if isinstance(value, RecordedArray) and value.size == 1:
            value = value.view(np.ndarray).flat[0]
        return as_number(value) if isinstance(value, Recorded) else builtins.float(value)

    fromhex = builtins.float.fromhex


def _extreme(original: Callable[..., Any], function: Any) -> Callable[..., Any]:
    def replaced(*args: Any, **kwargs: Any) -> Any:
        values = args if len(args) > 1 else list(args[0]) if args and has_recorded(list(args[0])) else ()
        if kwargs or not has_recorded(list(values)):
            return original(*args, **kwargs)
        found = values[0]
        for one in values[1:]:
            found = function(found, one)
        return found

    return replaced


_BUILTINS: dict[str, Any] = {
    "float": RecordedFloat,
    "max": _extreme(builtins.max, np.maximum),
    "min": _extreme(builtins.min, np.minimum),
}


def stacked(values: Any) -> Any:
    """Nested lists of numbers, recorded or not, as an array."""
    return _array(np.array)(values)
