"""What torch itself makes of a callable in float64: values, gradients, second derivatives, forward mode."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd import forward_ad

from gradcli.check.callables.callables import CallableTarget, CallFailed, Inputs, call, guarded
from gradcli.check.callables.seeds import seeded

Row = list[float]
ONCE = "its backward is marked once_differentiable"
MAX_WALK = 100_000  # vertices of a graph


@dataclass(frozen=True)
class Ran:
    """One run: the outputs and the tensors that it was given."""

    outputs: list[torch.Tensor]
    leaves: dict[str, torch.Tensor]

    @property
    def flat(self) -> list[float]:
        """All numbers that came out."""
        return [number for one in self.outputs for number in one.detach().double().reshape(-1).tolist()]

    @property
    def is_finite(self) -> bool:
        """Whether all numbers that came out are finite."""
        return all(map(math.isfinite, self.flat))


class Real:
    """Runs a target with torch's own tensors."""

    def __init__(self, target: CallableTarget, seed: int) -> None:
        self.target = target
        self.seed = seed

    def run(self, inputs: Inputs, wanted: bool = True) -> Ran:
        """Call the target with leaves that have these values.

        Raises CallFailed where it raises an exception.
        """
        leaves = {name: one.clone().requires_grad_(wanted) for name, one in inputs.tensors.items()}
        given = {name: one.clone() if wanted else one for name, one in leaves.items()} if wanted else dict(leaves)
        with seeded(self.seed):
            outputs = call(self.target, given, inputs.settings)
        return Ran(outputs, leaves)

    def gradients(self, ran: Ran, weights: Sequence[float], graph: bool = False) -> list[torch.Tensor | None]:
        """The gradient of the weighted sum of all outputs, by each input; None where none flows."""
        with guarded(self.target, "backward"), seeded(self.seed):
            total = weighted(ran.outputs, weights, graph)
            if total is None:
                return [None] * len(ran.leaves)
            leaves = list(ran.leaves.values())
            return list(torch.autograd.grad(total, leaves, create_graph=graph, retain_graph=True, allow_unused=True))

    def row(self, ran: Ran, weights: Sequence[float]) -> tuple[Row, list[bool]]:
        """The gradient of a weighted sum of the outputs, 0 where none flows; and, by input, whether some does."""
        found = self.gradients(ran, weights)
        numbers: Row = []
        for leaf, one in zip(ran.leaves.values(), found):
            numbers += [0.0] * leaf.numel() if one is None else one.detach().double().reshape(-1).tolist()
        return numbers, [one is not None for one in found]

    def second(self, inputs: Inputs, weights: Sequence[float]) -> list[Row] | str:
        """The second derivatives of a weighted sum of the outputs, by autograd twice; else why there are none."""
        ran = self.run(inputs)
        try:
            first = self.gradients(ran, weights, graph=True)
        except CallFailed as error:
            return error.message
        if all(one is None for one in first):
            return "no gradient flows"
        if any(one is not None and _once(one) for one in first):
            return ONCE
        rows: list[Row] = []
        leaves = list(ran.leaves.values())
        for leaf, one in zip(leaves, first):
            for place in range(leaf.numel()):
                if one is None or not one.requires_grad:
                    rows.append([0.0] * inputs.size)
                    continue
                try:
                    with guarded(self.target, "backward"):
                        again = torch.autograd.grad(
                            one.reshape(-1)[place], leaves, retain_graph=True, allow_unused=True
                        )
                except CallFailed as error:
                    return error.message
                rows.append([
                    number
                    for other, found in zip(leaves, again)
                    for number in ([0.0] * other.numel() if found is None else found.detach().reshape(-1).tolist())
                ])  # fmt: skip
        return rows

    def forward(self, inputs: Inputs, direction: Sequence[float]) -> list[float] | str:
        """The derivatives of all outputs along a direction, by forward mode; else why there is none."""
        cls = self.target.function
        if cls is not None and cls.jvp is torch.autograd.Function.jvp:
            return "the Function has no jvp"
        moved = inputs.moved(torch.tensor(list(direction), dtype=torch.float64)).tensors
        try:
            with forward_ad.dual_level(), seeded(self.seed):
                duals = {name: forward_ad.make_dual(one.clone(), moved[name]) for name, one in inputs.tensors.items()}  # type: ignore[no-untyped-call]
                outputs = call(self.target, duals, inputs.settings)
                found: list[float] = []
                for one in outputs:
                    tangent: Any = forward_ad.unpack_dual(one).tangent  # type: ignore[no-untyped-call]
                    found += [0.0] * one.numel() if tangent is None else tangent.detach().double().reshape(-1).tolist()
        except CallFailed as error:
            return error.message
        return found


def weighted(outputs: Sequence[torch.Tensor], weights: Sequence[float], graph: bool) -> torch.Tensor | None:
    """The weighted sum of all outputs: products, and not grad_outputs, for which torch imports SymPy."""
    total, place = None, 0
    for one in outputs:
        mine = list(weights[place : place + one.numel()])
        place += one.numel()
        if one.requires_grad and any(mine):
            part = torch.tensor(mine, dtype=one.dtype).reshape(one.shape)
            # as where the result is used further: so once_differentiable shows
            term = (one * part.detach().requires_grad_(graph)).sum()
            total = term if total is None else total + term
    return total


def vertices(root: Any) -> Iterator[Any]:
    """The vertices of a graph that autograd recorded, from the end on; of a very large one some."""
    waiting, seen = [root], {None, root}
    while waiting and len(seen) < MAX_WALK:
        vertex = waiting.pop()
        yield vertex
        following = {other for other, _ in vertex.next_functions} - seen
        seen |= following
        waiting += following


def _once(gradient: torch.Tensor) -> bool:
    """Whether a gradient's graph ends in the error that once_differentiable leaves there."""
    return gradient.grad_fn is not None and any("Error" in one.name() for one in vertices(gradient.grad_fn))
