"""The value of a formula with indices at a sample point, a pending derivative in it as a difference quotient."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from sympy import E, KroneckerDelta, pi
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, call, is_ball
from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.backends.symbolic.indexed.notation import Held, Largest, Multiple, Ordered, Over, Selects, Smallest, Total
from gradcli.backends.symbolic.value import LOGIC, row_of
from gradcli.functions import table
from gradcli.steps.check import limit_of
from gradcli.steps.tensors.pending import PendingDerivative
from gradcli.steps.tensors.sample import HERE, KINDS, NUMBERS, Index, Mode, SampleTensors, TooLarge, known_number

MAX_EVALUATIONS = 400_000  # of nodes, in one world

Env = Mapping[Any, int]
Lookup = Callable[[SampleTensors, Index, Mode], Any]


class Reading:
    """Evaluates formulas in one world.

    lookups   how to find the entries of what has a name, by that name
    sizes     the value of each letter for a size
    """

    def __init__(self, world: SampleTensors, lookups: Mapping[str, Lookup], sizes: Mapping[Any, int]) -> None:
        self.world = world
        self.lookups = lookups
        self.sizes = sizes
        self.known: dict[Any, Any] = {}
        self.used: dict[Any, tuple[Any, ...]] = {}
        self.count = 0
        self.largest: Any = BALLS.arb(1)  # number on the way

    def value(self, node: Any, env: Env) -> Any:
        """A ball or a truth value; None where there is none.

        Raises TooLarge past the budget, Unknown for a function without a row, GivenUp where it cannot be told.
        """
        with precision(self.world.bits):
            return self._valued(node, env)

    def number(self, node: Any, env: Env) -> Any:
        """The same as a number to be shown."""
        return known_number(self.value(node, env))

    def _valued(self, node: Any, env: Env, mode: Mode = HERE) -> Any:
        if node not in self.used:
            self.used[node] = tuple(sorted((s for s in node.free_symbols if s.is_integer), key=str))
        key = (node, mode, *(env.get(s) for s in self.used[node]))
        if key not in self.known:
            self.count += 1
            if self.count > MAX_EVALUATIONS:
                raise TooLarge
            found = self._value(node, env, mode)
            if found is UNKNOWN:
                raise GivenUp
            self.known[key] = found
            if is_ball(found):
                self.largest = self.largest.max(found.abs_upper())
        return self.known[key]

    def _value(self, node: Any, env: Env, mode: Mode) -> Any:
        if node.is_Symbol:
            return self._symbol(node, env, mode)
        if node.is_Number or node.is_NumberSymbol:
            return _number(node) if node.is_finite else None
        if isinstance(node, BooleanAtom):
            return bool(node)
        if isinstance(node, PendingDerivative):
            return self._quotient(node, env)
        if node.is_Indexed:
            return self._entry(str(node.base.label), tuple(self.index(i, env) for i in node.indices), mode)
        if isinstance(node, Held):
            return self._valued(node.args[0], env)
        if isinstance(node, Over):
            return self._over(node, env, mode)
        if isinstance(node, KroneckerDelta):
            return BALLS.arb(int(self.index(node.args[0], env) == self.index(node.args[1], env)))
        if node.is_Piecewise:
            return self._cases(node, env, mode)
        if isinstance(node, Ordered):
            return self._compared("==", BALLS.arb(self.index(node.args[2], env)), self._valued(node.args[3], env, mode))
        if isinstance(node, Selects):  # the points have no ties
            entry, chosen = (self._valued(arg, env, mode) for arg in node.args[:2])
            return None if entry is None or chosen is None else self._compared("==", entry, chosen)
        if node.is_Mul:
            return self._product(node, env, mode)
        return self._of_values(node, [self._valued(arg, env, mode) for arg in node.args])

    def index(self, node: Any, env: Env) -> int:
        """The value of an index or a size."""
        if node in env:
            return env[node]
        if node.is_Integer:
            return int(node)
        known = {s: sympy.Integer(v) for s, v in (*env.items(), *self.sizes.items())}
        return int(node.xreplace(known))

    def _symbol(self, node: Any, env: Env, mode: Mode) -> Any:
        if node in env:
            return BALLS.arb(env[node])
        if node in self.sizes:
            return BALLS.arb(self.sizes[node])
        return self._entry(node.name, (), mode)

    def _entry(self, name: str, at: Index, mode: Mode) -> Any:
        return self.lookups[name](self.world, at, mode)

    def _quotient(self, node: Any, env: Env) -> Any:
        """A derivative without any rule; steps of two kinds tell how far the quotients may be from it."""
        formula, entry = node.args
        at = tuple(self.index(i, env) for i in entry.indices) if entry.is_Indexed else ()
        if formula.is_Indexed and str(formula.base.label) == self.world.target:
            return BALLS.arb(int(tuple(self.index(i, env) for i in formula.indices) == at))
        found = []
        for kind in KINDS:
            above, below = (self._valued(formula, env, (at, sign)) for sign in (kind, -kind))
            if above is None or below is None:
                return None
            found.append((above - below) / (2 * self.world.step(kind)))
        return limit_of(*found)

    def _over(self, node: Any, env: Env, mode: Mode) -> Any:
        body, index, size = node.args
        count = self.index(size, env)
        places = range(count) if not isinstance(node, Total) else self._places(body, index, count, env)
        values = [self._valued(body, {**env, index: i}, mode) for i in places]
        if any(value is None for value in values):
            return None
        if isinstance(node, Total):
            return sum(values, BALLS.arb(0))
        if isinstance(node, Multiple):
            return math.prod(values, start=BALLS.arb(1))
        assert isinstance(node, (Largest, Smallest))
        return functools.reduce(_larger if isinstance(node, Largest) else _smaller, values)

    def _places(self, body: Any, index: Any, count: int, env: Env) -> Sequence[int]:
        """The values of an index of a sum at which its body is not 0 by a delta."""
        for factor in body.args if body.is_Mul else [body]:
            if isinstance(factor, KroneckerDelta) and index in factor.args:
                other = factor.args[factor.args[0] == index]
                if other.free_symbols <= env.keys() | self.sizes.keys():
                    position = self.index(other, env)
                    return [position] if 0 <= position < count else []
        return range(count)

    def _cases(self, node: Any, env: Env, mode: Mode) -> Any:
        for value, condition in node.args:
            truth = self._valued(condition, env, mode)
            if truth is None:
                return None
            if truth:
                return self._valued(value, env, mode)
        return None

    def _product(self, node: Any, env: Env, mode: Mode) -> Any:
        """A product; where a delta or a branch is 0, the rest need not have a value."""
        result = BALLS.arb(1)
        for factor in sorted(node.args, key=_cheap_first):
            value = self._valued(factor, env, mode)
            if value is None:
                return None
            if value.is_zero() and (factor.is_Piecewise or isinstance(factor, KroneckerDelta)):
                return BALLS.arb(0)
            result = result * value
        return result

    def _of_values(self, node: Any, args: Sequence[Any]) -> Any:
        if any(arg is None for arg in args):
            return None
        if node.is_Add:
            return functools.reduce(operator.add, args)
        if node.is_Pow:
            return call(table.BY_NAME["**"], args)
        if isinstance(node, Relational):
            return self._compared(node.rel_op, *args)
        if type(node) in LOGIC:
            return LOGIC[type(node)](args)
        return self._call(node.func.__name__, args)

    def _compared(self, sign: str, first: Any, second: Any) -> bool:
        """A comparison that is decided: by balls that do not touch, or because both are one and the same number.

        Raises GivenUp.
        """
        if first is second or (first.is_exact() and second.is_exact() and first == second):
            return sign in ("==", "<=", ">=")
        if first < second:
            return sign in ("<", "<=", "!=")
        if first > second:
            return sign in (">", ">=", "!=")
        raise GivenUp

    def _call(self, name: str, args: Sequence[Any]) -> Any:
        if name in ("floor", "Mod"):
            whole = (args[0] if name == "floor" else args[0] / args[1]).floor()
            if not whole.is_exact():
                raise GivenUp
            return whole if name == "floor" else args[0] - args[1] * whole
        if name in ("Max", "Min"):
            return functools.reduce(_larger if name == "Max" else _smaller, args)
        return call(row_of(name, len(args)), args)


def _number(node: Any) -> Any:
    """A number of SymPy's, enclosed."""
    if node.is_Rational:
        return BALLS.number(Fraction(int(node.p), int(node.q)))
    if node in (pi, E):
        return BALLS.pi if node == pi else BALLS.e
    value = BALLS.arb(NUMBERS.make_mpf(node._as_mpf_val(BALLS.bits)))
    return value if node.is_Float else value + BALLS.arb(0, abs(value).abs_upper() * BALLS.arb(2) ** (4 - BALLS.bits))


def _larger(x: Any, y: Any) -> Any:
    """The larger one itself, where that is known."""
    return x if x is y or x >= y else y if y > x else x.max(y)


def _smaller(x: Any, y: Any) -> Any:
    return x if x is y or x <= y else y if y < x else x.min(y)


def _cheap_first(factor: Any) -> int:
    return 0 if isinstance(factor, KroneckerDelta) else 1 if factor.is_Piecewise else 2
