"""The true derivatives of a callable, from its values alone: quotients of a run in balls on both sides of the point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import mpmath

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.check.callables import decompositions, layers, operations, truths  # noqa: F401  (handlers, which have to be there)
from gradcli.check.callables.asked import is_stale, running
from gradcli.check.callables.callables import CallableTarget, Inputs, call
from gradcli.check.callables.seeds import seeded
from gradcli.check.callables.tensor import BallTensor, balls, lifted
from gradcli.check.callables.world import Array, EvaluationContext, array, entered
from gradcli.reference.by_rule import FIRST_LOOK
from gradcli.reference.classify import UNDECIDED, Infinite, Outcome
from gradcli.reference.limits import Course, Trend
from gradcli.reference.quotients import NOTHING, by_quotients, forward_difference
from gradcli.reference.samples import (
    EXPONENTS,
    MANTISSAS,
    RESOLVED,
    Looked,
    NearbySample,
    move_to,
    mpf,
    one_piece,
    sample_of,
)
from gradcli.runtime.deadlines import Deadline

BITS = 466  # of a run that is not one of a quotient's: 140 digits
MAX_BITS = 9_000  # of any run: a program in Python takes some microseconds an operation

NUMBERS = mpmath.MPContext()  # of what was found
NUMBERS.prec = 2 * BITS
UNTOLD = NUMBERS.ldexp(1, NOTHING)  # of a derivative: as absolutely it is known

Place = tuple[int, int, int]  # a sample: the side, the kind of step, and which step


class Values(NamedTuple):
    """What a run came to: every number that the callable returned, and the run itself.

    outputs   as tensors, with torch's graph behind them
    leaves    what they can be differentiated by
    entrances where in the graph all gradients of each leaf come together
    """

    numbers: list[Enclosed]
    outputs: list[BallTensor]
    leaves: list[BallTensor]
    entrances: list[Any]
    world: EvaluationContext


class Followed:
    """Runs a target in balls at one point and around it."""

    def __init__(self, target: CallableTarget, inputs: Inputs, seed: int, deadline: Deadline | None = None) -> None:
        self.target = target
        self.inputs = inputs
        self.seed = seed
        self.deadline = deadline
        self.flat: list[float] = inputs.flat().tolist()
        self.held: list[Array] | None = None  # what detach gives, where that is not to change
        self.narrow: set[str] = set()
        self.reads: set[str] = set()  # what reads one triangle of a matrix
        self.triangle: set[str] = set()  # those of them that were given one that is not symmetric
        self._centers: dict[int, Values] = {}
        self._twice: dict[tuple[int, ...], list[Outcome]] = {}

    def run(self, bits: int = BITS, shifts: Sequence[Any] = ()) -> Values:
        """The values at the point, moved by so much (balls, or None for what stays)."""
        one = EvaluationContext(bits, self.deadline, self.held)
        leaves, place = {}, 0
        with entered(one):
            numbers = [one.number(value) for value in self.flat]
            if shifts:
                numbers = [here if shift is None else here + shift for here, shift in zip(numbers, shifts)]
                one.moving = {id(here) for here, shift in zip(numbers, shifts) if shift is not None}
            for name, tensor in self.inputs.tensors.items():
                part = array(numbers[place : place + tensor.numel()], tuple(tensor.shape))
                leaves[name] = balls(part, tensor.clone()).requires_grad_()
                place += tensor.numel()
        try:
            with running(one), seeded(self.seed):
                given = {name: leaf.clone() for name, leaf in leaves.items()}
                entrances = [tensor.grad_fn for tensor in given.values()]
                found = call(self.target, given, self.inputs.settings)
        finally:
            self.reads |= one.reads
            self.triangle |= one.triangle
        with entered(one):
            outputs = [lifted(tensor) for tensor in found]
            values = [_finite(value) for tensor in outputs for value in tensor.entries.flat]
            one.stale = is_stale()
        self.narrow |= one.narrow
        return Values(values, outputs, list(leaves.values()), entrances, one)  # type: ignore[arg-type]

    def center(self, bits: int = BITS) -> Values:
        """The values at the point itself."""
        if bits not in self._centers:
            self._centers[bits] = self.run(bits)
        return self._centers[bits]

    def hold(self) -> None:
        """Keep what detach gives at the point wherever it is moved to: numbers, exactly."""
        self.held = [
            array([value.mid() if is_ball(value) else value for value in one.flat], one.shape)
            for one in self.run().world.cuts
        ]

    def differences(self, direction: Sequence[Any], size: Any, order: int, bits: int) -> list[Enclosed] | None:
        """The forward differences of every number that the callable returns, along a direction.

        None where one has no value, or where a formula changes on the way or at the point.
        """
        center = self.center(bits)
        runs = [center]
        for count in range(1, order + 1):
            runs.append(self.run(bits, [None if part.is_zero() else part * size * count for part in direction]))
        labels = center.world.labels
        if 0 in labels or any(one.world.labels != labels for one in runs):
            return None
        found = []
        for column in zip(*(one.numbers for one in runs)):
            values = list(column)
            if None in values:
                return None
            still = not any(id(value) in one.world.moving for value, one in zip(values[1:], runs[1:]))
            found.append(arb(0) if still and is_ball(values[0]) else forward_difference(values, order))
        return found

    def derivatives(self, position: int) -> list[Outcome]:
        """Of every number that the callable returns, the derivative by one entry of the point.

        Raises Unsupported where the callable cannot be followed.
        """
        found = by_quotients(self, self._direction(position), 1, MAX_BITS)
        if found is None or not all(one.exists for one in found):
            return [_shown(one) for one in self._from_sides(position)]
        return [_shown(one, self._scale(position)) for one in found]

    def second(self, row: int, column: int) -> list[Outcome]:
        """Of every number that the callable returns, the second derivative by two entries of the point.

        A mixed one is what the second derivative along both at once has beyond those along each.
        """
        scale = self._scale(row) * self._scale(column)
        if row == column:
            return [_shown(one, scale) for one in self._along(row)]
        found = []
        for both, one, other in zip(self._along(row, column), self._along(row), self._along(column)):
            if not (both.exists and one.exists and other.exists):
                found.append(UNDECIDED)
                continue
            value = (NUMBERS.mpf(both.value) - one.value - other.value) / 2
            error = NUMBERS.mpf(both.error) + one.error + other.error
            found.append(_shown(Outcome(True, value, error), scale))
        return found

    def _along(self, *positions: int) -> list[Outcome]:
        """The second derivatives along some entries of the point at once, each in units of its own size."""
        if positions not in self._twice:
            found = by_quotients(self, self._direction(*positions), 2, MAX_BITS)
            self._twice[positions] = [UNDECIDED] * len(self.center().numbers) if found is None else found
        return self._twice[positions]

    def _from_sides(self, position: int) -> list[Outcome]:
        """The same where a formula changes at the point or near it: by steps that shrink until none crosses it."""
        known: dict[Place, list[NearbySample | None]] = {}
        forms: dict[tuple[int, ...], int] = {}
        outcomes = [UNDECIDED] * len(self.center().numbers)
        for count in range(FIRST_LOOK, len(EXPONENTS) + 1):
            places = [(sign, kind, step) for sign in (-1, 1) for kind in range(len(MANTISSAS)) for step in range(count)]
            for place in places:
                if place not in known:
                    known[place] = self._samples(position, place, forms)
            center = self.center(_bits(count - 1))
            for output, outcome in enumerate(outcomes):
                if outcome.exists is None:
                    outcomes[output] = _judged(output, count, known, center.numbers[output])
            if all(one.exists is not None for one in outcomes):
                break
        return outcomes

    def _samples(self, position: int, place: Place, forms: dict[tuple[int, ...], int]) -> list[NearbySample | None]:
        """A sample of every number that the callable returns; None for one that is not resolved."""
        sign, kind, step = place
        bits = _bits(step)
        while True:
            with precision(bits):
                move = move_to(arb(self._scale(position)), sign, kind, step)
                run = self.run(bits, [move if one == position else None for one in range(len(self.flat))])
                form = forms.setdefault(tuple(run.world.labels), len(forms))
                found = [
                    sample_of(move, moved, _ball_or_none(here), step, form)
                    for moved, here in zip(run.numbers, self.center(bits).numbers)
                ]
            bits *= 2
            if None not in found or bits > MAX_BITS:
                return found

    def _direction(self, *positions: int) -> list[Any]:
        """So far from the point as the sizes of these entries, along them."""
        return [arb(self._scale(one) if one in positions else 0) for one in range(len(self.flat))]

    def _scale(self, position: int) -> float:
        """What steps are relative to: the power of two next to an entry, or 1."""
        value = self.flat[position]
        return math.ldexp(1.0, max(math.frexp(value)[1] - 1, -1022)) if value else 1.0


def _finite(value: Enclosed) -> Enclosed:
    return None if is_ball(value) and not value.is_finite() else value


def _bits(step: int) -> int:
    return 2 * EXPONENTS[step] + 2 * RESOLVED


def _ball_or_none(value: Enclosed) -> Any:
    return value if is_ball(value) else None


def _judged(output: int, count: int, known: dict[Place, list[NearbySample | None]], center: Enclosed) -> Outcome:
    """What the samples of one number say."""
    if center is not None and not is_ball(center):
        return UNDECIDED
    sides = []
    for sign in (-1, 1):
        pair = []
        for kind in range(len(MANTISSAS)):
            samples = [known[sign, kind, step][output] for step in range(count)]
            if None in samples:
                return UNDECIDED
            pair.append(one_piece([one for one in samples if one is not None]))
        sides.append((pair[0], pair[1]))
    looked = Looked(sides[0], sides[1], None if center is None else mpf(center))
    outcome = looked.judged(lambda side: Course(Trend.UNCLEAR))
    if outcome.exists:
        last = [samples[-1] for pair in sides for samples in pair]
        return replace(outcome, error=outcome.error + max(abs(one.error / one.step) for one in last))
    return outcome if outcome.is_finite or count == len(EXPONENTS) else UNDECIDED


def _shown(outcome: Outcome, scale: float = 1.0) -> Outcome:
    """An outcome by numbers of the point, in place of numbers of its size."""

    def of(value: Any) -> Any:
        return value if value is None or isinstance(value, Infinite) else NUMBERS.mpf(value) / scale

    return replace(
        outcome, value=of(outcome.value), error=of(outcome.error) + UNTOLD,
        left=of(outcome.left), right=of(outcome.right), limit=of(outcome.limit),
    )  # fmt: skip
