"""The order of the Taylor remainder with the gradient that backward gives, measured at high precision."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from gradcli.backends.arb.context import is_ball, precision
from gradcli.backends.arb.flint import arb
from gradcli.check.callables import claims
from gradcli.check.callables.callables import CallFailed
from gradcli.check.callables.findings import positions_of
from gradcli.check.callables.followed import BITS, Followed, Values
from gradcli.check.callables.point import CallablePoint, Looker
from gradcli.check.callables.weigh import bounds
from gradcli.check.callables.world import Unsupported
from gradcli.check.data import Rate
from gradcli.reference.taylor import LARGE_EXPONENTS, Left, order_of, steps

ROUNDING = 2.0**-53  # of the constants of a backward in float64; of a narrower dtype, as much as a right number has
PLACES = 3
DIRECTIONS = 2  # at each
ROUNDED = 2  # decimals


def rate(looker: Looker, places: Sequence[CallablePoint], name: str) -> Rate | None:
    """The middle one of the orders along some random directions; None where none can be measured."""
    chance = random.Random(looker.seed)  # noqa: S311
    found: list[float] = []
    for place in places[:: max(1, len(places) // PLACES)][:PLACES]:
        truth = Followed(looker.target, place.inputs, looker.seed, looker.deadline)
        try:
            for _ in range(DIRECTIONS):
                order = _order(truth, place, _direction(looker, place, name, chance))
                if order is not None:
                    found.append(order)
        except (Unsupported, CallFailed):
            continue
    if not found:
        return None
    middle = sorted(found)[len(found) // 2]
    return Rate(2, None if math.isinf(middle) else round(middle, ROUNDED), len(found))


def _direction(looker: Looker, place: CallablePoint, name: str, chance: random.Random) -> list[float]:
    moving = positions_of(place.inputs, name)
    flat = place.inputs.flat().tolist()
    direction = [chance.uniform(-1, 1) * (abs(one) or 1.0) if at in moving else 0.0 for at, one in enumerate(flat)]
    return looker.along(place.inputs, direction)


def _order(truth: Followed, place: CallablePoint, direction: Sequence[float]) -> float | None:
    """The order along one direction: how the remainder shrinks from one step to the next."""
    center = truth.run()
    labels = list(center.world.labels)  # backward adds its own
    weights = [float(one) for one in place.weights]
    gradient = [one.value for one in claims.first(truth, center, weights)]
    if any(one is None for one in gradient):
        return None
    rounding = max(ROUNDING, bounds(truth.narrow)[0]) if truth.narrow else ROUNDING
    found: list[Left | None] = []
    for step in steps(LARGE_EXPONENTS):
        moved = truth.run(shifts=[arb(move) * step if move else None for move in direction])
        if moved.world.labels != labels:
            return None
        slopes = [(g, d) for g, d in zip(gradient, direction) if d]
        found.append(_left(step, center, moved, weights, slopes, rounding))
    with precision(BITS):
        return order_of(found)


def _left(
    step: Any, center: Values, moved: Values, weights: Sequence[float], slopes: Sequence[Any], rounding: float
) -> Left | None:
    """What is left of the weighted sum beyond the gradient's share; nothing where rounding explains it."""
    with precision(BITS):
        rest = arb(0)
        for before, after, weight in zip(center.numbers, moved.numbers, weights):
            if not is_ball(before) or not is_ball(after):
                return None
            rest += arb(weight) * (after - before)
        for slope, move in slopes:
            term = arb(slope) * arb(move) * step
            rest -= term + arb(0, (abs(term) * rounding).abs_upper())
        return Left(step, arb(0) if rest.contains(0) else rest)
