"""The value of a local derivative: one operation, run again on its own and differentiated with ones for an adjoint."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from gradcli.backends.torch.run import run
from gradcli.errors import GradcliError
from gradcli.graph.data import Local
from gradcli.tape.tape import Custom, Literal, Op, Primitive, Tape, moved

MAX_JACOBIAN = 64  # numbers of the Jacobian of a map; one that has more is left out

Found = dict[int, torch.Tensor]  # by the position of the argument


def kind_of(op: Op) -> Local:
    """What the local derivative of an operation is."""
    if isinstance(op, Custom):
        return Local.RULE if op.vjp.incoming else Local.ENTRYWISE
    if not isinstance(op, Primitive) or op.row.name == "diff":
        return Local.PATHS
    if op.row.shape is None:
        return Local.ENTRYWISE
    return Local.MAP if op.shape else Local.GRADIENT


def derivatives(tape: Tape, op: Op, values: Sequence[torch.Tensor]) -> Found:
    """The local derivatives of an operation by its arguments; those that there are, and that are not too large."""
    kind = kind_of(op)
    if kind in (Local.RULE, Local.PATHS):
        return {}
    try:
        with torch.enable_grad():
            alone, inputs = _alone(tape, op, values, expanded=kind is Local.ENTRYWISE and not isinstance(op, Custom))
            like = next(iter(inputs.values()), torch.empty(()))
            result = run(alone, inputs, like)
            by = {int(name): leaf for name, leaf in inputs.items() if leaf.requires_grad}
            if not result.requires_grad:
                return {}
            return _jacobians(result, by) if kind is Local.MAP else _with_ones(result, by)
    except (RuntimeError, ValueError, TypeError, IndexError, GradcliError):
        return {}


def _alone(tape: Tape, op: Op, values: Sequence[torch.Tensor], expanded: bool) -> tuple[Tape, dict[str, torch.Tensor]]:
    """The operation as a tape of its own, each of its arguments a leaf, numbers but for literals."""
    alone = Tape()
    inputs: dict[str, torch.Tensor] = {}
    places = []
    for position, arg in enumerate(op.args):
        given = tape.ops[arg]
        if isinstance(given, Literal):
            places.append(alone.append(given))
            continue
        value = values[arg].detach()
        value = (value.expand(op.shape) if expanded else value).clone()
        name = str(position)
        inputs[name] = value.requires_grad_(value.is_floating_point())
        places.append(alone.input(name, tuple(value.shape)))
    alone.output = alone.append(moved(op, tuple(places)))
    return alone, inputs


def _with_ones(result: torch.Tensor, by: Found) -> Found:
    """The derivatives of what works entry by entry, or comes to one number."""
    whole = result.sum() if result.dim() else result
    found = torch.autograd.grad(whole, list(by.values()), allow_unused=True)
    return {position: one for position, one in zip(by, found) if one is not None}


def _jacobians(result: torch.Tensor, by: Found) -> Found:
    """The whole derivative of a tensor by a tensor: the shape of the one, then of the other."""
    small = {position: leaf for position, leaf in by.items() if result.numel() * leaf.numel() <= MAX_JACOBIAN}
    found = {}
    for position, leaf in small.items():
        rows = [
            torch.autograd.grad(entry, leaf, retain_graph=True, allow_unused=True)[0] for entry in result.reshape(-1)
        ]
        whole = torch.stack([torch.zeros_like(leaf) if row is None else row for row in rows])
        found[position] = whole.reshape(*result.shape, *leaf.shape)
    return found
