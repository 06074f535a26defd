"""Tensors whose entries are numbers at high precision: torch's functions, given such a one, are computed by the table.

They stand in for the user's tensors while a callable runs. What torch is asked for is looked up by its name among the
handlers; what is not there ends the run with Unsupported, never with a number that has lost its digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from gradcli.check.callables.nodes import Array, BallNode, EvaluationContext, Unsupported, array, entered, world

Handler = Callable[..., Any]
Own = TypeVar("Own", bound=Handler)

HANDLERS: dict[str, Handler] = {}  # by the name of torch's function or method; "get x" for an attribute
MAKERS: set[str] = set()  # functions that make tensors of plain numbers

NARROW = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16"}
_INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
_META = torch.empty((), device="meta")
_ANNOUNCED = ("is_leaf", "is_cpu")


class ExactTensor(torch.Tensor):
    """A tensor of nodes; `kind` is the dtype that torch's tensor would have."""

    entries: Array
    kind: torch.dtype
    wanted: bool  # whether a gradient is asked for

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return dispatch(func, args, dict(kwargs or {}))


def exact(entries: Array, kind: torch.dtype = torch.float64, wanted: bool = False) -> ExactTensor:
    """A tensor of these nodes."""
    made: ExactTensor = torch.Tensor._make_subclass(ExactTensor, _META)
    made.entries = entries if isinstance(entries, np.ndarray) else array([entries], ())
    made.kind = kind
    made.wanted = wanted
    return made


def is_exact(value: Any) -> bool:
    """Whether this is such a tensor."""
    return type(value) is ExactTensor


def lifted(value: Any) -> ExactTensor:
    """A tensor or a number of Python's as such a tensor."""
    if type(value) is ExactTensor:
        return value
    if isinstance(value, torch.Tensor):
        return _of_tensor(value)
    if isinstance(value, np.ndarray):
        return _of_tensor(torch.from_numpy(np.ascontiguousarray(value)))
    kind = torch.bool if isinstance(value, bool) else torch.int64 if isinstance(value, int) else torch.float64
    return exact(array([world().number(value)], ()), kind)


def _of_tensor(value: torch.Tensor) -> ExactTensor:
    if value.is_complex() or value.layout != torch.strided:
        raise Unsupported("a tensor that is complex or sparse")
    plain = value.detach().to("cpu")
    numbers = plain.double() if plain.is_floating_point() else plain
    now = world()
    flat = [now.number(one) for one in numbers.reshape(-1).tolist()]
    return exact(array(flat, tuple(plain.shape)), plain.dtype)


def is_scalar(value: Any) -> bool:
    """Whether this is a number of Python's."""
    return isinstance(value, (bool, int, float))


def promoted(values: Sequence[Any], real: bool = False) -> torch.dtype:
    """The dtype of a result, by torch's rules: numbers and tensors without dimensions only lift the category."""
    ranks: list[torch.dtype | None] = [None, None, None]
    for value in values:
        if type(value) is ExactTensor:
            rank, kind = (0 if value.entries.ndim else 1), value.kind
        elif is_scalar(value):
            default = torch.get_default_dtype()
            rank, kind = (
                2,
                torch.bool if isinstance(value, bool) else torch.int64 if isinstance(value, int) else default,
            )
        else:
            continue
        there = ranks[rank]
        ranks[rank] = kind if there is None else torch.promote_types(there, kind)
    result: torch.dtype | None = None
    for one in ranks:
        if one is not None and (result is None or _category(one) > _category(result)):
            result = one
    result = result or torch.float64
    return torch.get_default_dtype() if real and not result.is_floating_point else result


def _category(kind: torch.dtype) -> int:
    return 0 if kind is torch.bool else 2 if kind.is_floating_point else 1


def is_integer(kind: torch.dtype) -> bool:
    """Whether a dtype is one of whole numbers."""
    return kind in _INTEGERS


def computed(kind: torch.dtype) -> torch.dtype:
    """The dtype of a computed result, remembered where it is narrower than float64."""
    if kind in NARROW:
        world().narrow.add(NARROW[kind])
    return kind


