"""Both sides of a point where a formula changes, on whole tensors: the chain rule beside it, and quotients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.fields import BallField
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.nonsmooth import Nonsmooth
from gradcli.backends.arb.tensors.sweep import sweep
from gradcli.tape.dependence import depends

if TYPE_CHECKING:
    from gradcli.backends.arb.tensors.question import TensorQuestion

STEPS = (5 * 2.0**-140, 3 * 2.0**-170)  # of the size of a number: 4e-42 and 2e-51
BITS = 640  # for what a quotient with the smaller one loses, and 40 digits
SAME = 2.0**-100  # 1e-30: what a derivative may change between the two
APART = 2.0**-40  # two sides that differ by no more take a closer look


class EntrySides(NamedTuple):
    """The one-sided derivatives, and what the chain rule with its conventions says at the point itself."""

    left: Any
    right: Any
    taken: Any

    @property
    def is_corner(self) -> bool:
        """Whether they differ."""
        return bool(self.left != self.right)


def sides_of(reference: TensorQuestion, target: int, entry: tuple[int, ...]) -> EntrySides | None:
    """The derivatives of a number by one entry of a variable, from below and from above.

    None where they are not the same at two distances, where quotients of the function do not bear them out, or where
    they are neither certainly apart nor the same.
    """
    tape = reference.tape
    name = next((name for name, index in tape.inputs.items() if index == target), None)
    if name is None or tape.ops[tape.output].shape:
        return None
    with precision(BITS):
        here = TensorEvaluation(tape, reference.point, reference.used)
        look = _Look(reference, here, target, name, entry)
        found = [look.side(-1), look.side(1)]
        left, right = found
        if left is None or right is None:
            return None
        taken = look.gradient(BallField(here))
        apart, size = abs(left - right), abs(left) + abs(right)
        if apart <= size * SAME:
            middle = (left + right) / 2
            return EntrySides(middle, middle, taken)
        return EntrySides(left, right, taken) if apart > size * APART else None


class _Look:
    """One entry of one variable, and what the program does where it moves."""

    def __init__(
        self, reference: TensorQuestion, here: TensorEvaluation, target: int, name: str, entry: tuple[int, ...]
    ) -> None:
        self.reference = reference
        self.here = here
        self.target = target
        self.name = name
        self.entry = entry
        self.moving: Sequence[int] = depends(reference.tape, [target])
        self.active: Sequence[int] = depends(reference.tape, [target], derivatives=True)
        middle = abs(float(arrays.as_array(reference.point[name])[entry]))
        self.size = arb(2) ** int(np.frexp(middle)[1]) if middle else arb(1)

    def side(self, sign: int) -> Any:
        """The derivative on one side; None where there is none that is certain."""
        first, second = (self._next_to(sign * self.size * step) for step in STEPS)
        if first is None or second is None or not abs(first - second) <= abs(second) * SAME:
            return None
        return second

    def _next_to(self, step: Any) -> Any:
        """The derivative a step away, where a quotient over that step says the same."""
        values: Any = self.reference.point[self.name]
        values = values.copy()
        values[self.entry] = values[self.entry] + step
        tape = self.reference.tape
        moved = TensorEvaluation(tape, {**self.reference.point, self.name: values}, self.reference.used, held=self.here)
        nonsmooth = Nonsmooth(moved, self.moving)
        balls = BallField(moved)
        if nonsmooth.is_uncertain or nonsmooth.reached(balls, [self.target], 1)[0][0][self.entry]:
            return None
        found = self.gradient(balls)
        quotient = (moved.values[tape.output][()] - self.here.values[tape.output][()]) / step
        return found if abs(quotient - found) <= abs(found) * SAME else None

    def gradient(self, balls: BallField) -> Any:
        """The derivative by the entry at some point."""
        tape = self.reference.tape
        seed = arrays.as_array(arb(1))
        found = sweep(balls, tape, {tape.output: seed}, self.active, [self.target])
        return found[self.target][self.entry] if self.target in found else arrays.ZERO
