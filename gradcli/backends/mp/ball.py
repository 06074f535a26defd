"""A ball in plain Python: what stands for FLINT's `arb` where python-flint is not installed.

Its arithmetic and its elementary functions contain what they should; it has no special functions, for which a row of
the table is estimated. A method that it has not raises NotElementary.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gradcli.backends.mp import bounds, elementary, powers
from gradcli.backends.mp.bounds import ZERO
from gradcli.backends.mp.number import FAR, PlainNumber, ctx

MOST_FACTORIAL = 10_000


class NotElementary(AttributeError):
    """A function that these balls have not."""


class Ball(PlainNumber):
    """A midpoint and a radius; the names are those of FLINT's `arb`."""

    __slots__ = ()
    __hash__ = PlainNumber.__hash__

    def __getattr__(self, name: str) -> Any:
        raise NotElementary(name)

    # Arithmetic

    def __neg__(self) -> Any:
        return self.exactly(-self.man, self.exponent, self.radius)

    def __pos__(self) -> Any:
        return self.make(self.man, self.exponent, self.radius)

    def __abs__(self) -> Any:
        if not self.is_finite():
            return self
        if not self.radius[0] or bounds.compare(abs(self.man), self.exponent, *self.radius) >= 0:
            return self.exactly(abs(self.man), self.exponent, self.radius)
        return self.hull((0, 0), self.size())

    def __add__(self, other: Any) -> Any:
        y = other if type(other) is Ball else self.of(other)
        if y is None:
            return NotImplemented
        return self._plus(y.man, y.exponent, y.radius)

    def __sub__(self, other: Any) -> Any:
        y = other if type(other) is Ball else self.of(other)
        if y is None:
            return NotImplemented
        return self._plus(-y.man, y.exponent, y.radius)

    def _plus(self, n: int, f: int, radius: bounds.Size) -> Any:
        if self.radius[0] < 0 or radius[0] < 0:
            return self.nan()
        if self.radius[0] or radius[0]:
            radius = bounds.plus(self.radius, radius)
        m, e = self.man, self.exponent
        if not m or not n:
            return self.make(m or n, e if m else f, radius)
        gap = e - f
        if abs(gap) > 2 * ctx.prec + FAR:
            # The smaller one does not show: it is a part of the radius.
            if m.bit_length() + e < n.bit_length() + f:
                m, e, n, f = n, f, m, e
            return self.make(m, e, bounds.plus(radius, bounds.up(abs(n), f)))
        return self.make((m << gap) + n, f, radius) if gap > 0 else self.make(m + (n << -gap), e, radius)

    def __rsub__(self, other: Any) -> Any:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Any:
        y = other if type(other) is Ball else self.of(other)
        if y is None:
            return NotImplemented
        radius = ZERO
        if self.radius[0] or y.radius[0]:
            if self.radius[0] < 0 or y.radius[0] < 0:
                return self.nan()
            radius = bounds.times(bounds.up(abs(self.man), self.exponent), y.radius)
            radius = bounds.plus(radius, bounds.times(self.radius, y.size()))
        return self.make(self.man * y.man, self.exponent + y.exponent, radius)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Any:
        y = other if type(other) is Ball else self.of(other)
        if y is None:
            return NotImplemented
        if not self.is_finite() or not y.is_finite() or bounds.compare(abs(y.man), y.exponent, *y.radius) <= 0:
            return self.nan()
        if not self.man and not self.radius[0]:
            return self
        shift = max(0, ctx.prec + 4 + y.man.bit_length() - self.man.bit_length())
        quotient, rest = divmod(self.man << shift, y.man)
        exp = self.exponent - y.exponent - shift
        radius = ZERO
        if self.radius[0] or y.radius[0]:
            # x'/y' - x/y = ((x' - x) - (x/y)*(y' - y))/y'
            least = bounds.moved(abs(y.man), y.exponent, y.radius, -1, 2 * bounds.BITS)
            by_y = bounds.times(bounds.up(abs(quotient) + 1, exp), y.radius)
            radius = bounds.over(bounds.plus(self.radius, by_y), least)
        return self.make(quotient, exp, bounds.plus(radius, (1, exp)) if rest else radius)

    def __rtruediv__(self, other: Any) -> Any:
        x = self.of(other)
        return NotImplemented if x is None else x / self

    def __pow__(self, other: Any) -> Any:
        y = self.of(other)
        return NotImplemented if y is None else powers.power(self, y)

    def __rpow__(self, other: Any) -> Any:
        x = self.of(other)
        return NotImplemented if x is None else powers.power(x, self)

    # Bounds and sets

    def abs_lower(self) -> Any:
        """The least absolute value, exact."""
        return self.exactly(0, 0) if self.contains(0) else abs(self).lower()

    def abs_upper(self) -> Any:
        """The largest absolute value, exact."""
        return self.exactly(*self.size()) if self.radius[0] > 0 else abs(self)

    def union(self, other: Any) -> Any:
        """The smallest ball around two, roughly."""
        return self._between(self.of(other), min, max)

    def min(self, other: Any) -> Any:
        """The smaller one."""
        y = self.of(other)
        return self if self <= y else y if y <= self else self._between(y, min, min)

    def max(self, other: Any) -> Any:
        """The larger one."""
        y = self.of(other)
        return self if self >= y else y if y >= self else self._between(y, max, max)

    def _between(self, y: Any, lower: Callable[..., Any], upper: Callable[..., Any]) -> Any:
        if not self.is_finite() or not y.is_finite():
            return self.nan()
        (low, high), (first, last) = self._exact_ends(), y._exact_ends()
        start, stop = lower(low, first), upper(high, last)
        return self.hull((start.man, start.exponent), (stop.man, stop.exponent))

    def _exact_ends(self) -> tuple[Any, Any]:
        low, high = self.ends()
        return self.exactly(*low), self.exactly(*high)

    def contains_interior(self, other: Any) -> bool:
        """Whether another ball lies within this one, and touches neither end."""
        y = self.of(other)
        if not self.is_finite() or not y.is_finite():
            return False
        (low, high), (start, stop) = self._exact_ends(), y._exact_ends()
        return bool(low < start and stop < high)

    def intersection(self, other: Any) -> Any:
        """What two balls have in common.

        Raises ValueError where they have nothing.
        """
        y = self.of(other)
        if not self.is_finite() or not y.is_finite():
            return y if y.is_finite() else self
        if self != y:
            raise ValueError("the balls have nothing in common")
        return self._between(y, max, min)

    def nonnegative_part(self) -> Any:
        """What of it is not negative; 0 where nothing is."""
        if not self.is_finite() or self >= 0:
            return self
        (_, _), (man, exp) = self.ends()
        man, exp = bounds.up(max(man, 0), exp)
        return self.exactly(man, exp - 1, (man, exp - 1) if man else ZERO)

    def floor(self) -> Any:
        """The largest whole number that is not above."""
        return self._rounded(-1)

    def ceil(self) -> Any:
        """The smallest whole number that is not below."""
        return self._rounded(1)

    def _rounded(self, sign: int) -> Any:
        if not self.is_finite() or self.is_integer():
            return self
        low, high = ((man, exp) if exp >= 0 else (bounds.at_exponent(man, exp, 0, sign), 0) for man, exp in self.ends())
        return self.hull(low, high)

    # Functions

    @classmethod
    def pi(cls) -> Any:
        """The circle's circumference by its diameter."""
        return elementary.constant(cls, "pi")

    @classmethod
    def const_e(cls) -> Any:
        """The base of the natural logarithm."""
        return elementary.constant(cls, "e")

    @classmethod
    def const_euler(cls) -> Any:
        """Euler's constant."""
        return elementary.constant(cls, "euler")

    def fac(self) -> Any:
        """The factorial of a whole number."""
        number = self.unique_fmpz()
        if number is None or not self.is_exact() or not 0 <= number < MOST_FACTORIAL:
            raise NotElementary("fac")
        return self.make(math.factorial(number), 0, ZERO)

    exp = elementary.monotone("exp")
    expm1 = elementary.monotone("expm1")
    log = elementary.monotone("log")
    log1p = elementary.monotone("log1p")
    sqrt = elementary.monotone("sqrt")
    atan = elementary.monotone("atan")
    asin = elementary.monotone("asin")
    acos = elementary.monotone("acos")
    sinh = elementary.monotone("sinh")
    tanh = elementary.monotone("tanh")
    asinh = elementary.monotone("asinh")
    acosh = elementary.monotone("acosh")
    atanh = elementary.monotone("atanh")
    sin, cos, cosh = elementary.sin, elementary.cos, elementary.cosh
    tan, cot, sec, csc = elementary.tan, elementary.cot, elementary.sec, elementary.csc
    sech, csch, coth = elementary.sech, elementary.csch, elementary.coth
    sin_pi, cos_pi, tan_pi, cot_pi = elementary.sin_pi, elementary.cos_pi, elementary.tan_pi, elementary.cot_pi
    sinc_pi = elementary.sinc_pi
    atan2, root, log_base = elementary.atan2, powers.root, powers.log_base
