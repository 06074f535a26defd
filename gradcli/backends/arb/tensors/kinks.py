"""The operations' entries that sit exactly on a nonsmooth point, and what each does on its two sides.

A guard is the number whose sign tells which piece of its formula an entry is on. On the side + it is positive, on the
side - negative: the entry's derivatives there are those of its row a tiny step away along the guard's slopes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcli.backends.arb.context import is_ball
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.guards import guards, may_be_zero
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.enclosures import NotEnclosed, apply, local_derivative
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.nonsmooth import Nonsmooth
from gradcli.functions.entries import EntryRule
from gradcli.tape.tape import Primitive

SIDES = (1, -1)
STEPS = (2.0**-150, 2.0**-180)  # of an argument's size: a side's derivative is the same at both, or goes to 0
PROBE = 2.0**-100  # likewise, for a guard's slope
SAME = 2.0**-100  # relative
FADING = 2.0**-20  # what falls by this from the one step to the other goes to 0
MOST = 20_000  # entries of one operation
SELECTING = {"max": 1.0, "min": -1.0}  # how the guard of an entry that ties changes with it: positive where it wins


@dataclass
class WholeKink:
    """One operation's entries on a nonsmooth point.

    mask    which entries: of the operation's shape, or of its argument's where it selects
    slopes  how the guard changes with an argument, by the argument's position, of the mask's shape
    local   the derivative by an argument on a side, of the entries of the mask
    truths  the truth value on a side, of the entries of the mask, where it is a comparison
    """

    mask: Any
    slopes: dict[int, Any] = field(default_factory=dict)
    local: dict[tuple[int, int], Any] = field(default_factory=dict)
    truths: dict[int, Any] = field(default_factory=dict)


def kinks_of(
    evaluation: TensorEvaluation, nonsmooth: Nonsmooth, moving: Sequence[int]
) -> tuple[dict[int, WholeKink], dict[int, Any]]:
    """The kinks by operation, and masks of the entries of operations whose sides cannot be told like this.

    These are jumps, poles, edges with a vertical tangent, and several guards that are 0 at once.
    """
    found: dict[int, WholeKink] = {}
    others: dict[int, Any] = {}
    for index, mask in nonsmooth.masks.items():
        op = evaluation.tape.ops[index]
        assert isinstance(op, Primitive)
        if not any(moving[arg] for arg in op.args):
            continue
        if op.row.shape is not None:
            rule = evaluation.rule(index)
            folds = isinstance(rule, EntryRule) and rule.upto is None
            slope = SELECTING.get(rule.fold) if folds else None
            if slope is None:
                others[index] = mask
            else:
                found[index] = WholeKink(mask, {0: np.where(mask, slope, 0.0)})
            continue
        if mask.sum() > MOST:
            others[index] = mask
            continue
        kink, odd = _elementwise(evaluation, index, np.array(mask), moving)
        if odd.any():
            others[index] = odd
        found[index] = kink
    return found, others


def _elementwise(evaluation: TensorEvaluation, index: int, mask: Any, moving: Sequence[int]) -> tuple[WholeKink, Any]:
    """The sides of an elementwise operation, and which of its entries have none."""
    op = evaluation.tape.ops[index]
    assert isinstance(op, Primitive)
    args = [np.broadcast_to(value, op.shape)[mask] for value in evaluation.args(op)]
    positions = [position for position, arg in enumerate(op.args) if moving[arg]]
    slopes, sizes = _slopes(op.row, args, positions)
    steepest = np.max([np.abs(slope) for slope in slopes.values()], axis=0)
    odd = ~(np.isfinite(steepest) & (steepest > 0))
    kink = WholeKink(mask)
    with np.errstate(all="ignore"):
        moves = {p: np.where(odd, 0.0, slope / steepest) * sizes for p, slope in slopes.items()}
    for position, slope in slopes.items():
        kink.slopes[position] = np.zeros(op.shape)
        kink.slopes[position][mask] = np.where(odd, 0.0, slope)
    value = None if op.row.gives_truth else np.broadcast_to(evaluation.values[index], op.shape)[mask]
    for side in SIDES:
        near, nearest = (
            [arg + moves[p] * (side * step) if p in moves else arg for p, arg in enumerate(args)] for step in STEPS
        )
        there = np.broadcast_to(apply(op.row, nearest), odd.shape)
        if op.row.gives_truth:
            kink.truths[side] = there
            odd |= np.fromiter((one is None for one in there), bool, len(there))
            continue
        odd |= ~_same(there, value, 1.0)
        for position in positions:
            one, other = (
                np.broadcast_to(local_derivative(op.row, position, given), odd.shape) for given in (near, nearest)
            )
            fades = _pairs(lambda x, y: abs(y) <= abs(x) * FADING, one, other)
            kink.local[position, side] = np.where(fades, arrays.zeros(()), other)
            odd |= ~(fades | _same(one, other))
    full = np.zeros(op.shape, dtype=bool)
    full[mask] = odd
    return kink, full


def _slopes(row: Any, args: Sequence[Any], positions: Sequence[int]) -> tuple[Mapping[int, Any], Any]:
    """How the guard that is 0 changes with each argument (NaN where it is not one alone), and sizes of arguments."""
    count = len(args[0])
    slopes = {position: np.full(count, np.nan) for position in positions}
    sizes = np.ones(count)
    for entry in range(count):
        here = [arg[entry] for arg in args]
        sizes[entry] = min([1.0, *(size for x in here if (size := abs(float(x))) > 0)])
        before = guards(row, here)
        zeros = [which for which, guard in enumerate(before) if may_be_zero(guard)]
        if len(zeros) != 1 or not is_ball(before[zeros[0]]):
            continue
        step = arb(sizes[entry] * PROBE)
        for position in positions:
            there = [x + step if p == position else x for p, x in enumerate(here)]
            after = guards(row, there)
            if after and is_ball(after[zeros[0]]):
                slopes[position][entry] = float((after[zeros[0]] - before[zeros[0]]) / step)
    return slopes, sizes


def _pairs(holds: Any, one: Any, other: Any) -> Any:
    return np.frompyfunc(lambda x, y: bool(holds(x, y)), 2, 1)(one, other).astype(bool)


def _same(one: Any, other: Any, least: float = 0.0) -> Any:
    """Which balls are the same to a hundred bits, of their own size or at least of `least`."""
    return _pairs(lambda x, y: abs(x - y) <= abs(y).max(arb(least)) * SAME, one, other)


__all__ = ["SIDES", "NotEnclosed", "WholeKink", "kinks_of"]
