"""A formula as a person would write it: the shortest of a few equal forms.

Only transformations that keep the value are tried, and only on formulas short enough for them; what is chosen
depends on the formula alone, never on how fast the machine is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import sympy

from gradcli.backends.symbolic.fast.assemble import power, product
from gradcli.backends.symbolic.opaque import opaque
from gradcli.backends.symbolic.short.bases import TANGENTS
from gradcli.backends.symbolic.short.branches import each, folded, is_branch_in_product, joined, without_ties
from gradcli.backends.symbolic.short.exponentials import cancelled, related, softened
from gradcli.backends.symbolic.short.forms import ProductForms
from gradcli.backends.symbolic.short.known_numbers import NOTHING_KNOWN, KnownNumbers
from gradcli.backends.symbolic.short.length import Lengths
from gradcli.backends.symbolic.short.products import PLAIN, ProductReading, Products
from gradcli.backends.symbolic.short.roots import may_shorten
from gradcli.backends.symbolic.short.sparse import TooManyTerms

MAX_OPERATIONS = 400  # parts of a formula that is tidied at all

SHORT = 25  # tokens of a formula that is read in the plain way only: of 800 others none made one below 29 shorter
CLEARLY = 0.75  # of its length, that a formula has without tanh: one with it loses no digits far out
CIRCULAR_TANGENTS = {sympy.tan, sympy.cot, sympy.sec, sympy.csc}
SECANTS = {sympy.sec: sympy.cos, sympy.csc: sympy.sin, sympy.sech: sympy.cosh, sympy.csch: sympy.sinh}

_NOT_REAL = (sympy.zoo, sympy.nan, sympy.I)


def tidy(expression: Any, typed: KnownNumbers = NOTHING_KNOWN) -> Any:
    """The form that is the shortest to read, in numbers that were typed; the given one where none is shorter."""
    if operations(expression, MAX_OPERATIONS) > MAX_OPERATIONS:
        return expression
    best = _shortest(expression, Lengths(typed))
    return expression if best is not expression and best.has(*_NOT_REAL) else best


def _shortest(expression: Any, lengths: Lengths) -> Any:
    kinds = _kinds(expression)
    if sympy.Piecewise not in kinds:
        best = _least((expression, *_forms(expression, kinds, lengths)), lengths)
        if not may_shorten(best):
            return best
        found = _least((best, *_read(best, ProductReading(roots=True), lengths)), lengths)
        return found if found is best else _least((found, *_read(found, PLAIN, lengths)), lengths)
    best = joined(without_ties(expression), partial(_shortest, lengths=lengths))
    if is_branch_in_product(best):  # what is beside the branch need not exist where it is not taken
        best = without_ties(sympy.piecewise_fold(best, evaluate=False))
    forms = [best, *_forms(best, kinds, lengths)]
    if (outside := folded(best)) is not None:
        forms.append(outside)
    return _least([_within(one, lengths) for one in forms], lengths)


def _least(forms: Sequence[Any], lengths: Lengths) -> Any:
    """The shortest; of several, one with common factors in front."""
    return forms[0] if len(forms) == 1 else min(forms, key=lambda form: (lengths.of(form), form.is_Add))


def _within(expression: Any, lengths: Lengths) -> Any:
    """A formula with each of its branches the shortest."""
    return each(expression, lambda value: _shortest(value, lengths)) if expression.is_Piecewise else expression


def _kinds(expression: Any) -> set[Any]:
    """The classes of the parts of a formula."""
    kinds, stack = set(), [expression]
    while stack:
        part = stack.pop()
        kinds.add(type(part))
        stack.extend(part.args)
    return kinds


def _forms(expression: Any, kinds: set[Any], lengths: Lengths) -> Iterator[Any]:
    """Equal forms of a formula."""
    ways = [(expression, PLAIN)]
    if (other := _flattened(expression)) is not expression:
        yield other
        ways.append((other, PLAIN))
    if (other := _reduced(expression)) is not expression:
        yield other
        ways.append((other, PLAIN))
    if sympy.exp in kinds and (other := cancelled(expression)) is not expression:
        yield other
        ways.append((other, PLAIN))
    if sympy.log in kinds and not kinds.isdisjoint((sympy.exp, opaque("npdf"))):
        other = related(expression, partial(_shortest, lengths=lengths), lengths.of)
        if other is not expression:
            yield other
            ways.append((other, PLAIN))
    if sympy.Add in kinds and _has_power_in_sum(expression):
        ways.append((expression, ProductReading(whole=True)))
    if sympy.exp in kinds and sympy.log in kinds and (other := softened(expression)) is not expression:
        yield other
        ways.append((other, PLAIN))
    shortest = lengths.of(expression)
    for form, reading in ways:
        if reading is PLAIN or shortest > SHORT:
            for found in _read(form, reading, lengths):
                shortest = min(shortest, lengths.of(found))
                yield found
    if not kinds.isdisjoint(TANGENTS) and (shortest > SHORT or kinds & CIRCULAR_TANGENTS):
        yield from _parted(expression, kinds, lengths)


def _parted(expression: Any, kinds: set[Any], lengths: Lengths) -> Iterator[Any]:
    """A formula with tangents as quotients, and secants where it has some; tanh stays where that is hardly longer."""
    most = lengths.of(expression) * (1 if kinds & CIRCULAR_TANGENTS else CLEARLY)
    for form in _read(expression, ProductReading(tangents=False), lengths):
        if lengths.of(form) <= most:
            yield form
            if not kinds.isdisjoint(SECANTS):
                yield _with_secants(form, kinds)


def _with_secants(expression: Any, kinds: set[Any]) -> Any:
    """A formula with those of the secants that another one has, for what is divided by sines and cosines."""
    inverse = {SECANTS[kind]: kind for kind in kinds & SECANTS.keys()}
    return expression.xreplace({
        part: inverse[type(part.base)](*part.base.args) ** -part.exp
        for part in expression.atoms(sympy.Pow)
        if type(part.base) in inverse and part.exp.is_Integer and part.exp < 0
    })  # fmt: skip


def _has_power_in_sum(expression: Any) -> bool:
    """Whether a power of a sum stands in a longer sum, where it would be multiplied out."""
    stack = [(expression, False)]
    while stack:
        part, is_inside = stack.pop()
        if is_inside and part.is_Pow and part.base.is_Add and part.exp.is_Integer and part.exp > 1:
            return True
        is_inside = part.is_Add or (is_inside and (part.is_Mul or part.is_Pow))
        stack += [(arg, is_inside) for arg in part.args]
    return False


def _read(expression: Any, reading: ProductReading, lengths: Lengths) -> Iterator[Any]:
    """The forms of a formula as it is read in one way."""
    try:
        yield from ProductForms(Products(reading, lengths.typed), lengths).all(expression)
    except TooManyTerms:
        return


def _flattened(expression: Any) -> Any:
    """A formula without products in products, which SymPy makes of 1/sqrt(a*x) times itself: 1/x for a*(1/(a*x))."""
    changed = {
        part: product(part.args)
        for part in expression.atoms(sympy.Mul)
        if any(arg.is_Mul for arg in part.args) and part.is_commutative
    }
    return expression.xreplace(changed) if changed else expression


def _reduced(expression: Any) -> Any:
    """A quotient whose sums have no number in common: (y - x**2)/(y**2 - x) for (3*y - 3*x**2)/(3*y**2 - 3*x)."""
    factor, typed, rest = sympy.Integer(1), sympy.Integer(1), []
    parts = sympy.Mul.make_args(expression)
    if not any((part.is_Pow and part.base.is_Add) or (part.is_Rational and part.q > 1) for part in parts):
        return expression
    for part in parts:
        base, exponent = part.as_base_exp()
        if base.is_Add and exponent.is_Integer:
            content, base = base.primitive()
            if all(term.could_extract_minus_sign() for term in base.args):
                content, base = -content, -base
            factor *= content**exponent
            rest.append(power(base, exponent))
        elif part.is_Rational:
            factor, typed = factor * part, typed * part
        else:
            rest.append(part)
    if factor.q >= typed.q and (len(rest) < 2 or not any(part.is_Pow and part.base.is_Add for part in rest)):
        return expression
    return product((factor, *rest))


def operations(expression: Any, most: int = sys.maxsize) -> int:
    """How long a formula reads: the parts of its tree, counted until there are too many."""
    count, stack = 0, [expression]
    while stack and count <= most:
        part = stack.pop()
        count += 1 + (part.is_Rational and not part.is_Integer)
        stack.extend(part.args)
    return count
