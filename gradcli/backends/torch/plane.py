"""Rows run with complex tensors, on the principal branches that all sources share."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from gradcli.errors import GradcliError
from gradcli.functions import table
from gradcli.functions.plane import BranchCut
from gradcli.functions.row import Row
from gradcli.tape.rules import template_of
from gradcli.tape.tape import Custom, Derivative, Primitive, Tape

STAGE = "running autograd"
ROUNDING = 1e-6  # of a number: an imaginary part that is smaller comes from rounding, in any of the dtypes

Run = Callable[[Tape, Any, torch.Tensor], torch.Tensor]
Kernel = tuple[Callable[..., Any], tuple[int, ...]]


def plane_kernel(tape: Tape, op: Primitive | Custom, own: Callable[..., Kernel], run: Run) -> Kernel:
    """What computes an operation of complex numbers, and from which ones; `own` is that of real numbers."""
    function, taken = own(tape, op)
    if isinstance(op, (Custom, Derivative)):
        return function, taken
    row = op.row
    if row.name == "where":
        return lambda condition, a, b: torch.where(condition, a, b), taken
    if row.name == "detach" or (row.name in ("and", "or", "not")):
        return function, taken
    if row.plane is None:
        return lambda *args: function(*(real(row, arg) for arg in args)) + _nothing(row, args[0]), taken
    if row.plane.definition is not None:
        return _defined(row, row.plane.definition, run), taken
    cut = row.plane.cut
    if row.torch is None:
        assert callable(row.forward)
        return row.forward, taken
    return (function if cut is None else lambda z, *rest: function(on_side(cut, z), *rest)), taken


def _nothing(row: Row, like: torch.Tensor) -> Any:
    """What makes a real number complex again; truth values stay what they are."""
    return False if row.gives_truth else torch.zeros_like(like)


def real(row: Row, value: torch.Tensor) -> torch.Tensor:
    """The real part of a number that is real up to rounding.

    Raises GradcliError where it is not.
    """
    if not value.is_complex():
        return value
    number = value.item()
    if abs(number.imag) > ROUNDING * abs(number):
        raise GradcliError(
            STAGE,
            f"{row.name} takes real numbers, and here it meets {number.real:.6g} {number.imag:+.6g}i",
            expected="a root, a power, a logarithm or an inverse function: these go through the plane",
        )
    return value.real


def on_side(cut: BranchCut, z: torch.Tensor) -> torch.Tensor:
    """A number on a cut with the sign of zero that makes torch take the side that the others take."""
    across = z.real if cut.imaginary else z.imag
    along = z.imag if cut.imaginary else z.real
    if across.item() != 0:
        return z
    low = along.item() < cut.ends[0] if cut.imaginary else along.item() > cut.ends[-1]
    zero = -(-across + 0.0) if low and cut.outside else across + 0.0
    return torch.complex(zero, along) if cut.imaginary else torch.complex(along, zero)


def _defined(row: Row, text: str, run: Run) -> Callable[..., torch.Tensor]:
    names = [parameter.name for parameter in row.parameters]

    def call(*args: torch.Tensor) -> torch.Tensor:
        return run(_template(row.name, text), dict(zip(names, args)), args[0])

    return call


@cache
def _template(name: str, text: str) -> Tape:
    return template_of(text, table.BY_NAME[name])
