"""A matrix too large for a ball an entry: doubles, of which a sample is differentiated by and may move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.backends.arb.flint import arb, arb_mat
from gradcli.tape.dependence import is_product

if TYPE_CHECKING:
    from gradcli.tape.tape import Tape

LARGE = 1_200_000  # entries; of more, a sample is judged
SAMPLE = 2_000  # entries
SEED = 20240229
Doubles = Any  # an array of float64
BallArray = Any  # an array of balls

CHUNK = 200_000  # entries that are in another form at a time


class Leaf:
    """A matrix of doubles, some of which are replaced by balls; it is multiplied by matrices, and nothing else.

    moved   balls by row-major place in the doubles
    turned  whether the transpose is meant
    """

    ndim = 2

    def __init__(self, doubles: Doubles, moved: Mapping[int, Any] | None = None, turned: bool = False) -> None:
        self.doubles = doubles
        self.moved = moved or {}
        self.turned = turned

    @property
    def shape(self) -> tuple[int, int]:
        """The sizes."""
        rows, columns = self.doubles.shape
        return (columns, rows) if self.turned else (rows, columns)

    @property
    def size(self) -> int:
        """The number of entries."""
        return int(self.doubles.size)

    @property
    def T(self) -> Leaf:  # noqa: N802
        """The transpose."""
        return Leaf(self.doubles, self.moved, not self.turned)

    def plain(self) -> Doubles:
        """The doubles, as nothing had moved."""
        return self.doubles.T if self.turned else self.doubles

    def sizes_times(self, other: Doubles) -> Doubles:
        """The product of the absolute values of the doubles and another matrix, without all of them at a time."""
        doubles = self.plain()
        step = max(1, CHUNK // doubles.shape[1])
        parts = [np.abs(doubles[start : start + step]) @ other for start in range(0, len(doubles), step)]
        return np.concatenate(parts)

    def rows(self, start: int, stop: int) -> Any:
        """Some rows as a matrix of FLINT's."""
        part = self.plain()[start:stop]
        entries: list[Any] = part.ravel().tolist()
        columns = self.doubles.shape[1]
        for place, ball in self.moved.items():
            row, column = divmod(place, columns)
            if self.turned:
                row, column = column, row
            if start <= row < start + len(part):
                entries[(row - start) * part.shape[1] + column] = ball
        return arb_mat(*part.shape, entries)

    def with_moved(self, places: Sequence[int], moves: Doubles) -> Leaf:
        """The same with some entries moved by so much."""
        places = list(places)
        before = self.doubles.reshape(-1)[places].tolist()
        return Leaf(self.doubles, {p: arb(x) + move for p, x, move in zip(places, before, moves.tolist())})


def leaves(tape: Tape, values: Mapping[str, Doubles]) -> dict[int, Leaf]:
    """The variables that are too large, by operation: those that are matrices and only multiplied by others."""
    found = {
        index: Leaf(values[name])
        for name, index in tape.inputs.items()
        if len(tape.ops[index].shape) == 2 and values[name].size > LARGE
    }
    alone = multiplied_only(tape)
    return {index: leaf for index, leaf in found.items() if index in alone}


def multiplied_only(tape: Tape) -> set[int]:
    """The variables that are matrices, and only multiplied by others."""
    found = {index for index in tape.inputs.values() if len(tape.ops[index].shape) == 2 and index != tape.output}
    for op in tape.ops:
        if not is_product(tape, op) or op.args[0] == op.args[1]:
            found.difference_update(op.args)
    return found


def sampled(size: int, wanted: Sequence[int] = ()) -> list[int]:
    """Places of entries: those that are wanted, the first, the last, and others at random."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    drawn = generator.integers(0, size, 2 * SAMPLE).tolist()
    return sorted(list(dict.fromkeys([*wanted, 0, size - 1, *drawn]))[:SAMPLE])


def sampled_products(x: BallArray, y: BallArray, indices: Sequence[int], columns: int) -> BallArray:
    """Some entries, by row-major place, of the product of one matrix and the transpose of another."""
    first, second = np.divmod(np.asarray(indices, dtype=np.intp), columns)
    return np.add.reduce(x[first] * y[second], axis=1)
