"""Products as SymPy's expressions: the functions that terms of a sum have in common in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from gradcli.backends.symbolic.build import kept, number
from gradcli.backends.symbolic.fast.assemble import distinct, exponential, power, product, total
from gradcli.backends.symbolic.opaque import opaque
from gradcli.backends.symbolic.short.length import Lengths
from gradcli.backends.symbolic.short.monomials import Product
from gradcli.backends.symbolic.short.products import Products
from gradcli.backends.symbolic.short.recognize import double_angles
from gradcli.backends.symbolic.short.sparse import Polynomial, Rational, raised
from gradcli.backends.symbolic.short.squares import merged


class ProductWriter:
    """Writes the products of one formula."""

    def __init__(self, products: Products, lengths: Lengths) -> None:
        self.products = products
        self.lengths = lengths
        self._bases: dict[int, Any] = {}
        self._powers: dict[tuple[int, Rational], Any] = {}
        self._written: dict[Any, Any] = {}

    def of(self, one: Product) -> Any:
        """The expression of a product."""
        key = (one.coefficient, *one.powers.items())
        found = self._written.get(key)
        if found is None:
            found = self._written[key] = self._product(one)
        return found

    def _product(self, one: Product) -> Any:
        powers = dict(one.powers)
        for index in one.powers:
            self._merge(index, powers)
        coefficient, opposite = one.coefficient, self._opposite(one.coefficient, powers)
        factors = [
            power(self._negated(i), number(e)) if i == opposite else self._power(i, e)
            for i, e in powers.items()
            if not self._is_exp(i)
        ]
        for index, exponent in powers.items():
            if self._is_exp(index):
                factors.append(exponential(self.products.exponent(index, exponent)))
        whole = number(coefficient if opposite < 0 else -coefficient)
        if len(factors) == 1 and factors[0].is_Add:
            return kept(whole, factors[0])
        return product((whole, *factors))

    def _opposite(self, coefficient: Rational, powers: Mapping[int, Rational]) -> int:
        """The sum that takes up the minus in front, (x - 1) for -(1 - x); -1 where there is none."""
        if coefficient > 0:
            return -1
        odd = [i for i, e in powers.items() if i in self.products.sums and e.denominator == 1 and e % 2]
        mixed = [i for i in odd if min(self.products.sums[i].values()) < 0]
        return max(mixed, key=lambda index: powers[index], default=-1)

    def _is_exp(self, index: int) -> bool:
        return index in self.products.exponents

    def _merge(self, index: int, powers: dict[int, Rational]) -> None:
        """x**(n - 1) for x**n/x."""
        base = self.products.bases[index]
        if base is None or not base.is_Pow or index not in powers or powers[index].denominator != 1:
            return
        inner = self.products.of(base.args[0])
        single = next(iter(inner.powers), -1)
        if inner != Product(1, {single: 1}) or single not in powers or powers[single].denominator != 1:
            return
        exponent = number(powers.pop(index)) * base.args[1] + number(powers.pop(single))
        powers[self.products.index(sympy.Pow(base.args[0], exponent))] = 1

    def _base(self, index: int) -> Any:
        base = self.products.bases[index]
        if base is not None:
            return base
        if index not in self._bases:
            found = self._grouped(self.products.sums[index])
            if index in self.products.factored:
                found = min((found, self._sum(self.products.factored[index])), key=self.lengths.of)
            self._bases[index] = found
        return self._bases[index]

    def _power(self, index: int, exponent: Rational) -> Any:
        """A power of a base, which is in many products."""
        if exponent == 1:
            return self._base(index)
        found = self._powers.get((index, exponent))
        if found is None:
            found = self._powers[index, exponent] = power(self._base(index), number(exponent))
        return found

    def _negated(self, index: int) -> Any:
        """A sum with the other sign: of one that was not typed each group of terms has it."""
        if self.products.bases[index] is not None:
            return -self._base(index)
        return self._grouped({monomial: -value for monomial, value in self.products.sums[index].items()})

    def _grouped(self, terms: Polynomial) -> Any:
        """A sum, with double angles in it, and with the terms together that have a function in common."""
        return self._together(double_angles(self.products, merged(self.products, terms)))

    def _together(self, terms: Polynomial) -> Any:
        """A sum with the function in front that is long and in several terms, and so on with what is left."""
        counts: dict[tuple[int, Rational], int] = {}
        for monomial in terms:
            for one in monomial:
                if not self._is_symbol(one[0]):
                    counts[one] = counts.get(one, 0) + 1
        for one in counts:
            if len(terms) > 1 and (found := self._complement(terms, one)) is not None:
                return found
        savings = {one: (count - 1) * (self._length(one) + 1) - 2 for one, count in counts.items() if count > 1}
        chosen = max(savings, key=lambda one: savings[one], default=None)
        if chosen is None or savings[chosen] <= 0:
            return self._sum(terms)
        inside, others = _parted(terms, chosen)
        sign = -1 if max(inside.values()) < 0 else 1
        whole = self._together({monomial: sign * value for monomial, value in inside.items()})
        front = product((number(sign), whole, self.of(Product(1, dict([chosen])))))
        return total((front, self._together(others))) if others else front

    def _complement(self, terms: Polynomial, one: tuple[int, Rational]) -> Any | None:
        """p*(1 - f) for p - p*f, and p*sigmoid(-x) for p - p*sigmoid(x); None where that is no shorter."""
        inside, others = _parted(terms, one)
        if any(others.get(monomial) != -value for monomial, value in inside.items()):
            return None
        is_sigmoid = one[1] == 1 and type(self.products.bases[one[0]]) is opaque("sigmoid")
        if not is_sigmoid and len(inside) < 2 and (len(others) > 1 or () in others):
            return None
        rest = {monomial: value for monomial, value in others.items() if monomial not in inside}
        if is_sigmoid:
            count, argument = self.products.bases[one[0]].args[0].as_coeff_Mul()
            factor = opaque("sigmoid")(kept(-count, argument))
        else:
            factor = 1 - self.of(Product(1, dict([one])))
        if len(inside) > 1 and min(inside.values()) > 0 and not is_sigmoid:  # (x + 1)*(f - 1) for (-x - 1)*(1 - f)
            front = product((self._together(inside), -factor))
        else:
            front = product((self._together({monomial: -value for monomial, value in inside.items()}), factor))
        return total((front, self._together(rest))) if rest else front

    def _length(self, one: tuple[int, Rational]) -> int:
        return self.lengths.of(self.of(Product(1, dict([one]))))

    def _sum(self, terms: Polynomial) -> Any:
        return distinct(self.of(Product(value, dict(monomial))) for monomial, value in terms.items())

    def _is_symbol(self, index: int) -> bool:
        base = self.products.bases[index]
        return base is not None and bool(base.is_Symbol)


def _parted(terms: Polynomial, one: tuple[int, Rational]) -> tuple[Polynomial, Polynomial]:
    """The terms with a power in them, without it, and the others."""
    inverse = ((one[0], -one[1]),)
    inside = {raised(monomial, inverse): value for monomial, value in terms.items() if one in monomial}
    return inside, {monomial: value for monomial, value in terms.items() if one not in monomial}
