"""The bases of the products of one formula: what is raised to powers, each known by its index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.symbolic.build import kept, number
from gradcli.backends.symbolic.short.known_numbers import NOTHING_KNOWN, KnownNumbers
from gradcli.backends.symbolic.short.monomials import Product, exactly
from gradcli.backends.symbolic.short.sparse import Polynomial, Rational, content, root_of, whole

ALIKE = 12  # exponents of exponentials that are fractions of one another by this
SAME = 1e-40  # of numbers with 60 digits
MAX_DENOMINATOR = 10**6  # of a number that is a fraction; others are decimals, and have no content

TANGENTS: Mapping[Any, tuple[Any, int, Any, int]] = {  # products of sines and cosines, and their powers
    sympy.tan: (sympy.sin, 1, sympy.cos, -1), sympy.tanh: (sympy.sinh, 1, sympy.cosh, -1),
    sympy.cot: (sympy.sin, -1, sympy.cos, 1), sympy.coth: (sympy.sinh, -1, sympy.cosh, 1),
    sympy.sec: (sympy.sin, 0, sympy.cos, -1), sympy.sech: (sympy.sinh, 0, sympy.cosh, -1),
    sympy.csc: (sympy.sin, -1, sympy.cos, 0), sympy.csch: (sympy.sinh, -1, sympy.cosh, 0),
}  # fmt: skip


class Bases:
    """Numbers the bases as they come: symbols, functions, and sums."""

    def __init__(self, typed: KnownNumbers = NOTHING_KNOWN) -> None:
        self.typed = typed
        self.bases: list[Any] = []  # None for a sum that was not typed
        self.sums: dict[int, Polynomial] = {}
        self.factored: dict[int, Polynomial] = {}  # sums of products of sums, where they may be written so
        self.exponents: dict[int, Any] = {}  # of exponentials
        self.opposites: dict[int, Any] = {}  # of these, where they were typed with a minus: 13 - x of x - 13
        self.signs: list[int] = []
        self.sizes: dict[int, int] = {}  # of abs(x) the index of x, where a root came to it
        self._scales: dict[Any, Any] = {}  # of exponentials with a decimal number
        self._indices: dict[Any, int] = {}
        self._apart: dict[Any, int] = {}
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

    def exponent(self, index: int, times: Rational) -> Any:
        """A multiple of an exponential's exponent, with the sign inside where it was typed there."""
        if times < 0 and index in self.opposites:
            return kept(number(-times), self.opposites[index])
        return kept(number(times), self.exponents[index])

    def exponential(self, expression: Any) -> Product:
        """An exponential as a power of that of what its argument is a multiple of."""
        count, rest = expression.args[0].as_coeff_Mul()
        if rest.is_Number or not count.is_Number:
            return Product(1, {self.index(expression): 1})
        typed = rest
        if rest.could_extract_minus_sign():
            count, rest = -count, -rest
        if rest.is_Add and not any(term.is_Rational and not term.is_Integer for term in rest.args):
            content, rest = rest.primitive()  # but of x + 20.5, which stays as it was typed
            count *= content
        opposite = typed if rest.is_Add and typed == -rest else None
        if count.is_Float:
            return self._decimal_exponential(count, rest, opposite)
        index = self.index(expression if expression.args[0] is rest else sympy.exp(rest, evaluate=False))
        self.exponents[index] = rest
        if opposite is not None:
            self.opposites[index] = opposite
        return Product(1, {index: exactly(count)})

    def _decimal_exponential(self, count: Any, rest: Any, opposite: Any) -> Product:
        """An exponential of a decimal number times something: the power of the first one that is a few times it."""
        scale = self._scales.setdefault(rest, abs(count))
        times = sympy.Rational(round(count / scale * ALIKE), ALIKE)
        if not times or abs(count / scale - times) > SAME:
            scale, times = abs(count), sympy.sign(count)
        argument = kept(scale, rest)
        index = self.index(sympy.exp(argument, evaluate=False))
        self.exponents[index] = argument
        if opposite is not None:
            self.opposites[index] = kept(scale, opposite)
        return Product(1, {index: exactly(times)})

    def single(self, terms: Polynomial) -> Product:
        """A polynomial as a product, of one term or a sum."""
        if len(terms) > 1:
            return self.registered(terms, True)
        ((monomial, value),) = terms.items()
        return Product(value, dict(monomial))

    def apart(self, terms: Polynomial) -> int:
        """The index of a sum that is no multiple of another one: of what is under a root."""
        ordered = sorted(terms.items())
        key = tuple(ordered)
        if key not in self._apart:
            self._apart[key] = len(self.bases)
            self.bases.append(None)
            self.sums[self._apart[key]] = terms
        return self._apart[key]

    def divisor(self, values: Sequence[Rational]) -> Rational:
        """What the numbers of a sum are divided by: most of them are positive then, decimals as they were typed."""
        sign = -1 if sum(value < 0 for value in values) * 2 > len(values) else 1
        if any(value.denominator > MAX_DENOMINATOR for value in values):
            return sign * self.typed.divisor(values)
        return whole(content(values) * sign)

    def registered(self, terms: Polynomial, is_typed: bool) -> Product:
        """A sum as a base; of one that is not as it was typed the numbers have no common divisor."""
        ordered = sorted(terms.items())
        lead = ordered[0][1]
        key = tuple(ordered if lead == 1 else [(monomial, Fraction(value) / lead) for monomial, value in ordered])
        if key not in self._sums:
            factor: Rational = _of_rules(terms) if is_typed else self.divisor(list(terms.values()))
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
    if value.denominator > MAX_DENOMINATOR:
        return 1
    root = root_of(Fraction(1, value.denominator))
    return 1 if root is None or any(exponent % 2 for _, exponent in monomial) else whole(root**2)
