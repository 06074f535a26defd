"""Formulas with branches: ties go where a convention alone made them, and a branch knows its condition."""

from __future__ import annotations

from collections.abc import Callable
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
            if is_tie and otherwise == sympy.true and sympy.expand(first + last - 2 * middle) == 0:
                changed[part] = sympy.Piecewise((first, above), (last, True))
    return expression.xreplace(changed) if changed else expression


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
