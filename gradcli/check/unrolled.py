"""Programs over tensors written out with the derivatives that they give to their own functions."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator

from gradcli.errors import LimitError
from gradcli.functions.shapes import Shape
from gradcli.tape.arrays import Array, every
from gradcli.tape.entry_rules import Entries
from gradcli.tape.scalarize import Asking, Index, aligned, entry_name
from gradcli.tape.tape import Custom, CustomVjp, Primitive, Tape


class Taken(Entries):
    """Writes out entries; a hand-written derivative stays with each entry that its function computes."""

    def _same(self, op: Custom, at: Index) -> Asking:
        vjp = op.vjp
        whole = any(
            isinstance(inner, Primitive) and inner.row.shape is not None for tape in vjp.partials for inner in tape.ops
        )
        if whole or any(len(self.shape(arg)) > len(op.shape) for arg in op.args):
            return (yield from self._entire(op))
        args = []
        for arg in op.args:
            args.append((yield arg, aligned(at, self.shape(arg))))
        return self.numbers.append(Custom(vjp, tuple(args), op.span))

    def _entire(self, op: Custom) -> Asking:
        """A function of whole tensors that gives a number, as one of all entries, with a partial by each."""
        vjp = op.vjp
        names = (*vjp.params, *vjp.captured)
        shapes = dict(zip(names, map(self.shape, op.args[1:])))
        if op.shape or any(len(tape.ops[tape.output].shape) > len(shapes[name]) for name, tape in self._by(vjp)):
            raise LimitError(
                "reading the claims",
                f"{vjp.name} gives a tensor, and its derivative works on whole tensors: that is not written out",
                hint="gradcli diff judges it at a point",
            )
        args = [(yield op.args[0], ())]
        for name, arg in zip(names, op.args[1:]):
            for index in every(shapes[name]):
                args.append((yield arg, index))
        partials = [self._partial(tape, index) for name, tape in self._by(vjp) for index in every(shapes[name])]
        params, around = (
            tuple(entry_name(name, index) for name in some for index in every(shapes[name]))
            for some in (vjp.params, vjp.captured)
        )
        whole = tuple((name, shapes[name]) for name in names)
        written = CustomVjp(vjp.name, params, vjp.incoming, tuple(partials), around, whole)
        return self.numbers.append(Custom(written, tuple(args), op.span))

    def _by(self, vjp: CustomVjp) -> Iterator[tuple[str, Tape]]:
        return zip(vjp.params, vjp.partials)

    def _partial(self, tape: Tape, index: Index) -> Tape:
        """One entry of a derivative, as a tape of numbers."""
        point = {name: blank(tape.ops[place].shape) for name, place in tape.inputs.items()}
        unroller = Entries(tape, point, set(tape.inputs), self.source)
        unroller.numbers.output = unroller.entry(tape.output, aligned(index, tape.ops[tape.output].shape))
        return unroller.numbers


def blank(shape: Shape) -> Array:
    """A tensor of ones: the shape of a variable, whose values come later."""
    return Array(shape, array("d", [1.0]) * math.prod(shape))
