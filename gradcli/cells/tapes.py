"""tf.GradientTape: what is computed within it is recorded, and asked for its gradients."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import autograd, pytrees
from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.derivations import followed
from gradcli.cells.values import CannotFollow, TensorObject


class GradientTape:
    """A tape; gradients that are asked for within another one are recorded there."""

    def __init__(self, persistent: bool) -> None:
        self.persistent = persistent
        self.is_open = True
        self.used = False
        self.unknown = ""  # why what it gives is not followed from here on


def tape_method(reader: CellReader, tape: GradientTape, name: str, args: list[Any], node: ast.AST) -> Any:
    """tape.watch(x), tape.gradient(y, x), tape.jacobian(y, x)"""
    if name == "watch":
        for one in args[0] if isinstance(args[0], (list, tuple)) else [args[0]]:
            if isinstance(one, TensorObject) and not one.requires_grad and one.vertex.node is None:
                require(reader, one, node)
        return None
    if name not in ("gradient", "jacobian"):
        tape.unknown = tape.unknown or f"tape.{name} is not followed"
    if tape.unknown:
        raise CannotFollow(tape.unknown, reader.span(node))
    output, sources = args[0], args[1]
    by = [one for _, one in pytrees.leaves(sources, None)]
    if not isinstance(output, TensorObject) or not all(isinstance(one, TensorObject) for one in by):
        raise CannotFollow(f"tape.{name} of these is not followed", reader.span(node))
    if tape.used and not tape.persistent:
        raise reader.raised(
            "RuntimeError", "A non-persistent GradientTape can only be used to compute one set of gradients", node
        )
    tape.used = True
    reached = {one.index for one in followed(reader.graph, output.vertex)} if output.requires_grad else set()
    chosen = [one for one in by if one.vertex.index in reached]
    found = iter(_gradients(reader, name, output, chosen, node) if chosen else [])
    return pytrees.rebuilt(sources, iter([next(found) if one.vertex.index in reached else None for one in by]))


def _gradients(
    reader: CellReader, name: str, output: TensorObject, by: list[TensorObject], node: ast.AST
) -> list[TensorObject]:
    if name == "jacobian":
        made = autograd.derivation(reader, output, [(one, one.vertex) for one in by], None, node, is_jacobian=True)
        reader.derivations.append(made)
        return [autograd.of_derivation(reader, made, position, one) for position, one in enumerate(by)]
    total = output
    if reader.engine.shape(output):
        total = reader.graph.call(["sum"], [output], {}, reader.span(node), reader.span(node))
    return autograd.gradients(reader, total, by, None, reader.tapes > 0, True, node)
