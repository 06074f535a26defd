"""Products in which functions of the table, or of a double angle, are recognized."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from typing import Any

import sympy

from gradcli.backends.symbolic.build import number
from gradcli.backends.symbolic.fast.assemble import power, product
from gradcli.backends.symbolic.opaque import opaque
from gradcli.backends.symbolic.short.monomials import Product, multiplied, raise_to
from gradcli.backends.symbolic.short.products import Products
from gradcli.backends.symbolic.short.sparse import (
    Monomial,
    Polynomial,
    Rational,
    TooManyTerms,
    add,
    raised,
    root_of,
    square_root,
    times,
    whole,
)
from gradcli.backends.symbolic.short.squares import CIRCULAR, reduced

MAX_CONJUGATE = 4  # terms of a sum with the root of a number in it
MAX_FACTORS = 2  # terms of a product of sums that is multiplied out: (1 - x)*(1 + x)

# The partner of a function, of the same argument, their quotient, and the other quotient.
_PARTNERS: Mapping[Any, tuple[Any, Any, Any]] = {
    sympy.sin: (sympy.cos, sympy.tan, sympy.cot),
    sympy.sinh: (sympy.cosh, sympy.tanh, sympy.coth),
}


def recognized(products: Products, one: Product) -> Product:
    """A product with shorter functions in the place of some."""
    found = _Recognition(products, one)
    for index in one.powers:
        base = products.bases[index]
        if index in products.sums:
            found.sum(index)
        elif index in products.exponents:
            found.normal(index)
        elif type(base) is sympy.sign:
            found.sign(index)
    for index in list(found.powers):
        if type(products.bases[index]) in _PARTNERS:
            found.circular(index)
    found.multiply_out()
    found.conjugates()
    if not found.is_changed:
        return one
    return Product(whole(found.coefficient), {i: e for i, e in found.powers.items() if e})


def may_vanish(products: Products, terms: Polynomial) -> bool:
    """Whether a sum of powers and exponentials of symbols has terms of both signs, which may cancel."""
    if len({value > 0 for value in terms.values()}) < 2:
        return False
    return all(
        exponent.denominator == 1
        and (index in products.exponents or getattr(products.bases[index], "is_Symbol", False))
        for row in terms
        for index, exponent in row
    )


def double_angles(products: Products, terms: Polynomial) -> Polynomial:
    """A sum with functions of double angles for cos² - sin² and 2*sin*cos, times anything; hyperbolic ones, too."""
    for sine in sorted({i for monomial in terms for i, _ in monomial if type(products.bases[i]) in _PARTNERS}):
        base = products.bases[sine]
        terms = _doubled(products, terms, sine, products.index(_PARTNERS[type(base)][0](base.args[0])))
    return terms


def _doubled(products: Products, terms: Polynomial, sine: int, cosine: int) -> Polynomial:
    """A sum with functions of the double of one angle."""
    kind, angle = type(products.bases[sine]), product((sympy.Integer(2), products.bases[sine].args[0]))
    opposite = -1 if kind is sympy.sin else 1  # cos² - sin², cosh² + sinh²
    result: Polynomial = {}
    mixed: Polynomial = {}  # sin*cos, times these
    for monomial, value in terms.items():
        powers = dict(monomial)
        kinds = powers.pop(sine, 0), powers.pop(cosine, 0)
        rest = tuple(powers.items())
        other = terms.get(raised(rest, ((cosine if kinds[0] else sine, 2),))) if set(kinds) == {0, 2} else None
        if kinds == (1, 1):
            mixed[rest] = value
        elif other is None or other != opposite * value:
            add(result, monomial, value)
        elif kinds[1]:
            double = products.index(_PARTNERS[kind][0](angle))
            add(result, raised(rest, ((double, 1),)), value)
    if not mixed or (len(result) + len(mixed) == len(terms) and any(value % 2 for value in mixed.values())):
        return terms if len(result) + len(mixed) == len(terms) else result | _times(mixed, ((sine, 1), (cosine, 1)))
    double = products.index(kind(angle))
    return result | _times({rest: whole(Fraction(value) / 2) for rest, value in mixed.items()}, ((double, 1),))


def _times(terms: Polynomial, monomial: Monomial) -> Polynomial:
    return {raised(one, monomial): value for one, value in terms.items()}


class _Recognition:
    """One product on its way to a shorter one."""

    def __init__(self, products: Products, one: Product) -> None:
        self.products = products
        self.one = one
        self.coefficient: Rational = one.coefficient
        self.powers: dict[int, Rational] = dict(one.powers)

    @property
    def is_changed(self) -> bool:
        return self.powers != self.one.powers or self.coefficient != self.one.coefficient

    def _times(self, base: Any, exponent: Rational) -> None:
        index = self.products.index(base)
        self.powers[index] = self.powers.get(index, 0) + whole(exponent)

    def circular(self, index: int) -> None:
        """sin/cos is tan, cos/sin is cot, and sin*cos is half the sine of the double angle."""
        base = self.products.bases[index]
        angle = base.args[0]
        kind, quotient, inverse = _PARTNERS[type(base)]
        other = self.products.index(kind(angle))
        exponent, partner = self.powers[index], self.powers.get(other, 0)
        if not partner or abs(exponent) != abs(partner) or exponent.denominator != 1:
            return
        self.powers[index] = self.powers[other] = 0
        if exponent == partner:
            self._times(type(base)(product((sympy.Integer(2), angle))), exponent)
            self.coefficient *= Fraction(1, 2) ** int(exponent)
        else:
            self._times((quotient if exponent > 0 else inverse)(angle), max(exponent, partner))

    def sign(self, index: int) -> None:
        """sign(x)/abs(x) is 1/x, and sign(x)*abs(x) is x."""
        argument = self.products.bases[index].args[0]
        size = self.products.index(sympy.Abs(argument))
        exponent = self.powers.get(size, 0)
        if self.powers[index] == 1 and exponent.denominator == 1 and exponent % 2:
            self.powers[index] = self.powers[size] = 0
            self.powers = dict(multiplied([Product(1, self.powers), self._raised(argument, int(exponent))]).powers)

    def _raised(self, argument: Any, exponent: int) -> Product:
        return raise_to(self.products.of(argument), exponent)

    def sum(self, index: int) -> None:
        """1/(1 + exp(-x)) is sigmoid(x), exp(-x)/(1 + exp(-x)) is sigmoid(-x); cos² - sin² is of the double angle."""
        terms = self.products.sums[index]
        if len(terms) == 3 and self.powers[index].denominator == 1 and (root := square_root(terms)) is not None:
            sign, inner = root
            found = raise_to(self.products.registered(inner, True), 2 * int(self.powers[index]))
            self.coefficient *= found.coefficient * Fraction(sign) ** int(self.powers[index])
            self.powers[index] = 0
            self.powers = dict(multiplied([Product(1, self.powers), Product(1, found.powers)]).powers)
        if len(terms) != 2:
            return
        if () in terms and terms[()] == 1 and self.powers[index] < 0:
            self._sigmoid(index, next(monomial for monomial in terms if monomial))
        if len(terms) == 2 and self.powers[index].denominator == 1:
            self._double(index, terms)

    def _sigmoid(self, index: int, monomial: tuple[tuple[int, Rational], ...]) -> None:
        (base, exponent), *others = monomial
        if others or self.products.sums[index][monomial] != 1 or base not in self.products.exponents:
            return
        count = -self.powers[index]
        above = Fraction(self.powers.get(base, 0)) / exponent
        if count.denominator != 1 or above.denominator != 1 or not 0 <= above <= count:
            return
        self.powers[index] = self.powers[base] = 0
        for sign, times_ in ((1, above), (-1, count - above)):
            if times_:
                argument = self.products.exponent(base, exponent * sign)
                self._times(opaque("sigmoid")(argument), times_)

    def _double(self, index: int, terms: Polynomial) -> None:
        squares = {
            monomial[0][0]: value for monomial, value in terms.items() if len(monomial) == 1 and monomial[0][1] == 2
        }
        if len(squares) + (() in terms) != 2:
            return
        for one, value in squares.items():
            base = self.products.bases[one]
            if type(base) not in CIRCULAR:
                continue
            kind, (partner, side) = type(base), CIRCULAR[type(base)]
            other = squares.get(self.products.index(partner(base.args[0])))
            constant = 2 * terms.get((), 0) * (-1 if kind is sympy.sinh else 1)
            exponent = int(self.powers[index])
            if other == side * value or (other is None and constant == -value):
                # cos² - sin², 1 - 2*sin², 2*cos² - 1, cosh² + sinh², 1 + 2*sinh², 2*cosh² - 1
                double = sympy.cosh if kind in (sympy.sinh, sympy.cosh) else sympy.cos
                angle, count = product((sympy.Integer(2), base.args[0])), 1
                factor = Fraction(value) * (-1 if kind is sympy.sin else 1) / (1 if other is not None else 2)
            elif other is None and constant == -2 * value:  # 1 - cos², 1 - sin², 1 + sinh², cosh² - 1
                double, angle, count = partner, base.args[0], 2
                factor = Fraction(value) * (1 if kind in (sympy.sinh, sympy.cosh) else -1)
            else:
                continue
            self.powers[index] = 0
            self._times(double(angle), count * exponent)
            self.coefficient *= factor**exponent
            return

    def normal(self, index: int) -> None:
        """exp(-x**2/2)/sqrt(2*pi) is npdf(x)."""
        pi, two = self.products.index(sympy.pi), self.products.index(sympy.Integer(2))
        if self.powers.get(pi) != Fraction(-1, 2) or self.powers[index] >= 0:
            return
        count = root_of(-2 * self.powers[index])
        factors = [factor.as_base_exp() for factor in sympy.Mul.make_args(self.products.exponents[index])]
        if count is None or not all(exponent.is_Integer for _, exponent in factors):
            return
        if any(exponent % 2 and not self._has_root(base) for base, exponent in factors):
            return  # where the root itself is not in the formula, it may not exist
        self.powers[index] = self.powers[pi] = 0
        argument = product((number(count), *(power(base, exponent / 2) for base, exponent in factors)))
        self._times(opaque("npdf")(argument, 0, 1), 1)
        is_twice = self.powers.get(two) == Fraction(1, 2)
        self.powers[two] = 0 if is_twice else Fraction(1, 2)
        self.coefficient *= 2 if is_twice else 1

    def _has_root(self, base: Any) -> bool:
        return self.powers.get(self.products.index(base), 0).denominator != 1

    def conjugates(self) -> None:
        """(x + 1 + sqrt(2))*(x + 1 - sqrt(2)) is x**2 + 2*x - 1."""
        sums = [i for i, e in self.powers.items() if i in self.products.sums and e and self._has_root_of_number(i)]
        for first, second in combinations(sums, 2):
            exponent = self.powers[first]
            if exponent != self.powers[second] or exponent.denominator != 1:
                continue
            try:
                found = self.products.sum([Product(1, {first: 1, second: 1})])
            except TooManyTerms:
                continue
            whole_ = [index for index in found.powers if index in self.products.sums]
            if len(whole_) == 1 and not self._has_root_of_number(whole_[0]):
                self.powers[first] = self.powers[second] = 0
                raised_ = raise_to(found, int(exponent))
                self.coefficient *= raised_.coefficient
                self.powers = dict(multiplied([Product(1, self.powers), Product(1, raised_.powers)]).powers)
                return

    def _has_root_of_number(self, index: int) -> bool:
        terms = self.products.sums[index]
        return len(terms) <= MAX_CONJUGATE and any(
            self.products.bases[i] is not None and self.products.bases[i].is_Integer for row in terms for i, _ in row
        )

    def _loses_digits(self, factors: Iterable[int], whole_: Polynomial) -> bool:
        """Whether a product that was typed as one has fewer digits than a factor that is small: a**2 - b**2."""
        if not self.products.is_factored or len(whole_) < 2:
            return False
        return any(
            self.powers[factor] > 0 and may_vanish(self.products, self.products.sums[factor]) for factor in factors
        )

    def multiply_out(self) -> None:
        """(1 - x)*(1 + x) is 1 - x**2, (1 - sin(x))*(1 + sin(x)) is cos(x)**2."""
        sums = [i for i, e in self.powers.items() if i in self.products.sums and e and len(self.products.sums[i]) == 2]
        for position, first in enumerate(sums):
            for second in sums[position + 1 :]:
                if self.powers[first] == self.powers[second] and self.powers[first].denominator == 1:
                    try:
                        terms = times(self.products.sums[first], self.products.sums[second], MAX_FACTORS**2)
                    except TooManyTerms:
                        continue
                    whole_ = reduced(self.products, terms)
                    if len(whole_) <= MAX_FACTORS and not self._loses_digits((first, second), whole_):
                        exponent = int(self.powers[first])
                        self.powers[first] = self.powers[second] = 0
                        found = multiplied([Product(1, self.powers), raise_to(self.products.single(whole_), exponent)])
                        self.coefficient *= found.coefficient
                        self.powers = dict(found.powers)
                        return
