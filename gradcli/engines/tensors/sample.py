"""Which entries the referee looks at where it cannot look at all of them: those where something may be wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcli.engines.tape import Tape

WORST = 8  # entries where autograd and the formula differ most
KINKS = 16  # entries that reach an operation on or next to a kink
RANDOM = 16  # others
SEED = 20240229

Index = tuple[int, ...]


def chosen(autograd: Any, formula: Any, kinks: Any) -> list[Index]:
    """Entries of one variable, the most suspicious ones first, each once.

    `autograd` and `formula` are the derivatives in doubles, of the variable's shape, `kinks` how far each entry is
    from a kink (infinite where it is far).
    """
    shape = autograd.shape
    flat: list[int] = []
    if formula is not None:
        flat += _first(-differences(autograd, formula).ravel(), WORST)
    near = kinks.ravel()
    flat += [place for place in _first(near, KINKS) if near[place] < np.inf]
    magnitude = np.abs(np.nan_to_num(autograd.ravel()))
    flat += [0, magnitude.size - 1, int(magnitude.argmax()), int(magnitude.argmin())]
    generator = random.Random(SEED)  # noqa: S311
    flat += [generator.randrange(magnitude.size) for _ in range(RANDOM)]
    return [tuple(map(int, np.unravel_index(place, shape))) for place in dict.fromkeys(flat)]


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


def near_kinks(tape: Tape, values: Sequence[Any], targets: Sequence[int]) -> dict[int, Any]:
    """For each target, how near each of its entries is to a kink of an operation that it reaches; infinite if to none.

    `values` are torch's, with their graph: an entry reaches an operation if a gradient flows.
    """
    import torch

    found = {target: np.full(tuple(values[target].shape), np.inf) for target in targets}
    for op in tape.ops:
        if op.row is None or not any(values[arg].requires_grad for arg in op.args):
            continue
        for distance in _distances(op, [values[arg] for arg in op.args]):
            if distance is None or not distance.shape:
                continue
            mask = distance <= _bound(distance)
            if not mask.any():
                continue
            weights = torch.where(mask, torch.rand(mask.shape, dtype=torch.float64) + 0.5, torch.zeros(()))
            reached = [values[arg] for arg in op.args if values[arg].requires_grad]
            seeds = [
                weights.sum_to_size(arg.shape).to(arg.dtype) if arg.dim() <= mask.dim() else None for arg in reached
            ]
            _spread(found, values, targets, reached, seeds, float(distance[mask].min()))
    return found


def _spread(
    found: dict[int, Any], values: Sequence[Any], targets: Sequence[int], reached: Any, seeds: Any, nearest: float
) -> None:
    """Note which entries of the targets flow into some entries of an operation's arguments."""
    import torch

    pairs = [(arg, seed) for arg, seed in zip(reached, seeds) if seed is not None]
    if not pairs:
        return
    by = [values[target] for target in targets]
    gradients = torch.autograd.grad(
        [arg for arg, _ in pairs], by, [seed for _, seed in pairs], retain_graph=True, allow_unused=True
    )
    for target, gradient in zip(targets, gradients):
        if gradient is not None:
            flows = gradient.detach().to("cpu", torch.float64).numpy() != 0
            found[target] = np.where(flows, np.minimum(found[target], nearest), found[target])


def _bound(distance: Any) -> float:
    """The distance of the nearest entries, or 0 where some lie on a kink."""
    import torch

    flat = distance.flatten()
    count = min(KINKS, flat.numel())
    return float(torch.kthvalue(flat, count).values) if (flat == 0).sum() < count else 0.0


def _distances(op: Any, args: Sequence[Any]) -> Iterator[Any]:
    """How far each entry of an operation is from the places where its row changes its formula."""
    import torch

    name = op.row.name
    if name in ("amax", "amin") and args[0].numel() > 1:
        flat = args[0].detach().to("cpu", torch.float64).flatten()
        top = flat.topk(2, largest=name == "amax").values
        yield torch.where(
            flat == top[0], (top[0] - top[1]).abs(), torch.full((), torch.inf, dtype=torch.float64)
        ).reshape(args[0].shape)
        return
    if op.row.breaks is None:
        return
    plain = [arg.detach().to("cpu", torch.float64) for arg in args]
    plain = [float(arg) if not arg.shape else arg for arg in plain]
    try:
        for distance in op.row.breaks(_Numbers(), *plain):
            if isinstance(distance, torch.Tensor):
                yield torch.nan_to_num(distance.abs(), nan=torch.inf)
    except (TypeError, ValueError, AttributeError, RuntimeError, ZeroDivisionError):
        return  # this row's breaks are for single numbers: the entries chosen for other reasons have to do


class _Numbers:
    """The few functions of an mpmath context that breaks use, for doubles and tensors of them."""

    @staticmethod
    def isint(x: Any) -> bool:
        """Whether a number is whole."""
        return float(x).is_integer()

    @staticmethod
    def sinpi(x: Any) -> Any:
        """The sine of pi times x, exactly 0 at whole numbers."""
        import torch

        return torch.sin(torch.pi * (x - torch.round(x)))

    @staticmethod
    def sin(x: Any) -> Any:
        """The sine."""
        import torch

        return torch.sin(torch.as_tensor(x))

    @staticmethod
    def cos(x: Any) -> Any:
        """The cosine."""
        import torch

        return torch.cos(torch.as_tensor(x))

    @staticmethod
    def hypot(x: Any, y: Any) -> Any:
        """The distance from 0."""
        import torch

        return torch.hypot(torch.as_tensor(x), torch.as_tensor(y))

    @staticmethod
    def mpf(x: Any) -> float:
        """A number."""
        return float(x)
