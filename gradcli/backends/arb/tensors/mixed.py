"""Both sides of entries that take some kinks up and others down, where no kink depends on another.

Across one kink the gradient changes by c times that of its guard g, c being the adjoint there times what the local
derivative changes by. So an entry that moves the guards of several by t has, from above, the gradient with all of them
on the side -, and c*t of those with t > 0; from below, of those with t < 0. A sweep from each guard gives its t.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.both_gradients import BothGradients, is_told
from gradcli.backends.arb.tensors.cost import MOST_WORK, work_of_sweep
from gradcli.backends.arb.tensors.quotient import OneSided
from gradcli.backends.arb.tensors.sweep import sweep
from gradcli.tape.dependence import depends
from gradcli.tape.tape import Primitive

MOST_TANGENTS = 1_000_000  # entries of all tangents
SEED = 7


class Unit(NamedTuple):
    """One entry of an operation on a kink, and where it stands among those of its mask."""

    operation: int
    entry: tuple[int, ...]
    position: int


def mix(found: BothGradients, wanted: Sequence[Any]) -> list[Any]:
    """By target, which of the wanted entries, of outputs and places, are told; their sides are put into `found`."""
    nothing = [np.zeros_like(mask) for mask in wanted]
    targets = [target for target, mask in zip(found.targets, wanted) if mask.any()]
    units = _units(found)
    if not targets or not units:
        return nothing
    active = depends(found.tape, targets, derivatives=True)
    columns = sum(mask.shape[1] for mask in wanted)
    work = len(units) * work_of_sweep(found.tape, active, found.samples)
    if work > MOST_WORK or len(units) * columns > MOST_TANGENTS:
        return nothing
    tangents = _tangents(found, units, targets, active)
    for row in range(len(found.outputs)):
        if any(mask[row].any() for mask in wanted):
            _row(found, row, units, tangents, wanted, nothing)
    return nothing


def _units(found: BothGradients) -> list[Unit]:
    """All entries on kinks; none where one depends on another, or is no kink of an elementwise function."""
    behind = depends(found.tape, list(found.kinks))
    units = []
    for index, kink in found.kinks.items():
        op = found.tape.ops[index]
        if (
            not isinstance(op, Primitive)
            or op.row.shape is not None
            or kink.truths
            or any(behind[arg] for arg in op.args)
        ):
            return []
        units += [Unit(index, tuple(entry), position) for position, entry in enumerate(np.argwhere(kink.mask).tolist())]
    return units


def _tangents(found: BothGradients, units: Sequence[Unit], targets: Sequence[int], active: Sequence[int]) -> list[Any]:
    """By target, how each guard changes with each entry: a row for each guard."""
    rows: list[list[Any]] = [[] for _ in found.targets]
    for unit in units:
        op, kink = found.tape.ops[unit.operation], found.kinks[unit.operation]
        seeds: dict[int, Any] = {}
        for position, slope in kink.slopes.items():
            arg = op.args[position]
            shape = found.tape.ops[arg].shape
            seed = np.zeros(shape)
            lead = len(op.shape) - len(shape)
            own = tuple(0 if size == 1 else i for i, size in zip(unit.entry[lead:], shape))
            seed[own] = slope[unit.entry]
            seeds[arg] = seeds[arg] + arrays.from_doubles(seed) if arg in seeds else arrays.from_doubles(seed)
        swept = sweep(found.balls, found.tape, seeds, active, targets)
        for position, (target, shape) in enumerate(zip(found.targets, found.shapes)):
            rows[position].append(arrays.as_array(swept.get(target, arrays.zeros(shape))).reshape(-1))
    return [np.stack(one) for one in rows]


def _changes(found: BothGradients, row: int, units: Sequence[Unit]) -> Any:
    """By how much of its guard's own the gradient of an output changes across each kink."""
    changes = []
    for unit in units:
        kink = found.kinks[unit.operation]
        position = max(kink.slopes, key=lambda p: abs(kink.slopes[p][unit.entry]))
        step = kink.local[position, 1][unit.position] - kink.local[position, -1][unit.position]
        adjoint = found.adjoints[row].get(unit.operation)
        slope = float(kink.slopes[position][unit.entry])
        changes.append(arrays.ZERO if adjoint is None or not slope else adjoint[unit.entry] * step / slope)
    return arrays.array_of(changes, (len(changes),))


def _row(
    found: BothGradients, row: int, units: Sequence[Unit], tangents: Sequence[Any], wanted: Sequence[Any],
    told: Sequence[Any],
) -> None:  # fmt: skip
    """The sides of one output, where quotients to both sides of a direction bear them out."""
    changes = _changes(found, row, units)
    below = [found.gradients[-1, position][row] for position in range(len(wanted))]
    masks = []
    for position, (mask, tangent) in enumerate(zip(wanted, tangents)):
        ups, sure = _ups(tangent)
        own = mask[row] & sure.all(axis=0)
        masks.append(own)
        if own.any():
            parts = tangent[:, own] * changes[:, None]
            for sides, up in ((found.right, ups[:, own]), (found.left, ~ups[:, own])):
                sides[position][row, own] = below[position][own] + np.add.reduce(
                    np.where(up, parts, arrays.zeros(())), axis=0
                )
            own[own] = is_told(found.left[position][row, own], found.right[position][row, own])
    if all(_is_borne_out(found, row, changes, tangents, below, masks, side) for side in (1, -1)):
        for mask, own in zip(told, masks):
            mask[row] = own


def _ups(tangent: Any) -> tuple[Any, Any]:
    """Where a guard grows, and where that is certain."""
    middle = arrays.nearest(tangent)
    sure = np.frompyfunc(lambda t: t.is_zero() or not t.contains(0), 1, 1)(tangent).astype(bool)
    return middle > 0, sure


def _is_borne_out(
    found: BothGradients, row: int, changes: Any, tangents: Sequence[Any], below: Sequence[Any], masks: Sequence[Any],
    side: int,
) -> bool:  # fmt: skip
    """Whether a one-sided quotient along a direction through all these entries is what the kinks make of it."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    signs = [
        np.where(mask, side * generator.choice((-1.0, 1.0), mask.shape), 0.0).reshape(shape)
        for mask, shape in zip(masks, found.shapes)
    ]
    if not any(sign.any() for sign in signs):
        return True
    direction = OneSided(found.tape, found.reference.point, found.targets, signs, found.samples)
    output = found.outputs[row]
    expected, size = direction.along([output], [one[None] for one in below], [one[None] for one in below])
    guards = arrays.zeros((len(changes),))
    for tangent, move in zip(tangents, direction.moves):
        moving = move.ravel() != 0
        if moving.any():
            guards = guards + np.add.reduce(tangent[:, moving] * move.ravel()[moving], axis=1)
    weight = np.ravel(direction.weights)[output]
    crossed = np.where(arrays.nearest(guards) > 0, guards * changes, arrays.zeros(()))
    size += float(np.abs(arrays.nearest(guards * changes)).sum()) * weight
    expected = expected + np.add.reduce(crossed) * weight
    return direction.is_quotient(found.evaluation, found.reference.used, [output], expected, size)
