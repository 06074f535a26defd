"""Claims by mutation: derivatives that SymPy makes, rewritten so that they stay right, or changed so that they do not.

Which of the two a claim is, difference quotients at fifty digits say (`tests.corpus.slips`), at points away from kinks:
they know no rule, and nothing of the package but its parser. A claim that they cannot tell is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

import numpy as np
import sympy
from sympy import Expr
from sympy.polys.polyerrors import PolynomialError
from sympy.printing.str import StrPrinter

from gradcli.errors import GradcliError
from tests.corpus.slips import derivation, programs, tensors
from tests.corpus.slips.evaluation import array, mp
from tests.corpus.slips.sampling import Judge
from tests.doors import Assign, Call, Name, Node, Number, Program, call, names_of, number, parse, unparse, walk
from tests.reference.programs import CORNERS, VARIABLES, fill, smooth

SAME = mp.mpf("1e-18")  # relative: quotients of first order have twenty digits and more
DIFFERENT = mp.mpf("1e-10")  # by more a claim is wrong; between the two nobody can tell
BESIDE, NEAR = mp.mpf("1e-9"), mp.mpf("1e-4")  # a step, and what a derivative changes by along it
LEAST = 4  # points at which both sides have a value
OPERATIONS = 90  # of a derivative that anybody would write
LONGEST = 400  # characters of a claim


class Drawn(NamedTuple):
    """A claim: the program, what it is by, the formula, how it was made, and the shapes of tensors."""

    program: str
    by: str
    formula: str
    made: str
    shape: Mapping[str, Sequence[int]] = {}
    order: int = 1


class Unusable(Exception):
    """What was drawn is nothing that can be claimed."""


def drawn(rng: Random) -> tuple[Drawn, bool]:
    """A claim, and whether it is right."""
    while True:
        try:
            one = rng.choice(_KINDS)(rng)
            right = is_right(one)
        except (Unusable, ValueError, GradcliError, PolynomialError):
            continue
        if right is not None:
            return one, right


def is_right(one: Drawn) -> bool | None:
    """Whether a claim is the derivative at all points, or is not at one; None where that cannot be told."""
    line = {"program": one.program, "shape": one.shape, "order": one.order}
    judge = Judge(line)
    seen = 0
    for point in judge.points:
        try:
            true, said = judge.truth(one.by, point), np.asarray(judge.claimed(one.formula, point), dtype=object)
        except (IndexError, TypeError, KeyError) as error:  # of NumPy, where a claim about tensors means nothing
            raise Unusable from error
        if said.shape and said.shape != true.shape:
            raise Unusable
        for right, claimed in zip(true.flat, [said.item()] * true.size if not said.shape else said.flat):
            if isinstance(claimed, bool) or mp.isnan(right) or mp.isnan(claimed):
                continue
            seen += 1
            size = max(abs(right), abs(claimed))
            gap = abs(right - claimed)
            if gap > DIFFERENT * size and gap > mp.mpf("1e-12"):
                if not _is_near_a_kink(judge, one.by, point):
                    return False
                break
            if gap > (SAME if one.order == 1 else mp.mpf("1e-14")) * max(size, 1):
                return None
    return True if seen >= LEAST else None


def _is_near_a_kink(judge: Judge, by: str, point: Mapping[str, Any]) -> bool:
    """Whether the derivative is another one close by: the quotients may have a kink between their ends."""
    here = judge.truth(by, point)
    there = judge.truth(by, {name: array(value + BESIDE) for name, value in point.items()})
    size = max(1, *(abs(one) for one in here.flat))
    return any(not abs(one - other) <= NEAR * size for one, other in zip(here.flat, there.flat))


def is_wrong_at(one: Drawn, at: Mapping[str, Any]) -> bool:
    """Whether a claim is clearly not the derivative at a point, as `check` writes it down."""
    judge = Judge({"program": one.program, "shape": one.shape, "order": one.order})
    point = {name: _numbers(value) for name, value in at.items()}
    true, said = judge.truth(one.by, point), np.asarray(judge.claimed(one.formula, point), dtype=object)
    pairs = zip(true.flat, [said.item()] * true.size if not said.shape else said.flat)
    return any(not abs(right - claimed) <= DIFFERENT * max(abs(right), abs(claimed)) for right, claimed in pairs)


def _numbers(value: Any) -> Any:
    """Decimals and fractions, nested for tensors, as the judge has them."""
    if isinstance(value, str):
        exact = Fraction(value)
        return array(mp.mpf(exact.numerator) / exact.denominator)
    return np.stack([_numbers(one) for one in value])


# Programs, and their derivatives

_VALUES: Mapping[str, Callable[..., Expr]] = {
    **derivation.VALUES,
    "asinh": sympy.asinh, "acosh": sympy.acosh, "atanh": sympy.atanh, "erf": sympy.erf, "erfc": sympy.erfc,
    "gamma": sympy.gamma, "lgamma": sympy.loggamma, "atan2": sympy.atan2, "abs": sympy.Abs, "sign": sympy.sign,
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)), "silu": lambda u: u / (1 + sympy.exp(-u)),
    "softplus": lambda u: sympy.log(1 + sympy.exp(u)), "expm1": lambda u: sympy.exp(u) - 1,
    "log1p": lambda u: sympy.log(1 + u), "log2": lambda u: sympy.log(u) / sympy.log(2),
    "log10": lambda u: sympy.log(u) / sympy.log(10), "cbrt": lambda u: sympy.sign(u) * sympy.Abs(u) ** sympy.Rational(1, 3),
    "hypot": lambda u, v: sympy.sqrt(u**2 + v**2), "square": lambda u: u**2, "relu": lambda u: (u + sympy.Abs(u)) / 2,
    "gelu": lambda u: u * (1 + sympy.erf(u / sympy.sqrt(2))) / 2, "ndtr": lambda u: (1 + sympy.erf(u / sympy.sqrt(2))) / 2,
    "logaddexp": lambda u, v: sympy.log(sympy.exp(u) + sympy.exp(v)),
    "max": lambda u, v: (u + v + sympy.Abs(u - v)) / 2, "min": lambda u, v: (u + v - sympy.Abs(u - v)) / 2,
    "sindg": lambda u: sympy.sin(sympy.pi * u / 180), "cosdg": lambda u: sympy.cos(sympy.pi * u / 180),
}  # fmt: skip


def _symbolic(program: Program) -> Expr:
    """The value of a program of numbers as SymPy's expression."""
    known: dict[str, Expr] = {}

    def of(node: Node) -> Expr:
        if isinstance(node, Number):
            return sympy.Rational(node.value.numerator, node.value.denominator)
        if isinstance(node, Name):
            return sympy.pi if node.name == "pi" else known.get(node.name, sympy.Symbol(node.name, real=True))
        if not isinstance(node, Call) or node.function not in _VALUES:
            raise Unusable
        return _VALUES[node.function](*(of(arg) for arg in node.args))

    value = sympy.S.Zero
    for statement in program.statements:
        value = of(statement.value)  # type: ignore[union-attr]
        if isinstance(statement, Assign):
            known[statement.name] = value
    return value


