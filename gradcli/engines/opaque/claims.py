"""What autograd's chain rule claims at a point at high precision, with the backwards of the user's own Functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gradcli.engines.opaque.callables import guarded, seeded
from gradcli.engines.opaque.exact import running
from gradcli.engines.opaque.functions import functions_followed
from gradcli.engines.opaque.nodes import Node
from gradcli.engines.opaque.pull import pull
from gradcli.engines.opaque.truth import Truth, Values


class Claimed(NamedTuple):
    """A number that is claimed, None where it has no value; and the size of what it was summed from."""

    value: Any
    size: Any
    node: Node | None = None  # None: nothing flows here


def first(truth: Truth, ran: Values, weights: Sequence[float]) -> list[Claimed]:
    """The gradient of the weighted sum of all outputs, by every entry of the point.

    Raises Unsupported where a backward cannot be followed.
    """
    one = ran.world
    with running(one), functions_followed(), seeded(truth.seed), guarded(truth.target, "backward"):
        seeds = [(node, one.number(weight)) for node, weight in zip(ran.nodes, weights) if weight]
        found = pull(one, seeds, ran.inputs)
        truth.narrow |= one.narrow
        zero = one.arithmetic.m.zero
        return [Claimed(zero if node is None else node.value, size, node) for node, size in found]


def second(truth: Truth, ran: Values, gradient: Sequence[Claimed], place: int) -> list[Claimed]:
    """The derivatives of one entry of a gradient, by every entry of the point."""
    one = ran.world
    node = gradient[place].node
    zero = one.arithmetic.m.zero
    if node is None:
        return [Claimed(zero, zero)] * len(ran.inputs)
    with running(one), functions_followed(), seeded(truth.seed), guarded(truth.target, "backward"):
        found = pull(one, [(node, one.number(1))], ran.inputs)
        return [Claimed(zero if again is None else again.value, size, again) for again, size in found]
