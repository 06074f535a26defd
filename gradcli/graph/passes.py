"""The backward pass, recorded while torch runs it: what arrives at each node and leaves it, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.autograd.graph import GradientEdge

from gradcli.graph.walk import Border, Walk

Gradients = Sequence["torch.Tensor | None"]


@dataclass
class PassRecord:
    """What torch did: the nodes in the order that they ran, and what left each of them by its edges."""

    order: list[int] = field(default_factory=list)
    left: dict[int, Gradients] = field(default_factory=dict)
    arrived: dict[int, Gradients] = field(default_factory=dict)


def backward(
    output: torch.Tensor, seed: torch.Tensor, values: Sequence[torch.Tensor], walk: Walk, given: bool
) -> PassRecord:
    """Run the backward pass of an output from a gradient, which is ones unless it was `given`.

    The adjoints stand in `grad` of the values then.
    """
    record = PassRecord()
    for value in values:
        if value.requires_grad:
            value.retain_grad()
    handles = [handle for index in range(len(walk.found)) for handle in _watch(walk.found[index].node, index, record)]
    try:
        # Where a gradient is given, torch imports SymPy.
        output.backward(seed if output.dim() or given else None, retain_graph=True)  # type: ignore[no-untyped-call]
    finally:
        for handle in handles:
            handle.remove()
    return record


def _watch(node: Any, index: int, record: PassRecord) -> tuple[Any, Any]:
    def before(arriving: Gradients) -> None:
        record.order.append(index)
        record.arrived[index] = arriving

    def after(leaving: Gradients, arriving: Gradients) -> None:
        record.left[index] = leaving

    return node.register_prehook(before), node.register_hook(after)


def leave(value: torch.Tensor, borders: Sequence[Border], walk: Walk) -> list[torch.Tensor | None]:
    """What leaves an operation by some edges when torch goes back from its result, a number."""
    record = PassRecord()
    sources = {border.source for border in borders}
    handles = [handle for place in sources for handle in _watch(walk.found[place].node, place, record)]
    targets = [GradientEdge(walk.found[place].node, number) for place, number in {border.target for border in borders}]
    try:
        torch.autograd.grad(value, targets, retain_graph=True, allow_unused=True)
    finally:
        for handle in handles:
            handle.remove()
    return [record.left[border.source][border.slot] if border.source in record.left else None for border in borders]
