"""Torch, where the user's code has loaded it: its functions of recorded values, and calls with its tensors."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy import asarray as as_array

from gradcli.check.recording.arrays import RecordedArray, concrete, has_recorded
from gradcli.check.recording.special import SPECIAL, constants


def is_loaded() -> bool:
    """Whether torch is there."""
    return "torch" in sys.modules


def is_of_torch(error: BaseException) -> bool:
    """Whether an exception was raised by torch itself: what it was given were no tensors."""
    raised = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(raised) and str(raised[-1]).partition(".")[0] == "torch"


def tensor(value: Any) -> Any:
    """A value with tensors for the numbers and arrays in it."""
    import torch

    value = concrete(value)
    if isinstance(value, (list, tuple)):
        return type(value)(tensor(one) for one in value)
    if isinstance(value, (np.ndarray, np.generic, float)):
        return torch.from_numpy(as_array(value).copy())
    return value


def arrays(value: Any) -> Any:
    """A value with arrays for the tensors in it."""
    if isinstance(value, Mapping):
        return {name: arrays(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(map(arrays, value)) if isinstance(value, tuple) else [arrays(one) for one in value]
    return value.detach().numpy() if hasattr(value, "detach") else value


@contextmanager
def in_doubles() -> Iterator[None]:
    """Let new tensors be of float64, as the numbers that functions are called with."""
    if not is_loaded():
        yield
        return
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def known(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of torch for arrays of NumPy."""
    import torch

    def computed(*args: Any, **kwargs: Any) -> Any:
        with torch.no_grad():
            return arrays(function(*map(tensor, args), **{one: _option(each) for one, each in kwargs.items()}))

    return computed


def _option(value: Any) -> Any:
    return tensor(value) if isinstance(value, np.ndarray) else value


def made_of(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What torch's function of this name gives where it is one of NumPy; None where it is none."""
    if name.endswith("_like") and name in SPECIAL:
        return SPECIAL[name](*args[:1])
    if name in ("stack", "cat", "concatenate", "concat"):
        axis = kwargs.get("dim", args[1] if len(args) > 1 else 0)
        return (np.stack if name == "stack" else np.concatenate)(_listed(args[0]), axis=axis)
    return None


def _listed(values: Sequence[Any]) -> list[Any]:
    found = []
    for one in values:
        array = np.empty(np.shape(concrete(one)), dtype=object).view(RecordedArray)
        array[...] = one
        found.append(array)
    return found


def makers() -> Mapping[tuple[Any, str], tuple[Any, Any]]:
    """What stands for torch's functions that make tensors: arrays that recorded numbers can be written into."""
    if not is_loaded():
        return {}
    import torch

    def making(original: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **kwargs: Any) -> Any:
            if has_recorded([list(args), kwargs]):
                return np.array(args[0], dtype=object)
            found = original(*args, **kwargs)
            return constants(found.numpy()) if found.is_floating_point() and found.ndim else found

        return made

    names = ("zeros", "ones", "empty", "full", "eye", "tensor", "as_tensor")
    return {(torch, name): (getattr(torch, name), making(getattr(torch, name))) for name in names}
