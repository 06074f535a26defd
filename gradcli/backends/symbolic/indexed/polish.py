"""The last touch on an index formula: common numbers taken out of sums, as a person writes them.

SymPy multiplies a number into a sum of two terms whenever it rebuilds a product, so nothing may rebuild the
formula after this.
"""

from __future__ import annotations

import math
from typing import Any

import sympy
from sympy import Add, Mul

from gradcli.backends.symbolic.indexed.notation import Over, Total, merged
from gradcli.backends.symbolic.tidy import tidy

MAX_PARTS = 400


def shortest(formula: Any) -> Any:
    """An equal formula that reads shorter, where one is found cheaply; what stands below a sum is kept there."""
    formula = _unsigned(merged(formula))
    if sum(1 for _ in sympy.preorder_traversal(formula)) > MAX_PARTS:
        return formula
    names: dict[Any, Any] = {}
    for node in _outermost(formula):
        body, index, size = node.args
        names[node] = sympy.Dummy(real=True, finite=True), type(node)(shortest(body), index, size)
    hidden = formula.xreplace({node: name for node, (name, _) in names.items()})
    return tidy(hidden).xreplace(dict(names.values()))


def _unsigned(formula: Any) -> Any:
    """sign(x)*x is abs(x); where the formula has no sign it stays as it is."""
    signs = formula.atoms(sympy.sign)
    if not signs:
        return formula
    swapped: dict[Any, Any] = {}
    for node in formula.atoms(Mul):
        for factor in node.args:
            if isinstance(factor, sympy.sign) and factor.args[0] in node.args:
                rest = [one for one in node.args if one not in (factor, factor.args[0])]
                swapped[node] = Mul(*rest, sympy.Abs(factor.args[0]))
    return formula.xreplace(swapped)


def _outermost(formula: Any) -> list[Any]:
    """The sums that stand below no other one."""
    found, stack = [], [formula]
    while stack:
        node = stack.pop()
        if isinstance(node, Over):
            found.append(node)
        else:
            stack.extend(node.args)
    return list(dict.fromkeys(found))


def polished(formula: Any) -> Any:
    """The formula with common factors that are numbers in front of its sums."""
    done: dict[Any, Any] = {}
    stack = [formula]
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        missing = [arg for arg in node.args if arg not in done and isinstance(arg, sympy.Basic)]
        if missing and not node.is_Indexed:
            stack += missing
            continue
        stack.pop()
        done[node] = _polished(node, [done.get(arg, arg) for arg in node.args])
    found = done[formula]
    if found.is_Mul and len(found.args) == 2 and found.args[0] == -1 and found.args[1].is_Add:
        return Add(*(_times(-number, rest) for number, rest in map(_taken_out, found.args[1].args)), evaluate=False)
    return found


def _polished(node: Any, args: list[Any]) -> Any:
    if node.is_Atom or node.is_Indexed:
        return node
    if node.is_Add:
        return _sum(args)
    if node.is_Mul:
        return _product(args)
    if isinstance(node, Total):
        return _total(args)
    if list(node.args) == args:
        return node
    if isinstance(node, Over):
        return type(node)(*args)
    return node.func(*args, evaluate=False) if node.is_Pow or node.is_Piecewise else node.func(*args)


def _total(args: list[Any]) -> Any:
    body, index, size = args
    number, rest = _taken_out(body)
    inner = Total(rest, index, size)
    return inner if number == 1 else Mul(number, inner, evaluate=False)


def _taken_out(term: Any) -> tuple[Any, Any]:
    """A factor that is a number, and what is left."""
    if not term.is_Mul or not term.args[0].is_Rational:
        return sympy.S.One, term
    rest = term.args[1:]
    return term.args[0], rest[0] if len(rest) == 1 else Mul(*rest, evaluate=False)


def _sum(terms: list[Any]) -> Any:
    """A sum with its content in front."""
    pairs = [_taken_out(term) if not term.is_Rational else (term, sympy.S.One) for term in terms]
    whole = any(number.q == 1 for number, _ in pairs)  # x - y/3 stays, and x/3 - y/9 is (3*x - y)/9
    above = math.gcd(*(int(number.p) for number, rest in pairs if not whole or number.q == 1 or rest != 1))
    content = sympy.Rational(above, 1 if whole else math.lcm(*(int(number.q) for number, _ in pairs)))
    if all(number.is_negative for number, _ in pairs):
        content = -content
    if content in (1, 0):
        return Add(*terms, evaluate=False)
    inner = Add(*(_times(number / content, rest) for number, rest in pairs), evaluate=False)
    return Mul(content, inner, evaluate=False)


def _times(number: Any, rest: Any) -> Any:
    if number == 1:
        return rest
    if rest == 1:
        return number
    return Mul(number, *Mul.make_args(rest), evaluate=False)


def _product(factors: list[Any]) -> Any:
    number, rest = sympy.S.One, []
    for factor in factors:
        if factor.is_Rational:
            number *= factor
            continue
        own, left = _taken_out(factor)
        number *= own
        rest += Mul.make_args(left)
    if not rest:
        return number
    return (
        Mul(number, *rest, evaluate=False) if number != 1 else Mul(*rest, evaluate=False) if len(rest) > 1 else rest[0]
    )
