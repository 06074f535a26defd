"""Roots of several times of a derivative, where no number is exactly the root: by the factors of the formula.

A derivative that touches 0 at an irrational place looks to balls like one that nearly does. Its formula in factors says
which: (x**2 - 2)**2 has a double root where x**2 - 2, which changes its sign, has a simple one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.arb.context import BALLS, Uncertain, precision
from gradcli.backends.arb.evaluate import is_ball
from gradcli.backends.arb.program import BallProgram, Unenclosed
from gradcli.backends.symbolic.balls import enclose
from gradcli.backends.symbolic.build import NoFormula, SymbolicTape, symbol
from gradcli.language.numbers import fraction_of
from gradcli.reference.stationary import FINE, Segment, Stationary, hull, sign_of_ball
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import Chain

MAX_OPERATIONS = 200  # of a formula that is factored
HALVINGS = 160  # of a part with one root


class SlopeFactors:
    """A derivative as products: each has its factors, with how often they are there."""

    def __init__(self, one: Chain, name: str, fixed: Mapping[str, Fraction], seconds: float) -> None:
        self.name = name
        self.products: list[list[tuple[_Factor, int]]] = []
        place = one.partials[(0,)]
        if place >= MAX_OPERATIONS:
            return
        with suppress(NoFormula, OutOfTime, sympy.PolynomialError, ValueError, TypeError, NotImplementedError):
            Deadline(seconds).run(lambda: self._factor(one, place, fixed))

    def _factor(self, one: Chain, index: int, fixed: Mapping[str, Fraction]) -> None:
        whole = SymbolicTape(one.tape).build(index, {})
        exact = {number: _rational(fraction_of(number)) for number in whole.atoms(sympy.Float)}
        known = {symbol(other): _rational(value) for other, value in fixed.items()}
        above, _ = sympy.fraction(sympy.together(whole.xreplace(exact).xreplace(known)))
        for form in _forms(above):
            _, factors = sympy.factor_list(form)
            with suppress(Unenclosed):
                self.products.append([
                    (_Factor(base, self.name), int(times)) for base, times in factors if base.has(symbol(self.name))
                ])  # fmt: skip

    def root_in(self, part: Segment, widest: Fraction) -> tuple[Stationary, int] | None:
        """The one root of the derivative in a part, with its multiplicity; None where that is not proven."""
        part = Segment(part.low - widest, part.high + widest)
        with precision(FINE):
            for product in self.products:
                unclear = [(one, times) for one, times in product if one.on(part) in (None, 0)]
                if len(unclear) != 1 or unclear[0][0].slope_on(part) not in (-1, 1):
                    continue
                place = unclear[0][0].root(part)
                if place is not None:
                    return Stationary(place), unclear[0][1]
        return None


def _forms(formula: Any) -> Iterator[Any]:
    """A formula, and the same by half angles: 1 + cos(x) is 2*cos(x/2)**2, a product only then."""
    yield formula
    cosine, sine = formula.atoms(sympy.cos), formula.atoms(sympy.sin)
    for found, turn in ((cosine, 0), (sine, sympy.pi / 4)):
        if found:
            half = {one: turn - one.args[0] / 2 for one in found}
            yield formula.xreplace({one: 1 - 2 * sympy.sin(angle) ** 2 for one, angle in half.items()})
            yield formula.xreplace({one: 2 * sympy.cos(angle) ** 2 - 1 for one, angle in half.items()})


class _Factor:
    """One factor and its derivative, in balls."""

    def __init__(self, base: Any, name: str) -> None:
        self.name = name
        with precision(FINE):
            self.plan, self.steep = BallProgram(), BallProgram()
            self.value = enclose(self.plan, base, {})
            self.slope = enclose(self.steep, sympy.diff(base, symbol(name)), {})

    def on(self, part: Segment) -> int | None:
        """Its sign on a part; None where it has none."""
        return self._sign(self.plan, self.value, hull(part))

    def slope_on(self, part: Segment) -> int | None:
        """The sign of its derivative on a part."""
        return self._sign(self.steep, self.slope, hull(part))

    def root(self, part: Segment) -> Segment | None:
        """Where it changes its sign."""
        low, high = part
        left, right = (self._at(x) for x in part)
        if left is None or right is None or left * right >= 0:
            return None
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            sign = self._at(middle)
            if sign == 0:
                return Segment(middle, middle)
            if sign is None:
                break
            low, high = (middle, high) if sign == left else (low, middle)
        return Segment(low, high)

    def _at(self, x: Fraction) -> int | None:
        return self._sign(self.plan, self.value, BALLS.number(x))

    def _sign(self, plan: BallProgram, index: int, x: Any) -> int | None:
        try:
            value = plan.run(dict.fromkeys(plan.inputs, x))[index]
        except (Uncertain, ZeroDivisionError, ValueError):
            return None
        return sign_of_ball(value) if is_ball(value) else None


def _rational(value: Fraction) -> Any:
    return sympy.Rational(value.numerator, value.denominator)
