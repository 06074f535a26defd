"""Formulas with branches: ties go where a convention alone made them, and a branch knows its condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from gradcli.backends.symbolic.opaque import opaque

MAX_CONDITIONS = 3  # distinct branches that are pulled out of sums and products

_STRICT = (sympy.StrictGreaterThan, sympy.StrictLessThan)


def without_ties(expression: Any) -> Any:
    """A formula without the branch at a tie whose value is half of each side's: where autograd's convention stands.

    There the function has a corner; the formula as it was built is the one that is shown at such a point.
    """
    changed = {}
    for part in expression.atoms(sympy.Piecewise):
        pairs = _flat(part)
        if len(pairs) == 3:
            (first, above), (middle, tie), (last, otherwise) = pairs
            is_tie = isinstance(above, _STRICT) and isinstance(tie, sympy.Eq) and set(above.args) == set(tie.args)
            if not is_tie or otherwise != sympy.true:
                continue
            if sympy.expand(first + last - 2 * middle) == 0 or _meet((first, middle, last), tie):
                changed[part] = sympy.Piecewise((first, above), (last, True))
    return expression.xreplace(changed) if changed else expression


def _meet(values: Sequence[Any], tie: Any) -> bool:
    """Whether values are the same one at a tie."""
    a, b = tie.args if tie.lhs.is_Symbol else tie.args[::-1]
    known = {opaque(name)(*pair): b for name in ("max", "min") for pair in ((a, b), (b, a))}
    zeros = {opaque("relu"): sympy.S.Zero, sympy.Abs: sympy.S.Zero, sympy.sign: sympy.S.Zero}
    known |= {kind(difference): zero for kind, zero in zeros.items() for difference in (a - b, b - a)}
    found = [value.xreplace(known) for value in values]
    if a.is_Symbol and not b.has(a):
        found = [value.xreplace({a: b}) for value in found]
    return all(sympy.expand(value - found[0]) == 0 for value in found[1:])


def _flat(branches: Any) -> list[Any]:
    """The branches, those of the last one too where it has some."""
    pairs = list(branches.args)
    while pairs[-1][0].is_Piecewise and pairs[-1][1] == sympy.true:
        pairs += pairs.pop()[0].args
    return pairs


def folded(expression: Any) -> Any | None:
    """The branches outside, and in each what its condition makes of it; None where there would be many."""
    conditions = {pair[1] for part in expression.atoms(sympy.Piecewise) for pair in part.args} - {sympy.true}
    if len(conditions) > MAX_CONDITIONS:
        return None
    return _known(sympy.piecewise_fold(expression))


def joined(expression: Any, shortest: Callable[[Any], Any]) -> Any:
    """A sum whose branches by the same conditions are one: where(c, u + v, 0) for where(c, u, 0) + where(c, v, 0)."""
    changed = {one: found for one in expression.atoms(sympy.Add) if (found := _joined(one, shortest)) is not one}
    return expression.xreplace(changed) if changed else expression


def _joined(whole: Any, shortest: Callable[[Any], Any]) -> Any:
    groups: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {}
    for term in whole.args:
        for factor in sympy.Mul.make_args(term):
            if factor.is_Piecewise:
                groups.setdefault(tuple(condition for _, condition in factor.args), []).append((term, factor))
    conditions, parts = max(groups.items(), key=lambda pair: len(pair[1]), default=((), []))
    terms = dict(parts)
    if len(terms) < 2 or len(terms) < len(parts):
        return whole
    values = [
        sympy.Add(*(term.xreplace({branch: branch.args[i][0]}) for term, branch in terms.items()))
        for i in range(len(conditions))
    ]
    found = sympy.Piecewise(*zip(map(shortest, values), conditions), evaluate=False)
    return sympy.Add(found, *(term for term in whole.args if term not in terms))


def each(expression: Any, change: Callable[[Any], Any]) -> Any:
    """Branches with something else in each."""
    return sympy.Piecewise(*((change(value), condition) for value, condition in expression.args))


def _known(expression: Any) -> Any:
    """Branches with the values that functions have where the condition holds, and where it does not."""
    if not expression.is_Piecewise or len(expression.args) != 2 or not isinstance(expression.args[0][1], _STRICT):
        return expression
    (then, condition), (otherwise, _) = expression.args
    return sympy.Piecewise((_given(then, condition, True), condition), (_given(otherwise, condition, False), True))


def _given(value: Any, condition: Any, holds: bool) -> Any:
    """A value where the first side is the larger one, or where it is not."""
    larger, smaller = condition.gts, condition.lts
    if not holds:
        larger, smaller = smaller, larger
    pairs = [(larger, smaller), (smaller, larger)]
    known = {opaque("max")(*pair): larger for pair in pairs} | {opaque("min")(*pair): smaller for pair in pairs}
    difference = condition.gts - condition.lts
    known[opaque("relu")(difference)] = difference if holds else sympy.S.Zero
    known[sympy.Abs(difference)] = difference if holds else -difference
    if holds:
        known[sympy.sign(difference)] = sympy.S.One
    return value.xreplace(known)


def is_branch_in_product(expression: Any) -> bool:
    """Whether a formula is a product with one branch: where(c, 1, 0)*f reads better as where(c, f, 0)."""
    if not expression.is_Mul:
        return False
    branches = [factor for factor in expression.args if isinstance(factor, sympy.Piecewise)]
    return len(branches) == 1 and len(branches[0].args) == 2
