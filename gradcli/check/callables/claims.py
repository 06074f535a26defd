"""What autograd's chain rule claims at a point at high precision: torch's own engine, run on balls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch.autograd.function import BackwardCFunction

from gradcli.backends.arb.context import is_ball
from gradcli.backends.arb.flint import arb
from gradcli.check.callables.asked import running
from gradcli.check.callables.callables import CallFailed, guarded
from gradcli.check.callables.followed import NUMBERS, Followed, Values
from gradcli.check.callables.real import vertices, weighted
from gradcli.check.callables.seeds import seeded
from gradcli.check.callables.tensor import lifted
from gradcli.check.callables.world import Unsupported

KNOWN = 1e-30  # of what a claim was summed from: how wide its ball may be
ROUGH_BITS = 53  # as float64 computes


class ClaimedGradient(NamedTuple):
    """A number that is claimed, None where it has no value; and the size of what it was summed from.

    within    the tensor that it is an entry of, None where nothing flows; and its place there
    """

    value: Any
    size: Any
    within: torch.Tensor | None = None
    place: int = 0


class _Summed(NamedTuple):
    """An entry of a gradient as a ball, and the sum of the sizes of the contributions to it."""

    value: Any
    size: Any
    within: torch.Tensor | None = None
    place: int = 0


def first(truth: Followed, ran: Values, weights: Sequence[float], graph: bool = False) -> list[ClaimedGradient]:
    """The gradient of the weighted sum of all outputs, by every entry of the point; `graph`: to differentiate again.

    Raises Unsupported where a backward cannot be followed.
    """
    found = _first(truth, ran, weights, graph)
    truth.narrow |= ran.world.narrow
    return _claimed(found, lambda rough: _first(truth, rough, weights, False), truth)


def second(
    truth: Followed, ran: Values, weights: Sequence[float], gradient: Sequence[ClaimedGradient], place: int
) -> list[ClaimedGradient]:
    """The derivatives of one entry of a gradient, by every entry of the point."""

    def roughly(rough: Values) -> list[_Summed]:
        again = _first(truth, rough, weights, True)[place]
        return _second(truth, rough, again.within, again.place)

    return _claimed(_second(truth, ran, gradient[place].within, gradient[place].place), roughly, truth)


def _first(truth: Followed, ran: Values, weights: Sequence[float], graph: bool) -> list[_Summed]:
    with running(ran.world), seeded(truth.seed), guarded(truth.target, "backward"):
        return _gradients(ran, weighted(ran.outputs, weights, graph), graph)


def _second(truth: Followed, ran: Values, within: torch.Tensor | None, place: int) -> list[_Summed]:
    with running(ran.world), seeded(truth.seed), guarded(truth.target, "backward"):
        entry = None if within is None else within.reshape(-1)[place]
        return _gradients(ran, entry if entry is not None and entry.requires_grad else None, False)


def _gradients(ran: Values, total: torch.Tensor | None, graph: bool) -> list[_Summed]:
    if total is None or total.grad_fn is None:
        return [_Summed(arb(0), arb(0))] * sum(leaf.numel() for leaf in ran.leaves)
    with _watched(ran, total.grad_fn) as sizes:
        found = torch.autograd.grad(total, ran.leaves, retain_graph=True, create_graph=graph, allow_unused=True)
    summed: list[_Summed] = []
    for leaf, one, size in zip(ran.leaves, found, sizes):
        if one is None:
            summed += [_Summed(arb(0), arb(0))] * leaf.numel()
            continue
        values = lifted(one).entries.reshape(-1)
        summed += [_Summed(value, size[place], one, place) for place, value in enumerate(values)]
    return summed


@contextmanager
def _watched(ran: Values, root: Any) -> Iterator[list[list[Any]]]:
    """The sizes of all contributions to each entry of each leaf, added up while a backward runs."""
    sizes = [[arb(0)] * leaf.numel() for leaf in ran.leaves]
    handles = []

    def watch(node: Any, edges: Sequence[tuple[int, int]]) -> None:
        def hook(gradients: Any, _: Any) -> None:
            for edge, leaf in edges:
                if gradients[edge] is not None:
                    for place, value in enumerate(lifted(gradients[edge]).entries.reshape(-1)):
                        sizes[leaf][place] += abs(value) if is_ball(value) and value.is_finite() else 0

        handles.append(node.register_hook(hook))

    for node in vertices(root):
        ran.world.followed = ran.world.followed or isinstance(node, BackwardCFunction)
        edges = [
            (edge, ran.entrances.index(following))
            for edge, (following, _) in enumerate(node.next_functions)
            if following in ran.entrances
        ]
        if edges:
            watch(node, edges)
    try:
        yield sizes
    finally:
        for handle in handles:
            handle.remove()


def _claimed(
    found: Sequence[_Summed], again: Callable[[Values], list[_Summed]], truth: Followed
) -> list[ClaimedGradient]:
    """Claims as numbers.

    What is nearly 0 says nothing of the size of what cancelled on the way; a run in balls as wide as a double's
    rounding does. Raises Unsupported where a ball is too wide to be a number beside what it was summed from.
    """
    if any(_is_vague(one) for one in found):
        try:
            rough = again(truth.run(ROUGH_BITS))
        except (Unsupported, CallFailed):
            rough = []
        found = [
            one._replace(size=one.size + other.value.rad() * 2**ROUGH_BITS)
            if is_ball(other.value) and other.value.is_finite() and one.size.is_finite()
            else one
            for one, other in zip(found, rough)
        ] or found
    return [_known(one) for one in found]


def _is_vague(one: _Summed) -> bool:
    return is_ball(one.value) and not one.value.is_exact() and one.value.is_finite() and bool(one.value.contains(0))


def _known(one: _Summed) -> ClaimedGradient:
    value = one.value
    size = NUMBERS.mpf(one.size.mid())
    if value is None or (is_ball(value) and not value.is_finite() and value.is_exact()):
        return ClaimedGradient(None, size, one.within, one.place)
    if not is_ball(value) or not value.is_finite() or value.rad() > KNOWN * max(abs(one.size), abs(value)):
        raise Unsupported("numbers that are too large or too close to tell")
    return ClaimedGradient(NUMBERS.mpf(value.mid()), size, one.within, one.place)
