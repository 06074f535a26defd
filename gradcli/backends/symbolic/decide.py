"""Lines held against each other by SymPy, which has derivative rules of its own; and forms that it shortens."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import sympy

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, SymbolicTape, symbol
from gradcli.backends.symbolic.tidy import operations, tidy
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.errors import GradcliError, Source
from gradcli.language.nodes import Call, Name, Node, Output, Program, walk
from gradcli.language.numbers import Dtype
from gradcli.language.trees import HERE, is_call, is_named_derivative, rebuilt, substituted
from gradcli.language.written_out import prepared
from gradcli.tape.lower import lower
from gradcli.tape.tape import Derivative, Input, Tape

MAX_OPERATIONS = 250  # of a difference that SymPy is asked about
MAX_DEFINITION = 80  # of an intermediate that is written out for it
MAX_TERMS = 2_000  # of one that is multiplied out
MAX_SIMPLIFIED = 40  # of one that it may try everything on
FAILS = (*SYMPY_FAILS, NoFormula, GradcliError)


class Decider:
    """Asks SymPy about the lines of one section; `moving` are the definitions of names that depend on the variable."""

    def __init__(self, names: Collection[str], by: str, moving: Mapping[str, Node]) -> None:
        self.names = frozenset(names)
        self.by = by
        self.functions: dict[Any, Any] = {}  # an intermediate in terms of the variable, or an unknown function of it
        for name, definition in moving.items():
            self.functions[symbol(name)] = self._defined(definition) or sympy.Function(name, real=True)(symbol(by))

    def _defined(self, definition: Node) -> Any:
        """An intermediate written out; None where that is long, or SymPy cannot say it."""
        if any(is_call(one, "detach", "diff") for one in walk(definition)):
            return None
        try:
            expression = self._expression(definition)
        except FAILS:
            return None
        return expression if operations(expression, MAX_DEFINITION) <= MAX_DEFINITION else None

    def equal(self, first: Node, second: Node) -> bool:
        """Whether SymPy finds the difference of two lines to be 0; False where it cannot tell."""
        try:
            difference = self._expression(first) - self._expression(second)
            return difference == 0 or (operations(difference, MAX_OPERATIONS) <= MAX_OPERATIONS and is_zero(difference))
        except FAILS:
            return False

    def _expression(self, node: Node) -> Any:
        """A line for SymPy: intermediates are functions, and pending derivatives are taken by its own rules."""
        tape = _tape(node, self.names)
        derivatives: dict[Any, Any] = {}
        plain = Tape(list(tape.ops), dict(tape.inputs), {}, tape.output)
        bodies: list[tuple[str, int, str]] = []
        for index, op in enumerate(tape.ops):
            if isinstance(op, Derivative):
                name = f"pending {index}"
                bodies.append((name, op.args[0], tape.variable(op.args[1])))
                plain.ops[index] = Input(label=name)
        if bodies and any(op.called == "detach" for op in tape.ops):
            raise NoFormula("SymPy knows no detach")
        formulas = SymbolicTape(plain)
        for name, body, by in bodies:
            expression = formulas.build(body, {}).xreplace(derivatives)
            if by == self.by:
                expression = expression.xreplace(self.functions)
            derivatives[symbol(name)] = expression.diff(symbol(by))
        return formulas.build(plain.output, {}).xreplace(derivatives).xreplace(self.functions)


def is_zero(difference: Any) -> bool:
    """Whether SymPy finds an expression to be 0; False where it cannot tell, and where it would take it long."""
    for shorten in (_expanded, sympy.together):
        difference = shorten(difference)
        if difference == 0:
            return True
    numerator = _expanded(sympy.fraction(difference)[0])
    if numerator == 0:
        return True
    is_long = operations(numerator, MAX_SIMPLIFIED) > MAX_SIMPLIFIED or _terms(numerator) > MAX_TERMS
    if is_long or numerator.has(sympy.Piecewise):
        return False
    return bool(sympy.simplify(numerator) == 0)


def _expanded(expression: Any) -> Any:
    """An expression multiplied out, unless that is too long."""
    return sympy.expand(expression) if _terms(expression) <= MAX_TERMS else expression


def _terms(expression: Any) -> int:
    """How many terms the longest sum within an expression has once it is multiplied out, counted up to the limit."""
    counts: dict[Any, int] = {}
    longest = 1
    for part in sympy.postorder_traversal(expression):
        inner = [counts[arg] for arg in part.args]
        count = 1
        if part.is_Add:
            count = sum(inner)
        elif part.is_Mul:
            count = math.prod(inner)
        elif part.is_Pow and part.exp.is_Integer and inner[0] > 1:
            power = min(abs(int(part.exp)), MAX_TERMS + 1)
            count = math.comb(power + inner[0] - 1, power)
        counts[part] = min(count, MAX_TERMS + 1)
        longest = max(longest, counts[part])
    return longest


def shortened(node: Node, names: Collection[str], dtype: Dtype) -> Node | None:
    """The tidied form of a line without pending derivatives, those of intermediates left as they are."""
    fresh: dict[str, Node] = {}

    def hide(one: Node) -> Node | None:
        if not is_named_derivative(one):
            return None
        assert isinstance(one, Call)
        inner, by = one.args
        assert isinstance(inner, Name) and isinstance(by, Name)
        name = f"d_{inner.name}_d_{by.name}"
        while name in names:
            name += "_"
        fresh[name] = one
        return Name(name, HERE)

    hidden = rebuilt(node, hide, simplify=False)
    if any(is_call(one, "diff", "detach") for one in walk(hidden)):
        return None
    try:
        tape = _tape(hidden, {*names, *fresh})
        tidied = tidy(SymbolicTape(tape).build(tape.output, {}))
        tree = prepared(SympyTree(dtype, {*names, *fresh}).of(tidied), dtype)
        return substituted(tree, fresh, simplify=False)
    except FAILS:
        return None


def _tape(node: Node, names: Collection[str]) -> Tape:
    program = Program((Output(node, node.span),), Source("", "a step"))
    return lower(program, frozenset(names), None, custom_vjps=False)
