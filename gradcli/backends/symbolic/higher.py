"""Derivatives of higher order by SymPy, from the formula of one order less: tidied at each order, they stay short."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

import sympy

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.backends.symbolic.build import NoFormula, SymbolicTape, symbol
from gradcli.backends.symbolic.equal import same
from gradcli.backends.symbolic.fast.assemble import power, product
from gradcli.backends.symbolic.tidy import operations, tidy
from gradcli.backends.symbolic.value import Computed, Point, Unknown, exact
from gradcli.runtime.deadlines import OutOfTime
from gradcli.tape.candidates import anywhere
from gradcli.tape.chain import Chain
from gradcli.tape.tape import Primitive

MAX_SIZE = 300  # parts of a formula that SymPy differentiates once more
CHECKED = 4  # points at which the result has to have the value of the chain rule
TRIED = 12  # points, for that many at which there is a value
TWICE = 2  # an angle
MAX_SUMS = 30  # of a formula, that are evaluated to see whether they are nothing
BITS = 240
DIGITS = 20
CANCELLED = 2.0**-150  # of the largest term, at 240 bits

_UNSAFE = (sympy.Piecewise, sympy.Derivative, sympy.Subs, sympy.DiracDelta, sympy.Heaviside, sympy.floor, sympy.ceiling)


class _Sample(NamedTuple):
    """A point, with the values of all operations there."""

    here: Point
    values: list[Any]


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
        flat = _common_factor(sympy.expand(_single_angles(found)))
        return min((tidy(found), flat, tidy(flat)), key=operations)

    def _of_name(self, name: Any, by: Any) -> Any:
        """The derivative of what a name stands for."""
        if (name, by) not in self.known:
            self.known[name, by] = self._total(self.tape.define(self.indices[name], self.names), by)
        return self.known[name, by]

    def zeros(self, formula: Any) -> set[Any]:
        """The sums in a formula that cancel whatever the variables are: what flows into a name may be nothing."""
        sums = {
            part
            for part in sympy.preorder_traversal(formula)
            if part.is_Add and part.free_symbols & self.indices.keys()
        }
        if not self.is_smooth or not sums or len(sums) > MAX_SUMS or operations(formula, MAX_SIZE) > MAX_SIZE:
            return set()
        return {part for part in sums if self._is_zero(part)}

    def _is_zero(self, whole: Any) -> bool:
        """Whether the terms of a sum cancel at every sample point."""
        for sample in self.samples:
            try:
                terms = [sample.here.rough(term) for term in whole.args]
            except (Unknown, OutOfTime):
                return False
            if None in terms or abs(sum(terms)) > max(map(abs, terms)) * CANCELLED:
                return False
        return len(self.samples) == CHECKED

    def holds(self, formula: Any, index: int) -> bool:
        """Whether a formula has the values of an operation at the sample points."""
        digits = Arithmetic().m.nstr
        return len(self.samples) == CHECKED and all(
            sample.values[index] is not None
            and same(sample.here.text(formula), str(digits(sample.values[index], DIGITS)))
            for sample in self.samples
        )

    @cached_property
    def is_smooth(self) -> bool:
        """Whether no operation compares, or is a step: what cancels in one place may not in another one there."""
        rows = (op.row for op in self.chain.tape.ops if isinstance(op, Primitive))
        return not any(row.gives_truth or (row.guards and set(row.derivative) == {"0"}) for row in rows)

    @cached_property
    def samples(self) -> list[_Sample]:
        """Points that are known beforehand, at which the program and its names have values."""
        arithmetic, found = Arithmetic(), list[_Sample]()
        arithmetic.bits = BITS
        for point in islice(anywhere(sorted(self.chain.tape.inputs)), TRIED):
            try:
                values = self.chain.values(arithmetic, point)
            except GivenUp:
                continue
            if values[self.chain.output] is None or any(values[index] is None for index in self.names):
                continue
            names = {name: values[index] for name, index in self.indices.items()}
            computed = Computed(frozenset(names), lambda _, names=names: names, is_long=False)  # type: ignore[misc]
            here = Point({symbol(name): exact(value) for name, value in point.items()}, computed)
            found.append(_Sample(here, values))
            if len(found) == CHECKED:
                break
        return found


def _single_angles(expression: Any) -> Any:
    """A formula without double angles, whose terms meet others only when they are written out."""
    double = [part for part in expression.atoms(sympy.sin, sympy.cos) if part.args[0].as_coeff_Mul()[0] == TWICE]
    return expression.xreplace({part: sympy.expand_trig(part) for part in double})


def _common_factor(expression: Any) -> Any:
    """A sum as the product of what all its terms have in common and the sum of what is left, however long it is.

    SymPy's factor_terms does that at every depth, and takes ten times as long.
    """
    if not expression.is_Add:
        return expression
    powers = [_powers(term) for term in expression.args]
    common = []
    for base in set.intersection(*(set(each) for each in powers)):
        exponents = [each[base] for each in powers]
        if all(exponent.is_Number for exponent in exponents) and not base.is_Number:
            common.append(power(base, min(exponents)))
    taken = product(common)
    inverse = power(taken, sympy.S.NegativeOne)
    content, rest = sympy.Add(*(product((term, inverse)) for term in expression.args)).primitive()
    if all(term.as_coeff_Mul()[0].is_negative for term in sympy.Add.make_args(rest)):
        content, rest = -content, -rest
    return product((content, taken, rest))


def _powers(term: Any) -> dict[Any, Any]:
    """The factors of a term, by base."""
    factors = sympy.Mul.make_args(term)
    return dict(factor.as_base_exp() if factor.is_Pow else (factor, sympy.S.One) for factor in factors)
