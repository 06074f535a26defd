"""The guards of rows at many points at once, in tensors of torch.

Nothing is searched here: the points are those that are asked about, all of them, and what is found is on a guard
exactly. On a segment `breakpoints` finds the points themselves; both read the same guards of the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.functions.guards import GuardKind, GuardNumbers
from gradcli.functions.row import Row

if TYPE_CHECKING:
    import torch

# No multiple of pi but 0 is a double, no odd multiple of pi/2 at all, and 1/e is none, either.
TENSOR_GUARDS = GuardNumbers(
    {
        GuardKind.WHOLE: lambda z: z - z.round(),
        GuardKind.HALF: lambda z: (z - 0.5) - (z - 0.5).round(),
        GuardKind.SINE: lambda z: z.sin(),
        GuardKind.COSINE: lambda z: z.cos(),
        GuardKind.BRANCH: lambda z: math.e * z + 1,
        GuardKind.AMPLITUDE: lambda z: 1 - z[1] * z[0].sin() ** 2,
    },
    lambda z: z == z.round(),
    lambda condition, guard: guard.where(~condition, 1.0),
)


class GuardedRow(NamedTuple):
    """A row that may change its formula without a trace in the numbers, and where its arguments are."""

    row: Row
    args: tuple[int, ...]


def on_guards(guarded: Sequence[GuardedRow], values: Sequence[torch.Tensor | None], count: int) -> torch.Tensor | None:
    """For each of so many points, whether a row sits exactly on a guard; None where none does."""
    found: torch.Tensor | None = None
    for row, places in guarded:
        for guard in TENSOR_GUARDS.values(row, [values[place] for place in places]):
            mask = guard == 0
            if bool(mask.any()):
                found = mask if found is None else found | mask
    return None if found is None else found.expand(count)


def distances(row: Row, args: Sequence[Any]) -> Iterator[Any]:
    """How far each entry is from each guard of a row, roughly; infinite where that is not a number."""
    for guard in TENSOR_GUARDS.values(row, args):
        yield guard.abs().nan_to_num(nan=math.inf)