def _derivative(text: str, by: str, order: int = 1) -> Expr:
    found = sympy.diff(_symbolic(parse(text)), sympy.Symbol(by, real=True), order)
    found = found.replace(sympy.DiracDelta, lambda *args: sympy.S.Zero)
    if found.has(sympy.nan, sympy.zoo, sympy.Derivative, sympy.Subs) or sympy.count_ops(found) > OPERATIONS:
        raise Unusable
    return found


class _Printer(StrPrinter):
    """Formulas of SymPy in the language."""

    def _print_Abs(self, expr: Any) -> str:
        return f"abs({self._print(expr.args[0])})"

    def _print_loggamma(self, expr: Any) -> str:
        return f"lgamma({self._print(expr.args[0])})"

    def _print_polygamma(self, expr: Any) -> str:
        order, of = expr.args
        return f"digamma({self._print(of)})" if order == 0 else f"polygamma({self._print(order)}, {self._print(of)})"

    def _print_Exp1(self, expr: Any) -> str:
        return "exp(1)"


def _text(formula: Expr) -> str:
    if formula.has(sympy.I, sympy.Piecewise):
        raise Unusable
    text = str(_Printer({"order": "none"}).doprint(formula))
    if len(text) > LONGEST:
        raise Unusable
    return text


def _program(rng: Random) -> str:
    """A program of numbers."""
    kind = rng.random()
    if kind < 0.4:
        return rng.choice(programs.SCALAR)
    if kind < 0.75:
        return _in_statements(rng, smooth(rng, rng.randint(1, 3)).text)
    names = VARIABLES[: rng.randint(1, 2)]
    corner = fill(rng.choice([one for one in CORNERS if "where" not in one and "clamp" not in one]),
                  rng.choice(names), rng.choice(("0", "1", "-2", "0.3", "1e-3", "7")))  # fmt: skip
    around = rng.choice(("sin({})", "({})**2", "exp(-({})**2)", "1/(2 + ({})**2)", "tanh({})"))
    other = around.format(rng.choice(names))
    return rng.choice((f"{corner}*{other}", f"{corner} + {other}", around.format(corner), corner))


