"""A program with its derivatives on one tape, and its values at a point to any precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.engines.emit import Emitter
from gradcli.engines.findings import Positions
from gradcli.engines.sweep import Edge, expand, next_order
from gradcli.engines.tape import Tape, depends, reaches
from gradcli.errors import Source

if TYPE_CHECKING:
    from gradcli.engines.arithmetic import Arithmetic, Value


@dataclass
class Chain:
    """The tape of a program, and which operations on it are the derivatives of an order by the targets."""

    tape: Tape
    targets: tuple[int, ...]
    order: int
    length: int  # of the program itself, without the derivatives
    partials: dict[Positions, int]  # of every order up to that one; the value itself under ()
    edges: dict[Positions, list[Edge]] = field(default_factory=dict)

    @property
    def output(self) -> int:
        """The index of the program's value."""
        return self.tape.output

    def values(
        self,
        arithmetic: Arithmetic,
        point: Mapping[str, Fraction],
        shifts: Sequence[Any] | None = None,
        frozen: Mapping[int, Value] | None = None,
        derivatives: bool = True,
    ) -> list[Value]:
        """All values at a point, the targets moved by `shifts`."""
        inputs = {name: arithmetic.number(value) for name, value in point.items()}
        moved: dict[int, Any] = {}
        for target, shift in zip(self.targets, shifts or ()):  # two names of one thing (`y = x`) move it both
            moved[target] = moved[target] + shift if target in moved else shift
        end = None if derivatives else self.length
        return arithmetic.run(self.tape, inputs, end, moved, frozen)

    def frozen(self, values: Sequence[Value]) -> dict[int, Value]:
        """What stays as it is when the point moves: the values that `detach` holds."""
        ops = self.tape.ops[: self.length]
        return {i: values[i] for i, op in enumerate(ops) if op.row is not None and op.row.name == "detach"}

    def touching(self, arithmetic: Arithmetic, values: Sequence[Value]) -> set[int]:
        """The targets (by position) that move an operation off a kink, a jump, a pole or an edge."""
        used = reaches(self.tape, [self.output])
        moving = depends(self.tape, self.targets, self.length)
        special = [
            index
            for index in range(self.length)
            if used[index] and moving[index] and self.is_special(arithmetic, index, values)
        ]
        if not special:
            return set()
        behind = reaches(self.tape, special)
        return {position for position, target in enumerate(self.targets) if behind[target]}

    def is_special(self, arithmetic: Arithmetic, index: int, values: Sequence[Value]) -> bool:
        """Whether an operation sits on a point where its row changes its formula, or has no value."""
        op = self.tape.ops[index]
        if op.row is None:
            return False
        args = [values[arg] for arg in op.args]
        return any(value == 0 for value in arithmetic.breaks(op.row, args) if value is not None)

    def labels(self, arithmetic: Arithmetic, values: Sequence[Value], indices: Sequence[int]) -> tuple[int, ...]:
        """Which piece of its formula each operation is on: the signs of its breaks."""
        signs: list[int] = []
        for index in indices:
            op = self.tape.ops[index]
            if op.row is not None and op.row.breaks is not None:
                args = [values[arg] for arg in op.args]
                signs += [_sign(value) for value in arithmetic.breaks(op.row, args)]
        return tuple(signs)

    def contributions(self, values: Sequence[Value], prefix: Positions) -> dict[int, Any]:
        """For each target (by position), the sum of the absolute contributions of all paths from a partial to it."""
        totals: dict[int, Any] = {self.partials[prefix]: 1}
        for parent, child, local in self.edges.get(prefix, []):
            value = values[local]
            if parent in totals and value is not None:
                totals[child] = totals.get(child, 0) + totals[parent] * abs(value)
        return {position: totals.get(target, 0) for position, target in enumerate(self.targets)}


def vanished(tape: Tape, values: Sequence[Value], bits: int) -> list[int]:
    """The sums and differences that are 0 although their terms are not, and that rounding may have made so."""
    exact = bytearray(len(tape.ops))
    found = []
    for index, (op, value) in enumerate(zip(tape.ops, values)):
        name = op.row.name if op.row is not None else ""
        if op.is_input or op.value is not None:
            exact[index] = 1
        elif name in _RATIONAL and value is not None and all(exact[arg] for arg in op.args):
            exact[index] = value._mpf_[3] < bits  # the length of the number: it was not cut
        elif name in ("+", "-") and value == 0 and all(values[arg] for arg in op.args):
            found.append(index)
    return found


_RATIONAL = frozenset(("+", "-", "*", "neg", "pos"))


def _sign(value: Value) -> int:
    if value is None:
        return 2
    return int(value > 0) - int(value < 0)


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
    edges: dict[Positions, list[Edge]] = {}
    for _ in range(order):
        edges = {}
        level = next_order(emitter, level, targets, source, edges)
        found |= level
    return Chain(grown, targets, order, length, found, edges)
