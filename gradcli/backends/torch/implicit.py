"""Derivatives of what equations determine, as autograd has them: its Jacobians, and a linear system in the dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import torch

from gradcli.backends.torch import device as devices
from gradcli.backends.torch.device import STAGE
from gradcli.backends.torch.run import inputs_of, run_all
from gradcli.tape.tape import Tape

Places = tuple[int, ...]  # the unknown, and what it is differentiated by


def implicit_derivatives(
    tape: Tape,
    point: Mapping[str, Fraction],
    equations: Sequence[int],
    unknowns: Sequence[int],
    wrt: Sequence[int],
    order: int,
    dtype: str,
) -> tuple[dict[Places, float], str]:
    """The derivatives of an order of the unknowns, by their positions, at a point near a root; and torch's version.

    They are NaN or infinite where torch's own Jacobian is singular.
    """
    like = devices.like(dtype, "cpu")
    leaves = {*unknowns, *wrt}
    with devices.torch_errors(STAGE, f"in {dtype} on cpu"):
        values = run_all(tape, inputs_of(tape, point, like, leaves), like, leaves)
        held, moved = [values[place] for place in unknowns], [values[place] for place in wrt]
        rows = [_gradient(values[place], [*held, *moved], order > 1) for place in equations]
        by_unknowns = torch.stack([torch.stack(row[: len(held)]) for row in rows])
        by_moved = torch.stack([torch.stack(row[len(held) :]) for row in rows])
        first = -_solved(by_unknowns, by_moved)
        found = {(i, j): first[i, j] for i in range(len(held)) for j in range(len(moved))}
        if order > 1:
            found = _second(found, held, moved)
    return {places: value.item() for places, value in found.items()}, torch.__version__


def _second(first: Mapping[tuple[int, int], torch.Tensor], held: list[torch.Tensor], moved: list[torch.Tensor]) -> Any:
    """The second derivatives: those of the first, along the solution."""
    found = {}
    for (i, j), value in first.items():
        gradient = _gradient(value, [*held, *moved], False)
        for k in range(j, len(moved)):
            total = gradient[len(held) + k]
            for other in range(len(held)):
                total = total + gradient[other] * first[other, k]
            found[i, j, k] = total
    return found


def _solved(matrix: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    if len(matrix) == 1:
        return right / matrix
    try:
        found: torch.Tensor = torch.linalg.solve(matrix, right)
    except RuntimeError:  # which a singular matrix raises
        return right * torch.nan
    return found


def _gradient(value: torch.Tensor, by: list[torch.Tensor], create_graph: bool) -> list[torch.Tensor]:
    if not value.requires_grad:
        return [torch.zeros_like(one) for one in by]
    found = torch.autograd.grad(value, by, create_graph=create_graph, retain_graph=True, allow_unused=True)
    return [torch.zeros_like(one) if part is None else part for one, part in zip(by, found)]
