"""A formula as a person would write it: the shortest of a few equal forms.

Only transformations that are cheap and keep the value are tried, and only on formulas short enough for them;
what is chosen depends on the formula alone, never on how fast the machine is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import sympy

from gradcli.backends.symbolic.fast.assemble import power, product
from gradcli.backends.symbolic.fast.denominators import together

MAX_OPERATIONS = 200  # parts of a formula that is tidied at all
MAX_FRACTIONS = 8  # terms with a denominator that are put over a common one
MAX_EXPANDED_POWER = 6
MAX_CONDITIONS = 3  # distinct branches that are pulled out of products

_NOT_REAL = (sympy.zoo, sympy.nan, sympy.I)


def tidy(expression: Any) -> Any:
    """The form with the fewest operations; the given one where none is shorter."""
    best, fewest = expression, operations(expression, MAX_OPERATIONS)
    if fewest > MAX_OPERATIONS:
        return expression
    if _branch_in_product(expression):
        best = sympy.piecewise_fold(expression, evaluate=False)
        fewest = operations(best)
    for transform in _transformations(best):
        other = transform(best)
        if other is best:
            continue
        count = operations(other, fewest)
        if count < fewest and not other.has(*_NOT_REAL):
            best, fewest = other, count
    return best


def operations(expression: Any, most: int = sys.maxsize) -> int:
    """How long a formula reads: the parts of its tree, counted until there are too many."""
    count, stack = 0, [expression]
    while stack and count <= most:
        part = stack.pop()
        count += 1 + (part.is_Rational and not part.is_Integer)
        stack.extend(part.args)
    return count


def _transformations(expression: Any) -> Iterator[Callable[[Any], Any]]:
    """What may shorten a formula of this form."""
    parts = [expression]
    for part in parts:
        parts += part.args
    powers = [part for part in parts if part.is_Pow]
    denominators = [one for one in powers if _is_less(one.exp)]
    sums = [part for part in parts if part.is_Add]
    fractions = any(_is_fraction(term) for part in sums for term in part.args)
    if fractions and len(denominators) <= MAX_FRACTIONS:
        yield together
    if expression.is_Add and set.intersection(*(_factors(term) for term in expression.args)):
        yield common_factor
    if any(not one.exp.is_Number and not one.base.is_Number for one in powers):
        yield sympy.powsimp
    large = any(one.base.is_Add and _exponent(one) > MAX_EXPANDED_POWER for one in powers)
    products = any(part.is_Mul and any(arg.is_Add for arg in part.args) for part in parts)
    if products and not denominators and not large:
        yield sympy.expand_mul
    if any(isinstance(part, sympy.Piecewise) for part in parts) and _conditions(parts) <= MAX_CONDITIONS:
        yield sympy.piecewise_fold


def _is_fraction(term: Any) -> bool:
    """Whether a term is divided by something."""
    factors = sympy.Mul.make_args(term)
    return any(factor.is_Pow and _is_less(factor.exp) for factor in factors)


def _is_less(exponent: Any) -> bool:
    """Whether an exponent has a minus."""
    return bool(exponent.p < 0 if exponent.is_Rational else exponent.could_extract_minus_sign())


def _factors(term: Any) -> set[Any]:
    """The factors of a term that are functions; of a power its base. A common x stays where it is."""
    return {base for base in _powers(term) if not base.is_Atom}


def _powers(term: Any) -> dict[Any, Any]:
    """The factors of a term, by base."""
    factors = sympy.Mul.make_args(term)
    return dict(factor.as_base_exp() if factor.is_Pow else (factor, sympy.S.One) for factor in factors)


def common_factor(expression: Any) -> Any:
    """A sum as the product of what all its terms have in common and the sum of what is left.

    SymPy's factor_terms does that at every depth, and takes ten times as long.
    """
    if not expression.is_Add:
        return expression
    powers = [_powers(term) for term in expression.args]
    common = []
    for base in set.intersection(*(set(each) for each in powers)):
        exponents = [each[base] for each in powers]
        if all(exponent.is_Number for exponent in exponents) and not base.is_Number:
            common.append(power(base, min(exponents)))
    taken = product(common)
    inverse = power(taken, sympy.S.NegativeOne)
    content, rest = sympy.Add(*(product((term, inverse)) for term in expression.args)).primitive()
    if all(term.as_coeff_Mul()[0].is_negative for term in sympy.Add.make_args(rest)):
        content, rest = -content, -rest
    return product((content, taken, rest))


def _exponent(one: Any) -> Any:
    return abs(one.exp) if one.exp.is_Number else MAX_EXPANDED_POWER + 1


def _conditions(parts: list[Any]) -> int:
    return len({pair[1] for part in parts if isinstance(part, sympy.Piecewise) for pair in part.args} - {sympy.true})


def _branch_in_product(expression: Any) -> bool:
    """Whether the formula is a product with one branch: where(c, 1, 0)*f reads better as where(c, f, 0)."""
    if not expression.is_Mul:
        return False
    branches = [factor for factor in expression.args if isinstance(factor, sympy.Piecewise)]
    return len(branches) == 1 and len(branches[0].args) == 2
