"""A callable at one point: every number of its gradients, beside the truth."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from gradcli.backends.arb.context import is_ball
from gradcli.backends.arb.flint import arb
from gradcli.check.callables import claims
from gradcli.check.callables.callables import CallableTarget, CallFailed, Inputs
from gradcli.check.callables.followed import NUMBERS, Followed, Values
from gradcli.check.callables.numeric import estimates
from gradcli.check.callables.places import chosen, in_turns
from gradcli.check.callables.real import Ran, Real
from gradcli.check.callables.weigh import (
    WeighedEntry,
    WeighedJudgement,
    as_it_says,
    weighed,
    weighed_in_double,
    without_rounding,
)
from gradcli.check.callables.world import Unsupported
from gradcli.reference.classify import UNDECIDED, Outcome
from gradcli.runtime.deadlines import Deadline, OutOfTime

MAX_ENTRIES = 40  # of the point, that are judged one by one
LEAST_ENTRIES, SECONDS = 2, 3.0  # so many of each input at least, and others for so long
MAX_ROWS = 10  # outputs that are judged one by one
SAME_VALUE = 1e-9  # how far a value at high precision may be from torch's
NOTHING = 2.0**-1074  # the smallest double: what is below may be 0 in torch
SHARE = 0.5  # of the time that is left, for one point at high precision
ROUGH_BITS = 53  # as float64 computes: what is lost then may be lost in torch
LOST = 50  # times that


@dataclass
class CallablePoint:
    """What was found at one point."""

    inputs: Inputs
    entries: list[WeighedEntry] = field(default_factory=list)
    flows: list[bool] = field(default_factory=list)  # for each input, whether a gradient came back
    weights: list[float] = field(default_factory=list)  # those of the weighted sum
    why_double: str | None = None  # why it was judged in float64
    on_seam: bool = False  # whether the point lies where a function changes its formula

    def of(self, judgement: WeighedJudgement, positions: Sequence[int]) -> list[WeighedEntry]:
        """The entries of an input that are judged so."""
        return [one for one in self.entries if one.judgement is judgement and one.position in positions]


class _LeftOut(Exception):
    """This point is not judged."""


class Looker:
    """Looks at a target at one point after the other."""

    def __init__(self, target: CallableTarget, seed: int, deadline: Deadline) -> None:
        self.target = target
        self.seed = seed
        self.deadline = deadline
        self.real = Real(target, seed)
        self.narrow: set[str] = set()
        self.why_double: str | None = None  # why nothing is followed at high precision
        self.why_claims: str | None = None  # why its backward is not
        self.claimed_once = False  # whether its backward was: then it always is
        self.visited = 0  # points
        self.followed_once = False  # whether a point was looked at at high precision: then all are
        self.cuts = 0
        self.reads: set[str] = set()  # what reads one triangle of a matrix, where that shows
        self.symmetric: list[str] = []  # the matrices that are judged along symmetric changes, because of that
        self.lost: list[Inputs] = []  # where autograd gives no number though the formula is right
        self.stale = self.followed = self.seam = self.overwrites = False

    def along(self, inputs: Inputs, direction: Sequence[float]) -> list[float]:
        """A direction that leaves those matrices symmetric."""
        moved = inputs.moved(torch.tensor(list(direction), dtype=torch.float64))
        return moved.symmetrized(self.symmetric).flat().tolist()

    def look(self, inputs: Inputs, most: int = MAX_ENTRIES) -> CallablePoint | None:
        """Everything at one point; None where torch's values are not finite there, or it cannot be followed there."""
        ran = self.real.run(inputs)
        if not ran.is_finite:
            return None
        chance = random.Random(self.seed)  # noqa: S311
        positions = in_turns(inputs, chosen(inputs.size, most, chance))
        count = len(ran.flat)
        rows = chosen(count, MAX_ROWS, chance)
        weights = [chance.choice((-1, 1)) * round(chance.uniform(1.2, 3.0), 1) for _ in range(count)]
        place = CallablePoint(inputs, weights=weights)
        precise = self.deadline.within(max(self.deadline.left, 0.0) * SHARE)
        truth = Followed(self.target, inputs, self.seed, precise)
        try:
            outcomes = self._outcomes(truth, ran, positions)
            mirrored = self._mirrored(truth)
            beside = [mirrored[one] for one in outcomes if mirrored.get(one, one) not in outcomes]
            outcomes |= self._outcomes(truth, ran, beside) if beside else {}
            outcomes = {one: _between(outcomes[one], outcomes[mirrored.get(one, one)]) for one in sorted(outcomes)}
            center = self._center(truth)
            for output in [*rows, None]:
                vector = weights if output is None else [float(one == output) for one in range(count)]
                self._row(place, truth, ran, center, output, vector, list(outcomes), outcomes)
        except _LeftOut:
            return None
        self.visited += 1
        self.narrow |= truth.narrow
        place.why_double, place.on_seam = self.why_double, center is not None and self.seam
        return place

    def _outcomes(self, truth: Followed, ran: Ran, positions: Sequence[int]) -> dict[int, list[Outcome]]:
        """The true derivatives of all outputs, by some entries of the point."""
        found: dict[int, list[Outcome]] = {}
        begun = time.monotonic()
        for position in positions:
            if len(found) >= LEAST_ENTRIES * len(ran.leaves) and time.monotonic() - begun > SECONDS:
                break
            if self.why_double is None:
                try:
                    if not found:
                        _compare_values(truth, ran)
                    found[position] = truth.derivatives(position)
                    continue
                except (Unsupported, CallFailed, OutOfTime) as error:
                    self.deadline.check()
                    if self.followed_once:
                        raise _LeftOut from error
                    self.why_double = why(error)
                    found.clear()
                    return self._outcomes(truth, ran, positions)
            found[position] = self._numerically(truth.inputs, position, len(ran.flat))
        self.followed_once = self.why_double is None
        return found

    def _mirrored(self, truth: Followed) -> dict[int, int]:
        """For each entry of a matrix of which one triangle is read the one on the other side of the diagonal."""
        reads = truth.triangle if self.why_double is None else truth.reads
        if reads and not self.visited:
            self.reads, self.symmetric = reads, truth.inputs.symmetric
        return truth.inputs.mirrored(self.symmetric)

    def _numerically(self, inputs: Inputs, position: int, count: int) -> list[Outcome]:
        flat = inputs.flat()

        def values(step: float) -> list[float]:
            moved = flat.clone()
            moved[position] += step
            try:
                return self.real.run(inputs.moved(moved), wanted=False).flat
            except CallFailed:
                return [float("nan")] * count

        found = []
        for one in estimates(values, count, abs(float(flat[position])) or 1.0):
            if one.value is not None:
                found.append(Outcome(True, NUMBERS.mpf(one.value), NUMBERS.mpf(one.error)))
            elif one.left is not None and one.right is not None:
                found.append(Outcome(False, kind="corner", left=NUMBERS.mpf(one.left), right=NUMBERS.mpf(one.right)))
            else:
                found.append(UNDECIDED)
        return found

    def _center(self, truth: Followed) -> Values | None:
        """A run whose gradients can be pulled."""
        if self.why_double is not None or self.why_claims is not None:
            return None
        try:
            found = truth.run()
        except (Unsupported, CallFailed, OutOfTime) as error:
            self._not_claimed(error)
            return None
        self.cuts = max(self.cuts, len(found.world.cuts))
        self.seam = 0 in found.world.labels
        self.overwrites = self.overwrites or found.world.overwrites
        return found

    def _row(
        self, place: CallablePoint, truth: Followed, ran: Ran, center: Values | None, output: int | None,
        vector: Sequence[float], positions: Sequence[int], outcomes: dict[int, list[Outcome]],
    ) -> None:  # fmt: skip
        """One gradient: of one output, or of the weighted sum of all."""
        numbers, flows = self.real.row(ran, vector)
        place.flows = flows if not place.flows else [a or b for a, b in zip(place.flows, flows)]
        claimed = self._claimed(truth, center, vector)
        around = _size_around(ran, place.inputs)
        largest = max((abs(one) for one in numbers if math.isfinite(one)), default=0.0)
        mirrored = place.inputs.mirrored(self.symmetric)
        for position in positions:
            outcome = outcomes[position][output] if output is not None else summed(outcomes[position], vector)
            other = mirrored.get(position, position)
            number = (numbers[position] + numbers[other]) / 2
            if claimed is not None:
                value, size = _mean(claimed[position], claimed[other])
                judgement = weighed(value, size, number, outcome, truth.narrow)
                if judgement is WeighedJudgement.RIGHT and not math.isfinite(number):
                    judgement = self._lost(place.inputs)
            elif not math.isfinite(number) and self.visited:
                continue  # overflow, perhaps
            else:
                value, size = None, 0
                judgement = weighed_in_double(without_rounding(number, largest), outcome, around, truth.narrow)
                outcome = as_it_says(number, outcome, judgement)
            place.entries.append(
                WeighedEntry(position, output, value, size, number, outcome, judgement, exact=claimed is not None)
            )

    def _lost(self, inputs: Inputs) -> WeighedJudgement:
        """What autograd's number is where it is none and the formula is right: wrong at the point that was given."""
        if inputs not in self.lost:
            self.lost.append(inputs)
        return WeighedJudgement.RIGHT if self.visited else WeighedJudgement.WRONG

    def _claimed(
        self, truth: Followed, center: Values | None, vector: Sequence[float]
    ) -> list[claims.ClaimedGradient] | None:
        if center is None or self.why_claims is not None:
            return None
        try:
            found = claims.first(truth, center, vector)
            self.claimed_once = True
            self.stale, self.followed = self.stale or center.world.stale, self.followed or center.world.followed
            return found
        except (Unsupported, CallFailed, OutOfTime) as error:
            self._not_claimed(error)
            return None

    def _not_claimed(self, error: BaseException) -> None:
        """Judge torch's numbers from now on, or leave out this point, where backward could be followed at others."""
        self.deadline.check()
        if self.claimed_once:
            raise _LeftOut from error
        self.why_claims = why(error)


