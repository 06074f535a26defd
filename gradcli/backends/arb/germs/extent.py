"""Where the values on an open stretch lie: between two ends, which may be infinite, and whether one of them may be 0.

A ball has no infinite end, and does not know that it leaves 0 out. Beside a nonsmooth point a value is often both:
1/sqrt(x) right of 0 is any number above the one at the other end.
"""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

from gradcli.backends.arb.flint import arb


class Extent(NamedTuple):
    """All values are from `low` to `high`, balls that are exact, or infinite floats; with `nonzero` none is 0."""

    low: Any
    high: Any
    nonzero: bool = False

    @staticmethod
    def of_ball(value: Any, nonzero: bool = False) -> Extent:
        """What a ball holds."""
        if value.is_exact():
            return Extent(value, value, nonzero)
        return Extent(value.lower(), value.upper(), nonzero) if value.is_finite() else ANYTHING

    @property
    def sign(self) -> int | None:
        """The sign of all values; None where they have not one."""
        if self.low > 0 or (self.nonzero and self.low >= 0):
            return 1
        if self.high < 0 or (self.nonzero and self.high <= 0):
            return -1
        return 0 if self.low == 0 == self.high else None

    @property
    def is_apart(self) -> bool:
        """Whether none is 0."""
        return self.nonzero or bool(self.low > 0) or bool(self.high < 0)

    @property
    def is_finite(self) -> bool:
        """Whether both ends are."""
        return bool(self.low != -inf and self.high != inf)

    @property
    def ball(self) -> Any:
        """A ball around all values, which are finite ones."""
        return self.low if self.low is self.high else self.low.union(self.high)

    def within(self, other: Extent) -> Extent:
        """What is in both, both of which hold all values."""
        return Extent(max(self.low, other.low), min(self.high, other.high), self.is_apart or other.is_apart)

    def around(self, other: Extent) -> Extent:
        """What is in one of them."""
        return Extent(min(self.low, other.low), max(self.high, other.high), self.is_apart and other.is_apart)

    def __neg__(self) -> Extent:
        return Extent(-self.high, -self.low, self.nonzero)

    def plus(self, other: Extent) -> Extent:
        """What sums are in."""
        low = -inf if -inf in (self.low, other.low) else _added(self.low, other.low, False)
        high = inf if inf in (self.high, other.high) else _added(self.high, other.high, True)
        above = (self.sign == 1 and other.low >= 0) or (other.sign == 1 and self.low >= 0)
        below = (self.sign == -1 and other.high <= 0) or (other.sign == -1 and self.high <= 0)
        return Extent(low, high, bool(above or below))

    def times(self, other: Extent) -> Extent:
        """What products are in."""
        pairs = [(a, b) for a in self[:2] for b in other[:2]]
        low = min((_times(a, b, False) for a, b in pairs))
        high = max((_times(a, b, True) for a, b in pairs))
        return Extent(low, high, self.is_apart and other.is_apart)

    def inverse(self) -> Extent:
        """One by each."""
        sign = self.sign
        if sign not in (-1, 1):
            return Extent(-inf, inf, True)
        if sign < 0:
            return -(-self).inverse()
        low = arb(0) if self.high == inf else (1 / self.high).lower()
        return Extent(low, inf if self.low == 0 else (1 / self.low).upper(), True)

    def magnitude(self) -> Extent:
        """Their absolute values."""
        if self.low >= 0:
            return self
        if self.high <= 0:
            return -self
        return Extent(arb(0), max(-self.low, self.high), self.nonzero)


ANYTHING = Extent(-inf, inf)


def _added(a: Any, b: Any, up: bool) -> Any:
    if isinstance(a, float) or isinstance(b, float):
        return inf if up else -inf
    total = a + b
    return total if total.is_exact() else total.upper() if up else total.lower()


def _times(a: Any, b: Any, up: bool) -> Any:
    """A product of ends; of 0 and an infinite one it is 0, as that of numbers near them can be, and no other sign."""
    if a == 0 or b == 0:
        return arb(0)
    if isinstance(a, float) or isinstance(b, float):
        return inf if (a > 0) == (b > 0) else -inf
    found = a * b
    return found if found.is_exact() else found.upper() if up else found.lower()
