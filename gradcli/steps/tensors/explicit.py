"""Index formulas for some small sizes, every sum written out: what SymPy, with rules of its own, can decide on."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy
from sympy import Add, KroneckerDelta, Mul

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, number, symbol
from gradcli.backends.symbolic.decide import MAX_OPERATIONS
from gradcli.backends.symbolic.indexed.notation import Held, Multiple, Over, Total
from gradcli.backends.symbolic.tidy import operations
from gradcli.steps.tensors.named import NamedFormulas
from gradcli.steps.tensors.pending import PendingDerivative
from gradcli.tape.tape import ConstantTensor, Tape

MAX_TERMS = 12  # of a sum
MAX_LARGE = 4 * MAX_OPERATIONS  # operations of a side on its own

Env = Mapping[Any, int]


class Undecided(Exception):
    """SymPy is not asked: there is something that has no formula by entries, or too much."""


class Explicit:
    """Formulas by the entries of the variables alone, and of the place of `variable`, which is differentiated by.

    `sizes` are those of the letters, and `tape` has them.
    """

    def __init__(self, f: NamedFormulas, variable: int, tape: Tape, sizes: Mapping[Any, int]) -> None:
        self.f = f
        self.variable = variable
        self.tape = tape
        self.sizes = {letter: sympy.Integer(value) for letter, value in sizes.items()}
        self.places = {**f.tape.inputs, **{name: place for place, name in f.targets.items()}}
        self.known: dict[Any, Any] = {}
        self.used: dict[Any, tuple[Any, ...]] = {}
        self.held: dict[Any, Any] = {}

    def derivative(self, formula: Any, entry: Any, env: Env) -> Any:
        """By SymPy's own rules.

        Raises Undecided.
        """
        return self.of(formula, env).diff(self.of(entry, env))

    def is_zero(self, difference: Any) -> bool:
        """Whether SymPy finds that; no where it cannot tell."""
        if difference == 0:
            return True
        if operations(difference, MAX_OPERATIONS) > MAX_OPERATIONS:
            return False
        difference = _without_branches(difference)
        for shorten in (sympy.expand, sympy.together):
            difference = shorten(difference)
            if difference == 0:
                return True
        above = sympy.expand(sympy.fraction(difference)[0])
        return bool(above == 0)

    def equal(self, derivative: Any, line: Any, env: Env) -> bool:
        """Whether a line is a derivative, as SymPy sees it."""
        try:
            return self.is_zero(derivative - self.of(line, env))
        except (Undecided, NoFormula, *SYMPY_FAILS):
            return False

    def of(self, node: Any, env: Env) -> Any:
        """A formula at one entry."""
        if node not in self.used:
            self.used[node] = tuple(sorted((s for s in node.free_symbols if s.is_integer), key=str))
        key = (node, *(env.get(s) for s in self.used[node]))
        if key not in self.known:
            found = self._of(node, env)
            if operations(found, MAX_LARGE) > MAX_LARGE:
                raise Undecided
            self.known[key] = found
        return self.known[key]

    def _of(self, node: Any, env: Env) -> Any:
        if node.is_Indexed:
            return self._entry(str(node.base.label), tuple(self._index(i, env) for i in node.indices))
        if node.is_Symbol:
            if node in env or node in self.sizes:
                return sympy.Integer(env[node]) if node in env else self.sizes[node]
            return self._entry(node.name, ())
        if isinstance(node, PendingDerivative):
            return self.derivative(node.args[0], node.args[1], env)
        if isinstance(node, Held):
            return self.held.setdefault(self.of(node.args[0], env), sympy.Dummy(real=True))
        if isinstance(node, KroneckerDelta):
            return sympy.Integer(self._index(node.args[0], env) == self._index(node.args[1], env))
        if isinstance(node, Over):
            return self._over(node, env)
        if not node.args:
            return node
        return node.func(*(self.of(arg, env) for arg in node.args))

    def _over(self, node: Any, env: Env) -> Any:
        if not isinstance(node, (Total, Multiple)):
            raise Undecided
        body, index, size = node.args
        count = self._index(size, env)
        if count > MAX_TERMS:
            raise Undecided
        terms = (self.of(body, {**env, index: i}) for i in range(count))
        return (Add if isinstance(node, Total) else Mul)(*terms)

    def _index(self, node: Any, env: Env) -> int:
        known = {s: sympy.Integer(value) for s, value in env.items()}
        return int(node.xreplace({**known, **self.sizes}))

    def _entry(self, name: str, at: tuple[int, ...]) -> Any:
        """An entry of a variable, or what one of something with a name is."""
        place = self.places.get(name)
        if name in self.f.constants:
            return self._constant(self.f.constants[name], at)
        if place is None:
            raise Undecided
        if place == self.variable or self.tape.variable(place):
            return symbol(f"{name}[{','.join(map(str, at))}]")
        return self.of(self.f.own(place, self._full(place, at)), {})

    def _full(self, index: int, at: tuple[int, ...]) -> tuple[Any, ...]:
        left = iter(at)
        dropped = index in self.f.letters
        return tuple(
            sympy.S.Zero if dropped and size == 1 else sympy.Integer(next(left)) for size in self.f.sizes(index)
        )

    def _constant(self, index: int, at: tuple[int, ...]) -> Any:
        op = self.tape.ops[index]
        if not isinstance(op, ConstantTensor):
            raise Undecided
        return number(Fraction(op.data[at]))


def _without_branches(formula: Any) -> Any:
    """Each condition as a number that is 1 or 0, its own square: where(c, a, b) is b + c*(a - b)."""
    numbers: dict[Any, Any] = {}

    def chosen(node: Any) -> Any:
        value = sympy.S.Zero
        for branch, condition in reversed(node.args):
            if condition == sympy.true:
                value = branch
            else:
                one = numbers.setdefault(condition, sympy.Dummy())
                value = value + one * (branch - value)
        return value

    if not formula.has(sympy.Piecewise):
        return formula
    plain = sympy.expand(formula.replace(lambda node: node.is_Piecewise, chosen))
    ones = set(numbers.values())
    return plain.replace(lambda node: node.is_Pow and node.base in ones and node.exp.is_Integer, lambda node: node.base)
