"""Implementations that are looked up when they are first called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def late(name: str) -> Callable[..., Any]:
    """torch's version by its dotted name."""

    def call(*args: Any) -> Any:
        import torch

        found: Any = torch
        for part in name.split("."):
            found = getattr(found, part)
        return found(*args)

    return call


def functional(name: str) -> Callable[..., Any]:
    """torch.nn.functional's version; its parameters have to be plain numbers."""

    def call(x: Any, *rest: Any) -> Any:
        import torch

        return getattr(torch.nn.functional, name)(x, *(float(value.detach()) for value in rest))

    return call
