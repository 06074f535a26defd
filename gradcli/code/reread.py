"""Programs of gradcli's own language read again, and evaluated in many digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.code.truth import Point
from gradcli.language.names import names_of
from gradcli.language.parser import parse
from gradcli.tape.lower import lower

BITS = 200


def evaluator(text: str, variables: Mapping[str, str]) -> Callable[[Point], list[float]]:
    """What gives the numbers that a program ends with, one or a list; `variables` by their names there."""
    program = parse(text, "the code")
    tape = lower(program, names_of(program, variables).variables, None, False)
    last = tape.ops[tape.output]
    outputs, end = (last.args, tape.output) if last.called == "[]" else ((tape.output,), None)

    def evaluate(point: Point) -> list[float]:
        arithmetic = Arithmetic()
        arithmetic.bits = BITS
        given = {own: point[name] for own, name in variables.items()}
        inputs = {own: arithmetic.number(one) for own, one in given.items() if isinstance(one, Fraction)}
        try:
            values = arithmetic.run(tape, inputs, end)
        except GivenUp:
            return [float("nan")] * len(outputs)
        return [float("nan") if values[one] is None else float(values[one]) for one in outputs]

    return evaluate
