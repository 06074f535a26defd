"""A SymPy formula as steps in balls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import E, pi
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import And, BooleanAtom, Not, Or

from gradcli.backends.arb.program import BallProgram, Unenclosed
from gradcli.backends.symbolic.value import Unknown, row_of
from gradcli.language.numbers import fraction_of


def enclose(plan: BallProgram, expression: Any, known: Mapping[Any, int]) -> int:
    """The place of a formula's value in a plan; its symbols are known places, or variables of the plan.

    Raises Unenclosed where a part of it has no enclosure.
    """
    places: dict[Any, int] = dict(known)
    stack = [expression]
    while stack:
        node = stack[-1]
        missing = [arg for arg in node.args if arg not in places and not node.is_Number]
        if missing and node not in places:
            stack.extend(missing)
            continue
        stack.pop()
        if node not in places:
            places[node] = _node(plan, node, [] if node.is_Number else [places[arg] for arg in node.args])
    return places[expression]


def _node(plan: BallProgram, node: Any, args: list[int]) -> int:
    if node.is_Symbol:
        return plan.input(node.name)
    if node.is_Number:
        return _number(plan, node)
    if node.is_Add or node.is_Mul:
        place = args[0]
        for arg in args[1:]:
            place = plan.row("+" if node.is_Add else "*", (place, arg))
        return place
    if node.is_Pow:
        return plan.row("**", args)
    if node.is_NumberSymbol or isinstance(node, BooleanAtom):
        return _number(plan, node)
    if node.is_Piecewise:
        return plan.call(_first, args)
    if isinstance(node, ExprCondPair):
        return plan.call(_pair, args)
    if isinstance(node, Relational):
        return plan.row(node.rel_op, args)
    if isinstance(node, (And, Or)):
        return plan.call(_all if isinstance(node, And) else _any, args)
    if isinstance(node, Not):
        return plan.row("not", args)
    try:
        return plan.row(row_of(node.func.__name__, len(args)).name, args)
    except Unknown:
        raise Unenclosed(node.func.__name__) from None


def _pair(value: Any, condition: bool) -> tuple[Any, bool]:
    return value, condition


def _all(*truths: bool) -> bool:
    return all(truths)


def _any(*truths: bool) -> bool:
    return any(truths)


def _first(*pairs: tuple[Any, bool]) -> Any:
    """The value of the first branch whose condition holds."""
    return next((value for value, condition in pairs if condition), pairs[0][0] / 0)


def _number(plan: BallProgram, node: Any) -> int:
    if node is pi or node is E:
        from gradcli.backends.arb.flint import arb

        return plan.number(arb.pi() if node is pi else arb.const_e())
    if node.is_Rational:
        return plan.exact(int(node.p), int(node.q))
    if node.is_Float:
        value = fraction_of(node)
        return plan.exact(value.numerator, value.denominator)
    if isinstance(node, BooleanAtom):
        return plan.number(bool(node))
    raise Unenclosed(str(node))
