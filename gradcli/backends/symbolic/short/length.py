"""How long a formula reads: the tokens of its text, brackets too; a fraction bar counts for several."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.symbolic.short.known_numbers import NOTHING_KNOWN, KnownNumbers

_ONE = sympy.S.One
_LONG = 10  # characters of a decimal number that is a quotient of typed ones, or reads like a formula
_STRANGE = 1  # for a number that nobody typed
_BAR = 4  # of a quotient, which parts a formula in two that are read apart


class Lengths:
    """Counts the tokens that the printer would write, each part once.

    Numbers that are not `typed` count for more: of 2.5*(x - 1.5) and 2.5*x - 3.75 a reader knows the first one.
    """

    def __init__(self, typed: KnownNumbers = NOTHING_KNOWN) -> None:
        self.typed = typed
        self._known: dict[Any, tuple[bool, int]] = {}

    def of(self, expression: Any) -> int:
        """The tokens of a formula."""
        is_negative, count = self._signed(expression)
        return count + is_negative

    def _signed(self, expression: Any) -> tuple[bool, int]:
        """Whether there is a minus in front, and the tokens behind it."""
        found = self._known.get(expression)
        if found is None:
            found = self._known[expression] = self._count(expression)
        return found

    def _count(self, expression: Any) -> tuple[bool, int]:
        if expression.is_Symbol:
            return False, 1
        if expression.is_Number:
            count = 2 + _BAR if self._is_fraction(expression) else 1
            return is_negative(expression), count + self._strange(expression)
        if expression.is_Add:
            parts = [self._signed(term) for term in expression.args]
            return False, sum(count for _, count in parts) + len(parts) - 1 + all(minus for minus, _ in parts)
        if expression.is_Mul:
            return self._fraction(expression.args)
        if expression.is_Pow:
            return self._fraction((expression,)) if is_below(expression) else (False, self._power(*expression.args))
        if expression.is_Piecewise:
            branches = [(self.of(value), self.of(condition)) for value, condition in expression.args]
            return False, sum(a + b + 5 for a, b in branches) - 5 - branches[-1][1]
        if not expression.args:
            return False, 1
        inner = [self.of(arg) for arg in expression.args]
        return False, sum(inner) + len(inner) - 1 + (3 if expression.is_Function else 0)

    def _fraction(self, factors: Any) -> tuple[bool, int]:
        above = below = over = under = 0
        roots, divisor = list[Any](), 1
        minus = False
        for factor in factors:
            if factor.is_Number:
                minus = is_negative(factor)
                if self._is_fraction(factor):
                    is_multiple = factor.is_Rational and abs(factor.p) != 1
                    over, above = over + is_multiple, above + is_multiple
                    under, below = under + 1, below + 1
                    divisor = factor.q if factor.is_Rational else 1
                elif factor is not sympy.S.NegativeOne:
                    over, above = over + 1, above + 1
                continue
            if factor.is_Pow and abs(factor.exp) is sympy.S.Half:
                roots.append(factor)
            if factor.is_Pow and is_below(factor):
                base, exponent = factor.args
                under += 1
                below += self._bracketed(base, 0) if exponent is sympy.S.NegativeOne else self._power(base, -exponent)
            else:
                over += 1
                above += self._bracketed(factor, 1)
        if len(roots) > 1:
            merged, moved = _merged(roots, divisor)
            above, over, under = above - 4 * (merged + moved), over - moved, under - moved
        above += max(over - 1, 0) + (not over)
        if under:
            below += under - 1 + _BAR + 2 * (under > 1)
        return minus, above + below

    def _is_fraction(self, number: Any) -> bool:
        """Whether a number reads as a quotient, or is as long as one."""
        if number.is_Rational:
            return not number.is_Integer and not self.typed.is_decimal(Fraction(int(number.p), int(number.q)))
        return bool(number.is_Float) and len(repr(float(number))) > _LONG

    def _strange(self, number: Any) -> int:
        """What is added for a number that was not typed, where decimals were."""
        return _STRANGE * self.typed.is_strange(number)

    def _bracketed(self, factor: Any, sums: int) -> int:
        """The tokens of a factor, in brackets where it is a sum."""
        is_negative, count = self._signed(factor)
        return count + is_negative + 2 * (factor.is_Add or is_negative or (not sums and factor.is_Mul))

    def _power(self, base: Any, exponent: Any) -> int:
        if exponent is _ONE:
            return self.of(base)
        if exponent is sympy.S.Half:
            return 3 + self.of(base)
        is_negative, inner = self._signed(base)
        raised = self.of(exponent)
        plain = base.is_Symbol or base.is_Function or (base.is_Number and not is_negative and inner == 1)
        return inner + is_negative + 2 * (not plain) + 1 + raised + 2 * (raised > 1 and not exponent.is_Function)


def _merged(roots: Sequence[Any], divisor: int) -> tuple[int, int]:
    """How many roots above the bar are not written apart, and how many of a number go into one below it.

    sqrt(2)*sqrt(x) is written sqrt(2*x), and sqrt(2)/(2*sqrt(x)) is written 1/sqrt(2*x).
    """
    above = [one for one in roots if one.exp is sympy.S.Half]
    numbers = [one for one in above if one.base.is_number]
    merged = max(len(numbers) - 1, 0)
    if numbers and any(one.exp is not sympy.S.Half and one.base.is_number for one in roots):
        merged += 1  # sqrt(2/pi)
    if numbers and any(is_plain_root(one) and not one.base.is_number for one in above):
        return merged + 1, 0
    is_whole = len(numbers) == 1 and numbers[0].base.is_Integer and divisor**2 % int(numbers[0].base) == 0
    below = (one for one in roots if one.exp is not sympy.S.Half)
    return merged, int(is_whole and divisor > 1 and any(map(is_plain_root, below)))


def is_negative(number: Any) -> bool:
    """Whether a number is; of a fraction without asking SymPy, which deduces all that it knows of each one."""
    return bool(number.p < 0 if number.is_Rational else number.is_extended_negative)


def is_plain_root(part: Any) -> bool:
    """Whether this is a root, or one over it, that may take a number in without brackets: of no sum."""
    return bool(part.is_Pow and abs(part.exp) is sympy.S.Half and not part.base.is_Add)


def is_below(power: Any) -> bool:
    """Whether a power is written below the line: all of its exponent has a minus."""
    return all(is_negative(term.as_coeff_Mul()[0]) for term in sympy.Add.make_args(power.args[1]))
