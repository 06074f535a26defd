"""Writing derivative operations onto a tape: equal ones once, and neutral ones not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction

from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.tape import Custom, Literal, NamedConstant, Primitive, Tape

# The product of an adjoint and a local derivative. Unlike in `*`, an adjoint of 0 wins over a local derivative
# that does not exist: nothing flows back through a branch that was not taken.
SCALE = Row(
    "scale",
    "adjoint, local",
    "the product in the chain rule",
    derivative=("local", "adjoint"),
    sympy=lambda s, x, y: s.Mul(x, y),
    mp=lambda m, x, y: x if not x else x * y,
)

MAX_FOLDED_BITS = 2_000  # numbers are folded while they are shorter than this


class Emitter:
    """Appends operations to a tape.

    held   operations that something is differentiated by: they are themselves, and stand for nothing that has
           the same value or is computed in the same way
    """

    def __init__(self, tape: Tape, held: Collection[int] = ()) -> None:
        self.tape = tape
        self.held = frozenset(held)
        self.known: dict[tuple[str, tuple[int, ...]], int] = {}
        self.numbers: dict[Fraction, int] = {}
        self.rules: Rules[int] = Rules(
            self._known_number, lambda op, args: self.call(op.row, tuple(args)), custom=self._custom
        )
        for index, op in enumerate(tape.ops):
            if index in self.held:
                continue
            if isinstance(op, Primitive) and op.row.name not in ("detach", "diff"):
                self.known.setdefault((op.row.name, op.args), index)
            elif isinstance(op, Literal):
                self.numbers.setdefault(op.value, index)

    def number(self, value: Fraction) -> int:
        """The index of a number."""
        if value not in self.numbers:
            self.numbers[value] = self.tape.number(value)
        return self.numbers[value]

    def value(self, index: int) -> Fraction | None:
        """The number that stands at an index, if it is one."""
        op = self.tape.ops[index]
        return op.value if isinstance(op, Literal) and index not in self.held else None

    def call(self, row: Row, args: tuple[int, ...]) -> int:
        """The index of a row's call, simplified where one argument is 0 or 1 or all are numbers."""
        simplify = SIMPLER.get(row.name)
        if simplify is not None:
            simpler = simplify(self, *args)
            if simpler is not None:
                return simpler
        key = (row.name, args)
        if key not in self.known:
            self.known[key] = self.tape.append(Primitive(row=row, args=args))
        return self.known[key]

    def scale(self, adjoint: int, local: int) -> int:
        """The product of an adjoint and a local derivative."""
        return self.call(SCALE, (adjoint, local))

    def add(self, first: int, second: int) -> int:
        """The sum of two contributions."""
        return self.call(table.BY_NAME["+"], (first, second))

    def template(self, template: Tape, inputs: Mapping[str, int]) -> int:
        """Write out a rule with these values for its parameters."""
        return interpret(template, self.rules, inputs)[template.output]

    def _known_number(self, op: Literal | NamedConstant) -> int:
        return self.number(op.value) if isinstance(op, Literal) else self.constant(op)

    def _custom(self, op: Custom, args: Sequence[int]) -> int:
        return self.tape.append(Custom(op.vjp, tuple(args)))

    def constant(self, op: NamedConstant) -> int:
        """The index of a named constant."""
        key = (f"constant {op.label}", ())
        if key not in self.known:
            self.known[key] = self.tape.append(NamedConstant(op.value, label=op.label))
        return self.known[key]


def _fold(value: Fraction) -> Fraction | None:
    """A folded number, unless it has grown too long."""
    return value if value.numerator.bit_length() + value.denominator.bit_length() <= MAX_FOLDED_BITS else None


def _folded(emitter: Emitter, x: int, y: int, operate: Callable[[Fraction, Fraction], Fraction]) -> int | None:
    a, b = emitter.value(x), emitter.value(y)
    if a is None or b is None:
        return None
    value = _fold(operate(a, b))
    return None if value is None else emitter.number(value)


def _add(emitter: Emitter, x: int, y: int) -> int | None:
    if emitter.value(x) == 0:
        return y
    if emitter.value(y) == 0:
        return x
    return _folded(emitter, x, y, lambda a, b: a + b)


def _subtract(emitter: Emitter, x: int, y: int) -> int | None:
    if emitter.value(y) == 0:
        return x
    if emitter.value(x) == 0:
        return emitter.call(table.BY_NAME["neg"], (y,))
    return _folded(emitter, x, y, lambda a, b: a - b)


def _multiply(emitter: Emitter, x: int, y: int) -> int | None:
    for one, other in ((x, y), (y, x)):
        value = emitter.value(one)
        if value == 0:
            return one
        if value == 1:
            return other
        if value == -1:
            return emitter.call(table.BY_NAME["neg"], (other,))
    return _folded(emitter, x, y, lambda a, b: a * b)


def _divide(emitter: Emitter, x: int, y: int) -> int | None:
    if emitter.value(y) == 1 or (emitter.value(x) == 0 and emitter.value(y) != 0):
        return x
    if emitter.value(y) == 0:
        return None
    return _folded(emitter, x, y, lambda a, b: a / b)


def _power(emitter: Emitter, x: int, y: int) -> int | None:
    exponent = emitter.value(y)
    if exponent == 1:
        return x
    if exponent == 0:
        return emitter.number(Fraction(1))
    base = emitter.value(x)
    if base and exponent is not None and exponent.denominator == 1 and abs(exponent) <= 64:
        value = _fold(base ** int(exponent))
        return None if value is None else emitter.number(value)
    return None


def _negate(emitter: Emitter, x: int) -> int | None:
    value = emitter.value(x)
    if value is not None:
        return emitter.number(-value)
    op = emitter.tape.ops[x]
    return op.args[0] if op.called == "neg" else None


def _branch(emitter: Emitter, condition: int, a: int, b: int) -> int | None:
    return a if a == b else None


SIMPLER: dict[str, Callable[..., int | None]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "scale": _multiply,
    "/": _divide,
    "**": _power,
    "neg": _negate,
    "where": _branch,
}
