"""SymPy's products and powers, put together in less time. Functions are not worth it, nor sums but for `distinct`.

SymPy asks each part whether it might be infinite, or zero, or a multiple of pi, which takes longer than all the rest.
Of plain parts (symbols, numbers, and what is made of them) the answers are known. What comes out is what SymPy's own
constructors give; whatever is not plain is left to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import sympy
from sympy.core.add import _addsort
from sympy.core.expr import Expr
from sympy.core.mul import _mulsort

MAX_BITS_OF_POWER = 20_000  # of a power of numbers: a double is no larger than 2**1024, and 2**(10**10) is a gigabyte

_ONE = sympy.S.One


def product(factors: Iterable[Any]) -> Any:
    """The product of some factors. Formulas are written in 0.85 of the time with `Mul`."""
    given = [factor for factor in factors if factor is not _ONE]
    if len(given) < 2:
        return given[0] if given else _ONE
    number, exponents, exponentials = _ONE, dict[Any, Any](), dict[Any, list[Any]]()
    flat = given.copy()
    for factor in flat:
        if factor.is_Mul and factor.is_commutative:
            flat += factor.args
            continue
        if factor.is_Rational or factor.is_Float:
            number *= factor
            continue
        if type(factor) is sympy.exp:
            exponentials.setdefault(factor.args[0].as_coeff_Mul()[1], []).append(factor)
            continue
        base, exponent = factor.args if _is_power(factor) else (factor, _ONE)
        if not _is_base(base):
            return sympy.Mul(*given)
        exponents[base] = exponents[base] + exponent if base in exponents else exponent
    if any(argument.is_Add and len(same) > 1 and not _is_plain(same) for argument, same in exponentials.items()):
        return sympy.Mul(*given)
    parts = [power(base, exponent) for base, exponent in exponents.items() if exponent]
    parts += [one for same in exponentials.values() if (one := _merged(same)) is not _ONE]
    if not number or any(part is None or part.is_Mul for part in parts):
        return sympy.Mul(*given)
    if number is not _ONE and len(parts) == 1 and parts[0].is_Add and not _is_kept(given):
        return total(product((number, term)) for term in parts[0].args)
    _mulsort(parts)
    if number is not _ONE:
        parts.insert(0, number)
    return sympy.Mul._from_args(parts, True)


def total(terms: Iterable[Any]) -> Any:
    """The sum of some terms; SymPy's would write exp(-x/20 - 3.25) for the exponential in 0.5*exp(-(x + 65)/20)."""
    given = list(terms)
    hidden = {
        factor: sympy.Dummy()
        for term in given
        if term.is_Mul and len(term.args) == 2 and term.args[0].is_Number
        for factor in term.args[1:]
        if type(factor) is sympy.exp and factor.args[0].is_Mul and factor.args[0].args[-1].is_Add
    }
    if not hidden:
        return sympy.Add(*given)
    back = {name: factor for factor, name in hidden.items()}
    found = sympy.Add(*(_with(term, hidden) for term in given))
    parts = [_with(term, back) for term in sympy.Add.make_args(found)]
    if len(parts) < 2:
        return parts[0]
    _addsort(parts)
    return sympy.Add._from_args(parts, True)


def distinct(terms: Iterable[Any]) -> Any:
    """The sum of terms of which no two are multiples of one another, in less time than `Add` collects them in."""
    given = list(terms)
    if len(given) < 2:
        return given[0] if given else sympy.S.Zero
    numbers = [term for term in given if term.is_Number]
    if len(numbers) > 1 or any(term.is_Add or not term.is_commutative for term in given):
        return total(given)
    parts = [term for term in given if not term.is_Number]
    _addsort(parts)
    return sympy.Add._from_args((*numbers, *parts), True)


def _with(term: Any, instead: Mapping[Any, Any]) -> Any:
    """A term, or its factor behind a number, replaced."""
    if term.is_Mul and len(term.args) == 2 and term.args[1] in instead:
        return sympy.Mul._from_args((term.args[0], instead[term.args[1]]), True)
    return instead.get(term, term)