def cut(value: ExactTensor) -> ExactTensor:
    """The same numbers without the way they were made: what detach gives. In another run they may be held."""
    now = world()
    entries = value.entries
    if now.inside:
        return exact(_without_way(entries), value.kind)
    if now.held is not None and len(now.cuts) < len(now.held):
        before = now.held[len(now.cuts)]
        if before.shape == entries.shape:
            entries = before
    plain = _without_way(entries)
    now.cuts.append(plain)
    return exact(plain, value.kind)


def _without_way(entries: Array) -> Array:
    return array([BallNode(node.value) for node in entries.flat], entries.shape)


class _Mode(TorchFunctionMode):
    """Sends every call of torch's functions here, those that only make tensors too."""

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return dispatch(func, args, dict(kwargs or {}))


@contextmanager
def running(one: EvaluationContext) -> Iterator[EvaluationContext]:
    """A run of the user's code in this world."""
    with entered(one), _Mode():
        yield one


def dispatch(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What a function of torch comes to."""
    name = _name(func)
    if name in MAKERS:
        if any(_mentions(value) for value in args):
            return HANDLERS[f"make {name}"](*args, **kwargs)
        made = func(*args, **kwargs)
        return lifted(made) if isinstance(made, torch.Tensor) else made
    if not any(_mentions(value) for value in (*args, *kwargs.values())):
        return func(*args, **kwargs)
    if name.startswith(("get ", "set ")):
        return _attribute(name, args)
    if kwargs.get("out") is not None:
        raise Unsupported(f"{name} with out=")
    handler = HANDLERS.get(name)
    if handler is None and name.endswith("_") and not name.startswith("_") and name[:-1] in HANDLERS:
        return _in_place(HANDLERS[name[:-1]], args, kwargs)
    if handler is None:
        raise Unsupported(f"torch's {name}")
    if name == "where" and func is torch.Tensor.where:
        args = (args[1], args[0], *args[2:])
    in_place = kwargs.pop("inplace", False) is True
    return _in_place(handler, args, kwargs) if in_place else _settled(handler(*args, **kwargs), args)


def _settled(result: Any, args: Sequence[Any]) -> Any:
    """A result, cut where gradients are off, and said to need a gradient where an argument does."""
    if type(result) is ExactTensor:
        if not torch.is_grad_enabled():
            return _off(result, args)
        result.wanted = result.wanted or any(_wanted(arg) for arg in args)
    elif isinstance(result, (tuple, list)):
        parts = [_settled(one, args) for one in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    return result


def _off(result: ExactTensor, args: Sequence[Any]) -> ExactTensor:
    """A result where gradients are off; a view stays one, since it may be written to."""
    if not result.kind.is_floating_point or any(_shares(result, arg) for arg in args):
        return result
    return cut(result)


def _shares(result: ExactTensor, arg: Any) -> bool:
    return type(arg) is ExactTensor and np.may_share_memory(result.entries, arg.entries)


def _wanted(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_wanted(one) for one in value)
    return type(value) is ExactTensor and value.wanted


def _in_place(handler: Handler, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    target = args[0]
    if type(target) is not ExactTensor:
        raise Unsupported("writing into a tensor of plain numbers")
    result = lifted(_settled(handler(*args, **kwargs), args))
    target.entries[...] = np.broadcast_to(result.entries, target.entries.shape)
    target.wanted = target.wanted or result.wanted
    return target


def _mentions(value: Any) -> bool:
    if type(value) is ExactTensor:
        return True
    if isinstance(value, (list, tuple)):
        return any(_mentions(one) for one in value)
    return isinstance(value, slice) and any(type(one) is ExactTensor for one in (value.start, value.stop, value.step))


def _name(func: Any) -> str:
    """A function's name as the handlers have it."""
    name = getattr(func, "__name__", "")
    if name in ("__get__", "__set__"):
        return f"{name[2:5]} {getattr(func.__self__, '__name__', '')}"
    for prefix in ("special_", "linalg_"):
        if name.startswith(prefix):
            return name[len(prefix) :] if prefix == "special_" else name
    return name


def _attribute(name: str, args: Sequence[Any]) -> Any:
    handler = HANDLERS.get(name)
    if handler is not None:
        return handler(*args)
    if name.startswith("get is_"):
        return name[4:] in _ANNOUNCED
    raise Unsupported(f"a tensor's {name[4:]}")


def handler(*names: str) -> Callable[[Own], Own]:
    """Make a function the handler of these names."""

    def register(function: Own) -> Own:
        for name in names:
            HANDLERS[name] = function
        return function

    return register
