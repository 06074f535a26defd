"""Germs: what a quantity is on an open stretch beside a point, 0 < s <= h, as s**power times a power series.

The series has its coefficients at the point, and over all of the stretch: those of u(s)/s are those of u, one place on
(Taylor's theorem with the integral remainder). So what vanishes or grows together cancels exactly, 1/x - 1/sin(x) as
well as sqrt(x**2 + y**2)/x along a line; and where a series ends (log(s), exp(-1/s)), the extent of the values is left.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import Any, NamedTuple

from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.germs.extent import Extent


class NeedsRoot(Exception):
    """A series in s has a root of s: one in the root of that order has none."""

    def __init__(self, order: int) -> None:
        super().__init__(order)
        self.order = order


class Outside(Exception):
    """There is certainly no value on the stretch."""


class Laurent(NamedTuple):
    """A series: s**power times what has these coefficients, at the point and over the stretch."""

    power: int
    here: list[Any]
    wide: list[Any]


class Germ:
    """A quantity beside a point: its series where it has one, and the extent of its values.

    joins  whether its value at the point is the limit of these
    tends  without a series: what it tends to, a ball or an infinite float; None where that is not told
    slow   without a series: whether any power of s makes it tend to 0, as log(s)
    rising without a series: the sign of how it changes with s, where that is known
    exact  the rational number that it is, where it is one
    """

    __slots__ = ("exact", "extent", "joins", "rising", "series", "slow", "tends")

    def __init__(
        self, series: Laurent | None, extent: Extent, joins: bool, tends: Any = None, slow: bool = False
    ) -> None:
        self.series, self.extent, self.joins, self.tends, self.slow = series, extent, joins, tends, slow
        self.exact: Fraction | None = None
        self.rising: int | None = None

    @property
    def sign(self) -> int | None:
        """That of all its values."""
        return self.extent.sign

    @property
    def limit(self) -> Any:
        """What it tends to at the point: a ball, an infinite float, or None where that is not told."""
        if self.sign == 0:
            return arb(0)
        if self.series is None:
            return self.tends
        power, here, _ = self.series
        if power > 0:
            return arb(0)
        if not power:
            return here[0]
        return None if here[0].contains(0) else inf if here[0] > 0 else -inf

    @property
    def is_slow(self) -> bool:
        """Whether a power of s makes it tend to 0."""
        return self.slow if self.series is None else self.series.power >= 0


def sum_of_limits(a: Any, b: Any) -> Any:
    """What a sum tends to whose parts tend to these; None where that is not told."""
    if a is None or b is None or (isinstance(a, float) and isinstance(b, float) and a != b):
        return None
    return a if isinstance(a, float) else b if isinstance(b, float) else a + b


def product_of_limits(a: Germ, b: Germ) -> Any:
    """The same of a product."""
    for one, other in ((a, b), (b, a)):
        if one.series is not None and one.series.power > 0 and other.is_slow:
            return arb(0)
    x, y = a.limit, b.limit
    if x is None or y is None:
        return None
    if not isinstance(x, float) and not isinstance(y, float):
        return x * y
    if any(not isinstance(one, float) and one.contains(0) for one in (x, y)):
        return None
    return inf if (x > 0) == (y > 0) else -inf


def inverse_of_limit(limit: Any) -> Any:
    """The same of one by something."""
    if limit is None or isinstance(limit, float):
        return None if limit is None else arb(0)
    return None if limit.contains(0) else 1 / limit
