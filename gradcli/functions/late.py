"""Implementations that are looked up when they are first called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def functional(name: str) -> Callable[..., Any]:
    """torch.nn.functional's version; its parameters have to be plain numbers."""

    def call(x: Any, *rest: Any) -> Any:
        import torch

        return getattr(torch.nn.functional, name)(x, *(float(value.detach()) for value in rest))

    return call
