"""The values that `--at` gives: exact first, then rounded once to the dtype."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from gradcli.engines.lower import lower_expression
from gradcli.engines.tape import Tape
from gradcli.errors import GradcliError, Span
from gradcli.language.nodes import Program
from gradcli.language.numbers import Dtype, rounded, scientific
from gradcli.language.point import STAGE, Given

MAX_POWER = 1_000  # a larger constant exponent is left to high-precision arithmetic
BITS = 400  # of that arithmetic: enough for one rounding to any dtype


def value_of(given: Given, dtype: Dtype) -> Fraction:
    """The number of the dtype nearest to an expression of constants.

    Raises GradcliError where it is no finite number, or too large or too small for the dtype.
    """
    tape = lower_expression(given.value, Program((), given.source))
    exact = _exactly(tape)
    if exact is None:
        exact = _closely(tape)
    start = given.source.text.index("=") + 1
    span = Span(start, len(given.source.text))
    if exact is None:
        raise GradcliError(STAGE, f'the value of "{given.name}" is no number', source=given.source, span=span)
    return to_dtype(given.name, exact, dtype, given, span)


def to_dtype(
    name: str, exact: Fraction, dtype: Dtype, given: Given | None = None, span: Span | None = None
) -> Fraction:
    """An exact value rounded to the dtype; refused where it would become infinite or 0."""
    near = rounded(exact, dtype)
    if near is None or (near == 0 and exact != 0):
        bound = Fraction(2) ** (dtype.largest if near is None else dtype.smallest)
        size, side = ("large", "below") if near is None else ("small", "at least")
        raise GradcliError(
            STAGE,
            f'the value of "{name}" is too {size} for {dtype.name}',
            source=given.source if given else None,
            span=span,
            expected=f"an absolute value {side} {scientific(bound, 3)}",
        )
    return near


_EXACT: Mapping[str, Callable[..., Fraction]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "neg": lambda x: -x,
    "pos": lambda x: x,
}


def _exactly(tape: Tape) -> Fraction | None:
    """The value by rational arithmetic; None where that does not do."""
    values: list[Fraction] = []
    for op in tape.ops:
        args = [values[arg] for arg in op.args]
        if op.value is not None:
            values.append(op.value)
        elif op.row is None:
            return None
        elif op.row.name in _EXACT and not (op.row.name == "/" and args[1] == 0):
            values.append(_EXACT[op.row.name](*args))
        elif (
            op.row.name == "**" and args[1].denominator == 1 and abs(args[1]) <= MAX_POWER and (args[0] or args[1] > 0)
        ):
            values.append(args[0] ** int(args[1]))
        else:
            return None
    return values[tape.output]


def _closely(tape: Tape) -> Fraction | None:
    """The value by high-precision arithmetic."""
    from gradcli.engines.arithmetic import Arithmetic, GivenUp

    arithmetic = Arithmetic()
    arithmetic.bits = BITS
    try:
        value = arithmetic.run(tape, {})[tape.output]
    except GivenUp:
        return None
    if value is None or isinstance(value, bool):
        return None
    sign, significand, exponent, _ = value._mpf_
    return Fraction(int(significand)) * Fraction(2) ** int(exponent) * (-1 if sign else 1)
