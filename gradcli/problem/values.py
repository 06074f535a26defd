"""The values that `--at` gives: exact first, then rounded once to the dtype."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Union

from gradcli.errors import GradcliError, LimitError, Span
from gradcli.language.nodes import Program
from gradcli.language.numbers import Dtype, fraction_of, rounded, scientific, to_float
from gradcli.language.point import STAGE, Given, not_finite
from gradcli.tape.arrays import Array, every
from gradcli.tape.interpret import NoRule, Rules, interpret, no_rule
from gradcli.tape.lower import lower_expression
from gradcli.tape.tape import ConstantTensor, Literal, NamedConstant, Primitive, Tape

MAX_POWER = 1_000  # a larger constant exponent is left to high-precision arithmetic
BITS = 400  # of that arithmetic: enough for one rounding to any dtype


MAX_OPERATIONS = 200_000  # on the numbers of a tensor that is computed
MAX_ENTRIES = 100_000  # of a tensor that is computed in high precision
FEW_ENTRIES = 1_000  # of a tensor that is computed by rational arithmetic

Value = Union[Fraction, Array]


def value_of(given: Given, dtype: Dtype) -> Value:
    """The number of the dtype nearest to an expression of constants, or the tensor of such numbers.

    Raises GradcliError where it is no finite number, or too large or too small for the dtype.
    """
    span = Span(given.source.text.index("=") + 1, len(given.source.text))
    if given.path is not None:
        from gradcli.language.files import read_array

        shape, data = read_array(given)
        return rounded_array(given.name, Array(shape, data), dtype, given, span)
    tape = lower_expression(given.value, Program((), given.source), dtype=dtype)
    output = tape.ops[tape.output]
    if isinstance(output, ConstantTensor):
        return output.data
    if tape.has_tensors:
        return _tensor(given, tape, dtype, span)
    exact = _exactly(tape)[tape.output]
    if exact is None:
        exact = _closely(tape, [tape.output])[0]
    if isinstance(exact, float):
        return number_of(exact)
    if exact is None:
        raise GradcliError(STAGE, f'the value of "{given.name}" is not a number', source=given.source, span=span)
    return to_dtype(given.name, exact, dtype, given, span)


def number_of(value: float) -> Value:
    """A double as a value; one that is not finite, as a tensor of rank 0."""
    return Fraction(value) if math.isfinite(value) else Array((), array("d", [value]))


def is_finite(value: Value) -> bool:
    """Whether there are finite numbers only in a value."""
    return isinstance(value, Fraction) or value.is_finite()


def _tensor(given: Given, tape: Tape, dtype: Dtype, span: Span) -> Value:
    """The entries of a tensor, written out and computed one by one."""
    from gradcli.tape.entry_rules import Entries

    shape = tape.ops[tape.output].shape
    count = math.prod(shape)
    if count > FEW_ENTRIES and dtype.name == "float64" and not tape.inputs:
        from gradcli.problem.many_values import by_balls, by_doubles

        found = by_doubles(tape, _exactly(tape))
        found = by_balls(tape) if found is None else found
        if found is not None:
            return Array(shape, found)
    if count > MAX_ENTRIES:
        raise LimitError(
            STAGE,
            f'"{given.name}" would be a computed tensor of {count:,} entries, and {MAX_ENTRIES:,} is the limit',
            source=given.source,
            span=span,
            hint="let the program compute it, or read it from a file: @file.npy",
        )
    simple = None if tape.inputs else _by_arrays(tape)
    if simple is not None:
        entries = [to_dtype(given.name, value, dtype, given, span) for value in simple.reshape(-1)]
        return Array(shape, array("d", map(to_float, entries))) if shape else entries[0]
    unroller = Entries(tape, dict.fromkeys(tape.inputs, Fraction(0)), tape.inputs, given.source)
    unroller.numbers.most = MAX_OPERATIONS
    places = [unroller.entry(tape.output, index) for index in every(shape)]
    values = _exactly(unroller.numbers)
    missing = [place for place in places if values[place] is None]
    for place, value in zip(missing, _closely(unroller.numbers, missing) if missing else ()):
        values[place] = value
    numbers: list[Fraction | float] = []
    for place, index in zip(places, every(shape)):
        exact = values[place]
        if exact is None:
            what = f"the entry {list(index)} of" if index else "the value of"
            raise GradcliError(STAGE, f'{what} "{given.name}" is not a number', source=given.source, span=span)
        numbers.append(exact if isinstance(exact, float) else to_dtype(given.name, exact, dtype, given, span))
    first = numbers[0]
    if not shape and isinstance(first, Fraction):
        return first
    return Array(shape, array("d", (one if isinstance(one, float) else to_float(one) for one in numbers)))


def _by_arrays(tape: Tape) -> Any:
    """The values by rational arithmetic on whole arrays; None where an operation is no such one."""
    import numpy as np

    def primitive(op: Primitive, args: Sequence[Any]) -> Any:
        if op.row.name not in _EXACT or (op.row.name == "/" and not np.all(args[1])):
            raise NoRule(op.row.name)
        return np.asarray(_EXACT[op.row.name](*args), dtype=object)

    def tensor(op: ConstantTensor) -> Any:
        exact = np.empty(len(op.data.data), dtype=object)
        exact[:] = [Fraction(number) for number in op.data.data]
        return exact.reshape(op.shape)

    def number(op: Literal | NamedConstant) -> Any:
        return np.array(op.value, dtype=object)

    try:
        return interpret(tape, Rules(number, primitive, tensor, no_rule))[tape.output]
    except NoRule:
        return None


def rounded_array(
    name: str, values: Array, dtype: Dtype, given: Given | None = None, span: Span | None = None
) -> Array:
    """Doubles rounded to the dtype; refused where one that is finite would become infinite or 0."""
    if dtype.name == "float64":
        return values
    entries = (
        to_float(to_dtype(name, Fraction(value), dtype, given, span)) if math.isfinite(value) else value
        for value in values.data
    )
    return Array(values.shape, array("d", entries))


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


def _exactly(tape: Tape) -> list[Fraction | float | None]:
    """The values by rational arithmetic; None where that does not do. What is not finite is a float."""
    return interpret(tape, _RATIONALS)


def _exact(op: Primitive, args: Sequence[Any]) -> Fraction | float | None:
    if None in args:
        return None
    if any(isinstance(arg, float) for arg in args):
        return _with_infinity(op.row.name, args)
    if op.row.name in _EXACT and not (op.row.name == "/" and args[1] == 0):
        return _EXACT[op.row.name](*args)
    if op.row.name == "**" and args[1].denominator == 1 and abs(args[1]) <= MAX_POWER and (args[0] or args[1] > 0):
        return Fraction(args[0] ** int(args[1]))
    return None


def _with_infinity(name: str, args: Sequence[Any]) -> Fraction | float | None:
    """Arithmetic with an operand that is not finite, as doubles have it; of other numbers the sign is enough."""
    if name not in _EXACT or (name == "/" and args[1] == 0):
        return None
    found = float(_EXACT[name](*(arg if isinstance(arg, float) else (arg > 0) - (arg < 0) for arg in args)))
    return Fraction(found) if math.isfinite(found) else found


_RATIONALS: Rules[Union[Fraction, float, None]] = Rules(
    lambda op: op.value,
    _exact,
    lambda op: None,
    lambda op, args: None,
    lambda op: not_finite(op.label.partition("[")[0]),
)


def _closely(tape: Tape, indices: Sequence[int]) -> list[Fraction | None]:
    """Some values by high-precision arithmetic."""
    from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp

    arithmetic = Arithmetic()
    arithmetic.bits = BITS
    try:
        values = arithmetic.run(tape, dict.fromkeys(tape.inputs))
    except GivenUp:
        return [None] * len(indices)
    return [_fraction(values[index]) for index in indices]


def _fraction(value: Any) -> Fraction | None:
    return None if value is None or isinstance(value, bool) else fraction_of(value)
