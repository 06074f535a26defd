"""What autograd's chain rule claims at a point at high precision: torch's own engine, run on balls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch.autograd.function import BackwardCFunction

from gradcli.backends.arb.context import is_ball
from gradcli.backends.arb.flint import arb
from gradcli.check.callables.callables import guarded, seeded
from gradcli.check.callables.followed import NUMBERS, Followed, Values
from gradcli.check.callables.tensor import lifted, running
from gradcli.check.callables.world import Unsupported

KNOWN = 1e-30  # of what a claim was summed from: how wide its ball may be
MAX_WALK = 100_000  # vertices of a graph


class ClaimedGradient(NamedTuple):
    """A number that is claimed, None where it has no value; and the size of what it was summed from.

    within    the tensor that it is an entry of, None where nothing flows; and its place there
    """

    value: Any
    size: Any
    within: torch.Tensor | None = None
    place: int = 0


def first(truth: Followed, ran: Values, weights: Sequence[float], graph: bool = False) -> list[ClaimedGradient]:
    """The gradient of the weighted sum of all outputs, by every entry of the point; `graph`: to differentiate again.

    Raises Unsupported where a backward cannot be followed.
    """
    total, place = None, 0
    with running(ran.world), seeded(truth.seed), guarded(truth.target, "backward"):
        for one in ran.outputs:  # as Real.gradients does
            part = torch.tensor(list(weights[place : place + one.numel()]), dtype=one.dtype).reshape(one.shape)
            place += one.numel()
            if one.requires_grad and any(weights[place - one.numel() : place]):
                term = (one * part.detach().requires_grad_(graph)).sum()
                total = term if total is None else total + term
        found = _gradients(ran, total, graph)
    truth.narrow |= ran.world.narrow
    return found


def second(truth: Followed, ran: Values, gradient: Sequence[ClaimedGradient], place: int) -> list[ClaimedGradient]:
    """The derivatives of one entry of a gradient, by every entry of the point."""
    one = gradient[place]
    with running(ran.world), seeded(truth.seed), guarded(truth.target, "backward"):
        entry = None if one.within is None else one.within.reshape(-1)[one.place]
        return _gradients(ran, entry if entry is not None and entry.requires_grad else None, False)


def _gradients(ran: Values, total: torch.Tensor | None, graph: bool) -> list[ClaimedGradient]:
    if total is None or total.grad_fn is None:
        return [ClaimedGradient(NUMBERS.zero, NUMBERS.zero) for leaf in ran.leaves for _ in range(leaf.numel())]
    with _watched(ran, total.grad_fn) as sizes:
        found = torch.autograd.grad(total, ran.leaves, retain_graph=True, create_graph=graph, allow_unused=True)
    claimed = []
    for leaf, one, size in zip(ran.leaves, found, sizes):
        if one is None:
            claimed += [ClaimedGradient(NUMBERS.zero, NUMBERS.zero)] * leaf.numel()
            continue
        values = lifted(one).entries.reshape(-1)
        claimed += [_claimed(value, size[place], one, place) for place, value in enumerate(values)]
    return claimed


@contextmanager
def _watched(ran: Values, root: Any) -> Iterator[list[list[Any]]]:
    """The sizes of all contributions to each entry of each leaf, added up while a backward runs."""
    sizes = [[arb(0)] * leaf.numel() for leaf in ran.leaves]
    handles, seen, stack = [], {root}, [root]

    def watch(node: Any, edges: Sequence[tuple[int, int]]) -> None:
        def hook(gradients: Any, _: Any) -> None:
            for edge, leaf in edges:
                if gradients[edge] is not None:
                    for place, value in enumerate(lifted(gradients[edge]).entries.reshape(-1)):
                        sizes[leaf][place] += abs(value) if is_ball(value) and value.is_finite() else 0

        handles.append(node.register_hook(hook))

    while stack and len(seen) < MAX_WALK:
        node = stack.pop()
        ran.world.followed = ran.world.followed or isinstance(node, BackwardCFunction)
        edges = [
            (edge, ran.entrances.index(following))
            for edge, (following, _) in enumerate(node.next_functions)
            if following in ran.entrances
        ]
        if edges:
            watch(node, edges)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                stack.append(following)
    try:
        yield sizes
    finally:
        for handle in handles:
            handle.remove()


def _claimed(value: Any, size: Any, within: torch.Tensor, place: int) -> ClaimedGradient:
    """A claim as numbers.

    Raises Unsupported where its ball is too wide to be one beside what it was summed from.
    """
    sum_of = NUMBERS.mpf(size.mid())
    if value is None or (is_ball(value) and not value.is_finite() and value.is_exact()):
        return ClaimedGradient(None, sum_of, within, place)
    if not is_ball(value) or not value.is_finite() or value.rad() > KNOWN * max(abs(size), abs(value)):
        raise Unsupported("numbers that are too large or too close to tell")
    return ClaimedGradient(NUMBERS.mpf(value.mid()), sum_of, within, place)
