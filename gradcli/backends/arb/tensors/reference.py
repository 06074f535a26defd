"""The derivatives of a program over tensors at all entries, with proven bounds, confirmed by quotients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.arrays import BITS_PER_DIGIT, Split
from gradcli.backends.arb.tensors.branches import Branches, BranchSides
from gradcli.backends.arb.tensors.cost import MOST_WORK, MOST_WORK_OF_SAMPLES, work_of
from gradcli.backends.arb.tensors.enclosures import NotEnclosed
from gradcli.backends.arb.tensors.fields import BallField, SizeField
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.jets import Jet
from gradcli.backends.arb.tensors.leaf import LARGE, BallArray, leaves, sampled
from gradcli.backends.arb.tensors.nonsmooth import Nonsmooth
from gradcli.backends.arb.tensors.quotient import RandomDirection, bears_out
from gradcli.backends.arb.tensors.second import MovingEvaluation, MovingField
from gradcli.backends.arb.tensors.sides import EntrySides, sides_of
from gradcli.backends.arb.tensors.sweep import sweep
from gradcli.tape.dependence import depends, reaches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.tape.tape import Tape

BITS = (128, 256, 512, 1024)  # of one attempt after the other
ATTEMPTS = 2.5  # as much work may go into several attempts as into so many of the largest programs
SPARE_DIGITS = 14  # beyond those that are shown
SPARE_BITS = 64  # for what a sweep loses
NEGLIGIBLE = 1e-60  # of its contributions: a derivative that is no larger cannot be told from 0 by any dtype


class TooMuch(Exception):
    """The work would be more than whole tensors are judged for."""


@dataclass
class Known:
    """What is known of a tensor of derivatives.

    split     the balls, as doubles
    known     which entries they are known of
    drowned   those of them that are smaller than anything a dtype could tell from 0, but not proven to be 0
    size      the sums of the absolute contributions, where entries are 0 or drowned
    special   the entries that reach a point where a formula changes, or might
    """

    split: Split
    known: Any
    drowned: Any
    special: Any
    size: Any = None


@dataclass
class TensorTruth:
    """The value, in balls, and the derivatives by each target."""

    value: BallArray
    bits: int
    is_borne_out: bool = False  # by quotients of the function
    is_open: bool = False  # whether the value is not determined at the point, and its sides may be
    partials: dict[tuple[int, ...], Known] = field(default_factory=dict)


class TensorReference:
    """Differentiates one tape at a point.

    point     the value of each variable, as doubles
    targets   the operations to differentiate by
    samples   of matrices that are too large, the places of the entries that are differentiated by instead of all;
              those that are `wanted` are among them
    """

    def __init__(
        self,
        tape: Tape,
        point: Mapping[str, Any],
        targets: Sequence[int],
        order: int,
        digits: int,
        wanted: Mapping[int, Sequence[int]] | None = None,
    ) -> None:
        if order not in (1, 2):
            raise NotEnclosed(f"a derivative of order {order}")
        self.order = order
        self.tape = tape
        self.targets = list(targets)
        self.digits = digits
        self.used = reaches(tape, [tape.output, *targets])
        self.active = depends(tape, targets, derivatives=True)
        self.moving = depends(tape, targets)
        self.outputs = math.prod(tape.ops[tape.output].shape)
        large = leaves(tape, point) if order == self.outputs == 1 else {}
        self.samples = {index: sampled(leaf.size, (wanted or {}).get(index, ())) for index, leaf in large.items()}
        self.shapes = [
            (len(self.samples[target]),) if target in self.samples else tape.ops[target].shape for target in targets
        ]
        self.doubles = point
        self.large = large
        rows = self.outputs if targets else 1
        self.work = work_of(tape, self.used, rows, self.targets, order, LARGE if large else math.inf)

    def judge(self) -> TensorTruth:
        """All derivatives of the order.

        Raises NotEnclosed where an operation has no enclosure, TooMuch where there is too much to do.
        """
        if self.work > (MOST_WORK_OF_SAMPLES if self.large else MOST_WORK):
            raise TooMuch
        self.point = {
            name: self.large[index] if index in self.large else arrays.from_doubles(self.doubles[name])
            for name, index in self.tape.inputs.items()
            if name in self.doubles
        }
        least = int((self.digits + SPARE_DIGITS) * BITS_PER_DIGIT) + SPARE_BITS
        attempts = [bits for bits in BITS if bits >= least] or [least]
        spent = 0.0
        for count, bits in enumerate(attempts):
            spent += self.work * bits / BITS[0]
            following = self.work * attempts[min(count + 1, len(attempts) - 1)] / BITS[0]
            last = count == len(attempts) - 1 or spent + following > MOST_WORK * ATTEMPTS
            with precision(bits), np.errstate(all="ignore"):  # NumPy sees the flags of FLINT's own doubles
                found = self._attempt(bits, last)
            if found is not None:
                return found
        raise AssertionError

    def _attempt(self, bits: int, last: bool) -> TensorTruth | None:
        """The derivatives with so many bits; None where more of them may tell more."""
        evaluation = TensorEvaluation(self.tape, self.point, self.used)
        if Nonsmooth(evaluation, self.moving).is_uncertain and not last:
            return None
        balls = BallField(evaluation)
        balls.samples = self.samples
        found = self.first(balls) if self.order == 1 else self._second(balls)
        nonsmooth = Nonsmooth(evaluation, self.moving)  # the sweep may have met more
        if nonsmooth.is_uncertain and not last:
            return None
        evaluation.matrices.clear()  # they are large, and what follows multiplies no matrices of balls
        reached = nonsmooth.reached(balls, self.targets, self.outputs)
        truth = TensorTruth(evaluation.values[self.tape.output], bits, is_open=evaluation.is_open)
        for positions, gradient in found.items():
            special = self._special(reached, positions).reshape(gradient.shape)
            known = self._known(gradient, special)
            if not last and (~known.known & ~special).any():
                return None
            truth.partials[positions] = known
            del gradient  # it is large, and given away below
        with np.errstate(over="ignore", invalid="ignore"):
            self._weigh(balls, truth)
        balls.known.clear()
        truth.is_borne_out = self._is_borne_out(evaluation, truth, found)
        return truth

    def _special(self, reached: Sequence[Any], positions: tuple[int, ...]) -> Any:
        """Which derivatives may be decided where a formula changes: by outputs, and by the entries of each variable."""
        masks = [reached[position].reshape(self.outputs, -1) for position in positions]
        places = self.samples.get(self.targets[positions[0]])
        if places is not None:
            return masks[0][:, places]
        if len(masks) == 1:
            return masks[0]
        return masks[0][:, :, None] | masks[1][:, None, :]

    def _is_borne_out(
        self, evaluation: TensorEvaluation, truth: TensorTruth, found: dict[tuple[int, ...], BallArray]
    ) -> bool:
        """Whether quotients along a direction say the same; what is not known does not move."""
        outputs = len(self.tape.ops[self.tape.output].shape)
        held = []
        for position in range(len(self.targets)):
            mask = np.zeros(self.shapes[position], dtype=bool)
            for positions, known in truth.partials.items():
                unknown = ~known.known
                place = outputs
                for each in positions:
                    rank = len(self.shapes[each])
                    if each == position:
                        others = [axis for axis in range(unknown.ndim) if not place <= axis < place + rank]
                        mask = mask | unknown.any(axis=tuple(others))
                    place += rank
            held.append(mask)
        direction = RandomDirection(self.tape, self.point, self.targets, held, self.samples)
        sizes = {positions: known.size for positions, known in truth.partials.items()}
        return bears_out(direction, evaluation, self.used, found, sizes)

    def first(self, balls: BallField) -> dict[tuple[int, ...], BallArray]:
        """The first derivatives by each target, of the output's shape and the target's."""
        rows = [self._row(balls, output) for output in range(self.outputs if self.targets else 0)]
        shape = self.tape.ops[self.tape.output].shape
        return {
            (position,): np.stack([row[position] for row in rows]).reshape((*shape, *own))
            for position, own in enumerate(self.shapes)
        }

    def _second(self, balls: BallField) -> dict[tuple[int, ...], BallArray]:
        """The second derivatives by each pair of targets: a sweep for each entry of the first one."""
        shapes = self.shapes
        shape = self.tape.ops[self.tape.output].shape
        found: dict[tuple[int, ...], BallArray] = {}
        for first, target in enumerate(self.targets):
            size = math.prod(shapes[first])
            for other in range(first, len(self.targets)):
                found[(first, other)] = arrays.zeros((self.outputs, size, *shapes[other]))
            for entry in range(size):
                move = arrays.zeros(shapes[first])
                move.reshape(-1)[entry] = arb(1)
                field = MovingField(MovingEvaluation(balls, {target: move}))
                for output in range(self.outputs):
                    for other, row in enumerate(self._row(field, output)):
                        if other >= first and isinstance(row, Jet):
                            found[(first, other)][output, entry] = row.change if row.ndim else row.change[()]
        return {
            positions: part.reshape((*shape, *(size for position in positions for size in shapes[position])))
            for positions, part in found.items()
        }

    def both_sides(self) -> dict[int, list[BranchSides]]:
        """By target, the derivatives from below and from above of entries that reach a nonsmooth point.

        What is not told for all entries at once is left out. Raises NotEnclosed.
        """
        return Branches(self).sides() if self.order == 1 else {}

    def sides(self, position: int, entry: tuple[int, ...], output: int) -> EntrySides | None:
        """The derivatives of an output by one entry, from below and from above; None where that takes a closer look."""
        if self.large:
            return None
        return sides_of(self, self.targets[position], entry, output)

    def _row(self, balls: BallField, output: int) -> list[BallArray]:
        """The derivatives of one entry of the output by every target."""
        seed = arrays.zeros(self.tape.ops[self.tape.output].shape)
        seed.reshape(-1)[output] = arb(1)
        found = sweep(balls, self.tape, {self.tape.output: seed}, self.active, self.targets)
        return [found.get(target, arrays.zeros(own)) for target, own in zip(self.targets, self.shapes)]

    def _known(self, gradient: BallArray, special: Any) -> Known:
        """Which entries are told from 0 and known to the digits that are asked for."""
        parts = arrays.split(gradient, self.digits)
        first = np.abs(parts.limbs[0])
        exact = np.asarray(first == 0)
        if exact.any():
            exact[exact] = arrays.is_zero(gradient[exact])
        with np.errstate(all="ignore"):
            enough = (parts.radius <= 10.0 ** -(self.digits + 6) * first) & (first > 0) & np.isfinite(first)
        return Known(parts, (enough | exact) & ~special, np.zeros(gradient.shape, dtype=bool), special)

    def _weigh(self, balls: BallField, truth: TensorTruth) -> None:
        """Settle what is 0 or drowned, by the sizes of what it is made of."""
        lost = {positions: ~known.known & ~known.special for positions, known in truth.partials.items()}
        if self.order > 1:
            for positions, known in truth.partials.items():
                bound = known.split.bounds()
                known.drowned = lost[positions] & (bound <= NEGLIGIBLE * bound[known.known].max(initial=0.0))
                known.known |= known.drowned
            return
        zero = any((known.split.limbs[0] == 0).any() for known in truth.partials.values())
        if not zero and not any(mask.any() for mask in lost.values()):
            return
        sizes = SizeField(balls)
        shape = self.tape.ops[self.tape.output].shape
        rows = []
        for output in range(self.outputs):
            seed = np.zeros(shape)
            seed.reshape(-1)[output] = 1.0
            found = sweep(sizes, self.tape, {self.tape.output: seed}, self.active, self.targets)
            rows.append([found.get(target, np.zeros(own)) for target, own in zip(self.targets, self.shapes)])
        for (position,), known in truth.partials.items():
            known.size = np.stack([row[position] for row in rows]).reshape(known.known.shape)
            known.drowned = lost[(position,)] & (known.split.bounds() <= NEGLIGIBLE * known.size) & (known.size > 0)
            known.known |= known.drowned


__all__ = ["Known", "NotEnclosed", "TensorReference", "TensorTruth", "TooMuch"]
