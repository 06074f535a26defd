"""Numbers in closed form: sums of products of powers of roots, exponentials and values of functions at exact numbers.

exp(1)/6, 3*sqrt(2)/4, log(2) - 1/2. Each is a Laurent polynomial over the rational numbers in things that have a name;
a root is a prime with a broken exponent, exp(2) is exp(1) with the exponent 2. What is equal is mostly written the
same, but it need not be. What is no such number, or a long one, raises NoSeries.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Union

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.flint import arb
from gradcli.backends.series_arithmetic import NoSeries
from gradcli.language.nodes import Node
from gradcli.language.printer import unparse
from gradcli.language.trees import call, number, power, product, total

MAX_TERMS = 12  # of a sum: a longer one is no form that anybody reads
MAX_PRIME = 1_000  # up to which numbers are factored
MAX_ROOT = 12  # the highest one that is written
MAX_DENOMINATOR = 1_000  # of an exponent of e
E = "exp(1)"  # whose powers are exp(2), exp(1/2), ...
HALF = Fraction(1, 2)
NO_FORM = "it has no closed form"

Powers = tuple[tuple["NamedValue", Fraction], ...]


class NamedValue:
    """A positive prime number, exp(1), or the value of a function; equal where they are written the same."""

    __slots__ = ("ball", "name", "prime", "tree")

    def __init__(self, tree: Node, ball: Any, prime: int = 0) -> None:
        self.tree, self.name, self.ball, self.prime = tree, unparse(tree), ball, prime

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NamedValue) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def to_power(self, exponent: Fraction) -> Any:
        """The power as a ball."""
        if self.name == E:
            return BALLS.number(exponent).exp()
        return self.ball ** (int(exponent) if exponent.denominator == 1 else BALLS.number(exponent))


class ClosedForm:
    """A number in closed form, `terms` by the powers of what has a name."""

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Powers, Fraction]) -> None:
        self.terms = {powers: factor for powers, factor in terms.items() if factor}
        if len(self.terms) > MAX_TERMS:
            raise NoSeries(NO_FORM)

    @staticmethod
    def of(value: Union[Fraction, int]) -> ClosedForm:
        """A rational number."""
        return ClosedForm({(): Fraction(value)})

    @staticmethod
    def named(tree: Node, ball: Any) -> ClosedForm:
        """The value of a function, as it is written."""
        return ClosedForm({((NamedValue(tree, ball), Fraction(1)),): Fraction(1)})

    @staticmethod
    def exponential(value: Fraction) -> ClosedForm:
        """The exponential of a rational number, which is no double that stands for a decimal number."""
        if value.denominator > MAX_DENOMINATOR:
            raise NoSeries(NO_FORM)
        return ClosedForm({((NamedValue(call("exp", number(1)), None), value),) if value else (): Fraction(1)})

    @property
    def rational(self) -> Fraction | None:
        """The number where it is rational."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(()) if len(self.terms) == 1 else None

    @property
    def ball(self) -> Any:
        """The number as a ball, at the working precision."""
        found = arb(0)
        for powers, factor in self.terms.items():
            term = BALLS.number(factor)
            for one, exponent in powers:
                term *= one.to_power(exponent)
            found += term
        return found

    def __neg__(self) -> ClosedForm:
        return ClosedForm({powers: -factor for powers, factor in self.terms.items()})

    def __add__(self, other: ClosedForm) -> ClosedForm:
        found = dict(self.terms)
        for powers, factor in other.terms.items():
            found[powers] = found.get(powers, Fraction(0)) + factor
        return ClosedForm(found)

    def __sub__(self, other: ClosedForm) -> ClosedForm:
        return self + -other

    def __mul__(self, other: Union[ClosedForm, Fraction, int]) -> ClosedForm:
        if not isinstance(other, ClosedForm):
            other = ClosedForm.of(other)
        found: dict[Powers, Fraction] = {}
        for a, x in self.terms.items():
            for b, y in other.terms.items():
                powers, factor = _product(a, b)
                found[powers] = found.get(powers, Fraction(0)) + factor * x * y
        return ClosedForm(found)

    def __truediv__(self, other: Union[ClosedForm, int]) -> ClosedForm:
        if not isinstance(other, ClosedForm):
            return self * Fraction(1, other)
        return self * other.to_power(Fraction(-1))

    def to_power(self, exponent: Fraction) -> ClosedForm:
        """A power. Raises NoSeries where that is not a number of this kind."""
        if exponent.denominator > MAX_ROOT:
            raise NoSeries(NO_FORM)
        if exponent.denominator == 1 and 0 <= exponent <= MAX_TERMS:
            found = ClosedForm.of(1)
            for _ in range(int(exponent)):
                found = found * self
            return found
        if len(self.terms) == 1:
            ((powers, factor),) = self.terms.items()
            if exponent.denominator > 1 and (factor < 0 or any(not _is_positive(one) for one, _ in powers)):
                raise NoSeries(NO_FORM)
            root = _root(factor, exponent)
            return root * ClosedForm({tuple((one, power * exponent) for one, power in powers): Fraction(1)})
        if exponent != -1 or not self.terms:
            raise NoSeries(NO_FORM)
        return ClosedForm({((NamedValue(self.tree(), self.ball), Fraction(-1)),): Fraction(1)})

    def tree(self) -> Node:
        """The number as it is written in the language: first what is added."""
        found = sorted(self.terms.items(), key=lambda item: (item[1] < 0, not item[0], _name(item[0])))
        return total((-1 if factor < 0 else 1, _term(powers, abs(factor))) for powers, factor in found)


