"""The derivatives of the unknowns as operations: Cramer's rule on the Jacobian of the equations."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from gradcli.errors import Source
from gradcli.functions import table
from gradcli.tape.chain import Chain
from gradcli.tape.emit import Emitter
from gradcli.tape.sweep import expand, sweep
from gradcli.tape.tape import Tape

Matrix = list[list[int]]
Places = tuple[int, ...]


class ImplicitTape(NamedTuple):
    """A tape of equations, with all that is known of their solution appended.

    All are operations by their indices; `length` is that of the equations alone, and `jacobian_end` with their
    derivatives. `partials` are the derivatives of the unknowns: (unknown, by), or (unknown, by, by) of the order 2;
    `numerators` those of the first ones, over the common `determinant`.
    """

    tape: Tape
    equations: tuple[int, ...]
    unknowns: tuple[int, ...]
    wrt: tuple[int, ...]
    length: int
    by_unknowns: Matrix
    jacobian_end: int
    determinant: int
    numerators: dict[Places, int]
    partials: dict[Places, int]

    def chain(self, unknown: int, order: int) -> Chain:
        """The derivatives of one unknown, as those of a program."""
        found = {places[1:]: index for places, index in self.partials.items() if places[0] == unknown}
        return Chain(self.tape, self.wrt, order, self.length, {(): self.tape.output, **found})


def implicit_tape(
    source: Tape, equations: Sequence[int | str], solve: Sequence[str], wrt: Sequence[str], order: int, text: Source
) -> ImplicitTape:
    """Append the derivatives of the names in `solve` by those in `wrt`; equations are names on the tape.

    Raises GradcliError where a row has no rule for an argument.
    """
    tape = expand(source, text).copy()
    places = tuple(tape.named[name] if isinstance(name, str) else name for name in equations)
    for name in equations:
        if isinstance(name, str):
            del tape.named[name]  # no formula has it
    unknowns = tuple(index for name in solve if (index := tape.find(name)) is not None)
    by = tuple(index for name in wrt if (index := tape.find(name)) is not None)
    length = len(tape.ops)
    emitter = Emitter(tape, (*unknowns, *by))
    swept = [sweep(emitter, place, (*unknowns, *by), text) for place in places]
    zero = emitter.number(_ZERO)
    by_unknowns = [[one.get(place, zero) for place in unknowns] for one in swept]
    by_wrt = [[one.get(place, zero) for place in by] for one in swept]
    jacobian_end = len(tape.ops)
    determinant = _determinant(emitter, by_unknowns)
    numerators: dict[Places, int] = {}
    first: dict[Places, int] = {}
    for i in range(len(unknowns)):
        for j in range(len(by)):
            replaced = [
                [row[j] if k == i else own for k, own in enumerate(rows)] for rows, row in zip(by_unknowns, by_wrt)
            ]
            numerators[i, j] = _determinant(emitter, replaced)
            quotient = _call(emitter, "/", numerators[i, j], determinant)
            first[i, j] = _call(emitter, "neg", quotient)
    partials = first
    if order > 1:
        partials = {}
        for (i, j), index in first.items():
            slopes = sweep(emitter, index, (*unknowns, *by), text)
            for k in range(j, len(by)):
                total = slopes.get(by[k], zero)
                for other, unknown in enumerate(unknowns):
                    part = _call(emitter, "*", slopes.get(unknown, zero), first[other, k])
                    total = _call(emitter, "+", total, part)
                partials[i, j, k] = total
    return ImplicitTape(
        tape, places, unknowns, by, length, by_unknowns, jacobian_end, determinant, numerators, partials
    )


_ZERO = Fraction(0)


def _determinant(emitter: Emitter, matrix: Matrix) -> int:
    """The determinant, by its first row."""
    if len(matrix) == 1:
        return matrix[0][0]
    total = emitter.number(_ZERO)
    for j, entry in enumerate(matrix[0]):
        minor = _determinant(emitter, [[*row[:j], *row[j + 1 :]] for row in matrix[1:]])
        total = _call(emitter, "-" if j % 2 else "+", total, _call(emitter, "*", entry, minor))
    return total


def _call(emitter: Emitter, name: str, *args: int) -> int:
    return emitter.call(table.BY_NAME[name], args)