def _is_kept(factors: list[Any]) -> bool:
    """Whether a number times a sum stays that: 3 times 2*(x + y) is 6*(x + y), but 6 times x + y is 6*x + 6*y."""
    kinds = {(factor.is_Rational, factor.is_Mul) for factor in factors}
    return len(factors) == 2 and kinds == {(True, False), (False, True)}


def _merged(exponentials: list[Any]) -> Any:
    """The product of some exponentials that differ in a number alone; None where it is no exponential."""
    if len(exponentials) == 1:
        return exponentials[0]
    counts = [factor.args[0].as_coeff_Mul() for factor in exponentials]
    count = sum((count for count, _ in counts[1:]), counts[0][0])
    found = sympy.exp(product((count, counts[0][1]))) if count else _ONE
    return found if count.is_zero or type(found) is sympy.exp else None


def _is_plain(exponentials: list[Any]) -> bool:
    """Whether no exponential is of a number times a sum, which SymPy multiplies out."""
    return not any(factor.args[0].is_Mul for factor in exponentials)


def power(base: Any, exponent: Any) -> Any:
    """A power. Formulas are written in 0.94 of the time with `Pow`.

    Raises OverflowError where it is a number with more bits than SymPy is asked for.
    """
    if exponent is _ONE or base is _ONE:
        return base
    _check_bits(base, exponent)
    if exponent.is_Rational and exponent:
        if _is_base(base) and not (base.is_Add and _is_special(base, exponent)):
            return sympy.Pow(base, exponent, evaluate=False)
        if exponent.is_Integer and base.is_Mul and base.is_commutative and not base.is_number:
            return product([power(factor, exponent) for factor in base.args])
        if exponent.is_Integer and _is_power(base):
            return power(base.args[0], base.args[1] * exponent)
        if exponent.is_Integer and type(base) is sympy.exp:
            return sympy.exp(product((base.args[0], exponent)))
    return sympy.Pow(base, exponent)


def _check_bits(base: Any, exponent: Any) -> None:
    """Refuse a power of numbers that has too many bits."""
    if base.is_Rational and exponent.is_Rational and abs(exponent) * _bits(base) > MAX_BITS_OF_POWER:
        raise OverflowError(f"a power of numbers with more than {MAX_BITS_OF_POWER:,} bits")


def _check_logarithms(argument: Any) -> None:
    """The same of an exponential, of which SymPy makes a power: (x/2)**n of exp(n*log(x/2))."""
    for term in sympy.Add.make_args(argument):
        count, rest = term.as_coeff_Mul()
        for factor in sympy.Mul.make_args(rest):
            if isinstance(factor, sympy.log):
                _check_bits(factor.args[0].as_coeff_Mul()[0], count)


def _bits(base: Any) -> int:
    """Of the larger one of a numerator and a denominator; 0 of 1, -1 and 0."""
    return max(abs(int(base.p)).bit_length(), int(base.q).bit_length()) - 1 if abs(base.p) > 1 or base.q > 1 else 0


def _is_special(base: Any, exponent: Any) -> bool:
    """Whether a power of a sum may be something else: of numbers, or in some versions of decimal ones."""
    if abs(exponent) != 1 and any((term.args[0] if term.is_Mul else term).is_Float for term in base.args):
        return True
    return bool(base.is_number)


def exponential(argument: Any) -> Any:
    """exp of an argument.

    Raises OverflowError where there would be a number with more bits than SymPy is asked for.
    """
    _check_logarithms(argument)
    return sympy.exp(argument)


def _is_power(part: Any) -> bool:
    """Whether this is a plain power: of a base that stays as it is, to a number."""
    return bool(part.is_Pow and part.args[1].is_Rational and _is_base(part.args[0]))


def _is_base(part: Any) -> bool:
    """Whether powers of this are nothing simpler."""
    kind: Any = type(part)
    return bool(part.is_Symbol or part.is_Add or (part.is_Function and _has_plain_powers(kind)))


@cache
def _has_plain_powers(kind: Any) -> bool:
    return kind._eval_power is Expr._eval_power and kind.as_base_exp is Expr.as_base_exp