def why(error: BaseException) -> str:
    """Why something could not be followed at high precision."""
    if isinstance(error, Unsupported):
        return f"it uses {error}, which is not known at high precision"
    if isinstance(error, CallFailed):
        return f"at high precision it fails: {error.message}"
    return "at high precision it would take too long"


def _compare_values(truth: Followed, ran: Ran) -> None:
    """Make sure that both ways of running the callable run the same function, but for what float64 loses."""
    center = truth.center()
    if len(center.numbers) != len(ran.flat):
        raise Unsupported("something whose result has another shape there")
    same = 1e-3 if truth.narrow else SAME_VALUE
    far = [
        place
        for place, (true, number) in enumerate(zip(center.numbers, ran.flat))
        if not is_ball(true) or not abs(true - number) <= arb(same * abs(number) + NOTHING)
    ]
    if not far:
        return
    rough = truth.run(ROUGH_BITS).numbers
    for place in far:
        true, near = center.numbers[place], rough[place]
        if not is_ball(true) or not is_ball(near):
            raise _LeftOut
        if abs(true - ran.flat[place]) > LOST * abs(near - true).abs_upper():
            raise Unsupported("something whose values in torch are others")


def summed(outcomes: Sequence[Outcome], weights: Sequence[float]) -> Outcome:
    """The derivative of a weighted sum, where all its terms have one."""
    moving = [(one, weight) for one, weight in zip(outcomes, weights) if weight]
    if any(one.exists is None for one, _ in moving):
        return UNDECIDED
    for one, _ in moving:
        if not one.exists:
            return one
    return Outcome(True, sum(one.value * weight for one, weight in moving), sum(one.error for one, _ in moving))


def _between(one: Sequence[Outcome], other: Sequence[Outcome]) -> list[Outcome]:
    """The mean of two lists of derivatives, where all exist."""
    if one is other:
        return list(one)
    return [summed([a, b], [0.5, 0.5]) for a, b in zip(one, other)]


def _mean(one: claims.ClaimedGradient, other: claims.ClaimedGradient) -> tuple[Any, Any]:
    value = None if one.value is None or other.value is None else (one.value + other.value) / 2
    return value, (one.size + other.size) / 2


def _size_around(ran: Ran, inputs: Inputs) -> float:
    """A slope of the size of the numbers here: what rounding is relative to."""
    values = max((abs(one) for one in ran.flat), default=0.0)
    return values / max(float(inputs.flat().abs().max()), 1e-300)
