"""A program over one denominator: sums of quotients as one quotient, where poles cancel that each of them has.

1/x - 1/sin(x) has no value at 0, and no series term by term; (sin(x) - x)/(x*sin(x)) is one quotient whose parts vanish
together.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from gradcli.tape.dependence import depends
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import Rules, copied, interpret
from gradcli.tape.tape import Op, Primitive, Tape

MAX_POWER = 8  # of a quotient that is written out
_ONE = Fraction(1)


class OpenQuotient(NamedTuple):
    """An operation as a quotient of two on the new tape; the lower one may be left out."""

    above: int
    below: int | None = None


def over_one_denominator(tape: Tape) -> Tape | None:
    """The same function with its quotients put together; None where there are no two of them."""
    active = depends(tape, list(tape.inputs.values()))
    is_needed = sum(_is_quotient(tape, op, active) for op in tape.ops) > 1
    return _QuotientTape(tape, active).made() if is_needed else None


def _is_quotient(tape: Tape, op: Op, active: bytearray) -> bool:
    exponent = tape.literal_exponent(op)
    return (op.called == "/" and bool(active[op.args[1]])) or (exponent is not None and exponent < 0)


class _QuotientTape:
    """Writes the operations of a tape on another one, with quotients left open as long as there is arithmetic."""

    def __init__(self, tape: Tape, active: bytearray) -> None:
        self.tape, self.active = tape, active
        self.new = Tape(most=tape.most)
        self.found: list[OpenQuotient] = []

    def made(self) -> Tape:
        """The new tape."""
        plain = copied(self.new)
        rules = Rules[OpenQuotient](
            lambda op: OpenQuotient(plain.number(op)), self._called, lambda op: OpenQuotient(plain.tensor(op)),
            lambda op, args: OpenQuotient(plain.custom(op, [self._closed(one) for one in args])),
            lambda op: OpenQuotient(plain.input(op)),
        )  # fmt: skip
        interpret(self.tape, rules, values=self.found)
        self.new.inputs = {name: self.found[index].above for name, index in self.tape.inputs.items()}
        self.new.output = self._closed(self.found[self.tape.output])
        return self.new

    def _called(self, op: Primitive, args: list[OpenQuotient]) -> OpenQuotient:
        name = op.row.name
        call = self.new.call
        if name == "neg":
            return OpenQuotient(call("neg", (args[0].above,)), args[0].below)
        if name in ("+", "-") and any(one.below is not None for one in args):
            (a, b), (c, d) = args
            crossed = (a if d is None else call("*", (a, d)), c if b is None else call("*", (c, b)))
            return OpenQuotient(call(name, crossed), self._product(b, d))
        if name == "*" or op.row is SCALE:
            (a, b), (c, d) = args
            return OpenQuotient(call("*", (a, c)), self._product(b, d))
        if name == "/" and self.active[op.args[1]]:
            (a, b), (c, d) = args
            return OpenQuotient(a if d is None else call("*", (a, d)), c if b is None else call("*", (b, c)))
        exponent = self.tape.literal_exponent(op)
        if exponent is not None and exponent.denominator == 1 and 0 < abs(exponent) <= MAX_POWER:
            return self._power(args[0], int(exponent))
        plain = copied(self.new)
        return OpenQuotient(plain.primitive(op, [self._closed(one) for one in args]))

    def _power(self, one: OpenQuotient, n: int) -> OpenQuotient:
        if n > 0 and one.below is None:
            return OpenQuotient(self._raised(one.above, n))
        above, below = one if n > 0 else (one.below, one.above)
        unit = self.new.number(_ONE) if above is None else self._raised(above, abs(n))
        return OpenQuotient(unit, None if below is None else self._raised(below, abs(n)))

    def _raised(self, index: int, n: int) -> int:
        return index if n == 1 else self.new.call("**", (index, self.new.number(_ONE * n)))

    def _product(self, a: int | None, b: int | None) -> int | None:
        return b if a is None else a if b is None else self.new.call("*", (a, b))

    def _closed(self, one: OpenQuotient) -> int:
        return one.above if one.below is None else self.new.call("/", (one.above, one.below))