def _is_positive(one: NamedValue) -> bool:
    return bool(one.name == E or one.ball > 0)


def _product(a: Powers, b: Powers) -> tuple[Powers, Fraction]:
    """The powers of a product, and the rational factor that whole powers of primes give."""
    found: dict[NamedValue, Fraction] = dict(a)
    for one, exponent in b:
        found[one] = found.get(one, Fraction(0)) + exponent
    factor = Fraction(1)
    for one, exponent in list(found.items()):
        if one.prime:
            whole = exponent.__floor__()
            factor *= Fraction(one.prime) ** whole
            found[one] = exponent - whole
    kept = ((one, exponent) for one, exponent in found.items() if exponent)
    return tuple(sorted(kept, key=lambda item: item[0].name)), factor


def _root(value: Fraction, exponent: Fraction) -> ClosedForm:
    """A power of a rational number, its primes apart."""
    found = ClosedForm.of(1)
    for whole, sign in ((value.numerator, 1), (value.denominator, -1)):
        left = abs(whole)
        for prime in range(2, MAX_PRIME):
            count = 0
            while left % prime == 0:
                left, count = left // prime, count + 1
            if count:
                found = found * _of_prime(prime, sign * count * exponent)
            if left == 1:
                break
        if left > 1:
            if exponent.denominator > 1 and left > MAX_PRIME**2:
                raise NoSeries(NO_FORM)
            found = found * _of_prime(left, sign * exponent)
    return -found if value < 0 and exponent % 2 == 1 else found


def _of_prime(prime: int, exponent: Fraction) -> ClosedForm:
    powers, factor = _product(((NamedValue(number(prime), arb(prime), prime), exponent),), ())
    return ClosedForm({powers: factor})


def _name(powers: Powers) -> str:
    return " ".join(one.name for one, _ in powers)


def _term(powers: Powers, factor: Fraction) -> Node:
    """A product without its sign."""
    above: list[Node] = [number(factor.numerator)]
    below: list[Node] = [number(factor.denominator)]
    roots: dict[Fraction, int] = {}
    for one, exponent in powers:
        if one.prime:
            roots[exponent] = roots.get(exponent, 1) * one.prime
    for exponent, base in sorted(roots.items()):
        above.append(call("sqrt", number(base)) if exponent == HALF else power(number(base), number(exponent)))
    for one, exponent in powers:
        if one.name == E:
            above.append(call("exp", number(exponent)))
        elif not one.prime:
            (above if exponent > 0 else below).append(power(one.tree, number(abs(exponent))))
    return product(above, below)