def _in_statements(rng: Random, text: str) -> str:
    """A program with some of its parts as statements before it."""
    if rng.random() < 0.5:
        return text
    found: list[str] = []
    for _ in range(rng.randint(1, 2)):
        tree = parse(text).output.value  # type: ignore[union-attr]
        parts = sorted({unparse(node) for node in walk(tree) if isinstance(node, Call) and node is not tree}, key=len)
        parts = [part for part in parts if f"({part})" in text and part.count("(") and "t" not in names_in(part)]
        if not parts:
            break
        part = rng.choice(parts)
        name = f"s{len(found)}"
        found.append(f"{name} = {part}")
        text = text.replace(f"({part})", f"({name})")
    return "; ".join([*found, text])


def names_in(text: str) -> set[str]:
    """The names of a formula."""
    return {node.name for node in walk(parse(text).output.value) if isinstance(node, Name)}  # type: ignore[union-attr]


# Forms that are the same function, where both have a value

_FORMS: Mapping[str, Callable[[Expr], Expr]] = {
    "as it is": lambda one: one,
    "expanded": sympy.expand,
    "factored": sympy.factor,
    "over one denominator": sympy.together,
    "cancelled": sympy.cancel,
    "in terms of": sympy.factor_terms,
    "powers joined": sympy.powsimp,
    "collected": lambda one: sympy.collect(one, list(one.free_symbols)),
    "angles": lambda one: sympy.expand(one, trig=True),
    "trigonometric": sympy.trigsimp,
    "tangents": lambda one: one.replace(sympy.tan, lambda u: sympy.sin(u) / sympy.cos(u)),
    "half angles": lambda one: one.replace(sympy.sin, lambda u: 2 * sympy.sin(u / 2) * sympy.cos(u / 2)),
    "shifted angles": lambda one: one.replace(sympy.cos, lambda u: sympy.sin(u + sympy.pi / 2, evaluate=False)),
    "squares of sines": lambda one: one.replace(lambda e: e.is_Pow and isinstance(e.base, sympy.sin) and e.exp == 2,
                                                lambda e: 1 - sympy.cos(e.base.args[0]) ** 2),
    "exponentials": lambda one: one.replace(sympy.tanh, lambda u: (1 - sympy.exp(-2 * u)) / (1 + sympy.exp(-2 * u))),
    "exponentials split": lambda one: sympy.expand(one, power_exp=True, deep=True),
    "hyperbolic": lambda one: one.replace(sympy.cosh, lambda u: (sympy.exp(u) + sympy.exp(-u)) / 2),
    "signs as quotients": lambda one: one.replace(sympy.sign, lambda u: u / sympy.Abs(u)),
    "sizes as roots": lambda one: one.replace(sympy.Abs, lambda u: sympy.sqrt(u**2, evaluate=False)),
    "roots of roots": lambda one: one.replace(lambda e: e.is_Pow and e.exp == sympy.S.Half,
                                              lambda e: sympy.exp(sympy.log(e.base) / 2)),
    "added and taken away": lambda one: sympy.Add(one, sympy.Symbol("x", real=True), -sympy.Symbol("x", real=True), evaluate=False),
    "reciprocal twice": lambda one: sympy.Pow(sympy.Pow(one, -1, evaluate=False), -1, evaluate=False),
}  # fmt: skip


