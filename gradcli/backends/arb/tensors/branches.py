"""Both sides of nonsmooth points for all entries at once: two sweeps, each with all kinks on one side.

An entry that moves has a derivative from each side. Where all guards that are 0 and that it moves go the same way,
these are the entries of the gradients of the program with all kinks on the side +, and on the side -. Which way they go
a sweep from the guards tells: where the sum of its paths is the sum of their absolute values, they go the same way.
One-sided quotients of the function along directions that take all such entries to the same side bear both out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.tensors.both_gradients import BothGradients, merged
from gradcli.backends.arb.tensors.branch import Branch
from gradcli.backends.arb.tensors.cost import MOST_WORK, MOST_WORK_OF_SAMPLES, work_of, work_of_sweep
from gradcli.backends.arb.tensors.fields import BallField
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.kinks import SIDES, kinks_of
from gradcli.backends.arb.tensors.leaf import multiplied_only
from gradcli.backends.arb.tensors.mixed import mix
from gradcli.backends.arb.tensors.nonsmooth import Nonsmooth
from gradcli.tape.dependence import depends

if TYPE_CHECKING:
    from gradcli.backends.arb.tensors.question import TensorQuestion

BITS = 256
EVALUATIONS = 8  # of the function, for an output that shares none: of more bits each than a reference takes
SWEEPS = 5  # for an output
TOGETHER = 16  # outputs, to have not too many rows of entries at a time


class BranchSides(NamedTuple):
    """The derivatives of some outputs by some entries of a variable, from below and from above.

    outputs  row-major places in the output, one for each row
    places   row-major places in the variable, one for each column
    known    which of them are known
    taken    what the chain rule with its conventions says at the point itself
    """

    outputs: Sequence[int]
    places: Any
    known: Any
    left: Any
    right: Any
    taken: Any


class Branches:
    """The sides of all special entries of a reference's first derivatives."""

    def __init__(self, reference: TensorQuestion) -> None:
        self.reference = reference
        self.tape = reference.tape
        self.targets: list[int] = []  # those that have such entries

    def sides(self) -> dict[int, list[BranchSides]]:
        """By target, some outputs at a time; what is not told like this is left out, or not known.

        Raises NotEnclosed.
        """
        reference = self.reference
        with precision(BITS):
            evaluation = TensorEvaluation(self.tape, reference.point, reference.used)
            nonsmooth = Nonsmooth(evaluation, reference.moving)
            balls = BallField(evaluation)
            reached = self._reached(nonsmooth, balls, reference.targets)
            self.targets = [target for target, mask in reached.items() if mask.any()]
            outputs = np.flatnonzero(sum(reached[target].any(axis=1) for target in self.targets)).tolist()
            active = depends(self.tape, self.targets)
            outputs = outputs[: self._affordable(active)]
            if nonsmooth.is_uncertain or not outputs:
                return {}
            kinks, others = kinks_of(evaluation, nonsmooth, active)
            nonsmooth.masks = others
            fields = {side: Branch(balls, kinks, side) for side in SIDES}
            odd = self._reached(nonsmooth, balls, self.targets)
            for field in fields.values():  # there, other branches of conditions are taken
                more = self._reached(nonsmooth, field, self.targets)
                odd = {target: mask | more[target] for target, mask in odd.items()}
            found: dict[int, list[BranchSides]] = {}
            for start in range(0, len(outputs), TOGETHER):
                rows = outputs[start : start + TOGETHER]
                for target, sides in self._of(balls, fields, rows, reached, odd).items():
                    found.setdefault(target, []).append(sides)
            return found

    def _of(
        self, balls: BallField, fields: Mapping[int, Branch], outputs: list[int], reached: Mapping[int, Any],
        odd: Mapping[int, Any],
    ) -> dict[int, BranchSides]:  # fmt: skip
        """The sides of some outputs."""
        alone = multiplied_only(self.tape)
        places, samples = {}, {}
        for target in self.targets:
            places[target] = np.arange(reached[target].shape[1])
            if target in alone:  # only what is special is differentiated by
                own = np.asarray(self.reference.samples.get(target, places[target]))
                places[target] = own[reached[target][outputs][:, own].any(axis=0)]
                samples[target] = places[target].tolist()
        for field in (balls, *fields.values()):
            field.samples = samples
        found = BothGradients(self.reference, balls, fields, outputs, self.targets, samples)
        special = [reached[target][outputs][:, places[target]] for target in self.targets]
        known = [
            mask & ~odd[target][outputs][:, places[target]] & one
            for target, mask, one in zip(self.targets, special, found.known())
        ]
        found.confirm(known, special)
        left = [
            mask & ~odd[target][outputs][:, places[target]] & ~done
            for target, mask, done in zip(self.targets, special, known)
        ]
        known = [done | more for done, more in zip(known, mix(found, left))]
        return {
            target: BranchSides(outputs, places[target], mask, merged(below, above), above, np.stack(taken))
            for target, mask, below, above, taken in zip(self.targets, known, found.left, found.right, found.taken)
        }

    def _affordable(self, active: Sequence[int]) -> int:
        """How many outputs there is work for."""
        reference = self.reference
        forward = work_of(self.tape, reference.used, 0, [], 1) / 3
        each = work_of_sweep(self.tape, active, multiplied_only(self.tape))
        most = 3 * MOST_WORK_OF_SAMPLES if reference.large else 4 * MOST_WORK
        return max(0, int(most / (EVALUATIONS * forward + SWEEPS * each)))

    def _reached(self, nonsmooth: Nonsmooth, balls: BallField, targets: Sequence[int]) -> dict[int, Any]:
        outputs = self.reference.outputs
        return {
            target: mask.reshape(outputs, -1)
            for target, mask in zip(targets, nonsmooth.reached(balls, targets, outputs))
        }
