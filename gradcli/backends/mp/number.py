"""A midpoint-radius number in plain Python: arithmetic, comparisons, ends, under the names of FLINT's `arb`.

It contains every value that the exact operation takes on the numbers that its arguments contain (Moore's inclusion
property), as FLINT's does. The midpoint is a whole number by a power of two, in the working precision; the radius has
30 bits and is rounded up; a negative one says that nothing is known.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from fractions import Fraction
from numbers import Integral
from typing import Any

from mpmath.libmp import from_man_exp, round_nearest, to_float

from gradcli.backends.mp import bounds
from gradcli.backends.mp.bounds import ZERO, Size

EXACT = 2**63 - 1  # bits that an exact number is right to
FAR = 1_000_000  # bits between two numbers, beyond which their difference is not worked out in full


class PlainContext(threading.local):
    """The working precision of a thread."""

    prec = 53  # bits
    cap = 10  # terms of a series: there are none


ctx = PlainContext()


class Whole(int):
    """A whole number, with the roots that FLINT's have."""

    def root(self, n: int) -> Whole:
        """The n-th root of a number >= 0, rounded down (Newton's iteration from above)."""
        if n == 1 or self < 2:
            return self
        x = 1 << -(-self.bit_length() // n)
        while (y := ((n - 1) * x + self // x ** (n - 1)) // n) < x:
            x = y
        return Whole(x)


class PlainNumber:
    """The arithmetic of a ball; `Ball` adds functions."""

    __slots__ = ("exponent", "man", "radius")
    man: int
    exponent: int
    radius: Size

    def __init__(self, value: Any = 0, radius: Any = 0) -> None:
        found = self.of(value)
        if found is None:
            raise TypeError(f"no ball can be made of {type(value).__name__}")
        self.man, self.exponent, self.radius = found.man, found.exponent, found.radius
        around = self.of(radius)
        if found.is_finite() and (around is None or not around.is_finite()):
            self.radius = (-1, 0)
        elif found.is_finite() and around is not None and not around.is_zero():
            self.radius = bounds.plus(self.radius, around.size())

    @classmethod
    def make(cls, man: int, exp: int, radius: Size) -> Any:
        """A ball, its middle rounded to the working precision."""
        extra = man.bit_length() - ctx.prec
        if extra > 0:
            if man & ((1 << extra) - 1):
                radius = bounds.plus(radius, (1, exp + extra - 1))
                man += 1 << (extra - 1)
            man, exp = man >> extra, exp + extra
        return cls.exactly(man, exp, radius)

    @classmethod
    def exactly(cls, man: int, exp: int, radius: Size = ZERO) -> Any:
        """A ball as it is."""
        found = object.__new__(cls)
        found.man, found.exponent, found.radius = man, exp if man else 0, radius
        return found

    @classmethod
    def nan(cls) -> Any:
        """What nothing is known of."""
        return cls.exactly(0, 0, (-1, 0))

    @classmethod
    def of(cls, x: Any) -> Any:
        """A number of any type as a ball; None of anything else."""
        if isinstance(x, PlainNumber):
            return x
        if isinstance(x, Integral):
            return cls.exactly(int(x), 0)
        if isinstance(x, float):
            if not math.isfinite(x):
                return cls.nan()
            numerator, denominator = x.as_integer_ratio()
            return cls.exactly(numerator, 1 - denominator.bit_length())
        if isinstance(x, str):
            x = x.strip()
            return cls.nan() if x in ("nan", "inf", "-inf") else cls.of(Fraction(x))
        if isinstance(x, Fraction):
            if not x.denominator & (x.denominator - 1):
                return cls.make(x.numerator, 1 - x.denominator.bit_length(), ZERO)
            return cls.exactly(x.numerator, 0) / cls.exactly(x.denominator, 0)
        if hasattr(x, "_mpf_"):
            sign, man, exp, _ = x._mpf_
            return cls.nan() if not man and exp else cls.exactly(-int(man) if sign else int(man), int(exp))
        return None

    @classmethod
    def hull(cls, low: tuple[int, int], high: tuple[int, int]) -> Any:
        """The ball between two ends."""
        if low == high:
            return cls.make(*low, ZERO)
        (m, e), (n, f) = low, high
        tops = [man.bit_length() + exp for man, exp in (low, high) if man]
        least = [exp for man, exp in (low, high) if man]
        to = max(min(least), max(tops) - 2 * ctx.prec - 2 * bounds.ROOM)
        m, n = bounds.at_exponent(m, e, to, -1), bounds.at_exponent(n, f, to, 1)
        return cls.make(m + n, to - 1, bounds.up(n - m, to - 1))

    # What it is

    def is_finite(self) -> bool:
        """Whether anything is known of it."""
        return self.radius[0] >= 0

    def is_exact(self) -> bool:
        """Whether it is one number."""
        return not self.radius[0]

    def is_zero(self) -> bool:
        """Whether it is exactly 0."""
        return not self.man and not self.radius[0]

    def is_integer(self) -> bool:
        """Whether it is exactly a whole number."""
        return not self.radius[0] and (
            self.exponent >= 0 or not self.man & ((1 << min(-self.exponent, self._bits())) - 1)
        )

    def _bits(self) -> int:
        return self.man.bit_length() + 1  # with a bit more: of a number below 1 some bit is below the point

    def size(self) -> Size:
        """An upper bound of the absolute value."""
        return bounds.plus(bounds.up(abs(self.man), self.exponent), self.radius)

    def ends(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The lower and the upper end, rounded outward to the working precision."""
        man, exp, radius, bits = self.man, self.exponent, self.radius, ctx.prec
        return bounds.moved(man, exp, radius, -1, bits), bounds.moved(man, exp, radius, 1, bits)

    def mid(self) -> Any:
        """The middle, exact."""
        return self if not self.radius[0] else self.exactly(self.man, self.exponent) if self.is_finite() else self

    def rad(self) -> Any:
        """The radius, exact."""
        return self.exactly(*self.radius) if self.is_finite() else self

    def lower(self) -> Any:
        """The lower end, exact."""
        return self.exactly(*self.ends()[0]) if self.is_finite() else self

    def upper(self) -> Any:
        """The upper end, exact."""
        return self.exactly(*self.ends()[1]) if self.is_finite() else self

    @property
    def _mpf_(self) -> Any:
        """The middle, as mpmath has it."""
        return from_man_exp(self.man, self.exponent)

    def man_exp(self) -> tuple[Whole, Whole]:
        """The middle as an odd whole number and the exponent of a power of two."""
        zeros = (self.man & -self.man).bit_length() - 1 if self.man else 0
        return Whole(self.man >> zeros), Whole(self.exponent + zeros)

    def rel_accuracy_bits(self) -> int:
        """How many bits are right, roughly."""
        if not self.radius[0]:
            return EXACT
        if not self.man or not self.is_finite():
            return -EXACT
        return self.man.bit_length() + self.exponent - self.radius[0].bit_length() - self.radius[1] - 1

    def __float__(self) -> float:
        return float(to_float(self._mpf_, rnd=round_nearest)) if self.is_finite() else math.nan

    def __repr__(self) -> str:
        return f"[{float(self)!r} +/- {float(self.rad()):.3g}]" if self.is_finite() else "nan"

    def __hash__(self) -> int:
        return hash((self.man_exp(), self.radius))

    # Comparisons: they hold where they certainly do

    def _against(self, other: Any, holds: Callable[[int, int], bool]) -> Any:
        """A condition on the sign of the midpoints' difference, and on how that compares to the radii's sum."""
        y = self.of(other)
        if y is None:
            return NotImplemented
        if self.is_finite() and isinstance(other, float) and math.isinf(other):
            return holds(-1 if other > 0 else 1, 1)
        if not self.is_finite() or not y.is_finite():
            return False
        man, exp = bounds.difference(self.man, self.exponent, y.man, y.exponent, FAR)
        sign = (man > 0) - (man < 0)
        return holds(sign, bounds.compare(abs(man), exp, *bounds.plus(self.radius, y.radius)))

    def __lt__(self, other: Any) -> Any:
        return self._against(other, lambda sign, apart: sign < 0 and apart > 0)

    def __gt__(self, other: Any) -> Any:
        return self._against(other, lambda sign, apart: sign > 0 and apart > 0)

    def __le__(self, other: Any) -> Any:
        return self._against(other, lambda sign, apart: sign <= 0 and apart >= 0)

    def __ge__(self, other: Any) -> Any:
        return self._against(other, lambda sign, apart: sign >= 0 and apart >= 0)

    def __ne__(self, other: object) -> Any:
        return self._against(other, lambda sign, apart: apart > 0)

    def __eq__(self, other: object) -> Any:
        y = self.of(other)
        if y is None:
            return NotImplemented
        return self.is_exact() and y.is_exact() and self._against(y, lambda sign, apart: not sign)

    def contains(self, other: Any) -> bool:
        """Whether another ball is certainly inside."""
        y = self.of(other)
        if not self.is_finite():
            return True
        if not y.is_finite():
            return False
        if y.is_exact():
            return bool(self._against(y, lambda sign, apart: apart <= 0))
        man, exp = bounds.difference(self.man, self.exponent, y.man, y.exponent, FAR)
        return bounds.compare(*bounds.plus(bounds.up(abs(man), exp), y.radius), *self.radius) <= 0

    def contains_integer(self) -> bool:
        """Whether there may be a whole number in it."""
        if not self.is_finite():
            return True
        low, high = (self.exactly(*end) for end in self.ends())
        return bool(low.ceil() <= high.floor())

    def unique_fmpz(self) -> Whole | None:
        """The only whole number in it; None where there is none, or several."""
        if not self.is_finite():
            return None
        low, high = (self.exactly(*end) for end in self.ends())
        first = low.ceil()
        return Whole(first.man << first.exponent) if first.exponent < FAR and first == high.floor() else None
