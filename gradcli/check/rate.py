"""The Taylor test with a claimed derivative: its order along random directions at some of the points."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import Enclosed
from gradcli.check.data import Rate
from gradcli.check.evaluate import ClaimValues
from gradcli.check.problem import Claim, Problem
from gradcli.reference.nonsmooth import Sides
from gradcli.reference.pieces import Point
from gradcli.reference.taylor import TaylorTest
from gradcli.tape.findings import Positions

PLACES = 3
DIRECTIONS = 3  # at each of them
ROUNDED = 2  # decimals


def rate(problem: Problem, claim: Claim, points: Sequence[Point], values: ClaimValues, seed: int) -> Rate | None:
    """The order of the remainder with a claim, along random directions at some points; None where there are none.

    The middle one of all measured orders: a point may be special along one direction.
    """
    chance = random.Random(seed)  # noqa: S311
    found: list[float] = []
    for point in _spread_out(points):
        output = chance.randrange(len(problem.chains))
        moving = sorted({p for entry in claim.entries if entry.output == output for p in entry.positions})
        if not moving:
            continue
        chain = problem.chains[output]
        own = {name: point[name] for name in chain.tape.inputs}
        test = TaylorTest(
            Sides(chain, own, values.deadline), problem.order, moving, _claimed(problem, claim, output, point, values)
        )
        for _ in range(DIRECTIONS):
            order = test.along([chance.choice((-1, 1)) * chance.uniform(0.5, 1.5) for _ in moving])
            if order is not None:
                found.append(order)
    if not found:
        return None
    measured = sorted(found)[len(found) // 2]
    return Rate(problem.order + 1, None if math.isinf(measured) else round(measured, ROUNDED), len(found))


def _claimed(
    problem: Problem, claim: Claim, output: int, point: Point, values: ClaimValues
) -> Callable[[], Mapping[Positions, Enclosed]]:
    """What gives the claimed derivatives of an output at a point, at the working precision."""

    def claimed() -> dict[Positions, Enclosed]:
        if claim.tape is not None:
            said = values.run(claim, point, BALLS.bits)
            return {one.positions: value for one, value in zip(claim.entries, said) if one.output == output}
        other = problem.taken[output]
        sides = Sides(other, {name: point[name] for name in other.tape.inputs}, values.deadline)
        taken = sides.forms.whole.run(sides.inputs())
        return {one.positions: taken[other.partials[one.positions]] for one in claim.entries if one.output == output}

    return claimed


def _spread_out(points: Sequence[Point]) -> list[Point]:
    """Some of the points, from the first to the last."""
    count = min(PLACES, len(points))
    return [points[i * (len(points) - 1) // max(1, count - 1)] for i in range(count)]
