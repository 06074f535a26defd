"""Sparse polynomials with exact coefficients, their exponents any fractions: products, exact quotients, divisors.

A monomial is a tuple of pairs, the index of a base and its exponent, in the order of the indices; a polynomial maps
monomials to coefficients, which are integers or fractions. SymPy's own take ten times as long for some terms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, Optional, Union

Rational = Union[int, Fraction]
Monomial = tuple[tuple[int, Rational], ...]
Polynomial = dict[Monomial, Rational]
Dense = dict[tuple[int, ...], Rational]

PRIME = 2**31 - 1  # divisors are looked for modulo this
STEPS = 200  # of one division
MOST_DEGREE = 10_000  # of a polynomial that is written out in one variable
_VALUES = (1_000_003, 998_244_353, 754_974_721, 167_772_161, 469_762_049, 39_916_801)  # of variables that are held


class TooManyTerms(Exception):
    """There would be too many terms."""


def raised(first: Monomial, second: Monomial) -> Monomial:
    """The product of two monomials."""
    if not first or not second:
        return first or second
    powers = dict(first)
    for index, exponent in second:
        total = powers.get(index, 0) + exponent
        if total:
            powers[index] = total
        else:
            del powers[index]
    return tuple(sorted(powers.items()))


def add(target: Polynomial, monomial: Monomial, coefficient: Rational) -> None:
    """Add a term in place."""
    total = target.get(monomial, 0) + coefficient
    if total:
        target[monomial] = total
    else:
        target.pop(monomial, None)


def times(first: Mapping[Monomial, Rational], second: Mapping[Monomial, Rational], most: int) -> Polynomial:
    """The product of two polynomials.

    Raises TooManyTerms where it could have more than so many terms.
    """
    if len(first) * len(second) > most:
        raise TooManyTerms
    result: Polynomial = {}
    for one, a in first.items():
        for other, b in second.items():
            add(result, raised(one, other), a * b)
    return result


def whole(value: Rational) -> Rational:
    """An integer where a fraction is one."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def content(coefficients: Iterable[Rational]) -> Fraction:
    """The largest number by which all are whole multiples."""
    values = list(coefficients)
    above = math.gcd(*(value.numerator for value in values))
    return Fraction(above, math.lcm(*(value.denominator for value in values)))


class DenseLayout(NamedTuple):
    """The variables of some dense polynomials, what their exponents are multiplied by, and the monomials taken out."""

    indices: Sequence[int]
    scales: Sequence[int]
    lows: Sequence[Sequence[int]]

    def sparse(self, polynomial: Dense, low: Sequence[int]) -> Polynomial:
        """A dense polynomial times a monomial, sparse again."""
        result: Polynomial = {}
        for row, value in polynomial.items():
            pairs = zip(self.indices, row, low, self.scales)
            result[tuple([(i, whole(Fraction(a + b, s))) for i, a, b, s in pairs if a + b])] = value
        return result


def dense(*polynomials: Mapping[Monomial, Rational]) -> tuple[DenseLayout, list[Dense]]:
    """Polynomials with vectors of whole exponents, each divided by the highest monomial that divides it."""
    indices = sorted({index for one in polynomials for monomial in one for index, _ in monomial})
    scales = dict.fromkeys(indices, 1)
    for one in polynomials:
        for monomial in one:
            for index, exponent in monomial:
                if exponent.denominator != 1:
                    scales[index] = math.lcm(scales[index], exponent.denominator)
    found, lows = list[Dense](), list[list[int]]()
    for one in polynomials:
        rows = []
        for monomial, coefficient in one.items():
            powers = dict(monomial)
            rows.append((tuple([int(powers.get(i, 0) * scales[i]) for i in indices]), coefficient))
        low = [min(row[k] for row, _ in rows) for k in range(len(indices))]
        lows.append(low)
        found.append({tuple([a - b for a, b in zip(row, low)]): value for row, value in rows})
    return DenseLayout(indices, [scales[index] for index in indices], lows), found


