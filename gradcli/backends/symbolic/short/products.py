"""Formulas as products of powers: each sum in one is over its common denominator, in lowest terms.

A base is a symbol, a function, or a sum; of an exponential it is the exponential of what its argument is a multiple
of. Sums that were typed keep their form, those that come out of others are multiplied out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sympy

from gradcli.backends.symbolic.opaque import opaque
from gradcli.backends.symbolic.short import roots
from gradcli.backends.symbolic.short.bases import TANGENTS, Bases
from gradcli.backends.symbolic.short.known_numbers import NOTHING_KNOWN, KnownNumbers
from gradcli.backends.symbolic.short.lowest import without_divisor
from gradcli.backends.symbolic.short.monomials import MAX_TERMS, ZERO, Product, exactly, is_short, multiplied, raise_to
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
from gradcli.backends.symbolic.short.squares import reduced, without_partners, without_square

MAX_PRODUCTS = 400  # of terms, on the way to it
MAX_POWER = 6  # of a sum that is multiplied out
CUBE = 3


class ProductReading(NamedTuple):
    """How a formula is read.

    tangents  whether they stay; else they are quotients of sines and cosines
    roots     whether squares are taken out of roots, and roots of quotients parted
    whole     whether sums that are raised to powers stay whole: (x - m)**2 - s**2 has no x**2 then
    """

    tangents: bool = True
    roots: bool = False
    whole: bool = False


PLAIN = ProductReading()


class Products(Bases):
    """Makes products of SymPy's expressions; the bases are numbered as they come.

    How they are read, `reading`, is one of several ways.
    """

    def __init__(self, reading: ProductReading = PLAIN, typed: KnownNumbers = NOTHING_KNOWN) -> None:
        super().__init__(typed)
        self.reading = reading
        self.tangents = reading.tangents
        self.has_sums = False
        self.has_powers = False  # to what is not a number
        self.is_factored = False  # whether the formula was a product as it came
        self._made: dict[Any, Product] = {}
        self._whole_sums: dict[Any, int] = {}

    def of(self, expression: Any) -> Product:
        """An expression as a product.

        Raises TooManyTerms where a sum would be too long multiplied out.
        """
        found = self._made.get(expression)
        if found is None:
            found = self._made[expression] = self._product(expression)
        return found

    def _product(self, expression: Any) -> Product:
        if expression.is_Symbol:
            return Product(1, {self.index(expression): 1})
        if expression.is_Rational or expression.is_Float:
            return Product(exactly(expression, self.typed.exact), {})
        if expression.is_Add:
            self.has_sums = True
            if expression in self._whole_sums:
                return Product(1, {self._whole_sums[expression]: 1})
            found = self.sum([self.of(arg) for arg in expression.args])
            index = next(iter(found.powers), -1)
            if found == Product(1, {index: 1}) and self.tangents and not self.signs and index in self.sums:
                self.bases[index] = self.bases[index] or expression
            return found
        if expression.is_Mul and expression.is_commutative:
            factors = roots.paired(expression.args) if self.reading.roots else expression.args
            return self._without_signs(multiplied([self.of(arg) for arg in factors]))
        if expression.is_Pow:
            if self.reading.whole and expression.base.is_Add and expression.exp.is_Integer:
                return self._whole(*expression.args)
            return self._power(*expression.args)
        if type(expression) is sympy.exp:
            return self.exponential(expression)
        if not self.tangents and (parts := TANGENTS.get(type(expression))) is not None:
            sine, above, cosine, below = parts
            powers = ((self.index(kind(expression.args[0])), times) for kind, times in ((sine, above), (cosine, below)))
            return Product(1, {index: times for index, times in powers if times})
        return Product(1, {self.index(expression): 1})

    def _without_signs(self, one: Product) -> Product:
        """x*sign(x) is abs(x)."""
        for index in self.signs:
            if one.powers.get(index) != 1:
                continue
            argument = self.bases[index].args[0]
            inner = self.of(argument)
            base = next(iter(inner.powers), -1)
            if len(inner.powers) == 1 == inner.powers[base] and one.powers.get(base, 0) >= 1:
                size = self.index(sympy.Abs(argument))  # it is `base` where the argument is an abs(x) itself
                without = Product(1 / Fraction(inner.coefficient), {index: -1, base: -1})
                one = multiplied([one, without, Product(1, {size: 1})])
        return one

    def _whole(self, base: Any, exponent: Any) -> Product:
        """A power of a sum that is a base as a symbol is; what it is the opposite of is the same one."""
        if base not in self._whole_sums:
            if -base in self._whole_sums:
                return Product(-1 if exponent % 2 else 1, {self._whole_sums[-base]: int(exponent)})
            self._whole_sums[base] = self.index(base)
        return Product(1, {self._whole_sums[base]: int(exponent)})

    def _power(self, base: Any, exponent: Any) -> Product:
        if exponent.is_Integer:
            inner = self.of(base)
            if not is_short(inner.coefficient, int(exponent)):
                return Product(1, {self.index(base): int(exponent)})
            return raise_to(inner, int(exponent))
        if exponent.is_Rational:
            return self._root(base, Fraction(int(exponent.p), int(exponent.q)))
        if exponent.is_Float:  # it meets others of its base
            self.has_powers, inner = True, self.of(base)
            is_plain = inner.coefficient == 1 and list(inner.powers.values()) == [1]
            return Product(1, {next(iter(inner.powers)) if is_plain else self.index(base): exactly(exponent)})
        number, rest = exponent.as_coeff_Add()
        if number.is_Integer and number and not rest.is_Number:
            return multiplied([raise_to(self.of(base), int(number)), self._power(base, rest)])
        self.has_powers = True
        times, rest = exponent.as_coeff_Mul()
        if not times.is_Integer or rest.is_Number:
            times, rest = sympy.S.One, exponent
        if rest.could_extract_minus_sign():
            times, rest = -times, -rest
        return Product(1, {self.index(sympy.Pow(base, rest)): int(times)})  # x**(2*n) is (x**n)**2

    def _root(self, base: Any, exponent: Fraction) -> Product:
        """A power to a fraction: of a product of several it stays one, as each alone may be negative."""
        if base.is_Integer and base > 0 and is_short(int(base), exponent):
            floor = math.floor(exponent)
            return Product(whole(Fraction(int(base)) ** floor), {self.index(base): exponent - floor})
        inner = self.of(base)
        if self.reading.roots and exponent.denominator == 2:
            plainer = roots.without_squares(self, inner, exponent)
            if plainer is not None:
                return plainer
        if list(inner.powers.values()) == [1]:
            factor = self._root_of_number(inner.coefficient, exponent)
            if factor is not None:
                return Product(factor, {next(iter(inner.powers)): exponent})
        return Product(1, {self.index(base): exponent})

    def _root_of_number(self, value: Rational, exponent: Fraction) -> Rational | None:
        """A positive number to a power of a half, if it's a square: sqrt(4 - x**2) for 2*sqrt(1 - x**2/4)."""
        if value == 1:
            return 1
        root = root_of(value) if value > 0 and exponent.denominator == 2 else None
        if root is None or not is_short(root, exponent.numerator):
            return None
        return whole(Fraction(root) ** exponent.numerator)

    # Sums

    def sum(self, terms: Iterable[Product]) -> Product:
        """The sum of products as one."""
        collected: Polynomial = {}
        for term in terms:
            if term.coefficient:
                add(collected, tuple(sorted(term.powers.items())), term.coefficient)
        common = self._common(list(collected)) if len(collected) > 1 else {}
        inverse = tuple(sorted((index, -exponent) for index, exponent in common.items()))
        rest = {raised(monomial, inverse): value for monomial, value in collected.items()}
        expanded = self._expanded(rest)
        is_typed = not common and expanded.keys() == rest.keys()
        found = self._in_lowest_terms(common, reduced(self, expanded), is_typed)
        for other in without_partners(self, common, expanded):
            found = min(found, self._in_lowest_terms(common, other, False), key=self._size)
        if len(rest) < len(expanded):
            self._keep(found, common, expanded, rest)
        return found

    def _size(self, one: Product) -> Rational:
        """How many terms and factors a product has."""
        found: Rational = 0
        for index, exponent in one.powers.items():
            found += (1 + len(self.sums.get(index, {}))) * (exponent if exponent > 0 else -exponent)
        return found

    def _keep(self, found: Product, common: Mapping[int, Rational], expanded: Polynomial, rest: Polynomial) -> None:
        """Remember how a sum may be written that was multiplied out in vain: (x - m)**2 - s**2."""
        new = [index for index in found.powers if index not in common]
        if len(new) != 1 or found.powers[new[0]] != 1 or new[0] not in self.sums or new[0] in self.factored:
            return
        if {monomial: value * found.coefficient for monomial, value in self.sums[new[0]].items()} == expanded:
            self.factored[new[0]] = {m: whole(Fraction(v) / found.coefficient) for m, v in rest.items()}

    def _common(self, monomials: Sequence[Monomial]) -> dict[int, Rational]:
        """The highest monomial that divides all; exponentials have no denominators."""
        rows = [dict(monomial) for monomial in monomials]
        found: dict[int, Rational] = {}
        for index in sorted({index for row in rows for index in row}):
            exponents = [row.get(index, 0) for row in rows]
            low = min(exponents)
            if index in self.exponents and low < 0:
                low = min(max(exponents), 0)
            if low:
                found[index] = low
        return found

    def _expanded(self, terms: Polynomial) -> Polynomial:
        """A sum of products with the sums in them multiplied out."""
        result: Polynomial = {}
        todo = list(terms.items())[::-1]
        for _ in range(MAX_PRODUCTS):
            if not todo:
                return result
            monomial, value = todo.pop()
            large = next(((i, e) for i, e in monomial if e >= 1 and (i in self.sums or self._is_number(i, e))), None)
            if large is None:
                add(result, monomial, value)
                continue
            index, exponent = large
            floor = math.floor(exponent)
            rest = raised(monomial, ((index, -floor),))
            if index not in self.sums:
                todo.append(self._raised(index, floor, rest, value))
                continue
            if floor > MAX_POWER:
                raise TooManyTerms
            power: Polynomial = {rest: value}
            for _power in range(floor):
                power = times(power, self.sums[index], MAX_TERMS)
            todo += list(power.items())[::-1]
        raise TooManyTerms

    def _is_number(self, index: int, exponent: Rational) -> bool:
        """Whether a base is a number, or a cubic root to a power that is no root."""
        base = self.bases[index]
        return bool(base.is_Integer) or (exponent >= CUBE and type(base) is opaque("cbrt"))

    def _raised(self, index: int, floor: int, rest: Monomial, value: Rational) -> tuple[Monomial, Rational]:
        """A term with a power of such a base in it."""
        base = self.bases[index]
        if base.is_Integer:
            return rest, value * int(base) ** floor
        inner = raise_to(self.of(base.args[0]), floor // CUBE)
        left = raised(rest, ((index, floor % CUBE),)) if floor % CUBE else rest
        return raised(left, tuple(sorted(inner.powers.items()))), value * inner.coefficient

    def _in_lowest_terms(self, common: dict[int, Rational], terms: Polynomial, is_typed: bool) -> Product:
        """A monomial times a sum, without what the sum and the denominators in the monomial share."""
        if len(terms) > 1 and not is_typed:
            lows = self._common(list(terms))
            inverse = tuple(sorted((index, -exponent) for index, exponent in lows.items()))
            terms = {raised(monomial, inverse): value for monomial, value in terms.items()}
            parts = [Product(1, common), Product(1, lows)]
            for index, exponent in sorted(common.items()):
                if exponent < 0 and len(terms) > 1:
                    if index in self.sums:
                        left, once = exponent, [Product(1, {index: 1})]
                        while left < 0 and len(terms) > 1:  # (x**4 - 1)/(x - 1) may be divided by x - 1 again
                            terms, factors = without_divisor(self, terms, index, left)
                            parts += factors
                            left = left + 1 if factors == once else 0
                    elif exponent <= -2 and len(terms) == 2:
                        terms, factors = without_square(self, terms, index)
                        parts += factors
        else:
            parts = [Product(1, common)]
        if not terms:
            return ZERO
        if len(terms) == 1:
            ((monomial, value),) = terms.items()
            return multiplied([*parts, Product(value, dict(monomial))])
        root = None if is_typed or len(terms) != 3 else square_root(terms)
        if root is not None:
            sign, terms = root
            return multiplied([*parts, Product(sign, {}), raise_to(self.registered(terms, True), 2)])
        return multiplied([*parts, self.registered(terms, is_typed)])
