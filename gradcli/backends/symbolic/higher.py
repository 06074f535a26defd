"""Derivatives of higher order by SymPy, from the formula of one order less: tidied at each order, they stay short."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import islice
from typing import Any

import sympy

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.backends.symbolic.build import NoFormula, SymbolicTape, symbol
from gradcli.backends.symbolic.equal import same
from gradcli.backends.symbolic.tidy import common_factor, operations, tidy
from gradcli.backends.symbolic.value import Computed, Point, exact
from gradcli.tape.candidates import anywhere
from gradcli.tape.chain import Chain

MAX_SIZE = 300  # parts of a formula that SymPy differentiates once more
CHECKED = 3  # points at which the result has to have the value of the chain rule
TRIED = 12  # points, for that many at which there is a value
BITS = 240

_UNSAFE = (sympy.Piecewise, sympy.Derivative, sympy.Subs, sympy.DiracDelta, sympy.Heaviside, sympy.floor, sympy.ceiling)


class TotalDerivatives:
    """Differentiates formulas in names once more: through each name, whose own derivatives are formulas in names."""

    def __init__(self, chain: Chain, tape: SymbolicTape, names: Mapping[int, str]) -> None:
        self.chain = chain
        self.tape = tape
        self.names = names
        self.indices = {symbol(name): index for index, name in names.items()}
        self.known: dict[tuple[Any, Any], Any] = {}

    def of(self, formula: Any, by: Any) -> Any | None:
        """The derivative of a formula by a variable, tidied; None where SymPy has none that is fit to be shown."""
        try:
            return self._total(formula, by)
        except NoFormula:
            return None

    def _total(self, formula: Any, by: Any) -> Any:
        if operations(formula, MAX_SIZE) > MAX_SIZE or formula.has(*_UNSAFE):
            raise NoFormula("it is too long, or has branches")
        terms = [formula.diff(by)]
        for name in sorted(formula.free_symbols & self.indices.keys(), key=self.indices.__getitem__):
            if name is not by:
                terms.append(formula.diff(name) * self._of_name(name, by))
        found = sympy.Add(*terms)
        if found.has(*_UNSAFE, sympy.I, sympy.zoo, sympy.nan):
            raise NoFormula("SymPy finds no plain form")
        return min((tidy(found), common_factor(sympy.expand(found))), key=operations)

    def _of_name(self, name: Any, by: Any) -> Any:
        """The derivative of what a name stands for."""
        if (name, by) not in self.known:
            self.known[name, by] = self._total(self.tape.define(self.indices[name], self.names), by)
        return self.known[name, by]

    def holds(self, formula: Any, index: int) -> bool:
        """Whether a formula has the values of an operation, at points that are known beforehand."""
        arithmetic = Arithmetic()
        arithmetic.bits = BITS
        confirmed = 0
        for point in islice(anywhere(sorted(self.chain.tape.inputs)), TRIED):
            try:
                values = self.chain.values(arithmetic, point)
            except GivenUp:
                continue
            if values[index] is None or any(values[other] is None for other in self.names):
                continue
            if not same(self._value(formula, point, values), str(arithmetic.m.nstr(values[index], 20))):
                return False
            confirmed += 1
            if confirmed == CHECKED:
                return True
        return False

    def _value(self, formula: Any, point: Mapping[str, Fraction], values: list[Any]) -> str | None:
        found = {name: values[index] for name, index in self.indices.items()}
        computed = Computed(frozenset(found), lambda _: found, is_long=False)
        return Point({symbol(name): exact(value) for name, value in point.items()}, computed).text(formula)
