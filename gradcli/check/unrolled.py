"""Programs over tensors written out with the derivatives that they give to their own functions."""

from __future__ import annotations

import math
from array import array

from gradcli.errors import LimitError
from gradcli.functions.shapes import Shape
from gradcli.tape.arrays import Array
from gradcli.tape.entry_rules import Entries
from gradcli.tape.scalarize import Asking, Index, aligned
from gradcli.tape.tape import Custom, Primitive


class Taken(Entries):
    """Writes out entries; a hand-written derivative stays with each entry that its function computes."""

    def _same(self, op: Custom, at: Index) -> Asking:
        hand = op.hand
        whole = any(
            isinstance(inner, Primitive) and inner.row.shape is not None for tape in hand.partials for inner in tape.ops
        )
        if whole or any(len(self.shape(arg)) > len(op.shape) for arg in op.args):
            raise LimitError(
                "reading the claims",
                f"the derivative of {hand.name} works on whole tensors, and is not written out",
                hint="gradcli diff judges it at a point",
            )
        args = []
        for arg in op.args:
            args.append((yield arg, aligned(at, self.shape(arg))))
        return self.numbers.append(Custom(hand, tuple(args), op.span))


def blank(shape: Shape) -> Array:
    """A tensor of ones: the shape of a variable, whose values come later."""
    return Array(shape, array("d", [1.0]) * math.prod(shape))
