"""The derivatives of a program over tensors at a point, as balls: of functions of whole matrices, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.tensors.enclosures import NotEnclosed
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.reference import Known, TensorReference, TooMuch
from gradcli.tape.dependence import reaches
from gradcli.tape.tape import Tape

BITS = 256  # in which the doubles that a ball was split into are added up
SPECIAL = None  # in the place of a number that is decided where a formula changes, or is not known


class EnclosedDerivatives(NamedTuple):
    """The value's entries; and the derivatives by the numbers of the targets, arrays of balls.

    Each has the output's dimensions, then those of each target in this order, and SPECIAL where an entry is not told.
    """

    value: list[Any]
    partials: dict[tuple[int, ...], Any]


def derivatives(
    tape: Tape, point: Mapping[str, Any], targets: Sequence[int], order: int, digits: int
) -> EnclosedDerivatives | None:
    """The derivatives of an order by these operations at a point of doubles, so many digits of each.

    What drowned, and no dtype could tell from 0, is 0. None where the program has no value there, or difference
    quotients do not bear the derivatives out. Raises NotEnclosed and TooMuch as the reference does.
    """
    reference = TensorReference(tape, point, targets, order, digits)
    truth = reference.judge()
    if not truth.is_borne_out or not all(one.is_finite() for one in truth.value.ravel().tolist()):
        return None
    shapes, outputs = [tape.ops[one].shape for one in targets], tape.ops[tape.output].shape
    partials = {
        positions: _balls(known).reshape((*outputs, *(size for one in positions for size in shapes[one])))
        for positions, known in truth.partials.items()
    }
    return EnclosedDerivatives(truth.value.ravel().tolist(), partials)


def _balls(known: Known) -> Any:
    found = np.full(known.known.shape, SPECIAL, dtype=object)
    parts = known.split
    with precision(BITS):
        for index in np.ndindex(*known.known.shape):
            if known.drowned[index] or (known.known[index] and parts.limbs[0][index] == 0):
                found[index] = arb(0)
            elif known.known[index] and not known.special[index]:
                ball = sum((arb(float(limb[index])) for limb in parts.limbs), arb(0, float(parts.radius[index])))
                found[index] = ball if parts.exponents is None else ball * arb(2) ** int(parts.exponents[index])
    return found


def values(tape: Tape, point: Mapping[str, Any]) -> Any:
    """The output of a program at a point of doubles, as an array of balls of BITS bits. Raises NotEnclosed."""
    from gradcli.backends.arb.tensors import arrays

    with precision(BITS):
        balls = {name: arrays.from_doubles(point[name]) for name in tape.inputs}
        return TensorEvaluation(tape, balls, reaches(tape, [tape.output])).values[tape.output]


__all__ = ["BITS", "SPECIAL", "EnclosedDerivatives", "NotEnclosed", "TooMuch", "derivatives", "values"]
