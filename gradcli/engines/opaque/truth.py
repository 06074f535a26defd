"""The true derivative of a callable, from its values alone: difference quotients on both sides, at high precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from gradcli.clock import Deadline
from gradcli.engines.arithmetic import Arithmetic
from gradcli.engines.opaque.callables import Inputs, Target, call, seeded
from gradcli.engines.opaque.exact import Exact, exact, lifted, running
from gradcli.engines.opaque.functions import functions_followed
from gradcli.engines.opaque.nodes import Array, Node, Unsupported, World, array
from gradcli.reference.classify import UNDECIDED, Outcome, Side, compare
from gradcli.reference.limits import ENOUGH, Course, Trend, course
from gradcli.reference.samples import piece_at_the_end

NEAR, NEARER = 20, 40  # the steps are 10 to minus these, relative to the point
EXPONENTS = (20, 40, 80, 160, 320)  # where the point lies on a seam, or close to one
SECOND = (10, 20, 40)  # those of second derivatives
CORNERS = ((1, 0), (0, 1), (1, 1))  # of the parallelogram that bends
EXTRA_DIGITS = 60  # of the working precision, on top of twice the smallest step's
BITS_PER_DIGIT = 3.33
SAME_VALUE = 1e-9  # how far apart a value may be at two precisions, relative to it
SETTLED = 1e-14  # how far two quotients may differ, relative to the larger one, to be one derivative

Direction = Sequence[float]  # how far each entry of the point moves


class Values(NamedTuple):
    """What a run came to: every number that the callable returned, and the run itself."""

    nodes: list[Node]
    outputs: list[Exact]
    inputs: list[Node]
    world: World


class Truth:
    """Runs a target at high precision at one point and around it."""

    def __init__(
        self, target: Target, inputs: Inputs, arithmetic: Arithmetic, seed: int, deadline: Deadline | None = None
    ) -> None:
        self.target = target
        self.inputs = inputs
        self.arithmetic = arithmetic
        self.seed = seed
        self.deadline = deadline
        self.flat: list[float] = inputs.flat().tolist()
        self.held: list[Array] | None = None  # what detach gives, where that is not to change
        self.narrow: set[str] = set()
        self._centers: dict[int, Values] = {}

    def run(
        self, digits: int, direction: Direction = (), step: Any = 0, connected: bool = False, bits: int | None = None
    ) -> Values:
        """The values at the point, moved by a step along a direction."""
        arithmetic = self.arithmetic
        one = World(arithmetic, bits or int(digits * BITS_PER_DIGIT), self.deadline, self.held)
        one.connected = connected
        with running(one), functions_followed(), seeded(self.seed):
            nodes = [one.number(value) for value in self.flat]
            if step:
                nodes = [
                    Node(node.value + step * one.number(move).value) if move else node
                    for node, move in zip(nodes, direction)
                ]
            place, tensors = 0, {}
            for name, tensor in self.inputs.tensors.items():
                part = nodes[place : place + tensor.numel()]
                place += tensor.numel()
                tensors[name] = exact(array(part, tuple(tensor.shape)), wanted=True)
            outputs = [lifted(found) for found in call(self.target, tensors, self.inputs.settings)]
        self.narrow |= one.narrow
        return Values([node for found in outputs for node in found.entries.flat], outputs, nodes, one)

    def center(self, digits: int) -> Values:
        """The values at the point itself."""
        if digits not in self._centers:
            self._centers[digits] = self.run(digits)
        return self._centers[digits]

    def derivatives(self, direction: Direction) -> list[Outcome]:
        """Of every number that the callable returns, the derivative along a direction.

        Raises Unsupported where the callable cannot be followed.
        """
        digits = 2 * NEARER + EXTRA_DIGITS
        center = self.center(digits)
        scale = self._scale(direction)
        steps = [sign * scale * self._power(-exponent, digits) for exponent in (NEAR, NEARER) for sign in (-1, 1)]
        moved = [self.run(digits, direction, step) for step in steps]
        smooth = all(one.world.labels == center.world.labels for one in moved) and 0 not in center.world.labels
        found = []
        for place, node in enumerate(center.nodes):
            outcome = self._smooth(node, [one.nodes[place] for one in moved], steps, center) if smooth else None
            if outcome is None:
                return self._carefully(direction)
            found.append(outcome)
        return found

    def _smooth(self, center: Node, moved: Sequence[Node], steps: Sequence[Any], values: Values) -> Outcome | None:
        """The derivative, where all quotients agree; else None."""
        if center.value is None or any(one.value is None for one in moved):
            return None
        noise = values.world.noise
        m = self.arithmetic
        m.bits = values.world.bits
        gaps = [one.value - center.value for one in moved]
        slopes = [gap / step for gap, step in zip(gaps, steps)]
        left, right = slopes[2], slopes[3]
        allowed = abs(noise / steps[3]) + SETTLED * max(abs(left), abs(right))
        if max(abs(slope - right) for slope in slopes) > allowed + abs(noise / steps[1]):
            return None
        return Outcome(True, (left + right) / 2, abs(left - right) + abs(noise / steps[3]))

    def _carefully(self, direction: Direction) -> list[Outcome]:
        """The same on a seam or near one: by steps that shrink until none of them crosses it."""
        digits = 2 * EXPONENTS[-1] + EXTRA_DIGITS
        center = self.center(digits)
        for node, before in zip(center.nodes, self.center(2 * NEARER + EXTRA_DIGITS).nodes):
            if node.value is None or before.value is None:
                continue
            if abs(node.value - before.value) > SAME_VALUE * abs(node.value):
                raise Unsupported("differences of so many digits that none is left")
        sides = [self._side(direction, sign, digits) for sign in (-1, 1)]
        self.arithmetic.bits = int(digits * BITS_PER_DIGIT)
        found = []
        for place, node in enumerate(center.nodes):
            left, right = (
                Side(steps, [run.nodes[place].value for run in runs], [run.world.noise for run in runs])
                for steps, runs in sides
            )
            if min(len(left.values), len(right.values)) < ENOUGH:
                found.append(UNDECIDED)
                continue
            outcome = compare(node.value, left, right, lambda side: Course(Trend.UNCLEAR))
            rounding = max(abs(side.noise[-1] / side.steps[-1]) for side in (left, right))
            found.append(replace(outcome, error=outcome.error + rounding) if outcome.exists else outcome)
        return found

    def _side(self, direction: Direction, sign: int, digits: int) -> tuple[list[Any], list[Values]]:
        """Ever smaller steps to one side, as far as they lie on the piece that touches the point."""
        steps, runs = [], []
        scale = self._scale(direction)
        for exponent in EXPONENTS:
            step = sign * scale * self._power(-exponent, digits)
            steps.append(step)
            runs.append(self.run(digits, direction, step))
        first = piece_at_the_end([run.world.labels for run in runs])
        return steps[first:], runs[first:]

    def second(self, first: Direction, other: Direction) -> list[Outcome]:
        """Of every number that the callable returns, the second derivative along two directions."""
        digits = 2 * SECOND[-1] + 2 * NEARER + EXTRA_DIGITS
        center = self.center(digits)
        runs: dict[tuple[int, int, int], Values] = {}
        for signed in (sign * exponent for sign in (-1, 1) for exponent in SECOND):
            step = (1 if signed > 0 else -1) * self._power(-abs(signed), digits)
            for a, b in CORNERS:
                along = [a * p * self._scale(first) + b * q * self._scale(other) for p, q in zip(first, other)]
                runs[signed, a, b] = self.run(digits, along, step)
        if any(run.world.labels != center.world.labels for run in runs.values()) or 0 in center.world.labels:
            return [UNDECIDED] * len(center.nodes)
        scale = self._scale(first) * self._scale(other)
        return [self._bent(place, center, runs, scale) for place in range(len(center.nodes))]

    def _bent(self, place: int, center: Values, runs: dict[tuple[int, int, int], Values], scale: float) -> Outcome:
        """A second derivative, where the quotients of both sides go to one number."""
        m = self.arithmetic.m
        self.arithmetic.bits = center.world.bits
        at = center.nodes[place].value
        sides = []
        for sign in (-1, 1):
            slopes = []
            for exponent in SECOND:
                one, two, both = (runs[sign * exponent, a, b].nodes[place].value for a, b in CORNERS)
                if at is None or one is None or two is None or both is None:
                    return UNDECIDED
                bend = both - one - two + at
                slopes.append(
                    (bend if abs(bend) > center.world.noise else bend * 0) * m.mpf(10) ** (2 * exponent) / scale
                )
            sides.append(course(slopes))
        left, right = sides
        if left.trend is not Trend.LIMIT or right.trend is not Trend.LIMIT:
            return UNDECIDED
        error = max(left.error, right.error)
        if abs(left.value - right.value) > 2 * error:
            return UNDECIDED
        return Outcome(True, (left.value + right.value) / 2, error)

    def _power(self, exponent: int, digits: int) -> Any:
        self.arithmetic.bits = int(digits * BITS_PER_DIGIT)
        return self.arithmetic.m.mpf(10) ** exponent

    def _scale(self, direction: Direction) -> float:
        """What steps are relative to: along one entry its size, else 1, since directions have the point's sizes."""
        moving = [place for place, move in enumerate(direction) if move]
        if len(moving) == 1:
            return abs(self.flat[moving[0]] / direction[moving[0]]) or 1.0
        return 1.0
