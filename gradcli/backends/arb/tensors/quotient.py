"""The second leg: difference quotients of the function itself, along a direction through all entries at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.leaf import CHUNK, BallArray, Leaf

if TYPE_CHECKING:
    from gradcli.tape.tape import Tape

LARGEST = 2.0**1022  # of a move's size: twice as much is still a double
SEED = 20240229
STEPS = (-133, -233)  # powers of two: 1e-40 of what a number is; the second where a function bends more sharply
BITS = 3.4  # for each bit of the step: the step, its square, and what is compared
SHORT = 24  # bits
CLOSE = -66  # a power of two: 1e-20, of what all entries contribute


class RandomDirection:
    """A direction through all entries of all targets that a derivative is claimed for, each in proportion to its size.

    `special` are the entries, for each output, that do not move, `samples` the entries of large matrices that do.
    """

    def __init__(
        self,
        tape: Tape,
        point: Mapping[str, BallArray],
        targets: Sequence[int],
        special: Sequence[Any],
        samples: Mapping[int, list[int]],
    ) -> None:
        self.tape = tape
        self.point = point
        self.targets = list(targets)
        self.samples = samples
        self.names = {index: name for name, index in tape.inputs.items()}
        generator = np.random.Generator(np.random.PCG64(SEED))
        self.moves = []
        for target, mask in zip(targets, special):
            value = point.get(self.names.get(target, ""))
            if target in samples and value is not None:
                size = np.abs(arrays.nearest(value).reshape(-1)[samples[target]])
            else:
                size = np.ones(tape.ops[target].shape) if value is None else np.abs(arrays.nearest(value))
            shape = size.shape
            size = np.where(size == 0, size[size > 0].min(initial=1.0), size)  # what is not finite does not move
            weights = generator.uniform(1, 2, shape)
            held = mask.reshape(-1, *shape).any(axis=0) | ~np.isfinite(size)
            near = np.where(held, 0.0, np.minimum(size, LARGEST))
            self.moves.append(np.where(held, 0.0, _short(near * weights)))
        self.weights = generator.integers(16, 32, tape.ops[tape.output].shape) / 16.0

    def at(self, step: float) -> dict[str, BallArray]:
        """The point, so many steps along the direction; what moves an intermediate is under its number."""
        point = dict(self.point)
        for target, move in zip(self.targets, self.moves):
            name = self.names.get(target)
            if target in self.samples and name is not None:
                point[name] = _with_moved(self.point[name], self.samples[target], move * step)
            elif name is None:
                point[f"{target}"] = arrays.from_doubles(move * step)
            else:
                point[name] = arrays.as_array(point[name] + move * step)
        return point

    def weighted(self, values: BallArray) -> Any:
        """One number of all outputs."""
        return np.add.reduce(arrays.as_array(values * arrays.from_doubles(self.weights)).reshape(-1))


class OneSided(RandomDirection):
    """A direction along which each entry grows or falls, as its sign says; 0 holds it."""

    def __init__(
        self,
        tape: Tape,
        point: Mapping[str, BallArray],
        targets: Sequence[int],
        signs: Sequence[Any],
        samples: Mapping[int, list[int]],
    ) -> None:
        super().__init__(tape, point, targets, [sign == 0 for sign in signs], samples)
        self.moves = [move * sign for move, sign in zip(self.moves, signs)]

    def bears_out(
        self,
        evaluation: TensorEvaluation,
        used: Sequence[int],
        outputs: Sequence[int],
        gradients: Sequence[BallArray],
        others: Sequence[BallArray],
    ) -> bool:
        """Whether a one-sided quotient of some outputs is what their gradients, by rows, say of the direction.

        `others` are the gradients on the other side: what is compared is of their size, too.
        """
        expected, size = self.along(outputs, gradients, others)
        return self.is_quotient(evaluation, used, outputs, expected, size)

    def along(
        self, outputs: Sequence[int], gradients: Sequence[BallArray], others: Sequence[BallArray]
    ) -> tuple[Any, float]:
        """What gradients say of the direction, the outputs weighted, and the sizes of both that it comes from."""
        weights = np.ravel(self.weights)[list(outputs)]
        expected, size = arrays.ZERO, 0.0
        for move, own, other in zip(self.moves, gradients, others):
            factors = np.multiply.outer(weights, move.ravel())
            moving = factors != 0
            if moving.any():
                expected = expected + np.add.reduce(own[moving] * factors[moving])
                both = np.abs(arrays.nearest(own[moving])) + np.abs(arrays.nearest(other[moving]))
                size += float((both * np.abs(factors[moving])).sum())
        return expected, size

    def is_quotient(
        self, evaluation: TensorEvaluation, used: Sequence[int], outputs: Sequence[int], expected: Any, size: float
    ) -> bool:
        """Whether a one-sided quotient of the outputs, weighted, is a number, up to little of a size."""
        weights = np.ravel(self.weights)[list(outputs)]
        if not size:  # nothing contributes: the function is held against its own size
            size = float(np.abs(arrays.nearest(evaluation.values[self.tape.output])).sum())
        for step in STEPS:
            with precision(int(-step * BITS)):
                ends = []
                for point in (self.at(2.0**step), self.point):
                    values = TensorEvaluation(self.tape, point, used, held=evaluation).values[self.tape.output]
                    ends.append(np.add.reduce(arrays.as_array(values).reshape(-1)[list(outputs)] * weights))
                if abs((ends[0] - ends[1]) * arb(2) ** -step - expected) <= size * 2.0**CLOSE:
                    return True
        return False


def _with_moved(values: Any, indices: Sequence[int], moves: Any) -> Any:
    """A matrix with some entries moved by so much."""
    if isinstance(values, Leaf):
        return values.with_moved(indices, moves)
    found = values.copy()
    flat = found.reshape(-1)
    flat[list(indices)] = flat[list(indices)] + moves
    return found


def _short(values: Any) -> Any:
    """Doubles of few bits: the products of two of them with the outputs' weights are exact."""
    fractions, exponents = np.frexp(values)
    return np.ldexp(np.round(np.ldexp(fractions, SHORT)), exponents - SHORT)


