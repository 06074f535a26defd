"""Tensors that are made: of plain numbers, of entries at high precision, or in the likeness of another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from gradcli.check.callables.asked import cast
from gradcli.check.callables.elementwise import mapped, whole
from gradcli.check.callables.exact import HANDLERS, MAKERS, ExactTensor, cut, exact, handler, lifted, promoted
from gradcli.check.callables.nodes import Unsupported, array
from gradcli.functions import table

MAKERS.update(("zeros", "ones", "full", "empty", "eye", "arange", "linspace", "logspace", "tensor", "as_tensor",
               "asarray", "scalar_tensor", "rand", "randn", "randint", "randperm"))  # fmt: skip


@handler("make tensor", "make as_tensor", "make asarray", "make scalar_tensor")
def _tensor(data: Any, dtype: Any = None, **_: Any) -> ExactTensor:
    """A tensor of entries that are such tensors themselves: they are copied, and their gradient ends there."""
    parts = _nested(data)
    made = cut(parts)
    return made if dtype is None else cast(made, dtype)


def _nested(data: Any) -> ExactTensor:
    if not isinstance(data, (list, tuple)):
        return lifted(data)
    parts = [_nested(one) for one in data]
    return exact(np.stack([one.entries for one in parts]), promoted(parts))


@handler("make full")
def _full(size: Any, fill_value: Any, **_: Any) -> ExactTensor:
    value = lifted(fill_value)
    return exact(array([value.entries.item()] * int(np.prod(whole(tuple(size)))), tuple(size)), value.kind)


def _like(make: Callable[..., torch.Tensor]) -> Callable[..., ExactTensor]:
    """Torch's own function, given a tensor of that shape and dtype."""

    def run(
        x: ExactTensor, *args: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any
    ) -> ExactTensor:
        if any(type(arg) is ExactTensor for arg in args):
            return HANDLERS["make full"](x.entries.shape, *args)  # type: ignore[no-any-return]
        return lifted(make(torch.empty(x.entries.shape, dtype=dtype or x.kind), *args))

    return run


for _name in ("zeros_like", "ones_like", "full_like", "rand_like", "randn_like"):
    HANDLERS[_name] = _like(getattr(torch, _name))
HANDLERS["empty_like"] = HANDLERS["zeros_like"]
for _name in ("new_zeros", "new_ones", "new_full", "new_empty", "new_tensor"):
    HANDLERS[_name] = _like(lambda x, *args, _name=_name: getattr(x, _name)(*args))


@handler("dropout")
def _dropout(x: ExactTensor, p: float = 0.5, training: bool = True) -> ExactTensor:
    mask = torch.nn.functional.dropout(torch.ones(x.entries.shape, dtype=torch.float64), p, training)
    return mapped(table.BY_NAME["*"], x, mask)


@handler("one_hot")
def _one_hot(x: ExactTensor, num_classes: int = -1) -> ExactTensor:
    return lifted(torch.nn.functional.one_hot(torch.as_tensor(whole(x)), num_classes))


@handler("bernoulli", "multinomial", "normal", "uniform_", "normal_", "poisson")
def _drawn(*_: Any, **__: Any) -> Any:
    raise Unsupported("random numbers that depend on a tensor")
