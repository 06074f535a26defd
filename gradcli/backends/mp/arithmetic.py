"""Exact mathematics for the reference: real numbers at any precision, and nothing where there is no number.

A value that does not exist (1/0, log(-1), a branch point) is None, never an infinity or a complex number;
a value that is beyond computing ends the evaluation.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import mpmath
from mpmath.libmp import to_str

from gradcli.functions import table
from gradcli.functions.guards import GuardKind, GuardNumbers, sign
from gradcli.functions.row import Row
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.rules import applied, definition
from gradcli.tape.tape import Primitive, Tape

MAX_ARGUMENT_BITS = 5_000  # of an argument's size; the sine of 2**5000 needs that many bits of pi
LARGEST = 2**MAX_ARGUMENT_BITS  # the size of a result, in bits
UNFINISHED = "failed to converge"  # in mpmath's words: a ValueError that does not mean that there is no value

Value = Any  # an mpf, a truth value, or None where there is none

# These only combine their arguments and stay cheap however large those are.
_CHEAP = frozenset(("+", "-", "*", "/", "neg", "pos", "scale", "where", "detach"))


# Sums and differences of numbers are numbers: there is nothing to check. The second argument of a minus sign
# is the first one again.
_PLAIN: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "neg": lambda x, _: -x,
    "pos": lambda x, _: x,
    "detach": lambda x, _: x,
}


class GivenUp(Exception):
    """A value is too large to compute with, or its series did not converge."""


class Arithmetic:
    """An mpmath context of one's own, with the rows of the table as its operations."""

    def __init__(self, deadline: Deadline | None = None, in_plane: bool = False) -> None:
        self.in_plane = in_plane  # whether values may be complex
        self.m: Any = _context()
        self.deadline = deadline
        self._implementations: dict[str, Callable[..., Any]] = {}
        self._numbers: dict[tuple[Fraction, int], Any] = {}
        self.rules: Rules[Value] = Rules(lambda op: self.number(op.value), self._primitive)

    @property
    def bits(self) -> int:
        """The working precision."""
        return self.m.prec  # type: ignore[no-any-return]

    @bits.setter
    def bits(self, bits: int) -> None:
        self.m.prec = bits

    def number(self, value: Fraction) -> Any:
        """An exact value, rounded to the working precision."""
        key = (value, self.m.prec)
        if key not in self._numbers:
            self._numbers[key] = self.m.mpf(value.numerator) / value.denominator
        return self._numbers[key]

    def call(self, row: Row, args: Sequence[Value]) -> Value:
        """A row applied to values.

        Raises GivenUp where an argument or the result is beyond the limits.
        """
        if row.name == "where":
            return None if args[0] is None else args[1] if args[0] else args[2]
        if row is SCALE and args[0] is not None and not args[0]:
            return args[0]
        for arg in args:
            if arg is None:
                return None
        if row.name not in _CHEAP:
            for arg in args:
                if arg and not isinstance(arg, bool) and size_of(arg) > MAX_ARGUMENT_BITS:
                    raise GivenUp
        return self._checked(self._computed(row, args))

    def _computed(self, row: Row, args: Sequence[Any]) -> Any:
        """What mpmath says, None where there is no value. Raises GivenUp."""
        bits = self.m.prec
        try:
            return self._implementation(row)(*args)
        except TypeError as error:  # a row that takes real numbers only, or a special case that mpmath fails at
            raise GivenUp from error
        except (ZeroDivisionError, ValueError, self.m.ComplexResult) as error:
            if UNFINISHED in str(error):
                raise GivenUp from error
            return None
        except (OverflowError, MemoryError, self.m.NoConvergence) as error:
            raise GivenUp from error
        finally:
            if self.m.prec != bits:  # mpmath leaves the one that it was about to use where that is no double
                self.m.prec = bits

    def _checked(self, result: Any) -> Value:
        if type(result) is not self.m.mpf:
            if isinstance(result, bool) or result is None:
                return result
            if isinstance(result, self.m.mpc):
                if result.imag:
                    return result if self.in_plane and self.m.isfinite(result) else None
                result = result.real
            else:
                result = self.m.mpf(result)
        _, significand, exponent, bits = result._mpf_
        if not significand:
            return None if exponent else result  # infinite or not a number; or 0
        if not -LARGEST < exponent + bits < LARGEST:
            raise GivenUp
        return result

    def _implementation(self, row: Row) -> Callable[..., Any]:
        if row.name not in self._implementations:
            self._implementations[row.name] = self._resolve(row)
        return self._implementations[row.name]

    def _resolve(self, row: Row) -> Callable[..., Any]:
        if isinstance(row.mp, str):
            return getattr(self.m, row.mp)  # type: ignore[no-any-return]
        if row.mp is not None:
            function, m = row.mp, self.m
            return lambda *args: function(m, *args)
        template = definition(row.name)
        assert template is not None, f"the row of {row.name} has neither mp nor a definition"
        return lambda *args: applied(template, row, self.rules, args)

    def signs(self, row: Row, args: Sequence[Value]) -> list[int]:
        """On which side of each of its guards a row is."""
        if not row.guards or any(arg is None for arg in args):
            return []
        try:
            return [sign(guard) for guard in guard_numbers().values(row, args) if guard is not None]
        except (ZeroDivisionError, ValueError, OverflowError):
            return []

    def run(
        self,
        tape: Tape,
        inputs: Mapping[str, Value],
        end: int | None = None,
        shifts: Mapping[int, Any] | None = None,
        stopped: Mapping[int, Value] | None = None,
    ) -> list[Value]:
        """The value of every operation of a tape (up to `end`).

        The operations in `shifts` are moved by that much after they are computed; those in `stopped` have their
        value from outside.
        """

        def shifted(index: int, value: Value) -> Value:
            return value if value is None or index not in moves else value + moves[index]

        moves = shifts or {}
        after = shifted if shifts else None
        return interpret(tape, self.rules, inputs, end, stopped=stopped, after=after, deadline=self.deadline)

    def _primitive(self, op: Primitive, args: Sequence[Value]) -> Value:
        plain = _PLAIN.get(op.row.name)
        if plain is None:
            return self.call(op.row, args)
        x, y = args[0], args[-1]
        return None if x is None or y is None else plain(x, y)


