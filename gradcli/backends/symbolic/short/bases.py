"""The bases of the products of one formula: what is raised to powers, each known by its index."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.symbolic.short.monomials import Product
from gradcli.backends.symbolic.short.sparse import Polynomial, Rational, content, root_of, whole

MAX_DENOMINATOR = 10**6  # of a number that is a fraction; others are decimals, and have no content


class Bases:
    """Numbers the bases as they come: symbols, functions, and sums."""

    def __init__(self) -> None:
        self.bases: list[Any] = []  # None for a sum that was not typed
        self.sums: dict[int, Polynomial] = {}
        self.factored: dict[int, Polynomial] = {}  # sums of products of sums, where they may be written so
        self.exponents: dict[int, Any] = {}  # of exponentials
        self.signs: list[int] = []
        self._indices: dict[Any, int] = {}
        self._sums: dict[Any, tuple[int, Rational]] = {}

    def index(self, base: Any) -> int:
        """The index of a base that is no sum."""
        found = self._indices.get(base)
        if found is None:
            found = self._indices[base] = len(self.bases)
            self.bases.append(base)
            if type(base) is sympy.sign:
                self.signs.append(found)
        return found

    def single(self, terms: Polynomial) -> Product:
        """A polynomial as a product, of one term or a sum."""
        if len(terms) > 1:
            return self.registered(terms, True)
        ((monomial, value),) = terms.items()
        return Product(value, dict(monomial))

    def registered(self, terms: Polynomial, is_typed: bool) -> Product:
        """A sum as a base; of one that is not as it was typed the numbers have no common divisor."""
        ordered = sorted(terms.items())
        lead = ordered[0][1]
        key = tuple([(monomial, Fraction(value) / lead) for monomial, value in ordered])
        if key not in self._sums:
            factor: Rational = _of_rules(terms) if is_typed else divisor(list(terms.values()))
            index = len(self.bases)
            self.bases.append(None)
            self.sums[index] = terms if factor == 1 else {m: whole(v / Fraction(factor)) for m, v in terms.items()}
            self._sums[key] = index, self.sums[index][ordered[0][0]]
        index, own = self._sums[key]
        return Product(whole(Fraction(lead) / own), {index: 1})


def _of_rules(terms: Polynomial) -> Rational:
    """What a sum is taken out of that rules give: 4 + x**2 for 1 + x**2/4 in that of atan(x/2); 1 for any other."""
    if len(terms) != 2 or terms.get(()) != 1:
        return 1
    monomial, value = next(one for one in terms.items() if one[0])
    root = root_of(Fraction(1, value.denominator))
    return 1 if root is None or any(exponent % 2 for _, exponent in monomial) else whole(root**2)


def divisor(values: Sequence[Rational]) -> Rational:
    """What the numbers of a sum are divided by: most of them are positive then; decimals stay as they are."""
    sign = -1 if sum(value < 0 for value in values) * 2 > len(values) else 1
    if any(value.denominator > MAX_DENOMINATOR for value in values):
        return sign
    return whole(content(values) * sign)
