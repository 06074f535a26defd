"""The formula of a standard uncertainty: the root of the sum of squares, in the program's names and in LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.diff.data import Partial
from gradcli.language.brackets import outside
from gradcli.language.latex_names import latex_name
from gradcli.propagate.data import MeasuredInput

ZERO = "0"


def text(name: str, inputs: Sequence[MeasuredInput], partials: Sequence[Partial], correlation: Any) -> str | None:
    """`sqrt((c1*u_L)**2 + ...)`; None where a sensitivity has no formula."""
    found = [one.symbolic for one in partials]
    if any(one is None for one in found):
        return None
    moving = [i for i, one in enumerate(found) if one != ZERO]
    products = {i: _product(str(found[i]), f"u_{inputs[i].name}", "*") for i in moving}
    if not moving:
        return ZERO
    pairs = [(i, j) for i in moving for j in moving if i < j and correlation[i, j]]
    if len(moving) == 1:
        return f"abs({products[moving[0]]})"
    terms = [f"({products[i]})**2" for i in moving]
    terms += [f"2*r_{inputs[i].name}_{inputs[j].name}*({products[i]})*({products[j]})" for i, j in pairs]
    return f"sqrt({' + '.join(terms)})"


def latex(name: str, inputs: Sequence[MeasuredInput], partials: Sequence[Partial], correlation: Any) -> str | None:
    """The same in LaTeX; None where a sensitivity has no formula."""
    found = [one.latex for one in partials]
    if any(one is None for one in found):
        return None
    moving = [i for i, one in enumerate(found) if one != ZERO]
    if not moving:
        return ZERO
    signs = [latex_name(one.name) for one in inputs]
    products = {i: _product(str(found[i]), f"u_{{{signs[i]}}}", r" \, ") for i in moving}
    pairs = [(i, j) for i in moving for j in moving if i < j and correlation[i, j]]
    if len(moving) == 1:
        return rf"\left|{products[moving[0]]}\right|"
    terms = [rf"\left({products[i]}\right)^{{2}}" for i in moving]
    terms += [rf"2 \, r_{{{signs[i]} {signs[j]}}} \, {products[i]} \, {products[j]}" for i, j in pairs]
    return rf"\sqrt{{{' + '.join(terms)}}}"


def _product(formula: str, size: str, sign: str) -> str:
    """A sensitivity times an uncertainty: a sum, and one with a sign in front, in brackets."""
    if formula == "1":
        return size
    if _is_sum(formula) or (formula.startswith("-") and sign != "*"):
        formula = f"({formula})" if sign == "*" else rf"\left({formula}\right)"
    elif formula.startswith("-"):
        formula = f"({formula})"
    return f"{formula}{sign}{size}"


def _is_sum(formula: str) -> bool:
    """Whether an operator weaker than a product stands outside all brackets."""
    return any(
        (character in "+-" and formula[place - 1] not in "*/eE(^,")
        or formula.startswith((" if ", " and ", " or "), place)
        for place, character in outside(formula)
        if place
    )
