"""Differentiation by hand-written rules, in SymPy objects, that can slip at one place.

Every node of a program is differentiated by one rule. Beside what is right, a rule knows what comes out where
somebody slips there; `wrong` gives one wrong derivative for each place and each slip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import sympy
from sympy import Expr, Integer, Rational, log

from tests.corpus.slips.rules import RULES, opaque
from tests.doors import Assign, Call, Name, Node, Number, Output, Program, walk


class Local(NamedTuple):
    """A node's derivative, and the wrong ones with their codes."""

    right: Expr
    wrong: tuple[tuple[str, Expr], ...] = ()


VALUES: Mapping[str, Callable[..., Expr]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "**": lambda a, b: a**b, "neg": lambda a: -a, "pos": lambda a: a, "log_base": lambda a, b: log(a) / log(b),
    "sqrt": sympy.sqrt, "exp": sympy.exp, "log": log, "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan,
    "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh,
    "asin": sympy.asin, "acos": sympy.acos, "atan": sympy.atan,
}  # fmt: skip


class Derivation:
    """A program of scalars, to be differentiated by one of its names."""

    def __init__(self, program: Program, by: str) -> None:
        self.by = by
        self.assigned = {one.name: one.value for one in program.statements if isinstance(one, Assign)}
        last = program.output
        assert isinstance(last, (Assign, Output))
        self.output = last.value
        self.uses: dict[str, int] = {}
        for root in self.roots():
            for node in walk(root):
                if isinstance(node, Name):
                    self.uses[node.name] = self.uses.get(node.name, 0) + 1

    def roots(self) -> list[Node]:
        """The formulas of the program."""
        rest = [value for value in self.assigned.values() if value is not self.output]
        return [self.output, *rest]

    def value(self, node: Node) -> Expr:
        """A formula in terms of the variables and of what is differentiated by."""
        if isinstance(node, Number):
            return Rational(node.value.numerator, node.value.denominator)
        if isinstance(node, Name):
            if node.name == "pi":
                return sympy.pi
            if node.name in self.assigned and node.name != self.by:
                return self.value(self.assigned[node.name])
            return sympy.Symbol(node.name, real=True)
        if (parts := _listed(node)) is not None:
            total = sympy.Add(*(self.value(part) for part in parts))
            return total / len(parts) if node.function == "mean" else total
        function = VALUES.get(node.function) or opaque(node.function)
        return function(*(self.value(arg) for arg in node.args))

    def derivative(self, node: Node, at: Node | None = None, slip: int = 0) -> Expr:
        """The derivative, with the slip of that number where the rule is applied to the node `at`."""
        local = self.local(node, lambda inner: self.derivative(inner, at, slip))
        return local.wrong[slip][1] if node is at else local.right

    def local(self, node: Node, inner: Callable[[Node], Expr]) -> Local:
        """What the rule of a node gives, from the derivatives of its arguments."""
        if isinstance(node, Number):
            return Local(Integer(0))
        if isinstance(node, Name):
            if node.name == self.by:
                return Local(
                    Integer(1),
                    (("detached", Integer(0)),) if self.by in self.assigned and self.uses[node.name] > 1 else (),
                )
            if node.name not in self.assigned:
                return Local(Integer(0))
            right = inner(self.assigned[node.name])
            return Local(right, (("detached", Integer(0)),) if self.uses[node.name] > 1 else ())
        if node.function == "[]":
            return Local(Integer(0))  # its entries are looked at where it is reduced
        if (parts := _listed(node)) is not None:
            return _reduction([inner(part) for part in parts], node.function == "mean")
        values = [self.value(arg) for arg in node.args]
        changes = [inner(arg) for arg in node.args]
        if node.function in _OPERATORS:
            return _OPERATORS[node.function](*values, *changes)
        (value, *_), (change, *_) = values, changes
        rule = RULES[node.function]
        wrong = [("inner", rule.right(value))] if change not in (0, 1) else []
        wrong += [(code, other(value) * change) for code, other in rule.wrong]
        return Local(rule.right(value) * change, tuple(wrong))

    def all(self) -> Iterator[tuple[str, Expr]]:
        """The wrong derivatives with their codes: one for each slip at each place, and the slips of the whole."""
        right = self.derivative(self.output)
        for root in self.roots():
            for node in walk(root):
                for number, (code, _) in enumerate(self.local(node, self.derivative).wrong):
                    yield code, self.derivative(self.output, node, number)
        yield "sign", -right
        yield "factor", 2 * right
        yield "factor", right / 2
        constant, rest = sympy.factor_terms(right).as_coeff_Mul()
        if abs(constant) != 1:
            yield "factor", rest * sympy.sign(constant)


def _listed(node: Call) -> tuple[Node, ...] | None:
    """The entries of a list of numbers that is summed, or whose mean is taken."""
    first = node.args[0] if node.args else None
    return (
        first.args if node.function in ("sum", "mean") and isinstance(first, Call) and first.function == "[]" else None
    )