def size_of(value: Any) -> int:
    """The exponent of a number's leading bit."""
    if hasattr(value, "_mpc_"):
        return max(size_of(value.real), size_of(value.imag))
    _, _, exponent, bits = value._mpf_
    return int(exponent + bits)


def real_part(value: Any, bits: int) -> Any:
    """The real part of a number whose imaginary part is nothing beside it, to so many bits; None of any other."""
    if not hasattr(value, "_mpc_"):
        return value
    return value.real if abs(value.imag) <= abs(value.real) * 2.0**-bits else None


_local = threading.local()


def _context() -> Any:
    """This thread's context: a precision set in one thread is no other's."""
    if not hasattr(_local, "context"):
        _local.context = mpmath.MPContext()
    return _local.context


def guard_numbers() -> GuardNumbers:
    """How this thread's numbers make guards."""
    if not hasattr(_local, "guards"):
        m = _context()
        _local.guards = GuardNumbers(
            {
                GuardKind.WHOLE: m.sinpi,
                GuardKind.HALF: m.cospi,
                GuardKind.SINE: m.sin,
                GuardKind.COSINE: m.cos,
                GuardKind.BRANCH: lambda z: m.e * z + 1,
                GuardKind.AMPLITUDE: lambda z: 1 - z[1] * m.sin(z[0]) ** 2,
            },
            m.isint,
        )
    found: GuardNumbers = _local.guards
    return found


DOUBLE_BITS = 80  # enough that the rounding to a double is the only one that shows


def double_function(name: str) -> Callable[..., float]:
    """A row as a function of doubles, for engines without an own version of it."""
    row = table.BY_NAME[name]

    def function(*args: float) -> float:
        arithmetic = Arithmetic()
        bits, arithmetic.bits = arithmetic.bits, DOUBLE_BITS
        try:
            value = arithmetic.call(row, [arithmetic.m.mpf(float(arg)) for arg in args])
        except GivenUp:
            value = None
        finally:
            arithmetic.bits = bits
        return float("nan") if value is None else float(value)

    return function


def decimals(value: Any, digits: int, strip_zeros: bool = True) -> str:
    """A number of mpmath's, or anything that holds one, with so many digits."""
    return str(to_str(value._mpf_, digits, strip_zeros=strip_zeros)) if value else "0"
