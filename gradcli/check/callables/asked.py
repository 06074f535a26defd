"""What tensors are asked for beside their numbers: attributes, truth values, copies and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gradcli.check.callables.elementwise import as_numbers, as_truths, exact_of, mapped, whole
from gradcli.check.callables.exact import (
    HANDLERS,
    NARROW,
    ExactTensor,
    computed,
    cut,
    exact,
    handler,
    is_integer,
    lifted,
)
from gradcli.check.callables.nodes import Unsupported, array, decided, world
from gradcli.functions import table

_KINDS = {"double": torch.float64, "float": torch.float32, "half": torch.float16, "bfloat16": torch.bfloat16,
          "long": torch.int64, "int": torch.int32, "bool": torch.bool}  # fmt: skip

# Attributes

HANDLERS.update({
    "get shape": lambda x: torch.Size(x.entries.shape),
    "get dtype": lambda x: x.kind,
    "get device": lambda x: torch.device("cpu"),
    "get ndim": lambda x: x.entries.ndim,
    "get requires_grad": lambda x: x.wanted,
    "get is_leaf": lambda x: True,
    "get grad_fn": lambda x: None,
    "get grad": lambda x: None,
    "get layout": lambda x: torch.strided,
    "get names": lambda x: (None,) * x.entries.ndim,
    "get data": lambda x: cut(x),
    "get T": lambda x: exact(x.entries.T, x.kind),
    "get mT": lambda x: exact(np.swapaxes(x.entries, -1, -2), x.kind),
    "get H": lambda x: exact(x.entries.T, x.kind),
    "get real": lambda x: x,
    "set requires_grad": lambda x, value: setattr(x, "wanted", bool(value)),
    "size": lambda x, dim=None: torch.Size(x.entries.shape) if dim is None else x.entries.shape[dim],
    "dim": lambda x: x.entries.ndim,
    "ndimension": lambda x: x.entries.ndim,
    "numel": lambda x: x.entries.size,
    "nelement": lambda x: x.entries.size,
    "__len__": lambda x: len(x.entries),
    "__hash__": id,
    "is_floating_point": lambda x: x.kind.is_floating_point,
    "is_complex": lambda x: False,
    "is_contiguous": lambda x, **_: True,
    "is_tensor": lambda x: True,
    "get_device": lambda x: -1,
    "retain_grad": lambda x: None,
    "element_size": lambda x: x.kind.itemsize,
    "__repr__": lambda x, **_: f"tensor({[str(node.value) for node in x.entries.flat]})",
    "__format__": lambda x, form: f"tensor of {x.entries.size}",
})  # fmt: skip


@handler("requires_grad_")
def _requires_grad(x: ExactTensor, requires_grad: bool = True) -> ExactTensor:
    x.wanted = requires_grad
    return x


# Python's own questions


@handler("__bool__", "is_nonzero")
def _bool(x: ExactTensor) -> bool:
    if x.entries.size != 1:
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
    return bool(decided(as_truths(x).item()))


@handler("__float__")
def _float(x: ExactTensor) -> float:
    if x.kind.is_floating_point:
        raise Unsupported("float() of a tensor, or a function of the math module")
    return float(decided(x.entries.item()))


@handler("__int__", "__index__")
def _int(x: ExactTensor) -> int:
    value = decided(x.entries.item())
    if value is None:
        raise Unsupported("int() of what has no value")
    world().label(int(value))
    return int(value)


@handler("__array__", "numpy", "__array_wrap__")
def _numpy(*_: Any, **__: Any) -> Any:
    raise Unsupported("NumPy")


@handler("item")
def _item(x: ExactTensor) -> Any:
    if x.kind.is_floating_point:
        return cut(x)
    return whole(exact(x.entries.reshape(()), x.kind)) if is_integer(x.kind) else bool(decided(x.entries.item()))


@handler("tolist")
def _tolist(x: ExactTensor) -> Any:
    def nested(part: Any) -> Any:
        if part.ndim:
            return [nested(one) if isinstance(one, np.ndarray) else nested(array([one], ())) for one in part]
        return _item(exact(part, x.kind))

    return nested(x.entries)


# Copies and dtypes


@handler("detach", "detach_", "stop_gradient")
def _detach(x: ExactTensor) -> ExactTensor:
    return cut(x)


@handler("clone", "contiguous", "__deepcopy__", "__copy__")
def _clone(x: ExactTensor, *_: Any, **__: Any) -> ExactTensor:
    return exact(x.entries.copy(), x.kind)


@handler("to", "type", "type_as")
def _to(x: ExactTensor, *args: Any, dtype: Any = None, **_: Any) -> Any:
    for arg in args:
        if isinstance(arg, torch.dtype):
            dtype = arg
        elif isinstance(arg, torch.Tensor):
            dtype = arg.dtype
    return cast(x, dtype) if dtype is not None else x


def cast(x: ExactTensor, kind: torch.dtype) -> ExactTensor:
    """The numbers in another dtype; narrower ones are noticed, and nothing is rounded but to whole numbers."""
    if kind is x.kind:
        return x
    if kind is torch.bool:
        return exact(as_truths(x), kind)
    if kind in NARROW and x.kind is torch.float64:
        computed(kind)
    if is_integer(kind) and x.kind.is_floating_point:
        return exact_of(mapped(table.BY_NAME["trunc"], x).entries, kind)
    if not kind.is_floating_point and not is_integer(kind):
        raise Unsupported(f"the dtype {kind}")
    return exact(as_numbers(x), kind)


for _name, _kind in _KINDS.items():
    HANDLERS[_name] = lambda x, _kind=_kind, **_: cast(x, _kind)
HANDLERS["cpu"] = lambda x, **_: x


@handler("copy")
def _copy(x: ExactTensor, source: Any, *_: Any) -> ExactTensor:
    return cast(lifted(source), x.kind)


HANDLERS["zero"] = lambda x: exact(array([world().number(0)], ()), x.kind)
HANDLERS["fill"] = lambda x, value: lifted(value)
