"""What the rounding of the typed numbers moves each entry of a value or of a gradient by, on whole tensors.

To first order all typed numbers c, moved by u*|c| with signs of their own, move a result g by u times the sum of
c * dg/dc with these signs. A few choices of signs at random give sums near to the one where none cancels, and none that
is larger: what is found 0 by them is 0 by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.fields import BallField
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.leaf import BallArray
from gradcli.tape.tape import ConstantNumber, Tape

if TYPE_CHECKING:
    from gradcli.backends.arb.tensors.reference import TensorReference

BITS = 256
STEP = 60  # the numbers are moved by 2 to minus this of themselves: far below what their rounding is
CHOICES = 4  # of signs
SEED = 53
USUAL = 2.0  # times the largest sum of a few choices: about the sum without signs, of some ten numbers alike

Results = Callable[[TensorEvaluation], Mapping[tuple[int, ...], BallArray]]

_to_doubles = np.frompyfunc(float, 1, 1)


def gradient_moved(reference: TensorReference) -> Mapping[tuple[int, ...], Any]:
    """The sums of |c * dg/dc|, roughly, for all first derivatives g, as doubles; 0 where they are not known."""
    return _moved(reference, lambda evaluation: reference.first(BallField(evaluation)), CHOICES)


def value_moved(reference: TensorReference, choices: int = CHOICES) -> Any:
    """The sums of |c * df/dc|, roughly, for all entries of the output, as doubles; 0 where they are not known."""
    return _moved(reference, lambda evaluation: {(): evaluation.values[reference.tape.output]}, choices)[()]


def _moved(reference: TensorReference, results: Results, choices: int) -> dict[tuple[int, ...], Any]:
    random = np.random.default_rng(SEED)
    found: dict[tuple[int, ...], Any] = {}
    rounded = [i for i, op in enumerate(reference.tape.ops) if isinstance(op, ConstantNumber) and op.rounded]
    with precision(BITS):
        for _ in range(choices):
            signs = {name: random.choice((-1, 1), size=value.shape) for name, value in reference.point.items()}
            chosen = {i: int(random.choice((-1, 1))) for i in rounded}
            after, before = (results(_beside(reference, signs, chosen, side)) for side in (1, -1))
            for positions, values in after.items():
                moved = _to_doubles((values - before[positions]) * arb(2) ** (STEP - 1))
                change = np.abs(np.asarray(moved, dtype=float))
                change = np.where(np.isfinite(change), USUAL * change, 0.0)
                found[positions] = np.maximum(found.get(positions, 0.0), change)
    return found


def _beside(
    reference: TensorReference, signs: Mapping[str, Any], chosen: Mapping[int, int], side: int
) -> TensorEvaluation:
    """The program with the typed numbers moved by a step to one side."""
    step = arb(side) * arb(2) ** -STEP
    point = {name: arrays.as_array(value + value * (signs[name] * step)) for name, value in reference.point.items()}
    ops = [
        replace(op, value=op.value + op.value * side * chosen[index] / (1 << STEP))
        if index in chosen and isinstance(op, ConstantNumber) else op
        for index, op in enumerate(reference.tape.ops)
    ]  # fmt: skip
    tape = Tape(ops, reference.tape.inputs, reference.tape.named, reference.tape.output, reference.tape.most)
    return TensorEvaluation(tape, point, reference.used)