def quotient(above: Dense, below: Dense) -> Optional[Dense]:
    """The exact quotient of two polynomials; None where it is none."""
    lead = max(below)
    factor = below[lead]
    others = [(monomial, value) for monomial, value in below.items() if monomial != lead]
    rest, result = dict(above), Dense()
    for _ in range(STEPS):
        if not rest:
            return result
        top = max(rest)
        step = tuple([a - b for a, b in zip(top, lead)])
        if min(step, default=0) < 0:
            return None
        value = rest.pop(top)
        value = whole(Fraction(value) / factor)
        result[step] = value
        for monomial, other in others:
            where = tuple([a + b for a, b in zip(step, monomial)])
            total = rest.get(where, 0) - value * other
            if total:
                rest[where] = total
            else:
                rest.pop(where, None)
    return None


def may_share(first: Dense, second: Dense) -> bool:
    """Whether two polynomials seem to have a common divisor: they have one modulo a prime, in some variable."""
    count = len(next(iter(first)))
    for main in range(count):
        if not any(row[main] for row in first) or not any(row[main] for row in second):
            continue
        if max(row[main] for one in (first, second) for row in one) > MOST_DEGREE:
            continue
        if _shares(_univariate(first, main), _univariate(second, main)):
            return True
    return False


def _univariate(polynomial: Dense, main: int) -> list[int]:
    """The coefficients by one variable modulo the prime, the others held; the highest last."""
    result = [0] * (max(row[main] for row in polynomial) + 1)
    for row, value in polynomial.items():
        held = value.numerator * pow(value.denominator, -1, PRIME) if value.denominator % PRIME else 1
        for index, exponent in enumerate(row):
            if index != main and exponent:
                held = held * pow(_VALUES[index % len(_VALUES)] + index, exponent, PRIME) % PRIME
        result[row[main]] = (result[row[main]] + held) % PRIME
    while result and not result[-1]:
        result.pop()
    return result


def _shares(first: list[int], second: list[int]) -> bool:
    """Whether two polynomials modulo the prime have a divisor, by Euclid's algorithm."""
    while len(second) > 1:
        inverse = pow(second[-1], -1, PRIME)
        first = first.copy()
        while len(first) >= len(second):
            scale = first[-1] * inverse % PRIME
            shift = len(first) - len(second)
            for index, value in enumerate(second):
                first[shift + index] = (first[shift + index] - scale * value) % PRIME
            while first and not first[-1]:
                first.pop()
        first, second = second, first
    return not second and len(first) > 1


def square_root(terms: Polynomial) -> Optional[tuple[int, Polynomial]]:
    """The sign and the root of a sum of three terms that is a square: x**2 - 2*x + 1; None where it is none."""
    squares = [(monomial, root) for monomial, value in terms.items() if (root := _root(monomial, value)) is not None]
    for position, (first, one) in enumerate(squares):
        for second, other in squares[position + 1 :]:
            sign = 1 if terms[first] > 0 else -1
            (middle,) = (monomial for monomial in terms if monomial not in (first, second))
            twice = 2 * one[1] * other[1]
            if terms[second] * sign > 0 and abs(terms[middle]) == twice and raised(one[0], other[0]) == middle:
                return sign, {one[0]: one[1], other[0]: other[1] * (1 if terms[middle] * sign > 0 else -1)}
    return None


def root_of(value: Rational) -> Optional[Rational]:
    """The square root of a number, None where it is no fraction."""
    above, below = math.isqrt(abs(value.numerator)), math.isqrt(value.denominator)
    is_square = value >= 0 and above**2 == value.numerator and below**2 == value.denominator
    return whole(Fraction(above, below)) if is_square else None


def _root(monomial: Monomial, value: Rational) -> Optional[tuple[Monomial, Rational]]:
    """The root of a term, but for its sign; None where it has none."""
    root = root_of(-value if value < 0 else value)
    if root is None or any(exponent % 2 for _, exponent in monomial):
        return None
    return tuple([(index, whole(Fraction(exponent) / 2)) for index, exponent in monomial]), root