def _right(rng: Random) -> Drawn:
    text = _program(rng)
    by = rng.choice(names_of(parse(text), ()).variables)
    order = 2 if rng.random() < 0.12 else 1
    formula, made = _derivative(text, by, order), []
    for _ in range(rng.choice((1, 1, 2))):
        name = rng.choice(list(_FORMS))
        made.append(name)
        formula = _FORMS[name](formula)
    return Drawn(text, by, _text(formula), ", ".join(made), order=order)


# Changes that make a formula wrong, mostly


def _changes(rng: Random, formula: Expr, by: str) -> Iterator[tuple[str, Callable[[], Expr]]]:
    parts = list(sympy.postorder_traversal(formula))
    sums = [one for one in parts if one.is_Add]
    products = [one for one in parts if one.is_Mul]
    powers = [one for one in parts if one.is_Pow]
    numbers = [one for one in parts if one.is_Rational and one not in (0, 1)]
    symbols = sorted(formula.free_symbols, key=str)
    calls = [one for one in parts if isinstance(one, sympy.Function)]

    def put(old: Expr, new: Expr) -> Expr:
        return formula.xreplace({old: new})

    def left_out(one: Expr) -> Expr:
        gone = rng.randrange(len(one.args))
        return put(one, one.func(*(arg for i, arg in enumerate(one.args) if i != gone)))

    def turned(one: Expr) -> Expr:
        place = rng.randrange(len(one.args))
        return put(one, one.func(*(-arg if i == place else arg for i, arg in enumerate(one.args))))

    yield "sign", lambda: -formula
    yield "factor", lambda: formula * rng.choice((2, sympy.Rational(1, 2), 3, sympy.pi, sympy.Rational(999, 1000)))
    yield "off by 1e-6", lambda: formula * (1 + sympy.Rational(1, 10**6))
    yield "added", lambda: formula + rng.choice((1, sympy.Rational(1, 10**6), -2))
    yield "absolute", lambda: sympy.Abs(formula)
    if sums:
        yield "dropped term", lambda: left_out(rng.choice(sums))
        yield "sign of a term", lambda: turned(rng.choice(sums))
    if products:
        yield "dropped factor", lambda: left_out(rng.choice(products))
    if powers:
        yield (
            "exponent",
            lambda: (lambda one: put(one, one.base ** (one.exp + rng.choice((1, -1)))))(rng.choice(powers)),
        )
        yield "without power", lambda: (lambda one: put(one, one.base))(rng.choice(powers))
    if numbers:
        yield "constant", lambda: (lambda one: put(one, one + rng.choice((1, -1))))(rng.choice(numbers))
        yield "constant by 1e-6", lambda: (lambda one: put(one, one + sympy.Rational(1, 10**6)))(rng.choice(numbers))
        yield "rounded", lambda: (lambda one: put(one, sympy.Rational(round(one * 7), 7)))(rng.choice(numbers))
    if len(symbols) > 1:
        yield (
            "swapped",
            lambda: (lambda pair: formula.xreplace({pair[0]: pair[1], pair[1]: pair[0]}))(rng.sample(symbols, 2)),
        )
        yield "other variable", lambda: (lambda pair: formula.xreplace({pair[0]: pair[1]}))(rng.sample(symbols, 2))
    if calls:
        yield "argument", lambda: (lambda one: put(one, one.func(2 * one.args[0], *one.args[1:])))(rng.choice(calls))
        yield (
            "negated argument",
            lambda: (lambda one: put(one, one.func(-one.args[0], *one.args[1:])))(rng.choice(calls)),
        )
        yield "without function", lambda: (lambda one: put(one, one.args[0]))(rng.choice(calls))
    pairs = {sympy.sin: sympy.cos, sympy.cos: sympy.sin, sympy.tanh: sympy.tan, sympy.exp: sympy.log, sympy.sign: sympy.Abs,
             sympy.Abs: lambda u: u, sympy.log: lambda u: sympy.log(u) / sympy.log(10), sympy.erf: sympy.tanh}  # fmt: skip
    known = [one for one in calls if one.func in pairs]
    if known:
        yield "function", lambda: (lambda one: put(one, pairs[one.func](one.args[0])))(rng.choice(known))


