"""Products of the Jacobian with a vector, as a change of the program: of the tape, before any engine runs it.

J·v is the derivative by a step t of the program at the point moved by t times the direction; vᵀ·J the gradient
of the sum of the outputs, each times its weight.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gradcli.errors import OPTIONS, GradcliError
from gradcli.functions import shapes, table
from gradcli.tape.arrays import Array
from gradcli.tape.interpret import copied, interpret
from gradcli.tape.tape import ConstantTensor, Input, Primitive, Tape


@dataclass(frozen=True)
class Direction:
    """A direction for each variable that moves (a jvp), or a weight for each output (a vjp)."""

    moves: Mapping[str, Array] | None = None
    weights: Array | None = None

    @property
    def is_jvp(self) -> bool:
        """Whether it is J·v, and not vᵀ·J."""
        return self.moves is not None

    def applied(self, tape: Tape, step: str) -> Tape:
        """The tape whose derivatives are the product.

        Raises GradcliError where the shapes do not go together.
        """
        return self._moved(tape, step) if self.moves is not None else self._weighted(tape)

    def _weighted(self, tape: Tape) -> Tape:
        assert self.weights is not None
        shape = tape.ops[tape.output].shape
        _check("--vjp", "the output", self.weights.shape, shape)
        name = next(name for name in _names() if name not in tape.inputs and name not in tape.named)
        weights = tape.append(ConstantTensor(data=self.weights, label=name, shape=self.weights.shape))
        product = tape.append(Primitive(row=table.BY_NAME["*"], args=(weights, tape.output), shape=shape))
        tape.output = product
        if shape:
            tape.output = tape.append(Primitive(row=table.BY_NAME["sum"], args=(product,), statics=(None, False)))
        return tape

    def _moved(self, tape: Tape, step: str) -> Tape:
        assert self.moves is not None
        result = Tape(most=tape.most + 4 * len(self.moves) + 1, warnings=tape.warnings)
        by = result.input(step)
        moves = self.moves

        def variable(op: Input) -> int:
            here, move = result.append(op), moves.get(op.label)
            if move is None:
                return here
            _check("--jvp", f'"{op.label}"', move.shape, op.shape)
            along = result.append(ConstantTensor(move, move.shape, label=f"d{op.label}"))
            way = result.append(Primitive(table.BY_NAME["*"], (along, by), shape=move.shape))
            return result.append(Primitive(table.BY_NAME["+"], (here, way), shape=op.shape))

        places = interpret(tape, replace(copied(result), input=variable))
        result.inputs |= _inputs(tape, result)
        result.named = {name: places[index] for name, index in tape.named.items()}
        result.output = places[tape.output]
        return result


def _names() -> Iterator[str]:
    """What weights are called in formulas: v, unless the program has one."""
    yield from ("v", "w")
    yield from (f"v{number}" for number in itertools.count(1))


def _inputs(tape: Tape, result: Tape) -> dict[str, int]:
    """Where the variables themselves stand, unmoved."""
    return {op.label: i for i, op in enumerate(result.ops) if isinstance(op, Input) and op.label in tape.inputs}


def _check(option: str, what: str, given: shapes.Shape, wanted: shapes.Shape) -> None:
    if given != wanted:
        raise GradcliError(
            OPTIONS,
            f"{option} gives {shapes.text(given)}, and {what} is {shapes.text(wanted)}",
            expected=f"the same shape: {shapes.text(wanted)}",
        )
