"""Functions of whole matrices at a sample point."""

from __future__ import annotations

from typing import Any

from gradcli.backends.arb.flint import arb_mat
from gradcli.backends.arb.tensors.arrays import array_of, is_finite
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.functions import table
from gradcli.steps.tensors.sample import Index, Mode, SampleTensors
from gradcli.tape.tape import Primitive, Tape


class WholeValue:
    """A matrix (or a number) of values, as functions of whole matrices ask for it."""

    def __init__(self, matrix: Any, number: bool = False) -> None:
        self.matrix = matrix
        self.number = number

    @property
    def T(self) -> WholeValue:  # noqa: N802 - as torch calls it
        """The transpose."""
        return WholeValue(self.matrix.transpose())

    def __neg__(self) -> WholeValue:
        return WholeValue(-self.matrix)

    def __matmul__(self, other: WholeValue) -> WholeValue:
        return WholeValue(self.matrix * other.matrix)

    def inverse(self) -> WholeValue:
        """The inverse.

        Raises GivenUp for a singular matrix.
        """
        try:
            return WholeValue(self.matrix.inv())
        except ZeroDivisionError as error:  # singular, or not told from that
            raise GivenUp from error

    def of_row(self, name: str) -> WholeValue:
        """What a row makes of the matrix, along its columns where it goes along a dimension.

        Raises GivenUp where that has no value.
        """
        row = table.BY_NAME[name]
        shape = (self.matrix.nrows(), self.matrix.ncols())
        statics = (False,) * len(row.statics)
        assert row.shape is not None
        tape = Tape()
        argument = tape.input("x", shape)
        tape.output = tape.append(Primitive(row, (argument,), shape=row.shape(shape, *statics), statics=statics))
        values = array_of(self.matrix.entries(), shape)
        found = TensorEvaluation(tape, {"x": values}, [1, 1]).values[tape.output]
        if not is_finite(found).all():
            raise GivenUp
        return WholeValue(arb_mat(found.reshape(len(found), -1).tolist()))

    def at(self, index: Index) -> Any:
        """An entry; a vector is a column."""
        return self.matrix[0, 0] if self.number else self.matrix[index if len(index) == 2 else (*index, 0)]


class Wholes:
    """All operations of a world as whole matrices, in one mode."""

    def __init__(self, world: SampleTensors, mode: Mode) -> None:
        self.world = world
        self.mode = mode

    def __getitem__(self, index: int) -> WholeValue:
        shape = self.world.tape.ops[index].shape
        rows, columns = (*shape, 1, 1)[:2]
        entries = [
            [self.world.value(index, (i, j)[: len(shape)], self.mode) for j in range(columns)] for i in range(rows)
        ]
        if any(entry is None for row in entries for entry in row):
            raise GivenUp
        return WholeValue(arb_mat(entries), number=not shape)
