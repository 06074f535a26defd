"""Hooks that the user's code puts on gradients."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle


@contextlib.contextmanager
def hooks_of_gradients() -> Iterator[None]:
    """Where values alone are asked for, or forward mode, no gradient comes: hooks on it have nothing to wait for."""
    plain = {name: getattr(torch.Tensor, name) for name in ("register_hook", "retain_grad")}

    def where_gradients_come(name: str) -> Callable[..., Any]:
        def call(self: torch.Tensor, *args: Any, **named: Any) -> Any:
            return plain[name](self, *args, **named) if self.requires_grad else RemovableHandle(OrderedDict())

        return call

    for name in plain:
        setattr(torch.Tensor, name, where_gradients_come(name))
    try:
        yield
    finally:
        for name, method in plain.items():
            setattr(torch.Tensor, name, method)
