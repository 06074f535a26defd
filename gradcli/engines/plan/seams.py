"""Where a row of the table changes its formula: found in many points at once, by the breaks that the row declares."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from gradcli.engines.plan.recipe import Seam
from gradcli.functions.row import Row

Values = Sequence["torch.Tensor | None"]


class _Zeros:
    """What the table's breaks ask of mpmath, as far as it matters here: where it is exactly 0."""

    e = math.e

    def __getattr__(self, name: str) -> Any:
        raise TypeError(f"{name} is not known for many points")

    def sinpi(self, x: torch.Tensor) -> torch.Tensor:
        """0 at the whole numbers."""
        return x - x.round()

    def cospi(self, x: torch.Tensor) -> torch.Tensor:
        """0 halfway between the whole numbers."""
        return (x - 0.5) - (x - 0.5).round()

    def sin(self, x: torch.Tensor) -> torch.Tensor:
        """0 at 0: no other multiple of pi is a double."""
        return x

    def hypot(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """0 where both are."""
        return x.abs() + y.abs()

    def isint(self, x: torch.Tensor) -> bool:
        """Whether a number is a whole one."""
        return bool(x == x.round())


ZEROS = _Zeros()


def seams_among(seams: Sequence[Seam], values: Values, like: torch.Tensor) -> torch.Tensor | None:
    """For each point, whether a row sits exactly on a break; None where none does."""
    found: torch.Tensor | None = None
    for seam in seams:
        args: list[Any] = [values[arg] for arg in seam.args]
        for one in _breaks(seam.row, args):
            mask = one == 0
            if bool(mask.any()):
                found = mask if found is None else found | mask
    if found is None:
        return None
    return found.expand(like.shape[0])


def _breaks(row: Row, args: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
    """The numbers that are 0 on a break."""
    special = _OF_MANY.get(row.name)
    if special is not None:
        return special(*args)
    assert row.breaks is not None
    try:
        return row.breaks(ZEROS, *args)
    except (TypeError, RuntimeError, ValueError):  # it decides by a single number, or asks for another function
        return args  # a superset for most rows: the referee decides in the end


def _power(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    whole = (y == y.round()) & (y >= 0)
    return (torch.where(whole, torch.ones_like(x), x),)


def _whole_but_0(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return (torch.where(x.abs() >= 0.5, x - x.round(), torch.ones_like(x)),)


def _remainder(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    quotient = x / y
    return y, torch.where(x.abs() >= y.abs() / 2, quotient - quotient.round(), torch.ones_like(quotient))


def _angle(y: torch.Tensor, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The cut runs along y = 0 where x <= 0."""
    return (torch.where(x <= 0, y, torch.ones_like(x * y)),)


_OF_MANY: dict[str, Callable[..., tuple[torch.Tensor, ...]]] = {
    "**": _power,
    "trunc": _whole_but_0,
    "frac": _whole_but_0,
    "fmod": _remainder,
    "atan2": _angle,
}
