"""The arithmetic of germs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import Any

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.flint import arb, arb_series, ctx
from gradcli.backends.arb.germs.extent import ANYTHING, Extent
from gradcli.backends.arb.germs.germ import (
    Germ,
    Laurent,
    NeedsRoot,
    Outside,
    inverse_of_limit,
    product_of_limits,
    sum_of_limits,
)

TERMS = 14  # of a series
MAX_ROOT = 12  # order of a root of s that a series is in


class Germs:
    """The arithmetic of germs on a stretch of so much; `order` is that of the root of s that the series are in."""

    def __init__(self, reach: Any, order: int) -> None:
        self.order = order
        self.reach = reach
        self.stretch = arb(0).union(reach)

    def constant(self, value: Any) -> Germ:
        """A number: a ball of it, or itself."""
        exact = value if isinstance(value, Fraction) else None
        ball = value if exact is None else BALLS.number(exact)
        known = [ball] + [arb(0)] * (TERMS - 1)
        found = Germ(Laurent(0, known, known), Extent.of_ball(ball), True)
        found.exact = exact
        return found

    def line(self, start: Any, speed: Any) -> Germ:
        """What goes from a number at a speed, which is a number or a ball of them."""
        known = [start] + [arb(0)] * (TERMS - 1)
        known[self.order] = known[self.order] + speed
        wide = list(known)
        wide[: self.order + 1] = _moved(speed, self.order, self.stretch)
        wide[0] = wide[0] + start
        return self.of(Laurent(0, known, wide), joins=True)

    def of(self, series: Laurent, extent: Extent = ANYTHING, joins: bool = False) -> Germ:
        """A series, its first coefficient not 0; with what else is known of where its values lie."""
        power, here, wide = series
        first = 0
        while first < len(here) and here[first].is_zero():
            first += 1
        if first == len(here):
            if all(one.is_zero() for one in wide):
                return Germ(Laurent(0, here, wide), Extent(arb(0), arb(0)), joins)
            return Germ(None, extent, joins)
        series = Laurent(power + first, here[first:], wide[first:])
        return Germ(series, self._extent(series).within(extent), joins)

    def _extent(self, series: Laurent) -> Extent:
        power, _, wide = series
        if not wide[0].is_finite():
            return ANYTHING
        factor = Extent(arb(0), (self.reach ** abs(power)).upper(), True) if power else Extent.of_ball(arb(1), True)
        return (factor.inverse() if power < 0 else factor).times(Extent.of_ball(wide[0], not wide[0].contains(0)))

    # Arithmetic

    def negative(self, a: Germ) -> Germ:
        """The opposite."""
        series = a.series
        if series is not None:
            series = Laurent(series.power, [-x for x in series.here], [-x for x in series.wide])
        found = Germ(series, -a.extent, a.joins, None if a.tends is None else -a.tends, a.slow)
        found.rising = None if a.rising is None else -a.rising
        return found

    def sum(self, a: Germ, b: Germ) -> Germ:
        """A sum."""
        extent, joins = a.extent.plus(b.extent), a.joins and b.joins
        if a.series is None or b.series is None:
            found = Germ(None, extent, joins, sum_of_limits(a.limit, b.limit), a.is_slow and b.is_slow)
            found.rising = self.common_rise(a, b)
            return found
        power = min(a.series.power, b.series.power)
        first, second = self.raised(a.series, power), self.raised(b.series, power)
        here = [x + y for x, y in zip(first.here, second.here)]
        return self.of(Laurent(power, here, [x + y for x, y in zip(first.wide, second.wide)]), extent, joins)

    def raised(self, series: Laurent, power: int) -> Laurent:
        """The same over a lower power of s."""
        more = series.power - power
        if not more:
            return series
        factor = _moved(arb(1), more, self.stretch)
        length = min(len(series.wide) + more, TERMS)
        here = ([arb(0)] * more + series.here)[:length]
        return Laurent(power, here, product(factor, series.wide, length)[:length])

    def product(self, a: Germ, b: Germ) -> Germ:
        """A product."""
        extent, joins = a.extent.times(b.extent), a.joins and b.joins
        if a is b:
            extent = extent.within(Extent(arb(0), inf, a.extent.is_apart))
        if extent.sign == 0:
            return self.constant(arb(0))
        if a.series is None or b.series is None:
            return Germ(None, extent, joins, product_of_limits(a, b), a.is_slow and b.is_slow)
        length = min(len(a.series.here), len(b.series.here))
        return self.of(
            Laurent(
                a.series.power + b.series.power,
                product(a.series.here, b.series.here, length),
                product(a.series.wide, b.series.wide, length),
            ),
            extent,
            joins,
        )

    def inverse(self, a: Germ) -> Germ:
        """One by it."""
        if a.sign == 0:
            raise Outside
        series = a.series
        if series is not None and series.wide[0].contains(0):
            series = None
        extent = a.extent.inverse()
        if series is None:
            return Germ(None, extent, False, inverse_of_limit(a.limit))
        length = len(series.here)
        one = [arb(1)] + [arb(0)] * (length - 1)
        with terms(length):
            here, wide = ((arb_series(one) / arb_series(known)).coeffs() for known in (series.here, series.wide))
        return self.of(
            Laurent(-series.power, padded(here, length), padded(wide, length)), extent, a.joins and not series.power
        )

    def power(self, a: Germ, exponent: Fraction) -> Germ:
        """A power with an exponent that is known."""
        if exponent.denominator == 1:
            return self._whole(a, int(exponent))
        if a.sign == 0:
            if exponent < 0:
                raise Outside
            return a
        if a.sign == -1:
            raise Outside
        if a.extent.low < 0:
            return Germ(None, ANYTHING, False)
        extent = _power(a.extent, exponent)
        series, joins = a.series, a.joins and exponent > 0
        if series is None or not series.wide[0] > 0:
            return Germ(None, extent, joins)
        power = series.power * exponent
        if power.denominator > MAX_ROOT:
            return Germ(None, extent, joins)
        if power.denominator > 1:
            raise NeedsRoot(power.denominator)
        length = len(series.here)
        with terms(length):
            here, wide = (_root(arb_series(known), exponent).coeffs() for known in (series.here, series.wide))
        joins = joins or (a.joins and not series.power)
        return self.of(Laurent(int(power), padded(here, length), padded(wide, length)), extent, joins)

    def _whole(self, a: Germ, n: int) -> Germ:
        if n < 0:
            return self.inverse(self._whole(a, -n))
        found = self.constant(arb(1))
        for bit in bin(n)[2:]:
            found = self.product(found, found)
            if bit == "1":
                found = self.product(found, a)
        if n and n % 2 == 0:
            found.extent = found.extent.within(Extent(arb(0), inf, a.extent.is_apart))
        return found

    def rise(self, a: Germ) -> int | None:
        """The sign of how it changes with s."""
        if a.series is None:
            return a.rising
        power, here, wide = a.series
        steep = [[k * one for k, one in enumerate(known) if k] for known in (here, wide)]
        if not power:
            return self.of(Laurent(0, *steep)).sign
        more = padded(product([self.stretch, arb(1)], steep[1], len(wide)), len(wide))
        found = Laurent(
            power - 1, [(power + k) * x for k, x in enumerate(here)], [power * x + y for x, y in zip(wide, more)]
        )
        return self.of(found).sign

    def common_rise(self, a: Germ, b: Germ) -> int | None:
        """The sign of how a sum of two changes, or one of them: where both do so."""
        signs = {self.rise(a), self.rise(b)} - {0}
        return 0 if not signs else signs.pop() if len(signs) == 1 else None

    def regular(self, a: Germ) -> Laurent | None:
        """Its series as one without a power of s taken out; None where it has none."""
        return None if a.series is None or a.series.power < 0 else self.raised(a.series, 0)


class terms:  # noqa: N801
    """Power series of so many coefficients; what there was before is set again."""

    __slots__ = ("before", "length")

    def __init__(self, length: int) -> None:
        self.length = length

    def __enter__(self) -> None:
        self.before = ctx.cap
        ctx.cap = self.length

    def __exit__(self, *_: object) -> None:
        ctx.cap = self.before


def padded(known: Sequence[Any], length: int) -> list[Any]:
    """So many coefficients."""
    return [*known, *[arb(0)] * (length - len(known))][:length]


def product(a: Sequence[Any], b: Sequence[Any], length: int) -> list[Any]:
    """So many coefficients of a product."""
    with terms(length):
        return padded((arb_series(a[:length]) * arb_series(b[:length])).coeffs(), length)


def _moved(factor: Any, power: int, stretch: Any) -> list[Any]:
    """The coefficients of a factor times s**power, over the stretch."""
    with terms(power + 1):
        return [factor * one for one in padded((arb_series([stretch, arb(1)]) ** power).coeffs(), power + 1)]


def _root(series: Any, exponent: Fraction) -> Any:
    if exponent.denominator == 2 and exponent.numerator in (1, -1):
        return series.sqrt() if exponent > 0 else series.rsqrt()
    factor = arb(exponent.numerator) / exponent.denominator
    return (series.log() * arb_series([factor])).exp()


def _power(extent: Extent, exponent: Fraction) -> Extent:
    """Where powers of numbers lie that are not negative."""
    low, high = max(extent.low, arb(0)), extent.high
    if exponent < 0:
        return _power(Extent(low, high, True).inverse(), -exponent)
    factor = arb(exponent.numerator) / exponent.denominator
    ends = [end if isinstance(end, float) or end == 0 else end**factor for end in (low, high)]
    return Extent(
        ends[0] if isinstance(ends[0], float) else ends[0].lower(),
        ends[1] if isinstance(ends[1], float) else ends[1].upper(),
        extent.is_apart,
    )
