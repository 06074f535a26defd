"""Nonsmooth points of two variables that may be extreme: where both partial derivatives change their signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.guards import may_be_zero
from gradcli.extrema.data import MAXIMUM, MINIMUM, NEITHER, SADDLE, UNDECIDED
from gradcli.extrema.kinds import kind_of_slopes
from gradcli.problem.job import Job
from gradcli.reference.one_sided import GuardSlopes, OneSidedSlopes, constant_between, is_continuous
from gradcli.reference.stationary import LineFunction, Segment, StationarySearch, hull, roundest, sign_of_ball
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import chain
from gradcli.tape.dependence import depends, guarded_among, reaches

Rectangle = tuple[Segment, Segment]
WIDE = 0.01  # of a value on the line, over all of the other variable: what is constant between is looked at by itself
NEAR = Fraction(1, 3)  # of the rectangle: how far from the point they are


class NonsmoothPlane:
    """Tells whether a small rectangle with nonsmooth points has one that is extreme, and no other.

    Where f rises away from the line x = a on both sides of it, for every y, and along that line away from y = b, the
    point (a, b) is lower than all others.
    """

    def __init__(self, job: Job, names: Sequence[str], fixed: Mapping[str, Fraction], deadline: Deadline) -> None:
        self.job, self.names, self.fixed, self.deadline = job, names, fixed, deadline
        self.chain = chain(job.exact, names, 1, job.program.source)
        tape = self.chain.tape
        self.inputs = {name: value for name, value in fixed.items() if name in tape.inputs}
        self.evaluator = BallEvaluator(tape, deadline)
        self.crossed = [GuardSlopes(self.evaluator, name, job.program.source, deadline) for name in names]
        self.partials = [self.chain.partials[(k,)] for k in (0, 1)]
        used = reaches(tape, [self.chain.output, *self.partials])
        self.guarded = guarded_among(tape, used, depends(tape, self.chain.targets))

    def point_in(self, part: Rectangle) -> tuple[tuple[Fraction, Fraction], Any, str, bool] | None:
        """The point of a rectangle that is extreme there, its value, its kind, and whether that is proven."""
        point = (roundest(part[0]), roundest(part[1]))
        value = self._run([BALLS.number(x) for x in point])[self.chain.output]
        if not is_ball(value) or not value.is_finite():
            return None
        for first in (0, 1):
            kind = self._proven(part, point, first)
            if kind is not None:
                return point, value, kind, True
        for first in (0, 1):
            found = self._beside_line(part, point, first)
            if found is not None:
                return found
        kind = self._likely(part, point, value)
        return None if kind == UNDECIDED else (point, value, kind, False)

    def _beside_line(
        self, part: Rectangle, point: tuple[Fraction, Fraction], first: int
    ) -> tuple[tuple[Fraction, Fraction], Any, str, bool] | None:
        """The same where the point is stationary along the line on which the other variable has a kink."""
        second = 1 - first
        fixed = {**self.fixed, self.names[first]: point[first]}
        function = LineFunction(self.job.exact, self.names[second], fixed, self.job.program.source, 2, self.deadline)
        roots = StationarySearch(function, 1, part[second]).roots
        across = self._across(part, point[first], first)
        if len(roots) != 1 or not roots[0].proven or across is None or 0 in across:
            return None
        bend = sign_of_ball(function.on(part[second], 2)[2])
        if bend not in (-1, 1):
            return None
        kinds = {kind_of_slopes(across), MINIMUM if bend > 0 else MAXIMUM}
        kind = NEITHER if NEITHER in kinds else SADDLE if len(kinds) > 1 else kinds.pop()
        x = roots[0].middle
        box = [hull(roots[0].place)] * 2
        box[first] = BALLS.number(point[first])
        place = (point[0], x) if first == 0 else (x, point[1])
        return place, self._run(box)[self.chain.output], kind, True

    def _run(self, box: Sequence[Any], stopped: Mapping[int, Enclosed] | None = None) -> list[Enclosed]:
        inputs = {name: BALLS.number(value) for name, value in self.inputs.items()}
        return self.evaluator.run({**inputs, **dict(zip(self.names, box))}, stopped=stopped)

    def _proven(self, part: Rectangle, point: tuple[Fraction, Fraction], first: int) -> str | None:
        """The kind by the slopes along one variable, then along the other one on the line where these change."""
        second = 1 - first
        a, b = point[first], point[second]
        away = max(b - part[second].low, part[second].high - b)
        line = OneSidedSlopes(self.job.exact, self.names[second], {**self.fixed, self.names[first]: a},
                              self.job.program.source, self.deadline)  # fmt: skip
        along = line.sides(Segment(b, b), away)
        across = self._across(part, a, first)
        if along is None or across is None or 0 in (*along, *across):
            return None
        kinds = {kind_of_slopes(along), kind_of_slopes(across)}
        return NEITHER if NEITHER in kinds else SADDLE if len(kinds) > 1 else kinds.pop()

    def _across(self, part: Rectangle, a: Fraction, first: int) -> tuple[int, int] | None:
        """The signs of a partial derivative on both sides of the line where that variable is a."""
        whole = self._box(part, first, part[first])
        values, here = self._run(whole), self._run(self._box(part, first, Segment(a, a)))
        special = []
        for index in self.guarded:
            guards = self.evaluator.guards(index, values)
            if not any(map(may_be_zero, guards)):
                continue
            on_line = self.evaluator.guards(index, here)
            if len(on_line) == len(guards) and all(
                not may_be_zero(one) or (is_ball(on) and on.is_zero()) for one, on in zip(guards, on_line)
            ):
                special.append(index)
        inputs = dict(zip(self.names, whole)) | {name: BALLS.number(value) for name, value in self.inputs.items()}
        special = [index for index in special if self.crossed[first].are_crossed_once(index, values, inputs)]
        if not is_continuous(self.chain, special, here, WIDE):
            return None
        constant = constant_between(self.chain.tape, special)
        found = []
        low, high = part[first]
        for end, side in ((low, Segment(low, a)), (high, Segment(a, high))):
            if side.low == side.high:
                return None
            beside = self._run(self._box(part, first, Segment(end, end)))
            stopped = {index: beside[index] for index in constant}
            sign = sign_of_ball(self._run(self._box(part, first, side), stopped)[self.partials[first]])
            if sign is None:
                return None
            found.append(sign)
        return found[0], found[1]

    def _box(self, part: Rectangle, first: int, along: Segment) -> list[Any]:
        other = hull(part[1 - first])
        return [hull(along), other] if first == 0 else [other, hull(along)]

    def _likely(self, part: Rectangle, point: tuple[Fraction, Fraction], value: Any) -> str:
        """The kind by values around the point."""
        signs = set()
        for x, y in _AROUND:
            box = [BALLS.number(p + d * s.width * NEAR) for p, d, s in zip(point, (x, y), part)]
            there = self._run(box)[self.chain.output]
            sign = sign_of_ball(there - value) if is_ball(there) and there.is_finite() else None
            signs.add(sign)
        return MINIMUM if signs == {1} else MAXIMUM if signs == {-1} else UNDECIDED


_AROUND = [
    (Fraction(x, 4), Fraction(y, 4))
    for x in range(-4, 5, 2)
    for y in range(-4, 5, 2)
    if max(abs(x), abs(y)) == 4
]  # fmt: skip
