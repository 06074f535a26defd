"""Names of the program put into a formula where what they stand for is part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import sympy

from gradcli.backends.symbolic.fast.assemble import product as assembled
from gradcli.backends.symbolic.opaque import opaque
from gradcli.backends.symbolic.short.monomials import ROUNDED
from gradcli.backends.symbolic.tidy import operations

MAX_RELATIONS = 3  # names of products that are put into one product together
MAX_SQUARE = 1_000  # a denominator of the square of a number that is written as a root
TIMES = (0, 1, -1, 2, -2)  # that each may be


class Meaning(NamedTuple):
    """A name, and the formula that it stands for."""

    name: Any
    formula: Any


def put_names(formula: Any, meanings: Iterable[Meaning]) -> Any:
    """A formula with names in it: what is longest first; a product or a sum may be part of a longer one."""
    for meaning in sorted(meanings, key=lambda one: -operations(one.formula)):
        if not meaning.formula.is_Atom:
            formula = _put(formula, meaning)
    return formula


def exact_roots(formula: Any) -> Any:
    """A formula with sqrt(2)/2 for 0.7071...: what is left where the root of a decimal has gone into a name."""
    changed = {}
    for found in formula.atoms(sympy.Float):
        square = sympy.Rational(found) ** 2
        plain = square.limit_denominator(MAX_SQUARE)
        if plain != 1 and abs(square - plain) <= plain * ROUNDED:
            changed[found] = sympy.sqrt(plain) * sympy.sign(found)
    return formula.xreplace(changed) if changed else formula


def put_relations(formula: Any, meanings: Iterable[Meaning]) -> Any:
    """A product in those names of products that make it shortest: rho*v*D/mu is Re, and rho*v/mu is Re/D.

    It is divided by nothing else than before, or than what a name is divided by.
    """
    whole = _powers(formula)
    relations = list[Mapping[Any, Any]]()
    below = {base for base, exponent in whole.items() if exponent < 0}
    below |= {inner for base in below for inner, exponent in _powers(base).items() if exponent > 0}
    for name, meant in reversed(list(meanings)):
        powers = _powers(meant)
        if not meant.is_Atom and not whole.keys().isdisjoint({name, *powers}) and len(relations) < MAX_RELATIONS:
            relations.append({name: sympy.S.One, **{base: -exponent for base, exponent in powers.items()}})
            below |= {base for base, exponent in powers.items() if exponent < 0 or name in below}
    if not relations:
        return formula
    every = (_times_relations(whole, relations, times) for times in product(TIMES, repeat=len(relations)))
    found = min((one for one in every if all(one[base] > 0 or base in below for base in one)), key=_parts)
    if found == whole:
        return formula
    return assembled([sympy.Pow(base, exponent) for base, exponent in found.items()])


def put_solved(formula: Any, meanings: Iterable[Meaning]) -> Any:
    """A formula with the sum in each name's product by the name: x - m is u*s where u is (x - m)/s."""
    instead = dict[Any, Any]()
    for name, meant in meanings:
        powers = _powers(meant)
        sums = [base for base in powers if base.is_Add]
        if len(sums) != 1:
            continue
        exponent = powers.pop(sums[0])
        is_divided = exponent < 0 or any(power > 0 for base, power in powers.items() if not base.is_number)
        if not (1 / exponent).is_Integer or (is_divided and not all(base.is_number for base in powers)):
            continue
        rest = assembled([sympy.Pow(base, -power / exponent) for base, power in powers.items()])
        instead[sums[0]] = name ** (1 / exponent) * rest
        instead[-sums[0]] = -instead[sums[0]]
    return formula.xreplace(instead) if instead else formula


