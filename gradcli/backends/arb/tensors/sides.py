"""Both sides of a point where a formula changes, on whole tensors: the chain rule beside it, and quotients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.fields import BallField, SizeField
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.jets import Jet
from gradcli.backends.arb.tensors.nonsmooth import Nonsmooth
from gradcli.backends.arb.tensors.second import MovingEvaluation
from gradcli.backends.arb.tensors.sweep import sweep
from gradcli.tape.dependence import depends

if TYPE_CHECKING:
    from gradcli.backends.arb.tensors.question import TensorQuestion

STEPS = (5 * 2.0**-140, 3 * 2.0**-170)  # of the size of a number: 4e-42 and 2e-51
BITS = 640  # for what a quotient with the smaller one loses, and 40 digits
SAME = 2.0**-100  # 1e-30: what a derivative may change between the two
GROWING = 4  # contributions that grow by more from the one to the other have no limit
APART = 2.0**-40  # two sides that differ by no more take a closer look


class EntrySides(NamedTuple):
    """The one-sided derivatives, and what the chain rule with its conventions says at the point itself."""

    left: Any
    right: Any
    taken: Any
    jumps: bool = False  # the function itself: there are no derivatives

    @property
    def is_corner(self) -> bool:
        """Whether they differ."""
        return bool(self.left != self.right)


def sides_of(reference: TensorQuestion, target: int, entry: tuple[int, ...], output: int = 0) -> EntrySides | None:
    """The derivatives of an entry of the output by one of a variable, from below and from above.

    None where they are not the same at two distances, where quotients of the function do not bear them out, or where
    they are neither certainly apart nor the same.
    """
    tape = reference.tape
    name = next((name for name, index in tape.inputs.items() if index == target), None)
    if name is None:
        return None
    with precision(BITS):
        here = TensorEvaluation(tape, reference.point, reference.used)
        look = _Look(reference, here, target, name, entry, output)
        if here.is_open and look.jumps():
            return EntrySides(arb.nan(), arb.nan(), arb.nan(), jumps=True)
        found = look.along() or (look.side(-1), look.side(1))
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
    """One entry of one variable, and what an entry of the output does where it moves."""

    def __init__(
        self, reference: TensorQuestion, here: TensorEvaluation, target: int, name: str, entry: tuple[int, ...],
        output: int,
    ) -> None:  # fmt: skip
        self.reference = reference
        self.here = here
        self.target = target
        self.name = name
        self.entry = entry
        self.output = output
        self.moving: Sequence[int] = depends(reference.tape, [target])
        self.active: Sequence[int] = depends(reference.tape, [target], derivatives=True)
        middle = abs(float(arrays.as_array(reference.point[name])[entry]))
        self.size = arb(2) ** int(np.frexp(middle)[1]) if middle else arb(1)

    def along(self) -> tuple[Any, Any] | None:
        """Both derivatives from the point itself, where all that meets there are eigenvalues of one matrix or another.

        Those that are equal grow by the eigenvalues of what the matrix changes by in the space of their eigenvectors
        (Lancaster 1964). None where there is something else, or quotients do not bear it out.
        """
        here = self.here
        if here.is_open:
            return None
        balls = BallField(here)
        self.gradient(balls)  # which meets them
        masks = Nonsmooth(here, self.moving).masks
        if not masks or any(index not in here.spectra for index in masks):
            return None
        size = self.sizes(balls)
        found = []
        for sign in (-1, 1):
            move = arrays.zeros(here.values[self.target].shape)
            move[self.entry] = arb(sign)
            value = MovingEvaluation(balls, {self.target: move}).values[self.reference.tape.output]
            change = value.change.reshape(-1)[self.output] * sign if isinstance(value, Jet) else arrays.ZERO
            step = sign * self.size * STEPS[0]
            quotient = (self.value(self.moved(step)) - self.value(here)) / step
            if not abs(change - quotient) <= (abs(change) + size) * SAME:
                return None
            found.append(_rounded(change, size))
        return found[0], found[1]

    def jumps(self) -> bool:
        """Whether the function, which is not determined at the point itself, is another one on the two sides."""
        below, above = (self.value(self.moved(sign * self.size * STEPS[1])) for sign in (-1, 1))
        return bool(abs(below - above) > (abs(below) + abs(above)) * APART)

    def side(self, sign: int) -> Any:
        """The derivative on one side; None where there is none that is certain."""
        first, second = (self._next_to(sign * self.size * step) for step in STEPS)
        if first is None or second is None:
            return None
        if min(first.size, second.size) * GROWING < max(first.size, second.size):
            return None
        size = first.size + second.size
        if not abs(first.slope - second.slope) <= (abs(second.slope) + size) * SAME:
            return None
        return _rounded(second.slope, size)

    def _next_to(self, step: Any) -> _Slope | None:
        """The derivative a step away, where a quotient over that step says the same."""
        moved = self.moved(step)
        balls = BallField(moved)
        found = self.gradient(balls)
        nonsmooth = Nonsmooth(moved, self.moving)  # after the sweep, which may meet more
        if nonsmooth.is_uncertain:
            return None
        reached = nonsmooth.reached(balls, [self.target], self.reference.outputs)[0]
        if reached[(self.output, *self.entry)]:
            return None
        other = self.moved(step / 2) if self.here.is_open else self.here
        quotient = (self.value(moved) - self.value(other)) / (step / 2 if self.here.is_open else step)
        if abs(quotient - found) <= abs(found) * SAME:
            return _Slope(found, 0.0)
        size = self.sizes(balls)
        return _Slope(found, size) if abs(quotient - found) <= (abs(found) + size) * SAME else None

    def moved(self, step: Any) -> TensorEvaluation:
        """The program where the entry is moved."""
        values: Any = self.reference.point[self.name]
        values = values.copy()
        values[self.entry] = values[self.entry] + step
        point = {**self.reference.point, self.name: values}
        return TensorEvaluation(self.reference.tape, point, self.reference.used, held=self.here)

    def value(self, evaluation: TensorEvaluation) -> Any:
        """The entry of the output."""
        return evaluation.values[self.reference.tape.output].reshape(-1)[self.output]

    def gradient(self, balls: BallField) -> Any:
        """The derivative by the entry at some point."""
        found = self._swept(balls)
        return arrays.ZERO if found is None else found[self.entry]

    def sizes(self, balls: BallField) -> float:
        """The sum of the absolute contributions to it."""
        found = self._swept(SizeField(balls))
        return 0.0 if found is None else float(found[self.entry])

    def _swept(self, field: BallField) -> Any:
        tape = self.reference.tape
        seed = field.zeros(tape.ops[tape.output].shape)
        seed.reshape(-1)[self.output] = field.one
        return sweep(field, tape, {tape.output: seed}, self.active, [self.target]).get(self.target)


class _Slope(NamedTuple):
    """A derivative, and the sum of the absolute contributions to it, where that was looked for."""

    slope: Any
    size: float


def _rounded(slope: Any, size: float) -> Any:
    """A slope that is nothing beside what contributes to it is 0."""
    return arrays.ZERO if not slope.is_zero() and abs(slope) <= size * SAME else slope