def bears_out(
    direction: RandomDirection,
    evaluation: TensorEvaluation,
    used: Sequence[int],
    partials: dict[tuple[int, ...], BallArray],
    sizes: Mapping[tuple[int, ...], Any],
) -> bool:
    """Whether a quotient of the function is what the derivatives, all of one order, say of the direction.

    `sizes` are those of what cancels in the derivatives, where that is known. The derivatives are given away: they
    take as much memory as the points next to this one.
    """
    moves = any(move.any() for move in direction.moves)
    if not moves or not partials:
        return True
    order = len(next(iter(partials)))
    with np.errstate(over="ignore", invalid="ignore"):
        expected, size = _expected(direction, partials, sizes)
    partials.clear()
    if not size:  # nothing contributes: the function is held against its own size
        size = float(np.abs(arrays.nearest(evaluation.values[direction.tape.output])).sum())
    for step in STEPS:
        with precision(int(-step * (BITS + order - 1))):
            found = _quotient(direction, evaluation, used, step, order)
            if abs(found - expected) <= size * 2.0**CLOSE:
                return True
    return False


def _expected(
    direction: RandomDirection, partials: Mapping[tuple[int, ...], BallArray], sizes: Mapping[tuple[int, ...], Any]
) -> tuple[Any, float]:
    """What the derivatives say, and about what it would be without cancellation."""
    total, size = arrays.ZERO, 0.0
    for positions, gradient in partials.items():
        factors = np.ravel(direction.weights)
        for position in positions:
            factors = np.multiply.outer(factors, direction.moves[position].ravel())
        factors = factors.ravel() * len(set(positions))  # a mixed derivative stands for both of its orders
        own = sizes.get(positions)
        if own is not None:
            size += float(np.abs(own.ravel() * factors).sum())
        entries = gradient.ravel()
        moving = factors != 0
        if not moving.all():
            entries, factors = entries[moving], factors[moving]
        if len(entries):
            for start in range(0, len(entries), CHUNK):
                part = slice(start, start + CHUNK)
                total = total + np.add.reduce(entries[part] * factors[part])
            size += float(np.abs(arrays.nearest(entries) * factors).sum())
    return total, size


def _quotient(
    direction: RandomDirection, evaluation: TensorEvaluation, used: Sequence[int], step: int, order: int
) -> Any:
    """The central difference quotient of the order."""
    shifts = (1, -1) if order == 1 else (1, 0, -1)
    ends = []
    for shift in shifts:
        point = direction.at(shift * 2.0**step)
        moved = TensorEvaluation(direction.tape, point, used, held=evaluation)
        ends.append(direction.weighted(moved.values[direction.tape.output]))
    if order == 1:
        return (ends[0] - ends[1]) * arb(2) ** (-step - 1)
    return (ends[0] - 2 * ends[1] + ends[2]) * arb(2) ** (-2 * step)
