"""The order of the Taylor remainder with the gradient that backward gives, measured at high precision."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from gradcli.engines.arithmetic import GivenUp
from gradcli.engines.check.data import Rate
from gradcli.engines.opaque import claims
from gradcli.engines.opaque.callables import CallFailed
from gradcli.engines.opaque.findings import positions_of
from gradcli.engines.opaque.nodes import Unsupported
from gradcli.engines.opaque.point import DIGITS, Looker, Place
from gradcli.engines.opaque.truth import Truth

EXPONENTS = (5, 7)  # the steps are 10 to minus these: larger than what the constants of a backward are rounded to
PLACES = 3
DIRECTIONS = 2  # at each
ROUNDED = 2  # decimals


def rate(looker: Looker, places: Sequence[Place], name: str) -> Rate | None:
    """The middle one of the orders along some random directions; None where none can be measured."""
    chance = random.Random(looker.seed)  # noqa: S311
    found: list[float] = []
    for place in places[:: max(1, len(places) // PLACES)][:PLACES]:
        truth = Truth(looker.target, place.inputs, looker.arithmetic, looker.seed, looker.deadline)
        try:
            for _ in range(DIRECTIONS):
                order = _order(truth, place, name, chance)
                if order is not None:
                    found.append(order)
        except (Unsupported, GivenUp, CallFailed):
            continue
    if not found:
        return None
    middle = sorted(found)[len(found) // 2]
    return Rate(2, None if math.isinf(middle) else round(middle, ROUNDED), len(found))


def _order(truth: Truth, place: Place, name: str, chance: random.Random) -> float | None:
    """The order along one direction: how the remainder shrinks from one step to the next."""
    flat = truth.flat
    moving = positions_of(place.inputs, name)
    direction = [chance.uniform(-1, 1) * (abs(one) or 1.0) if at in moving else 0.0 for at, one in enumerate(flat)]
    center = truth.run(DIGITS, connected=True)
    labels = list(center.world.labels)  # backward adds its own
    weights = [float(one) for one in place.weights]
    gradient = [one.value for one in claims.first(truth, center, weights)]
    if any(one is None for one in gradient):
        return None
    m = truth.arithmetic.m
    rests = []
    for exponent in EXPONENTS:
        truth.arithmetic.bits = center.world.bits
        step = m.mpf(10) ** -exponent
        moved = truth.run(DIGITS, direction, step)
        if moved.world.labels != labels:
            return None
        truth.arithmetic.bits = center.world.bits
        rest = m.zero
        for before, after, weight in zip(center.nodes, moved.nodes, weights):
            if before.value is None or after.value is None:
                return None
            rest += weight * (after.value - before.value)
        rest -= step * sum((g * move for g, move in zip(gradient, direction) if move), m.zero)
        rests.append(
            abs(rest) if abs(rest) > 1e-16 * step * sum(abs(g * d) for g, d in zip(gradient, direction)) else m.zero
        )
    if not rests[0] or not rests[1]:
        return math.inf
    return float(m.log(rests[0] / rests[1], 10)) / (EXPONENTS[1] - EXPONENTS[0])
