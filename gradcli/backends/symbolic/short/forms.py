"""Products as SymPy's expressions: the forms in which one may be written."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.symbolic.fast.assemble import product, total
from gradcli.backends.symbolic.opaque import opaque
from gradcli.backends.symbolic.short.bases import MAX_DENOMINATOR
from gradcli.backends.symbolic.short.monomials import MAX_TERMS, Product, multiplied, raise_to
from gradcli.backends.symbolic.short.recognize import may_vanish, recognized
from gradcli.backends.symbolic.short.roots import with_signs
from gradcli.backends.symbolic.short.sparse import Polynomial, Rational, TooManyTerms, add, raised, times, whole
from gradcli.backends.symbolic.short.squares import reduced
from gradcli.backends.symbolic.short.written import ProductWriter

MAX_RECOGNIZED = 3  # times that functions are recognized in what came out: sin(x)*cos(x)*cos(2*x) is sin(4*x)/4
MAX_PAIRED = 4  # terms over sums, of which pairs are tried
MAX_POWER = 6  # of sums, together, that are multiplied out


class ProductForms(ProductWriter):
    """Writes the products of one formula in several forms."""

    def all(self, expression: Any) -> Iterator[Any]:
        """Equal forms of an expression, the plainest first; none where there is nothing to shorten.

        Raises TooManyTerms where a sum would be too long multiplied out.
        """
        one = with_signs(self.products, self.products.of(expression))
        self.products.is_factored = bool(expression.is_Mul)
        found = self._recognized(one)
        if found is not one or self.products.has_sums or self.products.has_powers or not self.products.tangents:
            together, apart = self.of(found), self._expanded(one)
            if apart is None:
                yield together
            elif any(not self._is_symbol(index) for index in one.powers if index not in self.products.sums):
                yield from (together, apart)
            else:
                yield from (apart, together)
        yield from self._numbers_inside(found)
        yield from self._without_quotient(one)
        yield from self._roots_above(one)
        yield from self._densities(one)
        if expression.is_Add:
            parts = [self.products.of(term) for term in expression.args]
            yield from self._by_denominators(parts)
            yield from self._by_factors(parts)
            yield from self._in_pairs(parts)
            yield from self._term_by_term(parts)

    def _numbers_inside(self, one: Product) -> Iterator[Any]:
        """M*(1.4 - 0.7*M**2) for 2*M*(0.7 - 0.35*M**2)."""
        sums = [i for i, e in one.powers.items() if e == 1 and i in self.products.sums]
        if abs(one.coefficient) == 1 or len(sums) != 1 or self.products.bases[sums[0]] is not None:
            return
        terms = self.products.sums[sums[0]]
        if any(value.denominator > MAX_DENOMINATOR for value in terms.values()):
            rest = self.of(Product(1, {i: e for i, e in one.powers.items() if i != sums[0]}))
            scaled = {row: whole(Fraction(value) * one.coefficient) for row, value in terms.items()}
            yield product((rest, self._together(scaled)))

    def _roots_above(self, one: Product) -> Iterator[Any]:
        """sqrt(R*T/M)/(2*T) for R/(2*M*sqrt(R*T/M))."""
        for index, exponent in one.powers.items():
            base = self.products.bases[index]
            if exponent == Fraction(-1, 2) and base is not None and base.is_Mul:
                yield self.of(multiplied([one, Product(1, {index: 1}), raise_to(self.products.of(base), -1)]))

    def _densities(self, one: Product) -> Iterator[Any]:
        """A sum over sqrt(pi) with the divisors in its terms, where these are densities then."""
        if one.powers.get(self.products.index(sympy.pi), 0) != Fraction(-1, 2):
            return
        chosen = [i for i, e in one.powers.items() if e == 1 and i in self.products.sums]
        below = {i: e for i, e in one.powers.items() if e < 0 and i not in self.products.sums and not self._is_exp(i)}
        above = {i: e for i, e in one.powers.items() if i not in below}
        for index in chosen:
            groups: dict[frozenset[int], list[Product]] = {}
            for row, value in self.products.sums[index].items():
                exponentials = frozenset(i for i, _ in row if self._is_exp(i))
                part = multiplied([Product(value * one.coefficient, dict(row)), Product(1, below)])
                groups.setdefault(exponentials, []).append(part)
            parts = [self.products.sum(group) for group in groups.values()]
            found = [self._recognized(part) for part in parts]
            if any(a is not b for a, b in zip(found, parts)):
                common = _shared([part.powers for part in found])
                inverse = Product(1, {i: -e for i, e in common.items()})
                whole = total(self.of(multiplied([part, inverse])) for part in found)
                before = multiplied([Product(1, above), Product(1, common), Product(1, {index: -1})])
                yield product((self.of(before), whole))

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
                argument = self.products.exponent(base, sign * exponent)
                quotient = product((self._together(difference), opaque("sigmoid")(argument)))
                yield product((rest, total((quotient, self._together(left)))))

    def _in_pairs(self, parts: Sequence[Product]) -> Iterator[Any]:
        """A sum with two terms as one where that is shorter: 2/(x**2 - 1) for 1/(x - 1) - 1/(x + 1), beside others."""
        over = [one for one in parts if any(i in self.products.sums and e == -1 for i, e in one.powers.items())]
        if len(parts) == 2 or not 1 < len(over) <= MAX_PAIRED:
            return
        for first, second in itertools.combinations(over, 2):
            found = self._recognized(self.products.sum([first, second]))
            together, apart = self.of(found), (self.of(first), self.of(second))
            if self.lengths.of(together) < sum(map(self.lengths.of, apart)):
                yield total([together, *(self.of(one) for one in parts if one is not first and one is not second)])
                return

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
        front = Product(
            self.products.divisor([one.coefficient for one in found]), _shared([one.powers for one in found])
        )
        inverse = raise_to(front, -1)
        rest = total(self.of(self._recognized(multiplied([one, inverse]))) for one in found)
        yield product((self.of(front), rest))

    def _by_factors(self, parts: Sequence[Product]) -> Iterator[Any]:
        """A sum with the terms together that have a sum as a factor, as the product rule leaves them.

        (1 + l*v)*(u - v) + l*w for u*(1 + l*v) - v*(1 + l*v) + l*w.
        """
        counts = Counter(i for part in parts for i, e in part.powers.items() if e > 0 and i in self.products.sums)
        chosen = max((one for one in counts if 1 < counts[one] < len(parts)), key=counts.__getitem__, default=None)
        if chosen is None:
            return
        front = Product(self.products.divisor([one.coefficient for one in parts]), _shared([p.powers for p in parts]))
        parts = [multiplied([part, raise_to(front, -1)]) for part in parts]
        inside = [part for part in parts if part.powers.get(chosen, 0) > 0]
        common = Product(1, _shared([part.powers for part in inside]))
        whole = self.products.sum([multiplied([part, raise_to(common, -1)]) for part in inside])
        terms = [multiplied([common, whole]), *(part for part in parts if part not in inside)]
        found = total(self.of(self._recognized(one)) for one in terms if one.coefficient)
        yield product((self.of(front), found))
        if front.coefficient != 1:  # that number in the terms: 0.5*(1 + tanh(u)) + ...
            number = Product(front.coefficient, {})
            found = total(self.of(self._recognized(multiplied([number, one]))) for one in terms if one.coefficient)
            yield product((self.of(Product(1, front.powers)), found))

    def _term_by_term(self, parts: Sequence[Product]) -> Iterator[Any]:
        """A sum term by term, what several functions have in common in front of it."""
        found = [self._recognized(part) for part in parts]
        is_new = any(one is not part for one, part in zip(found, parts))
        if is_new:
            yield total(map(self.of, found))
        for terms in (parts, found) if is_new else (parts,):
            shared = self._in_all(terms)
            if shared:
                inverse = Product(1, {index: -exponent for index, exponent in shared.items()})
                rest = total(self.of(self._recognized(multiplied([term, inverse]))) for term in terms)
                yield product((self.of(Product(1, shared)), rest))

    def _in_all(self, terms: Sequence[Product]) -> dict[int, Rational]:
        """What all terms have, each to the least power; exponentials where that is the same one."""
        found = dict[int, Rational]()
        for index in terms[0].powers:
            exponents = [term.powers.get(index, 0) for term in terms]
            is_same = self._is_exp(index) and len(set(exponents)) == 1
            if min(exponents) > 0 or is_same:
                found[index] = min(exponents)
        return found

    def _recognized(self, one: Product) -> Product:
        """A product with functions of the table in it; the same one where there are none."""
        for _ in range(MAX_RECOGNIZED):
            found = recognized(self.products, one)
            if found == one:
                break
            one = found
        return one

    def _expanded(self, one: Product) -> Any:
        """A product of sums multiplied out, with the symbols in front of it; None where it is divided by a sum."""
        sums = {index: exponent for index, exponent in one.powers.items() if index in self.products.sums}
        if not sums or any(e < 1 or e.denominator != 1 for e in sums.values()) or sum(sums.values()) > MAX_POWER:
            return None
        if self.products.is_factored and any(may_vanish(self.products, self.products.sums[index]) for index in sums):
            return None  # N*(1 - N/K) has its digits where the factor is small, N - N**2/K has not
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