def _wrong(rng: Random) -> Drawn:
    text = _program(rng)
    by = rng.choice(names_of(parse(text), ()).variables)
    order = 2 if rng.random() < 0.12 else 1
    formula = _derivative(text, by, order)
    made, change = rng.choice(list(_changes(rng, formula, by)))
    formula = change()
    if rng.random() < 0.3:
        form = rng.choice(list(_FORMS))
        formula, made = _FORMS[form](formula), f"{made}, {form}"
    return Drawn(text, by, _text(formula), made, order=order)


def _slipped(rng: Random) -> Drawn:
    """A textbook's program with one rule applied wrongly."""
    text = rng.choice(programs.SCALAR)
    program = parse(text)
    variables = names_of(program, ()).variables
    by = rng.choice(variables)
    code, formula = rng.choice(list(derivation.wrong(program, by, variables)))
    return Drawn(text, by, _text(formula), code)


def _lifted(rng: Random) -> Drawn:
    """A program that applies one of numbers to each entry of a tensor."""
    statements, reduction, body, shape = rng.choice(programs.LIFTED)
    program = parse(statements + body)
    formula = derivation.right(program, "x")
    made = "right"
    if rng.random() < 0.5:
        made, formula = rng.choice(list(derivation.wrong(program, "x")))
    elif rng.random() < 0.5:
        made = rng.choice(list(_FORMS))
        formula = _FORMS[made](formula)
    count = sympy.prod(int(size) for size in shape.split(","))
    weight = 1 / sympy.Integer(count) if (reduction == "mean") != (rng.random() < 0.1) else sympy.Integer(1)
    text = _text(formula * weight)
    if not formula.has(sympy.Symbol("x", real=True)):
        text = f"({text})*ones({shape})"
    return Drawn(f"{statements}{reduction}({body})", "x", text, made, {"x": [int(size) for size in shape.split(",")]})


def _matrices(rng: Random) -> Drawn:
    """A right claim about tensors, perhaps changed at one place."""
    _, text, shape, claims = rng.choice([one for one in tensors.RIGHT if "at" not in one[2] and "order" not in one[2]])
    by = rng.choice(list(claims))
    formula = claims[by]
    if rng.random() < 0.2 or not isinstance(formula, str):
        return Drawn(text, by, str(formula), "right", shape)
    tree = parse(formula).output.value  # type: ignore[union-attr]
    nodes = list(walk(tree))
    chosen = rng.choice(nodes)
    names = sorted({node.name for node in nodes if isinstance(node, Name)})
    if isinstance(chosen, Number):
        changed: Node = number(chosen.value + rng.choice((1, -1)))
    elif isinstance(chosen, Name):
        changed = rng.choice((Name(rng.choice(names), chosen.span), call("transpose", chosen), call("neg", chosen)))
    elif isinstance(chosen, Call) and chosen.function in ("+", "-", "@", "*", "/"):
        args = chosen.args
        functions = ("+", "-", "*", "@") if rng.random() < 0.5 else (chosen.function,)
        changed = call(rng.choice(functions), *(args if rng.random() < 0.5 else args[::-1]))
    elif isinstance(chosen, Call) and chosen.args:
        changed = chosen.args[0]
    else:
        raise Unusable
    return Drawn(text, by, unparse(_put(tree, chosen, changed)), "changed", shape)


def _put(tree: Node, old: Node, new: Node) -> Node:
    if tree is old:
        return new
    if isinstance(tree, Call):
        return replace(tree, args=tuple(_put(arg, old, new) for arg in tree.args))
    return tree


_KINDS = (_right, _right, _wrong, _wrong, _slipped, _lifted, _matrices)
