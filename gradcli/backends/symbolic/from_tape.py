"""Formulas that are too long for SymPy, as the tape has them: its operations as trees, in a name for each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.backends.symbolic.build import FACTORS
from gradcli.backends.symbolic.straight_line import cuts
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.trees import HERE, simplified
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import Chain
from gradcli.tape.findings import Positions
from gradcli.tape.tape import NamedConstant, Op, Primitive, Tape
from gradcli.tape.trees import TapeTrees

BITS = (120, 240)  # at which a value has to be the same
SECONDS_AN_OPERATION = 1e-4  # of a value; mpmath takes a third of it
AGREED_BITS = 72
DIGITS = 20


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
        arithmetic.deadline = deadline = Deadline(1 + SECONDS_AN_OPERATION * len(self.chain.tape.ops))
        found = []
        for bits in BITS:
            arithmetic.bits = bits
            try:
                values = deadline.run(lambda: self.chain.values(arithmetic, point))
            except (OutOfTime, GivenUp):
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
    program = TapePrograms(chain, {positions: chain.partials[positions] for positions in wanted})
    named = cuts(chain.tape, list(program.places.values()), names)
    defined = dict(zip(sorted(named.cuts), fresh))
    made = FormulaTrees(chain.tape, partial(known, chain.tape, names, trees), trees.dtype)
    for index in named.needed:
        tree = made.of(index)
        if index in defined:
            program.definitions[defined[index]] = tree
            made.made[index] = Name(defined[index], HERE)
    program.formulas = {positions: made.of(index) for positions, index in program.places.items()}
    return program


def known(tape: Tape, names: Mapping[int, str], trees: SympyTree, index: int) -> Node | None:
    """A name of the program, or a constant that one of them hides."""
    if index in names:
        return Name(names[index], HERE)
    op = tape.ops[index]
    return trees.constant(op.label) if isinstance(op, NamedConstant) else None


class FormulaTrees(TapeTrees):
    """Operations as a person would write them: no factor 1, no term 0, and the value of what is detached."""

    def _call(self, op: Op) -> Node:
        if not isinstance(op, Primitive) or op.row.name in ("pos", "detach"):
            return self.made[op.args[0]]
        node = super()._call(op)
        assert isinstance(node, Call)
        return simplified(node, node.args) if node.function in ("+", "-", *FACTORS) else node
