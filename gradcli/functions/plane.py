"""What a row is in the complex plane: the principal branch, and where it is cut.

On a cut the value is the one that goes on counter-clockwise around the finite end of the cut, as in mpmath, arb and
Mathematica: sqrt(-1) is i, asin(2) is pi/2 - 1.317i.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Union

Enclosure = Union[str, "Callable[..., Any]"]


@dataclass(frozen=True)
class BranchCut:
    """A branch cut along an axis.

    ends       the branch points on the axis
    below      the cut is below this number, or
    outside    beyond both ends
    imaginary  whether it is the imaginary axis
    """

    ends: tuple[int, ...]
    below: int | None = None
    outside: bool = False
    imaginary: bool = False


NEGATIVE = BranchCut((0,), below=0)
OUTSIDE = BranchCut((-1, 1), outside=True)
IMAGINARY = BranchCut((-1, 1), outside=True, imaginary=True)


@dataclass(frozen=True)
class Plane:
    """A row in the complex plane.

    acb         its enclosure: a method of a complex ball, or a callable of balls; SAME: the row's own name
    cut         of the first argument
    definition  the function in terms of others, in the language, instead of an enclosure
    """

    acb: Enclosure = "="
    cut: BranchCut | None = None
    definition: str | None = None


ENTIRE = Plane()
