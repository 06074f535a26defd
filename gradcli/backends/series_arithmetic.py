"""The arithmetic of truncated power series: sums, products, whole powers, and quotients, of what vanishes, too."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Generic, TypeVar

from gradcli.backends.arb.context import Enclosed
from gradcli.functions.row import Row
from gradcli.tape.emit import SCALE
from gradcli.tape.tape import Literal, NamedConstant

C = TypeVar("C")

MAX_VALUATION = 64  # powers of t that two series which vanish at the point are divided by
MAX_POWER = 10_000  # of a whole power by squaring; a larger one by its rule


class NoSeries(Exception):
    """There is no series here: why, at what operation, and whether it may be for want of bits (`undecided`)."""

    def __init__(self, reason: str, operation: str = "", undecided: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.operation, self.undecided = reason, operation, undecided


class SeriesJet(Generic[C]):
    """An operation and its series: the coefficients that are known so far, or a truth value."""

    __slots__ = ("args", "is_constant", "key", "known", "op", "truth")

    def __init__(self, key: int, op: Any, args: tuple[SeriesJet[C], ...], is_constant: bool) -> None:
        self.key, self.op, self.args, self.is_constant = key, op, args, is_constant
        self.known: list[C] = []
        self.truth: bool | None = None


class SeriesArithmetic(ABC, Generic[C]):
    """What is done with coefficients, whatever they are.

    holes   the quotients whose parts vanish together, and the power of t that they have in common
    """

    holes: dict[int, int]
    _wide: bool

    # What the coefficients are

    @abstractmethod
    def exact(self, op: Literal | NamedConstant) -> C:
        """A number of a tape."""

    @abstractmethod
    def ball(self, value: C) -> Enclosed:
        """A coefficient as a ball."""

    @abstractmethod
    def constant(self, row: Row, args: Sequence[C], enclosed: Enclosed) -> C:
        """The value of a row at coefficients; its enclosure is known. Raises NoSeries where it cannot be given."""

    @abstractmethod
    def product(self, a: list[C], b: list[C], length: int) -> list[C]:
        """So many coefficients of a product."""

    @abstractmethod
    def quotient(self, a: list[C], b: list[C], length: int) -> list[C]:
        """So many coefficients of a quotient whose denominator does not vanish."""

    @abstractmethod
    def _upto(self, jet: SeriesJet[C], length: int) -> list[C]:
        """So many coefficients of an operation. Raises NoSeries."""

    @abstractmethod
    def vanishes(self, jet: SeriesJet[C], index: int) -> bool:
        """Whether a coefficient that may be 0 is so, by its closed form: exp(1) - exp(1)."""

    def _zero(self) -> C:
        return self.exact(Literal(Fraction(0)))

    def _padded(self, known: list[C], length: int) -> list[C]:
        return (known + [self._zero()] * (length - len(known)))[:length]

    def _arithmetic(self, name: str, args: Sequence[SeriesJet[C]], length: int) -> list[C] | None:
        if name not in ("+", "-", "neg", "*", "scale", "**"):
            return None
        a = self._upto(args[0], length)
        if name == "neg":
            return [-x for x in a]  # type: ignore[operator]
        b = self._upto(args[1], length)
        if name == "**":
            return self._power(args, a, length)
        if name in ("*", SCALE.name):
            return self.product(a, b, length)
        return [x + y if name == "+" else x - y for x, y in zip(a, b)]  # type: ignore[operator]

    def _power(self, args: Sequence[SeriesJet[C]], a: list[C], length: int) -> list[C] | None:
        """A whole power, by squaring; None for another one."""
        if not args[1].is_constant:
            return None
        exponent = self.ball(self._upto(args[1], 1)[0])
        if not exponent.is_integer() or abs(exponent) > MAX_POWER:
            return None
        n = int(exponent.unique_fmpz())
        result = self._padded([self.exact(Literal(Fraction(1)))], length)
        for bit in bin(abs(n))[2:]:
            result = self.product(result, result, length)
            if bit == "1":
                result = self.product(result, a, length)
        if n >= 0:
            return result
        if self.ball(a[0]).contains(0):
            raise NoSeries("a pole", "**", undecided=not self.ball(a[0]).is_zero())
        return self.quotient(self._padded([self.exact(Literal(Fraction(1)))], length), result, length)

    def _divided(self, jet: SeriesJet[C], length: int) -> list[C]:
        above, below = jet.args
        shift = self.holes.get(jet.key, 0)
        while not self._wide:
            first = self.ball(self._upto(below, shift + 1)[shift])
            if not first.is_zero() and not self.vanishes(below, shift):
                break
            if shift == MAX_VALUATION or below.is_constant:
                raise NoSeries("it divides by zero", "/")
            missing = self.ball(self._upto(above, shift + 1)[shift])
            if not missing.is_zero() and not self.vanishes(above, shift):
                raise NoSeries("a pole", "/", undecided=bool(missing.contains(0)))
            shift += 1
        if shift and not self._wide:
            self.holes[jet.key] = shift
        a, b = self._upto(above, length + shift)[shift:], self._upto(below, length + shift)[shift:]
        if self.ball(b[0]).contains(0):
            raise NoSeries("it may divide by zero", "/", undecided=True)
        return self.quotient(a, b, length)
