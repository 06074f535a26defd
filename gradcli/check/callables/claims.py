"""What autograd's chain rule claims at a point at high precision, with the backwards of the user's own Functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gradcli.check.callables.callables import guarded, seeded
from gradcli.check.callables.exact import running
from gradcli.check.callables.followed import NUMBERS, Followed, Values
from gradcli.check.callables.functions import functions_followed
from gradcli.check.callables.nodes import BallNode, Unsupported, is_ball
from gradcli.check.callables.pull import pull

KNOWN = 1e-30  # of what a claim was summed from: how wide its ball may be


class ClaimedGradient(NamedTuple):
    """A number that is claimed, None where it has no value; and the size of what it was summed from."""

    value: Any
    size: Any
    node: BallNode | None = None  # None: nothing flows here


def first(truth: Followed, ran: Values, weights: Sequence[float]) -> list[ClaimedGradient]:
    """The gradient of the weighted sum of all outputs, by every entry of the point.

    Raises Unsupported where a backward cannot be followed.
    """
    one = ran.world
    with running(one), functions_followed(), seeded(truth.seed), guarded(truth.target, "backward"):
        seeds = [(node, one.number(weight)) for node, weight in zip(ran.nodes, weights) if weight]
        found = pull(one, seeds, ran.inputs)
        truth.narrow |= one.narrow
        return [_claimed(node, size) for node, size in found]


def second(truth: Followed, ran: Values, gradient: Sequence[ClaimedGradient], place: int) -> list[ClaimedGradient]:
    """The derivatives of one entry of a gradient, by every entry of the point."""
    one = ran.world
    node = gradient[place].node
    if node is None:
        return [_claimed(None, 0)] * len(ran.inputs)
    with running(one), functions_followed(), seeded(truth.seed), guarded(truth.target, "backward"):
        found = pull(one, [(node, one.number(1))], ran.inputs)
        return [_claimed(again, size) for again, size in found]


def _claimed(node: BallNode | None, size: Any) -> ClaimedGradient:
    """A claim as numbers.

    Raises Unsupported where its ball is too wide to be one beside what it was summed from.
    """
    sum_of = NUMBERS.mpf(size.mid()) if is_ball(size) else NUMBERS.mpf(size)
    if node is None or node.value is None:
        return ClaimedGradient(NUMBERS.zero if node is None else None, sum_of, node)
    if not is_ball(node.value) or node.value.rad() > KNOWN * abs(size):
        raise Unsupported("numbers that are too large or too close to tell")
    return ClaimedGradient(NUMBERS.mpf(node.value.mid()), sum_of, node)
