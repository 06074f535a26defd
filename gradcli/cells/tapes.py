"""tf.GradientTape: what is computed within it is recorded, and asked for its gradients."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import autograd
from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.derivations import total_of
from gradcli.cells.values import CannotFollow, Gradient, TensorObject


class GradientTape:
    """A tape; gradients that are asked for within another one are recorded there."""

    def __init__(self, persistent: bool) -> None:
        self.persistent = persistent
        self.is_open = True
        self.used = False


def tape_method(reader: CellReader, tape: GradientTape, name: str, args: list[Any], node: ast.AST) -> Any:
    """tape.watch(x), tape.gradient(y, x), tape.jacobian(y, x)"""
    if name == "watch":
        for one in args[0] if isinstance(args[0], (list, tuple)) else [args[0]]:
            if isinstance(one, TensorObject) and not one.requires_grad and one.vertex.node is None:
                require(reader, one, node)
        return None
    if name in ("reset", "stop_recording", "watched_variables"):
        raise CannotFollow(f"tape.{name} is not followed", reader.span(node))
    output, sources = args[0], args[1]
    by = list(sources) if isinstance(sources, (list, tuple)) else [sources]
    if not isinstance(output, TensorObject) or not all(isinstance(one, TensorObject) for one in by):
        raise CannotFollow(f"tape.{name} of these is not followed", reader.span(node))
    if tape.used and not tape.persistent:
        raise reader.raised(
            "RuntimeError", "A non-persistent GradientTape can only be used to compute one set of gradients", node
        )
    tape.used = True
    if not output.requires_grad:
        return [None] * len(by) if isinstance(sources, (list, tuple)) else None
    if name == "jacobian":
        made = autograd.derivation(reader, output, [(one, one.vertex) for one in by], None, node, is_jacobian=True)
        reader.derivations.append(made)
        found = [_of(reader, made, position, one) for position, one in enumerate(by)]
    else:
        total = output
        if reader.engine.shape(output):
            total = reader.graph.call(["sum"], [output], {}, reader.span(node), reader.span(node))
        found = autograd.gradients(reader, total, by, None, reader.tapes > 0, True, node)
    return found if isinstance(sources, (list, tuple)) else found[0]


def _of(reader: CellReader, made: Any, position: int, one: TensorObject) -> TensorObject:
    gradient = Gradient([(made, position)])
    tensor = reader.graph.input(
        None, one.vertex.dtype, one.library, later=lambda: total_of(gradient, reader.engine.shape(one))
    )
    tensor.source = gradient
    return tensor
