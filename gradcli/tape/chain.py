"""A program with its derivatives on one tape, and its values at a point to any precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.errors import Source
from gradcli.tape.emit import Emitter
from gradcli.tape.findings import Positions
from gradcli.tape.sweep import LocalPartial, expand, next_order
from gradcli.tape.tape import Tape

if TYPE_CHECKING:
    from gradcli.backends.mp.arithmetic import Arithmetic, Value


@dataclass
class Chain:
    """The tape of a program, and which operations on it are the derivatives of an order by the targets."""

    tape: Tape
    targets: tuple[int, ...]
    order: int
    length: int  # of the program itself, without the derivatives
    partials: dict[Positions, int]  # of every order up to that one; the value itself under ()
    edges: dict[Positions, list[LocalPartial]] = field(default_factory=dict)

    @property
    def output(self) -> int:
        """The index of the program's value."""
        return self.tape.output

    def values(self, arithmetic: Arithmetic, point: Mapping[str, Fraction], derivatives: bool = True) -> list[Value]:
        """All values at a point."""
        inputs = {name: arithmetic.number(value) for name, value in point.items()}
        return arithmetic.run(self.tape, inputs, None if derivatives else self.length)

    def contributions(self, values: Sequence[Value], prefix: Positions) -> dict[int, Any]:
        """For each target (by position), the sum of the absolute contributions of all paths from a partial to it."""
        totals: dict[int, Any] = {self.partials[prefix]: 1}
        for parent, child, local in self.edges.get(prefix, []):
            value = values[local]
            if parent in totals and value is not None:
                totals[child] = totals.get(child, 0) + totals[parent] * abs(value)
        return {position: totals.get(target, 0) for position, target in enumerate(self.targets)}


def chain(tape: Tape, wrt: Sequence[str], order: int, source: Source) -> Chain:
    """Differentiate a tape by these names, to an order.

    Raises GradcliError where a row has no rule for an argument that depends on one of them.
    """
    grown = expand(tape, source).copy()
    targets = tuple(index for name in wrt if (index := grown.find(name)) is not None)
    return differentiated(grown, targets, order, source)


def differentiated(grown: Tape, targets: tuple[int, ...], order: int, source: Source) -> Chain:
    """A tape of one's own with its derivatives by these operations, to an order, appended to it."""
    length = len(grown.ops)
    emitter = Emitter(grown, targets)
    level: dict[Positions, int] = {(): grown.output}
    found = dict(level)
    edges: dict[Positions, list[LocalPartial]] = {}
    for _ in range(order):
        edges = {}
        level = next_order(emitter, level, targets, source, edges)
        found |= level
    return Chain(grown, targets, order, length, found, edges)
