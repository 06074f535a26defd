"""Formulas that are too long for SymPy, as the tape has them: its operations as trees, in a name for each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gradcli.backends.mp.arithmetic import Arithmetic
from gradcli.backends.symbolic.build import FACTORS
from gradcli.backends.symbolic.straight_line import cuts
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.trees import HERE, decimal, number, simplified
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import Chain
from gradcli.tape.emit import SCALE
from gradcli.tape.findings import Positions
from gradcli.tape.tape import Op

BITS = (120, 240)  # at which a value has to be the same
SECONDS_AN_OPERATION = 1e-4  # of a value; mpmath takes a third of it
AGREED_BITS = 72
DIGITS = 20
LARGEST = 2**53  # of a whole number that is written with all its digits


@dataclass
class TapePrograms:
    """The formulas of some partials, as trees; each definition in terms of the ones before it."""

    chain: Chain
    places: dict[Positions, int] = field(default_factory=dict)
    formulas: dict[Positions, Node] = field(default_factory=dict)
    definitions: dict[str, Node] = field(default_factory=dict)

    def values(self, point: Mapping[str, Fraction]) -> dict[Positions, str | None]:
        """What each formula comes to at a point: the operations that are shown, one by one."""
        arithmetic = Arithmetic()
        arithmetic.deadline = Deadline(1 + SECONDS_AN_OPERATION * len(self.chain.tape.ops))
        found = []
        for bits in BITS:
            arithmetic.bits = bits
            try:
                values = self.chain.values(arithmetic, point)
            except OutOfTime:
                return dict.fromkeys(self.places)
            found.append({positions: values[index] for positions, index in self.places.items()})
        rough, fine = found
        return {positions: self._text(arithmetic, rough[positions], fine[positions]) for positions in self.places}

    def _text(self, arithmetic: Arithmetic, rough: Any, fine: Any) -> str | None:
        if rough is None or fine is None or abs(fine - rough) > arithmetic.m.ldexp(abs(fine), -AGREED_BITS):
            return None
        return str(arithmetic.m.nstr(fine, DIGITS)) if fine else "0"


def from_tape(
    chain: Chain, wanted: Sequence[Positions], names: Mapping[int, str], fresh: Iterator[str], trees: SympyTree
) -> TapePrograms:
    """The formulas of these partials, in the names, and in fresh ones."""
    tape = chain.tape
    program = TapePrograms(chain, {positions: chain.partials[positions] for positions in wanted})
    named = cuts(tape, list(program.places.values()), names)
    defined = dict(zip(sorted(named.cuts), fresh))
    made: dict[int, Node] = {}
    for index in named.needed:
        if index in names:
            made[index] = Name(names[index], HERE)
            continue
        tree = _tree(tape.ops[index], made, trees)
        if index in defined:
            program.definitions[defined[index]] = tree
            tree = Name(defined[index], HERE)
        made[index] = tree
    program.formulas = {positions: made[index] for positions, index in program.places.items()}
    return program


def _tree(op: Op, made: Mapping[int, Node], trees: SympyTree) -> Node:
    """One operation, its arguments trees already."""
    if op.value is not None:
        if op.label is not None:
            return trees.constant(op.label)
        is_short = op.value.denominator == 1 and abs(op.value) < LARGEST
        return number(op.value) if is_short else decimal(op.value, trees.dtype)
    if op.row is None:
        return Name(op.label or "", HERE) if op.is_input else made[op.args[0]]
    if op.row.name in ("pos", "detach"):
        return made[op.args[0]]
    name = "*" if op.row is SCALE else op.row.name
    args = tuple(made[arg] for arg in op.args)
    call = Call(name, args, HERE, HERE)
    return simplified(call, args) if name in ("+", "-", *FACTORS) else call
