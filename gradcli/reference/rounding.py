"""What the rounding of the typed numbers moves: how far a value is only known by what was typed.

A typed number c (a value of the point, or a literal that no number of the dtype is) stands for any number within
u*|c| of it, u being the dtype's unit roundoff. To first order that moves a result g by at most the sum of
u*|c * dg/dc| over all of them: a derivative below that is 0 as far as these numbers say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.errors import GradcliError, Source
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain, differentiated
from gradcli.tape.emit import Emitter
from gradcli.tape.findings import Positions
from gradcli.tape.sweep import sweep
from gradcli.tape.tape import ConstantNumber, Input, NamedConstant, Tape

BITS = 256  # to begin with,
RESOLVED = 8  # until the sum of the sensitivities is known to so many,
MAX_BITS = 1 << 14  # or to its size with so many
CLOSE_TO = 64  # in units of rounding of the largest contribution: what is smaller may be 0 up to the rounding
LITERAL = "\0"  # begins the name of a literal that stands as an input; no variable's name begins so
LINEAR = 8  # times that the first order may be above all that happens within the rounding
SHARE = 0.1  # of the sum, for a number that is named


@dataclass(frozen=True)
class Typed:
    """The sum of |c * dg/dc| over the typed numbers, and the ones that it mostly comes from."""

    size: Any  # a ball
    names: tuple[str, ...]
    moves: Mapping[Any, Any] = field(default_factory=dict)  # c * dg/dc, by what stands for the typed number
    called: Mapping[Any, str] = field(default_factory=dict)


def typed_of(moves: Mapping[Any, Any], called: Mapping[Any, str]) -> Typed:
    """The sum over typed numbers of what each one moves, by what stands for the number."""
    total = sum((abs(move) for move in moves.values()), arb(0))
    largest_first = sorted(moves, key=lambda one: abs(moves[one]).abs_upper(), reverse=True)
    names = [called[one] for one in largest_first if abs(moves[one]).abs_upper() > total.abs_upper() * SHARE]
    return Typed(total, tuple(dict.fromkeys(names)), dict(moves), dict(called))


def apart(left: Typed, right: Typed) -> Typed:
    """The sum for the difference of two values: what moves both alike does not bring them together."""
    moves = {one: left.moves.get(one, arb(0)) - right.moves.get(one, arb(0)) for one in {**left.moves, **right.moves}}
    return typed_of(moves, {**left.called, **right.called})


class TypedNumbers:
    """A program whose rounded literals are inputs, so that it can be differentiated by them."""

    def __init__(self, chain: Chain, inputs: Mapping[str, Any], unit: Any, deadline: Deadline | None) -> None:
        self.unit = unit
        tape = Tape(most=chain.tape.most)
        self.literals: dict[str, ConstantNumber] = {}
        for index, op in enumerate(chain.tape.ops[: chain.length]):
            if isinstance(op, ConstantNumber) and op.rounded:
                name = f"{LITERAL}{index}"
                self.literals[name] = op
                tape.append(Input(label=name))
                tape.inputs[name] = index
            else:
                tape.append(op)
        tape.inputs |= chain.tape.inputs
        tape.output = chain.output
        self.chain = differentiated(tape, chain.targets, chain.order, Source(""))
        self.emitter = Emitter(self.chain.tape, self.chain.targets)
        self.evaluator = BallEvaluator(self.chain.tape, deadline)
        self.given = inputs

    def size(self, positions: Positions) -> Typed | None:
        """The sum for the value, under (), or for a partial; None where it cannot be said."""
        tape = self.chain.tape
        named = {index: name for name, index in tape.inputs.items()}
        try:
            found = sweep(self.emitter, self.chain.partials[positions], list(named), Source(""))
        except GradcliError:
            return None
        bits = BITS
        while True:
            with precision(bits):
                typed = self._summed(found, named, positions)
            if (
                typed is None
                or typed.size.is_zero()
                or typed.size.rel_accuracy_bits() >= RESOLVED
                or 2 * bits > MAX_BITS
            ):
                return typed
            bits *= 2

    def _summed(self, found: Mapping[int, int], named: Mapping[int, str], positions: Positions) -> Typed | None:
        inputs = {name: BALLS.number(value) for name, value in self.given.items()}
        inputs |= {name: BALLS.number(op.value) for name, op in self.literals.items()}
        values = self.evaluator.run(inputs)
        moves: dict[Any, Any] = {}
        names_of: dict[Any, str] = {}
        for index, derivative in found.items():
            if is_ball(values[derivative]) and is_ball(values[index]):
                literal = self.literals.get(named[index])
                key = named[index] if literal is None else literal.value  # the same number typed twice is one number
                moves[key] = moves.get(key, arb(0)) + values[derivative] * values[index]
                names_of[key] = self._called(named[index])
        typed = typed_of(moves, names_of)
        total = typed.size
        wide = {name: value + arb(0, (abs(value) * self.unit).abs_upper()) for name, value in inputs.items()}
        over = self.evaluator.run(wide)[self.chain.partials[positions]]
        if is_ball(over) and over.is_finite() and over.rad() * LINEAR < total * self.unit:
            return None  # it changes its course within the rounding: the first order says nothing
        return typed

    def _called(self, name: str) -> str:
        op = self.literals.get(name)
        if op is None:
            return name
        return op.label if isinstance(op, NamedConstant) else repr(float(op.value))


def is_close(tape: Tape, values: Sequence[Enclosed], unit: Any) -> bool:
    """Whether some operation's value is so small beside its arguments that rounding them shows in it."""
    for op, value in zip(tape.ops, values):
        if not op.args or not is_ball(value) or value.is_zero():
            continue
        size = arb(1)
        for arg in op.args:
            if is_ball(values[arg]):
                size = size.max(values[arg].abs_upper())
        if value.abs_upper() <= size * unit * CLOSE_TO:
            return True
    return False


def contributions(chain: Chain, values: Sequence[Enclosed], prefix: Positions) -> dict[int, Any]:
    """By target, the sum of the absolute terms of the chain rule: what a partial's own size is compared with."""
    return chain.contributions([value if is_ball(value) else None for value in values], prefix)


def largest(values: Sequence[Enclosed]) -> Any:
    """The largest absolute value of any operation."""
    found = arb(0)
    for value in values:
        if is_ball(value) and value.is_finite():
            found = found.max(value.abs_upper())
    return found


def max_of(sizes: Iterable[Any]) -> Any:
    """The largest of some balls."""
    found = arb(0)
    for size in sizes:
        found = found.max(size)
    return found


def named(typed: Iterable[Typed | None]) -> str:
    """The typed numbers that some sums mostly come from, as words."""
    names = list(dict.fromkeys(name for one in typed if one is not None for name in one.names))
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "the typed numbers"