def _times_relations(
    whole: Mapping[Any, Any], relations: Sequence[Mapping[Any, Any]], times: Sequence[int]
) -> dict[Any, Any]:
    """A product times powers of what is 1; a number is a base of its own."""
    found = dict(whole)
    for relation, count in zip(relations, times):
        for base, exponent in relation.items() if count else ():
            _raise(found, base, exponent * count)
    for base in [base for base, exponent in found.items() if base.is_Mul and exponent.is_Integer]:
        exponent = found.pop(base)
        for inner, power in _powers(base).items():
            _raise(found, inner, power * exponent)
    return {base: exponent for base, exponent in found.items() if exponent}


def _raise(powers: dict[Any, Any], base: Any, exponent: Any) -> None:
    if base.is_number:
        base, exponent = base**exponent, sympy.S.One
    powers[base] = powers.get(base, sympy.S.Zero) + exponent


def _parts(powers: Mapping[Any, Any]) -> int:
    """How long a product reads."""
    return sum(
        0 if base.is_number else operations(base) + 1 + (abs(exponent) != 1) + bool(exponent < 0)
        for base, exponent in powers.items()
    )


def _powers(formula: Any) -> dict[Any, Any]:
    """The factors of a product, and their exponents; one that is a number has 1, and only one that is a name else."""
    found = dict[Any, Any]()
    for factor in sympy.Mul.make_args(formula):
        base, exponent = factor, sympy.S.One
        if isinstance(factor, sympy.exp):
            count, rest = factor.args[0].as_coeff_Mul()
            if count.is_Rational:
                base, exponent = sympy.exp(rest, evaluate=False), count
            elif count.is_extended_negative:
                base, exponent = sympy.exp(-count * rest), sympy.S.NegativeOne
        elif factor.is_Pow and factor.exp.is_Rational and not factor.base.is_number:
            base, exponent = factor.args
        _raise(found, base, exponent)
    return found


def _put(formula: Any, meaning: Meaning) -> Any:
    """One name put in, wherever it fits."""
    done: dict[Any, Any] = {}
    stack = [formula]
    while stack:
        part = stack[-1]
        missing = [arg for arg in part.args if arg not in done]
        if missing and part not in done:
            stack.extend(missing)
            continue
        stack.pop()
        if part not in done:
            done[part] = _one(part, done, meaning)
    return done[formula]


def _one(part: Any, done: Mapping[Any, Any], meaning: Meaning) -> Any:
    name, meant = meaning
    if part == meant:
        return name
    if part.is_Add and meant.is_Add and len(part.args) == len(meant.args) and part == -meant:
        return -name
    if type(meant) is type(part) is opaque("sigmoid") and part.args[0] == -meant.args[0]:
        return 1 - name
    if part.is_Pow and meant.is_Pow and part.base == meant.base:
        times = part.exp / meant.exp
        if times.is_Integer:
            return name**times
        if part.exp.is_Integer and meant.exp.is_Integer and times > 1:
            return name ** int(times) * part.base ** (part.exp - int(times) * meant.exp)
    if isinstance(part, sympy.exp) and isinstance(meant, sympy.exp) and (part.args[0] / meant.args[0]).is_Integer:
        return name ** (part.args[0] / meant.args[0])
    if part.is_Mul and meant.is_Mul:
        times = _times(part.as_powers_dict(), meant.as_powers_dict())
        if times:
            rest = part * meant**-times
            return name**times * sympy.Mul(*(done.get(factor, factor) for factor in sympy.Mul.make_args(rest)))
    if part.is_Add and meant.is_Add and set(meant.args) < set(part.args):
        return sympy.Add(name, *(done[term] for term in part.args if term not in meant.args))
    changed = [done[arg] for arg in part.args]
    return part if all(new is old for new, old in zip(changed, part.args)) else part.func(*changed)


def _times(whole: Mapping[Any, Any], factors: Mapping[Any, Any]) -> int:
    """How often a product is in another one: each of its powers at least so often; 0 where it is not."""
    times = [whole.get(base, 0) / exponent for base, exponent in factors.items() if not base.is_Number]
    if not times or not all(one.is_Rational for one in times):
        return 0
    least = min(times, key=abs)
    return int(least) if all(one * least > 0 for one in times) else 0
