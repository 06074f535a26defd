"""A program as operations on numbers that know where in the program they come from."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

from gradcli.functions.shapes import Shape
from gradcli.language.names import Names
from gradcli.language.nodes import Program
from gradcli.tape.arrays import Array, every
from gradcli.tape.entry_rules import Entries
from gradcli.tape.lower import lower
from gradcli.tape.scalarize import Asking, Index, Key, Rule, Unroller
from gradcli.tape.sweep import expand
from gradcli.tape.tape import Primitive, Tape


class Traced(Entries):
    """Writes out entries, and remembers of which entry each operation on numbers is a part.

    swapped  of a product in a matrix product, the entries that stand at the mirrored places of its two factors
    """

    def __init__(self, tape: Tape, point: Mapping[str, Array], free: Sequence[str], program: Program) -> None:
        super().__init__(tape, point, free, program.source)
        self.origins: dict[int, Key] = {}
        self.swapped: dict[int, tuple[Key | None, Key | None]] = {}

    def call(self, name: str, *args: int) -> int:
        """The operation of a row of numbers, for the entry that is being written out."""
        place = super().call(name, *args)
        self.origins[place] = self.current
        return place

    def _elementwise(self, op: Primitive, at: Index) -> Asking:
        place = yield from super()._elementwise(op, at)
        self.origins[place] = self.current
        return place

    def rule(self, name: str) -> Rule:
        """What an entry of a row for tensors is made of."""
        return _matmul if name == "@" else super().rule(name)


def _matmul(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    assert isinstance(u, Traced)
    x, y = op.args
    rows, columns = u.shape(x)[:-1], u.shape(y)[1:]
    parts = []
    for k in range(u.shape(y)[0]):
        left, right = (*at[: len(rows)], k), (k, *at[len(at) - len(columns) :])
        a = yield x, left
        b = yield y, right
        place = u.call("*", a, b)
        u.swapped[place] = _mirrored(u, x, left), _mirrored(u, y, right)
        parts.append(place)
    return u.fold("+", parts)


def _mirrored(u: Unroller, arg: int, at: Index) -> Key | None:
    """The entry on the other side of the diagonal of a square matrix."""
    shape = u.shape(arg)
    return (arg, at[::-1]) if len(shape) == 2 and shape[0] == shape[1] else None


@dataclass
class Trace:
    """A tape of numbers, and where its operations come from.

    outputs   an operation for each entry of the program's value
    whole     the tape of tensors that it was made of; the tape itself where there are none
    origins   of which entry of that one an operation is a part
    known     where an entry stands
    """

    program: Program
    tape: Tape
    outputs: list[int]
    whole: Tape
    shapes: Mapping[str, Shape]
    origins: Mapping[int, Key] = field(default_factory=dict)
    known: Mapping[Key, int] = field(default_factory=dict)
    swapped: Mapping[int, tuple[Key | None, Key | None]] = field(default_factory=dict)

    @property
    def has_tensors(self) -> bool:
        """Whether the program works on tensors."""
        return self.whole is not self.tape

    def shape_of(self, name: str) -> Shape:
        """The shape of a variable, or of an intermediate."""
        place = self.whole.find(name)
        return self.whole.ops[place].shape if place is not None and self.has_tensors else ()

    def operation(self, name: str, index: Index = ()) -> int | None:
        """Where an entry of a variable or an intermediate stands on the tape of numbers."""
        if not self.has_tensors:
            return self.tape.find(name)
        at = self.whole.find(name)
        return None if at is None else self.known.get((at, index))

    def entries(self, name: str) -> Iterator[tuple[Index, int]]:
        """The entries of a variable or an intermediate, those that stand on the tape."""
        for index in every(self.shape_of(name)):
            place = self.operation(name, index)
            if place is not None:
                yield index, place

    def last(self, index: int) -> dict[int, Index]:
        """The operations that come to the entries of an operation on tensors."""
        if not self.has_tensors:
            return {index: ()}
        return {place: at for (one, at), place in self.known.items() if one == index}


def trace(program: Program, names: Names, shapes: Mapping[str, Shape], wrt: Sequence[str]) -> Trace:
    """The trace of a program; what it gives its functions as derivatives does not count.

    Raises GradcliError, and LimitError where there is too much of it.
    """
    whole = lower(program, names.variables, None, False, shapes, written_out=True)
    for name in names.variables:
        whole.input(name, shapes.get(name, ()))
    if not whole.has_tensors:
        tape = expand(whole, program.source)
        return Trace(program, tape, [tape.output], tape, shapes)
    point: dict[str, Union[Array, object]] = {name: _blank(shapes.get(name, ())) for name in names.variables}
    free = [*names.variables, *(name for name in wrt if name not in names.variables)]
    traced = Traced(whole, point, free, program)  # type: ignore[arg-type]
    outputs = [traced.entry(whole.output, index) for index in every(whole.ops[whole.output].shape)]
    for name in free:
        for index in every(whole.ops[whole.find(name) or 0].shape):
            traced.entry(whole.find(name) or 0, index)
    traced.numbers.output = outputs[0]
    return Trace(program, traced.numbers, outputs, whole, shapes, traced.origins, traced.known, traced.swapped)


def _blank(shape: Shape) -> Array:
    return Array(shape, array("d", [1.0]) * math.prod(shape))
