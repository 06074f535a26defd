"""Autograd Functions run on numbers at high precision: forward, and backward where a gradient is pulled."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.autograd import Function

from gradcli.check.callables.exact import ExactTensor, exact, is_exact, lifted
from gradcli.check.callables.nodes import Array, BallNode, Made, Unsupported, array, world

_BASE: Any = Function.__mro__[1]  # where the apply of every Function, however it was taken hold of, ends


class CallContext:
    """What forward and backward know as ctx."""

    def __init__(self, needs: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs
        self.saved_tensors: tuple[Any, ...] = ()
        self.to_save: tuple[Any, ...] = ()
        self.materialized = True
        self.plain: list[Any] = []
        self.copies: list[tuple[Any, list[Any]]] = []

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for backward."""
        self.saved_tensors = self.to_save = tensors
        self.copies = [(one, [node.value for node in one.entries.flat]) for one in tensors if is_exact(one)]

    @property
    def is_stale(self) -> bool:
        """Whether a tensor has been written into since it was saved."""
        return any(
            node.value is not value for one, before in self.copies for node, value in zip(one.entries.flat, before)
        )

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """The same, as it was once called."""
        return self.saved_tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """Keep tensors for jvp."""
        self.saved_tensors = self.saved_tensors or tensors

    def mark_dirty(self, *tensors: Any) -> None:
        """Say which inputs are modified: it shows by itself."""

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Say which outputs have no gradient."""
        self.plain.extend(tensors)

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether missing gradients are zeros."""
        self.materialized = value


@contextmanager
def functions_followed() -> Iterator[None]:
    """Let autograd Functions that are given such numbers run on them; what others call stays as it is."""
    before = _BASE.__dict__.get("apply")
    plain = _BASE.apply.__func__ if hasattr(_BASE.apply, "__func__") else None

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if any(is_exact(arg) for arg in (*args, *kwargs.values())):
            return applied(cls, args, kwargs)
        if plain is not None:
            return plain(cls, *args, **kwargs)
        return super(_BASE, cls).apply(*args, **kwargs)

    _BASE.apply = classmethod(apply)
    try:
        yield
    finally:
        if before is None:
            del _BASE.apply
        else:
            _BASE.apply = before


def has_setup(cls: Any) -> bool:
    """Whether the Function has a setup_context of its own: then forward is not given ctx."""
    return cls.setup_context is not Function.setup_context


def applied(cls: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What an autograd Function comes to, its outputs connected by its backward alone."""
    now = world()
    ctx = CallContext(tuple(is_exact(arg) and bool(arg.wanted) for arg in args))
    inputs = [arg.entries.copy() if is_exact(arg) and arg.kind.is_floating_point else None for arg in args]
    now.inside += 1
    try:
        with torch.no_grad():
            if has_setup(cls):
                result = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, tuple(args), result)
            else:
                result = cls.forward(ctx, *args, **kwargs)
    finally:
        now.inside -= 1
    parts = list(result) if isinstance(result, (tuple, list)) else [result]
    now.followed = True
    made = Made(inputs, lambda incoming: _backward(cls, ctx, made, incoming))
    for place, given in enumerate(parts):
        part = lifted(given) if isinstance(given, torch.Tensor) else given
        if not is_exact(part) or not part.kind.is_floating_point or any(given is one for one in ctx.plain):
            made.outputs.append(None)
            continue
        if _is_input(part, args, inputs):
            part = exact(part.entries.copy(), part.kind)
        nodes = array([BallNode(node.value, made=made) for node in part.entries.flat], part.entries.shape)
        if part.entries.flags.writeable:
            part.entries[...] = nodes
        else:
            part.entries = nodes
        made.outputs.append(nodes)
        part.wanted = any(ctx.needs_input_grad) and torch.is_grad_enabled()
        parts[place] = part
    if not torch.is_grad_enabled():
        for part in parts:
            if is_exact(part):
                part.entries = array([BallNode(node.value) for node in part.entries.flat], part.entries.shape)
    return type(result)(parts) if isinstance(result, (tuple, list)) else parts[0]


def _is_input(part: Any, args: Sequence[Any], inputs: Sequence[Array]) -> bool:
    """Whether an output is an input that was not written to, or a view of one."""
    for arg, before in zip(args, inputs):
        if part is arg:
            return before is not None and bool((before == part.entries).all())
        if is_exact(arg) and np.may_share_memory(arg.entries, part.entries):
            return True
    return False


def _backward(cls: Any, ctx: CallContext, made: Made, incoming: Sequence[Array]) -> list[Array]:
    """What the Function's backward gives for each input."""
    now = world()
    now.stale = now.stale or ctx.is_stale
    given: list[Any] = []
    for nodes, gradient in zip(made.outputs, incoming):
        if gradient is not None:
            given.append(exact(gradient.copy()))
        elif ctx.materialized:
            shape = () if nodes is None else nodes.shape
            given.append(exact(array([now.number(0)] * math.prod(shape), shape)))
        else:
            given.append(None)
    backward = cls.backward if cls.backward is not Function.backward else cls.vjp
    with torch.enable_grad():
        answer = backward(ctx, *given)
    answers = list(answer) if isinstance(answer, (tuple, list)) else [answer]
    if len(answers) < len(made.inputs):
        raise Unsupported("a backward that returns too few gradients")
    return [None if one is None else _entries(one) for one in answers[: len(made.inputs)]]


def _entries(value: Any) -> Array:
    if isinstance(value, ExactTensor):
        return value.entries
    if isinstance(value, torch.Tensor):
        return lifted(value).entries
    raise Unsupported("a backward that returns something else than tensors")
