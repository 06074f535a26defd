"""Products as SymPy's expressions: the forms in which one may be written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy

from gradcli.backends.symbolic.build import kept, number
from gradcli.backends.symbolic.fast.assemble import function, power, product
from gradcli.backends.symbolic.opaque import opaque
from gradcli.backends.symbolic.short.bases import divisor
from gradcli.backends.symbolic.short.length import Lengths
from gradcli.backends.symbolic.short.monomials import MAX_TERMS, Product, multiplied, raise_to
from gradcli.backends.symbolic.short.products import Products
from gradcli.backends.symbolic.short.recognize import double_angles, recognized
from gradcli.backends.symbolic.short.sparse import Polynomial, Rational, TooManyTerms, add, raised, times
from gradcli.backends.symbolic.short.squares import reduced

MAX_RECOGNIZED = 3  # times that functions are recognized in what came out: sin(x)*cos(x)*cos(2*x) is sin(4*x)/4
MAX_POWER = 6  # of sums, together, that are multiplied out


class ProductForms:
    """Writes the products of one formula."""

    def __init__(self, products: Products, lengths: Lengths) -> None:
        self.products = products
        self.lengths = lengths
        self._bases: dict[int, Any] = {}

    def all(self, expression: Any) -> Iterator[Any]:
        """Equal forms of an expression, the plainest first; none where there is nothing to shorten.

        Raises TooManyTerms where a sum would be too long multiplied out.
        """
        one = self.products.of(expression)
        found = self._recognized(one)
        if found is not one or self.products.has_sums or not self.products.tangents:
            together, apart = self.of(found), self._expanded(one)
            if apart is None:
                yield together
            elif any(not self._is_symbol(index) for index in one.powers if index not in self.products.sums):
                yield from (together, apart)
            else:
                yield from (apart, together)
        yield from self._without_quotient(one)
        if expression.is_Add:
            parts = [self.products.of(term) for term in expression.args]
            yield from self._by_denominators(parts)
            yield from self._term_by_term(parts)

    def _without_quotient(self, one: Product) -> Iterator[Any]:
        """(a*exp(x) + b)/(exp(x) + 1) as (a - b)*sigmoid(x) + b."""
        above = [i for i, e in one.powers.items() if e == 1 and i in self.products.sums]
        below = [i for i, e in one.powers.items() if e == -1 and i in self.products.sums]
        for first, second in itertools.product(above, below):
            terms = self.products.sums[second]
            ((monomial, value), *others) = [pair for pair in terms.items() if pair[0]]
            if others or value != 1 or terms.get(()) != 1 or len(monomial) != 1 or not self._is_exp(monomial[0][0]):
                continue
            (base, exponent) = monomial[0]
            parts: dict[Rational, Polynomial] = {0: {}, exponent: {}}
            for row, coefficient in self.products.sums[first].items():
                power = dict(row).get(base, 0)
                inner = raised(row, ((base, -power),)) if power else row
                parts.setdefault(power + one.powers.get(base, 0), {})[inner] = coefficient
            if len(parts) > 2:
                continue
            rest = self.of(
                Product(one.coefficient, {i: e for i, e in one.powers.items() if i not in (first, second, base)})
            )
            for sign, inside, left in ((1, parts[exponent], parts[0]), (-1, parts[0], parts[exponent])):
                difference = dict(inside)
                for row, coefficient in left.items():
                    add(difference, row, -coefficient)
                argument = kept(number(sign * exponent), self.products.exponents[base])
                quotient = product((self._sum(difference), opaque("sigmoid")(argument)))
                yield product((rest, sympy.Add(quotient, self._sum(left))))

    def _by_denominators(self, parts: Sequence[Product]) -> Iterator[Any]:
        """A sum with the terms over the same sums as one: a/(x - 1)**2 + b/(x - 2)**2, not over both."""
        groups: dict[frozenset[int], list[Product]] = {}
        for part in parts:
            below = frozenset(i for i, e in part.powers.items() if i in self.products.sums and e < 0)
            groups.setdefault(below, []).append(part)
        if not 1 < len(groups) < len(parts):
            return
        found = [self.products.sum(group) for group in groups.values()]
        found = [one for one in found if one.coefficient]
        front = Product(divisor([one.coefficient for one in found]), _shared([one.powers for one in found]))
        inverse = raise_to(front, -1)
        rest = sympy.Add(*(self.of(self._recognized(multiplied([one, inverse]))) for one in found))
        yield product((self.of(front), rest))

    def _term_by_term(self, parts: Sequence[Product]) -> Iterator[Any]:
        """A sum term by term, what several functions have in common in front of it."""
        found = [self._recognized(part) for part in parts]
        if any(one is not part for one, part in zip(found, parts)):
            yield sympy.Add(*map(self.of, found))
        shared = {
            index: low
            for index in parts[0].powers
            if not self._is_symbol(index) and (low := min([part.powers.get(index, 0) for part in parts])) > 0
        }
        if shared:
            inverse = Product(1, {index: -exponent for index, exponent in shared.items()})
            rest = sympy.Add(*(self.of(self._recognized(multiplied([part, inverse]))) for part in parts))
            yield product((self.of(Product(1, shared)), rest))

    def _recognized(self, one: Product) -> Product:
        """A product with functions of the table in it; the same one where there are none."""
        for _ in range(MAX_RECOGNIZED):
            found = recognized(self.products, one)
            if found == one:
                break
            one = found
        return one

    def of(self, one: Product) -> Any:
        """The expression of a product."""
        powers = dict(one.powers)
        for index in one.powers:
            self._merge(index, powers)
        coefficient, opposite = one.coefficient, self._opposite(one.coefficient, powers)
        factors = [
            power(-self._base(i) if i == opposite else self._base(i), number(e))
            for i, e in powers.items()
            if not self._is_exp(i)
        ]
        for index, exponent in powers.items():
            if self._is_exp(index):
                factors.append(function(sympy.exp, kept(number(exponent), self.products.exponents[index])))
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
        if base is None or not base.is_Pow or index not in powers or abs(powers[index]) != 1:
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

    def _grouped(self, terms: Polynomial) -> Any:
        """A sum, with double angles in it, and with the terms together that have a function in common."""
        return self._together(double_angles(self.products, terms))

    def _together(self, terms: Polynomial) -> Any:
        """A sum with the function in front that is long and in several terms, and so on with what is left."""
        counts: dict[tuple[int, Rational], int] = {}
        for monomial in terms:
            for one in monomial:
                if not self._is_symbol(one[0]):
                    counts[one] = counts.get(one, 0) + 1
        savings = {one: (count - 1) * (self._length(one) + 1) - 2 for one, count in counts.items() if count > 1}
        chosen = max(savings, key=lambda one: savings[one], default=None)
        if chosen is None or savings[chosen] <= 0:
            return self._sum(terms)
        inverse = ((chosen[0], -chosen[1]),)
        inside = {raised(monomial, inverse): value for monomial, value in terms.items() if chosen in monomial}
        others = {monomial: value for monomial, value in terms.items() if chosen not in monomial}
        front = product((self._together(inside), self.of(Product(1, dict([chosen])))))
        return sympy.Add(front, self._together(others)) if others else front

    def _length(self, one: tuple[int, Rational]) -> int:
        return self.lengths.of(self.of(Product(1, dict([one]))))

    def _sum(self, terms: Polynomial) -> Any:
        return sympy.Add(*(self.of(Product(value, dict(monomial))) for monomial, value in terms.items()))

    def _is_symbol(self, index: int) -> bool:
        base = self.products.bases[index]
        return base is not None and bool(base.is_Symbol)

    def _expanded(self, one: Product) -> Any:
        """A product of sums multiplied out, with the symbols in front of it; None where it is divided by a sum."""
        sums = {index: exponent for index, exponent in one.powers.items() if index in self.products.sums}
        if not sums or any(e < 1 or e.denominator != 1 for e in sums.values()) or sum(sums.values()) > MAX_POWER:
            return None
        outside = {i: e for i, e in one.powers.items() if i not in sums and not self._is_symbol(i)}
        inside = {i: e for i, e in one.powers.items() if i not in sums and self._is_symbol(i)}
        terms: Polynomial = {tuple(sorted(inside.items())): one.coefficient}
        try:
            for index, exponent in sums.items():
                for _ in range(int(exponent)):
                    terms = times(terms, self.products.sums[index], MAX_TERMS)
        except TooManyTerms:
            return None
        whole = self._grouped(reduced(self.products, terms))
        return product((self.of(Product(1, outside)), whole)) if outside else whole


def _shared(rows: Sequence[Mapping[int, Rational]]) -> dict[int, Rational]:
    """The powers that all products have above, or all have below."""
    found = dict[int, Rational]()
    for index in rows[0] if rows else ():
        exponents = [row.get(index, 0) for row in rows]
        if min(exponents) > 0 or max(exponents) < 0:
            found[index] = min(exponents) if min(exponents) > 0 else max(exponents)
    return found
