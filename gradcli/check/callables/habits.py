"""What a callable does beside its mathematics: random numbers, writing into its input, another result each time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gradcli.check.callables.callables import Inputs
from gradcli.check.callables.point import Looker
from gradcli.check.callables.real import Real

RUNS = 3
SAME = 1e-12  # relative: some thousand roundings


@dataclass(frozen=True)
class Habits:
    """What was noticed; `undecided` says why there can be no verdict."""

    notes: tuple[str, ...] = ()
    undecided: str | None = None


def of(looker: Looker, inputs: Inputs) -> Habits:
    """What the target does at a point."""
    notes: list[str] = []
    target, seed = looker.target, looker.seed
    first = looker.real.run(inputs, wanted=False)
    for name, before in inputs.tensors.items():
        if not bool((first.leaves[name] == before).all()):
            notes.append(f"it writes into its input {name}")
    runs = [looker.real.run(inputs).flat for _ in range(RUNS)]
    if any(_differ(one, runs[0]) for one in runs):
        return Habits(tuple(notes), "two runs at the same point differ, with the same random numbers")
    gradients = []
    for _ in range(RUNS):
        ran = looker.real.run(inputs)
        gradients.append(looker.real.row(ran, [1.0] * len(ran.flat))[0])
    if any(_differ(one, gradients[0]) for one in gradients):
        return Habits(tuple(notes), "two runs of backward at the same point differ")
    if _differ(Real(target, seed + 1).run(inputs).flat, runs[0]):
        notes.append("it draws random numbers: they were the same in all runs")
    if any(one.dtype.itemsize < 8 for one in first.outputs):
        looker.narrow.add(str(first.outputs[0].dtype).removeprefix("torch."))
    return Habits(tuple(notes))


def _differ(one: list[float], other: list[float]) -> bool:
    """Whether numbers are others, and not only rounded in another order: threads add up as they come."""
    return any(not math.isclose(a, b, rel_tol=SAME) and not (a != a and b != b) for a, b in zip(one, other))  # noqa: PLR0124