def _reduction(changes: list[Expr], is_mean: bool) -> Local:
    size = len(changes)
    weight = Rational(1, size) if is_mean else Integer(1)
    right = weight * sympy.Add(*changes)
    wrong = [("size", right * size if is_mean else right / size)]
    wrong += [("term", right - weight * change) for change in changes if change not in (0, right / weight)]
    return Local(right, tuple(wrong))


def _is_constant(*changes: Expr) -> bool:
    return all(change == 0 for change in changes)


def _sum(u: Expr, v: Expr, du: Expr, dv: Expr, sign: int = 1) -> Local:
    right = du + sign * dv
    if _is_constant(du, dv):
        return Local(right)
    if _is_constant(dv):
        return Local(right, tuple(("constant", du + sign * one) for one in _mistaken(v)))
    if _is_constant(du):
        return Local(
            right, (*(("constant", one + sign * dv) for one in _mistaken(u)), *([("sign", dv)] if sign < 0 else []))
        )
    return Local(right, (("term", du), ("term", sign * dv), ("sign", du - sign * dv)))


def _mistaken(constant: Expr) -> Iterator[Expr]:
    """What a constant's derivative is taken for."""
    if constant == 0:
        return
    yield Integer(1)
    if isinstance(constant, sympy.Pow) and constant.exp.is_number:
        yield constant.exp * constant.base ** (constant.exp - 1)


def _product(u: Expr, v: Expr, du: Expr, dv: Expr) -> Local:
    right = du * v + u * dv
    if _is_constant(du, dv):
        return Local(right)
    if _is_constant(du) or _is_constant(dv):
        (c, w, dw) = (u, v, dv) if _is_constant(du) else (v, u, du)
        return Local(right, (("constant", w + c * dw), ("factor", dw), ("constant", dw)))
    return Local(right, (("term", du * v), ("term", u * dv), ("term", du * dv), ("sign", du * v - u * dv)))


def _quotient(u: Expr, v: Expr, du: Expr, dv: Expr) -> Local:
    right = (du * v - u * dv) / v**2
    if _is_constant(du, dv):
        return Local(right)
    if _is_constant(dv):
        return Local(du / v, (("factor", du), ("constant", du / v + u), ("constant", du)))
    found = [
        ("square", (du * v - u * dv) / v),
        ("sign", (du * v + u * dv) / v**2),
        ("quotient", (u * dv - du * v) / v**2),
    ]
    if _is_constant(du):
        return Local(right, (*found, *([("inner", -u / v**2)] if dv != 1 else []), ("constant", (v - u * dv) / v**2)))
    return Local(right, (*found, ("term", du / v), ("term", -u * dv / v**2)))


def _power(u: Expr, v: Expr, du: Expr, dv: Expr) -> Local:
    if _is_constant(du, dv):
        return Local(Integer(0))
    if _is_constant(dv):
        right = v * u ** (v - 1) * du
        wrong = [("power", v * u**v * du), ("power", u ** (v - 1) * du)]
        wrong += [("power", v * u ** (v + 1) * du)] if v.is_number and v < 0 else []
        return Local(right, (*wrong, ("inner", v * u ** (v - 1))) if du != 1 else tuple(wrong))
    if _is_constant(du):
        right = log(u) * u**v * dv
        wrong = [
            ("base", u**v * dv),
            ("rule", v * u ** (v - 1) * dv),
            ("power", v * u ** (v - 1) * dv),
            ("base", u**v * dv / log(u)),
        ]
        return Local(right, (*wrong, ("inner", log(u) * u**v)) if dv != 1 else tuple(wrong))
    by_base, by_exponent = v * u ** (v - 1) * du, log(u) * u**v * dv
    return Local(
        by_base + by_exponent,
        (("term", by_base), ("term", by_exponent), ("base", by_base + u**v * dv), ("sign", by_base - by_exponent)),
    )


def _log_base(u: Expr, b: Expr, du: Expr, db: Expr) -> Local:
    right = du / (u * log(b)) - log(u) * db / (b * log(b) ** 2)
    return Local(
        right, (("base", du / u), ("base", du * log(b) / u), ("inner", 1 / (u * log(b)))) if _is_constant(db) else ()
    )


_OPERATORS: Mapping[str, Callable[..., Local]] = {
    "+": _sum, "-": lambda u, v, du, dv: _sum(u, v, du, dv, -1), "*": _product, "/": _quotient, "**": _power,
    "neg": lambda u, du: Local(-du, (("sign", du),)), "pos": lambda u, du: Local(du), "log_base": _log_base,
}  # fmt: skip


def right(program: Program, by: str) -> Expr:
    """The derivative."""
    derivation = Derivation(program, by)
    return derivation.derivative(derivation.output)


def wrong(program: Program, by: str, others: tuple[str, ...] = ()) -> Iterator[tuple[str, Expr]]:
    """What slips make of the derivative, with their codes; `others` are variables whose derivative is taken for this one."""
    yield from Derivation(program, by).all()
    for other in others:
        if other != by:
            yield "variable", right(program, other)
