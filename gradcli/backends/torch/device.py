"""Where torch computes, and what it says where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gradcli.errors import GradcliError

STAGE = "running autograd"

# What torch raises about a program that it cannot run: a dtype, a shape or a device that an operation lacks.
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError)


COMPLEX = {"float64": "complex128", "float32": "complex64"}  # through the plane


def like(dtype: str, device: str = "cpu") -> torch.Tensor:
    """A number of this dtype on this device, for others to be like.

    Raises GradcliError where the device is not there.
    """
    try:
        place = torch.device(device)
        torch.empty((), device=place)
    except (RuntimeError, AssertionError) as error:
        reason = reason_of(error)
        known = "Expected one of" not in reason
        raise GradcliError(
            STAGE,
            f'the device "{device}" cannot be used{": " + reason if known else ""}',
            expected="cpu, or cuda where torch finds a GPU",
        ) from error
    return torch.empty((), dtype=getattr(torch, dtype), device=place)


@contextmanager
def torch_errors(stage: str, where: str) -> Iterator[None]:
    """What torch refuses inside becomes a GradcliError: torch cannot do this `where`, and why."""
    try:
        yield
    except REFUSALS as error:
        raise GradcliError(stage, f"torch cannot do this {where}: {reason_of(error)}") from error


def reason_of(error: BaseException) -> str:
    """The first line of what torch says."""
    return str(error).strip().partition("\n")[0]
