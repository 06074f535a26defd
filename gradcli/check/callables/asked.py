"""What tensors of balls are asked for outside of operations: Python's numbers, NumPy, and where gradients end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.autograd.function import FunctionCtx
from torch.overrides import TorchFunctionMode

from gradcli.check.callables.tensor import BallTensor, OperationsMode, balls, entries_of, is_balls
from gradcli.check.callables.world import EvaluationContext, Unsupported, entered, world

_NUMPY = ("numpy", "__array__", "tolist")
_MAKERS = ("tensor", "as_tensor", "asarray")


class AskedMode(TorchFunctionMode):
    """Sees what the user's code calls, before autograd does."""

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name == "_set_grad_enabled":
            world().off = not args[0]
        elif name in _MAKERS and args and isinstance(args[0], (list, tuple)) and _mentions(args[0]):
            return cut(_stacked(args[0]).to(kwargs.get("dtype")))
        elif args and is_balls(args[0]):
            if name in ("detach", "detach_") or (
                name == "__get__" and getattr(func.__self__, "__name__", "") == "data"
            ):
                return cut(args[0])
            if name == "item":
                return cut(args[0].reshape(()))
            if name == "__float__":
                raise Unsupported("float() of a tensor, or a function of the math module")
            if name in ("__int__", "__index__"):
                raise Unsupported("int() of a tensor of real numbers")
            if name == "tolist":
                return _listed(cut(args[0]))
            if name in _NUMPY:
                raise Unsupported("NumPy")
            if name == "__bool__" and args[0].numel() == 1:
                return bool(args[0] != 0)
        result = func(*args, **kwargs)
        if world().off and is_balls(result) and not name.endswith("_") and not result._is_view():
            return cut(result)
        return result


def cut(value: BallTensor) -> BallTensor:
    """The same numbers without the way they were made; in another run they may be held."""
    now = world()
    if now.held is not None and len(now.cuts) < len(now.held) and now.held[len(now.cuts)].shape == tuple(value.shape):
        held = now.held[len(now.cuts)]
        now.cuts.append(held)
        return balls(held, value.doubles)
    now.cuts.append(value.entries)
    return value.detach()  # type: ignore[return-value]


def _listed(value: BallTensor) -> Any:
    return [_listed(one) for one in value.unbind()] if value.dim() else value  # type: ignore[arg-type]


def _mentions(value: Any) -> bool:
    return any(_mentions(one) for one in value) if isinstance(value, (list, tuple)) else is_balls(value)


def _stacked(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return torch.stack([_stacked(one) for one in value])
    return value if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=torch.float64)


@contextmanager
def saving_watched() -> Iterator[None]:
    """Remember what forwards save for their backwards, to see whether it is written into afterwards."""
    plain = FunctionCtx.save_for_backward

    def save(self: Any, *tensors: Any) -> None:
        world().saved += [(one, list(entries_of(one).flat)) for one in tensors if is_balls(one)]
        plain(self, *tensors)

    FunctionCtx.save_for_backward = save  # type: ignore[method-assign]
    try:
        yield
    finally:
        FunctionCtx.save_for_backward = plain  # type: ignore[method-assign]


def is_stale() -> bool:
    """Whether something that was saved for a backward has been written into since."""
    return any(any(a is not b for a, b in zip(entries_of(one).flat, before)) for one, before in world().saved)


@contextmanager
def running(one: EvaluationContext) -> Iterator[EvaluationContext]:
    """A run of the user's code, or of a backward, in this world."""
    with entered(one), saving_watched(), AskedMode(), OperationsMode():  # type: ignore[no-untyped-call]
        yield one
