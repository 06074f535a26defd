"""What the enclosure of a row is given beside its arguments: balls, and decisions that are proven or not made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from gradcli.backends.arb import flint
from gradcli.backends.arb.flint import acb, arb, ctx, fmpq, fmpz
from gradcli.functions import table


class Uncertain(Exception):
    """Balls are too wide to decide a comparison; more bits may decide it."""


class Balls:
    """The context that an enclosure (`Row.arb`) gets as its first argument.

    An enclosure takes balls, however wide, and gives a ball that contains every value that the function takes on them;
    None where the function certainly has no value there. Where the balls are too wide for either it raises Uncertain,
    or gives a ball that is not finite. All bits are the working precision's, `ctx.prec`.
    """

    arb = arb
    acb = acb
    flint = flint

    @property
    def bits(self) -> int:
        """The working precision, in bits."""
        return int(ctx.prec)

    @property
    def pi(self) -> Any:
        """The circle's circumference by its diameter."""
        return arb.pi()

    @property
    def e(self) -> Any:
        """The base of the natural logarithm."""
        return arb.const_e()

    @property
    def euler(self) -> Any:
        """Euler's constant."""
        return arb.const_euler()

    @staticmethod
    def number(value: Fraction | int) -> Any:
        """An exact value, enclosed."""
        if isinstance(value, int) or value.denominator == 1:
            return arb(fmpz(int(value)))
        numerator, denominator = value.numerator, value.denominator
        if not denominator & (denominator - 1):  # a power of two: the quotient is exact, however long
            with precision(max(numerator.bit_length(), 2)):
                return arb(fmpz(numerator)) * arb(2) ** (1 - denominator.bit_length())
        return arb(fmpq(numerator, denominator))

    @staticmethod
    def less(x: Any, y: Any) -> bool:
        """Whether x < y. Raises Uncertain."""
        if x < y:
            return True
        if x >= y:
            return False
        raise Uncertain

    @staticmethod
    def whole(x: Any) -> int | None:
        """The whole number that x exactly is; None where x certainly is none. Raises Uncertain."""
        if x.is_integer():
            return int(x.unique_fmpz())
        if not x.contains_integer():
            return None
        raise Uncertain

    @staticmethod
    def real(z: Any) -> Any:
        """The real part of a complex ball."""
        return z.real

    @staticmethod
    def hull(x: Any, y: Any) -> Any:
        """A ball that contains both."""
        return x.union(y)

    @staticmethod
    def midpoint(x: Any) -> Any:
        """The middle of a ball, exact."""
        return x.mid()

    @contextmanager
    def extra(self, bits: int) -> Iterator[None]:
        """So many bits more."""
        with precision(self.bits + bits):
            yield


BALLS = Balls()


class _Unknown:
    """What stands for a value of which nothing is known."""


UNKNOWN = _Unknown()
Enclosed = Any  # a ball, a truth value, None, or UNKNOWN


def is_ball(value: Enclosed) -> bool:
    """Whether a value is a ball."""
    return type(value) is arb


def number_of(value: Fraction, label: str | None) -> Any:
    """A number of a tape; a constant that stands with its full value has as many digits as are asked for."""
    if label is not None:
        constant = table.constant(label)
        if constant is not None and constant.value == value:
            return {"pi": BALLS.pi, "tau": 2 * BALLS.pi, "e": BALLS.e}[constant.name]
    return BALLS.number(value)


class precision:  # noqa: N801
    """Balls of so many bits; the precision that was there before is set again."""

    __slots__ = ("before", "bits")

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before = ctx.prec
        ctx.prec = self.bits

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.before
