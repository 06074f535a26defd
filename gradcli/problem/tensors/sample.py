"""Which entries the reference looks at where it cannot look at all of them: those where something may be wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from gradcli.backends.columns.guarded import distances
from gradcli.functions.entries import EntryRule
from gradcli.tape.tape import Primitive, Tape

WORST = 8  # entries where autograd and the formula differ most
ON_KINKS = 8  # entries that reach one operation on a kink
NEXT_TO_KINKS = 3  # entries that reach one next to it
MOST_ON_KINKS = 48  # of all operations
RANDOM = 12  # others
SEED = 20240229

Index = tuple[int, ...]


class Kinks(NamedTuple):
    """For one variable: which entries reach a kink (flat places, a list for each operation), and which come near."""

    on: list[Any]
    near: list[Any]

    @property
    def number(self) -> int:
        """How many entries reach a kink."""
        return int(np.unique(np.concatenate(self.on)).size) if self.on else 0


def chosen(autograd: Any, formula: Any, kinks: Kinks) -> list[Index]:
    """Entries of one variable, the most suspicious ones first, each once.

    `autograd` and `formula` are the derivatives in doubles, of the variable's shape.
    """
    flat: list[int] = []
    for places in zip_longest(*(spread_out(places, ON_KINKS) for places in kinks.on)):
        flat += [place for place in places if place is not None]
    flat = list(dict.fromkeys(flat))[:MOST_ON_KINKS]
    if formula is not None:
        flat += _first(-differences(autograd, formula).ravel(), WORST)
    for places in kinks.near:
        flat += spread_out(places, NEXT_TO_KINKS)
    magnitude = np.abs(np.nan_to_num(autograd.ravel()))
    flat += [0, magnitude.size - 1, int(magnitude.argmax()), int(magnitude.argmin())]
    generator = random.Random(SEED)  # noqa: S311
    flat += [generator.randrange(magnitude.size) for _ in range(RANDOM)]
    return [tuple(map(int, np.unravel_index(place, autograd.shape))) for place in dict.fromkeys(flat)]


def spread_out(places: Any, count: int) -> list[int]:
    """Some of many places, from the first to the last."""
    picked = np.unique(np.linspace(0, len(places) - 1, min(count, len(places))).round().astype(int))
    return [int(place) for place in places[picked]]


def _first(values: Any, count: int) -> list[int]:
    """The places of the smallest values, in order."""
    count = min(count, values.size)
    places = np.argpartition(values, count - 1)[:count]
    return [int(place) for place in places[np.argsort(values[places], kind="stable")]]


def differences(autograd: Any, formula: Any) -> Any:
    """How far two numbers are apart, by the size of the larger one; infinite where one is no number."""
    with np.errstate(all="ignore"):
        gap = np.abs(autograd - formula) / np.maximum(np.maximum(np.abs(autograd), np.abs(formula)), 1e-300)
    gap = np.where(autograd == formula, 0.0, gap)
    return np.where(np.isfinite(autograd) & np.isfinite(formula), gap, np.inf)


def near_kinks(tape: Tape, values: Sequence[Any], targets: Sequence[int]) -> dict[int, Kinks]:
    """For each target, which of its entries reach an operation on a kink, and which one next to it.

    `values` are torch's, with their graph: an entry reaches an operation if a gradient flows.
    """
    found = {target: Kinks([], []) for target in targets}
    for op in tape.ops:
        if not isinstance(op, Primitive) or not any(values[arg].requires_grad for arg in op.args):
            continue
        for distance in _distances(op, [values[arg] for arg in op.args]):
            if not distance.shape:
                continue
            on = distance == 0
            near = _nearest(distance, on)
            for mask, kept in ((on, 0), (near, 1)):
                if mask.any():
                    for target, places in _reaching(mask, op, values, targets):
                        found[target][kept].append(places)
    return found


def _nearest(distance: Any, on: Any) -> Any:
    """The entries that are next to a kink, and not on one."""
    import torch

    others = torch.where(on, torch.full((), torch.inf, dtype=torch.float64), distance)
    count = min(NEXT_TO_KINKS, others.numel())
    bound = torch.kthvalue(others.flatten(), count).values
    return (others <= bound) & torch.isfinite(others)


def _reaching(mask: Any, op: Primitive, values: Sequence[Any], targets: Sequence[int]) -> Iterator[tuple[int, Any]]:
    """The entries of the targets that flow into some entries of an operation's arguments, as flat places."""
    import torch

    weights = torch.where(mask, torch.rand(mask.shape, dtype=torch.float64) + 0.5, torch.zeros(()))
    reached = [values[arg] for arg in op.args if values[arg].requires_grad]
    if not reached:
        return
    # a guard may be narrower than what it guards
    shapes: list[torch.Size] = [torch.broadcast_shapes(mask.shape, arg.shape) for arg in reached]  # type: ignore[no-untyped-call]
    wide = [weights.expand(shape) for shape in shapes]
    seeds = [one.sum_to_size(arg.shape).to(arg.device, arg.dtype) for one, arg in zip(wide, reached)]
    by = [values[target] for target in targets]
    gradients = torch.autograd.grad(reached, by, seeds, retain_graph=True, allow_unused=True)
    for target, gradient in zip(targets, gradients):
        if gradient is not None:
            places = np.flatnonzero(gradient.detach().cpu().double().numpy().ravel())
            if places.size:
                yield target, places


def _distances(op: Primitive, args: Sequence[Any]) -> Iterator[Any]:
    """How far each entry of an operation is from the places where its row changes its formula."""
    import torch

    rule = op.row.entry(*(tuple(arg.shape) for arg in args), *op.statics) if op.row.entry else None
    if isinstance(rule, EntryRule) and rule.fold in ("max", "min") and rule.upto is None and args[0].numel() > 1:
        flat = args[0].detach().to("cpu", torch.float64).flatten()
        top = flat.topk(2, largest=rule.fold == "max").values
        yield torch.where(
            flat == top[0], (top[0] - top[1]).abs(), torch.full((), torch.inf, dtype=torch.float64)
        ).reshape(args[0].shape)
        return
    yield from distances(op.row, [arg.detach().to("cpu", torch.float64) for arg in args])
