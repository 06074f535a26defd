"""Which entries the reference looks at where it cannot look at all of them: those where something may be wrong."""

from __future__ import annotations

import math
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
TIES = 1_000  # entries of a block that are equally near a kink
MOST_ON_KINKS = 48  # of all operations
RANDOM = 12  # others
SEED = 20240229
BLOCK = 1 << 18  # entries that are looked at at a time: two megabytes for anything on the way

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
    numbers = autograd.ravel()
    if formula is not None:
        flat += _worst(numbers, formula.ravel())
    for places in kinks.near:
        flat += spread_out(places, NEXT_TO_KINKS)
    flat += [0, numbers.size - 1, *_extremes(numbers)]
    generator = random.Random(SEED)  # noqa: S311
    flat += [generator.randrange(numbers.size) for _ in range(RANDOM)]
    return [tuple(map(int, np.unravel_index(place, autograd.shape))) for place in dict.fromkeys(flat)]


def spread_out(places: Any, count: int) -> list[int]:
    """Some of many places, from the first to the last."""
    picked = np.unique(np.linspace(0, len(places) - 1, min(count, len(places))).round().astype(int))
    return [int(place) for place in places[picked]]


def _worst(autograd: Any, formula: Any) -> list[int]:
    """The places where autograd and the formula differ most, in order; both are vectors."""
    places, gaps = [], []
    for start in range(0, autograd.size, BLOCK):
        gap = -differences(autograd[start : start + BLOCK], formula[start : start + BLOCK])
        some = np.argpartition(gap, min(WORST, gap.size) - 1)[:WORST]
        places.append(some + start)
        gaps.append(gap[some])
    order = np.argsort(np.concatenate(gaps), kind="stable")[:WORST]
    return [int(place) for place in np.concatenate(places)[order]]


def _extremes(numbers: Any) -> tuple[int, int]:
    """Where the largest absolute value of a vector is, and the smallest one, the first of several; NaN counts as 0."""
    most: list[tuple[float, int]] = []
    least: list[tuple[float, int]] = []
    for start in range(0, numbers.size, BLOCK):
        sizes = np.abs(np.nan_to_num(numbers[start : start + BLOCK]))
        for found, at in ((most, int(sizes.argmax())), (least, int(sizes.argmin()))):
            found.append((float(sizes[at]), start + at))
    return max(most, key=lambda one: one[0])[1], min(least, key=lambda one: one[0])[1]


def differences(autograd: Any, formula: Any) -> Any:
    """How far two numbers are apart, by the size of the larger one; infinite where one is not a number."""
    with np.errstate(all="ignore"):
        gap = np.abs(autograd - formula) / np.maximum(np.maximum(np.abs(autograd), np.abs(formula)), 1e-300)
    gap = np.where(autograd == formula, 0.0, gap)
    return np.where(np.isfinite(autograd) & np.isfinite(formula), gap, np.inf)


def near_kinks(tape: Tape, values: Sequence[Any], targets: Sequence[int]) -> dict[int, Kinks]:
    """For each target, which of its entries reach an operation on a kink, and which one next to it.

    `values` are torch's, with their graph: an entry reaches an operation if a gradient flows. Where an argument has
    none, the operation does not change its formula.
    """
    found = {target: Kinks([], []) for target in targets}
    for op in tape.ops:
        args = [values[arg] for arg in op.args]
        if not isinstance(op, Primitive) or any(arg is None for arg in args) or not any(a.requires_grad for a in args):
            continue
        for masks in _masks(op, args):
            for kept, mask in enumerate(masks):
                if mask is not None:
                    for target, places in _reaching(mask, op, values, targets):
                        found[target][kept].append(places)
    return found


def _masks(op: Primitive, args: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """For each guard of an operation, the entries that are on it, and those next to it; None where none is.

    Of many entries that are equally near some are taken.
    """
    import torch

    blocks = list(_blocks(op, args))
    shape = None
    found: list[_Nearest] = []
    for start, part in blocks:
        for index, distance in enumerate(_distances(op, part)):
            if index == len(found):
                found.append(_Nearest(distance.shape))
            found[index].add(start, distance)
    for one in found:
        shape = torch.Size(op.shape) if len(blocks) > 1 else one.shape
        if shape:
            yield one.masks(shape)


def _blocks(op: Primitive, args: Sequence[Any]) -> Iterator[tuple[int, list[Any]]]:
    """The arguments of an operation, those of some entries at a time where it is one entry by entry."""
    size = math.prod(op.shape)
    if size <= BLOCK or op.row.entry or any(arg.dim() and tuple(arg.shape) != tuple(op.shape) for arg in args):
        yield 0, list(args)
        return
    flat = [arg.detach().reshape(-1) if arg.dim() else arg for arg in args]
    for start in range(0, size, BLOCK):
        yield start, [arg[start : start + BLOCK] if arg.dim() else arg for arg in flat]


class _Nearest:
    """The entries on a guard and the ones that are next to it, of distances that come block by block."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        self.on: list[Any] = []  # whether each is
        self.near: list[Any] = []  # of those that may be nearest,
        self.gaps: list[Any] = []  # and how far they are
        self.is_flat = True  # whether none is nearer than another: the guard is none here
        self.first: Any = None

    def add(self, start: int, distance: Any) -> None:
        """Look at the distances of a block, whose first entry is at a flat place."""
        import torch

        flat = distance.reshape(-1)
        on = flat == 0
        self.first = flat[0] if self.first is None else self.first
        self.is_flat = self.is_flat and bool((flat == self.first).all())
        self.on.append(on)
        others = torch.where(on, torch.inf, flat)
        bound = torch.kthvalue(others, min(NEXT_TO_KINKS, len(others))).values
        near = torch.nonzero((others <= bound) & torch.isfinite(others)).reshape(-1)
        near = near[np.unique(np.linspace(0, len(near) - 1, TIES).round().astype(int))] if len(near) > TIES else near
        self.near.append(near + start)
        self.gaps.append(flat[near])

    def masks(self, shape: Any) -> tuple[Any, Any]:
        """Which entries of a tensor of that shape are on the guard, and which next to it; None where none is."""
        import torch

        on, places, gaps = torch.cat(self.on).reshape(shape), torch.cat(self.near), torch.cat(self.gaps)
        near = None
        if len(places) and not (self.is_flat and on.numel() > NEXT_TO_KINKS):
            bound = torch.kthvalue(gaps, min(NEXT_TO_KINKS, len(gaps))).values
            near = torch.zeros(shape, dtype=torch.bool)
            near.view(-1)[places[gaps <= bound]] = True
        return (on if on.any() else None), near


def _reaching(mask: Any, op: Primitive, values: Sequence[Any], targets: Sequence[int]) -> Iterator[tuple[int, Any]]:
    """The entries of the targets that flow into some entries of an operation's arguments, as flat places."""
    import torch

    weights = torch.zeros(mask.shape, dtype=torch.float64)
    weights[mask] = torch.rand(int(mask.sum()), dtype=torch.float64) + 0.5
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
